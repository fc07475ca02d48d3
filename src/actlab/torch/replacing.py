"""`actlab.replace`: another activation in a model of PyTorch."""

from __future__ import annotations

import copy as copying
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import nn

import actlab.functions.activation as functions
from actlab.text import UserError, number, tr
from actlab.torch.module import Activation
from actlab.torch.recognise import Wanted, of_function, of_module
from actlab.torch.rescale import Layer, feeders, rescale
from actlab.torch.scan import sites
from actlab.torch.swap import handed_over, swap_calls, swap_in_graph


@dataclass
class Replacement:
    """What `replace` did. ``str()`` says it in the current language.

    Attributes:
        model: the model with the new activation: the one given, or its copy (a new module, where the model itself was
            nothing but the activation).
        old, new: the names of the activations.
        modules: paths of the child modules that were replaced.
        calls: (path, call) of function calls that go to the new activation from now on; attributes that held a
            function count as calls.
        unreached: (path, sentence) of what still computes the old activation, and why.
        rescaled: paths of the layers whose weights were multiplied by `ratio`; `ratio` is 1 for ``init=None``.
        not_rescaled: paths of modules with a replaced activation where no feeding layer was found or understood.
    """

    model: nn.Module
    old: str
    new: str
    modules: list[str] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    unreached: list[tuple[str, str]] = field(default_factory=list)
    rescaled: list[str] = field(default_factory=list)
    not_rescaled: list[str] = field(default_factory=list)
    ratio: float = 1.0

    def __str__(self) -> str:
        lines = [
            tr("frameworks.replaced", old=self.old, new=self.new, modules=len(self.modules), calls=len(self.calls))
        ]
        lines.extend(f"  {path}" for path in self.modules)
        lines.extend(f"  {path}: {call}" for path, call in self.calls)
        lines.extend(f"  {path}: {sentence}" for path, sentence in self.unreached)
        if self.rescaled:
            lines.append(
                tr(
                    "frameworks.rescaled",
                    ratio=number(self.ratio),
                    layers=", ".join(f"“{name}”" for name in self.rescaled),
                )
            )
        if self.not_rescaled:
            lines.append(tr("frameworks.not_rescaled", modules=", ".join(self.not_rescaled)))
        return "\n".join(lines)


def replace(
    model: nn.Module,
    old: str | functions.Activation,
    new: str | functions.Activation,
    *,
    init: Literal["fitted"] | None = None,
    copy: bool = False,
) -> Replacement:
    """Swap an activation in a model: modules, functions held as attributes, and functions called in a forward.

    Modules are known by their definition and parameters: `torch.nn.LeakyReLU(0.2)` is ``leaky_relu(alpha=0.2)``. A bare
    name as `old` (``"leaky_relu"``) stands for every setting of its parameters; with parameters only that setting is
    replaced. In-place flags of modules are dropped; an in-place function call still writes to its argument.

    Calls in a forward (``F.relu(x)``, ``x.relu()``) are found in the bytecode and handed over while that forward runs;
    nothing is traced, so control flow and training mode work as before. See `actlab.torch.swap`.

    Args:
        model: changed in place, unless `copy`.
        old: the activation to replace: what `actlab.get` takes.
        new: the one to put in its place, as `actlab.torch.Activation`.
        init: ``"fitted"`` multiplies the weights of the layers that feed a replaced activation by
            gain(new)/gain(old); the rule is in `actlab.torch.rescale`. ``None`` leaves weights alone.
        copy: work on a deep copy, and leave `model` as it is.

    Returns:
        A `Replacement`; its ``model`` is the model. Replacing relu by relu leaves every output as it was, bit for bit.

    Raises:
        UserError: for activations that `actlab.get` refuses, a model that is no module, another `init`, or where a
            gain does not exist.
    """
    if not isinstance(model, nn.Module):
        raise UserError("frameworks.not_a_model", kind=type(model).__name__)
    if init not in (None, "fitted"):
        raise UserError("frameworks.unknown_init", init=repr(init)[:40])
    wanted, fresh = Wanted(old), functions.get(new)
    ratio = _ratio(wanted.activation, fresh) if init == "fitted" else 1.0
    report = Replacement(copying.deepcopy(model) if copy else model, wanted.activation.name, fresh.name, ratio=ratio)
    places = list(report.model.named_modules())
    layers: dict[Layer, None] = {}
    if init == "fitted":
        layers = _feeding(places, wanted, report)
    _replace_modules(wanted, fresh, report)
    _replace_calls(places, old, wanted, fresh, report)
    rescale(list(layers), ratio)
    report.rescaled = [path for path, module in places if module in layers] if ratio != 1.0 else []
    return report


