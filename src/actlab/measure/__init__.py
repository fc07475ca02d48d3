"""What we observe in a net: plain functions of arrays.

The one ruler for the lab nets, the doctor's patient and the playground; the C++ core repeats the same definitions.
Every function works in float64 inside, raises ValueError where shapes do not fit (a programmer's mistake), and gives
NaN, without a warning, where an array holds a value that is not finite (a diverged net).
"""

from actlab.measure.geometry import (
    PrincipalAxes,
    directional,
    distance_retention,
    effective_rank,
    far_contrast,
    principal_axes,
)
from actlab.measure.gradient import (
    first_last_ratio,
    gradient_norm,
    gradient_norm_per_weight,
    gradient_norms,
    gradient_through_time,
    log_norm_slope,
    update_ratio,
)
from actlab.measure.margin import margin_retention
from actlab.measure.path import expected_sign_agreement, path_efficiency, sign_agreement
from actlab.measure.regions import activation_patterns, count_regions, pattern_changes
from actlab.measure.signal import LayerSignal, PointSignal, layer_signal, point_signal
from actlab.measure.units import (
    DerivativeBuffer,
    DerivativeSummary,
    UnitShares,
    UnitState,
    classify_gains,
    classify_units,
    flat_share,
    sparsity,
    summarise_derivative,
    unit_gain,
    unit_shares,
)

__all__ = [
    "DerivativeBuffer",
    "DerivativeSummary",
    "LayerSignal",
    "PointSignal",
    "PrincipalAxes",
    "UnitShares",
    "UnitState",
    "activation_patterns",
    "classify_gains",
    "classify_units",
    "count_regions",
    "directional",
    "distance_retention",
    "effective_rank",
    "expected_sign_agreement",
    "far_contrast",
    "first_last_ratio",
    "flat_share",
    "gradient_norm",
    "gradient_norm_per_weight",
    "gradient_norms",
    "gradient_through_time",
    "layer_signal",
    "log_norm_slope",
    "margin_retention",
    "path_efficiency",
    "pattern_changes",
    "point_signal",
    "principal_axes",
    "sign_agreement",
    "sparsity",
    "summarise_derivative",
    "unit_gain",
    "unit_shares",
    "update_ratio",
]
