"""The model's parameters: gradients and updates, step by step, without copies of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from actlab.doctor.readings import Source, WeightReading
from actlab.doctor.sampling import all_finite, spread
from actlab.measure import sign_agreement, update_ratio

if TYPE_CHECKING:
    from actlab._arrays import AnyArray

KEPT: Final = 4096  # numbers of a parameter that are kept to see how far a step moved it
SIGNS: Final = (64, 1024)  # units, incoming weights
_PLAIN: Final = ("weight", "bias")


@dataclass(frozen=True)
class Fan:
    """Numbers into and out of a unit of a layer; `turned`: incoming weights lie on the first axis of its matrix."""

    into: int
    out: int
    turned: bool


def fan(shape: tuple[int, ...], kind: str, turned: bool) -> Fan:
    """Of a matrix (out, in) or a kernel (out, in, …); the other way round where `turned`."""
    if len(shape) < 2 or kind not in ("linear", "conv"):
        return Fan(0, 0, turned)
    return Fan(shape[0] if turned else math.prod(shape[1:]), shape[1] if turned else shape[0], turned)


def fan_transposed(shape: tuple[int, ...], stride: int | tuple[int, ...], groups: int) -> Fan:
    """Of the kernel (in, out / groups, …) of a transposed convolution.

    An input reaches every place of the kernel, and with a stride s along an axis each output place is reached by one
    place of the kernel in s only: in / groups · Π kernel ÷ stride numbers a unit on average, 1 at least.
    """
    channels, each, *kernel = shape
    steps = stride if isinstance(stride, tuple | list) else (stride,) * len(kernel)
    steps = tuple(steps) * (len(kernel) if len(steps) == 1 else 1)
    reached = math.prod(k / s for k, s in zip(kernel, steps, strict=True))
    return Fan(max(round(channels / groups * reached), 1), each * groups, turned=True)


@dataclass
class _Seen:
    """What is kept of one parameter."""

    name: str
    layer: str
    parameter: torch.Tensor
    order: int = -1
    kind: str = ""
    fan: tuple[int, int] = (0, 0)
    turned: bool = False  # incoming weights lie on the first axis
    source: Source | None = None
    rms: float = math.nan
    constant: bool = False
    gradients: list[float] = field(default_factory=list)
    agreements: list[float] = field(default_factory=list)
    updates: list[float] = field(default_factory=list)
    latest: dict[str, float] = field(default_factory=dict)  # gradient and update of the latest step


class Weights:
    """Statistics of the parameters of one model; a parameter used in several places is one."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._seen = {id(p): _Seen(name, _layer(name), p) for name, p in model.named_parameters()}
        self.layers = {key: seen.layer for key, seen in self._seen.items()}
        self._before: dict[int, AnyArray] = {}

    def name_of(self, p: torch.Tensor) -> str:
        """The parameter's name."""
        return self._seen[id(p)].name

    def used(self, p: Any, kind: str, fan: Fan, source: Source | None, order: int) -> None:
        """`p` was used, with `fan` numbers into and out of a unit; the first use counts."""
        seen = self._seen.get(id(p))
        if seen is not None and seen.order < 0:
            seen.order, seen.kind, seen.source = order, kind, source
            seen.fan, seen.turned = (fan.into, fan.out), fan.turned
            if (values := _values(seen.parameter)) is not None:
                seen.rms = float(values.double().square().mean().sqrt())
                rows = values if values.dim() < 2 or not fan.turned else values.transpose(0, 1)
                seen.constant = rows.dim() > 1 and len(rows) > 1 and bool((rows == rows[:1]).all())

    def fan_of(self, layer: str) -> tuple[int, int]:
        """Numbers into and out of a layer's units; (0, 0) where it was not seen in use."""
        return next((s.fan for s in self._seen.values() if s.layer == layer and s.fan[0]), (0, 0))

    def all(self) -> tuple[_Seen, ...]:
        """What is kept of every parameter."""
        return tuple(self._seen.values())

    # --- gradients

    def watch_gradients(self) -> list[Any]:
        """Hooks that read each parameter's gradient of the next backward pass."""
        return [
            seen.parameter.register_hook(self._reader(seen))  # type: ignore[no-untyped-call]
            for seen in self._seen.values()
            if seen.parameter.requires_grad and not is_lazy(seen.parameter) and seen.parameter.is_leaf
        ]

    def _reader(self, seen: _Seen) -> Any:
        def read(gradient: torch.Tensor) -> None:
            self.gradient(seen, gradient)

        return read

    def take(self, gradients: dict[int, torch.Tensor]) -> None:
        """Gradients by ``id(parameter)``."""
        for key, gradient in gradients.items():
            self.gradient(self._seen[key], gradient)

    def gradient(self, seen: _Seen, gradient: torch.Tensor) -> None:
        """Take in one gradient."""
        g = gradient.detach()
        if g.layout != torch.strided:  # sparse embeddings
            g = g.coalesce().values()
        kind = torch.promote_types(g.dtype, torch.float32)
        # as measure.gradient_norm_per_weight, in one pass where the gradient lies
        size = float(torch.linalg.vector_norm(g, dtype=kind)) / math.sqrt(max(gradient.numel(), 1))
        seen.gradients.append(size)
        seen.latest["gradient"] = size
        if g.dim() == 2 and g.shape == seen.parameter.shape and seen.kind == "linear":
            block = g[: SIGNS[0], : SIGNS[1]].float().cpu().numpy()
            seen.agreements.append(sign_agreement(block))

    # --- updates

    def remember(self) -> None:
        """Keep a few numbers of every parameter, to compare after the optimiser's step."""
        trained = {key: p for key, seen in self._seen.items() if (p := seen.parameter).requires_grad and not is_lazy(p)}
        self._before = {key: _few(p) for key, p in trained.items()}

    def compare(self) -> bool:
        """Whether the parameters have moved since `remember`; if so, by how much is taken in."""
        if not self._before:
            return True
        after = {key: _few(self._seen[key].parameter) for key in self._before}
        if all(np.array_equal(after[key], before, equal_nan=True) for key, before in self._before.items()):
            return False
        for key, before in self._before.items():
            old = before.astype(np.float64)
            with np.errstate(invalid="ignore", over="ignore"):  # infinite weights
                ratio = update_ratio(after[key].astype(np.float64) - old, old)
            self._seen[key].updates.append(ratio)
            self._seen[key].latest["update"] = ratio
        self._before = {}
        return True

    def forget_latest(self) -> None:
        """A new step begins."""
        for seen in self._seen.values():
            seen.latest.clear()

    # --- what comes out

    def readings(self) -> tuple[WeightReading, ...]:
        """One reading a parameter, in the order of use; those not seen in use last."""
        found = sorted(self._seen.values(), key=lambda seen: (seen.order < 0, seen.order))
        return tuple(_reading(seen) for seen in found)


