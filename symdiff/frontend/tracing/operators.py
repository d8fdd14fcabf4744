"""Operators on tracers: which Python computes, NumPy, or the other operand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.frontend.staging.undecided import Undecided
from symdiff.frontend.tracing.lists import SEQUENCES, of_sequences
from symdiff.frontend.tracing.masked import is_masked
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.scalars import (
    answers_first,
    as_python,
    computed_by_python,
    is_rounding,
)
from symdiff.frontend.tracing.sparse import is_sparse
from symdiff.frontend.tracing.wrappers import refuse_units, with_unit


def operator(trace: Recorder, name: str, args: Sequence[Any]) -> Any:
    """An operator: what it does not know, Python tries the other way round."""
    if any(value is None or isinstance(value, (str, dict, Undecided)) for value in args):
        return NotImplemented
    if name == "matmul" and is_sparse(args[-1]):
        return NotImplemented  # the matrix is asked next
    if is_masked(args[-1]):
        return NotImplemented  # likewise
    if any(getattr(type(value), "__array_ufunc__", trace) is None for value in args):
        return NotImplemented  # as NumPy's arrays do, of a polynomial for one
    refuse_units(trace, args)
    if len(args) == 2 and any(map(answers_first, args, args[::-1])):
        quantity = with_unit(name, args)
        return NotImplemented if quantity is None else quantity
    if any(type(value) in SEQUENCES for value in args):
        found = of_sequences(trace, name, args)
        return trace.call(name, *args) if found is None else found
    found = computed_by_python(name, args)
    if found is None:
        result = trace.call(name, *args)
        return as_python(result, int) if is_rounding(name, args) else result
    if found is NotImplemented:
        return NotImplemented
    kind, name, operands = found
    return as_python(trace.call(name, *operands), kind)
