"""Every identity by value: a tape made without identities, beside what a row makes of it.

An exact row must give the same bits at signs, zeros, infinities and NaN, an algebraic one the same
number to 50 digits. Each row of the tables has tapes here that it changes; operands are drawn.
"""

from __future__ import annotations

import inspect
import itertools
import operator
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, INT, Node
from symdiff.ops.builder import Builder
from symdiff.ops.fold import fold
from symdiff.ops.handle import Handle
from symdiff.ops.joining import stacked
from symdiff.ops.operation import KEPT, NON_NEGATIVE, UNSIGNED
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import ALGEBRAIC, EXACT
from symdiff.ops.rules.complex_numbers import ROWS as COMPLEX_TABLE
from symdiff.ops.rules.complex_numbers import WITH_NUMBERS as COMPLEX_WITH_NUMBERS
from symdiff.ops.rules.lines import truth
from symdiff.ops.rules.numbers import ROWS as NUMBERS_TABLE
from symdiff.ops.rules.table import EQUAL, SCALED, Row, Rules
from symdiff.ops.triangles import ON_DIAGONAL, is_below, lower, upper
from tests.evaluate import array_outputs, exact_output, lines
from tests.ops.array_rows import ARRAY_BY_NAME, at, take
from tests.ops.rows import BY_NAME, ROWS
from tests.strategies import (
    ALONE,
    array_tapes,
    examples,
    replayed,
    tapes,
)

inf, nan = np.inf, np.nan
EDGES = (0.0, -0.0, inf, -inf, nan, 1.0, -1.0, 0.5, -2.5, 1e300, -1e-300, 5e-324)
WHOLE = (0, 1, -1, 3, -7, 2**40, 2**62, -(2**63))  # the last two wrap around
NUMBERS = (-4.0, -2.0, -1.0, -0.5, 0.25, 0.5, 1.0, 2.0, 8.0)  # products of them are exact
DRAWS = 12

Tape = Callable[..., Handle]


def op(name: str) -> Callable[..., Handle]:
    """An operation, by its name."""
    return OPERATIONS[name]


def _of_numbers(name: str, c: float) -> Tape:
    """A comparison of two numbers, which decides with another."""
    return lambda x: op(name)(_number(x, c), _number(x, 0.5)) & (x < 1.0)


def _with_truth(join: Callable[[Handle, Handle], Handle], *, is_true: bool) -> Tape:
    """A condition joined with one that is known, on either side."""
    return lambda p, q: (
        join(join(_truth(p, is_true=is_true), p), q) | join(q, _truth(p, is_true=is_true))
    )


where, exp, log, sinh, cosh, sqrt = map(op, "where exp log sinh cosh sqrt".split())

# --- the tapes -----------------------------------------------------------------------------------
# Operands by the first letter of their names: x, y, z are drawn, n is an integer, c and d are
# numbers, p and q conditions.

CHANGED: dict[str, list[Tape]] = {
    "multiply _times_one": [
        lambda x: 1.0 * x,
        lambda x: x * 1.0,
        lambda x: -1.0 * x,
        lambda x: x * -1.0,
    ],
    "divide _over_one": [lambda x: x / 1.0, lambda x: x / -1.0],
    "power _easy_power": [
        lambda x: x**0.0,
        lambda x: x**-0.0,
        lambda x: x**1.0,
        lambda x: x**0.5,
        lambda x: x**-1.0,
        lambda x: _number(x, 1.0) ** x,
    ],
    "add _plus_number": [
        lambda x: x + 0.0,
        lambda x: 0.0 + x,
        lambda c, x: c + x,
        lambda x: x + -2.0,
    ],
    "add _first_zero": [lambda x: 0.0 + x, lambda x: _number(x, -0.0) + x],
    "subtract _minus_no_number": [lambda x: x - 0.0],
    **{
        f"{name} _two_numbers": [_of_numbers(name, c) for c in (0.25, 0.5, 1.0, nan)]
        for name in "less less_equal equal not_equal greater greater_equal".split()
    },
    "subtract _minus_zero": [lambda x: x - 0.0, lambda x: 0.0 - x, lambda x: x - -2.0],
    "multiply _times_number": [
        lambda x: 0.0 * x,
        lambda c, x: x * c,
        lambda c, d, x: c * (d * x),
        lambda c, x: c * -x,
        lambda c, d, x: c * (d / x),
        lambda c, d, x: c * (x / d),
        lambda c, d, x, y: c * (d * x / y),
    ],
    "divide _over_number": [
        lambda x: 0.0 / x,
        lambda x: x / 2.0,
        lambda x: x / -0.25,
        lambda c, d, x: (_number(x, c) * x) / d,
        lambda x: (_number(x, 6.0) * x) / 3.0,
        lambda c, x: c / -x,
    ],
    "add _plus_negative": [lambda x, y: x + -y, lambda x, y: -x + y, lambda x, y: -x + -y],
    "subtract _minus_negative": [lambda x, y: x - -y],
    "add _counted_on": [
        lambda n: (n + _whole(n, 1)) + _whole(n, 3),
        lambda n: (n - _whole(n, 1)) + _whole(n, 3),
        lambda n: (n - _whole(n, 4)) + _whole(n, 3),
        lambda n: n + _whole(n, 0),
    ],
    "subtract _counted_back": [
        lambda n: (n + _whole(n, 1)) - _whole(n, 1),
        lambda n: (n - _whole(n, 1)) - _whole(n, 3),
        lambda n: n - _whole(n, 0),
    ],
    "subtract _negative_minus": [lambda x, y: -x - y],
    "negate _negative_negative": [lambda x: op("negate")(-x)],
    "length_or_one _positive_length": [
        lambda x: op("length_or_one")(op("hypot")(x, _number(x, -1.0))),
        lambda x, y: op("length_or_one")(op("hypot")(op("hypot")(_number(x, 0.5), x), y)),
        lambda x: op("length_or_one")(op("sqrt")(_number(x, 2.0) + x * x)),
    ],
    "where _same_branches": [
        lambda p, x: where(p, x, x),
        lambda p, x, y: where(~p, x, y),
        lambda p, x, y, z: where(p, where(p, x, y), z),
        lambda p, x, y, z: where(p, x, where(p, y, z)),
    ],
    "where _never_negative": [
        lambda x, y, z: where(exp(x) < 0.0, y, z),
        lambda x, y, z: where(sqrt(x) < 0.0, y, z),
        lambda x, y, z: where(1.0 / (1.0 + exp(x)) < 0.0, y, z),
        lambda x, y, z: where(x * x + 2.0 < 0.0, y, z),
        lambda x, y, z: where(exp(x) * x**2.0 < 0.0, y, z),
        lambda x, y, z: where(x**-4.0 < 0.0, y, z),
    ],
    "where _known_branch": [
        lambda x, y: where(_truth(x, is_true=True), x, y),
        lambda x, y: where(_truth(x, is_true=False), x, y),
    ],
    "logical_not _not_known": [
        lambda x, y: where(~_truth(x, is_true=False), x, y),
        lambda x, y: where(~_truth(x, is_true=True), x, y),
    ],
    **{
        f"logical_{name} _{name}_known": [
            _with_truth(join, is_true=True),
            _with_truth(join, is_true=False),
        ]
        for name, join in {"and": operator.and_, "or": operator.or_}.items()
    },
    "logical_not _not_not": [lambda p: ~~p],
    "logical_and _same_conditions": [lambda p: p & p],
    "logical_or _same_conditions": [lambda p: p | p],
    "logical_and _and_opposite": [lambda p: p & ~p, lambda p: ~p & p],
    "logical_or _or_opposite": [lambda p: p | ~p, lambda p: ~p | p],
    "add _sums": [
        lambda x: x + x,
        lambda p, x, y: where(p, x, 0.0) + where(p, 0.0, y),
        lambda p, x, y: where(p, 0.0, x) + where(p, y, 0.0),
    ],
    "subtract _differences": [lambda x: x - x],
    "multiply _products": [
        lambda x, y: -x * y,
        lambda x, y: x * -y,
        lambda c, x, y: x * (_number(x, c) * y),
        lambda c, x, y: (_number(x, c) * x) * y,
        lambda c, x, y: x * (c / y),
        lambda c, x, y: (c / x) * y,
        lambda c, x, y: (_number(x, c) * x) * (y / 4.0),
        lambda c, x, y: (x / 4.0) * (_number(x, c) * y),
    ],
    "divide _quotients": [
        lambda x, y: -x / y,
        lambda x, y: x / -y,
        lambda x: sinh(x) / cosh(x),
    ],
    "divide _cancelled_quotients": [
        lambda x, y, z: x / (y / z) / z,
    ],
    "multiply _cancelled_number": [
        lambda c, x, y: _number(x, c) * (x / (_number(x, c) * y)),
        lambda c, x, y: _number(x, c) * (x / (y * _number(x, c))),
    ],
    "log _log_exp": [lambda x: log(exp(x))],
}

