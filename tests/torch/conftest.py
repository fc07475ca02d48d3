"""PyTorch's own deprecations, raised by its own code on paths that nobody can avoid from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

NOISE = (
    # forward mode scripts its decompositions when it is first used (torch/_decomp/decompositions_for_jvp.py)
    r"ignore:`torch\.jit\.\w+` is deprecated:DeprecationWarning",
    # Dynamo makes an instance of a Function to stand for its context (torch/_dynamo/side_effects.py)
    r"ignore:.*should not be instantiated:DeprecationWarning",
)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for line in NOISE:
                item.add_marker(pytest.mark.filterwarnings(line))
