"""The remedy of a way around: skip connections, and slopes that are learned, where a model's modules allow them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from torch import nn

from actlab.doctor.refit import module_at
from actlab.functions import get
from actlab.torch.recognise import of_module

if TYPE_CHECKING:
    import torch

    from actlab.doctor.readings import Readings

_NORMS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)


class Skip(nn.Module):
    """What goes around a part is added to what comes out of it."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x + part(x)."""
        result: torch.Tensor = x + self.part(x)
        return result


class Run(NamedTuple):
    """Children `names` of the `nn.Sequential` at `path`: a layer that keeps shapes, perhaps a norm, an activation."""

    path: str
    names: tuple[str, ...]
    function: str


def runs(readings: Readings, model: nn.Module) -> list[Run]:
    """Where a way around fits: layers that keep the shape of what they get, with their activations."""
    hidden = {s.site.path for s in readings.sites if s.kind == "activation" and not s.output}
    found = []
    for path, module in model.named_modules():
        children = list(module.named_children()) if isinstance(module, nn.Sequential) else []
        for place, (_, layer) in enumerate(children):
            if not _keeps_shape(layer):
                continue
            behind = place + 1
            behind += behind < len(children) and isinstance(children[behind][1], _NORMS)
            known = of_module(children[behind][1]) if behind < len(children) else None
            names = tuple(child for child, _ in children[place : behind + 1])
            if known is not None and f"{path}.{names[-1]}".lstrip(".") in hidden:
                found.append(Run(path, names, known.name))
    return found


def _keeps_shape(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Linear):
        return layer.in_features == layer.out_features
    if not isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d) or layer.in_channels != layer.out_channels:
        return False
    if isinstance(layer.padding, str):
        return layer.padding == "same"
    sizes = zip(layer.kernel_size, layer.stride, layer.padding, layer.dilation, strict=True)
    return all(s == 1 and 2 * p == d * (k - 1) for k, s, p, d in sizes)


def put_around(model: nn.Module, places: list[Run]) -> nn.Module:
    """A way around each place, whose weights start so that all of them together add as much as goes around."""
    for path, names, function in places:
        parent = model.get_submodule(path)
        parts: list[Any] = [parent.get_submodule(name) for name in names]
        spread = (parts[0].weight[0].numel() * len(places)) ** 0.5
        nn.init.normal_(parts[0].weight, std=get(function).facts.gain / spread)
        if parts[0].bias is not None:
            nn.init.zeros_(parts[0].bias)
        setattr(parent, names[0], Skip(nn.Sequential(*parts)))
        for name in names[1:]:
            setattr(parent, name, nn.Identity())
    return model


def put_around_code(places: list[Run]) -> str:
    """`put_around` as code."""
    plain = [tuple(place) for place in places]
    return "\n".join(
        [
            f"places = {plain!r}",
            "for path, names, function in places:  # a layer, perhaps a norm, and its activation",
            "    parent = model.get_submodule(path)",
            "    parts = [parent.get_submodule(name) for name in names]",
            "    spread = (parts[0].weight[0].numel() * len(places)) ** 0.5",
            "    torch.nn.init.normal_(parts[0].weight, std=actlab.get(function).facts.gain / spread)",
            "    if parts[0].bias is not None:",
            "        torch.nn.init.zeros_(parts[0].bias)",
            "    setattr(parent, names[0], actlab.doctor.skips.Skip(torch.nn.Sequential(*parts)))",
            "    for name in names[1:]:",
            "        setattr(parent, name, torch.nn.Identity())",
        ]
    )


def rectifiers(readings: Readings, model: nn.Module) -> list[str]:
    """Paths of the `nn.ReLU` modules that act inside of the model: a slope of their own can be learned there."""
    paths = dict.fromkeys(s.site.path for s in readings.sites if s.kind == "activation" and not s.output)
    return [path for path in paths if path and isinstance(module_at(model, path), nn.ReLU)]


def learn_slopes(model: nn.Module, paths: list[str]) -> nn.Module:
    """`nn.PReLU` in place of the modules at `paths`."""
    for path in paths:
        parent, _, name = path.rpartition(".")
        setattr(model.get_submodule(parent), name, nn.PReLU())
    return model


def learn_slopes_code(paths: list[str]) -> str:
    """`learn_slopes` as code."""
    return "\n".join(
        [
            f"for path in {paths!r}:",
            "    parent, _, name = path.rpartition('.')",
            "    setattr(model.get_submodule(parent), name, torch.nn.PReLU())",
        ]
    )
