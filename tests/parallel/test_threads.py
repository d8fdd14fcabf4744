"""Many chunks on Dask's threads, where several go in one task, against one chunk a task."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import symdiff as sd
from tests.parallel.losses import logistic

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")

from dask.callbacks import Callback  # noqa: E402

CHUNKS = 100
rng = np.random.default_rng(0)
W = np.array([0.3, -0.2, 0.1, 0.4])
X = rng.standard_normal((3 * CHUNKS, 4))
Y = np.where(X[:, 0] > 0.2, 1.0, -1.0)


def on_threads(function, *args, workers=2):
    with dask.config.set(scheduler="threads", num_workers=workers):
        return function(*args)


def rows(x=X, y=Y, chunks=3):
    return da.from_array(x, chunks=(chunks, 4)), da.from_array(y, chunks=(chunks,))


class Tasks(Callback):
    """How many tasks the scheduler starts."""

    count = 0

    def _pretask(self, *_):
        self.count += 1


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_no_bit_depends_on_how_many_chunks_are_in_a_task(workers):
    call = sd.parallel.value_and_grad(logistic)
    value, gradient = on_threads(call, W, *rows(), workers=workers)
    with dask.config.set(scheduler="synchronous"):
        one, by_one = call(W, *rows())
    assert value == one
    assert gradient.tobytes() == by_one.tobytes()
    assert value == pytest.approx(logistic(W, X, Y), rel=1e-13)


def test_there_are_fewer_tasks_than_chunks():
    with Tasks() as tasks:
        on_threads(sd.parallel.grad(logistic), W, *rows())
    assert tasks.count <= 45  # the last ones stand alone
    with Tasks() as tasks:  # few chunks for many threads: each for itself
        on_threads(sd.parallel.grad(logistic), W, *rows(), workers=8)
    assert tasks.count >= CHUNKS


def test_what_other_schedulers_are_sent_has_a_task_a_chunk_and_sums():
    sizes = []
    counted = Callback(start=lambda graph: sizes.append(len(graph)))
    with counted, dask.config.set(scheduler="synchronous"):
        sd.parallel.grad(logistic)(W, *(array.persist() for array in rows()))
    assert sizes[-1] <= 3 * CHUNKS + CHUNKS / 3 + 5  # two of the three hold the rows


@pytest.mark.parametrize("lengths", [(0, 3, 0, 0, 0, 0, 297), (3,) * 50 + (0,) * 99 + (150,)])
def test_chunks_without_rows_beside_others(lengths):
    call = sd.parallel.value_and_grad(logistic)
    value, gradient = on_threads(call, W, *rows(chunks=lengths), workers=1)
    whole, by_whole = sd.value_and_grad(logistic)(W, X, Y)
    assert value == pytest.approx(whole, rel=1e-13)
    np.testing.assert_allclose(gradient, by_whole, rtol=1e-12)


def test_a_chunk_among_others_is_named():
    broken = X.copy()
    broken[[31, 200]] = np.nan
    call = sd.parallel.value_and_grad(logistic)
    with pytest.warns(RuntimeWarning, match=r"chunk 10 \(rows 30 to 32\) gives infinities or NaN"):
        value, _ = on_threads(call, W, *rows(broken))
    assert np.isnan(value)
    shorter = rows()[0].map_blocks(lambda x: x[:, :3] if x[0, 0] == X[99, 0] else x, dtype=float)
    with pytest.raises(ValueError, match="expected the shape") as caught:
        on_threads(call, W, shorter, rows()[1])
    assert caught.value.__notes__ == ["in chunk 33 (rows 99 to 101)"]


class Reader:
    """Chunks that are made when they are read, counted while they are in memory."""

    def __init__(self):
        self.lock, self.reads, self.held, self.peak = threading.Lock(), 0, 0, 0

    def read(self, number):
        counts = self

        class Block(np.ndarray):
            def __del__(self):
                with counts.lock:
                    counts.held -= self.base is None

        with self.lock:
            self.reads, self.held = self.reads + 1, self.held + 1
            self.peak = max(self.peak, self.held)
        block = Block((3, 4))
        block[...] = X[3 * number : 3 * number + 3]
        return block

    def array(self):
        read = dask.delayed(self.read)
        return da.concatenate(
            [da.from_delayed(read(number), (3, 4), float) for number in range(CHUNKS)]
        )


@pytest.mark.parametrize("labels", ["apart", "of the rows"])
def test_each_chunk_is_read_once_and_few_are_in_memory(labels):
    reader = Reader()
    read = reader.array()
    y = rows()[1] if labels == "apart" else da.where(read[:, 0] > 0.2, 1.0, -1.0)
    value, gradient = on_threads(sd.parallel.value_and_grad(logistic), W, read, y)
    whole, by_whole = sd.value_and_grad(logistic)(W, X, Y)
    assert value == pytest.approx(whole, rel=1e-13)
    np.testing.assert_allclose(gradient, by_whole, rtol=1e-12)
    assert reader.reads == CHUNKS
    assert reader.peak <= 8


def test_an_array_that_is_given_twice_is_read_once():
    reader = Reader()
    read = reader.array()
    gradient = on_threads(
        sd.parallel.grad(lambda w, X, Z: np.mean((X @ w) * Z[:, 0])), W, read, read
    )
    assert reader.reads == CHUNKS
    np.testing.assert_allclose(gradient, X.T @ X[:, 0] / len(X), rtol=1e-12)


def test_rows_that_are_in_memory_already_and_in_other_chunks():
    x, y = rows()
    held = on_threads(lambda: x.persist())
    value, gradient = on_threads(sd.parallel.value_and_grad(logistic), W, held, y.rechunk(7))
    whole, by_whole = sd.value_and_grad(logistic)(W, X, Y)
    assert value == pytest.approx(whole, rel=1e-13)
    np.testing.assert_allclose(gradient, by_whole, rtol=1e-12)
