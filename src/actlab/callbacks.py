"""The doctor in other people's training loops: a callback for Lightning, and one for the Trainer of Hugging Face.

>>> trainer = lightning.Trainer(callbacks=[actlab.callbacks.Lightning(then=print)])  # doctest: +SKIP
>>> trainer = transformers.Trainer(..., callbacks=[actlab.callbacks.HuggingFace(report="page.html")])  # doctest: +SKIP

Nothing of theirs is imported before one of the two is made. What they see, and that they change no bit, is as with
`actlab.watch`. Where several processes train, the first one looks, at its own copy of the model and its own batches.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from actlab.diagnoses import shown, watch
from actlab.doctor.watching import float_inputs
from actlab.text import UserError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from actlab.diagnoses import Diagnosis, Watch
    from actlab.doctor import Thresholds

__all__ = ["HuggingFace", "Lightning"]

_LIGHTNING: Final = ("lightning.pytorch", "pytorch_lightning")


class _Looking:
    """What both callbacks do: a watch from the first step of a training to its last, and what is made of it."""

    def __init__(
        self,
        every: int,
        first: int,
        trained: bool,
        thresholds: Thresholds | None,
        log: Callable[[dict[str, float]], object] | None,
        then: Callable[[Diagnosis], object] | None,
        report: str | os.PathLike[str] | None,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {
            "every": every, "first": first, "trained": trained, "thresholds": thresholds, "log": log, "then": then,
            "report": report,
        }  # fmt: skip
        self.watch: Watch | None = None

    def diagnosis(self) -> Diagnosis:
        """What has been found so far: while a training runs, and when it is over.

        Raises:
            UserError: where no step of a training has been seen (on processes that do not look: never any).
        """
        if self.watch is None:
            raise UserError("doctor.nothing_trained")
        return shown(self.watch.diagnosis())

    def _enter(self, model: Any, log: Any, by_calls: bool, compiled: bool = False) -> None:
        self._leave()
        names = ("every", "first", "trained", "thresholds")
        self.watch = watch(model, log=log, **{name: self.settings[name] for name in names})
        if compiled:
            self.watch.runs_compiled()
        self.watch.enter(by_calls)

    def _leave(self) -> None:
        if self.watch is not None and self.watch.entered:
            self.watch.__exit__(None, None, None)

    def _finish(self) -> None:
        """The training is over: hand on what was found, if any step was seen."""
        if self.watch is None or not self.watch.entered:
            return
        self._leave()
        if not self.watch.has_seen:
            return
        found = self.diagnosis()
        if self.settings["report"] is not None:
            found.report(self.settings["report"])
        if self.settings["then"] is not None:
            self.settings["then"](found)


def Lightning(
    *,
    every: int = 20,
    first: int = 20,
    trained: bool = False,
    thresholds: Thresholds | None = None,
    log: Callable[[dict[str, float]], object] | bool | None = None,
    then: Callable[[Diagnosis], object] | None = None,
    report: str | os.PathLike[str] | None = None,
) -> Any:
    """A callback for ``lightning.Trainer`` and ``pytorch_lightning.Trainer``.

    A step is a training batch: what ``training_step`` calls before the first ``backward`` is looked at, the loss too.

    Args:
        every, first, trained, thresholds: as for `actlab.watch`.
        log: as for `actlab.watch`; ``True`` hands the numbers to the loggers of the trainer.
        then: called with the diagnosis when training is over: ``then=print``.
        report: where to write the page of the diagnosis when training is over.

    Returns:
        A ``Callback``; its ``diagnosis()`` may be asked for at any time.

    Raises:
        UserError: where neither of the two packages is installed.
    """
    return _lightning_class(_lightning_packages())(every, first, trained, thresholds, log, then, report)


def HuggingFace(
    *,
    every: int = 20,
    first: int = 20,
    trained: bool = False,
    thresholds: Thresholds | None = None,
    log: Callable[[dict[str, float]], object] | None = None,
    then: Callable[[Diagnosis], object] | None = None,
    report: str | os.PathLike[str] | None = None,
) -> Any:
    """A callback for ``transformers.Trainer`` and the trainers made of it (TRL).

    A step is a call of the model with gradients; with gradient accumulation one update belongs to several of them.

    Args:
        every, first, trained, thresholds, log: as for `actlab.watch`.
        then: called with the diagnosis when training is over: ``then=print``.
        report: where to write the page of the diagnosis when training is over.

    Returns:
        A ``TrainerCallback``; its ``diagnosis()`` may be asked for at any time.

    Raises:
        UserError: where ``transformers`` is not installed.
    """
    if find_spec("transformers") is None:
        raise UserError("doctor.no_package", name="transformers")
    return _hugging_face_class()(every, first, trained, thresholds, log, then, report)


def _lightning_packages() -> tuple[str, ...]:
    """Those that are in use, else the first that is installed."""
    used = tuple(name for name in _LIGHTNING if name in sys.modules)
    if used:
        return used
    for name in _LIGHTNING:
        if find_spec(name.partition(".")[0]) is not None:
            return (name,)
    raise UserError("doctor.no_package", name="lightning")


def _again(kind: str, settings: dict[str, Any]) -> Any:
    """A callback from its settings: how one gets into another process."""
    return {"Lightning": Lightning, "HuggingFace": HuggingFace}[kind](**settings)


@cache
def _lightning_class(packages: tuple[str, ...]) -> type[Any]:
    """One class that both packages take for a callback of their own, where both are in use."""
    bases: tuple[Any, ...] = tuple(import_module(name).Callback for name in packages)

    class LightningCallback(_Looking, *bases):  # type: ignore[misc]
        """See `actlab.callbacks.Lightning`."""

        def __reduce__(self) -> tuple[Any, ...]:
            return _again, ("Lightning", self.settings)

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            if not trainer.is_global_zero:
                return
            log = self.settings["log"]
            if log is True:
                log = lambda numbers: _to_loggers(trainer, numbers)  # noqa: E731
            compiled = getattr(pl_module, "_compiler_ctx", None) is not None
            self._enter(pl_module, log or None, by_calls=False, compiled=compiled)

        def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002
            if self.watch is not None:
                self.watch.step_begins(float_inputs((batch,), {}))

        def on_before_backward(self, trainer: Any, pl_module: Any, loss: Any) -> None:  # noqa: ARG002
            if self.watch is not None:
                self.watch.forward_is_over()
                self.watch.loss_is(loss)

        def on_train_batch_end(self, *arguments: Any) -> None:  # noqa: ARG002
            if self.watch is not None:
                self.watch.step_is_over()

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
            self._finish()

        def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:  # noqa: ARG002
            if self.watch is not None and self.watch.entered:
                self.watch.__exit__(type(exception), exception, None)

    return LightningCallback


def _to_loggers(trainer: Any, numbers: dict[str, float]) -> None:
    for logger in trainer.loggers:
        logger.log_metrics(numbers, step=trainer.global_step)


@cache
def _hugging_face_class() -> type[Any]:
    base: Any = import_module("transformers").TrainerCallback

    class HuggingFaceCallback(_Looking, base):  # type: ignore[misc]
        """See `actlab.callbacks.HuggingFace`."""

        def __reduce__(self) -> tuple[Any, ...]:
            return _again, ("HuggingFace", self.settings)

        def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **more: Any) -> None:  # noqa: ARG002
            if not state.is_world_process_zero or model is None:
                return
            compiled = bool(getattr(args, "torch_compile", False))
            self._enter(model, self.settings["log"], by_calls=not compiled, compiled=compiled)

        def on_step_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:  # noqa: ARG002
            if self.watch is not None and getattr(args, "torch_compile", False):
                self.watch.step_begins([])

        def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:  # noqa: ARG002
            if self.watch is not None:
                self.watch.step_is_over()

        def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:  # noqa: ARG002
            self._finish()

    return HuggingFaceCallback
