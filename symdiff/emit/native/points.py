"""Arrays of numbers: C functions of many points, in the places of a module's runners of bodies."""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from symdiff.emit.native.made import Body, Made

_RUNNERS = ("_arrays", "_elements")  # of the NumPy module: they take a body and its inputs
_BLOCK = 16384  # points that are not worth a thread, where the module does not say
_SHARES = 4  # for each thread: where one core is busy, the others take more of them


class Points:
    """A function of numbers at many points.

    Args:
        made: the function of n points.
        otherwise: the body of the NumPy module for arrays, which raises the errors.
        module: the NumPy module, which may say how many threads there are.
    """

    def __init__(self, made: Made, otherwise: Body, module: ModuleType) -> None:
        inputs = [ctypes.c_void_p, ctypes.c_ssize_t] * len(made.graph.inputs)
        self.otherwise = otherwise
        self._call = made.called([ctypes.c_ssize_t, *inputs])
        self._made = made
        self._module = module

    def __call__(self, given: Sequence[Any], size: int) -> list[Any] | None:
        """An array of each output; `None` where a check fails at a point.

        Args:
            given: vectors with an element a point, and numbers.
            size: how many points there are.
        """
        import numpy as np

        results, dtype = self._made.results, self._made.dtype
        width = (results.size,) if results.is_matrix else ()
        arrays = [np.ascontiguousarray(x, dtype) for x in given]
        found = [np.empty((size, *width), dtype) for _ in range(results.pointers)]
        steps = [int(np.ndim(x) > 0) for x in given]
        threads = getattr(self._module, "THREADS", os.cpu_count() or 1)
        block = getattr(self._module, "BLOCK", _BLOCK)
        share = max(block, math.ceil(size / (_SHARES * threads)))

        def run(start: int) -> Any:
            told = [min(share, size - start)]
            for array, step in zip(arrays, steps, strict=True):
                told += [array.ctypes.data + start * step * array.itemsize, step]
            told += [x[start:].ctypes.data for x in found]
            return self._made.run(self._call, told, {})

        if size <= share:
            failed = run(0)
        else:
            from concurrent.futures import ThreadPoolExecutor  # a call on floats needs none

            with ThreadPoolExecutor(threads) as pool:
                failed = any([*pool.map(run, range(0, size, share))])
        if failed:
            return None
        return [found[0][:, place] for place in results.places] if results.is_matrix else found

    def nested(self, outputs: Sequence[Any]) -> Any:
        """The outputs as a call returns them."""
        return self._made.results.nested(outputs)


def run_in_c(module: ModuleType, points: Mapping[Body, Points]) -> None:
    """Let C write the results of arrays where they go, without blocks that are copied.

    Arrays of other libraries, and what fails a check, go the module's own way.

    Args:
        module: a NumPy module, whose bodies are C functions of numbers.
        points: by body, the function of many points.
    """
    for name in _RUNNERS:
        if hasattr(module, name):
            setattr(module, name, _runner(getattr(module, name), points))


def _runner(plain: Body, points: Mapping[Body, Points]) -> Body:
    """What runs a body on its inputs, in the place of what the module has for it."""
    import numpy as np

    def is_known(x: Any) -> bool:
        return type(x) in (int, float, list, tuple, np.ndarray) or isinstance(x, np.generic)

    def run(body: Body, inputs: Any, functions: Sequence[Any] = (), *zeros: Any) -> Any:
        of_points, found = points[body], None
        kinds = set[Any]()
        if all(map(is_known, inputs)):
            kinds = {np.asarray(x).dtype for x in inputs if type(x) not in (int, float)}
            if all(kind.kind in "biuf" and kind.itemsize <= 8 for kind in kinds):
                shape = np.broadcast_shapes(*map(np.shape, inputs))
                given = [np.broadcast_to(x, shape).ravel() if np.ndim(x) else x for x in inputs]
                found = of_points(given, math.prod(shape))
        if found is None:
            return plain(of_points.otherwise, inputs, functions, *zeros)
        kind = np.result_type(1.0, *kinds)
        outputs = [x.reshape(shape).astype(kind, copy=False) for x in found]
        return of_points.nested([x[()] if kinds or shape else x.item() for x in outputs])

    return run
