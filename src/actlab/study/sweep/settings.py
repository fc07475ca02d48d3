"""From a setting, a source and an arm to the cell that they come to, and whether the constraints allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actlab.nets import TrainSpec, optimiser
from actlab.study.arm import Settings
from actlab.study.plan import usual
from actlab.study.sweep.cell import Cell
from actlab.study.sweep.keys import BY_NAME, optional
from actlab.study.sweep.sources import SIZES
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actlab.data import Source
    from actlab.study.arm import Arm
    from actlab.study.sweep.plan import SweepPlan


def cell_of(setting: Mapping[str, Any], source: Source, arm: Arm) -> Cell:
    """The nets of `arm` under `setting`, a value for every key but the activations."""
    common = Settings(
        init=None if setting["init"] == "default" else setting["init"],
        norm=setting["norm"],
        residual=setting["residual"],
        optimiser=optimiser(setting["optimiser"]),
        schedule=setting["schedule"],
        warm_up=setting["warm_up"],
        weight_decay=setting["weight_decay"],
        clip=optional(setting["clip"]),
    )
    own = arm.settings(common)
    widths, epochs = usual(source)
    hidden = setting["hidden"] if "hidden" in setting else (setting["width"] or widths[0],) * (
        setting["depth"] or len(widths)
    )  # fmt: skip
    training = TrainSpec(
        setting["epochs"] or epochs,
        setting["batch_size"],
        own.optimiser,
        own.schedule,
        own.warm_up,
        own.weight_decay,
        own.clip,
    )
    assert own.init is not None
    return Cell(source, arm.activation, hidden, own.init, own.norm, own.residual, training, setting["learning_rates"])


def check(cell: Cell) -> None:
    """`UserError` where such nets cannot be: before anything is trained, and not in the middle of the night."""
    batch = min(cell.training.batch_size, cell.source.n_train)
    if cell.norm == "batch" and batch < 2:
        raise UserError("nets.batch_of_one", batch_size=batch)
    steps = cell.training.steps(cell.source.n_train)
    if cell.training.warm_up >= steps:
        raise UserError("study.long_warm_up", warm_up=integer(cell.training.warm_up), steps=integer(steps))
    _ = cell.net  # sequences take no norm and no residual connection


def allowed(plan: SweepPlan, cell: Cell, arm: Arm, setting: Mapping[str, Any]) -> bool:
    """Whether the constraints of `plan` let the cell be trained."""
    if not plan.constraints:
        return True
    widths, said = set(cell.hidden), cell.source.specification()
    values = {BY_NAME[key].column: value for key, value in setting.items()} | {
        "data": cell.source.name,
        "activation": arm.name,
        "hidden": ",".join(map(str, cell.hidden)),
        "depth": len(cell.hidden),
        "width": next(iter(widths)) if len(widths) == 1 else None,
        "noise": said.get("noise"),
        "noise_columns": said.get("noise_columns", 0),
        "train_points": cell.source.n_train,
        "validation_points": cell.source.n_validation,
        "test_points": cell.source.n_test,
        "epochs": cell.training.epochs,
        "parameters": cell.net.parameters,
        "flops": cell.work,
        "steps": cell.training.steps(cell.source.n_train),
    }
    return all(constraint.holds(values) for constraint in plan.constraints)


def plain(key: str, setting: Mapping[str, Any], source: Source) -> Any:
    """A setting's value as tables hold it."""
    if key == "data":
        return source.name
    if key == "hidden":
        return ",".join(map(str, setting[key]))
    return None if key in SIZES and source.conditional else setting[key]
