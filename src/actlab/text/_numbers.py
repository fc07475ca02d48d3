"""Numbers as people read them: the same in both languages, with a true minus sign."""

import math


def _sign(text: str) -> str:
    return text.replace("-", "−")


def number(x: float, digits: int = 3) -> str:
    """`x` with `digits` significant digits: 0.05, 1,234, 3.2e−08; NaN is “–”."""
    if math.isnan(x):
        return "–"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if x != 0 and not 1e-4 <= abs(x) < 1e6:
        return _sign(f"{x:.{digits - 1}e}")
    text = f"{x:,.{digits}g}"
    return _sign(f"{float(text):,.0f}" if "e" in text else text)


def percent(x: float, decimals: int = 1) -> str:
    """A share as per cent: 0.979 is “97.9 %”."""
    return "–" if math.isnan(x) else _sign(f"{100 * x:.{decimals}f} %")


def points(x: float, decimals: int = 1) -> str:
    """A difference of two shares in percentage points, with its sign: +8.1, −0.4."""
    return "–" if math.isnan(x) else _sign(f"{100 * x:+.{decimals}f}")


def integer(n: int) -> str:
    """A whole number with separators: 4,096."""
    return _sign(f"{n:,d}")
