"""The text of what a module offers beside value and gradient: products, Jacobians, Hessians."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.emit.context import Definition
from symdiff.emit.layout import WIDTH, tuple_text
from symdiff.verbs import Verb

_MOST_LISTED = 60
_PIECE = WIDTH - 14  # letters of a string that stands in a call
_SIZES = ("int8", "int16", "int32", "int64")

ENCODED = '''def _decoded(text, dtype):
    """Whole numbers from their differences."""
    return np.cumsum(np.frombuffer(base64.b64decode(text), dtype), dtype=np.intp)'''


def result_text(packing: Nest | Tensor | Coordinates, results: Sequence[str]) -> str:
    """The return statement of a body."""
    if isinstance(packing, Tensor) and packing.places is None:
        nest = _rows(packing.shape, 0)[0]
    elif isinstance(packing, Tensor | Coordinates):
        nest = tuple(range(len(results)))
    else:
        nest = packing
    text = _nest_text(nest, results)
    is_bare = isinstance(nest, tuple) and len(nest) > 1  # a return needs no brackets
    return f"return {text[1:-1] if is_bare else text}"


def nested_text(packing: Nest | Tensor | Coordinates, name: str) -> str:
    """How flat results in a list of this name are put together."""
    if isinstance(packing, Tensor | Coordinates):
        return f"tuple({name})"
    return _nest_text(packing, [f"{name}[{index}]" for index in range(_largest(packing) + 1)])


def _largest(nest: Nest) -> int:
    return nest if isinstance(nest, int) else max(map(_largest, nest))


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
    """A constant of whole numbers: listed where there are few, else as their differences."""
    import numpy as np

    numbers = np.asarray(numbers, np.int64)
    if not _is_encoded(numbers):
        return f"{name} = np.array([{', '.join(map(str, numbers.tolist()))}], np.intp)"
    steps = np.diff(numbers, prepend=0)
    dtype = next(d for d in _SIZES if np.all(steps.astype(d) == steps))
    text = b64encode(steps.astype(f"<{np.dtype(dtype).str[1:]}").tobytes()).decode()
    pieces = [f'"{text[i : i + _PIECE]}"' for i in range(0, len(text), _PIECE)]
    return f'{name} = _decoded({" ".join(pieces)}, "{np.dtype(dtype).str}")'


def decoder(packing: Nest | Tensor | Coordinates) -> list[str]:
    """The helper that reads encoded numbers, where the constants hold such."""
    return ENCODED.split("\n") if any(map(_is_encoded, _integers(packing).values())) else []


def _is_encoded(numbers: Any) -> bool:
    return len(numbers) > _MOST_LISTED


def _integers(packing: Nest | Tensor | Coordinates) -> dict[str, Any]:
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
    return found if _slots_formula(packing) else found | {"SLOTS": packing.slots}


def _coordinates_lines(packing: Coordinates) -> list[str]:
    """The constants of a sparse matrix: where its entries stand, and how they are found."""
    import numpy as np

    height, width = packing.shape
    texts = {name: numbers_text(name, numbers) for name, numbers in _integers(packing).items()}
    lines = [
        f"SHAPE = ({height}, {width})  # of the matrix; its entries go column by column",
        texts["ROWS"],
        texts["STARTS"],
        f"COLUMNS = np.repeat(np.arange({width}), np.diff(STARTS))",
    ]
    if packing.slots is None:
        return lines
    colours = int(np.max(packing.colouring, initial=0)) + 1
    shape = tuple_text([str(colours), *map(str, packing.seed_shape)])
    lines += [
        texts["COLOURS"],
        f"SEEDS = (COLOURS == np.arange({colours})[:, None]).astype(float).reshape{shape}",
        _slots_formula(packing) or texts["SLOTS"],
    ]
    return lines


def _slots_formula(packing: Coordinates) -> str:
    """Where each entry stands in the compressed matrix, `""` where no formula says it."""
    import numpy as np

    rows, columns = np.asarray(packing.rows), np.asarray(packing.columns)
    colouring, slots = np.asarray(packing.colouring), np.asarray(packing.slots)
    height, width = packing.shape
    if len(colouring) == width and np.array_equal(slots, colouring[columns] * height + rows):
        return f"SLOTS = COLOURS[COLUMNS] * {height} + ROWS  # in the product with the seeds"
    if len(colouring) == height and np.array_equal(slots, colouring[rows] * width + columns):
        return f"SLOTS = COLOURS[ROWS] * {width} + COLUMNS  # in the product with the seeds"
    return ""


# --- definitions ---------------------------------------------------------------------------------


def helper_lines(packing: Nest | Tensor | Coordinates) -> list[str]:
    """What a function of numbers needs to make one array of its entries."""
    if not isinstance(packing, Tensor):
        return []
    if packing.places is None:
        return [
            "def _stacked(entries):",
            '    """Entries as an array of SHAPE, behind the axes of a batch."""',
            "    values = np.stack(entries, -1)",
            "    return values.reshape(*values.shape[:-1], *SHAPE)",
        ]
    return [
        "def _filled(values):",
        '    """Entries at their PLACES in an array of SHAPE, behind the axes of a batch."""',
        "    result = np.zeros((*values.shape[:-1], int(np.prod(SHAPE))), values.dtype)",
        "    result[..., PLACES] = values",
        "    return result.reshape(*values.shape[:-1], *SHAPE)",
    ]


def tensor_lines(packing: Nest | Tensor | Coordinates) -> list[str]:
    """The constants that say where entries stand."""
    if isinstance(packing, Coordinates):
        return _coordinates_lines(packing)
    if isinstance(packing, Tensor):
        shape = [f"SHAPE = {tuple_text([str(n) for n in packing.shape])}"]
        return shape if packing.places is None else [*shape, numbers_text("PLACES", packing.places)]
    return []


def names_used(packing: Nest | Tensor | Coordinates) -> list[str]:
    """What the public functions look up beside the bodies."""
    if isinstance(packing, Coordinates):
        return ["ROWS", "COLUMNS", "STARTS"]
    if isinstance(packing, Tensor):
        return ["_stacked" if packing.places is None else "_filled"]
    return []


def wrapping(
    packing: Nest | Tensor | Coordinates, count: int, names: Mapping[str, str], inputs: str
) -> tuple[str, str]:
    """What makes one array of a body's entries: of floats, and of arrays; `%s` is the call."""
    entries, np = "(%s,)" if count == 1 else "%s", names["np"]
    if isinstance(packing, Tensor) and packing.places is None:
        return f"{np}.array(%s)", f"{names['_stacked']}({entries})"
    stacked = f"{np}.stack({entries}, -1)"
    if count == 0:  # no array has the shape of the batch
        batch = f"*{np}.broadcast_shapes(*{names['map']}({np}.shape, {inputs}))"
        stacked = f"{np}.zeros(({batch}, 0))"
    if isinstance(packing, Coordinates):
        where = f"({names['ROWS']}, {names['COLUMNS']})"
        return f"{np}.array(%s), {where}", f"{stacked}, {where}"
    if isinstance(packing, Tensor):
        filled = names["_filled"]
        return f"{filled}({np}.array(%s, float))", f"{filled}({stacked})"
    return "%s", "%s"


def headline(verb: Verb, packing: Nest | Tensor | Coordinates) -> str:
    """The first line of the docstring."""
    text = f"The {verb.noun}"
    if not verb.is_matrix:
        return verb.headline
    if isinstance(packing, Coordinates):
        return f"{text}: its entries and (ROWS, COLUMNS), as scipy.sparse.coo_array takes them."
    if isinstance(packing, Tensor):
        shape = tuple_text([str(n) for n in packing.shape])
        return f"{text}, an array of the shape {shape} behind the axes of a batch."
    if isinstance(packing, int):
        return f"{text}, of the shape of the output and the input behind it."
    return f"{text} in blocks, each of the shape of the output and the input behind it."


def csc(verb: str, parameters: Sequence[str], names: Mapping[str, str]) -> Definition:
    """The form that scipy.sparse.csc_array takes."""
    given = ", ".join(parameters)
    return Definition(
        f"def {verb}_csc({given}):",
        [f"return {names[verb]}({given})[0], {names['ROWS']}, {names['STARTS']}"],
        "The entries, rows, and starts of columns, as scipy.sparse.csc_array takes them.",
    )
