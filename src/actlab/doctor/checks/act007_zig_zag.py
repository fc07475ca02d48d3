"""ACT007: inputs of one sign tie the signs of a unit's weight gradients together. Good to know, no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.doctor.finding import Finding
from actlab.measure import expected_sign_agreement
from actlab.text import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT007"


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """The layer with the largest sign agreement, where its input comes from an activation that is not zero-centred."""
    activations = {s.site: s.activation for s in readings.sites if s.activation is not None}
    tied = [
        w
        for w in readings.weights
        if w.kind == "linear"
        and w.fan_in >= 8
        and w.sign_agreement > limits.agreement
        and w.source is not None
        and w.source.site in activations
        and not activations[w.source.site].facts.zero_centred
    ]
    if not tied:
        return
    worst = max(tied, key=lambda w: w.sign_agreement)
    assert worst.source is not None
    assert worst.source.site is not None
    outputs = activations[worst.source.site].facts.range
    chance = expected_sign_agreement(min(worst.fan_in, 1000))
    yield Finding(
        code=CODE,
        severity="info",
        layer=worst.layer,
        where=worst.name,
        value=worst.sign_agreement,
        threshold=limits.agreement,
        normal=(0.5, limits.agreement),
        unit="share",
        confidence="high",
        cause="mostly" if outputs[0] < 0.0 < outputs[1] else "one_sign",
        remedies=("zero_centred", "norm_inputs"),
        values={"function": worst.source.site.function, "chance": percent(chance, 0)},
    )
