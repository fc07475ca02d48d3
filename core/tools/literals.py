"""Numbers of many digits as C++ literals and arrays, rounded once or split into parts; and the file they go into."""

from __future__ import annotations

import argparse
import struct
from collections.abc import Sequence
from pathlib import Path

import mpmath
from mpmath import mp, mpf

BITS = {"float": 24, "brief": 53, "double": 53}
# brief: double arithmetic for results that are rounded to float, see accuracy<K> in core/isa/simd.h.
TYPE = {"float": "float", "brief": "double", "double": "double"}
WIDTH = 118  # of a line


def rounded(x: mpf, kind: str) -> mpf:
    """The float or double nearest to x."""
    return with_bits(x, BITS[kind])


def with_bits(x: mpf, bits: int) -> mpf:
    """x rounded to so many significant bits."""
    with mp.workprec(bits):
        return +x


def truncated(x: mpf, bits: int) -> mpf:
    """The leading bits of x, so that the remainder is positive and products with small integers are exact."""
    exponent = int(mpmath.floor(mpmath.log(abs(x), 2))) + 1
    return mpmath.floor(mpmath.ldexp(x, bits - exponent)) * mpf(2) ** (exponent - bits)


def literal(x: mpf, kind: str) -> str:
    """A hexadecimal literal of x, which must be representable or is rounded once."""
    y = rounded(x, kind)
    value = float(y)
    if kind == "float":
        assert struct.unpack("f", struct.pack("f", value))[0] == value
    return value.hex() + ("f" if kind == "float" else "")


def split(x: mpf, kind: str, *bits: int) -> list[mpf]:
    """x as a sum of parts of so many bits each, the last rounded to the type."""
    parts = []
    for width in bits:
        parts.append(truncated(x, width))
        x -= parts[-1]
    return [*parts, rounded(x, kind)]


def array(kind: str, name: str, values: Sequence[mpf], what: str = "", indent: str = "") -> list[str]:
    """The lines that declare an array, a comment above them where there is `what` to say."""
    lines = [f"{indent}// {what}"] if what else []
    lines.append(f"{indent}static constexpr {TYPE[kind]} {name}[] = {{")
    row = margin = f"{indent}   "
    for value in values:
        item = f" {literal(value, kind)},"
        if len(row) + len(item) > WIDTH:
            lines.append(row)
            row = margin
        row += item
    return [*lines, row, f"{indent}}};"]


def write_or_check(header: Path, text: str, doc: str | None) -> int:
    """What a tool does that is called: `text` becomes the file `header`, or with ``--check`` is compared to it.

    Returns the exit status: 1 where the file is another one. `doc` is what ``--help`` says.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if parser.parse_args().check:
        return 0 if header.exists() and header.read_text() == text else 1
    header.write_text(text)
    return 0
