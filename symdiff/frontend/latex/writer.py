"""A formula of the grammar from the tree of one in LaTeX."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.errors import LimitError, Span
from symdiff.frontend.latex.calculus import names_in
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.ranges import Ranges
from symdiff.frontend.latex.values import (
    AND,
    ATOM,
    COMPARISON,
    NOT,
    OR,
    PRODUCT,
    SIGN,
    SUM,
    Bound,
    Scope,
    Value,
    joined,
)
from symdiff.frontend.text.functions import find_callee

LEVELS = 150  # of parts in each other: each takes some calls of Python's
_CHAINS = frozenset(("+", "-", "*", "/", "%", "cdot", "times", "odot", "oslash", "otimes"))


class Writer(Ranges):
    """Writes a tree as a formula.

    Args:
        latex: the formula in LaTeX.
        shapes: the lengths of arrays, by their names.
        base: the index of an array's first element.
    """

    def __init__(
        self, latex: str, shapes: dict[str, tuple[Bound | None, ...]], base: int = 1
    ) -> None:
        self.latex = latex
        self.shapes = dict(shapes)
        self.base = base
        self.counted: Node | None = None
        self.ended: set[str] = set()
        self.terms = 1
        self.level = 0
        self.written: list[tuple[str, Span]] = []

    def value(self, node: Node, scope: Scope) -> Value:
        """A part of the formula in the grammar. Sums and products of any length take one call."""
        chain: list[Node] = []
        while node.kind in _CHAINS:
            chain.append(node)
            node = node.parts[0]
        found = self.part(node, scope)
        whole = chain[0].span if chain else None
        while chain:
            node = chain.pop()
            join = self.added if node.kind in ("+", "-") else self.multiplied
            found = join(node.kind, found, self.part(node.parts[1], scope), node)
        if whole is not None:
            self.written.append((found.text, whole))
        return found

    def part(self, node: Node, scope: Scope) -> Value:
        """A part that is no sum or product, or one on the right of another."""
        if node.kind in _CHAINS:
            return self.value(node, scope)
        write = _WRITERS.get(node.kind)
        if write is None:
            raise self.fault("a list stands where a number is expected", node.span)
        self.level += 1
        if self.level > LEVELS:
            raise LimitError(
                f"a formula is nested deeper than {LEVELS}", text=self.latex, span=node.span
            )
        found = write(self, node, scope)
        self.level -= 1
        self.written.append((found.text, node.span))
        return found

    def values(self, node: Node, scope: Scope) -> list[Value]:
        """The parts of a part of the formula."""
        return [self.value(part, scope) for part in node.parts]

    # --- numbers and names ---

    def number(self, node: Node, _: Scope) -> Value:
        """A number."""
        return Value("0" + node.text if node.text[0] == "." else node.text)

    def constant(self, node: Node, _: Scope) -> Value:
        """Pi, Euler's number, infinity."""
        return Value(node.text)

    def name(self, node: Node, scope: Scope) -> Value:
        """A name with its indices, those of sums as numbers, or an element of an array."""
        if not node.parts and node.text in scope.numbers:
            return Value(str(scope.numbers[node.text]))
        if not node.parts and scope.place(node.text) is not None:
            return self.counter(node.text, scope, node)
        if node.text in self.ended and node.text not in scope.numbers:
            raise self.outside(node)
        if node.parts and node.text in self.shapes:
            array = Value(node.text, shape=self.shapes[node.text])
            return self.element(array, self.split(node, scope), scope, node)
        text = "_".join([node.text, *[self.index(part, scope) for part in node.parts]])
        shape = self.shapes.get(text, ())
        if len(shape) > 2:
            raise self.fault(f"'{text}' has {len(shape)} axes: give it indices", node.span)
        return Value(text, shape=shape)

    def index(self, node: Node, scope: Scope) -> str:
        """What stands below a name that is no array."""
        if node.kind in ("number", "constant"):
            return node.text
        if node.kind == "name" and not node.parts:
            letters = [*node.text]
            self._refuse_index(node, letters, scope)
            if node.text in scope.numbers:
                return str(scope.numbers[node.text])
            if len(letters) > 1 and any(letter in scope.numbers for letter in letters):
                return "_".join(str(scope.numbers.get(letter, letter)) for letter in letters)
            is_ended = any(letter in self.ended for letter in (node.text, *letters))
            if is_ended and len(letters) < 3:
                raise self.outside(node)
            return node.text
        if node.kind in ("+", "-", "*", "negate"):
            for name in names_in(node):
                self._refuse_index(name, [], scope)
            return str(self.whole(node, scope))
        raise self.fault("such an index is not read", node.span, "write letters, numbers, or i + 1")

    def _refuse_index(self, node: Node, letters: list[str], scope: Scope) -> None:
        """Refuse the index of a sum over an array below a name that is none."""
        for letter in (node.text, *(letters if len(letters) < 3 else ())):
            if scope.place(letter) is not None:
                raise self.fault(
                    f"what has the index '{letter}' is no array that is known",
                    node.span,
                    "give its shape, as in --shape 'x: n', or let the sum go from 1 to n",
                )

    def element_of(self, node: Node, scope: Scope) -> Value:
        """An element of an array that is computed, or whose name stands in braces."""
        array, *indices = node.parts
        found = self.value(array, scope)
        if found.is_spread or not found.shape:
            advice = "give its shape, as in --shape 'x: n'" if array.kind == "name" else None
            raise self.fault(f"{self.shown(array)} is a number here", node.span, advice)
        if array.kind == "name":
            found = found._replace(shape=self.shapes[found.text])
        parts = self.split(node._replace(parts=tuple(indices)), scope)
        return self.element(found, parts, scope, node)

    # --- arithmetic ---

    def negative(self, node: Node, scope: Scope) -> Value:
        """An opposite."""
        (inner,) = self.values(node, scope)
        # the sign of a product is that of its first factor: an exponent needs parentheses
        if inner.precedence >= PRODUCT:
            return joined(f"-{inner.text}", min(inner.precedence, SIGN), inner)
        return joined(f"-({inner.text})", SIGN, inner)

    def power(self, node: Node, scope: Scope) -> Value:
        """A power, an exponential or a transpose."""
        base, exponent = node.parts
        letter = exponent.parts[0] if exponent.kind == "negate" else exponent
        if exponent.kind == "transpose" or (letter.kind == "name" and letter.text == "T"):
            return self.raised(self.value(base, scope), None, node)
        above = self.value(exponent, scope)
        if base.kind == "constant" and base.text == "e":
            return self.exponential(above, node)
        return self.raised(self.value(base, scope), above, node)

    def call(self, node: Node, scope: Scope) -> Value:
        """A call of a function of the grammar."""
        args = self.values(node, scope)
        name = node.text
        if name == "factorial":
            return self.called("gamma", [joined(f"{args[0].text} + 1", SUM, args[0])], node)
        if name == "log_of":
            is_binary = args[1].text == "2"
            return self.called("log2" if is_binary else "log", args[: 2 - is_binary], node)
        callee = find_callee(name)
        function = None if callee is None else (callee.of_numbers or callee.lowering)
        if function is None:
            raise self.fault(f"the function '{name}' is not known", node.span)
        if len(args) < function.least or (function.most is not None and len(args) > function.most):
            raise self.fault(f"'{name}' does not take {len(args)} arguments", node.span)
        return self.called(name, args, node)

    def length(self, node: Node, scope: Scope) -> Value:
        """A norm."""
        order = node.parts[1] if len(node.parts) > 1 else None
        return self.norm(self.value(node.parts[0], scope), order, node)

    def derivative(self, node: Node, scope: Scope) -> Value:
        """A derivative by one name after the other, the last one first."""
        body, *names = node.parts
        inner = self.value(body, scope)
        for name in reversed(names):
            by = self.value(name, scope)
            if by.indices or name.text in scope.numbers or not by.text.isidentifier():
                advice = "write a derivative by a name, or by the whole array"
                raise self.fault("a derivative by an index or an element", name.span, advice)
            if by.shape and (inner.shape or inner.is_spread):
                advice = "ask for jacobian or hessian of the function"
                raise self.fault("a derivative of an array by an array", node.span, advice)
            found = joined(f"derivative({inner.text}, {by.text})", ATOM, inner)
            inner = found._replace(shape=by.shape) if by.shape else found
        return inner

    def arrays(self, node: Node, scope: Scope) -> Value:
        """A matrix."""
        return self.matrix([self.values(row, scope) for row in node.parts], node)

    # --- choices ---

    def comparison(self, node: Node, scope: Scope) -> Value:
        """A chain of comparisons."""
        parts = self.values(node, scope)
        self.refuse_indexed(tuple(parts), node)
        pairs = zip(node.text.split(), parts[1:], strict=True)
        rest = [f" {sign} {part.within(SUM)}" for sign, part in pairs]
        return joined(parts[0].within(SUM) + "".join(rest), COMPARISON, *parts)

    def both(self, node: Node, scope: Scope) -> Value:
        """Conditions with signs for and, or."""
        own = AND if node.kind == "and" else OR
        parts = self.values(node, scope)
        return joined(f" {node.kind} ".join([part.within(own + 1) for part in parts]), own, *parts)

    def opposite(self, node: Node, scope: Scope) -> Value:
        """A condition that does not hold."""
        (inner,) = self.values(node, scope)
        return joined(f"not {inner.within(COMPARISON)}", NOT, inner)

    def cases(self, node: Node, scope: Scope) -> Value:
        """Nested choices. NaN where no case holds, as in the grammar's Piecewise."""
        pairs = list(zip(node.parts[::2], node.parts[1::2], strict=True))
        rest = [case for _, case in pairs[:-1] if case.kind == "otherwise"]
        if rest:
            raise self.fault("'otherwise' is the last case", rest[0].span)
        is_whole = pairs[-1][1].kind == "otherwise"
        values = [self.value(value, scope) for value, _ in pairs]
        conditions = [self.value(case, scope) for _, case in pairs[: len(pairs) - is_whole]]
        parts = tuple(values + conditions)
        self.refuse_indexed(parts, node)
        if not is_whole:
            texts = [f"({v.text}, {c.text})" for v, c in zip(values, conditions, strict=True)]
            return joined(f"Piecewise({', '.join(texts)})", ATOM, *parts)
        result = values.pop().text
        for one, case in reversed(list(zip(values, conditions, strict=True))):
            result = f"where({case.text}, {one.text}, {result})"
        return joined(result, ATOM, *parts)


_WRITERS: dict[str, Callable[[Writer, Node, Scope], Value]] = {
    "number": Writer.number,
    "constant": Writer.constant,
    "name": Writer.name,
    "element": Writer.element_of,
    "negate": Writer.negative,
    "power": Writer.power,
    "call": Writer.call,
    "norm": Writer.length,
    "derivative": Writer.derivative,
    "matrix": Writer.arrays,
    **dict.fromkeys(("sum", "prod", "max", "min"), Writer.over_range),
    "cases": Writer.cases,
    "compare": Writer.comparison,
    **dict.fromkeys(("and", "or"), Writer.both),
    "not": Writer.opposite,
}
