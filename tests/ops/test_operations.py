"""Every operation through the module that is emitted for it alone, on floats and on arrays.

Values are compared with NumPy and SciPy, derivatives with 50 digits of mpmath, SymPy, complex
steps and differences. A tolerance is a few ulp of the result, times its condition: what an error
of one ulp in an argument does to it.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from symdiff.api import Function
from symdiff.emit.spell.formula import FORMULA_SPELLINGS
from symdiff.emit.spell.numpy import NUMPY
from symdiff.errors import UnsupportedError
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Flat
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.origin import Origin
from symdiff.verbs import VERBS
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.complex_rows import COMPLEX_BY_NAME
from tests.ops.rows import BY_NAME, OF_GRAPHS, OF_USERS, ROWS, Row

EPSILON = 2.0**-52
DIGITS = 50
POINTS = 5
EDGES = (0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 1e300, -1e300, 1e-300, 5e-324, 0.5)
FEW_EDGES = (0.0, -0.0, math.inf, -math.inf, math.nan, 1.5)
TARGETS = {"numpy": NUMPY, "formula": FORMULA_SPELLINGS}

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def rows_for(name: str, chosen: Callable[[Row], bool] = lambda row: True) -> Any:
    """Parametrize over the rows that do not name the check as an exception."""
    rows = [row for row in ROWS if name not in row.exceptions and chosen(row)]
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


# --- the operation as a function ---------------------------------------------------------------


def graph_of(row: Row) -> Graph:
    """The operation alone. A condition comes in as `argument > 0` and goes out as 1 or 0."""
    record, builder = OPERATIONS[row.name], Builder(EXACT)
    inputs = [builder.input(f"x{index}") for index in range(record.arity)]
    args: list[Handle] = [builder.handle(position) for position in inputs]
    for index in row.conditions:
        args[index] = args[index] > 0.0
    result = record(*args, params=row.params)
    if record.dtype == "bool":
        result = OPERATIONS["where"](result, 1.0, 0.0)
    return builder.graph(inputs, [result.at], ["f"], primal=1)


def wrt_of(row: Row) -> tuple[str, ...]:
    """The arguments that the operation is differentiated by."""
    arity = OPERATIONS[row.name].arity
    return tuple(f"x{index}" for index in range(arity) if index not in row.refused)


@cache
def compiled(name: str) -> ModuleType:
    """The emitted module of one operation, value and gradient."""
    row = BY_NAME[name]
    origin = Origin("one operation", None)
    function = Function(graph_of(row), origin, VERBS["value_and_grad"], wrt_of(row))
    check(function.graph)
    check(function.optimized)
    return function.load()


@cache
def compiled_second(name: str, index: int) -> ModuleType:
    """The emitted module of one entry of the gradient and of its gradient."""
    row = BY_NAME[name]
    origin = Origin("one operation", None)
    first = Function(graph_of(row), origin, VERBS["grad"], wrt_of(row)[index : index + 1])
    return Function(first.graph, origin, VERBS["value_and_grad"], wrt_of(row)).load()


def gradient_at(module: ModuleType, point: Sequence[Any]) -> tuple[Any, ...]:
    """The gradient as a tuple, of one entry for a single wrt too."""
    gradient = module.grad(*point)
    return gradient if len(module.WRT) > 1 else (gradient,)


def points_of(row: Row, count: int = POINTS) -> list[tuple[float, ...]]:
    """Points inside the domain, the same in every run."""
    draw = random.Random(row.name)
    return [tuple(draw.uniform(*interval) for interval in row.domain) for _ in range(count)]


# --- references --------------------------------------------------------------------------------


def exact_formula(row: Row) -> Callable[..., Any]:
    """The record's formula in mpmath."""
    formula = OPERATIONS[row.name].exactly(mpmath)

    def on_numbers(*args: Any) -> Any:
        given = [a > 0 if i in row.conditions else a for i, a in enumerate(args)]
        found = formula(*row.params, *given)
        return mpmath.mpf(found) if isinstance(found, bool) else mpmath.re(found)

    return on_numbers


@cache
def exact(name: str, point: tuple[float, ...], orders: tuple[int, ...]) -> Any:
    """The value or a derivative to 50 digits, by differences of the formula at 100."""
    with mpmath.workdps(DIGITS):
        numbers = tuple(mpmath.mpf(x) for x in point)
        formula = exact_formula(BY_NAME[name])
        if not any(orders):
            return formula(*numbers)
        if len(point) == 1:
            return mpmath.diff(formula, numbers[0], orders[0])
        return mpmath.diff(formula, numbers, orders)


def unit(arity: int, *indices: int) -> tuple[int, ...]:
    """The order of a derivative by the arguments with these indices."""
    return tuple(indices.count(index) for index in range(arity))


