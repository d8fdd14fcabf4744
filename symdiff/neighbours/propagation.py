"""Propagation of uncertainty: what a function makes of inputs that are known up to a covariance.

To first order `cov(f) = J cov(x) J'` (JCGM 100:2008, Guide to the expression of uncertainty in
measurement, equation 13). To second order the function is its Taylor polynomial of degree two, and
the inputs are taken as normal: `mean(f) = f(x) + tr(H cov(x))/2`, and `tr(H cov(x) K cov(x))/2` is
added to the covariance of two outputs with Hessians H and K (A. M. Mathai and S. B. Provost,
Quadratic Forms in Random Variables, 1992, section 3.2).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.api import Function
from symdiff.api import function as made_of
from symdiff.errors import ShapeError, SymdiffError
from symdiff.frontend.tracing.arguments import parameters_of
from symdiff.frontend.tracing.pytree import flatten, flatten_up_to, mapped, path_name
from symdiff.frontend.tracing.recording_calls import of_numpy
from symdiff.neighbours.flat import Flat, FlatFormula, Packing, array_of, flat_of
from symdiff.neighbours.formulas import is_formula
from symdiff.neighbours.propagated import Propagated, Share, restored
from symdiff.neighbours.uncertain import covariance_of, is_uncertain, nominal
from symdiff.verify.points import given_point

_ORDERS = (1, 2)


def propagate(
    function: Any, values: Any, covariance: Any = None, *, std: Any = None, order: int = 1
) -> Propagated:
    """The uncertainty of what a function returns, from that of its arguments.

    Args:
        function: a NumPy function; or what `sd.function` takes.
        values: the arguments, by name or in order; one argument may stand alone. Each is a number,
            an array or a nested value; numbers of the package `uncertainties` bring their
            uncertainties and correlations along. All are taken as floats.
        covariance: of all numbers of the arguments in their order, of shape (n, n); or their
            variances, of shape (n,), where they are not correlated.
        std: in the place of that, standard deviations in the structure of `values`; 0 or `None` for
            what is exact.
        order: 2 for the mean and covariance by second derivatives too, for normal inputs.

    Returns:
        Value, mean, standard deviation, covariance and budget.

    Raises:
        ShapeError: for a covariance or a standard deviation of another shape.
        SymdiffError: for arguments that are missing, no numbers, or have no uncertainty; for a
            covariance that is not symmetric or has a negative variance.
        UnsupportedError: for what cannot be traced, with its place.
    """
    import numpy as np

    if order not in _ORDERS:
        raise SymdiffError(f"there is no order {order}", suggestion="1 or 2")
    function = made_of(function) if is_formula(function) else of_numpy(function)
    given = _arguments(function, values)
    flat, rest = _flat(function, mapped(given, lambda _path, leaf: nominal(leaf)))
    theta, numbers = flat.packing.theta, _numbers_of(flat.packing, given)
    sigma = _covariance(flat.packing, numbers, covariance, std, function)
    value = flat.value(theta, *rest)
    leaves, structure = flatten(value)
    jacobian = flat.jacobian(theta, *rest)
    with np.errstate(invalid="ignore"):  # an infinite derivative beside an exact input
        cov = jacobian @ sigma @ jacobian.T
    variances = np.diag(cov)
    mean = np.concatenate([np.ravel(leaf) for leaf in leaves]).astype(float)
    budget = _budget(
        _output_names(function, value), flat.packing, theta, sigma, jacobian, variances
    )
    if order > 1:
        curved = flat.hessians(theta, *rest) @ sigma
        mean = mean + 0.5 * np.trace(curved, axis1=1, axis2=2)
        cov = cov + 0.5 * np.einsum("aij,bji->ab", curved, curved)
    spread = np.sqrt(np.maximum(np.diag(cov), 0.0))
    return Propagated(
        value,
        restored(mean, leaves, structure),
        restored(spread, leaves, structure),
        cov,
        jacobian,
        budget,
        order,
        numbers,
        structure,
    )


# --- arguments -----------------------------------------------------------------------------------


def _arguments(function: Any, values: Any) -> dict[str, Any]:
    """The arguments by name, lists of numbers as arrays."""
    given = {name: _array_of(value) for name, value in _by_name(function, values).items()}
    if isinstance(function, Function):
        missing = [name for name in function.inputs if name not in given]
        if missing:
            raise SymdiffError(f"values gives none to {', '.join(missing)}")
        for name, shape in function.shapes.items():
            if shape == () and getattr(given[name], "shape", ()) != ():
                raise ShapeError(
                    f"'{name}' is a number, and an array is given",
                    suggestion="declare its shape, or call propagate for each point",
                )
        given = {name: given[name] for name in function.inputs}
    return given


def _by_name(function: Any, values: Any) -> dict[str, Any]:
    """What is given for arguments, by their names."""
    names = list(function.inputs if isinstance(function, Function) else parameters_of(function))
    if not isinstance(values, Mapping):
        listed = list(values) if type(values) in (list, tuple) else [values]
        if len(listed) > len(names):
            raise SymdiffError(
                f"{len(listed)} values are given for the arguments {', '.join(names)}",
                suggestion="one argument that is a list stands in a tuple: ([1.0, 2.0],)",
            )
        values = dict(zip(names, listed, strict=False))
    for name in values:
        if name not in names:
            raise SymdiffError(
                f"'{name}' is given, which is no argument",
                suggestion=f"the arguments are: {', '.join(names)}",
            )
    return dict(values)


def _array_of(value: Any) -> Any:
    """As `array_of`, of numbers with uncertainties too."""
    import numpy as np

    if type(value) in (list, tuple):
        leaves, _ = flatten(value)
        if any(map(is_uncertain, leaves)) and all(
            is_uncertain(leaf) or isinstance(leaf, int | float | np.number) for leaf in leaves
        ):
            return np.array(value, object)
    return array_of(value)


def _flat(function: Any, values: dict[str, Any]) -> tuple[Flat | FlatFormula, list[Any]]:
    """The function of one vector, and the arguments that are no part of it."""
    if isinstance(function, Function):
        _, point = given_point(function.primal.named_inputs, values)
        rest = [point[name] for name in function.inputs if name not in function.wrt]
        return flat_of(function, {name: point[name] for name in function.wrt}), rest
    kinds = {name: p.kind for name, p in inspect.signature(function).parameters.items()}
    first = [name for name in values if kinds[name] is inspect.Parameter.POSITIONAL_ONLY]

    def called(arguments: dict[str, Any]) -> Any:
        named = {name: arguments[name] for name in arguments if name not in first}
        return function(*[arguments[name] for name in first], **named)

    return Flat(called, Packing(values)), []


def _numbers_of(packing: Packing, given: dict[str, Any]) -> tuple[Any, ...]:
    """The numbers of the arguments as they were given, with their uncertainties."""
    import numpy as np

    names = packing.structure.keys
    leaves = flatten_up_to(packing.structure, {name: given[str(name)] for name in names})
    packed = zip(leaves, packing.shapes, strict=True)
    return tuple(
        number
        for leaf, shape in packed
        if shape is not None
        for number in ([leaf] if shape == () else np.ravel(leaf))
    )


def _covariance(
    packing: Packing, numbers: Sequence[Any], covariance: Any, std: Any, function: Any
) -> Any:
    """The covariance of the numbers, of shape (n, n)."""
    import numpy as np

    n = len(numbers)
    own = any(map(is_uncertain, numbers))
    times = own + (covariance is not None) + (std is not None)
    if times > 1:
        raise SymdiffError("the uncertainties are given twice")
    if times == 0:
        raise SymdiffError(
            "no argument has an uncertainty", suggestion="give covariance, std, or ufloats"
        )
    if own:
        return covariance_of(numbers)
    if std is not None:
        return np.diag(_deviations(packing, _by_name(function, std)) ** 2)
    sigma = np.asarray(covariance, float)
    if sigma.shape == (n,):
        sigma = np.diag(sigma)
    if sigma.shape != (n, n):
        raise ShapeError(
            f"the covariance has the shape {sigma.shape}, and the arguments hold {n} numbers"
        )
    if not np.allclose(sigma, sigma.T, rtol=1e-9, atol=0.0):
        raise SymdiffError("the covariance is not symmetric")
    if not np.all(np.diag(sigma) >= 0.0):
        raise SymdiffError("the covariance has a variance that is negative or no number")
    return sigma


def _deviations(packing: Packing, given: dict[str, Any]) -> Any:
    """Standard deviations as a vector."""
    import numpy as np

    names = packing.structure.keys
    for name in given:
        if name not in names and np.any(given[name]):
            raise SymdiffError(f"'{name}' has an uncertainty, and is not among wrt")
    try:
        leaves = flatten_up_to(packing.structure, {name: given.get(str(name)) for name in names})
        found = packing.spread(leaves, 0.0)
    except ValueError:  # a ShapeError is one
        raise ShapeError("std has another structure, or other shapes, than the values") from None
    if not np.all(found >= 0.0):
        raise SymdiffError("a standard deviation is negative, or no number")
    return found


# --- results -------------------------------------------------------------------------------------


def _output_names(function: Any, value: Any) -> list[str]:
    """A name for each number that a function returns."""
    import numpy as np

    leaves, structure = flatten(value)
    if isinstance(function, Function):
        names = list(function.outputs)
    else:
        own = str(getattr(function, "__name__", "f"))
        own = own if own.isidentifier() else "f"
        names = [path_name(own, path) for path in structure.paths()]
    pairs = zip(names, leaves, strict=True)
    return [name for each, leaf in pairs for name in _elements(each, np.shape(leaf))]


def _input_names(packing: Packing) -> list[str]:
    """A name for each number of the arguments."""
    pairs = zip(packing.structure.paths(), packing.shapes, strict=True)
    return [
        name
        for (argument, *path), shape in pairs
        if shape is not None
        for name in _elements(path_name(str(argument), path), shape)
    ]


def _elements(name: str, shape: Sequence[int]) -> list[str]:
    """The names of an array's elements, `w[0, 1]`; that of a number as it is."""
    import numpy as np

    if not shape:
        return [name]
    return [f"{name}[{', '.join(map(str, index))}]" for index in np.ndindex(*shape)]


def _budget(
    outputs: Sequence[str], packing: Packing, theta: Any, sigma: Any, jacobian: Any, variances: Any
) -> tuple[Share, ...]:
    """The shares of each input in each output."""
    import numpy as np

    inputs = _input_names(packing)
    stds = np.sqrt(np.diag(sigma))
    with np.errstate(invalid="ignore", divide="ignore"):
        fractions = jacobian * (jacobian @ sigma) / variances[:, None]
        contributions = jacobian * stds
    return tuple(
        Share(
            output,
            name,
            float(theta[i]),
            float(stds[i]),
            float(jacobian[k, i]),
            float(contributions[k, i]),
            float(fractions[k, i]),
        )
        for k, output in enumerate(outputs)
        for i, name in enumerate(inputs)
    )