# Much like the ones that are changed.
OTHERS: list[Tape] = [
    lambda n: 1.0 * n,
    lambda n: -1.0 * n,
    lambda n: n + -n,
    lambda n: n - -n,
    lambda n, x: n * -x,
    lambda n, x: -n - x,
    lambda n, x: -n * x,
    lambda n, x: x / -n,
    lambda n, x: 2.0 / -n,
    lambda n: -n / 2.0,
    lambda n: 0.5 * (n * _whole(n, 4)),
    lambda n: (_whole(n, 4) * n) / 4.0,
    lambda n, x: x * (_whole(n, 4) * n),
    lambda n: 0.5 * (_whole(n, 4) * n),
    lambda n, x: x + -n,
    lambda n, x: x - -n,
    lambda n, x: n + -x,
    lambda n, x: -n + x,
    lambda n, y, z: where(n * n < 0.0, y, z),
    lambda n, x, y, z: where(n + exp(x) < 0.0, y, z),
    lambda x, y, z: x / (y / z) / y,
    lambda x, y: 2.0 * (x / (3.0 * y)),
    lambda c, x: c * (x / 0.0),
    lambda c, x: (_number(x, c) * x) / 0.0,
    lambda x: x**-0.5,
    lambda x: x**2.0,
    lambda x: _number(x, 0.0) ** x,
    lambda p, q, x, y, z: where(p, where(q, x, y), z),
    lambda p, x, y, z: where(p, x, where(~p, y, z)),
    lambda p, q, x, y: where(p, x, 0.0) + where(q, 0.0, y),
    lambda p, x, y: where(p, x, 0.5) + where(p, 0.0, y),
    lambda p, x, y: where(p, x, 0.0) + where(p, y, 0.0),
    lambda x, y: sinh(x) / cosh(y),
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y, z: where(x * y < 0.0, y, z),
    lambda x, y, z: where(x**3.0 < 0.0, y, z),
    lambda x, y, z: where(x**2.5 < 0.0, y, z),
    lambda x, y, z: where(1.0 / sqrt(x) < 0.0, y, z),
    lambda x, y, z: where(1.0 / (-2.0 * (x * x)) < 0.0, y, z),
    lambda x, y, z: where(x * x + -2.0 < 0.0, y, z),
    lambda x, y, z: where(exp(x) / -0.0 < 0.0, y, z),
    lambda x, y, z: where(exp(x) < 1.0, y, z),
    lambda x, y, z: where(exp(x) <= 0.0, y, z),
    lambda p, q: p & q,
    lambda p, q: p | q,
]


def _truth(x: Handle, *, is_true: bool) -> Handle:
    """A condition that is known."""
    return Handle(x.builder, truth(x.builder, is_true=is_true))


def _number(x: Handle, value: float) -> Handle:
    """A number as a line: in Python `c * x` may put it on the other side."""
    return Handle(x.builder, x.builder.constant(value))


def _whole(n: Handle, value: int) -> Handle:
    """An integer as a line."""
    return Handle(n.builder, n.builder.full(value, (), INT))


# --- the table -----------------------------------------------------------------------------------


def rows_of(rules: Rules) -> Iterator[tuple[str, str, Row]]:
    """The rows of a table: `operation row`, the part of the table, the row."""
    for part in ("always", "whole", "with_constant", "shaped"):
        for operation, rows in getattr(rules, part).items():
            for row in rows:
                yield f"{operation} {row.__name__}", part, row
    for row in rules.elementwise:
        yield f"elementwise {row.__name__}", "elementwise", row


def _without(rules: Rules, name: str) -> Rules:
    """A table without a row."""
    kept = {op: [row for row in rows if row.__name__ != name]
            for op, rows in rules.with_constant.items()}  # fmt: skip
    return replace(rules, with_constant=kept)


# 0 + x = x is exact but for the sign of a zero
BITWISE = _without(EXACT, "_first_zero")
# the identities of complex numbers stand in `test_complex_operations`
_ELSEWHERE = {entry.row for entry in (*COMPLEX_TABLE.entries, *COMPLEX_WITH_NUMBERS.entries)}
ROWS_BY_NAME = {
    name: (part, row) for name, part, row in rows_of(ALGEBRAIC) if row not in _ELSEWHERE
}
IS_EXACT = {name for name, _, _ in rows_of(BITWISE)} & ROWS_BY_NAME.keys()


def alone(name: str) -> Rules:
    """A table of one row, and without arithmetic on numbers."""
    part, row = ROWS_BY_NAME[name]
    if part == "elementwise":
        return ALONE(elementwise=[row])
    return ALONE(**{part: {name.split()[0]: [row]}})


def test_every_row_has_a_tape() -> None:
    assert CHANGED.keys() | SHAPED.keys() == ROWS_BY_NAME.keys()
    assert ROWS_BY_NAME.keys() > IS_EXACT
    assert len(list(rows_of(ALGEBRAIC))) == len(ROWS_BY_NAME) + len(_ELSEWHERE)


# --- numbers -------------------------------------------------------------------------------------

_UNARY = [
    row.name
    for row in ROWS
    if len(row.domain) == 1 and not row.params and not row.conditions
]  # fmt: skip
_FOR_MPMATH = "negate sin cos tanh exp arctan absolute sqrt cosh".split()


def tape_of(tape: Tape, draw: random.Random, unary: Sequence[str]) -> Graph:
    """A tape with operands drawn: inputs, functions of them, choices, numbers."""
    builder = Builder(ALONE())
    inputs = [builder.input(name) for name in "xyz"] + [builder.input("n", (), INT)]
    floats = [builder.handle(position) for position in inputs[:3]]

    def operand() -> Handle:
        x, y = draw.choice(floats), draw.choice(floats)
        return draw.choice(
            [
                lambda: x,
                lambda: x,
                lambda: op(draw.choice(unary))(x),
                lambda: -x,
                lambda: draw.choice(NUMBERS) * x,
                lambda: x / y,
                lambda: where(x < y, x, draw.choice((0.0, 2.0, y))),
            ]
        )()

    drawers: dict[str, Callable[[], Any]] = {
        **dict.fromkeys("xyz", operand),
        **dict.fromkeys("cd", lambda: draw.choice(NUMBERS)),
        **dict.fromkeys("pq", lambda: draw.choice(floats) < draw.choice([0.0, *floats])),
        "n": lambda: builder.handle(inputs[3]),
    }
    result = tape(*[drawers[name]() for name in inspect.signature(tape).parameters])
    return builder.graph(inputs, [result.at], ["f"], primal=1)


