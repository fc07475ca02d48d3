"""Sentences about what happens inside the nets: signal, hidden space, geometry, gradients, units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.report import readings
from actlab.report.sentences._say import Said, said
from actlab.text import number, percent

if TYPE_CHECKING:
    from actlab.report.readings import Band
    from actlab.study.result import Comparison, Portrait

_ALIKE = 1.25  # two magnitudes within this factor of each other are called alike
_APART = 1.5  # beyond this one they are clearly apart
_VANISHING = 4.0  # the sources' bound: sigmoid's derivative is at most a quarter, a factor of four a layer
_CLEAR_R2 = 0.1
_UNFOLDED = 0.05


def contrast(portrait: Portrait) -> list[float]:
    """Far point's mean |a| over the near point's, by hidden layer; NaN where both are 0."""
    near, far = portrait.near.mean_abs_a[:-1], portrait.far.mean_abs_a[:-1]
    return [math.nan if n == f == 0 else math.inf if n == 0 else float(f / n) for n, f in zip(near, far, strict=True)]


def signal(portraits: list[Portrait]) -> list[Said]:
    """How many times stronger the far point's signal is, first to last hidden layer, and who loses the difference."""
    out = []
    known = [p for p in portraits if math.isfinite(p.near.distance) and math.isfinite(p.far.distance)]
    if known:
        near, far = (sum(abs(getattr(p, which).distance) for p in known) / len(known) for which in ("near", "far"))
        out.append(said("signal.points", near=number(near, 2), far=number(far, 2)))
    ratios = {p.arm: contrast(p) for p in portraits}
    items = []
    for arm, values in ratios.items():
        if math.isnan(values[-1]):
            items.append(said("item.silent", arm=arm))
        elif len(values) == 1 or math.isnan(values[0]):
            items.append(said("item.value", arm=arm, value=number(values[-1], 2)))
        else:
            items.append(said("item.from_to", arm=arm, start=number(values[0], 2), end=number(values[-1], 2)))
    if items:
        out.append(said("signal.ratios", items=items))
    alike = [arm for arm, v in ratios.items() if not math.isnan(v[-1]) and 1 / _ALIKE <= v[-1] <= _ALIKE]
    apart = [arm for arm, v in ratios.items() if v[-1] > _APART]
    turned = [arm for arm, v in ratios.items() if v[-1] < 1 / _APART]
    for key, arms in (("signal.alike", alike), ("signal.apart", apart), ("signal.turned", turned)):
        if arms:
            out.append(said(key, arms=arms))
    return out


def hidden(portraits: list[Portrait]) -> list[Said]:
    """How well a straight line separates the classes in the last hidden layer's plane, against the input."""
    items: list[Said] = []
    unfolded: list[str] = []
    elsewhere: list[str] = []
    folded: list[str] = []
    flat: list[str] = []
    shares: list[float] = []
    for p in portraits:
        start = readings.line_fit(p.points, p.labels, p.regression)
        last = p.hidden[-1]
        if not np.all(np.isfinite(last)) or float(np.ptp(last, axis=0).max()) < 1e-9:
            flat.append(p.arm)
            continue
        end = readings.line_fit(last, p.labels, p.regression)
        shares += [s for s in p.hidden_share if math.isfinite(s)]
        items.append(said("item.from_to", arm=p.arm, start=percent(start), end=percent(end)))
        # The output cuts straight through all units: what it gets right is separated, seen in two axes or not.
        apart = p.test_accuracy - max(start, end) >= _UNFOLDED
        (unfolded if end - start >= _UNFOLDED else elsewhere if apart else folded).append(p.arm)
    many = "_many" if any(p.labels.max() > 1 and not p.regression for p in portraits) else ""
    out = [said(f"hidden.lines{many}", items=items)] if items else []
    told = {"unfolded": unfolded, "elsewhere": elsewhere, "folded": folded, "flat": flat}
    out += [said(f"hidden.{key}", arms=arms) for key, arms in told.items() if arms]
    if shares:
        out.append(said("hidden.share", share=percent(min(shares), 0)))
    return out


