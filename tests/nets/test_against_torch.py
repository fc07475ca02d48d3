"""The core in double against PyTorch in float64: 20 steps and more with every loss, norm, optimiser and schedule."""

import numpy as np
import pytest
from nets_factory import sets_for, spec_of, training_of

from actlab import nets
from actlab.nets import reference

torch = pytest.importorskip("torch")

PHI = {name: getattr(torch, name, None) or getattr(torch.nn.functional, name) for name in ("tanh", "gelu", "softplus")}
STEPS = 24


class Layer(torch.nn.Module):
    """Linear, norm, activation, skip: PyTorch's own modules, with one net's parameters."""

    def __init__(self, parameters, norm, phi):
        super().__init__()
        fan_in, fan_out = parameters.weights.shape
        self.linear = torch.nn.Linear(fan_in, fan_out, bias=parameters.biases is not None, dtype=torch.float64)
        self.linear.weight.data = torch.tensor(parameters.weights.T.copy())
        if parameters.biases is not None:
            self.linear.bias.data = torch.tensor(parameters.biases)
        kinds = {"none": torch.nn.Identity, "batch": torch.nn.BatchNorm1d, "layer": torch.nn.LayerNorm}
        self.norm = kinds[norm]() if norm == "none" else kinds[norm](fan_out, dtype=torch.float64)
        if norm != "none":
            self.norm.weight.data = torch.tensor(parameters.scale)
            self.norm.bias.data = torch.tensor(parameters.shift)
        if norm == "batch":
            self.norm.running_mean[:] = torch.tensor(parameters.mean)
            self.norm.running_var[:] = torch.tensor(parameters.variance)
        self.phi = phi

    def forward(self, x):
        return self.phi(self.norm(self.linear(x)))

    def parameters_again(self):
        """What `spec.pack` takes."""
        parts = [self.linear.weight.T, self.linear.bias]
        if not isinstance(self.norm, torch.nn.Identity):
            parts += [self.norm.weight, self.norm.bias]
        if isinstance(self.norm, torch.nn.BatchNorm1d):
            parts += [self.norm.running_mean, self.norm.running_var]
        return nets.LayerParameters(*[None if part is None else part.detach().numpy() for part in parts])


class Net(torch.nn.Module):
    def __init__(self, spec, row):
        super().__init__()
        phis = [PHI[phi.name] for phi in spec.activations] + [torch.nn.Identity()]
        norms = (*spec.norms, "none")
        layers = [Layer(*each) for each in zip(spec.unpack(row), norms, phis, strict=True)]
        self.layers, self.residual = torch.nn.ModuleList(layers), spec.residual

    def forward(self, x):
        seen = []
        for number, layer in enumerate(self.layers, start=1):
            k, out = self.residual, layer(x)
            if k and number > k and (number - 1) % k == 0 and number < len(self.layers):
                before = seen[number - 1 - k]
                if before.shape == out.shape:
                    out = out + before
            seen.append(out)
            x = out
        return x


def torch_loss(spec, z, y):
    functional = torch.nn.functional
    if spec.loss == "binary":
        return functional.binary_cross_entropy_with_logits(z[:, 0], y)
    if spec.loss == "classes":
        return functional.cross_entropy(z, y.long())
    return functional.mse_loss(z, y.reshape(z.shape))


def torch_optimiser(training, parameters, rate):
    rule, decay = training.optimiser, training.weight_decay
    if isinstance(rule, nets.Adam):
        kind = torch.optim.AdamW if isinstance(rule, nets.AdamW) else torch.optim.Adam
        return kind(parameters, rate, (rule.beta1, rule.beta2), rule.epsilon, decay)
    return torch.optim.SGD(parameters, rate, rule.beta if isinstance(rule, nets.Momentum) else 0.0, weight_decay=decay)


def torch_schedule(training, optimiser, total):
    scheduler, parts, marks = torch.optim.lr_scheduler, [], []
    if training.warm_up:
        n = training.warm_up
        parts.append(
            scheduler.LinearLR(optimiser, 1 / n, 1.0, n - 1) if n > 1 else scheduler.ConstantLR(optimiser, 1.0)
        )
        marks.append(n)
    left = total - training.warm_up
    cosine = training.schedule == "cosine"
    parts.append(scheduler.CosineAnnealingLR(optimiser, left) if cosine else scheduler.ConstantLR(optimiser, 1.0))
    return scheduler.SequentialLR(optimiser, parts, marks) if marks else parts[0]


