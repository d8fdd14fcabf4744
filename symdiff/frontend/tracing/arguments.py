"""Arguments of a call: what stands for them while a function is traced, and their numbers.

A call is known again by its cache key: shapes and types of numbers and arrays, all else by value,
and objects by identity.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from symdiff.errors import ShapeError, UnsupportedError
from symdiff.frontend.tracing.array import ArrayTracer, NumberTracer, ScalarTracer
from symdiff.frontend.tracing.contents import is_of_python, module_of, refusal_of_array
from symdiff.frontend.tracing.initialized import has_state, refuse_strange_state
from symdiff.frontend.tracing.pytree import Maker, Path, flatten, flatten_up_to, members, replaced
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy
from symdiff.frontend.tracing.wrappers import (
    is_labelled,
    is_quantity,
    refuse_other_labels,
    wrapper_of,
)

_UNKNOWN = object()
_BY_VALUE = frozenset((int, bool, str, bytes, type(None), range))


def specified(bound: Any, differentiated: Sequence[str]) -> tuple[Any, list[Any]]:
    """The arguments with specs for numbers and arrays, and the numbers and arrays themselves."""
    values: list[Any] = []
    refuse_other_labels(bound.arguments)
    specs = inspect.BoundArguments(bound.signature, type(bound.arguments)())
    for name, value in bound.arguments.items():
        refuse_strange_state(value)
        is_wrt = name in differentiated

        def specify(path: Path, leaf: Any, name: str = name, is_wrt: bool = is_wrt) -> Any:  # noqa: FBT001
            where = name + "".join(f"[{key!r}]" for key in path)
            spec, given = _spec(leaf, where, is_wrt=is_wrt)
            if isinstance(spec, Spec):
                values.append(given)
            return spec

        specs.arguments[name] = replaced(value, specify)
    return specs, values


def _spec(leaf: Any, where: str, *, is_wrt: bool) -> tuple[Any, Any]:
    """What stands for a leaf, and the leaf as the emitted function takes it."""
    np = numpy()
    if isinstance(leaf, Tracer):
        return Spec(tuple(leaf.content.shape), leaf.dtype, _kind_of(leaf)), leaf
    if leaf is None or isinstance(leaf, (bool, str, bytes)) or callable(leaf):
        if is_wrt and isinstance(leaf, (str, bytes)) and "[" not in where:
            raise UnsupportedError(f"'{where}' is text, not a number")
        return leaf, leaf
    kind = ScalarTracer if isinstance(leaf, np.generic) else NumberTracer
    if isinstance(leaf, float):
        return Spec((), np.dtype(np.float64), kind), float(leaf)
    if isinstance(leaf, (int, np.integer)):
        return (Spec((), np.dtype(np.float64), kind), float(leaf)) if is_wrt else (leaf, leaf)
    if isinstance(leaf, complex):
        _refuse_complex(where)
    if is_quantity(leaf) and not hasattr(leaf, "dtype"):  # of a float
        kind, leaf = NumberTracer, leaf * np.float64(1.0)
        return Spec((), np.dtype(np.float64), kind, wrapper_of(leaf)), leaf
    if not hasattr(leaf, "dtype") or not hasattr(leaf, "shape"):
        if is_wrt:
            raise UnsupportedError(
                f"'{where}' is a {type(leaf).__name__}, not a number or an array"
            )
        return leaf, leaf
    return _array_spec(leaf, where, is_wrt=is_wrt)


def _refuse_complex(where: str) -> NoReturn:
    raise UnsupportedError(
        f"'{where}' is complex, and derivatives are those by real numbers",
        suggestion="pass its real and imaginary parts, and write x + 1j*y inside of the function",
    )


def _array_spec(leaf: Any, where: str, *, is_wrt: bool) -> tuple[Any, Any]:
    np = numpy()
    if not isinstance(leaf.dtype, np.dtype):  # of pandas' own
        raise UnsupportedError(
            f"'{where}' is an array of {leaf.dtype}, which is not supported",
            suggestion="numbers become NumPy's by x.to_numpy(float); leave out what is none",
        )
    dtype = np.dtype(leaf.dtype)
    refused = refusal_of_array(leaf)
    if refused is not None:
        raise UnsupportedError(f"'{where}' is {refused[0]}", suggestion=refused[1])
    if dtype.kind == "c":
        _refuse_complex(where)
    if dtype.kind not in "biuf" or dtype.itemsize > 8 or dtype == np.float16:
        raise UnsupportedError(f"'{where}' is an array of {dtype}, which is not supported")
    library, is_chunked = wrapper_of(leaf), bool(getattr(leaf, "chunks", None))
    if library == "xarray" and not is_chunked and type(leaf.data) is not np.ndarray:
        raise UnsupportedError(
            f"'{where}' holds a {type(leaf.data).__name__} in an array of xarray's",
            suggestion="pass what it holds: x.data",
        )
    is_whole = is_labelled(leaf) and dtype.kind == "f" and not is_chunked
    if is_whole and np.isnan(np.asarray(leaf)).any():
        raise UnsupportedError(
            f"'{where}' holds NaN, which {library} leaves out of sums and means",
            suggestion="fill or drop them before, or pass its array: x.to_numpy()",
        )
    if is_wrt and dtype.kind != "f":
        dtype, leaf = np.dtype(np.float64), leaf.astype(float)
    return Spec(tuple(leaf.shape), dtype, _kind_of(leaf), library), leaf


def _kind_of(leaf: Any) -> type[Tracer]:
    """The class of the tracer of a leaf with a type of NumPy's."""
    if isinstance(leaf, Tracer):
        return type(leaf)
    return ScalarTracer if isinstance(leaf, numpy().generic) else ArrayTracer


