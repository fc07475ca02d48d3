"""Kernels of infinitely wide nets of any depth: what such a net is before training (NNGP) and how it trains (NTK).

Lee et al. (2018), "Deep neural networks as Gaussian processes", eqs. 4–6; Jacot, Gabriel, Hongler (2018), "Neural
tangent kernel", theorem 1, with the weights as σw/√fan-in times N(0, 1) and the biases as σb times N(0, 1). For the
rectifier they are the arc-cosine kernels of Cho and Saul (2009), for erf the arcsine kernel of Williams (1997).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from actlab.theory.maps import pair

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.functions import Activation

_NODES = 64  # of Chebyshev's polynomials in the angle between two inputs


class Kernels(NamedTuple):
    """Kernels between inputs, each of shape (n, n).

    Attributes:
        nngp: the covariance of the output (a linear layer on top of the hidden ones) over random nets.
        ntk: the neural tangent kernel of the same net; NaN where φ jumps.
    """

    nngp: Array
    ntk: Array


def kernels(activation: Activation, X: Array, depth: int, sigma_w2: float, sigma_b2: float) -> Kernels:
    """NNGP and NTK of a net with `depth` hidden layers, for inputs X of shape (n, features).

    K⁰ = σw²·XXᵀ/features + σb²; K′ = σw²E[φφ] + σb²; Θ⁰ = K⁰; Θ′ = K′ + Θ·σw²E[φ′φ′].
    """
    K = sigma_w2 * (X @ X.T) / X.shape[1] + sigma_b2
    ntk = K.copy()
    for _ in range(depth):
        values, slopes = _expectations(activation, K)
        K = sigma_w2 * values + sigma_b2
        ntk = K + ntk * (sigma_w2 * slopes)
    return Kernels(K, ntk)


def _expectations(activation: Activation, K: Array) -> tuple[Array, Array]:
    """E[φφ] and E[φ′φ′] for pre-activations of covariance K, shape (n, n)."""
    variances = np.diag(K).copy()
    scale = np.sqrt(np.outer(variances, variances))
    c = np.clip(np.divide(K, scale, out=np.ones_like(K), where=scale > 0), -1.0, 1.0)
    rows, columns = np.triu_indices(len(K))
    values, slopes = np.empty_like(K), np.empty_like(K)
    alike = float(np.ptp(variances)) <= 1e-14 * float(np.max(variances))
    if alike and len(rows) > 2 * _NODES:
        found = _by_angle(activation, float(variances[0]), c[rows, columns])
    else:
        found = np.array(
            [
                pair(activation, float(variances[i]), float(variances[j]), 1.0 if i == j else float(c[i, j]))
                for i, j in zip(rows, columns, strict=True)
            ]
        ).T
    for target, column in zip((values, slopes), found, strict=True):
        target[rows, columns] = target[columns, rows] = column
    return values, slopes


def _by_angle(activation: Activation, q: float, c: Array) -> Array:
    """Both expectations at many correlations, shape (2, n), by interpolation in the angle arccos c.

    At a kink of φ the expectations bend like √(1 − c) at c = 1, which is smooth in the angle.
    """
    nodes = 0.5 * math.pi * (1 + np.cos(math.pi * (np.arange(_NODES) + 0.5) / _NODES))
    samples = np.array([pair(activation, q, q, float(x)) for x in np.cos(nodes)])
    t = 2 * np.arccos(c) / math.pi - 1
    fitted = np.polynomial.chebyshev.chebfit(2 * nodes / math.pi - 1, samples, _NODES - 1)
    if not np.all(np.abs(fitted[-4:]) <= 1e-9 * np.max(np.abs(fitted), axis=0)):  # it does not converge: one by one
        return np.array([pair(activation, q, q, float(x)) for x in c]).T
    return np.asarray(np.polynomial.chebyshev.chebval(t, fitted))
