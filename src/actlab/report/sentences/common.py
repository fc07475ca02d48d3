"""Words that several sentences share: names of data, of views, intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report.sentences._say import Said, said
from actlab.text import integer, number, points

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actlab.report.readings import Row
    from actlab.study.result import Comparison, View


def data_phrase(view: View) -> Said:
    """“fresh data from moons”, or “the fixed points of moons:article”."""
    if view.data == "arrays":  # the user's own points have no name
        return said("data.own")
    if view.resplits:
        return said("data.split", name=view.data)
    return said("data.fixed" if view.conditional else "data.fresh", name=view.data)


def data_of(comparison: Comparison, name: str) -> Said:
    """The same, by the name of the data."""
    return data_phrase(next(view for view in comparison.views if view.data == name))


def data_name(name: str) -> Said | str:
    """The bare name of data, or words for those that have none."""
    return said("data.own") if name == "arrays" else name


def view_title(comparison: Comparison, view: View) -> Said:
    """A short label of a view."""
    return said(f"view.{view.regime}", data=data_phrase(view), rate=number(comparison.common_rate))


def view_when(comparison: Comparison, view: View) -> Said:
    """The opening of a sentence: at which learning rates."""
    return said(f"when.{view.regime}", rate=number(comparison.common_rate))


def rates_text(rates: tuple[float, ...]) -> str:
    """Learning rates of an arm in a view: one, or two where the halves of the seeds chose differently."""
    return " / ".join(number(r) for r in dict.fromkeys(rates)) or "–"


def nets_of(found: Iterable[Row]) -> str:
    """How many nets an arm has: “128”, or “96–128” where views or arms differ."""
    counts = sorted({row.nets for row in found}) or [0]
    return "–".join(integer(count) for count in dict.fromkeys((counts[0], counts[-1])))


def size(x: float) -> str:
    """A difference in points without its sign."""
    return points(abs(x)).removeprefix("+")


def interval(low: float, high: float) -> dict[str, str]:
    """Bounds of a difference in points, with signs."""
    return {"low": points(low), "high": points(high)}