def signature_of(specs: Any) -> tuple[Any, ...]:
    """What tells the arguments of one trace from those of another."""
    found = []
    for name, value in specs.arguments.items():
        leaves, structure = flatten(value)
        parts = [
            (leaf.shape, leaf.dtype.char, leaf.kind, leaf.library)
            if isinstance(leaf, Spec)
            else _key_part(leaf)
            for leaf in leaves
        ]
        found.append((name, structure, *parts))
    return tuple(found)


def _key_part(value: Any) -> tuple[Any, ...]:
    """How a value that is no number of the function's is known again."""
    kind = type(value)
    if kind in _BY_VALUE or is_of_python(module_of(kind)):
        with contextlib.suppress(TypeError):
            hash(value)
            return kind, value
    if isinstance(value, numpy().integer):
        return kind, int(value)
    return kind, id(value)  # the trace holds the object, so that no other one gets its number


def packer(arguments: Sequence[Any], *, is_single: bool) -> Maker | None:
    """What puts a flat gradient into the structure of the arguments; `None` where it has that.

    Args:
        arguments: those that are differentiated by, with a spec in the place of each number.
        is_single: whether the gradient is that of one argument, rather than a tuple.
    """
    plain = all(isinstance(value, Spec) for value in arguments)
    if plain and (is_single or len(arguments) > 1):
        return None
    leaves, structure = flatten(arguments[0] if is_single else tuple(arguments))
    numbers = itertools.count()
    make = structure.maker([next(numbers) if _is_float(leaf) else None for leaf in leaves])
    return make if next(numbers) > 1 else lambda alone: make((alone,))


def _is_float(leaf: Any) -> bool:
    return isinstance(leaf, Spec) and leaf.dtype.kind == "f"


def vectors_of(arguments: Sequence[Any], vectors: Sequence[Any], noun: str) -> list[Any]:
    """The numbers and arrays of vectors, in the order of those of the arguments that they are for.

    Args:
        arguments: nested, with a spec or the number of an output in the place of each number.
        vectors: one for each, in its structure.
        noun: what one is called.

    Raises:
        ShapeError: where one has another structure.
    """
    found: list[Any] = []
    for argument, vector in zip(arguments, vectors, strict=True):
        leaves, structure = flatten(argument)
        try:
            parts = flatten_up_to(structure, vector)
        except ValueError:
            raise ShapeError(
                f"a {noun} has another structure than what it is for",
                suggestion="give it the same keys and lengths",
            ) from None
        pairs = zip(leaves, parts, strict=True)
        found += [p for leaf, p in pairs if type(leaf) is int or _is_float(leaf)]
    return [part for part in found if part is not None]


class Flattener:
    """Takes the arguments of a call apart, fast: what every later call pays for."""

    def __init__(self) -> None:
        np = numpy()
        self._array = np.ndarray
        self._number = np.float64

    def flat(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, list[Any]]:
        """The cache key of the arguments, and their numbers and arrays."""
        key: list[Any] = []
        values: list[Any] = []
        for value in args:
            # the two common kinds here, without a call
            kind = type(value)
            if kind is float:
                key.append(float)
                values.append(value)
            elif kind is self._array:
                key += (value.shape, value.dtype)
                values.append(value)
            else:
                self._add(value, key, values)
        if kwargs:
            key.append(tuple(kwargs))
            for value in kwargs.values():
                self._add(value, key, values)
        return tuple(key), values

    def _add(self, value: Any, key: list[Any], values: list[Any]) -> None:
        kind = type(value)
        if kind is self._array:
            key += (value.shape, value.dtype)
            values.append(value)
        elif kind is float or kind is self._number:
            key.append(kind)
            values.append(float(value))
        elif kind is dict:
            key.append((dict, *value))
            for part in value.values():
                self._add(part, key, values)
        elif kind is tuple or kind is list:
            key.append((kind, len(value)))
            for part in value:
                self._add(part, key, values)
        else:
            self._add_rare(value, key, values)

    def _add_rare(self, value: Any, key: list[Any], values: list[Any]) -> None:
        parts = members(value)
        if parts is None:
            key.append(_key_part(value))
            return
        if has_state(value):  # each call is asked for it anew: none is known by this key
            key.append(_UNKNOWN)
            values.append(_UNKNOWN)
        key.append((type(value), *[name for name, _ in parts]))
        for _, part in parts:
            self._add(part, key, values)


def are_same(flat: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether numbers that were taken apart fast are those that are given to the function."""
    return len(flat) == len(values) and all(
        one is other or (type(one) is float is type(other) and repr(one) == repr(other))
        for one, other in zip(flat, values, strict=True)
    )


def arity_of(function: Callable[..., Any]) -> tuple[int, float]:
    """How many arguments a function takes, at least and at most."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0, math.inf
    own = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    most = len(own) if len(own) == len(parameters) else math.inf
    return sum(p.default is p.empty for p in own), most


def parameters_of(function: Callable[..., Any]) -> Sequence[str]:
    """The names of a function's parameters; none where it does not tell them."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []
