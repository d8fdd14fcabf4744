"""Selection between what two ways of a branch leave: numbers, arrays, and structures of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.frontend.staging.attributes import held_by, with_attributes
from symdiff.frontend.staging.texts import LateText, either_text
from symdiff.frontend.staging.undecided import Undecided
from symdiff.frontend.tracing.array import (
    PYTHONS,
    TRACERS,
    ArrayTracer,
    EitherTracer,
    NumberTracer,
    buffered,
)
from symdiff.frontend.tracing.chosen import choose
from symdiff.frontend.tracing.lists import ListTracer, listed
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.scalars import as_python
from symdiff.frontend.tracing.storage import Selected
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import tuple_of

_PLAIN = (str, bytes, type(None), range, slice, complex, frozenset, type(Ellipsis))
_FLAT = (int, float, bool)
_TEXTS = (str, LateText)


class Unset:
    """What stands for a variable that is not bound."""

    def __repr__(self) -> str:
        return "<not set>"


UNSET = Unset()


class Unsure:
    """What a variable holds that the steps of a loop set, of which there may have been none.

    Attributes:
        name: of the variable.
        value: what the last step has left.
        never: where there was no step.
    """

    def __init__(self, name: str, value: Any, never: Any) -> None:
        self.name, self.value, self.never = name, value, never


def merged(trace: Recorder, condition: Tracer, a: Any, b: Any, name: str = "") -> Any:
    """`a` where the condition holds, else `b`; `Undecided` where there is no such value.

    Args:
        trace: takes the lines.
        condition: a truth that is known when the emitted function runs.
        a: what the way has made that is taken where it holds.
        b: what the other has made.
        name: what the user calls it.
    """
    return Merging(trace, condition).of(a, b, name)


def decided(value: Any, how: str = "") -> Any:
    """The value, which is refused where there is none: a text may still be that of an error."""
    if isinstance(value, Undecided) and type(value) is not LateText:
        value.refuse(how)
    return value


class Merging:
    """A selection between all that two ways leave: what stands in two places is one value in both.

    Attributes:
        trace: takes the lines.
        condition: where the first way is taken.
        ways: the ways, which have ended; what was made in one of them is not known elsewhere.
    """

    def __init__(self, trace: Recorder, condition: Tracer, ways: Sequence[object] = ()) -> None:
        self.trace = trace
        self.condition = condition
        self.ways = ways
        self._name = ""
        self._done: dict[tuple[int, int], Any] = {}
        self._partners: dict[tuple[str, int], int] = {}

    def of(self, a: Any, b: Any, name: str = "") -> Any:
        """`a` where the condition holds, else `b`."""
        self._name = name or self._name
        key = id(a), id(b)
        if key not in self._done:
            self._done[key] = self._made(a, b)
        return self._done[key]

    def _is_apart(self, a: Any, b: Any) -> bool:
        """Whether two that are changed in place stand for each other wherever they are met."""
        mine = self._partners.setdefault(("a", id(a)), id(b))
        theirs = self._partners.setdefault(("b", id(b)), id(a))
        return mine == id(b) and theirs == id(a)

    def _made(self, a: Any, b: Any) -> Any:
        if a is b:
            return a
        if type(a) in _TEXTS and type(b) in _TEXTS:
            return self._text(a, b)
        if isinstance(a, Undecided) or isinstance(b, Undecided):
            one = a if isinstance(a, Undecided) else b
            return one.after(self.condition, a, b)
        if a is UNSET or b is UNSET:
            return self._undecided("is set in one way only")
        if isinstance(a, Unsure) or isinstance(b, Unsure):
            return self._unsure(a, b)
        if is_number(a) and is_number(b):
            return self._selected(a, b)
        kind = type(a)
        if kind is not type(b):
            kinds = f"is {_shown(a)} in one way and {_shown(b)} in the other"
            return self._undecided(kinds, a, b)
        if kind is ListTracer and a.depth == b.depth:
            rows = self._selected(a.rows, b.rows)
            return rows if isinstance(rows, Undecided) else listed(rows, a.depth)
        if isinstance(a, _PLAIN):
            return a if a == b else self._undecided(f"is {a!r} in one way and {b!r} in the other")
        if isinstance(a, tuple) and len(a) == len(b):
            parts = [self.of(x, y) for x, y in zip(a, b, strict=True)]
            held = {
                name: self.of(value, vars(b).get(name, UNSET))
                for name, value in getattr(a, "__dict__", {}).items()
            }
            return tuple_of(kind, parts, held)
        if not self._is_apart(a, b):
            return self._undecided("is also another variable in one way, and not in the other")
        made = self._container(kind, a, b)
        if made is not None:
            return self._chosen(made, a, b)
        return self._undecided(f"is {_shown(a)} in both ways, of two sizes or contents")

    def _text(self, a: Any, b: Any) -> Any:
        """One of two texts, which the message of an error may be."""
        texts = [text if type(text) is str else "…" for text in (a, b)]
        if texts[0] == texts[1] != "…":
            return a
        why = self._undecided("is {!r} in one way and {!r} in the other".format(*texts))
        return either_text(self.trace, self.condition, a, b, why)

    def _unsure(self, a: Any, b: Any) -> Any:
        """What may not be set in one of the ways."""
        call, values, found = self.trace.call, [], None
        for way, condition in ((a, self.condition), (b, call("logical_not", self.condition))):
            values.append(way.value if isinstance(way, Unsure) else way)
            if isinstance(way, Unsure):
                never = call("logical_and", condition, way.never)
                found = never if found is None else call("logical_or", found, never)
        value = self._made(*values)
        return value if isinstance(value, Undecided) else Unsure(self._name, value, found)

    def _container(self, kind: type, a: Any, b: Any) -> Any:
        """A list, a dict or an object with what both hold; `None` where they are not alike."""
        if kind is list and len(a) == len(b):
            return [self.of(x, y) for x, y in zip(a, b, strict=True)]
        if kind is dict and list(a) == list(b):
            return {key: self.of(a[key], b[key]) for key in a}
        mine, theirs = held_by(a), held_by(b)
        if mine is None or theirs is None or mine.keys() != theirs.keys():
            return None
        name, held = self._name, {}
        for key in mine:
            held[key] = self.of(mine[key], theirs[key], f"{name}.{key}")
        self._name = name
        return with_attributes(kind, held)

    def _chosen(self, made: Any, a: Any, b: Any) -> Any:
        """What was chosen: of two that were made in the ways themselves, one that is made here."""
        fresh, ways = self.trace.fresh, self.trace.ways
        if ways and all(fresh.get(id(x), (None, None))[1] in self.ways for x in (a, b)):
            fresh[id(made)] = made, ways[-1]
        return choose(self.trace, made, (a, b))

    def _undecided(self, what: str, *ways: Any) -> Undecided:
        name = f"'{self._name}'" if self._name else "a value"
        message = f"{name} {what} of a branch that depends on values"
        return Undecided(
            message, self.trace.place(), (self.condition, ways[0], ways[1]) if ways else None
        )

    def _selected(self, a: Any, b: Any) -> Any:
        """A number or an array selected by the condition."""
        if _is_same(a, b):
            return a
        shapes = _shape(a), _shape(b)
        if shapes[0] != shapes[1]:
            return self._undecided(
                "has the shape {} in one way and {} in the other".format(*map(_shape_text, shapes))
            )
        kinds = _kind(a), _kind(b)
        if (kinds[0] == "b") != (kinds[1] == "b") or (shapes[0] and kinds[0] != kinds[1]):
            return self._undecided("is of two kinds of numbers in the two ways")
        found = self.trace.call("where", self.condition, a, b)
        if is_tracer(found):
            found = self._of_array(found, a, b)
            if self._name:
                self.trace.name(found, self._name)
        classes = python_class(a), python_class(b)
        if None not in classes:
            wide = float if float in classes else classes[0]
            if EitherTracer in (type(a), type(b)) or set(classes) == {int, float}:
                wide = EitherTracer
            return as_python(found, wide) if wide in PYTHONS else found
        return found

    def _of_array(self, found: Any, a: Any, b: Any) -> Any:
        """What `np.where` makes, which is always an array, as what was chosen between."""
        arrays = [x for x in (a, b) if _is_array(x)]
        if not arrays:
            return buffered(self.trace, found.content, found.dtype)
        if all(type(x) is ArrayTracer for x in arrays):
            choose(self.trace, found.storage.buffer, [x.storage.buffer for x in arrays])
            return found
        return ArrayTracer(self.trace, Selected(self.trace, found.content, found.dtype))


def is_tracer(value: Any) -> bool:
    """Whether a value stands for one that is known when the emitted function runs."""
    return type(value) in TRACERS


def is_number(value: Any) -> bool:
    """Whether a value is a number or an array of them."""
    if type(value) in TRACERS or type(value) in _FLAT or type(value) is complex:
        return True
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return kind != "" and kind in "biufc" and type(value).__module__ == "numpy"


def python_class(value: Any) -> Any:
    """The class of a number of Python's; `None` for NumPy's."""
    kind = type(value)
    if kind in _FLAT:
        return kind
    return kind.kind if issubclass(kind, NumberTracer) else None


def _is_array(value: Any) -> bool:
    return type(value) is ArrayTracer or type(value).__name__ == "ndarray"


def _kind(value: Any) -> str:
    """`b` for truths, `i` for integers, `f` for floats."""
    known = {bool: "b", int: "i", float: "f"}.get(python_class(value))
    kind = known or value.dtype.kind
    return "i" if kind == "u" else str(kind)


def _shape(value: Any) -> Sequence[Any]:
    if type(value) in TRACERS:
        return tuple(value.content.shape)
    return tuple(getattr(value, "shape", ()))


def _shape_text(shape: Sequence[Any]) -> str:
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def _is_same(a: Any, b: Any) -> bool:
    """Whether two numbers that are known are one, to the sign of a zero."""
    return type(a) is type(b) and type(a) in _FLAT and repr(a) == repr(b)


def _shown(value: Any) -> str:
    if is_number(value):
        return "an array" if type(value) is ArrayTracer or _shape(value) else "a number"
    return "None" if value is None else f"a {type(value).__name__}"
