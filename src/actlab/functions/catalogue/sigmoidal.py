"""S-shaped functions: bounded, and flat far from 0."""

from actlab.functions.catalogue.entry import Builtin

BUILTINS = (
    Builtin(
        name="sigmoid",
        definition="sigmoid(x)",
        init="lecun",
        use="probability",
        reference="Rumelhart, Hinton, Williams: Learning representations by back-propagating errors (1986)",
        aliases=("logistic", "expit"),
    ),
    Builtin(
        name="tanh",
        definition="tanh(x)",
        init="lecun",
        use="recurrent",
        reference="LeCun, Bottou, Orr, Müller: Efficient BackProp (1998)",
        aliases=("hyperbolic_tangent",),
    ),
    Builtin(
        name="hard_sigmoid",
        definition="min(max(x + 3, 0), 6)/6",
        init="lecun",
        use="low_power",
        reference="Howard et al.: Searching for MobileNetV3 (2019)",
        aliases=("hardsigmoid",),
    ),
)
