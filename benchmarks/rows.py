"""Logistic regression on rows in chunks, beside NumPy by hand on the same chunks and scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Any

import dask
import dask.array as da
import numpy as np  # noqa: TID253  Dask has loaded it

import symdiff as sd
from benchmarks.measure import interleaved, memory_taken
from benchmarks.options import Options
from benchmarks.report import Section, Table, Target, number, seconds

_COLUMNS = 20
_MEGABYTE = 1e6
_NAMES = ("by hand", "symdiff.parallel")


def loss(w: Any, X: Any, y: Any) -> Any:
    """Logistic regression, labels -1 and 1."""
    return np.mean(np.logaddexp(0.0, -y * (X @ w)))


def by_hand(w: Any, X: Any, y: Any) -> tuple[float, Any]:
    """Value and gradient of the loss, as a careful person writes them for chunks."""
    blocks = zip(X.to_delayed().ravel(), y.to_delayed().ravel(), strict=True)
    parts = [_hand_chunk(w, *block) for block in blocks]
    while len(parts) > 1:
        pairs = [_hand_added(*parts[at : at + 2]) for at in range(0, len(parts) - 1, 2)]
        parts = [*pairs, *parts[len(parts) - len(parts) % 2 :]]
    ((value, gradient),) = dask.compute(parts[0])
    return value / len(X), gradient / len(X)


def _chunk(w: Any, X: Any, y: Any) -> tuple[float, Any]:
    v = -y * (X @ w)
    value = np.logaddexp(np.float32(0.0), v).sum()
    return float(value), -(X.T @ (y / (np.exp(-v) + np.float32(1.0)))).astype(float)


_hand_chunk = dask.delayed(_chunk, pure=False)


@dask.delayed(pure=False)  # type: ignore[untyped-decorator]
def _hand_added(one: Any, other: Any) -> tuple[float, Any]:
    return one[0] + other[0], one[1] + other[1]


def on_threads(workers: int, w: Any, X: Any, y: Any, size: int) -> tuple[float, Any]:
    """By hand, on threads without a scheduler: how far the machine itself scales."""
    starts = range(0, len(X), size)
    with ThreadPoolExecutor(workers) as threads:
        parts = list(
            threads.map(lambda at: _chunk(w, X[at : at + size], y[at : at + size]), starts)
        )
    return sum(value for value, _ in parts) / len(X), sum(part for _, part in parts) / len(X)


def data(rows: int) -> tuple[Any, Any, Any]:
    """Weights, and rows in memory, in single precision."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, _COLUMNS), np.float32)
    y = np.where(rng.random(rows) < 0.5, -1.0, 1.0).astype(np.float32)
    return rng.standard_normal(_COLUMNS, np.float32), X, y


def in_chunks(size: int, w: Any, X: Any, y: Any) -> tuple[Any, Any, Any]:
    """The same with rows in chunks of Dask."""
    return w, da.from_array(X, chunks=(size, _COLUMNS)), da.from_array(y, chunks=size)


def run(options: Options) -> Section:
    """A table of times, and one of what a chunk costs beside its work."""
    rows, chunks = (10**7, 100) if options.full else (2 * 10**6, 20)
    tables = [_times(rows, chunks), *_on_cluster(rows, chunks), _overhead(), _memory()]
    about = (
        f"Value and gradient of logistic regression, {rows:,} rows of {_COLUMNS} in float32, in "
        f"{chunks} chunks, by Dask's threads; NumPy's libraries with one thread each (set "
        "OPENBLAS_NUM_THREADS=1)."
    )
    return Section("Rows in chunks", about, tables)


