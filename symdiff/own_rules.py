"""`sd.custom_rule`: a function with a derivative that the user writes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.derive.inline import inlined
from symdiff.derive.rule_graphs import (
    begun,
    finished,
    jvp_of_vjp,
    primal_graph,
    tangents_of,
    vjp_of_jvp,
)
from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.tracing.custom_call import (
    Arguments,
    PendingCall,
    cotangents,
    holds_tracers,
    single,
)
from symdiff.frontend.tracing.function import TracedFunction, bind, trace
from symdiff.frontend.tracing.pytree import leaves
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.spec import Spec
from symdiff.graph.nested import Nested
from symdiff.graph.node import FLOAT, Node, input_node
from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.handle import Handle
from symdiff.ops.own_rules import call
from symdiff.verify.own_rule import check_rule

Rule = Callable[..., Any]
ShapeRule = Callable[..., Sequence[Dimension]] | Sequence[Dimension] | str | None


class CustomRule:
    """A function that brings its derivative, called as the function is; see `custom_rule`."""

    def __init__(
        self,
        function: Rule,
        jvp: Rule | None,
        vjp: Rule | None,
        shape: ShapeRule,
        name: str | None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.jvp = jvp
        self.vjp = vjp
        self.shape = shape
        self.name = str(name or getattr(function, "__name__", "function"))
        self.held_functions = [part for part in (function, jvp, vjp) if part is not None]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's value; in a trace, a line that holds the function and its rule."""
        outer = active()
        if outer is None:
            return self.function(*args, **kwargs)
        bound = bind(self.function, args, kwargs)
        if not holds_tracers(bound):
            return self.function(*args, **kwargs)
        place = outer.place()
        try:
            arguments = Arguments.of(bound)
            pending = PendingCall(outer, self.name, arguments)
            return pending.record(self._graphs(pending, arguments), arguments.dtype)
        except SymdiffError as error:
            raise outer.noted(error.at(None, place)) from None

    def check(self, *args: Any, tolerance: float = 1e-5) -> None:
        """Compare the rules with central differences of the function.

        Args:
            args: a point at which the function is smooth.
            tolerance: the largest difference, relative to the larger of 1 and the derivative.

        Raises:
            CheckError: naming the rule that disagrees, and by how much.
            ShapeError: where a rule gives another shape.
        """
        rules = {"jvp": self.jvp, "vjp": self.vjp}
        check_rule(self.name, self.function, rules, args, tolerance)

    def __reduce__(self) -> str | tuple[object, ...]:
        if _meant(self.function) is self:  # a decorator: the function's name means this object
            return str(self.function.__qualname__)
        return CustomRule, (self.function, self.jvp, self.vjp, self.shape, self.name)

    def __repr__(self) -> str:
        return f"<{self.name} with a rule of its own>"

    # --- in a trace --------------------------------------------------------------------------

    def _graphs(self, pending: PendingCall, arguments: Arguments) -> list[Nested | None]:
        """The function, its JVP and its VJP, each of all that the line takes."""
        function = None
        if self.shape is None:
            function = single(trace(self.function, arguments.bound), self.name)
            result = function.graph[function.graph.outputs[0]].shape
        else:
            result = self._declared([handle.shape for handle in pending.given])
        y = Spec(result, arguments.dtype)
        jvp, vjp = self._traced_jvp(arguments, y), self._traced_vjp(arguments, y)
        # all are traced: only now it is known what they read, which all graphs take
        reads = [
            [] if traced is None else self._reads(pending, traced)
            for traced in (function, jvp, vjp)
        ]
        inputs, out = pending.inputs, input_node("y", result)
        if function is None:
            primal = self._opaque(inputs, result)
        else:
            primal = primal_graph(function.graph, inputs, [*range(pending.count), *reads[0]])
        graphs = [
            None if jvp is None else self._jvp_graph(jvp, inputs, out, pending.count, reads[1]),
            None if vjp is None else self._vjp_graph(vjp, inputs, out, pending.count, reads[2]),
        ]
        if graphs[0] is None and graphs[1] is not None:
            graphs[0] = jvp_of_vjp(graphs[1], inputs, out)
        elif graphs[1] is None and graphs[0] is not None:
            graphs[1] = vjp_of_jvp(graphs[0], inputs, out)
        return [primal, *graphs]

    def _reads(self, pending: PendingCall, traced: TracedFunction) -> list[int]:
        if traced.lifted:
            raise UnsupportedError(
                f"'{self.name}' or its rule reads a value of the function around it, and the rule"
                " says nothing of its derivative",
                suggestion="hand it over as an argument",
            )
        return pending.read(traced)

    def _declared(self, shapes: Sequence[Shape]) -> Shape:
        """The shape of the result of a function that is not traced."""
        shape = self.shape
        if shape == "same" and shapes:
            return shapes[0]
        if callable(shape):
            shape = shape(*shapes)
        if isinstance(shape, int):
            shape = (shape,)
        if not isinstance(shape, (tuple, list)) or not all(map(_is_length, shape)):
            raise SymdiffError(
                f"shape= of '{self.name}' is a tuple of lengths, a function of the arguments'"
                ' shapes, or "same"'
            )
        return tuple(shape)

    def _opaque(self, inputs: Sequence[Node], result: Shape) -> Nested:
        """The function as a call that is not looked into."""
        module, name = self._importable()
        builder, (args,) = begun(("x", inputs))
        params = (tuple(module.split(".")), name, result)
        found = builder.make(call.name, tuple(handle.at for handle in args), params)
        return finished(builder, [args], [builder.handle(found)])

    def _importable(self) -> tuple[str, str]:
        """The module and the name that the emitted module imports the function by."""
        module: str = getattr(self.function, "__module__", None) or ""
        name: str = getattr(self.function, "__qualname__", "")
        reason = ""
        if not name.isidentifier():
            reason = "it is no function of a module's own level"
        elif module in ("", "__main__"):
            reason = "it stands in the program that runs, not in a module"
        elif _meant(self.function) not in (self, self.function):
            reason = f"'{name}' means something else in '{module}'"
        if reason:
            raise UnsupportedError(
                f"the emitted module cannot import '{self.name}': {reason}",
                suggestion="put it in a module, or leave shape= out so that it is traced",
            )
        return module, name

    # --- the rules ---------------------------------------------------------------------------

    def _traced_jvp(self, arguments: Arguments, y: Spec) -> TracedFunction | None:
        rule = self.jvp
        if rule is None:
            return None

        @functools.wraps(rule)
        def listed(*args: Any, **kwargs: Any) -> dict[str, Any]:
            tangent = rule(*args, **kwargs)
            return {} if tangent is None else {"0": tangent}

        given = (arguments.tangents, y, *arguments.specs)
        traced = trace(listed, self._bound("jvp(tangents, y, *args)", listed, given))
        self._compare("jvp", traced, [y.shape])
        return traced

    def _traced_vjp(self, arguments: Arguments, y: Spec) -> TracedFunction | None:
        rule, specs, name = self.vjp, arguments.specs, self.name
        if rule is None:
            return None

        @functools.wraps(rule)
        def listed(*args: Any, **kwargs: Any) -> dict[str, Any]:
            found = [
                leaf
                for argument, part in zip(
                    specs, entries(rule(*args, **kwargs), specs, name), strict=True
                )
                for leaf in cotangents(argument, part, name)
            ]
            return {str(k): leaf for k, leaf in enumerate(found) if leaf is not None}

        traced = trace(listed, self._bound("vjp(t, y, *args)", listed, (y, y, *specs)))
        self._compare("vjp", traced, [tuple(handle) for handle in _leaf_shapes(specs)])
        return traced

    def _bound(self, form: str, rule: Rule, given: Sequence[Any]) -> Any:
        """What the rule is given, by name."""
        try:
            return bind(rule, given, {})
        except SymdiffError as error:
            raise SymdiffError(
                f"a rule of '{self.name}' takes other arguments: {error.message}",
                suggestion=f"it is called as {form}",
            ) from None

    def _compare(self, what: str, traced: TracedFunction, wanted: Sequence[Shape]) -> None:
        """Refuse a rule that gives other shapes than derivatives have."""
        for key, number in traced.result.items():
            if not isinstance(number, int):
                raise ShapeError(f"the {what} of '{self.name}' gives a structure, not an array")
            found = traced.graph[traced.graph.outputs[number]].shape
            if found != wanted[int(key)]:
                raise ShapeError(
                    f"the {what} of '{self.name}' gives the shape {shape_text(found)}, and"
                    f" {shape_text(wanted[int(key)])} is needed"
                )

    def _jvp_graph(
        self,
        traced: TracedFunction,
        inputs: Sequence[Node],
        out: Node,
        count: int,
        reads: Sequence[int],
    ) -> Nested:
        builder, groups = begun(("x_dot", tangents_of(inputs)), ("y", [out]), ("x", inputs))
        tangents, y, args = groups
        given = [*tangents[:count], *y, *args[:count], *[args[place] for place in reads]]
        found = inlined(traced.graph, builder, given)
        zero = builder.full(0.0, out.shape, FLOAT)
        tangent = found[0] if found else builder.handle(zero)
        return finished(builder, groups, [tangent])

    def _vjp_graph(
        self,
        traced: TracedFunction,
        inputs: Sequence[Node],
        out: Node,
        count: int,
        reads: Sequence[int],
    ) -> Nested:
        builder, groups = begun(("t", [out]), ("y", [out]), ("x", inputs))
        t, y, args = groups
        given = [*t, *y, *args[:count], *[args[place] for place in reads]]
        found = inlined(traced.graph, builder, given)
        parts: list[Handle] = []
        for index, node in enumerate(inputs):
            number = traced.result.get(str(index))
            zero = builder.handle(builder.full(0.0, node.shape, FLOAT))
            parts.append(zero if number is None else found[number])
        return finished(builder, groups, parts)


