"""What a layer does to the shape of the data: whether distance to the boundary, and between points, survives it.

A good classifier lowers distance retention and effective rank on purpose: these two judge collapse at initialisation
only. Margin retention, which judges trained layers, has its own file, `margin.py`.
Hand representations over in the type in which they were computed (see `constant_columns` in `_shapes.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab.measure._shapes import (
    CONSTANT_ULPS,
    centred,
    checked,
    finite,
    norm,
    ratio,
    same_length,
    unit_scaled,
)

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array


def distance_retention(inputs: AnyArray, representation: AnyArray) -> float:
    """Spearman's ρ between the pairwise Euclidean distances of the inputs and those of a layer's representation.

    Judges collapse at initialisation only.

    Parameters
    ----------
    inputs
        (points, d) as the net sees them.
    representation
        (points, units) of the same points.

    Returns
    -------
    float
        In [−1, 1], ties averaged: 1 = the order of all distances is kept. A representation whose distances are all
        the same (constant, collapsed) gives 0.0. NaN for a non-finite entry, fewer than 3 points, or inputs whose
        distances are all the same. Unchanged by rotating, shifting or scaling either array.

    Raises
    ------
    ValueError
        Where shapes do not fit.

    References
    ----------
    Spearman (1904); design.md, "Measurements": geometry.
    """
    x, h = checked("inputs", inputs, 2), checked("representation", representation, 2)
    points = same_length(inputs=x, representation=h)
    if points < 3 or not finite(x, h):
        return float("nan")
    ranks = [_ranks(_pairwise_distances(centred(np.asarray(array))[0])) for array in (inputs, representation)]
    middle = (len(ranks[0]) + 1) / 2.0
    a, b = ranks[0] - middle, ranks[1] - middle
    if not a.any():
        return float("nan")
    if not b.any():
        return 0.0
    return float(np.clip((a @ b) / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0))


def _ranks(distances: Array) -> Array:
    """Ranks from 1, ties averaged; distances of an array scaled to magnitude 1 that differ by rounding are ties.

    Without that, shifting or rotating a lattice would order its equal distances at random.
    """
    order = np.argsort(distances)
    step = np.diff(distances[order], prepend=0.0) > CONSTANT_ULPS * np.finfo(np.float64).eps
    level = np.empty(len(distances), dtype=np.int64)
    level[order] = np.cumsum(step)
    count = np.bincount(level)
    return (np.cumsum(count) - (count - 1) / 2.0)[level]


def _pairwise_distances(x: Array) -> Array:
    """Distances of all pairs i < j, as differences (the Gram matrix would cancel for near points)."""
    return np.concatenate([np.sqrt(np.square(x[i + 1 :] - x[i]).sum(axis=1)) for i in range(len(x))])


def directional(J: AnyArray, n: AnyArray) -> Array:
    """Length ‖J·n‖ of a layer's directional derivative at each point.

    Parameters
    ----------
    J
        (points, units, d) Jacobian of the layer's representation with respect to the input.
    n
        (points, d) directions, taken as they are: unit outward normals of the boundary for `far_contrast`.

    Returns
    -------
    Array
        (points,) ≥ 0, in units of representation per unit of input; NaN for a point with a non-finite entry.

    Raises
    ------
    ValueError
        Where shapes do not fit.
    """
    jacobian, directions = checked("J", J, 3), checked("n", n, 2)
    if (jacobian.shape[0], jacobian.shape[2]) != directions.shape:
        raise ValueError(f"J has shape {jacobian.shape}, n {directions.shape}")
    with np.errstate(invalid="ignore", over="ignore"):
        return np.array([norm(j @ v) for j, v in zip(jacobian, directions, strict=True)], dtype=np.float64)


def far_contrast(directional_norms: AnyArray, distances: AnyArray) -> float:
    """Sensitivity to distance far from the boundary relative to near it: can far points still be told apart?

    Parameters
    ----------
    directional_norms
        (points,) ‖J·n‖ ≥ 0 along the outward normal, from `directional`.
    distances
        (points,) to the boundary; signed or not, the magnitude counts.

    Returns
    -------
    float
        Mean norm over the farthest decile of points ÷ mean norm over the nearest; a decile is max(1, ⌊points / 10⌋)
        points, equal distances in the order given. ≥ 0: 1 = far and near alike, 0 = far points are squeezed together.
        0/0 is NaN, x/0 is ∞. NaN for a non-finite entry or fewer than 2 points.

    Raises
    ------
    ValueError
        Where shapes do not fit or a norm is negative.

    References
    ----------
    design.md, "Measurements": geometry; the two-moons article's claim K1.
    """
    norms, distances = checked("directional_norms", directional_norms, 1), checked("distances", distances, 1)
    points = same_length(directional_norms=norms, distances=distances)
    if bool((norms < 0.0).any()):
        raise ValueError("a norm is never negative")
    if points < 2 or not finite(norms, distances):
        return float("nan")
    decile = max(1, points // 10)
    order = np.argsort(np.abs(distances), kind="stable")
    scaled, _ = unit_scaled(norms)
    return ratio(float(scaled[order[-decile:]].mean()), float(scaled[order[:decile]].mean()))


def effective_rank(representation: AnyArray) -> float:
    """Participation ratio (Σλ)² / Σλ² of the eigenvalues λ of the representation's covariance.

    Judges collapse at initialisation only.

    Parameters
    ----------
    representation
        (points, units).

    Returns
    -------
    float
        In [1, min(points − 1, units)]: the number of directions that the variance fills. 0.0 for a constant
        representation or no more than one point; NaN for a non-finite entry.

    Raises
    ------
    ValueError
        Where the array is not two-dimensional.

    References
    ----------
    Gao et al. (2017), A theory of multineuronal dimensionality, dynamics and measurement; design.md, "Measurements".
    """
    if not finite(checked("representation", representation, 2)):
        return float("nan")
    x, _ = centred(np.asarray(representation))
    if not x.any():
        return 0.0
    # Σλ is the trace of the covariance and Σλ² its squared Frobenius norm; the smaller Gram matrix has the same.
    gram = x.T @ x if x.shape[1] <= len(x) else x @ x.T
    return float(np.trace(gram) ** 2 / np.square(gram).sum())


@dataclass(frozen=True)
class PrincipalAxes:
    """A representation seen along its leading principal axes."""

    scores: Array  # (points, k) in the representation's units, about its mean
    share: float  # of the variance that the k axes carry, in [0, 1]
    axes: Array  # (k, units) unit vectors; further points x are (x − mean of the representation)·axesᵀ in the picture


def principal_axes(representation: AnyArray, k: int = 2) -> PrincipalAxes:
    """Project a representation on its `k` leading principal axes, for the pictures of hidden space.

    Parameters
    ----------
    representation
        (points, units).
    k
        Number of axes, at least 1; columns of zeros where there are fewer units or points.

    Returns
    -------
    PrincipalAxes
        Each axis points to where its loading of largest magnitude (the first of equals) is positive, so that a picture
        does not flip from run to run. A constant representation has scores and axes 0 and share NaN (0/0); a
        non-finite entry makes all of them NaN.

    Raises
    ------
    ValueError
        Where the array is not two-dimensional or k < 1.

    References
    ----------
    Pearson (1901); the sign rule is that of Bro, Acar and Kolda (2008) made simple, as in scikit-learn's svd_flip.
    """
    values = checked("representation", representation, 2)
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if not finite(values):
        return PrincipalAxes(np.full((len(values), k), np.nan), float("nan"), np.full((k, values.shape[1]), np.nan))
    x, exponent = centred(np.asarray(representation))
    scores, axes = np.zeros((len(x), k)), np.zeros((k, x.shape[1]))
    if not x.any():
        return PrincipalAxes(scores, float("nan"), axes)
    U, s, Vt = np.linalg.svd(x, full_matrices=False)
    leading = np.abs(Vt).argmax(axis=1)
    signs = np.where(Vt[np.arange(len(Vt)), leading] < 0.0, -1.0, 1.0)
    kept = min(k, len(s))
    scores[:, :kept] = (U * s * signs)[:, :kept]
    axes[:kept] = (Vt * signs[:, None])[:kept]
    variance = np.square(s)
    return PrincipalAxes(np.ldexp(scores, exponent), float(variance[:kept].sum() / variance.sum()), axes)
