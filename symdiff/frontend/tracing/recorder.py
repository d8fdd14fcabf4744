"""Protocol of a recorder: what tracers, and what works on them, need of the trace that runs.

A trace is one; it stands above all of them, so none of them knows its class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FrameType
from typing import Any, NoReturn, Protocol

from symdiff.errors import Span, SymdiffError
from symdiff.frontend.loops import Loops, Told
from symdiff.graph.shape import Dimension
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle


class ArrayAccess(Protocol):
    """Reads and writes of arrays."""

    def read(self, array: Any, key: Any) -> Any:
        """`array[key]`."""

    def key(self, key: Any) -> Any:
        """An index as lowerings take it."""

    def write(self, array: Any, key: Any, value: Any) -> None:
        """`array[key] = value`."""

    def update(self, name: str, array: Any, other: Any) -> Any:
        """`array += other` and its like."""

    def at(self, name: str, array: Any, key: Any, value: Any = None) -> None:
        """`np.add.at(array, key, value)`."""

    def stored(self, target: Any, result: Any) -> Any:
        """`out=`."""

    def carried(self, buffer: Any, new: Handle) -> None:
        """An array holds what a loop has carried to its end."""

    def common_shape(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The shape that arrays have together."""

    def refuse_unseen_write(self) -> None:
        """Refuse where the user's expression writes into an array of NumPy's own."""

    def refuse_outside(self) -> NoReturn:
        """Refuse a write of something symbolic into an array of NumPy's own."""


