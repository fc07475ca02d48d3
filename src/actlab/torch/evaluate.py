"""Tensors in, tensors out: through the core where it can look, through printed operations elsewhere.

The core evaluates eager tensors in the memory of the CPU: torch.Tensor itself or a parameter, outside of any trace.
float32 and float64 are read where they lie; float16 and bfloat16 are computed in float32 and rounded once; integers
and booleans become the default dtype. The memory format of a dense tensor (channels last) is kept.

Everything else (other devices, tracing, tensor subclasses) runs printed operations. In code for `torch.compile` an
activation that is no module breaks the graph and stays exact; see `_outside_graphs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import torch
from torch.utils._python_dispatch import is_in_torch_dispatch_mode

from actlab.functions.evaluate import run
from actlab.functions.program import Program
from actlab.text import UserError

if TYPE_CHECKING:
    from actlab.functions.activation import Activation

HALVES: Final = (torch.float16, torch.bfloat16)
_FLOATS: Final = (torch.float32, torch.float64, *HALVES)
_WHOLE: Final = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool)
_PLAIN: Final = (torch.Tensor, torch.nn.Parameter)


def value(activation: Activation, x: torch.Tensor) -> torch.Tensor:
    """φ(x): a tensor of the shape, dtype and device of `x`, differentiable to any order."""
    from actlab.torch.differentiate import nth  # here and below: its forward passes come back to this module

    return _outside_graphs(nth, activation, x, 0)  # type: ignore[no-any-return]


def derivative(activation: Activation, x: torch.Tensor) -> torch.Tensor:
    """φ′(x), differentiable too."""
    from actlab.torch.differentiate import nth

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


def symbolic(x: object) -> bool:
    """Whether `x` stands for a tensor in a symbolic trace of `torch.fx`."""
    return isinstance(x, torch.fx.Proxy)


def as_floats(x: torch.Tensor) -> torch.Tensor:
    """`x` itself where its dtype is a float, in the default dtype where it is whole numbers.

    Raises:
        UserError: for complex, quantised or other dtypes, and for sparse layouts.
    """
    if x.layout != torch.strided:
        raise UserError("frameworks.layout", layout=str(x.layout))
    if x.dtype in _FLOATS:
        return x
    if x.dtype in _WHOLE:
        return x.to(torch.get_default_dtype())
    raise UserError("frameworks.dtype", dtype=str(x.dtype))


def core_can(x: torch.Tensor) -> bool:
    """Whether the numbers of `x` lie in the memory of the CPU, in a tensor that is what it looks like."""
    return type(x) in _PLAIN and x.device.type == "cpu" and not is_in_torch_dispatch_mode()


def through_core(
    program: Program, x: torch.Tensor, value: bool, derivative: bool
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """`program` at `x`, floats for which `core_can` holds; without gradients. What is not asked for is ``None``."""
    x = x.detach().resolve_neg()
    order = None if x.is_contiguous() else sorted(range(x.dim()), key=x.stride, reverse=True)
    lying = x if order is None else x.permute(order)  # in the order of memory: dense tensors are read in place
    wide = lying.float() if x.dtype in HALVES else lying
    flat = wide.contiguous().numpy().reshape(-1)

    def shaped(result: Any) -> torch.Tensor | None:
        if result is None:
            return None
        tensor = torch.from_numpy(result).to(x.dtype).view(lying.shape)
        if order is None:
            return tensor
        return tensor.permute(sorted(range(len(order)), key=order.__getitem__))

    first, second = run(program, flat, value, derivative)
    return shaped(first), shaped(second)
