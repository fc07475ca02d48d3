"""Sentences about what the nets learnt: accuracy by learning rate, the data, the losses, the boundaries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from actlab.report import readings
from actlab.report.sentences._say import Said, said
from actlab.report.sentences.common import data_name, data_of, size
from actlab.text import integer, number, percent

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.report.readings import Band, RateRow
    from actlab.study.result import Comparison, Portrait

_HALF_A_POINT = 0.005
_CLEARLY_SLOWER = 1.25  # final losses nearer than this factor are not set against each other
_CLEARLY_WORSE = 0.02  # a bent boundary this far behind a straight line does not follow the classes
_STRAIGHT = 0.05  # a boundary is called straight where it differs from a line on less than this share of the map


def _best(found: list[RateRow]) -> RateRow:
    return max(found, key=lambda r: -math.inf if math.isnan(r.estimate) else r.estimate)


def rates(comparison: Comparison, data: str) -> list[Said]:
    """Where each arm is at its best, what the common rate costs it, and where nets fail."""
    table = readings.rate_rows(comparison, data)
    if not table:
        return []
    best = {arm: _best(found) for arm, found in table.items()}
    items = [
        said("item.at_rate", arm=arm, accuracy=percent(b.estimate), rate=number(b.rate)) for arm, b in best.items()
    ]
    out = [said("rates.peaks", data=data_of(comparison, data), items=items)]
    common = {
        arm: r
        for arm, found in table.items()
        for r in found
        if math.isclose(r.rate, comparison.common_rate, rel_tol=1e-6)
    }
    if len(comparison.learning_rates) > 1 and common:
        losses = {arm: best[arm].estimate - r.estimate for arm, r in common.items()}
        costly = [said("item.below_best", arm=arm, points=size(d)) for arm, d in losses.items() if d >= _HALF_A_POINT]
        rate = number(comparison.common_rate)
        out.append(said("rates.costs", rate=rate, items=costly) if costly else said("rates.costs_none", rate=rate))
    if comparison.frame.filter(pl.col("data") == data, pl.col("role") == "tuning").height:
        out.append(said("rates.tuning"))
    edge = [arm for arm, b in best.items() if len(table[arm]) > 1 and b in (table[arm][0], table[arm][-1])]
    if edge:
        out.append(said("rates.edge", arms=edge))
    failing = [(arm, r) for arm, found in table.items() for r in found if r.failed]
    if failing:
        arm, r = max(failing, key=lambda pair: pair[1].failed / max(pair[1].nets, 1))
        out.append(said("rates.failed", arm=arm, rate=number(r.rate), failed=integer(r.failed), nets=integer(r.nets)))
    else:
        out.append(said("rates.failed_none", data=data_of(comparison, data)))
    return out


def data(comparison: Comparison) -> list[Said]:
    """What is seen of the data, and how far a straight line gets."""
    x, y, x_test, y_test = comparison.example
    here = [i for i, v in enumerate(comparison.views) if v.data == comparison.data] or [0]
    view = comparison.views[here[0]]
    counts = {"train": integer(len(x)), "shown": integer(len(x_test))}
    total = comparison.sizes.get("test", 0)
    shown = (
        said("picture.shown", **counts, test=integer(total)) if total > len(x_test) else said("picture.all", **counts)
    )
    fresh = [v.data for v in comparison.views if not v.conditional]
    kind = "fresh" if not view.conditional else "both" if fresh else "split" if view.resplits else "fixed"
    out = [shown, said(f"picture.{kind}", name=data_name(view.data), other=fresh[0] if fresh else "")]
    if x.shape[1] > 2:
        share = readings.plane(np.vstack([x, x_test]))[1]
        out.append(said("picture.projected", columns=integer(x.shape[1]), share=percent(share, 0)))
    line = readings.line_fit(x, y, comparison.task == "regression", x_test, y_test)
    found = readings.rows(comparison, here[-1])
    if found and not math.isnan(line):
        top = max(found, key=lambda r: -math.inf if math.isnan(r.estimate) else r.estimate)
        key = "picture.line_room" if top.estimate - line > _HALF_A_POINT else "picture.line_enough"
        key += "_many" if len(comparison.classes) > 2 else ""
        out.append(said(key, line=percent(line), arm=top.arm, accuracy=percent(top.estimate)))
    return out


def curves(comparison: Comparison, view: int) -> list[Said]:
    """Where the losses end, who gets there sooner, and what goes wrong."""
    train = {arm: readings.loss_band(comparison, view, arm, "train_loss") for arm in comparison.arms}
    train = {arm: band for arm, band in train.items() if not band.empty}
    if not train:
        return [said("curves.nothing")]
    ends = {arm: float(band.median[-1]) for arm, band in train.items()}
    out = [said("curves.final", items=[said("item.value", arm=a, value=number(v, 2)) for a, v in ends.items()])]
    fast, slow = min(ends, key=ends.__getitem__), max(ends, key=ends.__getitem__)
    if math.isfinite(ends[slow]) and ends[slow] > _CLEARLY_SLOWER * ends[fast]:
        out += _sooner(train[fast], fast, train[slow], slow)
        if _still_falling(train[slow]):
            out.append(said("curves.falling", arm=slow))
    for arm, band in train.items():
        valid = readings.loss_band(comparison, view, arm, "validation_loss")
        if not valid.empty and _rises(valid):
            low, end = (number(float(x), 2) for x in (np.min(valid.median), valid.median[-1]))
            out.append(said("curves.overfit", arm=arm, low=low, end=end))
        if band.lost:
            out.append(said("curves.lost", arm=arm, lost=integer(band.lost), nets=integer(band.nets)))
    if all(readings.loss_band(comparison, view, arm, "validation_loss").empty for arm in train):
        out.append(said("curves.no_validation"))
    return out


def _sooner(fast: Band, fast_arm: str, slow: Band, slow_arm: str) -> list[Said]:
    reached = np.flatnonzero(fast.median <= slow.median[-1])
    if not reached.size or fast.epochs[reached[0]] == 0:
        return []
    epoch = float(fast.epochs[reached[0]])
    if epoch > 0.8 * slow.epochs[-1]:
        return []
    return [
        said(
            "curves.sooner", fast=fast_arm, slow=slow_arm, loss=number(float(slow.median[-1]), 2),
            epoch=integer(math.ceil(epoch)), epochs=integer(round(float(slow.epochs[-1]))),
        )
    ]  # fmt: skip


def _still_falling(band: Band) -> bool:
    """The median lost more than a twentieth of itself after the last checkpoint in the first 60 % of the epochs."""
    earlier = np.flatnonzero(band.epochs <= 0.6 * band.epochs[-1])
    return bool(earlier.size) and bool(band.median[-1] < 0.95 * band.median[earlier[-1]])


def _rises(band: Band) -> bool:
    low = float(np.min(band.median))
    return math.isfinite(float(band.median[-1])) and float(band.median[-1]) > 1.1 * low + 0.005


def line_disagreement(portrait: Portrait) -> float:
    """Share of the map on which a net's answer differs from that of the least-squares line through its points."""
    if portrait.axes is None or portrait.probability is None:
        return math.nan
    x, y = np.meshgrid(*portrait.axes)
    places = np.column_stack([x.ravel(), y.ravel()])
    line = readings.line_answers(portrait.points, portrait.labels, places)
    return float(np.mean(line != _answers(portrait.probability).ravel()))


