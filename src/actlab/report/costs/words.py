"""The cells and sentences of a study of cost, in the current language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from actlab.cost.price import WIDTHS
from actlab.text import integer, number, percent, tr

if TYPE_CHECKING:
    from actlab.cost import Cost

#: Columns of the table of nets, and of the table of functions.
NETS = ("arm", "net", "parameters", "ratio_parameters", "ratio_flops", "ratio_ns_batch", "rate")
TIMES = ("arm", "flops", "bytes", "core_1", "core_1024", "onnxruntime_1", "onnxruntime_1024")
PRICES = ("arm", "ns_core", "ns_runtime", *(f"share_{width}" for width in WIDTHS))


def t(key: str, **values: Any) -> str:
    """A sentence or word of this room."""
    return tr(f"cost.{key}", **values)


def heads(names: tuple[str, ...], found: Cost) -> list[str]:
    """The heads of a table."""
    return [
        t("column.share", width=name[6:]) if name.startswith("share_") else t(f"column.{name}", first=found.arms[0])
        for name in names
    ]


def ratio(row: dict[str, Any], measure: str) -> str:
    """“2.4 × [1.9, 3.1]”; “> 18 ×” where no net was large enough; 1 for the first arm."""
    value, low, high = (row[f"ratio_{measure}{end}"] for end in ("", "_low", "_high"))
    if value is None:
        return "–" if low is None else f"> {number(low, 2)} ×"
    if low == high == value:
        return f"{number(value, 2)} ×"
    return f"{number(value, 2)} × [{number(low, 2)}, {'∞' if high is None else number(high, 2)}]"


def net_cells(row: dict[str, Any]) -> dict[str, str]:
    """The cells of a row of the summary."""
    cells = {"arm": row["arm"], "rate": "–" if row["learning_rate"] is None else number(row["learning_rate"])}
    if row["reached"]:
        high = "∞" if row["width_high"] is None else number(row["width_high"])
        low = "∞" if row["width_low"] is None else number(row["width_low"])
        cells["net"] = t("value.net", depth=row["depth"], width=row["width"], low=low, high=high)
    else:
        cells["net"] = t("value.none")
    cells |= {name: "–" if row[name] is None else integer(row[name]) for name in ("parameters", "flops", "bytes")}
    for measure in ("parameters", "flops", "ns_batch"):
        cells[f"ratio_{measure}"] = ratio(row, measure)
    for name in ("core_1", "core_1024", "onnxruntime_1", "onnxruntime_1024"):
        cells[name] = "–" if row[name] is None else number(row[name])
    return cells


def price_cells(found: Cost, arm: str) -> dict[str, str]:
    """The cells of one function's price."""
    price = found.prices[arm]
    cells = {
        "arm": arm, "ns_core": number(price.core),
        "ns_runtime": "–" if price.runtime is None else number(price.runtime),
    }  # fmt: skip
    return cells | {f"share_{width}": percent(share, 0) for width, share in price.share.items()}


def regime_title(found: Cost, regime: str) -> str:
    """What was asked, as a heading."""
    return t("title.best") if regime == "best" else t("title.equal", rate=number(found.common_rate))


def lede(found: Cost) -> list[str]:
    """The answers in sentences: for each question the other functions against the first."""
    # Firth's fit of one size that never fails: (n + ½)/(n + 1) of n seeds.
    said = [] if (found.seeds + 0.5) / (found.seeds + 1) >= found.enough else [t("few_seeds", **_few(found))]
    for regime in found.regimes:
        rows = [row for row in found.summary.to_dicts() if row["regime"] == regime]
        said += [_answer(found, regime, row, rows[0]) for row in rows[1:]]
    return said


def _few(found: Cost) -> dict[str, str]:
    needed = math.ceil((found.enough - 0.5) / (1 - found.enough) - 1e-9)
    return {"seeds": integer(found.seeds), "enough": percent(found.enough, 0), "needed": integer(needed)}


def _answer(found: Cost, regime: str, row: dict[str, Any], first: dict[str, Any]) -> str:
    values = {
        "where": t("where.best") if regime == "best" else t("where.equal", rate=number(found.common_rate)),
        "arm": row["arm"], "first": first["arm"],
    }  # fmt: skip
    if not first["reached"]:
        return t("answer.first_never" if row["reached"] else "answer.neither", **values)
    low, high = row["ratio_parameters_low"], row["ratio_parameters_high"]
    if not row["reached"]:
        return t("answer.never", **values, bound=number(low, 2))
    values |= {
        "parameters": number(row["ratio_parameters"], 2), "flops": number(row["ratio_flops"], 2),
        "time": number(row["ratio_ns_batch"], 2), "low": number(low, 2),
        "high": "∞" if high is None else number(high, 2),
    }  # fmt: skip
    verdict = "more" if low > 1 else "fewer" if high is not None and high < 1 else "same"
    return t(f"answer.{verdict}", **values)


def method(found: Cost) -> list[str]:
    """How the numbers came about."""
    values = {
        "target": percent(found.target), "enough": percent(found.enough, 0), "seeds": integer(found.seeds),
        "pilots": integer(found.pilots), "rates": ", ".join(number(rate) for rate in found.learning_rates),
        "epochs": integer(found.epochs), "batch": integer(found.batch_size), "nets": integer(found.provenance.nets),
        "seconds": number(found.provenance.seconds), "processor": found.provenance.machine["processor"],
        "threads": found.provenance.machine["threads"],
    }  # fmt: skip
    names = ["trained", "tuned", "fit", "interval", "beyond", "flops", "latency"]
    if len(found.learning_rates) == 1:
        names.remove("tuned")
    said = [t(f"method.{name}", **values) for name in names]
    if found.engine == "core":
        said.append(t("no_runtime"))
    return [*said, t("method.machine", **values)]
