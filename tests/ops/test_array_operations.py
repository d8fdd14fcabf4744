"""Every operation on arrays through the module that is emitted for it alone.

Values are compared with NumPy, derivatives with differences and complex steps of NumPy's function.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from symdiff.derive.reverse import gradient
from symdiff.emit.dialect import ARRAYS
from symdiff.emit.spell.base import Operand
from symdiff.emit.spell.indices import index_text
from symdiff.emit.spell.numpy import ARRAY_SPELLINGS
from symdiff.errors import ShapeError, UnsupportedError
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, FLOAT, INPUT, INT
from symdiff.graph.shape import named
from symdiff.graph.shape import text as shape_text
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import lifted
from symdiff.ops.operation import Flat, Linear, Multilinear
from symdiff.ops.reduction import total
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from tests.compiled import load
from tests.ops.array_rows import (
    ARRAY_BY_NAME,
    ARRAY_ROWS,
    ArrayRow,
    Edge,
    Variant,
    key,
    normal,
)

EPSILON = 2.0**-52
KINDS = {FLOAT: np.float64, INT: np.int64, BOOL: np.bool_}
MOST_ENTRIES = 6  # of a second derivative: a few, as each takes many gradients

Case = tuple[ArrayRow, Variant]


def cases(exception: str = "", chosen: Callable[[ArrayRow], bool] = lambda row: True) -> Any:
    """Parametrize over the variants of rows that do not name the check as an exception."""
    found = [
        pytest.param(row, variant, id=f"{row.name}-{number}")
        for row in ARRAY_ROWS
        if not {"alone", exception} & set(row.exceptions) and chosen(row)
        for number, variant in enumerate(row.variants)
    ]
    return pytest.mark.parametrize(("row", "variant"), found)


def is_a(*kinds: type) -> Callable[[ArrayRow], bool]:
    """Whether an operation's derivative is of one of these kinds."""
    return lambda row: isinstance(OPERATIONS[row.name].derivative, kinds)


EDGES = [(row, edge) for row in ARRAY_ROWS for edge in row.edges]
every_edge = pytest.mark.parametrize(
    ("row", "edge"), EDGES, ids=[f"{row.name}-{row.edges.index(edge)}" for row, edge in EDGES]
)


# --- the operation as a function ---------------------------------------------------------------


def kinds_of(variant: Variant) -> list[str]:
    """The kind of each argument."""
    missing = len(variant.shapes) - len(variant.kinds)
    return [*variant.kinds, *[FLOAT] * missing]


def wrt_of(variant: Variant) -> tuple[str, ...]:
    """The arguments that are floats, and by which the derivative is not refused."""
    return tuple(
        f"x{i}"
        for i, kind in enumerate(kinds_of(variant))
        if kind == FLOAT and i not in variant.refused
    )


def applied(row: ArrayRow, args: Sequence[Handle], params: tuple[Any, ...], b: Builder) -> Handle:
    """The operation on lines; behind a decomposition where it is a part of one."""
    given = [*args]
    if row.whole:
        given.append(OPERATIONS[row.whole](*args))
    return b.handle(b.make(row.name, tuple(x.at for x in given), params))


def graph_of(row: ArrayRow, variant: Variant, *, weighted: bool = False) -> Graph:
    """The operation alone, or the sum of its result times an input `w`."""
    b = Builder(EXACT)
    args = [
        b.handle(b.input(f"x{i}", shape, kind))
        for i, (shape, kind) in enumerate(zip(variant.shapes, kinds_of(variant), strict=True))
    ]
    result = applied(row, args, variant.params, b)
    inputs = [x.at for x in args]
    if weighted:
        w = b.handle(b.input("w", result.shape))
        inputs.append(w.at)
        result = total(w * result)
    graph = b.graph(inputs, [result.at], ["f"], primal=1)
    check(graph)
    return graph


@cache
def value_module(row: ArrayRow, variant: Variant) -> ModuleType:
    """The emitted module of the operation alone."""
    return load(graph_of(row, variant))


@cache
def gradient_module(row: ArrayRow, variant: Variant) -> ModuleType:
    """The emitted module of the weighted sum and its gradient."""
    return load(graph_of(row, variant, weighted=True), wrt_of(variant))


