"""What the self-check of a module compares: the slope that its verb says, and who is excused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.emit.docstrings import is_smooth
from symdiff.emit.source import Source
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node
from symdiff.graph.node import FLOAT
from symdiff.ops.creation import stop
from symdiff.ops.own_rules import own
from symdiff.verbs import INPUTS, OUTPUTS, Verb

_EXCUSES = {
    stop.name: "stop_gradient makes the derivative another one",
    own.name: "a function has a derivative of its own",
}

# differences are taken in one random direction, or two; for a trace along all axes, and summed
_FIRST = (
    "u = [rng.normal(size=np.shape(x)) * (x + (x == 0)) * (n in names) for n, x in wrt.items()]"
)
_SECOND = "v = [rng.normal(size=np.shape(x)) * (x + (x == 0)) for x in wrt.values()]"
_TRACED = (
    "u = v = [np.zeros(np.shape(x)) for x in wrt.values()]",
    "scales = [np.where(np.equal(x, 0), 1.0, np.abs(x)) for x in wrt.values()]",
    "unit = sum(np.sum(x**-2.0) for x in scales) ** -0.5",
)
_ALONG_ONE = {
    "along": "in a random direction",
    "groups": "[WRT[k::16] for k in range(min(16, len(WRT)))]",
    "size": "max(-low, high) + 1e-6",
}
_ALONG_ALL = {"along": "along all axes", "groups": "[WRT]", "size": "sizes[best]"}


def self_check(source: Source) -> dict[str, Any]:
    """The places of the template."""
    is_second, is_trace = source.verb.order > 1, _is_trace(source.verb)
    excused, value = _excused(source.value), "value(*point.values())"
    slope = _slope(source.verb, source.packing) if source.verb.is_derivative else []
    return {
        "is_second": is_second,
        "is_trace": is_trace,
        **(_ALONG_ALL if is_trace else _ALONG_ONE),
        "directions": _TRACED if is_trace else [_FIRST, _SECOND][: source.verb.order],
        "ratio": "2.0" if is_second else "4.0",
        "rounding": "4e-15 / steps[4:-1] ** 2" if is_second else "2e-15 / steps[4:-1]",
        "flat": "np.ravel" if source.is_scalar else "flat",
        "slope": [
            line.replace("flat(", "np.ravel(") if source.is_scalar else line for line in slope
        ],
        "outputs": value if len(source.value.outputs) > 1 else f"({value},)",
        "has_kinks": bool(excused) or not is_smooth(source),
        "excused": [name for name in source.wrt if excused and (is_second or name in excused)],
        "excuse": next(iter(excused.values()), ""),
        "near": _near(source.value),
        "moved": _moved(source, is_second=is_second),
    }


def _slope(verb: Verb, packing: Nest | Tensor | Coordinates) -> list[str]:
    """The statements that set `slope`: along u of the inputs, and v, and weighted by w.

    A call takes some of these directions; what it returns is contracted with the others.
    """
    free = {INPUTS: ["u", "v"][: verb.order], OUTPUTS: ["w"]}
    given = "*point.values()"
    if verb.vectors is not None:
        given += f", *{free[verb.vectors.axis].pop(0)}"
    found = f"{verb.name}({given}){'[1]' * verb.returns_value}"
    directions = [free[axis].pop(0) for axis in verb.result[::-1]][::-1]
    statements, text = _contracted(found, directions, packing)
    if free[OUTPUTS]:
        text = f"w[0] * ({text})"
    return [*statements, f"slope = {text}{' * unit**2' * _is_trace(verb)}"]


def _contracted(
    found: str, directions: Sequence[str], packing: Nest | Tensor | Coordinates
) -> tuple[list[str], str]:
    """Statements, and a number, a vector or a matrix along as many directions."""
    match directions:
        case []:
            return [], found
        case [direction]:
            return [], f"flat({found}) @ flat({direction})"
        case [left, right]:
            pass
    if isinstance(packing, Tensor):
        return [], f"flat({left}) @ {found}.reshape(len({left}), -1) @ flat({right})"
    if isinstance(packing, Coordinates):
        return [], f"flat({left})[ROWS] * {found}[0] @ flat({right})[COLUMNS]"
    pairs = f"pairs = [np.multiply.outer(a, b) for a in {left} for b in {right}]"
    return [pairs], f"flat({found}) @ flat(pairs)"


def _is_trace(verb: Verb) -> bool:
    """Whether second derivatives are summed, so that no direction is left to choose."""
    return verb.order > 1 and verb.vectors is None and INPUTS not in verb.result


def _near(graph: Graph) -> str:
    """A number or array near x; what is no float stays as it is."""
    moved = "x * rng.uniform(0.8, 1.2, np.shape(x))"
    has_others = any(graph[at].dtype != FLOAT for at in graph.inputs)
    return f"x if n in KINDS else {moved}" if has_others else moved


def _moved(source: Source, *, is_second: bool) -> str:
    """The input of a name, moved; a number stays a float, for which the body is quickest."""
    moved = "point[n] + a * x + b * y" if is_second else "point[n] + a * x"
    return f"float({moved})" if source.is_scalar else moved


def _excused(graph: Graph) -> dict[str, str]:
    """The inputs of which differences of the value say something else, and why."""
    reasons: dict[int, str] = {}
    for position in reversed(range(len(graph))):
        node = graph[position]
        inside = every_node(Graph([node], (), (), ()))
        found = [_EXCUSES[line.op] for line in inside if line.op in _EXCUSES]
        reason = found[0] if found else reasons.get(position)
        if reason is not None:
            reasons.update(dict.fromkeys(node.args, reason))
    pairs = zip(graph.input_names, graph.inputs, strict=True)
    return {name: reasons[at] for name, at in pairs if at in reasons}
