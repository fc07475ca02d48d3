"""One state of one arm, as pictures need it: what the net makes of the plane, of the points, of one point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab import measure
from actlab.nets import TRACES, look_inside

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array
    from actlab.play.course import Course
    from actlab.play.ground import Ground

#: Cells along a side of the boundary's map; of a unit's map (every second of them); lines of the net that is bent.
GRID, TILE, MESH = 64, 32, 17
#: Points that are looked at in hidden layers and drawn; points that units are judged by, as in the core's measurements.
SHOWN, PROBE = 300, 64
#: How far beyond the picture of a hidden layer its grid is followed.
OUTSIDE = 4


@dataclass(frozen=True)
class Layer:
    """One hidden layer; coordinates are in the picture's own frame, −1 … 1."""

    tiles: AnyArray  # (units, TILE, TILE) uint8: 128 is 0, 255 the layer's largest |a| on the plane
    largest: float  # that |a|
    states: list[int]  # measure.UnitState of each unit
    points: AnyArray  # (shown, 2) int16: the points in the layer's principal plane, 32767 is OUTSIDE · reach
    mesh: AnyArray  # (MESH, MESH, 2) int16: where a grid of the plane goes
    reach: float
    share: float  # of the variance that the principal plane carries


@dataclass(frozen=True)
class Frame:
    """One state of one arm."""

    state: int
    step: int
    epoch: float
    probability: AnyArray  # (GRID, GRID) uint8: of class 1, rows from the top down
    layers: list[Layer]
    gradient: list[float]  # norm by weight layer
    gradient_bands: list[list[float]]  # its quantiles over the seeds
    signal: list[float]  # mean |a| by layer over the probe, |z| for the output
    curves: list[float]
    path: tuple[float, float]
    efficiency: list[float]
    agreement: list[float]
    bias: float  # of the output
    finite: bool


@dataclass(frozen=True)
class Signal:
    """One point on its way: mean |z| and mean |a| by layer, the answer last."""

    z: list[float]
    a: list[float]
    answer: float


def plane(span: float) -> Array:
    """``(GRID², 2)`` centres of the map's cells, rows from the top down."""
    edge = span * (1 - 1 / GRID)
    x = np.linspace(-edge, edge, GRID)
    return np.stack(np.meshgrid(x, x[::-1]), axis=-1).reshape(-1, 2)


def signal_at(course: Course, state: int, point: tuple[float, float]) -> Signal:
    """What becomes of one point, layer by layer."""
    inside = look_inside(course.spec, course.rows[state], np.array([point]))
    found = measure.point_signal([z[0] for z in inside.z], [a[0] for a in inside.a])
    return Signal(found.mean_abs_z.tolist(), found.mean_abs_a.tolist(), float(inside.a[-1][0, 0]))


def frame(course: Course, ground: Ground, state: int) -> Frame:
    """State number `state` of a course."""
    spec, row = course.spec, course.rows[state]
    shown = ground.train.X[:SHOWN]
    cells = GRID * GRID
    inside = look_inside(spec, row, np.concatenate([plane(ground.span), shown]))
    finite = bool(np.isfinite(inside.z[-1]).all())
    layers = []
    for a, slope, phi in zip(inside.a[:-1], inside.slope, spec.activations, strict=True):
        tiles, largest = _tiles(a[:cells])
        states = measure.classify_units(slope[cells : cells + PROBE], phi.facts.derivative_second_moment)
        layers.append(Layer(tiles, largest, states.tolist(), *_bent(a[:cells], a[cells:], shown)))
    traces = course.traces[state]
    biases = spec.unpack(row)[-1].biases
    assert biases is not None  # only hidden layers are normed
    column = {name: k for k, name in enumerate(TRACES)}
    signal = [*traces[:-1, column["mean_abs_a"]].tolist(), float(traces[-1, column["mean_abs_z"]])]
    return Frame(
        state=state,
        step=int(course.steps[state]),
        epoch=float(course.steps[state] / course.per_epoch),
        probability=_bytes(inside.a[-1][:cells, 0] * 255).reshape(GRID, GRID),
        layers=layers,
        gradient=traces[:, column["gradient_norm"]].tolist(),
        gradient_bands=course.gradient_bands[state].tolist(),
        signal=signal,
        curves=course.curves[state].tolist(),
        path=course.path_at(state),
        efficiency=traces[:, column["path_efficiency"]].tolist(),
        agreement=traces[:, column["sign_agreement"]].tolist(),
        bias=float(biases[0]),
        finite=finite,
    )


def _bytes(values: Array) -> AnyArray:
    """Rounded to 0 … 255; what is no number becomes 0."""
    return np.nan_to_num(np.clip(np.round(values), 0, 255)).astype(np.uint8)


def _tiles(a: Array) -> tuple[AnyArray, float]:
    """Maps of the units of a layer, all on the layer's scale: a unit that says little is seen to say little."""
    units = a.shape[1]
    maps = a.T.reshape(units, GRID, GRID)[:, ::2, ::2]
    largest = float(np.abs(maps).max(initial=0.0))
    if not np.isfinite(largest) or largest == 0:
        return np.full((units, TILE, TILE), 128, np.uint8), 0.0
    return _bytes(128 + 127 * maps / largest), largest


def _bent(cells: Array, points: Array, shown: Array) -> tuple[AnyArray, AnyArray, float, float]:
    """The layer's principal plane, turned (and mirrored) so that it lies as the input lies: Procrustes' rotation."""
    found = measure.principal_axes(points)
    lines = np.round(np.linspace(0, GRID - 1, MESH)).astype(int)
    corners = cells.reshape(GRID, GRID, -1)[np.ix_(lines, lines)].reshape(MESH * MESH, -1)
    with np.errstate(all="ignore"):
        mesh = (corners - points.mean(axis=0)) @ found.axes.T
        if not (np.isfinite(found.scores).all() and np.isfinite(mesh).all()):
            nothing = np.zeros((1, 2), np.int16)
            return nothing.repeat(len(points), 0), nothing.repeat(MESH * MESH, 0).reshape(MESH, MESH, 2), 0.0, 0.0
        U, _, Vt = np.linalg.svd(found.scores.T @ (shown - shown.mean(axis=0)))
    turn = U @ Vt
    middle = float(np.quantile(np.linalg.norm(mesh, axis=1), 0.6))
    reach = 1.15 * float(max(np.linalg.norm(found.scores, axis=1).max(), middle)) or 1.0
    scale = 32767 / (OUTSIDE * reach)
    to = [np.clip(np.round(part @ turn * scale), -32767, 32767).astype(np.int16) for part in (found.scores, mesh)]
    share = 0.0 if np.isnan(found.share) else found.share
    return to[0], to[1].reshape(MESH, MESH, 2), reach, share
