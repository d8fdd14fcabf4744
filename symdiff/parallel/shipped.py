"""Modules that run on workers: an emitted module, and a few lines that call it on one chunk.

A worker needs NumPy and this file. It is written to a folder of temporary files under a name made
of its content, so it is known again, and uploaded once to each cluster.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

_BEHIND = '''

def _chunk(verb, place, order, before, behind, *rows):
    """The results on one chunk of rows, as float64, for each of the vectors behind.

    place: what the chunk is called.
    order: of the arguments, the number of each among `before` and then `rows`.
    before: the arguments that have no rows.
    behind: tuples of vectors that a call takes behind its arguments.
    """
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


def _added(one, other):
    """The sums of two chunks' results; None has no rows."""
    (ours, bad), (theirs, worse) = one, other
    if ours is None or theirs is None:
        return (theirs if ours is None else ours), bad or worse
    pairs = zip(ours, theirs, strict=True)
    return [[a + b for a, b in zip(x, y, strict=True)] for x, y in pairs], bad or worse
'''


def shipped(text: str) -> ModuleType:
    """The module of an emitted text, loaded here and on every worker of the cluster there is."""
    module = _loaded(text + _BEHIND)
    client = _client()
    if client is not None:
        done = getattr(client, "_symdiff_uploaded", None)
        if done is None:
            done = client._symdiff_uploaded = set()
        if module.__name__ not in done:
            client.upload_file(str(module.__file__))
            done.add(module.__name__)
    return module


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="symdiff-"))


@cache
def _loaded(text: str) -> ModuleType:
    name = f"symdiff_chunk_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    path = _folder() / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # of a file that ends in .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # its functions are pickled by this name
    spec.loader.exec_module(module)
    return module


def _client() -> Any:
    """The client of a cluster, where one is connected."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return distributed.get_client()
    except ValueError:
        return None
