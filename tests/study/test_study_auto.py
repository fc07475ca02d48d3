"""``seeds="auto"``: the nets of a study with that many seeds, until the intervals are narrow enough."""

import json
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

import actlab
from actlab import cli, report
from actlab.report.sentences import headline, tell
from actlab.study import make_plan, run_plan
from actlab.study.auto import Auto

SMALL = {"hidden": (3,), "epochs": 2, "test_points": 60, "geometry_seeds": 2}
NEVER = 0.001  # no interval of 128 seeds is as narrow
KEY = ["arm", "learning_rate", "seed"]


def widths(rows):
    """Of every interval of a mean or a difference in rows of a summary."""
    found = [rows["high"] - rows["low"], (rows["difference_high"] - rows["difference_low"]).drop_nulls()]
    return np.concatenate([column.to_numpy() for column in found])


@pytest.fixture(scope="module")
def tuned():
    """Two arms, a grid, stopped at the limit of 96 seeds."""
    return actlab.compare(
        ["sigmoid", "relu"], **SMALL, seeds="auto", until=NEVER, most=96, learning_rates=(0.5, 0.05, 5)
    )


@pytest.fixture(scope="module")
def article():
    return actlab.compare(
        ["sigmoid", "relu"], data="moons:article", hidden=(3,), epochs=2, seeds="auto", until=NEVER, most=64,
        learning_rates=(0.05, 0.5), geometry_seeds=0,
    )  # fmt: skip


def test_the_sizes_are_powers_of_two_and_their_halves_more():
    assert Auto(0.05, 1024).sizes == (64, 96, 128, 192, 256, 384, 512, 768, 1024)
    assert Auto(0.05, 64).sizes == (64,)
    assert Auto(0.05, 100).sizes == (64, 96, 100)
    for most in (64, 65, 97, 5000):
        sizes = Auto(0.05, most).sizes
        assert sizes[-1] == most
        assert list(sizes) == sorted(set(sizes))
        assert all(b <= 1.5 * a for a, b in pairwise(sizes))
        assert Auto(0.05, most).looks == len(sizes) + 1


def test_at_one_rate_the_nets_are_those_of_as_many_seeds_bit_for_bit():
    settings = {"activations": ["relu", "prelu"], "learning_rates": 0.5, **SMALL}
    auto = actlab.compare(**settings, seeds="auto", until=NEVER, most=128)
    fixed = actlab.compare(**settings, seeds=128)
    assert auto.seeds == 128
    assert auto.provenance.nets == fixed.provenance.nets == 256
    for table in ("frame", "curves", "traces", "learned"):
        assert getattr(auto, table).equals(getattr(fixed, table))
    assert auto.summary["estimate"].equals(fixed.summary["estimate"])
    assert [(p.arm, p.seed, p.test_accuracy) for p in auto.portraits] == [
        (p.arm, p.seed, p.test_accuracy) for p in fixed.portraits
    ]


def test_with_a_grid_they_are_some_of_them_bit_for_bit(tuned):
    rates = (0.5, *(rate for rate in tuned.learning_rates if rate != 0.5))  # the common one first
    fixed = actlab.compare(["sigmoid", "relu"], **SMALL, seeds=96, learning_rates=rates)
    both = tuned.frame.join(fixed.frame, on=KEY, how="inner", suffix="_fixed")
    assert both.height == tuned.frame.height
    for column in set(tuned.frame.columns) - {*KEY}:
        assert both[column].equals(both[f"{column}_fixed"].alias(column), null_equal=True)
    same = [result.summary.filter(regime="same")["estimate"].to_list() for result in (tuned, fixed)]
    assert same[0] == same[1]


