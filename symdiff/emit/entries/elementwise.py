"""Entry of functions of numbers: floats at once, arrays in blocks on threads, others undivided."""

from __future__ import annotations

from typing import Any, NamedTuple

from symdiff.derive.packing import Coordinates
from symdiff.emit import products
from symdiff.emit.context import Context, Definition, docstring
from symdiff.emit.docstrings import (
    gradient_docstring,
    gradient_sentence,
    product_docstring,
    value_docstring,
)
from symdiff.emit.layout import INDENT, WIDTH, tuple_text
from symdiff.emit.names import Names
from symdiff.emit.python import print_graph
from symdiff.emit.source import Source
from symdiff.emit.spell.base import Spelling
from symdiff.emit.spell.math import FLOATS
from symdiff.emit.spell.numpy import NUMPY
from symdiff.emit.target import BODY
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.registry import OPERATIONS

# names that the functions with the user's parameters look up; an input may have the same name
_LOOKED_UP = (
    "ArithmeticError",
    "ValueError",
    "_VALUE_AND_GRAD_ON_ARRAYS",
    "_VALUE_ON_ARRAYS",
    "_arrays",
    "_value",
    "_value_and_grad",
    "float",
    "map",
    "np",
    "pack",
    "type",
    "unpack",
    "value_and_grad",
)
_OF_GRADIENT = frozenset("_value_and_grad pack unpack value_and_grad".split())
_CHAINED_TYPES = 8  # inputs whose types are compared one by one, the quickest way for a few
_ONE_LINE = 86
_FLOATING = """def _floating(function):
    def call(*args):
        with np.errstate(all="ignore"):
            return float(function(*args))
    return call"""


class _Body(NamedTuple):
    """What the callers of a body need to know."""

    results: int
    functions: list[str]  # the constant that holds what it is given for arrays, if there is one
    may_raise: bool  # of floats


