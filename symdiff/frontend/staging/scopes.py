"""Names of one function's scope: what a piece of its code assigns, reads, and leaves by."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from symdiff.frontend.staging.trees import children, walk

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BOUND = "_symdiff_bound"  # of a statement: the names that it binds
_READ = "_symdiff_read"  # and those that it reads
_LATE = (*_SCOPES, ast.GeneratorExp)  # what reads a name later than where it stands
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_SUSPENDING = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)
_STRAIGHT = frozenset(
    (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.Pass, ast.FunctionDef)
)
_LOOKING = frozenset("locals vars dir eval exec globals".split())  # at names, by their text


def nodes_of(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of statements or expressions, without those of scopes inside of them."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        kind = node.__class__
        if kind in _SCOPES:
            pending += getattr(node, "decorator_list", [])
        elif kind in _COMPREHENSIONS:
            pending += [part for part in walk([node]) if isinstance(part, ast.NamedExpr)]
        else:
            pending += children(node)


def assigned(body: Iterable[ast.AST]) -> list[str]:
    """The names that statements bind, in a fixed order."""
    found: set[str] = set()
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt) and not isinstance(node, _SCOPES):
            blocks = [*blocks_of(node)]
            found |= _bound_in(node, blocks)
            pending += [statement for block in blocks for statement in block]
        else:
            found.update(*map(_bound_by, nodes_of([node])))
    return sorted(found)


def _bound_in(node: ast.stmt, blocks: Sequence[Sequence[ast.stmt]]) -> frozenset[str]:
    """The names that a statement binds outside of its blocks, found once for each statement."""
    found: frozenset[str] | None = node.__dict__.get(_BOUND)
    if found is None:
        inner = {id(statement) for block in blocks for statement in block}
        heads = [part for part in children(node) if id(part) not in inner]
        names = [*_bound_by(node)]
        for part in heads:
            if isinstance(part, (ast.ExceptHandler, ast.match_case)):
                names += _bound_by(part)
                heads += [p for p in children(part) if id(p) not in inner]
            else:
                names += [name for at in nodes_of([part]) for name in _bound_by(at)]
        found = node.__dict__[_BOUND] = frozenset(names)
    return found


def _bound_by(node: ast.AST) -> Sequence[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.expr):
        return []
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []


def reads_outside(body: Sequence[ast.stmt]) -> dict[ast.For | ast.While, frozenset[str]]:
    """For each loop of a function's code, the names that are read outside of its steps.

    What another loop binds in each step before it reads it is read of that one. What the
    statements behind the loop set before they read it is not read of any.
    """
    around = _loops(body)
    if not around:
        return {}
    every, read = _reads(body), {loop: _reads(_step(loop)) for loop in around}
    own = {loop: set_first(_step(loop)) for loop in around if isinstance(loop, ast.For)}
    rest = _set_behind(body)
    found = {}
    for loop in around:
        beside = Counter(every)
        beside.subtract(read[loop])
        others = [x for x in own if x is not loop and x not in around[loop]]
        for other in others:
            if loop in around[other]:
                continue
            counted = {name for x in around[other] if x in others for name in own[x]}
            for name in own[other] - counted:
                beside[name] -= read[other][name]
        behind = rest.get(loop, frozenset())
        found[loop] = frozenset(
            name for name, count in beside.items() if count > 0 and name not in behind
        )
    return found


def _set_behind(body: Sequence[ast.stmt]) -> dict[ast.stmt, frozenset[str]]:
    """For each loop, what the statements behind it in its block set before anything reads it."""
    scopes = [node for node in walk(body) if isinstance(node, _LATE)]
    late = _reads(scopes).keys()  # whoever calls them, whenever
    found: dict[ast.stmt, frozenset[str]] = {}
    pending = [list(body)]
    while pending:
        block = pending.pop()
        for number, statement in enumerate(block):
            if isinstance(statement, (ast.For, ast.While)):
                is_left = any(isinstance(node, ast.Break) for node in nodes_of(statement.body))
                behind = [*([] if is_left else statement.orelse), *block[number + 1 :]]
                found[statement] = set_first(_straight(behind)) - late
            if not isinstance(statement, _SCOPES):
                pending += [part for _, part in ast.iter_fields(statement) if _is_block(part)]
    return found


def unsure(
    body: Sequence[ast.stmt], outside: Mapping[ast.For | ast.While, frozenset[str]]
) -> frozenset[str]:
    """The names that only the steps of a loop may set, and that plain reads outside of it read.

    Those are no such that code reads which is not rewritten.
    """
    if not outside:
        return frozenset()
    found = set[str]()
    pending: list[tuple[Sequence[ast.stmt], frozenset[str]]] = [(body, frozenset())]
    while pending:
        block, sure = pending.pop()
        for statement in block:
            if isinstance(statement, (ast.For, ast.While)):
                found |= outside.get(statement, frozenset()) & {*assigned([statement])} - sure
            if isinstance(statement, (ast.Assign, ast.AugAssign)):
                sure |= {*assigned([statement])}
            if not isinstance(statement, _SCOPES):
                parts = [part for _, part in ast.iter_fields(statement) if _is_block(part)]
                pending += [(part, sure) for part in parts]
    every = list(walk(body))
    kept = [
        node
        for node in every
        if isinstance(node, ast.ClassDef)
        or (isinstance(node, _SCOPES) and is_suspended(_body_of(node)))
    ]
    updated = {
        n.target.id
        for n in every
        if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)
    }
    deleted = {n.id for n in every if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Del)}
    return frozenset(found - _reads(kept).keys() - updated - deleted)


def _body_of(node: ast.AST) -> Sequence[ast.AST]:
    body = getattr(node, "body", [])
    return body if isinstance(body, list) else [body]


def _straight(block: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements up to the first that may leave a loop around them."""
    found: list[ast.stmt] = []
    for statement in block:
        if any(isinstance(node, (ast.Break, ast.Continue)) for node in nodes_of([statement])):
            break
        found.append(statement)
    return found


