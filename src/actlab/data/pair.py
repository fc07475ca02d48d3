"""One point near the boundary and one far from it (row A5 of the mission)."""

from dataclasses import dataclass

import numpy as np

from actlab._arrays import Array
from actlab.data.neighbours import margin_by_neighbours
from actlab.data.sample import Sample
from actlab.data.source import Source

__all__ = ["Pair", "near_and_far"]

_MOST = 1_000  # neighbours in many dimensions take their time


@dataclass(frozen=True)
class Pair:
    """Rows of a sample and their signed distances, in the coordinates that a net sees."""

    near: int
    far: int
    near_distance: float
    far_distance: float


def near_and_far(source: Source, sample: Sample) -> Pair:
    """The point of `sample` nearest to the boundary and the one farthest from it, both of class 1 and on its side.

    The boundary is that of class 1, where there are several. The distance is `Source.signed_distance`, or
    `margin_by_neighbours` where that is not known; then the first 1,000 points are looked at. Both points have the same
    class and the same side so that the two differ in distance alone. Where class 1 has no point on its side (a tiny
    sample), any point serves. Ties go to the first row. In a regression, which has no boundary, the distance is that of
    the target from its mean.
    """
    if not source.classes:
        depth = np.abs(sample.y)
        near, far = int(depth.argmin()), int(depth.argmax())
        return Pair(near, far, float(sample.y[near]), float(sample.y[far]))
    known = source.signed_distance(sample.X)
    distance: Array = margin_by_neighbours(sample.X, sample.y, _MOST) if known is None else known
    distance = np.nan_to_num(distance if distance.ndim == 1 else distance[:, 1])
    right = (sample.y[: len(distance)] == 1.0) & (distance > 0)
    rows = np.flatnonzero(right) if right.any() else np.arange(len(distance))
    depth = np.abs(distance[rows])
    near, far = int(rows[depth.argmin()]), int(rows[depth.argmax()])
    return Pair(near, far, float(distance[near]), float(distance[far]))
