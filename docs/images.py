"""Make the pictures of the README, the top of the demo's report in both languages, and those of the data.

Needs the test extra and Debian's chromium: ``.venv/bin/python docs/images.py``.
"""

import tempfile
from pathlib import Path

import data_pictures
from playwright.sync_api import sync_playwright

import actlab

HERE = Path(__file__).parent
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main() -> None:
    """Run the demo's study once and photograph its page."""
    result = actlab.compare(["sigmoid", "relu"], data="moons:article", seeds=192)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for lang in ("en", "ko"):
            path = result.report(Path(folder) / f"{lang}.html", lang=lang)
            page = browser.new_page(viewport={"width": 1280, "height": 1120}, color_scheme="light")
            page.goto(path.as_uri())
            page.screenshot(path=HERE / "images" / f"report-{lang}.png")
        browser.close()
    data_pictures.main()


if __name__ == "__main__":
    main()
