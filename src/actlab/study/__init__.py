"""The experiment: a plan, its nets, and what they say."""

from actlab.study.arm import Arm, Settings
from actlab.study.compare import compare, run_plan
from actlab.study.plan import DEFAULT_RATES, Plan, make_plan
from actlab.study.result import Comparison, Gap, Point, Portrait, Provenance, Stopping, View

__all__ = [
    "DEFAULT_RATES",
    "Arm",
    "Comparison",
    "Gap",
    "Plan",
    "Point",
    "Portrait",
    "Provenance",
    "Settings",
    "Stopping",
    "View",
    "compare",
    "make_plan",
    "run_plan",
]
