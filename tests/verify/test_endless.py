"""Loops that never end at a point are refused there, by all that looks at a function at points."""

import math

import pytest

import symdiff as sd
from symdiff.explain.samples import samples_of


def away(x):
    while x > 0:
        x = x + 1.0
    return x


def in_place(x):
    while x > 0:
        x = abs(x)  # equal lines are one line: their number does not grow
    return x


ASKED = {
    "explain": lambda f: str(f.explain({"x": 2.0})),
    "page": lambda f: f.explain({"x": 2.0}).html(),
    "picture": lambda f: f.explain({"x": 2.0}).picture(),
    "check": lambda f: f.check(at={"x": 2.0}),
    "compare": lambda f: f.compare(at={"x": 2.0}),
    "samples": lambda f: samples_of(
        f.primal, f.wrt, f.value_and_grad().load().value_and_grad, {"x": (1.0, 2.0)}
    ),
}


@pytest.mark.parametrize("function", [away, in_place])
@pytest.mark.parametrize("asked", ASKED)
def test_a_loop_without_end_is_refused(function, asked):
    f = sd.function(function, shapes={"x": ()})
    with pytest.raises(sd.SymdiffError, match="a loop goes on after"):
        ASKED[asked](f)
    at_the_end = {"x": -2.0}
    assert f.explain(at_the_end).results[0].value == 1.0
    assert f.check(at_the_end).ok


def test_samples_of_a_loop_that_ends():
    def root(x):
        y = 1.0
        while abs(y * y - x) > 1e-12:
            y = 0.5 * (y + x / y)
        return y

    f = sd.function(root, shapes={"x": ()})
    call = f.value_and_grad().load().value_and_grad
    found = samples_of(f.primal, f.wrt, call, {"x": (1.0, 9.0)})
    assert found.values == pytest.approx([math.sqrt(x) for x in found.axes[0]], rel=1e-12)


def test_a_target_that_raises_is_not_compared_where_it_does():
    f = sd.function("x*sqrt(x) + y")
    f.target = "python"
    report = f.check(at={"x": 0.0, "y": 1.0})
    assert not report.ok  # nothing was compared
    assert all(row.points == 0 for row in report.rows)
    assert "the module raises ZeroDivisionError at 1" in str(report)
    assert f.check().ok  # which tries 0 too
    f.target = "numpy"
    assert f.check(at={"x": 0.0, "y": 1.0}).ok


def test_what_never_raises_is_blamed_where_it_does():
    from symdiff.verify.check import check

    def raising(x):
        raise ZeroDivisionError

    f = sd.function("x**2")
    assert "disagrees" in str(check(f.primal, ("x",), raising, {"x": 3.0}))
    quiet = check(f.primal, ("x",), raising, {"x": 3.0}, raises=True)
    assert "disagrees" not in str(quiet)
