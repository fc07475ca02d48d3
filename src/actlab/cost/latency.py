"""How long an answer takes, measured now: in our core, and in onnxruntime from the exported net.

One thread each. A measurement is the fastest of several rounds, in which all nets come by turns: what else the machine
does only ever adds time. What the call itself takes is part of it: at batch 1 a user pays for that too.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab import nets
from actlab.nets import PointSets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import AnyArray
    from actlab.nets import NetSpec

BATCHES: Final = (1, 1024)
_ROUNDS: Final = 7
_SECONDS: Final = 0.0015  # a round and net


def has_runtime() -> bool:
    """Whether onnx and onnxruntime are installed."""
    return find_spec("onnx") is not None and find_spec("onnxruntime") is not None


def engines() -> tuple[str, ...]:
    """Where latency is measured: ``"core"``, and ``"onnxruntime"`` where that is installed."""
    return ("onnxruntime", "core") if has_runtime() else ("core",)


def exported(spec: NetSpec, row: AnyArray) -> Any:
    """A trained net as an ONNX model: input ``x`` ``(batch, features)``, output ``y`` ``(batch, outputs)``.

    The outputs are logits (of a regression, the answers). `UserError` for norms, residual connections and recurrence,
    which are not exported, and where onnx is missing.
    """
    from actlab.onnx import network
    from actlab.text import UserError

    if spec.steps is not None or any(spec.skips) or any(norm != "none" for norm in spec.norms):
        raise UserError("cost.plain_only")
    layers = spec.unpack(np.asarray(row, dtype=np.float32))
    learned = [layer.numbers(phi) for layer, phi in zip(layers, spec.activations, strict=False)]
    return network([(layer.weights, layer.biases) for layer in layers], spec.activations, learned)


def session(model: Any) -> Any:
    """An onnxruntime session of one thread."""
    import onnxruntime  # type: ignore[import-not-found, import-untyped, unused-ignore]  # an extra

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def runner(spec: NetSpec, row: AnyArray, engine: str, batch: int) -> Callable[[], Any]:
    """A call that answers `batch` points."""
    X = np.random.default_rng(0).standard_normal((batch, spec.features)).astype(np.float32)
    if engine == "onnxruntime":
        run, feed = session(exported(spec, row)).run, {"x": X}
        return lambda: run(None, feed)
    sets = PointSets(X[None], np.zeros((1, batch, spec.targets), np.float32))
    weights = np.ascontiguousarray(row, dtype=np.float32)[None]
    return lambda: nets.score(spec, weights, sets, threads=1)


@dataclass
class Stopwatch:
    """Latencies of nets, each measured once: those of equal shape and activation are the same.

    ``seconds[key, engine, batch]``, seconds a call.
    """

    rounds: int = _ROUNDS
    seconds: dict[tuple[Any, str, int], float] = field(default_factory=dict)

    def measure(self, wanted: Sequence[tuple[NetSpec, AnyArray]], batches: Sequence[int] = BATCHES) -> None:
        """Measure all that is not there yet, by turns."""
        for engine in engines():
            for batch in batches:
                new = {key_of(spec): (spec, row) for spec, row in wanted}
                calls = {
                    key: runner(spec, row, engine, batch)
                    for key, (spec, row) in new.items()
                    if (key, engine, batch) not in self.seconds
                }
                for key, best in _by_turns(calls, self.rounds).items():
                    self.seconds[key, engine, batch] = best

    def __call__(self, spec: NetSpec, engine: str, batch: int) -> float:
        """Seconds a call of a net that was measured."""
        return self.seconds[key_of(spec), engine, batch]


def key_of(spec: NetSpec) -> Any:
    """What a latency depends on: shape and activations, not the values of the weights."""
    return spec.sizes, spec.activations, spec.norms, spec.residual, spec.steps


def _by_turns(calls: dict[Any, Callable[[], Any]], rounds: int) -> dict[Any, float]:
    counts = {}
    for key, call in calls.items():
        call()
        start = time.perf_counter()
        call()
        counts[key] = max(1, min(2_000, int(_SECONDS / max(time.perf_counter() - start, 1e-7))))
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for key, call in calls.items():
            start = time.perf_counter()
            for _ in range(counts[key]):
                call()
            best[key] = min(best[key], (time.perf_counter() - start) / counts[key])
    return best
