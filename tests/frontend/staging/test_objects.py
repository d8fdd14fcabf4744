"""Objects, lists and arrays that a branch on values makes, changes or chooses between."""

from __future__ import annotations

import copy
import copyreg
import dataclasses
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import without_ways

POINTS = (-1.7, -0.4, 0.3, 0.8, 1.3, 2.6)
RIGHT: list[Callable[..., Any]] = []


def right(function: Callable[..., Any]) -> Callable[..., Any]:
    RIGHT.append(function)
    return function


# --- classes -----------------------------------------------------------------------------------


class Vector:
    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y if y > 0 else -2 * y

    def __add__(self, other: Vector) -> Vector:
        return Vector(self.x + other.x, self.y if self.y > other.y else other.y)

    def __mul__(self, by: Any) -> Vector:
        return Vector(self.x * by, self.y * by)

    def __bool__(self) -> bool:
        raise AssertionError("asked for the truth of an object")

    @property
    def length(self) -> Any:
        return math.hypot(self.x, self.y)

    @length.setter
    def length(self, new: Any) -> None:
        if new > 1:
            new = 1 + new / 2
        self.x, self.y = self.x * new / self.length, self.y * new / self.length


@right
def made_in_ways(x: Any) -> Any:
    v = Vector(x, 2.0) if x > 0 else Vector(1.0, x * x)
    return v.x * v.y


@right
def operators_and_properties(x: Any) -> Any:
    v = Vector(x, x) + Vector(1.0, 0.5)
    if v.length > 2:
        v = v * (1 / v.length)
    v.length = 1.2 + x * x
    return v.x * v.y


@dataclasses.dataclass
class State:
    at: Any
    speed: Any = 2.0

    def __post_init__(self) -> None:
        if self.speed > 3:
            self.speed = 3 + self.speed / 4


@right
def dataclasses_made_and_changed(x: Any) -> Any:
    s = State(x * x, 4 * x) if x > 0.5 else State(x)
    if x < 1:
        s.at += s.speed
    return s.at * s.speed


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: Any
    b: Any

    def scaled(self, by: Any) -> Frozen:
        if by < 0:
            return Frozen(self.a, by)
        return dataclasses.replace(self, a=self.a * by)


@right
def frozen_dataclasses(x: Any) -> Any:
    made = Frozen(x, 2.0).scaled(x)
    return made.a**2 * made.b


class Named(type):
    @property
    def name(cls) -> str:
        return cls.__name__


class OfNamed(metaclass=Named):
    def __init__(self, a: Any) -> None:
        self.a = a

    @property
    def name(self) -> Any:
        return abs(self.a)

    @property
    def bent(self) -> Any:
        return 2 * self.a if self.a > 1 else self.a


@right
def property_that_the_class_of_the_class_has_too(x: Any) -> Any:
    made = OfNamed(x)
    return made.bent * made.name


def with_options(**options: Any) -> Any:
    options["rate"] = 3.0
    options.setdefault("shift", 2.0)
    return options["by"] * options["rate"] + options["shift"]


@right
def containers_made_by_calls_in_a_way(x: Any) -> Any:
    table = {"a": 1.0}
    y = x
    if x < 1:
        more, same, also = dict(table), table.copy(), {key + "": x for key in "ab"}
        more["c"], same["d"], also["e"] = x, x * x, 2.0
        seen, row = set(), list(table.values())
        seen.add("c")
        row.append(more["c"] * same["d"])
        y = with_options(by=also["b"] + row.pop() * row[0]) + len(seen) + len(row)
    return y * y + len(table)


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a: Any, b: Any) -> None:
        self.a, self.b = a, b


@right
def slots(x: Any) -> Any:
    s = Slots(x, 2.0)
    if x > 0:
        s = Slots(x * x, s.a)
    else:
        s.b = x
    return s.a * s.b


class Pair(NamedTuple):
    a: Any
    b: Any


@right
def named_tuples(x: Any) -> Any:
    pair = Pair(x, 2.0)
    if x > 0:
        pair = pair._replace(b=x * 3)
    return pair.a * pair.b


class Walk:
    def __init__(self) -> None:
        self.time, self.seen, self.at = 0.0, [0.0], np.zeros(2)

    def step(self, by: Any) -> None:
        self.time += by
        if self.time > 1:
            self.at = self.at + by
        else:
            self.at[0] += by * self.time
        self.seen.append(self.time)


