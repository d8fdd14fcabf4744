"""A separated loss with its derivatives, called on chunks of rows.

With totals S(w), a head H(S, w) and the cotangent `S_bar = dH/dS`, the gradient is
`vjp(S)(S_bar) + dH/dw`, and its derivative along v the tangent of that: so each total is
differentiated once for all chunks, and the head once (Griewank and Walther, Evaluating Derivatives,
2008, chapter 5, on second-order adjoints).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from symdiff.api import Function
from symdiff.derive.reverse import gradient
from symdiff.frontend.tracing.function import TracedFunction
from symdiff.graph.graph import Graph
from symdiff.graph.serial import portable, to_data
from symdiff.graph.shape import evaluate
from symdiff.origin import Origin
from symdiff.parallel.rows import Rows
from symdiff.parallel.separable import ROWS_NAME, Separated, separated
from symdiff.parallel.shipped import Shipped, shipped
from symdiff.verbs import VERBS

Values = dict[str, Any]  # of the inputs without rows, by name


class Compiled:
    """A loss, traced for arguments of some shapes and types.

    Args:
        traced: the loss.
        wrt: names of the inputs that it is differentiated by.
        data: names of the inputs with rows.
        is_single: whether all numbers are of single precision.
    """

    def __init__(
        self, traced: TracedFunction, wrt: Sequence[str], data: Sequence[str], *, is_single: bool
    ) -> None:
        self.traced = traced
        self.wrt = tuple(wrt)
        self.data = tuple(data)
        self.is_single = is_single
        self.parts: Separated = separated(traced.graph)
        self._totals = self._function(self.parts.totals)
        self._head = self._function(self.parts.head)
        self._modules: dict[str, tuple[Shipped, str]] = {}

    def __str__(self) -> str:
        lines = []
        for function in (self._totals, self._head):
            lines += [f"{name} = {text}" for name, text in function.formulas().items()]
        return "\n".join(lines)

    def _function(self, graph: Graph) -> Function:
        plain = to_data(portable(graph, self.traced.file))
        text = f"NumPy function {self.traced.name}"
        origin = Origin(text, None, graph=plain, file=self.traced.file)
        return Function(graph, origin, VERBS["value"], self.wrt)

    @cached_property
    def _push(self) -> Function:
        return self._totals.jvp(self.wrt)

    @cached_property
    def _pull(self) -> Function:
        return self._totals.vjp(self.wrt)

    @cached_property
    def _twice(self) -> Function:
        bars = self._pull.inputs[len(self._totals.inputs) :]
        return self._pull.jvp((*self.wrt, *bars))

    @cached_property
    def _of_head(self) -> tuple[str, ...]:
        return (*self.parts.names, *self.wrt)

    @cached_property
    def _head_pull(self) -> Function:
        return self._head.vjp(self._of_head)

    @cached_property
    def _head_twice(self) -> Function:
        return self._head_pull.jvp(self._of_head)

    @cached_property
    def _needs_totals(self) -> bool:
        """Whether the derivatives by the totals depend on these: the head is not linear in them."""
        made = gradient(self.parts.head, self.parts.names)
        needed = made.ancestors(made.outputs[1:])
        pairs = zip(made.input_names, made.inputs, strict=True)
        return any(needed[at] for name, at in pairs if name in self.parts.names)

    # --- calls ---------------------------------------------------------------------------------

    def value_and_grad(self, values: Values, rows: Rows) -> tuple[float, list[Any]]:
        """The loss, and its gradient by each of `wrt`."""
        values = self._with_lengths(values, rows)
        count = len(self.parts.names)
        totals = self._zeros() if not self._needs_totals else self._summed("value", values, rows)
        _, bars = self._pulled_head(values, totals)
        found = self._summed("vjp", values, rows, [bars[:count]])
        value, bars = self._pulled_head(values, found[:count])
        pairs = zip(found[count:], bars[count:], strict=True)
        return value, [part + bar for part, bar in pairs]

    def products(self, values: Values, rows: Rows, vectors: Sequence[Any]) -> list[list[Any]]:
        """The Hessian times vectors, each a list with a part for each of `wrt`."""
        import numpy as np

        values = self._with_lengths(values, rows)
        count = len(self.parts.names)
        totals, dots = self._zeros(), [self._zeros() for _ in vectors]
        if self._needs_totals:
            sums = self._summed_each("jvp", values, rows, vectors)
            totals, dots = sums[0][:count], [each[count:] for each in sums]
        heads = [
            self._pushed_head(values, totals, dot, v) for dot, v in zip(dots, vectors, strict=True)
        ]
        _, bars = self._pulled_head(values, totals)
        behind = [
            (*bars[:count], *v, *dot_bars[:count])
            for v, dot_bars in zip(vectors, heads, strict=True)
        ]
        sums = self._summed_each("twice", values, rows, behind)
        size = count + len(self.wrt)
        found = []
        for each, v in zip(sums, vectors, strict=True):
            dot_bars = self._pushed_head(values, each[:count], each[size : size + count], v)
            pairs = zip(each[size + count :], dot_bars[count:], strict=True)
            found.append([np.asarray(part + bar) for part, bar in pairs])
        return found

    def _with_lengths(self, values: Values, rows: Rows) -> Values:
        import numpy as np

        counts = {
            name: np.int64(evaluate(length, {ROWS_NAME: rows.count}))
            for name, length in self.parts.lengths.items()
        }
        return values | counts

    def _zeros(self) -> list[Any]:
        import numpy as np

        nodes = self.parts.head.named_inputs
        return [np.zeros(nodes[name].shape) for name in self.parts.names]

    # --- the head ------------------------------------------------------------------------------

    def _head_values(self, values: Values, totals: Sequence[Any]) -> list[Any]:
        given = values | dict(zip(self.parts.names, totals, strict=True))
        return [given[name] for name in self._head.inputs]

    def _pulled_head(self, values: Values, totals: Sequence[Any]) -> tuple[float, list[Any]]:
        """The loss, and its derivatives by the totals and `wrt`."""
        value, bars = self._head_pull(*self._head_values(values, totals), 1.0)
        return float(value), _flat(bars)

    def _pushed_head(
        self, values: Values, totals: Sequence[Any], dots: Sequence[Any], vector: Sequence[Any]
    ) -> list[Any]:
        """The tangents of these derivatives."""
        given = self._head_values(values, totals)
        return _flat(self._head_twice(*given, 1.0, *dots, *vector)[1])[1:]

    # --- the chunks ----------------------------------------------------------------------------

    def _module(self, verb: str) -> tuple[Shipped, str]:
        """What workers run, made once, and the name of the function in it."""
        found = self._modules.get(verb)
        if found is None:
            functions = {"value": "_totals", "jvp": "_push", "vjp": "_pull", "twice": "_twice"}
            function: Function = getattr(self, functions[verb])
            found = shipped(function.emit(lean=True)), function.verb.name
            self._modules[verb] = found
        return found

    def _summed(
        self, verb: str, values: Values, rows: Rows, behind: Sequence[Any] = ((),)
    ) -> list[Any]:
        return self._summed_each(verb, values, rows, behind)[0]

    def _summed_each(
        self, verb: str, values: Values, rows: Rows, behind: Sequence[Any]
    ) -> list[list[Any]]:
        import numpy as np

        module, name = self._module(verb)
        names = self._totals.inputs
        before = [name for name in names if name not in self.data]
        places = {name: at for at, name in enumerate([*before, *self.data])}
        given = [values[name] for name in before]
        if self.is_single:
            given, behind = [_single(x) for x in given], [[_single(x) for x in v] for v in behind]
        found, bad = rows.summed(
            module,
            name,
            [places[name] for name in names],
            given,
            [tuple(v) for v in behind],
        )
        if bad:
            warnings.warn(f"{bad} gives infinities or NaN", RuntimeWarning, stacklevel=6)
        return [[np.asarray(part) for part in each] for each in found]


def _flat(value: Any) -> list[Any]:
    return [x for part in value for x in _flat(part)] if isinstance(value, tuple) else [value]


def _single(value: Any) -> Any:
    import numpy as np

    given = np.asarray(value)
    return given.astype(np.float32) if given.dtype.kind == "f" else value
