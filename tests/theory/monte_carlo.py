"""Kernels against random nets of finite width: every built-in and 20 formulas, as a table.

    python tests/theory/monte_carlo.py [--records deviations.jsonl] [--minutes 9] [NAME…]

The rule, fixed before anything was repeated: a kernel's deviation is the largest over its six entries, in standard
errors of the mean over 48 nets. Among so many kernels chance alone puts a few above 3. Those are repeated with a new
seed and four times the nets: what was chance is below 3 then, and a bias (theory's, or one of order 1/width of the
nets) is twice as many standard errors as before. A kernel disagrees when it is above 3 both times.

Nets of 4,096 units. Given a layer's outputs the next pre-activations of a random net are exactly Gaussian, independent
from unit to unit, with the covariance σw²·mean(φφᵀ) + σb²: so nets are sampled layer by layer, for a few inputs,
without their weight matrices. The neural tangent kernel is that of a net with one hidden layer, written out: with
output weights v, Θ = σw²·mean(φφᵀ) + σb² + σw²·mean(v²φ̇φ̇ᵀ)·K⁰. Not a line is shared with `actlab.theory`.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
from scipy import stats

import actlab
from actlab.functions import names
from actlab.theory import theory

WIDTH, NETS, DEPTH = 4096, 48, 2
SIGMA_W2, SIGMA_B2 = 1.2, 0.1
INPUTS = np.array([[1.0, 0.0, 0.3], [0.6, 0.8, -0.2], [-0.5, 0.4, 0.9]])
FORMULAS = (
    "x*tanh(softplus(x))", "x*sigmoid(1.5*x)", "max(x, 0.3*x)", "sin(x) + 0.1*x", "x/(1 + abs(x))", "atan(x)",
    "x**3/6 + x", "exp(-x**2)", "log1p(exp(x)) - 1", "tanh(x)**2", "abs(x)", "max(x, 0)**1.5", "where(x < 0, 0.2*x, x)",
    "x*normcdf(x)", "min(max(x, -1), 1)", "cos(2*x)", "x/sqrt(1 + x**2)", "softplus(x)*tanh(x)", "erf(x/2)",
    "sigmoid(x) - 0.5",
)  # fmt: skip


def nngp(phi, nets, rng):
    """Kernels of the output ``(nets, n, n)`` of random nets with `DEPTH` hidden layers."""
    found = []
    for _ in range(nets):
        K = SIGMA_W2 * INPUTS @ INPUTS.T / INPUTS.shape[1] + SIGMA_B2
        for _ in range(DEPTH):
            root = np.linalg.cholesky(K + 1e-13 * np.eye(len(K)))
            a = np.asarray(phi(rng.standard_normal((WIDTH, len(K))) @ root.T))
            K = SIGMA_W2 * a.T @ a / WIDTH + SIGMA_B2
        found.append(K)
    return np.array(found)


def ntk(phi, nets, rng):
    """Neural tangent kernels ``(nets, n, n)`` of random nets with one hidden layer."""
    found = []
    K = SIGMA_W2 * INPUTS @ INPUTS.T / INPUTS.shape[1] + SIGMA_B2
    root = np.linalg.cholesky(K)
    for _ in range(nets):
        z = rng.standard_normal((WIDTH, len(K))) @ root.T
        a, slope = (np.asarray(part) for part in phi.value_and_derivative(z))
        weighted = slope * rng.standard_normal(WIDTH)[:, None]
        found.append(SIGMA_W2 * a.T @ a / WIDTH + SIGMA_B2 + SIGMA_W2 * weighted.T @ weighted / WIDTH * K)
    return np.array(found)


def errors(name, nets=NETS, seed=1):
    """The largest deviation of theory from the mean over nets, in standard errors: of NNGP and of NTK (NaN: none)."""
    phi, rng = actlab.get(name), np.random.default_rng(seed)
    weights = {"sigma_w2": SIGMA_W2, "sigma_b2": SIGMA_B2}
    worst = []
    for sampled, wanted in (
        (nngp(phi, nets, rng), theory(phi).kernels(INPUTS, DEPTH, **weights).nngp),
        (ntk(phi, nets, rng), theory(phi).kernels(INPUTS, 1, **weights).ntk),
    ):
        error = np.maximum(sampled.std(axis=0, ddof=1) / np.sqrt(nets), 1e-12 * np.abs(wanted))
        worst.append(float(np.max(np.abs(sampled.mean(axis=0) - wanted) / error)))
    return worst


def say(line: str) -> None:
    """A line, now: the table takes minutes."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Deviations:
    """Deviations of each function, first and repeated, kept in a file."""

    def __init__(self, path, minutes):
        self.path, self.end, self.done = path, time.perf_counter() + 60 * minutes, {}
        if path is not None and path.exists():
            self.done = {(name, nets): worst for name, nets, worst in map(json.loads, path.read_text().splitlines())}

    def of(self, name, nets, seed):
        """(NNGP, NTK), NaN where there is none."""
        if (name, nets) not in self.done:
            if time.perf_counter() > self.end:
                sys.exit("It goes on from here.")
            self.done[name, nets] = [None if math.isnan(w) else round(w, 3) for w in errors(name, nets, seed)]
            if self.path is not None:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([name, nets, self.done[name, nets]]) + "\n")
        return [math.nan if w is None else w for w in self.done[name, nets]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--records", type=Path)
    parser.add_argument("--minutes", type=float, default=math.inf)
    options = parser.parse_args()
    kept = Deviations(options.records, options.minutes)
    say(f"width {WIDTH:,}, {NETS} nets, NNGP at depth {DEPTH}, NTK at depth 1; deviations in standard errors")
    every, again = [], []
    for name in options.names or (*names(), *FORMULAS):
        first = kept.of(name, NETS, 1)
        second = kept.of(name, 4 * NETS, 2) if np.nanmax(first, initial=0) > 3 else [math.nan] * 2
        cells = []
        for one, other in zip(first, second, strict=True):
            every.append(one)
            again.append(other if one > 3 else math.nan)
            cells.append("–" if math.isnan(one) else f"{one:.2f}" + (f", again {other:.2f}" if one > 3 else ""))
        say(f"| {name} | " + " | ".join(cells) + " |")
    every, again = (np.array(values)[np.isfinite(values)] for values in (every, again))
    entry = 2 * stats.t.sf(3, NETS - 1)
    few, many = (len(every) * chance for chance in (entry, 1 - (1 - entry) ** 6))
    say(f"{len(every)} kernels; largest {every.max():.2f}; above 3: {len(again)}")
    say(f"by chance {few:.1f} (were its six entries one) to {many:.1f} (were they independent)")
    say(f"repeated: {len(again)}; above 3 again: {(again > 3).sum()}")


if __name__ == "__main__":
    main()
