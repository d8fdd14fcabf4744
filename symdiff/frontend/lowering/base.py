"""Lines of values: how numbers, lists, arrays and lengths become lines, and how lines meet."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import blake2b
from typing import Annotated, Any, NoReturn

from symdiff.errors import UnsupportedError
from symdiff.graph.node import BOOL, COMPLEX, CONTINUOUS, FLOAT, INT
from symdiff.graph.shape import Dim, Dimension, Shape, broadcast
from symdiff.ops.complex_numbers import complex_number, number, number_of
from symdiff.ops.creation import TRUTHS, made_array
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.joining import stacked
from symdiff.ops.reduction import broadcast_to, broadcast_together
from symdiff.ops.rules import lines as questions

Value = Any  # a handle, a number, a nested list of these, or a NumPy array

# What the annotation of a parameter says: the argument comes as a line, in the kind that is wanted
Array = Annotated[Handle, "Array"]
Floats = Annotated[Handle, "Floats"]  # whole numbers and truths are made floats
Numbers = Annotated[Handle, "Numbers"]  # truths are made whole numbers


SHORTEST_CALL = 9  # elements; what a call makes of fewer is written as a list of them


def line(b: Maker, value: Value) -> Handle:
    """A value as a line: a handle itself, a number, a length, an array, nested lists of them.

    Raises:
        UnsupportedError: for text, and objects that are no numbers.
    """
    if isinstance(value, Handle):
        return value
    if isinstance(value, Dim):
        return Handle(b, b.make("length", (), (value,)))
    if isinstance(value, bool):
        return Handle(b, b.make("mask_array", (), TRUTHS[value]))
    if isinstance(value, int):
        return Handle(b, b.full(value, (), INT))
    if isinstance(value, float):
        return Handle(b, b.constant(value))
    if isinstance(value, complex):
        return number(b, value)
    if isinstance(value, (list, tuple)) and _holds_handles(value):
        return stacked([line(b, item) for item in value])
    return constant(b, value)


def as_line(b: Maker, value: Value) -> Handle:
    """A value of any kind as a line, numbers of NumPy's among them."""
    return value if isinstance(value, Handle) else line(b, plain(value))


def constant(b: Maker, value: Any) -> Handle:  # what NumPy makes an array of
    """An array of numbers that are known. One that holds a single number is full of it."""
    import numpy as np

    array = np.asarray(value)
    made = b.arrays.get(content_key(array)) if b.arrays and array.size >= SHORTEST_CALL else None
    if made is not None:
        return Handle(b, made)
    if array.dtype.kind not in "biufc":
        raise UnsupportedError(f"an array of {array.dtype} holds no real numbers")
    kind = _kind(array.dtype.kind)
    if array.dtype == np.float64 and array.size and not _varies(array):
        return Handle(b, b.full(float(array.flat[0]), array.shape, kind))
    if kind == COMPLEX and array.size and not _varies(array):
        return broadcast_to(number(b, complex(array.flat[0])), array.shape)
    is_count = array.ndim == 1 and array.dtype == np.int64 and array.size > 1
    if is_count and np.array_equal(array, np.arange(array.size)):
        return Handle(b, b.make("arange", (), (array.size,)))
    op = {FLOAT: "array", COMPLEX: "complex_array", INT: "index_array", BOOL: "mask_array"}[kind]
    return Handle(b, b.make(op, (), array_params(array)))


def content_key(array: Any) -> tuple[Any, ...]:  # NumPy's array
    """What an array is known by again: its shape, its type and a digest of its bytes."""
    return array.shape, array.dtype.char, blake2b(array.tobytes(), digest_size=16).digest()


def array_params(value: Any) -> tuple[Any, ...]:
    """The parameters of the line that holds an array."""
    import numpy as np

    array = np.ascontiguousarray(value).reshape(np.shape(value))
    return array.shape, array.dtype.name, b64encode(array.tobytes()).decode()


def known(x: Handle) -> Any:
    """The NumPy array that a line holds, or `None` where it is computed."""
    import numpy as np

    node = x.builder.nodes[x.at]
    if x.number is not None and all(isinstance(n, int) for n in x.shape):
        return np.full(x.shape, x.number, node.dtype)
    if node.op == complex_number.name:
        return np.array(number_of(*node.params))
    if node.op in ("array", "complex_array", "index_array", "mask_array"):
        shape, dtype, data = node.params
        return np.frombuffer(b64decode(data), dtype).reshape(shape)
    if node.op == "made":
        return made_array(*node.params[:-1])
    if node.op == "arange" and isinstance(node.params[0], int):
        return np.arange(node.params[0])
    return None