@cache
def second_module(row: ArrayRow, variant: Variant) -> tuple[ModuleType, ModuleType]:
    """The weighted sum of the gradient's entries, and that with its gradient by all arguments."""
    graph = graph_of(row, variant, weighted=True)
    wrt = wrt_of(variant)
    first = gradient(graph, wrt)
    b = Builder(EXACT, first)
    terms, inputs = [], list(first.inputs)
    for i, position in enumerate(first.outputs[1:]):
        entry = b.handle(position)
        v = b.handle(b.input(f"v{i}", entry.shape))
        inputs.append(v.at)
        terms.append(total(v * entry))
    result = sum(terms[1:], start=terms[0])
    made = b.graph(inputs, [result.at], ["f"], primal=1)
    made = made.keep(made.ancestors(made.outputs))
    by = (*wrt, "w") if is_a(Linear)(row) else wrt
    return load(made), load(made, by)


def rng_of(row: ArrayRow, variant: Variant) -> np.random.Generator:
    """The same numbers in every run."""
    return np.random.default_rng(zlib.crc32(f"{row.name} {variant}".encode()))


def drawn(row: ArrayRow, variant: Variant) -> list[np.ndarray]:
    """Arguments as the row says."""
    rng = rng_of(row, variant)
    draw = row.draw or (normal,)
    found = []
    for i, (shape, kind) in enumerate(zip(variant.shapes, kinds_of(variant), strict=True)):
        of_argument = draw[min(i, len(draw) - 1)]
        found.append(np.asarray(of_argument(rng, shape), KINDS[kind]))
    return found


def gradients(module: ModuleType, args: Sequence[Any]) -> tuple[Any, ...]:
    """The gradient as a tuple, of one entry for a single wrt too."""
    found = module.grad(*args)
    return found if len(module.WRT) > 1 else (found,)


def assert_equal(got: Any, wanted: Any, ulps: float) -> None:
    """Of the same shape, and as near as so many units of the largest element."""
    assert np.shape(got) == np.shape(wanted)
    wanted = np.asarray(wanted)
    if wanted.dtype.kind != "f":
        assert np.array_equal(got, wanted)
        return
    size = np.max(np.abs(wanted[np.isfinite(wanted)]), initial=0.0)
    np.testing.assert_allclose(got, wanted, rtol=0.0, atol=ulps * EPSILON * size)


# --- the table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ARRAY_ROWS, ids=lambda row: row.name)
def test_record_is_whole(row: ArrayRow) -> None:
    record = OPERATIONS[row.name]
    assert record.doc.endswith(".")
    assert ARRAY_SPELLINGS.find(row.name) is not None or record.expand is not None
    takes_arrays = bool(record.arity)
    assert record.batch or record.is_elementwise or not takes_arrays or "batch" in row.exceptions
    assert len(row.variants) >= 2 or "alone" in row.exceptions
    for variant in row.variants:
        assert len(variant.params) == len(record.params)
        assert record.arity in (-1, len(variant.shapes) + bool(row.whole))


@pytest.mark.parametrize("row", [row for row in ARRAY_ROWS if row.whole], ids=lambda row: row.name)
def test_part_names_a_decomposition(row: ArrayRow) -> None:
    assert "alone" in ARRAY_BY_NAME[row.whole].exceptions


# --- values ------------------------------------------------------------------------------------


@cases()
def test_value_is_numpys(row: ArrayRow, variant: Variant) -> None:
    args = drawn(row, variant)
    got, wanted = value_module(row, variant).value(*args), row.oracle(*args, *variant.params)
    assert_equal(got, wanted, row.ulps)
    assert np.asarray(got).dtype == np.asarray(wanted).dtype


@cases()
def test_shape_and_kind_are_as_the_record_says(row: ArrayRow, variant: Variant) -> None:
    graph = graph_of(row, variant)
    line = graph[graph.outputs[0]]
    wanted = np.asarray(row.oracle(*drawn(row, variant), *variant.params))
    assert line.shape == wanted.shape
    assert KINDS[line.dtype]().dtype.kind == wanted.dtype.kind


