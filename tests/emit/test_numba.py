"""Numba's target: every operation, branches, loops and batches have NumPy's values."""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.api import Function
from symdiff.errors import UnsupportedError
from symdiff.origin import Origin
from symdiff.verbs import VERBS
from tests.emit.test_self_check import self_checked
from tests.emit.test_targets import LOOPS, agree
from tests.ops.rows import ROWS, Row
from tests.ops.test_array_operations import cases, drawn
from tests.ops.test_array_operations import graph_of as graph_of_arrays
from tests.ops.test_operations import graph_of, points_of
from tests.strategies import array_graphs, array_points, examples, graphs, points
from tests.test_commands import run
from tests.while_loops import CASES, made

pytest.importorskip("numba", reason="Numba is not installed")

UNSIGNED = ("maximum", "minimum", "relu")  # NumPy says no sign of their zeros
EDGES = (0.0, -0.0, np.inf, -np.inf, np.nan, 1.5, -2.0, 800.0)


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of these tests' own."""
    before = os.environ.get("SYMDIFF_CACHE")
    os.environ["SYMDIFF_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    del os.environ["SYMDIFF_CACHE"]
    if before is not None:
        os.environ["SYMDIFF_CACHE"] = before


def loaded(function: Function, **options: Any) -> Any:
    """The module; `None` where that is refused by name."""
    try:
        return function.load("numba", **options)
    except UnsupportedError as refusal:
        message = str(refusal)
    assert "the target 'numba' cannot write the operation" in message
    return None


# --- every operation -----------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_numbers_are_those_of_numpy_or_refused(row: Row) -> None:
    function = Function(graph_of(row), Origin("an operation", None), VERBS["value"], ())
    module = loaded(function)
    if module is None:
        return
    for point in points_of(row):
        wanted = float(np.asarray(row.function(*point), float))
        assert module.value(*point) == pytest.approx(wanted, rel=1e-12, abs=1e-15)
    for point in zip(*[EDGES[k:] + EDGES[:k] for k in range(len(row.domain))], strict=True):
        with np.errstate(all="ignore"):
            wanted = float(np.asarray(row.function(*map(np.float64, point)), float))
        found = float(module.value(*point))
        np.testing.assert_allclose(found, wanted, rtol=1e-12, err_msg=str(point))
        if wanted == 0.0 and row.name not in UNSIGNED:
            assert np.signbit(found) == np.signbit(wanted), point


# --- functions -----------------------------------------------------------------------------------

TEXTS = (
    "x**2 + y**3*exp(-x)",
    "where(x > y, sqrt(x), exp(-y))*hypot(x, y)",
    "max(x, y)*sin(x*y) + lambda/y",
    "math*np + numba*range + i*found",
)


@pytest.mark.parametrize("verb", ["value", "grad", "jacobian", "hessian", "jvp", "vjp", "hvp"])
@pytest.mark.parametrize("text", TEXTS)
def test_verbs_of_floats_and_batches(text: str, verb: str) -> None:
    base = sd.function(text)
    function = base if verb == "value" else getattr(base, verb)()
    args = [0.7, 0.4, 1.3, 0.2, -0.5, 2.0, 1.0, 0.3, 0.6, 0.9, 1.1, 1.7][: len(function.inputs)]
    call = getattr(function.load("numba"), function.verb.name)
    agree(call(*args), function(*args))
    arrays = [np.asarray(x) * np.array([[1.0, 0.5], [2.0, 0.25]]) for x in args]
    mixed = [arrays[0], *args[1:-1], arrays[-1][0]]
    for batch in (arrays, mixed):
        agree(call(*batch), function(*batch))


def test_sparse_matrices_of_numbers() -> None:
    made = sd.function("x**2*y + z, z*x").jacobian(sparse=True)
    found = made.load("numba").jacobian(1.0, 2.0, 3.0)
    agree(found, made(1.0, 2.0, 3.0))
    agree(sd.function("x + y").hessian().load("numba").hessian(1.0, 2.0), np.zeros((2, 2)))


@examples(15)
@given(st.data())
def test_random_formulas_have_numpys_values(data: st.DataObject) -> None:
    graph = data.draw(graphs(12))
    point = data.draw(points(graph))
    function = Function(graph, Origin("a formula", None), VERBS["grad"], graph.input_names)
    module = loaded(function)
    if module is None:
        return
    args = [float(point[name]) for name in graph.input_names]
    wanted = function(*args)
    np.testing.assert_allclose(
        np.ravel(module.grad(*args)), np.ravel(wanted), rtol=1e-9, atol=1e-300
    )


@pytest.mark.parametrize("name", CASES)
def test_loops_that_a_test_ends(name: str) -> None:
    function = made(name).value_and_grad()
    module = function.load("numba")
    for numbers in CASES[name].points:
        args = [np.asarray(x, float)[()] for x in numbers]
        agree(module.value_and_grad(*args), function(*args), 1e-10)


def test_each_point_of_a_batch_loops_by_itself() -> None:
    def root(x: Any) -> Any:
        y = x
        while abs(y * y - x) > 1e-12 * x:
            y = 0.5 * (y + x / y)
        return y

    function = sd.function(root, shapes={"x": ()}).grad()
    x = np.array([2.0, 1e4, 0.01, 9.0])
    np.testing.assert_allclose(function.load("numba").grad(x), 0.5 / np.sqrt(x), rtol=1e-9)


def test_a_numpy_function_of_numbers() -> None:
    def loss(x: Any, y: Any) -> Any:
        return np.sin(x) * y if x > y else np.exp(x * y)

    found = sd.grad(loss, wrt=("x", "y"), target="numba")
    for point in ((0.5, 0.25), (0.25, 0.5)):
        agree(found(*point), sd.grad(loss, wrt=("x", "y"))(*point))


# --- arrays --------------------------------------------------------------------------------------


@cases()
def test_arrays_are_those_of_numpy_or_refused(row: Any, variant: Any) -> None:
    function = Function(graph_of_arrays(row, variant), Origin("it", None), VERBS["value"], ())
    module = loaded(function)
    if module is None:
        return
    args = drawn(row, variant)
    agree(module.value(*args), np.asarray(row.oracle(*args, *variant.params)), 1e-11)


@examples(12)
@given(st.data())
def test_random_programs_have_numpys_values(data: st.DataObject) -> None:
    graph = data.draw(array_graphs())
    point = data.draw(array_points(graph))
    function = Function(graph, Origin("a program", None), VERBS["grad"], graph.input_names)
    module = loaded(function)
    if module is not None:
        args = [point[name] for name in graph.input_names]
        agree(module.grad(*args), function(*args), 1e-8)


@pytest.mark.parametrize("function", LOOPS)
def test_loops_of_arrays(function: Any) -> None:
    args = LOOPS[function]
    wanted = sd.value_and_grad(function, wrt=(0, 1))(*args)
    agree(sd.value_and_grad(function, wrt=(0, 1), target="numba")(*args), wanted, 1e-10)


@pytest.mark.parametrize("verb", ["value", "grad", "jacobian", "hessian", "jvp", "vjp", "hvp"])
def test_verbs_of_arrays(verb: str) -> None:
    base = sd.function("X: [N, 2]; w: [2]; sum(tanh(X @ w)**2)*array([1.0, 3.0])[1]", wrt="w")
    function = base if verb == "value" else getattr(base, verb)()
    args = [np.sin(np.arange(6.0)).reshape(3, 2), np.array([0.3, -0.2])]
    args += [np.array([1.0, 2.0]) if verb != "vjp" else 1.5] * (len(function.inputs) - 2)
    agree(getattr(function.load("numba"), function.verb.name)(*args), function(*args), 1e-11)


@pytest.fixture(scope="module")
def regression() -> Any:
    text = "X: [N, 2]; w: [2]; k: int [N]; f = mean((X @ w - k)**2)"
    return sd.function(text, wrt=("X", "w")).grad().load("numba")


def test_arguments_of_functions_of_arrays(regression: Any) -> None:
    wanted = sd.function(
        "X: [N, 2]; w: [2]; k: int [N]; f = mean((X @ w - k)**2)", wrt=("X", "w")
    ).grad()
    x, w, k = np.cos(np.arange(8.0)).reshape(4, 2), np.array([0.5, 2.0]), np.arange(4)
    frozen = x.copy()
    frozen.flags.writeable = False
    doubled = np.repeat(x, 2, axis=0)[::2]
    for other in (x, frozen, doubled, np.asfortranarray(x), x.tolist()):
        agree(regression.grad(other, w, k), wanted(other, w, k), 1e-12)
    agree(regression.grad(x, w, k.astype(np.int32)), wanted(x, w, k), 1e-12)
    narrow = regression.grad(x.astype(np.float32), w.astype(np.float32), k)
    assert [part.dtype for part in narrow] == [np.float32] * 2
    into = (np.ones((4, 2)), np.ones(2))
    regression.grad(x, w, k, accumulate=into)
    agree(into, tuple(1.0 + part for part in wanted(x, w, k)), 1e-12)
    assert regression.value(np.zeros((0, 2)), w, k[:0]) != 0.0  # a mean of nothing is NaN
    with pytest.raises(ValueError, match="expected the shape"):
        regression.grad(x[:, :1], w, k)
    with pytest.raises(TypeError, match="expected ints"):
        regression.grad(x, w, k / 2)


def test_a_hard_sum_is_as_exact_as_numpys() -> None:
    x = np.array([1e16, 1.0, -1e16, 1.0] * 1000)
    found = sd.function("x: [N]; sum(x)").load("numba").value(x)
    assert abs(found - 2000.0) <= abs(x.sum() - 2000.0)


@pytest.mark.parametrize("shape", ["N, K", "3, 37"])
def test_sums_of_products_are_added_in_any_order(shape: str) -> None:
    function = sd.function(f"A: [{shape}]; v: [{shape.split(', ')[1]}]; A @ v")
    module = function.load("numba")
    random = np.random.default_rng(0)
    A, v = random.normal(size=(3, 37)), random.normal(size=37)
    bound = 37 * np.finfo(float).eps * (np.abs(A) @ np.abs(v))  # of sums in any order
    exact = [math.fsum(row * v) for row in A]  # of rounded products
    assert np.all(np.abs(module.value(A, v) - exact) <= bound)
    for special in (np.inf, -np.inf, np.nan):
        A[1, 20] = special
        agree(module.value(A, v), A @ v, 1e-13)
    assert module.value(np.full((3, 37), -0.0), v).tolist() == [0.0, 0.0, 0.0]
    if shape == "N, K":
        assert module.value(np.ones((3, 0)), v[:0]).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="looks for words of x86")