def truth_of(x: Handle) -> bool | None:
    """Whether a condition that is known holds, everywhere; `None` for one that is computed."""
    if x.number is not None:
        return x.number != 0.0
    return questions.truth_of(x.builder, x.at)


def meet(b: Maker, *values: Value) -> list[Handle]:
    """Values in their common shape, plain numbers in the kind of what they meet."""
    if all([isinstance(value, Handle) for value in values]):
        return broadcast_together(*values)
    values = tuple(map(plain, values))
    lines = [value for value in values if not isinstance(value, (int, float, complex))]
    made = [line(b, value) for value in lines]
    shape: Shape = broadcast(*[x.shape for x in made]) if made else ()
    like_whole = bool(made) and all(x.dtype not in CONTINUOUS for x in made)
    found = []
    for value in values:
        if isinstance(value, bool):
            found.append(broadcast_to(line(b, value), shape))
        elif isinstance(value, (int, float)):
            whole = isinstance(value, int) and (like_whole or not made)
            found.append(Handle(b, b.full(float(value), shape, INT if whole else FLOAT)))
        elif isinstance(value, complex):
            found.append(broadcast_to(number(b, value), shape))
        else:
            found.append(broadcast_to(made.pop(0), shape))
    return found


def plain(value: Value) -> Value:
    """NumPy's numbers as Python's; all else as it is."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value


def as_float(x: Handle) -> Handle:
    """Whole numbers and truths as floats; floats and complex numbers as they are."""
    return x if x.dtype in CONTINUOUS else cast(x, "float64")


def as_whole(x: Handle) -> Handle:
    """Truths as whole numbers; numbers as they are."""
    return cast(x, "int64") if x.dtype == BOOL else x


def cast(x: Handle, dtype: Any) -> Handle:  # what NumPy makes a dtype of; None keeps the line's
    """A line in another type.

    Raises:
        UnsupportedError: for a type other than float64, float32, complex128, int64 and bool, and
            for complex numbers as real ones.
    """
    if dtype is None:
        return x
    name = dtype_name(dtype)
    if x.dtype == name != FLOAT:  # a line of floats may hold float32
        return x
    if x.dtype == COMPLEX:
        refuse(f"a conversion of complex numbers to {name} drops a part", "write np.real(z)")
    builder = x.builder
    if x.number is not None and name in (FLOAT, INT):
        number = float(int(x.number)) if name == INT else x.number
        return Handle(builder, builder.full(number, x.shape, name))
    numbers = known(x)
    if numbers is not None:
        return constant(builder, numbers.astype(name))
    return Handle(builder, builder.make(f"as_{name}", (x.at,)))


def dtype_name(dtype: Any) -> str:
    """The name of a type that lines can have.

    Raises:
        UnsupportedError: for another one.
    """
    import numpy as np

    found: Any = np.dtype(dtype)
    if found.name in ("complex64", COMPLEX):
        return COMPLEX
    if found.name not in ("float64", "float32", "int64", "bool"):
        refuse(
            f"the type {found.name} is not supported",
            "use float64, float32, complex128, int64 or bool",
        )
    return str(found.name)


def refuse(message: str, suggestion: str | None = None) -> NoReturn:
    """Refuse what is not supported, in the reader's words."""
    raise UnsupportedError(message, suggestion=suggestion)


def whole_number(length: Dimension, what: str) -> int:
    """A length that must be a number.

    Raises:
        UnsupportedError: where it is a named dimension.
    """
    if isinstance(length, Dim):
        refuse(f"{what} needs a length that is a number, and {length} is named", "give a number")
    return length


def _holds_handles(value: Iterable[Any]) -> bool:
    return any(
        isinstance(item, (Handle, Dim))
        or (isinstance(item, (list, tuple)) and _holds_handles(item))
        for item in value
    )


def _kind(letter: str) -> str:
    return {"b": BOOL, "i": INT, "u": INT, "f": FLOAT, "c": COMPLEX}[letter]


def _varies(array: Any) -> bool:
    import numpy as np

    first = array.flat[0]
    if array.dtype.kind == "c":
        return bool(_varies(array.real) or _varies(array.imag))
    return bool(np.any(array != first)) or bool(np.any(np.signbit(array) != np.signbit(first)))
