"""`actlab.check`: show a model a few batches, and say what is wrong with it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.doctor.diagnosis import Diagnosis, diagnose
from actlab.doctor.ends import Ends, own_loss
from actlab.doctor.record import Record
from actlab.doctor.tracer import Tracer
from actlab.doctor.untouched import as_it_was
from actlab.doctor.watching import Sight, check_model, float_inputs, is_compiled, sight_of
from actlab.text import UserError
from actlab.torch.batches import brief, split
from actlab.torch.threads import enough_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from actlab.doctor.thresholds import Thresholds

BATCHES: Final = 8


def check(
    model: torch.nn.Module,
    batches: Iterable[Any],
    *,
    loss: Callable[..., torch.Tensor] | None = None,
    max_batches: int = BATCHES,
    trained: bool = False,
    thresholds: Thresholds | None = None,
) -> Diagnosis:
    """Show `model` a few batches, forward and (where there is a loss) backward, and say what is wrong with it.

    Nothing is trained. Afterwards parameters, their gradients, buffers (running averages of batch norm) and the random
    states of PyTorch, NumPy and Python are what they were, bit for bit. The model runs in the mode it is in.

    Args:
        model: any `torch.nn.Module`; a model compiled by `torch.compile` is looked at uncompiled.
        batches: any iterable of batches. A pair is (input, target); a longer tuple, all but the last go to the model;
            a dictionary goes to the model by name; anything else is an input without target.
        loss: called with the model's output and the target (the whole batch where that is a dictionary; nothing more
            where there is no target), it gives one number. Without it the output's own ``loss`` is used where it has
            one (as models of `transformers` do); else nothing is said about gradients.
        max_batches: how many batches are looked at.
        trained: the model has been trained before, so what is said of initialisations does not apply.
        thresholds: others than the frozen ones.

    Raises:
        UserError: where `model` is no module, there are no batches, the model cannot be run on a batch, or the loss is
            no single number.
    """
    check_model(model)
    if isinstance(max_batches, bool) or not isinstance(max_batches, int) or max_batches < 1:
        raise UserError("doctor.steps", name="max_batches", value=repr(max_batches)[:40])
    model = _uncompiled(model)
    record = Record(model)
    sight = sight_of(model, record, eager=True)
    if sight == "blind":
        return diagnose(record.readings(trained), thresholds)
    with as_it_was(model), torch.enable_grad(), _uncompiled_parts(model):
        for number, batch in enumerate(_iterated(batches)):
            if number >= max_batches:
                break
            with enough_threads(model, batch):
                _look(model, batch, loss, record, sight)
    if not record.steps:
        raise UserError("doctor.no_batches")
    if not record.has_gradients and not any(w.gradients for w in record.weights.all()):
        record.skip("no_loss" if loss is None else "no_gradients")
    return diagnose(record.readings(trained), thresholds)


def _iterated(batches: Any) -> Iterable[Any]:
    if isinstance(batches, torch.Tensor | str) or not hasattr(batches, "__iter__"):
        raise UserError("doctor.batches", kind=type(batches).__name__)
    found: Iterable[Any] = batches
    return found


def _uncompiled(model: torch.nn.Module) -> torch.nn.Module:
    inner = getattr(model, "_orig_mod", model)
    return inner if isinstance(inner, torch.nn.Module) else model


def _uncompiled_parts(model: torch.nn.Module) -> AbstractContextManager[Any]:
    """Inside, whatever of the model was compiled runs as it was written."""
    if not any(is_compiled(module) for module in model.modules()):
        return nullcontext()
    eager: AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
    return eager


def _look(
    model: torch.nn.Module, batch: Any, loss: Callable[..., torch.Tensor] | None, record: Record, sight: Sight
) -> None:
    args, kwargs, rest = split(batch)
    record.steps_passed += 1
    record.begin(float_inputs(args, kwargs), same_weights=True)
    tracer = Tracer(model, record) if sight == "whole" else None
    if tracer is not None:
        tracer.start()
    try:
        try:
            output = model(*args, **kwargs)
        except Exception as error:  # the model is the user's: whatever it raises belongs to the answer
            raise UserError("doctor.cannot_run", error=brief(error)) from error
        if tracer is not None:
            tracer.pass_over()
        value = _loss_of(output, rest, loss)
    finally:
        if tracer is not None:
            tracer.stop()
    ends = Ends(output, record)
    if value is not None:
        ends.loss(value)
    if value is not None and value.requires_grad:
        _backward(model, value, record)


def _loss_of(output: Any, rest: tuple[Any, ...], loss: Callable[..., torch.Tensor] | None) -> torch.Tensor | None:
    if loss is None:
        return own_loss(output)
    try:
        value = loss(output, *rest)
    except Exception as error:
        raise UserError("doctor.cannot_lose", error=brief(error)) from error
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        raise UserError("doctor.loss_not_one", kind=_shown(value))
    return value


def _shown(value: Any) -> str:
    return f"{type(value).__name__}, {tuple(value.shape)}" if isinstance(value, torch.Tensor) else type(value).__name__


def _backward(model: torch.nn.Module, value: torch.Tensor, record: Record) -> None:
    """Gradients without touching any ``.grad``, nor whatever hangs on accumulating one (optimisers in backward)."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        return
    found = torch.autograd.grad(value.reshape(()), parameters, allow_unused=True)
    record.weights.take({id(p): g for p, g in zip(parameters, found, strict=True) if g is not None})
