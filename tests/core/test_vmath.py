"""The vector math against mpmath, against itself on other instruction sets, and at its special values.

The judge is the plain definition at 1,300 bits, in which no form cancels; it shares nothing with core/isa.
"""

import ctypes
import subprocess
import sys

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from vmath_library import (
    BAR,
    BITS,
    COMPILER,
    EVERY_LEVEL,
    FUSED,
    INF,
    INTERESTING,
    JUDGE,
    NAN,
    PAIRS,
    ROOT,
    SPECIAL,
    TRAINING_SIGMOID_LOW,
    TYPES,
    UNITS,
    any_bits,
    bar_of,
    check,
    compiled,
    every_exponent,
    near_quarter_turns,
    same_bits,
)

from actlab.functions.certify import UNITS_BRIEF

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("vmath"))


@TYPES
@pytest.mark.parametrize("name", JUDGE)
def test_accuracy_against_mpmath(libraries, name, kind):
    rng = np.random.default_rng(20)
    x = [every_exponent(kind, rng), rng.uniform(-2, 2, 150).astype(kind)]
    if name in INTERESTING:
        x.append(rng.uniform(*INTERESTING[name], 250).astype(kind))
    if name in ("sin", "cos"):
        x.append(near_quarter_turns(kind, rng))
    x = np.concatenate(x)
    if name == "log":
        x = np.abs(x)
    if name == "log1p":
        x = x[x > -1]
    if name in INTERESTING:
        keep = np.abs(x) < 2000
        # The huge are judged by the limits, not one by one.
        x = np.concatenate([x[keep], x[~keep][::40]])
    if name == "training_sigmoid" and kind == np.float32:
        x = x[(x >= TRAINING_SIGMOID_LOW) | (x < -104)]
    with mpmath.workprec(BITS):
        at = [mpf(float(v)) for v in x]
        if name in INTERESTING:
            at = [v if v > 2000 and name == "softplus" else max(min(v, mpf(2000)), mpf(-2000)) for v in at]
        wants = [v if name == "softplus" and v > 2000 else JUDGE[name](v) for v in at]
    # The rounded comparison needs no more than twice the precision.
    with mpmath.workprec(160):
        check(kind, name, {level: library(name, x)[0] for level, library in libraries.items()}, x, wants)


@EVERY_LEVEL
@pytest.mark.parametrize("name", [name for name in JUDGE if name in UNITS_BRIEF])
def test_brief_forms_against_those_in_full(libraries, level, name):
    """Those in full were held to mpmath above; what they may be off by themselves is taken from the bar."""
    rng = np.random.default_rng(25)
    low, high = INTERESTING.get(name, (-1e3, 1e3))
    near = rng.choice([-1, 1], 100_000) * np.exp2(rng.uniform(-60, 2, 100_000))
    x = np.concatenate([every_exponent(np.float64, rng), rng.uniform(low, high, 200_000), near])
    if name in ("sin", "cos"):  # the doubles nearest to their zeros, up to where the reduction changes
        x = np.concatenate([x, rng.integers(-510_000, 510_000, 100_000) * (np.pi / 2), [800_000.0, 800_001.0]])
    brief, full = (libraries[level](name, x, brief=brief)[0] for brief in (True, False))
    own = UNITS[name] if level in FUSED else BAR[np.float64]
    with np.errstate(invalid="ignore"):
        distance = np.abs(brief - full) / np.spacing(np.abs(full))
    distance[(brief == full) | (np.isnan(brief) & np.isnan(full))] = 0
    worst = int(np.argmax(distance))
    assert distance[worst] <= UNITS_BRIEF[name] - own, f"{distance[worst]} at {x[worst]!r}"


