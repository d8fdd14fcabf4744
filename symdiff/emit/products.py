"""Results of derivatives as text: how they are put together, and where a matrix has its entries."""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.emit.context import Context, Definition
from symdiff.emit.layout import WIDTH, tuple_text
from symdiff.emit.source import Derivative, Source
from symdiff.graph.node import FLOAT
from symdiff.verbs import Verb

_MOST_LISTED = 300
_ALL_LISTED = 40  # of so few numbers none is said to be another one again
_LONGEST_PERIOD = 24
_PIECE = WIDTH - 14  # letters of a string that stands in a call
_SIZES = ("int8", "int16", "int32", "int64")

ENCODED = '''def _decoded(text, dtype):
    """Whole numbers from their differences."""
    steps = np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype)
    return np.cumsum(steps, dtype=np.intp)'''

Packing = Nest | Tensor | Coordinates


# --- nests ---------------------------------------------------------------------------------------


def result_text(packing: Packing, results: Sequence[str]) -> str:
    """The return statement of a body."""
    nest = nest_of(packing, len(results))
    text = _nest_text(nest, results)
    is_bare = isinstance(nest, tuple) and len(nest) > 1  # a return needs no brackets
    return f"return {text[1:-1] if is_bare else text}"


def nest_text(packing: Packing, results: Sequence[str]) -> str:
    """What a body returns, with other texts for the results."""
    return _nest_text(nest_of(packing, len(results)), results)


def paths(packing: Packing, count: int) -> list[str]:
    """For each result, the indices at which it stands in what a body returns."""
    found = [""] * count
    pending = [(nest_of(packing, count), "")]
    while pending:
        nest, path = pending.pop()
        if isinstance(nest, int):
            found[nest] = path
        else:
            pending += [(part, f"{path}[{k}]") for k, part in enumerate(nest)]
    return found


def nest_of(packing: Packing, count: int) -> Nest:
    """How a body puts its results together."""
    if isinstance(packing, Tensor) and packing.places is None:
        return _rows(packing.shape, 0)[0]
    if isinstance(packing, Tensor | Coordinates):
        return tuple(range(count))
    return packing


def _rows(shape: tuple[int, ...], start: int) -> tuple[Nest, int]:
    """An array's entries as nested tuples, and the number of the next one."""
    if not shape:
        return start, start + 1
    parts = []
    for _ in range(shape[0]):
        part, start = _rows(shape[1:], start)
        parts.append(part)
    return tuple(parts), start


def _nest_text(nest: Nest, results: Sequence[str]) -> str:
    if isinstance(nest, int):
        return results[nest]
    return tuple_text([_nest_text(part, results) for part in nest])


# --- arrays of whole numbers ---------------------------------------------------------------------


def numbers_text(name: str, numbers: Any) -> str:
    """A constant of whole numbers."""
    return f"{name} = {_literal(numbers)[0]}"


def decoder(derivatives: Sequence[Derivative]) -> list[str]:
    """The helper that reads encoded numbers, where the constants hold such."""
    arrays = [array for d in derivatives for array in _integers(d.packing).values()]
    return ENCODED.split("\n") if any([_literal(array)[1] for array in arrays]) else []


def _literal(numbers: Any) -> tuple[str, bool]:
    """An array's text, and whether it is encoded."""
    import numpy as np

    return _literal_of(np.asarray(numbers, np.int64).tobytes())


@lru_cache(16)
def _literal_of(held: bytes) -> tuple[str, bool]:
    """Numbers listed where there are few, or few come again and again; else their differences."""
    import numpy as np

    numbers = np.frombuffer(held, np.int64)
    steps = np.diff(numbers, prepend=0)
    if listed := _repeated(numbers):
        return f"np.array({listed}, np.intp)", False
    if listed := _repeated(steps):
        return f"np.cumsum({listed}, dtype=np.intp)", False
    if len(numbers) <= _MOST_LISTED:
        return f"np.array({numbers.tolist()}, np.intp)", False
    dtype = next(d for d in _SIZES if np.all(steps.astype(d) == steps))
    kind = f"<{np.dtype(dtype).str[1:]}"
    text = b64encode(zlib.compress(steps.astype(kind).tobytes(), 9)).decode()
    pieces = [f'"{text[i : i + _PIECE]}"' for i in range(0, len(text), _PIECE)]
    return f'_decoded({" ".join(pieces)}, "{np.dtype(dtype).str}")', True


