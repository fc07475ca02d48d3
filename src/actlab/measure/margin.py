"""How well the signed distance to the boundary can be read off a layer: margin retention, and a stand-in distance.

Margin retention is comparable between layers of equal width only: a wide layer offers the read-out more columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.measure._shapes import centred, checked, constant_columns, finite, same_length

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array

# Relative to the variance of a standardised column: from noise-free read-outs to hopeless ones.
PENALTIES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)


def margin_retention(
    representation: AnyArray, signed_distance: AnyArray, *, folds: int = 5, penalty: float | None = None
) -> float:
    """Cross-validated R² of a ridge read-out of the signed distance to the boundary from a layer's representation.

    Point i is in fold i mod `folds`, so the value is deterministic; points must be in an order that has nothing to do
    with their distance. In each fold columns are standardised by the training part (constant ones are left out) and
    ‖d − Xw − b‖² / n + penalty · ‖w‖² is minimised. R² = 1 − Σ(d − d̂)² / Σ(d − mean d)² over all held-out predictions.

    Parameters
    ----------
    representation
        (points, units) post-activations of a layer; layer 0 is the input.
    signed_distance
        (points,) to the generator's Bayes boundary, positive on the side of class 1 (where it is not known:
        `actlab.data.margin_by_neighbours`).
    folds
        At least 2.
    penalty
        Relative ridge penalty > 0. None: chosen among 1e-6, 1e-5, …, 100 by the leave-one-out error within each
        fold's training part, so that neither a wide layer (overfitting) nor one whose units are nearly copies of each
        other (where the distance hides in small directions) is at a disadvantage.

    Returns
    -------
    float
        At most 1, as it is: not clipped. 1 = the distance can be read off linearly; 0 = no better than its mean;
        negative = worse than that. A collapsed (constant) representation gives a value just below or at 0. NaN for a
        non-finite entry, fewer than 2 · folds points, or a distance that is the same everywhere.

    Raises
    ------
    ValueError
        Where shapes do not fit, folds < 2 or penalty ≤ 0.

    References
    ----------
    design.md, "Measurements": geometry; Alain and Bengio (2016), Understanding intermediate layers using linear
    classifier probes; leave-one-out by leverage: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning,
    eq. 7.64.
    """
    X, d = checked("representation", representation, 2), checked("signed_distance", signed_distance, 1)
    points = same_length(representation=X, signed_distance=d)
    if folds < 2:
        raise ValueError(f"folds must be at least 2, not {folds}")
    if penalty is not None and not 0.0 < penalty < np.inf:
        raise ValueError(f"penalty must be positive, not {penalty}")
    if points < 2 * folds or not finite(X, d):
        return float("nan")
    d = centred(d[:, None])[0][:, 0]
    if not d.any():
        return float("nan")
    X = np.ldexp(X, -np.frexp(np.abs(X).max(axis=0))[1])  # column by column: their squares cannot underflow
    penalties = PENALTIES if penalty is None else (penalty,)
    fold = np.arange(points) % folds
    missed = 0.0
    for k in range(folds):
        held_out, kept = fold == k, fold != k
        constant = constant_columns(np.asarray(representation)[kept])
        predicted = _ridge(X[kept][:, ~constant], d[kept], X[held_out][:, ~constant], penalties)
        missed += float(np.square(d[held_out] - predicted).sum())
    return 1.0 - missed / float(np.square(d).sum())


def _ridge(X: Array, d: Array, X_new: Array, penalties: tuple[float, ...]) -> Array:
    """Predictions at `X_new` of the standardised ridge fit to `(X, d)` with the smallest leave-one-out error."""
    n = len(d)
    location, scale = X.mean(axis=0), X.std(axis=0)
    U, s, Vt = np.linalg.svd((X - location) / scale, full_matrices=False)
    centre = d.mean()
    projected = U.T @ d  # the mean of d plays no part: the columns of U have mean 0

    def leave_one_out(penalty: float) -> float:
        shrinkage = s**2 / (s**2 + n * penalty)
        residuals = d - centre - U @ (shrinkage * projected)
        leverage = 1.0 / n + U**2 @ shrinkage
        return float(np.square(residuals / (1.0 - leverage)).sum())

    penalty = penalties[0] if len(penalties) == 1 else min(penalties, key=leave_one_out)
    weights = Vt.T @ (s / (s**2 + n * penalty) * projected)
    return np.asarray(centre + (X_new - location) / scale @ weights, dtype=np.float64)
