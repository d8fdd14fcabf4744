"""The table of methods: right figures, and a row for what fails, hangs or is missing."""

import json
import math
import pickle

import pytest
import sympy as sp

from symdiff.errors import SymdiffError
from symdiff.frontend.sympy.read import from_sympy
from symdiff.ops.builder import Builder
from symdiff.ops.rules import EXACT
from symdiff.ops.trigonometric import sin
from symdiff.verify import apart
from symdiff.verify.apart import METHODS, run_apart
from symdiff.verify.compare import compare

x, y = sp.symbols("x y", real=True)
CUBIC = from_sympy(x**2 + y**3)
POINT = {"x": 3.0, "y": 2.0}


def compiled():
    return lambda x, y: (x * x + y * y * y, (2.0 * x, 3.0 * y * y)), 4, 7


def only(monkeypatch, *names):
    """Leave out the methods that take long to import."""
    monkeypatch.setattr("symdiff.verify.compare.METHODS", {name: METHODS[name] for name in names})


def row(report, method):
    (found,) = [row for row in report.rows if row.method == method]
    return found


def test_the_methods_side_by_side(monkeypatch):
    only(monkeypatch, "SymPy diff", "SymPy diff, cse")
    report = compare(CUBIC, ["x", "y"], compiled, at=POINT)
    assert [row.method for row in report.rows] == [
        "differences", "complex step", "SymPy diff", "SymPy diff, cse", "symdiff",
    ]  # fmt: skip
    assert 1e-14 < row(report, "differences").error < 1e-7
    assert row(report, "differences").evaluations == 4
    assert row(report, "differences").operations == 4 * CUBIC.ops
    assert row(report, "complex step").error < 1e-15
    assert row(report, "SymPy diff").error == row(report, "symdiff").error == 0.0
    assert row(report, "SymPy diff").operations == 6
    assert row(report, "symdiff").operations == 7
    assert "1.8 times" in row(report, "symdiff").remark
    assert all(row.call_seconds > 0 and row.compile_seconds > 0 for row in report.rows)
    assert pickle.loads(pickle.dumps(report)) == report
    assert json.loads(json.dumps(report.to_dict()))["at"] == POINT
    assert str(report).splitlines()[-1] == "at x=3.0, y=2.0"


def test_a_point_is_found(monkeypatch):
    only(monkeypatch)
    report = compare(CUBIC, ["y"], lambda: (lambda x, y: (0.0, 3.0 * y * y), 4, 7))
    assert {name for name, _ in report.at} == {"x", "y"}
    assert row(report, "symdiff").error < 1e-15
    with pytest.raises(SymdiffError, match="'y'"):
        compare(CUBIC, ["y"], compiled, at={"x": 1.0})
    with pytest.raises(SymdiffError, match="no point"):
        compare(from_sympy(sp.log(-1 - x**2)), ["x"], compiled)


def test_a_method_that_does_not_apply_says_so(monkeypatch):
    only(monkeypatch)

    def broken():
        raise RecursionError

    report = compare(from_sympy(abs(x)), ["x"], broken, at={"x": 1.0})
    assert row(report, "complex step").remark == "absolute is not analytic"
    assert row(report, "symdiff").remark == "overflows Python's stack (RecursionError)"
    assert math.isnan(row(report, "symdiff").error)


def logistic(steps):
    builder = Builder(EXACT)
    position = builder.input("x")
    value = builder.handle(position)
    for _ in range(steps):
        value = 3.7 * value * (1.0 - value)
    return builder.graph([position], [value.at], ["f"], 1)


def test_a_method_that_hangs_is_stopped(monkeypatch):
    only(monkeypatch, "SymPy diff")
    report = compare(logistic(60), ["x"], compiled, at={"x": 0.3}, bound_seconds=0.5)
    assert row(report, "SymPy diff").remark == "stopped: takes longer than 0.5 s"


def test_a_method_that_overflows_the_stack_says_so():
    builder = Builder(EXACT)
    position = builder.input("x")
    value = builder.handle(position)
    for _ in range(2000):
        value = sin(value)
    graph = builder.graph([position], [value.at], ["f"], 1)
    outcome = run_apart("SymPy diff", graph, ("x",), {"x": 0.3}, 200.0)
    assert outcome == "overflows Python's stack (RecursionError)" or "deep" in outcome


def test_an_operation_that_the_method_lacks_is_named():
    builder = Builder(EXACT)
    position = builder.input("x")
    graph = builder.graph([position], [builder.make("rint", (position,))], ["f"], 1)
    outcome = run_apart("SymPy diff", graph, ("x",), {"x": 0.3}, 20.0)
    assert outcome == "UnsupportedError: SymPy has no counterpart of the operation 'rint'"


def test_a_dead_process_is_reported(monkeypatch):
    monkeypatch.setattr(apart, "CHILD", "import os; os._exit(3)")
    assert run_apart("SymPy diff", CUBIC, ("x",), POINT, 5.0) == "the process died with status 3"
    monkeypatch.setattr(apart, "CHILD", "import time; time.sleep(60)")
    monkeypatch.setattr(apart, "START_SECONDS", 0.2)
    assert "no result within" in run_apart("SymPy diff", CUBIC, ("x",), POINT, 0.1)


@pytest.mark.parametrize(("name", "package"), [("PyTorch", "torch"), ("JAX", "jax")])
def test_other_peoples_compilers(name, package):
    pytest.importorskip(package)
    formula = sp.exp(-x) * sp.tanh(y) + sp.Max(x, y) ** 3 + sp.Piecewise((x, x > 1), (y, True))
    graph = from_sympy(formula)
    at = {x: POINT["x"], y: POINT["y"]}
    exact = [float(sp.diff(formula, v).subs(at).evalf()) for v in (y, x)]
    outcome = run_apart(name, graph, ("y", "x"), POINT, 30.0)
    assert outcome.gradient == pytest.approx(exact)
