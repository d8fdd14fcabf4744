"""NumPy's functions that call a function of the user's with elements or rows of an array."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.staging.recorder import callee, staged
from symdiff.frontend.tracing.array import EitherTracer
from symdiff.frontend.tracing.places import is_ours
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import routine


@routine("numpy.apply_along_axis")
def apply_along_axis(
    _trace: Recorder, _old: Any, func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Any:
    """A function of the rows along an axis: what it gives takes the place of the axis."""
    from symdiff.routines.programs import of_rows

    return staged(of_rows)(func1d, axis, arr, args, kwargs)


@routine("numpy.vectorize")
def vectorize(trace: Recorder, old: Any, *args: Any, **kwargs: Any) -> Any:
    """What an object of `np.vectorize` gives that has a function and no signature."""
    from symdiff.routines.programs import of_elements

    function = callee(old.pyfunc)

    def call(*given: Any, **named: Any) -> Any:
        found = function(*given, **named)
        parts = found if isinstance(found, tuple) else (found,)
        if old.otypes is None and any(type(part) is EitherTracer for part in parts):
            trace.refuse(
                "np.vectorize takes the type of its first result, an int or a float by its value",
                "write np.vectorize(f, otypes=[float])",
            )
        return found

    is_mapped = [name not in old.excluded for name in [*range(len(args)), *kwargs]]
    code = getattr(old.pyfunc, "__code__", None)
    f = old.pyfunc if code is None or is_ours(code.co_filename) else call  # one of math's
    return staged(of_elements)(f, old.otypes, is_mapped, args, kwargs)
