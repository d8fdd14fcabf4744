"""What published libraries write that few people do: each beside the plain function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import agree, refusal, without_ways

X = np.array([0.31, 0.7, 1.1])
K = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])


# --- arrays that NumPy computes of known ones, and that are then written into -----------------


def written(make: Callable[[], Any]) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        made = make()
        made[0] = x
        return made * 2.0

    return function


MADE: dict[str, Callable[[], Any]] = {
    "a product": lambda: K * 2,
    "a sum": lambda: 1.0 + K,
    "repeat": lambda: np.repeat(0.5, 6).reshape(2, 3).copy(),
    "tile": lambda: np.tile([1.0, 2.0, 4.0], (2, 1)),
    "diag": lambda: np.diag([1.0, 2.0, 3.0]),
    "vstack": lambda: np.vstack([K, K]),
    "where": lambda: np.where(K > 2.0, 1.0, 0.0),
    "maximum": lambda: np.maximum(K, 2.5),
    "sort": lambda: np.sort(K, axis=1),
    "roll": lambda: np.roll(K, 1),
    "choice of rows": lambda: K[[1, 0]],
    "a method": lambda: K.clip(2.0, 4.0),
    "a method of what was computed": lambda: (K - 1.0).repeat(2, axis=0),
}


@pytest.mark.parametrize("name", MADE)
def test_what_is_computed_may_be_written_into(name: str) -> None:
    before = K.copy()
    agree(written(MADE[name]), X)
    np.testing.assert_array_equal(K, before)


def out_of_repeat(x: Any) -> Any:
    return np.divide(2.0, x, out=np.repeat(7.0, x.shape), where=x < 1.0)


def a_view_of_outside(x: Any) -> Any:
    K.T[0] = x[:2]
    return x


def test_arrays_as_results() -> None:
    agree(out_of_repeat, X)
    assert "tracing does not see" in refusal(a_view_of_outside, X).message


# --- indices that join, lists in universal functions, shapes that are set ---------------------

JOINED: list[Callable[[Any], Any]] = [
    lambda x: np.r_[x[0], -x[1:3]],
    lambda x: np.r_[0:3, x, np.ones(2)],
    lambda x: np.r_[-1:1:3j, x],
    lambda x: np.r_[[x[0], x[1]], 0.5],
    lambda x: np.r_["0,2", x, x * 2.0],
    lambda x: np.r_["1,3,0", x, x],
    lambda x: np.r_["0,3,1", x[0], x[1]],
    lambda x: np.c_[x, x * 2.0],
    lambda x: np.c_[x[1], -x[0]].T,
    lambda x: np.c_[K.T, x],
    lambda x: np.abs([x[0], -x[1]]),
    lambda x: np.hypot([x[0], 1.0], (x[1], x[2])),
    lambda x: np.add([[x[0], x[1]], [1, 2]], x[2]),
    lambda x: x[0] * np.isfinite([x[0], x[1]]),
]


@pytest.mark.parametrize("number", range(len(JOINED)))
def test_lists_and_indices(number: int) -> None:
    agree(JOINED[number], X)


def shaped(x: Any) -> Any:
    y = np.repeat(x, 2)
    y.shape = (2, -1)
    y[0] *= x[1]
    part = y[1]
    part.shape = (3, 1)
    part[0, 0] = x[2]
    return y


def shaped_in_another_order(x: Any) -> Any:
    y = np.outer(x, x[:2]).T
    y.shape = (6,)
    return y


def shaped_argument(x: Any) -> Any:
    x.shape = (3, 1)
    return x.sum()


def test_a_shape_that_is_set() -> None:
    agree(shaped, X)
    assert "shape of its argument 'x'" in refusal(shaped_argument, X).message
    with pytest.raises(AttributeError, match="Incompatible shape"):
        sd.jacobian(shaped_in_another_order)(X)


# --- numbers of Python's ----------------------------------------------------------------------


def bits(x: Any) -> Any:
    n = int(x)
    masked = (n & 3) + 7 * (n & 4) + (1 & n) + (n & 0b1101100) + 3 * (n & 0)
    return x * (masked + 5 * (n >> 1) + (n << 2) + (n | 5) + (6 ^ n))


def sine_by_quarters(x: Any) -> Any:
    quarters, rest = divmod(x, math.pi / 2)
    quarter = int(quarters) & 3
    value = math.cos(rest) if quarter & 1 else math.sin(rest)
    return -value if quarter & 2 else value


def remainders(x: Any) -> Any:
    return math.remainder(x, 2.0) * math.modf(x)[0] + math.modf(3.0 * x)[1] * x


def as_a_scalar(x: Any) -> Any:
    return (np.float64(x) + 1.0).astype(float) * x + np.float64(x).sum()


@pytest.mark.parametrize("function", [bits, sine_by_quarters, remainders, as_a_scalar])
@pytest.mark.parametrize("x", [7.3, -7.3, 0.4, -2.4, 6.1, 123.4])
def test_numbers(function: Callable[[Any], Any], x: float) -> None:
    value, slope = sd.value_and_grad(function)(x)
    assert value == pytest.approx(function(x), rel=1e-14)
    h = 1e-6
    assert slope == pytest.approx((function(x + h) - function(x - h)) / (2 * h), rel=1e-5)


@pytest.mark.parametrize(
    ("x", "y"), [(3.0, 2.0), (5.0, 2.0), (-5.0, -2.0), (1e17, 3.3), (7.0, 1e300), (2.5, 0.3)]
)
def test_the_remainder_is_exact(x: float, y: float) -> None:
    value = sd.value_and_grad(lambda a: math.remainder(a, y))(x)[0]
    assert value == math.remainder(x, y)


# --- installed libraries ----------------------------------------------------------------------

LIBRARY = """
import numpy as np

K = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
TABLE = {"levels": np.array([1.0, 4.0, 9.0, 2.0])}

class Model:
    def __call__(self, x):
        return x * 2.0 if x[0] > 0.1 else x

model = Model()

def by_method(x):
    return K[:1].dot(x) + K.dot(x)

def by_place(x):
    places = np.searchsorted([0.2, 0.5, 0.9], x)
    return TABLE["levels"][places] * x

def by_two_places(x):
    return K[int(x[1] * 2), 1] * x

def filled(x):
    found = K.copy()
    found[0] = x
    return found

def flattened(x):
    found = K.flatten()
    found[:3] = x
    return found

def called(x):
    return model(x)
"""


def test_a_library_that_is_installed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own arrays, none of which the user's function holds."""
    package = tmp_path / "site-packages"
    package.mkdir()
    (package / "library_of_tables.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(package))
    import library_of_tables as library

    for name in "by_method by_place by_two_places filled flattened called".split():
        agree(getattr(library, name), X)


LOADED = """
import os
import time
import numpy as np

TABLE = np.array([1.0, 2.0, 3.0])
EYE = 2.0 * np.eye(3)
FOLDER, TIME = os.listdir("."), time.time()

def scaled(x):
    return EYE.dot(TABLE * x)
"""


def test_a_library_that_is_loaded_meanwhile(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it computes then is its own, not the function's."""
    package = tmp_path / "site-packages" / "loaded_meanwhile" / "numpy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(LOADED)
    monkeypatch.syspath_prepend(str(tmp_path / "site-packages"))

    def function(x: Any) -> Any:
        from loaded_meanwhile import numpy as library

        return library.scaled(x)

    found = sd.jacobian(function)(X)
    np.testing.assert_array_equal(found, np.diag([2.0, 4.0, 6.0]))
    from loaded_meanwhile import numpy as library

    assert type(library.TABLE) is type(library.EYE) is np.ndarray
    agree(function, X)


def test_universal_functions_of_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    agree(lambda x: special.erf(x) * special.expit([x[0], 1.0, x[2]]), X)


# --- texts that are made before it is known whether an error says them ----------------------------


def made_before(x: Any) -> Any:
    message = f"x is {x:.3f}, and that is bad"
    if x < 0:
        raise ValueError(message)
    return x * x


def made_of_parts(x: Any) -> Any:
    if x < 0 or x > 10:
        kind = "negative" if x < 0 else f"as large as {x}"
        text = f"x is {kind}" + "."
        text += f" (limit {10:d})"
        raise ValueError(text)
    return x**3


def attested(x: Any) -> Any:
    def attest(holds: Any, message: str) -> None:
        if not holds:
            raise AssertionError(message)

    attest(x > 0, f'"{x}" is not positive')
    attest(np.ndim(x) == 0, f'"{x}" is no number')
    return x**0.5


def chosen_text(x: Any) -> Any:
    side = "low" if x < 0 else "high"
    if abs(x) >= 5:
        raise AssertionError(side)
    return x * 3.0


def finite(x: Any, *, skip: bool = False) -> None:
    if skip:
        return
    if np.isfinite(x):
        return
    raise ValueError("not finite")


def validated(x: Any) -> Any:
    finite(x)
    return x * x


TEXTS = [made_before, made_of_parts, attested, chosen_text, validated]


@pytest.mark.parametrize("function", TEXTS, ids=lambda function: function.__name__)
def test_messages(function: Callable[[Any], Any]) -> None:
    with without_ways():
        slope = sd.grad(function)
        h = 1e-6
        wanted = (function(2.0 + h) - function(2.0 - h)) / (2 * h)
        assert slope(2.0) == pytest.approx(wanted, rel=1e-6)
        for x in (-7.25, 11.5, math.inf):
            said = [outcome(call, x) for call in (function, slope)]
            assert said[0] == said[1]


def outcome(call: Callable[[float], Any], x: float) -> tuple[str, str]:
    """The class of what a call raises, and what that says."""
    try:
        call(x)
    except (ValueError, AssertionError) as error:
        return type(error).__name__, str(error)
    return "", ""


def as_a_key(x: Any) -> Any:
    return {f"{x}": 1.0}.get("a", x)


def as_a_number(x: Any) -> Any:
    return float(f"{x:.3g}") * x


def printed(x: Any) -> Any:
    print(f"{x}")
    return x


def in_a_longer_one(x: Any) -> Any:
    return x * len(", ".join([f"{x}"]))


def compared(x: Any) -> Any:
    side = "low" if x < 0 else "high"
    return x if side == "low" else 2.0 * x


@pytest.mark.parametrize("function", [as_a_key, as_a_number, printed, in_a_longer_one, compared])
def test_texts_that_are_no_messages(function: Callable[[Any], Any]) -> None:
    assert refusal(function, 2.0).suggestion


# --- questions for memory -------------------------------------------------------------------------


def reciprocal(x: Any) -> Any:
    out = np.zeros_like(x)
    unknown = np.isnan(x.flat)
    known = ~unknown
    known[known] = known[known] & (x.flat[known] > 0)
    out.flat[known] = 1.0 / x.flat[known]
    out.flat[unknown] = np.nan
    return out


def twice(x: Any) -> Any:
    m = np.outer(x, x)
    there = (m != 0).ravel()
    found = np.full_like(m, 0.0)
    found.flat[there] = m.flat[there] * 2.0
    return found


def sharing(x: Any) -> Any:
    y = x * 2.0
    first, last, other = y[:2], y[2:], y.copy()
    assert np.shares_memory(y, first)
    assert not np.shares_memory(first, last)
    assert not np.may_share_memory(other, y)
    return y if y.flags.writeable and not np.outer(y, y).T.flags.c_contiguous else x


@pytest.mark.parametrize("function", [reciprocal, twice, sharing])
def test_memory(function: Callable[[Any], Any]) -> None:
    agree(function, np.array([0.31, 0.7, -1.1]))


def formatted(x: Any) -> Any:
    if x < 0:
        raise ValueError("x is {}, not {:.2f} at {!r} {{}}".format(x, x * 2, "k"))
    if x > 10:
        raise ValueError("x is %s, 100%% %r" % (x, "k"))  # noqa: UP031  the operator is tried
    return x * x


def formatted_as_python_has_it(x: Any) -> Any:
    parts = ["{1}{0}".format(1, 2), "%5.1f|" % 2.0, "%s %d" % ("a", 3)]  # noqa: UP030, UP031, UP032
    if x < 0:
        raise ValueError("{}-{}-{}".format(*parts) + "%(k)s" % {"k": 1} + "%s" % (parts,))  # noqa: UP031
    return x * len(parts[1])


def formatted_by_name(x: Any) -> Any:
    wanted = "x is {0:.3f}, {name!r} {1}"
    if x < 0:
        raise ValueError(wanted.format(x, 3, name=x * 2))
    if x > 10:
        raise ValueError("%(x)s %(k)3s|100%%" % {"x": x, "k": "k"})  # noqa: UP031
    return x * x


def formatted_numbers(x: Any) -> Any:
    wanted = "%g|%6.2f|%+.1e"
    if x < 0:
        raise ValueError(wanted % (x, x * 2, -x) + "%5s|%-5s|% d" % ("a", "b", 3))  # noqa: UP031
    if x > 10:
        raise ValueError("%08.3f" % x)  # noqa: UP031
    return x * x


def joined_texts(x: Any) -> Any:
    if x < 0:
        raise ValueError(", ".join(["x", str(x), f"{x:.2f}"]))
    return x * len("-".join("abc"))


@pytest.mark.parametrize(
    "function",
    [formatted, formatted_as_python_has_it, formatted_by_name, formatted_numbers, joined_texts],
)
def test_formats(function: Callable[[Any], Any]) -> None:
    test_messages(function)
