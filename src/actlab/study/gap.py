"""Where a published difference comes from: the better arm's lead on the split, on fresh data, and at its best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.result import Gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.study.inference import Inference
    from actlab.study.plan import Plan
    from actlab.study.views import Seen


def gap_of(plan: Plan, views: Sequence[Seen], inference: Inference) -> Gap | None:
    """The lead of the arm that the published split favours; None where there is no such split, or a view is missing."""
    by_name = {(seen.view.data, seen.view.regime): seen for seen in views}
    if plan.parent is None or len(plan.arms) < 2:
        return None
    published = by_name.get((plan.source.name, "same"))
    fresh = by_name.get((plan.parent.name, "same"))
    best = by_name.get((plan.parent.name, "best"))
    if published is None or fresh is None or best is None:
        return None
    means = [float(nets.test_accuracy.mean()) for nets in published.arms]
    other = max(range(1, len(means)), key=lambda arm: abs(means[arm] - means[0]))
    ahead, behind = (0, other) if means[0] >= means[other] else (other, 0)

    def lead(seen: Seen) -> tuple[float, float, float]:
        columns = np.stack([seen.arms[arm].test_accuracy for arm in (behind, ahead)], axis=1)
        found = inference.differences(columns)
        return float(found.estimate[0]), float(found.low[0]), float(found.high[0])

    return Gap((plan.labels[ahead], plan.labels[behind]), lead(published), lead(fresh), lead(best))
