"""What a net is made of: parameters, bytes, and the arithmetic of one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actlab.functions import Activation
    from actlab.nets import NetSpec


def bytes_of(spec: NetSpec) -> int:
    """Bytes of the parameters in single precision, running averages of batch norm too."""
    return 4 * spec.row


def operations_of(activation: Activation) -> int:
    """Elementary operations of φ at one point: instructions of its program, an exponential counting as one.

    Loading a number is none; a multiply-add is one. What they take in nanoseconds is measured, not counted.
    """
    return max(1, len(activation.program("value", fused=True)))


def flops_of(spec: NetSpec) -> int:
    """Floating-point operations of one answer: two a weight (multiply, add), one a bias, and those of φ at each unit.

    Norms: two a unit (their averages are fixed when a net answers). Recurrent layers: as many times as there are steps.
    """
    total = 0
    for layer, (fan_in, fan_out) in enumerate(spec.shapes):
        last = layer == len(spec.hidden)
        each = 2 * fan_in * fan_out + fan_out
        if not last:
            each += fan_out * operations_of(spec.activations[layer])
            each += 2 * fan_out if spec.norms[layer] != "none" else 0
            if spec.steps is not None:
                each = (each + 2 * fan_out * fan_out) * spec.steps
        total += each
    return total
