"""Arrays of which the first and the last column alone are known: how many there are is not."""

from __future__ import annotations

from typing import Any, NoReturn

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active

_ADVICE = (
    "give t_eval, or take the state at the end: .y[:, -1], and .t[-1]; .y[:, 0] is the beginning"
)
_OPERATORS = (
    "add radd sub rsub mul rmul truediv rtruediv pow rpow matmul rmatmul neg abs lt le gt ge "
    "len iter array float"
).split()


class Ends:
    """What stands for SciPy's `t` and `y` where the times are chosen by the solver.

    Args:
        first: what the first column holds.
        last: what the last one holds.
        at: the axis of the columns, 0 of times and 1 of states.
    """

    def __init__(self, first: Any, last: Any, at: int) -> None:
        self._columns = {0: first, -1: last}
        self._at = at

    def __getitem__(self, key: Any) -> Any:
        """The first or the last column, or elements of it."""
        keys = key if isinstance(key, tuple) else (key,)
        if self._at and (len(keys) == 1 or keys[1:] == (slice(None),)):
            return self._row(keys[0])
        before, column = keys[:-1], keys[-1]
        wanted = self._columns.get(column) if type(column) is int else None
        if wanted is None or len(before) > 1 or (before == (...,) and not self._at):
            self._refuse()
        return wanted[before[0]] if before else wanted

    def _row(self, key: Any) -> Ends:
        """One row, or some: `y[0][-1]`."""
        if not isinstance(key, (int, slice)):
            self._refuse()
        first, last = (column[key] for column in self._columns.values())
        return Ends(first, last, 0 if isinstance(key, int) else 1)

    @property
    def T(self) -> Any:  # noqa: N802  NumPy's own
        """Rows for columns: `y.T[-1]`."""
        return _Rows(self._columns[0], self._columns[-1], 0) if self._at else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_given: Any, **_more: Any) -> NoReturn:
        trace: Recorder | None = active()
        message = "solve_ivp chooses as many times as the values need"
        if trace is None:
            raise TypeError(f"{message}: {_ADVICE}")
        trace.refuse(message, _ADVICE)


class _Rows(Ends):
    """The same with the columns as rows."""

    def __getitem__(self, key: Any) -> Any:
        keys = key if isinstance(key, tuple) else (key,)
        column = super().__getitem__(keys[0])
        return column[keys[1:]] if keys[1:] else column


for _name in _OPERATORS:
    setattr(Ends, f"__{_name}__", Ends._refuse)
