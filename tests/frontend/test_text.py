"""The parser against Python's own reading of the same text, and against values by hand."""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdiff.errors import LimitError, Span
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.text.functions import CALLEES
from symdiff.frontend.text.options import Limits
from symdiff.frontend.text.program import parse
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, constant_value
from tests.strategies import examples

ARITHMETIC: Mapping[str, Callable[..., float]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negate": operator.neg,
    "power": math.pow,
    "remainder": operator.mod,
    "floor_divide": operator.floordiv,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "logical_and": lambda a, b: a and b,
    "logical_or": lambda a, b: a or b,
    "logical_not": operator.not_,
    "where": lambda condition, a, b: a if condition else b,
    "absolute": abs,
    "maximum": max,
    "minimum": min,
    "arctan2": math.atan2,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "arcsinh": math.asinh,
    "arccosh": math.acosh,
    "arctanh": math.atanh,
    "loggamma": math.lgamma,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "sech": lambda x: 1 / math.cosh(x),
    "csch": lambda x: 1 / math.sinh(x),
    "arccot": lambda x: math.atan(1 / x),
    "softplus": lambda x: math.log1p(math.exp(x)),
    "relu": lambda x: max(x, 0.0),
    "ndtr": lambda x: 0.5 * math.erfc(-x / math.sqrt(2.0)),
    "clip": lambda x, low, high: min(max(x, low), high),
    "heaviside": lambda x, h: float(x > 0.0) if x else h,
    "logaddexp": lambda a, b: math.log(math.exp(a) + math.exp(b)),
    "logaddexp2": lambda a, b: math.log2(2.0**a + 2.0**b),
    "sinc": lambda x: math.sin(math.pi * x) / (math.pi * x),
    "sign": lambda x: math.copysign(1.0, x) if x else 0.0,
    "rint": round,
}


def evaluate(graph: Graph, values: Mapping[str, float]) -> tuple[float, ...]:
    """All lines that the results need, in turn; one that Python refuses to compute is NaN."""
    graph = graph.keep(graph.ancestors(graph.outputs))
    results: list[float] = []
    for node in graph:
        if node.op == INPUT:
            results.append(values[node.params[0]])
        elif node.op == CONSTANT:
            results.append(constant_value(node))
        else:
            compute = ARITHMETIC.get(node.op) or getattr(math, node.op)
            try:
                results.append(compute(*[results[argument] for argument in node.args]))
            except (ArithmeticError, ValueError):
                results.append(math.nan)
    return tuple(float(results[position]) for position in graph.outputs)


def value(text: str, **values: float) -> float:
    graph = parse(text)
    check(graph)
    (result,) = evaluate(graph, values)
    return result


# --- against Python ----------------------------------------------------------------------------

VARIABLES = st.sampled_from(["x", "y", "z"])
NUMBERS = st.sampled_from(["0.5", "2.0", "1.", ".25", "1e-3", "1_0.0", "3.0e+2"])


def joined(operand: st.SearchStrategy[str], signs: list[str], most: int) -> st.SearchStrategy[str]:
    """Operands with signs between them, spaced at random."""
    sign = st.sampled_from([f" {sign} " for sign in signs] + [s for s in signs if not s.isalpha()])
    rest = st.lists(st.tuples(sign, operand).map("".join), max_size=most).map("".join)
    return st.tuples(operand, rest).map("".join)


