"""Random texts, most of them wrong: a sentence with its place, or the value that Python reads.

Texts come from a small grammar and from programs that are damaged. What is accepted and what
Python's own parser reads too must have the value that NumPy gives; all else must be refused by one
of symdiff's own errors, which stands at a place of the text.
"""

from __future__ import annotations

import ast
import math
import operator
import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

import symdiff as sd
from symdiff.errors import SymdiffError
from symdiff.frontend.text.program import parse
from symdiff.graph.graph import Graph
from symdiff.graph.node import INT
from tests.interpreted import by_numpy

# --- the reader ----------------------------------------------------------------------------------

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: np.divide, ast.Pow: np.power, ast.FloorDiv: np.floor_divide, ast.Mod: np.remainder,
    ast.USub: operator.neg, ast.UAdd: operator.pos,
    ast.Lt: operator.lt, ast.Gt: operator.gt, ast.LtE: operator.le, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in
       "sin cos tan exp log sqrt tanh arctan arcsin sinh log1p expm1 floor ceil sign hypot "
       "arctan2 square cbrt abs".split()},
    "maximum": lambda *x: np.max(x), "minimum": lambda *x: np.min(x),
    "ln": np.log, "atan": np.arctan, "erf": special.erf, "gamma": special.gamma,
    "sigmoid": special.expit, "relu": lambda x: np.maximum(x, 0.0),
    "max": lambda *x: np.max(x), "min": lambda *x: np.min(x), "sum": lambda x: x,
    "where": lambda c, a, b: a if c else b, "mean": lambda x: x, "nanmin": lambda x: x,
    "logsumexp": lambda x: x,
}  # fmt: skip
_CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}


def read(text: str, given: Mapping[str, float]) -> list[float]:
    """The values of a program of numbers, as Python parses it and NumPy computes it."""
    names = {name: np.float64(value) for name, value in {**_CONSTANTS, **given}.items()}
    for statement in ast.parse(text.replace("^", "**").strip()).body:
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                names[name] = result = _of(value, names)
            case ast.Expr(value=ast.Tuple(elts=parts)):
                return [float(_of(part, names)) for part in parts]
            case ast.Expr(value=value):
                return [float(_of(value, names))]
            case _:
                raise TypeError(ast.dump(statement))
    return [float(result)]


def _of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    def of(part: ast.expr) -> Any:
        return np.float64(_of(part, names))

    match node:
        case ast.Constant(value=float() | int() as value):
            return np.float64(value)
        case ast.Name(name):
            return names[name]
        case ast.BinOp(left, sign, right):
            return _OPERATORS[type(sign)](of(left), of(right))
        case ast.UnaryOp(ast.Not(), operand):
            return not of(operand)
        case ast.UnaryOp(sign, operand):
            return _OPERATORS[type(sign)](of(operand))
        case ast.Compare(left, signs, rights):
            values = [of(left), *map(of, rights)]
            pairs = zip(signs, values, values[1:], strict=False)
            return all(_OPERATORS[type(sign)](a, b) for sign, a, b in pairs)
        case ast.BoolOp(ast.And(), parts):
            return all([bool(of(part)) for part in parts])
        case ast.BoolOp(ast.Or(), parts):
            return any([bool(of(part)) for part in parts])
        case ast.IfExp(condition, yes, no):
            return of(yes) if of(condition) else of(no)
        case ast.Call(ast.Name(name), args, []):
            return _FUNCTIONS[name](*map(of, args))
    raise TypeError(ast.dump(node))


# --- texts ---------------------------------------------------------------------------------------

_NAMES = "x y z w a1 E I N lambda_ gamma beta α e pi".split()
_NUMBERS = "0 1 2 3 0.5 1e-3 2.5 10 1_000 .25 7".split()
_SIGNS = "+ - * / ** % // ^ + - * /".split()
_COMPARISONS = "< <= > >= == !=".split()
_PIECES = (
    *_NAMES, *_NUMBERS, *_SIGNS, *_COMPARISONS, *_FUNCTIONS,
    *"( ) [ ] , ; : = . @ ! & | ' \" \\ # ? { } $ ~ -> := ... if else and or not is in for return "
    "lambda import None True False inf nan class x: int float bool N] [N, [3] __x x.T .shape 1j "
    "0x1 1e400 2x sin² × ∞ −".split(), "\n", " ", "\t",
)  # fmt: skip
PROGRAMS = (
    "x**2 + y**3", "a = x*y; b = a + sin(a); a*b", "r = hypot(x, y)\nt = atan2(y, x)\n(r, t)",
    "x if x > 0 else -x", "where(x > 1 and y < 2, x, y)", "max(x, y, 2) - min(x, 1)",
    "X: [N, 3]; w: [3]; y: [N]\nmean((X @ w - y)**2)", "x: [N]; sum(x[1:]*x[:N-1])/N",
    "k: int [2]; x: [5]; sum(x[k])", "A: [3, 3]; det(A) + A.T[0, 1]", "[x, y, 1] @ [1, 2, 3]",
    "einsum(\"ij,j->i\", [[x, 1], [2, y]], [x, y])", "1 < x < y <= 3", "not (x or y)",
    "x: [0]; sum(x)",
    "e = 3; e*x^2", "logsumexp(x) + nanmin(y)", "y: [N]; sum([N, 1])*y[0]", "f, g = x, y",
    "Piecewise((x, x > 0), (y, True))", "polygamma(1, x) + besselj(0, y)", "return x, y",
    "concatenate((zeros(2), [x, y]), axis=0)[::-1]", "x: float; -x**-2 // 3 % 5", "norm([x, y], 1)",
    "m: bool [N]; x: [N]; sum(where(m, x, 0))", "eigh([[2, x], [x, 3]])[0]",
    "reshape(arange(6), (2, 3))",
)  # fmt: skip


