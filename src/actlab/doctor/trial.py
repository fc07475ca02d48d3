"""Remedies on trial: applied to copies, trained with several seeds beside an untouched and a random control."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from actlab.doctor.finding import plain
from actlab.doctor.rehearsal import runs
from actlab.doctor.remedy import Remedy, remedy_for
from actlab.doctor.untouched import as_it_was
from actlab.statistics import Interval, median_interval
from actlab.text import UserError, integer, number, tr
from actlab.torch.batches import split
from actlab.torch.threads import enough_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from actlab._arrays import Array
    from actlab.doctor.diagnosis import Diagnosis
    from actlab.doctor.finding import Finding

MOST: Final = 5  # remedies on trial
#: What the random control draws from: remedies that any model can take.
_ANY: Final = (
    "fitted_init", "norm", "leaky_relu", "relu_family", "centre_inputs", "lower_rate", "raise_rate", "clip",
)  # fmt: skip


@dataclass(frozen=True)
class Arm:
    """A remedy's result.

    Attributes:
        name: key of the remedy, ``"untouched"`` or ``"random"``.
        losses: (seeds,) loss on the batches held back, after training; ∞ where the model diverged.
        gain: loss of the untouched model minus this one's, paired by seed: median and interval; positive is better.
        over_random: the same against the random remedy.
        patch: the remedy as code; empty for controls.
    """

    name: str
    losses: Array
    gain: Interval | None = None
    over_random: Interval | None = None
    patch: str = ""

    @property
    def proven(self) -> bool:
        """Whether it beats both controls, with intervals that exclude 0."""
        both = (self.gain, self.over_random)
        return all(interval is not None and interval.low > 0.0 for interval in both)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; numbers that are not finite become text, as in `Finding.to_json`."""
        held = {"name": self.name, "losses": [plain(x) for x in self.losses], "median": plain(_median(self.losses))}
        if self.gain is None or self.over_random is None:
            return held
        intervals = {"gain": _interval(self.gain), "over_random": _interval(self.over_random)}
        return {**held, **intervals, "proven": self.proven, "patch": self.patch}


@dataclass(frozen=True)
class Trial:
    """What remedies do, measured. ``str()`` is a table in the current language.

    Attributes:
        arms: the remedies, the best first.
        untouched, random: the controls.
        not_tried: keys of remedies that no program can apply here.
        seeds, steps: how often and how long was trained.
        level: of each interval; all together hold with probability 0.95.
    """

    arms: tuple[Arm, ...]
    untouched: Arm
    random: Arm
    not_tried: tuple[str, ...]
    seeds: int
    steps: int
    level: float

    @property
    def best(self) -> Arm | None:
        """The best remedy that is proven; ``None`` where none is."""
        return next((arm for arm in self.arms if arm.proven), None)

    @property
    def seeds_needed(self) -> int:
        """With fewer seeds no interval of medians at this level has ends, and nothing can be proven."""
        return math.ceil(1.0 - math.log2(1.0 - self.level))

    @property
    def patch(self) -> str:
        """The best proven remedy as code; empty where none is proven."""
        return self.best.patch if self.best is not None else ""

    @property
    def verdict(self) -> str:
        """What is proven, in a sentence in the current language."""
        proven = ", ".join(tr(f"doctor.trial.{arm.name}") for arm in self.arms if arm.proven)
        if proven:
            return tr("doctor.trial.proven", names=proven)
        if self.seeds < self.seeds_needed:
            return tr("doctor.trial.few_seeds", seeds=integer(self.seeds_needed))
        return tr("doctor.trial.none")

    def to_json(self) -> dict[str, Any]:
        """Arms with their losses, intervals and patches, as plain JSON values."""
        return {
            "arms": [arm.to_json() for arm in self.arms],
            "untouched": self.untouched.to_json(),
            "random": self.random.to_json(),
            "best": self.best.name if self.best is not None else None,
            "not_tried": list(self.not_tried),
            "seeds": self.seeds,
            "steps": self.steps,
            "level": self.level,
        }

    def __str__(self) -> str:
        lines = [tr("doctor.trial.title", seeds=integer(self.seeds), steps=integer(self.steps))]
        for arm in (self.untouched, self.random):
            name = tr(f"doctor.trial.{arm.name}")
            lines.append(f"  {tr('doctor.trial.control', name=name, loss=number(_median(arm.losses)))}")
        for arm in self.arms:
            assert arm.gain is not None
            assert arm.over_random is not None
            values = {
                "name": tr(f"doctor.trial.{arm.name}"),
                "loss": number(_median(arm.losses)),
                "gain": number(arm.gain.estimate),
                "low": number(arm.gain.low),
                "high": number(arm.gain.high),
                "other": number(arm.over_random.estimate),
                "least": number(arm.over_random.low),
                "most": number(arm.over_random.high),
            }
            lines.append(f"  {tr('doctor.trial.arm', **values)}")
        lines += ["", self.verdict]
        if self.best is not None:
            lines += ["", self.patch]
        if self.not_tried:
            names = ", ".join(tr(f"doctor.trial.{name}") for name in self.not_tried)
            lines += ["", tr("doctor.trial.not_tried", names=names)]
        return "\n".join(lines)