@right
def state_over_steps(x: Any) -> Any:
    walk = Walk()
    for _ in range(4):
        walk.step(x / 2)
    return walk.time * np.sum(walk.at**2) * sum(walk.seen)


class Named:
    def square(self, x: Any) -> Any:
        return x * x


class Derived(Named):
    def square(self, x: Any) -> Any:
        y = super().square(x)
        return y if y > Derived.least() else -y

    @staticmethod
    def least() -> float:
        return 0.5


@right
def a_method_that_names_its_own_class(x: Any) -> Any:
    return Derived().square(x)


# --- items of lists ----------------------------------------------------------------------------

TABLE = [1.0, 2.0, 5.0, 7.0]


@right
def item_of_a_list(x: Any) -> Any:
    i = int(abs(x))
    return TABLE[i] * (abs(x) - i) + (x, 2 * x, 3 * x)[i] + TABLE[-1 - i] * [x, x**2][x > 0]


@right
def row_of_a_list(x: Any) -> Any:
    rows = [np.array([x, 1.0]), np.array([2.0, x * x]), np.array([x, x])]
    return np.prod(rows[int(abs(x))])


# --- what may be another variable's ------------------------------------------------------------


@right
def changed_where_nothing_else_holds_it(x: Any) -> Any:
    a, b = [x, x], {"k": x}
    v = np.array([x, 1.0])
    if x > 0:
        a, b, v = [2 * x, 3.0], {"k": x * x}, v + x
    a.append(x)
    a[0] *= x
    b["k"] += 1
    v[0] *= x
    return sum(a) * b["k"] * np.sum(v)


def slope(function: Callable[..., Any], x: float) -> float:
    h = 1e-6
    return float(function(x + h) - function(x - h)) / (2 * h)


@pytest.mark.parametrize("function", RIGHT, ids=lambda f: f.__name__)
def test_gradient_is_that_of_the_way_taken(function: Callable[..., Any]) -> None:
    derived = sd.value_and_grad(function)
    for x in POINTS:
        value, gradient = derived(x)
        assert value == pytest.approx(function(x), rel=1e-12)
        assert gradient == pytest.approx(slope(function, x), rel=1e-6, abs=1e-7)


def test_members_are_as_they_were_behind_a_trace() -> None:
    copyreg._slotnames(Vector)  # else it is found, and kept in the class, when one is copied
    before = dict(vars(Vector))
    sd.grad(operators_and_properties)(0.3)
    assert dict(vars(Vector)) == before


SHARED: list[Callable[..., Any]] = []


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    SHARED.append(function)
    return function


@shared
def a_list_of_two_names(x: Any) -> Any:
    a = b = [x, x]
    if x > 0:
        a = [2 * x, 3 * x]
    a.append(x)
    return sum(a) * sum(b)


@shared
def a_list_changed_by_its_other_name(x: Any) -> Any:
    a = b = [x, x]
    if x > 0:
        a = [2 * x, 3 * x]
    b[0] = x**3
    return sum(a)


@shared
def an_array_changed_by_its_other_name(x: Any) -> Any:
    a = b = np.array([x, x])
    if x > 0:
        a = a + 1
    b[0] = 5 * x
    return np.sum(a * a)


@shared
def an_array_changed_through_a_view(x: Any) -> Any:
    a = np.array([x, x])
    view = a[:1]
    if x > 0:
        a = np.array([2 * x, x])
    view[0] = 5 * x
    return np.sum(a * a)


@shared
def an_object_of_two_names(x: Any) -> Any:
    a = b = State(x, x)
    if x > 0:
        a = State(x, 2 * x)
    a.at = x**3
    return b.at * a.speed


@shared
def a_row_of_a_list(x: Any) -> Any:
    rows = [np.array([x, x]), np.array([2 * x, x])]
    row = rows[int(abs(x))]
    row[0] = 5.0
    return np.sum(rows[0]) + np.sum(rows[1])


@shared
def deleted(x: Any) -> Any:
    a = b = [x, x]
    if x > 0:
        a = [2 * x, 3 * x]
    del a[0]
    return sum(b)


@pytest.mark.parametrize("function", SHARED, ids=lambda f: f.__name__)
def test_change_of_what_another_name_may_hold_is_refused(function: Callable[..., Any]) -> None:
    for x in (-0.5, 0.7):
        with pytest.raises(sd.UnsupportedError, match="chosen between"), without_ways():
            sd.grad(function)(x)


