"""Targets: every operation is spelled, expanded or refused by name; what is spelled is right."""

from __future__ import annotations

import ast
import importlib.util
import math
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.api import Function
from symdiff.emit.targets import TARGETS
from symdiff.errors import UnsupportedError
from symdiff.ops.registry import OPERATIONS
from symdiff.origin import Origin
from symdiff.verbs import VERBS
from tests.emit.compilers import C
from tests.emit.golden_loops import lorenz, lstm
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.rows import OF_GRAPHS, OF_USERS, ROWS, Row
from tests.ops.test_array_operations import drawn, graph_of
from tests.ops.test_operations import graph_of as graph_of_numbers
from tests.ops.test_operations import points_of
from tests.refused import loaded_or_refused
from tests.strategies import array_graphs, array_points, examples, graphs, points
from tests.test_commands import run
from tests.while_loops import CASES, made

TABLES = {name: target.dialect.table for name, target in TARGETS.items()}
FORMS = "infix prefix call written constant loop part itself check silent".split()

# --- every operation and every target ------------------------------------------------------------


@pytest.mark.parametrize("target", TABLES)
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_is_spelled_expanded_or_refused(name: str, target: str) -> None:
    is_written_out = OPERATIONS[name].expand is not None or name in (*OF_USERS, *OF_GRAPHS)
    if TABLES[target].can_write(name):
        spelling = TABLES[target].spell(name)
        assert spelling.form in FORMS
    elif not is_written_out and target != "formula":  # the grammar marks what has no words there
        with pytest.raises(UnsupportedError, match=f"'{target}' cannot write .* '{name}'"):
            TABLES[target].spell(name)


def test_numpy_writes_all() -> None:
    lacking = {name for name in OPERATIONS if not TABLES["numpy"].can_write(name)}
    assert all(OPERATIONS[name].expand or name in (*OF_USERS, *OF_GRAPHS) for name in lacking)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_tables_hold_operations_alone(table: Any) -> None:
    memory = {
        *"inf nan copy empty full first_where number rows append stacked turned count".split()
    }
    decisions = {"choice", "both", "either", "fails", "larger", "smaller"}
    masks = {"add_where", "sum_where"}
    nests = {"element", "store", "as_whole", "add_in_any_order"}
    others = {
        op.removesuffix("_in_loops")
        for op in {*table} - memory - decisions - masks - nests
        if not op.endswith("_int64")
    }
    assert others <= {*OPERATIONS}


# --- python --------------------------------------------------------------------------------------


def of_lists(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        return function(*[np.asarray(x).tolist() for x in args])

    return call


def check_plain(text: str) -> None:
    """State that a module imports `math` alone and defines what it calls."""
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, ast.ImportFrom)
        if isinstance(node, ast.Import):
            assert [alias.name for alias in node.names] == ["math"]


def agree(found: Any, wanted: Any, rel: float = 1e-12) -> None:
    if isinstance(wanted, tuple):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            agree(one, other, rel)
    else:
        found, wanted = np.asarray(found, float), np.asarray(wanted, float)
        if not wanted.size:  # lists without elements have no further axes
            assert not found.size
            return
        assert found.shape == wanted.shape
        scale = np.max(np.abs(wanted[np.isfinite(wanted)]), initial=1e-300)
        np.testing.assert_allclose(found, wanted, rtol=rel, atol=1e-14 * scale)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_numbers_are_those_of_numpy_or_refused(row: Row) -> None:
    function = Function(graph_of_numbers(row), Origin("an operation", None), VERBS["value"], ())
    module = loaded_or_refused(function, "python")
    if module is None:
        return
    check_plain(function.emit("python"))
    for point in points_of(row):
        wanted = float(np.asarray(row.function(*point), float))
        found = module.value(*point)
        assert type(found) in (float, int, bool)
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-15)


_VARIANTS = [(row, variant) for row in ARRAY_ROWS for variant in row.variants]


@pytest.mark.parametrize(
    ("row", "variant"), _VARIANTS, ids=[f"{r.name}-{k}" for k, (r, _) in enumerate(_VARIANTS)]
)
def test_lists_are_numpys_arrays_or_refused(row: Any, variant: Any) -> None:
    graph = graph_of(row, variant)
    function = Function(graph, Origin("an operation", None), VERBS["value"], ())
    args = drawn(row, variant)
    module = loaded_or_refused(function, "python")
    if module is None:
        return
    check_plain(function.emit("python"))
    agree(of_lists(module.value)(*args), np.asarray(row.oracle(*args, *variant.params)))


@examples(60)
@given(st.data())
def test_random_formulas_have_numpys_values(data: st.DataObject) -> None:
    graph = data.draw(graphs(20))
    point = data.draw(points(graph))
    made = Function(graph, Origin("a formula", None), VERBS["grad"], graph.input_names)
    try:
        module = made.load("python")
        found = module.grad(*[float(point[name]) for name in graph.input_names])
    except (UnsupportedError, ArithmeticError, ValueError):
        return
    wanted = made(*[point[name] for name in graph.input_names])
    np.testing.assert_allclose(np.ravel(found), np.ravel(wanted), rtol=1e-9, atol=1e-300)


