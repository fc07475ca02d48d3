"""Whether all engines do the same work: else their times could not be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab import nets
from ours import NumpyLoop, Ours
from peers.jax_child import JaxNets, JaxProcess

if TYPE_CHECKING:
    from work import Work


def same_mathematics(work: Work, threads: int, torch: bool, jax: JaxProcess | None) -> None:
    """One step over all points by every engine, for the first net.

    Ours in float64 against the NumPy loop (1e-9; it knows one logit only), the peers in float32 against ours.
    Raises `AssertionError` where they differ.
    """
    whole = replace(work, batch=work.points)
    spec = Ours(whole, threads).spec

    def row(weights: list[Any], biases: list[Any]) -> Any:
        layers = [(np.asarray(W)[0], np.asarray(b)[0, 0]) for W, b in zip(weights, biases, strict=True)]
        return spec.pack([nets.LayerParameters(W, b) for W, b in layers])

    sets = nets.PointSets(whole.X[None].astype(float), whole.y[None].astype(float))
    (ours,) = nets.train(
        spec,
        nets.TrainSpec(1, whole.batch),
        seeds=[0],
        learning_rates=[whole.rate],
        train_sets=sets,
        initial=row(*whole.weights(np.float64))[None],
    ).weights
    if not whole.classes:
        loop = NumpyLoop(whole)
        loop.train(1)
        expected = spec.pack([nets.LayerParameters(W, b) for W, b in loop.layers])
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)

    def check(name: str, weights: list[Any], biases: list[Any]) -> None:
        np.testing.assert_allclose(row(weights, biases), ours, rtol=1e-4, atol=1e-5, err_msg=name)

    if torch:
        from peers.torch_nets import TorchNets

        for by_hand in (True, False):
            peer = TorchNets(whole, threads, by_hand)
            peer.train(1)
            check(peer.name, *([p.detach() for p in part] for part in (peer.weights, peer.biases)))
    if jax is not None:
        for shared in (False, True):
            child = JaxNets(jax, whole, shared, 0)
            check(child.name, *child.trained())
        jax.ask(do="forget")
