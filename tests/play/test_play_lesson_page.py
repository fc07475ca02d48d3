"""A lesson in the page: opened by its address, tried, closed; its verdicts come when they are there."""

from __future__ import annotations

import pytest
from browser_page import MARKS, Page

from actlab.cli import main
from actlab.play import lessons, server


@pytest.mark.parametrize(("given", "name"), [("4", "zigzag"), (" 10 ", "choosing"), ("dying", "dying")])
def test_the_command_names_it(monkeypatch, given, name):
    asked = []
    monkeypatch.setattr(server, "serve", lambda *_, **settings: asked.append(settings["lesson"]))
    assert main(["play", "--lesson", given]) == 0
    assert asked == [name]


@pytest.mark.parametrize("given", ["0", "11", "sums", "", "9" * 99])
def test_the_command_knows_what_is_none(monkeypatch, capsys, given):
    monkeypatch.setattr(server, "serve", lambda *_, **__: pytest.fail("served"))
    assert main(["play", "--lesson", given]) != 0
    assert "lesson" in capsys.readouterr().err


class TestInTheBrowser:
    pytestmark = MARKS

    def test_by_its_address(self, browser, served):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = Page(context, served.url + "#lesson=bending")
        page.ready(0)
        found = lessons.lesson("bending")
        assert page.get("actlabPlay.run.run") == found.setups[0].experiment.plain()
        assert page.tab.locator(".lesson h2").text_content() == found.words("en")["title"]
        page.wait("document.querySelector('.lesson .claims em')")
        assert "K4" in page.tab.locator(".lesson .claims").text_content()
        page.tab.click(".lesson summary")
        run = page.anew(lambda: page.tab.click(".tries button"))
        assert run == found.setups[1].experiment.plain()
        assert page.tab.locator(".lesson details p").is_visible()  # the answer is still open
        address = page.get("location.hash")
        assert "lesson=bending" in address
        again = Page(context, served.url.partition("?")[0] + address)
        again.ready(0)
        assert again.get("actlabPlay.run.run") == run
        assert again.tab.locator(".lesson").is_visible()
        again.tab.click(".closing")
        assert "lesson" not in again.get("location.hash")
        assert page.said == again.said == []
        context.close()
