"""An activation function: what `get` gives, and what every other floor works with."""

import math
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, Final, Literal

from actlab.functions import compile as compiler
from actlab.functions import facts as deriving
from actlab.functions._grammar import LEARNED, definition, function_names
from actlab.functions.arrays import evaluator
from actlab.functions.build import bind, substitute
from actlab.functions.catalogue import Builtin, builtins, english, find, korean_words, words
from actlab.functions.derivative import derivative
from actlab.functions.digits import Loss, losses
from actlab.functions.evaluate import NOWHERE, apply, as_pair
from actlab.functions.expression import Expression, Parameter, parameters, size
from actlab.functions.facts import Facts
from actlab.functions.latex import to_latex
from actlab.functions.parser import constant, parse_learned, single_call
from actlab.functions.printing import number_text, to_text, to_unicode
from actlab.functions.program import Program
from actlab.functions.qualified import qualified
from actlab.functions.vector.names import check_not_vector
from actlab.text import UserError, nearest

Kind = Literal["value", "derivative", "both"]
STEEPEST: Final = 1000  # distinct parts of φ′
MOST_BENT: Final = 2000  # distinct parts of φ″


class Activation:
    """A function φ of one number. Make one with `get`.

    Two activations are equal when their expressions are and the same numbers in them are learned, whatever they are
    called. They pickle.

    Some numbers in φ may be *learned*: PReLU's slope is, and any other where it says so, as in ``"silu(beta=learned)"``
    or ``"max(x, learned(0.1)*x)"``. Nets then move them in training, one set of them for each hidden layer. Everything
    else (values, derivatives, facts) is of φ as learning begins.

    Attributes:
        name: the canonical label: ``"leaky_relu(alpha=0.05)"`` (parameters at their default are left out), or the
            formula as it was typed. `get` of the name gives an equal activation.
        expression: the tree, its parameters bound.
        open_expression: the tree with its learned numbers as open parameters; else the same.
        learned: their names, sorted, with the values that learning begins with.
        builtin: the entry of the catalogue that the name or the expression leads to, or ``None``.
    """

    def __init__(
        self, name: str, expression: Expression, builtin: Builtin | None = None, learned: compiler.Learned = ()
    ) -> None:
        self.name = name
        self.open_expression = expression
        self.learned = learned
        self.expression = bind(expression, dict(learned)) if learned else expression
        self.builtin = builtin if builtin is not None else _same_as(self.expression)

    def __repr__(self) -> str:
        return f"actlab.get({self.name!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Activation):
            return NotImplemented
        return self.open_expression is other.open_expression and self.learned == other.learned

    def __hash__(self) -> int:
        return hash(self.expression)

    def __reduce__(self) -> tuple[Any, ...]:
        return Activation, (self.name, self.open_expression, self.builtin, self.learned)

    @cached_property
    def derivative_expression(self) -> Expression:
        """The tree of φ′."""
        return derivative(self.expression)

    @cached_property
    def formula(self) -> str:
        """The expression as text that `get` reads back to an equal activation."""
        shown = {name: Parameter(f"{LEARNED}({number_text(start)}, {name})") for name, start in self.learned}
        return to_text(substitute(self.open_expression, values=shown))

    @cached_property
    def text(self) -> str:
        """The expression for a terminal: ``x·σ(x)``."""
        return to_unicode(self.open_expression)

    @cached_property
    def latex(self) -> str:
        """The expression in LaTeX, without delimiters."""
        return to_latex(self.open_expression)

    @cached_property
    def facts(self) -> Facts:
        """Range, kinks, limits, Gaussian moments, gain, steepest slope: all derived from the expression."""
        return deriving.facts(self.expression)

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """Where the formula, computed as it stands in float32 or float64, loses more than two digits; measured.

        actlab's own values do not: this is what a framework, an exported model or a script would get.
        """
        return losses(self.expression)

    @cached_property
    def default_init(self) -> Literal["he", "lecun"]:
        """The usual initialisation: ``"he"`` (weight variance 2/fan_in) or ``"lecun"`` (1/fan_in).

        A built-in says its own. A formula gets He when it silences one side, that is when the slope far to one side
        is less than half the slope far to the other (He et al., 2015); otherwise LeCun.
        """
        if self.builtin is not None:
            return self.builtin.init
        left, right = (abs(slope) for slope in self.facts.derivative_limits)
        if math.isnan(left) or math.isnan(right):
            return "lecun"
        return "he" if min(left, right) < 0.5 * max(left, right) else "lecun"

    def program(self, kind: Kind = "both", fused: bool = False) -> Program:
        """The program for the core: φ (``"value"``), φ′ (``"derivative"``) or ``"both"``.

        ``fused=True`` is for training: shorter, not bit-exact, meant for finite inputs; its first constants are the
        learned numbers.
        """
        return _program(self.open_expression if fused else self.expression, kind, fused, self.learned if fused else ())

    def programs_by_learned(self) -> tuple[Program, ...]:
        """Training programs for ∂φ/∂p, one for each learned number p, in the place of φ′."""
        return tuple(_program_by_learned(self.open_expression, name, self.learned) for name, _ in self.learned)

    def __call__(self, x: Any, out: Any = None) -> Any:
        """φ(x). `x`: a number, or an array of float32, float64 or integers, of any shape; same kind and shape out.

        float32 is computed in float64 and rounded once; NaN gives NaN, ±∞ the limit. PyTorch tensors and JAX arrays
        stay what they are; see `actlab.torch.evaluate` and `actlab.jax`.

        Args:
            out: for NumPy: an array to write to, which is then returned. Of the shape of `x`, of its type (float64 for
                integers), contiguous in C order, writable. It may be `x` itself, but not overlap it in part. Large
                results are faster this way: new memory costs as much as the function.

        Raises:
            UserError: for other types of `x`, and for an `out` that does not fit.
        """
        other = evaluator(x)
        if other is not None:
            _no_out(x, out)
            return other.value(self, x)
        return apply(self.program("value"), x, True, False, NOWHERE if out is None else (out, None))[0]

    def derivative(self, x: Any, out: Any = None) -> Any:
        """φ′(x), the left slope at a kink; otherwise as `__call__`."""
        other = evaluator(x)
        if other is not None:
            _no_out(x, out)
            return other.derivative(self, x)
        return apply(self.program("derivative"), x, False, True, NOWHERE if out is None else (None, out))[1]

    def value_and_derivative(self, x: Any, out: Any = None) -> tuple[Any, Any]:
        """φ(x) and φ′(x) in one pass.

        Args:
            out: for NumPy: a pair of arrays for the two, or ``None`` in the place of one that shall be new. Each as
                for `__call__`; they must not overlap each other.

        Raises:
            UserError: as `__call__`.
        """
        other = evaluator(x)
        if other is not None:
            _no_out(x, out)
            return other.value_and_derivative(self, x)
        return apply(self.program("both"), x, True, True, NOWHERE if out is None else as_pair(out))


