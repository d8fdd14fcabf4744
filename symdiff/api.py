"""`Function`: what users hold. A graph, the verb that is asked of it, and where it came from."""

from __future__ import annotations

import difflib
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from symdiff.derive.batch import batched
from symdiff.derive.packing import Coordinates, Derived, Nest, Tensor
from symdiff.derive.problem import PLAIN, Options, Problem
from symdiff.emit.formula import formulas, program
from symdiff.emit.load import Emitted, load
from symdiff.emit.module import emitted
from symdiff.emit.source import Source
from symdiff.emit.write import write_whole
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.constants import advice_on_constant, notes_on_constants
from symdiff.frontend.limits import LIMITS, Limits
from symdiff.frontend.program import parse
from symdiff.frontend.shapes_option import plain_shapes
from symdiff.frontend.tracing.contents import module_of
from symdiff.frontend.tracing.shapes import defaults_taken, trace_with_shapes
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.graph.pause import without_collector
from symdiff.graph.serial import from_data, portable, to_data
from symdiff.ops.legal import check_line
from symdiff.optimize import optimize
from symdiff.origin import Origin, Shapes, Step, origin_of
from symdiff.verbs import VERBS, Verb, checked

if TYPE_CHECKING:
    from symdiff.frontend.tracing.function import TracedFunction
    from symdiff.verify.check import CheckReport, Progress
    from symdiff.verify.compare import ComparisonReport

Wrt = str | int | Sequence[str | int] | None

TARGETS = ("numpy",)
PLANNED_TARGETS = ("python", "c", "numba", "array-api")


@without_collector
def function(
    source: object,
    *,
    wrt: Wrt = None,
    name: str | None = None,
    shapes: Shapes | None = None,
    batch: bool = False,
    limits: Limits = LIMITS,
) -> Function:
    """A function from a formula, a program, a SymPy expression or a NumPy function.

    Args:
        source: text in symdiff's grammar; a SymPy expression, or a Matrix or sequence of them for
            several outputs; or a plain NumPy function, which is run with stand-ins.
        wrt: what it is differentiated by where a verb does not say: a name, a position, a tuple
            of them, or names separated by commas or spaces. By default all inputs, of a NumPy
            function the first argument.
        name: the name of the output.
        shapes: by name of an input of a text, or argument of a NumPy function, the lengths of its
            axes: whole numbers and names of dimensions, and before them the kind of its elements
            where that is not float: `{"X": ("N", 10), "k": ("int", "N")}`. Others are numbers, or
            have the shape that a NumPy function's annotation says.
        batch: let the inputs of a function of arrays have leading batch axes, which broadcast.
        limits: how large a text may be.

    Raises:
        ParseError: the text is not in the grammar.
        ShapeError: shapes do not fit together.
        UnsupportedError: the source holds something that symdiff does not support.
        LimitError: the source is larger than a limit.
    """
    if isinstance(source, Function):
        return source
    file, data, captured = "", None, {}
    notes: tuple[str, ...] = ()
    if isinstance(source, str):
        shapes = plain_shapes(shapes)
        graph, text = parse(source, shapes=shapes, limits=limits), source
        notes = notes_on_constants(source, graph.input_names)
    elif callable(source) and not _is_sympy(source):
        notes = defaults_taken(source, shapes or {})
        traced = trace_with_shapes(source, shapes or {}, limits.nodes)
        graph, file, shapes = traced.graph, traced.file, None
        text = f"NumPy function {traced.name}"
        captured = traced.data
        data = to_data(portable(graph, file))
        wrt = _leaf_names(traced, 0 if wrt is None else wrt)
    else:
        from symdiff.frontend.sympy import from_sympy

        graph = from_sympy(source)
        if any(node.shape for node in graph.nodes):
            text, data = "SymPy expression", to_data(graph)
        else:
            text = program(graph)
    if name is not None:
        graph = _named(graph, name)
    chosen = None if wrt is None else _wrt_names(graph, wrt)
    origin = Origin(
        text,
        name,
        shapes=shapes,
        graph=data,
        file=file,
        batch=batch,
        wrt=chosen,
        reads=tuple(captured),
        notes=notes,
    )
    return Function(graph, origin, VERBS["value"], _wrt_names(graph, chosen), captured)


def from_recipe(recipe: Any, limits: Limits = LIMITS) -> Function:  # JSON
    """The function that a recipe describes, as an emitted module holds one in its header.

    Raises:
        SymdiffError: where it is no recipe.
    """
    origin = origin_of(recipe)
    made = _base_of(origin, limits)
    for step in origin.steps:
        made = made.derived(VERBS[step.verb], step.wrt, step.options)
    return made


