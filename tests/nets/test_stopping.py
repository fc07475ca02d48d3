"""Nets that are done before the others, or lost: they stay as they are, and are told apart."""

from dataclasses import replace

import numpy as np
import pytest
from nets_factory import point_sets, same_bits, sets_for, spec_of, training_of

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
