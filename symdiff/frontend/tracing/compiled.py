"""Functions and classes compiled by Numba or Cython: of Numba's the Python function is traced.

Tracing does not see what others do, and says so by name.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from symdiff.frontend.tracing.contents import compiler_of
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.values import concrete, flat


def _written(function: Any) -> FunctionType | None:
    """The function of Python's that Numba has compiled.

    A division by zero that is computed when the emitted function runs is NumPy's, as it is in Numba
    with `error_model="numpy"`; of known numbers Python raises its error.
    """
    found = getattr(function, "py_func", None)
    return found if type(found) is FunctionType else None


def _name_of(function: Any) -> str:
    """What users call a compiled function, or an object that is called."""
    name: str = getattr(function, "__name__", "?")
    return type(function.__self__).__name__ if name == "__call__" else name


class Compiled:
    """Stands for a compiled function while a trace runs: it computes what is concrete.

    Attributes:
        function: the compiled one.
        stage: rewrites a function of Python's; `None` where there is no such.
    """

    def __init__(self, function: Any, stage: Callable[[Any], Any] | None = None) -> None:
        self.function = function
        self.stage = stage

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result, where no argument is symbolic."""
        trace = active()
        if trace is not None and any(map(trace.is_symbolic, flat((args, kwargs)))):
            written = _written(self.function)
            if written is not None and self.stage is not None:
                return self.stage(written)(*args, **kwargs)
            name = _name_of(self.function)
            compiler = compiler_of(self.function) or "Cython"  # a method, or a class with one
            trace.refuse(
                f"'{name}' is compiled by {compiler}, and tracing does not see what it computes",
                f"write {name}.py_func, which is the function that was compiled"
                if compiler == "Numba"
                else f"write {name} with NumPy's functions, or give it a rule with sd.custom_rule",
            )
        keywords = {key: concrete(value) for key, value in kwargs.items()}
        return self.function(*[concrete(value) for value in args], **keywords)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)
