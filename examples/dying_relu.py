"""What kills ReLU units, and what saves them? (ReLU 뉴런은 왜 죽고, 무엇이 살리나?)

A unit is dead when its slope vanishes at every point: nothing can move it any more. The cause that is named first is a
large learning rate. Here it is turned up, and the share of dead hidden units is counted for ReLU, for what is
recommended in its place (Leaky ReLU, PReLU with its learned slope, ELU, softplus), and for ReLU behind batch norm, with
what is left of the test accuracy. The units of a net that diverged count as dead: so it is with PReLU at large rates,
because its slope moves as fast as the weights.

    python examples/dying_relu.py [--lang ko] [--seeds 128]
"""

import argparse

import numpy as np
import polars as pl

import actlab
from actlab.statistics import mean_interval, paired_interval

ARMS = ("relu", actlab.Arm("relu", norm="batch"), "leaky_relu", "prelu", "elu", "softplus", "gelu", "tanh")

TEXT = {
    "en": {
        "head": "learning rate {rate}: dead hidden units, mean over seeds [95 % interval]; test accuracy, median",
        "diverged": "  {share:.0%} of the nets diverged: all their units count as dead, their accuracy as 0",
        "saved": "  fewer dead units than relu (by how much): {items}",
        "none": "  no remedy has fewer dead units than relu beyond doubt",
    },
    "ko": {
        "head": "학습률 {rate}: 죽은 은닉 뉴런의 비율, 시드 평균[95 % 신뢰구간]. 시험 정확도의 중앙값",
        "diverged": "  신경망의 {share:.0%}가 발산: 뉴런은 모두 죽은 것으로, 정확도는 0으로 셉니다",
        "saved": "  relu보다 죽은 뉴런이 적은 것(줄어든 정도): {items}",
        "none": "  relu보다 죽은 뉴런이 분명히 적은 것은 없습니다",
    },
}


def dead_share(traces: pl.DataFrame, arm: str, layers: int) -> np.ndarray:
    """For every seed, the share of dead hidden units at the last checkpoint."""
    last = traces.filter(arm=arm, step=traces["step"].max()).filter(pl.col("layer") <= layers)
    found = last.group_by("seed", maintain_order=True).agg(pl.col("dead").mean())["dead"]
    return np.nan_to_num(found.cast(pl.Float64).to_numpy(), nan=1.0)


def main() -> None:
    """One table a learning rate, one row an arm."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=tuple(TEXT), default="en")
    parser.add_argument("--seeds", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=200)
    options = parser.parse_args()
    text = TEXT[options.lang]
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
            geometry_seeds=0,
        )
        print("\n" + text["head"].format(rate=rate))
        dead = {arm: dead_share(result.traces, arm, len(hidden)) for arm in result.arms}
        for arm, shares in dead.items():
            found = mean_interval(shares)
            nets = result.frame.filter(arm=arm)
            diverged = (nets["status"] == "diverged").mean()
            remark = text["diverged"].format(share=diverged) if diverged else ""
            accuracy = nets["test_accuracy"].median()
            print(f"  {arm:18} {found.estimate:5.1%}  [{found.low:.1%}, {found.high:.1%}]   {accuracy:6.1%}{remark}")
        saved = {arm: paired_interval(dead["relu"], shares) for arm, shares in dead.items() if arm != "relu"}
        items = [
            f"{arm} ({found.estimate:.1%} [{found.low:.1%}, {found.high:.1%}])"
            for arm, found in saved.items()
            if found.low > 0
        ]
        print(text["saved"].format(items=", ".join(items)) if items else text["none"])


if __name__ == "__main__":
    main()
