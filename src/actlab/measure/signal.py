"""How large the signal is on its way through a net: pre-activations z and post-activations a, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab.measure._shapes import checked, finite, mean, same_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import AnyArray, Array


@dataclass(frozen=True)
class LayerSignal:
    """One layer's signal over a probe, in the units of z and a."""

    mean_abs_z: float  # ≥ 0
    mean_abs_a: float  # ≥ 0
    mean_z: float
    var_z: float  # ≥ 0; population variance over points and units jointly


@dataclass(frozen=True)
class PointSignal:
    """One data point's signal, layer by layer (row A5 of the mission)."""

    mean_abs_z: Array  # (layers,)
    mean_abs_a: Array  # (layers,)


def layer_signal(z: AnyArray, a: AnyArray) -> LayerSignal:
    """Mean |z|, mean |a|, mean and variance of z, over points and units jointly.

    Parameters
    ----------
    z, a
        Pre- and post-activations, (points, units). The output layer's a is the predicted probability. `a` may have
        other units than `z` (a gated layer has half as many), not other points.

    Returns
    -------
    LayerSignal
        All NaN for an empty array; a quantity is NaN where the array it is taken of holds a non-finite value.
        Normal range: a variance of z that neither grows nor shrinks from layer to layer by more than theory
        (`actlab.theory`) expects of this activation and initialisation.

    Raises
    ------
    ValueError
        Where an array is not two-dimensional or the points differ in number.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks; design.md,
    "Measurements": signal.
    """
    z, a = checked("z", z, 2), checked("a", a, 2)
    same_length(z=z, a=a)
    variance = float("nan")
    if z.size and finite(z):
        with np.errstate(over="ignore", invalid="ignore"):
            # About the first entry: a layer collapsed to one value then has a variance of exactly 0.
            variance = float((z - z[0, 0]).var())
    return LayerSignal(mean_abs_z=mean(np.abs(z)), mean_abs_a=mean(np.abs(a)), mean_z=mean(z), var_z=variance)


def point_signal(zs: Sequence[AnyArray], as_: Sequence[AnyArray]) -> PointSignal:
    """Mean |z| and mean |a| of each layer for a single data point.

    Parameters
    ----------
    zs, as_
        One array (units of that layer,) per layer, hidden layers in order, then the output.

    Returns
    -------
    PointSignal
        NaN for a layer that is empty or holds a non-finite value.

    Raises
    ------
    ValueError
        Where the numbers of layers differ or an array is not one-dimensional.

    References
    ----------
    The two-moons article (mission, row A5); design.md, "Measurements": signal.
    """
    if len(zs) != len(as_):
        raise ValueError(f"zs has {len(zs)} layers, as_ has {len(as_)}")
    return PointSignal(
        mean_abs_z=np.array([mean(np.abs(checked("z", z, 1))) for z in zs], dtype=np.float64),
        mean_abs_a=np.array([mean(np.abs(checked("a", a, 1))) for a in as_], dtype=np.float64),
    )
