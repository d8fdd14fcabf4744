"""Interpreters: the value of every line of a graph, with mpmath's or with NumPy's functions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol  # mpmath has no types; a function of a library takes what it takes

from symdiff.emit.spell.math import FLOATS
from symdiff.emit.spell.numpy import NUMPY
from symdiff.emit.spell.operators import OPERATORS
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, INPUT, Node, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.operation import Operation
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT

Function = Callable[..., Any]

# Numbers beyond 2**EXPONENT_BITS count as infinite: without a bound, exp(exp(1e9)) takes for ever
EXPONENT_BITS = 1 << 18


# --- mpmath ------------------------------------------------------------------------------------


def evaluate_mpmath(graph: Graph, values: Mapping[str, Any], digits: int = 50) -> list[Any]:
    """The outputs with mpmath's numbers, and IEEE's results where mpmath raises or goes complex.

    Args:
        graph: a graph of scalars.
        values: by name, a number for every input.
        digits: decimal digits of every operation.

    Returns:
        An `mpmath.mpf` for each output; 1 or 0 for a condition.

    Raises:
        UnsupportedError: naming an operation that has no counterpart in mpmath.
    """
    import mpmath

    context = high_precision(digits)
    lines = mpmath_lines(graph, values, context)
    return [mpmath.mp.make_mpf(context.mpf(lines[at])._mpf_) for at in graph.outputs]


def high_precision(digits: int) -> Any:
    """A context of mpmath's of its own: the shared one has one precision for all threads."""
    from mpmath.ctx_mp import MPContext

    context = MPContext()
    context.dps = digits
    return context


class Disturbance(Protocol):
    """A model of rounding errors: what becomes of the arguments and of the result of a line."""

    def arguments(self, position: int, args: list[Any]) -> list[Any]:
        """The arguments to go on with."""

    def result(self, position: int, value: Any, args: list[Any]) -> Any:
        """The result to go on with."""


def mpmath_lines(
    graph: Graph, values: Mapping[str, Any], context: Any, disturb: Disturbance | None = None
) -> list[Any]:
    """The value of every line.

    Args:
        graph: a graph of scalars.
        values: by name, a number for every input.
        context: mpmath's, see `high_precision`.
        disturb: a model of rounding errors.
    """
    lines: list[Any] = []
    for position, node in enumerate(graph.nodes):
        args = [lines[argument] for argument in node.args]
        if disturb is None or node.dtype == BOOL:
            lines.append(_mpmath_line(node, args, values, context))
        else:
            moved = disturb.arguments(position, args)
            value = _mpmath_line(node, moved, values, context)
            lines.append(disturb.result(position, value, args))
    return lines


def _mpmath_line(node: Node, args: list[Any], values: Mapping[str, Any], context: Any) -> Any:
    if node.op == INPUT:
        return context.mpf(values[node.params[0]])
    if node.op == CONSTANT:
        return context.mpf(constant_value(node))
    return real_result(OPERATIONS[node.op], args, node.params, context)


def real_result(
    record: Operation, args: Sequence[Any], params: tuple[Any, ...], context: Any
) -> Any:
    """An operation on real numbers: NaN where it is complex, as NumPy where it has a pole."""
    if record.dtype != BOOL and not isinstance(args[0], bool):  # a choice may drop a NaN
        for arg in args:
            if arg != arg:
                return context.nan
    if not record.mpmath:
        raise UnsupportedError(f"mpmath has no counterpart of the operation '{record.name}'")
    try:
        if isinstance(record.mpmath, str):
            result = getattr(context, record.mpmath)(*params, *args)
        else:
            result = record.mpmath(context, *params, *args)
    except (ArithmeticError, ValueError, TypeError, context.NoConvergence):  # besselj(0, inf)
        return context.mpf(_at_pole(record, args, params))
    if record.dtype == BOOL:
        return bool(result)
    if hasattr(result, "_mpc_"):
        return result.real if result.imag == 0 else context.nan
    return _bounded(context.mpf(result), context)


