"""ACT009: the activation at the output does not fit the loss or the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from actlab.doctor.finding import Finding, Severity
from actlab.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import LossReading, Readings
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT009"
_BOUNDED_BELOW: Final = ("relu", "relu6", "sigmoid", "tanh", "softplus", "hard_sigmoid")


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Softmax before cross-entropy, sigmoid before its own logits loss, an output that cannot reach the targets …"""
    for loss in readings.losses:
        function = loss.source.site.function if loss.source is not None and loss.source.site is not None else ""
        layer = loss.source.path if loss.source is not None else ""
        found = _mistake(loss, function)
        if found is not None:
            cause, remedy, severity = found
            yield _finding(loss, layer, function, cause, remedy, severity, 1.0, 0.0)
        elif loss.outside > limits.outside_warning:
            severe = loss.outside > limits.outside_error
            line = limits.outside_error if severe else limits.outside_warning
            worse: Severity = "error" if severe else "warning"
            yield _finding(loss, layer, function, "range", "linear_output", worse, loss.outside, line)


def _mistake(loss: LossReading, function: str) -> tuple[str, str, Severity] | None:
    """(cause, remedy, severity) of a combination that is wrong whatever the numbers are."""
    if loss.function == "cross_entropy":
        if loss.classes == 1:
            return "one_class", "two_outputs", "error"
        if function == "softmax":
            return "softmax_twice", "remove_softmax", "error"
        if function in _BOUNDED_BELOW:
            return "bounded_logits", "linear_output", "error"
    if loss.function == "binary_cross_entropy_with_logits":
        if function == "sigmoid":
            return "sigmoid_twice", "remove_sigmoid", "error"
        if function in (*_BOUNDED_BELOW, "softmax"):
            return "bounded_logits", "linear_output", "error"
    if loss.function == "binary_cross_entropy" and function == "softmax" and loss.classes == 1:
        return "softmax_of_one", "sigmoid_output", "error"
    if loss.function == "nll_loss" and loss.normalised > 1e-3:
        return "not_log", "log_softmax", "error"
    return None


def _finding(
    loss: LossReading,
    layer: str,
    function: str,
    cause: str,
    remedy: str,
    severity: Severity,
    value: float,
    line: float,
) -> Finding:
    values: dict[str, Any] = {
        "function": function or "–",
        "loss": loss.function,
        "low": number(loss.target[0]),
        "high": number(loss.target[1]),
    }
    return Finding(
        code=CODE,
        severity=severity,
        layer=layer,
        where=f"{function} → {loss.function}" if function else loss.function,
        value=value,
        threshold=line,
        normal=(0.0, 0.0),
        unit="share",
        confidence="high",
        cause=cause,
        remedies=(remedy,),
        values=values,
    )
