"""How evenly a net passes signals back: the singular values of its input–output Jacobian, and what finite width adds.

For J = D_L W_L … D₁ W₁ (D the slopes of a layer, W its weights), with μ_k = E[(φ′²)^k]:

- infinitely wide (Pennington, Schoenholz, Ganguli 2017, "Resurrecting the sigmoid", eqs. 16–20): the squared singular
  values have mean (σw²μ₁)^L and variance (σw²μ₁)^(2L)·L·(μ₂/μ₁² − 1 − s₁), s₁ = 0 for orthogonal, −1 for Gaussian
  weights. (One layer of Gaussian weights is Wishart with D² between: σw⁴(μ₂ + μ₁²) is its second moment, which agrees.)
- finite width n_l, Gaussian weights (Hanin 2018; Hanin & Nica 2020, for the rectifier): ‖J·u‖² is a product over layers
  of (σw²/n_l)Σφ′²g², g ~ N(0, 1). A factor has relative variance (3μ₂/μ₁² − 1)/n_l: 5/n_l for the rectifier. So its
  logarithm varies by β·(3μ₂/μ₁² − 1), β = Σ1/n_l, and gradients differ from net to net e-fold and more once β nears 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from actlab.theory.moments import moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.functions import Activation

Weights = Literal["gaussian", "orthogonal"]


@dataclass(frozen=True)
class Isometry:
    """The squared singular values of the Jacobian of `layers` infinitely wide layers.

    Attributes:
        mean: their mean, (σw²μ₁)^L.
        variance: their variance; 0 is perfect isometry: every direction passes equally.
        slope_ratio: μ₂/μ₁².
    """

    layers: int
    mean: float
    variance: float
    slope_ratio: float


@dataclass(frozen=True)
class FiniteWidth:
    """How much the squared length of a gradient varies between nets of these widths that differ by seed alone.

    Attributes:
        beta: Σ 1/n over the hidden layers.
        relative_second_moment: E[‖Ju‖⁴]/E[‖Ju‖²]² = Π(1 + (3μ₂/μ₁² − 1)/n).
        log_variance: its logarithm, the variance of ln‖Ju‖² where the product is log-normal (wide and deep).
        ninety_five: the factor within which ‖Ju‖² stays, up and down, in 95 % of nets: exp(1.96·√log_variance).
    """

    beta: float
    relative_second_moment: float
    log_variance: float
    ninety_five: float


def isometry(activation: Activation, q: float, sigma_w2: float, layers: int, weights: Weights) -> Isometry:
    """`Isometry` of `layers` layers whose pre-activations have variance q."""
    m = moments(activation, q)
    s1 = 0 if weights == "orthogonal" else -1
    mean = (sigma_w2 * m.slope_second) ** layers
    return Isometry(layers, mean, mean**2 * layers * (m.slope_ratio - 1 - s1), m.slope_ratio)


def finite_width(activation: Activation, q: float, widths: Sequence[int]) -> FiniteWidth:
    """`FiniteWidth` of hidden layers of these widths, Gaussian weights, pre-activations of variance q.

    Slopes are taken as independent of what is passed back, which is exact for φ whose slope depends on the sign of z
    only, and the leading order in 1/n otherwise.
    """
    factor = 3 * moments(activation, q).slope_ratio - 1
    second = math.fsum(math.log1p(factor / n) for n in widths)
    beta = math.fsum(1 / n for n in widths)
    return FiniteWidth(beta, math.exp(min(second, 700.0)), second, math.exp(min(1.96 * math.sqrt(second), 700.0)))
