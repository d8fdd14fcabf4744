"""Tables of spellings by target, and the check that a target can write a graph."""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.emit.spell.base import Spellings
from symdiff.emit.spell.formula import FORMULA_SPELLINGS
from symdiff.emit.spell.latex import LATEX_SPELLINGS
from symdiff.emit.spell.numpy import ARRAY_SPELLINGS
from symdiff.emit.spell.python import PYTHON_SPELLINGS
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT

TABLES: Mapping[str, Spellings] = {
    "numpy": ARRAY_SPELLINGS,
    "python": PYTHON_SPELLINGS,
    "formula": FORMULA_SPELLINGS,
    "latex": LATEX_SPELLINGS,
}
_OF_CODE = ("numpy", "python")


def can_write(target: str, op: str) -> bool:
    """Whether a target has a way to write an operation."""
    found = TABLES[target].find(op)
    return found is not None and found.form != "missing"


def check_spelled(graph: Graph, target: str) -> None:
    """State that a target can write all operations of a graph.

    Raises:
        UnsupportedError: naming the first that it cannot, its place, and the targets that can.
    """
    for position, node in enumerate(graph.nodes):
        if node.op in (INPUT, CONSTANT) or can_write(target, node.op):
            continue
        able = [name for name in _OF_CODE if can_write(name, node.op)]
        raise UnsupportedError(
            f"the target '{target}' cannot write the operation '{node.op}'",
            span=graph.spans.get(position),
            suggestion=f"targets that can: {', '.join(able)}" if able else None,
        )
