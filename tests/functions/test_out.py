"""`out=`: results in arrays of the caller, the same bits as in new ones; a sentence for every array that is unfit."""

import numpy as np
import pytest

from actlab.functions import get
from actlab.text import UserError, keys, tr, use_language

POINTS = np.random.default_rng(5).normal(size=1003) * 4


def unfit(key, call):
    with pytest.raises(UserError) as caught:
        call()
    assert caught.value.key == f"functions.{key}"
    for lang in ("en", "ko"):
        assert caught.value.message(lang) == tr(caught.value.key, lang, **caught.value.values)
        assert "{" not in caught.value.message(lang)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["relu", "gelu", "mish"])
def test_results_are_those_of_new_arrays(name, dtype):
    f, x = get(name), POINTS.astype(dtype)
    value, slope = f.value_and_derivative(x)
    for view in (x, x[::-1], x[::3], x[:51].reshape(3, 17).T, x[:0], x[7]):
        y, d = np.full(view.shape, 9, dtype), np.full(view.shape, 9, dtype)
        assert f(view, out=y) is y
        assert f.derivative(view, out=d) is d
        np.testing.assert_array_equal(y, f(view))
        np.testing.assert_array_equal(d, f.derivative(view))
        y.fill(9)
        d.fill(9)
        found = f.value_and_derivative(view, out=(y, d))
        assert found[0] is y
        assert found[1] is d
        np.testing.assert_array_equal(y, f(view))
        np.testing.assert_array_equal(d, f.derivative(view))
    y = np.empty_like(x)
    found = f.value_and_derivative(x, out=(y, None))
    assert found[0] is y
    np.testing.assert_array_equal(y, value)
    np.testing.assert_array_equal(found[1], slope)
    found = f.value_and_derivative(x, out=[None, y])
    assert found[1] is y
    np.testing.assert_array_equal(found[0], value)
    np.testing.assert_array_equal(y, slope)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 5, 16, 1003, 200_001])
def test_in_place(dtype, size):
    f, x = get("silu"), np.resize(POINTS, size).astype(dtype)
    value, slope = f.value_and_derivative(x)
    y = x.copy()
    assert f(y, out=y) is y
    np.testing.assert_array_equal(y, value)
    y = x.copy()
    f.derivative(y, out=y)
    np.testing.assert_array_equal(y, slope)
    y, d = x.copy(), np.empty_like(x)
    f.value_and_derivative(y, out=(y, d))
    np.testing.assert_array_equal(y, value)
    np.testing.assert_array_equal(d, slope)
    y = x.copy()
    f.value_and_derivative(y, out=(d, y))
    np.testing.assert_array_equal(d, value)
    np.testing.assert_array_equal(y, slope)
    y = x.copy()  # another view of the whole of x
    f(y.reshape(1, -1), out=y[:].reshape(1, -1))
    np.testing.assert_array_equal(y, value)


def test_integers_give_float64():
    x, y = np.arange(-3, 4), np.empty(7)
    assert get("relu")(x, out=y) is y
    np.testing.assert_array_equal(y, np.maximum(x, 0))
    unfit("out_type", lambda: get("relu")(x, out=np.empty(7, np.float32)))
    unfit("out_type", lambda: get("relu")(x, out=x))


def test_a_number_needs_an_array_without_axes():
    y = np.empty(())
    assert get("relu")(2, out=y) is y
    assert y == 2
    unfit("out_shape", lambda: get("relu")(2, out=np.empty(1)))


def test_unfit_arrays_get_a_sentence():
    f = get("tanh")
    x = np.ones((4, 6))
    frozen = np.empty((4, 6))
    frozen.setflags(write=False)
    long = np.ones(100)
    shifted = np.zeros(4 * 6 * 8 + 1, np.int8)[1:].view(np.float64).reshape(4, 6)
    for both in (False, True):

        def call(array, at=x, both=both):
            if both:
                f.value_and_derivative(at, out=(None, array))
            else:
                f(at, out=array)

        unfit("out_kind", lambda: call([0.0] * 6))
        unfit("out_kind", lambda: call(np.float64(0)))
        unfit("out_kind", lambda: call(np.ma.zeros((4, 6))))
        unfit("out_type", lambda: call(np.empty((4, 6), np.float32)))
        unfit("out_type", lambda: call(np.empty((4, 6), ">f8")))
        unfit("out_shape", lambda: call(np.empty((6, 4))))
        unfit("out_shape", lambda: call(np.empty(24)))
        unfit("out_layout", lambda: call(np.empty((6, 4)).T))
        unfit("out_layout", lambda: call(np.empty((4, 12))[:, ::2]))
        unfit("out_layout", lambda: call(frozen))
        unfit("out_layout", lambda: call(shifted))
        unfit("out_overlaps_x", lambda: call(long[1:], long[:-1]))
        unfit("out_overlaps_x", lambda: call(long[:-1], long[1:]))
    for pair in (np.empty((2, 4, 6)), (np.empty((4, 6)),), 3, "ab", {}):
        if isinstance(pair, str):
            unfit("out_kind", lambda pair=pair: f.value_and_derivative(x, out=tuple(pair)))
        else:
            unfit("out_pair", lambda pair=pair: f.value_and_derivative(x, out=pair))
    y = np.empty((4, 6))
    unfit("out_overlap", lambda: f.value_and_derivative(x, out=(y, y)))
    rows = np.empty((5, 6))
    unfit("out_overlap", lambda: f.value_and_derivative(x, out=(rows[:4], rows[1:])))
    np.testing.assert_array_equal(x, 1)  # nothing was written
    # overlapping an x that had to be copied does no harm
    line = np.linspace(-2, 2, 10)
    want = f(line[::2].copy())
    np.testing.assert_array_equal(f(line[::2], out=line[:5]), want)


def test_other_frameworks_have_no_out():
    torch = pytest.importorskip("torch")
    f, x = get("tanh"), torch.ones(3)
    unfit("out_framework", lambda: f(x, out=torch.empty(3)))
    unfit("out_framework", lambda: f.derivative(x, out=np.empty(3, np.float32)))
    unfit("out_framework", lambda: f.value_and_derivative(x, out=(torch.empty(3), torch.empty(3))))
    unfit("out_kind", lambda: f(np.ones(3), out=torch.empty(3)))


def test_every_sentence_was_told():
    told = {"kind", "type", "shape", "layout", "pair", "overlaps_x", "overlap", "framework"}
    for lang in ("en", "ko"):
        found = {key.removeprefix("functions.out_") for key in keys(lang) if key.startswith("functions.out_")}
        assert found == told
    with use_language("ko"), pytest.raises(UserError, match="한 쌍"):
        get("tanh").value_and_derivative(np.ones(1), out=3)
