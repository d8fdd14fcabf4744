"""Buffers and views: steps as data, and random chains of views that are written through."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.frontend.tracing.storage import Buffer, Step, View, put_back, replayed, steps_between
from symdiff.ops.builder import Builder
from symdiff.ops.indexing import index
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped, transposed
from tests.frontend.tracing.checks import value_of

# --- as data -------------------------------------------------------------------------------------

ROW = Step("index", ((("int", 1), ("slice", 0, 3, 1)),))
TURNED = Step("transpose", ((1, 0),))


def test_a_view_sees_a_write_and_a_write_through_it_reaches_the_buffer() -> None:
    builder = Builder(EXACT)
    x = builder.handle(builder.input("x", (2, 3)))
    v = builder.handle(builder.input("v", (3,)))
    buffer = Buffer(SimpleNamespace(ways=[]), x, np.dtype(float))
    row = View(buffer, [ROW], replayed(x, [ROW]))
    turned = View(buffer, [TURNED], replayed(x, [TURNED]), buffer.layout.T)
    assert not turned.is_stale
    row.put(v)
    assert row.content.at == v.at
    assert buffer.version == 1
    assert turned.is_stale
    put = builder.nodes[buffer.content.at]
    assert (put.op, put.args) == ("put", (x.at, v.at))
    assert builder.nodes[turned.content.at].args == (buffer.content.at,)
    of_turned = View(turned, [ROW._replace(params=((("int", 1), ("slice", 0, 2, 1)),))], None)
    assert of_turned.steps == (TURNED, *of_turned.steps[1:])
    assert of_turned.buffer is buffer
    assert of_turned.layout.strides == buffer.layout.T[1].strides


def test_steps_are_read_off_the_lines() -> None:
    builder = Builder(EXACT)
    x = builder.handle(builder.input("x", (2, 3)))
    made = reshaped(index(transposed(x, (1, 0)), params=((("slice", 0, 2, 1),) * 2,)), (4,))
    steps = steps_between(x, made)
    assert steps is not None
    assert [step.op for step in steps] == ["transpose", "index", "reshape"]
    assert replayed(x, steps).at == made.at
    assert put_back(x, steps, made).shape == x.shape
    assert steps_between(x, made * made) is None


# --- as NumPy has them ---------------------------------------------------------------------------

ONE_AXIS: list[Callable[[Any], Any]] = [
    lambda v: v[1:],
    lambda v: v[::-1],
    lambda v: v[::2],
    lambda v: v[None],
    lambda v: v[..., None],
    lambda v: v[:],
    lambda v: v.reshape(-1, 1),
    lambda v: np.expand_dims(v, 0),
    lambda v: np.split(v, [1])[1],
    np.flip,
    np.real,
    np.atleast_2d,
]
TWO_AXES: list[Callable[[Any], Any]] = [
    lambda v: v.T,
    lambda v: v[0],
    lambda v: v[-1, ...],
    lambda v: v[:, 0],
    lambda v: v[::-1, ::2],
    lambda v: v[None, :, 0],
    lambda v: v.reshape(-1),
    lambda v: v.reshape(v.shape[1], v.shape[0]),
    np.ravel,
    np.fliplr,
    np.flipud,
    np.rot90,
    np.diagonal,
    lambda v: np.swapaxes(v, 0, 1),
    lambda v: np.moveaxis(v, 0, -1),
    lambda v: np.einsum("ij->ji", v),
    lambda v: np.einsum("ii->i", v[: min(v.shape), : min(v.shape)]),
    lambda v: np.array_split(v, 2)[0],
    lambda v: np.squeeze(v[:1]),
    lambda v: np.broadcast_to(v, (2, *v.shape))[1],
]
MAKERS: list[Callable[[Any], Any]] = [
    lambda x: x.copy(),
    lambda x: np.array(x),
    lambda x: np.zeros((4, 3)),
    lambda x: np.arange(12.0).reshape(3, 4).copy(),
]


def program(draw: random.Random) -> Callable[[Any], Any]:
    """Views of views, of which some are written through."""
    maker = draw.choice(MAKERS)
    views = [(draw.randrange(k + 1), draw.random(), draw.random()) for k in range(6)]
    writes = [(draw.randrange(7), draw.choice("=+*#")) for _ in range(3)]

    def function(x: Any) -> Any:
        made = [maker(x)]
        for source, first, second in views:
            base = made[source]
            among = TWO_AXES if base.ndim == 2 else ONE_AXIS
            if base.ndim in (1, 2) and 0 not in base.shape:
                made.append(among[int(first * len(among))](base))
            else:
                made.append(base[...] if second < 0.5 else base)
        for number, (target, kind) in enumerate(writes):
            array = made[target % len(made)]
            if kind == "=":
                array[...] = x[0, number]
            elif kind == "+":
                array += x[1, number]
            elif kind == "*":
                array *= x[2, 0] + number
            else:
                array[:1] = 2.5
        return sum((k + 1.0) * np.sum(np.cos(array)) for k, array in enumerate(made))

    return function


def outcome(run: Callable[[], Any]) -> Any:
    """The result, a refusal, or the class of another error."""
    try:
        return run()
    except sd.UnsupportedError as error:
        return error
    except (ValueError, TypeError, IndexError) as error:
        return type(error)


@pytest.mark.parametrize("seed", range(8))
def test_random_views_and_writes(seed: int) -> None:
    """Where NumPy refuses a write, so does a trace; what depends on a layout may be refused."""
    draw = random.Random(seed)
    x = np.random.default_rng(seed).normal(size=(4, 3))
    compared = 0
    for _ in range(25):
        function = program(draw)
        wanted = outcome(lambda function=function: function(x))
        found = outcome(lambda function=function: value_of(function, x))
        if isinstance(found, sd.UnsupportedError):
            assert "lays out" in found.message
            continue
        if isinstance(wanted, float):
            assert found == pytest.approx(wanted, rel=1e-12)
            compared += 1
        else:
            assert found is wanted
    assert compared > 8
