"""Sums over ranges: term by term where the range is known, else over an array's axis."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from symdiff.errors import LimitError, ParseError
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.products import Products
from symdiff.frontend.latex.values import (
    ATOM,
    POWER,
    PRODUCT,
    SUM,
    Bound,
    Range,
    Scope,
    Value,
)

TERMS = 1_000  # of a sum or a product
_EMPTY = {"sum": "0", "prod": "1"}


class Ranges(Products):
    """Writes elements of arrays, and what goes over ranges of them.

    Attributes:
        shapes: the lengths of arrays, by their names.
        base: the index of an array's first element.
        counted: the first place that it matters for.
        ended: the indices of sums that have ended.
        terms: how many terms the ranges around have together.
    """

    shapes: dict[str, tuple[Bound | None, ...]]
    base: int
    counted: Node | None
    ended: set[str]
    terms: int

    @abstractmethod
    def value(self, node: Node, scope: Scope) -> Value:
        """A part of the formula in the grammar."""

    # --- whole numbers ---

    def outside(self, node: Node) -> ParseError:
        """An index where it counts nothing."""
        return self.fault(
            f"'{node.text}' is the index of a sum or product, and stands outside of it",
            node.span,
            "put what the sum goes over into parentheses",
        )

    def whole(self, node: Node, scope: Scope) -> int:
        """A whole number, of indices and numbers."""
        found = self.bound(node, scope)
        if found.name:
            raise self.not_whole(node)
        return found.offset

    def not_whole(self, node: Node) -> ParseError:
        """Something else where a whole number is expected."""
        return self.fault(
            "a whole number is expected here, and this is none that is known",
            node.span,
            "give the range in numbers, or let it go over an indexed name: x_i from 1 to n",
        )

    def bound(self, node: Node, scope: Scope) -> Bound:
        """A whole number, to which one name may be added: a length."""
        if node.kind == "number" and node.text.isdigit():
            return Bound("", int(node.text))
        if node.kind == "name" and not node.parts and node.text in scope.numbers:
            return Bound("", scope.numbers[node.text])
        if node.kind == "name" and not node.parts and scope.place(node.text) is None:
            if len(node.text) == 1 and node.text in self.ended:
                raise self.outside(node)
            return Bound(node.text, 0)
        if node.kind == "negate":
            return Bound("", -self.whole(node.parts[0], scope))
        if node.kind == "*":
            one, other = (self.whole(part, scope) for part in node.parts)
            return Bound("", one * other)
        if node.kind in ("+", "-"):
            a, b = (self.bound(part, scope) for part in node.parts)
            if node.kind == "-" and not b.name:
                return a.moved(-b.offset)
            if node.kind == "+" and not (a.name and b.name):
                return Bound(a.name or b.name, a.offset + b.offset)
        raise self.not_whole(node)

    # --- elements ---

    def split(self, node: Node, scope: Scope) -> list[Node]:
        """The indices below a name, each of its own: `ij` are two."""
        found: list[Node] = []
        for part in node.parts:
            letters = [*part.text] if part.kind == "name" and not part.parts else []
            if len(letters) > 1 and any(
                scope.place(x) is not None or x in scope.numbers for x in letters
            ):
                found += [part._replace(text=letter) for letter in letters]
            else:
                found.append(part)
        return found

    def element(self, array: Value, indices: list[Node], scope: Scope, node: Node) -> Value:
        """The element of an array, or those along the axes of sums."""
        if len(indices) != len(array.shape):
            raise self.fault(
                f"a {array.kind} with {len(indices)} index{'es' * (len(indices) > 1)} below it",
                node.span,
                "write one index for each axis, with commas between numbers: A_{1,2}",
            )
        self.counted = self.counted or node
        keys, letters = [], []
        for index, length in zip(indices, array.shape, strict=True):
            key, letter = self.key(index, length, scope)
            keys.append(key)
            letters += [letter] if letter else []
        if len(set(letters)) < len(letters):
            if set(keys) != {":"}:
                raise self.fault("an index stands twice below a part of an array", node.span)
            keys, letters, array = keys[:1], letters[:1], Value(f"diag({array.text})")
        text = array.within(ATOM)
        text = text if set(keys) == {":"} else f"{text}[{', '.join(keys)}]"
        return self.spread(text, letters, scope)

    def spread(self, text: str, letters: list[str], scope: Scope) -> Value:
        """An array with its axes at the places of the sums that go over them."""
        if not letters:
            return Value(text)
        places = [scope.place(letter) or 0 for letter in letters]
        order = sorted(range(len(places)), key=places.__getitem__)
        if order == [1, 0]:
            text = f"{text}.T"
        elif order != sorted(order):
            text = f"transpose({text}, ({', '.join(map(str, order))}))"
        if len(places) < len(scope.ranges):
            where = [":" if at in places else "None" for at in range(len(scope.ranges))]
            text = f"{text}[{', '.join(where)}]"
        return Value(text, ATOM, indices=frozenset(letters), is_spread=True)

    def key(self, index: Node, length: Bound | None, scope: Scope) -> tuple[str, str]:
        """An index in the grammar, and the letter of the sum that it goes along."""
        letter, by = _letter(index, scope)
        if not letter:
            at = self.bound(index, scope)
            self.check_place(at, length, index)
            return str(at.moved(-self.base)), ""
        found = scope.ranges[scope.place(letter) or 0]
        if found.low is None or found.high is None:
            if by:
                raise self.fault("a part of an axis needs the bounds of the sum", index.span)
            return ":", letter
        first, last = found.low.moved(by), found.high.moved(by)
        self.check_place(first, length, index)
        self.check_place(last, length, index)
        start, stop = first.moved(-self.base), last.moved(1 - self.base)
        is_whole = start == Bound("", 0) and stop == length
        return (":" if is_whole else f"{start}:{stop}"), letter

    def check_place(self, at: Bound, length: Bound | None, node: Node) -> None:
        """Refuse an index outside of the array, or one that nobody can tell of."""
        first, last = self.base, None if length is None else length.moved(self.base - 1)
        is_low = not at.name and at.offset < first
        is_high = last is not None and at.name == last.name and at.offset > last.offset
        if is_low or is_high:
            raise self.fault(f"the index {at} is outside of the array", node.span)
        if last is None or (at.name and at.name != last.name):
            size = "a length that is not known here" if length is None else f"the length {length}"
            raise self.fault(f"the index {at} of an axis of {size}", node.span)

    def counter(self, letter: str, scope: Scope, node: Node) -> Value:
        """The index of a sum as a number."""
        found = scope.ranges[scope.place(letter) or 0]
        if found.low is None or found.high is None:
            raise self.fault(f"'{letter}' has no bounds here", node.span, "write them: i=1, ... n")
        lengths = {length.name for shape in self.shapes.values() for length in shape if length}
        if not {found.low.name, found.high.name} <= {*lengths, ""}:
            advice = "give the shape of one, as in --shape 'x: n', or the range in numbers"
            raise self.fault(f"no array here has the length {found.high}", node.span, advice)
        text = f"arange({found.low}, {found.high.moved(1)})"
        return self.spread(text, [letter], scope)

    # --- ranges ---

    def over_range(self, node: Node, scope: Scope) -> Value:
        """A sum, a product or an extremum over a range."""
        index, bounds = node.parts[1], node.parts[2:]
        low = self.bound(bounds[0], scope) if bounds else None
        high = self.bound(bounds[1], scope) if bounds else None
        if node.kind not in _EMPTY and high is not None:
            raise self.fault(rf"\{node.kind} over a range is not read", node.span)
        if low is not None and high is not None and not (low.name or high.name):
            found = self.written_out(node, low.offset, high.offset, scope)
        else:
            found = self.along(node, Range(index.text, low, high), scope)
        self.ended.add(index.text)
        return found

    def written_out(self, node: Node, first: int, last: int, scope: Scope) -> Value:
        """The terms of a sum or product."""
        count = max(last - first + 1, 0)
        if self.terms * count > TERMS:
            inside = f" in others, {self.terms * count} together," if self.terms > 1 else ""
            raise LimitError(
                f"a range of {count} terms{inside} is longer than {TERMS}",
                text=self.latex,
                span=node.span,
                suggestion="let the sum go over an array: x_i from 1 to n",
            )
        outer, self.terms = self.terms, self.terms * max(count, 1)
        body, index = node.parts[:2]
        terms = [
            self.value(body, scope.with_number(index.text, number))
            for number in range(first, last + 1)
        ]
        self.terms = outer
        if not terms:
            return Value(_EMPTY[node.kind])
        if node.kind == "prod" and any(term.shape for term in terms):
            raise self.fault("a product of arrays over a range is not read", node.span)
        join: Callable[[Value, Value], Value] = (
            (lambda a, b: self.added("+", a, b, node))
            if node.kind == "sum"
            else (lambda a, b: self.multiplied("*", a, b, node))
        )
        result = terms[0]
        for term in terms[1:]:
            result = join(result, term)
        # a sum of one term is a sum all the same to what stands around it
        least = SUM if node.kind == "sum" else PRODUCT
        return result._replace(precedence=min(result.precedence, least))

    def along(self, node: Node, found: Range, scope: Scope) -> Value:
        """A sum, a product or an extremum over the last axis of what depends on the index."""
        body, index = node.parts[:2]
        inner = self.value(body, scope.with_range(found))
        if inner.shape:
            raise self.fault(
                f"a sum of whole arrays over '{found.letter}' is not read",
                node.span,
                "give what is summed its indices",
            )
        rest = inner.indices - {found.letter}
        if found.letter in inner.indices:
            text = (
                f"{node.kind}({inner.text}, axis=-1)"
                if scope.ranges
                else f"{node.kind}({inner.text})"
            )
            return Value(text, ATOM, indices=rest, is_spread=bool(scope.ranges))
        if found.low is None or found.high is None or node.kind not in _EMPTY:
            raise self.fault(f"nothing here has the index '{found.letter}'", index.span)
        return self.repeated(node, inner, found, is_inside=bool(scope.ranges))

    def repeated(self, node: Node, inner: Value, found: Range, *, is_inside: bool) -> Value:
        """A term that does not depend on the index, so many times."""
        assert found.low is not None
        assert found.high is not None
        count = found.high.moved(1 - found.low.offset)
        if found.low.name:
            raise self.fault("a sum from a named length on of what is constant", node.span)
        text = f"{inner.within(ATOM)}[..., 0]" if inner.is_spread else inner.text
        body = inner._replace(text=text, precedence=ATOM if inner.is_spread else inner.precedence)
        more = f"({count})" if count.offset and count.name else str(count)
        is_spread = inner.is_spread and is_inside
        if node.kind == "sum":
            text, own = f"{more}*{body.within(PRODUCT + 1)}", PRODUCT
        else:
            text, own = f"{body.within(ATOM)}**{more}", POWER
        return Value(text, own, indices=inner.indices, is_spread=is_spread)


def _letter(node: Node, scope: Scope) -> tuple[str, int]:
    """The index of a sum along an axis, and the number that is added to it."""
    if node.kind == "name" and not node.parts and scope.place(node.text) is not None:
        return node.text, 0
    if node.kind in ("+", "-") and node.parts[1].kind == "number" and node.parts[1].text.isdigit():
        letter, by = _letter(node.parts[0], scope)
        number = int(node.parts[1].text)
        return letter, by + (number if node.kind == "+" else -number)
    return "", 0


def lengths_in(
    node: Node, known: dict[str, tuple[Bound | None, ...]]
) -> dict[str, tuple[Bound, ...]]:
    """The shapes of names that are not given one, by the ranges of the sums over their indices.

    A name whose indices all go from 1 to a named length, or from 0 to one below it, has this shape.
    """
    found: dict[str, tuple[Bound, ...]] = {}
    left: list[tuple[Node, dict[str, Bound | None]]] = [(node, {})]
    while left:
        one, ranges = left.pop()
        if one.kind in ("sum", "prod") and len(one.parts) == 4:
            body, index, low, high = one.parts
            left.append((body, {**ranges, index.text: _length(low, high)}))
            continue
        if one.kind == "name" and one.parts and one.text not in known:
            letters = [
                x for part in one.parts for x in ([*part.text] if part.kind == "name" else [""])
            ]
            lengths = [ranges.get(letter) for letter in letters]
            if all(lengths):
                found.setdefault(one.text, tuple([length for length in lengths if length]))
            continue
        left += [(part, ranges) for part in one.parts]
    return found


def _length(low: Node, high: Node) -> Bound | None:
    """The named length of an axis that a range goes over from end to end."""
    if low.text == "1" and high.kind == "name" and not high.parts:
        return Bound(high.text, 0)
    is_below = high.kind == "-" and high.parts[0].kind == "name" and high.parts[1].text == "1"
    return Bound(high.parts[0].text, 0) if low.text == "0" and is_below else None
