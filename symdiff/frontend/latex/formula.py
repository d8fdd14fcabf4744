"""Formulas of the grammar from LaTeX: a tree written as text, sums and products term by term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from symdiff.errors import LimitError, ParseError, Span
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.parser import Parser
from symdiff.frontend.text.functions import find_callee

TERMS = 1_000  # of a sum or a product

_CONDITIONAL, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(10)
_PRECEDENCE = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT}

Bindings = Mapping[str, int]


class Formula(NamedTuple):
    """What LaTeX became.

    Attributes:
        text: a formula of the grammar.
        name: what the left side of an equation calls it, if there is one.
    """

    text: str
    name: str | None


def parse_latex(latex: str) -> Formula:
    r"""A formula of the grammar from LaTeX's mathematics.

    A letter is a name, letters side by side are a product, an index belongs to the name (`x_1`),
    `\mathrm{rate}` is a name of several letters. What can be read in two ways is refused.

    Args:
        latex: with or without dollars around it; `f(x) = ...` names the output.

    Raises:
        ParseError: where it is not read, with the place.
        LimitError: where brackets nest too deeply, or a sum has too many terms.
    """
    parser = Parser(latex)
    name = _left_side(parser)
    tree = parser.expression()
    if parser.next.kind != "end":
        if parser.next.kind == "=":
            raise parser.fault("one equation is read, and its left side is a name")
        if parser.next.kind in (")", "]", "}", r"\right"):
            raise parser.fault(f"'{parser.next.text}' closes nothing")
        raise parser.fault(f"'{parser.next.text}' is not expected here")
    return Formula(_Writer(latex).text(tree, {}), name)


def _left_side(parser: Parser) -> str | None:
    """The name that an equation gives: `y = ...` or `f(x, y) = ...`."""
    tokens = parser.tokens
    place, depth = 0, 0
    while tokens[place].kind != "end" and not (tokens[place].kind == "=" and not depth):
        if tokens[place].kind == r"\begin":
            return None
        depth += (tokens[place].kind == "{") - (tokens[place].kind == "}")
        place += 1
    if tokens[place].kind == "end":
        return None
    head = parser.atom(is_script=True)
    if head.kind != "name":
        raise parser.fault("the left side of an equation is a name", head.span)
    indices: tuple[Node, ...] = ()
    if parser.next.kind == "_":
        indices = parser.indices(parser.take())
    if parser.next.kind in ("(", r"\left"):
        parser.atom()
    parser.expect("=")
    return _Writer(parser.text).name(head._replace(parts=indices), {})


class _Writer:
    """Writes a tree as a formula."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.indices: set[str] = set()

    def fault(self, message: str, span: Span, suggestion: str | None = None) -> ParseError:
        return ParseError(message, text=self.latex, span=span, suggestion=suggestion)

    def text(self, node: Node, bound: Bindings) -> str:
        """The formula of a node."""
        return self.written(node, bound)[0]

    def within(self, node: Node, bound: Bindings, least: int) -> str:
        """The formula of an operand, in parentheses where its operator binds less."""
        text, precedence = self.written(node, bound)
        return text if precedence >= least else f"({text})"

    def written(self, node: Node, bound: Bindings) -> tuple[str, int]:
        """The formula of a node, and how its outermost operator binds."""
        kind = node.kind
        if kind == "number":
            return ("0" + node.text if node.text[0] == "." else node.text), _ATOM
        if kind == "constant":
            return node.text, _ATOM
        if kind == "name":
            return self.name(node, bound), _ATOM
        if kind in _PRECEDENCE:
            own = _PRECEDENCE[kind]
            first, second = node.parts
            sign = f" {kind} " if own == _SUM else kind
            left = self.within(first, bound, own)
            return f"{left}{sign}{self.within(second, bound, own + 1)}", own
        if kind == "negate":
            text, inner = self.written(node.parts[0], bound)
            # the sign of a product is that of its first factor: an exponent needs parentheses
            own = min(inner, _SIGN)
            return (f"-{text}", own) if inner >= _PRODUCT else (f"-({text})", _SIGN)
        if kind == "power":
            base, exponent = node.parts
            if base.kind == "constant" and base.text == "e":
                return f"exp({self.text(exponent, bound)})", _ATOM
            left = self.within(base, bound, _ATOM)
            return f"{left}**{self.within(exponent, bound, _SIGN)}", _POWER
        if kind == "call":
            return self.call(node, bound), _ATOM
        if kind in ("sum", "prod"):
            return self.over_range(node, bound), _SUM if kind == "sum" else _PRODUCT
        if kind == "cases":
            return self.cases(node, bound), _ATOM
        if kind == "compare":
            parts = [self.within(part, bound, _SUM) for part in node.parts]
            signs = node.text.split()
            pairs = zip(signs, parts[1:], strict=True)
            return parts[0] + "".join(f" {sign} {part}" for sign, part in pairs), _COMPARISON
        if kind in ("and", "or"):
            own = _AND if kind == "and" else _OR
            texts = [self.within(part, bound, own + 1) for part in node.parts]
            return f" {kind} ".join(texts), own
        if kind == "not":
            return f"not {self.within(node.parts[0], bound, _COMPARISON)}", _NOT
        raise self.fault("a list stands where a number is expected", node.span)

    def name(self, node: Node, bound: Bindings) -> str:
        """A name with its indices, those of sums as numbers."""
        if not node.parts and node.text in bound:
            return str(bound[node.text])
        if node.text in self.indices and node.text not in bound:
            raise self.outside(node)
        parts = [node.text, *[self.index(part, bound) for part in node.parts]]
        return "_".join(parts)

    def index(self, node: Node, bound: Bindings) -> str:
        """What stands below a name."""
        if node.kind in ("number", "constant"):
            return node.text
        if node.kind == "name" and not node.parts:
            if node.text in bound:
                return str(bound[node.text])
            letters = [*node.text]
            if len(letters) > 1 and any(letter in bound for letter in letters):
                return "_".join(str(bound.get(letter, letter)) for letter in letters)
            if any(letter in self.indices for letter in (node.text, *letters) if len(letters) < 3):
                raise self.outside(node)
            return node.text
        if node.kind in ("+", "-", "*", "negate"):
            return str(self.whole(node, bound))
        raise self.fault("such an index is not read", node.span, "write letters, numbers, or i + 1")

    def outside(self, node: Node) -> ParseError:
        return self.fault(
            f"'{node.text}' is the index of a sum or product, and stands outside of it",
            node.span,
            "put what the sum goes over into parentheses",
        )

    def whole(self, node: Node, bound: Bindings) -> int:
        """A whole number, of indices and numbers."""
        if node.kind == "number" and node.text.isdigit():
            return int(node.text)
        if node.kind == "name" and not node.parts and node.text in bound:
            return bound[node.text]
        if node.kind == "negate":
            return -self.whole(node.parts[0], bound)
        if node.kind in ("+", "-", "*"):
            a, b = (self.whole(part, bound) for part in node.parts)
            return a + b if node.kind == "+" else a - b if node.kind == "-" else a * b
        raise self.fault(
            "a whole number is expected here, and this is none that is known",
            node.span,
            "give the range in numbers; sums over arrays are written in the grammar: sum(x**2)",
        )

    def call(self, node: Node, bound: Bindings) -> str:
        """A call of a function of the grammar."""
        args = [self.text(part, bound) for part in node.parts]
        name = node.text
        if name == "factorial":
            return f"gamma({args[0]} + 1)"
        if name == "log_of":
            return f"log2({args[0]})" if args[1] == "2" else f"log({args[0]}, {args[1]})"
        callee = find_callee(name)
        function = None if callee is None else (callee.of_numbers or callee.lowering)
        if function is None:
            raise self.fault(f"the function '{name}' is not known", node.span)
        if len(args) < function.least or (function.most is not None and len(args) > function.most):
            raise self.fault(f"'{name}' does not take {len(args)} arguments", node.span)
        return f"{name}({', '.join(args)})"

    def over_range(self, node: Node, bound: Bindings) -> str:
        """The terms of a sum or product, written out."""
        index, low, high, body = node.parts
        first, last = self.whole(low, bound), self.whole(high, bound)
        if last - first >= TERMS:
            raise LimitError(
                f"a range of {last - first + 1} terms is longer than {TERMS}",
                text=self.latex,
                span=node.span,
            )
        own = _SUM if node.kind == "sum" else _PRODUCT
        terms = [
            self.within(body, {**bound, index.text: number}, own + 1)
            for number in range(first, last + 1)
        ]
        self.indices.add(index.text)
        joined = (" + " if own == _SUM else "*").join(terms)
        return joined or ("0" if own == _SUM else "1")

    def cases(self, node: Node, bound: Bindings) -> str:
        """Nested choices. NaN where no case holds, as in the grammar's Piecewise."""
        pairs = [
            (node.parts[place], node.parts[place + 1]) for place in range(0, len(node.parts), 2)
        ]
        written = []
        for value, condition in pairs:
            is_rest = condition.kind == "otherwise"
            if is_rest and (value, condition) != pairs[-1]:
                raise self.fault("'otherwise' is the last case", condition.span)
            written.append((self.text(value, bound), None if is_rest else condition))
        if written[-1][1] is None:
            result = written.pop()[0]
            for text, case in reversed(written):
                assert case is not None
                result = f"where({self.text(case, bound)}, {text}, {result})"
            return result
        texts = [f"({value}, {self.text(c, bound)})" for value, c in written if c is not None]
        return f"Piecewise({', '.join(texts)})"
