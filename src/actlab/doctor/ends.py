"""The two ends of what a model gives: are the numbers finite, and is the gradient that a loss sends back for them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import torch

from actlab.doctor.readings import NonFinite
from actlab.doctor.sampling import all_finite

if TYPE_CHECKING:
    from actlab.doctor.record import Record


class Ends:
    """The output of one pass. What is found is written to the record, unless the pass itself has shown its origin.

    A NaN in the output is one, an infinity is a mask as long as the loss is finite. A watch never sees a loss that is
    computed outside of the model, but its gradient comes by: one that is not finite and belongs to a finite output was
    made by the loss, in this very step.
    """

    def __init__(self, output: Any, record: Record) -> None:
        self._record = record
        self._step = record.steps_passed
        own = own_loss(output)
        self._tensors = [x for x in floats_among((output,)) if x is not own and _readable(x)]
        self._finite = all(all_finite(x) for x in self._tensors)
        if not self._finite and any(bool(torch.isnan(x.detach()).any()) for x in self._tensors):
            self._found("output")
        if own is not None and _readable(own):
            self.loss(own)

    def loss(self, value: torch.Tensor) -> None:
        """The loss of this pass."""
        if not all_finite(value):
            self._found("loss" if self._finite else "output")

    def listen(self) -> None:
        """Look at the gradient that arrives; of several outputs the first to hear counts, the nearest to the loss.

        A gradient in float16 may overflow in good health: whoever scales a loss leaves such steps out.
        """
        heard: list[bool] = []

        def arrives(gradient: torch.Tensor | None) -> None:
            if gradient is None or heard or not _readable(gradient):
                return
            heard.append(True)
            if gradient.dtype != torch.float16 and not all_finite(gradient):
                self._found("gradient" if self._finite else "output")

        for x in self._tensors:
            if x.grad_fn is not None:  # hooks of the graph: the tensor stays as it is
                x.grad_fn.register_prehook(lambda gradients, at=x.output_nr: arrives(gradients[at]))
        self._tensors = []  # the hooks know of this object: it must not keep their graph

    def _found(self, origin: Literal["output", "loss", "gradient"]) -> None:
        if self._record.non_finite is None:
            self._record.non_finite = NonFinite("", "", origin, self._step)


def own_loss(output: Any) -> torch.Tensor | None:
    """The loss that an output has with it, as those of Hugging Face have."""
    own = output.get("loss") if isinstance(output, dict) else getattr(output, "loss", None)
    return own if isinstance(own, torch.Tensor) and own.numel() == 1 else None


def floats_among(held: Any) -> list[torch.Tensor]:
    """Tensors of floats, dictionaries and tuples opened; sixteen at most."""
    found: list[torch.Tensor] = []
    queue: list[Any] = [*held]
    while queue and len(found) < 16:
        one = queue.pop(0)
        if isinstance(one, torch.Tensor):
            if one.is_floating_point() and one.layout == torch.strided and not one.is_nested:
                found.append(one)
        elif isinstance(one, dict):
            queue += list(one.values())
        elif isinstance(one, tuple | list):
            queue += list(one)
    return found


def _readable(x: torch.Tensor) -> bool:
    return not x.is_meta and not torch._C._functorch.is_functorch_wrapped_tensor(x)
