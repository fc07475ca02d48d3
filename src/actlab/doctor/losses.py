"""What a call of a loss function says about the prediction and the target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from actlab.doctor.readings import LossReading

if TYPE_CHECKING:
    from actlab.doctor.readings import Source
    from actlab.functions import Activation


def read_loss(
    name: str, prediction: torch.Tensor, target: torch.Tensor, source: Source | None, output: Activation | None
) -> LossReading | None:
    """`LossReading` of the call; `output` is the activation that made the prediction, where one did."""
    x, y = prediction.detach().float(), target.detach()
    if y.numel() == 0:
        return None
    classes = x.shape[1] if x.dim() > 1 else (x.shape[0] if name in ("cross_entropy", "nll_loss") else 1)
    normalised = math.nan
    if name == "nll_loss" and x.dim() > 1:
        normalised = float(torch.logsumexp(x, 1).abs().max())
    outside = math.nan
    y = y.float()
    if output is not None and name.endswith(("mse_loss", "l1_loss", "huber_loss")):
        low, high = output.facts.range
        slack = 1e-6 * max(1.0, abs(low) if math.isfinite(low) else 1.0, abs(high) if math.isfinite(high) else 1.0)
        outside = float(((y < low - slack) | (y > high + slack)).float().mean())
    return LossReading(
        name, source, classes, (float(x.min()), float(x.max())), (float(y.min()), float(y.max())), normalised, outside
    )
