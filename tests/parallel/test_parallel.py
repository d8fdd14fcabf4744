"""Losses over rows of Dask arrays, against the derivatives of the whole arrays and differences."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.optimize import minimize

import symdiff as sd
from tests.parallel.losses import LABELS, REFUSED, SEPARABLE, Layer, W, X, Y, logistic, two_sums

da = pytest.importorskip("dask.array")


def in_chunks(args, first=25, second=40):
    """The arguments with those that have rows as Dask arrays, of chunks that do not agree."""
    return [
        da.from_array(x, chunks=(first if x.ndim > 1 else second, 3)[: x.ndim])
        if isinstance(x, np.ndarray) and len(x) == len(X)
        else x
        for x in args
    ]


def numbers(value):
    if isinstance(value, tuple | list):
        return np.concatenate([numbers(part) for part in value])
    if isinstance(value, Layer):
        return numbers([value.W, value.b])
    return np.ravel(value)


def directional(function, args, v, step=1e-5):
    """Central differences of the loss as NumPy computes it."""
    up, down = ([x + sign * step * d for x, d in zip(args, v, strict=False)] for sign in (1, -1))
    rest = args[len(v) :]
    return (function(*up, *rest) - function(*down, *rest)) / (2 * step)


@pytest.mark.parametrize("name", SEPARABLE)
def test_value_gradient_and_products_are_those_of_the_whole(name):
    function, args = SEPARABLE[name]
    wrt = (0, 1) if name == "network" else 0
    call = sd.parallel.value_and_grad(function, wrt)
    value, gradient = call(*in_chunks(args))
    whole, by_whole = sd.value_and_grad(function, wrt)(*args)
    np.testing.assert_allclose(value, function(*args), rtol=1e-12)
    np.testing.assert_allclose(numbers(gradient), numbers(by_whole), rtol=1e-9, atol=1e-12)
    assert type(gradient) is type(by_whole)
    assert whole == pytest.approx(value, rel=1e-12)
    if name != "network":
        v = np.resize([0.3, -1.0, 0.5, 2.0], np.shape(args[0]))
        slope = directional(function, args, [v])
        assert np.sum(gradient * v) == pytest.approx(slope, rel=1e-6, abs=1e-7)
        product = sd.parallel.hvp(function)(*in_chunks(args), v)
        np.testing.assert_allclose(product, sd.hvp(function)(*args, v), rtol=1e-8, atol=1e-10)
        hessian = sd.parallel.hessian(function)(*in_chunks(args))
        np.testing.assert_allclose(hessian, sd.hessian(function)(*args), rtol=1e-8, atol=1e-10)


def test_products_and_hessians_of_nested_parameters():
    function, args = SEPARABLE["network"]
    vectors = (Layer(np.full((4, 2), 0.5), np.array([1.0, -1.0])), np.array([2.0, 0.0]))
    ours = sd.parallel.hvp(function, (0, 1))(*in_chunks(args), *vectors)
    own = sd.hvp(function, (0, 1))(*args, *vectors)
    np.testing.assert_allclose(numbers(ours), numbers(own), rtol=1e-10, atol=1e-13)
    blocks = sd.parallel.hessian(function, (0, 1))(*in_chunks(args))
    wanted = sd.hessian(function, (0, 1))(*args)
    np.testing.assert_allclose(blocks[0].W[0].b, wanted[0].W[0].b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(blocks[1][1], wanted[1][1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("function", REFUSED, ids=lambda f: f.__name__)
def test_what_couples_rows_is_refused_with_its_place(function):
    with pytest.raises(sd.UnsupportedError) as caught:
        sd.parallel.grad(function)(W, da.from_array(X, chunks=(25, 4)))
    assert REFUSED[function] in str(caught.value)
    if function.__name__ != "nothing":
        assert "losses.py, line" in str(caught.value)


def test_what_the_sums_are_is_told():
    call = sd.parallel.grad(logistic)
    call(*in_chunks((W, X, Y)))
    assert str(call.separated).splitlines() == [
        "total = sum(logaddexp(0, -y*(X @ w)))",
        "logistic = total/n_rows + 0.1*sum(w**2)",
    ]


def test_rows_are_read_once_where_the_loss_is_linear_in_its_sums(monkeypatch):
    from symdiff.parallel.rows import Rows

    passes, own = [], Rows.summed
    monkeypatch.setattr(Rows, "summed", lambda *a: passes.append(a[2]) or own(*a))
    sd.parallel.value_and_grad(logistic)(*in_chunks((W, X, Y)))
    assert passes == ["vjp"]
    sd.parallel.value_and_grad(two_sums)(*in_chunks((W, X, Y)))
    assert passes[1:] == ["value", "vjp"]


def test_the_result_does_not_depend_on_the_scheduler():
    import dask

    call, found = sd.parallel.value_and_grad(logistic), []
    for options in ({"scheduler": "threads", "num_workers": 4}, {"scheduler": "synchronous"}):
        with dask.config.set(**options):
            value, gradient = call(*in_chunks((W, X, Y), 7, 7))
        found.append((value, gradient.tobytes()))
    assert found[0] == found[1]


def test_where_a_chunk_lies_in_memory_changes_no_bit():
    """As it comes from another worker: at any byte, or in Fortran's order."""
    found = []
    apart = np.empty(X.nbytes + 1, np.uint8)[1:].view(float).reshape(X.shape)
    apart[...] = X
    assert not apart.flags.aligned
    for x in (X, apart, np.asfortranarray(X)):
        args = [W, da.from_array(x, chunks=(10, 4)), da.from_array(Y, chunks=10)]
        value, gradient = sd.parallel.value_and_grad(two_sums)(*args)
        found.append((value, gradient.tobytes()))
    assert found[0] == found[1] == found[2]


