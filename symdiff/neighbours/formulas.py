"""Formulas in the place of NumPy functions, where these are traced."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from symdiff.api import Function
from symdiff.api import function as made_of
from symdiff.emit.names import safe_names
from symdiff.errors import SymdiffError
from symdiff.frontend.tracing.recording_calls import of_numpy
from symdiff.frontend.tracing.running import active
from symdiff.sources import is_sympy


def is_formula(function: Any) -> bool:
    """Whether `sd.function` takes it as it is, rather than a plain NumPy function to trace."""
    return not callable(function) or isinstance(function, Function) or is_sympy(function)


def as_function(function: Any) -> Callable[..., Any]:
    """What a trace takes: a NumPy function as it is, a formula as a function of its inputs."""
    if not is_formula(function):
        found: Callable[..., Any] = of_numpy(function)
        return found
    formula = made_of(function)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = safe_names(formula.inputs)
    parameters = [inspect.Parameter(names.get(name, name), kind) for name in formula.inputs]
    signature = inspect.Signature(parameters)

    def called(*args: Any, **kwargs: Any) -> Any:
        outer = active()
        try:
            values = signature.bind(*args, **kwargs).args
        except TypeError as error:
            raise SymdiffError(f"{called.__name__}{signature}: {error}") from None
        if outer is None:
            return formula(*values)
        return formula.lines_in(outer, formula.derivation, values, {})

    called.__signature__ = signature  # type: ignore[attr-defined]
    called.__name__ = called.__qualname__ = formula.outputs[0]
    return called
