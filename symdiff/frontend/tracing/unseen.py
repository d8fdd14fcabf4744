"""Functions that tracing does not see into: what is said where a tracer is given to one."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from symdiff.errors import Span, SymdiffError, UnsupportedError, source_lines
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.stats import known_of
from symdiff.frontend.tracing.contents import is_library, module_of, refusal_of_array
from symdiff.frontend.tracing.places import (
    LIBRARIES,
    is_traced,
    is_users,
    span_of,
    traced_frame,
    user_frame,
)

_ROOT = "write sd.root(residual, sd.custom_rule(solve, shape=...))(p), of a solve that calls it"
_MINIMUM = "scipy.optimize.minimize has derivatives; sd.argmin(objective, solve) of any solver"
_INTEGRAL = (
    "sum up weights @ f(nodes), of nodes and weights like np.polynomial.legendre.leggauss(20)"
)
_STEPS = "write the steps of a method, such as Runge-Kutta's, as a loop or with sd.scan"
ADVICE: Mapping[str, str] = {
    "numpy.nditer": "write for i in np.ndindex(x.shape), or for element in x.flat",
    "numpy.frompyfunc": "np.vectorize(f, otypes=[float]) is",
    "numpy.poly1d": "np.polyval(coefficients, x) is, and np.polynomial.Polynomial",
    "numpy.polymul": "np.convolve is, and np.polynomial.polynomial.polymul",
    "numpy.roots": "sd.root takes the equation and this call as its solver",
    "numpy.fromiter": "write np.array([... for ... in ...])",
    "numpy.trim_zeros": "how many zeros there are depends on values: write a slice",
    **dict.fromkeys(
        [
            f"scipy.optimize.{name}"
            for name in ("anderson", "broyden1", "broyden2", "newton_krylov")
        ],
        _ROOT,
    ),
    **dict.fromkeys(
        [
            f"scipy.optimize.{name}"
            for name in (
                "fmin_cobyla fmin_l_bfgs_b fmin_ncg fmin_powell fmin_slsqp fmin_tnc"
            ).split()
        ],
        _MINIMUM,
    ),
    "scipy.integrate.tplquad": "integrate three times with scipy.integrate.quad",
    "scipy.integrate.nquad": "integrate along each axis with scipy.integrate.quad",
    "scipy.integrate.quad_vec": _INTEGRAL,
    "scipy.integrate.ode": _STEPS,
    "scipy.integrate.RK45": _STEPS,
    "scipy.integrate.solve_bvp": _ROOT,
    "scipy.stats.levy_stable": "scipy.stats.levy, cauchy and norm have formulas; for one alpha and "
    "beta, a CubicSpline through levy_stable.logpdf at known places has derivatives",
}
_MASKED = "select with the mask: np.mean(x[~mask]), np.sum(np.where(mask, 0.0, x))"
CUSTOM_RULE = "call it outside of the function, or give it a derivative with sd.custom_rule"


def refusal() -> tuple[str, str]:
    """The message and the advice for the expression that is being evaluated."""
    frame = user_frame()
    node = None if frame is None else _expression(frame)
    if frame is not None and isinstance(node, ast.Call):
        return _of_call(frame, node)
    if frame is not None and isinstance(node, ast.BinOp):
        for operand in (node.left, node.right):
            found = refusal_of_array(_meant(frame, operand))
            if found is not None:
                return f"this takes {found[0]}", found[1]
    if frame is not None and isinstance(node, ast.Subscript):
        is_array = hasattr(_meant(frame, node.value), "dtype")
        return _GENERAL, _INDEX if is_array else "write np.concatenate or np.stack"
    return _GENERAL, CUSTOM_RULE


def number_refusal(what: str, advice: str) -> tuple[str, str]:
    """The message and the advice where a number is asked for: by a builtin, or out of sight."""
    frame = user_frame()
    node = None if frame is None else _expression(frame)
    if frame is not None and isinstance(node, ast.Call):
        function = _meant(frame, node.func)
        if hasattr(function, "cache_info"):  # it asks for the hash of its arguments
            return _UNKNOWN.format(what), advice
        module = getattr(function, "__module__", None)
        if module in ("builtins", "math"):
            more = _BUILTINS.get(function.__name__, "")
            return _UNKNOWN.format(what), f"{more}{advice}"
        if function is not None and module is not None and not hasattr(function, "__code__"):
            return _of_call(frame, node)
        if is_library(module):
            return _of_call(frame, node)
    if frame is not None and frame.f_code.co_flags & inspect.CO_GENERATOR:
        return _UNKNOWN.format(what), f"{advice}, or let a list take the generator's place"
    return _UNKNOWN.format(what), advice


def stale() -> tuple[str, str]:
    """The message and the advice where a function's value is used that has returned already."""
    frame = user_frame()
    node = None if frame is None else _expression(frame)
    if frame is not None and isinstance(node, ast.Call):
        module = getattr(_meant(frame, node.func), "__module__", None)
        if is_library(module):
            return _of_call(frame, node)
    return "a value of a function that was given to another one is used outside of it", _RETURN


