"""Which numbers of a large tensor are looked at: the same places every time, chosen by shape alone.

No random number is drawn (the model's own must not move), and samples come before positions: two inputs tell more
about a unit than two pixels of one.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from actlab._arrays import AnyArray

POINTS: Final = 512  # points of a layer in one call, at most
ELEMENTS: Final = 1 << 18  # and numbers: wide layers are seen on fewer points, but never on fewer than
FEWEST: Final = 16
FEATURES: Final = 512  # numbers kept of one sample's representation
_GOLDEN: Final = (math.sqrt(5) - 1) / 2


@lru_cache(maxsize=4096)
def spread(n: int, k: int) -> tuple[int, ...]:
    """`k` of the places 0 … n − 1, ascending: one from each of k equal parts, never in step with rows of pixels."""
    return tuple(min(n - 1, int((i + (i * _GOLDEN) % 1.0) * n / k)) for i in range(k))


def _pick(x: torch.Tensor, dim: int, k: int) -> torch.Tensor:
    n = x.shape[dim]
    if k >= n:
        return x
    return x.index_select(dim, torch.tensor(spread(n, k), device=x.device))


def points(x: torch.Tensor, axis: int) -> AnyArray:
    """(points, units) of `x`, whose units lie on `axis`; every other axis counts as points. float32, float64."""
    x = x.detach()
    if x.dim() < 2:
        return _array(x.reshape(1, -1))
    x = x.movedim(axis, -1)
    units = max(x.shape[-1], 1)
    limit = max(FEWEST, min(POINTS, ELEMENTS // units))
    samples, inner = min(x.shape[0], limit), x.shape[1:-1]
    if x.dim() == 2:
        return _array(_pick(x, 0, samples))
    places = min(max(1, limit // max(samples, 1)), math.prod(inner))
    rows = torch.tensor(spread(x.shape[0], samples), device=x.device)
    at = torch.unravel_index(torch.tensor(spread(math.prod(inner), places), device=x.device), inner)
    # one look-up for both, so that no copy of a whole layer is ever made
    return _array(x[(rows[:, None], *(along[None] for along in at))].reshape(-1, units))


def representations(x: torch.Tensor, samples: int) -> AnyArray:
    """(samples, features) of a batch `x` (samples first): at most `samples` rows of at most `FEATURES` numbers."""
    x = x.detach()[:samples].flatten(1) if x.dim() > 1 else x.detach()[:samples].reshape(-1, 1)
    return _array(_pick(x, 1, FEATURES))


def _array(x: torch.Tensor) -> AnyArray:
    if x.dtype not in (torch.float32, torch.float64):
        x = x.float()
    # NumPy must not be handed the model's own memory, which an in-place operation is about to change
    return x.cpu().contiguous().clone().numpy()


def all_finite(x: torch.Tensor) -> bool:
    """Whether every number of a tensor of floats is finite; one pass, no copy."""
    if x.numel() == 0:
        return True
    total = x.detach().sum(dtype=torch.float32 if x.dtype != torch.float64 else None)
    return bool(torch.isfinite(total)) or bool(torch.isfinite(x.detach()).all())  # a sum of finite ones can overflow
