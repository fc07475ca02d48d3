"""The module: compiled, saved, copied, shown; whatever PyTorch does with modules."""

from __future__ import annotations

import copy
import io
import pickle

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import nn  # noqa: E402

import actlab  # noqa: E402
from actlab.functions import get, names  # noqa: E402
from actlab.text import UserError  # noqa: E402
from actlab.torch import Activation  # noqa: E402

FORMULA = "x*tanh(softplus(x))**2"


def ulps(found: torch.Tensor, wanted: torch.Tensor) -> float:
    info = torch.finfo(wanted.dtype)
    return float(((found - wanted).abs() / (wanted.abs().clamp(min=info.tiny) * info.eps)).detach().max())


@pytest.fixture(autouse=True)
def fresh_compiler():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def test_is_a_module():
    m = Activation("leaky_relu", alpha=0.05)
    assert isinstance(m, nn.Module)
    assert actlab.torch.Activation is Activation
    assert list(m.parameters()) == []
    assert m.activation == get("leaky_relu(alpha=.05)")
    with pytest.raises(UserError):
        Activation("gelo")


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda: Activation("gelu"), "Activation(gelu: x*normcdf(x))"),
        (lambda: Activation("leaky_relu", alpha=0.05), "Activation(leaky_relu(alpha=0.05): where(x > 0, x, 0.05*x))"),
        (lambda: Activation("x*sin(x)"), "Activation(x*sin(x))"),
    ],
)
def test_shown(make, shown):
    assert repr(make()) == shown
    assert shown in repr(nn.Sequential(nn.Linear(2, 2), make()))


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("name", ["relu", "leaky_relu(alpha=0.2)", "silu", "tanh", "gelu", FORMULA])
def test_compiled(name, backend):
    m = Activation(name)
    compiled = torch.compile(m, backend=backend, fullgraph=True)
    x = torch.linspace(-4, 4, 257, requires_grad=True)
    found, wanted = compiled(x), m(x)
    assert ulps(found, wanted) < 20
    (found_slope,) = torch.autograd.grad(found.sum(), x)
    (wanted_slope,) = torch.autograd.grad(wanted.sum(), x)
    torch.testing.assert_close(found_slope, wanted_slope, rtol=2e-6, atol=2e-7)
    at_kink = torch.zeros(1, requires_grad=True)
    assert torch.autograd.grad(compiled(at_kink).sum(), at_kink)[0].item() == pytest.approx(
        m.activation.derivative(0.0)
    )


def test_compiled_halves_and_whole_numbers():
    m = Activation("gelu")
    compiled = torch.compile(m, backend="aot_eager", fullgraph=True)
    for x in (torch.randn(9).half(), torch.randn(9).bfloat16(), torch.arange(4)):
        assert compiled(x).dtype == m(x).dtype
        torch.testing.assert_close(compiled(x), m(x), rtol=2**-7, atol=1e-6)


def test_a_formula_in_compiled_code():
    """An activation that is not a module breaks the graph and is exact."""
    f = get("gelu")
    compiled = torch.compile(lambda x: f(x) + 1, backend="eager")
    x = torch.randn(8)
    assert torch.equal(compiled(x), f(x) + 1)


def test_training_step_in_a_compiled_model():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), Activation("mish"), nn.Linear(8, 1))
    x = torch.randn(16, 4)
    gradients = []
    for runner in (model, torch.compile(model, backend="aot_eager", fullgraph=True)):
        model.zero_grad()
        runner(x).square().mean().backward()
        gradients.append([p.grad.clone() for p in model.parameters()])
    for eager, compiled in zip(*gradients, strict=True):
        torch.testing.assert_close(compiled, eager, rtol=1e-5, atol=1e-7)


