"""Progress of what takes over a second, as a bar in a notebook.

On a terminal the command line draws its own. In a script nothing is drawn.
"""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar  # IPython has types of its own

Progress = Callable[[int, int], None]  # told how many are done, and of how many
T = TypeVar("T")

AFTER = 1.0  # seconds, before which nothing is drawn
BETWEEN = 0.2  # seconds from one drawing to the next


@contextmanager
def told(name: str, progress: Progress | None = None) -> Iterator[Progress]:
    """What a long call tells how far it is: the caller's function, or else a bar in a notebook.

    Args:
        name: of what is done.
        progress: the caller's.
    """
    if progress is not None:
        yield progress
        return
    bar = _Bar(name)
    try:
        yield bar.draw
    finally:
        bar.clear()


def counted(name: str, items: Sequence[T]) -> Iterator[T]:
    """Items one after the other; in a notebook a bar says how many are done."""
    return _with_bar(name, items) if _is_in_notebook() else iter(items)


def _with_bar(name: str, items: Sequence[T]) -> Iterator[T]:
    with told(name) as tell:
        for done, item in enumerate(items):
            tell(done, len(items))
            yield item


class _Bar:
    """A bar that appears in a notebook, and is gone when all is done."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._next = time.perf_counter() + AFTER
        self._shown: Any = None

    def draw(self, done: int, total: int) -> None:
        """Show how many are done, where it is time to."""
        now = time.perf_counter()
        if now < self._next or not _is_in_notebook():
            return
        self._next = now + BETWEEN
        text = f"{self._name}: {done} of {total}"
        bar = f'<progress value="{done}" max="{total}"></progress> {html.escape(text)}'
        self._put({"text/plain": text, "text/html": bar})

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._shown is not None:
            self._put({"text/plain": "", "text/html": ""})

    def _put(self, data: dict[str, str]) -> None:
        from IPython.display import display

        if self._shown is None:
            self._shown = display(data, raw=True, display_id=True)
        else:
            self._shown.update(data, raw=True)


def _is_in_notebook() -> bool:
    """Whether a kernel of Jupyter's runs this."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None