def test_the_pilot_chooses_and_the_others_are_judged(tuned):
    counts = {(arm, rate): nets for arm, rate, nets in tuned.frame.group_by("arm", "learning_rate").len().iter_rows()}
    for arm in tuned.arms:
        pilot = tuned.frame.filter((pl.col("seed") < 32) & (pl.col("arm") == arm))
        mean = pilot.group_by("learning_rate").agg(
            pl.col("validation_accuracy").mean().round(12), pl.col("validation_loss").median()
        )
        assert set(pilot.group_by("learning_rate").len()["len"]) == {32}
        order = mean.sort("validation_accuracy", "validation_loss", descending=[True, False])
        best = order["learning_rate"][0]
        (view,) = [view for view in tuned.views if view.regime == "best"]
        assert view.rates[arm] == (best,)
        assert view.first == 32
        for rate in mean["learning_rate"]:
            assert counts[arm, rate] == (96 if rate in (best, 0.5) else 32)
        judged = tuned.frame.filter((pl.col("arm") == arm) & (pl.col("learning_rate") == best) & (pl.col("seed") >= 32))
        row = tuned.summary.filter(regime="best", arm=arm).row(0, named=True)
        assert (row["nets"], row["learning_rate"]) == (64, best)
        assert row["estimate"] == pytest.approx(judged["test_accuracy"].mean(), abs=1e-12)
    assert tuned.summary.filter(regime="same")["nets"].to_list() == [96, 96]


def test_nets_looked_at_closely_are_judged_ones(tuned):
    for one in tuned.portraits:
        row = tuned.frame.filter(arm=one.arm, seed=one.seed, learning_rate=one.learning_rate).row(0, named=True)
        assert row["test_accuracy"] == one.test_accuracy
        assert one.seed >= tuned.views[one.view].first
    for view, seeds in tuned.geometry.group_by("view").agg(pl.col("seed").unique().sort()).iter_rows():
        assert seeds == [tuned.views[view].first, tuned.views[view].first + 1]


def test_it_stops_at_the_first_look_at_which_all_intervals_are_narrow():
    settings = {"activations": ["sigmoid", "relu"], "learning_rates": 0.5, **SMALL}
    every = {
        size: widths(actlab.compare(**settings, seeds="auto", until=NEVER, most=size).summary).max()
        for size in (64, 96, 128)
    }
    assert every[64] > every[96] > every[128]
    until = (every[96] + every[64]) / 2
    stopped = actlab.compare(**settings, seeds="auto", until=until)
    assert stopped.seeds == 96
    assert stopped.stopping.reached
    assert stopped.stopping.width == pytest.approx(every[96], abs=1e-12)
    assert actlab.compare(**settings, seeds="auto", until=1).seeds == 64


def test_the_intervals_are_those_of_a_confidence_sequence(tuned):
    scores = [tuned.frame.filter(arm=arm, learning_rate=0.5).sort("seed")["test_accuracy"] for arm in tuned.arms]
    a, b = (column.to_numpy() for column in scores)
    want = actlab.statistics.sequence_means((b - a)[None, :], bounds=(-1, 1))
    row = tuned.summary.filter(regime="same", arm="relu").row(0, named=True)
    assert (row["difference_low"], row["difference_high"]) == (want.low[0], want.high[0])
    assert row["p_value"] == want.p_value[0]
    flip = actlab.statistics.sign_flip_test(b - a)
    assert row["sign_flip_p"] == min(1.0, flip * 3)  # looks at 64 and 96, and one for Ctrl-C
    assert tuned.stopping.width == pytest.approx(widths(tuned.summary).max(), abs=1e-12)
    assert not tuned.stopping.reached


def test_medians_are_corrected_for_the_looks():
    result = actlab.compare(
        "relu", **SMALL | {"epochs": 60}, seeds="auto", until=NEVER, most=64, learning_rates=1.0, target_loss=0.4
    )
    steps = result.frame["steps_to_target"].fill_null(np.inf).sort().to_numpy()
    below = max(k for k in range(64) if binom.cdf(k - 1, 64, 0.5) <= 0.05 / 2 / 2)  # looks: at 64, and for Ctrl-C
    row = result.summary.row(0, named=True)
    assert (row["target_low"], row["target_high"]) == (steps[below - 1], steps[64 - below])


def test_rates_of_the_pilot_stand_in_the_table_by_rate(tuned):
    assert set(tuned.by_rate["nets"]) == {32, 96}
    assert tuned.by_rate["low"].le(tuned.by_rate["estimate"]).all()