@pytest.mark.spread(2)
@cases()
def test_arguments_stay_and_results_are_new(row: ArrayRow, variant: Variant) -> None:
    args = drawn(row, variant)
    before = [x.copy() for x in args]
    results = [value_module(row, variant).value(*args)]
    if wrt_of(variant) and args:
        w = np.ones(np.shape(results[0]))
        results += gradients(gradient_module(row, variant), [*args, w])
        args, before = [*args, w], [*before, w.copy()]
    for x, old in zip(args, before, strict=True):
        assert np.array_equal(x, old)
        assert not any(np.shares_memory(x, result) for result in results)
    for one, other in itertools.combinations(results, 2):
        assert not np.shares_memory(one, other)
    again = value_module(row, variant).value(*args[: len(variant.shapes)])
    assert not np.shares_memory(again, results[0])
    assert all(x.flags.writeable for x in results if isinstance(x, np.ndarray))


@pytest.mark.spread(2)
@cases("float32")
def test_float32_stays_float32(row: ArrayRow, variant: Variant) -> None:
    """The value's type is NumPy's for these arguments, an entry of the gradient's its input's."""
    args = [x.astype(np.float32) if x.dtype == float else x for x in drawn(row, variant)]
    got = np.asarray(value_module(row, variant).value(*args))
    assert got.dtype == np.asarray(row.oracle(*args, *variant.params)).dtype
    if wrt_of(variant):
        w = np.ones(got.shape, np.float32)
        for entry in gradients(gradient_module(row, variant), [*args, w]):
            assert entry.dtype == np.float32


@every_edge
def test_edge(row: ArrayRow, edge: Edge) -> None:
    args = [np.asarray(x) for x in edge.args]
    kinds = tuple({"f": FLOAT, "i": INT, "b": BOOL}[x.dtype.kind] for x in args)
    variant = Variant(tuple(x.shape for x in args), edge.params, kinds)
    with np.errstate(all="ignore"):
        wanted = np.asarray(row.oracle(*args, *edge.params))
    assert_equal(value_module(row, variant).value(*args), wanted, row.ulps)
    if edge.gradient is not None:
        weights = np.broadcast_to(np.asarray(edge.weights, float), wanted.shape)
        found = gradients(gradient_module(row, variant), [*args, weights])
        for got, right in zip(found, edge.gradient, strict=True):
            np.testing.assert_allclose(got, right, rtol=1e-13, atol=1e-14)


# --- derivatives -------------------------------------------------------------------------------


def ridders(function: Callable[[float], float], h: float) -> tuple[float, float]:
    """A central difference at 0 extrapolated to step 0, and its error (Ridders 1982)."""
    before: list[float] = []
    best, error = math.nan, math.inf
    for _ in range(8):
        line = [(function(h) - function(-h)) / (2 * h)]
        for order, coarse in enumerate(before):
            factor = 2.0 ** (2 * (order + 1))
            line.append((factor * line[-1] - coarse) / (factor - 1.0))
            spread = max(abs(line[-1] - line[-2]), abs(line[-1] - coarse))
            if spread <= error:
                best, error = line[-1], spread
        before, h = line, h / 2
    return best, error


def moved(args: Sequence[np.ndarray], which: int, entry: tuple[int, ...], by: Any) -> list[Any]:
    """The arguments with one entry changed."""
    found = list(args)
    found[which] = np.array(args[which], np.result_type(args[which], by))
    found[which][entry] += by
    return found


def entries(args: Sequence[np.ndarray]) -> list[tuple[int, tuple[int, ...]]]:
    """Every entry of every argument of floats."""
    return [
        (which, entry)
        for which, x in enumerate(args)
        if x.dtype.kind == "f"
        for entry in np.ndindex(x.shape)
    ]


def weights_of(row: ArrayRow, variant: Variant, args: Sequence[Any]) -> np.ndarray:
    """Weights for the sum of the result."""
    shape = np.shape(row.oracle(*args, *variant.params))
    return np.random.default_rng(7).normal(size=shape)


@pytest.mark.spread(2)
@cases("differences", lambda row: not is_a(Flat)(row))
def test_gradient_is_that_of_differences(row: ArrayRow, variant: Variant) -> None:
    args = drawn(row, variant)
    w = weights_of(row, variant, args)
    found = dict(zip(wrt_of(variant), gradients(gradient_module(row, variant), [*args, w]),
                     strict=True))  # fmt: skip
    for which, entry in entries(args):
        if which in variant.refused:
            continue

        def along(h: float, which: int = which, entry: tuple[int, ...] = entry) -> float:
            return float(np.sum(w * row.oracle(*moved(args, which, entry, h), *variant.params)))

        wanted, error = ridders(along, 0.01)
        got = np.asarray(found[f"x{which}"])[entry]
        rounding = row.ulps * EPSILON * np.sum(np.abs(w)) / (0.01 / 2**7)
        assert abs(got - wanted) <= 4 * error + rounding, (which, entry, got, wanted)


