"""The emitted module as users meet it: every kind of input, threads, names, and as a script."""

from __future__ import annotations

import itertools
import json
import keyword
import os
import pickle
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.emit.layout import WIDTH
from symdiff.emit.load import load_source
from symdiff.emit.recipe import read_recipe

SIMPLE = "x**2 + y**3"
RICH = "where(x > 0, sqrt(x)*exp(-y), sin(y)) + maximum(x, y)**2"
ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"
INF = float("inf")
ROOT = Path(__file__).parents[2]


def module_of(text: str, wrt: str | None = None) -> ModuleType:
    return sd.function(text).value_and_grad(wrt).load()


@pytest.fixture(scope="module", params=[SIMPLE, RICH, "x + 2*y", "exp(x)*y"])
def module(request: pytest.FixtureRequest) -> ModuleType:
    """Functions with constant, shared and selected gradients."""
    return module_of(request.param)


def results(module: ModuleType, *args: Any) -> list[Any]:
    """The value and all of the gradient from every function of the module."""
    value, gradient = module.value_and_grad(*args)
    return [module.value(*args), value, *gradient, *module.grad(*args)]


def close(got: Any, wanted: Any) -> bool:
    return bool(np.allclose(got, wanted, rtol=4e-15, atol=1e-15, equal_nan=True))


# --- kinds of input ----------------------------------------------------------------------------


def test_floats_give_floats(module: ModuleType) -> None:
    assert all(type(result) is float for result in results(module, 3.0, 2.0))


def test_contract_example() -> None:
    module = module_of(SIMPLE)
    assert module.grad(3.0, 2.0) == (6.0, 12.0)
    assert module.value_and_grad(3.0, 2.0) == (17.0, (6.0, 12.0))
    assert module.value(x=3.0, y=2.0) == 17.0
    assert (module.INPUTS, module.OUTPUTS, module.WRT) == (("x", "y"), ("f",), ("x", "y"))


SCALARS = [3, np.float64(3.0), np.array(3.0), np.int64(3), True, np.bool_(True), np.float32(3.0)]


@pytest.mark.parametrize("x", SCALARS, ids=lambda x: type(x).__name__)
def test_scalars_of_every_kind(module: ModuleType, x: Any) -> None:
    for got, wanted in zip(results(module, x, 2.0), results(module, float(x), 2.0), strict=True):
        assert np.shape(got) == ()
        assert np.allclose(got, wanted, rtol=1e-6 if isinstance(x, np.float32) else 4e-15)


@pytest.mark.parametrize("kind", [np.int64, np.int8, np.uint8, np.bool_, np.float64])
def test_integers_are_taken_as_float64(module: ModuleType, kind: type) -> None:
    x = np.array([0, 1, 2], kind)
    wanted = results(module, x.astype(float), 2.0)
    for got, right in zip(results(module, x, 2.0), wanted, strict=True):
        assert got.dtype == np.float64
        assert close(got, right)


def test_float32_stays_float32(module: ModuleType) -> None:
    x = np.array([0.5, 1.5], np.float32)
    for other in (np.float32(2.0), 2.0, 2, x):
        assert all(result.dtype == np.float32 for result in results(module, x, other))
    assert all(result.dtype == np.float64 for result in results(module, x, np.array([2.0, 3.0])))


def test_lists_are_arrays(module: ModuleType) -> None:
    wanted = results(module, np.array([1.0, 2.0]), 2.0)
    for got, right in zip(results(module, [1.0, 2.0], 2), wanted, strict=True):
        assert isinstance(got, np.ndarray)
        assert close(got, right)


@pytest.mark.parametrize(
    ("shapes", "wanted"),
    [
        (((3, 1), (4,)), (3, 4)),
        (((), (4,)), (4,)),
        (((4,), ()), (4,)),
        (((2, 3), (2, 3)), (2, 3)),
        (((1,), (1,)), (1,)),
        (((0,), ()), (0,)),
        (((3, 0), (1, 0)), (3, 0)),
        (((5, 1, 2), (3, 1)), (5, 3, 2)),
    ],
)
def test_every_result_has_the_broadcast_shape(
    module: ModuleType, shapes: tuple[tuple[int, ...], ...], wanted: tuple[int, ...]
) -> None:
    draw = np.random.default_rng(0)
    args = [draw.normal(size=shape) for shape in shapes]
    for result in results(module, *args):
        assert result.shape == wanted
        assert result.dtype == np.float64
    full = [np.ascontiguousarray(arg) for arg in np.broadcast_arrays(*args)]
    for got, right in zip(results(module, *args), results(module, *full), strict=True):
        assert close(got, right)


