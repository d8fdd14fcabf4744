"""Sums at places that a branch decides on: what adds nothing on the other way stands in the branch.

place = 0; term = 0.0                 if condition:
if condition:                             sums[i] += x
place = i; term = x
sums[place] += term
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from symdiff.ops.arithmetic import negate
from symdiff.ops.indexing import put_add
from symdiff.schedule.conditions import merged
from symdiff.schedule.program import (
    Block,
    Expr,
    If,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    Update,
    every_part,
    mapped,
    parts,
    reads,
    statements,
)


def with_guarded_sums(body: Sequence[Statement], results: Sequence[Expr]) -> list[Statement]:
    """The statements with sums in the branches that say what is added.

    Args:
        body: the statements; those in the ways of branches are looked at too.
        results: what else is read.
    """
    blocks: list[Sequence[Statement]] = [body]
    for block in blocks:
        for statement in block:
            if isinstance(statement, If):
                blocks += [statement.then, statement.otherwise]
    if not any(_is_sum(statement) for block in blocks for statement in block):
        return list(body)
    read = _reads(body) + Counter([part.name for part in parts(*results) if isinstance(part, Ref)])
    named = frozenset([part.name for part in statements(body) if isinstance(part, Let)])
    done: dict[int, Block] = {}
    for block in reversed(blocks):
        done[id(block)] = tuple(_guarded(block, done, read, named))
    return list(done[id(body)])


def _guarded(
    block: Sequence[Statement],
    done: dict[int, Block],
    read: Counter[str],
    named: frozenset[str],
) -> list[Statement]:
    found: list[Statement] = []
    moved = set[int]()  # the branches that sums have moved into
    for statement in block:
        if isinstance(statement, If):
            then, otherwise = done[id(statement.then)], done[id(statement.otherwise)]
            statement = replace(statement, then=then, otherwise=otherwise)
            one = merged(found[-1], statement) if found and isinstance(found[-1], If) else None
            if one is not None:
                found[-1] = one
                continue
        last = found[-1] if found else None
        if not isinstance(last, If) or not _adds_there_alone(statement, last, found):
            found.append(statement)
            continue
        found[-1] = replace(last, then=(*last.then, statement))
        moved.add(len(found) - 1)
    own: set[str] = set()
    for at in sorted(moved):
        branch = found[at]
        assert isinstance(branch, If)  # it was the last one
        inside = _reads(branch.then)
        names = {name for name in _given(branch, found[:at]) if inside[name] == read[name]}
        found[at] = replace(branch, then=_with_fewer_names(branch.then, names, named))
        own |= names
    return [part for part in found if not (isinstance(part, Let) and part.name in own)]


def _adds_there_alone(statement: Statement, branch: If, before: Sequence[Statement]) -> bool:
    """Whether a sum adds what a way of the branch before it says, and nothing elsewhere."""
    if not isinstance(statement, Update) or not _is_sum(statement):
        return False
    _, new, *places = statement.value.args
    term = new.args[0] if isinstance(new, Op) and new.name == negate.name else new
    defaults = _defaults(before[:-1])
    if not isinstance(term, Ref) or defaults.get(term.name) != 0.0:
        return False
    names = {part.name for part in parts(new, *places) if isinstance(part, Ref)} & {*defaults}
    return names <= _given(branch, before[:-1])


def _given(branch: If, before: Sequence[Statement]) -> set[str]:
    """The names that stand for numbers unless the way of a branch gives them something else."""
    given = {part.name for part in branch.then if isinstance(part, Let)} & {*_defaults(before)}
    return given - {getattr(part, "name", "") for part in statements(branch.otherwise)}


def _is_sum(statement: Statement) -> bool:
    return isinstance(statement, Update) and statement.value.name == put_add.name


def _reads(block: Iterable[Statement]) -> Counter[str]:
    """How often a block reads names."""
    return Counter([part.name for part in every_part(block) if isinstance(part, Ref)])


def _defaults(before: Sequence[Statement]) -> dict[str, float]:
    """The numbers that names are given right before a branch."""
    found: dict[str, float] = {}
    for statement in reversed(before):
        if not isinstance(statement, Let):
            break
        if isinstance(statement.value, Number):
            found.setdefault(statement.name, statement.value.value)
    return found


# --- fewer names ---------------------------------------------------------------------------------


def _with_fewer_names(block: Block, names: set[str], named: frozenset[str]) -> Block:
    """A block in which expressions stand where they are read once, in the place of their names.

    Args:
        block: the statements.
        names: those that only these read.
        named: those that statements give; arrays among them may be views of others.
    """
    for name in sorted(names):
        places = [at for at, part in enumerate(block) if getattr(part, "name", "") == name]
        let = block[places[0]]
        if (
            len(places) == 1
            and isinstance(let, Let)
            and _may_stand(let, block[places[0] + 1 :], named)
        ):
            rest = (*block[: places[0]], *block[places[0] + 1 :])
            block = mapped(rest, lambda expr, let=let: _replaced(expr, let))  # type: ignore[misc]
    return block


def _may_stand(let: Let, behind: Block, named: frozenset[str]) -> bool:
    """Whether a value may stand where its name is read: nothing there changes what it is of."""
    count = _reads(behind)[let.name]
    if count > 1 and not isinstance(let.value, Ref | Number):
        return False
    inside = reads([let])
    is_of_arrays = any(
        isinstance(part, Ref) and part.shape and part.name in named for part in parts(let.value)
    )
    for statement in behind:
        count -= _reads([statement])[let.name]
        if not count:
            return isinstance(statement, Let | Update)
        if not isinstance(statement, Let | Update) or statement.name in inside:
            return False
        if isinstance(statement, Update) and is_of_arrays:
            return False
    return True


def _replaced(expr: Expr, let: Let) -> Expr:
    """An expression with a value in the place of its name."""
    order = [part for part in parts(expr) if isinstance(part, Op)]
    done: dict[int, Expr] = {}

    def of(part: Expr) -> Expr:
        if isinstance(part, Ref):
            return let.value if part.name == let.name else part
        return done.get(id(part), part)

    for part in reversed(order):
        done[id(part)] = part._replace(args=tuple(map(of, part.args)))
    return of(expr)