def drawn(
    tape: Tape, name: str, unary: Sequence[str] = _UNARY, draws: int = DRAWS
) -> Iterator[Graph]:
    """Several tapes, the same in every run."""
    draw = random.Random(name)
    for _ in range(draws):
        yield tape_of(tape, draw, unary)


_LANES = np.array(list(itertools.product(EDGES, repeat=3))).T
AT_EDGES = dict(zip("xyz", _LANES, strict=True)) | {"n": np.resize(WHOLE, _LANES.shape[1])}


def assert_same_bits(got: Any, right: Any, graphs: Any) -> None:
    """Equal, signs of zeros too; all NaNs are one."""
    got, right = np.asarray(got), np.asarray(right)
    assert got.dtype == right.dtype, graphs
    assert np.array_equal(got, right, equal_nan=got.dtype.kind == "f"), graphs
    if got.dtype.kind == "f":
        there = ~np.isnan(right)
        assert np.array_equal(np.signbit(got[there]), np.signbit(right[there])), graphs


def assert_exact(tape: Graph, rules: Rules) -> Graph:
    """What the rules make of a tape, after it was compared bit by bit."""
    built = replayed(tape, rules)
    check(built)
    (position,), (right,) = built.outputs, tape.outputs
    assert built[position].dtype == tape[right].dtype
    got, wanted = lines(built, AT_EDGES)[position], lines(tape, AT_EDGES)[right]
    shape = _LANES.shape[1:]
    assert_same_bits(
        np.broadcast_to(got, shape), np.broadcast_to(wanted, shape), (tape.nodes, built.nodes)
    )
    return built


def assert_algebraic(tape: Graph, rules: Rules, draw: random.Random) -> Graph:
    """What the rules make of a tape, after both were computed with 60 digits."""
    built = replayed(tape, rules)
    check(built)
    for _ in range(3):
        point = {name: mpmath.mpf(round(draw.uniform(-3.0, 3.0), 3)) for name in "xyz"}
        point["n"] = mpmath.mpf(draw.choice((0, 1, -2, 5)))
        with mpmath.workdps(60):
            try:
                right = exact_output(tape, point)
            except (ZeroDivisionError, TypeError, ValueError):
                continue  # a logarithm or a comparison of what is not a real number
            if mpmath.isfinite(right):
                got = exact_output(built, point)
                assert abs(got - right) <= 1e-40 * (1 + abs(right)), (tape.nodes, built.nodes)
    return built


SCALAR = [(name, index) for name, tapes_ in CHANGED.items() for index in range(len(tapes_))]


@pytest.mark.parametrize(("name", "index"), SCALAR)
def test_a_row_keeps_the_value(name: str, index: int) -> None:
    tape, is_exact = CHANGED[name][index], name in IS_EXACT
    changed = 0
    for number, graph in enumerate(drawn(tape, name, _UNARY if is_exact else _FOR_MPMATH)):
        if is_exact:
            assert_exact(graph, BITWISE)
            built = assert_exact(graph, alone(name))
        else:
            built = assert_algebraic(graph, alone(name), random.Random(number))
        changed += built.nodes != graph.nodes
    assert changed


@pytest.mark.parametrize("index", range(len(OTHERS)))
def test_what_only_looks_like_an_identity_keeps_its_value(index: int) -> None:
    tape = OTHERS[index]
    for graph in drawn(tape, f"other {index}"):
        assert_exact(graph, BITWISE)
    for number, graph in enumerate(drawn(tape, f"other {index}", _FOR_MPMATH)):
        assert_algebraic(graph, ALONE(ALGEBRAIC.always, ALGEBRAIC.with_constant),
                         random.Random(number))  # fmt: skip


@pytest.mark.parametrize("name", _UNARY)
def test_where_sees_no_sign_that_is_there(name: str) -> None:
    """Of every function, and of its inverse, whose sign is that of a zero."""
    for of in (lambda u: u, lambda u: 1.0 / u, lambda u: u * exp(u), lambda u: 2.0 / (u / u)):
        builder = Builder(ALONE())
        x, y, z = (builder.handle(builder.input(name)) for name in "xyz")
        result = where(of(op(name)(x)) < 0.0, y, z)
        assert_exact(builder.graph([x.at, y.at, z.at], [result.at], ["f"], 1), BITWISE)


def test_a_row_acts_only_on_what_it_looks_for() -> None:
    """Where none of its arguments is that, it is not even tried."""
    builder = Builder(Rules())
    names = [name for name in BY_NAME if not OPERATIONS[name].params]
    x, y, z = (builder.input(name) for name in "xyz")
    numbers = [builder.constant(value) for value in (0.0, 1.0, -2.0)]
    plain = [x, y, *numbers]
    plain += [builder.make(name, (x, y, z)[: OPERATIONS[name].arity]) for name in names]
    plain += [builder.make("multiply", (numbers[2], x)), builder.make("divide", (numbers[1], x))]

    def is_scaled(position: int) -> bool:
        op, given = builder.nodes[position][:2]
        return op in ("multiply", "divide") and given[0] in numbers

    for entry in NUMBERS_TABLE.entries:
        for args in itertools.product(plain, repeat=OPERATIONS[entry.op].arity):
            ops = {builder.nodes[argument].op for argument in args}
            is_wanted = not entry.wanted.isdisjoint(ops) or not entry.wanted
            is_wanted |= EQUAL in entry.wanted and args[0] == args[-1]
            is_wanted |= SCALED in entry.wanted and any(map(is_scaled, args))
            assert is_wanted or entry.row(builder, *args) is None, (entry.op, ops)


def test_a_wrong_row_is_caught() -> None:
    """Of one that is wrong in the sign of a zero alone, and of one that is wrong in the number."""

    def exchanged(b: Builder, x: int, y: int) -> int:
        return b.make("negate", (b.append(Node("subtract", (y, x))),))

    def doubled(b: Builder, x: int) -> int | None:
        return b.make("multiply", (b.constant(2.0), x)) if b.nodes[x].op == "sin" else None

    (difference,) = drawn(lambda x, y: x - y, "a difference", draws=1)
    with pytest.raises(AssertionError):
        assert_exact(difference, ALONE({"subtract": [exchanged]}))
    assert_algebraic(difference, ALONE({"subtract": [exchanged]}), random.Random(0))
    (product,) = drawn(lambda x: op("negate")(op("sin")(x)), "a product", ["tanh"], draws=1)
    with pytest.raises(AssertionError):
        assert_algebraic(product, ALONE({"negate": [doubled]}), random.Random(0))


def test_a_quotient_is_a_product_only_where_that_is_exact() -> None:
    """x/3 is not x*(1/3); 2**-1074 has no finite inverse."""
    for number, op_name in ((3.0, "divide"), (2.0, "multiply"), (2.0**-1074, "divide")):
        builder = Builder(ALGEBRAIC)
        made = builder.handle(builder.input("x")) / number
        assert builder.nodes[made.at].op == op_name


