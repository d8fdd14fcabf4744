"""Every mistake gets one clear sentence, its place, and where possible what to write instead."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from symdiff.errors import ParseError, SymdiffError
from symdiff.frontend.text.functions import CALLEES
from symdiff.frontend.text.program import parse
from symdiff.graph.check import check
from tests.strategies import examples

# text, the place as line:column-end, part of the message, part of the suggestion
PARSE_ERRORS = [
    # a word too few
    ("2x", "1:1-3", "a multiplication sign is missing between '2' and 'x'", "write 2*x"),
    ("1/2x", "1:3-5", "between '2' and 'x'", "write 1/2*x or 1/(2*x)"),
    ("a + b/c d", "1:7-10", "between 'c' and 'd'", "write b/c*d or b/(c*d)"),
    ("x**2y", "1:4-6", "between '2' and 'y'", "write x**2*y or x**(2*y)"),
    ("x y", "1:1-4", "between 'x' and 'y'", "write x*y"),
    ("3 4", "1:1-4", "between '3' and '4'", "write 3*4"),
    ("2(x+1)", "1:1-3", "between '2' and '(x+1)'", "write 2*(x+1)"),
    ("(x+1)(x-1)", "1:1-7", "between '(x+1)' and '(x-1)'", "write (x+1)*(x-1)"),
    ("(x)y", "1:1-5", "between '(x)' and 'y'", "write (x)*y"),
    ("2sin(x)", "1:1-5", "between '2' and 'sin(x)'", "write 2*sin(x)"),
    ("sin x", "1:1-6", "the brackets of 'sin' are missing", "write sin(x)"),
    ("sin 2x", "1:1-6", "the brackets of 'sin' are missing", "write sin(2*x)"),
    ("sin^2(x)", "1:5-7", "the power of 'sin' stands before", "write sin(x)**2"),
    ("sin**2(x)", "1:6-8", "the power of 'sin' stands before", "write sin(x)**2"),
    ("sin^2 x", "1:5-8", "the power of 'sin' stands before", "write sin(x)**2"),
    ("sin^-1(x)", "1:6-8", "the power of 'sin' stands before", "arcsin(x), or 1/sin(x)"),
    ("x +", "1:3-4", "an expression is missing after '+'", None),
    ("x==", "1:2-4", "an expression is missing after '=='", None),
    ("x = ", "1:3-4", "an expression is missing after '='", None),
    ("x +\ny", "1:3-4", "an expression is missing after '+'", "put brackets around"),
    ("* x", "1:1-2", "an expression is missing before '*'", None),
    ("x * / y", "1:5-6", "an expression is missing between '*' and '/'", None),
    ("x * * y", "1:5-6", "missing between '*' and '*'", "write ** for a power"),
    ("x * )", "1:5-6", "')' has no opening bracket", None),
    ("(x * )", "1:4-5", "an expression is missing after '*'", None),
    ("sin(, x)", "1:5-6", "an expression is missing before ','", None),
    ("return", "1:1-7", "an expression is missing after 'return'", None),
    ("= x", "1:1-2", "a name is missing before '='", None),
    ("a = 1\n= x", "2:1-2", "a name is missing before '='", None),
    # brackets
    ("(x", "1:1-2", "'(' is never closed", "write )"),
    ("((x+1)", "1:1-2", "'(' is never closed", "write )"),
    ("2*sin(x", "1:3-6", "the bracket of 'sin(' is never closed", "write )"),
    ("y = (x + 1\nb = a*2\nb", "1:5-6", "'(' is never closed", "write )"),
    ("(", "1:1-2", "'(' is never closed", "write )"),
    ("x)", "1:2-3", "')' has no opening bracket", None),
    ("x]", "1:2-3", "']' has no opening bracket", None),
    ("(x]", "1:3-4", "'(' is closed by ']'", "write )"),
    ("()", "1:1-3", "nothing stands between the brackets", None),
    # numbers
    ("3..2", "1:1-5", "'3..2' is not a number", None),
    ("1.2.3", "1:1-6", "'1.2.3' is not a number", None),
    ("1__0 + x", "1:1-5", "'1__0' is not a number", None),
    ("x + 0x1F", "1:5-9", "hexadecimal numbers are not supported", "write 31"),
    ("0b12", "1:1-5", "binary numbers are not supported", None),
    ("2j", "1:1-3", "complex numbers are not supported", "write 2*j"),
    ("007", "1:1-4", "a whole number cannot start with 0", "write 7"),
    ("1" + "0" * 400, "1:1-402", "the number is too large for float64", "1.79"),
    ("None + 1", "1:1-5", "None is not a number", "write nan"),
    # operators that are none
    ("x === y", "1:3-6", "'===' is not an operator", "write =="),
    ("x => y", "1:3-5", "'=>' is not an operator", "write >="),
    ("x <> y", "1:3-5", "'<>' is not an operator", "write !="),
    ("a && b", "1:3-5", "joined by words", "write 'and'"),
    ("a || b", "1:3-5", "joined by words", "write 'or'"),
    ("a & b", "1:3-4", "joined by words", "write 'and'"),
    ("a | b", "1:3-4", "joined by words", "write 'or'"),
    ("~a", "1:1-2", "negated by a word", "write 'not'"),
    ("!a", "1:1-2", "negated by a word", "write 'not'"),
    ("n!", "1:2-3", "'!' is not an operator", "gamma(n + 1)"),
    ("|x|", "1:1-2", "bars are not brackets", "write abs(x)"),
    ("a ? b : c", "1:3-4", "'?' is not an operator", "a if condition else b"),
    ("$x$", "1:1-2", "the sign '$' is not part of the grammar", None),
    ("x << 2", "1:3-5", "shifts of bits", "x*2**n"),
    ("x += 1", "1:1-2", "'x' is an input already", "x_new"),
    ("y = (x += 1)", "1:8-10", "an assignment with an operator", "x += 1"),
    ("y = x; y ^= 2", "1:10-12", "an assignment with an operator", "x += 1"),
    ("(y := x)", "1:4-6", "an assignment cannot stand inside", "name = expression"),
    ("x is y", "1:3-5", "'is' is not part of the grammar", "write =="),
    ("x in y", "1:3-5", "'in' is not part of the grammar", "=="),
    ("x not in y", "1:3-6", "'not in' is not part of the grammar", "!="),
    ("a + not b", "1:5-8", "'not' cannot follow '+'", "(not x)"),
    # choices
    ("a if b", "1:3-5", "'if' has no 'else'", "a if condition else b"),
    ("(a if b) + 1", "1:4-6", "'if' has no 'else'", "a if condition else b"),
    ("a else b", "1:3-7", "'else' has no 'if'", "a if condition else b"),
    ("a if b if c else d else e", "1:8-10", "a choice inside of a condition", "(a if c else b)"),
    # functions
    ("y = x\nz = 2*tahn(y)", "2:7-11", "unknown function 'tahn'", "did you mean 'tanh'?"),
    ("Sin(x)", "1:1-4", "unknown function 'Sin'", "did you mean 'sin'?"),
    ("arcsine(x)", "1:1-8", "unknown function 'arcsine'", "did you mean 'arcsin'?"),
    ("x(y+1)", "1:1-2", "unknown function 'x'", "write x*(y+1) for a product"),
    ("sine + sine(x)", "1:8-12", "unknown function 'sine'", "write sine*(x) for a product"),
    ("gamma = 2; gamma(x)", "1:12-17", "unknown function 'gamma'", "gamma*(x)"),
    ("atan2(x)", "1:1-9", "'atan2' takes 2 arguments, not 1", "write atan2(y, x)"),
    ("exp(x, y)", "1:1-10", "'exp' takes 1 argument, not 2", "write exp(x)"),
    ("log()", "1:1-6", "'log' takes 1 or 2 arguments, not 0", "write log(x)"),
    ("1 + max()", "1:5-10", "'max' takes at least 1 argument, not 0", "write max(a, b, ...)"),
    ("besselj(x, y)", "1:9-10", "the order of a Bessel function must be a number", "besselj(0, x)"),
    ("Piecewise(x, y)", "1:11-12", "Piecewise takes pairs", "Piecewise((a, condition)"),
    ("sin((x, y))", "1:5-11", "'(x, y)' is a tuple", "several outputs"),
    ("(x, y) + 1", "1:1-7", "'(x, y)' is a tuple", "several outputs"),
    ("x, (y, z)", "1:4-10", "'(y, z)' is a tuple", "several outputs"),
    ("t = x, y", "1:5-9", "'x, y' is a tuple", "several outputs"),
    ("f(x) = x**2", "1:1-2", "functions cannot be defined here", "write f = expression"),
    ("log(*args)", "1:5-6", "unpacking with '*'", None),
    ("log(x, **rest)", "1:8-10", "unpacking with '**'", None),
    # attributes, Python beyond formulas
    ("np.sin(x)", "1:1-7", "the attribute 'np.sin'", "drop the prefix: write sin"),
    ("scipy.special.erf(x)", "1:1-18", "the attribute 'scipy.special.erf'", "write erf"),
    ("x.real", "1:1-7", "the attribute 'x.real'", None),
    ("(x + y).real", "1:8-13", "the attribute '.real'", None),
    ("x .. y", "1:3-4", "'.' cannot stand here", None),
    ("lambda x: x", "1:1-7", "functions without a name", "write the formula alone"),
    ("lambda: 3", "1:1-7", "functions without a name", "write the formula alone"),
    ("'x'", "1:1-4", "a string cannot stand in a formula", None),
    ('f"{x}"', "1:1-7", "a string cannot stand in a formula", None),
    ("f'(x)", "1:2-3", "a quote cannot stand in a formula", None),
    ("[x for x in y]", "1:4-7", "comprehensions and loops are not part of the grammar", None),
    ("max(x for x in y)", "1:7-10", "comprehensions and loops", None),
    ("{1: x}", "1:1-2", "dictionaries and sets", "group with ( and )"),
    ("{x}", "1:1-2", "dictionaries and sets", "group with ( and )"),
    ("__import__('os')", "1:1-11", "'__import__' starts with two underscores", None),
    ("x + __class__", "1:5-14", "'__class__' starts with two underscores", None),
    ("x + _＿class__", "1:5-14", "'__class__' starts with two underscores", None),
    ("import os", "1:1-7", "'import' statements", None),
    ("def f(x): return x", "1:1-4", "'def' statements", None),
    # characters
    ("x\0", "1:2-3", "the character U+0000 is not part of the grammar", None),
    ("x + \x07", "1:5-6", "the character U+0007", None),
    ("x + \x85", "1:5-6", "the character U+0085", None),
    ("\ud800", "1:1-2", "the character U+D800", None),
    ("x × y", "1:3-4", "'×' (U+00D7 MULTIPLICATION SIGN)", "write *"),
    ("α·β", "1:2-3", "'·' (U+00B7 MIDDLE DOT)", "write *"),
    ("x ÷ y", "1:3-4", "'÷' (U+00F7 DIVISION SIGN)", "write /"),
    ("x − y", "1:3-4", "'−' (U+2212 MINUS SIGN)", "write -"),
    ("x²", "1:2-3", "powers are written with **", "write x**2"),
    ("(x+1)⁻¹²", "1:6-9", "powers are written with **", "write (x+1)**-12"),
    ("√x", "1:1-2", "'√' (U+221A SQUARE ROOT)", "write sqrt(x)"),
    ("x ≤ y", "1:3-4", "'≤'", "write <="),
    ("（x", "1:1-2", "'（'", "write ("),
    ("x₁ + 1", "1:2-3", "'₁' (U+2081 SUBSCRIPT ONE)", "write x1"),
    ("\\frac", "1:1-2", "'\\'", None),
    # programs
    ("x\ny", "1:1-2", "only the last statement", "put brackets around"),
    ("return x; y", "1:8-9", "only the last statement", "name = expression"),
    ("x = x + 1", "1:1-2", "'x' is an input already", "x_new"),
    ("a = x\nx = 2", "2:1-2", "'x' is an input already", "x_new"),
    ("f(x), b = 1, 2", "1:1-2", "unknown function 'f'", "f*(x)"),
    ("x = y = 3", "1:5-6", "a statement assigns one name", None),
    ("x + y = 3", "1:7-8", "only a name can stand before '='", "write =="),
    ("2 = x", "1:3-4", "only a name can stand before '='", "write =="),
    ("True = 3", "1:1-5", "'True' cannot be given a value", None),
    ("x: real\nx", "1:4-8", "a declaration gives a type", "write x: float"),
    ("x:", "1:2-3", "a declaration gives a type", "write x: float"),
    ("y = x; x: float; y", "1:8-9", "'x' is declared after its first use", "before everything"),
    ("x: float; x: float; x", "1:11-12", "'x' is declared after its first use", None),
    ("f(x; y)", "1:1-2", "unknown function 'f'", None),
    ("sin(x; y)", "1:1-4", "the bracket of 'sin(' is never closed", None),
    ("x + return", "1:5-11", "'return' can stand only at the start", None),
]


def place(error: SymdiffError) -> str:
    assert error.span is not None
    assert error.line is not None
    assert error.column is not None
    return f"{error.line}:{error.column}-{error.column + error.span.end - error.span.start}"


@pytest.mark.parametrize(("text", "where", "message", "suggestion"), PARSE_ERRORS)
def test_mistake(text: str, where: str, message: str, suggestion: str | None) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    error = caught.value
    assert message in error.message
    assert "\n" not in error.message
    assert place(error) == where
    if suggestion is not None:
        assert error.suggestion is not None
        assert suggestion in error.suggestion
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("text", ["", "  ", "\n\n", "# nothing", ";"])
def test_empty(text: str) -> None:
    with pytest.raises(ParseError, match="the formula is empty"):
        parse(text)


def test_no_output() -> None:
    with pytest.raises(ParseError, match="has no output"):
        parse("x: float")


def test_the_whole_report() -> None:
    with pytest.raises(ParseError) as caught:
        parse("x = 1\ny = 2*tahn(x)\n")
    assert str(caught.value) == (
        "unknown function 'tahn'\n"
        "  line 2 |  y = 2*tahn(x)\n"
        "         |        ^^^^\n"
        "  did you mean 'tanh'?"
    )


def test_report_of_a_long_line_is_short() -> None:
    with pytest.raises(ParseError) as caught:
        parse("+".join(["x"] * 100_000) + "+ (y y)")
    assert len(str(caught.value)) < 400


# --- whatever the text, nothing but a SymdiffError ---------------------------------------------

WORDS = [
    *"xyαT_", "e", "pi", "inf", "nan", "np", "True", "False", "None", "lambda", "for", "__a",
    "if", "else", "and", "or", "not", "is", "in", "return", "float",
    "X: [N, 3];", "w: [3];", "k: int [2];", "N", "X", "w", "k", "X[", "w[", "X.T", "axis=0",
    "None", "...", "X @ w", "sum(", "mean(", "reshape(", "linalg.norm(", "concatenate((", "'ij'",
    "1", "2.5", "1e3", ".5", "1_0", "0x1", "2j", "007", "1e999", "9**9**9", "10**300",
    *"+-*/%^@=<>!&|~?$.,:;()[]{}'\"\\#", "**", "//", "==", "!=", "<=", ">=", "===", "=>", "&&",
    "||", "<<", ":=", "+=", "->", "..", "x=", "y:", "tahn(", "x(",
    " ", "\n", "\r\n", "\t", "\0", "\x85", "\ud800", "\u2028", "\ufeff",
    "²", "⁻¹", "₁", "½", "ﬁ", "√", "×", "−", "“",
    *(f"{name}(" for name in CALLEES),
]  # fmt: skip


def refusal(text: str) -> SymdiffError | None:
    try:
        check(parse(text))
    except SymdiffError as error:
        return error
    return None


def parse_or_refuse(text: str) -> None:
    error = refusal(text)
    if error is not None:
        assert error.message
        assert "\n" not in error.message
        assert str(error)
    if error is not None and error.span is not None:
        assert 0 <= error.span.start < error.span.end <= len(text) + 1


@examples(600)
@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from(["", " "]))
@example(["(", "x", ",", ")", "+", "1"], "")
def test_word_soup(words: list[str], gap: str) -> None:
    parse_or_refuse(gap.join(words))


@examples(300)
@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    parse_or_refuse(text)


FORMULAS = [
    "a = where(x < 1 <= y, sin(x)**2, -log(y, 3)) # c\nreturn a, max(a, 2.5e-3, x) % y",
    "Piecewise((x**2, x > 0 and not y), (besselj(1, x), True)) if y else e^(x*pi)",
]


@examples(400)
@given(
    st.sampled_from(FORMULAS),
    st.integers(0, 80),
    st.integers(0, 12),
    st.lists(st.sampled_from(WORDS), max_size=2).map("".join),
)
def test_damaged_formula(text: str, start: int, length: int, patch: str) -> None:
    parse_or_refuse(text[:start] + patch + text[start + length :])
