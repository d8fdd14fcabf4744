"""Builtins over items of unknown number, and arrays of such items: programs that are traced."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.staging.recorder import staged
from symdiff.frontend.staging.reductions import ARRAY_OF_ITEMS, BUILTIN_OF_ITEMS
from symdiff.frontend.staging.sources import Source
from symdiff.frontend.tracing.routines import routine
from symdiff.frontend.tracing.values import numpy


@routine(f"{BUILTIN_OF_ITEMS}sum")
def total(_source: Source, *args: Any, **options: Any) -> Any:
    """`sum`."""
    from symdiff.routines.programs import total as program

    return staged(program)(*args, **options)


@routine(f"{BUILTIN_OF_ITEMS}any")
def any_of(_source: Source, *args: Any) -> Any:
    """`any`."""
    from symdiff.routines.programs import any_of as program

    return staged(program)(*args)


@routine(f"{BUILTIN_OF_ITEMS}all")
def all_of(_source: Source, *args: Any) -> Any:
    """`all`."""
    from symdiff.routines.programs import all_of as program

    return staged(program)(*args)


@routine(f"{BUILTIN_OF_ITEMS}max")
def largest(source: Source, *args: Any, **options: Any) -> Any:
    """`max`."""
    from symdiff.routines.programs import largest as program

    return staged(program)(source.first, *args, **options)


@routine(f"{BUILTIN_OF_ITEMS}min")
def least(source: Source, *args: Any, **options: Any) -> Any:
    """`min`."""
    from symdiff.routines.programs import least as program

    return staged(program)(source.first, *args, **options)


@routine(ARRAY_OF_ITEMS)
def array(source: Source) -> Any:
    """An array of items; `None` where the first is a whole number, as others may be none."""
    from symdiff.routines.programs import filled as program

    first = source.first
    dtype = getattr(first, "dtype", numpy().dtype(type(first)))
    if dtype.kind not in "fc":
        return None
    return staged(program)(source, (source.count, *getattr(first, "shape", ())), dtype)
