r"""LaTeX with arrays and derivatives: values are NumPy's, SymPy's, and of what was printed."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symdiff as sd
from symdiff.errors import ParseError
from tests.test_commands import run

DRAW = np.random.default_rng(3)
POINT = {name: DRAW.uniform(0.5, 1.5, 4) for name in "xyuvwb"}
POINT |= {name: DRAW.uniform(0.5, 1.5, (4, 4)) + 3 * np.eye(4) for name in "AX"}
POINT |= {"W": DRAW.uniform(-1, 1, (2, 4)), "b_1": DRAW.uniform(0.5, 1.5, 2)}
POINT |= {name: float(DRAW.uniform(0.5, 1.5)) for name in "acdsθ"} | {"lambda": 0.3, "h": 0.2}
SHAPES = {name: tuple(map(int, np.shape(value))) for name, value in POINT.items()}


def of(text):
    """A formula in NumPy."""
    return eval(f"lambda {', '.join(POINT).replace('lambda', 'lam')}: {text}", {"np": np})  # noqa: S307


# LaTeX, the arrays in it, the same with NumPy
FORMULAS = [
    (r"\sum_{i=1}^{n} x_i^2", "", "np.sum(x**2)"),
    (r"\frac{1}{n} \sum_{i=1}^{n} (y_i - a x_i - c)^2", "", "np.mean((y - a*x - c)**2)"),
    (r"\sum_{i=1}^{n} \sum_{j=1}^{n} A_{ij} x_i x_j", "", "x @ A @ x"),
    (r"\sum_{i=1}^{n} \sum_{j=1}^{m} A_{j,i} u_j v_i", "", "u @ A @ v"),
    (r"\sum_{i=1}^{n} x_i \sum_{j=1}^{n} A_{ij} y_j", "", "x @ A @ y"),
    (r"\sum_{i=1}^{n} \left( \sum_{j=1}^{n} A_{ij} x_j - y_i \right)^2", "",
     "np.sum((A @ x - y)**2)"),
    (r"\sum_{i=1}^{n} \sum_{j=1}^{n} x_j", "", "4*np.sum(x)"),
    (r"\sum_{i=1}^{n} \sum_{j=1}^{n} x_i + \sum_{k=1}^{n} a", "", "4*np.sum(x) + 4*a"),
    (r"\sum_{i=1}^{n} \sum_{j=1}^{n} \sum_{k=1}^{n} A_{ki} x_j", "", "4*np.sum(A)*0 + "
     "np.sum(A)*np.sum(x)"),
    (r"\sum_{i=1}^{n} A_{ii}", "", "np.trace(A)"),
    (r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", "x: n", "np.sum(np.diff(x)**2)"),
    (r"\sum_{i=0}^{n-1} x_i y_i", "", "x @ y"),
    (r"\sum_{i=2}^{n} x_i x_{i-1}", "x: n", "x[1:] @ x[:-1]"),
    (r"\sum_{k=1}^{n} k x_k + c", "", "np.arange(1, 5) @ x + c"),
    (r"\sum_{i=1}^{n} \sum_{j=1}^{n} (x_i - x_j)^2", "",
     "np.sum((x[:, None] - x[None, :])**2)"),
    (r"\prod_{k=1}^{n} (1 + x_k)", "", "np.prod(1 + x)"),
    (r"\ln \sum_{i=1}^{n} e^{x_i}", "", "np.log(np.sum(np.exp(x)))"),
    (r"\prod_{i=1}^{n} \frac{1}{\sqrt{2 \pi} s} e^{-\frac{(x_i - a)^2}{2 s^2}}", "",
     "np.prod(np.exp(-(x - a)**2/(2*s**2))/(np.sqrt(2*np.pi)*s))"),
    (r"\sum_{i=1}^{n} \begin{cases} x_i & x_i > a \\ 0 & \text{otherwise} \end{cases}", "",
     "np.sum(np.where(x > a, x, 0))"),
    (r"\sum_{i=1}^{3} x_i", "x: 4", "np.sum(x[:3])", "from 1"),
    (r"\sum_{i=1}^{4} x_i", "x: 4", "np.sum(x)"),
    (r"A_{4,4} + A_{1,2}", "A: 4 4", "A[3, 3] + A[0, 1]"),
    (r"A_{0,1} x_3", "A: 4 4; x: 4", "A[0, 1]*x[3]"),
    (r"x^T A x", "x: 4; A: 4 4", "x @ A @ x"),
    (r"x^\top A y + \mathbf{x}^{\top} \mathbf{y}", "x: 4; A: 4 4; y: 4", "x @ A @ y + x @ y"),
    (r"x^T A^{-1} y", "x: 4; y: 4; A: 4 4", "x @ np.linalg.inv(A) @ y"),
    (r"\|A^{-T} b\|", "b: 4; A: 4 4", "np.linalg.norm(np.linalg.inv(A).T @ b)"),
    (r"\frac{1}{2} x^T A^{-1} x + \frac{1}{2} \ln \det A", "x: 4; A: 4 4",
     "0.5*x @ np.linalg.solve(A, x) + 0.5*np.log(np.linalg.det(A))"),
    (r"\|X w - y\|^2 + \lambda \|w\|_1", "w: 4; X: n 4; y: n",
     "np.sum((X @ w - y)**2) + lam*np.sum(np.abs(w))"),
    (r"\frac{1}{n} \left\lVert X w - y \right\rVert_2^2", "w: 4; X: n 4; y: n",
     "np.mean((X @ w - y)**2)"),
    (r"\|x\|_\infty + \|A\|_F", "x: 4; A: 4 4", "np.max(np.abs(x)) + np.linalg.norm(A)"),
    (r"x \cdot y + \langle u, v \rangle", "x: 4; y: 4; u: 4; v: 4", "x @ y + u @ v"),
    (r"\left\| x y^T \right\|_F^2", "x: 4; y: 4", "np.sum(np.outer(x, y)**2)"),
    (r"\operatorname{tr}(A^T A) + \operatorname{tr}(A^2)", "A: 4 4",
     "np.sum(A**2) + np.trace(A @ A)"),
    (r"\sum_{i} \tanh(W x + b_1)_i", "W: 2 4; x: 4; b_1: 2", "np.sum(np.tanh(W @ x + b_1))"),
    (r"(x \odot y)^T (u \oslash v)", "x: 4; y: 4; u: 4; v: 4", "(x*y) @ (u/v)"),
    (r"\|x^{\circ 2}\|_1 + \|x + 1\|", "x: 4", "np.sum(x**2) + np.linalg.norm(x + 1)"),
    (r"\det \begin{pmatrix} a & c \\ d & s \end{pmatrix}", "", "a*s - c*d"),
    (r"\begin{vmatrix} a & c \\ d & s \end{vmatrix}", "", "a*s - c*d"),
    (r"\begin{bmatrix} a & c \end{bmatrix} \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"
     r" \begin{bmatrix} d \\ s \end{bmatrix}", "", "a*(d + 2*s) + c*(3*d + 4*s)"),
    (r"\left\| \begin{pmatrix} a & c \\ d & s \end{pmatrix}^T \begin{pmatrix} 1 \\ 2 \end{pmatrix}"
     r" \right\|^2", "", "(a + 2*d)**2 + (c + 2*s)**2"),
    (r"\left\| \begin{bmatrix} x \\ y \end{bmatrix} \right\|^2", "x: 4; y: 4", "x @ x + y @ y"),
    (r"\sum_{i} {\left( X w - y \right)}_{i}^2", "w: 4; X: n 4; y: n", "np.sum((X @ w - y)**2)"),
    (r"\max_i x_i - \min_i x_i", "x: n", "np.max(x) - np.min(x)"),
    (r"\frac{\partial}{\partial a} \sum_{i=1}^{n} (a x_i - y_i)^2", "",
     "np.sum(2*(a*x - y)*x)"),
    (r"\sum_{i=1}^{n} \frac{\partial}{\partial a} \sin(a x_i)", "", "np.sum(x*np.cos(a*x))"),
    (r"\left\| \frac{\partial}{\partial x} (x^T A x) \right\|^2", "x: 4; A: 4 4",
     "np.sum(((A + A.T) @ x)**2)"),
]  # fmt: skip


def declared(text):
    """Shapes as the command line gives them."""
    rows = [row.split(":") for row in text.split(";") if row.strip()]
    return {name.strip(): lengths.strip() for name, lengths in rows} or None


def at(function):
    """The point for the inputs of a function."""
    return {name: POINT[name] for name in function.inputs}


def slopes(python, names, step=1e-6):
    """Central differences of a formula in NumPy, by all elements of some names."""
    found = []
    for name in names:
        middle = np.asarray(POINT[name], float)
        slope = np.zeros(middle.shape)
        for place in np.ndindex(middle.shape):
            ends = []
            for sign in (1, -1):
                moved = middle.copy()
                moved[place] += sign * step
                ends.append(python(*{**POINT, name: moved}.values()))
            slope[place] = (ends[0] - ends[1]) / (2 * step)
        found.append(slope)
    return found


@pytest.mark.parametrize("row", FORMULAS, ids=lambda row: row[0])
def test_arrays_are_read_as_numpy_computes_them(row):
    latex, shapes, text, *doubt = row
    if doubt:
        with pytest.raises(ParseError, match=r"an index from 1 on or as an index from 0 on"):
            sd.function(latex=latex, shapes=declared(shapes))
        return
    function = sd.function(latex=latex, shapes=declared(shapes))
    python = of(text)
    assert float(function(**at(function))) == pytest.approx(
        float(python(*POINT.values())), rel=1e-12
    )
    gradient = function.grad()(**at(function))
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    for found, wanted in zip(gradient, slopes(python, function.inputs), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)


REFUSED = [
    (r"A x y", "the inner product"),
    (r"x A", "a vector before a matrix"),
    (r"A + 1", "a multiple of the unit matrix"),
    (r"A + x", "a matrix and a vector are added"),
    (r"x + y^T", "a vector and a row are added"),
    (r"e^A", "the matrix function exp"),
    (r"\sin A", "the matrix function sin"),
    (r"\left| A \right|", "its determinant"),
    (r"\left| x \right|", "its length"),
    (r"\|A\|", "the spectral norm"),
    (r"\frac{x}{y}", "a division by a vector"),
    (r"\frac{1}{A}", "a division by a matrix"),
    (r"x^2", "a power of a vector"),
    (r"A^a", "a power of a matrix"),
    (r"x^{-T}", "the inverse of a vector"),
    (r"A_{12}", "a matrix with 1 index"),
    (r"A_{1,2}", "an index from 1 on or as"),
    (r"x_7", "outside of the array"),
    (r"\sum_{i=1}^{n} x_i", "of the length 4"),
    (r"\sum_{i=1}^{4} x_{i+1}", "outside of the array"),
    (r"\sum_{i} x_i A", "stands beside a whole array"),
    (r"A \times x", r"\\times between"),
    (r"\frac{\partial}{\partial x} (A x)", "an array by an array"),
    (r"\frac{\partial}{\partial x_1} (x^T x)", "does not contain it"),
    (r"\begin{pmatrix} A & x \end{pmatrix}", "do not make a matrix"),
    (r"\det x", "det of a vector"),
    (r"x^\dagger y", "conjugate"),
]


@pytest.mark.parametrize(("latex", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_arrays_are_refused_with_a_place(latex, message):
    shapes = {name: SHAPES[name] for name in "xyA"}
    with pytest.raises(ParseError, match=message) as caught:
        sd.function(latex=latex, shapes=shapes)
    assert caught.value.text == latex
    assert "^" in str(caught.value)


# --- derivatives ---------------------------------------------------------------------------------

x, y = sp.symbols("x y", positive=True)
DERIVATIVES = [
    (r"\frac{d}{dx} x^2", sp.diff(x**2, x)),
    (r"\frac{d}{d x} \left( x \sin x \right)", sp.diff(x * sp.sin(x), x)),
    (r"y \frac{d}{dx} \ln x", y / x),
    (r"\frac{\mathrm{d}}{\mathrm{d}x} e^{x y}", sp.diff(sp.exp(x * y), x)),
    (r"\frac{d^2}{dx^2} \left( x^3 \sin(x y) \right)", sp.diff(x**3 * sp.sin(x * y), x, 2)),
    (r"\frac{\partial^2}{\partial x \partial y} \frac{x^2}{y}", sp.diff(x**2 / y, x, y)),
    (r"\frac{\partial^{3}}{\partial x^{2}\partial y} \left( x^3 y^2 \right)", 12 * x * y),
    (r"\frac{\partial (x^2 y)}{\partial x} - \frac{d y^2}{d y}", 2 * x * y - 2 * y),
    (r"\frac{d}{dx} (x^2) + x", 3 * x),
    (r"- \frac{d}{dx} \cos^2 x", sp.diff(-(sp.cos(x) ** 2), x)),
    (r"\frac{d}{dx} \Gamma(x)", sp.diff(sp.gamma(x), x)),
    (r"\frac{d}{dx} \sum_{k=1}^{3} \frac{x^k}{k}", 1 + x + x**2),
    (r"\left( \frac{d}{dx} x^3 \right)^2 x", 9 * x**5),
    (r"\frac{d}{dx} \frac{d}{dx} x^4", 12 * x**2),
    (r"\frac{d \sin(x)}{dx} \cos x", sp.cos(x) ** 2),
]


@pytest.mark.parametrize(("latex", "wanted"), DERIVATIVES, ids=[row[0] for row in DERIVATIVES])
def test_a_derivative_is_that_of_sympy(latex, wanted):
    function = sd.function(latex=latex)
    point = {"x": 0.7, "y": 1.3}
    places = {x: 0.7, y: 1.3}
    given = {name: point[name] for name in function.inputs}
    assert float(function(**given)) == pytest.approx(float(wanted.subs(places)), rel=1e-12)
    slope = function.grad(wrt="x")(**given)
    assert float(slope) == pytest.approx(float(sp.diff(wanted, x).subs(places)), rel=1e-12)


def test_what_sympy_prints_of_derivatives_reads_back():
    bodies = (x**2, sp.sin(x) + x**2, sp.exp(-(x**2)), sp.log(1 + x), sp.sqrt(x), sp.cos(x) ** 2)
    for body in bodies:
        for order in (1, 2):
            latex = sp.latex(sp.Derivative(body, (x, order)))
            function = sd.function(latex=latex)
            wanted = float(sp.diff(body, x, order).subs(x, 0.7))
            assert float(function(x=0.7)) == pytest.approx(wanted, rel=1e-12), latex


# --- what symdiff prints -------------------------------------------------------------------------

PRINTED = (
    "x: [n]; sum(x**2)", "X: [n, 4]; w: [4]; y: [n]; mean((X @ w - y)**2)",
    "A: [4, 4]; x: [4]; x @ A @ x", "A: [4, 4]; det(A)", "A: [4, 4]; b: [4]; norm(solve(A, b))",
    "x: [n]; norm(x)", "x: [n]; x[0]*x[1]", "x: [n]; prod(x)", "x: [n]; max(x)",
    "A: [4, 4]; A[0, 1] + A[1, 0]", "x: [n]; y: [n]; sum(x*y)", "A: [4, 4]; norm(A)",
    "A: [4, 4]; b: [4]; log(det(A)) + b @ solve(A, b)", "x: [n]; y: [n]; sum(x/y)",
    "x: [n]; logsumexp(x)", "x: [n]; y: [n]; x @ y", "x: [n]; sum(exp(x))",
    "a: []; c: []; det([[a, c], [c, 1]])",
)  # fmt: skip


@pytest.mark.parametrize("text", PRINTED)
def test_what_is_printed_of_arrays_reads_back(text):
    function = sd.function(text)
    shapes = {name: shape for name, shape in function.shapes.items() if shape}
    again = sd.function(latex=function.latex(), shapes=given(shapes))
    assert float(again(**at(again))) == pytest.approx(float(function(**at(function))), rel=1e-12)


def given(shapes):
    """Shapes of a function as `sd.function` takes them."""
    return {
        name: [n if isinstance(n, int) else str(n) for n in shape] for name, shape in shapes.items()
    }


GRADIENTS = (
    "x**2 + y**3", "a*x/(x + c)", "x: [n]; sum(x**2)", "A: [4, 4]; x: [4]; x @ A @ x",
    "X: [n, 4]; w: [4]; y: [n]; sum((X @ w - y)**2)", "A: [4, 4]; b: [4]; b @ solve(A, b)",
    "x: [n]; y: [n]; sum(exp(x)*y)",
)  # fmt: skip


@pytest.mark.parametrize("text", GRADIENTS)
def test_equations_that_are_printed_read_back(text):
    gradient = sd.function(text).grad()
    shapes = {name: shape for name, shape in gradient.shapes.items() if shape}
    again = sd.function(latex=gradient.latex(), shapes=given(shapes))
    point = {name: (1.3 if not gradient.shapes[name] else POINT[name]) for name in gradient.inputs}
    found, wanted = again(**{name: point[name] for name in again.inputs}), gradient(**point)
    if len(gradient.inputs) == 1:
        found, wanted = (found,), (wanted,)
    else:
        assert again.outputs == gradient.outputs
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_the_command_line_takes_shapes():
    shapes = [word for shape in ("X: n 3", "w: 3", "y: n") for word in ("--shape", shape)]
    done = run("grad", r"\|X w - y\|^2", "--latex", *shapes)
    assert done.exit_code == 0
    assert "X @ w - y" in done.stdout
    done = run("value", r"\frac{d}{dx} x^3", "--latex", "--at", "x=2")
    assert done.stdout.split()[-1] == "12.0" or "12" in done.stdout
