from collections.abc import Callable, Sequence
from typing import Any

from actlab._arrays import AnyArray, Array, Integers

Program = tuple[AnyArray, Array, int]
Layer = tuple[int, int, str, int]
Descent = tuple[str, float, float, float, float, float, str, int]

def operations() -> list[tuple[str, int, int]]: ...
def instruction_sets() -> list[str]: ...
def philox(counter: tuple[int, int, int, int], key: int, rounds: int = 10) -> tuple[int, int, int, int]: ...
def standard_normal(seed: int, layer: int, count: int) -> Array: ...
def shuffle_order(seed: int, n: int, epochs: int, isa: str = "") -> AnyArray: ...
def room_like(x: AnyArray) -> AnyArray | None: ...
def evaluate(
    code: AnyArray,
    constants: Array,
    n_registers: int,
    x: AnyArray,
    value: AnyArray | None,
    derivative: AnyArray | None,
    careful_value: Array | None = None,
    careful_derivative: Array | None = None,
    isa: str = "",
    threads: int = 0,
    single: bool = False,
) -> None: ...
def careful(
    code: AnyArray,
    constants: Array,
    n_registers: int,
    x: AnyArray,
    threads: int = 0,
) -> tuple[AnyArray, AnyArray | None, AnyArray]: ...
def twofold(code: AnyArray, constants: Array, n_registers: int, x: Array, isa: str = "") -> Array: ...
def slope_from_value(activation: tuple[Program, Program, float, Sequence[Program]]) -> str: ...
def train(
    *,
    features: int,
    layers: Sequence[Layer],
    activations: Sequence[tuple[Program, Program, float]],
    loss: str,
    optimiser: Descent,
    weights: AnyArray,
    learning_rates: AnyArray,
    seeds: AnyArray,
    set_of_net: Integers,
    X: AnyArray,
    y: AnyArray,
    X_validation: AnyArray,
    y_validation: AnyArray,
    batch_size: int,
    epochs: int,
    probe: int,
    target: float,
    checkpoints: Integers,
    snapshot_rows: AnyArray,
    isa: str = "",
    threads: int = 0,
    layout: str = "",
    progress: Callable[[float], None] | None = None,
) -> dict[str, Any]: ...
def score(
    *,
    features: int,
    layers: Sequence[Layer],
    activations: Sequence[tuple[Program, Program, float]],
    loss: str,
    weights: AnyArray,
    set_of_net: Integers,
    X: AnyArray,
    y: AnyArray,
    isa: str = "",
    threads: int = 0,
    layout: str = "",
) -> Array: ...
