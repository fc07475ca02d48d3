"""The binding refuses what the core could not survive: by exception, never by a crash."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import actlab
from actlab import _core
from actlab.functions.program import FIRST_CONSTANT, OPERATIONS

REFUSED = (ValueError, TypeError)


def program(kind):
    compiled = actlab.get("gelu").program(kind, fused=True)
    return compiled.code, compiled.constants, compiled.n_registers


LAYERS = [(3, 0, "none", 0), (1, -1, "none", 0)]  # units, activation, norm, skip
PARAMETERS = 2 * 3 + 3 + 3 + 1
SGD = ("sgd", 0.0, 0.0, 0.0, 0.0, 0.0, "constant", 0)


def train_arguments(**changes):
    """A call of `_core.train` that is right, but for `changes`."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2, 10, 2)).astype(np.float32)
    arguments = {
        "features": 2,
        "steps": 0,
        "layers": LAYERS,
        "activations": [(program("value"), program("both"), 1.0, [])],
        "loss": "binary",
        "optimiser": SGD,
        "weights": rng.normal(size=(5, PARAMETERS)).astype(np.float32),
        "learning_rates": np.full(5, 0.1, np.float32),
        "seeds": np.arange(5, dtype=np.uint64),
        "set_of_net": np.array([0, 1, 0, 1, 0]),
        "X": X,
        "y": (X[..., :1] > 0).astype(np.float32),
        "X_validation": X[:, :4].copy(),
        "y_validation": np.zeros((2, 4, 1), np.float32),
        "batch_size": 4,
        "epochs": 2,
        "probe": 10,
        "target": np.nan,
        "checkpoints": np.array([0, 3, 6]),
        "snapshot_rows": np.array([-1, 0, -1, 1, -1], np.int32),
    }
    return arguments | changes


def score_arguments(**changes):
    wanted = ("features", "steps", "layers", "activations", "loss", "weights", "set_of_net", "X", "y")
    return {name: value for name, value in train_arguments().items() if name in wanted} | changes


def test_the_arguments_are_right_without_a_change():
    result = _core.train(**train_arguments())
    assert result["completed"].all()
    assert result["snapshots"].shape == (2, 3, PARAMETERS)
    assert _core.score(**score_arguments()).shape == (5, 5)


def test_operations_are_those_of_the_compiler():
    assert tuple(_core.operations()) == OPERATIONS


def test_instruction_sets():
    names = _core.instruction_sets()
    assert names
    assert len(set(names)) == len(names)
    with pytest.raises(ValueError, match="no such instruction set here: v9"):
        _core.train(**train_arguments(isa="v9"))


