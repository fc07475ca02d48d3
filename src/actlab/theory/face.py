"""The theory of one activation: what `actlab.theory("tanh")` gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from actlab.functions import Activation, get
from actlab.text import UserError
from actlab.theory import critical, fixed_points, kernels, maps, spread
from actlab.theory.moments import Moments, moments

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.theory.critical import CriticalPoint
    from actlab.theory.fixed_points import Depth, FixedPoint
    from actlab.theory.kernels import Kernels
    from actlab.theory.spread import FiniteWidth, Isometry, Weights


class Theory:
    """What the theory of wide nets says of one activation φ, before anything is trained.

    Everywhere `sigma_w2` is the variance of a weight times its fan-in (σw² > 0), `sigma_b2` that of a bias (σb² ≥ 0),
    and q the variance of a pre-activation. A moment that does not exist is NaN. Every method raises `UserError` for
    numbers outside these ranges.
    """

    def __init__(self, activation: Activation) -> None:
        self.activation = activation

    def __repr__(self) -> str:
        return f"actlab.theory({self.activation.name!r})"

    def moments(self, q: float = 1.0) -> Moments:
        """Gaussian moments of φ and φ′ at variance q ≥ 0."""
        return moments(self.activation, _number("q", q, 0.0))

    def gain(self, q: float = 1.0, of: Literal["value", "slope"] = "value") -> float:
        """The factor on weights of deviation 1/√fan-in that keeps a second moment: √(q/E[φ²]), or 1/√E[φ′²].

        With ``of="value"`` the forward signal keeps its variance q; at q = 1 it is 1/√E[φ²]. With ``of="slope"`` it is
        the gradient that keeps its length (χ₁ = 1). NaN where the moment is 0 or does not exist.
        """
        m = self.moments(_number("q", q, 0.0, open_=True))
        if of not in ("value", "slope"):
            raise UserError("theory.bad_choice", name="of", value=str(of)[:40], known="value, slope")
        size = m.second / m.q if of == "value" else m.slope_second
        return 1 / math.sqrt(size) if size > 0 else math.nan

    def next_variance(self, q: float, *, sigma_w2: float, sigma_b2: float = 0.0) -> float:
        """The variance map: that of the next layer's pre-activations."""
        return maps.next_variance(self.activation, _number("q", q, 0.0), *_init(sigma_w2, sigma_b2))

    def next_correlation(
        self, c: float, *, sigma_w2: float, sigma_b2: float = 0.0, q: float | None = None
    ) -> float:  # fmt: skip
        """The correlation map, at variance q (default: the one that layers come to rest at, `depth_scale(…).q`)."""
        c = _number("c", c, -1.0, 1.0)
        weights = _init(sigma_w2, sigma_b2)
        return maps.next_correlation(self.activation, c, self._variance(q, *weights), *weights)

    def correlations(
        self, c: float, layers: int, *, sigma_w2: float, sigma_b2: float = 0.0, q: float | None = None
    ) -> Array:  # fmt: skip
        """Correlation of two inputs layer by layer, shape (layers + 1,), from `c` at the first, variance at rest."""
        found = [_number("c", c, -1.0, 1.0)]
        for _ in range(_whole("layers", layers)):
            found.append(self.next_correlation(found[-1], sigma_w2=sigma_w2, sigma_b2=sigma_b2, q=q))
        return np.array(found)

    def fixed_points(self, *, sigma_w2: float, sigma_b2: float = 0.0) -> tuple[FixedPoint, ...]:
        """Every variance that the layers keep, ascending, with its stability."""
        return fixed_points.fixed_points(self.activation, *_init(sigma_w2, sigma_b2))

    def depth_scale(self, *, sigma_w2: float, sigma_b2: float = 0.0) -> Depth:
        """How many layers signals and gradients last: resting variance and correlation, χ₁, phase, ξq and ξc."""
        return fixed_points.depth(self.activation, *_init(sigma_w2, sigma_b2))

    @property
    def has_critical_point(self) -> bool:
        """Whether a practical initialisation (1e-4 ≤ q ≤ 20) is at the edge of chaos and stays there."""
        return critical.recommended(self.activation) is not None

    def critical_point(self, q: float | None = None, *, sigma_b2: float | None = None) -> CriticalPoint:
        """The initialisation at the edge of chaos whose layers keep variance `q`, or whose biases have `sigma_b2`.

        With neither, the one whose variance is nearest to 1, that of standardised data. `UserError` where there is
        none: it says what stands in the way.
        """
        if q is not None and sigma_b2 is not None:
            raise UserError("theory.q_or_bias")
        if q is not None:
            point = critical.at(self.activation, _number("q", q, 0.0, open_=True))
            if not point.exists:
                raise critical.no_point(self.activation, point)
            return point
        if sigma_b2 is not None:
            found = critical.with_bias(self.activation, _number("sigma_b2", sigma_b2, 0.0))
            if found is None:
                raise UserError("theory.none_at_bias", name=self.activation.name, sigma_b2=f"{sigma_b2:g}")
            return found
        found = critical.recommended(self.activation)
        if found is None:
            raise UserError(f"theory.none_ever_{critical.why_none(self.activation)}", name=self.activation.name)
        return found

    def critical_line(self) -> tuple[CriticalPoint, ...]:
        """The critical line: its existing points with q from 1e-4 to 20, twenty to a decade; empty for none."""
        return tuple(p for p in critical.line(self.activation) if p.exists)

    def recommended_init(self) -> tuple[float, float]:
        """(σw², σb²) of `critical_point()`: weights N(0, σw²/fan-in), biases N(0, σb²)."""
        point = self.critical_point()
        return point.sigma_w2, point.sigma_b2

    def kernels(self, X: Any, depth: int, *, sigma_w2: float, sigma_b2: float = 0.0) -> Kernels:
        """NNGP and neural tangent kernel of a net with `depth` hidden layers, inputs X of shape (n, features).

        K⁰ = σw²·XXᵀ/features + σb² is the covariance of the first pre-activations. To 1e-8 of the diagonal.
        """
        try:
            points = np.asarray(X, dtype=np.float64)
        except (TypeError, ValueError):
            points = np.zeros(0)
        if points.ndim != 2 or not points.size or not np.isfinite(points).all():
            raise UserError("theory.bad_inputs")
        return kernels.kernels(self.activation, points, _whole("depth", depth), *_init(sigma_w2, sigma_b2))

    def isometry(
        self, layers: int, *, q: float | None = None, sigma_w2: float | None = None, weights: Weights = "gaussian"
    ) -> Isometry:  # fmt: skip
        """Mean and variance of the squared singular values of the Jacobian of `layers` layers.

        At variance q (default 1) and σw² (default 1/E[φ′²], so that χ₁ = 1).
        """
        if weights not in ("gaussian", "orthogonal"):
            raise UserError("theory.bad_choice", name="weights", value=str(weights)[:40], known="gaussian, orthogonal")
        q = _number("q", 1.0 if q is None else q, 0.0)
        if sigma_w2 is None:
            slope = self.moments(q).slope_second
            sigma_w2 = 1 / slope if slope > 0 else math.nan
        else:
            sigma_w2 = _number("sigma_w2", sigma_w2, 0.0, open_=True)
        return spread.isometry(self.activation, q, sigma_w2, _whole("layers", layers), weights)

    def finite_width(self, widths: Sequence[int], *, q: float = 1.0) -> FiniteWidth:
        """How much gradients differ from net to net when the hidden layers have these `widths`."""
        found = list(widths) if isinstance(widths, Sequence) else [widths]
        return spread.finite_width(
            self.activation, _number("q", q, 0.0), [max(1, _whole("widths", n)) for n in found]
        )  # fmt: skip

    def _variance(self, q: float | None, sigma_w2: float, sigma_b2: float) -> float:
        if q is not None:
            return _number("q", q, 0.0)
        rest = fixed_points.depth(self.activation, sigma_w2, sigma_b2).q
        if fixed_points.homogeneous(self.activation) and not 0 < rest < math.inf:
            return 1.0
        if math.isinf(rest):
            raise UserError("theory.no_rest", name=self.activation.name)
        return max(rest, fixed_points.NEAR_ZERO)


def theory(activation: str | Activation, **values: float) -> Theory:
    """The theory of an activation: a name, a formula or an `Activation`, as `actlab.get` takes them."""
    return Theory(get(activation, **values))


def _number(name: str, value: object, low: float, high: float = math.inf, open_: bool = False) -> float:
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if (
        isinstance(value, bool | str)
        or not math.isfinite(found)
        or not low <= found <= high
        or (open_ and found == low)
    ):
        limits = f"> {low:g}" if open_ else f"≥ {low:g}" if high == math.inf else f"{low:g} … {high:g}"
        raise UserError("theory.bad_number", name=name, value=str(value)[:40], limits=limits.replace("-", "−"))
    return found


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= 100_000:
        raise UserError("theory.bad_whole", name=name, value=str(value)[:40])
    return int(value)


def _init(sigma_w2: float, sigma_b2: float) -> tuple[float, float]:
    return _number("sigma_w2", sigma_w2, 0.0, open_=True), _number("sigma_b2", sigma_b2, 0.0)
