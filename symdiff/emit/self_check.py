"""What the self-check of a module compares: the slope that its verb says, and who is excused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.docstrings import is_smooth
from symdiff.emit.layout import INDENT, WIDTH
from symdiff.emit.source import Derivative, Source
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node, every_op
from symdiff.graph.node import BOOL, FLOAT
from symdiff.ops.creation import stop
from symdiff.ops.loops import are_tested
from symdiff.ops.own_rules import own
from symdiff.verbs import INPUTS, OUTPUTS, Verb

_EXCUSES = {
    stop.name: "stop_gradient makes the derivative another one",
    own.name: "a function has a derivative of its own",
}


_RATIO = 3.7  # not whole: differences of a floor would agree at steps that are twice one another


def self_check(source: Source) -> dict[str, Any]:
    """The variables of the template."""
    verbs = [derivative.verb for derivative in source.derivatives]
    orders = {verb.order for verb in verbs}
    is_several, first, is_scalar = len(verbs) > 1, verbs[0], source.is_scalar
    reasons = excused(source.value)
    return {
        "is_several": is_several,
        "what": "a verb" if is_several else first.name,
        "shown": _shown("{verb}" if is_several else first.name),
        "run": _run(verbs),
        "start": _start(source, orders),
        "drawn": _drawn(source, verbs),
        "differences": _chosen(verbs, _along_all, _along_one, source),
        "ratio": _ratio(orders),
        "rounding": _rounding(orders, source),
        "sure": "1e-2" if source.is_float32 else "1e-6",
        "bound": "2e-2" if source.is_float32 else "2e-6",
        "slopes": _slopes(source),
        "size": _text(verbs, "sizes[4:12]", "abs(r[1:-1])"),
        "groups": _text(verbs, "[WRT]", "[WRT[k::16] for k in range(16)[: len(WRT)]]"),
        "is_mixed": any(map(_is_trace, verbs)) and not all(map(_is_trace, verbs)),
        "point": "x" if is_scalar else "point",
        "at": "x[:4].tolist()" if is_scalar else '", ".join(at[:4])',
        "names": "{', '.join(INPUTS[:4])} = " if is_scalar else "",
        "has_kinks": bool(reasons) or may_have_kinks(source),
        "excused": _excused_text(source, reasons, orders),
        "excuse": next(iter(reasons.values()), ""),
        "near": _near(source.value),
        "may_be_endless": are_tested(source.value),
    }


def _run(verbs: Sequence[Verb]) -> str:
    """The call of the check, for each of several verbs."""
    if len(verbs) == 1:
        return "_self_check()"
    calls = [f'_self_check("{verb.name}", {verb.order})' for verb in verbs]
    return f"max({', '.join(calls)})"


def _shown(title: str) -> list[str]:
    """The statements that print a line of the table."""
    line = f'print(f"{title} by {{%s}}: {{len(found)}} points compared, {{text}}")'
    names = "', '.join(group[:3])"
    if len(2 * INDENT + line % names) <= WIDTH:
        return [line % names]
    return ['names = ", ".join(group[:3])', line % "names"]


def _is_trace(verb: Verb) -> bool:
    """Whether second derivatives are summed, so that no direction is left to choose."""
    return verb.order > 1 and verb.vectors is None and INPUTS not in verb.result


def _text(verbs: Sequence[Verb], of_trace: str, of_others: str) -> str:
    """An expression for traces, or another one for the other verbs."""
    traces = [verb.name for verb in verbs if _is_trace(verb)]
    if len(traces) in (0, len(verbs)):
        return of_trace if traces else of_others
    return f"({of_trace} if verb in {traces} else {of_others})".replace("'", '"')


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


# --- points and directions -----------------------------------------------------------------------


def _start(source: Source, orders: AbstractSet[int]) -> list[str]:
    """The statements that set points to start from, the steps `h`, and multiples of directions."""
    good = "np.ones(n)" if source.is_scalar else ""
    lines = [f"good, h = [{good}], {_ratio(orders)} ** -np.arange(1, 14)"]
    if orders != {1}:
        lines += _shifts(orders)
    if len(orders) > 1:
        lines.insert(0, f"ratio = {_RATIO} / order")
    if _is_partial(source):
        lines.append("wrt = [INPUTS.index(name) for name in WRT]")
    return lines


def _ratio(orders: AbstractSet[int]) -> str:
    """The ratio of a step to the next one."""
    return "ratio" if len(orders) > 1 else f"{_RATIO / min(orders)}"


def _shifts(orders: AbstractSet[int]) -> list[str]:
    """The statements that set the multiples `a` of u, and `b` of v, by which inputs are moved."""
    second = "a, b = np.kron([[1, 1, -1, -1], [1, -1, 1, -1]], h)"
    if len(orders) == 1:
        return [second]
    return ["if order == 1:", f"    a, b = {_BOTH_SIDES}, np.zeros(26)", "else:", f"    {second}"]


_BOTH_SIDES = "np.append(h, -h)"


def _is_partial(source: Source) -> bool:
    """Whether directions are as long as the inputs, of which some are not differentiated by."""
    return source.is_scalar and source.wrt != source.value.input_names


def _drawn(source: Source, verbs: Sequence[Verb]) -> list[str]:
    """The statements that set the point x, and random directions u and v.

    Where whole numbers are drawn, all inputs are moved: at an edge of the domain by one of them.
    """
    has_second = any(verb.order > 1 for verb in verbs)
    names = "names = (group, group, WRT)[trial % 3]"
    if source.is_scalar:
        masked = "rng.normal(size=n) * (x + (x == 0)) * np.isin(INPUTS, %s)"
        return [
            "x = (x, rng.choice(good) * rng.uniform(0.8, 1.2, n), x.round())[trial % 3]",
            names,
            f"u = {masked % 'names'}",
            *[f"v = {masked % 'WRT'}"] * has_second,
        ]
    drawn = "[rng.normal(size=np.shape(p)) * (p + (p == 0)) for p in x]"
    return [
        "point = draw(trial, x)",
        "x = [point[name] for name in WRT]",
        names,
        f"u = {drawn}",
        "u = [p * (name in names) for name, p in zip(WRT, u)]",
        *[f"v = {drawn}"] * has_second,
    ]


# --- differences ---------------------------------------------------------------------------------


def _along_one(source: Source, orders: AbstractSet[int]) -> list[str]:
    """The statements that set `r`, the quotients of differences along u, and v."""
    has_second = any(derivative.verb.order > 1 for derivative in source.derivatives)
    values = _values(source, has_second=has_second)
    return [*_weights(source), *values, *_quotients(orders)]


def _along_all(source: Source) -> list[str]:
    """The statements that set `r`, the scaled sum along all axes, and `sizes` of its terms."""
    lines = _values(source, has_second=True) + _quotients({2})
    sums = ["r, sizes = r + weight * part, sizes + np.abs(weight * part)"]
    lines = [line.replace("r = ", "part = ", 1) for line in lines] + sums
    before, loop, inside = _of_numbers(source) if source.is_scalar else _OF_ARRAYS
    before = [*_weights(source), *before]
    return [*before, "r, sizes = np.zeros((2, 13))", loop, *_inside([*inside, *lines])]


def _weights(source: Source) -> list[str]:
    """The statements that set `w`, by which the outputs are weighted: about 1 together."""
    if _is_single(source):
        return ["w = 1.0 / (abs(value(*x.tolist())) or 1.0)"]
    if source.is_scalar:
        return [
            "ys = np.ravel(value(*x.tolist()))",
            "w = rng.normal(size=len(ys)) / (abs(ys) + (ys == 0))",
        ]
    return [
        "ys = value(*point.values())",
        "ys = ys if type(ys) is tuple else (ys,)",
        "w = [rng.normal(size=np.shape(y)) / (np.linalg.norm(y) or 1) for y in ys]",
    ]


def _is_single(source: Source) -> bool:
    """Whether there is one number to weight, so that the weight is a number."""
    verbs = [derivative.verb for derivative in source.derivatives]
    taken = [verb.vectors.axis for verb in verbs if verb.vectors is not None]
    returned = [axis for verb in verbs for axis in verb.result]
    return source.is_scalar and OUTPUTS not in (*taken, *returned)


def _of_numbers(source: Source) -> tuple[list[str], str, list[str]]:
    """The statements before the loop over the axes, the loop, and the statements in it."""
    squares, axes = "scales**-2.0", "range(n)"
    if _is_partial(source):
        squares, axes = f"({squares})[wrt]", "wrt"
    return (
        ["scales = np.where(x == 0, 1.0, abs(x))", f"unit = np.sum({squares}) ** -0.5"],
        f"for axis in {axes}:",
        ["u = v = scales[axis] * np.eye(n)[axis]", "weight = (unit / scales[axis]) ** 2"],
    )


_OF_ARRAYS = (
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
)


def _values(source: Source, *, has_second: bool) -> list[str]:
    """The statements that set `y`, the weighted values of the inputs moved by a*u, and b*v."""
    if source.is_scalar:
        moved = "np.outer(a, u) + np.outer(b, v)" if has_second else f"np.outer({_BOTH_SIDES}, u)"
        if _is_single(source):
            return [f"y = w * value(*(x + {moved}).T)"]
        return [f"y = w @ np.reshape(value(*(x + {moved}).T), (len(w), -1))"]
    moved = "{k: p + s * q for k, p, q in zip(WRT, x, u)}"
    if has_second:
        moved = "{k: p + s * q + t * r for k, p, q, r in zip(WRT, x, u, v)}"
    return [
        "y = []",
        f"for s{', t' * has_second} in {'zip(a, b)' if has_second else _BOTH_SIDES}:",
        f"    moved = {moved}",
        "    y.append(flat(value(*(point | moved).values())) @ flat(w))",
    ]


def _rounding(orders: AbstractSet[int], source: Source) -> str:
    """What rounding does to quotients of differences, of a value of about 1."""
    power = "e-6" if source.is_float32 else "e-15"
    texts = {1: f"2{power} / h[4:12]", 2: f"4{power} / h[4:12] ** 2"}
    return texts[min(orders)] if len(orders) == 1 else f"2{power} * order / h[4:12] ** order"


def _quotients(orders: AbstractSet[int]) -> list[str]:
    """The statements that set `r`, the central quotients of differences of the values `y`."""
    first = "r = [1, -1] @ np.reshape(y, (2, 13)) / (2 * h)"
    second = "r = [1, -1, -1, 1] @ np.reshape(y, (4, 13)) / (2 * h) ** 2"
    if len(orders) == 1:
        return [first] if 1 in orders else [second]
    return ["if order == 1:", f"    {first}", "else:", f"    {second}"]


def _inside(lines: Sequence[str]) -> list[str]:
    return [f"{INDENT}{line}" for line in lines]


# --- what the verb says --------------------------------------------------------------------------


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
    of_wrt = "[wrt]" if _is_partial(source) else ""
    free = {INPUTS: [f"u{of_wrt}", f"v{of_wrt}"][: verb.order], OUTPUTS: ["w"]}
    given = "*x.tolist()" if is_scalar else "*point.values()"
    if verb.vectors is not None:
        given += f", *{free[verb.vectors.axis].pop(0)}{'.tolist()' * is_scalar}"
    found = f"{verb.name}({given}){'[1]' * verb.returns_value}"
    directions = [free[axis].pop(0) for axis in verb.result[::-1]][::-1]
    lines, text = _contracted(source, derivative, found, directions)
    if free[OUTPUTS]:
        weight = "w" if _is_single(source) else "w[0]"
        text = f"{weight} * ({text})"
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
    pairs = f"pairs = [np.multiply.outer(p, q) for p in {left} for q in {right}]"
    return [pairs], f"{flat}({found}) @ {flat}(pairs)"


# --- excuses -------------------------------------------------------------------------------------


def may_have_kinks(source: Source) -> bool:
    """Whether a convention may count somewhere, or a comparison decides."""
    return not is_smooth(source) or BOOL in source.value.dtypes


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


def excused(graph: Graph) -> dict[str, str]:
    """The inputs of which differences of the value say something else, and why."""
    if _EXCUSES.keys().isdisjoint(every_op(graph)):
        return {}
    reasons: dict[int, str] = {}
    for position in reversed(range(len(graph))):
        node = graph[position]
        inside = every_node([node]) if node.params else (node,)
        found = [_EXCUSES[line.op] for line in inside if line.op in _EXCUSES]
        reason = found[0] if found else reasons.get(position)
        if reason is not None:
            reasons.update(dict.fromkeys(node.args, reason))
    pairs = zip(graph.input_names, graph.inputs, strict=True)
    return {name: reasons[at] for name, at in pairs if at in reasons}
