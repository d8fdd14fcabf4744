"""Random programs of assignments, branches and loops over floats and small arrays, as text."""

from __future__ import annotations

import linecache
import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import numpy as np

COMPARISONS = ("<", "<=", ">", ">=")
LENGTH = 3  # of every array
MANY = 12  # steps of a long loop
SIDE = 4  # of a square array


class Writer:
    """Writes one program of two numbers.

    Attributes:
        lines: what is written so far.
    """

    parameters = ("x", "y")

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.counters = 0
        self.room = 30  # statements that may still be written

    def program(self) -> str:
        """The function."""
        self.write(0, f"def program({', '.join(self.parameters)}):")
        for name in ("a", "b", "c"):
            self.write(1, f"{name} = {self.expression(['x', 'y'], 2)}")
        self.block(1, ["x", "y", "a", "b", "c"], in_loop=False, depth=0)
        self.write(1, "return a + b*c")
        return "\n".join(self.lines) + "\n"

    def write(self, indent: int, text: str) -> None:
        self.lines.append("    " * indent + text)

    def block(self, indent: int, names: list[str], *, in_loop: bool, depth: int) -> None:
        for _ in range(self.random.randint(1, 4)):
            if self.room <= 0:
                break
            self.room -= 1
            if not self.statement(indent, names, in_loop=in_loop, depth=depth):
                return
        if not self.lines[-1].startswith("    " * indent) or self.lines[-1].endswith(":"):
            self.write(indent, "pass")

    def statement(self, indent: int, names: list[str], *, in_loop: bool, depth: int) -> bool:
        """Write one; `False` where none can follow."""
        kind = self.random.random()
        target = self.random.choice("abc")
        if kind < 0.3 or depth > 3:
            self.write(indent, f"{target} = {self.expression(names, 2)}")
        elif kind < 0.4:
            self.write(indent, f"{target} {self.random.choice('+-*')}= {self.expression(names, 1)}")
        elif kind < 0.7:
            self.branch(indent, names, in_loop=in_loop, depth=depth)
        elif kind < 0.82:
            self.loop(indent, names, depth=depth)
        elif kind < 0.87 and depth:
            self.write(indent, f"return {self.expression(names, 2)}")
            return False
        elif kind < 0.94 and in_loop and depth:
            self.write(indent, self.random.choice(("break", "continue")))
            return False
        else:
            self.write(indent, f"{target} = {self.choice(names)}")
        return True

    def branch(self, indent: int, names: list[str], *, in_loop: bool, depth: int) -> None:
        self.write(indent, f"if {self.condition(names)}:")
        self.block(indent + 1, names, in_loop=in_loop, depth=depth + 1)
        for _ in range(self.random.choice((0, 0, 1))):
            self.write(indent, f"elif {self.condition(names)}:")
            self.block(indent + 1, names, in_loop=in_loop, depth=depth + 1)
        if self.random.random() < 0.5:
            self.write(indent, "else:")
            self.block(indent + 1, names, in_loop=in_loop, depth=depth + 1)

    def loop(self, indent: int, names: list[str], *, depth: int) -> None:
        counter = self.counter()
        self.write(indent, f"for {counter} in range({self.random.randint(1, 3)}):")
        self.block(indent + 1, [*names, counter], in_loop=True, depth=depth + 1)
        if self.random.random() < 0.3:
            self.write(indent, "else:")
            self.block(indent + 1, names, in_loop=False, depth=depth + 1)

    def counter(self) -> str:
        self.counters += 1
        return f"i{self.counters}"

    def choice(self, names: list[str]) -> str:
        one, two = self.expression(names, 1), self.expression(names, 1)
        return self.random.choice((
            f"{one} if {self.condition(names)} else {two}",
            f"max({one}, {two}, 0.3)",
            f"min({one}, {two})",
            f"abs({one})",
            f"float({self.condition(names)}) + {two}",
        ))  # fmt: skip

    def condition(self, names: list[str]) -> str:
        def compared() -> str:
            comparison = self.random.choice(COMPARISONS)
            return f"{self.expression(names, 1)} {comparison} {self.expression(names, 1)}"

        kind = self.random.random()
        if kind < 0.5:
            return compared()
        if kind < 0.65:
            return f"{compared()} {self.random.choice(('and', 'or'))} {compared()}"
        if kind < 0.75:
            return f"not {compared()}"
        if kind < 0.85:
            return f"{self.expression(names, 0)} < {self.expression(names, 1)} <= 0.9"
        return f"any([{compared()}, {compared()}])"

    def expression(self, names: list[str], depth: int) -> str:
        kind = self.random.random()
        if depth == 0 or kind < 0.2:
            return self.random.choice([*names, f"{self.random.uniform(-2, 2):.2f}"])
        inner = self.expression(names, depth - 1)
        if kind < 0.4:
            return f"{self.random.choice(('sin', 'tanh', 'cos'))}({inner})"
        return f"({inner} {self.random.choice('+-*')} {self.expression(names, depth - 1)})"


