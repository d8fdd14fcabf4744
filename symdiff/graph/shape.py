"""Shapes: tuples of whole numbers and named dimensions."""

from __future__ import annotations

Dimension = int | str
Shape = tuple[Dimension, ...]

SCALAR: Shape = ()
