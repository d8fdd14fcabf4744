"""Graphs read back as SymPy mean the same, and print."""

import math

import pytest
import sympy as sp

import symdiff as sd
from symdiff.errors import UnsupportedError
from symdiff.explain.sympy import to_sympy
from symdiff.frontend.sympy.read import from_sympy
from symdiff.graph.check import check
from symdiff.graph.node import BOOL
from symdiff.ops.builder import Builder
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from tests.interpreted import by_mpmath, by_numpy
from tests.ops.complex_rows import COMPLEX_BY_NAME
from tests.ops.rows import OF_GRAPHS, OF_USERS

x, y, z = sp.symbols("x y z", real=True)

# inside of every domain, each other where that is asked
ARGUMENTS = {1: (0.7,), 2: (2.3, 1.4), 3: (0.7, 0.2, 0.5)}
SPECIAL = {"arccosh": (1.7,), "arctanh": (0.4,), "clip": (0.7, 0.8, 1.5)}
PARAMS = {
    **{"polygamma": (2,), "jv": (1,), "yv": (0.5,), "iv": (2,), "kv": (1,), "expn": (2,)},
    **{name: (3,) for name in OPERATIONS if name.startswith("eval_")},
}
LACKING = {name for name, record in OPERATIONS.items() if not record.sympy}
WRITTEN_OUT = {  # in simpler operations on arrays, or nowhere but inside of the compiler
    name
    for name, record in OPERATIONS.items()
    if record.expand is not None and (record.is_internal or not record.is_elementwise)
}
OF_ARRAYS = {"length", "as_float64", "made"}  # read back as a symbol, as nothing, as a matrix


def graph_of(name):
    """An operation alone, on inputs; a condition where it takes some."""
    record = OPERATIONS[name]
    builder = Builder(EXACT)
    inputs = [builder.input(letter) for letter in "abc"[: record.arity]]
    args = list(inputs)
    if name == "where" or name.startswith("logical"):
        tests = args if name != "where" else args[:1]
        args[: len(tests)] = [
            builder.make("greater", (position, builder.constant(1.0))) for position in tests
        ]
    output = builder.make(name, tuple(args), PARAMS.get(name, ()))
    if builder.nodes[output].dtype == BOOL:
        output = builder.make("where", (output, builder.constant(1.0), builder.constant(0.0)))
    return builder.graph(inputs, [output], ["f"], 1)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in LACKING])
@pytest.mark.parametrize("flip", [1.0, -1.0])
def test_every_operation_comes_back(name, flip):
    graph = graph_of(name)
    numbers = SPECIAL.get(name, ARGUMENTS[OPERATIONS[name].arity])
    point = {letter: flip * number for letter, number in zip("abc", numbers, strict=False)}
    again = from_sympy(to_sympy(graph))
    check(again)
    expected = float(by_mpmath(graph, point)[0])
    found = float(by_numpy(again, point)[0])
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-15, nan_ok=True)


def test_what_sympy_lacks_is_named():
    assert "rint" in LACKING
    for name in LACKING - OF_ARRAYS - OF_USERS - OF_GRAPHS - WRITTEN_OUT - COMPLEX_BY_NAME.keys():
        with pytest.raises(UnsupportedError, match=name):
            to_sympy(graph_of(name))


def test_a_loop_is_named():
    made = sd.function(lambda x: sd.fori(0, 3, lambda i, y: y * x, x), shapes={"x": ()})
    with pytest.raises(UnsupportedError, match="scan"):
        made.sympy()


FORMULAS = (
    (x**2 + y**3, "x**2 + y**3"),
    (x - y - 1, "x - y - 1"),
    (x / (y * z), "x/(y*z)"),
    (1 / x, "1/x"),
    (sp.exp(-x) / 2, "exp(-x)/2"),
    (sp.pi * x / 3, "pi*x/3"),
    (sp.Max(x, y), "Max(x, y)"),
    (sp.Heaviside(x), "Heaviside(x)"),
    (sp.Si(x), "Si(x)"),
    (0.1 * x, "0.1*x"),
)


