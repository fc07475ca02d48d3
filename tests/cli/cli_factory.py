"""Running ``python -m actlab`` in a process of its own."""

import os
import subprocess
import sys

#: A comparison that takes a moment.
QUICK = ["--seeds", "3", "--epochs", "2", "--test-points", "100", "--learning-rates", "0.05", "--hidden", "4"]


def surroundings(**variables):
    """The environment of a child: English, UTF-8, this source tree, no colours asked for or refused."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("LC_", "LANG", "PYTHONIO", "PYTHONUNB", "NO_COLOR", "FORCE_"))
    }
    return kept | {"LANG": "en_US.UTF-8", "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(sys.path)} | variables


def actlab(*words, **variables):
    """The finished process, its output as bytes; warnings are errors there too."""
    command = [sys.executable, "-W", "error", "-m", "actlab", *words]
    return subprocess.run(command, capture_output=True, timeout=300, env=surroundings(**variables), check=False)
