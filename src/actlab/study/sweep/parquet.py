"""A chunk as the bytes of a Parquet file that carries its own checksum.

The footer holds the chunk's specification and the SHA-256 of the whole file, computed with the checksum's own 64
digits as zeros. So one pass over the bytes tells a whole file from a truncated, damaged or foreign one, and everybody
else reads it as plain Parquet.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import polars as pl

from actlab.study.sweep.cell import canonical

if TYPE_CHECKING:
    from actlab.study.sweep.cell import Chunk

_KEY, _BLANK = b"actlab.checksum", b"0" * 64
_TAIL = 65_536  # the footer of a chunk is shorter

#: A row per net. Settings stand in every row, so that a file says by itself what is in it.
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "cell": pl.String,
    "data": pl.String,
    "task": pl.String,
    "activation": pl.String,
    "hidden": pl.String,
    "depth": pl.Int32,
    "width": pl.Int32,
    "parameters": pl.Int64,
    "init": pl.String,
    "norm": pl.String,
    "residual": pl.Int32,
    "optimiser": pl.String,
    "schedule": pl.String,
    "warm_up": pl.Int64,
    "weight_decay": pl.Float64,
    "clip": pl.Float64,
    "epochs": pl.Int64,
    "batch_size": pl.Int64,
    "noise": pl.Float64,
    "train_points": pl.Int64,
    "learning_rate": pl.Float64,
    "seed": pl.Int64,
    "status": pl.String,
    "train_loss": pl.Float64,
    "train_score": pl.Float64,
    "validation_loss": pl.Float64,
    "validation_score": pl.Float64,
    "test_loss": pl.Float64,
    "test_score": pl.Float64,
    "constant_score": pl.Float64,
    "gradient_first_start": pl.Float64,
    "gradient_last_start": pl.Float64,
    "gradient_first_end": pl.Float64,
    "gradient_last_end": pl.Float64,
    "dead": pl.Float64,
    "saturated": pl.Float64,
}


def to_bytes(chunk: Chunk, rows: pl.DataFrame) -> bytes:
    """The file of a chunk; the same rows give the same bytes."""
    return seal(rows.select(*SCHEMA), chunk.specification)


def seal(rows: pl.DataFrame, specification: dict[str, Any]) -> bytes:
    """Rows and what identifies them as a Parquet file with its own checksum."""
    file = io.BytesIO()
    metadata = {"actlab.specification": canonical(specification), "actlab.checksum": _BLANK.decode()}
    rows.write_parquet(file, compression="zstd", compression_level=3, metadata=metadata)
    content = bytearray(file.getvalue())
    at = _digits(content)
    assert at is not None
    content[at : at + 64] = hashlib.sha256(content).hexdigest().encode()
    return bytes(content)


def is_whole(content: bytes) -> bool:
    """Whether `content` is a file as `to_bytes` made it, to the last bit."""
    at = _digits(content)
    if at is None or content[:4] != b"PAR1" or content[-4:] != b"PAR1":
        return False
    digest = hashlib.sha256(memoryview(content)[:at])
    digest.update(_BLANK)
    digest.update(memoryview(content)[at + 64 :])
    return digest.hexdigest().encode() == content[at : at + 64]


def _digits(content: bytes | bytearray) -> int | None:
    """Where the checksum's digits stand: behind its key and the two bytes of their type and length."""
    key = content.rfind(_KEY, max(0, len(content) - _TAIL))
    at = key + len(_KEY) + 2
    return at if key >= 0 and content[at - 2 : at] == b"\x18\x40" and len(content) >= at + 64 else None
