"""What is measured in trained nets beside losses and traces, by the definitions of `actlab.measure`.

Each measure takes the nets of a job, net by net, and gives columns: name → a number a seed. A layer's number stands
behind a dot, counted from 1; ``start.`` and ``end.`` say when.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from actlab import measure
from actlab.data import Sample
from actlab.data._chance import WITHIN, gaussians
from actlab.nets import PointSets, directional_norms, look_inside, score
from actlab.study.closeup import GEOMETRY_POINTS, _distances

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from actlab._arrays import AnyArray, Array
    from actlab.data import Draw
    from actlab.study.claims.job import Job

#: Training points on which units are judged.
PROBE = 64
#: Noise on test points, in standard deviations, and its stream of random numbers.
BLUR = 0.3
_BLURRED = WITHIN + 41

Columns = dict[str, "Array"]


def geometry(job: Job, kept: AnyArray, draws: Sequence[Draw]) -> Columns:
    """Distance retention of every hidden layer at the start; margin retention and far contrast at the end."""

    def of(seed: int) -> Iterator[tuple[str, float]]:
        sample = draws[seed].train
        X = sample.X[:GEOMETRY_POINTS]
        distance, normals = _distances(job.source, sample, X)
        assert normals is not None  # only data whose boundary is known are asked about
        for layer, a in enumerate(look_inside(job.net, kept[seed, 0], X).a[:-1], start=1):
            yield f"start.distance_retention.{layer}", measure.distance_retention(X, a)
        inside = look_inside(job.net, kept[seed, -1], X)
        moved = directional_norms(job.net, kept[seed, -1], inside, normals)
        for layer, (a, norms) in enumerate(zip(inside.a, moved, strict=False), start=1):
            yield f"end.margin_retention.{layer}", measure.margin_retention(a, distance)
            yield f"end.far_contrast.{layer}", measure.far_contrast(norms, distance)

    return _columns(of, len(draws))


def outputs(job: Job, kept: AnyArray, draws: Sequence[Draw]) -> Columns:
    """What hidden layers give: share of zeros, |mean|, and how much it differs from point to point.

    ``spread`` is the root of the mean variance of a unit's output over the points.
    """

    def of(seed: int) -> Iterator[tuple[str, float]]:
        X = draws[seed].train.X[:PROBE]
        for when, row in (("start", kept[seed, 0]), ("end", kept[seed, -1])):
            for layer, a in enumerate(look_inside(job.net, row, X).a[:-1], start=1):
                with np.errstate(all="ignore"):
                    yield f"{when}.zeros.{layer}", measure.sparsity(a)
                    yield f"{when}.mean.{layer}", float(np.abs(a.mean(axis=0)).mean())
                    yield f"{when}.spread.{layer}", float(np.sqrt(a.var(axis=0).mean()))
                    yield f"{when}.rank.{layer}", measure.effective_rank(a)

    return _columns(of, len(draws))


def flat(job: Job, kept: AnyArray, draws: Sequence[Draw]) -> Columns:
    """Share of points × hidden units at which φ is flat, at the end (`measure.flat_share`); mean over the layers."""
    largest = job.phi.facts.max_derivative

    def of(seed: int) -> Iterator[tuple[str, float]]:
        slopes = look_inside(job.net, kept[seed, -1], draws[seed].train.X[:PROBE]).slope
        yield "flat", float(np.mean([measure.flat_share(slope, largest) for slope in slopes]))

    return _columns(of, len(draws))


def deaths(job: Job, kept: AnyArray, draws: Sequence[Draw]) -> Columns:
    """How many hidden units are dead in the middle of the training (in log steps), and how many of these at its end."""
    reference = job.phi.facts.derivative_second_moment
    middle = kept.shape[1] // 2

    def dead(seed: int, row: AnyArray) -> Array:
        slopes = look_inside(job.net, row, draws[seed].train.X[:PROBE]).slope
        states = [measure.classify_units(slope, reference) for slope in slopes]
        lost = [np.isin(state, (measure.UnitState.DEAD, measure.UnitState.UNDEFINED)) for state in states]
        return np.concatenate(lost).astype(np.float64)

    def of(seed: int) -> Iterator[tuple[str, float]]:
        early, late = dead(seed, kept[seed, middle]), dead(seed, kept[seed, -1])
        yield "dead_midway", float(early.sum())
        yield "dead_still", float((early * late).sum())

    return _columns(of, len(draws))


def one_map(job: Job, kept: AnyArray, draws: Sequence[Draw]) -> Columns:
    """How far the net's output lies from x·W′ + b′, with W′ the product of its weights: digits that agree, at the end.

    −log₁₀ of the largest difference on the test points, over the largest output.
    """

    def of(seed: int) -> Iterator[tuple[str, float]]:
        row, X = kept[seed, -1], draws[seed].test.X[:1000]
        layers = job.net.unpack(np.asarray(row, dtype=np.float64))
        W, b = np.eye(X.shape[1]), np.zeros(X.shape[1])
        for layer in layers:
            W, b = W @ layer.weights, layer.linear(b)
        z = look_inside(job.net, row, X).z[-1]
        error = np.abs(X @ W + b - z).max() / max(float(np.abs(z).max()), 1e-300)
        yield "digits", float(-np.log10(max(error, 1e-17)))

    return _columns(of, len(draws))


def half(job: Job, kept: AnyArray, draws: Sequence[Draw]) -> Columns:
    """Of two classes learned by squared error: accuracy with the threshold ½, and the share of answers beyond 0 … 1."""

    def of(seed: int) -> Iterator[tuple[str, float]]:
        test = draws[seed].test
        answer = look_inside(job.net, kept[seed, -1], test.X).a[-1][:, 0]
        yield "accuracy", float(((answer > 0.5) == (test.y > 0.5)).mean())
        yield "beyond", float(((answer < 0) | (answer > 1) | ~np.isfinite(answer)).mean())

    return _columns(of, len(draws))


def blurred(job: Job, kept: AnyArray, draws: Sequence[Draw]) -> Columns:
    """Accuracy on test points to which Gaussian noise of `BLUR` standard deviations is added."""
    sets = []
    for seed, draw in enumerate(draws):
        noise = gaussians(seed, _BLURRED, len(draw.test), draw.test.X.shape[1])
        sets.append(Sample(draw.test.X + BLUR * noise, draw.test.y))
    last = np.ascontiguousarray(kept[:, -1])
    return {"blurred_accuracy": score(job.net, last, PointSets.stack(sets), range(len(draws))).accuracy}


MEASURES: dict[str, Callable[[Job, AnyArray, Sequence[Draw]], Columns]] = {
    function.__name__: function for function in (geometry, outputs, flat, deaths, one_map, half, blurred)
}


def _columns(of: Callable[[int], Iterator[tuple[str, float]]], seeds: int) -> Columns:
    found: dict[str, list[float]] = defaultdict(list)
    for seed in range(seeds):
        for name, value in of(seed):
            found[name].append(value)
    return {name: np.array(values, dtype=np.float64) for name, values in found.items()}
