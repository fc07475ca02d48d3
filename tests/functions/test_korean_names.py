"""Korean names of the built-ins go wherever a name goes; a name in letters that no function has is named whole."""

import unicodedata

import pytest

import actlab
from actlab.functions.catalogue import builtins, find, korean
from actlab.text import UserError


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("시그모이드", "sigmoid"),
        ("시그모이드 함수", "sigmoid"),
        ("  리키 렐루 ", "leaky_relu"),
        ("계단함수", "step"),
        ("렐루6", "relu6"),
        ("Leaky ReLU", "leaky_relu"),
        ("leaky-relu", "leaky_relu"),
        ("리키렐루(alpha=0.05)", "leaky_relu(alpha=0.05)"),
    ],
)
def test_a_name_is_read_as_it_is_spoken(typed, name):
    assert actlab.get(typed).name == name
    assert actlab.get(unicodedata.normalize("NFD", typed)).name == name  # as macOS writes file names


def test_in_a_formula():
    assert actlab.get("x * 쌍곡탄젠트(소프트플러스(x))").expression is actlab.get("x*tanh(softplus(x))").expression


def test_no_two_functions_share_a_word():
    spoken = [word for entry in builtins() for word in korean(entry.name)]
    assert len(spoken) == len(set(spoken)) >= 30
    assert all(find(word).name == entry.name for entry in builtins() for word in korean(entry.name))


@pytest.mark.parametrize(
    ("typed", "key", "values"),
    [
        ("시그모이도", "unknown_name_near", {"near": "sigmoid"}),
        ("렐류", "unknown_name_near", {"near": "relu"}),
        ("сигмоид", "unknown_name", {"name": "сигмоид"}),
        ("x*시그모이도(x)", "unknown_word_near", {"word": "시그모이도", "near": "sigmoid", "place": 3}),
        ("x + 全連接(x)", "unknown_word", {"word": "全連接", "place": 5}),
        ("소프트맥스", "vector_name", {"name": "softmax"}),
        ("시그모이드 + x", "needs_brackets", {"word": "sigmoid"}),
        ("x + ｘ", "character", {"place": 5}),
    ],
)
def test_what_is_not_known_is_named(typed, key, values):
    with pytest.raises(UserError) as raised:
        actlab.get(typed)
    assert raised.value.key == f"functions.{key}"
    assert values.items() <= raised.value.values.items()
