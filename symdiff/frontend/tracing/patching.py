"""Patches for a trace: in which modules and namespaces other functions stand while it runs.

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
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, cache, wraps
from types import BuiltinFunctionType, FunctionType
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.captured import Captured
from symdiff.frontend.tracing.compiled import Compiled
from symdiff.frontend.tracing.complex_functions import of_cmath
from symdiff.frontend.tracing.contents import compiler_of
from symdiff.frontend.tracing.distributions import distribution_methods
from symdiff.frontend.tracing.handlers import CONTEXTS
from symdiff.frontend.tracing.index_tricks import index_methods
from symdiff.frontend.tracing.masking import load, masked_methods
from symdiff.frontend.tracing.patches import Patches, content
from symdiff.frontend.tracing.questions import QUESTIONS, libraries_in_reach
from symdiff.frontend.tracing.reach import Reach
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.recording_calls import (
    CREATION,
    MATH,
    RECORDING,
    calling,
    creating,
    listing,
    of_math,
    of_routine,
)
from symdiff.frontend.tracing.refusals import (
    CLOCKS,
    DRAWS,
    NUMPY_READERS,
    PYTHON_DRAWS,
    refusing,
    refusing_clock,
    refusing_environment,
    refusing_modes,
    refusing_open,
    refusing_read,
)
from symdiff.frontend.tracing.routines import ROUTINES
from symdiff.frontend.tracing.running import active, begin, end
from symdiff.frontend.tracing.sparse import sparse_methods
from symdiff.frontend.tracing.splines import spline_methods

# SciPy's functions that are no universal ones
SCIPY = (
    "comb diric factorial lambertw log_softmax logsumexp multigammaln perm polygamma sinc softmax "
    "softplus spherical_in spherical_jn spherical_kn spherical_yn zeta"
).split()


READERS = {"os": ("listdir", "scandir")}
_IMPORTS = "importlib._bootstrap"

_lock = threading.RLock()
_depth = 0
_patches = Patches()


def member_in_place(owner: Any, name: str, new: Any) -> None:
    """Let a member of a class mean something else while a trace runs."""
    with _lock:
        _patches.attribute(owner, name, new)


@contextlib.contextmanager
def patched(trace: Recorder, environment: Captured) -> Iterator[None]:
    """While this lasts, the trace is active in this thread and the functions are patched.

    Args:
        trace: gets the calls.
        environment: the globals and closures of the user's functions, where the old functions
            may stand under names of their own.
    """
    load(environment.functions)
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
            *masked_methods(),
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
                RECORDING.setdefault(old, made)
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
_OF_ROUTINES = ("numpy.ma.core", "numpy.ma.extras", *_OF_SCIPY)
_COMPUTING = ("math", "cmath", "numpy", "numpy.linalg", "numpy.fft", "scipy.special", *_OF_ROUTINES)


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
        "cmath",
        "numpy.random",
        "random",
        "time",
        "numpy.fft",
        "scipy.special",
        *_OF_ROUTINES,
    ):
        if module in sys.modules or module == "numpy.random":
            table |= _replacements_of(module)
    return table


def _wanted(module: str) -> dict[str, Callable[[Any], Any]]:
    if module == _IMPORTS:
        return {"_find_and_load": _pausing}
    if module == "builtins":
        return {"open": refusing_open, "input": refusing_read("input")}
    if module == "io":
        return {"open": refusing_open}
    if module in READERS:
        environment = {"environ": refusing_environment} if module == "os" else {}
        reads = {name: refusing_read(f"{module}.{name}") for name in READERS[module]}
        return reads | environment
    if module == "numpy":
        created = {name: creating(name) for name in CREATION}
        modes = {name: refusing_modes(name) for name in ("errstate", "seterr")}
        files = {name: refusing_read(f"np.{name}") for name in NUMPY_READERS}
        return _taking_lists(module) | created | modes | files
    if module in ("numpy.linalg", "numpy.fft"):
        return _taking_lists(module)
    if module == "math":
        return {name: of_math(name, MATH.get(name, "")) for name in _functions_of("math")}
    if module == "cmath":
        return {name: of_cmath(name) for name in _functions_of("cmath")}
    if module == "scipy.special":
        return {name: calling(f"scipy.special.{name}") for name in SCIPY}
    if module in _OF_ROUTINES:
        names = [name for name in LOWERINGS if name.rpartition(".")[0] == module]
        calls = {name.rpartition(".")[2]: calling(name) for name in names}
        routines = [name for name in ROUTINES if name.rpartition(".")[0] == module]
        return calls | {name.rpartition(".")[2]: of_routine(name) for name in routines}
    if module == "time":
        return {name: refusing_clock(f"time.{name}") for name in CLOCKS}
    if module == "random":
        return {name: refusing(f"random.{name}") for name in PYTHON_DRAWS}
    return {name: refusing(f"np.random.{name}") for name in DRAWS}


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
        plain[name]: listing(name)
        for name in names
        if hasattr(space.get(plain[name]), "__wrapped__") and plain[name] not in CREATION
    }


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
