"""The latest step that was looked at, as a flat dictionary of floats: for TensorBoard, MLflow, Weights & Biases.

Names are ``actlab/<layer>/<what>``, where the layer is the one that a finding would name: the one whose weights made z.

========================  ====================================================================================
``actlab/step``           which call of the model with gradients this was, from 1 on
``actlab/not_finite``     1 once a number was seen that is not finite, else 0
``actlab/dead_share``     of all units of all activations; ``actlab/saturated_share`` likewise
``actlab/gradient_ratio`` gradient of z at the first hidden activation over that at the last
``actlab/update``         median over matrices of ‖Δw‖/‖w‖ in this step
``…/dead_share``          units with a gain below 0.001; ``…/saturated_share``: from there to 0.1
``…/gain``                median gain of the units, 1 for a standard normal z
``…/mean``, ``…/variance``  of z, over points and units
``…/gradient``            norm of ∂L/∂z (of a parameter: root mean square of its gradient)
``…/sharp_share``         of a softmax: rows that are one-hot; ``…/spread``: mean spread, 1 for uniform rows
``…/update``              of a parameter: ‖Δw‖/‖w‖ in this step
========================  ====================================================================================

A second activation behind the same layer has its function in its name, ``actlab/layers.2/tanh/gain``; the model itself
is called ``model``. What was not measured in a step, and what is not finite, is left out of its dictionary.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.measure import UnitState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actlab.doctor.readings import Site, SiteReading
    from actlab.doctor.record import Record

_ROOT: Final = "model"
_OTHER: Final = re.compile(r"[^A-Za-z0-9_.\-]")  # what MLflow refuses in names; "/" parts a name


def numbers(record: Record) -> dict[str, float]:
    """The latest step of `record`, which must have been made with `keep_latest`."""
    latest = record.latest()
    names = _names(record.sites())
    flat: dict[str, float] = {
        "actlab/step": float(record.steps_passed),
        "actlab/not_finite": float(record.non_finite is not None),
    }
    _whole(flat, latest)
    for reading in latest:
        _site(flat, f"actlab/{names[reading.site]}", reading)
    updates = []
    for seen in record.weights.all():
        for what, value in seen.latest.items():
            flat[f"actlab/{_clean(seen.name)}/{what}"] = value
        if "update" in seen.latest and seen.parameter.dim() > 1:
            updates.append(seen.latest["update"])
    if updates:
        flat["actlab/update"] = float(np.median(updates))
    return {name: value for name, value in flat.items() if math.isfinite(value)}


def _names(sites: Iterable[Site]) -> dict[Site, str]:
    """A name for each site, in the order in which they were first seen: so a name stays whatever comes later."""
    names: dict[Site, str] = {}
    taken: set[str] = set()
    for site in sites:
        layer = _clean(site.layer) or _ROOT
        name, number = layer, 1
        while name in taken:
            again = f"_{number}" if number > 1 else ""
            name, number = f"{layer}/{_clean(site.function)}{again}", number + 1
        taken.add(name)
        names[site] = name
    return names


def _clean(name: str) -> str:
    return _OTHER.sub("_", name.replace("_orig_mod.", ""))  # the same name compiled or not


def _whole(flat: dict[str, float], latest: tuple[SiteReading, ...]) -> None:
    states = [reading.states for reading in latest if reading.derivative is not None]
    if states:
        every = np.concatenate(states)
        flat["actlab/dead_share"] = float(np.mean(every == UnitState.DEAD))
        flat["actlab/saturated_share"] = float(np.mean(every == UnitState.SATURATED))
    flows = [r.flow.z for r in latest if r.derivative is not None and not r.output and math.isfinite(r.flow.z)]
    if len(flows) > 1 and flows[-1] > 0:
        flat["actlab/gradient_ratio"] = flows[0] / flows[-1]


def _site(flat: dict[str, float], name: str, reading: SiteReading) -> None:
    if reading.derivative is not None:
        states = reading.states
        flat[f"{name}/dead_share"] = float(np.mean(states == UnitState.DEAD))
        flat[f"{name}/saturated_share"] = float(np.mean(states == UnitState.SATURATED))
        flat[f"{name}/gain"] = float(np.median(reading.derivative.gain(reading.reference)))
    if reading.signal is not None:
        flat[f"{name}/mean"] = reading.signal.mean_z
        flat[f"{name}/variance"] = reading.signal.var_z
        flat[f"{name}/gradient"] = reading.flow.z if math.isfinite(reading.flow.z) else reading.flow.a
    if reading.sharpness is not None:
        flat[f"{name}/sharp_share"] = reading.sharpness.saturated
        flat[f"{name}/spread"] = reading.sharpness.mean
