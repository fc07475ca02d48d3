"""A person at a terminal: a progress bar with counts, and Ctrl-C."""

import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time

import pytest
from cli_factory import surroundings

# The command line with a bar that writes "at it" once so many nets are done: then Ctrl-C can be sent at a known moment.
PROGRAM = """
import sys
from contextlib import contextmanager
import actlab.progress

at = int(sys.argv.pop(1))

@contextmanager
def bar(title):
    said = []

    def tell(done, planned):
        if done >= at and not said:
            said.append(True)
            print("at it", flush=True)

    yield tell

actlab.progress.bar = bar
from actlab.cli import main
sys.exit(main())
"""
# Far more than can be done in the time of a test.
ENDLESS = ["--seeds", "20000", "--learning-rates", "0.05", "--test-points", "100"]


# Not a measure of speed: what was asked for would take hours, and a busy machine may stop for a while.
SOON = 100


def interrupted(at, *words):
    """Exit code, output and errors of a comparison that gets Ctrl-C once `at` nets are done; and the seconds."""
    child = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(at), "compare", "sigmoid", "relu", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings(),
    )
    guard = threading.Timer(300, child.kill)
    guard.start()
    try:
        assert child.stdout.readline() == "at it\n", child.stderr.read()
        sent = time.monotonic()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
        return child.returncode, out, err, time.monotonic() - sent
    finally:
        guard.cancel()
        child.kill()


def test_ctrl_c_before_anything_is_complete():
    """One epoch of these takes longer than the test: a sentence, and nothing else."""
    code, out, err, seconds = interrupted(0, *ENDLESS, "--epochs", "10000000")
    assert code == 130
    assert out == ""
    assert re.fullmatch(r"actlab: Stopped [^\n]*nothing to keep\.\n", err)
    assert seconds < SOON


def test_ctrl_c_keeps_the_complete_seeds():
    """After 64 seeds of both arms: their table, and how many they are."""
    code, out, err, seconds = interrupted(140, *ENDLESS, "--epochs", "300")
    assert code == 130
    kept = re.fullmatch(r"actlab: stopped\. Kept: the first (\d+) of 20000 seeds [^\n]*\n", err)
    assert kept, err
    assert int(kept[1]) >= 64
    assert int(kept[1]) % 64 == 0
    assert int(kept[1]) < 20_000
    assert re.search(r"^sigmoid .*%", out, re.MULTILINE)
    assert seconds < SOON


def test_ctrl_c_with_a_page_asked_for(tmp_path):
    """The page of what was kept is written, and said to be."""
    page = tmp_path / "page.html"
    code, out, err, seconds = interrupted(140, *ENDLESS, "--epochs", "300", "--lang", "ko", "--report", str(page))
    assert code == 130
    assert str(page) in out
    assert page.read_text(encoding="utf-8").startswith("<!")
    assert re.search("[가-힣]", err)
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [page]
    assert seconds < SOON


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_bar_counts_nets(lang):
    """On a terminal the error stream shows nets done, nets planned, and their rate; the output stays clean."""
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "actlab", "compare", "sigmoid", "relu", "--seeds", "300", "--epochs", "150",
         "--learning-rates", "0.05", "--test-points", "100", "--lang", lang],
        stdout=subprocess.PIPE,
        stderr=slave,
        env=surroundings(TERM="xterm", COLUMNS="100"),
    )  # fmt: skip
    os.close(slave)
    output = threading.Thread(target=lambda: shown.append(child.stdout.read()))
    shown, bar = [], b""
    output.start()
    deadline = time.monotonic() + 300
    try:
        while time.monotonic() < deadline:
            if not select.select([master], [], [], 0.5)[0]:
                continue
            try:
                piece = os.read(master, 4096)
            except OSError:  # the other end is closed: all is said
                break
            if not piece:
                break
            bar += piece
        assert child.wait(timeout=200) == 0
    finally:
        child.kill()
        output.join()
        child.stdout.close()
        os.close(master)
    text = bar.decode()
    counts = re.findall(r"(\d+) of 600 nets, [\d,]+ a second" if lang == "en" else r"신경망 600개 중 (\d+)개", text)
    assert counts
    done = list(map(int, counts))
    assert done == sorted(done)
    assert done[-1] > 0
    assert b"\x1b" not in shown[0]
    assert ("training" if lang == "en" else "학습") in text


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_nothing_of_a_bar_is_cut(width, lang):
    """Where words have no room beside it, numbers stand there; no line is longer than the terminal is wide."""
    from rich.cells import cell_len
    from rich.console import Console

    from actlab.progress import bar_on
    from actlab.text import tr, use_language

    shown = io.StringIO()
    console = Console(file=shown, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    with use_language(lang), bar_on(console, tr("cli.training")) as tell:
        tell(12_340, 60_000)
    lines = [re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", line) for line in re.split(r"[\r\n]", shown.getvalue())]
    assert all(cell_len(line) <= width for line in lines)
    assert "…" not in shown.getvalue()
    last = [line for line in lines if "12,340" in line][-1]
    assert "60,000" in last
    assert "━" in last
    assert ("training" in last if lang == "en" else "학습" in last) == (width >= 80)


def test_no_bar_where_nobody_watches(capsys):
    from actlab.progress import bar

    with bar("training") as tell:
        assert tell is None
    assert capsys.readouterr() == ("", "")
