"""How accurate PyTorch and JAX are, by the judge that judges actlab: the second table of docs/en/accuracy.md.

    python tests/exact/libraries.py [--only gelu tanh] [--each 40000] [--jax-python PYTHON]

`--each` inputs of every exponent and sign, and 4,001 around every spot of `points.spots`; float32 on the CPU,
derivatives by autograd and by `vjp` under `jit`. Inputs and exact results below the normal range are left out, as XLA
flushes them to zero, and so are kinks, where each library has a slope of its own choice. JAX runs as a child of the
Python named by `--jax-python` or JAX_PYTHON, which needs jax and numpy only; a library that is not there is left out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

REACH = 2000  # numbers on each side of a spot
Answer = tuple[np.ndarray, np.ndarray]  # value and slope


def torch_functions() -> dict[str, Callable[[Any], Any]]:
    import torch
    from torch.nn import functional as f

    return {
        "relu": torch.relu, "leaky_relu": f.leaky_relu, "elu": f.elu, "selu": f.selu, "celu": f.celu,
        "hard_swish": f.hardswish, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "hard_sigmoid": f.hardsigmoid,
        "softsign": f.softsign, "erf": torch.erf, "softplus": f.softplus, "gelu": f.gelu, "silu": f.silu,
        "mish": f.mish, "gelu_tanh": lambda x: f.gelu(x, approximate="tanh"), "logsigmoid": f.logsigmoid,
        "tanhshrink": f.tanhshrink, "sin": torch.sin, "exponential": torch.exp,
    }  # fmt: skip


def by_torch(name: str, x: np.ndarray) -> Answer | None:
    import torch

    function = torch_functions().get(name)
    if function is None:
        return None
    given = torch.tensor(x, requires_grad=True)
    value = function(given)
    value.sum().backward()
    assert given.grad is not None
    return value.detach().numpy(), given.grad.numpy()


def by_jax(name: str, x: np.ndarray) -> Answer | None:
    import jax
    from jax import nn
    from jax import numpy as jnp

    functions: dict[str, Callable[[Any], Any]] = {
        "relu": nn.relu, "leaky_relu": nn.leaky_relu, "elu": nn.elu, "selu": nn.selu, "celu": nn.celu,
        "hard_swish": nn.hard_swish, "sigmoid": nn.sigmoid, "tanh": jnp.tanh, "hard_sigmoid": nn.hard_sigmoid,
        "softsign": nn.soft_sign, "erf": jax.scipy.special.erf, "softplus": nn.softplus, "silu": nn.silu,
        "gelu": lambda x: nn.gelu(x, approximate=False), "mish": nn.mish, "gelu_tanh": nn.gelu,
        "squareplus": nn.squareplus, "logsigmoid": nn.log_sigmoid, "sin": jnp.sin, "exponential": jnp.exp,
    }  # fmt: skip
    function = functions.get(name)
    if function is None:
        return None
    slope = jax.jit(lambda z: jax.vjp(function, z)[1](jnp.ones_like(z))[0])
    return np.asarray(jax.jit(function)(x)), np.asarray(slope(x))


class Child:
    """JAX in a Python of its own: gets inputs and gives results as files."""

    def __init__(self, python: str) -> None:
        self.python = python
        asked = subprocess.run(
            [python, "-c", "import jax; print(jax.__version__)"], capture_output=True, text=True, check=False
        )
        self.version = asked.stdout.strip() if asked.returncode == 0 else None

    def __call__(self, name: str, x: np.ndarray) -> Answer | None:
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder) / "x.npy", x)
            subprocess.run([self.python, __file__, "--answer", folder, "--only", name], check=True)
            found = Path(folder) / "found.npy"
            if not found.exists():
                return None
            value, slope = np.load(found)
            return value, slope


def answer(folder: Path, name: str) -> None:
    """What the child does."""
    found = by_jax(name, np.load(folder / "x.npy"))
    if found is not None:
        np.save(folder / "found.npy", np.stack(found))


def worst(name: str, x: np.ndarray, found: Answer) -> list[tuple[float, float]]:
    """(units in the last place, input) for value and slope, among normal inputs with normal results."""
    from judge import Judge

    import actlab

    f = actlab.get(name)
    distances = np.zeros((2, x.size))
    Judge(f.expression, f.derivative_expression)(x, *found, distances=distances)
    smallest = np.finfo(np.float32).tiny
    kinks = np.isin(x, np.array(f.facts.kinks, np.float32))
    rows = []
    for distance, exact in zip(distances, f.value_and_derivative(x), strict=True):  # exact to half a unit
        counted = (np.abs(x) >= smallest) & (np.abs(exact) >= smallest) & np.isfinite(exact) & ~kinks
        distance = np.where(counted, distance, 0.0)
        at = int(np.argmax(distance))
        rows.append((float(distance[at]), float(x[at])))
    return rows


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def shown(units: float, at: float) -> str:
    return f"{units:.2g}" if units <= 4 else f"{units:.2g} ({at:.3g})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these functions")
    parser.add_argument("--each", type=int, default=40_000, metavar="N", help="inputs of every exponent and sign")
    parser.add_argument("--jax-python", default=os.environ.get("JAX_PYTHON", sys.executable), metavar="PYTHON")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.answer is not None:
        answer(asked.answer, asked.only[0])
        return 0

    from points import sample

    import actlab
    from actlab.functions.catalogue import names

    engines: dict[str, Callable[[str, np.ndarray], Answer | None]] = {}
    try:
        import torch

        engines[f"PyTorch {torch.__version__.split('+')[0]}"] = by_torch
    except ImportError:
        say("PyTorch is not here.")
    child = Child(asked.jax_python)
    if child.version is not None:
        engines[f"JAX {child.version}"] = child
    else:
        say("JAX is not here; --jax-python names a Python that has it.")
    heads = ["function", *(title for engine in engines for title in (f"{engine} f", "f′"))]
    say("| " + " | ".join(heads) + " |\n|---|" + "--:|" * (len(heads) - 1))
    for name in asked.only or names():
        x = sample(actlab.get(name), np.float32, asked.each, REACH)
        x = x[np.isfinite(x)]
        cells = []
        for engine in engines.values():
            found = engine(name, x)
            cells += ["–", "–"] if found is None else [shown(*row) for row in worst(name, x, found)]
        if any(cell != "–" for cell in cells):
            say("| " + " | ".join([name, *cells]) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
