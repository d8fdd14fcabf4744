"""Sums at places that a branch decides on: what adds nothing on the other way stands in the branch.

place = 0; term = 0.0                 if condition:
if condition:                             sums[i] += x
place = i; term = x
sums[place] += term
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeGuard

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

# of a branch, 0 where its condition holds and 1 where it fails; then the place there of a branch
# in it, and which way of that
Way = tuple[int, ...]


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
    moved: dict[int, dict[Way, None]] = {}  # by branch, the ways that sums have moved into
    for statement in block:
        if isinstance(statement, If):
            then, otherwise = done[id(statement.then)], done[id(statement.otherwise)]
            statement = replace(statement, then=then, otherwise=otherwise)
            one = merged(found[-1], statement) if found and isinstance(found[-1], If) else None
            if one is not None:
                found[-1] = one
                continue
        at = _branch_before(found, statement)
        branch = found[at] if at >= 0 else None
        way = _way_that_adds(statement, branch, found[:at]) if isinstance(branch, If) else None
        if way is None:
            found.append(statement)
            continue
        assert isinstance(branch, If)
        found[at] = _with_way(branch, way, lambda lines, sum_=statement: (*lines, sum_))  # type: ignore[misc]
        moved.setdefault(at, {})[way] = None
    own: set[str] = set()
    for at, ways in moved.items():
        branch = found[at]
        assert isinstance(branch, If)  # it was the last one
        for way in sorted(ways, key=len, reverse=True):  # places in a way stay until it is done
            lines = _lines_of(branch, way)
            inside, given = _reads(lines), _given(branch, lines, found[:at])
            names = {name for name in given if inside[name] == read[name]}
            branch = _with_way(branch, way, partial(_with_fewer_names, names=names, named=named))
            own |= names
        found[at] = branch
    return [part for part in found if not (isinstance(part, Let) and part.name in own)]


def _branch_before(found: Sequence[Statement], statement: Statement) -> int:
    """The place of the statement that a sum could stand behind: those that follow are sums too.

    They read numbers alone, and are of other arrays, so that none sees which one comes first.
    """
    at = len(found) - 1
    if not _is_sum_of_numbers(statement):
        return at
    while at >= 0:
        last = found[at]
        if not _is_sum_of_numbers(last) or last.name == statement.name:
            break
        at -= 1
    return at


def _is_sum_of_numbers(statement: Statement) -> TypeGuard[Update]:
    """Whether a number that is computed of numbers is added to an element of an array."""
    if not isinstance(statement, Update) or not _is_sum(statement):
        return False
    return not any(
        isinstance(part, Ref) and part.shape for part in parts(*statement.value.args[1:])
    )


def _way_that_adds(statement: Statement, branch: If, before: Sequence[Statement]) -> Way | None:
    """The way of the branch before a sum that says what is added, where nothing is elsewhere."""
    if not isinstance(statement, Update) or not _is_sum(statement):
        return None
    _, new, *places = statement.value.args
    term = new.args[0] if isinstance(new, Op) and new.name == negate.name else new
    defaults = _defaults(before)
    if not isinstance(term, Ref) or defaults.get(term.name) != 0.0:
        return None
    names = {part.name for part in parts(new, *places) if isinstance(part, Ref)} & {*defaults}
    for way, lines in _ways(branch):
        if names <= _given(branch, lines, before):
            return way
    return None


def _ways(branch: If) -> Iterator[tuple[Way, Block]]:
    """The ways of a branch, and those of a branch at the end of one, with their statements."""
    for which, lines in enumerate((branch.then, branch.otherwise)):
        yield (which,), lines
        last = lines[-1] if lines else None
        if isinstance(last, If):
            inner = _ways(last)
            yield from (((which, len(lines) - 1, *way), block) for way, block in inner)


def _lines_of(branch: If, way: Way) -> Block:
    """The statements of a way."""
    which, *rest = way
    lines = branch.otherwise if which else branch.then
    if not rest:
        return lines
    inner = lines[rest[0]]
    assert isinstance(inner, If)  # whose way it is
    return _lines_of(inner, tuple(rest[1:]))


def _with_way(branch: If, way: Way, change: Callable[[Block], Block]) -> If:
    """The branch with other statements in a way."""
    which, *rest = way
    lines = branch.otherwise if which else branch.then
    if rest:
        at = rest[0]
        inner = lines[at]
        assert isinstance(inner, If)  # whose way it is
        lines = (*lines[:at], _with_way(inner, tuple(rest[1:]), change), *lines[at + 1 :])
    else:
        lines = change(lines)
    return replace(branch, otherwise=lines) if which else replace(branch, then=lines)


def _given(branch: If, way: Block, before: Sequence[Statement]) -> set[str]:
    """The names that stand for numbers unless a way of the branch gives them something else."""
    given = {part.name for part in way if isinstance(part, Let)} & {*_defaults(before)}
    times = Counter([getattr(part, "name", "") for part in statements([branch])])
    mine = Counter([getattr(part, "name", "") for part in way])
    return {name for name in given if times[name] == mine[name]}


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