def formulas(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One more level of Python's grammar. Constants do not stand alone in calls and powers:
    there folding rounds once, and Python's libm may not."""
    bracketed = inner.map("({})".format)
    call = st.tuples(st.sampled_from(["sin", "cos", "tanh", "abs", "exp"]), inner).map(
        lambda pair: f"{pair[0]}(x*({pair[1]}))"
    )
    atom = VARIABLES | NUMBERS | bracketed | call
    caret = st.sampled_from(["**", "^", " ** "])
    whole = st.sampled_from(["2", "3", "-2", "- 3.0*2", "2**2", "-2^1", "+3"])
    power = st.tuples(VARIABLES | call, caret, whole).map("".join)
    power |= st.tuples(st.just("2.0"), caret, st.sampled_from(["x", "-y", "-x**3", "+y^2*x"])).map(
        "".join
    )
    signed = st.tuples(st.sampled_from(["", "-", "+", "--", "- "]), atom | power).map("".join)
    arithmetic = joined(signed, ["+", "-", "*", "/", "%", "//"], 3)
    truth = st.tuples(arithmetic, st.sampled_from(["<", "<=", ">", ">=", "==", "!="])).map("".join)
    comparison = st.tuples(truth, joined(arithmetic, ["<", ">=", "!="], 2)).map("".join)
    negated = st.tuples(st.sampled_from(["", "not ", "not not "]), comparison).map("".join)
    logic = joined(negated, ["and", "or"], 2)
    choice = st.tuples(arithmetic, logic | arithmetic, inner | arithmetic).map(
        lambda three: f"{three[0]} if {three[1]} else {three[2]}"
    )
    return arithmetic | logic | choice


@examples(400)
@given(
    st.recursive(VARIABLES | NUMBERS, formulas, max_leaves=8),
    st.tuples(*[st.sampled_from([-2.0, -0.75, 0.0, 0.3, 1.0, 2.5])] * 3),
)
def test_means_what_python_means(text: str, point: tuple[float, float, float]) -> None:
    values = dict(zip("xyz", point, strict=True))
    names = {name: getattr(math, name) for name in ("sin", "cos", "tanh", "exp")}
    source = text.replace("^", "**")
    try:
        expected = eval(source, {"__builtins__": {}, "abs": abs, **names}, dict(values))  # noqa: S307
    except (ArithmeticError, ValueError, TypeError):
        return  # division by zero, overflow; a complex number in a comparison
    graph = parse(text)
    check(graph)
    (result,) = evaluate(graph, values)
    if not isinstance(expected, complex):
        assert result == expected or (math.isnan(result) and math.isnan(expected)), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-x**2", -9.0),
        ("-x^2", -9.0),
        ("2**-1", 0.5),
        ("2**-x**2", 2.0**-9),
        ("2**3**2", 512.0),
        ("2^3^2", 512.0),
        ("x^2*2", 18.0),
        ("-2**2", -4.0),
        ("--x", 3.0),
        ("+-+x", -3.0),
        ("x - -y", 5.0),
        ("x--y", 5.0),
        ("7 % 4 // 2", 1.0),
        ("-7 // 2", -4.0),
        ("-7 % 3", 2.0),
        ("6/2*3", 9.0),
        ("x-y-1", 0.0),
        ("1 < y < x", 1.0),
        ("1 < x < y", 0.0),
        ("1 < y < x > 2 != x", 1.0),
        ("(x > 1) + (y > 1)", 2.0),
        ("-(x > 1)", -1.0),
        ("True + True - False", 2.0),
        ("1 if x else 2", 1.0),
        ("1 if x - 3 else 2", 2.0),
        ("1 if False else 2 if x > 9 else 4", 4.0),
        ("(1 if x else 2) if y else 3", 1.0),
        ("1 if (y if x else x) else 2", 1.0),
        ("not x", 0.0),
        ("not x == y", 1.0),
        ("x and y", 1.0),
        ("x - 3 or y - 2", 0.0),
        ("x > 1 and not y > 5 or x", 1.0),
        ("pi", math.pi),
        ("e", math.e),
        ("e^0", 1.0),
        ("inf", math.inf),
        ("-inf < x < inf", 1.0),
        ("x if nan == nan else y", 2.0),
        ("(\n  x\n  + y  # a comment\n)", 5.0),
        ("x \\\n + y", 5.0),
        ("\ufeffx\u00a0+\ty\r\n", 5.0),
        ("1_000.5e-3 + .5 + 2.", 1_000.5e-3 + 0.5 + 2.0),
        ("((x))", 3.0),
    ],
)
def test_value(text: str, expected: float) -> None:
    graph = parse(text)
    check(graph)
    values = {"x": 3.0, "y": 2.0}
    assert evaluate(graph, values) == (expected,)


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("y + x + y", ("y", "x")),
        ("gamma*x + beta", ("gamma", "x", "beta")),
        ("gamma*gamma(x)", ("gamma", "x")),
        ("lambda*x + class - for", ("lambda", "x", "class", "for")),
        ("E + I + S + N + np + zoo", ("E", "I", "S", "N", "np", "zoo")),
        ("e*pi*x", ("x",)),
        ("e: float\ne*pi", ("e",)),
        ("e = x; e*pi", ("x",)),
        ("α*x̂ + नाम + 名", ("α", "x̂", "नाम", "名")),
        ("𝑥 + x + ﬁ", ("x", "fi")),  # NFKC, as in Python
        ("_x + x_1", ("_x", "x_1")),
        ("sin + sin(cos)", ("sin", "cos")),
        ("x: float; y: []\ny*x", ("x", "y")),
        ("y: []\nx: float\ny", ("y", "x")),
        ("a = z; x", ("z", "x")),
        ("3", ()),
    ],
)
def test_inputs_in_order_of_appearance(text: str, inputs: tuple[str, ...]) -> None:
    graph = parse(text)
    check(graph)
    assert graph.input_names == inputs


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x**2", ("f",)),
        ("f + 1", ("f_value",)),
        ("f + f_value", ("f_value_",)),
        ("x, y", ("f1", "f2")),
        ("(x, y)", ("f1", "f2")),
        ("x,", ("f",)),
        ("(x, f2,)", ("f1", "f2_value")),
        ("a = x", ("a",)),
        ("a = x; b = a*2", ("b",)),
        ("a = x\nb = a*2\nreturn a, b", ("a", "b")),
        ("a = x\nreturn (a, a, a + 1)", ("a", "f2", "f3")),
        ("f2 = x\nreturn 2*x, f2", ("f1", "f2")),
        ("a = x\na", ("a",)),
        ("a = x\na + 1", ("f",)),
        ("return x", ("f",)),
    ],
)
def test_output_names(text: str, names: tuple[str, ...]) -> None:
    graph = parse(text)
    check(graph)
    assert graph.output_names == names
    assert graph.primal == len(names)


