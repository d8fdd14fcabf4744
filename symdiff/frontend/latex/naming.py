"""Names in LaTeX: letters with their indices, accents and words, and what may be a call."""

from __future__ import annotations

import itertools

from symdiff.errors import Span
from symdiff.frontend.latex import words
from symdiff.frontend.latex.calls import Calls
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.tokens import Token
from symdiff.frontend.text.functions import is_function


class Naming(Calls):
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
        if self.tokens[self.at + (self.next.kind == r"\left")].kind == "[":
            self.before_bracket(node)
        self.check_difference(node)
        if self.next.kind == "^" and self.function_of(node):
            powered = self.power_of_call(node)
            if powered is not None:
                return powered
        if self.next.kind == "{" and self.tokens[self.at + 1].kind in (r"\left", "("):
            raise self.fault(
                f"'{base}' is called, and is no known function",
                Span(token.start, self.next.end),
                r"write \operatorname{name}, or \cdot for a product",
            )
        if base == "e" and not indices:
            return node._replace(kind="constant", text="e")
        return node

    def check_word(self, first: Token) -> None:
        """Refuse letters that touch each other and spell a function, a constant, a differential."""
        self.check_differential(first)
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

    def check_number(self, number: Token) -> None:
        """Refuse `2.5e-3`, a decimal exponent or a difference."""
        run = [number, *self.tokens[self.at : self.at + 3]]
        kinds = [token.kind for token in run]
        touch = all(one.end == other.start for one, other in itertools.pairwise(run))
        is_exponent = kinds[1:] in (["letter", "-", "number"], ["letter", "+", "number"])
        if touch and is_exponent and run[1].text in "eE":
            shown = self.text[number.start : run[3].end]
            sign = run[2].text.strip("+")
            raise self.two_readings(
                Span(number.start, run[3].end),
                f"{number.text} times a power of 10",
                f"{number.text} {run[1].text} {run[2].text} {run[3].text}",
                rf"write {number.text} \cdot 10^{{{sign}{run[3].text}}} for {shown}",
            )

    def check_differential(self, first: Token) -> None:
        """Refuse `dx`, which touches no letter before it, and is no part of a derivative."""
        behind, before = self.next, self.tokens[self.at - 2] if self.at > 1 else first
        is_name = behind.kind == "letter" or behind.kind[1:] in words.GREEK
        touches = before.kind == "letter" and before.end == first.start
        if first.text == "d" and is_name and behind.start == first.end and not touches:
            raise self.two_readings(
                Span(first.start, behind.end),
                f"the product of d and {behind.text}",
                "a differential",
                rf"write d \cdot {behind.text} for the product; integrals are not read",
            )

    def indices(self, mark: Token) -> tuple[Node, ...]:
        """What stands below a name: words, or whole numbers of the indices of sums."""
        if self.next.kind in (r"\max", r"\min"):
            return (self.index_part(),)
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
        if not word and self.next.kind in (r"\max", r"\min"):
            word = self.take().text[1:]
        own = Node("name", word, (), start, self.last_end)
        part = own if word else self.atom(is_script=True)
        while self.next.kind in ("+", "-"):
            sign = self.take()
            other = self.atom(is_script=True)
            part = Node(sign.kind, sign.kind, (part, other), part.start, other.end)
        return part

    def accented(self, word: str, macro: Token, *, is_script: bool) -> Node:
        """A letter with a mark above, which is part of its name, or in another style."""
        opened = self.take() if self.next.kind == "{" else None
        self.enter()
        inner = self.atom(is_script=True)
        self.depth -= 1
        if inner.kind not in ("name", "constant"):
            raise self.fault(f"{macro.text} takes one letter", inner.span)
        if opened is not None:
            self.expect("}", opened)
        mark = words.ACCENTS.get(word, "")
        token = Token("letter", inner.text, macro.start, self.last_end)
        return self.named(inner.text + (f"_{mark}" if mark else ""), token, is_script=is_script)

    def word(self, macro: Token, *, is_script: bool) -> Node:
        """A word upright: a name, or a function where the grammar has one."""
        letters = self.letters()
        token = Token("letter", letters, macro.start, self.last_end)
        if not letters:
            raise self.fault(f"{macro.text} holds no name", token.span)
        if letters in ("i", "j", "d") and macro.kind == r"\mathrm":
            what = "the imaginary unit" if letters != "d" else "a differential"
            raise self.fault(f"{what} is not read: formulas are real", token.span)
        if letters == "e" or (letters == "NaN" and not is_script):
            return Node("constant", letters.lower(), (), token.start, token.end)
        name = words.OPERATORS.get(letters, words.FUNCTIONS.get(letters, letters))
        is_known = letters in words.OPERATORS or is_function(name)
        if not is_script and is_known and self.is_called(letters, macro):
            if not name:
                raise self.fault(f"{letters} needs complex numbers; formulas are real", token.span)
            return self.function(name, token)
        if not letters.isidentifier():
            raise self.fault(f"'{letters}' is no name", token.span)
        if macro.kind == r"\operatorname" and not is_script:
            raise self.fault(
                f"the function '{letters}' is not known", token.span, r"a name is \mathrm{...}"
            )
        if not is_script and is_known and len(letters) > 1:
            self.check_bare(letters, token)
        return self.named(letters, token, is_script=is_script)

    def letters(self) -> str:
        """The letters of a word: in braces, or one of them."""
        if self.next.kind == "letter":
            return self.take().text
        opened = self.expect("{")
        letters = ""
        while self.next.kind in ("letter", "number", "_", r"\_", "^", "-"):
            letters += self.take().text.lstrip("\\")
        self.expect("}", opened)
        return letters

    def is_called(self, letters: str, macro: Token) -> bool:
        """Whether a word that is a function has an argument, in parentheses or bare."""
        if self.next.kind in ("(", "{", r"\left"):
            return True
        if macro.kind == r"\operatorname":
            return self.next.kind not in ("end", "+", "-", ")", "}", "&", ",")
        if letters not in words.BEFORE_BARE:
            return False
        return self.is_argument(self.behind_scripts())

    def is_argument(self, token: Token) -> bool:
        """Whether a token begins an argument without parentheses."""
        return token.kind != "end" and self.starts_factor(token)

    def behind_scripts(self) -> Token:
        """The token behind the exponent and the index that come next."""
        place = self.at
        while self.tokens[place].kind in ("^", "_"):
            place = self.after_group(place + 1)
        return self.tokens[place]

    def check_bare(self, letters: str, token: Token) -> None:
        r"""Refuse `\mathrm{mean} x`, a word that is a function before what may be its argument."""
        is_name = self.next.kind == "letter" or self.next.kind[1:] in words.GREEK
        if is_name or (self.is_argument(self.next) and letters not in words.OPERATORS):
            raise self.two_readings(
                Span(token.start, self.next.end),
                f"the product of {letters} and {self.next.text}",
                f"the function {letters} of it",
                rf"write \mathrm{{{letters}}} \cdot ... for the product, or parentheses",
            )
