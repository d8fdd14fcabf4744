"""Each tool's derivative of a problem, measured in a process of its own."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np  # noqa: TID253  the problems need it

from benchmarks.adbench.problem import GRADIENT, SPARSE, Problem
from benchmarks.adbench.problems import PROBLEMS
from symdiff import SymdiffError

_SECONDS, _MOST_CALLS = 3.0, 25  # of which the median is taken
Call = Callable[[], Any]


class Made(NamedTuple):
    """What a tool makes of a problem.

    Attributes:
        value: the objective alone.
        derivative: the gradient with the value, or the Jacobian.
        numbers: from what that returns to its numbers in one row.
        places: of the entries of a sparse Jacobian, rows and columns.
    """

    value: Call
    derivative: Call
    numbers: Callable[[Any], Any]
    places: Callable[[Any], Any] | None = None


def _flat(parts: Any) -> Any:
    return np.concatenate([np.ravel(np.asarray(x, float)) for x in parts])


def _of_pair(found: Any) -> Any:
    """Value and gradient."""
    value, gradient = found
    return _flat([value, *(gradient if isinstance(gradient, (tuple, list)) else [gradient])])


# --- symdiff -----------------------------------------------------------------------------------


def _by_symdiff(target: str, problem: Problem) -> Made:
    import symdiff as sd

    arguments = problem.arguments()
    objective = problem.objective(np)
    names = objective.__code__.co_varnames[: len(arguments)]
    shapes = {name: np.shape(x) for name, x in zip(names, arguments, strict=True)}
    function = sd.function(objective, shapes=shapes, wrt=names[: problem.wrt])
    if problem.kind == GRADIENT:
        module = function.value_and_grad().load(target)
        return Made(
            partial(module.value, *arguments), partial(module.value_and_grad, *arguments), _of_pair
        )
    module = function.jacobian(sparse=problem.kind == SPARSE).load(target)
    value, jacobian = partial(module.value, *arguments), partial(module.jacobian, *arguments)
    if problem.kind == SPARSE:
        return Made(value, jacobian, lambda found: found[0], lambda found: found[1])
    return Made(value, jacobian, np.ravel)


# --- the peers ---------------------------------------------------------------------------------


def _by_jax(problem: Problem) -> Made:
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own call
    xp = jax.numpy
    given = [xp.asarray(x) for x in problem.arguments()]
    loop = problem.in_jax
    objective = problem.objective(xp) if loop is None else loop(xp, jax.lax)
    value = _waiting(jax.jit(objective), given)
    if problem.kind == GRADIENT:
        made = jax.jit(jax.value_and_grad(objective, tuple(range(problem.wrt))))
        return Made(value, _waiting(made, given), _of_pair)
    if problem.blocks is None:
        return Made(value, _waiting(jax.jit(jax.jacfwd(objective)), given), np.ravel)
    block, rows = problem.blocks
    made = jax.jit(jax.vmap(jax.jacrev(block(xp))))
    return Made(value, _waiting(made, [xp.asarray(x) for x in rows()]), np.asarray)


def _waiting(function: Callable[..., Any], given: list[Any]) -> Call:
    import jax

    return lambda: jax.block_until_ready(function(*given))


def _by_torch(problem: Problem) -> Made:
    import torch

    given = [torch.tensor(x) for x in problem.arguments()]
    objective = problem.objective(torch)

    def value() -> Any:
        with torch.no_grad():
            return objective(*given)

    if problem.kind == GRADIENT:
        leaves = [x.requires_grad_() for x in given[: problem.wrt]]

        def value_and_grad() -> Any:
            found = objective(*given)
            return found.detach(), torch.autograd.grad(found, leaves)

        return Made(value, value_and_grad, _of_pair)
    if problem.blocks is None:
        return Made(value, partial(torch.func.jacfwd(objective), *given), np.ravel)
    block, rows = problem.blocks
    made = torch.func.vmap(torch.func.jacrev(block(torch)))
    return Made(value, partial(made, *[torch.tensor(x) for x in rows()]), np.asarray)


def _by_autograd(problem: Problem) -> Made:
    import autograd
    import autograd.numpy

    given, xp = problem.arguments(), autograd.numpy
    objective = problem.objective(xp)
    value = partial(objective, *given)
    if problem.kind == GRADIENT:
        made = autograd.value_and_grad(objective, tuple(range(problem.wrt)))
        return Made(value, partial(made, *given), _of_pair)
    if problem.blocks is None:
        return Made(value, partial(autograd.jacobian(objective), *given), np.ravel)
    block, rows = problem.blocks
    one = autograd.jacobian(block(xp))
    return Made(value, lambda: [one(*row) for row in zip(*rows(), strict=True)], np.asarray)


NUMPY, NUMBA, C = "symdiff, numpy", "symdiff, numba", "symdiff, c"
OURS, PEERS = (NUMPY, NUMBA, C), ("JAX", "PyTorch", "HIPS autograd")
_MODULES = {NUMBA: "numba", "JAX": "jax", "PyTorch": "torch", "HIPS autograd": "autograd.numpy"}
_MAKERS: dict[str, Callable[[Problem], Made]] = {
    NUMPY: partial(_by_symdiff, "numpy"),
    NUMBA: partial(_by_symdiff, "numba"),
    C: partial(_by_symdiff, "c"),
    "JAX": _by_jax,
    "PyTorch": _by_torch,
    "HIPS autograd": _by_autograd,
}


# --- measured ----------------------------------------------------------------------------------


def _times(call: Call) -> list[float]:
    """Medians of a warm call: seconds, and those of the processor on all cores."""
    wall, processor = [], []
    end = time.perf_counter() + _SECONDS
    while not wall or (len(wall) < _MOST_CALLS and time.perf_counter() < end):
        started, used = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    return [statistics.median(wall), statistics.median(processor)]


def measured(tool: str, name: str) -> Any:
    """Seconds to the first result, times of objective and derivative, and the numbers."""
    try:
        import_module(_MODULES.get(tool, "symdiff.api"))
    except ImportError:
        return "missing"
    problem = PROBLEMS[name]
    started = time.perf_counter()
    try:
        made = _MAKERS[tool](problem)
        found = made.derivative()
    except SymdiffError as error:
        return str(error)
    first = time.perf_counter() - started
    made.value()
    result = {
        "first": first,
        "value": _times(made.value),
        "derivative": _times(made.derivative),
        "numbers": np.ravel(made.numbers(found)).tolist(),
    }
    if made.places is not None:
        result["places"] = [place.tolist() for place in made.places(found)]
    return result


if __name__ == "__main__":
    print(json.dumps(measured(*sys.argv[1:])))
