"""Seeing one forward pass: every call of an activation, a softmax, a weight, a loss, and who calls it.

A `TorchFunctionMode` is on while the model's forward runs. It sees every function of PyTorch that is called from Python
(``F.relu(x)``, ``x.relu_()``, those inside ``nn.ReLU`` and ``nn.MultiheadAttention`` too) and hands each on as it is:
the same function, the same arguments, the same result object. What is read of a call is the `Reader`'s: z before it,
because in-place functions write over it, and a behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from actlab.doctor import calls
from actlab.doctor.reader import Reader
from actlab.doctor.slopes import Slope
from actlab.torch.recognise import of_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab.doctor.record import Record


class Tracer(TorchFunctionMode):
    """Watches one forward pass (and the loss, where it is called inside of ``with``), and writes to a `Record`."""

    def __init__(self, model: torch.nn.Module, record: Record) -> None:
        super().__init__()
        self._reader = Reader(record)
        self._muted = 0  # inside of an activation module that writes its formula out
        self._over = False
        self._hooks: list[Any] = []
        for path, module in model.named_modules():
            if not isinstance(module, torch.jit.ScriptModule):
                self._hooks += self._follow(path, module, module is model)

    # --- who calls

    def _follow(self, path: str, module: torch.nn.Module, is_root: bool) -> list[Any]:
        """Hooks by which the path of the running module is known; activations by formula are read as a whole."""
        if is_root:
            return []
        known = None if type(module).__module__.startswith("torch.nn.") else of_module(module)
        unseen = next(module.children(), None) is None and known is None
        started: list[Callable[[torch.Tensor], None] | None] = []

        def enter(_: Any, args: Any) -> None:
            self._reader.path.append(path)
            if known is not None:
                finish = None
                if not self._muted and args and self._reader.readable(args[0]):
                    with torch._C.DisableTorchFunction():
                        finish = self._reader.activation(known.name, args[0], Slope(known))
                started.append(finish)
                self._muted += 1

        def leave(_: Any, __: Any, output: Any) -> None:
            if unseen and not self._muted:
                with torch._C.DisableTorchFunction():
                    self._reader.left(output)
            if self._reader.path[-1] == path:
                self._reader.path.pop()
            if known is not None and started:
                self._muted -= 1
                finish = started.pop()
                if finish is not None and isinstance(output, torch.Tensor):
                    with torch._C.DisableTorchFunction():
                        finish(output)

        return [module.register_forward_pre_hook(enter), module.register_forward_hook(leave, always_call=True)]

    def pass_over(self) -> None:
        """The model's forward is over; what comes now (a loss) is not its own."""
        if not self._over:
            self._reader.record.pass_ended(self._reader.uses, self._reader.origins)
            self._over = True

    def start(self) -> None:
        """Begin to watch; `stop` must follow, whatever happens."""
        self.__enter__()  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        """Watch no more, take the hooks off the modules and forget the graph."""
        self.__exit__(None, None, None)  # type: ignore[no-untyped-call]
        self.pass_over()
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        self._reader.origins.clear()

    # --- what is called

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self._muted:
            return func(*args, **kwargs)
        composite = calls.COMPOSITES.get(func)
        if composite is not None:
            with self:  # the calls inside are seen too
                return composite(*args, **kwargs)
        finish = self._reader.before(func, args, kwargs)
        result = func(*args, **kwargs)
        if finish is not None:
            finish(result)
        return result
