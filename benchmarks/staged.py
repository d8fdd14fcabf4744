"""The first trace of a function, with its syntax tree rewritten, beside one without its text.

A function without a text is traced as it runs, so that its branches on values are refused. What
is found for a function is kept: each round has functions of its own, in files of their own.
"""

from __future__ import annotations

import gc
import inspect
import linecache
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np  # noqa: TID253  the functions need it

from benchmarks.gradients import batch_norm, lennard_jones, log_softmax_loss
from benchmarks.measure import Times
from benchmarks.report import Table, Target, number, seconds
from symdiff.frontend.tracing.function import bind, trace
from symdiff.frontend.tracing.spec import Spec

_ROUNDS = 31
_BOUND = 1.2
_HEAD = "import numpy as np\nfrom typing import Any\n"
_WITHOUT = "<string>"
_NETWORK = ((10, 16), (16,), (16,), (16,), (16,), (), (64, 10), (64,))
_CASES: Mapping[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]] = {
    "softmax cross-entropy": (log_softmax_loss, ((10, 5), (5,), (20, 10), (20, 5))),
    "Lennard-Jones": (lennard_jones, ((20, 3),)),
    "batch norm": (batch_norm, _NETWORK),
}


def table() -> Table:
    """A row for each function."""
    rows, targets = [], []
    for name, (function, shapes) in _CASES.items():
        with TemporaryDirectory() as folder:
            pairs = [_round(Path(folder), k, function, shapes) for k in range(_ROUNDS + 1)]
        staged, plain = (Times(times) for times in zip(*pairs[1:], strict=True))
        ratio = staged.over(plain)
        rows.append((name, seconds(staged.median), seconds(plain.median), number(ratio)))
        targets.append(Target(f"First trace, staged over plain, {name}", _BOUND, ratio))
    headings = ("function", "staged", "without its text", "ratio")
    return Table("The first trace of a function", headings, rows, tuple(targets))


def _round(
    folder: Path, index: int, function: Callable[..., Any], shapes: tuple[tuple[int, ...], ...]
) -> tuple[float, float]:
    """Seconds of the first traces of two new functions, with a text and without one."""
    file = folder / f"{function.__name__}_{index}.py"
    file.write_text(_HEAD + "\n" * index + inspect.getsource(function), encoding="utf-8")
    linecache.clearcache()
    both = [_function(file, name, function.__name__) for name in (str(file), _WITHOUT)]
    ways = list(enumerate(both))[:: -1 if index % 2 else 1]
    found = {number: _traced(made, shapes) for number, made in ways}
    return found[0], found[1]


def _function(file: Path, filename: str, name: str) -> Any:
    space: dict[str, Any] = {"__name__": file.stem}
    exec(compile(file.read_text(encoding="utf-8"), filename, "exec"), space)  # noqa: S102  ours
    return space[name]


def _traced(function: Any, shapes: tuple[tuple[int, ...], ...]) -> float:
    bound = bind(function, [Spec(shape, np.dtype(float)) for shape in shapes], {})
    gc.collect()
    start = time.perf_counter()
    trace(function, bound)
    return time.perf_counter() - start
