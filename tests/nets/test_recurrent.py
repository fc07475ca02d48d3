"""Recurrent nets: the core, the reference in NumPy and PyTorch, and the gradient through time."""

import numpy as np
import pytest
from nets_factory import FUSED, same_result, sequences, training_of

import actlab
from actlab import UserError, measure, nets
from actlab.nets import reference

LOSSES = {"binary": {}, "classes": {"loss": "classes", "outputs": 4}, "squares": {"loss": "squares", "outputs": 2}}
STEPS = 7


def spec_of(activation="tanh", features=2, hidden=(5,), init="xavier", steps=STEPS, **more):
    phi = tuple(map(actlab.get, activation)) if isinstance(activation, tuple) else actlab.get(activation)
    return nets.NetSpec(features, hidden, phi, init, steps=steps, **more)


def started(spec, seed=11):
    """A row in which nothing is at a special value."""
    row = nets.initial_weights(spec, [seed], np.float64)[0]
    row += 0.1 * np.random.default_rng(1).normal(size=spec.row)
    return row


class Net:
    """h_t = φ(x_t W + h_{t−1} U + b) written out with autograd."""

    def __init__(self, torch, spec, row):
        self.torch, self.spec = torch, spec
        self.layers = [
            {
                name: torch.nn.Parameter(torch.tensor(getattr(layer, name).copy()))
                for name in ("weights", "recurrent", "biases", "learned")
                if getattr(layer, name) is not None
            }
            for layer in spec.unpack(row)
        ]
        self.states = []

    def parameters(self):
        return [each for layer in self.layers for each in layer.values()]

    def __call__(self, X):
        phis = {"tanh": self.torch.tanh, "relu": self.torch.relu, "sigmoid": self.torch.sigmoid}
        below, self.states = [X[:, t] for t in range(X.shape[1])], []
        for layer, phi in zip(self.layers[:-1], self.spec.activations, strict=True):
            h, above = self.torch.zeros(len(X), layer["biases"].shape[0], dtype=self.torch.float64), []
            for x in below:
                z = x @ layer["weights"] + h @ layer["recurrent"] + layer["biases"]
                h = self.torch.nn.functional.prelu(z, layer["learned"]) if phi.name == "prelu" else phis[phi.name](z)
                if h.requires_grad:
                    h.retain_grad()
                above.append(h)
            self.states.append(above)
            below = above
        return below[-1] @ self.layers[-1]["weights"] + self.layers[-1]["biases"]

    def loss(self, X, y):
        functional, z = self.torch.nn.functional, self(self.torch.tensor(X))
        y = self.torch.tensor(y)
        if self.spec.loss == "binary":
            return functional.binary_cross_entropy_with_logits(z[:, 0], y)
        return functional.cross_entropy(z, y.long()) if self.spec.loss == "classes" else functional.mse_loss(z, y)

    def row(self):
        return self.spec.pack(
            [
                nets.LayerParameters(
                    parts["weights"], parts["biases"], learned=parts.get("learned"), recurrent=parts.get("recurrent")
                )
                for parts in ({k: v.detach().numpy() for k, v in layer.items()} for layer in self.layers)
            ]
        )


def train_in_torch(torch, spec, training, row, X, y, rate, seed):
    net, rule, decay = Net(torch, spec, row), training.optimiser, training.weight_decay
    if isinstance(rule, nets.Adam):
        kind = torch.optim.AdamW if isinstance(rule, nets.AdamW) else torch.optim.Adam
        optimiser = kind(net.parameters(), rate, (rule.beta1, rule.beta2), rule.epsilon, decay)
    else:
        momentum = rule.beta if isinstance(rule, nets.Momentum) else 0.0
        optimiser = torch.optim.SGD(net.parameters(), rate, momentum, weight_decay=decay)
    for order in reference.shuffle_order(seed, len(X), training.epochs):
        for start in range(0, len(X), training.batch_size):
            batch = order[start : start + training.batch_size]
            optimiser.zero_grad()
            net.loss(X[batch], y[batch]).backward()
            if training.clip is not None:
                torch.nn.utils.clip_grad_norm_(net.parameters(), training.clip)
            optimiser.step()
    return net.row()


