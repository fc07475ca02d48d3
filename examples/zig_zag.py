"""Do positive-only activations zig-zag? (양수만 내는 활성화 함수는 지그재그로 갈까?)

Where all inputs of a unit are positive, one point's gradients of its weights all have one sign, and lecture notes say
that this makes the weights zig-zag and learn slowly. Here the same function is trained with and without its mean taken
out: σ(x) against σ(x) − ½ has the same slope everywhere and differs in nothing but where zero lies. Counted are, in the
second hidden layer, how far the gradients of a unit's weights agree in sign, and how straight the weights go: distance
from the start over the length of the way, every step counted. The path of one net each is drawn.

    python examples/zig_zag.py [--lang ko] [--seeds 64] [--out zig_zag.svg]
"""

import argparse
from html import escape
from pathlib import Path

import numpy as np
import polars as pl

import actlab
from actlab import nets
from actlab.data import resolve
from actlab.measure import expected_sign_agreement
from actlab.statistics import mean_interval, median_interval
from actlab.study import make_plan

#: Positive-only, and the same with its mean over N(0, 1) taken out.
PAIRS = (("sigmoid", "sigmoid(x) - 0.5"), ("softplus", "softplus(x) - 0.806"), ("relu", "max(x, 0) - 0.399"))
OTHERS = ("2*sigmoid(x) - 1", "tanh", "identity")
LAYER = 2
SETTINGS = {"data": "moons", "hidden": (16, 16), "learning_rates": 0.1, "batch_size": 32, "init": "lecun",
            "test_points": 2000, "geometry_seeds": 0}  # fmt: skip
DRAWN = 150  # steps in the picture

TEXT = {
    "en": {
        "head": "second hidden layer, {seeds} seeds, batches of 32, {epochs} epochs; 95 % intervals",
        "chance": "independent signs would agree to {chance:.1%}",
        "columns": ("activation", "signs agree, at the start", "path efficiency, at the end", "validation loss"),
        "pair": "{plain}: with its mean taken out, the path is {ratio} times as straight, and the loss {loss} times "
        "as large (medians over seeds)",
        "title": "The path of a unit’s weights: the first {steps} steps",
        "axes": "across: from start to end; up: where it strays most. ○ start, ● end",
        "efficiency": "efficiency {value:.0%}",
        "drawn": "picture: {path}",
    },
    "ko": {
        "head": "둘째 은닉층, 시드 {seeds}개, 배치 크기 32, {epochs}에포크, 95 % 신뢰구간",
        "chance": "부호가 서로 무관하다면 {chance:.1%}가 일치합니다",
        "columns": ("활성화 함수", "부호 일치(시작)", "경로 효율(끝)", "검증 손실"),
        "pair": "{plain}: 평균을 빼면 경로의 곧기는 {ratio}배, 손실은 {loss}배가 됩니다(시드별 비의 중앙값)",
        "title": "한 뉴런의 가중치가 지나온 길: 처음 {steps}걸음",
        "axes": "가로: 시작에서 끝을 향한 방향, 세로: 가장 크게 벗어나는 방향. ○ 시작, ● 끝",
        "efficiency": "효율 {value:.0%}",
        "drawn": "그림: {path}",
    },
}


def at(result: actlab.Comparison, arm: str, step: int, column: str) -> np.ndarray:
    """A traced quantity of the layer, one number a seed."""
    rows = result.traces.filter(pl.col("layer") == LAYER, arm=arm, step=step).sort("seed")
    return rows[column].fill_null(np.nan).to_numpy()


def loss(result: actlab.Comparison, arm: str, step: int) -> np.ndarray:
    """The validation loss, one number a seed."""
    return result.curves.filter(arm=arm, step=step).sort("seed")["validation_loss"].to_numpy()


def times(a: np.ndarray, b: np.ndarray) -> str:
    """Median of a/b over seeds, with its interval."""
    found = median_interval(a / b)
    return f"{found.estimate:.2f} [{found.low:.2f}, {found.high:.2f}]"


def path(arm: str, seed: int, epochs: int) -> np.ndarray:
    """``(steps, fan_in)``: the incoming weights of one unit of the layer after each of the first steps."""
    plan = make_plan(arm, epochs=epochs, seeds=1, **SETTINGS)
    spec, task = plan.spec(plan.arms[0]), resolve("moons")
    kept = nets.train(
        spec,
        plan.training(plan.arms[0]),
        seeds=[seed],
        learning_rates=[plan.common_rate],
        train_sets=nets.PointSets.stack([task.draw(seed).train]),
        checkpoints=np.arange(DRAWN + 1),
        keep=[0],
    ).snapshots[0]
    weights = np.array([spec.unpack(row)[LAYER - 1].weights for row in kept], dtype=np.float64)
    longest = np.linalg.norm(weights[-1] - weights[0], axis=0).argmax()  # of all units the one that went farthest
    return weights[:, :, longest]