class ArrayWriter(Writer):
    """Writes one program of two numbers and an array.

    Beside what numbers do there are elements that are read and written, at known places and at
    those of counters, slices, lists that grow, loops of many steps, with a condition, or backwards,
    and a helper that branches.
    """

    parameters = ("x", "y", "v")

    def program(self) -> str:
        """The function, with its helper."""
        self.write(0, "def helper(p, q):")
        self.write(1, f"if {self.condition(['p', 'q'])}:")
        self.write(2, f"return {self.expression(['p', 'q'], 2)}")
        self.write(1, f"return {self.expression(['p', 'q'], 2)}")
        self.write(0, f"def program({', '.join(self.parameters)}):")
        names = ["x", "y", "v[0]", "v[1]", "v[-1]"]
        for name in ("a", "b", "c"):
            self.write(1, f"{name} = {self.expression(names, 2)}")
        self.write(1, f"w = {self.random.choice(('zeros(3)', 'v*x', 'v.copy()', 'sines(v)'))}")
        self.write(1, "items = [a]")
        self.block(1, [*names, "a", "b", "c", "w[0]", "w[1]"], in_loop=False, depth=0)
        self.write(1, "return a + b*c + total(w*v) + tanh(sum(items))")
        return "\n".join(self.lines) + "\n"

    def statement(self, indent: int, names: list[str], *, in_loop: bool, depth: int) -> bool:
        """Write one; `False` where none can follow."""
        kind = self.random.random()
        if kind < 0.5:
            return super().statement(indent, names, in_loop=in_loop, depth=depth)
        if kind < 0.7:
            self.write(indent, self.stored(names))
        elif kind < 0.75:
            self.write(indent, "a, b = b, a")
        elif kind < 0.8 and depth == 0:
            self.write(indent, f"for item in {self.random.choice('vw')}:")
            self.write(indent + 1, f"items.append({self.expression([*names, 'item'], 1)})")
        elif kind < 0.85:
            given = self.expression(names, 1), self.random.choice("ab")
            self.write(indent, f"c = helper({', '.join(given)})")
        elif depth > 2:
            self.write(indent, f"b = {self.expression(names, 2)}")
        elif kind < 0.93:
            self.long_loop(indent, names, depth=depth)
        else:
            self.open_loop(indent, names, depth=depth)
        return True

    def stored(self, names: list[str]) -> str:
        """A store into the array."""
        at = self.random.choice([*self.places(names), "0", "1", "-1"])
        value = self.expression(names, 1)
        return self.random.choice((
            f"w[{at}] = {value}",
            f"w[{at}] = {value}",
            f"w[{at}] += {value}",
            f"w[{at}] *= {value}",
            f"w[1:] += v[:2]*{self.random.choice('abc')}",
            f"w[:2] = w[1:] - {value}",
            f"w = w*{self.random.choice('abc')} + v",
            "w += sines(w)",
            f"w[w < {value}] = {self.random.choice('abc')}",
            f"{self.random.choice('abc')} = total(w*v)",
        ))  # fmt: skip

    @staticmethod
    def places(names: list[str]) -> list[str]:
        """The counters that are places of the array."""
        return [name for name in names if name[0] in "ij"]

    def loop(self, indent: int, names: list[str], *, depth: int) -> None:
        """Over places of the array, forward and backward, its elements, or two at once."""
        counter = self.counter()
        heads = (
            (f"for {counter} in range(3):", [counter, f"w[{counter}]", f"v[{counter}]"]),
            (f"for {counter} in range(1, 3):", [counter, f"w[{counter} - 1]"]),
            (f"for {counter} in range(2, -1, -1):", [counter, f"w[{counter}]"]),
            (f"for {counter}, e{counter} in enumerate(v):", [counter, f"e{counter}"]),
            (f"for e{counter}, f{counter} in zip(v, w):", [f"e{counter}", f"f{counter}"]),
            (f"for e{counter} in v:", [f"e{counter}"]),
        )
        head, more = self.random.choice(heads)
        self.write(indent, head)
        self.block(indent + 1, [*names, *more], in_loop=True, depth=depth + 1)

    def long_loop(self, indent: int, names: list[str], *, depth: int) -> None:
        """Of many steps, which keep what they carry small."""
        self.counters += 1
        counter = f"n{self.counters}"
        self.write(indent, f"for {counter} in range({MANY}):")
        known = [*names, f"w[{counter} % 3]", f"{counter}*0.1"]
        for target in self.random.sample(("a", "b", "c", f"w[{counter} % 3]"), 2):
            self.write(indent + 1, f"{target} = tanh({self.expression(known, 2)})")
        if self.random.random() < 0.3:
            self.write(indent + 1, f"if {self.condition(known)}:")
            self.write(indent + 2, self.random.choice(("break", "continue", "a = b*0.5")))
            self.write(indent + 1, f"c = sin({self.expression(known, 1)})")

    def open_loop(self, indent: int, names: list[str], *, depth: int) -> None:
        """As long as a condition holds, and a few steps at most."""
        self.counters += 1
        counter = f"n{self.counters}"
        self.write(indent, f"{counter} = 0")
        condition = self.random.choice((f"({self.condition(names)})", "abs(a) > 0.1", "b < 0.9"))
        order = (f"{counter} < 4", condition)
        self.write(indent, f"while {' and '.join(order)}:")
        self.write(indent + 1, f"{counter} += 1")
        self.write(indent + 1, f"{self.random.choice('ab')} = {self.expression(names, 2)}")
        self.block(indent + 1, names, in_loop=True, depth=depth + 2)