@pytest.mark.spread(2)
@cases("complex step", lambda row: OPERATIONS[row.name].analytic and not is_a(Flat)(row))
def test_gradient_is_that_of_complex_steps(row: ArrayRow, variant: Variant) -> None:
    if row.name in ("as_float64", "as_float32"):
        pytest.skip("a conversion drops the imaginary part")
    args, h = drawn(row, variant), 1e-30
    w = weights_of(row, variant, args)
    found = dict(zip(wrt_of(variant), gradients(gradient_module(row, variant), [*args, w]),
                     strict=True))  # fmt: skip
    for which, entry in entries(args):
        given = moved(args, which, entry, 1j * h)
        wanted = np.sum(w * row.oracle(*given, *variant.params)).imag / h
        got = np.asarray(found[f"x{which}"])[entry]
        size = np.max(np.abs(found[f"x{which}"])) + np.max(np.abs(w), initial=0.0)
        assert abs(got - wanted) <= 16 * row.ulps * EPSILON * size, (which, entry, got, wanted)


@pytest.mark.spread(2)
@cases("second", lambda row: not is_a(Flat)(row))
def test_second_order_is_that_of_differences(row: ArrayRow, variant: Variant) -> None:
    args, rng = drawn(row, variant), np.random.default_rng(5)
    w = weights_of(row, variant, args)
    value, both = second_module(row, variant)
    probes = [np.array(rng.normal(size=x.shape)) for x in args if x.dtype.kind == "f"]
    every = [*args, w, *probes]
    found = dict(zip(both.WRT, gradients(both, every), strict=True))
    chosen = entries(args)
    rng.shuffle(chosen)
    for which, entry in chosen[:MOST_ENTRIES]:

        def along(h: float, which: int = which, entry: tuple[int, ...] = entry) -> float:
            given = moved(every, which, entry, h)
            return float(value.value(*given))

        wanted, error = ridders(along, 0.01)
        got = np.asarray(found[f"x{which}"])[entry]
        size = row.ulps * EPSILON * (1.0 + abs(along(0.0)) + np.sum(np.abs(w))) / (0.01 / 2**7)
        assert abs(got - wanted) <= 4 * error + 4 * size, (which, entry, got, wanted)


@cases(chosen=is_a(Linear))
def test_transpose_of_a_linear_operation(row: ArrayRow, variant: Variant) -> None:
    """The inner product of w with f(x) is that of the transpose of w with x."""
    args = drawn(row, variant)
    result = value_module(row, variant).value(*args)
    w = np.random.default_rng(3).normal(size=np.shape(result))
    found = gradients(gradient_module(row, variant), [*args, w])
    floats = [x for x in args if x.dtype.kind == "f"]
    terms = np.array([np.sum(g * x) for g, x in zip(found, floats, strict=True)])
    exactness = EPSILON if row.name != "as_float32" else 2.0**-23
    assert abs(np.sum(w * result) - np.sum(terms)) <= 64 * exactness * np.sum(np.abs(w))


@cases(chosen=is_a(Multilinear))
def test_transpose_in_each_argument(row: ArrayRow, variant: Variant) -> None:
    args = drawn(row, variant)
    result = value_module(row, variant).value(*args)
    w = np.random.default_rng(3).normal(size=np.shape(result))
    for entry, x in zip(gradients(gradient_module(row, variant), [*args, w]), args, strict=True):
        assert np.sum(entry * x) == pytest.approx(np.sum(w * result), rel=1e-12, abs=1e-12)


@cases(chosen=lambda row: is_a(Flat)(row) and bool(OPERATIONS[row.name].arity))
def test_flat_is_exactly_zero(row: ArrayRow, variant: Variant) -> None:
    if not wrt_of(variant):
        pytest.skip("no argument is a float")
    args = drawn(row, variant)
    w = weights_of(row, variant, args)
    for entry, x in zip(gradients(gradient_module(row, variant), [*args, w]), args, strict=False):
        assert np.array_equal(entry, np.zeros(x.shape))


# --- batches -----------------------------------------------------------------------------------

LENGTH = 3


