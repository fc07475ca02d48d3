"""A net's result is a property of the net: the same bits in any company, order, number of threads, instruction set."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nets_factory import FORMULAS, FUSED, point_sets, same_bits, same_result, sets_for, spec_of, training_of

from actlab import nets

COMPANY = 19  # more than one block of lanes in either precision, and not a whole number of them


PHI = st.sampled_from(["relu", "tanh", "gelu", "sigmoid", "softplus", "elu", *FORMULAS])
OPTIMISERS = st.sampled_from(
    [nets.Sgd(), nets.Momentum(), nets.Momentum(0.5), nets.Adam(), nets.AdamW(0.8, 0.99, 1e-3)]
)


@st.composite
def problems(draw):
    """A specification, its data and a company of nets; now and then a net that diverges."""
    hidden = draw(st.lists(st.integers(1, 9), max_size=3) | st.integers(1, 5).map(lambda width: [width] * 4))
    loss = draw(st.sampled_from(["binary", "binary", "classes", "squares"]))
    each = len(hidden)
    norms = st.sampled_from(["none", "batch", "layer"])
    spec = spec_of(
        draw(PHI | st.lists(PHI, min_size=each, max_size=each)),
        draw(st.integers(1, 5)),
        hidden,
        draw(st.sampled_from(["he", "lecun", "xavier", "gain 1.5"])),
        loss=loss,
        outputs=1 if loss == "binary" else draw(st.integers(2, 5)),
        norm=draw(st.just("none") | norms | st.lists(norms, min_size=each, max_size=each).map(tuple)),
        residual=draw(st.sampled_from([0, 0, 1, 2])),
    )
    training = training_of(
        draw(st.integers(1, 4)),
        draw(st.integers(2, 20)),
        optimiser=draw(OPTIMISERS),
        schedule=draw(st.sampled_from(["constant", "cosine"])),
        warm_up=draw(st.sampled_from([0, 3, 100])),
        weight_decay=draw(st.sampled_from([0.0, 0.01])),
        clip=draw(st.sampled_from([None, 0.1, 10.0])),
        target=draw(st.sampled_from([None, None, 0.6, 0.3])),
    )
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    points = draw(st.integers(2, 30))
    seed = draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    company = {
        "seeds": rng.integers(0, 2**63, size=COMPANY).tolist(),
        "learning_rates": (10.0 ** rng.uniform(-3, 0.5, size=COMPANY)).tolist(),
        "gains": rng.uniform(0.5, 2, size=COMPANY).tolist(),
        "set_of_net": rng.integers(0, 3, size=COMPANY).tolist(),
    }
    if draw(st.booleans()):
        company["learning_rates"][draw(st.integers(0, COMPANY - 1))] = 1e30
    sets = {
        "train_sets": sets_for(spec, points, 3, dtype, seed),
        "validation_sets": sets_for(spec, draw(st.integers(0, 12)), 3, dtype, seed + 1),
    }
    return spec, training, company, sets, nets.checkpoint_steps(training.steps(points), draw(st.integers(1, 6)))


def trained(spec, training, company, sets, checkpoints, chosen=None, **settings):
    chosen = list(range(COMPANY)) if chosen is None else chosen
    some = {name: [values[i] for i in chosen] for name, values in company.items()}
    return nets.train(spec, training, **some, **sets, checkpoints=checkpoints, keep=range(len(chosen)), **settings)


def net_of(result, net):
    """One net's part of a result."""
    fields = ("weights", "curves", "traces", "snapshots", "steps", "diverged")
    return [getattr(result, field)[net] for field in fields]


def assert_same_net(result, net, other, place):
    for ours, theirs in zip(net_of(result, net), net_of(other, place), strict=True):
        assert same_bits(ours, theirs)


@given(problems(), st.integers(0, COMPANY - 1), st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None, derandomize=True)
def test_a_net_is_the_same_in_any_company(problem, net, chance):
    spec, training, company, sets, checkpoints = problem
    together = trained(spec, training, company, sets, checkpoints, threads=1)
    assert together.completed.all()
    assert not together.interrupted

    alone = trained(spec, training, company, sets, checkpoints, [net], threads=1)
    assert_same_net(alone, 0, together, net)

    assert same_result(together, trained(spec, training, company, sets, checkpoints, threads=2))

    order = list(range(COMPANY))
    chance.shuffle(order)
    mixed = trained(spec, training, company, sets, checkpoints, order, threads=2)
    for place, which in enumerate(order):
        assert_same_net(mixed, place, together, which)

    for name in FUSED:
        assert same_result(together, trained(spec, training, company, sets, checkpoints, instruction_set=name))


@given(problems(), st.integers(0, COMPANY - 1), st.sampled_from([1e30, np.inf, np.nan, 0.0]))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_neighbours_leave_no_mark(problem, net, rate):
    spec, training, company, sets, checkpoints = problem
    calm = trained(spec, training, company, sets, checkpoints)
    disturbed = dict(company)
    disturbed["learning_rates"] = [r if i == net else rate for i, r in enumerate(company["learning_rates"])]
    disturbed["seeds"] = [s if i == net else s + 1 for i, s in enumerate(company["seeds"])]
    disturbed["set_of_net"] = [s if i == net else (s + 1) % 3 for i, s in enumerate(company["set_of_net"])]
    other = trained(spec, training, disturbed, sets, checkpoints)
    assert_same_net(calm, net, other, net)


