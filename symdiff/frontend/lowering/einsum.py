"""Einstein sums with any letters and any number of operands, taken apart into contractions of two.

What the core's contraction does not know is done before it: repeated letters of one operand are a
diagonal, letters that stand in one operand alone are summed, and axes of length 1 that meet longer
ones are left out.
"""

from __future__ import annotations

import operator
import string
from collections.abc import Sequence
from typing import Any, NamedTuple

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Value,
    as_float,
    as_line,
    as_whole,
    cast,
)
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dimension, Shape
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import LETTERS, contracted
from symdiff.ops.control import not_equal
from symdiff.ops.creation import arange
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, whole
from symdiff.ops.reduction import total
from symdiff.ops.structural import reshaped, transposed

_SYMBOLS = string.ascii_uppercase + string.ascii_lowercase  # of numbered letters, as NumPy's
_FEW = 6  # so many operands are ordered in the best way, more in a good one


class Operand(NamedTuple):
    """An array and a letter for each of its axes."""

    x: Handle
    letters: str


@LOWERINGS.named("einsum")
def einsum(
    b: Builder, *operands: Value, _optimize: Any = None, dtype: Any = None, **_ignored: Any
) -> Handle:
    """Sums of products over letters, in either of the forms that NumPy takes."""
    if isinstance(operands[0], str):
        text, *values = operands
        arrays = [as_line(b, value) for value in values]
    else:
        arrays, text = _from_lists(b, operands)
    if dtype is not None:
        arrays = [cast(x, dtype) for x in arrays]
    inputs, result = _letters(text.replace(" ", ""), arrays)
    terms = [Operand(x, letters) for x, letters in zip(arrays, inputs, strict=True)]
    return contract_all(terms, result)


def _from_lists(b: Builder, operands: Sequence[Any]) -> tuple[list[Handle], str]:
    """The interleaved form: an operand, its list of numbers, the next one; the result's last."""
    result = [operands[-1]] if len(operands) % 2 else []
    given = operands[: len(operands) - len(result)]
    arrays = [as_line(b, value) for value in given[::2]]
    text = ",".join(map(_symbols, given[1::2]))
    return arrays, "->".join([text, *map(_symbols, result)])


def _symbols(numbers: Sequence[Any]) -> str:
    return "".join("..." if n is Ellipsis else _SYMBOLS[operator.index(n)] for n in numbers)


def _letters(text: str, arrays: Sequence[Handle]) -> tuple[list[str], str]:
    """The letters of the operands and of the result, dots replaced by letters of their own."""
    given, arrow, wanted = text.partition("->")
    inputs = given.split(",")
    if len(inputs) != len(arrays):
        raise ShapeError(
            f"einsum has letters for {len(inputs)} operands and {len(arrays)} operands"
        )
    for part in [*inputs, wanted]:
        _check_part(part, text)
    counts = [_dots(part, x) for part, x in zip(inputs, arrays, strict=True)]
    most = max(counts)
    spare = [letter for letter in LETTERS[::-1] if letter not in text][:most]
    replaced = [
        part.replace("...", "".join(spare[most - count :]))
        for part, count in zip(inputs, counts, strict=True)
    ]
    if not arrow:
        joined = given.replace("...", "").replace(",", "")
        wanted = "..." + "".join(sorted(x for x in set(joined) if joined.count(x) == 1))
    elif most and "..." not in wanted:
        raise ShapeError(f"the result of einsum('{text}') has no place for the axes of '...'")
    result = wanted.replace("...", "".join(spare))
    known = set("".join(replaced))
    if len(set(result)) != len(result) or not known.issuperset(result):
        raise ShapeError(f"the letters of the result of einsum('{text}') are not each found once")
    return replaced, result


def _check_part(part: str, text: str) -> None:
    rest = part.replace("...", "", 1)
    if rest and not (rest.isascii() and rest.isalpha()):
        raise ShapeError(f"einsum('{text}') holds what is no letter")


def _dots(part: str, x: Handle) -> int:
    """How many axes the dots of an operand stand for."""
    named = len(part.replace("...", ""))
    if named > x.ndim or (named < x.ndim and "..." not in part):
        raise ShapeError(f"einsum has {named} letters for an operand of {x.ndim} dimensions")
    return x.ndim - named


# --- the contraction of any operands -----------------------------------------------------------


def contract_all(operands: Sequence[Operand], result: str) -> Handle:
    """The sum of products, with the axes of the result in the order of its letters."""
    if all(term.x.dtype == BOOL for term in operands):
        counted = contract_all([Operand(as_whole(x), names) for x, names in operands], result)
        return not_equal(
            counted, Handle(counted.builder, counted.builder.full(0.0, counted.shape, INT))
        )
    has_floats = any(term.x.dtype == FLOAT for term in operands)
    number = as_float if has_floats else as_whole
    terms = [_diagonal(number(x) if x.dtype == BOOL else x, names) for x, names in operands]
    terms = _without_short(terms)
    for chosen in _path(terms, result):
        parts = [terms[k] for k in chosen]
        terms = [term for k, term in enumerate(terms) if k not in chosen]
        first = parts[0]
        for number_of, second in enumerate(parts[1:], 2):
            others = [*parts[number_of:], *terms]
            first = _pair(first, second, result, others)
        terms.append(first)
    (last,) = terms
    return _ordered(last, result)


