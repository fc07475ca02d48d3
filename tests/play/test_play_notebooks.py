"""The lessons as notebooks: whole, and every cell of theirs runs."""

from __future__ import annotations

import ast
import json
import re

import pytest

import actlab
from actlab.cli import main
from actlab.play import lessons
from actlab.play.lessons import notebooks
from actlab.text import LANGUAGES, UserError


def sources(notebook, kind):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def run(source, names):
    """What Jupyter does with a cell: the value of its last line, where that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", lessons.names())
def test_they_are_notebooks(name, lang):
    """What the schema of nbformat 4.5 asks of these cells, and the lesson's words."""
    found = notebooks.notebook(name, lang)
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    assert set(found) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert set(found["metadata"]["kernelspec"]) >= {"name", "display_name"}
    assert found["metadata"]["language_info"]["name"] == "python"
    for cell in found["cells"]:
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"id", "cell_type", "metadata", "source"} | code
        assert cell["cell_type"] in ("code", "markdown")
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert all(isinstance(line, str) for line in cell["source"])
        assert cell["source"]
    ids = [cell["id"] for cell in found["cells"]]
    assert len(set(ids)) == len(ids)
    text = "\n".join(sources(found, "markdown"))
    assert all(words in text for words in lessons.lesson(name).words(lang).values())
    assert all(f"`actlab claims {claim}`" in text for claim in lessons.lesson(name).claims)


@pytest.mark.parametrize("number", range(10))
def test_every_cell_runs(number, capsys):
    """In one of the two languages, by turns: the code differs only where it says which."""
    from matplotlib.figure import Figure

    pytest.importorskip("anywidget")
    name = lessons.names()[number]
    setup = lessons.lesson(name).setups[0]
    lang = LANGUAGES[number % 2]
    cells = {one: sources(notebooks.notebook(name, one), "code") for one in LANGUAGES}
    assert cells["en"][1:-1] == cells["ko"][1:-1]
    assert cells["en"][0].replace('"en"', '"ko"') == cells["ko"][0]
    names = {}
    try:
        shown = [run(source, names) for source in cells[lang]]
    finally:
        actlab.set_language(None)
    assert shown[1].run == setup.experiment.plain()  # the widget shows the lesson's own experiment
    shown[1].close()
    results = [names[side] for side in ("r", "left", "right") if side in names]
    arms = [arm.activation[0] for arm in setup.experiment.arms]
    assert [arm for result in results for arm in result.arms] == arms
    assert [list(result.hidden) for result in results] == [list(arm.hidden) for arm in setup.experiment.arms][
        : len(results)
    ]
    assert all((result.seeds, result.epochs) == (64, setup.epoch) for result in results)
    figures = [one for one in shown[2:] if one is not None]
    assert len(figures) == len(results)
    assert all(isinstance(figure, Figure) for figure in figures)
    assert setup.experiment.left.activation[0] in capsys.readouterr().out


def test_a_class_of_notebooks(tmp_path, capsys):
    """Written once; written again where they are untouched; never over somebody's work."""
    place = tmp_path / "a" / "class"
    for lang in (*LANGUAGES, "en"):
        assert main(["play", "--notebooks", str(place), "--lang", lang]) == 0
    written = sorted(path.name for path in place.iterdir())
    assert len(written) == 2 * len(lessons.names())
    assert "04-zigzag-ko.ipynb" in written
    assert str(place) in capsys.readouterr().out
    path = place / "10-choosing-en.ipynb"
    assert json.loads(path.read_text(encoding="utf-8")) == notebooks.notebook("choosing", "en")
    (place / "01-line-en.ipynb").unlink()
    path.write_text("{}")
    with pytest.raises(UserError, match="10-choosing-en"):
        notebooks.write(place, "en")
    assert path.read_text() == "{}"
    assert not (place / "01-line-en.ipynb").exists()
    with pytest.raises(UserError, match="cannot be made"):
        notebooks.write(path / "below", "en")
