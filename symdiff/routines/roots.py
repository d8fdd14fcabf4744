"""SciPy's roots of functions: a solver of few lines, and the implicit function theorem."""

from __future__ import annotations

import sys
from typing import Any

from symdiff.frontend.staging.recorder import callee, staged
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import is_plain, routine
from symdiff.frontend.tracing.running import active
from symdiff.implicit import root as implicit_root
from symdiff.implicit import roots as of_roots

_BRACKETED = ("brentq", "brenth", "bisect", "ridder", "toms748")
_PREFIX = "scipy.optimize."


def _found(f: Any, solve: Any, args: tuple[Any, ...], of_root: Any = implicit_root) -> Any:
    """What a solver finds, whose derivative is that of the equation's solution."""
    function = callee(f)

    def residual(x: Any, *given: Any) -> Any:
        return function(x, *given)

    def solution(*given: Any) -> Any:
        return solve(lambda x: function(x, *given))

    return of_root(residual, solution)(*args)


def as_tuple(args: Any) -> tuple[Any, ...]:
    """What a function is given beside its unknown, as SciPy takes it."""
    return args if isinstance(args, tuple) else (args,)


def _bracketing(name: str) -> Any:
    def find(
        trace: Recorder,
        old: Any,
        f: Any,
        a: Any,
        b: Any,
        args: Any = (),
        xtol: float = 2e-12,
        rtol: float = 8.881784197001252e-16,
        maxiter: int = 100,
        full_output: bool = False,  # noqa: FBT001, FBT002  SciPy's own
        disp: bool = True,  # noqa: FBT001, FBT002
    ) -> Any:
        if is_plain(trace, f, (a, b, args)):
            return old(f, a, b, args, xtol=xtol, rtol=rtol, maxiter=maxiter,
                       full_output=full_output, disp=disp)  # fmt: skip
        if full_output or not disp:
            trace.refuse(f"{name} with full_output or disp=False is not supported", "leave it out")

        from symdiff.routines.programs import between

        def solve(equation: Any) -> Any:
            return staged(between)(equation, 1.0 * a, 1.0 * b, xtol, rtol, max(maxiter, 200))

        return _found(f, solve, as_tuple(args))

    return find


for _name in _BRACKETED:
    routine(_PREFIX + _name)(_bracketing(_name))


@routine(_PREFIX + "newton")
def find_newton(
    trace: Recorder,
    old: Any,
    func: Any,
    x0: Any,
    fprime: Any = None,
    args: Any = (),
    tol: float = 1.48e-8,
    maxiter: int = 50,
    fprime2: Any = None,
    x1: Any = None,
    rtol: float = 0.0,
    full_output: bool = False,  # noqa: FBT001, FBT002  SciPy's own
    disp: bool = True,  # noqa: FBT001, FBT002
) -> Any:
    """The root by Newton's method, or without a derivative by secants."""
    if is_plain(trace, func, (x0, args, x1)) and is_plain(trace, fprime, ()):
        return old(func, x0, fprime, args, tol, maxiter, fprime2, x1, rtol, full_output, disp)
    if fprime2 is not None or full_output or not disp:
        trace.refuse("newton with fprime2, full_output or disp=False is not supported")
    if getattr(x0, "ndim", 0) or isinstance(x0, (list, tuple)):
        return _each(trace, func, x0, fprime, tuple(args), tol, maxiter)
    given = tuple(args)  # a list too: SciPy wraps nothing here
    start = 1.0 * x0
    if x1 is not None:
        second = 1.0 * x1
    elif fprime is None:
        import numpy as np

        second = start * (1.0 + 1e-4)
        second = second + np.where(second >= 0.0, 1e-4, -1e-4)

    from symdiff.routines.programs import newton, secant

    def solve(equation: Any) -> Any:
        if fprime is None:
            return staged(secant)(equation, start, second, tol, rtol, maxiter)
        slope = callee(fprime)
        return staged(newton)(equation, lambda x: slope(x, *given), start, tol, rtol, maxiter)

    return _found(func, solve, given)


def _each(
    trace: Recorder,
    func: Any,
    x0: Any,
    fprime: Any,
    args: tuple[Any, ...],
    tol: float,
    maxiter: int,
) -> Any:
    """The roots of as many equations as elements, each of which depends on its own alone."""
    import numpy as np

    from symdiff.routines.programs import newton_of_each

    start = trace.call("asarray", x0) * 1.0

    def solve(equation: Any) -> Any:
        def by_difference(x: Any) -> Any:
            h = 1.5e-8 * np.maximum(np.abs(x), 1.0)
            return (equation(x + h) - equation(x)) / h

        given = None if fprime is None else callee(fprime)
        slope = by_difference if given is None else lambda x: given(x, *args)
        return staged(newton_of_each)(equation, slope, start, tol, maxiter)

    return _found(func, solve, args, of_roots)