def geometry(comparison: Comparison, view: int, at_start: bool = True) -> list[Said]:
    """What a linear read-out still knows of the distance to the boundary, and what was lost before training began."""
    ends, starts = {}, {}
    for arm in comparison.arms:
        margin = readings.geometry(comparison, view, arm, "margin_retention")
        if len(margin) > 1:
            ends[arm], starts[arm] = _middle(margin[max(margin)]), _middle(margin[min(margin)])
    if not ends:
        return [said("geometry.nothing")]
    items = [said("item.value", arm=arm, value=number(v, 2)) for arm, v in ends.items()]
    out = [said("geometry.margin", start=number(next(iter(starts.values())), 2), items=items)]
    top, bottom = max(ends, key=ends.__getitem__), min(ends, key=ends.__getitem__)
    if len(ends) > 1:
        clear = ends[top] - ends[bottom] >= _CLEAR_R2
        out.append(said("geometry.more", top=top, bottom=bottom) if clear else said("geometry.alike"))
    if len(set(comparison.hidden)) > 1:
        out.append(said("geometry.widths"))
    far = {a: readings.geometry(comparison, view, a, "far_contrast") for a in ends}
    items = [said("item.value", arm=a, value=number(_middle(v[max(v)]), 2)) for a, v in far.items() if v]
    if items:
        out.append(said("geometry.far", items=items))
    if not at_start:
        return out
    first = {a: readings.geometry(comparison, view, a, "distance_retention", last=False) for a in ends}
    kept = {a: _middle(v[max(v)]) for a, v in first.items() if v}
    if kept:
        lost = [said("item.value", arm=a, value=number(v, 2)) for a, v in kept.items() if v < 0.5]
        key = "geometry.start_lost" if lost else "geometry.start_kept"
        out.append(said(key, items=lost) if lost else said(key, value=number(min(kept.values()), 2)))
    return out


def _middle(band: Band) -> float:
    return float(band.median[-1])


def gradient_ratio(bands: dict[int, Band], last: bool) -> float:
    """Gradient norm of the output layer over that of the first layer (medians), at the end or the start of training."""
    if len(bands) < 2:
        return math.nan
    at = -1 if last else 0
    first, output = float(bands[min(bands)].median[at]), float(bands[max(bands)].median[at])
    return output / first if first > 0 else math.inf if output > 0 else math.nan


def gradient(comparison: Comparison, view: int) -> list[Said]:
    """How much smaller the first layer's gradient is than the output layer's, at the start and at the end."""
    bands = {arm: readings.trace(comparison, view, arm, "gradient_norm") for arm in comparison.arms}
    start = {arm: gradient_ratio(b, last=False) for arm, b in bands.items()}
    items = [_gradient_item(arm, ratio) for arm, ratio in start.items() if not math.isnan(ratio)]
    if not items:
        return [said("gradient.nothing")]
    out = [said("gradient.start", items=items)]
    steps = len(comparison.hidden)
    per_layer = {arm: r ** (1 / steps) for arm, r in start.items() if math.isfinite(r) and r > 0}
    vanishing = [said("item.per_layer", arm=arm, times=number(f, 2)) for arm, f in per_layer.items() if f >= _VANISHING]
    if vanishing:
        out.append(said("gradient.vanishing", items=vanishing))
    elif per_layer:
        arm = max(per_layer, key=per_layer.__getitem__)
        if per_layer[arm] > _ALIKE:
            out.append(said("gradient.not_fourfold", arm=arm, times=number(per_layer[arm], 2)))
    end = {arm: gradient_ratio(b, last=True) for arm, b in bands.items()}
    items = [said("item.value", arm=arm, value=number(r, 2)) for arm, r in end.items() if not math.isnan(r)]
    if items:
        out.append(said("gradient.end", items=items))
    return out


def _gradient_item(arm: str, ratio: float) -> Said:
    if ratio == math.inf:
        return said("gradient.no_first", arm=arm)
    if ratio > _ALIKE:
        return said("gradient.smaller", arm=arm, times=number(ratio, 2))
    if 0 < ratio < 1 / _ALIKE:
        return said("gradient.larger", arm=arm, times=number(1 / ratio, 2))
    return said("gradient.same", arm=arm)


def units(comparison: Comparison, view: int) -> list[Said]:
    """Whose units are dead or saturated at the end, and in which layer most."""
    out = []
    for kind in ("dead", "saturated"):
        items = []
        for arm in comparison.arms:
            shares = {n: float(m[-1]) for n, (_, m) in readings.trace_mean(comparison, view, arm, kind).items()}
            if not shares:
                continue
            layer = max(shares, key=shares.__getitem__)
            if shares[layer] >= 0.0005:
                items.append(said("item.in_layer", arm=arm, share=percent(shares[layer]), layer=layer))
        out.append(said(f"units.{kind}", items=items) if items else said(f"units.no_{kind}"))
    return out
