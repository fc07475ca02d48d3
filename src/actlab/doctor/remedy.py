"""Remedies that can be applied by a program: what changes in a model or its training, and the same as readable code."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import nn

from actlab.doctor.refit import feeders, module_at, owners, plan, refit, refit_code, restart, restart_code
from actlab.doctor.skips import learn_slopes, learn_slopes_code, put_around, put_around_code, rectifiers, runs
from actlab.torch import replace
from actlab.torch.recognise import of_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab.doctor.finding import Finding
    from actlab.doctor.readings import Readings

#: What a remedy that replaces an activation puts in its place.
FRESH: Final = {"leaky_relu": "leaky_relu", "relu_family": "gelu"}
_FIRST_STEP: Final = 1e-2
_NORMS: Final = {3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}


@dataclass(frozen=True)
class Remedy:
    """One change: of the model (`apply`), of the learning rate (`rate`), of the gradient's norm (`clip`).

    `patch` is the same change as code that runs where ``model`` and (where it says so) ``learning_rate`` are known.
    """

    name: str
    patch: str
    apply: Callable[[nn.Module], nn.Module] = lambda model: model
    rate: float = 1.0
    clip: float | None = None


class Standardise(nn.Module):
    """Inputs with mean 0 and standard deviation 1, feature by feature, by numbers measured once."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, mean: torch.Tensor, std: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(x − mean) / std."""
        return (x - self.mean) / self.std


class Finite(nn.Module):
    """Inputs with 0 in place of what is not finite."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x, or 0 where x is NaN or infinite."""
        return torch.where(torch.isfinite(x), x, torch.zeros_like(x))


def remedy_for(
    name: str, finding: Finding | None, readings: Readings, model: nn.Module, inputs: list[Any]
) -> Remedy | None:
    """The remedy `name` for `finding`, on models like `model`; ``None`` where no program can apply it.

    `inputs` are the first arguments of the model, a batch each.
    """
    if name in ("lower_rate", "raise_rate"):
        return _rate(name, readings)
    if name == "clip":
        code = "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # before each optimizer.step()"
        return Remedy(name, code, clip=1.0)
    if name == "fitted_init":
        return _fitted_init(readings, model)
    if name in ("reset_layer", "reset_scores"):
        return _anew(name, readings, model)
    if name == "clean_inputs":
        return _cleaned(inputs)
    if name == "norm":
        return _norm(readings, model)
    if name in FRESH:
        return _replacement(name, readings, model)
    if name == "prelu":
        return _learned_slopes(readings, model)
    if name == "residual":
        return _ways_around(readings, model)
    if name == "centre_inputs":
        return _centred(inputs)
    if name in ("remove_softmax", "remove_sigmoid", "linear_output") and finding is not None:
        return _output(name, finding, readings, model)
    if name == "activation_between":
        return _between(readings, model)
    return None


def _put(model: nn.Module, path: str, module: nn.Module) -> None:
    parent, _, name = path.rpartition(".")
    model.get_submodule(parent)._modules[name] = module


def _fitted_init(readings: Readings, model: nn.Module) -> Remedy | None:
    gains, anew = plan(readings, model, {})
    if not gains and not anew:
        return None

    def apply(model: nn.Module) -> nn.Module:
        refit(model, gains, anew)
        return model

    return Remedy("fitted_init", refit_code(gains, anew), apply)


def _anew(name: str, readings: Readings, model: nn.Module) -> Remedy | None:
    """Layers whose weights are not finite, or those that make the scores of a saturated softmax, start anew."""
    if name == "reset_layer":
        layers = [w.layer for w in readings.weights if not w.finite]
    else:
        layers = [path for s in readings.sites if s.kind in ("softmax", "attention") for path in s.scorers]
    paths = owners(model, layers)
    if not paths:
        return None

    def apply(model: nn.Module) -> nn.Module:
        restart(model, paths)
        return model

    return Remedy(name, restart_code(paths), apply)


def _rate(name: str, readings: Readings) -> Remedy:
    """A power of ten that brings the first step's ‖Δw‖/‖w‖ near to 10⁻²; ten where none was seen."""
    first = [
        w.first_update for w in readings.weights if w.kind in ("linear", "conv", "recurrent") and w.first_update > 0
    ]
    factor = _FIRST_STEP / float(np.median(first)) if first else 1.0
    power = round(math.log10(factor)) if math.isfinite(factor) and factor > 0 else 0
    power = min(max(power, -4), -1) if name == "lower_rate" else max(min(power, 5), 1)
    factor = float(f"1e{power}")
    return Remedy(name, f"learning_rate = {factor!r} * learning_rate", rate=factor)


def _replacement(name: str, readings: Readings, model: nn.Module) -> Remedy | None:
    """The most frequent hidden activation of the kind in question is replaced, and the weights fitted anew."""
    hidden = [s.activation for s in readings.sites if s.activation is not None and not s.output]
    output = {s.activation.name for s in readings.sites if s.activation is not None and s.output}
    if name == "leaky_relu":
        names = [a.name for a in hidden if a.name == "relu"]
    else:
        names = [a.name for a in hidden if all(a.facts.saturates)]
    if not names or max(set(names), key=names.count) in output:
        return None
    old, new = max(sorted(set(names)), key=names.count), FRESH[name]
    gains, anew = plan(readings, model, {old: new})

    def apply(model: nn.Module) -> nn.Module:
        changed = replace(model, old, new).model
        refit(changed, gains, anew)
        return changed

    return Remedy(name, f"model = actlab.replace(model, {old!r}, {new!r}).model\n{refit_code(gains, anew)}", apply)


