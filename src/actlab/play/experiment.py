"""What a visitor asks to see, checked: two arms and the points that both learn from.

Everything arrives as JSON from a page that may be anybody's. What is wrong is a `UserError` with one sentence; nothing
is trained before all of it is right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from actlab import functions
from actlab.nets import NetSpec, TrainSpec, optimiser
from actlab.nets.initialise import checked_init
from actlab.nets.spec import Norm, check_choice
from actlab.play import limits
from actlab.play.fields import fields, number, text, whole
from actlab.play.own import Own
from actlab.text import UserError

if TYPE_CHECKING:
    from actlab.functions import Activation

#: Data sets of two classes in the plane, as `actlab.data` knows them; points that somebody draws; rows of a file.
DATA = {name: name for name in ("moons", "circles", "xor", "spiral", "checkerboard")} | {"blobs": "blobs:2"}
DRAWN = "drawn"
OWN = "own"
OPTIMISERS = ("sgd", "momentum", "adam")
AUTO = "auto"
_WHOLE = 2**53  # numbers that JSON carries exactly


@dataclass(frozen=True)
class ArmChoice:
    """One arm; `activation` one for all hidden layers, or one for each."""

    activation: tuple[str, ...] = ("relu",)
    rate: float = 0.1
    hidden: tuple[int, ...] = (8, 8)
    init: str = AUTO
    norm: str = "none"
    optimiser: str = "sgd"
    seed: int = 0

    @classmethod
    def read(cls, given: Any, side: str) -> ArmChoice:
        """The arm that a page asks for."""
        own = fields(given, cls, side)
        hidden = own.get("hidden", [8, 8])
        if not isinstance(hidden, list) or len(hidden) > limits.MOST_LAYERS:
            raise UserError("play.layers", most=limits.MOST_LAYERS)
        activation = own.get("activation", ["relu"])
        if not isinstance(activation, list) or not 1 <= len(activation) <= limits.MOST_LAYERS:
            raise UserError("play.activations", most=limits.MOST_LAYERS)
        for name in activation:
            if not isinstance(name, str) or len(name) > limits.FORMULA_LENGTH:
                raise UserError("play.formula_length", most=limits.FORMULA_LENGTH)
        arm = cls(
            activation=tuple(activation),
            rate=number(own, "rate", 0.1, 1e-6, 1e3),
            hidden=tuple(whole({"width": width}, "width", 1, 1, limits.MOST_WIDTH) for width in hidden),
            init=text(own, "init", AUTO),
            norm=text(own, "norm", "none"),
            optimiser=text(own, "optimiser", "sgd"),
            seed=whole(own, "seed", 0, 0, _WHOLE),
        )
        check_choice("norm", arm.norm, get_args(Norm))
        check_choice("optimiser", arm.optimiser, OPTIMISERS)
        if arm.init != AUTO:
            arm = replace(arm, init=checked_init(arm.init))
        arm.spec()  # says what is wrong with the activations, and with their number
        return arm

    @property
    def activations(self) -> tuple[Activation, ...]:
        """φ of each hidden layer; at least one, so that a net without hidden layers has a name."""
        found = tuple(functions.get(name) for name in self.activation)
        return found * max(len(self.hidden), 1) if len(found) == 1 else found

    @property
    def init_used(self) -> str:
        """The first weights' scheme: what suits the first activation, where none was chosen."""
        return self.activations[0].default_init if self.init == AUTO else self.init

    def spec(self) -> NetSpec:
        """The net."""
        phi = self.activations
        one = phi[0] if len(set(phi)) == 1 else phi
        return NetSpec(2, self.hidden, one, self.init_used, norm=self.norm)  # type: ignore[arg-type]

    def training(self, epochs: int, batch: int) -> TrainSpec:
        """How it is trained."""
        return TrainSpec(epochs=epochs, batch_size=batch, optimiser=optimiser(self.optimiser))

    def plain(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {**vars(self), "activation": list(self.activation), "hidden": list(self.hidden)}


@dataclass(frozen=True)
class Experiment:
    """Two arms on one data set."""

    left: ArmChoice = ArmChoice(("sigmoid",))
    right: ArmChoice = ArmChoice(("relu",))
    data: str = "moons"
    noise: float | None = None
    points: int = 300
    batch: int = 32
    draw: int = 0  # which draw of the points
    drawn: tuple[tuple[float, float, int], ...] = ()
    own: Own | None = None

    @classmethod
    def read(cls, given: Any) -> Experiment:
        """The experiment that a page asks for."""
        own = fields(given, cls, "run")
        data = text(own, "data", "moons")
        check_choice("data", data, (*DATA, DRAWN, OWN))
        own_rows = Own.read(own.get("own")) if data == OWN else None
        drawn = _drawn(own.get("drawn", [])) if data == DRAWN else ()
        noise = own.get("noise")
        fixed = drawn if own_rows is None else own_rows.rows
        points = len(fixed) or whole(own, "points", 300, limits.LEAST_POINTS, limits.MOST_POINTS)
        return cls(
            left=ArmChoice.read(own.get("left", {"activation": ["sigmoid"]}), "left"),
            right=ArmChoice.read(own.get("right", {}), "right"),
            data=data,
            noise=None if noise is None or fixed else number(own, "noise", 0.1, 0.0, 1.0),
            points=points,
            batch=whole(own, "batch", 32, 2, limits.MOST_POINTS),
            draw=whole(own, "draw", 0, 0, _WHOLE),
            drawn=drawn,
            own=own_rows,
        )

    @property
    def arms(self) -> tuple[ArmChoice, ArmChoice]:
        """Left and right."""
        return self.left, self.right

    def plain(self) -> dict[str, Any]:
        """As JSON carries it."""
        arms = {"left": self.left.plain(), "right": self.right.plain()}
        drawn = [list(point) for point in self.drawn]
        return {**vars(self), **arms, "drawn": drawn, "own": None if self.own is None else self.own.plain()}


def _drawn(given: Any) -> tuple[tuple[float, float, int], ...]:
    if not isinstance(given, list) or not limits.LEAST_POINTS <= len(given) <= limits.MOST_POINTS:
        raise UserError("play.drawn_count", low=limits.LEAST_POINTS, high=limits.MOST_POINTS)
    points = []
    for point in given:
        if not isinstance(point, list) or len(point) != 3:
            raise UserError("play.drawn_point")
        x, y = (number({"x": value}, "x", 0, -4, 4) for value in point[:2])
        points.append((x, y, whole({"class": point[2]}, "class", 0, 0, 1)))
    if len({label for _, _, label in points}) < 2:
        raise UserError("play.drawn_classes")
    return tuple(points)
