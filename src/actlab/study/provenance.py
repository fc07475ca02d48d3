"""How a result was made: the command that repeats it, the versions, the machine."""

from __future__ import annotations

import os
import platform
import shlex
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from actlab import _core
from actlab.nets import Optimiser
from actlab.study.arm import setting_text
from actlab.study.plan import CHECKPOINTS, CHECKPOINTS_TO_TARGET, GEOMETRY_SEEDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.study.plan import Plan


def command_of(plan: Plan) -> str:
    """One line that repeats the study: a shell command, or a call of `actlab.compare` for a user's own arrays."""
    if plan.source.name == "arrays":
        parts = [repr(list(plan.labels)), "data=(X, y)", f"hidden={plan.hidden}"]
        parts += [f"{name}={value!r}" for name, value in _seeds(plan).items()]
        parts += [f"learning_rates={_rates(plan)}", f"epochs={plan.epochs}", f"batch_size={plan.batch_size}"]
        settings = plan.settings.texts()
        parts += [
            f"{name}={settings[name]!r}"
            if isinstance(getattr(plan.settings, name), str | Optimiser)
            else f"{name}={settings[name]}"
            for name in settings
        ]
        parts += [f"{name}={value}" for name, value in _measured(plan).items()]
        return f"actlab.compare({', '.join(parts)})"
    data = getattr(plan.source, "words", ()) or ("--data", plan.source.name)
    words: list[object] = ["actlab", "compare", *plan.labels, *data]
    words += ["--hidden", _listed(plan.hidden)]
    words += [word for name, value in _seeds(plan).items() for word in (f"--{name}", value)]
    words += ["--learning-rates", _listed(_rates(plan)), "--epochs", plan.epochs, "--batch-size", plan.batch_size]
    for name, text in (plan.settings.texts() | _measured(plan)).items():
        words += [f"--{name.replace('_', '-')}", text]
    if not plan.source.conditional:
        words += ["--test-points", plan.source.n_test]
        noise = plan.source.specification().get("noise")
        if noise is not None:
            words += ["--noise", noise]
        beside = plan.source.specification().get("noise_columns")
        if beside is not None:
            words += ["--noise-columns", beside]
    return shlex.join(str(word) for word in words)


def _seeds(plan: Plan) -> dict[str, float | str]:
    """How many seeds, or when to stop adding them."""
    if plan.auto is None:
        return {"seeds": plan.seeds}
    return {"seeds": "auto", "until": plan.auto.until, "most": plan.auto.most}


def _measured(plan: Plan) -> dict[str, str]:
    """Target, checkpoints and geometry, where they are not the usual ones."""
    found = {}
    if plan.target_loss is not None:
        found["target_loss"] = setting_text(plan.target_loss)
    if plan.measured != (CHECKPOINTS if plan.target_loss is None else CHECKPOINTS_TO_TARGET):
        found["checkpoints"] = str(plan.measured)
    if plan.geometry_seeds != GEOMETRY_SEEDS:
        found["geometry_seeds"] = str(plan.geometry_seeds)
    return found


def _rates(plan: Plan) -> tuple[float, ...]:
    """The rates as the user would give them: the common one first."""
    return (plan.common_rate, *(rate for rate in plan.learning_rates if rate != plan.common_rate))


def _listed(values: Sequence[float]) -> str:
    return ",".join(f"{value:g}" if float(f"{value:g}") == value else repr(value) for value in values)


def versions() -> dict[str, str]:
    """Of actlab, Python and the libraries that numbers pass through."""
    found = {"python": platform.python_version()}
    for package in ("actlab", "numpy", "scipy", "polars"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a source tree
            found[package] = "?"
    return found


def machine(threads: int) -> dict[str, str]:
    """The processor, the instruction set in use, the threads and the system."""
    return {
        "processor": _processor(),
        "instruction_set": _core.instruction_sets()[-1],
        "threads": str(threads or os.cpu_count() or 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
