"""`sd.grad` and its like on NumPy functions: arguments, structures, nesting, accumulation."""

from __future__ import annotations

import functools
import inspect
import math
import pickle
from collections import namedtuple
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd
from symdiff.differentiated import Differentiated
from symdiff.verbs import VERBS

X = np.array([0.3, -1.2, 2.6])
Y = np.array([1.5, 0.25, -0.75])


def squares(x: Any, y: Any = 1.0) -> Any:
    return np.sum(x**2) * np.sum(y)


def squares_gradient(x: Any) -> Any:
    return 2 * x


# --- which argument -----------------------------------------------------------------------------


def three(a: Any, b: Any, c: Any) -> Any:
    return a * b**2 * c**3


@pytest.mark.parametrize(
    ("wrt", "wanted"),
    [
        (None, 108.0),
        (0, 108.0),
        (2, 216.0),
        (-1, 216.0),
        ("b", 216.0),
        ((0, 2), (108.0, 216.0)),
        (("c", "a"), (216.0, 108.0)),
        ((1,), (216.0,)),
        ("a, c", (108.0, 216.0)),
        ("a b c", (108.0, 216.0, 216.0)),
        (["a", 1], (108.0, 216.0)),
    ],
)
def test_wrt(wrt: Any, wanted: Any) -> None:
    grad = sd.grad(three, wrt=wrt)
    for _ in range(2):
        assert grad(2.0, 2.0, 3.0) == wanted
        assert grad(2.0, c=3.0, b=2.0) == wanted
    value, gradient = sd.value_and_grad(three, wrt=wrt)(2.0, 2.0, 3.0)
    assert (value, gradient) == (216.0, wanted)


def test_names_twice_are_refused() -> None:
    with pytest.raises(sd.SymdiffError, match="twice"):
        sd.grad(three, wrt=("a", 0))(1.0, 2.0, 3.0)


def test_a_default_can_be_differentiated_by() -> None:
    def scaled(x: Any, scale: float = 3.0, *, shift: float = 2.0) -> Any:
        return scale * x**2 + shift * x

    assert sd.grad(scaled, wrt="scale")(2.0) == 4.0
    assert sd.grad(scaled, wrt="shift")(2.0) == 2.0
    assert sd.grad(scaled, wrt="scale, shift")(2.0, shift=1.0) == (4.0, 2.0)


def test_surplus_arguments() -> None:
    def total(*args: Any, **kwargs: Any) -> Any:
        return args[0] * args[1] ** 2 + kwargs.get("z", 0.0) * 3

    assert sd.grad(total)(2.0, 3.0) == 9.0
    assert sd.grad(total, wrt=1)(2.0, 3.0) == 12.0
    assert sd.grad(total, wrt="z")(2.0, 3.0, z=1.0) == 3.0
    assert sd.grad(total, wrt=(0, "z"))(2.0, 3.0, z=1.0) == (9.0, 3.0)


# --- structures -----------------------------------------------------------------------------------

Point = namedtuple("Point", "x y")


class Pair(NamedTuple):
    """Two arrays."""

    a: Any
    b: Any


@dataclass
class Weights:
    """Of a line."""

    w: Any
    b: Any
    name: str = "line"


@dataclass(frozen=True)
class Frozen:
    """Cannot be changed."""

    w: Any
    inner: Weights


def same(found: Any, wanted: Any) -> bool:
    """Equal in structure, types of containers and numbers."""
    if isinstance(wanted, (tuple, list)):
        return type(found) is type(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, dict):
        return list(found) == list(wanted) and all(same(found[k], wanted[k]) for k in wanted)
    if wanted is None:
        return found is None
    if hasattr(wanted, "__dataclass_fields__"):
        return type(found) is type(wanted) and same(vars(found), vars(wanted))
    return np.shape(found) == np.shape(wanted) and np.allclose(found, wanted, rtol=1e-14)


