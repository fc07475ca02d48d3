"""What a net is: its shapes, its row of parameters, the steps at which it is measured."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets_factory import point_sets, spec_of, training_of

from actlab import nets
from actlab.data import Sample
from actlab.text import UserError

WIDTHS = st.lists(st.integers(1, 9), max_size=5)


@given(st.integers(1, 9), WIDTHS)
def test_pack_is_the_inverse_of_unpack(features, hidden):
    spec = spec_of(features=features, hidden=hidden)
    row = np.arange(spec.parameters, dtype=np.float32)
    layers = spec.unpack(row)
    assert [layer.weights.shape for layer in layers] == list(pairwise([features, *hidden, 1])) == list(spec.shapes)
    assert [layer.biases.shape for layer in layers] == [(width,) for width in [*hidden, 1]]
    assert len(layers) == spec.layers
    np.testing.assert_array_equal(spec.pack(layers), row)
    # Row by row from input to output, then the biases: what core/kernels.h reads.
    W, b = layers[0][:2]
    assert W[0, -1] + 1 == (W[1, 0] if features > 1 else b[0])
    assert b[0] == W.size


@given(st.integers(1, 9), WIDTHS)
def test_the_slices_cover_the_row_once(features, hidden):
    spec = spec_of(features=features, hidden=hidden)
    end = 0
    for place in spec.places():
        assert (place.weights.start, place.weights.stop) == (end, place.biases.start)
        assert place[2:] == (None,) * 4
        end = place.biases.stop
    assert end == spec.parameters == spec.row


@given(st.integers(1, 200), st.integers(1, 300))
def test_steps_per_epoch(points, batch_size):
    steps = training_of(batch_size=batch_size).steps_per_epoch(points)
    assert (steps - 1) * batch_size < points <= steps * batch_size


@given(st.integers(-3, 10**12), st.integers(1, 40))
def test_checkpoints_start_at_0_end_at_the_total_and_ascend(total, count):
    steps = nets.checkpoint_steps(total, count)
    assert steps.dtype == np.int64
    assert steps[0] == 0
    assert steps[-1] == max(total, 0)
    assert (np.diff(steps) > 0).all()
    assert len(steps) <= max(count, 2)


def test_checkpoints_stand_closest_at_the_start():
    steps = nets.checkpoint_steps(10_000)
    assert len(steps) == 14
    assert steps[1] == 1
    assert (np.diff(np.diff(steps)) >= 0).all()
    np.testing.assert_array_equal(nets.checkpoint_steps(3), [0, 1, 2, 3])


def test_stacked_samples():
    rng = np.random.default_rng(0)
    samples = [Sample(rng.normal(size=(6, 3)), rng.integers(0, 2, 6).astype(float)) for _ in range(4)]
    sets = nets.PointSets.stack(samples)
    assert sets.X.shape == (4, 6, 3)
    assert sets.y.shape == (4, 6)
    assert sets.X.dtype == sets.y.dtype == np.float32
    assert sets.points == 6
    np.testing.assert_array_equal(sets.X[2], samples[2].X.astype(np.float32))
    np.testing.assert_array_equal(nets.PointSets.stack(samples, np.float64).y[3], samples[3].y)


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["none", "batch", "layer"])), max_size=5))
def test_norms_lie_in_the_row_too(layers):
    spec = spec_of(hidden=[width for width, _ in layers], norm=tuple(norm for _, norm in layers))
    row = np.arange(spec.row)
    parts = [part for layer in spec.unpack(row) for part in layer if part is not None]
    assert sum(part.size for part in parts) == spec.row
    np.testing.assert_array_equal(np.sort(np.concatenate([part.ravel() for part in parts])), row)
    np.testing.assert_array_equal(spec.pack(spec.unpack(row)), row)
    for layer, norm in zip(spec.unpack(row), (*spec.norms, "none"), strict=True):
        assert (layer.biases is None) == (layer.mean is not None) == (layer.variance is not None) == (norm == "batch")
        assert (layer.scale is None) == (layer.shift is None) == (norm == "none")
        for averages in (layer.mean, layer.variance):  # no gradient moves them
            assert averages is None or averages.min() >= spec.parameters


def test_skips_start_at_the_first_hidden_layer():
    assert spec_of(hidden=(4,) * 6).skips == (0,) * 6
    assert spec_of(hidden=(4,) * 6, residual=1).skips == (0, 1, 1, 1, 1, 1)
    assert spec_of(hidden=(4,) * 6, residual=2).skips == (0, 0, 2, 0, 2, 0)
    assert spec_of(hidden=(4, 4, 4, 5, 4, 4), residual=1).skips == (0, 1, 1, 0, 0, 1)
    assert spec_of(hidden=(4,), residual=3).skips == (0,)


BAD = {
    "one logit": lambda: spec_of(outputs=2),
    "one class": lambda: spec_of(loss="classes"),
    "no output": lambda: spec_of(loss="squares", outputs=0),
    "loss": lambda: spec_of(loss="square"),
    "norm": lambda: spec_of(norm="bath"),
    "norms": lambda: spec_of(norm=("layer", "layer", "layer")),
    "activations": lambda: spec_of(("tanh", "relu", "gelu")),
    "residual": lambda: spec_of(residual=-1),
    "schedule": lambda: training_of(schedule="cosin"),
    "epochs": lambda: training_of(-1),
    "batch": lambda: training_of(1, 0),
    "warm-up": lambda: training_of(warm_up=-1),
    "decay": lambda: training_of(weight_decay=float("nan")),
    "clip": lambda: training_of(clip=0.0),
    "infinite clip": lambda: training_of(clip=float("inf")),
    "momentum": lambda: nets.Momentum(1.0),
    "adam": lambda: nets.Adam(0.9, -0.1),
    "epsilon": lambda: nets.AdamW(epsilon=0.0),
    "optimiser": lambda: nets.optimiser("adamm"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_makes_no_sense_is_refused(bad):
    with pytest.raises(UserError):
        BAD[bad]()


def test_the_nearest_name_is_offered():
    with pytest.raises(UserError, match="did you mean “adam”"):
        nets.optimiser("adan")
    assert nets.optimiser("adamw") == nets.AdamW()


def test_targets_and_batches_are_looked_at():
    sets = point_sets(9, 2)
    few = spec_of(loss="classes", outputs=2)
    settings = {"seeds": [1], "learning_rates": [0.1]}
    assert nets.train(few, training_of(), train_sets=sets, **settings).completed.all()
    for strange in (2.0, -1.0, 0.5, np.nan):
        y = sets.y.copy()
        y[0, 3] = strange
        with pytest.raises(UserError, match="from 0 to 1"):
            nets.train(few, training_of(), train_sets=nets.PointSets(sets.X, y), **settings)
    with pytest.raises(UserError, match="at least 2 points"):
        nets.train(spec_of(norm="batch"), training_of(1, 1), train_sets=sets, **settings)