def try_remedies(
    diagnosis: Diagnosis,
    model_factory: Callable[[], torch.nn.Module],
    data: Iterable[Any],
    *,
    loss: Callable[..., torch.Tensor],
    seeds: int | Sequence[int] = 8,
    steps: int = 200,
    learning_rate: float = 0.01,
    optimiser: Callable[..., torch.optim.Optimizer] = torch.optim.SGD,
    judge: Callable[..., float | torch.Tensor] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Trial:
    """Put the remedies of `diagnosis` on trial; see `Diagnosis.try_remedies`."""
    chosen = list(range(seeds)) if isinstance(seeds, int) and not isinstance(seeds, bool) else seeds
    if isinstance(chosen, int) or not chosen or not all(isinstance(s, int) for s in chosen):
        raise UserError("doctor.trial.seeds")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise UserError("doctor.steps", name="steps", value=repr(steps)[:40])
    if isinstance(model_factory, torch.nn.Module) or not callable(model_factory):
        raise UserError("doctor.trial.factory", kind=type(model_factory).__name__)
    if (
        isinstance(learning_rate, bool)
        or not isinstance(learning_rate, int | float)
        or not 0 < learning_rate < math.inf
    ):
        raise UserError("doctor.trial.rate", value=repr(learning_rate)[:40])
    batches = list(data)
    if len(batches) < 2:
        raise UserError("doctor.trial.batches")
    held = batches[-max(1, len(batches) // 4) :]
    shown = batches[: -len(held)]
    with as_it_was(torch.nn.Module()), torch.enable_grad():
        first = _built(model_factory, chosen[0])
        with enough_threads(first, shown[0]):
            tried, left_out, pool = _remedies(diagnosis, first, shown)
            if not tried:
                raise UserError("doctor.trial.nothing")
            losses: dict[str, list[float]] = {name: [] for name in ("untouched", "random", *(r.name for r in tried))}
            done, total = 0, len(chosen) * len(losses)
            for seed in chosen:
                fresh = _built(model_factory, seed)
                drawn = pool[int(np.random.default_rng(seed).integers(len(pool)))]
                arms = [("untouched", Remedy("untouched", "")), ("random", drawn), *((r.name, r) for r in tried)]
                for name, remedy in arms:
                    model = _trained(fresh, remedy, seed, shown, loss, steps, learning_rate, optimiser)
                    losses[name].append(_judge(model, held, judge or loss))
                    done += 1
                    if progress is not None:
                        progress(done, total)
    return _judged(tried, losses, left_out, len(chosen), steps)


def _built(model_factory: Callable[[], torch.nn.Module], seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    model = model_factory()
    if not isinstance(model, torch.nn.Module):
        raise UserError("frameworks.not_a_model", kind=type(model).__name__)
    return model


def _remedies(
    diagnosis: Diagnosis, model: torch.nn.Module, batches: list[Any]
) -> tuple[list[Remedy], tuple[str, ...], list[Remedy]]:
    """Those on trial, the names of those that cannot be, and what the random control draws from."""
    inputs = [args[0] for args in (split(batch)[0] for batch in batches) if len(args) == 1]
    wanted: dict[str, Finding] = {}
    if _far_off(inputs):  # whatever was found, it begins there
        wanted.update(("centre_inputs", f) for f in diagnosis.at_least("warning")[:1])
    depth = max((len(f.remedies) for f in diagnosis.findings), default=0)
    for rank in range(depth):  # every finding's first remedy before anyone's second
        for finding in diagnosis.findings:
            if finding.severity != "info" and rank < len(finding.remedies):
                wanted.setdefault(finding.remedies[rank], finding)
    made = {name: _remedy(name, finding, diagnosis, model, batches, inputs) for name, finding in wanted.items()}
    tried = [remedy for remedy in made.values() if remedy is not None][:MOST]
    names = {remedy.name for remedy in tried}
    others = [_remedy(n, None, diagnosis, model, batches, inputs) for n in _ANY if n not in names]
    pool = [remedy for remedy in others if remedy is not None]
    return tried, tuple(n for n, remedy in made.items() if remedy is None), pool or tried


def _remedy(
    name: str, finding: Finding | None, diagnosis: Diagnosis, model: torch.nn.Module, batches: list[Any], inputs: Any
) -> Remedy | None:
    remedy = remedy_for(name, finding, diagnosis.readings, model, inputs)
    return remedy if remedy is not None and runs(remedy, model, batches[0]) else None


def _far_off(inputs: list[Any]) -> bool:
    """Whether inputs are far from mean 0 and standard deviation 1, all in all."""
    if not inputs or not all(isinstance(x, torch.Tensor) and x.is_floating_point() for x in inputs):
        return False
    every = torch.cat([x.detach().reshape(-1) for x in inputs]).double()
    mean, std = float(every.mean()), float(every.std())
    return abs(mean) > 3.0 * std or not 0.1 < std < 10.0


def _trained(
    fresh: torch.nn.Module,
    remedy: Remedy,
    seed: int,
    shown: list[Any],
    loss: Callable[..., torch.Tensor],
    steps: int,
    learning_rate: float,
    optimiser: Callable[..., torch.optim.Optimizer],
) -> torch.nn.Module | None:
    """A repaired copy of `fresh`, trained; ``None`` where it diverged."""
    torch.manual_seed(seed)
    model = remedy.apply(copy.deepcopy(fresh)).train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    steps_by = optimiser(parameters, lr=learning_rate * remedy.rate)
    for step in range(steps):
        args, kwargs, rest = split(shown[step % len(shown)])
        steps_by.zero_grad()
        value = loss(model(*args, **kwargs), *rest)
        if not bool(torch.isfinite(value)):
            return None
        value.backward()  # type: ignore[no-untyped-call]
        if remedy.clip is not None:
            torch.nn.utils.clip_grad_norm_(parameters, remedy.clip)
        steps_by.step()
    return model


def _judge(model: torch.nn.Module | None, held: list[Any], judge: Callable[..., float | torch.Tensor]) -> float:
    """Mean of `judge` over the batches held back; ∞ where the model diverged."""
    if model is None:
        return math.inf
    model.eval()
    with torch.no_grad():
        values = [float(judge(model(*args, **kwargs), *rest)) for args, kwargs, rest in map(split, held)]
    mean = float(np.mean(values))
    return mean if math.isfinite(mean) else math.inf


def _judged(
    tried: list[Remedy], losses: dict[str, list[float]], left_out: tuple[str, ...], seeds: int, steps: int
) -> Trial:
    level = 1.0 - 0.05 / len(tried)  # Bonferroni: together they hold at 95 %
    values = {name: np.array(held, dtype=np.float64) for name, held in losses.items()}
    arms = [
        Arm(
            remedy.name,
            values[remedy.name],
            median_interval(_less(values["untouched"], values[remedy.name]), level=level),
            median_interval(_less(values["random"], values[remedy.name]), level=level),
            remedy.patch,
        )
        for remedy in tried
    ]
    arms.sort(key=lambda arm: (_median(arm.losses), -arm.gain.estimate if arm.gain is not None else 0.0))
    controls = [Arm(name, values[name]) for name in ("untouched", "random")]
    return Trial(tuple(arms), controls[0], controls[1], left_out, seeds, steps, level)


def _less(a: Array, b: Array) -> Array:
    """a − b, paired; two that diverged are even."""
    both = np.isinf(a) & np.isinf(b)
    with np.errstate(invalid="ignore"):
        return np.where(both, 0.0, a - b)


def _interval(interval: Interval) -> dict[str, float | str]:
    return {name: plain(getattr(interval, name)) for name in ("estimate", "low", "high")}


def _median(losses: Array) -> float:
    ordered = np.sort(losses)
    return float(ordered[len(ordered) // 2] if len(ordered) % 2 else np.mean(ordered[len(ordered) // 2 - 1 :][:2]))
