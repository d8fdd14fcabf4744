"""Shapes: tuples of whole numbers and named dimensions, and arithmetic of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from symdiff.errors import ShapeError

Monomial = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dim:
    """A length that is known when the function runs: a polynomial of named dimensions.

    It is never a number alone: arithmetic gives an `int` where the names cancel. A name that starts
    with an underscore is that of a number of a loop's step and may be 0, the others are at least 1.

    Attributes:
        terms: monomials, as sorted names, with their coefficients, in order; none is zero.
    """

    terms: tuple[tuple[Monomial, int], ...]

    def __add__(self, other: Dimension) -> Dimension:
        return _polynomial([*self.terms, *_terms(other)])

    def __sub__(self, other: Dimension) -> Dimension:
        return self + -other

    def __rsub__(self, other: int) -> Dimension:
        return -self + other

    def __mul__(self, other: Dimension) -> Dimension:
        return _polynomial(
            [
                (tuple(sorted(mine + theirs)), a * b)
                for mine, a in self.terms
                for theirs, b in _terms(other)
            ]
        )

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Dimension:
        return self * -1

    def __str__(self) -> str:
        text = ""
        for names, factor in sorted(self.terms, key=lambda term: term[1] < 0):  # no minus ahead
            sign = ("" if not text else "+") if factor > 0 else "-"
            body = " * ".join(names) or str(abs(factor))
            if names and abs(factor) != 1:
                body = f"{abs(factor)} * {body}"
            text += f" {sign} {body}" if text else f"{sign}{body}"
        return text

    __repr__ = __str__

    @property
    def names(self) -> frozenset[str]:
        """The named dimensions in it."""
        return frozenset(name for names, _ in self.terms for name in names)

    @property
    def is_name(self) -> bool:
        """Whether it is one named dimension itself."""
        return len(self.terms) == 1 and len(self.terms[0][0]) == 1 and self.terms[0][1] == 1

    @property
    def least(self) -> int | None:
        """A lower bound by those of the names; `None` where none is known."""
        if any(factor < 0 for names, factor in self.terms if names):
            return None
        return sum(f for names, f in self.terms if not any(n.startswith("_") for n in names))


Dimension = int | Dim
Shape = tuple[Dimension, ...]

SCALAR: Shape = ()


def named(name: str) -> Dim:
    """The dimension of this name."""
    return Dim((((name,), 1),))


def size(shape: Iterable[Dimension]) -> Dimension:
    """The number of elements."""
    total: Dimension = 1
    for length in shape:
        total = length * total
    return total


def degree(length: Dimension) -> int:
    """How many named dimensions are multiplied in it, at most."""
    return max((len(names) for names, _ in _terms(length)), default=0)


def quotient(a: Dimension, b: Dimension) -> Dimension | None:
    """`a/b` where it is a whole number or a polynomial; `None` where that cannot be told."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b if b and a % b == 0 else None
    if a == b:
        return 1
    terms = _terms(b)
    if len(terms) != 1:
        return None
    ((names, factor),) = terms
    found: list[tuple[Monomial, int]] = []
    for monomial, coefficient in _terms(a):
        left = list(monomial)
        for name in names:
            if name not in left:
                return None
            left.remove(name)
        if coefficient % factor:
            return None
        found.append((tuple(left), coefficient // factor))
    return _polynomial(found)


def evaluate(length: Dimension, lengths: Mapping[str, int]) -> int:
    """The number that a length is for given named dimensions."""
    total = 0
    for names, factor in _terms(length):
        for name in names:
            factor *= lengths[name]
        total += factor
    return total


def renamed(length: Dimension, names: Mapping[str, str]) -> Dimension:
    """The length with other names for named dimensions in it."""
    return substituted(length, {old: named(new) for old, new in names.items()})


def substituted(length: Dimension, values: Mapping[str, Dimension]) -> Dimension:
    """The length with other ones in the place of named dimensions in it."""
    found: Dimension = 0
    for monomial, factor in _terms(length):
        product: Dimension = factor
        for name in monomial:
            product = values.get(name, named(name)) * product
        found = product + found
    return found


def least_within(
    length: Dimension, ranges: Mapping[str, tuple[Dimension, Dimension]]
) -> int | None:
    """A lower bound of a length where some named dimensions lie between others; `None` for none.

    Args:
        length: linear in those that have a range.
        ranges: by name, the smallest and the largest number that it has; none is a circle.
    """
    while isinstance(length, Dim):
        name = _innermost(length, ranges)
        if name is None:
            return length.least
        rest = _polynomial([(names, f) for names, f in length.terms if name not in names])
        factor = length - rest
        if not isinstance(factor, Dim) or factor.terms[0][0] != (name,) or len(factor.terms) > 1:
            return None
        slope = factor.terms[0][1]
        length = ranges[name][slope < 0] * slope + rest
    return length


def most_within(length: Dimension, ranges: Mapping[str, tuple[Dimension, Dimension]]) -> Dimension:
    """An upper bound of a length, by names without a range.

    It is at least 0 whatever numbers these names have, and so is any sum of such.

    Args:
        length: of names that are at least 0.
        ranges: by name, the smallest and the largest number that it has; none is a circle.
    """
    while isinstance(length, Dim):
        name = _innermost(length, ranges)
        if name is None:
            break
        more, less = (
            _polynomial([(names, f) for names, f in length.terms if (f > 0) == is_more])
            for is_more in (True, False)
        )
        low, high = ranges[name]
        length = substituted(less, {name: low}) + substituted(more, {name: high})
    return _polynomial([(names, factor) for names, factor in _terms(length) if factor > 0])


def _innermost(length: Dim, ranges: Mapping[str, tuple[Dimension, Dimension]]) -> str | None:
    """A name with a range, in the range of no other one of a length; `None` for none."""
    known = [name for name in sorted(length.names) if name in ranges]
    outer = set(names_of([ranges[name] for name in known]))
    return next((name for name in known if name not in outer), None)


def broadcast(*shapes: Shape) -> Shape:
    """The common shape after NumPy's rule.

    Raises:
        ShapeError: where there is none, or where it depends on a named dimension.
    """
    if all(shape == shapes[0] for shape in shapes):
        return shapes[0]
    longest = max(len(shape) for shape in shapes)
    result: list[Dimension] = []
    for axis in range(-longest, 0):
        length: Dimension = 1
        for shape in shapes:
            if -axis > len(shape) or shape[axis] == 1:
                continue
            if length not in (1, shape[axis]):
                listed = " and ".join(map(text, dict.fromkeys(shapes)))
                raise ShapeError(f"the shapes {listed} do not fit together")
            length = shape[axis]
        result.append(length)
    return tuple(result)


def text(shape: Shape) -> str:
    """As Python writes it."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def names_of(shapes: Iterable[Shape]) -> list[str]:
    """The named dimensions, in the order of their first appearance."""
    found: dict[str, None] = {}
    for shape in shapes:
        for length in shape:
            if isinstance(length, Dim):
                found.update(dict.fromkeys(sorted(length.names)))
    return list(found)


def normal_axes(axes: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """Axes counted from 0, in order; all of them for `None`.

    Raises:
        ShapeError: for an axis that is not there, or that stands twice.
    """
    if axes is None:
        return tuple(range(ndim))
    given = (axes,) if isinstance(axes, int) else tuple(axes)
    found = tuple(sorted(normal_axis(axis, ndim) for axis in given))
    if len(set(found)) != len(found):
        raise ShapeError(f"an axis stands twice in {given}")
    return found


def normal_axis(axis: int, ndim: int) -> int:
    """An axis counted from 0.

    Raises:
        ShapeError: for an axis that is not there.
    """
    if not -ndim <= axis < ndim:
        raise ShapeError(f"there is no axis {axis}: the array has {ndim} dimensions")
    return axis % ndim


def _terms(length: Dimension) -> tuple[tuple[Monomial, int], ...]:
    return length.terms if isinstance(length, Dim) else (((), length),)


def _polynomial(terms: Sequence[tuple[Monomial, int]]) -> Dimension:
    total: dict[Monomial, int] = {}
    for names, factor in terms:
        total[names] = total.get(names, 0) + factor
    kept = sorted((names, f) for names, f in total.items() if f)
    kept.sort(key=lambda term: -len(term[0]))  # the number last
    if not kept:
        return 0
    if len(kept) == 1 and not kept[0][0]:
        return kept[0][1]
    return Dim(tuple(kept))
