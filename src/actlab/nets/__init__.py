"""Who is trained: fully connected nets that differ in seed, learning rate and activation."""

from actlab.nets.initialise import SCHEMES, initial_weights, weight_scales
from actlab.nets.inside import Inside, directional_norms, look_inside
from actlab.nets.spec import NetSpec, checkpoint_steps
from actlab.nets.train import CURVES, TRACES, PointSets, Scores, Trained, score, train

__all__ = [
    "CURVES",
    "SCHEMES",
    "TRACES",
    "Inside",
    "NetSpec",
    "PointSets",
    "Scores",
    "Trained",
    "checkpoint_steps",
    "directional_norms",
    "initial_weights",
    "look_inside",
    "score",
    "train",
    "weight_scales",
]
