"""What lessons say is what their nets do: every number in an answer is measured here, in the nets of the page.

Each setup, the one a lesson opens with and each that is to be tried, has its function below; `says` finds the number in
the words of both languages, and compares it with what was measured.
"""

from __future__ import annotations

import numpy as np
import pytest
from lesson_nets import SETUPS, Both, squeezed, straightness

from actlab import measure
from actlab.play import limits
from actlab.study.claims.ledger import shipped

SEEN = {}


def seen(name):
    return lambda function: SEEN.setdefault(name, function)


def test_every_setup_is_looked_at():
    assert set(SEEN) == set(SETUPS)


@pytest.mark.parametrize("name", list(SETUPS))
def test_what_it_says_is_seen(name):
    SEEN[name](Both(name))


# --- why a line is not enough


def not_linear(nets_):
    """How far the answers before the last sigmoid are from a linear function of the point, in their own spread."""
    X = nets_.ground.fresh.X
    z = nets_.inside(0, X).z[-1][:, 0]
    A = np.column_stack([X, np.ones(len(X))])
    return np.abs(z - A @ np.linalg.lstsq(A, z, rcond=None)[0]).max() / z.std()


@seen("line")
def _(both):
    both.says("50 %", both.left.middle)
    both.says("98 %", both.right.middle)
    assert both.apart() == "right"
    assert both.left.own < 0.6 < 0.95 < both.right.own
    assert not_linear(both.left) < 1e-4 < 0.1 < not_linear(both.right)


@seen("line.deeper")
def _(both):
    assert len(both.left.spec.hidden) == 8  # "Eight layers are no better than three"
    assert not_linear(both.left) < 1e-4
    both.says("50 %", both.left.middle)


@seen("line.one_bend")
def _(both):
    both.says("98 %", both.left.middle)
    assert both.left.own > 0.95


@seen("line.moons")
def _(both):
    both.says("87 %", both.left.middle)
    assert not_linear(both.left) < 1e-4


# --- bending space


@seen("bending")
def _(both):
    both.says("77 %", both.left.middle)
    both.says("94 %", both.right.middle)
    assert both.apart() == "right"
    assert both.left.own < 0.8 < 0.93 < both.right.own


@seen("bending.deeper")
def _(both):
    both.says("77 %", both.left.middle)  # "no more"
    assert both.apart() == "right"


# --- the vanishing gradient


@seen("vanishing")
def _(both):
    gradient = [np.median([arm.trace("gradient_norm", k) for k in (0, -1)], axis=1) for arm in (both.left, both.right)]
    assert gradient[0][1] > 100 * gradient[0][0]
    assert gradient[1][1] < 5 * gradient[1][0]
    assert (both.left.own, both.left.middle) == (0.5, 0.5)  # the boundary hardly moves
    assert both.right.own > 0.95
    assert both.apart() == "right"


@seen("vanishing.three_layers")
def _(both):
    for arm in (both.left, both.right):
        assert 0.965 < arm.middle < 0.985  # "97 to 98 %"
    assert both.apart() is None


# --- zero-centred and zig-zag


@seen("zigzag")
def _(both):
    for arm, straight, agree in ((both.left, "22 %", "99 %"), (both.right, "53 %", "62 %")):
        both.says(straight, np.median(arm.trace("path_efficiency", 1)), within=0.015)
        both.says(agree, np.median(arm.trace("sign_agreement", 1)))
    both.says("64 %", measure.expected_sign_agreement(8))
    # The net that is drawn, too, and the sentence of its panel speaks of a tie (above 0.9) on the left only.
    assert both.left.trace("path_efficiency", 1)[0] < 0.6 * both.right.trace("path_efficiency", 1)[0]
    assert both.left.trace("sign_agreement", 1)[0] > 0.9 > both.right.trace("sign_agreement", 1)[0]
    assert straightness(both, 0) < 0.3 < 0.5 < straightness(both, 1)  # of what the panel draws
    first = [arm.trained.snapshots[:, 0] for arm in (both.left, both.right)]
    np.testing.assert_array_equal(*first)


@seen("zigzag.longer")
def _(both):
    both.says("95.0 %", both.left.middle, within=0.006)
    both.says("95.6 %", both.right.middle, within=0.006)
    assert both.apart() is None
    assert both.left.middle < both.right.middle