@routine(_PREFIX + "fixed_point")
def find_fixed_point(
    trace: Recorder,
    old: Any,
    func: Any,
    x0: Any,
    args: Any = (),
    xtol: float = 1e-8,
    maxiter: int = 500,
    method: str = "del2",
) -> Any:
    """Where a function gives what it is given, by SciPy's steps."""
    if is_plain(trace, func, (x0, args)) or method not in ("del2", "iteration"):
        return old(func, x0, args, xtol, maxiter, method)
    given = tuple(args)  # a list too: SciPy wraps nothing here
    start = trace.call("asarray", x0) * 1.0
    function = callee(func)

    def added(x: Any, *given: Any) -> Any:
        return function(x, *given) - x

    from symdiff.routines.programs import fixed_point

    def solve(equation: Any) -> Any:
        return staged(fixed_point)(equation, start, xtol, maxiter, method == "del2")

    return _found(added, solve, given)


def _system(trace: Recorder, func: Any, x0: Any, args: tuple[Any, ...]) -> Any:
    """The root of as many equations as unknowns that Newton's method finds from a start."""
    start = trace.call("atleast_1d", trace.call("asarray", x0)) * 1.0
    function = callee(func)

    def flat_of(x: Any, *given: Any) -> Any:
        now: Any = active()
        return now.call("reshape", now.call("asarray", function(x, *given)), (-1,))

    from symdiff.routines.programs import newton_of_system

    def solve(equation: Any) -> Any:
        return staged(newton_of_system)(equation, start, 1e-13, 200)

    return _found(flat_of, solve, args)


@routine(_PREFIX + "fsolve")
def fsolve(
    trace: Recorder, old: Any, func: Any, x0: Any, args: Any = (), *rest: Any, **options: Any
) -> Any:
    """The root of as many equations as unknowns that Newton's method finds from a start."""
    if is_plain(trace, func, (x0, args)):
        return old(func, x0, args, *rest, **options)
    if rest or set(options) - {"xtol"}:
        trace.refuse("fsolve with further options is not supported", "leave them out")
    return _system(trace, func, x0, as_tuple(args))


@routine(_PREFIX + "root")
def root(
    trace: Recorder, old: Any, fun: Any, x0: Any, args: Any = (), method: Any = "hybr",
    jac: Any = None, tol: Any = None, **options: Any,
) -> Any:  # fmt: skip
    """The root of as many equations as unknowns that Newton's method finds from a start."""
    if is_plain(trace, fun, (x0, args)):
        return old(fun, x0, args, method, jac, tol, **options)
    if method not in ("hybr", "lm") or jac not in (None, False) or options:
        trace.refuse("root with jac, options or another method is not supported", "leave them out")
    x = _system(trace, fun, x0, as_tuple(args))
    library: Any = sys.modules["scipy.optimize"]
    return library.OptimizeResult(x=x, success=True, status=1, message="The solution converged.")


@routine(_PREFIX + "root_scalar")
def root_scalar(
    trace: Recorder,
    old: Any,
    f: Any,
    args: Any = (),
    method: Any = None,
    bracket: Any = None,
    fprime: Any = None,
    fprime2: Any = None,
    x0: Any = None,
    x1: Any = None,
    xtol: Any = None,
    rtol: Any = None,
    maxiter: Any = None,
    options: Any = None,
) -> Any:
    """The root in a bracket, or from a start on."""
    slope = fprime if callable(fprime) else None
    if is_plain(trace, f, (args, bracket, x0, x1)) and is_plain(trace, slope, ()):
        return old(f, args, method, bracket, fprime, fprime2, x0, x1, xtol, rtol, maxiter, options)
    if options or fprime2 is not None or (fprime is not None and slope is None):
        trace.refuse("root_scalar with fprime2, fprime=True or options is not supported")
    library: Any = sys.modules["scipy.optimize"]
    named = {"xtol": xtol, "rtol": rtol, "maxiter": maxiter}
    given = {name: value for name, value in named.items() if value is not None}
    if bracket is not None and method in (None, *_BRACKETED):
        found = _bracketing("root_scalar")(trace, None, f, *bracket, args, **given)
    elif bracket is None and method in (None, "newton", "secant") and x0 is not None:
        if method == "newton" and slope is None:
            trace.refuse("root_scalar with method='newton' needs fprime", "give fprime")
        given["tol"] = given.pop("xtol", 1.48e-8)
        slope = None if method == "secant" else slope
        found = find_newton(trace, None, f, x0, slope, args, x1=x1, **given)
    else:
        trace.refuse(f"root_scalar with method={method!r} is not supported", "give a bracket")
    return library.RootResults(
        found, iterations=0, function_calls=0, flag=0, method=method or "brentq"
    )
