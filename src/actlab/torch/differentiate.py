"""Autograd with the derivatives of the expression, to any order.

The derivative of order n has a backward pass that multiplies by the derivative of order n + 1, which is again a
differentiable function: double backward is backward twice. So gradients follow the conventions of the expression
(left slope at a kink), whether the core computes or printed operations do.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch

from actlab.functions.compile import compile_value
from actlab.functions.derivative import derivative
from actlab.functions.expression import Expression
from actlab.functions.printed import Steps, printed, run
from actlab.functions.program import Program
from actlab.torch.operations import EXPORTED, TABLE
from actlab.torch.tensors import HALVES, as_floats, core_can, symbolic, through_core

if TYPE_CHECKING:
    from actlab.functions.activation import Activation


def nth(activation: Activation, x: torch.Tensor, order: int) -> torch.Tensor:
    """The derivative of order `order` at `x`, with gradients; order 0 is φ itself.

    Raises:
        UserError: where a derivative of high order has become too large to evaluate, and for dtypes that are no reals.
    """
    if symbolic(x):
        return run(steps(activation.expression, order), x)  # type: ignore[no-any-return]
    if torch._C._is_tracing():  # a trace of torch.jit has no room for autograd functions
        exported = torch.onnx.is_in_onnx_export()
        return rounded(steps(activation.expression, order, exported), as_floats(x))  # type: ignore[no-any-return]
    if x.is_nested:
        return _nested(activation, x, order)
    x = as_floats(x)
    if _nobody_differentiates(x) and core_can(x):
        return Nth.forward(x, activation, order)
    return Nth.apply(x, activation, order)  # type: ignore[no-any-return, no-untyped-call]


def _nested(activation: Activation, x: Any, order: int) -> torch.Tensor:
    """The same for a nested tensor, part by part; `torch.nn.TransformerEncoder` makes them of padded batches."""
    if x.layout == torch.jagged:  # with the offsets of x itself, so that the two can be added
        return torch.nested.nested_tensor_from_jagged(nth(activation, x.values(), order), x.offsets(), x.lengths())
    parts = [nth(activation, part, order) for part in x.unbind()]
    return torch.nested.as_nested_tensor(parts)


def _nobody_differentiates(x: torch.Tensor) -> bool:
    """Whether autograd, forward mode and `torch.func` are all out of the way: the bare numbers will do."""
    tracked = x.requires_grad and torch.is_grad_enabled()
    dual = torch.autograd.forward_ad._current_level >= 0
    return not (tracked or dual or torch._C._are_functorch_transforms_active())


class Nth(torch.autograd.Function):
    """The derivative of order n of an activation: ``Nth.apply(x, activation, n)``, `x` a tensor of floats.

    Works in `torch.func` (vmap, grad, jvp) and in forward mode: it is elementwise, a batch is one more dimension.
    """

    @staticmethod
    def forward(x: torch.Tensor, activation: Activation, order: int) -> torch.Tensor:  # noqa: D102
        if not core_can(x):
            return rounded(steps(activation.expression, order), x)  # type: ignore[no-any-return]
        if order > 1:
            result = through_core(_high_program(activation.expression, order), x, True, False)[0]
        else:
            program = activation.program("derivative" if order else "value")
            result = through_core(program, x, not order, bool(order))[order]
        assert result is not None
        return result

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:  # noqa: ARG004, D102
        x, ctx.activation, ctx.order = inputs
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[Any, ...]:  # noqa: D102
        (x,) = ctx.saved_tensors
        return grads[0] * nth(ctx.activation, x, ctx.order + 1), None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> torch.Tensor:  # noqa: D102
        (x,) = ctx.saved_tensors
        return tangents[0] * nth(ctx.activation, x, ctx.order + 1)  # type: ignore[no-any-return]

    @staticmethod
    def vmap(_: Any, in_dims: tuple[Any, ...], x: torch.Tensor, activation: Activation, order: int) -> Any:  # noqa: D102
        return Nth.apply(x, activation, order), in_dims[0]  # type: ignore[no-untyped-call]


class Traced(torch.autograd.Function):
    """φ for `torch.compile`: ``Traced.apply(x, steps of φ, steps of φ′)``; the steps hold all it needs."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, value: Steps, slope: Steps) -> torch.Tensor:  # noqa: D102
        ctx.save_for_backward(x)
        ctx.slope = slope
        return rounded(value, x)  # type: ignore[no-any-return]

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[Any, ...]:  # noqa: D102
        (x,) = ctx.saved_tensors
        return grads[0] * rounded(ctx.slope, x), None, None


def rounded(steps: Steps, x: Any) -> Any:
    """`steps` at `x`; float16 and bfloat16 are computed in float32 and rounded once."""
    if x.dtype in HALVES:
        return run(steps, x.float()).to(x.dtype)
    return run(steps, x)


@lru_cache(maxsize=1024)
def steps(expression: Expression, order: int, exported: bool = False) -> Steps:
    """The derivative of order `order`, printed; ``exported=True``: in operations that every exporter renders well."""
    return printed(nth_expression(expression, order), EXPORTED if exported else TABLE)


@lru_cache(maxsize=1024)
def nth_expression(expression: Expression, order: int) -> Expression:
    """The derivative of order `order`."""
    return expression if order == 0 else derivative(nth_expression(expression, order - 1))


@lru_cache(maxsize=256)
def _high_program(expression: Expression, order: int) -> Program:
    return compile_value(nth_expression(expression, order))
