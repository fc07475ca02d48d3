"""What a built-in is."""

import math
from dataclasses import dataclass
from typing import Literal

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
