"""Lengths and magnitudes, and their squares, which have no kink where they have one."""

from __future__ import annotations

from symdiff.ops.builder import Builder


class Lengths:
    """The lengths of a graph.

    Attributes:
        squares: by line of a length, its square; `None` where that has not been made.
        argument: by line of a magnitude, what it is the magnitude of.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.squares: dict[int, int | None] = {}
        self.argument: dict[int, int] = {}

    def square(self, line: int) -> int | None:
        """The square of a length that is a factor; `None` for a magnitude, whose sign is."""
        return None if line in self.argument else self._whole(line)

    def half(self, line: int) -> int:
        """Half of the square of a length, by which it is differentiated."""
        b = self.builder
        return b.make("multiply", (b.constant(0.5, line), self._whole(line)))

    def _whole(self, line: int) -> int:
        found = self.squares[line]
        if found is None:
            found = self.squares[line] = self._squared(line)
        return found

    def _squared(self, line: int) -> int:
        b = self.builder
        node = b.nodes[line]
        if line in self.argument:
            return b.make("multiply", (self.argument[line],) * 2)
        if node.op == "root_of_form":
            return node.args[0]
        if node.op == "hypot":
            return b.make("add", tuple(self._square_of(argument) for argument in node.args))
        if node.op == "known_norm" and b.nodes[node.args[1]].op == "sqrt":
            return b.nodes[node.args[1]].args[0]
        if node.op in ("norm", "known_norm"):
            squares = b.make("multiply", (node.args[0],) * 2)
            return b.make("sum", (squares,), node.params)
        return b.make(node.op, (self._whole(node.args[0]),), node.params)  # moved elements

    def _square_of(self, line: int) -> int:
        return (
            self._whole(line)
            if line in self.squares
            else self.builder.make("multiply", (line, line))
        )