def formula(draw: random.Random, depth: int) -> str:
    """A formula of numbers."""
    if depth == 0 or draw.random() < 0.1:
        return draw.choice((*_NAMES, *_NUMBERS))

    def part() -> str:
        return formula(draw, depth - 1)

    match draw.randrange(8):
        case 0 | 1:
            return f"{part()} {draw.choice(_SIGNS)} {part()}"
        case 2:
            return f"({part()}){draw.choice(_SIGNS)}{part()}"
        case 3:
            return f"{draw.choice(('-', '+', 'not ', '--'))}{part()}"
        case 4:
            return f"({part()} if {part()} {draw.choice(_COMPARISONS)} {part()} else {part()})"
        case 5:
            signs = (*_COMPARISONS, "and", "or")
            return f"({part()} {draw.choice(signs)} {part()} {draw.choice(signs)} {part()})"
        case _:
            name = draw.choice(list(_FUNCTIONS))
            count = {"hypot": 2, "arctan2": 2, "maximum": 2, "minimum": 2, "max": 3, "where": 3}
            return f"{name}({', '.join(part() for _ in range(count.get(name, 1)))})"


def damaged(draw: random.Random, text: str) -> str:
    """The text with some of its words or characters changed."""
    words = re.findall(r"\w+|\s+|[^\w\s]", text)
    for _ in range(draw.randint(1, 3)):
        place = draw.randrange(len(words) + 1)
        match draw.randrange(4):
            case 0:
                words[place : place + draw.randint(1, 2)] = []
            case 1:
                words.insert(place, draw.choice(_PIECES))
            case 2:
                words[place : place + 1] = [draw.choice(_PIECES)]
            case _:
                other = draw.randrange(len(words) + 1)
                words[place:place] = words[other : other + draw.randint(1, 4)]
    return "".join(words)


def drawn(draw: random.Random) -> str:
    """A text."""
    text = draw.choice(PROGRAMS) if draw.random() < 0.4 else formula(draw, draw.randint(1, 4))
    return damaged(draw, text) if draw.random() < 0.6 else text


# --- the tests -----------------------------------------------------------------------------------


def test_texts_are_read_as_python_reads_them(
    fuzz_random: random.Random, fuzz_deadline: float
) -> None:
    compared = 0
    while time.monotonic() < fuzz_deadline or compared < 50:
        text = drawn(fuzz_random)
        try:
            graph = parse(text)
        except SymdiffError as error:
            _check_refusal(text, error)
            continue
        point = {name: round(fuzz_random.uniform(-3, 3), 2) for name in graph.input_names}
        if "[" in text or any(node.shape for node in graph.nodes):
            continue  # arrays have a fuzzer of their own
        with np.errstate(all="ignore"):
            try:
                want = read(text, point)
            except (SyntaxError, TypeError, KeyError, ValueError, OverflowError):
                continue  # the grammar has more than this reader
            found = _values(text, graph, point)
        assert np.allclose(found, want, 1e-9, 1e-12, equal_nan=True), (text, point, found, want)
        compared += 1


def _values(text: str, graph: Graph, point: Mapping[str, float]) -> list[float]:
    """What the lines give; where they hold whole numbers, what the emitted module gives."""
    if any(node.op.startswith("as_") or node.dtype == INT for node in graph.nodes):
        found = sd.function(text)(*[point[name] for name in graph.input_names])
        return list(found) if isinstance(found, tuple) else [found]
    return [float(value) for value in by_numpy(graph, point)]


def _check_refusal(text: str, error: SymdiffError) -> None:
    """The sentence is short and has no class of ours in it; a place lies inside of the text."""
    assert error.message.strip(), text
    assert "symdiff." not in error.message, (text, error.message)
    if error.span is not None and error.text is not None:
        assert 0 <= error.span.start <= len(text), (text, error.span)
        assert "^" in str(error), (text, str(error))


def test_no_verb_stops_with_an_error_of_pythons(
    fuzz_random: random.Random, fuzz_deadline: float
) -> None:
    verbs = ("grad", "jacobian", "hessian", "vjp", "jvp")
    tried = 0
    while time.monotonic() < fuzz_deadline or tried < 20:
        text = drawn(fuzz_random)
        verb = fuzz_random.choice(verbs)
        try:
            made = getattr(sd.function(text), verb)()
            compile(made.emit(), "<emitted>", "exec")
        except SymdiffError:
            continue
        except Exception as error:
            raise AssertionError(f"{verb} of {text!r}") from error
        tried += 1
