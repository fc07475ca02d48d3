"""The scores of a fused attention, computed anew for a few queries: what the softmax inside of it saw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.doctor.sampling import spread

if TYPE_CHECKING:
    from actlab._arrays import AnyArray

_BATCH: Final = 4
_QUERIES: Final = 16


def scores_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> AnyArray | None:
    """(rows, keys) scores of a few queries of ``F.scaled_dot_product_attention(*args, **kwargs)``, masks applied."""
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")
    given = dict(zip(names, args, strict=False)) | kwargs
    query, key, mask = given["query"].detach(), given["key"].detach(), given.get("attn_mask")
    if query.dim() < 3 or key.shape[-2] < 2:
        return None
    places = torch.tensor(spread(query.shape[-2], min(_QUERIES, query.shape[-2])), device=query.device)
    scale = given.get("scale")
    scale = 1.0 / math.sqrt(query.shape[-1]) if scale is None else scale
    with torch.no_grad(), torch.autocast(query.device.type, enabled=False):
        some, keys = query[:_BATCH].index_select(-2, places).float(), key[:_BATCH].float()
        if keys.dim() > 3 and keys.shape[-3] != some.shape[-3]:  # grouped queries share keys
            keys = keys.repeat_interleave(some.shape[-3] // keys.shape[-3], dim=-3)
        scores = some @ keys.transpose(-1, -2) * scale
        if given.get("is_causal"):
            later = torch.arange(key.shape[-2], device=query.device)[None, :] > places[:, None]
            scores = scores.masked_fill(later, -math.inf)
        if mask is not None:
            whole = torch.broadcast_to(mask, (*query.shape[:-1], key.shape[-2]))[:_BATCH].index_select(-2, places)
            scores = scores.masked_fill(~whole, -math.inf) if mask.dtype == torch.bool else scores + whole.float()
    rows: AnyArray = scores.reshape(-1, scores.shape[-1]).cpu().numpy()
    return rows
