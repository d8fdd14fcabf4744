"""Templates: a rule that is replayed makes the lines that it makes when it is run."""

from __future__ import annotations

import pytest

from symdiff.derive import reverse
from symdiff.derive.templates import template_of
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.optimize import optimize
from tests.ops.rows import ROWS

RUN_ANEW = {"power", "digamma", "zeta"}  # they ask for a number among the arguments, or refuse


def graph_of(name: str, count: int) -> Graph:
    """An operation on sines, so that its cotangent is no constant, and on a number."""
    builder = Builder(EXACT)
    inputs = [builder.input(f"x{k}") for k in range(count)]
    result = builder.make(name, tuple([builder.make("sin", (at,)) for at in inputs]))
    outputs = [builder.make("sin", (result,))]
    return builder.graph(inputs, outputs, ["f"], 1)


def trees(graph: Graph) -> list[str]:
    """The outputs written out; a sign that moves out of a product turns its factors round."""
    found: list[str] = []
    for node in graph:
        args = [found[argument] for argument in node.args]
        if node.args and OPERATIONS[node.op].commutative:
            args.sort()
        found.append(f"{node.op}{node.params}({', '.join(args)})")
    return [found[output] for output in graph.outputs]


SMOOTH = [
    (row.name, record.arity)
    for row in ROWS
    for record in [OPERATIONS[row.name]]
    if record.is_elementwise and not record.params and template_of(row.name, record.arity)
]


@pytest.mark.parametrize(("name", "count"), SMOOTH)
def test_replayed_lines_are_those_of_the_rule(
    name: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = graph_of(name, count)
    replayed = optimize(reverse.gradient(graph, graph.input_names))
    monkeypatch.setattr(reverse, "template_of", lambda *_: None)
    run = optimize(reverse.gradient(graph, graph.input_names))
    assert trees(replayed) == trees(run)
    assert replayed.ops == run.ops


@pytest.mark.parametrize("base", ["x", "2.0", "-2.0"])
@pytest.mark.parametrize(
    "exponent", ["y", "3.0", "2.0", "1.0", "0.5", "0.0", "-0.0", "-2.0", "inf"]
)
def test_powers_of_and_by_constants_are_replayed(
    base: str, exponent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the rule says of each constant: the exponent less 1 is the same number to the bit."""
    builder = Builder(EXACT)
    inputs = [builder.input(name) for name in "xy"]
    args = [
        builder.constant(float(part)) if part not in "xy" else builder.make("sin", (inputs[k],))
        for k, part in enumerate((base, exponent))
    ]
    result = builder.append(("power", tuple(args), (), (), "float64"))
    graph = builder.graph(inputs, [builder.make("sin", (result,))], ["f"], 1)
    replayed = reverse.gradient(graph, graph.input_names)
    monkeypatch.setattr(reverse, "template_of", lambda *_: None)
    run = reverse.gradient(graph, graph.input_names)
    assert (replayed.nodes, replayed.outputs) == (run.nodes, run.outputs)


def test_rules_that_ask_have_none() -> None:
    for name in RUN_ANEW:
        assert template_of(name, OPERATIONS[name].arity) is None
    assert {"add", "multiply", "divide", "sin", "tanh"} <= {name for name, _ in SMOOTH}
