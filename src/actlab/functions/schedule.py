"""The last step to a program: the order of the operations, and a register for every value.

Register 1, where the value belongs, is the memory of register 0, where x is. So the operation that makes the value
comes after everything else that reads x; only where such a reader itself needs the value is a copy made.
"""

import heapq
from collections import defaultdict

import numpy as np

from actlab.functions.joining import Operation
from actlab.functions.lowering import X_ID
from actlab.functions.program import FIRST_CONSTANT, FIRST_TEMPORARY, OPCODE, OPERATIONS, Program
from actlab.text import UserError

_VALUE, _DERIVATIVE = 1, 2


def assemble(
    operations: list[Operation],
    constants: dict[int, float],
    value: int | None,
    derivative: int | None,
    learned: dict[int, float] | None = None,
) -> Program:
    """The program that leaves `value` in register 1 and `derivative` in register 2.

    `learned` are ids of operands that are the first constants of the program, whether it uses them or not.
    `operations` come with operands first. Raises `UserError` where an expression needs too many registers.
    """
    operations = list(operations)
    made = {result for operation in operations for result in operation.results}
    first = learned or {}
    fresh = max([X_ID, *made, *constants, *first]) + 1
    if derivative is not None and (derivative not in made or derivative == value):
        operations.append(Operation("copy", (derivative,), (fresh,)))
        derivative, fresh = fresh, fresh + 1
    if value is not None and value not in made and (value != X_ID or not operations):
        operations.append(Operation("copy", (value,), (fresh,)))
        value, fresh = fresh, fresh + 1
    order = _order(operations, value)
    if value is not None and value != X_ID and _reads_x_after(order, value):
        order.append(Operation("copy", (value,), (fresh,)))
        value = fresh
    return _encode(order, {**first, **constants}, value, derivative, len(first))


def _order(operations: list[Operation], value: int | None) -> list[Operation]:
    """The given order, except that the value is made as late as its users allow."""
    waiting: dict[int, int] = {}
    users: dict[int, list[int]] = defaultdict(list)
    made_by = {result: place for place, operation in enumerate(operations) for result in operation.results}
    for place, operation in enumerate(operations):
        needs = {made_by[argument] for argument in operation.arguments if argument in made_by}
        waiting[place] = len(needs)
        for need in needs:
            users[need].append(place)
    last = len(operations)
    late = made_by.get(value, last) if value is not None else last
    ready = [place for place in waiting if not waiting[place] and place != late]
    heapq.heapify(ready)
    order = []
    held = late != last and not waiting[late]
    while ready or held:
        if ready:
            place = heapq.heappop(ready)
        else:
            place, held = late, False
        order.append(operations[place])
        for user in users[place]:
            waiting[user] -= 1
            if not waiting[user]:
                if user == late:
                    held = True
                else:
                    heapq.heappush(ready, user)
    return order


def _reads_x_after(order: list[Operation], value: int) -> bool:
    place = next(i for i, operation in enumerate(order) if value in operation.results)
    return any(X_ID in operation.arguments for operation in order[place + 1 :])


def _encode(
    order: list[Operation], constants: dict[int, float], value: int | None, derivative: int | None, kept: int
) -> Program:
    """`kept` of the constants keep their places, used or not."""
    last_use = {argument: i for i, operation in enumerate(order) for argument in operation.arguments}
    register = {X_ID: 0}
    pool = {constant: place for place, constant in enumerate(list(constants)[:kept])}
    free: list[int] = []
    used = FIRST_TEMPORARY
    rows: list[tuple[int, ...]] = []
    for i, operation in enumerate(order):
        operands = []
        for argument in operation.arguments:
            if argument in constants:
                operands.append(FIRST_CONSTANT + pool.setdefault(argument, len(pool)))
            else:
                operands.append(register[argument])
        for argument in set(operation.arguments):
            if last_use[argument] == i and register.get(argument, 0) >= FIRST_TEMPORARY:
                heapq.heappush(free, register[argument])
        targets = []
        for result in operation.results:
            if result == value:
                register[result] = _VALUE
            elif result == derivative:
                register[result] = _DERIVATIVE
            elif free:
                register[result] = heapq.heappop(free)
            else:
                register[result] = used
                used += 1
            targets.append(register[result])
        fourth = operands[3] if len(operands) == 4 else 0
        a, b, c = (*operands[:3], 0, 0)[:3]
        assert len(operands) == OPERATIONS[OPCODE[operation.name]][1]
        rows.append((OPCODE[operation.name], targets[0], targets[1] if len(targets) == 2 else fourth, a, b, c))
    if used > FIRST_CONSTANT:
        raise UserError("functions.too_complex")
    code = np.array(rows, dtype=np.uint16).reshape(-1, 6)
    return Program(code, np.array([constants[k] for k in pool], dtype=np.float64), used)
