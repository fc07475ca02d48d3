r"""Expressions as LaTeX: ``x\,\tanh(\operatorname{softplus}(x))``."""

import math
from typing import Final

from actlab.functions.expression import Call, Expression, Number, Parameter
from actlab.functions.printing import (
    ATOM,
    GREEK,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    Piece,
    number_text,
    reads_backwards,
    render,
)

_NAMES: Final = {
    "sigmoid": r"\sigma", "tanh": r"\tanh", "normcdf": r"\Phi", "normpdf": r"\varphi", "log": r"\ln",
    "atan": r"\arctan", "sin": r"\sin", "cos": r"\cos", "min": r"\min", "max": r"\max", "sign": r"\operatorname{sign}",
    "softplus": r"\operatorname{softplus}", "erf": r"\operatorname{erf}", "sech2": r"\operatorname{sech}^{2}",
}  # fmt: skip
# (condition, its opposite), as stored and turned round
_SIGNS: Final = {
    "lt": (("<", r"\ge"), (">", r"\le")),
    "le": ((r"\le", ">"), (r"\ge", "<")),
    "eq": (("=", r"\ne"), ("=", r"\ne")),
    "ne": ((r"\ne", "="), (r"\ne", "=")),
}


def to_latex(expression: Expression) -> str:
    r"""`expression` for mathematics mode, without delimiters."""
    return render(expression, _leaf, _inner)


def _brackets(text: str) -> str:
    tall = any(mark in text for mark in (r"\frac", r"\begin", "^"))
    return rf"\left({text}\right)" if tall else f"({text})"


def _held(piece: Piece, level: int) -> str:
    return piece[0] if piece[1] >= level else _brackets(piece[0])


def _number(value: float) -> str:
    if value == math.pi:
        return r"\pi"
    digits, _, exponent = number_text(value).partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits


def _leaf(node: Expression) -> Piece:
    if isinstance(node, Number):
        text = _number(node.value)
        return text, SIGN if node.value < 0 else PRODUCT if r"\cdot" in text else ATOM
    if isinstance(node, Parameter):
        escaped = node.name.replace("_", r"\_")
        return (f"\\{node.name}" if node.name in GREEK else rf"\mathit{{{escaped}}}"), ATOM
    return "x", ATOM


def _inner(node: Call, pieces: list[Piece]) -> Piece:
    first = node.arguments[0]
    texts = [text for text, _ in pieces]
    match node.op:
        case "neg":
            return "-" + _held(pieces[0], PRODUCT), SUM
        case "add" if isinstance(first, Number) and first.value < 0:
            return f"{texts[1]} - {_number(-first.value)}", SUM
        case "add" if isinstance(first, Number):
            return f"{texts[1]} + {texts[0]}", SUM
        case "add" | "sub":
            sign = "+" if node.op == "add" else "-"
            return f"{texts[0]} {sign} {_held(pieces[1], PRODUCT)}", SUM
        case "mul":
            right = _brackets(texts[1]) if texts[1].startswith("-") else _held(pieces[1], PRODUCT)
            sign = r" \cdot " if right[0].isdigit() else r"\,"
            return f"{_held(pieces[0], PRODUCT)}{sign}{right}", PRODUCT
        case "div":
            return rf"\frac{{{texts[0]}}}{{{texts[1]}}}", ATOM if "^" not in texts[0] else PRODUCT
        case "pow":
            return f"{_base(node.arguments[0], pieces[0])}^{{{texts[1]}}}", POWER
        case "sqrt":
            return rf"\sqrt{{{texts[0]}}}", ATOM
        case "exp":
            return f"e^{{{texts[0]}}}", POWER
        case "expm1":
            return f"e^{{{texts[0]}}} - 1", SUM
        case "log1p":
            return rf"\ln{_brackets(f'1 + {texts[0]}')}", ATOM
        case "abs":
            return rf"\left|{texts[0]}\right|", ATOM
        case "lt" | "le" | "eq" | "ne":
            turned = reads_backwards(node)
            left, right = reversed(texts) if turned else texts
            yes, no = _SIGNS[node.op][turned]
            return f"{left} {yes} {right}\0{left} {no} {right}", SUM
        case "where":  # the condition and its opposite travel in one piece
            yes, _, no = texts[0].partition("\0")
            return rf"\begin{{cases}} {texts[1]} & {yes} \\ {texts[2]} & {no} \end{{cases}}", ATOM
        case "min" | "max" if isinstance(first, Number):
            texts = texts[::-1]
    return _NAMES[node.op] + _brackets(", ".join(texts)), ATOM


def _base(node: Expression, piece: Piece) -> str:
    """A base of a power: only a bare letter or number stands without brackets."""
    return _held(piece, ATOM) if not isinstance(node, Call) else rf"\left({piece[0]}\right)"
