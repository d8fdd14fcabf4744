"""Random loops over arrays, their views and other names, beside NumPy and differences.

A program is drawn as a tree of statements from the tables below, and run by NumPy. What symdiff
makes of it must have its value, the slope of its differences along a direction, and as second
derivative the slope of its gradient, however its loops are made; what is refused by name is passed
over. A program that is wrong is made smaller before it is shown.
"""

from __future__ import annotations

import contextlib
import linecache
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd
from tests.emit.compilers import compiled as by_compiler

pytestmark = pytest.mark.filterwarnings("ignore")  # of what overflows, and of ways that calls take
LOOPS = {"auto": 0.8, "roll": 0.4}  # with how many of the programs are compared at least
BY_C = 0.5  # of which
FEWEST, FEWEST_BY_C = 8, 3  # programs
MOST = 1e4  # of a value and a slope: larger ones lose their digits in the loops
STEP = 1e-5
DEEPEST = 3  # loops and branches inside of each other

# --- the language --------------------------------------------------------------------------------

# a key is a kind of values or places; what stands in braces is drawn in its place
NAMES = {"s": "s t c", "l": "u v", "w": "w z", "p": "p q", "m": "A B"}
EXPRESSIONS = {
    "s": """{s} | 0.5*{s} | {s} + {s} | {s} - {s} | {s}*{s} | np.tanh({s}) | np.sin({s}) | 0.3 |
{l}[{i}] | {l}[{i}] | {w}[{j}] | {m}[{i}, {j}] | {p}[{k}] | np.sum({l}) | np.max({w}) | x[{i}] |
np.mean({m}*{m}) | ({s} if {b} else {s}) | {w} @ {w} | max({s}, {s}) | min({s}, {s}) | X[{i}, {j}] |
{l}[{l} > {s}].sum() | np.where({b}, {s}, {s}) | abs({s}) | 0.1*{i} | np.sum({p}**2) | float({s}) |
{m}[{i}].sum() | {l}[1:].mean() | np.sum(np.where({w} > {s}, {w}, 0.0))""",
    "l": """{l} | {l} | {l}*{s} | {l} + {l} | {l} - x | {m}[:, {j}] | {m} @ {w} | np.tanh({l}) |
np.sum({m}, axis=1) | np.where({l} > {s}, {l}, {l}) | {l}[::-1] | np.zeros(6) | {l}.copy() |
np.roll({l}, 1) | np.cumsum({l}) | np.concatenate([{p}, [{s}]]) | np.append({s}, {p}) | x |
np.clip({l}, -0.5, 0.5) | np.maximum({l}, {l}) | np.full(6, {s})""",
    "w": """{w} | {w} | {w}*{s} | {w} - {w} | {m}[{i}] | X[{i}] | {l} @ {m} | np.tanh({w}) |
np.mean({m}, axis=0) | np.where({w} > {s}, {w}, 0.5*{w}) | np.array([{s}, {s}, 0.5, {s}]) |
np.maximum({w}, {w}) | {w}.copy() | {w}[::-1] | {p}[1:]*1.0 | {l}[:4]*1.0 | {l}[1:5]*1.0""",
    "p": """{p} | {p} | {p}*{s} | {p} + {p} | {l}[1:] | {l}[:-1] | np.diff({l}) | np.sin({p}) |
{m}[1:, {j}] | {p}.copy() | np.zeros(5) | {p}[::-1] | np.abs({p})""",
    "m": """{m} | {m} | {m}*{s} | {m} + {w} | {m} - {l}[:, None] | np.outer({l}, {w}) | X |
np.tanh({m}) | np.where({m} > {s}, {m}, {m}) | {m}[::-1] | {m}.copy() | np.zeros((6, 4)) |
{m}*{m}""",
    "b": """{s} > {s} | {s} < 0.3 | {s} > 0.1 | {i} % 2 == 0 | {s} > 0.1 and {s} < 0.8 | {i} > 2 |
not {s} > {s} | {s} < -0.2 or {s} > 0.5 | np.any({w} > {s}) | np.sum({l}) > {s} | {i} < {j}""",
    "i": "0 | 1 | 3 | -1 | 5",
    "j": "0 | 1 | 2 | -1",
    "k": "0 | 1 | 3 | -1",
}  # fmt: skip
# what is bound to one of its own names is another name of an array, or a view
STATEMENTS = """
{s=} = {s} | {s=} = np.tanh({s}) | {s=} = {s=}*0.4 + {s} | {s=} += {s} | {s=}, {s=} = {s}, {s} |
{l=} = {l} | {w=} = {w} | {p=} = {p} | {m=} = {m} | {l=} = {l=} | {w=} = {w=} | {m=} = {m=} |
{w=} = {m=}[{i}] | {l=} = {m=}[:, {j}] | {p=} = {l=}[1:] | {p=} = {l=}[:-1] | {p=} = {m=}[1:, {j}] |
{l=}, {l=} = {l=}, {l=} | {w=}, {w=} = {w=}, {w=} | {m=}, {m=} = {m=}, {m=} | u, v = v, u |
A, B = B, A | w, z = z, w | p, q = q, p | u, v = v, u*0.5 | {l=} = {l=}.copy() | {m=} = {m=}*0.9 |
{l=}[{i}] = {s} | {l=}[{i}] += 0.5*{s} | {w=}[{j}] = {s} | {w=}[{j}] *= {s} | {p=}[{k}] = {s} |
{m=}[{i}, {j}] = {s} | {m=}[{i}, {j}] -= 0.3*{s} | {m=}[{i}] = {w} | {m=}[:, {j}] = {l} |
{m=}[{i}] += 0.5*{w} | {l=}[1:] = {p} | {l=}[:-1] += 0.5*{p} | {p=}[:] = {p} | {w=}[:] = {w} |
{l=}[:] = {l} | {m=}[:] = {m} | {l=} *= 0.5 | {w=} += 0.3*{w} | {p=} -= 0.2*{p} | {m=} *= {s} |
{l=} += 0.1*{l} | {l=}[{l} > {s}] = {s} | {l=}[{l} > {s}] *= 0.5 | {m=}[x > 0.1] = {w} |
{m=}[{i}, 1:] += {w}[:3] | {m=}[1:] = 0.5*{m=}[:-1] | {l=}[{i}], {l=}[{i}] = {l=}[{i}], {l=}[{i}] |
{w=}[{j}], {w=}[{j}] = {w=}[{j}], {w=}[{j}] | np.add({l=}, {l}, out={l=}) | {l=}.fill({s}) |
{m=}[{i}][{j}] = {s} | {m=}[:, {j}][{i}] = {s} | {l=}[{i}:] *= 0.5 | {m=}[:, 1:3] -= 0.1*{s} |
sums.append({s}) | rows.append({w}) | rows.append({w=}) | {s=} = len(rows)*0.1 + sums[-1] |
{w=} = rows[-1] | {w=} = rows[{j}] | {m=}.T[{j}] = {l} | {l=}[::2] = {s} |
{m=}[{i}], {m=}[{i}] = {w}, {w}
"""  # fmt: skip
# the head of a loop, and what it adds to the language
LOOP_HEADS = """
for i in range(6): > i=i | for i in range(1, 6): > i=i,i - 1 | for i in range(5, -1, -1): > i=i |
for i in range(5): > i=i,i + 1,(i + 1) % 6;k=i | for i in range(0, 6, 2): > i=i,i + 1 |
for j in range(4): > j=j,3 - j,(j + 1) % 4 | for i in range(2): > i=i | for _ in range(5): > |
for k in range(8): > i=k % 6,(k + 1) % 6;j=k % 4 | for row in {m=}: > w=row;w==row |
for row in X: > w=row | for e in {l=}: > s=e | for e in x: > s=e | for e in {l}: > s=e |
for i, row in enumerate({m=}): > i=i;w=row;w==row | for e, f in zip({l=}, x): > s=e,f |
for i, e in enumerate({l=}): > i=i;s=e | for row, e in zip({m=}, {l=}): > w=row;w==row;s=e |
for col in {m=}.T: > l=col;l==col | for row in {m=}[1:]: > w=row;w==row | for e in {p=}: > s=e |
for i in range({i}): > i=i | for j in range(1, 4): > j=j,j - 1 | for _ in range(3): > |
for i in reversed(range(6)): > i=i
"""
STARTS = {
    "u": "x*1.0 | np.zeros(6) | np.sin(x) | x.copy() | A[:, 1]",
    "v": "np.cos(x) | x*2.0 | np.ones(6)*x[0] | np.zeros(6) | B[:, 2]",
    "w": "X[0]*0.5 | np.zeros(4) | np.ones(4) | X[1].copy() | A[2]",
    "z": "np.tanh(X[1]) | np.zeros(4) | X[2]*X[3] | B[0]",
    "p": "u[1:] | np.ones(5) | x[1:]*0.5 | v[:-1]*0.5 | A[1:, 0]",
    "q": "np.zeros(5) | v[1:] | u[:-1].copy() | np.diff(x)",
    "s": "x[0] | 0.0 | np.sum(X)*0.1",
    "t": "x[1]*x[2] | 1.0",
}
SIZES = {"u": 6, "v": 6, "w": 4, "z": 4, "p": 5, "q": 5}
RESULT = "\n    + ".join(
    ["s + t*c + sum(sums)"]
    + [f"np.sum(np.sin({name}*weights[:{size}]))" for name, size in SIZES.items()]
    + [f"np.sum(np.sin({name})*table)" for name in "AB"]
    + ["sum([np.sum(row*weights[:4]) for row in rows])"]
)
WEIGHTS = np.cos(np.arange(6.0)) + 1.2
TABLE = np.sin(np.arange(24.0)).reshape(6, 4) + 0.4

