"""The judge of accuracy: how far a result is from the exact value of the plain tree, in units of the last place.

It knows the expression and the expression of the derivative, and nothing of how actlab computes them: no program, no
stable form, no core. `judge.cpp` evaluates the tree with glibc's functions in double, long double and IEEE quadruple,
each value with a bound on its error; an input moves on where the bound is too wide, and mpmath has the last word.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import mpmath
import numpy as np
from shapes import meant, uncancelled

from actlab.functions.expression import Call, Expression, Number, Variable, nodes
from actlab.functions.interpret import evaluate_mpmath

HERE: Final = Path(__file__).parent
BUILD: Final = HERE.parent.parent / "build" / "judge"
SOURCES: Final = ("judge.cpp", "tree.h", "libm.h")
COMPILER: Final = os.environ.get("CXX") or shutil.which("g++")
FLAGS: Final = (
    "-std=gnu++20", "-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
    "-Wall", "-Wextra", "-fPIC", "-shared", "-pthread",
)  # fmt: skip
TIERS: Final = ("double", "long double", "quadruple", "mpmath")

_OPS: Final = (  # in the order of `Op` in tree.h
    "x", "number", "neg", "add", "sub", "mul", "div", "pow", "min", "max", "abs", "sign", "exp", "expm1", "log",
    "log1p", "sqrt", "sigmoid", "tanh", "softplus", "erf", "normcdf", "normpdf", "sech2", "atan", "sin", "cos", "lt",
    "le", "eq", "ne", "where", "x_minus_tanh", "one_minus_sech2", "root_sum", "root_slope",
)  # fmt: skip


class _Node(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in ("op", "a", "b", "c")] + [("number", ctypes.c_double)]


class _Tally(ctypes.Structure):
    _fields_ = [
        ("worst", ctypes.c_double), ("doubt", ctypes.c_double), ("worst_at", ctypes.c_int64),
        ("decided", ctypes.c_int64 * 3), ("not_nearest", ctypes.c_int64),
        ("wrong_sign", ctypes.c_int64), ("wrong_sign_at", ctypes.c_int64), ("not_nan", ctypes.c_int64),
    ]  # fmt: skip


@dataclass
class Finding:
    """What was found out about the values, or about the derivatives.

    Attributes:
        worst: the largest distance from the exact value, in units of the last place; inf for NaN.
        worst_x: where it is, NaN before anything was judged.
        doubt: how wrong `worst` may be.
        decided: how many inputs each of `TIERS` decided.
        not_nearest: how many results are beyond doubt not the nearest number.
        wrong_sign: how many zeros have the sign that the exact value has not; `wrong_sign_x` is one.
        not_nan: how many results are a number though x is NaN.
    """

    worst: float = 0.0
    worst_x: float = float("nan")
    doubt: float = 0.0
    decided: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    not_nearest: int = 0
    wrong_sign: int = 0
    wrong_sign_x: float = float("nan")
    not_nan: int = 0

    def add(self, other: Finding) -> None:
        """Take in what was found on other inputs."""
        if other.worst_x == other.worst_x and (self.worst_x != self.worst_x or other.worst > self.worst):
            self.worst, self.worst_x, self.doubt = other.worst, other.worst_x, other.doubt
        self.decided = [a + b for a, b in zip(self.decided, other.decided, strict=True)]
        self.not_nearest += other.not_nearest
        self.wrong_sign += other.wrong_sign
        if other.wrong_sign:
            self.wrong_sign_x = other.wrong_sign_x
        self.not_nan += other.not_nan


@cache
def library() -> ctypes.CDLL:
    """The compiled judge, built for this machine where that has not been done."""
    if COMPILER is None:
        raise RuntimeError("the judge needs g++")
    what = hashlib.blake2b(digest_size=8)
    for name in SOURCES:
        what.update((HERE / name).read_bytes())
    cpu = Path("/proc/cpuinfo")
    flags = (
        next((line for line in cpu.read_text().splitlines() if line.startswith("flags")), "") if cpu.exists() else ""
    )
    what.update(" ".join((COMPILER, *FLAGS, flags)).encode())
    path = BUILD / f"judge-{what.hexdigest()}.so"
    if not path.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}")
        vector = ["-lmvec"] if "avx2" in flags.split() else []
        subprocess.run([COMPILER, *FLAGS, str(HERE / "judge.cpp"), "-o", str(aside), *vector, "-lm"], check=True)
        aside.replace(path)
    loaded = ctypes.CDLL(str(path))
    loaded.judge_run.restype = ctypes.c_int64
    return loaded


class Judge:
    """Judges results for φ and φ′ given by their plain trees. Not for two threads at once."""

    def __init__(self, value: Expression, slope: Expression) -> None:
        self.trees = (value, meant(slope, value))
        rows, self._roots = _serialised(*self.trees)
        self.nodes = (_Node * len(rows))(*rows)

    def __call__(
        self,
        x: np.ndarray,
        value: np.ndarray | None,
        slope: np.ndarray | None,
        *,
        tolerance: float | None = None,
        tiers: tuple[int, int] | None = None,
        threads: int = 2,
        distances: np.ndarray | None = None,
    ) -> tuple[Finding, Finding]:
        """Findings on `value` and `slope` at `x`, shape (n,), all float32 or all float64.

        A tier decides where its bound is below `tolerance` units (2^-8 for float32, 2^-5 for float64). NaN must give
        NaN; ±∞ is not looked at. `distances`, float64 of shape (2, n), takes every distance.
        """
        wide = x.dtype == np.float64
        x, given = np.ascontiguousarray(x), (value, slope)
        given = tuple(None if g is None else np.ascontiguousarray(g, dtype=x.dtype) for g in given)
        tolerance = tolerance if tolerance is not None else 2.0**-5 if wide else 2.0**-8
        first, last = tiers if tiers is not None else (1 if wide else 0, 2)
        tallies = (_Tally * 2)()
        for tally in tallies:
            tally.worst_at = tally.wrong_sign_at = -1
        room = min(2 * x.size, 1 << 22)
        undecided = np.empty(room, dtype=np.int64)
        count = library().judge_run(
            self.nodes, len(self.nodes), (ctypes.c_int * 2)(*self._roots), int(wide), _pointer(x), _pointer(given[0]),
            _pointer(given[1]), ctypes.c_int64(x.size), ctypes.c_double(tolerance), first, last, threads,
            _pointer(distances), tallies, _pointer(undecided), ctypes.c_int64(room),
        )  # fmt: skip
        if count > room:
            raise RuntimeError(f"{count} inputs are left to mpmath, which is too slow for so many")
        found = tuple(_finding(tally, x) for tally in tallies)
        for place in undecided[:count].tolist():
            index, which = divmod(place, 2)
            result = given[which]
            assert result is not None
            distance, wrong = exact_distance(self.trees[which], x[index], result[index])
            found[which].add(_single(float(x[index]), distance, wrong))
            if distances is not None:
                distances[which, index] = distance
        return found[0], found[1]

    def evaluate(self, which: int, tier: int, x: np.ndarray) -> tuple[list[Any], list[Any]]:
        """What `tier` makes of the value (`which` 0) or the derivative (1) at `x`, and its bounds, in mpmath."""
        x = np.ascontiguousarray(x, dtype=np.float64)
        parts, powers = np.empty((x.size, 2, 3)), np.empty((x.size, 2), dtype=np.int64)
        library().judge_evaluate(
            self.nodes, len(self.nodes), self._roots[which], tier, _pointer(x), ctypes.c_int64(x.size),
            _pointer(parts), _pointer(powers),
        )  # fmt: skip
        numbers: list[list[Any]] = [[], []]
        with mpmath.workprec(200):
            for kind in (0, 1):
                for three, power in zip(parts[:, kind].tolist(), powers[:, kind].tolist(), strict=True):
                    numbers[kind].append(mpmath.ldexp(mpmath.fsum(three), power))
        return numbers[0], numbers[1]


def exact(tree: Expression, x: float) -> Any:
    """The value of `tree` at the finite number `x`, by mpmath, to 100 bits at least.

    The precision is doubled until two results agree, so that no cancellation goes unnoticed.
    """
    before = None
    bits = 160
    while bits < 100_000:
        with mpmath.workprec(bits):
            value = evaluate_mpmath(tree, float(x))
        if before is not None and abs(value - before) <= abs(value) * mpmath.mpf(2) ** -100:
            return value
        before, bits = value, 2 * bits
    raise ArithmeticError(f"mpmath finds no value at {x!r}")


def exact_distance(tree: Expression, x: Any, result: Any) -> tuple[float, bool]:
    """How far `result` (a NumPy float) is from the exact value, in its units of the last place.

    Second, whether it is a zero of the wrong sign.
    """
    precision, lowest, highest = (24, -149, 128) if result.dtype == np.float32 else (53, -1074, 1024)
    want = exact(tree, float(x))
    if np.isnan(result):
        return float("inf"), False
    wrong = bool(result == 0 and want != 0 and np.signbit(result) != (want < 0))
    with mpmath.workprec(300):
        unit = mpmath.frexp(want)[1] - precision if want else lowest
        unit = min(max(unit, lowest), highest - precision)
        if np.isinf(result):
            gap = max(mpmath.ldexp(1, highest) - want * (1 if result > 0 else -1), 0)
        else:
            gap = abs(mpmath.mpf(float(result)) - want)
        return float(mpmath.ldexp(gap, -unit)), wrong


def _single(x: float, distance: float, wrong: bool) -> Finding:
    return Finding(distance, x, 0.0, [0, 0, 0, 1], int(distance > 0.5), int(wrong), x)


def _finding(tally: Any, x: np.ndarray) -> Finding:
    def at(index: int) -> float:
        return float(x[index]) if index >= 0 else float("nan")

    return Finding(
        tally.worst, at(tally.worst_at), tally.doubt, [*tally.decided, 0], tally.not_nearest,
        tally.wrong_sign, at(tally.wrong_sign_at), tally.not_nan,
    )  # fmt: skip


def _pointer(array: np.ndarray | None) -> Any:
    return None if array is None else ctypes.c_void_p(array.ctypes.data)


def _serialised(*roots: Expression) -> tuple[list[tuple[Any, ...]], list[int]]:
    """The nodes of both trees, operands first, as rows of `_Node`, and where the roots are."""
    whole = [uncancelled(root) for root in roots]
    index: dict[Any, int] = {}
    rows: list[tuple[Any, ...]] = []

    def place(node: Any) -> int:
        if node not in index:
            if isinstance(node, tuple):  # one of the judge's own operations
                op, *arguments = node
            else:
                op = node.op if isinstance(node, Call) else "x" if isinstance(node, Variable) else "number"
                arguments = [whole_parts.get(part, part) for part in node.arguments]
            operands = [place(argument) for argument in arguments]
            number = node.value if isinstance(node, Number) else 0.0
            rows.append((_OPS.index(op), *[*operands, 0, 0, 0][:3], number))
            index[node] = len(rows) - 1
        return index[node]

    whole_parts: dict[Any, Any] = {}
    for root in roots:
        for node in nodes(root):
            whole_parts[node] = uncancelled(node)
    return rows, [place(node) for node in whole]
