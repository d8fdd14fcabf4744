"""The target `array-api`: one text for the arrays of every library, against NumPy's functions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import product
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
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.rows import ROWS, Row
from tests.ops.test_array_operations import drawn, graph_of
from tests.ops.test_operations import EDGES, FEW_EDGES, points_of
from tests.ops.test_operations import graph_of as graph_of_numbers
from tests.programs.oracle import NAMES, program
from tests.refused import loaded_or_refused
from tests.strategies import array_graphs, array_points, examples, graphs, points

strict = pytest.importorskip("array_api_strict")
pytest.importorskip("array_api_compat")

TARGET = "array-api"


def of_strict(function: Callable[..., Any], dtype: Any = None) -> Callable[..., Any]:
    """A function called with strict arrays, which come back as NumPy's."""

    def call(*args: Any) -> Any:
        given = [strict.asarray(np.asarray(x)) for x in args]
        if dtype is not None:
            given = [strict.astype(x, dtype) for x in given]
        found = function(*given)
        return plain(found) if args else found  # of no argument NumPy's

    return call


def plain(found: Any) -> Any:
    """Results as NumPy's arrays."""
    if isinstance(found, tuple | list):
        return tuple(map(plain, found))
    assert type(found).__module__ == "array_api_strict._array_object"
    return np.asarray(found)


def agree(found: Any, wanted: Any, rel: float = 1e-12) -> None:
    if isinstance(wanted, tuple):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            agree(one, other, rel)
        return
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    scale = np.max(np.abs(wanted[np.isfinite(wanted)]), initial=1e-300)
    np.testing.assert_allclose(found, wanted, rtol=rel, atol=rel * scale)


# --- every operation -----------------------------------------------------------------------------


@pytest.mark.spread(2)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_numbers_are_those_of_numpy_or_refused(row: Row) -> None:
    function = Function(graph_of_numbers(row), Origin("an operation", None), VERBS["value"], ())
    module = loaded_or_refused(function, TARGET)
    if module is None:
        return
    batch = [np.array(column) for column in zip(*points_of(row), strict=True)]
    found = of_strict(module.value)(*batch)
    agree(found, np.array([float(row.function(*point)) for point in points_of(row)]))


_ROWS = [row for row in ARRAY_ROWS if "alone" not in row.exceptions]
_VARIANTS = [(row, variant) for row in _ROWS for variant in row.variants]


@pytest.mark.parametrize(
    ("row", "variant"), _VARIANTS, ids=[f"{r.name}-{k}" for k, (r, _) in enumerate(_VARIANTS)]
)
def test_arrays_are_those_of_numpy_or_refused(row: Any, variant: Any) -> None:
    function = Function(graph_of(row, variant), Origin("an operation", None), VERBS["value"], ())
    module = loaded_or_refused(function, TARGET)
    if module is None:
        return
    args = drawn(row, variant)
    agree(of_strict(module.value)(*args), np.asarray(row.oracle(*args, *variant.params)))


@examples(60)
@given(st.data())
def test_random_formulas_have_numpys_values(data: st.DataObject) -> None:
    graph = data.draw(graphs(20))
    point = data.draw(points(graph))
    made = Function(graph, Origin("a formula", None), VERBS["grad"], graph.input_names)
    module = loaded_or_refused(made, TARGET)
    if module is None:
        return
    args = [np.array([point[name], 0.5]) for name in graph.input_names]
    agree(of_strict(module.grad)(*args), made(*args), 1e-9)


@examples(60)
@given(st.data())
def test_random_programs_have_numpys_values(data: st.DataObject) -> None:
    graph = data.draw(array_graphs())
    point = data.draw(array_points(graph))
    made = Function(graph, Origin("a program", None), VERBS["grad"], graph.input_names)
    module = loaded_or_refused(made, TARGET)
    if module is None:
        return
    args = [np.asarray(point[name]) for name in graph.input_names]
    agree(of_strict(module.grad)(*args), made(*args), 1e-8)


# --- every library -------------------------------------------------------------------------------


def _numpy() -> Callable[..., Any]:
    return np.asarray


def _strict() -> Callable[..., Any]:
    return strict.asarray


