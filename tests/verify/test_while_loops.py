"""Checks of loops that a test ends: they are written out with as many steps as at each point."""

from __future__ import annotations

import numpy as np
import pytest

from symdiff.errors import SymdiffError
from symdiff.ops.control import less
from symdiff.ops.handle import Handle
from symdiff.ops.kinks import absolute
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Floats
from symdiff.verify.unroll import Unrolled
from tests.while_loops import CASES, function, made, number, repeated

QUICK = {"newton": {"x": 2.0}, "escape": {"r": 3.9, "x": 1.3}, "nested": {"x": 1.7, "a": 0.6}}


@pytest.mark.parametrize("name", CASES)
def test_loop_written_out_has_the_value(name: str) -> None:
    case, one = CASES[name], made(name)
    for point in case.points:
        given = dict(zip(one.inputs, point, strict=True))
        graph = Unrolled(one.primal, {}).at(given)
        (found,) = Interpreter(graph, Floats()).outputs(given)
        np.testing.assert_allclose(found, case.twin(*map(np.asarray, point)), rtol=1e-13)


@pytest.mark.parametrize("name", QUICK)
def test_gradient_agrees_at_a_point(name: str) -> None:
    report = made(name).check(at=QUICK[name])
    assert report.ok, str(report)


def test_gradient_agrees_at_random_points() -> None:
    report = made("escape").check()
    assert report.ok, str(report)


def test_comparison_takes_the_steps_of_its_point() -> None:
    report = made("newton").compare()
    ours = next(row for row in report.rows if row.method == "symdiff")
    assert ours.error < 1e-15


def endless(x: Handle) -> Handle:
    (y,) = repeated(
        lambda x, y: y * 0.5 + x, lambda x, y: less(absolute(y), number(y, 1e9)), {"x": x}, {"y": x}
    )
    return y


def test_loop_that_never_ends_is_not_checked() -> None:
    with pytest.raises(SymdiffError, match="5,000 operations"):
        function(endless, {"x": ()}).check(at={"x": 1.0})
    with pytest.raises(SymdiffError, match="no point was found"):
        function(endless, {"x": ()}).check()
