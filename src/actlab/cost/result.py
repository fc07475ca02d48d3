"""What a study of cost gives back, as plain tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

    from actlab.cost.price import Price
    from actlab.study.result import Provenance

Regime = Literal["best", "equal"]
#: What a net is measured by, and the unit.
MEASURES = ("parameters", "flops", "ns_batch", "ns_one")


@dataclass(frozen=True)
class Cost:
    """The result of `actlab.cost`.

    frame
        A row per size tried: ``regime, arm, depth, width, learning_rate, seeds, share, accuracy, low, high, parameters,
        flops, bytes, ns_batch, ns_one``. ``share`` of the seeds reach the target; ``accuracy`` is the mean test
        accuracy (of a regression R², negative ones as 0) with its 95 % interval. ``ns_batch`` are nanoseconds a point
        in a batch of 1,024, ``ns_one`` those of a call with one point, in `engine`.
    fits
        A row per regime, arm and depth: ``regime, arm, depth, intercept, slope, width, low, high``: logit of the share
        = intercept + slope·ln(width), and the smallest width with enough seeds; ∞ where none tried is enough.
    summary
        A row per regime and arm, of the net with the fewest parameters: ``regime, arm, reached, learning_rate, depth,
        width, width_low, width_high, parameters, flops, bytes``; ``core_1, core_1024, onnxruntime_1,
        onnxruntime_1024``: microseconds a call at these batch sizes, null where not measured; and for each of
        `MEASURES` ``least_M`` (the least over the depths), ``least_M_low``, ``least_M_high``, ``ratio_M``,
        ``ratio_M_low``, ``ratio_M_high``: as a multiple of the first arm's. Where no size tried is enough
        ``reached`` is False, ``least_M`` is null, and ``ratio_M_low`` is that of the largest nets tried: more than
        that. An upper end that is null is unbounded.
    """

    arms: tuple[str, ...]
    data: str
    task: str
    target: float
    enough: float  # share of the seeds that must reach the target
    seeds: int
    pilots: int
    depths: tuple[int, ...]
    widths: tuple[int, ...]
    learning_rates: tuple[float, ...]
    common_rate: float
    epochs: int
    batch_size: int
    engine: str  # of ns_batch and ns_one
    frame: pl.DataFrame
    fits: pl.DataFrame
    summary: pl.DataFrame
    prices: Mapping[str, Price]
    provenance: Provenance
    interrupted: bool = False

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """What was asked: each arm at its best rate, all at one rate."""
        return tuple(self.summary["regime"].unique(maintain_order=True).to_list())

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is not a finite number is None."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("frame", "fits", "summary"):
            values[name] = values[name].to_dicts()
        values["prices"] = {arm: asdict(price) for arm, price in self.prices.items()}
        values["provenance"] = {field.name: getattr(self.provenance, field.name) for field in fields(self.provenance)}
        plain: dict[str, Any] = _plain(values)
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
