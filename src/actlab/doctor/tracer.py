"""Seeing one forward pass: every call of an activation, a softmax, a weight, a loss, and who calls it.

A `TorchFunctionMode` is on while the model's forward runs. It sees every function of PyTorch that is called from Python
(``F.relu(x)``, ``x.relu_()``, those inside ``nn.ReLU`` and ``nn.MultiheadAttention`` too) and hands each on as it is:
the same function, the same arguments, the same result object. It reads z before the call, because in-place functions
write over it, and puts hooks on z and a that read the gradient when it comes by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from torch.overrides import TorchFunctionMode

from actlab.doctor import calls
from actlab.doctor.gates import candidates
from actlab.doctor.origins import Origins, kernel_of
from actlab.doctor.readings import Site, Source
from actlab.doctor.sampling import all_finite, points
from actlab.doctor.slopes import Slope, slope_of
from actlab.doctor.weights import Fan, fan, fan_transposed
from actlab.functions import get
from actlab.torch.recognise import of_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab.doctor.record import Record

_FLOATS: Final = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


class Tracer(TorchFunctionMode):
    """Watches one forward pass (and the loss, where it is called inside of ``with``), and writes to a `Record`."""

    def __init__(self, model: torch.nn.Module, record: Record) -> None:
        super().__init__()
        self._record = record
        self._names = record.parameter_layers
        self._path: list[str] = [""]
        self._muted = 0  # inside of an activation module that writes its formula out
        self._origins = Origins()
        self._feeder, self._axis = "", -1
        self._over = False
        self._uses = 0  # calls with weights so far
        self._since: dict[tuple[str, str], int] = {}  # calls since the last weights, by (path, function)
        self._hooks: list[Any] = []
        self._last_seen = ""
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
            self._path.append(path)
            if known is not None:
                finish = None
                if not self._muted and args and self._readable(args[0]):
                    with torch._C.DisableTorchFunction():
                        finish = self._activation(known.name, args[0], Slope(known))
                started.append(finish)
                self._muted += 1

        def leave(_: Any, __: Any, output: Any) -> None:
            if unseen and not self._muted:
                self._left(output)
            if self._path[-1] == path:
                self._path.pop()
            if known is not None and started:
                self._muted -= 1
                finish = started.pop()
                if finish is not None and isinstance(output, torch.Tensor):
                    with torch._C.DisableTorchFunction():
                        finish(output)

        return [module.register_forward_pre_hook(enter), module.register_forward_hook(leave, always_call=True)]

    def _left(self, output: Any) -> None:
        """A module without children is left: if no call that is followed made its output, is it finite?"""
        with torch._C.DisableTorchFunction():
            if self._record.non_finite is not None or not isinstance(output, torch.Tensor):
                return
            if not self._origins.knows(output) and self._readable(output):
                self._check_finite(output, "", (), ())

    def pass_over(self) -> None:
        """The model's forward is over; what comes now (a loss) is not its own."""
        if not self._over:
            self._record.pass_ended(self._uses, self._origins)
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
        self._origins.clear()

    # --- what is called

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self._muted:
            return func(*args, **kwargs)
        composite = calls.COMPOSITES.get(func)
        if composite is not None:
            with self:  # the calls inside are seen too
                return composite(*args, **kwargs)
        try:
            role = self._role(func)
        except TypeError:  # a function that cannot be looked up: none of PyTorch's own
            role = None
        if role is None:
            before = self._origins.layers_among(args)
            result = func(*args, **kwargs)
            self._origins.used_elsewhere(before, result)
            if func in calls.PRODUCTS:
                self._origins.multiplied(args, result)
            return result
        finish = role(func, args, kwargs)
        result = func(*args, **kwargs)
        if finish is not None:
            finish(result)
        return result

    def _role(self, func: Any) -> Any:
        if func in calls.WEIGHTS:
            return self._weights
        if func in calls.THROUGH:
            return self._through
        if func in calls.SOFTMAX or func in calls.LOG_SOFTMAX:
            return self._softmax
        if func is calls.ATTENTION:
            return self._attention
        if func in calls.RECURRENT:
            return self._recurrent
        if func in calls.LOSSES:
            return self._loss
        known = func in calls.ACTIVATIONS or func in calls.RELU_LIKE or func in calls.PRELU or func in calls.SIGMOIDS
        return self._elementwise if known else None

    def _readable(self, x: Any) -> bool:
        """Whether `x` is an ordinary tensor of floats whose numbers can be read."""
        if not isinstance(x, torch.Tensor) or x.dtype not in _FLOATS or x.numel() == 0:
            return False
        if torch._C._functorch.is_functorch_wrapped_tensor(x) or x.is_nested or x.layout != torch.strided:
            self._record.skip("wrapped", path=self._path[-1])
            return False
        return x.device.type != "meta"

    def _elementwise(self, func: Any, args: Any, kwargs: Any) -> Any:
        x = args[0] if args else kwargs.get("input", kwargs.get("self"))
        if not self._readable(x):
            return None
        slope = slope_of(func, args, kwargs)
        if slope is None:
            return None
        if func is torch.nn.functional.glu:
            dim = args[1] if len(args) > 1 else kwargs.get("dim", -1)
            half = x.shape[dim] // 2
            return self._activation("glu", x.narrow(dim, half, half), slope, whole=x)
        return self._activation("prelu" if slope.per_unit is not None else slope.activation.name, x, slope)

    def _activation(
        self, name: str, z: torch.Tensor, slope: Slope, whole: torch.Tensor | None = None
    ) -> Callable[[torch.Tensor], None]:
        """Read z now; what is returned reads a."""
        site = self._site(name)
        axis = self._units_axis(z)
        sampled = points(z, axis)
        flow = self._record.flow(site)
        self._check_finite(z, name, (), ())
        self._watch_gradient(z if whole is None else whole, flow.add_z)
        source = self._origins.source(z if whole is None else whole)

        def finish(a: torch.Tensor) -> None:
            same = a.shape == z.shape
            outputs = points(a, axis) if same else None
            self._record.activation(site, slope, sampled, outputs, self._uses, source)
            if self._readable(a):
                self._record.representation(site, a)
                self._watch_gradient(a, flow.add_a)
            self._origins.note(a, Source("site", site.layer, site))

        return finish

    def _site(self, name: str) -> Site:
        key = (self._path[-1], name)
        self._since[key] = self._since.get(key, 0) + 1
        return Site(self._path[-1], name, self._feeder, self._since[key])

    def _units_axis(self, z: torch.Tensor) -> int:
        """The axis of the units: channels behind a convolution, else the last; pictures without one: channels."""
        if self._axis == 1 and z.dim() > 2:
            return 1
        return 1 if not self._feeder and z.dim() >= 4 else -1

    def _watch_gradient(self, x: torch.Tensor, read: Callable[[float], None]) -> None:
        if not x.requires_grad:
            return

        def hook(gradient: torch.Tensor) -> None:
            norm = torch.linalg.vector_norm(gradient.detach(), dtype=torch.promote_types(gradient.dtype, torch.float32))
            read(float(norm))

        x.register_hook(hook)  # type: ignore[no-untyped-call]

    # --- weights, and what made a tensor

    def _weights(self, func: Any, args: Any, kwargs: Any) -> Any:
        kind, axis = calls.WEIGHTS[func]
        places = calls.WEIGHT_PLACE.get(func, (1,))
        given = [args[i] for i in places if i < len(args)] + [
            kwargs[w] for w in ("weight", "mat1", "mat2") if w in kwargs
        ]
        parameters = [(held, used) for used in given if (held := self._parameter(used)) is not None]
        if not parameters:
            if kind == "linear" and func not in calls.OF_LAYERS:  # two signals multiplied: attention
                return self._check_later(func, args)
            layer = self._path[-1]  # a norm without weights, or weights that are computed: weight norm
        else:
            layer = self._names[id(parameters[0][0])]
        inputs = [x for x in args if isinstance(x, torch.Tensor) and self._parameter(x) is None]
        before = self._origins.source(inputs[0]) if inputs and kind != "embedding" else None
        size = _fan(func, kind, *parameters[0], args, kwargs) if parameters else Fan(0, 0, False)
        self._uses += 1
        self._record.used(parameters[0][0] if parameters else None, kind, size, before, self._uses)
        if parameters:
            first = self._origins.before(kind, layer, before, kernel_of(func, kind, parameters[0][1], inputs))
            if first is not None:
                self._record.stacked(first[0], layer, size, first[1])

        def finish(out: Any) -> None:
            self._feeder, self._axis = layer, axis
            self._since.clear()
            if isinstance(out, torch.Tensor) and self._readable(out):
                self._check_finite(out, kind, inputs, [p for p, _ in parameters])
                self._origins.note(out, Source(kind, layer))
                if kind == "embedding":
                    self._record.embedded(out)

        return finish

    def _parameter(self, x: Any) -> torch.Tensor | None:
        """The parameter that `x` is, or is a view of (``weight.t()``, ``weight.squeeze(1)``)."""
        if id(x) in self._names:
            found: torch.Tensor = x
            return found
        base = x._base if isinstance(x, torch.Tensor) else None
        return base if id(base) in self._names else None

    def _check_later(self, func: Any, args: Any) -> Any:
        inputs = [x for x in args if isinstance(x, torch.Tensor)]

        def finish(out: Any) -> None:
            if isinstance(out, torch.Tensor) and self._readable(out):
                self._check_finite(out, getattr(func, "__name__", ""), inputs, ())

        return finish

    def _check_finite(self, out: torch.Tensor, name: str, inputs: Any, parameters: Any) -> None:
        if self._record.non_finite is None and not all_finite(out):
            self._record.not_finite(out, name, self._path[-1], inputs, parameters, self._last_seen)
        self._last_seen = self._path[-1]

    def _through(self, func: Any, args: Any, kwargs: Any) -> Any:  # noqa: ARG002
        before = self._origins.source(args[0]) if args and isinstance(args[0], torch.Tensor) else None

        def finish(out: Any) -> None:
            if before is not None and isinstance(out, torch.Tensor):
                self._origins.note(out, before)

        return finish if before is not None else None

    # --- softmax, attention, recurrences, losses

    def _softmax(self, func: Any, args: Any, kwargs: Any) -> Any:
        x = args[0] if args else kwargs.get("input")
        if not self._readable(x):
            return None
        dim = args[1] if len(args) > 1 else kwargs.get("dim")
        dim = x.dim() - 1 if dim is None else dim
        log = func in calls.LOG_SOFTMAX
        site = self._site("log_softmax" if log else "softmax")
        scores = points(x, dim) if x.dim() > 1 else None
        source, scorers = self._origins.source(x), self._origins.scorers((x,))

        def finish(out: torch.Tensor) -> None:
            self._check_finite(out, site.function, [x], ())
            if scores is not None and scores.shape[1] > 0:
                self._record.rows(site, "softmax", scores, self._uses, source, scorers)
            self._origins.note(out, Source("site", site.layer, site))

        return finish

    def _attention(self, func: Any, args: Any, kwargs: Any) -> Any:  # noqa: ARG002
        from actlab.doctor.attention import scores_of

        site = self._site("attention")
        scores = scores_of(args, kwargs) if self._readable(args[0] if args else kwargs.get("query")) else None

        scorers = self._origins.scorers((*args[:2], *(kwargs[name] for name in ("query", "key") if name in kwargs)))

        def finish(out: torch.Tensor) -> None:
            if scores is not None:
                self._record.rows(site, "attention", scores, self._uses, None, scorers)
            self._check_finite(out, "attention", [x for x in args if isinstance(x, torch.Tensor)], ())

        return finish

    def _recurrent(self, func: Any, args: Any, kwargs: Any) -> Any:  # noqa: ARG002
        name = calls.RECURRENT[func]
        self._uses += 1
        layer = self._path[-1]
        for held in args:
            for p in held if isinstance(held, list | tuple) else (held,):
                if id(p) in self._names:
                    self._record.used(p, "recurrent", Fan(0, 0, False), None, self._uses)
        self._feeder, self._axis = layer, -1
        self._since.clear()
        site = self._site(name)
        inside = candidates(name, args) if self._readable(args[0]) else None
        if inside is None:
            self._record.skip("fused", path=layer, function=name)
        for depth, z in enumerate(inside or (), 1):
            slope = Slope(get("relu" if "relu" in name else "tanh"))
            within = Site(layer, slope.activation.name, layer, depth)
            self._record.activation(within, slope, z, None, self._uses, None)

        def finish(out: Any) -> None:
            h = out[0] if isinstance(out, tuple) else out
            if self._readable(h):
                self._check_finite(h, name, [args[0]], [p for p in args if id(p) in self._names])
                self._record.recurrent(site, points(h, -1), self._uses)
                self._record.representation(site, h)
                self._watch_gradient(h, self._record.flow(site).add_a)
                self._origins.note(h, Source("recurrent", layer, site))

        return finish

    def _loss(self, func: Any, args: Any, kwargs: Any) -> Any:
        prediction = args[0] if args else kwargs.get("input")
        target = args[1] if len(args) > 1 else kwargs.get("target")
        if self._readable(prediction) and isinstance(target, torch.Tensor):
            self._record.loss(calls.LOSSES[func], prediction, target, self._origins.source(prediction))


def _fan(func: Any, kind: str, parameter: torch.Tensor, used: torch.Tensor, args: Any, kwargs: Any) -> Fan:
    """The fan of `parameter`, which `func` got as `used`: itself, or a view of it."""
    if getattr(func, "__name__", "").startswith("conv_transpose"):
        stride = args[3] if len(args) > 3 else kwargs.get("stride", 1)
        groups = args[6] if len(args) > 6 else kwargs.get("groups", 1)
        return fan_transposed(tuple(used.shape), stride, groups)
    size = fan(tuple(used.shape), kind, func is torch.addmm)
    transposed = used is not parameter and used.dim() == 2 and used.stride() == parameter.stride()[::-1]
    return Fan(size.into, size.out, size.turned != transposed)
