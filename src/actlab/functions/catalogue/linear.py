"""No activation at all."""

from actlab.functions.catalogue.entry import Builtin

BUILTINS = (
    Builtin(
        name="identity",
        definition="x",
        init="lecun",
        use="output",
        reference="LeCun, Bottou, Orr, Müller: Efficient BackProp (1998)",
        aliases=("linear",),
    ),
)
