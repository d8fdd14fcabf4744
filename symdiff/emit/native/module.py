"""Modules of C functions: the NumPy module, whose bodies are those of a library."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
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
_FEWEST_STEPS = 64  # of a loop that a test ends, that there is memory for at first
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
        results = _Results(packing, len(graph.outputs))
        otherwise = getattr(module, bodies[0])
        made = _Made(library, functions[name], graph, results, otherwise, source.dtype)
        if source.is_scalar:
            batch = replace(made, function=functions[f"{name}_batch"])
            body = _of_numbers(_of_floats(made), _of_points(batch), len(graph.inputs))
            if hasattr(quick, name):
                body = quicker(getattr(quick, name), body)
        else:
            body = _of_arrays(made)
        for called in bodies:
            setattr(module, called, body)
    return module


@dataclass(frozen=True)
class _Results:
    """What a function writes, and how a call returns it.

    Attributes:
        packing: of the outputs.
        count: of the outputs.
    """

    packing: Packing
    count: int

    @property
    def is_matrix(self) -> bool:
        """Whether the outputs are entries of one array."""
        return isinstance(self.packing, Tensor | Coordinates)

    @property
    def pointers(self) -> int:
        """How many arrays results are written to."""
        return 1 if self.is_matrix else self.count

    @property
    def size(self) -> int:
        """How many numbers are written."""
        packing = self.packing
        return packing.size if isinstance(packing, Tensor | Coordinates) else self.count

    @cached_property
    def places(self) -> list[int]:
        """Of each output, where it stands."""
        if isinstance(self.packing, Tensor | Coordinates):
            return [self.packing.place(k) for k in range(self.count)]
        return list(range(self.count))

    @cached_property
    def nest(self) -> Nest:
        """The outputs as a call returns them."""
        return nest_of(self.packing, self.count)

    def nested(self, outputs: Sequence[Any]) -> Any:
        """What a call returns."""
        return _nested(self.nest, outputs)


@dataclass(frozen=True)
class _Made:
    """A function of a library, and what it was made of.

    Attributes:
        library: the loaded file.
        function: what it is called, takes and returns.
        graph: what it computes.
        results: of it.
        otherwise: the body of the NumPy module, which raises the errors.
        dtype: of floats.
    """

    library: ctypes.CDLL
    function: Function
    graph: Graph
    results: _Results
    otherwise: Body
    dtype: str

    @property
    def is_returned(self) -> bool:
        """Whether the one result is what C returns, which is a status else."""
        return self.function.returns not in ("void", "int")

    def called(self, inputs: Sequence[Any]) -> Any:
        """It, with the types of what it takes and returns."""
        returned = self.function.returns
        call = getattr(self.library, self.function.symbol)
        count = 0 if self.is_returned else self.results.pointers
        function = self.function
        steps = [ctypes.c_ssize_t] * bool(function.steps)
        memory = [ctypes.c_void_p] * len(function.workspace)
        call.argtypes = [*inputs, *[ctypes.c_void_p] * count, *steps, *memory]
        call.restype = ctypes.c_int if returned == "int" else _RETURNED.get(returned)
        return call

    def run(self, call: Any, told: Sequence[Any], known: Mapping[str, int]) -> Any:
        """What a call returns that is given memory, and more where loops have more steps.

        Args:
            call: see `called`.
            told: the arguments before memory.
            known: the numbers of named lengths.
        """
        function = self.function
        if not function.workspace:
            return call(*told)
        import numpy as np

        most = _FEWEST_STEPS
        while True:
            lengths = {**known, function.steps: most}
            memory = [
                np.empty(max(evaluate(n, lengths), 1), _MEMORY[kind])
                for kind, n in function.workspace.items()
            ]
            steps = [most] * bool(function.steps)
            found = call(*told, *steps, *[x.ctypes.data for x in memory])
            if found not in function.too_small:
                return found
            most *= 4


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
        results = _Results(packing, len(graph.outputs))
        nest = _nested(results.nest, results.places)
        sizes = results.pointers, results.size
        found.append(Call(function, len(graph.inputs), *sizes, nest, is_long=bool(holding(graph))))
    return found


def _of_numbers(one: Body, many: Body, count: int) -> Body:
    """A body of floats, or of arrays of one length and floats among them."""

    def body(*given: Any) -> Any:
        given = given[:count]  # a body in Python is given functions too
        for x in given:
            if getattr(x, "ndim", 0):
                return many(given, len(x))
        return one(*given)

    return body


def _of_floats(made: _Made) -> Body:
    """A body of floats."""
    number, results = _NUMBERS[made.dtype], made.results
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


def _of_points(made: _Made) -> Body:
    """A body of arrays, all in C's memory, and numbers among them."""
    import numpy as np

    results, dtype = made.results, made.dtype
    inputs = [ctypes.c_void_p, ctypes.c_ssize_t] * len(made.graph.inputs)
    call = made.called([ctypes.c_ssize_t, *inputs])
    own = (results.size,) if results.is_matrix else ()

    def body(given: Sequence[Any], length: int) -> Any:
        arrays = [np.ascontiguousarray(x, dtype) for x in given]
        told: list[int] = []
        for array, x in zip(arrays, given, strict=True):
            told += [array.ctypes.data, int(np.ndim(x) > 0)]
        found = [np.empty((length, *own), dtype) for _ in range(results.pointers)]
        if made.run(call, [length, *told, *[x.ctypes.data for x in found]], {}):
            return made.otherwise(*given)
        if results.is_matrix:
            found = [found[0][:, place] for place in results.places]
        return results.nested(found)

    return body


def _of_arrays(made: _Made) -> Body:
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
    taken = [ctypes.c_void_p if x.shape else _NUMBERS[x.dtype] for x in inputs]
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


def _nested(nest: Nest, results: Sequence[Any]) -> Any:
    """Results as a call returns them."""
    if isinstance(nest, int):
        return results[nest]
    return tuple([_nested(part, results) for part in nest])
