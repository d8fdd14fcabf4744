"""Arrays in texts: values against NumPy, gradients against differences, mistakes' places."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import symdiff as sd
from symdiff.frontend.text.options import parse_shape
from symdiff.frontend.text.program import parse

GENERATOR = np.random.default_rng(0)
POINT = {
    "x": GENERATOR.uniform(0.3, 2.0, 4),
    "y": GENERATOR.uniform(0.3, 2.0, 4),
    "A": GENERATOR.normal(size=(4, 4)) + 4.0 * np.eye(4),
    "B": GENERATOR.normal(size=(3, 4)),
    "s": np.float64(0.7),
    "k": np.array([2, 0, 2]),
}
DECLARED = "x: [4]; y: [4]; A: [4, 4]; B: [3, 4]; s: float; k: int [3]; "

FORMULAS = {
    "mean((B @ x - s)**2)": lambda x, y, A, B, s, k: np.mean((B @ x - s) ** 2),
    "sum(x*y)/4": lambda x, y, A, B, s, k: np.sum(x * y) / 4,
    "x @ A @ y": lambda x, y, A, B, s, k: x @ A @ y,
    "sum(A.T*A)": lambda x, y, A, B, s, k: np.sum(A.T * A),
    "x[0]*x[-1] + A[1, 2]": lambda x, y, A, B, s, k: x[0] * x[-1] + A[1, 2],
    "sum((x[1:] - x[:-1])**2)": lambda x, y, A, B, s, k: np.sum((x[1:] - x[:-1]) ** 2),
    "sum(x[::-1]*y[:, None])": lambda x, y, A, B, s, k: np.sum(x[::-1] * y[:, None]),
    "sum(x[k])": lambda x, y, A, B, s, k: np.sum(x[k]),
    "sum(B, axis=1) @ [1, 2, 3]": lambda x, y, A, B, s, k: np.sum(B, axis=1) @ [1.0, 2.0, 3.0],
    "sum(x - max(x))": lambda x, y, A, B, s, k: np.sum(x - np.max(x)),
    "max(s, x[0])": lambda x, y, A, B, s, k: np.maximum(s, x[0]),
    "norm(x)*norm(A)": lambda x, y, A, B, s, k: np.linalg.norm(x) * np.linalg.norm(A),
    "linalg.solve(A, x) @ y": lambda x, y, A, B, s, k: np.linalg.solve(A, x) @ y,
    "log(det(A))": lambda x, y, A, B, s, k: np.log(np.linalg.det(A)),
    'einsum("ij,j->", B, x)': lambda x, y, A, B, s, k: np.einsum("ij,j->", B, x),
    "sum(x if x > s else y)": lambda x, y, A, B, s, k: np.sum(np.where(x > s, x, y)),
    "sum(reshape(A, (2, 8))*s)": lambda x, y, A, B, s, k: np.sum(A.reshape(2, 8) * s),
    "prod(concatenate((x, y)))": lambda x, y, A, B, s, k: np.prod(np.concatenate((x, y))),
    "logsumexp(x)": lambda x, y, A, B, s, k: np.log(np.sum(np.exp(x))),
    "std(x, ddof=1)": lambda x, y, A, B, s, k: np.std(x, ddof=1),
    "sum(cumsum(x)*sort(y))": lambda x, y, A, B, s, k: np.sum(np.cumsum(x) * np.sort(y)),
    "z = tanh(x); z @ z": lambda x, y, A, B, s, k: np.tanh(x) @ np.tanh(x),
    "sum(exp(-x)*sin(y)**2)/(1 + s**2)": lambda x, y, A, B, s, k: (
        np.sum(np.exp(-x) * np.sin(y) ** 2) / (1 + s**2)
    ),
    "sum(A[::2, 1:]**2)": lambda x, y, A, B, s, k: np.sum(A[::2, 1:] ** 2),
    "sum(A[..., 0]*x)": lambda x, y, A, B, s, k: np.sum(A[..., 0] * x),
    "sum(A[[0, 2], 1:3])": lambda x, y, A, B, s, k: np.sum(A[[0, 2], 1:3]),
    "sum(A[k]*x)": lambda x, y, A, B, s, k: np.sum(A[k] * x),
    "sum(B**2, axis=(0, 1))": lambda x, y, A, B, s, k: np.sum(B**2, axis=(0, 1)),
    "sum((A - mean(A, axis=0, keepdims=True))**2)": lambda x, y, A, B, s, k: np.sum(
        (A - np.mean(A, axis=0, keepdims=True)) ** 2
    ),
    'norm(A, "fro") + norm(x, 1)': lambda x, y, A, B, s, k: (
        np.linalg.norm(A, "fro") + np.linalg.norm(x, 1)
    ),
    "trace(inv(A)) + slogdet(A)[1]": lambda x, y, A, B, s, k: (
        np.trace(np.linalg.inv(A)) + np.linalg.slogdet(A)[1]
    ),
    "sum(eigh(A + A.T)[0]**2)": lambda x, y, A, B, s, k: np.sum(np.linalg.eigh(A + A.T)[0] ** 2),
    "sum(outer(x, y)*A)": lambda x, y, A, B, s, k: np.sum(np.outer(x, y) * A),
    "sum([x[0], s, 2*y[1]])": lambda x, y, A, B, s, k: x[0] + s + 2 * y[1],
    "x @ [[1, 2], [3, 4], [5, 6], [7, 8]] @ [s, 1]": lambda x, y, A, B, s, k: (
        x @ np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]) @ np.array([s, 1.0])
    ),
    "sum(max(x, 1) + min(x, y, s))": lambda x, y, A, B, s, k: np.sum(
        np.maximum(x, 1) + np.minimum(np.minimum(x, y), s)
    ),
    "sum(x*(0.5 < x < 1.5))": lambda x, y, A, B, s, k: np.sum(x * ((x > 0.5) & (x < 1.5))),
    "sum(x if x > s and not y > 1 else 2*y)": lambda x, y, A, B, s, k: np.sum(
        np.where((x > s) & ~(y > 1), x, 2 * y)
    ),
    "sum(softplus(x) + sec(y/2) + log(x, 3))": lambda x, y, A, B, s, k: np.sum(
        np.log1p(np.exp(x)) + 1 / np.cos(y / 2) + np.log(x) / np.log(3.0)
    ),
    "sum(roll(x, 1)*flip(y))": lambda x, y, A, B, s, k: np.sum(np.roll(x, 1) * np.flip(y)),
    "sum(stack([x, y], axis=-1)**2) + len(x)*s": lambda x, y, A, B, s, k: (
        np.sum(np.stack([x, y], axis=-1) ** 2) + 4 * s
    ),
    "sum(x^2)/shape(B)[1]": lambda x, y, A, B, s, k: np.sum(x**2) / 4,
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_values_and_gradients(formula: str) -> None:
    by_hand = FORMULAS[formula]
    made = sd.function(DECLARED + formula).value_and_grad()
    value, gradient = made(*[POINT[name] for name in made.inputs])
    assert value == pytest.approx(by_hand(**POINT), rel=1e-12)
    for name, slope in zip(made.wrt, gradient, strict=True):
        direction = GENERATOR.normal(size=np.shape(POINT[name]))
        ends = [by_hand(**(POINT | {name: POINT[name] + h * direction})) for h in (1e-6, -1e-6)]
        assert np.shape(slope) == np.shape(POINT[name])
        difference = (ends[0] - ends[1]) / 2e-6
        assert np.sum(slope * direction) == pytest.approx(difference, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("length", [1, 2, 7])
def test_one_module_serves_every_length(length: int) -> None:
    module = sd.function("X: [N, 3]; w: [3]; y: [N]; mean((X @ w - y)**2)").grad("w").load()
    X, w, y = GENERATOR.normal(size=(length, 3)), GENERATOR.normal(size=3), np.ones(length)
    assert module.grad(X, w, y) == pytest.approx(2.0 / length * X.T @ (X @ w - y), rel=1e-12)


def test_shapes_beside_the_text_are_declarations() -> None:
    beside = sd.function("mean((X @ w)**2)", shapes={"X": ("N", 3), "w": (3,)}).grad()
    within = sd.function("X: [N, 3]; w: [3]; mean((X @ w)**2)").grad()
    X, w = GENERATOR.normal(size=(5, 3)), GENERATOR.normal(size=3)
    assert beside.shapes == within.shapes == {"X": ("N", 3), "w": (3,)}
    for one, other in zip(beside(X, w), within(X, w), strict=True):
        assert one == pytest.approx(other, rel=1e-15)


def test_the_name_of_a_dimension_is_its_length() -> None:
    made = sd.function("X: [N, M]; sum(X)/N + M*sum(X[:N-1])/(N - 1) + X[N-1, 0]")
    X = GENERATOR.normal(size=(5, 3))
    expected = X.sum() / 5 + 3 * X[:4].sum() / 4 + X[4, 0]
    assert made(X) == pytest.approx(expected, rel=1e-13)
    assert made.inputs == ("X",)
    assert made.shapes == {"X": ("N", "M")}


def test_kinds_of_elements() -> None:
    made = sd.function("m: bool [N]; x: [N]; n: int; sum(x if m else 0)*x[n]").value_and_grad()
    value, slope = made(np.array([True, False, True]), np.array([2.0, 3.0, 5.0]), 1)
    assert made.wrt == ("x",)
    assert value == 21.0
    assert slope == pytest.approx([3.0, 7.0, 3.0])


def test_several_outputs_of_several_shapes() -> None:
    made = sd.function("x: [3]\nA: [2, 3]\nv = A @ x\nreturn v, sum(v), A.T")
    x, A = np.arange(3.0), np.arange(6.0).reshape(2, 3)
    v, total, turned = made(x, A)
    assert made.outputs == ("v", "f2", "f3")
    assert v == pytest.approx(A @ x)
    assert total == pytest.approx(np.sum(A @ x))
    assert np.array_equal(turned, A.T)


def test_a_number_is_its_own_reduction() -> None:
    assert sd.function("sum(x) + max(x) + mean(x)")(2.0) == 6.0
    assert sd.function("max(x, y)")(2.0, 3.0) == 3.0


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("X: [N, 10]; w: [10]; y: [N]; mean((X @ w - y)**2)", None),
        ("mean((X @ w - y)**2)", {"X": ("N", 10), "w": (10,), "y": ("N",)}),
    ],
)
def test_the_recipe_gives_the_same_module(text: str, shapes: dict[str, tuple[int | str]]) -> None:
    made = sd.function(text, shapes=shapes).grad("w")
    assert pickle.loads(pickle.dumps(made)).emit() == made.emit()


# --- shapes beside the text --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("X: N 10", ("X", ("N", 10))),
        ("X: N, 10", ("X", ("N", 10))),
        ("X:[N,10]", ("X", ("N", 10))),
        (" X : (N, 10) ", ("X", ("N", 10))),
        ("w: 10", ("w", (10,))),
        ("s:", ("s", ())),
        ("s: []", ("s", ())),
    ],
)
def test_option(option: str, expected: tuple[str, tuple[int | str, ...]]) -> None:
    assert parse_shape(option) == expected


@pytest.mark.parametrize(
    ("option", "message", "place"),
    [
        ("X N 10", "a shape needs a colon after the name of the input", "1:1-7"),
        (": 3", "the name of the input is missing", "1:1-2"),
        ("2x: 3", "'2x' cannot be the name of an input", "1:1-3"),
        ("X: N 2.5", "'2.5' is no length of an axis", "1:6-9"),
        ("X: -3", "'-3' is no length of an axis", "1:4-6"),
        ("X: N*2", "'N*2' is no length of an axis", "1:4-7"),
    ],
)
def test_mistakes_in_options(option: str, message: str, place: str) -> None:
    with pytest.raises(sd.ParseError) as caught:
        parse_shape(option)
    assert caught.value.message == message
    assert place_of(caught.value) == place


@pytest.mark.parametrize(
    ("shapes", "message", "suggestion"),
    [
        ({"xx": (3,)}, "a shape is given for 'xx', which is no input", "did you mean 'x'?"),
        ({"q": (3,)}, "a shape is given for 'q', which is no input", "the inputs are: x"),
        ({"x": (-1,)}, "the shape of 'x' holds -1, which is no length of an axis", "lengths are"),
        ({"x": ("x",)}, "'x' is the length of an axis and an input too", None),
    ],
)
def test_mistakes_in_shapes(
    shapes: dict[str, tuple[int | str]], message: str, suggestion: str | None
) -> None:
    with pytest.raises(sd.ShapeError) as caught:
        parse("sum(x)", shapes=shapes)
    assert caught.value.message == message
    assert suggestion is None or suggestion in str(caught.value.suggestion)


# --- mistakes: the text, the message, its place, part of the suggestion -------------------------

MISTAKES = [
    # shapes
    ("X: [3]; x: [4]; X + x", "the shapes (3,) and (4,) do not fit together", "1:19-20", None),
    ("x: [3]; y: [4]\n1 + x*2 - y", "the shapes (3,) and (4,) do not fit together", "2:9-10", None),
    ("X @ w", "'@' multiplies matrices and vectors, and 'X' is a number", "1:3-4", "X: [3]"),
    ("x: [3]; x @ 2", "'@' multiplies matrices and vectors, and '2' is a number", "1:11-12", "*"),
    ("x: [3]; reshape(x, (2, 2))", "(3,) cannot be reshaped to (2, 2)", "1:9-27", None),
    ("x: [3]; sum(x, axis=1)", "there is no axis 1: the array has 1 dimensions", "1:9-23", None),
    ("max(x, axis=1)", "there is no axis 1: the array has 0 dimensions", "1:1-15", "x: [3]"),
    # calls
    ("x: [3]; sum(x, axs=0)", "'sum' has no argument 'axs'", "1:16-19", "'axis='"),
    ("x: [3]; sum(x, axis=0, axis=1)", "the argument 'axis' stands twice", "1:24-28", None),
    ("x: [3]; sum(axis=0, x)", "an argument without a name follows one with a name", "1:21-22",
     "move it"),
    ("x: [3]; sum(x, axis=x)",
     "one of the arguments is computed, and must be known before the function runs", "1:9-23",
     None),
    ("x: [3]; solve(x)", "'solve' takes 2 arguments, not 1", "1:9-17", "solve(a, b)"),
    ("x: [3]; maximum(x)", "'maximum' takes 2 arguments, not 1", "1:9-19", "maximum(a, b"),
    ("x: [3]; zeros(3, dtype=float)", "a type of numbers is written as a string", "1:24-29",
     'dtype="float64"'),
    ("x: [3]; sumx(x)", "unknown function 'sumx'", "1:9-13", "'sum'"),
    ("x: [3]; sum x", "the brackets of 'sum' are missing", "1:9-14", "sum(x)"),
    ("x: [3]; unique(x)", "unique is not supported", "1:9-18", "its length depends"),
    ("x: [3]; sin((x, x))", "a number is wanted and '(x, x)' is a tuple", "1:13-19", None),
    # attributes
    ("x: [3]; x.sum()", "the method 'x.sum' is not part of the grammar", "1:9-14", "sum(x)"),
    ("x: [3]; x.dot(x)", "the method 'x.dot' is not part of the grammar", "1:9-14", "dot(x, ...)"),
    ("x: [3]; x.shape", "the attribute 'x.shape' is not part of the grammar", "1:9-16", "shape(x)"),
    ("x: [3]; np.linalg.norm(x)", "the attribute 'np.linalg.norm' is not part of the grammar",
     "1:9-23", "write norm"),
    # indices
    ("x[0]", "'x' is a number and has no elements", "1:2-5", "x: [3]"),
    ("x: [4]; x[4]", "index 4 is out of range for axis 0 with length 4", "1:10-13", None),
    ("x: [N]; x[N]", "index N is out of range for axis 0 with length N", "1:10-13", None),
    ("x: [4]; x[0, 0]", "2 indices are given, and the array has 1 dimensions", "1:10-16", None),
    ("x: [4]; x[y]", "'y' is no index: it is not of whole numbers", "1:11-12", "y: int"),
    ("x: [4]; x[0.5]", "'0.5' is no index: it is not of whole numbers", "1:11-14", None),
    ("x: [4]; x[1:2:3:4]", "a slice has at most two colons", "1:16-17", None),
    ("x: [4]; x[]", "nothing stands between the brackets", "1:10-12", None),
    ("x: [4]; x[1:", "'[' is never closed", "1:10-11", "write ]"),
    ("x: [4]; x[1)", "'[' is closed by ')'", "1:12-13", "write ]"),
    ("x: [4]; x[0] = 3", "'x' is an input and cannot be changed", "1:9-10", "copy(x)"),
    ("x: [4]; sin(x)[0] = 3",
     "only an element of an array that has a name can be given a value", "1:19-20", "a[0] = 1"),
    ("A: [3, 3]; slogdet(A)[2]",
     "this is a tuple of 2 parts, which whole numbers from 0 to 1 take", "1:22-25", None),
    ("A: [3, 3]; t = eigh(A); t", "a number is wanted and 'eigh(A)' is a tuple", "1:16-23", "[0]"),
    # lists, strings, None
    ("[[1, 2], [3]]", "the rows of the list have different lengths", "1:1-14", None),
    ("x: [3]; x + 'a'", "a string cannot stand in a formula", "1:13-16", None),
    ("x: [3]; norm(x, None + 1)", "a number is wanted and 'None' is None", "1:17-21", "nan"),
    ("x + ...", "'...' can stand only in an index", "1:5-8", "x[..., 0]"),
    # declarations
    ("X: [N", "'[' is never closed", "1:4-5", "write ]"),
    ("X: [N 10]; X", "a comma is missing before '10'", "1:7-9", "[N, 10]"),
    ("X: [2.5]; X", "the length of an axis is a whole number or a name", "1:5-8", "[N, 10]"),
    ("X: [3] float; X", "'float' cannot stand after a shape", "1:8-13", "end the declaration"),
    ("X: real; X", "a declaration gives a type, a shape or both", "1:4-8", "k: int [N]"),
    ("X: [N]; N: float; X", "'N' is the length of an axis and cannot be an input too", "1:9-10",
     "another name"),
    ("N: float; X: [N]; X", "'N' is an input already and cannot be the length of an axis",
     "1:15-16", "another name"),
    ("X: [N]; N = 3; X", "'N' is the length of an axis and cannot be assigned", "1:9-10",
     "another name"),
]  # fmt: skip


def place_of(error: sd.SymdiffError) -> str:
    assert error.span is not None
    assert error.column is not None
    return f"{error.line}:{error.column}-{error.column + error.span.end - error.span.start}"


@pytest.mark.parametrize(("text", "message", "place", "suggestion"), MISTAKES)
def test_mistakes_have_their_place(
    text: str, message: str, place: str, suggestion: str | None
) -> None:
    with pytest.raises(sd.SymdiffError) as caught:
        parse(text)
    assert caught.value.message == message
    assert place_of(caught.value) == place
    assert suggestion is None or suggestion in str(caught.value.suggestion)
    assert "^" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["[" * 100 + "1" + "]" * 100, "sum(" + "(" * 99 + "x" + ",)" * 99 + ")"]
)
def test_nesting_has_a_limit(text: str) -> None:
    with pytest.raises(sd.LimitError, match="more than 64 deep"):
        parse(text)


# --- lengths and numbers where arrays are expected -----------------------------------------------


@pytest.mark.parametrize(
    ("expression", "slope"),
    [
        ("sum([N, 1])*y[0]", 4.0),
        ("[N, N - 1, 2*N] @ [1, 1, 1]*y[0]", 11.0),
        ("mean([N])*y[0]", 3.0),
        ("sum([1/N, N/2, N % 2])*y[0]", 1 / 3 + 1.5 + 1.0),
        ("reshape(2.0*N, (1, 1))[0, 0]*y[0]", 6.0),
        ("sum(outer(N, [1, 2]))*y[0]", 9.0),
        ("det([[N, 1], [2, N]])*y[0]", 7.0),
        ("concatenate(([N], y))[0]*y[0]", 3.0),
        ("sum(log([N, 1]))*y[0]", np.log(3.0)),
        ("logsumexp(N)*y[0] + nanmin(N)*y[0] + norm(N)*y[0]", 9.0),
    ],
)
def test_a_length_is_an_element(expression: str, slope: float) -> None:
    gradient = sd.function(f"y: [N]; {expression}").grad()(np.array([1.0, 2.0, 4.0]))
    np.testing.assert_allclose(gradient, [slope, 0.0, 0.0], rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        *[(name, 2.5, 1.0) for name in (
            "sum", "prod", "mean", "max", "min", "amax", "amin", "median", "average", "logsumexp",
            "nansum", "nanprod", "nanmean", "nanmax", "nanmin", "norm",
        )],
        *[(name, 0.0, 0.0) for name in ("std", "var", "ptp", "nanstd", "nanvar")],
    ],
)  # fmt: skip
def test_a_reduction_of_a_number(name: str, value: float, slope: float) -> None:
    made = sd.function(f"{name}(x)")
    assert made(2.5) == value
    if name not in ("std", "nanstd"):  # a kink
        assert made.grad()(2.5) == slope


@pytest.mark.parametrize(
    "text",
    [
        "diff(x)",
        "x[1:]*x[:N-1]",
        "x[2:]**2",
        "concatenate((x, x**2))",
        "convolve(x, x)",
        "diff(x, 2)",
    ],
)
def test_cotangents_of_other_lengths(text: str) -> None:
    made = sd.function(f"x: [N]; {text}")
    rng = np.random.default_rng(0)
    for n in (4, 7):
        x, direction = rng.normal(size=n), rng.normal(size=n)
        bar = rng.normal(size=np.shape(made(x)))
        _, cotangent = made.vjp()(x, bar)
        change = (made(x + 1e-6 * direction) - made(x - 1e-6 * direction)) / 2e-6
        assert cotangent @ direction == pytest.approx(bar @ change, rel=1e-6, abs=1e-8)
        with pytest.raises(ValueError, match="f_bar: expected the shape"):
            made.vjp()(x, bar[:1])


@pytest.mark.parametrize("call", ["zeros(-1)", "ones((2, -3))", "eye(-2)", "sum(repeat(x, -1))"])
def test_negative_lengths_are_refused(call: str) -> None:
    with pytest.raises(sd.ShapeError, match="a length is not negative") as caught:
        sd.function(f"x: [3]; {call}")
    assert "^" in str(caught.value)


def test_squeeze_of_a_named_length_asks_for_the_axis() -> None:
    with pytest.raises(sd.SymdiffError, match="write axis=1"):
        sd.function("x: [N, 1]; squeeze(x)")
    assert sd.function("x: [N, 1]; squeeze(x, axis=1)")(np.ones((1, 1))).shape == (1,)