def batched_line(
    b: Builder, name: str, args: list[Handle], batched: list[bool], params: tuple[Any, ...]
) -> Handle:
    """The record's batch rule."""
    record = OPERATIONS[name]
    if record.batch is None:
        return record(*lifted(args, batched, LENGTH), params=params)
    return record.batch(args, batched, params, LENGTH)


@pytest.mark.spread(2)
@cases("batch", lambda row: bool(OPERATIONS[row.name].arity))
def test_batch_rule_is_a_loop(row: ArrayRow, variant: Variant) -> None:
    count = len(variant.shapes)
    for batched in itertools.product([False, True], repeat=count):
        if not any(batched):
            continue
        if any(batched[i] for i in row.fixed):
            with pytest.raises(UnsupportedError):
                _batched_graph(row, variant, list(batched))
            continue
        graph = _batched_graph(row, variant, list(batched))
        rows = [_nudged(row, variant, seed) for seed in range(LENGTH)]
        args = [
            np.stack([given[i] for given in rows]) if has else rows[0][i]
            for i, has in enumerate(batched)
        ]
        got = load(graph).value(*args)
        for number in range(LENGTH):
            one = [x[number] if has else x for x, has in zip(args, batched, strict=True)]
            assert_equal(got[number], row.oracle(*one, *variant.params), row.ulps)


def _nudged(row: ArrayRow, variant: Variant, seed: int) -> list[np.ndarray]:
    """Arguments, another set for each seed."""
    rng = np.random.default_rng(seed)
    found = []
    for i, (x, kind) in enumerate(zip(drawn(row, variant), kinds_of(variant), strict=True)):
        if kind == FLOAT:
            found.append(x * rng.uniform(0.8, 1.2))
        else:
            draw = row.draw[min(i, len(row.draw) - 1)]
            found.append(np.asarray(draw(rng, x.shape), x.dtype))
    return found


def _batched_graph(row: ArrayRow, variant: Variant, batched: list[bool]) -> Graph:
    b = Builder(EXACT)
    args = []
    for i, (shape, kind) in enumerate(zip(variant.shapes, kinds_of(variant), strict=True)):
        args.append(b.handle(b.input(f"x{i}", (LENGTH, *shape) if batched[i] else shape, kind)))
    given, has = list(args), list(batched)
    if row.whole:
        given.append(batched_line(b, row.whole, args, batched, ()))
        has.append(True)
    result = batched_line(b, row.name, given, has, variant.params)
    unbatched = np.shape(row.oracle(*drawn(row, variant), *variant.params))
    assert result.shape == (LENGTH, *unbatched)
    graph = b.graph([x.at for x in args], [result.at], ["f"], primal=1)
    check(graph)
    return graph


# --- printed forms -----------------------------------------------------------------------------


def written(op: str, operands: Sequence[Operand], params: tuple[Any, ...]) -> str:
    """What the record writes for these arguments."""
    spelling = ARRAYS.spell(op)
    if spelling.write is not None:
        return spelling.write(operands, *params).text
    if spelling.form == "itself":
        return operands[0].text
    assert spelling.form == "call"
    return f"{spelling.text}({', '.join(operand.text for operand in operands)})"


def evaluated(text: str, **values: Any) -> Any:
    """The text as Python."""
    return eval(text, {"np": np} | values)  # noqa: S307  our own printer's text


def structures() -> list[str]:
    """Letters of contractions: each letter is free in one argument, shared, or summed."""
    found = []
    for left, right, both, summed in itertools.product(range(3), range(3), range(2), range(3)):
        letters = iter("abcdefgh")
        parts = ["".join(next(letters) for _ in range(n)) for n in (left, right, both, summed)]
        first, second = parts[0] + parts[2] + parts[3], parts[1] + parts[2] + parts[3]
        result = parts[0] + parts[1] + parts[2]
        if len(first) > 3 or len(second) > 3 or not first or not second or len(result) > 3:
            continue
        for a, b, r in itertools.product(
            *[itertools.permutations(part) for part in (first, second, result)]
        ):
            found.append(f"{''.join(a)},{''.join(b)}->{''.join(r)}")
    return found


