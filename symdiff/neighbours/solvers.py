"""SciPy's solvers in one step: each is called with exact derivatives in the form that it takes.

All other arguments are SciPy's, and so is what comes back. Where the parameters are a nested value
(a dict, a dataclass, a tuple of arrays), SciPy sees one flat vector of their numbers, and `x` of
the result has the structure again; all else in it stays flat, in the order of the leaves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from symdiff.api import function as made_of
from symdiff.errors import ShapeError, SymdiffError
from symdiff.frontend.tracing.pytree import flatten
from symdiff.neighbours.bounds import limits_of, pairs_of
from symdiff.neighbours.flat import Flat, FlatFormula, Packing, flat_of
from symdiff.neighbours.formulas import is_formula
from symdiff.transform import transform

# Which of SciPy's methods take what, from its documentation of `minimize`
_WITHOUT_GRADIENT = {"nelder-mead", "powell", "cobyla", "cobyqa"}
_BY_PRODUCTS = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}
_BY_MATRIX = {"dogleg", "trust-exact"}


def minimize(
    fun: Any, x0: Any, args: Any = (), method: Any = None, *, constraints: Any = (), **options: Any
) -> Any:
    """`scipy.optimize.minimize` with the exact gradient, and second derivatives where taken.

    Newton-CG, trust-ncg, trust-krylov and trust-constr get products of the Hessian with vectors,
    dogleg and trust-exact the Hessian; methods without derivatives get none. Constraints without
    `jac` get their exact Jacobian.

    Args:
        fun: a NumPy function of the parameters that returns a number; or what `sd.function` takes.
        x0: the parameters to begin with: a number, an array of any shape, or a nested value.
        args: further arguments of `fun`.
        method: as SciPy has it.
        constraints: as SciPy has them; a function of a constraint is given the parameters, as
            `fun` is.
        options: all else that SciPy takes; a `jac`, `hess` or `hessp` given is used as it is, of
            the flat vector. `bounds` are SciPy's, or have the structure of `x0` with a pair
            `(lowest, highest)` for each number or array, and `None` for no bound.

    Returns:
        SciPy's `OptimizeResult`; `x` has the structure of `x0`.

    Raises:
        SymdiffError: for parameters that hold no number, and where SciPy is not installed.
        UnsupportedError: for what cannot be traced, with its place.
    """
    flat = flat_of(fun, x0)
    args = args if isinstance(args, tuple) else (args,)
    name = method.lower() if isinstance(method, str) else ""
    function: Callable[..., Any] = flat.value
    if name not in _WITHOUT_GRADIENT and "jac" not in options:
        function, options["jac"] = flat.value_and_grad, True
    if not {"hess", "hessp"} & set(options):
        if name in _BY_PRODUCTS:
            options["hessp"] = flat.hessp
        elif name in _BY_MATRIX:
            options["hess"] = flat.hessian
    if "bounds" in options:
        options["bounds"] = pairs_of(options["bounds"], flat.packing)
    if constraints != ():
        options["constraints"] = _constraints(constraints, flat.packing)
    found = _scipy().minimize(function, flat.packing.theta, args, method, **options)
    return _structured(found, flat.packing)


def _constraints(given: Any, packing: Packing) -> Any:
    """Constraints of the flat vector, with Jacobians."""
    if isinstance(given, Sequence):
        return [_constraints(each, packing) for each in given]
    if isinstance(given, dict):
        own = given.get("fun")
        if callable(given.get("jac")) or not callable(own):
            return given
        flat = Flat(own, packing)
        return {**given, "fun": flat.value, "jac": flat.jacobian}
    if isinstance(given, _scipy().NonlinearConstraint) and isinstance(given.jac, str):
        flat = Flat(given.fun, packing)
        rest = {
            name: getattr(given, name)
            for name in (
                "hess",
                "keep_feasible",
                "finite_diff_rel_step",
                "finite_diff_jac_sparsity",
            )
        }
        return type(given)(flat.value, given.lb, given.ub, jac=flat.jacobian, **rest)
    return given


def least_squares(fun: Any, x0: Any, *, sparse: bool = False, **options: Any) -> Any:
    """`scipy.optimize.least_squares` with the exact Jacobian of the residuals.

    Args:
        fun: a NumPy function of the parameters that returns an array of residuals; or what
            `sd.function` takes.
        x0: the parameters to begin with: a number, an array of any shape, or a nested value.
        sparse: hand over a sparse Jacobian, of the entries that are not zero by structure. The
            methods `trf` and `dogbox` take it.
        options: all else that SciPy takes; a `jac` given is used as it is, of the flat vector. Each
            of the `bounds` is SciPy's, or has the structure of `x0`.

    Returns:
        SciPy's `OptimizeResult`; `x` has the structure of `x0`.

    Raises:
        ShapeError: for bounds of another structure.
        SymdiffError: for parameters that hold no number, and where SciPy is not installed.
        UnsupportedError: for what cannot be traced, with its place.
    """
    import numpy as np

    flat = flat_of(fun, x0)
    options.setdefault("jac", flat.sparse_jacobian if sparse else flat.jacobian)

    def residuals(theta: Any, *args: Any, **kwargs: Any) -> Any:
        leaves, _ = flatten(flat.value(theta, *args, **kwargs))
        return np.concatenate([np.ravel(leaf) for leaf in leaves])

    if "bounds" in options:
        options["bounds"] = limits_of(options["bounds"], flat.packing)
    found = _scipy().least_squares(residuals, flat.packing.theta, **options)
    return _structured(found, flat.packing)


def curve_fit(f: Callable[..., Any], xdata: Any, ydata: Any, p0: Any = None, **options: Any) -> Any:
    """`scipy.optimize.curve_fit` with the exact Jacobian, so its covariance is exact too.

    Args:
        f: the model, a NumPy function `f(x, a, b, ...)` of numbers as SciPy has it; or, where `p0`
            is a nested value, `f(x, params)`. Or what `sd.function` takes, whose `wrt` are the
            parameters, by name in `p0` or in order, and whose other input is `x`.
        xdata: what the model is evaluated at.
        ydata: what it is fitted to.
        p0: the parameters to begin with; by default ones, as many as `f` takes.
        options: all else that SciPy takes; each of the `bounds` is SciPy's, or has the structure of
            `p0`.

    Returns:
        What SciPy returns, `(popt, pcov)` and more with `full_output`; `popt` has the structure of
        `p0`, and the rows of `pcov` are in the order of its leaves.

    Raises:
        SymdiffError: for parameters that hold no number, and where SciPy is not installed.
        UnsupportedError: for what cannot be traced, with its place.
    """
    import numpy as np

    scipy = _scipy()
    packing = None if p0 is None else Packing(p0)
    if is_formula(f):
        f = _model(f, is_named=isinstance(p0, dict))
    if packing is not None and "bounds" in options:
        options["bounds"] = limits_of(options["bounds"], packing)
    if packing is None or packing.is_array:
        count = _count(f) if packing is None else len(packing.theta)
        jacobian = transform("jacobian", f, tuple(range(1, count + 1)))

        def columns(x: Any, *params: Any) -> Any:
            parts = [np.ravel(part) for part in jacobian(x, *map(float, params))]
            if all(part.size == 1 for part in parts):  # the model is one number for all x
                parts = [np.full(np.shape(x)[-1:], part) for part in parts]
            return np.stack(parts, axis=-1)

        options.setdefault("jac", columns)
        return scipy.curve_fit(f, xdata, ydata, p0, **options)

    def of_params(params: Any, x: Any) -> Any:
        return f(x, params)

    model = Flat(of_params, packing)
    options.setdefault("jac", lambda x, *theta: model.jacobian(np.array(theta), x))
    found = scipy.curve_fit(
        lambda x, *theta: model.value(np.array(theta), x), xdata, ydata, packing.theta, **options
    )
    return (packing.unpack(found[0]), *found[1:])


def _model(source: Any, *, is_named: bool) -> Callable[..., Any]:
    """A formula as a model: of its input that is no parameter, and then its parameters."""
    formula = made_of(source)
    others = [name for name in formula.inputs if name not in formula.wrt]
    if len(others) != 1:
        raise SymdiffError(
            f"a model has one input beside its parameters, and {formula!r} has "
            f"{', '.join(others) or 'none'}",
            suggestion="name the parameters: sd.function(text, wrt='a, b')",
        )

    def model(x: Any, *params: Any) -> Any:
        named = params[0] if is_named else dict(zip(formula.wrt, params, strict=True))
        given = {others[0]: x, **named}
        return formula(*[given[name] for name in formula.inputs])

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [others[0], *(["parameters"] if is_named else formula.wrt)]
    model.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, kind) for name in names]
    )
    return model


def _count(f: Callable[..., Any]) -> int:
    """How many parameters a model takes behind its argument."""
    kinds = [p.kind for p in inspect.signature(f).parameters.values()]
    if any(kind == inspect.Parameter.VAR_POSITIONAL for kind in kinds):
        raise SymdiffError(
            "the model takes any number of parameters", suggestion="give p0, a value for each"
        )
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(kind in positional for kind in kinds) - 1


def root_scalar(f: Any, args: Any = (), method: str | None = None, **options: Any) -> Any:
    """`scipy.optimize.root_scalar` with exact derivatives, where the method takes them.

    `sd.root` is another thing: the derivative of a root by parameters, whatever found it.

    Args:
        f: a NumPy function of a number that returns a number; or what `sd.function` takes, of one
            `wrt`.
        args: further arguments of `f`.
        method: as SciPy has it; `newton` where there is an `x0` alone. `newton` gets the first
            derivative and `halley` the second too; methods of brackets and `secant` get none.
        options: all else that SciPy takes; an `fprime` or `fprime2` given is used as it is.

    Returns:
        SciPy's `RootResults`.

    Raises:
        SymdiffError: where SciPy is not installed.
        UnsupportedError: for what cannot be traced, with its place.
    """
    flat = flat_of(f, 0.0)
    args = args if isinstance(args, tuple) else (args,)
    others = {"bracket", "x1"} & set(options)
    name = method or ("newton" if "x0" in options and not others else "")
    if name in ("newton", "halley"):
        options.setdefault("fprime", _of_number(flat, "value_and_grad"))
        method = name
    if name == "halley":
        options.setdefault("fprime2", _of_number(flat, "hessian"))
    return _scipy().root_scalar(
        lambda x, *rest: _number(flat.value(_vector(x), *rest), flat.name), args, method, **options
    )


def _number(found: Any, name: str) -> float:
    """What a function of one equation returns, as a float.

    Raises:
        ShapeError: for an array.
        SymdiffError: for what is no number.
    """
    import numpy as np

    shape = getattr(found, "shape", ())
    if shape:
        raise ShapeError(
            f"one equation has a number as its value, and '{name}' returns an array of the shape "
            f"{shape}",
            suggestion="take an element of it; scipy.optimize.root solves several equations",
        )
    if not isinstance(found, int | float | np.number | np.bool_ | np.ndarray):
        kind = "nothing" if found is None else f"a {type(found).__name__}"
        raise SymdiffError(f"one equation has a number as its value, and '{name}' returns {kind}")
    return float(found)


def _of_number(flat: Flat | FlatFormula, verb: str) -> Callable[..., float]:
    def derivative(x: float, *args: Any) -> float:
        found = getattr(flat, verb)(_vector(x), *args)
        return float((found[1] if verb == "value_and_grad" else found).item())

    return derivative


def _vector(x: float) -> Any:
    import numpy as np

    return np.array([x], float)


def _structured(found: Any, packing: Packing) -> Any:
    """SciPy's result, with the parameters in their structure."""
    found.x = packing.unpack(found.x)
    return found


def _scipy() -> ModuleType:
    try:
        import scipy.optimize
    except ImportError:
        raise SymdiffError(
            "SciPy is not installed", suggestion="pip install 'symdiff-codegen[scipy]'"
        ) from None
    found: ModuleType = scipy.optimize
    return found
