"""Scores of nets on points, and looking inside one net."""

import warnings

import numpy as np
import pytest
from nets_factory import FORMULAS, point_sets, sets_for, spec_of

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


OPTIONS = [
    {"loss": "classes", "outputs": 5, "hidden": (6,)},
    {"loss": "squares", "outputs": 3, "hidden": (6, 4)},
    {"loss": "squares", "hidden": ()},
    {"hidden": (6, 4), "norm": "batch", "activation": ("relu", "tanh")},
    {"hidden": (6, 6, 6), "norm": ("layer", "none", "batch"), "residual": 1, "loss": "classes", "outputs": 3},
    {"hidden": (90, 70), "norm": ("batch", "layer")},  # weights beyond the cache: several tiles together
]


def with_norms(spec, count, dtype=np.float64):
    """Rows whose norms and averages are not those of the start."""
    rows = nets.initial_weights(spec, range(count), np.float64)
    return (rows * np.random.default_rng(3).uniform(0.5, 1.5, rows.shape)).astype(dtype)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
def test_scores_with_options(options, dtype):
    spec = spec_of(**{"activation": "gelu", "features": 3} | options)
    sets = sets_for(spec, 61, 2, dtype)
    weights = with_norms(spec, 19, dtype)
    scores = nets.score(spec, weights, sets, [net % 2 for net in range(19)])
    for net in range(19):
        layers, X, y = spec.unpack(weights[net].astype(np.float64)), sets.X[net % 2], sets.y[net % 2]
        assert scores.loss[net] == pytest.approx(
            reference.loss(spec, layers, X, y), rel=2e-5 if dtype is np.float32 else 1e-12
        )
        z = reference.forward(spec, layers, X).z[-1]
        if spec.loss == "squares":
            assert np.isnan([scores.accuracy[net], scores.positive[net], scores.largest_share[net]]).all()
            continue
        answer = z.argmax(axis=1) if spec.loss == "classes" else (z[:, 0] > 0).astype(int)
        near = 1 / 61 if dtype is np.float32 else 0  # an answer that hangs on a rounding
        assert abs(scores.accuracy[net] - np.mean(answer == y)) <= near + 1e-12
        assert abs(scores.largest_share[net] - np.bincount(answer).max() / 61) <= near + 1e-12
        assert (spec.loss == "binary") == (not np.isnan(scores.positive[net]))


def test_the_first_of_equal_classes_is_the_answer():
    spec = spec_of(features=1, hidden=(), loss="classes", outputs=3)
    sets = nets.PointSets(np.ones((1, 3, 1)), np.array([[0.0, 1.0, 2.0]]))
    rows = np.array([[0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, np.nan, 0, 0, 0], [np.inf, 0, 0, 0, 0, 0]])
    scores = nets.score(spec, rows, sets)
    np.testing.assert_array_equal(scores.accuracy, [1 / 3, 1 / 3, 0, 0])
    np.testing.assert_array_equal(scores.largest_share, [1, 1, 0, 0])
    np.testing.assert_array_equal(scores.finite, [1, 1, 0, 0])
    assert scores.loss[0] == pytest.approx(np.log(3))
    assert scores.loss[1] == pytest.approx(np.log(2 * np.e + 1) - 2 / 3)
    assert (scores.loss[2:] == np.inf).all()


def test_large_logits_do_not_overflow():
    spec = spec_of(features=1, hidden=(), loss="classes", outputs=3)
    X = np.ones((1, 2, 1), np.float32)
    rows = np.array([[1e4, -1e4, 0, 0, 0, 0]], np.float32)
    scores = nets.score(spec, rows, nets.PointSets(X, np.array([[0.0, 1.0]], np.float32)))
    assert scores.loss[0] == pytest.approx(1e4)
    sets = nets.PointSets(X, np.zeros((1, 2), np.float32))
    trained = nets.train(spec, nets.TrainSpec(3, 2), seeds=[1], learning_rates=[1.0], train_sets=sets, initial=rows)
    np.testing.assert_array_equal(trained.weights, rows)  # right and sure: no gradient at all


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_inside_with_options(options):
    spec = spec_of(**{"activation": "gelu", "features": 3} | options)
    row, X = with_norms(spec, 1)[0], point_sets(23, 3).X[0]
    inside, want = nets.look_inside(spec, row, X), reference.forward(spec, spec.unpack(row), X)
    for got, expected in zip([*inside.z, *inside.a, *inside.slope], [*want.z, *want.a, *want.slope], strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)
    directions = np.random.default_rng(8).normal(size=X.shape)
    norms = nets.directional_norms(spec, row, inside, directions)
    ahead, behind = (nets.look_inside(spec, row, X + sign * 1e-6 * directions) for sign in (1, -1))
    for k, got in enumerate(norms):
        slope = np.linalg.norm(ahead.a[k] - behind.a[k], axis=1) / 2e-6
        np.testing.assert_allclose(got, slope, rtol=1e-5, atol=1e-7)
