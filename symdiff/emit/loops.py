"""A loop as statements: storage, a `for`, the body, and what is carried on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from symdiff.emit.layout import INDENT
from symdiff.errors import Span
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, FLOAT, INPUT, INT
from symdiff.graph.shape import text as shape_text
from symdiff.ops.loops import Layout

if TYPE_CHECKING:
    from symdiff.emit.printer import Names, Printed

_KINDS = {FLOAT: "", INT: ", int", BOOL: ", bool"}  # as an argument after a shape

# (body, the text of each input, by position the name that a line is to have) -> its statements
PrintBody = Callable[[Graph, Mapping[str, str], Mapping[int, str]], "Printed"]


class Statement(NamedTuple):
    """A line of text and the place in the source that it comes from."""

    text: str
    span: Span | None = None


class LoopText(NamedTuple):
    """A loop's statements, and the name of each part that was asked for."""

    statements: list[Statement]
    parts: dict[int, str]


def print_loop(
    layout: Layout,
    given: Sequence[str | None],
    kept: Sequence[bool],
    wanted: Collection[int],
    counter: str,
    names: Names,
    print_body: PrintBody,
) -> LoopText:
    """The statements of a loop.

    Args:
        layout: the loop.
        given: the text of each argument; `None` for the slices of a counter.
        kept: for each carried value, whether it keeps the name that it starts under.
        wanted: numbers of the parts that other lines need.
        counter: the name of the number of the step.
        names: where names come from.
        print_body: prints the body.
    """
    graph, carries = layout.graph, range(layout.carries)
    inputs = graph.input_names
    starts = given[layout.first_carry : layout.first_slice]
    carried = [
        start if keeps and start else names.fresh(inputs[layout.first_carry + n])
        for n, (start, keeps) in enumerate(zip(starts, kept, strict=True))
    ]
    stores = _stores(layout, wanted, names)
    before = [
        f"{name} = {start}" for name, start in zip(carried, starts, strict=True) if name != start
    ]
    before += [f"{name} = {_empty(layout, which)}" for which, name in stores.items()]
    texts, slices = _slices(layout, given, counter, names)
    for number in range(layout.first_slice):
        constant = (
            given[number] if number < layout.constants else carried[number - layout.constants]
        )
        assert constant is not None  # only slices are counters
        texts[inputs[number]] = constant
    early = [n for n in stores if graph[graph.outputs[n]].op == INPUT]  # what a step starts with
    late = [n for n in stores if n not in early]
    inside = [*map(Statement, slices)]
    inside += [
        Statement(f"{stores[n]}[{counter}] = {texts[graph[graph.outputs[n]].params[0]]}")
        for n in early
    ]
    settled = {graph.outputs[n]: carried[n] for n in reversed(carries)}
    printed = print_body(graph.select([*carries, *late]), texts, settled)
    inside += map(Statement, printed.lines, printed.spans)
    inside += [
        Statement(f"{stores[n]}[{counter}] = {text}")
        for n, text in zip(late, printed.results[layout.carries :], strict=True)
    ]
    inside += map(Statement, _assignments(carried, printed.results[: layout.carries]))
    if not inside:
        inside = [Statement("pass")]
    steps = (
        f"range({layout.length})" if layout.direction > 0 else f"reversed(range({layout.length}))"
    )
    is_read = any(mentions(line.text, counter) for line in inside)
    before.append(f"for {counter if is_read else '_'} in {steps}:")
    parts = {n: carried[n] for n in carries} | stores
    statements = [*map(Statement, before), *[Statement(INDENT + s.text, s.span) for s in inside]]
    return LoopText(statements, parts)


def _stores(layout: Layout, wanted: Collection[int], names: Names) -> dict[int, str]:
    """The names of the arrays that results are stacked in, where they are needed."""
    found = {}
    for which in sorted(wanted):
        if which >= layout.carries:
            name = layout.graph.output_names[which]
            found[which] = names.fresh(name if name.endswith("_history") else f"{name}s")
    return found


def _empty(layout: Layout, which: int) -> str:
    shape = layout.shape(which)
    lengths = str(shape[0]) if len(shape) == 1 else shape_text(shape)
    return f"np.empty({lengths}{_KINDS[layout.part(which).dtype]})"


def _slices(
    layout: Layout, given: Sequence[str | None], counter: str, names: Names
) -> tuple[dict[str, str], list[str]]:
    """The text of each slice, and statements that name those that are read more than once."""
    graph, uses = layout.graph, layout.graph.uses()
    texts, lines = {}, []
    for number in range(layout.first_slice, len(graph.inputs)):
        name, array = graph.input_names[number], given[number]
        text = counter if array is None else f"{array}[{counter}]"
        if uses[graph.inputs[number]] > 1 and array is not None:
            local = names.fresh(name.rstrip("_") or name)
            lines.append(f"{local} = {text}")
            text = local
        texts[name] = text
    return texts, lines


def _assignments(names: Sequence[str], texts: Sequence[str]) -> list[str]:
    """What is carried on, one after another where no later text reads what was changed."""
    pending = {name: text for name, text in zip(names, texts, strict=True) if name != text}
    lines: list[str] = []
    while pending:
        free = next((name for name in pending if not _is_read(name, pending, except_by=name)), None)
        if free is None:
            return [*lines, f"{', '.join(pending)} = {', '.join(pending.values())}"]
        lines.append(f"{free} = {pending.pop(free)}")
    return lines


def _is_read(name: str, texts: Mapping[str, str], except_by: str) -> bool:
    return any(mentions(text, name) for other, text in texts.items() if other != except_by)


def mentions(text: str, name: str) -> bool:
    """Whether a text reads a name."""
    return re.search(rf"\b{re.escape(name)}\b", text) is not None
