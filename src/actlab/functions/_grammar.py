"""The grammar of formulas: precedence climbing over our own tokens. A formula is never run as Python.

    sum      := product (('+' | '-') product)*
    product  := factor (('*' | '/') factor)*
    factor   := ('-' | '+') factor | atom power* ('**' factor)?  so -x**2 is −(x²), 2**3**2 is 2**9, x²**3 is (x²)³
    atom     := number | word | word power? '(' arguments ')' | '(' sum ')' | '|' sum '|'
    power    := a number in superscripts
    arguments of where := sum comparison sum ',' sum ',' sum
    learned := 'learned' '(' sum (',' word)? ')'; as a parameter of a built-in 'learned' alone will do

Everything is bounded: the nesting and the size of what built-ins expand to.
"""

import math
from functools import cache
from itertools import chain, count
from typing import Final

from actlab.functions.build import call, neg, substitute
from actlab.functions.catalogue import Builtin, english, find, korean_words, names
from actlab.functions.cursor import COMPARE, Cursor
from actlab.functions.expression import ARITY, COMPARISONS, Expression, Number, Parameter, X
from actlab.functions.tokens import Token
from actlab.functions.vector.names import check_not_vector
from actlab.text import UserError, nearest

DEEPEST: Final = 100  # open brackets and signs
LARGEST: Final = 2000  # nodes of the tree, built-ins written out

_CONSTANTS: Final = {"pi": 3.141592653589793, "π": 3.141592653589793, "e": 2.718281828459045}
_BINARY: Final = {"+": ("add", 1), "-": ("sub", 1), "*": ("mul", 2), "/": ("div", 2)}
_SAME: Final = {"ln": "log"}
LEARNED: Final = "learned"
_OPERATORS: Final = {"neg", "add", "sub", "mul", "div"} | COMPARISONS
_FUNCTIONS: Final = tuple(sorted({*(op for op in ARITY if op not in _OPERATORS), "clip", *_SAME}))


def function_names() -> tuple[str, ...]:
    """Every word that a formula may call, sorted: the primitives, ``clip``, ``ln`` and the built-ins."""
    return tuple(sorted({*_FUNCTIONS, *names()}))


@cache
def definition(builtin: Builtin) -> Expression:
    """The tree of a built-in, its parameters still open."""
    return Parser(builtin.definition, frozenset(parameter.name for parameter in builtin.parameters)).formula()