def torch_training(spec, training, row, X, y, seed, rate):
    """The row after training, and the loss of the net as PyTorch evaluates it."""
    net = Net(spec, row)
    optimiser = torch_optimiser(training, net.parameters(), rate)
    schedule = torch_schedule(training, optimiser, training.steps(len(X)))
    X, y = torch.tensor(X), torch.tensor(y)
    for order in reference.shuffle_order(seed, len(X), training.epochs):
        for start in range(0, len(X), training.batch_size):
            batch = torch.tensor(order[start : start + training.batch_size])
            optimiser.zero_grad()
            torch_loss(spec, net(X[batch]), y[batch]).backward()
            if training.clip is not None:
                torch.nn.utils.clip_grad_norm_(net.parameters(), training.clip)
            optimiser.step()
            schedule.step()
    net.eval()
    with torch.no_grad():
        loss = torch_loss(spec, net(X), y).item()
    return spec.pack([layer.parameters_again() for layer in net.layers]), loss


LOSSES = {
    "binary": {},
    "classes": {"loss": "classes", "outputs": 4},
    "squares": {"loss": "squares", "outputs": 3},
}
NETS = {
    "plain": {"hidden": (7, 5)},
    "linear": {"hidden": ()},
    "activations": {"hidden": (7, 5, 6), "activation": ("tanh", "gelu", "softplus")},
    "layer norm": {"hidden": (7, 5), "norm": "layer"},
    "batch norm": {"hidden": (7, 5), "norm": "batch"},
    "residual": {"hidden": (6,) * 5, "residual": 2},
    "all": {"hidden": (6,) * 5, "residual": 1, "norm": ("batch", "layer", "none", "batch", "layer")},
    # A small gain: a hundred layers that amplify are chaotic, and the last bit of a weight decides where they end.
    "deep": {"hidden": (4,) * 101, "residual": 1, "norm": ("layer",) + ("none",) * 100, "init": "gain 0.2"},
}
TRAININGS = {
    "sgd": {},
    "sgd, decay, clip": {"weight_decay": 0.05, "clip": 0.1},
    "momentum, cosine": {"optimiser": nets.Momentum(0.8), "schedule": "cosine", "weight_decay": 0.01},
    "adam, warm-up": {"optimiser": nets.Adam(), "warm_up": 5, "weight_decay": 0.01},
    "adam, other numbers": {"optimiser": nets.Adam(0.7, 0.95, 1e-4), "clip": 0.05},
    "adamw, warm-up, cosine": {"optimiser": nets.AdamW(), "warm_up": 7, "schedule": "cosine", "weight_decay": 0.1},
    "constant after a step": {"warm_up": 1},
}


def agree(net, more, training, points=52, rate=0.05):
    spec = spec_of(**{"activation": "tanh", "features": 3} | net | more)
    sets = sets_for(spec, points, seed=4)
    row = nets.initial_weights(spec, [11], np.float64)[0]
    row[: spec.parameters] += 0.1 * np.random.default_rng(1).normal(size=spec.parameters)
    trained = nets.train(
        spec, training, seeds=[11], learning_rates=[rate], train_sets=sets, initial=row[None], threads=1
    )
    want, loss = torch_training(spec, training, row, sets.X[0], sets.y[0], 11, rate)
    assert training.steps(points) >= 20
    assert np.abs(want - row).max() > 1e-3
    np.testing.assert_allclose(trained.weights[0], want, rtol=1e-10, atol=1e-10)
    assert nets.score(spec, trained.weights, sets).loss[0] == pytest.approx(loss, rel=1e-10)
    ours = reference.train(spec, training, row, sets.X[0], sets.y[0], seed=11, learning_rate=rate)
    np.testing.assert_allclose(ours, want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("net", NETS)
def test_losses_and_nets(net, loss):
    # 52 points in batches of 9: the last batch of an epoch has 7
    agree(NETS[net], LOSSES[loss], training_of(4, 9), rate=5e-3 if net == "deep" else 0.05)


@pytest.mark.parametrize("training", TRAININGS)
@pytest.mark.parametrize("net", ["plain", "all"])
def test_optimisers_and_schedules(net, training):
    agree(NETS[net], LOSSES["classes"], training_of(4, 9, **TRAININGS[training]))


def test_a_schedule_that_ends_before_the_warm_up_does():
    # PyTorch has no such course; the reference has, and the rate just rises
    spec, training = spec_of("tanh"), training_of(2, 10, warm_up=100, schedule="cosine")
    sets = sets_for(spec, 40)
    row = nets.initial_weights(spec, [3], np.float64)
    trained = nets.train(spec, training, seeds=[3], learning_rates=[5.0], train_sets=sets)
    want = reference.train(spec, training, row[0], sets.X[0], sets.y[0], seed=3, learning_rate=5.0)
    np.testing.assert_allclose(trained.weights[0], want, rtol=1e-11)
