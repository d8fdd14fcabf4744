"""Explanations: every value and every cotangent, against 50 digits and the tutorials."""

import inspect
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.errors import LimitError, SymdiffError
from symdiff.explain.trace import Trace
from symdiff.graph.nested import pruned
from symdiff.graph.node import BOOL, FLOAT, input_node
from symdiff.verify.check import prepared
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Floats
from symdiff.verify.points import entries_of
from symdiff.verify.reference import Kind, Reference
from symdiff.verify.table import Screen
from tests.explain.mathml import check_mathml
from tests.strategies import array_graphs, array_points, examples, graphs, points

FORMULAS = {
    "(x**2)**3": {"x": 2.0},
    "x**3": {"x": 2.0},
    "x**2 + y**3": {"x": 3.0, "y": 2.0},
    "(w*x + b - y)**2": {"w": 1.0, "x": 2.0, "b": 0.0, "y": 3.0},
    "x: [2]; sum(x**2)/2": {"x": [2.0, 4.0]},
    "x: [3]; mean(2*x)": {"x": [1.0, 2.0, 3.0]},
    "x: [N]; y: [N]; mean((w*x + b - y)**2)": {
        "x": [1.0, 2.0, 3.0, 4.0],
        "y": [2.0, 4.0, 6.0, 8.0],
        "w": 1.0,
        "b": 0.0,
    },
    "A: [2, 2]; b: [2]; y = solve(A, b); y @ y": {"A": [[1.0, 2.0], [3.0, 4.0]], "b": [1.0, 1.0]},
    "t = sin(x)*x; where(t > 0, t, exp(t))*t": {"x": 4.0},
    "W: [2, 3]; x: [3]; h = tanh(W @ x); sum(h*h) + max(x)": {
        "W": [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]],
        "x": [1.0, 2.0, 3.0],
    },
    "x: [4]; sum(cumsum(x)**2)/x[0]": {"x": [1.0, 2.0, -3.0, 0.5]},
}


def assert_exact(graph, wrt, point):
    """Each value and cotangent of a trace is that of 50 digits, where the function is smooth."""
    trace = Trace(graph, wrt, point)
    compared = 0
    values = Interpreter(graph, Floats()).lines(point)
    for at, carried in trace.cotangents().items():
        np.testing.assert_array_equal(trace.values[at], values[at])
        nodes = list(graph.nodes)
        nodes[at] = input_node("line", graph[at].shape)
        inputs = tuple(k for k in graph.inputs if k != at)
        cut = pruned(replace(graph, nodes=nodes, inputs=(*inputs, at)))
        lines = {**point, "line": trace.values[at]}
        reference = Reference(cut, {name: lines[name] for name in cut.input_names})
        for entry in entries_of(np.shape(trace.values[at])):
            slope = reference.slope("line", entry)
            found = float(np.asarray(carried.value)[entry])
            if slope.kind is Kind.SMOOTH:
                assert found == pytest.approx(float(slope.value), rel=1e-9, abs=1e-9)
                compared += 1
    return compared


@pytest.mark.parametrize("text", FORMULAS)
def test_cotangents_are_exact(text):
    function = sd.function(text)
    whole, point = prepared(function.primal, FORMULAS[text])
    assert assert_exact(whole.at(point), function.wrt, point) > 0


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_walks_end_at_the_gradient(text, mode):
    function = sd.function(text)
    at = FORMULAS[text]
    found = function.explain(at, mode=mode)
    gradient = function.grad()(*[at[name] for name in function.inputs])
    parts = gradient if len(function.wrt) > 1 else (gradient,)
    if mode == "reverse":
        (walk,) = found.walks
        ends = {line.name: line.value for line in walk.lines}
        for name, part in zip(function.wrt, parts, strict=True):
            np.testing.assert_allclose(ends[f"{name}_bar"], part, rtol=1e-12)
    else:
        for walk, part in zip(found.walks, parts, strict=True):
            np.testing.assert_allclose(walk.lines[-1].value, np.sum(part), rtol=1e-12)
    for result in found.results:
        assert result.exact < 1e-9


