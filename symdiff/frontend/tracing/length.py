"""A named dimension as a number of the user's code."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from symdiff.frontend.tracing.running import active
from symdiff.graph.shape import Dim

if TYPE_CHECKING:
    from symdiff.frontend.tracing.trace import Trace


class Length:
    """A named dimension as a number of the user's code: it can be computed with, not asked for."""

    __slots__ = ("dim", "recording")

    def __init__(self, trace: Trace, dim: Dim) -> None:
        self.recording = trace
        self.dim = dim

    @property
    def current(self) -> Trace:
        """The innermost trace: inside of a gradient, that of the function in there."""
        return active() or self.recording

    def _with(self, other: Any, operation: Callable[[Any, Any], Any], name: str) -> Any:
        if isinstance(other, Length):
            return self.recording.length(operation(self.dim, other.dim))
        if type(other) is int:
            return self.recording.length(operation(self.dim, other))
        return self.current.call(name, self, other)

    def __add__(self, other: Any) -> Any:
        return self._with(other, operator.add, "add")

    def __radd__(self, other: Any) -> Any:
        return self + other if type(other) is int else self.current.call("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, operator.sub, "subtract")

    def __rsub__(self, other: Any) -> Any:
        return -self + other if type(other) is int else self.current.call("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, operator.mul, "multiply")

    def __rmul__(self, other: Any) -> Any:
        return self * other if type(other) is int else self.current.call("multiply", other, self)

    def __neg__(self) -> Any:
        return self.recording.length(-self.dim)

    def __pos__(self) -> Any:
        return self

    def __truediv__(self, other: Any) -> Any:
        return self.current.call("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.current.call("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return self.current.call("power", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.current.call("power", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self.current.call("floor_divide", self, other)

    def __mod__(self, other: Any) -> Any:
        return self.current.call("remainder", self, other)

    def _unknown(self, *_: Any) -> NoReturn:
        self.current.refuse(
            f"the length {self.dim} is known only when the emitted function runs",
            "give the length as a number, or write the loop as an operation on arrays",
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Length) and other.dim == self.dim:
            return True
        return self._unknown()

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]
    __index__ = __int__ = __float__ = __bool__ = _unknown
    __lt__ = __le__ = __gt__ = __ge__ = _unknown

    def __repr__(self) -> str:
        return str(self.dim)