class Parser(Cursor):
    """Reads one formula; `learned` holds what numbers to be learned begin with."""

    def __init__(self, text: str, parameters: frozenset[str]) -> None:
        super().__init__(text)
        self.parameters = parameters
        self.learned: dict[str, float] = {}
        self.depth = 0

    def formula(self) -> Expression:
        expression = self.sum()
        if self.now.kind != "end":
            self.misplaced()
        return expression

    def sum(self, lowest: int = 1) -> Expression:
        """A chain of binary operators that bind at least as tightly as `lowest`; equal ones group to the left."""
        left = self.factor()
        while self.now.text in _BINARY and self.now.kind == "sign":
            op, tightness = _BINARY[self.now.text]
            if tightness < lowest:
                break
            self.at += 1
            left = self.sized(call(op, left, self.sum(tightness + 1)))
        return left

    def factor(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UserError("functions.too_deep", limit=DEEPEST, place=self.now.place)
        if self.accept("-"):
            value = neg(self.factor())
        elif self.accept("+"):
            value = self.factor()
        else:
            value = self.atom()
            while self.now.kind == "power":
                value = self.sized(call("pow", value, self.number(self.take())))
            if self.accept("**"):
                value = self.sized(call("pow", value, self.factor()))
        self.depth -= 1
        return value

    def sized(self, expression: Expression) -> Expression:
        if expression.count > LARGEST:
            raise UserError("functions.too_large", limit=LARGEST)
        return expression

    def atom(self) -> Expression:
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "word":
            return self.function(token) if self.accept("(") else self.power_of_function(token) or self.word(token)
        if token.text == "(":
            value = self.sum()
            self.close()
            return value
        if token.text == "|":
            value = self.sum()
            if not self.accept("|"):
                self.misplaced()
            return call("abs", value)
        if token.kind == "end":
            raise UserError("functions.ends_early", place=token.place)
        raise UserError("functions.value_expected", found=token.text, place=token.place)

    def power_of_function(self, token: Token) -> Expression | None:
        """tanh²(x), which is tanh(x)²; not sin⁻¹(x), which to some is the inverse function."""
        power = self.now
        if power.kind != "power" or power.text.startswith("⁻") or self.tokens[self.at + 1].text != "(":
            return None
        self.at += 2
        return self.sized(call("pow", self.function(token), self.number(power)))

    def number(self, token: Token) -> Expression:
        value = float(token.digits)
        lost = value == 0 and any(digit in "123456789" for digit in token.text.lower().partition("e")[0])
        if value == float("inf") or lost:
            shown = token.text if len(token.text) <= 24 else f"{token.text[:20]}…"
            raise UserError("functions.number_range", number=shown, place=token.place)
        return Number(value)

    def word(self, token: Token) -> Expression:
        word = token.text
        if word == "x":
            return X
        if word in self.parameters:
            return Parameter(word)
        if word in _CONSTANTS:
            return Number(_CONSTANTS[word])
        if word == LEARNED:
            raise UserError("functions.learned_start", place=token.place)
        if word.lower() in _FUNCTIONS or find(word) is not None:
            raise UserError("functions.needs_brackets", word=word, place=token.place)
        raise self.unknown(token)

    def unknown(self, token: Token) -> UserError:
        shown = token.text if len(token.text) <= 40 else f"{token.text[:40]}…"
        check_not_vector(token.text)
        near = nearest(token.text, ["x", "pi", *sorted(self.parameters), *function_names(), *korean_words()])
        if near is None:
            return UserError("functions.unknown_word", word=shown, place=token.place)
        return UserError("functions.unknown_word_near", word=shown, place=token.place, near=english(near) or near)

    def function(self, token: Token) -> Expression:
        """A call; its opening bracket is taken already."""
        if token.text == "x" or token.text in _CONSTANTS or token.text in self.parameters:
            before = self.tokens[self.at - 1]
            raise UserError("functions.no_sign", left=token.text, right=before.text, place=before.place)
        word = token.text.lower()
        if word == LEARNED:
            return self.learned_number(token, "p")
        op = _SAME.get(word, word)
        if op == "where":
            return self.where()
        builtin = find(word)
        if op in _FUNCTIONS and not (builtin is not None and builtin.parameters and self.named_arguments()):
            return self.sized(self.primitive(token, op, builtin))
        if builtin is None:
            raise self.unknown(token)
        x, values = self.builtin_arguments(builtin)
        return self.sized(substitute(definition(builtin), x, values))

    def named_arguments(self) -> bool:
        """Whether a parameter is given by name in the brackets just opened: softplus(x, beta=2) is the built-in."""
        depth = 1
        for token in self.tokens[self.at :]:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0:
                return False
            if depth == 1 and token.text == "=":
                return True
        return False

    def primitive(self, token: Token, op: str, builtin: Builtin | None) -> Expression:
        arguments = self.arguments()
        given, needed = len(arguments), 3 if op == "clip" else ARITY[op]
        if builtin is not None and given == 0:
            return call(op, X)  # sigmoid, sin and others are built-ins as well: with no argument they apply to x
        if op in ("min", "max") and given > 2:
            value = arguments[0]
            for argument in arguments[1:]:
                value = call(op, value, argument)
            return value
        if given != needed:
            raise UserError("functions.arguments", function=token.text, needed=needed, given=given, place=token.place)
        if op == "clip":
            x, low, high = arguments
            return call("min", call("max", x, low), high)
        return call(op, *arguments)

    def arguments(self) -> list[Expression]:
        """Values up to the closing bracket."""
        values: list[Expression] = []
        if self.accept(")"):
            return values
        while True:
            values.append(self.sum())
            if not self.accept(","):
                self.close()
                return values

    def where(self) -> Expression:
        left = self.sum()
        if self.now.text not in COMPARE:
            raise UserError("functions.condition", place=self.now.place)
        op = COMPARE[self.take().text]
        condition = call(op, left, self.sum())
        if self.now.text in COMPARE:
            raise UserError("functions.comparison_chain", place=self.now.place)
        branches = []
        while self.accept(","):
            branches.append(self.sum())
        self.close()
        if len(branches) != 2:
            raise UserError("functions.branches", given=len(branches))
        return self.sized(call("where", condition, *branches))

    def builtin_arguments(self, builtin: Builtin) -> tuple[Expression | None, dict[str, Expression]]:
        """What stands between the brackets of a built-in: at most one value, then parameters by name."""
        x: Expression | None = None
        given: dict[str, Expression] = {}
        while not self.accept(")"):
            token = self.now
            if token.kind == "word" and self.tokens[self.at + 1].text == "=":
                self.at += 2
                if token.text in given:
                    raise UserError("functions.repeated", name=token.text, place=token.place)
                given[token.text] = self.parameter(builtin, token)
            elif x is None and not given:
                x = self.sum()
            else:
                raise UserError("functions.by_name", function=builtin.name, place=token.place)
            if not self.accept(","):
                self.close()
                break
        values: dict[str, Expression] = {p.name: Number(p.default) for p in builtin.parameters} | given
        for name in builtin.learned:
            value = values[name]
            if isinstance(value, Number):
                values[name] = self.learn(name, value.value)
        return x, values

    def learn(self, name: str, start: float) -> Expression:
        """A learned number of its own, called `name` or, where that is taken, `name` with a number behind it."""
        taken = {*self.learned, *self.parameters}
        own = next(word for word in chain([name], (f"{name}{k}" for k in count(2))) if word not in taken)
        self.learned[own] = start
        return Parameter(own)

    def learned_number(self, token: Token, name: str, low: float = -math.inf, high: float = math.inf) -> Expression:
        """What stands in ``learned(0.25)`` or ``learned(0.25, name)`` behind the bracket."""
        value = self.sum()
        if not isinstance(value, Number):
            raise UserError("functions.learned_start", place=token.place)
        if not low <= value.value <= high:
            raise UserError(
                "functions.learned_range", value=f"{value.value:g}", low=f"{low:g}", high=f"{high:g}", place=token.place
            )
        if not self.accept(","):
            self.close()
            return self.learn(name, value.value)
        own = self.take()
        if own.kind != "word" or own.text in {"x", *_CONSTANTS, *self.parameters}:
            raise UserError("functions.learned_name", found=own.text, place=own.place)
        if self.learned.setdefault(own.text, value.value) != value.value:
            raise UserError("functions.learned_twice", name=own.text, place=own.place)
        self.close()
        return Parameter(own.text)

    def parameter(self, builtin: Builtin, name: Token) -> Expression:
        entry = builtin.parameter(name.text)
        if entry is None:
            if self.now.text != LEARNED:
                self.sum()  # a formula that is wrong in itself is told first
            raise builtin.unknown_parameter(name.text)
        if self.now.text == LEARNED:
            token = self.take()
            if self.accept("("):
                return self.learned_number(token, name.text, entry.low, entry.high)
            return self.learn(name.text, entry.default)
        value = self.sum()
        if isinstance(value, Number):
            builtin.check(name.text, value.value)
        elif value.has_x:
            raise UserError("functions.parameter_constant", function=builtin.name, name=name.text, place=name.place)
        return value
