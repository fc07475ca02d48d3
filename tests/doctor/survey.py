"""The planted-fault collection, judged: trains every patient, healthy and with every fault, and writes the tables.

    python tests/doctor/survey.py [--seeds 5] [--only NAME …] [--faults NAME …]
    python tests/doctor/survey.py --judge                # judge the readings kept once more, train nothing

Each patient is shown to `actlab.check` and then trained under `actlab.watch` at its defaults; what either of them
reports as a warning or an error counts. One line a patient goes to ``out/patients/runs.jsonl``; what is there is not
computed again. What was read off each goes to ``out/patients/readings``, so that a threshold can be judged anew in a
minute: findings are a function of readings. A planted fault counts where it does harm (`harmful`); where its first
seeds rule that out, the other seeds are spared.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import warnings
import zlib
from pathlib import Path

import torch
from patients import ARCHITECTURES, faults
from patients.case import judged, train

from actlab.doctor import check, watch
from actlab.doctor.diagnosis import diagnose

OUT = Path("out/patients")


def made(name, seed):
    torch.manual_seed(seed)
    return ARCHITECTURES[name]()


def examined(patient, seed, steps=None):
    """(what `check` read, what `watch` read, error after training)."""
    looked = check(patient.model, patient.shown, loss=patient.loss).readings
    with watch(patient.model) as w:
        train(patient, seed, steps)
    return looked, w.diagnosis().readings, judged(patient)


def findings(*readings):
    """(code, severity, layer, cause) of what is said of them as warnings or errors, each once."""
    found = [f for held in readings for f in diagnose(held).at_least("warning")]
    return list(dict.fromkeys((f.code, f.severity, f.layer, f.cause) for f in found))


def verdict(answer, said):
    """What of a record depends on the checks."""
    right = faults.answered(answer, [faults.Named(code, layer) for code, _, layer, _ in said])
    return {"right": right, "code_right": any(code in answer for code, *_ in said), "found": said}


def run(name, fault, seed, steps=None, keep=False):
    """One line of the record; ``None`` where the fault cannot be planted."""
    patient = made(name, seed)
    answer = faults.ALL[fault](patient) if fault != "healthy" else {}
    if answer is None:
        return None
    looked, watched, error = examined(patient, seed, steps)
    if keep:
        held = zlib.compress(pickle.dumps((answer, looked, watched)), 1)
        (OUT / "readings" / f"{name}.{fault}.{seed}").write_bytes(held)
    said = findings(looked, watched)
    return {"architecture": name, "fault": fault, "seed": seed, "error": error, **verdict(answer, said)}


def rejudged(record):
    """The record with what the checks of today say of its readings, where they were kept."""
    path = OUT / "readings" / "{architecture}.{fault}.{seed}".format(**record)
    if not path.exists():
        return record
    answer, *readings = pickle.loads(zlib.decompress(path.read_bytes()))  # our own, of a run here
    return record | verdict(answer, findings(*readings))


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=None)
    parser.add_argument("--faults", nargs="*", default=None)
    parser.add_argument("--judge", action="store_true", help="judge the readings kept once more")
    parser.add_argument("--again", action="store_true", help="forget the records of what is asked for")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    (OUT / "readings").mkdir(parents=True, exist_ok=True)
    path = OUT / "runs.jsonl"
    names = options.only or list(ARCHITECTURES)
    chosen = options.faults or ["healthy", *faults.ALL]
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    if options.again:
        lines = [r for r in lines if r["architecture"] not in names or r["fault"] not in chosen]
        path.write_text("".join(json.dumps(r) + "\n" for r in lines))
    if options.judge:
        lines = [rejudged(r) if r["architecture"] in names and r["fault"] in chosen else r for r in lines]
        path.write_text("".join(json.dumps(r) + "\n" for r in lines))
        return
    done = {(r["architecture"], r["fault"], r["seed"]) for r in lines}
    with path.open("a") as file:
        for name in names:
            for fault in chosen:
                for seed in range(options.seeds):
                    if (name, fault, seed) in done:
                        continue
                    if fault != "healthy" and hopeless(differences(lines, name, fault)):
                        break
                    record = run(name, fault, seed, keep=True)
                    if record is None:
                        break
                    lines.append(record)
                    file.write(json.dumps(record) + "\n")
                    file.flush()


def differences(records, name, fault):
    """Error with the fault minus error of the healthy twin of the same seed."""
    error = {(r["fault"], r["seed"]): r["error"] for r in records if r["architecture"] == name}
    return [e - error["healthy", seed] for (f, seed), e in error.items() if f == fault and ("healthy", seed) in error]


def harmful(lost):
    """The rule: worse than the healthy twin with every seed, and by a tenth of what can be learned in the median."""
    return bool(lost) and min(lost) > 0.0 and sorted(lost)[len(lost) // 2] >= 0.1


def hopeless(lost, seeds=5):
    """Whether `harmful` can no more come true."""
    return any(x <= 0.0 for x in lost) or sum(x < 0.1 for x in lost) > seeds // 2


if __name__ == "__main__":
    main(sys.argv[1:])
