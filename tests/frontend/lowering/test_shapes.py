"""NumPy's functions of structure: each as a row, in two shapes, beside NumPy to the bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.lib import NumpyVersion

from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from tests.frontend.lowering.evaluate import (
    assert_linear,
    assert_value,
    expected,
    lines,
    text,
    whole_numbers,
)

V, W = (4,), (7,)
M, N = (3, 4), (5, 2)
T, U = (2, 3, 4), (3, 1, 2)
SQUARE = (3, 3)


class Row(NamedTuple):
    """An expression, and the shapes of its arguments, one entry a trial."""

    name: str
    expression: Callable[..., Any]
    trials: Sequence[tuple[tuple[int, ...], ...]]


def row(name: str, expression: Callable[..., Any], *trials: Any) -> Row:
    """A row; a trial with one argument is its shape alone."""
    found = [(trial,) if all(isinstance(n, int) for n in trial) else trial for trial in trials]
    return Row(name, expression, found)


ROWS = (
    # reshape and its relatives
    row("reshape", lambda np, x: np.reshape(x, (2, -1)), M, (2, 3, 4)),
    row("reshape", lambda np, x: np.reshape(x, 12), M, (2, 6)),
    row("reshape", lambda np, x: np.reshape(x, (4, 3), order="F"), M, (2, 3, 2)),
    row("reshape", lambda np, x: np.reshape(x, (-1, 2), "F"), T, M),
    row("ravel", lambda np, x: np.ravel(x), M, T, ()),
    row("ravel", lambda np, x: np.ravel(x, order="F"), M, T),
    row("squeeze", lambda np, x: np.squeeze(x), (1, 3, 1), M),
    row("squeeze", lambda np, x: np.squeeze(x, axis=-2), U, (4, 1, 1)),
    row("squeeze", lambda np, x: np.squeeze(x, (0, 2)), (1, 3, 1), (1, 1, 1)),
    row("expand_dims", lambda np, x: np.expand_dims(x, 0), V, M),
    row("expand_dims", lambda np, x: np.expand_dims(x, (1, -1)), V, M),
    row("atleast_1d", lambda np, x: np.atleast_1d(x), (), M),
    row("atleast_2d", lambda np, x, y: np.atleast_2d(x, y), (V, ()), (M, T)),
    row("atleast_3d", lambda np, x: np.atleast_3d(x), (), V, M, T),
    # the order of the axes
    row("transpose", lambda np, x: np.transpose(x), V, M, T),
    row("transpose", lambda np, x: np.transpose(x, (2, 0, -2)), T, U),
    row("permute_dims", lambda np, x: np.permute_dims(x, (1, 0)), M, N),
    row("matrix_transpose", lambda np, x: np.matrix_transpose(x), M, T),
    row("linalg.matrix_transpose", lambda np, x: np.linalg.matrix_transpose(x), M, T),
    row("swapaxes", lambda np, x: np.swapaxes(x, 0, -1), M, T),
    row("moveaxis", lambda np, x: np.moveaxis(x, 0, -1), M, T),
    row("moveaxis", lambda np, x: np.moveaxis(x, (0, 2), (-1, 0)), T, U),
    row("rollaxis", lambda np, x: np.rollaxis(x, 2), T, U),
    row("rollaxis", lambda np, x: np.rollaxis(x, 0, 2), T, M),
    row("rollaxis", lambda np, x: np.rollaxis(x, -1, -2), T, U),
    # backwards and around
    row("flip", lambda np, x: np.flip(x), V, T),
    row("flip", lambda np, x: np.flip(x, (0, -1)), M, T),
    row("flipud", lambda np, x: np.flipud(x), V, M),
    row("fliplr", lambda np, x: np.fliplr(x), M, T),
    *[row("rot90", lambda np, x, k=k: np.rot90(x, k), M, T) for k in (0, 1, 2, 3, -1)],
    row("rot90", lambda np, x: np.rot90(x, 1, (2, 1)), T, U),
    row("roll", lambda np, x: np.roll(x, 2), V, M),
    row("roll", lambda np, x: np.roll(x, -1, axis=1), M, T),
    row("roll", lambda np, x: np.roll(x, (1, 7), axis=(0, -1)), M, T),
    row("roll", lambda np, x: np.roll(x, 1, axis=(0, 1)), M, SQUARE),
    row("roll", lambda np, x: np.roll(x, (1, 2), axis=0), M, V),
    row("roll", lambda np, x: np.roll(x, 3), (0,), (3,)),
    # broadcasting
    row("broadcast_to", lambda np, x: np.broadcast_to(x, (3, 4)), V, (3, 1)),
    row("broadcast_arrays", lambda np, x, y: np.broadcast_arrays(x, y), (V, (3, 1)), (M, ())),
    row("meshgrid", lambda np, x, y: np.meshgrid(x, y), (V, W), ((), V)),
    row("meshgrid", lambda np, x, y: np.meshgrid(x, y, indexing="ij"), (V, W), ((1,), V)),
    row("meshgrid", lambda np, x, y, z: np.meshgrid(x, y, z), (V, (2,), (3,)), (V, V, V)),
    row(
        "meshgrid",
        lambda np, x, y, z: np.meshgrid(x, y, z, sparse=True),
        (V, (2,), (3,)),
        (V, V, V),
    ),
    # repeating and padding
    row("tile", lambda np, x: np.tile(x, 3), V, M),
    row("tile", lambda np, x: np.tile(x, (2, 1, 2)), V, M, T),
    row("repeat", lambda np, x: np.repeat(x, 3), V, M),
    row("repeat", lambda np, x: np.repeat(x, 2, axis=1), M, T),
    row("repeat", lambda np, x: np.repeat(x, [2, 0, 1], axis=0), M, SQUARE),
    row("repeat", lambda np, x: np.repeat(x, [3], axis=-1), M, V),
    row("pad", lambda np, x: np.pad(x, 2), V, M),
    row("pad", lambda np, x: np.pad(x, (1, 2), constant_values=5), V, M),
    row(
        "pad",
        lambda np, x: np.pad(x, ((1, 2), (0, 3)), constant_values=((1, 2), (3, 4))),
        M,
        N,
    ),
    row("pad by axis", lambda np, x: np.pad(x, {-1: (1, 3)}), V, M),
    row("pad", lambda np, x: np.pad(x, ((1, 2), (3, 0)), mode="edge"), M, N),
    *[
        row("pad", lambda np, x, mode=mode: np.pad(x, ((2, 1), (1, 5)), mode=mode), M, N)
        for mode in ("reflect", "symmetric", "wrap")
    ],
    row("pad", lambda np, x: np.pad(x, 2, mode="reflect", reflect_type="odd"), V, M),
    row("pad", lambda np, x: np.pad(x, (0, 3), mode="symmetric", reflect_type="odd"), V, (3, 4)),
    row("pad", lambda np, x: np.pad(x, (4, 2), mode="linear_ramp"), V, M),
    row("pad", lambda np, x: np.pad(x, (2, 4), mode="linear_ramp", end_values=(8, -8)), V, M),
    row("pad", lambda np, x: np.pad(x, (1, 2), mode="mean"), V, (2, 4)),
    row("pad", lambda np, x: np.pad(x, (1, 2), mode="mean", stat_length=2), V, M),
    # joining
    row("concatenate", lambda np, x, y: np.concatenate((x, y)), (V, W), (M, (1, 4))),
    row("concatenate", lambda np, x, y: np.concatenate([x, y, x], axis=-1), (M, (3, 1)), (V, W)),
    row("concatenate", lambda np, x, y: np.concatenate((x, y), axis=None), (M, V), ((), T)),
    row("concatenate", lambda np, x: np.concatenate(x), M, T),
    row("concat", lambda np, x: np.concat([x, x], axis=1), M, T),
    row("stack", lambda np, x, y: np.stack((x, y)), (V, V), (M, M)),
    row("stack", lambda np, x, y: np.stack((x, y), axis=-1), (V, V), (M, M)),
    row("stack", lambda np, x: np.stack(x, 1), M, T),
    row("hstack", lambda np, x, y: np.hstack((x, y)), (V, ()), (M, SQUARE)),
    row("vstack", lambda np, x, y: np.vstack((x, y)), (V, V), (M, V)),
    row("dstack", lambda np, x, y: np.dstack((x, y)), (V, V), (M, M)),
    row("column_stack", lambda np, x, y: np.column_stack((x, y)), ((3,), M), ((5,), (5,))),
    row("append", lambda np, x: np.append(x, 2.0), V, M),
    row("append", lambda np, x, y: np.append(x, y, axis=0), (M, (1, 4)), (V, W)),
    row("block", lambda np, x, y: np.block([[x, y], [y, x]]), (SQUARE, SQUARE), (M, (3, 4))),
    row("block", lambda np, x, y: np.block([x, y, 1.0]), (V, W), ((), V)),
    row("block", lambda np, x: np.block(x), M, V),
    # inserting and deleting
    row("insert", lambda np, x: np.insert(x, 1, 7.0), V, M),
    row("insert", lambda np, x, y: np.insert(x, -1, y, axis=1), (M, (3,)), (N, (5,))),
    row("insert", lambda np, x, y: np.insert(x, [1], y, axis=1), (M, (3, 1)), (M, (3, 2))),
    row("insert", lambda np, x, y: np.insert(x, [2, 0, 2], y), (V, (3,)), (M, (3,))),
    row("insert", lambda np, x, y: np.insert(x, slice(0, 3, 2), y, axis=0), (V, ()), (M, (2, 4))),
    row("insert", lambda np, x: np.insert(x, [], []), V, M),
    row("delete", lambda np, x: np.delete(x, 1), V, M),
    row("delete", lambda np, x: np.delete(x, [0, -1], axis=1), M, T),
    row("delete", lambda np, x: np.delete(x, slice(None, None, 2), axis=-1), M, V),
    row("delete", lambda np, x: np.delete(x, [True, False, True], axis=0), M, SQUARE),
    # taking apart
    row("split", lambda np, x: np.split(x, 2), V, (4, 2)),
    row("split", lambda np, x: np.split(x, [1, 3, 9], axis=-1), M, T),
    row("array_split", lambda np, x: np.array_split(x, 3), V, (7, 2)),
    row("array_split", lambda np, x: np.array_split(x, (1, -1), axis=1), M, T),
    row("hsplit", lambda np, x: np.hsplit(x, 2), V, M),
    row("vsplit", lambda np, x: np.vsplit(x, [2]), M, N),
    row("dsplit", lambda np, x: np.dsplit(x, 2), T, U),
    row("unstack", lambda np, x: np.unstack(x), M, T),
    row("unstack", lambda np, x: np.unstack(x, axis=-1), M, T),
    # diagonals and triangles
    *[row("diag", lambda np, x, k=k: np.diag(x, k), V, M, N) for k in (0, 2, -1)],
    row("diagonal", lambda np, x: np.diagonal(x), M, T),
    row("diagonal", lambda np, x: np.diagonal(x, -1, 2, 0), T, U),
    row("diagonal", lambda np, x: np.diagonal(x, 9), M, N),
    row("linalg.diagonal", lambda np, x: np.linalg.diagonal(x, offset=1), M, T),
    row("diagflat", lambda np, x: np.diagflat(x, 1), V, M),
    row("trace", lambda np, x: np.trace(x), M, T),
    row("trace", lambda np, x: np.trace(x, offset=1, axis1=1, axis2=2), T, U),
    row("linalg.trace", lambda np, x: np.linalg.trace(x), SQUARE, T),
    row("tril", lambda np, x: np.tril(x), M, T, V),
    row("tril", lambda np, x: np.tril(x, -1), M, T),
    row("triu", lambda np, x: np.triu(x), N, T, V),
    row("triu", lambda np, x: np.triu(x, k=1), M, T),
    # choosing
    row("take", lambda np, x: np.take(x, 2), V, M),
    row("take", lambda np, x: np.take(x, [[0, -1], [1, 1]], axis=1), M, T),
    row("take", lambda np, x: np.take(x, [5, -6], mode="wrap", axis=0), M, T),
    row("take", lambda np, x: np.take(x, [5, -6], mode="clip"), M, V),
    row(
        "take_along_axis",
        lambda np, x: np.take_along_axis(x, np.array([[1, 0, 1]]), axis=0),
        (2, 3),
        (4, 3),
    ),
    row("take_along_axis", lambda np, x: np.take_along_axis(x, np.array([3, 0]), None), M, V),
    row(
        "take_along_axis",
        lambda np, x: np.take_along_axis(x, np.array([[0], [2], [-1]]), 1),
        M,
        SQUARE,
        (1, 3),
    ),
    row("compress", lambda np, x: np.compress([True, False, True], x, axis=0), M, SQUARE),
    row("compress", lambda np, x: np.compress([False, True], x), V, M),
    row("extract", lambda np, x: np.extract([[True, False, True]], x), (3,), (1, 3)),
    row("select", lambda np, x, y: np.select([x > y, x < y], [x, y], 3.0), (M, M), (V, V)),
    row("select", lambda np, x: np.select([x > 0], [x]), M, V),
    row("choose", lambda np, x, y: np.choose(np.array([1, 0, 1, 1]), (x, y)), (V, V), (M, ())),
    row("choose", lambda np, x: np.choose([3, -1, 1, 0], x, mode="wrap"), M, (2, 4)),
    row("piecewise", lambda np, x: np.piecewise(x, [x < 0, x > 4], [-1, lambda x: 2 * x]), V, M),
    row("piecewise", lambda np, x: np.piecewise(x, x < 0, [lambda x: -x, 1.0]), V, W),
    # making arrays
    row("full", lambda np, x: np.full((3, 4), x), (), V),
    row("full_like", lambda np, x, y: np.full_like(x, y), (M, ()), (M, V)),
    row("zeros_like", lambda np, x: np.zeros_like(x) + x, M, V),
    row("ones_like", lambda np, x: np.ones_like(x) * x, M, V),
    row("array", lambda np, x, y: np.array([[x, y], [2, x]]), ((), ()), ((), ())),
    row("array", lambda np, x, y: np.asarray([x, y]), (V, V), (M, M)),
    row("array", lambda np, x: np.array(x, ndmin=3), (), V),
    row("ascontiguousarray", lambda np, x: np.ascontiguousarray(x), (), M),
    row("copy", lambda np, x: np.copy(x), (), M),
    row("astype", lambda np, x: np.astype(x, np.float64), (1,), M),
    row("linspace", lambda np, x, y: np.linspace(x, y, 5), ((), ()), (V, ())),
    row("linspace", lambda np, x, y: np.linspace(x, y, 4, endpoint=False), ((), ()), (V, V)),
    row("linspace", lambda np, x, y: np.linspace(x, y, 3, retstep=True, axis=-1), (V, V), (M, V)),
    row("linspace", lambda np, x: np.linspace(0, x, 1), (), V),
    row("arange", lambda np, x: np.arange(x, x + 3), (), ()),
    row("arange", lambda np, x: np.arange(x, x + 2, 0.5), (), ()),
)


def apart(*shapes: tuple[int, ...]) -> list[Any]:
    """Whole numbers that steps of 1 do not bring across each other, across 0 or across 4."""
    return [8 * x + 3 * k + 2 for k, x in enumerate(whole_numbers(*shapes))]


SINCE = {"pad by axis": "2.4.0"}  # of rows that the lowest NumPy does not have


def needs(item: Row) -> pytest.MarkDecorator:
    """A mark that skips a row of a newer NumPy."""
    version = SINCE.get(item.name, "2.3.0")
    is_missing = NumpyVersion(np.__version__) < version
    return pytest.mark.skipif(is_missing, reason=f"{item.name} needs NumPy {version}")


TRIALS = [
    pytest.param(
        item, trial, id=f"{item.name}-{number}-{'x'.join(map(str, trial))}", marks=needs(item)
    )
    for number, item in enumerate(ROWS)
    for trial in item.trials
]


@pytest.mark.spread(2)
@pytest.mark.parametrize(("item", "trial"), TRIALS)
def test_value_and_gradient_are_numpys(item: Row, trial: tuple[tuple[int, ...], ...]) -> None:
    assert_linear(item.expression, *apart(*trial))


# --- named dimensions --------------------------------------------------------------------------

# name, expression, the shapes of the arguments with names
NAMED = (
    ("reshape", lambda np, x: np.reshape(x, (-1, 2)), [("N", 4)]),
    ("reshape", lambda np, x: np.reshape(x, -1), [("N", "M")]),
    ("reshape", lambda np, x: np.reshape(np.ravel(x), x.shape), [("N", 3)]),
    ("ravel", lambda np, x: np.ravel(x, "F"), [("N", 3)]),
    ("transpose", lambda np, x: np.transpose(x), [("N", 3)]),
    ("flip", lambda np, x: np.flip(x), [("N", "M")]),
    ("rot90", lambda np, x: np.rot90(x), [("N", 3)]),
    ("roll", lambda np, x: np.roll(x, 1, axis=0), [("N", 3)]),
    ("roll", lambda np, x: np.roll(x, -1), [("N",)]),
    ("broadcast_to", lambda np, x, y: np.broadcast_to(y, x.shape), [("N", 3), (3,)]),
    ("meshgrid", lambda np, x, y: np.meshgrid(x, y), [("N",), ("M",)]),
    ("tile", lambda np, x: np.tile(x, (2, 3)), [("N",)]),
    ("repeat", lambda np, x: np.repeat(x, 3, axis=0), [("N", 2)]),
    ("pad", lambda np, x: np.pad(x, (1, 2), constant_values=3), [("N",)]),
    ("pad", lambda np, x: np.pad(x, ((1, 2), (0, 1)), mode="edge"), [("N", 3)]),
    ("pad", lambda np, x: np.pad(x, 1, constant_values=(1, 2)), [("N", 3)]),
    ("pad", lambda np, x: np.pad(x, 2, mode="linear_ramp"), [("N",)]),
    ("concatenate", lambda np, x, y: np.concatenate((x, y)), [("N", 3), ("M", 3)]),
    ("concatenate", lambda np, x: np.concatenate((x, x), axis=1), [("N", 3)]),
    ("stack", lambda np, x: np.stack((x, x), axis=1), [("N", 3)]),
    ("vstack", lambda np, x: np.vstack((x, np.ones((1, 3)))), [("N", 3)]),
    ("append", lambda np, x: np.append(x, 1.0), [("N",)]),
    ("block", lambda np, x, y: np.block([[x, y]]), [("N", 3), ("N", 1)]),
    ("delete", lambda np, x: np.delete(x, 1, axis=1), [("N", 3)]),
    ("split", lambda np, x: np.split(x, 3, axis=1), [("N", 3)]),
    ("diag", lambda np, x: np.diag(x), [("N",)]),
    ("diag", lambda np, x: np.diag(x, -2), [("N",)]),
    ("diag", lambda np, x: np.diag(x), [("N", "N")]),
    ("diagonal", lambda np, x: np.diagonal(x, 1), [("N", "N")]),
    ("trace", lambda np, x: np.trace(x), [("N", "N")]),
    ("tril", lambda np, x: np.tril(x), [("N", "N")]),
    ("triu", lambda np, x: np.triu(x, 1), [("N", "M")]),
    ("eye", lambda np, x: np.eye(x.shape[0]) + x, [("N", "N")]),
    ("eye", lambda np, x: x * np.eye(x.shape[0], 3, k=-1), [("N", 3)]),
    ("zeros", lambda np, x: np.concatenate((np.zeros(x.shape), x)), [("N", 3)]),
    ("ones_like", lambda np, x: np.concatenate((x, np.ones_like(x))), [("N", 3)]),
    ("full", lambda np, x: np.full(x.shape[0], np.trace(x)), [("N", "N")]),
    ("arange", lambda np, x: x * np.arange(x.shape[0]), [("N",)]),
    ("arange", lambda np, x: x * np.arange(1, x.shape[0] + 1), [("N",)]),
    ("take", lambda np, x: np.take(x, [0, 2, -1], axis=0), [("N", 3)]),
    ("take", lambda np, x: np.take(x, [0, 7, -9], axis=0, mode="wrap"), [("N", 3)]),
    ("take_along_axis", lambda np, x: np.take_along_axis(x, np.array([[0, 1]]), 1), [("N", 3)]),
    ("compress", lambda np, x: np.compress([True, False, True], x, axis=1), [("N", 3)]),
    ("select", lambda np, x: np.select([x > 0], [2 * x], -x), [("N", 3)]),
)


@pytest.mark.parametrize(
    ("expression", "shapes"), [entry[1:] for entry in NAMED], ids=[entry[0] for entry in NAMED]
)
@pytest.mark.parametrize("n", [3, 6])
def test_named_dimensions(expression: Any, shapes: Any, n: int) -> None:
    lengths = {"N": n, "M": 4}
    numbers = [tuple(lengths.get(length, length) for length in shape) for shape in shapes]
    assert_linear(expression, *apart(*numbers), shapes=shapes)


# --- kinds and places that are computed ---------------------------------------------------------

WHOLE = np.array([[3, -1, 2], [0, 5, 4]])
TRUTH = np.array([[True, False, True], [False, False, True]])
KINDS = (
    lambda np, x: np.reshape(x, 6),
    lambda np, x: np.roll(x, 1),
    lambda np, x: np.tile(x, 2),
    lambda np, x: np.pad(x, 1),
    lambda np, x: np.pad(x, 1, mode="wrap"),
    lambda np, x: np.concatenate((x, x)),
    lambda np, x: np.diag(np.ravel(x)),
    lambda np, x: np.trace(x),
    lambda np, x: np.tril(x),
    lambda np, x: np.zeros_like(x),
    lambda np, x: np.ones_like(x),
    lambda np, x: np.astype(x, float),
    lambda np, x: np.astype(x, bool),
    lambda np, x: np.full_like(x, 1),
    lambda np, x: np.insert(x, 0, 1, axis=1),
    lambda np, x: np.select([x > 0], [x], 2),
)


@pytest.mark.parametrize("expression", KINDS)
@pytest.mark.parametrize("x", [WHOLE, TRUTH], ids=["whole", "truths"])
def test_kinds_are_numpys(expression: Any, x: Any) -> None:
    assert_value(expression, x)


AT = np.array([2, 0, -1, 2])
COMPUTED = (
    lambda np, x, at: np.take(x, at, axis=0),
    lambda np, x, at: np.take(x, np.multiply(at, 5), axis=1, mode="wrap"),
    lambda np, x, at: np.take(x, np.multiply(at, 5), mode="clip"),
    lambda np, x, at: np.take_along_axis(x, np.reshape(at, (1, 4)), 0),
    lambda np, x, at: np.choose(at, x, mode="wrap"),
    lambda np, x, at: np.choose(np.where(at > 0, 1, 0), (x, -x)),
)


@pytest.mark.parametrize("expression", COMPUTED)
def test_places_may_be_computed(expression: Any) -> None:
    assert_linear(expression, *apart((3, 4)), AT)


def put_along(np: Any, x: Any, at: Any, v: Any, axis: int | None) -> Any:
    """`put_along_axis` as a function: NumPy's writes into its argument."""
    result = np.put_along_axis(x, at, v, axis)
    return x if result is None else result


