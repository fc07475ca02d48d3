"""Gradients: core against reference, reference against torch and against numerical differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nets_factory import FORMULAS, FUSED, distance, flat, point_sets, sets_for, spec_of, training_of

from actlab import _core, nets
from actlab.functions.catalogue import builtins
from actlab.nets import reference

ACTIVATIONS = [builtin.name for builtin in builtins()] + list(FORMULAS)
SHAPES = [  # features, hidden widths, points: every remainder of the register blocking (by 8, 4, 2, 1) occurs
    (1, (1,), 1),
    (2, (8, 8), 33),
    (3, (17, 5), 20),
    (4, (6, 7, 2), 8),
    (5, (3, 1, 4), 13),
    (7, (9, 11, 10), 27),
    (8, (2, 3, 5, 2), 7),
    (9, (13, 4, 6, 3, 8, 15), 41),
    (6, (), 19),
    (5, (90, 66, 3), 45),  # weights beyond the cache: several tiles go through together
]
OPTIONS = [
    {"hidden": (7, 4), "loss": "classes", "outputs": 2},
    {"hidden": (5,), "loss": "classes", "outputs": 7},
    {"hidden": (), "loss": "classes", "outputs": 3},
    {"hidden": (4, 4), "loss": "squares"},
    {"hidden": (6, 3), "loss": "squares", "outputs": 5},
    {"hidden": (5, 6), "activation": ("tanh", "softplus")},
    {"hidden": (5, 6, 4), "norm": "layer"},
    {"hidden": (9, 6, 5), "norm": "batch"},
    {"hidden": (8, 4, 8), "norm": ("batch", "none", "layer"), "loss": "classes", "outputs": 4},
    {"hidden": (5,) * 5, "residual": 1},
    {"hidden": (6, 6, 6, 6, 3, 6), "residual": 2, "norm": "layer"},
    {"hidden": (4,) * 6, "residual": 2, "norm": "batch", "loss": "squares", "outputs": 2, "activation": "tanh"},
    {"hidden": (70, 70, 70), "residual": 1, "norm": "layer", "loss": "classes", "outputs": 3},
    {"hidden": (3,) * 7, "residual": 3, "activation": ("tanh", "gelu", "silu", "tanh", "mish", "tanh", "sigmoid")},
]
NORMS = {np.float32: 1e-5, np.float64: 1e-12}
KINDS = pytest.mark.parametrize("kind", [np.float32, np.float64], ids=["float", "double"])


def rows_of(spec, count, kind, seed=0):
    """Weights with biases that are not zero, so that no bias gradient goes unseen."""
    rng = np.random.default_rng(seed)
    rows = nets.initial_weights(spec, list(range(seed, seed + count)), np.float64)
    rows += 0.1 * rng.normal(size=rows.shape)
    if any(
        phi.name == "exponential" for phi in spec.activations
    ):  # an exponential of an exponential of … is soon out of range
        rows *= 0.2
    return rows.astype(np.float32).astype(kind)


def core_gradients(spec, rows, sets, instruction_set=""):
    """The step of one full batch at a rate so large (a power of two, exact) that the old weights hardly round it."""
    rate = 2.0**40
    trained = nets.train(
        spec,
        training_of(1, sets.points),
        seeds=range(len(rows)),
        learning_rates=[rate] * len(rows),
        train_sets=sets,
        initial=rows,
        instruction_set=instruction_set,
        threads=1,
    )
    # w' = w − rate · g rounded once; adding w back loses nothing that float64 would notice
    return (rows.astype(np.float64) - trained.weights.astype(np.float64)) / rate


def check(activation, features, hidden, points, kind, instruction_set="", seed=0, **more):
    spec = spec_of(activation, features, hidden, **more)
    sets = sets_for(spec, points, dtype=kind, seed=seed)
    rows = rows_of(spec, 3, kind, seed)
    trained = slice(0, spec.parameters)
    for row, gradient in zip(rows, core_gradients(spec, rows, sets, instruction_set), strict=True):
        layers = spec.unpack(row.astype(np.float64))
        want = reference.gradients(spec, layers, sets.X[0], sets.y[0])
        assert distance(by_layer(spec, gradient[trained]), flat(want)) <= NORMS[kind]


def by_layer(spec, gradient):
    """``(parameters,)`` layer by layer."""
    sizes = [sum(part.stop - part.start for part in place.trained if part is not None) for place in spec.places()]
    return np.split(gradient, np.cumsum(sizes)[:-1])


@KINDS
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_core_against_reference(activation, kind):
    for shape in ((2, (8, 8), 33), (3, (5, 7, 2), 20)):
        check(activation, *shape, kind)


@KINDS
@pytest.mark.parametrize("instruction_set", _core.instruction_sets())
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_core_against_reference_in_every_shape(shape, instruction_set, kind):
    check("tanh", *shape, kind, instruction_set)
    check("gelu", *shape, kind, instruction_set)


@given(
    st.sampled_from(ACTIVATIONS),
    st.integers(1, 9),
    st.lists(st.integers(1, 17), max_size=6),
    st.integers(1, 40),
    st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_core_against_reference_in_double(activation, features, hidden, points, seed):
    # In double only: through six random layers a float32 gradient may pass a kink on the other side.
    check(activation, features, tuple(hidden), points, np.float64, seed=seed)


def test_the_step_is_that_of_the_mean_loss():
    # Logistic regression from zero weights: gradient Σ (½ − y) x / n, by hand.
    spec = spec_of(features=1, hidden=())
    sets = nets.PointSets(np.array([[[1.0], [2.0], [3.0], [6.0]]]), np.array([[0.0, 0.0, 1.0, 1.0]]))
    trained = nets.train(
        spec, training_of(1, 4), seeds=[1], learning_rates=[0.5], train_sets=sets, initial=np.zeros((1, 2))
    )
    np.testing.assert_allclose(trained.weights, [[0.5 * 0.75, 0.0]], rtol=1e-15)


@pytest.mark.parametrize("shape", [(2, (8, 8), 12), (5, (3, 4, 2, 3), 9), (3, (), 5)], ids=str)
@pytest.mark.parametrize("activation", ["tanh", "gelu", "mish", "sin(x) + 0.1*x"])
def test_reference_against_numerical_differences(activation, shape):
    differences(spec_of(activation, *shape[:2]), shape[2])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_reference_against_numerical_differences_with_options(options):
    differences(spec_of(features=3, **options), 11)


@KINDS
@pytest.mark.parametrize("instruction_set", _core.instruction_sets())
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_core_against_reference_with_options(options, instruction_set, kind):
    hidden, activation = options["hidden"], options.get("activation", "gelu")
    more = {name: value for name, value in options.items() if name not in ("hidden", "activation")}
    for points in (27, 8, 6):
        check(activation, 3, hidden, points, kind, instruction_set, **more)


def differences(spec, points):
    """`reference.gradients` is the derivative of `reference.loss`: in every parameter, of many in groups of 32.

    In a group all move at once, up or down by chance, so that no error of one is made up for by that of another.
    """
    sets = sets_for(spec, points, seed=3)
    row = rows_of(spec, 1, np.float64)[0]
    got = reference.flat_gradient(spec, reference.gradients(spec, spec.unpack(row), sets.X[0], sets.y[0]))
    rng = np.random.default_rng(0)
    h = 1e-5

    def loss(weights):
        return reference.loss(spec, spec.unpack(weights), sets.X[0], sets.y[0], training=True)

    size = 32 if spec.parameters > 1000 else 1
    groups = np.array_split(rng.permutation(spec.parameters), -(-spec.parameters // size))
    for group in groups:
        step = np.zeros(len(row))
        step[group] = rng.uniform(0.5, 1, len(group)) * rng.choice([-1, 1], len(group))
        slope = (loss(row + h * step) - loss(row - h * step)) / (2 * h)
        assert got @ step[: len(got)] == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "silu", "mish", "elu", "selu", "softplus"])
def test_reference_against_torch(activation):
    torch = pytest.importorskip("torch")
    spec = spec_of(activation, 4, (7, 5, 3))
    sets = point_sets(21, 4, seed=5)
    layers = spec.unpack(rows_of(spec, 1, np.float64)[0])
    tensors = [tuple(torch.tensor(array, requires_grad=True) for array in layer[:2]) for layer in layers]
    signal = torch.tensor(sets.X[0])
    for k, (W, b) in enumerate(tensors):
        signal = signal @ W + b
        if k + 1 < len(tensors):
            # torch's own functions, not ours printed: an independent opinion
            phi = getattr(torch, activation, None) or getattr(torch.nn.functional, activation)
            signal = phi(signal)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(signal[:, 0], torch.tensor(sets.y[0]))
    loss.backward()
    want = [nets.LayerParameters(W.grad.numpy(), b.grad.numpy()) for W, b in tensors]
    assert distance(flat(reference.gradients(spec, layers, sets.X[0], sets.y[0])), flat(want)) <= 1e-12
    assert reference.loss(spec, layers, sets.X[0], sets.y[0]) == pytest.approx(loss.item(), rel=1e-13)


@pytest.mark.parametrize("instruction_set", _core.instruction_sets())
@pytest.mark.parametrize(
    ("activation", "features", "hidden", "batch_size", "points"),
    [
        ("tanh", 2, (8, 8), 8, 40),
        ("gelu", 3, (5, 3, 2), 7, 31),
        ("sigmoid", 1, (4,), 64, 20),
        (FORMULAS[0], 9, (6,), 1, 12),
    ],
)
def test_whole_trainings_in_double(activation, features, hidden, batch_size, points, instruction_set):
    spec, training = spec_of(activation, features, hidden), training_of(6, batch_size)
    sets = point_sets(points, features, sets=2, seed=9)
    seeds, rates, which = [5, 2**64 - 1, 77], [0.1, 0.4, 0.05], [0, 1, 1]
    trained = nets.train(
        spec,
        training,
        seeds=seeds,
        learning_rates=rates,
        train_sets=sets,
        set_of_net=which,
        instruction_set=instruction_set,
    )
    for net, (row, seed, rate) in enumerate(
        zip(nets.initial_weights(spec, seeds, np.float64), seeds, rates, strict=True)
    ):
        X, y = sets.X[which[net]], sets.y[which[net]]
        want = reference.train(spec, training, row, X, y, seed=seed, learning_rate=rate)
        np.testing.assert_allclose(trained.weights[net], want, rtol=1e-10, atol=1e-11)
        assert np.abs(want - row).max() > 1e-3  # it did learn


def test_there_is_an_instruction_set_with_fused_multiply_add_or_the_machine_is_old():
    assert FUSED or _core.instruction_sets() == ["v2"]
