"""What is trained: a cell (nets that differ in their seed only) and its chunks (a run of seeds, a file each).

A chunk's file is named by the hash of its specification: what the nets are, what they learn, which seeds. No clock, no
host and no label goes in, so the same nets have the same name in every plan, on every machine, for ever.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from actlab import _core
from actlab.nets import NetSpec, checkpoint_steps
from actlab.nets.training import OPTIMISERS
from actlab.study.plan import LOSS_OF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actlab._arrays import Integers
    from actlab.data import Source
    from actlab.functions import Activation
    from actlab.nets.spec import Norm
    from actlab.nets.training import TrainSpec

#: To be raised when the bits of trained nets change; a test compares them with those of this number.
NUMERICS = 4

#: Multiplications and additions that a chunk should come to: about a second of one processor.
_WORK = 1.6e10
_FEWEST, _MOST = 16, 1024
_POINTS = 2**28  # bytes that the points of a chunk may take
_NAME = re.compile(r"(?P<cell>[0-9a-f]{24})\.(?P<first>\d{1,9})-(?P<stop>\d{1,9})\.parquet")


def canonical(value: Any) -> str:
    """`value` as JSON in its one canonical form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def arithmetic() -> str:
    """``"fma"``, or ``"v2"`` on processors without fused multiply-add, whose nets have bits of their own."""
    return "v2" if _core.instruction_sets()[-1] == "v2" else "fma"


@dataclass(frozen=True)
class Cell:
    """Nets that differ in their seed only."""

    source: Source
    arm: Activation
    hidden: tuple[int, ...]
    init: str
    norm: Norm
    residual: int
    training: TrainSpec
    rate: float

    @cached_property
    def specification(self) -> dict[str, Any]:
        """Plain JSON values that identify the nets, their seeds aside."""
        training = self.training
        rule = next(name for name, kind in OPTIMISERS.items() if type(training.optimiser) is kind)
        return {
            "numerics": NUMERICS,
            "arithmetic": arithmetic(),
            "data": self.source.specification(),
            "activation": self.arm.formula,
            "hidden": list(self.hidden),
            "init": self.init,
            "norm": self.norm,
            "residual": self.residual,
            "optimiser": {"rule": rule, **vars(training.optimiser)},
            "schedule": training.schedule,
            "warm_up": training.warm_up,
            "weight_decay": training.weight_decay,
            "clip": training.clip,
            "epochs": training.epochs,
            "batch_size": training.batch_size,
            "learning_rate": self.rate,
        }

    @cached_property
    def name(self) -> str:
        """24 hexadecimal digits of the SHA-256 of the specification."""
        return hashlib.sha256(canonical(self.specification).encode()).hexdigest()[:24]

    @property
    def net(self) -> NetSpec:
        """The nets of the cell."""
        source = self.source
        outputs, loss = LOSS_OF[source.task]
        return _net(
            source.dimension, self.hidden, self.arm, self.init, outputs or len(source.classes), loss, self.norm,
            self.residual, source.steps,
        )  # fmt: skip

    @property
    def siblings(self) -> tuple[Any, ...]:
        """Equal for cells that differ in their learning rate only: they are trained side by side."""
        return (self.source, self.arm, self.hidden, self.init, self.norm, self.residual, self.training)

    def checkpoints(self) -> Integers:
        """Steps at which the nets are measured: the start and the end."""
        return checkpoint_steps(self.training.steps(self.source.n_train), count=2)

    @property
    def work(self) -> float:
        """Multiplications and additions of one net: training (forward, and twice that back), and its scores."""
        points = 3.0 * self.training.epochs * self.source.n_train + self.source.n_test + 2 * self.source.n_validation
        return 2.0 * self.net.parameters * points * (self.source.steps or 1)

    @property
    def points(self) -> float:
        """Bytes of the points of one net: training, validation and test."""
        source = self.source
        count = source.n_train + source.n_validation + source.n_test
        return 4.0 * count * (source.dimension * (source.steps or 1) + 1)

    @property
    def run(self) -> int:
        """Seeds of a full chunk: a power of two that depends on the cell's work and points, never on the machine."""
        run = _FEWEST
        while run < _MOST and 2 * run * self.work <= _WORK and 2 * run * self.points <= _POINTS:
            run *= 2
        return run


@lru_cache(maxsize=4096)
def _net(*arguments: Any) -> NetSpec:
    return NetSpec(*arguments)


@dataclass(frozen=True)
class Chunk:
    """The nets of a cell for the seeds ``first … stop − 1``."""

    cell: Cell
    first: int
    stop: int

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.cell.name}.{self.first}-{self.stop}.parquet"

    @property
    def specification(self) -> dict[str, Any]:
        """That of its cell, and the seeds."""
        return self.cell.specification | {"seeds": [self.first, self.stop]}

    @property
    def nets(self) -> int:
        """How many there are."""
        return self.stop - self.first


@dataclass(frozen=True)
class Named:
    """What the name of a chunk's file says."""

    name: str
    cell: str
    first: int
    stop: int


def read_name(name: str) -> Named | None:
    """What a file's name says; None where it is not the name of a chunk."""
    found = _NAME.fullmatch(name)
    if found is None or not int(found["first"]) < int(found["stop"]):
        return None
    return Named(name, found["cell"], int(found["first"]), int(found["stop"]))


def missing(cell: Cell, seeds: range, there: Iterable[tuple[int, int]]) -> list[Chunk]:
    """The chunks that complete `seeds`, given the runs ``(first, stop)`` that exist; aligned to the cell's run."""
    gaps = [(seeds.start, seeds.stop)]
    for first, stop in there:
        gaps = [
            piece
            for low, high in gaps
            for piece in ((low, min(high, first)), (max(low, stop), high))
            if piece[0] < piece[1]
        ]
    chunks = []
    for low, high in sorted(set(gaps)):
        while low < high:
            stop = min(high, (low // cell.run + 1) * cell.run)
            chunks.append(Chunk(cell, low, stop))
            low = stop
    return chunks