@pytest.mark.parametrize(
    ("axis", "shape", "at"),
    [
        (0, (1, 4), np.array([[2, 0, 1, 1]])),
        (1, (3, 1), np.array([[3], [0], [-1]])),
        (None, (4,), np.array([2, 0, 1, 11])),
    ],
)
def test_put_along_axis(axis: int | None, shape: tuple[int, ...], at: Any) -> None:
    x, v = apart((3, 4), shape)
    assert_linear(lambda np, x, v: put_along(np, x, at, v, axis), x, v)
    assert_linear(lambda np, x, v, at: put_along(np, x, at, v, axis), x, v, at)


MADE = (
    lambda np: np.zeros((2, 3)),
    lambda np: np.zeros(3, dtype=int),
    lambda np: np.ones((2,), dtype=bool),
    lambda np: np.full((2, 2), 7),
    lambda np: np.eye(3, 4, k=1),
    lambda np: np.eye(2, dtype=int),
    lambda np: np.identity(3),
    lambda np: np.tri(3, 4, -1),
    lambda np: np.arange(4),
    lambda np: np.arange(1, 9, 3),
    lambda np: np.arange(0.5, 2, 0.5),
    lambda np: np.linspace(0, 1, 7),
    lambda np: np.linspace(2, 3, 1),
    lambda np: np.array([[1, 2], [3, 4]]),
    lambda np: np.array([1, 2.5]),
    lambda np: np.ix_([0, 2], [1]),
    lambda np: np.nonzero([[1, 0], [0, 2]]),
    lambda np: np.flatnonzero([0, 3, 0, 4]),
)


