"""What a function meets while it is traced in place of NumPy's creation functions and of `math`'s.

Arrays that a function makes itself must be stand-ins, or a write into them would be lost; `math`
takes floats alone; a random draw would be frozen. These functions do not hand their work to their
arguments' types as NumPy's others do, so they are exchanged while a trace runs. In other threads,
and for calls that do not come from the user's code, the exchanged ones do what the old ones did.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from symdiff.frontend.tracing.places import is_users

if TYPE_CHECKING:
    from symdiff.frontend.tracing.trace import Trace

CREATION = (
    "arange array asanyarray asarray ascontiguousarray empty empty_like eye full full_like "
    "geomspace identity linspace logspace ones ones_like tri zeros zeros_like"
).split()
# by the name in `math`, NumPy's
MATH = {
    **{name: name for name in
       "acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp exp2 expm1 fabs floor ceil fmod "
       "hypot isfinite isinf isnan log10 log1p log2 pow sin sinh sqrt tan tanh trunc "
       "degrees radians copysign isclose".split()},
    "dist": "", "erf": "scipy.special.erf", "erfc": "scipy.special.erfc",
    "gamma": "scipy.special.gamma", "lgamma": "scipy.special.gammaln", "log": "log",
    "fsum": "sum", "prod": "prod",
}  # fmt: skip
SCIPY = ("logsumexp", "softmax", "log_softmax")
DRAWS = (
    "beta binomial bytes chisquare choice default_rng dirichlet exponential f gamma geometric "
    "gumbel hypergeometric laplace logistic lognormal logseries multinomial multivariate_normal "
    "normal pareto permutation poisson power rand randint randn random random_sample ranf rayleigh "
    "sample seed shuffle standard_cauchy standard_exponential standard_gamma standard_normal standard_t "
    "triangular uniform vonmises wald weibull zipf"
).split()
PYTHON_DRAWS = (
    "betavariate choice choices expovariate gammavariate gauss getrandbits lognormvariate "
    "normalvariate paretovariate randbytes randint random randrange sample seed shuffle triangular "
    "uniform vonmisesvariate weibullvariate"
).split()

_local = threading.local()
_lock = threading.RLock()
_depth = 0
_exchanged: list[tuple[dict[str, Any], str, Any]] = []


def active() -> Trace | None:
    """The trace that runs in this thread."""
    stack = getattr(_local, "stack", None)
    return stack[-1] if stack else None


@contextlib.contextmanager
def exchanged(trace: Trace, namespaces: Iterable[dict[str, Any]]) -> Iterator[None]:
    """While this lasts, the trace is active in this thread and the functions are exchanged.

    Args:
        trace: gets the calls.
        namespaces: the globals of the user's functions, where the old functions may stand under
            names of their own.
    """
    stack = _local.__dict__.setdefault("stack", [])
    mine: list[tuple[dict[str, Any], str, Any]] = []
    with _lock:
        _enter()
        new = {id(old): made for old, made in _replacements().values()}
        for space in namespaces:
            for name, value in list(space.items()):
                made = new.get(id(value))
                if made is not None and made.__wrapped__ is value:
                    mine.append((space, name, value))
                    space[name] = made
    stack.append(trace)
    try:
        yield
    finally:
        stack.pop()
        with _lock:
            for space, name, value in mine:
                space[name] = value
            _leave()


def _enter() -> None:
    global _depth
    _depth += 1
    if _depth == 1:
        for (module, name), (old, made) in _replacements().items():
            space = vars(sys.modules[module])
            if space.get(name) is old:
                _exchanged.append((space, name, old))
                space[name] = made


def _leave() -> None:
    global _depth
    _depth -= 1
    if _depth == 0:
        for space, name, old in _exchanged:
            space[name] = old
        _exchanged.clear()


@cache
def _replacements_of(module: str) -> dict[tuple[str, str], tuple[Any, Any]]:
    found = importlib.import_module(module)
    table: dict[tuple[str, str], tuple[Any, Any]] = {}
    for name, make in _wanted(module).items():
        old = vars(found).get(name)
        if old is not None:
            table[module, name] = (old, make(old))
    return table


def _replacements() -> dict[tuple[str, str], tuple[Any, Any]]:
    """By module and name, the old function and what stands in its place."""
    table: dict[tuple[str, str], tuple[Any, Any]] = {}
    for module in ("numpy", "math", "numpy.random", "random", "scipy.special"):
        if module in sys.modules or module == "numpy.random":
            table |= _replacements_of(module)
    return table


def _wanted(module: str) -> dict[str, Callable[[Any], Any]]:
    if module == "numpy":
        return {name: _recording(name) for name in CREATION}
    if module == "math":
        return {name: _of_math(name, numpy) for name, numpy in MATH.items()}
    if module == "scipy.special":
        return {name: _recording(f"scipy.special.{name}") for name in SCIPY}
    if module == "random":
        return {name: _refusing(f"random.{name}") for name in PYTHON_DRAWS}
    return {name: _refusing(f"np.random.{name}") for name in DRAWS}


def _caller_is_traced() -> Trace | None:
    """The active trace, where the call comes from the user's code."""
    trace = active()
    if trace is None or trace.is_paused:
        return None
    return trace if is_users(sys._getframe(2).f_code.co_filename) else None


def _recording(name: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
            return old(*args, **kwargs) if trace is None else trace.create(name, old, args, kwargs)

        return record

    return make


def _of_math(name: str, numpy: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
            if trace is None or not trace.holds_stand_ins(args):
                return old(*args, **kwargs)
            return trace.math(name, numpy, args, kwargs)

        return record

    return make


def _refusing(name: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def refuse(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
            if trace is not None:
                trace.refuse(
                    f"{name} draws at random, and the draw would be the same at every call",
                    "draw outside of the function and pass the numbers in",
                )
            return old(*args, **kwargs)

        return refuse

    return make
