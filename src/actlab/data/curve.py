"""Two classes that are noisy curves, the second the first turned by half a turn: density, Bayes rule, boundary.

Class 0 has its points at γ(t) + noise, t uniform over [0, 1], class 1 at 2c − γ(t) + noise, with centre c. The
density of class 0 at x is f(x) = ∫₀¹ N(x; γ(t), σ²I) dt and that of class 1 is f(2c − x), so one density is enough.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from actlab._arrays import Array
from actlab.data._contour import zero_level

__all__ = ["NoisyCurve", "noisy_curve"]

_CHUNK = 1 << 20  # entries of the points × nodes matrix held at a time
_REACH, _CELLS = 6.0, 161  # the boundary is traced over ±6 standard deviations; an odd number: c lies inside a cell


@dataclass(frozen=True, eq=False)
class NoisyCurve:
    """Nodes and weights of the quadrature along γ, in the generator's own units."""

    nodes: Array  # (m, 2)
    weights: Array  # (m,) sum 1
    centre: Array  # (2,)
    noise: float

    def log_density(self, X: Array) -> Array:
        """ln f of points X ``(n, 2)``, up to a constant; by log-sum-exp, so it is finite however far X lies."""
        variance = self.noise**2
        bias = np.log(self.weights) - (self.nodes**2).sum(axis=1) / (2 * variance)
        out = np.empty(len(X))
        step = max(1, _CHUNK // len(self.nodes))
        for start in range(0, len(X), step):
            part = X[start : start + step]
            terms = part @ (self.nodes.T / variance) + bias
            top = terms.max(axis=1)
            terms -= top[:, None]
            np.exp(terms, out=terms)
            out[start : start + step] = np.log(terms.sum(axis=1)) + top - (part**2).sum(axis=1) / (2 * variance)
        return out

    def log_ratio(self, X: Array) -> Array:
        """ln of the density of class 1 over that of class 0 at points X ``(n, 2)``; the Bayes rule is its sign."""
        return self.log_density(2 * self.centre - X) - self.log_density(X)

    def boundary(self, sd: Array) -> Array:
        """The zero level of `log_ratio` as segments ``(k, 2, 2)`` (segment, end, coordinate).

        Traced over ±6 `sd` around the centre, and continued by long straight segments where it leaves that box.
        """
        half = np.linspace(-_REACH, _REACH, _CELLS + 1)
        x, y = self.centre[0] + half * sd[0], self.centre[1] + half * sd[1]
        grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
        density = self.log_density(grid.reshape(-1, 2)).reshape(len(x), len(y))
        return zero_level(self.log_ratio, x, y, density[::-1, ::-1] - density)

    def bayes_accuracy(self) -> float:
        """½ ∫ max(f₀, f₁), by the trapezoidal rule with 20 steps a standard deviation of the noise (12 for a tiny one).

        The rule is exact to rounding for sums of Gaussians; what remains is the kink along the boundary, about 1e-5.
        """
        sigma = self.noise
        reach = np.abs(self.nodes - self.centre).max(axis=0) + 8 * sigma
        step = max(sigma / 20, float(reach.max()) / 700)
        axes = []
        for k in range(2):
            at = self.centre[k] + step * np.arange(-np.ceil(reach[k] / step), np.ceil(reach[k] / step) + 1)
            axes.append(np.exp(-(((at[:, None] - self.nodes[:, k]) / sigma) ** 2) / 2))  # (grid, nodes)
        # A Gaussian in the plane is a product of two, so the densities on the grid are a product of matrices.
        f = (axes[0] * self.weights) @ axes[1].T
        return min(1.0, float(np.maximum(f, f[::-1, ::-1]).sum()) / (2 * np.pi) * (step / sigma) ** 2 / 2)


def noisy_curve(path: Callable[[Array], Array], length: float, centre: Array, noise: float) -> NoisyCurve:
    """The curve t ↦ path(t) ``(n, 2)`` with noise, by Gauss-Legendre panels of 8 nodes each.

    `length` is at least the greatest speed of the path: a panel is then at most 2.5 σ long, and the error of the
    density below 1e-9 of its maximum. At a distance D ≫ σ from an end of the curve the density is that of the last
    σ²/D of it, shorter than a panel: its logarithm is then off by up to 0.1, which moves the boundary by 0.1 σ²/D.
    """
    panels = int(np.ceil(length / (2.5 * noise)))
    x, w = np.polynomial.legendre.leggauss(8)
    t = ((np.arange(panels)[:, None] + (x + 1) / 2) / panels).ravel()
    return NoisyCurve(path(t), np.tile(w / (2 * panels), panels), centre, noise)
