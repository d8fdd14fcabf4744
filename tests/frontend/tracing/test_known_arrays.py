"""Arrays from outside of a function, and large ones that it makes: their methods, names, text."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import X as W
from tests.frontend.tracing.checks import agree, difference, refusal

X = np.arange(12.0).reshape(4, 3) / 10
Y = np.array([0.1, 0.4, 0.2, 0.9])
LARGE = np.sin(np.arange(6000.0)).reshape(2000, 3)
LONG = np.cos(np.arange(2000.0))
PICTURE = np.sin(np.arange(20.0)).reshape(4, 5)
TABLE = np.cos(np.arange(7.0))
KNOTS = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])
PLACES = np.array([0, 2])
PAIR = (X, Y)
LARGE_PAIR = (LARGE + 1.0, LONG + 1.0)
ROWS = [X[0], X[1], X[2]]
NAMED = {"W": X, "parts": [X, Y]}
SPACE = SimpleNamespace(W=X)
CACHE: dict[str, Any] = {}


class Weights(NamedTuple):
    """A tuple with names."""

    matrix: Any
    vector: Any


WEIGHTS = Weights(X, Y)


class Model:
    """A linear model."""

    gain = np.array([1.0, 2.0, 3.0])

    def __init__(self) -> None:
        self.W = X.copy()
        self.large = LARGE + 2.0
        self.inner = {"parts": [LONG + 2.0]}

    def loss(self, w: Any) -> Any:
        return (self.W.dot(w) ** 2).sum() + self.gain.dot(w)

    def large_loss(self, w: Any) -> Any:
        return (self.large.dot(w) * self.inner["parts"][0]).sum()


MODEL = Model()


def with_default(w: Any, matrix: Any = X, *, other: Any = Y) -> Any:
    return matrix.dot(w).dot(other)


def of_closure() -> Callable[[Any], Any]:
    matrix = X * 2
    return lambda w: matrix.dot(w).sum()


def written_copy(w: Any) -> Any:
    matrix = X.copy()
    matrix[0] = w
    return matrix.dot(w).sum()


def changed_in_place(w: Any) -> Any:
    matrix = X * 2
    matrix += 1
    matrix[0] = 3.0
    return matrix.dot(w).sum()


def kept(w: Any) -> Any:
    if "inverse" not in CACHE:
        CACHE["inverse"] = np.linalg.inv(X[:3] + np.eye(3))
    return CACHE["inverse"] @ w


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "dot": lambda w: (X.dot(w) - Y) ** 2,
    "matmul": lambda w: X.__matmul__(w) + X @ w,
    "dot of a transpose": lambda w: X.T.dot(X.dot(w)),
    "dot of a slice": lambda w: X[1:].dot(w),
    "dot of a product": lambda w: (2 * X).dot(w),
    "dot of a reshape": lambda w: X.reshape(3, 4).T.dot(w),
    "dot of a sum": lambda w: X.sum(axis=0).dot(w) * X.sum(),
    "dot of a type": lambda w: X.astype(float).dot(w),
    "dot of rows": lambda w: sum(row.dot(w) for row in X),
    "copy": written_copy,
    "in place": changed_in_place,
    "take": lambda w: TABLE.take(PLACES) * w[:2],
    "take at a computed place": lambda w: TABLE.take(np.argmax(w)) * w,
    "two computed places": lambda w: PICTURE[np.argmax(w), np.argmin(w)] * w,
    "computed rows": lambda w: PICTURE[np.argsort(w)][:, :3] @ w,
    "floats as places": lambda w: TABLE[(2 * abs(w)).astype(int)] * w,
    "searchsorted": lambda w: TABLE[KNOTS.searchsorted(w)] * w,
    "clip": lambda w: Y.clip(w[1], w[2]),
    "out": lambda w: np.add(X[0], w, out=np.empty(3)),
    "known mask": lambda w: X[X > 0.3] * w[0],
    "tuple": lambda w: PAIR[0].dot(w) * PAIR[1],
    "named tuple": lambda w: WEIGHTS.matrix.dot(w) * WEIGHTS.vector,
    "dict": lambda w: NAMED["W"].dot(w) * NAMED["parts"][1],
    "list": lambda w: ROWS[1].dot(w),
    "attribute": lambda w: SPACE.W.dot(w),
    "method": MODEL.loss,
    "attribute of a model": lambda w: MODEL.W.dot(w) * MODEL.gain.dot(w),
    "default": with_default,
    "closure": of_closure(),
    "select": lambda w: np.select([w > 0], [w * w], default=X[0]),
    "select with a computed default": lambda w: np.select([X[0] > 0.1], [w * w], default=w[1]),
    "linear algebra": lambda w: np.linalg.inv(X[:3] + np.eye(3)).dot(w),
    "concatenate": lambda w: np.concatenate([X[0], w]).dot(np.concatenate([X[1], X[2]])),
    "branch": lambda w: w * 2 if X[0, 0] < 1 < X.max() + 1 else w[0],
    "counts": lambda w: sum(w[int(i) % 3] for i in X[0]),
    "text": lambda w: w * len(f"{X[0]:}" if X.ndim == 0 else f"{X[0]}"),
    "kept": kept,
    "large": lambda w: LARGE.dot(w) * LONG,
    "large slice": lambda w: LARGE[:1500].dot(w),
    "large difference": lambda w: (LARGE - LARGE.mean(axis=0)).dot(w) ** 2,
    "large where": lambda w: np.where(LARGE > 0, LARGE, 0).dot(w),
    "large places": lambda w: LARGE[np.flatnonzero(LONG > 0)].dot(w),
    "large model": MODEL.large_loss,
    "large tuple": lambda w: LARGE_PAIR[0].dot(w) * LARGE_PAIR[1],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_methods_and_indices_of_arrays_from_outside(name: str) -> None:
    agree(FUNCTIONS[name], W)
    assert type(X) is np.ndarray
    assert type(CACHE.get("inverse", X)) is not None


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("large", ["LARGE", "LONG"]),
        ("large slice", ["LARGE"]),
        ("large difference", ["LARGE"]),
        ("large where", ["LARGE"]),
        ("large model", ["MODEL_large", "MODEL_inner_parts_0"]),
        ("large tuple", ["LARGE_PAIR_0", "LARGE_PAIR_1"]),
        ("dot", []),
    ],
)
def test_a_large_array_from_outside_has_the_name_of_the_user(name: str, inputs: list[str]) -> None:
    made = sd.function(lambda w: np.sum(FUNCTIONS[name](w)), shapes={"w": (3,)})
    assert made.inputs == ("w", *inputs)
    assert list(made.captured) == inputs


def test_the_module_is_given_it_and_says_so(tmp_path: Path) -> None:
    made = sd.function(FUNCTIONS["large slice"], shapes={"w": (3,)}).vjp()
    note = "LARGE is an input: an array of shape (2000, 3) that the function reads"
    assert made.notes == (note,)
    with pytest.warns(UserWarning, match="give it to the module: LARGE=LARGE"):
        module = made.load()
    with pytest.warns(UserWarning, match="LARGE is an input"):
        path = made.write(tmp_path / "g.py")
    assert "Read beside its arguments, and given behind them: LARGE." in path.read_text()
    with pytest.raises(TypeError, match="LARGE"):
        module.value(W)
    np.testing.assert_array_equal(module.value(W, LARGE=LARGE), LARGE[:1500] @ W)
    again = pickle.loads(pickle.dumps(made))
    assert again.emit() == made.emit()


def test_a_name_that_an_argument_has_is_another() -> None:
    def function(LARGE: Any) -> Any:
        return np.sum(LARGE_PAIR[0] @ LARGE) + LARGE @ other()

    def other() -> Any:
        return LARGE[:, 0][:3] + LARGE.sum(axis=0)

    made = sd.function(function, shapes={"LARGE": (3,)})
    assert len(set(made.inputs)) == len(made.inputs)
    np.testing.assert_allclose(made(W), function(W), rtol=1e-12)


def test_what_is_not_used_is_no_input() -> None:
    made = sd.function(lambda w: w * (LARGE > 0).sum() * LARGE.shape[0], shapes={"w": (3,)})
    assert made.inputs == ("w",)


def test_a_change_of_an_array_from_outside_is_seen() -> None:
    data = LARGE.copy()
    gradient = sd.grad(lambda w: data.dot(w).sum())
    np.testing.assert_allclose(gradient(W), data.sum(axis=0), atol=1e-12)
    data[0] = 100.0
    np.testing.assert_allclose(gradient(W), data.sum(axis=0), atol=1e-12)


def test_a_large_array_that_changes_between_two_uses() -> None:
    def function(w: Any) -> Any:
        table = np.linspace(0.0, 1.0, 3000)
        first = (table * w[0]).sum()
        table[5] = 7.0
        return first + (table * w[1]).sum()

    agree(function, W)


def test_inside_of_a_derivative_and_a_loop() -> None:
    def inner(w: Any) -> Any:
        return (LARGE.dot(w) ** 2).sum() + X.dot(w).sum()

    agree(lambda w: sd.grad(inner)(w), W)
    gradient = sd.grad(lambda w: sd.scan(lambda c, row: (c + X.dot(row).sum(), c), w[0], X * w)[0])
    wanted = difference(lambda w: w[0] + sum(X.dot(row).sum() for row in X * w), (W,), 0)
    np.testing.assert_allclose(gradient(W), wanted, rtol=1e-6)


def test_what_is_refused_says_what_to_write() -> None:
    assert "np.where" in (refusal(lambda w: np.sort(X[0][w > 0])[0], W).suggestion or "")
    assert "np.array(items)[i]" in (refusal(lambda w: ["a", "b"][np.argmax(w)], W).suggestion or "")

    def written(w: Any) -> Any:
        X[0] = w
        return X.sum()

    assert "inside of the function" in (refusal(written, W).suggestion or "")
    assert "inside of the function" in (
        refusal(lambda w: np.add(X[0], w, out=X[1]).sum(), W).suggestion or ""
    )


def test_an_array_from_outside_is_an_array_for_all_who_ask() -> None:
    def function(w: Any) -> Any:
        assert isinstance(X, np.ndarray)
        assert X.__class__ is np.ndarray
        assert repr(X[:1]) == "array([[0. , 0.1, 0.2]])"
        assert X.flags.c_contiguous
        assert memoryview(X).shape == (4, 3)
        assert isinstance(X.sum(), np.float64)
        assert isinstance(X[0, 0], np.float64)
        assert isinstance(X[0].dot(X[1]), np.float64)
        return X.dot(w).sum()

    agree(function, W)


# --- what the function makes itself --------------------------------------------------------------

CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "zeros": (lambda w: np.zeros((40, 40)) + w[0], ""),
    "ones": (lambda w: np.ones((40, 40)) * w[0], ""),
    "full": (lambda w: np.full((40, 40), 0.5) * w[0], "0.5"),
    "eye": (lambda w: np.eye(50) * w[0], "np.eye(50)"),
    "eye with an offset": (lambda w: np.eye(50, 60, k=1) * w[0], "np.eye(50, 60, k=1)"),
    "identity": (lambda w: np.identity(50) * w[0], "np.identity(50)"),
    "linspace": (lambda w: np.linspace(0, 1, 2000) * w[0], "np.linspace(0, 1, 2000)"),
    "short linspace": (lambda w: np.linspace(0, 1, 50) * w[0], "np.linspace(0, 1, 50)"),
    "open linspace": (
        lambda w: np.linspace(0.5, -np.inf if w is None else 1e-3, num=2000, endpoint=False) * w[0],
        "np.linspace(0.5, 0.001, num=2000, endpoint=False)",
    ),
    "logspace": (lambda w: np.logspace(0, 1, 2000) * w[0], "np.logspace(0, 1, 2000)"),
    "geomspace": (lambda w: np.geomspace(1, 9, 2000) * w[0], "np.geomspace(1, 9, 2000)"),
    "arange": (lambda w: np.arange(0, 2000, 0.5) * w[0], "np.arange(0, 2000, 0.5)"),
    "whole arange": (lambda w: np.arange(3000) * w[0], "np.arange(3000)"),
    "typed arange": (
        lambda w: np.arange(1, 3000, dtype=float) * w[0],
        'np.arange(1, 3000, dtype="float64")',
    ),
    "tri": (lambda w: np.tri(50) * w[0], "np.tri(50)"),
    "indices": (lambda w: np.indices((40, 40))[1] * w[0], "np.indices((40, 40))"),
    "hanning": (lambda w: np.hanning(2000) * w[0], "np.hanning(2000)"),
    "kaiser": (lambda w: np.kaiser(2000, 8.6) * w[0], "np.kaiser(2000, 8.6)"),
    "square": (lambda w: np.linspace(0, 1, 2000) ** 2 * w[0], "np.linspace(0, 1, 2000)"),
    "outer": (
        lambda w: np.outer(np.linspace(0, 1, 50), np.hanning(60)) * w[0],
        "np.linspace(0, 1, 50)",
    ),
    "diag": (lambda w: np.diag(np.arange(50.0)) * w[0], "np.arange(50.0)"),
    "meshgrid": (
        lambda w: np.meshgrid(np.linspace(0, 1, 50), np.arange(40.0))[0] * w[0],
        "np.linspace(0, 1, 50)",
    ),
    "shape of another": (lambda w: np.linspace(0, 1, LONG.size) * w[0], "np.linspace(0, 1, 2000)"),
    "in an array": (lambda w: np.array([np.linspace(0, 1, 2000)]) * w[0], ""),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_the_function_makes_is_emitted_as_the_call(name: str) -> None:
    function, call = CALLS[name]
    made = sd.function(function, shapes={"w": (3,)})
    assert made.inputs == ("w",)
    assert call in made.emit()
    np.testing.assert_allclose(made(W), function(W), rtol=1e-15)
    gradient = sd.grad(lambda w: function(w).sum())(W)
    np.testing.assert_allclose(
        gradient, difference(lambda w: function(w).sum(), (W,), 0), atol=1e-6
    )


def test_what_is_written_into_is_data_of_the_module() -> None:
    def function(w: Any) -> Any:
        table = np.zeros((40, 40))
        table[1] = np.linspace(0, 1, 40)
        return (table * w[0]).sum()

    made = sd.function(function, shapes={"w": (3,)})
    assert made.inputs == ("w",)
    np.testing.assert_allclose(made(W), function(W), rtol=1e-13)


def test_a_recipe_with_a_call_that_is_none_is_refused() -> None:
    text = sd.function(CALLS["linspace"][0], shapes={"w": (3,)}).origin.recipe()
    graph = text["graph"]
    line = next(node for node in graph["nodes"] if node[0] == "made")
    for damage in (["load", ["x"], []], ["linspace", [0, 1, 10**12], []], ["eye", [[[1]]], []]):
        line[2][:3] = damage
        with pytest.raises(sd.SymdiffError):
            sd.api.from_recipe(text)


def test_partial_and_numpy_array_as_callables() -> None:
    gradient = sd.grad(partial(with_default, other=Y))
    np.testing.assert_allclose(gradient(W), X.T @ Y)


class Slotted:
    """An object without a dictionary."""

    __slots__ = ("matrix",)

    def __init__(self) -> None:
        self.matrix = X


@dataclass(frozen=True, slots=True)
class Frozen:
    """An object that refuses to be changed."""

    matrix: Any


SLOTTED = Slotted()
FROZEN = Frozen(X)
ANOTHER_NAME = X


def test_two_names_of_one_array_are_names_of_one() -> None:
    agree(lambda w: X.dot(w) if X is ANOTHER_NAME and X is SLOTTED.matrix else w, W)
    agree(lambda w: SLOTTED.matrix.dot(w) + FROZEN.matrix.dot(w), W)
    assert FROZEN.matrix is SLOTTED.matrix is X
