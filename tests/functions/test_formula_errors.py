"""Every way a formula can be wrong has a sentence of its own, with the place, in both languages."""

import contextlib
import inspect
import math
import re
import sys
import time
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actlab.functions._grammar import function_names
from actlab.functions.activation import get
from actlab.functions.parser import parse
from actlab.text import UserError, keys, tr

# formula, key of the sentence, values that must be in it
WRONG = [
    ("", "empty", {}),
    (" \n\t", "empty", {}),
    ("x" * 2001, "too_long", {"length": 2001, "limit": 2000}),
    ("(" * 10_000 + "x" + ")" * 10_000, "too_long", {"length": 20_001}),
    ("(" * 101 + "x" + ")" * 101, "too_deep", {"limit": 100, "place": 101}),
    ("-" * 101 + "x", "too_deep", {"limit": 100, "place": 101}),
    ("+" * 101 + "x", "too_deep", {"limit": 100, "place": 101}),
    ("x**" * 101 + "x", "too_deep", {"limit": 100, "place": 301}),
    ("exp(" * 101 + "x" + ")" * 101, "too_deep", {"limit": 100, "place": 401}),
    ("(x) + " * 50 + "(" * 101 + "x" + ")" * 101, "too_deep", {"place": 401}),
    ("((x) + " * 101 + "x" + ")" * 101, "too_deep", {}),
    ("exp(exp(exp(exp(mish(" + "x+" * 498 + "x)))))", "too_large", {"limit": 2000}),
    ("mish(" * 12 + "x" + ")" * 12, "too_large", {"limit": 2000}),
    ("mish(" * 9 + "x" + ")" * 9 + " + " + "mish(" * 9 + "x" + ")" * 9, "too_large", {"limit": 2000}),
    ("3", "constant", {"formula": "3"}),
    (" 0*x ", "constant", {"formula": "0*x"}),
    ("where(x > 0, 1, 1)", "constant", {}),
    ("relu(0.5)", "constant", {"formula": "relu(0.5)"}),
    ("leaky_relu( 0.05)", "constant_call", {"formula": "leaky_relu(0.05)", "call": "leaky_relu(alpha=0.05)"}),
    ("elu(-1)", "constant_call", {"call": "elu(alpha=-1)"}),
    ("1 +\t" + "1" * 56, "constant", {"formula": "1 + " + "1" * 56}),
    ("1 + " + "1" * 57, "constant", {"formula": "1 + " + "1" * 56 + "…"}),
    ("x/0", "division_by_zero", {}),
    ("x + 1/(1 - 1)", "division_by_zero", {}),
    ("x + 1/where(x > 0, 1, 0)", "division_by_zero", {}),
    ("x + exp(1000)", "not_finite", {"part": "exp(1000)"}),
    ("x + log(0)", "not_finite", {"part": "log(0)"}),
    ("x + 10**400", "not_finite", {"part": "10 ** 400"}),
    ("x + (-8)**(1/3)", "not_finite", {"part": "(-8) ** 0.333333"}),
    ("x*(1e308*1e308)", "not_finite", {"part": "1e+308 * 1e+308"}),
    ("x + 1e999", "number_range", {"number": "1e999", "place": 5}),
    ("x + " + "9" * 400, "number_range", {"number": "9" * 20 + "…", "place": 5}),
    ("x + " + "9" * 24 + "e999", "number_range", {"number": "9" * 20 + "…"}),
    ("x + " + "9" * 20 + "e999", "number_range", {"number": "9" * 20 + "e999"}),
    ("x + " + "9" * 25 + "e999", "number_range", {"number": "9" * 20 + "…"}),
    ("x + " + "9" * 19 + "e1000", "number_range", {"number": "9" * 19 + "e1000"}),
    ("x + " + "9" * 20 + "e1000", "number_range", {"number": "9" * 20 + "…"}),
    ("x + 0." + "0" * 400 + "1", "number_range", {"number": "0." + "0" * 18 + "…"}),
    ("x + 1e-999", "number_range", {"number": "1e-999"}),
    ("x + 0.01e-999", "number_range", {"number": "0.01e-999"}),
    ("x + 9E-999", "number_range", {"number": "9E-999"}),
    ("x + |x", "missing_bracket", {"place": 7}),
    ("x + 1|", "unexpected", {"found": "|"}),
    ("|x|x", "no_sign", {"left": "|", "right": "x"}),
    ("²x", "value_expected", {"found": "²", "place": 1}),
    ("sin⁻¹(x)", "needs_brackets", {"word": "sin"}),
    ("x" + "⁹" * 400, "number_range", {"number": "⁹" * 20 + "…", "place": 2}),
    ("√x", "needs_brackets", {"word": "sqrt"}),
    ("__import__('os')", "character", {"character": "'", "place": 12}),
    ("x\0", "character", {"character": "U+0000", "place": 2}),
    ("x\u00a0+ 1", "character", {"character": "U+00A0", "place": 2}),
    ("tanh(\u0445)", "character", {"character": "\u0445 (U+0445)", "place": 6}),  # not the letter that it looks like
    ("x;x", "character", {"character": ";", "place": 2}),
    ("x[0]", "character", {"character": "[", "place": 2}),
    ("x.real", "character", {"character": ".", "place": 2}),
    ("torch.relu(x)", "dotted", {"dotted": "torch.relu", "word": "relu", "place": 1}),
    ("x*torch.nn.functional.gelu(x)", "dotted", {"dotted": "torch.nn.functional.gelu", "word": "gelu", "place": 3}),
    ("np.maximum(0, x)", "dotted", {"word": "maximum"}),
    ("\\frac{1}{1+e^{-x}}", "latex", {"place": 1}),
    ("xⁿ", "character", {"character": "ⁿ (U+207F)", "place": 2}),
    ("ｘ(x)", "character", {"character": "ｘ (U+FF58)", "place": 1}),
    ("x + ٣", "character", {"character": "٣ (U+0663)", "place": 5}),
    ("__import__(x)", "unknown_word", {"word": "__import__", "place": 1}),
    ("x + qqqqq", "unknown_word", {"word": "qqqqq", "place": 5}),
    ("x + " + "q" * 60, "unknown_word", {"word": "q" * 40 + "…"}),
    ("x + " + "q" * 40, "unknown_word", {"word": "q" * 40}),
    ("x + " + "q" * 41, "unknown_word", {"word": "q" * 40 + "…"}),
    ("x + pie", "unknown_word_near", {"near": "pi"}),
    ("sigmoi(x)", "unknown_word_near", {"word": "sigmoi", "place": 1, "near": "sigmoid"}),
    ("x + softpluss(x)", "unknown_word_near", {"word": "softpluss", "place": 5, "near": "softplus"}),
    ("2*X", "unknown_word_near", {"word": "X", "place": 3, "near": "x"}),
    ("x*mis(x)", "unknown_word_near", {"near": "mish"}),
    ("2x", "no_sign", {"left": "2", "right": "x", "place": 2}),
    ("2 x", "no_sign", {"left": "2", "right": "x", "place": 3}),
    ("x x", "no_sign", {"left": "x", "right": "x", "place": 3}),
    ("x 2", "no_sign", {"left": "x", "right": "2", "place": 3}),
    ("2(x)", "no_sign", {"left": "2", "right": "(", "place": 2}),
    ("x(2)", "no_sign", {"left": "x", "right": "(", "place": 2}),
    ("2*pi (x)", "no_sign", {"left": "pi", "right": "(", "place": 6}),
    ("e(x)", "no_sign", {"left": "e", "right": "("}),
    ("(x)(x)", "no_sign", {"left": ")", "right": "(", "place": 4}),
    ("exp(2x)", "no_sign", {"left": "2", "right": "x", "place": 6}),
    ("1.2.3 + x", "no_sign", {"left": "1.2", "right": ".3", "place": 4}),
    ("relu x", "needs_brackets", {"word": "relu", "place": 1}),
    ("x*sin", "needs_brackets", {"word": "sin", "place": 3}),
    ("x*Where", "needs_brackets", {"word": "Where", "place": 3}),
    ("x*leaky_relu", "needs_brackets", {"word": "leaky_relu"}),
    ("x if x > 0 else 0.01*x", "conditional", {"place": 3}),
    ("(x", "missing_bracket", {"place": 3}),
    ("exp(x", "missing_bracket", {"place": 6}),
    ("where(x > 0, x, 0", "missing_bracket", {"place": 18}),
    ("where(x > 0, x, 0 + (x)", "missing_bracket", {"place": 24}),
    ("leaky_relu(x", "missing_bracket", {"place": 13}),
    ("leaky_relu(alpha=1", "missing_bracket", {"place": 19}),
    ("x)", "stray_bracket", {"place": 2}),
    ("(x))", "stray_bracket", {"place": 4}),
    ("x + 1)", "stray_bracket", {"place": 6}),
    ("x > 0", "comparison_outside", {"sign": ">", "place": 3}),
    ("exp(x <= 0)", "comparison_outside", {"sign": "<=", "place": 7}),
    ("x = 3", "comparison_outside", {"sign": "=", "place": 3}),
    ("x == 3", "comparison_outside", {"sign": "==", "place": 3}),
    ("where(x > 0, x > 1, 0)", "comparison_outside", {"sign": ">", "place": 16}),
    ("relu(x, x > 0)", "by_name", {"function": "relu", "place": 9}),
    ("where(x, 1, 2)", "condition", {"place": 8}),
    ("where(x)", "condition", {"place": 8}),
    ("where(x = 1, 1, 2)", "condition", {"place": 9}),
    ("where(x > 0)", "branches", {"given": 0}),
    ("where(x > 0, x)", "branches", {"given": 1}),
    ("where(x > 0, x, 0, 1)", "branches", {"given": 3}),
    ("where(0 < x < 1, 1, 2)", "comparison_chain", {"place": 13}),
    ("where(0 == x == 1, 1, 2)", "comparison_chain", {"place": 14}),
    ("x,1", "unexpected", {"found": ",", "place": 2}),
    ("(x,1)", "unexpected", {"found": ",", "place": 3}),
    ("x***2", "value_expected", {"found": "*", "place": 4}),
    ("*x", "value_expected", {"found": "*", "place": 1}),
    ("x + )", "value_expected", {"found": ")", "place": 5}),
    ("()", "value_expected", {"found": ")", "place": 2}),
    ("max(x,)", "value_expected", {"found": ")", "place": 7}),
    ("max(,x)", "value_expected", {"found": ",", "place": 5}),
    ("x + ", "ends_early", {"place": 5}),
    ("-", "ends_early", {"place": 2}),
    ("x**", "ends_early", {"place": 4}),
    ("exp(", "ends_early", {"place": 5}),
    ("where(x > ", "ends_early", {}),
    ("leaky_relu(alpha=", "ends_early", {}),
    ("exp()", "arguments", {"function": "exp", "needed": 1, "given": 0, "place": 1}),
    ("tanh(x, x)", "arguments", {"function": "tanh", "needed": 1, "given": 2}),
    ("1 + max(x)", "arguments", {"function": "max", "needed": 2, "given": 1, "place": 5}),
    ("min()", "arguments", {"function": "min", "needed": 2, "given": 0}),
    ("pow(x, 2, 3)", "arguments", {"function": "pow", "needed": 2, "given": 3}),
    ("clip(x, 1)", "arguments", {"function": "clip", "needed": 3, "given": 2}),
    ("Sin(x, x)", "arguments", {"function": "Sin"}),
    ("relu(x, x)", "by_name", {"function": "relu", "place": 9}),
    ("leaky_relu(alpha=.1, x)", "by_name", {"function": "leaky_relu", "place": 22}),
    ("leaky_relu(x, 0.1)", "by_name", {"function": "leaky_relu", "place": 15}),
    ("leaky_relu(x, alpha=.1, alpha=.2)", "repeated", {"name": "alpha", "place": 25}),
    ("leaky_relu(x, beta=.1)", "unknown_parameter", {"function": "leaky_relu", "name": "beta", "known": "alpha"}),
    ("lrelu(slope=.1)", "unknown_parameter", {"function": "leaky_relu", "name": "slope"}),
    ("relu(alpha=.1)", "no_parameters", {"function": "relu", "name": "alpha"}),
    ("leaky_relu(alpha=101)", "parameter_range", {"name": "alpha", "value": "101", "low": "-100", "high": "100"}),
    ("elu(alpha=-1)", "parameter_range", {"function": "elu", "value": "-1", "low": "0"}),
    ("leaky_relu(alpha=x)", "parameter_constant", {"function": "leaky_relu", "name": "alpha", "place": 12}),
    ("leaky_relu(alpha=1e999)", "number_range", {}),
    ("x*softmax(x)", "vector_name", {"name": "softmax"}),
    ("1 + softplus(x, 2, beta=1)", "by_name", {"function": "softplus"}),
    ("softplus(x, beta=0)", "parameter_range", {"function": "softplus", "name": "beta"}),
    ("sin(x, alpha=1)", "unknown_word", {"word": "alpha"}),
]  # fmt: skip


