"""Names of the vector functions, and the sentence for one that is asked for where a function of a number is needed."""

from typing import Final

from actlab.text import UserError

NAMES: Final = ("softmax", "log_softmax", "softmin", "sparsemax", "glu", "swiglu", "geglu", "reglu", "maxout")
_ALIASES: Final = {
    "softargmax": "softmax", "logsoftmax": "log_softmax", "gated_linear_unit": "glu", "소프트맥스": "softmax",
    "torch:softmax": "softmax", "torch:log_softmax": "log_softmax", "torch:logsoftmax": "log_softmax",
    "torch:softmin": "softmin", "torch:glu": "glu",
    "jax:softmax": "softmax", "jax:log_softmax": "log_softmax", "jax:glu": "glu",
    "keras:softmax": "softmax", "keras:log_softmax": "log_softmax", "keras:sparsemax": "sparsemax", "keras:glu": "glu",
}  # fmt: skip


def words() -> tuple[str, ...]:
    """Names and aliases, sorted."""
    return tuple(sorted({*NAMES, *_ALIASES}))


def canonical(word: str) -> str | None:
    """The name of the vector function that `word` stands for, in any case; ``None`` where there is none."""
    word = word.strip().lower()
    return word if word in NAMES else _ALIASES.get(word)


def check_not_vector(word: str) -> None:
    """Raise the `UserError` that says why a vector function cannot be the activation of a unit, if `word` is one."""
    name = canonical(word)
    if name is not None:
        raise UserError("functions.vector_name", name=name)
