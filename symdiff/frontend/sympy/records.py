"""Operations made of the functions that SymPy can differentiate and the registry lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.graph.node import is_exact_integer
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation, Partials, Unknown

PREFIX = "sympy_"  # how the names of these operations begin

Lower = Callable[[Builder, Any, Mapping[Any, int]], int]
Factor = Handle | Unknown | None


def record_name(kind: Any, arity: int) -> str:
    """The name of a function's record; a longer form of it carries its number of arguments.

    Raises:
        KeyError: where the class is not one of SymPy's functions.
    """
    import sympy as sp

    name: str = kind.__name__
    allowed = getattr(kind, "nargs", None)
    if getattr(sp, name, None) is not kind or not isinstance(allowed, sp.FiniteSet):
        raise KeyError(name)
    return PREFIX + name if arity == min(allowed) else f"{PREFIX}{name}_{arity}"


def make_record(name: str, lower: Lower) -> Operation:
    """The record of a SymPy function: its derivative SymPy's `fdiff`, its values SciPy's.

    Args:
        name: `sympy_` and the name of SymPy's class, for a longer form `_` and the number of
            its arguments: `sympy_Si`, `sympy_elliptic_e_2`.
        lower: puts a SymPy expression on a builder's lines.

    Raises:
        KeyError: where SymPy has no such function, or SciPy cannot compute it.
    """
    kind, arity = _class_and_arity(name)
    scipy_text(name)  # a function that nothing computes is none
    return Operation(
        name,
        f"SymPy's {kind.__name__}.",
        arity,
        Partials(_fdiff_rule(kind, lower)),
        sympy=kind.__name__,
        exact=_MPMATH.get(kind.__name__) or _evalf(kind),
        analytic=False,
    )


# Arguments, by position, that SciPy's function cuts to whole numbers
_WHOLE: Mapping[str, tuple[int, ...]] = {
    "hermite": (0,),
    "assoc_legendre": (0, 1),
}


def check_orders(name: str, constants: Sequence[float | None]) -> None:
    """Refuse what SciPy would compute at another order, or not at all.

    Args:
        name: of SymPy's class.
        constants: the arguments that are numbers, `None` for others.

    Raises:
        UnsupportedError: naming the argument.
    """
    for place in _WHOLE.get(name, ()):
        order = constants[place]
        if order is None or not order.is_integer():
            shown = "" if order is None else f" {order:g}"
            raise UnsupportedError(
                f"{name} of an order{shown} that is not a whole number is not supported",
                suggestion="give the order as a whole number, in SymPy with .subs",
            )


def _class_and_arity(name: str) -> tuple[Any, int]:
    import sympy as sp

    bare = name.removeprefix(PREFIX)
    start, _, count = bare.rpartition("_")
    longer = count.isdigit()
    kind: Any = getattr(sp, start if longer else bare, None)
    allowed = getattr(kind, "nargs", None)
    if not isinstance(allowed, sp.FiniteSet):
        raise KeyError(name)
    arity = int(count if longer else min(allowed))
    if arity not in allowed:
        raise KeyError(name)
    return kind, arity


# SciPy has these, and SymPy's printer for SciPy does not know it
_SCIPY: dict[str, str] = {
    "li": "special.expi(np.log(a))",
}


_LIBRARIES = ("np", "special")


@cache
def scipy_text(name: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """How SciPy and NumPy compute one of these operations.

    Returns:
        The names of its arguments, an expression, the libraries that the expression calls.

    Raises:
        KeyError: where SymPy has no such function, or SciPy cannot compute it.
    """
    kind, arity = _class_and_arity(name)
    names = tuple("abcd"[:arity])
    text = _SCIPY.get(name.removeprefix(PREFIX)) or _printed(kind, names)
    read = _names_in(text)
    if read is None or not read <= {*names, *_LIBRARIES}:
        raise KeyError(name)
    return names, text, tuple([library for library in _LIBRARIES if library in read])


def _printed(kind: Any, names: tuple[str, ...]) -> str:
    """What SymPy's printer for SciPy makes of a call; empty where it does not know the function."""
    import sympy as sp
    from sympy.printing.codeprinter import PrintMethodNotImplementedError
    from sympy.printing.numpy import SciPyPrinter

    try:
        call = kind(*[sp.Symbol(name, real=True) for name in names], evaluate=False)
        text: str = SciPyPrinter().doprint(call)
    except (PrintMethodNotImplementedError, RecursionError, TypeError, ValueError):
        return ""
    for long, short in (("scipy.special.", "special."), ("scipy.constants.", "np.")):
        text = text.replace(long, short)
    return " ".join(text.replace("numpy.", "np.").split())


def _names_in(text: str) -> set[str] | None:
    """The names in arithmetic on calls; `None` for other texts, which no emitted file holds."""
    import ast

    calls = (ast.Expression, ast.Call, ast.Attribute, ast.Name, ast.Load, ast.Constant)
    arithmetic = (ast.Subscript, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return None
    parts = list(ast.walk(tree))
    if not all(isinstance(part, (*calls, *arithmetic)) for part in parts):
        return None
    return {part.id for part in parts if isinstance(part, ast.Name)}


def _fdiff_rule(kind: Any, lower: Lower) -> Callable[..., tuple[Factor, ...]]:
    def partials(_: Handle, *args: Handle) -> tuple[Factor, ...]:
        return tuple(
            None if argument.number is not None else _fdiff(kind, lower, args, index)
            for index, argument in enumerate(args, 1)
        )

    return partials


def _fdiff(kind: Any, lower: Lower, args: tuple[Handle, ...], index: int) -> Handle | Unknown:
    """SymPy's derivative of a function by its argument, lowered onto the arguments' lines."""
    import sympy as sp
    from sympy.core.function import ArgumentIndexError

    dummies = [sp.Dummy(real=True) if arg.number is None else _exact(arg.number) for arg in args]
    bound = {dummy: arg.at for dummy, arg in zip(dummies, args, strict=True) if dummy.is_Symbol}
    builder = args[0].builder
    assert isinstance(builder, Builder)
    try:
        factor = kind(*dummies, evaluate=False).fdiff(index)
        return Handle(builder, lower(builder, factor, bound))
    except (ArgumentIndexError, UnsupportedError, TypeError, ValueError) as problem:
        # SymPy's own rules fail with the last two, as that of chebyshevt(1/2, x)
        reason = problem.message if isinstance(problem, UnsupportedError) else "SymPy has no rule"
        return Unknown(f"the derivative of {kind.__name__} by argument {index}: {reason}")


def _exact(value: float) -> Any:
    """A float as SymPy's number: a whole one as an Integer, which chooses SymPy's own branches."""
    import sympy as sp

    return sp.Integer(int(value)) if is_exact_integer(value) else sp.Float(value)


# SymPy cannot evaluate these
_MPMATH: Mapping[str, Callable[..., Any]] = {
    "erf2": lambda mp, a, b: mp.erf(b) - mp.erf(a),
}


def _evalf(kind: Any) -> Callable[..., Any]:
    def evaluate(mp: Any, *args: Any) -> Any:
        import sympy as sp

        digits = mp.dps
        numbers = [
            sp.Integer(int(arg)) if mp.isint(arg) and abs(arg) < 10**6 else sp.Float(arg, digits)
            for arg in args
        ]
        result = kind(*numbers).evalf(digits)
        if result.is_Float:
            return mp.make_mpf(result._mpf_)
        if result.is_extended_real and (result.is_Integer or result.is_infinite):
            return mp.mpf(float(result)) if result.is_infinite else mp.mpf(int(result))
        raise ValueError(f"{kind.__name__} is not real there")

    return evaluate
