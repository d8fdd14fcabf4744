"""Doubts in LaTeX: what papers mean in another way than the letters say is refused."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from scipy import special, stats

import symdiff as sd
from symdiff.errors import LimitError, ParseError, SymdiffError
from tests.test_commands import run

# LaTeX, both readings, and the place that the caret shows
TWO_READINGS = [
    # a call or a product
    (r"S_0 N(d_1) - K e^{-rT} N(d_2)", "N times .* or as a call of N", "N("),
    (r"1 + P(x_1)", "P times", "P("),
    (r"V(x_1)", "V times", "V("),
    (r"\sum_{i=1}^{3} p(x_i)", "p times", "p("),
    (r"N(\mu)", "N times", r"N("),
    (r"S(2t)", "S times", "S("),
    (r"x (-y)", "x times", "x (", ),
    (r"V(|x - y|)", "V times", "V("),
    (r"2\lambda(t)", "a call of", r"\lambda("),
    (r"k_B(T)", "a call of k_B", "k_B("),
    (r"p(x, y)", "a call of p", "p("),
    (r"\hat{f}\left(\omega t\right)", "a call of", r"\hat{f}\left"),
    (r"N(d_1)^2", "N times", "N("),
    (r"\phi(k r)^2", "a call of", r"\phi("),
    (r"y^2(t)", "a power of a call of y", r"y^2("),
    (r"f^2 (x + 1)", "a power of a call of f", r"f^2 ("),
    (r"\mathrm{Var}(x + y)", "a call of", r"\mathrm{Var}("),
    (r"\theta(x-a)", "a call of", r"\theta("),
    (r"\Theta\left(x-a\right)", "a call of", r"\Theta\left"),
    (r"3\delta(x-a)", "a call of", r"\delta("),
    (r"H(x - 1)", "a call of H", "H("),
    (r"u(t-1)", "a call of u", "u("),
    (r"f\left(x + 1\right)", "a call of f", r"f\left"),
    (r"\sigma(w x + b)", "a call of sigmoid", r"\sigma("),
    (r"P(X = 1)", "where the formula holds or as an argument", "("),
    (r"2 P(x > 0) y", "where the formula holds or as an argument", "("),
    (r"x^2 \left( x > 0 \right)", "or as an argument, or a factor", r"\left"),
    # bars, braces and numbers
    (r"|a|b|c|", "bars around", "|a|b|"),
    (r"2|x| y + \|x\| y \|z\|", "bars around", r"\|x\| y"),
    (r"\{x\} y", "brackets or as a fractional part", r"\{x\}"),
    (r"3 + 2.5e-3 x", "2.5 times a power of 10 or as 2.5 e - 3", "2.5e-3"),
    (r"2E+3", "times a power of 10", "2E+3"),
    # differentials
    (r"2x\,dx", "the product of d and x or as a differential", "dx"),
    (r"\frac{d\theta}{y}", "a differential", r"d\theta"),
    # square brackets
    (r"\mathbb{E}[x]", "expectation", r"\mathbb{E}["),
    (r"E[x]", "expectation", "E["),
    (r"\mathbb{E}\left[x + y\right]", "expectation", r"\mathbb{E}\left"),
    (r"E_x[x^2]", "expectation", "E_x["),
    (r"x[n]", "a call of x", "x["),
    # words
    (r"\mathrm{sin} x y", r"\(x\) y .* or as", r"\mathrm{sin} x y"),
    (r"\mathrm{mean} x", "the product of mean and x or as the function", r"\mathrm{mean} x"),
    (r"\mathrm{Re} z", "the product of Re and z", r"\mathrm{Re} z"),
    # factorials
    (r"n!!", "the double factorial of n or as the factorial of its", "n!!"),
    (r"\frac{1}{(2n-1)!!}", "double factorial", "(2n-1)!!"),
    # differences and variations
    (r"\Delta x^2", r"the product of \\Delta and x or as one quantity", r"\Delta x"),
    (r"\frac{\Delta x^2}{2\Delta t}", "one quantity", r"\Delta x"),
    (r"H - T\Delta S", "one quantity", r"\Delta S"),
    (r"\Delta\hat{x}", "one quantity", r"\Delta\hat"),
    (r"\Delta_r H", "one quantity", r"\Delta_r H"),
    (r"\Delta^2 x", "one quantity", r"\Delta^2 x"),
    (r"\frac{\Delta y}{\Delta x}", "quotient of changes", r"\frac{\Delta y}{\Delta x}"),
    (r"\frac{\delta S}{\delta x}", "a derivative", r"\frac{\delta S}{\delta x}"),
    (r"\frac{D u}{D t}", "a derivative", r"\frac{D u}{D t}"),
    (r"\frac{\mathrm{D} u}{\mathrm{D} t}", "a derivative", r"\frac{\mathrm{D} u}"),
    # vectors
    (r"\vec{a}\times\vec{b}", "a product of numbers or as a product of vectors",
     r"\vec{a}\times\vec{b}"),
    (r"\vec{a}\cdot(\vec{b} + \vec c)", "of vectors", r"\vec{a}\cdot(\vec{b} + \vec c)"),
    (r"1 + |\vec a|", "the magnitude of numbers or as", r"|\vec a|"),
    (r"\mathbf{A}\mathbf{x}", "of vectors", r"\mathbf{A}\mathbf{x}"),
    (r"\frac{\mathbf{p}^2}{2 m}", "a power of", r"{\mathbf{p}^2"),
    (r"{\bf x}{\bf y}", "of vectors", r"{\bf x}{\bf y}"),
    (r"\hat{\mathbf{x}} \cdot \hat{\mathbf{y}}", "of vectors", r"\hat{\mathbf{x}} \cdot"),
    # the imaginary unit
    (r"e^{i\omega t}", "an input named i or as the imaginary unit", "i"),
    (r"e^{jx}", "an input named j", "j"),
    (r"\exp(-\frac{i k x}{2})", "an input named i", "i"),
    (r"x+iy", "an input named i", "i"),
    (r"\cos x - \frac{i}{2} \sin y", "an input named i", "{i}"),
    (r"2 \pi i f", "an input named i", "i"),
    (r"\frac{1}{2\pi i}", "an input named i", "i"),
    # upper indices
    (r"T_i^j x", "with an upper index", "j"),
    (r"a^{[2]} x", "an upper index", "a^{[2]}"),
    (r"W^{(1)} x", "a power of W or as an upper index", "W^{(1)}"),
    (r"x^{\left(k\right)} y", "an upper index", r"x^{\left(k\right)}"),
    (r"g_{ij}x^i x^j", "a power of x or as x with an upper index", "i x"),
    (r"A^{ij} B_{ij}", "with an upper index", "{ij} B"),
    (r"g_{\mu\nu} x^\mu x^\nu", "with an upper index", r"\mu x"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "readings", "place"), TWO_READINGS, ids=lambda row: row)
def test_two_readings_are_refused_where_they_are(latex, readings, place):
    with pytest.raises(ParseError, match=readings) as caught:
        sd.function(latex=latex)
    error = caught.value
    assert "this reads as" in error.message
    assert error.suggestion
    assert error.text == latex
    assert latex[error.span.start :].startswith(place[: error.span.end - error.span.start])


# LaTeX, what it is with NumPy and SciPy
READ = [
    (r"S_0 \operatorname{ndtr}(d_1) - K e^{-r T} \operatorname{ndtr}(d_2)",
     lambda S_0, d_1, K, r, T, d_2: S_0*stats.norm.cdf(d_1) - K*np.exp(-r*T)*stats.norm.cdf(d_2)),
    (r"N \cdot (d_1)", lambda N, d_1: N*d_1),
    (r"m(\omega r)^2", lambda m, omega, r: m*(omega*r)**2),
    (r"A\left(\frac{T}{T_0}\right)^n", lambda A, T, T_0, n: A*(T/T_0)**n),
    (r"a\left[b + c\right]", lambda a, b, c: a*(b + c)),
    (r"k[A]^2[B] + \frac{V_{\max}[S]}{K_m + [S]}",
     lambda k, A, B, V_max, S, K_m: k*A**2*B + V_max*S/(K_m + S)),
    (r"x^2(1 - y)", lambda x, y: x**2*(1 - y)),
    (r"\phi(1-\phi)", lambda phi: phi*(1 - phi)),
    (r"h\,(V-E)", lambda h, V, E: h*(V - E)),
    (r"e^{-r (T - t)}", lambda r, T, t: np.exp(-r*(T - t))),
    (r"\mathrm{exp} x", np.exp),
    (r"2 \mathrm{sin} x", lambda x: 2*np.sin(x)),
    (r"\mathrm{sin}^2 x", lambda x: np.sin(x)**2),
    (r"\mathrm{log}x + \mathrm{log}_{10} x", lambda x: np.log(x) + np.log10(x)),
    (r"\mathrm{erf} x", special.erf),
    (r"\operatorname{erf} x + \operatorname{exp} y", lambda x, y: special.erf(x) + np.exp(y)),
    (r"\mathrm{Re}^{0.8} \mathrm{Pr}", lambda Re, Pr: Re**0.8*Pr),
    (r"(n!)!", lambda n: special.gamma(special.gamma(n + 1) + 1)),
    (r"\Delta_x + \Delta \cdot y", lambda Delta_x, Delta, y: Delta_x + Delta*y),
    (r"\Delta{} \cdot x", lambda Delta, x: Delta*x),
    (r"\Delta G = H - T S", lambda H, T, S: H - T*S),
    (r"\sum_{i=0}^{3} a_i x^i", lambda a_0, x, a_1, a_2, a_3: a_0 + a_1*x + a_2*x**2 + a_3*x**3),
    (r"\sum_{i=1}^{3} (i + x) e^{i y}", lambda x, y: sum((i + x)*np.exp(i*y) for i in (1, 2, 3))),
    (r"i R", lambda i, R: i*R),
    (r"x + i_0 y", lambda x, i_0, y: x + i_0*y),
    (r"x^{(a + b)(c + d)} e^{(y)}", lambda x, a, b, c, d, y: x**((a + b)*(c + d))*np.exp(y)),
    (r"K_n x^n", lambda K_n, x, n: K_n*x**n),
    (r"V_{\max} - V_\min", lambda V_max, V_min: V_max - V_min),
    (r"k_{\mathrm B} + k_{\rm C} + {\rm rate}", lambda k_B, k_C, rate: k_B + k_C + rate),
    (r"b_\mathrm{W} T", lambda b_W, T: b_W*T),
    (r"{\omega}_{0}^2 + x_i{}^2 + \omega^2_1",
     lambda omega_0, x_i, omega_1: omega_0**2 + x_i**2 + omega_1**2),
    (r"x^2 + 1,", lambda x: x**2 + 1),
    (r"$x^2 + 1.$", lambda x: x**2 + 1),
    (r"$2 x$.", lambda x: 2*x),
    (r"\begin{equation}\label{eq:a} f = x^2, \nonumber \end{equation}", lambda x: x**2),
    ("\\begin{equation*}\n\\begin{aligned} r &= x^2, \\\\ f &= r + 1. \\end{aligned}\n"
     "\\end{equation*}", lambda x: x**2 + 1),
    (r"y \quad \left( x > 0,\ y > 0 \right)", lambda y: y),
    (r"\begin{cases} 1 & x > 1 \vee y > 1 \wedge z > 1 \\ 0 & \text{otherwise} \end{cases}",
     lambda x, y, z: float(x > 1 or (y > 1 and z > 1))),
    (r"\begin{cases} 1 & x < 1 \vee y > 1 \wedge z > 1 \\ 0 & \text{otherwise} \end{cases}",
     lambda x, y, z: float(x < 1 or (y > 1 and z > 1))),
    (r"\begin{cases} 1 & x > 1 \wedge y > 1 \vee z < 1 \\ 0 & \text{otherwise} \end{cases}",
     lambda x, y, z: float((x > 1 and y > 1) or z < 1)),
    (r"|a||b| + |c| a + |b| c", lambda a, b, c: abs(a)*abs(b) + abs(c)*a + abs(b)*c),
    (r"\{a + b\} c", lambda a, b, c: (a + b)*c),
    (r"\exp\{-x\} y + \max\{x, y\} z", lambda x, y, z: np.exp(-x)*y + max(x, y)*z),
    (r"2 e - 3 + 2e - 3", lambda: 4*math.e - 6),
    (r"\frac{1}{3} \sum_{i=1}^{3} x_i^k",
     lambda x_1, k, x_2, x_3: (x_1**k + x_2**k + x_3**k)/3),
    (r"ad - bc", lambda a, d, b, c: a*d - b*c),
    (r"\begin{aligned} f &= r + s \\ r &= x^2 \\ s &= r y \end{aligned}",
     lambda x, y: x**2 + x**2*y),
    ("2πr", lambda r: 2*math.pi*r),
    ("-"*500 + "x", lambda x: x),
    ("-"*501 + "x", lambda x: -x),
    (r"\frac12"*900, lambda: 0.5**900),
    ("+".join(["x"]*3000), lambda x: 3000*x),
    (r"\frac{1}{1 + "*55 + "x" + "}"*55, lambda x: (math.sqrt(5) - 1)/2),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "python"), READ, ids=[row[0][:60] for row in READ])
def test_what_has_one_reading_is_read(latex, python):
    function = sd.function(latex=latex)
    numbers = [0.4 + 0.17 * place for place in range(len(function.inputs))]
    assert float(function(*numbers)) == pytest.approx(float(python(*numbers)), rel=1e-12)


def test_a_name_with_a_shape_is_an_input():
    function = sd.function(latex="N(d_1) + x e^{i y}", shapes={"N": (), "i": ()})
    assert function.inputs == ("N", "d_1", "x", "i", "y")
    found = sd.function(latex=r"\vec{a}\cdot\vec{b}", shapes={"a_vec": 3, "b_vec": 3})
    assert found([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]) == 32.0
    length = sd.function(latex=r"|\vec{a} - 2\vec{b}|", shapes={"a_vec": 2, "b_vec": 2})
    assert length([5.0, 8.0], [1.0, 2.0]) == 5.0
    trace = sd.function(latex=r"\mathrm{tr} A", shapes={"A": (2, 2)})
    assert trace([[1.0, 2.0], [3.0, 4.0]]) == 5.0


def test_names_of_the_left_side():
    assert sd.function(latex=r"\Delta G = x").outputs == ("Delta_G",)
    assert sd.function(latex=r"V_{\max} = x").outputs == ("V_max",)
    assert sd.function(latex=r"k_{\rm B} = x").outputs == ("k_B",)


REFUSED = [
    ("х + x", "CYRILLIC SMALL LETTER HA", 0, "х"),
    ("x_a + x_а", "CYRILLIC SMALL LETTER A", 8, "а"),
    ("\\mu + μ", "looks like 'mu'", 6, "μ"),
    (r"2 + \sqrt[0]{x}", "the order 0", 10, "0"),
    ("y + x²", "is no letter", 5, "²"),
    (r"\mathrm i x", "the imaginary unit is not read", 0, r"\mathrm i"),
    (r"\|x\|_1_2", "one index", 7, "_"),
    (r"\begin{aligned} a &= x \\ a &= y \end{aligned}", "has two equations", 31, "y"),
    (r"\begin{aligned} a &= b \\ b &= a + x \end{aligned}", "needs its own", 21, "b"),
    (r"f()", "times what is in", 0, "f("),
    (r"(x)_1_2", "has none", 5, "_"),
]


@pytest.mark.parametrize(("latex", "message", "start", "place"), REFUSED, ids=lambda row: str(row))
def test_what_has_no_reading_is_refused(latex, message, start, place):
    with pytest.raises(SymdiffError, match=message) as caught:
        sd.function(latex=latex)
    assert caught.value.span.start == start
    assert latex[start : caught.value.span.end] == place


LIMITED = [
    (r"\ln "*300 + "x", "deeper"),
    (r"\sin\cos "*400 + "x", "deeper"),
    (r"\mathrm{log}"*300 + "x", "deeper"),
    ("x^{"*300 + "x" + "}"*300, "deeper"),
    (r"\hat"*500 + " x", "deeper"),
    (r"\frac{d}{dx}"*300 + "x", "deeper"),
    (r"\sum_{i=1}^{2}"*300 + "x", "deeper"),
    (r"-\sin^2(x y + "*58 + "x" + ")"*58, "deeper"),
    (r"\sum_{" + ",".join(map(chr, range(0x4E00, 0x4FF4))) + "} x", "deeper"),
    (r"\sum_{k=1}^{100}"*4 + "x", "10000 together"),
    (r"\prod_{k=1}^{40} \left(x + \sum_{j=1}^{k} y^j\right)", "together"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "message"), LIMITED, ids=lambda row: row[:30])
def test_limits_have_a_place(latex, message):
    with pytest.raises(LimitError, match=message) as caught:
        sd.function(latex=latex)
    assert caught.value.text == latex
    assert caught.value.span is not None


def test_the_factorial_of_a_factorial_of_many():
    with pytest.raises(ParseError, match="double factorial"):
        sd.function(latex="x" + "!" * 500)


def test_nested_ranges_below_the_limit_are_written_out():
    found = sd.function(latex=r"\sum_{k=1}^{30} \sum_{j=1}^{30} \frac{x}{j k}")
    harmonic = mpmath.harmonic(30)
    assert float(found(2.0)) == pytest.approx(float(2 * harmonic**2), rel=1e-13)


@pytest.mark.parametrize(
    ("latex", "place"),
    [
        (r"y + x^{2^{2^{2^{2^{2}}}}}", r"{2^{2^{2^{2^{2}}}}}"),
        (r"\frac{1}{9^{9^9} x}", "9^{9^9}"),
    ],
)
def test_a_fault_of_the_grammar_is_shown_in_latex(latex, place):
    with pytest.raises(LimitError, match="digits") as caught:
        sd.function(latex=latex)
    assert caught.value.text == latex
    assert latex[caught.value.span.start : caught.value.span.end] == place


def test_a_fault_of_shapes_is_shown_in_latex():
    latex = r"\|2 A w\| + 1"
    with pytest.raises(SymdiffError) as caught:
        sd.function(latex=latex, shapes={"A": (3, 4), "w": 3})
    assert caught.value.text == latex
    assert latex[caught.value.span.start : caught.value.span.end] == "2 A w"


def test_the_command_line_shows_the_caret_in_latex():
    done = run("grad", "x²", "--latex")
    assert done.exit_code == 2
    assert "  line 1 |  x²\n         |   ^" in done.stderr
