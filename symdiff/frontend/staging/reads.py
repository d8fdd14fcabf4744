"""Reads of expressions: of variables, of what is read later than where it stands, or once more."""

from __future__ import annotations

import ast

from symdiff.frontend.staging.trees import children, copied
from symdiff.frontend.tracing.places import RECORDER

_PLAIN = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Tuple, ast.Slice, ast.BinOp,
          ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)  # fmt: skip


def read_of(name: str) -> ast.Name:
    """A variable, where it is read."""
    return ast.Name(name, ast.Load())


def late(body: ast.expr) -> ast.expr:
    """An expression that is evaluated when it is asked for."""
    arguments = ast.arguments([], [], None, [], [], None, [])
    return ast.copy_location(ast.Lambda(arguments, body), body)


def loaded(node: ast.expr) -> ast.expr:
    """An expression that is read once more."""
    found = copied(node)
    if isinstance(found, (ast.Name, ast.Attribute, ast.Subscript)):
        found.ctx = ast.Load()
    return found


def can_be_read_again(node: ast.expr) -> bool:
    """Whether reading an expression twice does no more than reading it once."""
    pending: list[ast.AST] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Call) and _is_asked(part):
            continue
        if not isinstance(part, _PLAIN):
            return False
        pending += children(part)
    return True


def _is_asked(node: ast.Call) -> bool:
    """Whether a call asks a variable whether it is set."""
    function = node.func
    if not isinstance(function, ast.Attribute) or function.attr != "certain":
        return False
    return isinstance(function.value, ast.Name) and function.value.id == RECORDER


def is_known_index(node: ast.expr) -> bool:
    """Whether an index is in print, or has parts that are no numbers."""
    if isinstance(node, ast.Tuple):
        is_of_slices = any(isinstance(part, (ast.Slice, ast.Starred)) for part in node.elts)
        return is_of_slices or all(map(is_known_index, node.elts))
    return isinstance(node, (ast.Slice, ast.Constant)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    )
