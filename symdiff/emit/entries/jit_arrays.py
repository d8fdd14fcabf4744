"""Entry of functions of arrays that Numba compiles: loops over numbers and elements."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from symdiff.emit import products
from symdiff.emit.context import Definition
from symdiff.emit.dialect import COMPILED_NESTS32, Dialect
from symdiff.emit.entries.jit import JIT, WITH_MEMORY, compiled_helpers
from symdiff.emit.entries.shaped import Shaped
from symdiff.emit.lengths import with_own_lengths
from symdiff.emit.names import Names, safe_names
from symdiff.emit.nests import names_read, of_kinds
from symdiff.emit.printer import Printer
from symdiff.emit.source import Source
from symdiff.emit.spell.numpy_creation import literal
from symdiff.emit.vectors import with_vectors
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Shape, most_within, names_of
from symdiff.ops.loops import are_tested
from symdiff.schedule.nests.build import OF_ANY_ORDER, nested
from symdiff.schedule.nests.extents import TOO_MANY_STEPS
from symdiff.schedule.nests.nest import ELEMENT, STORE, Buffer, Known, Nests
from symdiff.schedule.program import Block, Expr, Op, Ref, Return, every_part, mapped

_CALLED = frozenset("abs float int len max min np numba math range reversed sum".split())

_MEMORY_HELPER = f"""def {WITH_MEMORY}(body):
    # memory for so many steps of a loop, and more where it has more

    def call(*given):
        steps = 64
        while True:
            try:
                return body(*given, steps)
            except MemoryError as error:
                if error.args != ("{TOO_MANY_STEPS[1]}",):
                    raise
            steps *= 4

    return call"""


class JitArrays(Shaped):
    """The entry of a module of arrays for Numba."""

    packages = ("import numba  # type: ignore[import-untyped]", "import numpy as np")
    has_threads = False

    def __init__(self, source: Source, dialect: Dialect) -> None:
        _check_options(source, dialect.table.name)
        self.compiled = COMPILED_NESTS32 if source.is_float32 else dialect
        self.types = {FLOAT: source.dtype, INT: "int64", BOOL: "bool_"}
        self.known: list[str] = []
        super().__init__(source)
        self.reserved |= {*_CALLED, *dialect.table.called()}
        inside = Names(self.reserved)
        self.locals = {name: inside.fresh(name) for name in self.locals}
        self.arrays = {}  # each body has its own

    @property
    def checks_itself(self) -> bool:
        """Whether the module can compare derivatives: compiled loops may not end at some points."""
        return super().checks_itself and not are_tested(self.source.value)

    def _body(
        self,
        name: str,
        graph: Graph,
        packing: products.Packing,
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> Definition:
        """A function of loops."""
        del given  # of sparse derivatives, which are refused
        names = Names({*self.reserved, *self.locals.values()})
        graph = with_own_lengths(self._with_lengths(graph), names)
        parameters = {name: self.locals.get(name, name) for name in graph.input_names}
        wishes = safe_names(graph.output_names)
        outputs = [names.fresh(wishes[output]) for output in graph.output_names]
        nests = nested(graph, names.fresh, parameters, outputs, OF_ANY_ORDER)
        steps = [nests.most_steps] if nests.most_steps else []
        if steps:
            self.context.helpers[WITH_MEMORY] = _MEMORY_HELPER
        printer = Printer(self.compiled, names)
        body, views = self._viewed(of_kinds(with_vectors(nests.body, self.compiled.table)), names)
        last = body[-1]
        assert isinstance(last, Return)  # by construction
        lines, _ = printer.block(body[:-1])
        numbers = iter([printer.text(result) for result in last.results])
        texts = [
            output if graph[at].shape else next(numbers)
            for output, at in zip(outputs, graph.outputs, strict=True)
        ]
        for op in printer.calls:
            self.context.need(self.compiled.spell(op))
        self.context.call(sorted(printer.needs), self.compiled.table)
        compiled_helpers(self.context)
        read = {*names_read(body), *_lengths_of(nests)}
        return Definition(
            name,
            [*parameters.values(), *steps],
            [
                *[f"{n} = {self._length_of(k)}" for k, n in self.lengths.items() if n in read],
                *[self._memory(buffer) for buffer in (*nests.buffers, *nests.outputs)],
                *[self._table(name, known) for known in nests.known],
                *[f"{ref.name} = {printer.text(view)}" for view, ref in views.items()],
                *lines,
                products.result_text(packing, texts),
            ],
            decorator=f"@{WITH_MEMORY}\n{JIT}" if steps else JIT,
        )

    def _viewed(self, body: Block, names: Names) -> tuple[Block, dict[Op, Ref]]:
        """Statements that read memory in another shape by a name; what each of them is called.

        Numba would make the array of that shape anew for each element.
        """
        views: dict[Op, Ref] = {}
        lengths = {*self.lengths.values()}
        for part in every_part(body):
            array = part.args[0] if isinstance(part, Op) and part.name in (ELEMENT, STORE) else part
            if array is part or not isinstance(array, Op) or array in views:
                continue
            (memory,) = array.args
            if isinstance(memory, Ref) and lengths.issuperset(names_of([array.shape])):
                name = names.fresh(f"{memory.name}_view")
                views[array] = Ref(name, array.shape, array.dtype)

        def changed(expr: Expr) -> Expr:
            if not isinstance(expr, Op):
                return expr
            args = tuple(map(changed, expr.args))
            if expr.name in (ELEMENT, STORE) and isinstance(args[0], Op):
                args = (views.get(args[0], args[0]), *args[1:])
            return expr._replace(args=args)

        return mapped(body, changed) if views else body, views

    def _memory(self, buffer: Buffer) -> str:
        """The statement that makes an array that is written later."""
        dtype = self.types[buffer.dtype]
        kind = "" if dtype == FLOAT else f", np.{dtype}"
        return f"{buffer.name} = np.empty({_room(buffer.shape)}{kind})"

    def _table(self, body: str, known: Known) -> str:
        """A statement that names a constant of the module, which is added."""
        constant = f"{body}_{known.name}".upper()
        numbers = [_number(number, known.dtype) for number in known.numbers]
        shape = ", ".join(map(str, known.shape))
        text = f"np.array({literal(numbers)}, np.{self.types[known.dtype]}).reshape({shape})"
        self.known.append(f"{constant} = {text}")
        return f"{known.name} = {constant}"

    def constants(self) -> list[str]:
        """With the arrays that bodies know."""
        return [*super().constants(), *self.known]

    def standard(self) -> set[str]:
        """The standard library's modules."""
        return {*super().standard(), *({"math"} & self.context.libraries)}

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """The bodies take plain arrays."""
        return super().variables() | {"is_compiled": True}


def _room(shape: Shape) -> str:
    """The shape of an array; no length is negative where a named one is 0."""
    texts = [f"max({n}, 0)" if most_within(n * -1, {}) != 0 else str(n) for n in shape]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _number(number: float, dtype: str) -> float | int | bool:
    return number if dtype == FLOAT else bool(number) if dtype == BOOL else int(number)


def _lengths_of(nests: Nests) -> set[str]:
    """The named lengths of the arrays that a body makes."""
    return {*names_of([buffer.shape for buffer in (*nests.buffers, *nests.outputs)])}


def _check_options(source: Source, name: str) -> None:
    """Refuse what compiled functions of arrays have no way for."""
    if source.has_batch:
        raise UnsupportedError(
            f"the target '{name}' has no batch axes", suggestion="the target 'numpy' has"
        )
