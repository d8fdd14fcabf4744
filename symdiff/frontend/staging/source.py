"""Syntax trees of functions that exist, found by file and line, and functions of changed ones."""

from __future__ import annotations
import __future__

import ast
import inspect
import tokenize
from collections.abc import Iterator, Sequence
from types import CellType, CodeType, FunctionType
from typing import TypeVar

from symdiff.errors import source_lines
from symdiff.frontend.staging.depth import COMPILED, deep_trees
from symdiff.frontend.staging.instructions import do_the_same
from symdiff.frontend.staging.trees import children, copied, with_places_outside

Definition = ast.FunctionDef | ast.Lambda
Node = TypeVar("Node", bound=ast.AST)
_FUTURE = __future__.annotations.compiler_flag


def definition_of(code: CodeType) -> Definition | None:
    """The definition that a code object was compiled from, for the caller to change, or `None`.

    There is none without a file, or where the file has changed since: what is found compiles to the
    same instructions.
    """
    for tree in _trees(code):
        for node in _definitions(tree, _key(code)):
            if do_the_same(compiled(node, code), code):
                _, kept = _FILES.get(code.co_filename, (None, None))
                return copied(node) if tree is kept else node
    return None


def compiled(node: Definition, code: CodeType, *more: str) -> CodeType:
    """The code of a definition, with the free variables and the class that another code has.

    Args:
        node: the definition.
        code: what it stands for.
        more: names that it may read from around it besides.
    """
    free = [name for name in code.co_freevars if name != "__class__"]
    is_in_class = "__class__" in code.co_freevars or _class_of(code) is not None
    body: list[ast.stmt] = [_bare(node)]
    name = node.name if isinstance(node, ast.FunctionDef) else ""
    if is_in_class:
        name = _class_of(code) or "_"
        body = [_without_types(ast.ClassDef(name, [], [], body, []))]
    if name and name not in code.co_freevars:
        body.insert(0, ast.Global([name]))  # as the code reads it
    outer = definition("_", [ast.arg(name) for name in (*free, *more)], body)
    module = with_places_outside(ast.Module([outer], []))
    flags = code.co_flags & _FUTURE
    with deep_trees(COMPILED):
        found = compile(module, code.co_filename, "exec", flags=flags, dont_inherit=True)
    return next(part for part in codes_in(found) if _key(part) == _key(code))


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """A code object and all that it holds."""
    pending = [code]
    while pending:
        code = pending.pop()
        yield code
        pending += [part for part in reversed(code.co_consts) if isinstance(part, CodeType)]


def definition(
    name: str, parameters: Sequence[ast.arg], body: Sequence[ast.stmt]
) -> ast.FunctionDef:
    """The syntax tree of a function."""
    arguments = ast.arguments([], [*parameters], None, [], [], None, [])
    return _without_types(ast.FunctionDef(name, arguments, [*body], []))


def _without_types(node: Node) -> Node:
    """From Python 3.12 on a definition has a list of type parameters."""
    node.type_params = []  # type: ignore[attr-defined]
    return node


def _bare(node: Definition) -> ast.stmt:
    """Without what is evaluated where it is defined: decorators, defaults, annotations."""
    if isinstance(node, ast.Lambda):
        alone = ast.copy_location(ast.Lambda(_bare_arguments(node.args), node.body), node)
        return ast.copy_location(ast.Expr(alone), node)
    bare = definition(node.name, [], node.body)
    bare.args = _bare_arguments(node.args)
    ast.copy_location(bare, node)
    if node.decorator_list:  # code starts at the first one
        bare.lineno = node.decorator_list[0].lineno
    return bare


def _bare_arguments(args: ast.arguments) -> ast.arguments:
    def bare(arg: ast.arg) -> ast.arg:
        return ast.copy_location(ast.arg(arg.arg), arg)

    return ast.arguments(
        list(map(bare, args.posonlyargs)),
        list(map(bare, args.args)),
        bare(args.vararg) if args.vararg else None,
        list(map(bare, args.kwonlyargs)),
        [None for _ in args.kw_defaults],
        bare(args.kwarg) if args.kwarg else None,
        [],
    )


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_name, code.co_firstlineno


def _trees(code: CodeType) -> Iterator[ast.Module]:
    """Trees that may hold the definition of a code, the smallest first."""
    for find in (_tree_of_own_lines, lambda code: _tree(code.co_filename), _tree_of_lines):
        tree = find(code)
        if tree is not None:
            yield tree


def _tree_of_own_lines(code: CodeType) -> ast.Module | None:
    """That of the lines that a code was compiled from: a file may be long.

    What the compiler left out behind them is no loss: the code without it is the same.
    """
    first = code.co_firstlineno
    ends = [place[1] or 0 for part in codes_in(code) for place in part.co_positions()]
    lines = source_lines(code.co_filename)[first - 1 : max(ends, default=0)]
    if not lines:
        return None
    is_inside = lines[0][:1].isspace() and first > 1
    around = ["\n"] * (first - 2) + ["if True:\n"] if is_inside else ["\n"] * (first - 1)
    return _parsed("".join([*around, *lines]))


_FILES: dict[str, tuple[list[str], ast.Module | None]] = {}  # a new text is a new list of lines


def _tree(filename: str) -> ast.Module | None:
    """The syntax tree of a file, `None` where it is no program."""
    lines = source_lines(filename)
    known = _FILES.get(filename)
    if known is None or known[0] is not lines:
        known = _FILES[filename] = lines, _parsed("".join(lines))
    return known[1]


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _tree_of_lines(code: CodeType) -> ast.Module | None:
    """That of the lines where a code starts, in a file that is no program as a whole: a page."""
    first = code.co_firstlineno
    try:
        block = inspect.getblock(source_lines(code.co_filename)[first - 1 :])
    except (SyntaxError, tokenize.TokenError):
        return None
    return _parsed("\n" * (first - 1) + "".join(block))


def _definitions(tree: ast.Module, key: tuple[str, int]) -> Iterator[Definition]:
    """The definitions of a name that start at a line; what ends before or starts behind is left."""
    _, line = key
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        first = _first_line(node)
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            own = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
            if (own, first) == key:
                yield node
        if first <= line <= getattr(node, "end_lineno", line):
            pending += children(node)


def _first_line(node: ast.AST) -> int:
    """Where a node starts: a definition with its first decorator; 0 without a place."""
    decorators = getattr(node, "decorator_list", ())
    return getattr(decorators[0] if decorators else node, "lineno", 0)


def _class_of(code: CodeType) -> str | None:
    """The class that a function is defined in: names of two underscores are mangled by it."""
    parts = code.co_qualname.split(".")
    return parts[-2] if len(parts) > 1 and parts[-2] != "<locals>" else None


def with_code(function: FunctionType, code: CodeType, cells: dict[str, object]) -> FunctionType:
    """A function with other code, and with cells for the names that only that code reads."""
    given = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    closure = tuple(
        given[name] if name in given else CellType(cells[name]) for name in code.co_freevars
    )
    space, name = function.__globals__, function.__name__
    made = FunctionType(code, space, name, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__ = function.__qualname__
    made.__module__ = function.__module__
    made.__dict__ = function.__dict__
    made.__doc__ = function.__doc__
    return made
