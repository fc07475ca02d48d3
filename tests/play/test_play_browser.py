"""The page in a real browser: lessons, what is saved, that it fits. What it is operated with: test_play_controls."""

from __future__ import annotations

import json
import re

import pytest
from browser_page import MARKS, SMALL, Page

from actlab.play.lessons import names
from actlab.text import tr

pytestmark = MARKS


def test_a_refusal_is_a_sentence_and_changes_nothing(page):
    tab = page.tab
    field = tab.locator(".arm-head.arm1 .function")
    before = page.get("location.hash")
    field.fill("sigmoidd")
    tab.keyboard.press("Enter")
    page.wait("document.querySelector('.notice[role=alert]').textContent.includes('sigmoidd')")
    assert page.get("location.hash") == before
    assert tab.locator(".arm-head.arm1 .function").input_value() == "relu"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_lessons(page, lang):
    """Each sets up its experiment, asks its question and answers it; the panel that matters is marked."""
    tab = page.tab
    page.speak(lang)
    lessons = page.get("actlabPlay.lessons")
    assert [lesson["name"] for lesson in lessons] == list(names())
    for lesson in lessons:
        tab.click(".top .menu summary >> nth=0")
        run = page.anew(
            lambda lesson=lesson: tab.click(
                f".sheet button:has-text({json.dumps(lesson['title'], ensure_ascii=False)})"
            )
        )
        assert run == lesson["run"]
        assert tab.locator(".lesson h2").text_content() == lesson["title"]
        said = tab.locator(".lesson").text_content().replace("\u00a0", " ")
        for part in ("text", "question", "answer"):
            assert tr(f"play_lessons.{lesson['name']}.{part}", lang) in said
        tab.click(".lesson summary")
        assert tab.locator(".lesson details p").is_visible()
        assert tab.locator(f".panel.look.{lesson['look']}").count() >= 1
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
    said = page.get("actlabPlay.player.shown.say")
    context = browser.new_context(offline=True)
    recording = Page(context, saved["html"].as_uri())
    recording.wait("window.actlabPlay?.player.shown")
    for lang in ("en", "ko", "en"):  # the language is switched inside
        if lang != recording.get("document.documentElement.lang"):
            recording.tab.click(f"nav button[lang={lang}]")
        recording.wait(f"document.documentElement.lang === '{lang}'")
        recording.get("actlabPlay.player.seek(12)")
        recording.wait("actlabPlay.player.shown?.state === 12")
        assert recording.get("[...actlabPlay.player.shown.arrays['left.map']]") == frame
        assert (recording.get("actlabPlay.player.shown.say") == said) == (lang == "en")
        korean = re.search("[가-힣]", recording.tab.locator(".headline").text_content())
        assert bool(korean) == (lang == "ko")
    recording.tab.click("[aria-label='One state back']")
    recording.wait("actlabPlay.player.shown.state < 12")
    recording.tab.click("[aria-label='Play']")
    recording.wait("actlabPlay.player.shown.state === 12 && !actlabPlay.player.playing")
    live = recording.tab.locator("input:enabled, select:enabled, .data:enabled")
    assert live.count() == 1  # the time; what was not recorded cannot be asked for
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
