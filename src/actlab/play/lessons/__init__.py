"""Guided lessons: one idea each, an experiment to set up, a question to be answered by trying.

A lesson is a file ``<name>.toml`` in this folder, named in ``index.toml``: ``run`` is an `Experiment` as a page would
ask for it (what is left out is as usual), ``epoch`` where to stop, ``look`` the panel that matters. Its words are the
keys ``play_lessons.<name>.{title,text,question,answer}`` of the locale.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from actlab.play.experiment import Experiment
from actlab.text import UserError, tr

PARTS = ("title", "text", "question", "answer")


@cache
def names() -> tuple[str, ...]:
    """The lessons in their order."""
    return tuple(tomllib.loads(_text("index"))["lessons"])


def preset(name: str) -> dict[str, Any]:
    """``run``, ``epoch`` and ``look`` of a lesson; the run is complete and checked."""
    if name not in names():
        raise UserError("play.unknown_lesson", name=name[:40])
    given = tomllib.loads(_text(name))
    return {**given, "run": Experiment.read(given["run"]).plain()}


def all_lessons(lang: str) -> list[dict[str, Any]]:
    """Every lesson with its words in `lang`."""
    return [
        {"name": name, **preset(name), **{part: tr(f"play_lessons.{name}.{part}", lang) for part in PARTS}}
        for name in names()
    ]


def _text(name: str) -> str:
    return (files("actlab.play.lessons") / f"{name}.toml").read_text(encoding="utf-8")
