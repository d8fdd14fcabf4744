"""The one contraction: sums of products over shared letters, after Einstein's convention.

The letters are written as NumPy's `einsum` takes them. Within an argument no letter repeats, and
a letter that is summed stands in both arguments: traces and sums are taken out before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.shape import Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.handle import Handle
from symdiff.ops.operation import PROMOTED, Multilinear, Operand, Operation, Written, written
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import reshaped, transposed

MATRIX_PRODUCT = 12  # Python's precedence of @, that of * and /
LETTERS = "ijklmnopqrstuvwxyzabcdefghABCDEFGHIJKLMNOPQRSTUVWXYZ"


def parts(letters: str) -> tuple[str, str, str]:
    """The letters of the two arguments and of the result."""
    arguments, result = letters.split("->")
    first, second = arguments.split(",")
    return first, second, result


def _letters_kept(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    first, second, result = parts(params[0])
    lengths: dict[str, Dimension] = {}
    for names, shape in zip((first, second), shapes, strict=True):
        for letter, length in zip(names, shape, strict=True):
            if lengths.setdefault(letter, length) != length:
                raise ShapeError(
                    f"the shapes {shape_text(shapes[0])} and {shape_text(shapes[1])} do not fit "
                    f"a product: the lengths {lengths[letter]} and {length} differ"
                )
    return tuple(lengths[letter] for letter in result)


def _by_exchanging_letters(
    t: Handle, a: Handle, b: Handle, *, letters: str
) -> tuple[Handle, Handle]:
    """The cotangent takes the argument's place."""
    first, second, result = parts(letters)
    return (
        contracted(t, b, f"{result},{second}->{first}"),
        contracted(a, t, f"{first},{result}->{second}"),
    )


def _batch(
    args: Sequence[Handle], batched: Sequence[bool], params: tuple[Any, ...], length: Dimension
) -> Handle:
    first, second, result = parts(params[0])
    new = next(x for x in LETTERS if x not in params[0])
    first, second = (
        (new if has else "") + names for names, has in zip((first, second), batched, strict=True)
    )
    a, b = args
    return contracted(a, b, f"{first},{second}->{new}{result}")


# --- how NumPy writes it -----------------------------------------------------------------------


def _write(a: Sequence[Operand], letters: str) -> Written:
    """`@` where it is a product of matrices, else `outer`, `tensordot` or `einsum`."""
    first, second, result = parts(letters)
    x, y = a
    found = as_product(x, y, first, second, result)
    if found is None:
        swapped = result[:-2] + result[-2:][::-1]
        turned = as_product(y, x, second, first, result)
        found = turned or (
            None if len(result) < 2 else _turned(x, y, first, second, result, swapped)
        )
    return (
        found
        or _as_tensordot(x, y, first, second, result)
        or Written(f'np.einsum("{letters}", {x.text}, {y.text})')
    )


def _turned(
    x: Operand, y: Operand, first: str, second: str, result: str, swapped: str
) -> Written | None:
    found = as_product(x, y, first, second, swapped)
    if found is None:
        return None
    turn = ".T" if len(result) == 2 else ".swapaxes(-2, -1)"
    return Written(f"({found.text}){turn}")


def as_product(x: Operand, y: Operand, first: str, second: str, result: str) -> Written | None:
    """The contraction as `x @ y`, with transposes of them where needed."""
    shared = [letter for letter in first if letter in second and letter not in result]
    batch = "".join(letter for letter in first if letter in second and letter in result)
    left = "".join(letter for letter in first if letter not in second)
    right = "".join(letter for letter in second if letter not in first)
    if not shared and len(left) == len(right) == 1 and not batch and result == left + right:
        return Written(f"np.outer({x.text}, {y.text})")
    if len(shared) != 1 or len(left) > 1 or len(right) > 1 or result != batch + left + right:
        return None
    if batch and not (left and right):
        return None
    one = _matrix(x, first, batch, left, shared[0], left + shared[0])
    other = _matrix(y, second, batch, right, shared[0], shared[0] + right)
    if one is None or other is None:
        return None
    a = one[0] if one[1] >= MATRIX_PRODUCT else f"({one[0]})"
    b = other[0] if other[1] > MATRIX_PRODUCT else f"({other[0]})"
    return Written(f"{a} @ {b}", MATRIX_PRODUCT)


def _matrix(
    x: Operand, names: str, batch: str, free: str, shared: str, wanted: str
) -> tuple[str, int] | None:
    """An argument with its last two axes in the wanted order; `None` where it takes more."""
    if names == batch + wanted:
        return x.text, x.precedence
    if free and names == batch + wanted[::-1]:
        return x.primary + (".swapaxes(-2, -1)" if batch else ".T"), 20
    return None


def _as_tensordot(x: Operand, y: Operand, first: str, second: str, result: str) -> Written | None:
    shared = [letter for letter in first if letter in second]
    if any(letter in result for letter in shared):
        return None
    free = [letter for letter in first + second if letter not in shared]
    if result != "".join(free):
        return None
    axes = [first.index(s) for s in shared], [second.index(s) for s in shared]
    if axes == ([len(first) - 1], [0]):
        return Written(f"np.tensordot({x.text}, {y.text}, 1)")
    return Written(f"np.tensordot({x.text}, {y.text}, {axes})")


contract: Operation = Operation(
    "contract",
    "Sum of products over shared letters (Einstein's convention).",
    2,
    Multilinear(_by_exchanging_letters),
    spelling=written(_write),
    shape=_letters_kept,
    dtype=PROMOTED,
    batch=_batch,
    params=("letters",),
)


def contracted(a: Handle, b: Handle, letters: str) -> Handle:
    """The contraction, its letters renamed in the order of their appearance.

    Where nothing is summed it is a product of broadcast arrays; an outer product stays one.
    """
    first, second, result = parts(letters)
    is_outer = len(first) == len(second) == 1 and result == first + second
    if set(first + second) == set(result) and not is_outer:
        shape = _letters_kept([a.shape, b.shape], (letters,))
        return _spread_out(a, first, result, shape) * _spread_out(b, second, result, shape)
    names: dict[str, str] = {}
    for letter in letters:
        if letter.isalpha() and letter not in names:
            names[letter] = LETTERS[len(names)]
    renamed = "".join(names.get(letter, letter) for letter in letters)
    return contract(a, b, params=(renamed,))


def _spread_out(x: Handle, names: str, result: str, shape: Shape) -> Handle:
    """An argument with its letters in the places that the result has for them."""
    order = sorted(range(len(names)), key=lambda axis: result.index(names[axis]))
    moved = transposed(x, order)
    lengths = tuple(n if letter in names else 1 for letter, n in zip(result, shape, strict=True))
    start = next((i for i, letter in enumerate(result) if letter in names), len(result))
    return broadcast_to(reshaped(moved, lengths[start:]), shape)
