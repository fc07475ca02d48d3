"""Where code calls an activation as a function: read off its bytecode, without running or tracing anything.

The scan follows a module's forward into methods and functions that it names. What it sees are names: a function
fetched by ``getattr`` with a computed name stays unseen.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any, Final

import torch

from actlab.torch.swap import original_class

_NOT_READ: Final = ("torch", "actlab", "numpy")
_LARGEST: Final = 200  # functions followed from one forward


@dataclass(frozen=True)
class Site:
    """A call: the word that is called, and the file and line where."""

    word: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.word} ({self.file}:{self.line})"


def sites(module: torch.nn.Module, words: frozenset[str]) -> list[Site]:
    """The calls of `words` in the forward of `module` and in what it calls, other modules left out."""
    kind = original_class(module)
    if kind.__module__.partition(".")[0] in _NOT_READ:
        return []
    forward = module.__dict__.get("forward", kind.forward)
    found: dict[Site, None] = {}
    seen: set[CodeType] = set()
    queue = [forward]
    while queue and len(seen) < _LARGEST:
        function = _plain(queue.pop())
        if function is None or function.__code__ in seen:
            continue
        for code in _codes(function.__code__):
            seen.add(code)
            for site, called in _read(code, function, module, words):
                if site is not None:
                    found[site] = None
                if called is not None:
                    queue.append(called)
    return sorted(found, key=lambda site: (site.file, site.line))


def _plain(function: Any) -> FunctionType | None:
    """The Python function behind `function`, unless it is PyTorch's own or ours."""
    while isinstance(function, MethodType):
        function = function.__func__
    if not isinstance(function, FunctionType) or (function.__module__ or "").partition(".")[0] in _NOT_READ:
        return None
    return function


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _read(
    code: CodeType, function: FunctionType, module: torch.nn.Module, words: frozenset[str]
) -> Iterator[tuple[Site | None, Any]]:
    """Calls of `words`, and functions to be read next."""
    own = code.co_varnames[0] if code.co_argcount else ""
    closure = dict(zip(code.co_freevars, function.__closure__ or (), strict=False)) if code is function.__code__ else {}
    at_self = False
    for instruction in dis.get_instructions(code):
        name, line = instruction.argval, instruction.positions.lineno if instruction.positions else None
        site = Site(str(name), Path(code.co_filename).name, line or 0)
        if instruction.opname.startswith("LOAD_FAST"):
            at_self = name == own
            continue
        if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            if at_self:  # an attribute of the module: a child (it has a forward of its own), a method, a function
                held = getattr(module, str(name), None)
                yield None, (None if isinstance(held, torch.nn.Module) else held)
            elif name in words:
                yield site, None
        elif instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            held = function.__globals__.get(str(name))
            if name in words and _plain(held) is None and callable(held):
                yield site, None
            yield None, held
        elif instruction.opname == "LOAD_DEREF" and name in closure:
            try:
                yield None, closure[name].cell_contents
            except ValueError:  # a cell that is still empty
                continue
        at_self = False
