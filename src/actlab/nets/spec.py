"""What a net is: layers, activations, norms, residual connections, outputs; and where its parameters lie in a row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, cast, get_args

import numpy as np

from actlab.nets.initialise import CRITICAL, IDENTITY, critical_point
from actlab.text import UserError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actlab._arrays import AnyArray, Integers
    from actlab.functions import Activation

Norm = Literal["none", "batch", "layer"]
Loss = Literal["binary", "classes", "squares"]

#: Added to the variance before its root is taken, as in PyTorch; and the share of a new batch in the running averages.
NORM_EPSILON, RUNNING_SHARE = 1e-5, 0.1

_Each = TypeVar("_Each")


class LayerParameters(NamedTuple):
    """What belongs to one weight layer; None where it has none.

    A batch-normed layer has no biases, its shift takes their place; and it has running averages, which no gradient
    moves.
    """

    weights: AnyArray  # (fan_in, fan_out)
    biases: AnyArray | None  # this and the others (fan_out,)
    scale: AnyArray | None = None
    shift: AnyArray | None = None
    mean: AnyArray | None = None
    variance: AnyArray | None = None
    learned: AnyArray | None = None  # (numbers of φ that are learned,), in the order of `Activation.learned`
    recurrent: AnyArray | None = None  # (fan_out, fan_out): from the layer's own output one step before

    @property
    def trained(self) -> tuple[AnyArray | None, ...]:
        """What the optimiser moves, in the order of a row."""
        return (self.weights, self.recurrent, *self[1:4], self.learned)

    def numbers(self, phi: Activation) -> dict[str, float]:
        """The learned numbers of the layer's `phi`, by name."""
        return {} if self.learned is None else dict(zip(dict(phi.learned), self.learned.tolist(), strict=True))

    def linear(self, inputs: AnyArray) -> AnyArray:
        """``inputs·W + b``."""
        product: AnyArray = inputs @ self.weights
        return product if self.biases is None else product + self.biases

    def rescaled(self, hat: AnyArray) -> AnyArray:
        """What the norm makes of x̂: ``scale·x̂ + shift``."""
        assert self.scale is not None
        assert self.shift is not None
        return self.scale * hat + self.shift


class LayerPlaces(NamedTuple):
    """Where `LayerParameters` lie in a row."""

    weights: slice
    biases: slice | None
    scale: slice | None
    shift: slice | None
    mean: slice | None
    variance: slice | None
    learned: slice | None
    recurrent: slice | None

    @property
    def trained(self) -> tuple[slice | None, ...]:
        """The places of what the optimiser moves, in the order of a row."""
        return (self.weights, self.recurrent, *self[1:4], self.learned)


