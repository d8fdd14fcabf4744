"""Modules that compute in single precision: values of NumPy's, types, and numbers that are lost."""

from __future__ import annotations

import math
import pickle
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api import Function
from symdiff.emit.native.library import compiler
from symdiff.emit.spell.c_single import single_number
from symdiff.errors import UnsupportedError
from symdiff.origin import Origin
from symdiff.verbs import VERBS
from tests.emit.compilers import compiled
from tests.emit.test_c import STRICT, run_main
from tests.emit.test_self_check import self_checked
from tests.emit.test_targets import LOOPS
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.rows import ROWS, Row
from tests.ops.test_array_operations import cases, drawn, graph_of
from tests.ops.test_operations import graph_of as graph_of_numbers
from tests.ops.test_operations import points_of
from tests.test_commands import run

with_numba = pytest.mark.skipif(find_spec("numba") is None, reason="Numba is not installed")
EPSILON = float(np.finfo(np.float32).eps)


def floats_of(found: Any) -> list[Any]:
    """The arrays and numbers of nested tuples."""
    return [x for part in found for x in floats_of(part)] if type(found) is tuple else [found]


def narrow(x: Any) -> Any:
    """Floats as float32, others as they are."""
    x = np.asarray(x)
    return x.astype(np.float32) if x.dtype.kind == "f" else x


def check_types(found: Any) -> None:
    """State that floats are float32."""
    for x in floats_of(found):
        assert np.asarray(x).dtype in (np.float32, np.int64, np.bool_)


# --- every operation -----------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMDIFF_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("CFLAGS", "-O1")  # many files are built here
        yield


def loaded(function: Function, target: str) -> Any:
    """The module; `None` where that is refused by name."""
    try:
        return function.load(target, dtype="float32")
    except UnsupportedError as refusal:
        message = str(refusal)
    assert f"the target '{target}'" in message
    return None


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=compiled)])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_numbers_are_those_of_numpy(row: Row, target: str) -> None:
    function = Function(graph_of_numbers(row), Origin("an operation", None), VERBS["value"], ())
    module = loaded(function, target)
    if module is None:
        return
    for point in points_of(row):
        given = np.array(point, np.float32)
        wanted = np.asarray(row.function(*given.astype(float)), float)
        found = module.value(*given)
        assert found.dtype == np.float32
        condition = condition_of(row, given)
        assert float(found) == pytest.approx(float(wanted), rel=200 * EPSILON, abs=condition)


def condition_of(row: Row, point: Any) -> float:
    """What a few errors of one unit in the last place of the arguments do to the result."""
    with np.errstate(all="ignore"):
        at, found = point.astype(float), 0.0
        for k in range(len(at)):
            for step in (-8 * EPSILON, 8 * EPSILON):
                moved = at.copy()
                moved[k] *= 1 + step
                change = float(row.function(*moved)) - float(row.function(*at))
                found = max(found, abs(change)) if np.isfinite(change) else found
    return found + 1e-7


# both parts of `slogdet` together are no array
IN_C_ALONE = [row for row in ARRAY_ROWS if row.variants and row.name != "slogdet"]


@pytest.mark.spread(2)
@cases()
def test_arrays_are_those_of_numpy(row: Any, variant: Any) -> None:
    check_arrays(row, variant, "numpy")


@compiled
@pytest.mark.parametrize("row", IN_C_ALONE, ids=lambda row: row.name)
def test_arrays_of_c_are_those_of_numpy(row: Any) -> None:
    check_arrays(row, row.variants[0], "c")


def check_arrays(row: Any, variant: Any, target: str) -> None:
    """State that an operation on arrays of float32 is that on float64, to what those hold."""
    function = Function(graph_of(row, variant), Origin("it", None), VERBS["value"], ())
    args = [narrow(x) for x in drawn(row, variant)]
    module = loaded(function, target)
    if module is None:
        return
    with np.errstate(all="ignore"):
        wanted = row.oracle(
            *[x.astype(float) if x.dtype.kind == "f" else x for x in args], *variant.params
        )
        alone = module._value(*[x[()] for x in args])
    check_types(alone)  # before results are narrowed: all is computed so
    found = module.value(*args)
    check_types(found)
    if row.name in ("svd_left", "svd_right", "eigenvectors", "qr_orthogonal", "qr_triangular"):
        return  # signs are free; their squares are compared by the operations' own tests
    scale = np.nanmax(np.abs(np.asarray(wanted, float)), initial=1.0, where=np.isfinite(wanted))
    np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=2e-4 * scale)


