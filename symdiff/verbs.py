"""The table of verbs: what can be computed of a function, each under one name everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from symdiff.derive import jacobian as jacobians
from symdiff.derive.forward import jvp
from symdiff.derive.packing import Coordinates, Derived, Nest, Tensor, is_of_numbers
from symdiff.derive.reverse import derivative_name, gradient, unused, vjp
from symdiff.derive.second import gradient_alone, hvp
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.shape import text
from symdiff.ops.builder import Builder
from symdiff.ops.rules import ALGEBRAIC

_MOST_DENSE = 64  # entries of a matrix of numbers that is written out, zeros and all


class Options(NamedTuple):
    """What a verb can be told.

    Attributes:
        mode: `forward` or `reverse`, where both would do; `None` for what costs less.
        sparse: whether a matrix comes as the entries that are not zero by structure.
        blocks: whether a derivative by numbers has the structure of the arguments, rather than
            being one matrix.
    """

    mode: str | None = None
    sparse: bool = False
    blocks: bool = False


PLAIN = Options()


class Problem(NamedTuple):
    """What a verb is asked of.

    Attributes:
        graph: the function.
        wrt: names of the inputs to differentiate by.
        options: what the verb is told.
        tensor: where the outputs are the entries of one array.
    """

    graph: Graph
    wrt: tuple[str, ...]
    options: Options = PLAIN
    tensor: Tensor | None = None

    @property
    def is_of_numbers(self) -> bool:
        """Whether all lines are numbers, so that the derivative is one matrix of them."""
        return not self.options.blocks and is_of_numbers(self.graph)


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be computed of a function.

    Attributes:
        name: its name in the command line, in Python and in the emitted module.
        help: one sentence.
        derive: the graph of the value and of what the verb adds, and how results are packed.
        returns_value: whether a call returns the value along with the derivative.
        options: the options that it takes.
    """

    name: str
    help: str
    derive: Callable[[Problem], Derived]
    returns_value: bool
    options: tuple[str, ...] = ()

    @property
    def is_derivative(self) -> bool:
        """Whether the verb computes more than the function itself."""
        return self.name != "value"

    @property
    def has_gradient(self) -> bool:
        """Whether its module offers the gradient, packed too."""
        return self.derive is _gradient


def _nested(first: int, count: int) -> Nest:
    """So many outputs: one alone, several as a tuple."""
    return first if count == 1 else tuple(range(first, first + count))


def _value(problem: Problem) -> Derived:
    return Derived(problem.graph, _nested(0, len(problem.graph.outputs)))


def _one_number(graph: Graph, wrt: Sequence[str], what: str) -> None:
    """Refuse what has no gradient."""
    _something(wrt, graph)
    if len(graph.outputs) != 1:
        raise UnsupportedError(
            f"a {what} needs one output, and this function has {len(graph.outputs)}: "
            f"{', '.join(graph.output_names[:10])}",
            suggestion="give one formula; 'jacobian' and 'vjp' are for several outputs",
        )
    shape = graph[graph.outputs[0]].shape
    if shape != ():
        raise UnsupportedError(
            f"a {what} needs a number, and '{graph.output_names[0]}' is an array of the shape "
            f"{text(shape)}",
            suggestion="sum it up; 'jacobian' and 'vjp' are for arrays",
        )


def _something(wrt: Sequence[str], graph: Graph) -> None:
    if not wrt:
        whole = "only inputs that are whole numbers or truths" if graph.inputs else "no inputs"
        raise UnsupportedError(f"the function has {whole}: there is nothing to differentiate by")


def _gradient(problem: Problem) -> Derived:
    _one_number(problem.graph, problem.wrt, "gradient")
    return Derived(gradient(problem.graph, problem.wrt), (0, _nested(1, len(problem.wrt))))


def _jvp(problem: Problem) -> Derived:
    _something(problem.wrt, problem.graph)
    made, count = jvp(problem.graph, problem.wrt), len(problem.graph.outputs)
    return Derived(made, (_nested(0, count), _nested(count, count)))


