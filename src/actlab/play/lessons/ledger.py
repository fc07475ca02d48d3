"""The claims that lessons rest on, with the verdicts that come with the package.

By itself, and imported only when a lesson is opened: what a study needs takes a second to load, and the page's first
picture does not wait for it.
"""

from __future__ import annotations

from actlab.play.lessons import lesson, names
from actlab.report.ledger import words
from actlab.study import claims
from actlab.study.claims import ledger


def verdicts(lang: str) -> dict[str, dict[str, str]]:
    """Claim → what it ``says``, its ``verdict`` in a word and in a sentence (``told``), and the ``command``."""
    verdicts = ledger.shipped().verdicts
    wanted = {claim for name in names() for claim in lesson(name).claims}
    return {
        claim.name: {
            "says": words.about(claim, "says", lang),
            "verdict": words.kind(verdicts[claim.name], lang),
            "told": words.sentence(claim, verdicts[claim.name], lang),
            "command": f"actlab claims {claim.name}",
        }
        for claim in claims.all_claims()
        if claim.name in wanted
    }
