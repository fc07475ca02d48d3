"""How much one visitor may ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

#: Bytes of a message from a visitor; the longest that ours sends is a drawing of `MOST_POINTS` points.
MESSAGE_BYTES = 64 * 1024
#: Messages a second, in the long run and at once. A picture is asked for at most 60 times a second.
MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 240.0, 480.0
#: Visitors at the same time.
VISITORS = 12

#: Nets trained along with each arm's own, which is the first of them.
SEEDS = 64
MOST_LAYERS, MOST_WIDTH = 8, 16
LEAST_POINTS, MOST_POINTS = 20, 1000
FORMULA_LENGTH = 200
#: Of a file of one's own: bytes, so that it fits into a message, and rows, 9 of 16 of which are learned from.
FILE_BYTES, MOST_ROWS = 60_000, 1500
#: Epochs after which training goes no further, and multiply-adds that an arm may cost (about ten seconds of one core).
MOST_EPOCHS = 16_384
MOST_WORK = 2e11


def horizon(parameters: int, points: int) -> int:
    """Epochs that an arm of `SEEDS` nets may be trained for: a number that doubles, so that pictures are comparable."""
    per_epoch = 3.0 * parameters * points * SEEDS
    epochs = 64
    while epochs < MOST_EPOCHS and 2 * epochs * per_epoch <= MOST_WORK:
        epochs *= 2
    return epochs


@dataclass
class Bucket:
    """A bucket that fills up with time: `take` says whether there was a token left in it."""

    rate: float = MESSAGES_PER_SECOND
    size: float = MESSAGES_AT_ONCE
    level: float = field(default=MESSAGES_AT_ONCE)
    seen: float = field(default_factory=monotonic)

    def take(self) -> bool:
        """Take a token, if there is one."""
        now = monotonic()
        self.level = min(self.size, self.level + (now - self.seen) * self.rate)
        self.seen = now
        if self.level < 1:
            return False
        self.level -= 1
        return True
