"""Conditions of branches: several at once, and those that have a name which nothing else reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from symdiff.graph.node import BOOL
from symdiff.graph.shape import SCALAR
from symdiff.ops.control import (
    equal,
    greater,
    less,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
)
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.program import (
    BOTH,
    CHOICE,
    EITHER,
    LARGER,
    NOT,
    NUMBER,
    SMALLER,
    Expr,
    If,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    Update,
    every_part,
    parts,
)

_AT_ONCE = 4  # conditions that one line asks; more are hard to read
WORDS = {logical_and.name: BOTH, logical_or.name: EITHER, logical_not.name: NOT}


def negated(condition: Expr) -> Expr:
    """Whether it fails."""
    if isinstance(condition, Op) and condition.name == NOT:
        return condition.args[0]
    if isinstance(condition, Op) and condition.name in _OPPOSITES:
        return condition._replace(name=_OPPOSITES[condition.name])
    return Op(NOT, (condition,), (), SCALAR, BOOL)


_OPPOSITES = {equal.name: not_equal.name, not_equal.name: equal.name}  # of NaN too


def is_asked_quickly(condition: Expr, carried: Sequence[str]) -> bool:
    """Whether a condition is as short as a name, and the same wherever it is asked in a step.

    Args:
        condition: of a branch.
        carried: the names that a loop carries on.
    """
    if not isinstance(condition, Op) or condition.name not in OPERATIONS:
        return False
    return OPERATIONS[condition.name].is_cheap and all(
        isinstance(part, Number) or (isinstance(part, Ref) and part.name not in carried)
        for part in condition.args
    )


def both(one: Expr, other: Expr) -> Expr:
    """Whether both hold, where the second is asked only if the first does."""
    return _in_turn(BOTH, one, other)


def either(one: Expr, other: Expr) -> Expr:
    """Whether one of them holds, where the second is asked only if the first does not."""
    return _in_turn(EITHER, one, other)


def _in_turn(word: str, one: Expr, other: Expr) -> Expr:
    """Conditions in the order in which they are asked, without brackets."""
    found = one
    for condition in _asked(word, other):
        found = Op(word, (found, condition), (), SCALAR, BOOL)
    return found


def is_short(condition: Expr) -> bool:
    """Whether another condition can be asked on the same line."""
    return len(_asked(BOTH, condition)) < _AT_ONCE


def _asked(word: str, condition: Expr) -> list[Expr]:
    """The conditions that a word joins, in the order in which they are asked."""
    found = []
    while isinstance(condition, Op) and condition.name == word:
        condition, last = condition.args
        found.append(last)
    return [condition, *reversed(found)]


def as_decision(condition: Expr) -> Expr:
    """A condition on numbers by the language's own words for `and`, `or` and `not`."""
    if not isinstance(condition, Op) or condition.name not in WORDS:
        return condition
    pending, order = [condition], list[Op]()
    while pending:
        expr = pending.pop()
        order.append(expr)
        pending += [part for part in expr.args if isinstance(part, Op) and part.name in WORDS]
    done: dict[int, Expr] = {}
    for expr in reversed(order):
        args = tuple([done.get(id(part), part) for part in expr.args])
        done[id(expr)] = Op(WORDS[expr.name], args, (), SCALAR, BOOL)
    return done[id(condition)]


# --- the larger of two numbers -------------------------------------------------------------------


def chosen(condition: Expr, first: Expr, second: Expr) -> Op:
    """A choice, as the larger or the smaller one of two numbers where it is that."""
    shape, dtype = first.shape, first.dtype
    if isinstance(condition, Op) and condition.name in _EXTREMES and shape == SCALAR:
        pair = _bare(first), _bare(second)
        for turned, args in enumerate((condition.args, condition.args[::-1])):
            if args == pair:
                word = _EXTREMES[condition.name][turned]
                kept = (first, second) if turned else (second, first)
                return Op(word, kept, (), SCALAR, dtype)
    return Op(CHOICE, (condition, first, second), (), shape, dtype)


