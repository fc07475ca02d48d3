"""What an activation is made of: immutable nodes, one object for every distinct expression.

Nodes are interned: building the same expression twice gives the same object, so equality is identity, common
subexpressions are found for free, and every walk visits a shared node once. A derivative whose written-out form
has a million terms is still a small graph here. For the same reason no walk is recursive: `nodes` lists a graph,
arguments first, and every pass over an expression is one loop over that list.

Build expressions with the functions of `actlab.functions.build`, which simplify; the classes here only hold.
"""

import hashlib
import math
import threading
from collections.abc import Iterator
from typing import Any, Final
from weakref import WeakValueDictionary

from actlab.text import UserError

# The closed set of primitives with their numbers of arguments. The order is part of the canonical order of operands.
ARITY: Final[dict[str, int]] = {
    "neg": 1, "add": 2, "sub": 2, "mul": 2, "div": 2, "pow": 2, "min": 2, "max": 2, "abs": 1, "sign": 1,
    "exp": 1, "expm1": 1, "log": 1, "log1p": 1, "sqrt": 1, "sigmoid": 1, "tanh": 1, "softplus": 1, "erf": 1,
    "normcdf": 1, "normpdf": 1, "sech2": 1, "atan": 1, "sin": 1, "cos": 1,
    "lt": 2, "le": 2, "gt": 2, "ge": 2, "eq": 2, "ne": 2, "where": 3,
}  # fmt: skip
COMPARISONS: Final = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})
COMMUTATIVE: Final = frozenset({"add", "mul", "min", "max", "eq", "ne"})
_RANK: Final = {op: rank for rank, op in enumerate(ARITY)}

_interned: WeakValueDictionary[object, "Expression"] = WeakValueDictionary()
_lock = threading.Lock()  # two threads that build the same node must get the same object


class Expression:
    """A node. `arguments` are its operands; `count` and `depth` are those of the written-out tree.

    `low` and `high` bound the values of a step, an expression whose leaves are all numbers (``where(0 < x, 1, 0)``);
    both are ``None`` for anything else.
    """

    __slots__ = ("__weakref__", "_hash", "arguments", "count", "depth", "digest", "has_x", "high", "key", "low")

    arguments: tuple["Expression", ...]
    count: int
    depth: int
    digest: bytes
    has_x: bool
    key: tuple[int, int, int, int, float, bytes]
    low: float | None
    high: float | None

    def _fill(self, kind: int, word: str, number: float, arguments: tuple["Expression", ...]) -> None:
        self.arguments = arguments
        self.count = 1 + sum(argument.count for argument in arguments)
        self.depth = 1 + max((argument.depth for argument in arguments), default=0)
        digest = hashlib.blake2b(f"{kind} {word} {float(number).hex()}".encode(), digest_size=16)
        for argument in arguments:
            digest.update(argument.digest)
        self.digest = digest.digest()
        # Numbers before parameters before x before calls; small calls before large ones.
        self.key = (kind, self.depth, self.count, _RANK.get(word, 0), number, self.digest)
        self.has_x = kind == 2 or any(argument.has_x for argument in arguments)
        self.low = self.high = None
        self._hash = int.from_bytes(self.digest[:7], "little")

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other

    def __copy__(self) -> "Expression":
        return self

    def __deepcopy__(self, memo: object) -> "Expression":
        return self

    def __reduce__(self) -> tuple[Any, ...]:  # a flat list: a deep tree must not exhaust the stack of pickle
        index: dict[Expression, int] = {}
        rows: list[tuple[Any, ...]] = []
        for node in nodes(self):
            index[node] = len(index)
            rows.append((*node._row(), *(index[argument] for argument in node.arguments)))
        return (_rebuild, (tuple(rows),))

    def _row(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __repr__(self) -> str:
        from actlab.functions.printing import to_text

        return f"<Expression {to_text(self)}>" if self.count <= 500 else f"<Expression of {self.count} nodes>"


class Number(Expression):
    """A constant. Never NaN or infinite, and never −0.

    Raises `UserError` (``functions.not_finite``) for a value that is not finite.
    """

    __slots__ = ("value",)
    value: float

    def __new__(cls, value: float) -> "Number":  # noqa: D102
        value = float(value) + 0.0  # −0 + 0 is +0
        if not math.isfinite(value):
            raise UserError("functions.not_finite", part=repr(value))
        with _lock:
            found = _interned.get(value)
            if isinstance(found, Number):
                return found
            node = super().__new__(cls)
            node.value = value
            node._fill(0, "", value, ())
            node.low = node.high = value
            _interned[value] = node
            return node

    def _row(self) -> tuple[Any, ...]:
        return ("number", self.value)


class Parameter(Expression):
    """A named number that is still open, such as ``alpha``."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str) -> "Parameter":  # noqa: D102
        with _lock:
            found = _interned.get(name)
            if isinstance(found, Parameter):
                return found
            node = super().__new__(cls)
            node.name = name
            node._fill(1, name, 0.0, ())
            _interned[name] = node
            return node

    def _row(self) -> tuple[Any, ...]:
        return ("parameter", self.name)


class Variable(Expression):
    """x."""

    __slots__ = ()

    def __new__(cls) -> "Variable":  # noqa: D102
        with _lock:
            found = _interned.get(())
            if isinstance(found, Variable):
                return found
            node = super().__new__(cls)
            node._fill(2, "x", 0.0, ())
            _interned[()] = node
            return node

    def _row(self) -> tuple[Any, ...]:
        return ("x", None)


class Call(Expression):
    """A primitive applied to its arguments, exactly as given (`build` simplifies)."""

    __slots__ = ("op",)
    op: str

    def __new__(cls, op: str, arguments: tuple[Expression, ...]) -> "Call":  # noqa: D102
        if ARITY.get(op) != len(arguments):
            raise TypeError(f"{op} does not take {len(arguments)} arguments")
        key = (op, arguments)
        with _lock:
            found = _interned.get(key)
            if isinstance(found, Call):
                return found
            node = super().__new__(cls)
            node.op = op
            node._fill(3, op, 0.0, arguments)
            if op == "where":
                _, yes, no = arguments
                if yes.low is not None and no.low is not None and yes.high is not None and no.high is not None:
                    node.low, node.high = min(yes.low, no.low), max(yes.high, no.high)
            _interned[key] = node
            return node

    def _row(self) -> tuple[Any, ...]:
        return ("call", self.op)


X: Final = Variable()


def nodes(*roots: Expression) -> Iterator[Expression]:
    """Every distinct node below `roots`, arguments before the calls that use them, in an order that never varies."""
    seen: set[Expression] = set()
    stack: list[tuple[Expression, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if node in seen:
            continue
        if ready or not node.arguments:
            seen.add(node)
            yield node
        else:
            stack.append((node, True))
            stack.extend((argument, False) for argument in reversed(node.arguments))


def size(*roots: Expression) -> int:
    """How many distinct nodes there are below `roots`."""
    return sum(1 for _ in nodes(*roots))


def parameters(expression: Expression) -> tuple[str, ...]:
    """Names of the open parameters, sorted."""
    return tuple(sorted({node.name for node in nodes(expression) if isinstance(node, Parameter)}))


def _rebuild(rows: tuple[tuple[Any, ...], ...]) -> Expression:
    built: list[Expression] = []
    for kind, payload, *arguments in rows:
        if kind == "call":
            built.append(Call(payload, tuple(built[i] for i in arguments)))
        elif kind == "number":
            built.append(Number(payload))
        else:
            built.append(X if kind == "x" else Parameter(payload))
    return built[-1]
