"""ACT005: initial weights that do not fit the activation before them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.doctor.checks._common import hidden, where
from actlab.doctor.finding import Finding
from actlab.text import integer, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings, Site, WeightReading
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT005"
_FEWEST: Final = 32  # points
_SLIGHT: Final = 0.5  # a function whose slope never exceeds it needs weights that make up for it
_SMALLEST: Final = 4  # weights into a unit: of fewer no variance can be told


@dataclass(frozen=True)
class _Link:
    weight: WeightReading
    before: str  # layer that feeds the activation before this weight
    function: str
    factor: float  # weight variance over the one that keeps the second moment of this activation: 1 fits


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """fan_in · E[w²] · E[φ(z)²] for z ~ N(0, 1), layer by layer and along chains without a norm; 1 fits."""
    if readings.trained:
        return
    yield from _symmetric(readings)
    yield from _inputs(readings, limits)
    links = _links(readings)
    single = [k for k in links if not 1.0 / (4.0 * limits.init_layer) < k.factor < limits.init_layer]
    yield from _measured(readings, limits, {k.weight.layer for k in links}, {k.weight.layer for k in single})
    yield from _slopes(readings, limits)
    for link in single:
        yield _finding(link, link.factor, limits.init_layer, "large" if link.factor > 1 else "small", 1, link)
    named = {link.weight.layer for link in single}
    for chain in _chains(links):
        total = math.prod(link.factor for link in chain)
        line = limits.init_chain_large if total > 1.0 else 1.0 / limits.init_chain_small
        if named.isdisjoint(link.weight.layer for link in chain) and (total > line if total > 1.0 else total < line):
            cause = "chain_large" if total > 1.0 else "chain_small"
            yield _finding(chain[0], total, line, cause, len(chain), chain[-1])


def _inputs(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Inputs of a size that no first layer is made for; a batch norm right behind it undoes that."""
    rows = readings.geometry.inputs
    used = [w for w in readings.weights if w.kind in ("linear", "conv", "recurrent") and w.order >= 0]
    if rows is None or not used:
        return
    size = float(np.sqrt(np.square(rows, dtype=np.float64).mean()))
    first = min(used, key=lambda w: w.order)
    if limits.input_size < size < math.inf and first.layer not in readings.normed:
        yield _start(first, size, limits.input_size, "inputs", ("centre_inputs", "norm"))


def _measured(readings: Readings, limits: Thresholds, judged: set[str], named: set[str]) -> Iterator[Finding]:
    """z itself: how large it is anywhere; how small, where no activation made the input and theory knows nothing."""
    layers = {w.layer: w for w in readings.weights if w.kind in ("linear", "conv") and w.order >= 0}
    recurrent = {w.layer: w for w in readings.weights if w.kind == "recurrent"}
    for site in hidden(readings, initial=True):
        if site.signal is not None and site.source is None and site.site.path in recurrent:
            variance = float(site.signal.unit_var.mean())
            if site.signal.points >= _FEWEST and limits.start_high < variance < math.inf:
                rest = ("orthogonal", "centre_inputs", "clip")
                yield _start(recurrent[site.site.path], variance, limits.start_high, "recurrent", rest, where(site))
            continue
        weight = layers.get(site.source.path) if site.source is not None else None
        if weight is None or weight.layer in named or weight.constant or site.signal is None:
            continue
        variance = float(site.signal.unit_var.mean())  # over inputs: biases have no part in it
        if site.signal.points < _FEWEST or not math.isfinite(variance) or not weight.rms > 0:
            continue
        large = variance > limits.start_high
        if large or (variance < limits.start_low and weight.layer not in judged):
            line = limits.start_high if large else limits.start_low
            cause = "measured_large" if large else "measured_small"
            yield _start(weight, variance, line, cause, ("fitted_init", "centre_inputs", "norm"))


def _start(
    weight: WeightReading, value: float, line: float, cause: str, remedies: tuple[str, ...], place: str = ""
) -> Finding:
    return Finding(
        code=CODE,
        severity="warning",
        layer=weight.layer,
        where=place or weight.name,
        value=value,
        threshold=line,
        normal=(0.1, 4.0),
        unit="number",
        confidence="high",
        cause=cause,
        remedies=remedies,
        sentence="found_size",
        values={"size": number(value)},
    )


