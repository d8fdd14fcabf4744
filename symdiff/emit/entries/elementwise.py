"""Entry of functions of numbers: floats at once, arrays in blocks on threads, others undivided."""

from __future__ import annotations

from typing import Any, NamedTuple

from symdiff.derive.packing import Coordinates
from symdiff.emit import products
from symdiff.emit.context import (
    POOL,
    REAL_LINE,
    Context,
    Definition,
    Entry,
    docstring,
    names_of_arguments,
    result_type,
)
from symdiff.emit.dialect import BODY, ON_ARRAYS, ON_FLOATS, Dialect
from symdiff.emit.docstrings import docstring_of, gradient_sentence
from symdiff.emit.layout import INDENT, WIDTH, tuple_text
from symdiff.emit.names import CALLED, Names
from symdiff.emit.printed import Printed, print_graph
from symdiff.emit.source import Derivative, Source
from symdiff.emit.spell.math import FLOATS
from symdiff.emit.spell.numpy import NUMPY
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_op
from symdiff.ops.loops import are_tested
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.build import decides

# names that the functions with the user's parameters look up; an input may have the same name
_LOOKED_UP = "ArithmeticError ValueError _arrays _elements map type".split()
_CHAINED_TYPES = 8  # inputs whose types are compared one by one, the quickest way for a few
_FLOATING = """def _floating(function):
    def call(*args):
        with np.errstate(all="ignore"):
            return float(function(*args))

    return call"""
AS_FLOAT32 = "_float32"
FLOAT32_HELPER = """def _float32(*inputs):
    arrays = [x if hasattr(x, "astype") else np.asarray(x) for x in inputs]
    if odd := [x.dtype for x in arrays if x.dtype.kind not in "biuf"]:
        raise TypeError(f"expected real numbers, got {odd[0]}")
    return [x.astype(np.float32) for x in arrays]"""
BLOCKS = "BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays at once"


class Body(NamedTuple):
    """What the callers of a body need to know."""

    on_arrays: str  # the body that arrays are given to
    functions: list[str]  # the constant that holds what that is given, if there is one
    may_raise: bool  # of floats
    zeros: str  # a result of zeros, where arrays go element by element; else empty


