"""What people do to models: each of it works under the doctor, or one sentence says what was not seen."""

from __future__ import annotations

import copy
import gc
import io
import warnings
import weakref

import pytest
import torch
from torch import nn
from torch.nn import functional

import actlab
from actlab.text import LANGUAGES, UserError, use_language


def batches(n=3, size=16, inputs=6):
    torch.manual_seed(7)
    return [(torch.randn(size, inputs), torch.randint(0, 3, (size,))) for _ in range(n)]


def small(act=nn.ReLU):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), act(), nn.Linear(8, 3))


def loss_of(output, y):
    output = output["logits"] if isinstance(output, dict) else output[0] if isinstance(output, tuple) else output
    return functional.cross_entropy(output.float(), y)


def train(model, data=None, steps=4, seed=1):
    torch.manual_seed(seed)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=0.05, momentum=0.9)
    data = data or batches()
    for k in range(steps):
        x, y = data[k % len(data)]
        optimiser.zero_grad()
        loss_of(model(x), y).backward()
        optimiser.step()


def watched(make, data=None):
    """The diagnosis of a watched run whose weights are, bit for bit, those of the same run unwatched."""
    torch.manual_seed(0)
    plain = make()
    train(plain, data)
    torch.manual_seed(0)
    model = make()
    with actlab.watch(model) as w:
        train(model, data)
    for a, b in zip(plain.state_dict().values(), model.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    return w.diagnosis()


def sites(d):
    return [(s.site.function, s.site.layer) for s in d.readings.sites]


def moved(d):
    return {w.name for w in d.readings.weights if w.updates}


# --- modules of all sorts


def test_lazy_modules_from_their_first_call():
    data = batches()

    def make():
        return nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(3))

    d = watched(make, data)
    assert sites(d) == [("relu", "0")]
    assert moved(d) == {"0.weight", "0.bias", "2.weight", "2.bias"}
    assert sites(actlab.check(make(), data, loss=functional.cross_entropy)) == [("relu", "0")]


@pytest.mark.parametrize("kind", ["weight", "old", "spectral"])
def test_computed_weights_still_name_their_layer(kind):
    norm = {"weight": nn.utils.parametrizations.weight_norm, "old": nn.utils.weight_norm,
            "spectral": nn.utils.parametrizations.spectral_norm}[kind]  # fmt: skip

    def make():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = nn.Sequential(norm(nn.Linear(6, 8)), nn.ReLU(), norm(nn.Linear(8, 8)), nn.Tanh(), nn.Linear(8, 3))
        with torch.no_grad():
            model[0].bias -= 60.0
        return model

    d = watched(make)
    assert sites(d) == [("relu", "0"), ("tanh", "2")]
    assert ("ACT001", "0") in {(f.code, f.layer) for f in d.findings}
    assert "4.weight" in moved(d)


def test_models_without_activations_and_without_parameters():
    d = watched(lambda: nn.Linear(6, 3))
    assert d.readings.sites == ()
    assert moved(d) == {"weight", "bias"}
    assert "0 activation call" in str(d)
    d = actlab.check(nn.Softmax(-1), [torch.randn(4, 3)])
    assert d.readings.has_gradients is False


def test_eval_mode_and_frozen_parts():
    def make():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3)).eval()
        model[0].requires_grad_(False)
        return model

    d = watched(make)
    assert sites(d) == [("relu", "1")]
    assert moved(d) == {"1.weight", "1.bias", "4.weight", "4.bias"}
    frozen = small().requires_grad_(False)
    d = actlab.check(frozen, batches(), loss=functional.cross_entropy)
    assert any("does not depend on any parameter" in sentence for sentence in d.skipped)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_fused_recurrences_are_seen_or_say_so(kind):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.r, self.out = kind(3, 8), nn.Linear(8, 3)

        def forward(self, x):
            if not isinstance(self.r, nn.RNNCellBase):
                return self.out(self.r(x.transpose(0, 1))[0][-1])
            h = None
            for t in range(x.shape[1]):
                h = self.r(x[:, t], h)
            return self.out(h[0] if isinstance(h, tuple) else h)

    torch.manual_seed(3)
    data = [(torch.randn(16, 5, 3), y) for _, y in batches()]
    d = watched(Net, data)
    (output,) = [s for s in d.readings.sites if s.kind == "recurrent"]
    assert output.site.layer == "r"
    inside = [s for s in d.readings.sites if s.kind == "activation"]  # its candidate, computed anew
    assert inside or any("fused" in sentence for sentence in d.skipped)
    assert all((s.site.layer, s.site.function) == ("r", "tanh") for s in inside)


# --- what comes in and goes out


class Nested(nn.Module):
    def __init__(self, out):
        super().__init__()
        self.a, self.b, self.out = nn.Linear(6, 8), nn.Linear(8, 3), out

    def forward(self, x):
        h = torch.relu(self.a(x["inner"][0] if isinstance(x, dict) else x))
        y = self.b(h)
        return {"logits": y, "aux": (h, [h])} if self.out == "dict" else (y, None, {"h": h})


