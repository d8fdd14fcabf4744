"""Ways of a function: a trace along each way that its calls take, where both cannot be kept.

What a branch on values does may be out of sight (there is no source), or nothing that could be
selected between. Then a call is traced along the way that its values take: each decision is kept as
a check of the emitted function, and a call that decides otherwise is traced anew.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symdiff.comparison import Comparison
from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.tracing.function import TracedFunction
from symdiff.frontend.tracing.guards import OTHERWISE
from symdiff.frontend.tracing.trace import Trace
from symdiff.graph.nested import found_length, lengths_of, node_with_lengths
from symdiff.graph.node import CONSTANT, EXTENT, INPUT, Node
from symdiff.graph.shape import substituted
from symdiff.verbs import Verb

MOST_WAYS = 16  # that are kept of one function for arguments of one kind
_ANEW = "is traced along the way that each call takes, and anew where one decides otherwise"
_SLOW = "and calls that take a new one are slow; np.where(condition, a, b) makes one of two"
_WARNED: set[tuple[str, str, int, str]] = set()  # functions, places and what they were told


@dataclass(frozen=True, slots=True)
class Deciding:
    """How a call is traced along the way that its values take.

    Attributes:
        on_masks: whether masks are those of the values too.
        on_counts: whether what `int` and `round` make of a value is that of the call too.
        is_kept: whether decisions are checks of the emitted function.
    """

    on_masks: bool = False
    on_counts: bool = False
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A compiled trace.

    Attributes:
        traced: the function.
        compiled: the emitted function, of the leaves of the arguments.
        packed: puts the flat result into the structure of the arguments.
        wrt: names of the inputs that it is differentiated by.
        extra: names of the inputs behind those of the function.
        body: `compiled` without its checks, where all inputs are arrays of float64.
        arrays: class, shape and type of each input, as arrays have them.
        comparison: with the function itself, where arrays are wrapped.
    """

    traced: TracedFunction
    compiled: Callable[..., Any]
    packed: Callable[[Any], Any] | None
    wrt: tuple[str, ...]
    extra: tuple[str, ...]
    body: Callable[..., Any] | None
    arrays: list[Any]
    comparison: Comparison | None

    @property
    def guards(self) -> Sequence[str]:
        """What is said where a call decides otherwise, of a trace along one way."""
        return self.traced.guards

    @property
    def of_last_call(self) -> Entry:
        """The trace along the way that the last call took, or itself."""
        found: Entry = self.compiled.entries[0] if isinstance(self.compiled, Ways) else self
        return found

    def result(self, values: Sequence[Any]) -> Any:
        """The result of a call with such leaves, in its structure."""
        result = self.compiled(*values)
        return result if self.packed is None else self.packed(result)

    def takes(self, args: Sequence[Any]) -> bool:
        """Whether arguments are the arrays that `body` takes."""
        try:
            return [(x.__class__, x.shape, x.dtype) for x in args] == self.arrays
        except AttributeError:
            return False

    def is_current(self) -> bool:
        """Whether what the function reads beside its arguments is as it was."""
        return self.traced.environment.is_unchanged()

    def refuse_strange(self, verb: Verb, count: int) -> None:
        """Refuse a number of vectors that the function does not take."""
        if count != len(self.extra):
            wanted, names = len(self.extra), ", ".join(self.extra)
            raise ShapeError(
                f"{verb.name} wants {wanted} vector{'s' * (wanted > 1)} ({names}), "
                f"and {count} {'was' if count == 1 else 'were'} given"
            )