@pytest.mark.parametrize("expression", MADE)
def test_arrays_out_of_nothing(expression: Any) -> None:
    assert_value(expression)


@pytest.mark.parametrize("name", ["shape", "ndim", "size"])
def test_lengths_are_plain_numbers(name: str) -> None:
    found = lines(lambda np, x: getattr(np, name)(x), np.ones((3, 4))).results
    assert found == expected(lambda np, x: [*np.atleast_1d(getattr(np, name)(x))], np.ones((3, 4)))


# --- what is refused ---------------------------------------------------------------------------

REFUSED = (
    (lambda np, x: np.resize(x, (2, 2)), UnsupportedError, "np.tile"),
    (lambda np, x: np.reshape(x, (5, 2)), ShapeError, "(3, 4) cannot be reshaped to (5, 2)"),
    (lambda np, x: np.reshape(x, (-1, 5)), ShapeError, "(3, 4) cannot be reshaped to (-1, 5)"),
    (lambda np, x: np.reshape(x, (-1, -1)), ShapeError, "(-1, -1)"),
    (lambda np, x: np.ravel(x, "K"), UnsupportedError, "order='C'"),
    (lambda np, x: np.squeeze(x, 0), ShapeError, "axis 0 has length 3"),
    (lambda np, x: np.transpose(x, (0, 0)), ShapeError, "twice"),
    (lambda np, x: np.swapaxes(x, 0, 2), ShapeError, "no axis 2"),
    (lambda np, x: np.broadcast_to(x, (2, 4)), ShapeError, "do not fit"),
    (lambda np, x: np.concatenate((x, np.ravel(x))), ShapeError, "numbers of axes"),
    (lambda np, x: np.concatenate((x, np.transpose(x))), ShapeError, "cannot be joined"),
    (lambda np, x: np.stack((x, np.transpose(x))), ShapeError, "cannot be stacked"),
    (lambda np, x: np.concatenate([]), ShapeError, "no arrays"),
    (lambda np, x: np.split(x, 2), ShapeError, "3 elements cannot be split into 2"),
    (lambda np, x: np.block([[x], x]), ShapeError, "nested equally deep"),
    (lambda np, x: np.delete(x, 7, axis=0), ShapeError, "7"),
    (lambda np, x: np.insert(x, 7, 1.0, axis=0), ShapeError, "7"),
    (lambda np, x: np.pad(x, 1, mode="empty"), UnsupportedError, "mode 'empty'"),
    (lambda np, x: np.pad(x, 1, mode="empty"), UnsupportedError, "linear_ramp"),
    (lambda np, x: np.pad(x, -1), ShapeError, "negative"),
    (lambda np, x: np.pad(x, 1, mode="edge", end_values=1), ShapeError, "takes no end_values"),
    (lambda np, x: np.compress(x > 0, x), UnsupportedError, "np.where"),
    (lambda np, x: np.nonzero(x), UnsupportedError, "np.where"),
    (lambda np, x: np.repeat(x, np.astype(x, int)), UnsupportedError, "must be known"),
    (lambda np, x: np.choose([2, 0, 0, 0], (x, x)), ShapeError, "2 choices"),
    (lambda np, x: np.take(x, 3, axis=0), ShapeError, "index 3 is out of range for axis 0"),
    (lambda np, x: np.take(x, x), UnsupportedError, "float is no index"),
    (lambda np, x: np.take_along_axis(x, np.array([0]), 0), ShapeError, "dimensions"),
    (lambda np, x: np.array([[1, 2], [3]]), ShapeError, "unequal lengths"),
    (lambda np, x: np.array([x, 1.0]), ShapeError, "unequal lengths"),
    (lambda np, x: np.arange(np.trace(x)), UnsupportedError, "start + step*np.arange"),
    (lambda np, x: np.linspace(0, 1, np.trace(x)), UnsupportedError, "must be known"),
    (lambda np, x: np.zeros(np.trace(x)), UnsupportedError, "must be known"),
    (lambda np, x: np.roll(x, np.trace(x)), UnsupportedError, "known"),
    (lambda np, x: np.meshgrid(x, x), ShapeError, "should have one"),
    (lambda np, x: np.diag(np.expand_dims(x, 0)), ShapeError, "one or two dimensions"),
)


