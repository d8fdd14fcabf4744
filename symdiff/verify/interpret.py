"""Interpreters of graphs: one loop over the lines, and a domain that computes each of them.

A number is bare, as NumPy's results without axes are; what has axes is an array of NumPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol  # mpmath has no types; a function of a library takes what it takes

from symdiff.emit.spell.base import ATOM, ITSELF, Operand, Spelling
from symdiff.emit.spell.numpy import ARRAY_SPELLINGS
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import (
    BOOL,
    COMPLEX,
    CONSTANT,
    CONTINUOUS,
    FLOAT,
    INPUT,
    INT,
    Node,
    constant_value,
)
from symdiff.graph.shape import Shape
from symdiff.ops.builder import Builder
from symdiff.ops.creation import stop
from symdiff.ops.exact import OfMatrices, unchanged
from symdiff.ops.operation import REAL, Multilinear, Operation, Raises
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT

Function = Callable[..., Any]
Lines = list[Any]

# Numbers beyond 2**EXPONENT_BITS count as infinite: without a bound, exp(exp(1e9)) takes for ever
EXPONENT_BITS = 1 << 18
ON_MATRICES = 10  # operations on an element for each row: elimination, iterations
FLOAT_KINDS = "fc"  # NumPy's letters for float and complex numbers


class Domain(Protocol):
    """What numbers are, and what operations do with them."""

    def given(self, node: Node, value: Any) -> Any:
        """The value of an input."""

    def constant(self, node: Node) -> Any:
        """The value of a line that is a constant."""

    def function(self, node: Node, shapes: Sequence[Shape]) -> Function:
        """What computes a line from its arguments, which have these shapes.

        Raises:
            UnsupportedError: naming an operation that the domain lacks.
        """


class Disturbance(Protocol):
    """A model of rounding errors: what becomes of the arguments and of the result of a line."""

    def arguments(self, position: int, args: list[Any]) -> list[Any]:
        """The arguments to go on with."""

    def result(self, position: int, value: Any, args: list[Any]) -> Any:
        """The result to go on with."""


class Interpreter:
    """A graph in a domain, made once for many points.

    Args:
        graph: without named dimensions and loops.
        domain: see `Exact`, `Floats` and `Complex`.

    Raises:
        UnsupportedError: naming an operation that the domain lacks.
    """

    def __init__(self, graph: Graph, domain: Domain) -> None:
        self.graph = graph
        self._domain = domain
        self._functions: list[Function | None] = []
        for node in graph.nodes:
            is_leaf = node.op in (INPUT, CONSTANT)
            shapes = [graph[argument].shape for argument in node.args]
            self._functions.append(None if is_leaf else domain.function(node, shapes))

    def lines(
        self,
        values: Mapping[str, Any],
        disturb: Disturbance | None = None,
        frozen: Sequence[Any] | None = None,
    ) -> Lines:
        """The value of every line, without warnings.

        Args:
            values: by name, a number or an array for every input.
            disturb: a model of rounding errors.
            frozen: the lines at another point, for what is a constant to every derivative.
        """
        import numpy as np

        with np.errstate(all="ignore"):
            return self._lines(values, disturb, frozen)

    def _lines(
        self,
        values: Mapping[str, Any],
        disturb: Disturbance | None,
        frozen: Sequence[Any] | None,
    ) -> Lines:
        lines: Lines = []
        for position, node in enumerate(self.graph.nodes):
            function = self._functions[position]
            if node.op == INPUT:
                lines.append(self._domain.given(node, values[node.params[0]]))
            elif function is None:
                lines.append(self._domain.constant(node))
            elif frozen is not None and node.op == stop.name:
                lines.append(frozen[position])
            else:
                args = [lines[argument] for argument in node.args]
                if disturb is None or node.dtype not in CONTINUOUS or not args:
                    lines.append(function(*args))
                else:
                    value = function(*disturb.arguments(position, args))
                    lines.append(disturb.result(position, value, args))
        return lines

    def outputs(self, values: Mapping[str, Any]) -> list[Any]:
        """The value of every output."""
        lines = self.lines(values)
        return [lines[at] for at in self.graph.outputs]


# --- many digits -------------------------------------------------------------------------------


class Exact:
    """Real numbers in many digits: mpmath's, with IEEE's results where it raises or goes complex.

    Truths and whole numbers are Python's.

    Args:
        digits: of every operation.

    Attributes:
        context: mpmath's, one's own: the shared one has one precision for all threads.
    """

    def __init__(self, digits: int = 50) -> None:
        from mpmath.ctx_mp import MPContext

        self.context = MPContext()
        self.context.dps = digits

    def given(self, node: Node, value: Any) -> Any:
        """The value of an input, each number exactly the one given."""
        return self._settled(value, node)

    def constant(self, node: Node) -> Any:
        """The value of a line that is a constant."""
        import numpy as np

        return self._settled(np.full(_lengths(node), constant_value(node), object), node)

    def function(self, node: Node, shapes: Sequence[Shape]) -> Function:
        """The formula of the record: of numbers one by one, or of object arrays."""
        import numpy as np

        record = OPERATIONS[node.op]
        if not record.exact:
            raise UnsupportedError(f"mpmath has no counterpart of the operation '{node.op}'")
        formula = partial(record.exactly(self.context), *node.params)
        if record.exact is unchanged:
            return formula
        if not record.is_elementwise:
            return lambda *args: self._settled(formula(*map(np.asarray, args)), node)
        is_complex = node.dtype == COMPLEX or record.dtype == REAL

        def of_numbers(*numbers: Any) -> Any:
            if is_complex:
                return _complex(record, numbers, node.params, self.context)
            return _real(record, numbers, node.params, self.context)

        if not node.shape and node.dtype in CONTINUOUS:
            return of_numbers
        of_each = np.frompyfunc(of_numbers, len(shapes), 1)
        return lambda *args: self._settled(of_each(*args), node)

    def _settled(self, value: Any, node: Node) -> Any:
        """A result in its shape, its elements of its kind."""
        import numpy as np

        array = np.asarray(value)
        if node.dtype in CONTINUOUS:
            of_kind = self._number if node.dtype == FLOAT else self.context.mpc
            array = np.asarray(np.frompyfunc(of_kind, 1, 1)(array), object)
        else:
            array = array.astype(np.int64 if node.dtype == INT else bool)
        return array.reshape(_lengths(node)) if node.shape else array.item()

    def _number(self, x: Any) -> Any:
        return self.context.mpf(x)


def _lengths(node: Node) -> list[int]:
    return [n for n in node.shape if isinstance(n, int)]  # all of them


def is_of_matrices(op: str) -> bool:
    """Whether an operation is linear algebra: on the last two axes, by a library's algorithms."""
    return op not in (INPUT, CONSTANT) and isinstance(OPERATIONS[op].exact, OfMatrices)