@dataclass(frozen=True)
class NetSpec:
    """A fully connected net: hidden layers a = φ(norm(a·W + b)), then linear outputs.

    With `steps` a recurrent one (Elman, 1990) on sequences: hidden layers h_t = φ(x_t·W + h_{t−1}·U + b), h_0 = 0, the
    first fed by the sequence, each further one by the layer below it at the same step; the outputs see the last layer's
    last h.

    Parameters
    ----------
    features
        Columns of X; of sequences, at each step.
    hidden
        Widths of the hidden layers; empty for a linear model.
    activation
        φ of every hidden layer, or one for each. Numbers in φ that are learned (`Activation.learned`: PReLU's slope)
        are one set for each layer, moved by the optimiser as all else is.
    init
        A scheme of `actlab.nets.SCHEMES`, ``"critical"`` (the critical point of every φ), ``"gain 1.5"`` (weights of
        variance 1.5²/fan-in), ``"gain 1.5 bias 0.2"`` (and biases of deviation 0.2, which are zero otherwise), or, of
        recurrent nets, ``"identity"`` (U = 1, Le, Jaitly, Hinton, 2015; else as suits φ). U of the others begins as a
        layer as wide as this one would, from draws of its own.
    outputs
        How many numbers the net gives.
    loss
        ``"binary"``: one logit, y of 0 and 1, binary cross-entropy. ``"classes"``: a logit a class, y the number of the
        class, softmax cross-entropy. ``"squares"``: y a number an output, squared error, mean over the outputs. All are
        means over the samples; cross-entropies are in nats.
    norm
        Of every hidden layer, or one for each: ``"layer"`` normalises each sample over the units of the layer (Ba,
        Kiros, Hinton, 2016), ``"batch"`` each unit over the samples of the batch, and by running averages when the net
        is scored (Ioffe, Szegedy, 2015). Then come a learned scale and shift.
    residual
        k > 0: hidden layer l = 1 + k, 1 + 2k, … (the first is 1) adds the output of layer l − k to its own, after φ,
        where the two are equally wide (He, Zhang, Ren, Sun, 2016, with the identity as shortcut). 0: none.
    steps
        Of a recurrent net: the length of its sequences. None: X is a plain table.

    Raises
    ------
    UserError
        For an unknown loss or norm, a number of outputs that does not fit the loss, not as many activations or norms
        as hidden layers, a recurrent net with a norm, a residual connection, no hidden layer or the init
        ``"critical"``, that init where an activation has no critical point, and ``"identity"`` without recurrence.
    """

    features: int
    hidden: tuple[int, ...]
    activation: Activation | tuple[Activation, ...]
    init: str
    outputs: int = 1
    loss: Loss = "binary"
    norm: Norm | tuple[Norm, ...] = "none"
    residual: int = 0
    steps: int | None = None

    def __post_init__(self) -> None:
        check_choice("loss", self.loss, get_args(Loss))
        for norm in self.norms:
            check_choice("norm", norm, get_args(Norm))
        if self.loss == "binary" and self.outputs != 1:
            raise UserError("nets.one_logit", outputs=self.outputs)
        least = 2 if self.loss == "classes" else 1
        if self.outputs < least:
            raise UserError("nets.too_few_outputs", loss=self.loss, outputs=self.outputs, least=least)
        if self.residual < 0:
            raise UserError("nets.at_least", name="residual", value=self.residual, least=0)
        _ = self.activations  # says where there are too few or too many
        if self.steps is not None:
            if self.steps < 1:
                raise UserError("nets.at_least", name="steps", value=self.steps, least=1)
            if not self.hidden:
                raise UserError("nets.recurrent_hidden")
            if self.residual or any(norm != "none" for norm in self.norms):
                raise UserError("nets.recurrent_plain")
            if self.init == CRITICAL:
                raise UserError("nets.recurrent_critical")
        elif self.init == IDENTITY:
            raise UserError("nets.identity_plain")
        if self.init == CRITICAL:
            for phi in dict.fromkeys(self.activations):
                critical_point(phi)  # says where there is none

    @property
    def activations(self) -> tuple[Activation, ...]:
        """φ of each hidden layer."""
        return self._each("activation", self.activation)

    @property
    def norms(self) -> tuple[Norm, ...]:
        """The norm of each hidden layer."""
        return self._each("norm", self.norm)

    @property
    def skips(self) -> tuple[int, ...]:
        """For each hidden layer, how many layers back the output lies that is added to its own; 0: none is."""
        k = self.residual
        return tuple(
            k if k and layer >= k and layer % k == 0 and self.hidden[layer - k] == width else 0
            for layer, width in enumerate(self.hidden)
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths from input to output."""
        return (self.features, *self.hidden, self.outputs)

    @property
    def layers(self) -> int:
        """Weight layers: the hidden ones and the output."""
        return len(self.hidden) + 1

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """``(fan_in, fan_out)`` of every weight layer."""
        return tuple(pairwise(self.sizes))

    @property
    def columns(self) -> int:
        """Numbers in X for each point: the features, of sequences at every step."""
        return self.features * (self.steps or 1)

    @property
    def targets(self) -> int:
        """Numbers in y for each point."""
        return self.outputs if self.loss == "squares" else 1

    @property
    def parameters(self) -> int:
        """Trained numbers: weights, biases, scales, shifts, and learned numbers of φ. They come first in a row."""
        return max(int(part.stop) for place in self.places() for part in place.trained if part is not None)

    @property
    def row(self) -> int:
        """Length of a row: the trained parameters and the running averages of batch norm."""
        return max(int(part.stop) for place in self.places() for part in place if part is not None)

    def places(self) -> Iterator[LayerPlaces]:
        """Where the parameters of each weight layer lie in a row."""
        norms = (*self.norms, "none")
        learned = (*(len(phi.learned) for phi in self.activations), 0)
        end = 0

        def run(length: int) -> slice:
            nonlocal end
            end += length
            return slice(end - length, end)

        trained: list[LayerPlaces] = []
        for (fan_in, fan_out), norm, count in zip(self.shapes, norms, learned, strict=True):
            weights = run(fan_in * fan_out)
            last = len(trained) == len(self.hidden)
            recurrent = run(fan_out * fan_out) if self.steps and not last else None
            biases = None if norm == "batch" else run(fan_out)
            scale, shift = (None, None) if norm == "none" else (run(fan_out), run(fan_out))
            numbers = run(count) if count else None
            trained.append(LayerPlaces(weights, biases, scale, shift, None, None, numbers, recurrent))
        for place, (_, fan_out), norm in zip(trained, self.shapes, norms, strict=True):
            mean, variance = (run(fan_out), run(fan_out)) if norm == "batch" else (None, None)
            yield place._replace(mean=mean, variance=variance)

    def unpack(self, row: AnyArray) -> list[LayerParameters]:
        """A row of parameters ``(row,)`` layer by layer; views of it."""
        layers = []
        for place, (fan_in, fan_out) in zip(self.places(), self.shapes, strict=True):
            rest = [None if part is None else row[part] for part in place[1:]]
            layer = LayerParameters(row[place.weights].reshape(fan_in, fan_out), *rest)
            if layer.recurrent is not None:
                layer = layer._replace(recurrent=layer.recurrent.reshape(fan_out, fan_out))
            layers.append(layer)
        return layers

    def pack(self, layers: Sequence[LayerParameters]) -> AnyArray:
        """The inverse of `unpack`."""
        row = np.empty(self.row, dtype=layers[0].weights.dtype)
        for place, layer in zip(self.places(), layers, strict=True):
            for part, values in zip(place, layer, strict=True):
                if part is not None:
                    row[part] = np.ravel(cast("AnyArray", values))
        return row

    def _each(self, name: str, value: _Each | tuple[_Each, ...]) -> tuple[_Each, ...]:
        if not isinstance(value, tuple):
            return (value,) * len(self.hidden)
        if len(value) != len(self.hidden):
            raise UserError("nets.one_each", name=name, count=len(value), layers=len(self.hidden))
        return value


def check_choice(name: str, value: str, known: Sequence[str]) -> None:
    """`UserError` unless `value` is among `known`."""
    if value not in known:
        near = nearest(str(value), known)
        key = "nets.unknown_choice_near" if near else "nets.unknown_choice"
        raise UserError(key, name=name, value=str(value)[:60], near=near or "", known=", ".join(known))


def checkpoint_steps(total: int, count: int = 14) -> Integers:
    """At most `count` steps at which nets are measured: 0, then evenly spaced in the logarithm up to `total`.

    The two ends are always among them. Training moves fastest at its start, so the measurements stand closest there.
    """
    if total <= 0:
        return np.zeros(1, dtype=np.int64)
    steps = np.geomspace(1, total, count - 1 if count > 2 else 0).round().astype(np.int64)
    return np.unique(np.concatenate([[0], steps, [total]]))
