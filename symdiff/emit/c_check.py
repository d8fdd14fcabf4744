"""The self-check of a C file: what its `main` compares, with numbers in the place of lengths."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.emit.entries.c_function import Function
from symdiff.emit.self_check import excused, may_have_kinks
from symdiff.emit.source import Derivative, Source
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Shape, evaluate
from symdiff.ops.loops import are_tested
from symdiff.verbs import INPUTS, OUTPUTS

_SMALLEST = 3  # of the lengths that are tried
_KINDS = {INT: "int64_t", BOOL: "bool"}


class _Part(NamedTuple):
    """Numbers in a row: an input, an output, or a block of a derivative."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    start: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class _Layout:
    """Where inputs and outputs stand in vectors; those of `wrt` are first."""

    def __init__(self, source: Source) -> None:
        names = enumerate(source.lengths, start=_SMALLEST)
        self.lengths = {name: length for length, name in names}
        value = source.value_body
        nodes = dict(zip(value.input_names, [value[at] for at in value.inputs], strict=True))
        wrt = set(source.wrt)
        others = [name for name in value.input_names if name not in wrt]
        ordered = [*source.wrt, *others]
        self.inputs = self._parts({n: (nodes[n].shape, nodes[n].dtype) for n in ordered})
        outputs = [value[at] for at in value.outputs]
        shapes = {str(k): (node.shape, node.dtype) for k, node in enumerate(outputs)}
        self.outputs = self._parts(shapes)
        self.wrt = {name: self.inputs[name] for name in source.wrt}

    def _parts(self, shapes: Mapping[str, tuple[Shape, str]]) -> dict[str, _Part]:
        found: dict[str, _Part] = {}
        start = 0
        for name, (shape, dtype) in shapes.items():
            known = tuple([evaluate(n, self.lengths) for n in shape])
            found[name] = _Part(name, known, dtype, start)
            start += found[name].size
        return found

    def parts_of(self, axis: str) -> list[_Part]:
        """What a derivative has a block for each of."""
        return list((self.wrt if axis == INPUTS else self.outputs).values())


def c_check(source: Source, functions: Mapping[str, Function]) -> dict[str, Any] | None:
    """The variables of the template; `None` where there is nothing to compare.

    Loops that a test ends may not end at some points.
    """
    value = source.value_body
    is_real = all(value[at].dtype == FLOAT for at in value.outputs)
    if not source.derivatives or not is_real or are_tested(source.value):
        return None
    layout, is_single = _Layout(source), source.is_float32
    verbs = [
        _evaluation(source, layout, functions[d.function], d)
        | {
            "name": d.verb.name,
            "order": d.verb.order,
            "is_trace": d.verb.order > 1 and not d.verb.result and d.verb.vectors is None,
            "contraction": _contraction(layout, d, functions[d.function]),
        }
        for d in source.derivatives
    ]
    reasons = excused(source.value)
    excused_groups = {k % 16 for k, name in enumerate(source.wrt) if name in reasons}
    return {
        "number": "float" if is_single else "double",
        "rounding": "2e-6" if is_single else "2e-15",
        "sure": "1e-2" if is_single else "1e-6",
        "bound": "2e-2" if is_single else "2e-6",
        "inputs": sum(part.size for part in layout.inputs.values()),
        "outputs": max(sum(part.size for part in layout.outputs.values()), 1),
        "wrt": sum(part.size for part in layout.wrt.values()),
        "groups": [k % 16 for k, part in enumerate(layout.wrt.values()) for _ in range(part.size)],
        "group_count": min(len(layout.wrt), 16),
        "squares": [p for p in layout.inputs.values() if _is_square(p.shape)],
        "wholes": [p for p in layout.inputs.values() if p.dtype != FLOAT],
        "value": _evaluation(source, layout, functions["value"], None),
        "verbs": verbs,
        "has_kinks": bool(reasons) or may_have_kinks(source),
        "excuse": next(iter(reasons.values()), ""),
        "excused": [int(group in excused_groups) for group in range(min(len(layout.wrt), 16))],
        "shown": [(part.name, part.start) for part in list(layout.inputs.values())[:4]],
    }


def _is_square(shape: Sequence[int]) -> bool:
    return len(shape) > 1 and shape[-1] == shape[-2]


def _evaluation(
    source: Source, layout: _Layout, function: Function, derivative: Derivative | None
) -> dict[str, Any]:
    """The call of a function at a point, and the declarations that it needs."""
    graph, packing = source.body(derivative)
    given, before = _arguments(source, layout, derivative, graph)
    sizes = _sizes(layout, graph, derivative, packing)
    starts = [*accumulate(sizes[:-1], initial=0)]
    is_returned = function.returns not in ("void", "int")
    written = [] if is_returned else [f"found + {start}" for start in starts]
    for kind, count in function.workspace.items():
        name = f"{kind.removesuffix('_t')}_memory"
        before.append(f"static {kind} {name}[{max(evaluate(count, layout.lengths), 1)}];")
        written.append(name)
    lengths = [str(layout.lengths[name]) for name in function.lengths]
    call = f"{function.symbol}({', '.join([*lengths, *given, *written])})"
    lines = [f"found[0] = {call};" if is_returned else f"{call};"]
    if function.returns == "int":
        lines = [f"if ({call} != 0) {{", "    return 0.0 / zero;", "}"]
    return {"before": before, "call": lines, "size": max(sum(sizes), 1)}


