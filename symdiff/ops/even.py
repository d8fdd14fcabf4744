"""Smooth functions of lengths: what stands for them while they are differentiated."""

from __future__ import annotations

from symdiff.ops.operation import ANY, Even, Operation

even: Operation = Operation(
    "even",
    "A function of a length r, differentiated as a function of r*r/2; see `derive.smooth`.",
    ANY,
    Even(),
    params=("graph", "order", "is_signed"),
    analytic=False,
)
