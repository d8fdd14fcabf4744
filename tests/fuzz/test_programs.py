"""Random programs of arrays in the grammar, beside Python's own parser and NumPy.

The reader here knows nothing of symdiff: `ast` reads the program and NumPy computes it. Its value
is the value, and its differences along random directions are what the gradient must give.
"""

from __future__ import annotations

import ast
import operator
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import special

import symdiff as sd
from symdiff.errors import SymdiffError

# --- the reader ----------------------------------------------------------------------------------

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.MatMult: operator.matmul, ast.USub: operator.neg,
    ast.Lt: operator.lt, ast.Gt: operator.gt, ast.LtE: operator.le, ast.GtE: operator.ge,
    ast.And: np.logical_and, ast.Or: np.logical_or, ast.Not: np.logical_not,
}  # fmt: skip
_SPECIAL = {"sigmoid": special.expit, "softplus": special.softplus, "logsumexp": special.logsumexp,
            "relu": lambda x: np.maximum(x, 0.0), "norm": np.linalg.norm, "inv": np.linalg.inv,
            "solve": np.linalg.solve, "det": np.linalg.det, "slogdet": np.linalg.slogdet,
            "erf": special.erf, "len": len, "softmax": special.softmax}  # fmt: skip


def read(program: str, given: Mapping[str, Any]) -> Any:
    """The value of a program, as Python parses it and NumPy computes it."""
    names = dict(given)
    for statement in ast.parse(program).body:
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                names[name] = _of(value, names)
            case ast.Expr(value):
                return _of(value, names)
    raise ValueError("a program without a result")


def _of(node: ast.expr | None, names: Mapping[str, Any]) -> Any:
    def of(part: ast.expr | None) -> Any:
        return _of(part, names)

    match node:
        case None:
            return None
        case ast.Constant(value):
            return value
        case ast.Name(name):
            return names[name]
        case ast.BinOp(left, sign, right):
            return _OPERATORS[type(sign)](of(left), of(right))
        case ast.UnaryOp(sign, operand):
            return _OPERATORS[type(sign)](of(operand))
        case ast.Compare(left, [sign], [right]):
            return _OPERATORS[type(sign)](of(left), of(right))
        case ast.BoolOp(sign, [left, right]):
            return _OPERATORS[type(sign)](of(left), of(right))
        case ast.IfExp(condition, yes, no):
            return np.where(of(condition), of(yes), of(no))
        case ast.Tuple(parts):
            return tuple(of(part) for part in parts)
        case ast.List(parts):
            return np.array([of(part) for part in parts])
        case ast.Attribute(value, "T"):
            return np.transpose(of(value))
        case ast.Slice(start, stop, step):
            return slice(of(start), of(stop), of(step))
        case ast.Subscript(value, key):
            return of(value)[of(key)]
        case ast.Call(ast.Name(name), args, keywords):
            function = _SPECIAL.get(name) or getattr(np, name)
            return function(*map(of, args), **{word.arg: of(word.value) for word in keywords})
    raise TypeError(ast.dump(node))


# --- programs ------------------------------------------------------------------------------------

LENGTHS = {"2": 2, "3": 3, "4": 4, "N": 5}