def _vjp(problem: Problem) -> Derived:
    _something(problem.wrt, problem.graph)
    made, count = vjp(problem.graph, problem.wrt), len(problem.graph.outputs)
    return Derived(made, (_nested(0, count), _nested(count, len(problem.wrt))))


def _hvp(problem: Problem) -> Derived:
    _one_number(problem.graph, problem.wrt, "Hessian")
    return Derived(hvp(problem.graph, problem.wrt), _nested(0, len(problem.wrt)))


def _jacobian(problem: Problem) -> Derived:
    _something(problem.wrt, problem.graph)
    graph, wrt, options, _ = problem
    if problem.is_of_numbers:
        choice = jacobians.chosen_for_numbers(graph, wrt, options.mode)
        made, places = jacobians.entries(graph, wrt, choice.mode)
        base = problem.tensor or Tensor((len(graph.outputs),))
        return _matrix(problem, made, places, base, _noted(choice))
    if options.sparse:
        return _compressed(problem, is_symmetric=False)
    choice = jacobians.chosen_for_arrays(graph, wrt, options.mode)
    made = jacobians.blocks(graph, wrt, choice.mode)
    return Derived(made, _blocks(len(graph.outputs), len(wrt)), _noted(choice))


def _hessian(problem: Problem) -> Derived:
    graph, wrt, options, _ = problem
    _one_number(graph, wrt, "Hessian")
    slopes = gradient_alone(graph, wrt)
    over = f"{options.mode} over reverse" if options.mode else "forward over reverse"
    mode = options.mode or jacobians.FORWARD
    if problem.is_of_numbers:
        made, places = jacobians.entries(slopes, wrt, mode, is_symmetric=True)
        return _matrix(
            problem._replace(graph=slopes), made, places, Tensor((len(wrt),)), (f"mode: {over}",)
        )
    if options.sparse:
        return _compressed(problem._replace(graph=slopes), is_symmetric=True)
    made = jacobians.blocks(slopes, wrt, mode)
    return Derived(made, _blocks(len(wrt), len(wrt)), (f"mode: {over}",))


def _noted(choice: jacobians.Choice) -> tuple[str, ...]:
    return (f"mode: {choice.mode} ({choice.reason})",)


def _blocks(rows: int, columns: int) -> Nest:
    """A tuple by output of tuples by input, without tuples of one."""
    parts = tuple(_nested(row * columns, columns) for row in range(rows))
    return parts[0] if rows == 1 else parts


def _matrix(
    problem: Problem,
    made: Graph,
    places: Sequence[tuple[int, int]],
    base: Tensor,
    notes: tuple[str, ...],
) -> Derived:
    """The entries as one array, of the shape of the outputs and an axis for the inputs behind."""
    shape = (*base.shape, len(problem.wrt))
    if problem.options.sparse:
        return _coordinates(made, places, shape, notes)
    flat = tuple(base.place(row) * shape[-1] + column for row, column in places)
    total = math.prod(shape)
    if len(flat) == total:
        return Derived(made, Tensor(shape), notes)
    if total > _MOST_DENSE:
        return Derived(made, Tensor(shape, flat), notes)
    builder = Builder(ALGEBRAIC, made)
    known = dict(zip(flat, zip(made.outputs, made.output_names, strict=True), strict=True))
    rows = {base.place(row): name for row, name in enumerate(problem.graph.output_names)}
    outputs, names = [], []
    for place in range(total):
        row, column = divmod(place, shape[-1])
        unnamed = derivative_name(rows.get(row, "0"), problem.wrt[column])
        at, name = known.get(place, (builder.constant(0.0), unnamed))
        outputs.append(at)
        names.append(name)
    return Derived(builder.graph(made.inputs, outputs, names, primal=0), Tensor(shape), notes)