@examples(60)
@given(st.data())
def test_random_programs_have_numpys_values(data: st.DataObject) -> None:
    graph = data.draw(array_graphs())
    point = data.draw(array_points(graph))
    made = Function(graph, Origin("a program", None), VERBS["grad"], graph.input_names)
    args = [point[name] for name in graph.input_names]
    try:
        found = of_lists(made.load("python").grad)(*args)
    except (UnsupportedError, ArithmeticError, ValueError):
        return
    wanted = made(*args)
    agree(found, wanted, 1e-8)


@pytest.mark.parametrize("verb", ["value", "grad", "jacobian", "hessian", "jvp", "vjp", "hvp"])
@pytest.mark.parametrize("text", [
    "x**2 + y**3", "where(x > y, sqrt(x), exp(-y))*hypot(x, y)", "max(x, y)*sin(x*y) + lambda",
])  # fmt: skip
def test_verbs_of_numbers(text: str, verb: str) -> None:
    made = VERBS[verb] and getattr(sd.function(text), verb, lambda: sd.function(text))()
    args = [0.7, 0.4, 1.3, 0.2, -0.5, 2.0][: len(made.inputs)]
    module = made.load(target="python")
    agree(getattr(module, made.verb.name)(*args), made(*args))


def test_a_mean_square_of_lists() -> None:
    made = sd.function("X: [N, 3]; w: [3]; y: [N]; f = mean((X @ w - y)**2)").grad()
    rng = np.random.default_rng(0)
    args = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=5)
    module = made.load(target="python")
    agree(of_lists(module.grad)(*args), made(*args))
    assert "import" not in made.emit(target="python")


def test_a_numpy_function_is_computed_by_lists() -> None:
    def loss(w: Any, X: Any) -> Any:
        return np.sum(np.tanh(X @ w) ** 2)

    rng = np.random.default_rng(1)
    w, x = rng.normal(size=3), rng.normal(size=(4, 3))
    found = sd.grad(loss, target="python")(w, x)
    assert isinstance(found, np.ndarray)
    agree(found, sd.grad(loss)(w, x))


def test_what_a_target_cannot_write_is_named_with_its_place() -> None:
    with pytest.raises(UnsupportedError) as refusal:
        sd.function("x + erfinv(y)").grad().emit(target="python")
    assert refusal.value.message == "the target 'python' cannot write the operation 'erfinv'"
    assert refusal.value.suggestion == "targets that can: numpy"
    assert refusal.value.column is not None


def test_what_is_hidden_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="'math' hides"):
        sd.function("math*x").emit(target="python")


def test_sparse_matrices_are_refused() -> None:
    made = sd.function("x: [3]; f = x**2").jacobian(sparse=True)
    with pytest.raises(UnsupportedError, match="sparse"):
        made.emit(target="python")


def test_special_numbers_are_numbers() -> None:
    assert math.isclose(sd.function("pi*x").load(target="python").value(2.0), 2 * math.pi)


@pytest.mark.parametrize("dtype", [np.int8, np.int64])
@pytest.mark.parametrize("target", ["numpy", C])
@pytest.mark.parametrize("exponent", [2.0, 3.0, 1.0, -1.0, -2.0])
def test_a_whole_number_to_the_power_of_a_float_does_not_wrap(
    exponent: float, target: str, dtype: Any
) -> None:
    def f(k: Any, x: Any) -> Any:
        return np.sum(np.power(k, exponent) * x)

    x = np.array([0.5, 1.5, 2.0])
    k = np.array([100, -120, 3] if dtype is np.int8 else [5_000_000_000, -4_000_000_000, 3], dtype)
    value, gradient = sd.value_and_grad(f, "x", target=target)(k, x)
    np.testing.assert_allclose(value, f(k, x), rtol=1e-14)
    np.testing.assert_allclose(gradient, k.astype(float) ** exponent, rtol=1e-14)


# --- calls, pickles and threads of every target --------------------------------------------------

MODULES = [name for name, target in TARGETS.items() if target.entry is not None]
LOADED = [
    C if name == "c" else pytest.param(name, marks=pytest.mark.skipif(
        name == "numba" and importlib.util.find_spec("numba") is None,
        reason="numba is not installed",
    ))
    for name in MODULES
]  # fmt: skip


@pytest.mark.parametrize("target", LOADED)
def test_a_text_is_computed_by_the_target(target: str) -> None:
    made = sd.grad("X: [N, 2]; w: [2]; sum(tanh(X @ w)**2)", "w", target=target)
    args = np.arange(6.0).reshape(3, 2) / 7, np.array([0.3, -0.2])
    wanted = sd.grad("X: [N, 2]; w: [2]; sum(tanh(X @ w)**2)", "w")(*args)
    again = pickle.loads(pickle.dumps(made))
    for function in (made, again):
        assert function.target == target
        agree(function(*args), wanted)
        assert function.emit() == sd.function(made.origin.text).grad("w").emit(target)
    assert made.jacobian().target == target


