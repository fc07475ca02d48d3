"""The figures of a result for papers: ``r.figures.loss()`` is a matplotlib figure, drawn from what the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report.sentences import told_of
from actlab.text import UserError, current_language, nearest, tr, use_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from matplotlib.figure import Figure

    from actlab.cost import Cost
    from actlab.report.figures._parts import Group, Section
    from actlab.study.result import Comparison
    from actlab.study.sweep.analysis import Analysis

__all__ = ["Drawing", "Figures", "of_comparison", "of_cost", "of_sweep"]


class Drawing:
    """One figure of a result: call it to draw it."""

    def __init__(self, name: str, section: Callable[[str], Section], views: int) -> None:
        self.name = name
        self._section, self._views = section, views

    def __call__(
        self, *, width: str | float = "column", view: int | None = None, lang: str | None = None
    ) -> Figure:  # fmt: skip
        """Draw the figure with matplotlib; it is not pyplot's: ``figure.savefig("loss.pdf")`` writes SVG, PDF, PNG.

        Parameters
        ----------
        width
            ``"column"`` (3.5 inches), ``"page"`` (7.16 inches), or a number of inches from 2 to 20.
        view
            Place in ``r.views`` of the one to draw; by default all for which the page has the figure.
        lang
            ``"en"`` or ``"ko"``, by default the current language. Where no Korean font is found the words are English,
            and a warning says so.

        Raises `UserError` where matplotlib is missing, where the result has no such figure, or for a bad argument.
        """
        from actlab.report.papers import layout

        inches = layout.inches(width)
        lang = layout.drawn_language(lang or current_language())
        section = self._there(lang)
        return layout.figure(section, self._groups(section, view), inches, lang)

    def caption(self, *, view: int | None = None, lang: str | None = None) -> str:
        """What there is to see in the figure, in the sentences of the page."""
        section = self._there(lang or current_language())
        return " ".join(group.caption for group in self._groups(section, view) if group.caption)

    def missing(self, lang: str | None = None) -> str:
        """Why this result has no such figure, in a sentence; empty where it has one."""
        section = self._section(lang or current_language())
        return "" if section.groups else section.missing or section.remark

    def _there(self, lang: str) -> Section:
        section = self._section(lang)
        if not section.groups:
            raise UserError("figures.missing", name=self.name, reason=section.missing or section.remark)
        return section

    def _groups(self, section: Section, view: int | None) -> Sequence[Group]:
        if view is None:
            return section.groups
        if isinstance(view, bool) or not isinstance(view, int) or not 0 <= view < self._views:
            raise UserError("figures.view", last=self._views - 1, value=str(view))
        found = [group for group in section.groups if not group.views or view in group.views]
        if not found:
            there = sorted({str(n) for group in section.groups for n in group.views})
            raise UserError("figures.not_of_view", name=self.name, view=view, views=", ".join(there))
        return found

    def __repr__(self) -> str:
        why = self.missing()
        return why or tr("figures.one", name=self.name)


class Figures:
    """The figures of a result by their names: ``r.figures.loss()``. ``dir(r.figures)`` and its text list them."""

    def __init__(
        self, names: Sequence[str], section: Callable[[str, str], Section], title: Callable[[Section, str], str],
        views: int,
    ) -> None:  # fmt: skip
        """`section` makes the figure of a name in a language, `title` says what it shows."""
        self._names = tuple(names)
        self._title = title
        self._views = views
        self._make = section
        self._made: dict[tuple[str, str], Section] = {}

    def _section(self, name: str, lang: str) -> Section:
        if (name, lang) not in self._made:
            self._made[name, lang] = self._make(name, lang)
        return self._made[name, lang]

    def __getattr__(self, name: str) -> Drawing:
        if name.startswith("_"):  # what Python and notebooks ask of every object
            raise AttributeError(name)
        if name not in self._names:
            close = nearest(name, self._names)
            raise AttributeError(tr("figures.unknown", name=name, names=close or ", ".join(self._names)))
        return Drawing(name, lambda lang: self._section(name, lang), self._views)

    def __dir__(self) -> list[str]:
        """The names of the figures that this result has."""
        lang = current_language()
        return [name for name in self._names if self._section(name, lang).groups]

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dir__())

    def __len__(self) -> int:
        return len(self.__dir__())

    def __contains__(self, name: object) -> bool:
        return name in self.__dir__()

    def __repr__(self) -> str:
        wide = max(map(len, self._names))
        there, lang = self.__dir__(), current_language()
        lines = [tr("figures.listed", name=(*there, *self._names)[0])]
        lines += [f"  {name:<{wide}}  {self._title(self._section(name, lang), lang)}" for name in there]
        rest = [name for name in self._names if name not in there]
        if rest:
            lines.append(tr("figures.not_there"))
            lines += [f"  {name:<{wide}}  {getattr(self, name).missing()}" for name in rest]
        return "\n".join(lines)


def of_comparison(comparison: Comparison) -> Figures:
    """The figures of the page of `actlab.compare`, by the names of its chapters."""
    from actlab.report.figures import CHAPTERS
    from actlab.report.figures._words import Words

    def section(name: str, lang: str) -> Section:
        with use_language(lang), told_of(comparison.task):
            return CHAPTERS[name](comparison, Words(lang))

    def title(section: Section, lang: str) -> str:
        return tr(f"report.section.{section.name}.title", lang)

    return Figures(tuple(CHAPTERS), section, title, len(comparison.views))


def of_cost(found: Cost) -> Figures:
    """The figure of the page of `actlab.cost`: accuracy against arithmetic and time."""
    from actlab.report.costs import figure

    def section(name: str, lang: str) -> Section:  # noqa: ARG001 - there is one figure only
        with use_language(lang):
            return figure.section(found)

    return Figures(("pareto",), section, lambda _, lang: tr("cost.page.pareto", lang), len(found.regimes))


def of_sweep(found: Analysis) -> Figures:
    """The figures of the page of a sweep: scores along what is followed, and ranks over all settings."""
    from actlab.report.sweeps import figure, ranks

    def section(name: str, lang: str) -> Section:
        with use_language(lang):
            return figure.score(found, lang) if name == "score" else ranks.section(found, lang)

    def title(section: Section, lang: str) -> str:
        axis = tr(f"sweep.column.{found.axis}", lang) if found.axis else ""
        return tr(f"sweep.section.{section.name}", lang, axis=axis)

    return Figures(("score", "ranks"), section, title, 1)
