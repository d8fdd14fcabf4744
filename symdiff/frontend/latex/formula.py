"""Formulas of the grammar from LaTeX: equations, and what the arrays in them are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from symdiff.errors import ParseError, Span, SymdiffError
from symdiff.frontend.latex import words
from symdiff.frontend.latex.calculus import names_in
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.doubts import Doubts
from symdiff.frontend.latex.parser import Parser
from symdiff.frontend.latex.ranges import lengths_in
from symdiff.frontend.latex.values import Bound, Scope, Value
from symdiff.frontend.latex.writer import Writer

_ALIGNED = ("aligned", "align", "align*", "gathered", "split")
_ENDS = ("\\\\", r"\cr", ",", ".")
_OUTSIDE = Scope({})

Shapes = Mapping[str, Sequence[int | str]]


class Formula(NamedTuple):
    """What LaTeX became.

    Attributes:
        text: a formula or a program of the grammar.
        name: what the left side of an equation calls it, if there is one.
        latex: what it was made of.
        parts: the texts of its parts, each with its place in LaTeX.
    """

    text: str
    name: str | None
    latex: str = ""
    parts: tuple[tuple[str, Span], ...] = ()

    def placed(self, error: SymdiffError) -> SymdiffError:
        """An error about the text with its place in LaTeX: that of the least part that holds it."""
        if error.text != self.text or error.span is None:
            return error
        start, end = error.span[:2]
        around = [
            (len(text), span)
            for text, span in self.parts
            if self.text.find(text, max(0, end - len(text)), start + len(text)) >= 0
        ]
        span = min(around)[1] if around else Span(0, len(self.latex))
        return type(error)(error.message, text=self.latex, span=span, suggestion=error.suggestion)


class Equation(NamedTuple):
    """What stands on the right of a name, or alone."""

    name: str | None
    tree: Node


def parse_latex(latex: str, shapes: Shapes | None = None) -> Formula:
    r"""A formula of the grammar from LaTeX's mathematics.

    A letter is a name, letters side by side are a product, an index belongs to the name (`x_1`),
    `\mathrm{rate}` is a name of several letters. Products of arrays are those of matrices. What can
    be read in two ways is refused.

    Args:
        latex: with or without dollars around it; `f(x) = ...` names the output.
        shapes: by name of an array, the lengths of its axes, and perhaps their kind before them.

    Raises:
        ParseError: where it is not read, with the place.
        LimitError: where brackets nest too deeply, or a sum has too many terms.
    """
    given = {name: tuple(map(_length, shape)) for name, shape in (shapes or {}).items()}
    known = {name: tuple([n for n in shape if n]) for name, shape in given.items()}
    equations = _equations(Parser(latex, given))
    Doubts([one.tree for one in equations], latex, given).check()
    found = {k: v for one in equations for k, v in lengths_in(one.tree, dict(known)).items()}
    text, parts = _counted(latex, equations, {**known, **found})
    declared = "".join([f"{name}: [{', '.join(map(str, n))}]; " for name, n in found.items()])
    name = equations[0].name if len(equations) == 1 else None
    return Formula(declared + text, name, latex, tuple(parts))


def _length(item: int | str) -> Bound | None:
    """A length that is given; kinds of numbers are none."""
    if isinstance(item, int):
        return Bound("", item)
    return None if item in ("int", "bool", "float") else Bound(item, 0)


def _counted(
    latex: str, equations: Sequence[Equation], shapes: Mapping[str, tuple[Bound | None, ...]]
) -> tuple[str, list[tuple[str, Span]]]:
    """The text and its parts, with indices from 1 or 0, whichever stay inside of the arrays."""
    texts: list[str] = []
    parts: list[list[tuple[str, Span]]] = []
    faults: list[ParseError] = []
    counted: list[Node] = []
    for base in (1, 0):
        writer = Writer(latex, dict(shapes), base)
        try:
            texts.append(_text(writer, equations))
            parts.append(writer.written)
        except ParseError as error:
            faults.append(error)
        counted += [writer.counted] if writer.counted is not None else []
    if not texts:
        raise faults[0]
    if len(set(texts)) > 1:
        raise writer.two_readings(
            counted[0].span,
            "an index from 1 on",
            "an index from 0 on",
            "let a sum go over the whole axis, or name the numbers instead of the array",
        )
    return texts[0], parts[0]


def _text(writer: Writer, equations: Sequence[Equation]) -> str:
    """The formula of one equation, or a program that returns what no other one reads."""
    values: list[tuple[str | None, Value, Node]] = []
    for name, tree in equations:
        value = writer.value(tree, _OUTSIDE)
        if name is not None and value.shape and len(equations) > 1:
            writer.shapes[name] = value.shape
        values.append((name, value, tree))
    if len(values) == 1:
        return values[0][1].text
    read = {_whole_name(one) for _, _, tree in values for one in names_in(tree)}
    lines = [f"{name} = {value.text}" for name, value, _ in values]
    outputs = [str(name) for name, _, _ in values if name not in read]
    return "; ".join([*lines, f"return {', '.join(outputs)}"])


def _whole_name(node: Node) -> str:
    """A name with what stands below it."""
    return "_".join([node.text, *[part.text for part in node.parts]])


# --- equations -----------------------------------------------------------------------------------


def _equations(parser: Parser) -> list[Equation]:
    """One formula, or equations below each other."""
    if [token.kind for token in parser.tokens[:2]] == [r"\begin", "{"]:
        place = parser.at
        parser.take()
        name = parser.environment_name()
        if name in _ALIGNED:
            return _aligned(parser, name)
        parser.at = place
    found = Equation(_left_side(parser), parser.expression())
    parser.skip_condition()
    if parser.next.kind != "end":
        if parser.next.kind == "=":
            raise parser.fault("one equation is read, and its left side is a name")
        if parser.next.kind in (")", "]", "}", r"\right"):
            raise parser.fault(f"'{parser.next.text}' closes nothing")
        raise parser.fault(f"'{parser.next.text}' is not expected here")
    return [found]


def _aligned(parser: Parser, name: str) -> list[Equation]:
    """Equations below each other, each of which may read those above it."""
    found: list[Equation] = []
    while parser.next.kind != r"\end":
        found.append(Equation(_name(parser), parser.expression()))
        parser.skip_condition()
        if parser.next.kind in _ENDS:
            while parser.next.kind in _ENDS:
                parser.take()
        elif parser.next.kind != r"\end":
            raise parser.fault(rf"'\\' is expected here, not '{parser.next.text or 'the end'}'")
    parser.close_environment(name)
    if parser.next.kind != "end" or not found:
        raise parser.fault(f"'{parser.next.text or 'the end'}' is not expected here")
    return _in_order(parser, found)


def _in_order(parser: Parser, equations: list[Equation]) -> list[Equation]:
    """The equations, each behind those that it reads: what a name is may stand below its use.

    Raises:
        ParseError: where a name has two equations, or one that needs its own value.
    """
    names = [str(one.name) for one in equations]
    for place, (name, tree) in enumerate(equations):
        if name in names[:place]:
            raise parser.fault(
                f"'{name}' has two equations", tree.span, "name one of them otherwise"
            )
    left, known, found = list(equations), set[str](), list[Equation]()
    reads = {one.name: {_whole_name(x) for x in names_in(one.tree)} & set(names) for one in left}
    while left:
        ready = next((one for one in left if reads[one.name] <= known), None)
        if ready is None:
            raise parser.fault(
                f"the equation of '{left[0].name}' needs its own value",
                left[0].tree.span,
                "write what each name is by others, or take another name on the left",
            )
        found.append(ready)
        known.add(str(ready.name))
        left.remove(ready)
    return found


def _left_side(parser: Parser) -> str | None:
    """The name that an equation gives: `y = ...` or `f(x, y) = ...`."""
    tokens = parser.tokens
    place, depth = 0, 0
    while tokens[place].kind != "end" and not (tokens[place].kind == "=" and not depth):
        if tokens[place].kind == r"\begin":
            return None
        depth += (tokens[place].kind in ("{", "(")) - (tokens[place].kind in ("}", ")"))
        place += 1
    return None if tokens[place].kind == "end" else _name(parser)


def _name(parser: Parser) -> str:
    """The left side of an equation, and the sign behind it."""
    head = _derivative(parser) if parser.next.kind == r"\frac" else parser.atom(is_script=True)
    if head.kind != "name":
        raise parser.fault("the left side of an equation is a name", head.span)
    indices: tuple[Node, ...] = ()
    if head.text in words.DIFFERENCES and parser.is_name_ahead():  # one quantity, as it is named
        other = parser.atom(is_script=True)
        head = head._replace(text=f"Delta_{other.text}", end=other.end)
    if parser.next.kind == "_":
        indices = parser.indices(parser.take())
    if parser.next.kind in ("(", r"\left"):
        parser.atom()
    if parser.next.kind == "&":
        parser.take()
    parser.expect("=")
    return Writer(parser.text, {}).value(head._replace(parts=indices), _OUTSIDE).text


def _derivative(parser: Parser) -> Node:
    r"""The name of a derivative: `\frac{\partial f}{\partial x}` is `df_dx`."""
    macro = parser.take()
    if not parser.is_derivative():
        raise parser.fault("the left side of an equation is a name", macro.span)
    function, names = parser.derivative_of_name(macro)
    writer = Writer(parser.text, {})
    texts = [writer.value(one, _OUTSIDE).text for one in (function, *reversed(names))]
    text = "d" * len(names) + "_d".join(texts)
    return Node("name", text, (), macro.start, parser.last_end)