def test_every_contraction_is_written_rightly() -> None:
    lengths = dict(zip("abcdefgh", range(2, 10), strict=True))
    rng = np.random.default_rng(0)
    for letters in structures():
        first, second, _ = letters.replace("->", ",").split(",")
        x, y = (rng.normal(size=[lengths[s] for s in names]) for names in (first, second))
        operands = [Operand("x", 20, x.shape), Operand("y", 20, y.shape)]
        text = written("contract", operands, (letters,))
        got, wanted = evaluated(text, x=x, y=y), np.einsum(letters, x, y)
        assert np.shape(got) == wanted.shape, (letters, text)
        assert np.allclose(got, wanted), (letters, text)


@pytest.mark.parametrize("ndim", [1, 2, 3, 4])
def test_every_order_of_axes_is_written_rightly(ndim: int) -> None:
    x = np.arange(math.factorial(ndim + 1)).reshape(range(2, ndim + 2))
    for axes in itertools.permutations(range(ndim)):
        text = written("transpose", [Operand("x", 20, x.shape)], (axes,))
        assert np.array_equal(evaluated(text, x=x), np.transpose(x, axes)), text


N = named("N")


def slices(length: int) -> list[tuple[int, int, int]]:
    """All start, count and step that stay inside of an axis."""
    return [
        (start, count, step)
        for start in range(length)
        for count in range(1, length + 1)
        for step in range(-length, length + 1)
        if step and 0 <= start + (count - 1) * step < length and (count > 1 or abs(step) == 1)
    ]


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6])
def test_every_slice_is_written_rightly(length: int) -> None:
    x = np.arange(length)
    for start, count, step in [*slices(length), (0, 0, 1), (length, 0, 1), (length - 1, 0, -1)]:
        text = index_text((("slice", start, count, step),), (length,), [])
        wanted = [start + i * step for i in range(count)]
        assert evaluated(f"x[{text}]", x=x).tolist() == wanted, (start, count, step, text)


def test_every_slice_of_a_named_length_is_written_rightly() -> None:
    """Starts and counts measured from either end, at several lengths."""
    for a, b, c, d, step in itertools.product(
        [0, 1], [0, 1, 2, 3], [0, 1], [-3, -2, -1, 0, 1, 2, 3], [1, 2, -1, -2]
    ):
        start, count = a * N + (b if not a else b - 4), c * N + d
        fitting = [n for n in range(9) if _fits(start, count, step, n)]
        if len(fitting) < 3:
            continue
        text = index_text((("slice", start, count, step),), (N,), [])
        for n in fitting:
            first, number = _at(start, n), _at(count, n)
            wanted = [first + i * step for i in range(number)]
            got = evaluated(f"x[{text}]", x=np.arange(n), N=n).tolist()
            assert got == wanted, (start, count, step, n, text)


def _at(length: Any, n: int) -> int:
    return length if isinstance(length, int) else evaluated(str(length), N=n)


def _fits(start: Any, count: Any, step: int, n: int) -> bool:
    first, number = _at(start, n), _at(count, n)
    last = first + (number - 1) * step
    if number == 0 or number < 0:
        return False
    return 0 <= first < n and 0 <= last < n


@pytest.mark.parametrize(
    ("shape", "new"),
    [((N, 3), (3 * N,)), ((3 * N,), (N, 3)), ((N,), (N, 1)), ((N,), (1, N)), ((N, 2), (2, N)),
     ((2 * N,), (N, 2, 1)), ((N, 1), (N,))],
)  # fmt: skip
def test_reshape_of_named_lengths(shape: tuple[Any, ...], new: tuple[Any, ...]) -> None:
    text = written("reshape", [Operand("x", 20, shape)], (new,))
    for n in (1, 2, 5):
        x = np.arange(math.prod(_at(length, n) for length in shape))
        x = x.reshape([_at(length, n) for length in shape])
        wanted = x.reshape([_at(length, n) for length in new])
        assert np.array_equal(evaluated(text, x=x, N=n), wanted), text
        assert evaluated(text, x=x, N=n).shape == wanted.shape


