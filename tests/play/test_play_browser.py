"""The page in a real browser: every control does what it says, in both languages and themes, narrow and wide."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists() and "CI" not in os.environ, reason=f"{CHROMIUM} is not installed"),
]
#: Small nets, so that the tests wait for the page and not for training.
SMALL = "#left=sigmoid&left.hidden=3,3&right=relu&right.hidden=3,3&points=60"


class Page:
    """A tab with the page, and all that went wrong in it."""

    def __init__(self, context, url):
        self.tab = context.new_page()
        self.tab.set_default_timeout(200_000)
        self.said: list[str] = []
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("requestfailed", lambda request: self.said.append(request.url))
        self.tab.goto(url)

    def get(self, expression):
        return self.tab.evaluate(expression)

    def wait(self, expression, seconds=200):
        """Until the expression is true. (`wait_for_function` needs eval, which the page's policy forbids.)"""
        end = time.monotonic() + seconds
        while not self.get(expression):
            assert time.monotonic() < end, f"{expression}: {self.said} {self.get('document.body.innerText')[:400]}"
            time.sleep(0.02)

    def ready(self, states=60):
        self.wait(f"actlabPlay?.player.available > {states} && actlabPlay.player.shown")

    def state(self, number):
        """Look at a state; its frame."""
        self.get(f"actlabPlay.player.seek({number})")
        self.wait(f"actlabPlay.player.shown?.state === {number}")
        return self.get("[...actlabPlay.player.shown.arrays['right.map']]")


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser, served):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    page = Page(context, served.url + SMALL)
    page.ready()
    yield page
    assert page.said == []
    context.close()


def test_time_goes_on_and_back(page):
    tab = page.tab
    first = page.state(0)
    tab.click("[aria-label='Play']")
    page.wait("actlabPlay.player.index > 8")
    drawn = page.get("actlabPlay.statistics.drawn")
    assert drawn > 8
    tab.click("[aria-label='Pause']")
    stopped = page.get("actlabPlay.player.index")
    tab.click("[aria-label='One state on']")
    page.wait(f"actlabPlay.player.shown.state === {stopped + 1}")
    tab.click("[aria-label='One state back']")
    page.wait(f"actlabPlay.player.shown.state === {stopped}")
    assert page.get("[...actlabPlay.player.shown.arrays['right.map']]") != first
    tab.click("[aria-label='Back to the same first weights']")
    page.wait("actlabPlay.player.shown.state === 0")
    page.get("actlabPlay.player.frames.clear()")  # from the server again, not from what is kept
    assert page.state(0) == first
    tab.focus(".boundary")
    tab.keyboard.press("Space")
    page.wait("actlabPlay.player.playing")
    tab.keyboard.press("Home")
    page.wait("!actlabPlay.player.playing && actlabPlay.player.index === 0")
    for speed in ("slow", "fast", "normal"):
        tab.click(f"[data-speed={speed}]")
        page.wait(f"actlabPlay.player.speed === '{speed}'")


def test_settings_change_the_nets_and_stand_in_the_address(page):
    tab = page.tab

    def change(act, expect):
        before = page.get("actlabPlay.run.id")
        act()
        page.wait(f"actlabPlay.run.id > {before}")
        page.ready(0)
        assert expect in page.get("location.hash"), page.get("location.hash")

    left = tab.locator(".arm-head.arm0")
    change(lambda: (left.locator(".function").fill("x*tanh(softplus(x))"), tab.keyboard.press("Enter")), "softplus")
    assert "tanh(softplus(x))" in page.get("actlabPlay.player.shown.say.boundary[0]") or page.get(
        "actlabPlay.run.arms[0].label"
    )
    change(lambda: left.locator("select").nth(0).select_option("0.5"), "left.rate=0.5")
    change(lambda: left.locator("select").nth(1).select_option("he"), "left.init=he")
    change(lambda: left.locator("select").nth(2).select_option("layer"), "left.norm=layer")
    change(lambda: left.locator("select").nth(3).select_option("adam"), "left.optimiser=adam")
    change(lambda: left.locator("button.small").nth(1).click(), "left.hidden=3,3,3")
    assert page.get("document.querySelectorAll('.hiddenspace.arm0 canvas').length") == 3
    change(lambda: tab.click(".data[title=Circles]"), "data=circles")
    change(lambda: tab.click("[aria-label='Draw new points']"), "draw=1")
    change(lambda: tab.click("[aria-label='Roll new first weights for both nets']"), "right.seed=64")
    shared = page.get("location.hash")
    again = Page(tab.context, f"{tab.url.partition('#')[0]}{shared}")
    again.ready(0)
    assert again.get("actlabPlay.run.run") == page.get("actlabPlay.run.run")
    assert again.said == []
    again.tab.close()


