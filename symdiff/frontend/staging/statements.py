"""Statements that decide: which they are, whether they leave their block, and chains of them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from symdiff.frontend.staging import scopes
from symdiff.frontend.staging.reads import read_of
from symdiff.frontend.staging.trees import placed

DECISIONS = (ast.If, ast.For, ast.While)
Decision = ast.If | ast.For | ast.While


def asserted(node: ast.stmt) -> ast.stmt:
    """`assert test, message` as the branch that it is."""
    if not isinstance(node, ast.Assert) or not __debug__:
        return node
    error = ast.Call(read_of("AssertionError"), [node.msg] if node.msg else [], [])
    branch = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Raise(error, None)], [])
    return placed(branch, node)


def joined(chain: ast.If, rest: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """Let `if a: return x` and what stands behind it be one chain; what is left behind that.

    So a long sequence of such is no deeper than one: the rest is what `else` does.
    """
    pending, node = [*rest], chain
    while pending and scopes.never_falls(node.body):
        if not node.orelse:
            node.orelse = [pending.pop(0)] if _is_guard(pending[0]) else [*pending]
            pending = pending if _is_guard(node.orelse[0]) else []
        elif len(node.orelse) > 1 or not isinstance(node.orelse[0], ast.If):
            break
        if not isinstance(node.orelse[0], ast.If):
            break
        node = node.orelse[0]
    return pending


def _is_guard(node: ast.stmt) -> bool:
    """Whether a statement is `if a: return x` or its like, without `else`."""
    return isinstance(node, ast.If) and not node.orelse and scopes.never_falls(node.body)


def exits(node: Decision) -> bool:
    """Whether a statement may leave the block that it stands in."""
    if isinstance(node, ast.If):
        return scopes.leaves([node])
    return scopes.returns([node]) or scopes.leaves(node.orelse)


def is_plain(node: ast.If, own: Collection[str]) -> bool:
    """Whether a statement is decided by which objects there are, and holds no other that exits.

    Args:
        node: the statement.
        own: variables of which a branch may have made one of two objects.
    """
    if not _asks_for_identity(node.test, own):
        return False
    inside = list(scopes.nodes_of([*node.body, *node.orelse]))
    return not any(isinstance(part, DECISIONS) and exits(part) for part in inside)


def _asks_for_identity(test: ast.expr, own: Collection[str]) -> bool:
    if isinstance(test, ast.UnaryOp):
        return isinstance(test.op, ast.Not) and _asks_for_identity(test.operand, own)
    if isinstance(test, ast.BoolOp):
        return all(_asks_for_identity(value, own) for value in test.values)
    if not isinstance(test, ast.Compare):
        return False
    compared = [test.left, *test.comparators]
    return all(isinstance(op, (ast.Is, ast.IsNot)) for op in test.ops) and not any(
        (isinstance(value, ast.Name) and value.id in own)
        or (isinstance(value, ast.Constant) and isinstance(value.value, bool))
        for value in compared
    )
