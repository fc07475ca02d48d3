"""Small models on one thread: the second one would spend its time waiting for the first."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.torch.batches import split

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Operations of a training step from which on a second thread gains anything on idle processors (perceptrons, small
#: convolutions and LSTMs on two of them, measured). Below it PyTorch starts threads all the same; where processors are
#: busy, every meeting of theirs takes a turn of the scheduler: steps of 10 ms took half a second.
_WORTH: Final = 4e7


@contextmanager
def enough_threads(model: torch.nn.Module, batch: Any) -> Iterator[None]:
    """Inside, PyTorch has one thread if a step of `model` on `batch` is too little work for more.

    The rule looks at sizes alone, never at a clock, so what is computed does not depend on how busy the machine is.
    """
    threads = torch.get_num_threads()
    small = threads > 1 and 0 < _operations(model, batch) < _WORTH
    if small:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if small:
            torch.set_num_threads(threads)


def _operations(model: torch.nn.Module, batch: Any) -> float:
    """About as many as a step takes: six a parameter and row; 0 where the rows cannot be told.

    Rows of numbers run along the last axis; of whole numbers (tokens) each is one. Convolutions that shrink the picture
    early are overestimated, which leaves them the threads they had.
    """
    args, kwargs, _ = split(batch)
    rows = [
        x.numel() // x.shape[-1] if x.is_floating_point() and x.dim() else x.numel()
        for x in (*args, *kwargs.values())
        if isinstance(x, torch.Tensor) and x.numel()
    ]
    return 6.0 * sum(p.numel() for p in model.parameters()) * max(rows, default=0)
