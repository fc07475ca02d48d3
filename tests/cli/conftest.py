"""The command line in this process: a fresh language for every test."""

import pytest

from actlab.text import set_language


@pytest.fixture(autouse=True)
def _english_surroundings(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    set_language(None)
    yield
    set_language(None)
