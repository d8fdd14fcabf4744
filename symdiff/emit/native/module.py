"""Modules of C functions: the NumPy module, whose bodies are those of a library."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.emit.entries.c_function import Function
from symdiff.emit.load import Emitted, load
from symdiff.emit.native.calls import Call, extension, flags, headers, quicker, text_of
from symdiff.emit.native.library import library_of
from symdiff.emit.products import Packing, nest_of
from symdiff.emit.source import Source
from symdiff.errors import SymdiffError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import holding
from symdiff.graph.node import BOOL, FLOAT, FLOAT32, INT, Node
from symdiff.graph.shape import evaluate

Body = Callable[..., Any]  # of numbers or arrays

_NUMBERS: dict[str, Any] = {  # types of ctypes
    FLOAT: ctypes.c_double,
    FLOAT32: ctypes.c_float,
    INT: ctypes.c_int64,
    BOOL: ctypes.c_bool,
}
_RETURNED = {
    "double": ctypes.c_double,
    "float": ctypes.c_float,
    "int64_t": ctypes.c_int64,
    "bool": ctypes.c_bool,
}
_MEMORY = {"double": FLOAT, "float": FLOAT32, "int64_t": INT, "bool": BOOL}


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
    for derivative in (None, *source.derivatives):
        graph, packing = source.body(derivative)
        name = "value" if derivative is None else derivative.function
        bodies = [n for n in (f"_{name}", f"_{name}_on_arrays") if hasattr(module, n)]
        otherwise = getattr(module, bodies[0])
        function, dtype = functions[name], source.dtype
        if source.is_scalar:
            batch = functions[f"{name}_batch"]
            one = _of_floats(library, function, graph, packing, otherwise, dtype)
            many = _of_points(library, batch, graph, packing, otherwise, dtype)
            body = _of_numbers(one, many, len(graph.inputs))
            if quick is not None:
                body = quicker(getattr(quick, name), body)
        else:
            body = _of_arrays(library, function, graph, packing, otherwise, dtype)
        for called in bodies:
            setattr(module, called, body)
    return module


def _built(emitted: Emitted, calls: Sequence[Call]) -> tuple[Path, ModuleType | None]:
    """The library of a C file, and the extension in it where there is one."""
    if calls:
        with suppress(SymdiffError):  # headers that the compiler cannot read: without them
            file = library_of(emitted.name, emitted.text, text_of(calls), flags=flags())
            return file, extension(file)
    return library_of(emitted.name, emitted.text), None


def _calls(source: Source, functions: Mapping[str, Function]) -> list[Call]:
    """What an extension has of the functions: Python's floats, where its headers are there."""
    if source.is_float32 or not headers():
        return []
    found = []
    for derivative in (None, *source.derivatives):
        graph, packing = source.body(derivative)
        function = functions["value" if derivative is None else derivative.function]
        count, places = len(graph.outputs), _places(packing, len(graph.outputs))
        found.append(
            Call(
                function,
                len(graph.inputs),
                _pointers(packing, count),
                _size(packing, count),
                _placed(nest_of(packing, count), places),
                is_long=bool(holding(graph)),
            )
        )
    return found


def _placed(nest: Nest, places: Sequence[int]) -> Nest:
    """Where nested results stand."""
    if isinstance(nest, int):
        return places[nest]
    return tuple([_placed(part, places) for part in nest])


def _of_numbers(one: Body, many: Body, count: int) -> Body:
    """A body of floats, or of arrays of one length and floats among them."""

    def body(*given: Any) -> Any:
        given = given[:count]  # a body in Python is given functions too
        for x in given:
            if getattr(x, "ndim", 0):
                return many(given, len(x))
        return one(*given)

    return body


def _of_floats(
    library: ctypes.CDLL,
    function: Function,
    graph: Graph,
    packing: Packing,
    otherwise: Body,
    dtype: str,
) -> Body:
    """A body of floats."""
    number = _NUMBERS[dtype]
    call: Body = _called(library, function, [number] * len(graph.inputs), packing, graph)
    if _is_returned(function):
        return call
    count = len(graph.outputs)
    together, places = nest_of(packing, count), _places(packing, count)
    buffer = number * max(_size(packing, count), 1)
    offsets = [ctypes.sizeof(number) * k for k in range(_pointers(packing, count))]

    def body(*given: float) -> Any:
        found = buffer()
        start = ctypes.addressof(found)
        if call(*given, *[start + offset for offset in offsets]):
            return otherwise(*given)  # which raises the error
        values = found[:]
        return _nested(together, [values[place] for place in places])

    return body


