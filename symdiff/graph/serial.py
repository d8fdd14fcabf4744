"""A graph as plain data for JSON, and back: what an emitted module's recipe holds.

A line is the list `[op, args, params, shape, dtype]` without what is default at its end. Tuples are
lists, a named dimension is its text (`"N"`, `"2*N - 1"`), among parameters `{"dim": "N"}`, and a
number that JSON lacks `{"float": "nan"}`. A graph among parameters is `{"graph": {...}}`.

Data that come from a file are not trusted. Texts among parameters may reach emitted code, so they
hold nothing that could be a call or end a quotation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any, NoReturn

from symdiff.errors import Span, SymdiffError
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested, with_nested
from symdiff.graph.node import CHECK, CONSTANT, FLOAT, INPUT, Node
from symdiff.graph.shape import Dim, Dimension, named

# (line, the lines before it); raises where the line is not what its operation makes
CheckLine = Callable[[Node, Sequence[Node]], None]
CheckGraph = Callable[[Graph], None]
_Checks = tuple[CheckLine | None, CheckGraph | None]

_KEYS = ("nodes", "inputs", "outputs", "names", "primal", "spans", "hints", "derived")
_LINE_DEFAULTS: list[Any] = [[], [], [], FLOAT]  # of args, params, shape, dtype
_SPAN_DEFAULTS: list[Any] = [0, ""]  # of line, file
_DEEPEST = 6  # nesting of parameters; patterns of indices have 2
_DEEPEST_GRAPH = 20  # graphs inside of each other
_LONGEST_DIM = 1000
_SPEC = re.compile(r"[ !#-&(-\[\]-z|~]*")  # a format: no quotes, braces or backslashes
_SAFE = re.compile(r"[A-Za-z0-9_+/=,>-]*")  # names, letters of a contraction, bytes in base 64


# --- a graph as data ---------------------------------------------------------------------------


def to_data(graph: Graph) -> dict[str, Any]:  # JSON
    """The graph as lists, numbers and texts; what is empty is left out.

    Raises:
        TypeError: where a parameter has no form as data.
    """
    data = {
        "nodes": [_line_data(node) for node in graph.nodes],
        "inputs": list(graph.inputs),
        "outputs": list(graph.outputs),
        "names": list(graph.output_names),
        "primal": graph.primal,
        "spans": [_span_data(at, span) for at, span in sorted(graph.spans.items())],
        "hints": [[at, name] for at, name in sorted(graph.hints.items())],
        "derived": [[at, name] for at, name in sorted(graph.derived.items())],
    }
    return {key: value for key, value in data.items() if value}


def _line_data(node: Node) -> list[Any]:
    op, args, params, shape, dtype = node
    lengths = [n if isinstance(n, int) else str(n) for n in shape]
    line = [op, list(args), [_param_data(param) for param in params], lengths, dtype]
    return _trimmed(line, _LINE_DEFAULTS)


def _span_data(position: int, span: Span) -> list[Any]:
    return _trimmed([position, *span], _SPAN_DEFAULTS)


def _trimmed(values: list[Any], defaults: list[Any]) -> list[Any]:
    """The values without those at the end that are default."""
    for default in reversed(defaults):
        if values[-1] != default:
            break
        values.pop()
    return values


def _param_data(param: Any) -> Any:
    match param:
        case tuple():
            return [_param_data(item) for item in param]
        case Dim():
            return {"dim": str(param)}
        case Nested():
            return {"graph": to_data(param.graph)}
        case float() if not math.isfinite(param):
            return {"float": repr(param)}
        case None | bool() | int() | float() | str():
            return param
    raise TypeError(f"a parameter of the type {type(param).__name__} has no form as data")


def portable(graph: Graph, file: str) -> Graph:
    """The graph with lines of the source alone for places: no path of a machine is in it.

    Args:
        graph: a traced function's.
        file: the name of the file that most lines come from; it is left out.
    """
    spans = {}
    for at, span in graph.spans.items():
        name = PurePath(span.file).name
        spans[at] = Span(0, 0, span.line, "" if name == file else name)
    return replace(with_nested(graph, lambda inner: portable(inner, file)), spans=spans)


# --- data as a graph ---------------------------------------------------------------------------


def from_data(
    data: Any,  # JSON from a file
    check_line: CheckLine | None = None,
    check_graph: CheckGraph | None = None,
) -> Graph:
    """The graph that `to_data` made data of.

    Args:
        data: what `to_data` gave, or anything else that JSON can hold.
        check_line: `(line, lines before it)`, raises where the operation is not known or would
            not make this line: its arguments, parameters, shape or kind do not fit.
        check_graph: raises where lines are no graph together, though each is a line.

    Raises:
        SymdiffError: where the data describe no legal graph; the message says what is wrong.
    """
    return _graph(data, (check_line, check_graph), 0)


def _graph(data: Any, checks: _Checks, depth: int) -> Graph:
    """The graph, inside of so many others."""
    if depth > _DEEPEST_GRAPH:
        _damaged("graphs stand too deep inside of each other")
    given = _mapping(data)
    nodes = _nodes(given["nodes"], checks, depth)
    graph = Graph(
        nodes,
        _positions(given["inputs"], "inputs"),
        _positions(given["outputs"], "outputs"),
        tuple(_identifier(name, "an output's name") for name in _list(given["names"], "names")),
        _whole(given["primal"], "primal"),
        dict(_spans(given["spans"])),
        dict(_hints(given["hints"])),
        dict(_hints(given["derived"])),
    )
    try:
        check(graph)
        if checks[1] is not None:
            checks[1](graph)
    except ValueError as error:
        _damaged(str(error))
    except SymdiffError as error:
        _damaged(error.message)
    return graph


def _damaged(reason: str) -> NoReturn:
    raise SymdiffError(f"the recipe is damaged: {reason}")


def _mapping(data: Any) -> Mapping[str, Any]:
    """The parts of the graph by name, those that were left out empty."""
    if not isinstance(data, dict):
        _damaged("it holds no graph")
    if not set(data) <= set(_KEYS):
        _damaged(f"a graph has no '{min(map(str, set(data) - set(_KEYS)))}'")
    empty: dict[str, Any] = {key: [] for key in _KEYS}
    return empty | {"primal": 0} | data


def _nodes(data: Any, checks: _Checks, depth: int) -> list[Node]:
    def nested(graph: Any) -> Nested:
        return Nested(_graph(graph, checks, depth + 1))

    check_line, nodes = checks[0], list[Node]()
    for line in _list(data, "nodes"):
        where = f"line {len(nodes)}"
        node = _node(_filled(line, _LINE_DEFAULTS, 1, where), where, nested)
        if any(argument >= len(nodes) for argument in node.args):
            _damaged(f"{where} uses a later line")
        if node.op not in (INPUT, CONSTANT) and check_line is not None:
            _checked(check_line, node, nodes, where)
        nodes.append(node)
    return nodes


def _checked(check_line: CheckLine, node: Node, before: list[Node], where: str) -> None:
    """Rules of shapes are written for good parameters: with others they fail in any way."""
    try:
        check_line(node, before)
    except Exception as error:
        reason = error.message if isinstance(error, SymdiffError) else str(error)
        _damaged(f"{where} is no line of a graph: {reason}")


def _node(line: Sequence[Any], where: str, nested: Callable[[Any], Nested]) -> Node:
    op, args, params, shape, dtype = line
    if not isinstance(op, str) or not isinstance(dtype, str):
        _damaged(f"{where} names no operation")
    return Node(
        op,
        _positions(args, where),
        _params(op, _list(params, where), where, nested),
        tuple(_length(length, where) for length in _list(shape, where)),
        dtype,
    )


def _params(
    op: str, params: list[Any], where: str, nested: Callable[[Any], Nested]
) -> tuple[Any, ...]:
    if op in _PARAMS:
        return _PARAMS[op](params, where)
    found = []
    for param in params:
        match param:
            case {"graph": graph, **others} if not others:
                found.append(nested(graph))
            case _:
                found.append(_param(param, where, 0))
    return tuple(found)


def _input_params(params: list[Any], where: str) -> tuple[Any, ...]:
    return (_identifier(params[0] if len(params) == 1 else None, f"{where}, an input,"),)


def _constant_params(params: list[Any], where: str) -> tuple[Any, ...]:
    """The bits of a number, written as `float.hex` writes them."""
    try:
        (text,) = params
        if float.fromhex(text).hex() == text:
            return (text,)
    except (TypeError, ValueError, OverflowError):
        pass
    _damaged(f"{where} holds no number")


def _check_params(params: list[Any], where: str) -> tuple[Any, ...]:
    """The class of an error, and its message: texts, which the printer escapes, and values."""
    match params:
        case [str(error), list(pieces)] if _SAFE.fullmatch(error):
            return error, tuple([_piece(piece, where) for piece in pieces])
    _damaged(f"{where} has no message")


def _piece(data: Any, where: str) -> str | tuple[int, str, str]:
    match data:
        case str():
            return data
        case [int(number), "" | "r" | "s" | "a" as conversion, str(spec)] if type(
            number
        ) is int and _SPEC.fullmatch(spec):
            return number, conversion, spec
    _damaged(f"{where} has a message with a part that is no text and no value")


# of what is no operation, and of what holds a text
_PARAMS = {INPUT: _input_params, CONSTANT: _constant_params, CHECK: _check_params}


def _param(data: Any, where: str, depth: int) -> Any:
    match data:
        case list() if depth < _DEEPEST:
            return tuple(_param(item, where, depth + 1) for item in data)
        case str() if _SAFE.fullmatch(data):
            return data
        case None | bool() | int() | float():
            return data
        case {"dim": str(text), **others} if not others:
            return _dim(text, where)
        case {"float": "nan" | "inf" | "-inf" as text, **others} if not others:
            return float(text)
    _damaged(f"{where} has a parameter that no operation takes")


def _length(data: Any, where: str) -> Dimension:
    if isinstance(data, str):
        return _dim(data, where)
    return _whole(data, where)


def _dim(text: str, where: str) -> Dim:
    """A named dimension from its text, which must be the one that it is written with."""
    total: Dimension = 0
    if len(text) <= _LONGEST_DIM:
        first, *rest = re.split(r" ([+-]) ", text)
        for sign, term in [("+", first), *zip(rest[::2], rest[1::2], strict=True)]:
            total = _term(term) * (1 if sign == "+" else -1) + total
    if not isinstance(total, Dim) or str(total) != text:
        _damaged(f"{where} has a length that is no number and no named dimension")
    return total


def _term(text: str) -> Dimension:
    """A product of names, a number first or alone; 0 where it is something else."""
    product: Dimension = -1 if text.startswith("-") else 1
    for factor in text.removeprefix("-").split(" * "):
        if factor.isidentifier():
            product = named(factor) * product
        else:
            product = product * (int(factor) if factor.isdecimal() else 0)
    return product


def _spans(data: Any) -> Iterator[tuple[int, Span]]:
    for item in _list(data, "spans"):
        *numbers, file = _filled(item, _SPAN_DEFAULTS, 3, "a place in the source")
        at, start, end, line = (_whole(n, "a place in the source") for n in numbers)
        if not isinstance(file, str) or not file.isprintable():
            _damaged("a place in the source names no file")
        yield at, Span(start, end, line, file)


def _hints(data: Any) -> Iterator[tuple[int, str]]:
    for item in _list(data, "hints"):
        at, name = _filled(item, [], 2, "a line's name")
        yield _whole(at, "a line's name"), _identifier(name, "a line's name")


# --- what data may be --------------------------------------------------------------------------


def _list(data: Any, what: str) -> list[Any]:
    if not isinstance(data, list):
        _damaged(f"{what} should hold a list")
    return data


def _filled(data: Any, defaults: list[Any], least: int, what: str) -> list[Any]:
    """A list with what was left out at its end put in again."""
    given = _list(data, what)
    left_out = least + len(defaults) - len(given)
    if not 0 <= left_out <= len(defaults):
        _damaged(f"{what} has {len(given)} parts")
    return given + defaults[len(defaults) - left_out :]


def _whole(data: Any, what: str) -> int:
    if type(data) is not int or data < 0:  # a bool is an int too
        _damaged(f"{what} should hold whole numbers from 0")
    return data


def _positions(data: Any, what: str) -> tuple[int, ...]:
    return tuple(_whole(item, what) for item in _list(data, what))


def _identifier(data: Any, what: str) -> str:
    if not isinstance(data, str) or not data.isidentifier():
        _damaged(f"{what} is no identifier")
    return data
