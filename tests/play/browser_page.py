"""A tab with the playground, for the tests that drive it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists() and "CI" not in os.environ, reason=f"{CHROMIUM} is not installed"),
]
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: How long something may take on a machine that is busy with other things.
SECONDS = int(os.environ.get("ACTLAB_TEST_SECONDS", "200"))
#: Small nets, so that the tests wait for the page and not for training.
SMALL = "#left=sigmoid&left.hidden=3,3&right=relu&right.hidden=3,3&points=60"


class Page:
    """A tab with the page, and all that went wrong in it."""

    def __init__(self, context, url):
        self.tab = context.new_page()
        self.tab.set_default_timeout(1000 * SECONDS)
        self.said: list[str] = []
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("requestfailed", lambda request: self.said.append(request.url))
        self.tab.goto(url)

    def get(self, expression):
        return self.tab.evaluate(expression)

    def wait(self, expression, seconds=SECONDS):
        """Until the expression is true. (`wait_for_function` needs eval, which the page's policy forbids.)"""
        end = time.monotonic() + seconds
        while not self.get(expression):
            assert time.monotonic() < end, f"{expression}: {self.said} {self.get('document.body.innerText')[:400]}"
            time.sleep(0.01)

    def ready(self, states=60):
        self.wait(f"window.actlabPlay?.player.available > {states} && actlabPlay.player.shown")

    def state(self, number):
        """Look at a state; the right net's map."""
        self.get(f"actlabPlay.player.seek({number})")
        self.wait(f"actlabPlay.player.shown?.state === {number}")
        return self.get("[...actlabPlay.player.shown.arrays['right.map']]")

    def anew(self, act):
        """Do what begins another experiment; the experiment."""
        before = self.get("actlabPlay.run.id")
        act()
        self.wait(f"actlabPlay.run.id > {before}")
        self.ready(0)
        return self.get("actlabPlay.run.run")

    def speak(self, lang):
        """The page in that language."""
        if self.get("document.documentElement.lang") != lang:
            self.tab.click(f"nav button[lang={lang}]")
            self.wait(f"document.documentElement.lang === '{lang}'")
            self.ready(0)
