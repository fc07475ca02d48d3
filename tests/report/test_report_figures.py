"""Figures for papers: what is drawn is what was measured, and words stay words."""

from __future__ import annotations

import io
import re
import sys
import warnings
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from factory import comparison

import actlab
from actlab.report import _letters, palette
from actlab.results import shown
from actlab.text import UserError, use_language

mpl = pytest.importorskip("matplotlib")
NAMES = {
    "accuracy", "data", "rates", "loss", "boundary", "signal", "hidden", "geometry", "gradient", "path", "update",
    "units",
}  # fmt: skip


@pytest.fixture(scope="module")
def measured():
    """A small study: two arms, two layers, one rate."""
    return actlab.compare(
        ["sigmoid", "relu"], data="moons", hidden=(4, 3), seeds=6, epochs=12, learning_rates=(0.05, 0.5)
    )


@pytest.fixture(scope="module")
def drawn(measured):
    """Every figure of the study, of its first view, in English."""
    return {name: getattr(measured.figures, name)(view=0, lang="en") for name in measured.figures}


def lines(axes):
    """Label → the line's data, of the lines that have a name."""
    return {line.get_label(): line.get_xydata() for line in axes.lines if not line.get_label().startswith("_")}


def panel(figure, title):
    """The axes whose title says so."""
    (found,) = [axes for axes in figure.axes if axes.get_title(loc="left") == title]
    return found


def traced(measured, arm, layer, column):
    """Epochs and the median over the nets of view 0, counted by polars."""
    rate = measured.views[0].rates[arm][0]
    rows = measured.traces.filter(
        (pl.col("arm") == arm) & (pl.col("learning_rate") == rate) & (pl.col("layer") == layer)
    )
    table = rows.group_by("epoch").agg(pl.col(column).median()).sort("epoch").drop_nulls()
    return table.to_numpy()


def test_every_figure_is_matplotlibs_own(drawn):
    from matplotlib.figure import Figure

    assert set(drawn) == NAMES
    for figure in drawn.values():
        assert isinstance(figure, Figure)
        assert figure.get_size_inches()[0] == 3.5
        assert figure.number is None if hasattr(figure, "number") else True  # not one of pyplot's
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_loss_is_the_median_of_the_nets(measured, drawn):
    (axes,) = drawn["loss"].axes
    found = lines(axes)
    for arm in measured.arms:
        rows = measured.curves.filter(
            (pl.col("arm") == arm) & (pl.col("learning_rate") == measured.views[0].rates[arm][0])
        )
        for label, column in ((arm, "train_loss"), (f"{arm}, validation", "validation_loss")):
            # of six nets the third: an order statistic
            wanted = [
                (epoch[0], sorted(table[column].to_list())[2])
                for epoch, table in sorted(rows.group_by("epoch"), key=lambda pair: pair[0])
            ]
            np.testing.assert_allclose(found[label], wanted, rtol=1e-12)
    assert axes.get_ylim()[0] == 0


def test_rates_are_the_means_of_the_table(measured, drawn):
    over, under = drawn["rates"].axes
    for arm, points in lines(over).items():
        rows = measured.by_rate.filter(pl.col("arm") == arm).sort("learning_rate")
        np.testing.assert_allclose(points, rows.select("learning_rate", "estimate").to_numpy())
    whiskers = np.concatenate([np.array(c.get_segments()) for c in over.collections])
    rows = pl.concat([measured.by_rate.filter(pl.col("arm") == arm).sort("learning_rate") for arm in measured.arms])
    np.testing.assert_allclose(whiskers[:, :, 1], rows.select("low", "high").to_numpy())
    assert under.get_xlim() == over.get_xlim()
    assert under.get_ylabel() == "failed nets"


@pytest.mark.parametrize(
    ("name", "column"), [("gradient", "gradient_norm"), ("path", "path_efficiency"), ("update", "update_ratio")]
)
def test_lines_of_layers(measured, drawn, name, column):
    for arm in measured.arms:
        found = lines(panel(drawn[name], arm))
        assert list(found) == ["layer 1", "layer 2", "output"]
        for layer, points in enumerate(found.values(), 1):
            # medians of six are means of the two in the middle, in the page as in polars
            np.testing.assert_allclose(points, traced(measured, arm, layer, column), rtol=1e-9)


def test_signal_is_that_of_the_portraits(measured, drawn):
    for portrait in measured.portraits:
        if portrait.view == 0:
            found = lines(panel(drawn["signal"], portrait.arm))
            for name, point in (("near point", portrait.near), ("far point", portrait.far)):
                np.testing.assert_array_equal(found[name][0::2, 1], point.mean_abs_z)
                np.testing.assert_array_equal(found[name][1::2, 1], point.mean_abs_a)


