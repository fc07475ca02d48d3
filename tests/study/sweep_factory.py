"""Small sweeps that several files look at."""

from actlab.study.sweep import read_plan, sweep

#: Twelve chunks, a fraction of a second.
SMALL = """
data = ["moons", "xor"]
activations = ["relu", "tanh", "sigmoid"]
depth = [1, 3]
width = 4
learning_rates = [0.1]
seeds = 16
epochs = 8
test_points = 300
validation_points = 100
"""


def done(text, where, **settings):
    """The outcome of a sweep of the plan `text` in `where`."""
    return sweep(read_plan(text), where, **settings)


def files(where, folder="nets"):
    """Name → content."""
    return {path.name: path.read_bytes() for path in (where / folder).iterdir()}
