"""Questions for the type of a value, answered as for the value that the plain function has."""

from __future__ import annotations

import collections.abc
import copy
import functools
import math
import numbers
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

X = np.array([0.5, 1.25, 2.5])

# What the function is given, and what it makes of that
GIVEN: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "float": (0.5, lambda x: x),
    "numpy_float": (np.float64(0.5), lambda x: x),
    "single": (np.float32(0.5), lambda x: x),
    "no_axes": (np.array(0.5), lambda x: x),
    "array": (X, lambda x: x),
    "single_array": (X.astype(np.float32), lambda x: x),
    "matrix": (np.outer(X, X), lambda x: x),
    "whole_numbers": (np.array([1, 2]), lambda x: x),
    "element": (X, lambda x: x[0]),
    "row": (np.outer(X, X), lambda x: x[0]),
    "element_of_a_row": (np.outer(X, X), lambda x: x[0][1]),
    "part_with_dots": (X, lambda x: x[0, ...]),
    "iterated": (X, lambda x: next(iter(x))),
    "unpacked": (X, lambda x: (lambda a, b, c: b)(*x)),
    "total": (X, lambda x: x.sum()),
    "norm": (X, lambda x: np.linalg.norm(x)),
    "product": (X, lambda x: x @ x),
    "median": (X, lambda x: np.median(x)),
    "std": (X, lambda x: np.std(x)),
    "float_arithmetic": (0.5, lambda x: 2 * x + 1.0),
    "float_power": (0.5, lambda x: x**2 - x / 3),
    "negative_float": (0.5, lambda x: -x),
    "absolute_float": (0.5, lambda x: abs(x)),
    "whole_and_rest": (0.5, lambda x: divmod(x, 2)[0]),
    "float_with_numpy": (0.5, lambda x: x * np.float64(2.0)),
    "element_and_float": (X, lambda x: 2.0 * x[0]),
    "numpy_sine": (0.5, lambda x: np.sin(x)),
    "numpy_sum_of_a_float": (0.5, lambda x: np.sum(x)),
    "math_sine": (0.5, lambda x: math.sin(x)),
    "math_of_an_element": (X, lambda x: math.exp(x[0])),
    "math_log_of_base": (0.5, lambda x: math.log(x, 2)),
    "math_hypot": (0.5, lambda x: math.hypot(x, 1.0, x)),
    "comparison": (0.5, lambda x: x > 0.0),
    "comparison_of_elements": (X, lambda x: x[0] > x[1]),
    "comparison_of_arrays": (X, lambda x: x > 1.0),
    "both": (0.5, lambda x: (x > 0.0) & (x < 1.0)),
    "truths_added": (0.5, lambda x: (x > 0.0) + (x < 1.0)),
    "rounded": (0.75, lambda x: round(x)),
    "rounded_to_a_place": (0.75, lambda x: round(x, 1)),
    "rounded_element": (X, lambda x: round(x[1])),
    "rounded_element_to_a_place": (X, lambda x: round(x[1], 1)),
    "floor": (0.75, lambda x: math.floor(x)),
    "floor_of_an_element": (X, lambda x: math.ceil(x[0])),
    "numpy_floor": (0.75, lambda x: np.floor(x)),
    "truncated": (0.75, lambda x: math.trunc(x) + 1),
    "floored_quotient": (0.75, lambda x: x // 0.5),
    "made_of_a_float": (0.5, lambda x: np.array(x)),
    "as_array_of_a_float": (0.5, lambda x: np.asarray(x)),
    "as_array_of_an_element": (X, lambda x: np.asarray(x[0])),
    "list_of_floats": (0.5, lambda x: np.array([x, 1.0])),
    "chosen": (0.5, lambda x: np.where(x > 0, x, 0.0)),
    "chosen_element": (X, lambda x: np.where(x[0] > 0, x[0], 0.0)),
    "maximum": (0.5, lambda x: np.maximum(x, 1.0)),
    "clipped": (0.5, lambda x: np.clip(x, 0.0, 1.0)),
    "zeros_like": (0.5, lambda x: np.zeros_like(x)),
    "full": (0.5, lambda x: np.full((), x)),
    "squeezed": (X[:1], lambda x: np.squeeze(x)),
    "reshaped": (0.5, lambda x: np.reshape(x, (1,))),
    "without_axes": (X[:1], lambda x: x.reshape(())),
    "tensordot": (X, lambda x: np.tensordot(x, x, 1)),
    "einsum": (X, lambda x: np.einsum("i,i->", x, x)),
    "covariance": (X, lambda x: np.cov(x)),
    "copied": (0.5, lambda x: copy.copy(x)),
    "deep_copy_of_an_element": (X, lambda x: copy.deepcopy(x[0])),
    "copied_array": (X, lambda x: copy.deepcopy(x)),
    "method_copy_of_an_element": (X, lambda x: x[0].copy()),
    "function_copy_of_an_element": (X, lambda x: np.copy(x[0])),
    "transposed": (X, lambda x: x.T),
    "converted": (X, lambda x: x[0].astype(np.float32)),
    "real": (0.5, lambda x: x.real),
    "real_of_an_element": (X, lambda x: x[0].real),
    "conjugate": (0.5, lambda x: x.conjugate()),
    "sum_of_a_list": (0.5, lambda x: sum([x, x])),
    "sum_of_an_array": (X, lambda x: sum(x)),
    "reduced": (0.5, lambda x: functools.reduce(operator.mul, [x, x, 2])),
    "product_of_floats": (0.5, lambda x: math.prod([x, x, 2])),
    "exact_sum": (0.5, lambda x: math.fsum([x, x, 2])),
    "distance": (0.5, lambda x: math.dist([x, 1.0], [0.0, x])),
    "outside": (0.5, lambda x: X),
    "outside_computed": (0.5, lambda x: X * 2.0),
    "outside_part": (0.5, lambda x: X[1:]),
    "outside_element": (0.5, lambda x: X[1]),
    "outside_total": (0.5, lambda x: X.sum()),
    "outside_reshaped": (0.5, lambda x: X.reshape(3, 1)),
    "outside_and_a_value": (0.5, lambda x: X * x),
}


