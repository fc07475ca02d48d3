"""The words follow the numbers: other numbers, other sentences."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from factory import comparison, with_gap, with_summary

from actlab.report import readings
from actlab.report.sentences import headline, inside, join, learning, said, say, tell


def title(c, lang="en"):
    return say(headline.title(c), lang)


def moved(base, same, best, half=0.005):
    """`base` with other differences of its second arm on fresh data."""
    for view, d in ((1, same), (2, best)):
        base = with_summary(base, view, base.arms[1], difference=d, difference_low=d - half, difference_high=d + half)
    return base


@pytest.mark.parametrize(
    ("same", "best", "key"),
    [
        (0.1, 0.001, "fades"),
        (0.001, 0.1, "appears"),
        (0.001, 0.001, "none"),
        (0.1, -0.1, "turns"),
        (0.1, 0.02, "shrinks"),
        (0.1, 0.09, "holds"),
        (-0.1, -0.09, "holds"),
    ],
)
def test_title_by_case(plain, same, best, key):
    assert headline.title(moved(plain, same, best)).key == f"title.{key}"


def test_title_names_the_winner(plain):
    assert title(moved(plain, 0.097, 0.001)) == (
        "relu is ahead by 9.7 points at the same learning rate; with each at its best, no difference is found."
    )
    assert title(moved(plain, -0.2, -0.19)).startswith("sigmoid is ahead, by 20.0 points")
    assert title(moved(plain, 0.1, -0.1)) == "relu wins at the same learning rate, sigmoid with each at its best."
    assert (
        title(moved(plain, -0.1, 0.1), "ko")
        == "같은 학습률에서는 sigmoid가, 각자 가장 좋은 학습률에서는 relu가 앞섭니다."
    )


def test_finding_with_its_interval(plain):
    (found,) = headline.view_finding(plain, 1)
    assert say(found, "en") == (
        "At the same learning rate of 0.05, relu beats sigmoid on fresh moons data: 97.6 % against 87.9 % mean test "
        "accuracy, 9.7 points ahead (95 % interval 9.2 to 10.2)."
    )
    assert say(found, "ko") == (
        "모든 활성화 함수에 같은 학습률 0.05를 쓰면 새로 뽑은 moons 데이터에서 relu가 sigmoid를 앞섭니다. "
        "평균 시험 정확도는 97.6 % 대 87.9 %, 차이는 9.7 %p입니다(95 % 신뢰구간 9.2 ~ 10.2)."
    )


def test_a_loser_is_called_one(plain):
    turned = moved(plain, -0.097, 0.0)
    text = tell(headline.view_finding(turned, 1), "en")
    assert "sigmoid beats relu" in text
    assert "9.7 points ahead (95 % interval 9.2 to 10.2)" in text


def test_no_difference_is_a_result(plain):
    text = tell(headline.view_finding(moved(plain, 0.001, 0), 1), "en")
    assert "no difference between sigmoid and relu was found" in text
    assert "+0.1 points (95 % interval −0.4 to +0.6)" in text
    assert "a difference of 0.6 points could have been seen" in text
    text = tell(headline.view_finding(moved(plain, 0.001, 0), 1), "ko")
    assert "차이를 찾지 못했습니다" in text
    assert "0.6 %p의 차이가 있었다면 보였을 것입니다" in text


def test_pairs_that_speak_where_means_do_not(plain):
    c = with_summary(moved(plain, 0.001, 0), 1, "relu", superiority=0.74, superiority_low=0.68, superiority_high=0.8)
    text = tell(headline.view_finding(c, 1), "en")
    assert "relu has the higher accuracy in 74 % of the pairs (95 % interval 68 % to 80 %, ties half)" in text
    c = with_summary(c, 1, "relu", superiority=0.26, superiority_low=0.2, superiority_high=0.32)
    assert "74 %에서 sigmoid가 더 높습니다" in tell(headline.view_finding(c, 1), "ko")
    c = with_summary(c, 1, "relu", superiority=0.55, superiority_low=0.4, superiority_high=0.7)
    assert "pairs" not in tell(headline.view_finding(c, 1), "en")


def test_many_arms_are_sorted_by_verdict():
    c = comparison(("sigmoid", "relu", "tanh"), article=False)
    c = with_summary(c, 0, "tanh", difference=0.001, difference_low=-0.004, difference_high=0.006)
    text = tell(headline.view_finding(c, 0), "en")
    assert "higher accuracy for relu (+9.7 points" in text
    assert "no difference found for tanh (0.6 points could have been seen)" in text
    assert "lower accuracy" not in text


def test_the_highest_mean_is_not_crowned():
    """Arms whose intervals reach into that of the highest are named, but for the first where its pairs settle it."""
    c = comparison(("tanh", "relu", "gelu", "silu"))
    for arm, low, estimate, high, difference in (
        ("tanh", 0.90, 0.93, 0.97, 0.0), ("relu", 0.92, 0.94, 0.96, 0.01), ("gelu", 0.95, 0.97, 0.98, 0.04),
        ("silu", 0.80, 0.85, 0.90, -0.08),
    ):  # fmt: skip
        c = with_summary(
            c, 1, arm, estimate=estimate, low=low, high=high, difference=difference,
            difference_low=difference - 0.02, difference_high=difference + 0.02,
        )  # fmt: skip
    told = [say(s, "en") for s in headline.view_finding(c, 1)]
    assert told[1:] == [
        "gelu has the highest mean, but its interval overlaps those of relu: which of them is best stays open."
    ]
    c = with_summary(c, 1, "gelu", difference_low=-0.01, difference_high=0.09)  # its pairs with tanh settle nothing
    assert "overlaps those of tanh and relu:" in say(headline.view_finding(c, 1)[1], "en")
    assert "tanh, relu의 신뢰구간과 겹치므로" in say(headline.view_finding(c, 1)[1], "ko")
    for arm in ("tanh", "relu"):
        c = with_summary(c, 1, arm, high=0.949)
    assert len(headline.view_finding(c, 1)) == 1
    c = with_summary(c, 1, "tanh", estimate=0.975, low=0.94)  # the first is the highest
    c = with_summary(c, 1, "gelu", difference_low=-0.04, difference_high=-0.01)
    assert "overlaps those of relu:" in say(headline.view_finding(c, 1)[1], "en")


def test_a_title_crowns_nobody_whose_interval_others_reach_into():
    c = comparison(("sigmoid", "tanh", "relu", "gelu", "silu"))
    for view in (1, 2):
        for arm, low, high in (
            ("sigmoid", 0.5, 0.6), ("tanh", 0.6, 0.7), ("relu", 0.7, 0.8), ("gelu", 0.9, 0.95), ("silu", 0.80, 0.85),
        ):  # fmt: skip
            d = (low + high) / 2 - 0.55
            c = with_summary(
                c, view, arm, estimate=(low + high) / 2, low=low, high=high, difference=d, difference_low=d - 0.01,
                difference_high=d + 0.01,
            )  # fmt: skip
    assert title(c) == "Of 5 activation functions, gelu has the highest mean test accuracy."
    c = with_summary(c, 2, "silu", high=0.91)
    assert title(c) == (
        "Of 5 activation functions, gelu scores highest at the same learning rate; gelu and silu share the lead with "
        "each at its best."
    )
    assert title(c, "ko") == (
        "활성화 함수 5가지를 견주면 같은 학습률에서는 gelu가 가장 높고, "
        "각자 가장 좋은 학습률에서는 gelu, silu가 선두를 다툽니다."
    )
    for arm in ("tanh", "relu", "silu"):
        c = with_summary(c, 1, arm, high=0.92)
    assert "functions, 4 share the lead at the same learning rate; gelu and silu share" in title(c)
    c = with_summary(c, 1, "sigmoid", high=0.92)  # its pairs with the highest settle that it is not the best
    assert "functions, 4 share the lead at the same" in title(c)
    c = with_summary(c, 1, "gelu", difference_low=-0.01)
    assert "functions, none is shown to lead at the same learning rate; gelu and silu share" in title(c)


def test_failures_and_conditions_are_named(plain, failing, wide):
    assert not any(s.key.startswith("headline.failed") for s in headline.lede(plain))
    assert "12 of 16 nets of relu collapsed or diverged" in tell(headline.lede(failing), "en")
    assert "relu 신경망 16개 가운데 12개가 붕괴하거나 발산했고" in tell(headline.lede(failing), "ko")
    assert "hold for these points only" in tell(headline.lede(wide), "en")
    assert not any(s.key == "headline.conditional" for s in headline.lede(plain))


def test_gap_adds_up_and_says_where_it_comes_from(plain):
    c = with_gap(plain, -0.178, -0.097, -0.002)
    parts = headline.gap_parts(c.gap)
    assert parts == pytest.approx((0.081, 0.095, 0.002))
    assert sum(parts) == pytest.approx(0.178)
    text = tell(headline.gap_story(c.gap), "en")
    assert "relu is ahead of sigmoid by 17.8 points (17.3 to 18.3)" in text
    assert "8.1 of these points were the luck of the split" in text
    assert "Another 9.5 were the common learning rate" in text
    assert "What remains cannot be told from zero." in text
    assert "split 46 %, learning rate 53 %, remainder 1 %" in text
    text = tell(headline.gap_story(c.gap), "ko")
    assert "그중 8.1 %p는 분할의 운이었습니다" in text
    assert "남은 차이는 0과 구별되지 않습니다" in text


@pytest.mark.parametrize(
    ("gap", "keys"),
    [
        ((0.05, 0.10, 0.02), ["gap.published", "gap.split_hid", "gap.rate_took", "gap.rest_stays"]),
        ((0.05, 0.05, 0.12), ["gap.published", "gap.split_none", "gap.rate_hid", "gap.rest_stays"]),
        ((0.05, 0.04, -0.03), ["gap.published", "gap.split_took", "gap.rate_took", "gap.rest_turned"]),
        ((0.001, 0.001, 0.001), ["gap.published_none", "gap.split_none", "gap.rate_none", "gap.rest_none"]),
    ],
)
def test_odd_gaps_are_told_honestly(plain, gap, keys):
    for sign in (1, -1):  # seen from either side it is the same story
        c = with_gap(plain, *(sign * g for g in gap))
        assert [s.key for s in headline.gap_story(c.gap)] == keys  # and no shares where a part is negative


def test_rates(plain, failing):
    text = tell(learning.rates(plain, "moons"), "en")
    assert "97.2 % for sigmoid (learning rate 5) and 97.9 % for relu (learning rate 0.5)" in text
    assert "At the common rate 0.05, sigmoid stays 9.3 points below its own best." in text
    assert "For sigmoid the best rate lies at the edge of the grid" in text
    assert "12 of 16 nets collapsed or diverged" in text
    healthy = replace(plain, by_rate=plain.by_rate.with_columns(collapsed=0, diverged=0))
    assert "No net collapsed or diverged on fresh moons data" in tell(learning.rates(healthy, "moons"), "en")
    assert "새로 뽑은 moons 데이터에서는 어느 학습률에서도" in tell(learning.rates(healthy, "moons"), "ko")


def test_curves(plain, failing):
    text = tell(learning.curves(plain, 1), "en")
    assert "sigmoid 0.16 and relu 0.032" in text
    assert "By epoch 10, relu is already below the loss of 0.16 at which sigmoid ends after 800 epochs." in text
    early = plain.curves.with_columns(epoch=pl.when(epoch=10).then(0.2).otherwise(pl.col("epoch")))
    assert "By epoch 1, relu is already below" in tell(learning.curves(replace(plain, curves=early), 1), "en")
    assert "The loss of sigmoid is still falling" in text
    lost = tell(learning.curves(failing, 1), "en")
    assert "4 of 16 nets of relu end with a loss that is not a finite number" in lost
    assert "still falling" not in lost
    assert "relu 신경망 16개 가운데 4개는 손실이 유한한 수로" in tell(learning.curves(failing, 1), "ko")


def test_curves_without_validation(plain):
    bare = replace(plain, curves=plain.curves.with_columns(validation_loss=pl.lit(None, dtype=pl.Float64)))
    assert "there is no validation loss" in tell(learning.curves(bare, 1), "en")
    assert "there is no validation loss" not in tell(learning.curves(plain, 1), "en")


def test_no_difference_beyond_all_could_have_been_seen(plain, failing):
    """Of one or two seeds the formula gives more than 100 points: then nothing could have been seen."""
    all_open = {"difference": 0.03, "difference_low": -1.0, "difference_high": 1.0}
    few = with_summary(plain, 1, "relu", **all_open, detectable=1.03)
    assert "with so few seeds no difference could have been seen, however large" in tell(
        headline.view_finding(few, 1), "en"
    )
    assert "103" not in tell(headline.view_finding(few, 1), "ko")
    few = with_summary(with_summary(failing, 1, "relu", **all_open, detectable=1.03), 1, "tanh", **all_open)
    assert (
        "no difference found for tanh (0.6 points could have been seen) and no difference found for relu (with so few"
        in (tell(headline.view_finding(few, 1), "en"))
    )


def test_pairs_that_differ_where_the_means_do_not(failing):
    open_ = {"difference": 0.3, "difference_low": -0.1, "difference_high": 0.5, "superiority": 1.0}
    few = with_summary(with_summary(failing, 1, "relu", **open_), 1, "tanh", **(open_ | {"superiority": 0.0}))
    assert "Seed by seed" not in tell(headline.view_finding(few, 1), "en")  # the corrected test is not given
    tested = pl.when(arm="relu").then(0.01).when(arm="tanh").then(0.2)
    one = replace(few, summary=few.summary.with_columns(sign_flip_p=tested))
    text = tell(headline.view_finding(one, 1), "en")
    assert "their number): relu (ahead in 100 % of the pairs). The means alone" in text
    both = replace(few, summary=few.summary.with_columns(sign_flip_p=pl.lit(0.01)))
    assert "relu(쌍의 100 %에서 앞섬), tanh(쌍의 100 %에서 뒤짐)" in tell(headline.view_finding(both, 1), "ko")
    settled = with_summary(both, 1, "relu", difference_low=0.1)
    assert "relu (ahead in" not in tell(headline.view_finding(settled, 1), "en")


def test_overfitting_is_seen(plain):
    rising = pl.when(pl.col("arm") == "relu", pl.col("epoch") == 800).then(0.4).otherwise(pl.col("validation_loss"))
    c = replace(plain, curves=plain.curves.with_columns(validation_loss=rising))
    assert "The median validation loss of relu rises again" in tell(learning.curves(c, 1), "en")
    assert "과적합입니다" in tell(learning.curves(c, 1), "ko")


def portrait(c, arm, view=1):
    return next(p for p in c.portraits if p.arm == arm and p.view == view)


def test_boundary_by_shape(plain, failing):
    p = portrait(plain, "relu")
    assert learning.boundary(p).key == "boundary.bent"
    assert learning.boundary(replace(p, probability=np.full_like(p.probability, 0.9))).key == "boundary.one_class"
    weights, *_ = np.linalg.lstsq(np.column_stack([p.points, np.ones(len(p.points))]), 2 * p.labels - 1, rcond=None)
    x, y = np.meshgrid(*p.axes)
    line = replace(p, probability=1 / (1 + np.exp(-(weights[0] * x + weights[1] * y + weights[2]))))
    assert "almost a straight line; it disagrees with the least-squares line on only 0 %" in say(
        learning.boundary(line), "en"
    )
    assert say(learning.boundary(portrait(failing, "relu")), "ko").startswith(
        "relu의 중앙값 신경망은 붕괴했습니다(61.0 %)"
    )
    assert learning.boundary(replace(p, status="diverged")).key == "boundary.diverged"
    poor = replace(p, test_accuracy=0.4)  # a bent boundary that gets fewer points right than a line is not praised
    assert say(learning.boundary(poor), "ko").startswith(
        "relu의 중앙값 신경망(40.0 %)은 굽은 경계를 긋지만 클래스를 따르지는 않습니다."
    )


def test_many_boundaries_are_told_by_shape(failing):
    text = tell(learning.boundaries(readings.portraits(failing, 1)), "en")
    assert "Bent around the classes: sigmoid 97.2 % and tanh 93.0 %." in text
    assert "Collapsed, every test point in one class: relu 61.0 %." in text
    assert len(learning.boundaries(readings.portraits(failing, 1)[:2])) == 2


def test_signal(plain, failing):
    text = tell(inside.signal(readings.portraits(plain, 1)), "en")
    assert "In the last hidden layer, sigmoid can hardly tell the two points apart" in text
    assert "The far point arrives clearly stronger in relu." in text
    assert "relu – (all outputs 0)" in tell(inside.signal(readings.portraits(failing, 1)), "en")
    unknown = [replace(p, near=replace(p.near, distance=math.nan)) for p in readings.portraits(plain, 1)]
    assert not any(s.key == "signal.points" for s in inside.signal(unknown))


def test_hidden_space(plain, failing):
    found = inside.hidden(readings.portraits(plain, 2))
    assert found[0].key == "hidden.lines"
    assert "In relu all points fall on one spot" in tell(inside.hidden(readings.portraits(failing, 1)), "en")
    p = portrait(plain, "relu")
    apart = replace(p, hidden=(np.column_stack([p.labels, np.zeros_like(p.labels)]),))
    assert "have unfolded the classes" in tell(inside.hidden([apart]), "en")
    assert "클래스들을 펼쳐 놓았습니다" in tell(inside.hidden([apart]), "ko")
    mixed = replace(p, hidden=(np.column_stack([np.arange(len(p.labels)) % 7, np.arange(len(p.labels)) % 5]),))
    keys = {score: inside.hidden([replace(mixed, test_accuracy=score)])[1].key for score in (0.5, 0.99)}
    assert keys == {0.5: "hidden.folded", 0.99: "hidden.elsewhere"}  # what the output separates is not entangled


def test_geometry(plain):
    text = tell(inside.geometry(plain, 1), "en")
    assert "(R²; from the input 0.64): sigmoid 0.73 and relu 0.85." in text
    assert "relu keeps clearly more of it than sigmoid." in text
    assert "functions do not differ clearly" in tell(inside.geometry(plain, 2), "en")
    assert any(s.key == "geometry.widths" for s in inside.geometry(replace(plain, hidden=(8, 4)), 1))
    collapsed = replace(plain, geometry=plain.geometry.with_columns(distance_retention=pl.lit(0.2)))
    assert any(s.key == "geometry.start_lost" for s in inside.geometry(collapsed, 1))


def test_gradient(plain):
    text = tell(inside.gradient(plain, 1), "en")
    assert "36 times smaller in sigmoid and 1.4 times smaller in relu" in text
    assert "Per layer that is a factor of 6 in sigmoid" in text
    text = tell(inside.gradient(plain, 1), "ko")
    assert "sigmoid는 출력층의 36분의 1, relu는 출력층의 1.4분의 1" in text
    assert "기울기 소실" in text
    mild = replace(plain, traces=plain.traces.filter(pl.col("arm") == "relu"))
    assert not any(s.key == "gradient.vanishing" for s in inside.gradient(mild, 1))
    cut = pl.when(pl.col("layer") == 1).then(0.0).otherwise(pl.col("gradient_norm"))
    dead = replace(plain, traces=plain.traces.with_columns(gradient_norm=cut))
    assert "exactly zero in relu" in tell(inside.gradient(dead, 1), "en")


def test_units(plain, wide):
    text = tell(inside.units(plain, 1), "en")
    assert "Some units are dead at the end; in the layer that has most: relu 2.0 % (layer 1)." in text
    assert "sigmoid 30.0 % (layer 1)" in text
    nobody = replace(plain, traces=plain.traces.with_columns(dead=pl.lit(0.0), saturated=pl.lit(0.0)))
    assert tell(inside.units(nobody, 1), "ko") == (
        "학습이 끝날 때 어느 활성화 함수에도 죽은 뉴런이 없습니다. 학습이 끝날 때 포화된 뉴런은 없습니다."
    )


def test_data(plain, wide):
    assert "draws new points like them for every seed" in tell(learning.data(plain), "en")
    assert "Every seed draws new points like these." in tell(learning.data(comparison(article=False)), "en")
    text = tell(learning.data(wide), "en")
    assert "Every seed sees these same points" in text
    assert "The data have 5 columns" in text


def test_lists():
    assert join(["a"], "en") == "a"
    assert join(["a", "b", "c"], "en") == "a, b and c"
    assert join(["a", "b", "c"], "ko") == "a, b, c"
    assert join([said("item.value", arm="a", value="1"), "b"], "en") == "a 1 and b"
