"""What holds of every program: the rules of core/program.h; and points to run programs at."""

import numpy as np

from actlab.functions.program import FIRST_CONSTANT, OPERATIONS, Program

GRID = np.concatenate([np.linspace(-6, 6, 61), [-40.0, -1e-3, 1e-3, 0.5, 1.0, 2.0, 3.0, 40.0]])


def check(program: Program) -> None:
    """The rules of program.h: ranges, nothing read before it is written, x never read after register 1 is written."""
    written = {0}
    for op, d, e, a, b, c in program.code.tolist():
        name, operands, destinations = OPERATIONS[op]
        for index in (a, b, c, e)[:operands]:
            if index >= FIRST_CONSTANT:
                assert index - FIRST_CONSTANT < len(program.constants)
            else:
                assert index in written, name
        targets = (d, e)[:destinations]
        assert len(set(targets)) == destinations
        assert all(0 < target < program.n_registers for target in targets)
        written |= set(targets)
        if 1 in targets:
            written.discard(0)
    assert program.n_registers <= 256


def words(program: Program) -> list[str]:
    return [OPERATIONS[row[0]][0] for row in program.code.tolist()]
