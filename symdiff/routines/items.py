"""Builtins over items of unknown number, and lists of such items: programs that are traced."""

from __future__ import annotations

from typing import Any

from symdiff.frontend.staging.recorder import staged
from symdiff.frontend.staging.reductions import BUILTIN_OF_ITEMS
from symdiff.frontend.staging.sources import Source
from symdiff.frontend.tracing.lists import listed
from symdiff.frontend.tracing.routines import routine
from symdiff.frontend.tracing.running import active


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


@routine(f"{BUILTIN_OF_ITEMS}sorted")
def in_order(_source: Source, items: Any, **options: Any) -> Any:
    """`sorted`, of numbers."""
    trace = active()
    assert trace is not None  # of which the items are
    if options.get("key") is not None:
        trace.refuse("items of a named length are sorted by a key", "use np.argsort of the keys")
    rows = collected(_source, items)
    if len(rows.content.shape) > 1:
        trace.refuse("lists or arrays of a named length are sorted", "use np.argsort of a column")
    found = listed(trace.call("sort", rows))
    return found[::-1] if options.get("reverse") else found


@routine(f"{BUILTIN_OF_ITEMS}list")
def collected(_source: Source, items: Any) -> Any:
    """`list`."""
    from symdiff.routines.programs import collected as program

    return staged(program)(items)
