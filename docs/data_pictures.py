"""Draw the pictures of docs/*/data.md, one a data set: ``.venv/bin/python docs/data_pictures.py``.

Needs the test extra. No word stands in the pictures, so both languages share them.
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from actlab.data import Curve, Sequence, Table, resolve

HERE = Path(__file__).parent / "images" / "data"
#: Okabe and Ito 2008: told apart by everybody; more classes than colours take other marks.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
MARKS = "o^s"
NAMES = (
    "moons", "moons:article", "circles", "xor", "spiral", "spiral:3", "blobs", "checkerboard", "digits",
    "breast_cancer", "wine", "iris", "diabetes", "step", "sine", "noisy_sine", "abs", "polynomial", "surface",
    "adding", "recall",
)  # fmt: skip


def main() -> None:
    """Write every picture."""
    HERE.mkdir(parents=True, exist_ok=True)
    mpl.use("agg")
    for name in NAMES:
        figure, axes = plt.subplots(figsize=(3, 3), dpi=110)
        draw(axes, name)
        figure.tight_layout(pad=0.4)
        figure.savefig(HERE / f"{name.replace(':', '-')}.png", metadata={"Software": None})
        plt.close(figure)


def draw(axes: Axes, name: str) -> None:
    """The picture of one data set."""
    source = resolve(name)
    draw = source.refit() if name == "moons:article" else source.draw(0)
    axes.tick_params(labelsize=7)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
    if name == "digits":
        digits(axes, source)
    elif isinstance(source, Sequence):
        sequence(axes, draw.train.X, name)
    elif name == "surface":
        surface(axes, source)
    elif isinstance(source, Curve):
        curve(axes, source, draw.test)
    elif isinstance(source, Table):
        axes.set_aspect("equal")
        points(axes, leading(np.concatenate([draw.train.X, draw.test.X])), np.concatenate([draw.train.y, draw.test.y]))
    else:
        axes.set_aspect("equal")
        points(axes, draw.train.X[:600], draw.train.y[:600])
        boundary(axes, source)


def points(axes: Axes, X: np.ndarray, y: np.ndarray) -> None:
    """Points coloured by class, or by the value of a regression."""
    if len(np.unique(y)) > 20:
        axes.scatter(*X.T, s=7, c=y, cmap="cividis", linewidths=0)
        return
    for label in np.unique(y).astype(int):
        own = y == label
        axes.scatter(*X[own].T, s=7, color=COLOURS[label % 7], marker=MARKS[label % 3], linewidths=0, alpha=0.75)


def boundary(axes: Axes, source) -> None:
    """Where the likeliest class changes."""
    x, y = np.linspace(*axes.get_xlim(), 240), np.linspace(*axes.get_ylim(), 240)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    distance = source.signed_distance(grid).reshape(240, 240, -1)
    for column in np.moveaxis(distance, 2, 0):
        axes.contour(x, y, column, levels=[0], colors="black", linewidths=0.8)


def leading(X: np.ndarray) -> np.ndarray:
    """The two leading principal axes."""
    _, _, V = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return (X - X.mean(axis=0)) @ V[:2].T


def digits(axes: Axes, source: Table) -> None:
    """The first two of each digit."""
    rows = [np.flatnonzero(source.y == digit)[:2] for digit in range(10)]
    images = np.pad(source.X.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    tiles = [[images[pair[k]] for pair in rows[half : half + 5]] for half in (0, 5) for k in (0, 1)]
    axes.imshow(np.block(tiles), cmap="gray_r", interpolation="nearest")
    axes.axis("off")


def curve(axes: Axes, source: Curve, test) -> None:
    """Some points, and the function."""
    x = np.linspace(-np.sqrt(3), np.sqrt(3), 801)[:, None]
    if source.noise:
        axes.scatter(test.X[:300, 0], test.y[:300], s=6, color=COLOURS[0], linewidths=0, alpha=0.7)
    line = source.clean(x)
    line[:-1][np.abs(np.diff(line)) > 1] = np.nan
    axes.plot(x[:, 0], line, color=COLOURS[1], linewidth=1.6)


def surface(axes: Axes, source: Curve) -> None:
    """The heights as colours."""
    side = np.linspace(-np.sqrt(3), np.sqrt(3), 121)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    axes.pcolormesh(side, side, source.clean(grid).reshape(121, 121), cmap="cividis", rasterized=True)
    axes.set_aspect("equal")


def sequence(axes: Axes, X: np.ndarray, name: str) -> None:
    """The columns of one sequence over its steps."""
    steps = np.arange(1, X.shape[1] + 1)
    if name == "adding":
        value, marker = X[np.argmax(np.where(X[:, :, 1] == 1, X[:, :, 0], 1).min(axis=1) > 0.3)].T
        marked = marker == 1
        axes.vlines(steps, 0, value, color=np.where(marked, COLOURS[1], "#aaaaaa"), linewidth=1.5)
        axes.plot(steps[marked], value[marked], "o", color=COLOURS[1], markersize=5)
        return
    for k, column in enumerate(X[2].T):
        axes.plot(steps, column + 1.6 * k, color=COLOURS[k], linewidth=1)
    axes.set_yticks([1.6 * k for k in range(4)], ["0", "1", "2", "3"])


if __name__ == "__main__":
    main()
