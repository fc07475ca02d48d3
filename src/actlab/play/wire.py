"""Messages to the page: a header of JSON and, behind it, arrays as they lie in memory.

``u32 length of the header · header, filled up with spaces to a multiple of 4 · arrays, each filled up likewise``, all
little-endian. The header's ``arrays`` say ``[name, kind, shape, offset]``. The page reads it in `static/wire.js`.
"""

from __future__ import annotations

import json
import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actlab._arrays import AnyArray

KINDS = {"u1": np.uint8, "i2": np.int16, "f4": np.float32, "f8": np.float64}


def pack(header: Mapping[str, Any], arrays: Mapping[str, AnyArray] | None = None) -> bytes:
    """One message. Numbers that are not finite become null in the header; arrays carry them as they are."""
    places: list[list[Any]] = []
    body = bytearray()
    for name, array in (arrays or {}).items():
        kind = next(kind for kind, dtype in KINDS.items() if array.dtype == dtype)
        places.append([name, kind, list(array.shape), len(body)])
        body += np.ascontiguousarray(array).tobytes()
        body += bytes(-len(body) % 4)
    text = json.dumps({**plain(header), "arrays": places}, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    head = text.encode(errors="replace")  # half a letter, such as JSON lets through, is no letter
    head += b" " * (-len(head) % 4)
    return struct.pack("<I", len(head)) + head + bytes(body)


def unpack(message: bytes) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """The inverse of `pack`, for tests and other programs."""
    (length,) = struct.unpack_from("<I", message)
    header: dict[str, Any] = json.loads(message[4 : 4 + length])
    arrays = {}
    for name, kind, shape, offset in header.pop("arrays"):
        count = math.prod(shape)
        arrays[name] = np.frombuffer(message, KINDS[kind], count, 4 + length + offset).reshape(shape)
    return header, arrays


def plain(value: Any) -> Any:
    """`value` with null for what JSON has no number for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value
