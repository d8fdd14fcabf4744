"""Names in Python: which are taken, and what stands for a keyword."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Sequence

# Python's own functions that bodies call: nothing in a body has such a name
CALLED = frozenset(("len", "max", "min", "range", "reversed"))


class Names:
    """Hands out names that are not taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._counters: dict[str, int] = {}

    def fresh(self, wish: str) -> str:
        """The name itself, with the first number that is free, or another sign after a keyword."""
        name = wish = safe_name(wish)
        if name in self._taken:
            count, sign = self._counters.get(wish, 1), "" if len(wish) == 1 else "_"
            while name in self._taken:
                count += 1
                name = f"{wish}{sign}{count}"
            self._counters[wish] = count
        self._taken.add(name)
        return name


def safe_name(name: str) -> str:
    """The name of an input as a parameter: Python's keywords get a trailing underscore."""
    return f"{name}_" if keyword.iskeyword(name) else name


def safe_names(names: Sequence[str]) -> dict[str, str]:
    """The parameter of each input: a keyword gets underscores until no other has its name."""
    found: dict[str, str] = {}
    for name in names:
        parameter = safe_name(name)
        while parameter != name and parameter in names:
            parameter += "_"
        found[name] = parameter
    return found