def without_exact(nodes: Iterable[Node]) -> str:
    """The operation that has no formula in many digits; empty where all have one."""
    ops = (node.op for node in nodes if node.op not in (INPUT, CONSTANT))
    return next((op for op in ops if not OPERATIONS[op].exact), "")


def work(graph: Graph) -> int:
    """About how many operations on numbers one evaluation in many digits takes."""
    return sum(_work(graph, node) for node in graph.nodes)


def _work(graph: Graph, node: Node) -> int:
    sizes = [math.prod(_lengths(graph[argument])) for argument in node.args]
    own = math.prod(_lengths(node))
    if is_of_matrices(node.op):
        return ON_MATRICES * sizes[0] * max(_lengths(graph[node.args[0]])[-2:])
    record = None if node.op in (INPUT, CONSTANT) else OPERATIONS[node.op]
    if (
        record is not None
        and not record.is_elementwise
        and isinstance(record.derivative, Multilinear)
    ):
        return math.isqrt(math.prod((own, *sizes)))  # where each letter stands in two of three
    return max([own, *sizes])


def _real(record: Operation, args: Sequence[Any], params: tuple[Any, ...], context: Any) -> Any:
    """An operation on real numbers: NaN where it is complex, as NumPy where it has a pole."""
    if record.dtype != BOOL and not isinstance(args[0], bool):  # a choice may drop a NaN
        for arg in args:
            if arg != arg:
                return context.nan
    try:
        result = record.exactly(context)(*params, *args)
    except (ArithmeticError, ValueError, TypeError, context.NoConvergence):  # besselj(0, inf)
        return context.mpf(_at_pole(record, args, params))
    if record.dtype == BOOL:
        return bool(result)
    if hasattr(result, "_mpc_"):
        return result.real if result.imag == 0 else context.nan
    return _bounded(context.mpf(result), context)


