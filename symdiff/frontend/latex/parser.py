"""A parser of LaTeX's mathematics by recursive descent: tokens to a tree.

What can be read in two ways is refused with both readings, and what TeX sets in another way than
it looks (`x^23`) with what TeX makes of it.
"""

from __future__ import annotations

from symdiff.errors import ParseError, Span
from symdiff.frontend.latex import words
from symdiff.frontend.latex.calculus import depends, last_derivative
from symdiff.frontend.latex.commands import PRODUCTS, Commands
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.tokens import Token

_NO_FACTORS = frozenset(
    (r"\right", r"\end", r"\rfloor", r"\rceil", r"\rvert", r"\rVert", r"\rangle", r"\}", "\\\\",
     r"\cr", r"\wedge", r"\vee", r"\neg", r"\prime", r"\text", r"\textrm", r"\]", r"\)")
)  # fmt: skip


class Parser(Commands):
    """Reads one formula: sums, products, factors, brackets."""

    # --- sums and products ---

    def expression(self) -> Node:
        """Terms with signs between them."""
        result = self.signed_term()
        while self.next.kind in ("+", "-"):
            derivative = last_derivative(result if result.kind not in "+-" else result.parts[1])
            sign = self.take()
            term = self.signed_term() if self.next.kind == "-" else self.term()
            if derivative is not None and depends(term, derivative):
                self.check_sum(derivative, term)
            result = Node(sign.kind, sign.kind, (result, term), result.start, term.end)
        return result

    def signed_term(self) -> Node:
        """A term, which may have signs before it. An opposite's opposite is the term itself."""
        start, is_opposite = self.next.start, False
        while self.next.kind in ("+", "-"):
            is_opposite ^= self.take().kind == "-"
        term = self.term()
        return Node("negate", "-", (term,), start, term.end) if is_opposite else term

    def term(self) -> Node:
        """Factors, with signs of multiplication and division, or side by side."""
        result = last = self.factor()
        factors = [last]
        is_quotient = False
        while True:
            sign = self.next
            if sign.kind in PRODUCTS:
                if last.is_bare and sign.kind == "/":
                    raise self.after_bare(last, sign)
                self.take()
                last = self.factor()
                is_quotient = sign.kind == "/"
                op = PRODUCTS[sign.kind]
            elif self.starts_factor(sign) and not self.is_condition_ahead():
                if is_quotient:
                    shown = self.text[result.start : last.end]
                    raise self.two_readings(
                        Span(result.start, sign.end),
                        f"({shown}) {sign.text}",
                        f"{shown.rsplit('/', 1)[0]}/({shown.rsplit('/', 1)[1]} {sign.text} ...)",
                        r"write it as \frac{...}{...}",
                    )
                if last.is_bare and not self.is_function(sign):
                    raise self.after_bare(last, sign)
                if sign.kind == "number":
                    raise self.fault(
                        f"a number stands after '{self.text[last.start : last.end]}'",
                        suggestion=r"write \cdot between them, or the number first",
                    )
                self.check_bars(factors)
                last, op = self.factor(), "*"
            else:
                return result
            self.check_behind(factors, last)
            factors.append(last)
            result = Node(op, op, (result, last), result.start, last.end)

    def check_bars(self, factors: list[Node]) -> None:
        """Refuse `|a|b|c|`, where each bar in the middle may open and close."""
        bar = self.next
        if bar.kind not in ("|", r"\|") or len(factors) < 2 or self.is_barred(factors[-1]):
            return
        first = next((one for one in factors if self.is_barred(one)), None)
        if first is not None:
            raise self.two_readings(
                Span(first.start, bar.end),
                "bars around the first and the last factor",
                "bars around all, with others inside",
                r"write \left| ... \right|",
            )

    def is_barred(self, node: Node) -> bool:
        r"""Whether a factor stands between bars without `\left`."""
        return self.text.startswith(("|", r"\|"), node.start)

    def after_bare(self, call: Node, sign: Token) -> ParseError:
        """A function of an argument without parentheses goes on."""
        shown, argument = self.text[call.start : call.end], call
        while argument.kind != "call":  # a power of it
            argument = argument.parts[0]
        inner = self.text[argument.parts[-1].start : argument.parts[-1].end]
        head = shown[: len(shown) - len(inner)] if shown.endswith(inner) else argument.text + " "
        more = f"{sign.text} ..." if sign.kind != "/" else "/ ..."
        return self.two_readings(
            Span(call.start, sign.end),
            f"{head.strip()}({inner}) {more}",
            f"{head.strip()}({inner} {more})",
            "put the argument into parentheses",
        )

    def is_function(self, token: Token) -> bool:
        """Whether a token is the name of a function."""
        return token.kind[:1] == "\\" and token.kind[1:] in words.FUNCTIONS

    def starts_factor(self, token: Token) -> bool:
        """Whether a token begins a factor that stands beside another one."""
        kind = token.kind
        if kind in ("number", "letter", "(", "[", "{", r"\{"):
            return True
        if kind in ("|", r"\|"):
            return kind not in self.bars
        if kind[:1] != "\\":
            return False
        return kind not in _NO_FACTORS and kind not in words.RELATIONS and kind not in PRODUCTS

    # --- factors ---

    def factor(self) -> Node:
        """An atom with exponents and factorials."""
        self.enter()
        base = self.unit()
        while self.next.kind in ("^", "!", "_", "'", r"\prime") or self.is_nothing_ahead():
            mark = self.take()
            if mark.kind == "{":
                self.take()
            elif mark.kind == "!":
                base = self.factorial(base, mark)
            elif mark.kind == "_":
                base = self.below(base, mark)
            elif mark.kind != "^":
                raise self.fault(
                    "a prime is a derivative or a name",
                    mark.span,
                    "write another name, and ask for grad",
                )
            else:
                if (
                    base.kind == "power"
                    and self.text[base.end - 1] not in ")]"
                    and mark.start >= base.end
                ):
                    advice = "put braces around one"
                    raise self.fault("an exponent of an exponent", mark.span, advice)
                base = self.raised(base, mark)
                if base.kind == "power" and base.parts[0].kind == "name":
                    self.check_power(base)
        self.depth -= 1
        return base

    def unit(self) -> Node:
        r"""An atom; `\{x\}` may be the fractional part."""
        first = self.tokens[self.at + (self.next.kind == r"\left")]
        base = self.atom()
        if first.kind == r"\{" and base.kind not in ("+", "-", "negate"):
            raise self.two_readings(
                base.span,
                "brackets",
                "a fractional part or a set",
                r"write \left( ... \right), or x - \lfloor x \rfloor",
            )
        return base

    def is_nothing_ahead(self) -> bool:
        """Whether the braces of an empty group come next, which end a name and are not seen."""
        return self.next.kind == "{" and self.tokens[self.at + 1].kind == "}"

    def factorial(self, base: Node, mark: Token) -> Node:
        """A factorial; of a double one nobody can say which it is."""
        if self.next.kind == "!":
            shown = self.text[base.start : base.end]
            raise self.two_readings(
                Span(base.start, self.next.end),
                f"the double factorial of {shown}",
                "the factorial of its factorial",
                f"write ({shown}!)!, or the double factorial with \\Gamma",
            )
        return Node("call", "factorial", (base,), base.start, mark.end)

    def below(self, base: Node, mark: Token) -> Node:
        """An element of an array, or the kind of a norm."""
        if base.kind == "norm":
            if len(base.parts) > 1:
                raise self.fault("a norm has one index", mark.span)
            order = self.script(mark, "kind of a norm")
            return base._replace(parts=(*base.parts, order), end=self.last_end)
        first = base.parts[0].start if base.kind == "power" else -1  # of what has the exponent
        if base.kind == "name" and not base.parts and self.text[base.start] == "{":
            return base._replace(parts=self.indices(mark), end=self.last_end)
        if _is_squared_name(base) and first == base.start:  # `\omega^2_0`
            name = base.parts[0]._replace(parts=self.indices(mark))
            return base._replace(parts=(name, base.parts[1]), end=self.last_end)
        is_enclosed = self.text.startswith(("{", "(", "[", r"\left", r"\begin"), base.start)
        is_number = base.kind not in ("call", "element") and not is_enclosed
        if is_number or first == base.start or base.kind == "element":
            raise self.fault(
                "an index stands after what has none",
                mark.span,
                "write the index right after the name, before an exponent",
            )
        indices = self.indices(mark)
        return Node("element", "", (base, *indices), base.start, self.last_end)

    def raised(self, base: Node, mark: Token) -> Node:
        """A power. `T` may be a transpose, and what stands behind a circle is elementwise."""
        ahead = [token.kind for token in self.tokens[self.at : self.at + 4]]
        inner = ahead[1:] if ahead[0] == "{" else ahead
        sign = r"\circ" if inner[0] == r"\circ" else "^"
        if sign == r"\circ" and ahead[0] == "{":
            opened = self.take()
            self.take()
            exponent = self.expression()
            self.expect("}", opened)
            return Node("power", sign, (base, exponent), base.start, self.last_end)
        is_minus = inner[0] == "-"
        letter = inner[is_minus] if len(inner) > 1 else inner[0]
        if letter[1:] in words.TRANSPOSES and (ahead[0] == "{" or not is_minus):
            return self.transposed(base, braces=ahead[0] == "{", is_inverse=is_minus)
        if base.kind == "name" and inner[0] in ("(", "[", r"\left") and ahead[0] == "{":
            self.check_upper(base)
        exponent = self.script(mark, "exponent")
        return Node("power", "^", (base, exponent), base.start, self.last_end, base.is_bare)

    def transposed(self, base: Node, *, braces: bool, is_inverse: bool) -> Node:
        r"""What has `\top` above it."""
        opened = self.take() if braces else None
        start = self.next.start
        if is_inverse:
            self.take()
        self.take()
        if opened is not None:
            self.expect("}", opened)
        sign = Node("transpose", "-" if is_inverse else "", (), start, self.last_end)
        return Node("power", "^", (base, sign), base.start, self.last_end, base.is_bare)

    def script(self, mark: Token, what: str) -> Node:
        """What stands above or below: a group, or one sign."""
        token = self.next
        if token.kind == "{":
            return self.group()
        if token.kind == "number" and len(token.text) > 1:
            first, rest = token.text[0], token.text[1:]
            raise self.fault(
                f"TeX takes '{mark.text}{token.text}' for {mark.text}{first} and then {rest}",
                Span(mark.start, token.end),
                f"write {mark.text}{{{token.text}}}",
            )
        if token.kind in ("+", "-"):
            raise self.fault(
                f"the {what} needs braces", token.span, f"write {mark.text}{{{token.text}...}}"
            )
        if token.kind in ("number", "letter") or token.kind.startswith("\\"):
            return self.atom(is_script=True)
        raise self.fault(f"the {what} is missing")

    def group(self) -> Node:
        """An expression in braces."""
        opened = self.expect("{")
        if self.next.kind == "}":
            raise self.fault("the braces are empty", Span(opened.start, self.next.end))
        bars, self.bars = self.bars, []
        inner = self.expression()
        self.bars = bars
        closed = self.expect("}", opened)
        return inner._replace(start=opened.start, end=closed.end, is_bare=False)

    def argument(self, macro: Token) -> Node:
        """The argument of a macro: a group, one digit, or one letter."""
        token = self.next
        if token.kind == "{":
            return self.group()
        if token.kind == "number" and token.text.isdigit():
            first = Token("number", token.text[0], token.start, token.start + 1)
            rest = [Token("number", token.text[1:], token.start + 1, token.end)]
            self.tokens[self.at : self.at + 1] = [first, *(rest if len(token.text) > 1 else [])]
            return self.atom()
        if token.kind == "letter" or token.kind[1:] in words.GREEK | {"pi"}:
            return self.atom(is_script=True)
        raise self.fault(f"{macro.text} needs an argument in braces", macro.span)

    # --- atoms ---

    def atom(self, *, is_script: bool = False) -> Node:
        """A number, a name, a call, or something in brackets."""
        token = self.next
        kind = token.kind
        if kind == "number":
            self.take()
            self.check_number(token)
            return Node("number", token.text, (), token.start, token.end)
        if kind == "letter":
            self.take()
            if not is_script:
                self.check_word(token)
            return self.named(token.text, token, is_script=is_script)
        if kind == "{":
            return self.braced()
        if kind in words.DELIMITERS:
            return self.between(self.take(), None)
        if kind == r"\left":
            self.take()
            return self.between(self.take(), self.tokens[self.at - 2])
        if kind[:1] == "\\":
            return self.command(is_script=is_script)
        if kind == "end":
            raise self.fault("the formula ends too early" if self.at else "the formula is empty")
        if kind in ("}", ")", "]"):
            advice = "is a bracket missing before it?"
            raise self.fault(f"'{kind}' closes nothing", suggestion=advice)
        if kind == "&":
            raise self.fault("'&' stands outside of cases")
        raise self.fault(f"'{token.text}' is not expected here")

    def braced(self) -> Node:
        """A group. As TeX shows no braces, what is in it is not a factor of its own to the eye."""
        inner = self.group()
        if inner.kind in ("+", "-", "negate") and self.text[inner.start + 1] not in "(":
            is_hidden = self.starts_factor(self.next) or self.next.kind in ("^", "/", r"\cdot")
            if is_hidden and not self.text[inner.start : inner.end].startswith((r"{\left(", "{(")):
                raise self.fault(
                    "braces are not printed: this sum looks as if it had no brackets",
                    inner.span,
                    r"write \left( ... \right)",
                )
        return inner

    def between(self, opened: Token, left: Token | None) -> Node:
        """What stands between two delimiters."""
        closing = words.DELIMITERS.get(opened.kind)
        if opened.kind == "." and left is not None:
            advice = "put the place into the formula, or give it with --at"
            raise self.fault("a value at a place is not read", left.span, advice)
        if closing is None:
            raise self.fault(f"'{opened.text}' is no delimiter", opened.span)
        is_bar = opened.kind in ("|", r"\|") and left is None
        outer = self.bars
        self.bars = [*outer, opened.kind] if is_bar else []
        parts = [self.expression()]
        while self.next.kind == ",":
            self.take()
            parts.append(self.expression())
        self.bars = outer
        if left is not None:
            if self.next.kind != r"\right":
                self.expect(r"\right", left)
            self.take()
        closed = self.expect(closing, opened)
        start = (left or opened).start
        if opened.kind in words.AROUND:
            function = words.AROUND[opened.kind]
            return Node("call", function, (self.only(parts),), start, closed.end)
        if opened.kind in (r"\|", r"\lVert"):
            return Node("norm", "", (self.only(parts),), start, closed.end)
        if opened.kind == r"\langle":
            if len(parts) != 2:
                raise self.fault("an inner product has two vectors", opened.span)
            return Node("cdot", "", tuple(parts), start, closed.end)
        if len(parts) > 1:
            return Node("list", "", tuple(parts), start, closed.end)
        return parts[0]._replace(start=start, end=closed.end, is_bare=False)

    def only(self, parts: list[Node]) -> Node:
        """The one expression that a bracket may hold."""
        if len(parts) > 1:
            raise self.fault("one expression is expected between these bars", parts[1].span)
        return parts[0]


def _is_squared_name(node: Node) -> bool:
    """Whether a power is that of a name without an index, by a number."""
    if node.kind != "power":
        return False
    base, exponent = node.parts
    return base.kind == "name" and not base.parts and exponent.kind == "number"
