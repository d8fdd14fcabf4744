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
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from symdiff.frontend.staging import scopes
from symdiff.frontend.staging.depth import deep_trees
from symdiff.frontend.staging.formats import as_f_string
from symdiff.frontend.staging.matches import asks_for_objects, with_branches
from symdiff.frontend.staging.source import Definition, definition
from symdiff.frontend.staging.trees import children, copied, placed
from symdiff.frontend.tracing.places import RECORDER

_PREFIX = "_symdiff_"
_COMPARISONS = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
    ast.Is: "is_", ast.IsNot: "is_not", ast.In: "in_", ast.NotIn: "not_in",
}  # fmt: skip
_ALONE = {ast.In: "contains", ast.NotIn: "lacks", ast.Is: "same", ast.IsNot: "differs"}
_UPDATES = {
    ast.Add: "iadd", ast.Sub: "isub", ast.Mult: "imul", ast.Div: "itruediv", ast.Pow: "ipow",
    ast.FloorDiv: "ifloordiv", ast.Mod: "imod", ast.MatMult: "imatmul", ast.BitAnd: "iand",
    ast.BitOr: "ior", ast.BitXor: "ixor", ast.LShift: "ilshift", ast.RShift: "irshift",
}  # fmt: skip
_PLAIN = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Tuple, ast.Slice, ast.BinOp,
          ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)  # fmt: skip
_DECISIONS = (ast.If, ast.For, ast.While)
Decision = ast.If | ast.For | ast.While
Block = list[ast.stmt]
Node = TypeVar("Node", bound=ast.AST)


def rewritten(old: Definition) -> Definition | None:
    """The definition with its decisions handed over; `None` for what stays as it is.

    Generators and coroutines stay, and functions that look their variables up by name.
    """
    body = old.body if isinstance(old.body, list) else [old.body]
    if scopes.is_suspended(body) or scopes.looks_names_up(body):
        return None
    with deep_trees():
        made = with_branches(copied(old))
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
    scope = _Scope(node.args)
    known = _names_of(node.args)
    body = [*node.body]
    documented = body[:1] if ast.get_docstring(node, clean=False) is not None else []
    outer = scopes.declared(body, ast.Global) | scopes.declared(body, ast.Nonlocal)
    scope.outer = frozenset(outer)
    scope.globals = frozenset(scopes.declared(body, ast.Global))
    scope.reads_outside = scopes.reads_outside(body)
    scope.asked = scopes.unsure(body, scope.reads_outside) - outer - known
    scope.asked |= asked - known - (set(scopes.assigned(body)) - outer)
    local = [n for n in scopes.assigned(body) if n not in outer and n not in known]
    scope.own = frozenset(local)
    declarations = [s for s in body if isinstance(s, (ast.Global, ast.Nonlocal))]
    rest = [s for s in body[len(documented) :] if s not in declarations]
    made = scope.block(rest, Ends.FUNCTION)
    node.body = [*documented, *declarations, *scope.bound(local, node), *made] or node.body
    return node


def _names_of(args: ast.arguments) -> set[str]:
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return {arg.arg for arg in every if arg is not None}


class Ends(Enum):
    """How a block's `return` is written: the function's own, or as a signal to the recorder."""

    FUNCTION = 1
    SIGNAL = 2