def test_fixed_data_are_tuned_apart(article):
    """The nets of the tuning learned from part of the points and are no results; all four views are there."""
    assert [(view.data, view.regime, view.first) for view in article.views] == [
        ("moons:article", "same", 0), ("moons:article", "best", 32), ("moons", "same", 0), ("moons", "best", 32),
    ]  # fmt: skip
    assert article.summary["nets"].to_list() == [64, 64, 32, 32] * 2
    assert article.gap is not None
    roles = article.frame.filter(data="moons:article").group_by("role", "arm", "learning_rate").len()
    assert set(roles.filter(role="tuning")["len"]) == {32}
    assert set(roles.filter(role="result")["len"]) == {64}


def test_one_arm_has_no_differences():
    result = actlab.compare("relu", **SMALL, seeds="auto", until=0.9, learning_rates=0.5)
    assert result.seeds == 64
    assert result.summary["difference"].null_count() == 1


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_it_is_said(tuned, article, lang, tmp_path):
    told = tell(headline.lede(tuned), lang)
    plain = " ".join(report.table(tuned, lang, width=80).split())
    width = f"{100 * tuned.stopping.width:.3g}"
    page = tuned.report(tmp_path / "page.html", lang).read_text(encoding="utf-8")
    for text in (told, plain, page):
        assert width in text
        assert "96" in text
        assert "0.1" in text  # points asked for
    assert {"en": "The first 32 seeds chose", "ko": "처음 32개 시드는"}[lang] in told
    assert {"en": "Means over 64–96 nets each", "ko": "64–96개"}[lang] in page
    assert {"en": "confidence sequences", "ko": "신뢰 수열"}[lang] in page
    assert {"en": "two halves", "ko": "교차 적합"}[lang] not in page
    assert article.report(tmp_path / "article.html", lang).stat().st_size > 10_000


def test_it_is_in_the_json_and_the_command_repeats_it(tuned, capsys):
    found = json.loads(json.dumps(tuned.to_json()))
    stopping = found["stopping"]
    assert stopping == {**vars(tuned.stopping), "reached": False}
    assert (stopping["until"], stopping["most"], stopping["pilot"], stopping["looks"]) == (NEVER, 96, 32, 3)
    assert found["settings"]["seeds"] == 96
    assert found["views"][1]["first"] == 32
    words = tuned.provenance.command.split()[1:]
    assert words[words.index("--seeds") :][:6] == ["--seeds", "auto", "--until", "0.001", "--most", "96"]
    assert cli.main([*words, "--json", "--lang", "en"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["stopping"] == stopping
    assert [row["estimate"] for row in again["summary"]] == tuned.summary["estimate"].to_list()
    fixed = actlab.compare("relu", **SMALL, seeds=3, learning_rates=0.5)
    assert fixed.to_json()["stopping"] is None


def test_the_command_of_own_arrays():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), np.arange(60) % 2
    result = actlab.compare("relu", data=(X, y), hidden=(2,), epochs=1, seeds="auto", until=1, learning_rates=0.1)
    again = eval(result.provenance.command, {"actlab": actlab, "X": X, "y": y})
    assert again.frame.equals(result.frame)
    assert again.stopping == result.stopping


def test_a_regression_and_a_sequence():
    for data in ("sine", "adding:4"):
        result = actlab.compare(
            ["relu", "tanh"], data=data, hidden=(3,), epochs=1, test_points=40, seeds="auto", until=1, geometry_seeds=0
        )
        assert result.stopping.reached
        for lang in ("en", "ko"):
            assert report.table(result, lang)


def test_progress_never_runs_ahead():
    told = []
    plan = make_plan(["sigmoid", "relu"], **SMALL, seeds="auto", until=NEVER, most=96, learning_rates=(0.5, 0.05))
    result = run_plan(plan, lambda done, planned: told.append((done, planned)))
    done = [d for d, _ in told]
    assert done == sorted(done)
    assert all(0 <= d <= planned for d, planned in told)
    assert told[-1] == (result.provenance.nets, result.provenance.nets)
