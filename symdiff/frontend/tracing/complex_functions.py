"""Functions of `cmath` on tracers: NumPy's, of what is made complex before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.recording_calls import caller_is_traced
from symdiff.frontend.tracing.scalars import as_python

Call = Callable[..., Any]  # of one of NumPy's functions, by its name
# by the name in `cmath`, NumPy's
CMATH = {
    **{name: name for name in
       "cos cosh exp isfinite isinf isnan log10 sin sinh sqrt tan tanh".split()},
    "acos": "arccos", "asin": "arcsin", "atan": "arctan", "atanh": "arctanh", "phase": "angle",
}  # fmt: skip
_KINDS = {"isfinite": bool, "isinf": bool, "isnan": bool, "phase": float}


def of_cmath(name: str) -> Callable[[Any], Any]:
    """A function of `cmath`, by its name there."""

    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any) -> Any:
            trace = caller_is_traced()
            if trace is None or not trace.holds_tracers(args):
                return old(*args)
            return _computed(trace, name, args)

        return record

    return make


def _computed(trace: Recorder, name: str, args: Sequence[Any]) -> Any:
    """A function on numbers of which at least one is a tracer."""
    own = _OWN.get(name)
    if own is not None:
        return own(trace.call, *args)
    if name not in CMATH:
        trace.refuse(f"cmath.{name} is not supported")
    found = trace.call(CMATH[name], _complex(trace.call, *args))
    return as_python(found, _KINDS[name]) if name in _KINDS else found


def _complex(call: Call, value: Any) -> Any:
    return call("add", value, 0j)


def _polar(call: Call, value: Any) -> tuple[Any, Any]:
    """The magnitude and the angle."""
    angle = call("angle", _complex(call, value))
    return as_python(call("absolute", value), float), as_python(angle, float)


def _rect(call: Call, length: Any, angle: Any) -> Any:
    """The number of a magnitude and an angle."""
    real, imag = [call("multiply", length, call(part, angle)) for part in ("cos", "sin")]
    return call("add", real, call("multiply", 1j, imag))


def _log(call: Call, *values: Any) -> Any:
    """The logarithm, to a base where there is one."""
    logs = [call("log", _complex(call, value)) for value in values]
    return call("divide", *logs) if len(logs) == 2 else logs[0]


_OWN: Mapping[str, Callable[..., Any]] = {"polar": _polar, "rect": _rect, "log": _log}
