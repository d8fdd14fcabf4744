"""Modules that run on workers: an emitted module, and a few lines that call it on one chunk.

A worker needs NumPy, and neither symdiff nor a file: the text goes there by value, and is made a
module where it is asked for first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

_BEHIND = '''

def _chunk(call, block, *rows):
    """The results on one chunk of rows, as float64, for each of the vectors behind.

    call: which verb is called; the order of the arguments, the number of each among those before
    and then `rows`; the arguments before, which have no rows; tuples of vectors behind; and the
    first row of each chunk, with the number of all rows last.
    block: the number of the chunk, in a tuple.
    """
    verb, order, before, behind, starts = call
    (number,) = block
    place = f"chunk {number} (rows {starts[number]} to {starts[number + 1] - 1})"
    # a copy that was sent may lie at any byte, where NumPy adds up in another order
    given = [_in_order(x) for x in (*before, *rows)]
    behind = [[_in_order(x) for x in vectors] for vectors in behind]
    arguments = [given[number] for number in order]
    if len(rows[0]) == 0:
        return None, ""
    try:
        found = [
            [np.asarray(part, np.float64) for part in _flat(globals()[verb](*arguments, *vectors))]
            for vectors in behind
        ]
    except Exception as error:
        error.add_note(f"in {place}")
        raise
    is_finite = all(np.isfinite(part).all() for parts in found for part in parts)
    return found, "" if is_finite else place


def _in_order(x):
    """An array as NumPy makes them; a number as it is."""
    return np.require(x, None, ("ALIGNED", "C_CONTIGUOUS")) if np.ndim(x) else x


def _flat(found):
    """The arrays of nested tuples."""
    return [x for part in found for x in _flat(part)] if type(found) is tuple else [found]


def _added(first, *others):
    """The sums of chunks' results, from the first on; None has no rows."""
    found, bad = first
    for theirs, worse in others:
        if found is None or theirs is None:
            found = theirs if found is None else found
        else:
            pairs = zip(found, theirs, strict=True)
            found = [[a + b for a, b in zip(x, y, strict=True)] for x, y in pairs]
        bad = bad or worse
    return found, bad
'''

_RUN = '''
def run(module, function, *arguments):
    """A function of a module, called; the module is its name and its text."""
    import linecache
    import sys
    import types

    name, text = module
    made = sys.modules.get(name)
    if made is None:
        made = types.ModuleType(name)
        file = f"<{name}>"
        linecache.cache[file] = len(text), None, text.splitlines(True), file  # for tracebacks
        exec(compile(text, file, "exec"), made.__dict__)
        made = sys.modules.setdefault(name, made)
    return getattr(made, function)(*arguments)
'''


class Shipped(NamedTuple):
    """A module as it goes to workers.

    Attributes:
        name: made of its content.
        text: its source.
    """

    name: str
    text: str


def shipped(text: str) -> Shipped:
    """An emitted module with what calls it on a chunk."""
    text += _BEHIND
    return Shipped(f"symdiff_chunk_{hashlib.sha256(text.encode()).hexdigest()[:16]}", text)


@cache
def runner() -> Callable[..., Any]:
    """What calls a function of a module, in any process: it is pickled by value itself.

    Functions of a module that is nowhere are, by `cloudpickle`, which Dask and Ray pickle with.
    """
    namespace: dict[str, Any] = {"__name__": "symdiff_runner"}
    exec(_RUN, namespace)  # noqa: S102  the text above
    found: Callable[..., Any] = namespace["run"]
    return found
