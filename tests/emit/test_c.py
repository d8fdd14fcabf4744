"""C: its text, and what a compiler makes of it beside NumPy's module."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api import Function
from symdiff.emit.native import calls, library
from symdiff.emit.native import module as modules
from symdiff.emit.native.library import compiler
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.origin import Origin
from symdiff.verbs import VERBS
from tests.emit.compilers import compiled
from tests.emit.test_targets import agree
from tests.frontend.tracing.checks import without_ways
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.rows import ROWS, Row
from tests.ops.test_array_operations import drawn, graph_of
from tests.ops.test_operations import graph_of as graph_of_numbers
from tests.ops.test_operations import points_of
from tests.programs.oracle import NAMES, program
from tests.programs.refused import REFUSED
from tests.programs.test_programs import VALUE, check_gradient, loss_of
from tests.refused import loaded_or_refused
from tests.test_commands import run

STRICT = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O1"]


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMDIFF_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("CFLAGS", "-O1")  # many files are built here
        yield


def check_strict(text: str, folder: Path) -> None:
    """State that a compiler has nothing to say."""
    file = folder / "g.c"
    file.write_text(text)
    done = subprocess.run(
        [*compiler(), *STRICT, "-c", str(file), "-o", str(folder / "g.o")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- the text ------------------------------------------------------------------------------------

POLYNOMIAL = """
/**
 * The value and (df/dx = 2*x, df/dy = 3*y**2); smooth everywhere.
 * @param x a number
 * @param y a number
 * @param f where f goes
 * @param df_dx where df_dx goes
 * @param df_dy where df_dy goes
 */
