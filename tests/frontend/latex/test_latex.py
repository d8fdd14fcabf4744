"""LaTeX as formulas: values are those of formulas in Python, of SymPy, and of what was printed."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
import sympy as sp
from scipy import special

import symdiff as sd
from symdiff.errors import LimitError, ParseError, SymdiffError
from symdiff.frontend.latex.formula import parse_latex
from tests.frontend.latex.corpus import FORMULAS, REFUSED
from tests.test_commands import run

FUNCTIONS = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}
FUNCTIONS |= {
    name: getattr(special, name)
    for name in "gamma binom erf erfc erfinv zeta sici jv yv iv kv".split()
}
FUNCTIONS |= {"pi": np.pi, "e": np.e}


def drawn(names, given=()):
    """A number for each name, the same in every run."""
    draw = random.Random(3)
    found = {name: draw.uniform(0.4, 1.9) for name in names}
    return found | {name: number for name, number in dict(given).items() if name in found}


@pytest.mark.parametrize("row", FORMULAS, ids=lambda row: row[0])
def test_a_formula_of_the_corpus(row):
    latex, python, *given = row
    function = sd.function(latex=latex)
    point = drawn(function.inputs, *given)
    space = dict(FUNCTIONS)
    for name, number in point.items():
        has_mark = re.search(rf"\b{name}_\b", python)
        space[name + "_" if has_mark else name] = number
    wanted = eval(python, space)  # noqa: S307  a formula of the corpus
    assert float(function(**point)) == pytest.approx(float(wanted), rel=1e-12, abs=1e-13)


def test_the_corpus_is_large():
    assert len(FORMULAS) >= 200


@pytest.mark.parametrize(("latex", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused_with_a_place(latex, message):
    with pytest.raises(ParseError, match=message) as caught:
        sd.function(latex=latex)
    assert caught.value.text == latex
    assert caught.value.span is not None
    assert "^" in str(caught.value)


def test_limits():
    with pytest.raises(LimitError, match="nested deeper"):
        sd.function(latex="(" * 500 + "x" + ")" * 500)
    with pytest.raises(LimitError, match="longer than 1000"):
        sd.function(latex=r"\sum_{i=1}^{100000} x_i")


# --- what SymPy prints ---------------------------------------------------------------------------

x, y, z = sp.symbols("x y z", positive=True)
LEAVES = (
    *(x, y, z, x, y, sp.Symbol("theta_1", positive=True)),
    *(sp.Integer(2), sp.Rational(3, 4), sp.Float(0.25), sp.pi, sp.Integer(-3)),
)
CALLS = (
    *(sp.sin, sp.cos, sp.tan, sp.exp, sp.log, sp.sqrt, sp.atan, sp.sinh, sp.tanh, sp.Abs),
    *(sp.gamma, sp.erf, sp.asinh, sp.floor, sp.sec, sp.cot, sp.factorial, sp.sign),
    lambda u: sp.root(u, 3),
    lambda u: sp.Max(u, x),
    lambda u: sp.Piecewise((u, x > y), (y, True)),
    lambda u: sp.binomial(z + 3, u),
)
EXPONENTS = (2, 3, -1, -2, sp.Rational(1, 2), sp.Rational(-3, 2), y)
POINT = {"x": 1.3, "y": 0.7, "z": 2.1, "theta_1": 0.4}


def expression(draw, depth):
    if not depth or draw.random() < 0.15:
        return draw.choice(LEAVES)
    first = expression(draw, depth - 1)
    match draw.randrange(7):
        case 0:
            return first + expression(draw, depth - 1)
        case 1:
            return first - expression(draw, depth - 1)
        case 2:
            return first * expression(draw, depth - 1)
        case 3:
            return first / (expression(draw, depth - 1) + 4)
        case 4:
            return first ** draw.choice(EXPONENTS)
    return draw.choice(CALLS)(first)


def value_of(found):
    """SymPy's number at the point, `None` where there is no real one."""
    if found.has(sp.zoo, sp.nan, sp.oo, sp.I) or not found.free_symbols:
        return None
    try:
        places = {s: sp.Float(POINT[str(s)], 30) for s in found.free_symbols}
        number = complex(found.evalf(30, subs=places))
    except (TypeError, ValueError):
        return None
    return number.real if not number.imag and abs(number) < 1e6 else None


def test_what_sympy_prints_of_300_random_expressions_reads_back():
    draw, count = random.Random(5), 0
    while count < 300:
        found = expression(draw, 3)
        wanted = value_of(found)
        if wanted is None:
            continue
        count += 1
        latex = sp.latex(found)
        function = sd.function(latex=latex)
        number = function(**{name: POINT[name] for name in function.inputs})
        assert float(number) == pytest.approx(wanted, rel=1e-9, abs=1e-12), latex


# --- what symdiff prints -------------------------------------------------------------------------