def test_sums_of_products_become_vectors() -> None:
    text = sd.function("A: [N, K]; v: [K]; A @ v").emit("numba").replace("cache=True, ", "")
    found: dict[str, Any] = {"__name__": "uncached"}
    exec(text, found)
    found["value"](np.ones((3, 100)), np.ones(100))
    (assembly,) = found["_value"].inspect_asm().values()
    assert "mulpd" in assembly
    assert "addpd" in assembly


def test_the_self_check_of_arrays() -> None:
    made = sd.function("X: [N, 2]; w: [2]; sum(exp(X @ w))", wrt="w").grad()
    text = made.emit("numba").replace("cache=True, ", "")
    assert self_checked(text).code == 0
    damaged = text.replace("df_dw[i] = ", "df_dw[i] = 1.1 * ")
    assert damaged != text
    assert self_checked(damaged).code == 1


def test_what_functions_of_arrays_have_not_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="the target 'numba' has no batch axes"):
        sd.function("x: [3]; f = sum(x**2)", batch=True).grad().emit("numba")
    with pytest.raises(UnsupportedError, match="'numba' cannot write the operation 'eigh'"):
        sd.function("A: [2, 2]; eigvalsh(A)").emit("numba")


def test_systems_of_equations() -> None:
    function = sd.function("A: [N, N]; b: [N]; sum(solve(A, b)**2)").value_and_grad()
    module = function.load("numba")
    A, b = np.array([[2.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.1, 0.4, 1.0]]), np.array([1.0, 2.0, 3.0])
    agree(module.value_and_grad(A, b), function(A, b), 1e-12)
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        module.value(np.ones((3, 3)), b)


