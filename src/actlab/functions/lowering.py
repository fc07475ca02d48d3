"""From trees to operations of the core: values numbered once, constants and products joined; `joining` goes on."""

import math
from collections.abc import Iterable
from typing import Final

from actlab.functions.build import neg
from actlab.functions.expression import Call, Expression, Number, Parameter, Variable, nodes
from actlab.functions.joining import Operation, joined

X_ID: Final = 0
_LARGEST_POWER: Final = 16  # repeated multiplication up to here: at most 6 instructions


class Lowering:
    """Operations for a few expressions that share their common parts.

    Every value has an id; 0 is x. `constants` holds those that are numbers, `operations` says how the others are
    made, in an order in which operands come first. `learned` parameters are neither: they are there, and not known.
    """

    def __init__(self, fused: bool, learned: Iterable[tuple[str, float]] = ()) -> None:
        self.fused = fused
        self.learned: dict[int, float] = {}  # values they begin with
        self._of_name: dict[str, int] = {}
        self.constants: dict[int, float] = {}
        self.operations: dict[int, Operation] = {}  # by first result
        self._known: dict[tuple[object, ...], int] = {}
        self._of: dict[Expression, int] = {}
        self._of_softplus: dict[int, int] = {}  # tanh(softplus(w)) -> w
        self._steps: dict[int, int] = {}  # a step of 1 and 0 -> its "lt" or "le"
        self._next = 1
        self.value_known = False  # what is added from now on is a derivative: it may be made from parts of the value
        for name, start in learned:
            self._of_name[name] = self._fresh()
            self.learned[self._of_name[name]] = start

    def add(self, expression: Expression) -> int:
        """The id of `expression`, after adding what it needs."""
        for node in nodes(expression):
            if node not in self._of:
                self._of[node] = self._lower(node)
        return self._of[expression]

    def constant(self, value: float) -> int:
        """The id of a number."""
        key = ("constant", float(value).hex())
        if key not in self._known:
            self._known[key] = self._fresh()
            self.constants[self._known[key]] = value
        return self._known[key]

    def emit(self, name: str, *arguments: int) -> int:
        """The id of an operation's result; the same operation twice is one."""
        key = (name, *arguments)
        if key not in self._known:
            self._known[key] = self._fresh()
            self.operations[self._known[key]] = Operation(name, arguments, (self._known[key],))
        return self._known[key]

    def _fresh(self) -> int:
        self._next += 1
        return self._next - 1

    # --- one node ---

    def _lower(self, node: Expression) -> int:
        if isinstance(node, Variable):
            return X_ID
        if isinstance(node, Number):
            return self.constant(node.value)
        if isinstance(node, Parameter) and node.name in self._of_name:
            return self._of_name[node.name]
        if not isinstance(node, Call):
            raise TypeError("a parameter is still open")
        arguments = [self._of[argument] for argument in node.arguments]
        special = getattr(self, f"_{node.op}", None)
        return int(special(node, *arguments)) if special is not None else self.emit(node.op, *arguments)

    def _sigmoid(self, node: Call, u: int) -> int:
        """σ(u) and σ(−u) come for one exponential, so that the two need to know each other."""
        argument = node.arguments[0]
        if not _leads_with_minus(argument):
            return self.emit("sigmoid", u)
        # u stays an operand: where σ(−u) is not needed too, this becomes plain σ(u) again
        return self.emit("sigmoid_reflected", self.add(neg(argument)), u)

    def _tanh(self, node: Call, u: int) -> int:
        """tanh(softplus(w)) is m/(m + 1) with m = e(e/2 + 1), e = e^w: one exponential, also for its slope."""
        inner = node.arguments[0]
        if not (self.fused and isinstance(inner, Call) and inner.op == "softplus"):
            return self.emit("tanh", u)
        key = ("tanh", u)
        if key not in self._known:
            w = self._of[inner.arguments[0]]
            self._known[key] = self.emit("tanh_softplus", w)
            self._of_softplus[self._known[key]] = w
        return self._known[key]

    def _sech2(self, _: Call, u: int) -> int:
        t = self._known.get(("tanh", u))
        if self.fused and self.value_known and t is not None:
            return self.emit("fnma", t, t, self.constant(1.0))
        return self.emit("sech2", u)

    def _max(self, _: Call, u: int, v: int) -> int:
        return self.emit("max_const" if u in self.constants else "max", u, v)

    def _min(self, _: Call, u: int, v: int) -> int:
        return self.emit("min_const" if u in self.constants else "min", u, v)

    def _div(self, _: Call, u: int, v: int) -> int:
        divisor = self.constants.get(v)
        if divisor is None or not 1e-300 < abs(divisor) < 1e300:
            return self.emit("div", u, v)
        # exact for a power of two; for others the last bit differs, which only training may accept
        exact = math.frexp(divisor)[0] in (0.5, -0.5)
        return self._product(self.constant(1 / divisor), u) if exact or self.fused else self.emit("div", u, v)

    def _mul(self, _: Call, u: int, v: int) -> int:
        return self._product(u, v)

    def _add(self, _: Call, u: int, v: int) -> int:
        """u + c·(u·w) is u·(c·w + 1), and c·w + 1 one fused multiply-add."""
        for a, b in ((u, v), (v, u)):
            scaled = self._factors(b)
            if not self.fused or a in self.constants or scaled is None or scaled[0] not in self.constants:
                continue
            inner = self._factors(scaled[1])
            if inner is not None and a in inner:
                w = inner[1] if inner[0] == a else inner[0]
                return self._product(a, self.emit("add", self._product(scaled[0], w), self.constant(1.0)))
        return self.emit("add", u, v)

    def _factors(self, value: int) -> tuple[int, ...] | None:
        made = self.operations.get(value)
        return made.arguments if made is not None and made.name == "mul" else None

    def _product(self, u: int, v: int) -> int:
        if self.fused:
            for a, b in ((u, v), (v, u)):
                if b in self._steps and a not in self.constants:  # a step of 1 and 0 times a value is a select
                    test = self.operations[self._steps[b]]
                    return self.emit(f"select_{test.name}", *test.arguments, a, self.constant(0.0))
                made = self.operations.get(b)
                if self.value_known and made is not None:
                    found = self._from_value(a, made)
                    if found is not None:
                        return found
                if a in self.constants and b not in self.constants:
                    scaled = self._scaled(a, b)
                    if scaled is not None:
                        return scaled
                if made is None or made.name != "mul":
                    continue
                c, d = made.arguments
                if a in self.constants and c in self.constants:
                    return self._product(self.constant(self.constants[a] * self.constants[c]), d)
                for first, second in ((c, d), (d, c)):  # a·(c·d) where a·c exists already: silu′ = σ + (x·σ)·σ(−x)
                    for key in (("mul", a, first), ("mul", first, a)):
                        if key in self._known and a not in self.constants:
                            return self.emit("mul", self._known[key], second)
        return self.emit("mul", u, v)

    def _scaled(self, a: int, value: int) -> int | None:
        """The constant a times c·w + d, or times x·(c·w + d): it joins the constants c and d, and costs nothing."""
        made = self.operations.get(value)
        if made is None:
            return None
        if made.name == "mul" and not self.constants.keys() & made.arguments:
            for x, sum_ in (made.arguments, made.arguments[::-1]):
                scaled = self._scaled(a, sum_) if self.operations.get(sum_, made).name == "add" else None
                if scaled is not None:
                    return self.emit("mul", x, scaled)
        if made.name != "add":
            return None
        for product, number in (made.arguments, made.arguments[::-1]):
            factors = self._factors(product)
            if number in self.constants and factors is not None and self.constants.keys() & factors:
                size = self.constants[a]
                return self.emit("add", self._product(a, product), self.constant(size * self.constants[number]))
        return None

    def _from_value(self, a: int, made: Operation) -> int | None:
        """The product of a and what `made` makes, where parts of the value give it at once."""
        if made.name == "sigmoid_reflected" and self._known.get(("sigmoid", made.arguments[0])) == a:
            return self.emit("fnma", a, a, a)  # σ(u)·σ(−u) = σ − σ²
        if made.name == "fnma" and made.arguments[0] in self._of_softplus:
            w = self._of_softplus[made.arguments[0]]
            if self._known.get(("sigmoid", w)) == a:  # sech²(softplus(w))·σ(w) is the derivative of tanh(softplus(w))
                return self.emit("tanh_softplus_slope", w)
        return None

    def _pow(self, _: Call, u: int, v: int) -> int:
        exponent = self.constants.get(v)
        if exponent in (0.5, -0.5):
            root = self.emit("sqrt", u)
            return root if exponent == 0.5 else self.emit("div", self.constant(1.0), root)
        if exponent is None or exponent != int(exponent) or abs(exponent) > _LARGEST_POWER:
            return self.emit("pow", u, v)
        result: int | None = None
        square, left = u, int(abs(exponent))
        while True:
            if left & 1:
                result = square if result is None else self.emit("mul", result, square)
            left >>= 1
            if not left:
                break
            square = self.emit("mul", square, square)
        assert result is not None
        return result if exponent > 0 else self.emit("div", self.constant(1.0), result)

    def _where(self, _: Call, condition: int, yes: int, no: int) -> int:
        test = self.operations[condition]
        if test.name not in ("lt", "le"):
            return self.emit("where", condition, yes, no)
        if self.constants.get(yes) == 1 and self.constants.get(no) == 0:
            self._steps[condition] = condition
            return condition
        return self.emit(f"select_{test.name}", *test.arguments, yes, no)

    # --- whole programs ---

    def finish(self, outputs: Iterable[int]) -> list[Operation]:
        """The instructions that `outputs` need, operands first."""
        return joined(self.operations, self.constants, outputs, self.fused, self._fresh)


def _leads_with_minus(u: Expression) -> bool:
    """Of u and −u, whether u is the one to be written as a reflection: exactly one of the two is."""
    if not isinstance(u, Call):
        return False
    if u.op == "neg":
        return True
    first, *rest = u.arguments
    if u.op in ("mul", "div") and isinstance(first, Number):
        return first.value < 0
    return u.op == "sub" and (isinstance(first, Number) or first.key > rest[0].key)
