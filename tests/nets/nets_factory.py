"""What the tests of nets share: small data sets, specifications, and the comparison of bits."""

import numpy as np

import actlab
from actlab import _core, nets

FORMULAS = ("x*tanh(softplus(x))", "where(x < 0, 0.3*x, x**2 / (1 + x))", "sin(x) + 0.1*x", "max(x, -0.2*x) - 0.1")
#: Instruction sets with fused multiply-adds: they promise one another's bits.
FUSED = [name for name in _core.instruction_sets() if name != "v2"]


def point_sets(points, features, sets=1, dtype=np.float64, seed=0):
    """Points of two overlapping classes, another draw for every set; the numbers are floats in either precision."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, size=(sets, points))
    X = rng.normal(size=(sets, points, features)) + 0.7 * y[:, :, None]
    return nets.PointSets(X.astype(np.float32).astype(dtype), y.astype(dtype))


def spec_of(activation="tanh", features=2, hidden=(5, 3), init="he", **more):
    """`activation` is a name, or one for each hidden layer."""
    several = isinstance(activation, (tuple, list))
    phi = tuple(map(actlab.get, activation)) if several else actlab.get(activation)
    return nets.NetSpec(features, tuple(hidden), phi, init, **more)


def training_of(epochs=3, batch_size=8, **more):
    return nets.TrainSpec(epochs, batch_size, **more)


def sets_for(spec, points, sets=1, dtype=np.float64, seed=0):
    """As `point_sets`, with the targets that the net's loss asks for."""
    made = point_sets(points, spec.features, sets, dtype, seed)
    rng = np.random.default_rng(seed + 1000)
    if spec.loss == "classes":
        return nets.PointSets(made.X, rng.integers(0, spec.outputs, size=(sets, points)).astype(dtype))
    if spec.loss == "squares":
        mixing = rng.normal(size=(spec.features, spec.outputs))
        y = np.sin(made.X @ mixing) + 0.1 * rng.normal(size=(sets, points, spec.outputs))
        return nets.PointSets(made.X, y.astype(np.float32).astype(dtype))
    return made


def sequences(spec, points, sets=1, dtype=np.float64, seed=0):
    """Random sequences for a recurrent net, with random targets."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(sets, points, spec.steps, spec.features))
    y = {
        "binary": lambda: rng.integers(0, 2, size=(sets, points)),
        "classes": lambda: rng.integers(0, spec.outputs, size=(sets, points)),
        "squares": lambda: rng.normal(size=(sets, points, spec.outputs)),
    }[spec.loss]()
    return nets.PointSets(X.astype(np.float32).astype(dtype), y.astype(np.float32).astype(dtype))


def same_bits(a, b):
    """Whether two arrays hold the same bits; all NaN count as one."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def same_result(a, b):
    """Whether two `Trained` agree in every bit of every array."""
    fields = ("weights", "curves", "traces", "through_time", "snapshots", "steps", "diverged", "completed")
    return all(same_bits(getattr(a, field), getattr(b, field)) for field in fields)


def distance(got, want):
    """‖got − want‖ / ‖want‖, array by array the greatest, NaN where there is one: then no bound holds."""
    sizes = [np.linalg.norm(theirs) for theirs in want]
    errors = [np.linalg.norm(ours - theirs) for ours, theirs in zip(got, want, strict=True)]
    return float(np.max([error / size if size else error for error, size in zip(errors, sizes, strict=True)]))


def flat(layers):
    """A layer's trained parameters as one vector: an output bias is one number, and its gradient may all but cancel."""
    return [
        np.concatenate([np.ravel(part) for part in layer.trained if part is not None]).astype(np.float64)
        for layer in layers
    ]
