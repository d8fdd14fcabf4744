"""Modules of C functions: the NumPy module, whose bodies are those of a library."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from symdiff.emit.entries.c_function import Function
from symdiff.emit.load import Emitted, load
from symdiff.emit.native.calls import Call, extension, flags, headers, quicker, text_of
from symdiff.emit.native.library import library_of
from symdiff.emit.native.made import NUMBERS, Body, Made, Results, nested
from symdiff.emit.native.points import Points, run_in_c
from symdiff.emit.source import Source
from symdiff.errors import SymdiffError
from symdiff.graph.nested import holding
from symdiff.graph.node import FLOAT, Node
from symdiff.graph.shape import evaluate


def native_module(source: Source, emitted: Emitted, wrapper: Emitted) -> ModuleType:
    """The functions of a C file under the names, and with the arguments, of the NumPy module.

    Args:
        source: what the module is made of.
        emitted: the C file.
        wrapper: the NumPy module of the same source: it checks and converts the arguments.

    Raises:
        SymdiffError: where no compiler is there, or it fails.
    """
    functions = {function.name: function for function in emitted.functions}
    file, quick = _built(emitted, _calls(source, functions) if source.is_scalar else [])
    library, module = ctypes.CDLL(str(file)), load(wrapper)
    points: dict[Body, Points] = {}
    for derivative in (None, *source.derivatives):
        graph, packing = source.body(derivative)
        name = "value" if derivative is None else derivative.function
        bodies = [n for n in (f"_{name}", f"_{name}_on_arrays") if hasattr(module, n)]
        results = Results(packing, len(graph.outputs))
        of_numbers, of_arrays = getattr(module, bodies[0]), getattr(module, bodies[-1])
        made = Made(library, functions[name], graph, results, of_numbers, source.dtype)
        if source.is_scalar:
            body = _of_floats(made)
            if hasattr(quick, name):
                body = quicker(getattr(quick, name), body)
            batch = replace(made, function=functions[f"{name}_batch"])
            points[body] = Points(batch, of_arrays, module)
        else:
            body = _of_arrays(made)
        for called in bodies:
            setattr(module, called, body)
    run_in_c(module, points)
    return module


def _built(emitted: Emitted, calls: Sequence[Call]) -> tuple[Path, ModuleType | None]:
    """The library of a C file, and the extension in it where there is one."""
    if calls:
        with suppress(SymdiffError):  # headers that the compiler cannot read: without them
            file = library_of(emitted.name, emitted.text, text_of(calls), flags=flags())
            return file, extension(file)
    return library_of(emitted.name, emitted.text), None


def _calls(source: Source, functions: Mapping[str, Function]) -> list[Call]:
    """What an extension has of the functions: Python's floats, where its headers are there.

    It has none that takes memory.
    """
    if source.is_float32 or not headers():
        return []
    found = []
    for derivative in (None, *source.derivatives):
        graph, packing = source.body(derivative)
        function = functions["value" if derivative is None else derivative.function]
        if function.memory:
            continue
        results = Results(packing, len(graph.outputs))
        nest = nested(results.nest, results.places)
        sizes = results.pointers, results.size
        found.append(Call(function, len(graph.inputs), *sizes, nest, is_long=bool(holding(graph))))
    return found


def _of_floats(made: Made) -> Body:
    """A body of floats."""
    number, results = NUMBERS[made.dtype], made.results
    call: Body = made.called([number] * len(made.graph.inputs))
    if made.is_returned:
        return lambda *given: made.run(call, given, {})
    buffer = number * max(results.size, 1)
    offsets = [ctypes.sizeof(number) * k for k in range(results.pointers)]

    def body(*given: float) -> Any:
        found = buffer()
        start = ctypes.addressof(found)
        if made.run(call, [*given, *[start + offset for offset in offsets]], {}):
            return made.otherwise(*given)  # which raises the error
        values = found[:]
        return results.nested([values[place] for place in results.places])

    return body


def _of_arrays(made: Made) -> Body:
    """A body of arrays whose shapes are those of the inputs."""
    import numpy as np

    graph, function, dtype = made.graph, made.function, made.dtype
    inputs = [_in_floats(graph[at], dtype) for at in graph.inputs]
    outputs = [_in_floats(graph[at], dtype) for at in graph.outputs]
    axes = {
        str(n): (k, axis)
        for k, node in reversed([*enumerate(inputs)])
        for axis, n in enumerate(node.shape)
    }
    lengths = {name: axes[name] for name in function.lengths}
    taken = [ctypes.c_void_p if x.shape else NUMBERS[x.dtype] for x in inputs]
    call = made.called([*[ctypes.c_ssize_t] * len(lengths), *taken])
    written = [] if made.is_returned else outputs

    def body(*given: Any) -> Any:
        known = {name: given[k].shape[axis] for name, (k, axis) in lengths.items()}
        told: list[Any] = []
        kept = []  # until the call is done
        for x, node in zip(given, inputs, strict=True):
            array = np.ascontiguousarray(x, node.dtype)
            kept.append(array)
            told.append(array.ctypes.data if node.shape else array.item())
        found = [np.empty([evaluate(n, known) for n in x.shape], x.dtype) for x in written]
        told += [x.ctypes.data for x in found]
        status = made.run(call, [*known.values(), *told], known)
        if made.is_returned:
            return np.asarray(status, outputs[0].dtype)[()]
        if status:
            return made.otherwise(*given)  # which raises the error
        return made.results.nested([x[()] for x in found])

    return body


def _in_floats(node: Node, dtype: str) -> Node:
    """A line with the kind of floats that is computed in."""
    return node._replace(dtype=dtype) if node.dtype == FLOAT else node
