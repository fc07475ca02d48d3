"""Poles, and where a formula has no value: each against a dense scan and mpmath beside the place."""

import json
import math

import mpmath as mp
import numpy as np
import pytest

from actlab import cli
from actlab.functions.activation import get
from actlab.functions.facts import Facts, facts
from actlab.functions.interpret import evaluate_mpmath, evaluate_numpy
from actlab.functions.parser import parse

INF = math.inf
# formula: range, poles in [−7, 7], intervals without a value, largest |φ′|, monotone
EXPECTED = {
    "1/x": ((-INF, INF), (0.0,), (), INF, None),
    "-1/x": ((-INF, INF), (0.0,), (), INF, None),
    "1/(x - 1)**2": ((0.0, INF), (1.0,), (), INF, None),
    "1/(x**2 - 2)": ((-INF, INF), (-math.sqrt(2), math.sqrt(2)), (), INF, None),
    "1/(x*(x - 2)**3)": ((-INF, INF), (0.0, 2.0), (), INF, None),
    "1/(x - 1/3)": ((-INF, INF), (1 / 3,), (), INF, None),
    "sin(x)/cos(x)": ((-INF, INF), tuple(k * math.pi / 2 for k in (-3, -1, 1, 3)), (), INF, None),
    "1/(1 + cos(x))": ((0.5, INF), (-math.pi, math.pi), (), INF, None),
    "log(x)": ((-INF, INF), (0.0,), ((-INF, 0.0),), INF, "increasing"),
    "log(x + 100)": ((-INF, INF), (), ((-INF, -100.0),), INF, "increasing"),
    "log1p(-x)": ((-INF, INF), (1.0,), ((1.0, INF),), INF, "decreasing"),
    "log(abs(x))": ((-INF, INF), (0.0,), (), INF, None),
    "log(log(x))": ((-INF, INF), (1.0,), ((-INF, 1.0),), INF, "increasing"),
    "1/log(x)": ((-INF, INF), (1.0,), ((-INF, 0.0),), INF, None),
    "sqrt(x)": ((0.0, INF), (), ((-INF, 0.0),), INF, "increasing"),
    "x**0.5": ((0.0, INF), (), ((-INF, 0.0),), INF, "increasing"),
    "x**1.5": ((0.0, INF), (), ((-INF, 0.0),), INF, "increasing"),
    "sqrt(1 - x**2)": ((0.0, 1.0), (), ((-INF, -1.0), (1.0, INF)), INF, None),
    "abs(x)**0.5": ((0.0, INF), (), (), INF, None),
    "abs(x)**-0.5": ((0.0, INF), (0.0,), (), INF, None),
    "x**-3": ((-INF, INF), (0.0,), (), INF, None),
    "max(x, 0)**-1": ((0.0, INF), (0.0,), ((-INF, 0.0),), INF, "decreasing"),
    "where(x > 0, 1/x, 0)": ((0.0, INF), (0.0,), (), INF, None),
    "where(x > 0, log(x), x)": ((-INF, INF), (0.0,), (), INF, None),
    "exp(1/x)": ((0.0, INF), (0.0,), (), INF, None),
    "1/(exp(x) - 1)": ((-INF, INF), (0.0,), (), INF, None),
    "1e-300/x": ((-INF, INF), (0.0,), (), INF, None),
    "1/(x + 1) - 1/(x - 1)": ((-INF, INF), (-1.0, 1.0), (), INF, None),
    # no pole, though a divisor is 0 or a logarithm has no end
    "sin(x)/x": ((-0.217233628211222, 1.0), (), (), 0.436181817271459, None),
    "x/(exp(x) - 1)": ((0.0, INF), (), (), 1.0, "decreasing"),
    "(1 - cos(x))/x**2": ((0.0, 0.5), (), (), 0.13504145956233, None),
    "x*log(abs(x))": ((-INF, INF), (), (), INF, None),
    "tanh(1/x)": ((-1.0, 1.0), (), (), 0.4392288398906, "not asked"),
    "x/abs(x)": ((-1.0, 1.0), (), (), 0.0, "increasing"),
    "where(x > 0, x/(1 + x), x)": ((-INF, 1.0), (), (), 1.0, "increasing"),
    "1/(x**2 + 1)": ((0.0, 1.0), (), (), 3 * math.sqrt(3) / 8, None),
    "log(softplus(x))": ((-INF, INF), (), (), 1.0, "increasing"),
}


@pytest.fixture(scope="module")
def found() -> dict[str, Facts]:
    return {text: facts(parse(text)) for text in EXPECTED}


