"""Random formulas and trees for Hypothesis."""

from hypothesis import strategies as st

from actlab.functions.build import call
from actlab.functions.expression import Expression, Number, X
from actlab.text import UserError

SMOOTH = ("exp", "expm1", "sigmoid", "tanh", "softplus", "erf", "normcdf", "normpdf", "sech2", "atan", "sin", "cos")
UNARY = (*SMOOTH, "neg", "abs", "sign", "log", "log1p", "sqrt")
BINARY = ("add", "sub", "mul", "div", "min", "max", "pow")
COMPARE = ("lt", "le", "gt", "ge", "eq", "ne")
numbers = st.sampled_from([-3.0, -2.0, -1.0, -0.5, 0.0, 0.01, 0.1, 0.5, 1.0, 1.702, 2.0, 3.0, 7.0])


def _try(op: str, *arguments: Expression) -> Expression | None:
    try:
        return call(op, *arguments)
    except UserError:  # 1/0 and the like: not this tree
        return None


def _reverse_polish(words: list[str | float]) -> Expression:
    """A tree from any list of words: an operator takes what it needs, x where there is nothing left to take."""
    stack: list[Expression] = []

    def pop() -> Expression:
        return stack.pop() if stack else X

    for word in words:
        made: Expression | None
        if not isinstance(word, str):
            made = Number(word)
        elif word == "x":
            made = X
        elif word in COMPARE:
            condition = _try(word, pop(), pop())
            made = None if condition is None else _try("where", condition, pop(), pop())
        else:
            made = _try(word, *(pop() for _ in range(2 if word in BINARY else 1)))
        stack.append(X if made is None else made)
    result = pop()
    while stack and result.count < 12:
        result = _try("add", stack.pop(), result) or X
    return result


def _trees(operators: tuple[str, ...]) -> st.SearchStrategy[Expression]:
    word = st.one_of(st.just("x"), numbers, st.sampled_from(operators), st.sampled_from(operators))
    return st.lists(word, max_size=14).map(_reverse_polish)


trees = _trees((*UNARY, *BINARY, *COMPARE))
functions = trees.filter(lambda tree: tree.has_x)
# Defined everywhere on [-3, 3] and of moderate size there: what derivatives are checked on.
tame = _trees((*SMOOTH, "add", "sub", "mul", "max", "min")).filter(lambda tree: tree.has_x)
