"""Names that say whose they are: ``"torch:LeakyReLU"``, ``"keras:leaky_relu(negative_slope=0.1)"``."""

import re

from actlab.functions.catalogue import Builtin, find
from actlab.functions.catalogue.frameworks import FRAMEWORKS, find_foreign, foreign_words
from actlab.functions.parser import parse, single_call
from actlab.functions.vector.names import check_not_vector
from actlab.text import UserError, nearest


def qualified(text: str, values: dict[str, float]) -> tuple[Builtin, dict[str, float], tuple[str, ...]]:
    """The built-in that ``framework:word`` or ``framework:word(…)`` names, its parameters, which of them are learned.

    The framework's defaults hold unless the brackets or `values` say otherwise; both may use the framework's word
    for a parameter (``negative_slope``) or ours (``alpha``). `UserError` with the nearest name for one that is not
    known.
    """
    head, bracket, rest = text.partition("(")
    framework, _, word = (part.strip() for part in head.partition(":"))
    if framework.lower() not in FRAMEWORKS:
        raise UserError("functions.unknown_framework", name=framework[:40], known=", ".join(FRAMEWORKS))
    framework = framework.lower()
    entry = find_foreign(framework, word)
    if entry is None:
        check_not_vector(f"{framework}:{word}")
        raise _unknown(framework, word)
    builtin = find(entry.builtin)
    assert builtin is not None
    bound, learned = dict(entry.values), builtin.learned
    if bracket:
        for theirs, ours in entry.renamed.items():
            rest = re.sub(rf"\b{theirs}(?=\s*=[^=])", ours, rest)
        call = f"{builtin.name}({rest}"
        parse(call)  # for its sentences
        found = single_call(call)
        if found is None:
            raise UserError("functions.qualified_alone", name=f"{framework}:{word}"[:60])
        learned = found[2]
        bound |= {name: number for name, number in found[1].items() if re.search(rf"\b{name}\s*=", rest)}
    return builtin, bound | {entry.renamed.get(name, name): number for name, number in values.items()}, learned


def _unknown(framework: str, word: str) -> UserError:
    near = nearest(word, foreign_words(framework))
    shown = f"{framework}:{word}"[:60]
    if near is None:
        return UserError("functions.unknown_qualified", name=shown, known=", ".join(foreign_words(framework)))
    return UserError("functions.unknown_name_near", name=shown, near=f"{framework}:{near}")