F32, F64, I64 = np.float32, np.float64, np.int64
WRONG = {  # name of the argument: values that do not fit the others
    "features": [0, -1, 3, 2**31, 2.5, None],
    "steps": [-1, 1, 2, 2**31 - 1, 2**31, 2.5, None],  # 1: a recurrent net has more weights
    "layers": [
        [],
        LAYERS[:1],
        LAYERS[1:],
        [LAYERS[0], (2, -1, "none", 0)],
        [(0, 0, "none", 0), LAYERS[1]],
        [(-3, 0, "none", 0), LAYERS[1]],
        [(4, 0, "none", 0), LAYERS[1]],
        [(2**31 - 1, 0, "none", 0), LAYERS[1]],
        [(2**31, 0, "none", 0), LAYERS[1]],
        [LAYERS[0], LAYERS[0], LAYERS[1]],
        [(3, 1, "none", 0), LAYERS[1]],
        [(3, -1, "none", 0), LAYERS[1]],
        [(3, -2, "none", 0), LAYERS[1]],
        [LAYERS[0], (1, 0, "none", 0)],
        [(3, 0, "layer", 0), LAYERS[1]],
        [(3, 0, "batch", 0), LAYERS[1]],
        [(3, 0, "group", 0), LAYERS[1]],
        [LAYERS[0], (1, -1, "layer", 0)],
        [(3, 0, "none", 1), LAYERS[1]],
        [(3, 0, "none", -1), LAYERS[1]],
        [LAYERS[0], (1, -1, "none", 1)],
        [(3.5, 0, "none", 0), LAYERS[1]],
        None,
    ],
    "loss": ["classes", "hinge", "", None],
    "optimiser": [
        ("lion", *SGD[1:]),
        ("adam", 1.0, 0.9, 1e-8, 0.0, 0.0, "constant", 0),
        ("adam", 0.9, np.nan, 1e-8, 0.0, 0.0, "constant", 0),
        ("adam", 0.9, 0.9, -1e-8, 0.0, 0.0, "constant", 0),
        ("adam", 0.9, 0.9, np.inf, 0.0, 0.0, "constant", 0),
        (*SGD[:4], -1.0, *SGD[5:]),
        (*SGD[:5], np.nan, *SGD[6:]),
        (*SGD[:6], "linear", 0),
        (*SGD[:7], -1),
        SGD[:-1],
        None,
    ],
    "weights": [
        np.zeros((5, PARAMETERS - 1), F32),
        np.zeros((5, PARAMETERS + 1), F32),
        np.zeros((4, PARAMETERS), F32),
        np.zeros((0, PARAMETERS), F32),
        np.zeros(PARAMETERS, F32),
        np.zeros((5, PARAMETERS), F64),
        np.zeros((PARAMETERS, 5), F32).T,
        None,
    ],
    "learning_rates": [np.zeros(4, F32), np.zeros((5, 1), F32), np.zeros(5, F64), None],
    "seeds": [np.zeros(6, np.uint64), np.zeros((5, 1), np.uint64), None],
    "set_of_net": [np.array([0, 1, 2, 0, 0]), np.array([0, -1, 0, 0, 0]), np.full(5, 2**62), np.zeros(4, I64), None],
    "X": [
        np.zeros((2, 10, 3), F32),
        np.zeros((2, 9, 2), F32),
        np.zeros((1, 10, 2), F32),
        np.zeros((2, 10), F32),
        np.zeros((2, 10, 2), F64),
        np.zeros((2, 2, 10), F32).transpose(0, 2, 1),
        None,
    ],
    "y": [
        np.zeros((2, 9, 1), F32),
        np.zeros((3, 10, 1), F32),
        np.zeros((2, 10, 2), F32),
        np.zeros((2, 10), F32),
        np.zeros((2, 10, 1), F64),
        np.zeros((2, 10, 1), I64),
    ],
    "X_validation": [
        np.zeros((2, 4, 3), F32),
        np.zeros((2, 5, 2), F32),
        np.zeros((1, 4, 2), F32),
        np.zeros((2, 4, 2), F64),
    ],
    "y_validation": [np.zeros((2, 5, 1), F32), np.zeros((1, 4, 1), F32), np.zeros((2, 4), F32)],
    "batch_size": [0, -1, 2**31, 1.5, None],
    "epochs": [-1, 2**31, "2"],
    "probe": [0, -1, 11],
    "target": ["0.1", None],
    "checkpoints": [np.array([0, 0]), np.array([3, 1]), np.array([-1, 2]), np.zeros((1, 1), I64), None],
    "snapshot_rows": [
        np.array([-1, 0, -1, 5, -1], np.int32),
        np.array([-1, 0, -1, 2**31 - 1, -1], np.int32),
        np.zeros(4, np.int32),
        None,
    ],
    "activations": [
        [],
        None,
        [(program("value"), program("both"))],
        [(program("value")[:2], program("both"), 1.0, [])],
        [((), program("both"), 1.0, [])],
        [(program("value"), None, 1.0, [])],
    ],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_train_refuses(name, value):
    with pytest.raises(REFUSED):
        _core.train(**train_arguments(**{name: value}))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in score_arguments() for value in WRONG[name]])
def test_score_refuses(name, value):
    with pytest.raises(REFUSED):
        _core.score(**score_arguments(**{name: value}))