@functools.singledispatch
def dispatched(value: Any) -> str:
    return "other"


@dispatched.register
def _(value: float) -> str:
    return "float"


@dispatched.register
def _(value: np.ndarray) -> str:
    return "array"


def matched(value: Any) -> str:
    match value:
        case bool() | np.bool_():
            return "truth"
        case int():
            return "int"
        case float():
            return "float"
        case np.ndarray():
            return "array"
    return "other"


def outcome(question: Callable[[], Any]) -> Any:
    """The answer, or the class and the text of the error."""
    try:
        return question()
    except AttributeError as error:
        return "AttributeError", str(error)
    except TypeError:  # Python's text for a number of NumPy's says float64 whatever it is
        return "TypeError"


QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "type": lambda v: type(v),
    "type_is_float": lambda v: type(v) is float,
    "type_in_a_list": lambda v: type(v) in [int, float],
    "type_as_a_key": lambda v: {float: 1, np.ndarray: 2, np.float64: 3}.get(type(v)),
    "name": lambda v: type(v).__name__,
    "is_the_class_of_an_array": lambda v: isinstance(v, type(np.array([]))),
    "class": lambda v: v.__class__,
    "is_float": lambda v: isinstance(v, float),
    "is_int_or_float": lambda v: isinstance(v, (int, float)),
    "is_array": lambda v: isinstance(v, np.ndarray),
    "is_numpy_scalar": lambda v: isinstance(v, np.generic),
    "is_floating": lambda v: isinstance(v, np.floating),
    "is_bool": lambda v: isinstance(v, (bool, np.bool_)),
    "is_union": lambda v: isinstance(v, int | float),
    "is_number": lambda v: isinstance(v, numbers.Number),
    "is_real": lambda v: isinstance(v, numbers.Real),
    "is_integral": lambda v: isinstance(v, numbers.Integral),
    "is_iterable": lambda v: isinstance(v, collections.abc.Iterable),
    "is_sequence": lambda v: isinstance(v, collections.abc.Sequence),
    "is_sized": lambda v: isinstance(v, collections.abc.Sized),
    "is_container": lambda v: isinstance(v, collections.abc.Container),
    "is_hashable": lambda v: isinstance(v, collections.abc.Hashable),
    "is_callable": lambda v: callable(v),
    "is_subclass": lambda v: issubclass(type(v), float),
    "numpy_isscalar": lambda v: np.isscalar(v),
    "numpy_ndim": lambda v: np.ndim(v),
    "numpy_shape": lambda v: np.shape(v),
    "numpy_size": lambda v: np.size(v),
    "numpy_isrealobj": lambda v: bool(np.isrealobj(v)),
    "numpy_iterable": lambda v: np.iterable(v),
    "has_length": lambda v: hasattr(v, "__len__"),
    "has_iterator": lambda v: hasattr(v, "__iter__"),
    "has_items": lambda v: hasattr(v, "__getitem__"),
    "has_shape": lambda v: hasattr(v, "shape"),
    "has_dtype": lambda v: hasattr(v, "dtype"),
    "has_array": lambda v: hasattr(v, "__array__"),
    "has_array_function": lambda v: hasattr(v, "__array_function__"),
    "has_index": lambda v: hasattr(v, "__index__"),
    "has_sum": lambda v: hasattr(v, "sum"),
    "has_is_integer": lambda v: hasattr(v, "is_integer"),
    "has_other": lambda v: hasattr(v, "numpy"),
    "ndim_or": lambda v: getattr(v, "ndim", "none"),
    "shape_or": lambda v: getattr(v, "shape", "none"),
    "dtype_or": lambda v: str(getattr(v, "dtype", "none")),
    "shape": lambda v: v.shape,
    "ndim": lambda v: v.ndim,
    "size": lambda v: v.size,
    "dtype": lambda v: v.dtype,
    "missing": lambda v: v.detach,
    "missing_by_name": lambda v: getattr(v, "detach"),  # noqa: B009  `getattr` itself is asked
    "length": lambda v: len(v),
    "iterated": lambda v: len(list(iter(v))),
    "directory": lambda v: ("__len__" in dir(v), "shape" in dir(v), "hex" in dir(v)),
    "written": lambda v: v.__setitem__ and None,
    "dispatched": lambda v: dispatched(v),
    "matched": lambda v: matched(v),
    "instance_of_a_type": lambda v: isinstance(type(v), type),
    "type_of_the_type": lambda v: type(type(v)) is type,
}


