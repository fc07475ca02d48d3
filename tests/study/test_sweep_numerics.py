"""The bits of trained nets are those of `NUMERICS`: a store must not mix two kinds of them under one name."""

import hashlib

import pytest

from actlab.study.sweep import read_plan
from actlab.study.sweep.cell import NUMERICS, Chunk, arithmetic
from actlab.study.sweep.work import batches, train

#: NUMERICS → the SHA-256 of what the nets below come to. When the test fails and the new bits are meant, raise NUMERICS
#: in `study/sweep/cell.py` and add its line here: results of before then count as other nets, and are trained anew.
DIGESTS = {
    1: "b8c5f6354fcc6d99e8acf4f7b0b93cf1aa3731974d8b7fc1effd75303c64643a",
    2: "3511087e263508c820f1f4c5530851b3ebd5f8db15a46527258d1919ccf2db86",  # slopes from values, rows shuffled
    3: "58dc192b501bd487e894f3ff17c319a5c4b3044e87f62f1a5ab8997dfbbf978e",  # tables of 16 numbers
    4: "825b156bd163929b107a70193a2c1e729610d7ac6bf0549b9eb32167f96ed8ca",  # and for the sigmoid; constants joined
}

PLAN = """
data = ["moons", "iris"]
activations = ["relu", "tanh", "gelu", "prelu", "sigmoid [norm=batch, optimiser=adam]"]
hidden = [[5, 3]]
learning_rates = [0.01, 0.3]
epochs = 6
test_points = 100
validation_points = 50
"""


@pytest.mark.skipif(arithmetic() != "fma", reason="without fused multiply-add nets have bits of their own")
def test_bits_are_those_of_their_number():
    chunks = [Chunk(cell, 0, 16) for cell in read_plan(PLAN).grid.cells()]
    digest = hashlib.sha256()
    for batch in batches(chunks):
        for rows in train(batch):
            digest.update(rows["train_loss"].to_numpy().astype("<f8").tobytes())
            digest.update(rows["test_score"].to_numpy().astype("<f8").tobytes())
    assert digest.hexdigest() == DIGESTS[NUMERICS]
