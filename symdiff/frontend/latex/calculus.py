r"""Derivatives in LaTeX: `\frac{d}{dx}` of what follows, `\frac{\partial f}{\partial x}`."""

from __future__ import annotations

from symdiff.errors import ParseError, Span
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.naming import Naming
from symdiff.frontend.latex.tokens import Token

_UPRIGHT = (r"\mathrm", r"\text", r"\textrm")


class Calculus(Naming):
    """Reads quotients of differentials."""

    def is_differential(self, place: int) -> int:
        r"""How many tokens from a place on are `d`, `\partial` or `\mathrm{d}`."""
        kinds = [token.text for token in self.tokens[place : place + 4]]
        if kinds[:1] in (["d"], [r"\partial"]):
            return 1
        if kinds[:1] and kinds[0] in _UPRIGHT and kinds[1:] == ["{", "d", "}"]:
            return 4
        return 0

    def is_derivative(self) -> bool:
        """Whether the two groups that come next begin with a differential."""
        if self.next.kind != "{" or not self.is_differential(self.at + 1):
            return False
        place = self.after_group(self.at)
        return self.tokens[place].kind == "{" and bool(self.is_differential(place + 1))

    def derivative(self, macro: Token) -> Node:
        """A quotient of differentials and what it is of: above, or the factor that follows."""
        body, names = self.quotient(macro)
        return self.derived(macro, body, names)

    def derivative_of_name(self, macro: Token) -> tuple[Node, list[Node]]:
        """The name of a function and what it is differentiated by, on the left of an equation."""
        body, names = self.quotient(macro)
        if body is None or body.kind != "name":
            raise self.fault("the left side of an equation is a name", macro.span)
        return body, names

    def quotient(self, macro: Token) -> tuple[Node | None, list[Node]]:
        """What stands in a quotient of differentials: the function, if it does, and the names."""
        opened = self.expect("{")
        self.at += self.is_differential(self.at)
        order = self.order()
        body = None if self.next.kind == "}" else self.expression()
        self.expect("}", opened)
        names = self.differentials()
        if len(names) != order:
            raise self.fault(
                f"a derivative of order {order} is by {len(names)} differentials",
                Span(macro.start, self.last_end),
                r"write \frac{\partial^2}{\partial x \partial y}",
            )
        return body, names

    def derived(self, macro: Token, body: Node | None, names: list[Node]) -> Node:
        """The derivative of what stands above, or of the factor that follows."""
        sign = Span(macro.start, self.last_end)
        is_behind = body is None
        if body is None:
            if self.next.kind in ("end", ")", "}", "+", ",", "=", "&"):
                advice = "write what it is of behind it, or above"
                raise self.fault("a derivative of nothing", sign, advice)
            body = self.factor()
        for name in names:
            if not contains(body, name):
                shown = self.text[name.start : name.end]
                raise self.fault(
                    f"what is differentiated by '{shown}' does not contain it: is it a function"
                    " of it, or constant?",
                    Span(sign.start, body.end),
                    "write the expression in the place of its name",
                )
        text = "behind" if is_behind else ""
        end = self.last_end
        return Node("derivative", text, (body, *names), sign.start, end, body.is_bare and is_behind)

    def order(self) -> int:
        """The exponent of a differential."""
        if self.next.kind != "^":
            return 1
        mark = self.take()
        found = self.script(mark, "order")
        if found.kind != "number" or not found.text.isdigit() or not 0 < int(found.text) < 10:
            raise self.fault("the order of a derivative is a number from 1 to 9", found.span)
        return int(found.text)

    def differentials(self) -> list[Node]:
        """What a derivative is by, below it: what is differentiated by first stands last."""
        opened = self.expect("{")
        names: list[Node] = []
        while self.next.kind != "}":
            skipped = self.is_differential(self.at)
            if not skipped:
                raise self.fault(
                    "a differential is expected below the derivative",
                    suggestion=r"write \frac{\partial^2}{\partial x \partial y}",
                )
            self.at += skipped
            name = self.atom(is_script=True)
            if self.next.kind == "_" and name.kind == "name":
                name = name._replace(parts=self.indices(self.take()), end=self.last_end)
            if name.kind != "name":
                raise self.fault("a derivative is by a name", name.span)
            names += [name] * self.order()
        self.expect("}", opened)
        return names

    def check_behind(self, factors: list[Node], more: Node) -> None:
        """Refuse a product that goes on after a derivative with what depends on its variable."""
        for derivative in [one for one in factors if one.kind == "derivative"]:
            if derivative.text == "behind" and depends(more, derivative):
                raise self.goes_on(derivative, more)

    def check_sum(self, derivative: Node, more: Node) -> None:
        """Refuse a sum that goes on, unless what the derivative is of stands in brackets."""
        if not self.text.startswith(("(", "[", r"\left"), derivative.parts[0].start):
            raise self.goes_on(derivative, more)

    def goes_on(self, derivative: Node, more: Node) -> ParseError:
        """A derivative is followed by what depends on its variable."""
        body = derivative.parts[0]
        head = self.text[derivative.start : body.start]
        rest = self.text[body.start : more.end]
        inner = self.text[body.start : body.end]
        return self.two_readings(
            Span(derivative.start, more.end),
            f"{head}({rest})",
            f"({head}{inner}) {self.text[body.end : more.end].strip()}",
            r"put what it is of into \left( \right), and the derivative last or into parentheses",
        )


def names_in(node: Node) -> list[Node]:
    """All names in a part of a formula."""
    found, left = [], [node]
    while left:
        one = left.pop()
        if one.kind == "name":
            found.append(one)
        left += [] if one.kind == "name" else one.parts
    return found


def contains(node: Node, name: Node) -> bool:
    """Whether a name may be in a part of a formula; the index of a sum may be any number."""
    return any(_may_be(one, name) for one in names_in(node))


def _may_be(one: Node, other: Node) -> bool:
    if one.text != other.text or len(one.parts) != len(other.parts):
        return False
    pairs = zip(one.parts, other.parts, strict=True)
    return all(a.text == b.text or _is_open(a) or _is_open(b) for a, b in pairs)


def _is_open(index: Node) -> bool:
    return index.kind not in ("number", "name") or (index.kind == "name" and len(index.text) < 3)


def depends(node: Node, derivative: Node) -> bool:
    """Whether a part of a formula contains what a derivative is by."""
    return any(contains(node, name) for name in derivative.parts[1:])


def last_derivative(node: Node) -> Node | None:
    """The derivative of a bare factor behind it that a term ends with, if it does."""
    while node.kind in ("*", "cdot", "negate"):
        node = node.parts[-1]
    return node if node.kind == "derivative" and node.text == "behind" else None
