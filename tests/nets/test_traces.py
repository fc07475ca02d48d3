"""What the core records in its loop, against the definitions in `actlab.measure` on the weights it kept."""

import numpy as np
import pytest
from nets_factory import FORMULAS, point_sets, sets_for, spec_of, training_of

import actlab
from actlab import measure, nets
from actlab.functions.interpret import evaluate_numpy
from actlab.nets import reference
from actlab.nets.train import PROBE

COLUMN = {name: place for place, name in enumerate(nets.TRACES)}
PATH = ("update_ratio", "path_efficiency")
ACTIVATIONS = ["relu", "tanh", "sigmoid", "gelu", "leaky_relu", "identity", "hard_sigmoid", FORMULAS[1]]


def definitions(spec, row, X, y):
    """Traces ``(layers, 12)`` of one net from the definitions, in NumPy float64; the path is not the weights' alone."""
    layers = spec.unpack(np.asarray(row, dtype=np.float64))
    seen = reference.forward(spec, layers, X, training=True)
    result = np.zeros((spec.layers, len(nets.TRACES)))
    for k, layer in enumerate(layers):
        signal = measure.layer_signal(seen.z[k], seen.a[k])
        result[k, :4] = signal.mean_abs_z, signal.mean_abs_a, signal.mean_z, signal.var_z
        if k < len(layers) - 1:
            second_moment = spec.activations[k].facts.derivative_second_moment
            shares = measure.unit_shares(measure.classify_units(seen.slope[k], second_moment))
            result[k, 4:7] = shares.dead, shares.saturated, shares.linear
        result[k, COLUMN["weight_norm"]] = np.linalg.norm(layer.weights)
    gradients = reference.gradients(spec, layers, X, y)
    result[:, COLUMN["gradient_norm"]] = measure.gradient_norms([layer.weights for layer in gradients])
    result[:, COLUMN["sign_agreement"]] = [measure.sign_agreement(layer.weights.T) for layer in gradients]
    result[:, [COLUMN[name] for name in PATH]] = np.nan
    return result


def agree(got, want, tolerance):
    """Traces of a net against `definitions`; where these say NaN nothing is compared but the path, see its tests."""
    # A mean of z may cancel: it is good to the size of z, not to its own.
    scale = np.maximum(np.abs(want), 1e-30)
    scale[:, COLUMN["mean_z"]] = want[:, COLUMN["mean_abs_z"]]
    told = [k for name, k in COLUMN.items() if name not in PATH]
    np.testing.assert_array_equal(np.isnan(got[:, told]), np.isnan(want[:, told]))
    error = np.abs(got - want)[:, told] <= tolerance * scale[:, told]
    return bool((error | np.isnan(want[:, told])).all())


