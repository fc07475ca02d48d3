"""Every key that the code asks for exists, and no sentence of the room is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import actlab.report
from actlab.report._write import check_writable
from actlab.report.page import page
from actlab.report.terminal import table
from actlab.text import keys

SOURCE = "\n".join(
    p.read_text(encoding="utf-8")
    for p in Path(actlab.report.__file__).parent.rglob("*")
    if p.suffix in (".py", ".html")
)  # fmt: skip


def test_no_sentence_is_left_over():
    """A key stands in the code as a whole, or by its last part behind a prefix that is put together."""
    unused = []
    for key in sorted(k for k in keys("en") if k.startswith("report.")):
        short = key.removeprefix("report.")
        head, _, tail = short.rpartition(".")
        whole = f'"{short}"' in SOURCE or f"report.{short}" in SOURCE
        built = re.search(rf'["\'/]{re.escape(head)}\.|{re.escape(head.split(".")[0])}\.', SOURCE)
        named = any(re.search(rf"\b{re.escape(part)}\b", SOURCE) for part in (tail, tail.split("_")[-1]))
        if not (whole or (built and named)):
            unused.append(key)
    assert not unused


@pytest.mark.parametrize("name", ["plain", "failing", "wide", "hostile"])
def test_nothing_missing(name, request, lang):
    """`tr` raises on a missing key or value: to have written it all is the test."""
    c = request.getfixturevalue(name)
    assert page(c, lang)
    assert table(c, lang)


def test_reasons_are_sentences(tmp_path, lang):
    assert check_writable(tmp_path / "x")
