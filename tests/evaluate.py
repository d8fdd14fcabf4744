"""Graphs computed line by line with NumPy's own functions, or with mpmath's: what is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np

from symdiff.derive.even import written_out
from symdiff.derive.forward import push_forward
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import ALGEBRAIC
from tests.ops.array_rows import ARRAY_BY_NAME, ArrayRow
from tests.ops.rows import BY_NAME

LANES = 12

# what the emitted code writes for these, so that bits can be compared
EXPANDED = {
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "sech": lambda x: 1.0 / np.cosh(x),
    "csch": lambda x: 1.0 / np.sinh(x),
    "power": lambda x, y: _power(x, y),
}


def _power(x: Any, y: Any) -> Any:
    """NumPy's `x ** y`, which takes roots, inverses and squares where y is one number."""
    is_number = np.size(y) and np.all(np.asarray(y) == np.ravel(y)[0])
    return np.asarray(x) ** (float(np.ravel(y)[0]) if is_number else y)


def _oracle(op: str, params: tuple[Any, ...], args: list[Any]) -> Any:
    found = EXPANDED.get(op)
    if found is not None:
        return found(*args)
    if op == "even":
        return _even(params, args)
    if op in ARRAY_BY_NAME:
        return ARRAY_BY_NAME[op].oracle(*args, *params)
    return BY_NAME[op].named(*params, *args)


def _even(params: tuple[Any, ...], args: list[Any]) -> Any:
    """A function of a length by the lines that are printed for it."""
    builder = Builder(ALGEBRAIC)
    handles = [builder.handle(builder.input(f"x{i}")) for i in range(len(args))]
    output = written_out(builder, handles, params, push_forward).at
    graph = builder.graph([handle.at for handle in handles], [output], ["f"], primal=0)
    return lines(graph, {f"x{i}": value for i, value in enumerate(args)})[output]


def lines(
    graph: Graph, values: Mapping[str, Any], noise: np.random.Generator | None = None
) -> list[Any]:
    """The value of every line in NumPy.

    Args:
        graph: what to compute.
        values: a number or an array for each input.
        noise: each result is then computed in several lanes, each off by up to an ulp. How far
            the lanes spread says how exact the result can be (Vignes 1978).
    """
    found: list[Any] = []
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            if node.op == INPUT:
                value = np.asarray(values[node.params[0]], node.dtype)
            elif node.op == CONSTANT:
                value = np.float64(constant_value(node)).astype(node.dtype)
            else:
                value = _oracle(node.op, node.params, [found[argument] for argument in node.args])
                if noise is not None and node.dtype != "bool":
                    value = value * (1.0 + 2.0**-52 * noise.uniform(-1.0, 1.0, LANES))
            found.append(value)
    return found


def outputs(graph: Graph, values: Mapping[str, Any]) -> list[float]:
    """The outputs in NumPy, as floats."""
    found = lines(graph, values)
    return [float(found[position]) for position in graph.outputs]


def tolerances(graph: Graph, values: Mapping[str, Any]) -> list[float]:
    """How far rounding may take each output from the right one."""
    exact, noisy = lines(graph, values), lines(graph, values, np.random.default_rng(0))
    bounds = []
    for position in graph.outputs:
        right = float(exact[position])
        with np.errstate(all="ignore"):
            spread = float(np.max(np.abs(noisy[position] - right)))
        bounds.append(16.0 * spread + 16.0 * abs(float(np.spacing(right))))
    return bounds


def exact_output(graph: Graph, values: Mapping[str, Any], output: int = 0) -> Any:
    """One output in mpmath, at its working precision."""
    found: list[Any] = []
    for node in graph.nodes:
        if node.op == INPUT:
            found.append(values[node.params[0]])
        elif node.op == CONSTANT:
            found.append(mpmath.mpf(constant_value(node)))
        else:
            args = [found[argument] for argument in node.args]
            found.append(OPERATIONS[node.op].exactly(mpmath)(*node.params, *args))
    return found[graph.outputs[output]]