@pytest.mark.parametrize("text", EXPECTED)
def test_range_poles_and_domain(text: str, found: dict[str, Facts]) -> None:
    wanted_range, poles, undefined, steepest, monotone = EXPECTED[text]
    told = found[text]
    assert told.range == pytest.approx(wanted_range, rel=1e-7, abs=1e-7)
    assert [p for p in told.poles if abs(p) < 7] == pytest.approx(poles, rel=1e-12, abs=1e-12)
    assert told.undefined == undefined
    assert told.max_derivative == pytest.approx(steepest, rel=1e-9)
    assert told.lipschitz >= told.max_derivative
    assert told.bounded == all(map(math.isfinite, wanted_range))
    if monotone != "not asked":
        assert told.monotone == monotone


SINGULAR = {  # formula: where it has no value, where it jumps
    "1/x": ((0.0,), ()),
    "sin(x)/x": ((0.0,), ()),
    "tanh(1/(x - 2))": ((2.0,), (2.0,)),
    "1/(1 + exp(1/x))": ((0.0,), (0.0,)),
    "x*log(abs(x))": ((0.0,), ()),
    "abs(x - 1)*log(abs(x - 1))": ((1.0,), ()),
    "sign(x)": ((), (0.0,)),
    "1/(x**2 + 1)": ((), ()),
}


@pytest.mark.parametrize("text", SINGULAR)
def test_a_jump_is_a_gap_between_two_limits(text: str) -> None:
    told = facts(parse(text))
    assert (told.singular_points, told.jumps) == SINGULAR[text]
    for place in told.jumps:  # by mpmath, a millionth beside it: one limit is not the other, and no zero lies there
        left, right = (float(evaluate_mpmath(parse(text), mp.mpf(place) + d)) for d in (-1e-6, 1e-6))
        assert abs(left - right) > 0.5
        assert text == "sign(x)" or place not in [round(z, 6) for z in told.zeros]


@pytest.mark.parametrize("text", EXPECTED)
def test_poles_against_mpmath(text: str, found: dict[str, Facts]) -> None:
    """Next to a pole the value exceeds every bound, on one side at least; and more the nearer."""
    tree = parse(text)
    told = found[text]
    with mp.workdps(400):
        for pole in told.poles[:6]:
            if "sin" in text or "cos" in text or "/3" in text or "**2 - 2" in text:
                continue  # irrational: float64 only comes near
            sizes = []
            for exponent in (50, 100, 200):
                beside = []
                for side in (-1, 1):
                    try:
                        value = evaluate_mpmath(tree, mp.mpf(pole) + side * mp.mpf(10) ** -exponent)
                    except (ZeroDivisionError, ValueError):
                        continue
                    if isinstance(value, mp.mpf) and mp.isfinite(value):
                        beside.append(abs(value))
                sizes.append(max(beside))
            assert sizes[0] < sizes[1] < sizes[2]


@pytest.mark.parametrize("text", EXPECTED)
def test_a_dense_scan_stays_inside_the_range_and_outside_the_gaps(text: str, found: dict[str, Facts]) -> None:
    told = found[text]
    x = np.random.default_rng(3).uniform(-7, 7, 200_000)
    for pole in told.poles:  # e^(1/x) overflows beside its pole
        x = x[np.abs(x - pole) > 0.01]
    y = evaluate_numpy(parse(text), x)
    gap = np.zeros(x.shape, bool)
    for low, high in told.undefined:
        gap |= (x > low) & (x < high)
    np.testing.assert_array_equal(~np.isfinite(y), gap)
    inside = y[~gap]
    slack = 1e-7 * max(1.0, *(abs(end) for end in told.range if math.isfinite(end)), 0.0)
    assert inside.min() >= told.range[0] - slack
    assert inside.max() <= told.range[1] + slack
    steps = np.diff(inside[np.argsort(x[~gap])])
    if told.monotone == "increasing":
        assert steps.min() >= -1e-12
    if told.monotone == "decreasing":
        assert steps.max() <= 1e-12
    for pole in told.poles:
        if abs(pole) < 6.9:
            near = evaluate_numpy(parse(text), pole + np.array([-1, 1]) * 1e-9)
            far = evaluate_numpy(parse(text), pole + np.array([-1, 1]) * 1e-3)
            assert np.nanmax(np.abs(near)) > np.nanmin(np.abs(far[np.isfinite(far)]))


def test_every_built_in_is_defined_everywhere() -> None:
    from actlab.functions import names

    for name in names():
        told = get(name).facts
        assert (told.poles, told.undefined, told.finite) == ((), (), True), name


@pytest.mark.parametrize("language", ["en", "ko"])
def test_show_tells(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["show", "1/x", "log(x)", "--lang", language, "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first["facts"]["range"] == ["-inf", "inf"] == first["shape"]["range"]
    assert first["facts"]["poles"] == [0.0]
    assert first["facts"]["lipschitz"] == "inf"
    assert second["facts"]["undefined"] == [["-inf", 0.0]]
    assert cli.main(["show", "log(x)", "--lang", language]) == 0
    card = capsys.readouterr().out
    for sentence in {"en": ("not defined for", "poles"), "ko": ("정의되지 않는 구간", "무한대로 발산하는 점")}[
        language
    ]:
        assert sentence in card