def entries(given: Any, arguments: Sequence[Any], name: str) -> Sequence[Any]:
    """What a VJP gives, an entry for each argument."""
    if len(arguments) == 1:
        is_wrapped = isinstance(given, tuple) and len(given) == 1
        return given if is_wrapped and not isinstance(arguments[0], tuple) else (given,)
    if not isinstance(given, (tuple, list)) or len(given) != len(arguments):
        raise ShapeError(
            f"the vjp of '{name}' gives no tuple of {len(arguments)}, one for each argument",
            suggestion="None stands for zero",
        )
    return given


def _leaf_shapes(specs: Sequence[Any]) -> list[Shape]:
    found = [leaf for argument in specs for _, leaf in leaves(argument)]
    return [leaf.shape for leaf in found if isinstance(leaf, Spec)]


def _is_length(n: Any) -> bool:
    return isinstance(n, Dim) or (type(n) is int and n >= 0)


def _meant(function: Any) -> Any:
    """What the name of a function means in its module."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    return getattr(module, getattr(function, "__qualname__", ""), None)


def custom_rule(
    function: Rule | None = None,
    *,
    jvp: Rule | None = None,
    vjp: Rule | None = None,
    shape: ShapeRule = None,
    name: str | None = None,
) -> Any:
    """A function with a derivative of its own; also a decorator.

    The function and its rule are traced like any other. One of the two rules is enough: the other
    is its transpose, where the rule is linear in the tangents or the cotangent.

    Args:
        function: of floats, arrays, and nested structures of them; returns one float or array.
        jvp: `jvp(tangents, value, *args)` gives the tangent of the value, of its shape. `tangents`
            is a tuple with an entry for each argument, of the argument's structure.
        vjp: `vjp(cotangent, value, *args)` gives an entry for each argument, of its structure and
            shapes, or `None` for zero; for one argument the entry alone.
        shape: where given, the function is not traced: the emitted module imports and calls it.
            The shape of its result, a function of the arguments' shapes that gives it, or "same".
        name: what messages call the function.

    Returns:
        A function of the same arguments; its method `check(*args)` compares rule and differences.

    Raises:
        ShapeError: when traced, where a rule gives other shapes than the derivative has.
        UnsupportedError: when traced, where a function cannot be traced or imported; when
            differentiated, where the mode has no rule.
    """
    if function is None:
        return functools.partial(custom_rule, jvp=jvp, vjp=vjp, shape=shape, name=name)
    for part in (function, jvp, vjp):
        if not (part is None or callable(part)):
            raise SymdiffError(f"sd.custom_rule takes functions, not {part!r}")
    if jvp is None and vjp is None and shape is None:
        raise SymdiffError(
            "sd.custom_rule is given no rule", suggestion="give jvp=, vjp=, or shape= for a call"
        )
    return CustomRule(function, jvp, vjp, shape, name)
