"""What lessons say is what their nets do: every number in an answer is measured here, in the nets of the page.

Each setup, the one a lesson opens with and each that is to be tried, has its function below; `says` finds the number in
the words of both languages, and compares it with what was measured.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest

from actlab import data, measure, nets
from actlab.nets import TRACES, PointSets, look_inside
from actlab.play import lessons, limits, wire
from actlab.play.course import Course
from actlab.play.ground import Ground
from actlab.play.session import Session, Workshop
from actlab.study import claims
from actlab.study.claims.ledger import shipped
from actlab.text import LANGUAGES, UserError, keys, tr

SETUPS = {
    (name if setup.name == name else f"{name}.{setup.name}"): (lessons.lesson(name), setup)
    for name in lessons.names()
    for setup in lessons.lesson(name).setups
}
SEEN = {}


def seen(name):
    return lambda function: SEEN.setdefault(name, function)


@dataclass
class Nets:
    """The 64 nets of an arm, trained to the epoch at which the lesson stops."""

    spec: nets.NetSpec
    ground: Ground
    trained: nets.Trained

    @classmethod
    def train(cls, arm, setup, ground):
        training = arm.training(setup.epoch, setup.experiment.batch)
        epochs = np.arange(setup.epoch + 1) if setup.epoch == 300 else [0, setup.epoch]
        trained = nets.train(
            arm.spec(), training, seeds=[arm.seed + k for k in range(limits.SEEDS)],
            learning_rates=[arm.rate] * limits.SEEDS, train_sets=PointSets.stack([ground.train]),
            validation_sets=PointSets.stack([ground.fresh]), keep=range(limits.SEEDS), threads=1,
            checkpoints=np.asarray(epochs) * training.steps_per_epoch(len(ground.train)),
        )  # fmt: skip
        return cls(arm.spec(), ground, trained)

    @property
    def own(self):
        """The accuracy on fresh points of the net that is shown."""
        return self.trained.curves[0, -1, 3]

    @cached_property
    def band(self):
        """The three lines of the page's band: accuracy on fresh points, a lost net counting as the worst."""
        return np.sort(np.nan_to_num(self.trained.curves[:, -1, 3]))[[6, 32, 57]]

    @property
    def middle(self):
        return self.band[1]

    def trace(self, name, layer):
        """Over the nets, at the end."""
        return self.trained.traces[:, -1, layer, TRACES.index(name)]

    @property
    def dead(self):
        """Dead units of the net shown."""
        shares = self.trained.traces[0, -1, :-1, TRACES.index("dead")]
        return float(shares @ [phi.shape[1] for phi in self.weights(0)[:-1]])

    def weights(self, net):
        row = self.trained.snapshots[net, -1]
        return [row[p.weights].reshape(s) for p, s in zip(self.spec.places(), self.spec.shapes, strict=True)]

    def inside(self, net, X):
        return look_inside(self.spec, self.trained.snapshots[net, -1], X)

    def epochs_to(self, loss):
        """The first epoch at which the middle line of the training loss lies below."""
        return int(np.flatnonzero(np.sort(self.trained.curves[:, :, 0], axis=0)[32] < loss)[0])


class Both:
    """A setup of a lesson with its nets."""

    def __init__(self, name):
        self.lesson, self.setup = SETUPS[name]
        self.ground = Ground.of(self.setup.experiment)
        self.left, self.right = (Nets.train(arm, self.setup, self.ground) for arm in self.setup.experiment.arms)

    def says(self, told, value, within=0.011):
        """`told`, a number as it stands in the lesson in both languages, is `value`."""
        for lang in LANGUAGES:
            words = " ".join(self.lesson.words(lang).values()).replace("\N{NO-BREAK SPACE}", " ")
            assert re.search(rf"(?<![\d.]){re.escape(told)}(?![\d.]\d)", words), (told, lang)
        number = float(told.removesuffix(" %"))
        stated = number / 100 if told.endswith("%") else number
        assert value == pytest.approx(stated, abs=within), told

    def apart(self):
        """Which side leads with its whole band, as the headline of the page has it; None where the bands touch."""
        if self.left.band[2] < self.right.band[0]:
            return "right"
        return "left" if self.right.band[2] < self.left.band[0] else None


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


