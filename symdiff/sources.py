"""Sources: a text, an expression of SymPy's, a NumPy function or a recipe as a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import Any, NamedTuple

import symdiff.routines  # noqa: F401  fills the table of them
from symdiff.errors import SymdiffError
from symdiff.frontend.loops import Loops, Told, summary
from symdiff.frontend.text.constants import notes_on_constants
from symdiff.frontend.text.options import Limits, plain_shapes
from symdiff.frontend.text.program import parse
from symdiff.frontend.tracing.contents import package_of
from symdiff.frontend.tracing.function import TracedFunction
from symdiff.frontend.tracing.shapes import defaults_taken, trace_with_shapes
from symdiff.graph.graph import Graph
from symdiff.graph.serial import from_data, portable, to_data
from symdiff.ops.legal import check_graph, check_lengths, check_line
from symdiff.optimize.like_terms import with_arrays
from symdiff.origin import Origin, Shapes
from symdiff.verbs import Wrt
from symdiff.wrt import items_of, name_of, names_of


class Opened(NamedTuple):
    """A source that was read.

    Attributes:
        graph: the function.
        origin: what it was made from.
        wrt: names of the inputs that it is differentiated by where a verb does not say.
        captured: by name of an input, a large array that a traced function reads beside its
            arguments.
        libraries: the packages of arrays with labels that it reads there.
    """

    graph: Graph
    origin: Origin
    wrt: tuple[str, ...]
    captured: Mapping[str, Any] = {}  # NumPy's arrays
    libraries: Set[str] = frozenset()


class _Read(NamedTuple):
    """What one of the readers makes: a graph, and what its origin keeps."""

    graph: Graph
    text: str
    wrt: Wrt
    data: Mapping[str, Any] | None = None
    file: str = ""
    shapes: Shapes | None = None
    captured: Mapping[str, Any] = {}
    libraries: Set[str] = frozenset()
    notes: tuple[str, ...] = ()


def opened(
    source: object,
    *,
    wrt: Wrt,
    name: str | None,
    shapes: Shapes | None,
    batch: bool,
    loops: Loops,
    limits: Limits,
) -> Opened:
    """A source as a graph; the arguments are those of `symdiff.function`."""
    if isinstance(source, str):
        read = _text(source, wrt, shapes, loops, limits)
    elif callable(source) and not is_sympy(source):
        read = _numpy(source, wrt, shapes or {}, loops, limits)
    elif loops.checkpoint is not None:
        raise SymdiffError("an expression of SymPy's has no loops, and checkpoint= was given")
    else:
        read = _sympy(source, wrt, shapes, loops)
    graph = read.graph if name is None else _named(read.graph, name)
    chosen = None if read.wrt is None else names_of(graph, read.wrt)
    origin = Origin(
        read.text,
        name,
        shapes=read.shapes,
        graph=read.data,
        file=read.file,
        batch=batch,
        wrt=chosen,
        reads=tuple(read.captured),
        notes=read.notes,
        loops=loops,
    )
    return Opened(graph, origin, names_of(graph, chosen), read.captured, read.libraries)


def reopened(origin: Origin, limits: Limits) -> Opened:
    """The source that a recipe holds, before its verbs."""
    if origin.graph is None:
        return opened(
            origin.text,
            wrt=origin.wrt,
            name=origin.name,
            shapes=origin.shapes,
            batch=origin.batch,
            loops=origin.loops,
            limits=limits,
        )
    graph = from_data(origin.graph, check_line, check_graph)
    check_lengths(graph)
    if origin.name is not None:
        graph = _named(graph, origin.name)
    wrt = None if origin.wrt is None else names_of(graph, origin.wrt)
    return Opened(graph, replace(origin, steps=(), also=(), wrt=wrt), names_of(graph, wrt))


def is_sympy(source: object) -> bool:
    """Whether a source is an expression of SymPy's, some of which can be called."""
    return package_of(source) == "sympy"


# --- readers -------------------------------------------------------------------------------------


def _text(source: str, wrt: Wrt, shapes: Shapes | None, loops: Loops, limits: Limits) -> _Read:
    declared = plain_shapes(shapes)
    told: list[Told] = []
    graph = parse(source, shapes=declared, limits=limits, loops=loops, told=told)
    graph, like = with_arrays(graph, loops.choice)
    notes = (*notes_on_constants(source, graph.input_names), *summary(told, ""), *like)
    return _Read(graph, source, wrt, shapes=declared, notes=notes)


def _numpy(
    source: Callable[..., Any], wrt: Wrt, shapes: Shapes, loops: Loops, limits: Limits
) -> _Read:
    traced = trace_with_shapes(source, shapes, limits.nodes, loops)
    graph, like = with_arrays(traced.graph, loops.choice)
    return _Read(
        graph,
        f"NumPy function {traced.name}",
        _leaves(traced, 0 if wrt is None else wrt),
        to_data(portable(graph, traced.file)),
        traced.file,
        captured=traced.data,
        libraries=traced.libraries,
        notes=(*defaults_taken(source, shapes), *summary(traced.told, traced.file), *like),
    )


def _sympy(source: object, wrt: Wrt, shapes: Shapes | None, loops: Loops) -> _Read:
    from symdiff.frontend.sympy.read import from_sympy

    graph = from_sympy(source)
    if shapes:
        raise SymdiffError(
            "an expression of SymPy's says its shapes itself, and shapes= were given too",
            suggestion="use a MatrixSymbol for an array",
        )
    graph, like = with_arrays(graph, loops.choice)
    return _Read(graph, "SymPy expression", wrt, to_data(graph), notes=like)


def _leaves(traced: TracedFunction, wrt: Wrt) -> tuple[str, ...]:
    """The inputs that arguments of a NumPy function, or inputs themselves, consist of."""
    arguments = list(dict.fromkeys(item.argument for item in traced.inputs))
    names: list[str] = []
    for item in items_of(wrt):
        argument = name_of(item, arguments, "argument")
        names += [leaf.name for leaf in traced.inputs if leaf.argument == argument] or [argument]
    return tuple(names)


def _named(graph: Graph, name: str) -> Graph:
    """The graph with its output, or its outputs numbered, under another name."""
    if not name.isidentifier():
        raise SymdiffError(f"'{name}' cannot be the name of an output: it is not an identifier")
    if name in graph.input_names:
        raise SymdiffError(f"'{name}' is an input and cannot be the name of the output too")
    count = len(graph.outputs)
    names = (name,) if count == 1 else tuple(f"{name}{i + 1}" for i in range(count))
    return replace(graph, output_names=names)
