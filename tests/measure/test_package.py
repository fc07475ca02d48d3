import subprocess
import sys

import actlab.measure


def test_importing_loads_numpy_only():
    program = "import actlab.measure, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded
    assert not {"scipy", "sklearn", "polars", "torch", "jinja2", "rich"} & set(loaded)


def test_everything_promised_is_there():
    assert actlab.measure.__all__ == sorted(actlab.measure.__all__)
    for name in actlab.measure.__all__:
        value = getattr(actlab.measure, name)
        assert value.__module__.startswith("actlab.measure.")
        assert value.__doc__
