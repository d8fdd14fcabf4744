"""Random programs of assignments, branches and loops over floats, as text."""

from __future__ import annotations

import linecache
import random
from collections.abc import Callable
from typing import Any

COMPARISONS = ("<", "<=", ">", ">=")


class Writer:
    """Writes one program.

    Attributes:
        lines: what is written so far.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.counters = 0
        self.room = 30  # statements that may still be written

    def program(self) -> str:
        """A function of two numbers."""
        self.write(0, "def program(x, y):")
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
        self.counters += 1
        counter = f"i{self.counters}"
        self.write(indent, f"for {counter} in range({self.random.randint(1, 3)}):")
        self.block(indent + 1, [*names, counter], in_loop=True, depth=depth + 1)
        if self.random.random() < 0.3:
            self.write(indent, "else:")
            self.block(indent + 1, names, in_loop=False, depth=depth + 1)

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


def compiled(text: str, name: str, space: dict[str, Any]) -> Callable[..., Any]:
    """The function of a text, whose lines can be looked up."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), space)
    function: Callable[..., Any] = space["program"]
    return function
