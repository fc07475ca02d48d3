"""Guided lessons: one idea each, an experiment to set up, a question to be answered by trying.

A lesson is a file ``<name>.toml`` in this folder, named in ``index.toml``:

* ``run`` is an `Experiment` as a page would ask for it (what is left out is as usual), ``epoch`` where to stop,
  ``look`` the panel that matters, ``figure`` the figure of `actlab.compare` that shows the same;
* ``claims`` are those of the ledger that carry it;
* each ``try`` is something to be changed, which the question asks for and the answer tells about: a name, settings in
  the place of the run's, and an ``epoch`` where it stops elsewhere.

Its words are the keys ``play_lessons.<name>.{title,text,question,answer}`` of the locale, and ``…try_<name>`` for each
change. What they say is seen in the nets: tests/play/test_play_lessons.py.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from actlab.play.experiment import Experiment
from actlab.text import UserError, tr

PARTS = ("title", "text", "question", "answer")


@dataclass(frozen=True)
class Setup:
    """An experiment of a lesson, complete and checked, and the epoch where it stops."""

    name: str
    experiment: Experiment
    epoch: int


@dataclass(frozen=True)
class Lesson:
    """One lesson without its words; the first of `setups` is what it opens with, the others are to be tried."""

    name: str
    look: str
    figure: str
    claims: tuple[str, ...]
    setups: tuple[Setup, ...]

    def words(self, lang: str | None = None) -> dict[str, str]:
        """Title, text, question, answer; no line ends between a number and its percent sign."""
        return {
            part: tr(f"play_lessons.{self.name}.{part}", lang).replace(" %", "\N{NO-BREAK SPACE}%") for part in PARTS
        }

    def label(self, setup: Setup, lang: str | None = None) -> str:
        """What a change is called."""
        return tr(f"play_lessons.{self.name}.try_{setup.name}", lang)

    def plain(self, lang: str | None = None) -> dict[str, Any]:
        """As JSON carries it to a page, with its words."""
        first, *others = self.setups
        tries = [{"label": self.label(one, lang), **_plain(one)} for one in others]
        own = {"name": self.name, "look": self.look, "claims": list(self.claims), "tries": tries}
        return {**own, **_plain(first), **self.words(lang)}


@cache
def names() -> tuple[str, ...]:
    """The lessons in their order."""
    return tuple(tomllib.loads(_text("index"))["lessons"])


@cache
def lesson(name: str) -> Lesson:
    """The lesson of that name; `UserError` where there is none."""
    if name not in names():
        raise UserError("play.unknown_lesson", name=name[:40], count=str(len(names())), known=", ".join(names()))
    given = tomllib.loads(_text(name))
    run, epoch = given["run"], given["epoch"]
    setups = [Setup(name, Experiment.read(run), epoch)]
    for change in given.get("try", []):
        own = {key: value for key, value in change.items() if key not in ("name", "epoch")}
        setups.append(Setup(change["name"], Experiment.read(_changed(run, own)), change.get("epoch", epoch)))
    return Lesson(name, given["look"], given["figure"], tuple(given["claims"]), tuple(setups))


def all_lessons(lang: str | None = None) -> list[dict[str, Any]]:
    """Every lesson with its words in `lang`, as JSON carries it."""
    return [lesson(name).plain(lang) for name in names()]


def of_claim(claim: str, lang: str | None = None) -> list[str]:
    """The lessons that a claim carries: numbers and titles, ``4. Zero-centred, or zig-zag``."""
    found = enumerate(map(lesson, names()), 1)
    return [f"{number}. {one.words(lang)['title']}" for number, one in found if claim in one.claims]


def _plain(setup: Setup) -> dict[str, Any]:
    return {"run": setup.experiment.plain(), "epoch": setup.epoch}


def _changed(run: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`run` with other settings; an arm's one by one."""
    return {**run, **{key: {**run[key], **own} if isinstance(own, dict) else own for key, own in change.items()}}


def _text(name: str) -> str:
    return (files("actlab.play.lessons") / f"{name}.toml").read_text(encoding="utf-8")
