"""Smooth relatives of the rectifier."""

from actlab.functions.catalogue.entry import Builtin, Range

BUILTINS = (
    Builtin(
        name="softplus",
        definition="softplus(beta*x)/beta",
        init="he",
        use="positive_output",
        reference="Dugas, Bengio, Bélisle, Nadeau, Garcia: Incorporating second-order functional knowledge (2001)",
        parameters=(Range("beta", 1.0, 1e-3, 1e3),),
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
        definition="x*sigmoid(beta*x)",
        init="he",
        use="deep_convolution",
        reference="Elfwing, Uchibe, Doya: Sigmoid-weighted linear units for reinforcement learning (2018)",
        aliases=("swish",),
        # β of Swish (Ramachandran, Zoph, Le: Searching for activation functions, 2017)
        parameters=(Range("beta", 1.0, -1e3, 1e3),),
    ),
    Builtin(
        name="mish",
        definition="x*tanh(softplus(x))",
        init="he",
        use="detection",
        reference="Misra: Mish: a self regularized non-monotonic activation function (2020)",
    ),
    Builtin(
        name="gelu_tanh",
        # x/2·(1 + tanh u) of the paper is x·σ(2u): the same function, and nothing cancels for x < 0
        definition="x*sigmoid(2*sqrt(2/pi)*(x + 0.044715*x**3))",
        init="he",
        use="transformer",
        reference="Hendrycks, Gimpel: Gaussian error linear units (2016)",
        aliases=("gelu_new", "gelu_approximate", "gelu_pytorch_tanh"),
    ),
    Builtin(
        name="quick_gelu",
        definition="x*sigmoid(1.702*x)",
        init="he",
        use="transformer",
        reference="Hendrycks, Gimpel: Gaussian error linear units (2016)",
        aliases=("quickgelu", "gelu_sigmoid"),
    ),
    Builtin(
        name="squareplus",
        definition="(x + sqrt(x**2 + b))/2",
        init="he",
        use="positive_output",
        reference="Barron: Squareplus: a softplus-like algebraic rectifier (2021)",
        parameters=(Range("b", 4.0, 1e-6, 1e6),),
    ),
    Builtin(
        name="logsigmoid",
        definition="-softplus(-x)",
        init="he",
        use="log_probability",
        reference="Gutmann, Hyvärinen: Noise-contrastive estimation (2010)",
        aliases=("log_sigmoid",),
    ),
)
