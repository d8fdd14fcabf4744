"""Losses over rows on a cluster of processes, where `distributed` is installed, and its faults."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from concurrent.futures import CancelledError

import numpy as np
import pytest
from scipy.optimize import minimize

import symdiff as sd
from tests.parallel.losses import W, X, Y, logistic, margins, two_sums

distributed = pytest.importorskip("distributed")

import dask.array as da  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # of the cluster's own threads and sockets


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def while_running(client, action):
    """A thread that does something when a call's tasks are under way."""

    def until(condition):
        give_up = time.monotonic() + 30.0
        while not condition() and time.monotonic() < give_up:
            time.sleep(0.01)

    until(lambda: not client.futures)  # of the call before

    def wait():
        until(lambda: client.futures)
        time.sleep(0.4)
        action()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def slowly(block):
    import time

    time.sleep(0.2)
    return block


def data(slow=False):
    arrays = [da.from_array(X, chunks=(10, 4)), da.from_array(Y, chunks=10)]
    return [a.map_blocks(slowly, dtype=float) for a in arrays] if slow else arrays


def test_the_result_is_that_of_threads_to_the_last_bit(client):
    with_client = sd.parallel.value_and_grad(two_sums)(W, *data())
    import dask

    with dask.config.set(scheduler="threads"):
        alone = sd.parallel.value_and_grad(two_sums)(W, *data())
    assert with_client[0] == alone[0]
    assert with_client[1].tobytes() == alone[1].tobytes()


@pytest.mark.parametrize("kept", [(0,), (1,), (0, 1)])
def test_rows_that_the_cluster_holds_already(client, kept):
    arrays = data()
    held = [a.persist() if k in kept else a for k, a in enumerate(arrays)]
    value, gradient = sd.parallel.value_and_grad(logistic)(W, *held)
    lazy = sd.parallel.value_and_grad(logistic)(W, *arrays)
    assert value == lazy[0]
    assert gradient.tobytes() == lazy[1].tobytes()
    doubled = sd.parallel.value_and_grad(logistic)(W, 2.0 * held[0], held[1])
    by_hand = sd.value_and_grad(logistic)(W, 2.0 * X, Y)
    assert doubled[0] == pytest.approx(by_hand[0], rel=1e-13)
    np.testing.assert_allclose(doubled[1], by_hand[1], rtol=1e-12)


def test_workers_do_not_load_symdiff(client):
    sd.parallel.hessian(logistic)(W, *data())
    sd.parallel.gnvp(margins)(W, *data(), W)

    def loaded():
        return sorted({name.partition(".")[0] for name in sys.modules} & {"symdiff", "sympy"})

    assert set(map(str, client.run(loaded).values())) == {"[]"}


def test_a_worker_that_is_killed_changes_no_bit(client):
    value, gradient = sd.parallel.value_and_grad(logistic)(W, *data())
    pids = client.run(os.getpid)
    victim = next(iter(pids.values()))
    killer = while_running(client, lambda: os.kill(victim, signal.SIGKILL))
    again, by_again = sd.parallel.value_and_grad(logistic)(W, *data(slow=True))
    killer.join()
    client.wait_for_workers(2, timeout=30)
    assert victim not in client.run(os.getpid).values()
    assert again == value
    assert by_again.tobytes() == gradient.tobytes()


def test_a_worker_that_is_killed_during_a_fit_changes_no_bit(client):
    fit = sd.parallel.packed_value_and_grad(logistic, W)
    alone = minimize(fit, fit.theta, tuple(data()), "L-BFGS-B", jac=True)
    victims = list(client.run(os.getpid).values())[:1]

    def kill(_):
        while victims:  # in the first iteration; half of the rows are with it
            os.kill(victims.pop(), signal.SIGKILL)

    held = tuple(client.persist(data()))
    distributed.wait(held)
    again = minimize(fit, fit.theta, held, "L-BFGS-B", jac=True, callback=kill)
    client.wait_for_workers(2, timeout=30)
    assert again.success
    assert again.nit == alone.nit > 2
    assert again.x.tobytes() == alone.x.tobytes()


def test_a_chunk_that_raises_on_a_worker_is_named(client):
    shorter = da.from_array(X, chunks=(50, 4)).map_blocks(
        lambda block: block[:, :3] if len(block) < 50 else block, dtype=float
    )
    with pytest.raises(ValueError, match="expected the shape") as caught:
        sd.parallel.grad(logistic)(W, shorter, da.from_array(Y, chunks=50))
    assert caught.value.__notes__ == ["in chunk 2 (rows 100 to 102)"]


def test_a_chunk_with_nan_on_a_worker_is_named(client):
    broken = X.copy()
    broken[60, 2] = np.nan
    with pytest.warns(RuntimeWarning, match=r"chunk 2 \(rows 50 to 74\)"):
        sd.parallel.grad(logistic)(W, da.from_array(broken, chunks=25), da.from_array(Y, chunks=25))


def test_a_scheduler_that_goes_away_is_an_error_and_nothing_hangs():
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, memory_limit=0
    )
    with distributed.Client(cluster, timeout=3, set_as_default=True) as client:
        sd.parallel.grad(logistic)(W, *data())
        closing = while_running(client, cluster.close)
        started = time.perf_counter()
        with pytest.raises(CancelledError) as caught:
            sd.parallel.grad(logistic)(W, *data(slow=True))
        assert "the scheduler is gone" in caught.value.__notes__[0]
        assert time.perf_counter() - started < 30
        closing.join()


def test_a_call_that_is_cancelled_is_an_error_and_leaves_nothing_behind(client):
    gradient = sd.parallel.grad(logistic)(W, *data())

    def cancel():
        client.cancel([distributed.Future(key) for key in list(client.futures)], force=True)

    cancelling = while_running(client, cancel)
    with pytest.raises(CancelledError, match="of_chunk"):
        sd.parallel.grad(logistic)(W, *data(slow=True))
    cancelling.join()
    assert sd.parallel.grad(logistic)(W, *data()).tobytes() == gradient.tobytes()


def test_a_call_that_is_interrupted_leaves_nothing_behind(client):
    gradient = sd.parallel.grad(logistic)(W, *data())
    is_interrupted = False
    for _ in range(3):  # one that comes while an object is finalised is lost
        interrupting = while_running(client, _thread.interrupt_main)
        try:
            sd.parallel.grad(logistic)(W, *data(slow=True))
        except KeyboardInterrupt:
            is_interrupted = True
        interrupting.join()
        if is_interrupted:
            break
    assert is_interrupted
    for _ in range(100):
        left = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
        if not left:
            break
        time.sleep(0.1)
    assert left == 0
    assert sd.parallel.grad(logistic)(W, *data()).tobytes() == gradient.tobytes()


def test_a_chunk_without_rows_on_a_worker_counts_for_nothing(client):
    chunks = (0, 60, 0, 43)
    args = [da.from_array(X, chunks=(chunks, 4)), da.from_array(Y, chunks=(chunks,))]
    value, gradient = sd.parallel.value_and_grad(logistic)(W, *args)
    whole = sd.value_and_grad(logistic)(W, X, Y)
    assert value == pytest.approx(whole[0], rel=1e-13)
    np.testing.assert_allclose(gradient, whole[1], rtol=1e-12)