class Elementwise:
    """The entry of a module of numbers."""

    template = "numpy/entry_elementwise.py.j2"
    keyword = ""
    is_alone = False

    def __init__(self, source: Source) -> None:
        looked_up = [*_LOOKED_UP]
        if source.product is not None:
            verb = f"_{source.verb.name}"
            looked_up += [verb, f"{verb.upper()}_ON_ARRAYS", source.verb.name]
            looked_up += products.names_used(source.packing)
        self.context = Context(source, looked_up)
        self.bodies: dict[str, _Body] = {}
        self.tables: set[str] = set()  # constants that hold what bodies are given for arrays

    # --- bodies ------------------------------------------------------------------------------

    def body(self, name: str, graph: Graph) -> list[Definition]:
        """A function of floats, whose functions are parameters: arrays come with NumPy's."""
        context, source = self.context, self.context.source
        printed = print_graph(graph, BODY, context.parameters, Names(context.taken))
        defaults = [f"{local}={self._bound(op)}" for op, local in printed.calls.items()]
        if name in ("_value", "_value_and_grad"):
            several = len(source.wrt) > 1 and name != "_value"
            result = self._result(printed.results, several)
        else:
            result = products.result_text(source.packing, printed.results)
        parameters = context.parameters_of(graph.input_names)
        functions = [self._numpy_function(op) for op in printed.calls]
        constant = f"{name.upper()}_ON_ARRAYS"
        self.tables.update([constant] * bool(functions))
        ops = {node.op for node in graph.nodes} - {INPUT, CONSTANT}
        passed = [context.names[constant]] if functions else []
        may_raise = any(OPERATIONS[op].may_raise for op in ops)
        self.bodies[name] = _Body(len(printed.results), passed, may_raise)
        head = f"def {name}({', '.join([*parameters, *defaults])}):"
        after = ["", f"{constant} = {tuple_text(functions)}"] if functions else []
        return [Definition(head, [*printed.lines, result], after=after)]

    def _result(self, results: list[str], has_tuple: bool) -> str:  # noqa: FBT001
        """The return of a body: what it gives for floats is what the public function gives."""
        if not has_tuple:
            return f"return {', '.join(results)}"
        value, *gradient = results
        return f"return {value}, ({', '.join(gradient)})"

    def _bound(self, op: str) -> str:
        """What a body's parameter is bound to for floats."""
        context, spelling = self.context, FLOATS.find(op)
        if spelling is not None:
            return self._needed(spelling)
        called = self._numpy_function(op)
        context.helpers.setdefault("_floating", _FLOATING)
        name = f"_{op}_of_float"
        context.helpers.setdefault(name, f"{name} = _floating({called})")
        return name

    def _numpy_function(self, op: str) -> str:
        """What a body's parameter is given for arrays."""
        return self._needed(NUMPY.spell(op))

    def _needed(self, spelling: Spelling) -> str:
        """The name of a function, which the module defines or imports."""
        context = self.context
        context.need(spelling)
        return spelling.text

    # --- public functions --------------------------------------------------------------------

    def public(self, name: str) -> list[Definition]:
        """Floats go to the body at once, all else to `_arrays`."""
        context, n, source = self.context, self.context.names, self.context.source
        is_product = name == source.verb.name and source.product is not None
        called = context.inputs if is_product else source.value.input_names
        parameters, body = context.parameters_of(called), self.bodies[f"_{name}"]
        lines: list[str] = []
        if len(parameters) <= _CHAINED_TYPES:
            given, inputs = ", ".join(parameters), tuple_text(parameters)
            are_floats = " is ".join([*[f"{p}.__class__" for p in parameters], n["float"]])
        else:
            inputs = context.local("inputs")
            given = f"*{inputs}"
            lines.append(f"{inputs} = {tuple_text(parameters)}")
            are_floats = f"{{*{n['map']}({n['type']}, {inputs})}} == {{{n['float']}}}"
        arguments = ", ".join([n[f"_{name}"], str(body.results), inputs, *body.functions])
        quick, stacked = ("%s", "%s")
        if is_product:
            quick, stacked = products.wrapping(source.packing, body.results, n, inputs)
        fast = quick.replace("%s", f"{n[f'_{name}']}({given})")
        slow = stacked.replace("%s", f"{n['_arrays']}({arguments})")
        lines += self._choice(are_floats, fast, slow, may_raise=body.may_raise)
        head = f"def {name}({', '.join(parameters)}):"
        found = [Definition(head, lines, docstring(self._docstring(name)))]
        if is_product and isinstance(source.packing, Coordinates):
            found.append(products.csc(name, parameters, n))
        return found

    def _docstring(self, name: str) -> list[str]:
        source = self.context.source
        if name == "value":
            return value_docstring(source)
        return product_docstring(source) if source.product else gradient_docstring(source)

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
        return gradient_sentence(self.context.source)

    def pack(self) -> Definition:
        """The numbers in an array."""
        n, wrt = self.context.names, ", ".join(self.context.wrt)
        return Definition(
            f"def pack({wrt}):",
            [f"return {n['np']}.array([{wrt}], dtype={n['float']})"],
            "The numbers of WRT as one flat vector.",
        )

    # --- the rest of the module --------------------------------------------------------------

    def constants(self) -> list[str]:
        """INPUTS, OUTPUTS and WRT, on one line where they fit; the size of blocks."""
        source = self.context.source
        named = {
            "INPUTS": source.value.input_names,
            "OUTPUTS": source.value.output_names,
            "WRT": source.wrt,
        }
        texts = [tuple_text([f'"{name}"' for name in names]) for names in named.values()]
        lines = [f"{', '.join(named)} = {', '.join(texts)}"]
        if len(lines[0]) >= _ONE_LINE:
            lines = [f"{constant} = {text}" for constant, text in zip(named, texts, strict=True)]
        return [*lines, *products.tensor_lines(source.packing), _BLOCKS]

    def standard(self) -> set[str]:
        """The standard library's modules."""
        return {"os", *({"math"} & self.context.libraries)}

    def imported(self) -> list[str]:
        """Names from modules of the standard library."""
        return ["from concurrent.futures import ThreadPoolExecutor"]

    def others(self) -> list[str]:
        """None: no function of numbers calls the user's."""
        return []

    def undefined(self) -> frozenset[str]:
        """Tables of functions that no body needs, and what belongs to a gradient."""
        missing = {name for name in self.context.names if name.endswith("_ON_ARRAYS")}
        of_gradient = _OF_GRADIENT if self.context.source.gradient is None else frozenset()
        return of_gradient | (missing - self.tables)

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """How results are put together."""
        return {
            "stacking": products.helper_lines(self.context.source.packing),
            "nested": self._nested,
            "shapes_known": False,
            "kinds": [],
        }

    @property
    def _nested(self) -> str:
        """How `_arrays` puts the results `r` together, as the bodies do."""
        source = self.context.source
        values = len(source.value.outputs)
        alone = "r[0]" if values == 1 else "tuple(r)"
        if source.product is not None:
            derived = products.nested_text(source.packing, "r")
            same = derived == alone or len(source.product.outputs) == values
            return alone if same else f"{alone} if count == {values} else {derived}"
        if source.gradient is None:
            return alone
        if len(source.wrt) == 1:
            return "r[0] if count == 1 else tuple(r)"
        return "r[0] if count == 1 else (r[0], tuple(r[1:]))"


_BLOCKS = (
    "BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays; 1 thread: no pool"
)
