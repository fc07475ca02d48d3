"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actlab.text import integer, number, percent, points

NUMBERS = [
    (0, 3, "0"), (0.05, 3, "0.05"), (0.123456, 3, "0.123"), (1.5, 3, "1.5"), (12.3456, 3, "12.3"), (5, 3, "5"),
    (1234, 4, "1,234"), (1234.5, 5, "1,234.5"), (1234, 3, "1,230"), (999999, 3, "1,000,000"), (123456, 6, "123,456"),
    (1e6, 3, "1.00e+06"), (3.2e-8, 2, "3.2e−08"), (-3.2e-8, 2, "−3.2e−08"), (-0.4, 3, "−0.4"),
    (0.0001, 3, "0.0001"), (0.00009, 1, "9e−05"), (math.nan, 3, "–"), (math.inf, 3, "∞"), (-math.inf, 3, "−∞"),
]  # fmt: skip


@pytest.mark.parametrize(("x", "digits", "text"), NUMBERS)
def test_number(x, digits, text):
    assert number(x, digits) == text


def test_percent_and_points():
    assert [percent(x) for x in (0.979, 1, 0, 0.0004, -0.051, math.nan)] == [
        "97.9 %", "100.0 %", "0.0 %", "0.0 %", "−5.1 %", "–",
    ]  # fmt: skip
    assert percent(0.97949, 0) == "98 %"
    assert [points(x) for x in (0.081, -0.004, 0, math.nan)] == ["+8.1", "−0.4", "+0.0", "–"]
    assert points(0.12345, 2) == "+12.35" or points(0.12345, 2) == "+12.34"  # a binary half


def test_integer():
    assert [integer(n) for n in (0, 999, 4096, 10**9, -1234)] == ["0", "999", "4,096", "1,000,000,000", "−1,234"]


def back(text):
    return float(text.replace("−", "-").replace(",", "").replace("∞", "inf"))


@given(st.floats(allow_nan=False), st.integers(1, 8))
def test_a_number_can_be_read_back(x, digits):
    """To half a unit of its last significant digit, and never with a hyphen for a minus."""
    text = number(x, digits)
    assert "-" not in text
    if math.isinf(x) or x == 0:
        assert back(text) == x
    else:
        # Near the largest float the rounded number may be beyond it.
        assert back(text) == pytest.approx(x, rel=0.5000001 * 10 ** (1 - digits)) or abs(x) > 1e308
