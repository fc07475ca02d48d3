"""`actlab.cost.of_model`: what its activations cost a user's own model, and what others would change."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.cost import variants
from actlab.cost.clock import Timed, by_turns
from actlab.cost.model_result import Change, ModelCost, Part
from actlab.cost.tune import better_by, loss_of, score, tuned
from actlab.functions import Activation, get
from actlab.statistics import Interval, median_interval
from actlab.study.arm import is_number, whole
from actlab.text import UserError
from actlab.torch.batches import brief, split
from actlab.torch.native import native
from actlab.torch.threads import enough_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from actlab._arrays import Array
    from actlab.cost.variants import Found, Variant

#: Tried where no others are named: what is cheap, and what is said to learn better; all with kernels of PyTorch's own.
CANDIDATES: Final = ("relu", "leaky_relu", "hard_swish", "elu", "silu", "gelu", "mish", "tanh")


def of_model(
    model: torch.nn.Module,
    data: Iterable[Any],
    *,
    loss: Callable[..., torch.Tensor] | None = None,
    metric: Callable[..., Any] | None = None,
    old: str | Activation | None = None,
    candidates: Sequence[str | Activation] = CANDIDATES,
    held_out: Iterable[Any] | None = None,
    seeds: int = 10,
    steps: int = 100,
    learning_rate: float = 0.01,
    optimiser: Callable[..., torch.optim.Optimizer] = torch.optim.SGD,
    rounds: int = 31,
    progress: Callable[[int, int], None] | None = None,
    _clock: Callable[[], float] = time.perf_counter,
) -> ModelCost:
    """What share of a model's time its activations take, and what others would change, in time and in score.

    **Time.** The model, copies with other activations (each by PyTorch's own kernel where there is one) and copies in
    which activations hand back remembered values for nothing are timed by turns on the first batch: `rounds` times,
    an answer (evaluation mode, no gradients) and a training step (forward, loss, backward). Shares and changes are
    medians over the rounds, paired by round. The number of threads is the process's.

    **Score.** For every seed a copy of the model as it is, and one with each candidate (`actlab.replace`, weights as
    they are), are trained on for `steps` batches in the same orders (`actlab.cost.tune.tuned`) and judged on batches
    held back. The untouched copy is the control.

    The model itself, its gradients and PyTorch's random state are afterwards what they were.

    Parameters
    ----------
    model
        Any `torch.nn.Module`, trained or not.
    data
        Batches, as in `actlab.check`: (input, target), longer tuples, or dictionaries. All are read at once.
    loss
        Called with output and target (the whole batch where that is a dictionary), gives one number to make small.
        None: the output's own ``loss``.
    metric
        Called likewise; larger is better: accuracy, say. None: the loss is what is judged by.
    old
        The activation to replace. None: of those that the model computes, the one of the most numbers, but a sigmoid
        (a gate or an output, as a rule) only where there is nothing else.
    candidates
        Names or formulas to try.
    held_out
        Batches to judge by. None: the last quarter of `data`.
    seeds, steps, learning_rate, optimiser
        Of the fine-tune. `optimiser` is called with parameters and ``lr``.
    rounds
        How often everything is timed.
    progress
        Called with (done, all).

    Raises
    ------
    UserError
        For what is no model, too few batches, a model that cannot be run or computes no activation that is known.
    """
    started = time.perf_counter()
    rate = _checked(model, learning_rate, seeds, steps, rounds)
    shown, held = _batches(data, held_out)
    devices = sorted({p.device.index or 0 for p in model.parameters() if p.device.type == "cuda"})
    with torch.random.fork_rng(devices), torch.enable_grad():
        bench = _Bench(model, shown[0], loss, rounds, _clock)
        found = bench.found()
        target = _target(old, found)
        fresh = [one for one in dict.fromkeys(map(get, candidates)) if one != target]
        if not fresh:
            raise UserError("cost.model.no_candidates", name=target.name)
        told = _Told(progress, 2 * rounds + seeds * (1 + len(fresh)))
        swapped, failed = bench.with_each(target, fresh)
        timed = bench.timed(found, swapped, told)

        def scores(changed: torch.nn.Module) -> tuple[float, ...]:
            values = []
            for seed in range(seeds):
                with enough_threads(model, shown[0]):  # what is timed has the threads that it was given
                    trained = tuned(changed, shown, loss, seed=seed, steps=steps, rate=rate, optimiser=optimiser)
                    values.append(score(trained, held, loss, metric))
                told()
            return tuple(values)

        before = score(variants.plain_copy(model), held, loss, metric)
        control = scores(model)
        after = {name: scores(variant.model) for name, variant in swapped.items()}
    level = 1 - 0.05 / max(1, len(swapped))
    parts, together = _parts(found, timed)
    return ModelCost(
        model=type(model).__name__, parameters=sum(p.numel() for p in model.parameters()),
        forward=median_interval(timed.seconds[0]["model"]), step=median_interval(timed.seconds[1]["model"]),
        parts=parts, whole=together, replaced=target.name,
        changes=_changes(timed, after, control, metric is not None, level),
        failed=tuple(failed), control=control, before=before,
        metric=metric is not None, seeds=seeds, steps=steps, learning_rate=rate,
        optimiser=getattr(optimiser, "__name__", type(optimiser).__name__), shown=len(shown), held=len(held),
        rounds=rounds, level=level, threads=torch.get_num_threads(), device=bench.device.type,
        seconds=time.perf_counter() - started, unreached=bench.unreached,
    )  # fmt: skip


def _checked(model: Any, learning_rate: Any, seeds: Any, steps: Any, rounds: Any) -> float:
    """The learning rate as a number; `UserError` for what is no model, or a number that cannot be."""
    if not isinstance(model, torch.nn.Module):
        raise UserError("frameworks.not_a_model", kind=type(model).__name__)
    rate = float(learning_rate) if is_number(learning_rate, (int, float)) else math.nan  # type: ignore[arg-type]
    if not rate > 0 or math.isinf(rate):
        raise UserError("cost.model.bad_rate", value=str(learning_rate)[:40])
    for name, number, least, most in (
        ("seeds", seeds, 1, 10_000), ("steps", steps, 1, 10_000_000), ("rounds", rounds, 1, 100_000)
    ):  # fmt: skip
        whole(name, number, least, most)
    return rate


def _changes(
    timed: _Timed, after: Mapping[str, tuple[float, ...]], control: tuple[float, ...], metric: bool, level: float
) -> tuple[Change, ...]:
    """What each candidate changes in time and in score, the best score first."""
    changes = [
        Change(
            name, native(get(name)) is not None, timed.change(f"swap {name}", 0, level),
            timed.change(f"swap {name}", 1, level), scores,
            median_interval(better_by(scores, control, metric), level=level),
        )
        for name, scores in after.items()
    ]  # fmt: skip
    sign = -1 if metric else 1
    return tuple(sorted(changes, key=lambda one: sign * _middle(one.scores)))


def _parts(found: Sequence[Found], timed: _Timed) -> tuple[tuple[Part, ...], Part]:
    """The share of each activation that the model computes, and that of all together."""
    named = [one.activation.name for one in found]
    parts = tuple(
        Part(name, one.calls, one.elements, timed.share(f"free {name}", 0), timed.share(f"free {name}", 1))
        for name, one in zip(named, found, strict=True)
    )
    every = "free all" if len(found) > 1 else f"free {named[0]}"
    calls, elements = sum(one.calls for one in found), sum(one.elements for one in found)
    return parts, Part("", calls, elements, timed.share(every, 0), timed.share(every, 1))


def _batches(data: Iterable[Any], held_out: Iterable[Any] | None) -> tuple[list[Any], list[Any]]:
    for given in (data, held_out):
        if isinstance(given, torch.Tensor | str) or not (given is None or hasattr(given, "__iter__")):
            raise UserError("doctor.batches", kind=type(given).__name__)
    shown = list(data)
    if held_out is not None:
        held = list(held_out)
    else:
        held = shown[len(shown) - max(1, len(shown) // 4) :] if len(shown) > 1 else []
        shown = shown[: len(shown) - len(held)]
    if not shown or not held:
        raise UserError("cost.model.few_batches")
    return shown, held


def _target(old: str | Activation | None, found: Sequence[Found]) -> Activation:
    if not found:
        raise UserError("cost.model.no_activation")
    known = [one.activation for one in found]
    if old is None:
        return next((one for one in known if one.name != "sigmoid"), known[0])
    wanted = get(old)
    if wanted not in known:
        raise UserError("cost.model.not_there", name=wanted.name, known=", ".join(one.name for one in known))
    return wanted


def _middle(values: Sequence[float]) -> float:
    """The median, of which ∞ may be part."""
    return sorted(values)[len(values) // 2]


class _Told:
    """Tells how far it is, where somebody listens."""

    def __init__(self, tell: Callable[[int, int], None] | None, total: int) -> None:
        self.tell, self.total, self.done = tell, total, 0

    def __call__(self) -> None:
        self.done += 1
        if self.tell is not None:
            self.tell(self.done, self.total)


@dataclass(frozen=True)
class _Timed:
    """Seconds of each copy, round by round: of an answer (0) and of a training step (1)."""

    seconds: tuple[Mapping[str, Array], Mapping[str, Array]]

    def share(self, free: str, what: int) -> Interval:
        """What the model saves where activations are free, as a share of its time."""
        t = self.seconds[what]
        return median_interval((t["same"] - t[free]) / t["model"])

    def change(self, swap: str, what: int, level: float) -> Interval:
        """What the model takes more with another activation, as a share of its time."""
        t = self.seconds[what]
        return median_interval((t[swap] - t["same"]) / t["model"], level=level)


class _Bench:
    """The model and a batch of it, ready to be timed."""

    def __init__(
        self, model: torch.nn.Module, batch: Any, loss: Callable[..., torch.Tensor] | None, rounds: int,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.model, self.loss, self.rounds, self.clock = model, loss, rounds, clock
        self.args, self.kwargs, self.rest = split(batch)
        self.device = next((p.device for p in model.parameters()), torch.device("cpu"))
        self.unreached: tuple[tuple[str, str], ...] = ()

    def found(self) -> list[Found]:
        """The activations of the model; `UserError` where it cannot be run."""
        copied = variants.plain_copy(self.model)
        try:
            found = variants.census(lambda: self._forward(copied), copied)
            self._step(copied)
        except UserError:
            raise
        except Exception as error:  # the model and the loss are the user's
            raise UserError("doctor.cannot_run", error=brief(error)) from error
        return found

    def with_each(
        self, old: Activation, fresh: Sequence[Activation]
    ) -> tuple[dict[str, Variant], list[tuple[str, str]]]:
        """Copies with each of the candidates, and those with which the model cannot be run."""
        swapped, failed = {}, []
        for new in fresh:
            try:
                variant = variants.with_activation(self.model, old, new)
                self._step(variant.model)
            except Exception as error:  # a loss that asks for probabilities, say
                failed.append((new.name, brief(error)))
            else:
                swapped[new.name] = variant
        return swapped, failed

    def timed(self, found: Sequence[Found], swapped: Mapping[str, Variant], told: Callable[[], None]) -> _Timed:
        """Everything by turns, twice: answers, then training steps."""
        olds = [one.activation for one in found]
        same = variants.with_itself(self.model, olds)
        copies = {"model": variants.Variant(variants.plain_copy(self.model)), "same": same}
        for one in olds:
            copies[f"free {one.name}"] = variants.without(self.model, [one], self._forward)
        if len(olds) > 1:
            copies["free all"] = variants.without(self.model, olds, self._forward)
        copies |= {f"swap {name}": variant for name, variant in swapped.items()}
        self.unreached = same.unreached
        if not same.calls:
            copies["same"] = copies["model"]
        seconds = []
        for training in (False, True):
            for variant in copies.values():
                variant.model.train(training)
            things = {
                name: Timed(
                    (lambda m=v.model: self._step(m)) if training else (lambda m=v.model: self._forward(m)),  # type: ignore[misc]
                    lambda v=v: self._after(v),  # type: ignore[misc]
                )
                for name, v in copies.items()
            }
            if not same.calls:
                del things["same"]
            measured = by_turns(things, self.rounds, self.clock, self._wait, told)
            seconds.append({**measured, "same": measured.get("same", measured["model"])})
        return _Timed((seconds[0], seconds[1]))

    def _forward(self, model: torch.nn.Module) -> None:
        with torch.no_grad():
            model(*self.args, **self.kwargs)

    def _step(self, model: torch.nn.Module) -> None:
        loss_of(model(*self.args, **self.kwargs), self.rest, self.loss).backward()  # type: ignore[no-untyped-call]

    def _after(self, variant: Variant) -> None:
        for parameter in variant.model.parameters():
            parameter.grad = None
        variant.settle()

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
