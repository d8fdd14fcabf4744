"""Loops that stay loops: `sd.scan` and `sd.fori`, with the arguments of JAX's.

Outside of a trace they run as plain loops of Python. While a function is traced, the step is run
once with tracers for what is carried and for the slices, and one line stands for the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.loops import refuse_no_number_of_steps
from symdiff.frontend.tracing.arguments import parameters_of
from symdiff.frontend.tracing.array import buffered
from symdiff.frontend.tracing.checkpoint import checkpointed
from symdiff.frontend.tracing.initialized import refuse_strange_state
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.pytree import leaves, mapped, path_name, replaced
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.step import Step, traced_step
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.types import kind_of
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.node import FLOAT, INT
from symdiff.graph.shape import Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.handle import Handle
from symdiff.ops.loops import loop, part
from symdiff.ops.progressions import counting
from symdiff.ops.registry import OPERATIONS

StepFunction = Callable[[Any, Any], tuple[Any, Any]]


class _Counter(NamedTuple):
    """The numbers from `lower` on, in the place of an array of slices: a leaf."""

    lower: int


def scan(
    step: StepFunction,
    init: Any,
    xs: Any = None,
    length: int | None = None,
    checkpoint: int | None = None,
) -> tuple[Any, Any]:
    """A loop that carries a state and collects results; while tracing, a loop that stays one.

    Args:
        step: `step(carry, x)` returns `(carry, y)`. The carry that it returns has the structure,
            shapes and kinds of numbers of the one that it gets. It may write into arrays that it
            carries, by index too.
        init: what is carried at first: an array, a number, or a nested structure of them. It is
            left as it is.
        xs: arrays whose first axes have one length n, in a nested structure, or `None`: the step
            number i gets `x = xs[i]`.
        length: the number of steps n; needed without `xs`.
        checkpoint: every how many steps what is carried is kept for the gradient. The steps
            between are computed again on the way back: n/checkpoint + checkpoint states are kept
            instead of n. By default all are.

    Returns:
        The carry after the last step, and the results y stacked along a new first axis of the
        length n, in their structure; `None` where the steps return `None`.

    Raises:
        ShapeError: where the carry changes its structure, a shape or a kind of number, or where
            the lengths of `xs` differ.
    """
    steps = _steps(xs, length)
    refuse_no_number_of_steps(checkpoint)
    return _scanned(step, init, xs, steps, checkpoint, parameters_of(step)[:2])


def fori(lower: int, upper: int, body: Callable[[Any, Any], Any], init: Any) -> Any:
    """`for i in range(lower, upper): carry = body(i, carry)`; while tracing, a loop that stays one.

    Args:
        lower: the first number.
        upper: the number after the last one; it may be a named length, as `x.shape[0]` is.
        body: `body(i, carry)` returns the new carry, with the structure, shapes and kinds of
            numbers of the one that it gets. It may write into arrays of it: `a[i] = f(a[i - 1])`.
        init: what is carried at first, as in `scan`.

    Returns:
        The carry after the last step; `init` where there is none.

    Raises:
        ShapeError: where the carry changes its structure, a shape or a kind of number.
    """
    _check_bound(lower, (numpy().integer,))
    _check_bound(upper, (Length, numpy().integer))
    difference = upper - int(lower)
    steps = difference.dim if isinstance(difference, Length) else max(int(difference), 0)

    def step(carry: Any, i: Any) -> tuple[Any, None]:
        return body(i, carry), None

    names = [*reversed(parameters_of(body)[:2])]
    return _scanned(step, init, _Counter(int(lower)), steps, None, names)[0]


def _check_bound(bound: Any, kinds: Any) -> None:
    """State that a bound of a loop is a whole number, or of these kinds."""
    if isinstance(bound, Tracer) or not isinstance(bound, (int, *kinds)):
        raise UnsupportedError(
            "the bounds of sd.fori are whole numbers that are known while tracing",
            suggestion="pass them as int arguments, or loop from 0 to x.shape[0]",
        )


def _steps(xs: Any, length: int | None) -> Dimension:
    """The number of steps."""
    if length is not None and (not isinstance(length, (int, Length)) or isinstance(length, bool)):
        raise SymdiffError(f"length={length!r} is no whole number of steps")
    wanted: Dimension | None = length.dim if isinstance(length, Length) else length
    if isinstance(wanted, int) and wanted < 0:
        raise SymdiffError(f"a loop of {wanted} steps")
    for path, leaf in leaves(xs):
        if leaf is None:
            continue
        shape = _shape(leaf)
        name = path_name("xs", path)
        if not shape:
            raise ShapeError(
                f"{name} is a number, and each step reads a slice",
                suggestion="let step read a number that is the same in each step from outside",
            )
        if wanted is not None and shape[0] != wanted:
            raise ShapeError(f"{name} has {shape[0]} slices for {wanted} steps")
        wanted = shape[0]
    if wanted is None:
        raise SymdiffError("the number of steps is not known", suggestion="give xs or length")
    return wanted


def _shape(leaf: Any) -> Shape:
    return tuple(leaf.content.shape if isinstance(leaf, Tracer) else numpy().shape(leaf))


def _scanned(
    step: StepFunction,
    init: Any,
    xs: Any,
    steps: Dimension,
    checkpoint: int | None,
    names: Sequence[str],
) -> tuple[Any, Any]:
    outer = active()
    if outer is None:
        refuse_strange_state((init, None if isinstance(xs, _Counter) else xs))
        return _run(step, init, xs, int(steps), names)  # type: ignore[arg-type] # no named lengths
    try:
        return _recorded(outer, step, init, xs, steps, checkpoint, names)
    except SymdiffError as error:
        raise outer.noted(error.at(None, outer.place())) from None


# --- outside of a trace ------------------------------------------------------------------------


def _run(
    step: StepFunction, init: Any, xs: Any, steps: int, names: Sequence[str]
) -> tuple[Any, Any]:
    """The loop as Python has it."""
    np = numpy()
    if steps == 0:  # what the results would be like is found by tracing
        found = traced_step(step, init, _first(xs), names, None)
        return init, mapped(
            found.results, lambda _, at: at if at is None else np.zeros((0, *found.shape(at)))
        )
    carry, collected = _own(init, ()), list[list[Any]]()
    for i in range(steps):
        made = step(carry, _slice(xs, i))
        new, y = _pair(made)
        if i == 0:
            _compare(carry, new, names)
        collected.append([numpy().array(leaf) for leaf in _numbers(y)])
        carry = _own(new, [leaf for _, leaf in leaves(carry)])
    columns = iter(zip(*collected, strict=True))

    def stacked(_path: Any, leaf: Any) -> Any:
        return None if leaf is None else np.stack(next(columns))

    return carry, mapped(y, stacked)


def _own(carry: Any, before: Sequence[Any]) -> Any:
    """What is carried, in memory that the steps alone hold: what they held before, or copies."""
    free = {id(leaf) for leaf in before}

    def own(_path: Any, leaf: Any) -> Any:
        if not isinstance(leaf, numpy().ndarray):
            return leaf
        if id(leaf) in free:
            free.remove(id(leaf))
            return leaf
        return leaf.copy()

    return mapped(carry, own)


def _slice(xs: Any, i: int) -> Any:
    if isinstance(xs, _Counter):
        return xs.lower + i
    return mapped(xs, lambda _, leaf: leaf if leaf is None else numpy().asarray(leaf)[i])


def _pair(made: Any) -> tuple[Any, Any]:
    if not isinstance(made, tuple) or len(made) != 2:
        raise SymdiffError(
            "step does not return a pair",
            suggestion="return (carry, y), with y = None where there is no result",
        )
    return made[0], made[1]


def _compare(before: Any, after: Any, names: Sequence[str]) -> None:
    """State that a step returns what is carried in the form that it came in."""
    name = names[0] if names else "carry"
    old, new = list(leaves(before)), list(leaves(after))
    if [path for path, _ in old] != [path for path, _ in new]:
        raise _changed_structure(name)
    for (path, one), (_, other) in zip(old, new, strict=True):
        if one is not None and other is not None:
            is_weak = isinstance(one, (int, float))
            _compare_leaf(path_name(name, path), _leaf(one), _leaf(other), is_weak=is_weak)


def _leaf(value: Any) -> Spec:
    np = numpy()
    dtype = value.dtype if isinstance(value, Tracer) else np.asarray(value).dtype
    return Spec(_shape(value), dtype)


def _changed_structure(name: str) -> ShapeError:
    return ShapeError(
        f"'{name}' comes out of a step with another structure than it went in",
        suggestion="return the same tuples, lists and dicts that step was given",
    )


def _compare_leaf(name: str, before: Spec, after: Spec, *, is_weak: bool) -> None:
    if before.shape != after.shape:
        raise ShapeError(
            f"'{name}' has the shape {shape_text(before.shape)} before a step and "
            f"{shape_text(after.shape)} after it",
            suggestion="what is carried keeps its shape: start with the one that step returns",
        )
    old, new = kind_of(before.dtype), kind_of(after.dtype)
    if old != new and not (is_weak and (old, new) == (INT, FLOAT)):
        raise ShapeError(
            f"'{name}' holds {before.dtype} before a step and {after.dtype} after it",
            suggestion="what is carried keeps its type: start with the one that step returns",
        )
    if old == FLOAT and before.dtype.itemsize < after.dtype.itemsize and not is_weak:
        raise ShapeError(
            f"'{name}' holds {before.dtype} before a step and {after.dtype} after it",
            suggestion="start with float64, or return astype(np.float32)",
        )


# --- inside of a trace -------------------------------------------------------------------------


def _first(xs: Any) -> Any:
    """What a slice is like."""
    if isinstance(xs, _Counter):
        return xs.lower
    return replaced(
        xs, lambda _, leaf: leaf if leaf is None else Spec(_shape(leaf)[1:], _leaf(leaf).dtype)
    )


def _recorded(
    outer: Recorder,
    step: StepFunction,
    init: Any,
    xs: Any,
    steps: Dimension,
    checkpoint: int | None,
    names: Sequence[str],
) -> tuple[Any, Any]:
    """The loop as one line of the trace that is running."""
    found = _traced(outer, step, init, _first(xs), names)
    handles = [outer.handle(value) for value in found.constants]
    constants = len(handles)
    handles += [
        _of_kind(outer.handle(leaf), kind_of(spec.dtype))
        for leaf, spec in zip(_numbers(init), found.carried, strict=True)
    ]
    carries = len(handles) - constants
    if isinstance(xs, _Counter):
        handles.append(counting(outer.builder, xs.lower, steps))
    else:
        handles += [outer.handle(leaf) for leaf in _numbers(xs)]
    if not handles:
        raise UnsupportedError("a loop that carries nothing and reads nothing")

    def recorded() -> list[Handle]:
        builder, graph = outer.builder, found.graph
        if checkpoint is not None:
            return checkpointed(
                builder,
                graph,
                handles,
                length=steps,
                constants=constants,
                carries=carries,
                every=checkpoint,
            )
        whole = loop(builder, graph, handles, length=steps, constants=constants, carries=carries)
        return [part(whole, number) for number in range(len(found.graph.outputs))]

    parts = outer.guarded(recorded)
    carried = iter(zip(parts[:carries], found.carried, strict=True))

    def final(_path: Any, leaf: Any) -> Any:
        if leaf is None:
            return None
        handle, spec = next(carried)
        return buffered(outer, handle, spec.dtype)

    def stacked(_path: Any, number: Any) -> Any:
        if number is None:
            return None
        handle, dtype = parts[number], found.leaves[number].dtype
        if dtype == numpy().float32:  # the results are stacked as float64
            handle = OPERATIONS["as_float32"](handle)
        return buffered(outer, handle, dtype)

    return mapped(init, final), mapped(found.results, stacked)


def _traced(
    outer: Recorder, step: StepFunction, init: Any, first: Any, names: Sequence[str]
) -> Step:
    """The step's lines. Python's whole numbers are carried as floats where a step makes them so."""
    found = traced_step(step, init, first, names, outer.builder.limit)
    weak = [isinstance(leaf, int) and not isinstance(leaf, bool) for leaf in _numbers(init)]
    if found.structure_changed:
        raise _changed_structure(names[0] if names else "carry")
    after = found.leaves[: len(found.carried)]
    widened = [
        is_weak and kind_of(before.dtype) == INT and kind_of(new.dtype) == FLOAT
        for is_weak, before, new in zip(weak, found.carried, after, strict=True)
    ]
    if any(widened):
        flags = iter(widened)

        def as_float(_path: Any, leaf: Any) -> Any:
            return float(leaf) if leaf is not None and next(flags) else leaf

        found = traced_step(step, mapped(init, as_float), first, names, outer.builder.limit)
        after = found.leaves[: len(found.carried)]
    paths = [path for path, leaf in leaves(init) if leaf is not None]
    name = names[0] if names else "carry"
    for path, before, new in zip(paths, found.carried, after, strict=True):
        _compare_leaf(path_name(name, path), before, new, is_weak=False)
    return found


def _numbers(value: Any) -> list[Any]:
    return [leaf for _, leaf in leaves(value) if leaf is not None]


def _of_kind(handle: Handle, kind: str) -> Handle:
    return OPERATIONS["as_float64"](handle) if kind == FLOAT and handle.dtype != FLOAT else handle
