"""Variables that a statement of rewritten code binds: what they hold, and may hold behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from symdiff.frontend.staging.carried import Place
from symdiff.frontend.staging.errors import check
from symdiff.frontend.staging.merge import UNSET, Merging, Unsure
from symdiff.frontend.tracing.running import active


class Variables:
    """The variables that a statement binds.

    Attributes:
        names: theirs.
    """

    def __init__(
        self,
        names: Sequence[str],
        reads: Sequence[Callable[[], Any]],
        store: Callable[[Sequence[Any]], object],
    ) -> None:
        self.names = names
        self._reads = reads
        self.store = store

    def read(self) -> list[Any]:
        """What they hold now."""
        return [value_of(read) for read in self._reads]

    def places(self) -> list[Place]:
        """Each as a place of its own."""
        return [
            Place(
                name, ("variable", name), partial(value_of, read), partial(self._store_one, number)
            )
            for number, (name, read) in enumerate(zip(self.names, self._reads, strict=True))
        ]

    def _store_one(self, number: int, value: Any) -> None:
        values = self.read()
        values[number] = value
        self.store(values)

    def select(self, merging: Merging, a: Sequence[Any], b: Sequence[Any]) -> None:
        """Let them hold what the way that is taken leaves."""
        self.store([merging.of(*both) for both in zip(a, b, self.names, strict=True)])


def certain(value: Any) -> Any:
    """A variable that is read: where the loop that sets it has done no step, Python's error."""
    if type(value) is not Unsure:
        return value
    trace = active()
    if trace is not None:
        check(trace, value.never, unbound(value.name))
    return value.value


def unbound(name: str) -> UnboundLocalError:
    """What Python raises for a variable that is not set."""
    said = f"cannot access local variable '{name}' where it is not associated with a value"
    return UnboundLocalError(said)


def value_of(read: Callable[[], Any]) -> Any:
    """What is read; `UNSET` for what is not bound."""
    try:
        return read()
    except (NameError, ValueError):  # a variable, a cell
        return UNSET