def test_chunks_without_rows_and_of_one():
    chunks = ((0, 1, 60, 0, 42, 0),)
    args = [da.from_array(X, chunks=(*chunks, (4,))), da.from_array(Y, chunks=chunks)]
    value, gradient = sd.parallel.value_and_grad(logistic)(W, *args)
    whole = sd.value_and_grad(logistic)(W, X, Y)
    assert value == pytest.approx(whole[0], rel=1e-13)
    np.testing.assert_allclose(gradient, whole[1], rtol=1e-12)


def test_single_precision_adds_up_in_double():
    """Ones and a large number: in single precision they would be lost."""
    large, ones = np.full(1, 2.0**28, np.float32), np.ones(64, np.float32)
    rows = da.from_array(np.concatenate([large, ones]), chunks=((1, *[8] * 8),))
    value, gradient = sd.parallel.value_and_grad(lambda w, x: np.sum(x * w))(np.float32(1.0), rows)
    assert value == gradient == 2.0**28 + 64.0
    assert np.float32(2.0**28) + np.float32(8.0) == np.float32(2.0**28)


def test_single_precision_stays_in_the_chunks(monkeypatch):
    from symdiff.parallel.rows import Rows

    seen, own = [], Rows.summed
    monkeypatch.setattr(Rows, "summed", lambda *a: seen.append(a[4:6]) or own(*a))
    args = [np.float32(W), *in_chunks((np.float32(X), np.float32(Y)))]
    value, _ = sd.parallel.value_and_grad(logistic)(*args)
    before, behind = seen[0]
    kinds = {np.asarray(x).dtype for x in [*before[:-1], *behind[0]]}
    assert kinds == {np.dtype(np.float32)}
    assert value == pytest.approx(logistic(W, X, Y), rel=1e-5)


def test_a_chunk_with_nan_is_named():
    broken = X.copy()
    broken[60, 2] = np.nan
    with pytest.warns(RuntimeWarning, match=r"chunk 2 \(rows 50 to 74\) gives infinities or NaN"):
        value, gradient = sd.parallel.value_and_grad(logistic)(
            W, da.from_array(broken, chunks=25), da.from_array(Y, chunks=25)
        )
    assert np.isnan(value)
    assert np.isnan(gradient).all()