Options = dict[str, Any]
Tree = list[Any]  # of texts, and of pairs of a head and a tree


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(" |")]


class Writer:
    """Draws programs.

    Args:
        draw: draws.
    """

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.language: dict[str, list[str]] = {}
        for kind, text in EXPRESSIONS.items():
            names = NAMES.get(kind, "").split()
            self.language[kind] = _listed(" ".join(text.split()))
            self.language[f"{kind}."] = names or self.language[kind]  # without a part
            self.language[f"{kind}="] = names  # those that stand on the left
        self.statements = _listed(" ".join(STATEMENTS.split()))
        self.heads = _listed(" ".join(LOOP_HEADS.split()))
        self.room = draw.randrange(5, 16)

    def program(self) -> Tree:
        """The statements of a function."""
        starts = ["A = X*1.0", "B = np.zeros((6, 4))", "c = 0.5", "sums, rows = [0.0], [w]"]
        made = [f"{name} = {self.draw.choice(_listed(text))}" for name, text in STARTS.items()]
        body = [*self.loop(0), *self.block(0), *(self.loop(0) if self.draw.random() < 0.4 else [])]
        return [*starts[:3], *made, starts[3], *body]

    def block(self, depth: int, *, in_loop: bool = False) -> Tree:
        """A few statements."""
        tree: Tree = []
        for _ in range(self.draw.choice((1, 2, 2, 3, 4))):
            if self.room <= 0:
                break
            self.room -= 1
            kind = self.draw.random()
            if kind < 0.12 and depth < DEEPEST:
                tree += self.loop(depth)
            elif kind < 0.3 and depth < DEEPEST:
                tree += self.branch(depth, in_loop=in_loop)
            elif kind < 0.36 and in_loop:
                left = self.draw.choice(("break", "continue"))
                tree.append((f"if {self.text('b')}:", [left]))
            else:
                tree.append(self.filled(self.draw.choice(self.statements)))
        return tree or [self.filled(self.draw.choice(self.statements))]

    def branch(self, depth: int, *, in_loop: bool) -> Tree:
        """An `if`, and maybe an `else`."""
        tree: Tree = [(f"if {self.text('b')}:", self.block(depth + 1, in_loop=in_loop))]
        if self.draw.random() < 0.5:
            tree.append(("else:", self.block(depth + 1, in_loop=in_loop)))
        return tree

    def loop(self, depth: int) -> Tree:
        """A loop, and what stands before it."""
        if self.draw.random() < 0.12:
            goes_on = self.text("s"), self.draw.choice((0.4, 0.9, 2.0))
            count = f"n{depth}"  # one of its own, so that the loop ends
            head = f"while {count} < 6 and {goes_on[0]} < {goes_on[1]}:"
            inner = [f"{count} += 1", *self.within(f"i={count} - 1", depth)]
            return [f"{count} = 0", (head, inner)]
        head, _, more = self.draw.choice(self.heads).partition(" >")
        return [(self.filled(head), self.within(more.strip(), depth))]

    def within(self, more: str, depth: int) -> Tree:
        """The body of a loop, which knows more than what is around it."""
        before = {kind: list(texts) for kind, texts in self.language.items()}
        for one in filter(None, more.split(";")):
            kind, _, texts = one.partition("=")
            key = f"{kind}=" if texts.startswith("=") else kind
            known = texts.lstrip("=").split(",")
            self.language[key] = [*before[key], *known * (1 if key == f"{kind}=" else 4)]
            if key == kind:
                self.language[f"{kind}."] = [*before[f"{kind}."], *known * 2]
        tree = self.block(depth + 1, in_loop=True)
        self.language = before
        return tree

    def filled(self, text: str, depth: int = 2) -> str:
        """A text with what is drawn in the place of braces."""
        return re.sub(r"\{(\w=?)\}", lambda found: self.text(found[1], depth - 1), text)

    def text(self, kind: str, depth: int = 1) -> str:
        """What is drawn of a kind."""
        is_name = depth <= 0 and kind[-1] != "="
        return self.filled(self.draw.choice(self.language[kind + "." * is_name]), depth)