# a, b: values so far, broadcast where they can be; i, j: axes; k: a small number; c: a float
STATEMENTS = (
    """
sin({a}) | cos({a})*{b} | tanh({a} + {b}) | exp(-{a}**2) | sqrt(1 + {a}**2) | log1p(abs({a})) |
{a} + {b} | {a} - {b} | {a}*{b} | {a}/(1 + {b}**2) | {a}*{c} | {c} - {a} | -{a} | {a}**2 | {a}**3 |
abs({a}) | maximum({a}, {b}) | minimum({a}, {b}) | hypot({a}, {b}) | arctan2({a}, 2 + {b}**2) |
where({a} > {b}, {a}, sin({b})) | where({a} < {c}, {a}**2, {a}) | ({a} if {a} > {b} else {b}) |
where(({a} > {c}) and ({b} < {c}), {a}, {b}) | clip({a}, -0.5, 0.75) | relu({a}) | sigmoid({a}) |
softplus({a}) | erf({a}) | logaddexp({a}, {b}) | sign({a})*{b} | floor({a})*{b} | sum({a}) |
sum({a}, axis={i}) | sum({a}, axis={i}, keepdims=True) | mean({a}, axis={i}) | mean({a}) |
max({a}, axis={i}) | min({a}, axis={i}) | prod({a}, axis={i}) | var({a}, axis={i}) |
std({a}, axis={i}) | norm({a}) | norm({a}, axis={i}) | logsumexp({a}) | logsumexp({a}, axis={i}) |
amax({a}) | prod({a}) | cumsum({a}, axis={i}) | cumprod({a}, axis={i}) | sort({a}, axis={i}) |
diff({a}, axis={i}) | flip({a}, axis={i}) | roll({a}, {k}, axis={i}) | softmax({a}, axis={i}) |
cumsum({a}) | {a}.T | transpose({a}) | reshape({a}, (-1,)) | ravel({a}) | expand_dims({a}, {i}) |
squeeze({a}) | moveaxis({a}, {i}, {j}) | swapaxes({a}, {i}, {j}) | broadcast_to({a}, shape({b})) |
tile({a}, 2) | repeat({a}, 2, axis={i}) | concatenate(({a}, {b}), axis={i}) |
stack(({a}, {b}), axis={i}) | hstack(({a}, {b})) | vstack(({a}, {b})) | [{a}, {b}, 1.5] |
[[{a}, 0.5], [{b}, {a}]] | {a}[0] | {a}[-1] | {a}[{k}] | {a}[1:] | {a}[:-1] | {a}[::-1] |
{a}[::2] | {a}[:, 0] | {a}[..., 1] | {a}[None] | {a}[:, None] | {a}[0, 1:] | {a}[[0, 1, 0]] |
{a}[:, [1, 0]] | take({a}, [1, 0], axis={i}) | {a} @ {b} | {a} @ {b}.T | {a}.T @ {b} |
dot({a}, {b}) | outer({a}, {b}) | inner({a}, {b}) | vdot({a}, {b}) | einsum("ij,ij->i", {a}, {b}) |
einsum("ij,jk->ki", {a}, {b}) | einsum("i,ij->j", {a}, {b}) | einsum("ii", {a}) | trace({a}) |
diag({a}) | diagonal({a}) | tril({a}) | triu({a}, {k}) | tensordot({a}, {b}, 1) | kron({a}, {b}) |
cross({a}, {b}) | matmul({a}, {b}) | zeros({k}) + {a} | inv({a} @ {a}.T + 4*eye(len({a}))) |
det({a} @ {a}.T + eye(len({a}))) | ones_like({a})*{b} | solve({a} @ {a}.T + 4*eye(len({a})), {b}) |
slogdet({a} @ {a}.T + eye(len({a})))[1] | ptp({a}, axis={i}) | median({a}, axis={i}) |
convolve({a}, {b}) | interp({a}, [-1., 0., 2.], [1., 3., 2.]) | nansum({a}) |
average({a}, axis={i}) | trapezoid({a}, axis={i}) | gradient({a}, axis={i}) | cov({a}) |
polyval([1., {c}, -0.5], {a}) | square({a}) | reciprocal(2 + {a}**2) | cbrt({a}) | expm1({a})
""".replace("|\n", "| ")
    .strip()
    .split(" | ")
)


class Program(NamedTuple):
    """A text, and the arguments that it was tried with."""

    text: str
    args: dict[str, np.ndarray]


def _is_usable(value: Any) -> bool:
    array = np.asarray(value)
    return (
        array.dtype == float
        and array.size in range(1, 61)
        and array.ndim <= 3
        and bool(np.all(np.abs(array) < 1e3))
    )


