"""The contract of the emitted module of a function of arrays (CONTRACT.md, section 4)."""

from __future__ import annotations

import ast
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.optimize import minimize

import symdiff as sd
from symdiff.api import Function, from_recipe
from symdiff.commands import group
from symdiff.differentiated import Differentiated
from symdiff.emit.recipe import read_recipe
from tests.emit.test_self_check import self_checked

RANDOM = np.random.default_rng(0)
ROOT = Path(__file__).parents[2]


def line(w, b, X, y):
    residual = X @ w + b - y
    return np.mean(residual**2)


LINE_SHAPES = {"w": (3,), "X": ("N", 3), "y": ("N",)}
POINT: dict[str, Any] = {
    "w": RANDOM.normal(size=3),
    "b": 0.5,
    "X": RANDOM.normal(size=(5, 3)),
    "y": RANDOM.normal(size=5),
}


def made(function: Any = line, wrt: Any = ("w", "b"), **shapes: Any) -> Function:
    return sd.function(function, shapes=shapes or LINE_SHAPES).grad(wrt)


@pytest.fixture(scope="module")
def module() -> ModuleType:
    return made().load()


def run(text: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "g.py"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-I", str(path)]
    variables = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=variables)


# --- what the file is --------------------------------------------------------------------------


def test_numpy_is_all_that_is_imported() -> None:
    imported = {
        alias.name
        for node in ast.walk(ast.parse(made().emit()))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    assert imported <= {"numpy", "bisect", "contextlib", "Any"}


def test_names(module: ModuleType) -> None:
    assert module.INPUTS == ("w", "b", "X", "y")
    assert module.OUTPUTS == ("line",)
    assert module.WRT == ("w", "b")
    assert module.SHAPES == {"w": (3,), "b": (), "X": ("N", 3), "y": ("N",)}
    for name in "value value_and_grad grad pack unpack packed_value_and_grad".split():
        assert callable(getattr(module, name))


def test_the_file_checks_itself(tmp_path: Path) -> None:
    done = run(made().emit(), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [row.split(":")[0] for row in done.stdout.splitlines()] == ["grad by w", "grad by b"]


def test_a_wrong_derivative_is_found(tmp_path: Path) -> None:
    text = made(lambda x: np.sum(np.sin(x)), "x", x=("N",)).emit()
    assert text.count("np.cos(x)") == 1
    done = run(text.replace("np.cos(x)", "np.cos(1.001 * x)"), tmp_path)
    assert done.returncode == 1


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sum(np.maximum(x, 0.0)),
        lambda x: np.sum(np.abs(x) + np.where(x > 0.5, x, 0.5)),
        lambda x: np.sum(np.sqrt(x) + np.log(x)),
        lambda x: np.sum(np.arccosh(x)) + np.sum(np.arctanh(x[:1] / 9.0)),
        lambda x: np.linalg.slogdet(x[:, None] * x + np.eye(3))[1],
        lambda x: np.sum(np.linalg.solve(x[:, None] * x + np.eye(3), x)),
        lambda x: x[0] * sd.stop_gradient(x[1]),
    ],
)
def test_files_check_themselves(function: Any, tmp_path: Path) -> None:
    done = run(made(function, "x", x=(3,)).emit(), tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_file_of_a_number_with_a_stopped_gradient_excuses_it(tmp_path: Path) -> None:
    done = run(sd.function(lambda x: x * sd.stop_gradient(x)).grad().emit(), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "which may be right: stop_gradient" in done.stdout


def test_a_matrix_that_has_a_factor_is_found(tmp_path: Path) -> None:
    text = made(lambda A: np.sum(np.linalg.cholesky(A @ A.T)), "A", A=(3, 3)).emit()
    assert run(text, tmp_path).returncode == 0


def test_lines_are_short_and_lint_is_clean(tmp_path: Path) -> None:
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W"]
    for number, function in enumerate(programs()):
        (tmp_path / f"g{number}.py").write_text(function.emit(), encoding="utf-8")
    done = subprocess.run(
        [*ruff, "--line-length", "100", str(tmp_path)], capture_output=True, text=True
    )
    if "No module named" in done.stderr:
        pytest.skip("ruff is not installed")
    assert done.returncode == 0, done.stdout


def test_the_same_bytes_for_every_hash_seed(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "import numpy as np\n\n\n"
        "def loss(W, b, X, y):\n"
        "    hidden = np.maximum(X @ W + b, 0.0)\n"
        "    table = np.zeros((4, 4))\n"
        "    table[1:3] = W\n"
        "    return np.mean((hidden.sum(axis=1) - y)**2) + np.sum(table.T @ table)\n",
        encoding="utf-8",
    )
    code = (
        "import sys, runpy, symdiff as sd; loss = runpy.run_path(sys.argv[1])['loss'];"
        "shapes = {'W': (2, 4), 'b': 4, 'X': ('N', 2), 'y': 'N'};"
        "print(sd.function(loss, shapes=shapes).grad(('W', 'b')).emit())"
    )
    texts = set()
    for seed in (0, 1, 42):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        texts.add(done.stdout)
    assert len(texts) == 1


# --- results -----------------------------------------------------------------------------------


def test_one_wrt_is_one_array_and_several_are_a_tuple(module: ModuleType) -> None:
    value, gradient = module.value_and_grad(**POINT)
    assert value == module.value(**POINT)
    assert type(gradient) is tuple
    assert [np.shape(part) for part in gradient] == [(3,), ()]
    one = made(wrt="w").load()
    assert type(one.grad(**POINT)) is np.ndarray
    assert one.grad(**POINT).tolist() == gradient[0].tolist()


def test_scipy_minimizes_it(module: ModuleType) -> None:
    X, y = POINT["X"], POINT["y"]
    start = module.pack(POINT["w"], POINT["b"])
    found = minimize(module.packed_value_and_grad, start, args=(X, y), jac=True, tol=1e-12)
    wanted = np.linalg.lstsq(np.c_[X, np.ones(5)], y, rcond=None)[0]
    np.testing.assert_allclose(found.x, wanted, atol=1e-6)
    value, gradient = module.packed_value_and_grad(start, X, y)
    assert type(value) is float
    assert (gradient.shape, gradient.dtype) == ((4,), np.float64)


def test_pack_and_unpack(module: ModuleType) -> None:
    theta = module.pack(POINT["w"], POINT["b"])
    w, b = module.unpack(theta)
    assert (w.tolist(), b) == (POINT["w"].tolist(), POINT["b"])
    with pytest.raises(ValueError, match="theta: expected 4 numbers, got 3"):
        module.unpack(np.zeros(3))
    with pytest.raises(ValueError, match="theta: expected 4 numbers, got 5"):
        module.unpack(np.zeros(5))


def test_unpack_finds_a_named_length() -> None:
    shapes = {"A": ("N", 2), "c": ("N",), "s": ()}
    module = made(lambda A, c, s: s * np.sum(A.T @ c), ("A", "c", "s"), **shapes).load()
    for n in (0, 1, 7):
        A, c, s = np.ones((n, 2)), np.full(n, 2.0), 3.0
        theta = module.pack(A, c, s)
        assert [np.shape(part) for part in module.unpack(theta)] == [(n, 2), (n,), ()]
        value, gradient = module.packed_value_and_grad(theta)
        assert value == 12.0 * n
        assert gradient.size == theta.size
    for size in (0, 2, 3):
        with pytest.raises(ValueError, match="theta"):
            module.unpack(np.zeros(size))


def test_unpack_of_a_long_vector_is_quick() -> None:
    module = made(lambda x: np.sum(x**2), "x", x=("N",)).load()
    value, gradient = module.packed_value_and_grad(np.ones(10**6))
    assert (value, gradient.size) == (1e6, 10**6)


def test_two_named_lengths_do_not_follow_from_one_number() -> None:
    module = made(lambda A: np.sum(A), "A", A=("N", "M")).load()
    with pytest.raises(ValueError, match="theta: its length does not tell N and M"):
        module.unpack(np.zeros(4))


def test_scipy_minimizes_over_a_named_length() -> None:
    def rosenbrock(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    module = made(rosenbrock, "x", x=("N",)).load()
    for n in (2, 5):
        found = minimize(module.packed_value_and_grad, np.zeros(n), jac=True, tol=1e-10)
        np.testing.assert_allclose(found.x, np.ones(n), atol=1e-5)


# --- what goes in ------------------------------------------------------------------------------


def test_every_length_works(module: ModuleType) -> None:
    for n in (1, 2, 17):
        X, y = RANDOM.normal(size=(n, 3)), RANDOM.normal(size=n)
        w_bar, b_bar = module.grad(POINT["w"], 0.5, X, y)
        residual = X @ POINT["w"] + 0.5 - y
        np.testing.assert_allclose(w_bar, 2 * X.T @ residual / n, rtol=1e-12)
        np.testing.assert_allclose(b_bar, 2 * residual.mean(), rtol=1e-12)


def test_numbers_and_lists_and_whole_numbers(module: ModuleType) -> None:
    X, y = np.arange(6).reshape(2, 3), [1, 2]
    wanted = module.value_and_grad(np.ones(3), np.float64(2.0), X.astype(float), np.array([1.0, 2]))
    for w, b, design in (
        ([1, 1, 1], 2, X.tolist()),
        ((1.0, 1.0, 1.0), 2.0, X),
        (np.ones(3, bool), np.array(2), X.astype(np.int8)),
        (np.ones(3, np.uint8), np.array(2.0), X.astype(float)),
    ):
        value, gradient = module.value_and_grad(w, b, design, y)
        assert value == wanted[0]
        assert [np.asarray(part).dtype for part in gradient] == [np.float64] * 2
        assert all(np.array_equal(a, c) for a, c in zip(gradient, wanted[1], strict=True))


def test_numbers_divide_as_numpys() -> None:
    module = made(lambda a, x: np.sum(x) / a, ("a", "x"), x=(2,)).load()
    value, (a_bar, x_bar) = module.value_and_grad(0.0, np.ones(2))
    assert (value, a_bar, x_bar.tolist()) == (np.inf, -np.inf, [np.inf, np.inf])


def test_float32_stays_float32(module: ModuleType) -> None:
    small = {name: np.float32(x) for name, x in POINT.items()}
    value, gradient = module.value_and_grad(**small)
    assert [np.asarray(part).dtype for part in (value, *gradient)] == [np.float32] * 3


def wrong(**changed: Any) -> dict[str, Any]:
    return POINT | changed


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (wrong(w=np.ones(4)), ValueError, r"w: expected the shape \(3,\), got \(4,\)"),
        (wrong(y=np.ones(4)), ValueError, r"y: expected the shape \(N,\) with N = 5, got \(4,\)"),
        (wrong(X=np.ones(3)), ValueError, r"X: expected the shape \(N, 3\), got \(3,\)"),
        (wrong(b=np.ones(2)), ValueError, r"b: expected the shape \(\), got \(2,\)"),
        (wrong(w=np.ones(3) * 1j), TypeError, "w: expected real numbers, got complex128"),
        (wrong(b=1j), TypeError, "b: expected real numbers, got complex128"),
        (wrong(w="abc"), TypeError, "w: expected real numbers, got <U3"),
        (wrong(w=["a", "b", "c"]), TypeError, "w: expected real numbers, got <U1"),
        (wrong(w=None), TypeError, "w: expected real numbers, got object"),
        (wrong(w={}), TypeError, "w: expected real numbers, got object"),
        (wrong(w=np.array([1, None, 2])), TypeError, "w: expected real numbers, got object"),
        (wrong(X=np.ones((5, 3)).view(np.matrix)), TypeError, "X: expected an array, got matrix"),
        (wrong(w=np.ma.ones(3)), TypeError, "w: expected an array, got MaskedArray"),
        (wrong(X=[[1.0, 2.0, 3.0], [1.0]]), ValueError, "X: .*inhomogeneous"),
        (wrong(z=1.0), TypeError, "unexpected keyword argument 'z'"),
        ({k: v for k, v in POINT.items() if k != "y"}, TypeError, "missing .* argument: 'y'"),
    ],
)
def test_wrong_arguments(
    module: ModuleType, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    for name in ("value", "grad", "value_and_grad"):
        with pytest.raises(error, match=message):
            getattr(module, name)(**arguments)


def test_infinities_and_nan_come_without_warnings() -> None:
    module = made(lambda x: np.sum(np.log(x) / x), "x", x=("N",)).load()
    assert module.value(np.array([0.0, 1.0])) == -np.inf
    assert np.isnan(module.value(np.array([-1.0])))
    assert np.isfinite(module.grad(np.array([1.0, 2.0]))).all()


# --- accumulate= -------------------------------------------------------------------------------


def test_accumulate_adds_to_the_callers_arrays(module: ModuleType) -> None:
    w_bar, b_bar = module.grad(**POINT)
    total = np.ones(3), np.zeros(())
    assert module.grad(**POINT, accumulate=total) is total
    value, again = module.value_and_grad(**POINT, accumulate=total)
    assert again is total
    assert value == module.value(**POINT)
    np.testing.assert_allclose(total[0], 1 + 2 * w_bar, rtol=1e-14)
    np.testing.assert_allclose(total[1], 2 * b_bar, rtol=1e-14)


def test_accumulate_with_one_wrt_takes_the_array() -> None:
    module, total = made(wrt="w").load(), np.zeros(3)
    assert module.grad(**POINT, accumulate=total) is total
    assert total.tolist() == module.grad(**POINT).tolist()


@pytest.mark.parametrize(
    "into",
    [
        (np.zeros(3),),
        (np.zeros(3), np.zeros(1)),
        (np.zeros(4), np.zeros(())),
        (np.zeros(3), 0.0),
        ([0.0, 0.0, 0.0], np.zeros(())),
        (np.zeros(3), np.zeros((), int)),
        np.zeros(3),
    ],
)
def test_accumulate_adds_to_all_or_to_none(module: ModuleType, into: Any) -> None:
    with pytest.raises(ValueError, match="accumulate: expected"):
        module.grad(**POINT, accumulate=into)
    assert all(not np.any(part) for part in into)


# --- memory ------------------------------------------------------------------------------------


def views(x, A):
    table = np.zeros((3, 3))
    table[0] = x
    row = table[1]
    row += 2.0 * x[::-1]
    table[:, 2] *= A[:, 0]
    table[1:, 1:] -= A[1:, 1:]
    return np.sum(table**2)


PROGRAMS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (line, LINE_SHAPES),
    (views, {"x": (3,), "A": (3, 3)}),
    (lambda x: np.sum(x), {"x": ("N",)}),
    (lambda x, y: x @ y, {"x": (3,), "y": (3,)}),
    (lambda s, t: s * t, {"s": (), "t": ()}),
    (lambda s, x: s * np.sum(x), {"x": (3,)}),
    (lambda A: np.trace(A.T), {"A": (3, 3)}),
    (lambda A, B: np.sum(A * B.T), {"A": (3, 3), "B": (3, 3)}),
    (lambda x, y: np.sum(x * np.ones(3)) + np.sum(y * x.reshape(3)), {"x": (3,), "y": (3,)}),
    (lambda x: x[0] + 2.0 * x[1], {"x": (3,)}),
    (lambda x: np.sum(x[::-1] * np.arange(3.0)), {"x": (3,)}),
    (lambda x, y: np.sum(np.concatenate([x, y]) ** 2), {"x": (3,), "y": ("N",)}),
    (lambda A, x: x @ A @ x, {"A": (3, 3), "x": (3,)}),
    (lambda x, s: np.sum(np.where(x > s, x, s)), {"x": (3,)}),
    (lambda x: 0.5 * np.sum(x**2), {"x": (3,)}),
    (lambda x, y: np.sum((x + y) ** 2) / 2.0, {"x": (3,), "y": (3,)}),
    (lambda x: np.sum(np.sort(x) * np.cumsum(x)), {"x": (3,)}),
    (lambda x: np.max(x) + np.sum(np.broadcast_to(x, (2, 3))), {"x": (3,)}),
)


def programs() -> list[Function]:
    return [
        sd.function(f, shapes=shapes, wrt=tuple(f.__code__.co_varnames[: f.__code__.co_argcount]))
        .grad()
        for f, shapes in PROGRAMS
    ]  # fmt: skip


def drawn(function: Function) -> list[Any]:
    shapes = [[4 if type(n) is str else n for n in shape] for shape in function.shapes.values()]
    return [RANDOM.uniform(0.5, 2.0, shape) for shape in shapes]


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
@pytest.mark.parametrize("batch", [False, True])
def test_no_memory_is_shared_and_no_input_changed(number: int, batch: bool) -> None:
    function, shapes = PROGRAMS[number]
    count = function.__code__.co_argcount
    names = function.__code__.co_varnames[:count]
    module = sd.function(function, shapes=shapes, wrt=names, batch=batch).grad().load()
    inputs = drawn(sd.function(function, shapes=shapes))
    if number == 0:
        inputs[2], inputs[3] = RANDOM.normal(size=(4, 3)), RANDOM.normal(size=4)
    before = [np.array(x) for x in inputs]
    for x in inputs:
        np.asarray(x).setflags(write=False)
    first, second = module.value_and_grad(*inputs), module.value_and_grad(*inputs)
    value, gradient = first
    parts = gradient if type(gradient) is tuple else (gradient,)
    assert [np.shape(part) for part in parts] == [np.shape(x) for x in inputs]
    assert all(np.array_equal(x, y) for x, y in zip(inputs, before, strict=True))
    again = second[1] if type(second[1]) is tuple else (second[1],)
    arrays = [x for x in (value, *parts, *again, *inputs) if isinstance(x, np.ndarray)]
    for i, one in enumerate(arrays):
        for other in arrays[:i]:
            assert not np.shares_memory(one, other)
    for part in parts:
        if isinstance(part, np.ndarray):
            part += 1.0  # is the caller's, to write into


def test_programs_with_several_outputs_share_nothing() -> None:
    f = sd.function(lambda x: (x, x[1:], x.reshape(2, 2), 2.0 * x), shapes={"x": (4,)})
    x = np.arange(4.0)
    arrays = [*f.load().value(x), x]
    for i, one in enumerate(arrays):
        for other in arrays[:i]:
            assert not np.shares_memory(one, other)


# --- batches -----------------------------------------------------------------------------------


def test_leading_axes_broadcast() -> None:
    module = sd.function(line, shapes=LINE_SHAPES, wrt=("w", "b"), batch=True).grad().load()
    w, b = RANDOM.normal(size=(2, 1, 3)), RANDOM.normal(size=4)
    X, y = POINT["X"], POINT["y"]
    value, (w_bar, b_bar) = module.value_and_grad(w, b, X, y)
    assert (value.shape, w_bar.shape, b_bar.shape) == ((2, 4), (2, 4, 3), (2, 4))
    one = made().load()
    for i, j in np.ndindex(2, 4):
        wanted, (w_one, b_one) = one.value_and_grad(w[i, 0], b[j], X, y)
        np.testing.assert_allclose(value[i, j], wanted, rtol=1e-13)
        np.testing.assert_allclose(w_bar[i, j], w_one, rtol=1e-12)
        np.testing.assert_allclose(b_bar[i, j], b_one, rtol=1e-12)
    single, _ = module.value_and_grad(**POINT)
    np.testing.assert_allclose(single, one.value(**POINT), rtol=1e-13)
    empty, (w_bar, _) = module.value_and_grad(np.ones((0, 3)), 0.5, X, y)
    assert (empty.shape, w_bar.shape) == ((0,), (0, 3))


# --- other kinds of array ----------------------------------------------------------------------


def test_dask_arrays_stay_lazy() -> None:
    dask = pytest.importorskip("dask.array", reason="Dask is not installed")
    module = made(lambda x, y: np.sum(np.sin(x) * y), ("x", "y"), x=("N",), y=("N",)).load()
    x, y = RANDOM.normal(size=6), RANDOM.normal(size=6)
    value, gradient = module.value_and_grad(*[dask.from_array(a, chunks=3) for a in (x, y)])
    assert all(isinstance(part, dask.Array) for part in (value, *gradient))
    wanted, bars = module.value_and_grad(x, y)
    np.testing.assert_allclose(value.compute(), wanted, rtol=1e-14)
    for part, bar in zip(gradient, bars, strict=True):
        np.testing.assert_allclose(part.compute(), bar, rtol=1e-14)


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    "np N lambda_ _run _value _value_and_grad _arguments _converted _accumulated theta f gradient"
    " accumulate SHAPES FLOAT KINDS WRT INPUTS given fit shapes float isinstance value grad pack"
    " unpack packed_value_and_grad bisect special type zip tuple int len sum max x_bar v w".split(),
)
def test_an_input_may_have_any_name(name: str) -> None:
    space: dict[str, Any] = {"numpy": np}
    text = f"def loss({name}, s, X): return s * numpy.sum(numpy.tanh(X @ {name}))"
    exec(text, space)
    f = sd.function(space["loss"], shapes={name: (2,), "X": ("N", 2)}, wrt=(name, "s"))
    module = f.grad().load()
    a, X = RANDOM.normal(size=2), RANDOM.normal(size=(3, 2))
    assert f.inputs == (name, "s", "X")
    value, (bar, s_bar) = module.value_and_grad(**{name: a, "s": 2.0, "X": X})
    assert value == pytest.approx(2.0 * np.tanh(X @ a).sum(), rel=1e-14)
    assert s_bar == pytest.approx(value / 2.0, rel=1e-14)
    np.testing.assert_allclose(bar, 2.0 * X.T @ (1 - np.tanh(X @ a) ** 2), rtol=1e-13)
    into = np.zeros(2), np.zeros(())
    packed, flat = module.packed_value_and_grad(module.pack(a, 2.0), X)
    assert (packed, flat.tolist()) == (value, [*bar, s_bar])
    if name != "accumulate":
        assert module.grad(a, 2.0, X, accumulate=into) is into
    module.value([1, 2], 2, X.tolist())  # the slow way in
    assert self_checked(f.grad().emit()).code == 0


def test_an_output_and_a_length_may_have_any_name() -> None:
    for n in ("np", "lengths", "v", "x_bar", "given", "theta"):
        f = sd.function(lambda x: np.mean(np.sin(x) ** 2), shapes={"x": (n,)}, name="np").grad()
        x = RANDOM.normal(size=4)
        np.testing.assert_allclose(f(x), np.sin(2 * x) / 4, rtol=1e-13)


# --- made again --------------------------------------------------------------------------------


def sources() -> list[Function]:
    import sympy as sp

    A, v = sp.MatrixSymbol("A", 3, 3), sp.MatrixSymbol("v", 3, 1)
    return [
        sd.function("X: [N, 10]; w: [10]; y: [N]; mean((X @ w - y)**2)").grad(),
        sd.function((v.T * A * v)[0, 0]).grad(),
        made(),
        made(wrt="w"),
        sd.function(line, shapes=LINE_SHAPES, name="loss", batch=True).grad(),
        sd.function(line, shapes=LINE_SHAPES),
        made(views, ("x", "A"), x=(3,), A=(3, 3)),
    ]


@pytest.mark.parametrize("number", range(7))
def test_verify_makes_the_same_bytes(number: int, tmp_path: Path) -> None:
    function = sources()[number]
    text = function.emit()
    assert from_recipe(read_recipe(text)).emit() == text
    path = function.write(tmp_path / "g.py")
    assert CliRunner().invoke(group, ["verify", str(path)]).exit_code == 0
    path.write_text(text.replace("return", "return 0 *", 1), encoding="utf-8")
    assert CliRunner().invoke(group, ["verify", str(path)]).exit_code == 1


