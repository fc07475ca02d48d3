"""Calls of an activation as a function, swapped while a module's forward runs.

The module keeps its own forward. Around it a mode of PyTorch sees every function it calls (``F.relu(x)``,
``torch.relu(x)``, ``x.relu()``, in helpers too) and hands the wanted ones to the new activation. Nothing is traced or
rewritten, so control flow, `training`, dropout and optional arguments work as before.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

import actlab.functions.activation as functions
from actlab.torch.module import Activation
from actlab.torch.recognise import Call, Wanted, meets

Calls = dict[Any, Call]
GraphCalls = tuple[list[str], list[tuple[str, str]]]  # calls handed over; calls left, with the reason
NAME: Final = "swapped_activation"  # children of a swapped module: swapped_activation, swapped_activation_1, …


class _Swap(TorchFunctionMode):
    """While this mode is on, calls of `calls` go to `activation`."""

    def __init__(self, calls: Calls, activation: torch.nn.Module) -> None:
        super().__init__()
        self.calls, self.activation = calls, activation

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        call = self.calls.get(func)
        if call is not None and meets(call, args, kwargs):
            x = args[0] if args else kwargs["input"]
            if call.in_place or kwargs.get("inplace", False):  # the caller may look at x afterwards
                return x.copy_(self.activation(x.clone()))
            return self.activation(x)
        return func(*args, **kwargs)


class Swapped:
    """What a module becomes a subclass of when calls in its forward are swapped.

    It pickles and copies: the state holds what was asked for, and the functions to look out for are found again.
    """

    _actlab_swaps: tuple[tuple[str, str | functions.Activation], ...]
    _actlab_calls: tuple[tuple[str, Calls], ...]

    def __reduce_ex__(self, protocol: Any) -> Any:  # the class is made at run time; a pickle names what it is made of
        state = {name: held for name, held in self.__dict__.items() if name != "_actlab_calls"}
        return _restored, (original_class(self),), state

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)  # type: ignore[misc]
        self._actlab_calls = tuple((name, Wanted(old).calls()) for name, old in self._actlab_swaps)


def original_class(module: Any) -> type[torch.nn.Module]:
    """The class of `module` before calls in its forward were swapped."""
    kind: type[torch.nn.Module] = type(module)
    return kind.__mro__[2] if issubclass(kind, Swapped) else kind


def handed_over(module: torch.nn.Module) -> set[Any]:
    """The functions whose calls in `module` go to some activation already."""
    return {function for _, calls in module.__dict__.get("_actlab_calls", ()) for function in calls}


def _restored(kind: type[torch.nn.Module]) -> Any:
    swapped = _swapped_class(kind)
    return swapped.__new__(swapped)


_classes: dict[type[torch.nn.Module], type[torch.nn.Module]] = {}


def _swapped_class(kind: type[torch.nn.Module]) -> type[torch.nn.Module]:
    if kind in _classes:
        return _classes[kind]

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _under(self, self._actlab_calls, kind.forward, args, kwargs)

    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    _classes[kind] = type(kind.__name__, (Swapped, kind), {**names, "forward": forward})
    return _classes[kind]


def _under(module: Any, swaps: tuple[tuple[str, Calls], ...], forward: Any, args: Any, kwargs: Any) -> Any:
    """`forward` with all `swaps` on: one inside the other, in a form that compilers follow."""
    if not swaps:
        return forward(module, *args, **kwargs)
    name, calls = swaps[0]
    with _Swap(calls, getattr(module, name)):
        return _under(module, swaps[1:], forward, args, kwargs)


def swap_calls(module: torch.nn.Module, old: str | functions.Activation, new: Activation) -> None:
    """From now on calls of `old` in the forward of `module` go to `new`, which becomes a child of the module."""
    held = module.__dict__
    swaps: tuple[Any, ...] = held.get("_actlab_swaps", ())
    name = NAME if not swaps else f"{NAME}_{len(swaps)}"
    module.add_module(name, new)
    if not swaps:
        module.__class__ = _swapped_class(type(module))
    held["_actlab_swaps"] = (*swaps, (name, old))
    held["_actlab_calls"] = (*held.get("_actlab_calls", ()), (name, Wanted(old).calls()))


def swap_in_graph(module: torch.fx.GraphModule, old: str | functions.Activation, new: Activation) -> GraphCalls:
    """The same for a module that is a graph: its calls of `old` become calls of a child. Nothing has to watch there."""
    wanted = Wanted(old)
    calls, words = wanted.calls(), wanted.words()
    name = NAME if not hasattr(module, NAME) else f"{NAME}_{len(module.graph.nodes)}"
    done: list[str] = []
    left: list[tuple[str, str]] = []
    for node in list(module.graph.nodes):
        target = getattr(torch.Tensor, str(node.target), None) if node.op == "call_method" else node.target
        if node.op not in ("call_function", "call_method"):
            continue
        if isinstance(target, torch._ops.OpOverload):  # what torch.export leaves
            if target._schema.name.partition("::")[2] in words:
                left.append((str(node), "exported"))
            continue
        call = calls.get(target)
        if call is None or not meets(call, node.args, node.kwargs):
            continue
        x = node.args[0] if node.args else node.kwargs["input"]
        if (call.in_place or node.kwargs.get("inplace", False)) and len(x.users) > 1:
            left.append((str(node), "in_place"))
            continue
        if not done:
            module.add_submodule(name, new)
        with module.graph.inserting_after(node):
            fresh = module.graph.call_module(name, (x,))
        node.replace_all_uses_with(fresh)
        module.graph.erase_node(node)
        done.append(str(node))
    if done:
        module.recompile()
    return done, left
