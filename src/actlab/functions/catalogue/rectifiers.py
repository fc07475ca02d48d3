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
    Builtin(
        name="relu6",
        definition="min(max(x, 0), 6)",
        init="he",  # in the range that signals have it is a rectifier; the clip at 6 is for fixed-point arithmetic
        use="low_power_hidden",
        reference="Krizhevsky: Convolutional deep belief networks on CIFAR-10 (2010)",
    ),
    Builtin(
        name="prelu",
        definition="where(x > 0, x, alpha*x)",
        init="he",
        use="learned_slope",
        reference="He, Zhang, Ren, Sun: Delving deep into rectifiers (2015)",
        aliases=("parametric_relu",),
        parameters=(Range("alpha", 0.25, -100.0, 100.0),),
        learned=("alpha",),
    ),
    Builtin(
        name="rrelu",  # as in evaluation: the slope is the mean of the interval it is drawn from in training
        definition="where(x > 0, x, (lower + upper)/2*x)",
        init="he",
        use="random_slope",
        reference="Xu, Wang, Chen, Li: Empirical evaluation of rectified activations in convolutional network (2015)",
        aliases=("randomized_leaky_relu",),
        parameters=(Range("lower", 1 / 8, -100.0, 100.0), Range("upper", 1 / 3, -100.0, 100.0)),
    ),
    Builtin(
        name="celu",
        definition="where(x > 0, x, alpha*expm1(x/alpha))",
        init="he",
        use="no_dead_units",
        reference="Barron: Continuously differentiable exponential linear units (2017)",
        parameters=(Range("alpha", 1.0, 1e-3, 100.0),),
    ),
    Builtin(
        name="threshold",
        definition="where(x > theta, x, value)",
        init="he",
        use="sparse_code",
        reference="Konda, Memisevic, Krueger: Zero-bias autoencoders and the benefits of co-adapting features (2015)",
        aliases=("thresholded_relu",),
        parameters=(Range("theta", 1.0, -1e6, 1e6), Range("value", 0.0, -1e6, 1e6)),
    ),
    Builtin(
        name="relu_squared",
        definition="max(x, 0)**2",
        init="he",
        use="transformer",
        reference="So, Mańke, Liu, Dai, Shazeer, Le: Primer: searching for efficient transformers (2021)",
        aliases=("squared_relu", "relu2"),
    ),
    Builtin(
        name="hard_swish",
        definition="x*min(max(x + 3, 0), 6)/6",
        init="he",
        use="low_power_hidden",
        reference="Howard et al.: Searching for MobileNetV3 (2019)",
        aliases=("hardswish", "hard_silu"),
    ),
    Builtin(
        name="sparse_plus",
        definition="where(x <= -1, 0, where(x >= 1, x, (x + 1)**2/4))",
        init="he",
        use="sparse_code",
        reference="Martins, Astudillo: From softmax to sparsemax (2016)",
        aliases=("sparseplus",),
    ),
)
