"""Whether a line is what its operation makes: for graphs that come from a file."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import SymdiffError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_length, found_lengths, lengths_of
from symdiff.graph.node import BOOL, Node
from symdiff.graph.shape import names_of
from symdiff.ops.builder import kind_of
from symdiff.ops.control import where
from symdiff.ops.indexing import check_index
from symdiff.ops.loops import (
    Layout,
    scan,
    scan_final,
    scan_stacked,
)
from symdiff.ops.operation import ANY, Operation
from symdiff.ops.registry import OPERATIONS

_LOOPS = {record.name: record for record in (scan, scan_final, scan_stacked)}


def check_line(line: Node, before: Sequence[Node]) -> None:
    """State that an operation is known and makes this shape and kind of these arguments.

    Raises:
        SymdiffError: naming the operation and what does not fit. Other exceptions may come from
            the rule of a shape where the parameters are not those of the operation.
    """
    try:
        record = OPERATIONS[line.op]
    except KeyError:
        raise SymdiffError(f"there is no operation '{line.op}'") from None
    if record.arity not in (ANY, len(line.args)):
        raise SymdiffError(f"{line.op} takes {record.arity} arguments, not {len(line.args)}")
    if len(line.params) != len(record.params):
        raise SymdiffError(f"{line.op} takes {len(record.params)} parameters")
    args = [before[argument] for argument in line.args]
    _check_params(record, line, args)
    if line.shape != record.shape([node.shape for node in args], line.params):
        raise SymdiffError(f"{line.op} makes another shape")
    if line.dtype != kind_of(record, [node.dtype for node in args], line.params):
        raise SymdiffError(f"{line.op} makes another kind of number")
    if line.op == where.name and args[0].dtype != BOOL:
        raise SymdiffError("where takes a condition")
    _check_loop(line, args)
    check_index(line, args)


def _check_loop(line: Node, args: Sequence[Node]) -> None:
    """State what the shapes alone do not say of a loop, or of a result of one.

    Raises:
        SymdiffError: where kinds do not fit, or a result is not one of the loop's.
    """
    record = _LOOPS.get(line.op)
    if record is None:
        return
    if record is scan:
        graph = Layout.of(line.params).graph
        if [node.dtype for node in args] != [graph[at].dtype for at in graph.inputs]:
            raise SymdiffError("a loop takes another kind of number")
        return
    which, shape, kind = line.params
    layout = Layout.of(args[0].params) if args[0].op == scan.name else None
    if layout is None or type(which) is not int or not 0 <= which < layout.parts:
        raise SymdiffError("a result of a loop that is not there")
    expected = layout.shape(which), layout.part(which).dtype, which < layout.carries
    if expected != (shape, kind, record is scan_final):
        raise SymdiffError("a result of a loop that is another one")


def check_graph(graph: Graph) -> None:
    """State that a loop is read by its parts alone, and that no other one has its length.

    Raises:
        SymdiffError: where that is not so.
    """
    loops = {at for at, node in enumerate(graph.nodes) if node.op == scan.name}
    read = {*graph.outputs}
    for node in graph.nodes:
        if node.op not in (scan_final.name, scan_stacked.name):
            read.update(node.args)
    if not loops.isdisjoint(read):
        raise SymdiffError("a loop is read where a result of it should be")
    lengths = [found_length(graph[at]) for at in loops]
    found = [length for length in lengths if length]
    if len({*found}) < len(found):
        raise SymdiffError("two loops find out one length")


def check_lengths(graph: Graph) -> None:
    """State that the shape of an argument, or a loop, says what each named length is.

    Raises:
        SymdiffError: naming one of which that is not so.
    """
    known = {*names_of([graph[at].shape for at in graph.inputs]), *found_lengths(graph)}
    read = {name for node in graph.nodes for n in lengths_of(node) for name in n.names}
    if not read <= known:
        raise SymdiffError(f"the recipe is damaged: nothing has the length {min(read - known)}")


def _check_params(record: Operation, line: Node, args: Sequence[Node]) -> None:
    """State that axes are axes: to a rule 1.0 and True look like 1."""
    most = max([len(node.shape) for node in args], default=0) - ("keepdims" in record.params)
    for name, param in zip(record.params, line.params, strict=True):
        if name == "keepdims" and type(param) is not bool:
            raise SymdiffError(f"{line.op} keeps axes or not")
        axes = (param,) if name == "axis" else param
        if name in ("axis", "axes", "order") and not all(
            type(axis) is int and 0 <= axis <= most for axis in axes
        ):
            raise SymdiffError(f"{line.op} has other axes")
