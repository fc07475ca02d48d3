"""Whether a repaired model still runs: some modules read the weights of their parts, and take no other part."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch

from actlab.torch.batches import split

if TYPE_CHECKING:
    from actlab.doctor.remedy import Remedy


def runs(remedy: Remedy, model: torch.nn.Module, batch: Any) -> bool:
    """Whether a copy of `model` with `remedy` can be called on `batch`, in training and in evaluation.

    Raises:
        Exception: what `model` itself raises there, as it is: that is no fault of the remedy.
    """
    _called(copy.deepcopy(model), batch)
    try:
        _called(remedy.apply(copy.deepcopy(model)), batch)
    except Exception:
        return False
    return True


def _called(model: torch.nn.Module, batch: Any) -> None:
    args, kwargs, _ = split(batch)
    with torch.no_grad():
        for training in (True, False):
            model.train(training)(*args, **kwargs)