@pytest.mark.parametrize("out", ["dict", "tuple"])
@pytest.mark.parametrize("into", ["dict", "tensor"])
def test_nested_inputs_and_outputs(out, into):
    data = [({"inner": (x, None)} if into == "dict" else x, y) for x, y in batches()]
    d = watched(lambda: Nested(out), data)
    assert sites(d) == [("relu", "a")]
    assert d.readings.geometry.inputs.shape == (16, 6)


class Cast(nn.Module):
    """Everything inside of autocast, in bfloat16 (or float16)."""

    def __init__(self, dtype):
        super().__init__()
        self.net, self.dtype = small(), dtype

    def forward(self, x):
        with torch.autocast("cpu", dtype=self.dtype):
            return self.net(x)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_is_read_as_it_is_computed(dtype):
    d = watched(lambda: Cast(dtype))
    assert sites(d) == [("relu", "net.0")]
    model = Cast(dtype)
    x = batches()[0][0]
    with torch.autocast("cpu", dtype=dtype):
        z = model.net[0](x)
    assert z.dtype is dtype
    (site,) = actlab.check(model, [x]).readings.sites
    assert site.signal.var_z == pytest.approx(float(z.detach().double().var(correction=0)), rel=1e-6)


def test_loss_scaling_moves_what_it_moves_without_us():
    def run(look):
        model = small()
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0**40, growth_interval=2)  # overflows: steps are left out
        optimiser = torch.optim.SGD(model.parameters(), lr=0.05)
        watch = actlab.watch(model)
        if look:
            watch.enter()
        for k in range(6):
            x, y = batches()[k % 3]
            optimiser.zero_grad()
            with torch.autocast("cpu", dtype=torch.float16):
                output = model(x)
            scaler.scale(loss_of(output, y)).backward()
            scaler.step(optimiser)
            scaler.update()
        if look:
            watch.__exit__(None, None, None)
        return model, scaler.get_scale(), watch

    plain, watched_run = run(False), run(True)
    assert plain[1] == watched_run[1]
    for a, b in zip(plain[0].parameters(), watched_run[0].parameters(), strict=True):
        assert torch.equal(a, b)
    assert watched_run[2].diagnosis().readings.steps == 6


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_precisions(dtype):
    data = [(x.to(dtype), y) for x, y in batches()]
    assert sites(watched(lambda: small().to(dtype), data)) == [("relu", "0")]


# --- compiled, scripted, copied, spread


def test_parts_that_compile_themselves():
    def make():
        model = small()
        model[0].compile(backend="eager")
        return model

    d = watched(make)
    assert d.readings.sites == ()
    assert any(s.startswith("0: compiled") for s in d.skipped)
    assert len(moved(d)) == 4
    d = actlab.check(make(), batches(), loss=functional.cross_entropy)  # runs as it was written
    assert sites(d) == [("relu", "0")]
    assert d.skipped == ()


def test_the_model_inside_of_a_compiled_one():
    """Hooks put on before compiling are read by the compiler: it must get through, and the numbers be the same."""
    plain = small()
    train(torch.compile(plain, backend="eager", fullgraph=True))
    model = small()
    with actlab.watch(model) as w:
        train(torch.compile(model, backend="eager", fullgraph=True))
    for a, b in zip(plain.parameters(), model.parameters(), strict=True):
        assert torch.equal(a, b)
    with pytest.raises(UserError, match=r"torch\.compile"):
        w.diagnosis()


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_scripted_models():
    whole = torch.jit.script(small())
    with pytest.raises(UserError) as error:
        actlab.watch(whole)
    assert error.value.key == "doctor.script"
    d = watched(lambda: nn.Sequential(torch.jit.script(small()), nn.Tanh(), nn.Linear(3, 3)))
    assert any("TorchScript" in sentence for sentence in d.skipped)
    assert [function for function, _ in sites(d)] == ["tanh"]


def test_models_without_numbers():
    with torch.device("meta"):
        model = small()
    for look in (lambda: actlab.watch(model), lambda: actlab.check(model, batches())):
        for lang in LANGUAGES:
            with use_language(lang), pytest.raises(UserError, match=r"meta.*to_empty"):
                look()


def test_data_parallel_on_the_processor():
    d = watched(lambda: nn.DataParallel(small()))
    assert sites(d) == [("relu", "module.0")]
    assert d.skipped == ()


def test_replicas_in_threads_are_left_alone():
    """What DataParallel does on several devices: copies that share the hooks run elsewhere."""
    model = small()
    with actlab.watch(model) as w:
        replica = model._replicate_for_data_parallel()
        assert replica._is_replica
        for name, child in model.named_children():
            replica._modules[name] = child
        loss_of(replica(batches()[0][0]), batches()[0][1]).backward()
        train(model, steps=1)
    d = w.diagnosis()
    assert d.readings.steps_passed == 1
    assert any("DataParallel" in sentence for sentence in d.skipped)


class Sharded(torch.Tensor):
    """A parameter that looks like a DTensor from outside."""

    _local_tensor = None


