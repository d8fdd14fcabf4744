"""Losses over rows of Dask arrays, against the derivatives of the whole arrays and differences."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import minimize

import symdiff as sd
from tests.parallel.losses import (
    LABELS,
    REFUSED,
    ROWS,
    SEPARABLE,
    Layer,
    W,
    X,
    Y,
    logistic,
    margins,
    two_sums,
)

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
    data, hvp = in_chunks((X, Y)), sd.parallel.hvp(logistic)
    found = minimize(
        sd.parallel.value_and_grad(logistic),
        np.zeros(4),
        args=tuple(data),
        jac=True,
        hessp=lambda w, v, *rest: hvp(w, *rest, v),
        method="trust-ncg",
        tol=1e-9,
    )
    own = minimize(logistic, np.zeros(4), args=(X, Y), tol=1e-10)
    np.testing.assert_allclose(found.x, own.x, atol=1e-5)


def residuals(w, X, y):
    return np.exp(0.3 * (X @ w)) - y


def of_layer(layer, v, X, y):
    return np.tanh(X @ layer.W + layer.b) @ v - y, 0.1 * X[:, 0] * layer.b[0]


def softplus(margins):
    return np.mean(np.logaddexp(0.0, margins))


@pytest.mark.parametrize(
    ("function", "loss", "by_results"),
    [
        (residuals, None, lambda r: np.eye(ROWS)),
        (margins, softplus, lambda m: np.diag(0.25 / np.cosh(0.5 * m) ** 2) / ROWS),
        (  # not linear in its sum: the rows are read twice
            residuals,
            lambda r: np.log(np.sum(r**2)),
            lambda r: 2.0 * np.eye(ROWS) / (r @ r) - 4.0 * np.outer(r, r) / (r @ r) ** 2,
        ),
    ],
    ids=["squares", "logistic", "logarithm"],
)
def test_gauss_newton_products_are_those_of_the_matrix(function, loss, by_results):
    """With the Jacobian by the complex step, and the Hessian of the loss in closed form."""
    steps = 1e-30j * np.eye(len(W))
    J = np.stack([function(W + step, X, Y).imag / 1e-30 for step in steps], axis=1)
    v = np.array([0.3, -1.0, 0.5, 2.0])
    call = sd.parallel.gnvp(function, **({} if loss is None else {"loss": loss}))
    found = pickle.loads(pickle.dumps(call)) if loss is None else call
    wanted = J.T @ (by_results(function(W, X, Y)) @ (J @ v))
    np.testing.assert_allclose(found(*in_chunks((W, X, Y)), v), wanted, rtol=1e-10)


def test_gauss_newton_products_of_nested_parameters_and_several_results():
    layer, v = SEPARABLE["network"][1][:2]
    vectors = (Layer(np.full((4, 2), 0.5), np.array([1.0, -1.0])), np.array([2.0, 0.0]))
    found = sd.parallel.gnvp(of_layer, (0, 1))(*in_chunks((layer, v, X, Y)), *vectors)
    assert type(found[0]) is Layer
    step = 1e-5
    up, down = (
        np.concatenate(
            of_layer(
                Layer(layer.W + s * vectors[0].W, layer.b + s * vectors[0].b),
                v + s * vectors[1],
                X,
                Y,
            )
        )
        for s in (step, -step)
    )
    pushed = (up - down) / (2 * step)
    parts = pushed[:ROWS], pushed[ROWS:]
    np.testing.assert_allclose(
        numbers(found), numbers(sd.vjp(of_layer, (0, 1))(layer, v, X, Y, *parts)[1]), rtol=1e-6
    )


def test_gauss_newton_products_of_what_couples_rows_are_refused():
    with pytest.raises(sd.UnsupportedError, match="a batch statistic") as caught:
        sd.parallel.gnvp(lambda w, X: (X - X.mean(axis=0)) @ w)(W, in_chunks((X,))[0], W)
    assert "test_parallel.py, line" in str(caught.value)
    with pytest.raises(sd.UnsupportedError, match="any number of arguments"):
        sd.parallel.gnvp(lambda w, *rest: rest[0] @ w)


def test_packed_forms_of_nested_parameters_are_minimised_by_scipy():
    def loss(p, X, y, scale):
        return np.mean((np.tanh(X @ p["W"] + p["b"]) @ p["v"] - y) ** 2) * scale

    rng = np.random.default_rng(1)
    start = {"W": rng.standard_normal((4, 2)), "b": np.zeros(2), "v": np.ones(2)}
    packed = sd.parallel.packed_value_and_grad(loss, start)
    args = (*in_chunks((X, Y)), 2.0)
    value, gradient = packed(packed.theta, *args)
    whole = sd.grad(loss)(start, X, Y, 2.0)
    assert value == pytest.approx(loss(start, X, Y, 2.0), rel=1e-12)
    np.testing.assert_allclose(gradient, packed.pack(whole), rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(
        packed.hess(packed.theta, *args) @ gradient,
        packed.hessp(packed.theta, gradient, *args),
        rtol=1e-9,
    )
    options = {"maxiter": 5}
    found = minimize(
        packed, packed.theta, args, "trust-ncg", jac=True, hessp=packed.hessp, options=options
    )
    own = sd.minimize(loss, start, (X, Y, 2.0), "trust-ncg", options=options)
    assert found.fun == pytest.approx(own.fun, rel=1e-6)
    assert packed.unpack(found.x)["W"].shape == (4, 2)


def test_packed_forms_take_defaults_keywords_alone_and_lists():
    def loss(w, X, y, /, scale=2.0, *, power=2):
        return scale * np.mean(np.abs(X @ w - y) ** power)

    packed = sd.parallel.packed_value_and_grad(loss, W)
    value, gradient = packed(list(W), *in_chunks((X, Y)))
    assert value == pytest.approx(loss(W, X, Y), rel=1e-12)
    assert type(gradient) is np.ndarray
    assert packed(W, *in_chunks((X, Y)), 1.0)[0] == pytest.approx(value / 2.0, rel=1e-12)


def test_packed_forms_of_several_arguments():
    def loss(X, a, y, b):
        return np.mean((X @ a * b - y) ** 2)

    packed = sd.parallel.packed_value_and_grad(loss, (W, 2.0), wrt="a, b")
    value, gradient = packed(packed.theta, *in_chunks((X, Y)))
    by_a, by_b = sd.grad(loss, ("a", "b"))(X, W, Y, 2.0)
    assert value == pytest.approx(loss(X, W, Y, 2.0), rel=1e-12)
    np.testing.assert_allclose(gradient, [*by_a, by_b], rtol=1e-10)
    with pytest.raises(sd.ShapeError, match="one value for each of a, b"):
        sd.parallel.packed_value_and_grad(loss, (W,), wrt="a, b")


FORMULA = "w: [4]; X: [M, 4]; y: [M]; return mean(log(1 + exp(-y*(X @ w)))) + k*sum(w**2)"


def test_formulas_are_taken():
    formula = sd.function(FORMULA, wrt="w")
    call = pickle.loads(pickle.dumps(sd.parallel.value_and_grad(formula)))
    value, gradient = call(*in_chunks((W, X, Y)), 0.1)
    whole, by_whole = sd.value_and_grad(logistic)(W, X, Y)
    assert value == pytest.approx(whole, rel=1e-12)
    np.testing.assert_allclose(gradient, by_whole, rtol=1e-10)
    assert str(call.separated) == (
        "total = sum(log(1 + exp(-y*(X @ w))))\nf = total/n_rows + k*sum(w**2)"
    )
    packed = sd.parallel.packed_value_and_grad(FORMULA, (W, 0.1), wrt="w, k")
    by_w_and_k = packed(packed.theta, *in_chunks((X, Y)))[1]
    np.testing.assert_allclose(by_w_and_k, [*by_whole, W @ W], rtol=1e-10)
    product = sd.parallel.gnvp("w: [4]; X: [M, 4]; return X @ w", "w")(W, in_chunks((X,))[0], W)
    np.testing.assert_allclose(product, X.T @ (X @ W), rtol=1e-12)


def test_a_formula_that_couples_rows_is_refused_with_its_place():
    with pytest.raises(sd.UnsupportedError, match="batch statistic") as caught:
        sd.parallel.grad("w: [4]; X: [M, 4]; s = X @ w; return sum(s/sum(s))", "w")(
            W, in_chunks((X,))[0]
        )
    assert "s/sum(s)" in str(caught.value)
    assert "^^^^^^^^" in str(caught.value)


def test_other_processes_need_no_file_and_no_symdiff():
    """By value, as `distributed` has it and Ray: `dask.config.set(scheduler=ray_dask_get)`."""
    cloudpickle = pytest.importorskip("cloudpickle")
    from symdiff.parallel.shipped import runner, shipped

    text = "import numpy as np\n\n\ndef double(x):\n    return 2 * np.asarray(x)\n"
    sent = cloudpickle.dumps((runner(), tuple(shipped(text)))).hex()
    program = (
        "import pickle, sys\n"
        f"run, module = pickle.loads(bytes.fromhex('{sent}'))\n"
        "print(run(module, 'double', [1, 2]), 'symdiff' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[2 4] False", done


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
            lambda: sd.parallel.grad(logistic)(W, in_chunks((X,))[0], Y),
            sd.ShapeError,
            "'y' has as many entries as there are rows",
        ),
        (
            lambda: sd.parallel.hvp(logistic)(W, *in_chunks((X, Y))),
            sd.SymdiffError,
            "are taken as vectors",
        ),
        (
            lambda: sd.parallel.gnvp(logistic)(W, *in_chunks((X, Y)), W),
            sd.UnsupportedError,
            "'logistic' returns a number, and residuals are an array by row",
        ),
        (lambda: sd.parallel.gnvp(margins, "z"), sd.SymdiffError, "the arguments are: w, X, y"),
        (
            lambda: sd.parallel.packed_value_and_grad(logistic, 1.0, ("w",)),
            sd.ShapeError,
            "one value for each of w",
        ),
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


def test_chunks_that_are_no_array_of_dask_are_refused():
    xarray = pytest.importorskip("xarray")
    chunked = xarray.DataArray(da.from_array(X, chunks=(50, 4)), dims=("row", "column"))
    with pytest.raises(sd.SymdiffError, match="'X' is a DataArray over chunks") as caught:
        sd.parallel.grad(logistic)(W, chunked, da.from_array(Y, chunks=50))
    assert caught.value.suggestion.startswith("give X.data of xarray's arrays")
    sd.parallel.grad(logistic)(W, chunked.data, da.from_array(Y, chunks=50))