def test_skips_must_not_overlap():
    hidden = [(3, 0, "none", 0)] * 3
    weights = np.zeros((5, 9 + 3 * 12 + 4), F32)

    def train(*skips):
        layers = [LAYERS[0], *[(3, 0, "none", skip) for skip in skips], LAYERS[1]]
        return _core.train(**train_arguments(layers=layers, weights=weights))

    assert len(hidden) == 3
    for good in ((0, 0, 0), (1, 1, 1), (0, 2, 1), (1, 0, 2), (0, 0, 3)):
        assert train(*good)["completed"].all()
    for bad in ((2, 0, 0), (1, 2, 0), (0, 0, 4), (0, 2, 2), (1, 1, 3)):
        with pytest.raises(ValueError, match="skip"):
            train(*bad)


def test_score_refuses_sets_without_points():
    with pytest.raises(ValueError, match="no points to score"):
        _core.score(**score_arguments(X=np.zeros((2, 0, 2), np.float32), y=np.zeros((2, 0, 1), np.float32)))
    with pytest.raises(ValueError, match="training sets"):
        _core.train(**train_arguments(X=np.zeros((2, 0, 2), np.float32), y=np.zeros((2, 0, 1), np.float32), probe=1))


def test_no_nets_is_no_mistake():
    empty = train_arguments(
        weights=np.zeros((0, PARAMETERS), np.float32),
        learning_rates=np.zeros(0, np.float32),
        seeds=np.zeros(0, np.uint64),
        set_of_net=np.zeros(0, np.int64),
        snapshot_rows=np.zeros(0, np.int32),
    )
    result = _core.train(**empty)
    assert result["weights"].shape == (0, PARAMETERS)
    assert not result["interrupted"]


def test_other_entrances_refuse():
    code, constants, registers = program("value")
    x = np.zeros(3)
    frozen = np.zeros(3)
    frozen.setflags(write=False)
    _core.evaluate(code, constants, registers, frozen, x, None)
    for wrong in (np.zeros(4), np.zeros(3, np.int64), np.zeros(6)[::2], None, [0.0], np.zeros(3, np.float32)):
        with pytest.raises(REFUSED):
            _core.evaluate(code, constants, registers, wrong, x, None)
    for wrong in (
        np.zeros(2),
        np.zeros(4),
        np.zeros(3, np.int64),
        np.zeros(6)[::2],
        [0.0],
        np.zeros(3, np.float32),
        frozen,
    ):
        for results in ((wrong, None), (None, wrong)):
            with pytest.raises(REFUSED):
                _core.evaluate(code, constants, registers, x, *results)
    for count in (0, 1, 2, 257, -1, 2**31):
        with pytest.raises(REFUSED):
            _core.evaluate(code, constants, count, x, x, None)
    with pytest.raises(REFUSED):
        _core.evaluate(code[:, :5].copy(), constants, registers, x, x, None)
    for seed, points, epochs in (
        (0, 0, 1),
        (0, -1, 1),
        (0, 5, -1),
        (-1, 5, 1),
        (2**64, 5, 1),
        (0, 2**28, 0),
        (0, 2**31, 1),
    ):
        with pytest.raises(REFUSED):
            _core.shuffle_order(seed, points, epochs)
    for seed, layer, count in ((-1, 0, 1), (2**64, 0, 1), (0, -1, 1), (0, 2**32, 1), (0, 0, -1)):
        with pytest.raises(REFUSED):
            _core.standard_normal(seed, layer, count)
    with pytest.raises(REFUSED):
        _core.philox((0, 0, 0, 2**32), 0)


# What a malformed program is made of: numbers near every border.
WORD = st.one_of(
    st.integers(0, 70),
    st.sampled_from([FIRST_CONSTANT - 1, FIRST_CONSTANT, FIRST_CONSTANT + 1, FIRST_CONSTANT + 4, 65535]),
    st.integers(0, 65535),
)
GOOD_WORD = st.sampled_from([0, 1, 2, 3, 4, FIRST_CONSTANT, FIRST_CONSTANT + 1])


