"""LaTeX of formulas: every operation has a notation, and what is printed is well-formed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

import symdiff as sd
from symdiff.emit.latex import latex
from symdiff.emit.spell.tex import tex_name, tex_output
from symdiff.errors import LimitError, UnsupportedError
from symdiff.ops.registry import OPERATIONS
from tests.explain.mathml import check_mathml
from tests.explain.test_sympy import graph_of as graph_of_numbers
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.rows import BY_NAME
from tests.ops.test_array_operations import graph_of
from tests.strategies import array_graphs, examples, graphs

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_&]|[^\\{}^_&\s]|\s+")
_ARGUMENTS = {r"\frac": 2, r"\sqrt": 1, r"\mathrm": 1, r"\operatorname": 1, r"\mathbf": 1}
_PLAIN = r"""\pi \infty \cdot \odot \oslash \times \neq \leq \geq \wedge \vee \neg \bmod \ln \log
\sin \cos \tan \arcsin \arccos \arctan \sinh \cosh \tanh \max \min \det \sigma \Phi \Gamma \psi
\zeta \lambda \partial \quad \sum \prod \forall \exists \dots \lVert \rVert \lfloor \rfloor \lceil
\rceil \alpha \beta \theta \text \begin \end \left \right \, \\ \_ \dot \bar \circ \exp""".split()


def check_tex(text: str) -> None:
    """State that TeX can set it: groups and delimiters match, no script stands on a script."""
    assert "".join(_TOKEN.findall(text)) == text
    tokens = [token for token in _TOKEN.findall(text) if not token.isspace()]
    depth, delimiters, environments = 0, 0, []
    scripts: list[set[str]] = [set()]  # by depth of groups, those of the last atom
    for number, token in enumerate(tokens):
        if token == "{":
            depth += 1
            scripts.append(set())
        elif token == "}":
            depth -= 1
            scripts.pop()
            if number + 1 < len(tokens) and tokens[number + 1] not in "^_" and scripts:
                scripts[-1] = set()
        elif token in "^_":
            assert token not in scripts[-1], text
            scripts[-1].add(token)
            assert tokens[number + 1] == "{"
        else:
            scripts[-1] = set()
            if token == r"\left":
                delimiters += 1
            elif token == r"\right":
                delimiters -= 1
            elif token == r"\begin":
                environments.append("".join(tokens[number + 1 :]).split("}")[0])
            elif token == r"\end":
                assert environments.pop() == "".join(tokens[number + 1 :]).split("}")[0]
            elif token[0] == "\\":
                assert token in _ARGUMENTS or token in _PLAIN, token
                for k in range(_ARGUMENTS.get(token, 0)):
                    assert tokens[number + 1 + k] in "{[" or k
        assert depth >= 0 <= delimiters
    assert depth == delimiters == 0
    assert not environments
    check_mathml(text)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name in BY_NAME])
def test_every_operation_on_numbers_has_a_notation(name: str) -> None:
    text = latex(graph_of_numbers(name))
    check_tex(text)
    assert "a" in text


_VARIANTS = [(row, variant) for row in ARRAY_ROWS for variant in row.variants]


@pytest.mark.parametrize(
    ("row", "variant"), _VARIANTS, ids=[f"{r.name}-{k}" for k, (r, _) in enumerate(_VARIANTS)]
)
def test_every_operation_on_arrays_has_a_notation(row, variant) -> None:
    graph = graph_of(row, variant)
    check_tex(latex(graph))


@examples(60)
@given(graphs(20))
def test_formulas_of_random_graphs_are_well_formed(graph) -> None:
    check_tex(latex(graph))


@examples(60)
@given(array_graphs())
def test_formulas_of_random_array_graphs_are_well_formed(graph) -> None:
    check_tex(latex(graph))


@pytest.mark.parametrize(("text", "expected"), [
    ("x**2 + y**3", "x^{2} + y^{3}"),
    ("x - (y - 1)", r"x - \left( y - 1 \right)"),
    ("x/(y*z)", r"\frac{x}{y z}"),
    ("-x*(y + 1)", r"-x \left( y + 1 \right)"),
    ("x*-2", "-2 x"),
    ("2*3*x*4", r"6 x \cdot 4"),
    ("exp(-x)/2", r"\frac{\mathrm{e}^{-x}}{2}"),
    ("(x**y)**z", r"\left( x^{y} \right)^{z}"),
    ("i0e(x)", r"\operatorname{ive}_{0}\left( x \right)"),
    ("sin(x)**2", r"\sin\left( x \right)^{2}"),
    ("pi*alpha/3", r"\frac{\pi \alpha}{3}"),
    ("beta_max + x_1 + theta2", r"\beta_{\mathrm{max}} + x_{1} + \theta_{2}"),
    ("1e-7*x", r"1 \cdot 10^{-7} x"),
    ("where(x > 0, x, 1)**2",
     r"\left( \begin{cases} x & \text{if } x > 0 \\ 1 & \text{otherwise} \end{cases} \right)^{2}"),
    ("X: [3, 3]; v: [3]; X @ v", "X v"),
    ("X: [3, 3]; v: [3]; v @ X @ v", "v^{T} X^{T} v"),
    ("X: [3, 3]; v: [3]; inv(X.T) @ v", r"\left( X^{T} \right)^{-1} v"),
    ("X: [3, 3]; 2*X - X.T", "2 X - X^{T}"),
    ("X: [3, 3]; v: [3]; X*v", r"X \odot v"),
    ("X: [3, 3]; log(det(X))", r"\ln\left( \det\left( X \right) \right)"),
    ("v: [N]; sum(v**2)/N", r"\frac{\sum_{i} {\left( v^{\circ 2} \right)}_{i}}{N}"),
    ("v: [3]; w: [3]; dot(v, w)", "v^{T} w"),
    ("v: [3]; w: [3]; outer(v, w)", "v w^{T}"),
    ("v: [3]; norm(v) + v[0]", r"\left\lVert v \right\rVert + {v}_{0}"),
])  # fmt: skip
def test_formulas_read_as_written(text: str, expected: str) -> None:
    made = sd.function(text)
    check_tex(made.latex())
    assert made.latex() == expected


def test_derivatives_are_named_and_guards_stand_beside() -> None:
    assert sd.function("hypot(x, y)").grad().latex().split("\n") == [
        r"\begin{aligned}",
        r"\frac{\partial f}{\partial x} &= \frac{x}{\sqrt{x^{2} + y^{2}}} \quad "
        r"\left( \sqrt{x^{2} + y^{2}} \neq 0 \right) \\",
        r"\frac{\partial f}{\partial y} &= \frac{y}{\sqrt{x^{2} + y^{2}}} \quad "
        r"\left( \sqrt{x^{2} + y^{2}} \neq 0 \right)",
        r"\end{aligned}",
    ]


def test_shared_parts_are_named() -> None:
    """Written out, it would have 2**300 parts."""
    text = "; ".join([f"r{k + 1} = r{k}*(1 + r{k})" for k in range(300)])
    made = sd.function(f"r0 = sin(x); {text}; r300")
    lines = made.latex().split("\n")
    assert len(lines) > 300
    assert max(map(len, lines)) < 400
    check_tex(made.latex())


def test_depth_and_size() -> None:
    text = "x"
    for _ in range(3000):
        text = f"sin({text})"
    check_tex(sd.function(text).latex())
    with pytest.raises(LimitError, match="emit code"):
        sd.function(" + ".join([f"sin({k}*x)" for k in range(1, 10_001)])).latex()


def test_a_loop_is_named() -> None:
    made = sd.function(lambda x: sd.fori(0, 3, lambda i, y: y * x, x), shapes={"x": ()})
    with pytest.raises(UnsupportedError, match="scan"):
        made.latex()


@pytest.mark.parametrize(("name", "expected"), [
    ("x", "x"), ("alpha", r"\alpha"), ("x1", "x_{1}"), ("x_1", "x_{1}"), ("loss", r"\mathrm{loss}"),
    ("x_dot", r"\dot{x}"), ("f_bar", r"\bar{f}"), ("λ", r"\lambda"), ("lambda_", r"\lambda"),
    ("Omega_m", r"\Omega_{m}"), ("k4_bar", r"\bar{k_{4}}"), ("_", r"\_"),
])  # fmt: skip
def test_names(name: str, expected: str) -> None:
    assert tex_name(name) == expected


@pytest.mark.parametrize(("name", "expected"), [
    ("df_dx_1", r"\frac{\partial f}{\partial x_{1}}"),
    ("dloss_dalpha", r"\frac{\partial \mathrm{loss}}{\partial \alpha}"),
    ("dL_dq_dot", r"\frac{\partial L}{\partial \dot{q}}"),
    ("ddistance_dx", r"\frac{\partial \mathrm{distance}}{\partial x}"),
    ("dd_dx", r"\frac{\partial d}{\partial x}"),
    ("ddd_dx_dd", r"\frac{\partial^{2} d}{\partial d \partial x}"),
    ("ddf_dx_dx", r"\frac{\partial^{2} f}{\partial x^{2}}"),
    ("ddf_dx_dy", r"\frac{\partial^{2} f}{\partial y \partial x}"),  # by x first
    ("dddf_dx_dy_dy", r"\frac{\partial^{3} f}{\partial y^{2} \partial x}"),
    ("d", "d"), ("d_dot", r"\dot{d}"), ("f_dot", r"\dot{f}"),
])  # fmt: skip
def test_names_of_outputs(name: str, expected: str) -> None:
    assert tex_output(name) == expected


def test_the_left_sides_of_derivatives() -> None:
    f = sd.function("x**2*y")
    assert r"\frac{\partial^{2} f}{\partial x^{2}} &= 2 y" in f.hessian().latex()
    assert r"\dot{\frac{\partial f}{\partial y}} &= 2 \dot{x} x" in f.hvp().latex()
    lagrangian = sd.function("m*x_dot**2/2 - k*x**2/2", wrt="x, x_dot", name="L")
    assert r"\frac{\partial L}{\partial \dot{x}} &= \dot{x} m" in lagrangian.grad().latex()
