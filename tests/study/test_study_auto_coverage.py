"""Do the intervals of ``seeds="auto"`` contain the truth although training stopped because they were narrow?

Simulated scores take the place of nets; the rule that stops, the intervals and the corrections are those of studies.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from actlab.study.auto import Auto
from actlab.study.condition import train_until, widest
from actlab.study.inference import Inference

STUDIES = 150


def failing(rng, seeds):
    """Three arms that share the luck of the seed; the second is better by a point, and fails on 3 % of the seeds."""
    shared = rng.normal(0, 0.01, (seeds, 1))
    scores = np.clip(0.95 + shared + rng.normal(0, 0.01, (seeds, 3)), 0, 1) + np.array([0, 0.01, 0])
    failed = rng.random(seeds) < 0.03
    scores[failed, 1] = 0.5
    means = np.array([0.95, 0.97 * 0.96 + 0.03 * 0.5, 0.95])
    return np.minimum(scores, 1.0), means


def skewed(rng, seeds):
    return rng.beta(0.4, 2.0, (seeds, 3)), np.full(3, 0.4 / 2.4)


class Simulated:
    """A condition whose nets are there already."""

    def __init__(self, scores):
        self.scores, self.seeds = scores, 0

    def begin(self, runner):
        pass

    def grow(self, runner, seeds):  # noqa: ARG002
        self.seeds = seeds

    def views(self, runner):  # noqa: ARG002
        return [SimpleNamespace(scores=self.scores[: self.seeds])]


def stopped(scores, auto):
    """The scores that a study would have at its end."""
    condition = Simulated(scores)
    train_until(auto, [condition], SimpleNamespace(interrupted=False))
    return condition.views(None)[0]


def covers(found, truth):
    return bool(np.all((found.low <= truth) & (truth <= found.high)))


def covered_by_t(x, truth, until):
    """Whether the t-interval covers at the first look, from 16 seeds on, at which it is narrow."""
    for n in (16, 32, 64, 128, 256, 512, len(x)):
        half = stats.t.ppf(0.975, n - 1) * x[:n].std(ddof=1) / np.sqrt(n)
        if 2 * half <= until:
            break
    return abs(x[:n].mean() - truth) <= half


@pytest.mark.parametrize(("draw", "until"), [(failing, 0.08), (skewed, 0.15)])
def test_coverage_where_narrow_intervals_stop_the_study(draw, until):
    auto = Auto(until, 768)
    inference = Inference(auto.looks)
    rng = np.random.default_rng(20)
    sizes, own, between, textbook = [], [], [], []
    for _ in range(STUDIES):
        scores, truth = draw(rng, auto.most)
        seen = stopped(scores, auto)
        assert widest([seen], auto) <= until
        sizes.append(len(seen.scores))
        found = inference.means(seen.scores)
        own.append((found.low <= truth) & (truth <= found.high))
        between.append(covers(inference.differences(seen.scores), truth[1:] - truth[0]))
        textbook.append(covered_by_t(scores[:, 1], truth[1], until))
    assert 64 < np.mean(sizes) < 768
    assert np.mean(own) >= 0.95
    assert np.mean(between) >= 0.95
    if draw is failing:
        assert np.mean(textbook) < 0.8


def test_the_sign_flip_test_at_the_look_that_pleases_most():
    """Two arms that are one: of five looks the one with the smallest p is told."""
    auto = Auto(0.05, 256)
    inference = Inference(auto.looks)
    rng = np.random.default_rng(21)
    smallest = []
    for _ in range(200):
        scores = np.clip(rng.normal(0.9, 0.02, (256, 2)), 0, 1)
        smallest.append(min(float(inference.sign_flips(scores[:size])[0]) for size in auto.sizes))
    smallest = np.array(smallest)
    assert np.mean(smallest <= 0.05) <= 0.05
    assert np.mean(smallest / auto.looks <= 0.05) > 0.08  # uncorrected it would claim too much


def test_medians_at_all_looks_together():
    auto = Auto(0.05, 512)
    inference = Inference(auto.looks)
    rng = np.random.default_rng(22)
    hits, plain = [], []
    for _ in range(400):
        steps = np.where(rng.random(512) < 0.2, np.inf, rng.lognormal(3, 1, 512))
        truth = float(np.exp(3 + stats.norm.ppf(0.5 / 0.8)))
        ends = [inference.median(steps[:size]) for size in auto.sizes]
        hits.append(all(end.low <= truth <= end.high for end in ends))
        ends = [Inference().median(steps[:size]) for size in auto.sizes]
        plain.append(all(end.low <= truth <= end.high for end in ends))
    assert np.mean(hits) >= 0.95
    assert np.mean(plain) < 0.93
