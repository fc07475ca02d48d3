"""The doctor: finds, explains and ranks what is wrong with a PyTorch model, without changing it.

The data's path: `tracer` sees a forward pass, `reader` what its calls hold, and writes to a `record`, which keeps
running statistics and gives `readings` (plain data); `checks` turn readings into findings, a `Diagnosis` collects them.
`check` shows a model a few batches, `watch` looks on while somebody trains it.
"""

import actlab.torch  # noqa: F401  (says in one sentence where PyTorch is missing)
from actlab.doctor.checking import check
from actlab.doctor.diagnosis import Diagnosis
from actlab.doctor.finding import Finding
from actlab.doctor.readings import Readings
from actlab.doctor.thresholds import Thresholds
from actlab.doctor.watching import Watch, watch

__all__ = ["Diagnosis", "Finding", "Readings", "Thresholds", "Watch", "check", "watch"]
