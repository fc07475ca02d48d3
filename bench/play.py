"""How quick the playground is, and what a stranger can do to it.

    python bench/play.py pictures [--seconds 60]     drawn frames and new states a second, first picture
    python bench/play.py memory [--minutes 10]       of the server and of the page, while it plays
    python bench/play.py gallery [--folder docs/images]
    python bench/play.py fuzz [--messages 100000]    hostile messages; every refusal by its code

The first two drive Debian's chromium (Playwright), without a graphics card.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit


def start() -> tuple[subprocess.Popen[str], str, float]:
    """The server, its address, and when it was started."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "actlab", "play", "--port", "0", "--no-browser", "--lang", "en"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, process.stdout.readline().strip(), began


def resident(pid: int) -> float:
    """MiB that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def opened(playwright, url):
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium",
        args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    return browser, page, url


def wait(page, expression: str, seconds: float = 120) -> None:
    end = time.perf_counter() + seconds
    while not page.evaluate(expression):
        if time.perf_counter() > end:
            raise TimeoutError(expression)
        time.sleep(0.005)


def pictures(seconds: float) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # The browser is there already, as a user's is; what counts is the command.
        browser, page, _ = opened(playwright, "")
        process, url, began = start()
        address = time.perf_counter() - began
        page.goto(url)
        wait(page, "window.actlabPlay?.statistics.drawn > 0")
        print(f"after the command: address {address:.2f} s, first picture {time.perf_counter() - began:.2f} s")
        wait(page, "actlabPlay.player.available > 200")
        page.evaluate("actlabPlay.player.toggle(true)")
        before = page.evaluate("[actlabPlay.statistics.drawn, actlabPlay.statistics.states]")
        from_ = time.perf_counter()
        worst = float("inf")
        drawn = before[0]
        while time.perf_counter() - from_ < seconds:
            second = time.perf_counter()
            time.sleep(1)
            now = page.evaluate("actlabPlay.statistics.drawn")
            worst = min(worst, (now - drawn) / (time.perf_counter() - second))
            drawn = now
        took = time.perf_counter() - from_
        after = page.evaluate("[actlabPlay.statistics.drawn, actlabPlay.statistics.states, actlabPlay.player.index]")
        drawn, states = ((after[k] - before[k]) / took for k in range(2))
        print(f"over {took:.0f} s: {drawn:.1f} drawn frames a second (worst second {worst:.1f}), ", end="")
        print(f"{states:.1f} new states a second; state {after[2]}")
        browser.close()
        process.terminate()


def memory(minutes: float) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser, page, _ = opened(playwright, "")
        process, url, _ = start()
        page.goto(url)
        wait(page, "window.actlabPlay?.statistics.drawn > 0")
        page.evaluate("actlabPlay.player.speed = 'fast'; actlabPlay.player.toggle(true)")
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        began, seen = time.perf_counter(), []
        while (now := time.perf_counter() - began) < 60 * minutes:
            time.sleep(min(30.0, 60 * minutes - now))
            session.send("HeapProfiler.collectGarbage")
            page_mib = session.send("Runtime.getHeapUsage")["usedSize"] / 2**20
            counts = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
            # At the end it begins again, so that it plays all the time.
            page.evaluate("if (!actlabPlay.player.playing) actlabPlay.player.toggle(true)")
            state, trained = page.evaluate("[actlabPlay.player.index, actlabPlay.player.available]")
            seen.append((resident(process.pid), page_mib))
            print(
                f"{time.perf_counter() - began:4.0f} s: server {seen[-1][0]:.0f} MiB, page {page_mib:.1f} MiB, ", end=""
            )
            print(f"{counts['Nodes']:.0f} nodes; state {state} of {trained}", flush=True)
        for name, values in zip(("server", "page"), zip(*seen, strict=True), strict=True):
            print(f"{name}: {min(values):.1f} to {max(values):.1f} MiB, at the end {values[-1]:.1f}")
        browser.close()
        process.terminate()


def gallery(folder: Path) -> None:
    """Pictures of the page for the documentation: English by day, Korean by night, a lesson."""
    from playwright.sync_api import sync_playwright

    shots = (("play-en", "light", None), ("play-ko", "dark", None), ("play-lesson", "light", 5))
    with sync_playwright() as playwright:
        browser, _, _ = opened(playwright, "")
        process, url, _ = start()
        for name, scheme, lesson in shots:
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=scheme)
            page.goto(url)
            wait(page, "window.actlabPlay?.player.shown")
            if name.endswith("ko"):
                page.click("nav button[lang=ko]")
                wait(page, "document.documentElement.lang === 'ko'")
            if lesson is not None:
                page.click(".top .menu summary >> nth=0")
                page.click(f".sheet button >> nth={lesson}")
                wait(page, "document.querySelector('.lesson')")
            state = 60 if lesson is not None else 200
            wait(page, f"actlabPlay.player.available > {state}")
            page.evaluate(f"actlabPlay.player.seek({state})")
            wait(page, f"actlabPlay.player.shown?.state === {state}")
            page.focus(".net.arm1")
            page.mouse.wheel(0, -5000)
            page.wait_for_timeout(600)
            page.screenshot(path=str(folder / f"{name}.png"))
            page.close()
        browser.close()
        process.terminate()


async def _fuzz(url: str, messages: int, process: subprocess.Popen[str]) -> None:
    import websockets

    sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "play"))
    from hostile_messages import hostile

    from actlab.play import wire

    draw = random.Random(1)
    at, token = urlsplit(url).netloc, urlsplit(url).query
    codes: collections.Counter[str] = collections.Counter()
    sent = 0
    before = resident(process.pid)

    async def visit(count: int) -> int:
        """Send until the door is shut; how many were sent."""
        answered = 0
        async with websockets.connect(f"ws://{at}/ws?{token}", max_size=None, compression=None) as socket:
            try:
                for _ in range(count):
                    await socket.send(hostile(draw))
                    header, _ = wire.unpack(await socket.recv())
                    codes[header.get("code", header["kind"])] += 1
                    answered += 1
            except websockets.ConnectionClosed as closed:
                codes[f"closed {closed.rcvd.code if closed.rcvd else '?'}"] += 1
        return max(answered, 1)

    began = time.perf_counter()
    while sent < messages:
        sent += sum(await asyncio.gather(*(visit(500) for _ in range(8))))
    async with websockets.connect(f"ws://{at}/ws?{token}", max_size=None) as socket:
        await socket.send(json.dumps({"op": "run", "id": 1, "run": {}}))
        header, _ = wire.unpack(await socket.recv())
    alive = process.poll() is None and header["kind"] == "run"
    print(f"{sent} hostile messages in {time.perf_counter() - began:.0f} s; server alive: {alive}; ", end="")
    print(f"memory {before:.0f} → {resident(process.pid):.0f} MiB")
    for code, count in codes.most_common():
        print(f"  {count:7d}  {code}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pictures", "memory", "fuzz", "gallery"])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, default=Path("docs/images"))
    options = parser.parse_args()
    if options.what == "pictures":
        pictures(options.seconds)
    elif options.what == "memory":
        memory(options.minutes)
    elif options.what == "gallery":
        gallery(options.folder)
    else:
        process, url, _ = start()
        asyncio.run(_fuzz(url, options.messages, process))
        process.terminate()


if __name__ == "__main__":
    main()