def _no_out(x: object, out: object) -> None:
    if out is not None:
        raise UserError("functions.out_framework", kind=type(x).__name__)


@lru_cache(maxsize=1024)
def _program(expression: Expression, kind: Kind, fused: bool, learned: compiler.Learned) -> Program:
    if kind == "derivative":
        return compiler.compile_derivative(expression, fused, learned)
    return (compiler.compile_value if kind == "value" else compiler.compile_both)(expression, fused, learned)


@lru_cache(maxsize=1024)
def _program_by_learned(expression: Expression, name: str, learned: compiler.Learned) -> Program:
    return compiler.compile_by_learned(expression, name, learned)


@lru_cache(maxsize=1)
def _defaults() -> Mapping[Expression, Builtin]:
    known: dict[Expression, Builtin] = {}
    for entry in builtins():  # the first of two that are equal: celu with α = 1 is elu
        known.setdefault(bind(definition(entry), {p.name: p.default for p in entry.parameters}), entry)
    return known


def _same_as(expression: Expression) -> Builtin | None:
    return _defaults().get(expression)


def get(activation: "str | Activation", **values: float) -> Activation:
    """The activation that a name, a formula or an activation stands for.

    Args:
        activation: a built-in's name or alias in any case (``"gelu"``, ``"swish"``), a name with parameters
            (``"leaky_relu(alpha=.05)"``), a framework's name with that framework's defaults (``"torch:LeakyReLU"``,
            ``"keras:leaky_relu"``), a formula in x (``"x*tanh(softplus(x))"``), or an activation.
            A parameter of a built-in, or a number in a formula, is learned in training where it says so:
            ``"silu(beta=learned)"``, ``"silu(beta=learned(0.5))"``, ``"max(x, learned(0.1)*x)"``.
        values: parameters, by name: those of the built-in, or words of the formula (``get("max(x, a*x)", a=0.1)``).

    Raises:
        UserError: one sentence on what is wrong and the nearest name.
    """
    if isinstance(activation, Activation):
        if values:
            raise UserError("functions.already_bound", name=activation.name, parameter=next(iter(values)))
        return activation
    if not isinstance(activation, str):
        raise UserError("functions.not_text", kind=type(activation).__name__)
    numbers = tuple(sorted((name, _number(name, value)) for name, value in values.items()))
    return _get(activation, numbers)