PRINTED = (
    "x**2 + y**3", "sqrt(x)*exp(-x**2/2)/sigma", "sin(x)**2/cos(2*x + 1)", "where(x > 0, x, -x)",
    "theta_max*alpha + x_1*Xab", "abs(x) + floor(y) + log(x)/log(10)", "arctan2(y, x)", "erf(x)",
    "jv(1, x)**2 + kv(0, 2*x)",
    "max(x, y, 3)", "x**(1/3) + cbrt(y)", "1e-5*x + 2.5e10*y", "log10(x) + log2(x)",
    "(x + y)*(x - y)/(x*y)**2", "exp(x) + exp(x*y) - (-x)**2", "x**-2", "2**x", "a*(b + c)",
    "x*(-y)", "softplus(x)", "tanh(x)**2", "hypot(x, y)", "gamma(x)", "beta(x, y)", "x % y",
    "ellipk(x/9)", "clip(x, 0, 1)", "sign(x)*relu(y)", "logaddexp(x, y)", "erfinv(x/4)", "x*2*3",
    "2*(x*3)", "-(-x)", "a - (b - c)", "(a/b)/c", "a/(b/c)", "where(x > 0 and y < 1, x, y)",
    "expm1(x) + log1p(y)", "arcsinh(x)", "x**y**2", "(x**y)**2", "zeta(x + 2)", "f*(x + 1)",
    "x_dot*y_hat", "beta*gamma", "e**x", "pi*x", "1/(1 + 1/x)", "gammainc(2, x)",
    # where a sign keeps a product from looking like a call
    "W*(a + b)", "f**2*(x + 1)", "x*(-y)**2", "x*(2*y)**2", "y/(x*(-z))", "theta*(x - a)*y",
    "delta*(x - a)**2", "x*(y % z)", "rate*(x + y)", "exp*x + sin**2*y", "Delta*x",
    "Delta_x*Delta_y", "Delta**2*x", "J_1*(x - y)", "x**2*(-y)", "phi*(k*r)**2", "x*(y > 0)",
    "a*(x + y)**2", "phi*(1 - phi)", "sigma*(x + y)", "a*d*x", "pdtr(x, y)",
    "where(x < y or y < 1 and x > 3, x, nan)", "rel_entr(-x, 2*y) + x",
)  # fmt: skip


@pytest.mark.parametrize("text", PRINTED)
def test_what_is_printed_reads_back(text):
    function = sd.function(text)
    again = sd.function(latex=function.latex())
    assert set(again.inputs) == set(function.inputs)
    point = drawn(sorted(function.inputs))
    assert float(again(**point)) == pytest.approx(float(function(**point)), rel=1e-13)


@pytest.mark.parametrize(
    "text", ["jv(1, x + y)", "digamma(x)", "ndtr(x)", "lambertw(x)", "sigmoid(x + y)"]
)
def test_what_is_printed_alike_for_a_product_and_a_call_is_refused(text):
    with pytest.raises(ParseError, match="times what is in parentheses or as a call"):
        sd.function(latex=sd.function(text).latex())


# --- how it is called ----------------------------------------------------------------------------


def test_the_left_side_names_the_output():
    assert parse_latex(r"E_{kin} = \frac{1}{2} m v^2")[:2] == ("1/2*m*v**2", "E_kin")
    function = sd.function(latex=r"h(x, y) = x y").grad()
    assert function.outputs == ("dh_dx", "dh_dy")
    assert function(2.0, 3.0) == (3.0, 2.0)


def test_one_source_is_given():
    with pytest.raises(SymdiffError, match="both given"):
        sd.function("x", latex="x")


def test_the_command_line_takes_latex():
    done = run("grad", r"\frac{x^2}{2}", "--latex", "--at", "x=3")
    assert done.exit_code == 0
    assert "3" in done.stdout
    done = run("grad", r"\write18{touch /tmp/x}", "--latex")
    assert done.exit_code == 2
    assert r"the macro \write18 is no mathematics" in done.stderr
    assert not done.stdout


def test_spoiled_formulas_are_read_or_refused_by_name():
    """Nothing else escapes: formulas of the corpus with letters taken out, doubled, exchanged."""
    draw, pieces = random.Random(7), [row[0] for row in FORMULAS] + [row[0] for row in REFUSED]
    signs = [*r"{}()[]^_&|\!,=+-*/ x2", r"\frac", r"\left", r"\right", r"\sum", r"\begin{cases}"]
    for _ in range(1500):
        text = draw.choice(pieces)
        for _ in range(draw.randrange(1, 4)):
            place = draw.randrange(len(text) + 1)
            text = text[:place] + draw.choice(["", *signs]) + text[place + draw.randrange(2) :]
        try:
            found = parse_latex(text)
        except SymdiffError:
            continue
        assert found.text
