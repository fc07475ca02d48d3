"""Shares of units in some state, over all hidden layers: how several claims ask about death."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.measures import Columns


def share(found: Columns, state: str, layers: int) -> Array:
    """Share ``(seeds,)`` of the hidden units that are ``"dead"`` or ``"saturated"`` after training, layers alike.

    Units of a net that diverged count as dead, and as nothing else.
    """
    shares = np.mean([found[f"end.{state}.{layer + 1}"] for layer in range(layers)], axis=0)
    return np.asarray(np.nan_to_num(shares, nan=1.0 if state == "dead" else 0.0))
