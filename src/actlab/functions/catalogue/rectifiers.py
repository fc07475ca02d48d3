"""Rectifiers: one side passes, the other is silenced or damped. All are left-sloped at 0 (relu′(0) = 0)."""

from actlab.functions.catalogue.entry import Builtin, Range

# The SELU paper's λ and α as float64: the pair for which mean 0 and variance 1 is a fixed point of the layer map.
_LAMBDA = 1.0507009873554805
_ALPHA = 1.6732632423543772

BUILTINS = (
    Builtin(
        name="relu",
        definition="max(x, 0)",
        init="he",
        use="hidden_default",
        reference="Nair, Hinton: Rectified linear units improve restricted Boltzmann machines (2010)",
        aliases=("rectifier", "rectified_linear"),
    ),
    Builtin(
        name="leaky_relu",
        definition="where(x > 0, x, alpha*x)",
        init="he",
        use="no_dead_units",
        reference="Maas, Hannun, Ng: Rectifier nonlinearities improve neural network acoustic models (2013)",
        aliases=("leakyrelu", "lrelu"),
        parameters=(Range("alpha", 0.01, -100.0, 100.0),),
    ),
    Builtin(
        name="elu",
        definition="where(x > 0, x, alpha*expm1(x))",
        init="he",
        use="no_dead_units",
        reference="Clevert, Unterthiner, Hochreiter: Fast and accurate deep network learning by ELUs (2016)",
        parameters=(Range("alpha", 1.0, 0.0, 100.0),),
    ),
    Builtin(
        name="selu",
        definition=f"where(x > 0, {_LAMBDA!r}*x, {_LAMBDA * _ALPHA!r}*expm1(x))",
        init="lecun",  # not He: self-normalisation holds for 1/fan_in only
        use="self_normalising",
        reference="Klambauer, Unterthiner, Mayr, Hochreiter: Self-normalizing neural networks (2017)",
    ),
)