def _diagonal(x: Handle, letters: str) -> Operand:
    """Letters that repeat in one operand, made one axis each."""
    for letter in dict.fromkeys(letters):
        places = [axis for axis, name in enumerate(letters) if name == letter]
        if len(places) == 1:
            continue
        lengths = {x.shape[axis] for axis in places}
        if len(lengths) > 1:
            raise ShapeError(f"the letter {letter} stands for lengths that differ")
        rest = [axis for axis in range(x.ndim) if axis not in places]
        moved = transposed(x, (*places, *rest))
        counter = arange(x, x.shape[places[0]])
        pattern = (*[("array", 0)] * len(places), *[whole(x.shape[axis]) for axis in rest])
        indices = [counter]
        x = index(moved, *indices, params=(pattern,))
        letters = letter + "".join(letters[axis] for axis in rest)
    return Operand(x, letters)


def _without_short(terms: Sequence[Operand]) -> list[Operand]:
    """Axes of length 1 left out where the letter's length is another one."""
    lengths: dict[str, Dimension] = {}
    for x, letters in terms:
        for letter, length in zip(letters, x.shape, strict=True):
            known = lengths.setdefault(letter, length)
            if known == 1:
                lengths[letter] = length
            elif length not in (1, known):
                raise ShapeError(f"the letter {letter} stands for {known} and for {length}")
    kept = []
    for x, letters in terms:
        long = [axis for axis, name in enumerate(letters) if x.shape[axis] == lengths[name]]
        names = "".join(letters[axis] for axis in long)
        kept.append(Operand(reshaped(x, tuple(x.shape[axis] for axis in long)), names))
    return kept


def _path(terms: Sequence[Operand], result: str) -> list[tuple[int, ...]]:
    """Which operands meet in turn: by their lengths where those are numbers, else in order."""
    count = len(terms)
    if count == 1:
        return []
    lengths = [length for term in terms for length in term.x.shape]
    if count == 2 or not all(isinstance(length, int) for length in lengths):
        return [(0, 1), *[(count - 2 - k, 0) for k in range(count - 2)]]
    import numpy as np

    text = ",".join(term.letters for term in terms) + "->" + result
    shapes: list[Any] = [np.broadcast_to(0.0, _numbers(term.x.shape)) for term in terms]
    how = "optimal" if count <= _FEW else "greedy"
    return [tuple(step) for step in np.einsum_path(text, *shapes, optimize=how)[0][1:]]


def _numbers(shape: Shape) -> tuple[int, ...]:
    return tuple(length for length in shape if isinstance(length, int))


def _pair(a: Operand, b: Operand, result: str, others: Sequence[Operand]) -> Operand:
    """Two operands contracted over the letters that nothing else needs."""
    needed = set(result).union(*[term.letters for term in others])
    a = _summed(a, needed | set(b.letters))
    b = _summed(b, needed | set(a.letters))
    joined = dict.fromkeys(a.letters + b.letters)
    kept = "".join(letter for letter in joined if letter in needed)
    if set(kept) == set(result):
        kept = result
    return Operand(contracted(a.x, b.x, f"{a.letters},{b.letters}->{kept}"), kept)


def _summed(term: Operand, kept: set[str]) -> Operand:
    """An operand summed over letters that stand nowhere else."""
    axes = [axis for axis, letter in enumerate(term.letters) if letter not in kept]
    if not axes:
        return term
    return Operand(total(term.x, axes), "".join(x for x in term.letters if x in kept))


def _ordered(term: Operand, result: str) -> Handle:
    term = _summed(term, set(result))
    return transposed(term.x, [term.letters.index(letter) for letter in result])


def product_of(text: str, *arrays: Handle) -> Handle:
    """An Einstein sum whose letters of equal name have equal lengths: none is repeated.

    Raises:
        ShapeError: where they differ. Axes of the dots broadcast.
    """
    inputs, result = _letters(text, arrays)
    lengths: dict[str, Dimension] = {}
    for letters, x in zip(inputs, arrays, strict=True):
        for letter, length in zip(letters, x.shape, strict=True):
            if letter in text and lengths.setdefault(letter, length) != length:
                raise ShapeError(
                    f"the lengths {lengths[letter]} and {length} differ, and one sum goes over both"
                )
    terms = [Operand(x, letters) for x, letters in zip(arrays, inputs, strict=True)]
    return contract_all(terms, result)
