"""Where the boundary is not known: the distance to it, guessed from the nearest points of either class."""

import numpy as np

from actlab._arrays import Array

__all__ = ["margin_by_neighbours"]


def margin_by_neighbours(X: Array, y: Array, first: int | None = None) -> Array:
    """½ (distance to the nearest point of another class − to the nearest *other* point of the own), by class.

    Of two classes signed like `Source.signed_distance`: positive on the side of class 1. Of more, positive where the
    own class is the nearer. A point is never its own neighbour; a duplicate of it is. Definition: design.md,
    "Measurements", geometry.

    Parameters
    ----------
    X
        ``(n, d)`` points, in the coordinates that a net sees.
    y
        ``(n,)`` labels, 0.0, 1.0, …
    first
        Only of that many of the points, among all of them; None: of all.

    Returns
    -------
    Array
        ``(n,)`` or ``(first,)``; NaN for the only point of its class, and everywhere where there is one class only.
    """
    from scipy.spatial import cKDTree

    asked = y[:first]
    margin = np.full(len(asked), np.nan)
    classes = np.unique(y).tolist()
    many = max(classes, default=0) > 1
    for label in classes:
        own, other = X[y == label], X[y != label]
        if len(own) < 2 or len(other) == 0:
            continue
        mine = X[: len(asked)][asked == label]
        to_own = np.asarray(cKDTree(own).query(mine, k=2)[0])[:, 1]
        to_other = cKDTree(other).query(mine, k=1)[0]
        margin[asked == label] = (to_other - to_own) / 2 if many or label == 1.0 else (to_own - to_other) / 2
    return margin
