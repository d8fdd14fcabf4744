"""Damaged recipes: each is refused by name, or describes a function whose module is Python."""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api import from_recipe
from tests import while_loops
from tests.emit.golden_loops import lorenz

Path = tuple[str | int, ...]


def network(W, b, X):
    return np.mean(np.maximum(X @ W + b, 0.0) ** 2)


def mixed(x):
    doubled = np.concatenate([x, x[::-1]])
    return np.sum(np.where(doubled > 0.0, doubled, 0.0)[1:] * doubled[[0]]) + np.linalg.norm(x)


@cache
def recipes() -> list[Any]:
    """Of texts and graphs, numbers and arrays, loops and matrices."""
    functions = [
        sd.function("x**2 + sin(y)").grad(),
        sd.function("(x*y, x/y)", wrt="x", name="g").jacobian(),
        sd.function("x: [N, 3]; w: [3]; k: int [3]; sum((x@w[k])**2)", wrt="x, w").grad(),
        sd.function("x**2*y", name="f").hessian(sparse=True),
        sd.function(network, shapes={"W": (4, 2), "b": (2,), "X": ("N", 4)}).hvp(),
        sd.function(mixed, shapes={"x": (3,)}).hessian(sparse=True),
        sd.function(mixed, shapes={"x": ("N",)}).jvp(),
        sd.function(lambda x: x[0] * sd.stop_gradient(x[1]), shapes={"x": (3,)}).grad(),
        sd.function(
            lambda A, b: np.linalg.solve(A, b) @ np.array([1.0, 2.0, 3.0]),
            shapes={"A": (3, 3), "b": (3,)},
        ).vjp(),
        sd.function(lorenz, shapes={"start": (3,)}).grad(),
        while_loops.made("newton").value_and_grad(),
        while_loops.made("nested").grad(),
    ]
    return [json.loads(json.dumps(made.origin.recipe())) for made in functions]


JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 3, 10**6, 2**70, 1.0, 1.5, float("nan"), float("inf"), 1e300),
    *("", "x", "N", "2*N - 1", "a b", "'''", "__import__('os')", "lambda", "\u00e9", "\ud800"),
    *("add", "input", "scan", "float64", "int64", "bool", "grad", "reverse"),
    *([], [0], [[]], {}, {"dim": "N"}, {"float": "nan"}, {"graph": {}}, {"sparse": True}),
    *({"sparse": 1}, {"mode": "sideways"}, {"other": 1}),
)
FIELDS = ("source", "graph", "file", "name", "shapes", "batch", "wrt", "steps", "other")


