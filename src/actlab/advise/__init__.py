"""The selection guide: which function for which layer, task and symptom, each line with its evidence.

The room is its own door: ``actlab.advise(depth=20, task="binary")`` gives an `Advice`.
"""

import sys
from types import ModuleType
from typing import Any

from actlab.advise.advice import Advice
from actlab.advise.ranking import advise

__all__ = ["Advice", "advise"]


class _Room(ModuleType):
    """A module that can be called: the name `actlab.advise` is that of the room and of its one question."""

    def __call__(self, **settings: Any) -> Advice:
        """See `actlab.advise.ranking.advise`."""
        return advise(**settings)


sys.modules[__name__].__class__ = _Room
