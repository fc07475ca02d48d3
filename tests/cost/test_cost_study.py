"""A small study of cost, from training to the page, in both languages."""

import json
import math
import os
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

import actlab
from actlab import nets
from actlab.cost import grow, tables
from actlab.cost.fit import smallest_widths
from actlab.report.costs import table
from actlab.report.costs.figure import front
from actlab.report.costs.page import page
from actlab.study import make_plan
from actlab.text import UserError, use_language

SMALL = {
    "data": "circles", "target": 0.9, "widths": (2, 4, 8, 16), "depths": (1, 2), "seeds": 12, "pilots": 3,
    "epochs": 60, "learning_rates": (0.05, 0.5, 5.0), "test_points": 400,
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return actlab.cost(["relu", "sigmoid"], **SMALL)


def test_tables_agree(found):
    assert found.regimes == ("best", "equal")
    for row in found.fits.to_dicts():
        own = found.frame.filter(regime=row["regime"], arm=row["arm"], depth=row["depth"]).sort("width")
        successes = np.round(own["share"].to_numpy() * 12)[None]
        assert smallest_widths(own["width"].to_numpy(), successes, 12, 0.95)[0] == row["width"]
        assert row["low"] <= row["width"] <= row["high"]
        assert (own["low"] <= own["accuracy"]).all()
    first = found.summary.filter(pl.col("arm") == "relu")
    for row in first.filter("reached").to_dicts():
        assert row["ratio_parameters"] == row["ratio_flops"] == 1
        shapes = (2, *[row["width"]] * row["depth"], 1)
        assert row["parameters"] == sum((a + 1) * b for a, b in pairwise(shapes))
        assert row["bytes"] == 4 * row["parameters"]
        assert row["core_1"] > 0
        assert row["core_1024"] > 0
    equal = found.frame.filter(regime="equal")
    assert equal["learning_rate"].unique().to_list() == [0.05]
    assert set(found.frame["learning_rate"]) <= {0.05, 0.5, 5.0}


def test_never_enough_is_a_bound():
    """At so low a rate sigmoid learns nothing: the ratio is more than that of the widest net tried."""
    one = actlab.cost(["relu", "sigmoid"], **SMALL | {"depths": 1, "learning_rates": 0.2, "widths": (4, 8, 16, 32)})
    assert one.regimes == ("equal",)
    relu, sigmoid = one.summary.to_dicts()
    assert relu["reached"]
    assert not sigmoid["reached"]
    assert sigmoid["ratio_parameters"] is None
    assert sigmoid["ratio_parameters_low"] == pytest.approx((32 * 4 + 1) / relu["parameters"])
    assert "more than" in table(one, "en")


def test_widths_stop_when_enough_and_skip_where_nobody_succeeds(monkeypatch):
    plan = make_plan(["relu"], hidden=(2,), seeds=4, learning_rates=0.1, epochs=1, test_points=50, geometry_seeds=0)
    shares = {2: 0.0, 3: 0.5, 4: 0.0, 6: 0.0, 8: 1.0, 12: 1.0, 16: 1.0}
    asked = []

    def trained(self, arm, depth, width, seeds, rates, test):
        asked.append(width)
        accuracy = np.where(np.arange(4) < 4 * shares[width], 1.0, 0.0)
        return accuracy, np.zeros((4, 5), np.float32)

    monkeypatch.setattr(grow.Grower, "_train", trained)
    grow.Grower(plan, 1, 0.9, tuple(shares), (1,), 10_000).grow()
    assert asked == [2, 4, 8, 12]
    asked.clear()
    grow.Grower(plan, 1, 0.9, tuple(shares), (1,), 4 * 8 + 1).grow()  # 8 units have 33 parameters
    assert asked == [2, 4, 8]


def test_judged_seeds_have_no_vote(monkeypatch):
    seen = []
    train = nets.train

    def watched(spec, training, *, seeds, **more):
        seen.append(set(np.asarray(seeds).tolist()))
        return train(spec, training, seeds=seeds, **more)

    monkeypatch.setattr(grow.nets, "train", watched)
    actlab.cost(["relu"], **SMALL | {"widths": 4, "depths": 1, "learning_rates": (0.1, 1.0)})
    pilots, *judged = seen
    assert pilots == {grow.PILOTS, grow.PILOTS + 1, grow.PILOTS + 2}
    assert judged
    assert all(seeds == set(range(12)) for seeds in judged)


def test_interrupted_keeps_whole_ladders(monkeypatch):
    calls = 0
    climb = grow.Grower._climb

    def stop(self, *arguments):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return climb(self, *arguments)

    monkeypatch.setattr(grow.Grower, "_climb", stop)
    part = actlab.cost(["relu", "tanh"], **SMALL | {"depths": (1, 2)})
    assert part.interrupted
    assert part.arms == ("relu",)
    calls = 2
    with pytest.raises(UserError) as error:
        actlab.cost(["relu"], **SMALL)
    assert error.value.key == "study.nothing_kept"


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"target": 1.5}, "cost.bad_target"),
        ({"target": "x"}, "cost.bad_target"),
        ({"widths": ()}, "cost.empty"),
        ({"widths": (0,)}, "study.whole_number"),
        ({"depths": (1.5,)}, "study.whole_number"),
        ({"pilots": 0}, "study.whole_number"),
        ({"most_parameters": 0}, "study.whole_number"),
        ({"most_parameters": 8, "widths": (2, 3)}, "cost.none_small_enough"),  # 2 → 2 → 1 has 6 + 3 parameters
        ({"data": "adding"}, "cost.plain_only"),
        ({"activations": ["relu [norm=layer]"]}, "cost.plain_only"),
    ],
)
def test_bad_input_gets_one_sentence(settings, key):
    with pytest.raises(UserError) as error:
        actlab.cost(**{"activations": ["relu"]} | settings)
    assert error.value.key == key
    for lang in ("en", "ko"):
        assert "{" not in error.value.message(lang)


