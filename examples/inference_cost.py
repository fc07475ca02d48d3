"""Rows A7 and K5: what does the article's title cost? Sigmoid (and eight others) against ReLU for the same accuracy.

On five data sets the smallest net is sought with which each function reaches a target in 95 % of the seeds: at its best
learning rate, and at the article's 0.05 for all. Printed as Markdown; ``--out FOLDER`` writes ``title.json`` and, with
matplotlib, ``title.en.png`` and ``title.ko.png``. With ``--data moons xor`` only these are studied anew, and what
``title.json`` has of the others stays (``--data`` alone draws anew). ``--quick`` is a small version (seconds).

Run it with ``python examples/inference_cost.py``; on two quiet processors it takes less than ten minutes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from actlab.cost import cost
from actlab.cost.latency import Stopwatch

FUNCTIONS = ["relu", "sigmoid", "tanh", "leaky_relu", "elu", "selu", "softplus", "gelu", "silu", "mish"]
#: Test accuracies that small nets reach in 400 epochs; the best possible are 98.0, 99.4, 98.8, 99.4 and 100 %.
TARGETS = {"moons": 0.95, "circles": 0.97, "xor": 0.95, "spiral": 0.90, "checkerboard": 0.80}
MEASURES = {"parameters": "parameters", "flops": "FLOPs", "ns_batch": "time"}


def study(names: list[str], settings: dict[str, Any]) -> dict[str, Any]:
    """One `cost` a data set, as JSON; nets of equal shape are timed once."""
    watch, found = Stopwatch(), {}
    for data in names:
        result = cost(FUNCTIONS, data=data, target=TARGETS[data], stopwatch=watch, **settings)
        found[data] = result.to_json()
        print(f"<!-- {data}: {result.provenance.nets:,} nets, {result.provenance.seconds:.0f} s -->", flush=True)
    return found


def cell(row: dict[str, Any], measure: str) -> str:
    """A ratio with its interval."""
    value, low, high = (row[f"ratio_{measure}{end}"] for end in ("", "_low", "_high"))
    if value is None:
        return "–" if low is None else f"> {low:.2g}"
    return f"{value:.2f} [{low:.2f}, {'∞' if high is None else f'{high:.2f}'}]"


def tables(found: dict[str, Any]) -> str:
    """Markdown: a table a question and measure, a row a function, a column a data set."""
    lines = []
    head = ["| | " + " | ".join(found) + " |", "|---" * (len(found) + 1) + "|"]
    for regime, title in (("best", "each at its best learning rate"), ("equal", "all at learning rate 0.05")):
        for measure, name in MEASURES.items():
            lines += [f"\n**{name}, × ReLU, {title}**\n", *head]
            for arm in FUNCTIONS[1:]:
                cells = [cell(_row(result, regime, arm), measure) for result in found.values()]
                lines.append(f"| {arm} | " + " | ".join(cells) + " |")
    lines += ["\n**ReLU's own smallest net** (layers × units [95 % interval], parameters)\n", *head]
    for regime in ("best", "equal"):
        rows = [_row(result, regime, "relu") for result in found.values()]
        lines.append(f"| {regime} | " + " | ".join(map(smallest, rows)) + " |")
    return "\n".join(lines)


def smallest(row: dict[str, Any]) -> str:
    """The smallest net with its interval."""
    if not row["reached"]:
        return "none"
    ends = (f"{row[name]:.0f}" if row[name] is not None else "∞" for name in ("width_low", "width_high"))
    return f"{row['depth']} × {row['width']} [{', '.join(ends)}], {row['parameters']}"


def _row(result: dict[str, Any], regime: str, arm: str) -> dict[str, Any]:
    return next(row for row in result["summary"] if (row["regime"], row["arm"]) == (regime, arm))


WORDS = {
    "en": {
        "best": "each at its best learning rate", "equal": "all at learning rate 0.05", "parameters": "parameters",
        "ns_batch": "time in onnxruntime", "x": "times ReLU's (an arrow: more than this)",
    },
    "ko": {
        "best": "함수마다 가장 좋은 학습률", "equal": "모두 학습률 0.05", "parameters": "매개변수",
        "ns_batch": "onnxruntime에서의 시간", "x": "ReLU의 배 (화살표: 이보다 큼)",
    },
}  # fmt: skip


def draw(figure: Any, found: dict[str, Any], lang: str) -> None:
    """Ratios with their intervals: a panel a question and measure."""
    from matplotlib.ticker import FixedLocator

    from actlab.report._sheet import ARMS

    figure.set_size_inches(11, 8)
    words = WORDS[lang]
    for place, (regime, measure) in enumerate((r, m) for r in ("best", "equal") for m in ("parameters", "ns_batch")):
        axes = figure.add_subplot(2, 2, place + 1)
        axes.set_title(f"{words[measure]}, {words[regime]}", loc="left", fontsize=11)
        axes.set_xscale("log")
        axes.axvline(1, color="0.4", linewidth=0.8)
        for k, (data, result) in enumerate(found.items()):
            for y, arm in enumerate(FUNCTIONS[1:]):
                row = _row(result, regime, arm)
                value, low, high = (row[f"ratio_{measure}{end}"] for end in ("", "_low", "_high"))
                at = len(FUNCTIONS) - y + 0.15 * (2 - k)
                if value is None and low is not None:
                    axes.plot([low], [at], marker=">", color=ARMS[k], markersize=5)
                elif value is not None:
                    axes.plot([low, high or 100], [at, at], color=ARMS[k], linewidth=1.4)
                    axes.plot([value], [at], marker="o", color=ARMS[k], markersize=4)
            axes.plot([], [], color=ARMS[k], marker="o", label=data)
        axes.set_yticks(range(len(FUNCTIONS), 1, -1), FUNCTIONS[1:])
        axes.set_xlabel(words["x"])
        axes.set_xlim(0.2, 60)
        axes.xaxis.set_major_locator(FixedLocator([0.25, 0.5, 1, 2, 4, 8, 16, 32]))
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
        axes.minorticks_off()
        if place == 0:
            axes.legend(frameon=False, fontsize=8, loc="best")
    figure.tight_layout()


def main() -> None:
    """Study, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=48)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--data", nargs="*", choices=list(TARGETS), default=list(TARGETS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    small = {"widths": (2, 8, 16), "depths": (1, 2), "epochs": 100, "pilots": 2, "seeds": 4}
    full = {"most_parameters": 1_000, "pilots": 8, "seeds": options.seeds}
    found: dict[str, Any] = {}
    kept = None if options.out is None else options.out / "title.json"
    if kept is not None and kept.exists():
        found = json.loads(kept.read_text(encoding="utf-8"))
    found |= study(options.data, small if options.quick else full)
    found = {data: found[data] for data in TARGETS if data in found}
    machine = next(iter(found.values()))["provenance"]["machine"]
    nets, seconds = (sum(result["provenance"][name] for result in found.values()) for name in ("nets", "seconds"))
    print(tables(found))
    print(f"\n{nets:,} nets, {seconds:.0f} s; {machine['processor']}, {machine['threads']} threads.")
    if kept is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), encoding="utf-8")
        from actlab.report._sheet import write_sheet
        from actlab.text import use_language

        for lang in WORDS:
            with use_language(lang):
                write_sheet(options.out / f"title.{lang}.png", lambda figure, lang=lang: draw(figure, found, lang))


if __name__ == "__main__":
    main()