def straightness(both, side):
    """Distance ÷ length of the path of two weights that is drawn when the lesson stops."""
    course = Course(both.setup.experiment.arms[side], both.ground, both.setup.experiment.batch)
    assert course.extend()
    path = course.path[: both.setup.epoch * course.per_epoch + 1]
    return np.linalg.norm(path[-1] - path[0]) / np.linalg.norm(np.diff(path, axis=0), axis=1).sum()


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


def squeezed(arm, layer=2, count=24):
    """Of some nets: answer to a step outward, far ÷ near; and the share of the distance's variance read off a layer."""
    source = data.resolve("moons")
    X = arm.ground.fresh.X[:300]
    distance = source.signed_distance(X)
    h = 1e-4
    normal = np.stack([source.signed_distance(X + h * e) - source.signed_distance(X - h * e) for e in np.eye(2)], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    far, read = [], []
    for net in range(count):
        out, in_ = (arm.inside(net, X + sign * h * normal).a[layer] for sign in (1, -1))
        moved = np.linalg.norm(out - in_, axis=1)
        order = np.argsort(np.abs(distance))
        far.append(moved[order[-30:]].mean() / moved[order[:30]].mean())
        read.append(measure.margin_retention(arm.inside(net, X).a[layer], distance))
    return np.array(far), np.array(read)


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


# --- what they consist of


def test_they_are_carried_by_claims_of_the_ledger():
    from actlab.play.lessons import ledger

    known = {claim.name for claim in claims.all_claims()}
    for lang in LANGUAGES:
        told = ledger.verdicts(lang)
        for name in lessons.names():
            carried = lessons.lesson(name).claims
            assert carried
            assert set(carried) <= known
            assert set(carried) <= set(told)
            for claim in carried:
                number, title = lessons.names().index(name) + 1, lessons.lesson(name).words(lang)["title"]
                assert f"{number}. {title}" in lessons.of_claim(claim, lang)
                assert told[claim]["command"] == f"actlab claims {claim}"
    assert lessons.of_claim("K22") == []


def test_verdicts_are_told_when_they_are_there():
    """In the language in force, once however often they are asked for, and without holding up another answer."""

    async def conversation():
        heard = []
        told = asyncio.Event()

        async def send(message):
            heard.append(wire.unpack(message)[0])
            if heard[-1]["kind"] == "claims":
                told.set()

        workshop = Workshop()
        session = Session(send, workshop, "ko")
        for op in ("claims", "claims", "nothing"):
            await session.handle(json.dumps({"op": op}))
        await asyncio.wait_for(told.wait(), 200)
        await session.close()
        workshop.close()
        return heard

    refused, told = asyncio.run(conversation())
    assert refused["code"] == "play.unknown_op"
    assert told["lang"] == "ko"
    kinds = {claim: verdict.kind for claim, verdict in shipped().verdicts.items()}
    assert {claim: one["verdict"] for claim, one in told["claims"].items()} == {
        claim: tr(f"claims.kind.{kinds[claim]}", "ko") for claim in told["claims"]
    }


def test_every_change_has_a_name_and_changes_something():
    labels = {key for key in keys("en") if key.startswith("play_lessons.") and ".try_" in key}
    assert labels == keys("ko") & labels
    own = {f"play_lessons.{name.replace('.', '.try_')}" for name in SETUPS if "." in name}
    assert labels == own
    for lesson in map(lessons.lesson, lessons.names()):
        told = [(setup.experiment, setup.epoch) for setup in lesson.setups]
        assert len(told) > 1
        assert len(set(map(str, told))) == len(told)


def test_there_are_ten_in_the_order_of_the_story():
    assert " ".join(lessons.names()) == "line bending vanishing zigzag relu dying rates geometry cost choosing"
    with pytest.raises(UserError, match="sums"):
        lessons.lesson("sums")
