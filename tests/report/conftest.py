from __future__ import annotations

import pytest
from chromium import launch
from factory import comparison


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden tables anew")


@pytest.fixture(scope="session")
def plain():
    """Two arms, a published gap, nothing fails at the common rate."""
    return comparison()


@pytest.fixture(scope="session")
def failing():
    """Three arms at a rate at which relu's nets collapse and diverge; the run was interrupted."""
    return comparison(("sigmoid", "relu", "tanh"), common=5.0, interrupted=True)


@pytest.fixture(scope="session")
def wide():
    """Points with five columns of the user's own: no plane, no gap; a formula for a label."""
    return comparison(("relu", "x * tanh(softplus(x))"), article=False, columns=5)


@pytest.fixture(scope="session")
def hostile():
    """A label that would be a script, and one with quotes and braces."""
    return comparison(("<script>alert(1)</script>", '"{x}" & co'), article=False)


CASES = ("plain", "failing", "wide", "hostile")


@pytest.fixture(params=CASES)
def case(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=("en", "ko"))
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
