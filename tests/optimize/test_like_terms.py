"""Like terms as arrays: the value to the bit, derivatives, what is shorter, what stays."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.frontend.text.program import parse
from symdiff.graph.check import check
from symdiff.optimize.like_terms.rolling import rolled
from tests.emit.compilers import C
from tests.strategies import examples
from tests.test_commands import run

WORDS = {"sin": np.sin, "exp": np.exp, "sqrt": np.sqrt, "where": np.where, "maximum": np.maximum}


def in_python(text: str, **point: Any) -> Any:
    """What Python makes of the last line of a text, on NumPy's numbers: one by one, in order."""
    return eval(text.rpartition(";")[2], {**WORDS, **point})  # noqa: S307  # texts of these tests


def joined(term: str, count: int, sign: str = " + ") -> str:
    """A term for each k, with places in braces computed."""
    return sign.join(placed(term, k) for k in range(count))


def placed(term: str, k: int) -> str:
    return re.sub(r"\{(.*?)\}", lambda found: str(eval(found[1], {"k": k})), term)  # noqa: S307


def listed(term: str, count: int) -> str:
    return f"[{joined(term, count, ', ')}]"


def body(text: str, name: str) -> list[str]:
    """The lines of a function of a module."""
    found = text.split(f"def {name}(")[1].split("\n\n\n")[0]
    return [line for line in found.split("\n")[1:] if line.strip()]


def complex_step(text: str, x: np.ndarray, **point: Any) -> np.ndarray:
    """The derivative of each output by each element of x."""
    columns = []
    for k in range(x.size):
        moved = x.astype(complex)
        moved.flat[k] += 1e-30j
        columns.append(np.imag(np.asarray(in_python(text, x=moved, **point))) / 1e-30)
    return np.moveaxis(np.array(columns), 0, -1)


ROSENBROCK = joined("(100*(x[{k+1}] - x[{k}]**2)**2 + (1 - x[{k}])**2)", 49)
HEAT = listed("0.1*x[{k}] + 0.8*x[{k+1}] + 0.1*x[{k+2}]", 30)

# --- examples ------------------------------------------------------------------------------------


def test_rosenbrock_that_is_written_out() -> None:
    text = f"x: [50]; {ROSENBROCK}"
    f = sd.function(text)
    x = np.random.default_rng(1).normal(size=50)
    assert f(x) == sd.function(text, loops="unroll")(x)  # to the bit
    assert f(x) == pytest.approx(in_python(text, x=x), rel=1e-14)
    assert len(body(f.emit(lean=True), "_value")) <= 4
    g = f.grad()
    assert len(body(g.emit(lean=True), "_value_and_grad")) <= 12
    value, slope = f.value_and_grad()(x)
    assert value == f(x)
    np.testing.assert_allclose(slope, complex_step(text, x), rtol=1e-12)
    np.testing.assert_allclose(
        f.hessian()(x), sd.function(text, loops="unroll").hessian()(x), rtol=1e-12
    )


def test_terms_that_are_not_in_brackets() -> None:
    """Two forms take turns, and all terms are added in one row."""
    text = "x: [50]; " + joined("100*(x[{k+1}] - x[{k}]**2)**2 + (1 - x[{k}])**2", 49)
    f = sd.function(text)
    x = np.random.default_rng(1).normal(size=50)
    assert f(x) == sd.function(text, loops="unroll")(x)
    assert f(x) == pytest.approx(in_python(text, x=x), rel=1e-14)
    assert len(body(f.emit(lean=True), "_value")) <= 5
    np.testing.assert_allclose(f.grad()(x), complex_step(text, x), rtol=1e-12)


