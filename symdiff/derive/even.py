"""Smooth functions of a length, differentiated at the origin too.

The length r = sqrt(2*h) of a form 2*h has a kink where the form is 0, and a function L(r) may be
smooth there all the same: cos(r), (1 + r + r**2/3)*exp(-r), log(cosh(r)). As a function of h its
derivative is D(L) = L'(r)/r, and again D(D(L)), and so on. At the origin these have limits, after
de l'Hospital: the derivative of order 2*k of L over 1*3*5*...*(2*k - 1), where those of the odd
orders below are 0. Otherwise there is none, and NaN stands for it.

A line `even` with the arguments r, h and the others, the graph of L and an order k is the k-th of
these derivatives.

Where the length is a magnitude |u|, no quotient is needed, which would lose digits near the origin:
the k-th derivative by u is that of L by r, with the sign of u for an odd k. The line has u in the
place of h then.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any  # mpmath's numbers have no types

from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested
from symdiff.graph.node import BOOL, CONSTANT, FLOAT, INPUT, INT, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.control import equal, where
from symdiff.ops.handle import Handle
from symdiff.ops.kinks import sign
from symdiff.ops.lengths import unless_zero
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import ALGEBRAIC

DIGITS = 80
_SAMPLES = 2  # of what else a function takes
_ZERO_DIGITS = 400  # what cancels in them is less than any number of float64
_ROUNDINGS = (0.0, 64.0, -100.0)

# (builder, tangents of some lines) -> tangents of others: `push_forward`
Push = Callable[[Builder, Mapping[int, Handle], Sequence[int]], Sequence[Handle | None]]


def even_jvp(
    tangents: Sequence[Handle | None], y: Handle, args: Sequence[Handle], push: Push
) -> Handle | None:
    """The tangent of a function of a length."""
    total: Handle | None = None
    for part, tangent in zip(_factors(tangents, y, args, push), tangents, strict=True):
        if part is not None and tangent is not None:
            total = part * tangent if total is None else total + part * tangent
    return total


def even_vjp(t: Handle, y: Handle, args: Sequence[Handle], push: Push) -> list[Handle | None]:
    """The cotangents of its arguments. The length itself has none: the form has them."""
    factors = _factors([t] * len(args), y, args, push)
    return [None if factor is None else t * factor for factor in factors]


def _factors(
    wanted: Sequence[Handle | None], y: Handle, args: Sequence[Handle], push: Push
) -> list[Handle | None]:
    """The derivative by each argument, where it is wanted."""
    nested, order, is_signed = y.params
    graph: Graph = nested.graph
    r, _h, *others = args
    found: list[Handle | None] = [None, None]
    if wanted[1] is not None and is_signed:
        found[1] = _even(y, nested, order + 1, args)
    elif wanted[1] is not None:
        # what is multiplied by the form's tangent: that is 0 at the origin, and the product too,
        # unless there is no derivative of this order
        at_origin = math.nan if order and not _is_smooth(nested, 2 * order, push) else 0.0
        slope = _even(y, nested, order + 1, args)
        constant = Handle(y.builder, y.builder.position(at_origin, y.at))
        found[1] = unless_zero(slope, r, constant)
    for number in range(1, len(others) + 1):
        if wanted[number + 1] is None or graph[graph.inputs[number]].dtype != FLOAT:
            found.append(None)
            continue
        slope_graph = derivative(graph, number, push)
        is_zero = slope_graph is None
        found.append(None if is_zero else _even(y, Nested(slope_graph), order, args))  # type: ignore[arg-type]
    return found


def _even(y: Handle, nested: Nested, order: int, args: Sequence[Handle]) -> Handle:
    positions = tuple(handle.at for handle in args)
    return Handle(y.builder, y.builder.make("even", positions, (nested, order, y.params[2])))


def written_out(
    builder: Builder, args: Sequence[Handle], params: tuple[Any, ...], push: Push
) -> Handle:
    """The lines of the k-th derivative: the limit at the origin, and elsewhere its formula."""
    nested, order, is_signed = params
    r, u, *others = args
    if is_signed:
        return _of_magnitude(builder, r, u, others, params, push)
    away = _put(builder, _divided(nested, order, push), [r, *others], r)
    if not order:
        return away
    zero = Handle(builder, builder.position(0.0, r.at))
    if _is_smooth(nested, 2 * order, push):
        graph = _repeated(nested, 2 * order, push)
        count = math.prod(range(1, 2 * order, 2))
        limit = zero if graph is None else _put(builder, graph, [zero, *others], r) / float(count)
    else:
        limit = Handle(builder, builder.position(math.nan, r.at))
    return where(equal(r, 0.0), limit, away)


def _of_magnitude(
    builder: Builder,
    r: Handle,
    u: Handle,
    others: Sequence[Handle],
    params: tuple[Any, ...],
    push: Push,
) -> Handle:
    """The k-th derivative of L(|u|) by u; at 0 there is none where one of odd order is not 0."""
    nested, order, _ = params
    graph = _repeated(nested, order, push)
    if graph is None:
        return Handle(builder, builder.position(0.0, r.at))
    found = _put(builder, graph, [r, *others], r)
    if order % 2:
        found = found * sign(u)
    if order < 2 or _is_smooth(nested, order, push):
        return found
    return where(equal(r, 0.0), Handle(builder, builder.position(math.nan, r.at)), found)


# --- the graphs of numbers -----------------------------------------------------------------------


def derivative(graph: Graph, number: int, push: Push) -> Graph | None:
    """The derivative of the output of a graph of numbers by one of its inputs; `None` for zero."""
    builder = Builder(ALGEBRAIC, graph)
    one = builder.handle(builder.constant(1.0))
    (output,) = graph.outputs
    tangent = push(builder, {graph.inputs[number]: one}, [output])[output]
    if tangent is None or builder.constants.get(tangent.at) == 0.0:
        return None
    made = builder.graph(graph.inputs, [tangent.at], ["d"], primal=0)
    return made.keep(made.ancestors([*made.outputs, *made.inputs]))


def _repeated(nested: Nested, times: int, push: Push) -> Graph | None:
    """The derivative of an order by the length."""
    graph: Graph | None = nested.graph
    for _ in range(times):
        graph = None if graph is None else derivative(graph, 0, push)
    return graph


def _divided(nested: Nested, order: int, push: Push) -> Graph:
    """D applied a number of times, away from the origin."""
    graph = nested.graph
    for _ in range(order):
        slope = derivative(graph, 0, push)
        if slope is None:
            builder = Builder(ALGEBRAIC, graph)
            return builder.graph(graph.inputs, [builder.constant(0.0)], ["d"], primal=0)
        builder = Builder(ALGEBRAIC, slope)
        quotient = builder.make("divide", (slope.outputs[0], slope.inputs[0]))
        graph = builder.graph(slope.inputs, [quotient], ["d"], primal=0)
    return graph


def _put(builder: Builder, graph: Graph, given: Sequence[Handle], like: Handle) -> Handle:
    """A graph of numbers on lines of any one shape."""
    moved: dict[int, int] = dict(zip(graph.inputs, [handle.at for handle in given], strict=True))
    for position, node in enumerate(graph.nodes):
        if node.op == CONSTANT:
            moved[position] = builder.full(constant_value(node), like.shape, node.dtype)
        elif node.op != INPUT:
            args = tuple([moved[argument] for argument in node.args])
            moved[position] = builder.make(node.op, args, node.params)
    return Handle(builder, moved[graph.outputs[0]])


def _is_smooth(nested: Nested, order: int, push: Push) -> bool:
    """Whether the derivatives of odd order by the length, up to an order, are 0 at the origin."""
    graph: Graph | None = nested.graph
    for number in range(1, order + 1):
        graph = None if graph is None else derivative(graph, 0, push)
        if graph is None:
            return True
        if number % 2 and not _is_zero_at_origin(graph):
            return False
    return True


def _is_zero_at_origin(graph: Graph) -> bool:
    """Whether a derivative is 0, but for the rounding of the numbers in the formula.

    In so many digits a sum that cancels is less than any number of float64, and a kink of
    1e-30*r is none the less one: its size does not depend on the last bits of a number.
    """
    own = context()
    with own.workdps(_ZERO_DIGITS):
        least = own.mpf("1e-330")
        for sample in range(_SAMPLES):
            value, *others = [value_of(graph, sample, roundings) for roundings in _ROUNDINGS]
            if value is None or None in others:
                return False
            rounding = max(abs(other - value) for other in others)
            if abs(value) > max(rounding, least):
                return False
    return True


def value_of(graph: Graph, sample: int, roundings: float = 0.0) -> Any:
    """The value of a graph of numbers at the origin, in many digits; `None` where there is none.

    Args:
        graph: one output, the length as its first input.
        sample: which values the other inputs have.
        roundings: by how many units in the last place the numbers are changed that may be rounded.
    """
    lines: list[Any] = [None] * len(graph)
    for place, at in enumerate(graph.inputs):
        lines[at] = context().mpf(0) if place == 0 else sampled(place, sample, graph[at].dtype)
    for position, node in enumerate(graph.nodes):
        if node.op == CONSTANT:
            value = constant_value(node)
            lines[position] = number(value, node.dtype)
            if roundings and node.dtype == FLOAT and value * 1024.0 % 1.0:
                ulps = roundings * math.cos(position + 1.0)  # of no pattern
                lines[position] *= 1 + ulps * context().mpf(2) ** -52
        elif node.op != INPUT:
            lines[position] = applied(node.op, node.params, [lines[a] for a in node.args])
            if lines[position] is None:
                return None
    return lines[graph.outputs[0]]


# --- in many digits ------------------------------------------------------------------------------


_OF_THREAD = threading.local()  # mpmath's functions change the precision while they run


def context() -> Any:
    """Numbers of mpmath with enough digits to tell a difference from rounding."""
    own = getattr(_OF_THREAD, "context", None)
    if own is None:
        import mpmath

        own = _OF_THREAD.context = mpmath.MPContext()
        own.dps = DIGITS
    return own


def number(value: float, dtype: str) -> Any:
    """A constant."""
    return context().mpf(value) if dtype == FLOAT else value


def sampled(place: int, sample: int, dtype: str) -> Any:
    """A number for what else a function takes: the same in every run, of no special kind."""
    if dtype == BOOL:
        return bool((place + sample) % 2)
    if dtype == INT:
        return 3 + (place + sample) % 5
    fraction = (0.6180339887498949 * (2 * place + 1) + 0.41421356 * sample) % 1.0
    return context().mpf(0.4 + 0.9 * fraction)


def applied(op: str, params: tuple[Any, ...], args: Sequence[Any]) -> Any:
    """An operation on numbers; `None` where it has no finite real result."""
    record, own = OPERATIONS[op], context()
    try:
        if not record.exact:
            return None
        value = record.exactly(own)(*params, *args)
    except (ArithmeticError, ValueError, TypeError, NotImplementedError):
        return None
    if isinstance(value, bool | int):
        return value
    return value if isinstance(value, own.mpf) and own.isfinite(value) else None
