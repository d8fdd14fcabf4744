"""Functions of one flat vector: what a solver of SciPy's calls, whatever the parameters are.

A plain NumPy function of a nested value is traced as a function of the vector, so its derivatives
are those of one array: dense, sparse, or times a vector. Of a `Function` the packed forms of its
emitted module are used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from types import ModuleType
from typing import Any

from symdiff.api import Function
from symdiff.api import function as made_of
from symdiff.errors import ShapeError, SymdiffError
from symdiff.frontend.tracing.initialized import refuse_strange_state
from symdiff.frontend.tracing.pytree import Structure, flatten, flatten_up_to
from symdiff.frontend.tracing.recording_calls import of_numpy
from symdiff.frontend.tracing.wrappers import is_frame, wrapper_of
from symdiff.modules import module
from symdiff.neighbours.formulas import is_formula
from symdiff.transform import transform

Vector = Any  # an array of one axis, or a tracer of one


class Packing:
    """The way from a nested value to one flat vector, and back.

    Numbers and arrays of numbers are packed, in the order of the leaves; all else (text, `None`,
    truths, arrays of truths) stays as it was. A list or tuple of numbers alone is an array, as it
    is to SciPy.

    Attributes:
        theta: the value as a vector of float64.
        structure: of the value.
        shapes: of the leaves; `None` for what is not packed.
    """

    def __init__(self, value: Any) -> None:
        import numpy as np

        refuse_strange_state(value)
        self._leaves, self.structure = flatten(array_of(value))
        self.shapes = [_shape_of(leaf) for leaf in self._leaves]
        parts = [np.ravel(leaf) for leaf, _ in self._packed()]
        if not parts:
            raise SymdiffError("the parameters hold no number")
        for part in parts:
            if part.dtype.kind == "c":
                raise SymdiffError("the parameters are complex, which is not supported")
        self.theta = np.concatenate(parts).astype(float)

    @property
    def is_array(self) -> bool:
        """Whether the value is one number or array."""
        return self.structure == Structure(None)

    @property
    def is_vector(self) -> bool:
        """Whether the value is a vector itself."""
        return self.is_array and len(self.shapes[0] or ()) == 1

    def _packed(self) -> list[tuple[Any, tuple[int, ...]]]:
        """The leaves that are packed, and their shapes."""
        pairs = zip(self._leaves, self.shapes, strict=True)
        return [(leaf, shape) for leaf, shape in pairs if shape is not None]

    def unpack(self, theta: Vector) -> Any:
        """The value whose numbers are those of a vector; a dataclass is initialized."""
        if self.is_vector:
            return theta
        made, start = [], 0
        for leaf, shape in zip(self._leaves, self.shapes, strict=True):
            if shape is None:
                made.append(leaf)
                continue
            count = math.prod(shape)
            part = theta[start : start + count]
            made.append(part.reshape(shape) if shape else part[0])
            start += count
        return self.structure.unflatten(made)

    def pack(self, value: Any) -> Vector:
        """The vector of a value of the same structure, as a gradient is; `None` is no number."""
        import numpy as np

        found = flatten_up_to(self.structure, value)
        parts = [
            np.ravel(x) for x, shape in zip(found, self.shapes, strict=True) if shape is not None
        ]
        return np.concatenate(parts).astype(float)

    def spread(self, leaves: Sequence[Any], missing: float) -> Vector:
        """A number for each one of the vector: leaves are numbers or arrays of their shapes.

        Args:
            leaves: one for each of the structure; `None` counts as `missing`.
            missing: a number.

        Raises:
            ShapeError: for a leaf of another shape.
        """
        import numpy as np

        try:
            parts = [
                np.broadcast_to(np.asarray(missing if x is None else x, float), shape).ravel()
                for x, shape in zip(leaves, self.shapes, strict=True)
                if shape is not None
            ]
        except (TypeError, ValueError):
            raise ShapeError(
                "a value has another shape than the number or array that it is for"
            ) from None
        return np.concatenate(parts)


def array_of(value: Any) -> Any:
    """A list or tuple of numbers, nested ones too, as an array; all else as it is."""
    import numpy as np

    if type(value) in (list, tuple):
        leaves, structure = flatten(value)
        is_plain = all(isinstance(leaf, int | float | np.number) for leaf in leaves)
        if leaves and is_plain and _is_of_lists(structure):
            try:
                return np.array(value, float)
            except ValueError:  # lists of other lengths are no array
                return value
    return value


def _is_of_lists(structure: Structure) -> bool:
    return structure.kind in (list, tuple, None) and all(map(_is_of_lists, structure.parts))


def _shape_of(leaf: Any) -> tuple[int, ...] | None:
    """The shape of a leaf of numbers; `None` for what is no number."""
    import numpy as np

    if isinstance(leaf, bool | str | bytes) or leaf is None or callable(leaf):
        return None
    if isinstance(leaf, int | float | complex | np.number):
        return ()
    if wrapper_of(leaf) or not hasattr(leaf, "dtype") or not hasattr(leaf, "shape"):
        advice = "pass its numbers: x.to_numpy() of labels, q.magnitude of units"
        raise SymdiffError(
            f"the parameters hold a {type(leaf).__name__}, no number or array",
            suggestion=advice if wrapper_of(leaf) or is_frame(leaf) else None,
        )
    return None if np.dtype(leaf.dtype).kind not in "iufc" else tuple(leaf.shape)


class Flat:
    """A NumPy function as one of a flat vector, and its derivatives.

    Each method takes the vector first, and behind it the function's other arguments.

    Args:
        function: of the parameters and other arguments.
        packing: of the parameters.
    """

    def __init__(self, function: Callable[..., Any], packing: Packing) -> None:
        self.function = function = of_numpy(function)
        self.packing = packing

        def flat(theta: Vector, *args: Any, **kwargs: Any) -> Any:
            return function(packing.unpack(theta), *args, **kwargs)

        self.name = flat.__name__ = str(getattr(function, "__name__", "f"))  # of the result
        self._flat = flat

    def value(self, theta: Vector, *args: Any, **kwargs: Any) -> Any:
        """The function."""
        return self._flat(theta, *args, **kwargs)

    @cached_property
    def value_and_grad(self) -> Callable[..., Any]:
        """The value, and the gradient as a vector."""
        return self._of("value_and_grad")

    @cached_property
    def hessian(self) -> Callable[..., Any]:
        """The Hessian as one matrix."""
        return self._of("hessian")

    @cached_property
    def _hvp(self) -> Callable[..., Any]:
        return self._of("hvp")

    def hessp(self, theta: Vector, v: Vector, *args: Any) -> Any:
        """The Hessian times a vector."""
        return self._hvp(theta, *args, v)

    @cached_property
    def _jacobian(self) -> Callable[..., Any]:
        return self._of("jacobian")

    def jacobian(self, theta: Vector, *args: Any, **kwargs: Any) -> Any:
        """A row for each element of the results, a column for each element of the vector."""
        import numpy as np

        found = self._jacobian(theta, *args, **kwargs)
        rows, _ = flatten(found)
        return np.concatenate([np.reshape(row, (-1, np.size(theta))) for row in rows])

    @cached_property
    def _hessians(self) -> Callable[..., Any]:
        found: Callable[..., Any] = transform("jacobian", self._of("jacobian"), 0)
        return found

    def hessians(self, theta: Vector, *args: Any) -> Any:
        """The Hessian of each element of the results, of shape (m, n, n)."""
        import numpy as np

        found, n = self._hessians(theta, *args), np.size(theta)
        rows, _ = flatten(found)
        return np.concatenate([np.reshape(row, (-1, n, n)) for row in rows])

    @cached_property
    def _sparse(self) -> Callable[..., Any]:
        import numpy as np

        from symdiff.derive.options import Options

        def joined(theta: Vector, *args: Any, **kwargs: Any) -> Any:
            leaves, _ = flatten(self._flat(theta, *args, **kwargs))
            return leaves[0] if len(leaves) == 1 else np.concatenate([np.ravel(x) for x in leaves])

        return transform("jacobian", joined, 0, Options(sparse=True))  # type: ignore[no-any-return]

    def sparse_jacobian(self, theta: Vector, *args: Any, **kwargs: Any) -> Any:
        """That matrix as `scipy.sparse.csr_matrix`: the entries that are not zero by structure."""
        import numpy as np
        from scipy.sparse import csr_matrix

        entries = self._sparse(theta, *args, **kwargs)
        leaves, _ = flatten(self.value(theta, *args, **kwargs))
        return csr_matrix(entries, shape=(sum(map(np.size, leaves)), np.size(theta)))

    def _of(self, verb: str) -> Callable[..., Any]:
        found: Callable[..., Any] = transform(verb, self._flat, 0)
        return found


class FlatFormula:
    """A `Function` as one of a flat vector: its `wrt` are packed, its other inputs stand behind.

    Args:
        function: whose inputs are the parameters and other arguments.
        packing: of the parameters: of one `wrt` its value, of several a value for each.
    """

    def __init__(self, function: Function, packing: Packing) -> None:
        self.function = function
        self.packing = packing
        self.name = function.outputs[0]
        self._others = [name for name in function.inputs if name not in function.wrt]

    def _refuse_other_inputs(self, args: Sequence[Any]) -> None:
        if len(args) != len(self._others):
            raise SymdiffError(
                f"{self.function!r} takes {len(self._others)} inputs beside the parameters "
                f"({', '.join(self._others) or 'none'}), and args holds {len(args)}"
            )

    def _arguments(self, theta: Vector, args: Sequence[Any]) -> list[Any]:
        self._refuse_other_inputs(args)
        value = self.packing.unpack(theta)
        names = self.function.wrt
        if isinstance(value, dict):
            given = dict(value)
        elif len(names) == 1:
            given = {names[0]: value}
        else:
            given = dict(zip(names, value, strict=True))
        given |= dict(zip(self._others, args, strict=True))
        return [given[name] for name in self.function.inputs]

    def value(self, theta: Vector, *args: Any) -> Any:
        """The function."""
        return self.function(*self._arguments(theta, args))

    @cached_property
    def _module(self) -> ModuleType:
        base = self.function
        return module(base.value_and_grad(), base.hvp(), base.hessian()).load()

    def value_and_grad(self, theta: Vector, *args: Any) -> Any:
        """The value, and the gradient as a vector."""
        self._refuse_other_inputs(args)
        return self._module.packed_value_and_grad(theta, *args)

    def hessian(self, theta: Vector, *args: Any) -> Any:
        """The Hessian as one matrix."""
        self._refuse_other_inputs(args)
        return self._module.hess(theta, *args)

    def hessp(self, theta: Vector, v: Vector, *args: Any) -> Any:
        """The Hessian times a vector."""
        self._refuse_other_inputs(args)
        return self._module.hessp(theta, v, *args)

    @cached_property
    def _jacobian(self) -> Function:
        return self.function.jacobian()

    def jacobian(self, theta: Vector, *args: Any) -> Any:
        """A row for each element of the outputs, a column for each element of the vector."""
        import numpy as np

        made = self._jacobian(*self._arguments(theta, args))
        rows = made if len(self.function.outputs) > 1 and isinstance(made, tuple) else (made,)
        blocks = []
        for row in rows:
            parts = row if isinstance(row, tuple) else (row,)
            sizes = [np.size(theta)] if len(parts) == 1 else self._sizes(theta)  # one matrix
            blocks.append([np.reshape(p, (-1, n)) for p, n in zip(parts, sizes, strict=True)])
        return np.block(blocks)

    def hessians(self, theta: Vector, *args: Any) -> Any:
        """The Hessian of each element of the outputs, of shape (m, n, n)."""
        import numpy as np

        made = self._second(*self._arguments(theta, args))
        n, sizes = np.size(theta), self._sizes(theta)
        if not isinstance(made, tuple):
            return np.reshape(made, (-1, n, n))
        rows = made if isinstance(made[0], tuple) else [(part,) for part in made]
        each = len(self.function.wrt)
        if each == 1:
            return np.concatenate([np.reshape(row[0], (-1, n, n)) for row in rows])
        found = []
        for start in range(0, len(rows), each):  # the rows of one output
            blocks = [
                np.concatenate(
                    [np.reshape(p, (-1, a, b)) for p, b in zip(row, sizes, strict=True)], axis=2
                )
                for row, a in zip(rows[start : start + each], sizes, strict=True)
            ]
            found.append(np.concatenate(blocks, axis=1))
        return np.concatenate(found)

    @cached_property
    def _second(self) -> Function:
        return self.function.jacobian().jacobian()

    def _sizes(self, theta: Vector) -> list[int]:
        import numpy as np

        value = self.packing.unpack(theta)
        if isinstance(value, dict):
            value = list(value.values())
        parts = value if len(self.function.wrt) > 1 else [theta]
        return [np.size(part) for part in parts]

    def sparse_jacobian(self, theta: Vector, *args: Any) -> Any:
        """That matrix as `scipy.sparse.csr_matrix`."""
        from scipy.sparse import csr_matrix

        return csr_matrix(self.jacobian(theta, *args))


def flat_of(function: Any, x0: Any) -> Flat | FlatFormula:
    """A function as one of a flat vector.

    Args:
        function: a NumPy function of the parameters and other arguments; or what `sd.function`
            takes: its `wrt` are the parameters, its other inputs the other arguments.
        x0: the parameters: a number, an array, or a nested value of them. Of a `Function` with
            several `wrt` one for each, by name or in order.
    """
    if not is_formula(function):
        return Flat(function, Packing(x0))
    made = made_of(function)
    if isinstance(x0, dict):
        if sorted(x0) != sorted(made.wrt):
            raise SymdiffError(
                f"x0 gives {', '.join(map(str, x0)) or 'nothing'}, and the parameters are "
                f"{', '.join(made.wrt)}"
            )
        x0 = {name: x0[name] for name in made.wrt}
    elif len(made.wrt) > 1:
        import numpy as np

        if isinstance(x0, np.ndarray):
            x0 = list(x0)
        if not isinstance(x0, list | tuple) or len(x0) != len(made.wrt):
            raise ShapeError(f"x0 has not one value for each of {', '.join(made.wrt)}")
    return FlatFormula(made, Packing(x0))
