"""Does the gradient shrink fourfold a layer? (기울기는 층마다 네 배씩 작아질까?)

σ′ is at most 1/4, so lecture notes say that n sigmoid layers leave 0.25ⁿ of the gradient. The weights have a say too.
Here: nets of growing depth, before training and after; for every layer the norm of the loss's gradient with respect to
its weights, per weight; and the factor from one hidden layer to the one before it, median over seeds.

    python examples/vanishing_gradient.py [--lang ko] [--seeds 128] [--depths 2 4 8 16]
"""

import argparse

import numpy as np
import polars as pl

import actlab
from actlab.statistics import Interval, median_interval

TEXT = {
    "en": {
        "head": "factor of the gradient from one hidden layer to the one before it: median over seeds [95 % interval]",
        "columns": "depth   at initialisation          after {epochs} epochs           test accuracy",
        "answer": "At depth {depth} a sigmoid layer leaves {share} of the gradient, all hidden layers {rest:.0e}.",
    },
    "ko": {
        "head": "한 은닉층에서 그 앞 은닉층으로 가며 기울기가 몇 배가 되는지: 시드의 중앙값[95 % 신뢰구간]",
        "columns": "깊이    초기화 직후                {epochs}에포크 뒤               시험 정확도",
        "answer": "깊이 {depth}에서 기울기는 시그모이드 한 층을 지나면 {share}배, "
        "모든 은닉층을 지나면 {rest:.0e}배로 줄어듭니다.",
    },
}
ARMS = ("sigmoid", "tanh", "relu", "elu", "softsign")


def factors(traces: pl.DataFrame, arm: str, step: int, depth: int) -> np.ndarray:
    """For every seed: by what the gradient changes from a hidden layer to the one before it, geometric mean.

    The first layer, whose inputs are the data, and the output layer are left out. 0 where a gradient is exactly 0.
    """
    mine = traces.filter(arm=arm, step=step).sort("seed", "layer")
    norms = mine["gradient_norm_per_weight"].to_numpy().reshape(-1, depth + 1)[:, 1:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (norms[:, 0] / norms[:, -1]) ** (1 / (norms.shape[1] - 1))
    return np.nan_to_num(found, nan=0.0)


def shown(found: Interval) -> str:
    """An interval as text."""
    return f"{found.estimate:5.3f} [{found.low:.3f}, {found.high:.3f}]"


def main() -> None:
    """Train at every depth, print one row an arm and depth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=tuple(TEXT), default="en")
    parser.add_argument("--seeds", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--depths", type=int, nargs="+", default=[3, 6, 12, 24])
    options = parser.parse_args()
    text = TEXT[options.lang]
    print(text["head"])
    print(f"{'':10}{text['columns'].format(epochs=options.epochs)}")
    answer = ""
    for depth in options.depths:
        result = actlab.compare(
            ARMS,
            data="moons",
            hidden=(options.width,) * depth,
            seeds=options.seeds,
            learning_rates=0.05,
            epochs=options.epochs,
            test_points=2000,
            geometry_seeds=0,
        )
        last = result.traces["step"].max()
        for arm in ARMS:
            first, after = (median_interval(factors(result.traces, arm, step, depth)) for step in (0, last))
            accuracy = result.frame.filter(arm=arm)["test_accuracy"].median()
            print(f"{arm:10}{depth:5}   {shown(first)}   {shown(after)}   {accuracy:6.1%}")
            if arm == "sigmoid":
                answer = text["answer"].format(depth=depth, share=shown(first), rest=first.estimate ** (depth - 1))
    print(answer)


if __name__ == "__main__":
    main()
