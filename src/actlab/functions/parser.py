"""Reading a formula: text in, an expression out, or one sentence that names the place (`_grammar` has the rules)."""

import re
from collections.abc import Iterable
from typing import Final

from actlab.functions._grammar import DEEPEST, Parser
from actlab.functions.build import bind
from actlab.functions.catalogue import Builtin, find
from actlab.functions.expression import Expression, Number, Parameter, X
from actlab.functions.tokens import tokens
from actlab.text import UserError

LONGEST: Final = 2000  # characters
_VALUE_ALONE: Final = re.compile(r"\s*(?P<word>[A-Za-z_]\w*)\s*\(\s*(?P<value>[-−]?[0-9.]{1,24})\s*\)\s*", re.A)


def parse(text: str, parameters: Iterable[str] = ()) -> Expression:
    """The expression that `text` describes, simplified; `parameters` are words that stand for open parameters.

    Learned numbers stand at what they begin with.

    Raises `UserError` with one sentence that names the place and what is allowed there.

    >>> parse("-x**2")
    <Expression -x**2>
    """
    expression, learned = parse_learned(text, parameters)
    return bind(expression, learned) if learned else expression


def parse_learned(text: str, parameters: Iterable[str] = ()) -> tuple[Expression, dict[str, float]]:
    """As `parse`, but with learned numbers as open parameters: their names, and what they begin with.

    Raises `UserError` as `parse` does.
    """
    if not isinstance(text, str):
        raise UserError("functions.not_text", kind=type(text).__name__)
    if not text.strip():
        raise UserError("functions.empty")
    if len(text) > LONGEST:
        raise UserError("functions.too_long", length=len(text), limit=LONGEST)
    parser = Parser(text, frozenset(parameters))
    try:
        expression = parser.formula()
    except RecursionError:  # a caller who is deep in calls already leaves less room than DEEPEST needs
        raise UserError("functions.too_deep", limit=DEEPEST, place=parser.now.place) from None
    if not expression.has_x:
        raise constant(text)
    return expression, parser.learned


def constant(text: str) -> UserError:
    """The error for a formula in which no x is left; ``leaky_relu(0.05)`` is told how a parameter is set."""
    call = _VALUE_ALONE.fullmatch(text)
    builtin = find(call["word"]) if call else None
    if call and builtin and builtin.parameters:
        first = builtin.parameters[0].name
        formula = f"{call['word']}({call['value']})"
        return UserError("functions.constant_call", formula=formula, call=f"{call['word']}({first}={call['value']})")
    shown = " ".join(text.split())
    return UserError("functions.constant", formula=shown if len(shown) <= 60 else f"{shown[:60]}…")


def single_call(text: str) -> tuple[Builtin, dict[str, float], tuple[str, ...]] | None:
    """The built-in, its parameters and which of them are learned; ``None`` unless `text` is one call of it on x.

    `text` must be one that parses.
    """
    found = tokens(text)
    builtin = find(found[0].text)
    if builtin is None or found[1].text != "(":
        return None
    parser = Parser(text, frozenset())
    parser.at = 2
    x, values = parser.builtin_arguments(builtin)
    if parser.now.kind != "end" or x not in (None, X):
        return None
    learned = {name: parser.learned[value.name] for name, value in values.items() if isinstance(value, Parameter)}
    numbers = {name: value.value for name, value in values.items() if isinstance(value, Number)}
    return builtin, numbers | learned, tuple(learned)
