"""Every check has its page in both languages, and what the page shows is what happens."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
import torch

from actlab.doctor import checks
from actlab.text import LANGUAGES, tr

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {module.CODE: f"{module.__name__.rpartition('.')[2]}.md" for module in checks._ALL}


def page(code, lang):
    return (DOCS / lang / "checks" / PAGES[code]).read_text(encoding="utf-8")


def example(code, lang):
    (block,) = re.findall(r"```python\n(.*?)```", page(code, lang), re.S)
    return block


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_and_checks_are_the_same(lang):
    assert {path.name for path in (DOCS / lang / "checks").glob("act*.md")} == set(PAGES.values())


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", PAGES)
def test_the_page_has_the_title_of_the_finding(code, lang):
    first, title = page(code, lang).splitlines()[0].split(": ", 1)
    assert first == f"# {code}"
    assert title.lower() == tr(f"doctor.{code.lower()}.title", lang).lower()


@pytest.mark.parametrize("code", PAGES)
def test_the_example_shows_what_it_says(code):
    held = {"__name__": "page"}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(example(code, "en"), PAGES[code], "exec"), held)
    assert code in {f.code for f in held["sick"].findings}
    assert code not in {f.code for f in held["well"].findings}
    assert code in said.getvalue()
    assert example(code, "ko") == example(code, "en")
    torch.manual_seed(0)