def _sizes(layout: _Layout, graph: Graph, derivative: Derivative | None, packing: Any) -> list[int]:
    """How many numbers each result has."""
    if derivative is not None and isinstance(packing, Tensor | Coordinates):
        return [packing.size]
    shapes = [graph[at].shape for at in graph.outputs]
    return [math.prod([evaluate(n, layout.lengths) for n in shape]) for shape in shapes]


def _arguments(
    source: Source, layout: _Layout, derivative: Derivative | None, graph: Graph
) -> tuple[list[str], list[str]]:
    """The arguments of a call, and declarations before it."""
    taken = iter(_directions(derivative)[0])
    vectors: dict[str, tuple[str, _Part]] = {}
    if derivative is not None and derivative.verb.vectors is not None:
        way, parts = next(taken), layout.parts_of(derivative.verb.vectors.axis)
        names = source.vectors(derivative)
        vectors = {name: (way, part) for name, part in zip(names, parts, strict=True)}
    given, before = list[str](), list[str]()
    for name in graph.input_names:
        array, part = vectors.get(name) or ("x", layout.inputs[name])
        if part.dtype == FLOAT:
            given.append(f"{array} + {part.start}" if part.shape else f"{array}[{part.start}]")
        elif not part.shape:
            given.append(_whole(f"{array}[{part.start}]", part.dtype))
        else:
            own = f"input_{part.start}"
            before += [
                f"static {_KINDS[part.dtype]} {own}[{max(part.size, 1)}];",
                f"for (int k = 0; k < {part.size}; k++) {{",
                f"    {own}[k] = {_whole(f'{array}[{part.start} + k]', part.dtype)};",
                "}",
            ]
            given.append(own)
    return given, before


def _whole(number: str, dtype: str) -> str:
    return f"{number} != 0.0" if dtype == BOOL else f"(int64_t){number}"


def _directions(derivative: Derivative | None) -> tuple[list[str], list[str]]:
    """The directions that a call takes, and those that its result is contracted with."""
    if derivative is None:
        return [], []
    verb = derivative.verb
    free = {INPUTS: ["u", "v"][: verb.order], OUTPUTS: ["w"]}
    taken = [] if verb.vectors is None else [free[verb.vectors.axis].pop(0)]
    left = [free[axis].pop(0) for axis in verb.result[::-1]][::-1]
    return taken, [*left, *["weight"] * bool(free[OUTPUTS])]


def _contraction(layout: _Layout, derivative: Derivative, function: Function) -> list[str]:
    """The statements that set `slope` from what was `found`."""
    verb = derivative.verb
    _, left = _directions(derivative)
    weight = " * w[0]" * (left[-1:] == ["weight"])
    ways = [way for way in left if way != "weight"]
    first = 0
    if verb.returns_value or verb.has_gradient:
        first = sum(part.size for part in layout.outputs.values())
    axes = [layout.parts_of(axis) for axis in verb.result]
    if not axes:
        return [f"slope = found[{first}]{weight};"]
    sizes = [sum(part.size for part in parts) for parts in axes]
    if len(axes) == 1:
        return [
            f"for (int i = 0; i < {sizes[0]}; i++) {{",
            f"    slope += found[{first} + i] * {ways[0]}[i]{weight};",
            "}",
        ]
    if isinstance(derivative.packing, Coordinates):
        at = [
            f"{ways[k]}[{function.symbol}_{name}[i]]" for k, name in enumerate(("rows", "columns"))
        ]
        return [
            f"for (int i = 0; i < {derivative.packing.size}; i++) {{",
            f"    slope += found[{first} + i] * {at[0]} * {at[1]}{weight};",
            "}",
        ]
    if isinstance(derivative.packing, Tensor):
        return _matrix(first, (0, sizes[0]), (0, sizes[1]), ways, weight)
    return _blocks(first, axes, derivative.packing, ways, weight)


def _blocks(
    first: int, axes: Sequence[Sequence[_Part]], packing: Nest, ways: Sequence[str], weight: str
) -> list[str]:
    """The same of blocks, which stand one behind the other."""
    pairs = [(p, q) for p in axes[0] for q in axes[1]]
    starts: dict[int, int] = {}
    numbers = _flat(packing)
    for number, (p, q) in zip(numbers, pairs, strict=True):
        starts.setdefault(number, p.size * q.size)
    ordered = sorted(starts)
    places = {n: first + sum(starts[m] for m in ordered if m < n) for n in ordered}
    lines: list[str] = []
    for number, (p, q) in zip(numbers, pairs, strict=True):
        rows, columns = (p.start, p.size), (q.start, q.size)
        lines += _matrix(places[number], rows, columns, ways, weight)
    return lines


def _matrix(
    first: int, rows: tuple[int, int], columns: tuple[int, int], ways: Sequence[str], weight: str
) -> list[str]:
    left, right = ways
    entry = f"found[{first} + i * {columns[1]} + j]"
    sides = f"{left}[{rows[0]} + i] * {right}[{columns[0]} + j]"
    return [
        f"for (int i = 0; i < {rows[1]}; i++) {{",
        f"    for (int j = 0; j < {columns[1]}; j++) {{",
        f"        slope += {entry} * {sides}{weight};",
        "    }",
        "}",
    ]


def _flat(nest: Nest) -> list[int]:
    if isinstance(nest, int):
        return [nest]
    return [number for part in nest for number in _flat(part)]
