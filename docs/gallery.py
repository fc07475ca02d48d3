"""Photograph every page and panel, in both languages and both themes, into ``docs/gallery``; from real runs.

``make gallery`` needs the test extra, PyTorch and Debian's chromium. Each picture has the light page at the left, the
dark one at the right. ``--results FOLDER`` keeps what was trained and takes it from there the next time;
``--only compare-many`` makes the pictures of that page anew, ``--only playground`` and ``--only figures`` those.
"""

from __future__ import annotations

import argparse
import io
import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import actlab
from actlab.text import use_language

HERE = Path(__file__).parent
OUT = HERE / "gallery"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LANGUAGES = ("en", "ko")
THEMES = ("light", "dark")
#: Chapters of the page of `actlab compare` that stand together in a picture.
SHEETS = {
    "compare-learning": ("rates", "curves", "boundary"),
    "compare-inside": ("signal", "hidden", "geometry"),
    "compare-motion": ("gradient", "path", "units"),
}
DEEP = """
title = { en = "How deep can it be?", ko = "얼마나 깊게 쌓을 수 있는가?" }
data = ["moons", "circles"]
activations = ["relu", "sigmoid", "tanh", "gelu"]
depth = [1, 2, 4, 8, 16]
width = 8
learning_rates = [0.05, 0.5]
seeds = 16
epochs = 60
test_points = 300
validation_points = 100
"""


def results(kept: Path | None) -> Callable[[str, Callable[[], Any]], Any]:
    """A function that gives the result of a name: from `kept` where it is there, else made and put there."""

    def get(name: str, make: Callable[[], Any]) -> Any:
        file = kept / f"{name}.pkl" if kept else None
        if file is not None and file.exists():
            return pickle.loads(file.read_bytes())
        found = make()
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(pickle.dumps(found))
        return found

    return get


def pages(
    folder: Path, get: Callable[[str, Callable[[], Any]], Any], only: str
) -> Iterator[tuple[str, dict[str, Path]]]:
    """Every page, or the one called `only`, one after another: its name, and where it is in each language."""
    from actlab.cli import main as command
    from actlab.report import write_diagnosis

    eight = ["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "silu", "mish", "softplus"]
    makers: dict[str, Callable[[], Any]] = {
        "compare": lambda: get("two", two_functions),
        "compare-many": lambda: get(
            "large", lambda: actlab.compare(eight, data="spiral", hidden=(16, 16, 16, 16), seeds=32, epochs=300)
        ),
        "compare-sequences": lambda: get(
            "time", lambda: actlab.compare(["tanh", "relu", "sigmoid"], data="adding:20", seeds=16, clip=1.0)
        ),
        "cost": lambda: get("cost", lambda: actlab.cost(["sigmoid", "relu", "gelu"], data="moons", target=0.95)),
    }
    for name, make in makers.items():
        if only not in (name, "pages", ""):
            continue
        result = make()
        yield name, {lang: result.report(folder / f"{name}.{lang}.html", lang=lang) for lang in LANGUAGES}
    for name, words in (
        ("card", ["show", "gelu", "--out"]),
        ("guide", ["advise", "--guide"]),
        ("atlas", ["show", "--all", "--out"]),
    ):
        if only not in (name, "pages", ""):
            continue
        found = {lang: folder / f"{name}.{lang}.html" for lang in LANGUAGES}
        for lang, path in found.items():
            with use_language(lang):
                command([*words, str(path), "--lang", lang])
        yield name, found
    if only in ("sweep", "pages", ""):
        (folder / "deep.toml").write_text(DEEP, encoding="utf-8")
        command(["sweep", str(folder / "deep.toml"), str(folder / "store")])
        command(["report", str(folder / "store"), "--out", str(folder / "sweep")])
        yield "sweep", {lang: next((folder / "sweep").rglob(f"page.{lang}.html")) for lang in LANGUAGES}
    if only in ("diagnosis", "pages", ""):
        diagnosis, trial = get("diagnosis", sick)
        yield (
            "diagnosis",
            {lang: write_diagnosis(diagnosis, folder / f"diagnosis.{lang}.html", lang, trial) for lang in LANGUAGES},
        )


def two_functions() -> Any:
    """The comparison of most pictures."""
    return actlab.compare(["sigmoid", "relu"], data="moons:article", hidden=(8, 8), seeds=64)


def sick() -> tuple[Any, Any]:
    """A net whose gradients vanish, and its remedies on trial."""
    import torch
    from torch import nn
    from torch.nn import functional

    def model() -> nn.Module:
        parts: list[nn.Module] = []
        for k in range(8):
            parts += [nn.Linear(2 if k == 0 else 16, 16), nn.Sigmoid()]
        return nn.Sequential(*parts, nn.Linear(16, 2))

    torch.manual_seed(0)
    batches = []
    for _ in range(8):
        x = torch.randn(128, 2)
        batches.append((x, (x[:, 0] * x[:, 1] > 0).long()))
    found = actlab.check(model(), batches, loss=functional.cross_entropy)
    tried = found.try_remedies(model, batches, loss=functional.cross_entropy, steps=10, learning_rate=0.1)
    return found, tried


def beside(light: bytes, dark: bytes, name: str, width: int = 1500) -> None:
    """Both themes in one picture, as small as it can be within the limit."""
    parts = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in (light, dark)]
    height = max(part.height for part in parts)
    sheet = Image.new("RGB", (sum(part.width for part in parts), height))
    left = 0
    for part, paper in zip(parts, ("#fbfaf6", "#14161a"), strict=True):
        sheet.paste(paper, (left, 0, left + part.width, height))
        sheet.paste(part, (left, 0))
        left += part.width
    save(sheet.resize((width, round(height * width / sheet.width)), Image.Resampling.LANCZOS), name)


