"""K2 (article): under identical conditions ReLU learns two moons and sigmoid does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab


def sample(lab: Lab, where: Where) -> Array:
    """Test accuracy of ReLU less that of sigmoid, at the article's settings: 2→8→8→1, rate 0.05, 800 epochs."""
    job = Job(str(where["data"]), "relu", hidden=(8, 8), rate=0.05, epochs=800)
    relu, sigmoid = (lab.accuracy(job.but(activation=name), str(where["regime"])) for name in ("relu", "sigmoid"))
    return relu - sigmoid


CLAIM = Claim(
    "K2",
    ("article",),
    (
        Effect(
            "learns",
            sample,
            conditions(data=("moons", "circles", "spiral", "breast_cancer"), regime=("same", "best")),
            threshold=0.05,
            null=0.0,
            expected=0.15,
        ),
    ),
    ("actlab theory sigmoid", "actlab theory relu"),
)