def may_run(code, constants, registers):
    """Whether program.h allows it; written from its text, not from the binding."""

    def readable(index):
        return index < registers if index < FIRST_CONSTANT else index - FIRST_CONSTANT < constants

    for op, d, e, a, b, c in code:
        if op >= len(OPERATIONS):
            return False
        _, operands, destinations = OPERATIONS[op]
        if not all(0 < index < registers for index in (d, e)[:destinations]):
            return False
        if not all(readable(index) for index in (a, b, c, e)[:operands]):
            return False
    return 3 <= registers <= FIRST_CONSTANT


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.lists(st.tuples(WORD, WORD, WORD, WORD, WORD, WORD), max_size=4),
        st.lists(st.tuples(st.integers(0, len(OPERATIONS)), *[GOOD_WORD] * 5), max_size=8),
    ),
    st.integers(0, 3),
    st.one_of(st.integers(2, 8), st.sampled_from([-1, 0, 255, 256, 257, 65536])),
    st.integers(0, 70),
    st.sampled_from([np.float32, np.float64]),
)
def test_any_program_runs_or_is_refused(code, constants, registers, points, kind):
    array = np.array(code, dtype=np.uint16).reshape(-1, 6)
    numbers, x = np.linspace(-2.0, 3.0, constants), np.linspace(-50, 50, points).astype(kind)
    whole = (array, numbers, registers)
    if may_run(code, constants, registers):
        for isa in _core.instruction_sets():
            value, derivative = np.empty_like(x), np.empty_like(x)
            _core.evaluate(*whole, x, value, derivative, isa=isa)
        assert _core.train(**train_arguments(activations=[(whole, whole, 1.0, [])]))["completed"].all()
        _core.score(**score_arguments(activations=[(whole, whole, 1.0, [])]))
    else:
        with pytest.raises(REFUSED):
            _core.evaluate(*whole, x, np.empty_like(x), np.empty_like(x))
        for pair in ((whole, program("both")), (program("value"), whole)):
            with pytest.raises(REFUSED):
                _core.train(**train_arguments(activations=[(*pair, 1.0, [])]))
            with pytest.raises(REFUSED):
                _core.score(**score_arguments(activations=[(*pair, 1.0, [])]))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_any_wrong_arrays_run_or_are_refused(data):
    names = [name for name, value in train_arguments().items() if isinstance(value, np.ndarray)]
    name = data.draw(st.sampled_from(names))
    shape = tuple(data.draw(st.lists(st.integers(0, 11), min_size=0, max_size=4)))
    kind = data.draw(st.sampled_from([np.float32, np.float64, np.int64, np.int32, np.uint64, np.bool_]))
    value = np.full(shape, data.draw(st.integers(0, 3)), dtype=kind)
    try:
        result = _core.train(**train_arguments(**{name: value}))
    except REFUSED:
        return
    assert value.ndim == train_arguments()[name].ndim  # what was taken had at least the right axes
    assert result["completed"].all()


def long_arguments(**changes):
    """A training of minutes, if nobody stops it."""
    nets = 64
    return train_arguments(
        weights=np.zeros((nets, PARAMETERS), np.float32),
        learning_rates=np.full(nets, 0.1, np.float32),
        seeds=np.arange(nets, dtype=np.uint64),
        set_of_net=np.zeros(nets, np.int64),
        snapshot_rows=np.full(nets, -1, np.int32),
        epochs=50_000_000,
        **changes,
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_the_progress_callback_stops_the_work_and_comes_through(threads):
    class OwnError(Exception):
        pass

    def fail(share):
        assert 0 <= share <= 1
        raise OwnError

    with pytest.raises(OwnError):
        _core.train(**long_arguments(progress=fail, threads=threads))

    assert _core.train(**train_arguments())["completed"].all()


def test_more_threads_than_work():
    few = _core.train(**train_arguments(threads=1))
    many = _core.train(**train_arguments(threads=2**31 - 1))
    np.testing.assert_array_equal(few["weights"], many["weights"])
