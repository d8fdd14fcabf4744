"""Verbs of losses over rows of Dask arrays: called as `sd.value_and_grad` and its like are."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from symdiff.api import Function
from symdiff.api import function as made_of
from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.tracing.arguments import (
    packer,
    parameters_of,
    signature_of,
    specified,
    vectors_of,
)
from symdiff.frontend.tracing.function import TracedFunction, bind, trace
from symdiff.frontend.tracing.pytree import Maker, Path, leaves, path_name, replaced
from symdiff.frontend.tracing.spec import Spec
from symdiff.graph.shape import named
from symdiff.neighbours.formulas import as_function, is_formula
from symdiff.parallel.compiled import Compiled
from symdiff.parallel.rows import Rows, is_dask, rows_of
from symdiff.parallel.separable import ROWS_NAME
from symdiff.verbs import Wrt
from symdiff.wrt import is_single, items_of, name_of

_AS_ARRAY = "X.data of xarray's arrays, frame.to_dask_array(lengths=True) of a data frame"


def value_and_grad(loss: Callable[..., Any], wrt: Wrt = None) -> Loss:
    """The value and the gradient of a loss over the rows of Dask arrays.

    The loss is separated on its graph into sums over the rows and what is computed of them: sums,
    means and weighted means, with penalties of the parameters, and functions of several such. Each
    chunk of rows is differentiated by the emitted module, by Dask's scheduler (threads, or the
    cluster that a `distributed.Client` is connected to), and the sums are added in a fixed order,
    in float64. A worker needs NumPy and not symdiff.

    Args:
        loss: a plain NumPy function that returns a number.
        wrt: what to differentiate by: a name, a position, or a tuple of them; by default the first
            argument.

    Returns:
        What is called as the loss is, with Dask arrays for the data, the rows in their first axis
        and in chunks of any lengths. It returns `(value, gradient)`, the gradient in the structure
        of the arguments and in float64.

    Raises:
        UnsupportedError: when called, for a loss that couples rows, with the operation and its
            place; for what cannot be traced.
        ShapeError: when called, for data that have not as many rows.
        SymdiffError: when called, without a Dask array, or with chunks of unknown lengths.

    Warns:
        RuntimeWarning: where a chunk gives infinities or NaN; the first one is named.
    """
    return Loss(loss, wrt, _value_and_grad)


def grad(loss: Callable[..., Any], wrt: Wrt = None) -> Loss:
    """The gradient of a loss over the rows of Dask arrays; else as `value_and_grad`."""
    return Loss(loss, wrt, _grad)


def hvp(loss: Callable[..., Any], wrt: Wrt = None) -> Loss:
    """The Hessian times a vector, of a loss over the rows of Dask arrays.

    It is called with the arguments and then one vector for each of `wrt`, in its structure; else as
    `value_and_grad`. The rows are read once, or twice where the loss is not linear in its sums.
    """
    return Loss(loss, wrt, product, takes_vectors=True)


def hessian(loss: Callable[..., Any], wrt: Wrt = None) -> Loss:
    """The Hessian of a loss over the rows of Dask arrays, in blocks as those of `sd.hessian`.

    Each chunk multiplies it with all unit vectors, so the rows are read as for one product; else as
    `value_and_grad`.
    """
    return Loss(loss, wrt, _hessian)


class Call:
    """A call's loss and arguments.

    Attributes:
        compiled: the loss.
        values: of the inputs without rows, by name.
        rows: the chunks.
        vectors: behind the arguments.
        pack: puts parts for each of `wrt` into the structure of the arguments; `None` where they
            have it.
    """

    def __init__(
        self,
        compiled: Compiled,
        values: dict[str, Any],
        rows: Rows,
        vectors: list[Any],
        pack: Maker | None,
        *,
        is_alone: bool,
    ) -> None:
        self.compiled, self.values, self.rows = compiled, values, rows
        self.vectors, self.pack, self.is_alone = vectors, pack, is_alone

    def packed(self, parts: Sequence[Any]) -> Any:
        """Parts in the structure of the arguments."""
        alone = parts[0] if len(parts) == 1 and self.is_alone else tuple(parts)
        return alone if self.pack is None else self.pack(alone)


class Loss:
    """A derivative of a loss over rows.

    Args:
        function: the loss.
        wrt: what to differentiate by.
        compute: the derivative, of a call.
        takes_vectors: whether vectors stand behind the arguments.

    Attributes:
        separated: the loss of the last call, whose `str` gives the sums and what is made of them.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        wrt: Wrt,
        compute: Callable[[Call], Any],
        *,
        takes_vectors: bool = False,
    ) -> None:
        self.source = made_of(function) if is_formula(function) else function
        self.function = as_function(self.source)
        functools.update_wrapper(self, self.function)
        self.wrt: Wrt = default_wrt(self.source) if wrt is None else wrt
        self.separated: Compiled | None = None
        self._compute = compute
        self._takes_vectors = takes_vectors
        self._known: dict[Any, Compiled] = {}
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative at these arguments."""
        count = len(items_of(self.wrt)) if self._takes_vectors else 0
        args, behind = args[: len(args) - count], args[len(args) - count :]
        return self._compute(self._call(args, kwargs, behind))

    def __reduce__(self) -> tuple[object, ...]:
        make = functools.partial(Loss, takes_vectors=self._takes_vectors)
        return make, (self.source, self.wrt, self._compute)

    def _call(self, args: Any, kwargs: Any, behind: Any) -> Call:
        import numpy as np

        count = len(items_of(self.wrt)) if self._takes_vectors else 0
        bound = bind_before_vectors(self.function, args, kwargs, count)
        known = list(parameters_of(self.function))
        wrt = [name_of(item, known, "argument") for item in items_of(self.wrt)]
        data = _data_of(bound)
        for name in wrt:
            if name not in bound.arguments:
                raise SymdiffError(f"wrt names '{name}', which is no argument of this call")
            if any(is_dask(leaf) for _, leaf in leaves(bound.arguments[name])):
                raise SymdiffError(
                    f"'{name}' is differentiated by, and is a Dask array",
                    suggestion="name the parameters: wrt='w, b'",
                )
        specs, values = specified(bound, wrt)
        for name, value in bound.arguments.items():
            specs.arguments[name] = _with_rows(specs.arguments[name], value)
        differentiated = [specs.arguments[name] for name in wrt]
        vectors = vectors_of(differentiated, behind, "vector") if behind else []
        try:
            compiled = self._compiled(specs, wrt)
        except ShapeError as error:
            raise _with_advice(error, bound, data) from None
        inputs = [item.name for item in compiled.traced.inputs]
        given = dict(zip(inputs, values, strict=True))
        rows = rows_of([array for _, array in data], [name for name, _ in data])
        if len(vectors) not in (0, len(compiled.wrt)):
            raise ShapeError(
                f"hvp wants {len(compiled.wrt)} vectors, and {len(vectors)} were given"
            )
        for vector, name in zip(vectors, compiled.wrt, strict=False):
            if np.shape(vector) != np.shape(given[name]):
                raise ShapeError(
                    f"'{name}' has the shape {np.shape(given[name])}, and its vector has "
                    f"{np.shape(vector)}"
                )
        self.separated = compiled
        pack = packer([specs.arguments[name] for name in wrt], is_single=is_single(self.wrt))
        free = {name: given[name] for name in inputs if name not in compiled.data}
        is_alone = is_single(self.wrt) or pack is not None
        return Call(compiled, free, rows, vectors, pack, is_alone=is_alone)

    def _compiled(self, specs: Any, wrt: Sequence[str]) -> Compiled:
        key = signature_of(specs)
        with self._lock:
            found = self._known.get(key)
        if found is not None and found.traced.environment.is_unchanged():
            return found
        with self._places():
            found = self._separated(trace(self.function, specs), wrt)
        with self._lock:
            self._known[key] = found
        return found

    @contextmanager
    def _places(self) -> Iterator[None]:
        """Show errors in the text of a formula."""
        try:
            yield
        except SymdiffError as error:
            if isinstance(self.source, Function):
                raise error.at(self.source.origin.text, error.span) from None
            raise

    def _separated(self, traced: TracedFunction, wrt: Sequence[str]) -> Compiled:
        import numpy as np

        if traced.captured or traced.lifted:
            raise UnsupportedError(
                f"{traced.name} reads an array beside its arguments",
                suggestion="pass it in, as a Dask array where it has rows",
            )
        if len(traced.graph.outputs) != 1 or not isinstance(traced.result, int):
            raise UnsupportedError(f"{traced.name} returns more than one number")
        rows = named(ROWS_NAME)
        floats = [item for item in traced.inputs if item.spec.dtype.kind == "f"]
        return Compiled(
            traced,
            [item.name for name in wrt for item in floats if item.argument == name],
            [item.name for item in traced.inputs if rows in item.spec.shape],
            is_single=all(item.spec.dtype == np.float32 for item in floats),
        )


def default_wrt(source: Any) -> Wrt:
    """What is differentiated by where that is not said: as of the verbs of `sd`."""
    if not is_formula(source):
        return 0
    wrt = made_of(source).wrt
    return wrt[0] if len(wrt) == 1 else wrt


def parameters_among(known: Mapping[str, inspect.Parameter], wrt: Wrt) -> list[str]:
    """The names that a `wrt` means among a function's parameters.

    Raises:
        SymdiffError: for a name that is none.
        UnsupportedError: for a function that takes any number of arguments.
    """
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in known.values()):
        raise UnsupportedError("the function takes any number of arguments, which have no names")
    names = [name_of(item, list(known), "argument") for item in items_of(wrt)]
    for name in names:
        if name not in known:
            raise SymdiffError(
                f"wrt names '{name}', which is no argument",
                suggestion=f"the arguments are: {', '.join(known)}",
            )
    return names


def bind_before_vectors(function: Callable[..., Any], args: Any, kwargs: Any, count: int) -> Any:
    """As `bind`, of the arguments before a number of vectors."""
    try:
        return bind(function, args, kwargs)
    except SymdiffError as error:
        more = f"the last {count} of what is given are taken as vectors, one for each of wrt"
        raise SymdiffError(error.message, suggestion=more if count else None) from None


def _data_of(bound: Any) -> list[tuple[str, Any]]:
    """The Dask arrays of a call, with names for them.

    Raises:
        SymdiffError: where there is none, or where Dask holds something else than an array.
    """
    from dask import is_dask_collection

    given = [
        (path_name(name, path), leaf)
        for name, value in bound.arguments.items()
        for path, leaf in leaves(value)
    ]
    for name, leaf in given:
        if is_dask_collection(leaf) and not is_dask(leaf):
            raise SymdiffError(
                f"'{name}' is a {type(leaf).__name__} over chunks, and no Dask array",
                suggestion=f"give {_AS_ARRAY}",
            )
    found = [(name, leaf) for name, leaf in given if is_dask(leaf)]
    if not found:
        raise SymdiffError(
            "no argument is a Dask array",
            suggestion=f"dask.array.from_array(X, chunks=...); {_AS_ARRAY}",
        )
    return found


def _with_advice(error: ShapeError, bound: Any, data: Sequence[tuple[str, Any]]) -> ShapeError:
    """The error, and which plain array is as long as there are rows."""
    length = data[0][1].shape[:1]
    for name, value in bound.arguments.items():
        for _, leaf in leaves(value):
            if not is_dask(leaf) and length and getattr(leaf, "shape", ())[:1] == length:
                advice = f"'{name}' has as many entries as there are rows: give a Dask array"
                return ShapeError(
                    error.message, text=error.text, span=error.span, suggestion=advice
                )
    return error


def _with_rows(specs: Any, value: Any) -> Any:
    """Specs in which the first axis of each Dask array is that of the rows."""
    marks = iter([is_dask(leaf) for _, leaf in leaves(value)])

    def marked(_path: Path, spec: Any) -> Any:
        if not next(marks) or not spec.shape:
            return spec
        return Spec((named(ROWS_NAME), *spec.shape[1:]), spec.dtype, spec.kind)

    return replaced(specs, marked)


# --- the derivatives -----------------------------------------------------------------------------


def _value_and_grad(call: Call) -> Any:
    value, parts = call.compiled.value_and_grad(call.values, call.rows)
    return value, call.packed(parts)


def _grad(call: Call) -> Any:
    return _value_and_grad(call)[1]


def product(call: Call) -> Any:
    """The Hessian times the vectors of a call."""
    (found,) = call.compiled.products(call.values, call.rows, [call.vectors])
    return call.packed(found)


def _hessian(call: Call) -> Any:
    import numpy as np

    shapes = [np.shape(call.values[name]) for name in call.compiled.wrt]
    ends = np.cumsum([0, *[int(np.prod(shape)) for shape in shapes]])
    units = [
        [row[a:b].reshape(shape) for a, b, shape in zip(ends, ends[1:], shapes, strict=False)]
        for row in np.eye(int(ends[-1]))
    ]
    columns = call.compiled.products(call.values, call.rows, units)
    matrix = np.stack([np.concatenate([np.ravel(p) for p in parts]) for parts in columns])
    blocks = [
        call.packed(
            [
                matrix[a:b, c:d].reshape(*mine, *theirs)
                for c, d, theirs in zip(ends, ends[1:], shapes, strict=False)
            ]
        )
        for a, b, mine in zip(ends, ends[1:], shapes, strict=False)
    ]
    return call.packed(blocks)