# --- whole functions -----------------------------------------------------------------------------

SOURCES: dict[str, tuple[Any, ...]] = {
    "x**2*exp(-y) + where(x > y, sqrt(x), y)": (1.5, 0.25),
    "log(1 + exp(x*y))*sin(x/3)": (0.5, 1.25),
    "X: [N, 3]; w: [3]; y: [N]; f = mean((X @ w - y)**2)": (
        np.sin(np.arange(12.0)).reshape(4, 3), np.ones(3) / 3, np.cos(np.arange(4.0)),
    ),
    "x: [N]; k: int [N]; f = sum(exp(x)*k) + x[0]*2.5": (np.arange(4.0) / 3, np.arange(4)),
}  # fmt: skip


EVERY = ["value", "grad", "hessian", "jvp", "vjp", "hvp", "jacobian"]
TARGETS = [
    *[("numpy", verb) for verb in EVERY],
    *[pytest.param("c", verb, marks=compiled) for verb in EVERY],
    *[pytest.param("numba", verb, marks=with_numba) for verb in ("value", "grad", "hessian")],
]  # fmt: skip


@pytest.mark.parametrize(("target", "verb"), TARGETS)
@pytest.mark.parametrize("text", SOURCES)
def test_verbs_are_those_in_double_precision(text: str, verb: str, target: str) -> None:
    base = sd.function(text, wrt="x" if "x:" in text or "x*" in text or "x**" in text else "w")
    made = base if verb == "value" else getattr(base, verb)()
    args = [*SOURCES[text]]
    args += [np.ones(np.shape(args[0] if made.wrt == ("x",) else args[1]))] * (
        len(made.inputs) - len(args)
    )
    if verb == "vjp":
        args[-1] = 1.0
    wanted = made(*args)
    module = made.load(target, dtype="float32")
    for given in (args, [narrow(x)[()] for x in args]):
        found = getattr(module, made.verb.name)(*given)
        assert all(x.dtype == np.float32 for x in floats_of(found))
        for one, other in zip(floats_of(found), floats_of(wanted), strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=compiled)])
