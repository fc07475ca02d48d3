"""From effects to a verdict, by one rule that was there before the numbers.

An effect in a condition is *confirmed* where its interval lies above the smallest effect that matters, *refuted* where
it lies below it, and *open* otherwise. All intervals of a claim hold together with 95 % probability (Bonferroni over
all effects and conditions). A claim says "in general", so each of its effects, a *part* of what it says,

* **holds**: confirmed everywhere;
* **holds when …**: confirmed somewhere, and refuted or open elsewhere;
* **does not hold**: confirmed nowhere, and refuted in at least half of the conditions;
* **is not decided**: confirmed nowhere, and open in most; with the seeds that the nearest one would take.

A claim falls with its heart, the first of its parts: where that does not hold or is not decided, neither does or is the
claim, whatever else is true. It holds where all of its parts do, and holds under conditions otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from actlab.statistics import Interval, many_means, many_p_values, median_interval
from actlab.study.claims.when import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import Array
    from actlab.study.claims.claim import Claim, Effect, Where
    from actlab.study.claims.lab import Lab
    from actlab.study.claims.when import Terms

Kind = Literal["holds", "when", "not", "open"]
Answer = Literal["yes", "no", "open"]

LEVEL = 0.95
#: More seeds than this are not a suggestion any more.
_MOST_SEEDS = 1_000_000


@dataclass(frozen=True)
class Finding:
    """An effect in a condition, with its simultaneous interval.

    Parameters
    ----------
    nets
        Seeds that have an answer.
    seeds_needed
        Of an open one: about how many seeds would decide it if the estimate stays; None where no number would.
    """

    effect: str
    where: Where
    interval: Interval
    answer: Answer
    nets: int
    seeds_needed: int | None = None


@dataclass(frozen=True)
class Part:
    """What became of one effect of a claim.

    Parameters
    ----------
    when
        ``(factor, its values)``, all of which must be met, where the part holds under conditions that can be told so;
        else none.
    """

    effect: str
    kind: Kind
    findings: tuple[Finding, ...]
    when: Terms = ()

    def count(self, answer: Answer) -> int:
        """In how many conditions that is the answer."""
        return sum(found.answer == answer for found in self.findings)


@dataclass(frozen=True)
class Verdict:
    """What became of a claim: its findings, effect by effect in the claim's order, and what follows from them."""

    claim: str
    findings: tuple[Finding, ...]
    seeds: int

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The claim's effects, its heart first."""
        return tuple(_part(effect, self.of(effect)) for effect in dict.fromkeys(one.effect for one in self.findings))

    @property
    def kind(self) -> Kind:
        """The verdict."""
        return verdict_of([part.kind for part in self.parts])

    @property
    def seeds_needed(self) -> int | None:
        """Of an undecided claim: the seeds that would decide the nearest of its heart's open conditions."""
        needed = [found.seeds_needed for found in self.parts[0].findings if found.seeds_needed is not None]
        return min(needed, default=None)

    def of(self, effect: str) -> tuple[Finding, ...]:
        """The findings of one effect."""
        return tuple(found for found in self.findings if found.effect == effect)


def run(claim: Claim, lab: Lab, tell: Callable[[float, int], None] | None = None) -> Verdict:
    """Measure every effect of a claim in every condition, and decide."""
    samples: list[list[Array]] = []
    done = 0
    planned = claim.comparisons
    if tell is not None:
        lab.tell = lambda share: tell(done + min(share, 0.99) / 8, planned)  # a condition is several jobs
    for effect in claim.effects:
        own = []
        for where in effect.conditions:
            own.append(np.asarray(effect.sample(lab, where), dtype=np.float64))
            done += 1
            if tell is not None:
                tell(done, planned)
        samples.append(own)
    return decide(claim, samples, lab.seeds)


