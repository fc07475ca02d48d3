"""An outlook as a figure: the phase diagram, the correlation map and the variance map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab.report._sheet import ARMS, INK, write_sheet
from actlab.report.outlook.expect import REACH, correlation_curve
from actlab.report.outlook.words import num, t
from actlab.theory.maps import next_variance
from actlab.theory.trained import about

if TYPE_CHECKING:
    from pathlib import Path

    from actlab._arrays import Array
    from actlab.report.outlook.expect import Outlook, Row
    from actlab.theory import Theory

_SIZE: Final = (11.0, 4.6)  # inches
_WEIGHTS: Final = np.linspace(0.05, 4.0, 80)  # σw² of the phase diagram
_BIASES: Final = np.linspace(0.0, 1.0, 51)  # σb²
_VARIANCES: Final = np.geomspace(1e-4, 1e3, 141)
_LONGEST: Final = 100.0  # layers from which the shade is the darkest
_MARKS: Final = {"usual": "s", "recommended": "o", "given": "D"}


def write_figure(found: Outlook, path: Path) -> tuple[Path, list[str]]:
    """Draw to `path` (its suffix says the format); returns it and what the reader should be told."""
    return write_sheet(path, lambda figure: _draw(figure, found))


def _draw(figure: Any, found: Outlook) -> None:
    figure.set_size_inches(*_SIZE)
    name = found.name if len(found.name) < 48 else found.name[:47] + "…"
    figure.text(0.045, 0.955, t("title", name=name), fontsize=15, weight="bold", va="top")
    places = [(0.065, 0.235), (0.40, 0.235), (0.735, 0.235)]
    axes = [figure.add_axes((left, 0.24, width, 0.52)) for left, width in places]
    _phases(figure, axes[0], found)
    shown = [row for what in _MARKS if (row := found.row(what)) is not None]
    _correlations(axes[1], found.theory, shown)
    _variances(axes[2], found.theory, shown)
    handles = [
        axes[1].plot([], [], color=ARMS[k], marker=_MARKS[row.what], markersize=6, linewidth=2)[0]
        for k, row in enumerate(shown)
    ]
    labels = [
        f"{t(f'init.{row.what}')}: σw² = {num(row.depth.sigma_w2)}, σb² = {num(row.depth.sigma_b2)}" for row in shown
    ]
    figure.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.04, 0.9), ncols=3, frameon=False, fontsize=9.5)


def gradient_layers(theory: Theory) -> tuple[Array, Array]:
    """Layers in which the squared gradient changes e-fold and χ₁, of shape (σb², σw²); NaN where no variance is kept.

    Moments are needed at `_VARIANCES` only: for each σw² the variances that are kept, σb² = q − σw²E[φ²], are read
    off, and the smallest stable one at each σb² is taken, to which a signal from below comes.
    """
    found = [theory.moments(float(q)) for q in _VARIANCES]
    second, slopes = np.array([m.second for m in found]), np.array([m.slope_second for m in found])
    chi = np.full((len(_BIASES), len(_WEIGHTS)), math.nan)
    for j, size in enumerate(_WEIGHTS):
        bias = _VARIANCES - size * second
        for i, wanted in enumerate(_BIASES):
            meets = np.flatnonzero((bias[:-1] <= wanted) & (bias[1:] > wanted))  # rising: dq′/dq < 1
            if meets.size:
                k = meets[0]
                share = (wanted - bias[k]) / (bias[k + 1] - bias[k])
                chi[i, j] = size * (slopes[k] + share * (slopes[k + 1] - slopes[k]))
            elif bias[0] > wanted:  # kept below the smallest variance: the signal dies out
                chi[i, j] = size * slopes[0]
    with np.errstate(divide="ignore"):
        return 1 / np.abs(np.log(chi)), chi


def _phases(figure: Any, axes: Any, found: Outlook) -> None:
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    axes.set_title(t("plot.phases"), loc="left", fontsize=11, color=INK["soft"])
    axes.grid(visible=False)
    layers, chi = gradient_layers(found.theory)
    shades = LinearSegmentedColormap.from_list("layers", [INK["card"], ARMS[0]])
    extent = (_WEIGHTS[0], _WEIGHTS[-1], _BIASES[0], _BIASES[-1])
    image = axes.imshow(
        np.clip(layers, 1, _LONGEST), origin="lower", aspect="auto", extent=extent, cmap=shades,
        norm=LogNorm(1, _LONGEST), interpolation="nearest",
    )  # fmt: skip
    if (chi < 1).any() and (chi > 1).any():
        axes.contour(_WEIGHTS, _BIASES, chi, levels=[1.0], colors=[INK["ink"]], linewidths=1.4)
    for k, row in enumerate([row for what in _MARKS if (row := found.row(what)) is not None]):
        axes.plot(
            row.depth.sigma_w2, row.depth.sigma_b2, _MARKS[row.what], color=ARMS[k], markersize=8,
            markeredgecolor=INK["paper"], clip_on=False, zorder=5,
        )  # fmt: skip
    _trained(axes, found, image)
    axes.set_xlim(0, _WEIGHTS[-1])
    axes.set_ylim(_BIASES[0], _BIASES[-1])
    axes.set_xlabel(t("plot.sigma_w2"))
    axes.set_ylabel(t("plot.sigma_b2"))
    gone = np.isnan(chi)
    for words, wanted in (("ordered", chi < 0.9), ("chaotic", chi > 1.1), ("explodes", gone)):
        if wanted.mean() > 0.12:
            i, j = (int(np.median(place)) for place in np.nonzero(wanted))
            x = float(np.clip(_WEIGHTS[j], 0.7, _WEIGHTS[-1] - 0.7))
            axes.text(x, _BIASES[i], t(f"plot.{words}").replace(": ", ":\n"), ha="center", va="center", fontsize=8.5,
                      bbox={"facecolor": INK["paper"], "edgecolor": "none", "alpha": 0.85, "pad": 1.5})  # fmt: skip
    bar = figure.colorbar(image, cax=figure.add_axes((0.065, 0.085, 0.235, 0.022)), orientation="horizontal")
    bar.set_ticks([1, 3, 10, 30, 100], labels=["1", "3", "10", "30", "≥ 100"])
    bar.ax.tick_params(labelsize=8)
    bar.set_label(t("plot.phases_note"), fontsize=8, color=INK["soft"])
    bar.outline.set_visible(False)
    if found.trained:
        figure.text(0.40, 0.03, t("plot.trained_note", **about()), fontsize=8, color=INK["soft"], va="bottom")


def _trained(axes: Any, found: Outlook, image: Any) -> None:
    """Where nets were trained: the depth at which they failed, and a sixth of it in the shades of the map.

    A net was found to train to six times the depth scale (Schoenholz et al. 2017): where that is so and gradients set
    the limit, a mark has the colour of what it stands on.
    """
    for k, one in enumerate(found.trained):
        shade = image.cmap(image.norm(min(one.fails_from / REACH, _LONGEST)))
        at = one.sigma_w2, one.sigma_b2
        axes.plot(*at, "o", markersize=7, color=shade, markeredgecolor=INK["ink"], markeredgewidth=0.8, zorder=4,
                  clip_on=False)  # fmt: skip
        depth = f"> {about()['deepest']}" if math.isinf(one.fails_from) else f"{one.fails_from:.0f}"
        axes.annotate(
            depth, at, xytext=(0, 6 + 9 * (k % 2)), textcoords="offset points", ha="center", va="bottom", fontsize=7,
            zorder=6, bbox={"facecolor": INK["paper"], "edgecolor": "none", "alpha": 0.85, "pad": 0.6},
        )  # fmt: skip


def _correlations(axes: Any, theory: Theory, shown: list[Row]) -> None:
    axes.set_title(t("plot.map"), loc="left", fontsize=11, color=INK["soft"])
    axes.plot([0, 1], [0, 1], color=INK["soft"], linewidth=1, linestyle=(0, (3, 3)))
    for k, row in enumerate(shown):
        curve = correlation_curve(theory, row.depth)
        axes.plot(curve.x, curve.y, color=ARMS[k], linewidth=2)
        if not math.isnan(row.depth.c):
            axes.plot([row.depth.c], [row.depth.c], _MARKS[row.what], color=ARMS[k], markersize=6, clip_on=False)
    axes.set_xlim(0, 1)
    lowest = axes.get_ylim()[0]
    axes.set_ylim(lowest if lowest < -0.06 else 0, 1)
    axes.set_xlabel(t("plot.layer_correlation"))


def _variances(axes: Any, theory: Theory, shown: list[Row]) -> None:
    axes.set_title(t("plot.variance"), loc="left", fontsize=11, color=INK["soft"])
    finite = [row.depth.q for row in shown if math.isfinite(row.depth.q)]
    top = max(2.0, 1.6 * max(finite, default=1.0))
    q = np.linspace(0, top, 61)
    axes.plot([0, top], [0, top], color=INK["soft"], linewidth=1, linestyle=(0, (3, 3)))
    for k, row in enumerate(shown):
        d = row.depth
        after = [next_variance(theory.activation, float(at), d.sigma_w2, d.sigma_b2) for at in q]
        axes.plot(q, after, color=ARMS[k], linewidth=2)
        if math.isfinite(d.q):
            axes.plot([d.q], [d.q], _MARKS[row.what], color=ARMS[k], markersize=6, clip_on=False)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_xlabel(t("plot.layer_variance"))
