"""Kernels against random nets of finite width: every built-in and 20 formulas, as a table.

    python tests/theory/monte_carlo.py [NAME…]

Nets of 4,096 units. Given a layer's outputs the next pre-activations of a random net are exactly Gaussian, independent
from unit to unit, with the covariance σw²·mean(φφᵀ) + σb²: so nets are sampled layer by layer, for a few inputs,
without their weight matrices. The neural tangent kernel is that of a net with one hidden layer, written out: with
output weights v, Θ = σw²·mean(φφᵀ) + σb² + σw²·mean(v²φ̇φ̇ᵀ)·K⁰. Not a line is shared with `actlab.theory`.
"""

from __future__ import annotations

import sys

import numpy as np

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
    """A line, now: a table takes a minute."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    say(f"width {WIDTH:,}, {NETS} nets, NNGP at depth {DEPTH}, NTK at depth 1; deviations in standard errors")
    rows = []
    for name in sys.argv[1:] or (*names(), *FORMULAS):
        rows.append((name, *errors(name)))
        say(f"| {name} | " + " | ".join("–" if np.isnan(w) else f"{w:.2f}" for w in rows[-1][1:]) + " |")
    every = np.array([worst for _, *worst in rows]).ravel()
    every = every[np.isfinite(every)]
    say(f"{len(every)} kernels; largest {every.max():.2f}; above 3: {(every > 3).sum()}")


if __name__ == "__main__":
    main()