@examples(100)
@given(tape=tapes())
def test_exact_identities_keep_the_bits_of_random_tapes(tape: Graph) -> None:
    names = "xyz"[: len(tape.inputs)]
    values = {name: AT_EDGES[name] for name in names}
    built = replayed(tape, BITWISE)
    (got,), (right,) = built.outputs, tape.outputs
    shape = _LANES.shape[1:]
    assert_same_bits(
        np.broadcast_to(lines(built, values)[got], shape),
        np.broadcast_to(lines(tape, values)[right], shape),
        (tape.nodes, built.nodes),
    )


# --- arrays --------------------------------------------------------------------------------------
# Operands by their names: s and t are numbers, u and v have 3 elements, M and W are 3 by 4, K is
# 4 by 3, i has 3 integers.

OPERANDS: dict[str, tuple[tuple[int, ...], str]] = {
    **dict.fromkeys("st", ((), FLOAT)),
    **dict.fromkeys("uv", ((3,), FLOAT)),
    **dict.fromkeys("MW", ((3, 4), FLOAT)),
    "K": ((4, 3), FLOAT),
    "i": ((3,), INT),
}


def of(name: str, *args: Handle, params: tuple[Any, ...] = ()) -> Handle:
    """An operation with parameters, as it is."""
    return OPERATIONS[name](*args, params=params)


def spread(x: Handle, *shape: int) -> Handle:
    return of("broadcast", x, params=(shape,))


def shaped(x: Handle, *shape: int) -> Handle:
    return of("reshape", x, params=(shape,))


def turned(x: Handle, *axes: int) -> Handle:
    return of("transpose", x, params=(axes,))


def element(x: Handle, *pattern: Any) -> Handle:
    return of("index", x, params=(pattern,))


def put(x: Handle, v: Handle, *pattern: Any) -> Handle:
    return of("put", x, v, params=(pattern,))


PLACE = (("array", 0),)


def place(x: Handle, number: int) -> Handle:
    """A place that is a line of its own."""
    return Handle(x.builder, x.builder.full(number, (), INT))


def element_at(x: Handle, number: int) -> Handle:
    return of("index", x, place(x, number), params=(PLACE,))


def row_at(x: Handle, number: int) -> Handle:
    """A row of a matrix of four columns at a place that is a line."""
    return of("index", x, place(x, number), params=((*PLACE, take(0, 4)),))


def before_largest(v: Handle, number: int) -> Handle:
    """A place that is known to be another one than that of the largest element."""
    return of("subtract", of("argmax", v, params=(0,)), place(v, number))


def joined(axis: int, *parts: Handle) -> Handle:
    return of("concatenate", *parts, params=(axis,))


def full(x: Handle, number: float, *shape: int) -> Handle:
    """An array full of a number."""
    return Handle(x.builder, x.builder.full(number, shape))


def summed(x: Handle, *axes: int, keepdims: bool = False) -> Handle:
    return of("sum", x, params=(axes, keepdims))


def product(letters: str, x: Handle, y: Handle) -> Handle:
    return of("contract", x, y, params=(letters,))


def unit(x: Handle, length: int) -> Handle:
    return Handle(x.builder, x.builder.make("unit_matrix", (), (length,)))


def counter(x: Handle, length: int) -> Handle:
    return Handle(x.builder, x.builder.make("arange", (), (length,)))


def shared(a: Handle, b: Handle, t: Handle, compare: str) -> Handle:
    """What `maximum` and `minimum` hand on to an argument."""
    zero = full(t, 0.0, 3)
    return where(op(compare)(a, b), zero, where(op("equal")(a, b), full(t, 0.5, 3) * t, t))


def deviation(x: Handle, axis: int, count: float) -> Handle:
    """What an array differs by from its mean along an axis, if that has so many elements."""
    total = summed(x, axis, keepdims=True)
    return x - spread(total / full(x, count, *total.shape), *x.shape)


def factor(x: Handle) -> Handle:
    """A factor of Cholesky: of a matrix that is known, as that of a drawn one may not exist."""
    return op("cholesky")(unit(x, 3) + full(x, 0.25, 3, 3))


def part(x: Handle) -> Handle:
    """A square matrix of a longer one."""
    return element(x, take(0, 3), take(1, 3))


def diagonal_matrix(v: Handle) -> Handle:
    """A matrix of three rows with a diagonal."""
    return of("put", full(v, 0.0, 3, 3), v, *[counter(v, 3)] * 2, params=(ON_DIAGONAL,))


def on_diagonal(x: Handle) -> Handle:
    places = counter(x, 3)
    return of("index", x, places, places, params=(ON_DIAGONAL,))


ALL3, ALL4, NEW = take(0, 3), take(0, 4), ("new",)