def test_state_dict():
    saved = nn.Sequential(nn.Linear(2, 2), Activation("leaky_relu", alpha=0.2), Activation("x*sin(x)"))
    buffer = io.BytesIO()
    torch.save(saved.state_dict(), buffer)
    buffer.seek(0)
    state = torch.load(buffer, weights_only=True)
    fresh = nn.Sequential(nn.Linear(2, 2), Activation("relu"), Activation("tanh"))
    assert str(fresh.load_state_dict(state)) == "<All keys matched successfully>"
    x = torch.randn(5, 2)
    assert torch.equal(fresh(x), saved(x))
    assert fresh[1].activation.name == "leaky_relu(alpha=0.2)"
    assert repr(fresh) == repr(saved)


def test_state_dicts_of_other_modules_load():
    """Weights saved with nn.ReLU have no word about it; those with an activation load where nn.ReLU stands."""
    plain, ours = nn.Sequential(nn.Linear(2, 2), nn.ReLU()), nn.Sequential(nn.Linear(2, 2), Activation("gelu"))
    ours.load_state_dict(plain.state_dict())
    assert ours[1].activation.name == "gelu"
    with pytest.raises(RuntimeError, match="Missing key"):
        ours.load_state_dict({})
    with pytest.raises(UserError):
        ours.load_state_dict({**plain.state_dict(), "1._extra_state": {"name": "gelo", "formula": "gelo"}})


@pytest.mark.parametrize("name", [*names(), FORMULA])
def test_copies(name):
    m = Activation(name)
    x = torch.randn(6)
    for twin in (copy.deepcopy(m), pickle.loads(pickle.dumps(m)), copy.copy(m)):
        assert torch.equal(twin(x), m(x))
        assert repr(twin) == repr(m)
        assert twin.activation == m.activation


def test_saved_whole():
    model, buffer = nn.Sequential(nn.Linear(2, 2), Activation("gelu")), io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    x = torch.randn(3, 2)
    assert torch.equal(torch.load(buffer, weights_only=False)(x), model(x))


def test_autocast_and_checkpoint():
    model = nn.Sequential(nn.Linear(4, 4), Activation("gelu"))
    x = torch.randn(3, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = model(x)
        y.float().sum().backward()
    assert y.dtype == torch.bfloat16
    assert model[0].weight.grad is not None
    z = x.clone().requires_grad_()
    torch.utils.checkpoint.checkpoint(model, z, use_reentrant=False).sum().backward()
    assert z.grad is not None


def test_traced_by_fx_and_exported():
    model = nn.Sequential(nn.Linear(3, 3), Activation("gelu"), nn.Linear(3, 1), Activation("softplus"))
    x = torch.randn(5, 3)
    traced = torch.fx.symbolic_trace(model)
    torch.testing.assert_close(traced(x), model(x), rtol=1e-6, atol=1e-7)
    exported = torch.export.export(model, (x,)).module()
    torch.testing.assert_close(exported(x), model(x), rtol=1e-6, atol=1e-7)
    scripted = torch.jit.trace(model, x)
    torch.testing.assert_close(scripted(x), model(x), rtol=1e-6, atol=1e-7)


def test_exact_where_torch_is_not():
    x = torch.tensor([-10.0, -7.0], requires_grad=True)
    Activation("gelu")(x).sum().backward()
    assert torch.equal(x.grad, get("gelu").derivative(x.detach().double()).float())
    assert Activation("gelu")(torch.tensor(-10.0)).item() == pytest.approx(-7.619853e-23, rel=1e-6)


def test_double_backward_through_a_model():
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 5), Activation("tanh"), nn.Linear(5, 1)).double()
    reference = nn.Sequential(model[0], nn.Tanh(), model[2])
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    penalties = []
    for net in (model, reference):
        net.zero_grad()
        (gradient,) = torch.autograd.grad(net(x).sum(), x, create_graph=True)
        gradient.square().sum().backward()
        penalties.append(model[0].weight.grad.clone())
    torch.testing.assert_close(penalties[0], penalties[1], rtol=1e-12, atol=1e-14)
