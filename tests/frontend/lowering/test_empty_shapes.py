"""Arrays without elements, and shapes that are none: as NumPy has them, or refused in our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import X, agree

WITHOUT: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda x, e: e.sum() + x,
    "prod": lambda x, e: e.prod() * x,
    "reshape": lambda x, e: e.reshape(-1).sum() + x[0],
    "rows": lambda x, e: e.reshape(0, 3).sum(axis=0) + x,
    "max from a number": lambda x, e: e.max(initial=1.5) * x,
    "max of no rows": lambda x, e: np.max(e.reshape(0, 3), axis=1).sum() + x,
    "all": lambda x, e: np.any(e > 0) * x[0] + np.all(e > 0) * x[1],
    "sort": lambda x, e: np.sum(np.sort(e)) + x,
    "cumsum": lambda x, e: np.cumsum(e),
    "diff": lambda x, e: np.concatenate([np.diff(e), np.diff(x[:1]), x]),
    "no difference": lambda x, e: np.diff(x, n=0, prepend=x[0]),
    "dot": lambda x, e: e @ e + x,
    "matrix": lambda x, e: np.zeros((3, 0)) @ e + x,
    "outer": lambda x, e: np.outer(x, e).sum() + x,
    "trapezoid": lambda x, e: np.trapezoid(e) + np.trapezoid(e, e) + np.trapezoid(x[:1]) + x,
    "norm": lambda x, e: np.linalg.norm(e) + x,
    "interp": lambda x, e: np.interp(e, np.arange(3.0), x),
    "linspace": lambda x, e: np.concatenate([np.linspace(x[0], x[1], 0), x]),
    "tile": lambda x, e: np.concatenate([np.tile(x, 0), np.repeat(x, 0), x]),
    "where": lambda x, e: np.where(e > 0, e, 0.0).sum() + x,
    "places": lambda x, e: np.concatenate([x[[]], x]),
    "polyval": lambda x, e: np.polyval(e, x) + np.polyval(x, e).sum(),
    "percentile": lambda x, e: np.concatenate([np.percentile(x, []), x]),
    "vander": lambda x, e: np.vander(x, 0).sum() + x,
    "einsum": lambda x, e: np.einsum("i,i->", e, e) + x,
}


@pytest.mark.parametrize("name", WITHOUT)
def test_what_holds_no_elements(name: str) -> None:
    agree(lambda x: WITHOUT[name](x, x[5:2]), X)


@pytest.mark.parametrize(
    "text",
    [
        "sum(zeros(-1))",
        "zeros([2, -1])",
        "eye(-1)*x",
        "x: [3]; tile(x, -1)",
        "x: [3]; repeat(x, -1)",
        "linspace(0, x, -1)",
        "x: [3]; vander(x, -1)",
        "x: [3]; reshape(x[5:2], [0, -1])",
        "x: [3]; reshape(x, [-1, -1])",
        "x: [3]; max(x[5:2])",
        "x: [3]; interp(x, x[5:2], x[5:2])",
        "polyval(x, x)",
    ],
)
def test_what_is_no_shape_is_refused(text: str) -> None:
    with pytest.raises(sd.SymdiffError):
        sd.function(text)


def test_the_logarithm_of_no_sum() -> None:
    assert sd.function("x: [3]; logsumexp(x[5:2]) + x[0]")(np.zeros(3)) == -np.inf


AXES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "trapezoid with more axes in x": (np.trapezoid, ((2,), (2, 2))),
    "trapezoid over another axis": (lambda y, x: np.trapezoid(y, x, axis=0), ((3, 2), (3, 1))),
    "trapezoid with widths": (lambda y, d: np.trapezoid(y, dx=d), ((3,), (2, 2))),
    "polyval of a matrix": (np.polyval, ((2, 2), (2,))),
    "polyval at a matrix": (np.polyval, ((3, 1), (2, 2))),
    "polyval of three axes": (np.polyval, ((2, 3, 1), (2,))),
    "weights in the order of the axes": (
        lambda x, w: np.average(x, axis=(2, 0), weights=w * w),
        ((2, 3, 4), (4, 2)),
    ),
}


@pytest.mark.parametrize("name", AXES)
def test_axes_that_broadcast(name: str) -> None:
    function, shapes = AXES[name]
    draws = np.random.default_rng(5)
    agree(function, *[draws.normal(size=shape) for shape in shapes])
