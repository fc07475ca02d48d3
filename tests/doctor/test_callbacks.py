"""The callbacks for Lightning and for Hugging Face's Trainer: what they see, and that they change no bit.

Each part is skipped where its package is not installed.
"""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import warnings
from importlib.util import find_spec

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader

import actlab
import actlab.callbacks
from actlab.text import UserError

LIGHTNING = [name for name in ("lightning.pytorch", "pytorch_lightning") if find_spec(name.partition(".")[0])]
needs_lightning = pytest.mark.skipif(not LIGHTNING, reason="lightning is not installed")
needs_transformers = pytest.mark.skipif(
    not (find_spec("transformers") and find_spec("accelerate")), reason="transformers and accelerate are not installed"
)


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        yield


def net():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 3))
    with torch.no_grad():
        model[0].bias -= 30.0  # dead from the start
    return model


def rows(n=96):
    torch.manual_seed(1)
    return [(torch.randn(6), torch.randint(0, 3, ())) for _ in range(n)]


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def hooks(model):
    own = [(len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks)) for m in model.modules()]
    return own + [p._backward_hooks is None for p in model.parameters()]


def test_importing_brings_nothing_in():
    code = (
        "import sys, actlab.callbacks\n"
        "print([n for n in ('lightning', 'pytorch_lightning', 'transformers') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=200)
    assert done.stdout.strip() == "[]"


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(actlab.callbacks, "find_spec", lambda _: None)
    for name in ("lightning.pytorch", "pytorch_lightning"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    for make in (actlab.callbacks.Lightning, actlab.callbacks.HuggingFace):
        with pytest.raises(UserError) as error:
            make()
        assert error.value.key == "doctor.no_package"


# --- Lightning


def module(pl, compiled=False, manual=False, call_self=False):
    class Net(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = net()
            if compiled:
                self.net = torch.compile(self.net, backend="eager")
            self.automatic_optimization = not manual

        def forward(self, x):
            return self.net(x)

        def training_step(self, batch, _index):
            x, y = batch
            loss = functional.cross_entropy(self(x) if call_self else self.net(x), y)
            if manual:
                optimiser = self.optimizers()
                optimiser.zero_grad()
                self.manual_backward(loss)
                optimiser.step()
                return None
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)

    return Net()


def fit(name, tmp_path, callbacks=(), epochs=2, loggers=(), fails=False, **how):
    from importlib import import_module

    pl = import_module(name)
    settings = {key: how.pop(key) for key in ("accumulate_grad_batches", "precision") if key in how}
    model = module(pl, **how)
    trainer = pl.Trainer(
        max_epochs=epochs, accelerator="cpu", devices=1, callbacks=list(callbacks), logger=list(loggers) or False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        default_root_dir=tmp_path, **settings,
    )  # fmt: skip
    torch.manual_seed(2)
    data = [(x, y) for x, y in rows()]
    if fails:
        data[64:] = [(torch.randn(7), y) for _, y in data[64:]]
    trainer.fit(model, DataLoader(data, batch_size=16))
    return model, trainer


@needs_lightning
@pytest.mark.parametrize("name", LIGHTNING)
@pytest.mark.parametrize("how", [{}, {"call_self": True}, {"manual": True}, {"accumulate_grad_batches": 2}],
                         ids=["plain", "forward", "manual", "accumulate"])  # fmt: skip
def test_lightning_finds_and_changes_no_bit(name, how, tmp_path):
    plain, _ = fit(name, tmp_path, **how)
    kept = []
    __import__(name)
    callback = actlab.callbacks.Lightning(then=kept.append, report=tmp_path / "page.html")
    watched, _ = fit(name, tmp_path, [callback], **how)
    assert same(plain, watched)
    assert hooks(plain) == hooks(watched)
    (found,) = kept
    assert found.readings.steps == found.readings.steps_passed == 12
    assert ("ACT001", "net.0") in {(f.code, f.layer) for f in found.findings}
    assert [s.site.path for s in found.readings.sites if s.kind == "activation"] == ["net.1", "net.4"]
    assert found.readings.losses[0].function == "cross_entropy"
    updates = next(w for w in found.readings.weights if w.name == "net.3.weight").updates
    assert updates == 12 // how.get("accumulate_grad_batches", 1)
    assert found.readings.sites[1].flow.z > 0
    assert "ACT001" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert str(callback.diagnosis()) == str(found)


@needs_lightning
def test_lightning_in_mixed_precision_and_compiled(tmp_path):
    name = LIGHTNING[0]
    __import__(name)
    callback = actlab.callbacks.Lightning()
    plain, _ = fit(name, tmp_path, precision="bf16-mixed")
    watched, _ = fit(name, tmp_path, [callback], precision="bf16-mixed")
    assert same(plain, watched)
    assert ("ACT001", "net.0") in {(f.code, f.layer) for f in callback.diagnosis().findings}
    watched, _ = fit(name, tmp_path, [callback], compiled=True)
    found = callback.diagnosis()
    assert any("torch.compile" in sentence for sentence in found.skipped)
    assert not found.readings.sites
    assert found.readings.has_gradients


@needs_lightning
def test_lightning_logs_to_its_loggers(tmp_path):
    from importlib import import_module

    pl = import_module(LIGHTNING[0])

    class Kept(pl.loggers.Logger):
        name, version = "kept", 0

        def __init__(self):
            super().__init__()
            self.said = []

        def log_hyperparams(self, *arguments, **settings):
            pass

        def log_metrics(self, metrics, step=None):
            self.said.append((step, metrics))

    logger = Kept()
    fit(LIGHTNING[0], tmp_path, [actlab.callbacks.Lightning(log=True, first=3, every=3)], loggers=[logger])
    ours = [(step, m) for step, m in logger.said if "actlab/step" in m]
    assert [m["actlab/step"] for _, m in ours] == [1, 2, 3, 6, 9, 12]
    assert [step for step, _ in ours] == [1, 2, 3, 6, 9, 12]
    assert all(m["actlab/net.0/dead_share"] == 1.0 for _, m in ours)


@needs_lightning
def test_an_exception_leaves_no_trace(tmp_path):
    name = LIGHTNING[0]
    __import__(name)
    callback = actlab.callbacks.Lightning()
    with pytest.raises(RuntimeError):
        fit(name, tmp_path, [callback], fails=True)
    assert torch.overrides._get_current_function_mode() is None
    assert callback.diagnosis().readings.steps == 5
    assert not callback.watch.entered
    again = pickle.loads(pickle.dumps(actlab.callbacks.Lightning(every=7)))
    assert again.settings["every"] == 7
    assert isinstance(again, type(callback))


@needs_lightning
def test_before_training_there_is_nothing():
    with pytest.raises(UserError) as error:
        actlab.callbacks.Lightning().diagnosis()
    assert error.value.key == "doctor.nothing_trained"


# --- Hugging Face


def hugging_face(tmp_path, callbacks=(), **how):
    import transformers as t

    torch.manual_seed(0)
    config = t.BertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, vocab_size=100,
        initializer_range=0.18, num_labels=3, hidden_act="relu",
    )  # fmt: skip
    model = t.BertForSequenceClassification(config)
    with torch.no_grad():
        model.bert.encoder.layer[0].intermediate.dense.bias -= 60.0
    torch.manual_seed(1)
    data = [{"input_ids": torch.randint(3, 90, (12,)), "labels": torch.randint(0, 3, ())} for _ in range(64)]
    arguments = t.TrainingArguments(
        output_dir=str(tmp_path), per_device_train_batch_size=16, num_train_epochs=2, use_cpu=True, report_to="none",
        save_strategy="no", logging_strategy="no", disable_tqdm=True, seed=3, **how,
    )  # fmt: skip
    trainer = t.Trainer(model=model, args=arguments, train_dataset=data, callbacks=list(callbacks))
    trainer.train()
    return model


@needs_transformers
@pytest.mark.parametrize(
    "how", [{}, {"gradient_accumulation_steps": 2}, {"bf16": True}, {"gradient_checkpointing": True}],
    ids=["plain", "accumulate", "bf16", "checkpointing"],
)  # fmt: skip
def test_hugging_face_finds_and_changes_no_bit(how, tmp_path):
    plain = hugging_face(tmp_path, **how)
    kept, said = [], []
    callback = actlab.callbacks.HuggingFace(then=kept.append, log=said.append, report=tmp_path / "page.html")
    watched = hugging_face(tmp_path, [callback], **how)
    assert same(plain, watched)
    assert hooks(watched) == hooks(plain)
    (found,) = kept
    assert found.readings.steps == 8
    layer = "bert.encoder.layer.0.intermediate.dense"
    assert ("ACT001", layer) in {(f.code, f.layer) for f in found.findings}
    assert len(said) == 8
    assert all(numbers[f"actlab/{layer}/dead_share"] == 1.0 for numbers in said)
    updates = next(w for w in found.readings.weights if w.name == "classifier.weight").updates
    assert updates == 8 // how.get("gradient_accumulation_steps", 1)
    assert "ACT001" in (tmp_path / "page.html").read_text(encoding="utf-8")


@needs_transformers
def test_hugging_face_compiled_says_what_is_not_seen(tmp_path):
    callback = actlab.callbacks.HuggingFace()
    hugging_face(tmp_path, [callback], torch_compile=True, torch_compile_backend="eager")
    found = callback.diagnosis()
    assert any("torch.compile" in sentence for sentence in found.skipped)
    assert found.readings.has_gradients
    assert next(w for w in found.readings.weights if w.name == "classifier.weight").updates == 8


@needs_transformers
def test_hugging_face_callback_travels(tmp_path):
    callback = actlab.callbacks.HuggingFace(every=3)
    assert pickle.loads(pickle.dumps(callback)).settings["every"] == 3
    assert copy.copy(callback).settings["every"] == 3
    json.dumps({"nothing": callback.watch})