def lines(tree: Tree, indent: int = 1) -> Iterator[str]:
    """The text of a tree."""
    for part in tree:
        if isinstance(part, str):
            yield "    " * indent + part
        else:
            yield "    " * indent + part[0]
            yield from lines(part[1] or ["pass"], indent + 1)


def text_of(tree: Tree) -> str:
    """The text of a program."""
    return "\n".join(["def program(X, x):", *lines(tree), f"    return ({RESULT})"]) + "\n"


def compiled(text: str, name: str = "<loops>") -> Callable[..., Any]:
    """The function of a text, whose lines can be looked up."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {"np": np, "weights": WEIGHTS, "table": TABLE, "__name__": __name__}
    exec(compile(text, name, "exec"), space)
    return space["program"]  # type: ignore[no-any-return]


# --- the comparison ------------------------------------------------------------------------------


class Point(NamedTuple):
    """Where a program is computed, and along which direction its slope is taken."""

    args: tuple[Any, Any]
    way: tuple[Any, Any]

    @classmethod
    def drawn(cls, draw: random.Random) -> Point:
        """A point."""
        numbers = np.random.default_rng(draw.getrandbits(32))
        made = [numbers.normal(size=shape) for shape in ((6, 4), (6,)) * 2]
        return cls((made[0], made[1]), (made[2], made[3]))

    def along(self, t: float) -> tuple[Any, Any]:
        """The point some way along."""
        return self.args[0] + t * self.way[0], self.args[1] + t * self.way[1]


class Slope(NamedTuple):
    """A value, the slopes to both sides, and the slope between: NaN where there is a kink."""

    value: Any
    slope: Any


def slope(function: Callable[..., Any], point: Point) -> Slope:
    """The value of a function and its slope along the direction, by central differences."""
    at = {k: np.asarray(function(*point.along(k * STEP))) for k in (-2, -1, 0, 1, 2)}
    near, far = (at[1] - at[-1]) / (2 * STEP), (at[2] - at[-2]) / (4 * STEP)
    bent = np.abs(at[1] - 2 * at[0] + at[-1]) / STEP
    is_smooth = (np.abs(near - far) < 1e-5 * (1 + abs(near))) & (bent < 1e-2 * (1 + abs(near)))
    return Slope(at[0], np.where(is_smooth, near, np.nan))


def inner(gradient: Sequence[Any], way: Sequence[Any]) -> Any:
    return sum(np.sum(g * d) for g, d in zip(gradient, way, strict=True))


def flat(gradient: Sequence[Any]) -> Any:
    return np.concatenate([part.ravel() for part in gradient])


def differs(found: Any, right: Any, tolerance: float) -> bool:
    """Whether numbers are not those that are right, where these are known."""
    size = tolerance * (1 + np.max(np.abs(np.nan_to_num(right))))
    return not bool(np.all(np.isnan(right) | (np.abs(found - right) <= size)))


def complaint(text: str, point: Point, options: Options, *, second: bool) -> str:
    """What is wrong with what symdiff makes of a program; empty for nothing.

    Args:
        text: of the program.
        point: where it is computed.
        options: of the call, beside what it differentiates by.
        second: whether tangents and second derivatives are compared too.

    Raises:
        SymdiffError: where it is refused.
    """
    try:
        return compared(text, point, options, second=second)
    except sd.SymdiffError:
        raise
    except Exception as error:  # whatever it is: NumPy raises nothing
        return f"{type(error).__name__}: {error}"


def compared(text: str, point: Point, options: Options, *, second: bool) -> str:
    """The first of value, gradient, JVP and HVP that is wrong, with what is right."""
    program = compiled(text)
    options = {"wrt": ("X", "x"), **options}
    right = slope(program, point)
    value, gradient = sd.value_and_grad(program, **options)(*point.args)
    if differs(value, right.value, 1e-9):
        return f"value: {value} for {right.value}"
    if differs(inner(gradient, point.way), right.slope, 1e-5):
        return f"gradient: {inner(gradient, point.way)} for {right.slope}"
    if not second:
        return ""
    tangent = sd.jvp(program, **options)(*point.args, *point.way)[1]
    if differs(tangent, right.slope, 1e-5):
        return f"jvp: {tangent} for {right.slope}"
    taken, times = sd.grad(program, **options), sd.hvp(program, **options)
    bend = slope(lambda X, x: flat(taken(X, x)), point).slope
    product = flat(times(*point.args, *point.way))
    if np.max(np.abs(np.nan_to_num(bend))) < MOST and differs(product, bend, 1e-4):
        return f"hvp: {product.tolist()} for {bend.tolist()}"
    return ""


HAS_SWAPS = sys.version_info < (3, 11, 7)  # early ones compile t, t = a, b as t, t = b, a
TWICE = re.compile(r"^ *(\w+), \1 = ", re.MULTILINE)


def is_usable(tree: Tree, point: Point) -> bool:
    """Whether NumPy runs a program, changes no argument, and its value and slope are small."""
    if HAS_SWAPS and TWICE.search(text_of(tree)):
        return False
    given = [part.copy() for part in point.args]
    try:
        program = compiled(text_of(tree))
        program(*given)
        right = slope(program, point)
    except (ValueError, IndexError, TypeError, NameError, AttributeError, SyntaxError):
        return False
    is_kept = all(np.array_equal(a, b) for a, b in zip(given, point.args, strict=True))
    return is_kept and abs(right.value) < MOST and abs(right.slope) < MOST


def smaller(tree: Tree) -> Iterator[Tree]:
    """The trees with a statement less, or with a block in the place of what holds it."""
    for at, part in enumerate(tree):
        if isinstance(part, str) and re.match(r"n\d \+= 1", part):
            continue  # what ends a loop
        rest = tree[:at], tree[at + 1 :]
        yield [*rest[0], *rest[1]]
        if not isinstance(part, str):
            yield [*rest[0], *part[1], *rest[1]]
            for inside in smaller(part[1]):
                yield [*rest[0], (part[0], inside), *rest[1]]


def smallest(tree: Tree, is_wrong: Callable[[Tree], bool]) -> Tree:
    """A tree that is as wrong, of which nothing can be left out."""
    while True:
        found = next(filter(is_wrong, smaller(tree)), None)
        if found is None:
            return tree
        tree = found


def shown(tree: Tree, point: Point, options: Options, wrong: str) -> str:
    """A program that is wrong, made smaller."""
    kind = wrong.partition(":")[0]

    def is_wrong(other: Tree) -> bool:
        with contextlib.suppress(Exception):
            second = kind in ("jvp", "hvp")
            found = is_usable(other, point) and complaint(
                text_of(other), point, options, second=second
            )
            return bool(found) and found.partition(":")[0] == kind
        return False

    return f"{wrong}\nwith {options}:\n{text_of(smallest(tree, is_wrong))}"


@pytest.mark.parametrize(
    ("loops", "target"),
    [*[(loops, "numpy") for loops in LOOPS], pytest.param("auto", "c", marks=by_compiler)],
)
def test_programs_of_loops(
    loops: str, target: str, fuzz_random: random.Random, fuzz_deadline: float
) -> None:
    tried = compared = 0
    options = {"loops": loops, "target": target}
    fewest, share = (FEWEST, LOOPS[loops]) if target == "numpy" else (FEWEST_BY_C, BY_C)
    while time.monotonic() < fuzz_deadline or tried < fewest:
        seed = fuzz_random.getrandbits(32)
        draw = random.Random(seed)
        tree, point = Writer(draw).program(), Point.drawn(draw)
        if not is_usable(tree, point):
            continue
        tried += 1
        with contextlib.suppress(sd.SymdiffError):
            wrong = complaint(text_of(tree), point, options, second=seed % 4 == 0)
            assert not wrong, f"seed {seed}: {shown(tree, point, options, wrong)}"
            compared += 1
    print(f"{tried} programs, {compared} compared, {tried - compared} refused")
    assert compared >= share * tried - 2
