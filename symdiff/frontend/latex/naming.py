"""Names in LaTeX: letters with their indices, accents and words, and what may be a call."""

from __future__ import annotations

from symdiff.errors import Span
from symdiff.frontend.latex import words
from symdiff.frontend.latex.cursor import Cursor, Node
from symdiff.frontend.latex.tokens import Token
from symdiff.frontend.text.functions import is_function

_OPENING, _CLOSING = ("(", "{", "["), (")", "}", "]")


class Naming(Cursor):
    """Reads names."""

    def named(self, base: str, token: Token, *, is_script: bool = False) -> Node:
        """A name with its index, and what follows it."""
        name, end = base, token.end
        indices: tuple[Node, ...] = ()
        if self.next.kind == "_" and not is_script:
            mark = self.take()
            indices = self.indices(mark)
            end = self.last_end
        node = Node("name", name, indices, token.start, end)
        if is_script:
            return node
        if self.is_open():
            return self.before_parenthesis(node)
        if self.next.kind == "^" and self.function_of(node):
            powered = self.power_of_call(node)
            if powered is not None:
                return powered
        if self.next.kind == "{" and self.tokens[self.at + 1].kind == r"\left":
            raise self.fault(
                f"'{base}' is called, and is no known function",
                Span(token.start, self.next.end),
                r"write \operatorname{name}, or \cdot for a product",
            )
        if base == "e" and not indices:
            return node._replace(kind="constant", text="e")
        return node

    def check_word(self, first: Token) -> None:
        """Refuse letters that touch each other and spell a function or a constant."""
        place, end, word = self.at, first.end, first.text
        while self.tokens[place].kind == "letter" and self.tokens[place].start == end:
            end, word = self.tokens[place].end, word + self.tokens[place].text
            place += 1
        is_known = word in words.FUNCTIONS or word in ("pi", "sqrt", "frac")
        if len(word) > 1 and (is_known or (len(word) > 2 and is_function(word))):
            macro = rf"\{word}" if is_known else rf"\operatorname{{{word}}}"
            product = " ".join(word)
            raise self.fault(
                f"the letters '{word}' are a product of names, and spell a function or a number",
                Span(first.start, end),
                f"write {macro}, or {product} for the product",
            )

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

    def indices(self, mark: Token) -> tuple[Node, ...]:
        """What stands below a name: words, or whole numbers of the indices of sums."""
        if self.next.kind != "{":
            return (self.script(mark, "index"),)
        opened = self.take()
        found: list[Node] = []
        while self.next.kind != "}":
            if self.next.kind in (",", ";"):
                self.take()
                continue
            if self.next.kind == "end":
                raise self.fault(f"'{opened.text}' is never closed: '}}' is missing", opened.span)
            found.append(self.index_part())
        if not found:
            raise self.fault("the index is empty", Span(opened.start, self.next.end))
        self.take()
        return tuple(found)

    def index_part(self) -> Node:
        """Letters in a row are one word: `x_{max}`; arithmetic is that of indices."""
        start = self.next.start
        word = ""
        while self.next.kind == "letter":
            word += self.take().text
        own = Node("name", word, (), start, self.last_end)
        part = own if word else self.atom(is_script=True)
        while self.next.kind in ("+", "-"):
            sign = self.take()
            other = self.atom(is_script=True)
            part = Node(sign.kind, sign.kind, (part, other), part.start, other.end)
        return part

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

    def is_term_ahead(self) -> bool:
        """Whether what stands in the parentheses that come next is one term, and no sum."""
        depth, place = 0, self.at
        while self.tokens[place].kind != "end":
            kind = self.tokens[place].kind
            depth += (kind in _OPENING) - (kind in _CLOSING)
            if depth == 1 and kind in ("+", "-") and self.tokens[place - 1].kind not in _OPENING:
                return False
            if depth == 0 and kind in _CLOSING:
                break
            place += 1
        return True

    def before_parenthesis(self, node: Node) -> Node:
        """A name before a parenthesis: a product, a call, or one cannot say."""
        name = node.text
        if self.function_of(node) and (not node.parts or self.is_term_ahead()):
            return self.called(node)
        is_left = self.next.kind == r"\left"
        first = self.at + 1 + is_left
        inside = self.tokens[first : first + 2]
        is_single = (
            len(inside) == 2
            and inside[0].kind == "letter"
            and inside[1].kind in (")", ",", r"\right")
        )
        called = words.OFTEN_CALLED.get(name) if not node.parts else words.BESSEL.get(name)
        if node.parts and not called and node.parts[0].kind == "number" and self.is_term_ahead():
            called = words.POLYNOMIALS.get(name)
        if called or is_single or (name in words.USUAL_FUNCTIONS and not is_left):
            shown = self.text[node.start : node.end]
            raise self.two_readings(
                Span(node.start, self.next.end),
                f"{shown} times what is in parentheses",
                "a call of " + (called or shown),
                rf"write {shown} \cdot (...), or \operatorname{{{called or 'name'}}}(...)",
            )
        return node

    def accented(self, word: str, macro: Token, *, is_script: bool) -> Node:
        """A letter with a mark above, which is part of its name, or in another style."""
        opened = self.take() if self.next.kind == "{" else None
        inner = self.atom(is_script=True)
        if inner.kind not in ("name", "constant"):
            raise self.fault(f"{macro.text} takes one letter", inner.span)
        if opened is not None:
            self.expect("}", opened)
        mark = words.ACCENTS.get(word, "")
        token = Token("letter", inner.text, macro.start, self.last_end)
        return self.named(inner.text + (f"_{mark}" if mark else ""), token, is_script=is_script)

    def word(self, macro: Token, *, is_script: bool) -> Node:
        """A word upright: a name, or a function where the grammar has one."""
        opened = self.expect("{")
        letters = ""
        while self.next.kind in ("letter", "number", "_", r"\_", "^", "{", "-"):
            if self.next.kind == "{":
                break
            letters += self.take().text.lstrip("\\")
        if self.next.kind == "end":
            raise self.fault(f"'{opened.text}' is never closed: '}}' is missing", opened.span)
        closed = self.next
        self.expect("}")
        token = Token("letter", letters, macro.start, closed.end)
        if not letters:
            raise self.fault(f"{macro.text} holds no name", token.span)
        if letters in ("i", "j", "d") and macro.kind == r"\mathrm":
            what = "the imaginary unit" if letters != "d" else "a differential"
            raise self.fault(f"{what} is not read: formulas are real", token.span)
        if letters == "e":
            return Node("constant", "e", (), token.start, token.end)
        follows = self.next.kind in ("(", "{", r"\left") or macro.kind == r"\operatorname"
        name = words.OPERATORS.get(letters, letters)
        if not is_script and follows and (letters in words.OPERATORS or is_function(name)):
            if not name:
                raise self.fault(f"{letters} needs complex numbers; formulas are real", token.span)
            if self.next.kind not in ("end", "+", "-", ")", "}", "&", ","):
                return self.function(name, token)
        if not letters.isidentifier():
            raise self.fault(f"'{letters}' is no name", token.span)
        if macro.kind == r"\operatorname" and not is_script:
            raise self.fault(
                f"the function '{letters}' is not known", token.span, r"a name is \mathrm{...}"
            )
        return self.named(letters, token, is_script=is_script)
