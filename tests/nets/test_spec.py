"""What a net is: its shapes, its row of parameters, the steps at which it is measured."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets_factory import point_sets, spec_of, training_of

from actlab import nets
from actlab.data import Sample
from actlab.nets.initialise import checked_init
from actlab.text import UserError, keys

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
        assert place[2:] == (None,) * 6
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


def trained(spec, batch_size=8, strange=None, **more):
    sets = point_sets(9, 2)
    y = sets.y.copy()
    if strange is not None:
        y[0, 3] = strange
    sets = nets.PointSets(sets.X, y)
    return nets.train(spec, training_of(1, batch_size, **more), seeds=[1], learning_rates=[0.1], train_sets=sets)


BAD = [  # a call, the key of the sentence, words that it must hold in either language
    (lambda: spec_of(outputs=2), "one_logit", ("2", "classes")),
    (lambda: spec_of(loss="classes"), "too_few_outputs", ("classes", "1", "2")),
    (lambda: spec_of(loss="squares", outputs=0), "too_few_outputs", ("squares", "0", "1")),
    (lambda: spec_of(loss="square"), "unknown_choice_near", ("square", "squares", "binary")),
    (lambda: spec_of(loss=None), "unknown_choice", ("None", "binary")),
    (lambda: spec_of(norm="instance"), "unknown_choice", ("instance", "layer")),
    (lambda: spec_of(norm=("layer",) * 3), "one_each", ("norm", "3", "2")),
    (lambda: spec_of(("tanh", "relu", "gelu")), "one_each", ("activation", "3", "2")),
    (lambda: spec_of(residual=-1), "at_least", ("residual", "-1", "0")),
    (lambda: training_of(schedule="cosin"), "unknown_choice_near", ("cosin", "cosine")),
    (lambda: training_of(-1), "at_least", ("epochs", "-1")),
    (lambda: training_of(1, 0), "at_least", ("batch_size", "0", "1")),
    (lambda: training_of(warm_up=-1), "at_least", ("warm_up", "-1")),
    (lambda: training_of(weight_decay=float("nan")), "at_least", ("weight_decay", "nan")),
    (lambda: training_of(clip=0.0), "positive", ("clip", "0")),
    (lambda: training_of(clip=float("inf")), "positive", ("clip", "inf")),
    (lambda: training_of(target=0.0), "positive", ("target", "0")),
    (lambda: training_of(target=float("nan")), "positive", ("target", "nan")),
    (lambda: nets.Momentum(1.0), "below_one", ("beta", "1")),
    (lambda: nets.Adam(0.9, -0.1), "below_one", ("beta2", "-0.1")),
    (lambda: nets.AdamW(epsilon=0.0), "positive", ("epsilon", "0")),
    (lambda: nets.optimiser("adan"), "unknown_choice_near", ("adan", "adam")),
    (lambda: trained(spec_of(norm="batch"), 1), "batch_of_one", ("1", "2")),
    (lambda: trained(spec_of(), target=0.1), "no_checkpoints", ()),
    (lambda: trained(spec_of(loss="classes", outputs=2), strange=2.0), "bad_class", ("1", "2")),
    (lambda: trained(spec_of(loss="classes", outputs=2), strange=-1.0), "bad_class", ("1", "-1")),
    (lambda: trained(spec_of(loss="classes", outputs=2), strange=0.5), "bad_class", ("1", "0.5")),
    (lambda: trained(spec_of(loss="classes", outputs=2), strange=np.nan), "bad_class", ("1", "nan")),
    (lambda: nets.optimiser("momentum(fast)"), "bad_number", ("fast", "momentum", "0.9")),
    (lambda: spec_of(steps=3, norm="layer"), "recurrent_plain", ("norm", "residual")),
    (lambda: spec_of(steps=3, hidden=()), "recurrent_hidden", ()),
    (lambda: trained(spec_of(steps=3)), "bad_inputs", ("2", "3 × 2")),
    (lambda: checked_init("hee"), "unknown_init_near", ("hee", "he")),
    (lambda: checked_init("normal"), "unknown_init", ("normal", "xavier")),
    (lambda: checked_init("gain 0"), "bad_gain", ("gain 0",)),
    (lambda: checked_init("gain 1 bias -2"), "bad_bias", ("gain 1 bias -2",)),
    (lambda: spec_of("sigmoid", init="critical"), "no_critical_point", ("sigmoid [init=he]",)),
    (lambda: spec_of(steps=3, init="critical"), "recurrent_critical", ("xavier",)),
    (lambda: spec_of(init="identity"), "identity_plain", ("xavier",)),
]


@pytest.mark.parametrize(("call", "key", "words"), BAD, ids=[f"{key}-{i}" for i, (_, key, _) in enumerate(BAD)])
def test_what_makes_no_sense_gets_one_sentence(call, key, words):
    with pytest.raises(UserError) as caught:
        call()
    assert caught.value.key == f"nets.{key}"
    for lang in ("en", "ko"):
        sentence = caught.value.message(lang)
        assert "{" not in sentence
        assert sentence.endswith(".")
        assert all(word in sentence for word in words)


def test_every_sentence_of_nets_is_reached():
    assert {key for key in keys("en") if key.startswith("nets.")} == {f"nets.{key}" for _, key, _ in BAD}


def test_optimisers_by_name():
    assert nets.optimiser("adamw") == nets.AdamW()
    assert [type(nets.optimiser(name)) for name in nets.OPTIMISERS] == list(nets.OPTIMISERS.values())


def test_two_classes_may_be_two_outputs():
    assert trained(spec_of(loss="classes", outputs=2)).completed.all()
