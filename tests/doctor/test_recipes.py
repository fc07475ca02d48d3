"""The recipes of docs/{en,ko}/doctor.md run as they stand, and the numbers arrive. Skipped without their packages."""

from __future__ import annotations

import re
import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

import actlab

DOCS = Path(__file__).parents[2] / "docs"


def blocks(lang):
    return re.findall(r"```python\n(.*?)```", (DOCS / lang / "doctor.md").read_text(encoding="utf-8"), re.S)


def recipe(word):
    (found,) = [block for block in blocks("en") if word in block]
    return found


def train(model):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(25):
        optimiser.zero_grad()
        functional.cross_entropy(model(torch.randn(16, 4)), torch.randint(0, 2, (16,))).backward()
        optimiser.step()


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """A function that runs a recipe in an empty folder."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

    def run(word):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # theirs
            exec(recipe(word), {"model": model, "train": train, "actlab": actlab})
        return tmp_path

    return run


def test_the_recipes_are_the_same_in_both_languages():
    assert blocks("en") == blocks("ko")
    assert len(blocks("en")) == 7


def test_a_loop_of_your_own(ran):
    assert "<svg" in (ran("  # the first 20 steps, then one in 20") / "page.html").read_text(encoding="utf-8")


@pytest.mark.skipif(not find_spec("tensorboard"), reason="tensorboard is not installed")
def test_tensorboard(ran):
    folder = ran("SummaryWriter")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "runs" / "actlab"))
    events.Reload()
    steps = [event.step for event in events.Scalars("actlab/0/dead_share")]
    assert steps == list(range(1, 21))  # 25 steps: the first 20, then one in 20
    assert "actlab/2.weight/update" in events.Tags()["scalars"]


@pytest.mark.skipif(not find_spec("mlflow"), reason="mlflow is not installed")
def test_mlflow(ran, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    ran("mlflow")
    import mlflow

    (run,) = mlflow.search_runs(output_format="list")
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "actlab/0/variance")
    assert sorted(metric.step for metric in history) == list(range(1, 21))
    assert [a.path for a in mlflow.MlflowClient().list_artifacts(run.info.run_id)] == ["diagnosis.html"]


@pytest.mark.skipif(not find_spec("wandb"), reason="wandb is not installed")
def test_weights_and_biases(ran, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    folder = ran("wandb")
    (file,) = folder.glob("wandb/offline-run-*/*.wandb")
    held = file.read_bytes()
    assert held.count(b"actlab/0/dead_share") >= 20
    (page,) = folder.glob("wandb/offline-run-*/files/media/html/*.html")
    assert page.stat().st_size > 10_000
