"""Functions of a whole vector: softmax and its kin, gated units, maxout.

They work along one axis of an array, and no output depends on one input alone, so none can be the activation of a
unit. NumPy in float64, the elementary functions from actlab's core: the result depends neither on the layout of the
array nor on what else is in it.

>>> from actlab.functions import vector
>>> vector.get("softmax")([0.0, 0.0])
array([0.5, 0.5])
"""

from actlab.functions.vector._function import VectorFunction
from actlab.functions.vector.gated import Geglu, Glu, Reglu, Swiglu
from actlab.functions.vector.maxout import Maxout
from actlab.functions.vector.names import NAMES, canonical, words
from actlab.functions.vector.softmax import LogSoftmax, Softmax, Softmin
from actlab.functions.vector.sparsemax import Sparsemax
from actlab.text import UserError, nearest

__all__ = ["VectorFunction", "get", "names"]

_KINDS: dict[str, type[VectorFunction]] = {
    kind.name: kind for kind in (Softmax, LogSoftmax, Softmin, Sparsemax, Glu, Swiglu, Geglu, Reglu, Maxout)
}


def names() -> tuple[str, ...]:
    """The names of the vector functions."""
    return NAMES


def get(name: "str | VectorFunction", **parameters: object) -> VectorFunction:
    """The vector function called `name`, in any case: ``get("softmax")``, ``get("torch:GLU")``.

    Args:
        name: a name, an alias, a framework's name, or a vector function.
        parameters: ``pieces`` of maxout, ``gate`` of glu, swiglu, geglu and reglu (``"first"`` or ``"second"``, the
            half that the gate is taken from).

    Raises:
        UserError: for an unknown name (with the nearest one) or an unfit parameter.
    """
    if isinstance(name, VectorFunction) and not parameters:
        return name
    word = name.name if isinstance(name, VectorFunction) else name
    if not isinstance(word, str):
        raise UserError("functions.not_text", kind=type(word).__name__)
    found = canonical(word)
    if found is None:
        near = nearest(word, words())
        if near is None:
            raise UserError("functions.vector_unknown", name=word[:40], known=", ".join(NAMES))
        raise UserError("functions.vector_unknown_near", name=word[:40], near=near)
    kind = _KINDS[found]
    for parameter in parameters:
        if parameter not in kind.parameters:
            raise UserError("functions.vector_no_parameter", function=found, name=parameter)
    return kind(**parameters)