def test_factors_and_cumulative_sums() -> None:
    text = "x: [N]; K = outer(x, x) + 9*eye(3); sum(log(diag(cholesky(K)))) + sum(cumsum(x)**2)"
    function = sd.function(text.replace("[N]", "[3]")).value_and_grad()
    x = np.array([0.3, -0.7, 1.1])
    agree(function.load("numba").value_and_grad(x), function(x), 1e-12)


# --- arguments -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def squares() -> Any:
    return sd.function("x**2*y").grad().load("numba")


def test_arrays_that_are_not_plain(squares: Any) -> None:
    x = np.arange(12.0).reshape(3, 4)
    frozen = x.copy()
    frozen.flags.writeable = False
    unaligned = np.frombuffer(b"0" + x.tobytes(), dtype="<f8", offset=1).reshape(3, 4)
    for other in (x.T.copy().T, x[::-1], x[:, ::2], frozen, unaligned, x.astype(">f8")):
        agree(squares.grad(other, 2.0), (4 * other, other**2))
    agree(squares.grad([1.0, 2.0], 3), ([6.0, 12.0], [1.0, 4.0]))
    assert [part.shape for part in squares.grad(np.zeros((0, 3)), 1.0)] == [(0, 3)] * 2
    assert squares.grad(np.float64(3.0), 2.0)[0].dtype == float


