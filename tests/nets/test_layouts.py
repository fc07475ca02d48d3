"""Nets side by side in a vector, or the units of one net: the engine takes what is quicker, the bits are the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nets_factory import FORMULAS, same_bits, same_result, sequences, sets_for, spec_of, training_of

from actlab import _core, nets

COMPANY = 3
LEARNED = ("prelu", "silu(beta=learned(0.7))", "learned(0.3, a)*x*sigmoid(learned(1.5, b)*x) + learned(0.1)*sin(x)")
PHI = st.sampled_from(["relu", "tanh", "gelu", "sigmoid", "mish", *LEARNED, *FORMULAS])
WIDTHS = st.integers(1, 9) | st.sampled_from([15, 16, 17, 33, 48, 50, 65])
OPTIMISERS = st.sampled_from([nets.Sgd(), nets.Momentum(0.5), nets.Adam(), nets.AdamW(0.8, 0.99, 1e-3)])
SCORES = ("loss", "accuracy", "positive", "largest_share", "finite")


@st.composite
def problems(draw):
    """A specification, its data and three nets, of which one may diverge."""
    if draw(st.booleans()) and draw(st.booleans()):
        return draw(problems_on_sequences())
    hidden = draw(st.lists(WIDTHS, max_size=3) | WIDTHS.map(lambda width: [width] * 4))
    each = len(hidden)
    loss = draw(st.sampled_from(["binary", "classes", "squares"]))
    norms = st.sampled_from(["none", "batch", "layer"])
    spec = spec_of(
        draw(PHI | st.lists(PHI, min_size=each, max_size=each)),
        draw(st.integers(1, 20)),
        hidden,
        loss=loss,
        outputs=1 if loss == "binary" else draw(st.integers(2, 20)),
        norm=draw(st.just("none") | norms | st.lists(norms, min_size=each, max_size=each).map(tuple)),
        residual=draw(st.sampled_from([0, 0, 1, 2])),
    )
    return trainings_of(draw, spec, sets_for)


@st.composite
def problems_on_sequences(draw):
    hidden = draw(st.lists(WIDTHS, min_size=1, max_size=3))
    loss = draw(st.sampled_from(["binary", "classes", "squares"]))
    spec = spec_of(
        draw(PHI | st.lists(PHI, min_size=len(hidden), max_size=len(hidden))),
        draw(st.integers(1, 20)),
        hidden,
        draw(st.sampled_from(["xavier", "he", "identity"])),
        loss=loss,
        outputs=1 if loss == "binary" else draw(st.integers(2, 20)),
        steps=draw(st.integers(1, 6)),
    )
    return trainings_of(draw, spec, sequences)


def trainings_of(draw, spec, data_for):
    training = training_of(
        draw(st.integers(1, 3)),
        draw(st.integers(2, 40) | st.just(300)),
        optimiser=draw(OPTIMISERS),
        schedule=draw(st.sampled_from(["constant", "cosine"])),
        warm_up=draw(st.sampled_from([0, 3])),
        weight_decay=draw(st.sampled_from([0.0, 0.01])),
        clip=draw(st.sampled_from([None, 0.1, 10.0])),
        target=draw(st.sampled_from([None, None, 0.6, 0.3])),
    )
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    points, seed = draw(st.integers(2, 70) | st.just(290)), draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    rates = (10.0 ** rng.uniform(-3, 0.5, size=COMPANY)).tolist()
    if draw(st.booleans()):
        rates[1] = 1e30
    sets = {
        "train_sets": data_for(spec, points, 2, dtype, seed),
        "validation_sets": data_for(spec, draw(st.integers(0, 12)), 2, dtype, seed + 1),
    }
    company = {"seeds": rng.integers(0, 2**63, size=COMPANY).tolist(), "learning_rates": rates, "set_of_net": [0, 1, 1]}
    steps = nets.checkpoint_steps(training.steps(points), draw(st.integers(1, 4)))
    return spec, training, {**company, **sets, "checkpoints": steps, "keep": range(COMPANY)}


def by_both(call, *arguments, **more):
    return [call(*arguments, **more, _layout=layout) for layout in ("nets", "units")]


@given(problems())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_both_layouts_give_the_same_bits(problem):
    spec, training, arguments = problem
    for name in _core.instruction_sets():
        by_nets, by_units = by_both(nets.train, spec, training, **arguments, instruction_set=name)
        assert same_result(by_nets, by_units), name
    weights = np.concatenate([by_nets.weights, by_nets.snapshots[:, 0]])
    scores = by_both(nets.score, spec, weights, arguments["train_sets"], arguments["set_of_net"] * 2)
    assert all(same_bits(*(getattr(part, field) for part in scores)) for field in SCORES)


# Such a net does not stay in the cache: its gradients move weights without going to memory, next panels are fetched.
LARGE = [
    ("tanh", {"optimiser": nets.Sgd()}, {}),
    ("relu", {"optimiser": nets.Momentum(0.5)}, {}),
    (["sigmoid", "gelu", "identity"], {"optimiser": nets.Adam()}, {"norm": "batch"}),
    ("tanh", {"optimiser": nets.Sgd(), "weight_decay": 0.01}, {"norm": "layer"}),
    ("silu(beta=learned(0.7))", {"optimiser": nets.AdamW(0.8, 0.99, 1e-3)}, {"residual": 2}),
    ("tanh", {"optimiser": nets.Adam(), "clip": 0.1}, {}),
]


@pytest.mark.parametrize("told", [False, True], ids=["unmeasured", "measured"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("activation", "training", "net"), LARGE)
def test_nets_larger_than_the_cache_have_the_same_bits(activation, training, net, dtype, told):
    hidden = [197] * 3 if net.get("residual") else [210, 195, 50]
    spec = spec_of(activation, 5, hidden, loss="classes", outputs=3, **net)
    rule = training_of(2, 280, **training)  # more than go through at once
    arguments = {
        "seeds": range(COMPANY), "learning_rates": [0.01, 0.1, 1e30], "set_of_net": [0, 1, 1],
        "train_sets": sets_for(spec, 290, 2, dtype, 1), "validation_sets": sets_for(spec, 12, 2, dtype, 2),
        "checkpoints": nets.checkpoint_steps(rule.steps(290), 2) if told else None,
    }  # fmt: skip
    for name in _core.instruction_sets():
        by_nets, by_units = by_both(nets.train, spec, rule, **arguments, instruction_set=name)
        assert not np.array_equal(by_nets.weights[0], nets.initial_weights(spec, range(1), dtype)[0])
        assert same_result(by_nets, by_units), name
