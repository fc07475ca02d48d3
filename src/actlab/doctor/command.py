"""What `actlab check` does: names to a model, batches and a loss; a diagnosis to files and an answer."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.doctor.checking import BATCHES, check
from actlab.doctor.finding import SEVERITIES
from actlab.doctor.sarif import to_sarif
from actlab.text import UserError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab.doctor.diagnosis import Diagnosis
    from actlab.doctor.finding import Severity

NEVER: Final = "never"


@dataclass(frozen=True)
class Outcome:
    """A diagnosis, whether it fails the check, and the files that were written."""

    diagnosis: Diagnosis
    failed: bool
    written: tuple[Path, ...]


def run(
    names: Sequence[str],
    *,
    data: str | None = None,
    loss: str | None = None,
    weights: str | None = None,
    batches: float | None = None,
    fail_on: str | None = None,
    baseline: str | None = None,
    write_baseline: str | None = None,
    sarif: str | None = None,
) -> Outcome:
    """Check the model that ``names[0]`` leads to.

    Raises:
        UserError: for names that lead nowhere, files that cannot be read or written, and as `check`.
    """
    if len(names) != 1:
        raise UserError("check.one_model")
    if data is None:
        raise UserError("check.no_data")
    severity = _severity(fail_on)
    known = _known(baseline) if baseline is not None else frozenset()
    for path in (sarif, write_baseline):
        if path is not None and not Path(path).resolve().parent.is_dir():
            raise UserError("check.unwritable", path=path)
    model, built = model_of(names[0], weights)
    diagnosis = check(
        model,
        batches_of(data),
        loss=None if loss is None else loss_of(loss),
        max_batches=BATCHES if batches is None else int(batches),
        trained=weights is not None,
    )
    diagnosis = _as_typed(diagnosis)
    written = []
    if write_baseline is not None:
        listed = sorted({f.fingerprint for f in diagnosis.findings})
        written.append(_write(write_baseline, {"version": 1, "known": listed}))
    diagnosis = diagnosis.without(known)
    if sarif is not None:
        written.append(_write(sarif, to_sarif(diagnosis, _place(built))))
    return Outcome(diagnosis, severity is not None and bool(diagnosis.at_least(severity)), tuple(written))


def _as_typed(diagnosis: Diagnosis) -> Diagnosis:
    """The same, with the flag named where Python's argument would be."""
    skips = tuple(replace(s, reason="no_loss_named") if s.reason == "no_loss" else s for s in diagnosis.readings.skips)
    return replace(diagnosis, readings=replace(diagnosis.readings, skips=skips))


def _severity(word: str | None) -> Severity | None:
    word = "warning" if word is None else word.strip()
    if word == NEVER:
        return None
    for severity in SEVERITIES:
        if severity == word:
            return severity
    raise UserError("check.fail_on", value=word[:40], known=", ".join((*SEVERITIES, NEVER)))


def _named(name: str) -> Any:
    """What ``package.module:attribute`` stands for; the current folder is looked in first."""
    module_name, colon, path = name.strip().partition(":")
    if not colon or not module_name or not path:
        raise UserError("check.name", name=name[:80])
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        held: Any = importlib.import_module(module_name)
    except Exception as error:  # the module is the user's: whatever it raises belongs to the answer
        raise UserError("check.cannot_import", name=module_name, error=_brief(error)) from error
    for part in path.split("."):
        if not hasattr(held, part):
            near = nearest(part, dir(held))
            if near is None:
                raise UserError("check.no_attribute", name=part, home=module_name)
            raise UserError("check.no_attribute_near", name=part, home=module_name, near=near)
        held = getattr(held, part)
    return held


def _called(held: Any, name: str) -> Any:
    if not callable(held):
        return held
    try:
        return held()
    except Exception as error:  # the user's code again
        raise UserError("check.cannot_call", name=name.strip(), error=_brief(error)) from error


def model_of(name: str, weights: str | None = None) -> tuple[torch.nn.Module, Any]:
    """The model that ``package.module:attribute`` leads to, with a file's state dict; and what the name stands for.

    Raises:
        UserError: for a name that leads to no module, and weights that cannot be read.
    """
    built = _named(name.strip())
    model = built if isinstance(built, torch.nn.Module) else _called(built, name)
    if not isinstance(model, torch.nn.Module):
        raise UserError("check.no_module", name=name.strip(), kind=type(model).__name__)
    if weights is not None:
        _load(model, weights)
    return model, built


def batches_of(name: str) -> Any:
    """The batches that a name leads to: an iterable, or what a function without arguments gives."""
    found = _named(name)
    return _called(found, name) if callable(found) and not hasattr(found, "__iter__") else found


def loss_of(name: str) -> Callable[..., torch.Tensor]:
    """A loss of `torch.nn.functional`, or the one that a name leads to."""
    if ":" not in name:
        functions = {n for n in dir(torch.nn.functional) if n.endswith(("loss", "entropy", "logits"))}
        if name not in functions:
            near = nearest(name, functions)
            raise UserError("check.loss_near" if near else "check.loss", name=name[:40], near=near or "")
        found: Callable[..., torch.Tensor] = getattr(torch.nn.functional, name)
        return found
    held = _named(name)
    if isinstance(held, type):
        held = _called(held, name)
    if not callable(held):
        raise UserError("check.loss", name=name[:40])
    made: Callable[..., torch.Tensor] = held
    return made


def _load(model: torch.nn.Module, path: str) -> None:
    """A state dict; a file that holds anything but tensors is refused, never unpickled."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise UserError("check.no_weights", path=path) from None
    except Exception as error:  # pickle, zip and torch raise many kinds
        raise UserError("check.bad_weights", path=path) from error
    try:
        model.load_state_dict(state)
    except Exception as error:
        raise UserError("check.other_weights", path=path, error=_brief(error)) from error


def _known(path: str) -> frozenset[str]:
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
        return frozenset(str(entry) for entry in held["known"])
    except FileNotFoundError:
        raise UserError("check.no_baseline", path=path) from None
    except (ValueError, KeyError, TypeError, OSError):
        raise UserError("check.bad_baseline", path=path) from None


def _write(path: str, held: Any) -> Path:
    """Complete or absent: first beside it, then in its place."""
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(target)
    except OSError:
        beside.unlink(missing_ok=True)
        raise UserError("check.unwritable", path=path) from None
    return target


def _place(built: Any) -> tuple[str, int] | None:
    """File and line where the model is built, relative to the current folder where it lies below."""
    kind = type(built) if isinstance(built, torch.nn.Module) else built
    try:
        file = Path(inspect.getsourcefile(kind) or "").resolve()
        line = inspect.getsourcelines(kind)[1]
    except (TypeError, OSError):
        return None
    return (str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)), max(line, 1)


def _brief(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200] if lines else ''}".rstrip(".: ")
