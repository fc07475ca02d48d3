"""The bits of trained nets are those of a second, plain implementation that takes every sum in the promised order."""

from fractions import Fraction

import numpy as np
import pytest
from nets_factory import FUSED, sets_for, spec_of, training_of
from one_by_one import F, OneByOne, fused

from actlab import nets

# Columns: how samples come into the lanes depends on how many numbers they have, and wide layers go by panels.
NETS = {
    "one group of columns": {"features": 2, "hidden": (5, 3), "outputs": 2},
    "two groups of columns": {"features": 5, "hidden": (17, 17, 17), "outputs": 2, "residual": 1},
    "many columns": {"features": 11, "hidden": (50, 33), "outputs": 3},
    "norms": {"features": 3, "hidden": (20, 20, 20), "outputs": 2, "norm": ("layer", "none", "layer"), "residual": 2},
    "no hidden layer": {"features": 4, "hidden": (), "outputs": 4},
}


def test_fused_rounds_once():
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=4000).astype(F) for _ in range(2))
    c = np.where(rng.random(4000) < 0.5, -a * b * (1 + F(1e-7)), rng.normal(size=4000)).astype(F)
    c[:1000] *= F(2.0**-40)
    exact = [Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)) for x, y, z in zip(a, b, c, strict=True)]
    got = fused(a, b, c)
    for value, want in zip(got, exact, strict=True):
        sides = [float(np.nextafter(value, F(end))) for end in (-np.inf, np.inf)]
        assert all(abs(Fraction(float(value)) - want) <= abs(Fraction(side) - want) for side in sides)
    assert (got != (a * b + c)).mean() > 0.1  # and not twice


@pytest.mark.parametrize("phi", ["relu", "leaky_relu", "prelu", "x"])
@pytest.mark.parametrize("net", NETS)
def test_bits_are_those_of_sums_in_order(net, phi):
    spec = spec_of(phi, loss="squares", **NETS[net])
    training = training_of(2, 21, optimiser=nets.Momentum(0.6), weight_decay=0.01, clip=0.5)
    sets = sets_for(spec, 44, dtype=F)  # 44: a batch of 2 at the end, and of 21 two tiles and a part
    rows, seeds, rates = nets.initial_weights(spec, [7, 8]), [7, 8], [0.05, 0.3]
    want = [
        OneByOne(spec, training, row, rate).train(sets.X[0], sets.y[0], seed)
        for row, rate, seed in zip(rows, rates, seeds, strict=True)
    ]
    assert np.isfinite(want).all()
    for name in FUSED:
        for layout in ("nets", "units"):
            trained = nets.train(
                spec, training, seeds=seeds, learning_rates=rates, train_sets=sets, initial=rows,
                instruction_set=name, _layout=layout,
            )  # fmt: skip
            np.testing.assert_array_equal(trained.weights, want, err_msg=f"{name}, {layout}")