@EVERY_LEVEL
@pytest.mark.parametrize("name", [*(name for name in SPECIAL if name in UNITS_BRIEF), *PAIRS])
def test_brief_forms_keep_special_values_symmetry_and_pairs(libraries, level, name):
    library = libraries[level]
    special = np.array([0.0, -0.0, INF, -INF, NAN, 1e300, -1e300, 5e-324])
    x = any_bits(np.float64, 20_000, np.random.default_rng(26))
    if name in PAIRS:
        first, second = library(name, x, brief=True)
        singles = PAIRS[name]
        same_bits(first, library(singles[0], x, brief=True)[0])
        same_bits(second, library(singles[1] or "sigmoid", x if singles[1] else -x, brief=True)[0])
        return
    brief, full = (library(name, special, brief=brief)[0] for brief in (True, False))
    exact = (full == 0) | ~np.isfinite(full) | (np.abs(full) == 1) | (full == 0.5)
    same_bits(brief[exact], full[exact])
    if name in ("tanh", "erf"):
        same_bits(library(name, -x, brief=True)[0], -library(name, x, brief=True)[0])
    if name in ("sech2", "normpdf"):
        same_bits(library(name, -x, brief=True)[0], library(name, x, brief=True)[0])


@TYPES
def test_pow_against_mpmath(libraries, kind):
    rng = np.random.default_rng(21)
    base = np.concatenate(
        [every_exponent(kind, rng, (1,))[::3], rng.uniform(0.5, 2, 200), 1 + rng.uniform(-1, 1, 200) / 1e5]
    )
    base = base.astype(kind)
    logarithm = np.log(base.astype(np.float64))
    logarithm[logarithm == 0] = 1
    power = (rng.uniform(-1, 1, base.size) * (106 if kind == np.float32 else 750) / np.abs(logarithm)).astype(kind)
    with mpmath.workprec(400):
        wants = [mpf(float(a)) ** mpf(float(b)) for a, b in zip(base, power, strict=True)]
        check(kind, "pow", {level: library("pow", base, power)[0] for level, library in libraries.items()}, base, wants)


@TYPES
@EVERY_LEVEL
def test_pow_special_values_are_those_of_c(libraries, level, kind):
    tiny, huge = np.finfo(kind).smallest_subnormal, np.finfo(kind).max
    values = [0.0, 1.0, 0.5, 2.0, 3.0, 4.0, 1.5, 7.25, tiny, huge, np.inf, 2.0**24 - 1, 2.0**24, 2.0**53 - 1, 2.0**53]
    values = np.array([s * v for v in values for s in (1, -1)] + [np.nan], kind)
    x, y = (v.ravel() for v in np.meshgrid(values, values))
    with np.errstate(all="ignore"):
        want = np.power(x.astype(np.longdouble), y.astype(np.longdouble)).astype(kind)
    got = libraries[level]("pow", x, y)[0]
    exact = np.isnan(want) | np.isinf(want) | (want == 0)
    np.testing.assert_array_equal(got[exact], want[exact])
    assert (np.signbit(got) == np.signbit(want))[exact & ~np.isnan(want)].all()
    np.testing.assert_allclose(got[~exact], want[~exact], rtol=2e-7 if kind == np.float32 else 4e-16)


@EVERY_LEVEL
def test_what_the_sigmoid_of_training_loses_far_left(libraries, level):
    x = np.linspace(-110, TRAINING_SIGMOID_LOW, 3001, dtype=np.float32)
    found = libraries[level]("training_sigmoid", x)[0].astype(float)
    assert (np.abs(found - 1 / (1 + np.exp(-x.astype(float)))) < 3e-39).all()


