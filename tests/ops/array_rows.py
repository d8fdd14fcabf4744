"""One row for each operation on arrays: in which shapes it is tried, and NumPy's own function."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import linalg, special

from symdiff.graph.node import BOOL, FLOAT, INT

inf, nan = math.inf, math.nan

Shape = tuple[int, ...]
Drawer = Callable[[np.random.Generator, Shape], np.ndarray]


@dataclass(frozen=True)
class Variant:
    """Shapes of the arguments, and the operation's parameters, one way."""

    shapes: tuple[Shape, ...]
    params: tuple[Any, ...] = ()
    kinds: tuple[str, ...] = ()  # of the arguments; floats where there are fewer
    refused: tuple[int, ...] = ()  # the arguments by which the derivative is refused


@dataclass(frozen=True, eq=False)
class Edge:
    """Arguments at which something is special.

    Attributes:
        args: the arguments.
        params: the operation's parameters.
        gradient: of the weighted sum of the result, an entry for each argument of floats; `None`
            where nothing is stated.
        weights: of the results; all 1 if not given.
    """

    args: tuple[Any, ...]
    params: tuple[Any, ...] = ()
    gradient: tuple[Any, ...] | None = None
    weights: Any = 1.0


@dataclass(frozen=True, eq=False)
class ArrayRow:
    """How one operation is tried.

    Attributes:
        name: the operation's name in the registry.
        oracle: `(*arguments, *params)` to what NumPy says.
        variants: shapes and parameters.
        draw: how each argument is drawn; the last one counts for all that follow.
        whole: the decomposition that the operation is a part of; it stands as a second argument.
        edges: special arguments.
        fixed: arguments that may not be batched.
        ulps: how exact the result is, in units in the last place of its largest element.
        exceptions: a check that cannot apply, and why.
    """

    name: str
    oracle: Callable[..., Any]
    variants: tuple[Variant, ...]
    draw: tuple[Drawer, ...] = ()
    whole: str = ""
    edges: tuple[Edge, ...] = ()
    fixed: tuple[int, ...] = ()
    ulps: float = 8.0
    exceptions: Mapping[str, str] = field(default_factory=dict)


# --- how arguments are drawn -------------------------------------------------------------------


