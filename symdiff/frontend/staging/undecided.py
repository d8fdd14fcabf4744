"""Values that there are none of: what is done with them is refused, where it is done."""

from __future__ import annotations

from typing import Any, NoReturn

from symdiff.errors import Span, UnsupportedError
from symdiff.frontend.tracing.places import span_here
from symdiff.frontend.tracing.running import active


class Undecided:
    """A variable that the two ways of a branch leave as things that cannot be selected between.

    Nothing can be done with it: whatever asks for something is refused, with both places.
    Whether it is some object can be told: it is what either way has left.

    Args:
        message: why there is no such value.
        span: where the branch stands.
        ways: the condition of the branch, what its first way leaves, and what the other leaves;
            `None` where that is not known.
    """

    advice = "give it one kind of value in both ways"

    def __init__(
        self, message: str, span: Span | None, ways: tuple[Any, Any, Any] | None = None
    ) -> None:
        self._message = message
        self._span = span
        self._ways = ways

    def after(self, condition: Any, a: Any, b: Any) -> Undecided:
        """What one more branch leaves, of which this is what a way has left."""
        return Undecided(self._message, self._span, (condition, a, b))

    def ways(self) -> tuple[Any, Any, Any]:
        """The condition, and what both ways leave."""
        return self.refuse() if self._ways is None else self._ways

    def refuse(self, how: str = "") -> NoReturn:
        """Refuse what is done with it, said with its place by default."""
        error = refusal(self, how or self._read_here())
        trace = active()
        raise error if trace is None else trace.noted(error)

    def _read_here(self) -> str:
        here, branch = span_here(), self._span
        if here is None or branch is None or here.file != branch.file or here.line == branch.line:
            return ""
        return f"is read in line {here.line}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.refuse()


def _refusing(self: Undecided, *_: Any, **__: Any) -> NoReturn:
    self.refuse()


for _name in (
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul "
    "rmatmul and rand or ror xor rxor neg pos abs invert lt le gt ge eq ne bool float int index "
    "len iter getitem setitem call contains str repr format array array_ufunc array_function hash "
    "enter next round"
).split():
    setattr(Undecided, f"__{_name}__", _refusing)


def refusal(value: Undecided, how: str) -> UnsupportedError:
    """Why there is no such value, with the place of the branch, and how it is asked for."""
    return UnsupportedError(
        f"{value._message}, and {how}" if how else value._message,
        span=value._span,
        suggestion=value.advice,
    )