def _number(name: str, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, str | bytes | bool) or not math.isfinite(number):
        shown = repr(value)
        raise UserError("functions.parameter_value", name=name, value=shown if len(shown) <= 40 else f"{shown[:40]}…")
    return number


@lru_cache(maxsize=1024)
def _get(text: str, values: tuple[tuple[str, float], ...]) -> Activation:
    word = text.strip()
    builtin = find(word)
    if builtin is not None:
        return _named(builtin, dict(values))
    if re.match(r"\w+\s*:", word):
        return _named(*qualified(word, dict(values)))
    if word.isidentifier() and word != "x" and not set(word) & set("πσΦ"):
        check_not_vector(word)
        _unknown_name(word)
    names = [name for name, _ in values]
    for name in names:
        if name in ("x", "pi", "e", LEARNED) or name in function_names():
            raise UserError("functions.parameter_name", name=name)
    expression, learned = parse_learned(text, names)
    left = parameters(expression)
    unused = [name for name in names if name not in left]
    if unused:
        raise UserError("functions.parameter_unused", name=unused[0])
    expression = bind(expression, dict(values))
    if not expression.has_x:
        raise constant(word)
    starts = tuple((name, learned[name]) for name in left if name in learned)
    label = _builtin_label(word) if not values else None
    if label is not None:
        return _checked(Activation(label[0], expression, label[1], starts))
    found = Activation(" ".join(word.split()), expression, None, starts)
    if values:  # with parameters the typed text no longer says which function this is; the bound formula does
        found.name = found.formula
    return _checked(found)


def _checked(activation: Activation) -> Activation:
    """`activation`, if its derivatives can be had; now, and not in mid-training.

    Raises `UserError` where a constant factor in one of them overflows, and where they become too large: with that,
    the work that any formula can cause is bounded.
    """
    slope = activation.derivative_expression
    for order, parts, limit in ((1, size(slope), STEEPEST), (2, size(derivative(slope)), MOST_BENT)):
        if parts > limit:
            raise UserError("functions.derivative_too_large", order=order, parts=parts, limit=limit)
    _ = activation.programs_by_learned()
    return activation


def _unknown_name(word: str) -> None:
    near = nearest(word, (*words(), *korean_words()))
    if near is None:
        raise UserError("functions.unknown_name", name=word[:40], known=", ".join(entry.name for entry in builtins()))
    raise UserError("functions.unknown_name_near", name=word[:40], near=english(near) or near)


def _named(builtin: Builtin, values: dict[str, float], learned: tuple[str, ...] | None = None) -> Activation:
    for name, value in values.items():
        builtin.check(name, value)
    learned = builtin.learned if learned is None else learned
    bound = {parameter.name: values.get(parameter.name, parameter.default) for parameter in builtin.parameters}
    fixed = {name: value for name, value in bound.items() if name not in learned}
    starts = tuple((name, float(bound[name])) for name in sorted(learned))
    return _checked(Activation(_label(builtin, bound, learned), bind(definition(builtin), fixed), builtin, starts))


def _label(builtin: Builtin, bound: Mapping[str, float], learned: tuple[str, ...]) -> str:
    changed = []
    for parameter in builtin.parameters:
        number, usual = number_text(float(bound[parameter.name])), bound[parameter.name] == parameter.default
        if parameter.name in learned and parameter.name not in builtin.learned:
            changed.append(f"{parameter.name}={LEARNED}" if usual else f"{parameter.name}={LEARNED}({number})")
        elif not usual:
            changed.append(f"{parameter.name}={number}")
    return f"{builtin.name}({', '.join(changed)})" if changed else builtin.name


def _builtin_label(word: str) -> tuple[str, Builtin] | None:
    """The canonical label, where the whole formula is one call of a built-in on x: ``leaky_relu(alpha=.05)``."""
    found = single_call(word)
    return None if found is None else (_label(*found), found[0])
