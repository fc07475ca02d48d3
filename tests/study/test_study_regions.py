"""Linear regions of trained nets, against an independent count: where the net's own gradient changes."""

import numpy as np
import pytest

import actlab
from actlab import nets
from actlab.nets import look_inside
from actlab.study.closeup import linear_regions

SETTINGS = {"seeds": 2, "learning_rates": 0.1, "epochs": 5, "test_points": 100, "geometry_seeds": 2}


def spec_of(activation, features=1, hidden=(6, 5), **more):
    return nets.NetSpec(features, hidden, actlab.get(activation), "he", loss="squares", **more)


@pytest.mark.parametrize("options", [{}, {"norm": "batch"}, {"hidden": (5, 5, 5), "residual": 1}], ids=str)
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "hard_tanh"])
def test_on_a_line_the_slope_changes_from_region_to_region(activation, options):
    spec = spec_of(activation, **options)
    row = nets.initial_weights(spec, [3])[0].astype(np.float64)
    rng = np.random.default_rng(0)
    row[: spec.parameters] += 0.3 * rng.normal(size=spec.parameters)
    x = np.linspace(-2, 2, 64**2)[:, None]
    slope = np.diff(look_inside(spec, row, x).a[-1][:, 0]) / np.diff(x[:, 0])
    # A kink between two grid points spoils one difference: two changes in a row are one.
    changes = np.abs(np.diff(slope)) > 1e-8
    bends = int((changes & ~np.roll(changes, 1)).sum())
    regions = linear_regions(spec, row, x)
    assert regions[0] == 1
    assert regions == sorted(regions)
    assert regions[-1] == pytest.approx(bends + 1, abs=2)
    assert regions[-1] > 3


def test_who_has_regions():
    X = np.random.default_rng(0).normal(size=(50, 2))
    for spec, there in (
        (spec_of("relu", 2), True),
        (spec_of("tanh", 2), False),
        (spec_of("relu", 2, norm="layer"), False),
        (spec_of("identity", 2), True),
        (spec_of("where(x < 0, x/2, x)", 2), True),
    ):
        row = nets.initial_weights(spec, [0])[0]
        found = linear_regions(spec, row, X)
        assert (found is not None) == there
    assert linear_regions(spec_of("identity", 2), nets.initial_weights(spec_of("identity", 2), [0])[0], X) == [1, 1, 1]
    assert linear_regions(spec_of("relu", 3), nets.initial_weights(spec_of("relu", 3), [0])[0], np.ones((4, 3))) is None


def test_regions_stand_in_the_geometry():
    result = actlab.compare(["relu", "tanh"], hidden=(8, 8), **SETTINGS)
    relu, tanh = (result.geometry.filter(arm=arm)["regions"] for arm in ("relu", "tanh"))
    assert tanh.is_null().all()
    last = result.geometry.filter(arm="relu", layer=2)["regions"]
    assert relu.min() == 1
    assert last.min() > 5