_RETURN = "return it from there, with what the function returns already"


def of_library_error(error: Exception) -> UnsupportedError | None:
    """The refusal for an error of types that a library raised itself; `None` for other errors.

    Compiled code looks at the type of what it is given, and never asks a tracer for its numbers.
    """
    if not isinstance(error, (AttributeError, TypeError)):
        return None
    users, innermost, step = None, "", error.__traceback__
    while step is not None:
        innermost = step.tb_frame.f_code.co_filename
        if is_users(innermost) and not _is_compiled(innermost):
            users = step
        step = step.tb_next
    is_of_library = _is_compiled(innermost) or LIBRARIES & set(Path(innermost).parts)
    if users is None or not is_of_library or users.tb_next is None:
        return None
    span = span_of(users.tb_frame.f_code, users.tb_lasti)
    node = _parsed(span)
    if not isinstance(node, ast.Call) or _is_known(public_name(_meant(users.tb_frame, node.func))):
        return None
    message, advice = _of_call(users.tb_frame, node)
    return UnsupportedError(f"{message}: it raises '{error}'", span=span, suggestion=advice)


def of_compiled_error(
    error: Exception, is_tracer: Callable[[Any], bool]
) -> UnsupportedError | None:
    """The refusal for an error of types of a C function that is given a tracer; else `None`.

    It asks for the memory of an array, or for a number of Python's, which no tracer has.
    """
    if not isinstance(error, TypeError):
        return None
    traced, step = None, error.__traceback__
    while step is not None:
        if is_traced(step.tb_frame):
            traced = step
        step = step.tb_next
    if traced is None:
        return None
    span = span_of(traced.tb_frame.f_code, traced.tb_lasti)
    node = _parsed(span)
    if not isinstance(node, ast.Call):
        return None
    function = _meant(traced.tb_frame, node.func)
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    names = [part for value in given for part in ast.walk(value) if isinstance(part, ast.Name)]
    if hasattr(function, "__code__") or not any(
        is_tracer(_meant(traced.tb_frame, name)) for name in names
    ):
        return None
    return UnsupportedError(
        f"{ast.unparse(node.func)}(...) does not take values that are not known yet: it raises "
        f"'{error}'",
        span=span,
        suggestion=CUSTOM_RULE,
    )


def _is_compiled(filename: str) -> bool:
    """Whether Cython names a file so, in what it shows of its code."""
    return filename.endswith((".pyx", ".pxi", ".pxd")) or filename == "<stringsource>"


def unknown(name: str) -> tuple[str, str | None]:
    """The message and the advice for a function of NumPy or SciPy that is not known here.

    Where a library's own function calls it, it is that one which the user knows.
    """
    shown = name if name.startswith("scipy.") else f"np.{name}"
    frame = user_frame()
    node = None if frame is None else _expression(frame)
    if frame is not None and isinstance(node, ast.Call):
        function = _meant(frame, node.func)
        called = public_name(function)
        if is_library(getattr(function, "__module__", None)) and not called.endswith(name):
            return f"{called} is not supported: it calls {shown}", _advice(called)
    return f"{shown} is not supported", None


def of_scipy(error: SymdiffError) -> SymdiffError:
    """A refusal inside of a function of SciPy's that is traced, said of that function."""
    frame, inner = user_frame(), traced_frame()
    node = None if frame is None or inner is frame else _expression(frame)
    if frame is None or not isinstance(node, ast.Call) or not isinstance(error, UnsupportedError):
        return error
    name = _name_called(frame, node.func)
    message = f"{name} is not supported"
    if error.message.startswith(message):
        return error
    span = span_of(frame.f_code, frame.f_lasti)
    return UnsupportedError(f"{message}: {error.message}", span=span, suggestion=_advice(name))


