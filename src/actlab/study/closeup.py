"""A few nets looked at closely: portraits of median nets, and the geometry of some seeds' representations.

The nets are trained again, alone, with their weights kept: a net's bits depend on its own specification only, so these
are the very nets of the tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from actlab import measure, nets
from actlab.data import margin_by_neighbours, near_and_far
from actlab.nets import PointSets, directional_norms, look_inside
from actlab.study.result import Point, Portrait
from actlab.study.run import STATUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import AnyArray, Array, Integers
    from actlab.data import Sample, Source
    from actlab.nets import NetSpec
    from actlab.study.plan import Plan
    from actlab.study.views import Nets, Seen

#: Points of the geometry; costly, so few.
GEOMETRY_POINTS = 64
#: Points along one side of the grid on which linear regions are counted.
REGION_GRID = 64
#: Cells along one side of a boundary picture.
GRID = 96
#: Points drawn in a portrait.
SHOWN = 300


def retrained(
    plan: Plan, seen: Seen, arm: int, seeds: Sequence[int], rates: Sequence[float]
) -> tuple[AnyArray, Integers, list[Sample]]:
    """Weights ``(seeds, checkpoints, parameters)`` of nets of a view, the checkpoints, and what each learned from."""
    samples = [seen.task.draw(seed).train for seed in seeds]
    checkpoints = plan.checkpoints(seen.task.points)
    trained = nets.train(
        plan.spec(plan.arms[arm]),
        plan.training(plan.arms[arm]),
        seeds=seeds,
        learning_rates=rates,
        train_sets=PointSets.stack(samples),
        set_of_net=range(len(seeds)),
        checkpoints=checkpoints,
        keep=range(len(seeds)),
        threads=plan.threads,
    )
    if trained.interrupted:  # the core made a flag of it; half-trained nets must not pass for those of the tables
        raise KeyboardInterrupt
    return trained.snapshots, checkpoints, samples


def portrait(plan: Plan, seen: Seen, view: int, arm: int) -> Portrait:
    """The net of the arm whose test accuracy is the median of its arm in this view."""
    own: Nets = seen.arms[arm]
    middle = int(np.argsort(own.test_accuracy, kind="stable")[(seen.seeds - 1) // 2])
    seed, rate = seen.first + middle, float(own.rate[middle])
    snapshots, _, samples = retrained(plan, seen, arm, [seed], [rate])
    spec, row, sample = plan.spec(plan.arms[arm]), snapshots[0, -1], samples[0]
    shown = slice(0, SHOWN)
    inside = look_inside(spec, row, sample.X[shown])
    axes = [measure.principal_axes(a) for a in inside.a[:-1]]
    near, far = _near_and_far(spec, row, seen.task.source, sample)
    grid, probability = _map(spec, row, sample.X)
    return Portrait(
        view=view,
        arm=plan.labels[arm],
        seed=seed,
        learning_rate=rate,
        test_accuracy=float(own.test_accuracy[middle]),
        status=STATUS[int(own.status[middle])],  # type: ignore[arg-type]
        axes=grid,
        probability=probability,
        points=sample.X[shown],
        labels=sample.y[shown],
        hidden=tuple(axis.scores for axis in axes),
        hidden_share=tuple(float(axis.share) for axis in axes),
        regression=spec.loss == "squares",
        near=near,
        far=far,
    )


def _near_and_far(spec: NetSpec, row: AnyArray, source: Source, sample: Sample) -> tuple[Point, Point]:
    pair = near_and_far(source, sample)
    points = []
    for index, distance in ((pair.near, pair.near_distance), (pair.far, pair.far_distance)):
        inside = look_inside(spec, row, sample.X[index : index + 1])
        answer = inside.a[-1][0]
        answer = answer if len(answer) == 1 else answer[1:2]  # of class 1, which both points belong to
        signal = measure.point_signal([z[0] for z in inside.z], [*(a[0] for a in inside.a[:-1]), answer])
        points.append(Point(sample.X[index], distance, np.asarray(signal.mean_abs_z), np.asarray(signal.mean_abs_a)))
    return points[0], points[1]


def _map(spec: NetSpec, row: AnyArray, X: Array) -> tuple[tuple[Array, Array] | None, Array | None]:
    """The grid and the net's answers on it; None where the data have too many columns."""
    if X.shape[1] == 1 and spec.loss == "squares":
        low, high = float(X.min()), float(X.max())
        x = np.linspace(low, high, 4 * GRID)
        return (x, np.empty(0)), look_inside(spec, row, x[:, None]).a[-1][:, 0]
    if X.shape[1] != 2:
        return None, None
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.12 * (high - low)
    x, y = (np.linspace(low[k] - margin[k], high[k] + margin[k], GRID) for k in range(2))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    answers = look_inside(spec, row, points).a[-1].T.reshape(-1, GRID, GRID)  # a map an output
    return (x, y), answers[0] if len(answers) == 1 else answers


