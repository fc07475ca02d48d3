"""Every built-in, value and derivative: within 1 ULP in float32, within 4 in float64; special values right.

More than a million float32 inputs each: every exponent, and the neighbourhoods of all kinks, zeros and thresholds.
`make exhaustive` judges all 2^32, and 50,000 float64 inputs. docs/en/accuracy.md has its table.
"""

import numpy as np
import pytest
from conventions import ENDS, KINKS, ODD
from judge import COMPILER, Judge
from points import sample

from actlab.functions.activation import get
from actlab.functions.catalogue import names

pytestmark = pytest.mark.skipif(COMPILER is None, reason="the judge is built with g++")
BAR = {np.float32: 1.0, np.float64: 4.0}
EACH = {np.float32: (1600, 800), np.float64: (3, 6)}


@pytest.mark.parametrize("kind", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", names())
def test_accuracy(name, kind):
    f = get(name)
    x = sample(f, kind, *EACH[kind])
    assert kind == np.float64 or x.size >= 1_000_000
    value, slope = f.value_and_derivative(x)
    for what, found in zip(("f", "f′"), Judge(f.expression, f.derivative_expression)(x, value, slope), strict=True):
        assert sum(found.decided) == x.size
        assert found.worst <= BAR[kind], f"{what}: {found.worst:.4g} ULP at {found.worst_x!r}"
        assert what == "f′" or found.wrong_sign == 0, f"a zero of the wrong sign at {found.wrong_sign_x!r}"
    np.testing.assert_array_equal(f(x), value)  # however it is asked for
    np.testing.assert_array_equal(f.derivative(x), slope)


def at(f, x, kind):
    return tuple(float(v[0]) for v in f.value_and_derivative(np.array([x], kind)))


@pytest.mark.parametrize("kind", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", names())
def test_special_values(name, kind):
    f = get(name)
    assert np.isnan(at(f, np.nan, kind)[1])
    assert np.isnan(at(f, np.nan, kind)[0])
    low, high, slope_low, slope_high = (float(kind(v)) for v in ENDS[name])
    for x, value, slope in ((-np.inf, low, slope_low), (np.inf, high, slope_high)):
        found, found_slope = at(f, x, kind)
        np.testing.assert_allclose(found, value, rtol=np.finfo(kind).eps)
        np.testing.assert_allclose(found_slope, slope, rtol=np.finfo(kind).eps)
        assert value != 0 or np.signbit(found) == np.signbit(value)
    for x, value, slope in KINKS.get(name, ()):
        np.testing.assert_allclose(at(f, x, kind), (value, slope), rtol=np.finfo(kind).eps)
    if name in ODD:
        assert np.signbit(at(f, -0.0, kind)[0])
        assert not np.signbit(at(f, 0.0, kind)[0])
