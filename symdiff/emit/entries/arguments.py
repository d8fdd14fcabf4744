"""Check of the arguments of functions of arrays: their shapes, and the classes of elements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from symdiff.emit.layout import WIDTH, tuple_text
from symdiff.emit.names import Names
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dim, Dimension, Shape, renamed
from symdiff.graph.shape import text as shape_text

_KINDS = {INT: "int", BOOL: "bool"}
_LETTERS = {INT: "iu", BOOL: "b"}
_MANY = 3  # arrays whose classes are looked at in a loop
_ROOM = WIDTH - 14  # for the value of `fit`


class Arguments:
    """What is checked of the arguments.

    Args:
        name: of the function that lets arrays pass that fit.
        names: the names of the inputs in the text, `""` for those of the function.
        shapes: of each input.
        kinds: of each input, the class of its elements.
        lengths: of each named length, the name that it has in the text.
        used: all lengths of the bodies' lines.
        taken: names that no local may have.
        dtype: what floats are computed in.
    """

    def __init__(
        self,
        name: str,
        names: str,
        shapes: Mapping[str, Shape],
        kinds: Mapping[str, str],
        lengths: Mapping[str, str],
        used: Iterable[Dimension],
        taken: Collection[str],
        dtype: str = FLOAT,
    ) -> None:
        self.name = name
        self.names = names
        self.shapes = shapes
        self.kinds = kinds
        self.dtype = dtype
        self.lengths = lengths
        # lengths that must not be negative, over the named ones
        found = [n for n in used if isinstance(n, Dim) and (n.least is None or n.least < 0)]
        self.bounds = list(dict.fromkeys(found))
        fresh = Names({*lengths.values(), *taken}).fresh
        self.locals = {name: fresh(name) for name in shapes}
        self.each = fresh("x")  # of a loop over arrays
        # a Python float divides by zero otherwise than NumPy's
        self.numbers = [n for n in shapes if not shapes[n] and kinds[n] not in _KINDS]
        self.arrays = [name for name in shapes if name not in self.numbers]

    def constants(self) -> list[str]:
        """The inputs that are integers or booleans, where there are some."""
        kinds = self._integers()
        return [f"KINDS = {{{', '.join(kinds)}}}  # inputs that are no floats"] * bool(kinds)

    @property
    def has_floats(self) -> bool:
        """Whether there are arrays of floats."""
        return bool(self._floats)

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """The variables of the template."""
        return {
            "bounds": [(str(_looked_up(length)), str(length)) for length in self.bounds],
            "following": self._following(),
            "kinds": self._integers(),
        }

    @property
    def _floats(self) -> list[str]:
        """The arrays of floats, under their local names."""
        return [self.locals[name] for name in self.arrays if self.kinds[name] not in _KINDS]

    def _integers(self) -> list[str]:
        """Inputs that are integers or booleans."""
        return [f'"{n}": "{_KINDS[self.kinds[n]]}"' for n in self.shapes if self.kinds[n] in _KINDS]

    def _following(self) -> list[tuple[str, int, str]]:
        """Inputs whose lengths follow from those of others: the name, axes, the shape."""
        return [
            (name, len(shape), shape_text(tuple(map(_looked_up, shape))))
            for name, shape in self.shapes.items()
            if any(isinstance(n, Dim) and str(n) not in self.lengths for n in shape)
        ]

    def quick(self) -> dict[str, Any]:
        """The check that arrays and numbers of the right type pass at once."""
        local, kinds = self.locals, self.kinds
        numbers = "float" if self.dtype == FLOAT else f"(float, np.{self.dtype})"
        conditions = [f"isinstance({local[name]}, {numbers})" for name in self.numbers]
        arrays, floats = [local[name] for name in self.arrays], self._floats
        is_few = len(arrays) < _MANY
        if is_few:
            conditions += [f"{name}.__class__ is np.ndarray" for name in arrays]  # no matrix
            conditions += [f"{name}.dtype is FLOAT" for name in floats]
        conditions += [
            f'{local[name]}.dtype.kind in "{_LETTERS[kinds[name]]}"'
            for name in self.arrays
            if kinds[name] in _KINDS
        ]
        conditions += [f"{renamed(length, self.lengths)} >= 0" for length in self.bounds]
        given = [
            f"np.{self.dtype}({x})" if name in self.numbers else x for name, x in local.items()
        ]
        wanted = [
            tuple(renamed(n, self.lengths) if isinstance(n, Dim) else n for n in self.shapes[name])
            for name in self.arrays
        ]
        return {
            "head": f"def {self.name}({', '.join(local.values())}):",
            "lengths": [
                f"{self.lengths[length]} = {local[name]}.shape[{axis}]"
                for length, (name, axis) in self._places().items()
            ],
            "fit": _compared(
                [f"{name}.shape" for name in arrays],
                [shape_text(shape) for shape in wanted],
                conditions,
            ),
            "each": self.each,
            "arrays": "" if is_few else tuple_text(arrays),
            "floats": "" if is_few or not floats else tuple_text(floats),
            "given": tuple_text(list(local.values())) + (f", {self.names}" if self.names else ""),
            "fitting": f"return {tuple_text(given) if len(given) < 2 else ', '.join(given)}",
        }

    def _places(self) -> dict[str, tuple[str, int]]:
        """For each named length of an input, the input and the axis that it is read from."""
        found: dict[str, tuple[str, int]] = {}
        for name, shape in self.shapes.items():
            for axis, n in enumerate(shape):
                if str(n) in self.lengths:  # not a length such as N - 1, which follows from others
                    found.setdefault(str(n), (name, axis))
        return found


def shapes_text(shapes: Mapping[str, Shape]) -> str:
    """The constant that holds the shapes of the inputs."""
    texts = [f'"{name}": {_shape_literal(shape)}' for name, shape in shapes.items()]
    return f"SHAPES: dict[str, Any] = {{{', '.join(texts)}}}"


def _looked_up(length: Dimension) -> Dimension:
    """A length whose names are looked up among those of the arguments."""
    if not isinstance(length, Dim):
        return length
    return renamed(length, {name: f'lengths["{name}"]' for name in length.names})


def _shape_literal(shape: Shape) -> str:
    return shape_text(tuple(f'"{n}"' if isinstance(n, Dim) else n for n in shape))  # type: ignore[misc]


def _compared(shapes: Sequence[str], wanted: Sequence[str], conditions: Sequence[str]) -> list[str]:
    """Statements that set `fit`, with as many of its conditions on a line as there is room for."""
    lines: list[str] = []
    line = f"{tuple_text(shapes)} == {tuple_text(wanted)}" if shapes else ""
    if len(line) > _ROOM:
        lines = [f"shapes = {tuple_text(shapes)}", f"fit = shapes == {tuple_text(wanted)}"]
        line = "fit"
    for condition in conditions:
        longer = f"{line} and {condition}" if line else condition
        if line and len(longer) > _ROOM:
            lines += [] if line == "fit" else [f"fit = {line}"]
            longer = f"fit and {condition}"
        line = longer
    return lines if line == "fit" else [*lines, f"fit = {line or True}"]
