"""Random programs on arrays and numbers, and calls of NumPy's functions over random shapes.

The reader is NumPy itself for the value, and central differences of NumPy for the gradient. What
NumPy refuses must not be computed; what symdiff refuses by its own errors is passed over.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd
from symdiff.transform import transform

STEP = 1e-6
OUTSIDE = np.sin(np.arange(12.0)).reshape(3, 4)
LARGE = np.cos(np.arange(3000.0)).reshape(1000, 3)
pytestmark = pytest.mark.filterwarnings("ignore")  # of empty slices, and of what overflows
LARGEST = 60  # elements of an array of a program


class Drawn(NamedTuple):
    """A function, its arguments, and what it is, to be shown."""

    function: Callable[..., Any]
    args: list[Any]
    text: str


# --- programs ------------------------------------------------------------------------------------

KEYS = (
    "0", "-1", "None", "...", "()", ":", "1:", "::-1", "::2", "5:2", "..., None", "None, ...",
    "0, ...", "..., 0", ":, None", "0, None", "[0, -1]", "..., [0]", "[]", ":, 0", "0, 0",
    "[[0]], ...",
)  # fmt: skip
UNARY = (
    "np.sin({a})", "{a}*0.5", "-{a}", "np.exp(-{a}*{a})", "{a} + 1", "np.abs({a})", "+{a}",
    "{a}.copy()", "np.array({a})", "np.asarray({a})", "np.where({a} > 0, {a}, 0.25)",
    "np.tanh({a})", "{a}**2", "np.clip({a}, -0.5, 0.5)", "np.zeros_like({a})",
    "np.float64(1.5)*{a}", "np.copy({a})", "{a}.astype(float)", "np.roll({a}, 1)",
    "np.stack([{a}, {a}])", "np.array([{a}, {a}])",
)  # fmt: skip
VIEWS = (
    "{a}.T", "{a}.reshape(-1)", "{a}.ravel()", "np.atleast_1d({a})", "np.atleast_2d({a})",
    "np.squeeze({a})", "{a}[None]", "{a}[...]", "np.expand_dims({a}, 0)", "np.real({a})",
    "np.flip({a})", "np.broadcast_to({a}, (2,) + np.shape({a}))", "{a}.flatten()",
    "np.reshape({a}, (1, -1))", "np.moveaxis({a}, -1, 0)", "{a}[()]", "np.transpose({a})",
)  # fmt: skip
REDUCTIONS = (
    "np.sum({a}, axis={axis}, keepdims={keep})", "np.mean({a}, axis={axis}, keepdims={keep})",
    "{a}.max(axis={axis})", "{a}.min()", "np.prod({a}, axis={axis})",
    "np.cumsum({a}, axis={axis})", "np.linalg.norm({a} + 2.0)", "np.sort({a}, axis=-1)",
    "{a}.sum()", "np.median({a}, axis={axis})", "np.var({a}, axis={axis})",
    "np.ptp({a}, axis={axis})", "{a}.argmax()*1.0", "np.size({a})*1.0",
    "np.count_nonzero({a} > 0)*1.0", "np.average({a}, axis={axis})", "np.any({a} > 0)*1.0",
)  # fmt: skip
BINARY = (
    "{a} + {b}", "{a} * {b}", "{a} - {b}", "{a} / ({b}*{b} + 1)", "np.maximum({a}, {b})",
    "np.where({a} > {b}, {a}, {b})", "np.dot({a}, {b})", "np.outer({a}, {b})", "{a} @ {b}",
    "np.concatenate([np.ravel({a}), np.ravel({b})])", "np.hypot({a}, {b} + 2.0)",
    "np.inner({a}, {b})",
)  # fmt: skip
MADE = (
    "np.zeros({shape})", "np.ones({shape})", "np.linspace(0, 1, 12)", "np.arange(3.0)",
    "np.eye(3)", "np.full({shape}, 0.5)", "np.zeros(())", "np.array([0.5, x[0], 1.5])",
    "np.zeros((2, 0))", "x*1.0", "x[0]*1.0", "np.array(x[1])",
    "OUTSIDE.dot(np.append(x, 1.0)[:4])", "OUTSIDE[1]*1.0", "LARGE[:4].dot(x)",
    "OUTSIDE.sum(axis=0)", "OUTSIDE[:, :3].dot(x)", "OUTSIDE.T.copy()", "np.float64(0.75)",
)  # fmt: skip
WRITES = (
    "{a}[{key}] = {b}", "{a}[{key}] += {b}", "{a} += {b}", "{a} *= 0.5", "{a}[...] = {b}",
    "{a}[{key}] = 1.5", "np.add({a}, {b}, out={a})", "np.add.at({a}, {key0}, {b})",
    "{a}[{a} > 0] = 0.5", "{a}.fill(0.25)", "{a}[{key}] *= {b}",
)  # fmt: skip
KINDS = (UNARY, VIEWS, REDUCTIONS, BINARY, MADE, WRITES)


def line(draw: random.Random, names: Sequence[str], number: int) -> tuple[str, str]:
    """A statement, and the name that it binds; empty for a write."""
    kind = draw.choice(KINDS)
    key = draw.choice(KEYS)
    text = draw.choice(kind).format(
        a=draw.choice(names),
        b=draw.choice((*names, "0.5", "2.0*x[1]")),
        axis=draw.choice(("None", "0", "-1", "0")),
        keep=draw.choice((False, True)),
        shape=draw.choice(("3", "(2, 3)", "(1, 3)", "(3, 1)", "0")),
        key=key,
        key0=draw.choice(("0", "[0, 0]", "-1")),
    )
    if kind is WRITES:
        return text, ""
    if kind is VIEWS and draw.random() < 0.3:
        text = f"{draw.choice(names)}[{key}]"
    return f"v{number} = {text}", f"v{number}"


def compiled(lines: Sequence[str], names: Sequence[str]) -> Callable[..., Any]:
    """A program as a function whose result every element of every value enters."""
    body = [*lines, "total = 0.0"]
    for number, name in enumerate(names):
        body += [
            f"weights = np.cos({number} + np.arange(np.size({name}))).reshape(np.shape({name}))",
            f"total = total + np.sum(np.tanh({name})*weights)",
        ]
    text = "\n    ".join(["def program(x):", *body, "return total"])
    space = {"np": np, "OUTSIDE": OUTSIDE, "LARGE": LARGE, "__name__": __name__}
    exec(compile(text, "<program>", "exec"), space)
    return space["program"]  # type: ignore[no-any-return]


def accepted(lines: Sequence[str], x: Any) -> bool:
    """Whether NumPy runs the lines, and what they make is small, finite and of floats."""
    space: dict[str, Any] = {"np": np, "OUTSIDE": OUTSIDE, "LARGE": LARGE, "x": x.copy()}
    try:
        exec("\n".join(lines), space)
    except (ValueError, IndexError, TypeError, AttributeError, ZeroDivisionError):
        return False
    made = [value for name, value in space.items() if name.startswith("v")]
    return all(
        isinstance(value, (np.ndarray, np.generic, float))
        and np.asarray(value).dtype == float
        and np.size(value) <= LARGEST
        and np.ndim(value) < 5
        and bool(np.all(np.isfinite(value)))
        for value in made
    )


def program(draw: random.Random) -> Drawn:
    """A program of a few statements that NumPy accepts, on a vector of three numbers."""
    x = np.array([draw.uniform(-1.5, 1.5) for _ in range(3)])
    lines = ["v0 = x*1.0"]
    names = ["v0"]
    for number in range(1, draw.randrange(3, 14)):
        text, name = line(draw, names, number)
        if accepted([*lines, text], x):
            lines.append(text)
            names += [name] * bool(name)
    return Drawn(compiled(lines, names), [x], "; ".join(lines))


# --- functions over random shapes ----------------------------------------------------------------


class Shapes:
    """Draws shapes, axes and arrays."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.numbers = np.random.default_rng(draw.randrange(2**32))

    def shape(self, least: int = 0, most: int = 3) -> tuple[int, ...]:
        return tuple(self.draw.randrange(1, 4) for _ in range(self.draw.randint(least, most)))

    def like(self, shape: Sequence[int]) -> tuple[int, ...]:
        """A shape that mostly broadcasts with another."""
        found = [n if self.draw.random() < 0.7 else 1 for n in shape]
        if self.draw.random() < 0.3:
            found = found[self.draw.randint(0, len(found)) :]
        return (*[self.draw.randrange(1, 4)] * (self.draw.random() < 0.3), *found)

    def axis(self, shape: Sequence[int]) -> int:
        return self.draw.randrange(-len(shape), len(shape))

    def axes(self, shape: Sequence[int]) -> Any:
        if not shape or self.draw.random() < 0.3:
            return None
        if self.draw.random() < 0.5:
            return self.axis(shape)
        return tuple(self.draw.sample(range(len(shape)), self.draw.randint(1, len(shape))))

    def array(self, shape: Sequence[int]) -> Any:
        return self.numbers.normal(size=tuple(shape))

    def steps(self, shape: Sequence[int]) -> Any:
        return np.abs(self.array(shape)) + 0.2


