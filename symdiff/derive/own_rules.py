"""Lines that hold graphs: a function with a rule of its own, and the rule's lines put in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any  # parameters of an operation

from symdiff.derive.inline import inlined
from symdiff.errors import UnsupportedError
from symdiff.graph.nested import Nested
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.registry import OPERATIONS


def own_vjp(builder: Builder, t: Handle, y: Handle, args: Sequence[Handle]) -> list[Handle | None]:
    """The arguments' cotangents by the rule that a line brings; `None` for no dependence."""
    node = builder.nodes[y.at]
    rule = _rules(builder, y)["vjp"]
    if rule is None:
        raise UnsupportedError(
            f"'{node.params[0]}' has no rule for reverse mode",
            span=builder.span,
            suggestion="give vjp=, or a jvp= that is linear in the tangents",
        )
    found = inlined(rule.graph, builder, [t, y, *args])
    return [None if builder.constants.get(part.at) == 0.0 else part for part in found]


def is_elementwise(node: Node) -> bool:
    """Whether the rule for reverse mode takes each element from the elements at its place alone."""
    rule = dict(zip(OPERATIONS[node.op].params, node.params, strict=True)).get("vjp")
    return isinstance(rule, Nested) and all(
        inner.shape == node.shape
        and (inner.op in (INPUT, CONSTANT) or OPERATIONS[inner.op].is_elementwise)
        for inner in rule.graph.nodes
    )


def own_jvp(
    builder: Builder, tangents: Sequence[Handle | None], y: Handle, args: Sequence[Handle]
) -> Handle:
    """The tangent of a line by the rule that it brings."""
    node = builder.nodes[y.at]
    rule = _rules(builder, y)["jvp"]
    if rule is None:
        raise UnsupportedError(
            f"'{node.params[0]}' has no rule for forward mode",
            span=builder.span,
            suggestion="give jvp=, or a vjp= that is linear in the cotangent",
        )
    filled = [
        t if t is not None else Handle(builder, builder.constant(0.0, x.at))
        for t, x in zip(tangents, args, strict=True)
    ]
    (tangent,) = inlined(rule.graph, builder, [*filled, y, *args])
    return tangent


def _rules(builder: Builder, y: Handle) -> dict[str, Any]:
    """The parameters of the line by name; a rule that is missing is `None`."""
    node = builder.nodes[y.at]
    return dict(zip(OPERATIONS[node.op].params, node.params, strict=True))
