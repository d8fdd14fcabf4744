"""Contestants of a benchmark: the modules of targets, and other people's tools, to be called."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple  # the libraries' arrays

from symdiff.emit.load import load_source
from symdiff.emit.source import Source
from symdiff.emit.targets import emit_module, target_of
from symdiff.graph.graph import Graph
from symdiff.verify.apart import lambdified, sympy_gradient, traced
from symdiff.verify.libraries import Library

Call = Callable[..., Any]


class Task(NamedTuple):
    """What a contestant computes, at one size.

    Attributes:
        function: the value and gradient, a pickled `symdiff.Function`.
        graph: the first output of the function as it was written, without loops and named lengths.
        wrt: the inputs to differentiate by.
        point: a value for each input; where `points` is more than one, of the first point.
        points: how many points there are; of functions of numbers.
    """

    function: bytes
    graph: Graph
    wrt: tuple[str, ...]
    point: Mapping[str, Any]
    points: int = 1

    @property
    def places(self) -> tuple[int, ...]:
        """The positions of the inputs to differentiate by."""
        return tuple([self.graph.input_names.index(name) for name in self.wrt])

    def arguments(self) -> list[Any]:
        """The arguments of a call: as many points near the first one as are asked for."""
        import numpy as np

        values = [self.point[name] for name in self.graph.input_names]
        if self.points == 1:
            return values
        rng = np.random.default_rng(0)
        return [x * (1.0 + 0.01 * rng.uniform(-1.0, 1.0, self.points)) for x in values]


class Ready(NamedTuple):
    """What is timed.

    Attributes:
        value: a call of the function, with nothing left to convert; `None` where it is not apart.
        gradient: a call of value and gradient; `None` for a function alone.
        operations: of value and gradient, where they are known.
    """

    value: Callable[[], Any] | None
    gradient: Callable[[], Any] | None
    operations: int | None = None


class Contestant(NamedTuple):
    """A way to the gradient.

    Attributes:
        needs: the package that must be installed, `""` for none.
        prepare: makes calls of a task.
        of_numbers: whether it takes functions of numbers alone.
        of_batches: whether a call takes many points.
    """

    needs: str
    prepare: Callable[[Task], Ready]
    of_numbers: bool = False
    of_batches: bool = True


def of_target(name: str) -> Contestant:
    """The module of a target."""
    target = target_of(name)

    def prepare(task: Task) -> Ready:
        function = pickle.loads(task.function)  # of our own process; it is derived here
        module = function.load(name)
        convert = target.on_arrays or (lambda call: call)
        value, gradient = convert(module.value), convert(module.value_and_grad)
        args = task.arguments()
        return Ready(lambda: value(*args), lambda: gradient(*args), function.ops)

    return Contestant("numba" if name == "numba" else "", prepare, of_batches=target.broadcasts)


def _plain(task: Task) -> Ready:
    """The function as it was written, in NumPy: no line is changed."""
    source = Source(task.graph, task.graph, derivatives=(), wrt=(), recipe={})
    value = load_source(emit_module(source), "value").value
    args = task.arguments()
    return Ready(lambda: value(*args), None, task.graph.ops)


def _jax(task: Task) -> Ready:
    import jax

    jax.config.update("jax_enable_x64", val=True)
    modules = {"np": jax.numpy, "special": jax.scipy.special}
    function = _summed(traced(task.graph, Library(modules, jax.numpy.float64)))
    value = jax.jit(function)
    gradient = jax.jit(jax.value_and_grad(function, argnums=task.places))
    args = [jax.numpy.asarray(x) for x in task.arguments()]
    wait = jax.block_until_ready
    return Ready(lambda: wait(value(*args)), lambda: wait(gradient(*args)))


def _torch(task: Task) -> Ready:
    import torch

    numpys = SimpleNamespace(**{**vars(torch), "power": torch.pow, "rint": torch.round})
    modules = {"np": numpys, "special": torch.special}
    function = _summed(
        traced(task.graph, Library(modules, lambda x: torch.tensor(x, dtype=torch.float64)))
    )
    args = [torch.as_tensor(x) for x in task.arguments()]
    args = [x.double() if x.is_floating_point() else x for x in args]
    leaves = [x.clone().requires_grad_() if k in task.places else x for k, x in enumerate(args)]
    varied = [leaves[k] for k in task.places]

    def gradient() -> Any:
        value = function(*leaves)
        return value, torch.autograd.grad(value, varied, materialize_grads=True)

    return Ready(lambda: function(*args), gradient)


def _autograd(task: Task) -> Ready:
    import autograd
    import autograd.numpy
    import autograd.scipy.special

    modules = {"np": autograd.numpy, "special": autograd.scipy.special}
    function = _summed(traced(task.graph, Library(modules, float)))
    gradient = autograd.value_and_grad(function, task.places)
    args = task.arguments()
    return Ready(lambda: function(*args), lambda: gradient(*args))


def _casadi(task: Task) -> Ready:
    import casadi as ca
    import numpy as np

    names = {
        "abs": "fabs", "maximum": "fmax", "minimum": "fmin", "where": "if_else",
        "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
        "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
        "logical_and": "logic_and", "logical_or": "logic_or", "logical_not": "logic_not",
    }  # fmt: skip
    numpys = SimpleNamespace(**{**vars(ca), **{k: getattr(ca, v) for k, v in names.items()}})
    inputs = [ca.SX.sym(name) for name in task.graph.input_names]
    value = traced(task.graph, Library({"np": numpys, "special": ca}, float))(*inputs)
    slopes = [ca.gradient(value, inputs[k]) for k in task.places]
    of_value = ca.Function("f", inputs, [value])
    whole = ca.Function("g", inputs, [value, *slopes])
    operations = whole.n_instructions()
    args = task.arguments()
    if task.points > 1:
        of_value, whole = of_value.map(task.points), whole.map(task.points)
        args = [np.reshape(x, (1, -1)) for x in args]
    return Ready(lambda: of_value(*args), lambda: whole(*args), operations)


def _sympy(task: Task) -> Ready:
    import sympy as sp

    symbols, expressions = sympy_gradient(task.graph, task.wrt)
    named, results = sp.cse(expressions, list=False)
    count = int(sp.count_ops([value for _, value in named]) + sp.count_ops(results))
    libraries = [*[["math"]] * (task.points == 1), ["scipy", "numpy"]]
    given = dict(zip(task.graph.input_names, task.arguments(), strict=True))
    of_value = lambdified(symbols, expressions[:1], given, shared=True, libraries=libraries)
    whole = lambdified(symbols, expressions, given, shared=True, libraries=libraries)
    return Ready(of_value, whole, count)


def _summed(function: Call) -> Call:
    """The sum over points, whose derivatives are those of each."""

    def call(*args: Any) -> Any:
        value = function(*args)
        return value.sum() if getattr(value, "shape", ()) else value

    return call


FOREIGN: Mapping[str, Contestant] = {
    "NumPy, as written": Contestant("", _plain),
    "JAX": Contestant("jax", _jax),
    "PyTorch": Contestant("torch", _torch),
    "HIPS autograd": Contestant("autograd", _autograd),
    "CasADi": Contestant("casadi", _casadi, of_numbers=True),
    "SymPy lambdify": Contestant("sympy", _sympy, of_numbers=True),
}


def contestant(name: str) -> Contestant:
    """A contestant by its name; those of targets are called `symdiff` and the target.

    Raises:
        UnsupportedError: where there is none.
    """
    if name in FOREIGN:
        return FOREIGN[name]
    return of_target(name.removeprefix("symdiff, "))


def flat(found: Sequence[Any]) -> list[float]:
    """The numbers of a gradient, or of the value where there is no gradient."""
    import numpy as np

    pending, numbers = [found], []
    while pending:
        part = pending.pop()
        if isinstance(part, tuple | list):
            pending += reversed(part)
        else:
            numbers += np.ravel(np.asarray(part)).tolist()
    return [float(x) for x in numbers]