@examples(40)
@given(st.data())
def test_random_formulas_are_explained_exactly(data):
    graph = data.draw(graphs())
    point = data.draw(points(graph))
    assert_of_random(graph, point)


@examples(40)
@given(st.data())
def test_random_functions_of_arrays_are_explained_exactly(data):
    graph = data.draw(array_graphs())
    point = data.draw(array_points(graph))
    assert_of_random(graph, point)


def assert_of_random(graph, point):
    graph = pruned(graph.select([0]))
    assume(graph[graph.outputs[0]].shape == () and graph[graph.outputs[0]].args)
    point = {name: point[name] for name in graph.input_names}
    values = Interpreter(graph, Floats()).lines(point)
    assume(all(np.all(np.isfinite(value)) and np.all(np.abs(value) < 1e6) for value in values))
    for node in graph.nodes:  # where both sides are equal the way that is taken is a convention
        if node.dtype == BOOL and all(graph[at].dtype == FLOAT for at in node.args):
            left, right = (values[at] for at in node.args)
            assume(not np.any(left == right))
    assert_exact(graph, graph.input_names, point)


def test_the_trace_of_a_composition():
    found = sd.function("(x**2)**3").explain({"x": 2.0})
    steps = [(step.name, step.formula, step.value) for step in found.steps]
    assert steps == [("v1", "x**2", 4.0), ("f", "v1**3", 64.0)]
    local = [(one.by, one.formula, one.value) for step in found.steps for one in step.derivatives]
    assert local == [("x", "2*x", 4.0), ("v1", "3*v1**2", 48.0)]
    (walk,) = found.walks
    assert [(line.name, line.value) for line in walk.lines] == [
        ("f_bar", 1.0),
        ("v1_bar", 48.0),
        ("x_bar", 192.0),
    ]
    assert "48.0*4.0" in str(found)


def test_a_cotangent_is_the_sum_of_what_its_uses_give():
    found = sd.function("y = x*x; y + 3*y").explain({"x": 1.5})
    line = next(line for line in found.walks[0].lines if line.name == "y_bar")
    assert [part.value for part in line.summands] == [3.0, 1.0]
    assert line.value == 4.0
    assert "sum" in str(found)


def test_a_way_that_is_not_taken_gives_nothing():
    found = sd.function("where(x > 0, 2*x, sqrt(x - 1))").explain({"x": 1.0})
    last = found.walks[0].lines[-1]
    assert last.value == 2.0
    assert "not taken" in {part.numbers for part in last.summands}
    assert any("v2 is True: the first" in step.notes or step.notes for step in found.steps)


def test_a_convention_is_named_where_it_acts_alone():
    notes = {x: sd.function("relu(x)*2").explain({"x": x}).steps[0].notes for x in (0.0, 1.0)}
    assert notes == {0.0: ("relu'(0) = 0",), 1.0: ()}
    assert sd.function("floor(x)*x").explain({"x": 1.5}).steps[0].notes


def test_a_tie_of_numbers_is_named():
    notes = [
        sd.function("max(x, y)").explain({"x": 1.0, "y": y}).steps[0].notes for y in (1.0, 2.0)
    ]
    assert notes == [("a tie is shared equally",), ()]


@pytest.mark.parametrize("text", ["relu(x)", "clip(x, 0, 3)", "max(x, -x, 3*x)"])
def test_at_a_kink_differences_blame_nothing(text):
    (result,) = sd.function(text).explain({"x": 0.0}).results
    assert result.differences is None
    (result,) = sd.function(text).explain({"x": 1.0}).results
    assert result.differences < 1e-9


@pytest.mark.parametrize(
    ("text", "at", "derivative"),
    [("sqrt(x**2 + y**2)", {"x": 0.0, "y": 0.0}, 0.0), ("log(1 + exp(x))", {"x": 1000.0}, 1.0)],
)
def test_a_derivative_that_the_steps_lose_is_said(text, at, derivative):
    found = sd.function(text).explain(at)
    assert np.isnan(found.walks[0].lines[-1].value)
    assert found.results[0].value == derivative
    assert f"x_bar = nan, but df/dx = {derivative}: the module" in found.notes[1]
    assert not sd.function(text).explain({"x": 1.0, "y": 2.0}).notes