@pytest.mark.parametrize("as_outputs", [False, True])
def test_the_jacobian_of_a_stencil(as_outputs: bool) -> None:
    text = "x: [32]; " + (f"({HEAT[1:-1]})" if as_outputs else HEAT)
    f = sd.function(text)
    x = np.random.default_rng(2).normal(size=32)
    assert np.array_equal(f(x), in_python(text, x=x))
    jacobian = f.jacobian()
    assert len(body(jacobian.emit(lean=True), "_jacobian")) <= 45 if as_outputs else 12
    np.testing.assert_allclose(jacobian(x), complex_step(text, x), atol=1e-15)
    if not as_outputs:
        values, (rows, columns) = f.jacobian(sparse=True)(x)
        assert len(values) == 90
        dense = np.zeros((30, 32))
        dense[rows, columns] = values
        np.testing.assert_allclose(dense, complex_step(text, x), atol=1e-15)
    v = np.random.default_rng(3).normal(size=32)
    tangent = np.asarray(f.jvp()(x, v)[1])
    np.testing.assert_allclose(tangent, complex_step(text, x) @ v, rtol=1e-12)


def test_an_expanded_sum_of_sympy() -> None:
    i = sympy.Symbol("i", integer=True)
    x = sympy.IndexedBase("x", shape=(20,))
    X = sympy.MatrixSymbol("x", 20, 1)
    expression = sympy.Sum(x[i] ** 2 * sympy.sin(x[i + 1]), (i, 0, 18))
    of_matrix = sympy.Sum(X[i, 0] ** 2 * sympy.sin(X[i + 1, 0]), (i, 0, 18))
    at = np.random.default_rng(4).normal(size=20)
    exact = sum(float(at[k]) ** 2 * np.sin(at[k + 1]) for k in range(19))
    values = {x[k]: at[k] for k in range(20)}
    slope = [float(expression.doit().diff(x[k]).subs(values)) for k in range(20)]
    for source, point_of_it in (
        (expression, at),
        (expression.doit(), at),
        (of_matrix.doit(), at[:, None]),
    ):
        f = sd.function(source)
        assert f(point_of_it) == pytest.approx(exact, rel=1e-13)
        assert len(body(f.emit(lean=True), "_value")) <= 4
        np.testing.assert_allclose(f.grad()(point_of_it).ravel(), slope, rtol=1e-12)


def test_elements_of_sympy() -> None:
    x, y = sympy.IndexedBase("x", shape=(3, 2)), sympy.IndexedBase("y")
    at = np.arange(6.0).reshape(3, 2)
    f = sd.function(x[2, 1] * x[0, 1] + sympy.Symbol("c"))
    assert f.shapes == {"c": (), "x": (3, 2)}
    assert f(0.5, at) == 5.5
    n, k = sympy.Symbol("n", integer=True), sympy.Symbol("k")
    assert sd.function(sympy.IndexedBase("v", shape=(n,))[n - 1])(np.arange(4.0)) == 3.0
    for wrong, message in (
        (y[2], "Indexed of a base without a shape is not supported"),
        (x[3, 0], "Indexed outside of the length 3"),
        (x[0, -1], "Indexed outside of the length 2"),
        (x[k, 0], "as an index"),
        (x[0, 0] + sympy.IndexedBase("x", shape=(4, 2))[0, 0], "two different symbols"),
    ):
        with pytest.raises(sd.UnsupportedError, match=message):
            sd.function(wrong)


def test_a_list_of_an_unrolled_loop() -> None:
    def differences(x: Any) -> Any:
        found = []
        for i in range(10):
            found.append((x[i + 1] - x[i]) * (i + 2.0))  # noqa: PERF401  as users write it
        return np.array(found)

    x = np.random.default_rng(5).normal(size=11)
    f = sd.function(differences, shapes={"x": (11,)})
    assert np.array_equal(f(x), differences(x))
    assert len(body(f.emit(lean=True), "_value")) <= 4
    expected = np.diff(np.eye(11), axis=0) * np.arange(2.0, 12.0)[:, None]
    np.testing.assert_array_equal(sd.jacobian(differences)(x), expected)
    np.testing.assert_array_equal(f.jacobian()(x), expected)


def test_a_function_of_overlapping_elements_is_computed_once() -> None:
    text = "x: [30]; " + joined("exp(sin(x[{k}])) * sin(x[{k+1}])", 29)
    f = sd.function(text)
    x = np.random.default_rng(6).normal(size=30)
    assert f(x) == pytest.approx(in_python(text, x=x), rel=1e-14)
    lines = "\n".join(body(f.emit(lean=True), "_value"))
    assert lines.count("np.sin(") == 1
    assert lines.count("np.exp(") == 1
    np.testing.assert_allclose(f.grad()(x), complex_step(text, x), rtol=1e-12)