def _torch() -> Callable[..., Any]:
    torch = pytest.importorskip("torch")
    return lambda x: torch.asarray(np.array(x))


def _jax() -> Callable[..., Any]:
    numpy = pytest.importorskip("jax.numpy")
    return lambda x: numpy.asarray(
        np.asarray(x, {"f": "f4", "i": "i4"}.get(np.asarray(x).dtype.kind))
    )


def _dask() -> Callable[..., Any]:
    array = pytest.importorskip("dask.array")
    return lambda x: array.from_array(np.asarray(x), chunks=3) if np.ndim(x) else array.asarray(x)


LIBRARIES = [_numpy, _strict, _torch, _jax, _dask]


def softmax_loss(w: Any, X: Any, labels: Any) -> Any:
    scores = X @ w
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    return np.mean(log_sums - shifted[np.arange(len(labels)), labels])


def recurrent(h: Any, w: Any, xs: Any) -> Any:
    for t in range(xs.shape[0]):
        h = np.tanh(w @ h + xs[t])
    return np.sum(h**2)


def stencil(u: Any, w: Any, xs: Any) -> Any:
    v = np.zeros_like(u)
    v[1:-1] = u[2:] - 2.0 * u[1:-1] + u[:-2]
    return np.sum(v[::-1] * u) + np.sum(w) * np.sum(xs)


def _normal(*shape: int) -> Any:
    return np.random.default_rng(len(shape)).normal(size=shape)


TEXTS = {
    "x**2*exp(y) + where(x > y, sqrt(abs(x)), 2)": (_normal(4), _normal(4) + 0.1),
    "X: [N, 3]; w: [3]; y: [N]; mean((X @ w - y)**2)": (_normal(5, 3), _normal(3), _normal(5)),
    "X: [N, 3]; k: int [N]; sum(k*X[:, 0]) + sum(where(X > 0, X, 0)) + mean(X > 1)": (
        _normal(4, 3),
        np.arange(4),
    ),
    "A: [3, 3]; b: [3]; b @ solve(A @ A.T + eye(3), b) + slogdet(A @ A.T + eye(3))[1]": (
        _normal(3, 3),
        _normal(3),
    ),
    "x: [6]; sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2) + x[::-2] @ x[1::2]": (_normal(6),),
    "x: [4]; max(x)*min(x) + logsumexp(x) + norm(x) + prod(x) + sum(cumsum(x)**2)": (_normal(4),),
}


def _values(found: Any) -> Any:
    if isinstance(found, tuple | list):
        return tuple(map(_values, found))
    return np.asarray(found)


def _agree_in(found: Any, wanted: Any, library: Any, args: Any) -> None:
    """Of the library of the arguments, and near as their floats allow."""
    for one, other in zip(_leaves(found), _leaves(wanted), strict=True):
        kind = next(x for x in args if "float" in str(x.dtype))
        assert type(one).__module__.partition(".")[0] == type(kind).__module__.partition(".")[0]
        assert one.dtype == kind.dtype
        agree(np.asarray(one), other, 2e-4 if library is _jax else 1e-10)


def _leaves(found: Any) -> list[Any]:
    if isinstance(found, tuple | list):
        return [leaf for part in found for leaf in _leaves(part)]
    return [found]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("text", TEXTS)
def test_gradients_are_arrays_of_their_library(text: str, library: Callable[..., Any]) -> None:
    make, numbers = library(), TEXTS[text]
    f = sd.function(text)
    made = f.grad([name for name, x in zip(f.inputs, numbers, strict=True) if x.dtype.kind == "f"])
    args = [make(x) for x in numbers]
    module = made.load(TARGET)
    if library is _dask and "slogdet" in text:
        with pytest.raises(AttributeError, match="slogdet"):
            module.grad(*args)
        return
    _agree_in(module.grad(*args), made(*numbers), library, args)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("function", [softmax_loss, recurrent, stencil])
