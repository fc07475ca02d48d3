"""Writes the tables of ``docs/*/doctor-evidence.md`` from the records of `survey` and `trials`.

    python tests/doctor/evidence.py

What stands between ``<!-- table NAME -->`` and ``<!-- end -->`` is replaced; the prose around it is people's.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
from patients import HELD_OUT, TUNING, faults
from scipy.stats import beta
from survey import OUT, differences, harmful

from actlab.statistics import median_interval

DOCS = Path(__file__).parents[2] / "docs"
SETS = {"tuning": TUNING, "held out": HELD_OUT}
#: Faults in the model's own code: the doctor shows where, and no program can tell what was meant.
OWN_CODE = ("unguarded_log", "cut")
WORDS = {
    "en": {
        "set": "Set", "seeds": "seeds a fault", "tuning": "tuning", "held out": "held out", "nets": "architectures",
        "cases": "faults that do harm", "patients": "patients", "found": "found in the right layer",
        "code": "right code",
        "healthy": "healthy models", "alarms": "with a false alarm", "net": "Architecture", "error": "healthy error",
        "harmless": "harmless faults", "missed": "missed", "fault": "Fault", "closed": "gap closed (median)",
        "remedy": "best remedies", "all": "all", "most": "closing ≥ 80 %", "over": "better than a random remedy by",
        "none": "no remedy by program", "ahead": "ahead of it in", "program": "all but `unguarded_log` and `cut`",
    },
    "ko": {
        "set": "집합", "seeds": "결함마다 시드", "tuning": "조정용", "held out": "남겨 둔 것", "nets": "구조 수",
        "cases": "해를 끼치는 결함", "patients": "환자", "found": "맞는 층에서 찾음", "code": "맞는 코드",
        "healthy": "건강한 모델", "alarms": "헛경보가 난 것", "net": "구조", "error": "건강한 모델의 오차",
        "harmless": "해가 없는 결함", "missed": "놓친 것", "fault": "결함", "closed": "메운 차이(중앙값)",
        "remedy": "가장 나은 처방", "all": "전체", "most": "80 % 이상 메움", "over": "무작위 처방보다 나은 정도",
        "none": "프로그램으로 할 처방 없음", "ahead": "무작위보다 앞선 사례",
        "program": "`unguarded_log`와 `cut`을 뺀 전체",
    },
}  # fmt: skip


def records(name):
    path = OUT / name
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return list({(r["architecture"], r["fault"], r.get("seed")): r for r in lines}.values())  # each once


def share(part, whole):
    return f"{part}/{whole} ({100 * part / whole:.1f} %)" if whole else "–"


def between(part, whole):
    """`share` with its Clopper–Pearson interval at 95 %."""
    if not whole:
        return "–"
    low = beta.ppf(0.025, part, whole - part + 1) if part else 0.0
    high = beta.ppf(0.975, part + 1, whole - part) if part < whole else 1.0
    return f"{share(part, whole)}, {100 * low:.1f} … {100 * high:.1f} %"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)])


class Runs:
    def __init__(self, runs):
        self.runs = runs
        self.by = defaultdict(list)
        for r in runs:
            self.by[r["architecture"], r["fault"]].append(r)

    def counted(self, names):
        """Cases (name, fault) that do harm."""
        return [
            (name, fault)
            for name, fault in self.by
            if name in names and fault != "healthy" and harmful(differences(self.runs, name, fault))
        ]

    def summary(self, w):
        rows = []
        for title, names in SETS.items():
            cases = self.counted(names)
            sick = [r for case in cases for r in self.by[case]]
            well = [r for name in names for r in self.by[name, "healthy"]]
            seeds = sorted({len(self.by[case]) for case in cases})
            rows.append([
                w[title], "–".join(map(str, dict.fromkeys((seeds[0], seeds[-1])))) if seeds else "–",
                len({name for name in names if self.by[name, "healthy"]}), len(cases), len(sick),
                between(sum(r["right"] for r in sick), len(sick)), share(sum(r["code_right"] for r in sick), len(sick)),
                len(well), between(sum(bool(r["found"]) for r in well), len(well)),
            ])  # fmt: skip
        heads = ("set", "seeds", "nets", "cases", "patients", "found", "code", "healthy", "alarms")
        return table([w[h] for h in heads], rows)

    def architectures(self, w):
        rows = []
        for title, names in SETS.items():
            for name in names:
                well = self.by[name, "healthy"]
                if not well:
                    continue
                cases = self.counted([name])
                planted = [fault for n, fault in self.by if n == name and fault != "healthy"]
                sick = [r for case in cases for r in self.by[case]]
                right = sum(r["right"] for r in sick)
                missed = [
                    f"`{fault}` {sum(not r['right'] for r in self.by[name, fault])}/{len(self.by[name, fault])}"
                    for _, fault in cases
                    if not all(r["right"] for r in self.by[name, fault])
                ]
                rows.append([
                    f"`{name}`", w[title], f"{np.median([r['error'] for r in well]):.2f}", len(cases),
                    len(planted) - len(cases), f"{right}/{len(sick)}", ", ".join(missed) or "–",
                    f"{sum(bool(r['found']) for r in well)}/{len(well)}",
                ])  # fmt: skip
        heads = ("net", "set", "error", "cases", "harmless", "found", "missed", "alarms")
        return table([w[h] for h in heads], rows)

    def faults(self, w):
        rows = []
        for fault in faults.ALL:
            row = [f"`{fault}`"]
            for names in SETS.values():
                sick = [r for name, f in self.counted(names) if f == fault for r in self.by[name, f]]
                row.append(f"{sum(r['right'] for r in sick)}/{len(sick)}" if sick else "–")
            rows.append(row)
        return table([w["fault"], *(f"{w['found']}, {w[title]}" for title in SETS)], rows)


def closed(trial, arm):
    """Share of the gap between the sick and the healthy that an arm closes, in medians over seeds."""
    sick, well = np.median(trial["sick"]), np.median(trial["healthy"])
    return float((sick - np.median(arm)) / (sick - well)) if sick > well else float("nan")


def remedies(trials, w):
    by = defaultdict(list)
    for trial in trials:
        by[trial["fault"]].append(trial)
    rows = []
    told = []
    program = [t for t in trials if t["fault"] not in OWN_CODE]
    for fault, held in [*((f, by[f]) for f in faults.ALL if by[f]), (w["program"], program), (w["all"], trials)]:
        tried = [t for t in held if t["arms"]]
        best = [(closed(t, next(iter(t["arms"].values()))), t) for t in tried]
        best = [(share_, t) for share_, t in best if share_ == share_]
        over = [np.median(t["random"]) - np.median(next(iter(t["arms"].values()))) for _, t in best]
        total = held is trials or held is program
        if total and over:
            both = median_interval(np.array(over), level=0.95)
            among = w["all"] if held is trials else w["program"]
            told.append(
                f"{among}: {w['over']} {both.estimate:+.3f} ({both.low:+.3f} … {both.high:+.3f}, 95 %; {len(over)}), "
                f"{w['ahead']} {between(sum(x > 0 for x in over), len(over))}"
            )
        names = defaultdict(int)
        for _, t in best:
            names[next(iter(t["arms"]))] += 1
        rows.append([
            f"`{fault}`" if fault in faults.ALL else fault, len(held),
            (between if total else share)(sum(c >= 0.8 for c, _ in best), len(held)),
            f"{np.median([c for c, _ in best]):.2f}" if best else "–", f"{np.median(over):+.2f}" if over else "–",
            ", ".join(f"{n} {k}" for n, k in sorted(names.items(), key=lambda item: -item[1])[:3]) or w["none"],
        ])  # fmt: skip
    text = table([w[h] for h in ("fault", "cases", "most", "closed", "over", "remedy")], rows)
    return "\n".join([text, *(f"\n{line}." for line in told)])


def main():
    runs = Runs(records("runs.jsonl"))
    trials = records("trials.jsonl")
    for lang, w in WORDS.items():
        path = DOCS / lang / "doctor-evidence.md"
        made = {
            "summary": runs.summary(w), "architectures": runs.architectures(w), "faults": runs.faults(w),
            "remedies": remedies(trials, w) if trials else "",
        }  # fmt: skip
        text = path.read_text(encoding="utf-8")
        for name, body in made.items():
            pattern = re.compile(rf"(<!-- table {name} -->\n).*?(<!-- end -->)", re.S)
            text = pattern.sub(lambda found, body=body: f"{found[1]}{body}\n{found[2]}", text)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
