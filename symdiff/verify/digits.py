"""Many digits as a domain: mpmath's numbers, of as many digits as are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any  # mpmath has no types; a function of a library takes what it takes

from symdiff.errors import UnsupportedError
from symdiff.graph.node import BOOL, COMPLEX, CONTINUOUS, FLOAT, INT, Node, constant_value
from symdiff.graph.shape import Shape
from symdiff.ops.exact import unchanged
from symdiff.ops.operation import REAL, Operation
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.interpret import Function, lengths
from symdiff.verify.libraries import Floats

# Numbers beyond 2**EXPONENT_BITS count as infinite: without a bound, exp(exp(1e9)) takes for ever
EXPONENT_BITS = 1 << 18


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

        return self._settled(np.full(lengths(node), constant_value(node), object), node)

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
        return array.reshape(lengths(node)) if node.shape else array.item()

    def _number(self, x: Any) -> Any:
        return self.context.mpf(x)


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