SENTENCES = {
    lang: tomllib.loads((files("actlab.text") / "locale" / lang / "functions.toml").read_text(encoding="utf-8"))
    for lang in ("en", "ko")
}


@pytest.mark.parametrize(("text", "key", "values"), WRONG)
def test_sentence(text: str, key: str, values: dict) -> None:
    with pytest.raises(UserError) as caught:
        parse(text)
    assert caught.value.key == f"functions.{key}"
    for name, value in values.items():
        assert caught.value.values[name] == value
    for lang in ("en", "ko"):
        sentence = caught.value.message(lang)
        assert "{" not in sentence
        for name, value in values.items():
            if name in ("place", "near", "word", "name", "function", "limit"):
                assert str(value) in sentence
    with pytest.raises(UserError):
        get(text)


@pytest.mark.parametrize("thing", [None, 3, 1.5, b"x", ["x"], math.nan, object()])
def test_only_text_is_a_formula(thing: object) -> None:
    for reader in (parse, get):
        with pytest.raises(UserError, match=type(thing).__name__):
            reader(thing)


def test_what_is_just_allowed() -> None:
    assert parse("(" * 99 + "x" + ")" * 99).depth == 1
    assert parse("-" * 98 + "x") is parse("x")
    assert len(" " * 1999 + "x") == 2000
    assert parse(" " * 1999 + "x") is parse("x")
    assert parse("x" + "+x" * 999).count == 1999
    assert parse("exp(exp(exp(mish(" + "x+" * 498 + "x))))").count == 2000
    assert parse("leaky_relu(alpha=100)").depth == parse("leaky_relu(alpha=-100)").depth
    assert parse("x*1e200*1e200").depth == 3
    assert parse("x + 1e-300*1e-300 - 0") is parse("x")  # underflow to 0 is an ordinary rounding


