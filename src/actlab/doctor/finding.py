"""A finding: what is wrong, where, by how much, why, and what to do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from actlab.text import number, percent, tr

Severity = Literal["info", "warning", "error"]
Confidence = Literal["low", "medium", "high"]
_PATHS: Final = ("first", "last", "drop")  # values that are paths of layers
SEVERITIES: Final[tuple[Severity, ...]] = ("info", "warning", "error")


@dataclass(frozen=True)
class Finding:
    """One thing found at one place. Sentences are made when they are read, in the language of that moment.

    Attributes:
        code: ``"ACT001"`` …; it never changes its meaning.
        severity: ``"error"`` (training fails or is far worse), ``"warning"`` (look at it), ``"info"`` (good to know).
        layer: path of the layer to be changed; empty for the model itself.
        where: path and function of the call, as ``"encoder.1 · relu"``.
        value: what was measured; `threshold` what it crossed; `normal` the range in which it is fine.
        unit: how the three are written: ``"share"``, ``"factor"``, ``"number"``.
        confidence: how sure the number is, given what was seen.
        cause: key of the likely cause, under ``doctor.<code>.cause``.
        remedies: keys under ``doctor.remedy``, the most promising first.
        values: what fills the sentences besides.
        sentence: key of the sentence that says what was found, under ``doctor.<code>``.
    """

    code: str
    severity: Severity
    layer: str
    where: str
    value: float
    threshold: float
    normal: tuple[float, float]
    unit: Literal["share", "factor", "number"]
    confidence: Confidence
    cause: str
    remedies: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)
    sentence: str = "found"

    @property
    def title(self) -> str:
        """What kind of finding this is, in a few words."""
        return tr(f"doctor.{self.code.lower()}.title")

    @property
    def message(self) -> str:
        """What was found, in one sentence, with its number."""
        return tr(
            f"doctor.{self.code.lower()}.{self.sentence}",
            layer=self.shown,
            value=self.written(self.value),
            **self._told,
        )

    @property
    def why(self) -> str:
        """The likely cause, in a sentence."""
        return tr(f"doctor.{self.code.lower()}.cause_{self.cause}", layer=self.shown, **self._told)

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do, the most promising first, a sentence each."""
        told = self._told
        return tuple(
            tr(f"doctor.remedy.{name}", layer=self.shown, **told | {"function": self.replaced(name)})
            for name in self.remedies
        )

    def replaced(self, remedy: str) -> str:
        """Which activation `remedy` would replace: the one named, or the usual suspect where none is."""
        return str(self.values.get("function") or ("relu" if remedy == "leaky_relu" else "sigmoid"))

    @property
    def range(self) -> str:
        """The normal range, as people write it."""
        low, high = self.normal
        if low == -math.inf and high == math.inf:
            return tr("doctor.finite")
        if low == high:
            return self.written(low)
        return tr("doctor.range", low=self.written(low), high=self.written(high))

    @property
    def place(self) -> str:
        """The layer's path, or words for the model itself."""
        return self.layer or tr("frameworks.root")

    @property
    def shown(self) -> str:
        """The layer as it is called in sentences."""
        return called(self.place)

    @property
    def _told(self) -> dict[str, Any]:
        return {name: called(value) if name in _PATHS else value for name, value in self.values.items()}

    def written(self, value: float) -> str:
        """A value in this finding's unit."""
        if self.unit == "share":
            return percent(value, 0 if value >= 0.1 else 2)
        return tr("doctor.times", value=number(value)) if self.unit == "factor" else number(value)

    @property
    def fingerprint(self) -> str:
        """What stays the same from run to run: code and place."""
        return f"{self.code} {self.layer} {self.where}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; numbers that are not finite become text."""
        return {
            "code": self.code,
            "severity": self.severity,
            "layer": self.layer,
            "where": self.where,
            "value": plain(self.value),
            "threshold": plain(self.threshold),
            "normal": [plain(x) for x in self.normal],
            "confidence": self.confidence,
            "title": self.title,
            "message": self.message,
            "why": self.why,
            "remedies": [{"name": n, "advice": a} for n, a in zip(self.remedies, self.advice, strict=True)],
        }


def called(path: str) -> str:
    """A path as a sentence names it: parts of a Sequential are called 0, 1, 2, which alone would read as numbers."""
    return tr("doctor.layer", path=path) if path.replace(".", "").isdigit() else path


def plain(x: float) -> float | str:
    """`x` as JSON can hold it: text where it is not finite."""
    return float(x) if abs(x) < float("inf") else str(float(x))