void f_value_and_grad(
    double x,
    double y,
    double *restrict f,
    double *restrict df_dx,
    double *restrict df_dy)
{
    const double y_squared = y * y;
    const double f2 = x * x + y_squared * y;
    *f = f2;
    *df_dx = 2.0 * x;
    *df_dy = 3.0 * y_squared;
}
"""


def test_a_formula_is_a_function_of_doubles() -> None:
    text = sd.function("x**2+y**3").grad().emit("c")
    assert POLYNOMIAL in text
    assert "malloc" not in text
    assert re.findall(r"#include (.*)", text.partition("#ifdef SYMDIFF_MAIN")[0]) == [
        "<math.h>",
        "<stdbool.h>",
        "<stddef.h>",
        "<stdint.h>",
    ]


def test_the_header_is_written_beside_the_file(tmp_path: Path) -> None:
    done = run("grad", "x**2+y**3", "--target", "c", "-o", str(tmp_path / "g.c"))
    assert done.exit_code == 0
    header = (tmp_path / "g.h").read_text()
    assert "double f_value(double x, double y);" in header
    assert header.count("{\n") == 1  # of extern "C": no function has a body
    assert run("verify", str(tmp_path / "g.c")).exit_code == 0
    refused = run("grad", "x**2+y**3", "--target", "c", "-o", str(tmp_path / "g.h"))
    assert refused.exit_code == 2
    assert "header" in refused.stderr


def test_the_header_is_read_by_cpp(tmp_path: Path) -> None:
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("no C++ compiler is installed")
    sd.function("x: [N]; A: [N, N]; sum(x*(A @ x))").grad().write(tmp_path / "g.c", target="c")
    (tmp_path / "use.cpp").write_text('#include "g.h"\n')
    words = [compiler, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "use.cpp"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_file_that_was_changed_is_found_out(tmp_path: Path) -> None:
    file = sd.function("x**2+y**3").grad().write(tmp_path / "g.c", "c")
    file.write_text(file.read_text().replace("2.0 * x", "3.0 * x"))
    assert run("verify", str(file)).exit_code == 1


def test_no_text_leaves_a_comment() -> None:
    text = sd.function("y = x/2  # */ int main(void) { /* \\").grad().emit("c")
    comments = re.findall(r"/\*.*?\*/", text, re.DOTALL)
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    assert code.count("main(") == 1  # its own
    assert any("recipe" in comment for comment in comments)


@compiled
@pytest.mark.parametrize(
    "text",
    [
        "double*int + exp(exp)*y0 + restrict**2 + main*NAN + v*f2*total",
        "f = double*bool",
        "where(x > 0 and not y > x or x < -3, sqrt(x), -cos(y)**2) % 0.7",
        "x: [N, 3]; y: [N]; where = sum(x, axis=1) @ y + sum(maximum(x, 0))",
    ],
)
def test_names_and_operators_are_cs(text: str, tmp_path: Path) -> None:
    check_strict(sd.function(text).grad().emit("c"), tmp_path)


def test_what_it_cannot_write_is_refused_by_name_with_its_place() -> None:
    with pytest.raises(UnsupportedError) as refusal:
        sd.function("x + erfinv(y)").emit(target="c")
    assert refusal.value.message == "the target 'c' cannot write the operation 'erfinv'"
    assert refusal.value.suggestion == "targets that can: numpy"
    assert refusal.value.column == 5


# --- what it computes ----------------------------------------------------------------------------


def flat(result: Any) -> Any:
    if isinstance(result, tuple):
        return np.concatenate([flat(part) for part in result])
    return np.ravel(result)


VERBS_OF_ONE = ["grad", "value_and_grad", "jacobian", "hessian", "hvp", "jvp", "vjp", "laplacian"]
FORMULAS = [
    "x**2 + y**3",
    "where(x > 0, sqrt(x), y**2)*exp(x*y)",
    "log(1 + exp(x)) + atan2(x, y) + abs(x - y)**1.5",
]


@compiled
@pytest.mark.parametrize("verb", VERBS_OF_ONE)
@pytest.mark.parametrize("text", FORMULAS)
def test_floats_and_arrays_give_what_numpy_gives(text: str, verb: str) -> None:
    made = getattr(sd.function(text), verb)()
    count = 2 + len(made.source.vectors(made.source.derivatives[0]))
    numpy, native = made.load(), made.load("c")
    floats = [1.5, 2.0, 0.7, -0.4][:count]
    arrays = [np.linspace(-2.0, 3.0, 7) + x for x in floats]
    strided = [np.repeat(x, 2)[::2] for x in arrays]
    for given in (floats, arrays, [arrays[0], *floats[1:]], strided):
        wanted, found = getattr(numpy, verb)(*given), getattr(native, verb)(*given)
        np.testing.assert_allclose(flat(found), flat(wanted), rtol=1e-14)
    assert type(native.value(1.5, 2.0)) is float


@compiled
def test_results_at_edges_are_numpys() -> None:
    native = sd.function("log(x) + 1/y").grad().load("c")
    assert native.value(0.0, 1.0) == -np.inf
    assert np.isnan(native.value(-1.0, 1.0))
    assert native.value(1.0, 0.0) == np.inf
    assert native.grad(0.0, 0.0) == (np.inf, -np.inf)


# what a slower way would compute is refused, so that it is known which one was gone
needs_headers = pytest.mark.skipif(not calls.headers(), reason="Python's headers are not there")


@compiled
@needs_headers
@pytest.mark.parametrize("verb", VERBS_OF_ONE)
def test_floats_are_given_to_the_extension(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def slower(*_: Any) -> Any:
        return lambda *given: pytest.fail(f"{given} went the slower way")

    monkeypatch.setattr(modules, "_of_floats", slower)
    made = getattr(sd.function(FORMULAS[0]), verb)()
    count = 2 + len(made.source.vectors(made.source.derivatives[0]))
    floats = [1.5, 2.0, 0.7, -0.4][:count]
    found = getattr(made.load("c"), verb)(*floats)
    wanted = getattr(made.load(), verb)(*floats)
    np.testing.assert_allclose(flat(found), flat(wanted), rtol=1e-14)
    assert _kinds(found) == _kinds(wanted)


def _kinds(nest: Any) -> Any:
    return [_kinds(part) for part in nest] if isinstance(nest, tuple) else type(nest)


@compiled
@needs_headers
def test_the_extension_takes_floats_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sd.function("x*y + 21").value_and_grad()
    body = made.load("c")._value_and_grad
    for given in ((2, 3.0), (np.float64(2.0), 3.0)):
        assert body(*given) == (27.0, (3.0, 2.0))
    with pytest.raises(TypeError):
        body(2.0)
    monkeypatch.setattr(modules, "headers", lambda: "")
    assert sd.function("x*y + 21").value_and_grad().load("c").grad(2.0, 3.0) == (3.0, 2.0)


_X = np.linspace(0.5, 2.0, 12)


@compiled
@pytest.mark.parametrize("verb", ["value_and_grad", "jacobian"])
@pytest.mark.parametrize(
    "given",
    [
        (_X, 0.3),
        (2, _X[::-2]),
        (_X.reshape(3, 4), _X[:4]),
        (_X.reshape(3, 4).T, [[1], [2], [3], [4]]),
        (_X.astype(np.float32), np.float32(2.0)),
        (np.arange(1, 4), np.array(2.5)),
        (_X[:0], 1.0),
        (np.float64(1.5), 2),
        (1, 2),
        (np.linspace(0.5, 2.0, 70_000), 1.5),
    ],
    ids=repr,
)
def test_points_are_those_of_numpy(verb: str, given: tuple[Any, Any]) -> None:
    made = getattr(sd.function("x**2*exp(-y) + sin(x)/y"), verb)()
    found, wanted = (getattr(made.load(target), verb)(*given) for target in ("c", "numpy"))
    for one, other in zip(flat_parts(found), flat_parts(wanted), strict=True):
        assert type(one) is type(other)
        assert np.result_type(one) == np.result_type(other)
        assert np.shape(one) == np.shape(other)
        np.testing.assert_allclose(one, other, rtol=16 * np.finfo(np.result_type(one)).eps)


def flat_parts(nest: Any) -> list[Any]:
    """The arrays and numbers of nested tuples."""
    return [x for part in nest for x in flat_parts(part)] if type(nest) is tuple else [nest]


SMALL = """if x > 0.9:
    raise ValueError(f"x must be small, got {x}")
