"""Numbers in the intervals that are handed in are computed again, with care; all others as ever."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import actlab
from actlab import _core

KINDS = (np.float32, np.float64)
NONE = np.zeros((0, 2))
ENDS = st.one_of(st.floats(-3, 3), st.sampled_from([0.0, 0.25, 1.0, -1e-30, 1e-46, 1e300, -1e300]))
LISTS = st.lists(st.tuples(ENDS, ENDS).map(sorted), max_size=9).map(lambda found: np.array(found).reshape(-1, 2))


def inside(x, intervals):
    wide = x.astype(np.float64)[:, None]
    return np.any((wide >= intervals[:, 0]) & (wide <= intervals[:, 1]), axis=1)


def both(program, x, *careful, **more):
    value, derivative = np.full_like(x, 7), np.full_like(x, 7)
    whole = program.code, program.constants, program.n_registers
    _core.evaluate(*whole, x, value, derivative, *careful, **more)
    return value, derivative


def wanted(program, x, intervals):
    found = []
    finite = np.isfinite(x)
    slow = _core.careful(program.code, program.constants, program.n_registers, x[finite])
    for fast, careful, doubtful in zip(both(program, x), slow[:2], intervals, strict=True):
        result = fast.copy()
        result[finite] = np.where(inside(x[finite], doubtful), careful, fast[finite])
        found.append(result)
    return found


# Where the fast result is far off: it shows at every number which of the two stands there.
CANCELLING = ("(x + 1e10) - 1e10", "x - sin(x)", "sqrt(1 + x**2) - 1", "gelu(x) + 1e20 - 1e20")


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    st.sampled_from(CANCELLING),
    st.sampled_from(KINDS),
    st.integers(0, 700),
    st.integers(0, 20),
    LISTS,
    LISTS,
    st.sampled_from(_core.instruction_sets()),
)
def test_inside_with_care_outside_as_ever(formula, kind, count, start, for_value, for_derivative, isa):
    program = actlab.get(formula).program("both")
    rng = np.random.default_rng(count)
    x = rng.normal(size=count + start).astype(kind)
    if x.size:
        x[rng.integers(0, x.size, x.size // 5)] = rng.choice(
            [0.25, 1.0, np.nan, np.inf, -np.inf, 0.0, -0.0], x.size // 5
        )
    x = x[start:]
    if isa == "v2":  # bits of its own
        program = actlab.get(CANCELLING[0]).program("both")
    expected = wanted(program, x, (for_value, for_derivative))
    for found, want in zip(both(program, x, for_value, for_derivative, isa=isa), expected, strict=True):
        assert found.tobytes() == want.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_and_on_threads(kind):
    program = actlab.get("(x + 1e10) - 1e10").program("both")
    whole = program.code, program.constants, program.n_registers
    x = np.random.default_rng(1).normal(size=100_003).astype(kind)
    intervals = np.array([[-0.01, 0.02], [1.5, 1.51]]), np.array([[0.0, 0.03]])
    value, derivative = wanted(program, x, intervals)
    assert np.sum(value != both(program, x)[0]) > 500
    for threads in (1, 2, 3):
        found = both(program, x, *intervals, threads=threads)
        assert found[0].tobytes() == value.tobytes()
        assert found[1].tobytes() == derivative.tobytes()
        for place in (0, 1):
            results = [np.empty_like(x), np.empty_like(x)]
            results[place] = x.copy()
            _core.evaluate(*whole, results[place], *results, *intervals, threads=threads)
            assert results[0].tobytes() == value.tobytes()
            assert results[1].tobytes() == derivative.tobytes()
        alone = np.empty_like(x)
        _core.evaluate(*whole, x, alone, None, *intervals, threads=threads)
        assert alone.tobytes() == value.tobytes()
        _core.evaluate(*whole, x, None, alone, *intervals, threads=threads)
        assert alone.tobytes() == derivative.tobytes()


def test_the_ends_belong_to_an_interval_and_are_those_of_the_type():
    program = actlab.get("(x + 1e10) - 1e10").program("value")
    low, high = 1 / 3, 0.7  # no float32 either: the nearest are above the one and below the other
    first, last = np.float32(low), np.float32(high)
    x = np.array([np.nextafter(first, np.float32(0)), first, last, np.nextafter(last, np.float32(1))])
    assert float(first) > low
    assert float(last) < high
    value = np.empty_like(x)
    whole = program.code, program.constants, program.n_registers
    _core.evaluate(*whole, x, value, None)
    fast = value.copy()
    assert (fast != x).all()
    _core.evaluate(*whole, x, value, None, np.array([[low, high]]))
    assert (value == x).tolist() == [False, True, True, False]
    _core.evaluate(*whole, x, value, None, np.array([[low - 1e-12, low - 1e-13]]))  # between two float32
    np.testing.assert_array_equal(value, fast)


def test_bad_intervals_are_refused():
    program = actlab.get("gelu").program("both")
    whole = program.code, program.constants, program.n_registers
    x = np.zeros(3, np.float32)
    value = np.empty_like(x)
    bad = [
        np.zeros((1, 3)), np.zeros(2), np.array([[1.0, 0.0]]), np.array([[np.nan, 1.0]]), np.array([[0.0, np.nan]]),
        np.array([[-np.inf, 0.0]]), np.array([[0.0, np.inf]]), "x", np.zeros((1, 2, 1)),
    ]  # fmt: skip
    for wrong in bad:
        for careful in ((wrong, NONE), (NONE, wrong)):
            with pytest.raises((ValueError, TypeError)):
                _core.evaluate(*whole, x, value, None, *careful)
    with pytest.raises(ValueError, match="training"):
        _core.evaluate(*whole, x, value, None, np.zeros((1, 2)), single=True)
    _core.evaluate(*whole, x, value, None, NONE, NONE, single=True)
