"""SciPy's own functions where the user's code calls them: traced, or computed of what is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.frontend.tracing.computing import made_here
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import concrete, flat, numpy

APPLIED = ("apply_where", "_lazywhere")
_PLAIN = frozenset((bool, int, float, complex, str, type(None)))


def knowing(function: Any, staged: Any) -> Callable[..., Any]:
    """A function that SciPy itself computes where all that it is given is known.

    Args:
        function: SciPy's own.
        staged: the same as it is traced.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        trace = active()
        given = args, kwargs
        if trace is None or not all(_is_known(trace, value) for value in flat(given)):
            return staged(*args, **kwargs)
        was_paused, trace.is_paused = trace.is_paused, True
        try:
            keywords = {name: concrete(value) for name, value in kwargs.items()}
            result = function(*map(concrete, args), **keywords)
        finally:
            trace.is_paused = was_paused
        return made_here(trace, result, given)

    return call


def applied_where(stage: Callable[[Any], Any]) -> Callable[..., Any]:
    """`apply_where` of SciPy's own: functions of elements, each where a condition has it.

    SciPy calls them with the elements that a mask selects. Before SciPy 1.16 it is `_lazywhere`,
    whose fourth argument is a number.
    """

    def apply(
        cond: Any,
        args: Any,
        f1: Any = None,
        f2: Any = None,
        /,
        *,
        fill_value: Any = None,
        **old: Any,
    ) -> Any:
        given = args if isinstance(args, (list, tuple)) else (args,)
        if f2 is not None and not callable(f2):
            f2, fill_value = None, f2
        f1 = old.get("f", f1)
        f2, fill_value = old.get("f2", f2), old.get("fillvalue", fill_value)
        other = fill_value if f2 is None else stage(f2)(*given)
        return numpy().where(cond, stage(f1)(*given), other)

    return apply


def _is_known(trace: Recorder, value: Any) -> bool:
    """Whether a value is a known number or array, or a text: nothing that may hold a tracer."""
    if isinstance(value, Tracer):
        return not trace.is_symbolic(value)
    return type(value) in _PLAIN or isinstance(value, (numpy().ndarray, numpy().generic))
