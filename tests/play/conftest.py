"""One server, and a browser for each file, for the tests of the room, started as a user starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from browser_page import ARGUMENTS, CHROMIUM, SMALL, Page


class Served:
    """A running ``actlab play``: its address and its process."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url
        self.authority = urlsplit(url).netloc
        self.token = urlsplit(url).query.removeprefix("token=")
        self.ws = f"ws://{self.authority}/ws"


@pytest.fixture(scope="session")
def served():
    process = subprocess.Popen(
        [sys.executable, "-m", "actlab", "play", "--port", "0", "--no-browser", "--lang", "en"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.startswith("http://127.0.0.1:"), line or process.stderr.read()
    yield Served(process, line)
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
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
