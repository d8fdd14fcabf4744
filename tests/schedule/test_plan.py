"""What a plan decides: names, repeats, writes in place, copies, loops, compared as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symdiff.emit.dialect import ARRAYS, BODY, FORMULA, LATEX, Dialect
from symdiff.emit.lengths import lengths_read
from symdiff.emit.names import Names
from symdiff.emit.printed import print_graph, print_inlined
from symdiff.emit.printer import Printer
from symdiff.graph.graph import Graph
from symdiff.graph.node import INT
from symdiff.graph.shape import named
from symdiff.ops.builder import Builder
from symdiff.ops.exponential import exp
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import put, put_add, slice_of, sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.loops import loop, part
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped, transposed
from symdiff.ops.trigonometric import sin
from symdiff.schedule.build import scheduled
from symdiff.schedule.program import (
    COPY,
    EMPTY,
    Block,
    For,
    Let,
    Number,
    Op,
    Program,
    Ref,
    Return,
    Together,
    Update,
    at,
    element,
    mapped,
    operations,
)
from tests.strategies import examples, graphs

N = named("N")


def graph(function: Callable[..., Any], **shapes: Any) -> Graph:
    b = Builder(EXACT)
    inputs = [b.handle(b.input(name, shape)) for name, shape in shapes.items()]
    found = function(*inputs)
    outputs = found if isinstance(found, tuple) else (found,)
    names = [f"f{i}" for i in range(len(outputs))]
    made = b.graph([x.at for x in inputs], [y.at for y in outputs], names, primal=len(outputs))
    return made.keep(made.ancestors(made.outputs))


def program(made: Graph, target: Dialect = ARRAYS) -> Program:
    names = {name: name for name in made.input_names}
    return scheduled(made, Printer(target, Names(names)).style(), names)


def planned(function: Callable[..., Any], **shapes: Any) -> Block:
    return program(graph(function, **shapes)).body


X, Y = Ref("x"), Ref("y")


# --- names -------------------------------------------------------------------------------------


def test_what_is_used_once_is_inlined_and_what_is_used_twice_is_named() -> None:
    def function(x: Handle, y: Handle) -> Handle:
        return sin(x) * (sin(x) + y)

    sine = Ref("sin_x")
    assert planned(function, x=(), y=()) == (
        Let("sin_x", Op("sin", (X,))),
        Return((Op("multiply", (sine, Op("add", (sine, Y)))),)),
    )


def test_a_long_expression_is_named_in_parts() -> None:
    def function(x: Handle, y: Handle) -> Handle:
        for _ in range(40):
            x = exp(x * y)
        return x

    body = planned(function, x=(), y=())
    assert len(body) > 5
    printer = Printer(ARRAYS, Names("xy"))
    lines, _ = printer.block(body)
    assert all(len(line) < 95 for line in lines)


def test_a_deep_graph_is_planned_without_recursion() -> None:
    def function(x: Handle) -> Handle:
        for _ in range(10_000):
            x = sin(x)
        return x

    made = graph(function, x=())
    names = {"x": "x"}
    printer = Printer(BODY, Names(names))
    found = scheduled(made, printer.style(), names)
    assert operations(found.body) == ["sin"]
    lines, spans = printer.block(found.body)
    assert len(lines) == len(spans) == len(found.body)


def test_nothing_is_inlined_that_no_output_states() -> None:
    """A target without the last operation would else be given 2**60 names."""

    def function(x: Handle, a: Handle) -> Handle:
        for _ in range(60):
            x = x * exp(x)
        return put(x, a, params=(FIRST_TWO,))

    made = graph(function, x=(4,), a=(2,))
    assert print_inlined(made, FORMULA, {"x": "x", "a": "a"}, 1 << 60) == [""]


# --- drafts ------------------------------------------------------------------------------------


def check_drafts(made: Graph, target: Dialect) -> list[str]:
    """What is written line by line is what the expressions of the statements say."""
    names = {name: name for name in made.input_names}
    printed = print_graph(made, target, names, Names(names))
    printer = Printer(target, Names(names))
    body = mapped(scheduled(made, printer.style(), names).body, lambda expr: expr)
    assert not any(statement.draft for statement in body if isinstance(statement, Let))
    lines, _ = printer.block(body)
    assert lines == [*printed.lines, f"return {', '.join(printed.results)}"]
    return lines


@examples(100)
@given(graphs(40), st.sampled_from([FORMULA, LATEX]))
def test_drafts_say_what_expressions_say(made: Graph, target: Dialect) -> None:
    check_drafts(made, target)


def test_drafts_of_whole_numbers_are_as_short_as_their_expressions() -> None:
    b = Builder(EXACT)
    i, j = (b.handle(b.input(name, (), INT)) for name in "ij")
    product = i * j
    behind = product + b.handle(b.full(1.0, (), INT))
    output = product * behind * behind
    made = b.graph([i.at, j.at], [output.at], ["f"], primal=1)
    assert check_drafts(made, BODY) == ["v = i * j", "return v * (v + 1) * (v + 1)"]


# --- arrays ------------------------------------------------------------------------------------


def test_a_repeat_is_silent_where_the_operation_repeats() -> None:
    vector = Ref("x", (3,))
    scaled = planned(lambda x, y: x * broadcast_to(y, (3,)), x=(3,), y=())
    assert scaled == (Return((Op("multiply", (vector, Y), (), (3,)),)),)
    joined = planned(lambda x, y: concatenated([x, broadcast_to(y, (3,))], 0), x=(3,), y=())
    assert operations(joined) == ["concatenate", "broadcast"]


def test_a_constant_is_a_number_where_it_is_repeated_and_an_array_elsewhere() -> None:
    def function(x: Handle) -> tuple[Handle, Handle]:
        twos = x.builder.handle(x.builder.full(2.0, (3,)))  # type: ignore[attr-defined]
        return x * twos, twos

    vector = Ref("x", (3,))
    assert planned(function, x=(3,)) == (
        Return((Op("multiply", (vector, Number(2.0)), (), (3,)), Number(2.0, (3,)))),
    )


def test_results_that_share_memory_are_copied() -> None:
    def function(x: Handle) -> tuple[Handle, Handle, Handle]:
        y = exp(x)
        return x, y, transposed(y)

    results = planned(function, x=(2, 2))[-1].results  # type: ignore[union-attr]
    copied = [isinstance(result, Op) and result.name == COPY for result in results]
    assert copied == [True, False, True]


# --- writes in place ---------------------------------------------------------------------------

FIRST_TWO, LAST_TWO = slice_of((4,), 0, 0, 2), slice_of((4,), 0, 2, 2)


def test_a_chain_of_writes_changes_one_array() -> None:
    def chain(x: Handle, a: Handle) -> Handle:
        return put_add(put(exp(x), a, params=(FIRST_TWO,)), a, params=(LAST_TWO,))

    x, a, v = Ref("x", (4,)), Ref("a", (2,)), Ref("v", (4,))
    assert planned(chain, x=(4,), a=(2,)) == (
        Let("v", Op("exp", (x,), (), (4,))),
        Update("v", Op("put", (v, a), (FIRST_TWO,), (4,))),
        Update("v", Op("put_add", (v, a), (LAST_TWO,), (4,))),
        Return((v,)),
    )


def test_what_is_read_later_or_belongs_to_others_is_copied_first() -> None:
    def later(x: Handle, a: Handle) -> Handle:
        y = exp(x)
        return put(y, a, params=(FIRST_TWO,)) * y

    def of_caller(x: Handle, a: Handle) -> Handle:
        return put(x, a, params=(FIRST_TWO,))

    def view(x: Handle, a: Handle) -> Handle:
        return put(reshaped(transposed(x), (4,)), a, params=(FIRST_TWO,))

    for body in (
        planned(later, x=(4,), a=(2,)),
        planned(of_caller, x=(4,), a=(2,)),
        planned(view, x=(2, 2), a=(2,)),
    ):
        (update,) = _updates(body)
        before = [line for line in body if isinstance(line, Let) and line.name == update.name]
        assert [line.value.name for line in before if isinstance(line.value, Op)] == [COPY]


def test_what_is_read_before_a_write_is_stated_before_it() -> None:
    def function(x: Handle, a: Handle) -> tuple[Handle, Handle]:
        y = exp(x)
        before, view = exp(sliced(y, 0, 0, 2)), sliced(y, 0, 1, 2)
        return put(y, a, params=(FIRST_TWO,)), before * view

    body = planned(function, x=(4,), a=(2,))
    (update,) = _updates(body)
    stated = body[: body.index(update)]
    values = [line.value for line in stated if isinstance(line, Let)]
    assert [value.name for value in values if isinstance(value, Op)].count(COPY) == 1
    assert any(
        isinstance(value, Op) and value.name == "exp" and value.shape == (2,) for value in values
    )


def _updates(body: Block) -> list[Update]:
    return [statement for statement in body if isinstance(statement, Update)]


# --- loops -------------------------------------------------------------------------------------


def _step(body: Callable[..., Any], **inputs: Any) -> Graph:
    return graph(body, **inputs)


def test_a_loop_carries_and_stores() -> None:
    def step(c: Handle, s: Handle) -> tuple[Handle, Handle]:
        after = c * s
        return after, after

    body = _step(step, c=(), s=())

    def function(start: Handle, xs: Handle) -> tuple[Handle, Handle]:
        whole = loop(start.builder, body, [start, xs], length=5, constants=0, carries=1)
        return part(whole, 0), part(whole, 1)

    xs, c, store = Ref("xs", (5,)), Ref("c"), Ref("f1s", (5,))
    i = Ref("i", (), INT)
    assert planned(function, start=(), xs=(5,)) == (
        Let("c", Ref("start")),
        Let("f1s", Op(EMPTY, (), ((5,), "float64"), (5,))),
        For(
            "i",
            5,
            1,
            (
                Let("c", Op("multiply", (c, element(xs, Ref("i", (), INT))))),
                Update("f1s", Op("put", (store, c, i), at(store), (5,))),
            ),
        ),
        Return((c, store)),
    )


def test_carried_values_that_read_each_other_change_together() -> None:
    body = _step(lambda a, b: (b, a + b), a=(), b=())

    def fibonacci(a: Handle, b: Handle) -> Handle:
        return part(loop(a.builder, body, [a, b], length=3, constants=0, carries=2), 0)

    made = graph(fibonacci, a=(), b=())
    found = program(made)
    (step,) = [s for s in found.body if isinstance(s, For)]
    assert [type(statement) for statement in step.body] == [Together]
    lines, _ = Printer(ARRAYS, Names("ab")).block(found.body)
    scope: dict[str, Any] = {}
    exec("def f(a, b):\n    " + "\n    ".join(lines), {"np": np}, scope)
    assert scope["f"](0.0, 1.0) == 2.0


def test_a_sum_over_steps_is_added_in_place() -> None:
    body = _step(lambda c, s: c + exp(s), c=(3,), s=(3,))

    def summed(xs: Handle) -> Handle:
        zeros = xs.builder.handle(xs.builder.full(0.0, (3,)))  # type: ignore[attr-defined]
        return part(loop(xs.builder, body, [zeros, xs], length=5, constants=0, carries=1), 0)

    c, xs = Ref("c", (3,)), Ref("xs", (5, 3))
    added = Op("exp", (element(xs, Ref("i", (), INT)),), (), (3,))
    assert planned(summed, xs=(5, 3))[:2] == (
        Let("c", Number(0.0, (3,))),
        For("i", 5, 1, (Update("c", Op("add", (c, added), (), (3,))),)),
    )


# --- named lengths -----------------------------------------------------------------------------


def test_lengths_are_read_where_the_target_writes_them() -> None:
    whole = planned_program(lambda x: sliced(x, 0, 1, N - 1) * 2.0, x=(N,))
    assert lengths_read(whole.body, ARRAYS) == set()  # x[1:]
    flat = planned_program(lambda x: reshaped(x, (N, 2)), x=(2, N))
    assert lengths_read(flat.body, ARRAYS) == set()  # x.reshape(-1, 2)
    repeated = planned_program(lambda x, y: broadcast_to(y, (N,)), x=(N,), y=())
    assert lengths_read(repeated.body, ARRAYS) == {"N"}
    middle = planned_program(lambda x: sliced(x, 0, 0, N), x=(2 * N,))
    assert lengths_read(middle.body, ARRAYS) == {"N"}  # x[:N]


def planned_program(function: Callable[..., Any], **shapes: Any) -> Program:
    return program(graph(function, **shapes))
