"""The page of a diagnosis: findings first, then every layer by depth, what was not seen, and remedies on trial."""

from actlab.report.diagnoses.page import page

__all__ = ["page"]