def test_programs_are_computed_by_every_library(
    function: Callable[..., Any], library: Callable[..., Any]
) -> None:
    make = library()
    numbers = {
        softmax_loss: (_normal(3, 4), _normal(5, 3), np.array([0, 3, 1, 1, 2])),
        recurrent: (_normal(3), _normal(3, 3), _normal(20, 3)),
        stencil: (_normal(8), _normal(3), _normal(2)),
    }[function]
    made = sd.grad(function)
    wanted = made(*numbers)
    args = [make(x) for x in numbers]
    module = made.load(TARGET)
    if library is _dask and function is softmax_loss:
        with pytest.raises(NotImplementedError, match="indexing"):
            module.grad(*args)
        return
    _agree_in(module.grad(*args), wanted, library, args)


@pytest.mark.parametrize("library", [_strict, _torch])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_infinities_nan_and_zeros_are_numpys(row: Row, library: Callable[..., Any]) -> None:
    make, graph = library(), graph_of_numbers(row)
    if library is _strict and row.name == "clip":
        pytest.skip("strict arrays have no clip whose bounds are the wrong way round")
    if library is _torch and row.name in ("remainder", "fmod"):
        pytest.skip("PyTorch's own is nan where the quotient overflows, in vectors alone")
    edges = [x for x in (EDGES if len(row.domain) < 3 else FEW_EDGES) if abs(x) != 5e-324]
    columns = [np.array(x) for x in zip(*product(edges, repeat=len(row.domain)), strict=True)]
    for verb in ("value", "grad"):
        made = Function(graph, Origin("an operation", None), VERBS[verb], graph.input_names)
        module = None if row.refused else loaded_or_refused(made, TARGET)
        if module is not None:
            found = getattr(module, verb)(*[make(x) for x in columns])
            agree(_values(found), made(*columns), 1e-9)


VERBS_OF = ["value", "grad", "jacobian", "hessian", "jvp", "vjp", "hvp", "laplacian"]


@pytest.mark.parametrize("library", [_numpy, _strict, _torch, _jax])
@pytest.mark.parametrize("verb", VERBS_OF)
@pytest.mark.parametrize("text", [
    "x**2*lambda + y**3 + 2*z", "x: [3]; y: [3]; lambda: float; z: float; sum(x**2*y)*lambda + 3*z",
])  # fmt: skip
def test_verbs(text: str, verb: str, library: Callable[..., Any]) -> None:
    make, f = library(), sd.function(text)
    made = f if verb == "value" else getattr(f, verb)()
    shape = () if made.shapes[made.inputs[0]] else (2,)
    rng = np.random.default_rng(4)
    shapes = {name: made.shapes.get(name) or shape for name in made.inputs}
    numbers = [rng.normal(size=shapes[name]) for name in made.inputs]
    args = [make(x) for x in numbers]
    _agree_in(getattr(made.load(TARGET), verb)(*args), made(*numbers), library, args)


def test_floats_stay_as_small_as_they_are() -> None:
    module = (
        sd.function("x: [N]; sum(where(x > 0, 1, 0.5)*x*arange(N))/N + max(x, 0)[0]")
        .grad()
        .load(TARGET)
    )
    for dtype in ("float32", "float64"):
        x = np.arange(4, dtype=dtype)
        assert module.grad(x).dtype == dtype
        assert module.value_and_grad(strict.asarray(x))[0].dtype == getattr(strict, dtype)
    scalars = sd.function("2*x*y + 3*z").grad().load(TARGET)
    assert {g.dtype for g in scalars.grad(np.ones(2, np.float32), 2, 3.0)} == {np.dtype("f4")}


def test_numbers_alone_are_numpys() -> None:
    module = sd.function("x**2*y").grad().load(TARGET)
    assert module.grad(3, 2.0) == (12.0, 9.0)
    assert module.value([1.0, 2.0], 3).tolist() == [3.0, 12.0]


def test_results_are_no_arguments() -> None:
    x = np.ones(3)
    for text in ("x*y", "x: [3]; y: [3]; sum(x*y)"):
        for g in sd.function(text).grad().load(TARGET).grad(x, np.full(3, 2.0)):
            assert not np.shares_memory(g, x)


def test_infinities_come_without_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = sd.function("where(x > 0, sqrt(x), 0)*1/y").grad().load(TARGET)
        found = module.value_and_grad(np.array([-1.0, 4.0]), np.array([1.0, 0.0]))
    assert found[0].tolist() == [0.0, np.inf]
    assert found[1][0].tolist() == [0.0, np.inf]


