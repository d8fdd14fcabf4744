"""Names in Python: which are taken, and what stands for a keyword."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from keyword import kwlist

# Python's own functions that bodies call: nothing in a body has such a name
CALLED = frozenset(("len", "max", "min", "range", "reversed"))
_KEYWORDS = frozenset(kwlist)


class Names:
    """Hands out names that are not taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._numbered: dict[str, Iterator[str]] = {}  # by name, those with a number that are free

    def fresh(self, wish: str) -> str:
        """The name itself, with the first number that is free, or another sign after a keyword."""
        numbered = self._numbered.get(wish)
        if numbered is None:
            name = safe_name(wish)
            if name not in self._taken:
                self._taken.add(name)
                return name
            numbered = self._numbered[wish] = self._with_numbers(name)
        return next(numbered)

    def _with_numbers(self, name: str) -> Iterator[str]:
        """A name with the second and further numbers, each taken when it is asked for."""
        taken, stem = self._taken, name if len(name) == 1 else f"{name}_"
        for number in count(2):
            name = f"{stem}{number}"
            if name not in taken:
                taken.add(name)
                yield name


def safe_name(name: str) -> str:
    """The name of an input as a parameter: Python's keywords get a trailing underscore."""
    return f"{name}_" if name in _KEYWORDS else name


def safe_names(names: Sequence[str]) -> dict[str, str]:
    """The parameter of each input: a keyword gets underscores until no other has its name."""
    found: dict[str, str] = {}
    for name in names:
        parameter = safe_name(name)
        while parameter != name and parameter in names:
            parameter += "_"
        found[name] = parameter
    return found
