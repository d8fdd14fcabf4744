"""Roots of quadratic forms: where the form is 0 its root has the gradient 0, however it is spelled.

A form is a sum of squares and of products of what is squared, times weights, over axes or not:
`sum(w*x**2)`, `a @ a + b @ b`, `x @ W @ x`, `a**2 - a*b + b**2`. That it is never negative is the
user's to know: otherwise there is no root.
"""

from __future__ import annotations

import math
from typing import Any  # parameters of an operation

from symdiff.graph.node import FLOAT, INPUT, INT, Node, is_exact_integer
from symdiff.graph.shape import size
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import parts

_SEARCH = 200  # lines looked at; of a longer form the root is an ordinary one


def of_sqrt(b: Builder, x: int) -> int | None:
    """sqrt(u**2 + v**2 + ...), with numbers among the squares too; sqrt(u**2) = |u|; of a form."""
    norm = _norm(b, x)
    if norm is not None:
        return norm
    roots = [_root(b, term) for term in terms(b, x)]
    if any(root is None for root in roots):
        return b.make("root_of_form", (x,)) if is_form(b, x) else None
    found = [root for root in roots if root is not None]
    if all(root in b.constants for root in found):
        return None
    found.sort(key=lambda root: root not in b.constants)  # no part has a kink then
    total = found[0]
    if len(found) == 1:
        return total if is_even_power(b, total) else b.make("absolute", (total,))
    for root in found[1:]:
        total = b.make("hypot", (total, root))
    return total


def _norm(b: Builder, x: int) -> int | None:
    """The root of a sum of squares over axes, or of a multiple of it such as a mean."""
    node, root = b.nodes[x], b.make("sqrt", (x,))
    found = _summed_squares(b, node)
    if found is not None:
        return b.make("known_norm", (found[0], root), found[1])
    if node.op not in ("divide", "multiply"):
        return None
    for summed, count in (node.args, node.args[::-1]):
        found = _summed_squares(b, b.nodes[summed])
        is_count = b.constants.get(count, -1.0) > 0.0 or b.nodes[count].dtype == INT
        if found is None or not is_count or (node.op == "divide" and summed != node.args[0]):
            continue
        scale = b.make("sqrt", (count,))
        there, back = ("multiply", "divide") if node.op == "divide" else ("divide", "multiply")
        norm = b.make("known_norm", (found[0], b.make(there, (root, scale))), found[1])
        return b.make(back, (norm, scale))
    return None


def _summed_squares(b: Builder, node: Node) -> tuple[int, tuple[Any, ...]] | None:
    """What is squared and summed up, and over which axes."""
    if node.op == "sum":
        inner = b.nodes[node.args[0]]
        is_square = inner.op == "multiply" and inner.args[0] == inner.args[1]
        is_square |= inner.op == "power" and b.constants.get(inner.args[1]) == 2.0
        return (inner.args[0], node.params) if is_square else None
    if node.op == "contract" and node.args[0] == node.args[1]:
        first, second, result = parts(node.params[0])
        axes = tuple(axis for axis, letter in enumerate(first) if letter not in result)
        kept = "".join(letter for letter in first if letter in result)
        if first == second and kept == result:
            return node.args[0], (axes, False)
    return None


def terms(b: Builder, position: int) -> list[int]:
    """The terms of nested sums, from left to right."""
    found, pending = [], [position]
    while pending:
        current = pending.pop()
        node = b.nodes[current]
        if node.op == "add":
            pending.extend((node.args[1], node.args[0]))
        else:
            found.append(current)
    return found


def is_even_power(b: Builder, position: int) -> bool:
    """Whether a line is u**2, u**4, ... for an exponent that is written as a number."""
    node = b.nodes[position]
    if node.op == "multiply":
        return node.args[0] == node.args[1]
    exponent = b.constants.get(node.args[1]) if node.op == "power" else None
    return exponent is not None and is_exact_integer(exponent) and exponent % 2.0 == 0.0