@pytest.mark.parametrize("number", range(7))
def test_a_function_can_be_pickled(number: int) -> None:
    function = sources()[number]
    again = pickle.loads(pickle.dumps(function))
    assert again.emit() == function.emit()
    assert (again.inputs, again.shapes, again.wrt) == (
        function.inputs,
        function.shapes,
        function.wrt,
    )


def test_a_function_that_reads_a_large_array_can_be_pickled() -> None:
    X = RANDOM.normal(size=(1000, 3))
    function = sd.function(lambda w: np.sum((X @ w) ** 2), shapes={"w": (3,)}).grad()
    again = pickle.loads(pickle.dumps(function))
    assert again(np.ones(3)).tolist() == function(np.ones(3)).tolist()


def test_a_differentiated_function_can_be_pickled() -> None:
    grad = sd.grad(line, wrt=("w", "b"))
    assert isinstance(grad, Differentiated)
    again = pickle.loads(pickle.dumps(grad))
    assert np.array_equal(again(**POINT)[0], grad(**POINT)[0])


def test_variable_of_the_user_keeps_its_name() -> None:
    """The derivation's own `x_bar` and `x_dot` are inlined where they are read once."""

    def f(x, v):  # type: ignore[no-untyped-def]
        x_dot = np.tanh(v) * 2.0
        r_bar = np.sin(x) + 1.0
        return np.sum(x_dot * r_bar)

    text = sd.function(f, shapes={"x": (3,), "v": (3,)}).grad((0, 1)).emit()
    assert text.count("x_dot = np.tanh(v)") == 1  # of the value; the gradient reads the tanh again
    assert text.count("x_dot = ") == text.count("r_bar = ") == 2
    assert "x_dot_bar" not in text


