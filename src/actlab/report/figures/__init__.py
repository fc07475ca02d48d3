"""The figures of a comparison, one module a chapter: `CHAPTERS` has them in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.report.figures import (
    accuracy,
    boundary,
    curves,
    data,
    gap,
    geometry,
    gradient,
    hidden,
    path,
    rates,
    signal,
    through_time,
    units,
    update,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab.report.figures._parts import Section
    from actlab.report.figures._words import Words
    from actlab.study.result import Comparison

#: Name of a figure in Python → what makes its chapter.
CHAPTERS: Final[dict[str, Callable[[Comparison, Words], Section]]] = {
    "accuracy": accuracy.section,
    "gap": gap.section,
    "data": data.section,
    "rates": rates.section,
    "loss": curves.section,
    "boundary": boundary.section,
    "signal": signal.section,
    "hidden": hidden.section,
    "geometry": geometry.section,
    "gradient": gradient.section,
    "through_time": through_time.section,
    "path": path.section,
    "update": update.section,
    "units": units.section,
}
