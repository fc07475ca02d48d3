"""The careful path on random formulas: wherever mpmath has an answer, it is this one, rounded once."""

import math

import mpmath as mp
import numpy as np
from formula_strategies import functions, numbers
from hypothesis import given, settings
from hypothesis import strategies as st
from within_reach import real_value

from actlab import _core
from actlab.functions.compile import compile_both
from actlab.functions.derivative import derivative
from actlab.functions.interpret import evaluate_numpy
from actlab.text import UserError


def judged(expression, x):
    """The plain tree at x in 1500 bits; None where that is no real finite number, or too small to be told from 0."""
    try:
        with mp.workprec(1500):
            exact = real_value(expression, mp.mpf(x))
            known = exact is not None and mp.isfinite(exact) and mp.ldexp(1, -1000) < abs(exact) < mp.ldexp(1, 1000)
            return exact if known else None
    except (ZeroDivisionError, OverflowError, ValueError, MemoryError, TypeError):
        return None


@settings(max_examples=500, deadline=None)
@given(functions, st.one_of(st.floats(-3, 3), numbers))
def test_random_formulas(tree, x):
    try:
        program = compile_both(tree)
    except UserError:  # a constant part of the derivative is no number
        return
    value, slope, bits = _core.careful(program.code, program.constants, program.n_registers, np.array([x]))
    for expression, found in ((tree, value[0]), (derivative(tree), slope[0])):
        exact = judged(expression, x)
        if np.isnan(evaluate_numpy(expression, np.array([x]))[0]) and np.isnan(found):
            continue  # a power of a negative number: mpmath goes on with complex ones, and abs() makes them real again
        if exact is not None and bits[0] > 0:
            with mp.workprec(1500):
                assert abs(found - exact) <= (0.5 + 2**-10) * math.ulp(float(exact)), (str(tree), found, exact)