class StepWriter(Writer):
    """Writes loops of many steps, which decide and write into arrays at places of their counters.

    What is read before a write is used behind it, in one way of a branch or in both.
    """

    parameters = ("x", "y", "v")

    def program(self) -> str:
        """The function."""
        self.room = self.random.randint(8, 22)
        self.write(0, f"def program({', '.join(self.parameters)}):")
        known = ["x", "y", "v[0]", "v[1]", "v[-1]"]
        for name in ("a", "b", "c", "t"):
            self.write(1, f"{name} = {self.expression(known, 1)}")
        self.write(1, f"w = zeros({MANY})")
        self.write(1, f"u = zeros(({SIDE}, {SIDE}))")
        for _ in range(self.random.randint(1, 3)):
            self.steps(1, [], depth=0)
        self.write(1, "return a + b*c + t + total(w) + 0.1*total(u)")
        return "\n".join(self.lines) + "\n"

    def steps(self, indent: int, counters: list[str], *, depth: int) -> None:
        """A loop of them."""
        self.counters += 1
        counter, inner = f"i{self.counters}", counters[-1:]
        ranges = [f"{MANY}", f"1, {MANY}", f"{MANY} - 1, -1, -1", f"0, {MANY}, 2"]
        ranges += [f"{at} + 1, {MANY}" for at in inner] + [f"{at}" for at in inner]
        if self.random.random() < 0.75:
            self.write(indent, f"for {counter} in range({self.random.choice(ranges)}):")
        else:
            self.write(indent, f"{counter} = 0")
            asked = self.random.choice(("a", "b", self.place([*counters, counter])))
            self.write(indent, f"while {counter} < {MANY} and {asked} < 0.8:")
            self.write(indent + 1, f"{counter} += 1")
        self.inner(indent + 1, [*counters, counter], depth=depth + 1)

    def inner(self, indent: int, counters: list[str], *, depth: int) -> None:
        """The statements of a step, or of a way of it."""
        self.write(indent, self.stored(counters))
        for _ in range(self.random.randint(1, 4)):
            if self.room <= 0:
                return
            self.room -= 1
            kind = self.random.random()
            if kind < 0.3 and depth < 5:
                self.write(indent, f"if {self.asked(counters)}:")
                self.inner(indent + 1, counters, depth=depth + 1)
                if self.random.random() < 0.5:
                    self.write(indent, "else:")
                    self.inner(indent + 1, counters, depth=depth + 1)
            elif kind < 0.4 and depth < 3 and len(counters) < 3:
                self.steps(indent, counters, depth=depth)
            elif kind < 0.5:
                one, two = self.place(counters), self.place(counters)
                self.write(indent, f"{one}, {two} = {two}, {one}")
            elif kind < 0.6:
                self.write(indent, f"t = {self.place(counters)}")
            else:
                self.write(indent, self.stored(counters))

    def stored(self, counters: list[str]) -> str:
        """A store at a place, or of a number."""
        names = ["a", "b", "c", "t", "x", self.place(counters), self.place(counters)]
        value = f"tanh({self.expression(names, 2)})"
        two = f"tanh({self.expression(names, 1)})"
        return self.random.choice((
            f"{self.place(counters)} = {value}",
            f"{self.place(counters)} = {value}",
            f"{self.place(counters)} += 0.3*{value}",
            f"{self.place(counters)} *= {value}",
            f"{self.random.choice('abct')} = {value}",
            f"{self.random.choice('abct')} = max({value}, {two})",
            f"{self.place(counters)} = {value} if {self.asked(counters)} else {two}",
            f"w[1:] = 0.9*w[:-1] + 0.1*{value}",
            f"u[{self.row(counters)}] = 0.5*u[{self.row(counters)}] + {value}",
        ))  # fmt: skip

    def asked(self, counters: list[str]) -> str:
        """A condition on values, on counters, or on both."""
        names = ["a", "b", "t", self.place(counters), self.place(counters)]
        counter = self.random.choice(counters)
        return self.random.choice((
            self.condition(names),
            f"{self.place(counters)} < {self.place(counters)}",
            f"{counter} < {self.random.randint(1, MANY)}",
            f"{counter} + 1 < {MANY} and {self.condition(names)}",
            f"{counter} % 3 == 1",
        ))  # fmt: skip

    def place(self, counters: list[str]) -> str:
        """An element of an array."""
        if self.random.random() < 0.6:
            counter = self.random.choice([*counters, "5"])
            shown = f"{counter} % {MANY}", f"{counter} - 1", f"({counter} + 1) % {MANY}"
            return f"w[{self.random.choice(shown)}]"
        return f"u[{self.row(counters)}, {self.row(counters)}]"

    def row(self, counters: list[str]) -> str:
        """A place in the square array."""
        counter = self.random.choice([*counters, "2"])
        shown = f"{counter} % {SIDE}", f"({counter} + 1) % {SIDE}", f"({counter} - 1) % {SIDE}"
        return self.random.choice(shown)


