"""Constraints of a plan: ``"parameters <= 10000"``, ``"activation != 'sigmoid' or depth <= 10"``.

A constraint is parsed and walked, never run as Python: numbers, texts in quotes, the names below, + − * / **, the six
comparisons, ``and``, ``or``, ``not`` and parentheses.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from actlab.text import UserError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_TYPED = {"≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "·": "*", "−": "-", "^": "**"}
_LONGEST = 500


class Constraint:
    """A condition that a net must meet to be trained.

    Parameters
    ----------
    text
        As the user wrote it.
    names
        What it may speak of.
    """

    def __init__(self, text: Any, names: tuple[str, ...]) -> None:
        if not isinstance(text, str) or len(text) > _LONGEST:
            raise UserError("sweep.constraint_text", text=str(text)[:60])
        self.text = text
        self._names = names
        typed = text
        for sign, meant in _TYPED.items():
            typed = typed.replace(sign, meant)
        try:
            self._tree = ast.parse(typed.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise self._unreadable() from None
        self._check(self._tree)
        if not isinstance(self._tree, ast.Compare | ast.BoolOp | ast.UnaryOp):
            raise self._unreadable()

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether a net with these `values` meets it. A quantity that the net does not have (None) meets nothing."""
        try:
            return bool(self._value(self._tree, values))
        except TypeError:  # "relu" < 3, or a width that is not the same for all layers
            return False
        except (ArithmeticError, ValueError):
            raise UserError("sweep.constraint_undefined", text=self.text) from None

    def _unreadable(self) -> UserError:
        return UserError("sweep.constraint_unreadable", text=self.text[:60])

    def _check(self, node: ast.AST) -> None:
        """Every part is one that we know, and every name one that we have."""
        if isinstance(node, ast.Name):
            if node.id not in self._names:
                near = nearest(node.id, self._names)
                values = {"name": node.id[:40], "text": self.text[:60], "known": ", ".join(self._names)}
                raise (
                    UserError("sweep.constraint_name_near", near=near, **values)
                    if near
                    else UserError("sweep.constraint_name", **values)
                )
            return
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, int | float | str) or isinstance(node.value, bool):
                raise self._unreadable()
            return
        parts: list[ast.AST]
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            parts = [node.left, node.right]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd | ast.Not):
            parts = [node.operand]
        elif isinstance(node, ast.BoolOp):
            parts = list(node.values)
        elif isinstance(node, ast.Compare) and all(type(op) in _COMPARISONS for op in node.ops):
            parts = [node.left, *node.comparators]
        else:
            raise self._unreadable()
        for part in parts:
            self._check(part)

    def _value(self, node: ast.AST, values: Mapping[str, Any]) -> Any:
        if isinstance(node, ast.Name | ast.Constant):
            value = values[node.id] if isinstance(node, ast.Name) else node.value
            return float(value) if isinstance(value, int) else value  # 9**9**9 then overflows, instead of lasting
        if isinstance(node, ast.BinOp):
            return _ARITHMETIC[type(node.op)](self._value(node.left, values), self._value(node.right, values))
        if isinstance(node, ast.UnaryOp):
            value = self._value(node.operand, values)
            return not value if isinstance(node.op, ast.Not) else -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.BoolOp):
            each = (self._value(part, values) for part in node.values)
            return all(each) if isinstance(node.op, ast.And) else any(each)
        assert isinstance(node, ast.Compare)
        left = self._value(node.left, values)
        for op, part in zip(node.ops, node.comparators, strict=True):
            right = self._value(part, values)
            if not _COMPARISONS[type(op)](left, right):
                return False
            left = right
        return True