def in_the_plane(way: np.ndarray) -> np.ndarray:
    """``(steps, 2)``: along the straight line from start to end, and along the direction of most straying from it."""
    away = way - way[0]
    along = away[-1] / np.linalg.norm(away[-1])
    astray = away - np.outer(away @ along, along)
    up = np.linalg.svd(astray, full_matrices=False)[2][0]
    return np.column_stack([away @ along, astray @ up])


def picture(ways: dict[str, np.ndarray], text: dict) -> str:
    """One SVG: a panel a path, positive-only on the left; every panel in the scale of its own length."""
    width, height, gap, top = 330, 170, 24, 64
    rows = len(ways) // 2
    box = f"0 0 {2 * width + 3 * gap} {rows * (height + gap) + top + 8}"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" '
        'font-family="system-ui, Noto Sans KR, Noto Sans CJK KR, NanumGothic, sans-serif" role="img">'
        f'<title>{escape(text["title"].format(steps=DRAWN))}</title><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{gap}" y="28" font-size="18" font-weight="600" fill="#1b1f24">'
        f"{escape(text['title'].format(steps=DRAWN))}</text>"
        f'<text x="{gap}" y="48" font-size="13" fill="#57606a">{escape(text["axes"])}</text>'
    ]
    for k, (arm, way) in enumerate(ways.items()):
        left, down = gap + (k % 2) * (width + gap), top + (k // 2) * (height + gap)
        flat = in_the_plane(way)
        efficiency = np.linalg.norm(way[-1] - way[0]) / np.linalg.norm(np.diff(way, axis=0), axis=1).sum()
        low, high = flat.min(axis=0), flat.max(axis=0)
        scale = min((width - 40) / (high[0] - low[0]), (height - 56) / (high[1] - low[1]))
        middle = (low + high) / 2
        x = left + width / 2 + (flat[:, 0] - middle[0]) * scale
        y = down + 36 + (height - 44) / 2 - (flat[:, 1] - middle[1]) * scale
        colour = ("#b35900", "#0550ae")[k % 2]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        told, line = text["efficiency"].format(value=efficiency), down + 22
        out.append(
            f'<g><rect x="{left}" y="{down}" width="{width}" height="{height}" fill="#f6f8fa" rx="6"/>'
            f'<text x="{left + 12}" y="{line}" font-size="14" font-weight="600" fill="{colour}">{escape(arm)}</text>'
            f'<text x="{left + width - 12}" y="{line}" font-size="13" text-anchor="end" fill="#57606a">{told}</text>'
            f'<path d="M{x[0]:.1f} {y[0]:.1f}L{x[-1]:.1f} {y[-1]:.1f}" stroke="#8c959f" stroke-dasharray="4 4"/>'
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.4" stroke-linejoin="round"/>'
            f'<circle cx="{x[0]:.1f}" cy="{y[0]:.1f}" r="4" fill="#fff" stroke="{colour}" stroke-width="1.6"/>'
            f'<circle cx="{x[-1]:.1f}" cy="{y[-1]:.1f}" r="4" fill="{colour}"/></g>'
        )
    return "\n".join([*out, "</svg>"])


def main() -> None:
    """Train, print one row an arm and one sentence a pair, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=tuple(TEXT), default="en")
    parser.add_argument("--seeds", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("zig_zag.svg"))
    options = parser.parse_args()
    text = TEXT[options.lang]
    arms = [arm for pair in PAIRS for arm in pair] + list(OTHERS)
    result = actlab.compare(arms, seeds=options.seeds, epochs=options.epochs, **SETTINGS)
    last = int(result.traces["step"].max())

    print(text["head"].format(seeds=options.seeds, epochs=options.epochs))
    print(text["chance"].format(chance=expected_sign_agreement(SETTINGS["hidden"][LAYER - 2])))
    print("  " + " | ".join(text["columns"]))
    for arm in result.arms:
        signs = mean_interval(at(result, arm, 0, "sign_agreement"), bounds=(0.5, 1.0))
        straight = mean_interval(np.nan_to_num(at(result, arm, last, "path_efficiency"), nan=0.0))
        median = float(np.median(loss(result, arm, last)))
        shown = [f"{f.estimate:6.1%} [{f.low:.1%}, {f.high:.1%}]" for f in (signs, straight)]
        print(f"  {arm:20} {shown[0]:26} {shown[1]:26} {median:.3f}")
    names = dict(zip(arms, result.arms, strict=True))
    for plain, centred in PAIRS:
        a, b = names[centred], names[plain]
        ratio = times(at(result, a, last, "path_efficiency"), at(result, b, last, "path_efficiency"))
        print(text["pair"].format(plain=plain, ratio=ratio, loss=times(loss(result, a, last), loss(result, b, last))))

    efficiency = at(result, names["sigmoid"], last, "path_efficiency")
    seed = int(np.argsort(efficiency)[len(efficiency) // 2])  # the median net of the first arm, and its twins
    ways = {arm: path(arm, seed, options.epochs) for pair in PAIRS for arm in pair}
    options.out.write_text(picture(ways, text), encoding="utf-8")
    print(text["drawn"].format(path=options.out))


if __name__ == "__main__":
    main()
