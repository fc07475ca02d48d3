"""The words of figures and pages, in one language, with no line broken inside a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from actlab.report.sentences import Said, say, tell, worded
from actlab.report.sentences.common import data_name, view_title

if TYPE_CHECKING:
    from actlab.study.result import Comparison


def unbroken(text: str) -> str:
    """`text` with no line ends between a number and its unit, or inside “9.2 ~ 10.2” and “0.75 → 0.84”."""
    return re.sub(r"(?<=[\d%]) ([~→]) |(?<=\d) (?=%)", _glued, text)


def _glued(found: re.Match[str]) -> str:
    return found[0].replace(" ", "\N{NO-BREAK SPACE}")


class Words:
    """The language of a page."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        return unbroken(worded(key, self.lang, **values))

    def say(self, sentence: Said) -> str:
        return unbroken(say(sentence, self.lang))

    def tell(self, sentences: Sequence[Said]) -> str:
        return unbroken(tell(sentences, self.lang))

    def data(self, name: str) -> str:
        """The name of data in a list."""
        named = data_name(name)
        return named if isinstance(named, str) else self.say(named)

    def view(self, comparison: Comparison, index: int) -> tuple[str, str]:
        """Title of a view, and the badge of a conditional one."""
        view = comparison.views[index]
        title = self.say(view_title(comparison, view))
        return title[0].upper() + title[1:], self("page.fixed_badge") if view.conditional else ""
