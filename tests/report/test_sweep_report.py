"""The page and the tables of a sweep, in both languages."""

import csv
import re
from dataclasses import replace

import polars as pl
import pytest

from actlab.report.sweeps import sentences, to_json, write_report
from actlab.report.sweeps.tables import chosen_text, latex, score_text
from actlab.report.sweeps.tables import csv as as_csv
from actlab.study.sweep import Store, read_plan, sweep
from actlab.study.sweep.analysis import analyse
from actlab.text import LANGUAGES, UserError

PLAN = """
title = "Depth <b>&</b> {data}"
data = ["moons", "iris"]
activations = ["relu", "sigmoid", "x*x*x"]
depth = [1, 12]
width = 4
learning_rates = [0.1, 1]
seeds = 16
epochs = 20
test_points = 300
validation_points = 100
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    where = tmp_path_factory.mktemp("report")
    sweep(read_plan(PLAN), where)
    store = Store(where)
    return store, analyse(store, store.plan()), write_report(
        analyse(store, store.plan()), store.plan(), store, where / "report"
    )  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_stands_alone(found, lang):
    _, analysis, written = found
    page = written.pages[lang].read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page
    assert "Depth &lt;b&gt;&amp;&lt;/b&gt; {data}" in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert page.count("<svg") >= 2
    for sentence in written.said[lang]:
        assert sentence in page.replace("&#39;", "'").replace("\N{NO-BREAK SPACE}", " ")
    for link in re.findall(r'href="([^"#]+)"', page):
        assert (written.pages[lang].parent / link).exists(), link
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert len(analysis.summary) == 12


def test_words_say_how_deep(found):
    """A sigmoid net twelve layers deep learns nothing in 20 epochs."""
    _, analysis, written = found
    (line,) = [s for s in written.said["en"] if s.startswith("On moons")]
    assert re.search(r"sigmoid( and x\*x\*x)? (fails?|learns? up to 1 and fails?) (from (1|12) on|throughout)", line), (
        line
    )
    assert "깊이를 1부터 12까지" in " ".join(written.said["ko"])
    assert any("collapsed or diverged" in s for s in written.said["en"])
    fails = analysis.reach.filter(data="moons", arm="sigmoid")["fails_from"].item()
    assert fails in (1, 12)


def test_arms_that_do_the_same_are_named_together(found):
    """The one that learns furthest first; a list of arms has a plural, and in Korean the particle of its last name."""
    _, analysis, _ = found
    ends = {"a": (12, None), "b": (1, None), "gelu": (1, None), "d": (1, 12), "e": (None, 1), "f": (None, 12)}
    same = {"data": "moons", "axis": "depth", "smallest": 1, "largest": 12}
    ends |= {"g": (None, None), "h": (12, None)}
    rows = [same | {"arm": arm, "learns_to": to, "fails_from": fails} for arm, (to, fails) in ends.items()]
    (said,) = sentences.reach(replace(analysis, reach=pl.DataFrame(rows)), "en")
    assert said == (
        "On moons, as depth goes from 1 to 12: a and h learn throughout; b and gelu learn up to 1, and beyond it "
        "cannot be told; d learns up to 1 and fails from 12 on; for g it cannot be told; f fails from 12 on, and "
        "before it cannot be told; e fails throughout."
    )
    (said,) = sentences.reach(replace(analysis, reach=pl.DataFrame(rows)), "ko")
    assert "b와 gelu는 1까지 학습되며" in said


def test_the_verdicts_stand_below_the_figure(found):
    """A mark for each function and depth, with its word for readers by ear."""
    _, analysis, written = found
    page = written.pages["en"].read_text(encoding="utf-8")
    marks = re.findall(r'<i class="v (\w+)" role="img" aria-label="([^"]+)"', page)
    assert len(marks) == len(analysis.summary)
    words = {"learns": "learns", "fails": "fails", "open": "cannot be told"}
    assert sorted(marks) == sorted((name, words[name]) for name in analysis.summary["verdict"])


def test_every_row_of_the_summary_stands_in_the_page_once(found):
    _, analysis, written = found
    page = written.pages["en"].read_text(encoding="utf-8")
    for row in analysis.summary.to_dicts():
        assert page.count(f">{score_text(row)}<") >= 1
    assert page.count("<details") == 2
    assert page.count('class="setting"') == 4
    assert "depth 12 · 16 seeds" in page


def test_the_best_rates_are_short():
    assert chosen_text("0.0475468 | 0.189287,16") == "0.048 | 0.19, 16"
    assert chosen_text("1e-05") == "1.0e−05"
    assert chosen_text("he | 8,8") == "he | 8, 8"


def test_tables_agree(found):
    """CSV in full, LaTeX in the words of the page: the same numbers."""
    _, analysis, written = found
    folder = written.pages["en"].parent
    rows = list(csv.DictReader((folder / "summary.csv").read_text(encoding="utf-8").splitlines()))
    assert [float(row["estimate"]) for row in rows] == analysis.summary["estimate"].to_list()
    tex = (folder / "summary.en.tex").read_text(encoding="utf-8")
    assert tex.startswith("\\begin{tabular}{l")
    assert tex.count("\\\\\n") == 13
    assert f"{100 * analysis.summary['estimate'][0]:.1f} \\%" in tex
    assert "x*x*x" in tex
    columns = tex.splitlines()[2].count("&")
    assert all(row.count(" & ") == columns for row in tex.splitlines()[4:-2])
    assert set(as_csv(analysis)) == {"summary", "candidates", "ranks", "reach", "interaction"}
    assert set(latex(analysis, "ko")) == {"summary", "ranks", "reach"}


def test_latex_escapes():
    from actlab.report.sweeps.tables import _tabular

    assert r"a\_b \& 5\,\% " not in _tabular(["a_b & 5 %"], [])
    assert r"a\_b \& 5 \% \textbackslash{} $-$1 \\" in _tabular(["a_b & 5 % \\ −1"], [])


def test_json_is_plain(found):
    import json

    _, analysis, _ = found
    told = json.loads(json.dumps(to_json(analysis), allow_nan=False))
    assert told["arms"] == ["relu", "sigmoid", "x*x*x"]
    assert len(told["summary"]) == 12
    assert told["axis"] == "depth"


def test_twice_the_same_bytes(found, tmp_path):
    store, analysis, written = found
    again = write_report(analysis, store.plan(), store, tmp_path)
    for path in written.pages["en"].parent.iterdir():
        assert (again.pages["en"].parent / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_yet(tmp_path, lang):
    store = Store(tmp_path)
    plan = read_plan(PLAN)
    empty = analyse(store, plan)
    assert len(sentences.lede(empty, lang)) == 1
    assert write_report(empty, plan, store, tmp_path / "out").pages[lang].exists()


def test_nowhere_to_write(found, tmp_path):
    store, analysis, _ = found
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        write_report(analysis, store.plan(), store, tmp_path / "file" / "below")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "change",
    [
        ("depth = [1, 12]\nwidth = 4", "hidden = [[4], [4, 4]]"),
        ("learning_rates = [0.1, 1]", "learning_rates = 1"),
        ("learning_rates = [0.1, 1]", "learning_rates = [0.1, 1]\nbest_over = []\nnorm = ['none', 'layer']"),
        ('activations = ["relu", "sigmoid", "x*x*x"]', 'activations = "relu"'),
        ("depth = [1, 12]", "depth = { between = [1, 3] }\nrandom = 3"),
        ("seeds = 16", "seeds = { until = 0.5, most = 60 }"),
        ('data = ["moons", "iris"]', 'data = "sine"'),
    ],
)
def test_every_kind_of_plan_has_a_page(tmp_path, change, lang):
    """`tr` raises on a missing key or value: to have written it all is the test."""
    assert change[0] in PLAN
    text = PLAN.replace(*change).replace("epochs = 20", "epochs = 2")
    sweep(read_plan(text), tmp_path)
    store = Store(tmp_path)
    written = write_report(analyse(store, store.plan()), store.plan(), store, tmp_path / "report")
    assert len(written.said[lang]) >= 1
