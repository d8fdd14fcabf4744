"""Functions compiled by Numba or Cython: tracing does not see what they do, and says so by name."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.tracing.contents import compiler_of
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.values import concrete, flat


class Compiled:
    """Stands for a compiled function while a trace runs: it computes what is concrete.

    Attributes:
        function: the compiled one.
    """

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result, where no argument is symbolic."""
        trace = active()
        if trace is not None and any(map(trace.is_symbolic, flat((args, kwargs)))):
            name, compiler = getattr(self.function, "__name__", "?"), compiler_of(self.function)
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
