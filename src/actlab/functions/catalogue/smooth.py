"""Smooth relatives of the rectifier."""

from actlab.functions.catalogue.entry import Builtin

BUILTINS = (
    Builtin(
        name="softplus",
        definition="softplus(x)",
        init="he",
        use="positive_output",
        reference="Dugas, Bengio, Bélisle, Nadeau, Garcia: Incorporating second-order functional knowledge (2001)",
    ),
    Builtin(
        name="gelu",
        definition="x*normcdf(x)",
        init="he",
        use="transformer",
        reference="Hendrycks, Gimpel: Gaussian error linear units (2016)",
    ),
    Builtin(
        name="silu",
        definition="x*sigmoid(x)",
        init="he",
        use="deep_convolution",
        reference="Elfwing, Uchibe, Doya: Sigmoid-weighted linear units for reinforcement learning (2018)",
        aliases=("swish",),
    ),
    Builtin(
        name="mish",
        definition="x*tanh(softplus(x))",
        init="he",
        use="detection",
        reference="Misra: Mish: a self regularized non-monotonic activation function (2020)",
    ),
)