def test_shapes_that_do_not_fit(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="shape"):
        module.value(np.ones(3), np.ones(4))


@pytest.mark.parametrize(
    "wrong", [1j, np.array([1j]), "1.0", np.array(["a"]), object(), None, [None], Fraction(1, 2)]
)
def test_wrong_kinds_are_type_errors(module: ModuleType, wrong: Any) -> None:
    for args in ((wrong, 2.0), (2.0, wrong), (np.ones(3), wrong)):
        with pytest.raises(TypeError):
            module.value_and_grad(*args)


@pytest.mark.parametrize("text", ["x + 0*y", "x", SIMPLE, "where(x > 0, x, y)"])
def test_no_result_shares_memory_and_no_input_changes(text: str) -> None:
    module = module_of(text)
    args = [np.array([1.0, -2.0, 3.0]) for _ in module.INPUTS]
    before = [arg.copy() for arg in args]
    value, gradient = module.value_and_grad(*args)
    found = [value, *(gradient if len(module.WRT) > 1 else [gradient]), module.value(*args)]
    for one, other in itertools.combinations([*found, *args], 2):
        assert not np.shares_memory(one, other)
    for result in found:
        result[...] = 99.0
    assert all(np.array_equal(a, b) for a, b in zip(args, before, strict=True))


def test_no_warning_and_ieee_results() -> None:
    function = sd.function("log(x) + 1/x").value_and_grad()
    for x in (0.0, -1.0, INF, np.array([0.0, -1.0, np.inf, np.nan])):
        value, slope = function(x)
        with np.errstate(all="ignore"):
            wanted = np.log(x) + np.divide(1.0, x)
        assert close(value, wanted)
        assert np.shape(slope) == np.shape(x)
    assert sd.function("exp(x)")(1000.0) == INF
    assert sd.function("x**y")(0.0, -1.0) == INF
    assert np.isnan(sd.function("x/y")(0.0, 0.0))
    assert sd.function("x/y")(-1.0, 0.0) == -INF


# --- blocks and threads ------------------------------------------------------------------------


def test_block_boundaries() -> None:
    module = module_of(RICH)
    block = module.BLOCK
    draw = np.random.default_rng(1)
    for size in (1, block - 1, block, block + 1, 3 * block + 5, 40 * block + 3):
        x, y = draw.normal(size=size), draw.normal(size=size)
        module.THREADS = 4
        several = results(module, x, y)
        module.THREADS = 1
        for one, many in zip(results(module, x, y), several, strict=True):
            assert np.array_equal(one, many)
        for i in (0, size // 2, size - 1):
            for array, number in zip(several, results(module, x[i], y[i]), strict=True):
                assert close(array[i], number)


@pytest.mark.parametrize("threads", [1, 3])
def test_any_memory_layout(threads: int) -> None:
    module = module_of(RICH)
    module.BLOCK, module.THREADS = 7, threads
    draw = np.random.default_rng(2)
    whole = draw.normal(size=(12, 20))
    for x in (whole[::2, ::-3], np.asfortranarray(whole), whole.T, whole[:, :1], whole[0]):
        y = draw.normal(size=x.shape)
        wanted = results(module, x.copy(order="C"), y)
        for got, right in zip(results(module, x, y), wanted, strict=True):
            assert np.array_equal(got, right)
    read_only = draw.normal(size=30)
    read_only.flags.writeable = False
    assert module.value(read_only, 1.0).shape == (30,)


def test_one_function_from_eight_threads() -> None:
    function = sd.function(RICH).value_and_grad()
    x = np.linspace(-2.0, 2.0, 50_000)

    def run(y: float) -> Any:
        return function(x, y), function(float(y), y)

    shifts = [0.1 * i for i in range(16)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run, shifts))
    for y, ((value, gradient), scalar) in zip(shifts, found, strict=True):
        (right, right_gradient), right_scalar = run(y)
        assert np.array_equal(value, right)
        assert all(np.array_equal(a, b) for a, b in zip(gradient, right_gradient, strict=True))
        assert scalar == right_scalar