# --- programs ----------------------------------------------------------------------------------


def test_program() -> None:
    text = "# a loss\nr = a*x - y  # the rest\n\nr = r**2; scale = 3\nreturn scale*r, r\n"
    graph = parse(text)
    check(graph)
    assert graph.input_names == ("a", "x", "y")
    assert evaluate(graph, {"a": 2.0, "x": 3.0, "y": 1.0}) == (75.0, 25.0)
    assert sorted(graph.hints.values()) == ["r", "r"]


def test_condition_keeps_its_meaning_in_a_variable() -> None:
    text = "inside = 0 < x < 1\nout = x if inside else -x\nreturn out, inside"
    graph = parse(text)
    assert evaluate(graph, {"x": 0.5}) == (0.5, 1.0)
    assert evaluate(graph, {"x": 2.0}) == (-2.0, 0.0)
    assert [node.op for node in graph].count("where") == 2


def test_hints_name_neither_inputs_nor_constants() -> None:
    graph = parse("a = x; b = 3; c = a*b; c + c")
    assert list(graph.hints.values()) == ["c"]


def test_shadowed_constant_changes_for_later_uses_only() -> None:
    assert value("y = e*x; e = 10; y + e", x=0.0) == 10.0


# --- the graph ---------------------------------------------------------------------------------


def test_power_stays_a_power_and_equal_parts_are_shared() -> None:
    graph = parse("x**2 + x**2*y")
    assert [node.op for node in graph] == ["input", "constant", "power", "input", "multiply", "add"]


def test_every_line_has_its_place() -> None:
    text = "y = 2*sin(x)\nwhere(y < 1, y, -y)"
    graph = parse(text)
    assert set(graph.spans) == set(range(len(graph)))
    places = {graph[at].op: text[span.start : span.end] for at, span in graph.spans.items()}
    assert places["sin"] == "sin(x)"
    assert places["multiply"] == "2*sin(x)"
    assert places["less"] == "y < 1"
    assert places["negate"] == "-y"
    assert places["where"] == "where(y < 1, y, -y)"
    assert graph.spans[0] == Span(4, 5)


def test_known_conditions_leave_no_choice() -> None:
    assert [node.op for node in parse("where(1 < 2 and not False, x, y)")].count("where") == 0
    assert parse("Piecewise((x, x < 0), (y, True))").ops == 2


# --- functions ---------------------------------------------------------------------------------

