"""Symbolic differentiation and code generation: exact gradients as standalone NumPy files.

>>> import symdiff as sd
>>> sd.function("x**2 + y**3").grad()(3.0, 2.0)
(6.0, 12.0)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from symdiff.errors import (
    CheckError,
    LimitError,
    ParseError,
    ShapeError,
    SymdiffError,
    UnsupportedError,
)
from symdiff.version import __version__

if TYPE_CHECKING:
    from symdiff.api import Function, function
    from symdiff.frontend.tracing.scan import fori, scan
    from symdiff.transform import grad, stop_gradient, value_and_grad

__all__ = [
    "CheckError",
    "Function",
    "LimitError",
    "ParseError",
    "ShapeError",
    "SymdiffError",
    "UnsupportedError",
    "__version__",
    "fori",
    "function",
    "grad",
    "scan",
    "stop_gradient",
    "value_and_grad",
]


def __getattr__(name: str) -> Any:  # a module's attributes have no common type
    """Load the compiler at its first use: the command line's help does not wait for it."""
    if name in ("Function", "function"):
        return getattr(import_module("symdiff.api"), name)
    if name in ("grad", "stop_gradient", "value_and_grad"):
        return getattr(import_module("symdiff.transform"), name)
    if name in ("fori", "scan"):
        return getattr(import_module("symdiff.frontend.tracing.scan"), name)
    raise AttributeError(f"module 'symdiff' has no attribute '{name}'")
