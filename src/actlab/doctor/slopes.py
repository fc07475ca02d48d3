"""The derivative of an activation at a call, by our own exact functions, on NumPy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.doctor import calls
from actlab.functions import Activation, get
from actlab.torch.recognise import of_call

if TYPE_CHECKING:
    import torch

    from actlab._arrays import AnyArray, Array


@dataclass(frozen=True)
class Slope:
    """An activation as it was called: φ′ and E[φ′²] under N(0, 1).

    `per_unit` are the slopes of PReLU on the negative side, one or one for each unit; ``None`` for all others.
    """

    activation: Activation
    per_unit: Array | None = None

    @property
    def reference(self) -> float | Array:
        """E[φ′²]: one number, or (units,)."""
        if self.per_unit is None:
            return self.activation.facts.derivative_second_moment
        reference = 0.5 * (1.0 + np.square(self.per_unit))
        return reference if reference.size > 1 else float(reference[0])

    def __call__(self, z: AnyArray) -> AnyArray:
        """φ′(z), (points, units)."""
        if self.per_unit is None:
            result: AnyArray = self.activation.derivative(z)
            return result
        return np.where(z > 0, 1.0, self.per_unit)


def slope_of(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Slope | None:
    """What the call ``function(*args, **kwargs)`` computes of its first argument; ``None``: no activation."""
    if function in calls.ACTIVATIONS:
        found = of_call(function, args, kwargs)
        return None if found is None else Slope(found)
    if function in calls.PRELU:
        weight: torch.Tensor = args[1] if len(args) > 1 else kwargs["weight"]
        slopes = weight.detach().double().cpu().reshape(-1).numpy().copy()
        return Slope(get("prelu", alpha=0.25), slopes)  # the setting does not matter: `per_unit` computes
    if function in calls.RELU_LIKE:
        low = args[1] if len(args) > 1 else kwargs.get("min")
        high = args[2] if len(args) > 2 else kwargs.get("max")
        is_zero = isinstance(low, int | float) and low == 0 and not isinstance(low, bool)
        return Slope(get("relu")) if is_zero and high is None else None
    if function in calls.SIGMOIDS:
        return Slope(get("sigmoid"))
    return None
