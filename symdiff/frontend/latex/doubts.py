"""Doubts about a whole formula in LaTeX: what its parts say only together."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Sequence

from symdiff.errors import ParseError
from symdiff.frontend.latex.calculus import names_in
from symdiff.frontend.latex.cursor import Node

# letters of the Cyrillic and the Greek alphabet that are printed as those of the Latin one
_TWINS = dict(
    zip(
        "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲ",
        "aeopcyxijshdqwABEKMHOPCTYXIJSABEZHIKMNOPTYXoc",
        strict=True,
    )
)
_UNITS = ("i", "j")  # signs of the imaginary unit
_COUNTING = frozenset("ijkl") | {"mu", "nu", "alpha", "beta", "rho", "sigma", "lambda"}
_LETTERS = frozenset("ijklmn")  # of an index of several, as in g_{mn}
_WORDS = ("in", "min", "lim", "nil", "mil", "ink", "kin", "link", "kink", "mink", "milk")
_RANGES = ("sum", "prod", "max", "min")
_PRODUCTS = ("*", "cdot", "times", "%", "odot")


class Doubts:
    """The names of a formula, as values and as indices.

    Args:
        trees: the right sides of its equations.
        text: the formula.
        inputs: names that are inputs for sure, as their shapes are given.
    """

    def __init__(self, trees: Sequence[Node], text: str, inputs: Container[str]) -> None:
        self.text = text
        self.inputs = inputs
        self.nodes = [node for tree in trees for node in values_in(tree)]
        self.names = [node for tree in trees for node in _all_names(tree)]
        self.bound = {node.parts[1].text for node in self.nodes if node.kind in _RANGES}
        self.indices = {
            letter
            for node in self.nodes
            for index in _indices_of(node)
            for letter in _letters(index)
        }

    def check(self) -> None:
        """Refuse what has two readings.

        Raises:
            ParseError: with both of them.
        """
        self.check_twins()
        for node in self.nodes:
            if node.kind == "power":
                self.check_exponent(*node.parts)
            elif node.kind == "call" and node.text == "exp":
                self.check_unit(node.parts[0])
            elif node.kind in ("+", "-"):
                for part in node.parts:
                    self.check_term(part)
            elif node.kind in _PRODUCTS:
                self.check_turn(*node.parts)

    def is_unit(self, node: Node) -> bool:
        """Whether a name may be the imaginary unit: it is no index, and no input for sure."""
        is_letter = node.kind == "name" and node.text in _UNITS and not node.parts
        known = node.text in self.bound or node.text in self.indices or node.text in self.inputs
        return is_letter and not known

    def check_exponent(self, base: Node, exponent: Node) -> None:
        """Refuse `e^{i x}`, and `x^i` where `i` is an index elsewhere."""
        if base.kind == "constant" and base.text == "e":
            self.check_unit(exponent)
        if base.kind != "name":
            return
        factors = list(_factors(exponent))
        for one in factors:
            is_mixed = len(factors) == 1 and self.is_mixed(base, one)
            is_index = one.kind == "name" and not one.parts
            is_index = is_index and (is_mixed or self.is_index(one, len(factors)))
            if is_index and one.text not in self.bound and one.text not in self.inputs:
                shown = self.text[base.start : base.end]
                raise self.fault(
                    f"this reads as a power of {shown} or as {shown} with an upper index",
                    exponent,
                    "write indices below, and sums over them, or another letter for the exponent",
                )

    def is_index(self, name: Node, count: int) -> bool:
        """Whether an exponent of so many factors stands as an index elsewhere."""
        is_usual = name.text in _COUNTING or count > 1 or name.text + "+" in self.indices
        return is_usual and name.text in self.indices

    def is_mixed(self, base: Node, exponent: Node) -> bool:
        """Whether an exponent counts as the letter below does, as in `T_i^j`."""
        below = {part.text for part in base.parts} & _COUNTING - self.bound
        return bool(below) and exponent.text in _COUNTING

    def check_unit(self, exponent: Node) -> None:
        """Refuse `i` in an exponent."""
        for node in values_in(exponent):
            if self.is_unit(node):
                raise self.unit(node)

    def check_term(self, term: Node) -> None:
        """Refuse a sum with a multiple of `i`."""
        while term.kind == "negate":
            term = term.parts[0]
        for factor in _factors(term):
            if self.is_unit(factor):
                raise self.unit(factor)

    def unit(self, node: Node) -> ParseError:
        """What is said of `i`."""
        return self.fault(
            f"this reads as an input named {node.text} or as the imaginary unit",
            node,
            f"formulas are real: for an input write another letter, or {node.text}_0",
        )

    def check_turn(self, left: Node, right: Node) -> None:
        r"""Refuse `2 \pi i`."""
        if self.is_unit(right) and any(_is_pi(one) for one in _factors(left)):
            raise self.unit(right)
        if _is_pi(right):
            for one in _factors(left):
                if self.is_unit(one):
                    raise self.unit(one)

    def check_twins(self) -> None:
        """Refuse a letter beside another one that looks the same."""
        known = {node.text for node in self.names}
        for node in self.names:
            for twin in _twins(node.text):
                if twin != node.text and twin in known:
                    names = ", ".join(
                        [unicodedata.name(x, x) for x in node.text if not x.isascii()]
                    )
                    raise self.fault(
                        f"'{node.text}' ({names}) looks like '{twin}', which is another name here",
                        node,
                        "write both in the same way",
                    )

    def fault(self, message: str, node: Node, advice: str) -> ParseError:
        """The formula is refused at a place."""
        return ParseError(message, text=self.text, span=node.span, suggestion=advice)


def values_in(node: Node) -> Iterator[Node]:
    """The parts of a formula that have values: no indices, bounds, or names of differentials."""
    left = [node]
    while left:
        one = left.pop()
        yield one
        if one.kind in (*_RANGES, "derivative", "element"):
            left.append(one.parts[0])
        elif one.kind != "name":
            left += reversed(one.parts)


def _all_names(node: Node) -> Iterator[Node]:
    """All names, those that are indices among them."""
    for name in names_in(node):
        yield name
        for index in name.parts:
            yield from names_in(index)


def _indices_of(node: Node) -> tuple[Node, ...]:
    """What stands below a name or an element."""
    if node.kind == "name":
        return node.parts
    return node.parts[1:] if node.kind == "element" else ()


def _letters(index: Node) -> Iterator[str]:
    """The names that are indices; with a plus those that stand together, as in `g_{mn}`."""
    for name in names_in(index):
        yield name.text
        if 1 < len(name.text) < 5 and _LETTERS.issuperset(name.text) and name.text not in _WORDS:
            yield from name.text
            yield from [letter + "+" for letter in name.text]


def _is_pi(node: Node) -> bool:
    return node.kind == "constant" and node.text == "pi"


def _factors(node: Node) -> Iterator[Node]:
    """The factors of a product, and of what stands above in a quotient."""
    left = [node]
    while left:
        one = left.pop()
        if one.kind in _PRODUCTS:
            left += reversed(one.parts)
        elif one.kind == "/":
            left.append(one.parts[0])
        else:
            yield one


def _twins(name: str) -> tuple[str, ...]:
    """What a name looks like: with Latin letters, and as the macro of a Greek one."""
    latin = "".join([_TWINS.get(letter, letter) for letter in name])
    greek = unicodedata.name(name, "") if len(name) == 1 else ""
    if not greek.startswith(("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")):
        return (latin,)
    word = greek.split()[-1].lower().replace("lamda", "lambda")
    return latin, word if "SMALL" in greek else word.capitalize()
