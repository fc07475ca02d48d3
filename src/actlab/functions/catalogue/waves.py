"""Functions that are neither rectifiers nor switches: waves, a bump, the exponential."""

from actlab.functions.catalogue.entry import Builtin

BUILTINS = (
    Builtin(
        name="sin",
        definition="sin(x)",
        init="lecun",
        use="coordinates",
        reference="Sitzmann, Martel, Bergman, Lindell, Wetzstein: Implicit neural representations (2020)",
        aliases=("sine",),
    ),
    Builtin(
        name="cos",
        definition="cos(x)",
        init="lecun",
        use="coordinates",
        reference="Rahimi, Recht: Random features for large-scale kernel machines (2007)",
        aliases=("cosine",),
    ),
    Builtin(
        name="gaussian",
        definition="exp(-x**2)",
        init="lecun",
        use="radial",
        reference="Broomhead, Lowe: Multivariable functional interpolation and adaptive networks (1988)",
        aliases=("radial_basis",),
    ),
    Builtin(
        name="exponential",
        definition="exp(x)",
        init="he",
        use="positive_output",
        reference="Nelder, Wedderburn: Generalized linear models (1972)",
    ),
)
