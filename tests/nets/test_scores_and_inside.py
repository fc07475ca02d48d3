"""Scores of nets on points, and looking inside one net."""

import warnings

import numpy as np
import pytest
from nets_factory import FORMULAS, point_sets, spec_of

from actlab import _core, nets
from actlab.nets import reference


@pytest.mark.parametrize("isa", _core.instruction_sets())
@pytest.mark.parametrize("points", [1, 8, 61])
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
def test_scores_against_numpy(dtype, points, isa):
    spec = spec_of("gelu", 3, (5, 4))
    sets = point_sets(points, 3, 4, dtype, seed=points)
    weights = nets.initial_weights(spec, range(21), dtype)
    which = [net % 4 for net in range(21)]
    scores = nets.score(spec, weights, sets, which, instruction_set=isa)
    assert scores.loss.shape == scores.accuracy.shape == scores.positive.shape == scores.finite.shape == (21,)
    for net, k in enumerate(which):
        layers = spec.unpack(weights[net].astype(np.float64))
        logit = reference.forward(spec, layers, sets.X[k]).z[-1][:, 0]
        assert np.abs(logit).min() > 1e-6  # no answer hangs on a rounding
        assert scores.loss[net] == pytest.approx(
            reference.loss(spec, layers, sets.X[k], sets.y[k]), rel=2e-6 if dtype is np.float32 else 1e-13
        )
        assert scores.accuracy[net] == np.mean((logit > 0) == (sets.y[k] == 1))
        assert scores.positive[net] == np.mean(logit > 0)
    assert (scores.finite == 1).all()


def test_an_answer_that_is_not_finite_is_wrong():
    spec = spec_of("relu", 1, (1,))
    sets = nets.PointSets(np.array([[[1.0], [-1.0], [2.0], [-2.0]]]), np.array([[1.0, 0.0, 1.0, 0.0]]))
    good = [1.0, 0.0, 2.0, -1.0]  # logit 2 relu(x) − 1: right four times
    weights = np.array([good, [np.nan, 0, 1, 0], [1.0, 0.0, np.inf, -1.0], [1e200, 0.0, 1e200, -1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = nets.score(spec, weights, sets)
    assert scores.accuracy[0] == 1
    assert np.isfinite(scores.loss[0])
    assert scores.loss[1] == np.inf
    assert scores.accuracy[1] == scores.finite[1] == scores.positive[1] == 0
    assert scores.loss[2] == scores.loss[3] == np.inf
    assert scores.finite[3] == 0.5  # the two negative points: relu gives 0
    assert scores.accuracy[3] == 0.5


def test_a_logit_of_zero_is_class_0():
    spec = spec_of(features=1, hidden=())
    sets = nets.PointSets(np.ones((1, 2, 1)), np.array([[0.0, 1.0]]))
    scores = nets.score(spec, np.zeros((1, 2)), sets)
    assert scores.accuracy[0] == 0.5
    assert scores.positive[0] == 0
    assert scores.loss[0] == pytest.approx(np.log(2))


@pytest.mark.parametrize("hidden", [(), (4,), (6, 3, 5)], ids=str)
@pytest.mark.parametrize("activation", ["tanh", "gelu", "relu", FORMULAS[0]])
def test_inside_against_the_reference(activation, hidden):
    spec = spec_of(activation, 3, hidden)
    row, X = nets.initial_weights(spec, [4])[0], point_sets(23, 3).X[0]
    inside = nets.look_inside(spec, row, X)
    want = reference.forward(spec, spec.unpack(row.astype(np.float64)), X)
    assert [len(part) for part in (inside.z, inside.a, inside.slope)] == [len(hidden) + 1, len(hidden) + 1, len(hidden)]
    for got, expected in zip([*inside.z, *inside.a, *inside.slope], [*want.z, *want.a, *want.slope], strict=True):
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("activation", ["tanh", "gelu", FORMULAS[0]])
def test_directional_norms_against_numerical_differences(activation):
    spec = spec_of(activation, 3, (6, 4, 5))
    row, X = nets.initial_weights(spec, [4], np.float64)[0], point_sets(9, 3).X[0]
    rng = np.random.default_rng(8)
    directions = rng.normal(size=X.shape)
    norms = nets.directional_norms(spec, row, nets.look_inside(spec, row, X), directions)
    assert [len(norm) for norm in norms] == [9, 9, 9]
    h = 1e-6
    ahead, behind = (nets.look_inside(spec, row, X + sign * h * directions) for sign in (1, -1))
    for k, got in enumerate(norms):
        np.testing.assert_allclose(got, np.linalg.norm(ahead.a[k] - behind.a[k], axis=1) / (2 * h), rtol=1e-7)
    twice = nets.directional_norms(spec, row, nets.look_inside(spec, row, X), -2 * directions)
    for once, more in zip(norms, twice, strict=True):
        np.testing.assert_allclose(more, 2 * once, rtol=1e-14)


def test_inside_of_a_diverged_net_warns_of_nothing():
    spec = spec_of("gelu", 2, (4, 4))
    row = np.full(spec.parameters, np.inf)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        inside = nets.look_inside(spec, row, point_sets(5, 2).X[0])
        norms = nets.directional_norms(spec, row, inside, np.ones((5, 2)))
    assert not np.isfinite(inside.z[-1]).any()
    assert not np.isfinite(norms[-1]).any()