STRUCTURES = [
    ((X, 2.0), lambda p: np.sum(p[0]) * p[1], (np.full(3, 2.0), X.sum())),
    ([X, [Y, 3.0]], lambda p: np.sum(p[0] * p[1][0]) * p[1][1], [3 * Y, [3 * X, (X * Y).sum()]]),
    ({"w": X, "b": 2.0}, lambda p: np.sum(p["w"]) * p["b"], {"w": np.full(3, 2.0), "b": X.sum()}),
    (
        {"b": {"deep": (X,)}, "a": 1.0},
        lambda p: np.sum(p["b"]["deep"][0] ** 2) + p["a"] * 3,
        {"b": {"deep": (2 * X,)}, "a": 3.0},
    ),
    (Point(2.0, 3.0), lambda p: p.x * p.y**2, Point(9.0, 12.0)),
    (Pair(X, [Y]), lambda p: np.sum(p.a * p.b[0]), Pair(Y, [X])),
    ((1.5,), lambda p: p[0] ** 2, (3.0,)),
    (
        {"w": X, "name": "adam", "n": None},
        lambda p: p["w"].sum(),
        {"w": np.ones(3), "name": None, "n": None},
    ),
    ({1: X, "2": 1.0}, lambda p: p[1].sum() * p["2"], {1: np.ones(3), "2": X.sum()}),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(STRUCTURES)))
def test_gradients_have_the_structure_of_the_argument(number: int) -> None:
    given, function, wanted = STRUCTURES[number]
    grad = sd.grad(function)
    for _ in range(2):
        assert same(grad(given), wanted)
    value, gradient = sd.value_and_grad(function)(given)
    assert value == pytest.approx(function(given), rel=1e-14)
    assert same(gradient, wanted)
    assert same(sd.grad(lambda y, p: function(p) * y, wrt=(0, 1))(1.0, given), (value, wanted))


def test_lists_and_tuples_are_told_apart() -> None:
    grad = sd.grad(lambda p: p[0].sum() * p[1])
    for kind in (list, tuple, list):
        assert type(grad(kind((X, 2.0)))) is kind


def test_dataclasses() -> None:
    def loss(p: Any, x: Any) -> Any:
        return np.sum(p.w * x) + p.b**2

    gradient = sd.grad(loss)(Weights(X, 3.0), Y)
    assert type(gradient) is Weights
    assert same((gradient.w, gradient.b), (Y, 6.0))

    def nested(p: Any) -> Any:
        return np.sum(p.w) * p.inner.b

    gradient = sd.grad(nested)(Frozen(X, Weights(X, 3.0)))
    assert same((gradient.w, gradient.inner.b), (np.full(3, 3.0), X.sum()))
    assert not gradient.inner.w.any()


def test_unused_parts_have_gradient_zero() -> None:
    gradient = sd.grad(lambda p: np.sum(p["a"]))({"a": X, "b": Y, "c": 1.0})
    assert same(gradient, {"a": np.ones(3), "b": np.zeros(3), "c": 0.0})


def test_integers_and_truths_inside_of_a_structure() -> None:
    gradient = sd.grad(lambda p: p["w"] * p["n"])({"w": 2.0, "n": 3})
    assert gradient["w"] == 3.0
    assert gradient["n"] == 2.0
    take = sd.grad(lambda w, p: np.sum(w[p["at"]]))
    assert take(X, {"at": np.array([0, 0])}).tolist() == [2.0, 0.0, 0.0]
    with pytest.raises(IndexError):  # what is differentiated by is taken as floats
        sd.grad(lambda p: np.sum(p["w"][p["at"]]))({"w": X, "at": np.array([0, 0])})


def test_a_dict_in_another_order() -> None:
    grad = sd.grad(lambda p: p["a"] * 2 + p["b"] * 3)
    assert grad({"a": 1.0, "b": 1.0}) == {"a": 2.0, "b": 3.0}
    assert grad({"b": 1.0, "a": 1.0}) == {"a": 2.0, "b": 3.0}
    assert list(grad({"b": 1.0, "a": 1.0})) == ["b", "a"]


