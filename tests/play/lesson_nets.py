"""The nets of a lesson's setups, trained as the page trains them, and the numbers that lessons tell of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest

from actlab import data, measure, nets
from actlab.nets import TRACES, PointSets, look_inside
from actlab.play import lessons, limits
from actlab.play.course import Course
from actlab.play.ground import Ground
from actlab.text import LANGUAGES

SETUPS = {
    (name if setup.name == name else f"{name}.{setup.name}"): (lessons.lesson(name), setup)
    for name in lessons.names()
    for setup in lessons.lesson(name).setups
}


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


def straightness(both, side):
    """Distance ÷ length of the path of two weights that is drawn when the lesson stops."""
    course = Course(both.setup.experiment.arms[side], both.ground, both.setup.experiment.batch)
    assert course.extend()
    path = course.path[: both.setup.epoch * course.per_epoch + 1]
    return np.linalg.norm(path[-1] - path[0]) / np.linalg.norm(np.diff(path, axis=0), axis=1).sum()


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
