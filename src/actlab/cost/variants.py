"""Copies of a user's model: with another activation, and with the activations' work left out."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from actlab.functions import Activation, get
from actlab.torch import Activation as Computed
from actlab.torch import replace
from actlab.torch.native import module_for
from actlab.torch.recognise import of_call, of_module

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class Found:
    """An activation of the model.

    Attributes:
        activation: which.
        calls, elements: how often a pass of one batch computes it, and of how many numbers.
    """

    activation: Activation
    calls: int = 0
    elements: int = 0


@dataclass
class Variant:
    """A copy of the model.

    Attributes:
        model: the copy.
        calls: whether function calls in a forward are handed over, which takes Python's time at every call.
        unreached: (path, sentence) of what still computes the old activation.
        settle: called between two passes: puts back what a pass may have written over.
    """

    model: torch.nn.Module
    calls: bool = False
    unreached: tuple[tuple[str, str], ...] = ()
    free: list[Free] = field(default_factory=list)

    def settle(self) -> None:
        """Between two passes: what was remembered is as it was."""
        for module in self.free:
            module.settle()


class Free(torch.nn.Module):
    """An activation whose work is left out: it hands back what it gave in the first pass, at the price of a look-up.

    So the rest of the model sees the numbers that it is used to: losses that ask for probabilities find some. The
    gradient passes as if the slope were 1. Where an input has another shape than in the first pass, it is handed back
    itself.
    """

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner: torch.nn.Module | None = inner
        self.kept: list[tuple[torch.Tensor, torch.Tensor, int]] = []  # as handed out, as it was, its version
        self.at = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What φ(x) was."""
        if self.inner is not None:
            value: torch.Tensor = self.inner(x)
            given = value.detach().clone()
            self.kept.append((given, given.clone(), given._version))
            return value
        if not self.kept:  # not called in the first pass
            return x
        given = self.kept[self.at % len(self.kept)][0]
        self.at += 1
        if given.shape != x.shape or given.dtype != x.dtype:
            return x
        if not x.requires_grad:
            return given
        if x.is_leaf:
            return x * 1
        x.data = given  # the graph as it is, with the numbers of φ: nothing is computed, and nothing is saved for later
        return x

    def settle(self) -> None:
        """Forget whose turn it is; undo what was written over in place."""
        self.at = 0
        for k, (given, value, version) in enumerate(self.kept):
            if given._version != version:
                fresh = value.clone()
                self.kept[k] = (fresh, value, fresh._version)


def census(run: Callable[[], Any], model: torch.nn.Module) -> list[Found]:
    """The activations that `run`, one pass of the model, computes; the one of most numbers first."""
    counter = _Census()
    hooks: list[Any] = []
    for module in model.modules():
        known = None if isinstance(module, torch.jit.ScriptModule) else of_module(module)
        if known is not None:
            hooks += [
                module.register_forward_pre_hook(counter.entering(known)),
                module.register_forward_hook(counter.left, always_call=True),
            ]
    try:
        with counter:
            run()
    finally:
        for hook in hooks:
            hook.remove()
    counter.found.pop(get("identity"), None)
    return sorted(counter.found.values(), key=lambda one: -one.elements)


class _Census(TorchFunctionMode):
    """Counts calls of activations, as modules and as functions; a module's own calls are part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[Activation, Found] = {}
        self.muted = 0

    def count(self, activation: Activation, x: Any) -> None:
        """One call."""
        one = self.found.setdefault(activation, Found(activation))
        one.calls += 1
        one.elements += x.numel() if isinstance(x, torch.Tensor) else 0

    def entering(self, activation: Activation) -> Callable[[Any, Any], None]:
        """A hook for a module that is an activation."""

        def enter(_: Any, args: Any) -> None:
            if not self.muted:
                with torch._C.DisableTorchFunction():
                    self.count(activation, args[0] if args else None)
            self.muted += 1

        return enter

    def left(self, *_: Any) -> None:
        """The same module is left."""
        self.muted -= 1

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not self.muted:
            try:
                known = of_call(func, args, kwargs)
            except TypeError:  # a function that cannot be looked up is none of PyTorch's own
                known = None
            if known is not None:
                with torch._C.DisableTorchFunction():
                    self.count(known, args[0] if args else kwargs.get("input"))
        return func(*args, **kwargs)


def with_activation(model: torch.nn.Module, old: Activation, new: Activation) -> Variant:
    """A copy in which `new` stands for `old`, by PyTorch's own module where there is one (see `actlab.replace`)."""
    return _swapped(model, [old], lambda _: new, module_for)


def plain_copy(model: torch.nn.Module) -> torch.nn.Module:
    """The model itself, on its own weights, but with modes, buffers and gradients of its own."""
    copied = copy.deepcopy(model)
    _share_weights(copied, model)
    return copied


def with_itself(model: torch.nn.Module, olds: Sequence[Activation]) -> Variant:
    """A copy that computes the same, with every function call handed over: what handing over takes is in it."""
    return _swapped(model, olds, lambda old: old, module_for)


def without(model: torch.nn.Module, olds: Sequence[Activation], run: Callable[[torch.nn.Module], Any]) -> Variant:
    """A copy in which `olds` cost nothing; `run` passes a batch through it, once, to see what they give."""
    found = _swapped(model, olds, lambda old: old, lambda old: Free(module_for(old)))
    found.free = [module for module in found.model.modules() if isinstance(module, Free)]
    run(found.model)
    for module in found.free:
        module.inner = None
    found.settle()
    return found


def _swapped(
    model: torch.nn.Module, olds: Sequence[Activation], to: Callable[[Activation], Activation],
    make: Callable[[Activation], torch.nn.Module],
) -> Variant:  # fmt: skip
    found = Variant(copy.deepcopy(model))
    unreached: list[tuple[str, str]] = []
    for old in olds:
        before = {id(module) for module in found.model.modules() if isinstance(module, Computed)}
        report = replace(found.model, old, to(old))
        found.model, found.calls = report.model, found.calls or bool(report.calls)
        unreached += report.unreached
        fresh: dict[int, torch.nn.Module] = {}

        def put(
            child: torch.nn.Module, before: set[int] = before, fresh: dict[int, torch.nn.Module] = fresh
        ) -> torch.nn.Module:
            if not isinstance(child, Computed) or id(child) in before:
                return child
            return fresh.setdefault(id(child), make(child.activation).train(child.training))

        for parent in list(found.model.modules()):
            if isinstance(parent, torch.jit.ScriptModule):
                continue
            for name, held in list(parent._modules.items()):
                if held is not None:
                    parent._modules[name] = put(held)
        found.model = put(found.model)
        _keep_in_place(found.model, model, report.modules)
    found.unreached = tuple(dict.fromkeys(unreached))
    _share_weights(found.model, model)
    return found


def _keep_in_place(changed: torch.nn.Module, model: torch.nn.Module, paths: Sequence[str]) -> None:
    """Where the old activation wrote over its input the new one does, if it can: that is part of the price."""
    for path in paths:
        old, new = (dict(one.named_modules(remove_duplicate=False)).get(path) for one in (model, changed))
        if getattr(old, "inplace", False) and hasattr(new, "inplace"):
            new.inplace = True  # type: ignore[union-attr]


def _share_weights(copied: torch.nn.Module, model: torch.nn.Module) -> None:
    """The copy reads the model's own weights: no memory for another set, and the same way to them for each copy."""
    held = dict(model.named_parameters())
    for name, parameter in copied.named_parameters():
        if name in held and held[name].shape == parameter.shape:
            parameter.data = held[name].data
