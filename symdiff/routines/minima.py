"""SciPy's minima of functions: Newton's method downwards, and the implicit function theorem."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from symdiff.derive.inline import inlined
from symdiff.derive.reverse import gradient
from symdiff.frontend.staging.recorder import callee, staged
from symdiff.frontend.tracing.array import buffered
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import is_plain, routine
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.step import traced_step
from symdiff.implicit import argmin, transposed_jacobian
from symdiff.routines.roots import as_tuple

_PREFIX = "scipy.optimize."
_MOST_STEPS = 500
# Accuracies and limits of SciPy's methods: what is found here is as accurate as floats allow
_UNREAD = frozenset(
    "gtol ftol xtol tol xatol fatol xrtol eps norm disp maxiter maxfev maxfun maxls maxcor "
    "adaptive return_all finite_diff_rel_step initial_simplex".split()
)


def _slope(f: Any) -> Any:
    """The gradient of a function of a vector, in the trace that asks for it."""
    return lambda x: _derived(f, x, is_second=False)


def _curvature(f: Any) -> Any:
    """Its Hessian."""
    return lambda x: _derived(f, x, is_second=True)


def _derived(f: Any, x: Any, *, is_second: bool) -> Any:
    import numpy as np

    trace: Any = active()
    spec = Spec(x.shape, np.dtype(float))
    found = traced_step(lambda carry, x: (carry, f(x)), (), spec, (), trace.builder.limit)
    given = [*[trace.handle(value) for value in found.constants], trace.handle(x)]
    slope = gradient(found.graph, found.graph.input_names[-1:]).select([1])
    if is_second:
        result = transposed_jacobian(slope, trace.builder, given, len(given) - 1)
    else:
        (result,) = inlined(slope, trace.builder, given)
    return buffered(trace, result, np.dtype(float))


def _objective(fun: Any, reads: Any) -> Any:
    """A function of a vector as a number, whatever array of one element it gives."""
    function = callee(fun)

    def objective(x: Any, *given: Any) -> Any:
        now: Any = active()
        return now.call("reshape", now.call("asarray", function(reads(x), *given)), ()) * 1.0

    return objective


def _found(objective: Any, begin: Any, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """Where a function of a vector is smallest, and its value there.

    Args:
        objective: of the vector and the arguments.
        begin: `begin(at)` gives the start, or what `downwards` is to find from one on.
        args: the arguments.
    """

    def solve(*given: Any) -> Any:
        from symdiff.routines.programs import downwards

        def at(x: Any) -> Any:
            return objective(x, *given)

        def from_start(start: Any) -> Any:
            return staged(downwards)(at, _slope(at), _curvature(at), start, _MOST_STEPS)

        return begin(at, from_start)

    x = argmin(objective, solve)(*args)
    return x, objective(x, *args)


def smallest(trace: Recorder, fun: Any, x0: Any, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """The minimum of a function of a vector from a start on."""
    start = trace.call("atleast_1d", trace.call("asarray", x0)) * 1.0
    if start.ndim != 1:
        raise ValueError("'x0' must only have one dimension.")
    return _found(_objective(fun, lambda x: x), lambda _, find: find(start), args)


def _of_number(fun: Any, begin: Any, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """The minimum of a function of a number; what begins is given that function."""

    def begun(at: Any, find: Any) -> Any:
        def from_number(start: Any) -> Any:
            now: Any = active()
            return find(now.call("reshape", now.call("asarray", start), (1,)))

        return begin(lambda x: at(_vector(x)), from_number)

    x, value = _found(_objective(fun, lambda x: x[0]), begun, args)
    return x[0], value


def _vector(x: Any) -> Any:
    now: Any = active()
    return now.call("reshape", now.call("asarray", x), (1,))


def _bracketed(fun: Any, bracket: Any, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """From the middle of three places on, or from the lower one of two."""
    import numpy as np

    ends = (0.0, 1.0) if bracket is None else tuple(bracket)

    def begin(f: Any, find: Any) -> Any:
        if len(ends) == 3:
            return find(1.0 * ends[1])
        a, b = 1.0 * ends[0], 1.0 * ends[1]
        return find(np.where(f(b) < f(a), b, a))

    return _of_number(fun, begin, args)


def _bounded(fun: Any, bounds: Any, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """Inside of an interval; at its ends an error is raised."""
    from symdiff.routines.programs import inside, lowest_between

    a, b = bounds

    def begin(f: Any, find: Any) -> Any:
        x = find(staged(lowest_between)(f, a, b))
        return _vector(staged(inside)(x[0], a, b))

    return _of_number(fun, begin, args)


def result_of(x: Any, value: Any, **more: Any) -> Any:
    """What SciPy's functions return that say how it went."""
    library: Any = sys.modules["scipy.optimize"]
    message = "Optimization terminated successfully."
    return library.OptimizeResult(x=x, fun=value, success=True, status=0, message=message, **more)


