"""A PNG encoder for small maps: one palette with transparency, one byte a pixel (PNG, W3C Recommendation 2003)."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from actlab.report.palette import MORE_TINTS, TINTS

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array

_LEVELS = 65  # odd, so that one level is exactly “undecided”; few, so that the rows compress
_STEPS = 17  # the same for one of several classes
_STRONGEST = 118  # opacity of a certain prediction, of 255: points and lines on top stay readable


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def probability_map(probability: Array) -> tuple[AnyArray, AnyArray]:
    """The (rows, columns) map of P(class 1) as numbers of colours, the first row at the top, and the colours (m, 4).

    Row 0 of `probability` is the lowest. What is not finite stays clear.
    """
    clean = np.where(np.isfinite(probability), probability, 0.5)
    level = np.rint(np.clip(clean, 0.0, 1.0) * (_LEVELS - 1)).astype(np.uint8)[::-1]
    certainty = np.linspace(-1.0, 1.0, _LEVELS)
    colours = [(*TINTS[int(c > 0)], round(_STRONGEST * abs(c))) for c in certainty]
    return level, np.array(colours, dtype=np.uint8)


def regions_map(probability: Array) -> tuple[AnyArray, AnyArray]:
    """The (classes, rows, columns) maps of all classes as one: the likeliest class, stronger where it is surer."""
    tints = (*TINTS, *MORE_TINTS)
    clean = np.where(np.isfinite(probability).all(axis=0), probability, 1 / len(probability))
    certainty = (clean.max(axis=0) * len(clean) - 1) / (len(clean) - 1)  # 0 where all are equally likely
    step = np.rint(np.clip(certainty, 0.0, 1.0) * (_STEPS - 1)).astype(np.uint8)
    level = (clean.argmax(axis=0) % len(tints)).astype(np.uint8) * np.uint8(_STEPS) + step
    colours = [(*tint, round(_STRONGEST * k / (_STEPS - 1))) for tint in tints for k in range(_STEPS)]
    return level[::-1], np.array(colours, dtype=np.uint8)


def encoded(level: AnyArray, colours: AnyArray) -> bytes:
    """The (rows, columns) numbers of `colours` (m, 4) as PNG, the first row at the top."""
    rows, columns = level.shape
    lines = b"".join(b"\0" + row.tobytes() for row in level)  # each line is led by its filter: none
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body)
        for kind, body in (
            (b"IHDR", header),
            (b"PLTE", colours[:, :3].tobytes()),
            (b"tRNS", colours[:, 3].tobytes()),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def data_uri(png: bytes) -> str:
    """`png` as an address that stands inside the page."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
