"""A function's syntax tree with its decisions handed to the recorder, at the user's own places.

Each `if`, `for` and `while` becomes a call of the recorder that is given its parts as functions:

    if x > 0:            def then(): nonlocal y; y = x
        y = x            def other(): nonlocal y; y = -x
    else:                staging.branch(x > 0, then, other, None, staging.variables(...))
        y = -x

Where such a part may leave by `return`, `break` or `continue`, it returns a signal that says so,
and what stands behind the statement is a function too, which the recorder calls where it is
reached. What plain values decide runs as Python has it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TypeVar

from symdiff.frontend.staging import scopes
from symdiff.frontend.staging.depth import deep_trees
from symdiff.frontend.staging.expressions import Block, Expressions
from symdiff.frontend.staging.matches import asks_for_objects, with_branches
from symdiff.frontend.staging.reads import late, read_of
from symdiff.frontend.staging.source import Definition, definition
from symdiff.frontend.staging.statements import (
    DECISIONS,
    Decision,
    asserted,
    exits,
    is_plain,
    joined,
)
from symdiff.frontend.staging.trees import placed, walk

Node = TypeVar("Node", bound=ast.AST)


def rewritten(old: Definition) -> Definition | None:
    """A definition with its decisions handed over, in place.

    `None` for a function that looks its variables up by name: it stays.
    """
    nodes = [*walk(old.body if isinstance(old.body, list) else [old.body])]
    if scopes.looks_names_up(nodes):
        return None
    with deep_trees():
        made = with_branches(old) if any([type(node) is ast.Match for node in nodes]) else old
        if isinstance(made, ast.Lambda):
            made.body = _Scope(made.args).visit(made.body)
            return made
        return _function(made)


def _function(node: ast.FunctionDef, asked: frozenset[str] = frozenset()) -> ast.FunctionDef:
    """A function with its body rewritten, in place.

    Args:
        node: the function.
        asked: names of functions around it that no step of a loop there may have set.
    """
    scope, known = _Scope(node.args), _names_of(node.args)
    body = [*node.body]
    documented = body[:1] if ast.get_docstring(node, clean=False) is not None else []
    before: Block = []
    if not scopes.is_straight(body):
        of_module, around = scopes.declared(body)
        scope.outer, scope.globals = frozenset(of_module | around), frozenset(of_module)
        scope.reads_outside = scopes.reads_outside(body)
        scope.asked = scopes.unsure(body, scope.reads_outside) - scope.outer - known
        local = [n for n in scopes.assigned(body) if n not in scope.outer and n not in known]
        scope.own = frozenset(local)
        declarations = [s for s in body if isinstance(s, (ast.Global, ast.Nonlocal))]
        before = [*declarations, *scope.bound(local, node)]
    if asked:
        scope.asked |= asked - known - (set(scopes.assigned(body)) - scope.outer)
    rest = [s for s in body[len(documented) :] if s not in before]
    made = scope.block(rest, Ends.FUNCTION)
    node.body = [*documented, *before, *scope.keywords(node.args), *made] or node.body
    return node


def _names_of(args: ast.arguments) -> set[str]:
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return {arg.arg for arg in every if arg is not None}


class Ends(Enum):
    """How a block's `return` is written: the function's own, or as a signal to the recorder."""

    FUNCTION = 1
    SIGNAL = 2


class _Scope(Expressions):
    """Rewrites the code of one function; each function inside has a scope of its own.

    Attributes:
        own: variables that are no parameters: a branch may have set them to one of two objects.
        outer: names that are declared `global` or `nonlocal`.
        globals: those that are declared `global`.
        reads_outside: for each loop, the names that are read outside of its body.
    """

    def __init__(self, args: ast.arguments) -> None:
        super().__init__(args)
        self.own: frozenset[str] = frozenset()
        self.outer: frozenset[str] = frozenset()
        self.globals: frozenset[str] = frozenset()
        self.reads_outside: Mapping[ast.For | ast.While, frozenset[str]] = {}

    # --- blocks ------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], ends: Ends, *, is_whole: bool = True) -> Block:
        """The statements of a block.

        Args:
            body: what it was.
            ends: how `return` is written in it.
            is_whole: whether the function around ends with it, so that what stands behind a
                statement is the rest of it.
        """
        made: Block = []
        for number, statement in enumerate(map(asserted, body)):
            if not isinstance(statement, DECISIONS):
                made += self._statement(statement, ends)
            elif isinstance(statement, ast.If) and is_plain(statement, self.own):
                made.append(self._plain_if(statement, ends))
            elif not exits(statement):
                definitions, call = self._decision(statement, [], None)
                made += [*definitions, placed(ast.Expr(call), statement)]
            elif not is_whole:
                made += self._left(statement, ends)
            else:
                return [*made, *self._last(statement, body[number + 1 :], ends)]
        return made

    def _last(self, statement: Decision, rest: Sequence[ast.stmt], ends: Ends) -> Block:
        """A statement that may leave the function, with what stands behind it."""
        bound = scopes.assigned([statement, *rest])
        if isinstance(statement, ast.If):
            rest = joined(statement, rest)
        after = self.function(rest, scopes.assigned(rest), Ends.SIGNAL, statement) if rest else None
        definitions, call = self._decision(statement, bound, after)
        leave = placed(ast.Return(self._result(call, ends)), statement)
        return [*[after] * (after is not None), *definitions, leave]  # type: ignore[list-item]

    def _left(self, statement: Decision, ends: Ends) -> Block:
        """A statement that may leave a block inside of the function."""
        definitions, call = self._decision(statement, [], None)
        name = self.fresh("signal")
        store = ast.Assign([ast.Name(name, ast.Store())], call)
        test = ast.Compare(read_of(name), [ast.IsNot()], [ast.Constant(None)])
        settled = self.call("settled", [read_of(name)], statement)
        leave = ast.If(test, [ast.Return(self._result(settled, ends))], [])
        return [*definitions, placed(store, statement), placed(leave, statement)]

    def _result(self, signal: ast.expr, ends: Ends) -> ast.expr:
        return self.call("result", [signal], signal) if ends is Ends.FUNCTION else signal

    def _plain_if(self, node: ast.If, ends: Ends) -> ast.If:
        node.test = self.visit(node.test)
        node.body = self.block(node.body, ends, is_whole=False) or [ast.Pass()]
        node.orelse = self.block(node.orelse, ends, is_whole=False)
        return node

    def _statement(self, node: ast.stmt, ends: Ends) -> Block:
        """A statement that decides nothing itself."""
        if isinstance(node, ast.Return):
            value = self.visit(node.value) if node.value else ast.Constant(None)
            if ends is Ends.SIGNAL:
                value = self.call("returned", [value], node)
            return [placed(ast.Return(value), node)]
        if isinstance(node, (ast.Break, ast.Continue)):
            kind = "BREAK" if isinstance(node, ast.Break) else "CONTINUE"
            return [placed(ast.Return(self.attribute(kind)), node)]
        before = self._effects(node)
        if isinstance(node, ast.FunctionDef):
            return [*before, self._inner(node)]
        if isinstance(node, ast.ClassDef):
            return [*before, self._class(node)]
        if isinstance(node, ast.AsyncFunctionDef):
            return [*before, node]
        if next(scopes.blocks_of(node), None) is not None:
            return [*before, self._compound(node, ends)]
        made = self.visit(node)
        return [*before, *(made if isinstance(made, list) else [made])]

    def _effects(self, node: ast.stmt) -> Block:
        """What tells the recorder that a name of a scope around is bound."""
        names = self.outer and self.outer.intersection(scopes.assigned([node]))
        if not names:
            return []
        told = self.call("binds", [ast.Constant(name) for name in sorted(names)], node)
        return [placed(ast.Expr(told), node)]

    def _compound(self, node: ast.stmt, ends: Ends) -> ast.stmt:
        """A `with`, `try` or `match`: its blocks stay where they are."""
        if isinstance(node, ast.Match) and asks_for_objects(node):
            node.subject = self.call("matched", [node.subject], node.subject)
        for field, value in ast.iter_fields(node):
            if field in ("body", "orelse", "finalbody"):
                setattr(node, field, self.block(value, ends, is_whole=False))
            elif isinstance(value, ast.AST):
                setattr(node, field, self.visit(value))
            elif isinstance(value, list):
                for part in value:
                    if isinstance(part, (ast.ExceptHandler, ast.match_case)):
                        self._clause(part, ends)
                    else:
                        self.generic_visit(part)
        return node

    def _clause(self, part: ast.ExceptHandler | ast.match_case, ends: Ends) -> None:
        part.body = self.block(part.body, ends, is_whole=False)
        for name in ("type", "guard"):
            expression = getattr(part, name, None)
            if expression is not None:
                setattr(part, name, self.visit(expression))

    # --- decisions ---------------------------------------------------------------------------

    def _decision(
        self, node: Decision, bound: Sequence[str], after: ast.FunctionDef | None
    ) -> tuple[Block, ast.expr]:
        """The functions of a statement's parts, and the call of the recorder with them.

        Args:
            node: the statement.
            bound: names that it and the rest bind; by default, that it binds.
            after: the rest as a function.
        """
        bound = bound or scopes.assigned([node])
        variables, store = self._variables(bound, node)
        test: ast.FunctionDef | None = None
        names, extra = scopes.assigned(node.body), []
        early = scopes.set_first(node.body) if isinstance(node, ast.While) else frozenset()
        if isinstance(node, ast.For):
            item = self.fresh("item")
            start: ast.stmt = placed(ast.Assign([node.target], read_of(item)), node.target)
            early = scopes.set_first([start, *node.body])
            names, extra = scopes.assigned([start, *node.body]), [item]
            body = self.function([start, *node.body], names, Ends.SIGNAL, node, extra)
        else:
            body = self.function(node.body, names, Ends.SIGNAL, node)
        more, orelse = self._more_ways(node)
        other = None
        if orelse:
            other = self.function(orelse, scopes.assigned(orelse), Ends.SIGNAL, node)
        if isinstance(node, ast.While):
            asked = placed(ast.Return(node.test), node.test)
            test = self.function([asked], scopes.assigned([asked]), Ends.FUNCTION, node)
        method = {ast.If: "branch", ast.For: "each", ast.While: "repeat"}[type(node)]
        place = node.iter if isinstance(node, ast.For) else node.test
        first = read_of(test.name) if test is not None else self.visit(place)
        given = (body, other, after)
        parts = [read_of(p.name) if p is not None else ast.Constant(None) for p in given]
        definitions = [p for p in (body, other, test, store) if p is not None]
        arguments = [first, *parts, variables]
        if isinstance(node, ast.If):
            definitions += [part for pair in more for part in pair]
            pairs: list[ast.expr] = [
                ast.Tuple([read_of(asked.name), read_of(way.name)], ast.Load())
                for asked, way in more
            ]
            arguments += [ast.Tuple(pairs, ast.Load())] * bool(pairs)
        else:
            kept: list[ast.expr] = [
                ast.Constant(n) for n in bound if n in self.reads_outside.get(node, ())
            ]
            arguments.append(ast.Tuple(kept, ast.Load()))
            arguments.append(ast.Tuple([ast.Constant(n) for n in sorted(early)], ast.Load()))
            guarded: list[ast.expr] = [ast.Constant(n) for n in bound if n in self.asked]
            arguments += [ast.Tuple(guarded, ast.Load())] * bool(guarded)
        return [*definitions], self.call(method, arguments, place)

    def _more_ways(
        self, node: Decision
    ) -> tuple[list[tuple[ast.FunctionDef, ast.FunctionDef]], Block]:
        """The tests and ways of `elif`, as functions, and the statements of `else`."""
        more = []
        rest = node.orelse
        while isinstance(node, ast.If) and len(rest) == 1 and isinstance(rest[0], ast.If):
            asked = placed(ast.Return(rest[0].test), rest[0].test)
            test = self.function([asked], scopes.assigned([asked]), Ends.FUNCTION, rest[0])
            body = rest[0].body
            more.append((test, self.function(body, scopes.assigned(body), Ends.SIGNAL, rest[0])))
            rest = rest[0].orelse
        return more, rest

    def _variables(
        self, names: Sequence[str], place: ast.AST
    ) -> tuple[ast.expr, ast.FunctionDef | None]:
        """What reads and stores variables, and the function that it stores with."""
        if not names:
            return ast.Constant(None), None
        keys = ast.Tuple([ast.Constant(n) for n in names], ast.Load())
        reads = ast.Tuple([late(read_of(n)) for n in names], ast.Load())
        value = self.fresh("values")
        targets = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
        store = self.function([], names, Ends.SIGNAL, place, [value])
        store.body = [s for s in store.body if not isinstance(s, ast.Pass)]
        store.body.append(ast.Assign([targets], read_of(value)))
        store = placed(store, place)
        made = self.call("Variables", [keys, reads, read_of(store.name)], place)
        return late(made), store  # made where the decision depends on values

    def function(
        self,
        body: Sequence[ast.stmt],
        bound: Sequence[str],
        ends: Ends,
        place: ast.AST,
        parameters: Sequence[str] = (),
    ) -> ast.FunctionDef:
        """Statements as a function that binds variables of the one around."""
        outer = [n for n in bound if n not in self.globals]
        inner = [n for n in bound if n in self.globals]
        declared: Block = [*[ast.Nonlocal(outer)] * bool(outer), *[ast.Global(inner)] * bool(inner)]
        statements = [*declared, *self.block(body, ends)] or [ast.Pass()]
        arguments = [ast.arg(name) for name in parameters]
        return placed(definition(self.fresh("part"), arguments, statements), place)

    def bound(self, names: Sequence[str], place: ast.AST) -> Block:
        """A statement that never runs and binds names, so that functions inside can."""
        if not names:
            return []
        targets = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
        store = ast.Assign([targets], ast.Constant(None))
        return [placed(ast.If(ast.Constant(value=False), [store], []), place)]

    # --- functions inside ----------------------------------------------------------------------

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        node.args.defaults = [self.visit(value) for value in node.args.defaults]
        if not scopes.is_suspended([node.body]):
            inner = _Scope(node.args)
            inner.asked = self.asked - _names_of(node.args)
            node.body = inner.visit(node.body)
        return node

    def _inner(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.decorator_list = [self.visit(value) for value in node.decorator_list]
        node.args.defaults = [self.visit(value) for value in node.args.defaults]
        node.args.kw_defaults = [value and self.visit(value) for value in node.args.kw_defaults]
        return node if scopes.is_suspended(node.body) else _function(node, self.asked)

    def _class(self, node: ast.ClassDef) -> ast.ClassDef:
        """A class with its methods rewritten; names of its own code are no variables of theirs."""
        for number, part in enumerate(node.body):
            if isinstance(part, ast.ClassDef):
                self._class(part)
            elif isinstance(part, ast.FunctionDef) and not scopes.is_suspended(part.body):
                node.body[number] = _function(part, self.asked)
        return node