@seen("zigzag.tanh")
def _(both):
    both.says("96 %", both.right.middle)
    assert both.right.middle > both.left.middle + 0.05
    slopes = [arm.spec.activations[0].derivative(np.zeros(1))[0] for arm in (both.left, both.right)]
    assert slopes[1] == 4 * slopes[0]


# --- ReLU


@seen("relu")
def _(both):
    both.says("24", both.right.epochs_to(0.1), within=2)
    both.says("225", both.left.epochs_to(0.1), within=15)
    assert 8.5 < both.left.epochs_to(0.1) / both.right.epochs_to(0.1) < 10  # "nine times"
    for arm in (both.left, both.right):
        assert 0.965 < arm.middle < 0.985


@seen("relu.tanh")
def _(both):
    both.says("33", both.left.epochs_to(0.1), within=2)
    both.says("1.4", both.left.epochs_to(0.1) / both.right.epochs_to(0.1), within=0.15)
    assert 0.965 < both.left.middle < 0.985


# --- dying and reviving


@seen("dying")
def _(both):
    both.says("9", both.left.dead, within=0)
    assert both.right.dead == 0
    assert both.right.own > both.left.own + 0.1


@seen("dying.small_rate")
def _(both):
    assert np.mean([both.left.trace("dead", k) for k in (0, 1)]) < 0.05
    assert both.left.dead == 0


@seen("dying.large_rate")
def _(both):
    assert both.right.trained.diverged.sum() >= 10


# --- what the learning rate hides


@seen("rates")
def _(both):
    both.says("87 %", both.left.middle)
    both.says("97 %", both.right.middle)
    assert both.apart() == "right"
    assert both.right.own > both.left.own + 0.05


@seen("rates.large_rate")
def _(both):
    both.says("98 %", both.left.middle)
    both.says("50 %", both.right.middle)
    assert both.apart() == "left"
    answers = [both.right.inside(k, both.ground.fresh.X).a[-1][:, 0] > 0.5 for k in range(limits.SEEDS)]
    assert np.mean([a.all() or not a.any() for a in answers]) > 0.5  # "most … answer everything with one class"


@seen("rates.own_rates")
def _(both):
    both.says("98 %", both.left.middle)
    both.says("98 %", both.right.middle)
    assert both.apart() is None


# --- geometry kept and lost


@seen("geometry")
def _(both):
    (left, left_read), (right, right_read) = squeezed(both.left), squeezed(both.right)
    both.says("12", 1 / np.median(left), within=1.5)
    assert np.median(right) > 0.5  # "more than half as much", with other points, too (K3)
    assert left[0] < 0.15 < 0.5 < right[0]  # the net that is drawn
    directions = [measure.effective_rank(arm.inside(0, arm.ground.train.X).a[2]) for arm in (both.left, both.right)]
    assert directions[0] < 1.05 < 1.3 < directions[1]  # "a curve of the plane"
    both.says("93 %", np.median(left_read))
    both.says("97 %", np.median(right_read))
    both.says("97 %", both.left.middle)
    both.says("98 %", both.right.middle)
    assert both.apart() is None


@seen("geometry.tanh")
def _(both):
    assert np.median(squeezed(both.left)[0]) < 1 / 12


# --- what it costs


@seen("cost")
def _(both):
    both.says("337", both.left.spec.parameters, within=0)
    both.says("37", both.right.spec.parameters, within=0)
    both.says("88 %", both.left.middle)
    both.says("97 %", both.right.middle)
    assert both.apart() == "right"


@seen("cost.own_rate")
def _(both):
    assert both.left.spec.parameters == both.right.spec.parameters == 37
    both.says("97 %", both.left.middle)
    found = next(one for one in shipped().verdicts["K12"].of("function") if one.where["against"] == "sigmoid")
    assert 1.5 < found.interval.estimate < 2.1  # "nearly twice as long", on the processor on which it was timed


# --- which to choose


@seen("choosing")
def _(both):
    both.says("98 %", both.left.middle)
    both.says("98 %", both.right.middle)
    assert both.apart() is None


@seen("choosing.spiral")
def _(both):
    both.says("94 %", both.left.middle)
    both.says("79 %", both.right.middle)
    assert both.left.own > both.right.own + 0.1


@seen("choosing.longer")
def _(both):
    both.says("98 %", both.left.middle)
    both.says("98 %", both.right.middle)
