"""Patches for a trace: what stands in the place of NumPy's creation functions and of `math`'s.

Arrays that a function makes itself must be tracers, or a write into them would be lost; `math`
takes floats alone; a random draw would be frozen. These functions do not hand their work to their
arguments' types as NumPy's others do, so they are patched while a trace runs. In other threads,
and for calls that do not come from the user's code, the patched ones do what the old ones did.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import _lru_cache_wrapper, cache, wraps
from types import BuiltinFunctionType, FrameType, FunctionType
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.captured import Captured
from symdiff.frontend.tracing.compiled import Compiled
from symdiff.frontend.tracing.computing import made_here
from symdiff.frontend.tracing.contents import compiler_of
from symdiff.frontend.tracing.creation import compute, create
from symdiff.frontend.tracing.distributions import distribution_methods
from symdiff.frontend.tracing.followed import FOLLOWED
from symdiff.frontend.tracing.handlers import CONTEXTS
from symdiff.frontend.tracing.index_tricks import index_methods
from symdiff.frontend.tracing.patches import Patches, content
from symdiff.frontend.tracing.places import is_called_by, is_traced, user_frame
from symdiff.frontend.tracing.questions import QUESTIONS, libraries_in_reach
from symdiff.frontend.tracing.reach import Reach
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active, begin, end
from symdiff.frontend.tracing.sparse import sparse_methods
from symdiff.frontend.tracing.splines import spline_methods
from symdiff.frontend.tracing.values import numpy_function

CREATION = (
    "arange array asanyarray asarray ascontiguousarray asfortranarray bartlett blackman copy empty "
    "empty_like eye full full_like geomspace hamming hanning identity indices kaiser linspace "
    "logspace ones ones_like require tri zeros zeros_like"
).split()
# by the name in `math`, NumPy's
MATH = {
    **{name: name for name in
       "acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp exp2 expm1 fabs floor ceil fmod "
       "hypot isfinite isinf isnan log10 log1p log2 pow sin sinh sqrt tan tanh trunc "
       "degrees radians copysign".split()},
    "erf": "scipy.special.erf", "erfc": "scipy.special.erfc",
    "gamma": "scipy.special.gamma", "lgamma": "scipy.special.gammaln", "log": "log",
}  # fmt: skip
# SciPy's functions that are no universal ones
SCIPY = (
    "comb diric factorial lambertw log_softmax logsumexp multigammaln perm polygamma sinc softmax "
    "softplus spherical_in spherical_jn spherical_kn spherical_yn zeta"
).split()
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

READERS = {"os": ("listdir", "scandir")}
NUMPY_READERS = "fromfile genfromtxt load loadtxt memmap".split()
_IMPORTS = "importlib._bootstrap"
_MODES = ("raise", "call")

_lock = threading.RLock()
_depth = 0
_patches = Patches()


# by the function itself, or by what stands in its place, what records where it is called
_RECORDING: dict[Any, Callable[..., Any]] = {}


def recording(function: Any) -> Any:
    """What records in the place of a function that is called by the user's code itself.

    Whatever name it is called by: a library may have bound it to one of its own.
    """
    return _RECORDING.get(function, function)


def member_in_place(owner: Any, name: str, new: Any) -> None:
    """Let a member of a class mean something else while a trace runs."""
    with _lock:
        _patches.attribute(owner, name, new)


def of_numpy(function: Any) -> Any:
    """NumPy's function for one of `math`'s, which could not be traced; others as they are."""
    name = MATH.get(getattr(function, "__name__", ""), "")
    # not by its names alone, which `functools.wraps` gives to a function of the user's
    if not isinstance(function, BuiltinFunctionType) or function.__module__ != "math" or not name:
        return function
    return numpy_function(name)


@contextlib.contextmanager
def patched(trace: Recorder, environment: Captured) -> Iterator[None]:
    """While this lasts, the trace is active in this thread and the functions are patched.

    Args:
        trace: gets the calls.
        environment: the globals and closures of the user's functions, where the old functions
            may stand under names of their own.
    """
    with _lock:
        _enter()
        new: dict[int, Any] = {id(old): made for old, made in _replacements().values()}
        new |= {id(getattr(builtins, name)): made for name, made in QUESTIONS.items()}
        spaces = list(environment.namespaces())
        # not in `builtins`: compiled modules that are imported meanwhile take `type` from there
        cells = map(content, environment.cells())
        held = dict(enumerate([*cells, *_imported(environment), *environment.foreign]))
        libraries = libraries_in_reach([*spaces, held])
        for space in (*spaces, *libraries):
            for name, made in QUESTIONS.items():
                if name not in space:
                    _patches.put(space, name, made)
        # one may well say `from math import sqrt`; its clocks may be read by hooks of the collector
        computing = {id(old): made for (module, _), (old, made) in _replacements().items()
                     if module in _COMPUTING}  # fmt: skip
        for space in libraries:
            for name in [name for name, value in space.items() if id(value) in computing]:
                _patches.put(space, name, computing[id(space[name])])
        for space in spaces:
            for name, value in list(space.items()):
                made = _in_place_of(value, new)
                if made is not None:
                    _patches.put(space, name, made)
        Reach(_patches, lambda value: _in_place_of(value, new)).patch(environment)
    begin(trace)
    try:
        yield
    finally:
        end()
        trace.entry = None
        with _lock:
            _leave()


def _imported(environment: Captured) -> Iterator[Any]:
    """The modules that are loaded and may be imported by the functions."""
    for function in environment.functions:
        yield from (sys.modules[n] for n in function.__code__.co_names if n in sys.modules)


def _in_place_of(value: Any, new: dict[int, Any]) -> Any:
    """What stands for a value of the user's meanwhile, or `None`.

    A function that keeps its results would keep tracers: it is called anew each time.
    """
    if type(value) is _lru_cache_wrapper:
        return value.__wrapped__
    made = new.get(id(value))
    return Compiled(value) if made is None and compiler_of(value) else made


def _enter() -> None:
    global _depth
    _depth += 1
    if _depth == 1:
        for kind, name, make in CONTEXTS:
            _patches.attribute(kind, name, make(vars(kind)[name]))
        methods = (
            *distribution_methods(),
            *index_methods(),
            *sparse_methods(),
            *spline_methods(),
        )
        for kind, name, make in methods:
            _patches.attribute(kind, name, make(vars(kind)[name]))
        for (module, name), (old, made) in _replacements().items():
            space = vars(sys.modules[module])
            if space.get(name) is old:
                _patches.put(space, name, made)


def _leave() -> None:
    global _depth
    _depth -= 1
    if _depth == 0:
        _patches.undo()


@cache
def _replacements_of(module: str) -> dict[tuple[str, str], tuple[Any, Any]]:
    found = importlib.import_module(module)
    table: dict[tuple[str, str], tuple[Any, Any]] = {}
    for name, make in _wanted(module).items():
        old = vars(found).get(name)
        is_scipys_class = isinstance(old, type) and module in _OF_SCIPY  # its methods are patched
        if old is not None and not is_scipys_class:
            made = make(old)
            table[module, name] = (old, made)
            if isinstance(old, (FunctionType, BuiltinFunctionType)):
                _RECORDING.setdefault(old, made)
    return table


# modules of SciPy's whose functions are looked up by name
_OF_SCIPY = (
    "scipy.linalg",
    "scipy.stats",
    "scipy.fft",
    "scipy.interpolate",
    "scipy.integrate",
    "scipy.signal",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.spatial.distance",
)
_COMPUTING = ("math", "numpy", "numpy.linalg", "numpy.fft", "scipy.special", *_OF_SCIPY)


def _replacements() -> dict[tuple[str, str], tuple[Any, Any]]:
    """By module and name, the old function and what stands in its place."""
    table: dict[tuple[str, str], tuple[Any, Any]] = {}
    for module in (
        *READERS,
        _IMPORTS,
        "builtins",
        "io",
        "numpy",
        "numpy.linalg",
        "math",
        "numpy.random",
        "random",
        "time",
        "numpy.fft",
        "scipy.special",
        *_OF_SCIPY,
    ):
        if module in sys.modules or module == "numpy.random":
            table |= _replacements_of(module)
    return table


def _wanted(module: str) -> dict[str, Callable[[Any], Any]]:
    if module == _IMPORTS:
        return {"_find_and_load": _pausing}
    if module == "builtins":
        return {"open": _refusing_open, "input": _refusing_read("input")}
    if module == "io":
        return {"open": _refusing_open}
    if module in READERS:
        environment = {"environ": _refusing_environment} if module == "os" else {}
        reads = {name: _refusing_read(f"{module}.{name}") for name in READERS[module]}
        return reads | environment
    if module == "numpy":
        created = {name: _recording(name) for name in CREATION}
        modes = {name: _refusing_modes(name) for name in ("errstate", "seterr")}
        files = {name: _refusing_read(f"np.{name}") for name in NUMPY_READERS}
        return _taking_lists(module) | created | modes | files
    if module in ("numpy.linalg", "numpy.fft"):
        return _taking_lists(module)
    if module == "math":
        return {name: _of_math(name, MATH.get(name, "")) for name in _functions_of("math")}
    if module == "scipy.special":
        return {name: _calling(f"scipy.special.{name}") for name in SCIPY}
    if module in _OF_SCIPY:
        names = [name for name in LOWERINGS if name.rpartition(".")[0] == module]
        calls = {name.rpartition(".")[2]: _calling(name) for name in names}
        followed = [name for name in FOLLOWED if name.rpartition(".")[0] == module]
        return calls | {name.rpartition(".")[2]: _following(name) for name in followed}
    if module == "time":
        return {name: _refusing_clock(f"time.{name}") for name in CLOCKS}
    if module == "random":
        return {name: _refusing(f"random.{name}") for name in PYTHON_DRAWS}
    return {name: _refusing(f"np.random.{name}") for name in DRAWS}


def _functions_of(module: str) -> list[str]:
    """The names of the functions of a module."""
    space = vars(importlib.import_module(module))
    return [name for name, value in space.items() if isinstance(value, BuiltinFunctionType)]


def _taking_lists(module: str) -> dict[str, Callable[[Any], Any]]:
    """The functions that do not hand lists of tracers to the tracers, as they do arrays."""
    prefix = module.removeprefix("numpy").lstrip(".")
    names = [name for name in LOWERINGS if name.rpartition(".")[0] == prefix]
    plain = {name: name.rpartition(".")[2] for name in names}
    space = vars(importlib.import_module(module))
    return {
        plain[name]: _listing(name)
        for name in names
        if hasattr(space.get(plain[name]), "__wrapped__") and plain[name] not in CREATION
    }


def _caller_is_traced() -> Recorder | None:
    """The active trace, where the call comes from the user's code."""
    trace = active()
    if trace is None or trace.is_paused:
        return None
    frame = sys._getframe(2)
    if frame.f_globals.get("__name__") == "logging":  # it puts the time on what is said
        return None
    return trace if is_traced(frame) else None