def embraced(portrait: Portrait) -> float:
    """Share of the map that lies in the convex hull of another class's region: 0 where all borders are straight.

    For more than two classes, where a least-squares line says little: straight lines between the classes make regions
    that are convex.
    """
    from scipy.spatial import ConvexHull, Delaunay, QhullError

    if portrait.axes is None or portrait.probability is None:
        return math.nan
    x, y = np.meshgrid(*portrait.axes)
    places, answers = np.column_stack([x.ravel(), y.ravel()]), _answers(portrait.probability).ravel()
    inside = np.zeros(len(places), dtype=bool)
    for label in np.unique(answers):
        own = places[answers == label]
        try:
            hull = Delaunay(own[ConvexHull(own).vertices])
        except QhullError:  # a point, or points in a row
            continue
        inside |= (hull.find_simplex(places) >= 0) & (answers != label)
    return float(inside.mean())


def _answers(probability: Array) -> Array:
    """The class that a net gives each place of its map."""
    if probability.ndim == 3:
        return np.asarray(probability.argmax(axis=0).astype(np.float64))
    return np.asarray((probability > 0.5).astype(np.float64))


def boundary(portrait: Portrait) -> Said:
    """The shape of a net's boundary: one class, almost straight, bent around the classes, or bent elsewhere."""
    values = {"arm": portrait.arm, "accuracy": percent(portrait.test_accuracy)}
    if portrait.status != "trained":
        return said(f"boundary.{portrait.status}", **values)
    if portrait.probability is None:
        return said("boundary.unseen", **values)
    if portrait.regression:
        return said("boundary.unseen", **values)
    if np.ptp(_answers(portrait.probability)) == 0:
        return said("boundary.one_class", **values)
    many = portrait.probability.ndim == 3
    share = embraced(portrait) if many else line_disagreement(portrait)
    many_or_two = "_many" if many else ""
    if share < _STRAIGHT:
        return said(f"boundary.straight{many_or_two}", **values, share=percent(share, 0))
    line = readings.line_accuracy(portrait.points, portrait.labels)
    if portrait.test_accuracy < line - _CLEARLY_WORSE:
        return said(f"boundary.astray{many_or_two}", **values, line=percent(line))
    return said(f"boundary.bent{many_or_two}", **values, share=percent(share, 0))


def boundaries(found: list[Portrait]) -> list[Said]:
    """A sentence a net; of more than two nets, a sentence a shape."""
    told = [boundary(p) for p in found]
    if len(told) <= 2:
        return told
    shapes: dict[str, list[Said]] = {}
    for p, sentence in zip(found, told, strict=True):
        item = said("item.value", arm=p.arm, value=percent(p.test_accuracy))
        shapes.setdefault(sentence.key.removeprefix("boundary."), []).append(item)
    return [said(f"shapes.{shape}", items=items) for shape, items in shapes.items()]
