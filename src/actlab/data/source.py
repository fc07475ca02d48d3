"""What a study asks of its data."""

from typing import Any, Protocol, runtime_checkable

from actlab._arrays import Array
from actlab.data.sample import Draw

__all__ = ["Source"]


@runtime_checkable
class Source(Protocol):
    """Somewhere that labelled points come from: a generator, the article's fixed split, or a user's arrays.

    Sources are immutable, cheap to make, picklable, and equal when they would give the same points.
    """

    @property
    def name(self) -> str:
        """``"moons"``, ``"moons:article"``, ``"circles"``, ``"xor"``, ``"spiral"`` or ``"arrays"``."""

    @property
    def dimension(self) -> int:
        """Columns of X."""

    @property
    def n_train(self) -> int:
        """Training points of `draw` (`refit` adds the validation points to them)."""

    @property
    def n_validation(self) -> int:
        """Validation points of `draw`."""

    @property
    def n_test(self) -> int:
        """Test points, of `draw` and of `refit`."""

    @property
    def conditional(self) -> bool:
        """True where the points are the same for every seed: conclusions then hold for these points only."""

    @property
    def parent(self) -> str | None:
        """Name of the generator that a fixed set was drawn from, where that is known."""

    @property
    def bayes_accuracy(self) -> float | None:
        """The best accuracy that any classifier can have on fresh points; None where it is not known."""

    def draw(self, seed: int) -> Draw:
        """The three samples of `seed`; the same seed gives the same bits."""

    def refit(self) -> Draw:
        """Conditional sources: all points that are not test points as training, no validation. Others: `UserError`."""

    def signed_distance(self, X: Array) -> Array | None:
        """Distance ``(n,)`` of the points X ``(n, d)`` to the Bayes boundary, in the coordinates that a net sees.

        Positive where class 1 is the more likely; None where the boundary is not known.
        """

    def specification(self) -> dict[str, Any]:
        """Plain JSON values that identify the points: equal exactly when the sources are."""
