"""Frontends: from text or SymPy to a graph."""

from symdiff.ops.operation import Operation
from symdiff.ops.registry import add_family


def _sympys_operation(name: str) -> Operation:
    """The record of a function of SymPy's, which is not loaded before a graph names one."""
    from symdiff.frontend.sympy.read import make_operation

    return make_operation(name)


add_family("sympy_", _sympys_operation)