def check(trace: Recorder, name: str, options: Mapping[str, Any] | None, **refused: Any) -> None:
    """Refuse by name what would change the minimum, or ask for steps of SciPy's own."""
    given = [key for key, value in refused.items() if not (value is None or value == ())]
    given += sorted(set(options or ()) - _UNREAD)
    if given:
        trace.refuse(
            f"{name} with {given[0]}= is not supported",
            "leave it out; a bounded unknown can be written as np.exp(z) or np.tanh(z)",
        )


@routine(_PREFIX + "minimize")
def minimize(
    trace: Recorder, old: Any, fun: Any, x0: Any, args: Any = (), method: Any = None,
    jac: Any = None, hess: Any = None, hessp: Any = None, bounds: Any = None,
    constraints: Any = (), tol: Any = None, callback: Any = None, options: Any = None,
) -> Any:  # fmt: skip
    """The minimum near a start by Newton's method, whatever the method that is named.

    Raises:
        RuntimeError: when the emitted function runs, where no minimum is found.
    """
    if is_plain(trace, fun, (x0, args)):
        return old(fun, x0, args, method, jac, hess, hessp, bounds, constraints, tol, callback,
                   options)  # fmt: skip
    check(trace, "minimize", options, bounds=bounds, constraints=constraints, callback=callback)
    function = callee(fun)
    is_pair = jac is True  # the gradient that the function gives is not needed
    first = (lambda x, *given: function(x, *given)[0]) if is_pair else fun
    return result_of(*smallest(trace, first, x0, as_tuple(args)))


@routine(_PREFIX + "minimize_scalar")
def minimize_scalar(
    trace: Recorder, old: Any, fun: Any, bracket: Any = None, bounds: Any = None,
    args: Any = (), method: Any = None, tol: Any = None, options: Any = None,
) -> Any:  # fmt: skip
    """The minimum of a function of a number, from a bracket on or inside of bounds.

    Raises:
        RuntimeError: when the emitted function runs, where no minimum is found.
        ValueError: where it is at a bound.
    """
    if is_plain(trace, fun, (bracket, bounds, args)):
        return old(fun, bracket, bounds, args, method, tol, options)
    check(trace, "minimize_scalar", options)
    if bounds is None:
        return result_of(*_bracketed(fun, bracket, as_tuple(args)))
    return result_of(*_bounded(fun, bounds, as_tuple(args)))


def _searching(name: str, first: tuple[str, ...], find: Any) -> None:
    """Enter an older function of SciPy's, which returns the place alone.

    Args:
        name: SciPy's.
        first: the parameters after the function.
        find: `find(trace, fun, given)` of these by name.
    """

    def search(trace: Recorder, old: Any, func: Any, *values: Any, **named: Any) -> Any:
        given = {**dict(zip(first, values, strict=False)), **named}
        read = [value for key, value in given.items() if key != "fprime"]
        if is_plain(trace, func, read):
            return old(func, *values, **named)
        further = {key: value for key, value in given.items() if key not in first and value}
        if len(values) > len(first):
            trace.refuse(f"{name} with so many arguments is not supported", "give them by name")
        check(trace, name, {key: value for key, value in further.items() if key != "retall"})
        return find(trace, func, given)[0]

    routine(_PREFIX + name)(search)


for _name, _first in (
    ("fmin", ("x0", "args")),
    ("fmin_bfgs", ("x0", "fprime", "args")),
    ("fmin_cg", ("x0", "fprime", "args")),
):
    _searching(
        _name,
        _first,
        lambda trace, fun, given: smallest(
            trace, fun, given["x0"], as_tuple(given.get("args", ()))
        ),
    )
for _name in ("brent", "golden"):
    _searching(
        _name,
        ("args", "brack"),
        lambda _, fun, given: _bracketed(fun, given.get("brack"), as_tuple(given.get("args", ()))),
    )
_searching(
    "fminbound",
    ("x1", "x2", "args"),
    lambda _, fun, given: _bounded(
        fun, (given["x1"], given["x2"]), as_tuple(given.get("args", ()))
    ),
)