def _at_pole(record: Operation, args: Sequence[Any], params: tuple[Any, ...]) -> float:
    """IEEE's result, as NumPy gives it: 1/0 is inf, 0/0 is NaN, erf(inf) is 1."""
    import numpy as np

    numbers = [float(arg) for arg in args]
    with np.errstate(all="ignore"):
        result = float(numpy_function(record)(*params, *map(np.float64, numbers)))
    is_limit = any(map(np.isinf, numbers))
    return result if is_limit or not np.isfinite(result) else float("nan")


def _bounded(number: Any, context: Any) -> Any:
    if not number or not context.isfinite(number):
        return number
    size = context.mag(number)
    if size > EXPONENT_BITS:
        return context.inf if number > 0 else -context.inf
    return context.zero if size < -EXPONENT_BITS else number


# --- NumPy -------------------------------------------------------------------------------------


def evaluate_numpy(graph: Graph, values: Mapping[str, Any]) -> list[Any]:
    """The outputs with NumPy's functions, without warnings.

    Args:
        graph: a graph of scalars; they may stand for arrays.
        values: by name, a float or complex number or array for every input; arrays broadcast.

    Returns:
        A NumPy number or array for each output.

    Raises:
        UnsupportedError: naming an operation that NumPy and SciPy lack.
    """
    lines = numpy_lines(graph, values)
    return [lines[at] for at in graph.outputs]


def numpy_lines(graph: Graph, values: Mapping[str, Any]) -> list[Any]:
    """The value of every line, see `evaluate_numpy`."""
    import numpy as np

    functions: dict[str, Function] = {}
    lines: list[Any] = []
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            if node.op == INPUT:
                lines.append(np.asarray(values[node.params[0]])[()])
            elif node.op == CONSTANT:
                lines.append(np.float64(constant_value(node)))
            else:
                known = functions.get(node.op)
                if known is None:
                    known = functions[node.op] = numpy_function(OPERATIONS[node.op])
                lines.append(known(*node.params, *[lines[at] for at in node.args]))
    return lines


def numpy_function(record: Operation) -> Function:
    """The function of NumPy or SciPy that an operation names.

    Raises:
        UnsupportedError: where there is none.
    """
    import math

    import numpy as np

    modules = {"np": np, "math": math}
    spelling = NUMPY.find(record.name)
    if spelling is not None and "special." in spelling.text + spelling.source:
        modules["special"] = _scipy_special()
    found = resolve(record, modules)
    if found is None and record.expand is not None:  # what it expands to may need SciPy
        found = resolve(record, {**modules, "special": _scipy_special()})
    if found is None:
        raise UnsupportedError(f"NumPy has no counterpart of the operation '{record.name}'")
    return found


def _scipy_special() -> Any:
    try:
        from scipy import special
    except ImportError:
        raise UnsupportedError(
            "the formula needs SciPy's special functions",
            suggestion="install them: pip install 'symdiff-codegen[scipy]'",
        ) from None
    return special


def resolve(
    record: Operation,
    modules: Mapping[str, Any],
    renamed: Mapping[str, str] | None = None,
) -> Function | None:
    """The function that an operation's NumPy spelling means, in a library like NumPy.

    Args:
        record: the operation.
        modules: what stands for `np`, `special` and `math`.
        renamed: by operation, the library's name, where it is not NumPy's.

    Returns:
        A function of the parameters and arguments; `None` where the library lacks it.
    """
    if renamed is not None and record.name in renamed:
        return _member(renamed[record.name], modules)
    spelling = NUMPY.find(record.name)
    if spelling is None:
        return None if record.expand is None else _expanded(record, modules, renamed)
    if spelling.form != "call":
        return _SIGNS[spelling.form, spelling.text]
    if spelling.source:
        # the text of our own record, never of the input
        scope = dict(modules)
        exec(spelling.source, scope)  # noqa: S102
        return scope[spelling.text] if "math" in modules else None
    return _member(spelling.text, modules)


