"""JAX in a process of its own, which works when it is told to and sleeps while others have their turn."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from turns import Turn

if TYPE_CHECKING:
    from work import Work


class JaxProcess:
    """A Python with JAX, spoken to by lines of JSON through its pipes."""

    def __init__(self, python: str) -> None:
        command = [python, str(Path(__file__).with_name("jax_nets.py"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        hello = self._answer()
        if "missing" in hello:
            raise RuntimeError(hello["missing"])
        self.version: str = hello["version"]

    def ask(self, **request: Any) -> dict[str, Any]:
        """What the child answers; raises `RuntimeError` where it has died."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process with JAX ended with code {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class JaxNets:
    """All nets of a `Work`. The number of epochs is part of the compiled program: it is chosen once."""

    def __init__(self, process: JaxProcess, work: Work, shared: bool, seconds: float) -> None:
        self.name = f"JAX {process.version} {'one shuffle' if shared else 'jit(vmap)+scan'}"
        self._process, self._work, self._shared = process, work, shared
        self._epochs = 1
        self._prepare()
        self.turn(0)
        trial = self.turn(0)
        self._epochs = max(1, round(seconds * trial.speed / (work.nets * work.steps_per_epoch)))
        if self._epochs > 1:
            self._prepare()

    def _prepare(self) -> None:
        work = self._work
        weights, biases = work.weights()
        with tempfile.TemporaryDirectory() as folder:
            arrays = str(Path(folder) / "arrays.npz")
            named = {f"W{k}": W for k, W in enumerate(weights)} | {f"b{k}": b for k, b in enumerate(biases)}
            np.savez(arrays, X=work.X, y=work.y, **named)
            self._process.ask(
                do="compile", key=self.name, arrays=arrays, epochs=self._epochs, shared=self._shared, batch=work.batch,
                sizes=work.sizes, activation=work.activation, nets=work.nets, rate=work.rate,
            )  # fmt: skip

    def turn(self, _seconds: float) -> Turn:
        seconds = self._process.ask(do="train", key=self.name)["seconds"]
        return Turn(self._epochs * self._work.nets * self._work.steps_per_epoch, seconds)

    def trained(self) -> tuple[list[Any], list[Any]]:
        """Weights and biases after a turn, as `Work.weights` gives them."""
        with tempfile.TemporaryDirectory() as folder:
            into = str(Path(folder) / "trained.npz")
            self._process.ask(do="train", key=self.name, into=into)
            found = np.load(into)
            layers = range(len(self._work.sizes) - 1)
            return [found[f"W{k}"] for k in layers], [found[f"b{k}"][:, None] for k in layers]
