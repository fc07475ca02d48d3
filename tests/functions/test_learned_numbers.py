"""How a number that training moves is written: ``learned``."""

import copy
import pickle

import pytest

from actlab import UserError, get
from actlab.functions import names

LEARNED = {
    "prelu": (("alpha", 0.25),),
    "torch:PReLU": (("alpha", 0.25),),
    "prelu(alpha=.1)": (("alpha", 0.1),),
    "prelu()": (("alpha", 0.25),),
    "silu(beta=learned)": (("beta", 1.0),),
    "swish(beta = learned(0.5))": (("beta", 0.5),),
    "torch:LeakyReLU(negative_slope=learned)": (("alpha", 0.01),),
    "max(x, learned(0.1)*x)": (("p", 0.1),),
    "max(x, learned(0.1, slope)*x)": (("slope", 0.1),),
    "learned(1)*x + learned(2)*sin(x)": (("p", 1.0), ("p2", 2.0)),
    "learned(2, a)*x + learned(2, a)*sin(x)": (("a", 2.0),),
    "0.5*prelu(x) + silu(x, beta=learned) + prelu(-x)": (("alpha", 0.25), ("alpha2", 0.25), ("beta", 1.0)),
    "threshold(theta=learned, value=learned(2))": (("theta", 1.0), ("value", 2.0)),
    "x + 0*learned(1)": (),
}


@pytest.mark.parametrize("text", LEARNED)
def test_which_numbers_are_learned(text):
    found = get(text)
    assert found.learned == LEARNED[text]
    for again in (get(found.name), get(found.formula), pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert again == found
        assert hash(again) == hash(found)
    assert len(found.programs_by_learned()) == len(found.learned)
    assert found(1.5) == pytest.approx(get(found.formula)(1.5), rel=1e-15)  # values are those that learning begins with


def test_only_prelu_learns_by_itself():
    assert [name for name in names() if get(name).learned] == ["prelu"]


def test_what_is_learned_makes_another_activation():
    assert get("prelu") != get("leaky_relu(alpha=0.25)")
    assert get("prelu").expression is get("leaky_relu(alpha=0.25)").expression
    assert get("silu") != get("silu(beta=learned)") != get("silu(beta=learned(1.5))")
    assert get("silu(beta=learned)").name == "silu(beta=learned)"
    assert get("silu(beta=learned(0.5))").name == "silu(beta=learned(0.5))"
    assert "β" in get("silu(beta=learned)").text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("learned*x", "learned_start"),
        ("learned(x)*x", "learned_start"),
        ("learned()*x", "value_expected"),
        ("learned(1", "missing_bracket"),
        ("softplus(beta=learned(-1))", "learned_range"),
        ("prelu(alpha=1000)", "parameter_range"),
        ("relu(beta=learned)", "no_parameters"),
        ("learned(1, a)*x + learned(2, a)", "learned_twice"),
        ("learned(1, x)*x", "learned_name"),
        ("learned(1, 2)*x", "learned_name"),
        ("learned(1)", "constant"),
    ],
)
def test_mistakes_are_told(text, key):
    with pytest.raises(UserError) as error:
        get(text)
    assert error.value.key == f"functions.{key}"
    assert str(error.value)


def test_the_word_is_taken():
    with pytest.raises(UserError) as error:
        get("learned*x", learned=2)
    assert error.value.key == "functions.parameter_name"
    found = get("max(x, a*x) + learned(0.5)*x", a=0.1)  # fixed numbers by keyword, beside learned ones
    assert found.learned == (("p", 0.5),)
    assert get(found.name) == found
