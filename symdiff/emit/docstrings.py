"""What the docstrings of a module say: formulas, shapes, domains and conventions at kinks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from symdiff.emit.formula import MOST_EQUATIONS, derivative_name, equations
from symdiff.emit.layout import INDENT, WIDTH, prose
from symdiff.emit.products import PLACES, headline
from symdiff.emit.source import Derivative, Source
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, constant_value, is_exact_integer
from symdiff.graph.shape import Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.loops import Layout, are_tested, scan
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.steps import most_steps

_ONE_LINE = WIDTH - 10
_SHORT = 50


# of loops that a test ends
_OF_LOOPS = "The derivative is that of the steps done: none where their number changes."
_LINES = "Lines in the comments are those of %s."


def printable(name: str) -> str:
    """The name of a file, without what would end a comment or a docstring."""
    return "".join(c if c.isprintable() and c not in '"\\' else "?" for c in name)


def title(source: Source) -> str:
    """The docstring of the module, a line where it fits on one."""
    names = _listed(source.value.output_names)
    text = f"The function {names} of {_listed(source.value.input_names)}."
    if source.derivatives:
        nouns = [f"its {derivative.verb.noun}" for derivative in source.derivatives]
        every = f"{names}, {', '.join(nouns[:-1])}" if nouns[1:] else names
        text = f"The function {every} and {nouns[-1]} by {_listed(source.wrt)}."
    return "\n".join(prose(text, ""))


def docstring_of(
    source: Source,
    derivative: Derivative | None,
    shapes: Mapping[str, Shape] | None = None,
    places: str = PLACES,
) -> list[str]:
    """Of the function of a derivative, or of the value.

    Args:
        source: what the module is made of.
        derivative: that, `None` for the value.
        shapes: of the inputs, where they are arrays.
        places: what says where the entries of a sparse matrix stand.
    """
    if not source.is_documented:
        return [""]
    if derivative is None:
        return _of_value(source) if shapes is None else _of_array_value(source, shapes)
    if not derivative.verb.has_gradient:
        return _of_product(source, derivative, shapes, places)
    if shapes is None:
        return _of_gradient(source, derivative)
    return _of_array_gradient(source, shapes)


def _of_product(
    source: Source, derivative: Derivative, shapes: Mapping[str, Shape] | None, places: str
) -> list[str]:
    """What comes out, formulas, shapes, the kinks."""
    graph = derivative.formulas
    lines: list[str] = []
    if shapes is None and len(graph.outputs) <= MOST_EQUATIONS:
        first = len(source.value.outputs) if derivative.verb.returns_value else 0
        lines = equations(graph, graph.output_names[first:], first)
    if shapes is not None:
        inputs = (*source.value.input_names, *source.vectors(derivative))
        lines += _lines_of_shapes(source, {name: shapes[name] for name in inputs})
    head = headline(derivative.verb, derivative.packing, source, places)
    return _paragraphs(head, lines, _notes(source))


def _lines_of_shapes(source: Source, shapes: Mapping[str, Shape]) -> list[str]:
    """The inputs and their shapes, those that are no arguments, the file."""
    listed = [
        f"{name}: {shape_text(shape) if shape else 'number'}" for name, shape in shapes.items()
    ]
    lines = [f"Shapes: {', '.join(listed)}."]
    if source.reads:
        lines.append(
            f"Read beside its arguments, and given behind them: {', '.join(source.reads)}."
        )
    if source.file:
        lines.append(_LINES % printable(source.file))
    return lines


def _of_value(source: Source) -> list[str]:
    """One line where the formula fits on it."""
    names = source.value.output_names
    lines = equations(source.value, names)
    shapes = ", for numbers or arrays that broadcast." if source.broadcasts else "."
    if source.broadcasts and are_tested(source.value):
        shapes = ", for numbers; arrays broadcast, and go element by element."
    if len(lines) == 1 == len(names):
        line = f"The value {lines[0]}{shapes}"
        if len(line) < _ONE_LINE:
            return [line]
    return _paragraphs(f"The value {_listed(names)}{shapes}", lines, [])


def gradient_sentence(source: Source) -> str:
    """Of `grad`, which `value_and_grad` beside it describes in full."""
    derivatives = [derivative_name(source.value, name) for name in source.wrt]
    if len(derivatives) == 1:
        return f"{derivatives[0]}, of the shape that the inputs broadcast to."
    text = f"The tuple ({_listed(derivatives)}), each of the broadcast shape."
    return f"\n{INDENT}".join(prose(text, ""))


def _of_gradient(source: Source, derivative: Derivative) -> list[str]:
    """The derivatives, and where the function is not smooth."""
    names = [derivative_name(source.value, name) for name in source.wrt]
    lines = equations(derivative.formulas, names, 1)
    notes = _notes(source)
    if len(lines) == len(names) and not notes:
        line = f"The value and ({', '.join(lines)}); smooth everywhere."
        if len(line) < _ONE_LINE:
            return [line]
    smooth = "" if notes else "; smooth everywhere"
    return _paragraphs(f"The value and {_listed(names)}{smooth}.", lines, notes)


def is_smooth(source: Source) -> bool:
    """Whether no convention counts anywhere, and no edge of a domain."""
    return not _notes(source)


def _paragraphs(head: str, lines: Sequence[str], notes: Sequence[str]) -> list[str]:
    body = [part for line in (*lines, *notes) for part in prose(line)]
    head, *more = prose(head, "")
    return [head, *more, "", *body, ""] if body else [head, *more]


def _notes(source: Source) -> list[str]:
    """The conventions at kinks and the domains of the operations in the function."""
    notes = [_OF_LOOPS] * are_tested(source.value) + _bounds(source.value)
    for op in dict.fromkeys(op for graph in _graphs(source) for op in graph.by_op):
        record = OPERATIONS.get(op)
        if record is None or (not record.kink and not record.domain):
            continue
        if record.dtype == "bool" or not _may_leave_domain(op, source):
            continue
        name = record.of_real or op  # of complex numbers it is called as of real ones
        if record.domain:
            notes.append(f"Domain of {name}: {record.domain}.")
        if record.kink:
            notes.append(f"Kink of {name}: {record.kink}.")
    return notes


def _bounds(graph: Graph) -> list[str]:
    """How many steps loops that a test ends do at most, where that is known."""
    lines = [graph.nodes[at] for at in graph.by_op.get(scan.name, ())]
    loops = [(node, Layout.of(node.params)) for node in lines]
    found = [
        most_steps(layout, [graph[at] for at in node.args[layout.first_carry :]])
        for node, layout in loops
        if layout.test is not None
    ]
    which = "The" if len(loops) == 1 else "A"
    return [f"{which} loop does {most:,} steps at most." for most in found if most is not None]


def _graphs(source: Source) -> list[Graph]:
    """The function, and the steps of the loops in it."""
    found, pending = list[Graph](), [source.value]
    while pending:
        graph = pending.pop()
        found.append(graph)
        loops = [Layout.of(graph[at].params) for at in graph.by_op.get(scan.name, ())]
        pending += [layout.graph for layout in reversed(loops)]
    return found


def _has_rough_power(graph: Graph) -> bool:
    """Whether some power is not a positive whole one."""
    for position in graph.by_op.get("power", ()):
        exponent = graph[graph[position].args[1]]
        value = constant_value(exponent) if exponent.op == CONSTANT else math.nan
        if not is_exact_integer(value) or value < 0:
            return True
    return False


def _has_rough_divisor(graph: Graph) -> bool:
    """Whether something is divided by what may be 0: not by a number or a length."""
    nodes = graph.nodes
    divisors = [nodes[nodes[position].args[1]] for position in graph.by_op.get("divide", ())]
    divisors = [nodes[node.args[0]] if node.op == "broadcast" else node for node in divisors]
    return any(
        not constant_value(node) if node.op == CONSTANT else node.args or node.op == INPUT
        for node in divisors
    )


def _may_leave_domain(op: str, source: Source) -> bool:
    """Whether the domain of an operation is worth a note."""
    looked_at = {"power": _has_rough_power, "divide": _has_rough_divisor}
    return op not in looked_at or any(map(looked_at[op], _graphs(source)))


def _listed(names: Sequence[str]) -> str:
    """The names with commas, only the first and the last where they would fill a line."""
    line = ", ".join(names)
    return line if len(line) <= _SHORT else f"{names[0]}, ..., {names[-1]}"


def _of_array_value(source: Source, shapes: Mapping[str, Shape]) -> list[str]:
    """What comes out, and the shapes."""
    value = source.value
    own = {name: shapes[name] for name in value.input_names}
    lines = [*equations(value, value.output_names), *_lines_of_shapes(source, own)]
    return _paragraphs(f"The value {_listed(value.output_names)}.", lines, [])


def _of_array_gradient(source: Source, shapes: Mapping[str, Shape]) -> list[str]:
    """What comes out, the shapes, the kinks."""
    value = source.value
    names = [derivative_name(value, name) for name in source.wrt]
    shape = "of its input's shape" if len(names) == 1 else "each of its input's shape"
    lines = _lines_of_shapes(source, {name: shapes[name] for name in value.input_names})
    if not source.is_bare:
        lines.append("accumulate: arrays that the gradient is added to, returned in its place.")
    return _paragraphs(f"The value and {_listed(names)}, {shape}.", lines, _notes(source))