SHAPED: dict[str, list[Tape]] = {
    "elementwise _outside_of_broadcasts": [
        lambda s, t: spread(s, 3) + spread(t, 3),
        lambda v, s: spread(v, 2, 3) * spread(s, 2, 3),
        lambda v: spread(v, 2, 3) / full(v, 3.0, 2, 3),
        lambda v: full(v, 3.0, 2, 3) - spread(v, 2, 3),
        lambda s: sqrt(spread(s, 2, 2)),
        lambda s, v: where(spread(s, 2, 3) < spread(v, 2, 3), spread(v, 2, 3), spread(s, 2, 3)),
        lambda v, u: spread(shaped(v, 3, 1), 2, 3, 3) - spread(u, 2, 3, 3),
    ],
    "elementwise _outside_of_new_axes": [
        lambda v: sqrt(shaped(v, 3, 1)),
        lambda v: shaped(v, 1, 3) / full(v, 3.0, 1, 3),
        lambda v: full(v, 3.0, 3, 1) - shaped(v, 3, 1),
        lambda v, s: shaped(v, 1, 3) / spread(s, 1, 3),
        lambda s, t: shaped(s, 1, 1) - spread(t, 1, 1),
        lambda u, v: shaped(u, 3, 1) + shaped(v, 3, 1),
        lambda M, W: where(
            shaped(M, 3, 1, 4) < full(M, 0.0, 3, 1, 4), shaped(W, 3, 1, 4), shaped(M, 3, 1, 4)
        ),
        lambda s: shaped(s, 1, 1) * shaped(s, 1, 1),
    ],
    "broadcast _broadcast": [
        lambda v: spread(v, 3),
        lambda v: spread(full(v, -0.0), 3),
        lambda v: spread(spread(v, 2, 3), 4, 2, 3),
        lambda v: spread(shaped(v, 1, 3), 2, 3),
        lambda v: spread(shaped(v, 1, 1, 3), 2, 2, 3),
    ],
    "reshape _reshape": [
        lambda M: shaped(M, 3, 4),
        lambda v: shaped(full(v, 0.5, 4), 2, 2),
        lambda s: shaped(spread(s, 4), 2, 2),
        lambda M: shaped(shaped(M, 12), 4, 3),
        lambda M: shaped(shaped(M, 12), 3, 4),
    ],
    "transpose _transpose": [
        lambda M: turned(M, 0, 1),
        lambda v: turned(full(v, 2.0, 2, 3), 1, 0),
        lambda M: turned(turned(M, 1, 0), 1, 0),
        lambda M: turned(turned(shaped(M, 3, 2, 2), 1, 2, 0), 1, 0, 2),
        lambda M: turned(turned(shaped(M, 3, 2, 2), 1, 2, 0), 2, 1, 0),
    ],
    "put _put_reversed": [
        lambda v: put(full(v, 3.0, 3), v, ("slice", 2, 3, -1)),
        lambda v: put(full(v, 3.0, 3), op("negate")(v), ("slice", 2, 3, -1)),
        lambda M: put(full(M, 3.0, 3, 4), M, ("slice", 0, 3, 1), ("slice", 3, 4, -1)),
        lambda M: put(full(M, 3.0, 3, 4), M, ("slice", 2, 3, -1), ("slice", 3, 4, -1)),
    ],
    "index _index": [
        lambda v, s: of(
            "index", of("put", v, s, place(v, 1), params=(PLACE,)), place(v, 1), params=(PLACE,)
        ),
        lambda v, s: of(
            "index", of("put", v, s, place(v, 1), params=(PLACE,)), place(v, 2), params=(PLACE,)
        ),
        lambda v, s: of(
            "index",
            of("put", v, s, of("argmax", v, params=(0,)), params=(PLACE,)),
            before_largest(v, 1),
            params=(PLACE,),
        ),
        lambda v, s: of(
            "index",
            of("put", v, s, before_largest(v, 2), params=(PLACE,)),
            before_largest(v, 1),
            params=(PLACE,),
        ),
        lambda v: element(full(v, 2.0, 3, 4), at(0), take(1, 2)),
        lambda M: element(M, ALL3, ALL4),
        lambda v, s: element(put(v, s, at(1)), at(1)),
        lambda v, s: element(put(v, s, at(1)), at(2)),
        lambda v, s, t: element(put(put(v, s, at(1)), t, at(0)), at(2)),
        lambda M, u: element(put(M, u, ALL3, at(1)), ALL3, take(2, 2)),
        lambda M, v: element(put(M, v, take(2, 3, -1), at(1)), take(2, 3, -1), at(1)),
        lambda M, W: element(joined(0, M, W), take(3, 2), ALL4),
        lambda M, W: element(joined(0, M, W), at(4), take(3, 4, -1)),
        lambda M, W: element(joined(1, M, W), ALL3, take(6, 2, -2)),
        lambda M, W: element(joined(1, M, W), NEW, at(-1), take(4, 4)),
    ],
    "index _index_of_number": [lambda s: element(s, NEW), lambda s: element(s, NEW, NEW)],
    "put _put_into_number": [
        lambda s, t: put(s, t),
        lambda s, v: put(s, shaped(element(v, take(0, 1)), 1), NEW),
    ],
    "put _put": [
        lambda M, W: put(M, W, ALL3, ALL4),
        lambda v, s, t: put(put(v, s, at(1)), t, at(1)),
        lambda M, u, v: put(put(M, u, ALL3, at(-1)), v, ALL3, at(-1)),
        lambda v: put(v, element(v, at(1)), at(1)),
        lambda v, s: put(put(full(v, 2.0, 3), s, at(1)), full(v, 2.0), at(0)),
        lambda v: of("put", v, element_at(v, 1), place(v, 1), params=(PLACE,)),
        lambda v, s, t: of(
            "put",
            of("put", v, s, place(v, 1), params=(PLACE,)),
            t,
            place(v, 1),
            params=(PLACE,),
        ),
    ],
    "put _put_of_sum": [
        lambda v, s: put(v, element(v, at(1)) + s, at(1)),
        lambda v, s: put(v, s + element(v, at(1)), at(1)),
        lambda v, s: put(v, element(v, at(1)) - s, at(1)),
        lambda M, W: put(M, element(M, at(2), ALL4) + element(W, at(0), ALL4), at(2), ALL4),
        lambda v, s: of("put", v, element_at(v, 2) - s, place(v, 2), params=(PLACE,)),
    ],
    "put_add _added_to_zeros": [
        lambda v, s: of("put_add", put(v, full(v, 0.0), at(1)), s, params=((at(1),),)),
        lambda v, s: of(
            "put_add",
            of("put", v, full(v, 0.0), place(v, 1), params=(PLACE,)),
            s,
            place(v, 1),
            params=(PLACE,),
        ),
    ],
    "sum _sum": [
        lambda v: summed(full(v, 0.1, 3, 4), 0),
        lambda v: summed(full(v, 0.1, 3, 4), 0, 1),
        lambda M: summed(-M, 1),
        lambda M, s: summed(spread(s, 3, 4) * M, 1),
        lambda M, s: summed(M * spread(s, 3, 4), 0, keepdims=True),
        lambda M: summed(full(M, 3.0, 3, 4) * M, 0, 1),
        lambda s: summed(spread(s, 3, 4), 0, 1),
        lambda s: summed(spread(s, 3, 4), 1, keepdims=True),
        lambda M, s: summed(M / spread(s, 3, 4), 1),
        lambda M, s: summed(M / spread(s, 3, 4), 0, 1),
        lambda M: summed(M / full(M, 3.0, 3, 4), 0, keepdims=True),
        lambda u, v, s: summed(u * (v / spread(s, 3)), 0),
        lambda u, v, s: summed((v / spread(s, 3)) * u, 0),
    ],
    "sum _deviations": [
        lambda M: summed(deviation(M, 0, 3.0), 0),
        lambda M: summed(deviation(M, 1, 4.0), 1),
        lambda M: summed(deviation(M, 0, 3.0), 0, 1),
        lambda M, u: summed(spread(shaped(u, 3, 1), 3, 4) * deviation(M, 1, 4.0), 1, keepdims=True),
        lambda M, s: summed(deviation(M, 1, 4.0) / spread(s, 3, 4), 1),
        lambda M: summed(M - spread(summed(M, 0) / full(M, 3.0, 4), 3, 4), 0),
    ],
    "multiply _smaller_scaled": [
        lambda M, u: full(M, 2.0, 3, 4) * (spread(shaped(u, 3, 1), 3, 4) * M),
        lambda M, u: (M * spread(shaped(u, 3, 1), 3, 4)) * full(M, 2.0, 3, 4),
    ],
    "divide _repeated_quotient": [
        lambda M, u: (
            (spread(shaped(u, 3, 1), 3, 4) * M)
            / spread(shaped(u * u + full(u, 1.0, 3), 3, 1), 3, 4)
        ),
        lambda M, s: (M * spread(s, 3, 4)) / spread(s * s + full(s, 0.5), 3, 4),
    ],
    "multiply _times_repeated_negative": [
        lambda M, u: turned(M, 1, 0) * spread(-u, 4, 3),
        lambda M, s: spread(-s, 3, 4) * M,
    ],
    "add _plus_repeated_negative": [
        lambda M, u: turned(M, 1, 0) + spread(-u, 4, 3),
        lambda M, s: spread(-s, 3, 4) + M,
    ],
    "where _scaled_choice": [
        lambda u, v: where(u < v, -u, full(u, 0.0, 3)),
        lambda u, v: where(u < v, full(u, 0.0, 3), -u),
        lambda u, v: where(u < v, full(u, 2.0, 3) * v, full(u, 0.0, 3)),
    ],
    "multiply _numbers_first": [
        lambda s, t, v: spread(s, 3) * (spread(t, 3) * v),
        lambda s, t, v: (v * spread(t, 3)) * spread(s, 3),
        lambda s, v: full(v, 2.0, 3) * (spread(s, 3) * v),
        lambda s, v: spread(s, 3) * (full(v, 2.0, 3) * v),
    ],
    "where _shared_at_ties": [
        lambda u, v, s: shared(u, v, spread(s, 3), "less"),
        lambda u, v: shared(u, v, u, "greater"),
        lambda u, v: shared(where(u < v, u, v), v, u, "less"),
        lambda u, v: shared(where(u < v, u, v), v, u, "greater"),
    ],
    "index _index_with_new_axes": [
        lambda v: element(v, NEW, ALL3),
        lambda v: element(v, ALL3, NEW, NEW),
        lambda M: element(M, ALL3, NEW, ALL4),
    ],
    "put _put_with_new_axes": [
        lambda v, u: put(v, shaped(u, 1, 3), NEW, ALL3),
        lambda v, u: put(v, shaped(u, 3, 1), ALL3, NEW),
    ],
    "put _put_into_part": [
        lambda M, s: put(M, put(element(M, at(1), ALL4), s, at(-2)), at(1), ALL4),
        lambda M, u: put(M, put(element(M, ALL3, at(1)), u, take(0, 3)), ALL3, at(1)),
        lambda M, s: of(
            "put",
            M,
            of("put", row_at(M, 1), s, place(M, 2), params=(PLACE,)),
            place(M, 1),
            params=((*PLACE, ALL4),),
        ),
    ],
    "put_add _add_into_part": [
        lambda M, s: of("put_add", M, put(full(M, 0.0, 4), s, at(-2)), params=((at(1), ALL4),)),
        lambda M, s: of(
            "put_add",
            M,
            of("put", full(M, 0.0, 4), s, place(M, 2), params=(PLACE,)),
            place(M, 1),
            params=((*PLACE, ALL4),),
        ),
    ],
    "put _put_into_one": [
        lambda s, t: put(shaped(s, 1), t, at(0)),
        lambda s, t: put(shaped(s, 1), t, at(-1)),
        lambda u, v: put(shaped(u, 1, 3), v, at(0), ALL3),
    ],
    "sum _sum_of_one": [
        lambda v: of("sum", element(v, take(1, 1)), params=((0,), False)),
        lambda M: of("sum", shaped(M, 3, 1, 4, 1), params=((1, 3), False)),
        lambda M: of("sum", shaped(M, 3, 1, 4), params=((1,), True)),
    ],
    "concatenate _concatenation_of_numbers": [
        lambda s, t: of("concatenate", shaped(s, 1), shaped(t, 1), shaped(s, 1), params=(0,)),
        lambda s: of("concatenate", shaped(s, 1), full(s, 2.0, 1), params=(0,)),
    ],
    "index _index_of_repeated": [
        lambda s: element(spread(s, 3, 4), at(1), take(0, 2)),
        lambda s: element(spread(s, 3), at(-1)),
        lambda s: of("index", spread(s, 3), counter(s, 2), params=((("array", 0),),)),
    ],
    "index _index_of_stack": [
        lambda s, t: element(stacked([s, t]), at(1)),
        lambda s, t: element(stacked([s, t]), at(-2)),
        lambda s, t: element(stacked([s, t]), NEW, at(0)),
        lambda u, v: element(stacked([u, v]), at(1), take(0, 2)),
        lambda u, v: element(stacked([u, v], 1), take(2, 3, -1), at(-1)),
        lambda s, t: element(stacked([stacked([s, t]), stacked([t, s])]), at(1), at(0)),
    ],
    "stack _stack_of_rows": [
        lambda u: stacked([element(u, at(k)) for k in range(u.shape[0])]),
        lambda M: stacked([element(M, at(k), take(0, 4)) for k in range(3)]),
    ],
    "index _index_of_index": [
        lambda v: element(element(v, take(1, 2)), at(0)),
        lambda v: element(element(v, take(1, 2)), at(-1)),
        lambda v: element(element(v, take(2, 3, -1)), take(1, 2)),
        lambda v: element(element(v, take(2, 3, -1)), take(2, 2, -2)),
        lambda M: element(element(M, ALL3, take(1, 3)), at(2), take(0, 2, 2)),
        lambda M: element(element(M, at(1), ALL4), NEW, take(1, 2)),
        lambda M: element(element(M, take(1, 1), NEW, ALL4), at(0), at(0), at(-2)),
        lambda M: element(element(M, take(1, 2), NEW, ALL4), NEW, at(1), take(0, 1), ALL4, NEW),
        lambda M: of("index", row_at(M, 1), place(M, 3), params=(PLACE,)),
    ],
    "put _put_of_put": [
        lambda v, s: put(full(v, 0.0, 3), put(full(v, 0.0, 2), s, at(1)), take(1, 2)),
        lambda M, u: put(full(M, 0.0, 3, 4), put(full(M, 0.0, 4), u, take(3, 3, -1)), at(-1), ALL4),
        lambda M, u: put(
            full(M, 0.0, 3, 4), put(full(M, 0.0, 3, 2), u, ALL3, at(0)), ALL3, take(2, 2)
        ),
    ],
    "reshape _reshape_of_index": [
        lambda v: shaped(element(v, take(1, 1))),
        lambda M: shaped(element(M, take(1, 1), take(1, 2)), 2),
        lambda M: shaped(element(M, take(1, 1), NEW, take(1, 1)), 1),
        lambda M: shaped(element(M, at(1), NEW, take(3, 2, -2)), 2),
    ],
    "where _triangle_of_factor": [
        lambda v: lower(factor(v)),
        lambda v: lower(factor(v), 1),
        lambda v: upper(turned(factor(v), 1, 0)),
        lambda v: upper(turned(factor(v), 1, 0), -2),
    ],
    "where _triangle_of_diagonal": [
        lambda v: lower(diagonal_matrix(v)),
        lambda v: lower(diagonal_matrix(v), 1),
    ],
    "contract _times_diagonal": [
        lambda M, v: product("ij,ik->jk", M, diagonal_matrix(v)),
        lambda M, v: product("ij,jk->ik", diagonal_matrix(v), M),
        lambda M, v: product("ij,kj->ik", turned(M, 1, 0), diagonal_matrix(v)),
        lambda M, v: product("jk,ij->ki", M, diagonal_matrix(v)),
    ],
    "index _diagonal_of_triangles": [
        lambda M, W: on_diagonal(where(is_below(part(M), 0), part(M), part(W))),
        lambda M, W: on_diagonal(where(is_below(part(M), 2), part(M), part(W))),
        lambda M, W: on_diagonal(where(is_below(part(M), -1), part(M), part(W))),
    ],
    "put _ones_on_diagonal": [
        lambda M: (
            part(M)
            - of(
                "put",
                full(M, 0.0, 3, 3),
                full(M, 1.0, 3),
                *[counter(M, 3)] * 2,
                params=(ON_DIAGONAL,),
            )
        ),
    ],
    "transpose _transpose_of_unit_axes": [
        lambda v: turned(shaped(v, 3, 1), 1, 0),
        lambda v: turned(shaped(v, 1, 3, 1), 1, 2, 0),
        lambda s: turned(spread(s, 3, 4), 1, 0),
    ],
    "reshape _reshape_of_transpose": [
        lambda M: shaped(turned(shaped(M, 12, 1), 1, 0), 3, 4),
        lambda M: shaped(turned(shaped(M, 3, 1, 4), 1, 0, 2), 4, 3),
    ],
    "sum _sum_of_transpose": [
        lambda M: summed(turned(M, 1, 0), 0),
        lambda M: summed(turned(M, 1, 0), 0, 1),
        lambda M: summed(turned(shaped(M, 3, 2, 2), 2, 0, 1), 0),
    ],
    "contract _contract_of_transpose": [
        lambda M, v: product("ij,j->i", turned(M, 1, 0), v),
        lambda M, W: product("ij,jk->ik", M, turned(W, 1, 0)),
        lambda M, W: product("ij,jk->ki", turned(M, 1, 0), turned(turned(W, 1, 0), 1, 0)),
        lambda M, W: product("ijk,jl->lik", turned(shaped(M, 3, 2, 2), 2, 0, 1), W),
    ],
    "contract _contract_of_constant": [
        lambda M: product("ij,j->i", M, full(M, 1.0, 4)),
        lambda M: product("i,ij->j", full(M, 0.5, 3), M),
        lambda v: product("i,j->ij", v, full(v, 2.0, 4)),
        lambda v: product("i,j->ij", full(v, 2.0, 4), v),
        lambda M: product("ij,jk->ik", M, full(M, 2.0, 4, 5)),
        lambda M: product("ij,jk->ki", M, full(M, 2.0, 4, 5)),
        lambda M: product("ij,ij->", M, full(M, 2.0, 3, 4)),
    ],
    "contract _contract": [
        lambda M, v: product("ij,i->j", -M, v),
        lambda M, v: product("ij,i->j", M, -v),
        lambda M, v, s: product("ij,i->j", spread(s, 3, 4) * M, v),
        lambda u, v, s: product("i,i->", u, v * spread(s, 3)),
        lambda u, v: product("i,i->", full(v, 0.5, 3) * u, v),
        lambda u, v, s: product("i,i->", u, v / spread(s, 3)),
        lambda M, v, s: product("ij,i->j", M / spread(s, 3, 4), v),
    ],
    "contract _contract_unit": [
        lambda M: product("ij,jk->ik", M, unit(M, 4)),
        lambda M: product("ij,jk->ik", unit(M, 3), M),
        lambda M: product("ij,kj->ki", M, unit(M, 4)),
        lambda M: product("ij,ik->jk", M, unit(M, 3)),
        lambda M: product("ijk,kl->lij", shaped(M, 3, 2, 2), unit(M, 2)),
        lambda M: product("jm,ijk->kmi", unit(M, 2), shaped(M, 3, 2, 2)),
    ],
}

