"""Arguments of a NumPy function that are given by their shapes alone."""

from __future__ import annotations

import difflib
import inspect
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from symdiff.errors import ShapeError, SymdiffError
from symdiff.frontend.tracing.array import Array, PythonNumber
from symdiff.frontend.tracing.function import Spec, TracedFunction, trace
from symdiff.graph.shape import Dimension, Shape, named

_SHAPE = re.compile(r"\[[\w\s,]*\]|\(\s*[\w\s,]*\)|\d+|\w+(?:[\s,]+\w+)+")


def trace_with_shapes(
    function: Callable[..., Any], shapes: Mapping[str, Any], limit: int
) -> TracedFunction:
    """Trace a function whose arguments have these shapes; others are numbers.

    A nested argument is given as a dict, list or tuple of shapes under `dict` keys and positions.

    Raises:
        SymdiffError: for a name that is no argument, or a shape that is none.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        name = getattr(function, "__name__", "this function")
        raise SymdiffError(
            f"{name} does not tell its arguments", suggestion="wrap it in a function of your own"
        ) from None
    parameters = signature.parameters
    for name in shapes:
        if name not in parameters:
            near = difflib.get_close_matches(name, parameters, 1)
            listed = ", ".join(parameters) or "none"
            hint = f"did you mean '{near[0]}'?" if near else f"the arguments are: {listed}"
            raise SymdiffError(f"'{name}' is not an argument", suggestion=hint)
    bound = inspect.BoundArguments(signature, OrderedDict())
    for name, parameter in parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if name not in shapes and parameter.default is not parameter.empty:
            continue
        given = shapes[name] if name in shapes else _annotated(parameter.annotation)
        bound.arguments[name] = _specs(given, name)
    return trace(function, bound, limit)


def _specs(given: Any, name: str) -> Any:
    """A shape, or a structure of shapes, as what the tracer takes."""
    import numpy as np

    if isinstance(given, dict):
        return {key: _specs(part, f"{name}[{key!r}]") for key, part in given.items()}
    if isinstance(given, (list, tuple)) and any(
        isinstance(part, (list, tuple, dict)) for part in given
    ):
        return type(given)([_specs(part, f"{name}[{i}]") for i, part in enumerate(given)])
    shape = shape_of(given, name)
    return Spec(shape, np.dtype(float), Array if shape else PythonNumber)


def shape_of(given: Sequence[int | str] | str | int, name: str) -> Shape:
    """A shape of numbers and names.

    Raises:
        ShapeError: where it is none.
    """
    if isinstance(given, str):
        given = re.findall(r"\w+", given)
    items = (given,) if isinstance(given, int) else tuple(given)
    return tuple(_length(item, name) for item in items)


def _length(item: Any, name: str) -> Dimension:
    if isinstance(item, bool) or not isinstance(item, (int, str)):
        raise ShapeError(f"the shape of '{name}' holds {item!r}, which is no length")
    if isinstance(item, str) and item.isdigit():
        item = int(item)
    if isinstance(item, str):
        if not item.isidentifier():
            raise ShapeError(f"the shape of '{name}' holds '{item}', which is no name")
        return named(item)
    if item < 0:
        raise ShapeError(f"the shape of '{name}' holds the length {item}")
    return int(item)


def _annotated(annotation: Any) -> Any:
    """The shape that an annotation says, `()` where it says none."""
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            if isinstance(extra, (str, tuple, list)):
                return extra
    if isinstance(annotation, str):
        text = annotation.strip().strip("'\"")
        if _SHAPE.fullmatch(text):
            return text
    return ()
