"""Contractions as NumPy writes them: products of matrices, `outer`, `tensordot`, `einsum`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symdiff.emit.spell.base import TERM, Operand, Written
from symdiff.ops.contraction import parts

MATRIX_PRODUCT = TERM  # Python's precedence of @
_LONG = 16  # of what is summed, from where a stack of products beats `einsum`


@dataclass(frozen=True, slots=True)
class Products:
    """What a library has beside `@`.

    Attributes:
        outer: writes the outer product of two vectors.
        tensordot: writes a sum of products over axes of each argument.
        einsum: writes any other one.
        turned: writes the matrices of a stack with their axes exchanged.
    """

    outer: Callable[[str, str], Written]
    tensordot: Callable[[str, str, str], Written]
    einsum: Callable[[str, str, str], Written]
    turned: Callable[[str], Written]

    def __call__(self, a: Sequence[Operand], letters: str) -> Written:
        """`@` where it is a product of matrices, else one of the library's functions."""
        first, second, result = parts(letters)
        x, y = a
        found = self.as_product(x, y, first, second, result)
        if found is None:
            found = _as_vectors(x, y, first, second, result)
        if found is None:
            swapped = result[:-2] + result[-2:][::-1]
            turned = self.as_product(y, x, second, first, result)
            found = turned or (
                None if len(result) < 2 else self._turned(x, y, first, second, result, swapped)
            )
        return (
            found
            or self._as_tensordot(x, y, first, second, result)
            or self.einsum(letters, x.text, y.text)
        )

    def _turned(
        self, x: Operand, y: Operand, first: str, second: str, result: str, swapped: str
    ) -> Written | None:
        found = self.as_product(x, y, first, second, swapped)
        if found is None:
            return None
        text = f"({found.text})"
        turned = Written(f"{text}.T") if len(result) == 2 else self.turned(text)
        return turned._replace(needs=(*found.needs, *turned.needs))

    def as_product(
        self, x: Operand, y: Operand, first: str, second: str, result: str
    ) -> Written | None:
        """The contraction as `x @ y`, with transposes of them where needed."""
        if len(first) == len(result) == 1 and second == result + first:  # S @ v, not v @ S.T
            x, y, first, second = y, x, second, first
        shared = [letter for letter in first if letter in second and letter not in result]
        batch = "".join(letter for letter in first if letter in second and letter in result)
        left = "".join(letter for letter in first if letter not in second)
        right = "".join(letter for letter in second if letter not in first)
        if not shared and len(left) == len(right) == 1 and not batch and result == left + right:
            return self.outer(x.text, y.text)
        if len(shared) != 1 or len(left) > 1 or len(right) > 1 or result != batch + left + right:
            return None
        if batch and not (left and right):
            return None
        one = self._matrix(x, first, batch, left, left + shared[0])
        other = self._matrix(y, second, batch, right, shared[0] + right)
        if one is None or other is None:
            return None
        a = one.text if one.precedence >= MATRIX_PRODUCT else f"({one.text})"
        b = other.text if other.precedence > MATRIX_PRODUCT else f"({other.text})"
        return Written(f"{a} @ {b}", MATRIX_PRODUCT, (*one.needs, *other.needs))

    def _matrix(self, x: Operand, names: str, batch: str, free: str, wanted: str) -> Written | None:
        """An argument with its last two axes in the wanted order; `None` where it takes more."""
        if names == batch + wanted:
            return Written(x.text, x.precedence)
        if free and names == batch + wanted[::-1]:
            return self.turned(x.primary) if batch else Written(f"{x.primary}.T")
        return None

    def _as_tensordot(
        self, x: Operand, y: Operand, first: str, second: str, result: str
    ) -> Written | None:
        shared = [letter for letter in first if letter in second]
        if any(letter in result for letter in shared):
            return None
        free = [letter for letter in first + second if letter not in shared]
        if result != "".join(free):
            return None
        axes = [first.index(s) for s in shared], [second.index(s) for s in shared]
        if axes == ([len(first) - 1], [0]):
            return self.tensordot(x.text, y.text, "1")
        return self.tensordot(x.text, y.text, str(axes))


def _as_vectors(x: Operand, y: Operand, first: str, second: str, result: str) -> Written | None:
    """A stack of vectors times one of matrices, each as a row or a column where they are long.

    For short ones `einsum` is as quick.
    """
    if len(first) > len(second):
        x, y, first, second = y, x, second, first
    batch, letter = first[:-1], first[-1:]
    free = result[len(batch) :]
    length = x.shape[-1] if x.shape else 0
    if isinstance(length, int) and length < _LONG:
        return None
    if not batch or letter in result or result[: len(batch)] != batch or len(free) != 1:
        return None
    axes = ":, " * len(batch)
    if second == batch + letter + free:
        text = f"({x.primary}[{axes}None, :] @ {y.primary})[{axes}0, :]"
    elif second == batch + free + letter:
        text = f"({y.primary} @ {x.primary}[{axes}:, None])[{axes}:, 0]"
    else:
        return None
    return Written(text)


contraction = Products(
    outer=lambda x, y: Written(f"np.outer({x}, {y})"),
    tensordot=lambda x, y, axes: Written(f"np.tensordot({x}, {y}, {axes})"),
    einsum=lambda letters, x, y: Written(f'np.einsum("{letters}", {x}, {y})'),
    turned=lambda x: Written(f"{x}.swapaxes(-2, -1)"),
)
