"""The same small machine for every test: one thread, sentences in English."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]  # PyTorch is an extra


@pytest.fixture(autouse=True)
def small_machine():
    import torch

    from actlab.text import use_language

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with use_language("en"):
        yield
    torch.set_num_threads(threads)