def test_a_truth_that_is_repeated_for_an_array_decides():
    program = "x: [3]\ny = 1*x\nif x[0] > 1:\n    y = y**2\nsum(y)"
    for first, said in ((2.0, "v2 is True: the first"), (0.5, "v2 is False: the second")):
        notes = [note for step in sd.function(program).explain({"x": [first, 3.0, 4.0]}).steps
                 for note in step.notes]  # fmt: skip
        assert notes == [said]
    mask = sd.function("x: [3]\nsum(where([True, False, True], x, 0))").explain({"x": [1, 2, 3]})
    assert mask.steps[0].notes == ("the first for 2 of 3",)


def test_tangents_of_a_way_that_is_not_taken_give_nothing():
    found = sd.function("where(x > 0, 2*x, sqrt(x - 1))").explain({"x": 1.0}, mode="forward")
    last = found.walks[0].lines[-1]
    assert [(part.numbers, part.value) for part in last.summands] == [
        ("1.0*2.0", 2.0),
        ("not taken", 0.0),
    ]


def of_a_spectrum(x):
    u = np.fft.rfft(x * x)
    z = np.exp(1j * x[0]) * u[1]
    return np.sum(np.abs(u) ** 3) + np.imag(z * z) + np.real(np.conj(z))


def of_decompositions(a):
    q, r = np.linalg.qr(a)
    u, s, _ = np.linalg.svd(a)
    sign, log = np.linalg.slogdet(a)
    return (
        np.sum(r * r * r) + q[0, 1] * np.linalg.eigvalsh(a + a.T)[0] + s[0] * u[1, 0] + sign * log
    )