def decide(claim: Claim, samples: Sequence[Sequence[Array]], seeds: int) -> Verdict:
    """The verdict on a claim, given a sample for every effect and condition."""
    findings = [
        _finding(effect, where, sample[~np.isnan(sample)], claim.comparisons)
        for effect, own in zip(claim.effects, samples, strict=True)
        for where, sample in zip(effect.conditions, own, strict=True)
    ]
    return Verdict(claim.name, tuple(findings), seeds)


def answers(effect: Effect, rows: Array, comparisons: int) -> list[Answer]:
    """For each row of `rows` ``(samples, seeds)``: does its interval, one of `comparisons`, lie above the threshold?"""
    if effect.statistic == "median":
        # The interval's ends are order statistics: which ones, depends on the number of seeds alone.
        ends = median_interval(np.arange(rows.shape[1]), level=1 - (1 - LEVEL) / comparisons)
        if not (math.isfinite(ends.low) and math.isfinite(ends.high)):
            return ["open"] * len(rows)
        ordered = np.sort(rows, axis=1)
        above = ordered[:, int(ends.low)] > effect.threshold
        below = ordered[:, int(ends.high)] < effect.threshold
    else:
        p = many_p_values(rows, effect.threshold, comparisons=comparisons, bounds=effect.bounds)
        mean = rows.mean(axis=1)
        above, below = (p <= 1 - LEVEL) & (mean > effect.threshold), (p <= 1 - LEVEL) & (mean < effect.threshold)
    return ["yes" if a else "no" if b else "open" for a, b in zip(above.tolist(), below.tolist(), strict=True)]


def verdict_of(parts: Sequence[Kind]) -> Kind:
    """The verdict on a claim that verdicts on its parts add up to, its heart's first."""
    heart = parts[0]
    return "when" if heart == "holds" and any(part != "holds" for part in parts) else heart


def _part(effect: str, findings: tuple[Finding, ...]) -> Part:
    found = kind([finding.answer for finding in findings])
    told = [(finding.where, finding.answer) for finding in findings]
    return Part(effect, found, findings, describe(told) if found == "when" else ())


def kind(found: Sequence[Answer]) -> Kind:
    """The verdict on a part that its answers add up to."""
    yes, no, unknown = (found.count(answer) for answer in ("yes", "no", "open"))
    if yes:
        return "when" if no or unknown else "holds"
    return "not" if no >= unknown else "open"


def _finding(effect: Effect, where: Where, sample: Array, comparisons: int) -> Finding:
    interval = interval_of(effect, sample, comparisons)
    answer: Answer = answers(effect, sample[None, :], comparisons)[0] if len(sample) else "open"
    needed = _needed(interval, effect.threshold, len(sample)) if answer == "open" else None
    return Finding(effect.name, dict(where), interval, answer, len(sample), needed)


def interval_of(effect: Effect, sample: Array, comparisons: int) -> Interval:
    """The interval of one effect, one of `comparisons` that hold together."""
    if not len(sample):  # no seed has an answer: nothing is excluded
        low, high = effect.bounds if effect.statistic == "mean" else (-math.inf, math.inf)
        return Interval(math.nan, low, high, LEVEL)
    if effect.statistic == "median":
        found = median_interval(sample, level=1 - (1 - LEVEL) / comparisons)
        return Interval(found.estimate, found.low, found.high, LEVEL)
    means = many_means(sample[None, :], comparisons=comparisons, level=LEVEL, bounds=effect.bounds)
    return Interval(float(means.estimate[0]), float(means.low[0]), float(means.high[0]), LEVEL)


def _needed(interval: Interval, threshold: float, seeds: int) -> int | None:
    """Intervals narrow with the root of the seeds: how many until this one ends at the threshold."""
    away = abs(interval.estimate - threshold)
    arm = interval.estimate - interval.low if interval.estimate > threshold else interval.high - interval.estimate
    if not (math.isfinite(arm) and away > 0):
        return None
    found = math.ceil(1.1 * seeds * (arm / away) ** 2)
    return found if found <= _MOST_SEEDS else None
