"""The engine on random specifications: under sanitizers, and with the same bits from every instruction set."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from actlab import _core

ROOT = Path(__file__).parent.parent.parent
SOURCE = Path(__file__).with_name("trainer_check.cpp")
COMPILER = shutil.which("g++") or shutil.which("clang++")
# v3 where there is one: v4's vectors make the compiler slower, and the code is the same but for their width.
LEVEL = next((name for name in ("v3", "v2", "v4") if name in _core.instruction_sets()), None)
pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")

FLAGS = [
    "-std=c++20",
    "-pthread",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-Wno-psabi",
]
# Under sanitizers unoptimised: to optimise what they add takes the compiler longer than the slower program then takes,
# and what it would optimise away is looked at too.
PLAIN = ["-O0", "-g1"]
X86 = platform.machine().lower() in ("x86_64", "amd64")


def sanitized(folder, sanitizers):
    """The compiled check, or a skip where this compiler has no such sanitizer."""
    probe = folder / "probe.cpp"
    probe.write_text("int main() {}\n")
    flag = f"-fsanitize={sanitizers}"
    works = all(
        subprocess.run(command, capture_output=True, check=False).returncode == 0
        for command in ([COMPILER, flag, str(probe), "-o", str(folder / "probe")], [str(folder / "probe")])
    )
    if not works:
        pytest.skip(f"{COMPILER} cannot build or run with {flag}")
    isa = LEVEL or "portable"
    return build(folder, {isa: [f"-march=x86-64-{isa}"] if X86 else []}, [*PLAIN, flag]), isa


def build(folder, kernels, options):
    """The check with the kernels of some instruction sets, each with its own flags; all else is compiled once."""
    sets = " ".join(f"SET({isa})" for isa in kernels)
    work = {folder / "check.o": [str(SOURCE), f"-DACTLAB_SETS={sets}"]}
    for name in ("engine", "initialise", "layout", "ordinary", "slope"):
        work[folder / f"{name}.o"] = [str(ROOT / "core" / f"{name}.cpp")]
    for isa, more in kernels.items():
        work[folder / f"kernels_{isa}.o"] = [str(ROOT / "core/isa/kernels.cpp"), f"-DACTLAB_ISA={isa}", *more]
    compilers = [
        subprocess.Popen(
            [COMPILER, *FLAGS, *options, "-c", *words, "-o", str(target)], stderr=subprocess.PIPE, text=True
        )
        for target, words in work.items()
    ]
    for compiler in compilers:
        _, errors = compiler.communicate()
        assert compiler.returncode == 0, errors
    program = folder / "trainer_check"
    subprocess.run([COMPILER, *FLAGS, *options, *map(str, work), "-o", str(program)], check=True)
    return program


@pytest.mark.parametrize(
    ("sanitizers", "specifications"),
    [("address,undefined,float-cast-overflow", 60), ("thread", 15)],
    ids=["address-undefined", "thread"],
)
def test_random_specifications_are_clean(tmp_path, sanitizers, specifications):
    program, isa = sanitized(tmp_path, sanitizers)
    options = {
        "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=0",  # leaks need ptrace, which containers often forbid
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "TSAN_OPTIONS": "halt_on_error=1",
    }
    ran = subprocess.run(
        [str(program), str(specifications), isa],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | options,
        timeout=1200,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    assert re.fullmatch(r"[0-9a-f]{16}\n", ran.stdout)
    assert "runtime error" not in ran.stderr


@pytest.mark.skipif(not X86 or "v3" not in _core.instruction_sets(), reason="needs two instruction sets with FMA")
def test_instruction_sets_agree_on_random_programs(tmp_path):
    """Any program, compiled by nobody; with what a processor that is no x86 would run (ACTLAB_GENERIC)."""
    variants = {"portable": ["-march=x86-64-v3", "-DACTLAB_GENERIC"], "v3": ["-march=x86-64-v3"]}
    if "v4" in _core.instruction_sets():
        variants["v4"] = ["-march=x86-64-v4"]
    program = build(tmp_path, variants, ["-O1"])
    sums = {}
    for isa in variants:
        ran = subprocess.run([str(program), "200", isa], capture_output=True, text=True, check=True)
        sums[isa] = ran.stdout
    assert len(set(sums.values())) == 1, sums
