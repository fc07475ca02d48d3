"""Initial weights: their scales, what arms share, what is refused."""

import re

import numpy as np
import pytest
from nets_factory import spec_of

from actlab import _core, nets
from actlab.nets.initialise import checked_init
from actlab.text import UserError, use_language

WANTED = {  # variance of weights from 30 units to 50
    "he": 2 / 30,
    "lecun": 1 / 30,
    "xavier": 2 / 80,
    "gain 1.5": 2.25 / 30,
}


def test_there_are_no_other_schemes():
    assert set(nets.SCHEMES) == {"he", "lecun", "xavier"}


@pytest.mark.parametrize(("init", "variance"), WANTED.items())
def test_variances(init, variance):
    spec = spec_of(features=20, hidden=(30, 50), init=init)
    rows = nets.initial_weights(spec, range(40), np.float64)
    layers = [spec.unpack(row) for row in rows]
    weights = np.stack([layer[1][0] for layer in layers])
    assert weights.shape == (40, 30, 50)
    assert abs(weights.mean()) < 4 * np.sqrt(variance / weights.size)
    assert weights.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / weights.size))
    assert nets.weight_scales(spec)[1] == pytest.approx(np.sqrt(variance), rel=1e-15)
    assert all((part.biases == 0).all() for layer in layers for part in layer)


def test_the_numbers_are_the_draws_times_the_scale():
    spec = spec_of(features=3, hidden=(4, 5), init="xavier")
    (row,) = nets.initial_weights(spec, [7], np.float64)
    for k, (layer, scale) in enumerate(zip(spec.unpack(row), nets.weight_scales(spec), strict=True)):
        np.testing.assert_array_equal(layer.weights.ravel(), _core.standard_normal(7, k, layer.weights.size) * scale)


def test_arms_share_their_draws():
    arms = [
        spec_of("relu", 3, (4, 5), init="he"),
        spec_of("tanh", 3, (4, 5), init="lecun"),
        spec_of("gelu", 3, (4, 5), init="gain 0.7"),
    ]
    rows = [nets.initial_weights(spec, [11, 12], np.float64) for spec in arms]
    for k in range(3):
        draws = [
            np.stack([spec.unpack(row)[k][0] for row in both]) / nets.weight_scales(spec)[k]
            for spec, both in zip(arms, rows, strict=True)
        ]
        np.testing.assert_allclose(draws[1], draws[0], rtol=1e-14)
        np.testing.assert_allclose(draws[2], draws[0], rtol=1e-14)


def test_a_deeper_net_starts_with_the_layers_of_the_shallower():
    shallow, deep = spec_of(hidden=(6,)), spec_of(hidden=(6, 6, 6))
    first = [spec.unpack(nets.initial_weights(spec, [3])[0])[0][0] for spec in (shallow, deep)]
    np.testing.assert_array_equal(*first)


def test_seeds_may_repeat_and_come_in_any_order():
    spec = spec_of()
    rows = nets.initial_weights(spec, [9, 2, 9, 2**64 - 1])
    assert rows.dtype == np.float32
    assert rows.flags.c_contiguous
    np.testing.assert_array_equal(rows[0], rows[2])
    for row, seed in zip(rows, [9, 2, 9, 2**64 - 1], strict=True):
        np.testing.assert_array_equal(row, nets.initial_weights(spec, [seed])[0])
    assert not np.array_equal(rows[0], rows[1])


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("he", "he"),
        (" He ", "he"),
        ("XAVIER", "xavier"),
        ("gain 1.50", "gain 1.5"),
        ("gain=2", "gain 2"),
        ("Gain = .5", "gain 0.5"),
    ],
)
def test_canonical_form(text, canonical):
    assert checked_init(text) == canonical
    assert checked_init(canonical) == canonical


@pytest.mark.parametrize(
    ("text", "english", "korean"),
    [
        ("xaver", "did you mean “xavier”?", "xavier"),
        ("zzzzzz", "use he, lecun, xavier", "he, lecun, xavier"),
        ("gain 0", "must be a positive number", "gain 0"),
        ("gain -1", "must be a positive number", "gain -1"),
        ("gain nan", "must be a positive number", "gain nan"),
        ("gain inf", "must be a positive number", "gain inf"),
        ("gain one", "must be a positive number", "gain one"),
    ],
)
def test_what_is_refused_is_said_in_both_languages(text, english, korean):
    for language, part in (("en", re.escape(english)), ("ko", re.escape(korean))):
        with use_language(language):  # an error speaks the language in which it is read
            with pytest.raises(UserError, match=part) as error:
                checked_init(text)
            sentence = str(error.value)
        assert "\n" not in sentence
        assert bool(re.search("[가-힣]", sentence)) == (language == "ko")


def test_gains_and_norms():
    spec = spec_of("relu", 3, (4, 5, 6), norm=("batch", "layer", "none"))
    plain = nets.initial_weights(spec, [7, 8, 7], np.float64)
    scaled = nets.initial_weights(spec, [7, 8, 7], np.float64, gains=[1.0, 0.5, 3.0])
    for net, gain in enumerate([1.0, 0.5, 3.0]):
        for ours, layer in zip(spec.unpack(scaled[net]), spec.unpack(plain[net]), strict=True):
            np.testing.assert_array_equal(ours.weights, layer.weights * gain)
            for part, value in ((ours.biases, 0), (ours.scale, 1), (ours.shift, 0), (ours.mean, 0), (ours.variance, 1)):
                assert part is None or (part == value).all()
