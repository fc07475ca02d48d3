"""A remedy as code to read and to paste: short, for the layer that a finding names.

It runs where ``model`` (and where it says so ``optimiser``, ``batches``, ``loss``) are known; `actlab.doctor.remedy`
has the code of whole repairs, as they are tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.functions import get
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.doctor.finding import Finding
    from actlab.doctor.readings import Readings, WeightReading

#: Code that is the same wherever a finding is.
_PLAIN: Final = {
    "lower_rate": 'for group in optimiser.param_groups:\n    group["lr"] *= 0.3',
    "raise_rate": 'for group in optimiser.param_groups:\n    group["lr"] *= 3.0',
    "clip": "# between loss.backward() and optimiser.step()\ntorch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)",
    "centre_inputs": (
        "x = torch.cat([x for x, _ in batches])\n"
        "mean, std = x.mean(0), x.std(0).clamp(min=1e-6)  # of the training data\n"
        "batches = [((x - mean) / std, y) for x, y in batches]"
    ),
    "clean_targets": "assert all(torch.isfinite(y).all() for _, y in batches)",
    "clean_inputs": "assert all(torch.isfinite(x).all() for x, _ in batches)",
    "log_softmax": "loss = torch.nn.functional.cross_entropy  # of the scores, without a softmax before",
    "two_outputs": "loss = torch.nn.functional.binary_cross_entropy_with_logits",
    "sigmoid_output": "loss = torch.nn.functional.binary_cross_entropy_with_logits",
    "residual": (
        "class Skip(torch.nn.Module):\n"
        "    def __init__(self, inside):\n"
        "        super().__init__()\n"
        "        self.inside = inside\n\n"
        "    def forward(self, x):\n"
        "        return x + self.inside(x)  # around one or two layers of the same width"
    ),
    "scale_scores": "scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5",
    "query_norm": "q, k = (torch.nn.functional.rms_norm(x, x.shape[-1:]) for x in (q, k))",
    "look_at_formula": "y = x.clamp(min=1e-6).log()  # likewise what goes into sqrt and below a fraction",
}
_ORTHOGONAL: Final = """\
for name, weight in model.get_submodule("{path}").named_parameters():
    if name.startswith("weight_hh"):
        for gate in weight.chunk(weight.shape[0] // weight.shape[1]):
            torch.nn.init.orthogonal_(gate)"""
_NORMS: Final = {2: "LayerNorm", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}


def code_for(name: str, group: Sequence[Finding], readings: Readings) -> str:
    """The remedy `name` for the findings of `group`, which differ in their place only; empty where words must do."""
    if name in _PLAIN:
        return _PLAIN[name]
    finding = group[0]
    layers = dict.fromkeys(f.layer for f in group if f.layer)
    found = [w for layer in layers for w in readings.weights if w.layer == layer and w.kind in ("linear", "conv")]
    matrices = [w for w in found if len(w.shape) > 1 and w.name == f"{w.layer}.weight"]  # one to a module
    if name == "fitted_init" and matrices:
        return _fitted(matrices)
    if name == "norm" and matrices:
        return _norm(matrices)
    if name == "norm_inputs" and len(matrices) == 1 and len(matrices[0].shape) == 2:
        path = f'"{matrices[0].layer}"'
        return _both(path, f"torch.nn.LayerNorm({matrices[0].shape[1]}), model.get_submodule({path})")
    if name == "orthogonal":
        return _ORTHOGONAL.format(path=finding.layer)
    if name == "leaky_relu":
        return f'model = actlab.replace(model, "{finding.replaced(name)}", "leaky_relu", init="fitted").model'
    if name == "activation_between" and finding.values.get("first"):
        path = finding.values["first"]
        return _around(f'"{path}"', "torch.nn.GELU()")
    if name == "relu_family":
        return _swapped(str(finding.values.get("function", "")))
    if name in ("remove_softmax", "remove_sigmoid", "linear_output"):
        return _without(str(finding.values.get("function", "")), readings)
    return ""


def _around(path: str, behind: str) -> str:
    return _both(path, f"model.get_submodule({path}), {behind}")


def _both(path: str, parts: str) -> str:
    return f"both = torch.nn.Sequential({parts})\nmodel.set_submodule({path}, both)"


def _norm(matrices: list[WeightReading]) -> str:
    kinds = {w.layer: (_NORMS[len(w.shape)], w.shape[0]) for w in matrices if len(w.shape) in _NORMS}
    if len(kinds) == 1:
        ((path, (kind, width)),) = kinds.items()
        return _around(f'"{path}"', f"torch.nn.{kind}({width})")
    if len({kind for kind, _ in kinds.values()}) == 1:
        (kind,) = {kind for kind, _ in kinds.values()}
        widths = {path: width for path, (_, width) in kinds.items()}
        return _each(f"path, width in {_written(widths)}.items()", _around("path", f"torch.nn.{kind}(width)"))
    return ""


def _fitted(matrices: list[WeightReading]) -> str:
    """With the gain of the function whose output a layer gets: inputs and norms need none."""
    before = {w.layer: _before(w) for w in matrices}
    body = (
        "fan_in = layer.weight[0].numel()\n"
        "torch.nn.init.normal_(layer.weight, std=gain / fan_in**0.5)\n"
        "if layer.bias is not None:\n"
        "    torch.nn.init.zeros_(layer.bias)"
    )
    functions = set(before.values())
    gain = f'actlab.get("{min(functions)}").facts.gain' if functions != {"identity"} else "1.0"
    if len(before) == 1:
        return f'layer, gain = model.get_submodule("{next(iter(before))}"), {gain}\n{body}'
    if len(functions) == 1:
        get = "layer = model.get_submodule(path)"
        return f"gain = {gain}\n" + _each(f"path in {_written(list(before))}", f"{get}\n{body}")
    get = "layer, gain = model.get_submodule(path), actlab.get(before).facts.gain"
    return _each(f"path, before in {_written(before)}.items()", f"{get}\n{body}")


def _before(weight: WeightReading) -> str:
    site = weight.source.site if weight.source is not None else None
    return site.function if site is not None and _known(site.function) else "identity"


def _each(over: str, body: str) -> str:
    return f"for {over}:\n" + "\n".join(f"    {line}" for line in body.splitlines())


def _written(value: object) -> str:
    return repr(value).replace("'", '"')


def _known(name: str) -> bool:
    try:
        get(name)
    except UserError:
        return False
    return True


def _swapped(function: str) -> str:
    """The function named, where it is one that saturates on both sides."""
    saturates = _known(function) and all(get(function).facts.saturates)
    return f'model = actlab.replace(model, "{function}", "gelu", init="fitted").model' if saturates else ""


def _without(function: str, readings: Readings) -> str:
    paths = [s.site.path for s in readings.sites if s.output and s.site.function == function and s.site.path]
    return f'model.set_submodule("{paths[-1]}", torch.nn.Identity())' if paths else ""
