"""Syntax trees: what they hold, copies of them, and the places of new parts.

The functions of `ast` ask each node for its fields by name, which takes three times as long.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)
_WITHOUT_PLACE = frozenset("id attr arg ctx op ops kind module level conversion simple".split())
_HOLDING: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: (), ast.Name: ()}  # fields
_SHARED = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)  # of no place
_FIRST = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}
_LOCATION = tuple(_FIRST)


def fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields in which nodes of a kind may hold others, without what has no place."""
    names = _HOLDING.get(kind)
    if names is None:
        names = _HOLDING[kind] = tuple([n for n in kind._fields if n not in _WITHOUT_PLACE])
    return names


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes that a node holds, without what has no place."""
    found: list[ast.AST] = []
    names = fields_of(node.__class__)
    if not names:
        return found
    held = node.__dict__
    for name in names:
        value = held.get(name)
        if value.__class__ is list:
            found += [part for part in value if isinstance(part, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(trees: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of trees."""
    pending = list(trees)
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)


def copied(tree: Node) -> Node:
    """A tree of new nodes."""
    made = _copy(tree)
    pending: list[ast.AST] = [made]
    while pending:
        held: dict[str, Any] = pending.pop().__dict__
        for name, value in held.items():
            if isinstance(value, list):
                held[name] = parts = [_copy(x) if isinstance(x, ast.AST) else x for x in value]
                pending += [part for part in parts if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, _SHARED):
                held[name] = part = _copy(value)
                pending.append(part)
    return made


def _copy(node: Node) -> Node:
    made = node.__class__.__new__(node.__class__)
    made.__dict__.update(node.__dict__)
    return made


def placed(node: Node, place: ast.AST) -> Node:
    """A node and its new parts, at the place of another one; what has a place keeps it."""
    return with_places_outside(ast.copy_location(node, place))


def with_places_outside(tree: Node) -> Node:
    """A tree whose new parts have its own place, up to what has one."""
    location, pending = location_of(tree), children(tree)
    while pending:
        part = pending.pop()
        if "lineno" not in part.__dict__:
            pending += children(_at(part, location))
    return tree


def _at(node: Node, location: dict[str, int]) -> Node:
    if "lineno" in node._attributes:
        node.__dict__.update(location)
    return node


def location_of(node: ast.AST) -> dict[str, int]:
    """Where a node stands, by the names of the attributes that say so."""
    held = node.__dict__
    return {name: held[name] for name in _LOCATION} if "lineno" in held else _FIRST
