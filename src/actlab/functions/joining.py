"""From operations to instructions: what often comes together is one.

Every function here changes the operations of a program in place, which are kept by their first results. Pairs of
functions serve all programs; fused multiply-adds and what is built on them round otherwise than the tree says, or take
a derivative from the value, and are for training.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

PAIRS: Final = (
    ("sigmoid", "sigmoid_reflected", "sigmoid_pair"),
    ("tanh", "sech2", "tanh_sech2"),
    ("softplus", "sigmoid", "softplus_sigmoid"),
    ("normcdf", "normpdf", "normcdf_normpdf"),
    ("exp", "expm1", "exp_expm1"),
    ("sin", "cos", "sin_cos"),
    ("tanh_softplus", "tanh_softplus_slope", "tanh_softplus_pair"),
)


class Operation:
    """One instruction in the making: its name, the ids of its operands, the ids of its results."""

    __slots__ = ("arguments", "name", "results")

    def __init__(self, name: str, arguments: tuple[int, ...], results: tuple[int, ...]) -> None:
        self.name, self.arguments, self.results = name, arguments, results


Operations = dict[int, Operation]
Constants = dict[int, float]


def joined(
    operations: Operations, constants: Constants, outputs: Iterable[int], fused: bool, fresh: Callable[[], int]
) -> list[Operation]:
    """The operations that `outputs` need, operands first; `fresh` gives ids that nothing has."""
    roots = tuple(outputs)
    if fused:
        _multiply_adds(operations, roots)
    order = needed(operations, roots)
    _pairs(operations, order)
    if fused:
        _ramps(operations, constants, order)
    for operation in order:
        if operation.name == "sigmoid_reflected":
            operation.name, operation.arguments = "sigmoid", operation.arguments[1:]
        elif operation.name == "tanh_softplus_slope":  # alone: half of a pair whose other half nobody reads
            operation.name, operation.results = "tanh_softplus_pair", (fresh(), *operation.results)
    if fused:
        _slopes(operations, constants, needed(operations, roots))
        _gates(operations, needed(operations, roots))
        _scaled_sums(operations, roots)
        _squares(operations, roots)
    return needed(operations, roots)


def needed(operations: Operations, roots: Iterable[int]) -> list[Operation]:
    """What `roots` are made by, operands first."""
    made_by = {result: operation for operation in operations.values() for result in operation.results}
    order: list[Operation] = []
    done: set[int] = set()
    stack = [(root, False) for root in reversed(tuple(roots))]
    while stack:
        value, ready = stack.pop()
        operation = made_by.get(value)
        if operation is None or operation.results[0] in done:
            continue
        if ready:
            done.add(operation.results[0])
            order.append(operation)
        else:
            stack.append((value, True))
            stack.extend((argument, False) for argument in reversed(operation.arguments))
    return order


def _uses(order: list[Operation], roots: tuple[int, ...]) -> Counter[int]:
    uses = Counter(argument for operation in order for argument in operation.arguments)
    uses.update(roots)
    return uses


def _take(operations: Operations, taker: Operation, taken: Operation) -> None:
    """What `taken` makes, `taker` makes from now on."""
    taker.results = (*taker.results, *taken.results)
    del operations[taken.results[0]]
    taken.name = "taken"


def _multiply_adds(operations: Operations, roots: tuple[int, ...]) -> None:
    """a·b + c in one rounding, where nothing else needs the product."""
    order = needed(operations, roots)
    uses = _uses(order, roots)

    def product(value: int) -> tuple[int, ...] | None:
        made = operations.get(value)
        return made.arguments if made is not None and made.name == "mul" and uses[value] == 1 else None

    for operation in order:
        if operation.name not in ("add", "sub"):
            continue
        u, v = operation.arguments
        right, left = product(v), product(u)
        if right is not None:
            operation.name = "fma" if operation.name == "add" else "fnma"
            operation.arguments = (*right, u)
        elif left is not None:
            operation.name = "fma" if operation.name == "add" else "fms"
            operation.arguments = (*left, v)


def _pairs(operations: Operations, order: list[Operation]) -> None:
    """Two functions of one argument."""
    by_key = {(operation.name, operation.arguments[0]): operation for operation in order}
    for first, second, pair in PAIRS:
        for operation in order:
            other = by_key.get((second, operation.arguments[0]))
            if operation.name != first or other is None or other.name != second:
                continue
            operation.name, operation.arguments = pair, operation.arguments[:1]
            _take(operations, operation, other)


def _ramps(operations: Operations, constants: Constants, order: list[Operation]) -> None:
    """max(0, u) and the step u > 0."""
    steps = {o.arguments: o for o in order if o.name == "lt" and constants.get(o.arguments[0]) == 0}
    for operation in order:
        step = steps.get(operation.arguments)
        if operation.name == "max_const" and step is not None:
            operation.name, operation.arguments = "ramp", operation.arguments[1:]
            _take(operations, operation, step)


def _slopes(operations: Operations, constants: Constants, order: list[Operation]) -> None:
    """σ with σ − σ², and tanh with 1 − tanh²."""
    for operation in order:
        if operation.name != "fnma" or operation.arguments[0] != operation.arguments[1]:
            continue
        value, _, start = operation.arguments
        made = operations.get(value)
        if made is None:
            continue
        if (made.name == "sigmoid" and start == value) or (made.name == "tanh" and constants.get(start) == 1):
            made.name += "_slope"
            _take(operations, made, operation)


def _gates(operations: Operations, order: list[Operation]) -> None:
    """x·s and x·s′ + s, s being what lets x through: σ, Φ, tanh(softplus)."""
    products = {frozenset(operation.arguments): operation for operation in order if operation.name == "mul"}
    for operation in order:
        if operation.name != "fma":
            continue
        u, v, s = operation.arguments
        for x, slope in ((u, v), (v, u)):
            product = products.get(frozenset((x, s)))
            if product is None or product.name != "mul" or product in needed(operations, (slope, s, x)):
                continue
            product.name, product.arguments = "gate", (x, s, slope)
            _take(operations, product, operation)
            break


def _scaled_sums(operations: Operations, roots: tuple[int, ...]) -> None:
    """(a·b + c)·e, where nothing else needs the sum."""
    order = needed(operations, roots)
    uses = _uses(order, roots)
    sums = {operation.results[0]: operation for operation in order if operation.name == "fma"}
    for operation in order:
        if operation.name != "mul":
            continue
        for total, factor in (operation.arguments, operation.arguments[::-1]):
            if total in sums and uses[total] == 1:
                operation.name, operation.arguments = "fma_mul", (*sums[total].arguments, factor)
                break


def _squares(operations: Operations, roots: tuple[int, ...]) -> None:
    """(a·b·b + c)·e, where nothing else needs b·b: squaring again is cheaper than keeping it."""
    order = needed(operations, roots)
    uses = _uses(order, roots)
    sums = [operation for operation in order if operation.name == "fma_mul"]
    for operation in order:
        square = operation.results[0]
        if operation.name != "mul" or operation.arguments[0] != operation.arguments[1]:
            continue
        takers = [
            t for t in sums if t.name == "fma_mul" and square in t.arguments[:2] and t.arguments.count(square) == 1
        ]
        if len(takers) != uses[square]:
            continue
        for taker in takers:
            a, b, start, factor = taker.arguments
            taker.name = "square_fma_mul"
            taker.arguments = (a if b == square else b, operation.arguments[0], start, factor)
