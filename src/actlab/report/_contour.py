"""The line where a map crosses a level, by marching squares (Lorensen and Cline 1987, in two dimensions)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actlab._arrays import Array

Place = tuple[float, float]

_SAME = 1e-9  # places nearer than this are one place


def contour(x: Array, y: Array, values: Array, level: float) -> list[tuple[Place, Place]]:
    """Line pieces on which `values` (rows along `y`, columns along `x`) equal `level`; cells with NaN have none.

    A saddle is joined as its first two crossings come: at the resolution drawn here the choice is not visible.
    """
    pieces: list[tuple[Place, Place]] = []
    grid = values.tolist()
    for row in range(len(y) - 1):
        lower, upper = grid[row], grid[row + 1]
        for column in range(len(x) - 1):
            corners = (lower[column], lower[column + 1], upper[column + 1], upper[column])
            above = [c > level for c in corners]
            if all(above) or not any(above) or any(math.isnan(c) for c in corners):
                continue
            places = (
                (x[column], y[row]), (x[column + 1], y[row]), (x[column + 1], y[row + 1]), (x[column], y[row + 1]),
            )  # fmt: skip
            crossings = []
            for a in range(4):
                b = (a + 1) % 4
                if above[a] != above[b]:
                    t = (level - corners[a]) / (corners[b] - corners[a])
                    (xa, ya), (xb, yb) = places[a], places[b]
                    crossings.append((float(xa + t * (xb - xa)), float(ya + t * (yb - ya))))
            # A corner exactly at the level gives pieces without length, which would only break the chain.
            pieces += [(a, b) for a, b in zip(crossings[::2], crossings[1::2], strict=True) if math.dist(a, b) > _SAME]
    return pieces


def chained(pieces: list[tuple[Place, Place]]) -> list[list[Place]]:
    """The pieces joined end to end into lines."""
    ends: dict[Place, list[int]] = {}
    key = {p: (round(p[0], 9), round(p[1], 9)) for piece in pieces for p in piece}
    for i, (a, b) in enumerate(pieces):
        ends.setdefault(key[a], []).append(i)
        ends.setdefault(key[b], []).append(i)
    left = set(range(len(pieces)))
    lines = []
    while left:
        i = min(left)
        left.discard(i)
        line = list(pieces[i])
        for forward in (True, False):
            while True:
                tip = key[line[-1] if forward else line[0]]
                following = next((j for j in ends[tip] if j in left), None)
                if following is None:
                    break
                left.discard(following)
                a, b = pieces[following]
                other = b if key[a] == tip else a
                line.append(other) if forward else line.insert(0, other)
        lines.append(line)
    return lines
