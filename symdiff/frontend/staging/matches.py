"""`match` statements as chains of `if`, where their patterns ask for values."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeGuard, TypeVar

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
        bound = {part.name for part in walk([case.pattern for case in node.cases]) if _binds(part)}
        names, before = [], list[ast.stmt]()
        for part in parts:
            if isinstance(part, ast.Name) and part.id not in bound:
                names.append(part.id)
                continue
            names.append(fresh := self._fresh())
            before.append(placed(ast.Assign([_store(fresh)], part), part))
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
    rest = _chain(others, names, is_tuple=is_tuple)
    patterns = _of_parts(case.pattern, len(names)) if is_tuple else [case.pattern]
    if rest is None or patterns is None:
        return None
    found = [_test(pattern, name) for pattern, name in zip(patterns, names, strict=True)]
    if None in found:
        return None
    asked = [test for tests in found if tests for test in tests]
    bound = [
        placed(ast.Assign([_store(pattern.name)], _load(name)), pattern)
        for pattern, name in zip(patterns, names, strict=True)
        if _binds(pattern) and pattern.name
    ]
    if case.guard is None:
        return _branch(asked, [*bound, *case.body], rest, case.pattern)
    if asked and bound:  # the names are bound between the two
        return None
    return [*bound, *_branch([*asked, case.guard], case.body, rest, case.pattern)]


def _branch(
    asked: list[ast.expr], body: list[ast.stmt], rest: list[ast.stmt], at: ast.AST
) -> list[ast.stmt]:
    """A body where all that is asked holds, else the rest."""
    if not asked:
        return body
    test = asked[0] if len(asked) == 1 else ast.BoolOp(ast.And(), asked)
    return [placed(ast.If(test, body, rest), at)]


def _of_parts(pattern: ast.pattern, count: int) -> list[ast.pattern] | None:
    """The patterns of the parts of a subject that is a tuple."""
    if _is_wildcard(pattern):
        return [pattern] * count
    if isinstance(pattern, ast.MatchSequence) and len(pattern.patterns) == count:
        return pattern.patterns
    return None


def _test(pattern: ast.pattern, name: str) -> list[ast.expr] | None:
    """What a pattern asks of a variable, nothing or a truth; `None` for what no truth says."""
    if isinstance(pattern, ast.MatchAs):
        return [] if pattern.pattern is None else _test(pattern.pattern, name)
    if isinstance(pattern, ast.MatchValue):
        return [placed(ast.Compare(_load(name), [ast.Eq()], [pattern.value]), pattern)]
    if isinstance(pattern, ast.MatchSingleton):
        asked = ast.Compare(_load(name), [ast.Is()], [ast.Constant(pattern.value)])
        return [placed(asked, pattern)]
    if isinstance(pattern, ast.MatchOr):
        found = [None if _binds(part) else _test(part, name) for part in pattern.patterns]
        one = [test[0] for test in found if test]
        return [placed(ast.BoolOp(ast.Or(), one), pattern)] if len(one) == len(found) else None
    return None


def _binds(pattern: ast.AST) -> TypeGuard[ast.MatchAs]:
    """Whether a pattern gives what it meets a name."""
    return isinstance(pattern, ast.MatchAs) and pattern.name is not None


def _is_wildcard(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name is None


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _store(name: str) -> ast.expr:
    return ast.Name(name, ast.Store())
