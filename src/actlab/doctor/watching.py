"""`actlab.watch`: look over the shoulder of somebody's own training loop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import torch

from actlab.doctor.diagnosis import Diagnosis, diagnose
from actlab.doctor.ends import Ends, floats_among
from actlab.doctor.numbers import numbers
from actlab.doctor.readings import Skip
from actlab.doctor.record import Record
from actlab.doctor.tracer import Tracer
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from actlab.doctor.thresholds import Thresholds

_PATIENCE: Final = 64  # forward passes within which an optimiser's step is waited for


class _Hook:
    """A hook that stays where it was put: copies and pickles of the model get one that does nothing."""

    def __init__(self, call: Callable[..., None] | None) -> None:
        self._call = call

    def __call__(self, *arguments: Any) -> None:
        # while torch.compile reads the model there is nothing to see, and nothing may be changed
        if self._call is not None and not torch.compiler.is_compiling():
            self._call(*arguments)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Hook:
        return _Hook(None)

    def __reduce__(self) -> tuple[Any, ...]:
        return _Hook, (None,)


class Watch:
    """Watches a model while it is trained; made by `watch`, used as a context manager."""

    def __init__(
        self,
        model: torch.nn.Module,
        *,
        every: int,
        first: int,
        trained: bool,
        thresholds: Thresholds | None,
        log: Callable[[dict[str, float]], object] | None,
    ) -> None:
        self._model = model
        self.entered = False
        self._every, self._first = every, first
        self._trained, self._thresholds, self._log = trained, thresholds, log
        self._record = Record(model, keep_latest=log is not None)
        self._to_log = False  # a step was looked at and is not logged yet
        self._hooks: list[Any] = []
        self._gradient_hooks: list[Any] = []
        self._tracer: Tracer | None = None
        self._depth = 0
        self._looked_at = False  # what the pass that runs gives will be looked at
        self._waiting = 0  # forward passes since the parameters were remembered; 0: not waiting
        self._same_weights = True
        self._plain = [p for p in model.parameters() if p._backward_hooks is None]
        self._sight = sight_of(model, self._record)

    def __enter__(self) -> Watch:
        self.enter()
        return self

    def enter(self, by_calls: bool = True) -> None:
        """Begin to watch. With `by_calls` each call of the model is a step; without, whoever drives the training says
        when one begins (`step_begins`) and when its forward pass is over (`forward_is_over`).

        Raises:
            UserError: where this watch is in use.
        """
        if self.entered:
            raise UserError("doctor.watching_already")
        self.entered = True
        if by_calls:
            self._hooks = [
                self._model.register_forward_pre_hook(_Hook(self._before), with_kwargs=True),
                self._model.register_forward_hook(_Hook(self._after), always_call=True),
            ]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.entered = False
        self.forward_is_over()
        self._compare()
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        self._drop_gradient_hooks()
        if kind is None:  # what the block raises must not be hidden by what a log raises
            self._tell()

    def diagnosis(self) -> Diagnosis:
        """What has been found so far; may be asked for inside the block, too.

        Raises:
            UserError: where no forward pass with gradients has been seen.
        """
        self._compare()
        if not self.has_seen:
            raise UserError("doctor.nothing_seen")
        readings = self._record.readings(self._trained)
        if self._sight == "whole" and not readings.has_gradients and not any(w.gradients for w in readings.weights):
            readings = replace(readings, skips=(*readings.skips, Skip("no_backward", {})))
        return diagnose(readings, self._thresholds)

    @property
    def has_seen(self) -> bool:
        """Whether there is anything to diagnose."""
        return self._record.steps > 0 or self._sight == "blind"

    def runs_compiled(self) -> None:
        """Said by whoever knows that the model will be run compiled, which does not show on it."""
        if self._sight == "whole":
            self._sight = "parameters"
            self._record.skip("compiled", path="")

    # --- a pass

    def _before(self, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        if module is not self._model:
            if getattr(module, "_is_replica", False):  # a copy by DataParallel, in a thread of its own
                self._record.skip("parallel", path="")
            return
        self._depth += 1
        if self._depth == 1 and torch.is_grad_enabled():
            self.step_begins(float_inputs(args, kwargs))

    def _after(self, module: torch.nn.Module, args: Any, output: Any) -> None:  # noqa: ARG002
        if module is not self._model:
            return
        self._depth -= 1
        if self._depth == 0:
            self.forward_is_over()
            if self._looked_at:
                self._looked_at = False
                Ends(output, self._record).listen()

    def step_begins(self, inputs: list[torch.Tensor]) -> None:
        """A forward pass of a training step begins, of these tensors of floats."""
        if self._sight == "blind":
            return
        record = self._record
        if self._waiting:
            self._compare()
        if self._to_log:
            self._tell()
        record.steps_passed += 1
        if self._gradient_hooks:
            self._drop_gradient_hooks()
        step = record.steps_passed - 1
        if step >= self._first and (step - self._first) % self._every != self._every - 1:
            return
        with torch.no_grad():
            record.begin(inputs, self._same_weights)
            if not self._waiting:
                record.weights.remember()
                self._waiting = 1
        self._looked_at = True
        self._to_log = self._log is not None
        self._gradient_hooks = record.weights.watch_gradients()
        if self._sight == "whole":
            self._tracer = Tracer(self._model, record)
            self._tracer.start()

    def forward_is_over(self) -> None:
        """What comes now is no part of the model; may be said more than once."""
        if self._tracer is not None:
            self._tracer.stop()
            self._tracer = None

    def loss_is(self, value: torch.Tensor) -> None:
        """The loss of this pass, from whoever has it before `backward`."""
        if self._looked_at:
            self._looked_at = False
            Ends((), self._record).loss(value)

    def step_is_over(self) -> None:
        """The optimiser has made its step, if there is one to this pass; may be left unsaid."""
        self.forward_is_over()
        self._compare()
        self._tell()

    def _compare(self) -> None:
        """Has the optimiser moved the parameters since they were remembered?"""
        if not self._waiting:
            return
        self._waiting += 1
        if self._record.weights.compare():
            self._waiting = 0
            self._same_weights = False
        elif self._waiting > _PATIENCE:
            self._waiting = 0

    def _tell(self) -> None:
        """Hand the numbers of the step that is over to the user's log, once."""
        if self._log is not None and self._to_log:
            self._to_log = False
            self._log(numbers(self._record))

    def _drop_gradient_hooks(self) -> None:
        for hook in self._gradient_hooks:
            hook.remove()
        self._gradient_hooks = []
        for p in self._plain:  # a parameter that never had hooks keeps no empty dictionary of them
            if not p._backward_hooks:
                p._backward_hooks = None


