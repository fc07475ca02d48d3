"""The studies that several files look at, and a user's own arrays."""

import numpy as np

#: Few epochs, few points: what is tested is the plumbing, not the nets.
GRID = {
    "hidden": (6, 4), "seeds": 7, "learning_rates": (0.5, 0.05), "epochs": 12, "batch_size": 50, "test_points": 400,
}  # fmt: skip
ARTICLE = {"data": "moons:article", "hidden": (5,), "seeds": 5, "learning_rates": (0.05, 0.5), "epochs": 10}
FAILING = {"seeds": 16, "learning_rates": 5.0, "epochs": 100, "test_points": 1000}


def own_arrays():
    """Five columns, two classes named by words, and a boundary that is not a line."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(120, 5)) * [1, 2, 3, 4, 5]
    return X, np.where(X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=120) > 0, "spam", "ham")
