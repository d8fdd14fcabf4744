"""Operators and methods of tracers, as tables: each is a call of the recorder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_METHODS = (
    "all any argmax argmin argsort clip choose compress cumprod cumsum "
    "diagonal dot max mean min nonzero prod ptp ravel repeat round searchsorted squeeze std sum "
    "swapaxes take trace var"
).split()

_OF_SAMPLES = ("std", "var")  # pandas has the same methods, of other results

_BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "left_shift",
    "rshift": "right_shift",
}
COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}
_UNARY = {
    "neg": "negative",
    "pos": "positive",
    "abs": "absolute",
    "invert": "invert",
    "round": "round",
    "floor": "floor",
    "ceil": "ceil",
    "trunc": "trunc",
}


OF_SIGNS = {**_BINARY, **{f"r{sign}": name for sign, name in _BINARY.items()}}
OF_SIGNS |= {**COMPARISONS, **_UNARY}


class Operators:
    """Python's operators, of numbers and arrays alike."""

    __slots__ = ()


class InPlace:
    """The operators that change an array in place."""

    __slots__ = ()


class Methods:
    """The methods of arrays that are functions of NumPy."""

    __slots__ = ()


def _method(name: str) -> Callable[..., Any]:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if name in _OF_SAMPLES and "ddof" not in kwargs and "pandas" in self.current.libraries:
            self.current.refuse(
                f"'{name}' of a Series divides by n - 1, and that of an array by n",
                f"write x.{name}(ddof=1), or np.{name}(x)",
            )
        return self.current.call(name, self, *args, **kwargs)

    call.__name__ = name
    call.__doc__ = f"NumPy's function `{name}`."
    return call


def _forward(name: str) -> Callable[..., Any]:
    def call(self: Any, other: Any, *modulus: Any) -> Any:
        if modulus not in ((), (None,)):
            raise TypeError("pow() 3rd argument not allowed unless all arguments are integers")
        return self.current.operator(name, self, other)

    return call


def _reflected(name: str) -> Callable[..., Any]:
    return lambda self, other: self.current.operator(name, other, self)


def _in_place(name: str) -> Callable[..., Any]:
    return lambda self, other: self.current.memory.update(name, self, other)


def _unary(name: str) -> Callable[..., Any]:
    def call(self: Any, *args: Any) -> Any:
        found = self.current.operator(name, self, *args)
        if found is NotImplemented:
            raise TypeError(f"bad operand type for unary ~: '{self.type_name}'")
        return found

    return call


for _name in _METHODS:
    setattr(Methods, _name, _method(_name))
for _sign, _name in {**_BINARY, **COMPARISONS, "divmod": "divmod"}.items():
    setattr(Operators, f"__{_sign}__", _forward(_name))
for _sign, _name in {**_BINARY, "divmod": "divmod"}.items():
    setattr(Operators, f"__r{_sign}__", _reflected(_name))
for _sign, _name in _BINARY.items():
    setattr(InPlace, f"__i{_sign}__", _in_place(_name))
for _sign, _name in _UNARY.items():
    setattr(Operators, f"__{_sign}__", _unary(_name))
