"""What is told of an activation's theory, put together; no language yet."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab.report.cards.card import as_json
from actlab.report.cards.curves import Curve
from actlab.text import UserError
from actlab.theory.trained import Trained, about, trained

if TYPE_CHECKING:
    from actlab.theory import CriticalPoint, Depth, Moments, Theory

#: σw² of the usual schemes (the variance of a weight times its fan-in); biases are 0.
USUAL: Final = {"he": 2.0, "lecun": 1.0}
_SIGMAS: Final = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
_BIAS: Final = 0.05  # of the table, where the critical line does not run at 0
REACH: Final = 6  # depth scales of correlation over which nets were found to train (Schoenholz et al. 2017, fig. 5)
_POINTS: Final = 33


@dataclass(frozen=True)
class Row:
    """One initialisation. `what`: "usual", "recommended", "given", or "" for a row of the table."""

    what: str
    depth: Depth

    @property
    def trainable(self) -> float:
        """Layers to which a plain net of this kind was found to train: six depth scales; inf, or NaN for unknown.

        The nets that were trained kept a signal: where it dies out or grows without bound the rule says nothing.
        """
        kept = self.depth.phase == "critical" or 0 < self.depth.q < math.inf
        return REACH * self.depth.correlation if kept else math.nan


@dataclass(frozen=True)
class Outlook:
    """One activation: moments at q = 1, its critical point or why there is none, and what initialisations lead to.

    `trained`: the depths at which nets of this activation failed, where some were trained.
    """

    theory: Theory
    moments: Moments
    critical: CriticalPoint | None
    obstacle: UserError | None
    rows: tuple[Row, ...]
    trained: tuple[Trained, ...] = ()

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.theory.activation.name

    def row(self, what: str) -> Row | None:
        """The row of this kind, if there is one."""
        return next((row for row in self.rows if row.what == what), None)


def outlook(theory: Theory, sigma_w2: float | None = None, sigma_b2: float | None = None) -> Outlook:
    """The outlook of one activation; with `sigma_w2` (and `sigma_b2`, default 0), of that initialisation too."""
    obstacle = critical = None
    try:
        critical = theory.critical_point()
    except UserError as error:
        obstacle = error
    usual = USUAL[theory.activation.default_init]
    wanted = [("usual", usual, 0.0)]
    if critical is not None and not (math.isclose(critical.sigma_w2, usual, rel_tol=1e-9) and critical.sigma_b2 == 0):
        wanted.append(("recommended", critical.sigma_w2, critical.sigma_b2))
    if sigma_w2 is not None or sigma_b2 is not None:
        wanted.append(("given", usual if sigma_w2 is None else sigma_w2, sigma_b2 or 0.0))
    bias = 0.0 if critical is not None and critical.sigma_b2 == 0 else _BIAS
    wanted += [("", size, bias) for size in _SIGMAS if ("usual", size, bias) != wanted[0]]
    rows = tuple(Row(what, theory.depth_scale(sigma_w2=w, sigma_b2=b)) for what, w, b in wanted)
    return Outlook(theory, theory.moments(), critical, obstacle, rows, trained(theory.activation))


def correlation_curve(theory: Theory, depth: Depth) -> Curve:
    """The correlation map c ↦ c′ at the variance that signals come to rest at; all NaN where there is none."""
    c = np.linspace(0.0, 1.0, _POINTS)
    try:
        weights = {"sigma_w2": depth.sigma_w2, "sigma_b2": depth.sigma_b2}
        return Curve(c, np.array([theory.next_correlation(float(at), **weights) for at in c]))
    except UserError:  # the signal grows without bound
        return Curve(c, np.full(_POINTS, math.nan))


def to_json(found: Outlook) -> dict[str, Any]:
    """Plain JSON values: a number that does not exist is None, an infinite one "inf"."""
    plain: dict[str, Any] = as_json(
        {
            "name": found.name,
            "formula": found.theory.activation.formula,
            "moments": asdict(found.moments),
            "gain": {"value": found.theory.gain(), "slope": found.theory.gain(of="slope")},
            "critical_point": None if found.critical is None else asdict(found.critical),
            "no_critical_point": None if found.obstacle is None else str(found.obstacle),
            "critical_line": [asdict(point) for point in found.theory.critical_line()],
            "trained": {**about(), "nets": [asdict(one) for one in found.trained]} if found.trained else None,
            "inits": [{"what": r.what or None, "trainable": r.trainable, **asdict(r.depth)} for r in found.rows],
        }
    )
    return plain
