"""Hostile text: a function or one sentence, nothing executed, and no more work than the bounds allow."""

import builtins
import math
import os
import re
import subprocess
import unicodedata

import numpy as np
import pytest
from hostile import BOMBS, HOSTILE, INJECTIONS, LOOK_ALIKES
from hypothesis import given, settings
from hypothesis import strategies as st

from actlab.functions._grammar import DEEPEST, LARGEST, function_names
from actlab.functions.activation import MOST_BENT, STEEPEST, get
from actlab.functions.certify import intervals
from actlab.functions.derivative import derivative
from actlab.functions.expression import size
from actlab.functions.parser import LONGEST
from actlab.functions.switches import _LARGEST
from actlab.text import UserError

# What a formula becomes is small enough for all that is done with it; these numbers are what "bounded" means.
BOUNDS = {"characters": 2000, "open": 100, "parts": 2000, "slope": 1000, "bend": 2000, "resolved": 150_000}


def answer(text: str) -> str | None:
    """The sentence that `text` is refused with, or None for a function whose size is within the bounds."""
    try:
        found = get(text)
    except UserError as error:
        sentences = {lang: error.message(lang) for lang in ("en", "ko")}
        for sentence in sentences.values():
            assert sentence.strip() == sentence
            assert "Traceback" not in sentence
            assert len(sentence) < 1200
        return sentences["en"]
    assert found.expression.has_x
    assert found.expression.count <= LARGEST
    assert size(found.derivative_expression) <= STEEPEST
    assert size(derivative(found.derivative_expression)) <= MOST_BENT
    return None


def test_the_bounds_are_those_that_are_written_down() -> None:
    assert tuple(BOUNDS.values()) == (LONGEST, DEEPEST, LARGEST, STEEPEST, MOST_BENT, _LARGEST)


@pytest.mark.parametrize("text", INJECTIONS)
def test_python_is_refused(text: str) -> None:
    assert answer(text) is not None


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_are_refused(text: str) -> None:
    assert answer(text) is not None


@pytest.mark.parametrize("text", BOMBS)
def test_large_things_end(text: str) -> None:
    answer(text)


def test_nothing_is_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a formula was executed")

    for place, name in ((builtins, "eval"), (builtins, "exec"), (os, "system"), (subprocess, "Popen")):
        monkeypatch.setattr(place, name, never)
    for text in INJECTIONS:
        assert answer(text + " ") is not None  # not the answer that the cache remembers


def test_a_sentence_shows_no_control_characters() -> None:
    for text in (*INJECTIONS, *LOOK_ALIKES):
        told = answer(text)
        hidden = [c for c in told or "" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]
        assert not hidden, (text, told)


def test_gaps_of_sentences_stay_what_the_user_typed() -> None:
    """A brace in the input is shown or refused, but never filled in."""
    for text in ("{x.__class__}", "qq{place}", "{place}", "torch:{name}", "{name}", "relu{0}"):
        told = answer(text)
        assert told is not None
        assert "class '" not in told
        assert "<" not in told


def test_numbers_of_more_digits_than_python_reads() -> None:
    for text in ("9" * 1990, "x**" + "9" * 1900, "x + 0." + "9" * 1900):
        answer(text)
    assert get("x + 0." + "9" * 300) == get("x + 1")


WORDS = (
    *function_names(), "x", "x", "x", "1", "0", "2.5", "1e9", "1e-300", "pi", "e", "alpha", "(",
    ")", "(", ")", "+", "-", "*", "/", "**", "^", ",", "=", "<", ">=", "==", "where(x<0,", " ",
    "torch:", "keras:", "jax:", ".", "'", "_", "\0", "\u200b", "é", "시", "😀",
)  # fmt: skip


@st.composite
def grown(draw: st.DrawFn) -> str:
    """A formula that the grammar makes, with a few of its pieces struck, doubled or exchanged."""

    def value(depth: int) -> str:
        kind = draw(st.integers(0, 6 if depth else 1))
        if kind == 0:
            return "x"
        if kind == 1:
            return draw(st.sampled_from(["x", "1", "0.5", "3", "1e10", "pi", "e", ".1"]))
        if kind == 2:
            return f"({value(depth - 1)})"
        if kind == 3:
            return f"-{value(depth - 1)}"
        if kind == 4:
            sign = draw(st.sampled_from(["+", "-", "*", "/", "**", "^"]))
            return f"{value(depth - 1)}{sign}{value(depth - 1)}"
        if kind == 5:
            return f"{draw(st.sampled_from(function_names()))}({value(depth - 1)})"
        compare = draw(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
        return f"where({value(depth - 1)}{compare}{value(depth - 1)},{value(depth - 1)},{value(depth - 1)})"

    text = value(4)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["", *WORDS])) + text[at + draw(st.integers(0, 2)) :]
    return text


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=40).map("".join), grown()))
def test_any_text_is_a_function_or_a_sentence(text: str) -> None:
    told = answer(text)
    assert told is None or re.search(r"[.?)]$", told), told


@settings(max_examples=60, deadline=None)
@given(grown())
def test_what_is_accepted_can_be_used(text: str) -> None:
    """Facts, programs, values and printing of an accepted formula end too, with results or one sentence."""
    try:
        found = get(text)
        _ = found.facts, found.losses, found.latex, found.text, found.formula
        value, slope = found.value_and_derivative(np.array([-2.0, 0.5, 3.0], np.float32))
    except UserError:
        return
    assert value.shape == slope.shape == (3,)
    assert math.isnan(found(math.nan))


def test_certification_stops_splitting_when_its_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    from actlab.functions import certify

    seen = []
    plain = certify.enclose

    def counted(program, lo, hi, units):
        seen.append(lo.size * len(program.code))
        return plain(program, lo, hi, units)

    monkeypatch.setattr(certify, "enclose", counted)
    program = get("x - tanh(x) + sin(x)*0.1").program("value")
    much, _ = intervals(program, np.float64)
    spent = sum(seen)
    seen.clear()
    monkeypatch.setattr(certify, "_WORK", spent * 3 // 4)
    little, _ = intervals(program, np.float64)
    assert 0 < sum(seen) <= spent * 3 // 4
    covered = [any(low <= a and b <= high for low, high in little) for a, b in much]
    assert len(much) > 0
    assert all(covered)  # what is not split is left to the careful path: nothing becomes certain for want of work


def test_too_many_branches_are_told() -> None:
    for text in ("sign(sin(3000*x))*x", "+".join(f"sign(sin({k}*x))" for k in range(1, 110))):
        with pytest.raises(UserError) as caught:
            _ = get(text).facts
        assert caught.value.key == "functions.too_many_switches"


def test_a_derivative_that_explodes_is_told() -> None:
    for text in ("x" + "**x" * 90, "*".join(f"sin({k}*x)" for k in range(1, 160))):
        with pytest.raises(UserError) as caught:
            get(text)
        assert caught.value.key == "functions.derivative_too_large"
    assert size(get("x" + "**x" * 20).derivative_expression) < STEEPEST


assert len(HOSTILE) > 250
