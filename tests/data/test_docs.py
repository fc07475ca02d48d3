"""The pages about data: an entry and a picture for every data set, in both languages."""

import re
from pathlib import Path

import pytest

from actlab.data import GENERATORS, NAMES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_data_set_has_an_entry_with_a_picture(lang):
    page = (DOCS / lang / "data.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ![](")]
    entries = {name: row for row in rows for name in re.findall(r"`([a-z_:]+)`", row.split("|")[2])}
    assert set(NAMES) <= set(entries)
    assert {name.partition(":")[0] for name in entries} == {name.partition(":")[0] for name in NAMES}
    assert set(GENERATORS) < set(NAMES)
    for row in rows:
        picture = re.search(r"!\[\]\((.+?)\)", row)[1]
        assert (DOCS / lang / picture).resolve().is_file()


def test_the_pages_have_the_same_entries():
    pages = [(DOCS / lang / "data.md").read_text(encoding="utf-8") for lang in ("en", "ko")]
    cells = [[line.split("|")[1:3] for line in page.splitlines() if line.startswith("| ![](")] for page in pages]
    assert cells[0] == cells[1]
