"""Specs: the shape and the type of a number or an array that a function is traced with."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.tracing.tracer import Tracer
from symdiff.graph.shape import Shape


class Spec:
    """What stands for an argument while a function is traced: a leaf, so no dataclass.

    Attributes:
        shape: its lengths.
        dtype: NumPy's type of its elements.
        kind: the class of its tracer; `None` where the shape decides.
        library: the package of an array with labels; empty for NumPy's.
    """

    __slots__ = ("dtype", "kind", "library", "shape")

    def __init__(
        self, shape: Shape, dtype: Any, kind: type[Tracer] | None = None, library: str = ""
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.kind = kind
        self.library = library
