"""Every kind of page in both themes: axe-core finds no serious or critical violation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from axe import violations
from chromium import MARKS

import actlab
from actlab.guidance import page as guide_page
from actlab.report.cards.atlas import atlas
from actlab.report.cards.page import page as cards_page
from actlab.report.costs.page import page as cost_page
from actlab.report.page import page as comparison_page

sys.path.insert(0, str(Path(__file__).parent / "cards"))
from cards_factory import made

pytestmark = MARKS
WINDOW = (-6.0, 6.0)


def sweep_page(folder: Path) -> str:
    from actlab.report.sweeps.page import page
    from actlab.study.sweep import Store, read_plan, sweep
    from actlab.study.sweep.analysis import analyse

    sweep(read_plan('data = "moons"\nactivations = ["relu", "tanh"]\ndepth = [1, 2]\nwidth = 2\nlearning_rates = 0.1\n'
                    "seeds = 8\nepochs = 3\ntest_points = 100\nvalidation_points = 50\n"), folder)  # fmt: skip
    store = Store(folder)
    return page(analyse(store, store.plan()), store.plan(), store, "en")


def diagnosis_page() -> str:
    torch = pytest.importorskip("torch")
    from actlab.report.diagnoses import page

    torch.manual_seed(0)
    parts = [torch.nn.Linear(4, 4), torch.nn.Sigmoid()] * 6
    model = torch.nn.Sequential(*parts, torch.nn.Linear(4, 2))
    batches = [(torch.randn(64, 4), torch.randint(0, 2, (64,)))]
    return page(actlab.check(model, batches, loss=torch.nn.functional.cross_entropy), "ko")


def a_cost() -> actlab.cost.Cost:
    return actlab.cost(
        ["relu", "sigmoid"], data="circles", target=0.8, widths=(2, 8), depths=1, seeds=8, pilots=2, epochs=10,
        learning_rates=0.5, test_points=100,
    )  # fmt: skip


PAGES = {
    "compare": lambda _, case: comparison_page(case, "en"),
    "card": lambda *_: cards_page(made("leaky_relu"), WINDOW, "en"),
    "cards": lambda *_: cards_page(made("leaky_relu", "relu"), WINDOW, "ko"),
    "atlas": lambda *_: atlas(made("leaky_relu", "relu", "tanh"), WINDOW, "en"),
    "guide": lambda *_: guide_page("ko"),
    "cost": lambda *_: cost_page(a_cost(), "en"),
    "sweep": lambda folder, _: sweep_page(folder / "store"),
    "diagnosis": lambda *_: diagnosis_page(),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody(browser, tmp_path, plain, name):
    target = tmp_path / "page.html"
    target.write_text(PAGES[name](tmp_path, plain), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(target.as_uri())
    page.evaluate("document.querySelectorAll('tbody').forEach(t => [...t.rows].slice(40).forEach(row => row.remove()))")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, "color-contrast") == []
    page.close()


def test_what_is_wrong_is_found(browser):
    page = browser.new_page()
    page.set_content('<html lang="en"><title>t</title><main><h1>h</h1><p style="color:#ccc">pale</p><img src="data:,">')
    found = " ".join(violations(page))
    assert "color-contrast" in found
    assert "image-alt" in found
    page.close()
