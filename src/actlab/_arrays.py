"""The array types that annotations use."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]
AnyArray = NDArray[Any]

__all__ = ["AnyArray", "Array", "Integers", "Mask"]
