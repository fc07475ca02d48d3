"""replace: modules, attributes and calls; what it leaves, says and rescales."""

from __future__ import annotations

import copy
import functools
import math
import pickle
import re
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import torch.nn.functional as F  # noqa: E402, N812
from torch import nn  # noqa: E402

import actlab  # noqa: E402
from actlab.functions import get  # noqa: E402
from actlab.text import LANGUAGES, UserError, keys, use_language  # noqa: E402
from actlab.torch import Activation, replace  # noqa: E402
from actlab.torch.recognise import of_function, of_module  # noqa: E402


def helper(x):
    return F.relu(x)


class Calls(nn.Module):
    """Every way of calling relu, with things that a trace would freeze."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.drop = nn.Linear(6, 6), nn.Linear(6, 6), nn.Dropout(0.5)

    def inner(self, x):
        return torch.relu(self.two(x))

    def forward(self, x, extra=None):
        x = F.relu(self.one(x))
        x = self.inner(x)
        x = self.drop(x.relu())
        if extra is not None:
            x = x + extra
        return helper(F.dropout(x, 0.5, self.training)) - 0.1


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv, self.norm, self.relu = (
            nn.Conv2d(width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return F.relu_(x + self.norm(self.relu(self.conv(x))))


def cnn():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), Block(4), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(36, 8), nn.Dropout(0.1), nn.ReLU(), nn.Linear(8, 2),
    )  # fmt: skip


IMAGES = torch.linspace(-1, 1, 3 * 64).reshape(3, 1, 8, 8)


@pytest.mark.parametrize("make", [cnn, Calls])
def test_relu_by_relu_changes_no_bit(make):
    torch.manual_seed(0)
    model = make().eval()
    x = IMAGES if make is cnn else torch.randn(5, 6)
    before = model(x)
    report = actlab.replace(model, "relu", "relu", init="fitted")
    assert report.ratio == 1.0
    assert report.rescaled == []
    assert report.modules or report.calls
    assert torch.equal(model(x), before)


def test_modules_and_calls_of_a_cnn():
    model = cnn().eval()
    report = replace(model, "relu", "gelu")
    assert report.model is model
    assert report.modules == ["2", "3.relu", "8"]
    assert [path for path, _ in report.calls] == ["3"]
    assert report.unreached == []
    assert "relu_ (test_torch_replace.py:" in report.calls[0][1]
    wanted = cnn().eval()
    gelu = get("gelu")

    def by_hand(x):
        x = gelu(wanted[1](wanted[0](x)))
        x = gelu(x + wanted[3].norm(gelu(wanted[3].conv(x))))
        return wanted[9](gelu(wanted[6](wanted[5](wanted[4](x)))))

    assert torch.equal(model(IMAGES), by_hand(IMAGES))
    model.train()(IMAGES).sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_every_way_of_calling():
    torch.manual_seed(0)
    model = Calls().eval()
    report = replace(model, "relu", "tanh")
    assert len(report.calls) == 4
    x, extra = torch.randn(5, 6), torch.randn(5, 6)
    tanh = get("tanh")
    hidden = tanh(tanh(model.two(tanh(model.one(x)))))
    assert torch.equal(model(x), tanh(hidden) - 0.1)
    assert torch.equal(model(x, extra=extra), tanh(hidden + extra) - 0.1)
    model.train()  # dropout is alive: nothing was frozen
    assert not torch.equal(model(x), model(x))
    assert isinstance(model, Calls)
    assert type(model).__name__ == "Calls"


def test_a_swapped_model_is_saved_and_compiled():
    torch.manual_seed(0)
    model = Calls().eval()
    replace(model, "relu", "gelu")
    x = torch.randn(5, 6)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(twin(x), model(x))
        assert isinstance(twin, Calls)
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), model(x), rtol=1e-5, atol=1e-6)
    torch._dynamo.reset()
    plain = Calls().eval()
    model.load_state_dict(plain.state_dict())  # weights from before the swap


def test_again_and_back():
    torch.manual_seed(0)
    model = Calls().eval()
    x = torch.randn(5, 6)
    before = model(x)
    replace(model, "relu", "gelu")
    once = model(x)
    assert replace(model, "relu", "tanh").calls == []  # no relu is left
    assert torch.equal(model(x), once)
    assert len(replace(model, "gelu", "relu").modules) == 1
    assert torch.equal(model(x), before)


def test_a_function_within_its_own_replacement():
    class Net(nn.Module):
        def forward(self, x):
            return torch.tanh(x)

    model = Net()
    replace(model, "tanh", "scaled_tanh")
    x = torch.linspace(-2, 2, 9)
    assert torch.equal(model(x), get("scaled_tanh")(x))
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), model(x), rtol=1e-6, atol=1e-7)
    torch._dynamo.reset()


def test_transformer_layer():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()
    x = torch.randn(2, 5, 8)
    with torch.no_grad():
        before = model(x)
        report = replace(model, "relu", "gelu", init="fitted", copy=True)
        assert torch.equal(model(x), before)
        after = report.model(x)
        wanted = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu")
        wanted = nn.TransformerEncoder(wanted, 2, enable_nested_tensor=False).eval()
        wanted.load_state_dict(model.state_dict())
        for plain in wanted.layers:
            plain.linear1.weight.mul_(report.ratio)
        torch.testing.assert_close(after, wanted(x), rtol=1e-5, atol=1e-6)
    assert report.calls == [("layers.0", "self.activation"), ("layers.1", "self.activation")]
    assert report.rescaled == ["layers.0.linear1", "layers.1.linear1"]


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors is in prototype:UserWarning")
def test_transformer_with_padding():
    """PyTorch turns a padded batch into a nested tensor on its way through the encoder."""
    torch.manual_seed(0)
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2).eval()
    replace(model, "relu", "gelu")
    x, padding = torch.randn(2, 5, 8), torch.tensor([[False] * 3 + [True] * 2, [False] * 5])
    with torch.no_grad():
        fast = model(x, src_key_padding_mask=padding)
    torch.testing.assert_close(fast[~padding], model(x, src_key_padding_mask=padding)[~padding])


def test_fitted_weights():
    model = cnn()
    weights = {name: p.detach().clone() for name, p in model.named_parameters()}
    report = replace(model, "relu", "tanh", init="fitted")
    ratio = get("tanh").facts.gain / math.sqrt(2)
    assert report.ratio == pytest.approx(ratio, rel=1e-9)
    assert report.rescaled == ["3.conv", "6"]  # "0" has a normalisation behind it
    assert report.not_rescaled == ["3"]  # a sum feeds its last call
    for name, p in model.named_parameters():
        factor = ratio if name in ("3.conv.weight", "6.weight") else 1.0
        torch.testing.assert_close(p.detach(), weights[name] * factor)


def test_fitted_keeps_the_second_moment():
    """A stack of wide layers: what the rule is for."""
    torch.manual_seed(0)
    layers = []
    for _ in range(6):
        linear = nn.Linear(512, 512, bias=False)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        layers += [linear, nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(512, 512, bias=False))
    x = torch.randn(200, 512)
    moments = {}
    for init in (None, "fitted"):
        fitted = replace(model, "relu", "tanh", init=init, copy=True).model
        with torch.no_grad():
            moments[init] = fitted[:11](x).square().mean().item()
    wanted = 1.0
    assert abs(math.log(moments["fitted"] / wanted)) < 0.25
    assert abs(math.log(moments[None] / wanted)) > 0.15


def test_weights_that_are_shared_or_computed():
    one, two = nn.Linear(3, 3), nn.Linear(3, 3)
    two.weight = one.weight
    model = nn.Sequential(
        one, nn.ReLU(), two, nn.ReLU(), nn.utils.parametrizations.weight_norm(nn.Linear(3, 3)), nn.ReLU()
    )
    before = one.weight.detach().clone()
    computed = model[4].weight.detach().clone()
    report = replace(model, "relu", "tanh", init="fitted")
    torch.testing.assert_close(one.weight.detach(), before * report.ratio)
    assert torch.equal(model[4].weight, computed)
    assert len(report.not_rescaled) == 1


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (nn.ReLU(), "relu"), (nn.ReLU6(), "relu6"), (nn.LeakyReLU(0.2), "leaky_relu(alpha=0.2)"),
        (nn.ELU(2.0), "elu(alpha=2)"), (nn.CELU(0.5), "celu(alpha=0.5)"), (nn.SELU(), "selu"), (nn.GELU(), "gelu"),
        (nn.GELU("tanh"), "gelu_tanh"), (nn.SiLU(), "silu"), (nn.Mish(), "mish"), (nn.Sigmoid(), "sigmoid"),
        (nn.Tanh(), "tanh"), (nn.LogSigmoid(), "logsigmoid"), (nn.Softplus(2.0), "softplus(beta=2)"),
        (nn.Softsign(), "softsign"), (nn.Hardtanh(-2, 3), "hard_tanh(min_val=-2, max_val=3)"),
        (nn.Hardsigmoid(), "hard_sigmoid"), (nn.Hardswish(), "hard_swish"), (nn.Tanhshrink(), "tanhshrink"),
        (nn.Hardshrink(0.3), "hardshrink(lambd=0.3)"), (nn.Softshrink(0.3), "softshrink(lambd=0.3)"),
        (nn.Threshold(0.5, -1), "threshold(theta=0.5, value=-1)"), (nn.PReLU(), "prelu"), (nn.Identity(), "identity"),
        (nn.RReLU().eval(), "rrelu"),
    ],
)  # fmt: skip
def test_recognised_by_definition(module, name):
    found = of_module(module)
    assert found == get(name)
    x = torch.linspace(-4, 4, 101)
    torch.testing.assert_close(found(x), module(x), rtol=2e-5, atol=2e-6)
    report = replace(nn.Sequential(module), name, "sin")
    assert report.modules == ["0"]


def test_settings():
    make = lambda: nn.Sequential(nn.LeakyReLU(0.2), nn.LeakyReLU(), nn.ReLU())  # noqa: E731
    assert replace(make(), "leaky_relu", "gelu").modules == ["0", "1"]
    assert replace(make(), "leaky_relu(alpha=0.2)", "gelu").modules == ["0"]
    assert replace(make(), get("leaky_relu"), "gelu").modules == ["1"]

    class Net(nn.Module):
        def forward(self, x):
            return (
                F.leaky_relu(x, 0.2) + F.leaky_relu(x, negative_slope=0.01) + F.gelu(x, approximate="tanh") + F.gelu(x)
            )

    x = torch.linspace(-3, 3, 13)
    parts = [get(n)(x) for n in ("leaky_relu(alpha=0.2)", "leaky_relu", "gelu_tanh", "gelu")]
    for old, left in (
        ("leaky_relu", (2, 3)), ("leaky_relu(alpha=0.2)", (1, 2, 3)), ("gelu_tanh", (0, 1, 3)), ("gelu", (0, 1, 2)),
    ):  # fmt: skip
        model = Net()
        replace(model, old, "0.5*sin(x)")
        wanted = sum(parts[i] for i in left) + (4 - len(left)) * get("0.5*sin(x)")(x)
        torch.testing.assert_close(model(x), wanted, rtol=1e-5, atol=1e-6)


def test_attributes_that_hold_functions():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.act, self.slope = F.relu, functools.partial(F.leaky_relu, negative_slope=0.3)

        def forward(self, x):
            return self.slope(self.act(x) - 1)

    model = Net()
    assert of_function(model.slope) == get("leaky_relu(alpha=0.3)")
    assert replace(model, "relu", "gelu").calls[0][1] == "self.act"
    assert replace(model, "leaky_relu(alpha=0.3)", "tanh").calls[0][1] == "self.slope"
    x = torch.randn(5)
    assert torch.equal(model(x), get("tanh")(get("gelu")(x) - 1))


def test_a_traced_graph():
    torch.manual_seed(0)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x):
            return F.relu(self.two(torch.relu(self.one(x)))) + self.one(x).relu()

    model, x = Net(), torch.randn(4, 3)
    graph = torch.fx.symbolic_trace(model)
    report = replace(graph, "relu", "gelu")
    assert len(report.calls) == 3
    replace(model, "relu", "gelu")
    torch.testing.assert_close(graph(x), model(x))
    assert len(replace(graph, "gelu", "tanh").modules) == 1
    exported = torch.export.export(Net(), (x,)).module()
    assert [reason for _, reason in replace(exported, "relu", "gelu").unreached]


def test_modules_of_transformers():
    """transformers writes its activations out as modules of its own; they are known by name, it is not imported."""
    kind = type("NewGELUActivation", (nn.Module,), {"__module__": "transformers.activations"})
    assert of_module(kind()) == get("gelu_tanh")
    assert replace(nn.Sequential(kind()), "gelu_tanh", "gelu").modules == ["0"]


def test_shared_modules_stay_shared():
    relu = nn.ReLU()
    model = nn.Sequential(nn.Linear(2, 2), relu, nn.Linear(2, 2), relu)
    report = replace(model, "relu", "gelu")
    assert report.modules == ["1", "3"]
    assert model[1] is model[3]


def test_an_activation_alone():
    report = replace(nn.ReLU(), "relu", "gelu")
    assert isinstance(report.model, Activation)
    assert report.model.activation == get("gelu")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_cannot_be_reached(lang):
    scripted = torch.jit.script(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
    patched = Calls()
    patched.forward = patched.forward  # as wrappers do
    model = nn.ModuleDict({"script": scripted, "rnn": nn.RNN(2, 2, nonlinearity="relu"), "patched": patched})
    with use_language(lang):
        report = replace(model, "relu", "gelu")
        assert {path for path, _ in report.unreached} >= {"script", "rnn", "patched"}
        text = str(report)
        tanh = replace(nn.ModuleDict({"lstm": nn.LSTM(2, 2), "cell": nn.GRUCell(2, 2)}), "tanh", "relu")
        assert [path for path, _ in tanh.unreached] == ["lstm", "cell"]
        full = str(replace(cnn(), "relu", "tanh", init="fitted"))
    assert len(text.splitlines()) >= 4
    assert bool(re.search("[가-힣]", text + full)) is (lang == "ko")


def test_refused():
    for arguments, key in (
        (("model", "relu", "gelu"), "frameworks.not_a_model"),
        ((nn.ReLU(), "relu", "gelo"), "functions.unknown_name_near"),
    ):
        with pytest.raises(UserError) as caught:
            replace(*arguments)
        assert caught.value.key == key
    with pytest.raises(UserError) as caught:
        replace(nn.ReLU(), "relu", "gelu", init="he")
    assert caught.value.key == "frameworks.unknown_init"
    with pytest.raises(UserError) as caught:
        replace(nn.ReLU(), "relu", "exp(x**2)", init="fitted")
    assert caught.value.key == "frameworks.no_gain"


def test_every_sentence_is_used():
    room = Path(actlab.__file__).parent
    files = [*room.glob("torch/*.py"), room / "jax.py", room / "onnx.py"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files if path.exists())
    for key in keys("en"):
        if key.startswith("frameworks.unreached."):
            assert f'"{key.rpartition(".")[2]}"' in source or key in source, key
        elif key.startswith("frameworks."):
            assert f'"{key}"' in source, key
