"""Functions with a rule of their own: values, derivatives, calls that are not looked into."""

from __future__ import annotations

import importlib
import json
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api import from_recipe
from symdiff.derive.batch import batched
from symdiff.derive.forward import jvp
from symdiff.emit.load import load_source
from symdiff.emit.recipe import read_recipe
from symdiff.emit.targets import emit_module
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.serial import from_data, to_data
from symdiff.ops.legal import check_line
from symdiff.optimize import optimize
from tests.compiled import source_of


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


log1pexp = sd.custom_rule(
    lambda x: np.log1p(np.exp(x)), vjp=lambda t, y, x: t * _sigmoid(x), name="log1pexp"
)


def _log1pexp_jvp(tangents: Any, y: Any, x: Any) -> Any:
    return tangents[0] * _sigmoid(x)


forwards = sd.custom_rule(lambda x: np.log1p(np.exp(x)), jvp=_log1pexp_jvp, name="forwards")
clipped = sd.custom_rule(lambda x: x, vjp=lambda t, y, x: np.clip(t, -1.0, 1.0), name="clipped")


@sd.custom_rule(vjp=lambda t, y, a, b: (t * b, t * a))
def product(a: Any, b: Any) -> Any:
    return a * b


MODULE = """
import math
import numpy as np
import symdiff as sd
from tests.compiled import source_of

calls = []

def bessel(x):
    calls.append("bessel")
    return x if x < 0 else math.sin(x)  # a branch: it cannot be traced

def rows(X, w):
    calls.append("rows")
    return np.array([float(row @ w) for row in X])

@sd.custom_rule(vjp=lambda t, y, x: 3 * t * x**2, shape="same")
def cube(x):
    calls.append("cube")
    return np.array([float(e) ** 3 for e in x])

def liar(x):
    return np.zeros(7)
"""


