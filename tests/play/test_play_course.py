"""States of the playground are those of the lab, whatever way they were reached."""

from __future__ import annotations

import numpy as np
import pytest

import actlab
from actlab import nets
from actlab.nets import TRACES, PointSets, TrainSpec, look_inside
from actlab.play import limits, sentences
from actlab.play.course import Course, timeline
from actlab.play.experiment import Experiment
from actlab.play.frame import GRID, MESH, SHOWN, TILE, frame, plane, signal_at
from actlab.play.ground import Ground


@pytest.fixture(scope="module")
def course():
    run = Experiment.read({"right": {"activation": ["relu"], "hidden": [4, 3], "rate": 0.1, "seed": 7}, "points": 60})
    ground = Ground.of(run)
    course = Course(run.right, ground, run.batch)
    assert course.extend()
    early = course.rows.copy(), course.bands.copy()
    assert course.extend()
    return course, ground, early


def test_going_on_changes_nothing_that_was_seen(course):
    course, _, (rows, bands) = course
    assert course.trained > len(rows)
    np.testing.assert_array_equal(course.rows[: len(rows)], rows)
    np.testing.assert_array_equal(course.bands[: len(rows)], bands)


def test_states_are_the_nets_of_the_lab(course):
    """Trained alone, in one go, to an epoch: the same bits as the state of the playground."""
    course, ground, _ = course
    spec = nets.NetSpec(2, (4, 3), actlab.get("relu"), "he")
    for state in (0, 1, 30, course.trained - 1):
        step = int(course.steps[state])
        if step % course.per_epoch:
            continue
        training = TrainSpec(epochs=step // course.per_epoch, batch_size=32)
        alone = nets.train(spec, training, seeds=[7], learning_rates=[0.1], train_sets=PointSets.stack([ground.train]))
        np.testing.assert_array_equal(alone.weights[0], course.rows[state])


def test_bands_are_quantiles_of_64_seeds(course):
    course, ground, _ = course
    training = TrainSpec(epochs=5, batch_size=32)
    steps = np.array([0, 5 * course.per_epoch])
    many = nets.train(
        course.spec, training, seeds=range(7, 71), learning_rates=[0.1] * 64,
        train_sets=PointSets.stack([ground.train]), checkpoints=steps,
    )  # fmt: skip
    losses = np.sort(many.curves[:, 1, 0])
    state = int(np.flatnonzero(course.steps == steps[1])[0])
    np.testing.assert_array_equal(course.bands[state, 0], losses[[6, 32, 57]])


def test_a_longer_timeline_begins_with_the_shorter():
    for per_epoch in (1, 3, 10, 63):
        whole = timeline(per_epoch, limits.MOST_EPOCHS)
        assert (np.diff(whole) > 0).all()
        for epochs in (64, 256, 1024, 4096):
            short = timeline(per_epoch, epochs)
            np.testing.assert_array_equal(short, whole[: len(short)])
            assert short[-1] == epochs * per_epoch


def test_what_is_cancelled_leaves_everything(course):
    course, _, _ = course
    before = course.trained, course.epochs
    assert not course.extend(lambda: True)
    assert (course.trained, course.epochs) == before


def test_a_frame_is_what_the_net_answers(course):
    course, ground, _ = course
    state = course.trained - 1
    found = frame(course, ground, state)
    x = (np.arange(GRID) + 0.5) / GRID * 2 * ground.span - ground.span
    np.testing.assert_allclose(plane(ground.span)[:GRID, 0], x)
    corner = look_inside(course.spec, course.rows[state], np.array([[x[0], x[-1]], [x[-1], x[0]]])).a[-1][:, 0]
    assert found.probability[0, 0] == round(corner[0] * 255)  # the first row is the top
    assert found.probability[-1, -1] == round(corner[1] * 255)
    assert found.layers[0].tiles.shape == (4, TILE, TILE)
    assert found.layers[1].mesh.shape == (MESH, MESH, 2)
    assert found.layers[1].points.shape == (min(SHOWN, 60), 2)
    dead = [layer.states.count(3) / len(layer.states) for layer in found.layers]
    np.testing.assert_allclose(dead, course.traces[state, :-1, TRACES.index("dead")])  # the core's own measurement


def test_hidden_space_is_turned_never_stretched(course):
    """Distances of the points in the picture are those in the principal plane, up to one scale."""
    course, ground, _ = course
    layer = frame(course, ground, 40).layers[0]
    a = look_inside(course.spec, course.rows[40], ground.train.X).a[0]
    centred = a - a.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    plane_ = left[:, :2] * sizes[:2]
    picture = layer.points.astype(float)
    wanted = np.linalg.norm(plane_[:, None] - plane_[None], axis=-1)
    given = np.linalg.norm(picture[:, None] - picture[None], axis=-1)
    scale = wanted.sum() / given.sum()
    np.testing.assert_allclose(given * scale, wanted, atol=4 * scale)


def test_signal_of_a_point(course):
    course, _, _ = course
    signal = signal_at(course, 30, (0.3, -0.2))
    inside = look_inside(course.spec, course.rows[30], np.array([[0.3, -0.2]]))
    np.testing.assert_allclose(signal.a, [np.abs(a).mean() for a in inside.a])
    assert signal.answer == inside.a[-1][0, 0]


def test_the_bias_of_the_output_is_told(course):
    """What is left of the output when the last hidden layer's answers, times their weights, are taken away."""
    course, ground, _ = course
    assert frame(course, ground, 0).bias == 0.0  # as nets start
    found = frame(course, ground, 40)
    inside = look_inside(course.spec, course.rows[40], ground.train.X)
    design = np.column_stack([inside.a[-2], np.ones(len(ground.train))])
    *_, bias = np.linalg.lstsq(design, inside.z[-1][:, 0], rcond=None)[0]
    assert found.bias == pytest.approx(bias, abs=1e-4)
    assert f"The bias of the output is {found.bias:.2g}.".replace("-", "−") in sentences._net("relu", found)
    assert course.seconds > 0
