"""A PNG encoder for small maps: one palette with transparency, one byte a pixel (PNG, W3C Recommendation 2003)."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from actlab.report.palette import TINTS

if TYPE_CHECKING:
    from actlab._arrays import Array

_LEVELS = 65  # odd, so that one level is exactly “undecided”; few, so that the rows compress
_STRONGEST = 118  # opacity of a certain prediction, of 255: points and lines on top stay readable


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def probability_png(probability: Array) -> bytes:
    """The (rows, columns) map of P(class 1) as PNG; row 0 is drawn at the bottom. Non-finite values stay clear."""
    clean = np.where(np.isfinite(probability), probability, 0.5)
    level = np.rint(np.clip(clean, 0.0, 1.0) * (_LEVELS - 1)).astype(np.uint8)[::-1]
    certainty = np.linspace(-1.0, 1.0, _LEVELS)
    palette = b"".join(bytes(TINTS[int(c > 0)]) for c in certainty)
    alpha = bytes(round(_STRONGEST * abs(c)) for c in certainty)
    rows, columns = level.shape
    lines = b"".join(b"\0" + row.tobytes() for row in level)  # each line is led by its filter: none
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body)
        for kind, body in (
            (b"IHDR", header),
            (b"PLTE", palette),
            (b"tRNS", alpha),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def data_uri(png: bytes) -> str:
    """`png` as an address that stands inside the page."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