# --- what stays ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        " + ".join(f"x{k}**2" for k in range(40)),  # numbers of their own
        "x: [40]; " + joined("x[{k}]**2", 7),  # few
        "x: [N]; " + joined("x[{k}]**2", 40),  # an array that may be shorter
        "x: [40]; [" + ", ".join(f"x[{k * k % 37}]" for k in range(37)) + "]",  # no progression
        "x: [40]; "
        + " + ".join("sin cos exp tanh".split()[k % 4] + f"(x[{k}])" for k in range(12)),
    ],
)
def test_what_is_no_array(text: str) -> None:
    graph = parse(text)
    assert rolled(graph, 8) is graph
    assert (
        sd.function(text).emit()
        == sd.function(text, loops="unroll").emit().replace('"loops":"unroll",', "")
        or "unroll" in sd.function(text, loops="unroll").emit()
    )


def test_the_choice() -> None:
    few = "x: [4]; " + joined("x[{k}]**2", 4)
    many = "x: [40]; " + joined("x[{k}]**2", 40)
    assert "cumsum" not in sd.function(few).emit()
    assert "cumsum" in sd.function(few, loops="roll").emit()
    assert "cumsum" in sd.function(many).emit()
    assert "cumsum" not in sd.function(many, loops="unroll").emit()
    assert any("like terms" in note for note in sd.function(many).notes)
    assert not any("like terms" in note for note in sd.function(few).notes)
    x = sympy.MatrixSymbol("x", 10, 1)
    total = sum(x[k, 0] ** 3 for k in range(10))
    assert "cumsum" in sd.function(total).emit()
    assert "cumsum" not in sd.function(total, loops="unroll").emit()
    with pytest.raises(sd.SymdiffError, match="no loops"):
        sd.function(total, checkpoint=3)


def test_the_command_line() -> None:
    many = "x: [40]; " + joined("x[{k}]**2", 40)
    few = "x: [4]; " + joined("x[{k}]**2", 4)
    done = run("grad", many)
    assert "cumsum" in done.stdout
    assert "like terms are arrays" in done.stderr
    assert "cumsum" not in run("grad", many, "--unroll").stdout
    assert "cumsum" in run("grad", few, "--roll").stdout
    assert run("grad", few, "--roll").stdout == run("grad", few, "--loops", "roll").stdout
    assert run("grad", many).stdout == run("grad", many, "--loops", "auto").stdout


def test_terms_between_others_stay() -> None:
    text = (
        "x: [40]; a + "
        + joined("x[{k}]*x[{k+2}]", 12)
        + " - b*x[3] - "
        + joined("sin(x[{3*k}])", 12, " - ")
    )
    f = sd.function(text, wrt="x")
    x = np.random.default_rng(7).normal(size=40)
    given = {"a": 0.3, "b": 1.7}
    value = f(**given, x=x)
    assert value == pytest.approx(in_python(text, x=x, **given), rel=1e-14)
    np.testing.assert_allclose(f.grad()(**given, x=x), complex_step(text, x, **given), rtol=1e-12)


# --- the value, to the bit -----------------------------------------------------------------------


def test_a_hard_sum_keeps_its_order() -> None:
    text = "x: [12]; " + joined("x[{k}]*3", 12)
    x = np.array([1e16, 1.0, -1e16, 3.0, 1e-3, 7.0, -1e16, 1e16, 2.0, 5.0, -11.0, 1e-9])
    assert sd.function(text)(x) == in_python(text, x=x)
    assert sd.function(text).value_and_grad()(x)[0] == in_python(text, x=x)
    assert in_python(text, x=x) != np.sum(x * 3)  # else this would show nothing


@pytest.mark.parametrize(
    "numbers", [[np.inf, -np.inf], [np.nan, 1.0], [-0.0, -0.0], [0.0, np.inf], [1e308, 1e308]]
)
@pytest.mark.parametrize("term", ["x[{k}]", "x[{k}]*x[{k+1}]", "1/x[{k}]", "x[{k}]**3"])
def test_numbers_at_the_ends(numbers: list[float], term: str) -> None:
    x = np.array([1.0, *numbers * 6])
    for text in (f"x: [13]; {listed(term, 12)}", f"x: [13]; {joined(term, 12)}"):
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(sd.function(text)(x), in_python(text, x=x))


