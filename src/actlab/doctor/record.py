"""What the tracer writes to, step by step, and the `Readings` that come out of it."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from actlab.doctor.losses import read_loss
from actlab.doctor.readings import (
    Flow,
    Geometry,
    LossReading,
    NonFinite,
    Readings,
    SiteReading,
    Skip,
    Stack,
)
from actlab.doctor.running import Running, RunningFlow, RunningRows, merged
from actlab.doctor.sampling import all_finite, representations
from actlab.doctor.weights import Fan, Weights

if TYPE_CHECKING:
    from actlab._arrays import AnyArray
    from actlab.doctor.origins import Origins
    from actlab.doctor.readings import Kind, Site, Source
    from actlab.doctor.slopes import Slope

SAMPLES: Final = 64  # of which representations are kept at the first step
WINDOW: Final = 10  # sampled steps a bucket; the latest two are what `sites` says


@dataclass
class _Place:
    """What is kept of one site."""

    kind: Kind
    order: int
    output: bool = True
    slope: Slope | None = None
    source: Source | None = None
    scorers: tuple[str, ...] = ()
    first: Running | None = None
    buckets: deque[Running] = field(default_factory=lambda: deque(maxlen=2))
    flow: RunningFlow = field(default_factory=RunningFlow)
    first_flow: RunningFlow = field(default_factory=RunningFlow)
    rows: RunningRows = field(default_factory=RunningRows)
    first_rows: RunningRows = field(default_factory=RunningRows)
    last_use: int = 0
    now: Running | None = None  # the latest step alone, where somebody logs it
    now_flow: RunningFlow = field(default_factory=RunningFlow)
    now_rows: RunningRows = field(default_factory=RunningRows)

    @property
    def seen_now(self) -> bool:
        """Whether the latest step came by."""
        return self.now is not None or self.now_rows.rows > 0


class Record:
    """Everything seen of one model so far. One `step` is one forward pass that was looked at."""

    def __init__(self, model: torch.nn.Module, keep_latest: bool = False) -> None:
        self.keep_latest = keep_latest  # every step for itself, too
        self.weights = Weights(model)
        self.parameter_layers = self.weights.layers
        self.non_finite: NonFinite | None = None
        self.losses: dict[tuple[str, str], LossReading] = {}
        self.steps = 0
        self.steps_passed = 0
        self.has_gradients = False
        self._places: dict[Site, _Place] = {}
        self._stacks: dict[tuple[str, str], Stack] = {}
        self._skips: dict[tuple[str, str], Skip] = {}
        self._inputs: list[AnyArray] = []
        self._embedded: list[AnyArray] = []
        self._kept: dict[Site, list[AnyArray]] = {}
        self._collecting = True
        self._stale: set[Site] = set()
        self._elsewhere: set[str] = set()
        self._normed: set[str] = set()
        self._scaling: set[Site] = set()

    # --- steps

    def begin(self, inputs: list[torch.Tensor], same_weights: bool) -> None:
        """A pass begins; `same_weights`: the weights are those of the first step, so that it adds to `initial`."""
        self.steps += 1
        self._collecting = same_weights
        if self.keep_latest:
            self.weights.forget_latest()
            for place in self._places.values():
                place.now, place.now_flow, place.now_rows = None, RunningFlow(), RunningRows()
        self._stale = set(self._places) if (self.steps - 1) % WINDOW == 0 else self._stale
        for x in inputs:
            if not all_finite(x) and self.non_finite is None:
                self.non_finite = NonFinite("", "", "input", self.steps_passed)
        if inputs and self._collecting and _rows(self._inputs) < SAMPLES and inputs[0].dim() > 1:
            self._inputs.append(representations(inputs[0], SAMPLES))

    def pass_ended(self, uses: int, origins: Origins) -> None:
        """The forward pass made `uses` calls with weights: what came behind the last of them is the output's."""
        self._elsewhere |= origins.elsewhere
        self._normed |= origins.normed
        self._scaling |= origins.scaling
        for place in self._places.values():
            if place.last_use:
                place.output = place.output and place.last_use == uses
                place.last_use = 0

    # --- what the tracer says

    def _place(self, site: Site, kind: Kind, use: int) -> _Place:
        place = self._places.get(site)
        if place is None:
            place = self._places[site] = _Place(kind, len(self._places))
        place.last_use = max(use, 1)
        return place

    def activation(
        self, site: Site, slope: Slope, z: AnyArray, a: AnyArray | None, use: int, source: Source | None
    ) -> None:
        """A call of an activation: sampled z and a, (points, units)."""
        place = self._place(site, "activation", use)
        place.slope, place.source = slope, source
        with np.errstate(all="ignore"):
            self._add(site, place, z, a, slope(z), slope.activation.facts.max_derivative)

    def recurrent(self, site: Site, h: AnyArray, use: int) -> None:
        """The output of a fused recurrence."""
        self._add(site, self._place(site, "recurrent", use), h, h, None)

    def rows(
        self, site: Site, kind: Kind, scores: AnyArray, use: int, source: Source | None, scorers: tuple[str, ...]
    ) -> None:
        """Rows of scores that a softmax got, which the layers `scorers` made."""
        place = self._place(site, kind, use)
        place.source, place.scorers = source, scorers
        into = [place.rows]
        if self._collecting:
            into.append(place.first_rows)
        if self.keep_latest:
            into.append(place.now_rows)
        for running in into:
            running.add(scores)

    def _add(
        self, site: Site, place: _Place, z: AnyArray, a: AnyArray | None, slope: AnyArray | None, *rest: float
    ) -> None:
        if not place.buckets or site in self._stale:
            place.buckets.append(Running(z.shape[1]))
            self._stale.discard(site)
        into = [place.buckets[-1]]
        if self._collecting:
            place.first = place.first or Running(z.shape[1])
            into.append(place.first)
        if self.keep_latest:
            place.now = place.now or Running(z.shape[1])
            into.append(place.now)
        for running in into:
            if running.units != z.shape[1]:  # the number of units changed: lengths, not features
                self.skip("ragged", path=site.path)
                return
            running.add(z, a, slope, *rest)
            running.steps += 1

    def flow(self, site: Site) -> _FlowOf:
        """Where the gradients at `site` go, whenever they come by."""
        return _FlowOf(self, site, self._collecting)

    def gradient(self, site: Site, at: str, norm: float, first: bool) -> None:
        """The norm of a gradient at a site."""
        place = self._places.get(site)
        if place is None:
            return
        self.has_gradients = True
        flows = [place.flow, *([place.first_flow] if first else []), *([place.now_flow] if self.keep_latest else [])]
        for flow in flows:
            setattr(flow, at, getattr(flow, at) + norm * norm)
            setattr(flow, f"steps_{at}", getattr(flow, f"steps_{at}") + 1)

    def used(self, p: Any, kind: str, fan: Fan, source: Source | None, order: int) -> None:
        """A weight was used; `source` made its input."""
        self.weights.used(p, kind, fan, source, order)

    def stacked(self, first: str, second: str, fan: Fan, between: str = "") -> None:
        """Layer `second`, of `fan`, got the output of layer `first` as it was, or as the norm `between` left it."""
        into = self.weights.fan_of(first)[0]
        if into and fan.into:
            self._stacks[first, second] = Stack(first, second, (into, fan.into, fan.out), between)

    def representation(self, site: Site, a: torch.Tensor) -> None:
        """Keep a few samples' representations, at the first weights."""
        if self._collecting and a.dim() > 1 and self.steps <= SAMPLES:
            kept = self._kept.setdefault(site, [])
            if _rows(kept) < SAMPLES:
                kept.append(representations(a, SAMPLES))

    def embedded(self, x: torch.Tensor) -> None:
        """The output of an embedding stands for the input where that is words."""
        if self._collecting and _rows(self._embedded) < SAMPLES:
            self._embedded.append(representations(x, SAMPLES))

    def loss(self, name: str, prediction: torch.Tensor, target: torch.Tensor, source: Source | None) -> None:
        """A loss function was called."""
        slope = self._places[source.site].slope if source is not None and source.site in self._places else None
        found = read_loss(name, prediction, target, source, slope.activation if slope is not None else None)
        if found is not None:
            self.losses[name, source.path if source is not None else ""] = found

    def not_finite(self, out: Any, name: str, path: str, inputs: Any, parameters: Any, before: str) -> None:
        """The first tensor that is not finite was seen."""
        del out
        bad = [p for p in parameters if not all_finite(p)]
        if bad:
            self.non_finite = NonFinite(path, name, "parameter", self.steps_passed, self.weights.name_of(bad[0]))
            return
        tensors = [x for x in inputs if isinstance(x, torch.Tensor) and x.is_floating_point()]
        arrived = any(not all_finite(x) for x in tensors)
        origin = "before" if arrived or not tensors else "made"
        self.non_finite = NonFinite(path, name, origin, self.steps_passed, before)  # type: ignore[arg-type]

    def skip(self, reason: str, **values: str) -> None:
        """Something was not seen."""
        self._skips[reason, values.get("path", "")] = Skip(reason, values)

    # --- what comes out

    def readings(self, trained: bool) -> Readings:
        """All of it as plain data."""
        order = sorted(self._places, key=lambda site: self._places[site].order)
        return Readings(
            sites=tuple(self._reading(site, first=False) for site in order),
            initial=tuple(self._reading(site, first=True) for site in order if self._places[site].first is not None),
            weights=self.weights.readings(),
            losses=tuple(self.losses.values()),
            stacks=tuple(s for s in self._stacks.values() if self._elsewhere.isdisjoint((s.first, s.between))),
            normed=frozenset(self._normed),
            scaling=frozenset(self._scaling),
            non_finite=self.non_finite,
            geometry=self._geometry(),
            skips=tuple(self._skips.values()),
            steps=self.steps,
            steps_passed=self.steps_passed,
            trained=trained,
            has_gradients=self.has_gradients or any(seen.gradients for seen in self.weights.all()),
        )

    def sites(self) -> tuple[Site, ...]:
        """All sites, in the order in which they were first seen."""
        return tuple(self._places)

    def latest(self) -> tuple[SiteReading, ...]:
        """What the latest step alone says of each site that it came by; `keep_latest` must be on."""
        order = sorted(self._places, key=lambda site: self._places[site].order)
        return tuple(self._reading(s, first=False, now=True) for s in order if self._places[s].seen_now)

    def _reading(self, site: Site, first: bool, now: bool = False) -> SiteReading:
        place = self._places[site]
        running = place.first if first else (merged(list(place.buckets)) if place.buckets else None)
        running = place.now if now else running
        slope = place.slope
        flow: Flow = (place.now_flow if now else place.first_flow if first else place.flow).result()
        return SiteReading(
            site=site,
            kind=place.kind,
            order=place.order,
            output=place.output,
            steps=running.steps if running is not None else 0,
            activation=slope.activation if slope is not None else None,
            reference=slope.reference if slope is not None else math.nan,
            signal=running.signal() if running is not None else None,
            derivative=running.derivative() if running is not None and slope is not None else None,
            flat=running.flat() if running is not None and slope is not None else math.nan,
            flow=flow,
            sharpness=(place.now_rows if now else place.rows).result(),
            first_sharpness=place.first_rows.result(),
            source=place.source,
            scorers=place.scorers,
        )

    def _geometry(self) -> Geometry:
        inputs = _stacked(self._inputs) if self._inputs else _stacked(self._embedded)
        layers = {site: found for site, kept in self._kept.items() if (found := _stacked(kept)) is not None}
        return Geometry(0 if inputs is None else len(inputs), inputs, layers)


class _FlowOf:
    """Two functions that take norms of gradients at one site."""

    def __init__(self, record: Record, site: Site, first: bool) -> None:
        self._record, self._site, self._first = record, site, first

    def add_z(self, norm: float) -> None:
        self._record.gradient(self._site, "z", norm, self._first)

    def add_a(self, norm: float) -> None:
        self._record.gradient(self._site, "a", norm, self._first)


def _rows(kept: list[AnyArray]) -> int:
    return sum(len(array) for array in kept)


def _stacked(kept: list[AnyArray]) -> AnyArray | None:
    """One array of all rows; ``None`` where batches differ in their number of features."""
    if not kept or len({array.shape[1] for array in kept}) > 1:
        return None
    return np.concatenate(kept)[:SAMPLES]
