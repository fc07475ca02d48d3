"""What was read off a model: plain data, all that the checks know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array, Integers
    from actlab.functions import Activation
    from actlab.measure import DerivativeSummary

Kind = Literal["activation", "softmax", "attention", "recurrent"]


@dataclass(frozen=True)
class Site:
    """A place in the model where an activation (or a softmax, or a fused recurrence) is called.

    Calls from one module, of one function, on what one layer made are one site: a cell that is called at every time
    step, a layer that is used twice.

    Attributes:
        path: of the module whose forward calls it.
        function: the activation's name, ``"softmax"``, ``"attention"``, ``"lstm"`` …
        feeder: path of the last layer with weights before the call; empty where there was none.
        ordinal: 1 for the first call of `function` behind `feeder` in this module, 2 for the second …
    """

    path: str
    function: str
    feeder: str
    ordinal: int

    @property
    def layer(self) -> str:
        """The layer that a finding about this site names: the one whose weights made z, else the calling module."""
        return self.feeder or self.path


@dataclass(frozen=True)
class Signal:
    """A layer's signal over the points seen, jointly over units (as `measure.layer_signal`), and per unit."""

    points: int
    mean_abs_z: float
    mean_abs_a: float
    mean_z: float
    var_z: float
    unit_mean: Array  # (units,) mean of z over points
    unit_var: Array  # (units,) variance of z over points


@dataclass(frozen=True)
class Flow:
    """The gradient of the loss at a place: root mean square, over the steps seen, of the norm of the whole tensor."""

    z: float  # ‖∂L/∂z‖; NaN where none was seen
    a: float  # ‖∂L/∂a‖


@dataclass(frozen=True)
class Sharpness:
    """How far the rows of a softmax are one-hot. Rows with a single place open are left out."""

    rows: int
    saturated: float  # share of rows with (1 − Σp²) / (1 − 1/n) < 0.01, n places open
    mean: float  # mean of that quotient: 1 for uniform rows, 0 for one-hot ones


@dataclass(frozen=True)
class SiteReading:
    """Everything seen at one site.

    `order` is the place of its first call in the forward pass; `output`: no weight was used behind it; `steps`: on how
    many steps it was seen. `activation` and `derivative` are there for kind ``"activation"`` only, and `reference` is
    E[φ′²] under N(0, 1), one number or one for each unit.
    """

    site: Site
    kind: Kind
    order: int
    output: bool
    steps: int
    activation: Activation | None
    reference: float | Array
    signal: Signal | None
    derivative: DerivativeSummary | None
    flat: float  # share of points × units at which φ is flat (`measure.flat_share`)
    flow: Flow
    sharpness: Sharpness | None = None
    source: Source | None = None  # what made z, as far as only views, dropout and pooling lie between
    scorers: tuple[str, ...] = ()  # layers that made the scores of a softmax: those of queries and keys
    first_sharpness: Sharpness | None = None  # at the first weights

    @property
    def states(self) -> Integers:
        """(units,) `measure.UnitState` of each unit."""
        assert self.derivative is not None
        return self.derivative.states(self.reference)


@dataclass(frozen=True)
class Source:
    """What made a tensor: a site, or a layer with weights of some kind (``"linear"``, ``"conv"``, ``"norm"`` …)."""

    kind: str
    path: str = ""
    site: Site | None = None


@dataclass(frozen=True)
class WeightReading:
    """A parameter with at least two axes, or one that is trained.

    `rms` and `constant` are those at its first use.
    `gradient` is the mean over steps of `measure.gradient_norm_per_weight`, `update` the median of
    `measure.update_ratio`; NaN where none was seen. `order` is that of its first use, −1 where it was not seen in use.
    """

    name: str
    layer: str
    shape: tuple[int, ...]
    frozen: bool
    constant: bool  # the weights of all its units are equal
    rms: float
    gradient: float
    gradients: int  # steps on which one was seen
    gradient_is_zero: bool
    finite: bool  # all its numbers are, now
    update: float
    first_update: float  # of the first step seen, as `update`; NaN where none was
    largest_update: float
    updates: int
    sign_agreement: float
    order: int
    kind: str = ""
    fan_in: int = 0
    source: Source | None = None  # what made its input


@dataclass(frozen=True)
class LossReading:
    """A call of a loss function of PyTorch."""

    function: str
    source: Source | None
    classes: int  # size of the class axis of the prediction
    prediction: tuple[float, float]  # least and largest
    target: tuple[float, float]
    normalised: float  # largest |log Σ exp| over rows: 0 where the prediction is a logarithm of probabilities
    outside: float  # share of targets outside of what the output activation can reach


@dataclass(frozen=True)
class Stack:
    """Two layers with weights and nothing but views between them, or a batch norm (`between`).

    `widths` are numbers into the first one's units, into the second one's, and units of the second.
    """

    first: str
    second: str
    widths: tuple[int, int, int]
    between: str = ""


@dataclass(frozen=True)
class NonFinite:
    """The first number that was not finite.

    `origin`: ``"parameter"`` (the layer's own weights), ``"input"`` (the batch), ``"made"`` (finite in, not out),
    ``"before"`` (made between the layer seen before this one, and this one), ``"output"`` (made behind the last layer
    seen), ``"loss"`` (the loss alone) or ``"gradient"`` (what the loss sends back; the output is finite).
    """

    path: str
    function: str
    origin: Literal["parameter", "input", "made", "before", "output", "loss", "gradient"]
    step: int
    parameter: str = ""


@dataclass(frozen=True)
class Geometry:
    """Representations of the same few samples at the first step: the input's, and a site's."""

    samples: int
    inputs: AnyArray | None
    layers: dict[Site, AnyArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Skip:
    """Something that was not seen: `reason` is a key of ``doctor.skip``, `values` fill its sentence."""

    reason: str
    values: dict[str, str]


@dataclass(frozen=True)
class Readings:
    """What was read off a model, in the order of its forward pass.

    `initial` is what the first step alone says (at the first weights), `sites` what the latest steps say.
    """

    sites: tuple[SiteReading, ...]
    initial: tuple[SiteReading, ...]
    weights: tuple[WeightReading, ...]
    losses: tuple[LossReading, ...]
    stacks: tuple[Stack, ...]
    normed: frozenset[str]  # layers whose output goes to a batch norm as it is
    scaling: frozenset[Site]  # activations whose output is multiplied with a larger signal: one factor for many places
    non_finite: NonFinite | None
    geometry: Geometry
    skips: tuple[Skip, ...]
    steps: int  # looked at
    steps_passed: int  # all
    trained: bool  # the caller says that the model has been trained before
    has_gradients: bool