def test_variable_of_the_user_keeps_its_name_through_a_recipe() -> None:
    def f(x):  # type: ignore[no-untyped-def]
        x_dot = np.tanh(x)
        y_bar = sd.grad(lambda z: np.sum(z * z * z))(x_dot)
        return np.sum(x_dot * y_bar)

    made = sd.function(f, shapes={"x": (3,)}).hvp()
    assert from_recipe(read_recipe(made.emit())).emit() == made.emit()


@pytest.mark.parametrize(("text", "lengths"), [
    ("x: [N]; diff(x)", [4]), ("x: [N]; x[1:]*x[:-1]", [3]),
    ("x: [N]; concatenate([x, x**2])", [3]),
    ("x: [N]; y: [M]; concatenate([x, sin(y)])", [3, 2]), ("x: [N]; kron(x, x)", [2]),
    ("x: [N]; diff(x, 2)", [4]), ("x: [N]; convolve(x, x)", [2]),
])  # fmt: skip
def test_cotangent_whose_length_follows_from_others(text: str, lengths: list[int]) -> None:
    function, random = sd.function(text), np.random.default_rng(0)
    inputs = [random.normal(size=n) for n in lengths]
    bar = random.normal(size=function(*inputs).shape)
    made = function.vjp()
    _, cotangents = made(*inputs, bar)
    parts = cotangents if len(inputs) > 1 else (cotangents,)
    step = 1e-6
    for number, part in enumerate(parts):
        for place, found in enumerate(part):
            moved = [[x.copy() for x in inputs] for _ in "+-"]
            moved[0][number][place] += step
            moved[1][number][place] -= step
            up, down = (np.sum(bar * function(*point)) for point in moved)
            assert found == pytest.approx((up - down) / (2 * step), abs=1e-8)
    assert all(map(np.array_equal, _tuple(made(*inputs, bar.tolist())[1]), parts))
    with pytest.raises(ValueError, match="expected the shape"):
        made(*inputs, np.append(bar, 0.0))
    assert from_recipe(read_recipe(made.emit())).emit() == made.emit()


def _tuple(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)
