"""Small C++ programs of the benchmark, built when they are asked for."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from turns import Turn

HERE = Path(__file__).parent


def build(source: str, *flags: str) -> ctypes.CDLL | None:
    """``native/<source>`` as a shared library; None, after saying so, where there is no compiler."""
    compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        print(f"{source} is not measured: there is no C++ compiler.")
        return None
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "native.so"
        command = [compiler, "-std=c++20", "-O3", "-march=native", "-shared", "-fPIC", "-pthread", "-Wno-psabi", *flags]
        subprocess.run([*command, str(HERE / "native" / source), "-o", str(library)], check=True)
        return ctypes.CDLL(str(library))


class Peak:
    """The processor's own limit, measured in turn with the engines: float32 operations a second."""

    name = "peak"

    def __init__(self, library: ctypes.CDLL, threads: int) -> None:
        self._measure = library.fma_peak
        self._measure.restype, self._measure.argtypes = ctypes.c_double, [ctypes.c_double, ctypes.c_int]
        self._threads = threads

    def turn(self, seconds: float) -> Turn:
        return Turn(self._measure(seconds / 4, self._threads), 1.0)