def paths(data: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all parts."""
    yield path
    parts = data.items() if isinstance(data, dict) else ()
    for key, part in enumerate(data) if isinstance(data, list) else parts:
        yield from paths(part, (*path, key))


def found(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def damaged(recipe: Any, draw: random.Random) -> Any:
    """The recipe with one to three parts exchanged, moved, added, left out or written otherwise."""
    recipe = copy.deepcopy(recipe)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        if not isinstance(recipe, dict):
            return recipe
        places = list(paths(recipe))
        place = draw.choice(places)
        junk = copy.deepcopy(draw.choice(JUNK))
        if not place:
            recipe = recipe | {draw.choice(FIELDS): junk} if draw.random() < 0.9 else junk
            continue
        whole, key = found(recipe, place[:-1]), place[-1]
        part = whole[key]
        kind = draw.randrange(6)
        if kind == 0:
            del whole[key]
        elif kind == 1:
            whole[key] = copy.deepcopy(found(recipe, draw.choice(places)))
        elif kind == 2 and isinstance(whole, list):
            whole.insert(int(key), junk)
        elif kind == 3 and type(part) is int:
            whole[key] = part + draw.choice((-1, 1, 2, 100))
        elif kind == 3 and type(part) is str:
            whole[key] = part + draw.choice(("x", " ", "'", "\n", ")"))
        else:
            whole[key] = junk
    return recipe


def assert_refused_or_python(recipe: Any) -> bool:
    """Whether a recipe describes a function."""
    try:
        text = from_recipe(recipe).emit()
    except sd.SymdiffError:
        return False
    compile(text, "<module>", "exec")
    return True


@pytest.mark.fuzz
def test_damaged_recipes(fuzz_random: random.Random, fuzz_deadline: float) -> None:
    tried = 0
    while time.monotonic() < fuzz_deadline or tried < 100:
        recipe = damaged(fuzz_random.choice(recipes()), fuzz_random)
        try:
            assert_refused_or_python(recipe)
        except Exception as error:
            raise AssertionError(f"{json.dumps(recipe)} after {tried} others") from error
        tried += 1


@pytest.mark.parametrize("number", range(12))
def test_what_is_not_damaged_describes_a_function(number: int) -> None:
    assert assert_refused_or_python(recipes()[number])


LINES = [["input", [], ["x"], [3]], ["index", [0], [[["int", 1]]]]]


@pytest.mark.parametrize(
    "recipe",
    [
        {"source": "x**2", "name": [0], "steps": []},
        {"source": "x**2", "shapes": "N", "steps": []},
        {"source": "x**2", "shapes": {"x": [1.5]}, "steps": []},
        {"source": "x**2", "steps": [["grad", "x", {"sparse": 1}]]},
        {"source": "x**2", "steps": [["grade", "x"]]},
        {"source": "x**2", "steps": [["jacobian", "x", {"mode": "sideways"}]]},
        {"source": "x**2", "batch": 1, "steps": []},
        {"source": ["x"], "steps": []},
        {"source": "x", "graph": {}, "steps": []},
        {"source": "x**2"},
        {"graph": {"inputs": [0]}, "steps": []},
        *[
            {
                "graph": {
                    "nodes": [LINES[0], ["index", [0], [pattern], shape]],
                    "inputs": [0],
                    "outputs": [1],
                    "names": ["f"],
                },
                "steps": [],
            }
            for pattern, shape in (
                ([["int"]], []),
                ([["int", 3]], []),
                ([["int", 0], ["int", 0]], []),
                ("float64", []),
                ([["slice", 0, 4, 1]], [4]),
                ([["slice", 0, 2]], [2]),
                ([["array", 0]], [3]),
                ([["new"]], [1]),
            )
        ],
        {
            "graph": {
                "nodes": [LINES[0], ["sum", [0], [[0.0], False]]],
                "inputs": [0],
                "outputs": [1],
                "names": ["f"],
            },
            "steps": [["grad", "x"]],
        },
        None,
        "x**2",
    ],
)
def test_of_another_type_is_refused_by_name(recipe: Any) -> None:
    with pytest.raises(sd.SymdiffError, match="the recipe is damaged: "):
        from_recipe(recipe)


def test_the_line_that_the_damages_are_made_of_is_fine() -> None:
    graph = {"nodes": LINES, "inputs": [0], "outputs": [1], "names": ["f"]}
    assert assert_refused_or_python({"graph": graph, "steps": [["grad", "x"]]})


@pytest.mark.parametrize("length", ["", "N", None, 1.0, True, [2]])
def test_a_length_is_a_whole_number_or_a_named_one(length: Any) -> None:
    made = sd.function(lambda x: np.sum(x) / len(x), shapes={"x": ("N",)})
    recipe = json.loads(json.dumps(made.origin.recipe()))
    (line,) = [node for node in recipe["graph"]["nodes"] if node[0] == "length"]
    line[2] = [length]
    with pytest.raises(sd.SymdiffError):
        from_recipe(recipe)


TEXTS = (
    "is negative: ",
    '"); import os #',
    "'''",
    "*/ x",
    "{x}",
    "{{",
    "\\n\\\\",
    "\\u2028é",
    "%s",
)


@pytest.mark.parametrize("said", TEXTS)
def test_messages_of_errors_are_texts_in_every_target(said: str) -> None:
    def checked(x: Any) -> Any:
        if x < 0:
            raise ValueError(f"{said}{x!r:>6} {said} {x:.2f}")
        return x * x

    recipe = sd.function(checked, shapes={"x": ()}).origin.recipe()
    made = from_recipe(json.loads(json.dumps(recipe)))
    for target in ("numpy", "python", "array-api"):
        module = made.load(target=target)
        with pytest.raises(ValueError, match=r"-1\.5") as found:
            module.value(-1.5)
        assert str(found.value) == f"{said}{-1.5!r:>6} {said} {-1.5:.2f}"


@pytest.mark.parametrize(
    "message",
    [
        *([[0, "", "}{x"]], [[0, "", "'"]], [[0, "x", ""]], [[True, "", ""]], [[7, "", ""]]),
        *([{}], "a", [0]),
    ],
)
def test_other_messages_are_refused(message: Any) -> None:
    def checked(x: Any) -> Any:
        if x < 0:
            raise ValueError(f"{x}")
        return x * x

    recipe = json.loads(json.dumps(sd.function(checked, shapes={"x": ()}).origin.recipe()))
    (line,) = [node for node in recipe["graph"]["nodes"] if node[0] == "check"]
    line[2][1] = message
    with pytest.raises(sd.SymdiffError):
        from_recipe(recipe)