def test_a_chunk_that_raises_is_named():
    def solved(w, A):
        return np.sum(np.linalg.solve(A, np.ones((2, 1)))[:, 0, 0] * w)

    A = np.stack([np.eye(2) * (k + 1) for k in range(6)])
    A[4] = 0.0
    with pytest.raises(sd.UnsupportedError, match="'solve' couples rows"):
        sd.parallel.grad(solved)(1.0, da.from_array(A, chunks=(3, 2, 2)))

    def fails(block):
        raise OSError("the disk is gone")

    lost = da.from_array(X, chunks=(50, 4)).map_blocks(fails, dtype=float, meta=np.empty((0, 0)))
    with pytest.raises(OSError, match="the disk is gone"):
        sd.parallel.grad(logistic)(W, lost, da.from_array(Y, chunks=50))
    shorter = da.from_array(X, chunks=(50, 4)).map_blocks(
        lambda block: block[:, :3] if len(block) < 50 else block, dtype=float
    )
    with pytest.raises(ValueError, match="expected the shape") as caught:
        sd.parallel.grad(logistic)(W, shorter, da.from_array(Y, chunks=50))
    assert caught.value.__notes__ == ["in chunk 2 (rows 100 to 102)"]


def test_scipy_minimises_on_the_driver():
    data = in_chunks((X, Y))
    found = minimize(
        sd.parallel.value_and_grad(logistic),
        np.zeros(4),
        args=tuple(data),
        jac=True,
        hessp=lambda w, v, *rest: sd.parallel.hvp(logistic)(w, *rest, v),
        method="trust-ncg",
        tol=1e-9,
    )
    own = minimize(logistic, np.zeros(4), args=(X, Y), tol=1e-10)
    np.testing.assert_allclose(found.x, own.x, atol=1e-5)


def test_a_loss_is_pickled():
    for call, behind in ((sd.parallel.grad(logistic), ()), (sd.parallel.hvp(logistic), (W,))):
        again = pickle.loads(pickle.dumps(call))
        given = (*in_chunks((W, X, Y)), *behind)
        np.testing.assert_array_equal(again(*given), call(*given))


def test_whole_numbers_as_data_and_arguments():
    def cross(w, X, labels, power):
        scores = X @ w
        return np.mean(np.where(labels == 1, scores, -scores) ** power)

    args = (W, X, LABELS, 2)
    value, gradient = sd.parallel.value_and_grad(cross)(*in_chunks(args))
    whole = sd.value_and_grad(cross)(*args)
    assert value == pytest.approx(whole[0], rel=1e-13)
    np.testing.assert_allclose(gradient, whole[1], rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sd.parallel.grad(logistic)(W, X, Y), sd.SymdiffError, "no argument is a Dask"),
        (
            lambda: sd.parallel.grad(logistic, 1)(W, *in_chunks((X, Y))),
            sd.SymdiffError,
            "'X' is differentiated by, and is a Dask array",
        ),
        (
            lambda: sd.parallel.grad(logistic)(
                W, da.from_array(X, chunks=25), da.from_array(Y[:-1], chunks=25)
            ),
            sd.ShapeError,
            "'X' has 103 rows, and 'y' has 102",
        ),
        (
            lambda: sd.parallel.grad(logistic)(
                W, da.from_array(X[:0], chunks=25), da.from_array(Y[:0], chunks=25)
            ),
            sd.ShapeError,
            "no rows",
        ),
        (
            lambda: sd.parallel.grad(lambda w, X: np.sum(X @ w))(
                W, da.from_array(X, chunks=25)[da.from_array(Y, chunks=25) > 0]
            ),
            sd.SymdiffError,
            "compute_chunk_sizes",
        ),
        (
            lambda: sd.parallel.hvp(logistic)(W, *in_chunks((X, Y)), np.ones(3)),
            sd.ShapeError,
            r"its vector has \(3,\)",
        ),
        (lambda: sd.parallel.grad("x**2"), sd.UnsupportedError, "takes a NumPy function"),
        (
            lambda: sd.parallel.grad(lambda w: np.sum(X_LARGE @ w))(da.from_array(W, chunks=2)),
            sd.SymdiffError,
            "differentiated by",
        ),
    ],
)
def test_what_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


X_LARGE = np.arange(20_000.0).reshape(5000, 4)


def test_arrays_beside_the_arguments_are_refused():
    def loss(w, y):
        return np.sum(y) * np.sum(X_LARGE @ w)

    with pytest.raises(sd.UnsupportedError, match="reads an array beside its arguments"):
        sd.parallel.grad(loss)(W, da.from_array(Y, chunks=25))
