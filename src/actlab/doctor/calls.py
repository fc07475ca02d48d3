"""What the functions of PyTorch are to the doctor: weights, activations, softmax, attention, losses, recurrences."""

from __future__ import annotations

import re
import types
from typing import Any, Final

import torch
from torch.nn import functional

from actlab.torch.recognise import activation_functions

#: Functions that use weights, with their kind and the axis of their output on which the units lie.
WEIGHTS: Final[dict[Any, tuple[str, int]]] = {
    functional.linear: ("linear", -1), functional.bilinear: ("linear", -1),
    **dict.fromkeys((torch.addmm, torch.matmul, torch.mm, torch.bmm, torch.einsum), ("linear", -1)),
    **dict.fromkeys((torch.Tensor.matmul, torch.Tensor.mm, torch.Tensor.__matmul__), ("linear", -1)),
    **dict.fromkeys((functional.conv1d, functional.conv2d, functional.conv3d), ("conv", 1)),
    **dict.fromkeys(
        (functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d), ("conv", 1)
    ),
    functional.embedding: ("embedding", -1),
    **dict.fromkeys(
        (functional.batch_norm, functional.instance_norm, functional.group_norm, torch.batch_norm, torch.group_norm),
        ("norm", 1),
    ),
    **dict.fromkeys((functional.layer_norm, functional.rms_norm, torch.layer_norm, torch.rms_norm), ("norm", -1)),
}  # fmt: skip
#: Those that a layer calls, whose second argument is a weight even where it is computed of parameters.
OF_LAYERS: Final = frozenset({functional.linear, functional.bilinear})
#: Which argument holds the weights, where it is not the second.
WEIGHT_PLACE: Final[dict[Any, tuple[int, ...]]] = {
    torch.addmm: (1, 2), torch.einsum: (1, 2), functional.embedding: (1,),
    functional.bilinear: (2,), functional.batch_norm: (3,), functional.instance_norm: (3,),
    functional.group_norm: (2,), torch.batch_norm: (1,), torch.group_norm: (2,),
    functional.layer_norm: (2,), functional.rms_norm: (2,), torch.layer_norm: (2,), torch.rms_norm: (2,),
    **dict.fromkeys((torch.matmul, torch.mm, torch.bmm, torch.Tensor.matmul, torch.Tensor.mm), (0, 1)),
    torch.Tensor.__matmul__: (0, 1),
}  # fmt: skip
BATCH_NORM: Final = frozenset({functional.batch_norm, torch.batch_norm})
ACTIVATIONS: Final = activation_functions()
RELU_LIKE: Final = frozenset({torch.clamp, torch.clamp_min, torch.Tensor.clamp, torch.Tensor.clamp_min})
PRELU: Final = frozenset({functional.prelu, torch.prelu, torch.Tensor.prelu})
SIGMOIDS: Final = frozenset({torch.special.expit, functional.glu})
SOFTMAX: Final = frozenset({functional.softmax, torch.softmax, torch.Tensor.softmax})
LOG_SOFTMAX: Final = frozenset({functional.log_softmax, torch.log_softmax, torch.Tensor.log_softmax})
ATTENTION: Final = functional.scaled_dot_product_attention
#: Elementwise products, by which a gate lets a signal through.
PRODUCTS: Final = frozenset(
    {torch.mul, torch.Tensor.mul, torch.Tensor.mul_, torch.Tensor.__mul__, torch.Tensor.__rmul__}
)
#: What hands its input on, thinned or shuffled: an activation behind it is fed by what is before it.
THROUGH: Final = frozenset({
    functional.dropout, functional.dropout1d, functional.dropout2d, functional.dropout3d, functional.alpha_dropout,
    functional.feature_alpha_dropout, torch.dropout, functional.max_pool1d, functional.max_pool2d,
    functional.avg_pool1d, functional.avg_pool2d, functional.adaptive_avg_pool1d, functional.adaptive_avg_pool2d,
    functional.adaptive_max_pool2d, torch.flatten, torch.max_pool1d, torch.max_pool2d,
})  # fmt: skip
RECURRENT: Final = {
    getattr(torch._VF, name): name
    for name in ("lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")
}
LOSSES: Final = {
    functional.cross_entropy: "cross_entropy",
    functional.nll_loss: "nll_loss",
    functional.binary_cross_entropy: "binary_cross_entropy",
    functional.binary_cross_entropy_with_logits: "binary_cross_entropy_with_logits",
    functional.mse_loss: "mse_loss",
    functional.l1_loss: "l1_loss",
    functional.smooth_l1_loss: "smooth_l1_loss",
    functional.huber_loss: "huber_loss",
}


def _transparent(function: types.FunctionType) -> types.FunctionType:
    """`function`, a composite of `torch.nn.functional`, that does not hand itself over as a whole to a mode.

    The same code with the same names, except that its question whether somebody watches is answered with no: so the
    calls inside are seen one by one, and every number stays what it is.
    """
    names = {**function.__globals__, "has_torch_function": lambda _: False}
    copy = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


#: Functions of PyTorch made of several calls, which are looked into.
COMPOSITES: Final = {
    functional.multi_head_attention_forward: _transparent(functional.multi_head_attention_forward)  # type: ignore[arg-type]
}

_VIEW: Final = re.compile(
    r"(View|UnsafeView|ReshapeAlias|T|Transpose|Permute|Squeeze|Unsqueeze|Slice|Select|Clone|Alias|Expand|ToCopy|Unfold"
    r"|AsStrided|Split|SplitWithSizes|Unbind|NativeDropout|(Adaptive)?(Max|Avg)Pool\w+)Backward\d*"
)


_SCALING: Final = re.compile(r"(Mul|Div|Add|Sub|MaskedFill|Where)Backward\d*")
_PRODUCT: Final = re.compile(r"(Bmm|Mm|Baddbmm)Backward\d*")


def is_scaling(node_name: str) -> bool:
    """Whether the autograd node of this name scales, shifts or masks numbers."""
    return _SCALING.fullmatch(node_name) is not None


def is_product(node_name: str) -> bool:
    """Whether the autograd node of this name multiplies two signals."""
    return _PRODUCT.fullmatch(node_name) is not None


def is_view(node_name: str) -> bool:
    """Whether the autograd node of this name only arranges numbers anew; what is behind it made them."""
    return _VIEW.fullmatch(node_name) is not None
