"""The catalogue of functions: NumPy's and SciPy's by name, each in terms of the core."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from symdiff.errors import UnsupportedError
from symdiff.frontend.lowering.base import (
    Value,
    as_float,
    as_line,
    as_whole,
    cast,
    line,
    refuse,
)
from symdiff.frontend.lowering.truths import truth
from symdiff.graph.node import BOOL
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.operation import Operation

Written = TypeVar("Written", bound=Callable[..., Any])
Convert = Callable[[Maker, Value], Any]

CONDITION, ORDER, PAIR = "Truth", "Order", "Pair"
LINES = frozenset(("Array", "Floats", "Numbers", "Value"))

_CONVERSIONS: Mapping[str, Convert] = {
    "Array": as_line,
    "Floats": lambda b, value: as_float(as_line(b, value)),
    "Numbers": lambda b, value: as_whole(as_line(b, value)),
    CONDITION: truth,
}
_OPTIONAL = " | None"
_UNREAD = ("casting", "order", "subok")  # of universal functions: they change no number
_OF_UFUNCS = ("where", "dtype", *_UNREAD)


class Lowering:
    """One function of the catalogue, as frontends call it: the builder, then NumPy's arguments.

    It is written as a Python function on lines. The annotation of a parameter says what becomes
    of the argument: `Array`, `Floats`, `Numbers` and `Truth` take whatever can be a line of that
    kind, other annotations whatever is given. A first parameter `Builder` takes the builder. A
    parameter with an underscore before its name is NumPy's too, and is not read: `_order`.

    Attributes:
        names: those it is found under; a name of SciPy's begins with its module.
        function: what is written.
        record: the operation that it is on floats, where it is one.
        is_elementwise: whether it computes numbers from numbers.
        domain: where it is defined, if not everywhere.
        derivative: by the last argument, as a formula, where it cannot be had by compiling a call
            of the function: where an argument must be a number.
        kinds: the annotations of the parameters that are given by position.
        rest: that of any number of further ones.
        direct: the operation that a call on as many single floats is.
        least: how many arguments it needs.
        most: how many it takes by position; `None` for any number.
    """

    def __init__(
        self,
        names: Sequence[str],
        function: Callable[..., Any],
        record: Operation | None = None,
        *,
        is_elementwise: bool = False,
        is_ufunc: bool = False,
        domain: str = "",
        arguments: str = "",
        derivative: str = "",
    ) -> None:
        self.names = tuple(names)
        self.function = function
        self.record = record
        self.domain = domain or ("" if record is None else record.domain)
        self.derivative = derivative
        self.is_elementwise = is_elementwise
        self._is_ufunc = is_ufunc
        self._arguments = arguments
        code = function.__code__
        hints = {name: _text(kind) for name, kind in function.__annotations__.items()}
        own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self._takes_builder = hints.get(own[0] if own else "") == "Builder"
        own = own[1:] if self._takes_builder else own
        count = code.co_argcount - self._takes_builder
        self.kinds = tuple(hints.get(name, "") for name in own[:count])
        has_rest = bool(code.co_flags & inspect.CO_VARARGS)
        all_names = code.co_varnames[code.co_argcount + code.co_kwonlyargcount :]
        is_plain = record is not None and not record.params and record.dtype != BOOL
        self.direct = record if is_plain and CONDITION not in self.kinds else None
        self.rest = hints.get(all_names[0], "") if has_rest else ""
        self.least = count - len(function.__defaults__ or ())
        self.most = None if has_rest else count
        found = [(place, _conversion(kind)) for place, kind in enumerate(self.kinds)]
        self._places = [(place, convert) for place, convert in found if convert is not None]
        self._convert_rest = _conversion(self.rest)
        by_name = {name: _conversion(hints.get(name, "")) for name in own}
        self._by_name = {name: convert for name, convert in by_name.items() if convert is not None}
        self._unread = {name[1:]: name for name in own if name.startswith("_")}

    def __call__(self, b: Maker, /, *args: Value, **keywords: Any) -> Any:
        """The function's lines for NumPy's arguments.

        Raises:
            UnsupportedError: where the function does not take such arguments.
        """
        values = list(args)
        if keywords and self._is_ufunc:
            values = _without_keywords(b, self.names[0], values, keywords)
        for place, convert in self._places:
            if place < len(values):
                values[place] = convert(b, values[place])
        if self._convert_rest is not None:
            first = len(self.kinds)
            values[first:] = [self._convert_rest(b, value) for value in values[first:]]
        if keywords:
            keywords = self._converted(b, keywords)
        if self._takes_builder:
            values.insert(0, b)
        try:
            return self.function(*values, **keywords)
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                reason = str(error).partition("() ")[2] or str(error)
                name = self.names[0]
                shown = name if name.startswith("scipy.") else f"np.{name}"
                raise UnsupportedError(f"a call of {shown} is not supported: {reason}") from None
            raise

    def _converted(self, b: Maker, keywords: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for name, value in keywords.items():
            convert = self._by_name.get(name)
            found[self._unread.get(name, name)] = value if convert is None else convert(b, value)
        return found

    def takes(self, count: int) -> bool:
        """Whether so many arguments may be given by position."""
        return self.least <= count and (self.most is None or count <= self.most)

    @property
    def doc(self) -> str:
        """One sentence."""
        own = (self.function.__doc__ or "").strip().partition("\n")[0]
        return own or ("" if self.record is None else self.record.doc)

    @property
    def kink(self) -> str:
        """The convention where the derivative jumps or does not exist."""
        return "" if self.record is None else self.record.kink

    @property
    def name(self) -> str:
        """The usual name, without its module."""
        return self.names[0].rpartition(".")[2]

    @cached_property
    def parameters(self) -> list[inspect.Parameter]:
        """The parameters that users give."""
        every = list(inspect.signature(self.function).parameters.values())
        own = [p.replace(name=p.name.lstrip("_")) for p in every[self._takes_builder :]]
        if self._is_ufunc:
            only = inspect.Parameter.KEYWORD_ONLY
            own += [inspect.Parameter(name, only, default=None) for name in _OF_UFUNCS]
        return own

    @cached_property
    def arguments(self) -> str:
        """The arguments as a call is written; those that may be left out as `name=`."""
        if self._arguments:
            return self._arguments
        unread = {*self._unread, *(_OF_UFUNCS if self._is_ufunc else ())}
        shown = [p for p in self.parameters if p.name not in unread and p.kind is not p.VAR_KEYWORD]
        return ", ".join(map(_as_written, shown))


def _as_written(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"{parameter.name}, ..."
    return parameter.name if parameter.default is parameter.empty else f"{parameter.name}="


def _text(annotation: Any) -> str:
    """An annotation as it is written, also where it is not kept as text."""
    if isinstance(annotation, str):
        return annotation
    return str(getattr(annotation, "__metadata__", [getattr(annotation, "__name__", "")])[0])


def _conversion(kind: str) -> Convert | None:
    """What becomes of an argument by the annotation of its parameter; `None` for nothing."""
    convert = _CONVERSIONS.get(kind.removesuffix(_OPTIONAL))
    if convert is None or not kind.endswith(_OPTIONAL):
        return convert
    return lambda b, value: None if value is None else convert(b, value)


def _without_keywords(
    b: Maker, name: str, values: list[Value], keywords: dict[str, Any]
) -> list[Value]:
    """The arguments of a universal function, with the keywords that all have taken off."""
    for unread in _UNREAD:
        keywords.pop(unread, None)
    mask = keywords.pop("where", True)
    if mask is not True:
        refuse(f"where= of {name} leaves elements undefined", "use np.where instead")
    dtype = keywords.pop("dtype", None)
    return values if dtype is None else [cast(line(b, value), dtype) for value in values]


class Registry(dict[str, Lowering]):
    """Lowerings by the names of NumPy's functions, `mean` or `linalg.solve`.

    Attributes:
        refused: functions that are known and not supported, with what to write instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, str | None] = {}

    @property
    def supported(self) -> list[str]:
        """The names of the functions that are not refused."""
        return [name for name in self if name not in self.refused]

    def refuse(self, advice: Mapping[str, str | None]) -> None:
        """Enter functions that are refused by name."""
        for name, suggestion in advice.items():
            self.named(name)(_refusing(name, suggestion))
            self.refused[name] = suggestion

    def enter(self, lowering: Lowering) -> None:
        """Enter a lowering under its names: a module whose import was interrupted comes again."""
        for name in lowering.names:
            known = self.get(name)
            assert known is None or _written(known) == _written(lowering), name
            self[name] = lowering

    def named(self, *names: str) -> Callable[[Written], Written]:
        """Enter a function under its names; what is written stays as it is."""

        def add(function: Written) -> Written:
            self.enter(Lowering(names, function))
            return function

        return add

    def elementwise(
        self,
        *names: str,
        **about: Any,  # what `Lowering` takes: a record, a domain, ...
    ) -> Callable[[Written], Written]:
        """Enter a function of numbers, which serves arrays element by element."""

        def add(function: Written) -> Written:
            self.enter(Lowering(names, function, is_elementwise=True, **about))
            return function

        return add

    def ufunc(self, *names: str, record: Operation | None = None) -> Callable[[Written], Written]:
        """Enter a function of numbers that takes the keywords of NumPy's universal functions."""
        return self.elementwise(*names, record=record, is_ufunc=True)


def _written(lowering: Lowering) -> tuple[str, str]:
    """Where a lowering is written: its module and its name there."""
    return lowering.function.__module__, lowering.function.__qualname__


LOWERINGS = Registry()


def of_numpy(b: Maker, name: str, *args: Value, **keywords: Any) -> Handle:
    """The array that a function of the catalogue gives, NumPy's where no module is named."""
    found: Handle = LOWERINGS[name](b, *args, **keywords)
    return found


def _refusing(name: str, suggestion: str | None) -> Callable[..., Handle]:
    """A lowering that refuses, naming the function."""
    shown = name if name.startswith("scipy.") else f"np.{name}"

    def refused(*_values: Value, **_keywords: Any) -> Handle:
        refuse(f"{shown} is not supported", suggestion)

    return refused
