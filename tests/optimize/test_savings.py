"""What each pass saves, on a function of its own: the operations before it and after it."""

from __future__ import annotations

import math
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import sympy

import symdiff as sd
from symdiff.derive.loop_results import settle_results
from symdiff.derive.reverse import gradient
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import contracted
from symdiff.ops.handle import Handle
from symdiff.ops.loops import loop, part
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped, transposed
from symdiff.optimize import PASSES, optimize
from tests.evaluate import array_outputs
from tests.ops.array_rows import take
from tests.strategies import ALONE

PASS = {one_pass.__name__: one_pass for one_pass in PASSES}


class Case(NamedTuple):
    """A function, and its operations without the pass and with it, counted by name."""

    graph: Callable[[], Graph]
    before: str
    after: str


def graph_of(
    lines: Callable[..., Any], primal: int = 0, shapes: dict[str, Any] | None = None
) -> Graph:
    """A graph of lines as they are written: outputs behind the `primal` ones are derived."""
    builder = Builder(ALONE())
    names = lines.__code__.co_varnames[: lines.__code__.co_argcount]
    inputs = [builder.input(name, (shapes or {}).get(name, ())) for name in names]
    outputs = lines(*[builder.handle(at) for at in inputs])
    found = [x.at for x in (outputs if isinstance(outputs, tuple) else (outputs,))]
    return builder.graph(inputs, found, [f"f{i}" for i in range(len(found))], primal)


def op(name: str) -> Callable[..., Handle]:
    return OPERATIONS[name]


sin, tan, exp, sqrt, log, where = map(op, "sin tan exp sqrt log where".split())


def _where_positive(compared: Handle, chosen: Handle) -> Handle:
    zero = compared.builder.constant(0.0, compared.at)
    return where(compared < 0.0, Handle(compared.builder, zero), chosen)


def _dead(x: Handle) -> Handle:
    exp(sin(x) * x)
    return sin(x)


def _own() -> Graph:
    """A function with a rule of its own, whose exp(x) is needed beside it too."""
    doubled = sd.custom_rule(lambda x: 2.0 * np.exp(x), vjp=lambda t, y, x: t * y)
    return sd.function(lambda x: doubled(x) + np.exp(x)).graph


