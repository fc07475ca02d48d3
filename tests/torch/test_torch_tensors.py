"""Tensors through the core: the bits of NumPy's path, every layout and dtype, gradients of any order."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from actlab.functions import get, names  # noqa: E402
from actlab.functions.printed import run  # noqa: E402
from actlab.text import UserError  # noqa: E402
from actlab.torch import Activation  # noqa: E402
from actlab.torch.differentiate import rounded, steps  # noqa: E402

FORMULA = "x*tanh(softplus(x))**2"
EVERY = (*names(), FORMULA)
SMOOTH = tuple(name for name in EVERY if not get(name).facts.switch_points)
ENDS = (math.inf, -math.inf, math.nan, 0.0, -0.0, 1e-45, -1e-40, 3e38, -3e38, 88.8, -104.0, 16.7, -5.6)


def points(dtype: torch.dtype) -> torch.Tensor:
    return torch.cat([torch.tensor(ENDS, dtype=dtype), torch.linspace(-30, 30, 2001, dtype=dtype)])


def same_bits(found: torch.Tensor, wanted: np.ndarray) -> bool:
    bits = {4: np.uint32, 8: np.uint64}[wanted.dtype.itemsize]
    left, right = found.detach().numpy(), np.asarray(wanted)
    nan = np.isnan(right)
    return left.dtype == right.dtype and bool(
        (np.isnan(left) == nan).all() and (left.view(bits)[~nan] == right.view(bits)[~nan]).all()
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", EVERY)
def test_bits_of_numpy(name, dtype):
    f, x = get(name), points(dtype)
    assert same_bits(f(x), f(x.numpy()))
    assert same_bits(f.derivative(x), f.derivative(x.numpy()))
    value, slope = f.value_and_derivative(x)
    assert same_bits(value, f.value_and_derivative(x.numpy())[0])
    assert same_bits(slope, f.value_and_derivative(x.numpy())[1])
    tracked = x.clone().requires_grad_()
    found = f(tracked)
    assert same_bits(found, f(x.numpy()))
    found.sum().backward()
    assert same_bits(tracked.grad, f.derivative(x.numpy()))


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients_of_two_orders(name):
    f = get(name)
    torch.manual_seed(0)
    x = torch.randn(12, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(f, x, check_batched_grad=True)
    assert torch.autograd.gradgradcheck(f, x)
    assert torch.autograd.gradcheck(f.derivative, x)


def test_forward_mode():
    x = torch.randn(5, dtype=torch.float64)
    for name in ("gelu", "relu", FORMULA):
        f = get(name)
        value, tangent = torch.func.jvp(f, (x,), (torch.full_like(x, 2.0),))
        assert torch.equal(value, f(x))
        assert torch.equal(tangent, 2 * f.derivative(x))


def test_any_order():
    """The fifth derivative of sin is cos."""
    x = torch.linspace(-3, 3, 11, dtype=torch.float64, requires_grad=True)
    y = get("sin(x)")(x)
    for _ in range(5):
        (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    torch.testing.assert_close(y, torch.cos(x), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("name", EVERY)
def test_printed_operations_are_near(name):
    """float64 printed operations against the core, where the plain tree does not cancel."""
    f = get(name)
    x = torch.linspace(-4, 4, 801, dtype=torch.float64)
    x = x[x.abs() > 0.1]
    for order, wanted in ((0, f(x)), (1, f.derivative(x))):
        found = run(steps(f.expression, order), x)
        assert found.dtype == x.dtype
        torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", SMOOTH)
def test_derivative_is_that_of_autograd(name):
    """Autograd through the printed operations, which knows nothing of our derivative."""
    f = get(name)
    x = torch.linspace(-4, 4, 500, dtype=torch.float64, requires_grad=True)  # no point at 0: printed |x| has a kink
    (wanted,) = torch.autograd.grad(run(steps(f.expression, 0), x).sum(), x)
    torch.testing.assert_close(f.derivative(x.detach()), wanted, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("exported", [False, True])
@pytest.mark.parametrize("name", EVERY)
def test_printed_ends(name, exported):
    """At ±∞ the limit and at NaN NaN, as in the core; slopes too."""
    f = get(name)
    x = torch.tensor([math.inf, -math.inf, math.nan])
    np.testing.assert_array_equal(run(steps(f.expression, 0, exported), x).numpy(), f(x.numpy()))
    np.testing.assert_array_equal(run(steps(f.expression, 1, exported), x).numpy(), f.derivative(x.numpy()))


def test_left_slope_at_kinks():
    zero = torch.zeros(3, requires_grad=True)
    for name, slope in (("relu", 0.0), ("leaky_relu", 0.01), ("max(x, 0)", 0.0), ("abs(x)", 0.0)):
        zero.grad = None
        get(name)(zero).sum().backward()
        assert zero.grad.tolist() == pytest.approx([slope] * 3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.randn(3, 4, 5, 6).to(memory_format=torch.channels_last),
        lambda: torch.randn(7, 5).t(),
        lambda: torch.randn(9, 8)[::2, 1::3],
        lambda: torch.randn(5, 1).expand(5, 4),
        lambda: torch.tensor(0.7),
        lambda: torch.empty(0, 3),
        lambda: torch.randn(3, 0, 2).permute(2, 0, 1),
        lambda: torch.nn.Parameter(torch.randn(4)),
        lambda: torch.imag(torch.randn(4, dtype=torch.complex64).conj()),
        lambda: torch.randn(10)[3:],
    ],
)
def test_layouts(make):
    torch.manual_seed(0)
    x, f = make(), get("gelu")
    y = f(x)
    assert y.shape == x.shape
    assert same_bits(y, f(x.detach().clone(memory_format=torch.contiguous_format).numpy()))
    if x.numel() and x.is_contiguous(memory_format=torch.channels_last) if x.dim() == 4 else False:
        assert y.stride() == x.stride()
    assert type(y) is torch.Tensor


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["gelu", "relu", "tanh", FORMULA])
def test_halves_are_rounded_once(name, dtype):
    f, m = get(name), Activation(name)
    x = torch.linspace(-6, 6, 501).to(dtype).requires_grad_()
    y = f(x)
    assert y.dtype == dtype
    assert torch.equal(y, f(x.detach().float()).to(dtype))
    y.sum().backward()
    assert torch.equal(x.grad, f.derivative(x.detach().float()).to(dtype))
    printed = rounded(steps(f.expression, 0), x.detach())
    torch.testing.assert_close(printed, m(x.detach()), rtol=2**-7 if dtype == torch.bfloat16 else 2**-10, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool])
def test_whole_numbers(dtype):
    x = torch.tensor([0, 1, 1]).to(dtype)
    assert torch.equal(get("gelu")(x), get("gelu")(x.float()))
    assert get("gelu").value_and_derivative(x)[1].dtype == torch.float32


def test_what_is_refused():
    f = get("gelu")
    for x, key in (
        (torch.randn(2, dtype=torch.complex64), "frameworks.dtype"),
        (torch.zeros(2).to(torch.float8_e4m3fn), "frameworks.dtype"),
        (torch.eye(2).to_sparse(), "frameworks.layout"),
    ):
        for call in (f, f.derivative, f.value_and_derivative):
            with pytest.raises(UserError) as caught:
                call(x)
            assert caught.value.key == key
            assert str(caught.value)


def test_other_devices_and_subclasses_run_printed_operations():
    class Mine(torch.Tensor):
        pass

    f = get("gelu")
    assert f(torch.empty(3, 4, device="meta")).shape == (3, 4)
    mine = torch.randn(4).as_subclass(Mine)
    assert isinstance(f(mine), Mine)
    torch.testing.assert_close(f(mine).as_subclass(torch.Tensor), f(mine.as_subclass(torch.Tensor)))
    with torch._subclasses.FakeTensorMode():
        assert f(torch.empty(2, 5)).shape == (2, 5)
        assert f.value_and_derivative(torch.empty(2, 5))[1].shape == (2, 5)


def test_in_torch_func():
    f = get("gelu")
    x = torch.randn(3, 4, dtype=torch.float64)
    assert torch.equal(torch.vmap(f)(x), f(x))
    assert torch.equal(torch.vmap(f, in_dims=1, out_dims=1)(x), f(x))
    gradients = torch.vmap(torch.func.grad(lambda row: f(row).sum()))(x)
    assert torch.equal(gradients, f.derivative(x))
    both = torch.vmap(lambda row: f.value_and_derivative(row)[1])(x)
    assert torch.equal(both, f.derivative(x))


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors is in prototype:UserWarning")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_nested(layout):
    f = get("gelu")
    parts = [torch.randn(3, 2), torch.randn(5, 2)]
    x = torch.nested.nested_tensor(parts, layout=layout, requires_grad=True)
    for found, call in ((f(x), f), (f.derivative(x), f.derivative), (f.value_and_derivative(x)[1], f.derivative)):
        assert found.is_nested
        assert all(torch.equal(y, call(part)) for y, part in zip(found.unbind(), parts, strict=True))
    assert (x + f(x)).is_nested
    f(x).unbind()[0].sum().backward()
    assert torch.equal(x.grad.unbind()[0], f.derivative(parts[0]))


def test_no_grad_and_inference():
    f, x = get("mish"), torch.randn(4, requires_grad=True)
    with torch.no_grad():
        assert not f(x).requires_grad
        assert not f.value_and_derivative(x)[0].requires_grad
    with torch.inference_mode():
        assert torch.equal(f(x), f(x.detach()))


def test_nothing_is_imported_unless_used():
    code = (
        "import sys, numpy, actlab\n"
        "f = actlab.get('gelu'); f(numpy.ones(3)); f(1.0); f([1, 2])\n"
        "loaded = [m for m in ('torch', 'jax', 'onnx') if m in sys.modules]\n"
        "assert not loaded, loaded\n"
        "import torch\n"
        "f(torch.ones(3)); assert 'jax' not in sys.modules and 'onnx' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.parametrize("package", ["torch", "jax", "onnx"])
def test_a_missing_package_is_one_sentence(package):
    code = (
        "import sys, actlab\n"
        f"sys.modules[{package!r}] = None\n"
        "try:\n"
        f"    actlab.{package}\n"
        "except actlab.UserError as error:\n"
        f"    assert 'actlab[{package}]' in str(error), error\n"
        "else:\n"
        "    raise AssertionError\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