@pytest.mark.parametrize("name", JUDGE)
@EVERY_LEVEL
def test_float_sweep_against_double(libraries, level, name):
    where = ctypes.c_float()
    step = 2003
    first, end = 17, 2**32
    if name == "training_sigmoid":  # negative numbers are the upper half: up to where it is 0
        end = int(np.float32(TRAINING_SIGMOID_LOW).view(np.uint32))
    distance = libraries[level].loaded.sweep(
        name.encode(),
        ctypes.c_uint32(first),
        ctypes.c_uint32(step),
        ctypes.c_int64((end - first) // step),
        ctypes.byref(where),
    )
    assert distance <= bar_of(np.float32, name, level), f"{distance:.2f} ULP at {where.value!r}"


@TYPES
@pytest.mark.parametrize("name", SPECIAL)
@EVERY_LEVEL
def test_special_values(libraries, level, name, kind):
    x = np.array([0.0, -0.0, INF, -INF, 1.0, NAN], kind)
    got = libraries[level](name, x)[0]
    assert np.isnan(got[-1])
    for value, result, want in zip(x, got, SPECIAL[name], strict=False):
        if want is not None:
            np.testing.assert_equal(result, kind(want), err_msg=f"{name}({value})")
            assert np.isnan(want) or np.signbit(result) == np.signbit(kind(want)), f"{name}({value})"
    if name in ("log", "log1p"):
        assert np.isnan(libraries[level](name, np.array([-1.5, -1e30], kind))[0]).all()
        assert name == "log" or libraries[level](name, np.array([-1], kind))[0][0] == -INF


@TYPES
@EVERY_LEVEL
def test_symmetry_is_exact(libraries, level, kind):
    x = any_bits(kind, 20_000, np.random.default_rng(22))
    for name in ("tanh", "erf", "sin", "atan", "training_tanh"):
        np.testing.assert_array_equal(libraries[level](name, -x)[0], -libraries[level](name, x)[0])
    for name in ("sech2", "normpdf", "cos", "training_normpdf"):
        np.testing.assert_array_equal(libraries[level](name, -x)[0], libraries[level](name, x)[0])


@EVERY_LEVEL
def test_training_has_no_value_beyond_its_range_and_keeps_tiny_numbers(libraries, level):
    x = any_bits(np.float32, 300_000, np.random.default_rng(27))
    x = np.concatenate([x[~np.isnan(x)], np.linspace(0, 20, 200_001, dtype=np.float32)])
    for name, low in (("tanh", -1), ("sigmoid", 0), ("normcdf", 0), ("normpdf", 0), ("tanh_softplus", 0)):
        found = libraries[level](f"training_{name}", x)[0]
        assert ((found >= low) & (found <= 1)).all(), name
    tiny = x[np.abs(x) < 1e-4]
    assert (tiny != 0).sum() > 1000
    same_bits(libraries[level]("training_tanh", tiny)[0], tiny)


@EVERY_LEVEL
def test_slope_of_tanh_of_softplus(libraries, level):
    """Where it is more than what the value, near 1, has left to grow; the value is judged with the others."""
    x = np.random.default_rng(28).uniform(-100, 5, 20_000).astype(np.float32)
    value, slope = libraries[level]("training_tanh_softplus_pair", x)
    same_bits(value, libraries[level]("training_tanh_softplus", x)[0])
    e = np.exp(x.astype(np.float64))
    np.testing.assert_allclose(slope, 4 * e * (1 + e) / (e * (e + 2) + 2) ** 2, rtol=8e-7, atol=2e-45)
    ends = libraries[level]("training_tanh_softplus_pair", np.array([-INF, INF, NAN], np.float32))
    np.testing.assert_array_equal(ends, [[0, 1, NAN], [0, ends[1][1], NAN]])
    assert 0 <= ends[1][1] < 1e-16


@TYPES
@pytest.mark.parametrize("pair", PAIRS)
@EVERY_LEVEL
def test_a_pair_gives_the_bits_of_the_single_functions(libraries, level, pair, kind):
    library = libraries[level]
    x = any_bits(kind, 20_000, np.random.default_rng(23))
    first, second = library(pair, x)
    singles = PAIRS[pair]
    same_bits(first, library(singles[0], x)[0])
    same_bits(second, library(singles[1], x)[0] if singles[1] else library("sigmoid", -x)[0])


@TYPES
@pytest.mark.skipif(len(FUSED) < 2, reason="one instruction set with fused multiply-add")
@pytest.mark.parametrize("name", [*JUDGE, "pow", *PAIRS])
def test_instruction_sets_agree_bit_for_bit(libraries, name, kind):
    rng = np.random.default_rng(24)
    x = any_bits(kind, 60_000, rng)
    y = rng.permutation(x)
    for brief in (False, True) if kind == np.float64 else (False,):
        expected = libraries[FUSED[0]](name, x, y, brief=brief)
        for level in FUSED[1:]:
            got = libraries[level](name, x, y, brief=brief)
            same_bits(got[0], expected[0])
            same_bits(got[1], expected[1])


@pytest.mark.parametrize("name", ["coefficients", "twofold"])
def test_the_header_is_what_the_script_writes(name):
    script = ROOT / "core" / "tools" / f"{name}.py"
    subprocess.run([sys.executable, str(script), "--check"], check=True)
