"""What a finding says is so: the right layer, the right cause, and advice that helps when it is followed."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from pitfalls import HE, classes, stack
from torch import nn
from torch.nn import functional

import actlab
from actlab.report.diagnoses.code import code_for
from actlab.text import LANGUAGES, UserError, use_language

CE = functional.cross_entropy


def found(model, code, data=None, loss=CE):
    d = actlab.check(model, data or classes(), loss=loss)
    return d, [f for f in d.findings if f.code == code]


def killed(*parts, at):
    torch.manual_seed(0)
    model = nn.Sequential(*parts)
    with torch.no_grad():
        model[at].weight.normal_(std=0.1)
        model[at].bias.fill_(-60.0)
    return model


def test_a_gradient_of_zero_is_said_once_and_of_the_layers_that_get_none():
    model = killed(*stack(nn.ReLU, depth=4), at=2)
    d, findings = found(model, "ACT003")
    assert [(f.layer, f.cause, f.sentence) for f in findings] == [("0", "cut", "found_none_many")]
    (dead,) = [f for f in d.findings if f.code == "ACT001"]
    assert dead.layer == "2"
    # 0 and 2 lie before the dead units, 4 gets nothing but zeros: three in all, 4 the last
    assert "2 more layers" in findings[0].message
    assert "layer “4”" in findings[0].message
    for lang in LANGUAGES:
        with use_language(lang):
            assert "e+" not in findings[0].message + findings[0].why
            assert "{" not in findings[0].message + findings[0].why


def test_a_gradient_that_is_gone_is_not_blamed_on_the_size_of_weights():
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.rest = nn.Embedding(9, 16), killed(*stack(nn.ReLU, inputs=16), at=2)
            self.rest[0].requires_grad_(False)
            self.rest[2].requires_grad_(False)
            self.rest[4].requires_grad_(False)

        def forward(self, x):
            return self.rest(torch.relu(self.words(x)))

    torch.manual_seed(0)
    data = [(torch.randint(0, 9, (64,)), torch.randint(0, 3, (64,))) for _ in range(3)]
    d, findings = found(Words(), "ACT003", data)
    assert findings == []
    assert [f.layer for f in d.findings if f.code == "ACT001"] == ["rest.2"]


def test_a_z_that_is_the_same_for_all_inputs_is_not_called_far_from_the_bend():
    parts = [nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 3)]
    d, findings = found(killed(*parts, at=0), "ACT008")
    assert findings == []
    assert "ACT006" in {f.code for f in d.findings}


def test_zig_zag_is_told_as_it_is_and_its_advice_helps():
    torch.manual_seed(0)
    _, (relu,) = found(stack(nn.ReLU, gain=HE), "ACT007")
    assert relu.cause == "one_sign"
    torch.manual_seed(0)
    parts = [nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 3)]
    model = nn.Sequential(*parts)
    model[0].bias.data += 1.0
    d, (gelu,) = found(model, "ACT007")
    assert gelu.cause == "mostly"  # gelu has negative values
    assert "GELU" not in " ".join(gelu.advice)
    (group,) = [g for g in d.groups if g[0].code == "ACT007"]
    exec(code_for("norm_inputs", group, d.readings), {"model": model, "torch": torch})
    assert isinstance(model[2][0], nn.LayerNorm)
    assert found(model, "ACT007")[1] == []


def test_nan_in_the_data_is_placed_in_the_data():
    data = classes()
    data[0][0][3, 2] = torch.nan
    _, (finding,) = found(stack(nn.ReLU), "ACT011", data)
    for lang in LANGUAGES:
        with use_language(lang):
            assert "()" not in finding.message
            assert "∞" not in finding.range


def test_advice_to_replace_names_the_function_that_is_there():
    torch.manual_seed(0)
    model = stack(nn.Hardsigmoid, depth=8)
    _, (finding,) = found(model, "ACT003")
    assert 'replace(model, "hard_sigmoid", "gelu"' in finding.advice[finding.remedies.index("relu_family")]
    model = killed(nn.Linear(8, 32), nn.ReLU6(), nn.Linear(32, 3), at=0)
    d, (finding,) = found(model, "ACT001")
    (group,) = [g for g in d.groups if g[0].code == "ACT001"]
    code = code_for("leaky_relu", group, d.readings)
    assert code.removesuffix(".model").partition("actlab")[2] in finding.advice[finding.remedies.index("leaky_relu")]
    space = {"model": model, "actlab": actlab}
    exec(code, space)
    assert "leaky_relu" in str(space["model"])


class Reader(nn.Module):
    def __init__(self, cell, **choices):
        super().__init__()
        self.rnn, self.out = cell(8, 32, batch_first=True, **choices), nn.Linear(32, 2)

    def forward(self, x):
        return self.out(self.rnn(x)[0][:, -1])


@pytest.mark.parametrize("cell", [nn.RNN, nn.GRU])
def test_a_state_that_grows_from_time_to_time_is_found_and_the_advice_stops_it(cell):
    torch.manual_seed(0)
    choices = {"nonlinearity": "relu"} if cell is nn.RNN else {}
    data = [(torch.randn(32, 24, 8), torch.randint(0, 2, (32,))) for _ in range(2)]
    model = Reader(cell, **choices)
    assert found(model, "ACT005", data)[1] == []
    with torch.no_grad():
        model.rnn.weight_hh_l0.mul_(5.0 if cell is nn.RNN else 40.0)
    d, (finding,) = found(model, "ACT005", data)
    assert (finding.layer, finding.cause) == ("rnn", "recurrent")
    assert finding.value > 100.0
    (group,) = [g for g in d.groups if g[0].code == "ACT005"]
    exec(code_for("orthogonal", group, d.readings), {"model": model, "torch": torch})
    assert found(model, "ACT005", data)[1] == []


def test_of_a_compiled_model_the_parameters_are_counted_that_were_seen():
    model = stack(nn.ReLU)
    compiled = torch.compile(model, backend="eager")
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
    with actlab.watch(compiled) as w:
        for x, y in classes():
            optimiser.zero_grad()
            CE(compiled(x), y).backward()
            optimiser.step()
    assert "8 parameter tensors in use" in w.diagnosis().seen


def test_the_page_s_headline_counts_what_it_names(tmp_path):
    torch.manual_seed(0)
    d = actlab.check(stack(nn.Sigmoid, depth=7), classes(), loss=CE)
    worse = len(d.at_least("warning"))
    assert len(d.findings) > worse > 2  # there is a note among them
    head = d.report(tmp_path / "p.html", lang="en").read_text(encoding="utf-8").split("</h1>")[0].split("<h1")[1]
    assert f"at layer “0”, and {worse - 1} more errors and warnings." in head.replace("\u00a0", " ")


@pytest.mark.parametrize("wrong", ["loss", "targets", "empty"])
def test_a_loss_that_is_not_finite_is_found_where_the_output_is(wrong):
    data = [(torch.randn(16, 8), torch.rand(16, 3)) for _ in range(2)]
    loss = functional.mse_loss
    if wrong == "loss":
        loss = lambda out, y: functional.mse_loss(out, y) * torch.nan  # noqa: E731
    elif wrong == "targets":
        data[1][1][0, 0] = torch.nan
    else:
        data[1] = (torch.randn(0, 8), torch.rand(0, 3))
    _, (finding,) = found(stack(nn.ReLU), "ACT011", data, loss)
    assert (finding.cause, finding.severity) == ("loss", "error")
    assert finding.values["step"] == ("1" if wrong == "loss" else "2")
    assert found(stack(nn.ReLU), "ACT011", data[:1], functional.mse_loss)[1] == []


class _Ends(nn.Module):
    """Two outputs, the first of them through `end`."""

    def __init__(self, end=lambda x: x):
        super().__init__()
        self.into, self.out, self.end = nn.Linear(8, 8), nn.Linear(8, 3), end

    def forward(self, x):
        h = self.into(x).relu()
        return {"first": self.end(self.out(h)), "hidden": h}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("loss", "cause"),
    [
        (functional.mse_loss, None),
        (lambda out, y: functional.mse_loss(out, y) * torch.nan, "gradient"),
        (lambda out, _: ((out - out.detach()) ** 2).sum().sqrt(), "gradient"),  # a finite loss with a slope 0 · ∞
        (lambda out, y: (functional.mse_loss(out, y) * torch.inf).nan_to_num(), "gradient"),
    ],
)
def test_watch_finds_what_the_loss_makes_in_the_same_step(loss, cause, compiled):
    model = _Ends()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
    run = torch.compile(model, backend="eager") if compiled else model
    with actlab.watch(run) as w:
        for step in range(1, 4):
            optimiser.zero_grad()
            out, y = run(torch.randn(16, 8))["first"], torch.rand(16, 3)
            (loss if step == 2 else functional.mse_loss)(out, y).backward()
            if step == 2:
                d = w.diagnosis()
            optimiser.step()
    for said in (d, w.diagnosis()):  # before the step that destroys the weights, and behind it
        found = [f for f in said.findings if f.code == "ACT011"]
        assert [(f.cause, f.values["step"]) for f in found] == ([] if cause is None else [(cause, "2")])


def test_a_gradient_that_overflows_in_half_precision_is_no_finding_and_outputs_keep_no_hooks():
    model = nn.Linear(4, 4).half()
    with actlab.watch(model) as w:
        out = model(torch.ones(1, 4, dtype=torch.float16))
        (out.float().sum() * 1e6).backward()  # as a scaled loss does, whose step is then left out
    assert out._backward_hooks is None
    assert not [f for f in w.diagnosis().findings if f.code == "ACT011"]


def test_a_watched_output_does_not_keep_its_graph():
    model = _Ends()
    with actlab.watch(model):
        out = model(torch.randn(4, 8))["first"]
        kept = weakref.ref(out)
        out.sum().backward()
        del out
        gc.collect()
        assert kept() is None


@pytest.mark.parametrize("by", ["check", "watch"])
@pytest.mark.parametrize(
    ("end", "loss", "cause"),
    [
        (lambda x: torch.log(x - 100), CE, "output"),  # NaN, in the model's own last line
        (lambda x: torch.log(x.relu() * 0), CE, "output"),  # −∞, and the loss is none
        (lambda x: torch.cat([x, torch.full_like(x, -torch.inf)], 1), CE, None),  # classes left out: the loss is finite
    ],
)
def test_what_the_model_s_own_last_line_makes_is_not_laid_at_the_loss_s_door(end, loss, cause, by):
    model, batch = _Ends(end), (torch.randn(16, 8), torch.randint(0, 3, (16,)))
    only_first = lambda out, y: loss(out["first"], y)  # noqa: E731
    if by == "check":
        d = actlab.check(model, [batch], loss=only_first)
    else:
        with actlab.watch(model) as w:
            only_first(model(batch[0]), batch[1]).backward()
        d = w.diagnosis()
    found = [f.cause for f in d.findings if f.code == "ACT011"]
    assert found == ([] if cause is None else [cause])


def test_without_a_backward_pass_it_is_said_that_gradients_were_not_seen():
    model = stack(nn.ReLU)
    with actlab.watch(model) as w:
        out = model(classes()[0][0])
        assert any("backward" in sentence for sentence in w.diagnosis().skipped)
        out.sum().backward()
    assert w.diagnosis().skipped == ()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"model_factory": stack(nn.ReLU)}, "doctor.trial.factory"),
        ({"model_factory": 3}, "doctor.trial.factory"),
        ({"learning_rate": -1.0}, "doctor.trial.rate"),
        ({"learning_rate": "fast"}, "doctor.trial.rate"),
        ({"learning_rate": float("nan")}, "doctor.trial.rate"),
    ],
)
def test_a_trial_that_cannot_be_gets_one_sentence(change, key):
    d, _ = found(stack(nn.Sigmoid, depth=7), "ACT003")
    wanted = {"model_factory": lambda: stack(nn.Sigmoid, depth=7), "data": classes(), "loss": CE, "steps": 1} | change
    with pytest.raises(UserError) as error:
        d.try_remedies(**wanted)
    assert error.value.key == key


def test_thresholds_come_as_what_they_are():
    with pytest.raises(UserError) as error:
        actlab.check(stack(nn.ReLU), classes(), thresholds={"dead_warning": 0.3})
    assert error.value.key == "doctor.thresholds"
