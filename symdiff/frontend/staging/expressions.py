"""Expressions, and statements of one line, with what depends on values handed to the recorder."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from symdiff.frontend.staging import scopes
from symdiff.frontend.staging.comprehensions import (
    is_filtered_sum,
    is_of_list,
    is_one_each,
    of_items,
)
from symdiff.frontend.staging.reads import can_be_read_again, is_known_index, late, loaded, read_of
from symdiff.frontend.staging.trees import copied, fields_of, location_of, placed
from symdiff.frontend.tracing.places import RECORDER

_PREFIX = "_symdiff_"
_LOAD = ast.Load()
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


Block = list[ast.stmt]


class Expressions(ast.NodeTransformer):
    """Rewrites what a function evaluates and stores.

    Attributes:
        first: the name of the first parameter, which `super()` takes.
        asked: names that no step of a loop may have set; each read asks whether one has.
    """

    def __init__(self, args: ast.arguments) -> None:
        ordered = [*args.posonlyargs, *args.args]
        self.first = ordered[0].arg if ordered else ""
        self.asked: frozenset[str] = frozenset()
        self.count = 0
        self.targets = 0  # how many targets of assignments are around

    def visit(self, node: ast.AST) -> Any:
        """What stands for a node; itself where it is a constant."""
        return node if type(node) is ast.Constant else super().visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """As `ast` has it, but for what has no place: it is never rewritten."""
        held = node.__dict__
        for name in fields_of(node.__class__):
            value = held.get(name)
            if value.__class__ is list:
                value[:] = self._visited(value)
            elif isinstance(value, ast.AST):
                held[name] = self.visit(value)
        return node

    def _visited(self, parts: Sequence[object]) -> Iterator[object]:
        for part in parts:
            found = self.visit(part) if isinstance(part, ast.AST) else part
            if found.__class__ is list:
                yield from found
            else:
                yield found

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.asked or not isinstance(node.ctx, ast.Load):
            return node
        return self.call("certain", [placed(read_of(node.id), node)], node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        first, *others = node.values
        self.generic_visit(node)
        if any(scopes.has_walrus(value) for value in others):
            return node
        first, *others = node.values
        method = "conjunction" if isinstance(node.op, ast.And) else "disjunction"
        return self.call(method, [first, *map(late, others)], node)

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
        pairs = [p for n, c in zip(names, node.comparators, strict=True) for p in (n, late(c))]
        return self.call("chain", [node.left, *pairs], node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        if scopes.has_walrus(node.body) or scopes.has_walrus(node.orelse):
            return node
        return self.call("choice", [node.test, late(node.body), late(node.orelse)], node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            if not node.args and self.first:
                node.args = [read_of("__class__"), read_of(self.first)]
            return placed(node, node)
        chosen = self._chosen(node.args[0]) if is_filtered_sum(node) else None
        listed = None
        if is_of_list(node) and not scopes.has_walrus(node):
            listed = copied(node.func)
        self.generic_visit(node)
        if listed is not None:
            node.args[0] = self._list_for(listed, node.args[0])
        if chosen is not None:
            both = [node.func, late(chosen), late(node.args[0])]
            node.args[0] = self.call("summands", both, node.args[0])
        node.func = self.call("callee", [node.func], node.func)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Mod) or not _may_be_text(node):
            return node
        return self.call("percent", [node.left, node.right], node)

    def _chosen(self, node: ast.expr) -> ast.expr:
        """The terms of `sum(a for x in items if c)`, with what adds nothing where `c` is false."""
        made = copied(node)
        assert isinstance(made, (ast.GeneratorExp, ast.ListComp))
        last = made.generators[-1]
        test = last.ifs[0] if len(last.ifs) == 1 else ast.BoolOp(ast.And(), last.ifs)
        last.ifs = []
        given = [self.visit(placed(test, made)), late(self.visit(made.elt))]
        generators = [self.visit(part) for part in made.generators]
        terms = placed(ast.GeneratorExp(self.call("summand", given, made), generators), made)
        return self._made_of(terms)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        is_read = isinstance(node.ctx, ast.Load) and not self.targets
        self.targets += not is_read
        self.generic_visit(node)
        self.targets -= not is_read
        if not is_read or is_known_index(node.slice):
            return node
        if not can_be_read_again(node.slice):
            return self._indexed(node)
        node.value = self.call("subject", [node.value, copied(node.slice)], node.value)
        return node

    def _indexed(self, node: ast.Subscript) -> ast.expr:
        """A subscript whose index is evaluated once: `(lambda a, b: a[b])(*...)`."""
        names = f"{_PREFIX}items", f"{_PREFIX}key"
        both = self.call("subject_and_key", [node.value, node.slice], node)
        alone = ast.Subscript(read_of(names[0]), read_of(names[1]), ast.Load())
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
        return self._container(node)

    def visit_Set(self, node: ast.Set) -> ast.expr:
        return self._container(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        has_walrus = scopes.has_walrus(node)
        self.generic_visit(node)
        return self.call("once", [node], node) if has_walrus else self._made_of(node)

    def _made_of(self, node: ast.GeneratorExp) -> ast.expr:
        method = "made_of" if is_one_each(node) else "chosen_of"
        return self.call(method, of_items(node), node)

    def _list_for(self, function: ast.expr, node: ast.expr) -> ast.expr:
        """A list for a function, some of which take items of unknown number."""
        assert isinstance(node, ast.Call)
        if len(node.args) == 1:  # it makes another number of items
            return node
        return self.call("list_for", [function, *node.args], node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        if not is_one_each(node) or scopes.has_walrus(node):
            return self._container(node)
        self.generic_visit(node)
        return self.call("list_of", of_items(node), node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._container(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._container(node)

    def _container(self, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        return self.call("fresh", [node], node)

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        if node.exc is not None:
            node.exc = self.call("raising", [self.visit(node.exc)], node.exc)
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
        return self.call("message", pieces, node)

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
                name = self.fresh("value")
                parts[number] = ast.copy_location(ast.Name(name, ast.Store()), part)
                value = self._stored(part, placed(read_of(name), part))
                after.append(placed(ast.Assign([part], value), part))
        return [placed(node, node), *after]

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | Block:
        self.generic_visit(node)
        target = node.target
        if isinstance(target, ast.Name):
            told = self.call("updates", [placed(read_of(target.id), target)], node)
            return [placed(ast.Expr(told), node), node]
        before = self._named_parts(target)
        if not can_be_read_again(target):
            return [placed(ast.Expr(self.call("writes", [], node)), node), node]
        name = ast.Constant(_UPDATES[type(node.op)])
        old = loaded(target)
        value = self.call("updated", [name, old, node.value], node)
        return [*before, placed(ast.Assign([target], self._stored(target, value)), node)]

    def _named_parts(self, target: ast.Subscript | ast.Attribute) -> Block:
        """Names for what cannot be read again in a place, as `x > f(y)` in `x[x > f(y)]`."""
        before: Block = []

        def named(part: ast.expr) -> ast.expr:
            if isinstance(part, ast.Slice):
                part.lower, part.upper, part.step = [
                    bound and named(bound) for bound in (part.lower, part.upper, part.step)
                ]
            if isinstance(part, (ast.Slice, ast.Starred)) or can_be_read_again(part):
                return part
            name = self.fresh("place")
            store = ast.copy_location(ast.Name(name, ast.Store()), part)
            before.append(placed(ast.Assign([store], part), part))
            return placed(read_of(name), part)

        target.value = named(target.value)
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Tuple):
            target.slice.elts = [named(part) for part in target.slice.elts]
        elif isinstance(target, ast.Subscript):
            target.slice = named(target.slice)
        return before

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
        if isinstance(target, ast.Subscript) and can_be_read_again(target.value):
            if not can_be_read_again(target.slice):
                return self.call("stored_slice", [loaded(target.value), value], target)
        elif not can_be_read_again(target):
            return self.call("unseen", [value], target)
        if isinstance(target, ast.Attribute):
            owner, key = loaded(target.value), ast.Constant(target.attr)
            return self.call("stored_attribute", [owner, key, value], target)
        assert isinstance(target, ast.Subscript)
        index = loaded(target.slice)
        if isinstance(index, ast.Slice) or (
            isinstance(index, ast.Tuple) and any(isinstance(p, ast.Slice) for p in index.elts)
        ):
            return self.call("stored_slice", [loaded(target.value), value], target)
        return self.call("stored_item", [loaded(target.value), index, value], target)

    # --- pieces ------------------------------------------------------------------------------

    def call(self, method: str, args: Sequence[ast.expr], place: ast.AST) -> ast.expr:
        """A call of the recorder, which stands where a place is."""
        at = location_of(place)
        recorder = ast.Name(RECORDER, _LOAD, **at)
        function = ast.Attribute(recorder, method, _LOAD, **at)
        given = [arg if "lineno" in arg.__dict__ else placed(arg, place) for arg in args]
        return ast.Call(function, given, [], **at)

    def attribute(self, name: str) -> ast.expr:
        """What the recorder has under a name."""
        return ast.Attribute(read_of(RECORDER), name, ast.Load())

    def keywords(self, args: ast.arguments) -> Block:
        """A statement that says of the dict of `**kwargs` that each call makes one."""
        given = args.kwarg
        if given is None:
            return []
        return [placed(ast.Expr(self.call("fresh", [read_of(given.arg)], given)), given)]

    def fresh(self, what: str) -> str:
        """A name that the function does not have."""
        self.count += 1
        return f"{_PREFIX}{what}_{self.count}"


def _may_be_text(node: ast.BinOp) -> bool:
    """Whether `left % right` may write values into a text: no number is divided by several."""
    if isinstance(node.right, (ast.Tuple, ast.Dict)):
        return True
    return isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
