"""Smooth functions behind kinks: what is differentiated in the place of each.

`abs(x)**2`, `cos(abs(x))`, `norm(x)**2` are smooth, and differentiated as they are written they
would have at 0 the derivatives of a convention. So each is written anew without its kink: |u| as u
where a function of it is even, and a length r with its square where r itself has an even power.
What is smooth and cannot be written so, as the Matern kernel (1 + r + r**2/3)*exp(-r), becomes a
line of `derive.even`. A function that cannot be seen to be smooth stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from symdiff.derive.lengths import Lengths
from symdiff.derive.origins import Origins
from symdiff.graph.nested import Nested
from symdiff.graph.node import (
    COMPLEX,
    CONSTANT,
    CONTINUOUS,
    FLOAT,
    INPUT,
    Node,
    constant_value,
    is_exact_integer,
)
from symdiff.ops.builder import Builder
from symdiff.ops.rules import ALGEBRAIC
from symdiff.ops.rules.signs import is_never_negative
from symdiff.ops.twins import as_written

_LENGTHS = frozenset(("norm", "known_norm", "hypot", "root_of_form"))
_TIES = frozenset(("maximum", "minimum", "relu"))
_ATOMS = _LENGTHS | _TIES | {"absolute"}
_BEHIND = _ATOMS | {"unless_zero"}  # behind these a function may be smooth
_MOVING = frozenset(("broadcast", "reshape", "transpose", "index"))
_EVEN = frozenset(("cos", "cosh", "sech", "sinc", "log_cosh"))
_ODD = frozenset("sin tan sinh tanh arcsin arctan arcsinh arctanh cbrt erf".split())
_LINEAR = _MOVING | frozenset(  # in pieces at least
    "add subtract negate sum concatenate stack put max min maximum minimum relu clip sort".split()
)

_OP = itemgetter(0)  # of a line

Odd = tuple[frozenset[int], int]  # the lengths that are factors, and the rest, which is smooth


def smooth_twins(builder: Builder, twins: Sequence[int], outputs: Sequence[int]) -> list[int]:
    """The twins without the kinks behind which they are smooth.

    Args:
        builder: holds the lines; new ones are appended.
        twins: by position of a function's lines, what is differentiated in the place of each.
        outputs: positions of the function's outputs.
    """
    nodes = builder.nodes
    if _BEHIND.isdisjoint(map(_OP, nodes)):
        return list(twins)
    needed = bytearray(len(nodes))
    for output in outputs:
        needed[twins[output]] = 1
    for position in range(len(nodes) - 1, -1, -1):
        if needed[position]:
            for argument in _differentiated(nodes[position]):
                needed[argument] = 1
    without = _Without(builder, _bent(nodes, needed))
    for position in range(len(needed)):
        if needed[position]:
            builder.span = builder.spans.get(position)
            without.add(position)
    builder.span = None
    return [without.moved.get(twin, twin) for twin in twins]


def _bent(nodes: Sequence[Node], needed: bytearray) -> set[int]:
    """The magnitudes that more than a multiple of is taken: |x| alone has the curvature 0."""
    depends = bytearray(len(nodes))
    for position, node in enumerate(nodes):
        depends[position] = node.op == "absolute" or any(depends[a] for a in node.args)
    bent = bytearray(len(nodes))
    for position in range(len(nodes) - 1, -1, -1):
        node = nodes[position]
        if not needed[position] or node.dtype not in CONTINUOUS:
            continue
        for place, argument in enumerate(node.args):
            others = [other for k, other in enumerate(node.args) if k != place]
            is_linear = node.op in _LINEAR or node.op == "where"
            if node.op in ("multiply", "contract") or (node.op == "divide" and place == 0):
                is_linear = not any(depends[other] for other in others)
            if bent[position] or not is_linear:
                bent[argument] = 1
    return {p for p, node in enumerate(nodes) if node.op == "absolute" and bent[p]}


def _differentiated(node: Node) -> tuple[int, ...]:
    """The arguments without a value that is kept as it was written."""
    return node.args[:1] if node.op == as_written.name else node.args


class _Without:
    """Lines without kinks, made one after another.

    Attributes:
        moved: by position, what stands for a line.
        odd: what is a product of lengths and of something smooth.
        origins: what lines are near the origin of a length.
        lengths: the lengths, and their squares.
        closed: the lines that depend on lengths and are smooth.
        shown: another form of a line, in which a magnitude stands in the place of a tie.
    """

    def __init__(self, builder: Builder, bent: set[int]) -> None:
        self.builder = builder
        self.bent = bent
        self.moved: dict[int, int] = {}
        self.odd: dict[int, Odd] = {}
        self.origins = Origins(builder)
        self.lengths = Lengths(builder)
        self.shown: dict[int, int] = {}
        self.closed: set[int] = set()

    def add(self, position: int) -> None:
        """Find what stands for a line, whose arguments have been added."""
        b, node = self.builder, self.builder.nodes[position]
        if node.op in (INPUT, CONSTANT):
            self.moved[position] = position
            return
        if node.op == "unless_zero":  # a convention stands for one derivative alone
            self.moved[position] = self._of(node.args[0])
            return
        args = tuple([self._of(argument) for argument in node.args])
        if node.op == as_written.name:
            args = (args[0], node.args[1])
        if node.op == "hypot":
            args = tuple([self._unsigned(argument) for argument in args])
        if node.op == "absolute":
            self.moved[position] = self._magnitude(args[0], is_bent=position in self.bent)
        elif (same := self._never_below(node.op, args)) is not None:
            self.moved[position] = same
        else:
            self.moved[position] = (
                position if args == node.args else b.make(node.op, args, node.params)
            )
        if node.op in _LENGTHS and not any(b.constants.get(argument) for argument in args):
            self._length(self.moved[position])
        elif node.op in _TIES and not any(argument in self.origins.near for argument in node.args):
            self._tie(position, node.op, args)
        elif node.op != "absolute":
            self._depend(position, node)
        self._take_over(position, self.moved[position])

    def _never_below(self, op: str, args: tuple[int, ...]) -> int | None:
        """The u of max(u, 0) that is never negative."""
        b = self.builder
        least = [b.constants.get(argument, 0.0) <= 0.0 for argument in args[1:]]
        is_floor = op == "relu" or (op == "maximum" and args[1] in b.constants and all(least))
        return args[0] if is_floor and is_never_negative(b, args[0]) else None

    def _of(self, position: int) -> int:
        return self.moved.get(position, position)

    def _take_over(self, position: int, line: int) -> None:
        """What is known of a line holds for what it stands for."""
        if position in self.closed or position == line:
            return
        if line in self.odd:
            self.odd.setdefault(position, self.odd[line])
        if line in self.origins.near:
            self.origins.near.setdefault(position, self.origins.near[line])

    # --- lengths ---------------------------------------------------------------------------------

    def _unsigned(self, line: int) -> int:
        """A line without the signs that are factors of it, for an even function."""
        keys, rest = self.odd.get(line, (frozenset[int](), line))
        return rest if all(key in self.lengths.argument for key in keys) else line

    def _magnitude(self, argument: int, *, is_bent: bool) -> int:
        """|c*u| = |c|*|u|, and lines share their magnitudes; |u| is u where that is never < 0."""
        b = self.builder
        factor, bare = _bare(b, self._unsigned(argument))
        if is_never_negative(b, bare):
            if abs(factor) == 1.0:
                return bare
            return b.make("multiply", (b.constant(abs(factor), bare), bare))
        line = b.make("magnitude" if is_bent else "absolute", (bare,))
        if b.nodes[line].op in ("magnitude", "absolute"):
            self.lengths.argument[line] = b.nodes[line].args[0]
            self._length(line)
        if abs(factor) == 1.0:
            return line
        scaled = b.make("multiply", (b.constant(abs(factor), line), line))
        self._depend(scaled, b.nodes[scaled])
        return scaled

    def _length(self, line: int) -> None:
        b = self.builder
        self.lengths.squares.setdefault(line, None)
        one = self.lengths.argument.get(line)
        rest = b.constant(1.0, line) if one is None else one
        self.odd[line] = frozenset([line]), rest
        self.origins.start(line)

    def _tie(self, position: int, op: str, args: tuple[int, ...]) -> None:
        """max(a, b) = (a + b + |a - b|)/2, where that shows a smooth function."""
        b = self.builder
        one, other = args if len(args) == 2 else (args[0], b.constant(0.0, args[0]))
        difference = b.make("subtract", (one, other))
        if difference in b.constants:
            return
        factor, bare = _bare(b, difference)
        magnitude = self._magnitude(bare, is_bent=True)
        factor = -abs(factor) if op == "minimum" else abs(factor)
        scaled = b.make("multiply", (b.constant(0.5 * factor, bare), magnitude))
        if scaled != magnitude:
            self._depend(scaled, b.nodes[scaled])
        mean = b.make("multiply", (b.constant(0.5, bare), b.make("add", (one, other))))
        line = b.make("add", (mean, scaled))
        if line not in (scaled, magnitude):
            self._depend(line, b.nodes[line])
        self.shown[position] = line
        self._take_over(position, line)

    # --- what depends on them --------------------------------------------------------------------

    def _depend(self, position: int, node: Node) -> None:
        b = self.builder
        if COMPLEX in (node.dtype, *[b.nodes[argument].dtype for argument in node.args]):
            return  # what is known here is known of real numbers
        if node.op in _MOVING and len(node.args) == 1:
            self._moved_elements(position, node)
            return
        known = [a for a in node.args if a in self.origins.near or a in self.odd]
        if not known:
            return
        near = self.origins.of(node)
        if near is not None:
            self.origins.near[position] = near
        if all(argument in self.closed for argument in known):
            self.closed.add(position)
            return
        odd = self._parity(node)
        if odd is not None and not odd[0]:
            self._close(position, odd[1])
        elif near is not None and b.nodes[position].dtype == FLOAT and near.is_flat():
            self._close(position, self._even(position, near.length))
        elif odd is not None:
            self.odd[position] = odd

    def _close(self, position: int, line: int) -> None:
        """A line is smooth: what stands for it has no kink."""
        self.moved[position] = line
        self.closed.add(position)

    def _moved_elements(self, position: int, node: Node) -> None:
        """A length whose elements are moved is a length."""
        argument = node.args[0]
        line = self._of(argument)
        if line in self.lengths.squares and line in self.odd:
            same = self.moved.get(position, position)
            self.lengths.squares.setdefault(same, None)
            if line in self.lengths.argument:
                inner = self.builder.make(node.op, (self.lengths.argument[line],), node.params)
                self.lengths.argument[same] = inner
            self._length(same)
            self.odd[position] = self.odd[same]
            self.origins.near[position] = self.origins.near[same]

    def _parity(self, node: Node) -> Odd | None:
        """A line as a product of lengths and of something smooth, where it is one."""
        b, op = self.builder, node.op
        if any(
            a in self.origins.near and a not in self.odd and a not in self.closed for a in node.args
        ):
            return None
        parts = [self.odd.get(a, (frozenset[int](), self._of(a))) for a in node.args]
        (keys, rest), *more = parts
        if op == "negate":
            return keys, b.make("negate", (rest,))
        if op in ("add", "subtract"):
            return (keys, b.make(op, (rest, more[0][1]))) if more[0][0] == keys else None
        if op in ("multiply", "divide"):
            return self._of_factors(op, parts)
        if op == "contract":
            first, second = node.params[0].split("->")[0].split(",")
            if first != second or not keys or keys != more[0][0]:
                return None
            rest = self._times_squares(rest, keys, 1.0)
            return frozenset(), b.make(op, (rest, more[0][1]), node.params)
        if op == "power":
            exponent = b.constants.get(node.args[1])
            if exponent is None or not is_exact_integer(exponent):
                return None
            powered = b.make("power", (rest, node.args[1]))
            if exponent % 2.0 == 0.0:
                return frozenset(), self._times_squares(powered, keys, exponent / 2.0)
            if exponent < 0.0:
                return None
            return keys, self._times_squares(powered, keys, (exponent - 1.0) / 2.0)
        if op == "where" and not parts[0][0]:
            same = more[0][0] == more[1][0]
            branches = (self._of(node.args[0]), more[0][1], more[1][1])
            return (more[0][0], b.make("where", branches)) if same else None
        if any(key not in self.lengths.argument for key in keys):
            return None
        if op in _EVEN:
            return frozenset(), b.make(op, (rest,), node.params)
        return (keys, b.make(op, (rest,), node.params)) if op in _ODD else None

    def _of_factors(self, op: str, parts: Sequence[Odd]) -> Odd | None:
        (one, first), (other, second) = parts
        if op == "divide":
            if any(key not in self.lengths.argument for key in other - one):
                return None
            return one ^ other, self.builder.make("divide", (first, second))
        product = self.builder.make("multiply", (first, second))
        return one ^ other, self._times_squares(product, one & other, 1.0)

    def _times_squares(self, line: int, keys: frozenset[int], exponent: float) -> int:
        b = self.builder
        for key in sorted(keys):
            square = self.lengths.square(key)
            if square is not None and exponent:
                power = b.make("power", (square, b.constant(exponent, square)))
                line = b.make("multiply", (line, power))
        return line

    def _even(self, position: int, length: int) -> int:
        """A line of `derive.even` for a function of one length."""
        b = self.builder
        scalars = Builder(ALGEBRAIC)
        given = {length: scalars.input("r")}
        others: list[int] = []
        pending, has_ties = [position], False
        while pending:
            at = pending[-1]
            shown = self.shown.get(at, at)
            has_ties |= shown != at
            node = b.nodes[shown]
            if at in given:
                pending.pop()
            elif self._is_length(at, length):
                given[at] = given[length]
            elif at != position and at not in self.origins.near:
                given[at] = self._leaf(scalars, at, others)
            elif shown != at and shown not in given:
                pending.append(shown)
            elif shown != at:
                given[at] = given[shown]
            else:
                missing = [argument for argument in node.args if argument not in given]
                pending += missing
                if not missing:
                    args = tuple(given[argument] for argument in node.args)
                    given[at] = scalars.make(node.op, args, node.params)
        inputs = [at for at, node in enumerate(scalars.nodes) if node.op == INPUT]
        graph = scalars.graph(inputs, [given[position]], ["f"], primal=0)
        signed = self.lengths.argument.get(length)
        by = self.lengths.half(length) if signed is None else signed
        line = b.make("even", (length, by, *others), (Nested(graph), 0, signed is not None))
        if not has_ties:
            return line
        # of max(x, 0) + log1p(exp(-abs(x))) the halves of x and |x| would cancel for a large x
        is_origin = b.make("equal", (length, b.constant(0.0, length)))
        return b.make("where", (is_origin, line, self._of(position)))

    def _is_length(self, at: int, length: int) -> bool:
        return (
            self.moved.get(at) == length
            and at in self.origins.near
            and self.origins.near[at].depth == 0
        )

    def _leaf(self, scalars: Builder, at: int, others: list[int]) -> int:
        node = self.builder.nodes[at]
        if node.op == CONSTANT:
            return scalars.full(constant_value(node), (), node.dtype)
        others.append(self._of(at))
        return scalars.input(f"x{len(others)}", (), node.dtype)


def _bare(b: Builder, position: int) -> tuple[float, int]:
    """A number and the line that it scales."""
    node = b.nodes[position]
    if node.op == "negate":
        return -1.0, node.args[0]
    if node.op == "multiply" and node.args[0] in b.constants:
        return b.constants[node.args[0]], node.args[1]
    return 1.0, position
