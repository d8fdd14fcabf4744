"""Other people's ways to a gradient, each in a process of its own: they may hang or overflow."""

from __future__ import annotations

import os
import pickle
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any  # the libraries' arrays

from symdiff.frontend.sympy.back import lacking, read_back
from symdiff.graph.graph import Graph
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Library

START_SECONDS = 60.0  # for Python and the library's import; the bound counts after that
TIMED_OUT = 75  # the exit status of a process that stopped itself
CALLS, BATCHES = 5, 5
CHILD = "from {} import serve; serve()"


@dataclass(frozen=True)
class Outcome:
    """What a method achieved."""

    gradient: list[float]
    operations: int | None
    compile_seconds: float
    call_seconds: float


@dataclass(frozen=True)
class Method:
    """A way to a gradient.

    Attributes:
        needs: the package that must be installed.
        prepare: takes the graph, the inputs to differentiate by, and the point; returns a function
            without arguments that gives value and gradient, and the operations that it takes.
    """

    needs: str
    prepare: Callable[[Graph, tuple[str, ...], Mapping[str, float]], Prepared]


Prepared = tuple[Callable[[], tuple[Any, list[Any]]], int | None]


def run_apart(
    name: str, graph: Graph, wrt: tuple[str, ...], point: Mapping[str, float], bound: float
) -> Outcome | str:
    """Run a method in a new Python process.

    Args:
        name: a key of `METHODS`.
        graph: the primal graph.
        wrt: the inputs to differentiate by.
        point: a value for every input.
        bound: seconds, counted from the end of the imports.

    Returns:
        What it achieved, or why it did not, in words.
    """
    outcome: Outcome | str = answer_of(__name__, (name, graph, wrt, dict(point)), bound)
    return outcome


def answer_of(module: str, job: object, bound: float) -> Any:
    """What a new Python process answers, or why it does not, in words.

    Args:
        module: whose `serve` answers there.
        job: what it is given; plain data.
        bound: seconds, counted from the end of the imports.
    """
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", CHILD.format(module)],
            input=pickle.dumps((bound, job)),
            capture_output=True,
            timeout=START_SECONDS + bound,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"stopped: no result within {START_SECONDS + bound:g} s"
    if done.returncode == TIMED_OUT:
        return f"stopped: takes longer than {bound:g} s"
    if done.returncode != 0:
        return f"the process died with status {done.returncode}"
    return pickle.loads(done.stdout)  # of our own process


def serve() -> None:
    """The child's side: reads a job from standard input, writes its outcome to standard output."""
    answering(_measured)


def answering(work: Callable[[Any, Callable[[], None]], Any]) -> None:
    """Read a job from standard input, and write to standard output what work makes of it.

    Args:
        work: takes the job, and what it calls when its imports are done.
    """
    bound, job = pickle.loads(sys.stdin.buffer.read())
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand in the answer
    watch = threading.Timer(bound, os._exit, [TIMED_OUT])
    watch.daemon = True
    try:
        answer = work(job, watch.start)
    except RecursionError:
        answer = "overflows Python's stack (RecursionError)"
    except Exception as problem:  # the row tells what the library raised
        text = str(getattr(problem, "message", problem)).strip() or "no reason given"
        answer = f"{type(problem).__name__}: {text.splitlines()[0][:80]}"
    answers.write(pickle.dumps(answer))
    answers.close()


def _measured(job: tuple[Any, ...], begin: Callable[[], None]) -> Outcome:
    name, graph, wrt, point = job
    method = METHODS[name]
    __import__(method.needs)
    begin()
    return _measure(method, graph, wrt, point)


def _measure(
    method: Method, graph: Graph, wrt: tuple[str, ...], point: Mapping[str, float]
) -> Outcome:
    start = time.perf_counter()
    call, operations = method.prepare(graph, wrt, point)
    _, gradient = call()  # a compiler that waits for the first call compiles here
    compiling = time.perf_counter() - start
    times = []
    for _ in range(BATCHES):
        start = time.perf_counter()
        for _ in range(CALLS):
            call()
        times.append((time.perf_counter() - start) / CALLS)
    numbers = [float(part) for part in gradient]
    return Outcome(numbers, operations, compiling, statistics.median(times))