TRAININGS = {
    "sgd, decay, clip": {"weight_decay": 0.05, "clip": 0.1},
    "momentum": {"optimiser": nets.Momentum(0.8), "weight_decay": 0.01},
    "adam": {"optimiser": nets.Adam(), "weight_decay": 0.01},
    "adamw, clip": {"optimiser": nets.AdamW(), "weight_decay": 0.1, "clip": 0.5},
}
NETS = {
    "tanh": {},
    "relu, identity": {"activation": "relu", "init": "identity"},
    "sigmoid, two layers": {"activation": "sigmoid", "hidden": (5, 3)},
    "prelu, three layers": {"activation": ("prelu", "tanh", "prelu"), "hidden": (4, 6, 3)},
}


@pytest.mark.parametrize(
    ("net", "training", "loss"),
    [(net, "adam", "classes") for net in NETS]
    + [("tanh", training, "squares") for training in TRAININGS]
    + [("prelu, three layers", "sgd, decay, clip", loss) for loss in LOSSES],
)
def test_training_is_that_of_pytorch(net, training, loss):
    torch = pytest.importorskip("torch")
    spec, training = spec_of(**NETS[net], **LOSSES[loss]), training_of(4, 9, **TRAININGS[training])
    sets, row = sequences(spec, 52, seed=4), started(spec)
    trained = nets.train(spec, training, seeds=[11], learning_rates=[0.05], train_sets=sets, initial=row[None])
    want = train_in_torch(torch, spec, training, row, sets.X[0], sets.y[0], 0.05, 11)
    assert training.steps(52) >= 20
    assert np.abs(want - row).max() > 1e-3
    np.testing.assert_allclose(trained.weights[0], want, rtol=1e-10, atol=1e-10)
    ours = reference.train(spec, training, row, sets.X[0], sets.y[0], seed=11, learning_rate=0.05)
    np.testing.assert_allclose(ours, want, rtol=1e-10, atol=1e-10)
    loss = Net(torch, spec, want).loss(sets.X[0], sets.y[0]).item()
    assert nets.score(spec, trained.weights, sets).loss[0] == pytest.approx(loss, rel=1e-9)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_answers_are_those_of_torch_rnn(activation):
    torch = pytest.importorskip("torch")
    spec = spec_of(activation, features=3, hidden=(6, 4), loss="squares", outputs=2)
    sets, row = sequences(spec, 30), started(spec)
    first, second, readout = spec.unpack(row)
    outputs = sets.X[0]
    for layer, (fan_in, width) in ((first, (3, 6)), (second, (6, 4))):  # torch stacks layers of one width only
        rnn = torch.nn.RNN(fan_in, width, 1, activation, batch_first=True, dtype=torch.float64)
        rnn.weight_ih_l0.data, rnn.weight_hh_l0.data = torch.tensor(layer.weights.T), torch.tensor(layer.recurrent.T)
        rnn.bias_ih_l0.data, rnn.bias_hh_l0.data = torch.tensor(layer.biases), torch.zeros(width, dtype=torch.float64)
        outputs = rnn(torch.as_tensor(outputs))[0].detach().numpy()
    want = readout.linear(outputs[:, -1])
    np.testing.assert_allclose(reference.forward(spec, spec.unpack(row), sets.X[0]).z[-1], want, rtol=1e-12, atol=1e-14)
    loss = np.mean((want - sets.y[0]) ** 2)
    assert nets.score(spec, row[None], sets).loss[0] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradient_through_time_is_that_of_autograd(net, loss):
    torch = pytest.importorskip("torch")
    spec = spec_of(**NETS[net], **LOSSES[loss])
    sets, row = sequences(spec, 21, seed=2), started(spec)  # 21 points: the last tile has room
    trained = nets.train(
        spec,
        training_of(0, 9),
        seeds=[1],
        learning_rates=[0.1],
        train_sets=sets,
        initial=row[None],
        checkpoints=np.array([0]),
    )
    assert trained.through_time.shape == (1, 1, len(spec.hidden), STEPS)
    theirs = Net(torch, spec, row)
    theirs.loss(sets.X[0], sets.y[0]).backward()
    gradients, states = reference.through_time(spec, spec.unpack(row), sets.X[0], sets.y[0])
    for layer, above in enumerate(theirs.states):
        want = np.stack([h.grad.numpy() for h in above])
        np.testing.assert_allclose(states[layer], want, rtol=1e-9, atol=1e-14)
        norms = measure.gradient_through_time(want)
        np.testing.assert_allclose(trained.through_time[0, 0, layer], norms, rtol=1e-9)
        weights = np.concatenate([np.ravel(getattr(gradients[layer], part)) for part in ("weights", "recurrent")])
        traced = dict(zip(nets.TRACES, trained.traces[0, 0, layer], strict=True))
        assert traced["gradient_norm"] == pytest.approx(np.linalg.norm(weights), rel=1e-9)


