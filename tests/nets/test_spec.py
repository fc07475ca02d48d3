"""What a net is: its shapes, its row of parameters, the steps at which it is measured."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from nets_factory import spec_of

from actlab import nets
from actlab.data import Sample

WIDTHS = st.lists(st.integers(1, 9), max_size=5)


@given(st.integers(1, 9), WIDTHS)
def test_pack_is_the_inverse_of_unpack(features, hidden):
    spec = spec_of(features=features, hidden=hidden)
    row = np.arange(spec.parameters, dtype=np.float32)
    layers = spec.unpack(row)
    assert [W.shape for W, _ in layers] == list(pairwise([features, *hidden, 1])) == list(spec.shapes)
    assert [b.shape for _, b in layers] == [(width,) for width in [*hidden, 1]]
    assert len(layers) == spec.layers
    np.testing.assert_array_equal(spec.pack(layers), row)
    # Row by row from input to output, then the biases: what core/kernels.h reads.
    W, b = layers[0]
    assert W[0, -1] + 1 == (W[1, 0] if features > 1 else b[0])
    assert b[0] == W.size


@given(st.integers(1, 9), WIDTHS)
def test_the_slices_cover_the_row_once(features, hidden):
    spec = spec_of(features=features, hidden=hidden)
    ends = [0]
    for weights, biases in spec.layer_slices():
        assert (weights.start, weights.stop) == (ends[-1], biases.start)
        ends.append(biases.stop)
    assert ends[-1] == spec.parameters


@given(st.integers(1, 200), st.integers(1, 300))
def test_steps_per_epoch(points, batch_size):
    steps = spec_of(batch_size=batch_size).steps_per_epoch(points)
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
