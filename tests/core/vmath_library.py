"""The vector math compiled for every instruction set of this processor, its judge, and points to judge it at."""

import ctypes
import platform
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from actlab.functions.certify import UNITS

ROOT = Path(__file__).parent.parent.parent
SOURCE = Path(__file__).with_name("vmath_check.cpp")
COMPILER = shutil.which("g++") or shutil.which("clang++")
BITS = 1300
MANTISSA = {np.float32: 24, np.float64: 53}
LOWEST = {np.float32: -149, np.float64: -1074}  # exponent of the smallest number
HIGHEST = {np.float32: 128, np.float64: 1024}  # 2 to this power overflows
BAR = {np.float32: 4.0, np.float64: 2.5}
# With a fused multiply-add, which the error analysis of programs counts on (functions/certify.py).
UNITS = UNITS | {
    f"training_{name}": UNITS[name] for name in ("tanh", "sigmoid", "normcdf", "normpdf")
}  # the same in double
UNITS["training_tanh_softplus"] = 6.0
# What core/isa/vmath_training.h says of its float functions, with a fused multiply-add and without.
TRAINING = {
    "training_tanh": (3.7, 4),
    "training_sigmoid": (2.5, 2.5),
    "training_normcdf": (5.6, 8),
    "training_normpdf": (2, 2),
    "training_tanh_softplus": (4, 4),
}
FUSED_BAR = {np.float32: dict.fromkeys(UNITS, 4.0), np.float64: UNITS}
TYPES = pytest.mark.parametrize("kind", [np.float32, np.float64], ids=["float", "double"])

JUDGE = {
    "exp": mpmath.exp,
    "expm1": lambda x: mpmath.exp(x) - 1,
    "log": mpmath.log,
    "log1p": lambda x: mpmath.log(1 + x),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh": lambda x: (mpmath.exp(x) - mpmath.exp(-x)) / (mpmath.exp(x) + mpmath.exp(-x)),
    "sech2": lambda x: (2 / (mpmath.exp(x) + mpmath.exp(-x))) ** 2,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "erf": mpmath.erf,
    "normcdf": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "normpdf": lambda x: mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "atan": mpmath.atan,
}
# The forms that training uses; in double they are the others.
JUDGE |= {f"training_{name}": JUDGE[name] for name in ("tanh", "sigmoid", "normcdf", "normpdf")}
# e^-x of a float is infinite from here on, and the sigmoid of training is 0: what is lost is below 3e-39.
TRAINING_SIGMOID_LOW = -88.7228
JUDGE["training_tanh_softplus"] = lambda x: 1 - 2 / ((mpmath.exp(x) + 1) ** 2 + 1)
# Where something happens; beyond 2,000 all of these have reached their limit in float and double.
INTERESTING = {
    "exp": (-750, 711),
    "expm1": (-40, 711),
    "sigmoid": (-750, 50),
    "tanh": (-25, 25),
    "sech2": (-375, 375),
    "softplus": (-750, 50),
    "erf": (-6, 6),
    "normcdf": (-39, 9),
    "normpdf": (-39, 39),
}
INTERESTING |= {f"training_{name}": INTERESTING[name] for name in ("tanh", "sigmoid", "normcdf", "normpdf")}
INTERESTING["training_tanh_softplus"] = (-750, 25)
INF, NAN = np.inf, np.nan
SPECIAL = {  # at 0, -0, inf, -inf, 1 (None: not exact)
    "exp": (1, 1, INF, 0.0, None),
    "expm1": (0.0, -0.0, INF, -1, None),
    "log": (-INF, -INF, INF, NAN, 0.0),
    "log1p": (0.0, -0.0, INF, NAN, None),
    "sigmoid": (0.5, 0.5, 1, 0.0, None),
    "tanh": (0.0, -0.0, 1, -1, None),
    "sech2": (1, 1, 0.0, 0.0, None),
    "softplus": (None, None, INF, 0.0, None),
    "erf": (0.0, -0.0, 1, -1, None),
    "normcdf": (0.5, 0.5, 1, 0.0, None),
    "normpdf": (None, None, 0.0, 0.0, None),
    "sin": (0.0, -0.0, NAN, NAN, None),
    "cos": (1, 1, NAN, NAN, None),
    "atan": (0.0, -0.0, None, None, None),
    "training_tanh": (0.0, -0.0, 1, -1, None),
    "training_sigmoid": (0.5, 0.5, 1, 0.0, None),
    "training_normcdf": (0.5, 0.5, 1, 0.0, None),
    "training_normpdf": (None, None, 0.0, 0.0, None),
    "training_tanh_softplus": (None, None, 1, 0.0, None),
}
PAIRS = {
    "sigmoid_pair": ("sigmoid", None),
    "tanh_sech2": ("tanh", "sech2"),
    "softplus_sigmoid": ("softplus", "sigmoid"),
    "normcdf_pdf": ("normcdf", "normpdf"),
    "exp_expm1": ("exp", "expm1"),
    "sincos": ("sin", "cos"),
    "training_normcdf_normpdf": ("training_normcdf", "training_normpdf"),
}


