"""actlab, the activation-function laboratory.

>>> import actlab
>>> f = actlab.get("x * tanh(softplus(x))")
>>> f == actlab.get("mish")
True

Importing actlab loads NumPy and the C++ core; everything else loads when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from actlab._faces import SHOWN

if TYPE_CHECKING:
    from actlab import advise, cost, theory
    from actlab.diagnoses import check, watch
    from actlab.functions import Activation, get, names
    from actlab.results import Comparison, compare
    from actlab.study import Arm
    from actlab.sweeps import read_sweep, sweep
    from actlab.text import UserError, set_language
    from actlab.torch import replace

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "Arm",
    "Comparison",
    "UserError",
    "__version__",
    "advise",
    "check",
    "compare",
    "cost",
    "get",
    "names",
    "read_sweep",
    "replace",
    "set_language",
    "sweep",
    "theory",
    "watch",
]

_HOMES = {
    "Activation": "actlab.functions",
    "Arm": "actlab.study.arm",
    "Comparison": "actlab.results",
    "UserError": "actlab.text",
    "check": "actlab.diagnoses",
    "compare": "actlab.results",
    "get": "actlab.functions",
    "names": "actlab.functions",
    "read_sweep": "actlab.sweeps",
    "replace": "actlab.torch",
    "set_language": "actlab.text",
    "sweep": "actlab.sweeps",
    "watch": "actlab.diagnoses",
}


# Rooms with a name of their own: those of frameworks load with their framework; `actlab.theory` can be called.
_ROOMS = ("torch", "jax", "onnx", "theory", "callbacks", "cost", "advise")

SHOWN["cost"] = ("actlab.results", "shown_cost")
SHOWN["cost.of_model"] = ("actlab.results", "shown_model_cost")


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
