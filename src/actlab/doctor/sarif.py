"""SARIF 2.1.0, the format in which code hosts and editors take findings (OASIS, 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from actlab.doctor.checks import CODES
from actlab.text import tr

if TYPE_CHECKING:
    from actlab.doctor.diagnosis import Diagnosis
    from actlab.doctor.finding import Finding

_LEVEL: Final = {"info": "note", "warning": "warning", "error": "error"}


def to_sarif(diagnosis: Diagnosis, place: tuple[str, int] | None = None) -> dict[str, Any]:
    """One run of one tool; `place` is the file and line that findings are shown at: where the model is built."""
    rules = [{"id": code, "shortDescription": {"text": tr(f"doctor.{code.lower()}.title")}} for code in CODES]
    driver = {"name": "actlab", "rules": rules}
    results = [_result(finding, place) for finding in diagnosis.findings]
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(finding: Finding, place: tuple[str, int] | None) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": finding.place, "kind": "module"}]}
    if place is not None:
        uri = place[0].replace("\\", "/")
        location["physicalLocation"] = {"artifactLocation": {"uri": uri}, "region": {"startLine": place[1]}}
    return {
        "ruleId": finding.code,
        "ruleIndex": CODES.index(finding.code),
        "level": _LEVEL[finding.severity],
        "message": {"text": " ".join([finding.message, finding.why, *finding.advice])},
        "locations": [location],
        "partialFingerprints": {"actlab/v1": finding.fingerprint},
    }
