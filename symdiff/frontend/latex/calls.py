"""Calls in LaTeX: whether a name before brackets is a factor, a function, or one cannot say."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.errors import Span
from symdiff.frontend.latex import words
from symdiff.frontend.latex.cursor import Cursor, Node
from symdiff.frontend.latex.tokens import SPACES

_OPENING = frozenset(
    ("(", "{", "[", r"\lvert", r"\lVert", r"\lfloor", r"\lceil", r"\langle", r"\begin")
)
_CLOSING = frozenset(
    (")", "}", "]", r"\rvert", r"\rVert", r"\rfloor", r"\rceil", r"\rangle", r"\end")
)
_BARS = ("|", r"\|")
# they make a condition of what stands around them, or are the reason for brackets
_OTHERS = frozenset((*words.RELATIONS, r"\bmod", r"\wedge", r"\vee", r"\neg"))
_SIGNED = frozenset((*_OPENING, ",", "*", "/", r"\cdot", r"\times", r"\left"))
# a space that is set, which is none between a function and its argument
_WIDE = SPACES - {r"\!", r"\displaystyle", r"\textstyle", r"\limits", r"\nolimits"}


class Enclosed(NamedTuple):
    """What stands in the brackets that come next.

    Attributes:
        first, last: the places of its first token and of the bracket that closes.
        is_sum: whether it has a sign between two terms.
        is_list: whether it has a comma.
        is_other: whether it is a condition, a choice or a remainder.
    """

    first: int
    last: int
    is_sum: bool
    is_list: bool
    is_other: bool


class Calls(Cursor):
    """Reads names before brackets.

    A name before a sum in parentheses is a factor; before one term the parentheses have no reason
    but that of a call.
    """

    def function_of(self, node: Node) -> str:
        """The function that a name is before a parenthesis; empty for none."""
        if not node.parts:
            return words.CALLED.get(node.text, "")
        is_order = len(node.parts) == 1 and node.parts[0].text.isdecimal()
        return words.BESSEL.get(node.text, "") if is_order else ""

    def called(self, node: Node) -> Node:
        """A call of the function that a name is, with its order where it has one."""
        call = self.call(self.function_of(node), node)
        return call._replace(parts=(*node.parts, *call.parts))

    def power_of_call(self, node: Node) -> Node | None:
        r"""`\Gamma^{2}(x)`, as SymPy prints a power of a function; `None` where none is called."""
        place = self.at
        exponent = self.script(self.take(), "exponent")
        if not self.is_open():
            self.at = place
            return None
        if node.parts and not self.is_term_ahead():
            self.before_parenthesis(node)
        call = self.called(node)
        return Node("power", "^", (call, exponent), call.start, call.end)

    def is_term_ahead(self) -> bool:
        """Whether what stands in the parentheses that come next is one term, and no sum."""
        return not self.enclosed().is_sum

    def enclosed(self) -> Enclosed:
        """What stands in the brackets that come next, up to the one that closes them."""
        first = self.at + 1 + (self.next.kind == r"\left")
        depth, place, bars = 1, first, False
        found: set[str] = set()
        while self.tokens[place].kind != "end":
            kind = self.tokens[place].kind
            depth += (kind in _OPENING) - (kind in _CLOSING)
            if not depth:
                break
            if depth == 1 and kind in _BARS:
                bars = not bars
            elif depth == 1 and not bars:
                is_sign = kind in ("+", "-") and self.tokens[place - 1].kind not in _SIGNED
                found.add("+" if is_sign else kind if kind not in ("+", "-") else "")
            place += 1
        return Enclosed(
            first,
            place,
            "+" in found,
            "," in found,
            not found.isdisjoint(_OTHERS) or self.tokens[first].kind == r"\begin",
        )

    def before_parenthesis(self, node: Node) -> Node:
        """A name before a parenthesis: a product, a call, or one cannot say."""
        inside = self.enclosed()
        if self.function_of(node) and (not node.parts or not inside.is_sum):
            return self.called(node)
        called = self.may_be_called(node, inside)
        if called:
            shown = self.text[node.start : node.end]
            function = words.NAMED.get(called, called) if called == shown else called
            advice = (
                rf"write {shown} \cdot (...), or \operatorname{{{function}}}(...)"
                if function != shown
                else rf"write {shown} \cdot (...), or in the place of the call what it computes"
            )
            raise self.two_readings(
                Span(node.start, self.next.end),
                f"{shown} times what is in parentheses",
                f"a call of {called}",
                advice,
            )
        return node

    def may_be_called(self, node: Node, inside: Enclosed) -> str:
        """What a name before a parenthesis is called as; empty where it is a factor."""
        name, shown = node.text, self.text[node.start : node.end]
        if self.is_input(node) or inside.is_other:
            return ""  # a condition is refused where it ends the formula
        called = words.OFTEN_CALLED.get(name) if not node.parts else words.BESSEL.get(name)
        if node.parts and not called and node.parts[0].kind == "number" and not inside.is_sum:
            called = words.POLYNOMIALS.get(name)
        if called or inside.is_list:
            return called or shown
        if not inside.is_sum:
            return "" if self.has_reason(node, inside) else shown
        is_step = name == "u" and self.tokens[inside.first].text in ("t", "n")
        is_often = not node.parts and (name in words.USUAL_FUNCTIONS or is_step)
        is_word = len(name) > 1 and shown.startswith(words.UPRIGHT)
        return shown if (is_often or is_word) and not self.is_apart(node.end) else ""

    def has_reason(self, node: Node, inside: Enclosed) -> bool:
        """Whether parentheses around a product or a quotient are those of a power of it."""
        if self.tokens[inside.last].kind == "end":
            return False
        if self.tokens[inside.last + 1].kind not in ("^", "!"):
            return False
        content = [token.kind for token in self.tokens[inside.first : inside.last]]
        if content[-1:] == [r"\right"]:
            content.pop()
        if not content:
            return False
        if content == ["-", "number"] or r"\frac" in content[:2]:
            return node.text not in words.OFTEN_POWERED
        is_index = "_" in content
        count = len(content) if not is_index else content.index("_")
        is_product = count > 1 and content[0] not in ("-", "number")
        return is_product and node.text not in words.OFTEN_POWERED

    def is_input(self, node: Node) -> bool:
        """Whether a name is given a shape, and so is no function."""
        return "_".join([node.text, *[part.text for part in node.parts]]) in self.inputs

    def is_apart(self, end: int) -> bool:
        r"""Whether a space stands between what has ended and what follows, as in `h\,(V - E)`."""
        between = self.text[end : self.next.start]
        return any(space in between for space in _WIDE)

    def before_bracket(self, node: Node) -> None:
        """Refuse a name before square brackets that may be an expectation or another functional."""
        inside = self.enclosed()
        shown = self.text[node.start : node.end]
        is_often = node.text in words.FUNCTIONALS and (not node.parts or node.text not in "PDV")
        is_functional = is_often or shown.startswith(r"\mathbb")
        if self.is_input(node) or (inside.is_sum and not is_functional):
            return
        is_factor = self.has_reason(node, inside) or self.is_concentration(node, inside)
        if is_factor and not is_functional:
            return
        what = f"the expectation {shown}" if node.text == "E" else f"a call of {shown}"
        raise self.two_readings(
            Span(node.start, self.next.end),
            f"{shown} times what is in brackets",
            what,
            rf"write {shown} \cdot [...], or in the place of the call what it computes",
        )

    def is_concentration(self, node: Node, inside: Enclosed) -> bool:
        r"""Whether a constant stands before a concentration: `k[\mathrm{A}]`, `V_{\max}[S]`."""
        first = self.tokens[inside.first]
        is_substance = first.text.isupper() or first.kind in words.UPRIGHT
        return is_substance and (bool(node.parts) or node.text in ("k", "K"))

    def check_power(self, base: Node) -> None:
        r"""Refuse `f^2(x)`, where a power stands before parentheses, and `\Delta^2 x`."""
        name = base.parts[0]
        if self.is_open() and not self.function_of(name):
            called = self.may_be_called(name, self.enclosed())
            if called:
                shown = self.text[base.start : base.end]
                raise self.two_readings(
                    Span(base.start, self.next.end),
                    f"{shown} times what is in parentheses",
                    f"a power of a call of {called}",
                    rf"write {shown} \cdot (...), or in the place of the call what it computes",
                )
        self.check_difference(name)

    def check_upper(self, base: Node) -> None:
        """Refuse `x^{(k)}`, a power or an upper index."""
        end = self.after_group(self.at)
        at, self.at = self.at, self.at + 1
        inside = self.enclosed()
        self.at = at
        if self.tokens[inside.last].kind == "end" or self.tokens[inside.last + 1].kind != "}":
            return
        shown = self.text[base.start : base.end]
        raise self.two_readings(
            Span(base.start, self.tokens[end - 1].end),
            f"a power of {shown}",
            "an upper index, or the number of a derivative",
            "write a power without parentheses, and an index below the name",
        )

    def check_difference(self, node: Node) -> None:
        r"""Refuse `\Delta x`, which may be one quantity."""
        if node.text not in words.DIFFERENCES or not self.is_name_ahead():
            return
        if (node.parts and node.parts[0].kind == "number") or self.is_input(node):
            return
        if node.parts and self.next.text in words.DIFFERENCES_WRITTEN:
            return
        delta, other = self.text[node.start : node.end], self.next.text
        if self.tokens[self.at + 1].kind == "{":
            end = self.tokens[self.after_group(self.at + 1) - 1].end
            other = self.text[self.next.start : end]
        raise self.two_readings(
            Span(node.start, self.next.end),
            f"the product of {delta} and {other}",
            "one quantity, a difference",
            rf"write {delta} \cdot {other} for the product, or \Delta_{{{other}}} for one name",
        )

    def is_name_ahead(self) -> bool:
        """Whether a letter, or a macro that makes a name, comes next."""
        word = self.next.kind[1:] if self.next.kind[:1] == "\\" else ""
        marks = (words.GREEK, words.ACCENTS, words.STYLES, words.WORDS)
        return self.next.kind == "letter" or any(word in known for known in marks)
