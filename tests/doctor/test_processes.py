"""`watch` where several processes train one model, in earnest: two of them, gloo, DistributedDataParallel and FSDP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PAIR = Path(__file__).parent / "ddp_pair.py"


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    way = os.pathsep.join(path for path in sys.path if path)
    result = subprocess.run(
        [sys.executable, str(PAIR), str(folder)], env={**os.environ, "PYTHONPATH": way, "GLOO_SOCKET_IFNAME": "lo"},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return [json.loads((folder / f"said.{rank}").read_text()) for rank in range(2)]


def test_training_goes_on_bit_for_bit_in_every_process(said):
    assert all(one["same"] == [True, True] for one in said)  # both watch, one watches
    assert said[0]["sum"] == said[1]["sum"]


def test_every_process_finds_what_its_own_batches_show(said):
    for one in said:
        assert ["ACT001", "module.2"] in one["found"]
        assert one["layers"] == ["module.0", "module.2", "module.4", "module.6"]
        assert one["updates"] == [4, 4, 4, 4]


def test_one_process_may_watch_alone_and_look_inside_the_wrapper(said):
    assert "2" in said[0]["alone"]
    assert said[1]["alone"] is None


def test_gradients_are_those_before_the_average(said):
    for one in said:
        assert one["gradient"] == pytest.approx(one["own"], rel=1e-5)
    assert said[0]["own"] != pytest.approx(said[1]["own"], rel=1e-2)


def test_a_model_that_is_spread_is_said_to_be_unseen(said):
    for one in said:
        assert one["found_sharded"] == []
        (sentence,) = one["skipped_sharded"]
        assert "FSDP" in sentence