def _root(b: Builder, position: int) -> int | None:
    """The u for which a line is u**2: of squares, numbers >= 0, and products of such."""
    node = b.nodes[position]
    value = b.constants.get(position)
    if value is not None:
        return b.constant(math.sqrt(value), position) if 0.0 <= value < math.inf else None
    if node.op == "power":
        exponent = b.constants.get(node.args[1])
        if exponent is None or not is_even_power(b, position) or exponent < 2.0:
            return None
        return b.make("power", (node.args[0], b.constant(exponent / 2.0, position)))
    if node.op != "multiply":
        return None
    (first, one), (second, other) = (_scaled(b, argument) for argument in node.args)
    if one == other and one not in b.constants and 0.0 <= first * second < math.inf:
        return b.make("multiply", (b.constant(math.sqrt(first * second), position), one))
    both = [_root(b, argument) for argument in node.args]
    if both[0] is None or both[1] is None:
        return None
    return b.make("multiply", (both[0], both[1]))


def _scaled(b: Builder, position: int) -> tuple[float, int]:
    """A number and the line that it scales."""
    factor, node = 1.0, b.nodes[position]
    while node.op == "negate" or (node.op == "multiply" and node.args[0] in b.constants):
        factor *= -1.0 if node.op == "negate" else b.constants[node.args[0]]
        position = node.args[-1]
        node = b.nodes[position]
    if node.op == "multiply" and node.args[1] in b.constants:
        return factor * b.constants[node.args[1]], node.args[0]
    return factor, position


# --- forms -------------------------------------------------------------------------------------

# what moves, repeats or adds up elements of its first argument
_MOVING = frozenset(("sum", "broadcast", "reshape", "transpose", "negate", "cumsum", "index"))


def is_form(b: Builder, position: int) -> bool:
    """Whether a line is a sum of squares and of products of what is squared, with weights."""
    squared, crossed = set[int](), list[tuple[int, int]]()
    pending = [(position, False)]
    is_sum = False
    for _ in range(_SEARCH):
        if not pending:
            break
        at, is_summed = pending.pop()
        node = b.nodes[at]
        is_sum |= node.op in ("sum", "contract", "add", "subtract")
        if b.constants.get(at) == 0.0:
            continue
        parts_of_it = _taken_apart(b, node, is_summed=is_summed)
        if parts_of_it is None:
            return False
        squares, crosses, forms = parts_of_it
        squared.update(squares)
        crossed += crosses
        pending += [(form, is_summed or node.op == "sum" or _is_diagonal(node)) for form in forms]
    crosses_alone = [pair for pair in crossed if not squared.issuperset(pair)]
    return bool(squared) and is_sum and not pending and not crosses_alone


_Parts = tuple[list[int], list[tuple[int, int]], list[int]]


def _taken_apart(b: Builder, node: Node, *, is_summed: bool) -> _Parts | None:
    """What a line squares, what it multiplies, and the forms in it; `None` if it is no form."""
    match node.op:
        case "add" | "subtract" | "concatenate" | "stack":
            return [], [], list(node.args)
        case op if op in _MOVING or op == "divide":
            return [], [], [node.args[0]]
        case "where":
            return [], [], list(node.args[1:])
        case "power" if b.constants.get(node.args[1], 0.0) >= 2.0 and _is_even(b, node):
            return [_core(b, node.args[0])], [], []
        case "multiply":
            return _of_product(b, node, is_summed=is_summed)
        case "contract":
            return _of_contraction(b, node, is_summed=is_summed)
    return None


