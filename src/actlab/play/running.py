"""An experiment under way: what is trained for it, and how far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actlab.play.course import Course
    from actlab.play.experiment import Experiment
    from actlab.play.ground import Ground

#: How many times as far as somebody looks the nets are trained.
_AHEAD = 4
_FIRST_EPOCHS = 256


@dataclass
class Running:
    """An experiment under way."""

    number: int
    experiment: Experiment
    ground: Ground
    courses: tuple[Course, Course]
    looked_at: int = 0
    cancelled: bool = False

    def stopped(self) -> bool:
        """Whether it has been left for another."""
        return self.cancelled

    @property
    def states(self) -> int:
        """States that both arms have."""
        return min(course.trained for course in self.courses)

    @property
    def wants_more(self) -> bool:
        """Whether somebody looks so near to the end of what is trained that more is needed."""
        course = min(self.courses, key=lambda c: (c.complete, c.epochs))
        if course.complete:
            return False
        steps = int(course.steps[min(self.looked_at, len(course.steps) - 1)])
        return course.epochs < max(_FIRST_EPOCHS, _AHEAD * steps / course.per_epoch)
