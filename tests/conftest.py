"""What every test begins with."""

import pytest

from actlab.text import set_language


@pytest.fixture(autouse=True)
def language_of_the_environment():
    """A test that speaks Korean, by `main` for instance, leaves no Korean to the next one."""
    yield
    set_language(None)
