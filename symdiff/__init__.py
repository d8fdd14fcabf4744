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
from symdiff.verbs import VERBS
from symdiff.version import __version__

if TYPE_CHECKING:
    from symdiff.api import Function, function
    from symdiff.frontend.tracing.scan import fori, scan
    from symdiff.implicit import argmin, root
    from symdiff.modules import module
    from symdiff.neighbours.propagation import propagate
    from symdiff.neighbours.solvers import curve_fit, least_squares, minimize, root_scalar
    from symdiff.own_rules import custom_rule
    from symdiff.transform import stop_gradient
    from symdiff.verbs import *  # noqa: F403  the functions of the verbs, as type checkers see them

__all__ = [
    "CheckError",
    "Function",
    "LimitError",
    "ParseError",
    "ShapeError",
    "SymdiffError",
    "UnsupportedError",
    "__version__",
    "argmin",
    "curve_fit",
    "custom_rule",
    "fori",
    "function",
    "least_squares",
    "minimize",
    "module",
    "propagate",
    "root",
    "root_scalar",
    "scan",
    "stop_gradient",
]
_VERBS = [verb.name for verb in VERBS.values() if verb.is_derivative]
__all__ += _VERBS
__all__.sort()

# Modules that load another library, by their names here
_NEIGHBOURS = {
    "jax": "neighbours.jax",
    "parallel": "parallel",
    "torch": "neighbours.torch",
}

# The module of each name that is not loaded with the package
_HOMES = {
    "Function": "api",
    "argmin": "implicit",
    "curve_fit": "neighbours.solvers",
    "custom_rule": "own_rules",
    "fori": "frontend.tracing.scan",
    "function": "api",
    "least_squares": "neighbours.solvers",
    "load_ipython_extension": "notebook",  # which IPython asks for
    "minimize": "neighbours.solvers",
    "module": "modules",
    "propagate": "neighbours.propagation",
    "root": "implicit",
    "root_scalar": "neighbours.solvers",
    "scan": "frontend.tracing.scan",
    "stop_gradient": "transform",
}


def __getattr__(name: str) -> Any:  # a module's attributes have no common type
    """Load the compiler at its first use: the command line's help does not wait for it."""
    if name in _VERBS:
        from symdiff.transform import FUNCTIONS

        return FUNCTIONS[name]
    if name in _HOMES:
        return getattr(import_module(f"symdiff.{_HOMES[name]}"), name)
    if name in _NEIGHBOURS:
        return import_module(f"symdiff.{_NEIGHBOURS[name]}")
    raise AttributeError(f"module 'symdiff' has no attribute '{name}'")
