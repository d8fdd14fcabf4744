"""`a.flat`: the elements of an array in C's order, whatever its layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn


class Flat:
    """The elements of an array in C's order, to read and to write.

    Attributes:
        base: the array.
        index: how many elements `next` has read.
    """

    def __init__(self, base: Any) -> None:  # a tracer
        self.base = base
        self.index = 0

    def __getitem__(self, key: Any) -> Any:
        found = self.base.flatten()[key]
        return found.copy() if getattr(found, "ndim", 0) else found

    def __setitem__(self, key: Any, value: Any) -> None:
        import numpy as np

        if self.base.ndim == 1:
            self.base[key] = value
            return
        if hasattr(key, "recording"):  # a mask or places that depend on values
            changed = self.copy()
            changed[key] = value
            self.base[...] = changed.reshape(self.base.shape)
            return
        places = np.arange(self.base.size)[key]
        shape = self.base.shape
        self.base[np.unravel_index(places, shape) if shape else ()] = value

    def __len__(self) -> int:
        return int(self.base.size)

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(self.index, len(self)))  # each when its turn comes

    def __next__(self) -> Any:
        if self.index >= len(self):
            raise StopIteration
        self.index += 1
        return self[self.index - 1]

    @property
    def coords(self) -> tuple[int, ...]:
        """The place of the element that `next` reads; behind the last one at the end."""
        import numpy as np

        if not self.base.shape:
            return ()
        first, *others = self.base.shape
        return tuple(int(k) for k in np.unravel_index(self.index, (first + 1, *others)))

    def copy(self) -> Any:
        """A copy with one axis."""
        return self.base.flatten()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        plain = [value.copy() if type(value) is Flat else value for value in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        refuse: Callable[..., NoReturn] = self.base.current.refuse
        refuse("x.flat goes where tracing does not see it", "write x.ravel()")
