"""A look at a model leaves it, and the random numbers of whoever runs it, as they were."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def as_it_was(model: torch.nn.Module) -> Iterator[None]:
    """Whatever runs inside: buffers and random states are afterwards what they were."""
    buffers = [(module, name, b) for module in model.modules() for name, b in module._buffers.items() if b is not None]
    values = [b.detach().clone() for _, _, b in buffers]
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else None
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()  # noqa: NPY002 (theirs, not ours)
    try:
        yield
    finally:
        with torch.no_grad():
            for (module, name, buffer), value in zip(buffers, values, strict=True):
                buffer.copy_(value)
                module._buffers[name] = buffer
        torch.set_rng_state(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        random.setstate(states[2])
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)
