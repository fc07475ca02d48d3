"""K8 (deck): positive-only outputs tie the signs of a unit's weight gradients: a zig-zag path, slow learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job
from actlab.study.claims.lab import times
from actlab.study.claims.speed import steps_to_target

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

#: Positive-only functions, and the same with their mean over N(0, 1) taken out: nothing else differs.
CENTRED = {"sigmoid": "sigmoid(x) - 0.5", "softplus": "softplus(x) - 0.806", "relu": "max(x, 0) - 0.399"}
DATA = ("moons", "circles", "breast_cancer")
LAYER = 2  # the first whose inputs are another layer's outputs


def _both(where: Where) -> tuple[Job, Job]:
    """Nets of the plain function, and of the centred one; the same first weights."""
    plain = Job(str(where["data"]), str(where["function"]), hidden=(16, 16), init="lecun", epochs=200)
    return plain, plain.but(activation=CENTRED[str(where["function"])])


def signs(lab: Lab, where: Where) -> Array:
    """How much more the signs of a unit's weight gradients agree, at the start."""
    plain, centred = (lab.nets(job)[f"start.sign_agreement.{LAYER}"] for job in _both(where))
    return plain - centred


def straight(lab: Lab, where: Where) -> Array:
    """How many times as straight the centred function's path is: distance over length, to the end of training."""
    plain, centred = (lab.nets(job)[f"end.path_efficiency.{LAYER}"] for job in _both(where))
    return times(centred, plain)


def slow(lab: Lab, where: Where) -> Array:
    """How many times as many steps to the target the plain function takes."""
    name = str(where["function"])
    return times(*(steps_to_target(lab, where, one, init="lecun") for one in (name, CENTRED[name])))


_WHERE = conditions(data=DATA, function=tuple(CENTRED))
CLAIM = Claim(
    "K8",
    ("deck",),
    (
        Effect("signs", signs, _WHERE, 0.05, 0.0, 0.25),
        Effect("straight", straight, _WHERE, 1.1, 1.0, 1.6, "median", unit="times"),
        Effect(
            "slow", slow, conditions(data=DATA, function=tuple(CENTRED), regime=("same", "best")), 1.25, 1.0, 2.0,
            "median", unit="times",
        ),
    ),
)  # fmt: skip