@pytest.mark.parametrize(
    ("f", "point"),
    [(of_a_spectrum, [0.5, -1.5, 2.0, 0.3]), (of_decompositions, [[1.5, 0.4], [-0.7, 2.0]])],
)
def test_steps_of_complex_numbers_and_of_decompositions(f, point):
    (name,), point = inspect.signature(f).parameters, np.array(point)
    slopes = np.zeros_like(point)
    for at in np.ndindex(point.shape):
        step = np.zeros_like(point)
        step[at] = 1e-6
        slopes[at] = (f(point + step) - f(point - step)) / 2e-6
    function = sd.function(f, shapes={name: point.shape})
    backward, forward = (function.explain({name: point}, mode=m) for m in ("reverse", "forward"))
    np.testing.assert_allclose(backward.walks[0].lines[-1].value, slopes, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(forward.walks[0].lines[-1].value, slopes.sum(), rtol=1e-6)
    assert not backward.notes
    assert f"{name}_bar" in str(backward)
    assert json.dumps(backward.to_dict())


def test_the_first_value_that_is_not_finite_is_named():
    (note,) = sd.function("y + sqrt(log(x))").explain({"x": -1.0, "y": 2.0}).notes
    assert note.startswith("the first value that is not finite: v1 = log(x) = nan at x = -1.0")
    assert note.endswith("it depends on x")


def test_the_first_cotangent_that_is_not_finite_is_named():
    (note,) = sd.function("sqrt(x*y)").explain({"x": 0.0, "y": 2.0}).notes
    assert note.startswith("the first cotangent that is not finite: v1_bar, from f = sqrt(v1)")


def test_a_way_that_is_not_taken_is_not_named():
    assert not sd.function("where(x > 0, x, sqrt(x - 2))").explain({"x": 1.0}).notes


def test_lines_of_a_program_are_given():
    found = sd.function("y = x*x\nz = sin(y)\nz*y").explain({"x": 1.0})
    assert [(step.name, step.line) for step in found.steps] == [("y", 1), ("z", 2), ("f", 3)]


def newton(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def guarded(x, y):
    if x < 0:
        raise ValueError(f"{x} is negative")
    return np.exp(-x) / y


def test_a_loop_is_written_out():
    found = sd.function(newton).explain({"a": 2.0})
    assert found.results[0].value == pytest.approx(0.5 / np.sqrt(2.0))
    assert [step.name for step in found.steps if step.name.startswith("x")] == [
        "x",
        "x2",
        "x3",
        "x4",
    ]


def test_a_check_is_no_step_and_raises():
    function = sd.function(guarded)
    found = function.explain({"x": 1.0, "y": 2.0})
    assert found.walks[0].lines[-1].value == pytest.approx(-np.exp(-1.0) / 2.0)
    with pytest.raises(SymdiffError, match=r"raises at this point: ValueError: -1\.0 is negative"):
        function.explain({"x": -1.0, "y": 2.0})


def square(x):
    return x * x


tenfold = sd.custom_rule(square, vjp=lambda t, y, x: 10.0 * t)


def test_a_rule_of_the_users_is_followed():
    found = sd.function(lambda x: 3.0 * tenfold(x)).explain({"x": 2.0})
    assert found.walks[0].lines[-1].value == 30.0


def test_without_a_point_one_is_chosen_and_said():
    found = sd.function("log(x)*y").explain()
    assert set(found.at) == {"x", "y"}
    assert found.at["x"] > 0
    assert f"y = {found.at['y']:.6g}" in str(found)


def test_large_arrays_are_shown_in_brief():
    text = str(sd.function("x: [N]; sum(x**2)").explain({"x": np.arange(100.0)}))
    assert "100: 0.0 ... 99.0" in text
    assert max(map(len, text.split("\n"))) < 120


def test_many_steps_are_folded():
    found = sd.function(" + ".join(f"sin({k}*x)" for k in range(1, 60))).explain({"x": 1.0})
    assert "more" in found.text()
    assert "more" not in found.text(level="full")


def test_too_many_steps_are_refused():
    with pytest.raises(LimitError, match="is not explained"):
        sd.function(" + ".join(f"sin({k}*x)" for k in range(1, 8000))).explain({"x": 1.0})


def test_a_singular_matrix_is_named():
    function = sd.function("A: [2, 2]; b: [2]; y = solve(A, b); y @ y")
    with pytest.raises(SymdiffError, match=r"[Ss]ingular matrix"):
        function.explain({"A": [[1.0, 2.0], [2.0, 4.0]], "b": [1.0, 1.0]})


# --- forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_latex_and_html_hold_the_tables(text, mode):
    found = sd.function(text).explain(FORMULAS[text], mode=mode)
    plain = found.text(level="full")
    tabulars = found.text(level="full", form="latex").split("\n\n", 1)[1]
    rows = sum(line.endswith(r" \\") for line in tabulars.split("\n"))
    page = ET.fromstring(f"<body>{found.text(level='full', form='html')}</body>")
    tables = page.findall("table")
    assert len(tables) == plain.count("\n\n") - bool(found.notes)
    assert [table.find("caption").text for table in tables] == [
        part.split("\n")[0] for part in plain.split("\n\n")[1 : len(tables) + 1]
    ]
    assert sum(len(table.findall("tbody/tr")) for table in tables) == rows
    for formula in page.iter("math"):
        assert "".join(formula.itertext()).strip()
    for tex in re.findall(r"\$\\displaystyle (.*?)\$", found.text(form="latex")):
        check_mathml(tex)


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("width", [60, 80, 200])
def test_tables_are_cut_to_the_screen(text, width):
    found = sd.function(text).explain(FORMULAS[text])
    lines = found.text(screen=Screen(width)).split("\n\n", 1)[1].split("\n")
    if width >= 80:
        assert max(map(len, lines)) <= max(width, 90)
    whole = found.text().split("\n\n", 1)[1].split("\n")
    assert max(map(len, lines)) <= max(map(len, whole))
    if len(lines) != len(whole):  # a table in halves: each cell once
        assert width == 60
        return
    for cut, full in zip(lines, whole, strict=True):
        for cell in re.split(r"  +", cut):
            assert re.sub(r"\s*\.\.\.$", "", cell).strip("- ") in full


def test_a_screen_of_60_columns_is_enough():
    for text in ("(x**2)**3", "sin(x*y)*exp(-x**2)/(1 + y**2)"):
        found = sd.function(text).explain({"x": 1.25, "y": 0.5} if "y" in text else {"x": 2.0})
        tables = found.text(screen=Screen(60)).split("\n\n", 1)[1]
        assert max(map(len, tables.split("\n"))) <= 60


def test_a_table_too_wide_for_a_screen_is_in_halves():
    found = sd.function("y = 3*x\nz = y if x > 0 else -y\nmax(z, x)*relu(x)").explain({"x": 0.0})
    parts = found.text(screen=Screen(60)).split("\n\n")
    first, second = [part for part in parts if part.startswith("Forward: values")]
    assert max(len(line) for part in parts for line in part.split("\n")) <= 60
    assert first.split("\n")[1].split() == ["line", "step", "is", "value"]
    assert second.split("\n")[1].split() == ["step", "derivative", "is", "value", "note"]
    names = {step.name for step in found.steps}
    assert {line.split()[1] for line in first.split("\n")[3:]} == names
    wanted = [f"d{step.name}/d{one.by}" for step in found.steps for one in step.derivatives]
    assert re.findall(r"d\w+/d\w+", second) == wanted


@pytest.mark.parametrize("text", ["ndim(a)", "imag(a)", "x: [3]; size(x)"])
def test_a_constant_function_has_a_derivative_of_0(text):
    function = sd.function(text)
    found = function.explain()
    assert [step.derivatives for step in found.steps] == [()]
    (name,) = function.inputs
    assert not np.any(found.walks[0].lines[-1].value)
    assert not np.any(found.results[0].value)
    assert f"d{function.outputs[0]}/d{name}" in str(found)
    assert "Backward" in found.html()


HOSTILE = "κ = x*2  # </script> <b>\"'`` ``` {{ 7*7 }} {% x %} & $ % _ \\\nκ + 0.5"


def test_a_source_is_quoted_in_each_form():
    found = sd.function(HOSTILE).explain({"x": 1.0})
    assert (
        "".join(ET.fromstring(found.text(form="html").split("</pre>")[0] + "</pre>").itertext())
        == HOSTILE
    )
    assert "</script>" not in found.text(form="html")
    latex = found.text(form="latex").split("\n\n")[0]
    assert r"\textless{}/script\textgreater{}" in latex
    assert r"\{\{" in latex
    assert r"\&\ \$\ \%\ \_\ \textbackslash{}" in latex
    assert found.text(form="markdown").startswith(f"````\n{HOSTILE}\nat x = 1.0\n````\n")
    with pytest.raises(SymdiffError, match="'odt' is no form"):
        found.text(form="odt")


def test_notebooks_show_formulas_and_tables():
    function = sd.function("x**2 + y**3")
    assert function._repr_latex_() == r"$\displaystyle x^{2} + y^{3}$"
    assert sd.function("+".join(f"sin({k}*x)" for k in range(500)))._repr_latex_() is None
    shown = function._repr_mimebundle_()
    assert shown["text/latex"] == function._repr_latex_()
    assert shown["text/plain"] == repr(function)
    card = ET.fromstring(shown["text/html"])
    assert card.find("math") is not None
    assert card.find("small").text == "(x, y) → f"
    long = sd.function("+".join(f"sin({k}*x)" for k in range(500)))._repr_html_()
    assert "<code>" in long
    report = function.check({"x": 3.0, "y": 2.0})
    comparison = function.compare({"x": 3.0, "y": 2.0})
    for shown, rows in ((report, report.rows), (comparison, comparison.rows)):
        page = ET.fromstring(f"<body>{shown._repr_html_()}</body>")
        assert len(page.findall("table/tbody/tr")) == len(rows)
    assert sd.function("x").explain()._repr_html_().startswith("<pre>x</pre>")


def test_infinities_of_both_signs_are_no_warning():
    found = sd.function("sqrt(x) + 1/x").explain({"x": 0.0})
    assert "v2 = 1/x = inf at x = 0.0" in found.notes[0]
    assert found.picture().boxes