def save(sheet: Image.Image, name: str) -> None:
    """Write ``gallery/NAME.webp`` with at most 150 KB."""
    for quality in (86, 78, 70, 60, 50):
        file = io.BytesIO()
        sheet.save(file, format="WEBP", quality=quality, method=6)
        if len(file.getvalue()) <= 150_000:
            break
    (OUT / f"{name}.webp").write_bytes(file.getvalue())
    print(f"{name}.webp  {sheet.width} × {sheet.height}  {len(file.getvalue()) // 1000} KB", flush=True)  # noqa: T201


@contextmanager
def tab(browser: Browser, theme: str, wide: int = 1180, high: int = 980) -> Iterator[Page]:
    """A page of its own in a theme."""
    page = browser.new_page(viewport={"width": wide, "height": high}, color_scheme=theme)  # type: ignore[arg-type]
    yield page
    page.close()


def photograph_pages(browser: Browser, found: Iterator[tuple[str, dict[str, Path]]]) -> None:
    """The top of every page, and the chapters of a comparison."""
    for name, by_language in found:
        for lang, path in by_language.items():
            shots = []
            for theme in THEMES:
                with tab(browser, theme) as page:
                    page.goto(path.as_uri())
                    shots.append(page.screenshot())
            beside(*shots, f"{name}-{lang}")
            for sheet, chapters in SHEETS.items() if name == "compare" else ():
                beside(*(chapters_of(browser, path, theme, chapters) for theme in THEMES), f"{sheet}-{lang}")


def chapters_of(browser: Browser, path: Path, theme: str, chapters: tuple[str, ...]) -> bytes:
    """Chapters one below another, each with its last figure only: the one at the best learning rate."""
    with tab(browser, theme) as page:
        page.goto(path.as_uri())
        page.add_style_tag(
            content="header, footer, .skip { display: none } section { padding-block: 1.6rem !important }"
        )
        page.evaluate(
            """chapters => { for (const s of document.querySelectorAll("main > section")) {
                 if (!chapters.includes(s.id)) s.remove();
                 else [...s.querySelectorAll("figure")].slice(0, -1).forEach(f => f.remove()); } }""",
            list(chapters),
        )
        return page.locator("main").screenshot()


