"""Makes the study that the advice rests on: ``python -m actlab.advise.make`` writes ``evidence.parquet`` anew.

Every candidate (`trials.CANDIDATES`) at its best of five rates, on these data, depths and widths, four seeds each.
What checks the advice (``examples/advice_regret.py``) uses other seeds, other sizes and, for half of its cases, other
data.
"""

from __future__ import annotations

import sys
import time
from typing import Final

import polars as pl

from actlab.advise.trials import EVIDENCE, Case, try_case

SEEDS: Final = range(4)
#: Data → epochs. Binary, several classes, regressions, sequences.
DATA: Final = {
    "moons": 100, "circles": 100, "spiral": 100, "checkerboard": 100, "blobs:5": 100, "digits": 20, "sine": 100,
    "surface": 100,
}  # fmt: skip
SIZES: Final = ((1, 8), (1, 32), (2, 8), (2, 24), (4, 16), (8, 12), (16, 12), (30, 10))
SEQUENCES: Final = {"adding:10": 30, "recall": 30}
SEQUENCE_SIZES: Final = ((1, 16), (2, 12))


def main() -> None:
    """Train, and write the file."""
    cases = [(Case(data, *size), epochs) for data, epochs in DATA.items() for size in SIZES]
    cases += [(Case(data, *size), epochs) for data, epochs in SEQUENCES.items() for size in SEQUENCE_SIZES]
    rows, start = [], time.perf_counter()
    for done, (case, epochs) in enumerate(cases, 1):
        rows += [row | {"epochs": epochs} for row in try_case(case, SEEDS, epochs)]
        sys.stderr.write(f"{done}/{len(cases)} {case} {time.perf_counter() - start:.0f} s\n")
    pl.DataFrame(rows).write_parquet(EVIDENCE, compression="zstd")


if __name__ == "__main__":
    main()
