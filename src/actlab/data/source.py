"""What a study asks of its data."""

from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from actlab._arrays import Array
from actlab.data.sample import Draw

__all__ = ["Label", "Source", "TaskKind"]

Label: TypeAlias = bool | int | float | str
TaskKind: TypeAlias = Literal["binary", "multiclass", "regression"]


@runtime_checkable
class Source(Protocol):
    """Somewhere that points come from: a generator, the article's fixed split, a well-known set, a user's own data.

    Sources are immutable, cheap to make, picklable, and equal when they would give the same points.
    """

    @property
    def name(self) -> str:
        """What `resolve` knows it by; ``"arrays"`` for a user's arrays, the file's name for a user's file."""

    @property
    def task(self) -> TaskKind:
        """``"binary"``: y is 0 or 1; ``"multiclass"``: 0 … k − 1; ``"regression"``: any number, standardised."""

    @property
    def classes(self) -> tuple[Label, ...]:
        """The labels that 0, 1, … of y stand for; none for a regression."""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns of X."""

    @property
    def dimension(self) -> int:
        """Columns of X; of sequences, at each step."""

    @property
    def steps(self) -> int | None:
        """Steps of each sequence; None where X is a plain table."""

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
    def resplits(self) -> bool:
        """True where `draw` splits fixed points anew for every seed, the test points too: there is no `refit` then."""

    @property
    def parent(self) -> str | None:
        """Name of the generator that a fixed set was drawn from, where that is known."""

    @property
    def bayes_accuracy(self) -> float | None:
        """The best accuracy that any classifier can have on fresh points; None where it is not known."""

    def draw(self, seed: int) -> Draw:
        """The three samples of `seed`; the same seed gives the same bits."""

    def refit(self) -> Draw:
        """All points that are not test points as training, no validation; `UserError` where those are not fixed."""

    def signed_distance(self, X: Array) -> Array | None:
        """Distance ``(n,)`` of the points X ``(n, d)`` to the Bayes boundary, in the coordinates that a net sees.

        Positive where class 1 is the more likely. Of k > 2 classes ``(n, k)``: the distance to the boundary of the
        region where each is the most likely, positive inside. None where the boundary is not known.
        """

    def specification(self) -> dict[str, Any]:
        """Plain JSON values that identify the points: equal exactly when the sources are."""
