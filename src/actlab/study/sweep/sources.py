"""The points of a plan's settings: which source each learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actlab.data import is_file, resolve
from actlab.text import UserError

if TYPE_CHECKING:
    from actlab.data import Source
    from actlab.study.sweep.plan import SweepPlan

#: Keys of a plan that generators take, as `resolve` calls them.
SIZES = {
    "noise": "noise", "noise_columns": "noise_columns", "train_points": "n_train",
    "validation_points": "n_validation", "test_points": "n_test",
}  # fmt: skip


class Sources:
    """The sources of a plan, each made once. Fixed points have no use for a noise or a number of points."""

    def __init__(self, plan: SweepPlan) -> None:
        self._made: dict[tuple[Any, ...], Source] = {}
        names = plan.axis("data").values
        files = [name for name in names if is_file(name)]
        # How to read a file is said to the files; where there is none, whoever is told refuses.
        self._reading = {name: plan.reading if not files or name in files else {} for name in names}
        self._fixed = {name: source for name in names if (source := resolve(name, **self._reading[name])).conditional}
        given = {SIZES[key]: plan.axis(key).values[:1] for key in SIZES if plan.axis(key).values != (None,)}
        if given and len(self._fixed) == len(names):
            raise UserError("data.fixed", name=next(iter(self._fixed.values())).name, what=", ".join(given))
        self._first = {key: plan.axis(key).values[0] for key in SIZES if plan.axis(key).between is None}
        for source in self._fixed.values():
            if source.n_validation == 0 and plan.best_over:
                raise UserError("sweep.no_validation", name=source.name)

    def of(self, setting: dict[str, Any]) -> Source | None:
        """The source of a setting; None where it repeats another, as only a noise differs that the points ignore."""
        if setting["data"] in self._fixed:
            repeats = any(key in self._first and setting[key] != self._first[key] for key in SIZES)
            return None if repeats else self._fixed[setting["data"]]
        key = (setting["data"], *(setting[name] for name in SIZES))
        if key not in self._made:
            given = {name: setting[of] for of, name in SIZES.items()}
            self._made[key] = resolve(setting["data"], **given, **self._reading[setting["data"]])
        return self._made[key]