def test_a_refusal_is_a_sentence_and_changes_nothing(page):
    tab = page.tab
    field = tab.locator(".arm-head.arm1 .function")
    before = page.get("location.hash")
    field.fill("sigmoidd")
    tab.keyboard.press("Enter")
    page.wait("document.querySelector('.notice[role=alert]').textContent.includes('sigmoidd')")
    assert page.get("location.hash") == before
    assert tab.locator(".arm-head.arm1 .function").input_value() == "relu"


def test_every_panel_explains_itself(page):
    page.state(30)
    panels = page.tab.locator(".panel")
    assert panels.count() == 11
    for k in range(panels.count()):
        panel = panels.nth(k)
        panel.focus()
        page.wait("document.querySelector('.explain .moment').textContent.length > 20")
        described = panel.evaluate("e => document.getElementById(e.getAttribute('aria-describedby')).textContent")
        assert len(described) > 40
    page.tab.hover(".boundary.arm0 canvas", position={"x": 60, "y": 90})
    page.wait("document.querySelector('.explain .moment').textContent.includes('probability')")


def test_points_of_one_s_own(page):
    tab = page.tab
    tab.click(".data[title=Draw]")
    pad = tab.locator(".pad")
    box = pad.bounding_box()
    for row, key in ((0.3, None), (0.7, "Shift")):
        if key:
            tab.keyboard.down(key)
        tab.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * row)
        tab.mouse.down()
        tab.mouse.move(box["x"] + box["width"] * 0.85, box["y"] + box["height"] * row, steps=24)
        tab.mouse.up()
        if key:
            tab.keyboard.up(key)
    tab.click("text=Use these points")
    page.wait("actlabPlay.run.run.data === 'drawn'")
    page.ready(0)
    assert "drawn=" in page.get("location.hash")
    assert page.get("actlabPlay.run.arrays.labels.length") >= 20


def test_lessons_in_both_languages(page):
    tab = page.tab
    names = page.get("actlabPlay.lessons.map((lesson) => lesson.title)")
    for lang in ("ko", "en"):
        tab.click(f"nav button[lang={lang}]")
        page.wait(f"document.documentElement.lang === '{lang}'")
        page.ready(0)
        titles = page.get("actlabPlay.lessons.map((lesson) => lesson.title)")
        assert len(titles) == len(names)
        assert (titles == names) == (lang == "en")
        for title in titles:
            tab.click(".top .menu summary >> nth=0")
            tab.click(f".sheet button:has-text('{title}')")
            page.wait(f"document.querySelector('.lesson h2')?.textContent === {json.dumps(title)}")
            page.ready(0)
            tab.click(".lesson summary")
            assert tab.locator(".lesson details p").is_visible()
        tab.click(".closing")


def test_saving(page, tmp_path, browser):
    tab = page.tab
    page.ready(20)
    page.state(12)
    saved = {}
    for name, suffix in (("PNG", "png"), ("SVG", "svg"), ("JSON", "json"), ("HTML", "html")):
        tab.click("summary:has-text('Save')")
        with tab.expect_download() as waiting:
            tab.click(f".sheet button:has-text('({name})')")
        saved[suffix] = tmp_path / f"saved.{suffix}"
        waiting.value.save_as(saved[suffix])
        page.wait("!document.querySelector('details.menu[open]')")
    assert saved["png"].read_bytes().startswith(b"\x89PNG")
    assert "<path" in saved["svg"].read_text()
    numbers = json.loads(saved["json"].read_text())
    assert numbers["run"] == page.get("actlabPlay.run.run")
    assert len(numbers["curves"][0]["own"]) == 13
    frame = page.get("[...actlabPlay.player.shown.arrays['left.map']]")
    context = browser.new_context(offline=True)
    recording = Page(context, saved["html"].as_uri())
    recording.wait("actlabPlay.player.shown")
    recording.get("actlabPlay.player.seek(12)")
    recording.wait("actlabPlay.player.shown.state === 12")
    assert recording.get("[...actlabPlay.player.shown.arrays['left.map']]") == frame
    recording.tab.click("[aria-label='One state back']")
    recording.wait("actlabPlay.player.shown.state < 12")
    assert recording.said == []
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1920, "dark")])
def test_it_fits(browser, served, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = Page(context, served.url + SMALL)
    page.ready()
    page.state(20)
    assert page.get("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    paper = page.get("getComputedStyle(document.querySelector('.actlab-play')).backgroundColor")
    page.tab.click("[aria-label='Light or dark']")
    assert page.get("getComputedStyle(document.querySelector('.actlab-play')).backgroundColor") != paper
    assert page.said == []
    context.close()
