"""The points that both arms learn from, and the part of the plane that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab import data
from actlab.data import Sample
from actlab.play.experiment import DATA, DRAWN

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.play.experiment import Experiment
    from actlab.play.own import Own

#: Fresh points that accuracy is judged on.
FRESH = 500


@dataclass(frozen=True)
class Ground:
    """Training points, fresh points to be judged on (None where somebody drew them), and what is known of them."""

    train: Sample
    fresh: Sample | None
    span: float  # the plane is shown from −span to span, both ways
    noise: float | None
    noises: tuple[float, float] | None
    best: float | None  # what no classifier can beat on fresh points

    @classmethod
    def of(cls, experiment: Experiment) -> Ground:
        """The experiment's points; `UserError` where its noise is out of range."""
        if experiment.data == DRAWN:
            points = np.array(experiment.drawn)
            return cls(Sample(points[:, :2], points[:, 2]), None, _span(points[:, :2]), None, None, None)
        if experiment.own is not None:
            return cls._of_rows(experiment.own, experiment.draw)
        source = data.resolve(
            DATA[experiment.data], noise=experiment.noise, n_train=experiment.points, n_validation=FRESH, n_test=2
        )
        draw = source.draw(experiment.draw)
        known = source.__class__
        return cls(
            draw.train,
            draw.validation,
            _span(draw.train.X),
            float(source.noise),  # type: ignore[attr-defined]
            known.noises,  # type: ignore[attr-defined]
            source.bayes_accuracy,
        )

    @classmethod
    def _of_rows(cls, own: Own, draw: int) -> Ground:
        """Rows of a file, split and standardised as `actlab compare` does it; what is not learned from judges."""
        rows = np.array(own.rows)
        drawn = data.resolve((rows[:, :2], rows[:, 2].astype(int))).draw(draw)
        held = (drawn.validation, drawn.test)
        fresh = Sample(np.concatenate([part.X for part in held]), np.concatenate([part.y for part in held]))
        return cls(drawn.train, fresh, _span(drawn.train.X), None, None, None)


def _span(X: Array) -> float:
    """A round number a little beyond the farthest point."""
    return float(np.ceil(np.abs(X).max() * 1.06 * 5) / 5)
