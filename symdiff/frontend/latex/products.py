r"""Products, powers and functions of arrays: vectors are columns, their transposes are rows."""

from __future__ import annotations

from symdiff.errors import ParseError, Span
from symdiff.frontend.latex.bold import bold_name
from symdiff.frontend.latex.cursor import Node
from symdiff.frontend.latex.values import ATOM, POWER, PRODUCT, SIGN, SUM, Bound, Value, joined
from symdiff.frontend.text.functions import find_callee

_OF_MATRICES = frozenset(("det", "trace"))
_OF_THE_WHOLE = frozenset(("exp", "log", "sqrt", "sin", "cos", "sinh", "cosh"))
_SIGNS = {"*": "*", "cdot": "*", "times": "*", "/": "/", "%": "%"}
_NORMS = {"1": "1", "2": "2", "inf": "inf", "F": '"fro"'}


class Products:
    """Writes what arrays stand in.

    Attributes:
        latex: the formula.
        shapes: the lengths of arrays, by their names.
    """

    latex: str
    shapes: dict[str, tuple[Bound | None, ...]]

    def fault(self, message: str, span: Span, suggestion: str | None = None) -> ParseError:
        """The formula is refused at a place."""
        return ParseError(message, text=self.latex, span=span, suggestion=suggestion)

    def two_readings(self, span: Span, first: str, second: str, advice: str) -> ParseError:
        """What can be read in two ways is refused."""
        return self.fault(f"this reads as {first} or as {second}", span, advice)

    def shown(self, node: Node) -> str:
        """A part of the formula as it is written."""
        return self.latex[node.start : node.end]

    def refuse_bold(self, parts: tuple[Node, ...], node: Node, what: str) -> None:
        """Refuse an operation on numbers where each part is written as a vector without a shape."""
        names: list[str] = []
        for part in reversed(parts):  # the first one of a long product is seldom looked at
            names.append(bold_name(part, self.latex, self.shapes))
            if not names[-1]:
                return
        if names:
            shapes = " ".join([f"--shape '{name}: 3'" for name in dict.fromkeys(names[::-1])])
            raise self.two_readings(
                node.span,
                f"{what} of numbers",
                f"{what} of vectors",
                f"give the shape, as in {shapes}, or write letters that are not bold for numbers",
            )

    def refuse_indexed(self, parts: tuple[Value, ...], node: Node) -> None:
        """Refuse what depends on the index of a sum beside a whole array."""
        if any(part.is_spread for part in parts) and any(part.shape for part in parts):
            raise self.fault(
                "a number with the index of a sum stands beside a whole array",
                node.span,
                "give the array its index too, or write the product of matrices that is meant",
            )

    # --- sums, products, quotients ---

    def added(self, sign: str, a: Value, b: Value, node: Node) -> Value:
        """A sum or a difference, of the same kind; a number is added to each of a vector."""
        self.refuse_indexed((a, b), node)
        if a.shape and b.shape and a.kind != b.kind:
            raise self.fault(f"a {a.kind} and a {b.kind} are added", node.span)
        if {a.kind, b.kind} == {"number", "matrix"}:
            raise self.two_readings(
                node.span,
                "a number added to each element of the matrix",
                "a multiple of the unit matrix",
                "write it with indices, or in the grammar",
            )
        return joined(f"{a.within(SUM)} {sign} {b.within(SUM + 1)}", SUM, a, b)

    def multiplied(self, kind: str, a: Value, b: Value, node: Node) -> Value:
        """A product with some sign, or without one, or a quotient."""
        self.refuse_indexed((a, b), node)
        if not (a.shape or b.shape):
            self.refuse_bold(node.parts, node, "a product")
        if kind in ("odot", "oslash"):
            return self.by_element("*" if kind == "odot" else "/", a, b, node)
        if kind in "/%" and b.shape:
            advice = r"write \oslash for each element, or A^{-1} for the inverse of a matrix"
            raise self.fault(f"a division by a {b.kind}", node.span, advice)
        if not (a.shape and b.shape):
            if kind == "otimes":
                raise self.fault(r"\otimes is a product of vectors", node.span)
            sign = _SIGNS[kind]
            return joined(f"{a.within(PRODUCT)}{sign}{b.within(PRODUCT + 1)}", PRODUCT, a, b)
        if kind in ("times", "otimes") or (kind == "cdot" and a.kind == b.kind == "vector"):
            return self.of_vectors(kind, a, b, node)
        return self.of_matrices(a, b, node)

    def by_element(self, sign: str, a: Value, b: Value, node: Node) -> Value:
        """A product or quotient of each element with the one at its place."""
        if a.kind != b.kind:
            raise self.fault(f"a {a.kind} and a {b.kind} have no elements in common", node.span)
        return joined(f"{a.within(PRODUCT)}{sign}{b.within(PRODUCT + 1)}", PRODUCT, a, b)

    def of_vectors(self, kind: str, a: Value, b: Value, node: Node) -> Value:
        """The inner, the cross, the outer product."""
        if not a.kind == b.kind == "vector":
            sign = rf"\{kind}"
            raise self.fault(
                f"{sign} between a {a.kind} and a {b.kind} is not read",
                node.span,
                "write a product of matrices without a sign",
            )
        if kind == "cdot":
            return Value(f"{a.within(PRODUCT)} @ {b.within(PRODUCT + 1)}", PRODUCT)
        if kind == "times":
            return Value(f"cross({a.text}, {b.text})", shape=a.shape)
        return Value(f"outer({a.text}, {b.text})", shape=(*a.shape, *b.shape))

    def of_matrices(self, a: Value, b: Value, node: Node) -> Value:
        """The product of rows with columns."""
        if a.kind == b.kind == "vector":
            raise self.two_readings(
                node.span,
                r"the inner product x^T y",
                r"the product of each element x \odot y",
                r"write x^T y, x \cdot y, x \odot y or x y^T",
            )
        if a.kind == "vector" and b.is_row:
            return Value(f"outer({a.text}, {b.text})", shape=(*a.shape, *b.shape))
        if a.kind == "vector" or b.is_row:
            raise self.fault(
                f"a {a.kind} before a {b.kind}: vectors are columns here, and have no such product",
                node.span,
                r"write the matrix before the vector, or x^T before it",
            )
        shape, is_row = (*a.shape[:-1], *b.shape[1:]), a.is_row and b.kind == "matrix"
        if a.inverse_of:
            text = f"solve({a.inverse_of}, {b.text})"
            return Value(text, ATOM, shape, is_row)
        if b.inverse_of and a.is_row:
            return Value(f"solve(({b.inverse_of}).T, {a.text})", ATOM, shape, is_row)
        return Value(f"{a.within(PRODUCT)} @ {b.within(PRODUCT + 1)}", PRODUCT, shape, is_row)

    # --- powers ---

    def raised(self, base: Value, exponent: Value | None, node: Node) -> Value:
        """A power. An exponent of `None` is the letter T, or the sign of a transpose."""
        if exponent is None or node.parts[1].kind == "transpose":
            return self.transposed(base, node)
        self.refuse_indexed((base, exponent), node)
        if node.text == r"\circ":
            text = f"{base.within(ATOM)}**{exponent.within(SIGN)}"
            return joined(text, POWER, base, exponent)
        if base.kind == "matrix" and not exponent.shape:
            return self.power_of_matrix(base, exponent, node)
        if not base.shape:
            self.refuse_bold(node.parts[:1], node, "a power")
        if base.shape or exponent.kind in ("row", "matrix"):
            raise self.fault(
                f"a power of a {base.kind}" if base.shape else "a matrix as an exponent",
                node.span,
                r"write x^T x, \|x\|^2, or x^{\circ 2} for each element",
            )
        return joined(f"{base.within(ATOM)}**{exponent.within(SIGN)}", POWER, base, exponent)

    def power_of_matrix(self, base: Value, exponent: Value, node: Node) -> Value:
        """The inverse, or a product with itself."""
        text = exponent.text
        if text == "-1":
            return Value(f"inv({base.text})", ATOM, base.shape, inverse_of=base.text)
        if not text.isdigit() or not 0 < int(text) < 10:
            raise self.fault("a power of a matrix is -1, T, -T or a small number", node.span)
        factors = [base.within(ATOM)] * int(text)
        return Value(" @ ".join(factors), PRODUCT, base.shape)

    def transposed(self, base: Value, node: Node) -> Value:
        """A transpose: of a vector a row."""
        sign = node.parts[1]
        if not base.shape:
            raise self.two_readings(
                node.span,
                "a power",
                "a transpose",
                "name the exponent t, or give the shape of what is transposed",
            )
        is_inverse = sign.kind == "negate" or sign.text == "-"
        if base.kind != "matrix":
            if is_inverse:
                raise self.fault(f"the inverse of a {base.kind}", node.span)
            return base._replace(is_row=not base.is_row)
        if is_inverse:
            return Value(f"inv({base.text}).T", ATOM, base.shape[::-1])
        return Value(f"{base.within(ATOM)}.T", ATOM, base.shape[::-1])

    def exponential(self, exponent: Value, node: Node) -> Value:
        """A power of Euler's number."""
        if exponent.kind == "matrix":
            raise self.of_the_whole("exp", node)
        return joined(f"exp({exponent.text})", ATOM, exponent)

    # --- functions ---

    def of_the_whole(self, name: str, node: Node) -> ParseError:
        """A function that matrices have too."""
        return self.two_readings(
            node.span,
            f"the matrix function {name}",
            f"{name} of each element",
            "write it in the grammar: exp(A) is of each element, expm(A) of the matrix",
        )

    def called(self, name: str, args: list[Value], node: Node) -> Value:
        """A function of the grammar, which acts on each element of an array."""
        text = f"{name}({', '.join([arg.text for arg in args])})"
        self.refuse_indexed(tuple(args), node)
        kinds = {arg.kind for arg in args if arg.shape}
        if name in _OF_MATRICES:
            if kinds != {"matrix"}:
                advice = "give the shape of the matrix, as in --shape 'A: 3 3'"
                raise self.fault(f"{name} of a {args[0].kind}", node.span, advice)
            return Value(text)
        if not kinds and name == "abs":
            self.refuse_bold(node.parts, node, "the magnitude")
        if not kinds:
            return joined(text, ATOM, *args) if args else Value(text)
        if name == "diag":
            (shape,) = [args[0].shape]
            return Value(text, ATOM, shape[:1] * (3 - len(shape)))
        if name == "abs" and kinds == {"vector"} and bold_name(node.parts[0], self.latex, ()):
            return Value(f"norm({args[0].text})")
        if name == "abs":
            other = "its determinant" if kinds == {"matrix"} else "its length"
            advice = r"write \det, \|x\| or \operatorname{abs}(x) in the grammar"
            raise self.two_readings(node.span, "each magnitude", other, advice)
        if kinds == {"matrix"} and name in _OF_THE_WHOLE:
            raise self.of_the_whole(name, node)
        callee = find_callee(name)
        if len(kinds) > 1 or callee is None or callee.of_numbers is None:
            raise self.fault(f"'{name}' of these arrays is not read", node.span)
        return joined(text, ATOM, *args)

    def norm(self, inner: Value, order: Node | None, node: Node) -> Value:
        r"""`\|x\|`, `\|x\|_1`, `\|A\|_F`."""
        if not inner.shape:
            advice = "write |x| for a magnitude; an array has a shape, as in --shape 'x: n'"
            raise self.fault(f"{self.shown(node.parts[0])} is a number here", node.span, advice)
        word = "" if order is None else order.text
        is_matrix = inner.kind == "matrix"
        if word not in (*_NORMS, "") or (word == "F" and not is_matrix):
            raise self.fault(f"a norm of a {inner.kind} of this kind is not read", node.span)
        if is_matrix and not word:
            raise self.two_readings(
                node.span, "the norm of Frobenius", "the spectral norm", r"write \|A\|_F or \|A\|_2"
            )
        plain = not word or (word == "2" and not is_matrix)
        return Value(f"norm({inner.text})" if plain else f"norm({inner.text}, {_NORMS[word]})")

    # --- matrices ---

    def matrix(self, rows: list[list[Value]], node: Node) -> Value:
        """An array of numbers, or of blocks."""
        entries = [entry for row in rows for entry in row]
        if any(entry.is_spread for entry in entries):
            raise self.fault("a matrix with the index of a sum is not read", node.span)
        if any(entry.shape for entry in entries):
            return self.blocks(rows, node)
        if len(rows) == 1:
            text = f"[{', '.join([entry.text for entry in entries])}]"
            return Value(text, ATOM, (Bound("", len(entries)),), is_row=len(entries) > 1)
        if len(rows[0]) == 1:
            text = f"[{', '.join([entry.text for entry in entries])}]"
            return Value(text, ATOM, (Bound("", len(entries)),))
        lines = [f"[{', '.join([entry.text for entry in row])}]" for row in rows]
        return Value(f"[{', '.join(lines)}]", ATOM, (Bound("", len(rows)), Bound("", len(rows[0]))))

    def blocks(self, rows: list[list[Value]], node: Node) -> Value:
        """Arrays below and beside each other."""
        entries = [entry for row in rows for entry in row]
        kinds = {entry.kind for entry in entries}
        listed = ", ".join([entry.text for entry in entries])
        if kinds == {"matrix"}:
            lines = ", ".join([f"[{', '.join([one.text for one in row])}]" for row in rows])
            return Value(f"block([{lines}])", ATOM, (None, None))
        if len(rows[0]) == 1 and kinds == {"row"}:
            return Value(f"[{listed}]", ATOM, (Bound("", len(rows)), entries[0].shape[0]))
        if len(rows) == 1 and kinds == {"vector"}:
            return Value(f"[{listed}].T", ATOM, (entries[0].shape[0], Bound("", len(entries))))
        is_along = len(rows[0]) == 1 and kinds <= {"vector", "number"}
        if is_along or (len(rows) == 1 and kinds <= {"row", "number"}):
            parts = [one.text if one.shape else f"[{one.text}]" for one in entries]
            return Value(f"concatenate(({', '.join(parts)}))", ATOM, (None,), not is_along)
        raise self.fault(
            f"blocks of a {' and a '.join(sorted(kinds))} do not make a matrix", node.span
        )
