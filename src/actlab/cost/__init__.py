"""The price: the smallest net with which each function reaches a target, and what that net and the function cost.

The room is its own door: ``actlab.cost(["relu", "sigmoid"], data="moons", target=0.95)`` gives a `Cost`.
"""

import sys
from types import ModuleType
from typing import Any

from actlab._faces import shown
from actlab.cost.result import Cost
from actlab.cost.study import cost

__all__ = ["Cost", "cost"]


class _Room(ModuleType):
    """A module that can be called: the name `actlab.cost` is that of the room and of its one question."""

    def __call__(self, *arguments: Any, **settings: Any) -> Cost:
        """See `actlab.cost.study.cost`."""
        found: Cost = shown("cost", cost(*arguments, **settings))
        return found


sys.modules[__name__].__class__ = _Room
