"""``actlab cost --model MODULE:MODEL``: what its activations cost a user's model, and what others would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from actlab.cli.flags import Flag, number, teach
from actlab.cli.speaking import say_beside, say_json
from actlab.text import UserError, tr

if TYPE_CHECKING:
    import argparse

#: Options of `actlab cost` that are about nets of our own, and those that are about a user's model.
_OURS: Final = (
    "target", "widths", "depths", "most_parameters", "pilots", "epochs", "batch_size", "init", "optimiser", "noise",
    "test_points", "threads",
)  # fmt: skip
_THEIRS: Final = ("loss", "metric", "weights", "steps")
_MODEL: Final = (
    Flag("--model", "MODULE:MODEL"),
    Flag("--loss", "NAME|MODULE:LOSS"),
    Flag("--metric", "MODULE:METRIC"),
    Flag("--weights", "FILE"),
    Flag("--steps", "100"),
)


def add_options(cost: Any) -> None:
    """What a user's model needs to be known."""
    teach(cost, "cost.help", _MODEL)


def refuse(options: argparse.Namespace) -> None:
    """Options that do not go together are said, not passed over."""
    strangers = _OURS if options.model is not None else _THEIRS
    for name in strangers:
        if getattr(options, name) is not None:
            key = "cost.model.not_with" if options.model is not None else "cost.model.only_with"
            raise UserError(key, option=f"--{name.replace('_', '-')}")


def run_cost_model(options: argparse.Namespace) -> int:
    """Measure, and say what came of it."""
    from actlab import cost, report
    from actlab.doctor import command
    from actlab.progress import bar
    from actlab.report.costs.model import print_model_cost

    if options.data is None:
        raise UserError("check.no_data")
    if options.report is not None:
        report.check_page(options.report)
    model, _ = command.model_of(options.model, options.weights)
    settings = {
        "loss": None if options.loss is None else command.loss_of(options.loss),
        "metric": None if options.metric is None else command.loss_of(options.metric),
        "candidates": [name.strip() for name in options.names] or None,
        "seeds": number("--seeds", options.seeds, int),
        "steps": number("--steps", options.steps, int),
        "learning_rate": number("--learning-rates", options.learning_rates, float),
    }
    asked = {name: value for name, value in settings.items() if value is not None}
    with bar(tr("cost.model.measuring")) as tell:
        found = cost.of_model(model, command.batches_of(options.data), progress=tell, **asked)
    if options.json:
        say_json(found.to_json())
    else:
        print_model_cost(found)
    if options.report is not None:
        path = found.report(options.report, options.page_language)  # type: ignore[attr-defined]
        say_beside(tr("cli.report_at", path=path), options)
    return 0