VALUES = [
    ("sec(x)", 1 / math.cos(0.4)),
    ("csc(x)", 1 / math.sin(0.4)),
    ("cot(x)", 1 / math.tan(0.4)),
    ("asin(x)", math.asin(0.4)),
    ("arccos(x)", math.acos(0.4)),
    ("atan(x)", math.atan(0.4)),
    ("asec(1/x)", math.acos(0.4)),
    ("acsc(1/x)", math.asin(0.4)),
    ("acot(x)", math.atan(1 / 0.4)),
    ("acot(-x)", -math.atan(1 / 0.4)),
    ("sech(x)", 1 / math.cosh(0.4)),
    ("csch(x)", 1 / math.sinh(0.4)),
    ("coth(x)", 1 / math.tanh(0.4)),
    ("asinh(x)", math.asinh(0.4)),
    ("acosh(1 + x)", math.acosh(1.4)),
    ("atanh(x)", math.atanh(0.4)),
    ("asech(x)", math.acosh(1 / 0.4)),
    ("acsch(x)", math.asinh(1 / 0.4)),
    ("acoth(1/x)", math.atanh(0.4)),
    ("atan2(x, -2)", math.atan2(0.4, -2.0)),
    ("hypot(x, 2, 3)", math.hypot(0.4, 2.0, 3.0)),
    ("log(x)", math.log(0.4)),
    ("ln(x)", math.log(0.4)),
    ("log(x, 2)", math.log2(0.4)),
    ("log(x, 10)", math.log10(0.4)),
    ("log(x, 3)", math.log(0.4, 3.0)),
    ("pow(x, 3)", 0.4**3),
    ("square(x) + reciprocal(x)", 0.16 + 2.5),
    ("round(10*x + 0.5) + fabs(-x)", 4.4),
    ("mod(-x, 3) + fmod(-x, 3)", 2.2),
    ("max(x, 1, 0.2) - Min(x, 1)", 0.6),
    ("max(x)", 0.4),
    ("clip(x, 0.5, 1)", 0.5),
    ("where(x, 2, 3)", 2.0),
    ("where(x > 1, 2, 3)", 3.0),
    ("Piecewise((1, x > 1), (2, x > 0.3), (3, True))", 2.0),
    ("Piecewise((1, x > 1), (2, x > 0.5), (3, True))", 3.0),
    ("heaviside(x - 0.4)", 0.5),
    ("Heaviside(x - 0.4, 1)", 1.0),
    ("sinc(x)", math.sin(0.4 * math.pi) / (0.4 * math.pi)),
    ("deg2rad(x)", math.radians(0.4)),
    ("degrees(x)", math.degrees(0.4)),
    ("logaddexp(x, 1)", math.log(math.exp(0.4) + math.e)),
    ("expit(x)", 1 / (1 + math.exp(-0.4))),
    ("logit(x)", math.log(0.4 / 0.6)),
    ("norm_cdf(x)", 0.6554217416103242),
    ("gammaln(x)", math.lgamma(0.4)),
    ("add(x, 1)*subtract(x, 1)/divide(2, x) + negative(x) + positive(x)", -0.168),
    ("less(x, 1) + Ge(x, 1) + not_equal(x, 1)", 2.0),
    ("And(x, x < 1, x > 0) + logical_not(x) + Or(0, x > 1)", 1.0),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_function(text: str, expected: float) -> None:
    assert value(text, x=0.4) == pytest.approx(expected, rel=1e-14)


def test_piecewise_without_default_is_nan() -> None:
    assert math.isnan(value("Piecewise((x, x > 1))", x=0.0))


@pytest.mark.parametrize(
    ("text", "op", "order"),
    [
        ("besselj(0, x)", "jv", 0),
        ("jn(-2, x)", "jv", -2),
        ("yv(1/2, x)", "yv", 0.5),
        ("besseli(1 + 1, x)", "iv", 2),
        ("kn(3.0, x)", "kv", 3),
        ("j1(x)", "jv", 1),
        ("k0(x)", "kv", 0),
        ("polygamma(2, x)", "polygamma", 2),
    ],
)
def test_order_is_a_parameter(text: str, op: str, order: float) -> None:
    graph = parse(text)
    check(graph)
    node = graph[graph.outputs[0]]
    assert (node.op, node.params) == (op, (order,))
    assert type(node.params[0]) is type(order)


def test_special_cases_lower_to_the_core() -> None:
    digamma = parse("polygamma(0, x)")
    assert digamma[digamma.outputs[0]].op == "digamma"
    zeta = parse("zeta(s)")
    assert zeta[zeta.outputs[0]].op == "riemann_zeta"
    assert parse("zeta(s, q)")[-1].op == "zeta"


OF_NUMBERS = [
    name
    for name, callee in CALLEES.items()
    if callee.of_numbers is not None and name not in LOWERINGS.refused
]
ARGUMENTS = {"Order": "1", "Pair": "(x, x < 1)", "Any": "1"}


def test_functions_are_described() -> None:
    for name in OF_NUMBERS:
        function = CALLEES[name].of_numbers
        assert function is not None
        assert function.doc.endswith("."), name
        if function.record is not None and function.record.params:
            assert function.derivative, name


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_every_function_builds(name: str) -> None:
    function = CALLEES[name].of_numbers
    assert function is not None
    given = [ARGUMENTS.get(kind, "x") for kind in function.kinds[: function.least]]
    if name.startswith(("bitwise", "invert")):
        given = ["x > 1" for _ in range(2 - name.endswith(("invert", "not")))]
    if name == "where":
        given += ["x", "x"]
    check(parse(f"{name}({', '.join(given)})"))


# --- size --------------------------------------------------------------------------------------


def test_ten_thousand_brackets() -> None:
    assert value("(" * 10_000 + "x" + ")" * 10_000, x=3.0) == 3.0
    assert value("cos(" * 10_000 + "x" + ")" * 10_000, x=3.0) == pytest.approx(0.7390851332)


def test_hundred_thousand_terms() -> None:
    text = " + ".join(f"x{i}**2" for i in range(100_000))
    begin = time.process_time()
    graph = parse(text)
    assert time.process_time() - begin < 10.0  # about 2 s; what grows with the square takes hours
    assert len(graph.inputs) == 100_000
    assert graph.ops == 199_999


@pytest.mark.parametrize(
    "text",
    [
        "**".join(["x"] * 20_000),
        "x if y else " * 20_000 + "z",
        "<".join(["x"] * 20_000),
        "-" * 20_000 + "x",
        "not " * 20_000 + "x",
        " and ".join(f"x{i}" for i in range(20_000)),
        "\n".join(["a = x", *["a = a*x + 1"] * 10_000]),
        "max(" + ", ".join(f"x{i}" for i in range(20_000)) + ")",
        "x" * 1_000_000,
        "x" + " " * 1_000_000 + "+ 1",
        "0." + "1" * 1_000_000,
    ],
    ids=[
        "power",
        "choice",
        "chain",
        "sign",
        "not",
        "and",
        "program",
        "max",
        "name",
        "gap",
        "digits",
    ],
)
def test_length_is_no_obstacle(text: str) -> None:
    check(parse(text))


@pytest.mark.parametrize(
    ("text", "limits", "option"),
    [
        ("x + y", Limits(length=4), "--max-length"),
        ("((x))", Limits(depth=1), "--max-depth"),
        ("sin(sin(x))", Limits(depth=1), "--max-depth"),
        ("x + y", Limits(nodes=2), "--max-nodes"),
        ("sin(cos(x))", Limits(nodes=2), "--max-nodes"),
        ("9**9", Limits(power_digits=8), "--max-power-digits"),
        ("pow(9, 9)", Limits(power_digits=8), "--max-power-digits"),
        ("0.1**-400", Limits(), "--max-power-digits"),
        ("9**9**9**9", Limits(), "--max-power-digits"),
    ],
)
def test_limits_name_their_option(text: str, limits: Limits, option: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse(text, limits=limits)
    assert option in str(caught.value)
    if option != "--max-length":
        assert caught.value.line == 1


def test_limits_allow_what_they_say() -> None:
    parse("((x))", limits=Limits(depth=2, nodes=1, length=5))
    parse("9**9", limits=Limits(power_digits=9))
    assert value("10**-400") == 0.0
    assert parse("10**400", limits=Limits(power_digits=400)).ops == 1
