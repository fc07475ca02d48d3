"""Pages of the documentation: what they link to is there, and both languages have the same ones."""

import re
from pathlib import Path

import pytest

from actlab.text import LANGUAGES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page for where in ("*.md", "docs/**/*.md", "bench/*.md", "core/**/*.md") for page in ROOT.glob(where))

_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
# [words](target) or ![words](target "title"); in HTML src and href. E[x](z is …) is no link: its brackets hold words.
_LINK = re.compile(r"\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
_PATH = re.compile(r"(?<![\w/.])docs/(?:en|ko|images)/[\w./-]+\.\w+")


def links(text):
    """Targets of a page's links to files beside it and to places in it."""
    found = [first or second for first, second in _LINK.findall(_CODE.sub("", text))]
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(text):
    """Where a page can be entered: its headings as code hosts name them, and places that say so themselves."""
    names = set()
    for heading in re.findall(r"^#{1,6} +(.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        count = 0
        while (name := f"{slug}-{count}" if count else slug) in names:
            count += 1
        names.add(name)
    return names | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def broken(page, text):
    """What a page with this text links to that is not there."""
    missing = []
    for target in links(text):
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        there = place.exists() and place.is_relative_to(ROOT)
        if there and anchor:
            there = anchor in anchors(text if place == page else place.read_text(encoding="utf-8"))
        if not there:
            missing.append(target)
    return missing + [path for path in _PATH.findall(text) if not (ROOT / path).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    assert broken(page, page.read_text(encoding="utf-8")) == []


def test_a_broken_link_would_be_seen():
    page = DOCS / "en" / "theory.md"
    gone = ["gone.md", "gone.png", "compare.md#gone", "#gone", "docs/ko/gone.md", "gone.svg"]
    text = """# Here and there
    [a](gone.md) ![b](gone.png "c") [d](compare.md#gone) [e](#gone) <img src="gone.svg"> see docs/ko/gone.md
    [f](compare.md) [g](#here-and-there) [h](https://example.org/gone) `[i](gone.md)` E[x](z of it) is no link."""
    assert sorted(broken(page, text)) == sorted(gone)


def test_languages_have_the_same_pages():
    pages = [{page.relative_to(DOCS / lang) for page in (DOCS / lang).rglob("*.md")} for lang in LANGUAGES]
    assert len(pages[0]) > 20
    assert pages[0] == pages[1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_stay_in_their_language(lang):
    """A page links to one of another language only to say that it is this page there."""
    for page in (DOCS / lang).rglob("*.md"):
        for target in links(page.read_text(encoding="utf-8")):
            place = (page.parent / target.partition("#")[0]).resolve()
            for other in set(LANGUAGES) - {lang}:
                if place.is_relative_to(DOCS / other):
                    assert place == DOCS / other / page.relative_to(DOCS / lang)
