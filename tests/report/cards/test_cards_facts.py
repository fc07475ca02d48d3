"""What a card says follows from the function: shapes, identities, sentences."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from cards_factory import made

import actlab.report.cards
from actlab.functions import get, names
from actlab.report.cards import to_json
from actlab.report.cards.card import to_json as card_json
from actlab.report.cards.identities import identities
from actlab.report.cards.merits import strengths, weaknesses
from actlab.report.cards.price import costs
from actlab.report.cards.sentences import range_text, rows, spans, steepest
from actlab.report.cards.shape import shape
from actlab.text import keys, use_language

CARDS = Path(actlab.report.cards.__file__).parent
SOURCE = "\n".join(
    p.read_text(encoding="utf-8")
    for p in [
        *CARDS.rglob("*"),
        *CARDS.parent.glob("*.py"),
        CARDS.parent / "templates" / "shell.html",
        *(Path(actlab.__file__).parent / "cli").glob("*.py"),
    ]
    if p.suffix in (".py", ".html")
)


@pytest.mark.parametrize(
    ("name", "smoothness", "flat", "direction", "symmetry"),
    [
        ("relu", 0, ((-math.inf, 0.0),), "increasing", ""),
        ("tanh", math.inf, (), "increasing", "odd"),
        ("elu", 1, (), "increasing", ""),
        ("hard_sigmoid", 0, ((-math.inf, -3.0), (3.0, math.inf)), "increasing", ""),
        ("where(x > 0, 1, 0)", -1, ((-math.inf, math.inf),), "increasing", ""),
        ("where(abs(x) > 0.5, x, 0)", -1, ((-0.5, 0.5),), "increasing", "odd"),
        ("x/(1+abs(x))", 1, (), "increasing", "odd"),
        ("max(x, 0)**3", 2, ((-math.inf, 0.0),), "increasing", ""),
        ("exp(-x**2)", math.inf, (), "neither", "even"),
        ("-tanh(x)", math.inf, (), "decreasing", "odd"),
        ("2*x + 1", math.inf, (), "increasing", ""),
    ],
)
def test_shape(name, smoothness, flat, direction, symmetry):
    found = shape(get(name))
    assert (found.smoothness, found.flat, found.direction, found.symmetry) == (smoothness, flat, direction, symmetry)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sigmoid", "(0, 1)"), ("tanh", "(−1, 1)"), ("relu", "[0, ∞)"), ("hard_sigmoid", "[0, 1]"),
        ("gelu", "[−0.17, ∞)"), ("sin(x)", "[−1, 1]"), ("exp(-x**2)", "(0, 1]"), ("erf(x)", "(−1, 1)"),
        ("x", "(−∞, ∞)"),
    ],
)  # fmt: skip
def test_range_says_what_is_met(name, text):
    assert range_text(made(name)[0]) == text


def test_the_steepest_slope():
    with use_language("en"):
        assert steepest(made("sigmoid")[0]) == "|φ′| = 0.25 at x = 0"
        assert steepest(made("relu")[0]) == "|φ′| = 1 for x > 0"
        assert steepest(made("hard_sigmoid")[0]) == "|φ′| = 0.1667 for |x| < 3"
        assert steepest(made("exp(x)")[0]) == "|φ′| has no upper bound"
        assert steepest(made("sqrt(x**2+1)")[0]).startswith("|φ′| comes near 1")


def test_spans():
    with use_language("en"):
        assert spans([(-math.inf, -1.0), (1.0, math.inf)]) == "|x| > 1"
        assert spans([(-1.0, 2.0)]) == "−1 < x < 2"


def test_sentences_follow_the_facts():
    with use_language("en"):

        def told(name):
            card = made(name)[0]
            return " ".join(strengths(card)), " ".join(weaknesses(card))

        good, bad = told("sigmoid")
        assert "read as a probability" in good
        assert "vanishes on both sides" in bad
        assert "at most 0.25ⁿ" in bad
        assert "an exponential" in bad
        assert "mean output of N(0, 1) inputs is 0.5" in bad
        good, bad = told("relu")
        assert "exactly 1 for x > 0" in good
        assert "exactly 0 for x < 0: units that stay there are dead" in bad
        assert "zig-zag" in bad
        good, bad = told("tanh")
        assert "Zero-centred" in good
        assert "vanishes on both sides" in bad
        good, bad = told("leaky_relu")
        assert "units cannot die" in good
        assert "has to be chosen: alpha" in bad
        assert "dead" not in bad
        assert "self-normalising" in told("selu")[0]
        assert "collapse into one linear map" in told("identity")[1]
        assert "falls in others" in told("gelu")[1]
        assert "falls in others" not in told("1/x")[1]  # which falls wherever it is
        assert "Not monotone over all inputs" in told("1/x")[1]
        assert "cannot train through it" in told("where(x > 0, 1, 0)")[1]
        assert "it is not a finite number" in told("log(x)")[1]


def test_learned_numbers_are_no_choice_of_the_user():
    for text, learned, given in (
        ("prelu", {"alpha": 0.25}, None),
        ("silu(beta=learned(2))", {"beta": 2.0}, None),
        ("max(x, learned(0.1)*x)", {"p": 0.1}, None),
        ("silu", {}, "beta (default 1)"),
    ):
        (card,) = made(text)
        told = {row.key: row.value for row in rows(card)}
        assert told.get("learned") == (", ".join(f"{name} (from {start:g})" for name, start in learned.items()) or None)
        assert told.get("parameters") == given
        assert any("has to be chosen" in sentence for sentence in weaknesses(card)) == (given is not None)
        assert card_json(card)["learned"] == learned


def test_tanh_is_a_sigmoid():
    """Row B5, found and checked rather than asserted."""
    found = {i.right: i for i in identities(get("tanh"), ("relu", "sigmoid", "softplus"))}
    identity = found["2·sigmoid(2x) − 1"]
    assert identity.error < 1e-14
    x = np.linspace(-20, 20, 1001)
    assert np.allclose(get(identity.formula)(x), np.tanh(x), rtol=0, atol=1e-15)


def test_identities_of_others():
    def right(name, *among):
        return [f"{i.left} = {i.right}" for i in identities(get(name), among)]

    assert "softplus′(x) = sigmoid(x)" in right("softplus", "sigmoid")
    assert "silu(x) = x·sigmoid(x)" in right("silu", "sigmoid")
    assert "sigmoid(x) = 1 − sigmoid(−x)" in right("sigmoid")
    assert "relu(x) = relu(−x) + x" in right("relu")
    assert right("gelu", "sigmoid", "tanh", "relu") == ["gelu(x) = gelu(−x) + x"]
    assert right("x*tanh(softplus(x)) + 0.001*sin(x)", "sigmoid", "tanh", "relu", "mish") == []


@pytest.mark.parametrize("name", [*names(), "log(x)", "1/x", "exp(x**2)", "sin(40*x)", "sign(sin(9*x))", "x**0.5"])
def test_every_function_has_a_card(name, lang):
    """Nothing is missing, whatever the catalogue holds: rows and sentences in both languages."""
    with use_language(lang):
        card = made(name)[0]
        found = {row.key: row.value for row in rows(card)}
        assert found["range"]
        assert all(value.strip() for value in found.values())
        assert not any(
            re.search(r"\{[a-z]", value) for key, value in found.items() if key not in ("formula", "derivative")
        )
        assert strengths(card) + weaknesses(card)


@pytest.mark.parametrize(
    ("formula", "taken"),
    [
        ("1/x", "(−∞, 0) ∪ (0, ∞)"),
        ("1/x**2", "(0, ∞)"),
        ("tanh(1/x)", "(−1, 0) ∪ (0, 1)"),
        ("sin(x)/x", "[−0.2172, 1)"),
        ("1/(1 + exp(1/x))", "(0, 0.5) ∪ (0.5, 1)"),
        ("x + 1/x", "(−∞, −2] ∪ [2, ∞)"),
        ("1/(x*x - 1)", "(−∞, −1] ∪ (0, ∞)"),
        ("sign", "{−1, 0, 1}"),
        ("hardshrink", "(−∞, −0.5) ∪ {0} ∪ (0.5, ∞)"),
        ("where(x > 0, x + 1, x)", "(−∞, 0] ∪ (1, ∞)"),
        ("where(x > 0, x, x + 5)", "(−∞, ∞)"),
        ("log(x)", "(−∞, ∞)"),
        ("log(|x|)", "(−∞, ∞)"),
        ("sin(x) + sign(x)", "[−2, 2]"),
        ("relu", "[0, ∞)"),
        ("sigmoid", "(0, 1)"),
    ],
)
def test_a_range_names_no_value_that_is_never_taken(formula, taken):
    assert range_text(made(formula)[0]) == taken


def test_json_is_plain():
    made_json = to_json([get("relu"), get("log(x)")])
    text = json.dumps(made_json, allow_nan=False)
    relu = json.loads(text)[0]
    assert relu["facts"]["kinks"] == [0.0]
    assert relu["facts"]["range"] == [0.0, "inf"]
    assert relu["shape"]["flat"] == [["-inf", 0.0]]
    assert relu["nanoseconds_per_element"]["value_and_derivative"] > 0


def test_costs_are_measured():
    (cost,) = costs([get("gelu")], rounds=3)
    assert cost.relu > 0
    assert 0 < cost.nanoseconds < 1e4
    assert cost.ratio == cost.nanoseconds / cost.relu


def test_no_sentence_is_left_over():
    """A key stands in the code as a whole, or by its last part behind a prefix that is put together."""
    unused = []
    for key in sorted(k for k in keys("en") if k.startswith("show.")):
        short = key.removeprefix("show.")
        head, _, tail = short.rpartition(".")
        whole = f'"{short}"' in SOURCE or f"show.{short}" in SOURCE or f"}}.{short}" in SOURCE
        last = re.sub(r"_(\d|-1|short|more|he|lecun)$", "", tail)
        built = head and re.search(rf'["\']{re.escape(head)}\.', SOURCE) and re.search(rf"\b{last}(_|\b)", SOURCE)
        if not (whole or built):
            unused.append(key)
    assert not unused