@pytest.fixture
def opaque(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "opaque_functions.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("opaque_functions")
    del sys.modules["opaque_functions"]


# --- traced rules ------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [log1pexp, forwards])
def test_the_derivative_is_the_rules(function: Any) -> None:
    assert sd.grad(function)(800.0) == 1.0  # the function's own would be inf / inf
    assert sd.grad(lambda x: 2.0 * function(x) ** 2)(0.5) == pytest.approx(
        4.0 * np.log1p(np.exp(0.5)) * _sigmoid(0.5), rel=1e-14
    )
    slope = _sigmoid(1.5)
    assert sd.grad(sd.grad(function))(1.5) == pytest.approx(slope * (1.0 - slope), rel=1e-13)
    assert sd.value_and_grad(function)(1.5)[0] == np.log1p(np.exp(1.5))


@pytest.mark.parametrize("function", [log1pexp, forwards])
def test_one_rule_serves_both_modes(function: Any) -> None:
    f = sd.function(lambda x: function(x) * x, shapes={"x": (3,)})
    made = jvp(f.graph, ["x"])
    check(made)
    x, t = np.array([0.3, -1.0, 2.0]), np.array([1.0, 2.0, -0.5])
    expected = t * (_sigmoid(x) * x + np.log1p(np.exp(x)))
    assert evaluated(made, x, t)[1] == pytest.approx(expected, rel=1e-13)


def test_gradients_are_clipped_on_their_way() -> None:
    gradient = sd.grad(lambda x: np.sum(clipped(x) ** 2))(np.array([1.0, 0.1, -3.0]))
    assert gradient.tolist() == [1.0, 0.2, -1.0]
    with pytest.raises(sd.UnsupportedError, match="'clipped' has no rule for forward mode"):
        jvp(sd.function(lambda x: clipped(x) * 2.0).graph, ["x"])


def test_several_arguments_and_structures() -> None:
    assert sd.grad(lambda x: product(x, 3.0) * x)(2.0) == 12.0
    assert sd.grad(product, wrt=(0, 1))(2.0, 5.0) == (5.0, 2.0)

    def vjp(t: Any, y: Any, p: Any, k: Any) -> Any:
        return {"w": t * p["b"] * k, "b": None}, None

    model = sd.custom_rule(lambda p, k: np.sum(p["w"] * p["b"]) * k, vjp=vjp)
    p = {"w": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
    found = sd.grad(lambda p: model(p, 2))(p)
    assert found["w"].tolist() == [6.0, 8.0]
    assert found["b"].tolist() == [0.0, 0.0]


def test_equal_calls_are_one_line() -> None:
    f = sd.function(lambda x: log1pexp(x) + log1pexp(x))
    assert sum(node.op == "own_rule" for node in f.graph) == 1


def test_stacks_of_arguments() -> None:
    f = sd.function(lambda x: np.sum(log1pexp(x)), shapes={"x": (3,)}).grad()
    x = np.array([[0.1, 0.2, 0.3], [1.0, -2.0, 800.0]])
    assert evaluated(batched(f.graph), x)[0] == pytest.approx(_sigmoid(x), rel=1e-14)
    own = sd.function(lambda x: np.sum(log1pexp(x)), shapes={"x": (3,)})
    check(batched(own.graph))


def test_a_branch_that_is_not_taken_hands_nothing_on() -> None:
    log = sd.custom_rule(lambda x: np.log(x), vjp=lambda t, y, x: t / x)
    gradient = sd.grad(lambda x: np.sum(np.where(x > 0.0, log(x), 0.0)))
    assert gradient(np.array([-1.0, 0.0, 2.0])).tolist() == [0.0, 0.0, 0.5]
    assert sd.grad(lambda x: np.where(x > 0.0, log(x), 0.0))(0.0) == 0.0


def test_rules_that_call_functions_with_rules() -> None:
    inner = sd.custom_rule(lambda x: x * x, vjp=lambda t, y, x: 10.0 * t)
    outer = sd.custom_rule(lambda x: inner(x) + 1.0, vjp=lambda t, y, x: t * inner(x))
    assert sd.grad(outer)(3.0) == 9.0
    assert sd.grad(sd.grad(outer))(3.0) == 10.0


def test_types_and_arguments_that_are_no_floats() -> None:
    taken = sd.custom_rule(lambda x, index: x[index], vjp=lambda t, y, x, index: (np.ones(3), None))
    gradient = sd.grad(lambda x, index: np.sum(taken(x, index)))
    assert gradient(np.arange(3.0), np.array([0, 1])).tolist() == [1.0, 1.0, 1.0]
    single = sd.grad(lambda x: np.sum(log1pexp(x)))(np.ones(2, np.float32))
    assert single.dtype == np.float32
    big = np.arange(5000.0)
    scaled = sd.custom_rule(lambda x: np.sum(big * x), vjp=lambda t, y, x: t * big)
    assert sd.grad(lambda x: scaled(x))(np.ones(5000)).tolist() == big.tolist()


def test_what_the_rule_reads_is_watched() -> None:
    factors = [2.0]
    scaled = sd.custom_rule(lambda x: x, vjp=lambda t, y, x: t * factors[0])
    gradient = sd.grad(lambda x: scaled(x))
    assert gradient(1.0) == 2.0
    factors[0] = 5.0
    assert gradient(1.0) == 5.0


def test_against_torch() -> None:
    torch = pytest.importorskip("torch")

    class Straight(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return torch.round(x)

        @staticmethod
        def backward(ctx: Any, t: Any) -> Any:
            return t

    straight = sd.custom_rule(np.round, vjp=lambda t, y, x: t)
    x = np.array([0.4, 1.7, -2.2])
    theirs = torch.tensor(x, requires_grad=True)
    (Straight.apply(theirs) ** 2 * theirs).sum().backward()
    ours = sd.grad(lambda x: np.sum(straight(x) ** 2 * x))(x)
    assert ours == pytest.approx(theirs.grad.numpy(), rel=1e-15)


# --- what is refused ---------------------------------------------------------------------------


def test_wrong_shapes_are_refused() -> None:
    x = np.ones(3)
    wrong = sd.custom_rule(lambda x: x * 2, vjp=lambda t, y, x: np.sum(t), name="wrong")
    with pytest.raises(sd.ShapeError, match=r"vjp of 'wrong' gives the shape \(\), and \(3,\)"):
        sd.grad(lambda x: np.sum(wrong(x)))(x)
    with pytest.raises(sd.ShapeError, match="vjp of 'wrong'"):
        wrong.check(x)
    wrong = sd.custom_rule(lambda x: x * 2, jvp=lambda t, y, x: np.sum(t[0]), name="wrong")
    with pytest.raises(sd.ShapeError, match="jvp of 'wrong'"):
        sd.grad(lambda x: np.sum(wrong(x)))(x)
    single = sd.custom_rule(lambda a, b: a * b, vjp=lambda t, y, a, b: t, name="single")
    with pytest.raises(sd.ShapeError, match="no tuple of 2"):
        sd.grad(lambda x: single(x, x))(1.0)


def test_other_refusals() -> None:
    with pytest.raises(sd.SymdiffError, match="no rule"):
        sd.custom_rule(np.sin)

    with pytest.raises(sd.SymdiffError, match="takes functions, not 3"):
        sd.custom_rule(np.sin, vjp=3)  # type: ignore[arg-type]
    few = sd.custom_rule(np.sin, vjp=lambda t, x: t, name="few")
    with pytest.raises(sd.SymdiffError, match=r"a rule of 'few' takes other arguments"):
        sd.grad(few)(1.0)

    def outer(a: float) -> Any:
        inner = sd.custom_rule(lambda x: a * x, vjp=lambda t, y, x: t, name="inner")
        return inner(a)

    with pytest.raises(sd.UnsupportedError, match="'inner' or its rule reads a value"):
        sd.grad(outer)(1.0)
    two = sd.custom_rule(lambda x: (x, x), vjp=lambda t, y, x: t, name="two")
    with pytest.raises(sd.UnsupportedError, match="'two' returns several results"):
        sd.grad(lambda x: two(x)[0])(1.0)


def test_a_rule_is_checked() -> None:
    log1pexp.check(0.3)
    log1pexp.check(np.array([0.3, -2.0]))
    forwards.check(np.array([[0.3], [-2.0]]))
    product.check(2.0, 3.0)
    wrong = sd.custom_rule(np.sin, vjp=lambda t, y, x: t * np.sin(x), name="wrong")
    with pytest.raises(sd.CheckError, match="the vjp of 'wrong' by argument 1"):
        wrong.check(0.3)
    swapped = sd.custom_rule(
        lambda a, b: a * b, jvp=lambda t, y, a, b: t[0] * a + t[1] * b, name="swapped"
    )
    with pytest.raises(sd.CheckError, match="the jvp of 'swapped' by argument 1"):
        swapped.check(0.3, 2.0)


def test_the_functions_check_reports_it() -> None:
    assert sd.function(lambda x: log1pexp(x)).check().ok
    wrong = sd.custom_rule(np.sin, vjp=lambda t, y, x: 2.0 * t * np.cos(x))
    assert not sd.function(lambda x: wrong(x)).check().ok
    assert not sd.function(lambda x: np.sum(wrong(x)), shapes={"x": (2,)}).check().ok


# --- calls that are not looked into ------------------------------------------------------------


def test_an_opaque_call_is_imported_and_called(opaque: ModuleType) -> None:
    f = sd.custom_rule(opaque.bessel, vjp=lambda t, y, x: t * np.cos(x), shape="same")
    made = sd.function(lambda x: f(x) * x).grad()
    assert opaque.calls == []
    text = made.emit()
    assert "\nfrom opaque_functions import bessel\n" in text
    assert "bessel(x)" in text
    assert made(0.5) == pytest.approx(np.sin(0.5) + 0.5 * np.cos(0.5), rel=1e-14)
    assert made.value_and_grad is not None


def test_an_opaque_call_of_arrays(opaque: ModuleType) -> None:
    f = sd.custom_rule(
        opaque.rows, vjp=lambda t, y, X, w: (np.outer(t, w), X.T @ t), shape=lambda X, w: X[:1]
    )
    X, w = np.arange(6.0).reshape(3, 2), np.array([0.5, -1.0])
    found = sd.grad(lambda X, w: np.sum(f(X, w) ** 2), wrt=(0, 1))(X, w)
    expected = sd.grad(lambda X, w: np.sum((X @ w) ** 2), wrt=(0, 1))(X, w)
    assert found[0] == pytest.approx(expected[0])
    assert found[1] == pytest.approx(expected[1])
    f.check(X, w)
    cube = opaque.cube
    assert sd.grad(lambda x: np.sum(cube(x)))(w).tolist() == [0.75, 3.0]
    assert pickle.loads(pickle.dumps(cube)) is cube
    with pytest.raises(sd.UnsupportedError, match="'cube' is called as it is"):
        sd.function(lambda x: np.sum(cube(x)), shapes={"x": (2,)}, batch=True).grad().emit()


def test_an_opaque_call_of_another_shape_is_an_error(opaque: ModuleType) -> None:
    f = sd.custom_rule(opaque.liar, vjp=lambda t, y, x: t, shape="same")
    with pytest.raises(ValueError, match=r"the shape \(7,\), not numbers of the shape \(2,\)"):
        sd.grad(lambda x: np.sum(f(x)))(np.ones(2))


def test_an_opaque_call_without_a_rule(opaque: ModuleType) -> None:
    f = sd.custom_rule(opaque.bessel, shape=())
    assert sd.function(lambda x: f(x) + 1.0)(0.5) == np.sin(0.5) + 1.0
    with pytest.raises(sd.UnsupportedError, match="'bessel' has no rule for reverse mode"):
        sd.grad(lambda x: f(x))(0.5)


@pytest.mark.parametrize("shape", ["sam", 1.5, (1.5,), lambda x: None, (-1,)])
def test_shapes_that_are_none_are_refused(opaque: ModuleType, shape: Any) -> None:
    f = sd.custom_rule(opaque.bessel, vjp=lambda t, y, x: t, shape=shape)
    with pytest.raises(sd.SymdiffError, match=r"shape= of 'bessel' is a tuple of lengths"):
        sd.grad(lambda x: f(x))(1.0)


def test_what_cannot_be_imported_is_refused(opaque: ModuleType) -> None:
    nowhere = sd.custom_rule(lambda x: x, vjp=lambda t, y, x: t, shape="same", name="nowhere")
    with pytest.raises(sd.UnsupportedError, match="cannot import 'nowhere'"):
        sd.grad(nowhere)(1.0)
    opaque.hidden = sd.custom_rule(opaque.bessel, vjp=lambda t, y, x: t, shape="same")
    old, opaque.bessel = opaque.bessel, len
    with pytest.raises(sd.UnsupportedError, match="means something else"):
        sd.grad(opaque.hidden)(1.0)
    opaque.bessel = old


def test_names_that_the_module_has_itself_are_refused(opaque: ModuleType) -> None:
    for name in ("pack", "len"):
        exec(f"def {name}(x): return x", vars(opaque))
        f = sd.custom_rule(getattr(opaque, name), vjp=lambda t, y, x: t, shape="same")
        with pytest.raises(sd.UnsupportedError, match=f"cannot import '{name}'"):
            sd.grad(lambda x, f=f: f(x))(1.0)


def test_verify_needs_no_import(opaque: ModuleType) -> None:
    f = sd.custom_rule(opaque.bessel, vjp=lambda t, y, x: t * np.cos(x), shape="same")
    text = sd.function(lambda x: f(x) * log1pexp(x)).grad().emit()
    opaque.calls.clear()
    assert from_recipe(read_recipe(text)).emit() == text
    assert opaque.calls == []


# --- as data -----------------------------------------------------------------------------------


def test_graphs_are_data_and_can_be_pickled() -> None:
    graph = sd.function(lambda x: log1pexp(x) * x).graph
    data = json.loads(json.dumps(to_data(graph)))
    assert from_data(data, check_line).nodes == graph.nodes
    assert pickle.loads(pickle.dumps(graph)).nodes == graph.nodes
    made = pickle.loads(pickle.dumps(product))
    assert made is product


def test_hostile_data_are_refused() -> None:
    graph = sd.function(lambda x: log1pexp(x) * x).graph
    text = json.dumps(to_data(graph))
    for old, new in [
        ('"exp"', '"nothing"'),
        ('{"graph": {"nodes"', '{"graph": {"other": 1, "nodes"'),
        ('["x1"]', '["x1", "x2"]'),
        ('"log1pexp"', '"f(1)"'),
    ]:
        assert old in text
        with pytest.raises(sd.SymdiffError):
            from_data(json.loads(text.replace(old, new)), check_line)
    for params in (["os"], "system; x", []), (["os; x"], "system", []), (["import"], "f", []):
        data = {"nodes": [["input", [], ["x"]], ["opaque_call", [0], list(params)]], "inputs": [0]}
        with pytest.raises(sd.SymdiffError):
            from_data(data | {"outputs": [1], "names": ["f"]}, check_line)
    deep: Any = {"nodes": [["input", [], ["x"]]], "inputs": [0], "outputs": [0], "names": ["f"]}
    for _ in range(25):
        line = ["own_rule", [0], ["f", {"graph": deep}, None, None]]
        deep = {"nodes": [["input", [], ["x"]], line], "inputs": [0], "outputs": [1]}
        deep["names"] = ["f"]
    with pytest.raises(sd.SymdiffError, match="too deep"):
        from_data(deep, check_line)


def evaluated(graph: Graph, *values: Any) -> list[Any]:
    """The outputs, by the emitted module."""
    body = optimize(graph)
    source = source_of(graph, body, None, None, (), {})
    found = load_source(emit_module(source), "value").value(*values)
    return list(found) if len(graph.outputs) > 1 else [found]