def trapezoid(s: Shapes) -> Drawn:
    shape = s.shape(1)
    axis = s.axis(shape)
    y, kind = s.array(shape), s.draw.randrange(3)
    if kind == 0:
        points = s.array(s.draw.choice([(shape[axis],), s.like(shape)]))
        return Drawn(lambda y, x: np.trapezoid(y, x, axis=axis), [y, points], f"axis={axis}")
    if kind == 1:
        return Drawn(lambda y: np.trapezoid(y, axis=axis), [y], f"axis={axis}")
    widths = list(shape)
    widths[axis] = s.draw.choice([1, max(0, shape[axis] - 1)])
    return Drawn(lambda y, d: np.trapezoid(y, dx=d, axis=axis), [y, s.steps(widths)], "dx")


def polyval(s: Shapes) -> Drawn:
    return Drawn(np.polyval, [s.array(s.shape(1)), s.array(s.shape())], "")


def interp(s: Shapes) -> Drawn:
    points = np.sort(s.array((s.draw.randrange(1, 5),)))
    outer = s.draw.choice([{}, {"left": -1.0, "right": 2.0}])
    return Drawn(
        lambda x, f: np.interp(x, points, f, **outer),
        [s.array(s.shape()), s.array(points.shape)],
        f"{outer}",
    )


