"""A matplotlib figure that keeps its words as words, wherever and whenever it is saved."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from actlab.report import _letters as letters

#: Words stay words (SVG; TrueType in PDF), `$` in a formula's name is no mathematics, and equal input gives equal ids.
_SAVED: Any = {"svg.fonttype": "none", "svg.hashsalt": "actlab", "pdf.fonttype": 42, "ps.fonttype": 42}


class SavableFigure(Figure):
    """A `matplotlib.figure.Figure`; notebooks show it without pyplot."""

    def savefig(self, *arguments: Any, **settings: Any) -> None:
        """As matplotlib's; where no `dpi` is given a PNG has 300 dots an inch."""
        settings.setdefault("dpi", 300)
        with letters.quiet(), mpl.rc_context(_SAVED):
            super().savefig(*arguments, **settings)

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=160)
        return file.getvalue()