def is_lazy(p: torch.Tensor) -> bool:
    """Whether `p` has no numbers yet: its module makes them at its first call."""
    return isinstance(p, torch.nn.UninitializedParameter)


def _reading(seen: _Seen) -> WeightReading:
    values = _values(seen.parameter)
    updates = [u for u in seen.updates if math.isfinite(u)]
    agreements = [s for s in seen.agreements if math.isfinite(s)]
    return WeightReading(
        name=seen.name,
        layer=seen.layer,
        shape=() if is_lazy(seen.parameter) else tuple(seen.parameter.shape),
        frozen=not seen.parameter.requires_grad,
        constant=seen.constant,
        rms=seen.rms,
        gradient=float(np.mean(seen.gradients)) if seen.gradients else math.nan,
        gradients=len(seen.gradients),
        gradient_is_zero=bool(seen.gradients) and not any(seen.gradients),
        finite=values is None or all_finite(values),
        update=float(np.median(updates)) if updates else math.nan,
        first_update=updates[0] if updates else math.nan,
        largest_update=max(updates, default=math.nan),
        updates=len(updates),
        sign_agreement=float(np.mean(agreements)) if agreements else math.nan,
        order=seen.order,
        kind=seen.kind,
        fan_in=seen.fan[0],
        source=seen.source,
    )


def _values(p: torch.Tensor) -> torch.Tensor | None:
    """The numbers of a parameter; ``None`` where there are none that can be read."""
    if is_lazy(p) or p.numel() == 0 or p.is_meta or not p.is_floating_point():
        return None
    return p.detach()


def _layer(name: str) -> str:
    """The layer that a parameter belongs to: its module, or itself where a module has several matrices."""
    module, _, last = name.rpartition(".")
    return module if last in _PLAIN or last.startswith(("weight_", "bias_")) else name


def _few(p: torch.Tensor) -> AnyArray:
    flat = p.detach().reshape(-1)
    if flat.numel() > KEPT:
        flat = flat.index_select(0, torch.tensor(spread(flat.numel(), KEPT), device=flat.device))
    kept: AnyArray = flat.float().cpu().numpy().copy()
    return kept