# what is chosen where the first of two numbers is greater or less: that one, or the other one
_EXTREMES = {greater.name: (LARGER, SMALLER), less.name: (SMALLER, LARGER)}


def _bare(expr: Expr) -> Expr:
    """A constant without its type."""
    return expr.args[0] if isinstance(expr, Op) and expr.name == NUMBER else expr


# --- conditions without a name -------------------------------------------------------------------


def with_conditions(body: Sequence[Statement], results: Iterable[Expr]) -> list[Statement]:
    """The statements with a condition in the place of a name that this alone reads.

    Args:
        body: the statements; those in blocks are looked at too.
        results: what else is read.
    """
    read = [*every_part(body), *parts(*results)]
    counts = Counter([part.name for part in read if isinstance(part, Ref)])
    blocks: list[Sequence[Statement]] = [body]
    for block in blocks:
        for statement in block:
            if isinstance(statement, If):
                blocks += [statement.then, statement.otherwise]
    done: dict[int, tuple[Statement, ...]] = {}
    for block in reversed(blocks):
        done[id(block)] = tuple(_asking(block, counts, done))
    return list(done[id(body)])


def _asking(
    block: Sequence[Statement], counts: Counter[str], done: dict[int, tuple[Statement, ...]]
) -> list[Statement]:
    found: list[Statement] = []
    for statement in block:
        if _is_unread_truth(statement, counts):
            continue
        if isinstance(statement, If):
            condition, last = statement.condition, found[-1] if found else None
            if isinstance(last, Let) and counts[last.name] == 1:
                if _is_name(condition, last.name):
                    condition = last.value
                elif _is_name(negated(condition), last.name):
                    condition = negated(last.value)
            if condition is not statement.condition:
                found.pop()
            then, otherwise = done[id(statement.then)], done[id(statement.otherwise)]
            statement = _joined(If(condition, then, otherwise, statement.span))
            last = found[-1] if found else None
            both_in_one = merged(last, statement) if isinstance(last, If) else None
            if both_in_one is not None:
                found[-1] = both_in_one
                continue
        found.append(statement)
    return found


def _is_unread_truth(statement: Statement, counts: Counter[str]) -> bool:
    """Whether a statement names a known truth that nothing reads: a check was behind it."""
    if not isinstance(statement, Let) or not isinstance(statement.value, Number):
        return False
    return statement.value.dtype == BOOL and not counts[statement.name]


def merged(first: If, second: If) -> If | None:
    """Two branches on one condition as one, where the first one does not change that."""
    set_names = {
        statement.name if isinstance(statement, Let | Update) else ""
        for statement in (*first.then, *first.otherwise)
    }
    read = {part.name for part in parts(first.condition) if isinstance(part, Ref)}
    if "" in set_names or not read.isdisjoint(set_names):
        return None
    then, otherwise = second.then, second.otherwise
    if second.condition == negated(first.condition):
        then, otherwise = otherwise, then
    elif second.condition != first.condition:
        return None
    return replace(first, then=first.then + then, otherwise=first.otherwise + otherwise)


def _joined(statement: If) -> If:
    """One question for two: of a way that only asks another one, and of two ways that are alike."""
    condition, then, otherwise = statement.condition, statement.then, statement.otherwise
    match then, otherwise:
        case [If(second) as inner], [] if not inner.otherwise:
            return replace(statement, condition=both(condition, second), then=inner.then)
        case _, [If(second) as inner] if are_alike(then, inner.then):
            joined = either(condition, second)
            return replace(statement, condition=joined, otherwise=inner.otherwise)
    return statement


def are_alike(one: Sequence[Statement], other: Sequence[Statement]) -> bool:
    """Whether two ways give the same names the same values."""
    lets = [[x[:2] for x in block if isinstance(x, Let)] for block in (one, other)]
    is_all = len(lets[0]) == len(one) == len(other)
    return is_all and repr(lets[0]) == repr(lets[1])  # 0.0 == -0.0


def _is_name(expr: Expr, name: str) -> bool:
    return isinstance(expr, Ref) and expr.name == name