@pytest.mark.parametrize("function", LOOPS)
def test_loops_are_those_in_double_precision(function: Any, target: str) -> None:
    args = LOOPS[function]
    shapes = dict(zip(function.__code__.co_varnames, map(np.shape, args), strict=False))
    made = sd.function(function, shapes=shapes).value_and_grad()
    found = made.load(target, dtype="float32").value_and_grad(*args)
    assert all(x.dtype == np.float32 for x in floats_of(found))
    for one, other in zip(floats_of(found), floats_of(made(*args)), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize(
    "target", ["numpy", pytest.param("c", marks=compiled), pytest.param("numba", marks=with_numba)]
)
def test_batches_and_threads(target: str) -> None:
    made = sd.function("x**2*exp(-y)").grad()
    x, y = np.linspace(0.0, 1.0, 40_000), np.float32(0.5)
    found = made.load(target, dtype="float32").grad(x, y)
    for one, other in zip(found, made(x, y), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_leading_axes() -> None:
    made = sd.function("x: [3]; f = sum(exp(x)/3.0)", batch=True).grad()
    x = np.arange(12.0).reshape(4, 3) / 12
    found = made.load(dtype="float32").grad(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.exp(x) / 3, rtol=1e-6)


def test_lean_modules() -> None:
    scope: dict[str, Any] = {}
    exec(sd.function("x**2*y").grad().emit(lean=True, dtype="float32"), scope)
    assert [x.dtype for x in scope["grad"](2, 3.0)] == [np.float32] * 2
    with pytest.raises(TypeError, match="expected real numbers, got complex128"):
        scope["grad"](2j, 3.0)


@pytest.mark.parametrize(("text", "shapes"), [
    ("x**2*exp(-y)", None), ("where(x > 0, sin(x), cos(y))*y", None),
    ("A @ x", {"A": (3, 3), "x": (3,)}), ("sum(tanh(x)**2)*y", {"x": (4,)}),
    ("6.6e-34*x**2*y", None),
])  # fmt: skip
def test_their_self_check_passes(text: str, shapes: Any) -> None:
    made = sd.function(f"sum({text})" if "@" in text else text, shapes=shapes)
    for verb in ("grad", "jvp", "hvp"):
        found = self_checked(getattr(made, verb)().emit(dtype="float32"))
        assert found.code == 0, found.text


@pytest.mark.parametrize("text", ["x**2*exp(-y)", "x: [4]; sum(tanh(x)**2)*y"])
def test_their_self_check_finds_a_wrong_derivative(text: str) -> None:
    module = sd.function(text).grad().emit(dtype="float32")
    call = next(line for line in module.split("\n") if line.endswith(")[1]")).strip()
    damaged = module.replace(
        call, f"found = {call.removeprefix('return ')}\n    return found[0], 1.1 * found[1]"
    )
    assert damaged != module
    assert self_checked(damaged).code == 1


# --- C -------------------------------------------------------------------------------------------

IN_C = [
    ("x**2*exp(-y) + where(x > y, sqrt(x), erfcx(y))/3", "grad"),
    ("x**3*y + sin(x*y)", "hessian"),
    ("(x*y, sin(x), maximum(x, 0.1*y))", "jacobian"),
    ("X: [N, 2]; w: [2]; y: [N]; mean((X @ w - y)**2)", "grad"),
    ("x: [5]; k: int [3]; sum(x[k]**2)*array([0.1, 2.5])[1]", "grad"),
    ("A: [3, 3]; b: [3]; sum(solve(A, b)**2)", "grad"),
]


@compiled
@pytest.mark.parametrize(("text", "verb"), IN_C)
def test_the_self_check_of_c(text: str, verb: str, tmp_path: Path) -> None:
    done = run_main(getattr(sd.function(text), verb)().emit("c", dtype="float32"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 points compared" in done.stdout


@compiled
def test_the_self_check_of_c_finds_a_wrong_derivative(tmp_path: Path) -> None:
    text = sd.function("x**2*exp(-y)").grad().emit("c", dtype="float32")
    damaged = text.replace("*df_dx = ", "*df_dx = 1.1f * ")
    assert damaged != text
    assert run_main(damaged, tmp_path).returncode == 1


@compiled
@pytest.mark.parametrize(("text", "verb"), IN_C)
def test_functions_of_c_compute_in_float_alone(text: str, verb: str, tmp_path: Path) -> None:
    text = text.replace("erfcx", "erfc")  # one that is computed in double precision
    file = tmp_path / "g.c"
    file.write_text(getattr(sd.function(text), verb)().emit("c", dtype="float32"))
    words = [*compiler(), *STRICT, "-Wdouble-promotion", "-Wfloat-conversion", "-c", str(file)]
    subprocess.run([*words, "-o", str(tmp_path / "g.o")], check=True)


@pytest.mark.parametrize("value", [0.1, 1.0 + 2.0**-24, 1e-45, 3.4e38, 16777217.0, math.pi, 2.0])
def test_numbers_of_c_are_rounded_as_numpy_rounds_them(value: float) -> None:
    assert np.float32(single_number(value).removesuffix("f")) == np.float32(value)


def test_names_of_c_in_single_precision_are_no_names_of_inputs() -> None:
    text = sd.function("sin(sinf)*real_sign + sign(sinf)").grad().emit("c", dtype="float32")
    assert "float f_value(float sinf_, float real_sign_)" in text


# --- what is remembered, and refused -------------------------------------------------------------


def test_the_recipe_holds_it(tmp_path: Any) -> None:
    file = tmp_path / "g.py"
    made = sd.function("x**2*y").grad()
    made.write(file, dtype="float32")
    assert '"dtype":"float32"' in file.read_text()
    assert run("verify", str(file)).exit_code == 0
    made.dtype = "float32"
    again = pickle.loads(pickle.dumps(made))
    assert again.dtype == again.jacobian().dtype == "float32"
    assert again.emit() == file.read_text()
    assert again(3.0, 2.0)[0].dtype == np.float32


@pytest.mark.parametrize("text", ["1e39*x", "x/1e-50", "x: [2]; f = sum(x*array([1.0, 1e40]))"])
def test_a_number_that_it_does_not_hold_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedError, match="float32 does not hold the number"):
        sd.function(text).grad().emit(dtype="float32")


def test_other_kinds_and_targets_are_refused() -> None:
    made = sd.function("x**2").grad()
    with pytest.raises(UnsupportedError, match="there is no dtype 'float16'") as refusal:
        made.emit(dtype="float16")
    assert "did you mean" in str(refusal.value)
    with pytest.raises(UnsupportedError, match="the target 'array-api' has no dtype 'float32'"):
        made.emit("array-api", dtype="float32")


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="expected real numbers"):
        sd.function("x**2").grad().load(dtype="float32").grad(np.array([1j]))
