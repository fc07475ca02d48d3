"""What PyTorch, JAX and Keras call the built-ins, each with that framework's defaults and words for parameters.

A qualified name is ``framework:word``: ``"torch:LeakyReLU"``, ``"jax:gelu"``, ``"keras:leaky_relu"``. Taken from
torch 2.13 (``torch.nn.modules.activation``, ``torch.nn.functional`` and the elementwise functions of ``torch``), JAX
0.10.2 (``jax.nn``) and Keras 3.15.1 (``keras.activations``, and the layers where their default differs).

Known differences from the framework, at the same name:

* torch's softplus returns x itself where ``beta*x`` exceeds its threshold of 20; ours is ln(1 + e^(βx))/β everywhere.
  The difference is below 2.1e-9/β.
* torch's RReLU draws its slope in training; ours is the one of evaluation. PReLU's slope is where learning begins.
* At a kink torch and JAX choose slopes of their own; ours is the left one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from actlab.functions.catalogue.entry import Builtin

FRAMEWORKS: Final = ("torch", "jax", "keras")


@dataclass(frozen=True)
class Foreign:
    """A framework's name for a built-in.

    `values` are the parameters whose default differs there, `renamed` leads from the framework's words for
    parameters to ours.
    """

    word: str
    builtin: str
    values: Mapping[str, float] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)


_SLOPE: Final = {"negative_slope": "alpha"}
_TORCH: Final = (
    *(Foreign(word, "leaky_relu", {}, _SLOPE) for word in ("LeakyReLU", "leaky_relu")),
    *(Foreign(word, "threshold", {}, {"threshold": "theta"}) for word in ("Threshold",)),
    Foreign("PReLU", "prelu", {}, {"init": "alpha", "weight": "alpha"}),
    *(Foreign(word, word.lower()) for word in ("Identity", "ReLU", "ReLU6", "RReLU", "ELU", "CELU", "SELU")),
    *(Foreign(word, word.lower()) for word in ("Sigmoid", "Tanh", "SiLU", "Mish", "GELU", "Softplus", "Softsign")),
    *(Foreign(word, word.lower()) for word in ("LogSigmoid", "Hardshrink", "Softshrink", "Tanhshrink")),
    *(Foreign(f"Hard{word}", f"hard_{word}") for word in ("tanh", "sigmoid", "swish")),
    *(Foreign(word, word) for word in ("erf", "sin", "cos", "sign", "arctan")),
    *(Foreign(word, name) for word, name in (("atan", "arctan"), ("exp", "exponential"), ("sgn", "sign"))),
)
_JAX: Final = (
    Foreign("leaky_relu", "leaky_relu", {}, _SLOPE),
    Foreign("gelu", "gelu_tanh"),  # approximate=True is the default there
    Foreign("soft_sign", "softsign"),
    Foreign("log_sigmoid", "logsigmoid"),
    Foreign("hard_silu", "hard_swish"),
    Foreign("swish", "silu"),
    *(Foreign(word, word) for word in ("identity", "relu", "relu6", "elu", "celu", "selu", "sigmoid", "softplus")),
    *(Foreign(word, word) for word in ("silu", "mish", "squareplus", "sparse_plus", "sparse_sigmoid", "tanh")),
    *(Foreign(f"hard_{word}", f"hard_{word}") for word in ("tanh", "sigmoid", "swish")),
)
_KERAS: Final = (
    Foreign("leaky_relu", "leaky_relu", {"alpha": 0.2}, _SLOPE),
    Foreign("LeakyReLU", "leaky_relu", {"alpha": 0.3}, _SLOPE),  # the layer has another default than the function
    Foreign("linear", "identity"),
    Foreign("hard_shrink", "hardshrink", {}, {"threshold": "lambd"}),
    Foreign("soft_shrink", "softshrink", {}, {"threshold": "lambd"}),
    Foreign("tanh_shrink", "tanhshrink"),
    Foreign("threshold", "threshold", {}, {"threshold": "theta", "default_value": "value"}),
    Foreign("log_sigmoid", "logsigmoid"),
    Foreign("hard_silu", "hard_swish"),
    Foreign("swish", "silu"),
    *(Foreign(word, word) for word in ("relu", "relu6", "elu", "celu", "selu", "sigmoid", "softplus", "softsign")),
    *(Foreign(word, word) for word in ("tanh", "silu", "gelu", "mish", "squareplus", "exponential")),
    *(Foreign(word, word) for word in ("sparse_plus", "sparse_sigmoid", "hard_sigmoid", "hard_swish", "hard_tanh")),
)
_LISTS: Final = dict(zip(FRAMEWORKS, (_TORCH, _JAX, _KERAS), strict=True))


@cache
def _by_word(framework: str) -> dict[str, Foreign]:
    return {entry.word.lower(): entry for entry in _LISTS[framework]}


def find_foreign(framework: str, word: str) -> Foreign | None:
    """What `framework` calls `word`, in any case; ``None`` where it has no such activation."""
    return _by_word(framework).get(word.lower())


def foreign_words(framework: str) -> tuple[str, ...]:
    """Every name of `framework` that is known here, as the framework writes it, in alphabetical order."""
    return tuple(sorted((entry.word for entry in _LISTS[framework]), key=str.lower))


def qualified_names(builtin: Builtin) -> tuple[str, ...]:
    """The qualified names that lead to `builtin`: ``("torch:LeakyReLU", …, "keras:leaky_relu")``."""
    return tuple(
        f"{name}:{entry.word}" for name in FRAMEWORKS for entry in _LISTS[name] if entry.builtin == builtin.name
    )
