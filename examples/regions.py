"""How many straight pieces does a ReLU net have? (ReLU 신경망은 몇 개의 선형 조각으로 이루어질까?)

A sum of ReLUs is piecewise linear, and with enough pieces it comes as near as you like to any target, even one that
jumps. Here nets of growing width and depth learn a step (one input, a jump) and a checkerboard (two inputs). Counted
are the linear regions that a fine grid over the data meets before and after training, with what the net gets right.

    python examples/regions.py [--lang ko] [--seeds 16]
"""

import argparse

import actlab
from actlab.statistics import mean_interval, median_interval

SHAPES = ((4,), (16,), (64,), (8, 8), (16, 16), (8, 8, 8, 8))
TASKS = {"step": 0.03, "checkerboard": 0.3}  # with their learning rates

TEXT = {
    "en": {
        "step": "step (regression; score: variance explained)",
        "checkerboard": "checkerboard (two classes; score: accuracy)",
        "columns": "hidden layers, units | linear regions at the start | after training | score, mean",
        "note": "regions: median over {seeds} seeds [95 % interval]",
        "most": "Most pieces: {shape}, {regions:.0f} [{low:.0f}, {high:.0f}]; best score: {best}, {score:.1%}.",
    },
    "ko": {
        "step": "계단(회귀, 점수: 설명된 분산)",
        "checkerboard": "체커보드(두 클래스, 점수: 정확도)",
        "columns": "은닉층, 뉴런 수 | 시작할 때의 선형 영역 | 학습한 뒤 | 점수의 평균",
        "note": "영역 수: 시드 {seeds}개의 중앙값[95 % 신뢰구간]",
        "most": "조각이 가장 많은 구조: {shape}, {regions:.0f} [{low:.0f}, {high:.0f}]. 점수가 가장 높은 구조: {best}, "
        "{score:.1%}.",
    },
}


def main() -> None:
    """One table a task, one row a shape of the net."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=tuple(TEXT), default="en")
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=200)
    options = parser.parse_args()
    text = TEXT[options.lang]
    print(text["note"].format(seeds=options.seeds))
    for task, rate in TASKS.items():
        print(f"\n{text[task]}\n  {text['columns']}")
        regions, scores = {}, {}
        for hidden in SHAPES:
            result = actlab.compare(
                "relu",
                data=task,
                hidden=hidden,
                seeds=options.seeds,
                geometry_seeds=options.seeds,
                test_points=2000,
                learning_rates=rate,
                epochs=options.epochs,
            )
            last_layer = result.geometry.filter(layer=len(hidden)).sort("seed", "step")
            counts = [last_layer.filter(step=step)["regions"].to_numpy() for step in last_layer["step"].unique().sort()]
            before, after = (median_interval(counts[k].astype(float)) for k in (0, -1))
            column = "test_r2" if "test_r2" in result.frame.columns else "test_accuracy"
            score = mean_interval(result.frame[column].clip(0, 1).to_numpy())
            shape = "×".join(map(str, hidden))
            regions[shape], scores[shape] = after, score
            shown = [f"{f.estimate:5.0f} [{f.low:.0f}, {f.high:.0f}]" for f in (before, after)]
            print(
                f"  {shape:8} {sum(hidden):4}   {shown[0]:20} {shown[1]:20} "
                f"{score.estimate:.1%} [{score.low:.1%}, {score.high:.1%}]"
            )
        most = max(regions, key=lambda shape: regions[shape].estimate)
        best = max(scores, key=lambda shape: scores[shape].estimate)
        found = regions[most]
        print("  " + text["most"].format(shape=most, regions=found.estimate, low=found.low, high=found.high, best=best,
                                         score=scores[best].estimate))  # fmt: skip


if __name__ == "__main__":
    main()
