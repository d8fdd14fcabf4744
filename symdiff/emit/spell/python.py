"""Python's spellings: floats and `math`, arrays as nested lists, and no import of NumPy."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.emit.spell.base import (
    AND,
    ATOM,
    CONDITIONAL,
    ITSELF,
    NAME,
    NOT,
    OR,
    Helper,
    Operand,
    Spelling,
    Spellings,
    Written,
    helper,
    infix,
    prefix,
    written,
)
from symdiff.emit.spell.indices import index_text
from symdiff.emit.spell.math import MATH
from symdiff.emit.spell.operators import CHOSEN
from symdiff.errors import UnsupportedError
from symdiff.graph.shape import Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.contraction import parts
from symdiff.ops.structural import Pattern

LAMBDA = 1  # a precedence: it binds less tightly than all operators

# (operands that are numbers) -> the text of the operation on them
OnNumbers = Callable[[Sequence[Operand]], Operand]

EACH = '''def _each(f, *args):
    """A function of numbers, on nested lists element by element."""
    lists = [x for x in args if isinstance(x, list)]
    if not lists:
        return f(*args)
    return [
        _each(f, *[x[i] if isinstance(x, list) else x for x in args])
        for i in range(len(lists[0]))
    ]'''
BROADCAST = '''def _broadcast(x, shape, ndim):
    """An array of so many axes, repeated along new ones in front and along those of length 1."""
    if not shape:
        return x
    if len(shape) > ndim:
        return [_broadcast(x, shape[1:], ndim) for _ in range(shape[0])]
    parts = x if len(x) > 1 else [*x] * shape[0]
    return [_broadcast(part, shape[1:], ndim - 1) for part in parts]'''
FLAT = '''def _flat(x):
    """The numbers of nested lists, one after another."""
    return [y for part in x for y in _flat(part)] if isinstance(x, list) else [x]'''
FILLED = '''def _filled(numbers, shape):
    """Nested lists of a shape, of numbers that an iterator gives."""
    return [_filled(numbers, shape[1:]) for _ in range(shape[0])] if shape else next(numbers)'''
INDEXED = '''def _indexed(x, places):
    """The part at numbers and slices; None stands for a new axis."""
    if not places:
        return x
    place, rest = places[0], places[1:]
    if place is None:
        return [_indexed(x, rest)]
    if isinstance(place, slice):
        return [_indexed(part, rest) for part in x[place]]
    return _indexed(x[place], rest)'''
PUT = '''def _put(x, places, v, is_added):
    """A copy with something else, or something added, at numbers and slices."""
    if not places:
        return _each(lambda a, b: a + b, x, v) if is_added else v
    place, rest = places[0], places[1:]
    if place is None:
        return _put(x, rest, v[0], is_added)
    y = list(x)
    if isinstance(place, slice):
        for k, i in enumerate(range(len(x))[place]):
            y[i] = _put(x[i], rest, v[k], is_added)
    else:
        y[place] = _put(x[place], rest, v, is_added)
    return y'''
ALONG = '''def _along(f, x, axis, start):
    """A function of two numbers, from element to element along an axis."""
    if axis:
        return [_along(f, part, axis - 1, start) for part in x]
    total = x[0] if x else start
    for part in x[1:]:
        total = _each(f, total, part)
    return total'''
DOT = '''def _dot(x, y):
    """The sum of the products of two vectors."""
    return sum([a * b for a, b in zip(x, y)])'''
CONTRACT = '''def _contract(x, y, first, second, result):
    """The sum of products over the letters that only the arguments have."""
    lengths = {}
    for names, part in ((first, x), (second, y)):
        for name in names:
            lengths[name] = len(part)
            part = part[0] if part else []
    summed = [name for name in first if name in second and name not in result]

    def at(part, names, places):
        for name in names:
            part = part[places[name]]
        return part

    def filled(names, places):
        if names:
            steps = range(lengths[names[0]])
            return [filled(names[1:], {**places, names[0]: i}) for i in steps]
        return total(summed, places)

    def total(names, places):
        if names:
            steps = range(lengths[names[0]])
            return sum([total(names[1:], {**places, names[0]: i}) for i in steps])
        return at(x, first, places) * at(y, second, places)

    return filled(result, {})'''
JOINED = '''def _joined(axis, *args):
    """Lists one after the other along an axis."""
    if axis:
        return [_joined(axis - 1, *parts) for parts in zip(*args)]
    return [part for x in args for part in x]'''
COPIED = '''def _copied(x):
    """Lists of its own."""
    return [_copied(part) for part in x] if isinstance(x, list) else x'''

_HELPERS = (
    Helper(EACH),
    Helper(BROADCAST),
    Helper(FLAT),
    Helper(FILLED),
    Helper(INDEXED),
    Helper(PUT, ("_each",)),
    Helper(ALONG, ("_each",)),
    Helper(DOT),
    Helper(CONTRACT),
    Helper(JOINED),
    Helper(COPIED),
)

CBRT = """def _cbrt(x):
    y = math.copysign(abs(x) ** (1.0 / 3.0), x)
    return y - (y - x / (y * y)) / 3.0 if y and abs(y) < math.inf else y"""


def each_element(inner: OnNumbers, operands: Sequence[Operand], shape: Shape) -> Operand:
    """An operation on numbers for the elements of lists: a comprehension, or a call of `_each`."""
    arrays = [x for x in operands if x.shape]
    needs = sum([x.needs for x in operands], ())
    names = [f"_{letter}" for letter, _ in zip("abcdefgh", operands, strict=False)]
    is_plain = all(x.shape or x.precedence >= ATOM for x in operands)
    if len(shape) == 1 and is_plain:
        elements = [Operand(f"_{'abcdefgh'[k]}", NAME, ()) for k in range(len(arrays))]
        left = iter(elements)
        body = inner([next(left) if x.shape else x for x in operands])
        if len(arrays) == 1:
            text = f"[{body.text} for {elements[0].text} in {arrays[0].beside(CONDITIONAL)}]"
        else:
            zipped = ", ".join(x.text for x in arrays)
            text = f"[{body.text} for {', '.join(x.text for x in elements)} in zip({zipped})]"
        return Operand(text, ATOM, shape, (*body.needs, *needs))
    body = inner([Operand(name, NAME, ()) for name in names])
    given = ", ".join(x.text for x in operands)
    text = f"_each(lambda {', '.join(names)}: {body.text}, {given})"
    return Operand(text, ATOM, shape, (*body.needs, *needs, "_each"))


# --- lists -----------------------------------------------------------------------------------


def _repeated(text: str, shape: Shape) -> str:
    """Nested lists full of the same number."""
    *outer, last = shape
    text = f"[{text}] * {_factor(last)}"
    for length in reversed(outer):
        text = f"[{text} for _ in range({length})]"
    return text


def _factor(length: Dimension) -> str:
    text = str(length)
    return text if text.isalnum() else f"({text})"


def _full(a: Sequence[Operand], shape: Shape, dtype: str) -> Written:
    return Written(_repeated(a[0].text, shape), 12 if len(shape) == 1 else ATOM)


def _broadcast(a: Sequence[Operand], shape: Shape) -> Written:
    (x,) = a
    if not x.shape and (len(shape) == 1 or x.precedence >= ATOM):
        return _full(a, shape, "")
    text = f"_broadcast({x.text}, {shape_text(shape)}, {len(x.shape)})"
    return Written(text, needs=("_broadcast",))


def _reshape(a: Sequence[Operand], shape: Shape) -> Written:
    return Written(_shaped(a[0].text, shape), needs=_SHAPED)


def _shaped(text: str, shape: Shape) -> str:
    return f"_filled(iter(_flat({text})), {shape_text(shape)})"


_SHAPED = ("_filled", "_flat")


def _transpose(a: Sequence[Operand], axes: tuple[int, ...]) -> Written:
    if axes != (1, 0):
        raise UnsupportedError("the target 'python' transposes matrices alone")
    return Written(f"[list(_column) for _column in zip(*{a[0].primary})]")


def _places(pattern: Pattern, arrays: Sequence[Operand]) -> str:
    """The pattern as a tuple of numbers, slices and None."""
    return f"({', '.join(map(_place, _without_arrays(pattern, arrays)))},)"


def _without_arrays(pattern: Pattern, arrays: Sequence[Operand]) -> Pattern:
    """With numbers, such as the counter of a loop, in the place of what they are called."""
    if any(place.shape for place in arrays):
        raise UnsupportedError("the target 'python' takes no arrays as indices")
    return tuple([("int", arrays[e[1]].text) if e[0] == "array" else e for e in pattern])


def _place(entry: tuple[Any, ...]) -> str:
    if entry[0] == "new":
        return "None"
    if entry[0] == "int":
        return str(entry[1])
    _, start, count, step = entry
    stop = start + count * step
    is_before = step < 0 and isinstance(stop, int) and stop < 0
    return f"slice({start}, {None if is_before else stop}, {step})"


def _index(a: Sequence[Operand], pattern: Pattern) -> Written:
    x, *arrays = a
    pattern = _without_whole(_without_arrays(pattern, arrays), x.shape)
    if all(entry[0] == "int" for entry in pattern):
        return Written(x.primary + "".join([f"[{entry[1]}]" for entry in pattern]))
    if len(pattern) == 1 and pattern[0][0] == "slice":
        return Written(f"{x.primary}[{index_text(pattern, x.shape, [])}]")
    return Written(f"_indexed({x.text}, {_places(pattern, ())})", needs=("_indexed",))


def _without_whole(pattern: Pattern, shape: Shape) -> Pattern:
    """Without slices at the end that are all there is."""
    axis, kept = len(shape), list(pattern)
    while len(kept) > 1 and kept[-1] == ("slice", 0, shape[axis - 1], 1):
        del kept[-1]
        axis -= 1
    return tuple(kept)


def _put(*, is_added: bool) -> Callable[..., Written]:
    def write(a: Sequence[Operand], pattern: Pattern) -> Written:
        x, v, *arrays = a
        text = f"_put({x.text}, {_places(pattern, arrays)}, {v.text}, {is_added})"
        return Written(text, needs=("_put",))

    return write


def _concatenate(a: Sequence[Operand], axis: int) -> Written:
    return Written(f"_joined({axis}, {', '.join([x.text for x in a])})", needs=("_joined",))


def _stack(a: Sequence[Operand], new: tuple[int, ...], axis: int) -> Written:
    if axis:
        raise UnsupportedError("the target 'python' stacks along the first axis alone")
    texts = [x.text for x in a]
    for length in reversed(new[1:]):
        rows = range(0, len(texts), length)
        texts = [f"[{', '.join(texts[start : start + length])}]" for start in rows]
    return Written(f"[{', '.join(texts)}]")


def _reduced(function: str, start: str) -> Callable[..., Written]:
    """Over axes, from the last one on."""

    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        (x,) = a
        text = x.text
        for axis in reversed(axes):
            text = f"_along({function}, {text}, {axis}, {start})"
        if keepdims:
            shape = tuple([1 if axis in axes else n for axis, n in enumerate(x.shape)])
            text = _shaped(text, shape)
        return Written(text, needs=("_along", *_SHAPED * keepdims))

    return write


def _sum(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
    """Of a vector Python's own."""
    if len(a[0].shape) == 1 and not keepdims:
        return Written(f"sum({a[0].text})")
    return _reduced("lambda _a, _b: _a + _b", "0.0")(a, axes, keepdims)


