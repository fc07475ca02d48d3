"""How large the optimiser's steps are, next to the weights that they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report.figures._lines import layer_lines
from actlab.report.sentences import motion

if TYPE_CHECKING:
    from actlab.report.figures._parts import Section
    from actlab.report.figures._words import Words
    from actlab.study.result import Comparison


def section(comparison: Comparison, words: Words) -> Section:
    """Update ratio over training, a panel for each arm."""
    return layer_lines("update", "update_ratio", comparison, words, motion.update)
