"""Any activation as a module of PyTorch."""

from __future__ import annotations

from typing import Any

import torch

import actlab.functions.activation as functions
from actlab.functions.losing import loses
from actlab.functions.printed import Steps, run
from actlab.torch.differentiate import Traced, rounded, steps
from actlab.torch.evaluate import value
from actlab.torch.tensors import as_floats


class Activation(torch.nn.Module):
    """An activation function of any name or formula, as a module without weights.

    >>> Activation("leaky_relu", alpha=0.05)
    Activation(leaky_relu(alpha=0.05): where(x > 0, x, 0.05*x))

    Args:
        activation: what `actlab.get` takes: a name, a formula in x, or an activation.
        values: its parameters, by name.

    Shape: any; the output has the shape, dtype, device and memory format of the input. float16 and bfloat16 are
    computed in float32 and rounded once, whole numbers become the default dtype.

    Guarantees:
        Eager on the CPU, the core computes: the bits of ``actlab.get(...)`` on NumPy arrays, in both directions.
        Gradients are those of the expression: the left slope at a kink, exact in the tails, and differentiable again,
        to any order. In `torch.compile` and on other devices printed operations run (a few ULP where the expression
        does not cancel), with the same gradients; `torch.compile` itself allows one backward pass.
        `torch.func`, autocast (the input's dtype is kept), `copy.deepcopy` and pickle work.

    State: the state dict holds the name and the formula (``_extra_state``); loading it makes this the saved function.
    A state dict without them (of a model with `torch.nn.ReLU` in this place) loads too, and changes nothing.

    Raises:
        UserError: for names, formulas and parameters that `actlab.get` refuses, and for inputs that are not real.
    """

    activation: functions.Activation
    _steps: tuple[Steps, Steps, Steps]  # of φ, of φ′, and of φ for exporters
    _loses: bool

    def __init__(self, activation: str | functions.Activation, **values: float) -> None:
        super().__init__()
        self._become(functions.get(activation, **values))

    def _become(self, activation: functions.Activation) -> None:
        self.activation = activation
        expression = activation.expression
        # printed now: inside a trace nothing of this could be looked up
        self._loses = loses(expression)
        self._steps = (steps(expression, 0), steps(expression, 1), steps(expression, 0, exported=True))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """φ(x)."""
        if torch.compiler.is_exporting():
            x = as_floats(x)
            if self._loses and x.dtype != torch.float64:
                return run(self._steps[2], x.double()).to(x.dtype)  # type: ignore[no-any-return]
            return rounded(self._steps[2], x)  # type: ignore[no-any-return]
        if torch.compiler.is_compiling():
            return Traced.apply(as_floats(x), self._steps[0], self._steps[1])  # type: ignore[no-any-return, no-untyped-call]
        return value(self.activation, x)

    def extra_repr(self) -> str:
        """The name, and the formula where the name does not say it."""
        name = self.activation.name
        formula = _formula(self.activation)
        return name if name == formula else f"{name}: {formula}"

    def get_extra_state(self) -> dict[str, str]:
        """Name and formula, for the state dict."""
        return {"name": self.activation.name, "formula": _formula(self.activation)}

    def set_extra_state(self, state: dict[str, str]) -> None:
        """Become the function of a state dict. The formula decides: a name might mean something else one day."""
        found = functions.get(state["formula"])
        named = functions.get(state["name"]) if state["name"] != state["formula"] else found
        self._become(named if named == found else found)

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, local_metadata: Any, strict: bool, missing_keys: list[str], *rest: Any
    ) -> None:
        key = f"{prefix}_extra_state"
        super()._load_from_state_dict(state_dict, prefix, local_metadata, strict, missing_keys, *rest)
        if key in missing_keys:  # weights saved before this module took the place of another
            missing_keys.remove(key)

    def __getstate__(self) -> dict[str, Any]:
        return {name: held for name, held in self.__dict__.items() if name != "_steps"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self._become(self.activation)


def _formula(activation: functions.Activation) -> str:
    try:
        return activation.formula
    except ValueError:  # too large to write out; the name is a formula that can be read
        return activation.name