def test_sharded_models_say_that_nothing_was_measured():
    model = small()
    model[0].weight = nn.Parameter(model[0].weight.detach().as_subclass(Sharded))
    with actlab.watch(model) as w:
        pass
    for d in (w.diagnosis(), actlab.check(model, batches())):
        assert d.findings == ()
        (sentence,) = d.skipped
        assert sentence.startswith("0.weight: ")
        assert "FSDP" in sentence


def test_copies_and_files_made_inside_of_the_block():
    """An average of weights by deepcopy, a checkpoint of the whole model: neither takes the watch along."""
    model = small()
    with actlab.watch(model) as w:
        train(model, steps=1)
        average = copy.deepcopy(model)
        file = io.BytesIO()
        torch.save(model, file)
        seen = w.diagnosis().readings.steps_passed
        loss_of(average(batches()[0][0]), batches()[0][1]).backward()
        file.seek(0)
        loaded = torch.load(file, weights_only=False)
        loaded(batches()[0][0])
        assert w.diagnosis().readings.steps_passed == seen
        train(model, steps=1)
    assert w.diagnosis().readings.steps_passed == seen + 1
    assert torch.equal(loaded[0].weight, average[0].weight)


# --- loops of all sorts


@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpointing_is_not_counted_twice(reentrant):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.2)), nn.Linear(8, 3)

        def forward(self, x):
            x = x.detach().requires_grad_() if reentrant else x
            return self.b(torch.utils.checkpoint.checkpoint(self.a, x, use_reentrant=reentrant))

    d = watched(Net)
    (site,) = d.readings.sites
    assert (site.site.function, site.site.layer) == ("relu", "a.0")
    assert site.signal.points == 4 * 16


def test_an_exception_in_the_block():
    model, data = small(), batches()

    def fails(output):
        output.sum().backward()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"), actlab.watch(model):
        fails(model(data[0][0]))
    assert torch.overrides._get_current_function_mode() is None
    assert all(not m._forward_hooks and not m._forward_pre_hooks for m in model.modules())
    assert all(p._backward_hooks is None for p in model.parameters())


def test_an_exception_caught_inside_of_the_block():
    """A batch that fails in the middle of the model is left out; the next one is seen as ever."""
    model, data = small(), batches()
    with actlab.watch(model) as w:
        with pytest.raises(RuntimeError):
            model[0](torch.randn(2, 3))
        with pytest.raises(RuntimeError):
            model(torch.randn(2, 3))
        train(model, data, steps=2)
    assert w.diagnosis().readings.sites[0].steps == 2
    assert torch.overrides._get_current_function_mode() is None


def test_nested_watches_see_the_same():
    model = small()
    with actlab.watch(model) as outer, actlab.watch(model) as inner:
        train(model)
    assert str(outer.diagnosis()) == str(inner.diagnosis())
    assert outer.diagnosis().readings.steps == 4
    with actlab.watch(model) as w, pytest.raises(UserError) as error, w:
        pass
    assert error.value.key == "doctor.watching_already"


def test_two_models_in_one_step():
    """A watch sees its own model only: generator and judge, each with its own watch."""
    one, two = small(), nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3))
    with actlab.watch(one) as first, actlab.watch(two) as second:
        for x, y in batches():
            loss_of(two(one(x)), y).backward()
    assert sites(first.diagnosis()) == [("relu", "0")]
    assert sites(second.diagnosis()) == [("tanh", "0")]


def test_inference_and_validation_inside_of_the_block():
    model = small()
    with actlab.watch(model) as w:
        train(model, steps=2)
        with torch.inference_mode():
            model(batches()[0][0])
        with torch.no_grad():
            model(batches()[0][0])
    assert w.diagnosis().readings.steps_passed == 2


def test_hooks_of_the_users_own_that_change_the_output():
    def make():
        model = small()
        model[0].register_forward_hook(lambda m, args, output: output * 2)  # noqa: ARG005
        model.register_forward_pre_hook(lambda m, args: (args[0] + 1,))  # noqa: ARG005
        return model

    d = watched(make)
    model = make()
    x = batches()[0][0]
    z = model[0](x + 1)
    (site,) = actlab.check(make(), [x]).readings.sites
    assert site.signal.var_z == pytest.approx(float(z.detach().double().var(correction=0)), rel=1e-6)
    assert [f for f, _ in sites(d)] == ["relu"]


def test_functional_calls_with_other_parameters():
    model, (x, y) = small(), batches()[0]
    other = {name: (p.detach() * 2).requires_grad_() for name, p in model.named_parameters()}
    with actlab.watch(model) as w:
        loss_of(torch.func.functional_call(model, other, (x,)), y).backward()
    assert sites(w.diagnosis()) == [("relu", "0")]


def test_functorch_says_what_it_hides():
    model, (x, _) = small(nn.Tanh), batches()[0]

    class Rows(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = model

        def forward(self, x):
            return torch.vmap(self.net)(x)

    d = actlab.check(Rows(), [x])
    assert any("functorch" in sentence for sentence in d.skipped)


def test_the_model_is_let_go():
    model = small()
    with actlab.watch(model) as w:
        train(model, steps=2)
    gone = weakref.ref(model)
    del model, w
    gc.collect()
    assert gone() is None
