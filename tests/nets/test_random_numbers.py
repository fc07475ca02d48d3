"""Random numbers: Philox against the published vectors, the normal draws, the order of the samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from actlab import _core
from actlab.nets import reference

INSTRUCTION_SETS = pytest.mark.parametrize("isa", _core.instruction_sets())
WORD = st.integers(0, 2**32 - 1)

# Random123 1.14, tests/kat_vectors: philox4x32 with 7 and 10 rounds; counter, key, result
KNOWN = [
    (7, (0, 0, 0, 0), (0, 0), (0x5F6FB709, 0x0D893F64, 0x4F121F81, 0x4F730A48)),
    (7, (0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x5207DDC2, 0x45165E59, 0x4D8EE751, 0x8C52F662)),
    (
        7,
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0x4DFCCABA, 0x190A87F0, 0xC47362BA, 0xB6B5242A),
    ),
    (10, (0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (10, (0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        10,
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("rounds", "counter", "key", "want"), KNOWN)
def test_known_answers(rounds, counter, key, want):
    number = key[0] | key[1] << 32
    assert _core.philox(counter, number, rounds) == want
    assert tuple(reference.philox(np.array([counter]), number, rounds)[0].tolist()) == want


@given(st.tuples(WORD, WORD, WORD, WORD), st.integers(0, 2**64 - 1), st.integers(0, 16))
def test_core_and_reference_agree(counter, key, rounds):
    assert _core.philox(counter, key, rounds) == tuple(reference.philox(np.array([counter]), key, rounds)[0].tolist())


def uniforms(seed, layer, count):
    """The uniform numbers in (0, 1), 53 bits, that the normal draws are made of."""
    blocks = -(-count // 2)
    counter = np.zeros((blocks, 4), dtype=np.uint64)
    counter[:, 0], counter[:, 1], counter[:, 2] = np.arange(blocks), layer, 1
    words = reference.philox(counter, seed, 10).reshape(-1, 2)
    bits = (words[:, 1] << np.uint64(32) | words[:, 0]) >> np.uint64(11)
    return ((bits.astype(np.float64) + 0.5) * 2.0**-53)[:count]


@pytest.mark.parametrize(("seed", "layer"), [(0, 0), (1, 3), (2**64 - 1, 2**32 - 1), (123456789, 1)])
def test_normal_draws_are_quantiles_of_the_uniform_numbers(seed, layer):
    count = 100_001
    got, u = _core.standard_normal(seed, layer, count), uniforms(seed, layer, count)
    # At u near ½ the quantile is near 0 and u's own last bit, not the algorithm, sets the error of both.
    np.testing.assert_allclose(got, special.ndtri(u), rtol=1e-14, atol=1e-15)


def test_normal_draws_are_normal():
    draws = _core.standard_normal(2024, 0, 400_000)
    error = 1 / np.sqrt(len(draws))
    assert abs(draws.mean()) < 4 * error
    assert abs(draws.var() - 1) < 4 * np.sqrt(2) * error
    assert abs(stats.skew(draws)) < 4 * np.sqrt(6) * error
    assert abs(stats.kurtosis(draws)) < 4 * np.sqrt(24) * error
    assert stats.kstest(draws, "norm").pvalue > 1e-3
    for lag in (1, 2, 3):
        assert abs(np.mean(draws[lag:] * draws[:-lag])) < 4 * error


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1), st.integers(0, 50), st.integers(0, 50))
def test_the_count_changes_no_draw(seed, layer, few, more):
    short, long = (_core.standard_normal(seed, layer, count) for count in (few, few + more))
    np.testing.assert_array_equal(long[:few], short)


def test_seeds_and_layers_have_streams_of_their_own():
    # 2^32 apart: both halves of the seed count.
    draws = np.stack([_core.standard_normal(s, k, 20_000) for s in (0, 1, 2**32) for k in (0, 1)])
    correlation = np.corrcoef(draws) - np.eye(len(draws))
    assert np.abs(correlation).max() < 4 / np.sqrt(20_000)


@INSTRUCTION_SETS
@given(seed=st.integers(0, 2**64 - 1), points=st.integers(1, 70), epochs=st.integers(0, 4))
def test_core_shuffles_as_the_reference_does(isa, seed, points, epochs):
    got = _core.shuffle_order(seed, points, epochs, isa)
    np.testing.assert_array_equal(got, reference.shuffle_order(seed, points, epochs))
    np.testing.assert_array_equal(np.sort(got, axis=1), np.tile(np.arange(points), (epochs, 1)))


def test_every_order_is_equally_likely():
    # All 24 orders of four samples over 6,000 seeds, in the first epoch and in the third.
    orders = np.stack([_core.shuffle_order(seed, 4, 3) for seed in range(6000)])
    for epoch in (0, 2):
        _, counts = np.unique(orders[:, epoch], axis=0, return_counts=True)
        assert len(counts) == 24
        assert stats.chisquare(counts).pvalue > 1e-3


def test_every_place_is_equally_likely():
    # Which of 37 samples comes at each place, and which follows which from epoch to epoch.
    epochs = _core.shuffle_order(99, 37, 8000)
    for place in (0, 1, 17, 36):
        assert stats.chisquare(np.bincount(epochs[:, place], minlength=37)).pvalue > 1e-3
    steps = (epochs[1:, 5] - epochs[:-1, 5]) % 37
    assert stats.chisquare(np.bincount(steps, minlength=37)).pvalue > 1e-3


def test_nets_with_other_seeds_see_other_orders():
    orders = [tuple(_core.shuffle_order(seed, 64, 1)[0].tolist()) for seed in (0, 1, 2, 2**32, 2**63)]
    assert len(set(orders)) == len(orders)