class _Scope(ast.NodeTransformer):
    """Rewrites the code of one function; each function inside has a scope of its own.

    Attributes:
        first: the name of the first parameter, which `super()` takes.
        own: variables that are no parameters: a branch may have set them to one of two objects.
        outer: names that are declared `global` or `nonlocal`.
        globals: those that are declared `global`.
        reads_outside: for each loop, the names that are read outside of its body.
        asked: names that no step of a loop may have set; each read asks whether one has.
    """

    def __init__(self, args: ast.arguments) -> None:
        ordered = [*args.posonlyargs, *args.args]
        self.first = ordered[0].arg if ordered else ""
        self.own: frozenset[str] = frozenset()
        self.outer: frozenset[str] = frozenset()
        self.globals: frozenset[str] = frozenset()
        self.reads_outside: Mapping[ast.For | ast.While, frozenset[str]] = {}
        self.asked: frozenset[str] = frozenset()
        self.count = 0
        self.is_raising = False  # inside of the expression of a `raise`
        self.targets = 0  # how many targets of assignments are around

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
        for number, statement in enumerate(map(_asserted, body)):
            if not isinstance(statement, _DECISIONS):
                made += self._statement(statement, ends)
            elif isinstance(statement, ast.If) and _is_plain(statement, self.own):
                made.append(self._plain_if(statement, ends))
            elif not _exits(statement):
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
            rest = _joined(statement, rest)
        after = self.function(rest, scopes.assigned(rest), Ends.SIGNAL, statement) if rest else None
        definitions, call = self._decision(statement, bound, after)
        leave = placed(ast.Return(self._result(call, ends)), statement)
        return [*[after] * (after is not None), *definitions, leave]  # type: ignore[list-item]

    def _left(self, statement: Decision, ends: Ends) -> Block:
        """A statement that may leave a block inside of the function."""
        definitions, call = self._decision(statement, [], None)
        name = self._fresh("signal")
        store = ast.Assign([ast.Name(name, ast.Store())], call)
        test = ast.Compare(_name(name), [ast.IsNot()], [ast.Constant(None)])
        settled = self.call("settled", [_name(name)], statement)
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
            return [placed(ast.Return(self._attribute(kind)), node)]
        before = self._effects(node)
        if isinstance(node, ast.FunctionDef):
            return [*before, self._inner(node)]
        if isinstance(node, (ast.ClassDef, ast.AsyncFunctionDef)):
            return [*before, node]
        if next(scopes.blocks_of(node), None) is not None:
            return [*before, self._compound(node, ends)]
        made = self.visit(node)
        return [*before, *(made if isinstance(made, list) else [made])]

    def _effects(self, node: ast.stmt) -> Block:
        """What tells the recorder that a name of a scope around is bound."""
        names = self.outer.intersection(scopes.assigned([node]))
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
            item = self._fresh("item")
            start: ast.stmt = placed(ast.Assign([node.target], _name(item)), node.target)
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
        first = _name(test.name) if test is not None else self.visit(place)
        given = (body, other, after)
        parts = [_name(p.name) if p is not None else ast.Constant(None) for p in given]
        definitions = [p for p in (body, other, test, store) if p is not None]
        arguments = [first, *parts, variables]
        if isinstance(node, ast.If):
            definitions += [part for pair in more for part in pair]
            pairs: list[ast.expr] = [
                ast.Tuple([_name(asked.name), _name(way.name)], ast.Load()) for asked, way in more
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
        reads = ast.Tuple([_lambda(_name(n)) for n in names], ast.Load())
        value = self._fresh("values")
        targets = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
        store = self.function([], names, Ends.SIGNAL, place, [value])
        store.body = [s for s in store.body if not isinstance(s, ast.Pass)]
        store.body.append(ast.Assign([targets], _name(value)))
        store = placed(store, place)
        made = self.call("Variables", [keys, reads, _name(store.name)], place)
        return _lambda(made), store  # made where the decision depends on values

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
        return placed(definition(self._fresh("part"), arguments, statements), place)

    def bound(self, names: Sequence[str], place: ast.AST) -> Block:
        """A statement that never runs and binds names, so that functions inside can."""
        if not names:
            return []
        targets = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
        store = ast.Assign([targets], ast.Constant(None))
        return [placed(ast.If(ast.Constant(value=False), [store], []), place)]

    # --- expressions -------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.asked or not isinstance(node.ctx, ast.Load):
            return node
        return self.call("certain", [placed(_name(node.id), node)], node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        first, *others = node.values
        self.generic_visit(node)
        if any(scopes.has_walrus(value) for value in others):
            return node
        first, *others = node.values
        method = "conjunction" if isinstance(node.op, ast.And) else "disjunction"
        return self.call(method, [first, *map(_lambda, others)], node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return self.call("negation", [node.operand], node) if isinstance(node.op, ast.Not) else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        method = _ALONE.get(type(node.ops[0])) if len(node.ops) == 1 else None
        if method is not None:
            return self.call(method, [node.left, *node.comparators], node)
        if len(node.ops) == 1 or any(scopes.has_walrus(value) for value in node.comparators):
            return node
        names = [ast.Constant(_COMPARISONS[type(op)]) for op in node.ops]
        pairs = [p for n, c in zip(names, node.comparators, strict=True) for p in (n, _lambda(c))]
        return self.call("chain", [node.left, *pairs], node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        if scopes.has_walrus(node.body) or scopes.has_walrus(node.orelse):
            return node
        return self.call("choice", [node.test, _lambda(node.body), _lambda(node.orelse)], node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            if not node.args and self.first:
                node.args = [_name("__class__"), _name(self.first)]
            return placed(node, node)
        text = as_f_string(node)
        if text is not None:
            return self.visit_JoinedStr(text)
        is_filtered = _is_filtered_sum(node)
        chosen = self._chosen(node.args[0]) if is_filtered else None
        self.generic_visit(node)
        if chosen is not None:
            both = [node.func, _lambda(chosen), _lambda(node.args[0])]
            node.args[0] = self.call("summands", both, node.args[0])
        node.func = self.call("callee", [node.func], node.func)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        text = as_f_string(node)
        if text is not None:
            return self.visit_JoinedStr(text)
        self.generic_visit(node)
        return node

    def _chosen(self, node: ast.expr) -> ast.expr:
        """The terms of `sum(a for x in items if c)`, with what adds nothing where `c` is false."""
        made = copied(node)
        assert isinstance(made, (ast.GeneratorExp, ast.ListComp))
        last = made.generators[-1]
        test = last.ifs[0] if len(last.ifs) == 1 else ast.BoolOp(ast.And(), last.ifs)
        last.ifs = []
        given = [self.visit(placed(test, made)), _lambda(self.visit(made.elt))]
        generators = [self.visit(part) for part in made.generators]
        return placed(ast.GeneratorExp(self.call("summand", given, made), generators), made)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        is_read = isinstance(node.ctx, ast.Load) and not self.targets
        self.targets += not is_read
        self.generic_visit(node)
        self.targets -= not is_read
        if not is_read or _is_known_index(node.slice):
            return node
        if not _can_be_read_again(node.slice):
            return self._indexed(node)
        node.value = self.call("subject", [node.value, copied(node.slice)], node.value)
        return node

    def _indexed(self, node: ast.Subscript) -> ast.expr:
        """A subscript whose index is evaluated once: `(lambda a, b: a[b])(*...)`."""
        names = f"{_PREFIX}items", f"{_PREFIX}key"
        both = self.call("subject_and_key", [node.value, node.slice], node)
        alone = ast.Subscript(_name(names[0]), _name(names[1]), ast.Load())
        arguments = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
        called = ast.Call(ast.Lambda(arguments, alone), [ast.Starred(both, ast.Load())], [])
        return placed(called, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        is_read = isinstance(node.ctx, ast.Load)
        self.targets += not is_read
        self.generic_visit(node)
        self.targets -= not is_read
        return node

    def visit_List(self, node: ast.List) -> ast.expr:
        self.generic_visit(node)
        return self.call("fresh", [node], node) if isinstance(node.ctx, ast.Load) else node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        self.generic_visit(node)
        return self.call("fresh", [node], node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        self.generic_visit(node)
        return self.call("fresh", [node], node)

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

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        if node.exc is not None:
            self.is_raising = True
            node.exc = self.call("raising", [self.visit(node.exc)], node.exc)
            self.is_raising = False
        node.cause = self.visit(node.cause) if node.cause else None
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        pieces: list[ast.expr] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                spec = part.format_spec or ast.Constant("")
                letter = ast.Constant(chr(part.conversion) if part.conversion > 0 else "")
                pieces.append(ast.Tuple([self.visit(part.value), letter, spec], ast.Load()))
            else:
                pieces.append(part)
        return self.call("text" if self.is_raising else "message", pieces, node)

    # --- stores ------------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> ast.AST | Block:
        self.generic_visit(node)
        if len(node.targets) != 1:
            return node
        (target,) = node.targets
        if isinstance(target, (ast.Subscript, ast.Attribute)):
            node.value = self._stored(target, node.value)
            return node
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        if not any(isinstance(part, (ast.Subscript, ast.Attribute)) for part in parts):
            return node
        after: list[ast.stmt] = []
        for number, part in enumerate(parts):
            if isinstance(part, (ast.Subscript, ast.Attribute)):
                name = self._fresh("value")
                parts[number] = ast.copy_location(ast.Name(name, ast.Store()), part)
                value = self._stored(part, placed(_name(name), part))
                after.append(placed(ast.Assign([part], value), part))
        return [placed(node, node), *after]

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | Block:
        self.generic_visit(node)
        target = node.target
        if isinstance(target, ast.Name):
            told = self.call("updates", [placed(_name(target.id), target)], node)
            return [placed(ast.Expr(told), node), node]
        if not _can_be_read_again(target):
            return [placed(ast.Expr(self.call("writes", [], node)), node), node]
        name = ast.Constant(_UPDATES[type(node.op)])
        old = _loaded(target)
        value = self.call("updated", [name, old, node.value], node)
        return placed(ast.Assign([target], self._stored(target, value)), node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | Block:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name):  # an annotated one could not be `nonlocal`
            value = node.value or ast.Constant(None)
            made = ast.Assign([node.target], value) if node.value else ast.Expr(value)
            return placed(made, node)
        return [placed(ast.Expr(self.call("writes", [], node)), node), node]

    def visit_Delete(self, node: ast.Delete) -> ast.AST | Block:
        self.generic_visit(node)
        if all(isinstance(target, ast.Name) for target in node.targets):
            return node
        return [placed(ast.Expr(self.call("deletes", [], node)), node), node]

    def _stored(self, target: ast.expr, value: ast.expr) -> ast.expr:
        """The value that is stored at a place: what was there stays where the way is not taken."""
        if isinstance(target, ast.Subscript) and _can_be_read_again(target.value):
            if not _can_be_read_again(target.slice):
                return self.call("stored_slice", [_loaded(target.value), value], target)
        elif not _can_be_read_again(target):
            return self.call("unseen", [value], target)
        if isinstance(target, ast.Attribute):
            owner, key = _loaded(target.value), ast.Constant(target.attr)
            return self.call("stored_attribute", [owner, key, value], target)
        assert isinstance(target, ast.Subscript)
        index = _loaded(target.slice)
        if isinstance(index, ast.Slice) or (
            isinstance(index, ast.Tuple) and any(isinstance(p, ast.Slice) for p in index.elts)
        ):
            return self.call("stored_slice", [_loaded(target.value), value], target)
        return self.call("stored_item", [_loaded(target.value), index, value], target)

    # --- pieces ------------------------------------------------------------------------------

    def call(self, method: str, args: Sequence[ast.expr], place: ast.AST) -> ast.expr:
        """A call of the recorder, which stands where a place is."""
        return placed(ast.Call(self._attribute(method), list(args), []), place)

    def _attribute(self, name: str) -> ast.expr:
        return ast.Attribute(_name(RECORDER), name, ast.Load())

    def _fresh(self, what: str) -> str:
        self.count += 1
        return f"{_PREFIX}{what}_{self.count}"


def _asserted(node: ast.stmt) -> ast.stmt:
    """`assert test, message` as the branch that it is."""
    if not isinstance(node, ast.Assert) or not __debug__:
        return node
    error = ast.Call(_name("AssertionError"), [node.msg] if node.msg else [], [])
    branch = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Raise(error, None)], [])
    return placed(branch, node)


def _joined(chain: ast.If, rest: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
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


# --- nodes ----------------------------------------------------------------------------------------


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _lambda(body: ast.expr) -> ast.expr:
    """An expression that is evaluated when it is asked for."""
    arguments = ast.arguments([], [], None, [], [], None, [])
    return ast.copy_location(ast.Lambda(arguments, body), body)


def _loaded(node: ast.expr) -> ast.expr:
    """An expression that is read once more."""
    found = copied(node)
    if isinstance(found, (ast.Name, ast.Attribute, ast.Subscript)):
        found.ctx = ast.Load()
    return found


def _can_be_read_again(node: ast.expr) -> bool:
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


def _is_filtered_sum(node: ast.Call) -> bool:
    """Whether a call is a sum over a comprehension with a condition."""
    if not (isinstance(node.func, ast.Name) and node.func.id == sum.__name__ and node.args):
        return False
    terms = node.args[0]
    if not isinstance(terms, (ast.GeneratorExp, ast.ListComp)) or scopes.has_walrus(terms):
        return False
    return bool(terms.generators[-1].ifs)


def _is_known_index(node: ast.expr) -> bool:
    """Whether an index is in print, or has parts that are no numbers."""
    if isinstance(node, ast.Tuple):
        is_of_slices = any(isinstance(part, (ast.Slice, ast.Starred)) for part in node.elts)
        return is_of_slices or all(map(_is_known_index, node.elts))
    return isinstance(node, (ast.Slice, ast.Constant)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    )


def _exits(node: Decision) -> bool:
    """Whether a statement may leave the block that it stands in."""
    if isinstance(node, ast.If):
        return scopes.leaves([node])
    return scopes.returns([node]) or scopes.leaves(node.orelse)


def _is_plain(node: ast.If, own: Collection[str]) -> bool:
    """Whether a statement is decided by which objects there are, and holds no other that exits.

    Args:
        node: the statement.
        own: variables of which a branch may have made one of two objects.
    """
    if not _asks_for_identity(node.test, own):
        return False
    inside = list(scopes.nodes_of([*node.body, *node.orelse]))
    return not any(isinstance(part, _DECISIONS) and _exits(part) for part in inside)


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