class Elementwise(Entry):
    """The entry of a module of numbers."""

    template = "numpy/entry_elementwise.py.j2"
    is_alone = False
    called = frozenset(["special"])  # what bodies call beside what the table says

    def __init__(self, source: Source) -> None:
        self.source = source
        bodies = [body_name(derivative) for derivative in (None, *source.derivatives)]
        looked_up = [*_LOOKED_UP, *map(_table, bodies), *map(on_arrays, bodies)]
        looked_up += [AS_FLOAT32] * source.is_float32
        for derivative in source.derivatives:
            looked_up += products.names_used(derivative, source.prefix(derivative))
        self.context = Context(source, looked_up)
        self.bodies: dict[str, Body] = {}
        if source.is_float32:
            self.context.helpers[AS_FLOAT32] = FLOAT32_HELPER

    # --- bodies ------------------------------------------------------------------------------

    def body(self, derivative: Derivative | None) -> list[Definition]:
        """A function of floats and of arrays; two where one way of a branch alone computes."""
        graph, packing = self.source.body(derivative)
        loops, is_deciding = are_tested(graph), decides(graph)
        name, n = body_name(derivative), self.context.names
        if is_deciding and not loops and self.source.is_float32:
            self.bodies[name] = Body(n[on_arrays(name)], [], may_raise=False, zeros="")
            return [self._of_arrays(derivative, graph)]
        printed, body = self._body(name, derivative, ON_FLOATS if is_deciding else BODY)
        functions = [self._numpy_function(op) for op in printed.calls]
        zeros = products.nest_text(packing, ["0.0"] * len(printed.results)) if loops else ""
        if is_deciding and not loops:
            self.bodies[name] = Body(n[on_arrays(name)], [], _may_raise(graph), "")
            return [body, self._of_arrays(derivative, graph)]
        table = [n[_table(name)]] if functions else []
        self.bodies[name] = Body(n[name], table, _may_raise(graph), zeros)
        after = [f"{_table(name)} = {tuple_text(functions)}"] if functions else []
        return [body._replace(after=after)]

    def _body(
        self, name: str, derivative: Derivative | None, dialect: Dialect
    ) -> tuple[Printed, Definition]:
        """A function of floats, whose functions are parameters."""
        context = self.context
        graph, packing = self.source.body(derivative)
        names = Names(CALLED)
        given = {name: names.fresh(local) for name, local in context.parameters.items()}
        taken = Names({*context.taken, *CALLED, *given.values()})
        printed = print_graph(graph, dialect, given, taken)
        called = [self._parameter(op, local) for op, local in printed.calls.items()]
        parameters = [*[given[name] for name in graph.input_names], *called]
        lines = [*printed.lines, products.result_text(packing, printed.results)]
        return printed, Definition(name, parameters, lines)

    def _of_arrays(self, derivative: Derivative | None, graph: Graph) -> Definition:
        """A body that computes both ways of a branch and selects: each element takes its own."""
        return self.standing(on_arrays(body_name(derivative)), derivative, graph, ON_ARRAYS)

    def standing(
        self, name: str, derivative: Derivative | None, graph: Graph, dialect: Dialect
    ) -> Definition:
        """A body that calls functions by their full names: its parameters make way for them."""
        context, table = self.context, dialect.table
        _, packing = self.source.body(derivative)
        called = {*self.called, *table.called(), *CALLED}
        names = Names(called)
        given = {name: names.fresh(local) for name, local in context.parameters.items()}
        taken = Names({*context.taken, *called, *given.values()})
        printed = print_graph(graph, dialect, given, taken)
        for op in printed.calls:
            context.need(table.spell(op))
        context.call(sorted(printed.needs), table)
        parameters = [given[name] for name in graph.input_names]
        lines = [*printed.lines, products.result_text(packing, printed.results)]
        return Definition(name, parameters, lines)

    def _parameter(self, op: str, local: str) -> str:
        """The parameter that takes a function: bound where floats are given to the body."""
        return local if self.source.is_float32 else f"{local}={self._bound(op)}"

    def _bound(self, op: str) -> str:
        """What a body's parameter is bound to for floats."""
        context, spelling = self.context, FLOATS.find(op)
        if spelling is not None:
            context.need(spelling)
            return spelling.text
        called = self._numpy_function(op)
        context.helpers.setdefault("_floating", _FLOATING)
        name = f"_{op}_of_float"
        context.helpers.setdefault(name, f"{name} = _floating({called})")
        return name

    def _numpy_function(self, op: str) -> str:
        """What a body's parameter is given for arrays."""
        spelling = NUMPY.spell(op)
        self.context.need(spelling)
        return spelling.text

    # --- public functions --------------------------------------------------------------------

    def public(self, derivative: Derivative | None) -> list[Definition]:
        """Floats go to the body at once, all else to `_arrays`, or one by one to `_elements`."""
        context, n, source = self.context, self.context.names, self.source
        parameters, name = context.called_with(derivative), body_name(derivative)
        body, lines = self.bodies[name], []
        if len(parameters) <= _CHAINED_TYPES:
            given, inputs = ", ".join(parameters), tuple_text(parameters)
            are_floats = " is ".join([*[f"{p}.__class__" for p in parameters], n["float"]])
        else:
            inputs = context.local("inputs")
            given = f"*{inputs}"
            lines.append(f"{inputs} = {tuple_text(parameters)}")
            are_floats = f"{{*{n['map']}({n['type']}, {inputs})}} == {{{n['float']}}}"
        of_arrays = n["_elements" if body.zeros else "_arrays"]
        as_given = f"{n[AS_FLOAT32]}({given})" if source.is_float32 else inputs
        arguments = ", ".join([body.on_arrays, as_given, *self._others(body)])
        prefix, quick, stacked = "", "%s", "%s"
        if derivative is not None:
            prefix = source.prefix(derivative)
            quick, stacked = products.wrapping(derivative, prefix, n, inputs)
        fast = quick.replace("%s", f"{n[name]}({given})")
        slow = stacked.replace("%s", f"{of_arrays}({arguments})")
        if source.is_float32:
            lines.append(f"return {slow}")
        else:
            lines += self._choice(are_floats, fast, slow, may_raise=body.may_raise)
        text = docstring(docstring_of(source, derivative))
        result = result_type(source, derivative) if context.real else ""
        found = [Definition(name[1:], context.typed(parameters), lines, text, result)]
        if derivative is not None and isinstance(derivative.packing, Coordinates):
            found.append(products.csc(derivative, context, parameters))
        return found

    def _others(self, body: Body) -> list[str]:
        """What stands behind the inputs in the call for arrays."""
        if not body.zeros:
            return body.functions
        return [*(body.functions or ["()"]), body.zeros]

    def _choice(self, are_floats: str, fast: str, slow: str, *, may_raise: bool) -> list[str]:
        """Statements that return the one way for floats, and the other for all else."""
        names = self.context.names
        if may_raise:
            errors = f"({names['ArithmeticError']}, {names['ValueError']})"
            return [
                f"if {are_floats}:",
                "    try:",
                f"        return {fast}",
                f"    except {errors}:",
                "        pass  # NumPy's inf and nan, below",
                f"return {slow}",
            ]
        flag = self.context.local("floats")
        for short in (
            [f"return {fast} if {are_floats} else {slow}"],
            [f"{flag} = {are_floats}", f"return {fast} if {flag} else {slow}"],
        ):
            if all(len(INDENT + line) <= WIDTH for line in short):
                return short
        return [f"if {are_floats}:", f"    return {fast}", f"return {slow}"]

    def grad_docstring(self) -> str:
        """What comes out."""
        return gradient_sentence(self.source)

    def pack(self) -> Definition:
        """The numbers in an array."""
        n, wrt = self.context.names, self.context.wrt
        return Definition(
            "pack",
            self.context.typed(wrt),
            [f"return {n['np']}.array([{', '.join(wrt)}], dtype={n['float']})"],
            "The numbers of WRT as one flat vector.",
            "np.ndarray",
        )

    # --- the rest of the module --------------------------------------------------------------

    def constants(self) -> list[str]:
        """INPUTS, OUTPUTS and WRT, on one line where they fit; the size of blocks."""
        return [*names_of_arguments(self.source), REAL_LINE, *[BLOCKS] * self._has_blocks()]

    def standard(self) -> set[str]:
        """The standard library's modules."""
        return {*["os"] * self._has_blocks(), *({"math"} & self.context.libraries)}

    def imported(self) -> list[str]:
        """Names from modules of the standard library."""
        return [*[POOL] * self._has_blocks(), *super().imported()]

    def defined(self) -> set[str]:
        """The functions of the template, and the tables of functions."""
        tables = [_table(name) for name, body in self.bodies.items() if body.functions]
        return {*self.of_arrays, *tables}

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """Which of its functions the template writes."""
        return super().variables() | {"of_arrays": self.of_arrays}

    @property
    def of_arrays(self) -> list[str]:
        """What the functions call with arrays; each stands in a template of its name."""
        names = ("_elements" if body.zeros else "_arrays" for body in self.bodies.values())
        return sorted({*names}, reverse=True)

    def _has_blocks(self) -> bool:
        return "_arrays" in self.of_arrays


def body_name(derivative: Derivative | None) -> str:
    """The name of the body of a derivative's function, or of the value's."""
    return "_value" if derivative is None else f"_{derivative.function}"


def on_arrays(body: str) -> str:
    """The name of the body that is given arrays, where that is another one."""
    return f"{body}_on_arrays"


def _may_raise(graph: Graph) -> bool:
    """Whether a body raises of floats where NumPy has infinities or NaN."""
    return any(OPERATIONS[op].may_raise for op in every_op(graph))


def _table(body: str) -> str:
    """The constant that holds the functions that a body is given for arrays."""
    return f"{body.upper()}_ON_ARRAYS"