class Values:
    """The values of lines in one call, each computed when it is asked for.

    Args:
        trace: whose lines.
        given: by name, the numbers and arrays of the call.
    """

    def __init__(self, trace: Trace, given: Mapping[str, Any]) -> None:
        from symdiff.verify.libraries import Floats, Numbers

        self._trace = trace
        self._given = given
        shapes = [getattr(value, "shape", ()) for value in given.values()]
        self._domain = Floats() if any(shapes) else Numbers()
        self._known: dict[int, Any] = {}
        self._lengths: dict[str, int] = {}  # those of extents that are known

    def __call__(self, position: int) -> Any:
        """The value of a line.

        Raises:
            SymdiffError: where a line has none that is computed here.
        """
        import numpy as np

        with np.errstate(all="ignore"):
            try:
                for at in self._needed(position):
                    self._known[at] = self._value(at)
            except (ArithmeticError, ValueError) as error:  # of a library: a singular matrix
                raise UnsupportedError(f"a decision is not computed: {error}") from None
        return self._known[position]

    def _needed(self, position: int) -> list[int]:
        """The lines that a line needs and that are not known, in their order."""
        nodes, found, pending = self._trace.builder.nodes, set(), [position]
        while pending:
            at = pending.pop()
            if at not in found and at not in self._known:
                found.add(at)
                pending += [*nodes[at].args, *self._extents_of(nodes[at])]
        return sorted(found)

    def _extents_of(self, node: Node) -> list[int]:
        """The lines that give lengths of a line their numbers."""
        names = set().union(*[length.names for length in lengths_of(node)])
        if not names or node.op == EXTENT:
            return []
        nodes = self._trace.builder.nodes
        return [at for at, other in enumerate(nodes) if found_length(other) in names]

    def _value(self, at: int) -> Any:
        nodes = self._trace.builder.nodes
        node = nodes[at]
        if node.op == CONSTANT:
            return self._domain.constant(self._sized(node))
        if node.op == INPUT:
            large, name = self._trace.large.inputs, node.params[0]
            if at not in large and name not in self._given:
                raise UnsupportedError(
                    "a decision depends on a value of the function around",
                    span=self._trace.place(),
                    suggestion="pass it to the function in there as an argument",
                )
            return self._domain.given(node, large[at] if at in large else self._given[name])
        args = [self._known[k] for k in node.args]
        if node.op == EXTENT:
            self._lengths[found_length(node)] = int(args[0])
            return args[0]
        shapes = [self._sized(nodes[k]).shape for k in node.args]
        return self._domain.function(self._sized(node), shapes)(*args)

    def _sized(self, node: Node) -> Node:
        """A line with numbers for its lengths."""
        return node_with_lengths(node, lambda length: substituted(length, self._lengths))


def as_raised(
    error: Exception,
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> Exception:
    """An error of a function that is traced, or of what is emitted, as the function raises it.

    It says the numbers of the call, and may be of a class of the user's; else it stays as it is.
    """
    with contextlib.suppress(Exception):
        try:
            function(*args, **kwargs)
        except type(error) as own:
            return own
    return error


def deciding(values: Sequence[Any], how: Deciding, trace: Trace, names: Sequence[str]) -> Values:
    """What decides in a trace along the way that values take."""
    trace.decides_masks, trace.decides_counts = how.on_masks, how.on_counts
    trace.keeps_guards = how.is_kept
    return Values(trace, dict(zip(names, values, strict=False)))  # vectors stand behind


class Ways:
    """A function along the ways that its calls take, called with the leaves of the arguments.

    Args:
        name: of the function.
        make: compiles a trace along the way that such leaves take.
        how: what it decides on.
        first: the trace of the first call.
        refused: why both ways of each branch are not kept.

    Attributes:
        entries: one for each way, the last one that was taken first.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[Deciding, Sequence[Any]], Entry],
        how: Deciding,
        first: Entry,
        refused: SymdiffError,
    ) -> None:
        self._name = name
        self._make = make
        self._how = how
        self._refused = refused
        self.entries: list[Entry] = [first]

    def __call__(self, *values: Any) -> Any:
        """The result, packed."""
        self.entries = [entry for entry in self.entries if entry.is_current()]
        for entry in [*self.entries]:
            is_taken, result = _result(entry, values)
            if is_taken:
                self.entries = [entry, *[other for other in self.entries if other is not entry]]
                return result
        if len(self.entries) == MOST_WAYS:
            warn(self._name, self._refused, f"takes more than {MOST_WAYS} ways, {_SLOW}")
        made = self._make(self._how, values)
        is_taken, result = _result(made, values)
        if is_taken or not self.entries:
            self.entries = [made, *self.entries][:MOST_WAYS]
        return result if is_taken else self._alone(values)

    def _alone(self, values: Sequence[Any]) -> Any:
        """The result of a trace for these values alone.

        The emitted function may decide otherwise than its trace, by a rounding error: whether an
        iteration has come to its end hangs on the last bit. What the trace has decided holds.
        """
        return _result(self._make(replace(self._how, is_kept=False), values), values)[1]


def _result(entry: Entry, values: Sequence[Any]) -> tuple[bool, Any]:
    """Whether a trace is along the way that values take, and then the result."""
    try:
        return True, entry.result(values)
    except OTHERWISE as error:
        if str(error) in entry.guards:
            return False, None
        raise


def warn(name: str, error: SymdiffError, what: str = _ANEW) -> None:
    """Tell the user, once, that a function is traced along the ways that its calls take.

    Args:
        name: of the function.
        error: why.
        what: is said of it.
    """
    span = error.span
    file, line = (span.file, span.line) if span is not None else (name, 1)
    if (name, file, line, what) in _WARNED:
        return
    _WARNED.add((name, file, line, what))
    warnings.warn_explicit(f"{name} {what}: {error.message}", UserWarning, file, line)