@pytest.mark.parametrize("text", ["x + y", "-x", "x*y", "x @ y", "x[0]", "x"])
def test_operands_keep_their_brackets(text: str) -> None:
    """What is written after or beside an argument binds as the graph has it."""
    precedence = {"x + y": 11, "-x": 13, "x*y": 12, "x @ y": 12}.get(text, 20)
    rng = np.random.default_rng(2)
    x, y, z = rng.normal(size=(3, 3, 3))
    inner = evaluated(text, x=x, y=y)
    shape = np.shape(inner)
    own = Operand(text, precedence, shape)
    other = Operand("z", 20, z.shape)
    checks: list[tuple[str, Any]] = [
        (written("sum", [own], (tuple(range(len(shape))), False)), np.sum(inner)),
        (written("transpose", [own], (tuple(reversed(range(len(shape)))),)), inner.T),
        (written("reshape", [own], ((inner.size,),)), inner.reshape(-1)),
        (written("cumsum", [own], (0,)), np.cumsum(inner, 0)),
        (written("as_float32", [own], ()), inner.astype(np.float32)),
    ]
    if len(shape) == 2:
        for letters in ("ij,jk->ik", "ij,kj->ik", "ji,jk->ik", "ji,kj->ki"):
            checks.append((written("contract", [own, other], (letters,)),
                           np.einsum(letters, inner, z)))  # fmt: skip
            checks.append((written("contract", [other, own], (letters,)),
                           np.einsum(letters, z, inner)))  # fmt: skip
    for made, wanted in checks:
        assert np.allclose(evaluated(made, x=x, y=y, z=z), wanted), made


@cases(chosen=lambda row: OPERATIONS[row.name].expand is None)  # others are printed in simpler ones
def test_text_is_what_numpy_computes(row: ArrayRow, variant: Variant) -> None:
    """Each printed form, with names for the arguments."""
    args = drawn(row, variant)
    if row.whole:
        whole = written(row.whole, [Operand("x", 20, variant.shapes[0])], ())
        helpers: dict[str, Any] = {"np": np}
        exec(ARRAYS.spell(row.whole).source, helpers)
        args.append(evaluated(whole, x=args[0], **helpers))
    names = {f"x{i}": value for i, value in enumerate(args)}
    shapes = [*variant.shapes, ()]
    operands = [Operand(name, 20, shape) for name, shape in zip(names, shapes, strict=False)]
    helpers = {"np": np}
    exec(ARRAYS.spell(row.name).source, helpers)
    made = evaluated(written(row.name, operands, variant.params), **names, **helpers)
    wanted = row.oracle(*args[: len(variant.shapes)], *variant.params)
    assert np.allclose(made, wanted, equal_nan=True)


def test_length_names_a_dimension() -> None:
    b = Builder(EXACT)
    x = b.input("x", (N, 2))
    result = b.make("length", (), (2 * N + 1,))
    graph = b.graph([x], [result], ["f"], primal=1)
    module = load(graph)
    assert module.value(np.zeros((5, 2))) == 11


def test_arange_of_a_named_length() -> None:
    b = Builder(EXACT)
    x = b.handle(b.input("x", (N,)))
    result = x * b.handle(b.make("arange", (), (N,)))
    module = load(b.graph([x.at], [result.at], ["f"], 1))
    assert np.array_equal(module.value(np.full(4, 2.0)), [0.0, 2.0, 4.0, 6.0])


# --- what is refused ---------------------------------------------------------------------------

REFUSED = [
    ("reshape", ((2, 3),), ((4,),)),
    ("broadcast", ((3,),), ((4,),)),
    ("broadcast", ((3, 4),), ((4,),)),
    ("concatenate", ((2, 3), (2, 4)), (0,)),
    ("put", ((4,), (3,)), ((("slice", 0, 2, 1),),)),
    ("contract", ((2, 3), (4, 2)), ("ij,jk->ik",)),
    ("max", ((0,),), ((0,), False)),
    ("min", ((2, 0),), ((1,), True)),
    ("inv", ((2, 3),), ()),
    ("det", ((3,),), ()),
    ("solve", ((2, 2), (3, 1)), ()),
]


@pytest.mark.parametrize(("op", "shapes", "params"), REFUSED)
def test_shape_rule_refuses(op: str, shapes: Any, params: Any) -> None:
    b = Builder(EXACT)
    args = tuple(b.input(f"x{i}", shape) for i, shape in enumerate(shapes))
    with pytest.raises(ShapeError):
        b.make(op, args, params)


def test_the_helpers_of_this_file() -> None:
    """NumPy's own index agrees with the pattern's."""
    x = np.arange(12).reshape(3, 4)
    assert np.array_equal(x[key((("slice", 2, 2, -2), ("int", 1)), ())], x[2::-2, 1])
    assert shape_text((3,)) == "(3,)"
    assert {INPUT, CONSTANT}.isdisjoint(OPERATIONS)
