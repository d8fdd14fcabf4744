"""Random steps of loops: derivatives beside those of the unrolled loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.derive.batch import with_leading_axis
from symdiff.derive.forward import jvp
from symdiff.graph.check import check
from tests.strategies import examples
from tests.test_scan import close, evaluated, unrolled

OPERATIONS: list[Callable[..., Any]] = [
    lambda a, b: np.tanh(a) * b,
    lambda a, b: a - 0.5 * b,
    lambda a, b: np.sin(a + b),
    lambda a, b: np.where(a > b, a, 0.3 * b),
    lambda a, b: np.maximum(a, b),
    lambda a, b: a[::-1] * 0.7,
    lambda a, b: np.outer(a, b) @ b * 0.2,
    lambda a, b: np.concatenate([a[1:], b[:1]]),
    lambda a, b: a * np.sum(b) * 0.2,
    lambda a, b: a / (1.0 + b * b),
    lambda a, b: np.cumsum(a) * 0.4,
    lambda a, b: a,
    lambda a, b: np.sort(a + np.arange(3.0)) - b,
]
places = st.integers(0, 9)
lines = st.lists(st.tuples(st.integers(0, len(OPERATIONS) - 1), places, places), max_size=4)
ARGS = (np.array([0.4, -0.7, 0.2]), np.array([0.3, 0.9, -0.5]), np.array([[0.1, -0.4, 0.8],
        [0.5, 0.35, -0.6], [-0.9, 0.2, 0.7], [0.25, -0.15, 0.45]]))  # fmt: skip


def function_of(steps: list[Any], ends: tuple[int, int, int], scan: Any) -> Callable[..., Any]:
    def function(w: Any, h: Any, xs: Any) -> Any:
        def step(state: Any, x: Any) -> Any:
            values = [*state, x, w, w * 0.5]
            for number, first, second in steps:
                a, b = values[first % len(values)], values[second % len(values)]
                values.append(OPERATIONS[number](a, b))
            new, other, result = (values[-1 - end % len(values)] for end in ends)
            return (new, other), result

        (a, b), ys = scan(step, (h, 0.1 * h), xs)
        return np.sum(a * w) + np.sum(np.sin(b)) + np.sum(ys**2)

    return function


@examples(8)
@given(lines, st.tuples(places, places, places), st.sampled_from([None, 1, 2, 3]))
def test_random_steps(steps: list[Any], ends: tuple[int, int, int], every: int | None) -> None:
    def scan(*given: Any) -> Any:
        return sd.scan(*given, checkpoint=every)

    rolled, plain = function_of(steps, ends, scan), function_of(steps, ends, unrolled)
    wrt = (0, 1, 2)
    close(sd.value_and_grad(rolled, wrt=wrt)(*ARGS), sd.value_and_grad(plain, wrt=wrt)(*ARGS))

    def twice(function: Any) -> Any:
        gradient = sd.grad(function, wrt=wrt)
        return sd.grad(
            lambda w, h, xs: sum(np.sum(np.cos(g) * 0.7) for g in gradient(w, h, xs)), wrt=wrt
        )

    close(twice(rolled)(*ARGS), twice(plain)(*ARGS))
    shapes = {"w": (3,), "h": (3,), "xs": (4, 3)}
    names = tuple(shapes)
    made, flat = (sd.function(f, shapes=shapes).grad(names) for f in (rolled, plain))
    check(made.optimized)
    tangents = [np.cos(3.0 * x) for x in ARGS]
    forward = [jvp(f.graph, names) for f in (made, flat)]
    check(forward[0])
    found, wanted = (evaluated(graph, [*ARGS, *tangents]) for graph in forward)
    close(found, wanted)
    stacks = [np.stack([x, 0.5 * x]) for x in (*ARGS, *tangents)]
    batched = with_leading_axis(forward[0], forward[0].inputs, 2)
    check(batched)
    rows = [evaluated(forward[1], [x[n] for x in stacks]) for n in range(2)]
    close(evaluated(batched, stacks), tuple(np.stack(parts) for parts in zip(*rows, strict=True)))
