"""The pages of cards in a real browser: they fit, nothing overlaps, nothing is too small, nothing is fetched."""

from __future__ import annotations

import pytest
from cards_factory import made
from chromium import MARKS
from test_report_browser import CUT_OFF, OVERFLOW, OVERLAPS, SMALLEST, WIDER_THAN_THE_PAGE

from actlab.functions import names
from actlab.report.cards.atlas import atlas
from actlab.report.cards.page import page

pytestmark = MARKS
WINDOW = (-6.0, 6.0)
LONG = "0.25*x*tanh(softplus(1.2345678*x)) + 0.75*max(x, 0.123456*x)*sigmoid(3.25*x - 1.5) - 0.001*sin(7*x)*exp(-x**2)"
CASES = {
    "long": lambda lang: page(made(LONG), WINDOW, lang),
    "one": lambda lang: page(made("leaky_relu"), WINDOW, lang),
    "several": lambda lang: page(made("gelu", "relu", "hardshrink", "exp(x)", LONG), WINDOW, lang),
    "atlas": lambda lang: atlas(made(*names()), WINDOW, lang),
}


@pytest.mark.parametrize("case", CASES)
def test_it_fits(browser, case, lang, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(CASES[case](lang), encoding="utf-8")
    for width, scheme in ((390, "light"), (1280, "dark"), (1920, "light")):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        opened = context.new_page()
        said: list[str] = []
        opened.on("console", lambda message, said=said: said.append(message.text))
        opened.on("request", lambda r, said=said: None if r.url.startswith(("file:", "data:")) else said.append(r.url))
        opened.goto(path.as_uri())
        assert said == []
        assert opened.evaluate(OVERFLOW) == 0
        assert opened.evaluate(WIDER_THAN_THE_PAGE) == []
        assert opened.evaluate(OVERLAPS) == []
        assert opened.evaluate(CUT_OFF) == []
        assert opened.evaluate(SMALLEST) >= 10
        context.close()
