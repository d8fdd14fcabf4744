"""Comprehensions as functions of what they go through, which may be of unknown length."""

from __future__ import annotations

import ast

from symdiff.frontend.staging import scopes
from symdiff.frontend.staging.trees import placed

_ITEMS = "_symdiff_items"


def is_one_each(node: ast.GeneratorExp | ast.ListComp) -> bool:
    """Whether a comprehension makes one of each item: it has one `for`, and no conditions."""
    first, *others = node.generators
    return not (others or first.ifs or first.is_async)


def of_items(node: ast.GeneratorExp | ast.ListComp) -> list[ast.expr]:
    """What `(made for item in items)` goes through, and a function that makes it of items."""
    first = node.generators[0]
    items, first.iter = first.iter, ast.Name(_ITEMS, ast.Load())
    made = placed(type(node)(node.elt, node.generators), node)
    arguments = ast.arguments([], [ast.arg(_ITEMS)], None, [], [], None, [])
    return [items, placed(ast.Lambda(arguments, made), node)]


def is_filtered_sum(node: ast.Call) -> bool:
    """Whether a call is a sum over a comprehension with a condition."""
    if not (isinstance(node.func, ast.Name) and node.func.id == sum.__name__ and node.args):
        return False
    terms = node.args[0]
    if not isinstance(terms, (ast.GeneratorExp, ast.ListComp)) or scopes.has_walrus(terms):
        return False
    return bool(terms.generators[-1].ifs)


def is_of_list(node: ast.Call) -> bool:
    """Whether a function, by its name, is called with a list that is made on the spot."""
    function = node.func
    while isinstance(function, ast.Attribute):
        function = function.value
    is_list = len(node.args) == 1 and isinstance(node.args[0], ast.ListComp)
    return is_list and isinstance(function, ast.Name)
