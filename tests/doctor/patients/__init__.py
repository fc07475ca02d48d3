"""The planted-fault collection: small nets of many kinds, healthy or with one fault planted.

    python tests/doctor/survey.py            # train them all, write the tables

`ARCHITECTURES` are builders of healthy patients, `faults.ALL` functions that plant one fault into one. Thresholds of
the doctor may be chosen by looking at those of `TUNING`; all others are for judging only.
"""

from __future__ import annotations

from patients import dense, fresh, pictures, sequences

ARCHITECTURES = {make.__name__: make for module in (dense, pictures, sequences, fresh) for make in module.ALL}
#: A third, of every family: thresholds and checks may be changed by what is seen here.
TUNING = (
    "mlp_relu", "mlp_tanh_deep", "mlp_batchnorm", "autoencoder", "cnn_plain", "cnn_residual", "lstm", "elman",
    "encoder",
)  # fmt: skip
#: Written when all was frozen, and judged once.
FRESH = tuple(make.__name__ for make in fresh.ALL)
HELD_OUT = tuple(name for name in ARCHITECTURES if name not in (*TUNING, *FRESH))
