"""The price of the function itself: nanoseconds an element, and its share of a layer's time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab.cost.latency import has_runtime, session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import AnyArray
    from actlab.functions import Activation

WIDTHS: Final = (8, 32, 128, 512)
BATCH: Final = 1024
_ELEMENTS: Final = 1 << 14  # float32, in and out inside the second-level cache
_ROUNDS: Final = 9
_SECONDS: Final = 0.003


@dataclass(frozen=True)
class Price:
    """What φ costs where.

    Attributes:
        core: nanoseconds an element, value alone, in actlab's core (exact to the last bit but one).
        runtime: the same in onnxruntime; None where that is not installed.
        share: width → share of the time of a square layer (Gemm, bias, φ) of 1,024 points that is φ's, in onnxruntime
            where that is installed, else in NumPy's product with φ by our core.
    """

    core: float
    runtime: float | None
    share: dict[int, float]


def prices(activations: Sequence[Activation]) -> list[Price]:
    """A `Price` for each, one thread, by turns, the fastest round of each."""
    core = alone(activations, "core")
    layers = _fastest([_layer(f, width) for f in (None, *activations) for width in WIDTHS])
    bare, with_phi = layers[: len(WIDTHS)], layers[len(WIDTHS) :]  # of the same rounds: one noise, both bear it
    runtime = alone(activations, "onnxruntime") if has_runtime() else [None] * len(activations)
    found = []
    for k in range(len(activations)):
        whole = with_phi[k * len(WIDTHS) : (k + 1) * len(WIDTHS)]
        share = {w: max(0.0, 1 - b / t) for w, b, t in zip(WIDTHS, bare, whole, strict=True)}
        found.append(Price(core[k], runtime[k], share))
    return found


def alone(activations: Sequence[Activation], engine: str) -> list[float]:
    """Nanoseconds an element of each function by itself, value alone, in ``"core"`` or ``"onnxruntime"``."""
    x = np.random.default_rng(0).standard_normal(_ELEMENTS).astype(np.float32)
    call = _in_core if engine == "core" else _in_runtime
    return [1e9 * seconds / _ELEMENTS for seconds in _fastest([call(f, x) for f in activations])]


def _in_core(activation: Activation, x: AnyArray) -> Callable[[], Any]:
    return lambda: activation(x)


def _in_runtime(activation: Activation, x: AnyArray) -> Callable[[], Any]:
    from actlab.onnx import elementwise

    run = session(elementwise(activation)).run
    return lambda: run(None, {"x": x})


def _layer(activation: Activation | None, width: int) -> Callable[[], Any]:
    """One square layer of `width` units on `BATCH` points, with φ or without."""
    rng = np.random.default_rng(width)
    W = (rng.standard_normal((width, width)) / np.sqrt(width)).astype(np.float32)
    b = np.zeros(width, dtype=np.float32)
    X = rng.standard_normal((BATCH, width)).astype(np.float32)
    if has_runtime():
        from actlab.onnx import dense

        run = session(dense(W, b, activation)).run
        return lambda: run(None, {"x": X})
    if activation is None:
        return lambda: X @ W + b
    return lambda: activation(X @ W + b)


def _fastest(calls: Sequence[Callable[[], Any]]) -> list[float]:
    counts = []
    for call in calls:
        call()
        start = time.perf_counter()
        call()
        counts.append(max(1, min(1_000, int(_SECONDS / max(time.perf_counter() - start, 1e-7)))))
    best = [float("inf")] * len(calls)
    for _ in range(_ROUNDS):
        for k, call in enumerate(calls):
            start = time.perf_counter()
            for _ in range(counts[k]):
                call()
            best[k] = min(best[k], (time.perf_counter() - start) / counts[k])
    return best
