"""Who is trained: nets that differ in seed, learning rate and activation, and how."""

from actlab.nets.initialise import SCHEMES, bias_scales, critical_point, initial_weights, weight_scales
from actlab.nets.inside import Inside, directional_norms, look_inside
from actlab.nets.spec import LayerParameters, NetSpec, checkpoint_steps
from actlab.nets.train import CURVES, TRACES, PointSets, Scores, Trained, score, train
from actlab.nets.training import OPTIMISERS, Adam, AdamW, Momentum, Optimiser, Sgd, TrainSpec, optimiser, optimiser_text

__all__ = [
    "CURVES",
    "OPTIMISERS",
    "SCHEMES",
    "TRACES",
    "Adam",
    "AdamW",
    "Inside",
    "LayerParameters",
    "Momentum",
    "NetSpec",
    "Optimiser",
    "PointSets",
    "Scores",
    "Sgd",
    "TrainSpec",
    "Trained",
    "bias_scales",
    "checkpoint_steps",
    "critical_point",
    "directional_norms",
    "initial_weights",
    "look_inside",
    "optimiser",
    "optimiser_text",
    "score",
    "train",
    "weight_scales",
]