def test_traces_are_over_all_steps():
    spec = spec_of("tanh", hidden=(6, 4), init="gain 3")
    sets, row = sequences(spec, 21, seed=2), started(spec)
    trained = nets.train(
        spec,
        training_of(0, 9),
        seeds=[1],
        learning_rates=[0.1],
        train_sets=sets,
        initial=row[None],
        checkpoints=np.array([0]),
    )
    seen = reference.forward(spec, spec.unpack(row), sets.X[0])
    for layer, phi in enumerate(spec.activations):
        z, a, slope = (part[layer].reshape(-1, spec.hidden[layer]) for part in (seen.z, seen.a, seen.slope))
        traced = dict(zip(nets.TRACES, trained.traces[0, 0, layer], strict=True))
        assert traced["mean_abs_z"] == pytest.approx(np.abs(z).mean(), rel=1e-10)
        assert traced["mean_abs_a"] == pytest.approx(np.abs(a).mean(), rel=1e-10)
        assert traced["mean_z"] == pytest.approx(z.mean(), rel=1e-9)
        assert traced["var_z"] == pytest.approx(z.var(), rel=1e-10)
        shares = measure.unit_shares(measure.classify_units(slope, phi.facts.derivative_second_moment))
        assert traced["saturated"] == pytest.approx(shares.saturated)
        assert traced["dead"] == pytest.approx(shares.dead)
        assert traced["linear"] == pytest.approx(shares.linear)


def test_gradient_of_the_reference_is_that_of_differences():
    spec = spec_of(("tanh", "softplus(beta=learned)"), hidden=(3, 4), loss="classes", outputs=3, steps=4)
    sets, row = sequences(spec, 12), started(spec)
    X, y = sets.X[0], sets.y[0]
    got = reference.flat_gradient(spec, reference.gradients(spec, spec.unpack(row), X, y))
    for i in range(spec.parameters):
        sides = [reference.loss(spec, spec.unpack(row + h * (np.arange(spec.row) == i)), X, y) for h in (1e-5, -1e-5)]
        assert got[i] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("instruction_set", FUSED)
def test_the_same_bits_in_any_company(instruction_set):
    spec = spec_of(("tanh", "prelu"), hidden=(7, 9), steps=11)
    sets, training = sequences(spec, 37, sets=3, dtype=np.float32), training_of(3, 8, optimiser=nets.Adam(), clip=1.0)

    def train(which, threads, isa):
        return nets.train(
            spec, training, seeds=which, learning_rates=[0.02] * len(which), threads=threads, instruction_set=isa,
            set_of_net=[k % 3 for k in which], train_sets=sets, checkpoints=np.array([0, 5]), keep=range(len(which)),
        )  # fmt: skip

    together, turned = train(range(21), 2, FUSED[-1]), train(range(20, -1, -1), 1, instruction_set)
    for field in ("weights", "curves", "traces", "through_time", "snapshots"):
        np.testing.assert_array_equal(getattr(together, field), getattr(turned, field)[::-1])
    np.testing.assert_array_equal(train([7], 1, instruction_set).weights[0], together.weights[7])
    assert same_result(together, train(range(21), 1, FUSED[-1]))
    assert np.isfinite(together.weights).all()


