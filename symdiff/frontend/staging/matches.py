"""`match` statements as chains of `if`, where their patterns ask for values."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeVar

from symdiff.frontend.staging.trees import placed, walk

Node = TypeVar("Node", bound=ast.AST)
_SUBJECT = "_symdiff_subject"


def with_branches(node: Node) -> Node:
    """A definition with its `match` statements as branches, in place.

    Those stay that take classes, sequences or mappings apart: what decides them is known.
    """
    _Matches().visit(node)
    return node


def asks_for_objects(node: ast.Match) -> bool:
    """Whether patterns ask which object something is: `None`, `True` or `False`."""
    patterns = walk([case.pattern for case in node.cases])
    return any(isinstance(part, ast.MatchSingleton) for part in patterns)


class _Matches(ast.NodeTransformer):
    def __init__(self) -> None:
        self._count = 0

    def visit_Match(self, node: ast.Match) -> ast.stmt | list[ast.stmt]:
        self.generic_visit(node)
        parts = node.subject.elts if isinstance(node.subject, ast.Tuple) else [node.subject]
        is_tuple = isinstance(node.subject, ast.Tuple)
        names, before = [], list[ast.stmt]()
        for part in parts:
            name = part.id if isinstance(part, ast.Name) else self._fresh()
            names.append(name)
            if not isinstance(part, ast.Name):
                before.append(placed(ast.Assign([_store(name)], part), part))
        chain = _chain(node.cases, names, is_tuple=is_tuple)
        return node if chain is None else [*before, *chain]

    def _fresh(self) -> str:
        self._count += 1
        return f"{_SUBJECT}_{self._count}"


def _chain(
    cases: Sequence[ast.match_case], names: Sequence[str], *, is_tuple: bool
) -> list[ast.stmt] | None:
    """The statements of cases; `None` where one of them asks for more than values."""
    if not cases:
        return []
    case, *others = cases
    if isinstance(case.pattern, ast.MatchSequence) and is_tuple:
        tests = [*map(_test, case.pattern.patterns, names)]
        if len(case.pattern.patterns) != len(names):
            return None
    elif is_tuple and not _is_wildcard(case.pattern):
        return None
    else:
        tests = [_test(case.pattern, names[0])]
    rest = _chain(others, names, is_tuple=is_tuple)
    if rest is None or None in tests:
        return None
    asked = [test for found in tests if found is not None for test in found]
    asked += [case.guard] * (case.guard is not None)  # type: ignore[list-item]
    if not asked:
        return case.body
    test = asked[0] if len(asked) == 1 else ast.BoolOp(ast.And(), asked)
    return [placed(ast.If(test, case.body, rest), case.pattern)]


def _test(pattern: ast.pattern, name: str) -> list[ast.expr] | None:
    """What a pattern asks of a variable, nothing or a truth; `None` for what no truth says."""
    subject = ast.Name(name, ast.Load())
    if _is_wildcard(pattern):
        return []
    if isinstance(pattern, ast.MatchValue):
        return [placed(ast.Compare(subject, [ast.Eq()], [pattern.value]), pattern)]
    if isinstance(pattern, ast.MatchSingleton):
        asked = ast.Compare(subject, [ast.Is()], [ast.Constant(pattern.value)])
        return [placed(asked, pattern)]
    if isinstance(pattern, ast.MatchOr):
        found = [_test(part, name) for part in pattern.patterns]
        one = [test[0] for test in found if test]
        return [placed(ast.BoolOp(ast.Or(), one), pattern)] if len(one) == len(found) else None
    return None


def _is_wildcard(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name is None


def _store(name: str) -> ast.expr:
    return ast.Name(name, ast.Store())
