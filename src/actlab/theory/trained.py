"""What trained nets showed: from which depth on they failed, for ten functions at eight initialisations.

The file is made by ``python examples/theory_and_training.py --ship`` (plain nets on digits, up to 100 layers); the rule
by which a depth fails stands there.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from actlab.functions import get

if TYPE_CHECKING:
    from actlab.functions import Activation


@dataclass(frozen=True)
class Trained:
    """Nets of one initialisation.

    Attributes:
        fails_from: the smallest depth at which they fail, a geometric mean over seeds; ∞ where none does.
    """

    sigma_w2: float
    sigma_b2: float
    fails_from: float


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files("actlab.theory") / "trained.json").read_text(encoding="utf-8"))
    return found


def about() -> dict[str, Any]:
    """How the nets were trained: ``width, seeds, steps, data, deepest``."""
    return dict(_file()["about"])


def trained(activation: Activation) -> tuple[Trained, ...]:
    """What nets of this activation showed, by σw²; empty for one that was not trained."""
    return tuple(
        Trained(sigma_w2, sigma_b2, math.inf if depth is None else depth)
        for name, sigma_w2, sigma_b2, depth in _file()["rows"]
        if get(name) == activation
    )
