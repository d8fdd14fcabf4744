"""Patterns hold every entry that is not zero, and colours let each be read off again."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.derive.colouring import columns, rows, star
from symdiff.derive.jacobian import blocks
from symdiff.derive.second import gradient_alone
from symdiff.derive.sparsity import Pattern, pattern
from tests.evaluate import array_outputs
from tests.strategies import array_graphs, array_points, examples


def of(function, shape):
    return sd.function(function, shapes={"x": shape}).graph


def filled(found):
    matrix = np.zeros(found.shape, bool)
    matrix[found.rows, found.cols] = True
    return matrix


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def brusselator(x):
    u, v = x.reshape(2, 8, 8)

    def laplacian(a):
        rolled = np.roll(a, 1, 0) + np.roll(a, -1, 0) + np.roll(a, 1, 1) + np.roll(a, -1, 1)
        return rolled - 4.0 * a

    first = 1.0 + u * u * v - 4.4 * u + 10.0 * laplacian(u)
    return np.stack([first, 3.4 * u - u * u * v + 10.0 * laplacian(v)]).reshape(-1)


SPARSE = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
CASES = {
    "elementwise": (lambda x: np.sin(x) * x, (5,), np.eye(5)),
    "slice": (lambda x: x[1:] - x[:-1], (4,), np.eye(3, 4) + np.eye(3, 4, 1)),
    "backwards": (lambda x: x[::-1] ** 2, (4,), np.eye(4)[::-1]),
    "roll": (lambda x: np.roll(x, 1), (4,), np.roll(np.eye(4), 1, 0)),
    "gather": (lambda x: x[np.array([2, 0, 2])], (3,), np.eye(3)[[2, 0, 2]]),
    "sum of rows": (lambda x: x.sum(axis=1), (2, 3), np.kron(np.eye(2), np.ones(3))),
    "transpose": (lambda x: x.T, (2, 2), np.eye(4)[[0, 2, 1, 3]]),
    "known matrix": (lambda x: SPARSE @ x, (3,), SPARSE != 0),
    "outer": (lambda x: np.outer(x, [1.0, 2.0]), (2,), np.kron(np.eye(2), np.ones((2, 1)))),
    "cumulative": (lambda x: np.cumsum(x), (3,), np.tril(np.ones((3, 3)))),
    "sorted": (lambda x: np.sort(x), (3,), np.ones((3, 3))),
    "joined": (lambda x: np.concatenate([x, x[:1]]), (2,), np.eye(2)[[0, 1, 0]]),
    "floor": (lambda x: np.floor(x) + 0.0 * x[0], (2,), np.zeros((2, 2))),
}


@pytest.mark.parametrize("name", CASES)
def test_patterns_are_exact(name):
    function, shape, wanted = CASES[name]
    found = pattern(of(function, shape), "x")
    assert np.array_equal(filled(found), np.asarray(wanted, bool))
    assert np.all(np.diff(found.cols) >= 0)


def _written(x, w):
    a = np.zeros((3, 4)) + w
    a[1:, ::2] = x[:2, :2]
    return a


def _added(x, w):
    a = x * w
    a[[0, 2, 0]] += x[:, ::-1]
    return a


# of x, 3 by 4, beside another input of that shape, of which nothing is known
WITH_ANOTHER = {
    "product from the left": lambda x, w: w.T @ x,
    "product from the right": lambda x, w: x @ w.T,
    "product with a vector": lambda x, w: x @ w[0],
    "outer product": lambda x, w: np.outer(x[0], w[1]),
    "shared axis that stays": lambda x, w: np.einsum("ij,ik->ijk", x, w),
    "summed alone": lambda x, w: np.einsum("ij,kj->ki", x, w),
    "all summed": lambda x, w: np.einsum("ij,ij->", x, w),
    "of itself": lambda x, w: x @ x.T + w[:, :3],
    "written into": _written,
    "added to": _added,
    "choice": lambda x, w: np.where(w > 0.0, x, x[:, ::-1]),
    "largest of rows": lambda x, w: (x * w).max(axis=1),
    "cumulative product": lambda x, w: np.cumprod(x + w, axis=1),
    "sum and scale": lambda x, w: np.sum(x, axis=0) * w,
    "broadcast": lambda x, w: x[:, None, 0] + w,
}


@pytest.mark.parametrize("name", WITH_ANOTHER)
def test_patterns_beside_another_input_are_those_of_differences(name):
    function, rng = WITH_ANOTHER[name], np.random.default_rng(0)
    graph = sd.function(function, shapes={"x": (3, 4), "w": (3, 4)}).graph
    found = filled(pattern(graph, "x"))
    wanted = np.zeros(found.shape, bool)
    for _ in range(30):  # at other points another branch is taken, another element is largest
        x, w = rng.normal(size=(2, 3, 4))
        for k, step in enumerate(1e-3 * np.eye(12).reshape(12, 3, 4)):
            wanted[:, k] |= (function(x + step, w) != function(x - step, w)).reshape(-1)
    assert np.array_equal(found, wanted)


def test_a_stencil_has_six_entries_a_row():
    found = pattern(of(brusselator, (128,)), "x")
    assert np.all(np.bincount(found.rows) == 6)


def test_the_hessian_of_a_chain_is_tridiagonal():
    graph = of(rosenbrock, (6,))
    found = pattern(gradient_alone(graph, ["x"]), "x")
    assert np.array_equal(filled(found), abs(np.subtract.outer(range(6), range(6))) <= 1)
    assert star(found).count == 3


def test_computed_places_couple_everything():
    found = pattern(of(lambda x: x[np.argsort(x)], (3,)), "x")
    assert filled(found).all()


def test_named_lengths_are_refused():
    graph = sd.function(lambda x: x * x, shapes={"x": ("N",)}).graph
    with pytest.raises(sd.UnsupportedError, match="give the lengths as numbers"):
        pattern(graph, "x")


masks = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda shape: st.lists(
        st.booleans(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
    ).map(lambda bits: np.array(bits).reshape(shape))
)


def as_pattern(mask):
    cols, rows_ = np.nonzero(mask.T)
    return Pattern(rows_, cols, mask.shape)


@given(masks)
@examples(150)
def test_entries_are_read_off_again(mask):
    matrix = np.where(mask, np.arange(1.0, mask.size + 1.0).reshape(mask.shape), 0.0)
    found = as_pattern(mask)
    values = matrix[found.rows, found.cols]
    for colour, product in ((columns, lambda s: s @ matrix.T), (rows, lambda s: s @ matrix)):
        made = colour(found)
        seeds = (made.colours == np.arange(made.count)[:, None]).astype(float)
        assert np.array_equal(product(seeds).reshape(-1)[made.slots], values)


@given(masks)
@examples(150)
def test_entries_of_symmetric_matrices_are_read_off_again(mask):
    size = min(mask.shape)
    mask = mask[:size, :size] | mask[:size, :size].T
    numbers = np.arange(1.0, size * size + 1.0).reshape(size, size)
    matrix = np.where(mask, numbers + numbers.T, 0.0)
    found = as_pattern(mask)
    made = star(found)
    assert made.count <= columns(found).count
    seeds = (made.colours == np.arange(made.count)[:, None]).astype(float)
    assert np.array_equal((seeds @ matrix).reshape(-1)[made.slots], matrix[found.rows, found.cols])


def test_counts_of_colours():
    arrow = np.eye(6, dtype=bool)
    arrow[0] = arrow[:, 0] = True
    assert star(as_pattern(arrow)).count == 2
    assert columns(as_pattern(arrow)).count == 6
    assert (star(as_pattern(arrow[:3, :3])).count, columns(as_pattern(arrow[:3, :3])).count) == (
        2,
        3,
    )
    beside = np.eye(6, dtype=bool) | np.eye(6, k=1, dtype=bool) | np.eye(6, k=-1, dtype=bool)
    assert star(as_pattern(beside)).count == columns(as_pattern(beside)).count == 3
    assert columns(as_pattern(np.eye(4, dtype=bool))).count == 1
    assert columns(as_pattern(np.ones((3, 3), bool))).count == 3
    assert columns(as_pattern(np.zeros((3, 3), bool))).count <= 1


@given(st.data())
@examples(60)
def test_random_arrays_both_ways_and_in_the_pattern(data):
    """The last line of a random graph as its output: dense blocks agree, and the pattern holds."""
    whole = data.draw(array_graphs())
    graph = replace(whole, outputs=(whole[whole.outputs[0]].args[0],))
    graph = graph.keep(graph.ancestors(graph.outputs))
    point = data.draw(array_points(graph))
    graph = replace(graph, primal=1)
    for name, at in zip(graph.input_names, graph.inputs, strict=True):
        forward, reverse = (
            array_outputs(blocks(graph, [name], mode), point)[0] for mode in ("forward", "reverse")
        )
        known = np.isfinite(forward) & np.isfinite(reverse)
        assume(np.max(abs(forward[known]), initial=0.0) < 1e6)
        assert np.allclose(forward[known], reverse[known], rtol=1e-6, atol=1e-6)
        found = pattern(graph, name)
        width = int(np.prod(graph[at].shape, dtype=int))
        matrix = forward.reshape(-1, width)
        assert found.shape == matrix.shape
        assert np.all(filled(found) | (matrix == 0.0) | ~np.isfinite(matrix))