# These look much the same, and stay as they are or change in another way.
OTHERS_OF_ARRAYS: list[Tape] = [
    lambda M, v: spread(shaped(v, 3, 1), 3, 4) + M,
    lambda v, u: spread(shaped(v, 3, 1), 3, 3) - spread(u, 3, 3),
    lambda v: spread(shaped(v, 3, 1), 2, 3, 2),
    lambda v: lower(factor(v), -1),
    lambda v: upper(factor(v)),
    lambda v: upper(turned(factor(v), 1, 0), 1),
    lambda v: where(is_below(factor(v), 0), factor(v), full(v, -0.0, 3, 3)),
    lambda v: spread(shaped(v, 3, 1, 1), 3, 2, 3),
    lambda M: spread(shaped(M, 1, 12), 2, 12),
    lambda v: shaped(spread(v, 2, 3), 6),
    lambda M: turned(shaped(turned(M, 1, 0), 3, 4), 1, 0),
    lambda M: shaped(turned(shaped(M, 12, 1), 1, 0), 3, 4),
    lambda M, u: element(put(M, u, ALL3, at(1)), at(0), take(1, 2)),
    lambda v, s: element(put(v, spread(s, 2), take(0, 2)), take(1, 2)),
    lambda v, s: element(put(v, s, at(-1)), at(2)),
    lambda v, s: element(put(v, s, at(2)), at(-1)),
    lambda v, s, t: element(put(put(v, s, at(2)), t, at(0)), take(0, 3, 1)),
    lambda v, u: element(put(v, u, take(2, 3, -1)), ALL3),
    lambda v, s: element(put(v, spread(s, 2), take(0, 2, 2)), at(1)),
    lambda i, s: element(put(i, s, at(1)), at(1)),
    lambda i, s: put(put(i, s, at(1)), s, at(1)),
    lambda i, u: put(i, u, ALL3),
    lambda v, i: put(v, i, ALL3),
    lambda v, i: element(put(v, element(i, at(0)), at(1)), at(1)),
    lambda M, W: element(joined(0, M, W), take(2, 2), ALL4),
    lambda M, W: element(joined(0, M, W), take(0, 6), at(1)),
    lambda M, W: element(joined(0, M, W), take(5, 6, -1), at(-4)),
    lambda M, W: element(joined(0, M, W), take(3, 4, -1), NEW, take(1, 1)),
    lambda u, v: element(joined(0, u, v), take(0, 3, 2)),
    lambda v: put(put(v, element(v, at(0)), at(1)), element(v, at(1)), at(0)),
    lambda v, s: put(put(v, spread(s, 2), take(0, 2)), element(v, at(2)), at(1)),
    lambda v: element(element(v, NEW, ALL3), take(0, 0), ALL3),
    lambda M, W: shaped(M, 4, 3) - shaped(W, 4, 3),
    lambda M, W: shaped(M, 1, 12) + shaped(shaped(W, 2, 6), 1, 12),
    lambda M, u: shaped(summed(M, 1), 3, 1) * spread(shaped(u, 3, 1), 3, 1),
    lambda v, s: put(full(v, 0.0, 3), put(full(v, 1.0, 2), s, at(1)), take(1, 2)),
    lambda v, s: put(v, put(full(v, 0.0, 2), s, at(1)), take(1, 2)),
    lambda s, t: element(stacked([s, t]), take(1, 1)),
    lambda u, v: element(stacked([u, v]), take(0, 2), at(1)),
    lambda s, i: element(stacked([s, element(i, at(0))]), at(1)),
    lambda M: shaped(element(M, take(0, 2), take(1, 1)), 1, 2),
    lambda M: turned(shaped(M, 4, 3), 1, 0),
    lambda M: shaped(turned(M, 1, 0), 3, 4),
    lambda M: summed(turned(M, 1, 0), 0, keepdims=True),
    lambda M: summed(turned(shaped(M, 3, 2, 2), 2, 1, 0), 0),
    lambda M, u: put(M, shaped(u, 3, 1), ALL3, take(1, 1)),
    lambda i, v: product("i,i->", i, full(v, 2.0, 3)),
    lambda i: summed(i, 0),
    lambda i: op("negate")(-i),
    lambda v: of("stop", full(v, 0.1, 3)),
    lambda v: of("as_float64", full(v, 0.1, 3)),
    lambda v: of("as_int64", full(v, 2.5, 3)),
    lambda v: of("as_float32", full(v, 0.1, 3)),
    lambda v: of("as_float32", full(v, 1e300, 3)),
    lambda v, s: where(spread(s, 3) < v, v, v),
    lambda v: of("max", exp(v), params=((0,), False)) + summed(v * v, 0),
    lambda M, v: product("ij,i->ij", M, -v),
    lambda i, v: product("i,i->", -i, v),
    lambda s, i, v: spread(s, 3) * (full(i, 4.0, 3) * i) * v,
]