def _is_block(part: object) -> bool:
    return isinstance(part, list) and bool(part) and isinstance(part[0], ast.stmt)


def _loops(body: Sequence[ast.stmt]) -> dict[ast.For | ast.While, list[ast.AST]]:
    """The loops of a function's code, each with those around it."""
    found: dict[ast.For | ast.While, list[ast.AST]] = {}
    pending: list[tuple[ast.AST, list[ast.AST]]] = [(node, []) for node in body]
    while pending:
        node, around = pending.pop()
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, (ast.For, ast.While)):
            found[node] = around
            around = [*around, node]
        pending += [(part, around) for block in blocks_of(node) for part in block]
    return found


def _step(loop: ast.For | ast.While) -> list[ast.stmt]:
    """What a loop does in a step: it asks for another one, or binds an item."""
    if isinstance(loop, ast.While):
        return [ast.Expr(loop.test), *loop.body]
    return [ast.Assign([loop.target], ast.Constant(None)), *loop.body]


def set_first(body: Sequence[ast.stmt]) -> frozenset[str]:
    """The names that statements set, each time, before anything in them reads them."""
    read: set[str] = set()
    found: set[str] = set()
    for statement in body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            read |= _read_in(statement) - found
            found |= set(assigned([statement])) - read
        else:
            updated = [n.target for n in nodes_of([statement]) if isinstance(n, ast.AugAssign)]
            read |= (_read_in(statement) | set(assigned(updated))) - found
    return frozenset(found)


def _read_in(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement reads, as it was written, found once for each."""
    found: frozenset[str] | None = statement.__dict__.get(_READ)
    if found is None:
        found = statement.__dict__[_READ] = frozenset(_reads([statement]))
    return found


def _reads(body: Iterable[ast.AST]) -> Counter[str]:
    """How often names are read, in the functions inside too, but for names of those' own."""
    found: Counter[str] = Counter()
    pending: list[tuple[ast.AST, frozenset[str]]] = [(part, frozenset()) for part in body]
    while pending:
        node, own = pending.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found[node.id] += node.id not in own
        inner = own | _own_names(node)
        outside = _evaluated_outside(node)
        pending += [(part, own) for part in outside]
        pending += [(part, inner) for part in children(node)]
    return found


def _evaluated_outside(node: ast.AST) -> list[ast.expr]:
    """What a function or a comprehension evaluates where it stands: there once more than inside."""
    if isinstance(node, _COMPREHENSIONS):
        return [node.generators[0].iter]
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        return [part for part in (*node.args.defaults, *node.args.kw_defaults) if part is not None]
    return []


def _own_names(node: ast.AST) -> set[str]:
    """The names that are a function's or a comprehension's own, whatever they are around it."""
    if isinstance(node, _COMPREHENSIONS):
        targets = [part.target for part in node.generators]
        return {x.id for part in targets for x in walk([part]) if isinstance(x, ast.Name)}
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        return {part.arg for part in walk([node.args]) if isinstance(part, ast.arg)}
    return set()


def is_straight(body: Iterable[ast.stmt]) -> bool:
    """Whether statements run one behind the other, and bind the names that they look as if."""
    return all([statement.__class__ in _STRAIGHT for statement in body])


def declared(body: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    """The names that statements declare `global`, and those that they declare `nonlocal`."""
    found, around = set[str](), set[str]()
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Global):
            found.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            around.update(node.names)
        pending += [statement for block in blocks_of(node) for statement in block]
    return found, around


def is_suspended(body: Iterable[ast.AST]) -> bool:
    """Whether a function is a generator, or waits."""
    return any(isinstance(node, _SUSPENDING) for node in nodes_of(body))


def looks_names_up(nodes: Iterable[ast.AST]) -> bool:
    """Whether nodes of code ask for variables by their text, so that they may not be moved."""
    return any([type(node) is ast.Name and node.id in _LOOKING for node in nodes])


def has_walrus(node: ast.AST) -> bool:
    """Whether an expression binds a name."""
    return any(isinstance(part, ast.NamedExpr) for part in walk([node]))


def leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether statements may end by `return`, or by the `break` or `continue` of a loop around."""
    return _any(body, lambda node: isinstance(node, (ast.Return, ast.Break, ast.Continue)))


def returns(body: Sequence[ast.stmt]) -> bool:
    """Whether statements may end by `return`."""
    return any(isinstance(node, ast.Return) for node in nodes_of(body))


def _any(body: Sequence[ast.stmt], test: Callable[[ast.AST], bool]) -> bool:
    pending = [*body]
    while pending:
        node = pending.pop()
        if isinstance(node, _LOOPS):
            if returns([node]):
                return True
            pending += node.orelse
        elif test(node):
            return True
        else:
            pending += [statement for block in blocks_of(node) for statement in block]
    return False


def never_falls(body: Sequence[ast.stmt]) -> bool:
    """Whether statements never reach their end, as their last one says."""
    return isinstance(body[-1], (ast.Return, ast.Raise, ast.Break, ast.Continue))


def blocks_of(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements that a statement holds."""
    if isinstance(node, _SCOPES):
        return
    for name in ("body", "orelse", "finalbody"):
        yield from [found for found in [getattr(node, name, [])] if found]
    for part in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
        yield part.body
