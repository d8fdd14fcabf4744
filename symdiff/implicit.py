"""`sd.root` and `sd.argmin`: derivatives by the implicit function theorem.

Where `residual(x, *args) = 0`, the tangent of x solves `R_x x_dot = -R_args args_dot`, whatever
found x; so the way to the solution is not differentiated. See Griewank and Walther, Evaluating
Derivatives (2008), section 15.2.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from symdiff.derive.batch import with_leading_axis
from symdiff.derive.cotangents import Cotangent
from symdiff.derive.forward import jvp, push_forward
from symdiff.derive.inline import inlined
from symdiff.derive.reverse import gradient, pull_back
from symdiff.derive.rule_graphs import begun, finished, primal_graph, tangents_of
from symdiff.derive.sparsity import pattern
from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.tracing.custom_call import Arguments, PendingCall, single
from symdiff.frontend.tracing.function import bind, trace
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.spec import Spec
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested
from symdiff.graph.node import FLOAT, Node, input_node
from symdiff.graph.shape import size
from symdiff.graph.shape import text as shape_text
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.linalg import identity_like, solve, turned
from symdiff.ops.structural import reshaped

Solved = Callable[[Graph, Builder, Sequence[Handle], Handle], Handle]


class Slopes(NamedTuple):
    """How the slopes of a residual by x are solved with.

    Attributes:
        forward: `R_x` for a right side, of the residual and the lines of its inputs, x the first.
        backward: the transpose likewise.
    """

    forward: Solved
    backward: Solved


class Implicit:
    """The solution of an equation as a function of its parameters; see `root` and `argmin`."""

    def __init__(
        self,
        condition: Callable[..., Any],
        solver: Callable[..., Any],
        residual: Callable[[Graph, str], Graph],
        *,
        of_each: bool = False,
    ) -> None:
        for part in (condition, solver):
            if not callable(part):
                raise SymdiffError(f"sd.root and sd.argmin take two functions, not {part!r}")
        functools.update_wrapper(self, solver)
        self.condition = condition
        self.solver = solver
        self.residual = residual
        self.of_each = of_each
        self.name = str(getattr(condition, "__name__", "residual"))
        self.held_functions = [condition, solver]

    def __call__(self, *args: Any) -> Any:
        """What the solver finds; in a trace, a line that holds it and the equation."""
        outer = active()
        if outer is None:
            return self.solver(*args)
        place = outer.place()
        try:
            arguments = Arguments.of(bind(self.solver, args, {}))
            pending = PendingCall(outer, self.name, arguments)
            return pending.record(self._graphs(pending, arguments), arguments.dtype)
        except SymdiffError as error:
            raise outer.noted(error.at(None, place)) from None

    def __reduce__(self) -> tuple[object, ...]:
        made = functools.partial(Implicit, of_each=self.of_each)
        return made, (self.condition, self.solver, self.residual)

    def __repr__(self) -> str:
        return f"<the solution of {self.name}>"

    def _graphs(self, pending: PendingCall, arguments: Arguments) -> list[Nested | None]:
        """The solver, and the JVP and VJP of the solution."""
        solver = single(trace(self.solver, arguments.bound), "solve")
        shape = solver.graph[solver.graph.outputs[0]].shape
        if not all(isinstance(n, int) for n in shape):
            raise UnsupportedError(
                f"the solution of '{self.name}' has the shape {shape_text(shape)}",
                suggestion="give its lengths as numbers: the identity matrix has them",
            )
        given = (Spec(shape, arguments.dtype), *arguments.specs)
        condition = single(trace(self.condition, self._bound(given)), self.name)
        x = condition.graph.input_names[0]
        residual = self.residual(condition.graph, x)
        found = residual[residual.outputs[0]].shape
        if found != shape:
            raise ShapeError(
                f"'{self.name}' gives the shape {shape_text(found)} for a solution of the shape"
                f" {shape_text(shape)}",
                suggestion="there are as many equations as unknowns, in the same shape",
            )
        leaves = range(pending.count)
        places = [[*leaves, *pending.read(solver)], [*leaves, *pending.read(condition)]]
        inputs, out = pending.inputs, input_node("y", shape)
        slopes = _EACH if self.of_each and _is_of_each(residual, x) else _JOINT
        return [
            primal_graph(solver.graph, inputs, places[0]),
            _jvp(residual, inputs, out, places[1], slopes),
            _vjp(residual, inputs, out, places[1], slopes),
        ]

    def _bound(self, given: Sequence[Any]) -> Any:
        """What the condition is given, by name."""
        try:
            return bind(self.condition, given, {})
        except SymdiffError as error:
            raise SymdiffError(
                f"'{self.name}' takes other arguments than the solution: {error.message}",
                suggestion="it is called with x and all arguments of solve",
            ) from None


def _jvp(
    residual: Graph, inputs: Sequence[Node], out: Node, places: Sequence[int], slopes: Slopes
) -> Nested:
    """`x_dot = -solve(R_x, R_args args_dot)`."""
    builder, groups = begun(("x_dot", tangents_of(inputs)), ("y", [out]), ("x", inputs))
    tangents, (y,), args = groups
    given = [y, *[args[place] for place in places]]
    (value,) = inlined(residual, builder, given)
    seeds = {args[place].at: tangents[place] for place in places if args[place].dtype == FLOAT}
    along = push_forward(builder, seeds, [value.at])[value.at] if seeds else None
    if along is None:
        zero = builder.handle(builder.full(0.0, out.shape))
        return finished(builder, groups, [zero])
    return finished(builder, groups, [slopes.forward(residual, builder, given, -along)])


def _vjp(
    residual: Graph, inputs: Sequence[Node], out: Node, places: Sequence[int], slopes: Slopes
) -> Nested:
    """`args_bar = -solve(R_x.T, t) R_args`."""
    builder, groups = begun(("t", [out]), ("y", [out]), ("x", inputs))
    (t,), (y,), args = groups
    given = [y, *[args[place] for place in places]]
    (value,) = inlined(residual, builder, given)
    weights = slopes.backward(residual, builder, given, -t)
    targets = [arg.at for arg in args]
    parts = pull_back(builder, {value.at: Cotangent(weights)}, targets)
    return finished(builder, groups, [part.selected() for part in parts])


def transposed_jacobian(
    residual: Graph, builder: Builder, given: Sequence[Handle], at: int = 0
) -> Handle:
    """The transposed Jacobian of the residual by x, a matrix: a row for each direction of x.

    Args:
        residual: a function of x and others.
        builder: of the lines.
        given: the lines of its inputs.
        at: the number of the input that is x.
    """
    x = residual.input_names[at]
    forward = jvp(residual, [x]).select([1])
    n = size(given[at].shape)
    directions = with_leading_axis(forward, forward.inputs[-1:], n)
    ones = builder.handle(builder.full(1.0, (n, n)))
    seeds = reshaped(ones if n == 1 else identity_like(ones), (n, *given[at].shape))
    (rows,) = inlined(directions, builder, [*given, seeds])
    return reshaped(rows, (n, size(rows.shape[1:])))


def _solved(matrix: Handle, right: Handle) -> Handle:
    """The solution in the shape of the right side. A single equation is solved like several.

    A division by a derivative that is zero would give inf or NaN; NumPy's solver raises.
    """
    return reshaped(solve(matrix, reshaped(right, (matrix.shape[0],))), right.shape)


def _forward(residual: Graph, builder: Builder, given: Sequence[Handle], right: Handle) -> Handle:
    return _solved(turned(transposed_jacobian(residual, builder, given)), right)


def _backward(residual: Graph, builder: Builder, given: Sequence[Handle], right: Handle) -> Handle:
    return _solved(transposed_jacobian(residual, builder, given), right)


def _of_each(residual: Graph, builder: Builder, given: Sequence[Handle], right: Handle) -> Handle:
    """The right side over the slope of each equation by its own element of x."""
    forward = jvp(residual, [residual.input_names[0]]).select([1])
    ones = builder.handle(builder.full(1.0, given[0].shape))
    (slope,) = inlined(forward, builder, [*given, ones])
    return right / slope


def _is_of_each(residual: Graph, x: str) -> bool:
    """Whether each equation depends on its own element of x alone."""
    try:
        found = pattern(residual, x)
    except UnsupportedError:  # of named lengths
        return False
    return bool((found.rows == found.cols).all())


_JOINT = Slopes(_forward, _backward)
_EACH = Slopes(_of_each, _of_each)


def _as_it_is(graph: Graph, _x: str) -> Graph:
    return graph


def _gradient(graph: Graph, x: str) -> Graph:
    (shape,) = [graph[at].shape for at in graph.outputs]
    if shape:
        raise ShapeError(f"an objective is a number, not an array of the shape {shape_text(shape)}")
    return gradient(graph, [x]).select([1])


def root(residual: Callable[..., Any], solve: Callable[..., Any]) -> Any:
    """The x with `residual(x, *args) = 0`, as a function of args that can be differentiated.

    Args:
        residual: of x and the arguments, of the shape of x.
        solve: `solve(*args)` finds x, a float or an array. It is traced like any function, as a
            fixed number of Newton steps; or called as it is, where `sd.custom_rule(...,
            shape=...)` says so. It is not differentiated.

    Returns:
        A function of args. Its derivative is one linear solve, by the implicit function theorem.

    Raises:
        ShapeError: when traced, where the residual has another shape than x.
        numpy.linalg.LinAlgError: when the emitted function runs, where the Jacobian of the
            residual by x is singular.
    """
    return Implicit(residual, solve, _as_it_is)


def roots(residual: Callable[..., Any], solve: Callable[..., Any]) -> Any:
    """The `root` of many equations, mostly each of its own element of x alone: linear in those."""
    return Implicit(residual, solve, _as_it_is, of_each=True)


def argmin(objective: Callable[..., Any], solve: Callable[..., Any]) -> Any:
    """The x where `objective(x, *args)` is smallest, as a function that can be differentiated.

    Args:
        objective: of x and the arguments, a number; twice differentiable by x.
        solve: `solve(*args)` finds x, as for `root`.

    Returns:
        A function of args: the `root` of the gradient by x.

    Raises:
        ShapeError: when traced, where the objective is no number.
        numpy.linalg.LinAlgError: when the emitted function runs, where the Hessian is singular.
    """
    return Implicit(objective, solve, _gradient)
