"""What every page of ours is put into: one set of template rules, one head with style and colours, one footer."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from actlab.report import palette

#: Where the name of an arm may be folded; the minus of 1e-6 is none of an operator.
_PLACE = re.compile(r"(?<=[(,+*/])(?=[^,)\]*])|(?<=[^e\d]-)|(?<=[^e]\d-)")


@cache
def environment() -> jinja2.Environment:
    """The templates of reports and of cards."""
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader("actlab.report"), jinja2.PackageLoader("actlab.report.cards")]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,  # a forgotten value is an error, not an empty place
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["folded"] = folded
    return made


def folded(name: str) -> Markup:
    """The name of an arm, which may go on in a new line behind a bracket, a comma or an operator: never in a word."""
    words = [_PLACE.split(word) for word in name.split(" ")]
    return Markup(" ").join(
        Markup("<wbr>").join(Markup('<span class="n">{}</span>').format(part) for part in parts) for parts in words
    )


def asset(name: str) -> Markup:
    """A template that is no HTML: style or script, ours and free of values, put in as it is."""
    loader = environment().loader
    assert loader is not None
    return Markup(loader.get_source(environment(), name)[0])


def shell(lang: str, *styles: str) -> dict[str, Any]:
    """The values that ``shell.html`` needs, but for the title and the words: language, style sheets, colours."""
    return {
        "lang": lang,
        "style": Markup("").join(asset(name) for name in ("style.css", *styles)),
        "light": Markup(palette.variables(palette.LIGHT, palette.TYPE)),
        "dark": Markup(palette.variables(palette.DARK)),
        "inks": _inks(),
        "hues": palette.HUES,
    }


def _inks() -> Markup:
    """The colours that figures name: of arms, of classes, of words, of the states of units."""
    names = [f"c{k}" for k in range(palette.HUES)] + [f"k{k}" for k in range(palette.CLASS_HUES)] + ["ci"]
    rules = [f".{name}{{--c:var(--{palette.named(name)})}}" for name in names]
    rules += [f".area.{name}{{fill:var(--ink);fill-opacity:{share}}}" for name, share in palette.AREAS.items()]
    return Markup("\n".join(rules))
