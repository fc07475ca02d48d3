"""Does the gradient vanish through time, and with which activation? (기울기는 시간을 거슬러 가며 사라질까?)

A recurrent net meets its own weights at every step of a sequence, so the gradient of its answer is multiplied by much
the same factor at every step on its way back. Lectures conclude: sigmoid forgets, tanh is the choice, ReLU explodes.
Here: Elman nets on the adding problem (what is the sum of the two numbers that are marked?); for every step of the
sequence the norm of the loss's gradient with respect to the hidden state; and the factor from one step to the one
before it, median over seeds, before training and after.

    python examples/through_time.py [--lang ko] [--seeds 64] [--lengths 10 20 40]
"""

import argparse

import numpy as np
import polars as pl

import actlab
from actlab.statistics import Interval, median_interval

TEXT = {
    "en": {
        "head": "factor of the gradient from one step to the one before it: median over seeds [95 % interval]",
        "columns": "length   at initialisation          after {epochs} epochs          first ÷ last step   R²",
        "answer": "Over {length} steps a sigmoid net keeps {sigmoid} of the gradient a step, {rest:.0e} of it to the "
        "first step; tanh keeps {tanh} a step.",
    },
    "ko": {
        "head": "한 단계에서 그 앞 단계로 가며 기울기가 몇 배가 되는지: 시드의 중앙값[95 % 신뢰구간]",
        "columns": "길이     초기화 직후                {epochs}에포크 뒤              첫 단계 ÷ 마지막    R²",
        "answer": "길이 {length}의 시퀀스에서 시그모이드 신경망의 기울기는 한 단계마다 {sigmoid}배, 첫 단계까지 "
        "{rest:.0e}배로 줄어듭니다. tanh에서는 한 단계마다 {tanh}배입니다.",
    },
}
ARMS = ("sigmoid", "tanh", "relu", "relu [init=he]")


def factors(through_time: pl.DataFrame, arm: str, step: int, length: int) -> np.ndarray:
    """For every seed: by what the gradient changes from a step to the one before it, geometric mean over the sequence.

    0 where a gradient is exactly 0, ∞ where it is not a finite number: then the net is lost.
    """
    mine = through_time.filter(arm=arm, step=step).sort("seed", "time")
    norms = mine["gradient_norm"].to_numpy().reshape(-1, length)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (norms[:, 0] / norms[:, -1]) ** (1 / (length - 1))
    return np.where(np.isfinite(norms).all(axis=1), np.nan_to_num(found, nan=0.0), np.inf)


def shown(found: Interval) -> str:
    """An interval as text."""
    return f"{found.estimate:5.3f} [{found.low:.3f}, {found.high:.3f}]"


def main() -> None:
    """Train on every length, print one row an arm and length."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=tuple(TEXT), default="en")
    parser.add_argument("--seeds", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--lengths", type=int, nargs="+", default=[10, 20, 40])
    options = parser.parse_args()
    text, answer = TEXT[options.lang], ""
    print(text["head"])
    print(f"{'':15}{text['columns'].format(epochs=options.epochs)}")
    for length in options.lengths:
        result = actlab.compare(
            ARMS,
            data=f"adding:{length}",
            hidden=(options.width,),
            seeds=options.seeds,
            learning_rates=0.05,
            epochs=options.epochs,
            clip=1.0,
            init="lecun",  # the same first weights for all but the last: what differs is the activation alone
        )
        last = result.through_time["step"].max()
        told = {}
        for arm in ARMS:
            first, after = (factors(result.through_time, arm, step, length) for step in (0, last))
            reach = np.median(first) ** (length - 1)
            score = result.frame.filter(arm=arm)["test_r2"].median()
            told[arm] = shown(median_interval(first))
            columns = f"{told[arm]}   {shown(median_interval(after))}"
            print(f"{arm:15}{length:6}   {columns}   {reach:17.1e}   {score:5.2f}")
            if arm == "sigmoid":
                rest = reach
        answer = text["answer"].format(length=length, rest=rest, **{arm: told[arm].strip() for arm in ARMS[:2]})
    print(answer)


if __name__ == "__main__":
    main()
