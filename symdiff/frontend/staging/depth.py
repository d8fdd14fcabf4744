"""Depth of syntax trees: long chains and sums are deep ones, and are walked by recursion."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

WALKED = 50_000  # calls of Python's own: none of them is on C's stack
COMPILED = 4_000  # calls of the compiler's, which are
_lock = threading.RLock()


@contextlib.contextmanager
def deep_trees(most: int = WALKED) -> Iterator[None]:
    """While this lasts a tree may be walked by so many calls in each other."""
    with _lock:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, most))
        try:
            yield
        finally:
            sys.setrecursionlimit(before)
