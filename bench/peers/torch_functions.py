"""Activation functions and their slopes by PyTorch: the functional forward, and its own backward kernel on ones.

What autograd would call, without autograd: the gradient of ones is made beforehand. Where PyTorch has no kernel of its
own for a slope (softsign, tanhshrink), the operations are those of its autograd formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

a = torch.ops.aten


def relu(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    y = torch.relu(x)
    return y, a.threshold_backward(g, y, 0)


def relu6(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.relu6(x), a.hardtanh_backward(g, x, 0.0, 6.0)


def leaky_relu(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.leaky_relu(x, 0.01), a.leaky_relu_backward(g, x, 0.01, False)


def hard_tanh(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.hardtanh(x), a.hardtanh_backward(g, x, -1.0, 1.0)


def hard_sigmoid(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.hardsigmoid(x), a.hardsigmoid_backward(g, x)


def hard_swish(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.hardswish(x), a.hardswish_backward(g, x)


def softsign(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    d = x.abs() + 1
    return x / d, g / (d * d)


def softshrink(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.softshrink(x), a.softshrink_backward(g, x, 0.5)


def tanh(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    y = torch.tanh(x)
    return y, a.tanh_backward(g, y)


def tanhshrink(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    t = torch.tanh(x)
    return x - t, g - a.tanh_backward(g, t)


def sigmoid(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    y = torch.sigmoid(x)
    return y, a.sigmoid_backward(g, y)


def silu(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.silu(x), a.silu_backward(g, x)


def softplus(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.softplus(x), a.softplus_backward(g, x, 1, 20)


def logsigmoid(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    y, buffer = a.log_sigmoid_forward(x)
    return y, a.log_sigmoid_backward(g, x, buffer)


def mish(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.mish(x), a.mish_backward(g, x)


def gelu(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.gelu(x), a.gelu_backward(g, x)


def gelu_tanh(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.gelu(x, approximate="tanh"), a.gelu_backward(g, x, approximate="tanh")


def elu(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.elu(x), a.elu_backward(g, 1.0, 1.0, 1.0, False, x)


def selu(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return functional.selu(x), a.elu_backward(g, alpha, scale, 1.0, False, x)


def celu(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return functional.celu(x), a.elu_backward(g, 1.0, 1.0, 1.0, False, x)


def erf(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return torch.erf(x), 1.1283791670955126 * torch.exp(-x * x) * g


def sin(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return torch.sin(x), g * torch.cos(x)


def arctan(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    return torch.atan(x), g / (x * x + 1)


def exponential(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    y = torch.exp(x)
    return y, g * y


def gaussian(x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    y = torch.exp(-x * x)
    return y, g * y * x * -2


FUNCTIONS = {
    f.__name__: f
    for f in (
        relu, relu6, leaky_relu, hard_tanh, hard_sigmoid, hard_swish, softsign, softshrink, tanh, tanhshrink, sigmoid,
        silu, softplus, logsigmoid, mish, gelu, gelu_tanh, elu, selu, celu, erf, sin, arctan, exponential, gaussian,
    )
}  # fmt: skip


class Torch:
    """PyTorch on so many threads."""

    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)

    def prepare(self, name: str, x: Any) -> Callable[[], Any] | None:
        """What computes value and slope at x when it is called; None: there is no such function here."""
        function = FUNCTIONS.get(name)
        if function is None:
            return None
        tensor = torch.from_numpy(x)
        ones = torch.ones_like(tensor)

        def call() -> Any:
            with torch.no_grad():
                return function(tensor, ones)

        return call

    @staticmethod
    def arrays(result: Any) -> tuple[Any, Any]:
        return result[0].numpy(), result[1].numpy()