def _complex(record: Operation, args: Sequence[Any], params: tuple[Any, ...], context: Any) -> Any:
    """An operation on complex numbers, or one of their parts: NaN at a pole."""
    try:
        return record.exactly(context)(*params, *args)
    except (ArithmeticError, ValueError, TypeError, context.NoConvergence):
        return context.nan if record.dtype == REAL else context.mpc(context.nan, context.nan)


def _at_pole(record: Operation, args: Sequence[Any], params: tuple[Any, ...]) -> float:
    """IEEE's result, as NumPy gives it: 1/0 is inf, 0/0 is NaN, erf(inf) is 1."""
    import numpy as np

    numbers = [float(arg) for arg in args]
    node = Node(record.name, (), params, (), FLOAT)
    function = Floats().function(node, [()] * len(args))
    with np.errstate(all="ignore"):
        result = float(function(*map(np.float64, numbers)))
    is_limit = any(map(np.isinf, numbers))
    return result if is_limit or not np.isfinite(result) else float("nan")


def _bounded(number: Any, context: Any) -> Any:
    if not number or not context.isfinite(number):
        return number
    size = context.mag(number)
    if size > EXPONENT_BITS:
        return context.inf if number > 0 else -context.inf
    return context.zero if size < -EXPONENT_BITS else number


# --- libraries ---------------------------------------------------------------------------------


class Library:
    """A library like NumPy: its own numbers, its functions by NumPy's names.

    Attributes:
        name: what messages call it.

    Args:
        modules: what stands for `np` and `special`; with `math`, for helpers that a module brings.
        number: what makes a constant.
    """

    name = "the library"

    def __init__(self, modules: Mapping[str, Any], number: Callable[[float], Any]) -> None:
        self._modules = modules
        self._number = number
        self._known: dict[Any, Function] = {}

    def given(self, node: Node, value: Any) -> Any:  # noqa: ARG002  as the domain's
        """The value of an input."""
        return value

    def constant(self, node: Node) -> Any:
        """The value of a line that is a constant."""
        return self._number(constant_value(node))

    def function(self, node: Node, shapes: Sequence[Shape]) -> Function:
        """What the operation is written as, for NumPy's arrays."""
        key = node.op, node.params, tuple(shapes)
        if key not in self._known:
            self._known[key] = self._function(node, shapes)
        return self._known[key]

    def _function(self, node: Node, shapes: Sequence[Shape]) -> Function:
        spelling, record = spelled(node.op), OPERATIONS[node.op]
        if isinstance(record.derivative, Raises):
            return lambda condition, *_: condition  # where it raises there is no line to look at
        if spelling is None and record.expand is not None:
            return self._expanded(record, node.params, shapes)
        found = None if spelling is None else self._written(spelling, node, shapes)
        if found is None:
            raise UnsupportedError(f"{self.name} has no counterpart of the operation '{node.op}'")
        return found

    def _written(self, spelling: Spelling, node: Node, shapes: Sequence[Shape]) -> Function | None:
        """The function of the text; `None` where the library lacks it."""
        scope = self._scope(spelling)
        if spelling.source:
            if "math" not in scope:
                return None
            exec(spelling.source, scope)  # noqa: S102  # the text of our own table, never of the input
        names = [f"a{index}" for index in range(len(shapes))]
        if spelling.write is not None:
            given = [
                Operand(*pair) for pair in zip(names, [ATOM] * len(names), shapes, strict=True)
            ]
            text = spelling.write(given, *node.params).text
        elif spelling.form == "infix":
            text = f" {spelling.text} ".join(names)
        elif spelling == ITSELF:
            text = names[0]
        elif spelling.form == "prefix":
            text = f"{spelling.text}{names[0]}"
        else:
            return self._called(spelling, node.params, scope)
        made: Function = eval(f"lambda {', '.join(names)}: {text}", scope)  # noqa: S307  # likewise
        return made

    def _called(
        self, spelling: Spelling, params: tuple[Any, ...], scope: Mapping[str, Any]
    ) -> Function | None:
        module, dot, name = spelling.text.rpartition(".")
        owner: Any = scope.get(module.split(".")[0]) if dot else None
        for part in module.split(".")[1:]:
            owner = getattr(owner, part, None)
        function: Function | None = getattr(owner, name, None) if dot else scope.get(name)
        if function is None or not params:
            return function
        return lambda *args: function(*params, *args)

    def _scope(self, spelling: Spelling) -> dict[str, Any]:
        scope = dict(self._modules)
        if "special" not in scope and "math" in scope and is_special(spelling):
            scope["special"] = _scipy().special
        if "scipy" in spelling.libraries and "math" in scope:
            scope["scipy"] = _scipy()
        return scope

    def _expanded(
        self, record: Operation, params: tuple[Any, ...], shapes: Sequence[Shape]
    ) -> Function:
        """An operation by the simpler ones that it stands for."""
        assert record.expand is not None
        builder = Builder(EXACT)
        names = [f"a{index}" for index in range(len(shapes))]
        inputs = [builder.input(name, shape) for name, shape in zip(names, shapes, strict=True)]
        output = record.expand(*map(builder.handle, inputs), *params)
        interpreter = Interpreter(builder.graph(inputs, [output.at], [record.name], 1), self)
        return lambda *args: interpreter.outputs(dict(zip(names, args, strict=True)))[0]


