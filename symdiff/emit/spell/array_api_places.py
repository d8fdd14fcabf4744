"""Places in arrays of the array API: indices, and arrays with elements written at some places."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit.spell import numpy_arrays as arrays
from symdiff.emit.spell.base import ADDITIVE, ATOM, BIT_AND, Operand, Written
from symdiff.emit.spell.indices import index_parts
from symdiff.errors import UnsupportedError
from symdiff.graph.shape import Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.structural import Pattern


def of_namespace(text: str, *needs: str) -> Written:
    """A text that reads the namespace, and what else it needs."""
    return Written(text, needs=("xp", *needs))


def index(a: Sequence[Operand], pattern: Pattern) -> Written:
    """The pattern in full; one array of places by `take`, several where they are all there is."""
    x, *others = a
    places = [i for i in others if i.shape]
    if any(entry[0] == "slice" and entry[3] < 0 for entry in pattern):
        return _flipped(a, pattern)
    if not places:
        return Written(f"{x.primary}[{', '.join(_parts(pattern, x, others))}]")
    axes = [entry for entry in pattern if entry[0] != "new"]
    if len(places) == 1 and all(entry[0] in ("slice", "array") for entry in pattern):
        axis = next(k for k, entry in enumerate(axes) if entry[0] == "array")
        rest = _parts(pattern, x, [Operand(":", 0, ()) for _ in others])
        inner = x.text if set(rest) == {":"} else f"{x.primary}[{', '.join(rest)}]"
        text = f"_take(xp, {inner}, {places[0].text}, {axis})"
        return of_namespace(text, "_take")
    if all(entry[0] in ("int", "array") for entry in pattern):
        return Written(f"{x.primary}[{', '.join(_parts(pattern, x, others))}]")
    raise UnsupportedError("the target 'array-api' has no such places beside slices")


def _flipped(a: Sequence[Operand], pattern: Pattern) -> Written:
    """Slices go forwards, and what goes backwards is turned round after them."""
    if any(i.shape for i in a[1:]):
        raise UnsupportedError("the target 'array-api' has no such places beside slices")
    forwards = tuple(
        ("slice", entry[1] + (entry[2] - 1) * entry[3], entry[2], -entry[3])
        if entry[0] == "slice" and entry[3] < 0
        else entry
        for entry in pattern
    )
    kept = [entry for entry in pattern if entry[0] not in ("int", "array")]
    axes = tuple(k for k, entry in enumerate(kept) if entry[0] == "slice" and entry[3] < 0)
    axis = axes[0] if len(axes) == 1 else axes
    return of_namespace(f"xp.flip({index(a, forwards).text}, axis={axis})")


def _parts(pattern: Pattern, x: Operand, arrays: Sequence[Operand]) -> list[str]:
    return index_parts(pattern, x.shape, [i.text for i in arrays])


def put(a: Sequence[Operand], pattern: Pattern) -> Written:
    """An array with other elements at some places, as a new one."""
    x, v, *others = a
    if any(i.shape for i in others):
        return _at_places("_put_at", a, pattern)
    text = f"_put(xp, {x.text}, {_places(pattern, x, others)}, {v.text})"
    return of_namespace(text, "_put")


def put_add(a: Sequence[Operand], pattern: Pattern) -> Written:
    """An array with something added at some places, as a new one."""
    x, v, *others = a
    if any(i.shape for i in others):
        return _at_places("_add_at", a, pattern)
    zeros = Operand(f"xp.zeros_like({x.text})", ATOM, x.shape)
    written = put([zeros, v, *others], pattern)
    return Written(f"{x.beside(BIT_AND)} + {written.text}", ADDITIVE, written.needs)


def _at_places(name: str, a: Sequence[Operand], pattern: Pattern) -> Written:
    """At arrays of places: those in the whole array, counted."""
    x, v, *others = a
    order = Operand(f"_order(xp, kind, {shape_text(x.shape)})", ATOM, x.shape)
    places = index([order, *others], pattern)
    text = f"{name}(xp, {x.text}, {places.text}, {v.text})"
    return of_namespace(text, "kind", name, "_order", *places.needs)


def lengths_of_put(shapes: Sequence[Shape], pattern: Pattern) -> list[Dimension]:
    """Those of the whole array too, whose places are counted."""
    return [*arrays.lengths_of_index(shapes, pattern), *shapes[0]]


def _places(pattern: Pattern, x: Operand, arrays: Sequence[Operand]) -> str:
    return f"np.s_[{', '.join(_parts(pattern, x, arrays))}]"