def _times(rows: int, chunks: int) -> Table:
    whole, size = data(rows), rows // chunks
    args = in_chunks(size, *whole)
    ours = sd.parallel.value_and_grad(loss)
    functions: dict[str, Callable[..., Any]] = dict(zip(_NAMES, (by_hand, ours), strict=True))
    found = [function(*args) for function in functions.values()]
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-3, atol=1e-6)
    calls = {
        f"{name}, workers: {workers}": partial(_with_workers, workers, function, *args)
        for workers in (1, 2)
        for name, function in functions.items()
    }
    for workers in (1, 2):
        calls[f"by hand, threads alone: {workers}"] = partial(on_threads, workers, *whole, size)
    times = interleaved(calls, rounds=7, seconds=0.0)
    hand, own = (f"{name}, workers: 2" for name in _NAMES)
    ratio, scaling = (
        times[own].over(times[hand]),
        times[f"{_NAMES[1]}, workers: 1"].over(times[own]),
    )
    alone = times["by hand, threads alone: 1"].over(times["by hand, threads alone: 2"])
    lines = [(name, seconds(times[name].median)) for name in calls]
    targets = (
        Target("By symdiff over by hand, two workers", 1.15, ratio),
        Target("The same, processor time", 1.15, _of_processor(calls[own], calls[hand])),
        Target("One worker over two", 1.7, scaling, at_least=True),
        Target(
            "The same of that on the machine's threads alone", 0.9, scaling / alone, at_least=True
        ),
    )
    return Table("Value and gradient", ("what", "time"), lines, targets)


def _on_cluster(rows: int, chunks: int) -> list[Table]:
    """The same by processes, which hold the rows; on these two cores the scheduler is a third."""
    try:
        from distributed import Client, LocalCluster, wait
    except ModuleNotFoundError:
        return []
    functions = dict(zip(_NAMES, (by_hand, sd.parallel.value_and_grad(loss)), strict=True))
    lines, ratios = [], []
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        for count in (rows, 10 * chunks):
            held = _made_there(count, chunks)
            wait(held)
            w = np.ones(_COLUMNS, np.float32)
            calls = {name: partial(f, w, *held) for name, f in functions.items()}
            times = interleaved(calls, rounds=7, seconds=0.0)
            ratios.append(times[_NAMES[1]].over(times[_NAMES[0]]))
            lines += [(f"{count:,}", name, seconds(times[name].median)) for name in _NAMES]
    return [
        Table(
            f"On a cluster of two processes, {chunks} chunks that they hold",
            ("rows", "what", "time"),
            lines,
            (Target("By symdiff over by hand", 1.15, ratios[0]),),
        )
    ]


def _made_there(count: int, chunks: int) -> Any:
    """Rows that are made by workers, and kept by them."""
    size = count // chunks
    rng = da.random.default_rng(0)
    X = rng.standard_normal((count, _COLUMNS), chunks=(size, _COLUMNS), dtype=np.float32)
    y = da.sign(rng.standard_normal(count, chunks=size, dtype=np.float32))
    return dask.persist(X, y)


def _of_processor(one: Callable[[], Any], other: Callable[[], Any]) -> float:
    """The ratio of processor times, which others on the machine disturb less."""
    return median(_processor_time(one) / _processor_time(other) for _ in range(7))


def _processor_time(call: Callable[[], Any]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _with_workers(workers: int, function: Callable[..., Any], *args: Any) -> Any:
    with dask.config.set(scheduler="threads", num_workers=workers):
        return function(*args)


def _overhead() -> Table:
    chunks = 400
    args, ours = in_chunks(10, *data(10 * chunks)), sd.parallel.value_and_grad(loss)
    call = partial(_with_workers, 2, ours, *args)
    call()
    each = median(_processor_time(call) for _ in range(5)) / chunks
    target = Target("A chunk of ten rows, ms of processor time", 2.0, 1e3 * each)
    return Table(
        "What a chunk costs beside its work",
        ("chunks", "a chunk"),
        [(f"{chunks}", seconds(each))],
        (target,),
    )


def _memory() -> Table:
    """Chunks that are made when they are read, and let go."""
    rows, chunks = 200_000, 40
    each = rows * _COLUMNS * 4 / _MEGABYTE

    @dask.delayed  # type: ignore[untyped-decorator]
    def read(number: int) -> Any:
        return np.random.default_rng(number).standard_normal((rows, _COLUMNS), np.float32)

    parts = [da.from_delayed(read(k), (rows, _COLUMNS), np.float32) for k in range(chunks)]
    X = da.concatenate(parts)
    w = np.ones(_COLUMNS, np.float32)
    ours = sd.parallel.value_and_grad(loss)
    taken = memory_taken(partial(_with_workers, 2, ours, w, X, da.sign(X[:, 0])))
    shown = None if taken is None else taken / _MEGABYTE / each
    target = Target("Peak memory in chunks, of 40, two workers", 8.0, shown)
    line = ("" if shown is None else number(shown), f"{each:.3g} MB")
    return Table(
        "Memory of chunks made on the spot", ("chunks at once", "a chunk"), [line], (target,)
    )
