"""Libraries as domains: NumPy's functions, and others, that lines are computed with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.emit.spell.base import ATOM, ITSELF, Operand, Spelling
from symdiff.emit.spell.math import MATH
from symdiff.emit.spell.numpy import ARRAY_SPELLINGS
from symdiff.errors import UnsupportedError
from symdiff.graph.node import FLOAT, Node, constant_value
from symdiff.graph.shape import Shape
from symdiff.ops.builder import Builder
from symdiff.ops.operation import Operation, Raises
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.verify.interpret import FLOAT_KINDS, Function, Interpreter, lengths


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

        return np.full(lengths(node), constant_value(node), node.dtype)[()]


class Numbers(Floats):
    """NumPy's floats, and Python's functions of single ones, as bodies of numbers compute them."""

    def _function(self, node: Node, shapes: Sequence[Shape]) -> Function:
        function, spelling = super()._function(node, shapes), MATH.find(node.op)
        if spelling is None or node.dtype != FLOAT or any(shapes) or spelling.source:
            return function
        library, _, name = spelling.text.partition(".")
        return _of_python(getattr(math, name), function) if library == "math" else function


def _of_python(function: Function, otherwise: Function) -> Function:
    """A function of Python's, and NumPy's where it raises an error."""

    def computed(*args: Any) -> Any:
        try:
            return args[0].__class__(function(*args))
        except (ValueError, OverflowError):
            return otherwise(*args)

    return computed


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
