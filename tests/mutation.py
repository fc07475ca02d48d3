"""Break the measurements, the statistics and the parser in small ways, and count the breaks that their tests notice.

``make mutation``: mutmut does the breaking, in a copy. Fails where fewer than 85 % are noticed.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BAR = 0.85

# What is broken → the tests that must notice, and what of them cannot run in the mutated copy: some start a Python of
# their own, which would not see the copy, and mutmut's detours take a part of the stack that one measures.
TARGETS = {
    "src/actlab/measure": (["tests/measure"], "not test_package"),
    "src/actlab/statistics": (["tests/statistics"], "not test_statistics_coverage"),
    "src/actlab/functions/_grammar.py": (
        [f"tests/functions/test_{name}.py" for name in ("parser", "formula_errors", "activation")],
        "not too_deep and not deep_in_calls",
    ),
}


def mutate(target: str, tests: list[str], chosen: str) -> tuple[int, int]:
    """Mutants killed (a time-out is a kill: the tests noticed) and mutants tried."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("src", "tests", "core"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        _borrow_core(copy / "src" / "actlab")
        (copy / "pyproject.toml").write_text(
            "[tool.mutmut]\n"
            f"source_paths = {json.dumps([target])}\n"
            'also_copy = ["src", "core"]\n'
            f"pytest_add_cli_args = {json.dumps(['-q', '-x', '-p', 'no:cacheprovider', '-k', chosen])}\n"
            f"pytest_add_cli_args_test_selection = {json.dumps(tests)}\n",
            encoding="utf-8",
        )
        for command in ("run", "export-cicd-stats"):  # quietly: mutmut redraws its counter for every mutant
            done = subprocess.run(
                [sys.executable, "-m", "mutmut", command], check=False, cwd=copy, capture_output=True, text=True
            )
            if done.returncode:
                sys.exit(f"mutmut {command} failed on {target}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        stats = json.loads((copy / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    return stats["killed"] + stats["timeout"], stats["total"] - stats["skipped"]


def _borrow_core(package: Path) -> None:
    """The compiled core of the installed package; the copy's sources find it beside them."""
    import actlab._core as core

    shutil.copy(core.__file__, package)


def main() -> int:
    """Mutate the targets whose path holds the first argument, by default all; 1 where one falls below the bar."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    missed = False
    for target, (tests, chosen) in TARGETS.items():
        if wanted in target:
            killed, tried = mutate(target, tests, chosen)
            missed |= killed < BAR * tried
            sys.stdout.write(f"{target}: {killed} of {tried} mutants killed, {killed / tried:.1%}\n")
            sys.stdout.flush()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
