"""Losses over rows as functions of one flat vector, as SciPy's solvers take them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from symdiff.errors import ShapeError
from symdiff.neighbours.flat import Packing, Vector
from symdiff.neighbours.formulas import as_function
from symdiff.parallel.calls import default_wrt, hessian, hvp, parameters_among, value_and_grad
from symdiff.verbs import Wrt
from symdiff.wrt import is_single


def packed_value_and_grad(loss: Callable[..., Any], parameters: Any, wrt: Wrt = None) -> Packed:
    """The value, and the gradient as one flat vector, of a loss over the rows of Dask arrays.

    `scipy.optimize.minimize(packed, packed.theta, args=(X, y), jac=True)` fits nested parameters.

    Args:
        loss: as of `value_and_grad`.
        parameters: what is differentiated by, to begin with: a number, an array or a nested value
            of them; of several `wrt` a tuple of one for each.
        wrt: as of `value_and_grad`.

    Raises:
        ShapeError: for another number of parameters than of `wrt`.
        SymdiffError: for parameters that hold no number; when called, as `value_and_grad`.
    """
    return Packed(loss, parameters, wrt)


class Packed:
    """A loss over rows, of one flat vector and then its other arguments.

    A call returns `(float, array of shape (n,))`.

    Attributes:
        theta: the parameters as a vector of shape (n,).
    """

    def __init__(self, loss: Callable[..., Any], parameters: Any, wrt: Wrt) -> None:
        self._given = loss, parameters, wrt
        wrt = default_wrt(loss) if wrt is None else wrt
        function = as_function(loss)
        known = inspect.signature(function).parameters
        names = parameters_among(known, wrt)
        alone = is_single(wrt)
        if not alone and not (
            isinstance(parameters, tuple | list) and len(parameters) == len(names)
        ):
            raise ShapeError(f"the parameters have not one value for each of {', '.join(names)}")
        self._packing = Packing(parameters)
        self.theta = self._packing.theta

        def flat(theta: Vector, *args: Any) -> Any:
            value = self._packing.unpack(theta)
            given = dict(zip(names, [value] if alone else list(value), strict=True))
            given |= dict(zip([name for name in known if name not in names], args, strict=False))
            first = [given.pop(name) for name, p in known.items() if p.kind == p.POSITIONAL_ONLY]
            return function(*first, **given)

        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        others = [p.replace(kind=kind) for name, p in known.items() if name not in names]
        flat.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter("theta", inspect.Parameter.POSITIONAL_ONLY), *others]
        )
        flat.__name__ = str(getattr(function, "__name__", "f"))
        self._value_and_grad = value_and_grad(flat)
        self._hvp, self._hessian = hvp(flat), hessian(flat)

    def __call__(self, theta: Vector, *args: Any) -> tuple[float, Vector]:
        """The value and the gradient."""
        value, gradient = self._value_and_grad(_vector(theta), *args)
        return value, gradient

    def hessp(self, theta: Vector, v: Vector, *args: Any) -> Vector:
        """The Hessian times a vector, as SciPy takes it."""
        return self._hvp(_vector(theta), *args, _vector(v))

    def hess(self, theta: Vector, *args: Any) -> Any:
        """The Hessian as one matrix."""
        return self._hessian(_vector(theta), *args)

    def pack(self, parameters: Any) -> Vector:
        """The vector of parameters in the structure of those that were given."""
        return self._packing.pack(parameters)

    def unpack(self, theta: Vector) -> Any:
        """The parameters whose numbers are those of a vector."""
        return self._packing.unpack(theta)

    def __reduce__(self) -> tuple[object, ...]:
        return Packed, self._given


def _vector(theta: Any) -> Vector:
    import numpy as np

    return np.asarray(theta, float)
