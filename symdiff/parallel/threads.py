"""Tasks for Dask's threads: without copies to send, several chunks go in one, one after the other.

A task costs its scheduler about a tenth of a millisecond, in which the threads wait for it or for
the interpreter's lock, and Dask's fusion of a call with the data as much again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any


def is_on_threads(arrays: Sequence[Any]) -> bool:
    """Whether Dask would compute some arrays by threads of this process."""
    from dask import threaded
    from dask.base import get_scheduler

    return bool(get_scheduler(collections=arrays) is threaded.get)


def workers() -> int:
    """How many threads Dask has, as far as its settings say."""
    from dask import config
    from dask.system import CPU_COUNT

    return int(config.get("num_workers", None) or CPU_COUNT)


def chunk_tasks(
    arrays: Sequence[Any], function: Callable[..., Any]
) -> tuple[dict[Any, Any], list[Any], list[bool]]:
    """A task a chunk, in which stand those that read its blocks.

    Args:
        arrays: of Dask, with the same chunks of rows and one chunk in every other axis.
        function: of the number of a chunk in a tuple, and its blocks.

    Returns:
        The other tasks by key: those that more than one task needs. The task of each chunk; and
        whether it waits for none, so that of several in one task a block at a time is in memory.
    """
    from dask.core import flatten, get_dependencies
    from dask.highlevelgraph import HighLevelGraph

    keys_of = [list(flatten(array.__dask_keys__())) for array in arrays]
    # all at once: `dask.optimize` takes each for itself, and what two share would be read twice
    merged = HighLevelGraph.merge(*[array.__dask_graph__() for array in arrays])
    graph = dict(arrays[0].__dask_optimize__(merged, [key for keys in keys_of for key in keys]))
    chunks = list(zip(*keys_of, strict=True))
    needed = {key: get_dependencies(graph, key) for key in graph}
    uses = Counter(key for keys in (*needed.values(), *chunks) for key in keys)
    held = {key for key, task in graph.items() if _is_data(task)}
    tasks, alone = [], []
    for number, keys in enumerate(chunks):
        taken = {key for key in keys if uses[key] == 1}
        blocks = [graph.pop(key) if key in taken else key for key in keys]
        waits = {key for key in keys if key not in taken}.union(*[needed[key] for key in taken])
        tasks.append((function, (number,), *blocks))
        alone.append(waits <= held)
    return graph, tasks, alone


def _is_data(task: Any) -> bool:
    """Whether what stands in a graph is a value and no task, in older Dask and in newer."""
    from dask.core import istask

    return hasattr(task, "value") if hasattr(task, "dependencies") else not istask(task)
