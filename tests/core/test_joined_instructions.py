"""The instructions that join others, on every machine that runs programs: each is what its parts are together."""

import mpmath as mp
import numpy as np
import pytest
from careful_programs import HALF, instructions, units_off

from actlab import _core
from actlab.functions.program import FIRST_CONSTANT

A, B, C = -0.75, 0.3, 1.7  # operands that are numbers
JOINED = {
    "gate": (lambda x: (x * mp.mpf(A), x * mp.mpf(B) + mp.mpf(A)), 2),
    "fma_mul": (lambda x: ((x * mp.mpf(A) + mp.mpf(B)) * mp.mpf(C),), 3),
    "square_fma_mul": (lambda x: ((x * mp.mpf(A) ** 2 + mp.mpf(B)) * mp.mpf(C),), 3),
    "sigmoid_slope": (lambda x: (1 / (1 + mp.exp(-x)), mp.exp(-x) / (1 + mp.exp(-x)) ** 2), 0),
    "tanh_slope": (lambda x: (mp.tanh(x), mp.sech(x) ** 2), 0),
}
EVERY = pytest.mark.parametrize("name", JOINED)


def program(name):
    operands = (0, *(FIRST_CONSTANT + k for k in range(JOINED[name][1])))
    targets = (1,) if name.endswith("fma_mul") else (1, 2)
    return instructions([(name, targets, operands)], (A, B, C), registers=4)


def points():
    rng = np.random.default_rng(11)
    return np.concatenate([rng.normal(0, 3, 120), [0.0, 1e-9, -1e-9, 8.0, -8.0, 17.5, -17.5]])


def expected(name, at):
    return JOINED[name][0](mp.mpf(float(at)))


@EVERY
def test_with_care_they_are_rounded_once(name):
    x = points()
    first, second, _ = _core.careful(*program(name), x)
    for k, at in enumerate(x):
        with mp.workprec(300):
            for found, want in zip((first, second), expected(name, at), strict=False):
                assert units_off(found[k], want) <= HALF, at


@EVERY
@pytest.mark.parametrize("isa", _core.instruction_sets())
def test_in_two_doubles_they_keep_their_bounds(name, isa):
    x = points()
    for at, numbers in zip(x, _core.twofold(*program(name), x, isa), strict=True):
        with mp.workprec(300):
            for (high, low, bound), want in zip(numbers, expected(name, at), strict=False):
                found = mp.mpf(float(high)) + mp.mpf(float(low))
                assert abs(found - want) <= mp.mpf(float(bound)) <= 2.0**-80 * (1 + abs(want)), at


@EVERY
@pytest.mark.parametrize("isa", _core.instruction_sets())
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_in_training_they_are_close(name, isa, kind):
    """A slope that is made from the value has its absolute accuracy."""
    x = points().astype(kind)
    value, slope = np.empty_like(x), np.zeros_like(x)
    _core.evaluate(*program(name), x, value, slope, single=kind == np.float32, isa=isa)
    with mp.workprec(100):
        wanted = np.array([[float(w) for w in expected(name, at)] for at in x]).T
    for found, want in zip((value, slope), wanted, strict=False):
        np.testing.assert_allclose(found, want, rtol=4 * np.finfo(kind).eps, atol=4 * np.finfo(kind).eps)
