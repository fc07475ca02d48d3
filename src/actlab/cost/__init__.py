"""The price: the smallest net with which each function reaches a target, and what that net and the function cost.

The room is its own door: ``actlab.cost(["relu", "sigmoid"], data="moons", target=0.95)`` gives a `Cost`.
``actlab.cost.of_model(model, batches, loss=…)`` is the same question about a model of PyTorch, and gives a `ModelCost`.
"""

import sys
from types import ModuleType
from typing import Any

from actlab._faces import shown
from actlab.cost.model_result import ModelCost
from actlab.cost.result import Cost
from actlab.cost.study import cost

__all__ = ["Cost", "ModelCost", "cost", "of_model"]


def of_model(model: Any, data: Any, **settings: Any) -> ModelCost:
    """What share of a PyTorch model's time its activations take, and what others would change.

    See `actlab.cost.model.of_model` for its settings.
    """
    import actlab.torch  # noqa: F401  # says in one sentence where PyTorch is missing
    from actlab.cost.model import of_model as asked

    found: ModelCost = shown("cost.of_model", asked(model, data, **settings))
    return found


class _Room(ModuleType):
    """A module that can be called: the name `actlab.cost` is that of the room and of its one question."""

    def __call__(self, *arguments: Any, **settings: Any) -> Cost:
        """See `actlab.cost.study.cost`."""
        found: Cost = shown("cost", cost(*arguments, **settings))
        return found


sys.modules[__name__].__class__ = _Room
