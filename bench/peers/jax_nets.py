"""Many nets at once in JAX: `vmap` over nets, `scan` over batches and epochs, one `jit` around all of it.

Run as a program it is the other end of `jax_child.py`: it reads a line of JSON a request from its standard input, does
what it says, and answers with a line. JAX may so live in an environment of its own.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from typing import Any

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
except ImportError as error:
    sys.exit(print(json.dumps({"missing": str(error)})))

ACTIVATIONS = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "gelu": partial(jax.nn.gelu, approximate=False),
    "gelu_tanh": jax.nn.gelu,
}


def mean_loss(phi: Any, parameters: Any, x: Any, y: Any) -> Any:
    """Of one net and one batch: x ``(batch, features)``, y ``(batch,)``."""
    a = x
    for k, (W, b) in enumerate(parameters):
        z = a @ W + b
        a = phi(z) if k < len(parameters) - 1 else z
    if a.shape[1] > 1:
        return -jnp.take_along_axis(jax.nn.log_softmax(a), y.astype(int)[:, None], 1).mean()
    return (jax.nn.softplus(a[:, 0]) - y * a[:, 0]).mean()


def compiled(work: dict[str, Any], epochs: int, shared: bool, arguments: Any) -> Any:
    """``(parameters, X, y, key) -> parameters`` after `epochs` epochs, with one order of the points or one a net."""
    points, batch, nets = len(arguments[1]), work["batch"], work["nets"]
    gradient = jax.vmap(
        jax.grad(partial(mean_loss, ACTIVATIONS[work["activation"]])), in_axes=(0, None, None) if shared else (0, 0, 0)
    )

    def step(parameters: Any, X: Any, y: Any, rows: Any) -> Any:
        return jax.tree.map(lambda p, g: p - work["rate"] * g, parameters, gradient(parameters, X[rows], y[rows]))

    def epoch(X: Any, y: Any, parameters: Any, key: Any) -> Any:
        if shared:
            order = jax.random.permutation(key, points)
        else:
            order = jax.vmap(lambda k: jax.random.permutation(k, points))(jax.random.split(key, nets))
        whole = points // batch
        batches = order[..., : whole * batch].reshape(*order.shape[:-1], whole, batch)
        parameters, _ = jax.lax.scan(
            lambda p, rows: (step(p, X, y, rows), None), parameters, jnp.moveaxis(batches, -2, 0)
        )
        if whole * batch < points:
            parameters = step(parameters, X, y, order[..., whole * batch :])
        return parameters, None

    def train(parameters: Any, X: Any, y: Any, key: Any) -> Any:
        return jax.lax.scan(partial(epoch, X, y), parameters, jax.random.split(key, epochs))[0]

    return jax.jit(train).lower(*arguments).compile()


class Nets:
    """The nets of one work, compiled for a number of epochs."""

    def __init__(self, request: dict[str, Any]) -> None:
        arrays = np.load(request["arrays"])
        layers = range(len(request["sizes"]) - 1)
        parameters = [(jnp.asarray(arrays[f"W{k}"]), jnp.asarray(arrays[f"b{k}"][:, 0])) for k in layers]
        self._rest = (jnp.asarray(arrays["X"]), jnp.asarray(arrays["y"]), jax.random.key(0))
        self._start = parameters
        self._train = compiled(request, request["epochs"], request["shared"], (parameters, *self._rest))

    def train(self) -> tuple[float, Any]:
        start = time.perf_counter()
        parameters = jax.block_until_ready(self._train(self._start, *self._rest))
        return time.perf_counter() - start, parameters


def main() -> None:
    nets: dict[str, Nets] = {}
    print(json.dumps({"version": jax.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "compile":
            nets[request["key"]] = Nets(request)
            answer: dict[str, Any] = {}
        elif request["do"] == "forget":
            nets.clear()
            answer = {}
        else:
            seconds, parameters = nets[request["key"]].train()
            answer = {"seconds": seconds}
            if "into" in request:
                named = {f"{n}{k}": p for k, layer in enumerate(parameters) for n, p in zip("Wb", layer, strict=True)}
                np.savez(request["into"], **named)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
