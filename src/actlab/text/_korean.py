"""Korean particles: 은/는, 이/가, 을/를, 과/와, 으로/로 by the last sound of the word before them.

A word may end in Hangul, in a digit (read in Sino-Korean), in a power (제곱, 세제곱) or in Latin letters. Latin words
are read as names of letters or by their usual reading: what is needed is only whether the last sound is a closed
syllable, and whether that close is ㄹ (for 으로/로). Of a compound (``--warm-up``, ``leaky_relu``) the last part
decides.
"""

import re
from typing import Final

_CLOSED_DIGITS: Final = {"0": "영", "1": "일", "3": "삼", "6": "육", "7": "칠", "8": "팔"}
_POWERS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ"
# Names of activation functions and acronyms as Koreans read them, and words of which the rules below would mislead.
_READINGS: Final = {
    "relu": "루", "gelu": "루", "elu": "루", "selu": "루", "silu": "루", "swish": "시",
    "mish": "시", "sigmoid": "드", "tanh": "치", "softplus": "스", "identity": "티",
    "moons": "즈", "xor": "알", "circles": "즈", "spiral": "럴",
    "wine": "인", "iris": "스", "digits": "츠", "blobs": "스", "checkerboard": "드", "diabetes": "스",
    "cancer": "서", "sine": "인", "relu6": "스", "cos": "인", "maxout": "웃", "none": "넌", "nonetype": "입",
    "check": "크", "type": "입", "lab": "랩", "tab": "탭",
}  # fmt: skip
_OPEN: Final = ""
# How a Latin word's last sound is written, by its spelling: the first that fits. A short vowel before p, t, k, c
# closes the syllable (clip 클립, init 이닛, metric 메트릭), a long one or a consonant does not (loop 루프).
_SPELLINGS: Final = tuple(
    (re.compile(f"(?:{pattern})$"), close)
    for pattern, close in (
        ("le", "ㄹ"),  # schedule, article
        ("[aeiou]ne|ng|[nm]", "ㄴ"),  # baseline, fail_on, norm
        ("[aeiou]me", "ㅁ"),  # name
        ("l", "ㄹ"),  # model, spiral
        ("ou[pt]|ook|eep", "ㅂ"),  # out, group, notebook, sweep
        ("(?<![aeiou])[aeiou](?:[pt]|ck?|k)", "ㅂ"),  # clip, target, parquet, metric, block
    )
)
# The names of letters, as an acronym's last letter (and a letter alone) is read: all others end open.
_LETTERS: Final = {"l": "ㄹ", "r": "ㄹ", "m": "ㅁ", "n": "ㄴ"}


def _final(word: str) -> str:
    """The close of the last syllable: ``""`` open, ``"ㄹ"``, or another letter (which one does not matter)."""
    word = word.rstrip(")]}\"'`*_ ")
    last = word[-1:]
    if _is_hangul(last):
        index = (ord(last) - 0xAC00) % 28
        return _OPEN if index == 0 else "ㄹ" if index == 8 else "ㄱ"
    if word.lower() in _READINGS:
        return _final(_READINGS[word.lower()])
    if last and last in _POWERS:
        return "ㅂ"  # 제곱
    if last.isdigit():
        return _final(_CLOSED_DIGITS[last]) if last in _CLOSED_DIGITS else _OPEN
    letters = re.search(r"[A-Za-z]+$", word)
    return _OPEN if letters is None else _latin(letters[0])  # 퍼센트, for one, is open


def _latin(word: str) -> str:
    """The same of a word in Latin letters."""
    lower = word.lower()
    if lower in _READINGS:
        return _final(_READINGS[lower])
    if len(word) == 1 or word.isupper() or not re.search("[aeiouy]", lower):
        return _LETTERS.get(lower[-1], _OPEN)
    return next((close for spelling, close in _SPELLINGS if spelling.search(lower)), _OPEN)


def with_particle(word: str, pair: str) -> str:
    """`word` followed by the fitting half of `pair`, which is written closed first: ``"은/는"``, ``"으로/로"``.

    What stands before the Hangul of `pair` closes a quotation of the word: ``"”은/는"`` gives “moons”는.
    """
    closed, _, opened = pair.partition("/")
    mark = closed.rstrip("".join(filter(_is_hangul, closed)))
    closed = closed.removeprefix(mark)
    final = _final(word)
    if closed == "으로" and final == "ㄹ":
        return word + mark + opened
    return word + mark + (closed if final else opened)


def _is_hangul(letter: str) -> bool:
    return "가" <= letter <= "힣"
