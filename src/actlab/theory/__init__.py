"""What to expect of an activation before anything is trained: maps of signals through wide random nets.

The room is its own door: ``actlab.theory("tanh")`` gives a `Theory`.
"""

import sys
from types import ModuleType

from actlab.functions import Activation
from actlab.theory.critical import CriticalPoint
from actlab.theory.face import Theory, theory
from actlab.theory.fixed_points import Depth, FixedPoint
from actlab.theory.kernels import Kernels
from actlab.theory.moments import Moments
from actlab.theory.spread import FiniteWidth, Isometry

__all__ = [
    "CriticalPoint",
    "Depth",
    "FiniteWidth",
    "FixedPoint",
    "Isometry",
    "Kernels",
    "Moments",
    "Theory",
    "theory",
]


class _Room(ModuleType):
    """A module that can be called: the name `actlab.theory` is that of the room and of its one question."""

    def __call__(self, activation: str | Activation, **values: float) -> Theory:
        """See `Theory`."""
        return theory(activation, **values)


sys.modules[__name__].__class__ = _Room
