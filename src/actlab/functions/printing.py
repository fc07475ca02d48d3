"""Expressions as text: a formula that parses back to the same tree, and a line for terminals."""

import math
from collections.abc import Callable
from typing import Final

from actlab.functions.expression import Call, Expression, Number, Parameter, nodes
from actlab.text import UserError

# How tightly a piece of text holds together; a looser piece inside a tighter one needs brackets.
SUM, PRODUCT, SIGN, POWER, ATOM = 1, 2, 3, 4, 5
LARGEST: Final = 20_000  # nodes of the written-out tree

Piece = tuple[str, int]
COMPARE: Final = {"lt": "<", "le": "<=", "eq": "==", "ne": "!="}
FLIPPED: Final = {"lt": ">", "le": ">=", "eq": "==", "ne": "!="}
GREEK: Final = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "lambda": "λ", "mu": "μ", "theta": "θ"}


def render(
    expression: Expression, leaf: Callable[[Expression], Piece], inner: Callable[[Call, list[Piece]], Piece]
) -> str:
    """The text of `expression`, put together from the leaves up."""
    if expression.count > LARGEST:
        raise UserError("functions.too_large", limit=LARGEST)
    pieces: dict[Expression, Piece] = {}
    for node in nodes(expression):
        if isinstance(node, Call):
            pieces[node] = inner(node, [pieces[argument] for argument in node.arguments])
        else:
            pieces[node] = leaf(node)
    return pieces[expression][0]


def held(piece: Piece, level: int) -> str:
    """The text of `piece`, in brackets where it is looser than `level`."""
    return piece[0] if piece[1] >= level else f"({piece[0]})"


def number_text(value: float) -> str:
    """The shortest text that reads back as `value`."""
    return repr(value).removesuffix(".0")


def reads_backwards(node: Call) -> bool:
    """Whether a comparison reads better turned round: ``x > 0`` for what is stored as 0 < x."""
    return isinstance(node.arguments[0], Number)


def _leaf(node: Expression) -> Piece:
    if isinstance(node, Number):
        for name, value in (("pi", math.pi), ("e", math.e)):
            if node.value == value:
                return name, ATOM
        return number_text(node.value), SIGN if node.value < 0 else ATOM
    return (node.name if isinstance(node, Parameter) else "x"), ATOM


def _inner(node: Call, pieces: list[Piece]) -> Piece:
    first = node.arguments[0]
    match node.op:
        case "neg":
            return "-" + held(pieces[0], SIGN), SIGN
        case "add" if isinstance(first, Number) and first.value < 0:
            return f"{held(pieces[1], SUM)} - {number_text(-first.value)}", SUM
        case "add" if isinstance(first, Number):
            return f"{held(pieces[1], SUM)} + {pieces[0][0]}", SUM
        case "add":
            return f"{held(pieces[0], SUM)} + {held(pieces[1], PRODUCT)}", SUM
        case "sub":
            return f"{held(pieces[0], SUM)} - {held(pieces[1], PRODUCT)}", SUM
        case "mul" | "div":
            sign = "*" if node.op == "mul" else "/"
            return f"{held(pieces[0], PRODUCT)}{sign}{held(pieces[1], SIGN)}", PRODUCT
        case "pow":
            return f"{held(pieces[0], ATOM)}**{held(pieces[1], SIGN)}", POWER
        case "lt" | "le" | "eq" | "ne":
            if reads_backwards(node):
                return f"{pieces[1][0]} {FLIPPED[node.op]} {pieces[0][0]}", SUM
            return f"{pieces[0][0]} {COMPARE[node.op]} {pieces[1][0]}", SUM
        case "min" | "max" if isinstance(first, Number):
            pieces = pieces[::-1]
    return f"{node.op}({', '.join(text for text, _ in pieces)})", ATOM


def to_text(expression: Expression) -> str:
    """A formula that parses to this very expression: ``x*tanh(softplus(x))``."""
    return render(expression, _leaf, _inner)


_SUPERSCRIPT: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_NAMES: Final = {"sigmoid": "σ", "normcdf": "Φ", "log": "ln", "atan": "arctan"}
_SIGNS: Final = {"lt": "<", "le": "≤", "eq": "=", "ne": "≠"}
_TURNED: Final = {"lt": ">", "le": "≥", "eq": "=", "ne": "≠"}
_ELSE: Final = {"lt": "≥", "le": ">", "eq": "≠", "ne": "="}
_ELSE_TURNED: Final = {"lt": "≤", "le": "<", "eq": "≠", "ne": "="}


def _unicode_leaf(node: Expression) -> Piece:
    if isinstance(node, Number) and node.value == math.pi:
        return "π", ATOM
    if isinstance(node, Parameter):
        return GREEK.get(node.name, node.name), ATOM
    text, level = _leaf(node)
    return text.replace("-", "−"), level


def _unicode_inner(node: Call, pieces: list[Piece]) -> Piece:
    first, last = node.arguments[0], node.arguments[-1]
    match node.op:
        case "mul":
            return f"{held(pieces[0], PRODUCT)}·{held(pieces[1], SIGN)}", PRODUCT
        case "pow" if isinstance(last, Number) and number_text(last.value).removeprefix("-").isdigit():
            return held(pieces[0], ATOM) + number_text(last.value).translate(_SUPERSCRIPT), POWER
        case "pow":
            return f"{held(pieces[0], ATOM)}^{held(pieces[1], SIGN)}", POWER
        case "sqrt":
            return f"√({pieces[0][0]})", ATOM
        case "exp":
            return f"e^{held(pieces[0], ATOM)}", POWER
        case "expm1":
            return f"e^{held(pieces[0], ATOM)} − 1", SUM
        case "log1p":
            return f"ln(1 + {pieces[0][0]})", ATOM
        case "sech2":
            return f"sech²({pieces[0][0]})", ATOM
        case "abs":
            return f"|{pieces[0][0]}|", ATOM
        case "lt" | "le" | "eq" | "ne":
            if reads_backwards(node):
                left, right = pieces[1][0], pieces[0][0]
                return f"{left} {_TURNED[node.op]} {right}\0{left} {_ELSE_TURNED[node.op]} {right}", SUM
            left, right = pieces[0][0], pieces[1][0]
            return f"{left} {_SIGNS[node.op]} {right}\0{left} {_ELSE[node.op]} {right}", SUM
        case "where":  # the condition and its opposite travel in one piece
            if_true, _, if_false = pieces[0][0].partition("\0")
            return f"{{{pieces[1][0]} ({if_true}); {pieces[2][0]} ({if_false})}}", ATOM
        case "add" if isinstance(first, Number) and first.value < 0:
            return f"{held(pieces[1], SUM)} − {number_text(-first.value).replace('-', '−')}", SUM
        case op if op in _NAMES:
            return f"{_NAMES[op]}({pieces[0][0]})", ATOM
    text, level = _inner(node, pieces)
    return text.replace(" - ", " − ") if node.op == "sub" else text.replace("-", "−"), level


def to_unicode(expression: Expression) -> str:
    """One line for a terminal: ``x·tanh(softplus(x))``, ``{x (x > 0); 0.01·x (x ≤ 0)}``."""
    return render(expression, _unicode_leaf, _unicode_inner)