def program(draw: random.Random) -> Program:
    """Statements that NumPy accepts, each of earlier ones; the result counts all of them."""
    rng = np.random.default_rng(draw.getrandbits(32))
    lines, args = [], {}
    for name in ("x", "y", "Z")[: draw.randint(1, 3)]:
        shape = [draw.choice("2334N") for _ in range(draw.choice((0, 1, 1, 2, 2, 3)))]
        lines.append(f"{name}: [{', '.join(shape)}]")
        args[name] = np.asarray(rng.normal(size=[LENGTHS[length] for length in shape]))
    names: dict[str, Any] = dict(args)
    wanted = len(names) + draw.randint(1, 5)
    for _ in range(100):
        a, b, statement = (draw.choice(list(of)) for of in (names, names, STATEMENTS))
        if "axis" in statement and names[a].ndim == 0:
            continue  # NumPy takes some axes of a number, and says so nowhere
        text = statement.format(
            a=a, b=b, i=draw.choice((0, 0, 1, -1)), j=draw.choice((0, 1, -1)),
            k=draw.choice((1, 2, -1)), c=round(draw.uniform(-2.0, 2.0), 2),
        )  # fmt: skip
        try:
            value = read(text, names)
        except (ValueError, TypeError, IndexError, np.linalg.LinAlgError):
            continue
        if _is_usable(value):
            name = f"v{len(names)}"
            lines.append(f"{name} = {text}")
            names[name] = np.asarray(value)
        if len(names) == wanted:
            break
    terms = [f"sum(sin({name} + {0.3 * n:.1f}))" for n, name in enumerate(names)]
    return Program("\n".join([*lines, " + ".join(terms)]), args)


# --- the comparison ------------------------------------------------------------------------------


class Slope(NamedTuple):
    """A derivative along a direction, and how far it may be off."""

    value: float
    error: float


def slope(function: Callable[[float], float]) -> Slope:
    """Central differences at 0, extrapolated to step 0 (Ridders 1982)."""
    before: list[float] = []
    best, error, step = np.nan, np.inf, 0.02
    for _ in range(7):
        line = [(function(step) - function(-step)) / (2 * step)]
        for order, coarse in enumerate(before):
            factor = 4.0 ** (order + 1)
            line.append((factor * line[-1] - coarse) / (factor - 1.0))
            spread = max(abs(line[-1] - line[-2]), abs(line[-1] - coarse))
            if spread <= error:
                best, error = line[-1], spread
        before, step = line, step / 2
    return Slope(best, error)


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning")
def test_programs_of_arrays(fuzz_random: random.Random, fuzz_deadline: float) -> None:
    tried = refused = compared = 0
    while time.monotonic() < fuzz_deadline or tried < 5:
        made = program(fuzz_random)
        tried += 1
        try:
            function = sd.function(made.text)
            value, gradient = function.value_and_grad()(*made.args.values())
        except SymdiffError:
            if "N" not in made.text:
                raise  # where all lengths are numbers, all works
            refused += 1
            continue
        assert function.inputs == tuple(made.args), made
        right = read(made.text, made.args)
        assert abs(value - right) <= 1e-11 * (1 + abs(right)), (made, value, right)
        entries = gradient if len(made.args) > 1 else (gradient,)
        for name, entry in zip(made.args, entries, strict=True):
            assert np.shape(entry) == made.args[name].shape, made
            seed = fuzz_random.getrandbits(32)
            way = np.random.default_rng(seed).normal(size=made.args[name].shape)

            def along(t: float, name: str = name, way: Any = way, made: Program = made) -> float:
                moved = {**made.args, name: made.args[name] + t * way}
                return float(read(made.text, moved))

            wanted = slope(along)
            if wanted.error < 1e-5 * (1 + abs(wanted.value)):
                got = float(np.sum(entry * way))
                slack = 8 * wanted.error + 1e-9 * (1 + abs(wanted.value))
                assert abs(got - wanted.value) <= slack, (made, name, got, wanted)
                compared += 1
    print(f"{tried} programs, {refused} refused, {compared} directions compared")
    assert compared >= tried / 2
