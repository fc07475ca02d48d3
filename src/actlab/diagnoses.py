"""Diagnoses as users hold them: the doctor's data with pages attached, so that no floor reaches upward."""

from __future__ import annotations

from dataclasses import dataclass
from functools import update_wrapper, wraps
from typing import TYPE_CHECKING, Any

from actlab import doctor
from actlab.doctor import trial as trials
from actlab.doctor import watching

if TYPE_CHECKING:
    import os
    from pathlib import Path

__all__ = ["Diagnosis", "Trial", "Watch", "check", "shown", "watch"]


class Diagnosis(doctor.Diagnosis):
    """What `actlab.check` and `actlab.watch` found: see `actlab.doctor.Diagnosis` for its parts."""

    def report(self, path: str | os.PathLike[str], lang: str | None = None) -> Path:
        """Write one self-contained HTML page, in `lang` (``"en"``, ``"ko"``, by default the current language).

        Raises:
            UserError: where nothing can be written at `path`.
        """
        from actlab.report import write_diagnosis

        return write_diagnosis(self, path, lang)

    def try_remedies(self, *arguments: Any, **settings: Any) -> Trial:
        """See `actlab.doctor.Diagnosis.try_remedies`."""
        found = super().try_remedies(*arguments, **settings)
        return Trial(**vars(found), diagnosis=self)


update_wrapper(Diagnosis.try_remedies, doctor.Diagnosis.try_remedies)


@dataclass(frozen=True)
class Trial(trials.Trial):
    """Remedies on trial: see `actlab.doctor.trial.Trial` for its parts; `diagnosis` is what they were drawn from."""

    diagnosis: Diagnosis | None = None

    def report(self, path: str | os.PathLike[str], lang: str | None = None) -> Path:
        """Write the page of the diagnosis with the remedies' results on it; see `Diagnosis.report`."""
        from actlab.report import write_diagnosis

        assert self.diagnosis is not None
        return write_diagnosis(self.diagnosis, path, lang, self)

    __str__ = trials.Trial.__str__


class Watch(watching.Watch):
    """See `actlab.watch`."""

    def diagnosis(self) -> Diagnosis:
        """What has been found so far; may be asked for inside the block, too.

        Raises:
            UserError: where no forward pass with gradients has been seen.
        """
        return shown(super().diagnosis())


@wraps(doctor.check)
def check(*arguments: Any, **settings: Any) -> Diagnosis:
    """See `actlab.doctor.check`."""
    return shown(doctor.check(*arguments, **settings))


@wraps(doctor.watch)
def watch(*arguments: Any, **settings: Any) -> Watch:
    """See `actlab.doctor.watch`."""
    watch = doctor.watch(*arguments, **settings)
    watch.__class__ = Watch  # nothing is kept beside what it holds
    assert isinstance(watch, Watch)
    return watch


def shown(result: doctor.Diagnosis) -> Diagnosis:
    """`result` with the ways to show it attached."""
    return Diagnosis(**vars(result))