def condition(name: str, point: tuple[float, ...], orders: tuple[int, ...]) -> float:
    """How much an ulp in every argument changes the derivative of these orders, in ulp of one."""
    total = 0.0
    for index, x in enumerate(point):
        more = tuple(order + (i == index) for i, order in enumerate(orders))
        total += abs(x * float(exact(name, point, more)))
    return total


def assert_near(
    got: Any,
    wanted: Any,
    tolerance: float,
    where: object,
    further: Callable[[], float] = float,
) -> None:
    """Within a tolerance; NaN equals NaN, and an infinity itself.

    What is `further` tolerated, which takes many digits, is asked for where it is needed.
    """
    got, wanted = float(got), float(wanted)
    if math.isnan(wanted) or math.isinf(wanted):
        assert got == wanted or (math.isnan(got) and math.isnan(wanted)), (where, got, wanted)
    elif not abs(got - wanted) <= tolerance:
        tolerance += further()
        assert abs(got - wanted) <= tolerance, (where, got, wanted, tolerance)


def by_condition(
    row: Row, point: tuple[float, ...], orders: tuple[int, ...], scale: float = EPSILON
) -> Callable[[], float]:
    """What an ulp in every argument does to a derivative, as a further tolerance."""
    return lambda: scale * condition(row.name, point, orders)


# --- the table ---------------------------------------------------------------------------------


def test_rows_and_registry_hold_the_same_names() -> None:
    rows = {row.name for row in (*ROWS, *ARRAY_ROWS)}
    assert sorted(rows | OF_USERS | OF_GRAPHS | COMPLEX_BY_NAME.keys()) == sorted(OPERATIONS)
    assert not rows & OF_USERS


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", BY_NAME)
def test_every_target_can_write_it(name: str, target: str) -> None:
    assert TARGETS[target].find(name) is not None or OPERATIONS[name].expand is not None


@every_row
def test_record_is_whole(row: Row) -> None:
    record = OPERATIONS[row.name]
    assert record.doc.endswith(".")
    assert record.exact
    assert record.sympy or "sympy" in row.exceptions
    assert len(row.domain) == record.arity == len(record.safe or row.domain)
    assert len(row.params) == len(record.params)


# --- values ------------------------------------------------------------------------------------


@every_row
def test_value_on_arrays_and_floats_is_numpys(row: Row) -> None:
    points = points_of(row, 50)
    module, columns = compiled(row.name), np.array(points).T
    wanted = np.asarray(row.function(*columns), float)
    on_arrays = module.value(*columns)
    assert on_arrays.dtype == np.float64
    for point, array_value, right in zip(points, on_arrays, wanted, strict=True):
        float_value = module.value(*point)
        assert type(float_value) is float
        slack = EPSILON * (row.value_ulps * abs(right) + row.scale)
        further = by_condition(row, point, unit(len(point)))
        assert_near(array_value, right, slack, point, further)
        assert_near(float_value, right, slack, point, further)


@every_row
def test_value_to_50_digits(row: Row) -> None:
    for point in points_of(row):
        none = unit(len(point))
        wanted = float(exact(row.name, point, none))
        slack = EPSILON * (row.value_ulps * abs(wanted) + row.scale)
        got, further = compiled(row.name).value(*point), by_condition(row, point, none)
        assert_near(got, wanted, slack, point, further)


def _vectors(row: Row) -> list[tuple[float, ...]]:
    edges = EDGES if len(row.domain) < 3 else FEW_EDGES
    tried = [x for x in edges if x != 5e-324 or "subnormal" not in row.exceptions]
    return list(itertools.product(tried, repeat=len(row.domain)))


@rows_for("edges")
def test_edges_floats_arrays_and_numpy_agree(row: Row) -> None:
    vectors, module = _vectors(row), compiled(row.name)
    columns = np.array(vectors).T
    with np.errstate(all="ignore"):
        wanted = np.asarray(row.function(*columns), float)
    on_arrays = module.value(*columns)
    for vector, array_value, right in zip(vectors, on_arrays, wanted, strict=True):
        for got in (array_value, module.value(*vector)):
            assert_near(got, right, row.value_ulps * abs(np.spacing(right)), (row.name, vector))
            if right == 0.0 and "sign of zero" not in row.exceptions:
                assert math.copysign(1.0, got) == math.copysign(1.0, right), (row.name, vector)


