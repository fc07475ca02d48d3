"""The public face: light at the door, and exactly the names that are promised.

(Named so because a module called `test_package` exists in tests/measure, and pytest takes each name once.)
"""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import actlab
from actlab.text import UserError

ROOT = Path(__file__).parent.parent
HEAVY = {"polars", "scipy", "matplotlib", "torch", "jax", "jinja2", "rich", "pandas", "sklearn", "starlette", "mpmath"}
#: The names of the documentation. Whoever adds one writes it here too, and in the documentation.
PROMISED = {
    "Activation", "Arm", "Comparison", "UserError", "__version__", "advise", "check", "compare", "cost", "get", "names",
    "read_sweep", "replace", "set_language", "sweep", "theory", "watch",
}  # fmt: skip


def modules_after(program):
    """The top-level modules that a fresh interpreter has loaded after `program`."""
    code = f"{program}\nimport json, sys\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=300, check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "program",
    [
        "import actlab",
        "import actlab; f = actlab.get('x*tanh(softplus(x))'); f([0.0, 1.0]); str(actlab.UserError('cli.training'))",
        # A mistyped command must be answered at once, not after half a second of imports.
        "from actlab.cli import main; assert main(['--version']) == 0",
        "from actlab.cli import main; assert main(['show', 'sigmoid']) == 0",
    ],
    ids=["import", "get", "command", "show"],
)
def test_light_at_the_door(program):
    program = f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): {program.replace('; ', chr(59))}"
    loaded = modules_after(program)
    assert not loaded & HEAVY - ({"rich"} if "show" in program else set())  # what lays a card out
    assert "actlab" in loaded


def test_exactly_the_promised_names():
    assert set(actlab.__all__) == PROMISED
    assert len(actlab.__all__) == len(PROMISED)
    assert dir(actlab) == sorted(PROMISED)


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_name_is_there(name):
    try:
        assert getattr(actlab, name) is not None
    except UserError as error:
        if error.key != "frameworks.missing":  # PyTorch is an extra
            raise
        pytest.skip(str(error))


def test_no_other_name():
    with pytest.raises(AttributeError, match="no_such_name"):
        actlab.no_such_name  # noqa: B018


def test_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert actlab.__version__ == project["version"]


def test_types_are_shipped():
    assert Path(actlab.__file__).with_name("py.typed").exists()


def test_a_result_shows_itself(tmp_path):
    """The façade attaches .report(), .to_json() and a table to the study's plain data."""
    result = actlab.compare(["relu", "tanh"], hidden=3, seeds=2, learning_rates=0.1, epochs=1, test_points=50)
    assert isinstance(result, actlab.Comparison)
    assert "relu" in str(result)
    assert json.loads(json.dumps(result.to_json(), allow_nan=False))["arms"] == ["relu", "tanh"]
    page = result.report(tmp_path / "page.html", lang="ko")
    assert 'lang="ko"' in page.read_text(encoding="utf-8")
    with pytest.raises(UserError, match="en, ko"):
        result.report(tmp_path / "other.html", lang="fr")
    assert actlab.compare.__doc__
