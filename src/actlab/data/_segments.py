"""Distance from points to a line made of segments."""

from typing import Any

import numpy as np

from actlab._arrays import Array

__all__ = ["Segments"]

_CANDIDATES = 8


class Segments:
    """Segments ``(k, 2, 2)`` in an index for their nearest.

    A segment's nearest point is at most half its length from its middle, so the nearest segment is among those with the
    nearest middles; we try eight. For the lines of `zero_level`, smooth and cut into short pieces of similar length, a
    miss costs less than 1e-4. The long segments (what continues the line outside the box) are tried one by one.
    """

    def __init__(self, segments: Array) -> None:
        from scipy.spatial import cKDTree

        length = np.hypot(*(segments[:, 1] - segments[:, 0]).T)
        segments, length = segments[length > 0], length[length > 0]
        long = length > 20 * np.median(length)
        self.short, self.long = segments[~long], segments[long]
        self.tree: Any = cKDTree(self.short.mean(axis=1))

    def distance(self, X: Array) -> Array:
        """Distance ``(n,)`` of points X ``(n, 2)`` to the nearest segment."""
        _, nearest = self.tree.query(X, k=min(_CANDIDATES, len(self.short)))
        candidates = self.short[nearest.reshape(len(X), -1)]  # (n, candidates, 2, 2)
        best = _to_segments(X, candidates).min(axis=1)
        for segment in self.long:
            best = np.minimum(best, _to_segments(X, segment[None, None]).min(axis=1))
        return np.asarray(best)


def _to_segments(X: Array, segments: Array) -> Array:
    """Distances ``(n, c)`` of points ``(n, 2)`` to segments ``(n or 1, c, 2, 2)``."""
    start, along = segments[..., 0, :], segments[..., 1, :] - segments[..., 0, :]
    offset = X[:, None, :] - start
    share = np.clip((offset * along).sum(axis=-1) / (along**2).sum(axis=-1), 0, 1)
    gap = offset - share[..., None] * along
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]))
