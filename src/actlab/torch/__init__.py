"""actlab for PyTorch: any activation as a module, and models with their activations swapped.

Importing this imports torch. Tensors given to ``actlab.get(...)`` need nothing from here.
"""

from actlab.text import UserError

try:
    import torch as _torch  # noqa: F401
except ModuleNotFoundError:
    raise UserError("frameworks.missing", package="PyTorch", extra="torch") from None

from actlab.torch.module import Activation
from actlab.torch.replacing import Replacement, replace

__all__ = ["Activation", "Replacement", "replace"]
