"""Macros of LaTeX: functions, quotients, roots, sums over ranges, cases."""

from __future__ import annotations

import difflib

from symdiff.errors import ParseError, Span
from symdiff.frontend.latex import words
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.matrices import Matrices
from symdiff.frontend.latex.tokens import Token

PRODUCTS = {r"\cdot": "cdot", r"\times": "times", "*": "*", "/": "/", r"\div": "/", r"\bmod": "%",
            r"\odot": "odot", r"\oslash": "oslash", r"\otimes": "otimes"}  # fmt: skip
_OPENING, _CLOSING = ("(", "{", "[", r"\begin"), (")", "}", "]", r"\end")
_OVER = {"maximum": "max", "minimum": "min"}  # over a range


class Commands(Matrices):
    """Reads macros."""

    def command(self, *, is_script: bool = False) -> Node:
        """A macro."""
        macro = self.take()
        word = macro.kind[1:]
        if word in words.GREEK:
            return self.named(word, macro, is_script=is_script)
        if word in words.CONSTANTS:
            return Node("constant", words.CONSTANTS[word], (), macro.start, macro.end)
        if word in words.FUNCTIONS:
            return self.function(words.FUNCTIONS[word], macro)
        if word in words.ACCENTS or word in words.STYLES:
            return self.accented(word, macro, is_script=is_script)
        if word in words.WORDS:
            return self.word(macro, is_script=is_script)
        if word in words.REFUSED:
            raise self.fault(f"{macro.text}: {words.REFUSED[word]}", macro.span)
        if word == "frac":
            return self.fraction(macro)
        if word == "sqrt":
            return self.root(macro)
        if word == "binom":
            top, bottom = self.argument(macro), self.argument(macro)
            return Node("call", "binom", (top, bottom), macro.start, self.last_end)
        if word in ("sum", "prod"):
            return self.over_range(word, macro)
        if word == "begin":
            return self.environment(macro)
        if macro.kind in words.DELIMITERS:
            return self.between(macro, None)
        if word in ("right", "end", "rfloor", "rceil", "rvert"):
            raise self.fault(f"{macro.text} closes nothing", macro.span)
        raise self.unknown(macro)

    def unknown(self, macro: Token) -> ParseError:
        """A macro is refused by its name."""
        known = [*words.GREEK, *words.FUNCTIONS, *words.CONSTANTS, "frac", "sqrt", "sum", "cdot"]
        near = difflib.get_close_matches(macro.kind[1:], known, 1)
        return self.fault(
            f"the macro {macro.text} is not known",
            macro.span,
            rf"did you mean \{near[0]}?" if near else "write it in other words, or as a name",
        )

    def fraction(self, macro: Token) -> Node:
        """A quotient, or a derivative."""
        if self.is_derivative():
            return self.derivative(macro)
        self.check_variations(macro)
        top = self.argument(macro)
        bottom = self.argument(macro)
        return Node("/", "/", (top, bottom), macro.start, self.last_end)

    def check_variations(self, macro: Token) -> None:
        r"""Refuse `\frac{\delta S}{\delta x}`, as a quotient is one of products or of changes."""
        below = self.after_group(self.at)
        if self.next.kind != "{" or self.tokens[below].kind != "{":
            return
        first = self.tokens[self.at + 1]
        size = 1  # of the sign that both begin with
        if self.tokens[self.at + 2].kind == "{" and first.kind != "{":  # \mathrm{D}
            size = self.after_group(self.at + 2) - self.at - 1
        heads = [
            "".join([token.text for token in self.tokens[place + 1 : place + 1 + size]])
            for place in (self.at, below)
        ]
        is_both = heads[0] == heads[1] and heads[0] in words.VARIATIONS
        behind = self.tokens[below + 1 + size].kind if is_both else ""
        if is_both and (behind == "letter" or behind[:1] == "\\"):
            raise self.two_readings(
                Span(macro.start, self.tokens[self.after_group(below) - 1].end),
                "a quotient of products",
                "a derivative or a quotient of changes",
                rf"write {heads[0]} \cdot ... for products, "
                r"or \frac{\partial}{\partial x} of an expression",
            )

    def root(self, macro: Token) -> Node:
        """A square root, or one of another order."""
        if self.next.kind != "[":
            inner = self.argument(macro)
            return Node("call", "sqrt", (inner,), macro.start, self.last_end)
        opened = self.take()
        order = self.expression()
        self.expect("]", opened)
        if order.kind == "number" and not float(order.text):
            raise self.fault("a root of the order 0 is no number", order.span, "take another order")
        inner = self.argument(macro)
        end = self.last_end
        if order.kind == "number" and order.text in ("2", "3"):
            name = "sqrt" if order.text == "2" else "cbrt"
            return Node("call", name, (inner,), macro.start, end)
        one = Node("number", "1", (), order.start, order.end)
        exponent = Node("/", "/", (one, order), order.start, order.end)
        return Node("power", "^", (inner, exponent), macro.start, end)

    # --- functions ---

    def function(self, name: str, macro: Token) -> Node:
        """A function with its base, its exponent and its argument, in brackets or bare."""
        base = exponent = None
        if name in _OVER and self.next.kind == "_":
            return self.over_range(_OVER[name], macro)
        while self.next.kind in ("_", "^"):
            mark = self.take()
            if mark.kind == "_":
                if name != "log" or base is not None:
                    raise self.fault(f"{macro.text} has no index", mark.span)
                base = self.script(mark, "base")
            else:
                if self.next.kind == "{" and self.tokens[self.at + 1].kind in ("(", r"\left"):
                    raise self.two_readings(
                        Span(macro.start, self.next.end),
                        f"a power of {macro.text}",
                        "a derivative or an iteration",
                        "write the power without parentheses",
                    )
                exponent = self.script(mark, "exponent")
                if _is_minus_one(exponent) and name == "erf":  # the usual sign, and ours
                    name, exponent = "erfinv", None
                elif _is_minus_one(exponent):
                    raise self.two_readings(
                        Span(macro.start, exponent.end),
                        f"the inverse of {macro.text}",
                        f"1/{macro.text}",
                        r"write \arcsin and its like, or \frac{1}{...}",
                    )
        call = self.call(name, macro, base)
        if exponent is None:
            return call
        return Node("power", "^", (call, exponent), call.start, call.end, call.is_bare)

    def call(self, name: str, head: Token | Node, base: Node | None = None) -> Node:
        """The arguments of a function."""
        shown = self.text[head.start : head.end]
        token = self.next
        is_bare = False
        if token.kind in ("(", "[", r"\{", r"\left") or self.is_braced_bracket():
            braces = self.take() if token.kind == "{" else None
            inner = self.atom()
            if braces is not None:
                self.expect("}", braces)
        else:
            if token.kind in ("end", "+", "-", ")", "}", "&", ",") or token.kind in PRODUCTS:
                raise self.fault(f"{shown} needs an argument", Span(head.start, head.end))
            is_bare = True
            inner = self.factor()
            if inner.kind == "number" and (
                self.next.kind == "letter" or self.next.kind[1:] in words.GREEK | {"pi"}
            ):
                inner = Node("call", name, (inner,), head.start, inner.end, is_bare=True)
                raise self.after_bare(inner, self.next)
        args = inner.parts if inner.kind == "list" else (inner,)
        end = self.last_end
        if base is not None:
            name, args = ("log10", args) if base.text == "10" else ("log_of", (*args, base))
        return Node("call", name, args, head.start, end, is_bare)

    def is_braced_bracket(self) -> bool:
        r"""Whether `{\left( ... \right)}` comes next, as SymPy prints arguments."""
        return self.next.kind == "{" and self.tokens[self.at + 1].kind in (r"\left", "(")

    # --- ranges and cases ---

    def over_range(self, word: str, macro: Token) -> Node:
        """A sum, a product or an extremum over a range of whole numbers, of one term."""
        low = high = None
        indices: list[Node] = []
        while self.next.kind in ("_", "^"):
            mark = self.take()
            if mark.kind == "^":
                high = self.script(mark, "upper bound")
            elif self.next.kind == "letter":
                indices = [self.index_of_range()]
            else:
                indices, low = self.below_range()
        if not indices or (low is None) != (high is None) or (low and len(indices) > 1):
            raise self.fault(
                f"{macro.text} needs a range of whole numbers",
                macro.span,
                rf"write {macro.text}_{{i=1}}^{{3}}",
            )
        body = self.signed_term() if self.next.kind == "-" else self.term()
        bounds = () if low is None or high is None else (low, high)
        for index in reversed(indices):
            parts = (body, index, *bounds)
            body = Node(word, macro.text, parts, macro.start, body.end, is_bare=body.is_bare)
        return body

    def index_of_range(self) -> Node:
        """The letter that counts."""
        letter = self.expect("letter")
        if letter.text == "e":
            raise self.fault("e is Euler's number here: take another index", letter.span)
        return Node("name", letter.text, (), letter.start, letter.end)

    def below_range(self) -> tuple[list[Node], Node | None]:
        """What stands below: `i=1`, or indices alone, over the whole axes."""
        opened = self.expect("{")
        indices = [self.index_of_range()]
        while self.next.kind == ",":
            self.take()
            indices.append(self.index_of_range())
        low = None
        if self.next.kind == "=":
            self.take()
            low = self.expression()
        self.expect("}", opened)
        return indices, low

    def environment(self, macro: Token) -> Node:
        """Cases or a matrix."""
        name = self.environment_name()
        if name in words.MATRICES:
            return self.matrix(name, macro)
        if name not in ("cases", "dcases"):
            raise self.fault(
                f"the environment '{name}' is not read",
                Span(macro.start, self.last_end),
                "cases and matrices are, and equations between aligned",
            )
        rows: list[Node] = []
        while True:
            value = self.expression()
            self.expect("&", macro)
            rows += [value, self.case_condition()]
            if self.next.kind in ("\\\\", r"\cr"):
                self.take()
            if self.next.kind == r"\end":
                break
            if self.next.kind == "end":
                raise self.fault(r"\begin{cases} is never closed", macro.span)
        self.close_environment(name)
        return Node("cases", "", tuple(rows), macro.start, self.last_end)

    def case_condition(self) -> Node:
        """What stands after `&`: `if`, `for` or nothing before a condition, or `otherwise`."""
        start = self.next.start
        word = ""
        while self.next.kind in (r"\text", r"\mathrm", r"\textrm"):
            self.take()
            opened = self.expect("{")
            while self.next.kind in ("letter", ",", ":"):
                word += self.take().text
            self.expect("}", opened)
        while self.next.kind in (":", ","):
            self.take()
        if word in ("otherwise", "else"):
            return Node("otherwise", "", (), start, self.last_end)
        if word not in ("", "if", "for", "when"):
            raise self.fault(f"'{word}' is no condition", Span(start, self.next.start))
        return self.condition()

    def is_condition_ahead(self) -> bool:
        r"""Whether `\left( x > 0 \right)` comes next: where a formula holds, and no factor."""
        depth, place = 0, self.at
        while self.tokens[place].kind != "end":
            kind = self.tokens[place].kind
            depth += (kind in _OPENING) - (kind in _CLOSING)
            if depth == 1 and kind in words.RELATIONS:
                return self.is_open()
            if place > self.at + 1 and depth <= 0:
                return False
            place += 1
        return False

    def skip_condition(self) -> None:
        """Read where a formula holds, which does not change it."""
        if self.is_condition_ahead():
            self.check_condition()
            if self.take().kind == r"\left":
                self.take()
            self.condition()
            while self.next.kind == ",":
                self.take()
                self.condition()
            if self.next.kind == r"\right":
                self.take()
            self.expect(")")

    def check_condition(self) -> None:
        """Refuse a condition right behind a formula: `P(X = 1)` is no `P`."""
        if not self.is_apart(self.last_end):
            raise self.two_readings(
                self.next.span,
                "where the formula holds",
                "an argument, or a factor of 0 and 1",
                r"write \quad before a condition, and choices with \begin{cases}",
            )

    def condition(self) -> Node:
        """Comparisons, with signs for and, or; the one for and binds more."""
        result = self.conjunction()
        while self.next.kind == r"\vee":
            self.take()
            other = self.conjunction()
            result = Node("or", "or", (result, other), result.start, other.end)
        return result

    def conjunction(self) -> Node:
        """Comparisons with signs for and between them."""
        result = self.comparison()
        while self.next.kind == r"\wedge":
            self.take()
            other = self.comparison()
            result = Node("and", "and", (result, other), result.start, other.end)
        return result

    def comparison(self) -> Node:
        """A chain of comparisons."""
        if self.next.kind == r"\neg":
            sign = self.take()
            if self.next.kind == r"\neg":
                raise self.fault("a condition is negated twice", self.next.span, "take both out")
            inner = self.comparison()
            return Node("not", "not", (inner,), sign.start, inner.end)
        parts = [self.expression()]
        signs = []
        while self.next.kind in words.RELATIONS:
            signs.append(words.RELATIONS[self.take().kind])
            parts.append(self.expression())
        if not signs:
            raise self.fault("a condition needs a comparison", parts[0].span)
        return Node("compare", " ".join(signs), tuple(parts), parts[0].start, parts[-1].end)


def _is_minus_one(node: Node) -> bool:
    return node.kind == "negate" and node.parts[0].kind == "number" and node.parts[0].text == "1"
