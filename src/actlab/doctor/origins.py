"""What made a tensor: followed back through PyTorch's graph of one forward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.doctor import calls

if TYPE_CHECKING:
    from actlab.doctor.readings import Site, Source

_SEARCHED: Final = 64  # nodes of the graph that are looked at on the way from scores to the layers behind them

Kernel = tuple[int, ...]


class Origins:
    """Remembers, for one pass, which layer or activation made which tensor."""

    def __init__(self) -> None:
        self._made: dict[Any, Source] = {}  # by node of autograd
        self._kernels: dict[str, Kernel | None] = {}
        self._normed: dict[str, Source] = {}  # batch norms, and the layers before them
        self.elsewhere: set[str] = set()  # layers whose output goes to something else than a layer, too
        self.scaling: set[Site] = set()  # activations whose output is a factor of a larger signal

    @property
    def normed(self) -> set[str]:
        """Layers whose output goes to a batch norm as it is."""
        return {source.path for source in self._normed.values()}

    def clear(self) -> None:
        """Forget the graph."""
        self._made.clear()

    def note(self, x: torch.Tensor, source: Source) -> None:
        """`source` made `x`."""
        if x.grad_fn is not None:
            self._made[x.grad_fn] = source

    def knows(self, x: torch.Tensor) -> bool:
        """Whether a call that was followed made `x` itself."""
        return x.grad_fn is not None and x.grad_fn in self._made

    def source(self, x: torch.Tensor) -> Source | None:
        """What made `x`, as far as only views lie between."""
        node = x.grad_fn
        while node is not None:
            if node in self._made:
                return self._made[node]
            if not calls.is_view(node.name()):
                return None
            node = node.next_functions[0][0] if node.next_functions else None
        return None

    def scorers(self, tensors: tuple[Any, ...]) -> tuple[str, ...]:
        """Layers behind scores: through views, scaling, masks and the product of two signals."""
        found: dict[str, None] = {}
        queue: list[tuple[Any, int]] = [(x.grad_fn, 1) for x in tensors if isinstance(x, torch.Tensor)]
        for _ in range(_SEARCHED):
            if not queue:
                break
            node, products = queue.pop(0)
            if node is None:
                continue
            if node in self._made:
                found[self._made[node].path] = None
                continue
            product = calls.is_product(node.name())
            if calls.is_view(node.name()) or calls.is_scaling(node.name()) or (product and products):
                queue += [(before, products - product) for before, _ in node.next_functions]
        return tuple(path for path in found if path)

    def layers_among(self, args: Any) -> set[str]:
        """Layers whose outputs are among the arguments as they are."""
        found = set()
        for held in args:
            for x in held if isinstance(held, list | tuple) else (held,):
                made = self._made.get(x.grad_fn) if isinstance(x, torch.Tensor) and x.grad_fn is not None else None
                if made is not None and made.kind != "site":
                    found.add(made.path)
        return found

    def used_elsewhere(self, layers: set[str], result: Any) -> None:
        """Something that is no layer made `result` of the outputs of `layers`."""
        if layers and isinstance(result, torch.Tensor) and not _arranged(result):
            self.elsewhere |= layers

    def multiplied(self, args: Any, result: Any) -> None:
        """`result` is the elementwise product of two: of a signal, and of a factor for many of its places, perhaps."""
        for x in args:
            if isinstance(x, torch.Tensor) and isinstance(result, torch.Tensor) and x.numel() < result.numel():
                made = self.source(x)
                if made is not None and made.kind == "site" and made.site is not None:
                    self.scaling.add(made.site)

    def before(self, kind: str, layer: str, made: Source | None, kernel: Kernel | None) -> tuple[str, str] | None:
        """The layer of the same kind right before `layer`, and the batch norm between them (or ``""``).

        `made` is what made the layer's input. Convolutions count where their kernels are alike: one of another size, or
        in groups, is half of a separable one, whose other half comes without an activation on purpose.
        """
        if kind == "norm":
            if made is not None and made.kind in ("linear", "conv") and kernel is not None:
                self._normed[layer] = made
            return None
        self._kernels[layer] = kernel
        between = made.path if made is not None and made.kind == "norm" else ""
        first = self._normed.get(between) if between else made
        if first is None or first.kind != kind or first.path == layer or kernel is None:
            return None
        return (first.path, between) if self._kernels.get(first.path) == kernel else None


def kernel_of(func: Any, kind: str, weight: torch.Tensor, inputs: list[torch.Tensor]) -> Kernel | None:
    """What two layers must have in common to be a stack; ``None`` for those that are never part of one."""
    if kind == "linear" or (kind == "norm" and func in calls.BATCH_NORM):
        return ()
    plain = kind == "conv" and not func.__name__.startswith("conv_transpose") and bool(inputs) and inputs[0].dim() > 1
    return tuple(weight.shape[2:]) if plain and weight.shape[1] == inputs[0].shape[1] else None


def _arranged(x: torch.Tensor) -> bool:
    """Whether `x` is numbers that were there before, in another order."""
    return x.grad_fn is not None and calls.is_view(x.grad_fn.name())
