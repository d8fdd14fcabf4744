"""Jacobians and Hessians: which mode, dense or sparse, and how the entries are packed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from symdiff.derive import jacobian as jacobians
from symdiff.derive.colouring import columns, rows, star
from symdiff.derive.options import FORWARD, REVERSE, checked
from symdiff.derive.packing import Coordinates, Derived, Nest, Tensor
from symdiff.derive.problem import Problem, nested
from symdiff.derive.reverse import derivative_name, unused
from symdiff.derive.second import gradient_alone
from symdiff.derive.sparsity import pattern as pattern_of
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.rules import ALGEBRAIC

_MOST_DENSE = 64  # entries of a matrix of numbers that is written out, zeros and all


def jacobian(problem: Problem) -> Derived:
    """Every output by every input."""
    problem.refuse_constant()
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


def hessian(problem: Problem) -> Derived:
    """The second derivatives of one number."""
    problem.refuse_several("Hessian")
    graph, wrt, options, _ = problem
    slopes = gradient_alone(graph, wrt)
    over = f"{options.mode} over reverse" if options.mode else "forward over reverse"
    mode = checked(options.mode or FORWARD)
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
    parts = tuple(nested(row * columns, columns) for row in range(rows))
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
        if options.mode != REVERSE:
            found[FORWARD] = columns(pattern)
        if options.mode != FORWARD:
            found[REVERSE] = rows(pattern)
    chosen = min(found, key=lambda mode: found[mode].count)
    best = found[chosen]
    mode = REVERSE if chosen == REVERSE else FORWARD
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