def _sum_in_order(a: Sequence[Operand]) -> Written:
    """Python's own is compensated from 3.12 on."""
    return _reduced("lambda _a, _b: _a + _b", "0.0")(a, (len(a[0].shape) - 1,), False)  # noqa: FBT003


def _norm(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
    (x,) = a
    if keepdims or len(axes) < len(x.shape):
        raise UnsupportedError("the target 'python' has the length of a whole array alone")
    return Written(f"math.hypot(*_flat({x.text}))", needs=("math", "_flat"))


def _contraction(a: Sequence[Operand], letters: str) -> Written:
    """Products of vectors and matrices as sums of products, others by `_contract`."""
    first, second, result = parts(letters)
    x, y = a
    if (len(first), len(second), result) == (1, 1, ""):
        return Written(f"_dot({x.text}, {y.text})", needs=("_dot",))
    if (first + second == result) and len(result) == 2:
        lists = [part.beside(CONDITIONAL) for part in (y, x)]
        return Written("[[_a * _b for _b in {}] for _a in {}]".format(*lists))
    if len(first) == 2 and len(second) == 1 and result and result in first:
        turned = f"zip(*{x.primary})"
        rows = turned if result == first[1] else x.beside(CONDITIONAL)
        return Written(f"[_dot(_row, {y.text}) for _row in {rows}]", needs=("_dot",))
    text = f'_contract({x.text}, {y.text}, "{first}", "{second}", "{result}")'
    return Written(text, needs=("_contract",))


def _known(_: Sequence[Operand], shape: Shape, dtype: str, data: str) -> Written:
    import numpy as np

    numbers = np.frombuffer(b64decode(data), dtype).reshape(
        [n for n in shape if isinstance(n, int)]
    )
    text = str(numbers.tolist()).replace("nan", "math.nan").replace("inf", "math.inf")
    return Written(text, needs=("math",) * ("math" in text))


def _number_of(function_name: str) -> Spelling:
    return written(lambda a: Written(f"{function_name}({a[0].text})"))


PYTHON_SPELLINGS = Spellings(
    "python",
    _HELPERS,
    parent=MATH,
    where=CHOSEN,
    logical_and=infix("and", AND),
    logical_or=infix("or", OR),
    logical_not=prefix("not ", NOT),
    cbrt=helper(CBRT, "math"),
    as_float64=_number_of("float"),
    as_int64=_number_of("int"),
    as_bool=_number_of("bool"),
    stop=ITSELF,
    check=Spelling("check", ""),  # of one truth
    checked=ITSELF,
    # lists
    full=written(_full),
    copy=written(lambda a: Written(f"_copied({a[0].text})", needs=("_copied",))),
    stacked=ITSELF,
    broadcast=written(_broadcast),
    reshape=written(_reshape),
    transpose=written(_transpose),
    index=written(_index),
    put=written(_put(is_added=False)),
    put_add=written(_put(is_added=True)),
    concatenate=written(_concatenate),
    stack=written(_stack),
    array=written(_known),
    index_array=written(_known),
    mask_array=written(_known),
    arange=written(lambda a, n: Written(f"list(range({n}))")),
    unit_matrix=written(
        lambda a, n: Written(f"[[float(_i == _j) for _j in range({n})] for _i in range({n})]")
    ),
    length=written(lambda a, n: Written(f"({n})" if " " in str(n) else str(n))),
    sum=written(_sum),
    sum_in_order=written(_sum_in_order),
    prod=written(_reduced("lambda _a, _b: _a * _b", "1.0")),
    max=written(_reduced("lambda _a, _b: _b if _b > _a or _b != _b else _a", "None")),
    min=written(_reduced("lambda _a, _b: _b if _b < _a or _b != _b else _a", "None")),
    norm=written(_norm),
    contract=written(_contraction),
    number=ITSELF,
    extent=ITSELF,
    scan=Spelling("loop", ""),
    scan_final=Spelling("part", ""),
    scan_stacked=Spelling("part", ""),
)
