"""The well-known small sets that come with scikit-learn."""

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from actlab.data.source import Label, TaskKind
from actlab.data.table import Table
from actlab.text import UserError

__all__ = ["BUNDLED", "bundled"]

#: Name: the function of `sklearn.datasets`, and the task.
BUNDLED: dict[str, tuple[str, TaskKind]] = {
    "digits": ("load_digits", "multiclass"),
    "breast_cancer": ("load_breast_cancer", "binary"),
    "wine": ("load_wine", "multiclass"),
    "iris": ("load_iris", "multiclass"),
    "diabetes": ("load_diabetes", "regression"),
}


@cache
def bundled(name: str) -> Table:
    """One of `BUNDLED`, as scikit-learn has it; diabetes with its columns in their own units.

    Raises
    ------
    UserError
        scikit-learn is not installed.
    """
    try:
        datasets: Any = import_module("sklearn.datasets")
    except ImportError as error:
        raise UserError("data.no_sklearn", name=name) from error
    loader, task = BUNDLED[name]
    settings: dict[str, Any] = {"scaled": False} if name == "diabetes" else {}
    found: Any = getattr(datasets, loader)(**settings)
    classes: tuple[Label, ...] = () if task == "regression" else tuple(_plain(label) for label in found.target_names)
    X = np.array(found.data, dtype=np.float64)
    y = np.array(found.target, dtype=np.float64)
    return Table(X, y, task, classes, tuple(str(feature) for feature in found.feature_names), name)


def _plain(label: Any) -> Label:
    value: Label = label.item() if isinstance(label, np.generic) else label
    return value
