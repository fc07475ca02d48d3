"""The judge itself: every tier's claimed bound against mpmath on the plain tree, and verdicts known beforehand."""

import mpmath
import numpy as np
import pytest
from judge import COMPILER, Judge, exact, exact_distance
from points import every_exponent, sample

from actlab.functions.activation import get
from actlab.functions.catalogue import names

pytestmark = pytest.mark.skipif(COMPILER is None, reason="the judge is built with g++")
POINTS = 40  # for each of value and derivative, of three tiers, of every built-in: some 9,000 in all


def few(f, count):
    """Points of float32 for all tiers: half of them where something may cancel."""
    rng = np.random.default_rng(31)
    wild = rng.choice(every_exponent(np.float32, 4, rng), count // 2)
    return np.concatenate([wild, rng.choice(sample(f, np.float32, 3, 20)[1530:], count - count // 2)]).astype(
        np.float64
    )


@pytest.mark.parametrize("name", names())
def test_bounds_hold(name):
    f = get(name)
    judge, x = Judge(f.expression, f.derivative_expression), few(f, POINTS)
    for which in (0, 1):
        wants = [exact(judge.trees[which], v) for v in x]
        for tier in (0, 1, 2):
            values, bounds = judge.evaluate(which, tier, x)
            told = 0
            with mpmath.workprec(400):
                for at, value, bound, want in zip(x, values, bounds, wants, strict=True):
                    if mpmath.isnan(bound) or mpmath.isinf(bound):
                        continue
                    told += 1
                    if mpmath.isinf(value):
                        assert (want > 0) == (value > 0), at
                        assert abs(want) > mpmath.mpf(2) ** 800, at
                    else:
                        assert abs(value - want) <= bound, f"{name} {which} {tier} at {at!r}: {value} ± {bound}, {want}"
            assert told > POINTS // 2  # bounds that say nothing hold always


@pytest.mark.parametrize("name", ["tanhshrink", "squareplus", "softsign"])
def test_shapes_that_cancel_are_recognised(name):
    """Else these end at mpmath, a billion times."""
    f = get(name)
    x = sample(f, np.float32, 200, 100)
    value, slope = f.value_and_derivative(x)
    for found in Judge(f.expression, f.derivative_expression)(x, value, slope):
        assert sum(found.decided) == x.size
        assert found.decided[2] + found.decided[3] < 200


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("steps", [0, 1, 3, -2])
def test_a_result_so_many_numbers_away_is_told_so(kind, steps):
    f = get("gelu")
    x = np.random.default_rng(32).uniform(0.1, 5, 300).astype(kind)
    nearest = np.array([float(exact(f.expression, float(v))) for v in x]).astype(kind)
    moved = (nearest.view(np.int32 if kind == np.float32 else np.int64) + steps).view(kind)
    distances = np.zeros((2, x.size))
    found, _ = Judge(f.expression, f.derivative_expression)(x, moved, None, distances=distances)
    inner = np.frexp(moved)[1] == np.frexp(nearest)[1]
    assert inner.sum() > 250
    assert (np.abs(distances[0, inner] - abs(steps)) <= 0.51).all()
    assert found.worst == distances[0].max()
    for index in range(0, 300, 60):  # mpmath says the same
        distance, _ = exact_distance(f.expression, x[index], moved[index])
        assert distances[0, index] == pytest.approx(distance, abs=0.04)


def test_what_is_not_a_number_or_overflows_or_has_the_wrong_sign():
    f = get("exponential")
    judge = Judge(f.expression, f.derivative_expression)

    def distance(x, result):
        return judge(np.array([x], np.float32), np.array([result], np.float32), None)[0]

    assert distance(1, np.nan).worst == np.inf
    assert distance(89, np.inf).worst == 0
    assert distance(3e38, np.inf).worst == 0
    assert distance(89, np.finfo(np.float32).max).worst > 1
    assert distance(88, np.inf).worst > 1
    assert distance(-200, 0.0).worst < 1e-40
    assert distance(-200, 0.0).wrong_sign == 0
    assert distance(-120, -0.0).wrong_sign == 1
    assert distance(np.nan, 1.0).not_nan == 1
    assert distance(np.nan, np.nan).not_nan == 0
