"""Names of values: what a name can say of the operation that made it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.graph.shape import Shape
from symdiff.ops.loops import Layout, scan
from symdiff.ops.registry import COMPLEX_FORMS
from symdiff.schedule.program import Expr, Ref

_LETTERS = "vuwqp"
_SHORT = 8  # letters of a name that another one is made of
_PARTS = ("index", "reshape")  # of arrays
_CALLED = {form: op for op, form in COMPLEX_FORMS.items()} | {"negate": "minus"}
SAYING = ("multiply", *_PARTS)  # operations of several arguments of which a name may say something


def letter_beside(taken: Sequence[str]) -> str:
    """A value with nothing better to its name is v, v2, ..., in another letter where v is taken."""
    return next((letter for letter in _LETTERS if letter not in taken), _LETTERS[0])


def names_of_starts(
    graph: Graph, uses: Sequence[int], in_place: Callable[[str], bool]
) -> dict[int, str]:
    """By position, what a loop calls an array that it starts with and that nothing else reads.

    What is written into has its name from the first write on.
    """
    found: dict[int, str] = {}
    for loop in graph.by_op.get(scan.name, ()):
        node = graph.nodes[loop]
        layout = Layout.of(node.params)
        for number in range(layout.first_carry, layout.first_slice):
            start, name = node.args[number], layout.graph.input_names[number]
            while uses[start] == 1:
                found[start] = name
                op, args, *_ = graph.nodes[start]
                if not args or not in_place(op):
                    break
                start = args[0]
    return found


def names_of_values(graph: Graph, otherwise: str) -> dict[int, str]:
    """By position, the numbers that are values of a gradient: what they need can go then.

    Args:
        graph: the lines.
        otherwise: the name of an output whose own is none in a language.
    """
    last, values = max(graph.outputs, default=0), graph.outputs[: graph.primal]
    return {
        at: name if name.isidentifier() else otherwise
        for at, name in reversed([*zip(values, graph.output_names, strict=False)])
        if at < last and not graph.nodes[at].shape
    }


def name_of_operation(node: Node, first: Ref, second: Expr | None, otherwise: str) -> str:
    """A name that says what a line is, where that is short.

    Args:
        node: the line.
        first: its first argument, which has a name.
        second: its second argument, `None` where it has one alone.
        otherwise: the name where there is none.
    """
    op, name = node[0], first[0]
    part = _name_of_part(first, node) if op in _PARTS else ""
    if part:
        return part
    if second is None and len(name) <= _SHORT:
        return f"{_CALLED.get(op, op)}_{name}"
    if op == "multiply" and first == second:
        return f"{name}_squared"
    return otherwise


def _name_of_part(array: Ref, node: Node) -> str:
    """For a part of an array: `x_0` of `x[0]`, `x_part` of `x[1:]` and `x[:, None]`."""
    if node.op == "index":
        return _name_of_index(array, node.params[0])
    if node.op == "reshape":
        (shape,) = node.params
        if not shape:
            return "_".join([array.name, *"0" * len(array.shape)])
        return f"{array.name}_part" if array.shape and _adds_axes(array.shape, shape) else ""
    return ""


def _adds_axes(shape: Shape, longer: Shape) -> bool:
    return len(longer) > len(shape) and tuple(n for n in longer if n != 1) == shape


def _name_of_index(array: Ref, pattern: Sequence[tuple[object, ...]]) -> str:
    """With the numbers of the element where they are known, and nothing else is in the pattern."""
    axes = iter(array.shape)
    kept = [entry for entry in pattern if entry[0] == "new" or not _is_whole(entry, next(axes))]
    places = [entry[1] for entry in kept if entry[0] == "int"]
    is_leading = kept == list(pattern[: len(kept)])
    if kept and is_leading and len(places) == len(kept) and all(map(_is_plain, places)):
        return "_".join([array.name, *map(str, places)])
    return f"{array.name}_part"


def _is_whole(entry: tuple[object, ...], length: object) -> bool:
    return entry == ("slice", 0, length, 1)


def _is_plain(place: object) -> bool:
    return isinstance(place, int) and place >= 0