def _name_called(frame: FrameType, function: ast.expr) -> str:
    """What users call a function, or a method of what another call makes."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
        maker = public_name(_meant(frame, function.value.func))
        if maker:
            return f"{maker}.{function.attr}"
    return public_name(_meant(frame, function)) or ast.unparse(function)


def is_printed() -> bool:
    """Whether the expression that is being evaluated prints something."""
    frame = user_frame()
    node = None if frame is None else _expression(frame)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "print"


_UNKNOWN = "{} depends on a value that is not known yet"
_INDEX = "to index an array from outside, write np.array(a)[i]"
_BUILTINS = {
    "max": "write np.maximum(a, b) or np.max(x), or ",
    "min": "write np.minimum(a, b) or np.min(x), or ",
    "sorted": "write np.sort(x), or ",
    "any": "write np.any(x), or ",
    "all": "write np.all(x), or ",
}


_GENERAL = "a value that is not known yet goes where tracing does not see it"


def _of_call(frame: FrameType, node: ast.Call) -> tuple[str, str]:
    written = ast.unparse(node.func)
    function = _meant(frame, node.func)
    if isinstance(node.func, ast.Call):
        maker = public_name(_meant(frame, node.func.func)) or ast.unparse(node.func.func)
        return f"what {maker}(...) makes is not supported", _advice(maker)
    if isinstance(function, ModuleType) or function is None:
        return f"{_GENERAL}: into {written}(...)", CUSTOM_RULE
    owner = getattr(function, "__self__", None)
    if hasattr(owner, "dtype") and not isinstance(owner, ModuleType):
        return (
            f"the method '{node.func.attr}' of an array from outside does not see a value that is "
            "not known yet"
            if isinstance(node.func, ast.Attribute)
            else _GENERAL,
            f"call a function of NumPy: np.{function.__name__}(a, x) for a.{function.__name__}(x)",
        )
    name = public_name(function) or written
    if any(isinstance(part, (ast.List, ast.Tuple)) for part in node.args) and _is_known(name):
        return f"{name} is given a list with a value that is not known yet", _LIST
    return f"{name} is not supported", _advice(name)


_LIST = "write np.array([...]) around the list"


def _is_known(name: str) -> bool:
    return name.removeprefix("numpy.") in LOWERINGS


_OF_DISTRIBUTIONS = 3  # points in the names of their methods


def _advice(name: str) -> str:
    """What to write instead of a function."""
    found = ADVICE.get(name) or ADVICE.get(name.rpartition(".")[0])
    if found is not None:
        return found
    if name.startswith("numpy.ma."):
        return _MASKED
    if name.startswith("scipy.stats.") and name.count(".") == _OF_DISTRIBUTIONS:
        return known_of(name.rpartition(".")[2]) or CUSTOM_RULE
    if name.startswith("scipy."):
        for of_numpy in (name.removeprefix("scipy."), name.rpartition(".")[2]):
            if of_numpy in LOWERINGS.supported:
                return f"np.{of_numpy} is"
    return CUSTOM_RULE


def public_name(function: Any) -> str:
    """What users call a function of a library, or a method of one of its objects."""
    if function is None:
        return ""
    if _distribution(function):
        return _distribution(function)
    owner = getattr(function, "__self__", None)
    method = getattr(function, "__name__", "")
    if _distribution(owner):
        return f"{_distribution(owner)}.{method}"
    if owner is not None and not isinstance(owner, ModuleType):
        kind = owner if isinstance(owner, type) else type(owner)
        for module in _public_modules(module_of(kind)):
            for name, value in vars(module).items():
                if value is owner and not name.startswith("_"):
                    return f"{module.__name__}.{name}.{method}"
        return f"{module_of(kind)}.{kind.__name__}.{method}"
    if not method or not getattr(function, "__module__", None):
        function, method = type(function), type(function).__name__
    for module in _public_modules(function.__module__):
        if getattr(module, method, None) is function:
            return f"{module.__name__}.{method}"
    return f"{function.__module__}.{method}"


def _distribution(value: Any) -> str:
    """The name of a distribution of SciPy's, also of a frozen one; `""` for all else."""
    value = getattr(value, "dist", value)
    name = getattr(value, "name", None)
    is_one = module_of(type(value)).startswith("scipy.stats.") and isinstance(name, str)
    return f"scipy.stats.{name}" if is_one else ""


def _public_modules(module: str) -> list[Any]:
    """The packages that a module stands in, the outermost first; private ones are none."""
    parts = module.split(".")
    public = next((k for k, part in enumerate(parts) if part.startswith("_")), len(parts))
    names = [".".join(parts[:k]) for k in range(1, public + 1)]
    return [sys.modules[name] for name in names if name in sys.modules]


def _expression(frame: FrameType) -> ast.expr | None:
    """The expression that a frame evaluates, where its source is at hand."""
    return _parsed(span_of(frame.f_code, frame.f_lasti))


def _parsed(span: Span) -> ast.expr | None:
    text = "".join(source_lines(span.file))[span.start : span.end]
    try:
        return ast.parse(f"({text})", mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _meant(frame: FrameType, node: ast.expr) -> Any:
    """What a name with dots means in a frame; `None` for another expression."""
    if isinstance(node, ast.Attribute):
        return getattr(_meant(frame, node.value), node.attr, None)
    if not isinstance(node, ast.Name):
        return None
    for space in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if node.id in space:
            return space[node.id]
    return None