# --- SymPy -------------------------------------------------------------------------------------


def _sympy_plain(graph: Graph, wrt: tuple[str, ...], point: Mapping[str, float]) -> Prepared:
    import sympy as sp

    symbols, expressions = sympy_gradient(graph, wrt)
    operations = int(sp.count_ops(expressions))
    return lambdified(symbols, expressions, point, shared=False), operations


def _sympy_shared(graph: Graph, wrt: tuple[str, ...], point: Mapping[str, float]) -> Prepared:
    import sympy as sp

    symbols, expressions = sympy_gradient(graph, wrt)
    named, results = sp.cse(expressions, list=False)
    operations = int(sp.count_ops([value for _, value in named]) + sp.count_ops(results))
    return lambdified(symbols, expressions, point, shared=True), operations


def sympy_gradient(graph: Graph, wrt: tuple[str, ...]) -> tuple[list[Any], list[Any]]:
    """Value and derivatives, as a user of SymPy has them: evaluated, then `diff`."""
    import sympy as sp

    (value,) = read_back(graph, sp, lacking)
    symbols = [sp.Symbol(name, real=True) for name in graph.input_names]
    return symbols, [value, *(sp.diff(value, sp.Symbol(name, real=True)) for name in wrt)]


def lambdified(
    symbols: list[Any],
    expressions: list[Any],
    point: Mapping[str, Any],
    *,
    shared: bool,
    libraries: Sequence[list[str]] = (["math"], ["scipy", "numpy"]),
) -> Callable[[], tuple[Any, list[Any]]]:
    """The expressions as a function at the point; with SciPy where `math` lacks one."""
    import sympy as sp

    values = [point[symbol.name] for symbol in symbols]
    for modules in libraries:
        f = sp.lambdify(symbols, expressions, modules=modules, cse=shared)
        try:
            f(*values)
        except (NameError, TypeError):
            continue
        break

    def call() -> tuple[Any, list[Any]]:
        value, *gradient = f(*values)
        return value, gradient

    return call


# --- PyTorch and JAX ---------------------------------------------------------------------------


def _torch(graph: Graph, wrt: tuple[str, ...], point: Mapping[str, float]) -> Prepared:
    import torch

    numpys = SimpleNamespace(**{**vars(torch), "power": torch.pow, "rint": torch.round})
    library = Library(
        {"np": numpys, "special": torch.special},
        lambda x: torch.tensor(x, dtype=torch.float64),
    )
    f = traced(graph, library)
    given = [
        torch.tensor(point[name], dtype=torch.float64, requires_grad=name in wrt)
        for name in graph.input_names
    ]
    varied = [tensor for tensor, name in zip(given, graph.input_names, strict=True) if name in wrt]
    order = [[n for n in graph.input_names if n in wrt].index(name) for name in wrt]

    def call() -> tuple[Any, list[Any]]:
        value = f(*given)
        gradient = torch.autograd.grad(value, varied, materialize_grads=True)
        return value, [gradient[index] for index in order]

    return call, None


def _jax(graph: Graph, wrt: tuple[str, ...], point: Mapping[str, float]) -> Prepared:
    import jax

    jax.config.update("jax_enable_x64", val=True)
    modules = {"np": jax.numpy, "special": jax.scipy.special}
    f = traced(graph, Library(modules, jax.numpy.float64))
    places = [graph.input_names.index(name) for name in wrt]
    compiled = jax.jit(jax.value_and_grad(f, argnums=tuple(places)))
    values = [jax.numpy.float64(point[name]) for name in graph.input_names]

    def call() -> tuple[Any, list[Any]]:
        value, gradient = jax.block_until_ready(compiled(*values))
        return value, list(gradient)

    return call, None


def traced(graph: Graph, library: Library) -> Callable[..., Any]:
    """The first output as a function of a library's own arrays."""
    interpreter = Interpreter(graph, library)
    names = graph.input_names
    return lambda *args: interpreter.outputs(dict(zip(names, args, strict=True)))[0]


METHODS: Mapping[str, Method] = {
    "SymPy diff": Method("sympy", _sympy_plain),
    "SymPy diff, cse": Method("sympy", _sympy_shared),
    "PyTorch": Method("torch", _torch),
    "JAX": Method("jax", _jax),
}