# --- objects that speak NumPy's protocols ------------------------------------------------------

PROTOCOL_TEXTS = [SIMPLE, RICH, "maximum(x, y)", "where(x > y, x, 2)", "abs(x)*clip(y, 0, 1)",
                  "x + 2*y", "sinc(x)*sigmoid(y)", "logaddexp(x, y) + hypot(x, 1)"]  # fmt: skip
X, Y = np.array([[-1.0], [0.5], [2.0]]), np.array([1.0, -2.0, 0.0, 3.0])


@pytest.mark.parametrize("text", PROTOCOL_TEXTS)
def test_dask_stays_lazy(text: str) -> None:
    dask = pytest.importorskip("dask.array")
    module = module_of(text)
    lazy = results(module, dask.from_array(X, chunks=(2, 1)), dask.from_array(Y, chunks=2))
    for got, right in zip(lazy, results(module, X, Y), strict=True):
        assert isinstance(got, dask.Array)
        assert got.shape == (3, 4)
        assert close(got.compute(), right)


@pytest.mark.parametrize("text", PROTOCOL_TEXTS)
def test_pandas_comes_back_as_pandas(text: str) -> None:
    pandas = pytest.importorskip("pandas")
    module = module_of(text)
    x = pandas.Series(X[:, 0], index=["a", "b", "c"])
    for y in (2.0, pandas.Series([1.0, 0.5, -3.0], index=["a", "b", "c"])):
        wanted = results(module, np.asarray(x), np.asarray(y))
        for got, right in zip(results(module, x, y), wanted, strict=True):
            assert isinstance(got, pandas.Series)
            assert list(got.index) == ["a", "b", "c"]
            assert close(got.to_numpy(), right)


@pytest.mark.parametrize("text", PROTOCOL_TEXTS)
def test_xarray_comes_back_as_xarray(text: str) -> None:
    xarray = pytest.importorskip("xarray")
    module = module_of(text)
    x = xarray.DataArray(X[:, 0], dims="row", coords={"row": [10, 20, 30]})
    y = xarray.DataArray(Y, dims="column")
    wanted = results(module, X, Y)
    for got, right in zip(results(module, x, y), wanted, strict=True):
        assert isinstance(got, xarray.DataArray)
        assert got.dims == ("row", "column")
        assert list(got.row) == [10, 20, 30]
        assert close(got.values, right)


# --- optimisers and wrt ------------------------------------------------------------------------


def test_packed_gradient_with_scipy() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    module = module_of(ROSENBROCK)
    found = optimize.minimize(module.packed_value_and_grad, np.array([-1.2, 1.0]), jac=True)
    assert found.success
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-5)
    value, gradient = module.packed_value_and_grad(np.array([-1.2, 1.0]))
    assert type(value) is float
    assert gradient.shape == (2,)
    assert gradient.dtype == np.float64


def test_pack_and_unpack_are_opposites() -> None:
    module = module_of(ROSENBROCK)
    theta = module.pack(3.0, 4.0)
    assert theta.tolist() == [3.0, 4.0]
    assert tuple(module.unpack(theta)) == (3.0, 4.0)


def test_packed_takes_the_other_inputs_beside() -> None:
    module = module_of("a*x**2 + b*y", wrt="x, y")
    assert module.WRT == ("x", "y")
    assert len(module.grad(1.0, 2.0, 3.0, 4.0)) == 2
    packed = module.packed_value_and_grad(np.array([2.0, 5.0]), 3.0, 10.0)
    assert packed[0] == 62.0
    assert packed[1].tolist() == [12.0, 10.0]