def test_copy_may_be_changed() -> None:
    def f(x: Any) -> Any:
        a = b = [x, x]
        if x > 0:
            a = [2 * x, 3 * x]
        a = copy.copy(a)
        a.append(x * x)
        return sum(a) * sum(b)

    for x in (-0.5, 0.7):
        assert sd.grad(f)(x) == pytest.approx(slope(f, x), rel=1e-7)


class Metres(float):
    """A float with a unit."""

    unit = "m"

    def doubled(self) -> float:
        return self * 2


def test_class_of_floats_holds_no_unknown_value() -> None:
    def of_an_argument(x: Any) -> Any:
        return Metres(x).doubled()

    with pytest.raises(sd.UnsupportedError, match="'Metres', a class of floats") as found:
        sd.grad(of_an_argument)(1.5)
    assert "Metres(x)" in str(found.value)
    assert sd.grad(lambda x: Metres(3.0).doubled() * x)(1.5) == 6.0


class Place:
    """Made by `__new__`, which checks and fills in what is missing."""

    def __new__(cls, latitude: Any, longitude: Any = None) -> Any:
        self = super().__new__(cls)
        self.latitude = float(latitude or 0.0)
        if abs(self.latitude) > 90:
            raise ValueError("a latitude is at most 90")
        self.longitude = float(longitude) if longitude is not None else 0.0
        return self

    def __init__(self, *_: Any) -> None:
        self.sign = -1.0 if self.latitude < 0 else 1.0


def test_object_of_a_class_with_new_is_traced() -> None:
    def distance(x: Any, y: Any) -> Any:
        here, there = Place(x, y), Place(41.0, 2.0)
        return here.sign * (here.latitude - there.latitude) ** 2 * math.cos(here.longitude)

    slopes = sd.grad(distance, wrt=(0, 1))
    for x in (52.0, -52.0):
        wanted = [
            (distance(x + 1e-6, 0.3) - distance(x - 1e-6, 0.3)) / 2e-6,
            (distance(x, 0.3 + 1e-6) - distance(x, 0.3 - 1e-6)) / 2e-6,
        ]
        np.testing.assert_allclose(slopes(x, 0.3), wanted, rtol=1e-7)
    with pytest.raises(ValueError, match="at most 90"):
        slopes(95.0, 0.3)


class Given:
    """Takes a number, or whatever NumPy makes an array of."""

    def __init__(self, given: Any) -> None:
        try:
            self.parts = np.array([float(given), 0.0, 0.0])
        except TypeError:
            self.parts = np.asarray(given)


def test_float_of_an_array_is_the_error_that_numpy_has() -> None:
    def squares(x: Any) -> Any:
        return np.sum(Given(2.0 * x).parts ** 2)

    np.testing.assert_allclose(sd.grad(squares)(np.array([1.0, 2.0, 3.0])), [8.0, 16.0, 24.0])
    with pytest.raises(sd.UnsupportedError, match="only 0-dimensional arrays"):
        sd.grad(lambda x: float(x))(np.ones(3))


def test_methods_of_a_class_inside_of_a_function_keep_their_branches() -> None:
    def program(x: Any) -> Any:
        scale = x * 2

        class Base:
            factor = 3.0

            def half(self, v: Any) -> Any:
                return v / 2

        class Own(Base):
            @property
            def large(self) -> Any:
                if scale > 1:
                    return scale * self.factor
                return scale

            @classmethod
            def positive(cls, v: Any, least: float = 0.0) -> Any:
                return cls.factor * (v if v > least else 0.0)

            def half(self, v: Any) -> Any:
                if v > 1:
                    return super().half(v) * self.__five()
                return v

            def __five(self) -> float:
                return 5.0

            class Inner:
                def square(self, v: Any) -> Any:
                    return v * v if v > 0 else v

        return Own().large + Own.positive(x) + Own().half(x) + Own.Inner().square(x)

    made = sd.function(program, shapes={"x": ()}).value_and_grad()
    for x in (-1.0, 0.2, 1.5, 4.0):
        value, slope = made(x)
        assert value == pytest.approx(program(x), rel=1e-15)
        assert slope == pytest.approx((program(x + 1e-6) - program(x - 1e-6)) / 2e-6, rel=1e-8)