class Provenance(Protocol):
    """How concrete arrays were made."""

    def made(self, array: Any, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        """Keep the call of NumPy that made an array of numbers alone."""

    def computed(
        self, result: Any, name: str, args: Sequence[Any], keywords: Mapping[str, Any]
    ) -> None:
        """Keep how NumPy computed an array of others."""

    def read(self, result: Any, make: Callable[[], Handle]) -> None:
        """Keep how an array was read from another."""


class UserCode(Protocol):
    """The user's code, which says where it stands."""

    def span(self) -> Span | None:
        """The place of the expression that is being evaluated."""

    def name(self) -> str | None:
        """The variable that its value is going to be stored in, where that is so."""

    def unpacked(self) -> tuple[str | None, ...]:
        """The variables that the sequence which is being unpacked goes to."""

    def caught(
        self, entry: FrameType | None, raised: Sequence[type]
    ) -> tuple[str, Span | None] | None:
        """What a handler around it catches of some errors, and the place in that."""


class Recorder(Protocol):
    """The trace that runs.

    Attributes:
        builder: takes the lines.
        names: those of the arguments.
        libraries: the packages of arrays with labels, which are traced as arrays, that take part.
        is_paused: whether calls are NumPy's own business for the moment.
        suppressed: what the context managers that are entered catch.
        refused: the first refusal.
        has_ended: whether the function that is traced has returned.
        code: the user's code, which says the places of lines.
        entry: the frame that runs the function.
        ways: the ways of branches on values that are being traced, the outermost first.
        fresh: by identity, the containers that were made in a way, with the way.
        chosen: by identity, the containers that branches have chosen, in groups.
        classes: those of the user's whose operators and properties are staged.
        step: the step of a loop that the lines are, `None` for none.
        loops: what is asked of the program's loops.
        told: what became of them, in their order.
        unrolled: by the code of loops that are unrolled, why.
        rolled: the code of loops that have been traced as one line.
        decide: the value of a line in the call whose way is traced; `None` where both ways are.
        decides_masks: whether masks are decided on then too.
        decides_counts: whether what `int` and `round` make of a value is decided on then too.
        keeps_guards: whether decisions are checks of what is emitted then.
        guards: what is said where another call decides otherwise.
        extents: numbers of a loop's steps as named dimensions.
        lifted: tracers of an outer trace, with the inputs that they have here.
    """

    builder: Builder
    names: set[str]
    libraries: set[str]
    is_paused: bool
    suppressed: list[str]
    refused: SymdiffError | None
    has_ended: bool
    code: UserCode
    entry: FrameType | None
    ways: list[Any]
    fresh: dict[int, tuple[Any, Any]]
    chosen: dict[int, Any]
    classes: set[type]
    step: Any
    loops: Loops
    told: list[Told]
    unrolled: dict[CodeType, list[str]]
    rolled: set[CodeType]
    decide: Callable[[int], Any] | None
    decides_masks: bool
    decides_counts: bool
    keeps_guards: bool
    guards: list[str]
    extents: Any
    lifted: dict[int, tuple[Any, int]]

    @property
    def memory(self) -> ArrayAccess:
        """Reads and writes arrays."""

    @property
    def large(self) -> Provenance:
        """Knows how arrays were made."""

    # --- lines -------------------------------------------------------------------------------

    def handle(self, value: Any) -> Handle:
        """The line of a tracer or of anything else that is a number or an array."""

    def lift(self, value: Any) -> Handle:
        """A tracer of the trace around this one becomes an input here."""

    def constant(self, array: Any) -> Handle:
        """The line of a concrete array."""

    def plain(self, value: Any) -> Any:
        """An argument as a lowering takes it."""

    def length(self, value: Dimension) -> Any:
        """A length as the user's code sees it."""

    def of_numpy(self, array: Any) -> Any:
        """The tracer of a concrete array that nothing else holds."""

    def wrapped(self, result: Any, dtype: Any) -> Any:
        """What a lowering returned, as the user's code sees it."""

    def of_outside(self, array: Any) -> Any:
        """The tracer of an array of the environment, for its methods and indices."""

    # --- questions ---------------------------------------------------------------------------

    def is_symbolic(self, value: Any) -> bool:
        """Whether a value is symbolic: found only when the emitted function runs."""

    def holds_tracers(self, values: Any) -> bool:
        """Whether a tracer or a length is among the values."""

    # --- places and errors -------------------------------------------------------------------

    def place(self) -> Span | None:
        """The place of the user's expression that is being evaluated."""

    def placed(self, work: Callable[[], Any]) -> Any:
        """Do something; lines get the place and the name that the user's code gives them."""

    def guarded(self, work: Callable[[], Any], more: Sequence[type] = ()) -> Any:
        """Do something, as `placed`, that raises an error for some values."""

    def refuse_caught(self, more: Sequence[type] = ()) -> None:
        """Refuse work on values where a handler would catch what it raises for some of them."""

    def noted(self, error: SymdiffError) -> SymdiffError:
        """An error that is about to be raised inside of the user's code."""

    def refuse(self, message: str, suggestion: str | None = None) -> NoReturn:
        """Refuse what the user's expression asks for."""

    def refuse_strange(self, operands: Sequence[Any]) -> None:
        """Refuse what NumPy would make an object array of."""

    def attribute(self, value: Any, name: str) -> Any:
        """Refuse an attribute of NumPy's, but for the numbers in a wrapper."""

    def decided(self, value: Any) -> bool | None:
        """The truth of a value in the call whose way is traced; `None` where there is none."""

    def counted(self, value: Any) -> int | None:
        """A whole number as it is in the call whose way is traced; `None` where there is none."""

    @property
    def has_checks(self) -> bool:
        """Whether something may raise."""

    def passed(self, done: Handle) -> None:
        """Go on only where a line is there: a loop whose steps may raise."""

    def check(self, condition: Any, error: str, message: Any, values: Sequence[Any]) -> None:
        """Let the emitted function raise an error where a condition holds."""

    def name(self, value: Any, name: str) -> None:
        """Give a value the name that the user has for it."""

    # --- calls -------------------------------------------------------------------------------

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A function of NumPy on tracers."""

    def operator(self, name: str, *args: Any) -> Any:
        """An operator: what it does not know, Python tries the other way round."""

    def ufunc(self, ufunc: Any, method: str, inputs: Any, kwargs: Mapping[str, Any]) -> Any:
        """A universal function, or one of its methods."""

    def function(self, func: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """A function of NumPy that is no universal one."""

    def concrete_result(self, result: Any, values: Sequence[Any]) -> Any:
        """What NumPy returned for concrete arguments, as the user's code sees it."""

    def astype(self, value: Any, dtype: Any, *, copy: bool = True) -> Any:
        """An array in another type."""

    def copy(self, value: Any, kind: Any, *, in_c_order: bool) -> Any:
        """An array or a number of its own."""
