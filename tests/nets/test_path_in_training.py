"""The way that weights go, step by step: what the core adds up in its loop, against `actlab.measure` on every step."""

import numpy as np
import pytest
from nets_factory import FUSED, same_result, sets_for, spec_of, training_of

import actlab
from actlab import measure, nets

RATIO, AGREEMENT, EFFICIENCY = (nets.TRACES.index(k) for k in ("update_ratio", "sign_agreement", "path_efficiency"))
SPECS = {
    "plain": {},
    "wide": {"hidden": (70, 3)},
    "batch": {"hidden": (6, 6, 6), "norm": "batch", "residual": 1},
    "layer": {"hidden": (5, 4), "norm": ("layer", "none"), "loss": "classes", "outputs": 3},
    "linear": {"hidden": (), "loss": "squares", "outputs": 2},
}
RULES = {
    "sgd": {},
    "momentum": {"optimiser": nets.Momentum(0.8), "weight_decay": 0.01, "clip": 0.5},
    "adam": {"optimiser": nets.Adam(), "schedule": "cosine", "warm_up": 3},
    "adamw": {"optimiser": nets.AdamW(), "weight_decay": 0.1},
}


def every_step(spec, training, points=30, dtype=np.float64, rates=(0.02, 0.1), **more):
    """Two nets measured, and their weights kept, at every step."""
    total = training.steps(points)
    return nets.train(
        spec,
        training,
        seeds=range(len(rates)),
        learning_rates=rates,
        train_sets=sets_for(spec, points, dtype=dtype, seed=2),
        checkpoints=np.arange(total + 1),
        keep=range(len(rates)),
        **more,
    )


def weights_of(spec, rows):
    """The weight matrices ``[checkpoint][layer]`` in float64."""
    return [[layer.weights for layer in spec.unpack(row.astype(np.float64))] for row in rows]


def wanted(way, layer, step):
    """Update ratio and path efficiency after `step` steps."""
    at = [weights[layer] for weights in way]
    lengths = [np.linalg.norm(at[k + 1] - at[k]) for k in range(step)]
    ratio = measure.update_ratio(at[step] - at[step - 1], at[step - 1]) if step else np.nan
    return ratio, measure.path_efficiency(at[0], at[step], lengths)


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float", "double"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("net", SPECS)
def test_the_path_follows_the_definitions(net, rule, dtype):
    spec, training = spec_of(**{"activation": "gelu", "features": 3} | SPECS[net]), training_of(4, 8, **RULES[rule])
    result = every_step(spec, training, dtype=dtype)
    tolerance = 1e-4 if dtype is np.float32 else 1e-10
    for one in range(2):
        way = weights_of(spec, result.snapshots[one])
        for layer in range(spec.layers):
            got = result.traces[one, :, layer][:, [RATIO, EFFICIENCY]]
            want = np.array([wanted(way, layer, step) for step in range(len(way))])
            np.testing.assert_allclose(got, want, rtol=tolerance)
            assert np.isnan(got[0]).all()
            assert (got[1:, 1] <= 1 + 1e-6).all()


def test_a_recurrent_layer_goes_with_both_of_its_matrices():
    spec = nets.NetSpec(2, (5, 4), actlab.get("tanh"), "xavier", steps=6)
    rng = np.random.default_rng(0)
    sets = nets.PointSets(rng.normal(size=(1, 20, 6, 2)), rng.integers(0, 2, size=(1, 20)).astype(float))
    training = training_of(3, 8, optimiser=nets.Momentum(0.8))
    result = nets.train(
        spec, training, seeds=[0], learning_rates=[0.1], train_sets=sets, checkpoints=np.arange(10), keep=[0]
    )
    for layer in range(3):
        way = [
            [np.concatenate([np.ravel(m) for m in (part.weights, part.recurrent) if m is not None])]
            for part in (spec.unpack(row)[layer] for row in result.snapshots[0])
        ]
        want = np.array([wanted(way, 0, step) for step in range(10)])
        np.testing.assert_allclose(result.traces[0, :, layer][:, [RATIO, EFFICIENCY]], want, rtol=1e-10)


def test_measuring_changes_nothing_and_the_path_does_not_depend_on_the_checkpoints():
    spec, training = spec_of("relu"), training_of(6, 8, optimiser=nets.Adam(), weight_decay=0.01)
    often = every_step(spec, training, dtype=np.float32)
    sets = sets_for(spec, 30, dtype=np.float32, seed=2)
    common = {"seeds": range(2), "learning_rates": [0.02, 0.1], "train_sets": sets}
    never = nets.train(spec, training, **common)
    once = nets.train(spec, training, checkpoints=np.array([24]), **common)
    assert (often.weights == never.weights).all()
    assert (once.traces[:, 0] == often.traces[:, -1]).all()


@pytest.mark.skipif(len(FUSED) < 2, reason="one instruction set with fused multiply-adds only")
@pytest.mark.parametrize("net", SPECS)
def test_every_instruction_set_gives_the_same_path(net):
    spec, training = spec_of(**{"features": 3} | SPECS[net]), training_of(3, 8, **RULES["momentum"])
    found = [every_step(spec, training, dtype=np.float32, instruction_set=name) for name in FUSED]
    assert same_result(found[0], found[1])


def test_a_net_that_is_done_goes_no_further():
    spec = spec_of("tanh")
    result = every_step(spec, training_of(20, 8, target=0.6), dtype=np.float32, rates=(0.5, 0.0))
    stop = int(result.steps[0])
    assert 1 < stop < len(result.checkpoints) - 1
    assert (result.traces[0, stop:] == result.traces[0, stop]).all()
    assert result.traces[0, stop, 0, EFFICIENCY] > 0


def test_weights_that_never_move_have_no_efficiency():
    result = every_step(spec_of("tanh"), training_of(2, 8), rates=(0.0, 0.1))
    assert np.isnan(result.traces[0, :, :, EFFICIENCY]).all()
    assert (result.traces[0, 1:, :, RATIO] == 0).all()


def test_a_lost_net_has_no_path():
    result = every_step(spec_of("relu"), training_of(4, 8), dtype=np.float32, rates=(np.inf, 0.1))
    assert np.isnan(result.traces[0, -1, :, [RATIO, EFFICIENCY, AGREEMENT]]).all()
    assert np.isfinite(result.traces[1, 1:, :, EFFICIENCY]).all()


def test_one_straight_line_of_full_batches():
    """A linear net with one weight goes down a parabola: straight, while the rate is small."""
    spec = spec_of(hidden=(), features=1, loss="squares")
    training = nets.TrainSpec(12, 30)
    small, large = every_step(spec, training, rates=(0.05, 0.05)), every_step(spec, training, rates=(0.95, 0.95))
    assert small.traces[0, -1, 0, EFFICIENCY] == pytest.approx(1, abs=1e-12)
    assert large.traces[0, -1, 0, EFFICIENCY] < 0.6  # from one side of the valley to the other


@pytest.mark.parametrize(("activation", "low", "high"), [("sigmoid", 0.85, 1), ("tanh", 0.5, 0.75)])
def test_positive_inputs_tie_the_signs(activation, low, high):
    """Row B3: behind a positive-only activation a unit's weight gradients agree in sign more than by chance."""
    spec = spec_of(activation, 2, (16, 16))
    result = every_step(spec, training_of(1, 8), points=64)
    agreement = result.traces[:, 0, 1, AGREEMENT]
    assert ((low <= agreement) & (agreement <= high)).all()