def levels():
    """Name -> compiler flags of every instruction set this processor has."""
    found = {"portable": ["-DACTLAB_ISA=portable"]}
    if platform.machine() not in ("x86_64", "AMD64"):
        return found
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text().split()) if cpuinfo.exists() else set()
    if {"sse4_2", "ssse3", "popcnt"} <= flags:
        found["v2"] = ["-DACTLAB_ISA=v2", "-march=x86-64-v2"]
    if {"avx2", "fma", "bmi2"} <= flags:
        found["v3"] = ["-DACTLAB_ISA=v3", "-march=x86-64-v3"]
        # The path of processors that are not x86, with this one's fused multiply-add.
        found["generic"] = ["-DACTLAB_ISA=portable", "-DACTLAB_GENERIC", "-march=x86-64-v3"]
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags:
        found["v4"] = ["-DACTLAB_ISA=v4", "-march=x86-64-v4"]
    return found


LEVELS = levels()
EVERY_LEVEL = pytest.mark.parametrize("level", LEVELS)
FUSED = [name for name in LEVELS if name in ("v3", "v4", "generic")]


class Library:
    def __init__(self, path):
        self.loaded = ctypes.CDLL(str(path))
        self.loaded.sweep.restype = ctypes.c_double

    def __call__(self, name, x, y=None, brief=False):
        """Both results of a function; the second is meaningful for pairs only. `brief`: doubles for floats."""
        x = np.ascontiguousarray(x)
        y = x if y is None else np.ascontiguousarray(y)
        a, b = np.empty_like(x), np.empty_like(x)
        kind = "brief" if brief else "float" if x.dtype == np.float32 else "double"
        function = self.loaded[f"{kind}_{name}"]
        function(*(ctypes.c_void_p(v.ctypes.data) for v in (x, y, a, b)), ctypes.c_int64(x.size))
        return a, b


def compiled(folder: Path) -> dict[str, Library]:
    """The functions of every instruction set, compiled into `folder`."""

    def build(name):
        path = folder / f"{name}.so"
        command = [
            COMPILER,
            "-std=c++20",
            "-O3",
            "-ffp-contract=off",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fPIC",
            "-shared",
        ]
        subprocess.run([*command, *LEVELS[name], str(SOURCE), "-o", str(path)], check=True)
        return Library(path)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(LEVELS, pool.map(build, LEVELS), strict=True))


def every_exponent(kind, rng, signs=(1, -1)):
    """A random number of every exponent, subnormal ones included."""
    exponents = np.arange(LOWEST[kind], HIGHEST[kind] - 1)
    x = np.ldexp(rng.uniform(1, 2, exponents.size), exponents) * rng.choice(signs, exponents.size)
    return x.astype(kind)


def near_quarter_turns(kind, rng):
    """The numbers nearest to multiples of pi / 2, where all leading digits cancel, small and large ones."""
    counts = [*range(1, 100), *(int(2**e) for e in rng.uniform(7, 62, 150))]
    with mpmath.workprec(BITS):
        nearest = [float(k * mpmath.pi / 2) for k in counts]
    # The double closest of all to a multiple, relative to its size.
    return np.array([*nearest, float.fromhex("0x1.6ac5b262ca1ffp849") if kind == np.float64 else 0], kind)


def any_bits(kind, n, rng):
    """Random bit patterns: every kind of number, NaN and infinity among them."""
    unsigned = np.uint32 if kind == np.float32 else np.uint64
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1], kind)
    moderate = rng.uniform(-40, 40, n).astype(kind)
    return np.concatenate([rng.integers(0, np.iinfo(unsigned).max, n, unsigned).view(kind), moderate, special])


def ulps(kind, got, want):
    """The distance from the exact value in units of the last place, gradual underflow and overflow included."""
    if np.isnan(got):
        return np.inf
    limit = mpmath.ldexp(1, HIGHEST[kind])
    if abs(want) >= limit * (1 - mpmath.ldexp(1, -MANTISSA[kind] - 1)):
        return 0.0 if np.isinf(got) and (got > 0) == (want > 0) else np.inf
    if np.isinf(got):
        return np.inf
    exponent = max(mpmath.frexp(want)[1] - MANTISSA[kind], LOWEST[kind]) if want else LOWEST[kind]
    return float(abs(mpf(float(got)) - want) / mpmath.ldexp(1, exponent))


def worst(kind, results, x, wants):
    """For every level: the largest distance and where it is."""
    found = {}
    for level, got in results.items():
        distances = [ulps(kind, g, w) for g, w in zip(got, wants, strict=True)]
        index = int(np.argmax(distances))
        found[level] = (distances[index], x[index], got[index])
    return found


def bar_of(kind, name, level):
    if kind == np.float32 and name in TRAINING:
        return TRAINING[name][level not in FUSED]
    return FUSED_BAR[kind][name] if level in FUSED else BAR[kind]


def check(kind, name, results, x, wants):
    for level, (distance, where, got) in worst(kind, results, x, wants).items():
        assert distance <= bar_of(kind, name, level), f"{level}: {distance:.2f} ULP at {where!r}, {got!r}"


def same_bits(a, b):
    """Equal bits, NaN counting as one value."""
    unsigned = np.uint32 if a.dtype == np.float32 else np.uint64
    both_nan = np.isnan(a) & np.isnan(b)
    np.testing.assert_array_equal(a.view(unsigned)[~both_nan], b.view(unsigned)[~both_nan])