def _each(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda array: np.array([function(element) for element in array])


OF_FLOATS: Mapping[str, Any] = {
    "sin": math.sin, "cos": math.cos, "tanh": math.tanh,
    "sines": np.sin, "zeros": np.zeros, "total": np.sum,
}  # fmt: skip
OF_DIGITS: Mapping[str, Any] = {
    "sin": mpmath.sin, "cos": mpmath.cos, "tanh": mpmath.tanh, "sines": _each(mpmath.sin),
    "zeros": lambda n: np.full(n, mpmath.mpf(0)), "total": np.sum, "float": mpmath.mpf,
}  # fmt: skip


def compiled(text: str, name: str, space: dict[str, Any]) -> Callable[..., Any]:
    """The function of a text, whose lines can be looked up."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), space)
    function: Callable[..., Any] = space["program"]
    return function


class InDigits:
    """A program in 50 digits, at a point.

    Attributes:
        value: what it returns.
        slopes: by each argument; NaN where there is a kink.
    """

    step = mpmath.mpf(10) ** -18

    def __init__(self, text: str, name: str, *given: Any) -> None:
        self._program = compiled(text, name, dict(OF_DIGITS))
        self._given = given
        with mpmath.workdps(50):
            at = [np.array([mpmath.mpf(x) for x in np.ravel(part)]) for part in given]
            here = self._at(at)
            self.value = float(here)
            self.slopes = [self._slopes(at, number, here) for number in range(len(at))]

    def _at(self, parts: list[Any]) -> Any:
        numbers = zip(parts, self._given, strict=True)
        return self._program(*[part if np.ndim(x) else part[0] for part, x in numbers])

    def _slopes(self, at: list[Any], number: int, here: Any) -> Any:
        """By differences on both sides."""
        found = []
        for place in range(len(at[number])):
            sides = []
            for step in (self.step, -self.step):
                moved = [np.copy(part) for part in at]
                moved[number][place] += step
                sides.append((self._at(moved) - here) / step)
            is_kink = abs(sides[0] - sides[1]) > 1e-9 * (1 + abs(sides[0]))
            found.append(math.nan if is_kink else float(sides[0] + sides[1]) / 2)
        return np.reshape(found, np.shape(self._given[number]))
