"""The checks, one file each: functions of readings that give findings. A code never changes its meaning."""

from actlab.doctor.checks import (
    act001_dead_units,
    act002_saturated_units,
    act003_vanishing_gradients,
    act004_exploding,
    act005_init_does_not_fit,
    act006_collapse,
    act007_zig_zag,
    act008_stacked_linear,
    act009_output_and_loss,
    act010_update_size,
    act011_not_finite,
    act012_sharp_softmax,
)

_ALL = (
    act001_dead_units,
    act002_saturated_units,
    act003_vanishing_gradients,
    act004_exploding,
    act005_init_does_not_fit,
    act006_collapse,
    act007_zig_zag,
    act008_stacked_linear,
    act009_output_and_loss,
    act010_update_size,
    act011_not_finite,
    act012_sharp_softmax,
)
CHECKS = tuple(module.check for module in _ALL)
CODES = tuple(module.CODE for module in _ALL)