def normal(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Numbers of both signs."""
    return rng.normal(size=shape)


def positive(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Numbers that may be lengths."""
    return rng.uniform(0.5, 2.0, size=shape)


def distinct(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Numbers far from each other, from whole ones and from zero."""
    size = math.prod(shape)
    numbers = np.linspace(-2.0, 2.0, size) + rng.uniform(0.05, 0.1, size)
    return rng.permutation(numbers).reshape(shape)


def ascending(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Numbers in order along the last axis."""
    return np.sort(distinct(rng, shape), -1)


def whole_numbers(below: int) -> Drawer:
    """Whole numbers from 0, repeated where there are many."""
    return lambda rng, shape: rng.integers(0, below, shape)


def truths(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """True and False."""
    return rng.random(shape) < 0.6


def near_two(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Matrices whose eigenvalues are far from the negative real axis."""
    return 0.4 * rng.normal(size=shape) + 2.0 * np.eye(shape[-1])


def each_matrix(function: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    """SciPy's function on every matrix of a stack, rounded to the matrix's type."""

    def on_stack(a: np.ndarray) -> np.ndarray:
        found = [function(one) for one in a.astype(float).reshape(-1, *a.shape[-2:])]
        return np.asarray(np.stack(found).reshape(*a.shape[:-2], *np.shape(found[0])))

    return lambda a: on_stack(a).astype(a.dtype)


def by_elimination(part: int) -> Callable[[np.ndarray], Any]:
    """SciPy's factors in one matrix, what exchanges rows, or the pivots."""

    def factored(a: np.ndarray) -> Any:
        factors, pivots = linalg.lu_factor(a)
        return (factors, linalg.lu(a)[0].T, pivots.astype(np.int64))[part]

    def of_stack(a: np.ndarray) -> np.ndarray:
        found = [factored(one) for one in a.reshape(-1, *a.shape[-2:])]
        return np.asarray(np.stack(found).reshape(*a.shape[:-2], *np.shape(found[0])))

    return of_stack


def with_values(rng: np.random.Generator, shape: Shape, *, symmetric: bool) -> np.ndarray:
    """Matrices whose singular or eigenvalues are 1, 2.5, 4, ..."""
    *stack, m, n = shape
    rank = min(m, n)
    left = np.linalg.qr(rng.normal(size=(*stack, m, rank)))[0]
    right = left if symmetric else np.linalg.qr(rng.normal(size=(*stack, n, rank)))[0]
    return left * (1.0 + 1.5 * np.arange(rank)) @ np.swapaxes(right, -1, -2)


def regular(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Matrices of full rank, their singular values apart."""
    return with_values(rng, shape, symmetric=False)


def of_real_eigenvalues(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Matrices that are not symmetric, with eigenvalues far from each other."""
    vectors = np.eye(shape[-1]) + 0.2 * rng.normal(size=shape)
    values = np.arange(1.0, shape[-1] + 1.0) + rng.uniform(0.0, 0.3, (*shape[:-2], 1, shape[-1]))
    return vectors * values @ np.linalg.inv(vectors)


def definite(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Symmetric positive definite matrices, their eigenvalues apart."""
    return with_values(rng, shape, symmetric=True)


# --- oracles -----------------------------------------------------------------------------------


def key(pattern: Sequence[tuple[Any, ...]], arrays: Sequence[Any]) -> tuple[Any, ...]:
    """The pattern as NumPy takes it: an index array in the place of each slice."""
    found: list[Any] = []
    for entry in pattern:
        match entry[0]:
            case "new":
                found.append(None)
            case "int":
                found.append(entry[1])
            case "array":
                found.append(arrays[entry[1]])
            case _:
                start, length, step = entry[1:]
                stop = start + length * step
                found.append(slice(start, None if stop < 0 else stop, step))
    return tuple(found)


def put(x: Any, v: Any, *rest: Any) -> Any:
    """A copy with other elements."""
    *arrays, pattern = rest
    x = np.array(x, np.result_type(x, v))
    x[key(pattern, arrays)] = v
    return x


def put_add(x: Any, v: Any, *rest: Any) -> Any:
    """A copy with something added."""
    *arrays, pattern = rest
    x = np.array(x, np.result_type(x, v))
    np.add.at(x, key(pattern, arrays), v)
    return x


def cofactors(a: Any) -> Any:
    """By the determinants of the minors."""
    return np.vectorize(_cofactors, signature="(n,n)->(n,n)")(a)


def _cofactors(a: Any) -> Any:
    found = np.empty_like(a)
    for i, j in np.ndindex(a.shape):
        found[i, j] = (-1.0) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1))
    return found


def cofactors_along(a: Any, t: Any) -> Any:
    """A cofactor is linear in each row: each row in turn exchanged for that of the other matrix."""
    found = np.zeros_like(a)
    for row in range(a.shape[-1]):
        moved = np.array(a)
        moved[..., row, :] = t[..., row, :]
        change = cofactors(moved)
        change[..., row, :] = 0.0  # these cofactors do without the row
        found += change
    return found


def reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction of NumPy's with the parameters of the record."""
    return lambda x, axes, keepdims: function(x, axis=axes, keepdims=keepdims)


def norm(x: Any, axes: tuple[int, ...], keepdims: Any) -> Any:
    """By its definition, so that complex steps pass through."""
    return np.sqrt(np.sum(x * x, axis=axes, keepdims=keepdims))


def kept(shape: Shape, axes: tuple[int, ...]) -> Shape:
    """The shape with length 1 on the axes."""
    return tuple(1 if axis in axes else n for axis, n in enumerate(shape))


def literal(values: Any, dtype: str) -> tuple[Any, ...]:
    """The parameters of a known array."""
    array = np.asarray(values, dtype)
    return array.shape, dtype, b64encode(array.tobytes()).decode()


def decoded(shape: Shape, dtype: str, data: str) -> Any:
    """A known array from its parameters."""
    import base64

    return np.frombuffer(base64.b64decode(data), dtype).reshape(shape)


def by_name(name: str, part: int | None = None, **keywords: Any) -> Callable[..., Any]:
    """A function of `np.linalg`, or one of its results."""
    function = getattr(np.linalg, name)
    if part is None:
        return lambda *args: function(*args, **keywords)
    return lambda *args: function(*args, **keywords)[part]


# --- short words for the rows ------------------------------------------------------------------

TRIANGLES = (
    Variant(((3, 3),), (0,)),
    Variant(((3, 4),), (-1,)),
    Variant(((2, 3, 2),), (1,)),
)
GIVEN_QUOTIENT = "the quotient is given beside what it is a quotient of"
GIVEN_LENGTH = "it is right only with the length of the vector: see the tests of derive"


def ways(*shapes: Shape, **params: Any) -> tuple[Variant, ...]:
    """Several shapes of one argument with the same parameters."""
    return tuple(Variant((shape,), tuple(params.values())) for shape in shapes)


def take(start: int, length: int, step: int = 1) -> tuple[Any, ...]:
    """A slice."""
    return ("slice", start, length, step)


def at(position: int) -> tuple[Any, ...]:
    """A number."""
    return ("int", position)


def array_(number: int) -> tuple[Any, ...]:
    """An index array."""
    return ("array", number)


NEW = ("new",)
AXES = (
    Variant(((3, 4),), ((0,), False)),
    Variant(((3, 4),), ((1,), True)),
    Variant(((3, 4),), ((0, 1), False)),
    Variant(((2, 3, 2),), ((0, 2), True)),
    Variant(((2, 3, 2),), ((1,), False)),
    Variant(((5,),), ((0,), False)),
)
ALONG = (
    Variant(((5,),), (0,)),
    Variant(((3, 4),), (0,)),
    Variant(((3, 4),), (1,)),
    Variant(((2, 3, 2),), (1,)),
)
INDEX = (
    Variant(((5,),), ((take(1, 3),),)),
    Variant(((5,),), ((take(4, 5, -1),),)),
    Variant(((5,),), ((take(3, 2, -2),),)),
    Variant(((5,),), ((take(0, 3, 2),),)),
    Variant(((5,),), ((at(2),),)),
    Variant(((5,),), ((NEW, take(0, 5)),)),
    Variant(((3, 4),), ((at(-1), take(1, 3)),)),
    Variant(((3, 4),), ((take(0, 3), NEW, at(0)),)),
    Variant(((3, 4),), ((take(2, 2, -2), take(0, 2, 3)),)),
    Variant(((2, 3, 4),), ((take(0, 2), at(1), take(0, 4)),)),
)
GATHERS = (
    Variant(((3, 4), (6,)), ((array_(0), take(0, 4)),), (FLOAT, INT)),
    Variant(((3, 4), (2, 2)), ((take(0, 3), array_(0)),), (FLOAT, INT)),
    Variant(((3, 4), (5,), (5,)), ((array_(0), array_(1)),), (FLOAT, INT, INT)),
    Variant(((3, 4), (3, 1), (2,)), ((array_(0), array_(1)),), (FLOAT, INT, INT)),
    Variant(((3, 2, 3), (2,), (2,)), ((array_(0), take(0, 2), array_(1)),), (FLOAT, INT, INT)),
    Variant(((2, 3, 3), (2,), (2,)), ((take(0, 2), array_(0), array_(1)),), (FLOAT, INT, INT)),
    Variant(((5,), ()), ((array_(0),),), (FLOAT, INT)),
)


def _result_shape(variant: Variant) -> Shape:
    x = np.zeros(variant.shapes[0])
    arrays = [np.zeros(shape, int) for shape in variant.shapes[1:]]
    return x[key(variant.params[0], arrays)].shape


def with_a_value(variant: Variant) -> Variant:
    """An index as a write: the value stands after the array."""
    first, *rest = variant.shapes
    kinds = (FLOAT, FLOAT, *variant.kinds[1:])
    return Variant((first, _result_shape(variant), *rest), variant.params, kinds)


WRITES = tuple(with_a_value(variant) for variant in (*INDEX, *GATHERS))
AT_TWO = whole_numbers(2)
TOGETHER = {"alone": "its results stand together in one line; its parts are tried with it"}
ROUGH = {"differences": "float32 has seven digits"}


# --- the rows ----------------------------------------------------------------------------------

_MASKED = (FLOAT, BOOL, BOOL)

CHOICES = (
    ArrayRow(
        "share",
        lambda t, lost, tied: np.where(lost, 0.0, np.where(tied, 0.5 * t, t)),
        (Variant(((3,),) * 3, (), _MASKED), Variant(((2, 3),) * 3, (), _MASKED)),
        (normal, truths),
        edges=(
            Edge(
                (
                    np.array([1.0, 2.0, 3.0, 4.0]),
                    np.array([True, False, False, True]),
                    np.array([False, True, False, True]),
                ),
                (),
                ([0.0, 0.5, 1.0, 0.0],),
            ),
        ),
    ),
)

STRUCTURAL = (
    ArrayRow(
        "reshape",
        lambda x, shape: np.reshape(x, shape),
        (
            Variant(((3, 4),), ((4, 3),)),
            Variant(((3, 4),), ((12,),)),
            Variant(((4,),), ((4, 1),)),
            Variant(((4,),), ((1, 4),)),
            Variant(((4,),), ((1, 2, 1, 2),)),
            Variant(((3, 4),), ((3, 1, 4, 1),)),
            Variant(((1, 1),), ((),)),
            Variant(((),), ((1, 1),)),
            Variant(((),), ((1,),)),
        ),
        edges=(Edge((np.zeros((0, 3)),), ((3, 0),), (np.zeros((0, 3)),)),),
    ),
    ArrayRow(
        "transpose",
        lambda x, axes: np.transpose(x, axes),
        (
            Variant(((3, 4),), ((1, 0),)),
            Variant(((2, 3, 4),), ((2, 1, 0),)),
            Variant(((2, 3, 4),), ((1, 0, 2),)),
            Variant(((2, 3, 4),), ((0, 2, 1),)),
            Variant(((2, 3, 4),), ((1, 2, 0),)),
            Variant(((2, 1, 3, 2),), ((3, 1, 2, 0),)),
            Variant(((2, 1, 3, 2),), ((2, 0, 3, 1),)),
        ),
        edges=(Edge((np.zeros((0, 3)),), ((1, 0),), (np.zeros((0, 3)),)),),
    ),
    ArrayRow(
        "index",
        lambda x, *rest: x[key(rest[-1], rest[:-1])],
        (*INDEX, *GATHERS),
        (normal, AT_TWO),
        edges=(
            Edge((np.arange(4.0),), ((take(2, 0),),), (np.zeros(4),)),
            Edge((np.arange(4.0), np.zeros(0, int)), ((array_(0),),), (np.zeros(4),)),
            Edge((np.arange(3.0), np.array([1, 1, -1])), ((array_(0),),), ([0.0, 2.0, 1.0],)),
            Edge((np.zeros((0, 3)),), ((take(-1, 0, -1), at(0)),), (np.zeros((0, 3)),)),
            Edge((np.arange(1.0),), ((take(0, 1, -1),),), (np.ones(1),)),
        ),
    ),
    ArrayRow(
        "put",
        put,
        WRITES,
        (normal, normal, AT_TWO),
        edges=(
            Edge((np.arange(4.0), np.zeros(0)), ((take(2, 0),),), (np.ones(4), np.zeros(0))),
            Edge(
                (np.zeros(3), np.array([5.0, 6.0, 7.0]), np.array([1, 1, 0])),
                ((array_(0),),),
                ([0.0, 0.0, 1.0], [0.0, 1.0, 1.0]),
            ),
        ),
    ),
    ArrayRow(
        "put_add",
        put_add,
        WRITES,
        (normal, normal, AT_TWO),
        edges=(
            Edge(
                (np.zeros(3), np.array([5.0, 6.0, 7.0]), np.array([1, 1, 0])),
                ((array_(0),),),
                ([3.0, 2.0, 1.0], [2.0, 2.0, 3.0]),
                np.array([3.0, 2.0, 1.0]),
            ),
        ),
    ),
    ArrayRow(
        "concatenate",
        lambda *rest: np.concatenate(rest[:-1], rest[-1]),
        (
            Variant(((3,), (2,)), (0,)),
            Variant(((3, 2), (3, 1), (3, 2)), (1,)),
            Variant(((1, 2), (3, 2)), (0,)),
            Variant(((3,),), (0,)),
        ),
        edges=(Edge((np.zeros(0), np.ones(2)), (0,), (np.zeros(0), np.ones(2))),),
    ),
    ArrayRow(
        "stack",
        lambda *rest: np.stack(rest[:-2], rest[-1]).reshape(
            (*np.shape(rest[0])[: rest[-1]], *rest[-2], *np.shape(rest[0])[rest[-1] :])
        ),
        (
            Variant(((), (), ()), ((3,), 0)),
            Variant(((), (), (), ()), ((2, 2), 0)),
            Variant(((2,), (2,)), ((2,), 0)),
            Variant(((2, 3), (2, 3)), ((2,), 1)),
            Variant(((2,), (2,), (2,), (2,)), ((2, 2), 1)),
            Variant(((2, 2),), ((1,), 2)),
        ),
        edges=(Edge((np.zeros(0), np.ones(0)), ((2,), 0), (np.zeros(0), np.zeros(0))),),
    ),
    ArrayRow("as_float64", lambda x: np.asarray(x, np.float64), ways((3,), (2, 2))),
    ArrayRow(
        "as_float32",
        lambda x: np.asarray(x, np.float32),
        ways((3,), (2, 2)),
        exceptions=ROUGH,
    ),
    ArrayRow("as_int64", lambda x: np.asarray(x).astype(np.int64), ways((3,), (2, 2)), (distinct,)),
    ArrayRow("as_bool", lambda x: np.asarray(x).astype(bool), ways((3,), (2, 2)), (distinct,)),
    ArrayRow(
        "held",
        lambda x: x,
        ways((3,), (2, 2)),
        exceptions={"differences": "its derivative is 0 by definition"},
    ),
    ArrayRow(
        "stop",
        lambda x: x,
        ways((3,), (2, 2)),
        exceptions={"differences": "its derivative is 0 by definition"},
    ),
    ArrayRow(
        "array",
        decoded,
        (
            Variant((), literal([[0.1, -0.0], [nan, -inf]], "float64")),
            Variant((), literal([0.5], "float32")),
            Variant((), literal(np.zeros((2, 0)), "float64")),
        ),
    ),
    ArrayRow(
        "index_array",
        decoded,
        (Variant((), literal([3, -1], "int64")), Variant((), literal(np.zeros((0, 2)), "int64"))),
    ),
    ArrayRow(
        "mask_array",
        decoded,
        (Variant((), literal([[True], [False]], "bool")), Variant((), literal([True], "bool"))),
    ),
    ArrayRow(
        "made",
        lambda name, args, keywords, kind: getattr(np, name)(*args, **dict(keywords)),
        (
            Variant((), ("linspace", (0, 1.5, 7), (("endpoint", False),), "float64")),
            Variant((), ("indices", ((2, 3),), (), "int64")),
            Variant((), ("tri", (2,), (("dtype", "bool"),), "bool")),
            Variant((), ("eye", (0, 3), (), "float64")),
        ),
    ),
    ArrayRow("unit_matrix", np.eye, (Variant((), (3,)), Variant((), (0,)), Variant((), (1,)))),
    ArrayRow("arange", np.arange, (Variant((), (4,)), Variant((), (0,)), Variant((), (1,)))),
    ArrayRow("length", lambda length: length, (), exceptions={"alone": "it names a dimension"}),
)

REDUCTIONS = (
    ArrayRow(
        "broadcast",
        lambda x, shape: np.array(np.broadcast_to(x, shape)),
        (
            Variant(((),), ((3,),)),
            Variant(((4,),), ((3, 4),)),
            Variant(((3, 1),), ((3, 4),)),
            Variant(((1, 1),), ((2, 3, 4),)),
            Variant(((2, 1, 3),), ((4, 2, 3, 3),)),
        ),
        edges=(
            Edge((np.array(2.0),), ((0,),), (0.0,)),
            Edge((np.ones((1, 3)),), ((0, 3),), (np.zeros((1, 3)),)),
        ),
    ),
    ArrayRow(
        "sum",
        reduction(np.sum),
        AXES,
        edges=(
            Edge((np.zeros(0),), ((0,), False), (np.zeros(0),)),
            Edge((np.zeros((2, 0)),), ((1,), True), (np.zeros((2, 0)),)),
            Edge((np.zeros((0, 2)),), ((1,), False), (np.zeros((0, 2)),)),
            Edge((np.ones(1),), ((0,), False), (np.ones(1),)),
        ),
    ),
    ArrayRow(
        "prod",
        reduction(np.prod),
        AXES,
        edges=(
            Edge((np.array([2.0, 0.0, 3.0]),), ((0,), False), ([0.0, 6.0, 0.0],)),
            Edge((np.array([0.0, 0.0, 3.0]),), ((0,), False), ([0.0, 0.0, 0.0],)),
            Edge((np.array([5.0]),), ((0,), True), ([1.0],)),
            Edge((np.zeros(0),), ((0,), False), (np.zeros(0),)),
            Edge((np.zeros((2, 0)),), ((1,), False), (np.zeros((2, 0)),)),
            Edge((np.zeros((0, 2)),), ((1,), False), (np.zeros((0, 2)),)),
        ),
    ),
    *[
        ArrayRow(
            name,
            reduction(getattr(np, name)),
            AXES,
            (distinct,),
            edges=(
                Edge((sign * np.array([1.0, 3.0, 3.0]),), ((0,), False), ([0.0, 0.5, 0.5],)),
                Edge((sign * np.full((2, 2), 7.0),), ((0, 1), True), (np.full((2, 2), 0.25),)),
                Edge((np.array([5.0]),), ((0,), False), ([1.0],)),
                Edge((np.array([sign * inf, 1.0]),), ((0,), False), ([1.0, 0.0],)),
                Edge((np.array([nan, 1.0]),), ((0,), False)),
                Edge((np.zeros((0, 2)),), ((1,), False), (np.zeros((0, 2)),)),
            ),
        )
        for name, sign in (("max", 1.0), ("min", -1.0))
    ],
    *[
        ArrayRow(
            name,
            reduction(getattr(np, name)),
            tuple(Variant(v.shapes, v.params, (BOOL,)) for v in AXES),
            (truths,),
            edges=(Edge((np.zeros(0, bool),), ((0,), False)),),
        )
        for name in ("all", "any")
    ],
    ArrayRow(
        "norm",
        norm,
        AXES,
        edges=(
            Edge((np.zeros(3),), ((0,), False), (np.zeros(3),)),
            Edge(
                (np.array([[3.0, 4.0], [0.0, 0.0]]),),
                ((1,), False),
                ([[0.6, 0.8], [0.0, 0.0]],),
            ),
            Edge((np.array([-2.0]),), ((0,), True), ([-1.0],)),
            Edge((np.zeros(0),), ((0,), False), (np.zeros(0),)),
        ),
    ),
    ArrayRow(
        "along_unit",
        lambda t, x, y, axes: np.reshape(t / np.where(y, y, 1.0), kept(x.shape, axes)) * x,
        (
            Variant(((), (3,), ()), ((0,),), refused=(2,)),
            Variant(((2,), (2, 3), (2,)), ((1,),), refused=(2,)),
            Variant(((2, 1), (2, 3), (2, 1)), ((1,),), refused=(2,)),
        ),
        (normal, normal, positive),
        exceptions={"differences": GIVEN_LENGTH, "second": GIVEN_LENGTH},
    ),
    ArrayRow(
        "known_norm",
        lambda x, length, axes, keepdims: length,
        (
            Variant(((3,), ()), ((0,), False), refused=(1,)),
            Variant(((2, 3), (2,)), ((1,), False), refused=(1,)),
            Variant(((2, 3), (2, 1)), ((1,), True), refused=(1,)),
        ),
        (normal, positive),
        exceptions={"differences": GIVEN_LENGTH, "second": GIVEN_LENGTH},
    ),
    ArrayRow(
        "exponential_quotient",
        lambda x, below, exponent, given: given,
        (Variant(((3,),) * 4, refused=(1, 3)), Variant(((),) * 4, refused=(1, 3))),
        (normal, positive, normal, normal),
        exceptions={"differences": GIVEN_QUOTIENT, "second": GIVEN_QUOTIENT},
    ),
    ArrayRow("tril", lambda x, offset: np.tril(x, offset), TRIANGLES),
    ArrayRow("triu", lambda x, offset: np.triu(x, offset), TRIANGLES),
    ArrayRow("diagonal", np.diag, (Variant(((3, 3),)), Variant(((1, 1),)))),
    ArrayRow("diagonal_matrix", np.diag, (Variant(((3,),)), Variant(((1,),)))),
    ArrayRow(
        "logsumexp",
        reduction(special.logsumexp),
        AXES,
        edges=(
            Edge((np.array([1000.0, 1000.0]),), ((0,), False), ([0.5, 0.5],)),
            Edge((np.array([-1000.0, -1000.0]),), ((0,), True), ([0.5, 0.5],)),
            Edge((np.array([-inf, 0.0]),), ((0,), False), ([0.0, 1.0],)),
            Edge((np.array([-inf, -inf]),), ((0,), False)),
            Edge((np.array([inf, 0.0]),), ((0,), False)),
            Edge((np.array([7.0]),), ((0,), False), ([1.0],)),
        ),
    ),
    ArrayRow(
        "cumsum",
        lambda x, axis: np.cumsum(x, axis),
        ALONG,
        edges=(
            Edge((np.zeros(0),), (0,), (np.zeros(0),)),
            Edge((np.ones(1),), (0,), (np.ones(1),)),
        ),
    ),
    ArrayRow(
        "sum_in_order",
        lambda x: np.cumsum(x, -1)[..., -1],
        (Variant(((5,),)), Variant(((3, 4),)), Variant(((2, 3, 2),))),
        edges=(
            Edge((np.ones(1),), (), (np.ones(1),)),
            Edge((np.array([1e16, 1.0, -1e16]),), ()),
            Edge((np.array([inf, -inf, 1.0]),), ()),
        ),
    ),
    ArrayRow(
        "cumprod",
        lambda x, axis: np.cumprod(x, axis),
        ALONG,
        edges=(
            Edge((np.array([2.0, 0.0, 3.0]),), (0,), ([1.0, 8.0, 0.0],)),
            Edge((np.array([0.0, 0.0, 3.0]),), (0,), ([1.0, 0.0, 0.0],)),
            Edge((np.array([2.0]),), (0,), ([1.0],)),
            Edge((np.zeros(0),), (0,), (np.zeros(0),)),
            Edge((np.zeros((0, 2)),), (1,), (np.zeros((0, 2)),)),
        ),
    ),
    ArrayRow(
        "cummax",
        lambda x, axis: np.maximum.accumulate(x, axis),
        ALONG,
        (distinct,),
        edges=(
            Edge((np.array([2.0, 1.0, 2.0, 3.0]),), (0,), ([2.0, 0.0, 1.0, 1.0],)),
            Edge((np.array([2.0, 2.0, nan]),), (0,)),
            Edge((np.zeros(0),), (0,), (np.zeros(0),)),
            Edge((np.zeros((0, 2)),), (1,), (np.zeros((0, 2)),)),
        ),
    ),
    ArrayRow(
        "sort",
        lambda x, axis: np.sort(x, axis),
        ALONG,
        (distinct,),
        edges=(
            Edge(
                (np.array([2.0, 1.0, 1.0]),),
                (0,),
                ([30.0, 10.0, 20.0],),
                np.array([10.0, 20.0, 30.0]),
            ),
            Edge((np.zeros(0),), (0,), (np.zeros(0),)),
            Edge((np.ones(1),), (0,), (np.ones(1),)),
        ),
    ),
    ArrayRow(
        "argsort",
        lambda x, axis: np.argsort(x, axis, kind="stable"),
        ALONG,
        (distinct,),
        edges=(Edge((np.array([2.0, 1.0, 1.0]),), (0,)), Edge((np.zeros(0),), (0,))),
    ),
    *[
        ArrayRow(
            name,
            lambda x, axis, name=name: getattr(np, name)(x, axis),
            ALONG,
            (distinct,),
            edges=(Edge((np.array([1.0, 1.0]),), (0,)), Edge((np.array([2.0, nan]),), (0,))),
        )
        for name in ("argmax", "argmin")
    ],
    ArrayRow(
        "searchsorted",
        np.searchsorted,
        (
            Variant(((5,), (3,)), ("left",)),
            Variant(((5,), (2, 2)), ("right",)),
            Variant(((5,), ()), ("left",)),
        ),
        (ascending, distinct),
        edges=(
            Edge((np.array([1.0, 1.0, 2.0]), np.array([1.0, 3.0])), ("left",)),
            Edge((np.array([1.0, 1.0, 2.0]), np.array([1.0, 3.0])), ("right",)),
            Edge((np.zeros(0), np.array([1.0])), ("right",)),
        ),
        fixed=(0,),
    ),
    ArrayRow(
        "convolve",
        np.convolve,
        (Variant(((5,), (3,))), Variant(((2,), (4,))), Variant(((1,), (1,)))),
        edges=(Edge((np.array([2.0]), np.array([1.0, 3.0])), (), ([4.0], [2.0, 2.0])),),
    ),
)

CONTRACTIONS = (
    ArrayRow(
        "contract",
        lambda a, b, letters: np.einsum(letters, a, b),
        (
            Variant(((3, 4), (4, 2)), ("ij,jk->ik",)),
            Variant(((3, 4), (4,)), ("ij,j->i",)),
            Variant(((3,), (3, 4)), ("i,ij->j",)),
            Variant(((3,), (3,)), ("i,i->",)),
            Variant(((3,), (4,)), ("i,j->ij",)),
            Variant(((3, 4), (3, 4)), ("ij,ij->",)),
            Variant(((3, 4), (2, 4)), ("ij,kj->ki",)),
            Variant(((2, 3, 4), (2, 4, 3)), ("ijk,ikl->ijl",)),
            Variant(((2, 3, 4), (4, 3)), ("ijk,kj->i",)),
            Variant(((2, 3), (2, 3)), ("ij,ij->i",)),
            Variant(((2, 3), (2, 3, 4)), ("ij,ijk->ik",)),
            Variant(((2, 16), (2, 2, 16)), ("ij,ikj->ik",)),
            Variant(((2, 16, 2), (2, 16)), ("ijk,ij->ik",)),
            Variant(((2, 2, 1, 16), (2, 2, 16)), ("ijkl,ijl->ijk",)),
            Variant(((2, 2, 3), (3, 2, 2)), ("ijk,klm->ijlm",)),
        ),
        edges=(
            Edge((np.zeros((2, 0)), np.zeros((0, 3))), ("ij,jk->ik",),
                 (np.zeros((2, 0)), np.zeros((0, 3)))),
            Edge((np.zeros(0), np.zeros(0)), ("i,i->",), (np.zeros(0), np.zeros(0))),
            Edge((np.ones((1, 1)), np.full((1, 1), 3.0)), ("ij,jk->ik",), ([[3.0]], [[1.0]])),
        ),
    ),
)  # fmt: skip

NEVER_A_VALUE = "it stands in derivatives alone, whose entries get the types of their inputs"
THIRD_OF_DET = "the third derivative of a determinant is refused"
SQUARE = ways((3, 3), (2, 2), (2, 3, 3))
RANK_ONE = np.array([[1.0, 2.0], [2.0, 4.0]])

LINEAR_ALGEBRA = (
    ArrayRow(
        "inv",
        by_name("inv"),
        SQUARE,
        (regular,),
        edges=(Edge((np.array([[4.0]]),), (), ([[-0.0625]],)), Edge((np.zeros((0, 0)),))),
        ulps=64,
    ),
    ArrayRow(
        "solve",
        by_name("solve"),
        (
            Variant(((3, 3), (3, 2))),
            Variant(((2, 2), (2, 1))),
            Variant(((2, 3, 3), (2, 3, 1))),
            Variant(((3, 3), (3,))),
        ),
        (regular, normal),
        edges=(Edge((np.array([[4.0]]), np.array([[2.0]])), (), ([[-0.125]], [[0.25]])),),
        ulps=64,
    ),
    ArrayRow("expm", linalg.expm, SQUARE, (normal,), ulps=256),
    ArrayRow("sqrtm", each_matrix(linalg.sqrtm), SQUARE, (near_two,), ulps=256),
    ArrayRow("logm", each_matrix(linalg.logm), SQUARE, (near_two,), ulps=1024),
    ArrayRow(
        "pinv",
        by_name("pinv"),
        ways((3, 3), (4, 2), (2, 4), (2, 3, 2)),
        (regular,),
        ulps=64,
    ),
    ArrayRow(
        "lstsq",
        lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0],
        (
            Variant(((4, 2), (4, 3))),
            Variant(((3, 3), (3, 1))),
            Variant(((5, 3), (5, 2))),
            Variant(((4, 2), (4,))),
        ),
        (regular, normal),
        ulps=64,
    ),
    ArrayRow(
        "det",
        by_name("det"),
        (*SQUARE, *ways((1, 1))),
        (regular,),
        edges=(
            Edge((RANK_ONE,), (), ([[4.0, -2.0], [-2.0, 1.0]],)),
            Edge((np.ones((3, 3)),), (), (np.zeros((3, 3)),)),
            Edge((np.zeros((2, 2)),), (), (np.zeros((2, 2)),)),
            Edge((np.zeros((1, 1)),), (), ([[1.0]],)),
            Edge((np.diag([2.0, 0.0, 3.0]),), (), (np.diag([0.0, 6.0, 0.0]),)),
        ),
        ulps=64,
    ),
    ArrayRow(
        "cofactors",
        cofactors,
        (*SQUARE, *ways((1, 1), (4, 4))),
        (regular,),
        edges=(Edge((np.eye(2),), (), ([[1.0, -1.0], [-1.0, 1.0]],)),),
        ulps=64,
        exceptions={"second": THIRD_OF_DET, "float32": NEVER_A_VALUE},
    ),
    ArrayRow(
        "cofactors_along",
        cofactors_along,
        tuple(
            Variant((shape, shape), refused=(0,))
            for shape in ((3, 3), (2, 2), (1, 1), (4, 4), (2, 3, 3))
        ),
        (regular, normal),
        ulps=64,
        exceptions={"second": THIRD_OF_DET, "float32": NEVER_A_VALUE},
    ),
    ArrayRow("slogdet", by_name("slogdet"), SQUARE, (regular,), exceptions=TOGETHER),
    ArrayRow(
        "logabsdet",
        by_name("slogdet", 1),
        SQUARE,
        (regular,),
        whole="slogdet",
        edges=(Edge((np.array([[-4.0]]),), (), ([[-0.25]],)),),
        ulps=64,
    ),
    ArrayRow("signdet", by_name("slogdet", 0), SQUARE, (regular,), whole="slogdet"),
    ArrayRow(
        "cholesky",
        np.linalg.cholesky,
        SQUARE,
        (definite,),
        edges=(Edge((np.array([[4.0]]),), (), ([[0.25]],)),),
        ulps=64,
    ),
    ArrayRow("eigh", by_name("eigh"), SQUARE, (definite,), exceptions=TOGETHER),
    ArrayRow("eigh_upper", by_name("eigh"), SQUARE, (definite,), exceptions=TOGETHER),
    ArrayRow(
        "eigenvalues",
        by_name("eigh", 0),
        SQUARE,
        (definite,),
        whole="eigh",
        edges=(
            Edge((np.eye(3),), (), (np.eye(3),)),
            Edge((np.zeros((2, 2)),), (), (np.eye(2),)),
        ),
        ulps=64,
    ),
    ArrayRow(
        "eigenvectors",
        by_name("eigh", 1),
        SQUARE,
        (definite,),
        whole="eigh",
        ulps=64,
    ),
    ArrayRow("eig", by_name("eig"), SQUARE, (of_real_eigenvalues,), exceptions=TOGETHER),
    *[
        ArrayRow(
            name,
            by_name("eig", part),
            SQUARE,
            (of_real_eigenvalues,),
            whole="eig",
            ulps=512,
        )
        for name, part in (("general_values", 0), ("general_vectors", 1))
    ],
    ArrayRow("svd", by_name("svd"), SQUARE, (regular,), exceptions=TOGETHER),
    ArrayRow(
        "svd_values",
        by_name("svd", 1, full_matrices=False),
        ways((3, 3), (4, 2), (2, 4), (2, 3, 2)),
        (regular,),
        whole="svd",
        edges=(Edge((np.eye(2),), (), (np.eye(2),)),),
        ulps=64,
    ),
    *[
        ArrayRow(
            name,
            by_name("svd", part, full_matrices=False),
            ways((3, 3), (4, 2), (2, 4), (2, 3, 2)),
            (regular,),
            whole="svd",
            ulps=64,
        )
        for name, part in (("svd_left", 0), ("svd_right", 2))
    ],
    ArrayRow("qr", by_name("qr"), SQUARE, (regular,), exceptions=TOGETHER),
    *[
        ArrayRow(
            name,
            by_name("qr", part),
            ways((3, 3), (4, 2), (2, 3, 2)),
            (regular,),
            whole="qr",
            ulps=64,
        )
        for name, part in (("qr_orthogonal", 0), ("qr_triangular", 1))
    ],
    ArrayRow("lu", by_elimination(0), SQUARE, (normal,), exceptions=TOGETHER),
    *[
        ArrayRow(name, by_elimination(part), SQUARE, (normal,), whole="lu", ulps=64)
        for name, part in (("lu_factors", 0), ("lu_exchanges", 1), ("lu_pivots", 2))
    ],
)

OF_A_BODY = {
    "alone": "it holds a graph: tests/test_scan.py tries it",
    "batch": "its body is batched, by symdiff/derive/loops.py",
}
LOOPS = tuple(
    ArrayRow(name, lambda *args: args, (), exceptions=OF_A_BODY)
    for name in ("scan", "scan_final", "scan_stacked")
)

ARRAY_ROWS = (*CHOICES, *STRUCTURAL, *REDUCTIONS, *CONTRACTIONS, *LINEAR_ALGEBRA, *LOOPS)
ARRAY_BY_NAME = {row.name: row for row in ARRAY_ROWS}
