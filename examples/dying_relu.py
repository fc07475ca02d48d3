"""What kills ReLU units, and what saves them? (ReLU 뉴런은 왜 죽고, 무엇이 살리나?)

A unit is dead when its slope vanishes at every point: nothing can move it any more. The cause that is named first is a
large learning rate. Here it is turned up, and the share of dead hidden units is counted for ReLU and for what is
recommended in its place, with what is left of the test accuracy. The units of a net that diverged count as dead.

    python examples/dying_relu.py [--seeds 128]
"""

import argparse

import numpy as np
import polars as pl

import actlab
from actlab.statistics import mean_interval

ARMS = ("relu", "leaky_relu", "elu", "softplus", "gelu", "tanh")


def dead_share(traces: pl.DataFrame, arm: str, layers: int) -> np.ndarray:
    """For every seed, the share of dead hidden units at the last checkpoint."""
    last = traces.filter(arm=arm, step=traces["step"].max()).filter(pl.col("layer") <= layers)
    return last.group_by("seed", maintain_order=True).agg(pl.col("dead").mean())["dead"].to_numpy()


def main() -> None:
    """One table a learning rate, one row an arm."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=200)
    options = parser.parse_args()
    hidden = (16, 16)
    for rate in (0.1, 0.5, 1.0, 2.0):
        result = actlab.compare(
            ARMS,
            data="moons",
            hidden=hidden,
            seeds=options.seeds,
            learning_rates=rate,
            epochs=options.epochs,
            test_points=2000,
        )
        print(f"\nlearning rate {rate}: dead hidden units, mean over seeds [95 % interval]; test accuracy, median")
        for arm in ARMS:
            dead = mean_interval(np.nan_to_num(dead_share(result.traces, arm, len(hidden)), nan=1.0))
            accuracy = result.frame.filter(arm=arm)["test_accuracy"].median()
            print(f"  {arm:11} {dead.estimate:5.1%}  [{dead.low:.1%}, {dead.high:.1%}]   {accuracy:6.1%}")


if __name__ == "__main__":
    main()
