"""Graphs as data come back as they were; damaged data are refused."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdiff.derive.reverse import gradient
from symdiff.errors import Span, SymdiffError
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.serial import from_data, to_data
from symdiff.graph.shape import Dim, named
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import contracted
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.legal import check_line
from symdiff.ops.reduction import broadcast_to, total
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import transposed
from tests.strategies import array_graphs, examples, graphs

N = named("N")


def through_json(graph, check=None):
    return from_data(json.loads(json.dumps(to_data(graph), allow_nan=False)), check)


def same(one, other):
    fields = "nodes inputs outputs output_names primal spans hints".split()
    assert [repr(getattr(one, f)) for f in fields] == [repr(getattr(other, f)) for f in fields]
    assert one.nodes == other.nodes


@given(graphs())
@examples(100)
def test_a_graph_comes_back(graph):
    same(through_json(graph, check_line), graph)
    derived = gradient(graph, graph.input_names)
    same(through_json(derived, check_line), derived)


@given(array_graphs())
@examples(50)
def test_a_graph_of_arrays_comes_back(graph):
    same(through_json(graph, check_line), graph)
    derived = gradient(graph, graph.input_names)
    same(through_json(derived, check_line), derived)


LENGTHS = st.builds(
    lambda a, b, c, d: a * N + b * N * named("M") + c * named("λ_1") * N * N + d,
    *[st.integers(-3, 3)] * 4,
)
PARAMS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["slice", "ij,jk->ik", "a+/B=="])
    | st.floats(allow_nan=False) | LENGTHS,
    lambda items: st.lists(items, max_size=3).map(tuple),
    max_leaves=8,
)  # fmt: skip


SHAPES = st.lists(LENGTHS.filter(lambda n: isinstance(n, Dim) or n >= 0)).map(tuple)


@given(st.lists(PARAMS).map(tuple), SHAPES, st.sampled_from([FLOAT, INT, BOOL]))
@examples(100)
def test_any_parameter_comes_back(params, shape, dtype):
    builder = Builder(EXACT)
    x = builder.input("x", shape, dtype)
    line = builder.nodes[x]._replace(op="made_up", params=params, args=(x,))
    graph = builder.graph([x], [builder.append(line)], ["f"], 1)
    same(through_json(graph), graph)


def array_graph():
    builder = Builder(EXACT)
    inputs = [builder.input("X", (N, 3)), builder.input("größe", (3,)), builder.input("class", ())]
    x, w, s = map(builder.handle, inputs)
    builder.span = Span(3, 9, 2, "model.py")
    y = contracted(x, w, "ij,j->i")
    z = sliced(y, 0, N - 1, N, -1) * broadcast_to(s, (N,))
    builder.hints[z.at] = "back"
    builder.span = Span(4, 7)
    length = Handle(builder, builder.make("length", (), (2 * N - 1,)))
    full = [builder.full(value, (2, N)) for value in (math.nan, -0.0, 1e300)]
    outputs = [total(z), length, transposed(x), *map(builder.handle, full)]
    return builder.graph(inputs, [x.at for x in outputs], list("abcdef"), 2)


def test_arrays_come_back():
    graph = array_graph()
    same(through_json(graph, check_line), graph)
    derived = gradient(graph.select([0]), ["X", "class"])
    same(through_json(derived, check_line), derived)


def test_numbers_that_json_lacks():
    builder = Builder(EXACT)
    x = builder.input("x")
    line = builder.nodes[x]._replace(op="made_up", params=(math.nan, -math.inf, -0.0), args=(x,))
    graph = builder.graph([x], [builder.append(line)], ["f"], 1)
    again = through_json(graph).nodes[1].params
    assert math.isnan(again[0])
    assert again[1:] == (-math.inf, 0.0)
    assert math.copysign(1.0, again[2]) == -1.0
    odd = replace(graph, nodes=[graph[0], line._replace(params=(object(),))])
    with pytest.raises(TypeError, match="type object"):
        to_data(odd)


def test_defaults_are_left_out():
    builder = Builder(EXACT)
    x = builder.handle(builder.input("x"))
    data = to_data(builder.graph([x.at], [(x * x + 1.0).at], ["f"], 1))
    assert data == {
        "nodes": [
            ["input", [], ["x"]],
            ["multiply", [0, 0]],
            ["constant", [], ["0x1.0000000000000p+0"]],
            ["add", [1, 2]],
        ],
        "inputs": [0],
        "outputs": [3],
        "names": ["f"],
        "primal": 1,
    }


def damaged(change):
    data = to_data(array_graph())
    change(data)
    return data


def set_line(*line):
    return lambda data: data["nodes"].append(list(line))


def set_length(length):
    return lambda data: data["nodes"].append(["input", [], ["q"], [length]])


DAMAGES = {
    "no graph": lambda data: data.clear() or data.update(nodes={}),
    "an unknown part": lambda data: data.update(code="import os"),
    "an unknown operation": set_line("system", [0]),
    "an operation that Python has": set_line("__class__", [0]),
    "no operation": set_line(),
    "too many parts": set_line("negate", [0], [], [3], "float64", 1),
    "a number for a name": set_line(3),
    "a later line": set_line("negate", [99]),
    "a line before the first": set_line("negate", [-1]),
    "a truth for a line": set_line("negate", [False], [], ["N", 3]),
    "another arity": set_line("negate", [2, 2]),
    "another shape": set_line("negate", [0], [], [3, "N"]),
    "another kind": set_line("negate", [2], [], [], "int64"),
    "an unknown kind": set_line("negate", [2], [], [], "object"),
    "too many parameters": set_line("negate", [2], [1]),
    "code for a parameter": set_line("contract", [1, 1], ["(),i->"], [], "float64"),
    "a quote in a parameter": set_line("contract", [1, 1], ['","->']),
    "letters that do not fit": set_line("contract", [1, 1], ["ij,j->i"], [3]),
    "a parameter of another form": set_line("transpose", [0], [3], [3, "N"]),
    "an axis that is not there": set_line("transpose", [0], [[5, 0]], [3, "N"]),
    "an unknown table": set_line("length", [], [{"code": "N"}], [], "int64"),
    "deep nesting": set_line("made", [], [[[[[[[[[]]]]]]]]]),
    "code for a length": set_length("__import__('os')"),
    "a length written otherwise": set_length("N + M"),
    "a length that is a number": set_length("3"),
    "a negative length": set_length(-1),
    "a fraction": set_length(1.5),
    "an endless length": set_length("9" * 5000 + "*N"),
    "no length": set_length(None),
    "an input twice": set_line("input", [], ["X"], [3]),
    "an input that is not listed": set_line("input", [], ["q"]),
    "code for an input": lambda data: data["nodes"].__setitem__(2, ["input", [], ["f(x)"]]),
    "an input without a name": lambda data: data["nodes"].__setitem__(2, ["input"]),
    "code for a number": set_line("constant", [], ["1; f()"]),
    "a number in decimals": set_line("constant", [], ["1.0"]),
    "a number beyond all": set_line("constant", [], ["0x1p99999"]),
    "a line twice": lambda data: data["nodes"].append(data["nodes"][-1]),
    "an input that is none": lambda data: data.update(inputs=[3]),
    "an output outside": lambda data: data.update(outputs=[99] * 6),
    "too few names": lambda data: data["names"].pop(),
    "code for an output": lambda data: data["names"].__setitem__(0, "f\nimport os"),
    "code for a hint": lambda data: data.update(hints=[[3, "a b"]]),
    "a hint without a line": lambda data: data.update(hints=[["back"]]),
    "a place of one number": lambda data: data.update(spans=[[3, 1]]),
    "a place with a line break": lambda data: data.update(spans=[[3, 1, 2, 3, "a\nb"]]),
    "too many values as written": lambda data: data.update(primal=99),
    "a truth for a count": lambda data: data.update(primal=True),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_data_are_refused(name):
    with pytest.raises(SymdiffError, match="the recipe is damaged: "):
        from_data(damaged(DAMAGES[name]), check_line)


@pytest.mark.parametrize("data", [None, 3, "x", [], [[]], {"nodes": [{}]}, {"nodes": None}])
def test_other_data_are_refused(data):
    with pytest.raises(SymdiffError, match="the recipe is damaged: "):
        from_data(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.floats() | st.text(max_size=3)
    | st.sampled_from([*list(OPERATIONS)[::7], "N", "float64"]),
    lambda items: st.lists(items, max_size=4) | st.dictionaries(st.text(max_size=3), items),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from(["nodes", "inputs", "outputs", "names", "primal", "spans", "hints"]), JSON)
@examples(200)
def test_hostile_data_raise_nothing_else(key, value):
    data = to_data(array_graph())
    data[key] = data[key] + value if isinstance(value, list) and key != "primal" else value
    try:
        graph = from_data(data, check_line)
    except SymdiffError:
        return
    same(through_json(graph, check_line), graph)


def test_dims_are_dims():
    graph = through_json(array_graph())
    assert isinstance(graph[0].shape[0], Dim)
    assert graph[0].shape == (N, 3)
