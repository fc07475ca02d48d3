"""What is read of a call: z and a, scores, weights and their inputs, hidden states, losses; all goes to a `Record`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch

from actlab.doctor import calls
from actlab.doctor.gates import candidates
from actlab.doctor.origins import Origins, kernel_of
from actlab.doctor.readings import Site, Source
from actlab.doctor.sampling import all_finite, points
from actlab.doctor.slopes import Slope, slope_of
from actlab.doctor.weights import Fan, fan, fan_transposed
from actlab.functions import get

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab.doctor.record import Record

    Finish = Callable[[Any], None] | None

_FLOATS: Final = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


class Reader:
    """Reads the calls of one forward pass.

    A reading of a call gets the function and its arguments before the function runs, and returns what must be called
    with its result, or None.

    Attributes:
        record: where everything is written to.
        origins: which layer or activation made which tensor.
        path: the modules that are running, the innermost last.
        uses: calls with weights so far.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self.origins = Origins()
        self.path: list[str] = [""]
        self.uses = 0
        self._names = record.parameter_layers
        self._feeder, self._axis = "", -1
        self._since: dict[tuple[str, str], int] = {}  # calls since the last weights, by (path, function)
        self._last_seen = ""

    def before(self, func: Any, args: Any, kwargs: Any) -> Finish:
        """Read the arguments of a call that is about to run; what is returned is called with its result."""
        try:
            reading = self._reading(func)
        except TypeError:  # a function that cannot be looked up: none of PyTorch's own
            reading = self._other
        return reading(func, args, kwargs)

    def _reading(self, func: Any) -> Callable[[Any, Any, Any], Finish]:
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
        if func in calls.ACTIVATIONS or func in calls.RELU_LIKE or func in calls.PRELU or func in calls.SIGMOIDS:
            return self._elementwise
        return self._product if func in calls.PRODUCTS else self._other

    def readable(self, x: Any) -> bool:
        """Whether `x` is an ordinary tensor of floats whose numbers can be read."""
        if not isinstance(x, torch.Tensor) or x.dtype not in _FLOATS or x.numel() == 0:
            return False
        if torch._C._functorch.is_functorch_wrapped_tensor(x) or x.is_nested or x.layout != torch.strided:
            self.record.skip("wrapped", path=self.path[-1])
            return False
        return x.device.type != "meta"

    def _elementwise(self, func: Any, args: Any, kwargs: Any) -> Finish:
        x = args[0] if args else kwargs.get("input", kwargs.get("self"))
        if not self.readable(x):
            return None
        slope = slope_of(func, args, kwargs)
        if slope is None:
            return None
        if func is torch.nn.functional.glu:
            dim = args[1] if len(args) > 1 else kwargs.get("dim", -1)
            half = x.shape[dim] // 2
            return self.activation("glu", x.narrow(dim, half, half), slope, whole=x)
        return self.activation("prelu" if slope.per_unit is not None else slope.activation.name, x, slope)

    def activation(
        self, name: str, z: torch.Tensor, slope: Slope, whole: torch.Tensor | None = None
    ) -> Callable[[torch.Tensor], None]:
        """Read z now; what is returned reads a."""
        site = self._site(name)
        axis = self._units_axis(z)
        sampled = points(z, axis)
        flow = self.record.flow(site)
        self._check_finite(z, name, (), ())
        self._watch_gradient(z if whole is None else whole, flow.add_z)
        source = self.origins.source(z if whole is None else whole)

        def finish(a: torch.Tensor) -> None:
            same = a.shape == z.shape
            outputs = points(a, axis) if same else None
            self.record.activation(site, slope, sampled, outputs, self.uses, source)
            if self.readable(a):
                self.record.representation(site, a)
                self._watch_gradient(a, flow.add_a)
            self.origins.note(a, Source("site", site.layer, site))

        return finish

    def _site(self, name: str) -> Site:
        key = (self.path[-1], name)
        self._since[key] = self._since.get(key, 0) + 1
        return Site(self.path[-1], name, self._feeder, self._since[key])

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

    def _weights(self, func: Any, args: Any, kwargs: Any) -> Finish:
        kind, axis = calls.WEIGHTS[func]
        places = calls.WEIGHT_PLACE.get(func, (1,))
        given = [args[i] for i in places if i < len(args)] + [
            kwargs[w] for w in ("weight", "mat1", "mat2") if w in kwargs
        ]
        parameters = [(held, used) for used in given if (held := self._parameter(used)) is not None]
        if not parameters:
            if kind == "linear" and func not in calls.OF_LAYERS:  # two signals multiplied: attention
                return self._check_later(func, args)
            layer = self.path[-1]  # a norm without weights, or weights that are computed: weight norm
        else:
            layer = self._names[id(parameters[0][0])]
        inputs = [x for x in args if isinstance(x, torch.Tensor) and self._parameter(x) is None]
        before = self.origins.source(inputs[0]) if inputs and kind != "embedding" else None
        size = _fan(func, kind, *parameters[0], args, kwargs) if parameters else Fan(0, 0, False)
        self.uses += 1
        self.record.used(parameters[0][0] if parameters else None, kind, size, before, self.uses)
        if parameters:
            first = self.origins.before(kind, layer, before, kernel_of(func, kind, parameters[0][1], inputs))
            if first is not None:
                self.record.stacked(first[0], layer, size, first[1])

        def finish(out: Any) -> None:
            self._feeder, self._axis = layer, axis
            self._since.clear()
            if isinstance(out, torch.Tensor) and self.readable(out):
                self._check_finite(out, kind, inputs, [p for p, _ in parameters])
                self.origins.note(out, Source(kind, layer))
                if kind == "embedding":
                    self.record.embedded(out)

        return finish

    def _parameter(self, x: Any) -> torch.Tensor | None:
        """The parameter that `x` is, or is a view of (``weight.t()``, ``weight.squeeze(1)``)."""
        if id(x) in self._names:
            found: torch.Tensor = x
            return found
        base = x._base if isinstance(x, torch.Tensor) else None
        return base if id(base) in self._names else None

    def _check_later(self, func: Any, args: Any) -> Finish:
        inputs = [x for x in args if isinstance(x, torch.Tensor)]

        def finish(out: Any) -> None:
            if isinstance(out, torch.Tensor) and self.readable(out):
                self._check_finite(out, getattr(func, "__name__", ""), inputs, ())

        return finish

    def left(self, output: Any) -> None:
        """A module without children is left: if no call that is followed made its output, is it finite?"""
        if self.record.non_finite is not None or not isinstance(output, torch.Tensor):
            return
        if not self.origins.knows(output) and self.readable(output):
            self._check_finite(output, "", (), ())

    def _check_finite(self, out: torch.Tensor, name: str, inputs: Any, parameters: Any) -> None:
        if self.record.non_finite is None and not all_finite(out):
            self.record.not_finite(out, name, self.path[-1], inputs, parameters, self._last_seen)
        self._last_seen = self.path[-1]

    def _through(self, func: Any, args: Any, kwargs: Any) -> Finish:  # noqa: ARG002
        before = self.origins.source(args[0]) if args and isinstance(args[0], torch.Tensor) else None

        def finish(out: Any) -> None:
            if before is not None and isinstance(out, torch.Tensor):
                self.origins.note(out, before)

        return finish if before is not None else None

    def _other(self, func: Any, args: Any, kwargs: Any) -> Finish:  # noqa: ARG002
        layers = self.origins.layers_among(args)
        return lambda out: self.origins.used_elsewhere(layers, out)

    def _product(self, func: Any, args: Any, kwargs: Any) -> Finish:  # noqa: ARG002
        layers = self.origins.layers_among(args)

        def finish(out: Any) -> None:
            self.origins.used_elsewhere(layers, out)
            self.origins.multiplied(args, out)

        return finish

    # --- softmax, attention, recurrences, losses

    def _softmax(self, func: Any, args: Any, kwargs: Any) -> Finish:
        x = args[0] if args else kwargs.get("input")
        if not self.readable(x):
            return None
        dim = args[1] if len(args) > 1 else kwargs.get("dim")
        dim = x.dim() - 1 if dim is None else dim
        log = func in calls.LOG_SOFTMAX
        site = self._site("log_softmax" if log else "softmax")
        scores = points(x, dim) if x.dim() > 1 else None
        source, scorers = self.origins.source(x), self.origins.scorers((x,))

        def finish(out: torch.Tensor) -> None:
            self._check_finite(out, site.function, [x], ())
            if scores is not None and scores.shape[1] > 0:
                self.record.rows(site, "softmax", scores, self.uses, source, scorers)
            self.origins.note(out, Source("site", site.layer, site))

        return finish

    def _attention(self, func: Any, args: Any, kwargs: Any) -> Finish:  # noqa: ARG002
        from actlab.doctor.attention import scores_of

        site = self._site("attention")
        scores = scores_of(args, kwargs) if self.readable(args[0] if args else kwargs.get("query")) else None

        scorers = self.origins.scorers((*args[:2], *(kwargs[name] for name in ("query", "key") if name in kwargs)))

        def finish(out: torch.Tensor) -> None:
            if scores is not None:
                self.record.rows(site, "attention", scores, self.uses, None, scorers)
            self._check_finite(out, "attention", [x for x in args if isinstance(x, torch.Tensor)], ())

        return finish

    def _recurrent(self, func: Any, args: Any, kwargs: Any) -> Finish:  # noqa: ARG002
        name = calls.RECURRENT[func]
        self.uses += 1
        layer = self.path[-1]
        for held in args:
            for p in held if isinstance(held, list | tuple) else (held,):
                if id(p) in self._names:
                    self.record.used(p, "recurrent", Fan(0, 0, False), None, self.uses)
        self._feeder, self._axis = layer, -1
        self._since.clear()
        site = self._site(name)
        inside = candidates(name, args) if self.readable(args[0]) else None
        if inside is None:
            self.record.skip("fused", path=layer, function=name)
        for depth, z in enumerate(inside or (), 1):
            slope = Slope(get("relu" if "relu" in name else "tanh"))
            within = Site(layer, slope.activation.name, layer, depth)
            self.record.activation(within, slope, z, None, self.uses, None)

        def finish(out: Any) -> None:
            h = out[0] if isinstance(out, tuple) else out
            if self.readable(h):
                self._check_finite(h, name, [args[0]], [p for p in args if id(p) in self._names])
                self.record.recurrent(site, points(h, -1), self.uses)
                self.record.representation(site, h)
                self._watch_gradient(h, self.record.flow(site).add_a)
                self.origins.note(h, Source("recurrent", layer, site))

        return finish

    def _loss(self, func: Any, args: Any, kwargs: Any) -> Finish:
        prediction = args[0] if args else kwargs.get("input")
        target = args[1] if len(args) > 1 else kwargs.get("target")
        if self.readable(prediction) and isinstance(target, torch.Tensor):
            self.record.loss(calls.LOSSES[func], prediction, target, self.origins.source(prediction))
        return None


def _fan(func: Any, kind: str, parameter: torch.Tensor, used: torch.Tensor, args: Any, kwargs: Any) -> Fan:
    """The fan of `parameter`, which `func` got as `used`: itself, or a view of it."""
    if getattr(func, "__name__", "").startswith("conv_transpose"):
        stride = args[3] if len(args) > 3 else kwargs.get("stride", 1)
        groups = args[6] if len(args) > 6 else kwargs.get("groups", 1)
        return fan_transposed(tuple(used.shape), stride, groups)
    size = fan(tuple(used.shape), kind, func is torch.addmm)
    transposed = used is not parameter and used.dim() == 2 and used.stride() == parameter.stride()[::-1]
    return Fan(size.into, size.out, size.turned != transposed)