def _recording(name: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
            if trace is None or not (
                is_called_by(sys._getframe(1), record) or trace.holds_tracers((args, kwargs))
            ):
                return old(*args, **kwargs)
            return create(trace, name, old, args, kwargs)

        def direct(*args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused:
                return old(*args, **kwargs)
            return create(trace, name, old, args, kwargs)

        _RECORDING[old] = _RECORDING[record] = wraps(old)(direct)
        return record

    return make


def _calling(name: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
            if trace is None or not trace.holds_tracers((args, kwargs)):
                return old(*args, **kwargs)
            return trace.call(name, *args, **kwargs)

        def direct(*args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused or not trace.holds_tracers((args, kwargs)):
                return old(*args, **kwargs)
            return trace.call(name, *args, **kwargs)

        _RECORDING[old] = _RECORDING[record] = wraps(old)(direct)
        return record

    return make


def _following(name: str) -> Callable[[Any], Any]:
    """A function that is followed as code is, and no line of the catalogue."""

    def make(old: Any) -> Any:
        @wraps(old)
        def follow(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
            if trace is None:
                return old(*args, **kwargs)
            return FOLLOWED[name](trace, old, *args, **kwargs)

        return follow

    return make


def _listing(name: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
            if trace is None or not _holds_lists(trace, args):
                return old(*args, **kwargs)
            return trace.call(name, *args, **kwargs)

        def direct(*args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused:
                return old(*args, **kwargs)
            if _holds_lists(trace, args):
                return trace.call(name, *args, **kwargs)
            return made_here(trace, old(*args, **kwargs), (args, kwargs))

        _RECORDING[old] = _RECORDING[record] = wraps(old)(direct)
        # `wraps` leaves the function that NumPy's own wraps
        record.__wrapped__ = old
        return record

    return make


def _holds_lists(trace: Recorder, args: Sequence[Any]) -> bool:
    """Whether a list with tracers is among the arguments."""
    return any(isinstance(value, (list, tuple)) and trace.holds_tracers(value) for value in args)


def _of_math(name: str, numpy: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
            if trace is None:
                return old(*args, **kwargs)
            args = tuple([list(arg) if isinstance(arg, Iterator) else arg for arg in args])
            if not trace.holds_tracers(args):
                return old(*args, **kwargs)
            return compute(trace, name, numpy, args, kwargs)

        return record

    return make


def _refusing(name: str) -> Callable[[Any], Any]:
    return _stopping(
        f"{name} draws at random, and the draw would be the same at every call",
        "draw outside of the function and pass the numbers in",
    )


def _refusing_clock(name: str) -> Callable[[Any], Any]:
    return _stopping(
        f"{name} tells the time, and it would be the same at every call",
        "read the clock outside of the function and pass the number in",
    )


def _refusing_modes(name: str) -> Callable[[Any], Any]:
    """Of `np.errstate` and `np.seterr`: an error that depends on values is none in a trace."""

    def make(old: Any) -> Any:
        @wraps(old)
        def set_modes(*args: Any, **kwargs: Any) -> Any:
            asked = [mode for mode in _MODES if mode in (*args, *kwargs.values())]
            trace = _caller_is_traced()
            if trace is not None and asked:
                trace.refuse(
                    f"np.{name} with '{asked[0]}' raises an error that depends on values",
                    "check the values before the call, outside of the function",
                )
            return old(*args, **kwargs)

        return set_modes

    return make


def _refusing_read(name: str) -> Callable[[Any], Any]:
    return _stopping(*_read(name))


def _read(name: str) -> tuple[str, str]:
    """What is said of something that is read from outside of the function."""
    return (
        f"{name} reads something from outside of the function, and it would be the same at every "
        "call",
        "read it outside of the function and pass it in",
    )


def _refusing_open(old: Any) -> Any:
    """`open`, unless it is for writing, or a module that is imported meanwhile asks for it."""

    @wraps(old)
    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        trace = _caller_is_traced()
        if trace is not None and ("r" in mode or "+" in mode) and not _is_importing():
            trace.refuse(*_read("open"))
        return old(file, mode, *args, **kwargs)

    return opened


def _refusing_environment(old: Any) -> Any:
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


def _pausing(old: Any) -> Any:
    """The import of a module that is not loaded yet: what it computes is not the function's."""

    @wraps(old)
    def find_and_load(*args: Any) -> Any:
        trace = active()
        if trace is None:
            return old(*args)
        was_paused, trace.is_paused = trace.is_paused, True
        try:
            return old(*args)
        finally:
            trace.is_paused = was_paused

    return find_and_load


def _stopping(message: str, advice: str) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def refuse(*args: Any, **kwargs: Any) -> Any:
            trace = _caller_is_traced()
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
