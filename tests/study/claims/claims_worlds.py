"""Simulated worlds: what a claim's samples look like where it is true, and where it is false.

They know nothing of how verdicts are made: only what an effect would be, and that seeds differ, some of them wildly.
"""

import numpy as np

FAILING = 0.02  # share of seeds far out on either side


def sample(effect, value, rng, rows, seeds):
    """``(rows, seeds)`` effects whose mean, or median, is `value`."""
    noise = rng.uniform(-1, 1, (rows, seeds))
    chance = rng.uniform(size=(rows, seeds))
    if effect.statistic == "mean":
        low, high = effect.bounds
        room = min(value - low, high - value)  # symmetric about the mean, so that it is the mean
        spread = min(abs(effect.expected - effect.null) / 2, room)
        far = room / 2 * np.sign(noise)  # a failed net of two classes is half the scale away
        return value + np.where(chance < FAILING, far, spread * noise)
    if effect.unit == "times":
        found = value * np.exp(0.3 * noise)
        return np.where(chance < FAILING, np.where(noise > 0, np.inf, 0.0), found)
    found = value + noise * abs(effect.expected - effect.null) / 2
    return np.where(chance < FAILING, value + 1e3 * np.sign(noise), found)
