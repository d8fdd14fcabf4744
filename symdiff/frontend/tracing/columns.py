"""Columns of a data frame, by name: what is traced in the place of the frame.

A column is an array without labels. What pandas computes of whole frames goes along labels and
column by column, and is refused.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.surface import OF_SIGNS
from symdiff.frontend.tracing.values import numpy


class Columns(dict[Any, Any]):
    """The columns, as a frame has them: its length is that of a column.

    Attributes are columns too, where no method has their name.
    """

    def __getitem__(self, key: Any) -> Any:
        """A column; of a list of names, these columns."""
        if isinstance(key, list):
            return Columns({name: self[name] for name in key})
        try:
            return dict.__getitem__(self, key)
        except (KeyError, TypeError):
            listed = ", ".join([repr(name) for name in self])
            _refuse(f"a frame with the columns {listed} has none by this key")

    def __getattr__(self, name: str) -> Any:
        if name not in self and hasattr(sys.modules["pandas"].DataFrame, name):
            _refuse(f"'{name}' of a data frame is not supported")
        if name not in self:
            raise AttributeError(f"'DataFrame' object has no attribute '{name}'")
        return self[name]

    def _written(self, *_: Any, **__: Any) -> NoReturn:
        _refuse("a data frame is written into", "make a dict of its columns: d = dict(frame)")

    __setitem__ = __delitem__ = __ior__ = _written
    update = pop = popitem = setdefault = clear = _written

    def copy(self) -> Columns:
        """The same columns."""
        return Columns(self)

    def __len__(self) -> int:
        return int(self.shape[0])

    @property
    def shape(self) -> tuple[Any, int]:
        """The number of rows and that of columns."""
        first = next(iter(dict.values(self)))
        return first.shape[0], dict.__len__(self)

    @property
    def columns(self) -> list[Any]:
        """The names."""
        return list(self)

    def to_numpy(self) -> Any:
        """The columns side by side in an array of two axes."""
        return numpy().stack(list(dict.values(self)), axis=1)

    @property
    def values(self) -> Any:
        """The columns side by side in an array of two axes."""
        return self.to_numpy()

    def __array_ufunc__(self, ufunc: Any, *_: Any, **__: Any) -> NoReturn:
        _refuse(f"'{ufunc.__name__}' of a whole data frame is not supported")

    def __array_function__(self, function: Any, *_: Any, **__: Any) -> NoReturn:
        _refuse(f"'{function.__name__}' of a whole data frame is not supported")


def _refuse(message: str, advice: str | None = None) -> NoReturn:
    advice = advice or "take its columns, frame['x'], or its array, frame.to_numpy()"
    running = active()
    if running is None:
        raise UnsupportedError(message, suggestion=advice)
    running.refuse(message, advice)


def _operator(name: str) -> Any:
    def refused(*_: Any) -> NoReturn:
        _refuse(f"'{name}' of a whole data frame is not supported")

    return refused


for _sign, _name in OF_SIGNS.items():
    setattr(Columns, f"__{_sign}__", _operator(_name))
