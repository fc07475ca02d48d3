"""Nets that are done before the others, or lost: they stay as they are, and are told apart."""

from dataclasses import replace

import numpy as np
import pytest
from nets_factory import point_sets, same_bits, same_result, sets_for, spec_of, training_of

from actlab import nets

RATES = [0.001, 0.3, 1.0, 3.0, 0.1, 0.03] * 4


def run(spec, training, sets, checkpoints, validation=None, rates=RATES):
    return nets.train(
        spec,
        training,
        seeds=range(len(rates)),
        learning_rates=rates,
        train_sets=sets,
        validation_sets=validation,
        checkpoints=checkpoints,
        keep=range(len(rates)),
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
@pytest.mark.parametrize("validated", [True, False])
@pytest.mark.parametrize(
    "more", [{}, {"optimiser": nets.Adam(), "schedule": "cosine"}, {"optimiser": nets.Momentum(), "weight_decay": 0.01}]
)
def test_a_net_that_is_done_stays_as_it_is(more, validated, dtype):
    spec = spec_of("tanh", norm=("batch", "none"))
    sets = point_sets(50, 2, dtype=dtype)
    validation = point_sets(40, 2, dtype=dtype, seed=1) if validated else None
    checkpoints = np.arange(0, 71, 7)
    training = training_of(10, 8, **more)
    whole = run(spec, training, sets, checkpoints, validation)
    judged = whole.curves[:, :, nets.CURVES.index("validation_loss" if validated else "train_loss")]
    target = float(np.median(judged[:, 4]))
    stopped = run(spec, replace(training, target=target), sets, checkpoints, validation)
    assert (whole.steps == 70).all()
    for net in range(len(RATES)):
        reached = np.flatnonzero(judged[net] <= target)
        at = reached[0] if len(reached) else len(checkpoints) - 1
        assert stopped.steps[net] == (checkpoints[at] if len(reached) else 70)
        for field in ("curves", "traces", "snapshots"):
            ours, theirs = getattr(stopped, field)[net], getattr(whole, field)[net]
            assert same_bits(ours[: at + 1], theirs[: at + 1])
            assert same_bits(ours[at:], np.repeat(ours[at : at + 1], len(checkpoints) - at, axis=0))
        assert same_bits(stopped.weights[net], whole.snapshots[net, at])
    assert len(set(stopped.steps.tolist())) > 2  # at different times, and some not at all
    assert stopped.completed.all()
    assert not stopped.diverged.any()


def test_a_block_whose_nets_are_all_done_ends():
    spec, sets = spec_of("relu", hidden=(4,)), point_sets(50, 2, dtype=np.float32)
    shares = []
    result = nets.train(
        spec,
        training_of(10**7, 50, target=100.0),  # hours, if it did not
        seeds=range(40),
        learning_rates=[0.1] * 40,
        train_sets=sets,
        checkpoints=np.array([3, 10**7]),
        progress=shares.append,
    )
    assert (result.steps == 3).all()
    assert result.completed.all()
    assert same_bits(result.curves[:, 0], result.curves[:, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
@pytest.mark.parametrize("loss", [{}, {"loss": "squares", "outputs": 2}, {"loss": "classes", "outputs": 3}], ids=str)
def test_a_lost_net_is_told_and_frozen(loss, dtype):
    spec, training = spec_of("relu", hidden=(8, 8), **loss), training_of(6, 10)
    sets = sets_for(spec, 50, dtype=dtype)
    rates = [0.01, 1e38 if dtype is np.float32 else 1e300, 0.01, np.inf]
    result = run(spec, training, sets, np.arange(0, 31), rates=rates)
    np.testing.assert_array_equal(result.diverged, [False, True, False, True])
    assert (result.steps[[0, 2]] == 30).all()
    for net in (1, 3):
        at = result.steps[net]
        assert at % 5 == 0  # the end of an epoch
        assert not np.isfinite(result.snapshots[net, at]).all()
        assert np.isfinite(result.snapshots[net, at - 5]).all() or at == 5
        assert same_bits(result.weights[net], result.snapshots[net, at])
        assert same_bits(result.snapshots[net, at:], np.repeat(result.snapshots[net, at : at + 1], 31 - at, axis=0))
        assert (result.curves[net, at:, 0] == np.inf).all()
    without = nets.train(spec, training, seeds=range(4), learning_rates=rates, train_sets=sets)
    assert same_bits(without.weights, result.weights)
    np.testing.assert_array_equal(without.steps, result.steps)


def test_a_net_that_is_done_with_a_number_that_is_none_is_lost():
    """The variance of such inputs overflows; the answers, of batch norm's shift alone, look well."""
    spec, sets = spec_of("tanh", hidden=(4,), norm="batch"), point_sets(20, 2, dtype=np.float32)
    huge = nets.PointSets(sets.X * np.float32(1e25), sets.y)
    result = run(spec, training_of(3, 20, target=10.0), huge, np.array([1, 3]), rates=[0.01])
    assert np.isfinite(result.curves[:, :, 0]).all()
    assert not np.isfinite(result.weights).all()
    assert result.diverged.all()
    assert (result.steps == 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
@pytest.mark.parametrize(
    ("more", "shape"),
    [
        ({}, {}),  # rows of the data are shuffled, a copy a lane
        ({"optimiser": nets.Adam(), "clip": 1.0}, {"features": 9}),  # an index is
        ({"optimiser": nets.Momentum(), "schedule": "cosine"}, {"norm": ("batch", "none")}),
    ],
    ids=str,
)
def test_nets_that_run_share_lanes_and_stay_what_they_are(more, shape, dtype):
    """Many blocks on one thread, a target that ends nets at many steps, and rates at which some are lost."""
    spec = spec_of("relu", init="he", **shape)
    count = 16 * 8 * 4 if dtype == np.float32 else 8 * 8 * 4
    hopeless = float(np.sqrt(np.finfo(dtype).max))
    rates = np.random.default_rng(5).choice([0.003, 0.03, 0.1, 0.3, hopeless], count, p=[0.1, 0.3, 0.3, 0.2, 0.1])
    checkpoints = np.arange(0, 43, 3)

    def run(which, threads, target):
        return nets.train(
            spec,
            training_of(6, 8, target=target, **more),
            seeds=[1000 + int(k) for k in which],
            learning_rates=rates[which],
            train_sets=point_sets(50, spec.features, 7, dtype=dtype),
            set_of_net=[int(k) % 7 for k in which],
            checkpoints=checkpoints,
            keep=range(0, len(which), 5),
            threads=threads,
            _layout="nets",
        )

    everyone = np.arange(count)
    seen = run(everyone, 0, None).curves[:, :, nets.CURVES.index("train_loss")]
    target = float(np.quantile(seen[:, 6], 0.4))
    together = run(everyone, 1, target)
    assert together.completed.all()
    assert len(set(together.steps.tolist())) > 8
    assert together.diverged.any()
    assert same_result(together, run(everyone, 8, target))  # too few nets a thread for any to move
    some = np.arange(3, count, 40)
    for k in some:
        alone = run(np.array([k]), 1, target)
        for field in ("weights", "curves", "traces", "steps", "diverged"):
            assert same_bits(getattr(alone, field)[0], getattr(together, field)[k]), field
