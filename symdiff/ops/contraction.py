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
from symdiff.ops import exact, sparsity
from symdiff.ops.handle import Handle
from symdiff.ops.operation import PROMOTED, Multilinear, Operation
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import reshaped, transposed

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


contract: Operation = Operation(
    "contract",
    "Sum of products over shared letters (Einstein's convention).",
    2,
    Multilinear(_by_exchanging_letters),
    exact=exact.of_numpy("einsum"),
    sparsity=sparsity.contracted,
    shape=_letters_kept,
    dtype=PROMOTED,
    batch=_batch,
    params=("letters",),
    takes_complex=True,
)


def contracted(a: Handle, b: Handle, letters: str) -> Handle:
    """The contraction, its letters renamed in the order of their appearance.

    Where nothing is summed it is a product of broadcast arrays; an outer product stays one.
    """
    first, second, result = parts(letters)
    if len(first) == len(second) == 1 and result == second + first != first + second:
        a, b, first, second = b, a, second, first
    letters = f"{first},{second}->{result}"
    is_outer = len(first) == len(second) == 1 and result == first + second
    if set(first + second) == set(result) and not is_outer:
        shape = _letters_kept([a.shape, b.shape], (letters,))
        return spread_out(a, first, result, shape) * spread_out(b, second, result, shape)
    names: dict[str, str] = {}
    for letter in letters:
        if letter.isalpha() and letter not in names:
            names[letter] = LETTERS[len(names)]
    renamed = "".join(names.get(letter, letter) for letter in letters)
    return contract(a, b, params=(renamed,))


def spread_out(x: Handle, names: str, result: str, shape: Shape) -> Handle:
    """An argument with its letters in the places that the result has for them."""
    order = sorted(range(len(names)), key=lambda axis: result.index(names[axis]))
    moved = transposed(x, order)
    lengths = tuple(n if letter in names else 1 for letter, n in zip(result, shape, strict=True))
    start = next((i for i, letter in enumerate(result) if letter in names), len(result))
    return broadcast_to(reshaped(moved, lengths[start:]), shape)
