"""Chunks without infinite or NaN inputs run another form of the program: it must give the bits of the program itself.

One NaN among the numbers of a chunk makes the core run the program as it stands.
"""

import numpy as np
import pytest

import actlab
from actlab import _core
from actlab.functions import names

OPS = {name: code for code, (name, _, _) in enumerate(_core.operations())}
CONSTANTS = np.array([-np.inf, np.inf, 0.0, 1.0, -0.5, 0.75, 3.0])
FIRST = 256


def evaluate(code, constants, registers, x):
    value, slope = np.zeros_like(x), np.zeros_like(x)
    _core.evaluate(np.array(code, np.uint16), constants, registers, x, value, slope)
    return value, slope


def assert_same(code, constants, registers, x):
    """With and without a NaN in every chunk (256 numbers are one, or two, or four), elsewhere bit for bit."""
    spoiled = x.copy()
    spoiled[::64] = np.nan
    plain, soon = (evaluate(code, constants, registers, v) for v in (spoiled, x))
    rest = np.arange(x.size) % 64 != 0
    for a, b in zip(plain, soon, strict=True):
        assert a[rest].tobytes() == b[rest].tobytes()
        assert np.isnan(a[~rest]).all()


def random_program(rng):
    """Instructions over few registers, so that they get in each other's way; with polynomials and asks for infinity."""
    written = [0, 2]

    def any_of(constants=True):
        return int(rng.choice(written)) if not constants or rng.random() < 0.7 else FIRST + int(rng.integers(2, 7))

    def target():
        register = int(rng.choice([1, 2, 3, 4, 5]))
        if register not in written:
            written.append(register)
        return register

    code = [[OPS["copy"], 2, 0, 0, 0, 0]]
    for _ in range(rng.integers(1, 9)):
        kind = rng.integers(0, 5)
        if kind == 0:  # a polynomial, or nearly
            u, acc = any_of(False), any_of()
            for _ in range(rng.integers(1, 6)):
                pair = [u, acc] if rng.random() < 0.5 else [acc, u]
                product = target()
                code.append([OPS["mul"], product, 0, *pair, 0])
                sum_of = [product, FIRST + int(rng.integers(2, 7)) if rng.random() < 0.9 else any_of()]
                acc = target() if rng.random() < 0.2 else product
                code.append([OPS["add"], acc, 0, *(sum_of if rng.random() < 0.5 else sum_of[::-1]), 0])
                if rng.random() < 0.1:
                    u = any_of(False)
        elif kind == 1:
            ask = [0, FIRST] if rng.random() < 0.5 else [FIRST + 1, 0]
            c, e = any_of(), any_of()
            code.append([OPS["select_le"], target(), e, *ask, c])
        elif kind == 2:
            a = any_of(False)
            code.append([OPS["tanh_sech2"], *(int(r) for r in rng.permutation([target(), target()])), a, 0, 0])
        else:
            a, b = any_of(False), any_of()
            code.append([OPS[str(rng.choice(["add", "sub", "mul", "max", "lt"]))], target(), 0, a, b, 0])
    return code


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_random_programs(kind):
    rng = np.random.default_rng(41)
    x = (rng.normal(size=700) * np.exp2(rng.integers(-20, 20, 700))).astype(kind)
    x[5::50] = np.finfo(kind).max
    for _ in range(1500):
        assert_same(random_program(rng), CONSTANTS, 6, x)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_programs_of_functions(kind):
    rng = np.random.default_rng(42)
    x = np.concatenate([rng.normal(size=500) * 3, rng.normal(size=500) * np.exp2(rng.integers(-120, 120, 500))])
    for formula in (*names(), "1+x*(2+x*(3+x*(4-x)))", "x/(1+x^2*(0.5+x^2))", "where(x<1, x^3+x, exp(-x))"):
        program = actlab.get(formula).program("both")
        assert_same(program.code.tolist(), program.constants, program.n_registers, x.astype(kind))
