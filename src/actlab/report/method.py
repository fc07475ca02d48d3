"""How a comparison was made, as lists of names and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actlab.report import readings
from actlab.text import integer, number

if TYPE_CHECKING:
    from actlab.report.figures._words import Words
    from actlab.study.result import Comparison


@dataclass(frozen=True)
class Method:
    """Settings and surroundings as (name, value) pairs, the statistics in sentences, the command that repeats it."""

    settings: list[tuple[str, str]]
    machine: list[tuple[str, str]]
    statistics: list[str]
    command: str


_MACHINE = ("processor", "instruction_set", "threads", "system")


def _machine(name: str, words: Words) -> str:
    return words(f"machine.{name}") if name in _MACHINE else name.replace("_", " ")


#: What is as plain as can be is not worth a line; how nets are optimised always is.
_PLAIN = {"norm": "none", "residual": 0, "schedule": "constant", "warm_up": 0, "weight_decay": 0, "clip": None}


def _settings(comparison: Comparison, words: Words) -> list[tuple[str, str]]:
    """Norm, optimiser and the like: one value where all arms agree, otherwise each arm's."""
    out = []
    for name in ("optimiser", *_PLAIN):
        values = {arm: own[name] for arm, own in comparison.settings.items() if name in own}
        if not values or all(name in _PLAIN and value == _PLAIN[name] for value in values.values()):
            continue
        told = {arm: _value(value) for arm, value in values.items()}
        same = len(set(told.values())) == 1
        shown = next(iter(told.values())) if same else ", ".join(f"{arm}: {value}" for arm, value in told.items())
        out.append((words(f"method.{name}"), shown))
    if comparison.target_loss is not None:
        out.append((words("method.target_loss"), number(comparison.target_loss)))
    return out


def _seeds(comparison: Comparison, words: Words) -> str:
    """How many, and by what rule."""
    seeds, stopping = integer(comparison.seeds), comparison.stopping
    if stopping is None:
        return seeds
    until, most = number(100 * stopping.until, 3), integer(stopping.most)
    return words("method.seeds_auto", seeds=seeds, until=until, most=most)


def _geometry(comparison: Comparison, words: Words) -> list[tuple[str, str]]:
    """What the geometry of a few nets cost, where it was measured."""
    if comparison.geometry.is_empty() or not comparison.provenance.geometry_seconds:
        return []
    seeds = max(view["seed"].n_unique() for _, view in comparison.geometry.group_by("view"))
    cost = number(comparison.provenance.geometry_seconds)
    return [(words("method.geometry"), words("method.geometry_cost", seconds=cost, seeds=integer(seeds)))]


def _value(value: object) -> str:
    if value is None:
        return "–"
    return integer(value) if isinstance(value, int) else number(value) if isinstance(value, float) else str(value)


def settings_line(comparison: Comparison, words: Words) -> str:
    """What was trained on what, in a line."""
    return words(
        "page.settings_line",
        data=", ".join(map(words.data, readings.datasets(comparison))),
        hidden="×".join(str(n) for n in comparison.hidden),
        seeds=integer(comparison.seeds),
        nets=integer(comparison.provenance.nets),
    )


def method(comparison: Comparison, words: Words) -> Method:
    """Everything needed to repeat the study, and what its numbers mean."""
    made = comparison.provenance
    sizes = {name: n for name, n in comparison.sizes.items() if name != "test"}
    tests = ", ".join(f"{words.data(name)} {integer(n)}" for name, n in comparison.test_points.items())
    settings = [
        (words("method.hidden"), " × ".join(str(n) for n in comparison.hidden)),
        (words("method.epochs"), f"{integer(comparison.epochs)}, {integer(comparison.batch_size)}"),
        (words("method.seeds"), _seeds(comparison, words)),
        (words("method.rates"), ", ".join(number(r) for r in comparison.learning_rates)),
        (words("method.common"), number(comparison.common_rate)),
        (words("method.points"), ", ".join(f"{words.data(name)} {integer(n)}" for name, n in sizes.items())),
        (words("method.tests"), tests or "–"),
        (words("method.init"), ", ".join(f"{arm}: {init}" for arm, init in comparison.init.items())),
        *_settings(comparison, words),
    ]
    settings += [(words("method.about"), note.message(words.lang)) for note in comparison.notes]
    settings += [(f"{words('method.formula')}: {arm}", formula) for arm, formula in comparison.formulas.items()]
    machine = [
        *made.versions.items(),
        *((_machine(name, words), value) for name, value in made.machine.items()),
        (words("method.started"), made.started.replace("T", " ").removesuffix("Z").removesuffix("+00:00")),
        (words("method.took"), words("method.seconds", seconds=number(made.seconds))),
        *_geometry(comparison, words),
        (words("method.nets"), integer(made.nets)),
        (words("method.steps"), integer(made.net_steps)),
    ]
    fixed = list(dict.fromkeys(view.data for view in comparison.views if view.conditional and not view.resplits))
    split = list(dict.fromkeys(view.data for view in comparison.views if view.resplits))
    statistics = []
    if any(not view.conditional for view in comparison.views):
        statistics.append(words("method.estimand_fresh"))
    if fixed:
        statistics.append(words("method.estimand_fixed", names=", ".join(map(words.data, fixed))))
    if split:
        statistics.append(words("method.estimand_split", names=", ".join(map(words.data, split))))
    names = ["paired"] if len(comparison.arms) > 1 else []
    tuned = any(view.regime == "best" for view in comparison.views)
    stopping = comparison.stopping
    rate = "rate" if comparison.target_loss is None else "rate_target"
    names += [rate if stopping is None else f"{rate}_auto"] if tuned else []
    names += [] if comparison.target_loss is None else ["target"]
    names += ["interval"] if stopping is None else ["interval", "auto"]
    values = {} if stopping is None else {"pilot": integer(stopping.pilot), "looks": integer(stopping.looks)}
    statistics += [words(f"method.{name}", **values) for name in (*names, "failed", "detectable")]
    return Method(settings, machine, statistics, made.command)
