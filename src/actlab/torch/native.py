"""The module of PyTorch that computes an activation: what its users would write, with PyTorch's own kernels."""

from __future__ import annotations

import torch
from torch import nn

import actlab.functions.activation as functions
from actlab.functions.parser import single_call
from actlab.torch.module import Activation
from actlab.torch.recognise import _KNOWN, of_module

_CLASSES = {name.lower(): getattr(nn, name) for name in dir(nn) if name[:1].isupper()}


def native(activation: functions.Activation) -> torch.nn.Module | None:
    """The module of `torch.nn` for an activation, with its parameters; None where there is none."""
    call = single_call(activation.name)
    values = call[1] if call is not None else {}
    if activation == functions.get("gelu_tanh"):
        return nn.GELU(approximate="tanh")
    if activation == functions.get("identity"):
        return nn.Identity()
    for word, known in _KNOWN.items():
        kind = _CLASSES.get(word.replace("_", ""))
        if kind is None:
            continue
        given = {theirs: values.get(ours, default) for theirs, ours, default in known.parameters}
        if activation.name.partition("(")[0] == known.name:
            found: torch.nn.Module = kind(**given)
            return found if of_module(found) == activation else None
    return None


def module_for(activation: functions.Activation) -> torch.nn.Module:
    """`native`, or where there is none the activation by our core."""
    found = native(activation)
    return Activation(activation) if found is None else found
