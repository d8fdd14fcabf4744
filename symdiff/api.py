"""`Function`: what users hold. A graph, the verb that is asked of it, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self

from symdiff.compiled import Compiled
from symdiff.derive.checks import with_checks
from symdiff.derive.compared import with_comparisons
from symdiff.derive.options import PLAIN, Options
from symdiff.derive.packing import Coordinates, Derived, Nest, Tensor
from symdiff.derive.problem import Problem
from symdiff.emit.formula import formulas
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.examined import Examined
from symdiff.frontend.loops import AUTO, Loops
from symdiff.frontend.text.options import LIMITS, Limits
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.pause import without_collector
from symdiff.optimize.invariants import hoist_dear
from symdiff.optimize.joined_writes import join_writes
from symdiff.origin import Origin, Shapes, Step, origin_of
from symdiff.sources import opened, reopened
from symdiff.verbs import VERBS, Verb, Wrt, checked
from symdiff.wrt import names_of

if TYPE_CHECKING:
    from symdiff.frontend.latex.formula import Formula

_LONGEST_SHOWN = 4_000  # characters of LaTeX that a notebook shows of a function


@without_collector
def function(
    source: object = None,
    *,
    latex: str | None = None,
    wrt: Wrt = None,
    name: str | None = None,
    shapes: Shapes | None = None,
    batch: bool = False,
    loops: str = AUTO,
    checkpoint: int | None = None,
    limits: Limits = LIMITS,
) -> Function:
    """A function from a formula, a program, a SymPy expression or a NumPy function.

    Args:
        source: text in symdiff's grammar; a SymPy expression, or a Matrix or sequence of them for
            several outputs; or a plain NumPy function, which is run with stand-ins.
        latex: in its place a formula in LaTeX. What can be read in two ways is refused.
        wrt: what it is differentiated by where a verb does not say: a name, a position, a tuple
            of them, or names separated by commas or spaces. By default all inputs, of a NumPy
            function the first argument.
        name: the name of the output.
        shapes: by name of an input of a text, or argument of a NumPy function, the lengths of its
            axes: whole numbers and names of dimensions, and before them the kind of its elements
            where that is not float: `{"X": ("N", 10), "k": ("int", "N")}`. Others are numbers, or
            have the shape that a NumPy function's annotation says.
        batch: let the inputs of a function of arrays have leading batch axes, which broadcast.
        loops: `roll` lets every loop of a program stay one, and refuses a loop that cannot, by its
            line; `unroll` writes out every `for` whose number of steps is known. `auto`
            writes out loops of few steps, and those whose steps are not alike. Likewise terms and
            elements that differ in indices alone become arrays, of three, none, and eight on.
        checkpoint: every how many steps what a loop carries is kept for the gradient, of each loop
            of more steps than that; the steps between are computed again on the way back, so that
            n/checkpoint + checkpoint states are kept instead of n.
        limits: how large a text may be.

    Raises:
        ParseError: the text is not in the grammar.
        ShapeError: shapes do not fit together.
        UnsupportedError: the source holds something that symdiff does not support.
        LimitError: the source is larger than a limit.
    """
    if isinstance(source, Function):
        return source
    read = None if latex is None else _of_latex(source, latex, shapes)
    try:
        found = opened(
            source if read is None else read.text,
            wrt=wrt,
            name=name if read is None else name or read.name,
            shapes=shapes,
            batch=batch,
            loops=Loops(loops, checkpoint).checked(),
            limits=limits,
        )
    except SymdiffError as error:
        if read is None:
            raise
        raise read.placed(error) from None
    made = Function(found.graph, found.origin, VERBS["value"], found.wrt, found.captured)
    if found.libraries:
        from symdiff.comparison import refuse_by_labels_inside

        value = partial(made.load().value, **found.captured)
        refuse_by_labels_inside(source, value, shapes or {}, found.libraries)
    return made


def _of_latex(source: object, latex: str, shapes: Shapes | None) -> Formula:
    """The formula that LaTeX is."""
    from symdiff.frontend.latex.formula import parse_latex
    from symdiff.frontend.text.options import plain_shapes

    if source is not None:
        raise SymdiffError("a source and latex= were both given: one is meant")
    return parse_latex(latex, plain_shapes(shapes))


def from_recipe(recipe: Any, limits: Limits = LIMITS) -> Function:  # JSON
    """The function that a recipe describes, as an emitted module holds one in its header.

    Raises:
        SymdiffError: where it is no recipe.
    """
    origin = origin_of(recipe)
    base = reopened(origin, limits)
    made = Function(base.graph, base.origin, VERBS["value"], base.wrt, base.captured)
    for step in origin.steps:
        made = made.derived(VERBS[step.verb], step.wrt, step.options)
    return made


class Function(Compiled, Examined):
    """A function of named numbers, and a verb: the value itself, or a derivative of it.

    Calling it computes; a verb's method gives another Function, so derivatives can be repeated.

    Attributes:
        primal: the graph of the function that the verb is asked of.
        verb: what a call computes.
        wrt: names of the inputs that it is differentiated by.
        origin: what the function was made from.
        captured: by name of an input, a large array that a traced function reads beside its
            arguments; a call need not give it.
        options: what the verb is told.
        tensor: where the outputs of `primal` are the entries of one array.
        target: what computes a call, and what a module is for where no other target is asked for.
        dtype: what a call computes floats in, and a module where nothing else is asked for.
    """

    def __init__(
        self,
        primal: Graph,
        origin: Origin,
        verb: Verb,
        wrt: tuple[str, ...],
        captured: Mapping[str, Any] | None = None,  # NumPy's arrays
        options: Options = PLAIN,
        tensor: Tensor | None = None,
    ) -> None:
        self.primal = primal
        self.origin = origin
        self.verb = verb
        self.wrt = wrt
        self.captured = captured or {}
        self.options = options
        self.tensor = tensor

    # --- verbs -------------------------------------------------------------------------------

    def derived(self, verb: Verb, wrt: Wrt = None, options: Options = PLAIN) -> Function:
        """The function that computes `verb` of what this one computes.

        Raises:
            UnsupportedError: where there is no such derivative.
        """
        if self.options.sparse:
            raise UnsupportedError(
                "a derivative of a sparse derivative is not supported",
                suggestion="differentiate the dense one",
            )
        primal = self.graph
        names = self.wrt if wrt is None else names_of(primal, wrt)
        told = checked(verb, options)
        if told.sparse and self._has_batch:
            raise UnsupportedError(
                "a sparse derivative of arrays with leading batch axes is not supported",
                suggestion="leave out batch, and call it for each",
            )
        steps = (*self.origin.steps, Step(verb.name, names, told))
        origin = replace(self.origin, steps=steps)
        made = Function(primal, origin, verb, names, self.captured, told, self._result_tensor)
        made.target, made.dtype = self.target, self.dtype
        _ = made._derived  # refuse now, not at the first call
        return made

    @property
    def _result_tensor(self) -> Tensor | None:
        """The array whose entries the outputs are; a gradient of numbers is a vector."""
        packing = self._whole.packing
        if isinstance(packing, Tensor):
            return packing
        return Tensor((len(self.graph.outputs),)) if self.verb.is_derivative else None

    # --- what it is --------------------------------------------------------------------------

    @cached_property
    @without_collector
    def _whole(self) -> Derived:
        """What derivation gave."""
        primal = with_comparisons(hoist_dear(join_writes(self.primal)))
        problem = Problem(primal, self.wrt, self.options, self.tensor)
        try:
            problem.refuse_found_lengths()
            made = self.verb.derive(problem)
        except SymdiffError as error:
            raise error.at(self.origin.text, error.span) from None
        graph = with_checks(made.graph, self.primal)
        return replace(made, graph=pruned(graph))

    @property
    def _derived(self) -> Graph:
        """The graph of the value and the derivative, as derivation made it."""
        return self._whole.graph

    @property
    def packing(self) -> Nest | Tensor | Coordinates:
        """How the outputs of `derivation` become what a call returns."""
        return self._whole.packing

    @property
    def derivation(self) -> Graph:
        """The graph of the value and the derivative, in the order that `packing` counts."""
        return self._derived

    @property
    def notes(self) -> tuple[str, ...]:
        """How the source was read where that may surprise, and what derivation chose, and why."""
        return (*self.origin.notes, *self._whole.notes, *self._data_notes)

    @cached_property
    def graph(self) -> Graph:
        """The graph of what a call returns."""
        graph = self._derived
        if self.verb.returns_value:
            return graph
        alone = graph.select(range(graph.primal, len(graph.outputs)))
        return replace(pruned(alone), primal=len(alone.outputs))

    @property
    def stated(self) -> tuple[Graph, int]:
        """The graph of the value and the derivative, and the first output that formulas state."""
        return self._derived, 0 if self.verb.returns_value else self._derived.primal

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in the order of a call."""
        packing, names = self._whole.packing, self._derived.input_names
        hidden = packing.seeds if isinstance(packing, Coordinates) else ""
        return tuple(name for name in names if name != hidden)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what a call returns."""
        return self.graph.output_names

    @property
    def shapes(self) -> dict[str, tuple[int | str, ...]]:
        """The shape of each input, `()` for a number."""
        return {
            name: tuple(n if isinstance(n, int) else str(n) for n in self._derived[at].shape)
            for name, at in zip(self._derived.input_names, self._derived.inputs, strict=True)
            if name in self.inputs
        }

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of the elements of each input, `float64`, `int64` or `bool`."""
        graph = self._derived
        pairs = zip(graph.input_names, graph.inputs, strict=True)
        return {name: graph[at].dtype for name, at in pairs if name in self.inputs}

    @property
    def ops(self) -> int:
        """The operations of one evaluation, of value and derivative, where one is asked for."""
        return self.optimized.ops

    @property
    def unshared_ops(self) -> float:
        """The operations of one evaluation if every formula were written out, nothing shared."""
        counts: list[float] = []
        for node in self._derived.nodes:
            counts.append(float(bool(node.args)) + sum(counts[argument] for argument in node.args))
        return sum(counts[output] for output in self._derived.outputs)

    def formulas(self) -> dict[str, str]:
        """A formula for each output, empty where it is longer than a line."""
        return dict(zip(self.outputs, formulas(*self.stated), strict=True))

    def sympy(self) -> Any:  # SymPy's classes are not typed
        """The outputs as SymPy expressions: one, or a tuple for several."""
        from symdiff.explain.sympy import to_sympy

        return to_sympy(self.graph)

    def latex(self) -> str:
        """The outputs as LaTeX: a formula, or equations with names for shared parts."""
        from symdiff.emit.latex import latex
        from symdiff.emit.spell.tex import tex_output, tex_tangent

        return latex(*self.stated, tex_tangent if self.verb.vectors else tex_output)

    def __repr__(self) -> str:
        shown = self.origin.text if len(self.origin.text) <= 60 else self.origin.text[:57] + "..."
        verbs = "".join(f".{step.verb}({', '.join(step.wrt)})" for step in self.origin.steps)
        return f"symdiff.function({shown!r}){verbs}"

    def _repr_latex_(self) -> str | None:
        """What a notebook shows; where there is no notation, or it is long, the text."""
        try:
            found = self.latex()
        except SymdiffError:
            return None
        return f"$\\displaystyle {found}$" if len(found) <= _LONGEST_SHOWN else None

    # --- what it computes --------------------------------------------------------------------

    def again(self) -> Self:
        """The same function, of which nothing is computed yet."""
        made = type(self)(
            self.primal, self.origin, self.verb, self.wrt, self.captured, self.options, self.tensor
        )
        made.target, made.dtype = self.target, self.dtype
        return made

    @property
    def undifferentiated(self) -> Self:
        """The function that the verb is asked of."""
        steps = self.origin.steps[: len(self.origin.steps) - self.verb.is_derivative]
        origin = replace(self.origin, steps=steps)
        made = type(self)(self.primal, origin, VERBS["value"], self.wrt, self.captured)
        made.target, made.dtype = self.target, self.dtype
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickled, (self.origin.recipe(), self.captured, self.target, self.dtype)


def _unpickled(
    recipe: Mapping[str, Any], captured: Mapping[str, Any], target: str, dtype: str
) -> Function:
    """The function of a recipe, with what it reads beside its arguments."""
    made = from_recipe(recipe)
    again = Function(
        made.primal, made.origin, made.verb, made.wrt, captured, made.options, made.tensor
    )
    again.target, again.dtype = target, dtype
    return again
