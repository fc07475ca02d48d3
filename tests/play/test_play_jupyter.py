"""The widget in a real JupyterLab: a cell draws it, its controls work, and Python sees what was chosen."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time

import pytest
from browser_page import MARKS, SECONDS

pytestmark = [
    *MARKS,
    pytest.mark.skipif(importlib.util.find_spec("jupyterlab") is None, reason="jupyterlab is not installed"),
]
SHOW = """from actlab.play.widget import Playground
shown = Playground({"activation": ["tanh"], "hidden": [3]}, {"hidden": [3]}, data="circles", points=60)
shown"""
READ = "print('rate', shown.run['left']['rate'], shown.run['data'])"
SET = "shown.run = {**shown.run, 'data': 'xor'}"
#: Colours of the pictures of both boundaries.
COLOURS = """() => [...document.querySelectorAll(".actlab-play .boundary canvas")].map((canvas) => {
  const bytes = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(bytes.buffer)).size;
})"""


def cell(source):
    return {"cell_type": "code", "execution_count": None, "id": f"c{hash(source)}", "metadata": {}, "outputs": [],
            "source": source}  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running JupyterLab that knows nothing but its folder; the notebook's address."""
    folder = tmp_path_factory.mktemp("lab")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [cell(SHOW), cell(READ), cell(SET)], "metadata": {"kernelspec": kernel}, "nbformat": 4,
                "nbformat_minor": 5}  # fmt: skip
    (folder / "play.ipynb").write_text(json.dumps(notebook))
    quiet = folder / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    # It asks nobody about news and updates.
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    own = {"HOME": folder, "JUPYTERLAB_SETTINGS_DIR": folder / "settings", "IPYTHONDIR": folder / "ipython"}
    own |= {f"JUPYTER_{name}_DIR": folder / name for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces", "PYTHONPATH": os.pathsep.join(sys.path)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=secret"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", *options],
            cwd=folder, env=os.environ | {name: str(value) for name, value in own.items()}, stdout=log, stderr=log,
        )  # fmt: skip
    end = time.monotonic() + SECONDS
    while not answers(port):
        assert time.monotonic() < end, (folder / "log").read_text()
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/lab/tree/play.ipynb?token=secret"
    process.terminate()
    process.wait(60)


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/api")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_a_notebook(lab, browser):
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    tab = context.new_page()
    tab.set_default_timeout(1000 * SECONDS)
    wrong = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.goto(lab)

    def run(k):
        """Until the cell has been given a number; what is run before the kernel is there is forgotten."""
        prompt = tab.locator(".jp-CodeCell").nth(k).locator(".jp-InputPrompt")
        before = prompt.text_content()
        end = time.monotonic() + SECONDS
        while prompt.text_content() in (before, "[*]:"):
            assert time.monotonic() < end, prompt.text_content()
            if prompt.text_content() == before:
                tab.locator(".jp-CodeCell").nth(k).locator(".cm-content").click()
                tab.keyboard.press("Control+Enter")
            tab.wait_for_timeout(250)

    def printed(text):
        tab.locator(".jp-OutputArea-output", has_text=text).wait_for()

    run(0)
    play = tab.locator(".actlab-play")
    play.locator(".boundary canvas").nth(1).wait_for()
    end = time.monotonic() + SECONDS
    while min(tab.evaluate(COLOURS)) < 50:  # points, a line, shades of two colours
        assert time.monotonic() < end
        time.sleep(0.02)
    run(1)
    printed("rate 0.1 circles")
    play.locator(".arm-head.arm0 select").first.select_option("0.5")
    while not tab.locator(".jp-OutputArea-output", has_text="rate 0.5 circles").count():  # it comes to Python
        assert time.monotonic() < end + SECONDS
        run(1)
    run(2)  # and from Python to the page
    play.locator(".data[title=XOR][aria-pressed=true]").wait_for()
    play.locator(".boundary").first.focus()
    tab.keyboard.press("Space")  # the notebook's shortcuts leave the page's keys alone
    play.locator("[aria-label=Pause]").wait_for()
    tab.keyboard.press("Home")
    play.locator("[aria-label=Play]").wait_for()
    assert tab.locator(".jp-CodeCell").count() == 3
    assert wrong == []
    context.close()
