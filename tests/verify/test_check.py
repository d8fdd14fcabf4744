"""A check agrees with right gradients, and finds wrong ones."""

import math
import pickle
from typing import Any

import pytest
import sympy as sp

import symdiff as sd
from symdiff.errors import SymdiffError
from symdiff.frontend.sympy.read import from_sympy
from symdiff.verify.check import check
from symdiff.verify.table import Table, place, short, text_of

x, y = sp.symbols("x y", real=True)
CUBIC = from_sympy(x**2 + y**3)


def cubic(x, y):
    return x * x + y * y * y, (2.0 * x, 3.0 * y * y)


def row(report, name, method="50 digits"):
    (found,) = [row for row in report.rows if (row.name, row.method) == (name, method)]
    return found


def test_a_right_gradient_agrees():
    report = check(CUBIC, ["x", "y"], cubic)
    assert report.ok
    assert [(row.name, row.method) for row in report.rows] == [
        ("value", "50 digits"),
        ("x", "50 digits"),
        ("y", "50 digits"),
        ("x", "differences"),
        ("x", "complex step"),
        ("y", "differences"),
        ("y", "complex step"),
    ]
    assert all(row.verdict == "agrees" and row.points > 20 for row in report.rows)
    assert row(report, "y").ulps < 4


@pytest.mark.parametrize("factor", [-1.0, 1.0 + 1e-6, 0.0, math.nan])
@pytest.mark.parametrize("method", ["50 digits", "differences", "complex step"])
def test_a_wrong_gradient_disagrees(factor, method):
    report = check(CUBIC, ["x", "y"], lambda x, y: (x * x + y**3, (2.0 * x, factor * 3.0 * y * y)))
    assert not report.ok
    wrong = row(report, "y", method)
    assert wrong.verdict == "disagrees"
    assert wrong.cause.startswith("rule")
    assert dict(wrong.worst).keys() == {"x", "y"}
    assert row(report, "x").verdict == row(report, "value").verdict == "agrees"
    if factor == 1.0 + 1e-6:
        assert wrong.relative == pytest.approx(1e-6, rel=0.1)


def test_a_wrong_digit_is_found_by_the_reference():
    off = 3.0 * (1.0 + 1e-13)
    report = check(CUBIC, ["x", "y"], lambda x, y: (x * x + y**3, (2.0 * x, off * y * y)))
    assert not row(report, "y").ok


def test_a_wrong_value_disagrees():
    report = check(CUBIC, ["x"], lambda x, y: (x * x + y**3 + 1e-3, 2.0 * x))
    assert not row(report, "value").ok
    assert row(report, "x").ok


def test_one_input_and_one_point():
    report = check(CUBIC, ["y"], lambda x, y: (x * x + y**3, 3 * y * y), at={"x": 3, "y": 2})
    assert report.ok
    assert row(report, "y").points == 1
    assert row(report, "y").worst == (("x", 3.0), ("y", 2.0))
    with pytest.raises(SymdiffError, match="'y'"):
        check(CUBIC, ["y"], cubic, at={"x": 3.0})


@pytest.mark.parametrize(("derivative", "ok"), [(0.0, True), (-1.0, True), (1.5, False)])
def test_at_a_kink_the_derivative_lies_between_both_sides(derivative, ok):
    report = check(from_sympy(abs(x)), ["x"], lambda x: (abs(x), derivative), at={"x": 0.0})
    assert report.ok is ok
    assert "kink" in row(report, "x", "differences").cause
    if not ok:
        assert row(report, "x").cause == "kink"


def test_ties_and_branches():
    def largest(x, y):
        return max(x, y), (float(x > y) + 0.5 * (x == y), float(x < y) + 0.5 * (x == y))

    assert check(from_sympy(sp.Max(x, y)), ["x", "y"], largest).ok


@pytest.mark.parametrize("derivative", [math.inf, math.nan, 0.0])
def test_a_singular_derivative_fails_nothing(derivative):
    graph = from_sympy(sp.sqrt(x))
    report = check(graph, ["x"], lambda x: (math.sqrt(x), derivative), at={"x": 0.0})
    assert report.ok
    assert row(report, "x").verdict == "singular"


