"""Frontends: from text or SymPy to a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symdiff.ops.families import add_family

if TYPE_CHECKING:
    from symdiff.ops.operation import Operation


def _sympys_operation(name: str) -> Operation:
    """The record of a function of SymPy's, which is not loaded before a graph names one."""
    from symdiff.frontend.sympy.read import make_operation

    return make_operation(name)


add_family("sympy_", _sympys_operation)
