"""``init="fitted"``: the layers that feed an activation get weights that fit the new one.

The rule. For pre-activations z ~ N(0, 1) the gain of φ is g(φ) = 1/√E[φ(z)²] (`Facts.gain`), the factor on weights
that keeps the second moment of a signal; He et al. (2015) is the case of the rectifier, g = √2. A layer drawn for the
old activation is one for the new when its weights are multiplied by g(new)/g(old). As in
``torch.nn.init.kaiming_normal_(nonlinearity=…)`` the gain belongs to the layer before the activation.

- Scaled, once each, are the weights of Linear and convolution layers whose output reaches a replaced activation
  directly, or through dropout, flattening, reshaping or pooling. Biases stay.
- A normalisation in between undoes any scale, so the layer before it is left alone.
- Where the output of a layer first meets something else (a sum, a product) nothing is scaled, and the report says so.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

import torch
from torch import nn

from actlab.torch.recognise import of_module

Layer = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
_THROUGH: Final = (
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.Identity, nn.Flatten, nn.Unflatten,
    nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d,
)  # fmt: skip
_THROUGH_NAMES: Final = frozenset({
    "dropout", "flatten", "view", "reshape", "permute", "transpose", "contiguous", "squeeze", "unsqueeze", "movedim",
    "max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d", "getitem", "float", "to", "half", "double",
})  # fmt: skip
_NORMS: Final = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm")
Feed = tuple[list[Layer], bool]  # the layers to scale, and whether every way was understood


class _Shallow(torch.fx.Tracer):
    """Traces one forward; every child is a leaf."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:  # noqa: ARG002
        return True


def feeders(parent: nn.Module, is_replaced: Callable[[Any], bool]) -> Feed:
    """The layers that feed the replaced activations in the forward of `parent`.

    `is_replaced` says so of a child module or of a function that is called.
    """
    if isinstance(parent, nn.Sequential):
        return _in_sequence(list(parent), is_replaced)
    if isinstance(parent, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer):
        return [parent.linear1], True
    try:
        graph = _Shallow().trace(parent)
    except Exception:  # tracing runs code that is not ours; whatever it raises, the answer is that we do not know
        return [], False
    children = dict(parent.named_modules())
    found: dict[Layer, None] = {}
    known = True
    for node in graph.nodes:
        target = children.get(node.target) if node.op == "call_module" else _called(node)
        if node.op in ("call_module", "call_function", "call_method") and is_replaced(target):
            source = node.all_input_nodes[0] if node.all_input_nodes else None
            layer, understood = _behind(source, children)
            known = known and understood
            if layer is not None:
                found[layer] = None
    return list(found), known


def _called(node: torch.fx.Node) -> Any:
    return getattr(torch.Tensor, str(node.target), None) if node.op == "call_method" else node.target


def _behind(node: torch.fx.Node | None, children: dict[str, nn.Module]) -> tuple[Layer | None, bool]:
    """The layer whose output `node` is; ``(None, True)``: none is to be scaled there."""
    while node is not None:
        if node.op == "call_module":
            found = _last(children[str(node.target)])
            if found is not None:
                return found if isinstance(found, tuple) else (found, True)
        elif node.op in ("call_function", "call_method"):
            name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
            if name not in _THROUGH_NAMES and node.target is not operator.getitem:
                return None, False
        else:
            return None, False
        node = node.all_input_nodes[0] if node.all_input_nodes else None
    return None, False


def _last(module: nn.Module) -> Layer | tuple[None, bool] | None:
    """The layer that makes the output of `module`; ``None``: it only passes on."""
    if isinstance(module, nn.Sequential):
        for child in reversed(list(module)):
            found = _last(child)
            if found is not None:
                return found
        return None
    if isinstance(module, _THROUGH):
        return None
    if isinstance(module, Layer):
        return module if _is_plain(module) else (None, False)
    return None, type(module).__name__.startswith(_NORMS) or of_module(module) is not None


def _is_plain(layer: Layer) -> bool:
    """Whether the weight is a tensor that can be scaled: not computed from others, not still without a shape."""
    return "weight" in layer._parameters and not isinstance(layer.weight, nn.UninitializedParameter)


def _in_sequence(children: list[nn.Module], is_replaced: Callable[[Any], bool]) -> Feed:
    found: dict[Layer, None] = {}
    known = True
    for place, child in enumerate(children):
        if is_replaced(child):
            before = _last(nn.Sequential(*children[:place]))
            if before is None:
                known = False
            elif isinstance(before, tuple):
                known = known and before[1]
            else:
                found[before] = None
    return list(found), known


def rescale(layers: list[Layer], ratio: float) -> None:
    """Multiply the weights of `layers` by `ratio`, in place; weights that layers share, once."""
    if ratio == 1.0:
        return
    with torch.no_grad():
        for weight in {id(layer.weight): layer.weight for layer in layers}.values():
            weight.mul_(ratio)