def gradient(s: Shapes) -> Drawn:
    shape = tuple(n + 2 for n in s.shape(1))
    axis, order = s.axis(shape), s.draw.choice((1, 2))
    spacing = s.draw.choice([np.cumsum(s.steps((shape[axis],))), np.array(0.7)])
    return Drawn(
        lambda f, h: np.gradient(f, h, axis=axis, edge_order=order),
        [s.array(shape), spacing],
        f"axis={axis}, edge_order={order}",
    )


def diff(s: Shapes) -> Drawn:
    shape = s.shape(1)
    axis, n = s.axis(shape), s.draw.randrange(3)
    border = list(shape)
    border[axis] = s.draw.choice((1, 2))
    before = s.array(s.draw.choice([tuple(border), ()]))
    return Drawn(
        lambda x, p: np.diff(x, n=n, axis=axis, prepend=p), [s.array(shape), before], f"n={n}"
    )


def cross(s: Shapes) -> Drawn:
    shape = s.shape(1, 2)
    m, n = s.draw.choice([(3, 3), (2, 3), (3, 2)])
    return Drawn(np.cross, [s.array((*shape, m)), s.array((*s.like(shape), n))], "")


def convolve(s: Shapes) -> Drawn:
    mode, name = s.draw.choice(("full", "same", "valid")), s.draw.choice(("convolve", "correlate"))
    lengths = [(s.draw.randrange(1, 6),) for _ in range(2)]
    return Drawn(
        lambda a, v: getattr(np, name)(a, v, mode), [s.array(n) for n in lengths], f"{name} {mode}"
    )


def average(s: Shapes) -> Drawn:
    shape = s.shape(1)
    axis, keepdims = s.axes(shape), s.draw.random() < 0.3
    given = shape
    if axis is not None and s.draw.random() < 0.6:
        given = tuple(shape[a] for a in (axis if isinstance(axis, tuple) else (axis,)))
    return Drawn(
        lambda x, w: np.average(x, axis=axis, weights=w, keepdims=keepdims),
        [s.array(shape), s.steps(given)],
        f"axis={axis}",
    )


def cov(s: Shapes) -> Drawn:
    shape = tuple(n + 1 for n in s.shape(1, 2))
    rows = s.draw.random() < 0.6
    count = shape[-1] if rows or len(shape) == 1 else shape[0]
    options: dict[str, Any] = {"rowvar": rows, "bias": s.draw.random() < 0.5}
    if s.draw.random() < 0.4:
        options["aweights"] = s.steps((count,))
    return Drawn(lambda x: np.cov(x, **options), [s.array(shape)], f"{list(options)}")


def percentile(s: Shapes) -> Drawn:
    shape = s.shape()
    axis, keepdims = s.axes(shape), s.draw.random() < 0.4
    q = s.draw.choice([30.0, [10.0, 50.0], [[5.0, 95.0], [20.0, 30.0]], []])
    return Drawn(
        lambda x: np.percentile(x, q, axis=axis, keepdims=keepdims),
        [s.array(shape)],
        f"q={q}, axis={axis}",
    )


def reduction(s: Shapes) -> Drawn:
    shape = s.shape()
    axis, keepdims = s.axes(shape), s.draw.random() < 0.4
    name = s.draw.choice("sum prod max min mean var ptp median nansum nanmean nanmax".split())
    return Drawn(
        lambda x: getattr(np, name)(x, axis=axis, keepdims=keepdims),
        [s.array(shape)],
        f"{name}, axis={axis}",
    )


