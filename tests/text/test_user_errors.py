"""Errors for users: a key and values, a sentence in the language of the moment; and the nearest name."""

import copy
import difflib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actlab.text import UserError, nearest, use_language


class SpecialError(UserError):
    pass


@pytest.mark.parametrize("kind", [UserError, SpecialError])
@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_through_a_pickle(kind, again):
    """Errors cross process boundaries, where an exception is made again from its arguments."""
    error = kind("study.arm_twice", name="relu")
    other = again(error)
    assert type(other) is kind
    assert (other.key, other.values) == (error.key, error.values)
    assert str(other) == str(error)


def test_is_a_value_error_that_speaks():
    error = UserError("study.arm_twice", name="relu")
    assert isinstance(error, ValueError)
    with use_language("en"):
        assert str(error) == error.message("en")
        assert "relu" in str(error)
    with use_language("ko"):
        assert str(error) == error.message("ko") != error.message("en")
    with pytest.raises(UserError, match="tanh"):
        raise UserError("study.arm_twice", name="tanh")


def test_nearest():
    words = ["relu", "leaky_relu", "sigmoid", "tanh", "Swish"]
    assert nearest("rleu", words) == "relu"
    assert nearest("RELU", words) == "relu"
    assert nearest("sigmod", words) == "sigmoid"
    assert nearest("swish", words) == "Swish"  # as it is written
    assert nearest("leakyrelu", words) == "leaky_relu"
    assert nearest("zzzzzz", words) is None
    assert nearest("", words) is None
    assert nearest("relu", []) is None


@given(st.text(max_size=500))
def test_nearest_is_one_of_them(word):
    words = ["relu", "sigmoid"]
    assert nearest(word, words) in {*words, None}


def test_nearest_does_not_read_endless_words(monkeypatch):
    """difflib is quadratic; what is typed by mistake may be a whole file."""
    compared = []
    plain = difflib.get_close_matches
    monkeypatch.setattr(
        difflib, "get_close_matches", lambda a, *more, **how: compared.append(a) or plain(a, *more, **how)
    )
    assert nearest("relu" * 1_000_000, [f"name_{k}" for k in range(50)]) is None
    assert [len(word) for word in compared] == [200]