def geometry_rows(plan: Plan, seen: Seen, view: int, arm: int) -> list[dict[str, Any]]:
    """Rows of `Comparison.geometry`: some seeds, at the start, midway (in log steps) and at the end."""
    own = seen.arms[arm]
    looked_at = min(plan.geometry_seeds, seen.seeds)
    seeds = list(range(seen.first, seen.first + looked_at))
    rates = own.rate[:looked_at].tolist()
    snapshots, checkpoints, samples = retrained(plan, seen, arm, seeds, rates)
    spec = plan.spec(plan.arms[arm])
    per_epoch = plan.steps_per_epoch(seen.task.points)
    rows = []
    for seed, rate, sample, kept in zip(seeds, rates, samples, snapshots, strict=True):
        X = sample.X[:GEOMETRY_POINTS]
        distance, normals = _distances(seen.task.source, sample, X)
        for c in sorted({0, len(checkpoints) // 2, len(checkpoints) - 1}):
            regions = linear_regions(spec, kept[c], sample.X)
            for layer, values in enumerate(_layers(spec, kept[c], X, distance, normals)):
                row = {"view": view, "arm": plan.labels[arm], "learning_rate": rate, "seed": seed}
                row |= {"step": int(checkpoints[c]), "epoch": int(checkpoints[c]) / per_epoch, "layer": layer}
                rows.append(row | values | {"regions": None if regions is None else regions[layer]})
    return rows


def linear_regions(spec: NetSpec, row: AnyArray, X: Array) -> list[int] | None:
    """How many linear regions of the first 0, 1, … hidden layers a grid over the points X meets: 64 × 64, or a line.

    None where the net is not piecewise linear (layer norm divides), or X has more than two columns.
    """
    facts = [phi.facts for phi in spec.activations]
    if X.shape[1] > 2 or "layer" in spec.norms or not all(fact.piecewise_linear for fact in facts):
        return None
    low, high = X.min(axis=0), X.max(axis=0)
    side = REGION_GRID if X.shape[1] == 2 else REGION_GRID**2
    axes = [np.linspace(low[k], high[k], side) for k in range(X.shape[1])]
    inside = look_inside(spec, row, np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, X.shape[1]))
    patterns = [measure.activation_patterns(z, fact.kinks) for z, fact in zip(inside.z[:-1], facts, strict=True)]
    return [1, *(measure.count_regions(np.hstack(patterns[: k + 1])) for k in range(len(patterns)))]


def _distances(source: Source, sample: Sample, X: Array) -> tuple[Array, Array | None]:
    """Signed distances of the points, and unit normals of the nearest boundary where it is known.

    Of k > 2 classes with known boundaries the distances are ``(points, k)``, see `Source.signed_distance`.
    """
    if not source.classes:  # what a layer should keep is the target
        return sample.y[: len(X)], None
    known = source.signed_distance(X)
    if known is None:
        return margin_by_neighbours(sample.X, sample.y, len(X)), None
    nearest = 0 if known.ndim == 1 else known.argmax(axis=1)

    def to_nearest(points: Array) -> Array:
        """To the boundary of the region that each of `X` lies in."""
        found = source.signed_distance(points)
        assert found is not None
        return found if found.ndim == 1 else np.take_along_axis(found, np.asarray(nearest)[:, None], axis=1)[:, 0]

    step = 1e-4
    normals = np.empty_like(X)
    for k in range(X.shape[1]):
        shift = np.zeros(X.shape[1])
        shift[k] = step
        normals[:, k] = (to_nearest(X + shift) - to_nearest(X - shift)) / (2 * step)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return known, normals / np.where(length > 0, length, 1.0)


def _layers(spec: NetSpec, row: AnyArray, X: Array, distance: Array, normals: Array | None) -> list[dict[str, float]]:
    inside = look_inside(spec, row, X)
    moved = (
        None if normals is None else [np.linalg.norm(normals, axis=1), *directional_norms(spec, row, inside, normals)]
    )
    nearest = distance if distance.ndim == 1 else distance.max(axis=1)
    rows = []
    for layer, representation in enumerate([X, *inside.a[:-1]]):
        rows.append(
            {
                "margin_retention": _margin_retention(representation, distance),
                "distance_retention": measure.distance_retention(X, representation),
                "far_contrast": float("nan") if moved is None else measure.far_contrast(moved[layer], nearest),
                "effective_rank": measure.effective_rank(representation),
            }
        )
    return rows


def _margin_retention(representation: Array, distance: Array) -> float:
    """Of several boundaries the mean: each is read off by itself."""
    columns = distance[None] if distance.ndim == 1 else distance.T
    return float(np.mean([measure.margin_retention(representation, column) for column in columns]))