def empty(s: Shapes) -> Drawn:
    shape = list(s.shape(1))
    shape[s.axis(shape)] = 0
    axis = s.axes(shape)
    name = s.draw.choice("sum prod cumsum sort max mean diff flip ravel argmax std".split())
    options = {} if name in ("sort", "diff", "ravel", "flip") else {"axis": axis}
    return Drawn(
        lambda x: getattr(np, name)(x, **options) * 1.0, [np.zeros(shape)], f"{name}, axis={axis}"
    )


def products(s: Shapes) -> Drawn:
    name = s.draw.choice(("matmul", "dot", "inner", "outer", "kron", "vecdot", "tensordot"))
    shape = s.shape()
    return Drawn(
        lambda x, y: getattr(np, name)(x, y), [s.array(shape), s.array(s.like(shape))], name
    )


CALLS = (
    trapezoid, polyval, interp, gradient, diff, cross, convolve, average, cov, percentile,
    reduction, empty, products,
)  # fmt: skip


# --- the comparison ------------------------------------------------------------------------------


def differences(function: Callable[..., Any], args: Sequence[Any], number: int) -> Any:
    """Central differences by one argument; NaN where a step twice as long differs too much."""
    return [
        [_slope(function, args, number, at, size) for at in np.ndindex(np.shape(args[number]))]
        for size in (STEP, 2 * STEP)
    ]


def _slope(
    function: Callable[..., Any], args: Sequence[Any], number: int, at: Any, size: float
) -> float:
    values = []
    for sign in (1, -1):
        moved = np.array(args[number])
        moved[at] += sign * size
        values.append(function(*[moved if k == number else a for k, a in enumerate(args)]))
    return float((values[0] - values[1]) / (2 * size))


def complaint(drawn: Drawn) -> str:
    """What is wrong with what symdiff makes of a function; empty for nothing."""
    wanted, problem = outcome(drawn.function, drawn.args)
    found, refusal = outcome(transform("value", drawn.function, None), drawn.args)
    if isinstance(refusal, sd.SymdiffError) or "read-only" in str(refusal):
        return ""  # NumPy lets np.add.at change what it calls read-only
    if problem is not None:
        return "" if refusal is not None else f"NumPy raises {problem!r}, and symdiff does not"
    if refusal is not None:
        return f"{type(refusal).__name__}: {refusal}, and NumPy gives {wanted!r}"
    if found.shape != wanted.shape:
        return f"the shape {found.shape} for {wanted.shape}"
    if not np.allclose(found, wanted, rtol=1e-9, atol=1e-10, equal_nan=True):
        return f"{found!r} for {wanted!r}"
    return gradient_complaint(drawn, wanted)


def outcome(function: Callable[..., Any], args: Sequence[Any]) -> tuple[Any, Exception | None]:
    """The result as an array, or what was raised."""
    try:
        return np.asarray(function(*args), float), None
    except Exception as error:  # whatever it is: it is compared
        return None, error


def gradient_complaint(drawn: Drawn, wanted: Any) -> str:
    if not np.all(np.isfinite(wanted)):
        return ""
    weights = np.cos(np.arange(wanted.size)).reshape(wanted.shape) + 2.0

    def total(*args: Any) -> Any:
        return np.sum(drawn.function(*args) * weights)

    for number in range(len(drawn.args)):
        found, refusal = outcome(sd.grad(total, wrt=number), drawn.args)
        if isinstance(refusal, sd.SymdiffError):
            continue
        if refusal is not None:
            return f"gradient {number}: {type(refusal).__name__}: {refusal}"
        near, far = map(np.asarray, differences(total, drawn.args, number))
        is_smooth = np.abs(near - far) < 1e-4 * (1 + np.abs(near))
        agrees = np.isclose(found.ravel(), near, rtol=1e-3, atol=1e-4)
        if found.shape != np.shape(drawn.args[number]) or np.any(is_smooth & ~agrees):
            return f"gradient {number}: {found.tolist()} for {near.tolist()}"
    return ""


def test_programs_of_arrays_and_numbers(fuzz_random: random.Random, fuzz_deadline: float) -> None:
    while time.monotonic() < fuzz_deadline:
        drawn = program(fuzz_random)
        wrong = complaint(drawn)
        assert not wrong, f"{wrong}\n{drawn.text}\nx = {drawn.args[0].tolist()}"


def test_functions_over_shapes(fuzz_random: random.Random, fuzz_deadline: float) -> None:
    while time.monotonic() < fuzz_deadline:
        call = fuzz_random.choice(CALLS)
        drawn = call(Shapes(fuzz_random))
        wrong = complaint(drawn)
        shapes = [np.shape(arg) for arg in drawn.args]
        assert not wrong, f"{wrong}\n{call.__name__} {drawn.text} of the shapes {shapes}"
