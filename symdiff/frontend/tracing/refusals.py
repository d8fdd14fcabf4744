"""Refusals: what draws, tells the time or reads, in whose place a message stands during a trace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from types import FrameType
from typing import Any

from symdiff.frontend.tracing.places import user_frame
from symdiff.frontend.tracing.recording_calls import (
    caller_is_traced,
)
from symdiff.frontend.tracing.running import active

DRAWS = (
    "beta binomial bytes chisquare choice default_rng dirichlet exponential f gamma geometric "
    "gumbel hypergeometric laplace logistic lognormal logseries multinomial multivariate_normal "
    "normal pareto permutation poisson power rand randint randn random random_sample ranf rayleigh "
    "sample seed shuffle standard_cauchy standard_exponential standard_gamma standard_normal "
    "standard_t triangular uniform vonmises wald weibull zipf"
).split()
PYTHON_DRAWS = (
    "betavariate choice choices expovariate gammavariate gauss getrandbits lognormvariate "
    "normalvariate paretovariate randbytes randint random randrange sample seed shuffle triangular "
    "uniform vonmisesvariate weibullvariate"
).split()
CLOCKS = (
    "asctime ctime gmtime localtime monotonic monotonic_ns perf_counter perf_counter_ns "
    "process_time process_time_ns strftime time time_ns"
).split()
NUMPY_READERS = "fromfile genfromtxt load loadtxt memmap".split()
_MODES = ("raise", "call")


def refusing(name: str) -> Callable[[Any], Any]:
    """Of a function that draws at random."""
    return _stopping(
        f"{name} draws at random, and the draw would be the same at every call",
        "draw outside of the function and pass the numbers in",
    )


def refusing_clock(name: str) -> Callable[[Any], Any]:
    """Of a function that tells the time."""
    return _stopping(
        f"{name} tells the time, and it would be the same at every call",
        "read the clock outside of the function and pass the number in",
    )


def refusing_modes(name: str) -> Callable[[Any], Any]:
    """Of `np.errstate` and `np.seterr`: an error that depends on values is none in a trace."""

    def make(old: Any) -> Any:
        @wraps(old)
        def set_modes(*args: Any, **kwargs: Any) -> Any:
            asked = [mode for mode in _MODES if mode in (*args, *kwargs.values())]
            trace = caller_is_traced()
            if trace is not None and asked:
                trace.refuse(
                    f"np.{name} with '{asked[0]}' raises an error that depends on values",
                    "check the values before the call, outside of the function",
                )
            return old(*args, **kwargs)

        return set_modes

    return make


def refusing_read(name: str) -> Callable[[Any], Any]:
    """Of a function that reads a file, a folder or what is typed."""
    return _stopping(*_read(name))


def _read(name: str) -> tuple[str, str]:
    """What is said of something that is read from outside of the function."""
    return (
        f"{name} reads something from outside of the function, and it would be the same at every "
        "call",
        "read it outside of the function and pass it in",
    )


def refusing_open(old: Any) -> Any:
    """`open`, unless it is for writing, or a module that is imported meanwhile asks for it."""

    @wraps(old)
    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        trace = caller_is_traced()
        if trace is not None and ("r" in mode or "+" in mode) and not _is_importing():
            trace.refuse(*_read("open"))
        return old(file, mode, *args, **kwargs)

    return opened


def refusing_environment(old: Any) -> Any:
    """The environment again, under a class of its own, whose method all reading goes through.

    Changing the method of the class itself works a thousand times: then Python 3.13 has used up
    the class's versions, and goes on calling the one that it remembers.
    """

    class Environment(type(old)):  # type: ignore[misc]  # a class that is known when this runs
        def __getitem__(self, key: Any) -> Any:
            trace = active()
            frame = None if trace is None or trace.is_paused else user_frame()
            if trace is not None and frame is not None and not _is_importing():
                trace.refuse(*_read("os.environ"))
            return super().__getitem__(key)

    made = Environment.__new__(Environment)
    made.__dict__ = old.__dict__  # what it holds is the same
    return made


def _is_importing() -> bool:
    """Whether a module is loaded, or it is asked which are installed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not _is_of_imports(frame):
        frame = frame.f_back
    return frame is not None


def _is_of_imports(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__")
    return isinstance(name, str) and name.partition(".")[0] in ("importlib", "_frozen_importlib")


def _stopping(message: str, advice: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def refuse(*args: Any, **kwargs: Any) -> Any:
            trace = caller_is_traced()
            if trace is not None and not _is_importing():
                trace.refuse(message, advice)
            return old(*args, **kwargs)

        if not isinstance(old, type):
            return refuse

        class Stopping(type):
            """The class of what stands for a class: values are asked whether they are of it."""

            __call__ = staticmethod(refuse)

            def __instancecheck__(cls, value: Any) -> bool:
                return isinstance(value, old)

            def __subclasscheck__(cls, kind: type) -> bool:
                return issubclass(kind, old)

        return Stopping(old.__name__, (old,), {})

    return make
