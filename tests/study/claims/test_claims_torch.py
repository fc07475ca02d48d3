"""K2, K8, K9, K15 and K24 in plain PyTorch, with no code of ours but the data: the direction is that of the ledger."""

from itertools import pairwise

import pytest

torch = pytest.importorskip("torch")
nn = torch.nn

from actlab.data import resolve  # noqa: E402

SEEDS = 6


@pytest.fixture(autouse=True)
def one_thread():
    """Nets this small are the slower for every further thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def points(data, seed, train=300, test=2000):
    drawn = resolve(data, n_train=train, n_validation=2, n_test=test).draw(seed)
    return [torch.tensor(values, dtype=torch.float32) for s in (drawn.train, drawn.test) for values in (s.X, s.y)]


class Centred(nn.Module):
    def forward(self, x):
        return torch.sigmoid(x) - 0.5


def build(phi, widths, gain=1.0):
    """Linear layers with N(0, gain²/fan-in) weights and zero biases, `phi` between them."""
    layers = []
    for fan_in, fan_out in pairwise(widths):
        layer = nn.Linear(fan_in, fan_out)
        nn.init.normal_(layer.weight, std=gain / fan_in**0.5)
        nn.init.zeros_(layer.bias)
        layers += [layer, phi()]
    return nn.Sequential(*layers[:-1])


def loss_of(net, X, y):
    return nn.functional.binary_cross_entropy_with_logits(net(X)[:, 0], y)


def train(net, X, y, rate, epochs, batch=64):
    optimiser = torch.optim.SGD(net.parameters(), lr=rate)
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for first in range(0, len(X), batch):
            rows = order[first : first + batch]
            optimiser.zero_grad()
            loss_of(net, X[rows], y[rows]).backward()
            optimiser.step()
    return net


def accuracy(net, X, y):
    with torch.no_grad():
        return float(((net(X)[:, 0] > 0) == (y > 0.5)).float().mean())


def median(values):
    return float(torch.tensor(values).median())


def test_k2_the_common_rate_makes_the_difference():
    """Circles at rate 0.05: ReLU has learned them, sigmoid has not; at rate 5 sigmoid has, too."""
    relu, sigmoid, at_its_best = [], [], []
    for seed in range(2):
        torch.manual_seed(seed)
        X, y, X_test, y_test = points("circles", seed)
        for found, phi, gain, rate, epochs in (
            (relu, nn.ReLU, 2**0.5, 0.05, 120),
            (sigmoid, nn.Sigmoid, 1.0, 0.05, 120),
            (at_its_best, nn.Sigmoid, 1.0, 5.0, 120),
        ):
            found.append(accuracy(train(build(phi, (2, 8, 8, 1), gain), X, y, rate, epochs), X_test, y_test))
    assert median(relu) > median(sigmoid) + 0.2
    assert median(at_its_best) > median(sigmoid) + 0.2


def test_k8_positive_outputs_tie_signs():
    """The gradients of a unit's weights agree in sign more where its inputs are positive."""

    def agreement(net, X, y):
        loss_of(net, X, y).backward()
        signs = torch.sign(net[2].weight.grad)  # (units, fan-in)
        return float(torch.maximum((signs > 0).float().mean(1), (signs < 0).float().mean(1)).mean())

    plain, centred = [], []
    for seed in range(SEEDS):
        X, y, *_ = points("moons", seed)
        for found, phi in ((plain, nn.Sigmoid), (centred, Centred)):
            torch.manual_seed(seed)
            found.append(agreement(build(phi, (2, 16, 16, 1)), X, y))
    assert median(plain) > median(centred) + 0.05


def gradient_factor(gain, seed, depth=8):
    torch.manual_seed(seed)
    X, y, *_ = points("circles", seed)
    net = build(nn.Sigmoid, (2, *[16] * depth, 1), gain)
    loss_of(net, X, y).backward()
    norms = [float(layer.weight.grad.norm()) for layer in net if isinstance(layer, nn.Linear)]
    return (norms[depth - 1] / norms[1]) ** (1 / (depth - 2))


def test_k9_gradients_shrink_fourfold_with_small_weights_only():
    assert median([gradient_factor(1.0, seed) for seed in range(SEEDS)]) > 3.9
    assert median([gradient_factor(4.0, seed) for seed in range(SEEDS)]) < 2.5


def test_k15_a_large_rate_kills_and_the_dead_stay_dead():
    """A unit is dead where its slope is 0 at every training point."""

    def dead(net, X):
        with torch.no_grad():
            first = torch.relu(net[0](X))
            second = torch.relu(net[2](first))
        return torch.cat([(a == 0).all(0) for a in (first, second)])

    gentle, harsh, still, was = 0, 0, 0, 0
    for seed in range(3):
        X, y, *_ = points("circles", seed)
        for rate in (0.1, 2.0):
            torch.manual_seed(seed)
            net = train(build(nn.ReLU, (2, 16, 16, 1), 2**0.5), X, y, rate, 60)
            early = dead(net, X)
            if rate == 0.1:
                gentle += int(early.sum())
                continue
            late = dead(train(net, X, y, rate, 60), X)
            harsh, was, still = harsh + int(late.sum()), was + int(early.sum()), still + int((early & late).sum())
    assert harsh > gentle
    assert was > 0
    assert still >= 0.8 * was


def test_k24_differences_shrink_and_the_mean_does_not():
    """Through eight layers of sigmoids points become alike; the mean output stays near ½."""
    factors, means = [], []
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        a = points("moons", seed)[0]
        net = build(nn.Sigmoid, (2, *[16] * 8, 1))
        spreads, sizes = [], []
        with torch.no_grad():
            for layer in list(net)[:-1]:
                a = layer(a)
                if isinstance(layer, nn.Sigmoid):
                    spreads.append(float(a.var(0).mean().sqrt()))
                    sizes.append(float(a.abs().mean()))
        factors.append((spreads[0] / spreads[-1]) ** (1 / 7))
        means.append((sizes[0] / sizes[-1]) ** (1 / 7))
    assert median(factors) > 2
    assert abs(median(means) - 1) < 0.1
