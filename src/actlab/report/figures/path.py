"""The path of the weights over training: zig-zag or straight (rows B3 and K8 of the mission)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report.figures._lines import layer_lines
from actlab.report.sentences import motion

if TYPE_CHECKING:
    from actlab.report.figures._parts import Section
    from actlab.report.figures._words import Words
    from actlab.study.result import Comparison


def section(comparison: Comparison, words: Words) -> Section:
    """Path efficiency over training, a panel for each arm; below it how far gradients agree in sign."""
    return layer_lines("path", "path_efficiency", comparison, words, motion.path, highest=1.0)