@pytest.mark.parametrize("target", LOADED)
def test_a_numpy_function_is_computed_by_the_target_in_several_threads(target: str) -> None:
    def loss(w: Any, X: Any) -> Any:
        return np.sum(np.tanh(X @ w) ** 2)

    rng = np.random.default_rng(0)
    points = [(rng.normal(size=3), rng.normal(size=(2 + k % 3, 3))) for k in range(12)]
    wanted = [sd.grad(loss)(*point) for point in points]
    made = sd.grad(loss, target=target)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda point: made(*point), points))
    for one, other in zip(found, wanted, strict=True):
        agree(one, other)


@pytest.mark.parametrize("target", ["python", "array-api"])
def test_checks_and_comparisons_are_of_the_target(target: str) -> None:
    function = sd.function("x**2*exp(-y)").value_and_grad()
    function.target = target
    called: list[str] = []
    emitted = Function._emitted

    def noted(self: Function, name: str | None = None, dtype: str | None = None) -> Any:
        called.append(name or self.target)
        return emitted(self, name, dtype)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Function, "_emitted", noted)
        assert function.check(at={"x": 1.0, "y": 0.5}).ok
        assert function.compare(at={"x": 1.0, "y": 0.5}).rows[-1].error < 1e-15
    assert {*called} == {target}


def test_a_target_that_a_check_cannot_have_is_refused() -> None:
    for verb in ("check", "compare"):
        result = run(verb, "erfinv(x)", "--target", "python")
        assert result.exit_code == 2
        assert "cannot write the operation 'erfinv'" in result.stderr
    single = sd.function("x**2").grad()
    single.dtype = "float32"
    with pytest.raises(UnsupportedError, match="a check in single precision"):
        single.check()


def test_help_and_pages_name_every_target() -> None:
    page = (Path(sd.__file__).parents[1] / "docs" / "targets.md").read_text()
    told = run("grad", "--help").stdout
    for name in MODULES:
        assert f"| `{name}` |" in page
        assert name in told


# --- loops ---------------------------------------------------------------------------------------


def states(h: Any, w: Any, xs: Any) -> Any:
    """What is carried, and stacked results that later lines read."""

    def step(h: Any, x: Any) -> Any:
        h = np.tanh(w @ h + x)
        return h, h[0]

    h, ys = sd.scan(step, h, xs)
    return np.sum(h**2) + np.sum(ys**3)


def counted(x: Any, u: Any) -> Any:
    def step(s: Any, row: Any) -> Any:
        number, y = row
        return s * np.sin(x) + number * y, s

    s, history = sd.scan(step, x**2, (np.arange(6), u))
    return s + history @ u


LOOPS = {
    states: (np.ones(3) / 3, np.arange(9.0).reshape(3, 3) / 9, np.ones((5, 3)) / 2),
    counted: (np.float64(0.7), np.arange(6.0) / 3),
    lorenz: (np.array([1.0, 2.0, 3.0]), np.float64(1.5)),
    lstm: (
        np.sin(np.arange(36.0)).reshape(12, 3), np.cos(np.arange(24.0)).reshape(12, 2),
        np.ones(12) / 5, np.sin(np.arange(8.0)).reshape(4, 2), np.ones((4, 3)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("target", ["python", "array-api", C])
@pytest.mark.parametrize("function", LOOPS)
def test_loops_without_writes_in_place(function: Callable[..., Any], target: str) -> None:
    args = LOOPS[function]
    wanted = sd.value_and_grad(function, wrt=(0, 1))(*args)
    found = sd.value_and_grad(function, wrt=(0, 1), target=target)(*args)
    agree(found, wanted, 1e-10)


@pytest.mark.parametrize("target", ["python", "array-api"])
@pytest.mark.parametrize("name", CASES)
def test_loops_that_a_test_ends(name: str, target: str) -> None:
    function = made(name).value_and_grad()
    module = function.load(target)
    call = of_lists(module.value_and_grad) if target == "python" else module.value_and_grad
    for numbers in CASES[name].points:
        point = [np.asarray(x, float) for x in numbers]
        agree(call(*point), function(*point), 1e-10)


def test_a_choice_that_a_comprehension_goes_through_is_in_parentheses() -> None:
    def program(x: Any, k: Any) -> Any:
        return sum([abs(math.sqrt(k) if k > 0.1 else v) for v in x])

    made = sd.function(program, shapes={"x": (12,), "k": ()}).grad("x").load("python")
    assert made.grad([-0.5] * 12, 0.7) == [0.0] * 12
    assert made.grad([-0.5] * 12, 0.0) == [-1.0] * 12
