"""All findings of one look at a model, and the ways to hand them on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.doctor.checks import CHECKS
from actlab.doctor.finding import SEVERITIES, Finding, Severity
from actlab.doctor.thresholds import Thresholds
from actlab.text import UserError, integer, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from actlab.doctor.readings import Readings
    from actlab.doctor.trial import Trial

_SHOWN: Final = 5  # places of the same finding that are written out; all are in `findings`


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a model. ``str()`` says it in the current language.

    Attributes:
        findings: the worst first; of equals, in the order of the forward pass.
        readings: everything that was measured, as plain data.
        silenced: how many findings a baseline has taken out.
    """

    findings: tuple[Finding, ...]
    readings: Readings
    silenced: int = 0

    @property
    def skipped(self) -> tuple[str, ...]:
        """What was not seen, a sentence each."""
        return tuple(
            tr(f"doctor.skip.{skip.reason}", **{name: value or _root() for name, value in skip.values.items()})
            for skip in self.readings.skips
        )

    @property
    def seen(self) -> str:
        """How much was looked at, in a sentence."""
        readings = self.readings
        return tr(
            "doctor.seen",
            sites=integer(sum(site.kind == "activation" for site in readings.sites)),
            weights=integer(sum(weight.order >= 0 or weight.gradients > 0 for weight in readings.weights)),
            steps=integer(readings.steps),
        )

    @property
    def groups(self) -> tuple[tuple[Finding, ...], ...]:
        """Findings that differ in their place only stand together: the same advice need not be read ten times.

        In the order of each group's first finding, so the worst first.
        """
        alike: dict[tuple[str, str, str], list[Finding]] = {}
        for finding in self.findings:
            alike.setdefault((finding.severity, finding.code, finding.cause), []).append(finding)
        return tuple(map(tuple, alike.values()))

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Findings of that severity or worse."""
        return tuple(f for f in self.findings if SEVERITIES.index(f.severity) >= SEVERITIES.index(severity))

    def without(self, known: Collection[str]) -> Diagnosis:
        """The same without findings whose fingerprint is `known`."""
        left = tuple(f for f in self.findings if f.fingerprint not in known)
        return replace(self, findings=left, silenced=self.silenced + len(self.findings) - len(left))

    def try_remedies(
        self,
        model_factory: Callable[[], torch.nn.Module],
        data: Iterable[Any],
        *,
        loss: Callable[..., torch.Tensor],
        seeds: int | Sequence[int] = 8,
        steps: int = 200,
        learning_rate: float = 0.01,
        optimiser: Callable[..., torch.optim.Optimizer] = torch.optim.SGD,
        judge: Callable[..., float | torch.Tensor] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Trial:
        """Apply each remedy to a copy of a fresh model, train all with several seeds, and say which ones help.

        Always beside them: the untouched model, and one with a remedy drawn at random from those that nothing here
        speaks for. Arms are paired by seed: the same first weights, the same batches in the same order. Judged is the
        loss on the last quarter of the batches, which no arm trains on. The interval of each median difference is made
        of order statistics, so nothing is assumed of losses, and a model that diverges counts as infinitely bad; all
        intervals together hold at 95 %. With eight seeds up to five remedies can be proven.

        Args:
            model_factory: builds a fresh model of the kind that was diagnosed; called behind ``torch.manual_seed``.
            data: batches as for `actlab.check`, two at least.
            loss: as for `actlab.check`.
            seeds: how many, or which.
            steps: of training, each.
            learning_rate: of the untouched model.
            optimiser: called with parameters and ``lr=``.
            judge: called as `loss` on the batches held back, in its place: an error rate, say; less is better.
            progress: called with the runs done and all runs.

        Raises:
            UserError: where no remedy can be applied by a program, or there are fewer than two batches.
        """
        from actlab.doctor.trial import try_remedies

        return try_remedies(
            self, model_factory, data, loss=loss, seeds=seeds, steps=steps, learning_rate=learning_rate,
            optimiser=optimiser, judge=judge, progress=progress,
        )  # fmt: skip

    def __str__(self) -> str:
        lines = [self._headline()]
        for group in self.groups:
            lines += ["", *_told(group)]
        if self.skipped:
            lines += ["", tr("doctor.not_seen"), *(f"  {sentence}" for sentence in self.skipped)]
        return "\n".join(lines)

    def _headline(self) -> str:
        counts = [
            tr(f"doctor.count.{severity}", n=integer(n))
            for severity in reversed(SEVERITIES)
            if (n := sum(f.severity == severity for f in self.findings))
        ]
        parts = [f"{', '.join(counts)}." if counts else tr("doctor.healthy"), self.seen]
        if self.silenced:
            parts.append(tr("doctor.silenced", n=integer(self.silenced)))
        return " ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Findings and what was not seen, as plain JSON values."""
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "not_seen": list(self.skipped),
            "steps": self.readings.steps,
            "activations": sum(site.kind == "activation" for site in self.readings.sites),
            "silenced": self.silenced,
        }


def diagnose(readings: Readings, thresholds: Thresholds | None = None) -> Diagnosis:
    """Run every check over `readings`."""
    limits = thresholds if thresholds is not None else Thresholds()
    if not isinstance(limits, Thresholds):
        raise UserError("doctor.thresholds", kind=type(limits).__name__)
    found = [finding for check in CHECKS for finding in check(readings, limits)]
    places = {site.site.layer: site.order for site in reversed(readings.sites)}
    found.sort(key=lambda f: (-SEVERITIES.index(f.severity), f.code, places.get(f.layer, len(places))))
    return Diagnosis(tuple(found), readings)


def _told(group: tuple[Finding, ...]) -> list[str]:
    worst = group[0]
    severity, sure = tr(f"doctor.severity.{worst.severity}"), tr(f"doctor.confidence.{worst.confidence}")
    shown = group[:_SHOWN]
    lines = [f"{worst.code} {severity} · {worst.title}"]
    lines += [f"  {finding.where or finding.place}: {finding.message}" for finding in shown]
    if len(group) > len(shown):
        lines.append(f"  {tr('doctor.more', n=integer(len(group) - len(shown)))}")
    lines += [f"  {tr('doctor.normal', range=worst.range, confidence=sure)}", f"  {worst.why}"]
    return lines + [f"  {place}. {advice}" for place, advice in enumerate(worst.advice, 1)]


def _root() -> str:
    return tr("frameworks.root")
