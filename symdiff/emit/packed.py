"""Functions of one flat vector, as SciPy's optimisers call them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.context import Context, Definition, Entry
from symdiff.emit.layout import tuple_text
from symdiff.emit.source import Derivative
from symdiff.verbs import INPUTS


def packed_functions(entry: Entry) -> Iterator[Definition]:
    """The packed forms of the module's derivatives."""
    for derivative in entry.context.source.derivatives:
        if derivative.verb.has_gradient:
            yield _value_and_grad(entry, derivative)
        elif derivative.verb.order == 2 and derivative.verb.vectors is not None:
            yield _hessp(entry, derivative)
        elif derivative.verb.result == (INPUTS, INPUTS):
            yield _hess(entry, derivative)


def _value_and_grad(entry: Entry, derivative: Derivative) -> Definition:
    context = entry.context
    n, wrt = context.names, context.wrt
    theta, value, bar = map(context.local, ("theta", "f", "gradient"))
    lines, given = _unpacked(entry, theta)
    parts = bar if len(wrt) == 1 else f"*{bar}"
    return Definition(
        "packed_value_and_grad",
        _parameters(context, [theta]),
        [
            *lines,
            f"{value}, {bar} = {n[derivative.function]}({', '.join(given)})",
            f"return {n['float']}({value}), {n['pack']}({parts})",
        ],
        "The value and the flat gradient, as scipy.optimize wants them.",
        "tuple[float, np.ndarray]",
    )


def _hessp(entry: Entry, derivative: Derivative) -> Definition:
    context = entry.context
    n, is_single = context.names, len(context.wrt) == 1
    theta, vector = context.local("theta"), context.local("v")
    lines, given = _unpacked(entry, theta)
    star = "" if is_single and entry.is_alone else "*"
    product = f"{n[derivative.function]}({', '.join(given)}, {star}{n['unpack']}({vector}))"
    return Definition(
        "hessp",
        _parameters(context, [theta, vector]),
        [*lines, f"return {n['pack']}({'' if is_single else '*'}{product})"],
        "The Hessian times a vector, both flat, as scipy.optimize wants it.",
        "np.ndarray",
    )


def _hess(entry: Entry, derivative: Derivative) -> Definition:
    context, packing = entry.context, derivative.packing
    n, wrt = context.names, context.wrt
    theta = context.local("theta")
    lines, given = _unpacked(entry, theta)
    found = f"{n[derivative.function]}({', '.join(given)})"
    if isinstance(packing, Coordinates):
        prefix, csc = context.source.prefix(derivative), context.local("csc_array")
        renamed = "" if csc == "csc_array" else f" as {csc}"
        rows, starts, shape = (n[f"{prefix}{name}"] for name in ("ROWS", "STARTS", "SHAPE"))
        lines = [
            f"from scipy.sparse import csc_array{renamed}  # type: ignore[import-untyped]",
            "",
            *lines,
            f"return {csc}(({found}[0], {rows}, {starts}), {shape})",
        ]
    elif isinstance(packing, Tensor):
        lines.append(f"return {found}")
    elif len(wrt) == 1:
        lines.append(f"return {n['np']}.reshape({found}, ({n['np']}.size({theta}), -1))")
    else:
        rows, row, part, x = map(context.local, ("rows", "row", "part", "x"))
        np = n["np"]
        shaped = f"[{np}.reshape({part}, ({np}.size({x}), -1)) for {part} in {row}]"
        pairs = f"{row}, {x} in {n['zip']}({found}, {tuple_text(wrt)})"
        lines += [f"{rows} = [{shaped} for {pairs}]", f"return {n['np']}.block({rows})"]
    return Definition(
        "hess",
        _parameters(context, [theta]),
        lines,
        "The Hessian as one matrix, as scipy.optimize wants it.",
        "Any",
    )


def _parameters(context: Context, packed: Sequence[str]) -> list[str]:
    return [*[f"{name}: np.ndarray" for name in packed], *context.typed(context.others)]


def _unpacked(entry: Entry, theta: str) -> tuple[list[str], list[str]]:
    """Statements that unpack a vector, and the arguments of a call behind them."""
    context = entry.context
    wrt, every = context.wrt, context.called_with(None)
    unpacked = f"{context.names['unpack']}({theta})"
    if every == wrt and not entry.is_alone and len(wrt) > 1:
        return [], [f"*{unpacked}"]
    target = ", ".join(wrt) if len(wrt) > 1 or entry.is_alone else f"({wrt[0]},)"
    return [f"{target} = {unpacked}"], every