def test_a_caller_who_is_deep_in_calls_gets_a_sentence_too() -> None:
    def deep(levels: int) -> None:
        if levels:
            deep(levels - 1)
        else:
            parse("exp(" * 99 + "x" + ")" * 99)

    frames = len(inspect.stack(0))
    with pytest.raises(UserError) as caught:
        deep(sys.getrecursionlimit() - frames - 300)
    assert caught.value.key == "functions.too_deep"
    assert caught.value.values["limit"] == 100
    assert caught.value.values["place"] > 100


def test_a_constant_that_overflows_in_the_derivative_is_told_at_once() -> None:
    with pytest.raises(UserError) as caught:
        get("1e200*(x*1e200)")
    assert caught.value.key == "functions.not_finite"


def test_both_languages_have_the_same_sentences_with_the_same_gaps() -> None:
    tables = SENTENCES
    flat = {lang: {k: v for k, v in table.items() if k != "use"} | table["use"] for lang, table in tables.items()}
    assert flat["en"].keys() == flat["ko"].keys()
    for key, sentence in flat["en"].items():
        gaps = set(re.findall(r"{(\w+)", sentence))
        assert gaps == set(re.findall(r"{(\w+)", flat["ko"][key])), key
        assert re.search("[가-힣]", flat["ko"][key]), key
    told = {key for _, key, _ in WRONG} | {
        "unknown_name", "unknown_name_near", "not_text", "already_bound", "parameter_value", "parameter_name",
        "parameter_unused", "too_complex", "derivative_too_large", "too_many_switches",
        "not_numbers", "unknown_framework", "unknown_qualified", "qualified_alone",
    }  # fmt: skip
    elsewhere = ("vector_", "out_", "learned_")
    assert told == {key for key in tables["en"] if key != "use" and not key.startswith(elsewhere)} | {"vector_name"}
    assert {f"functions.{key}" for key in told} <= keys("en") & keys("ko")