@given(problems())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_measuring_changes_nothing(problem):
    spec, training, company, sets, _ = problem
    training = replace(training, target=None)  # which is looked for where there is a checkpoint
    total = training.steps(sets["train_sets"].points)
    every = np.arange(total + 1)
    full = trained(spec, training, company, sets, every)
    assert same_bits(full.snapshots[:, -1], full.weights)
    none = nets.train(spec, training, **company, train_sets=sets["train_sets"])
    assert same_bits(none.weights, full.weights)
    assert none.curves.shape == (COMPANY, 0, len(nets.CURVES))
    some = every[:: max(total // 3, 1)]
    sparse = nets.train(spec, training, **company, **sets, checkpoints=some, keep=[7, 2])
    assert same_bits(sparse.weights, full.weights)
    assert same_bits(sparse.curves, full.curves[:, some])
    assert same_bits(sparse.traces, full.traces[:, some])
    assert same_bits(sparse.snapshots, full.snapshots[[7, 2]][:, some])


@pytest.mark.parametrize("threads", [1, 2])
def test_alone_and_among_five_thousand(threads):
    spec, training = spec_of("gelu", 2, (8, 8)), training_of(5, 16, target=0.4)
    count, sets = 5000, point_sets(50, 2, 7, np.float32)
    rng = np.random.default_rng(1)
    company = {
        "seeds": np.arange(count).tolist(),
        "learning_rates": (10.0 ** rng.uniform(-3, 1, count)).tolist(),
        "set_of_net": (np.arange(count) % 7).tolist(),
    }
    company["learning_rates"][4991] = 1e30  # beside the last ones tried below
    checkpoints = nets.checkpoint_steps(20, 4)
    many = nets.train(spec, training, **company, train_sets=sets, checkpoints=checkpoints, threads=threads)
    assert many.completed.all()
    for net in (0, 1, 1234, 2500, 4990, 4992, 4999):
        one = {name: [values[net]] for name, values in company.items()}
        alone = nets.train(spec, training, **one, train_sets=sets, checkpoints=checkpoints)
        assert same_bits(alone.weights[0], many.weights[net])
        assert same_bits(alone.curves[0], many.curves[net])
        assert same_bits(alone.traces[0], many.traces[net])
    assert len(np.unique(many.weights, axis=0)) > 4990  # they are different nets


@pytest.mark.parametrize("options", [{}, {"norm": "layer", "residual": 1}, {"norm": "batch"}], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
def test_wide_nets_have_the_same_bits_too(dtype, options):
    """How many samples go through together depends on the instruction set and the precision; the bits do not."""
    spec, training = spec_of("gelu", 3, (90, 80, 80), **options), training_of(2, 77)
    company = {"seeds": list(range(COMPANY)), "learning_rates": [0.1] * COMPANY, "set_of_net": [0] * COMPANY}
    sets = {"train_sets": sets_for(spec, 130, 1, dtype), "validation_sets": sets_for(spec, 9, 1, dtype)}
    steps = nets.checkpoint_steps(4, 3)
    together = trained(spec, training, company, sets, steps, threads=2)
    assert_same_net(trained(spec, training, company, sets, steps, [17]), 0, together, 17)
    for name in FUSED:
        assert same_result(together, trained(spec, training, company, sets, steps, instruction_set=name))


@given(problems())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_scores_are_the_same_in_any_company(problem):
    spec, _, company, sets, _ = problem
    weights = nets.initial_weights(spec, company["seeds"], sets["train_sets"].X.dtype.type)
    weights[3] = np.nan
    which = company["set_of_net"]
    together = nets.score(spec, weights, sets["train_sets"], which, threads=2)
    for net in (0, 3, 4, COMPANY - 1):
        alone = nets.score(spec, weights[net : net + 1], sets["train_sets"], [which[net]], threads=1)
        for field in ("loss", "accuracy", "positive", "largest_share", "finite"):
            assert same_bits(getattr(alone, field)[0], getattr(together, field)[net])
    for name in FUSED:
        other = nets.score(spec, weights, sets["train_sets"], which, instruction_set=name)
        assert all(same_bits(getattr(other, f), getattr(together, f)) for f in ("loss", "accuracy", "largest_share"))


def test_an_equal_formula_gives_the_bits_of_the_built_in():
    sets = point_sets(40, 2, dtype=np.float32)
    results = [
        nets.train(spec_of(name), training_of(10), seeds=range(5), learning_rates=[0.1] * 5, train_sets=sets).weights
        for name in ("mish", "x*tanh(softplus(x))")
    ]
    assert same_bits(*results)


def test_training_again_gives_the_same_and_leaves_its_input_alone():
    spec, sets = spec_of(), point_sets(40, 2, dtype=np.float32)
    rows = nets.initial_weights(spec, range(4))
    before = rows.copy()
    first, second = (
        nets.train(spec, training_of(), seeds=range(4), learning_rates=[0.3] * 4, train_sets=sets, initial=rows)
        for _ in range(2)
    )
    assert same_bits(rows, before)
    assert same_result(first, second)
    assert not same_bits(first.weights, rows)


def test_a_diverged_net_is_reported_and_raises_nothing():
    spec, sets = spec_of("relu", hidden=(8, 8)), point_sets(64, 2, 1, np.float32)
    checkpoints = nets.checkpoint_steps(160, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = nets.train(
            spec,
            training_of(20),
            seeds=[1, 2],
            learning_rates=[1e30, 0.1],
            train_sets=sets,
            validation_sets=sets,
            checkpoints=checkpoints,
        )
    assert result.completed.all()
    assert not np.isfinite(result.weights[0]).all()
    last = dict(zip(nets.CURVES, result.curves[0, -1], strict=True))
    assert last["train_loss"] == last["validation_loss"] == np.inf
    assert last["train_accuracy"] == last["validation_accuracy"] == 0
    assert np.isfinite(result.curves[0, 0]).all()  # before the first step all was well
    assert np.isfinite(result.weights[1]).all()
    assert np.isfinite(result.curves[1]).all()
    assert np.isfinite(result.traces[1, 1:]).all()  # at step 0 there is no path yet