class Floats(Library):
    """NumPy's floats, with SciPy's special functions."""

    name = "NumPy"

    def __init__(self) -> None:
        import numpy as np

        super().__init__({"np": np, "math": math}, np.float64)

    def given(self, node: Node, value: Any) -> Any:
        """A number or an array of NumPy's; complex numbers stay."""
        import numpy as np

        array = np.asarray(value)
        return array[()] if array.dtype.kind in FLOAT_KINDS else array.astype(node.dtype)[()]

    def constant(self, node: Node) -> Any:
        """A number or an array of NumPy's."""
        import numpy as np

        return np.full(_lengths(node), constant_value(node), node.dtype)[()]


class Complex(Floats):
    """NumPy's complex numbers, where an input is complex, beside its floats."""

    def function(self, node: Node, shapes: Sequence[Shape]) -> Function:
        """As for floats; what is written into an array of floats would lose its imaginary part."""
        function = super().function(node, shapes)
        return function if OPERATIONS[node.op].is_elementwise else _all_complex(function)


def _all_complex(function: Function) -> Function:
    """The function of arguments that are all complex where one of them is."""

    def wrapped(*args: Any) -> Any:
        kinds = [getattr(getattr(arg, "dtype", None), "kind", "") for arg in args]
        if "c" not in kinds:
            return function(*args)
        return function(
            *[
                arg.astype(complex) if kind == "f" else arg
                for arg, kind in zip(args, kinds, strict=True)
            ]
        )

    return wrapped


def spelled(op: str) -> Spelling | None:
    """How an operation is written for NumPy's arrays; `None` where only what it expands to is."""
    return ARRAY_SPELLINGS.find(op)


def is_special(spelling: Spelling | None) -> bool:
    """Whether a spelling calls SciPy's special functions."""
    return spelling is not None and "special" in spelling.libraries


def _scipy() -> Any:
    """SciPy, with the modules that texts call."""
    try:
        import scipy.fft
        import scipy.special
    except ImportError:
        raise UnsupportedError(
            "the formula needs SciPy's functions",
            suggestion="install them: pip install 'symdiff-codegen[scipy]'",
        ) from None
    return scipy
