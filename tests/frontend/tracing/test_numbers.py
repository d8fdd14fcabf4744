"""Numbers and arrays of no axes: NumPy's scalars have no memory that another name could share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import X, agree

MAKERS: dict[str, Callable[[Any], Any]] = {
    "element": lambda x: x[0] * 1.0,
    "sum": lambda x: x.sum(),
    "einsum": lambda x: np.einsum("i->", x),
    "max with initial": lambda x: np.max(x, initial=-9.0),
    "array": lambda x: np.array(x[0]),
    "asarray": lambda x: np.asarray(x[0]),
    "copy": lambda x: np.copy(x[0]),
    "method copy": lambda x: x[0].copy(),
    "where": lambda x: np.where(x[0] > 0, x[0], x[1]),
    "full": lambda x: np.full((), x[0]),
    "zeros": lambda x: np.zeros_like(x[0]) + x[1],
    "arithmetic of an array": lambda x: np.array(x[0]) + 1.0,
    "clipped": lambda x: np.clip(x[0], -1.0, 1.0),
    "as a type": lambda x: x.mean().astype(float),
    "array as a type": lambda x: np.array(x.mean()).astype(float),
    "reshaped": lambda x: np.reshape(x[0], ()),
    "squeezed": lambda x: np.squeeze(x[:1] * 1.0),
    "part of an array": lambda x: (x * 1.0)[0, ...],
    "element of an array": lambda x: np.array(x[0])[()],
}
VIEWS: dict[str, Callable[[Any], Any]] = {
    "itself": lambda v: v,
    "ellipsis": lambda v: v[...],
    "new axis": lambda v: v[None],
    "empty tuple": lambda v: v[()],
    "transpose": lambda v: v.T,
    "reshape": lambda v: v.reshape(-1),
    "two axes": lambda v: v.reshape(1, 1),
    "ravel": np.ravel,
    "flatten": lambda v: v.flatten(),
    "squeeze": np.squeeze,
    "expand_dims": lambda v: np.expand_dims(v, 0),
    "atleast_2d": np.atleast_2d,
    "asarray": lambda v: np.asarray(v),
    "real": np.real,
    "last axis": lambda v: v[..., None],
}


@pytest.mark.spread(6)
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("maker", MAKERS)
def test_a_number_has_no_views_and_an_array_of_no_axes_has(maker: str, view: str) -> None:
    def function(x: Any) -> Any:
        made = MAKERS[maker](x)
        seen = VIEWS[view](made)
        seen += 1.5
        return np.sum(made * seen) + x[2]

    agree(function, X)


def test_a_number_is_not_written_to() -> None:
    def function(x: Any) -> Any:
        total = x.sum()
        total[...] = 3.0
        return total * x[0]

    with pytest.raises(TypeError, match="does not support item assignment"):
        function(X)
    with pytest.raises(TypeError, match="does not support item assignment"):
        sd.grad(function)(X)


@pytest.mark.parametrize("key", [None, ..., (..., None), (None, None), (), (None, ..., None)])
def test_a_number_gains_axes_in_every_mode(key: Any) -> None:
    def function(x: Any) -> Any:
        return np.sum(x[0][key] * np.array([2.0, 3.0])) * x.mean()[key].sum()

    agree(function, X)
    primal = sd.function(function, shapes={"x": (3,)})
    forward, reverse = (primal.jacobian(mode=mode)(X) for mode in ("forward", "reverse"))
    np.testing.assert_allclose(forward, reverse, rtol=1e-13)


def test_a_number_gains_an_axis_in_text() -> None:
    gradient = sd.function("x: [2]; sum(x[0][None, None]*x[1])").grad()
    assert gradient(np.array([3.0, 4.0])).tolist() == [4.0, 3.0]
