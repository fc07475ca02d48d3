"""The finding in a line, in a paragraph, and where a published gap comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.report.readings import Row, lead_views, rows
from actlab.report.sentences._say import Said, said
from actlab.report.sentences.common import data_phrase, interval, size, view_when
from actlab.report.sentences.learned import learned
from actlab.report.sentences.seeds import hint, stopped
from actlab.text import integer, percent, points

if TYPE_CHECKING:
    from actlab.study.result import Comparison, Gap

_ALL = 1.0  # 100 points: a difference of accuracies cannot be larger
_DOUBT = 0.05
_SHRUNK = 0.5  # a lead that falls below this share of itself “shrinks”
_MOST_NAMED = 3  # arms that share the lead, in a title


def title(comparison: Comparison) -> Said:
    """The verdict in one line, for the views on fresh data (or on the fixed points where there is nothing else)."""
    views = lead_views(comparison)
    by_regime = {comparison.views[i].regime: rows(comparison, i) for i in views}
    same, best = by_regime.get("same"), by_regime.get("best")
    if not any(by_regime.values()):
        return said("title.single", arm=comparison.arms[0])
    if len(comparison.arms) != 2 or not all(len(r) == 2 for r in by_regime.values()):
        return _title_of_many(comparison, same, best)
    first, second = comparison.arms
    if same is None or best is None:
        only = same or best
        verdict = only[1].verdict if only else 0
        if verdict == 0 or only is None:
            return said("title.none", first=first, second=second)
        key = "title.only_same" if same else "title.only_best"
        return said(key, winner=second if verdict > 0 else first, points=size(only[1].difference))
    a, b = same[1], best[1]
    winner, loser = (second, first) if (a.verdict or b.verdict) > 0 else (first, second)
    if a.verdict == b.verdict == 0:
        return said("title.none", first=first, second=second)
    if a.verdict == 0:
        return said("title.appears", winner=winner, points=size(b.difference))
    if b.verdict == 0:
        return said("title.fades", winner=winner, points=size(a.difference))
    if a.verdict != b.verdict:
        return said("title.turns", winner=winner, other=loser)
    key = "title.shrinks" if abs(b.difference) < _SHRUNK * abs(a.difference) else "title.holds"
    return said(key, winner=winner, same=size(a.difference), best=size(b.difference))


def _title_of_many(comparison: Comparison, same: list[Row] | None, best: list[Row] | None) -> Said:
    tops = {regime: _top(found) for regime, found in (("same", same), ("best", best)) if found}
    if not tops:
        return said("title.single", arm=comparison.arms[0])
    if len(comparison.arms) == 1:
        row = next(iter(tops.values()))
        return said("title.alone", arm=row.arm, accuracy=percent(row.estimate))
    if not any(row.verdict for found in (same, best) for row in found or ()):
        return said("title.many_none", first=comparison.arms[0], count=len(comparison.arms) - 1)
    values = {"count": len(comparison.arms)}
    near = {regime: _near(found) for regime, found in (("same", same), ("best", best)) if found}
    if any(near.values()):
        if len(tops) == 1:
            (only,) = tops
            return said("title.many_open", **values, lead=_lead_of("only", tops[only], near[only], values["count"]))
        leads = {regime: _lead_of(regime, top, near[regime], values["count"]) for regime, top in tops.items()}
        return said("title.many_shared", **values, **leads)
    names = {row.arm for row in tops.values()}
    if len(tops) == 2 and len(names) == 2:
        return said("title.many_two", same=tops["same"].arm, best=tops["best"].arm, **values)
    return said("title.many_one", arm=names.pop(), **values)


def _lead_of(regime: str, top: Row, near: list[str], count: int) -> Said:
    """Who leads at a regime: one arm, a few by name, how many, or nobody."""
    lead = [top.arm, *near]
    if not near:
        return said(f"leads.{regime}_one", arm=top.arm)
    if len(lead) == count:
        return said(f"leads.{regime}_nobody")
    if len(lead) <= _MOST_NAMED:
        return said(f"leads.{regime}_named", items=lead)
    return said(f"leads.{regime}_several", count=integer(len(lead)))


def _top(found: list[Row]) -> Row:
    return max(found, key=lambda row: -math.inf if math.isnan(row.estimate) else row.estimate)


def lede(comparison: Comparison) -> list[Said]:
    """The verdict with its numbers: a sentence a view, failed nets, and a warning where conclusions are conditional."""
    out: list[Said] = []
    views = lead_views(comparison)
    for index in views:
        out += view_finding(comparison, index)
    out += [*hint(comparison), *stopped(comparison)]
    worst = [row for index in views for row in rows(comparison, index) if row.failed]
    if worst:
        row = max(worst, key=lambda r: r.failed / max(r.nets, 1))
        out.append(_failed(comparison, row))
    out += learned(comparison)
    if all(comparison.views[i].conditional for i in views):
        split = all(comparison.views[i].resplits for i in views)
        out.append(said("headline.conditional_split" if split else "headline.conditional"))
    return out


def _failed(comparison: Comparison, row: Row) -> Said:
    regime = comparison.views[row.view].regime
    return said(f"headline.failed_{regime}", arm=row.arm, failed=integer(row.failed), nets=integer(row.nets))


def view_finding(comparison: Comparison, index: int) -> list[Said]:
    """Who is ahead in a view, by how much; or that no difference was found, and which one would have been seen."""
    found = rows(comparison, index)
    view = comparison.views[index]
    opening = {"when": view_when(comparison, view), "data": data_phrase(view)}
    if len(found) < 2:
        return [said("headline.alone", **opening, arm=r.arm, accuracy=percent(r.estimate)) for r in found]
    if len(found) > 2:
        return [_finding_of_many(found, opening), *_still_of_many(found), *_who_is_best(found)]
    first, second = found
    if second.verdict:
        winner, loser = (second, first) if second.verdict > 0 else (first, second)
        low, high = sorted((abs(second.difference_low), abs(second.difference_high)))
        return [
            said(
                "headline.ahead", **opening, winner=winner.arm, loser=loser.arm, win=percent(winner.estimate),
                lose=percent(loser.estimate), points=size(second.difference), low=size(low), high=size(high),
            )
        ]  # fmt: skip
    values = {**opening, "first": first.arm, "second": second.arm, "points": points(second.difference)}
    values |= interval(second.difference_low, second.difference_high)
    if math.isnan(second.detectable):
        return [said("headline.none", **values), *_still(first, second)]
    if second.detectable >= _ALL:
        return [said("headline.none_blind", **values), *_still(first, second)]
    return [said("headline.none_seen", **values, detectable=size(second.detectable)), *_still(first, second)]


def _still(first: Row, second: Row) -> list[Said]:
    """Where the means cannot be told apart and the pairs can: who wins more of them."""
    low, high, share = second.superiority_low, second.superiority_high, second.superiority
    if high < 0.5:
        low, high, share = 1 - high, 1 - low, 1 - share
    elif not low > 0.5:
        return []
    winner = second if second.superiority > 0.5 else first
    bounds = {"low": percent(low, 0), "high": percent(high, 0)}
    return [said("headline.still", winner=winner.arm, share=percent(share, 0), **bounds)]


def _still_of_many(found: list[Row]) -> list[Said]:
    """As `_still` for several arms, by the test that is corrected for their number."""
    items = [
        said(
            "item.ahead_in" if row.superiority > 0.5 else "item.behind_in", arm=row.arm,
            share=percent(max(row.superiority, 1 - row.superiority), 0),
        )
        for row in found[1:]
        if row.verdict == 0 and row.sign_flip <= _DOUBT and row.superiority != 0.5
    ]  # fmt: skip
    return [said("headline.still_many", first=found[0].arm, items=items)] if items else []


def _finding_of_many(found: list[Row], opening: dict[str, Said]) -> Said:
    first, others = found[0], found[1:]
    parts: list[Said] = []
    for verdict, key in ((1, "many.higher"), (-1, "many.lower")):
        items = [_difference_item(row) for row in others if row.verdict == verdict]
        if items:
            parts.append(said(key, items=items))
    unclear = [row for row in others if row.verdict == 0]
    blind = [row for row in unclear if row.detectable >= _ALL]
    if rest := [row for row in unclear if row not in blind]:
        seen = [row.detectable for row in rest if not math.isnan(row.detectable)]
        names = [row.arm for row in rest]
        parts.append(
            said("many.none_seen", items=names, detectable=size(max(seen))) if seen else said("many.none", items=names)
        )
    if blind:
        parts.append(said("many.none_blind", items=[row.arm for row in blind]))
    return said("headline.many", **opening, first=first.arm, accuracy=percent(first.estimate), parts=parts)


def _who_is_best(found: list[Row]) -> list[Said]:
    """That the highest mean is not the best function, where the intervals of others reach into its own."""
    near = _near(found)
    return [said("headline.open_top", top=_top(found).arm, items=near)] if near else []


def _near(found: list[Row]) -> list[str]:
    """Arms whose intervals reach into that of the highest mean.

    Pairs say more than two intervals do, but there are only those with the first arm: what they settle is not open.
    """
    top, first = _top(found), found[0]
    settled = [row for row in found if (row.verdict < 0 if top is first else row is first and top.verdict > 0)]
    return [row.arm for row in found if row is not top and row not in settled and row.high >= top.low]


def _difference_item(row: Row) -> Said:
    bounds = interval(row.difference_low, row.difference_high)
    return said("item.difference", arm=row.arm, points=points(row.difference), **bounds)


def oriented(gap: Gap) -> tuple[str, str, list[tuple[float, float, float]]]:
    """The gap seen from the arm that the published numbers favour: winner, loser, three intervals (winner − loser)."""
    first, second = gap.arms
    entries = [gap.as_published, gap.fresh, gap.fresh_best]
    if gap.as_published[0] >= 0:
        return first, second, entries
    return second, first, [(-e, -high, -low) for e, low, high in entries]


def gap_parts(gap: Gap) -> tuple[float, float, float]:
    """What the split, the learning rate and the rest add to the published gap; they sum to it."""
    _, _, ((published, *_), (fresh, *_), (best, *_)) = oriented(gap)
    return published - fresh, fresh - best, best


def _lead(entry: tuple[float, float, float]) -> dict[str, str]:
    """A lead and its bounds; signs are only written where the sign is in question."""
    write = size if entry[1] > 0 else points
    return dict(zip(("points", "low", "high"), map(write, entry), strict=True))


def gap_story(gap: Gap) -> list[Said]:
    """Where the published gap comes from, step by step."""
    winner, loser, (published, fresh, best) = oriented(gap)
    split, rate, rest = gap_parts(gap)
    key = "gap.published" if published[1] > 0 else "gap.published_none"
    out = [said(key, winner=winner, loser=loser, **_lead(published))]
    for name, part, left in (("split", split, fresh), ("rate", rate, best)):
        slack = 0.5 * (left[2] - left[1])  # a step within the noise of its end point is called no step
        kind = "none" if abs(part) <= slack else "took" if part > 0 else "hid"
        out.append(said(f"gap.{name}_{kind}", part=size(part), **_lead(left)))
    if best[1] <= 0 <= best[2]:
        out.append(said("gap.rest_none"))
    elif rest < 0:
        out.append(said("gap.rest_turned", winner=winner, loser=loser, points=size(rest)))
    else:
        out.append(said("gap.rest_stays", winner=winner, points=size(rest)))
    if min(split, rate, rest) >= 0 and published[1] > 0:
        shares = (percent(p / published[0], 0) for p in (split, rate, rest))
        out.append(said("gap.shares", **dict(zip(("split", "rate", "rest"), shares, strict=True))))
    return out