def test_korean_sentences_end_politely() -> None:
    for key in keys("ko"):
        if key.startswith("functions.") and not key.startswith("functions.use."):
            gaps = dict.fromkeys(re.findall(r"{(\w+)", SENTENCES["ko"][key.removeprefix("functions.")]), "x")
            assert (
                re.sub(r"\([^()]*\)\.?$", "", tr(key, "ko", **gaps)).rstrip(".?").endswith(("다", "오", "까", "x"))
            ), key


ALPHABET = "x()+-*/^<>=,. e1209παabc_%$\0\n '\"[]{}" + "tanh relu where alpha"
pieces = st.sampled_from(["x", "(", ")", "+", "-", "*", "**", ",", "<", "==", "=", " ", "1", ".5", "1e9", "alpha",
                          "where(x<0", *(f"{name}(" for name in function_names()), *function_names()])  # fmt: skip


# Not a measure of speed: bounded work is done in a tenth of a second, and what is not bounded takes hours.
SOON = 10  # seconds of this process alone


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(), st.text(ALPHABET), st.lists(pieces, max_size=30).map("".join)))
def test_hostile_text_gives_a_sentence_or_a_function(text: str) -> None:
    start = time.process_time()
    try:
        activation = get(text)
    except UserError as error:
        sentences = [error.message("en"), error.message("ko")]
    else:
        sentences = []
        assert activation.expression.has_x
    assert all(sentences)
    assert time.process_time() - start < SOON


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1999, "-" * 1999 + "x", "x" + "**x" * 660, "exp(" * 499, "x+" * 999 + "x", "9" * 2000, "x" * 2000,
        "1e" + "9" * 1990, "max(" * 90 + "x" + ",x)" * 90, "where(x<0," * 95 + "x" + ",1)" * 95,
        "mish(" * 99 + "x" + ")" * 99,
        "x/" * 999 + "x", "x" + "^2" * 99, "2**" * 60 + "x", "_" * 2000, "π" * 2000,
        "x" + " " * 1900 + ")", "1.5" * 600,
        "sin(x)*" * 280 + "x", "leaky_relu(alpha=" * 100, "x" + "\0" * 1000, "e" * 2000,
    ],
)  # fmt: skip
def test_hostile_formulas_take_bounded_work(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(UserError):
        get(text).program("both")
    assert time.process_time() - start < SOON