def test_single_wrt_is_one_array() -> None:
    module = module_of("a*x**2", wrt="x")
    assert module.grad(3.0, 2.0) == 12.0
    value, slope = module.value_and_grad(np.ones(3), 2.0)
    assert value.shape == slope.shape == (3,)
    value, packed = module.packed_value_and_grad(np.array([2.0]), 3.0)
    assert (value, packed.tolist()) == (12.0, [12.0])


@pytest.mark.parametrize("wrt", ["y,x", "y x", ("y", "x"), (1, 0), ("y", 0)])
def test_wrt_decides_the_order(wrt: Any) -> None:
    assert sd.function(SIMPLE).grad(wrt)(3.0, 2.0) == (12.0, 6.0)


def test_several_outputs_have_a_value() -> None:
    module = sd.function("(x + y, x*y)").load()
    assert module.value(3.0, 2.0) == (5.0, 6.0)
    assert [r.shape for r in module.value(X, Y)] == [(3, 4)] * 2
    assert not hasattr(module, "grad")


# --- names -------------------------------------------------------------------------------------

CLASHES = """lambda np type float math exp value grad pack unpack _value f E I S N ValueError theta
    gradient BLOCK THREADS results value_and_grad packed_value_and_grad _arrays body count inputs
    functions INPUTS OUTPUTS WRT os special sum tuple zip where _where v v2 floats ArithmeticError
    sqrt _value_and_grad ThreadPoolExecutor beta gamma
    x_squared dtype""".split()


@pytest.mark.parametrize("name", [*CLASHES, "_VALUE_ON_ARRAYS", "_VALUE_AND_GRAD_ON_ARRAYS"])
def test_name_of_an_input(name: str) -> None:
    module = module_of(f"exp(2*{name})*sqrt({name}) + {name}**2 + w*where({name} > 0, {name}, 1/w)")
    plain = module_of("exp(2*x)*sqrt(x) + x**2 + w*where(x > 0, x, 1/w)")
    assert (name, "w") == module.INPUTS
    assert module.value(0.7, 1.5) == plain.value(0.7, 1.5)
    assert module.grad(0.7, 1.5) == plain.grad(0.7, 1.5)
    assert module.packed_value_and_grad([0.7, 1.5])[0] == plain.value(0.7, 1.5)
    assert tuple(module.unpack(module.pack(1.0, 2.0))) == (1.0, 2.0)
    column = np.array([[0.7], [-1.0]])
    for got, wanted in zip(results(module, column, 1.5), results(plain, column, 1.5), strict=True):
        assert np.array_equal(got, wanted, equal_nan=True)
    keyword_name = f"{name}_" if keyword.iskeyword(name) else name
    assert module.value(**{keyword_name: 0.7, "w": 1.5}) == plain.value(0.7, 1.5)


def test_all_names_at_once() -> None:
    names = [name for name in CLASHES if name not in ("exp", "sqrt", "where", "tuple")]
    module = module_of("exp(" + " + ".join(f"0.01*{name}**2" for name in names) + ")")
    point = [0.1 * i for i in range(len(names))]
    right = np.exp(sum(0.01 * x**2 for x in point))
    assert module.value(*point) == pytest.approx(right, rel=1e-14)
    assert module.grad(*point) == pytest.approx([0.02 * x * right for x in point], rel=1e-13)


@pytest.mark.parametrize("name", ["tuple", "sum", "map", "type", "float", "inputs"])
def test_name_among_many_inputs(name: str) -> None:
    module = module_of("*".join([name, *[f"a{i}" for i in range(9)]]))
    assert module.grad(*[1.0] * 10) == (1.0,) * 10


@pytest.mark.parametrize("text", ["θ**2 + σ", "größe**2 + b", "名**2 + b"])
def test_unicode_names(text: str) -> None:
    assert module_of(text).grad(3.0, 1.0) == (6.0, 1.0)


@pytest.mark.parametrize("name", ["f", "value", "grad", "np", "x_", "theta", "gradient"])
def test_name_of_the_output(name: str) -> None:
    module = sd.function(SIMPLE, name=name).grad().load()
    assert (name,) == module.OUTPUTS
    assert module.value_and_grad(3.0, 2.0) == (17.0, (6.0, 12.0))
    assert module.packed_value_and_grad([3.0, 2.0])[0] == 17.0


