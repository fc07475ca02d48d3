"""`actlab.sweep` and `actlab.read_sweep`: what a sweep's result offers from Python, against the nets in its files."""

import tomllib

import numpy as np
import polars as pl
import pytest
from scipy.stats import rankdata

import actlab
from actlab.study.sweep import Store, read_plan
from actlab.study.sweep.written import plan_text
from actlab.text import UserError

PLAN = {
    "title": {"en": "How “deep”?", "ko": "얼마나 깊게?"},
    "data": ["moons", "xor"],
    "activations": ["relu", actlab.Arm("tanh", norm="batch"), actlab.get("x*x*x")],
    "depth": np.array([1, 3]),
    "width": 4,
    "learning_rates": 0.1,
    "grow_rates": False,
    "seeds": 12,
    "epochs": 8,
    "test_points": 300,
    "validation_points": 100,
}
ARMS = ("relu", "tanh [norm=batch]", "x*x*x")
FORMULAS = ("max(x, 0)", "tanh(x)", "x*(x*x)")  # files name functions by these


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return actlab.sweep(PLAN, tmp_path_factory.mktemp("py") / "두 번째 폴더")


@pytest.fixture(scope="module")
def nets(found):
    return pl.read_parquet(found.store.where / "nets" / "*.parquet")


def test_a_mapping_is_a_plan(found):
    given = tomllib.loads(found.plan.text)
    assert given["activations"] == list(ARMS)
    assert (given["depth"], given["title"]["ko"]) == ([1, 3], "얼마나 깊게?")
    assert found.nets == found.asked == 2 * 3 * 2 * 12
    assert not found.interrupted
    odd = {"activations": ['"', "\\", "\x7f\n", "a'b"], "seeds": {"until": 1e-05, "most": 64}, "grow_rates": True}
    assert tomllib.loads(plan_text(odd)) == odd


def test_what_is_there_can_be_read_again(found):
    again = actlab.read_sweep(found.store.where)
    assert again.summary.equals(found.summary)
    assert str(again) == str(found)
    assert actlab.sweep(PLAN, found.store.where).nets == found.nets


def test_the_score_figure_has_the_means_of_the_files(found, nets):
    figure = found.figures.score(width="page", lang="en")
    assert found.arms == ARMS
    means = nets.group_by("data", "activation", "depth").agg(pl.col("test_score").mean())
    panels = [axes for part in figure.subfigs for axes in part.axes] if figure.subfigs else figure.axes
    assert len(panels) == 2
    for data, axes in zip(PLAN["data"], panels, strict=True):
        lines = {line.get_label(): line for line in axes.lines}
        for arm, formula in zip(ARMS, FORMULAS, strict=True):
            own = means.filter(data=data, activation=formula).sort("depth")
            np.testing.assert_allclose(lines[arm].get_ydata(), own["test_score"], rtol=0, atol=1e-12)


def test_ranks_are_those_of_the_files(found, nets):
    """Ranked within each setting at every seed, ties shared, by SciPy."""
    table = nets.pivot(on="activation", index=["data", "depth", "seed"], values="test_score")
    ranks = rankdata(-table.select(FORMULAS).to_numpy(), axis=1).mean(axis=0)
    told = dict(found.ranks.select("arm", "rank").iter_rows())
    np.testing.assert_allclose([told[arm] for arm in ARMS], ranks, atol=1e-12)
    (axes,) = [axes for part in found.figures.ranks().subfigs for axes in part.axes]
    drawn = {float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) == 1}
    assert {round(x, 9) for x in ranks} <= {round(x, 9) for x in drawn}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_pages_and_captions(found, lang, tmp_path):
    page = found.report(tmp_path / "여기", lang=lang)
    assert page.name == f"page.{lang}.html"
    text = page.read_text(encoding="utf-8")
    assert PLAN["title"][lang] in text
    ranks = text.split('id="ranks"')[-1]
    assert "<svg" in ranks
    for name in ("score", "ranks"):
        assert name in found.figures
        assert getattr(found.figures, name).caption(lang=lang)
    assert {data for data in PLAN["data"] if data in found.figures.score.caption(lang=lang)} == {"moons", "xor"}


def test_a_sweep_with_nothing_to_follow(tmp_path):
    small = {"activations": "relu", "learning_rates": 0.1, "seeds": 2, "epochs": 1, "test_points": 100}
    found = actlab.sweep(small | {"validation_points": 100}, tmp_path / "one")
    assert list(found.figures) == []
    with pytest.raises(UserError) as error:
        found.figures.score()
    assert error.value.key == "figures.missing"
    assert "two settings" in repr(found.figures)


@pytest.mark.parametrize(
    ("plan", "key"),
    [
        ({"activations": [None]}, "sweep.no_value"),
        ({"activations": ["relu"], "depth": object()}, "sweep.no_value"),
        ({"activations": ["relu"], "depht": 2}, "sweep.unknown_key_near"),
        ({"activations": ["relu"], "depth": float("nan")}, "sweep.whole"),
        ("nowhere.toml", "sweep.no_plan"),
        (42, "sweep.not_a_plan"),
        (["relu", "tanh"], "sweep.not_a_plan"),
    ],
)
def test_what_is_no_plan(plan, key, tmp_path):
    with pytest.raises(UserError) as error:
        actlab.sweep(plan, tmp_path / "none")
    assert error.value.key == key
    assert not (tmp_path / "none").exists()


def test_before_any_net_is_finished(tmp_path):
    Store(tmp_path).begin(read_plan(plan_text(PLAN)))
    found = actlab.read_sweep(tmp_path)
    for name in ("score", "ranks"):
        assert getattr(found.figures, name).missing("en") == "No nets are finished yet that could be compared."
    assert str(found) == "No nets are finished yet that could be compared."


def test_an_unknown_language(found, tmp_path):
    with pytest.raises(UserError) as error:
        found.report(tmp_path / "pages", lang="fr")
    assert error.value.key == "text.unknown_language"
    assert not (tmp_path / "pages").exists()


def test_where_there_is_no_sweep(tmp_path):
    with pytest.raises(UserError) as error:
        actlab.read_sweep(tmp_path)
    assert error.value.key == "sweep.no_study"


def test_where_the_file_of_the_nets_is_gone(tmp_path, monkeypatch):
    """Before anything is trained: the sentence names the directory, the file, and is not that of a mistyped name."""
    monkeypatch.chdir(tmp_path)
    rows = "a,b,kind\n" + "".join(f"{k % 7},{k % 5},{k % 2}\n" for k in range(60))
    (tmp_path / "mine.csv").write_text(rows)
    plan = read_plan('activations = ["relu", "tanh"]\ndata = "mine.csv"\ntarget = "kind"\nseeds = 1\n')
    store = Store(tmp_path / "out")
    store.begin(plan)
    (tmp_path / "mine.csv").rename("moved.csv")
    with pytest.raises(UserError) as error:
        actlab.read_sweep(tmp_path / "out")
    assert error.value.key == "sweep.data_gone"
    assert error.value.values == {"path": str(tmp_path / "out"), "name": "mine.csv"}


def test_a_mapping_means_what_its_text_means():
    made = read_plan(plan_text({"activations": ("relu", "tanh"), "width": range(2, 5), "clip": np.float64(1.5)}))
    written = read_plan('activations = ["relu", "tanh"]\nwidth = [2, 3, 4]\nclip = 1.5\n')
    assert (made.axes, made.seeds) == (written.axes, written.seeds)