@contextmanager
def playground(lang: str) -> Iterator[str]:
    """The address of a running playground."""
    process = subprocess.Popen(
        [sys.executable, "-m", "actlab", "play", "--port", "0", "--no-browser", "--lang", lang],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait(timeout=60)


def wait(page: Page, expression: str, seconds: float = 300) -> None:
    """Until the expression is true; the page's policy forbids `wait_for_function`."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > end:
            raise TimeoutError(expression)
        time.sleep(0.1)


def photograph_playground(browser: Browser) -> None:
    """The whole page, its panels by themselves, and a lesson."""
    for lang in LANGUAGES:
        shots: dict[str, list[bytes]] = {}
        with playground(lang) as url:
            for theme in THEMES:
                with tab(browser, theme, 1440, 1500) as page:
                    page.goto(f"{url}#left=sigmoid&right=relu&data=spiral&points=300")
                    wait(page, "window.actlabPlay?.player.available > 150 && actlabPlay.player.shown")
                    page.evaluate("actlabPlay.player.seek(actlabPlay.player.available - 1)")
                    time.sleep(2)
                    page.mouse.move(300, 520)
                    time.sleep(1)
                    shots.setdefault("play", []).append(page.screenshot())
                    before = page.evaluate("actlabPlay.run.id")
                    page.evaluate("document.querySelector('nav details').open = true")
                    page.locator("nav details ol button").nth(2).click()
                    drawn = "actlabPlay.player.available > 60 && actlabPlay.player.shown && actlabPlay.curves.length"
                    wait(page, f"actlabPlay.run.id > {before} && {drawn}")
                    page.evaluate("actlabPlay.player.seek(60)")
                    time.sleep(3)
                    page.mouse.move(5, 5)
                    shots.setdefault("play-lesson", []).append(page.screenshot())
        for name, both in shots.items():
            beside(*both, f"{name}-{lang}", 1700)


def paper_figures(two: Any) -> None:
    """Figures for papers, as matplotlib draws them."""
    for lang in LANGUAGES:
        parts = []
        with use_language(lang):
            for draw in (two.figures.accuracy, two.figures.gap, two.figures.rates, two.figures.loss):
                file = io.BytesIO()
                draw(width="column", view=None if draw.name in ("accuracy", "gap") else 2, lang=lang).savefig(
                    file, dpi=170
                )
                parts.append(Image.open(file).convert("RGB"))
        gap = 24
        high = max(parts[k].height + parts[k + 1].height for k in (0, 2)) + 3 * gap
        sheet = Image.new("RGB", (2 * parts[0].width + 3 * gap, high), "white")
        for k, part in enumerate(parts):
            left = gap + (k // 2) * (parts[0].width + gap)
            sheet.paste(part, (left, gap if k % 2 == 0 else parts[k - 1].height + 2 * gap))
        save(sheet, f"figures-{lang}")


def main() -> None:
    """Everything, or what matches ``--only``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, help="keep trained results here, and take them from here")
    parser.add_argument("--only", default="", help="pages, playground, figures, or one page")
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    get = results(options.results)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        if options.only not in ("playground", "figures"):
            photograph_pages(browser, pages(Path(folder), get, options.only))
        if options.only in ("", "playground"):
            photograph_playground(browser)
        browser.close()
    if options.only in ("", "figures"):
        paper_figures(get("two", two_functions))
    shown = {re.sub(r"-(en|ko)\.webp$", "", file.name) for file in OUT.glob("*.webp")}
    for lang in LANGUAGES:
        text = (HERE / lang / "gallery.md").read_text(encoding="utf-8")
        lost = sorted(name for name in shown if f"gallery/{name}-{lang}.webp" not in text)
        if lost:
            raise SystemExit(f"docs/{lang}/gallery.md does not show: {', '.join(lost)}")


if __name__ == "__main__":
    main()
