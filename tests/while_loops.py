"""Loops that a test ends, put together line by line, each beside the same loop in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from symdiff.api import Function
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, INT
from symdiff.graph.serial import to_data
from symdiff.graph.shape import Shape, named
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import contracted
from symdiff.ops.control import greater, less, logical_and, where
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, put
from symdiff.ops.kinks import absolute
from symdiff.ops.loops import loop, part
from symdiff.ops.reduction import total
from symdiff.ops.rules import EXACT
from symdiff.ops.trigonometric import sin
from symdiff.origin import Origin
from symdiff.verbs import VERBS

Lines = Callable[..., Any]


def traced(lines: Lines, inputs: Mapping[str, tuple[Shape, str]], names: Sequence[str]) -> Graph:
    """The graph of a function of handles; a name for each of its results."""
    builder = Builder(EXACT)
    given = [builder.handle(builder.input(name, *kind)) for name, kind in inputs.items()]
    results = lines(*given)
    outputs = results if isinstance(results, tuple) else (results,)
    made = builder.graph(
        [x.at for x in given], [y.at for y in outputs], list(names), primal=len(outputs)
    )
    return made.keep(made.ancestors(made.outputs))


def repeated(
    step: Lines,
    test: Lines,
    constants: Mapping[str, Handle],
    carried: Mapping[str, Handle],
    length: str = "n",
) -> list[Handle]:
    """`while test(*constants, *carried): carried = step(*constants, *carried)`."""
    given = {**constants, **carried}
    inputs = {name: (x.shape, x.dtype) for name, x in given.items()}
    builder = next(iter(given.values())).builder
    whole = loop(
        builder,
        traced(step, inputs, list(carried)),
        list(given.values()),
        length=named(length),
        constants=len(constants),
        carries=len(carried),
        test=traced(test, inputs, ["goes_on"]),
    )
    return [part(whole, number) for number in range(len(carried))]


def function(
    lines: Lines, inputs: Mapping[str, Shape], wrt: Sequence[str] | None = None, name: str = "y"
) -> Function:
    """A function of handles, as users have it."""
    graph = traced(lines, {one: (shape, FLOAT) for one, shape in inputs.items()}, [name])
    origin = Origin("a graph", None, graph=to_data(graph))
    return Function(graph, origin, VERBS["value"], tuple(wrt or graph.input_names))


def number(beside: Handle, value: float) -> Handle:
    """A constant."""
    return Handle(beside.builder, beside.builder.constant(value))


def constant(beside: Handle, value: float, dtype: str) -> Handle:
    """A constant of a kind."""
    return Handle(beside.builder, beside.builder.full(value, (), dtype))


# --- loops, and the same in plain Python --------------------------------------------------------


class Case(NamedTuple):
    """A function of handles and its twin, which takes complex numbers too.

    Attributes:
        lines: the function.
        twin: of NumPy's numbers or arrays; tests look at real parts, as the module's do.
        points: what it is tried at.
    """

    lines: Lines
    twin: Callable[..., Any]
    points: Sequence[Sequence[Any]]


def newton(x: Handle) -> Handle:
    """The square root."""
    (h,) = repeated(
        lambda x, h: (h + x / h) * 0.5,
        lambda x, h: greater(absolute(h * h - x), x * 1e-10),
        {"x": x},
        {"h": x},
    )
    return h


def newton_twin(x: Any) -> Any:
    h = x
    while abs(h.real * h.real - x.real) > x.real * 1e-10:
        h = (h + x / h) * 0.5
    return h


def fraction(x: Handle) -> Handle:
    """The tangent as a continued fraction, by the method of Lentz and Thompson."""

    def step(x: Handle, f: Handle, c: Handle, d: Handle, b: Handle, _e: Handle) -> Any:
        c, d = b - x * x / c, 1.0 / (b - x * x * d)
        return f * c * d, c, d, b + 2.0, absolute(c * d - 1.0)

    zero, one = number(x, 0.0), number(x, 1.0)
    f, *_ = repeated(
        step,
        lambda x, f, c, d, b, e: greater(e, number(x, 1e-8)),
        {"x": x},
        {"f": one, "c": one, "d": zero, "b": number(x, 3.0), "e": one},
    )
    return x / f


def fraction_twin(x: Any) -> Any:
    f, c, d, b, e = 1.0, 1.0, 0.0, 3.0, 1.0
    while e > 1e-8:
        c, d = b - x * x / c, 1.0 / (b - x * x * d)
        f, b, e = f * c * d, b + 2.0, abs((c * d - 1.0).real)
    return x / f


def bisection(a: Handle, b: Handle, y: Handle) -> Handle:
    """Where the cube is y, between a and b: of the value the ends alone are carried."""

    def step(y: Handle, a: Handle, b: Handle) -> tuple[Handle, Handle]:
        m = (a + b) * 0.5
        is_below = less(m * m * m, y)
        return where(is_below, m, a), where(is_below, b, m)

    a, b = repeated(
        step, lambda y, a, b: greater(b - a, number(y, 1e-3)), {"y": y}, {"a": a, "b": b}
    )
    return a * 0.25 + b * 0.75


def bisection_twin(a: Any, b: Any, y: Any) -> Any:
    while (b - a).real > 1e-3:
        m = (a + b) * 0.5
        a, b = (m, b) if (m * m * m).real < y.real else (a, m)
    return a * 0.25 + b * 0.75


def escape(r: Handle, x: Handle) -> Handle:
    """The logistic map until it leaves an interval, and how long it took."""
    x, k = repeated(
        lambda r, x, k: (r * x * (1.0 - x), k + 1.0),
        lambda r, x, k: less(absolute(x), number(x, 2.0)),
        {"r": r},
        {"x": x, "k": number(x, 0.0)},
    )
    return x * x + r * k


def escape_twin(r: Any, x: Any) -> Any:
    k = 0.0
    while abs(x.real) < 2.0:
        x, k = r * x * (1.0 - x), k + 1.0
    return x * x + r * k


def product(a: Handle, x: Handle) -> Handle:
    """A matrix times a vector."""
    return contracted(a, x, "ij,j->i")


def fixed_point(a: Handle, b: Handle) -> Handle:
    """Of x = sin(A x) + b, until a step is short; the length of a step stands in the test."""

    def step(a: Handle, b: Handle, x: Handle, d: Handle) -> tuple[Handle, Handle]:
        new = sin(product(a, x)) + b
        return new, total((new - x) * (new - x), [0])

    x, d = repeated(
        step,
        lambda a, b, x, d: greater(d, number(d, 1e-6)),
        {"A": a, "b": b},
        {"x": b, "d": total(b * b, [0]) + 1.0},
    )
    return total(x * x, [0]) + d


def fixed_point_twin(a: Any, b: Any) -> Any:
    x, d = b, np.sum(b * b) + 1.0
    while d.real > 1e-6:
        new = np.sin(a @ x) + b
        x, d = new, np.sum((new - x) * (new - x))
    return np.sum(x * x) + d


def nested(x: Handle, a: Handle) -> Handle:
    """A loop in each step of a loop: a root in each step of a sum."""

    def step(x: Handle, a: Handle, s: Handle, k: Handle) -> tuple[Handle, Handle]:
        (h,) = repeated(
            lambda y, h: (h + y / h) * 0.5,
            lambda y, h: greater(absolute(h * h - y), y * 1e-6),
            {"y": x + s * a},
            {"h": x},
            "m",
        )
        return s + h * a, k * 0.5

    s, _ = repeated(
        step,
        lambda x, a, s, k: greater(k + s * 0.01, number(x, 0.2)),
        {"x": x, "a": a},
        {"s": x * a, "k": x},
    )
    return s


def nested_twin(x: Any, a: Any) -> Any:
    s, k = x * a, x
    while (k + s * 0.01).real > 0.2:
        y = h = x
        y = x + s * a
        while abs(h.real * h.real - y.real) > y.real * 1e-6:
            h = (h + y / h) * 0.5
        s, k = s + h * a, k * 0.5
    return s


def roots(xs: Handle, a: Handle) -> Handle:
    """A root in each step of a loop over an array, and a loop over it in each step of a loop."""

    def each(a: Handle, s: Handle, x: Handle) -> tuple[Handle, Handle]:
        (h,) = repeated(
            lambda y, h: (h + y / h) * 0.5,
            lambda y, h: greater(absolute(h * h - y), y * 1e-6),
            {"y": x * x + s},
            {"h": a},
        )
        return s * 0.5 + h, h * a

    def over(xs: Handle, a: Handle, s: Handle) -> list[Handle]:
        kinds = {"a": ((), FLOAT), "s": ((), FLOAT), "x": ((), FLOAT)}
        length = xs.shape[0]
        body = traced(each, kinds, ["s", "h"])
        whole = loop(xs.builder, body, [a, s, xs], length=length, constants=1, carries=1)
        return [part(whole, number) for number in (0, 1)]

    def step(xs: Handle, a: Handle, s: Handle, k: Handle) -> tuple[Handle, Handle]:
        s, hs = over(xs, a, s)
        return s + total(hs * hs, [0]) * 0.1, k * 0.5

    s, _ = repeated(
        step,
        lambda xs, a, s, k: greater(k + s * 0.01, number(s, 0.3)),
        {"xs": xs, "a": a},
        {"s": a, "k": number(a, 1.0)},
        "m",
    )
    return over(xs, a, s)[0]


def roots_twin(xs: Any, a: Any) -> Any:
    def over(s: Any) -> Any:
        hs = []
        for x in xs:
            h, y = a, x * x + s
            while abs(h.real * h.real - y.real) > y.real * 1e-6:
                h = (h + y / h) * 0.5
            s = s * 0.5 + h
            hs.append(h * a)
        return s, np.array(hs)

    s, k = a, 1.0
    while k + s.real * 0.01 > 0.3:
        s, hs = over(s)
        s, k = s + np.sum(hs * hs) * 0.1, k * 0.5
    return over(s)[0]


def squares(x: Handle, y: Handle) -> Handle:
    """A loop after another one that goes on with its result; both may do no step."""
    (x,) = repeated(lambda y, x: x * y, lambda y, x: less(x, number(x, 10.0)), {"y": y}, {"x": x})
    (y,) = repeated(
        lambda x, y: y + x * y, lambda x, y: less(y, number(x, 90.0)), {"x": x}, {"y": y}, "m"
    )
    return x * y


def squares_twin(x: Any, y: Any) -> Any:
    y0 = y
    while x.real < 10.0:
        x = x * y0
    while y.real < 90.0:
        y = y + x * y
    return x * y


def relaxed(a: Handle, b: Handle) -> Handle:
    """A fixed point in each step of a loop: arrays of as many rows as the inner loop has steps."""

    def inner(a: Handle, b: Handle, x: Handle, d: Handle) -> tuple[Handle, Handle]:
        new = sin(product(a, x)) + b
        return new, total((new - x) * (new - x), [0])

    def step(a: Handle, b: Handle, s: Handle, k: Handle) -> tuple[Handle, Handle]:
        x, _ = repeated(
            inner,
            lambda a, b, x, d: greater(d, number(d, 1e-2)),
            {"A": a, "b": b * k},
            {"x": s, "d": number(k, 1.0)},
            "m",
        )
        return s * 0.5 + x, k * 0.5

    s, _ = repeated(
        step,
        lambda a, b, s, k: greater(k, number(k, 0.1)),
        {"A": a, "b": b},
        {"s": b, "k": number(b, 1.0)},
    )
    return total(s * s, [0])


def relaxed_twin(a: Any, b: Any) -> Any:
    s, k = b, 1.0
    while k > 0.1:
        x, d = s, 1.0
        while np.real(d) > 1e-2:
            new = np.sin(a @ x) + b * k
            x, d = new, np.sum((new - x) * (new - x))
        s, k = s * 0.5 + x, k * 0.5
    return np.sum(s * s)


AT = ((("array", 0),),)  # the parameters of an element at a place that is computed


def filled(x: Handle, a: Handle) -> Handle:
    """An array that is written into at a counter's place, until an element is large."""
    whole = {"dtype": INT}

    def step(x: Handle, a: Handle, k: Handle) -> tuple[Handle, Handle]:
        one = constant(k, 1.0, **whole)
        value = sin(index(a, k, params=AT)) * x + index(a, k, params=AT)
        return put(a, value, k + one, params=AT), k + one

    def test(x: Handle, a: Handle, k: Handle) -> Handle:
        is_inside = less(k, constant(k, 4.0, **whole))
        return logical_and(is_inside, less(index(a, k, params=AT), number(x, 3.0)))

    a, _ = repeated(step, test, {"x": x}, {"a": a, "k": constant(x, 0.0, **whole)})
    return total(a * a, [0])


