"""The gradient that each layer receives over training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from actlab.report.figures._lines import layer_lines
from actlab.report.sentences import inside

if TYPE_CHECKING:
    from actlab.report.figures._parts import Section
    from actlab.report.figures._words import Words
    from actlab.study.result import Comparison


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view on fresh data, a panel for each arm; the panels of a figure share their axes."""
    found = layer_lines("gradient", "gradient_norm", comparison, words, inside.gradient)
    return found if found.groups else replace(found, remark=words("gradient.nothing"))
