"""SciPy's sparse matrices while a trace runs: their products with tracers record."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active

_MODULE = "scipy.sparse._base"
_NAME = "scipy.sparse.matmul"


def sparse_methods() -> Iterator[tuple[type, str, Callable[[Any], Any]]]:
    """The class and the methods that are patched, each with what makes the other method."""
    kind = vars(sys.modules[_MODULE]).get("_spbase") if _MODULE in sys.modules else None
    for name, product in (("_matmul_dispatch", _before), ("_rmatmul_dispatch", _behind)):
        if kind is not None and name in vars(kind):
            yield kind, name, _recording(product)


def is_sparse(value: Any) -> bool:
    """Whether a value is one of SciPy's sparse matrices."""
    return type(value).__module__.startswith("scipy.sparse")


def _recording(product: Callable[..., Any]) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(self: Any, other: Any, *args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused or not trace.holds_tracers(other):
                return old(self, other, *args, **kwargs)
            return product(trace, self, other)

        return record

    return make


def _before(trace: Recorder, matrix: Any, x: Any) -> Any:
    """`matrix @ x`."""
    was_paused, trace.is_paused = trace.is_paused, True
    try:
        places = matrix.tocoo(copy=True)
        places.sum_duplicates()
        given = places.data.astype(float), places.row.astype(int), places.col.astype(int)
    finally:
        trace.is_paused = was_paused
    x = trace.call("asarray", x)
    if x.ndim not in (1, 2) or x.shape[0] != matrix.shape[1]:
        trace.refuse(f"a sparse matrix of the shape {matrix.shape} times one of {x.shape}")
    return trace.call(_NAME, *given, matrix.shape[0], x)


def _behind(trace: Recorder, matrix: Any, x: Any) -> Any:
    """`x @ matrix`."""
    x = trace.call("asarray", x)
    return trace.call("transpose", _before(trace, matrix.T, trace.call("transpose", x)))
