"""Remedies that start weights anew: with the gain that fits, or as their module starts by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from torch import nn

from actlab.functions import get

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actlab.doctor.readings import Readings

Gains = dict[str, str]
_MATRICES: Final = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
_BY_THEMSELVES: Final = (
    nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm, nn.RNNBase, nn.RNNCellBase,
    nn.MultiheadAttention, nn.Embedding, *_MATRICES,
)  # fmt: skip


def module_at(model: nn.Module, path: str) -> nn.Module | None:
    """The module at `path`; ``None`` where there is none."""
    try:
        return model.get_submodule(path)
    except AttributeError:
        return None


def feeders(readings: Readings, model: nn.Module) -> list[str]:
    """Paths of linear layers and convolutions right before hidden activations."""
    found = dict.fromkeys(
        s.source.path for s in readings.sites if s.kind == "activation" and not s.output and s.source is not None
    )
    return [path for path in found if isinstance(module_at(model, path), _MATRICES)]


def plan(readings: Readings, model: nn.Module, swapped: dict[str, str]) -> tuple[Gains, list[str]]:
    """What a fitted start changes: layers, each with the function whose output it gets, and modules that start anew.

    Where a norm stands between a layer and its activation, both; where a sum does (a recurrence), the last layer before
    it. Besides, layers whose units all start alike. `swapped` are activations that are being replaced.
    """
    sources = {w.layer: w.source.site for w in readings.weights if w.source is not None and w.source.site is not None}
    behind = {w.layer: w.source.path for w in readings.weights if w.kind == "norm" and w.source is not None}
    names = {s.site: s.activation.name for s in readings.sites if s.activation is not None}
    hidden = [s for s in readings.sites if s.kind == "activation" and not s.output]
    wanted = [s.source.path if s.source is not None else s.site.feeder for s in hidden]
    wanted += [w.layer for w in readings.weights if w.constant and w.rms > 0 and w.kind in ("linear", "conv")]
    gains: Gains = {}
    anew: dict[str, None] = {}
    for path in wanted:
        for place in (path, behind.get(path, "")):
            module = module_at(model, place) if place else None
            if isinstance(module, _MATRICES):
                name = names.get(sources[place], "identity") if place in sources else "identity"
                gains[place] = swapped.get(name, name)
            elif isinstance(module, _BY_THEMSELVES):
                anew[place] = None
    return gains, list(anew)


def refit(model: nn.Module, gains: Gains, anew: Iterable[str] = ()) -> None:
    """Start the layers of `gains` with the gain that fits, and the modules `anew` as they start by themselves."""
    for path, name in gains.items():
        layer: Any = model.get_submodule(path)
        nn.init.normal_(layer.weight, std=get(name).facts.gain / layer.weight[0].numel() ** 0.5)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    restart(model, anew)


def restart(model: nn.Module, paths: Iterable[str]) -> None:
    """Let the modules at `paths` start as they do by themselves."""
    for path in paths:
        layer: Any = model.get_submodule(path)
        (layer.reset_parameters if hasattr(layer, "reset_parameters") else layer._reset_parameters)()


def refit_code(gains: Gains, anew: list[str]) -> str:
    """`refit` as code."""
    lines = [
        f"for path, before in {gains!r}.items():",
        "    layer = model.get_submodule(path)",
        "    gain = actlab.get(before).facts.gain",
        "    torch.nn.init.normal_(layer.weight, std=gain / layer.weight[0].numel() ** 0.5)",
        "    if layer.bias is not None:",
        "        torch.nn.init.zeros_(layer.bias)",
    ]
    return "\n".join([*(lines if gains else []), *([restart_code(anew)] if anew else [])])


def restart_code(paths: list[str]) -> str:
    """`restart` as code."""
    return "\n".join(
        [
            f"for path in {paths!r}:",
            "    layer = model.get_submodule(path)",
            "    (layer.reset_parameters if hasattr(layer, 'reset_parameters') else layer._reset_parameters)()",
        ]
    )


def owners(model: nn.Module, layers: Iterable[str]) -> list[str]:
    """The modules, of those that can start by themselves, to which layers (or single parameters) belong."""
    found: dict[str, None] = {}
    for layer in layers:
        path = layer
        while path and not isinstance(module_at(model, path), _BY_THEMSELVES):
            path = path.rpartition(".")[0]
        if path:
            found[path] = None
    return list(found)