def watch(
    model: torch.nn.Module,
    *,
    every: int = 20,
    first: int = 20,
    trained: bool = False,
    thresholds: Thresholds | None = None,
    log: Callable[[dict[str, float]], object] | None = None,
) -> Watch:
    """Watch `model` while your own loop trains it.

    >>> with actlab.watch(model) as w:  # doctest: +SKIP
    ...     train(model)
    >>> print(w.diagnosis())  # doctest: +SKIP

    A step is a call of the model with gradients on. The first `first` steps are looked at, then one in `every`; the
    others pay for one comparison of two whole numbers. Nothing of the model is changed, no random number is drawn, and
    the numbers of a watched step are those of an unwatched one; leaving the block takes every hook away.

    Args:
        model: any `torch.nn.Module`.
        every: look at one step in `every` behind the first ones.
        first: look at all of the first steps.
        trained: the model has been trained before, so what is said of initialisations does not apply.
        thresholds: others than the frozen ones.
        log: called once for each step that was looked at, when it is over, with a flat dictionary of that step's
            numbers, all of them finite floats: ``"actlab/step"``, ``"actlab/layers.2/dead_share"``,
            ``"actlab/layers.2.weight/update"`` … (`actlab.doctor.numbers` lists them). For TensorBoard, MLflow or
            Weights & Biases: ``log=wandb.log``.

    Raises:
        UserError: where `model` is no module, a number of steps is not positive, or `log` cannot be called.
    """
    check_model(model)
    if isinstance(model, torch.jit.ScriptModule):
        raise UserError("doctor.script")
    if log is not None and not callable(log):
        raise UserError("doctor.log", kind=type(log).__name__)
    for name, value in (("every", every), ("first", first)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise UserError("doctor.steps", name=name, value=repr(value)[:40])
    return Watch(model, every=every, first=first, trained=trained, thresholds=thresholds, log=log)


def check_model(model: object) -> None:
    """`UserError` for what is no module, and for one without numbers."""
    if not isinstance(model, torch.nn.Module):
        raise UserError("frameworks.not_a_model", kind=type(model).__name__)
    meta = next((name for name, p in model.named_parameters() if p.is_meta), None)
    if meta is not None:
        raise UserError("doctor.meta", name=meta)


def float_inputs(args: Any, kwargs: Any) -> list[torch.Tensor]:
    """Tensors of floats among the arguments of a model, dictionaries and tuples opened."""
    return floats_among((*args, *kwargs.values()))


#: How much of a model can be seen: all of it, gradients and updates of parameters only, or nothing.
Sight = Literal["whole", "parameters", "blind"]


def sight_of(model: torch.nn.Module, record: Record, eager: bool = False) -> Sight:
    """How much of the model can be seen; what cannot is written down, a sentence each. `eager`: it runs uncompiled."""
    modules = list(model.named_modules())
    sharded = next((name for name, p in model.named_parameters() if _is_sharded(p)), None)
    if sharded is not None:
        record.skip("sharded", path=sharded)
        return "blind"
    compiled = [] if eager else [path for path, module in modules if is_compiled(module)]
    if compiled:
        record.skip("compiled", path=compiled[0])
        return "parameters"
    script = [path for path, module in modules if isinstance(module, torch.jit.ScriptModule)]
    if script:
        record.skip("script", path=script[0])
    parallel = [p for p, m in modules if isinstance(m, torch.nn.DataParallel) and len(m.device_ids) > 1]
    if parallel:
        record.skip("parallel", path=parallel[0])
        return "parameters"
    return "whole"


def _is_sharded(p: torch.Tensor) -> bool:
    """Parameters of which each process holds a part, or whose numbers lie elsewhere (FSDP, DeepSpeed ZeRO 3)."""
    return hasattr(p, "_local_tensor") or hasattr(p, "ds_id") or type(p).__name__ == "FlatParameter"


def is_compiled(module: torch.nn.Module) -> bool:
    """Whether this very module was handed to `torch.compile`, or told to compile itself."""
    return hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None) is not None
