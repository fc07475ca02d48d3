"""Learned numbers of activations: PReLU's slope, swish's β, and numbers in any formula."""

import numpy as np
import pytest
from nets_factory import FUSED, distance, flat, same_result, sets_for, spec_of, training_of

import actlab
from actlab import nets
from actlab.functions.derivative import derivative
from actlab.functions.expression import Parameter
from actlab.functions.interpret import evaluate_numpy, run_program
from actlab.nets import reference

FORMULA = "learned(0.3, a)*x*sigmoid(learned(1.5, b)*x) + learned(0.1)*sin(x)"
PHIS = ("prelu", "silu(beta=learned(0.7))", "softplus(beta=learned)", "elu(alpha=learned(0.5))", FORMULA)


def started(spec, seed=11):
    """A row in which nothing is at a special value."""
    row = nets.initial_weights(spec, [seed], np.float64)[0]
    row[: spec.parameters] += 0.1 * np.random.default_rng(1).normal(size=spec.parameters)
    return row


@pytest.mark.parametrize("phi", PHIS)
def test_derivatives_by_learned_numbers_are_those_of_differences(phi):
    found, x = actlab.get(phi), np.array([-3.1, -0.7, -0.01, 0.02, 0.9, 2.6])
    values, h = dict(found.learned), 1e-5
    for (name, start), program in zip(found.learned, found.programs_by_learned(), strict=True):
        by = evaluate_numpy(derivative(found.open_expression, Parameter(name)), x, values)
        sides = [evaluate_numpy(found.open_expression, x, values | {name: start + step}) for step in (h, -h)]
        np.testing.assert_allclose(by, (sides[0] - sides[1]) / (2 * h), rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(run_program(program, x)[1], by, rtol=1e-12, atol=1e-15)
        np.testing.assert_array_equal(program.constants[: len(values)], list(values.values()))


def test_where_they_stand_in_a_row():
    spec = spec_of(
        ("prelu", "tanh", FORMULA), features=3, hidden=(4, 4, 5), norm=("batch", "none", "layer"), residual=1
    )
    row = nets.initial_weights(spec, [1, 2], np.float64)
    layers = [spec.unpack(each) for each in row]
    for first, second, third, last in layers:
        np.testing.assert_array_equal(first.learned, [0.25])
        assert second.learned is None
        np.testing.assert_array_equal(third.learned, [0.3, 1.5, 0.1])  # a, b, p
        assert last.learned is None
    ends = [part for place in spec.places() for part in place.trained if part is not None]
    assert [part.start for part in ends[1:]] == [part.stop for part in ends[:-1]]
    assert ends[-1].stop == spec.parameters == spec.row - 2 * 4
    np.testing.assert_array_equal(spec.pack(layers[0]), row[0])


@pytest.mark.parametrize("phi", PHIS)
@pytest.mark.parametrize(
    "more", [{}, {"norm": "layer", "residual": 1}, {"norm": "batch"}], ids=["plain", "skip", "batch"]
)
def test_core_and_reference(phi, more):
    spec = spec_of(phi, features=3, hidden=(6, 6), loss="classes", outputs=3, **more)
    sets, training = sets_for(spec, 52, seed=4), training_of(4, 9, optimiser=nets.Adam(), weight_decay=0.01)
    row = started(spec)
    trained = nets.train(spec, training, seeds=[11], learning_rates=[0.02], train_sets=sets, initial=row[None])
    want = reference.train(spec, training, row, sets.X[0], sets.y[0], seed=11, learning_rate=0.02)
    np.testing.assert_allclose(trained.weights[0], want, rtol=1e-10, atol=1e-10)
    for before, after in zip(spec.unpack(row)[:-1], spec.unpack(want)[:-1], strict=True):
        assert (np.abs(after.learned - before.learned) > 1e-4).all()
    inside = nets.look_inside(spec, trained.weights[0], sets.X[0])
    seen = reference.forward(spec, spec.unpack(want), sets.X[0])
    for ours, theirs in zip(inside.a + inside.slope, seen.a + seen.slope, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    loss = reference.loss(spec, spec.unpack(want), sets.X[0], sets.y[0])
    assert nets.score(spec, trained.weights, sets).loss[0] == pytest.approx(loss, rel=1e-9)


@pytest.mark.parametrize("phi", PHIS)
def test_gradient_of_the_reference_is_that_of_differences(phi):
    spec = spec_of(phi, features=2, hidden=(4, 3), norm=("none", "layer"))
    sets, row = sets_for(spec, 20), started(spec)
    X, y = sets.X[0], sets.y[0]
    got = reference.flat_gradient(spec, reference.gradients(spec, spec.unpack(row), X, y))
    for place in spec.places():
        for i in range(place.learned.start, place.learned.stop) if place.learned else ():
            sides = []
            for h in (1e-5, -1e-5):
                moved = row.copy()
                moved[i] += h
                sides.append(reference.loss(spec, spec.unpack(moved), X, y, training=True))
            assert got[i] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-6, abs=1e-9)


def train_in_torch(torch, spec, training, row, X, y, rate, seed):
    """PReLU as torch.nn has it, all parameters given to the optimiser."""
    modules = []
    for layer in spec.unpack(row):
        linear = torch.nn.Linear(*layer.weights.shape, dtype=torch.float64)
        linear.weight.data, linear.bias.data = torch.tensor(layer.weights.T.copy()), torch.tensor(layer.biases)
        modules.append(linear)
        if layer.learned is not None:
            modules.append(torch.nn.PReLU(init=float(layer.learned[0]), dtype=torch.float64))
    net = torch.nn.Sequential(*modules)
    rule, decay = training.optimiser, training.weight_decay
    if isinstance(rule, nets.Adam):
        kind = torch.optim.AdamW if isinstance(rule, nets.AdamW) else torch.optim.Adam
        optimiser = kind(net.parameters(), rate, (rule.beta1, rule.beta2), rule.epsilon, decay)
    else:
        momentum = rule.beta if isinstance(rule, nets.Momentum) else 0.0
        optimiser = torch.optim.SGD(net.parameters(), rate, momentum, weight_decay=decay)
    losses = {
        "binary": lambda z, t: torch.nn.functional.binary_cross_entropy_with_logits(z[:, 0], t),
        "classes": lambda z, t: torch.nn.functional.cross_entropy(z, t.long()),
        "squares": torch.nn.functional.mse_loss,
    }
    X, y = torch.tensor(X), torch.tensor(y)
    for order in reference.shuffle_order(seed, len(X), training.epochs):
        for start in range(0, len(X), training.batch_size):
            batch = torch.tensor(order[start : start + training.batch_size])
            optimiser.zero_grad()
            losses[spec.loss](net(X[batch]), y[batch]).backward()
            if training.clip is not None:
                torch.nn.utils.clip_grad_norm_(net.parameters(), training.clip)
            optimiser.step()
    rows = []
    for module in net:
        if isinstance(module, torch.nn.Linear):
            rows.append([module.weight.T, module.bias])
        else:
            rows[-1].append(module.weight)
    return spec.pack(
        [
            nets.LayerParameters(*(part.detach().numpy() for part in parts[:2]), learned=parts[2].detach().numpy())
            if len(parts) == 3
            else nets.LayerParameters(*(part.detach().numpy() for part in parts))
            for parts in rows
        ]
    )


TRAININGS = {
    "sgd, decay, clip": {"weight_decay": 0.05, "clip": 0.1},
    "momentum": {"optimiser": nets.Momentum(0.8), "weight_decay": 0.01},
    "adam": {"optimiser": nets.Adam(), "weight_decay": 0.01},
    "adamw": {"optimiser": nets.AdamW(), "weight_decay": 0.1},
}
LOSSES = {"binary": {}, "classes": {"loss": "classes", "outputs": 4}, "squares": {"loss": "squares", "outputs": 3}}


@pytest.mark.parametrize("training", TRAININGS)
@pytest.mark.parametrize("loss", LOSSES)
def test_prelu_is_that_of_pytorch(training, loss):
    torch = pytest.importorskip("torch")
    spec, training = (
        spec_of("prelu", features=3, hidden=(7, 5), **LOSSES[loss]),
        training_of(4, 9, **TRAININGS[training]),
    )
    sets, row = sets_for(spec, 52, seed=4), started(spec)
    trained = nets.train(spec, training, seeds=[11], learning_rates=[0.05], train_sets=sets, initial=row[None])
    want = train_in_torch(torch, spec, training, row, sets.X[0], sets.y[0], 0.05, 11)
    assert training.steps(52) >= 20
    np.testing.assert_allclose(trained.weights[0], want, rtol=1e-10, atol=1e-10)
    for before, after in zip(spec.unpack(row)[:-1], spec.unpack(want)[:-1], strict=True):
        assert abs(after.learned[0] - before.learned[0]) > 1e-4


@pytest.mark.parametrize("instruction_set", FUSED)
def test_the_same_bits_in_any_company(instruction_set):
    spec = spec_of(
        ("prelu", FORMULA, "prelu"), features=2, hidden=(5, 5, 40), residual=1, norm=("none", "batch", "none")
    )
    sets = sets_for(spec, 37, sets=3, dtype=np.float32)
    training = training_of(3, 8, optimiser=nets.Adam(), clip=1.0)
    seeds = list(range(21))
    settings = {"train_sets": sets, "checkpoints": np.array([0, 5]), "keep": range(21)}

    def train(which, threads, isa):
        return nets.train(
            spec, training, seeds=[seeds[k] for k in which], learning_rates=[0.05] * len(which), threads=threads,
            instruction_set=isa, set_of_net=[k % 3 for k in which], **settings | {"keep": range(len(which))},
        )  # fmt: skip

    together, turned = train(range(21), 2, FUSED[-1]), train(range(20, -1, -1), 1, instruction_set)
    for field in ("weights", "curves", "traces", "snapshots"):
        np.testing.assert_array_equal(getattr(together, field), getattr(turned, field)[::-1])
    alone = train([7], 1, instruction_set)
    np.testing.assert_array_equal(alone.weights[0], together.weights[7])
    assert same_result(together, train(range(21), 1, FUSED[-1]))


def test_wide_nets_in_groups_of_tiles_have_the_gradient_too():
    spec = spec_of("prelu", features=4, hidden=(300, 300))  # the weights do not stay in the cache
    sets, row = sets_for(spec, 64), started(spec)
    trained = nets.train(spec, training_of(1, 64), seeds=[1], learning_rates=[1.0], train_sets=sets, initial=row[None])
    want = reference.gradients(spec, spec.unpack(row), sets.X[0], sets.y[0])
    got = spec.unpack(row - trained.weights[0])
    assert distance(flat(got), flat(want)) < 1e-9
    for ours, theirs in zip(got[:-1], want[:-1], strict=True):
        assert ours.learned[0] == pytest.approx(theirs.learned[0], rel=1e-9)


def test_a_lost_number_is_a_lost_net():
    spec = spec_of("softplus(beta=learned)", hidden=(4,))
    sets = sets_for(spec, 16, dtype=np.float32)
    row = nets.initial_weights(spec, [1, 2])
    row[0, next(spec.places()).learned] = np.nan
    trained = nets.train(spec, training_of(2, 8), seeds=[1, 2], learning_rates=[0.1] * 2, train_sets=sets, initial=row)
    assert trained.diverged.tolist() == [True, False]
