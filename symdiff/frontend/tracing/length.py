"""A named dimension as a number of the user's code."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NoReturn

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.graph.shape import Dim

_LOOP = (
    'give the length as a number, as in --shape "x: 100", or write the loop as an operation on '
    "arrays, or with sd.fori or sd.scan"
)


class Length:
    """A named dimension as a number of the user's code: it can be computed with, not asked for."""

    __slots__ = ("dim", "recording")

    def __init__(self, trace: Recorder, dim: Dim) -> None:
        self.recording = trace
        self.dim = dim

    @property
    def current(self) -> Recorder:
        """The innermost trace: inside of a gradient, that of the function in there."""
        return active() or self.recording

    def _with(self, other: Any, operation: Callable[[Any, Any], Any], name: str) -> Any:
        if isinstance(other, Length):
            return self.recording.length(operation(self.dim, other.dim))
        if type(other) is int:
            return self.recording.length(operation(self.dim, other))
        return self.current.operator(name, self, other)

    def __add__(self, other: Any) -> Any:
        return self._with(other, operator.add, "add")

    def __radd__(self, other: Any) -> Any:
        return self + other if type(other) is int else self.current.operator("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, operator.sub, "subtract")

    def __rsub__(self, other: Any) -> Any:
        return (
            -self + other if type(other) is int else self.current.operator("subtract", other, self)
        )

    def __mul__(self, other: Any) -> Any:
        return self._with(other, operator.mul, "multiply")

    def __rmul__(self, other: Any) -> Any:
        return (
            self * other if type(other) is int else self.current.operator("multiply", other, self)
        )

    def __neg__(self) -> Any:
        return self.recording.length(-self.dim)

    def __pos__(self) -> Any:
        return self

    def __truediv__(self, other: Any) -> Any:
        return self.current.operator("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.current.operator("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return self.current.operator("power", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.current.operator("power", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self.current.operator("floor_divide", self, other)

    def __mod__(self, other: Any) -> Any:
        return self.current.operator("remainder", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self.current.operator("floor_divide", other, self)

    def __rmod__(self, other: Any) -> Any:
        return self.current.operator("remainder", other, self)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __abs__(self) -> Any:
        return self.current.call("absolute", self)

    def _whole(self, *_: Any) -> Any:
        """What rounding gives: itself."""
        return self

    __round__ = __floor__ = __ceil__ = __trunc__ = _whole

    # --- NumPy's protocols -------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self.current.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.current.function(func, args, kwargs)

    # --- what must be known now --------------------------------------------------------------

    def _refuse(self, advice: str) -> NoReturn:
        self.current.refuse(
            f"the length {self.dim} is known only when the emitted function runs", advice
        )

    def _difference(self, other: Any) -> int:
        """This length minus another, where that is the same for every input."""
        if isinstance(other, Length) or type(other) is int:
            difference = self.dim - (other.dim if isinstance(other, Length) else other)
            if isinstance(difference, int):
                return difference
        return self._refuse("give the length as a number, or write np.where or np.maximum")

    def __eq__(self, other: object) -> bool:
        return self._difference(other) == 0

    def __ne__(self, other: object) -> bool:
        return self._difference(other) != 0

    def __lt__(self, other: Any) -> bool:
        return self._difference(other) < 0

    def __le__(self, other: Any) -> bool:
        return self._difference(other) <= 0

    def __gt__(self, other: Any) -> bool:
        return self._difference(other) > 0

    def __ge__(self, other: Any) -> bool:
        return self._difference(other) >= 0

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        self._refuse("give the length as a number")

    def refuse_loop(self) -> NoReturn:
        """Refuse a loop of so many steps that Python would carry out."""
        self._refuse(_LOOP)

    def __index__(self) -> int:
        self.refuse_loop()

    def __int__(self) -> int:
        self._refuse("leave int(...) out: a length is a whole number already")

    def __float__(self) -> float:
        self._refuse("write 1.0*n in the place of float(n), and np.sqrt or np.log for math's")

    def __repr__(self) -> str:
        return str(self.dim)
