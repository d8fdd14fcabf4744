"""Lines that have been computed as they were written, with derivatives of a stable form."""

from __future__ import annotations

from symdiff.ops.handle import Handle
from symdiff.ops.operation import FIRST, Operation, Partials

as_written: Operation = Operation(
    "as_written",
    "A value that has been computed, the second argument, with the derivative of its twin.",
    2,
    Partials(lambda y, twin, given: (1.0, None)),
    expand=lambda twin, given: given,
    exact=lambda mp, twin, given: given,
    analytic=False,
    dtype=FIRST,
    takes_complex=True,
    is_internal=True,
)


def _quotient_partials(
    y: Handle, x: Handle, below: Handle, exponent: Handle, given: Handle
) -> tuple[Handle | None, ...]:
    return 1.0 / below, None, -given, None


exponential_quotient: Operation = Operation(
    "exponential_quotient",
    "x/b for a multiple b of exp(v), given b, v and the quotient: no factor of v overflows.",
    4,
    Partials(_quotient_partials),
    expand=lambda x, below, exponent, given: given,
    exact=lambda mp, x, below, exponent, given: given,
    analytic=False,
    is_internal=True,
)
