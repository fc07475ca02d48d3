"""actlab for ONNX: any activation as a model of standard operators, and models of PyTorch that contain activations.

Importing this imports onnx. `export` of a PyTorch module needs torch and onnxscript too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import actlab.functions.activation as functions
from actlab.functions.build import bind
from actlab.functions.losing import loses
from actlab.functions.portable import portable
from actlab.functions.printed import Table, printed, run
from actlab.text import UserError

try:
    import onnx  # type: ignore[import-not-found, unused-ignore]  # an extra: often not there when types are checked
    from onnx import TensorProto, helper, numpy_helper  # type: ignore[import-not-found, unused-ignore]
except ModuleNotFoundError:
    raise UserError("frameworks.missing", package="ONNX", extra="onnx") from None

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["export", "model", "network"]

OPSET: Final = 17
_NETWORK_OPSET: Final = 20  # has Gelu and Mish
_NETWORK_IR: Final = 9
_IR_VERSION: Final = 8  # that of opset 17: older runtimes read it
_SINGLE: Final = ("Erf", "Atan", "Sin", "Cos")
_DTYPES: Final = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}


def model(activation: str | functions.Activation, *, dtype: str = "float32", **values: float) -> Any:
    """An activation as an ONNX model with one input ``x`` and one output ``y``, both of any shape.

    Args:
        activation: what `actlab.get` takes; `values` are its parameters, by name.
        dtype: ``"float32"`` or ``"float64"``, of input and output. Runtimes know float64 for few operators.

    Returns:
        An ``onnx.ModelProto`` of standard operators (opset 17).

    Guarantees: printed operations in forms that hold in any runtime; in onnxruntime 1.31 every built-in is within 1e-6
        relative of the exact value in [−10, 10]. A formula that would lose more in float32 (x − tanh x) is computed
        in float64 inside. Limits at ±∞ are kept, NaN gives NaN; the sign of zero is the runtime's affair.

    Raises:
        UserError: for what `actlab.get` refuses, and for another dtype.
    """
    if dtype not in _DTYPES:
        raise UserError("frameworks.onnx_dtype", dtype=str(dtype)[:40])
    found = functions.get(activation, **values)
    graph = _Graph(np.dtype(dtype))
    x = _Node(graph, "x")
    if dtype == "float32" and loses(found.expression):
        graph.dtype = np.dtype(np.float64)
        result = run(printed(found.expression, graph.table()), graph.cast(x, TensorProto.DOUBLE))
        graph.cast(result, TensorProto.FLOAT, name="y")
    else:
        graph.add("Identity", run(printed(found.expression, graph.table()), x), name="y")
    ports = [helper.make_tensor_value_info(name, _DTYPES[dtype], None) for name in ("x", "y")]
    body = helper.make_graph(graph.nodes, "activation", ports[:1], ports[1:], graph.constants)
    made = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="actlab")
    made.ir_version = _IR_VERSION
    made.doc_string = found.name
    return made


#: Built-ins that are one operator of ONNX (opset 20) with its numbers at their defaults: what an exporter would write.
_OPERATORS: Final = {
    "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "elu": "Elu", "leaky_relu": "LeakyRelu", "selu": "Selu",
    "softplus": "Softplus", "softsign": "Softsign", "gelu": "Gelu", "mish": "Mish", "celu": "Celu",
    "hard_swish": "HardSwish", "erf": "Erf",
}  # fmt: skip


def network(
    layers: Sequence[tuple[Any, Any]],
    activations: Sequence[functions.Activation],
    learned: Sequence[dict[str, float]] = (),
) -> Any:
    """A fully connected net as an ONNX model with input ``x`` (batch, features) and output ``y`` (batch, outputs).

    Args:
        layers: weights (fan_in, fan_out) and biases (fan_out,) of every layer, float32; None for no biases.
        activations: φ of the first layers; what stands behind the last of them is linear. Those with an operator of
            their own (Relu, Gelu, …) use it; all others are written in the operators of `model`.
        learned: for each activation the values of its learned numbers, by name; nothing where it has none.

    Returns:
        An ``onnx.ModelProto`` (opset 20), a Gemm a layer.
    """
    graph = _Graph(np.dtype(np.float32))
    value = _Node(graph, "x")
    for k, (weights, biases) in enumerate(layers):
        operands = [value, graph.array(f"W{k}", weights), *([] if biases is None else [graph.array(f"b{k}", biases)])]
        value = graph.add("Gemm", *operands)
        if k < len(activations):
            value = graph.activated(activations[k], value, learned[k] if k < len(learned) else {})
    graph.nodes[-1].output[0] = "y"
    return _finished(graph, len(layers[0][0]), int(np.shape(layers[-1][0])[1]))


def dense(weights: Any, biases: Any, activation: functions.Activation | None) -> Any:
    """One layer φ(x·W + b) as an ONNX model, without φ for None; as `network` has it."""
    return network([(weights, biases)], () if activation is None else (activation,))


def elementwise(activation: functions.Activation) -> Any:
    """φ alone as an ONNX model, by its own operator where there is one; ``x`` and ``y`` of one dimension."""
    graph = _Graph(np.dtype(np.float32))
    graph.activated(activation, _Node(graph, "x"), {})
    graph.nodes[-1].output[0] = "y"
    return _finished(graph)


def _finished(graph: _Graph, *sizes: int) -> Any:
    """The model of a graph with ports ``x`` and ``y``, (batch, size) each, or (batch,) without sizes."""
    shapes: list[list[str | int | None]] = [["batch", size] for size in sizes] or [["batch"], ["batch"]]
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in zip("xy", shapes, strict=True)
    ]
    body = helper.make_graph(graph.nodes, "network", ports[:1], ports[1:], graph.constants)
    made = helper.make_model(body, opset_imports=[helper.make_opsetid("", _NETWORK_OPSET)], producer_name="actlab")
    made.ir_version = _NETWORK_IR
    return made


def export(
    what: Any, path: str | os.PathLike[str], example: Any = None, *, dtype: str = "float32", **values: float
) -> None:
    """Write an activation, or a PyTorch module that contains activations, as an ONNX file.

    Args:
        what: what `actlab.get` takes, an `actlab.torch.Activation`, or any ``torch.nn.Module``.
        path: the file to write.
        example: for a module, its input, or a tuple of inputs; the shapes of the file are those of the example.
        dtype, values: for an activation, as in `model`.

    Raises:
        UserError: as `model`, and for a module without an example.
    """
    if isinstance(what, str | functions.Activation):
        onnx.save(model(what, dtype=dtype, **values), os.fspath(path))
        return
    inner = getattr(what, "activation", None)
    if example is None:
        if not isinstance(inner, functions.Activation):
            raise UserError("frameworks.onnx_example", kind=type(what).__name__)
        onnx.save(model(inner, dtype=dtype), os.fspath(path))
        return
    import torch

    inputs = example if isinstance(example, tuple) else (example,)
    torch.onnx.export(what, inputs, os.fspath(path), dynamo=True, verbose=False)


class _Graph:
    """Nodes and constants in the making."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._known: dict[str, _Node] = {}

    def constant(self, value: float) -> _Node:
        key = float(value).hex()
        if key not in self._known:
            self._known[key] = _Node(self, f"c{len(self._known)}")
            array = np.asarray(value, dtype=self.dtype)
            self.constants.append(numpy_helper.from_array(array, self._known[key].name))
        return self._known[key]

    def add(self, operator: str, *operands: Any, name: str | None = None) -> _Node:
        nodes = [operand if isinstance(operand, _Node) else self.constant(operand) for operand in operands]
        result = _Node(self, name or f"v{len(self.nodes)}")
        self.nodes.append(helper.make_node(operator, [node.name for node in nodes], [result.name]))
        return result

    def array(self, name: str, values: Any) -> _Node:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=self.dtype), name))
        return _Node(self, name)

    def activated(self, activation: functions.Activation, x: _Node, learned: dict[str, float]) -> _Node:
        """φ(x): one operator where there is one, else the printed formula."""
        name = activation.builtin.name if activation.builtin is not None else ""
        if not learned and name in (*_OPERATORS, "silu") and activation == functions.get(name):
            return x * self.add("Sigmoid", x) if name == "silu" else self.add(_OPERATORS[name], x)
        expression = bind(activation.open_expression, learned) if learned else activation.expression
        table: Any = self.table()
        return self.add("Identity", run(printed(expression, table), x))

    def cast(self, node: _Node, kind: int, name: str | None = None) -> _Node:
        result = self.add("Cast", node, name=name)
        self.nodes[-1].attribute.append(helper.make_attribute("to", kind))
        return result

    def table(self) -> Table:
        """The primitives of the language as nodes of this graph."""
        wide = self.dtype == np.float64

        def op(name: str) -> Any:
            if wide and name in _SINGLE:  # runtimes have these for float32 only
                return lambda u: self.cast(self.add(name, self.cast(u, TensorProto.FLOAT)), TensorProto.DOUBLE)
            return lambda *operands: self.add(name, *operands)

        def sign(u: _Node) -> _Node:
            return self.add("Where", self.add("Equal", u, u), self.add("Sign", u), u)  # of NaN it is NaN

        def sech2(u: _Node) -> _Node:
            t = self.add("Exp", self.add("Abs", u) * -2.0)
            return 4.0 * t / ((1.0 + t) * (1.0 + t))

        def softplus(u: _Node) -> Any:
            return self.add("Max", u, 0.0) + stable["log1p"](self.add("Exp", self.add("Abs", u) * -1.0))

        stable = portable(
            exp=op("Exp"), log=op("Log"), absolute=op("Abs"), floor=op("Floor"), tanh=op("Tanh"), minimum=op("Min"),
            where=op("Where"),
        )  # fmt: skip
        return {
            "neg": op("Neg"), "add": op("Add"), "sub": op("Sub"), "mul": op("Mul"), "div": op("Div"), "pow": op("Pow"),
            "min": op("Min"), "max": op("Max"), "abs": op("Abs"), "sign": sign, "exp": op("Exp"), "log": op("Log"),
            "sqrt": op("Sqrt"), "tanh": op("Tanh"), "softplus": softplus if wide else op("Softplus"),
            "erf": op("Erf"), "sech2": sech2,
            "atan": op("Atan"), "sin": op("Sin"), "cos": op("Cos"), "lt": op("Less"), "le": op("LessOrEqual"),
            "eq": op("Equal"), "ne": lambda u, v: self.add("Not", self.add("Equal", u, v)), "where": op("Where"),
            "constant": lambda x, value: self.add("Expand", value, self.add("Shape", x)), "copy": op("Identity"),
            **stable,
        }  # fmt: skip


class _Node:
    """A value of a graph, with the arithmetic that `portable` writes."""

    __hash__ = None  # type: ignore[assignment]  # == makes a node

    def __init__(self, graph: _Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def __add__(self, other: Any) -> _Node:
        return self.graph.add("Add", self, other)

    def __radd__(self, other: Any) -> _Node:
        return self.graph.add("Add", other, self)

    def __sub__(self, other: Any) -> _Node:
        return self.graph.add("Sub", self, other)

    def __rsub__(self, other: Any) -> _Node:
        return self.graph.add("Sub", other, self)

    def __mul__(self, other: Any) -> _Node:
        return self.graph.add("Mul", self, other)

    def __rmul__(self, other: Any) -> _Node:
        return self.graph.add("Mul", other, self)

    def __truediv__(self, other: Any) -> _Node:
        return self.graph.add("Div", self, other)

    def __rtruediv__(self, other: Any) -> _Node:
        return self.graph.add("Div", other, self)

    def __lt__(self, other: Any) -> _Node:
        return self.graph.add("Less", self, other)

    def __eq__(self, other: Any) -> Any:
        return self.graph.add("Equal", self, other)