def _repeated(numbers: Any) -> str:
    """The text of a list in which few numbers come again and again; empty where none do."""
    import numpy as np

    if len(numbers) <= _ALL_LISTED:
        return ""
    for period in range(1, _LONGEST_PERIOD + 1):
        differs = numbers[period:] != numbers[:-period]
        if np.count_nonzero(differs) > _LONGEST_PERIOD:
            continue
        ends = np.concatenate([[-1], np.flatnonzero(differs), [len(differs)]])
        longest = np.argmax(np.diff(ends))
        start = int(ends[longest]) + 1
        times = int(ends[longest + 1] - start) // period + 1
        before, again = numbers[:start].tolist(), numbers[start : start + period].tolist()
        after = numbers[start + times * period :].tolist()
        if len(before) + period + len(after) <= _LONGEST_PERIOD:
            return " + ".join([str(p) for p in (before, f"{again} * {times}", after) if p])
    return ""


def _integers(packing: Packing) -> dict[str, Any]:
    """The constants that are arrays of whole numbers."""
    if isinstance(packing, Tensor) and packing.places is not None:
        return {"PLACES": packing.places}
    if not isinstance(packing, Coordinates):
        return {}
    import numpy as np  # not before: a gradient is emitted without it

    counts = np.bincount(np.asarray(packing.columns, np.intp), minlength=packing.shape[1])
    found = {"ROWS": packing.rows, "STARTS": np.concatenate([[0], np.cumsum(counts)])}
    if packing.slots is None:
        return found
    found["COLOURS"] = packing.colouring
    return found if _slots_formula(packing, "") else found | {"SLOTS": packing.slots}


def constants(packing: Packing, prefix: str, dtype: str = FLOAT) -> dict[str, str]:
    """The constants that say where entries stand, each with its statement.

    Args:
        packing: of the derivative.
        prefix: of the names of its constants.
        dtype: of seeds.
    """
    if isinstance(packing, Coordinates):
        return _of_coordinates(packing, prefix, "float" if dtype == FLOAT else f"np.{dtype}")
    if not isinstance(packing, Tensor):
        return {}
    found = {"SHAPE": f"{prefix}SHAPE = {tuple_text([str(n) for n in packing.shape])}"}
    if packing.places is not None:
        found["PLACES"] = numbers_text(f"{prefix}PLACES", packing.places)
    return found


def matrices(source: Source, derivatives: Sequence[Derivative]) -> dict[str, str]:
    """The constants of derivatives that are matrices, by name."""
    found: dict[str, str] = {}
    for derivative in derivatives:
        prefix = source.prefix(derivative)
        statements = constants(derivative.packing, prefix, source.dtype)
        found |= {f"{prefix}{name}": statement for name, statement in statements.items()}
    return found


def _of_coordinates(packing: Coordinates, prefix: str, kind: str) -> dict[str, str]:
    """Where the entries of a sparse matrix stand, and how they are found; seeds of a kind."""
    import numpy as np

    height, width = packing.shape
    arrays = _integers(packing)
    texts = {name: numbers_text(f"{prefix}{name}", numbers) for name, numbers in arrays.items()}
    starts = f"np.diff({prefix}STARTS)"
    found = {
        "SHAPE": f"{prefix}SHAPE = ({height}, {width})  # its entries go column by column",
        "ROWS": texts["ROWS"],
        "STARTS": texts["STARTS"],
        "COLUMNS": f"{prefix}COLUMNS = np.repeat(np.arange({width}), {starts})",
    }
    if packing.slots is None:
        return found
    colours = int(np.max(packing.colouring, initial=0)) + 1
    shape = ", ".join([str(colours), *map(str, packing.seed_shape)])
    of_colour = f"{prefix}COLOURS == np.arange({colours})[:, None]"
    return found | {
        "COLOURS": texts["COLOURS"],
        "SEEDS": f"{prefix}SEEDS = ({of_colour}).astype({kind}).reshape({shape})",
        "SLOTS": _slots_formula(packing, prefix) or texts["SLOTS"],
    }


def _slots_formula(packing: Coordinates, prefix: str) -> str:
    """Where each entry stands in the compressed matrix, `""` where no formula says it."""
    import numpy as np

    rows, columns = np.asarray(packing.rows), np.asarray(packing.columns)
    colouring, slots = np.asarray(packing.colouring), np.asarray(packing.slots)
    height, width = packing.shape
    if len(colouring) == width and np.array_equal(slots, colouring[columns] * height + rows):
        return f"{prefix}SLOTS = {prefix}COLOURS[{prefix}COLUMNS] * {height} + {prefix}ROWS"
    if len(colouring) == height and np.array_equal(slots, colouring[rows] * width + columns):
        return f"{prefix}SLOTS = {prefix}COLOURS[{prefix}ROWS] * {width} + {prefix}COLUMNS"
    return ""