@pytest.mark.parametrize(("expression", "error", "words"), REFUSED)
def test_refused_in_words(expression: Any, error: type[SymdiffError], words: str) -> None:
    with pytest.raises(error) as caught:
        lines(expression, np.ones((3, 4)))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        lambda np, x: np.split(x, 2),
        lambda np, x: np.unstack(x),
        lambda np, x: np.pad(x, 1, mode="reflect"),
        lambda np, x: np.roll(x, 2, axis=0),
        lambda np, x: np.delete(x, 0, axis=0),
        lambda np, x: np.diagonal(x),
        lambda np, x: np.reshape(x, (-1, 2)),
    ],
)
def test_what_needs_a_number_is_refused_for_a_name(expression: Any) -> None:
    with pytest.raises(SymdiffError, match="N"):
        lines(expression, np.ones((4, 3)), shapes=[("N", 3)])


# --- how it is printed -------------------------------------------------------------------------

PRINTED = (
    (lambda np, x: np.roll(x, 1, axis=0), "np.concatenate((x0[2:], x0[:2]))"),
    (lambda np, x: np.flip(x, 1), "x0[:, ::-1]"),
    (lambda np, x: np.expand_dims(x, 1), "x0[:, None]"),
    (lambda np, x: np.delete(x, 1, axis=1), "np.concatenate((x0[:, :1], x0[:, 2:]), 1)"),
)


@pytest.mark.parametrize(("expression", "wanted"), PRINTED)
def test_printed_as_a_person_writes_it(expression: Any, wanted: str) -> None:
    assert wanted in text(expression, np.ones((3, 4)))