def test_kinks_and_branches() -> None:
    """The conventions are those of numbers; what is not taken gives neither NaN nor a warning."""
    x = np.array([0.0, 1.0, -1.0, 2.0, 2.0, 0.0, -0.0, 4.0, 0.5, 1.0, -3.0])
    for term in (
        "abs(x[{k}])",
        "maximum(x[{k}], x[{k+1}])",
        "where(x[{k}] > 0, sqrt(x[{k}]), x[{k+1}])",
        "relu(x[{k}])",
    ):
        text = f"x: [11]; {joined(term, 10)}"
        rolled_, written = (sd.function(text, loops=choice) for choice in ("auto", "unroll"))
        assert "cumsum" in rolled_.emit()
        with np.errstate(all="raise"):
            np.testing.assert_array_equal(rolled_.grad()(x), written.grad()(x))
            assert rolled_(x) == written(x)


def test_forms_that_overflow_are_known() -> None:
    text = f"x: [10]; log({joined('exp(x[{k}])', 10)})"
    x = np.full(10, 1000.0)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(sd.function(text).grad()(x), np.full(10, 0.1))
    text = f"x: [10]; sqrt({joined('x[{k}]**2', 10)})"
    np.testing.assert_array_equal(sd.function(text).grad()(np.zeros(10)), np.zeros(10))


def test_whole_numbers() -> None:
    text = f"n: int [12]; x: [12]; {joined('n[{k}]*x[{11-k}]', 12)}"
    f = sd.function(text, wrt="x")
    n, x = np.arange(12) * 3 - 7, np.random.default_rng(8).normal(size=12)
    assert f(n, x) == in_python(text, n=n, x=x)
    np.testing.assert_array_equal(f.grad()(n, x), n[::-1].astype(float))


@pytest.mark.parametrize(
    "place", ["{k}, 3", "2, {k}", "{k}, {k}", "{k}, {8-k}", "{(k+5)//9}, {(k+5)%9}"]
)
def test_rows_and_diagonals(place: str) -> None:
    X = np.random.default_rng(9).normal(size=(9, 9))
    text = f"X: [9, 9]; {listed(f'X[{place}]**2', 9)}"
    f = sd.function(text)
    assert "like terms are arrays" in f.notes[0]
    np.testing.assert_allclose(f(X), in_python(text, X=X), rtol=1e-15)
    seed = np.random.default_rng(10).normal(size=9)
    expected = np.zeros((9, 9))
    for k in range(9):
        i, j = map(int, placed(place, k).split(","))
        expected[i, j] += 2 * X[i, j] * seed[k]
    np.testing.assert_allclose(f.vjp()(X, seed)[1], expected, rtol=1e-14)


# --- every verb and target -----------------------------------------------------------------------

TARGETS = [
    "python",
    "array-api",
    C,
    pytest.param(
        "numba",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("numba") is None, reason="numba is not installed"
        ),
    ),
]


@pytest.mark.parametrize("target", TARGETS)
def test_targets(target: str) -> None:
    text = "x: [10]; a: []; " + joined("a*x[{k}]**2*sin(x[{k+1}])", 9)
    x = np.random.default_rng(11).normal(size=10)
    f = sd.function(text, wrt="x")
    value, slope = f.value_and_grad()(x, 0.7)
    found = (
        f.value_and_grad()
        .load(target)
        .value_and_grad(*((x.tolist(), 0.7) if target == "python" else (x, np.float64(0.7))))
    )
    assert float(found[0]) == pytest.approx(value, rel=1e-15)
    np.testing.assert_allclose(np.asarray(found[1], float), slope, rtol=1e-13)


def test_leading_batch_axes() -> None:
    text = f"x: [11]; {joined('x[{k}]*sin(x[{k+1}])', 10)}"
    x = np.random.default_rng(12).normal(size=(3, 2, 11))
    value, slope = sd.function(text, batch=True).value_and_grad()(x)
    assert value.shape == (3, 2)
    for at in np.ndindex(3, 2):
        assert value[at] == pytest.approx(in_python(text, x=x[at]), rel=1e-14)
        np.testing.assert_allclose(slope[at], complex_step(text, x[at]), rtol=1e-12)


