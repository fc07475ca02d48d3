"""Shrinkage: small values become 0 or nearly so, large ones pass. All are odd."""

from actlab.functions.catalogue.entry import Builtin, Range

BUILTINS = (
    Builtin(
        name="hardshrink",
        definition="where(abs(x) > lambd, x, 0)",
        init="lecun",
        use="sparse_code",
        reference="Donoho, Johnstone: Ideal spatial adaptation by wavelet shrinkage (1994)",
        aliases=("hard_shrink", "hard_threshold"),
        parameters=(Range("lambd", 0.5, 0.0, 1e6),),
    ),
    Builtin(
        name="softshrink",
        definition="where(x > lambd, x - lambd, where(x <= -lambd, x + lambd, 0))",
        init="lecun",
        use="sparse_code",
        reference="Donoho, Johnstone: Ideal spatial adaptation by wavelet shrinkage (1994)",
        aliases=("soft_shrink", "soft_threshold"),
        parameters=(Range("lambd", 0.5, 0.0, 1e6),),
    ),
    Builtin(
        name="tanhshrink",
        definition="x - tanh(x)",
        init="lecun",
        use="sparse_code",
        reference="PyTorch: torch.nn.Tanhshrink (2016)",
        aliases=("tanh_shrink",),
    ),
)
