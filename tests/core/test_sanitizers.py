"""The engine under the address, undefined-behaviour and thread sanitizers, on random specifications."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from actlab import _core

ROOT = Path(__file__).parent.parent.parent
SOURCE = Path(__file__).with_name("trainer_check.cpp")
COMPILER = shutil.which("g++") or shutil.which("clang++")
# v3 where there is one: v4's vectors make the compiler slower, and the code is the same but for their width.
LEVEL = next((name for name in ("v3", "v2") if name in _core.instruction_sets()), None)
pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")

FLAGS = [
    "-std=c++20",
    "-O1",
    "-g1",
    "-pthread",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-Wno-psabi",
]


def build(folder, sanitizers):
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
    options = [*FLAGS, flag, f"-DACTLAB_ISA={isa}"]
    if platform.machine().lower() in ("x86_64", "amd64"):
        options.append(f"-march=x86-64-{isa}")
    sources = [SOURCE, *(ROOT / "core" / name for name in ("engine.cpp", "initialise.cpp", "isa/kernels.cpp"))]
    objects = [folder / f"{source.stem}.o" for source in sources]
    compilers = [
        subprocess.Popen([COMPILER, *options, "-c", str(source), "-o", str(target)], stderr=subprocess.PIPE, text=True)
        for source, target in zip(sources, objects, strict=True)
    ]
    for compiler in compilers:
        _, errors = compiler.communicate()
        assert compiler.returncode == 0, errors
    program = folder / "trainer_check"
    subprocess.run([COMPILER, flag, "-pthread", *map(str, objects), "-o", str(program)], check=True)
    return program


@pytest.mark.parametrize(
    ("sanitizers", "specifications"),
    [("address,undefined,float-cast-overflow", 60), ("thread", 15)],
    ids=["address-undefined", "thread"],
)
def test_random_specifications_are_clean(tmp_path, sanitizers, specifications):
    program = build(tmp_path, sanitizers)
    options = {
        "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=0",  # leaks need ptrace, which containers often forbid
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "TSAN_OPTIONS": "halt_on_error=1",
    }
    ran = subprocess.run(
        [str(program), str(specifications)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | options,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    assert ran.stdout == "clean\n"
    assert "runtime error" not in ran.stderr
