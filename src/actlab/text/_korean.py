"""Korean particles: 은/는, 이/가, 을/를, 과/와, 으로/로 by the last sound of the word before them.

A word may end in Hangul, in a digit (read in Sino-Korean) or in Latin letters. Latin words are read as names of
letters or by their usual reading: what is needed is only whether the last sound is a closed syllable, and whether
that close is ㄹ (for 으로/로).
"""

_CLOSED_DIGITS = {"0": "영", "1": "일", "3": "삼", "6": "육", "7": "칠", "8": "팔"}
# Names of activation functions and acronyms as Koreans read them, where the last letter would mislead.
_READINGS = {
    "relu": "루", "gelu": "루", "elu": "루", "selu": "루", "silu": "루", "leaky_relu": "루", "swish": "시",
    "mish": "시", "sigmoid": "드", "hard_sigmoid": "드", "tanh": "치", "softplus": "스", "identity": "티",
    "moons": "즈", "xor": "알", "circles": "즈", "spiral": "럴", "moons:article": "클",
    "wine": "인", "iris": "스", "digits": "츠", "blobs": "스", "checkerboard": "드", "diabetes": "스",
    "breast_cancer": "서", "step": "텝", "sine": "인", "noisy_sine": "인",
    "relu6": "스", "cos": "인", "maxout": "웃", "none": "넌", "nonetype": "입",
}  # fmt: skip
_WORD_CLOSED = {"ng": "ㅇ", "m": "ㅁ", "n": "ㄴ", "l": "ㄹ", "parquet": "ㅅ"}


def _final(word: str) -> str:
    """The close of the last syllable: ``""`` open, ``"ㄹ"``, or another letter (which one does not matter)."""
    word = word.rstrip(")]}\"'`*_ ")
    if not word:
        return ""
    last = _READINGS.get(word.lower(), word)[-1]
    if _is_hangul(last):
        index = (ord(last) - 0xAC00) % 28
        return "" if index == 0 else "ㄹ" if index == 8 else "ㄱ"
    if last.isdigit():
        return _final(_CLOSED_DIGITS[last]) if last in _CLOSED_DIGITS else ""
    if last == "%":
        return ""  # 퍼센트
    lower = word.lower()
    if word.isupper() and last in "LMNR":
        return "ㄹ" if last in "LR" else "ㄱ"
    for ending, close in _WORD_CLOSED.items():
        if lower.endswith(ending):
            return close
    return ""


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