def test_none_in_a_result_has_no_derivative() -> None:
    def function(x: Any) -> Any:
        return {"a": x * x, "b": None, "c": (None, 3.0 * x)}

    assert sd.jacobian(function)(2.0) == {"a": 4.0, "b": None, "c": (None, 3.0)}
    value, slope = sd.jvp(function)(2.0, 1.0)
    assert value == {"a": 4.0, "b": None, "c": (None, 6.0)}
    assert slope == {"a": 4.0, "b": None, "c": (None, 3.0)}
    assert sd.vjp(function)(2.0, {"a": 1.0, "b": None, "c": (None, 2.0)})[1] == 10.0
    assert sd.value_and_grad(lambda x: (None, x**3))(2.0) == ((None, 8.0), 12.0)
    for nothing in (lambda _: None, lambda _: (None, [None]), lambda _: ()):
        with pytest.raises(sd.UnsupportedError, match="returns nothing"):
            sd.jacobian(nothing)(2.0)


# --- what is no number --------------------------------------------------------------------------


def test_static_arguments() -> None:
    def function(x: Any, n: int, kind: str = "sum", flag: bool = False, shift: Any = None) -> Any:
        total = 0.0
        for _ in range(n):
            total = total + (np.sum(x) if kind == "sum" else np.prod(x))
        if flag:
            total = total * 2
        return total if shift is None else total + x[0] * shift

    grad = sd.grad(function)
    assert grad(X, 2).tolist() == [2.0] * 3
    assert grad(X, 3).tolist() == [3.0] * 3
    assert grad(X, 2).tolist() == [2.0] * 3
    np.testing.assert_allclose(grad(X, 1, "prod"), np.prod(X) / X, rtol=1e-14)
    assert grad(X, 1, "sum", True).tolist() == [2.0] * 3
    assert grad(X, 1, "sum", False).tolist() == [1.0] * 3
    assert grad(X, 1, shift=2.0).tolist() == [3.0, 1.0, 1.0]
    assert grad(X, True).tolist() == [1.0] * 3
    assert grad(X, 1, kind="sum", shift=5).tolist() == [6.0, 1.0, 1.0]


def test_a_function_as_an_argument_is_read_again() -> None:
    def function(x: Any, activation: Any) -> Any:
        return np.sum(activation(x))

    grad = sd.grad(function)
    assert grad(X, np.square).tolist() == (2 * X).tolist()
    assert grad(X, np.negative).tolist() == [-1.0] * 3
    scale = 2.0
    inner = lambda x: x * scale  # noqa: E731
    assert grad(X, inner).tolist() == [2.0] * 3
    scale = 3.0
    assert grad(X, inner).tolist() == [3.0] * 3


def test_static_arguments_are_known_again_by_value() -> None:
    grad = sd.grad(lambda x, n: x * float(n))
    for make in (lambda: np.int64(1000), lambda: Fraction(7, 2), lambda: 10**20, lambda: "3.5"):
        for _ in range(3):
            assert grad(1.0, make()) == float(make())
    assert len(grad._entries) == 4


class Settings:
    """An object that is no structure."""

    def __init__(self, scale: float) -> None:
        self.scale = scale


def test_an_object_as_an_argument_is_read_again() -> None:
    def function(x: Any, settings: Any) -> Any:
        return np.sum(x) * settings.scale

    grad, settings = sd.grad(function), Settings(2.0)
    for scale in (2.0, 3.0, 4.0):
        settings.scale = scale
        assert grad(X, settings).tolist() == [scale] * 3
    assert grad(X, Settings(7.0)).tolist() == [7.0] * 3
    assert grad(X, {"a": 1.0} and Settings(8.0)).tolist() == [8.0] * 3


def test_other_shapes_are_traced_anew() -> None:
    grad = sd.grad(lambda x: np.sum(x**2) / x.size)
    for shape in ((3,), (2, 2), (), (4, 1, 2), (0,)):
        x = np.ones(shape)
        if x.size:
            assert same(grad(x), 2 * x / x.size)
    assert sd.grad(lambda x: np.sum(x) * 2.0)(np.ones(0)).shape == (0,)


# --- derivatives of derivatives ----------------------------------------------------------------


def test_gradients_of_gradients() -> None:
    def cube(x: Any) -> Any:
        return x**3

    assert sd.grad(sd.grad(cube))(2.0) == 12.0
    assert sd.grad(sd.grad(sd.grad(cube)))(2.0) == 6.0
    assert sd.grad(lambda x: sd.grad(cube)(x) ** 2)(1.0) == 36.0