def answers(given: Any, made: Callable[[Any], Any]) -> tuple[list[Any], list[Any]]:
    """What the plain function is told, and what the traced one is."""
    told: list[Any] = []

    def function(x: Any) -> Any:
        value = made(x)
        told.append([outcome(functools.partial(ask, value)) for ask in QUESTIONS.values()])
        return np.sum(x * 1.0)

    function(given)
    plain = told.pop()
    sd.value_and_grad(function)(given) if np.asarray(given).dtype.kind == "f" else sd.grad(
        lambda w, x: w * function(x)
    )(1.0, given)
    return plain, told[0]


@pytest.mark.spread(2)
@pytest.mark.parametrize("name", GIVEN)
def test_answers(name: str) -> None:
    plain, traced = answers(*GIVEN[name])
    differing = {
        question: (one, other)
        for question, one, other in zip(QUESTIONS, plain, traced, strict=True)
        if one != other
    }
    assert not differing


# What Python computes of its own truths and ints, where NumPy computes otherwise
PYTHONS: list[Callable[[Any], Any]] = [
    lambda x: x * ~(x > 0),
    lambda x: x * ((x > 0) + (x > 0.1)),
    lambda x: x * ((x > 0) - (x > 9)),
    lambda x: x * -(x > 0),
    lambda x: x * ((x > 0) * (x < 1) + (x > 0)),
    lambda x: x * (((x > 0) | (x < 1)) + 1),
    lambda x: x * ((x > 0) ^ (x > 9)),
    lambda x: x * abs(x > 0) + x * +(x > 0),
    lambda x: x * round(x > 0),
    lambda x: x * sum([x > 0, x > 0.1, x > 9]),
    lambda x: (x > 0) / (x + 1) + x ** (x > 0),
    lambda x: x * ((np.sin(x) > 0) + (x > 0)),
    lambda x: x * np.add(x > 0, x > 0.1),
    lambda x: x * (math.ceil(x * 5.1) // 2) * (math.floor(x * 9) % 2),
    lambda x: x * ~math.floor(x * 9),
    lambda x: x * math.trunc(x * 5.1) ** -1,
    lambda x: x * round(x, 1) + round(x * 3) * x,
    lambda x: divmod(x, 0.3)[1] + divmod(x, 0.3)[0] * x,
    lambda x: x * (math.floor(x * 9) == 3),
    lambda x: x.real + x.imag + x.conjugate(),
    lambda x: math.dist([x, 1.0, 2.0], [0.0, x, x]) + math.dist((x,), (0.0,)),
    lambda x: math.hypot(x, 1.0, x) + math.hypot(x) + math.hypot(3.0, 4.0),
    lambda x: math.fsum(v * x for v in range(3)) + math.prod((x, x, 2.0), start=3),
    lambda x: pow(x, 3) + math.pow(x, 2) + math.log(x, 2) + math.log(2, x),
    lambda x: x * (1 - math.isnan(x)) + math.gcd(4, 6) * x,
]


@pytest.mark.filterwarnings("ignore:Bitwise inversion:DeprecationWarning")  # of Python 3.12
@pytest.mark.parametrize("number", range(len(PYTHONS)))
def test_numbers_of_python(number: int) -> None:
    function = PYTHONS[number]
    for x in (0.41, 1.7):
        value, slope = sd.value_and_grad(function)(x)
        assert value == pytest.approx(function(x), rel=1e-14)
        h = 1e-6
        assert slope == pytest.approx((function(x + h) - function(x - h)) / (2 * h), rel=1e-6)


def test_a_library_asks_for_the_type(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is installed, whose globals are not looked at."""
    package = tmp_path / "site-packages"
    package.mkdir()
    (package / "asking_library.py").write_text(
        "KINDS = [int, float]\n"
        "def half(v):\n"
        "    if type(v) in KINDS:\n"
        "        return v / 2\n"
        "    if hasattr(v, '__len__'):\n"
        "        return [part / 4 for part in v][0]\n"
        "    return getattr(v, 'ndim', 7) + v\n"
    )
    monkeypatch.syspath_prepend(str(package))
    import asking_library

    assert sd.grad(lambda x: asking_library.half(x))(3.0) == 0.5
    assert sd.grad(lambda x: asking_library.half(x))(X).tolist() == [0.25, 0.0, 0.0]
    assert sd.value_and_grad(lambda x: asking_library.half(x))(np.float64(3.0)) == (3.0, 1.0)


def test_a_library_binds_functions_by_name(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`from math import sqrt` in one that is installed means what `math.sqrt` means."""
    package = tmp_path / "site-packages"
    package.mkdir()
    (package / "naming_helper.py").write_text(
        "from math import log as ln\ndef logarithm(v):\n    return ln(v)\n"
    )
    (package / "naming_library.py").write_text(
        "from math import sqrt\n"
        "from random import random\n"
        "from numpy import asarray, zeros\n"
        "from naming_helper import logarithm\n"
        "def root(v):\n"
        "    return sqrt(asarray(v)) * logarithm(v)\n"
        "def filled(v):\n"
        "    out = zeros(2)\n"
        "    out[0] = v * v\n"
        "    return out.sum()\n"
        "def noisy(v):\n"
        "    return v * random()\n"
    )
    monkeypatch.syspath_prepend(str(package))
    import naming_helper
    import naming_library

    before = dict(vars(naming_library)), dict(vars(naming_helper))
    assert sd.grad(naming_library.root)(4.0) == pytest.approx(math.log(4.0) / 4 + 0.5, rel=1e-15)
    assert sd.grad(lambda x: naming_library.root(x))(4.0) == sd.grad(naming_library.root)(4.0)
    assert sd.grad(lambda x: naming_library.filled(x))(3.0) == 6.0
    with pytest.raises(sd.UnsupportedError, match="draws at random"):
        sd.grad(lambda x: naming_library.noisy(x))(3.0)
    assert (vars(naming_library), vars(naming_helper)) == before
    assert naming_library.root(1.0) == 0.0


def test_type_is_as_ever() -> None:
    """In the traced function, and of all that is no tracer."""

    def function(x: Any) -> Any:
        class Meta(type):
            pass

        class Made(metaclass=Meta):
            pass

        other = type("Other", (Made,), {"a": 1})
        assert type(Made()) is Made
        assert type(Made) is Meta
        assert type(int) is type
        assert type(type) is type
        assert isinstance(int, type)
        assert issubclass(Meta, type)
        assert not isinstance(3, type)
        assert other.a == 1
        assert {int: 1, type: 2}[type(int)] == 2
        assert type.__name__ == "type"
        assert type.__call__(int, "3") == 3
        assert repr(type) == "<class 'type'>"
        assert (int | type) == (type | int)
        assert functools.singledispatch(lambda v: "any")(x) == "any"
        return x * 2

    assert sd.grad(function)(1.0) == 2.0
    assert type(type) is type
    assert type(type).__name__ == "type"
