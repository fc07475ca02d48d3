"""Tensors and the core: which of them it can read, and how their numbers come to it and back.

float32 and float64 are read where they lie; float16 and bfloat16 are computed in float32 and rounded once; integers
and booleans become the default dtype. The memory format of a dense tensor (channels last) is kept.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch.utils._python_dispatch import is_in_torch_dispatch_mode

from actlab.functions.evaluate import run
from actlab.functions.program import Program
from actlab.text import UserError

HALVES: Final = (torch.float16, torch.bfloat16)
_FLOATS: Final = (torch.float32, torch.float64, *HALVES)
_WHOLE: Final = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool)
_PLAIN: Final = (torch.Tensor, torch.nn.Parameter)


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
