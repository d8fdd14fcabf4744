"""Dataclasses, named tuples and dicts of classes of the user's among the arguments."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd
from symdiff.frontend.tracing.pytree import leaves

X = np.array([1.0, 2.0])


@dataclasses.dataclass
class Derived:
    a: Any
    b: Any
    twice: Any = dataclasses.field(init=False, default=None)

    def __post_init__(self) -> None:
        self.twice = self.a * 2
        self.more = [np.sin(self.a), {"b": self.b}]
        self.times = lambda t: t * self.a

    @functools.cached_property
    def thrice(self) -> Any:
        return self.a * 3


@dataclasses.dataclass
class Plain:
    a: Any
    factor = 1.0


@dataclasses.dataclass
class Doubled:
    a: Any

    def __post_init__(self) -> None:
        self.a = self.a * 2


@dataclasses.dataclass
class Scaled:
    a: Any
    scale: dataclasses.InitVar[float] = 2.0

    def __post_init__(self, scale: float) -> None:
        self.b = self.a * scale


@dataclasses.dataclass
class Needing:
    a: Any
    scale: dataclasses.InitVar[float]


@dataclasses.dataclass
class Vector:
    a: Any

    def __post_init__(self) -> None:
        if self.a.ndim != 1:
            raise ValueError("a vector is needed")


def of_derived(p: Any) -> Any:
    return np.sum(p.twice * p.b**2 * p.more[0] * p.thrice) + np.sum(p.times(2.0))


def test_what_a_dataclass_derives_is_differentiated_through() -> None:
    grad, step = sd.grad(of_derived), 1e-6
    for number in range(3):
        p = Derived(X + number, 3.0)
        assert p.thrice[0] == 3 * (1 + number)  # kept by the object: it is what it is computed as
        found = grad(p)
        for at, unit in enumerate(np.eye(2)):
            high, low = [of_derived(Derived(p.a + s * unit, 3.0)) for s in (step, -step)]
            assert found.a[at] == pytest.approx((high - low) / (2 * step), rel=1e-8)
        tangent = sd.jvp(of_derived)(p, found)[1]  # a gradient is a vector, and derives nothing
        assert tangent == pytest.approx(found.a @ found.a + found.b**2)


def changed(p: Any, **others: Any) -> Any:
    for name, value in others.items():
        setattr(p, name, value)
    return p


@pytest.mark.parametrize(
    ("argument", "attribute"),
    [
        (changed(Derived(X, 3.0), twice=X), "'twice'"),
        (changed(Derived(X, 3.0), a=X), ""),
        (changed(Derived(X, 3.0), a=X + 1), "'twice'"),
        (changed(Derived(X, 3.0), more=[np.sin(X), {"b": 4.0}]), "'b'"),
        (changed(Plain(X), factor=5.0), "'factor'"),
        (changed(Plain(X), factor=1.0), ""),
        ([{"p": changed(Plain(X), factor=5.0)}], "'factor'"),
        (Doubled(X), "'a'"),
        (Scaled(X), ""),
        (Scaled(X, 5.0), "'b'"),
        (Needing(X, 5.0), "cannot be initialized"),
    ],
)
@pytest.mark.parametrize("is_known", [True, False])
def test_what_is_put_into_a_dataclass_otherwise_is_refused(
    argument: Any, attribute: str, is_known: bool
) -> None:
    grad = sd.value_and_grad(lambda p: np.sum(leaves(p)[0][1] ** 2))
    if is_known:
        grad(Plain(X))
    if not attribute:
        assert grad(argument)[0] == 5.0
        return
    with pytest.raises(sd.UnsupportedError, match=attribute):
        grad(argument)
    with pytest.raises(sd.UnsupportedError, match=attribute):
        sd.minimize(lambda p: np.sum(leaves(p)[0][1] ** 2), argument)


def test_state_that_is_put_in_between_calls_is_seen() -> None:
    grad = sd.grad(lambda p: np.sum(p.a**2) * p.factor)
    p = Plain(X)
    assert grad(p).a.tolist() == [2.0, 4.0]
    with pytest.raises(sd.UnsupportedError, match="'factor'"):
        grad(changed(p, factor=5.0))
    del p.factor
    assert grad(p).a.tolist() == [2.0, 4.0]


def test_results_are_not_initialized() -> None:
    value, tangent = sd.jvp(lambda x: Vector(x**2))(X, X)
    assert (value.a.tolist(), tangent.a.tolist()) == ([1.0, 4.0], [2.0, 8.0])
    value, tangent = sd.jvp(lambda x: Doubled(x**2))(X, X)
    assert (value.a.tolist(), tangent.a.tolist()) == ([2.0, 8.0], [4.0, 16.0])


# --- in loops -----------------------------------------------------------------------------------


@dataclasses.dataclass
class Carried:
    a: Any
    twice: Any = dataclasses.field(init=False, default=None)

    def __post_init__(self) -> None:
        self.twice = self.a * 2


def test_dataclasses_that_derive_are_carried_and_scanned() -> None:
    def loss(x: Any, kind: Any = Carried) -> Any:
        def step(carry: Any, row: Any) -> Any:
            return kind(carry.a * row.a + carry.twice * row.twice), kind(carry.a)

        rows = kind(np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 1.0]]))
        carry, every = sd.scan(step, kind(x), rows)
        return np.sum(carry.twice) + np.sum(every.a * every.twice)

    step = 1e-6
    found = sd.grad(loss)(X)
    for at, unit in enumerate(np.eye(2)):
        wanted = (loss(X + step * unit) - loss(X - step * unit)) / (2 * step)
        assert found[at] == pytest.approx(wanted, rel=1e-7)


def test_a_dataclass_that_changes_its_fields_is_not_carried() -> None:
    def loss(x: Any) -> Any:
        return np.sum(sd.fori(0, 3, lambda i, carry: Doubled(carry.a * 0.3), Doubled(x)).a)

    with pytest.raises(sd.UnsupportedError, match="'a'"):
        loss(X)
    with pytest.raises(sd.UnsupportedError, match="changes its fields"):
        sd.grad(loss)(X)


# --- their classes ------------------------------------------------------------------------------

factor, weights = 2.0, np.array([1.0, 3.0])


@dataclasses.dataclass
class Model:
    a: Any
    shared = weights

    def loss(self) -> Any:
        return np.sum(self.a**2 * factor * self.shared)


class Tuple(NamedTuple):
    a: Any

    def loss(self) -> Any:
        return np.sum(self.a**2 * factor * weights)


class Items(dict[str, Any]):
    @property
    def a(self) -> Any:
        return self["a"]

    def loss(self) -> Any:
        return np.sum(self.a**2 * factor * weights)


@pytest.mark.parametrize("made", [lambda: Model(X), lambda: Tuple(X), lambda: Items(a=X)])
def test_what_methods_of_an_argument_read_is_read_again(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    grad = sd.grad(lambda models: models[0].loss())
    for number in (2.0, 5.0, -1.0):
        monkeypatch.setitem(globals(), "factor", number)
        weights[1] += 1
        assert grad([made()])[0].a.tolist() == (2 * X * number * weights).tolist()


def test_attributes_of_an_arguments_class_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    grad = sd.grad(lambda p: np.sum(p.a**2) * p.factor)
    assert grad(Plain(X)).a.tolist() == [2.0, 4.0]
    monkeypatch.setattr(Plain, "factor", 3.0)
    assert grad(Plain(X)).a.tolist() == [6.0, 12.0]


# --- dicts of another class ---------------------------------------------------------------------


class ByAttribute(dict[str, Any]):
    def __getattr__(self, name: str) -> Any:
        return self[name]


class ByKeywords(dict[str, Any]):
    def __init__(self, **items: Any) -> None:
        super().__init__(**items)
        self.__dict__ = self


@pytest.mark.parametrize("kind", [ByAttribute, ByKeywords])
def test_dicts_of_another_class_keep_it(kind: Any) -> None:
    found = sd.grad(lambda p: np.sum(p.w**2) * p.b)(kind(w=X, b=3.0))
    assert type(found) is kind
    assert (found.w.tolist(), found.b) == ([6.0, 12.0], 5.0)
