"""Results as users hold them: the study's data with ways to show them attached, so that no floor reaches upward."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from actlab import cost, study

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from actlab.report.papers import Figures

__all__ = ["Comparison", "Cost", "ModelCost", "compare", "shown_cost", "shown_model_cost"]


class Comparison(study.Comparison):
    """The result of `actlab.compare`: see `actlab.study.Comparison` for its tables."""

    def report(self, path: str | os.PathLike[str], lang: str | None = None) -> Path:
        """Write one self-contained HTML page, in `lang` (``"en"``, ``"ko"``, by default the current language)."""
        from actlab.report import write_page

        return write_page(self, path, lang)

    @property
    def figures(self) -> Figures:
        """The figures of the page for papers, as ``r.figures.loss(width="page").savefig("loss.pdf")``."""
        from actlab.report.papers import of_comparison

        return of_comparison(self)

    def to_json(self) -> dict[str, Any]:
        """The summary, the settings and how it was made, as plain JSON values."""
        from actlab.report import to_json

        return to_json(self)

    def __str__(self) -> str:
        from actlab.report import table

        return table(self)


@wraps(study.compare)
def compare(*arguments: Any, **settings: Any) -> Comparison:
    """See `actlab.study.compare`."""
    return shown(study.compare(*arguments, **settings))


def shown(result: study.Comparison) -> Comparison:
    """`result` with the ways to show it attached."""
    return Comparison(**vars(result))


class Cost(cost.Cost):
    """The result of `actlab.cost`: see `actlab.cost.Cost` for its tables."""

    def report(self, path: str | os.PathLike[str], lang: str | None = None) -> Path:
        """Write one self-contained HTML page, in `lang` (``"en"``, ``"ko"``, by default the current language)."""
        from actlab.report.costs import write_page

        return write_page(self, path, lang)

    @property
    def figures(self) -> Figures:
        """The figure of the page for papers: ``found.figures.pareto(width="page").savefig("cost.pdf")``."""
        from actlab.report.papers import of_cost

        return of_cost(self)

    def __str__(self) -> str:
        from actlab.report.costs import table

        return table(self)


def shown_cost(found: cost.Cost) -> Cost:
    """`found` with the ways to show it attached."""
    return Cost(**vars(found))


class ModelCost(cost.ModelCost):
    """The result of `actlab.cost.of_model`: see `actlab.cost.ModelCost` for its parts."""

    def report(self, path: str | os.PathLike[str], lang: str | None = None) -> Path:
        """Write one self-contained HTML page, in `lang` (``"en"``, ``"ko"``, by default the current language)."""
        from actlab.report.costs.model import write_page

        return write_page(self, path, lang)

    def __str__(self) -> str:
        from actlab.report.costs.model import text

        return text(self)


def shown_model_cost(found: cost.ModelCost) -> ModelCost:
    """`found` with the ways to show it attached."""
    return ModelCost(**vars(found))