def _loop() -> Graph:
    """A loop that carries more than is read: `b` enters no result, and `ys` is not asked for."""

    def loss(x: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            a, b = state
            return (a * a, np.sin(b)), np.cos(a)

        (a, _b), _ys = sd.scan(step, (x, x), length=50)
        return a

    return sd.function(loss).graph


def _sum_by_a_loop() -> Graph:
    """A sum over the steps of a loop, whose derivative is a loop that goes back."""

    def loss(x: Any) -> Any:
        total = 0.0
        for v in x:
            total += np.sin(v)
        return total

    return settle_results(sd.function(loss, shapes={"x": (100,)}).grad().graph)


def _before_and_after() -> Graph:
    """A loop whose `a` is needed before each step, as a residual, and after it, as a result."""

    def loss(x: Any, w: Any) -> Any:
        def step(a: Any, _: Any) -> Any:
            a = np.sin(w * a)
            return a, a

        _, after = sd.scan(step, x, length=50)
        return np.sum(after**2)

    graph: Graph = sd.function(loss, shapes={"w": (), "x": ()}, wrt=("w",)).grad().graph
    return graph


def _sum_and_more(xs: Handle, y: Handle) -> Handle:
    """A sum over the steps of a loop, and what is added to it."""
    builder = Builder(ALONE())
    total, x = (builder.handle(builder.input(name)) for name in ("total", "x"))
    after = total + sin(x)
    body = builder.graph([total.at, x.at], [after.at], ["total"], 0)
    zero = xs.builder.handle(xs.builder.constant(0.0))  # type: ignore[attr-defined]
    whole = loop(xs.builder, body, [zero, xs], length=5, constants=0, carries=1)
    return y + part(whole, 0)


def _scaled(A: Handle, r: Handle, c: Handle) -> tuple[Handle, Handle]:
    return broadcast_to(c, r.shape) * r, broadcast_to(c, (4,)) * contracted(A, r, "ij,i->j")


def _scaled_by_another(A: Handle, r: Handle, c: Handle, d: Handle) -> tuple[Handle, Handle]:
    return broadcast_to(c, r.shape) * r, broadcast_to(d, (4,)) * contracted(A, r, "ij,i->j")


def _index(x: Handle, *pattern: Any) -> Handle:
    return OPERATIONS["index"](x, params=(pattern,))


def _piece(v: Handle, shape: Any, *pattern: Any) -> Handle:
    """A value in zeros."""
    zeros = Handle(v.builder, v.builder.full(0.0, shape))
    return OPERATIONS["put"](zeros, v, params=(pattern,))


def _two_sums(u: Handle, x: Handle, y: Handle) -> tuple[Handle, Handle]:
    piece = _piece(u, (6,), take(0, 2))
    return sin(x) + piece, sin(y) + piece


def _written_into(x: Handle, *numbers: float) -> Handle:
    """A table of known numbers with a value in it."""
    data = np.array(numbers).tobytes()
    params = ((len(numbers),), "float64", b64encode(data).decode())
    table = Handle(x.builder, x.builder.make("array", (), params))
    return OPERATIONS["put"](table, x, params=((("int", 1),),))


def _summed(x: Handle, *, keepdims: bool) -> Handle:
    return OPERATIONS["sum"](x, params=((1,), keepdims))


def _mean_and_deviation(x: Handle) -> Handle:
    """As np.var and np.mean: the same mean with the axis and without it."""
    hundred = Handle(x.builder, x.builder.full(100.0, (3, 1)))
    mean = broadcast_to(_summed(x, keepdims=True) / hundred, x.shape)
    same = Handle(x.builder, x.builder.full(100.0, (3,)))
    other = broadcast_to(reshaped(_summed(x, keepdims=False) / same, (3, 1)), x.shape)
    return (x - mean) * (x - other)


def _turned(X: Handle, v: Handle, c: Handle) -> Handle:
    return transposed(broadcast_to(c, (4, 2)) * -contracted(X, v, "ij,ik->jk"))


def _if(c: Handle, x: Handle) -> Handle:
    return where(c > 0.0, x, 0.0)


def _unless(c: Handle, x: Handle) -> Handle:
    return where(c > 0.0, 0.0, x)


def _shares(t: Handle, x: Handle, y: Handle) -> tuple[Handle, ...]:
    """What maximum(x, y) hands to x, and the parts that it is chosen from, for another line."""
    t = exp(t)  # may be infinite
    return x < y, sin(where(op("equal")(y, x), 0.5 * t, t)), _larger(t, x, y)


def _larger(t: Handle, x: Handle, y: Handle) -> Handle:
    """What maximum(x, y) hands to x."""
    return op("share")(t, x < y, op("equal")(x, y))


def _three_ways(a: Handle, b: Handle, x: Handle) -> Handle:
    """What `-x if a > 0 else -x if b > 0 else x` hands back."""
    first, second = a > 0.0, b > 0.0
    return where(first, -x, 0.0) + where(~first & second, -x, 0.0) + where(~first & ~second, x, 0.0)


def _sum(x: Handle, axis: int) -> Handle:
    return op("sum")(x, params=((axis,), False))


def _scaled_rows(X: Handle, v: Handle) -> Handle:
    return _sum(X * broadcast_to(v, X.shape), 1)


def _sums(x: Handle, r: Handle, axis: int) -> tuple[Handle, ...]:
    """The sum along an axis of an array, and of that times a smaller one."""
    scaled = x * broadcast_to(r, x.shape)
    return tuple(_sum(line, axis) for line in (scaled, x))


def _pairs(x: Handle) -> tuple[Handle, Handle]:
    """Of n points, the differences of each two, and their squared distances."""
    n, k = x.shape
    d = broadcast_to(reshaped(x, (n, 1, k)), (n, n, k)) - broadcast_to(x, (n, n, k))
    return d, _sum(d * d, 2)


def _forces(x: Handle, weight: Callable[[Handle, Handle], Handle]) -> Handle:
    """What each point gets of its pairs as the first one, less what it gets as the second one."""
    d, squares = _pairs(x)
    g = weight(squares, x)
    return contracted(g, d, "ij,ijk->ik") - contracted(g, d, "ij,ijk->jk")


def _unit_matrix(r: Handle) -> Handle:
    return Handle(r.builder, r.builder.make("unit_matrix", (), r.shape[:1]))


_FORCES = "reshape broadcast broadcast subtract multiply sum sin contract contract subtract"

CASES = {
    "share_written": [
        Case(  # the twin of exp has a guard where it is flat, and a product takes what is written
            lambda: gradient(
                graph_of(
                    lambda x, w: contracted(log(exp(-exp(-x)) + 1.0), w, "i,i->"),
                    shapes={"x": (3,), "w": (3,)},
                    primal=1,
                ),
                ("w",),
            ),
            "negate exp negate exp add log contract exp add log contract less where",
            "negate exp negate exp add log contract",
        ),
    ],
    "contract_products": [
        Case(
            lambda: graph_of(_scaled_rows, shapes={"X": (3, 4), "v": (4,)}),
            "broadcast multiply sum",
            "contract",
        ),
        Case(  # for both of a pair
            lambda: graph_of(
                lambda g, d: tuple(
                    _sum(broadcast_to(reshaped(g, (3, 3, 1)), d.shape) * d, axis) for axis in (0, 1)
                ),
                shapes={"g": (3, 3), "d": (3, 3, 2)},
            ),
            "reshape broadcast multiply sum sum",
            "contract contract",
        ),
        Case(  # the product is needed beside it
            lambda: graph_of(
                lambda X, v: (_scaled_rows(X, v), sin(X * broadcast_to(v, X.shape))),
                shapes={"X": (3, 4), "v": (4,)},
            ),
            "broadcast multiply sum sin",
            "broadcast multiply sum sin",
        ),
        Case(  # v is repeated along the axis
            lambda: graph_of(
                lambda X, v: _sum(X * broadcast_to(v, X.shape), 0), shapes={"X": (3, 4), "v": (4,)}
            ),
            "broadcast multiply sum",
            "broadcast multiply sum",
        ),
        Case(  # vectors
            lambda: graph_of(lambda u, v: _sum(sin(u) * v, 0), shapes={"u": (5,), "v": (5,)}),
            "sin multiply sum",
            "sin contract",
        ),
        Case(  # matrices: one call more would make them vectors
            lambda: graph_of(
                lambda U, V: op("sum")(U * V, params=((0, 1), False)),
                shapes={"U": (3, 4), "V": (3, 4)},
            ),
            "multiply sum",
            "multiply sum",
        ),
    ],
    "share_exchanged": [
        Case(
            lambda: graph_of(lambda x: _forces(x, lambda r, _: sin(r)), shapes={"x": (4, 3)}),
            _FORCES,
            "reshape broadcast broadcast subtract multiply sum sin contract multiply",
        ),
        Case(
            lambda: graph_of(
                lambda x: _forces(x, lambda r, _: r / (r + _unit_matrix(r))),
                shapes={"x": (4, 3)},
            ),
            _FORCES.replace("sin", "unit_matrix add divide"),
            "reshape broadcast broadcast subtract multiply sum unit_matrix add divide contract "
            "multiply",
        ),
        Case(  # x_i - x_j is weighed by something else than x_j - x_i
            lambda: graph_of(
                lambda x: _forces(x, lambda r, x: r * broadcast_to(_sum(x, 1), (4, 4))),
                shapes={"x": (4, 3)},
            ),
            _FORCES.replace("sin", "sum broadcast multiply"),
            _FORCES.replace("sin", "sum broadcast multiply"),
        ),
    ],
    "reuse_sums": [
        Case(
            lambda: graph_of(lambda x, r: _sums(x, r, 0), shapes={"x": (3, 4), "r": (4,)}),
            "broadcast multiply sum sum",
            "multiply sum",
        ),
        Case(
            lambda: graph_of(lambda x, r: _sums(x, r, 1), shapes={"x": (3, 4), "r": (3, 1)}),
            "broadcast multiply sum sum",
            "reshape multiply sum",
        ),
        Case(
            lambda: graph_of(lambda x, r: _sums(x, r, 1), shapes={"x": (3, 4), "r": (4,)}),
            "broadcast multiply sum sum",
            "broadcast multiply sum sum",
        ),
    ],
    "reuse_quotients": [
        Case(
            lambda: graph_of(lambda x, d, a: (x / d, sin(a / d * x)), 1),
            "divide divide multiply sin",
            "divide multiply sin",
        ),
        Case(
            lambda: graph_of(
                lambda x, d, a: (
                    x / broadcast_to(d, x.shape), sin(broadcast_to(a / d, x.shape) * x)
                ),
                1,
                shapes={"x": (3, 4), "d": (4,), "a": (4,)},
            ),
            "broadcast divide divide broadcast multiply sin",
            "broadcast divide broadcast multiply sin",
        ),
        Case(  # the quotient that goes is scaled by numbers
            lambda: graph_of(
                lambda x, d, a: (
                    x / broadcast_to(d, x.shape), sin(broadcast_to(0.1 * -(a / d), x.shape) * x)
                ),
                1,
                shapes={"x": (3, 4), "d": (4,), "a": (4,)},
            ),
            "broadcast divide divide negate multiply broadcast multiply sin",
            "broadcast divide multiply broadcast multiply sin",
        ),
        Case(  # of what it is divided by, a factor goes
            lambda: graph_of(lambda x, a, b: (a * b, sin(a * (x / (a * b)))), 1),
            "multiply divide multiply sin",
            "multiply divide sin",
        ),
        Case(
            lambda: graph_of(lambda x, d, a: (x / a, sin(a / d * x)), 1),
            "divide divide multiply sin",
            "divide divide multiply sin",
        ),
    ],
    "share_reductions": [
        Case(
            lambda: graph_of(_mean_and_deviation, 1, shapes={"x": (3, 4)}),
            "sum divide broadcast subtract sum divide reshape broadcast subtract multiply",
            "sum divide reshape broadcast subtract multiply",
        ),
        Case(
            lambda: graph_of(
                lambda x: sin(reshaped(-_summed(x, keepdims=False), (3, 1))), shapes={"x": (3, 4)}
            ),
            "sum negate reshape sin",
            "sum negate sin",
        ),
    ],
    "turn_products": [
        Case(
            lambda: graph_of(_turned, shapes={"X": (3, 4), "v": (3, 2)}),
            "contract negate broadcast multiply transpose",
            "contract negate broadcast multiply",
        ),
        Case(
            lambda: graph_of(
                lambda X, v: (contracted(X, v, "ij,ik->jk"),
                              transposed(contracted(X, v, "ij,ik->jk"))),
                shapes={"X": (3, 4), "v": (3, 2)},
            ),
            "contract transpose",
            "contract transpose",
        ),
    ],
    "join_pieces": [
        Case(
            lambda: graph_of(
                lambda v: _piece(_index(v, ("int", 1)), (2,), ("int", 0))
                - _piece(_index(v, ("int", 0)), (2,), ("int", 1)),
                shapes={"v": (2,)},
            ),
            "index put index put subtract",
            "index index negate stack",
        ),
        Case(
            lambda: graph_of(
                lambda u, v: _piece(v, (5,), take(2, 3)) + _piece(u, (5,), take(0, 2)),
                shapes={"u": (2,), "v": (3,)},
            ),
            "put put add",
            "concatenate",
        ),
        Case(
            lambda: graph_of(
                lambda u, v: _piece(v, (6,), take(2, 3)) + _piece(u, (6,), take(0, 2)),
                shapes={"u": (2,), "v": (3,)},
            ),
            "put put add",
            "put put",
        ),
        Case(
            lambda: graph_of(
                lambda u, x: sin(x) - _piece(u, (6,), take(0, 2)),
                shapes={"u": (2,), "x": (6,)},
            ),
            "sin put subtract",
            "sin negate put_add",
        ),
        Case(  # whose zeros both sums would add
            lambda: graph_of(_two_sums, shapes={"u": (2,), "x": (6,), "y": (6,)}),
            "put sin add sin add",
            "sin put_add sin put_add",
        ),
    ],
    "select_once": [
        Case(
            lambda: graph_of(
                lambda t, x, y: (_where_positive(x * y, t * x), _where_positive(x * y, t * y)),
                shapes=dict.fromkeys("txy", (3,)),
            ),
            "multiply less multiply where multiply where",
            "multiply less where multiply multiply",
        ),
        Case(  # tan(x) may be as large as it likes
            lambda: graph_of(
                lambda t, x, y: (_where_positive(x * y, t * tan(x)), _where_positive(x * y, t)),
                shapes=dict.fromkeys("txy", (3,)),
            ),
            "multiply less tan multiply where where",
            "multiply less tan multiply where where",
        ),
        Case(  # z may be missing there
            lambda: graph_of(
                lambda t, x, y, z: (_where_positive(x * y, t * z), _where_positive(x * y, t)),
                shapes=dict.fromkeys("txyz", (3,)),
            ),
            "multiply less multiply where where",
            "multiply less multiply where where",
        ),
    ],
    "merge_choices": [
        Case(
            lambda: graph_of(lambda c, x, y, z: _if(c, x) + _if(c, y) + _unless(c, z)),
            "greater where where where add add",
            "greater add where",
        ),
        Case(
            lambda: graph_of(_three_ways),
            "greater greater logical_not logical_not logical_and logical_and where where where "
            "negate add add",
            "greater greater negate where where",
        ),
        Case(
            lambda: graph_of(lambda c, x, y: x - _if(c, y) - _if(c, sin(y)) * x),
            "greater where where sin multiply subtract subtract",
            "greater where where sin multiply subtract subtract",
        ),
        Case(
            lambda: graph_of(lambda c, d, x, y: _if(c, x) + _if(d, y)),
            "greater greater where where add",
            "greater greater where where add",
        ),
    ],
    "drop_dead": [Case(lambda: graph_of(_dead), "sin multiply exp", "sin")],
    "inline_own": [Case(_own, "own_rule exp add", "exp multiply add")],
    "settle_results": [
        Case(_loop, "scan scan_final | multiply sin cos", "scan scan_final | multiply")
    ],
    "reuse_ordered_sums": [
        Case(
            lambda: graph_of(
                lambda x: (op("sum_in_order")(x), exp(_sum(x, 0)), _sum(x, 0)), 1, {"x": (9,)}
            ),
            "sum_in_order sum exp",
            "sum_in_order exp",
        ),
        Case(
            lambda: graph_of(lambda x, y: (op("sum_in_order")(x), _sum(y, 0)), 1,
                             {"x": (9,), "y": (9,)}),
            "sum_in_order sum",
            "sum_in_order sum",
        ),
    ],
    "backward_loops_as_arrays": [
        Case(_sum_by_a_loop, "scan scan_stacked | cos", "cos"),
    ],
    "fill_tables": [
        Case(
            lambda: graph_of(lambda x: _written_into(x, 0.0, *[math.inf] * 20, -0.0)),
            "array put",
            "put put put",
        ),
        Case(  # of few elements
            lambda: graph_of(lambda x: _written_into(x, 0.0, *[math.inf] * 5)),
            "array put",
            "array put",
        ),
    ],
    "start_sums": [
        Case(
            lambda: graph_of(lambda y, xs: _sum_and_more(xs, sin(y)), shapes={"xs": (5,)}),
            "sin scan scan_final add | sin add",
            "sin scan scan_final | sin add",
        )
    ],
    "share_histories": [],  # see below: a loop's results are no operations
    "expand": [
        Case(lambda: graph_of(lambda x: x**4.0, 1), "power", "multiply multiply"),
        Case(lambda: graph_of(lambda x: x**5.0, 1), "power", "power"),
        Case(lambda: graph_of(lambda x: x**16.0), "power", "multiply " * 4),
        Case(lambda: graph_of(lambda x: x**-2.0), "power", "multiply divide"),
        Case(lambda: graph_of(lambda x: x**17.0), "power", "power"),
        Case(lambda: graph_of(lambda x: op("sech")(x)), "sech", "cosh divide"),
    ],
    "reuse_products": [
        Case(
            lambda: graph_of(lambda x, y, z: ((x * y) * z, sin(x * (y * z))), 1),
            "multiply multiply multiply multiply sin",
            "multiply multiply sin",
        ),
        Case(
            lambda: graph_of(lambda x, y, z: ((x * y) * z, -x * (z * (3.0 * y))), 1),
            "multiply multiply negate multiply multiply multiply",
            "multiply multiply multiply",
        ),
        Case(
            lambda: graph_of(lambda x, y, z: ((x * y) * z, sin(x * (y * y))), 1),
            "multiply multiply multiply multiply sin",
            "multiply multiply multiply multiply sin",
        ),
    ],
    "reuse_equal_sums": [
        Case(
            lambda: graph_of(lambda x, y, z: sin(x + (y - z)) * tan((y + x) - z)),
            "add subtract add subtract sin tan multiply",
            "add subtract sin tan multiply",
        ),
        Case(  # sums of what was found to be equal before
            lambda: graph_of(
                lambda x, y, z: sin(x + (z * (x + (y - z)) - y)) * tan((x - y) + ((y + x) - z) * z)
            ),
            "add subtract multiply subtract add " * 2 + "sin tan multiply",
            "add subtract multiply subtract add sin tan multiply",
        ),
        Case(
            lambda: graph_of(lambda x, y, z: sin(x + (y - z)) * tan(x - (y - z))),
            "add subtract subtract sin tan multiply",
            "add subtract subtract sin tan multiply",
        ),
    ],
    "reuse_factors": [
        Case(  # the part is there, behind the products
            lambda: graph_of(lambda p, x, y: (0.5 * (x * p), 0.5 * (y * p), 0.5 * p)),
            "multiply " * 5,
            "multiply " * 3,
        ),
        Case(
            lambda: graph_of(lambda p, s, t: ((0.5 * p) * s, 0.5 * (p * t)), 1),
            "multiply multiply multiply multiply",
            "multiply multiply multiply",
        ),
        Case(
            lambda: graph_of(lambda p, x, y, z: (0.5 * (x * p), 0.5 * (p * y), sin(0.5 * (z * p)))),
            "multiply " * 6 + "sin",
            "multiply " * 4 + "sin",
        ),
        Case(
            lambda: graph_of(lambda x, y, z, t: (sin(x * y) * z, x * (t * y)), 1),
            "multiply sin multiply multiply multiply",
            "multiply sin multiply multiply",
        ),
        Case(
            lambda: graph_of(lambda x, y, t: (sin(x * x), 2.0 * (x * (t * y))), 1),
            "multiply sin multiply multiply multiply",
            "multiply sin multiply multiply multiply",
        ),
    ],
    "factor_sums": [
        Case(
            lambda: graph_of(lambda t, p, q: t * p + q * q),
            "multiply multiply add",
            "multiply multiply add",
        ),
        Case(
            lambda: graph_of(lambda t, p, q: t * p + t * q),
            "multiply multiply add",
            "add multiply",
        ),
        Case(
            lambda: graph_of(lambda t, p, q: (t * p - q * t) + t),
            "multiply multiply subtract add",
            "subtract add multiply",
        ),
        Case(  # what is repeated: r*(t - s/u)
            lambda: graph_of(
                lambda t, r, s, u: t * broadcast_to(r, t.shape) - broadcast_to(r * s / u, t.shape),
                shapes={"t": (3, 4), "r": (4,), "s": (4,), "u": (4,)},
            ),
            "broadcast broadcast multiply multiply divide subtract",
            "broadcast broadcast divide subtract multiply",
        ),
        Case(  # along other axes: r*(t + c*p)
            lambda: graph_of(
                lambda t, p, r, c: t * broadcast_to(r, t.shape)
                + broadcast_to(c, t.shape) * (p * broadcast_to(r, t.shape)),
                shapes={"t": (3, 4), "p": (3, 4), "r": (4,), "c": (3, 1)},
            ),
            "broadcast broadcast multiply multiply multiply add",
            "broadcast broadcast multiply add multiply",
        ),
    ],
    "settle_signs": [
        Case(lambda: graph_of(lambda x, y: -(x - y)), "subtract negate", "subtract"),
        Case(lambda: graph_of(lambda x, y: -(3.0 * x) * y), "multiply negate multiply",
             "multiply multiply"),
        Case(lambda: graph_of(lambda x, y: x + -2.0 * y), "multiply add", "multiply subtract"),
        Case(lambda: graph_of(lambda x, y: -2.0 * y + x), "multiply add", "multiply subtract"),
        Case(lambda: graph_of(lambda x, y: x - (-2.0) / y), "divide subtract", "divide add"),
        Case(lambda: graph_of(lambda x, y: -(x + 2.0 * y)), "multiply add negate",
             "multiply subtract"),
        Case(lambda: graph_of(lambda x, y: -(x + (1.0 + y))), "add add negate",
             "subtract subtract"),
        Case(lambda: graph_of(lambda x, y, z: -(x + (y - z))), "subtract add negate",
             "subtract subtract"),
        Case(lambda: graph_of(lambda x, y: -(x + y)), "add negate", "add negate"),
        # the product is needed with its own sign too
        Case(lambda: graph_of(lambda x, y: (-(x + 2.0 * y), sin(2.0 * y))),
             "multiply add negate sin", "multiply add negate sin"),
        Case(
            lambda: graph_of(
                lambda x, y, r: x + broadcast_to(-2.0 * r, x.shape) * y,
                shapes={"x": (3, 4), "y": (3, 4), "r": (4,)},
            ),
            "multiply broadcast multiply add",
            "multiply broadcast multiply subtract",
        ),
    ],
    "reuse_scaled": [
        Case(
            lambda: graph_of(_scaled, shapes={"A": (3, 4), "r": (3,)}),
            "broadcast multiply contract broadcast multiply",
            "broadcast multiply contract",
        ),
        Case(
            lambda: graph_of(_scaled_by_another, shapes={"A": (3, 4), "r": (3,)}),
            "broadcast multiply contract broadcast multiply",
            "broadcast multiply contract broadcast multiply",
        ),
    ],
    "share_by_signs": [
        Case(
            lambda: graph_of(
                lambda t, x, y: (_larger(t, x, y), _larger(t, y, x)),
                shapes=dict.fromkeys("txy", (3,)),
            ),
            "less equal share less share",
            "subtract sign multiply add multiply subtract multiply",
        ),
        Case(  # of what may be infinite
            lambda: graph_of(
                lambda t, x, y: _larger(exp(t), x, y),
                shapes=dict.fromkeys("txy", (5000,)),
            ),
            "exp less equal share",
            "exp less equal share",
        ),
    ],
    "split_shares": [
        Case(
            lambda: graph_of(_shares, shapes={"t": (3,), "x": (3,), "y": (3,)}),
            "exp less equal multiply where share sin",
            "exp less equal multiply where where sin",
        ),
        Case(
            lambda: graph_of(
                lambda t, x, y: _larger(exp(t), x, y),
                shapes=dict.fromkeys("txy", (5000,)),
            ),
            "exp less equal share",
            "exp less equal share",
        ),
        Case(  # of few elements
            lambda: graph_of(
                lambda t, x, y: _larger(exp(t), x, y), shapes=dict.fromkeys("txy", (3,))
            ),
            "exp less equal share",
            "exp less equal multiply where where",
        ),
    ],
    "guard_branches": [
        Case(
            lambda: graph_of(lambda x, y: where(x > 0.0, y / sqrt(y * y + 2.0), 1.0), 1),
            "greater multiply add sqrt divide where",
            "greater multiply add sqrt divide where",
        ),
        Case(
            lambda: graph_of(lambda x: where(x > 0.0, sqrt(x), 1.0), 1),
            "greater sqrt where",
            "greater where sqrt where",
        ),
        Case(
            lambda: graph_of(lambda x: where(x > 0.0, sqrt(x), 1.0) + sqrt(x), 1),
            "greater sqrt where add",
            "greater sqrt where add",
        ),
    ],
}  # fmt: skip
# The value stays as it is written, where derived lines would be changed.
WRITTEN = {
    "settle_signs": lambda x, y, z: -(x - y) + -2.0 * z,
    "reuse_products": lambda x, y, z: ((x * y) * z) + sin(x * (y * z)),
    "reuse_equal_sums": lambda x, y, z: sin(x + (y - z)) * ((y + x) - z),
    "reuse_factors": lambda x, y, z: (0.5 * x) * y + 0.5 * (x * z),
    "factor_sums": lambda x, y, z: x * y + x * z,
    "join_pieces": lambda x, y, z: _piece(x, (2,), ("int", 0)) + _piece(y * z, (2,), ("int", 1)),
    "turn_products": lambda x, y, z: transposed(
        contracted(
            *[
                Handle(x.builder, x.builder.make("stack", (x.at, y.at, z.at), ((3, 1), 0))),
                Handle(x.builder, x.builder.make("stack", (z.at, y.at, x.at), ((1, 3), 0))),
            ],
            "ij,jk->ik",
        )
    ),
    "merge_choices": lambda x, y, z: _if(x, y) + _if(x, z),
    "select_once": lambda x, y, z: (
        (lambda a, b: _where_positive(a * b, a) + _where_positive(a * b, a * b))(
            broadcast_to(x, (3,)), broadcast_to(y, (3,))
        )
        * broadcast_to(z, (3,))
    ),
    "reuse_quotients": lambda x, y, z: x / y + z / y * x,
    "reuse_sums": lambda x, y, z: op("add")(*_sums(exp(broadcast_to(x, (3,))), y, 0)) * z,
    "expand": lambda x, y, z: x**5.0 + y**16.0 + z**-5.0,
}
WITH_LOOPS = ("inline_own", "settle_results", "start_sums", "backward_loops_as_arrays")
FLAT = [(name, case) for name, cases in CASES.items() for case in cases]


def counted(graph: Graph) -> tuple[Counter[str], ...]:
    """The operations of a graph, and those of the bodies of its loops."""
    bodies = [
        node.params[0].graph for node in graph.nodes if node.op == "scan"
    ]  # fmt: skip
    return tuple(
        Counter(node.op for node in found.nodes if node.op not in (INPUT, CONSTANT))
        for found in (graph, *bodies)
    )


def of_text(text: str) -> tuple[Counter[str], ...]:
    return tuple(Counter(part.split()) for part in text.split("|"))


def test_every_pass_has_a_case() -> None:
    """The order is that of the comments beside it; each stands there once."""
    assert set(CASES) == set(PASS)
    assert len(PASSES) == len(PASS)


@pytest.mark.parametrize(("name", "case"), FLAT, ids=[name for name, _ in FLAT])
def test_a_pass_saves_what_it_is_for(name: str, case: Case) -> None:
    graph = case.graph()
    check(graph)
    assert counted(graph) == of_text(case.before)
    made = PASS[name](graph)
    check(made)
    assert counted(made) == of_text(case.after)
    if name not in WITH_LOOPS:  # which NumPy has not
        rng = np.random.default_rng(0)
        values = {n: rng.uniform(0.5, 2.0, graph[at].shape)
                  for n, at in zip(graph.input_names, graph.inputs, strict=True)}  # fmt: skip
        for got, right in zip(
            array_outputs(made, values), array_outputs(graph, values), strict=True
        ):
            assert got == pytest.approx(right, rel=1e-13)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_pass_leaves_the_value_as_written(name: str) -> None:
    assert PASS[name](graph_of(WRITTEN[name], 1)).nodes == graph_of(WRITTEN[name], 1).nodes
    assert PASS[name](graph_of(WRITTEN[name])).nodes != graph_of(WRITTEN[name]).nodes


@pytest.mark.parametrize(("name", "case"), FLAT, ids=[name for name, _ in FLAT])
def test_all_passes_together_save_as_much(name: str, case: Case) -> None:
    found, wanted = counted(optimize(case.graph())), of_text(case.after)
    assert sum(map(Counter.total, found)) <= sum(map(Counter.total, wanted))


def test_what_a_loop_carries_is_kept_once() -> None:
    """Of `a` before each step and after it only one history is left; the other one is shifted."""
    graph = PASS["drop_dead"](_before_and_after())

    def histories(graph: Graph) -> int:
        return sum(node.op == "scan_stacked" for node in graph.nodes)

    made = PASS["drop_dead"](PASS["share_histories"](graph))
    check(made)
    assert histories(made) == histories(graph) - 1
    again = PASS["share_histories"](made)
    assert again.nodes == made.nodes


@pytest.mark.parametrize("direction", [1, -1])
def test_a_shifted_history_is_right(direction: int) -> None:
    """By the complex step of the same loop in Python."""

    def value(w: Any, x: Any, xs: Any) -> Any:
        total, a = 0.0, x
        for k in range(4)[::direction]:
            a = np.sin(w * a + xs[k])
            total = total + (k + 1.0) * a**2
        return total

    def loss(w: Any, x: Any, xs: Any) -> Any:
        def step(a: Any, inputs: Any) -> Any:
            a = np.sin(w * a + inputs)
            return a, a

        _, after = sd.scan(step, x, xs[::direction])
        return np.sum(np.arange(1.0, 5.0)[::direction] * after**2)

    xs = np.array([0.3, -0.2, 0.7, 0.1])
    by_w, by_x = sd.grad(loss, wrt=("w", "x"))(1.3, 0.4, xs)
    assert by_w == pytest.approx(value(1.3 + 1e-30j, 0.4, xs).imag / 1e-30, rel=1e-14)
    assert by_x == pytest.approx(value(1.3, 0.4 + 1e-30j, xs).imag / 1e-30, rel=1e-14)


def test_residuals_of_a_loop_are_not_computed_again() -> None:
    """A sigmoid and a tanh of the forward loop: the backward one needs one exponential, for 1 - s.

    The cotangent of a constant that is added in each step is the sum of a history.
    """

    def loss(w: Any, b: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            h = np.tanh(x * (1.0 / (1.0 + np.exp(-(w @ h + b)))))
            return h, h

        return np.sum(sd.scan(step, np.zeros(3), xs)[1])

    shapes = {"w": (3, 3), "b": (3,), "xs": (20, 3)}
    made = sd.function(loss, shapes=shapes, wrt=("w", "b")).grad().optimized
    forward, backward = (n.params[0].graph for n in made.nodes if n.op == "scan")
    assert {"tanh", "exp"} <= {node.op for node in forward.nodes}
    found = Counter(node.op for node in backward.nodes)
    assert found["tanh"] == 0
    assert found["exp"] == 1
    assert len(backward.outputs) == 2  # the carried cotangent and its history; no sum is carried


@pytest.mark.parametrize("text", ["where(logical_not(a), log(b), b**2)", "where(a, b**2, log(b))"])
def test_a_number_may_be_a_condition(text: str) -> None:
    gradient = sd.function(text).grad()
    assert gradient(0.0, 4.0) == (0.0, 0.25)
    assert gradient(1.5, -4.0) == (0.0, -8.0)


def test_a_guarded_branch_warns_of_nothing() -> None:
    case = CASES["guard_branches"][1]
    point = {"x": np.array(-1.0)}
    for graph, warnings in ((case.graph(), 1), (PASS["guard_branches"](case.graph()), 0)):
        heard: list[str] = []
        values: dict[int, Any] = {}
        hear: Any = lambda kind, _, heard=heard: heard.append(kind)  # noqa: E731
        with np.errstate(invalid="call", call=hear):
            for at, node in enumerate(graph.nodes):
                args = [values[argument] for argument in node.args]
                if node.op == INPUT:
                    values[at] = point["x"]
                elif node.op == CONSTANT:
                    values[at] = np.float64(float.fromhex(node.params[0]))
                else:
                    values[at] = getattr(np, node.op)(*args)
        assert len(heard) == warnings
        assert values[graph.outputs[0]] == 1.0


def test_lines_that_die_with_a_loops_results_are_gone_before_products_are_counted() -> None:
    """What only an unread result needed: `sin(x)` enters the loop, and nothing that is read."""

    def loss(x: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            a, b = state
            return (a * a, b * b), None

        (a, _b), _ = sd.scan(step, (x, np.sin(x)), length=50)
        return a

    graph = sd.function(loss).graph
    names = [one_pass.__name__ for one_pass in PASSES]
    settled = names.index("settle_results")
    for one_pass in PASSES[:settled]:
        graph = one_pass(graph)
    assert "sin" in counted(graph)[0]
    assert settled < names.index("reuse_products")
    assert "sin" not in counted(PASSES[settled](graph))[0]


def test_gradients_of_arrays_are_as_small_as_by_hand() -> None:
    """c*(A.T @ r) beside c*r: the scaled residual is there already, and its result is the same."""
    builder = Builder(EXACT)
    X, y, w = (
        builder.handle(builder.input(n, s)) for n, s in (("X", (5, 3)), ("y", (5,)), ("w", (3,)))
    )
    residual = contracted(X, w, "ij,j->i") + y
    loss = contracted(residual, residual, "i,i->") / 5.0
    graph = builder.graph([X.at, y.at, w.at], [loss.at], ["f"], 1)
    made = optimize(gradient(graph, ["y", "w"]))
    assert counted(made) == of_text("contract add contract divide multiply contract")
    rng = np.random.default_rng(0)
    values = {"X": rng.normal(size=(5, 3)), "y": rng.normal(size=5), "w": rng.normal(size=3)}
    r = values["X"] @ values["w"] + values["y"]
    _, by_y, by_w = array_outputs(made, values)
    assert by_y == pytest.approx(0.4 * r, rel=1e-14)
    assert by_w == pytest.approx(0.4 * values["X"].T @ r, rel=1e-13)


def test_a_part_that_is_there_later_moves_to_the_product_that_has_it_first() -> None:
    """The line of the later one would stand behind what reads it."""
    x, y, z = sympy.symbols("x y z", positive=True)
    matrix = sympy.hessian(sympy.sqrt(z * sympy.exp(y / 2) * x), (z, y, x))
    wanted = np.array(matrix.subs({z: 0.1, y: 0.3, x: 0.7}), dtype=float)
    found = sd.function("sqrt(z*exp(0.5*y)*x)").hessian()(0.1, 0.3, 0.7)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
