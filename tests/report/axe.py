"""axe-core in the browser's page: what a reader by ear, by keyboard or with weak eyes could not use."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pytest


@cache
def source() -> str:
    pytest.importorskip("axe_playwright_python")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page, *rules: str) -> list[str]:
    """Serious and critical violations of `rules`, or of all, on the page as it stands, each with where it was found."""
    page.evaluate(source())
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{one['impact']}: {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:5]
    ]
