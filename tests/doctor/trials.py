"""Remedies on the planted faults that do harm: how much of the gap to the healthy twin the top one closes.

    python tests/doctor/trials.py [--seeds 3] [--cases 60] [--only NAME …] [--faults NAME …]

The cases are those of ``out/patients/runs.jsonl`` (see `survey`). A case is diagnosed as a user would: by
`actlab.check`, and where that finds nothing by `actlab.watch`; `try_remedies` does the rest. One line a case goes to
``out/patients/trials.jsonl``; what is there is not computed again. ``--cases`` ends after the first so many cases of
an order that is drawn once for all, whatever else is asked for: a sample of them.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import warnings

import numpy as np
import torch
from patients import ARCHITECTURES, faults
from patients.case import judged, train
from survey import OUT, differences, harmful, made

from actlab.doctor import check, watch
from actlab.text import UserError


def diagnosed(patient):
    """The diagnosis that a user of both ways in would act on."""
    found = check(patient.model, patient.shown, loss=patient.loss)
    if found.at_least("warning"):
        return found
    with watch(patient.model) as w:
        train(patient, 0)
    return w.diagnosis()


def sick_model(name, fault):
    patient = ARCHITECTURES[name]()
    faults.ALL[fault](patient)
    return patient.model


def healthy_errors(name, seeds):
    """The healthy twins' errors on the data of the case, which are those of seed 0."""
    found = []
    for seed in seeds:
        patient = made(name, seed)
        patient.batches = made(name, 0).batches
        train(patient, seed)
        found.append(judged(patient))
    return found


def case(name, fault, seeds):
    """One line of the record."""
    patient = made(name, 0)
    faults.ALL[fault](patient)
    record = {"architecture": name, "fault": fault, "seeds": len(seeds), "healthy": healthy_errors(name, seeds)}
    try:
        trial = diagnosed(copy.deepcopy(patient)).try_remedies(
            lambda: sick_model(name, fault), patient.batches, loss=patient.loss, seeds=seeds, steps=patient.steps,
            learning_rate=patient.rate, optimiser=patient.optimiser, judge=patient.error,
        )  # fmt: skip
    except UserError as error:
        if error.key != "doctor.trial.nothing":
            raise
        return record | {"sick": None, "random": None, "arms": {}}
    clipped = {arm.name: np.minimum(arm.losses, 1.0).tolist() for arm in (trial.untouched, trial.random, *trial.arms)}
    arms = {arm.name: clipped[arm.name] for arm in trial.arms}
    return record | {"sick": clipped["untouched"], "random": clipped["random"], "arms": arms}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(ARCHITECTURES))
    parser.add_argument("--faults", nargs="*", default=list(faults.ALL))
    parser.add_argument("--cases", type=int, default=None)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    runs = [json.loads(line) for line in (OUT / "runs.jsonl").read_text().splitlines()]
    path = OUT / "trials.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    done = {(r["architecture"], r["fault"]) for r in lines}
    cases = [(name, fault) for name in ARCHITECTURES for fault in faults.ALL]
    random.Random(0).shuffle(cases)  # so that a part of them says something about all
    cases = [(name, fault) for name, fault in cases if harmful(differences(runs, name, fault))][: options.cases]
    with path.open("a") as file:
        for name, fault in cases:
            if (name, fault) not in done and name in options.only and fault in options.faults:
                file.write(json.dumps(case(name, fault, range(options.seeds))) + "\n")
                file.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