def test_geometry_is_the_median_over_nets(measured, drawn):
    rows = measured.geometry.filter((pl.col("view") == 0) & (pl.col("step") == pl.col("step").max()))
    for title, column in (("margin retention, R² (end)", "margin_retention"), ("far contrast (end)", "far_contrast")):
        for arm, points in lines(panel(drawn["geometry"], title)).items():
            table = rows.filter(pl.col("arm") == arm).group_by("layer").agg(pl.col(column).median())
            np.testing.assert_allclose(points, table.sort("layer").drop_nulls().to_numpy(), rtol=1e-9)


def test_hidden_points_are_all_there(measured, drawn):
    (portrait,) = [p for p in measured.portraits if p.view == 0 and p.arm == "relu"]
    for layer in (0, 1):
        points = np.concatenate(
            [line.get_xydata() for line in panel(drawn["hidden"], f"relu · layer {layer + 1}").lines]
        )
        kept = {tuple(p) for p in points.round(9)}
        assert len(points) > 50
        assert kept <= {tuple(p) for p in portrait.hidden[layer].round(9)}


def test_boundary_shows_the_map(measured, drawn):
    (portrait,) = [p for p in measured.portraits if p.view == 0 and p.arm == "relu"]
    (axes,) = [a for a in drawn["boundary"].axes if a.get_title(loc="left").startswith("relu")]
    (image,) = axes.images
    shade = np.asarray(image.get_array())[::-1]  # the first row is the top
    sure = np.abs(portrait.probability - 0.5) > 0.02
    for k, tint in enumerate(palette.TINTS):
        here = sure & ((portrait.probability > 0.5) == bool(k))
        assert (shade[here][:, :3] == tint).all()
    opacity = shade[..., 3].astype(float)
    np.testing.assert_allclose(opacity, 118 * np.abs(2 * portrait.probability - 1), atol=118 / 64 + 0.51)
    border = next((line for line in axes.lines if line.get_label() == "relu"), None)
    assert border is not None
    x, y = portrait.axes
    for px, py in border.get_xydata()[~np.isnan(border.get_xdata())]:  # undecided there: next to both answers
        i, j = np.searchsorted(y, py).clip(1, len(y) - 1), np.searchsorted(x, px).clip(1, len(x) - 1)
        corners = portrait.probability[i - 1 : i + 2, j - 1 : j + 2]
        assert corners.min() - 1e-9 <= 0.5 <= corners.max() + 1e-9


def test_units_add_up():
    r = shown(comparison(article=False))
    figure = r.figures.units(view=0, lang="en")
    rows = r.traces.filter(pl.col("learning_rate") == 0.05)
    for arm, kind in (("relu", "dead"), ("sigmoid", "saturated")):
        for layer in (1, 2):
            table = rows.filter((pl.col("arm") == arm) & (pl.col("layer") == layer)).group_by("epoch")
            wanted = table.agg(pl.col(kind).mean()).sort("epoch").to_numpy()
            axes = panel(figure, f"{arm} · layer {layer}")
            bands = {c.get_label().removeprefix("_"): c.get_paths()[0].vertices for c in axes.collections}
            assert {kind, "active"} <= set(bands)
            assert {tuple(p) for p in wanted.round(9)} <= {tuple(p) for p in bands[kind].round(9)}
            assert bands["active"][:, 1].max() == 1.0