def _links(readings: Readings) -> list[_Link]:
    """Weights whose input an activation made (views, dropout and pooling between them at most), and feeds another one.

    The last layer is free: a small or zero start there is good practice.
    """
    fed = {s.source.path for s in readings.sites if s.kind == "activation" and s.source is not None and not s.output}
    activations = {s.site: s.activation for s in readings.sites if s.activation is not None}
    found = []
    for weight in readings.weights:
        source = weight.source
        if weight.kind not in ("linear", "conv") or weight.constant or weight.layer not in fed:
            continue
        if weight.fan_in < _SMALLEST or source is None or source.site not in activations:
            continue
        second = activations[source.site].facts.second_moment
        if math.isfinite(second) and second > 0 and math.isfinite(weight.rms) and weight.rms > 0:
            factor = weight.fan_in * weight.rms**2 * second
            found.append(_Link(weight, source.path, activations[source.site].name, factor))
    return found


def _slopes(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Functions that never pass on much of a gradient, with weights behind them that do not make up for it.

    fan_in · E[w²] · E[φ′²] is what a layer passes on of the mean square of a gradient. Where φ′ never exceeds a half
    (sigmoid: a quarter), the root of its product over all such layers is judged, whether they follow each other or
    stand in branches: with weights of the usual size, such a branch or such a stack has nothing to say.
    """
    passed: dict[Site, list[float]] = {}
    sites = {s.site: s for s in hidden(readings, initial=True)}
    for weight in readings.weights:
        site = weight.source.site if weight.source is not None and weight.source.site is not None else None
        if weight.kind not in ("linear", "conv") or site is None or site not in sites or not weight.rms > 0:
            continue
        reading = sites[site]
        if reading.activation is None or reading.activation.facts.max_derivative > _SLIGHT or weight.fan_in < 1:
            continue
        square = float(np.mean(reading.derivative.mean_square)) if reading.derivative is not None else math.nan
        passed.setdefault(site, []).append(weight.fan_in * weight.rms**2 * square)
    factors = {site: math.sqrt(max(held)) for site, held in passed.items() if math.isfinite(max(held))}
    total = math.prod(factors.values())
    if factors and total < limits.init_slope:
        for site, factor in factors.items():
            yield Finding(
                code=CODE,
                severity="warning",
                layer=site.layer,
                where=where(sites[site]),
                value=factor,
                threshold=limits.init_slope ** (1.0 / len(factors)),
                normal=(0.3, 2.0),
                unit="factor",
                confidence="high",
                cause="slope",
                remedies=("relu_family", "fitted_init", "norm"),
                sentence="found_slope",
                values={"function": site.function, "count": integer(len(factors)), "total": number(total)},
            )


def _chains(links: list[_Link]) -> Iterator[list[_Link]]:
    """Links that follow each other, from each one that follows none."""
    after = {link.before: link for link in links}
    layers = {link.weight.layer for link in links}
    for link in links:
        if link.before in layers:
            continue
        chain, here = [link], link
        while here.weight.layer in after and len(chain) < len(links):
            here = after[here.weight.layer]
            chain.append(here)
        yield chain


def _symmetric(readings: Readings) -> Iterator[Finding]:
    """Hidden layers whose units all start with the same weights: they get the same gradient and stay one unit."""
    used = [w for w in readings.weights if w.kind in ("linear", "conv") and w.order >= 0]
    last = max((w.order for w in used), default=-1)
    for weight in used:
        # zeros behind a skip connection are good practice, and a last layer of zeros is one, too
        if weight.constant and weight.rms > 0 and not weight.frozen and weight.order < last:
            yield Finding(
                code=CODE,
                severity="error",
                layer=weight.layer,
                where=weight.name,
                value=0.0,
                threshold=0.0,
                normal=(1.0, 1.0),
                unit="factor",
                confidence="high",
                cause="symmetric",
                remedies=("fitted_init",),
                values={"function": "", "chain": "1", "last": weight.layer, "std": number(weight.rms), "fits": "–"},
            )


def _finding(link: _Link, value: float, line: float, cause: str, length: int, last: _Link) -> Finding:
    fits = link.weight.rms / math.sqrt(link.factor)
    return Finding(
        code=CODE,
        severity="warning",
        layer=link.weight.layer,
        where=link.weight.name,
        value=value,
        threshold=line,
        normal=(0.1, 4.0),
        unit="factor",
        confidence="high" if link.weight.fan_in >= 32 else "medium",
        cause=cause,
        remedies=("fitted_init", "norm"),
        values={
            "function": link.function,
            "chain": integer(length),
            "last": last.weight.layer,
            "std": number(link.weight.rms),
            "fits": number(fits),
        },
    )