def _of_product(b: Builder, node: Node, *, is_summed: bool) -> _Parts | None:
    cores = [_core(b, argument) for argument in node.args]
    if cores[0] == cores[1]:
        return [cores[0]], [], []
    rest = [argument for argument in node.args if argument not in b.constants]
    forms = [argument for argument in rest if _looks_quadratic(b, argument)]
    if len(rest) == 1 or len(forms) == 1:
        return [], [], forms or rest
    if is_summed:  # `sum(x*(W @ x))`
        for base, other in (cores, cores[::-1]):
            if _is_linear_in(b, other, base):
                return [base], [], []
    return None if forms else ([], [(cores[0], cores[1])], [])


def _of_contraction(b: Builder, node: Node, *, is_summed: bool) -> _Parts | None:
    """`x @ x`, `x @ (W @ x)`: each element of one meets its own; `w @ x**2`."""
    first, second, _ = parts(node.params[0])
    if first == second or is_summed or size(node.shape) == 1:
        cores = [_core(b, argument) for argument in node.args]
        for base, other in (cores, cores[::-1]):
            if _is_linear_in(b, other, base):
                return [base], [], []
    forms = [argument for argument in node.args if _looks_quadratic(b, argument)]
    return ([], [], forms) if len(forms) == 1 else None


def _is_even(b: Builder, node: Node) -> bool:
    return is_exact_integer(b.constants[node.args[1]]) and b.constants[node.args[1]] % 2.0 == 0.0


def _is_diagonal(node: Node) -> bool:
    """Whether an index takes the diagonal of a matrix: both of its arrays are the same line."""
    return node.op == "index" and len(node.args) == 3 and node.args[1] == node.args[2]


def _core(b: Builder, position: int) -> int:
    """A line without numbers that it is scaled by, in the shape that its elements came in."""
    while True:
        _, position = _scaled(b, position)
        node = b.nodes[position]
        is_moved = node.op in ("reshape", "transpose", "index") and len(node.args) == 1
        if is_moved and size(node.shape) != size(b.nodes[node.args[0]].shape):
            return position
        if not is_moved and (node.op != "divide" or node.args[1] not in b.constants):
            return position
        position = node.args[0]


def _looks_quadratic(b: Builder, position: int) -> bool:
    """Whether a factor is a form rather than a weight, as far as its first terms show."""
    pending = [position]
    for _ in range(_SEARCH):
        if not pending:
            break
        at = pending.pop()
        node = b.nodes[at]
        if node.op in ("add", "subtract", "divide") or node.op in _MOVING:
            pending.append(node.args[0])
        elif node.op == "power":
            return is_even_power(b, at) and b.constants[node.args[1]] > 0.0
        elif node.op in ("multiply", "contract"):
            one, other = (_core(b, argument) for argument in node.args)
            if one == other or _is_linear_in(b, other, one) or _is_linear_in(b, one, other):
                return True
            pending += node.args
    return False


def _is_linear_in(b: Builder, position: int, base: int) -> bool:
    """Whether a line is another one times what does not depend on it, as `W @ x` is."""
    if base in b.constants or b.nodes[base].dtype != FLOAT:
        return False
    pending = [position]
    for _ in range(_SEARCH):
        if not pending:
            return True
        at = pending.pop()
        if at == base:
            continue
        node = b.nodes[at]
        dependent = [argument for argument in node.args if _depends(b, argument, base)]
        if node.op in ("add", "subtract") or node.op in _MOVING:
            if len(dependent) != len(node.args):
                return False
        elif node.op == "divide":
            if dependent != [node.args[0]]:
                return False
        elif node.op == "solve":
            if dependent != [node.args[1]]:
                return False
        elif node.op not in ("multiply", "contract") or len(dependent) != 1:
            return False
        pending += dependent
    return False


def _depends(b: Builder, position: int, base: int) -> bool:
    """Whether a line depends on another one; beyond a number of lines it is said to."""
    pending, seen = [position], set[int]()
    while pending:
        at = pending.pop()
        if at == base or len(seen) > _SEARCH:
            return True
        if at < base or at in seen or b.nodes[at].op == INPUT:
            continue
        seen.add(at)
        pending.extend(b.nodes[at].args)
    return False