@pytest.mark.parametrize(("expression", "text"), FORMULAS)
def test_formulas_read_as_written(expression, text):
    assert str(to_sympy(from_sympy(expression))) == text


def test_what_was_written_comes_back_bit_for_bit():
    sums = sp.Add(*[sp.sin(k * x) / k for k in range(1, 200)])
    graph = from_sympy(sums)
    again = from_sympy(to_sympy(graph))
    for number in (0.1, 1.7, -3.3):
        values = [by_numpy(g, {"x": number})[0] for g in (graph, again)]
        assert values[0] == values[1]


def test_numbers_are_what_a_reader_expects():
    numbers = (2.0, -1.0, 0.25, math.pi, math.e, math.inf, -math.inf)
    texts = ("2", "-1", "1/4", "pi", "E", "oo", "-oo")
    for number, text in zip(numbers, texts, strict=True):
        builder = Builder(EXACT)
        graph = builder.graph([], [builder.constant(number)], ["f"], 1)
        assert str(to_sympy(graph)) == text


def test_several_outputs():
    graph = from_sympy([x, x * y])
    assert to_sympy(graph) == (x, x * y)


def test_shared_lines_are_one_object():
    shared = x
    for _ in range(300):  # 2**300 parts when written out
        shared = sp.Mul(shared, sp.Add(1, shared, evaluate=False), evaluate=False)
    graph = from_sympy(shared)
    assert len(from_sympy(to_sympy(graph))) == len(graph)


def test_depth():
    deep = x
    for _ in range(3000):
        deep = sp.sin(deep, evaluate=False)
    graph = from_sympy(deep)
    assert from_sympy(to_sympy(graph)).nodes == graph.nodes
    nested = x
    for _ in range(400):
        nested = sp.Piecewise((nested, x > 0), (sp.sin(nested, evaluate=False), True))
    assert len(from_sympy(to_sympy(from_sympy(nested)))) > 400


@pytest.mark.parametrize("text", [
    "log(x)", "x**y", "where(x > 0, nan, x)*y*where(y > 0, nan, y)", "nan*x*y", "nan + x*y",
    "where(x > 0, x, nan)**2/where(x > y, nan, 2)", "where(x == y or x < 0, x, y)**y",
    "max(x, y)**3",
])  # fmt: skip
def test_derivatives_with_choices_are_printed(text):
    made = sd.function(text)
    for one in (made, made.grad(), made.hessian(), made.hvp()):
        expressions = one.sympy() if isinstance(one.sympy(), tuple) else (one.sympy(),)
        assert one.latex()
        assert all(map(str, expressions))


def test_choice_with_nan_has_its_value():
    found = sd.function("where(x > 0, nan, x)*y + 1").sympy()
    x, y = sorted(found.free_symbols, key=str)
    assert found.subs({x: -2, y: 3}) == -5
    assert found.subs({x: 2, y: 3}) is sp.nan


@pytest.mark.parametrize("expression", [
    x ** sp.Rational(1, 3), -x * y / (z + 1) ** 2, sp.log(x, 2), x**-2, sp.sqrt(2) * x,
    sp.sin(2 * sp.pi * x / 3), 0.1 * x, 0.123456789 * x, 2 * x * y / 3, 1 / (1 + sp.exp(-x)),
    (x + y) / (x - y), sp.pi * x / 180, 2**x, sp.Piecewise((x, x > 0), (0, True)),
])  # fmt: skip
def test_a_formula_of_sympy_reads_back_as_sympy_writes_it(expression):
    made = sd.function(expression)
    found = made.sympy()
    assert str(found) == str(expression)
    again, point = sd.function(found), {"x": 0.7, "y": 0.4, "z": 1.3}
    values = [f(*[point[name] for name in f.inputs]) for f in (made, again)]
    assert values[0] == pytest.approx(values[1], rel=1e-15)