@rows_for("edges")
def test_gradient_at_edges_is_the_same_on_floats_and_arrays(row: Row) -> None:
    """The two bodies of a module beside each other; what is right there, `kinks` states."""
    vectors, module = _vectors(row), compiled(row.name)
    on_arrays = gradient_at(module, np.array(vectors).T)
    for i, vector in enumerate(vectors):
        for entry, on_float in zip(on_arrays, gradient_at(module, vector), strict=True):
            assert_near(on_float, entry[i], 4 * row.value_ulps * abs(np.spacing(entry[i])), vector)


@every_row
def test_integers_are_taken_as_float64(row: Row) -> None:
    """The value is NumPy's for floats; the gradient is the module's own for floats."""
    module = compiled(row.name)
    whole = [tuple(round(x) for x in point) for point in points_of(row, 8)]
    columns = [np.array(column) for column in zip(*whole, strict=True)]
    assert all(column.dtype.kind == "i" for column in columns)
    value, gradient = module.value(*columns), gradient_at(module, columns)
    with np.errstate(all="ignore"):
        right = np.asarray(row.function(*[column.astype(float) for column in columns]), float)
    for i, point in enumerate(whole):
        floats = [float(x) for x in point]
        slack = 4 * row.value_ulps
        for got in (value[i], module.value(*point)):
            assert_near(got, right[i], slack * math.ulp(float(right[i])), point)
        for got, wanted in zip(gradient, gradient_at(module, floats), strict=True):
            assert got.dtype == np.float64
            assert_near(got[i], wanted, slack * abs(np.spacing(got[i])), point)


@every_row
def test_float32_stays_float32(row: Row) -> None:
    module = compiled(row.name)
    columns = [np.array(c, np.float32) for c in zip(*points_of(row, 6), strict=True)]
    value, gradient = module.value(*columns), gradient_at(module, columns)
    assert value.dtype == np.float32
    assert all(entry.dtype == np.float32 for entry in gradient)
    wanted = np.asarray(row.function(*[column.astype(float) for column in columns]), float)
    for i, right in enumerate(wanted):
        point = tuple(float(column[i]) for column in columns)
        slack = 2.0**-22 * (row.value_ulps * abs(right) + row.scale)
        further = by_condition(row, point, unit(len(point)), 2.0**-22)
        assert_near(value[i], right, slack, point, further)


@every_row
def test_results_have_the_broadcast_shape(row: Row) -> None:
    module = compiled(row.name)
    column, line = np.array(points_of(row, 12)).T.reshape(-1, 3, 4)[:, :, :1], points_of(row, 4)
    args = [*column[:1], *np.array(line).T[1:]]
    shape = np.broadcast_shapes(*[np.shape(arg) for arg in args])
    assert shape == ((3, 4) if len(args) > 1 else (3, 1))
    assert module.value(*args).shape == shape
    assert [entry.shape for entry in gradient_at(module, args)] == [shape] * len(module.WRT)


# --- derivatives -------------------------------------------------------------------------------


@every_row
def test_gradient_to_50_digits(row: Row) -> None:
    module = compiled(row.name)
    for point in points_of(row):
        for name, got in zip(module.WRT, gradient_at(module, point), strict=True):
            order = unit(len(point), int(name[1:]))
            wanted = exact(row.name, point, order)
            slack = EPSILON * (4 * row.value_ulps * abs(float(wanted)) + row.scale)
            assert_near(got, wanted, slack, (point, name), by_condition(row, point, order))


@pytest.mark.spread(2)
@every_row
def test_second_derivative_to_50_digits(row: Row) -> None:
    """The gradient of the gradient, which the rules of the rules give."""
    record = OPERATIONS[row.name]
    for index, first in enumerate(wrt_of(row)):
        if isinstance(record.derivative, Flat):
            continue
        try:
            module = compiled_second(row.name, index)
        except UnsupportedError:
            assert row.refused  # by a shape
            continue
        for point in points_of(row, 3):
            for name, got in zip(module.WRT, gradient_at(module, point), strict=True):
                order = unit(len(point), int(first[1:]), int(name[1:]))
                wanted = float(exact(row.name, point, order))
                slack = EPSILON * (8 * row.value_ulps * abs(wanted) + row.scale)

                def further(
                    point: tuple[float, ...] = point, order: tuple[int, ...] = order
                ) -> float:
                    firsts = [
                        exact(row.name, point, unit(len(point), i)) for i in range(len(point))
                    ]
                    size = sum(abs(float(slope)) for slope in firsts)
                    slack = 8 * row.value_ulps * size + condition(row.name, point, order)
                    return EPSILON * slack

                assert_near(got, wanted, slack, (point, first, name), further)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if isinstance(OPERATIONS[row.name].derivative, Flat)],
    ids=lambda row: row.name,
)  # fmt: skip
def test_flat_is_exactly_zero(row: Row) -> None:
    for point in points_of(row):
        assert all(entry == 0.0 for entry in gradient_at(compiled(row.name), point))


