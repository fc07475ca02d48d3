"""A model trained on for a few steps, with another activation and without: what the change does to its score."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from actlab.torch.batches import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Loss = Callable[..., torch.Tensor]
    Metric = Callable[..., Any]


def loss_of(output: Any, rest: tuple[Any, ...], loss: Loss | None) -> torch.Tensor:
    """The loss of an output: the user's, or the output's own ``loss``, as models of `transformers` have it."""
    if loss is not None:
        return loss(output, *rest)
    own: torch.Tensor = output["loss"] if isinstance(output, dict) else output.loss
    return own


def tuned(
    model: torch.nn.Module, batches: Sequence[Any], loss: Loss | None, *, seed: int, steps: int, rate: float,
    optimiser: Callable[..., torch.optim.Optimizer],
) -> torch.nn.Module | None:  # fmt: skip
    """A copy of `model`, trained for `steps` batches; None where the loss is no finite number any more.

    ``torch.manual_seed(seed)`` comes first (dropout); the batches come in the orders of
    ``numpy.random.default_rng(seed)``, a permutation a pass.
    """
    torch.manual_seed(seed)
    trained = copy.deepcopy(model).train()
    rule = optimiser([p for p in trained.parameters() if p.requires_grad], lr=rate)
    for _, batch in zip(range(steps), _in_orders(batches, seed), strict=False):
        args, kwargs, rest = split(batch)
        rule.zero_grad()
        value = loss_of(trained(*args, **kwargs), rest, loss)
        if not bool(torch.isfinite(value)):
            return None
        value.backward()  # type: ignore[no-untyped-call]
        rule.step()
    return trained


def _in_orders(batches: Sequence[Any], seed: int) -> Iterator[Any]:
    rng = np.random.default_rng(seed)
    while True:
        for place in rng.permutation(len(batches)):
            yield batches[place]


def score(model: torch.nn.Module | None, batches: Sequence[Any], loss: Loss | None, metric: Metric | None) -> float:
    """Mean of `metric` over `batches`, or of the loss without one; the worst there is for a model that was lost."""
    worst = math.inf if metric is None else -math.inf
    if model is None:
        return worst
    model.eval()
    values = []
    with torch.no_grad():
        for batch in batches:
            args, kwargs, rest = split(batch)
            output = model(*args, **kwargs)
            values.append(float(metric(output, *rest) if metric is not None else loss_of(output, rest, loss)))
    mean = float(np.mean(values))
    return mean if math.isfinite(mean) else worst


def better_by(values: Sequence[float], control: Sequence[float], larger_is_better: bool) -> list[float]:
    """How much better each value is than the control's of the same seed; two that were lost are even."""
    pairs = zip(values, control, strict=True)
    sign = 1.0 if larger_is_better else -1.0
    return [0.0 if a == b else sign * (a - b) for a, b in pairs]