def test_products_with_the_hessian_and_checks() -> None:
    text = f"x: [11]; {joined('x[{k}]**2*sin(x[{k+1}])', 10)}"
    f = sd.function(text)
    x, v = np.random.default_rng(13).normal(size=(2, 11))
    step = 1e-6
    ends = [complex_step(text, x + h * v) for h in (step, -step)]
    np.testing.assert_allclose(
        f.hvp()(x, v), (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(f.hessian()(x) @ v, f.hvp()(x, v), rtol=1e-12, atol=1e-14)
    assert f.check(at={"x": x}).ok  # against differences and 50 digits
    np.testing.assert_allclose(f.vjp()(x, 2.0)[1], 2.0 * complex_step(text, x), rtol=1e-12)


# --- random groups -------------------------------------------------------------------------------

FORMS = (
    "x[{a}]",
    "x[{a}]*x[{b}]",
    "(x[{a}] - x[{b}])*2.5*x[{b}]",
    "c*x[{a}]",
    "sin(x[{a}])*x[{b}]",
    "x[{a}]*sin(x[{a}])*sin(x[{b}])",
    "{n}*x[{a}]*x[{a}]*x[{b}] - x[2]",
    "exp(0.1*x[{a}])/(2 + x[{b}]*x[{b}])",
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Terms of a few forms along progressions, some left out, twice, backwards or in turn."""
    terms: list[tuple[str, str]] = []
    for _ in range(draw(st.integers(1, 3))):
        forms = draw(st.lists(st.sampled_from(FORMS), min_size=1, max_size=2))
        count = draw(st.integers(3, 9))
        step = draw(st.sampled_from((1, 2, -1, 0)))
        other = draw(st.sampled_from((1, -1, 0, step)))
        start, first = (0 if s >= 0 else (count - 1) * -s for s in (step, other))
        shift = draw(st.integers(0, 3))
        numbers = draw(st.booleans())
        rows = [
            [
                form.replace("{a}", str(start + k * step))
                .replace("{b}", str(first + k * other + shift))
                .replace("{n}", str(k + 1.5 if numbers else 2.0))
                for form in forms
            ]
            for k in range(count)
        ]
        if draw(st.booleans()):
            del rows[draw(st.integers(0, count - 1))]
        if draw(st.booleans()):
            rows.insert(draw(st.integers(0, len(rows))), rows[0])
        sign = draw(st.sampled_from("+-"))
        terms += [(sign, term) for row in rows for term in row]
    kind = draw(st.sampled_from(("sum", "list", "both")))
    inner = "".join(f" {sign} {term}" for sign, term in terms).lstrip(" +")
    if kind == "sum":
        return inner
    every = ", ".join(term for _, term in terms)
    return f"[{every}]" if kind == "list" else f"[{every}, {inner}]"


@given(texts(), st.integers(0, 2**32 - 1))
@examples(60)
def test_random_groups(text: str, seed: int) -> None:
    source = f"x: [24]; c: []; {text}"
    x = np.random.default_rng(seed).normal(size=24)
    graph = parse(source)
    for least in (3, 8):
        check(rolled(graph, least))
    expected = in_python(source, x=x, c=0.7)
    slope = complex_step(source, x, c=0.7)
    for choice in ("roll", "auto"):
        f = sd.function(source, loops=choice, wrt="x")
        np.testing.assert_allclose(f(x, 0.7), expected, rtol=1e-13, atol=1e-13)
        if "sin" not in text and "exp" not in text:
            np.testing.assert_array_equal(f(x, 0.7), expected)
        np.testing.assert_allclose(f.jacobian()(x, 0.7), slope, rtol=1e-11, atol=1e-11)


def test_time_is_linear() -> None:
    """Twice the terms take about twice the steps between lines, and not four times."""
    counts = []
    for count in (200, 400):
        graph = parse(f"x: [{count + 1}]; {joined('x[{k}]*x[{k+1}]**2', count)}")
        counts.append(len(rolled(graph, 8)))
    assert counts[0] == counts[1]