def _of_points(
    library: ctypes.CDLL,
    function: Function,
    graph: Graph,
    packing: Packing,
    otherwise: Body,
    dtype: str,
) -> Body:
    """A body of arrays, all in C's memory, and numbers among them."""
    import numpy as np

    inputs = [ctypes.c_void_p, ctypes.c_ssize_t] * len(graph.inputs)
    call = _called(library, function, [ctypes.c_ssize_t, *inputs], packing, graph)
    count = len(graph.outputs)
    together, places = nest_of(packing, count), _places(packing, count)
    is_matrix = isinstance(packing, Tensor | Coordinates)
    own = (packing.size,) if isinstance(packing, Tensor | Coordinates) else ()
    pointers = _pointers(packing, count)

    def body(given: Sequence[Any], length: int) -> Any:
        arrays = [np.ascontiguousarray(x, dtype) for x in given]
        told: list[int] = []
        for array, x in zip(arrays, given, strict=True):
            told += [array.ctypes.data, int(np.ndim(x) > 0)]
        found = [np.empty((length, *own), dtype) for _ in range(pointers)]
        if call(length, *told, *[x.ctypes.data for x in found]):
            return otherwise(*given)
        values = [found[0][:, place] for place in places] if is_matrix else found
        return _nested(together, values)

    return body


def _of_arrays(
    library: ctypes.CDLL,
    function: Function,
    graph: Graph,
    packing: Packing,
    otherwise: Body,
    dtype: str,
) -> Body:
    """A body of arrays whose shapes are those of the inputs."""
    import numpy as np

    inputs = [_in_floats(graph[at], dtype) for at in graph.inputs]
    outputs = [_in_floats(graph[at], dtype) for at in graph.outputs]
    axes = {
        str(n): (k, axis)
        for k, node in reversed([*enumerate(inputs)])
        for axis, n in enumerate(node.shape)
    }
    lengths = {name: axes[name] for name in function.lengths}
    taken = [ctypes.c_void_p if x.shape else _NUMBERS[x.dtype] for x in inputs]
    call = _called(library, function, [*[ctypes.c_ssize_t] * len(lengths), *taken], packing, graph)
    is_returned, together = _is_returned(function), nest_of(packing, len(outputs))
    written = [] if is_returned else outputs

    def body(*given: Any) -> Any:
        known = {name: given[k].shape[axis] for name, (k, axis) in lengths.items()}
        told: list[Any] = []
        kept = []  # until the call is done
        for x, node in zip(given, inputs, strict=True):
            array = np.ascontiguousarray(x, node.dtype)
            kept.append(array)
            told.append(array.ctypes.data if node.shape else array.item())
        found = [np.empty([evaluate(n, known) for n in x.shape], x.dtype) for x in written]
        memory = [
            np.empty(max(evaluate(n, known), 1), _MEMORY[kind])
            for kind, n in function.workspace.items()
        ]
        told += [x.ctypes.data for x in (*found, *memory)]
        status = call(*known.values(), *told)
        if is_returned:
            return np.asarray(status, outputs[0].dtype)[()]
        if status:
            return otherwise(*given)  # which raises the error
        return _nested(together, [x[()] for x in found])

    return body


def _in_floats(node: Node, dtype: str) -> Node:
    """A line with the kind of floats that is computed in."""
    return node._replace(dtype=dtype) if node.dtype == FLOAT else node


def _called(
    library: ctypes.CDLL, function: Function, inputs: Sequence[Any], packing: Packing, graph: Graph
) -> Any:
    """The function of a library, with the types of what it takes and returns."""
    call = getattr(library, function.symbol)
    count = 0 if _is_returned(function) else _pointers(packing, len(graph.outputs))
    call.argtypes = [*inputs, *[ctypes.c_void_p] * (count + len(function.workspace))]
    call.restype = ctypes.c_int if function.returns == "int" else _RETURNED.get(function.returns)
    return call


def _is_returned(function: Function) -> bool:
    return function.returns not in ("void", "int")


def _pointers(packing: Packing, outputs: int) -> int:
    """How many arrays results are written to."""
    return 1 if isinstance(packing, Tensor | Coordinates) else outputs


def _size(packing: Packing, outputs: int) -> int:
    """How many numbers are written."""
    return packing.size if isinstance(packing, Tensor | Coordinates) else outputs


def _places(packing: Packing, outputs: int) -> list[int]:
    """Of each result, where it stands."""
    if isinstance(packing, Tensor | Coordinates):
        return [packing.place(k) for k in range(outputs)]
    return list(range(outputs))


def _nested(nest: Nest, results: Sequence[Any]) -> Any:
    """Results as a call returns them."""
    if isinstance(nest, int):
        return results[nest]
    return tuple([_nested(part, results) for part in nest])
