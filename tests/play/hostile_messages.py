"""Messages that nobody ought to send: for the tests, and by the hundred thousand for bench/play.py."""

from __future__ import annotations

import json
import random


def hostile(draw: random.Random) -> str | bytes:
    """A message that nobody ought to send."""
    value = draw.choice(
        [10**9, -1, 1e308, None, "x", [], {}, [[]], True, "relu" * 999, "\u0000", "\ud800", 10**400, "__import__('os')"]
    )
    where = draw.choice(["op", "id", "run", "state", "point", "lang", "states"])
    message = {
        "op": draw.choice(["run", "frame", "point", "record", "open", "drop", "file"]),
        "id": 1,
        "lang": "xx",
        where: value,
    }
    if message["op"] == "run":
        message["run"] = draw.choice(
            [
                {"left": value},
                {"left": {"hidden": [10**9]}},
                {"left": {"rate": value}, "points": value},
                {"points": value, "data": value},
                {"data": "own", "own": draw.choice([value, {"rows": value}])},
                {"x": value},
            ]
        )
    if message["op"] == "file":
        message |= {"name": draw.choice(["a.csv", value]), "text": draw.choice(["a,b\n1,2", "\ud800,1", value])}
    text = json.dumps(message)
    return draw.choice([text, text, text[: draw.randrange(len(text))], draw.randbytes(40)])
