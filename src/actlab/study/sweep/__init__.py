"""Sweeps: a plan in a file, its nets in a store that survives anything, and what they say."""

from actlab.study.sweep.failed import StudyError
from actlab.study.sweep.local import Local
from actlab.study.sweep.plan import SweepPlan, load_plan, read_plan
from actlab.study.sweep.run import Outcome, sweep
from actlab.study.sweep.store import Store

__all__ = ["Local", "Outcome", "Store", "StudyError", "SweepPlan", "load_plan", "read_plan", "sweep"]
