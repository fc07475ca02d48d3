"""Arrays in, same kind out: which framework an array belongs to, and who evaluates it there.

What this has to do:
1. A PyTorch tensor or a JAX array gives the same kind, dtype, device and shape back; anything else is NumPy's.
2. No framework is imported here. Who passes a tensor has imported torch already; `import actlab` and NumPy arrays
   never load one. So an array is known by the module its class comes from, as einops does.
3. Arrays in the memory of the CPU, float32 or float64, are evaluated by the core: the bits are those of NumPy's path.
4. Where the core cannot look (a GPU, a traced program) the printed operations of the framework run; see `printed`.
5. Gradients are those of the expression, with its conventions at kinks, never those of the printed operations.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from actlab.functions.activation import Activation

# The package of the class of an array -> our module that knows it; loaded when the first such array comes in.
_HOMES: Final = {"torch": "actlab.torch.evaluate", "jax": "actlab.jax", "jaxlib": "actlab.jax"}


class Evaluator(Protocol):
    """What the module of a framework offers. `x` and what comes back are arrays of that framework, of one shape."""

    def value(self, activation: Activation, x: Any) -> Any:
        """φ(x)."""
        ...

    def derivative(self, activation: Activation, x: Any) -> Any:
        """φ′(x)."""
        ...

    def value_and_derivative(self, activation: Activation, x: Any) -> tuple[Any, Any]:
        """φ(x) and φ′(x)."""
        ...


def evaluator(x: object) -> Evaluator | None:
    """Who evaluates arrays of the kind of `x`; ``None``: NumPy's path takes it."""
    kind = type(x)
    if kind is np.ndarray or kind in (float, int, list):
        return None
    for base in kind.__mro__:  # subclasses of tensors (parameters, a user's own) are tensors
        home = _HOMES.get(base.__module__.partition(".")[0])
        if home is not None:
            module: Any = import_module(home)
            return module  # type: ignore[no-any-return]  # modules cannot declare that they follow a protocol
    return None
