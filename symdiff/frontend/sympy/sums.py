"""SymPy's Sum over the indices of matrices, as `(v.T*A*v)[0, 0]` gives for named lengths.

The summand is a product of elements and of numbers without the indices: a contraction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple  # SymPy has no types: an expression is `Any` here

from symdiff.frontend.sympy.arithmetic import to_float
from symdiff.frontend.sympy.lowering import Lowering, Steps, numbers
from symdiff.frontend.sympy.matrix_parts import diagonal, dimension, part, stretch
from symdiff.graph.shape import Dimension
from symdiff.ops.contraction import LETTERS, contracted
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import total


class _Index(NamedTuple):
    """An index that is summed over: its letter in a contraction, its first value, and its end."""

    letter: str
    start: Dimension
    end: Dimension


class _Lettered(NamedTuple):
    """An array with a letter an axis."""

    line: Handle
    letters: str


def indexed_sum(low: Lowering, expression: Any) -> Steps:
    """A sum of products as one contraction; `is_over_elements` says for which it is."""
    body, *limits = expression.args
    factors = factors_of(body)
    names = [limit[0] for limit in limits]
    summed = [factor for factor in factors if _mentions(factor, names)]
    scalars = yield from numbers(
        low, [factor for factor in factors if not _mentions(factor, names)]
    )
    indices = {limit[0]: _index(low, limit, LETTERS[k]) for k, limit in enumerate(limits)}
    arrays: list[_Lettered] = []
    for factor in summed:
        base, exponent = factor.args if type(factor).__name__ == "Pow" else (factor, None)
        matrix, *places = base.args
        x = low.handle((yield matrix))
        array = _along_indices(low, x, places, indices)
        line = array.line if exponent is None else array.line ** to_float(exponent)
        arrays.append(array._replace(line=line))
    result = _contraction(arrays)
    return reduce(lambda a, b: a * low.handle(b), scalars, result).at


def factors_of(body: Any) -> Sequence[Any]:
    """The factors of a product; of anything else, it alone."""
    factors: Sequence[Any] = body.args if type(body).__name__ == "Mul" else (body,)
    return factors


def _index(low: Lowering, limit: Any, letter: str) -> _Index:
    _, first, last = limit
    return _Index(letter, dimension(low, first), dimension(low, last) + 1)


def is_over_elements(expression: Any) -> bool:
    """Whether each index of a Sum has a range and a factor, and all such factors are elements."""
    body, *limits = expression.args
    names = [limit[0] for limit in limits]
    summed = [factor for factor in factors_of(body) if _mentions(factor, names)]
    return (
        all(len(limit) == 3 for limit in limits)
        and all(any(_mentions(factor, [name]) for factor in summed) for name in names)
        and all(_is_element(factor, names) for factor in summed)
    )


def _is_element(factor: Any, names: Sequence[Any]) -> bool:
    """Whether a factor is an element of one matrix, or a constant power of such."""
    if type(factor).__name__ == "Pow" and getattr(factor.args[1], "is_Number", False):
        factor = factor.args[0]
    return type(factor).__name__ == "MatrixElement" and not _mentions(factor.args[0], names)


def _mentions(expression: Any, symbols: Collection[Any]) -> bool:
    """Whether a symbol stands anywhere in an expression."""
    seen: dict[int, Any] = {}
    waiting = [expression]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen[id(current)] = current  # held: its id stays its own
        if getattr(current, "is_Symbol", False) and current in symbols:
            return True
        waiting.extend(current.args)
    return False


def _along_indices(
    low: Lowering, x: Handle, places: Sequence[Any], indices: Mapping[Any, _Index]
) -> _Lettered:
    letters = ""
    for place in places:
        axis = len(letters)
        found = indices.get(place)
        if found is None:
            x = part(low, x, axis, place)
        else:
            x = stretch(x, axis, found.start, found.end)
            letters += found.letter
    if len(letters) == 2 and letters[0] == letters[1]:
        return _Lettered(diagonal(x), letters[0])
    return _Lettered(x, letters)


def _contraction(arrays: Sequence[_Lettered]) -> Handle:
    """The sum over all letters of the product of the arrays."""
    used = "".join(array.letters for array in arrays)
    first, *others = [_summed_alone(array, used) for array in arrays]
    line, letters = first
    for place, other in enumerate(others):
        later = {letter for array in others[place + 1 :] for letter in array.letters}
        kept = "".join(x for x in dict.fromkeys(letters + other.letters) if x in later)
        line = contracted(line, other.line, f"{letters},{other.letters}->{kept}")
        letters = kept
    return line


def _summed_alone(array: _Lettered, used: str) -> _Lettered:
    """The array summed over the letters that no other array has."""
    alone = [axis for axis, letter in enumerate(array.letters) if used.count(letter) == 1]
    letters = "".join(letter for letter in array.letters if used.count(letter) > 1)
    return _Lettered(total(array.line, alone), letters)
