"""The lessons as notebooks for a class: see it live, measure it with `actlab.compare`, answer the question.

They are written as they are to be read by others (nbformat 4.5), without the packages that read them; nothing in them
has been run.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab.play import limits
from actlab.play.experiment import AUTO, DATA, ArmChoice, Experiment
from actlab.play.lessons import Lesson, ledger, lesson, names
from actlab.report._write import write_text
from actlab.text import UserError, tr

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

_PLAIN_ARM, _PLAIN = ArmChoice(), Experiment()
_WIDTH = 96
#: What `actlab.compare` calls the settings of an arm, and how it wants their values.
_SETTINGS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "hidden": ("hidden", tuple), "rate": ("learning_rates", lambda rate: [rate]), "init": ("init", str),
    "norm": ("norm", str), "optimiser": ("optimiser", str),
}  # fmt: skip


def write(folder: str | os.PathLike[str], lang: str) -> list[Path]:
    """Write all lessons in `lang` into `folder`, which is made; the files, ``04-zigzag-en.ipynb`` and the like.

    Raises
    ------
    UserError
        Where a file of that name has another content (somebody has worked in it): nothing is written then. Or where
        the folder cannot be written to.
    """
    place = Path(folder)
    texts = {
        place / f"{number:02}-{name}-{lang}.ipynb": json.dumps(notebook(name, lang), ensure_ascii=False, indent=1)
        + "\n"
        for number, name in enumerate(names(), 1)
    }
    try:
        place.mkdir(parents=True, exist_ok=True)
        changed = [path for path, text in texts.items() if path.exists() and path.read_bytes() != text.encode()]
    except OSError:
        raise UserError("play.notebook.no_folder", path=str(place)[-60:]) from None
    if changed:
        raise UserError("play.notebook.changed", path=str(changed[0])[-60:])
    return [write_text(path, text) for path, text in texts.items()]


def notebook(name: str, lang: str) -> dict[str, Any]:
    """One lesson as nbformat 4.5 has it."""
    found = lesson(name)
    words = found.words(lang)
    number, setup = names().index(name) + 1, found.setups[0]
    measured, figures = _comparison(setup.experiment, setup.epoch, found.figure)
    cells = [
        _text(f"# {number}. {words['title']}\n\n{words['text']}"),
        _code(f'import actlab  # pip install "actlab[notebook,figures]"\n\nactlab.set_language("{lang}")'),
        _text(tr("play.notebook.see", lang, epoch=setup.epoch)),
        # Where there is no anywidget the cell says so, and the notebook goes on.
        _code(_playground(setup.experiment), tags=["raises-exception"]),
        _text(tr("play.notebook.measure", lang, seeds=limits.SEEDS)),
        *map(_code, [measured, *figures]),
        _text(tr("play.notebook.question", lang, text=words["question"])),
        _code(tr("play.notebook.try", lang)),
        _text(tr("play.notebook.own", lang)),
        _text(tr("play.notebook.answer", lang, text=words["answer"])),
        _text(_claims(found, lang)),
    ]
    return {
        "cells": [{"id": f"{name}-{k}", **cell} for k, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.strip().splitlines(keepends=True)}


def _code(source: str, tags: list[str] | None = None) -> dict[str, Any]:
    metadata = {} if tags is None else {"tags": tags}
    lines = source.strip().splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": lines}


def _playground(run: Experiment) -> str:
    """The lesson's experiment as a widget: what differs from the usual."""
    arms = [
        {key: value for key, value in arm.plain().items() if key == "activation" or value != _PLAIN_ARM.plain()[key]}
        for arm in run.arms
    ]
    more = {key: value for key, value in run.plain().items() if key not in ("left", "right")}
    settings = [
        f"{key}={_shown(value)}" for key, value in more.items() if key == "data" or value != _PLAIN.plain()[key]
    ]
    return f"from actlab.play.widget import Playground\n\n{_call('Playground', [*map(_shown, arms), *settings])}"


def _shown(value: object) -> str:
    """As Python writes it, names in double quotes."""
    return repr(value) if isinstance(value, tuple) else json.dumps(value)  # both write names and numbers alike


def _comparison(run: Experiment, epoch: int, figure: str) -> tuple[str, list[str]]:
    """Code that compares the two arms, in one call where they differ in the activation only; and code that draws."""
    own = [
        {key: kind(getattr(arm, name)) for name, (key, kind) in _SETTINGS.items() if _told(arm, name)}
        for arm in run.arms
    ]
    common = {"data": DATA[run.data], "epochs": epoch, "batch_size": run.batch, "seeds": limits.SEEDS}
    arms = [arm.activation[0] for arm in run.arms]
    draw = f'figures.{figure}(width="page")'
    if own[0] == own[1]:
        return f"r = {_compare(arms, common | own[0])}\nprint(r)", [f"r.{draw}"]
    calls = [
        f"{side} = {_compare([arm], common | settings)}"
        for side, arm, settings in zip(("left", "right"), arms, own, strict=True)
    ]
    return "\n".join([*calls, "print(left)", "print(right)"]), [f"left.{draw}", f"right.{draw}"]


def _told(arm: ArmChoice, name: str) -> bool:
    value = getattr(arm, name)
    return name in ("hidden", "rate") or value not in (AUTO, getattr(_PLAIN_ARM, name))


def _compare(arms: list[str], settings: dict[str, Any]) -> str:
    return _call("actlab.compare", [_shown(arms), *(f"{key}={_shown(value)}" for key, value in settings.items())])


def _call(name: str, arguments: list[str]) -> str:
    """A call on one line, or its arguments on lines of their own, filled."""
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= _WIDTH:
        return line
    joined = ", ".join(argument.replace(" ", "\0") for argument in arguments)  # an argument is not broken
    filled = textwrap.fill(joined, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)
    return f"{name}(\n{filled},\n)".replace("\0", " ")


def _claims(found: Lesson, lang: str) -> str:
    told = ledger.verdicts(lang)
    lines = [
        f"- **{name}** {told[name]['says']} *{told[name]['told']}* `{told[name]['command']}`" for name in found.claims
    ]
    return "\n".join([tr("play.page.lesson_claims", lang), "", *lines])