def test_one_step_is_a_plain_net():
    spec = spec_of("tanh", features=3, hidden=(6,), steps=1)
    plain = nets.NetSpec(3, (6,), actlab.get("tanh"), "xavier")
    sets, row = sequences(spec, 30), started(spec)
    layers = spec.unpack(row)
    same = plain.pack([layer._replace(recurrent=None) for layer in layers])
    flat_sets = nets.PointSets(sets.X[:, :, 0], sets.y)
    arguments = {"seeds": [3], "learning_rates": [0.3]}
    ours = nets.train(spec, training_of(3, 8), train_sets=sets, initial=row[None], **arguments)
    theirs = nets.train(plain, training_of(3, 8), train_sets=flat_sets, initial=same[None], **arguments)
    for a, b in zip(spec.unpack(ours.weights[0]), plain.unpack(theirs.weights[0]), strict=True):
        np.testing.assert_array_equal(a.weights, b.weights)
        np.testing.assert_array_equal(a.biases, b.biases)
    np.testing.assert_array_equal(spec.unpack(ours.weights[0])[0].recurrent, layers[0].recurrent)


def test_where_they_begin():
    spec = spec_of("relu", hidden=(40, 30), init="he")
    row = nets.initial_weights(spec, [1, 2, 1], np.float64, gains=[1, 1, 2])
    first, second, readout = spec.unpack(row[0])
    assert first.recurrent.shape == (40, 40)
    assert readout.recurrent is None
    assert first.recurrent.std() == pytest.approx((2 / 40) ** 0.5, rel=0.1)
    assert second.recurrent.std() == pytest.approx((2 / 30) ** 0.5, rel=0.1)
    np.testing.assert_array_equal(spec.unpack(row[2])[0].recurrent, 2 * first.recurrent)
    draws = [
        np.ravel(part)[:60] / np.std(part) for layer in (first, second) for part in (layer.weights, layer.recurrent)
    ]
    assert np.abs(np.corrcoef(draws) - np.eye(4)).max() < 0.5  # no two of them are the same draws
    identity = spec_of("relu", hidden=(4,), init="identity")
    np.testing.assert_array_equal(identity.unpack(nets.initial_weights(identity, [1])[0])[0].recurrent, np.eye(4))
    covered = np.zeros(spec.row, dtype=int)
    for place in spec.places():
        for part in place:
            if part is not None:
                covered[part] += 1
    assert (covered == 1).all()
    np.testing.assert_array_equal(spec.pack(spec.unpack(row[0])), row[0])


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"norm": "batch"}, "nets.recurrent_plain"),
        ({"norm": "layer"}, "nets.recurrent_plain"),
        ({"residual": 1}, "nets.recurrent_plain"),
        ({"hidden": ()}, "nets.recurrent_hidden"),
        ({"steps": 0}, "nets.at_least"),
        ({"steps": None, "init": "identity"}, "nets.identity_plain"),
    ],
)
def test_what_they_cannot_be(more, key):
    with pytest.raises(UserError) as error:
        spec_of(**more)
    assert error.value.key == key


def test_data_of_another_shape_are_refused():
    spec = spec_of()
    flat_sets = nets.PointSets(np.zeros((1, 9, STEPS * 2)), np.zeros((1, 9)))
    with pytest.raises(UserError) as error:
        nets.train(spec, training_of(), seeds=[1], learning_rates=[0.1], train_sets=flat_sets)
    assert error.value.key == "nets.bad_inputs"


def test_a_net_that_explodes_is_told():
    spec = spec_of("x", hidden=(8,), init="gain 8", steps=60, loss="squares")
    sets = sequences(spec, 16, dtype=np.float32)
    trained = nets.train(
        spec, training_of(3, 8), seeds=[1, 2], learning_rates=[0.1] * 2, gains=[1, 0.05], train_sets=sets,
        checkpoints=np.array([0, 6]),
    )  # fmt: skip
    assert trained.diverged.tolist() == [True, False]
    assert np.isnan(trained.through_time[0]).any()
    assert np.isfinite(trained.through_time[1]).all()
    assert np.isfinite(trained.weights[1]).all()
