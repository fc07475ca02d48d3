"""Tensors in, tensors out: through the core where it can look, through printed operations elsewhere.

The core evaluates eager tensors in the memory of the CPU: torch.Tensor itself or a parameter, outside of any trace;
see `actlab.torch.tensors` for what becomes of their dtypes.

Everything else (other devices, tracing, tensor subclasses) runs printed operations. In code for `torch.compile` an
activation that is no module breaks the graph and stays exact; see `_outside_graphs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

from actlab.torch.differentiate import nth
from actlab.torch.tensors import as_floats, core_can, symbolic, through_core

if TYPE_CHECKING:
    from actlab.functions.activation import Activation


def value(activation: Activation, x: torch.Tensor) -> torch.Tensor:
    """φ(x): a tensor of the shape, dtype and device of `x`, differentiable to any order."""
    return _outside_graphs(nth, activation, x, 0)  # type: ignore[no-any-return]


def derivative(activation: Activation, x: torch.Tensor) -> torch.Tensor:
    """φ′(x), differentiable too."""
    return _outside_graphs(nth, activation, x, 1)  # type: ignore[no-any-return]


def value_and_derivative(activation: Activation, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """φ(x) and φ′(x); in one pass where no gradient is asked for."""
    return _outside_graphs(_both, activation, x)  # type: ignore[no-any-return]


def _outside_graphs(function: Callable[..., Any], *arguments: Any) -> Any:
    """`function`, which no compiler shall look into: the graph breaks there, as it does not at a module."""
    if torch.compiler.is_compiling():
        return torch.compiler.disable(function)(*arguments)  # type: ignore[no-untyped-call]
    return function(*arguments)


def _both(activation: Activation, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    traced = torch._C._are_functorch_transforms_active() or torch._C._is_tracing()
    if symbolic(x) or traced or x.is_nested or (x.requires_grad and torch.is_grad_enabled()) or not core_can(x):
        return value(activation, x), derivative(activation, x)
    first, second = through_core(activation.program("both"), as_floats(x), True, True)
    assert first is not None
    assert second is not None
    return first, second