def filled_twin(x: Any, a: Any) -> Any:
    a, k = a * (1.0 + 0.0 * x), 0
    while k < 4 and a[k].real < 3.0:
        a[k + 1] = np.sin(a[k]) * x + a[k]
        k += 1
    return np.sum(a * a)


_A = np.array([[0.2, -0.3, 0.1], [0.4, 0.1, -0.2], [0.0, 0.3, 0.2]])
CASES = {
    "newton": Case(newton, newton_twin, [(2.0,), (1.0,), (1e-3,), (1234.5,)]),
    "fraction": Case(fraction, fraction_twin, [(1.3,), (2.0,), (0.7,)]),
    "bisection": Case(bisection, bisection_twin, [(0.0, 2.0, 3.0), (1.0, 1.0, 5.0)]),
    "escape": Case(escape, escape_twin, [(3.9, 1.3), (4.5, 0.3), (2.0, 2.5)]),
    "fixed_point": Case(
        fixed_point, fixed_point_twin, [(_A, np.array([0.3, -1.0, 0.5])), (_A, np.zeros(3))]
    ),
    "relaxed": Case(
        relaxed, relaxed_twin, [(_A, np.array([0.3, -1.0, 0.5])), (2 * _A, np.ones(3))]
    ),
    "filled": Case(filled, filled_twin, [(0.7, np.arange(1.0, 6.0)), (5.0, np.ones(5))]),
    "roots": Case(roots, roots_twin, [(np.array([0.5, 1.5, 2.5]), 0.7)]),
    "nested": Case(nested, nested_twin, [(1.7, 0.6), (0.1, 1.0)]),
    "squares": Case(squares, squares_twin, [(0.5, 1.5), (11.0, 100.0), (11.0, 2.0)]),
}


def made(name: str) -> Function:
    """The function of a case."""
    case = CASES[name]
    names = case.lines.__code__.co_varnames[: len(case.points[0])]
    shapes = {one: np.shape(x) for one, x in zip(names, case.points[0], strict=True)}
    return function(case.lines, shapes)