def array_tape(tape: Tape) -> Graph:
    """A tape of arrays."""
    builder = Builder(ALONE())
    inputs = {name: builder.input(name, *OPERANDS[name]) for name in OPERANDS}
    names = inspect.signature(tape).parameters
    result = tape(*[builder.handle(inputs[name]) for name in names])
    return builder.graph(list(inputs.values()), [result.at], ["f"], primal=1)


def at_edges(graph: Graph, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Arrays of special numbers."""
    return {
        name: rng.choice(WHOLE if graph[at_].dtype == INT else EDGES, graph[at_].shape)
        for name, at_ in zip(graph.input_names, graph.inputs, strict=True)
    }


def in_digits(graph: Graph, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Arrays of numbers of mpmath's, some of them equal."""
    return {
        name: np.array(
            [mpmath.mpf(int(n)) / 8 for n in rng.integers(-20, 20, graph[at_].shape).flat], object
        ).reshape(graph[at_].shape)
        for name, at_ in zip(graph.input_names, graph.inputs, strict=True)
    }


def assert_exact_arrays(tape: Graph, rules: Rules, rng: np.random.Generator) -> Graph:
    built = replayed(tape, rules)
    check(built)
    assert [built[at_].dtype for at_ in built.outputs] == [tape[at_].dtype for at_ in tape.outputs]
    for _ in range(8):
        values = at_edges(tape, rng)
        for got, right in zip(array_outputs(built, values), array_outputs(tape, values),
                              strict=True):  # fmt: skip
            assert_same_bits(got, right, (tape.nodes, built.nodes))
    return built


def assert_algebraic_arrays(tape: Graph, rules: Rules, rng: np.random.Generator) -> Graph:
    built = replayed(tape, rules)
    check(built)
    with mpmath.workdps(60):
        for _ in range(4):
            values = in_digits(tape, rng)
            (got,), (right,) = array_outputs(built, values), array_outputs(tape, values)
            assert got.shape == right.shape
            for a, b in zip(got.flat, right.flat, strict=True):
                assert abs(a - b) <= 1e-15 * (1 + abs(b)), (tape.nodes, built.nodes)
    return built


# Sums of what differs from a mean by a little in how it is written: not 0.
NO_DEVIATIONS: list[Tape] = [
    lambda M: summed(deviation(M, 0, 4.0), 0),
    lambda M: summed(deviation(M, 0, 3.0), 1),
    lambda M, u: summed(spread(shaped(u, 3, 1), 3, 4) * deviation(M, 0, 3.0), 0),
    lambda M, W: summed(W - spread(summed(M, 0) / full(M, 3.0, 4), 3, 4), 0),
    lambda M: summed(deviation(M, 0, 3.0) * deviation(M, 0, 3.0), 0),
    lambda M: summed(spread(summed(M, 0) / full(M, 3.0, 4), 3, 4) - M - M, 0),
]


@pytest.mark.parametrize("index", range(len(NO_DEVIATIONS)))
def test_what_is_no_deviation_from_a_mean_is_summed(index: int) -> None:
    tape = array_tape(NO_DEVIATIONS[index])
    assert_algebraic_arrays(tape, ALGEBRAIC, np.random.default_rng(index))


ARRAYS = [(name, index) for name, tapes_ in SHAPED.items() for index in range(len(tapes_))]


@pytest.mark.parametrize(("name", "index"), ARRAYS)
def test_a_row_of_arrays_keeps_the_value(name: str, index: int) -> None:
    tape, rng = array_tape(SHAPED[name][index]), np.random.default_rng(index)
    if name in IS_EXACT:
        assert_exact_arrays(tape, BITWISE, rng)
        built = assert_exact_arrays(tape, alone(name), rng)
    else:
        built = assert_algebraic_arrays(tape, alone(name), rng)
        assert_algebraic_arrays(tape, ALGEBRAIC, rng)
    assert built.nodes != tape.nodes


@pytest.mark.parametrize("index", range(len(OTHERS_OF_ARRAYS)))
def test_arrays_that_only_look_like_an_identity_keep_their_values(index: int) -> None:
    tape = array_tape(OTHERS_OF_ARRAYS[index])
    assert_exact_arrays(tape, BITWISE, np.random.default_rng(index))


@examples(100)
@given(tape=array_tapes(), seed=st.integers(0, 2**16))
def test_exact_identities_keep_the_bits_of_random_arrays(tape: Graph, seed: int) -> None:
    """Products and transcendental functions may be computed in another order: no infinities."""
    rng = np.random.default_rng(seed)
    values = {
        name: rng.choice((0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0), tape[at_].shape)
        for name, at_ in zip(tape.input_names, tape.inputs, strict=True)
    }
    built = replayed(tape, BITWISE)
    for got, right in zip(array_outputs(built, values), array_outputs(tape, values), strict=True):
        assert np.allclose(got, right, 1e-13, 1e-13, equal_nan=True), (tape.nodes, built.nodes)


# --- signs, folding, order -----------------------------------------------------------------------

SIGNED = [name for name, record in OPERATIONS.items() if record.sign]
UNSIGNED_EDGES = tuple(x for x in EDGES if not np.signbit(x))
NON_NEGATIVE_EDGES = (*UNSIGNED_EDGES, -0.0)


def results(name: str, edges: Sequence[float]) -> np.ndarray:
    """The results of an operation on special numbers, by NumPy."""
    found: list[Any] = []
    with np.errstate(all="ignore"):
        if name in BY_NAME:
            columns = list(itertools.product(edges, repeat=len(BY_NAME[name].domain)))
            return np.asarray(BY_NAME[name].function(*np.array(columns).T), float)
        row, rng = ARRAY_BY_NAME[name], np.random.default_rng(0)
        for variant in row.variants:
            for _ in range(20):
                args = [rng.choice(edges, variant.shapes[0])]
                for place, shape in enumerate(variant.shapes[1:], 1):
                    draw = row.draw[min(place, len(row.draw) - 1)] if row.draw else None
                    args.append(draw(rng, shape) if draw else rng.normal(size=shape))
                found.extend(np.asarray(row.oracle(*args, *variant.params)).flat)
    return np.array(found)


@pytest.mark.parametrize("name", SIGNED)
def test_a_sign_is_what_its_record_says(name: str) -> None:
    sign = OPERATIONS[name].sign
    assert sign in (UNSIGNED, NON_NEGATIVE, KEPT)
    if sign in (UNSIGNED, NON_NEGATIVE):
        assert not (results(name, EDGES) < 0.0).any()
    if sign == UNSIGNED:
        assert not _has_minus(results(name, EDGES))
    else:
        assert not _has_minus(results(name, UNSIGNED_EDGES))
        assert not (results(name, NON_NEGATIVE_EDGES) < 0.0).any()


def _has_minus(found: np.ndarray) -> bool:
    return bool(np.signbit(found[~np.isnan(found)]).any())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_arithmetic_on_numbers_is_that_of_numpy(row: Any) -> None:
    """What is computed while compiling is what NumPy, or SciPy, computes later."""
    if row.params or row.conditions:
        return
    count = len(row.domain)
    draw = random.Random(row.name)
    has_edges = count < 3 and "edges" not in row.exceptions
    points = list(itertools.product(EDGES[:9], repeat=count)) if has_edges else []
    points += [tuple(round(draw.uniform(*interval), 2) for interval in row.domain)
               for _ in range(6)]  # fmt: skip
    found = [fold(row.name, point) for point in points]
    with np.errstate(all="ignore"):
        right = np.asarray(row.function(*np.array(points).T), float)
    for point, got, wanted in zip(points, found, right, strict=True):
        if got is None:
            continue
        if np.isnan(wanted):
            assert np.isnan(got), point
        elif got == wanted:
            is_either = got == 0.0 and "sign of zero" in row.exceptions
            assert is_either or np.signbit(got) == np.signbit(wanted), point
        else:
            slack = 2.0 * row.value_ulps * abs(np.spacing(wanted)) + row.scale * 2.0**-52
            assert abs(got - wanted) <= slack, (point, got, wanted)


@pytest.mark.parametrize("name", [n for n, record in OPERATIONS.items() if record.commutative])
def test_commutative_operations_give_the_same_bits(name: str) -> None:
    row = BY_NAME[name]
    a, b = np.array(list(itertools.product(EDGES, repeat=2))).T
    with np.errstate(all="ignore"):
        got, right = row.function(b, a), row.function(a, b)
    if "order" in row.exceptions:
        got, right = abs(got), abs(right)
    if "sign of zero" in row.exceptions:
        assert np.array_equal(got, right, equal_nan=got.dtype.kind == "f")
    else:
        assert_same_bits(got, right, name)
