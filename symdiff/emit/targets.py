"""Registry of targets: the languages that modules and formulas are written in."""

from __future__ import annotations

import difflib
from dataclasses import replace
from types import ModuleType

from symdiff.emit.context import Entry
from symdiff.emit.dialect import (
    ANY_ARRAYS,
    ARRAYS,
    COMPILED_NESTS,
    FORMULA,
    LATEX,
    LISTS,
    NESTS,
    Dialect,
)
from symdiff.emit.entries.any_array import AnyArray
from symdiff.emit.entries.c import CEntry
from symdiff.emit.entries.elementwise import Elementwise
from symdiff.emit.entries.jit import Jit
from symdiff.emit.entries.jit_arrays import JitArrays
from symdiff.emit.entries.lean import Lean, is_alone
from symdiff.emit.entries.plain import Plain, on_arrays
from symdiff.emit.entries.shaped import Shaped
from symdiff.emit.jit import jit_module
from symdiff.emit.load import Emitted, load
from symdiff.emit.module import made_module
from symdiff.emit.native.module import native_module
from symdiff.emit.picked import with_entries_picked
from symdiff.emit.single import check_float32
from symdiff.emit.source import Source
from symdiff.emit.target import DEFAULT, Target
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested, every_node, every_op
from symdiff.graph.node import COMPLEX, DTYPES, Node
from symdiff.ops.complex_numbers import complex_number

TARGETS: dict[str, Target] = {}


def register(target: Target) -> Target:
    """Let users ask for a target by its name; one of the same name goes.

    Args:
        target: one of symdiff's, or one of the user's own.
    """
    TARGETS[target.name] = target
    return target


def _of_numpy(source: Source, dialect: Dialect) -> Entry:
    """Arrays by shape; numbers that broadcast in blocks, or in functions that stand alone."""
    del dialect  # a body that serves floats and arrays has one of its own
    if not source.is_scalar:
        return Shaped(source)
    return Lean(source) if is_alone(source) else Elementwise(source)


def _of_numba(source: Source, dialect: Dialect) -> Entry:
    """Arrays by shape; numbers alone, and batches of them."""
    return Jit(source, dialect) if source.is_scalar else JitArrays(source, dialect)


register(
    Target(
        DEFAULT,
        ARRAYS,
        "arrays and floats, with NumPy",
        _of_numpy,
        "numpy/module.py.j2",
        has_tools=True,
        dtypes=DTYPES,
    )
)
register(
    Target(
        "python",
        LISTS,
        "floats, lists and math alone",
        Plain,
        "python/module.py.j2",
        broadcasts=False,
        on_arrays=on_arrays,
        raises=True,
    )
)
register(
    Target(
        "array-api",
        ANY_ARRAYS,
        "arrays of NumPy, CuPy, PyTorch, JAX or Dask by one text",
        AnyArray,
        "array_api/module.py.j2",
    )
)
register(
    Target(
        "c",
        NESTS,
        "C99 with math.h alone: numbers and buffers, no allocation",
        CEntry,
        "c/source.c.j2",
        broadcasts=False,
        is_python=False,
        header="c/header.h.j2",
        dtypes=DTYPES,
        loader=native_module,
        prepare=with_entries_picked,
    )
)
register(
    Target(
        "numba",
        COMPILED_NESTS,
        "functions that Numba compiles: loops over numbers, batches on all cores",
        _of_numba,
        "numpy/module.py.j2",
        has_tools=True,
        dtypes=DTYPES,
        loader=jit_module,
        prepare=with_entries_picked,
    )
)
register(Target("formula", FORMULA, "the grammar's words"))
register(Target("latex", LATEX, "mathematics"))


def modules() -> list[str]:
    """The names of the targets that have modules."""
    return [name for name, target in TARGETS.items() if target.entry is not None]


def target_of(name: str) -> Target:
    """The target of a name that has modules.

    Raises:
        UnsupportedError: where there is none of that name.
    """
    names = modules()
    if name in names:
        return TARGETS[name]
    known = f"supported: {', '.join(names)}"
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean '{near[0]}'? {known}" if near else known
    raise UnsupportedError(f"there is no target '{name}'", suggestion=hint)


def emitted(source: Source, name: str = DEFAULT) -> Emitted:
    """The module of a source for a target.

    Raises:
        UnsupportedError: for an operation that the target has no way to write: with its place,
            and the targets that have one; for floats that it does not compute in, and numbers that
            those do not hold.
    """
    target = target_of(name)
    source = target.prepare(source)
    _check_dtype(source, target)
    for graph in source.graphs:
        check_spelled(graph, target)
    try:
        return made_module(source, target)
    except UnsupportedError as error:
        if error.suggestion is None and target.name != DEFAULT:
            error.suggestion = f"the target '{DEFAULT}' can"
        raise


def _check_dtype(source: Source, target: Target) -> None:
    """State that a target computes in the floats that are asked for, which hold all numbers."""
    if source.dtype not in DTYPES:
        near = difflib.get_close_matches(source.dtype, DTYPES, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"supported: {', '.join(DTYPES)}"
        raise UnsupportedError(f"there is no dtype '{source.dtype}'", suggestion=hint)
    if source.dtype not in target.dtypes:
        able = [name for name in modules() if source.dtype in TARGETS[name].dtypes]
        raise UnsupportedError(
            f"the target '{target.name}' has no dtype '{source.dtype}'",
            suggestion=f"targets that have: {', '.join(able)}",
        )
    if source.is_float32:
        for graph in source.graphs:
            check_float32(graph)


def loaded(source: Source, made: Emitted, name: str) -> ModuleType:
    """The module that was emitted of a source for a target, so that Python can call it.

    Raises:
        UnsupportedError: where nothing can run it from here.
        SymdiffError: where it cannot be built.
    """
    target = target_of(name)
    loader = target.loader
    if loader is None:
        return load(made)
    whole = target.prepare(replace(source, is_lean=False))
    return loader(whole, emitted(whole, name) if source.is_lean else made, emitted(whole))


def emit_module(source: Source) -> str:
    """The text of the NumPy module. The same source gives the same bytes, on every machine."""
    return emitted(source).text


def check_spelled(graph: Graph, target: Target) -> None:
    """State that a target can write all operations of a graph, and of those in it."""
    table = target.dialect.table
    _check_complex(graph, target)
    lacking = {op for op in every_op(graph) if not table.can_write(op)}
    if not lacking:
        return
    for position, node in enumerate(graph.nodes):
        for op in _ops(node):
            if op in lacking:
                able = [n for n in modules() if TARGETS[n].dialect.table.can_write(op)]
                raise UnsupportedError(
                    f"the target '{target.name}' cannot write the operation '{op}'",
                    span=graph.spans.get(position),
                    suggestion=f"targets that can: {', '.join(able)}" if able else None,
                )


def _check_complex(graph: Graph, target: Target) -> None:
    """State that a target has complex numbers, where a line is one."""
    if target.dialect.table.can_write(complex_number.name):
        return
    for position, node in enumerate(graph.nodes):
        if any(line.dtype == COMPLEX for line in every_node([node])):
            able = [n for n in modules() if TARGETS[n].dialect.table.can_write(complex_number.name)]
            raise UnsupportedError(
                f"the target '{target.name}' has no complex numbers",
                span=graph.spans.get(position),
                suggestion=f"targets that have: {', '.join(able)}",
            )


def _ops(node: Node) -> list[str]:
    """The operations of a line and of the graphs in it."""
    inner = [param.graph for param in node.params if isinstance(param, Nested)]
    return [node.op, *[line.op for graph in inner for line in every_node(graph.nodes)]]
