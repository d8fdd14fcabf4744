"""Families of operations that are made from their names, when one is asked for.

A graph that was pickled elsewhere names some that this process has not met. The registry of all
operations takes time to load; who adds a family does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symdiff.ops.operation import Operation

FAMILIES: dict[str, Callable[[str], Operation]] = {}  # by how the names begin


def add_family(prefix: str, maker: Callable[[str], Operation]) -> None:
    """Say who makes the records whose names begin so. `maker` raises KeyError where there is none.

    A frontend adds its own: what it makes, the rooms below need not know.
    """
    FAMILIES[prefix] = maker