def test_a_root_is_checked_inside_of_its_domain():
    def root(x):
        return math.sqrt(x), 0.5 / math.sqrt(x) if x else math.inf

    report = check(from_sympy(sp.sqrt(x)), ["x"], root)
    assert report.ok
    assert "singular at 1" in row(report, "x").cause


def test_nothing_compared_is_not_ok():
    report = check(from_sympy(sp.log(-1 - x**2)), ["x"], lambda x: (math.nan, math.nan))
    assert not report.ok
    assert all(row.points == 0 for row in report.rows)


def test_overflow_of_the_value_is_told_apart():
    def softplus(x):
        return math.log(1.0 + math.exp(x)) if x < 709 else math.inf, 1 / (1 + math.exp(-x))

    graph = from_sympy(sp.log(1 + sp.exp(x)))
    report = check(graph, ["x"], softplus, at={"x": 1000.0})
    assert row(report, "x").verdict == "agrees"
    assert "overflow of the value as written" in row(report, "value").cause
    assert check(graph, ["x"], softplus, at={"x": 30.0}).ok

    def naive(x):
        return 1 / (1 + math.exp(x)), -math.exp(x) / (1 + math.exp(x)) ** 2

    report = check(from_sympy(1 / (1 + sp.exp(x))), ["x"], naive, at={"x": 800.0})
    assert "overflow of the value as written" in row(report, "x").cause
    report = check(from_sympy(1 / (1 + sp.exp(x))), ["x"], naive, at={"x": 600.0})
    assert row(report, "x").cause == "rule gives NaN"


def test_cancellation_is_allowed_for_and_named():
    def cancelling(x):
        return (1.0 + x) - 1.0, 1.0

    def lossy(x):
        return (math.cos(x) - 1.0) / x, (-math.sin(x) * x - (math.cos(x) - 1.0)) / (x * x)

    assert check(from_sympy(sp.Add(sp.Add(1, x), -1, evaluate=False)), ["x"], cancelling).ok
    report = check(from_sympy((sp.cos(x) - 1) / x), ["x"], lossy, at={"x": 1e-6})
    assert report.ok
    assert "cancellation" in row(report, "value").cause


def test_special_functions():
    special = pytest.importorskip("scipy.special")

    def f(x):
        return special.jv(2, x) * special.erf(x), float(
            0.5 * (special.jv(1, x) - special.jv(3, x)) * special.erf(x)
            + special.jv(2, x) * 2 / math.sqrt(math.pi) * math.exp(-x * x)
        )

    report = check(from_sympy(sp.besselj(2, x) * sp.erf(x)), ["x"], f, samples=10)
    assert report.ok, str(report)
    assert row(report, "x", "complex step").verdict == "not compared"
    assert row(report, "x", "complex step").cause == "jv is not analytic"


def test_the_report_prints_and_is_pickled():
    report = check(CUBIC, ["x", "y"], cubic, samples=3)
    assert pickle.loads(pickle.dumps(report)) == report
    lines = str(report).splitlines()
    assert len(lines) == 2 + len(report.rows) + sum(bool(row.cause) for row in report.rows)
    assert all(len(line) <= 100 for line in lines)
    count = str(report.rows[0].points)
    assert lines[2].split()[:6] == ["value", "50", "digits", count, "of", count]
    assert lines[0].split() == [
        "against", "points", "absolute", "relative", "ulp", "verdict", "worst", "at",
    ]  # fmt: skip
    assert check(CUBIC, ["x", "y"], cubic, samples=3) == report


def test_a_large_graph_is_tried_at_fewer_points(monkeypatch):
    monkeypatch.setattr("symdiff.verify.check.MOST_WORK", 20_000)
    graph = from_sympy(sum(sp.sin(k * x) for k in range(1, 60)))

    def f(x):
        waves = range(1, 60)
        return sum(math.sin(k * x) for k in waves), sum(k * math.cos(k * x) for k in waves)

    report = check(graph, ["x"], f)
    assert report.ok, str(report)
    assert 1 <= row(report, "x").points < 25