def test_depths_whose_narrowest_net_is_too_large_are_left_out():
    found = actlab.cost(["relu"], **SMALL | {"depths": (1, 2), "widths": (2, 3), "most_parameters": 9})
    assert found.depths == (1,)
    assert set(found.frame["width"]) == {2}


def test_the_front_is_what_nothing_cheaper_beats():
    rows = [{"flops": f, "accuracy": a} for f, a in ((1, 0.5), (2, 0.4), (3, 0.7), (3, 0.9), (9, 0.8))]
    assert [(row["flops"], row["accuracy"]) for row in front(rows, "flops")] == [(1, 0.5), (3, 0.9)]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_it_shows_itself(found, lang, tmp_path, monkeypatch):
    text = table(found, lang)
    assert "sigmoid" in text
    html = page(found, lang)
    assert f'lang="{lang}"' in html
    assert html.count("<svg") > 4
    assert "{" not in re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    assert bool(re.search("[가-힣]", text)) == (lang == "ko")
    path = found.report(tmp_path / "cost.html", lang)
    assert path.read_text(encoding="utf-8") == html
    with use_language(lang):
        assert str(found) == text
    plain = json.dumps(found.to_json(), allow_nan=False)
    assert json.loads(plain)["arms"] == ["relu", "sigmoid"]
    with pytest.raises(UserError):
        found.report(tmp_path / "cost.html", "fr")


def test_without_onnxruntime_that_is_said(found, monkeypatch):
    monkeypatch.setattr(tables, "engines", lambda: ("core",))
    other = actlab.cost(["relu"], **SMALL | {"widths": (4, 8), "depths": 1})
    assert other.engine == "core"
    assert "onnxruntime is not installed" in table(other, "en")
    assert other.summary["onnxruntime_1"].is_null().all()
    assert math.isfinite(other.summary["core_1"][0])


def test_command(tmp_path):
    words = (
        "cost relu tanh --target 0.9 --widths 4,8 --depths 1 --seeds 4 --pilots 2 --epochs 40 --learning-rates 0.1,1"
    )
    words = [*words.split(), "--report", str(tmp_path / "c.html"), "--lang", "ko"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "actlab", *words, "--json"], capture_output=True, text=True, timeout=300, check=False,
        env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["common_rate"] == 0.1
    assert 'lang="ko"' in (tmp_path / "c.html").read_text(encoding="utf-8")
