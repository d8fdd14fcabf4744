"""The interpreters: mpmath's and NumPy's agree, IEEE's results appear, branches are lazy."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

from symdiff.api import function
from symdiff.errors import UnsupportedError
from symdiff.frontend.sympy.read import from_sympy
from symdiff.graph.node import BOOL, FLOAT, Node
from symdiff.ops.builder import Builder
from symdiff.ops.operation import Flat, Operation
from symdiff.ops.registry import OPERATIONS, register
from symdiff.ops.rules import EXACT
from symdiff.verify.digits import Exact
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Floats, Library
from tests.interpreted import by_mpmath, by_numpy
from tests.ops.rows import ROWS

x, y = sp.symbols("x y")
inf, nan = math.inf, math.nan


def both(expression, **point):
    graph = from_sympy(expression)
    return float(by_mpmath(graph, point)[0]), float(by_numpy(graph, point)[0])


def test_fifty_digits():
    graph = from_sympy(sp.exp(x) * sp.sin(y))
    (found,) = by_mpmath(graph, {"x": mpmath.mpf(1) / 4, "y": 0.5})
    with mpmath.workdps(60):
        exact = mpmath.exp(mpmath.mpf(1) / 4) * mpmath.sin(mpmath.mpf(1) / 2)
        assert abs(found / exact - 1) < mpmath.mpf(10) ** -49
    assert isinstance(found, mpmath.mpf)


def test_the_shared_precision_is_left_alone():
    before = mpmath.mp.dps
    by_mpmath(from_sympy(sp.exp(x)), {"x": 1.0}, digits=200)
    assert mpmath.mp.dps == before


@pytest.mark.parametrize(
    ("expression", "number", "expected"),
    [
        (1 / x, 0.0, inf),
        (-1 / x, 0.0, -inf),
        (x / (x + x**2), 0.0, nan),
        (sp.log(x), 0.0, -inf),
        (sp.log(x), -1.0, nan),
        (sp.sqrt(x), -1.0, nan),
        (x ** sp.Rational(1, 3), -8.0, nan),
        (sp.asin(x), 2.0, nan),
        (sp.acosh(x), 0.5, nan),
        (sp.atanh(x), 1.0, inf),
        (sp.gamma(x), -1.0, nan),
        (sp.Si(x), inf, math.pi / 2),
        (sp.besselj(0, x), inf, nan),
        (sp.exp(x), inf, inf),
        (sp.exp(-x), inf, 0.0),
        (sp.sin(x), inf, nan),
        (x + 1, nan, nan),
        (sp.Max(x, 1), nan, nan),
        (sp.LambertW(x), -1.0, nan),
    ],
)
def test_ieee(expression, number, expected):
    high, low = both(expression, x=number)
    assert high == pytest.approx(expected, nan_ok=True)
    assert low == pytest.approx(expected, nan_ok=True)


def test_a_branch_that_fails_and_is_not_taken_does_not_matter():
    safe = sp.Piecewise((0, x <= 0), (sp.log(x) / x, True))
    assert both(safe, x=0.0) == (0.0, 0.0)
    assert both(safe, x=-1.0) == (0.0, 0.0)
    assert both(sp.Piecewise((1, x > 0), (2, True)), x=nan) == (2.0, 2.0)


def test_towers_of_exponentials_end():
    tower = x
    for _ in range(6):
        tower = sp.exp(tower)
    assert both(tower, x=10.0)[0] == inf
    assert both(1 / tower, x=10.0)[0] == 0.0


def test_arrays_broadcast():
    graph = from_sympy([x + y, sp.Piecewise((x, x < y), (y, True))])
    total, least = by_numpy(graph, {"x": np.ones((3, 1)), "y": np.arange(4.0)})
    assert total.shape == least.shape == (3, 4)
    assert least[0].tolist() == [0.0, 1.0, 1.0, 1.0]


def test_complex_numbers():
    (found,) = by_numpy(from_sympy(sp.exp(x)), {"x": 1j * math.pi})
    assert found == pytest.approx(-1.0)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_operation_agrees_with_mpmath(row):
    record, context = OPERATIONS[row.name], Exact(30).context
    numbers = [low + 0.4 * (high - low) for low, high in row.domain]
    is_truth = [at in row.conditions for at in range(len(numbers))]
    high = [n > 0 if b else context.mpf(n) for n, b in zip(numbers, is_truth, strict=True)]
    low = [np.bool_(n > 0) if b else np.float64(n) for n, b in zip(numbers, is_truth, strict=True)]
    expected = record.exactly(context)(*row.params, *high)
    in_floats = Floats().function(Node(row.name, (), row.params, (), FLOAT), [()] * len(low))
    relative = max(1e-13, row.value_ulps * 2.3e-16)
    assert float(in_floats(*low)) == pytest.approx(float(expected), rel=relative)


def test_what_is_complex_in_many_digits_is_nan():
    (found,) = by_mpmath(function("jacobi_am(u, m)").graph, {"u": 1.3, "m": 2.0})
    assert math.isnan(found)


def test_an_operation_that_numpy_or_mpmath_lacks_is_named():
    register(Operation("test_only_lacking", "Nothing.", 1, Flat()))
    builder = Builder(EXACT)
    position = builder.input("x")
    graph = builder.graph([position], [builder.make("test_only_lacking", (position,))], ["f"], 1)
    with pytest.raises(UnsupportedError, match="NumPy has no counterpart of the operation 'test"):
        by_numpy(graph, {"x": 1.0})
    with pytest.raises(UnsupportedError, match="mpmath has no counterpart of the operation 'test"):
        by_mpmath(graph, {"x": 1.0})


def test_disturbed_lines():
    class Twice:
        def arguments(self, position, args):
            return [2 * arg for arg in args]

        def result(self, position, value, args):
            return value + 1

    graph = from_sympy(x + y)
    lines = Interpreter(graph, Exact(30)).lines({"x": 1.0, "y": 2.0}, Twice())
    assert lines[graph.outputs[0]] == 2 * (1 + 0) + 2 * (2 + 0) + 1


def test_another_library_by_its_names():
    class Other:
        @staticmethod
        def power(a, b):
            return ("power", a, b)

    library = Library({"np": Other}, float)

    def function(name, arity=1):
        return library.function(Node(name, (), (), (), FLOAT), [()] * arity)

    assert function("power", 2)(2, 3) == ("power", 2, 3)
    assert function("multiply", 2)(2, 3) == 6
    for name in ("sin", "airyai", "softplus"):
        with pytest.raises(UnsupportedError, match="the library has no counterpart of"):
            function(name)


def test_conditions_as_outputs():
    builder = Builder(EXACT)
    position = builder.input("x")
    less = builder.make("less", (position, builder.constant(1.0)))
    graph = builder.graph([position], [less], ["f"], 1)
    assert graph[less].dtype == BOOL
    assert by_mpmath(graph, {"x": 0.0}) == [True]