def _coordinates(
    made: Graph, places: Sequence[tuple[int, int]], shape: tuple[int, ...], notes: tuple[str, ...]
) -> Derived:
    """The entries alone, column by column, and where they stand."""
    import numpy as np

    if len(shape) != 2:
        raise UnsupportedError("a sparse derivative of a matrix is not supported")
    order = sorted(range(len(places)), key=lambda k: places[k][::-1])
    rows, columns = (np.array([places[k][axis] for k in order], np.intp) for axis in (0, 1))
    packing = Coordinates(rows, columns, (shape[0], shape[1]))
    return Derived(made.select(order), packing, (*notes, _filling(len(places), shape)))


def _filling(entries: int, shape: Sequence[int]) -> str:
    """How much of a matrix is there."""
    total = math.prod(shape)
    return f"sparse: {entries} of {total} entries{' (dense)' if entries == total else ''}"


def _compressed(problem: Problem, *, is_symmetric: bool) -> Derived:
    """The entries of a Jacobian of arrays that are not zero by structure, from few products."""
    import numpy as np

    from symdiff.derive.colouring import columns, rows, star
    from symdiff.derive.sparsity import pattern as pattern_of

    graph, wrt, options, _ = problem
    if len(wrt) != 1 or len(graph.outputs) != 1:
        raise UnsupportedError(
            "a sparse derivative of arrays needs one output and one input to differentiate by",
            suggestion="pack the arrays into one vector, or ask for a block at a time with wrt",
        )
    pattern = pattern_of(graph, wrt[0])
    found = {}
    if is_symmetric:
        found["symmetric"] = star(pattern)
    else:
        if options.mode != jacobians.REVERSE:
            found[jacobians.FORWARD] = columns(pattern)
        if options.mode != jacobians.FORWARD:
            found[jacobians.REVERSE] = rows(pattern)
    chosen = min(found, key=lambda mode: found[mode].count)
    best = found[chosen]
    mode = jacobians.REVERSE if chosen == jacobians.REVERSE else jacobians.FORWARD
    name = unused("seeds", graph.input_names)
    made = jacobians.compressed(graph, wrt[0], mode, max(best.count, 1), name)
    seed_shape = made[made.inputs[-1]].shape[1:]
    tried = ", ".join(f"{mode} {one.count}" for mode, one in found.items())
    return Derived(
        made,
        Coordinates(
            np.asarray(pattern.rows),
            np.asarray(pattern.cols),
            pattern.shape,
            best.slots,
            name,
            np.asarray(best.colours),
            tuple(int(str(n)) for n in seed_shape),
        ),
        (f"mode: {chosen} (seeds: {tried})", _filling(len(pattern.rows), pattern.shape)),
    )


_MATRIX = ("mode", "sparse")

VERBS = {
    verb.name: verb
    for verb in (
        Verb("value", "The function itself.", _value, returns_value=True),
        Verb("grad", "The gradient.", _gradient, returns_value=False),
        Verb(
            "value_and_grad",
            "The value and the gradient.",
            _gradient,
            returns_value=True,
        ),
        Verb(
            "jacobian",
            "The Jacobian: every output by every input.",
            _jacobian,
            returns_value=False,
            options=_MATRIX,
        ),
        Verb(
            "hessian",
            "The Hessian: the second derivatives of one number.",
            _hessian,
            returns_value=False,
            options=_MATRIX,
        ),
        Verb(
            "hvp",
            "The Hessian times a vector.",
            _hvp,
            returns_value=False,
        ),
        Verb(
            "jvp",
            "The value and the Jacobian times a tangent.",
            _jvp,
            returns_value=True,
        ),
        Verb(
            "vjp",
            "The value and a cotangent times the Jacobian.",
            _vjp,
            returns_value=True,
        ),
    )
}


def checked(verb: Verb, options: Options) -> Options:
    """The options, refused where the verb does not take them."""
    for name in ("mode", "sparse"):
        if getattr(options, name) and name not in verb.options:
            takers = ", ".join(v.name for v in VERBS.values() if name in v.options)
            raise SymdiffError(f"'{verb.name}' takes no {name}", suggestion=f"these do: {takers}")
    return options