@rows_for("sympy", lambda row: bool(OPERATIONS[row.name].sympy))
def test_gradient_is_sympys(row: Row) -> None:
    record, module = OPERATIONS[row.name], compiled(row.name)
    symbols = sympy.symbols([f"x{i}" for i in range(record.arity)], real=True)
    given = [s > 0 if i in row.conditions else s for i, s in enumerate(symbols)]
    make = record.sympy
    if isinstance(make, str):
        expression = getattr(sympy, make)(*row.params, *given)
    else:
        expression = make(sympy, *row.params, *given)
    for name in module.WRT:
        index = int(name[1:])
        derivative = sympy.diff(expression, symbols[index])
        for point in points_of(row, 3):
            places = {s: sympy.Float(x, DIGITS) for s, x in zip(symbols, point, strict=True)}
            wanted = sympy.re(derivative.subs(places).doit().evalf(DIGITS))
            order = unit(len(point), index)
            slack = EPSILON * (4 * row.value_ulps * abs(float(wanted)) + row.scale)
            got = gradient_at(module, point)[module.WRT.index(name)]
            assert_near(got, wanted, slack, (point, name), by_condition(row, point, order))


@rows_for("complex step", lambda row: OPERATIONS[row.name].analytic)
def test_gradient_by_complex_step(row: Row) -> None:
    """Lyness and Moler (1967). NumPy's complex functions are good to some tens of ulp."""
    module, h = compiled(row.name), 1e-30
    functions = getattr(module, "_VALUE_ON_ARRAYS", ())
    for point in points_of(row):
        gradient = gradient_at(module, point)
        for name, got in zip(module.WRT, gradient, strict=True):
            index = int(name[1:])
            moved = [np.array([x + 1j * h * (i == index)]) for i, x in enumerate(point)]
            wanted = module._value(*moved, *functions)[0].imag / h
            order = unit(len(point), index)
            slack = EPSILON * (64 * abs(wanted) + row.scale)
            further = by_condition(row, point, order, 64 * EPSILON)
            assert_near(got, wanted, slack, (point, name), further)


def ridders(function: Callable[[float], float], x: float, h: float) -> tuple[float, float]:
    """A central difference extrapolated to step 0, and its error (Ridders 1982)."""
    before: list[float] = []
    best, error = math.nan, math.inf
    for _ in range(8):
        line = [(function(x + h) - function(x - h)) / (2 * h)]
        for order, coarse in enumerate(before):
            factor = 2.0 ** (2 * (order + 1))
            line.append((factor * line[-1] - coarse) / (factor - 1.0))
            spread = max(abs(line[-1] - line[-2]), abs(line[-1] - coarse))
            if spread <= error:
                best, error = line[-1], spread
        before, h = line, h / 2
    return best, error


@rows_for("differences")
def test_gradient_by_differences_of_numpys_function(row: Row) -> None:
    module, function = compiled(row.name), row.function
    for point in points_of(row):
        for name, got in zip(module.WRT, gradient_at(module, point), strict=True):
            index = int(name[1:])

            def along(x: float, index: int = index, point: tuple[float, ...] = point) -> float:
                return float(function(*point[:index], x, *point[index + 1 :]))

            wanted, error = ridders(along, point[index], 0.02)
            rounding = row.value_ulps * EPSILON * abs(along(point[index])) / (0.02 / 2**7)
            assert_near(got, wanted, 4 * error + 4 * rounding, (point, name))


# --- conventions -------------------------------------------------------------------------------

KINKS = [(row, point) for row in ROWS for point in row.kinks]


@pytest.mark.parametrize(
    ("row", "point"), KINKS, ids=[f"{row.name}{point}" for row, point in KINKS]
)
def test_kink_is_as_stated(row: Row, point: tuple[float, ...]) -> None:
    module, stated = compiled(row.name), row.kinks[point]
    on_arrays = gradient_at(module, [np.array([x]) for x in point])
    for got in (gradient_at(module, point), [entry[0] for entry in on_arrays]):
        for entry, wanted in zip(got, stated, strict=True):
            tolerance = 16 * EPSILON * abs(wanted) if math.isfinite(wanted) else 0.0
            assert_near(entry, wanted, tolerance, (row.name, point))


@pytest.mark.parametrize("row", [row for row in ROWS if row.refused], ids=lambda row: row.name)
def test_refused_derivative_names_the_operation(row: Row) -> None:
    for index in row.refused:
        with pytest.raises(UnsupportedError, match=row.name):
            _ = Function(
                graph_of(row), Origin("one operation", None), VERBS["grad"], (f"x{index}",)
            ).graph
