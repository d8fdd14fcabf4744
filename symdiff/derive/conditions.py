"""Conditions of cotangents as logic: whether some of them always holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_, or_

from symdiff.graph.node import Node

_MOST = 5  # conditions that are no logic of others; the table of truths has 2**5 rows
_ROWS = 2**_MOST
_ALL: int = 2**_ROWS - 1  # each bit is a row
_COLUMNS = [sum(1 << row for row in range(_ROWS) if row >> atom & 1) for atom in range(_MOST)]
_LOGIC: dict[str, Callable[[int, int], int]] = {"logical_and": and_, "logical_or": or_}


def cover_everything(nodes: Sequence[Node], conditions: Sequence[int]) -> bool:
    """Whether one of the conditions holds, whatever those hold that they are made of.

    Args:
        nodes: the lines.
        conditions: positions of truths.
    """
    found: dict[int, int] = {}  # by position, the rows in which the line holds
    atoms = 0
    pending = list(conditions)
    while pending:
        at = pending[-1]
        node = nodes[at]
        is_logic = node.op in _LOGIC or node.op == "logical_not"
        missing = [side for side in node.args if side not in found] if is_logic else []
        if missing:
            pending.extend(missing)
            continue
        pending.pop()
        if at in found:
            continue
        if not is_logic:
            if atoms == _MOST:
                return False
            found[at] = _COLUMNS[atoms]
            atoms += 1
        elif node.op == "logical_not":
            found[at] = _ALL ^ found[node.args[0]]
        else:
            first, second = (found[side] for side in node.args)
            found[at] = _LOGIC[node.op](first, second)
    rows = reduce(or_, [found[at] for at in conditions])
    return rows == _ALL
