"""Symbolic differentiation and code generation: exact gradients as standalone NumPy files.

>>> import symdiff as sd
>>> sd.function("x**2 + y**3").grad()(3.0, 2.0)
(6.0, 12.0)
"""

from symdiff.errors import (
    CheckError,
    LimitError,
    ParseError,
    ShapeError,
    SymdiffError,
    UnsupportedError,
)
from symdiff.function import Function, function
from symdiff.version import __version__

__all__ = [
    "CheckError",
    "Function",
    "LimitError",
    "ParseError",
    "ShapeError",
    "SymdiffError",
    "UnsupportedError",
    "__version__",
    "function",
]
