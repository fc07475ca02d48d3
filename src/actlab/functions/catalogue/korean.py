"""What Korean textbooks call the built-ins: words that go wherever a name goes, spaces and a final 함수 aside."""

import unicodedata
from functools import cache
from typing import Final

_NAMES: Final = {
    "identity": ("항등", "선형"),
    "relu": ("렐루",),
    "leaky_relu": ("리키렐루", "누설렐루"),
    "elu": ("엘루",),
    "selu": ("셀루",),
    "relu6": ("렐루6",),
    "prelu": ("매개변수렐루", "파라메트릭렐루"),
    "hard_swish": ("하드스위시",),
    "sigmoid": ("시그모이드", "로지스틱"),
    "tanh": ("쌍곡탄젠트", "하이퍼볼릭탄젠트", "탄젠트하이퍼볼릭"),
    "hard_sigmoid": ("하드시그모이드",),
    "softsign": ("소프트사인",),
    "arctan": ("아크탄젠트", "역탄젠트"),
    "erf": ("오차",),
    "step": ("계단",),
    "sign": ("부호",),
    "softplus": ("소프트플러스",),
    "gelu": ("겔루", "젤루"),
    "silu": ("실루", "스위시"),
    "mish": ("미시",),
    "logsigmoid": ("로그시그모이드",),
    "sin": ("사인",),
    "cos": ("코사인",),
    "gaussian": ("가우스", "가우시안"),
    "exponential": ("지수",),
}


@cache
def _by_word() -> dict[str, str]:
    return {korean: name for name, spoken in _NAMES.items() for korean in spoken}


def english(word: str) -> str | None:
    """The built-in's name for the Korean `word`; ``None`` for any other."""
    whole = "".join(unicodedata.normalize("NFC", word).split())
    return _by_word().get(whole.removesuffix("함수") or whole)


def korean(name: str) -> tuple[str, ...]:
    """The Korean names of the built-in called `name`."""
    return _NAMES.get(name, ())


def korean_words() -> tuple[str, ...]:
    """All Korean names."""
    return tuple(_by_word())