def test_kinds_of_arguments(squares: Any) -> None:
    narrow = np.array([1.5], np.float32)
    assert [part.dtype for part in squares.grad(narrow, 2.0)] == [np.float32] * 2
    assert squares.grad(np.array([2]), 3)[0].dtype == float
    for wrong in (np.array([1j]), np.array(["a"]), np.array([1.0], np.longdouble)):
        with pytest.raises((TypeError, np.exceptions.DTypePromotionError)):
            squares.grad(wrong, 1.0)
    with pytest.raises(ValueError, match="broadcast"):
        squares.grad(np.zeros(2), np.zeros(3))


def test_results_are_no_arguments() -> None:
    module = sd.function("x, y").load("numba")
    x = np.ones(3)
    found = module.value(x, 2.0)
    assert not any(np.shares_memory(part, x) for part in found)
    assert x.flags.writeable


def test_several_threads(squares: Any) -> None:
    batches = [np.linspace(0.0, k, 20_000) for k in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: squares.grad(x, 2.0), batches))
    for x, one in zip(batches, found, strict=True):
        agree(one, (4 * x, x**2))


def test_single_precision() -> None:
    module = sd.function("x**2*exp(-y)/3").grad().load("numba", dtype="float32")
    x = np.linspace(0.0, 2.0, 7)
    for one, other in zip(module.grad(x, 0.5), (2 * x, -(x**2)), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other * np.exp(-0.5) / 3, rtol=1e-6)
    assert module.value(1.0, 2.0).dtype == np.float32


# --- the module ----------------------------------------------------------------------------------


def test_the_module_needs_numpy_and_numba_alone(tmp_path: Path) -> None:
    made = sd.module(sd.function("x**2*exp(y)").grad(), target="numba")
    file = made.write(tmp_path / "g.py")
    done = subprocess.run(
        [sys.executable, "-c", "import g, sys; print(g.grad(2.0, 0.0), 'symdiff' in sys.modules)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    assert done.stdout.strip() == "(4.0, 4.0) False"
    assert run("verify", str(file)).exit_code == 0


def test_what_is_compiled_is_cached() -> None:
    code = (
        "import symdiff, numpy; m = symdiff.function('x**2*exp(y) - 17').load('numba');"
        "print(m.value(2.0, 0.0), m.value(numpy.ones(2), 0.0), m.__file__,"
        "*[sum(f.stats.cache_hits.values()) for f in (m._value, m._value_on_arrays)])"
    )
    command = [sys.executable, "-c", code]
    first, again = [
        subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in "ab"
    ]
    assert first.split()[:3] == again.split()[:3] == ["-13.0", "[-16.", "-16.]"]
    assert first.split()[-2:] == ["0", "0"]
    assert again.split()[-2:] == ["1", "1"]
    module = sd.function("x**2*exp(y) - 17").load("numba")
    assert module.__file__ == first.split()[3]
    assert sd.function("x**2*exp(y) - 17").load("numba") is module


def test_a_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("SYMDIFF_CACHE", str(file))
    assert sd.function("x**2 + 3").load("numba").value(2.0) == 7.0


def test_their_self_check() -> None:
    made = sd.function("x**2*exp(y)").grad()
    text = Path(made.load("numba").__file__).read_text()
    uncached = text.replace("cache=True, ", "")  # it runs from no file here
    assert self_checked(uncached).code == 0
    damaged = uncached.replace("return value_and_grad(x, y)[1]", "return value(x, y), x")
    assert damaged != uncached
    assert self_checked(damaged).code == 1


def test_errors_of_checks() -> None:
    def checked(x: Any) -> Any:
        if x < 0:
            raise ValueError("x is negative")
        return np.sqrt(x)

    module = sd.function(checked, shapes={"x": ()}).grad().load("numba")
    assert module.grad(4.0) == 0.25
    np.testing.assert_allclose(module.grad(np.array([1.0, 4.0])), [0.5, 0.25])
    for wrong in (-1.0, np.array([1.0, -1.0])):
        with pytest.raises(ValueError, match="x is negative"):
            module.grad(wrong)


def test_what_it_cannot_write_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="'numba' cannot write the operation 'erfinv'"):
        sd.function("erfinv(x)").emit("numba")


def test_where_numba_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UnsupportedError, match="needs the package 'numba'") as refusal:
        sd.function("x**2 + 8").load("numba")
    assert "symdiff-codegen[numba]" in str(refusal.value)