def test_data_are_the_examples(measured, drawn):
    x, y, *_ = measured.example
    points = [line.get_xydata() for line in panel(drawn["data"], "training points").lines]
    assert len(points) == 2
    for label, mine in enumerate(points):
        np.testing.assert_array_equal(mine, x[y == label][:: -(-len(x) // 500)])


def test_the_gap_is_that_of_the_result():
    r = shown(comparison())
    (axes,) = r.figures.gap().axes
    ends = sorted({round(float(v), 9) for c in axes.collections for p in c.get_paths() for v in p.vertices[:, 0]})
    for entry in (r.gap.as_published, r.gap.fresh, r.gap.fresh_best):
        assert min(abs(abs(100 * entry[0]) - end) for end in ends) < 1e-6


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_words_stay_words(drawn, kind):
    for name, figure in drawn.items():
        file = io.BytesIO()
        figure.savefig(file, format=kind, **({"dpi": 60} if kind == "png" else {}))
        content = file.getvalue()
        if kind == "svg":
            root = ElementTree.fromstring(content)
            words = ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]
            axis = [axes.get_xlabel() for axes in figure.axes if axes.get_xlabel()]
            assert set(axis) <= set(words), name
            assert words
        elif kind == "pdf":
            assert b"/Type3" not in content, name
            assert b"/FontFile2" in content, name
        else:
            assert content[:4] == b"\x89PNG"


def test_korean_words_in_a_korean_font(measured):
    if not _letters.families("ko")[1]:
        pytest.skip("no Korean font here")
    figures = measured.figures
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph would be a warning
        for name in figures:
            file = io.BytesIO()
            getattr(figures, name)(view=0, lang="ko").savefig(file, format="svg")
            if name not in ("data", "boundary"):
                assert re.search("[가-힣]", file.getvalue().decode()), name
        for kind, start in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
            file = io.BytesIO()
            figures.rates(view=0, lang="ko", width="page").savefig(file, format=kind, dpi=60)
            assert file.getvalue().startswith(start)


def test_without_a_korean_font_it_says_so(measured, monkeypatch):
    monkeypatch.setattr(_letters, "families", lambda _: (["DejaVu Sans"], False))
    with pytest.warns(UserWarning, match="한글 글꼴") as caught:
        figure = measured.figures.loss(lang="ko")
    assert caught[0].filename == __file__
    assert figure.axes[0].get_xlabel() == "epoch"


def test_the_list(measured):
    figures = measured.figures
    with use_language("en"):
        assert set(dir(figures)) == set(figures) == NAMES
        assert len(figures) == len(NAMES)
        text = repr(figures)
        assert re.search(r"^  loss +How the loss falls$", text, re.MULTILINE)
        assert re.search(r"^  gap +No published gap was taken apart", text, re.MULTILINE)
        assert re.search(r"^  through_time +The nets read no sequences", text, re.MULTILINE)
        assert "gap" not in figures
        assert repr(figures.gap).startswith("No published gap")
        assert "median training loss" in figures.loss.caption(view=0)
        with pytest.raises(AttributeError, match="try: loss"):
            figures.los  # noqa: B018
    with use_language("ko"):
        assert "손실" in repr(figures)


def test_a_figure_that_is_not_there():
    many = shown(comparison(article=False, columns=5))
    with use_language("en"):
        assert "boundary" not in dir(many.figures)
        with pytest.raises(UserError, match="5 columns") as caught:
            many.figures.boundary()
    assert caught.value.key == "figures.missing"


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"width": "wide"}, "figures.width"), ({"width": 1}, "figures.width"), ({"width": True}, "figures.width"),
        ({"width": float("nan")}, "figures.width"), ({"view": 9}, "figures.view"), ({"view": -1}, "figures.view"),
        ({"view": True}, "figures.view"), ({"view": "best"}, "figures.view"), ({"lang": "fr"}, "text.unknown_language"),
    ],
)  # fmt: skip
def test_bad_arguments(measured, settings, key):
    with pytest.raises(UserError) as caught:
        measured.figures.loss(**settings)
    assert caught.value.key == key


def test_views_that_have_no_such_figure():
    r = shown(comparison())  # nets are looked into on fresh data only, which view 0 is not
    with pytest.raises(UserError, match="only for 1, 2"), use_language("en"):
        r.figures.gradient(view=0)
    assert len(r.figures.loss(width=9).axes) == 3
    assert len(r.figures.loss(view=2).axes) == 1


def test_without_matplotlib(measured, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match=r"pip install .*actlab\[figures\]") as caught:
        measured.figures.loss()
    assert caught.value.key == "figures.no_matplotlib"


def test_names_that_are_no_words_of_mathematics():
    """A formula for a name, with a dollar and a tag, is written as it is."""
    r = shown(comparison(("$x^2$", "<b>&'"), article=False))
    file = io.BytesIO()
    r.figures.rates().savefig(file, format="svg")
    words = "".join(ElementTree.fromstring(file.getvalue()).itertext())
    assert "$x^2$" in words
    assert "<b>&'" in words


def test_a_notebook_shows_it(measured):
    assert measured.figures.loss(view=0)._repr_png_()[:4] == b"\x89PNG"


def test_cost_has_its_figure():
    rows = [
        {"regime": "trained", "arm": arm, "depth": 1, "width": w, "accuracy": a, "flops": f, "ns_batch": f / 10}
        for arm, best in (("relu", 0.99), ("tanh", 0.97))
        for w, a, f in ((2, best - 0.1, 20.0), (4, best - 0.12, 50.0), (8, best, 90.0))
    ]
    found = SimpleNamespace(arms=("relu", "tanh"), regimes=("same",), frame=pl.DataFrame(rows).with_columns(
        regime=pl.lit("same")), target=0.95, data="moons", common_rate=0.05)  # fmt: skip
    from actlab.report.papers import of_cost

    with use_language("en"):
        flops, _ = of_cost(found).pareto(width="page").axes
    np.testing.assert_allclose(lines(flops)["relu"], [(20, 0.89), (90, 0.99)])  # the dearer, worse size is left out
