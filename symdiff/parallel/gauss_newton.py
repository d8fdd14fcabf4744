"""Products of the Gauss-Newton matrix of a loss over rows with vectors.

The residuals r are taken as linear at the parameters w, `r(w) + J d`; the Hessian by d of the loss
of these is the Gauss-Newton matrix `J' H J`, where H is the loss's Hessian by the residuals
(N. N. Schraudolph, Fast Curvature Matrix-Vector Products for Second-Order Gradient Descent, 2002,
equation 14). So a product with it is one of a Hessian, separated as any other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.pytree import Path, flatten, mapped
from symdiff.neighbours.formulas import as_function
from symdiff.parallel.calls import Loss, bind_before_vectors, default_wrt, parameters_among, product
from symdiff.parallel.separable import unused
from symdiff.transform import transform
from symdiff.verbs import Wrt
from symdiff.wrt import is_single


def half_of_squares(residuals: Any) -> Any:
    """Half the sum of the squares of residuals, of one array or a tuple of them."""
    import numpy as np

    parts = residuals if isinstance(residuals, tuple) else (residuals,)
    return 0.5 * sum([np.sum(part**2) for part in parts])


def gnvp(
    residuals: Callable[..., Any],
    wrt: Wrt = None,
    *,
    loss: Callable[[Any], Any] = half_of_squares,
) -> GaussNewton:
    """The Gauss-Newton matrix times a vector, over the rows of Dask arrays.

    It is called with the arguments of `residuals` and then one vector for each of `wrt`, in its
    structure, and returns the product in that structure and in float64.

    Args:
        residuals: a plain NumPy function that returns an array with the rows in its first axis, or
            a tuple of such; or what `sd.function` takes.
        wrt: what to differentiate by: a name, a position, or a tuple of them; as of
            `value_and_grad`.
        loss: a function of what `residuals` returns, which returns a number and is convex in it; by
            default half the sum of its squares, so that the matrix is `J'J`.

    Raises:
        UnsupportedError: when called, as `value_and_grad`.
        ShapeError: likewise.
        SymdiffError: likewise.
    """
    return GaussNewton(residuals, wrt, loss)


class GaussNewton:
    """Products of a Gauss-Newton matrix with vectors.

    Args:
        residuals: of the parameters and the data.
        wrt: the parameters.
        loss: of the residuals.
    """

    def __init__(self, residuals: Any, wrt: Wrt, loss: Callable[[Any], Any]) -> None:
        import numpy as np

        self.residuals, self.loss = residuals, loss
        self.wrt: Wrt = default_wrt(residuals) if wrt is None else wrt
        self._function = function = as_function(residuals)
        known = inspect.signature(function).parameters
        self._names = parameters_among(known, self.wrt)
        count, pushed = len(self._names), transform("jvp", function, tuple(self._names))

        def linearised(*args: Any) -> Any:
            value, tangent = pushed(*args[count:], *args[:count])
            if any(np.ndim(leaf) == 0 for leaf in flatten(value)[0]):
                raise UnsupportedError(
                    f"'{linearised.__name__}' returns a number, and residuals are an array by row",
                    suggestion="return the array, and give what is made of it as loss=",
                )
            return loss(_added(value, tangent))

        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        taken = set(known)
        steps = [unused(f"{name}_dot", taken) for name in self._names]
        own = [p.replace(kind=kind, default=p.empty) for p in known.values()]
        linearised.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [*[inspect.Parameter(step, kind) for step in steps], *own]
        )
        linearised.__name__ = str(getattr(function, "__name__", "f"))
        by = steps[0] if is_single(self.wrt) else tuple(steps)
        self._product = Loss(linearised, by, product, takes_vectors=True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The product at these arguments, the vectors behind them."""
        count = len(self._names)
        own, vectors = args[: len(args) - count], args[len(args) - count :]
        bound = bind_before_vectors(self._function, own, kwargs, count)
        bound.apply_defaults()
        zeros = [mapped(bound.arguments[name], _zero) for name in self._names]
        return self._product(*zeros, *bound.arguments.values(), *vectors)

    def __reduce__(self) -> tuple[object, ...]:
        return GaussNewton, (self.residuals, self.wrt, self.loss)


def _added(value: Any, tangent: Any) -> Any:
    if isinstance(value, tuple):
        return tuple([_added(*pair) for pair in zip(value, tangent, strict=True)])
    return value + tangent


def _zero(_path: Path, leaf: Any) -> Any:
    """Zeros in the place of a number or an array; all else as it is."""
    import numpy as np

    if isinstance(leaf, bool | str | bytes) or leaf is None:
        return leaf
    single = getattr(leaf, "dtype", None) == np.float32
    return np.zeros(np.shape(leaf), np.float32 if single else float)[()]
