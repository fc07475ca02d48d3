"""One server for the tests of the room, started as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest


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
