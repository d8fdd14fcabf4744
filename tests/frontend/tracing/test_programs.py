"""Random programs of reads, writes, views and arithmetic: once with NumPy, once traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import symdiff as sd
from tests.frontend.tracing.checks import difference, value_of
from tests.strategies import examples

LENGTH = 3
Step = tuple[str, int, int, int]

START = (np.arange(1.0, 4.0), np.arange(6.0).reshape(2, 3) / 4 - 0.5)
KEYS: Sequence[Any] = (
    0, -1, slice(None), slice(1, None), slice(None, None, -1), slice(None, None, 2), ...,
    (..., 0), (slice(None), 1), (0, slice(1, 3)), (slice(None), slice(None, 2)), (None, ...),
    [1, 0], np.array([0, 0]), (slice(None), [0, 1]), ([1, 0], [0, 1]), (0, ...), (..., None),
)  # fmt: skip
VIEWS: Sequence[Callable[[Any], Any]] = (
    lambda a: a.T,
    lambda a: a.reshape(-1),
    lambda a: a[::-1],
    np.flip,
    lambda a: a.ravel(),
    lambda a: np.atleast_2d(a),
    lambda a: a.swapaxes(0, -1),
    lambda a: a[None],
    lambda a: a[..., :1],
    lambda a: np.split(a, a.shape[0])[0],
    lambda a: np.squeeze(a),
    lambda a: a.reshape(-1, 1),
    lambda a: np.expand_dims(a, -1),
    lambda a: np.moveaxis(a, -1, 0),
    lambda a: a.transpose(),
    lambda a: np.broadcast_to(a, (2, *a.shape)),
    lambda a: np.rollaxis(a, a.ndim - 1),
    lambda a: np.asarray(a),
    lambda a: np.asarray(a, dtype=float),
    lambda a: a.conj(),
    lambda a: np.ascontiguousarray(a),
    lambda a: a.astype(float, copy=False),
    lambda a: a.real,
    lambda a: np.array(a, copy=None),
    lambda a: np.diag(a) if a.ndim < 3 else a,
    lambda a: np.real(a),
    lambda a: np.unstack(a)[-1],
    lambda a: np.atleast_2d(a, a)[1],
    lambda a: np.transpose(a=a),
    lambda a: np.broadcast_arrays(a, np.zeros((2, *a.shape)))[0] * 1.0,
    lambda a: a.reshape(-1, order="F"),
    lambda a: np.asarray(a, order="C"),
    lambda a: np.array_split(a, 2)[0],
    lambda a: np.rot90(a) if a.ndim > 1 else a,
)
COPIES: Sequence[Callable[[Any], Any]] = (
    lambda a: a.copy(),
    lambda a: np.array(a),
    lambda a: a.flatten(),
    lambda a: a * 1.0,
    lambda a: +a,
    lambda a: np.zeros_like(a),
    lambda a: a + 0.5,
    lambda a: np.concatenate([a, a]),
    lambda a: np.sin(a),
    lambda a: np.where(a > 0, a, 0.25),
    lambda a: a.astype(float),
    lambda a: np.roll(a, 1),
    lambda a: np.array(a, ndmin=3),
    lambda a: a.flat[1:],
    lambda a: a.copy().T,
    lambda a: np.array(a, order="F"),
    lambda a: np.zeros_like(a.T),
    lambda a: np.conj(a),
    lambda a: np.sum(a, axis=0),
    lambda a: np.ones(3),
    lambda a: np.cumsum(a),
    lambda a: a - a.mean(),
)
CHANGES: Sequence[Callable[[Any, Any], Any]] = (
    lambda a, v: a.__iadd__(v),
    lambda a, v: a.__imul__(v),
    lambda a, v: a.__isub__(v),
    lambda a, v: a.__itruediv__(2.0),
    lambda a, v: a.fill(0.75),
    lambda a, v: np.copyto(a, v),
    lambda a, v: np.add(a, v, out=a),
    lambda a, v: np.negative(a, out=a),
    lambda a, v: a.__setitem__(a > 0, 0.5),
    lambda a, v: a.__setitem__(..., v),
    lambda a, v: np.add.at(a, 0, v),
    lambda a, v: a.sort(),
    lambda a, v: a.flat.__setitem__(1, 2.5),
    lambda a, v: a.flat.__setitem__(slice(None, 2), v.ravel()[0]),
    lambda a, v: np.nan_to_num(a, copy=False),
    lambda a, v: setattr(a, "flat", 0.5),
    lambda a, v: np.add.at(a, [0, 0], 1.5),
)

steps = st.lists(
    st.tuples(
        st.sampled_from(("view", "copy", "read", "write", "add", "change", "known")),
        st.integers(0, 40),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=9,
)


def do(program: Sequence[Step], x: Any) -> list[Any]:
    """All arrays that a program makes. A step that NumPy refuses changes nothing."""
    known, arrays = np.array(START[1]), [np.array(START[0]), x * 1.0]
    arrays.append(known)
    for kind, choice, first, second in program:
        a, b = arrays[first % len(arrays)], arrays[second % len(arrays)]
        if kind == "view":
            arrays.append(VIEWS[choice % len(VIEWS)](a))
        elif kind == "copy":
            arrays.append(COPIES[choice % len(COPIES)](a))
        elif kind == "read":
            arrays.append(a[KEYS[choice % len(KEYS)]])
        elif kind == "write":
            a[KEYS[choice % len(KEYS)]] = b
        elif kind == "add":
            a[KEYS[choice % len(KEYS)]] += 0.5 * x[0]
        elif kind == "known":
            a[KEYS[choice % len(KEYS)]] = 1.5
        else:
            CHANGES[choice % len(CHANGES)](a, b)
    return arrays


def working(program: Sequence[Step], x: Any) -> list[Step]:
    """The steps that NumPy accepts, one after the other."""
    kept: list[Step] = []
    for step in program:
        try:
            arrays = do([*kept, step], x)
        except (ValueError, IndexError, TypeError, AttributeError):
            continue
        if all(isinstance(a, np.ndarray) and 0 < a.size < 100 and a.ndim < 5 for a in arrays):
            kept.append(step)
    return kept


def total(program: Sequence[Step], x: Any) -> Any:
    """A number in which every element of every array counts."""
    result = 0.0
    for number, array in enumerate(do(program, x), start=1):
        weights = np.cos(number + np.arange(array.size)).reshape(array.shape)
        result = result + np.sum(np.tanh(array) * weights)
    return result


POINT = np.array([0.4, -0.7, 1.3])


@settings(examples(150), suppress_health_check=list(HealthCheck))
@given(steps)
def test_a_program_computes_what_numpy_computes(program: list[Step]) -> None:
    program = working(program, POINT)

    def function(x: Any) -> Any:
        return total(program, x)

    wanted = function(POINT)
    try:
        found = value_of(function, POINT)
    except sd.UnsupportedError as error:
        assert "depends on how NumPy lays out" in error.message  # noqa: PT017
        return
    except ValueError as error:  # which NumPy does not raise where an array is copied on itself
        assert "read-only" in str(error)  # noqa: PT017
        return
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


@settings(examples(25), suppress_health_check=list(HealthCheck))
@given(steps)
def test_the_gradient_of_a_program(program: list[Step]) -> None:
    program = working(program, POINT)

    def function(x: Any) -> Any:
        return total(program, x) + 0.0 * x.sum()

    try:
        found = sd.grad(function)(POINT)
    except sd.UnsupportedError as error:
        assert "depends on how NumPy lays out" in error.message  # noqa: PT017
        return
    except ValueError as error:
        assert "read-only" in str(error)  # noqa: PT017
        return
    wanted = difference(function, (POINT,), 0)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
