"""The planted-fault collection: small nets of many kinds, healthy or with one fault planted.

    python tests/doctor/survey.py            # train them all, write the tables

`ARCHITECTURES` are builders of healthy patients, `faults.ALL` functions that plant one fault into one. Thresholds and
checks may be changed by looking at those of `TUNING`; those of `HELD_OUT` are for judging only.
"""

from __future__ import annotations

from patients import dense, fresh, pictures, sequences, unseen, unseen_deep


def _named(*modules):
    return {make.__name__: make for module in modules for make in module.ALL}


#: Everything that anybody has looked at, those held out from earlier versions too.
TUNING = tuple(_named(dense, pictures, sequences, fresh))
#: Written before the checks were what they are, shown to no check until nothing was changed any more, and judged once.
HELD_OUT = tuple(_named(unseen, unseen_deep))
ARCHITECTURES = _named(dense, pictures, sequences, fresh, unseen, unseen_deep)
