"""Initial weights: their scales, what arms share, what is refused."""

import re

import numpy as np
import pytest
from nets_factory import spec_of

import actlab
from actlab import _core, nets
from actlab.nets import reference
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
        (" Critical", "critical"),
        ("Identity", "identity"),
        ("gain=2 bias = .50", "gain 2 bias 0.5"),
        ("gain 2 bias 0", "gain 2"),
    ],
)
def test_canonical_form(text, canonical):
    assert checked_init(text) == canonical
    assert checked_init(canonical) == canonical


@pytest.mark.parametrize(
    ("text", "english", "korean"),
    [
        ("xaver", "did you mean “xavier”?", "xavier"),
        ("zzzzzz", "use he, lecun, xavier, critical, identity", "he, lecun, xavier"),
        ("gain 0", "must be a positive number", "gain 0"),
        ("gain -1", "must be a positive number", "gain -1"),
        ("gain nan", "must be a positive number", "gain nan"),
        ("gain inf", "must be a positive number", "gain inf"),
        ("gain one", "must be a positive number", "gain one"),
        ("gain 1 bias -1", "must be a number from 0 up", "gain 1 bias -1"),
        ("gain 1 bias x", "must be a number from 0 up", "gain 1 bias x"),
        ("critcal", "did you mean “critical”?", "critical"),
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


def test_biases_have_their_own_draws():
    spec = spec_of("relu", 3, (40, 50), init="gain 1.5 bias 0.2", norm=("batch", "none"))
    plain = spec_of("relu", 3, (40, 50), init="gain 1.5", norm=("batch", "none"))
    with_biases, without = nets.initial_weights(spec, range(30), np.float64), nets.initial_weights(plain, range(30))
    biases = np.stack([spec.unpack(row)[1].biases for row in with_biases])
    assert abs(biases.mean()) < 4 * 0.2 / np.sqrt(biases.size)
    assert biases.std() == pytest.approx(0.2, rel=4 / np.sqrt(2 * biases.size))
    for row, other in zip(with_biases, without, strict=True):
        for layer, bare in zip(spec.unpack(row), plain.unpack(other), strict=True):
            np.testing.assert_allclose(layer.weights, bare.weights, rtol=1e-6)
        assert spec.unpack(row)[0].biases is None
    distinct = np.concatenate(
        [biases, with_biases[:, spec.unpack(np.arange(spec.row))[1].weights.ravel()[:50]]], axis=1
    )
    assert np.unique(distinct).size == distinct.size  # no draw is used twice


@pytest.mark.parametrize(
    ("name", "sigma_w2", "q"),
    # At q = 1 σw² is 1/E[φ′²] and σb² is 1 − E[φ²]/E[φ′²], of the table of moments in the literature.
    [("relu", 1 / 0.5, 1.0), ("tanh", 1 / 0.464403, 1.0), ("elu", 1 / 0.668102, 1.0), ("erf(x)", 1 / 0.569410, 1.0)],
)
def test_critical_nets_are_where_theory_has_them(name, sigma_w2, q):
    second = {"relu": 0.5, "tanh": 0.394294, "elu": 0.644945, "erf(x)": 0.464559}[name]
    sigma_b2 = max(q - sigma_w2 * second, 0.0)
    spec = spec_of(name, features=50, hidden=(40, 30), init="critical")
    np.testing.assert_allclose(
        np.square(nets.weight_scales(spec)) * (50, 40, 30), [q - sigma_b2, sigma_w2, sigma_w2], rtol=1e-5
    )
    np.testing.assert_allclose(np.square(nets.bias_scales(spec)), [sigma_b2] * 3, atol=4e-6)


@pytest.mark.parametrize("name", ["relu", "tanh", "elu", "gelu", "x/(1 + abs(x))", "selu"])
def test_critical_nets_keep_variance_and_gradients(name):
    """Twelve layers of 300 units: both stay where they are to a few percent, with biases drawn too."""
    depth, width = 12, 300
    spec = spec_of(name, features=width, hidden=(width,) * depth, init="critical")
    wanted = nets.critical_point(actlab.get(name))
    rng = np.random.default_rng(5)
    X = rng.standard_normal((8, width))
    X *= np.sqrt(width / (X**2).sum(axis=1, keepdims=True))
    variance, gradient = [], []
    for seed in range(4):
        layers = spec.unpack(nets.initial_weights(spec, [seed], np.float64)[0])
        seen = reference.forward(spec, layers, X)
        variance.append([(z**2).mean() for z in seen.z[:-1]])
        back = rng.standard_normal((8, width))
        before = (back**2).sum()
        for layer, slope in zip(layers[-2:0:-1], seen.slope[-2::-1], strict=True):
            back = (back @ layer.weights.T) * slope
        gradient.append(np.log((back**2).sum() / before))
    mean = np.mean(variance, axis=0)
    np.testing.assert_allclose(mean, wanted.q, rtol=0.35)
    assert abs(np.mean(gradient)) < 0.5  # He's init for tanh would be at 11·ln(2·0.46…) and below
    if wanted.sigma_b2 > 0:
        assert np.std([spec.unpack(nets.initial_weights(spec, [s])[0])[3].biases for s in range(4)]) > 0


def test_functions_without_a_critical_point_are_refused_in_both_languages():
    for name in ("sigmoid", "softplus", "step"):
        for language, part in (("en", "has no critical point"), ("ko", "임계점이 없어")):
            with use_language(language), pytest.raises(UserError, match=part) as error:
                spec_of(name, init="critical")
            with use_language(language):
                assert f"{name} [init=he]" in str(error.value)
    with pytest.raises(UserError, match="without recurrence"):
        nets.NetSpec(2, (4,), actlab.get("tanh"), "critical", steps=3)


def test_arms_may_be_critical():
    found = actlab.compare(
        ["tanh [init=critical]", "sigmoid"], hidden=(4, 4), seeds=2, learning_rates=0.1, epochs=1, test_points=50
    )
    assert found.init["tanh [init=critical]"] == "critical"