# --- definitions ---------------------------------------------------------------------------------


def stacking(derivatives: Sequence[Derivative]) -> list[Definition]:
    """What functions of numbers need to make one array of the entries."""
    tensors = [d.packing for d in derivatives if isinstance(d.packing, Tensor)]
    found = []
    if any(tensor.places is None for tensor in tensors):
        found.append(_STACKED)
    if any(tensor.places is not None for tensor in tensors):
        found.append(_FILLED)
    return found


_STACKED = Definition(
    "_stacked",
    ["entries", "shape"],
    [
        "while type(entries[0]) is tuple:",
        "    entries = sum(entries, ())",
        "values = np.stack(entries, -1)",
        "return values.reshape(*values.shape[:-1], *shape)",
    ],
    "Entries as an array of a shape, behind the axes of a batch.",
)
_FILLED = Definition(
    "_filled",
    ["values", "places", "shape"],
    [
        "result = np.zeros((*values.shape[:-1], int(np.prod(shape))), values.dtype)",
        "result[..., places] = values",
        "return result.reshape(*values.shape[:-1], *shape)",
    ],
    "Entries at their places in an array, behind the axes of a batch.",
)


def names_used(derivative: Derivative, prefix: str) -> list[str]:
    """What its public functions look up beside the bodies."""
    found = [f"{prefix}{name}" for name in constants(derivative.packing, prefix)]
    if isinstance(derivative.packing, Tensor):
        found.append("_stacked" if derivative.packing.places is None else "_filled")
    return found


def wrapping(
    derivative: Derivative, prefix: str, names: Mapping[str, str], inputs: str
) -> tuple[str, str]:
    """What makes one array of a body's entries: of floats, and of arrays; `%s` is the call."""
    packing, np = derivative.packing, names["np"]
    if not isinstance(packing, Tensor | Coordinates):
        return "%s", "%s"
    count = len(derivative.graph.outputs)
    shape = names[f"{prefix}SHAPE"]
    if isinstance(packing, Tensor) and packing.places is None:
        return f"{np}.array(%s)", f"{names['_stacked']}(%s, {shape})"
    stacked = f"{np}.stack(%s, -1)"
    if count == 0:  # no array has the shape of the batch
        batch = f"*{np}.broadcast_shapes(*{names['map']}({np}.shape, {inputs}))"
        stacked = f"{np}.zeros(({batch}, 0))"
    if isinstance(packing, Coordinates):
        where = f"({names[f'{prefix}ROWS']}, {names[f'{prefix}COLUMNS']})"
        return f"{np}.array(%s), {where}", f"{stacked}, {where}"
    rest = f"{names[f'{prefix}PLACES']}, {shape}"
    return (
        f"{names['_filled']}({np}.array(%s, {names['float']}), {rest})",
        f"{names['_filled']}({stacked}, {rest})",
    )


PLACES = "(ROWS, COLUMNS), as scipy.sparse.coo_array takes them"


def headline(verb: Verb, packing: Packing, source: Source, places: str) -> str:
    """The first line of the docstring; of a sparse matrix, what says the places of entries."""
    text = f"The {verb.noun}"
    if not verb.is_matrix:
        return verb.headline
    if isinstance(packing, Coordinates):
        return f"{text}: its entries and {places}."
    if isinstance(packing, Tensor):
        shape = tuple_text([str(n) for n in packing.shape])
        behind = " behind the axes of a batch" * source.broadcasts
        return f"{text}, an array of the shape {shape}{behind}."
    if isinstance(packing, int):
        return f"{text}, of the shape of the output and the input behind it."
    return f"{text} in blocks, each of the shape of the output and the input behind it."


def csc(derivative: Derivative, context: Context, parameters: Sequence[str]) -> Definition:
    """The form that scipy.sparse.csc_array takes."""
    name, names = derivative.function, context.names
    prefix = context.source.prefix(derivative)
    entries = f"{names[name]}({', '.join(parameters)})[0]"
    return Definition(
        f"{name}_csc",
        context.typed(parameters),
        [f"return {entries}, {names[f'{prefix}ROWS']}, {names[f'{prefix}STARTS']}"],
        "Entries, rows and starts of columns, for scipy.sparse.csc_array.",
        "tuple[Any, Any, Any]" if context.real else "",
    )
