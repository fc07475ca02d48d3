"""Which activation a module, a function or a call of PyTorch is."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch.nn import functional

import actlab.functions.activation as functions
from actlab.functions.catalogue import find
from actlab.functions.parser import single_call
from actlab.text import UserError
from actlab.torch.module import Activation


@dataclass(frozen=True)
class Known:
    """A function of PyTorch: our name, and its parameters as (PyTorch's word, ours, default), by position."""

    name: str
    parameters: tuple[tuple[str, str, float], ...] = ()


_KNOWN: Final = {
    "leaky_relu": Known("leaky_relu", (("negative_slope", "alpha", 0.01),)),
    "rrelu": Known("rrelu", (("lower", "lower", 1 / 8), ("upper", "upper", 1 / 3))),
    "elu": Known("elu", (("alpha", "alpha", 1.0),)),
    "celu": Known("celu", (("alpha", "alpha", 1.0),)),
    "softplus": Known("softplus", (("beta", "beta", 1.0),)),
    "threshold": Known("threshold", (("threshold", "theta", 1.0), ("value", "value", 0.0))),
    "hardtanh": Known("hard_tanh", (("min_val", "min_val", -1.0), ("max_val", "max_val", 1.0))),
    "hardshrink": Known("hardshrink", (("lambd", "lambd", 0.5),)),
    "softshrink": Known("softshrink", (("lambd", "lambd", 0.5),)),
    "hardsigmoid": Known("hard_sigmoid"),
    "hardswish": Known("hard_swish"),
    **{word: Known(word) for word in ("relu", "relu6", "selu", "sigmoid", "tanh", "silu", "mish", "gelu", "softsign")},
    **{word: Known(word) for word in ("logsigmoid", "tanhshrink")},
}
_KNOWN_CLASS: Final = {word.replace("_", ""): known for word, known in _KNOWN.items()}
_WORD_OF: Final[dict[Any, str]] = {
    getattr(home, spelled): word
    for word in _KNOWN
    for home in (functional, torch, torch.Tensor)
    for spelled in (word, f"{word}_")
    if hasattr(home, spelled)
}
_TRANSFORMERS: Final = {  # classes of transformers.activations that write their formula out
    "GELUActivation": "gelu", "NewGELUActivation": "gelu_tanh", "PytorchGELUTanh": "gelu_tanh",
    "GELUTanh": "gelu_tanh", "FastGELUActivation": "gelu_tanh", "QuickGELUActivation": "quick_gelu",
    "SiLUActivation": "silu", "MishActivation": "mish", "LinearActivation": "identity",
    "ReLUSquaredActivation": "relu_squared",
}  # fmt: skip


def of_module(module: torch.nn.Module) -> functions.Activation | None:
    """The activation that `module` is, with its parameters; ``None`` where it is none that we know."""
    if isinstance(module, Activation):
        return module.activation
    kind = type(module)
    if kind.__module__ == "transformers.activations" and kind.__name__ in _TRANSFORMERS:
        return functions.get(_TRANSFORMERS[kind.__name__])
    if not kind.__module__.startswith("torch.nn.modules."):
        return None
    if kind.__name__ == "PReLU":
        return functions.get("prelu", alpha=float(module.weight.detach().mean()))  # type: ignore[operator]
    if kind.__name__ == "Identity":
        return functions.get("identity")
    known = _KNOWN_CLASS.get(kind.__name__.lower())
    if known is None:
        return None
    return _bound(known, module.__dict__)


def of_function(function: Any) -> functions.Activation | None:
    """The activation that a function is: ``F.relu``, or ``functools.partial(F.leaky_relu, negative_slope=0.2)``."""
    values: dict[str, Any] = {}
    if isinstance(function, functools.partial) and not function.args:
        function, values = function.func, function.keywords
    try:
        word = _WORD_OF.get(function)
    except TypeError:  # not hashable, so none of PyTorch's
        return None
    return None if word is None else _bound(_KNOWN[word], values)


def of_call(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> functions.Activation | None:
    """The activation that the call ``function(*args, **kwargs)`` computes of its first argument; ``None``: none."""
    word = _WORD_OF.get(function)
    if word is None:
        return None
    known = _KNOWN[word]
    values = {theirs: given for (theirs, _, _), given in zip(known.parameters, args[1:], strict=False)}
    return _bound(known, values | kwargs)


def activation_functions() -> frozenset[Any]:
    """Every function of PyTorch that `of_call` knows."""
    return frozenset(_WORD_OF)


def _bound(known: Known, values: dict[str, Any]) -> functions.Activation | None:
    name = known.name
    if name == "gelu" and values.get("approximate", "none") == "tanh":
        name = "gelu_tanh"
    try:
        return functions.get(name, **{ours: values.get(theirs, default) for theirs, ours, default in known.parameters})
    except UserError:  # a parameter outside of what the catalogue allows: a function we do not have
        return None


@dataclass(frozen=True)
class Call:
    """What is asked of the arguments of a call: (position, word, default, value) each. Plain data for compilers."""

    conditions: tuple[tuple[int, str, Any, Any], ...]
    in_place: bool


class Wanted:
    """What is to be replaced. A bare name of the catalogue stands for every setting of its parameters."""

    def __init__(self, old: str | functions.Activation) -> None:
        self.activation = functions.get(old)
        builtin = find(old.strip()) if isinstance(old, str) else None
        self._any_setting = builtin is not None and bool(builtin.parameters)
        self._builtin = builtin if builtin is not None else self.activation.builtin

    def __call__(self, found: functions.Activation | None) -> bool:
        """Whether `found` is what is wanted."""
        if found is None:
            return False
        return found == self.activation or (self._any_setting and found.builtin is self._builtin)

    def calls(self) -> dict[Any, Call]:
        """PyTorch's functions whose calls are wanted, where their arguments are right."""
        name = "gelu" if self.activation.name == "gelu_tanh" else None
        name = name or (self._builtin.name if self._builtin is not None else "")
        words = [word for word, known in _KNOWN.items() if known.name == name]
        found = {}
        for word in words:
            conditions: list[tuple[int, str, Any, Any]] = []
            if word == "gelu":
                tanh = self.activation.name == "gelu_tanh"
                conditions.append((-1, "approximate", "none", "tanh" if tanh else "none"))
            elif not self._any_setting:
                call = single_call(self.activation.name)
                values = call[1] if call is not None else {}
                for place, (theirs, ours, default) in enumerate(_KNOWN[word].parameters, 1):
                    conditions.append((place, theirs, default, values.get(ours, default)))
            for function, spelled in _WORD_OF.items():
                if spelled == word:
                    found[function] = Call(tuple(conditions), function.__name__.endswith("_"))
        return found

    def words(self) -> frozenset[str]:
        """The words of `calls`, with and without the underscore of in-place functions."""
        plain = {_WORD_OF[function] for function in self.calls()}
        return frozenset(plain | {f"{word}_" for word in plain})


def meets(call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the arguments of a call are those that `call` asks for."""
    for place, word, default, value in call.conditions:
        given = args[place] if 0 <= place < len(args) else kwargs.get(word, default)
        if given != value:
            return False
    return True
