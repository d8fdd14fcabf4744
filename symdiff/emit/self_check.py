"""What the self-check of a module compares: the slope that its verb says, and who is excused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.docstrings import is_smooth
from symdiff.emit.layout import INDENT
from symdiff.emit.source import Derivative, Source
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


def self_check(source: Source) -> dict[str, Any]:
    """The variables of the template."""
    verbs = [derivative.verb for derivative in source.derivatives]
    orders = {verb.order for verb in verbs}
    is_several, first = len(verbs) > 1, verbs[0]
    excused = _excused(source.value)
    return {
        "is_several": is_several,
        "what": "a verb" if is_several else first.name,
        "title": "{verb}" if is_several else first.name,
        "run": _run(verbs),
        "ratio": "ratio" if len(orders) > 1 else f"{4.0 / first.order}",
        "rounding": _rounding(orders),
        "shifts": _shifts(orders),
        "along": "in a random direction" if not all(map(_is_trace, verbs)) else "along all axes",
        "differences": _chosen(verbs, _along_all, _along_one, source),
        "size": _text(verbs, "sizes[best]", "max(-low, high) + 1e-6"),
        "groups": _text(verbs, "[WRT]", "[WRT[k::16] for k in range(min(16, len(WRT)))]"),
        "is_mixed": any(map(_is_trace, verbs)) and not all(map(_is_trace, verbs)),
        "slopes": _slopes(source),
        "has_kinks": bool(excused) or not is_smooth(source),
        "excused": _excused_text(source, excused, orders),
        "excuse": next(iter(excused.values()), ""),
        "near": _near(source.value),
    }


def _run(verbs: Sequence[Verb]) -> str:
    """The call of the check, for each of several verbs."""
    if len(verbs) == 1:
        return "_self_check()"
    calls = [f'_self_check("{verb.name}", {verb.order})' for verb in verbs]
    return f"max({', '.join(calls)})"


def _is_trace(verb: Verb) -> bool:
    """Whether second derivatives are summed, so that no direction is left to choose."""
    return verb.order > 1 and verb.vectors is None and INPUTS not in verb.result


def _text(verbs: Sequence[Verb], of_trace: str, of_others: str) -> str:
    """An expression for traces, or another one for the other verbs."""
    traces = [verb.name for verb in verbs if _is_trace(verb)]
    if len(traces) in (0, len(verbs)):
        return of_trace if traces else of_others
    return f"{of_trace} if verb in {traces} else {of_others}".replace("'", '"')


def _chosen(
    verbs: Sequence[Verb],
    of_trace: Callable[[Source], list[str]],
    of_others: Callable[[Source, AbstractSet[int]], list[str]],
    source: Source,
) -> list[str]:
    """The same of statements."""
    orders = {verb.order for verb in verbs if not _is_trace(verb)}
    if not orders:
        return of_trace(source)
    if not any(map(_is_trace, verbs)):
        return of_others(source, orders)
    condition = _text(verbs, "TRACE", "OTHERS").partition(" if ")[2].partition(" else ")[0]
    trace, others = of_trace(source), of_others(source, orders)
    return [f"if {condition}:", *_inside(trace), "else:", *_inside(others)]


# --- differences ---------------------------------------------------------------------------------


def _along_one(source: Source, orders: AbstractSet[int]) -> list[str]:
    """The statements that set `r` along random directions u, and v for a second derivative."""
    u, v = _DIRECTIONS[source.is_scalar]
    lines, has_second = [u, *[_MASK] * (not source.is_scalar)], _has_second(source)
    lines += [v] * has_second
    lines.append(_WEIGHTS[source.is_scalar])
    return [*lines, *_values(source, has_second=has_second), *_quotients(orders)]


def _along_all(source: Source) -> list[str]:
    """The statements that set `r`, the scaled sum along all axes, and `sizes` of its terms."""
    lines = _values(source, has_second=True) + _quotients({2})
    sums = ["r, sizes = r + weight * part, sizes + np.abs(weight * part[0])"]
    lines = [line.replace("r = ", "part = ", 1) for line in lines] + sums
    before, loop, inside = _AXES[source.is_scalar]
    start = "r, sizes = np.zeros((2, 13)), 1e-6"
    before = [*before, _WEIGHTS[source.is_scalar]]
    return [*before, start, loop, *_inside([*inside, *lines])]


_DIRECTIONS = {
    True: [
        "u = rng.normal(size=len(x)) * (x + (x == 0)) * np.isin(WRT, names)",
        "v = rng.normal(size=len(x)) * (x + (x == 0))",
    ],
    False: [
        "u = [rng.normal(size=np.shape(p)) * (p + (p == 0)) for p in x]",
        "v = [rng.normal(size=np.shape(p)) * (p + (p == 0)) for p in x]",
    ],
}
_WEIGHTS = {  # of the outputs, which makes them about 1 together
    True: "w = rng.normal(size=len(ys)) / (abs(ys) + (ys == 0))",
    False: "w = [rng.normal(size=np.shape(y)) / (np.linalg.norm(y) or 1) for y in ys]",
}
_MASK = "u = [p * (n in names) for n, p in zip(WRT, u)]"
_AXES = {  # statements before the loop over the axes, the loop, statements in it
    True: (
        ["scales = np.where(x == 0, 1.0, abs(x))", "unit = np.sum(scales**-2.0) ** -0.5"],
        "for k, scale in enumerate(scales):",
        ["u = v = scale * np.eye(len(x))[k]", "weight = (unit / scale) ** 2"],
    ),
    False: (
        [
            "scales = [np.where(np.equal(p, 0), 1.0, np.abs(p)) for p in x]",
            "unit = sum(np.sum(p**-2.0) for p in scales) ** -0.5",
            "axes = [(k, at) for k, p in enumerate(x) for at in np.ndindex(np.shape(p))]",
        ],
        "for k, at in axes:",
        [
            "u = v = [np.zeros(np.shape(p)) for p in x]",
            "u[k][at], weight = scales[k][at], (unit / scales[k][at]) ** 2",
        ],
    ),
}


def _has_second(source: Source) -> bool:
    return any(derivative.verb.order > 1 for derivative in source.derivatives)


def _values(source: Source, *, has_second: bool) -> list[str]:
    """The statements that set `y`, the weighted values of the inputs moved by a*u, and b*v."""
    if source.is_scalar:
        return [
            "moved = np.repeat([point], len(a), 0)",
            f"moved[:, wrt] += np.outer(a, u){' + np.outer(b, v)' * has_second}",
            "y = w @ np.reshape(value(*moved.T), (len(w), -1))",
        ]
    moved = "{n: p + h * q for n, p, q in zip(WRT, x, u)}"
    if has_second:
        moved = "{n: p + h * q + k * r for n, p, q, r in zip(WRT, x, u, v)}"
    return [
        "y = []",
        f"for h{', k' * has_second} in {'zip(a, b)' if has_second else 'a'}:",
        f"    moved = {moved}",
        "    y.append(flat(value(*(point | moved).values())) @ flat(w))",
        "y = np.array(y)",
    ]


def _rounding(orders: AbstractSet[int]) -> str:
    """What rounding does to quotients of differences, of a value of about 1."""
    texts = {1: "2e-15 / steps[4:12]", 2: "4e-15 / steps[4:12] ** 2"}
    return texts[min(orders)] if len(orders) == 1 else "2e-15 * order / steps[4:12] ** order"


def _shifts(orders: AbstractSet[int]) -> list[str]:
    """The statements that set the multiples `a` of u, and `b` of v, by which inputs are moved."""
    first = "a = np.append(0.0, steps)"
    second = [
        "a = np.concatenate([[0.0], steps, steps, 0.0 * steps])",
        "b = np.concatenate([[0.0], steps, 0.0 * steps, steps])",
    ]
    if len(orders) == 1:
        return [first] if 1 in orders else second
    return ["if order == 1:", f"    {first}", "    b = 0.0 * a", "else:", *_inside(second)]


def _quotients(orders: AbstractSet[int]) -> list[str]:
    """The statements that set `r`, the quotients of differences of the values `y`, by side."""
    first = "r = ((y[1:] - y[0]) / steps).reshape(2, 13)"
    second = [
        "both, left, right = y[1:].reshape(3, 26)",
        "r = ((both - left - right + y[0]) / steps**2).reshape(2, 13)",
    ]
    if len(orders) == 1:
        return [first] if 1 in orders else second
    return ["if order == 1:", f"    {first}", "else:", *_inside(second)]


def _inside(lines: Sequence[str]) -> list[str]:
    return [f"{INDENT}{line}" for line in lines]


def _slopes(source: Source) -> list[str]:
    """The statements that set `slope`, what the verb says of it."""
    if len(source.derivatives) == 1:
        return _slope(source, source.derivatives[0])
    lines = []
    for number, derivative in enumerate(source.derivatives):
        lines.append(f'{"elif" if number else "if"} verb == "{derivative.verb.name}":')
        lines += _inside(_slope(source, derivative))
    return lines


def _slope(source: Source, derivative: Derivative) -> list[str]:
    """The same of one verb: along u of the inputs, and v, and weighted by w.

    A call takes some of these directions; what it returns is contracted with the others.
    """
    verb, is_scalar = derivative.verb, source.is_scalar
    free = {INPUTS: ["u", "v"][: verb.order], OUTPUTS: ["w"]}
    given = "*point.tolist()" if is_scalar else "*point.values()"
    if verb.vectors is not None:
        given += f", *{free[verb.vectors.axis].pop(0)}{'.tolist()' * is_scalar}"
    found = f"{verb.name}({given}){'[1]' * verb.returns_value}"
    directions = [free[axis].pop(0) for axis in verb.result[::-1]][::-1]
    lines, text = _contracted(source, derivative, found, directions)
    if free[OUTPUTS]:
        text = f"w[0] * ({text})"
    return [*lines, f"slope = {text}{' * unit**2' * _is_trace(verb)}"]


def _contracted(
    source: Source, derivative: Derivative, found: str, directions: Sequence[str]
) -> tuple[list[str], str]:
    """Statements, and a number, a vector or a matrix along as many directions."""
    prefix, flat = source.prefix(derivative), "np.ravel" if source.is_scalar else "flat"
    along = [name if source.is_scalar else f"flat({name})" for name in directions]
    match directions:
        case []:
            return [], found
        case [_]:
            return [], f"{flat}({found}) @ {along[0]}"
        case [left, right]:
            pass
    if isinstance(derivative.packing, Tensor):
        return [], f"{along[0]} @ {found}.reshape(len({left}), -1) @ {along[1]}"
    if isinstance(derivative.packing, Coordinates):
        return [], f"{along[0]}[{prefix}ROWS] * {found}[0] @ {along[1]}[{prefix}COLUMNS]"
    pairs = f"pairs = [np.multiply.outer(a, b) for a in {left} for b in {right}]"
    return [pairs], f"{flat}({found}) @ {flat}(pairs)"


def _excused_text(source: Source, excused: Mapping[str, str], orders: AbstractSet[int]) -> str:
    """The inputs by which differences say something else, `""` for none."""
    if not excused:
        return ""
    first, every = str([name for name in source.wrt if name in excused]), str(list(source.wrt))
    if len(orders) == 1:
        return every if 2 in orders else first
    return f"({every} if order == 2 else {first})"


def _near(graph: Graph) -> str:
    """A number or array near x; what is no float stays as it is."""
    moved = "x * rng.uniform(0.8, 1.2, np.shape(x))"
    has_others = any(graph[at].dtype != FLOAT for at in graph.inputs)
    return f"x if n in KINDS else {moved}" if has_others else moved


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