x*log(1 + x)
"""


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=compiled)])
def test_a_check_of_numbers_is_one_of_the_points_given(target: str) -> None:
    module = sd.function(SMALL).value_and_grad().load(target)
    x = np.linspace(0.0, 0.5, 5)  # 1.0, where the check fails, is none of them
    value, slope = module.value_and_grad(x)
    np.testing.assert_allclose(value, x * np.log1p(x), rtol=1e-14)
    np.testing.assert_allclose(slope, np.log1p(x) + x / (1.0 + x), rtol=1e-14)
    for bad in (np.linspace(0.0, 0.95, 5), 0.95, np.float64(0.95)):
        with pytest.raises(ValueError, match=r"x must be small, got 0\.95"):
            module.value_and_grad(bad)


@compiled
@needs_headers
def test_headers_that_do_not_compile_are_done_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SYMDIFF_CACHE", str(tmp_path))
    monkeypatch.setattr(modules, "text_of", lambda _: "#error these")
    assert sd.function("x*y + 22").load("c").value(2.0, 3.0) == 28.0


REGRESSION = "X: [N, 2]; w: [2]; y: [N]; mean((X @ w - y)**2)"


@compiled
def test_arrays_of_named_lengths(tmp_path: Path) -> None:
    made = sd.function(REGRESSION).grad("w, X")
    rng = np.random.default_rng(0)
    native = made.load("c")
    for n in (1, 7, 100):
        given = rng.normal(size=(n, 2)), rng.normal(size=2), rng.normal(size=n)
        agree(native.value_and_grad(*given), made.load().value_and_grad(*given))
    folded = np.asfortranarray(given[0])
    agree(native.grad(folded, *given[1:]), made.load().grad(*given))
    with pytest.raises(ValueError, match="expected the shape"):
        native.grad(given[0], given[1], given[2][1:])
    check_strict(made.emit("c"), tmp_path)


@compiled
def test_a_lean_file_is_loaded() -> None:
    made = sd.module(sd.function("x**2*y").grad(), target="c", lean=True)
    assert "main" not in made.emit()
    assert made.load().grad(2.0, 3.0) == (12.0, 4.0)


def test_a_long_chain_of_choices_is_written() -> None:
    text = "x"
    for k in range(350):
        text = f"{k} if x < {k} else ({text})"
    assert "else if" in sd.function(text).grad().emit("c")


@compiled
def test_a_workspace_has_a_macro() -> None:
    text = sd.function(REGRESSION).grad("w").emit("c")
    assert "#define F_VALUE_AND_GRAD_WORK(N) (" in text
    assert "double *restrict work)" in text


@compiled
def test_a_numpy_function_is_computed() -> None:
    def loss(w: Any, x: Any) -> Any:
        h = np.tanh(x @ w)
        return np.sum(h * h) / h.size

    rng = np.random.default_rng(1)
    given = rng.normal(size=(3, 2)), rng.normal(size=(5, 3))
    agree(sd.grad(loss, target="c")(*given), sd.grad(loss)(*given))


@compiled
def test_a_hard_sum_is_as_exact_as_numpys() -> None:
    native = sd.function("x: [N]; sum(x)").load("c")
    x = np.concatenate([[1e16], np.ones(1000), [-1e16]])
    assert native.value(x) == 1000.0
    x = np.random.default_rng(0).normal(size=100_001) * 1e3
    exact = float(np.sum(x.astype(np.longdouble)))
    assert abs(native.value(x) - exact) <= abs(np.sum(x) - exact) + np.spacing(abs(exact))


@compiled
@pytest.mark.parametrize("length", [12, 16, 17, 128])
def test_products_of_many_terms_are_as_exact_as_numpys(length: int) -> None:
    f = sd.function(f"A: [3, {length}]; x: [{length}]; f = A @ x").load("c")
    random = np.random.default_rng(length)
    A, x = random.normal(size=(3, length)), random.normal(size=length)
    for found, row in zip(f.value(A, x), A, strict=True):
        terms = [Fraction(a) * Fraction(b) for a, b in zip(row.tolist(), x.tolist(), strict=True)]
        size = float(sum(map(abs, terms)))
        assert abs(found - float(sum(terms))) <= length * 2.0**-53 * size


@compiled
def test_a_check_raises_with_its_message() -> None:
    def root(x: float) -> Any:
        if x < 0:
            raise ValueError(f"{x} is negative")
        return np.sqrt(x)

    native = sd.grad(root, target="c")
    assert native(4.0) == 0.25
    with pytest.raises(ValueError, match=r"-1\.0 is negative"):
        native(-1.0)


@compiled
def test_an_index_out_of_bounds_is_an_error() -> None:
    native = sd.function("x: [5]; k: int [3]; sum(x[k]**2)").load("c")
    x = np.arange(5.0)
    assert native.value(x, np.array([1, -1, 4])) == 33.0
    for wrong in (5, -6, 1 << 40):
        with pytest.raises(IndexError):
            native.value(x, np.array([0, wrong, 0]))


# --- every operation -----------------------------------------------------------------------------


@pytest.mark.spread(3)
@compiled
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_numbers_are_those_of_numpy_or_refused(row: Row) -> None:
    function = Function(graph_of_numbers(row), Origin("an operation", None), VERBS["value"], ())
    module = loaded_or_refused(function, "c")
    if module is None:
        return
    points = points_of(row)
    wanted = np.array([np.asarray(row.function(*point), float) for point in points])
    agree(np.array([module.value(*map(float, point)) for point in points]), wanted, 1e-13)
    arrays: Sequence[Any] = [np.array(x, float) for x in zip(*points, strict=True)]
    agree(np.asarray(module.value(*arrays), float), wanted, 1e-13)


# both parts of `slogdet` together are no array
_VARIANTS = [(row, v) for row in ARRAY_ROWS for v in row.variants if row.name != "slogdet"]


@pytest.mark.spread(3)
@compiled
@pytest.mark.parametrize(
    ("row", "variant"), _VARIANTS, ids=[f"{r.name}-{k}" for k, (r, _) in enumerate(_VARIANTS)]
)
def test_arrays_are_those_of_numpy_or_refused(row: Any, variant: Any) -> None:
    graph = graph_of(row, variant)
    function = Function(graph, Origin("an operation", None), VERBS["value"], ())
    args = drawn(row, variant)
    module = loaded_or_refused(function, "c")
    if module is not None:
        agree(module.value(*args), np.asarray(row.oracle(*args, *variant.params)))


# --- compilers -----------------------------------------------------------------------------------


@pytest.fixture
def _fresh() -> Any:
    compiler.cache_clear()
    yield
    compiler.cache_clear()


@pytest.mark.usefixtures("_fresh")
def test_without_a_compiler_there_is_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.shutil, "which", lambda name: None)
    monkeypatch.setattr(library.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SymdiffError, match="no C compiler") as refusal:
        sd.function("x*y + 17").load("c")
    assert "symdiff-codegen[c]" in str(refusal.value.suggestion)


@compiled
@pytest.mark.usefixtures("_fresh")
def test_a_compiler_that_fails_is_quoted_and_its_file_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\necho 'no memory left' >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setenv("CC", str(failing))
    monkeypatch.setenv("SYMDIFF_CACHE", str(tmp_path))
    with pytest.raises(SymdiffError, match="no memory left"):
        sd.function("x*y + 18").load("c")
    (kept,) = tmp_path.glob("*.c")
    assert "f_value" in kept.read_text()


@compiled
def test_a_cache_that_cannot_be_written_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYMDIFF_CACHE", str(tmp_path / "file" / "below"))
    assert sd.function("x*y + 19").load("c").value(2.0, 3.0) == 25.0


@compiled
def test_a_library_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sd.function("x*y + 20").load("c")
    monkeypatch.setattr(library.subprocess, "run", None)
    assert sd.function("x*y + 20").load("c").value(2.0, 3.0) == 26.0


# --- the self-check ------------------------------------------------------------------------------

SANITIZED = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-DSYMDIFF_MAIN"]
CHECKED = [
    ("x**2 + y**3", "grad"),
    ("where(x > 0, sqrt(x), y**2)*exp(x*y) + abs(x)", "grad"),
    ("x**3*y + sin(x*y)", "hessian"),
    ("x**3*y + sin(x*y)", "laplacian"),
    ("x**3*y + sin(x*y)", "hvp"),
    ("(x*y, sin(x), maximum(x, y))", "jacobian"),
    ("(x*y, sin(x), maximum(x, y))", "jvp"),
    ("(x*y, sin(x), maximum(x, y))", "vjp"),
    (REGRESSION, "grad"),
    (REGRESSION, "hessian"),
    ("X: [N, 2]; w: [2]; tanh(X @ w)", "jacobian"),
    ("x: [5]; k: int [3]; sum(x[k]**2)", "grad"),
    ("A: [3, 3]; b: [3]; sum(solve(A, b)**2)", "grad"),
]


def run_main(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the self-check by a strict compiler with sanitizers, and run it."""
    file, program = folder / "g.c", folder / "g"
    file.write_text(text)
    command = [*compiler(), *STRICT, *SANITIZED, str(file), "-o", str(program), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "cannot find" in done.stderr:
        pytest.skip("the compiler has no sanitizers")
    assert (done.returncode, done.stderr) == (0, "")
    return subprocess.run([str(program)], capture_output=True, text=True, check=False)


@compiled
@pytest.mark.parametrize(("text", "verb"), CHECKED)
def test_the_self_check_agrees(text: str, verb: str, tmp_path: Path) -> None:
    done = run_main(getattr(sd.function(text), verb)().emit("c"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 points compared" in done.stdout


def _stencil(x: Any) -> Any:
    """A function whose Jacobian has a band, a column and corners."""
    return x * x * x[2] + np.roll(x, 1) * np.exp(x)


def _by_complex_step(x: Any) -> Any:
    return np.stack([_stencil(x + 1e-30j * e).imag for e in np.eye(len(x))], 1) / 1e-30


SPARSE = [
    ("(x*y + sin(z), x**2*z, y)", "jacobian"),
    ("x**2*y + z", "hessian"),
    ("x: [6]; x**2*x[2] + roll(x, 1)*exp(x)", "jacobian"),
    ("x: [6]; sum(x[1:]*x[:-1]**2)", "hessian"),
    ("x: [3]; floor(x)", "jacobian"),
]


@compiled
@pytest.mark.parametrize("target", ["c", "numba"])
def test_the_entries_of_a_sparse_matrix(target: str) -> None:
    if target == "numba":
        pytest.importorskip("numba")
    x = np.array([0.3, -1.2, 0.7, 2.0, 0.1, -0.4])
    module = sd.function(_stencil, shapes={"x": (6,)}).jacobian(sparse=True).load(target)
    values, places = module.jacobian(x)
    found = np.zeros((6, 6))
    found[places] = values
    np.testing.assert_allclose(found, _by_complex_step(x), rtol=1e-14)
    values, rows, starts = module.jacobian_csc(x)
    assert np.array_equal(rows, places[0])
    assert starts[-1] == len(values) == np.count_nonzero(found)


@compiled
def test_sparse_matrices_of_numbers_and_batches() -> None:
    module = sd.function("(x*y + sin(z), x**2*z, y)").jacobian(sparse=True).load("c")
    z = np.array([0.5, 1.5])
    values, (rows, columns) = module.jacobian(2.0, 3.0, z)
    found = np.zeros((2, 3, 3))
    found[:, rows, columns] = values
    one, zero = np.ones(2), np.zeros(2)
    wanted = [[3.0 * one, 2.0 * one, np.cos(z)], [4.0 * z, zero, 4.0 * one], [zero, one, zero]]
    np.testing.assert_allclose(found, np.moveaxis(np.array(wanted), 2, 0), rtol=1e-15)


@compiled
@pytest.mark.parametrize(("text", "verb"), SPARSE[:-1])
def test_the_self_check_of_a_sparse_matrix(text: str, verb: str, tmp_path: Path) -> None:
    emitted = getattr(sd.function(text), verb)(sparse=True).emit("c")
    done = run_main(emitted, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 points compared" in done.stdout
    start = emitted.index(f"{verb}_columns")
    columns = emitted[start : emitted.index("}", start)]
    damaged = re.sub(r"\n    \d", "\n    1", columns)
    assert damaged != columns
    assert run_main(emitted.replace(columns, damaged), tmp_path).returncode == 1


@compiled
@pytest.mark.parametrize(("text", "verb"), SPARSE)
def test_the_tables_of_a_sparse_matrix_are_declared(text: str, verb: str, tmp_path: Path) -> None:
    file = getattr(sd.function(text), verb)(sparse=True).write(tmp_path / "f.c", "c")
    header = file.with_suffix(".h").read_text()
    (entries,) = set(
        re.findall(rf"extern const int64_t \w+_{verb}_(?:rows|columns)\[(\d+)\];", header)
    )
    program = f'#include "f.h"\n{file.read_text()}'  # a declaration that differs is an error
    assert int(entries) > 0
    check_strict(program, tmp_path)


def test_a_known_index_needs_no_check() -> None:
    def f(x: Any) -> Any:
        return np.sum(x[np.array([2, 0, -1, 2])] ** 2)

    text = sd.function(f, shapes={"x": (4,)}).grad().emit("c", lean=True)
    assert "IndexError" not in text
    np.testing.assert_allclose(
        sd.function(f, shapes={"x": (4,)}).grad().load("c").grad(np.arange(4.0)), [0, 0, 8, 6]
    )


@compiled
@pytest.mark.parametrize(
    ("text", "verb", "right", "wrong"),
    [
        ("x**2 + y**3", "grad", "2.0 * x", "2.000008 * x"),
        ("x**3*y + sin(x)", "hessian", "= 6.0", "= 5.9999"),
        ("x**3*y + sin(x)", "laplacian", "6.0", "5.9999"),
        ("(x*y, sin(x))", "jvp", "cos(x)", "-cos(x)"),
        ("x: [N]; sum(x**3)", "grad", "3.0", "3.0001"),
    ],
)
def test_the_self_check_finds_what_is_off(
    text: str, verb: str, right: str, wrong: str, tmp_path: Path
) -> None:
    emitted = getattr(sd.function(text), verb)().emit("c")
    start = emitted.index(f"_{'value_and_grad' if verb == 'grad' else verb}(")
    assert right in emitted[start:]
    done = run_main(emitted[:start] + emitted[start:].replace(right, wrong, 1), tmp_path)
    assert done.returncode == 1
    assert "WRONG" in done.stdout


# --- programs ------------------------------------------------------------------------------------


# why C has no function for a program, whichever of them the sample holds
NOT_IN_C = (
    "cannot write the operation 'digamma'",
    "has no complex numbers",
)


@compiled
@pytest.mark.parametrize("name", [name for name in NAMES[::8] if name not in REFUSED])
def test_programs_are_computed_or_refused(name: str) -> None:
    made = program(name)
    loss = loss_of(made)
    derived = sd.value_and_grad(loss, wrt=made.wrt, target="c")
    for number, given in enumerate(made.examples):
        try:
            with without_ways():
                value, gradient = derived(**given)
        except UnsupportedError as refused:
            if not any(reason in str(refused) for reason in NOT_IN_C):
                raise
            return
        assert value == pytest.approx(float(loss(**given)), rel=VALUE, abs=VALUE)
        check_gradient(made, number, gradient)