def test_many_inputs() -> None:
    count = 40
    module = module_of("*".join(f"x{i}" for i in range(count)))
    assert module.grad(*[1.0] * count) == (1.0,) * count
    assert module.value_and_grad(*[np.ones(2)] * count)[0].shape == (2,)
    assert module.packed_value_and_grad(np.ones(count))[1].shape == (count,)


# --- the text ----------------------------------------------------------------------------------

LONG = " + ".join(f"sin({i}*x)*exp(-{i}*y)" for i in range(1, 40))
MANY = "*".join(f"a{i}" for i in range(60))
TEXTS = [SIMPLE, RICH, LONG, "erf(x)*gamma(y) + lambertw(x)", MANY]


def test_file_of_the_simple_formula_is_short() -> None:
    assert len(sd.function("x**2+y**3").grad().emit().splitlines()) < 130
    assert len(sd.function("x**2+y**3").grad().emit(lean=True).splitlines()) < 30


def assert_ruff_is_content(emitted: str, ignored: str, folder: Path) -> None:
    """The project's own rules, but that a script prints, is no package, and imports NumPy."""
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is not installed")
    file = folder / "module.py"
    file.write_text(emitted, encoding="utf-8")
    command = [ruff, "check", "--config", ROOT / "pyproject.toml", "--ignore", ignored, file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("text", TEXTS)
def test_lines_fit_and_ruff_is_content(text: str, tmp_path: Path) -> None:
    emitted = sd.function(text).grad().emit()
    assert max(map(len, emitted.splitlines())) <= WIDTH
    assert_ruff_is_content(emitted, "TID253,T201,INP,ERA001,D208", tmp_path)


@pytest.mark.parametrize("text", [SIMPLE, RICH])
def test_every_rule_of_ruff_is_met(text: str, tmp_path: Path) -> None:
    assert_ruff_is_content(sd.function(text).grad().emit(), "TID253,T201,INP", tmp_path)


HASHING = """
import symdiff as sd
for text in {texts!r}:
    print(sd.function(text).value_and_grad().emit())
"""


def test_bytes_are_the_same_for_every_hash_seed() -> None:
    program = HASHING.format(texts=[*TEXTS, "x**2*y + cosh(x*y) + where(x > y, x*y, hypot(x, y))"])
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(found) == 1


def run_as_script(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "g.py"
    file.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-W", "error", file], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("text", "factor", "wrong"),
    [
        (SIMPLE, "2.0 * x, 3.0", "2.1 * x, 3.0"),
        ("x**2 + y**3 + z*cos(x)", "", ""),
        (RICH, "", ""),
        ("abs(x) + maximum(x, y) + sqrt(x**2 + y**2)", "", ""),
        ("log(x)*arcsin(y/10)", "", ""),
        ("gamma(x) + y", "", ""),
    ],
)
def test_as_a_script_it_checks_itself(text: str, factor: str, wrong: str, tmp_path: Path) -> None:
    function = sd.function(text).grad()
    emitted = function.emit()
    done = run_as_script(emitted, tmp_path)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert len(done.stdout.splitlines()) >= len(function.inputs)
    assert all(f"grad by {name}: " in done.stdout for name in function.inputs)
    if factor:
        assert emitted.count(factor) == 1
        assert run_as_script(emitted.replace(factor, wrong), tmp_path).returncode == 1


def test_of_the_value_alone_runs_as_a_script(tmp_path: Path) -> None:
    assert run_as_script(sd.function(SIMPLE).emit(), tmp_path).returncode == 0


# --- the header --------------------------------------------------------------------------------

HOSTILE = [
    'x**2 + y # """ + __import__("os").abort() + """',
    "x**2 + y # '''\\",
    "x**2 + y # \\\n# \\u0022\\u0022\\u0022",
    "x**2 + y # {{ 7*7 }} {% raw %} {# #}",
    "x**2 + y # {% endraw %}{% for line in bodies %}",
    "x**2 + y # \\N{QUOTATION MARK}\x0c\x1f",
    "x**2 + y # recipe: {}\n# recipe: {}",
    "x**2 + y # \u2028import os\u2029\x85",
    "x**2 + y # " + "long " * 100,
    "x**2 + y # " + " " * 500 + "wide",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_cannot_leave_the_recipe(text: str) -> None:
    function = sd.function(text).grad()
    emitted = function.emit()
    assert emitted.isascii()
    module = load_source(emitted, "hostile")
    assert module.grad(3.0, 2.0) == (6.0, 1.0)
    recipe = read_recipe(emitted)
    assert recipe == json.loads(json.dumps(function.origin.recipe()))
    assert recipe["source"] == text
    plain = sd.function("x**2 + y").grad().emit()

    def code(emitted: str) -> list[str]:
        return [line for line in emitted.splitlines() if not line.startswith("# ")]

    assert code(emitted) == code(plain)


@pytest.mark.parametrize("text", [SIMPLE, LONG, "a*x**2"])
@pytest.mark.parametrize("wrt", [None, "x"])
def test_recipe_makes_the_same_module_again(text: str, wrt: str | None) -> None:
    from symdiff.api import from_recipe

    emitted = sd.function(text, name="loss").grad(wrt).emit()
    assert from_recipe(read_recipe(emitted)).emit() == emitted


@pytest.mark.parametrize("text", ["", "import os\n", '"""No recipe."""\n# symdiff\n# recipe: {'])
def test_no_recipe(text: str) -> None:
    assert read_recipe(text) is None


def test_content_hash_names_the_content() -> None:
    one, other = (sd.function(text).emit().split("sha256 ")[1][:16] for text in (SIMPLE, RICH))
    assert one != other
    assert int(one, 16) >= 0


# --- loading and pickling ----------------------------------------------------------------------


def test_traceback_shows_the_lines_of_a_loaded_module() -> None:
    module = module_of(SIMPLE)
    try:
        module.value(1j, 2.0)
    except TypeError:
        shown = traceback.format_exc()
    assert "raise TypeError(f" in shown
    assert "_arrays(_value" in shown


def test_loading_leaves_no_module_behind() -> None:
    before = set(sys.modules)
    module_of("cos(x) + cosh(y)")
    assert set(sys.modules) <= before | {"concurrent.futures.thread"}


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_functions_can_be_pickled(protocol: int) -> None:
    function = sd.function(RICH, name="loss").grad("x").value_and_grad("y, x")
    again = pickle.loads(pickle.dumps(function, protocol))
    assert again.emit() == function.emit()
    assert again(0.5, 1.0) == function(0.5, 1.0)


def test_written_file_is_the_text(tmp_path: Path) -> None:
    path = sd.function(SIMPLE).grad().write(tmp_path / "g.py")
    assert path.read_text(encoding="utf-8") == sd.function(SIMPLE).grad().emit()


def test_float32_of_other_kinds_stays_float32() -> None:
    dask_array = pytest.importorskip("dask.array")
    x = dask_array.ones(3, dtype="float32")
    for text in ("x**2 + y", "x*y", "tanh(x)*sqrt(y)"):
        for result in module_of(text).grad(x, x):
            assert result.dtype == np.float32
            assert result.compute().dtype == np.float32


def test_quantities_keep_their_units() -> None:
    pint = pytest.importorskip("pint")
    units = pint.UnitRegistry()
    length, time = np.array([1.0, 2.0]) * units.m, 4.0 * units.s
    by_length, by_time = module_of("x/y").grad(length, time)
    assert by_length.units == units.s**-1
    assert by_length.magnitude.tolist() == [0.25, 0.25]
    assert by_time.units == units.m / units.s**2
    assert by_time.magnitude.tolist() == [-0.0625, -0.125]


def test_inputs_are_given_by_their_names():
    f = sd.function("lambda*x + self**2")
    names = {"lambda": 2.0, "x": 3.0, "self": 4.0}
    assert f(**names) == f(2.0, 3.0, 4.0) == f(lambda_=2.0, x=3.0, **{"self": 4.0}) == 22.0
    assert f.hvp()(**names, lambda_dot=1.0, x_dot=1.0, self_dot=1.0) == (1.0, 1.0, 2.0)
