"""Programs over arrays: the same bits wherever the numbers lie, however many there are, whoever computes them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import actlab
from actlab import _core
from actlab.functions import names

NAMES = ("relu", "sigmoid", "tanh", "softplus", "gelu", "mish", "elu", "sin", "erf", "arctan", "hard_swish", "softsign")
KINDS = (np.float32, np.float64)
# Cores with a fused multiply-add; v2 rounds twice and has bits of its own.
FUSED = [isa for isa in _core.instruction_sets() if isa != "v2"]


def evaluate(name, x, kind="both", **more):
    program = actlab.get(name).program(kind)
    value, derivative = np.full_like(x, 7), np.full_like(x, 7)
    _core.evaluate(
        program.code,
        program.constants,
        program.n_registers,
        x,
        value if kind != "derivative" else None,
        derivative if kind != "value" else None,
        **more,
    )
    return value, derivative


def points(kind, count=10_007):
    rng = np.random.default_rng(11)
    x = (rng.normal(size=count) * np.exp2(rng.integers(-30, 8, count))).astype(kind)
    info = np.finfo(kind)
    special = [0.0, -0.0, np.nan, np.inf, -np.inf, info.max, info.min, info.tiny, -info.tiny, info.smallest_subnormal]
    x[rng.choice(count, len(special), replace=False)] = np.array(special, kind)
    return x


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(NAMES),
    st.sampled_from(KINDS),
    st.integers(0, 1200),
    st.integers(0, 70),
    st.tuples(st.integers(0, 70), st.integers(0, 70)),
    st.sampled_from(_core.instruction_sets()),
    st.booleans(),
)
def test_bits_do_not_depend_on_length_or_alignment(name, kind, length, start, shifts, isa, single):
    single = single and kind is np.float32
    everything = points(kind, 1300)
    whole = evaluate(name, everything, isa=isa, single=single)
    x = everything[start : start + length]
    program = actlab.get(name).program("both")
    rooms = [np.full(x.size + 140, 5, kind) for _ in range(2)]
    results = [room[shift : shift + x.size] for room, shift in zip(rooms, shifts, strict=True)]
    _core.evaluate(program.code, program.constants, program.n_registers, x, *results, isa=isa, single=single)
    for found, wanted, room, shift in zip(results, whole, rooms, shifts, strict=True):
        assert found.tobytes() == wanted[start : start + length].tobytes()
        assert np.all(room[:shift] == 5)
        assert np.all(room[shift + x.size :] == 5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_bits_do_not_depend_on_threads_or_on_what_else_is_asked(name, kind):
    x = np.tile(points(kind), 12)  # several pieces
    value, derivative = evaluate(name, x, threads=1)
    for threads in (2, 3):
        again = evaluate(name, x, threads=threads)
        assert again[0].tobytes() == value.tobytes()
        assert again[1].tobytes() == derivative.tobytes()
    assert evaluate(name, x, "value")[0].tobytes() == value.tobytes()
    assert evaluate(name, x, "derivative")[1].tobytes() == derivative.tobytes()


@pytest.mark.skipif(len(FUSED) < 2, reason="one instruction set here")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", names())
def test_instruction_sets_with_fused_multiply_adds_agree(name, kind):
    x = points(kind)
    first, *others = (evaluate(name, x, isa=isa) for isa in FUSED)
    for other in others:
        assert other[0].tobytes() == first[0].tobytes()
        assert other[1].tobytes() == first[1].tobytes()


@pytest.mark.parametrize("isa", _core.instruction_sets())
@pytest.mark.parametrize("kind", KINDS)
def test_a_program_of_nothing_gives_x_back(isa, kind):
    """Widening and narrowing are exact, the payload of a NaN and the sign of zero included."""
    x = points(kind, 100_003)
    bits = np.uint32 if kind is np.float32 else np.uint64
    x[:3].view(bits)[:] = np.array([0x7FC01234, 0xFFC00001, 0x7F800001] if kind is np.float32 else [2047 << 52 | 1] * 3)
    value = np.empty_like(x)
    _core.evaluate(np.zeros((0, 6), np.uint16), np.zeros(0), 3, x, value, None, isa=isa)
    assert value.tobytes() == x.tobytes()


@pytest.mark.parametrize("isa", _core.instruction_sets())
def test_float32_is_rounded_once(isa):
    """x·x and x + 0.1 of a float32 are computed in float64: NumPy's float64, rounded."""
    x = points(np.float32)
    x = x[np.isfinite(x)]
    for formula, wanted in (
        ("x*x", np.square),
        ("x + 0.1", lambda z: z + 0.1),
        ("1/(1 + x*x)", lambda z: 1 / (1 + z * z)),
    ):
        found, _ = evaluate(formula, x, "value", isa=isa)
        with np.errstate(over="ignore", under="ignore"):
            np.testing.assert_array_equal(found, wanted(x.astype(np.float64)).astype(np.float32))


def test_large_results_and_views_of_them():
    """Beyond the size from which memory comes in huge pages, at an odd offset."""
    x = np.random.default_rng(2).normal(size=3_000_001).astype(np.float32)
    f = actlab.get("silu")
    whole = f(x)
    assert whole.dtype == np.float32
    np.testing.assert_array_equal(f(x[1:]), whole[1:])
    np.testing.assert_array_equal(f(x[::2]), whole[::2])


def test_memory_that_is_used_again_belongs_to_nobody_else():
    """Large results live while anybody sees them; only then may another lie in their place."""
    f = actlab.get("relu")
    rng = np.random.default_rng(4)
    xs = [rng.normal(size=size).astype(kind) for size in (1_100_000, 1_100_001, 2_500_000) for kind in KINDS] * 2
    wanted = [(f(x, out=np.empty_like(x)), f.derivative(x, out=np.empty_like(x))) for x in xs]
    kept = []
    for turn in range(3):
        for x, (value, derivative) in zip(xs, wanted, strict=True):
            results = f.value_and_derivative(x)
            lost = f(x)  # its place is free at once
            np.testing.assert_array_equal(lost, value)
            del lost
            part = results[0][7:-7].reshape(-1)  # a view keeps the whole
            kept.append((part, results[1], value[7:-7], derivative))
        if turn == 1:
            del kept[::2]
    for part, slope, value, derivative in kept:
        np.testing.assert_array_equal(part, value)
        np.testing.assert_array_equal(slope, derivative)
        assert part.flags.writeable


def test_only_large_results_are_given_room():
    assert _core.room_like(np.zeros(1000)) is None
    x = np.zeros((3, 500_000))
    room = _core.room_like(x)
    if room is not None:  # Linux
        assert room.shape == x.shape
        assert room.dtype == x.dtype
        address = room.ctypes.data
        assert address % 2**21 == 0
        del room
        again = _core.room_like(x)
        assert again.ctypes.data == address
        other = _core.room_like(x)
        assert not np.shares_memory(again, other)
    for wrong in (None, [1.0], np.zeros(10**6, np.int32), np.zeros((10**3, 10**3)).T[::2]):
        with pytest.raises(TypeError):
            _core.room_like(wrong)
