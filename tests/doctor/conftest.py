"""The same small machine for every test: one thread, sentences in English."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]  # PyTorch is an extra


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for each other on a busy machine make seconds of milliseconds
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def english():
    from actlab.text import use_language

    with use_language("en"):
        yield