def _base_of(origin: Origin, limits: Limits) -> Function:
    """The function before its verbs."""
    if origin.graph is None:
        return function(
            origin.text,
            wrt=origin.wrt,
            name=origin.name,
            shapes=origin.shapes,
            batch=origin.batch,
            limits=limits,
        )
    graph = from_data(origin.graph, check_line)
    if origin.name is not None:
        graph = _named(graph, origin.name)
    wrt = None if origin.wrt is None else _wrt_names(graph, origin.wrt)
    base = replace(origin, steps=(), wrt=wrt)
    return Function(graph, base, VERBS["value"], _wrt_names(graph, wrt))


def _is_sympy(source: object) -> bool:
    """Whether a source is an expression of SymPy's, some of which can be called."""
    return module_of(type(source)).partition(".")[0] == "sympy"


class Function:
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
        names = self.wrt if wrt is None else _wrt_names(primal, wrt)
        told = checked(verb, options)
        if told.sparse and self._has_batch:
            raise UnsupportedError(
                "a sparse derivative of arrays with leading batch axes is not supported",
                suggestion="leave out batch, and call it for each",
            )
        steps = (*self.origin.steps, Step(verb.name, names, told))
        origin = replace(self.origin, steps=steps)
        made = Function(primal, origin, verb, names, self.captured, told, self._result_tensor)
        _ = made._derived  # refuse now, not at the first call
        return made

    @property
    def _result_tensor(self) -> Tensor | None:
        """The array whose entries the outputs are; a gradient of numbers is a vector."""
        packing = self._whole.packing
        if isinstance(packing, Tensor):
            return packing
        return Tensor((len(self.graph.outputs),)) if self.verb.is_derivative else None

    def grad(self, wrt: Wrt = None) -> Function:
        """The gradient: a call returns it alone, a number for one `wrt` and a tuple for several."""
        return self.derived(VERBS["grad"], wrt)

    def value_and_grad(self, wrt: Wrt = None) -> Function:
        """The value and the gradient: a call returns `(value, gradient)`."""
        return self.derived(VERBS["value_and_grad"], wrt)

    def jvp(self, wrt: Wrt = None) -> Function:
        """The Jacobian times tangents: called with the inputs and one tangent a `wrt`, `x_dot`.

        A call returns `(value, tangent)`, each a tuple where there are several outputs.
        """
        return self.derived(VERBS["jvp"], wrt)

    def vjp(self, wrt: Wrt = None) -> Function:
        """Cotangents times the Jacobian: called with the inputs and one a output, `f_bar`.

        A call returns `(value, cotangents)`, the cotangents as in `grad`.
        """
        return self.derived(VERBS["vjp"], wrt)

    def hvp(self, wrt: Wrt = None) -> Function:
        """The Hessian times vectors: called with the inputs and one vector a `wrt`, `x_dot`."""
        return self.derived(VERBS["hvp"], wrt)

    def jacobian(
        self, wrt: Wrt = None, *, sparse: bool = False, mode: str | None = None
    ) -> Function:
        """Every output by every input.

        Args:
            wrt: what to differentiate by.
            sparse: return `(values, (rows, columns))` of the entries that are not zero by
                structure, as `scipy.sparse.coo_array` takes them.
            mode: `forward` or `reverse`; by default what costs less.

        Returns:
            Of a function of numbers, one matrix of shape batch + (outputs, wrt). Of arrays a block
            of shape output + input; where there are several, a tuple by output of tuples by `wrt`.
        """
        return self.derived(VERBS["jacobian"], wrt, Options(mode, sparse))

    def hessian(
        self, wrt: Wrt = None, *, sparse: bool = False, mode: str | None = None
    ) -> Function:
        """The second derivatives of one number; the arguments and results are as of `jacobian`."""
        return self.derived(VERBS["hessian"], wrt, Options(mode, sparse))

    # --- what it is --------------------------------------------------------------------------

    @cached_property
    @without_collector
    def _whole(self) -> Derived:
        """What derivation gave."""
        problem = Problem(self.primal, self.wrt, self.options, self.tensor)
        try:
            made = self.verb.derive(problem)
        except SymdiffError as error:
            raise error.at(self.origin.text, error.span) from None
        graph = made.graph
        return replace(made, graph=graph.keep(graph.ancestors(graph.outputs)))

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

    @property
    def _data_notes(self) -> list[str]:
        """A sentence on each array that the function reads beside its arguments."""
        return [
            f"{name} is an input: an array of shape {array.shape} that the function reads"
            for name, array in self.captured.items()
        ]

    @cached_property
    def graph(self) -> Graph:
        """The graph of what a call returns."""
        graph = self._derived
        if self.verb.returns_value:
            return graph
        alone = graph.select(range(graph.primal, len(graph.outputs)))
        return replace(alone.keep(alone.ancestors(alone.outputs)), primal=len(alone.outputs))

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
        """The kind of the elements of each input: `float64`, `int64` or `bool`."""
        graph = self._derived
        pairs = zip(graph.input_names, graph.inputs, strict=True)
        return {name: graph[at].dtype for name, at in pairs if name in self.inputs}

    @cached_property
    @without_collector
    def optimized(self) -> Graph:
        """The graph that is printed: the value, and the derivative where there is one."""
        return optimize(self._printed(self._derived))

    @cached_property
    @without_collector
    def optimized_value(self) -> Graph:
        """The graph that is printed for the value alone."""
        return optimize(self._printed(self.primal)) if self.verb.is_derivative else self.optimized

    def _printed(self, graph: Graph) -> Graph:
        """With leading batch axes where they were asked for; numbers broadcast without."""
        return batched(graph) if self._has_batch else graph

    @property
    def _has_batch(self) -> bool:
        return self.origin.batch and any(node.shape for node in self.primal.nodes)

    @property
    def ops(self) -> int:
        """The operations of one evaluation: of the value, and of the derivative where asked for."""
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
        return dict(zip(self.outputs, formulas(self.graph), strict=True))

    def sympy(self) -> Any:  # SymPy's classes are not typed
        """The outputs as SymPy expressions: one, or a tuple for several."""
        from symdiff.explain.sympy import to_sympy

        return to_sympy(self.graph)

    def latex(self) -> str:
        """The outputs as LaTeX."""
        from symdiff.explain.sympy import to_latex

        return to_latex(self.graph)

    def __repr__(self) -> str:
        shown = self.origin.text if len(self.origin.text) <= 60 else self.origin.text[:57] + "..."
        verbs = "".join(f".{step.verb}({', '.join(step.wrt)})" for step in self.origin.steps)
        return f"symdiff.function({shown!r}){verbs}"

    # --- what it computes --------------------------------------------------------------------

    def emit(self, target: str = "numpy") -> str:
        """The text of a module that computes this and needs nothing of symdiff.

        Raises:
            UnsupportedError: for a target that is not there.
        """
        if target not in TARGETS:
            known = f"supported: {', '.join(TARGETS)}"
            if target in PLANNED_TARGETS:
                raise UnsupportedError(
                    f"the target '{target}' is not supported yet", suggestion=known
                )
            raise UnsupportedError(f"there is no target '{target}'", suggestion=known)
        return self._emitted.text

    @cached_property
    @without_collector
    def _emitted(self) -> Emitted:
        derivative = self.verb.is_derivative
        return emitted(
            Source(
                value=self.primal,
                value_body=self.optimized_value,
                verb=self.verb,
                derivative=self.optimized if derivative else None,
                formulas=self._derived if derivative else None,
                packing=self._whole.packing,
                wrt=self.wrt,
                recipe=self.origin.recipe(),
                file=self.origin.file,
                reads=self.origin.reads,
                has_batch=self._has_batch,
            )
        )

    def write(self, path: str | Path, target: str = "numpy") -> Path:
        """Write the module to a file, whole or not at all.

        A large array that a traced function reads beside its arguments is no part of it: the
        module's functions take it behind these, under its name, and a warning says so.

        Raises:
            SymdiffError: where it cannot be written; an old file is then as it was.
        """
        self._warn_of_data()
        return write_whole(Path(path), self.emit(target))

    def load(self) -> ModuleType:
        """The emitted module, loaded: the same text that `emit` gives; as for `write`."""
        self._warn_of_data()
        return self._module

    def _warn_of_data(self) -> None:
        given = ", ".join(f"{name}={name}" for name in self.captured)
        for note in self._data_notes:
            warnings.warn(f"{note}; give it to the module: {given}", UserWarning, stacklevel=3)

    @cached_property
    def _module(self) -> ModuleType:
        return load(self._emitted)

    @cached_property
    def _callable(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self._module, self.verb.name)
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # numbers or any kind of array
        """Compute: numbers or arrays in the order of `inputs`, broadcast as NumPy does."""
        if self.captured:
            kwargs = {**self.captured, **kwargs}
        return self._callable(*args, **kwargs)

    def check(
        self,
        at: Mapping[str, float] | None = None,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> CheckReport:
        """Compare value and gradient with finite differences and a 50-digit reference.

        Args:
            at: a point, a number for each input. Random and boundary points by default.
            seed: of the random points.
            progress: called from time to time with the number of points done, and of all.
        """
        from symdiff.verify.check import check

        made = self if self.verb.has_gradient else self._of_primal()
        call = made._module.value_and_grad
        return check(made.primal, made.wrt, call, at=at, seed=seed, progress=progress)

    def _of_primal(self) -> Function:
        """The gradient of the function that the verb is asked of."""
        steps = self.origin.steps[: len(self.origin.steps) - self.verb.is_derivative]
        origin = replace(self.origin, steps=steps)
        base = Function(self.primal, origin, VERBS["value"], self.wrt, self.captured)
        return base.value_and_grad(self.wrt)

    def compare(self, at: Mapping[str, float] | None = None) -> ComparisonReport:
        """Measure this compiler beside other methods on this function."""
        from symdiff.verify.compare import compare

        made = self if self.verb.has_gradient else self._of_primal()

        def compiled() -> tuple[Callable[..., Any], int, int]:
            again = Function(made.primal, made.origin, made.verb, made.wrt, made.captured)
            return again._module.value_and_grad, again.optimized_value.ops, again.ops

        return compare(made.primal, made.wrt, compiled, at=at)

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickled, (self.origin.recipe(), self.captured)


def _unpickled(recipe: Mapping[str, Any], captured: Mapping[str, Any]) -> Function:
    """The function of a recipe, with what it reads beside its arguments."""
    made = from_recipe(recipe)
    return Function(
        made.primal, made.origin, made.verb, made.wrt, captured, made.options, made.tensor
    )


def _wrt_names(graph: Graph, wrt: Wrt) -> tuple[str, ...]:
    """The names that a `wrt` means.

    Raises:
        SymdiffError: for a name or a position that is no input, or one that stands twice.
    """
    known = graph.input_names
    if wrt is None:
        return tuple(name for name in known if graph[_position(graph, name)].dtype == FLOAT)
    if isinstance(wrt, str):
        wrt = re.split(r"[,\s]+", wrt.strip(", \t\n"))
    given: Any = wrt if isinstance(wrt, Iterable) and not hasattr(wrt, "name") else (wrt,)
    names = tuple(_wrt_name(known, item) for item in given)
    if not names:
        raise SymdiffError("wrt names no input")
    for name in names:
        if names.count(name) > 1:
            raise SymdiffError(f"wrt names '{name}' twice")
        if graph[_position(graph, name)].dtype != FLOAT:
            raise SymdiffError(f"'{name}' holds whole numbers or truths: it has no derivative")
    return names


def _position(graph: Graph, name: str) -> int:
    return graph.inputs[graph.input_names.index(name)]


def _leaf_names(traced: TracedFunction, wrt: Wrt) -> tuple[str, ...]:
    """The inputs that arguments of a NumPy function, or inputs themselves, consist of."""
    arguments = list(dict.fromkeys(item.argument for item in traced.inputs))
    if isinstance(wrt, str):
        wrt = re.split(r"[,\s]+", wrt.strip(", \t\n"))
    names: list[str] = []
    for item in (wrt,) if isinstance(wrt, int) else wrt or ():
        if isinstance(item, int) and not -len(arguments) <= item < len(arguments):
            count = len(arguments)
            raise SymdiffError(f"wrt asks for argument {item}, and there are {count}")
        argument = arguments[item] if isinstance(item, int) else item
        leaves = [leaf.name for leaf in traced.inputs if leaf.argument == argument]
        names += leaves or [str(argument)]
    return tuple(names)


def _wrt_name(known: Sequence[str], item: Any) -> str:
    """The name that a name, a position or a symbol of SymPy's means."""
    if not isinstance(item, (str, int)):
        symbol = getattr(item, "name", None)
        if not isinstance(symbol, str):
            raise SymdiffError(f"wrt holds {item!r}, which is neither a name nor a position")
        item = unicodedata.normalize("NFKC", symbol)
    name: str | int = item
    if isinstance(name, int):
        if not -len(known) <= name < len(known):
            raise SymdiffError(f"wrt asks for input {name}, and there are {len(known)}")
        return known[name]
    if name not in known:
        listed = ", ".join(known[:10]) or "none"
        near = difflib.get_close_matches(name, known, 1)
        suggestion = f"did you mean '{near[0]}'?" if near else f"the inputs are: {listed}"
        advice = advice_on_constant(name) or suggestion
        raise SymdiffError(f"'{name}' is not an input", suggestion=advice)
    return name


def _named(graph: Graph, name: str) -> Graph:
    """The graph with its output, or its outputs numbered, under another name."""
    if not name.isidentifier():
        raise SymdiffError(f"'{name}' cannot be the name of an output: it is not an identifier")
    if name in graph.input_names:
        raise SymdiffError(f"'{name}' is an input and cannot be the name of the output too")
    count = len(graph.outputs)
    names = (name,) if count == 1 else tuple(f"{name}{i + 1}" for i in range(count))
    return replace(graph, output_names=names)