def test_few_inputs_of_many_are_checked(monkeypatch):
    monkeypatch.setattr("symdiff.verify.check.MOST_WORK", 1000)
    many = sp.symbols("x:30")
    graph = from_sympy(sum(v**2 for v in many))

    def f(*args):
        return sum(v * v for v in args), tuple(2.0 * v for v in args)

    report = check(graph, graph.input_names, f)
    assert report.ok
    assert report.rows[-1].name == "29 more inputs"


def test_table():
    text = text_of(Table("", ("name", "n"), [("a", "10"), ("long", "2")], "lr"))
    assert text == "name   n\n----  --\na     10\nlong   2"
    assert short(math.nan) == ""
    assert place([("x", 1.0), ("y", 2.0)]) == "x=1.0, y=2.0"
    assert place([("x", 1.0)] * 100).endswith("x=1.0, ...")


def test_where_several_kinks_meet_conventions_hold():
    """The rule gives 0 at 0, as PyTorch does; the slopes are 0.1 and 1."""
    relu = sp.Max(x, 0) - sp.Rational(1, 10) * sp.Max(-x, 0)
    report = check(from_sympy(relu), ["x"], lambda x: (max(x, 0.1 * x), 0.0), at={"x": 0.0})
    assert "several kinks meet" in row(report, "x").cause
    assert row(report, "x").ok
    report = check(from_sympy(relu), ["x"], lambda x: (max(x, 0.1 * x), math.nan), at={"x": 0.0})
    assert not report.ok


def test_squares_of_negative_numbers_are_compared():
    """A power whose exponent is off by a rounding has no value there, and allowed any error."""
    for factor, ok in ((2.0, True), (2.0001, False)):
        report = check(from_sympy(x**2), ["x"], lambda x, c=factor: (x * x, c * x), at={"x": -3.0})
        assert report.ok is ok


def test_what_rounding_hides_is_not_compared():
    graph = from_sympy(sp.Add(sp.Add(10**20, x), -(10**20), evaluate=False))
    report = check(graph, ["x"], lambda x: (0.0, 1.0), at={"x": 3.0})
    assert row(report, "value").verdict == "not compared"
    assert row(report, "value").cause == "too ill-conditioned at 1"


def test_a_long_table_fits_a_screen_and_says_where_it_disagrees():
    names = sp.symbols("a_rather_long_name:4", real=True)
    graph = from_sympy(sum(sp.sin(v) for v in names))

    def wrong(*args):
        return sum(map(math.sin, args)), tuple(1.01 * math.cos(v) for v in args)

    told = []
    report = check(graph, graph.input_names, wrong, progress=lambda *done: told.append(done))
    assert not report.ok
    lines = str(report).splitlines()
    assert all(len(line) <= 100 for line in lines)
    assert "disagrees: rule, at a_rather_long_name0=" in " ".join(lines)
    assert told[-1][0] == told[-1][1] == len(told)


@pytest.mark.parametrize(
    ("at", "match"),
    [
        (3, "a point is a mapping"),
        ({"x": 1.0}, "no value is given for the input 'y'"),
        ({"x": "s", "y": 1.0}, "'x' is given 's', which is no number"),
        ({"x": {}, "y": 1.0}, "'x' is given"),
    ],
)
@pytest.mark.parametrize("text", ["x*y", "x: [2]; y: []; sum(x*y)"])
def test_a_wrong_point_is_refused(text: str, at: Any, match: str) -> None:
    function = sd.function(text)
    for method in (function.check, function.compare):
        with pytest.raises(SymdiffError, match=match):
            method(at=at)


def test_long_names_leave_room_for_the_verdict() -> None:
    names = "a_very_long_name_of_an_input_of_forty_let", "another_long_name_of_an_input_of_forty_x"
    function = sd.function("*".join(names))
    checked, compared = str(function.check()), str(function.compare())
    assert all("agrees" in line for line in checked.splitlines()[2:9])
    assert max(map(len, [*checked.splitlines(), *compared.splitlines()])) <= 100