def exact_gradient(graph: Graph, point: Mapping[str, float], wrt: tuple[str, ...]) -> list[Any]:
    """The gradient of the first output, by differences at many digits.

    Raises:
        ArithmeticError, TypeError, ValueError: where a line is not a real number there.
    """
    gradient = []
    with mpmath.workdps(50):
        values = {name: mpmath.mpf(x) for name, x in point.items()}
        for name in wrt:

            def along(x: Any, name: str = name) -> Any:
                return exact_output(graph, {**values, name: x})

            gradient.append(mpmath.diff(along, values[name]))
    return gradient


def has_kink_near(graph: Graph, values: Mapping[str, Any], margin: float = 1e-4) -> bool:
    """Whether a branch is nearly undecided or a line singular: differences would straddle it."""
    found = lines(graph, values)
    if not all(np.isfinite(value) for value in found):
        return True
    for node in graph.nodes:
        args = [float(found[argument]) for argument in node.args]
        if node.op in _AT_ZERO and abs(args[0]) < margin:
            return True
        if node.op in _AT_TIES and abs(args[0] - args[1]) < margin:
            return True
    return False


_AT_ZERO = frozenset(("absolute", "relu", "sign", "sqrt", "log", "power"))
_AT_TIES = frozenset(
    "maximum minimum less less_equal greater greater_equal equal not_equal".split()
)


# --- arrays ------------------------------------------------------------------------------------

Arrays = Mapping[str, Any]


def array_lines(
    graph: Graph, values: Arrays, noise: np.random.Generator | None = None
) -> list[np.ndarray]:
    """The value of every line of a graph of arrays, by NumPy's functions.

    Args:
        graph: what to compute.
        values: an array for each input.
        noise: each result is then off by up to an ulp.
    """
    found: list[np.ndarray] = []
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            args = [found[argument] for argument in node.args]
            if node.op == INPUT:
                value = np.asarray(values[node.params[0]])
            elif node.op == CONSTANT:
                value = np.full(node.shape, constant_value(node)).astype(node.dtype)
            elif node.op in ARRAY_BY_NAME:
                value = _of_row(ARRAY_BY_NAME[node.op], node, args)
            else:
                value = np.asarray(_oracle(node.op, node.params, args))
                value = np.broadcast_to(value, node.shape)  # an even function may be constant
            if noise is not None and value.dtype == float and _rounds(node):
                value = value * (1.0 + 2.0**-52 * noise.uniform(-1.0, 1.0, value.shape))
            assert value.shape == node.shape, node
            found.append(value)
    return found


def _rounds(node: Node) -> bool:
    """Whether a line's elements are not elements of its arguments, which are exact."""
    return bool(node.args) and not OPERATIONS[node.op].is_view and node.op not in _PICKS


_PICKS = frozenset(("max", "min", "sort"))


def _of_row(row: ArrayRow, node: Node, args: list[np.ndarray]) -> np.ndarray:
    """What NumPy says. A part of a decomposition is made from the matrix; the whole stays empty."""
    if "alone" in row.exceptions:
        return np.zeros(node.shape)
    given = args[:1] if row.whole else args
    return np.asarray(row.oracle(*given, *node.params))


def array_outputs(graph: Graph, values: Arrays) -> list[np.ndarray]:
    """The outputs of a graph of arrays, by NumPy's functions."""
    found = array_lines(graph, values)
    return [found[position] for position in graph.outputs]


def array_tolerances(graph: Graph, values: Arrays) -> list[float]:
    """How far rounding may take the elements of each output, by trials with disturbed results."""
    rng = np.random.default_rng(0)
    right = array_outputs(graph, values)
    trials = [array_lines(graph, values, rng) for _ in range(LANES)]
    bounds = []
    with np.errstate(all="ignore"):
        for position, exact in zip(graph.outputs, right, strict=True):
            spread = max(np.max(np.abs(t[position] - exact), initial=0.0) for t in trials)
            ulp = np.spacing(np.max(np.abs(exact), initial=0.0))
            bounds.append(float(16.0 * spread + 16.0 * ulp))
    return bounds
