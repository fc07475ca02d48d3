"""What a built-in is."""

import math
from dataclasses import dataclass
from typing import Literal

from actlab.text import UserError

# Weight variance a unit's inputs get: "he" 2/fan_in, for functions that silence one side; "lecun" 1/fan_in.
Init = Literal["he", "lecun"]


@dataclass(frozen=True)
class Range:
    """A parameter: its name, its default, and the closed interval it may be taken from."""

    name: str
    default: float
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Builtin:
    """An activation with a name.

    `definition` is a formula in x and the names of `parameters`; everything else about the function is derived from
    it. `init` is the initialisation of the paper or of common practice, `use` names a sentence about where the
    function is met (``functions.use.<use>``), `reference` is where the definition comes from. `learned` names the
    parameters that training moves by definition; their defaults are where learning begins.
    """

    name: str
    definition: str
    init: Init
    use: str
    reference: str
    aliases: tuple[str, ...] = ()
    parameters: tuple[Range, ...] = ()
    learned: tuple[str, ...] = ()

    def parameter(self, name: str) -> Range | None:
        """The parameter called `name`, or ``None``."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def check(self, name: str, value: float) -> None:
        """Nothing, where the parameter `name` may take `value`.

        Raises:
            UserError: for a name that the function does not have, or a value outside of its interval, NaN among them.
        """
        parameter = self.parameter(name)
        if parameter is None:
            raise self.unknown_parameter(name)
        if not parameter.low <= value <= parameter.high:  # so NaN is refused
            raise UserError(
                "functions.parameter_range", function=self.name, name=name, value=f"{value:g}",
                low=f"{parameter.low:g}", high=f"{parameter.high:g}",
            )  # fmt: skip

    def unknown_parameter(self, name: str) -> UserError:
        """The sentence for a parameter that the function does not have: which ones it has."""
        known = ", ".join(parameter.name for parameter in self.parameters)
        if known:
            return UserError("functions.unknown_parameter", function=self.name, name=name, known=known)
        return UserError("functions.no_parameters", function=self.name, name=name)
