"""The page in a real browser: it fits, nothing overlaps, nothing is too small, nothing is fetched."""

from __future__ import annotations

import pytest
from chromium import MARKS

import actlab
from actlab.report import write_page

pytestmark = MARKS

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDER_THAN_THE_PAGE = """() => [...document.querySelectorAll("main *")]
  .filter(e => !e.closest(".table") && !e.closest("svg") && e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.tagName + "." + e.className)"""
# Boxes of words in the same picture that share more than a sliver.
OVERLAPS = """() => {
  const found = [];
  for (const svg of document.querySelectorAll("svg[role=img]")) {
    const boxes = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
    for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
      const [a, p] = boxes[i], [b, q] = boxes[j];
      const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
      const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      // A box is as high as its line, with room above and below the letters: two units of it may be shared.
      if (wide > 0.5 && high > 0.28 * Math.min(p.height, q.height)) found.push(svg.querySelector("title").id + ": " + a + " / " + b);
    }
  }
  return found;
}"""  # noqa: E501
CUT_OFF = """() => [...document.querySelectorAll("svg[role=img] text")]
  .filter(t => { const p = t.getBoundingClientRect(); return p.left < 0 || p.right > innerWidth; })
  .map(t => t.ownerSVGElement.querySelector("title").id + ": " + t.textContent)"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll("svg[role=img] text")].map(t =>
  parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a))"""


@pytest.fixture
def opened(browser, tmp_path, case, lang, request):
    """A function that opens the case's page at a width and gives it with what its console said."""
    path = write_page(case, tmp_path / "page.html", lang)
    pages = []

    def open_at(width: int, scheme: str = "light", scripts: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts, offline=True
        )
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else said.append(r.url))
        page.goto(path.as_uri())
        pages.append(context)
        return page, said

    yield open_at
    for context in pages:
        context.close()


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_it_fits(opened, width):
    page, said = opened(width)
    assert said == []
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(WIDER_THAN_THE_PAGE) == []
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(SMALLEST) >= 10


def test_no_number_runs_into_the_next_column(opened):
    page, _ = opened(1100)  # wide enough for the margin at the side, which leaves the least room to a table
    over = "cells => cells.filter(c => c.scrollWidth > c.clientWidth + 1).map(c => c.textContent)"
    assert page.locator("#table td").evaluate_all(over) == []


LONG = [
    "leaky_relu(alpha=0.05) [norm=batch, residual=1]",
    "relu",
    "x*tanh(softplus(x))+0.01*sin(3*x) [optimiser=adam(beta1=0.8, epsilon=1e-06), clip=1]",
    "leaky_relu(alpha=0.05) [norm=batch]",
]
BROKEN = """parts => parts.filter(p => p.getClientRects().length > 1).map(p => p.textContent)"""


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_long_names_break_between_words(browser, tmp_path, width):
    small = {"seeds": 4, "epochs": 4, "test_points": 200, "learning_rates": (0.0058, 0.05, 0.5)}
    found = actlab.compare(LONG, hidden=(8, 8), **small)
    page = browser.new_page(viewport={"width": width, "height": 900}, offline=True)
    page.goto(found.report(tmp_path / "page.html", lang="en").as_uri())
    names = page.locator("#table tbody .name")
    assert names.all_text_contents() == LONG * 2  # as they are typed, whatever the folds
    assert page.locator(".name span").evaluate_all(BROKEN) == []
    parts = page.locator("#table tbody .name span").all_text_contents()
    assert parts[:3] == [
        "leaky_relu(",
        "alpha=0.05)",
        "[norm=batch,",
    ]
    assert page.evaluate(OVERFLOW) == 0
    over = "all => all.filter(c => c.scrollWidth > c.clientWidth + 1).map(c => c.textContent)"
    assert page.locator("#table td, #table th" if width > 1000 else "#table td").evaluate_all(over) == []
    if width >= 1280:
        assert page.locator(".table").evaluate_all(over) == []
    labels = page.locator("svg[role=img]").first.locator("text").all_text_contents()
    assert {"leaky_re…residual=1]", "leaky_re…norm=batch]"} <= set(labels)
    page.close()


def test_dark(opened):
    page, said = opened(1280, "dark")
    assert said == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"


def test_complete_without_scripts(opened):
    with_scripts, _ = opened(1280)
    without, _ = opened(1280, scripts=False)
    assert without.locator("figure").count() == with_scripts.locator("figure").count()
    assert not without.locator(".command button").is_visible()


def test_the_command_can_be_copied(opened):
    page, _ = opened(1280)
    button = page.locator(".command button")
    button.click()
    page.wait_for_function(
        "getSelection().toString().startsWith('actlab compare') || (b => b.innerText === b.dataset.done)"
        "(document.querySelector('.command button'))"
    )


def test_the_keyboard_reaches_the_findings(opened):
    page, _ = opened(1280)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