def _member(text: str, modules: Mapping[str, Any]) -> Function | None:
    """`np.x` in the library that stands for `np`."""
    module, _, name = text.partition(".")
    return getattr(modules.get(module), name, None)


def _expanded(
    record: Operation, modules: Mapping[str, Any], renamed: Mapping[str, str] | None
) -> Function | None:
    """An operation by the simpler ones that it stands for."""
    assert record.expand is not None
    builder = Builder(EXACT)
    inputs = [builder.input(f"argument{index}") for index in range(record.arity)]
    output = record.expand(*map(builder.handle, inputs))
    nodes = builder.nodes
    functions = {
        node.op: resolve(OPERATIONS[node.op], modules, renamed)
        for node in nodes
        if node.op not in (INPUT, CONSTANT)
    }
    if None in functions.values():
        return None

    def evaluate(*args: Any) -> Any:
        given = iter(args)
        lines: list[Any] = []
        for node in nodes:
            if node.op == INPUT:
                lines.append(next(given))
            elif node.op == CONSTANT:
                lines.append(constant_value(node))
            else:
                step = functions[node.op]
                assert step is not None
                lines.append(step(*node.params, *[lines[at] for at in node.args]))
        return lines[output.at]

    return evaluate


_SIGNS: Mapping[tuple[str, str], Function] = {
    ("prefix", "-"): operator.neg,
    ("infix", "+"): operator.add,
    ("infix", "-"): operator.sub,
    ("infix", "*"): operator.mul,
    ("infix", "/"): operator.truediv,
    ("infix", "//"): operator.floordiv,
    ("infix", "%"): operator.mod,
    ("infix", "<"): operator.lt,
    ("infix", "<="): operator.le,
    ("infix", ">"): operator.gt,
    ("infix", ">="): operator.ge,
    ("infix", "=="): operator.eq,
    ("infix", "!="): operator.ne,
    ("infix", "&"): operator.and_,
    ("infix", "|"): operator.or_,
}


def straight_line(graph: Graph, library: str) -> Function:
    """The first output as a Python function, a statement a line: to time plain evaluations.

    Args:
        graph: a graph of scalars.
        library: whose spelling is used, `math` or `numpy`.

    Returns:
        A function of the inputs in the graph's order.
    """
    scope: dict[str, Any] = {}
    lines: list[str] = []
    for position, node in enumerate(graph.nodes):
        if node.op == INPUT:
            continue
        if node.op == CONSTANT:
            scope[f"c{position}"] = constant_value(node)
            lines.append(f"v{position} = c{position}")
        else:
            scope.setdefault(f"f_{node.op}", _plain_function(OPERATIONS[node.op], library))
            lines.append(f"v{position} = {_written(node)}")
    args = ", ".join(f"v{position}" for position in graph.inputs)
    body = "\n    ".join([*lines, f"return v{graph.outputs[0]}"])
    exec(f"def value({args}):\n    {body}", scope)  # noqa: S102  # numbers and our records' names
    return scope["value"]  # type: ignore[no-any-return]


def _written(node: Node) -> str:
    args = [f"v{argument}" for argument in node.args]
    spelling = OPERATORS.find(node.op)
    if spelling is not None and spelling.form == "infix":
        return f"{args[0]} {spelling.text} {args[1]}"
    if spelling is not None and spelling.form == "prefix":
        return f"{spelling.text}{args[0]}"
    return f"f_{node.op}({', '.join([*map(repr, node.params), *args])})"


def _plain_function(record: Operation, library: str) -> Function:
    """A function of floats: `math`'s where it is spelled so."""
    import math

    spelling = FLOATS.find(record.name)
    if library == "math" and spelling is not None and spelling.text.startswith("math."):
        return getattr(math, spelling.text.removeprefix("math."))  # type: ignore[no-any-return]
    return numpy_function(record)