def _learned_slopes(readings: Readings, model: nn.Module) -> Remedy | None:
    """PReLU where ReLU is a module of its own; ReLUs that a forward calls have no place to keep a slope in."""
    paths = rectifiers(readings, model)
    if not paths:
        return None
    gains, anew = plan(readings, model, {"relu": "prelu"})

    def apply(model: nn.Module) -> nn.Module:
        refit(learn_slopes(model, paths), gains, anew)
        return model

    return Remedy("prelu", f"{learn_slopes_code(paths)}\n{refit_code(gains, anew)}", apply)


def _ways_around(readings: Readings, model: nn.Module) -> Remedy | None:
    places = runs(readings, model)
    if not places:
        return None
    return Remedy("residual", put_around_code(places), lambda model: put_around(model, places))


def _norm(readings: Readings, model: nn.Module) -> Remedy | None:
    kinds = {}
    for path in feeders(readings, model):
        if isinstance(module_at(model, path.rpartition(".")[0]), nn.TransformerEncoderLayer):
            continue  # it has norms, and reads its layers' weights by name
        layer: Any = model.get_submodule(path)
        dims = layer.weight.dim()
        kinds[path] = ("LayerNorm" if dims == 2 else _NORMS[dims], int(layer.weight.shape[0]))
    kinds = {path: kind for path, kind in kinds.items() if path != ""}
    if not kinds:
        return None

    def apply(model: nn.Module) -> nn.Module:
        for path, (kind, features) in kinds.items():
            _put(model, path, nn.Sequential(model.get_submodule(path), getattr(nn, kind)(features)))
        return model

    lines = [
        f"for path, (kind, features) in {kinds!r}.items():",
        "    parent, _, name = path.rpartition('.')",
        "    norm = getattr(torch.nn, kind)(features)",
        "    setattr(model.get_submodule(parent), name, torch.nn.Sequential(model.get_submodule(path), norm))",
    ]
    return Remedy("norm", "\n".join(lines), apply)


def _centred(inputs: list[Any]) -> Remedy | None:
    if not inputs or not all(isinstance(x, torch.Tensor) and x.is_floating_point() and x.dim() > 1 for x in inputs):
        return None
    if len({tuple(x.shape[1:]) for x in inputs}) > 1:
        return None
    every = torch.cat([x.detach() for x in inputs])
    axes = [0, *range(2, every.dim())] if every.dim() >= 4 else [0]
    mean, std = every.mean(axes, keepdim=True), every.std(axes, keepdim=True)
    std = torch.where(std > 0, std, torch.ones_like(std))

    def apply(model: nn.Module) -> nn.Module:
        return nn.Sequential(Standardise(mean, std), model)

    lines = [
        f"x = torch.cat([batch[0] for batch in batches])  # mean and standard deviation over axes {axes}",
        f"mean, std = x.mean({axes}, keepdim=True), x.std({axes}, keepdim=True)",
        "std = torch.where(std > 0, std, torch.ones_like(std))",
        "model = torch.nn.Sequential(actlab.doctor.remedy.Standardise(mean, std), model)",
    ]
    return Remedy("centre_inputs", "\n".join(lines), apply)


def _cleaned(inputs: list[Any]) -> Remedy | None:
    if not inputs or not all(isinstance(x, torch.Tensor) and x.is_floating_point() for x in inputs):
        return None
    code = "model = torch.nn.Sequential(actlab.doctor.remedy.Finite(), model)  # better: find where they come from"
    return Remedy("clean_inputs", code, lambda model: nn.Sequential(Finite(), model))


def _output(name: str, finding: Finding, readings: Readings, model: nn.Module) -> Remedy | None:
    """The output activation, where it is a module of its own, becomes the identity."""
    function = str(finding.values.get("function", ""))
    paths = [s.site.path for s in readings.sites if s.output and s.site.function == function]
    module = module_at(model, paths[-1]) if paths and paths[-1] else None
    if module is None or not (isinstance(module, nn.Softmax) or of_module(module) is not None):
        return None
    path = paths[-1]

    def apply(model: nn.Module) -> nn.Module:
        _put(model, path, nn.Identity())
        return model

    parent, _, last = path.rpartition(".")
    return Remedy(name, f"setattr(model.get_submodule({parent!r}), {last!r}, torch.nn.Identity())", apply)


def _between(readings: Readings, model: nn.Module) -> Remedy | None:
    """A GELU behind the first of every two layers that follow each other (or behind the norm between them)."""
    paths = [path for stack in readings.stacks if (path := stack.between or stack.first) and module_at(model, path)]
    if not paths and all(s.output for s in readings.sites):  # no activation at all
        layers = dict.fromkeys(w.layer for w in readings.weights if w.kind in ("linear", "conv") and w.order >= 0)
        paths = [path for path in list(layers)[:-1] if module_at(model, path)]
    if not paths:
        return None

    def apply(model: nn.Module) -> nn.Module:
        for path in paths:
            _put(model, path, nn.Sequential(model.get_submodule(path), nn.GELU()))
        return model

    lines = [
        f"for path in {paths!r}:",
        "    parent, _, name = path.rpartition('.')",
        "    both = torch.nn.Sequential(model.get_submodule(path), torch.nn.GELU())",
        "    setattr(model.get_submodule(parent), name, both)",
    ]
    return Remedy("activation_between", "\n".join(lines), apply)
