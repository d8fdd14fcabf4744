"""Arguments of a NumPy function that are given by their shapes alone."""

from __future__ import annotations

import difflib
import inspect
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from symdiff.errors import SymdiffError
from symdiff.frontend.loops import Loops
from symdiff.frontend.text.options import KINDS, declared
from symdiff.frontend.tracing.array import PYTHONS, ArrayTracer
from symdiff.frontend.tracing.function import TracedFunction, trace
from symdiff.frontend.tracing.spec import Spec
from symdiff.graph.node import FLOAT

_MOST_LISTED = 8
_LONGEST_DEFAULT = 30

_SHAPE = re.compile(
    rf"(?:{'|'.join(KINDS)})\b[\w\s,()\[\]]*|[\[(][\w\s,]*[\])]|\d+|\w+(?:[\s,]+\w+)+"
)


def trace_with_shapes(
    function: Callable[..., Any], shapes: Mapping[str, Any], limit: int, loops: Loops
) -> TracedFunction:
    """Trace a function whose arguments have these shapes; others are numbers.

    A nested argument is given as a dict, list or tuple of shapes under `dict` keys and positions.

    Raises:
        SymdiffError: for a name that is no argument, or a shape that is none.
    """
    bound = bound_by_shapes(function, shapes)
    numbers = [
        name for name, spec in bound.arguments.items() if name not in shapes and _is_number(spec)
    ]
    try:
        return trace(function, bound, limit, loops=loops)
    except (AttributeError, TypeError) as error:
        if numbers and re.search(r"\b'?float'? object|: 'float' and", str(error)):
            error.add_note(_note(numbers))
        raise


def bound_by_shapes(
    function: Callable[..., Any], shapes: Mapping[str, Any]
) -> inspect.BoundArguments:
    """The arguments of a function as specs, and in nested ones specs.

    Raises:
        SymdiffError: as `trace_with_shapes`.
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
    return bound


def defaults_taken(function: Callable[..., Any], shapes: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence on the arguments that are constants because they have defaults; none without."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ()
    taken = [
        parameter
        for parameter in parameters
        if parameter.default is not parameter.empty and parameter.name not in shapes
        if parameter.default is not None and not callable(parameter.default)
    ]
    if not taken:
        return ()
    listed = ", ".join(f"{p.name} = {_shown(p.default)}" for p in taken[:_MOST_LISTED])
    more = f" and {len(taken) - _MOST_LISTED} more" if len(taken) > _MOST_LISTED else ""
    numbers = [p.name for p in taken if type(p.default) in (int, float)]
    advice = f' (--shape "{numbers[0]}: float" makes an input of it)' if numbers else ""
    return (f"constants by their defaults: {listed}{more}{advice}",)


def _shown(value: Any) -> str:
    """A default as Python writes it; the kind of one that is long."""
    written = " ".join(repr(value).split())
    return written if len(written) <= _LONGEST_DEFAULT else f"<{type(value).__name__}>"


def _specs(given: Any, name: str) -> Any:
    """A shape, or a structure of shapes, as what the tracer takes."""
    import numpy as np

    if isinstance(given, dict):
        return {key: _specs(part, f"{name}[{key!r}]") for key, part in given.items()}
    if isinstance(given, (list, tuple)) and any(
        isinstance(part, (list, tuple, dict)) for part in given
    ):
        return type(given)([_specs(part, f"{name}[{i}]") for i, part in enumerate(given)])
    said = declared(name, given)
    dtype = np.dtype(said.kind or FLOAT)
    kind = ArrayTracer if said.shape else PYTHONS[type(dtype.type(0).item())]
    return Spec(said.shape, dtype, kind)


def _is_number(spec: Any) -> bool:
    """Whether an argument is a number of floats."""
    return isinstance(spec, Spec) and not spec.shape and spec.dtype.kind == "f"


def _note(numbers: Sequence[str]) -> str:
    """What is said where a number was used as an array."""
    listed, are = ", ".join(numbers[:_MOST_LISTED]), "are numbers" if numbers[1:] else "is a number"
    first = numbers[0]
    return (
        f"{listed} {are}, as no shape is given; say those of arrays: "
        f'shapes={{"{first}": ("n",)}}, in the command line --shape "{first}: n"'
    )


def _annotated(annotation: Any) -> Any:
    """The shape and the kind that an annotation says, `()` where it says none."""
    if annotation in (int, bool):
        return (annotation.__name__,)
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            if isinstance(extra, (str, tuple, list)):
                return extra
    if isinstance(annotation, str):
        text = annotation.strip().strip("'\"")
        if _SHAPE.fullmatch(text):
            return text
    return ()
