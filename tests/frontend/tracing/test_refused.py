"""What cannot be traced is refused, with the place and with what to write instead."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import random as draw
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.random import default_rng, rand

import symdiff as sd
from tests.frontend.tracing.checks import A, X, Y, refusal

GENERATOR = np.random.default_rng(1)
OLD_GENERATOR = np.random.RandomState(1)
PYTHON_GENERATOR = random.Random(1)
COUNTER = {"calls": 0}
HISTORY: list[Any] = []
LATEST = {"loss": 0.0}
calls = 0


class Row(NamedTuple):
    """A function, a word of the message, and the source text under the caret."""

    function: Callable[..., Any]
    word: str
    text: str


rows: list[Row] = []


def row(word: str, text: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        rows.append(Row(function, word, text))
        return function

    return enter


# --- values that are not known --------------------------------------------------------------------


@row("known")
def a_range(x: Any) -> Any:
    return len([x[0] for _ in range(x.argmax())])


@row("known")
def a_length(x: Any) -> Any:
    return np.zeros(x.argmax()).sum() + x.sum()


@row("np.where")
def membership_of_an_array(x: Any) -> Any:
    return x.sum() * (1.0 in x)


@row("mask")
def a_vector_at_a_mask(x: Any) -> Any:
    y = x.copy()
    y[y > 0] = x[:2]
    return y.sum()


@row("argwhere")
def places_as_rows(x: Any) -> Any:
    return x[np.argwhere(x > 0)].sum()


@row("unique")
def different_ones(x: Any) -> Any:
    return np.unique(x).sum()


@row("known")
def a_slice(x: Any) -> Any:
    return x[: x.argmax() : 2].sum()


@row("text", "x[0]:.2f")
def a_format(x: Any) -> Any:
    print(f"{x[0]:.2f}")
    return x.sum()


@row("format")
def a_format_by_method(x: Any) -> Any:
    return x.sum() * len("{:.3e}".format(x[0]))  # noqa: UP032  the method is tried


@row("text")
def a_percent_format(x: Any) -> Any:
    return x.sum() * len("%.3f" % x[0])  # noqa: UP031  the operator is tried


@row("math.factorial")
def math_takes_no_array(x: Any) -> Any:
    return math.factorial(x[0]) * x.sum()


@row("math.sin takes a number")
def math_of_an_array(x: Any) -> Any:
    return math.sin(x)


# --- not supported -------------------------------------------------------------------------------


@row("result is complex")
def complex_result(x: Any) -> Any:
    return np.sum(1j * x)


@row("complex", "z.astype(float)")
def complex_as_float(x: Any) -> Any:
    z = 1j * x
    return z.astype(float).sum()


@row("dtype=complex", "a[0]")
def complex_into_floats(x: Any) -> Any:
    a = np.zeros(3)
    a[0] = 1j * x[0]
    return a.sum()


@row("dtype=complex", "a += 1j * x")
def complex_into_floats_in_place(x: Any) -> Any:
    a = np.zeros(3)
    a += 1j * x
    return a.sum()


@row("'sort' of complex numbers", "np.sort(1j * x)")
def complex_order(x: Any) -> Any:
    return np.abs(np.sort(1j * x)).sum()


@row("'floor' of complex numbers", "np.floor(1j * x)")
def complex_floor(x: Any) -> Any:
    return np.abs(np.floor(1j * x)).sum()


@row("'eigh' of complex numbers", "np.linalg.eigh(1j * np.outer(x, x))")
def hermitian_eigenvalues(x: Any) -> Any:
    return np.linalg.eigh(1j * np.outer(x, x))[0].sum()


@row("'less' of complex numbers", "1j * x < 1.0")
def complex_comparison(x: Any) -> Any:
    return np.where(1j * x < 1.0, x, 0.0).sum()


@row("np.imag(z)", "np.maximum(1j * x, 0.0)")
def complex_maximum(x: Any) -> Any:
    return np.abs(np.maximum(1j * x, 0.0)).sum()


@row("rfft takes real numbers", "np.fft.rfft(1j * x)")
def halved_complex(x: Any) -> Any:
    return np.abs(np.fft.rfft(1j * x)).sum()


@row("length 0", "np.fft.fft(x, 0)")
def fourier_of_nothing(x: Any) -> Any:
    return np.abs(np.fft.fft(x, 0)).sum()


@row("length -1", "np.fft.rfft(x, -1)")
def fourier_of_less_than_nothing(x: Any) -> Any:
    return np.abs(np.fft.rfft(x, -1)).sum()


@row("2.5 is no length", "np.fft.fft(x, 2.5)")
def fourier_of_a_part(x: Any) -> Any:
    return np.abs(np.fft.fft(x, 2.5)).sum()


@row("'two' is no length", 'np.fft.fft(x, "two")')
def fourier_of_a_word(x: Any) -> Any:
    return np.abs(np.fft.fft(x, "two")).sum()


@row("max of complex numbers", "np.max(1j * x)")
def largest_of_complex(x: Any) -> Any:
    return np.max(1j * x).imag


@row("length 0", "np.fft.fft(x[:0])")
def fourier_of_an_empty_array(x: Any) -> Any:
    return np.abs(np.fft.fft(x[:0])).sum()


@row("length 0", "np.fft.irfft(x[:1])")
def inverse_of_one_frequency(x: Any) -> Any:
    return np.fft.irfft(x[:1]).sum()


@row("norm='unit'", 'np.fft.fft(x, norm="unit")')
def fourier_scaled_otherwise(x: Any) -> Any:
    return np.abs(np.fft.fft(x, norm="unit")).sum()


@row("linalg.tensorsolve")
def solution_of_tensors(x: Any) -> Any:
    return np.linalg.tensorsolve(np.outer(x, x) + np.eye(len(x)), x).sum()


@row("makes a matrix")
def glued(x: Any) -> Any:
    return np.r_["c", x, x].sum()


@row("object")
def objects(x: Any) -> Any:
    return np.array([x[0], x[1]], dtype=object).sum()


@row("unequal lengths")
def ragged(x: Any) -> Any:
    return np.array([[x[0], 1.0], [x[1]]]).sum()


@row("holds no real numbers")
def strings(x: Any) -> Any:
    return np.sum(x + np.array(["a", "b", "c"]).astype(str))


@row("numpy.nditer is not supported", "np.nditer(x)")
def iterated(x: Any) -> Any:
    return sum(element * element for element in np.nditer(x))


@row("numpy.polyfit is not supported: lstsq with rcond")
def fitted(x: Any) -> Any:
    return np.polyfit(np.arange(3.0), x, 1, rcond=0.1).sum()


# --- what differs from run to run -----------------------------------------------------------------


@row("random", "np.random.rand(3)")
def numpy_draw(x: Any) -> Any:
    return np.sum(x * np.random.rand(3))  # noqa: NPY002  what is tried


@row("random", "rand(3)")
def imported_draw(x: Any) -> Any:
    return np.sum(x * rand(3))  # noqa: NPY002  what is tried


@row("each time")
def captured_generator(x: Any) -> Any:
    return np.sum(x * GENERATOR.normal(size=3))


@row("each time")
def many_draws(x: Any) -> Any:
    return np.sum(x[0] * GENERATOR.normal(size=3000))


@row("each time")
def old_generator(x: Any) -> Any:
    return np.sum(x * OLD_GENERATOR.rand(3))


@row("random")
def fresh_generator(x: Any) -> Any:
    return np.sum(x * np.random.default_rng().normal(size=3))


@row("random")
def fresh_generator_by_name(x: Any) -> Any:
    return np.sum(x * default_rng(3).normal(size=3))


@row("each time")
def fresh_generator_of_a_class(x: Any) -> Any:
    return np.sum(x * np.random.Generator(np.random.PCG64()).normal(size=3))


@row("random", "random.random()")
def python_draw(x: Any) -> Any:
    return np.sum(x * random.random())


@row("random", "draw()")
def python_draw_by_name(x: Any) -> Any:
    return np.sum(x * draw())


@row("each time")
def python_generator(x: Any) -> Any:
    return np.sum(x * PYTHON_GENERATOR.random())


@row("shuffle")
def shuffled(x: Any) -> Any:
    order = np.arange(3)
    np.random.shuffle(order)  # noqa: NPY002  what is tried
    return (x[order] * Y).sum()


@row("time", "time.time()")
def a_clock(x: Any) -> Any:
    return np.sum(x * time.time())


@row("time")
def another_clock(x: Any) -> Any:
    return np.sum(x * time.perf_counter())


@row("each time")
def a_date(x: Any) -> Any:
    return np.sum(x * datetime.now().microsecond)


@row("each time")
def a_counter(x: Any) -> Any:
    global calls
    calls += 1
    return np.sum(x * calls)


@row("each time")
def a_counter_in_a_dict(x: Any) -> Any:
    COUNTER["calls"] += 1
    return np.sum(x) * COUNTER["calls"]


# --- results -------------------------------------------------------------------------------------


@row("returns nothing")
def nothing(x: Any) -> None:
    np.sum(x)


@row("jacobian")
def an_array(x: Any) -> Any:
    return x * 2


@row("vjp")
def several(x: Any) -> Any:
    return x.sum(), x.prod()


@row("constant")
def a_constant(x: Any) -> Any:
    return 3.0


@row("constant")
def a_constant_array(x: Any) -> Any:
    return A.sum()


@row("str")
def text(x: Any) -> Any:
    return "abc"


@row("set")
def a_set(x: Any) -> Any:
    return {1.0}


@row("calls itself")
def endless(x: Any) -> Any:
    return endless(x * 2)


# --- values that are kept -------------------------------------------------------------------------


@row("HISTORY")
def a_global_list(x: Any) -> Any:
    HISTORY.append(x.sum())
    return x.sum()


@row("LATEST")
def a_global_dict(x: Any) -> Any:
    LATEST["loss"] = x.sum()
    return x.sum()


@row("latest")
def a_global_name(x: Any) -> Any:
    global latest
    latest = x.sum()
    return x.sum()


latest: Any = None

# --- swallowed errors ----------------------------------------------------------------------------


@row("float")
def swallowed(x: Any) -> Any:
    try:
        return float(x[0]) * x.sum()
    except Exception:
        return x.sum()


# --- what is out of sight, by name ----------------------------------------------------------------


@row("scipy.stats.gausshyper.cdf is not supported", "gausshyper.cdf(x, 2.0, 3.0, 1.5, 2.5)")
def a_distribution(x: Any) -> Any:
    stats = pytest.importorskip("scipy.stats")
    gausshyper = stats.gausshyper
    return gausshyper.cdf(x, 2.0, 3.0, 1.5, 2.5).sum()


@row("scipy.linalg.hessenberg is not supported")
def a_decomposition(x: Any) -> Any:
    linalg = pytest.importorskip("scipy.linalg")
    return linalg.hessenberg(A @ A.T * x[0]).sum()


@row("scipy.integrate.tplquad is not supported")
def an_integral(x: Any) -> Any:
    integrate = pytest.importorskip("scipy.integrate")
    return integrate.tplquad(lambda r, s, t: s * t * x[0], 0, 1, 0, 1, 0, 1)[0]


@row("lru_cache")
def a_key(x: Any) -> Any:
    return {x[0]: 1.0}.get(x[1], 2.0) * x.sum()


@row("text", "str(x[0])")
def a_text(x: Any) -> Any:
    return x.sum() * len(str(x[0]))


@row("text")
def a_percent_text(x: Any) -> Any:
    return x.sum() * len("%s" % x[0])  # noqa: UP031  the operator is tried


@row("write x//2**k")
def shifted(x: Any) -> Any:
    return np.sum(np.argmax(x) >> 1) * x.sum()


# where hypothesis has raised Python's limit, a function that calls itself is warned of first
DEEP = pytest.mark.filterwarnings("ignore:an expression is traced for")


@DEEP
@pytest.mark.parametrize("case", rows, ids=lambda case: case.function.__name__)
def test_is_refused(case: Row) -> None:
    error = refusal(case.function, X)
    assert case.word in str(error)
    if case.word in ("returns nothing", "jacobian", "vjp", "constant", "str",
                     "nothing", "set", "calls itself", "HISTORY", "LATEST", "latest"):  # fmt: skip
        return
    lines = str(error).splitlines()
    assert "test_refused.py, line " in lines[1]
    assert "^" in lines[2]
    assert error.suggestion or "not supported" in error.message or isinstance(error, sd.ShapeError)
    if case.text:
        assert error.text is not None
        assert error.span is not None
        assert case.text in error.text[error.span.start : error.span.end]


MASKED = np.ma.masked_array([1.0, 2.0, 4.0], [0, 1, 0])
MATRIX = np.array([[1.0, 2.0], [3.0, 4.0]]).view(np.matrix)


@pytest.mark.parametrize(
    ("function", "argument", "word"),
    [
        (np.mean, MASKED, "'a' is a masked array"),
        (lambda p: np.mean(p["a"]), {"a": MASKED}, "is a masked array"),
        (lambda x: np.sum(x * x), MATRIX, "'x' is an np.matrix"),
        (lambda x: np.sum(x * MASKED), X, "this takes a masked array"),
        (lambda x: np.sum(np.dot(x, MASKED)), X, "this takes a masked array"),
        (lambda x: np.sum(x * MATRIX), np.ones((2, 2)), "this takes an np.matrix"),
    ],
)
def test_arrays_with_rules_of_their_own(
    function: Callable[..., Any], argument: Any, word: str
) -> None:
    """NumPy leaves out what is masked, and `*` of matrices is their product."""
    error = refusal(function, argument)
    assert word in error.message
    assert error.suggestion
    assert (error.span is not None) == ("this takes" in word)


def test_a_masked_array_after_a_plain_one() -> None:
    mean = sd.grad(np.mean)
    mean(np.ones(3))
    with pytest.raises(sd.UnsupportedError, match="masked"):
        mean(MASKED)


@DEEP
def test_messages_name_no_class_of_ours() -> None:
    for case in rows:
        text = str(refusal(case.function, X))
        assert not {"Traced", "Scalar", "PythonNumber", "Handle", "Length"} & set(text.split())


def test_equal_code_stands_in_two_files(tmp_path: Path) -> None:
    """Python takes code for equal whatever its file."""
    for name in ("first", "second"):
        path = tmp_path / f"{name}.py"
        path.write_text(f"# {name}\ndef f(x):\n    return str(x) * x\n")
        space: dict[str, Any] = {}
        exec(compile(path.read_text(), str(path), "exec"), space)
        assert f"{name}.py, line 3" in str(refusal(space["f"], X))


def test_its_own_error_is_its_own() -> None:
    def raises(x: Any) -> Any:
        table = {"a": 1.0}
        return x.sum() * table["b"]

    with pytest.raises(KeyError, match="b") as caught:
        sd.grad(raises)(X)
    assert caught.traceback[-1].name == "raises"

    def wrong_shapes(x: Any) -> Any:
        return (np.zeros(3) + np.ones(4)).sum() * x.sum()

    with pytest.raises(ValueError, match="broadcast"):
        sd.grad(wrong_shapes)(X)

    def wrong_types(x: Any) -> Any:
        return np.mean(["a", "b"]) * x.sum()

    with pytest.raises(TypeError) as plain:
        wrong_types(X)
    with pytest.raises(type(plain.value)):
        sd.grad(wrong_types)(X)


def test_shapes_that_do_not_fit_name_the_line() -> None:
    def wrong(x: Any) -> Any:
        return np.sum(x[:2] + x)

    error = refusal(wrong, X)
    assert isinstance(error, sd.ShapeError)
    assert "x[:2] + x" in str(error)


def test_a_caught_error_of_its_own_is_fine() -> None:
    def careful(x: Any) -> Any:
        try:
            value = {}["a"]
        except KeyError:
            value = 2.0
        if hasattr(x, "numpy") or getattr(x, "detach", None):
            value = 3.0
        return x.sum() * value

    assert sd.grad(careful)(X).tolist() == [2.0] * 3


def test_bad_arguments() -> None:
    def loss(x: Any, y: Any = 1.0) -> Any:
        return np.sum(x * y)

    grad = sd.grad(loss)
    for args, word in (
        ((X + 1j,), "complex"),
        ((1j,), "complex"),
        (("abc",), "text"),
        ((np.array(["a"]),), "array of"),
        ((np.array([1.0, None]),), "object"),
        (([[1.0, 2.0], [3.0]],), None),
        ((), "missing"),
        ((X, Y, 3.0), "too many"),
        ((None,), "no number"),
        ((X.astype(np.float16),), "float16"),
    ):
        if word is None:
            continue
        with pytest.raises(sd.SymdiffError, match=word):
            grad(*args)
    with pytest.raises(sd.SymdiffError, match="z"):
        grad(X, z=3.0)
    with pytest.raises(sd.SymdiffError, match="'z'"):
        sd.grad(loss, wrt="z")(X)
    with pytest.raises(sd.SymdiffError, match="argument 5"):
        sd.grad(loss, wrt=5)(X)


def test_code_without_a_source_is_refused_with_its_line() -> None:
    space: dict[str, Any] = {}
    exec("def f(x):\n    return x if x > 0 else -x", space)
    error = refusal(space["f"], 1.0)
    assert "decision" in error.message
    assert error.line == 2