def test_wrong_arguments_are_named() -> None:
    module = sd.function("X: [N, 3]; w: [3]; k: int [N]; sum((X @ w)*k)").grad("w").load(TARGET)
    x, w, k = np.ones((2, 3)), np.ones(3), np.arange(2)
    with pytest.raises(ValueError, match=r"w: expected the shape \(3,\), got \(2,\)"):
        module.grad(x, np.ones(2), k)
    with pytest.raises(ValueError, match=r"k: expected the shape \(N,\), got \(3,\)"):
        module.grad(x, w, np.arange(3))
    with pytest.raises(TypeError, match="k: expected ints, got float64"):
        module.grad(x, w, np.ones(2))
    with pytest.raises(TypeError, match="w: expected real numbers, got complex128"):
        module.grad(x, w * 1j, k)
    with pytest.raises(TypeError, match="arrays of several libraries"):
        module.grad(x, strict.asarray(w), k)


def test_what_it_has_no_way_for_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="'array-api' cannot write the operation 'erf'"):
        sd.function("erf(x)").emit(TARGET)
    with pytest.raises(UnsupportedError, match="no sparse matrices"):
        sd.function("x: [3]; x**2").jacobian(sparse=True).emit(TARGET)
    with pytest.raises(UnsupportedError, match="no batch axes"):
        sd.function("x: [3]; sum(x**2)", batch=True).emit(TARGET)
    with pytest.raises(UnsupportedError, match="'xp' hides"):
        sd.function("xp*x").emit(TARGET)


def test_places_that_come_twice() -> None:
    def written(x: Any, v: Any, at: Any) -> Any:
        y = x * 1.0
        y[at] = v
        return np.sum(y * np.arange(1.0, 6.0)) + np.sum(x[at] ** 2)

    numbers = _normal(5), _normal(4), np.array([1, 3, 1, -1])
    made = sd.grad(written, wrt=("x", "v"))
    wanted = made(*numbers)
    module = made.load(TARGET)
    agree(of_strict(module.grad)(*numbers), wanted)
    for library in (_torch, _jax):
        try:
            args = [library()(x) for x in numbers]
        except pytest.skip.Exception:
            continue
        _agree_in(module.grad(*args), wanted, library, args)


@pytest.fixture
def single_jax() -> Iterator[Any]:
    """JAX with float32 as it comes; another test of the process may have asked for float64."""
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", False)
    yield jax
    jax.config.update("jax_enable_x64", before)


def test_functions_are_compiled_by_jax(single_jax: Any) -> None:
    jax = single_jax
    made = sd.grad(recurrent)
    numbers = _normal(3), _normal(3, 3), _normal(20, 3)
    wanted = made(*numbers)
    args = [_jax()(x) for x in numbers]
    _agree_in(jax.jit(made.load(TARGET).grad)(*args), wanted, _jax, args)
    formula = sd.function("where(x > 0, sqrt(x), y**2)").grad()
    found = jax.jit(formula.load(TARGET).grad)(args[0], 2.0)
    _agree_in(found, formula(numbers[0], 2.0), _jax, args)


def test_a_numpy_function_is_computed_by_it() -> None:
    numbers = _normal(3), _normal(3, 3), _normal(20, 3)
    agree(sd.grad(recurrent, target=TARGET)(*numbers), sd.grad(recurrent)(*numbers))


PROGRAMS = [
    name
    for name in NAMES
    if name.rpartition("/")[2]
    in "exponential_series lentz mortgage vehicle newton_cubic pid_controller sinkhorn truss "
    "page_rank bellman_ford floyd_warshall cubic_spline".split()
]


@pytest.mark.parametrize("library", [_strict, _torch])
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_that_branch_and_loop(name: str, library: Callable[..., Any]) -> None:
    make, made = library(), program(name)
    given = made.examples[0]
    function = sd.value_and_grad(made.function, wrt=made.wrt)
    wanted = function(**given)
    module = function.load(TARGET)
    found = module.value_and_grad(*[make(np.asarray(given[name])) for name in module.INPUTS])
    for one, other in zip(_leaves(found), _leaves(wanted), strict=True):
        agree(np.asarray(one), other, 1e-9)
