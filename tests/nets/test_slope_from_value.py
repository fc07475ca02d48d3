"""Where the trainer takes φ′ from a = φ(z) instead of storing it, it is bit by bit the φ′ of the program."""

from itertools import product

import numpy as np
import pytest
from one_by_one import fused

import actlab
from actlab import _core

F = np.float32
X = np.concatenate(
    [
        np.linspace(-12, 12, 2001),
        np.array([0.0, -0.0, 1e-30, -1e-30, 1e-4, -1e-4, 30, -30, 88, -88, 1e4, -1e4]),
    ]
).astype(F)
#: What is recognised of the built-ins; all others keep an array of slopes.
RECOGNISED = {"identity": "one", "relu": "step", "tanh": "one minus square", "sigmoid": "logistic"}
SLOPES = {
    "one": np.ones_like,
    "step": lambda a: (a > 0).astype(F),
    "one minus square": lambda a: fused(-a, a, F(1)),
    "logistic": lambda a: fused(-a, a, a),
}


def words(program):
    return program.code, program.constants, program.n_registers


def programs_of(phi):
    return words(phi.program("value", fused=True)), words(phi.program("both", fused=True))


def follows(value, both, by_learned=()):
    return _core.slope_from_value((value, both, 1.0, list(by_learned)))


def in_training(program, x=X):
    """Value and derivative in the arithmetic of training."""
    value, derivative = np.empty_like(x), np.zeros_like(x)
    _core.evaluate(*program, x, value, derivative, single=True)
    return value, derivative


@pytest.mark.parametrize("name", actlab.names())
def test_built_ins(name):
    phi = actlab.get(name)
    value, both = programs_of(phi)
    found = follows(value, both, map(words, phi.programs_by_learned()))
    assert found == RECOGNISED.get(name, "")
    if not found:
        return
    a, slope = in_training(both)
    np.testing.assert_array_equal(a, in_training(value)[0])
    np.testing.assert_array_equal(SLOPES[found](a), slope)
    np.testing.assert_allclose(slope, phi.derivative(X.astype(np.float64)), rtol=0, atol=5e-7)  # and it is φ′


@pytest.mark.parametrize(
    "formula",
    [
        "2*tanh(x)", "tanh(2*x)", "tanh(x)**2", "-tanh(x)", "tanh(learned(1.0)*x)",
        "2*sigmoid(x)", "sigmoid(2*x)", "sigmoid(-x)", "sigmoid(x) - 0.5", "x*sigmoid(x)",
        "max(0.1, x)", "max(0, -x)", "min(0, x)", "max(0, x)**2", "max(0, 2*x)", "max(0, x) - 1", "where(x < 0, x, 0)",
        "2*x", "-x", "x + 1", "1.0000001*x", "learned(1.0)*x", "abs(x)", "1 - x**2", "x - x**2",
    ],
)  # fmt: skip
def test_what_only_resembles_is_not_recognised(formula):
    phi = actlab.get(formula)
    assert not follows(*programs_of(phi), map(words, phi.programs_by_learned()))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("1*x", "one"), ("x + 0", "one"), ("max(x, 0)", "step"), ("tanh(1*x)", "one minus square"),
        ("tanh(x + 1)", "one minus square"), ("sigmoid(x - 2)", "logistic"), ("1/(1 + exp(-x))", "logistic"),
    ],
)  # fmt: skip
def test_formulas_that_are_recognised(formula, expected):
    value, both = programs_of(actlab.get(formula))
    assert follows(value, both) == expected
    a, slope = in_training(both)
    np.testing.assert_array_equal(SLOPES[expected](a), slope)


def changed(program):
    """The program with one word, or one constant, another."""
    code, constants, registers = program
    for at in np.ndindex(code.shape):
        options = range(len(_core.operations())) if at[1] == 0 else (0, 1, 2, 3, 256, 257)
        for word in options:
            if word != code[at]:
                other = code.copy()
                other[at] = word
                yield other, constants, registers + 1
    for k, number in product(range(len(constants)), (0.0, 1.0, -1.0, 1 + 2**-20)):
        if number != constants[k]:
            other = constants.copy()
            other[k] = number
            yield code, other, registers


@pytest.mark.parametrize("name", RECOGNISED)
def test_programs_that_differ_in_one_word(name):
    """The recognition never believes a pair of programs of which it is not true."""
    value, both = programs_of(actlab.get(name))
    pairs = [(value, other) for other in changed(both)] + [(other, both) for other in changed(value)]
    refused = 0
    for pair in pairs:
        try:
            found = follows(*pair)
        except ValueError:  # no program at all
            continue
        refused += not found
        if found:
            a, slope = in_training(pair[1])
            np.testing.assert_array_equal(a, in_training(pair[0])[0])
            np.testing.assert_array_equal(SLOPES[found](a), slope)
    assert refused > 20