def test_no_confusion_of_perturbations() -> None:
    """d/dx (x * d/dy (x + y)) is 1, not 2 (Siskind and Pearlmutter, 2005)."""
    assert sd.grad(lambda x: x * sd.grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert sd.grad(lambda x: x * sd.grad(lambda y: x * y**2)(3.0))(2.0) == 24.0
    third = sd.grad(lambda x: sd.grad(lambda y: sd.grad(lambda z: x * y * z)(1.0) * y)(x) * x)
    assert third(3.0) == pytest.approx(54.0)  # x * 2 * x * x


def test_outer_arrays_in_an_inner_function() -> None:
    def loss(w: Any) -> Any:
        def inner(v: Any) -> Any:
            return np.sum(v**2 * w) + np.sum(w) * v[0]

        step = w - 0.1 * sd.grad(inner)(w)
        return np.sum(step**2)

    def by_hand(w: Any) -> Any:
        gradient = 2 * w * w
        gradient[0] += np.sum(w)
        return np.sum((w - 0.1 * gradient) ** 2)

    h = 1e-6
    wanted = [(by_hand(X + h * e) - by_hand(X - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(sd.grad(loss)(X), wanted, rtol=1e-7)
    assert sd.value_and_grad(loss)(X)[0] == pytest.approx(by_hand(X), rel=1e-14)


def test_an_inner_function_does_not_write_outside() -> None:
    def loss(x: Any) -> Any:
        a = np.zeros(3)
        a[0] = x[0]

        def inner(y: Any) -> Any:
            a.T[1:][0] = y
            return y**2

        return sd.grad(inner)(2.0) + a.sum()

    with pytest.raises(sd.UnsupportedError, match="from outside of it"):
        sd.grad(loss)(X)


def test_an_inner_function_reads_what_the_outer_one_made() -> None:
    def loss(x: Any) -> Any:
        known, computed = np.arange(3.0), np.zeros((2, 3))
        computed[0] = x
        view = computed[0]
        total = 0.0
        for number in range(2):
            total = total + sd.grad(
                lambda y: np.sum(y**2 * view) + (y * known[2] if known[1] > 0 else y)
                + computed.T[1, 0] * y + np.sum(computed[:, 1:]) * len(known) * y
            )(x[number])  # fmt: skip
            computed[0] *= 2.0
        return total

    def by_hand(x: Any) -> Any:
        total = 0.0
        for number in range(2):
            row = x * 2.0**number
            total += 2 * x[number] * row.sum() + 2.0 + row[1] + row[1:].sum() * 3
        return total

    h = 1e-6
    wanted = [(by_hand(X + h * e) - by_hand(X - h * e)) / (2 * h) for e in np.eye(3)]
    value, gradient = sd.value_and_grad(loss)(X)
    assert value == pytest.approx(by_hand(X), rel=1e-14)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-7)


def test_value_and_grad_inside() -> None:
    def loss(w: Any, x: Any) -> Any:
        value, (w_bar, x_bar) = sd.value_and_grad(lambda a, b: np.sum(a * b**2), wrt=(0, 1))(w, x)
        return value + np.sum(w_bar * x_bar)

    h = 1e-6

    def by_hand(w: Any) -> Any:
        return np.sum(w * Y**2) + np.sum(Y**2 * 2 * w * Y)

    wanted = [(by_hand(X + h * e) - by_hand(X - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(sd.grad(loss)(X, Y), wanted, rtol=1e-7)


def test_a_gradient_inside_of_known_numbers() -> None:
    def loss(x: Any) -> Any:
        slope = sd.grad(lambda y: y**2)(3.0)
        parts = sd.grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": x})
        return x * slope + parts["a"] * parts["b"]

    assert sd.grad(loss)(1.0) == 8.0


def test_structures_inside() -> None:
    def loss(p: Any) -> Any:
        gradient = sd.grad(lambda q: np.sum(q["w"] ** 3) * q["b"])(p)
        return np.sum(gradient["w"]) + gradient["b"]

    found = sd.grad(loss)({"w": X, "b": 2.0})
    assert same(found, {"w": 12 * X + 3 * X**2, "b": np.sum(3 * X**2)})


def test_stop_gradient() -> None:
    assert sd.grad(lambda x: x * sd.stop_gradient(x))(3.0) == 3.0
    assert (
        sd.grad(lambda x: np.sum(x * sd.stop_gradient(np.sin(x))))(X).tolist() == np.sin(X).tolist()
    )
    assert sd.stop_gradient(2.0) == 2.0
    assert sd.grad(sd.grad(lambda x: x**2 * sd.stop_gradient(x)))(3.0) == 6.0

    def writes(x: Any) -> Any:
        a = sd.stop_gradient(x * 1.0)
        a[0] = x[0]
        return a.sum()

    assert sd.grad(writes)(X).tolist() == [1.0, 0.0, 0.0]


# --- accumulation -------------------------------------------------------------------------------


def test_accumulation() -> None:
    grad = sd.grad(lambda p, x: np.sum(p["w"] * x) + p["b"][0])
    into = {"w": np.zeros(3), "b": [np.ones(())]}
    owned = into["w"]
    given = {"w": X, "b": [2.0]}
    for _ in range(3):
        result = grad(given, Y, accumulate=into)
    assert result is into
    assert into["w"] is owned
    np.testing.assert_allclose(owned, 3 * Y, rtol=1e-15)
    assert into["b"][0] == 4.0


def test_accumulation_by_keys_in_another_order() -> None:
    into = {"b": np.zeros(3), "w": np.zeros(3)}
    sd.grad(lambda p: np.sum(p["w"] * Y) + np.sum(p["b"]))({"w": X, "b": X}, accumulate=into)
    assert (into["w"].tolist(), into["b"].tolist()) == (Y.tolist(), [1.0] * 3)


def test_accumulation_into_one_array() -> None:
    into = np.zeros(3)
    value, same_array = sd.value_and_grad(squares)(X, accumulate=into)
    assert value == pytest.approx(squares(X))
    assert same_array is into
    sd.grad(squares)(X, accumulate=into)
    np.testing.assert_allclose(into, 4 * X)
    first, second = np.zeros(3), np.zeros(3)
    sd.grad(squares, wrt=(0, 1))(X, Y, accumulate=(first, second))
    np.testing.assert_allclose(first, 2 * X * Y.sum())
    np.testing.assert_allclose(second, np.full(3, np.sum(X**2)))


def test_accumulation_adds_all_or_nothing() -> None:
    grad = sd.grad(lambda p: np.sum(p["a"]) + np.sum(p["b"]))
    given = {"a": X, "b": Y}
    read_only = np.zeros(3)
    read_only.flags.writeable = False
    for bad in (np.zeros(2), 1.0, [0.0] * 3, np.zeros(3, int), read_only, np.zeros((3, 1)), None):
        into = {"a": np.zeros(3), "b": bad}
        with pytest.raises(sd.SymdiffError, match="accumulate"):
            grad(given, accumulate=into)
        assert not into["a"].any()
    for other in ({"a": np.zeros(3)}, [np.zeros(3), np.zeros(3)], np.zeros(3)):
        with pytest.raises(sd.ShapeError, match="structure"):
            grad(given, accumulate=other)
    shared = np.zeros(3)
    grad(given, accumulate={"a": shared, "b": shared})
    assert shared.tolist() == [2.0] * 3


def test_accumulation_in_batches_is_the_whole() -> None:
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(12, 4)), rng.normal(size=12), rng.normal(size=4)

    def loss(w: Any, x: Any, y: Any) -> Any:
        return np.sum((x @ w - y) ** 2)

    grad, into = sd.grad(loss), np.zeros(4)
    for part in range(0, 12, 4):
        grad(w, x[part : part + 4], y[part : part + 4], accumulate=into)
    np.testing.assert_allclose(into, grad(w, x, y), rtol=1e-13)


# --- the rest -------------------------------------------------------------------------------------


def test_pickling() -> None:
    for made in (sd.grad(squares), sd.value_and_grad(squares, wrt=("x", "y"))):
        made(X)
        again = pickle.loads(pickle.dumps(made))
        assert isinstance(again, Differentiated)
        assert same(again(X, Y), made(X, Y))


def test_it_looks_like_the_function() -> None:
    grad = sd.grad(squares)
    assert grad.__name__ == "squares"
    assert grad.__wrapped__ is squares
    assert "grad" in repr(grad)


def test_inputs_are_not_changed_and_not_shared() -> None:
    x = X.copy()
    gradient = sd.grad(lambda x: np.sum(x))(x)
    gradient[0] = 100.0
    assert sd.grad(lambda x: np.sum(x))(x).tolist() == [1.0] * 3
    assert (x == X).all()
    linear = sd.grad(lambda x, y: np.sum(x * y))
    found = linear(x, Y)
    assert not np.shares_memory(found, Y)
    found[0] = 5.0
    assert linear(x, Y)[0] == Y[0]


def test_views_and_other_layouts_as_arguments() -> None:
    matrix = np.arange(12.0).reshape(3, 4)
    grad = sd.grad(lambda x: np.sum(x**2))
    for given in (matrix.T, matrix[::-1], matrix[:, ::2], np.asfortranarray(matrix)):
        np.testing.assert_allclose(grad(given), 2 * given)


def test_the_cache_is_bounded() -> None:
    grad = sd.grad(lambda x, n: x * n)
    for n in range(140):
        assert grad(1.0, n) == n
    assert len(grad._entries) <= 128
    assert len(grad._fast) <= 128


@pytest.mark.parametrize("wrt", [1.5, (1.5,), [["x"]]])
def test_a_wrt_of_another_kind_is_refused(wrt: Any) -> None:
    with pytest.raises(sd.SymdiffError, match="neither a name nor a position"):
        sd.grad(lambda x: x**2, wrt=wrt)(2.0)
    with pytest.raises(sd.SymdiffError, match="neither a name nor a position"):
        sd.function("x**2").grad(wrt)


def test_inputs_without_a_derivative_are_said_to_be_there() -> None:
    with pytest.raises(sd.UnsupportedError, match="only inputs that are whole numbers or truths"):
        sd.function("k**2", shapes={"k": ("int",)}).grad()


# --- the module of the last call -----------------------------------------------------------------

SCALES = np.random.default_rng(0).uniform(1.0, 2.0, 5000)  # so many that they are an input


def weighted(w: Any, x: Any) -> Any:
    return np.sum(w) * np.sum(SCALES * x**3)


def test_the_module_of_the_last_call(tmp_path: Path) -> None:
    grad = sd.grad(weighted, wrt=("w", "x"))
    two, three, x = np.ones(2), np.ones(3), np.sin(SCALES)
    grad(two, x)
    assert '"w": (2,)' in grad.emit()
    expected = grad(three, x)
    assert '"w": (3,)' in grad.emit()
    with pytest.warns(UserWarning, match="SCALES is an input"):
        module = grad.load()
    for found, wanted in zip(module.grad(three, x, SCALES=SCALES), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-15)
    with pytest.warns(UserWarning, match="SCALES is an input"):
        path = grad.write(tmp_path / "g.py")
    assert path.read_text("utf-8") == grad.emit()
    grad(two, x)  # as before, by the quick way
    assert '"w": (2,)' in grad.emit()


@pytest.mark.parametrize("verb", ["grad", "value_and_grad", "jacobian", "hessian"])
def test_the_module_of_a_verb(verb: str) -> None:
    call = getattr(sd, verb)(lambda x: np.sum(np.sin(x) * x[0]))
    point = np.array([1.0, 2.0])
    expected = call(point)
    found = getattr(call.load(), verb)(point)
    assert str(found) == str(expected)


@pytest.mark.parametrize("verb", ["jvp", "hvp", "vjp"])
def test_the_module_of_a_product(verb: str) -> None:
    call = getattr(sd, verb)(lambda x: np.sum(np.sin(x) * x[0]))
    point, vector = np.array([1.0, 2.0]), 1.0 if verb == "vjp" else np.array([0.5, 3.0])
    for _ in range(3):  # traced, kept, by the quick way
        expected = call(point, vector)
    assert str(getattr(call.load(), verb)(point, vector)) == str(expected)


def test_without_a_call_there_is_no_module() -> None:
    with pytest.raises(sd.SymdiffError, match=r"was not called yet.*\n.*call it once"):
        sd.grad(weighted).emit()


def test_a_product_of_a_function_that_reads_an_array() -> None:
    product = sd.hvp(weighted, wrt="x")
    w, x, v = np.ones(2), np.sin(SCALES), np.cos(SCALES)
    for _ in range(3):
        np.testing.assert_allclose(product(w, x, v), 12.0 * SCALES * x * v, rtol=1e-14)


def test_wrt_takes_symbols() -> None:
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    assert sd.grad(lambda x, y: x**2 * y, wrt=y)(3.0, 2.0) == 9.0
    assert sd.grad(lambda x, y: x**2 * y, wrt=(y, x))(3.0, 2.0) == (9.0, 12.0)
    assert sd.jvp(lambda x, y: x**2 * y, wrt=y)(3.0, 2.0, 2.0) == (18.0, 18.0)
    assert sd.function(lambda x, y: x**2 * y, wrt=y).grad()(3.0, 2.0) == 9.0
    assert sd.function("x**2*y").grad([y, x])(3.0, 2.0) == (9.0, 12.0)
    assert sd.grad(x**2 * y, wrt=x)(3.0, 2.0) == 12.0


def test_target_is_checked_at_once() -> None:
    assert sd.grad(lambda x: x**2, target="numpy")(3.0) == 6.0
    assert sd.grad("x**2", target="numpy")(3.0) == 6.0
    for function in (lambda x: x**2, "x**2"):
        with pytest.raises(sd.UnsupportedError, match=r"no target 'nunpy'\n.*mean 'numpy'"):
            sd.grad(function, target="nunpy")


def test_functions_of_the_package_take_what_their_methods_take() -> None:
    for verb in VERBS.values():
        if verb.is_derivative:
            method = inspect.signature(getattr(sd.Function, verb.name)).parameters
            function = inspect.signature(getattr(sd, verb.name)).parameters
            more = ["target", "loops", "checkpoint"]
            assert list(function) == ["function", *list(method)[1:], *more]
            assert verb.help in (getattr(sd, verb.name).__doc__ or "")
            assert getattr(sd.Function, verb.name).__doc__
    with pytest.raises(TypeError, match=r"jacobian\(\) got an unexpected keyword argument 'spars'"):
        sd.jacobian("x**2", spars=True)


def test_a_function_with_the_names_of_another_is_itself() -> None:
    @functools.wraps(math.sin)
    def doubled(x: float) -> float:
        return 2.0 * math.sin(x) + x

    assert sd.grad(doubled)(1.0) == pytest.approx(2.0 * math.cos(1.0) + 1.0, rel=1e-15)
    assert sd.grad(math.sin)(1.0) == pytest.approx(math.cos(1.0), rel=1e-15)


def test_type_checkers_see_the_functions(tmp_path: Path) -> None:
    """The lines at the end of the table say what the functions take, and no more."""
    api = pytest.importorskip("mypy.api")
    calls = [f"sd.{verb.name}(len, 'x', target='numpy')" for verb in VERBS.values() if verb.order]
    wrong = ["sd.grad(len, sparse=True)", "sd.jacobian(len, sparse='yes')"]
    lines = ["import symdiff as sd", *calls, *wrong]
    (tmp_path / "use.py").write_text("\n".join(lines) + "\n")
    config = f"--config-file={tmp_path / 'none.ini'}"
    (tmp_path / "none.ini").write_text("[mypy]\nstrict = true\nfollow_imports = silent\n")
    text, errors, _code = api.run([config, str(tmp_path / "use.py")])
    assert not errors
    found = {int(line.split(":")[1]) for line in text.splitlines() if ": error:" in line}
    assert found == {len(lines) - 1, len(lines)}


# --- structures of vectors and results --------------------------------------------------------


def parts(x: Any) -> dict[str, Any]:
    return {"squares": x**2, "cubes": x**3}


def test_results_have_the_structure_of_what_the_function_returns() -> None:
    x, u = np.array([1.0, 2.0]), np.array([1.0, -1.0])
    blocks = sd.jacobian(parts)(x)
    assert list(blocks) == ["squares", "cubes"]
    assert blocks["cubes"].tolist() == [[3.0, 0.0], [0.0, 12.0]]
    value, tangent = sd.jvp(parts)(x, u)
    assert value["squares"].tolist() == [1.0, 4.0]
    assert tangent["cubes"].tolist() == [3.0, -12.0]


def test_blocks_of_nested_outputs_by_nested_arguments() -> None:
    at = {"u": np.array([1.0, 2.0]), "v": 3.0}
    found = sd.jacobian(lambda p: ({"a": p["u"] * p["v"]}, p["v"] ** 2))(at)
    assert found[0]["a"]["u"].tolist() == [[3.0, 0.0], [0.0, 3.0]]
    assert found[0]["a"]["v"].tolist() == [1.0, 2.0]
    assert found[1]["v"] == 6.0


def test_the_keys_of_a_cotangent_may_stand_in_another_order() -> None:
    x, one, none = np.array([1.0, 2.0]), np.ones(2), np.zeros(2)
    vjp = sd.vjp(parts)
    assert vjp(x, {"cubes": one, "squares": one})[1].tolist() == [5.0, 16.0]
    assert vjp(x, {"cubes": none, "squares": one})[1].tolist() == [2.0, 4.0]


def test_the_cotangent_of_a_sequence_of_one_output() -> None:
    x = np.array([1.0, 2.0])
    for one in (lambda x: (x**2,), lambda x: [x**2]):
        vjp = sd.vjp(one)
        for cotangent in (x, (x,), [x], x):
            assert vjp(x, cotangent)[1].tolist() == [2.0, 8.0]
        inner = sd.grad(lambda x, vjp=vjp: np.sum(vjp(x, x)[1]))  # of 2*x**2
        assert inner(x).tolist() == [4.0, 8.0]


def test_the_keys_of_a_tangent_may_stand_in_another_order() -> None:
    at, zero, one = {"u": 2.0, "v": 3.0}, 0.0, 1.0
    jvp = sd.jvp(lambda p: p["u"] ** 2 * p["v"])
    assert jvp(at, {"v": one, "u": one})[1] == 16.0
    assert jvp(at, {"v": zero, "u": one})[1] == 12.0


def test_keywords_may_stand_in_another_order() -> None:
    grad = sd.value_and_grad(lambda a, b: a**2 * b)
    assert grad(b=1.0, a=1.0) == (1.0, 2.0)  # as many alike numbers tell nothing of the order
    assert grad(b=2.0, a=3.0) == (18.0, 12.0)


def test_surplus_arguments_may_have_the_names_of_others() -> None:
    def positional(args1: Any, *args: Any) -> Any:
        return args1 * args[0] ** 2

    def named(x: Any, *args: Any, args1: Any = 3.0, **others: Any) -> Any:
        return x * args[0] ** 2 * args1 * others.get("args2", 1.0)

    def hidden(x: Any, /, **others: Any) -> Any:
        return x**3 * others["x"] ** 2

    assert sd.grad(positional)(2.0, 5.0) == 25.0
    assert sd.grad(named)(2.0, 5.0, args1=7.0) == 175.0
    assert sd.grad(named, wrt="args1")(2.0, 5.0, args1=7.0) == 50.0
    assert sd.grad(named, wrt="args2")(2.0, 5.0, args1=7.0, args2=1.0) == 350.0
    assert sd.grad(named, wrt=1)(2.0, 5.0, args1=7.0, args2=1.0) == 140.0
    assert sd.grad(hidden)(2.0, x=5.0) == 300.0
    assert sd.grad(hidden, wrt="x")(2.0, x=5.0) == 80.0


@pytest.mark.parametrize("vector", [{"u": 1.0}, [1.0, 1.0], {"u": 1.0, "w": 1.0}, 1.0])
def test_a_vector_of_another_structure_is_refused(vector: Any) -> None:
    with pytest.raises(sd.ShapeError, match="a tangent has another structure"):
        sd.jvp(lambda p: p["u"] * p["v"])({"u": 2.0, "v": 3.0}, vector)


@pytest.mark.parametrize("verb", [sd.hvp, sd.jvp, sd.vjp])
@pytest.mark.parametrize("given", [(), (np.ones(3),), (np.ones(3), 2.0)])
def test_missing_vectors_are_named(verb: Any, given: Any) -> None:
    with pytest.raises(sd.SymdiffError, match="is called with the arguments and then 1 "):
        verb(lambda x, y: np.sum(x * x) * y)(*given)
