"""Each claim's rule of decision, in a world where the claim is true and in one where it is false."""

import claims_worlds as worlds
import numpy as np
import pytest

from actlab.study.claims import SEEDS, all_claims, decide
from actlab.study.claims.decide import answers, kind, verdict_of

RUNS = 200
CLAIMS = all_claims()


def verdicts(claim, value_of, seed, runs=RUNS):
    """The verdicts of many runs of a world in which every effect is what `value_of` says."""
    rng = np.random.default_rng(seed)
    parts = [[] for _ in range(runs)]
    for effect in claim.effects:
        conditions = len(effect.conditions)
        rows = worlds.sample(effect, value_of(effect), rng, runs * conditions, SEEDS)
        found = answers(effect, rows, claim.comparisons)
        for run, own in enumerate(parts):
            own.append(kind(found[run * conditions : (run + 1) * conditions]))
    return [verdict_of(own) for own in parts]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_true_claim_holds(claim):
    found = verdicts(claim, lambda effect: effect.expected, 1)
    assert found.count("holds") >= 0.95 * RUNS


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_false_claim_does_not_hold(claim):
    found = verdicts(claim, lambda effect: effect.null, 2)
    assert found.count("not") >= 0.95 * RUNS


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_on_the_edge_is_seldom_confirmed(claim):
    """Where every effect is the smallest that matters itself, all conditions together err in 5 % of runs at most."""
    rng_runs = verdicts(claim, lambda effect: effect.threshold, 3)
    assert rng_runs.count("open") >= 0.9 * RUNS


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_the_prediction_lies_between_the_two_worlds(claim):
    for effect in claim.effects:
        assert effect.null < effect.threshold < effect.expected, effect.name
        assert effect.statistic == "median" or effect.bounds[0] < effect.threshold < effect.bounds[1]


@pytest.mark.parametrize("claim", [c for c in CLAIMS if len(c.effects) > 1], ids=lambda claim: claim.name)
def test_a_claim_falls_with_its_heart(claim):
    """The heart false and all else true: it does not hold. The heart true and all else false: under conditions."""
    heart = claim.effects[0]
    fallen = verdicts(claim, lambda effect: effect.null if effect is heart else effect.expected, 5, 100)
    assert fallen.count("not") >= 95
    alone = verdicts(claim, lambda effect: effect.expected if effect is heart else effect.null, 6, 100)
    assert alone.count("when") >= 95


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        (["holds"], "holds"), (["when"], "when"), (["not"], "not"), (["open"], "open"),
        (["holds", "holds"], "holds"), (["holds", "open"], "when"), (["holds", "not"], "when"),
        (["when", "holds"], "when"), (["when", "not"], "when"),
        (["not", "holds"], "not"), (["open", "holds"], "open"), (["open", "not"], "open"),
    ],
)  # fmt: skip
def test_parts_add_up(parts, verdict):
    assert verdict_of(parts) == verdict


@pytest.mark.parametrize("name", ["K2", "K14"])
def test_the_whole_decision_agrees_with_its_quick_part(name):
    """Intervals and answers are computed apart: an interval excludes the threshold exactly where an answer says so."""
    claim = next(claim for claim in CLAIMS if claim.name == name)
    rng = np.random.default_rng(4)
    for value in ("null", "expected", "threshold"):
        samples = [
            list(worlds.sample(effect, getattr(effect, value), rng, len(effect.conditions), 64))
            for effect in claim.effects
        ]
        found = decide(claim, samples, 64)
        thresholds = {effect.name: effect.threshold for effect in claim.effects}
        for finding in found.findings:
            low, high, threshold = finding.interval.low, finding.interval.high, thresholds[finding.effect]
            expected = "yes" if low > threshold else "no" if high < threshold else "open"
            assert finding.answer == expected
