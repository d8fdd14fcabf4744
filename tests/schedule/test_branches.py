"""Branches in a schedule: where lines stand, and how long finding that takes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.emit.dialect import ON_FLOATS
from symdiff.emit.names import Names
from symdiff.emit.printer import Printer
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.control import where
from symdiff.ops.exponential import exp, log
from symdiff.ops.handle import Handle
from symdiff.ops.rules import EXACT
from symdiff.ops.trigonometric import sin
from symdiff.schedule.build import decides, scheduled
from symdiff.schedule.places import NOWHERE, ROOT, Logic, Places
from symdiff.schedule.program import indentation


def graph(function: Callable[..., Handle | tuple[Handle, ...]], primal: int = 9) -> Graph:
    b = Builder(EXACT)
    x, y = b.handle(b.input("x")), b.handle(b.input("y"))
    found = function(x, y)
    outputs = found if isinstance(found, tuple) else (found,)
    names = [f"f{i}" for i in range(len(outputs))]
    at = [output.at for output in outputs]
    made = b.graph([x.at, y.at], at, names, primal=min(primal, len(at)))
    return made.keep(made.ancestors(made.outputs))


def printed(made: Graph) -> list[str]:
    names = {"x": "x", "y": "y"}
    printer = Printer(ON_FLOATS, Names(names))
    program = scheduled(made, printer.style(), names)
    return printer.block(program.body)[0]


def lines(function: Callable[..., Handle | tuple[Handle, ...]], primal: int = 9) -> list[str]:
    return printed(graph(function, primal))


# --- what stands where ---------------------------------------------------------------------------


def test_a_small_branch_is_an_expression_that_computes_one_way() -> None:
    assert lines(lambda x, y: where(x > 0.0, log(x), y) * y) == [
        "return (log(x) if x > 0.0 else y) * y"
    ]


def test_selections_on_one_condition_are_one_branch() -> None:
    def function(x: Handle, y: Handle) -> Handle:
        a, b = where(x > 0.0, log(x), sin(y)), where(x > 0.0, exp(x), y)
        return a * b + b

    assert lines(function) == [
        "if x > 0.0:",
        "    v = log(x)",
        "    v2 = exp(x)",
        "else:",
        "    v = sin(y)",
        "    v2 = y",
        "return v * v2 + v2",
    ]


def test_a_line_that_both_ways_need_stands_before_them() -> None:
    def function(x: Handle, y: Handle) -> Handle:
        s = sin(y)
        return where(x > 0.0, exp(s) + s, s * s) * s

    assert lines(function)[0] == "sin_y = sin(y)"


def test_a_guard_is_its_argument_where_its_condition_holds() -> None:
    def function(x: Handle, y: Handle) -> Handle:
        positive = x > 0.0
        safe = where(positive, x, 1.0)
        return where(positive, log(safe), y) + where(~positive, y, 1.0 / safe)

    text = "\n".join(lines(function))
    assert "log(x)" in text
    assert "1.0 / x" in text
    assert text.count("1.0") == 1


def test_choices_between_choices_are_a_chain() -> None:
    def function(x: Handle, y: Handle) -> Handle:
        small, large = sin(y), exp(y)
        inner = where(x > 1.0, small * small, log(x + y) * log(y))
        found = where(x > 2.0, large * large, inner)
        return found * found

    assert lines(function) == [
        "if x > 2.0:",
        "    exp_y = exp(y)",
        "    v = exp_y * exp_y",
        "elif x > 1.0:",
        "    sin_y = sin(y)",
        "    v = sin_y * sin_y",
        "else:",
        "    v = log(x + y) * log(y)",
        "return v * v",
    ]


def test_a_value_of_one_way_is_read_in_the_same_way_of_a_later_branch() -> None:
    """Between the two stands what needs the first and what the second needs."""

    def function(x: Handle, y: Handle) -> tuple[Handle, Handle]:
        e = exp(x)
        f = where(x > 0.0, e * y + e, sin(x) * y)
        h = f * f
        return h, where(x > 0.0, h * e, 0.0)

    assert lines(function, 1) == [
        "if x > 0.0:",
        "    exp_x = exp(x)",
        "    v = exp_x * y + exp_x",
        "else:",
        "    v = sin(x) * y",
        "f0 = v * v",
        "return f0, f0 * exp_x if x > 0.0 else 0.0",
    ]


def test_terms_of_ways_apart_are_chosen_and_not_added() -> None:
    def function(x: Handle, y: Handle) -> tuple[Handle, Handle]:
        one, two = x > 1.0, x > 2.0
        terms = where(one & two, exp(y), 0.0) + where(one & ~two, sin(y), 0.0)
        return y, terms + where(~one, y * y, 0.0)

    assert lines(function, 1) == ["return y, (exp(y) if x > 2.0 else sin(y)) if x > 1.0 else y * y"]


def test_several_conditions_are_asked_in_turn() -> None:
    """Where one of them fails, what the others need is not computed either."""

    def function(x: Handle, y: Handle) -> Handle:
        return where((x > 0.0) & (y > 0.0), log(x) + log(y), 0.0) + x

    assert lines(function) == ["return (log(x) + log(y) if x > 0.0 and y > 0.0 else 0.0) + x"]


def test_no_branch_without_a_selection() -> None:
    assert not decides(graph(lambda x, y: x * y))
    assert not decides(graph(lambda x, y: where(x > 0.0, x, y)))
    assert decides(graph(lambda x, y: where(x > 0.0, log(x), y)))


# --- how long it takes, and how deep it goes -----------------------------------------------------


def chain(count: int) -> Graph:
    """One way is taken of many: `elif` after `elif`."""

    def function(x: Handle, y: Handle) -> Handle:
        found = y
        for number in reversed(range(count)):
            found = where(x < float(number), sin(x * float(number)) + y, found)
        return found

    return graph(function)


def nest(count: int) -> Graph:
    """All conditions must hold."""

    def function(x: Handle, y: Handle) -> Handle:
        found = y
        for number in range(count):
            found = where(x > float(number), sin(found) + float(number), found * y)
        return found

    return graph(function)


def row(count: int) -> Graph:
    """One branch after another."""

    def function(x: Handle, y: Handle) -> Handle:
        found = y
        for number in range(count):
            found = where(found > float(number), sin(x) + found, found * y)
        return found

    return graph(function)


@pytest.mark.parametrize("made", [chain, nest, row])
def test_work_is_linear_and_no_way_is_too_deep(made: Callable[[int], Graph]) -> None:
    def calls(count: int) -> int:
        built, done = made(count), Counter[str]()
        sys.setprofile(lambda _frame, event, _: done.update([event]))
        try:
            found = printed(built)
        finally:
            sys.setprofile(None)
        names = {"x": "x", "y": "y"}
        program = scheduled(built, Printer(ON_FLOATS, Names(names)).style(), names)
        assert indentation(program.body) <= 20
        compile("\n".join(["def f(x, y, sin):", *["    " + line for line in found]]), "f", "exec")
        return done["call"]

    assert calls(800) < 6 * calls(200)


# --- places --------------------------------------------------------------------------------------


def test_what_is_known_in_a_place() -> None:
    made = graph(lambda x, y: where((x > 0.0) & (y > 0.0), x, y))
    both = next(at for at, node in enumerate(made.nodes) if node.op == "logical_and")
    one, other = made[both].args
    places = Places(Logic(made.nodes))
    inner = places.where(ROOT, (both, True))
    assert places.where(inner, (one, True)) == inner
    assert places.where(inner, (other, False)) == NOWHERE
    assert places.where(inner, (both, False)) == NOWHERE
    apart = places.where(ROOT, (one, False))
    assert places.meet(apart, inner) == ROOT
    assert places.where(apart, (both, True)) == NOWHERE
    first = places.where(ROOT, (one, True))
    assert places.where(first, (both, False)) == places.where(first, (other, False))


def fills_in_some_ways(x: Any, c: Any, d: Any, e: Any) -> Any:
    w, s = np.zeros(4), np.zeros(3)
    for i in range(12):
        w[1] = x
        if c[i] > 0:
            if d[i] > 0:
                if e[i] > 0:
                    w[1:] = 0.9
                else:
                    w[1:] = 0.8
            else:
                s[i % 3] *= 2
        else:
            s[i % 3] = 1
    return np.sum(w) + np.sum(s)


@pytest.mark.parametrize("target", ["numpy", "python"])
def test_terms_of_ways_that_one_condition_of_two_leads_to(target: str) -> None:
    """Both stand where one of two conditions holds, which is one place."""
    derived = sd.value_and_grad(fills_in_some_ways, wrt=("x",), loops="roll", target=target)
    for seed in range(12):
        args = np.random.default_rng(seed).normal(size=(3, 12))
        value, (slope,) = derived(0.7, *args)
        right = [fills_in_some_ways(0.7 + h, *args) for h in (-0.5, 0.0, 0.5)]
        assert value == pytest.approx(right[1], rel=1e-13)
        assert slope == pytest.approx(right[2] - right[0], rel=1e-13)  # it is linear in x