def _ratio(old: functions.Activation, new: functions.Activation) -> float:
    gains = [activation.facts.gain for activation in (old, new)]
    for activation, gain in zip((old, new), gains, strict=True):
        if not 0 < gain < float("inf"):
            raise UserError("frameworks.no_gain", name=activation.name)
    return 1.0 if old == new else gains[1] / gains[0]


def _feeding(places: list[tuple[str, nn.Module]], wanted: Wanted, report: Replacement) -> dict[Layer, None]:
    words = wanted.words()

    def is_replaced(target: Any) -> bool:
        return wanted(of_module(target) if isinstance(target, nn.Module) else of_function(target))

    layers: dict[Layer, None] = {}
    for path, module in places:
        if isinstance(module, torch.jit.ScriptModule):
            continue
        inside = any(is_replaced(child) for child in module.children()) or any(map(is_replaced, vars(module).values()))
        if inside or sites(module, words):
            found, known = feeders(module, is_replaced)
            layers.update(dict.fromkeys(found))
            if not known:
                report.not_rescaled.append(path or _root())
    return layers


def _replace_modules(wanted: Wanted, fresh: functions.Activation, report: Replacement) -> None:
    if wanted(of_module(report.model)):
        report.modules.append(_root())
        report.model = Activation(fresh).train(report.model.training)
        return
    twins: dict[nn.Module, nn.Module] = {}  # a module in two places stays one module
    for path, parent in list(report.model.named_modules()):
        if isinstance(parent, torch.jit.ScriptModule):
            continue
        for name, child in list(parent._modules.items()):
            if child is None or not wanted(of_module(child)):
                continue
            twins.setdefault(child, Activation(fresh).train(child.training))
            parent._modules[name] = twins[child]
            _leave_fast_path(parent)
            report.modules.append(f"{path}.{name}" if path else name)
    order = {path: place for place, (path, _) in enumerate(report.model.named_modules(remove_duplicate=False))}
    report.modules.sort(key=order.__getitem__)


def _replace_calls(
    places: list[tuple[str, nn.Module]],
    old: str | functions.Activation,
    wanted: Wanted,
    fresh: functions.Activation,
    report: Replacement,
) -> None:
    words = wanted.words()
    for path, module in places:
        shown = path or _root()
        if isinstance(module, torch.jit.ScriptModule):
            report.unreached.append((shown, tr("frameworks.unreached.script")))
            continue
        reason = _inside(module, wanted)
        if reason is not None:
            report.unreached.append((shown, tr(f"frameworks.unreached.{reason}", kind=type(module).__name__)))
            continue
        for name, held in list(vars(module).items()):
            if not name.startswith("_") and wanted(of_function(held)):
                del module.__dict__[name]
                module.add_module(name, Activation(fresh).train(module.training))
                _leave_fast_path(module)
                report.calls.append((shown, f"self.{name}"))
        if isinstance(module, torch.fx.GraphModule):
            done, left = swap_in_graph(module, old, Activation(fresh).train(module.training))
            report.calls.extend((shown, call) for call in done)
            report.unreached.extend((shown, tr(f"frameworks.unreached.{why}", call=call)) for call, why in left)
            continue
        found = sites(module, words) if not handed_over(module) >= set(wanted.calls()) else []
        if found and "forward" in vars(module):
            report.unreached.append((shown, tr("frameworks.unreached.patched", call=str(found[0]))))
        elif found:
            swap_calls(module, old, Activation(fresh).train(module.training))
            report.calls.extend((shown, str(site)) for site in found)


def _inside(module: nn.Module, wanted: Wanted) -> str | None:
    """Why the old activation stays inside of `module`, which computes it in one piece; ``None``: it does not."""
    name = wanted.activation.name
    if isinstance(module, nn.RNNBase | nn.RNNCellBase):
        fused = {"sigmoid", "tanh"} if not hasattr(module, "nonlinearity") else {module.nonlinearity}
        return "recurrent" if name in fused else None
    home = type(module).__module__
    if home.startswith(("torch.ao.nn", "torch.nn.intrinsic")) and name in type(module).__name__.lower():
        return "fused"
    return None


def _leave_fast_path(layer: nn.Module) -> None:
    """The fused path of a transformer layer knows relu and gelu only, and would go on computing them."""
    if "activation_relu_or_gelu" in layer.__dict__:
        layer.__dict__["activation_relu_or_gelu"] = 0


def _root() -> str:
    return tr("frameworks.root")