def train(spec, training, sets, rates, validation=None, **more):
    total = training.steps(sets.points)
    return nets.train(
        spec,
        training,
        seeds=range(len(rates)),
        learning_rates=rates,
        train_sets=sets,
        validation_sets=validation,
        checkpoints=nets.checkpoint_steps(total, 6),
        keep=range(len(rates)),
        **more,
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
@pytest.mark.parametrize("points", [30, 64, 150])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_traces_and_curves_follow_the_definitions(activation, points, dtype):
    spec, training = spec_of(activation, 3, (7, 5, 6)), training_of(8, 10)
    sets, validation = point_sets(points, 3, dtype=dtype, seed=2), point_sets(37, 3, dtype=dtype, seed=3)
    # A deep linear net diverges at rates that others bear.
    rates = [0.01, 0.03, 0.1] if activation == "identity" else [0.05, 0.3, 1.0]
    result = train(spec, training, sets, rates, validation)
    probe = slice(0, min(PROBE, points))
    tolerance = 1e-5 if dtype is np.float32 else 1e-11
    for net in range(3):
        for c in range(len(result.checkpoints)):
            row = result.snapshots[net, c]
            want = definitions(spec, row, sets.X[0, probe], sets.y[0, probe])
            got = result.traces[net, c]
            assert agree(got, want, tolerance)
            layers = spec.unpack(row.astype(np.float64))
            for column, (X, y) in ((0, (sets.X[0], sets.y[0])), (2, (validation.X[0], validation.y[0]))):
                loss, accuracy = result.curves[net, c, column : column + 2]
                logit = reference.forward(spec, layers, X).z[-1][:, 0]
                assert loss == pytest.approx(reference.loss(spec, layers, X, y), rel=tolerance)
                near = np.abs(logit) < 1e-5  # such an answer may fall on either side
                right = np.mean((logit > 0) == (y > 0.5))
                assert abs(accuracy - right) <= near.mean() + 1e-12


@pytest.mark.parametrize(
    "options",
    [
        {"hidden": (7, 5), "loss": "classes", "outputs": 3},
        {"hidden": (7, 5), "loss": "squares", "outputs": 2},
        {"hidden": (6, 6, 6), "norm": "layer", "residual": 1, "activation": ("tanh", "relu", "gelu")},
        {"hidden": (6, 5, 6), "norm": "batch"},
        {"hidden": (4,) * 5, "norm": ("batch", "layer", "none", "batch", "none"), "residual": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
@pytest.mark.parametrize("points", [30, 150])
def test_traces_and_curves_with_options(options, points, dtype):
    spec, training = spec_of(**{"activation": "gelu", "features": 3} | options), training_of(6, 10)
    sets, validation = sets_for(spec, points, dtype=dtype, seed=2), sets_for(spec, 37, dtype=dtype, seed=3)
    result = train(spec, training, sets, [0.03, 0.1], validation)
    probe = slice(0, min(PROBE, points))
    tolerance = 1e-4 if dtype is np.float32 else 1e-11
    for net in range(2):
        for c in range(len(result.checkpoints)):
            row = result.snapshots[net, c]
            want = definitions(spec, row, sets.X[0, probe], sets.y[0, probe])
            assert agree(result.traces[net, c], want, tolerance)
            layers = spec.unpack(row.astype(np.float64))
            for column, some in ((0, sets), (2, validation)):
                loss, accuracy = result.curves[net, c, column : column + 2]
                assert loss == pytest.approx(reference.loss(spec, layers, some.X[0], some.y[0]), rel=tolerance)
                if spec.loss == "squares":
                    assert np.isnan(accuracy)
                elif spec.loss == "classes":
                    answer = reference.forward(spec, layers, some.X[0]).z[-1].argmax(axis=1)
                    assert abs(accuracy - np.mean(answer == some.y[0])) <= (0.03 if dtype is np.float32 else 1e-12)


def test_without_validation_points_the_columns_are_nan():
    result = train(spec_of(), training_of(), point_sets(20, 2, dtype=np.float32), [0.1])
    assert np.isnan(result.curves[..., 2:]).all()
    assert np.isfinite(result.curves[..., :2]).all()


def at_the_start(spec, sets, row):
    return nets.train(
        spec,
        training_of(0),
        seeds=[0],
        learning_rates=[0.1],
        train_sets=sets,
        initial=row,
        checkpoints=np.array([0]),
    )


def unit_shares(activation, bias, points=64):
    """Dead, saturated and linear share of a hidden unit with z = x + bias, x evenly spaced in [−½, ½]."""
    spec = spec_of(activation, 1, (1,))
    X = np.linspace(-0.5, 0.5, points)[None, :, None]
    sets = nets.PointSets(X, np.zeros((1, points)))
    row = np.array([[1.0, bias, 1.0, 0.0]])
    result = at_the_start(spec, sets, row)
    slope = evaluate_numpy(spec.activations[0].derivative_expression, X[0] + bias)
    states = measure.classify_units(slope, spec.activations[0].facts.derivative_second_moment)
    shares = measure.unit_shares(states)
    return tuple(result.traces[0, 0, 0, 4:7]), (shares.dead, shares.saturated, shares.linear)


def test_thresholds_are_those_of_measure():
    # Where the points lie (z in [3.5, 4.5]) φ′ is a constant, just below or above a threshold times the reference; the
    # reference is that of the whole function and hardly depends on so rare a z.
    seen = set()
    for gain in (0.999e-3, 1.001e-3, 0.0999, 0.1001):
        root = np.sqrt(actlab.get(f"where(x < 3, x, {gain}*x)").facts.derivative_second_moment)
        got, want = unit_shares(f"where(x < 3, x, {float(gain * root)}*x)", 4.0)
        assert got == want
        assert sum(got) == 1
        seen.add((gain, got))
    assert seen == {(0.999e-3, (1, 0, 0)), (1.001e-3, (0, 1, 0)), (0.0999, (0, 1, 0)), (0.1001, (0, 0, 1))}


@pytest.mark.parametrize(("spread", "linear"), [(0.5e-6, 1), (2e-6, 0)])
def test_the_tolerance_of_a_constant_slope_is_that_of_measure(spread, linear):
    got, want = unit_shares(f"x + {spread / 2!r}*x**2", 0.0)  # φ′ = 1 + spread·x
    assert got == want == (0, 0, linear)


@pytest.mark.parametrize("bias", [-30.0, -9.0, -3.0, 0.0, 3.0, 9.0, 30.0])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid", "tanh", "hard_sigmoid", "gelu", "identity"])
def test_units_far_out(activation, bias):
    got, want = unit_shares(activation, bias)
    assert got == want


def test_one_point_cannot_tell_a_constant_slope():
    got, want = unit_shares("identity", 0.0, points=1)
    assert got == want == (0, 0, 0)


def test_shares_are_nan_where_the_unit_gain_does_not_apply():
    got, want = unit_shares("where(x < 0, 0, 1)", 0.0)  # no gradient by definition: neither dead nor alive
    np.testing.assert_equal(got, want)
    assert np.isnan(got).all()


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_a_diverged_net_has_nan_traces(activation):
    result = train(spec_of(activation, 2, (4, 4)), training_of(10), point_sets(64, 2, dtype=np.float32), [np.inf])
    assert np.isnan(result.weights).any()
    assert np.isfinite(result.traces[0, 0, :, : COLUMN["update_ratio"]]).all()
    assert np.isnan(result.traces[0, -1, -1, : COLUMN["dead"]]).all()  # the output layer's signal
    assert np.isnan(result.traces[0, -1, 1, COLUMN["dead"] :]).all()


def test_a_collapsed_layer_has_a_variance_of_exactly_zero():
    spec = spec_of("tanh", 1, (2,))
    row = np.array([[0.0, 0.0, 0.1, 0.1, 1.0, 1.0, 0.3]], dtype=np.float32)
    sets = point_sets(50, 1, dtype=np.float32)
    result = at_the_start(spec, sets, row)
    np.testing.assert_array_equal(result.traces[0, 0, :, COLUMN["var_z"]], 0)
    np.testing.assert_allclose(result.traces[0, 0, 0, COLUMN["mean_z"]], np.float32(0.1), rtol=1e-15)
