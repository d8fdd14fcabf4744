"""Loops that stay loops: values and derivatives beside the loop that Python unrolls."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import LimitError, ShapeError, SymdiffError, UnsupportedError

RNG = np.random.default_rng(7)
W = 0.4 * RNG.normal(size=(4, 4))
U = 0.4 * RNG.normal(size=(4, 4))
XS = RNG.normal(size=(9, 4))
H = RNG.normal(size=4)


def unrolled(step: Callable[..., Any], init: Any, xs: Any = None, length: int | None = None) -> Any:
    """What `sd.scan` does, as Python's loop, for one array of slices and one of results."""
    carry, ys = init, []
    for i in range(len(xs) if length is None else length):
        carry, y = step(carry, None if xs is None else xs[i])
        ys.append(y)
    return carry, None if ys[0] is None else np.stack(ys)


def rnn(scan: Any) -> Callable[..., Any]:
    def function(w: Any, h: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            h = np.tanh(w @ h + x)
            return h, h * x

        h, ys = scan(step, h, xs)
        return np.sum(h**2) + np.sum(np.sin(ys))

    return function


def lstm(scan: Any) -> Callable[..., Any]:
    def function(w: Any, u: Any, xs: Any) -> Any:
        def step(state: Any, x: Any) -> Any:
            h, c = state
            gates = w @ h + u @ x
            f = 1 / (1 + np.exp(-gates))
            c = f * c + (1 - f) * np.tanh(gates)
            h = f * np.tanh(c)
            return (h, c), h

        (_h, c), hs = scan(step, (np.zeros(4), np.zeros(4)), xs)
        return np.sum(hs**2) + np.sum(c)

    return function


def counted(scan: Any) -> Callable[..., Any]:
    def function(x: Any, _u: Any, _xs: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            total, n = state
            return (total * np.cos(total) + x / (n + 1), n + 1), None

        (total, _n), _ = scan(step, (x, 0), length=5)
        return np.sum(total)

    return function


def chosen(scan: Any) -> Callable[..., Any]:
    def function(w: Any, h: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            return np.where(x > 0, np.log(np.where(x > 0, x, 1.0) + h**2), w @ h), np.max(h)

        h, ys = scan(step, h, xs)
        return np.where(h[0] > 0, np.sum(h), 2 * np.sum(ys))

    return function


def nested(scan: Any) -> Callable[..., Any]:
    def function(w: Any, h: Any, xs: Any) -> Any:
        def outer(h: Any, x: Any) -> Any:
            def inner(g: Any, z: Any) -> Any:
                return np.sin(g * z + w[0] * h), g[0] * z

            g, zs = scan(inner, h * x, x)
            return np.tanh(w @ g), np.sum(zs)

        h, ys = scan(outer, h, xs)
        return np.sum(h * ys[0]) + np.sum(ys**2)

    return function


def linear(scan: Any) -> Callable[..., Any]:
    """What is summed for w is a product of what is carried, of constants, and of both."""

    def function(w: Any, u: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            h = (w @ h) @ w + np.outer(w @ x, u @ u[0]) + 0.3 * (u.T @ h @ u)
            return h, np.sum(h * w)

        h, ys = scan(step, 0.5 * u + np.eye(4), 0.3 * xs)
        return 0.1 * np.sum(h) + np.sum(np.cos(ys))

    return function


def between(scan: Any) -> Callable[..., Any]:
    """What is summed for w is a product of a constant and of what varies, on either side."""

    def function(w: Any, u: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            pair = np.outer(x, x)
            return h * 0.9, u @ (w + pair) + (w - pair) @ u

        h, ys = scan(step, 0.5, xs)
        return h + np.sum(np.cos(ys))

    return function


CASES = {
    "linear": (linear, (W, U, XS)),
    "between": (between, (W, U, XS)),
    "rnn": (rnn, (W, H, XS)),
    "lstm": (lstm, (W, U, XS)),
    "counted": (counted, (W, U, XS)),
    "chosen": (chosen, (W, H, XS)),
    "nested": (nested, (W, H, XS)),
}
cases = pytest.mark.parametrize("name", CASES)


def close(found: Any, wanted: Any) -> None:
    if isinstance(wanted, tuple):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            close(one, other)
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


# --- values ------------------------------------------------------------------------------------


@cases
def test_value_outside_of_a_trace(name: str) -> None:
    make, args = CASES[name]
    close(make(sd.scan)(*args), make(unrolled)(*args))


@cases
def test_value_and_gradient_are_those_of_the_unrolled_loop(name: str) -> None:
    make, args = CASES[name]
    found = sd.value_and_grad(make(sd.scan), wrt=(0, 1, 2))(*args)
    close(found, sd.value_and_grad(make(unrolled), wrt=(0, 1, 2))(*args))


@cases
def test_second_derivative(name: str) -> None:
    make, args = CASES[name]

    def along(scan: Any) -> Callable[..., Any]:
        gradient = sd.grad(make(scan), wrt=(0, 1, 2))

        def function(*given: Any) -> Any:
            return sum(np.sum(np.sin(g)) for g in gradient(*given))

        return function

    def three(scan: Any) -> Callable[..., Any]:
        inner = along(scan)
        return lambda a, b, c: inner(a, b, c)

    close(sd.grad(three(sd.scan), wrt=(0, 1, 2))(*args),
          sd.grad(three(unrolled), wrt=(0, 1, 2))(*args))  # fmt: skip


@cases
@pytest.mark.parametrize("every", [1, 2, 3, 4, 9, 100])
def test_checkpoints_change_nothing_but_what_is_kept(name: str, every: int) -> None:
    make, args = CASES[name]

    def scan(*given: Any, **keywords: Any) -> Any:
        return sd.scan(*given, **keywords, checkpoint=every)

    found = sd.value_and_grad(make(scan), wrt=(0, 1, 2))(*args)
    close(found, sd.value_and_grad(make(unrolled), wrt=(0, 1, 2))(*args))


def test_fori() -> None:
    def function(loop: Any) -> Callable[..., Any]:
        return lambda x: np.sum(loop(2, 7, lambda i, carry: carry * np.sin(x * i) + x[0] / i, x))

    def python(lower: int, upper: int, body: Any, init: Any) -> Any:
        for i in range(lower, upper):
            init = body(i, init)
        return init

    close(function(sd.fori)(H), function(python)(H))
    close(sd.grad(function(sd.fori))(H), sd.grad(function(python))(H))
    assert sd.fori(3, 3, lambda i, x: x + i, 1.0) == 1.0


def test_a_loop_of_no_steps() -> None:
    function = rnn(sd.scan)
    close(function(W, H, XS[:0]), np.sum(H**2))
    close(sd.grad(function, wrt=(0, 1))(W, H, XS[:0]), (np.zeros((4, 4)), 2 * H))


class Pair(NamedTuple):
    """A structure."""

    left: Any
    right: Any


def test_structures() -> None:
    def function(p: Any) -> Any:
        def step(state: Any, x: Any) -> Any:
            first = np.tanh(p["w"] @ state["h"] + x.left * state["s"])
            new = {"h": first, "s": state["s"] * 0.5 + np.sum(x.right)}
            return new, [first, (new["s"], None)]

        end, (hs, (ss, nothing)) = sd.scan(
            step, {"h": p["h"], "s": 1.0}, Pair(p["xs"], p["xs"] ** 2)
        )
        assert nothing is None
        return np.sum(end["h"]) + end["s"] + np.sum(hs) + ss @ np.arange(9.0)

    params = {"w": W, "h": H, "xs": XS}
    found = sd.value_and_grad(function)(params)
    close(found[0], function(params))
    step = 1e-6
    for name, array in params.items():
        for at in [(0,) * array.ndim, (1,) * array.ndim]:
            moved = array.copy()
            moved[at] += step
            slope = (function({**params, name: moved}) - found[0]) / step
            np.testing.assert_allclose(found[1][name][at], slope, rtol=1e-3, atol=1e-4)


def test_results_share_no_memory() -> None:
    def function(h: Any, xs: Any) -> Any:
        return sd.scan(lambda carry, x: (x, carry), h, xs)

    made = sd.function(function, shapes={"h": (4,), "xs": (9, 4)})
    end, ys = made(H, XS)
    close((end, ys), (XS[-1], np.concatenate([H[None], XS[:-1]])))
    assert not np.shares_memory(end, XS)
    same = sd.function(lambda h: sd.scan(lambda c, _: (c, None), h, length=3)[0],
                       shapes={"h": (4,)})  # fmt: skip
    assert not np.shares_memory(same(H), H)


def test_what_a_step_reads_from_outside() -> None:
    table = RNG.normal(size=(4, 400))  # large: an input of the emitted function

    def function(scan: Any) -> Callable[..., Any]:
        def inner(w: Any, h: Any) -> Any:
            places, scale = np.array([3, 1, 0, 2]), np.sum(w) * 0.1

            def step(h: Any, x: Any) -> Any:
                picked = h[places] * scale + 0.01 * np.sum(table, axis=1)
                return np.sin(picked) + np.arange(4) * x[0], (picked[1], x[1] > 0)

            end, (ys, flags) = scan(step, h, w)
            return np.sum(end) + np.sum(ys**2) + np.sum(np.where(flags, ys, 0.0))

        return inner

    def plain(step: Any, init: Any, xs: Any) -> Any:
        rows = []
        for x in xs:
            init, y = step(init, x)
            rows.append(y)
        return init, tuple(np.stack([row[n] for row in rows]) for n in range(2))

    args = W, H
    close(function(sd.scan)(*args), function(plain)(*args))
    close(sd.value_and_grad(function(sd.scan), wrt=(0, 1))(*args),
          sd.value_and_grad(function(plain), wrt=(0, 1))(*args))  # fmt: skip


def test_float32_stays_float32() -> None:
    args = [x.astype(np.float32) for x in (W, H, XS)]
    value, gradient = sd.value_and_grad(rnn(sd.scan), wrt=(0, 1, 2))(*args)
    wanted, exact = sd.value_and_grad(rnn(sd.scan), wrt=(0, 1, 2))(W, H, XS)
    np.testing.assert_allclose(value, wanted, rtol=1e-5)
    for one, other in zip(gradient, exact, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    assert rnn(sd.scan)(*args).dtype == np.float32


def test_a_batch_option() -> None:
    shapes = {"w": (4, 4), "h": (4,), "xs": (9, 4)}
    made = sd.function(rnn(sd.scan), shapes=shapes, batch=True, wrt=("w", "h", "xs"))
    stack = [np.stack([x, 0.5 * x, -x]) for x in (W, H, XS)]
    found = made.grad()(*stack)
    for row in range(3):
        single = sd.grad(rnn(sd.scan), wrt=(0, 1, 2))(*[x[row] for x in stack])
        close(tuple(part[row] for part in found), single)


def test_numbers_are_carried_as_numpys() -> None:
    def function(x: Any) -> Any:
        end, ys = sd.scan(lambda s, _: (1.0 / s, s), 0.0, length=2)
        return np.sum(ys) * 0.0 + end + x

    assert sd.function(function, shapes={"x": ()})(1.0) != 1.0  # inf*0 is NaN, and no error


def test_a_named_length() -> None:
    made = sd.function(rnn(sd.scan), shapes={"w": (4, 4), "h": (4,), "xs": ("T", 4)})
    for n in (1, 3, 9):
        close(made(W, H, XS[:n]), rnn(unrolled)(W, H, XS[:n]))
        found = made.value_and_grad(("w", "h", "xs"))(W, H, XS[:n])
        close(found, sd.value_and_grad(rnn(unrolled), wrt=(0, 1, 2))(W, H, XS[:n]))
    assert "for i in range(T):" in made.emit()


def test_jax_agrees() -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        np_of_jax = jax.numpy

        def step(h: Any, x: Any) -> Any:
            h = np_of_jax.tanh(W @ h + x)
            return h, h * x

        def function(h: Any, xs: Any) -> Any:
            h, ys = jax.lax.scan(step, h, xs)
            return np_of_jax.sum(h**2) + np_of_jax.sum(np_of_jax.sin(ys))

        wanted = jax.grad(function, argnums=(0, 1))(H, XS)
    found = sd.grad(rnn(sd.scan), wrt=(1, 2))(W, H, XS)
    close(found, tuple(np.asarray(part) for part in wanted))


# --- one loop ----------------------------------------------------------------------------------


def text_of(function: Callable[..., Any], *shapes: Any) -> str:
    names = ["w", "h", "xs"][: len(shapes)]
    made = sd.function(function, shapes=dict(zip(names, shapes, strict=True)))
    return made.value_and_grad(tuple(names)).emit()


def test_one_loop_forward_and_one_backward() -> None:
    text = text_of(rnn(sd.scan), (4, 4), (4,), (9, 4)).split("def _value_and_grad")[1]
    body = text.split("\ndef ")[0]
    assert body.count("for i in range(9):") == 1
    assert body.count("for i in reversed(range(9)):") == 1
    assert body.count("np.tanh") == 1  # kept, not computed again


def test_histories_are_kept_only_for_the_gradient() -> None:
    text = text_of(rnn(sd.scan), (4, 4), (4,), (9, 4))
    value = text.split("def _value(")[1].split("\ndef ")[0]
    assert "history" not in value


def test_checkpoints_keep_the_starts_of_segments() -> None:
    def scan(*given: Any) -> Any:
        return sd.scan(*given, checkpoint=10)

    text = text_of(rnn(scan), (4, 4), (4,), (100, 4)).split("def _value_and_grad")[1]
    stores = [line for line in text.split("\ndef ")[0].splitlines() if "history = np.empty" in line]
    assert stores
    assert all("np.empty((10, 4))" in line for line in stores)


# --- recipes, batches, checks ------------------------------------------------------------------


def test_recipes_and_pickles() -> None:
    shapes = {"w": (4, 4), "h": (4,), "xs": (9, 4)}
    made = sd.function(nested(sd.scan), shapes=shapes).value_and_grad(("w", "h", "xs"))
    again = pickle.loads(pickle.dumps(made))
    assert again.emit() == made.emit()
    close(again(W, H, XS), made(W, H, XS))


@cases
def test_batches(name: str) -> None:
    from symdiff.derive.batch import with_leading_axis

    make, args = CASES[name]
    names = ["a", "b", "c"]
    function = make(sd.scan)
    made = sd.function(
        lambda a, b, c: function(a, b, c),
        shapes={n: x.shape for n, x in zip(names, args, strict=True)},
    )
    stack = [np.stack([x, 0.5 * x]) for x in args]
    for chosen_inputs in ([0], [1], [2], [0, 1, 2]):
        graph = made.grad(("a", "b", "c")).graph
        batched = with_leading_axis(graph, [graph.inputs[n] for n in chosen_inputs], 2)
        given = [stack[n] if n in chosen_inputs else x for n, x in enumerate(args)]
        found = evaluated(batched, given)
        for row in range(2):
            single = made.grad(("a", "b", "c"))(*[x[row] if n in chosen_inputs else x
                                   for n, x in enumerate(given)])  # fmt: skip
            close(tuple(part[row] for part in found), single)


def evaluated(graph: Any, args: Any) -> tuple[Any, ...]:
    """The outputs of a graph."""
    from symdiff.api import Function
    from symdiff.graph.serial import to_data
    from symdiff.origin import Origin
    from symdiff.verbs import VERBS

    made = Function(graph, Origin("graph", None, graph=to_data(graph)), VERBS["value"], ())
    result = made(*args)
    return result if isinstance(result, tuple) else (result,)


@cases
def test_tangents_agree_with_cotangents(name: str) -> None:
    from symdiff.derive.forward import jvp

    make, args = CASES[name]
    function = make(sd.scan)
    names = ["a", "b", "c"]
    made = sd.function(
        lambda a, b, c: function(a, b, c),
        shapes={n: x.shape for n, x in zip(names, args, strict=True)},
    )
    tangents = [RNG.normal(size=x.shape) for x in args]
    value, slope = evaluated(jvp(made.graph, names), [*args, *tangents])
    close(value, function(*args))
    gradient = made.grad(("a", "b", "c"))(*args)
    close(slope, sum(np.sum(g * t) for g, t in zip(gradient, tangents, strict=True)))
    # forward over reverse, beside differences of gradients
    found = evaluated(jvp(made.grad(("a", "b", "c")).graph, names), [*args, *tangents])[3:]
    step = 1e-5
    ahead, behind = (
        made.grad(("a", "b", "c"))(
            *[x + sign * step * t for x, t in zip(args, tangents, strict=True)]
        )
        for sign in (1, -1)
    )
    for one, up, down in zip(found, ahead, behind, strict=True):
        np.testing.assert_allclose(one, (up - down) / (2 * step), rtol=1e-5, atol=1e-6)


@cases
def test_check_sees_the_steps(name: str) -> None:
    make, args = CASES[name]
    short = [x[:3] if x is XS else x for x in args]
    function = make(sd.scan)
    made = sd.function(
        lambda a, b, c: function(a, b, c),
        shapes={n: x.shape for n, x in zip("abc", short, strict=True)},
    ).grad(("a", "b", "c"))
    # where tanh saturates, 1 - tanh(x)**2 loses digits, in a loop or not
    report = made.check(at={n: 0.3 * x for n, x in zip("abc", short, strict=True)})
    assert report.ok, str(report)


def test_check_of_a_loop_of_numbers() -> None:
    def root(x: Any) -> Any:
        return sd.fori(0, 5, lambda _, y: 0.5 * (y + x / y), x)

    report = sd.function(root, shapes={"x": ()}).grad().check(at={"x": 2.0})
    assert report.ok, str(report)
    close(sd.grad(root)(2.0), 1 / np.sqrt(8))


def test_a_long_loop_is_not_checked() -> None:
    made = sd.function(lambda x: sd.fori(0, 10**6, lambda _, y: y * x, x), shapes={"x": ()})
    with pytest.raises(UnsupportedError, match="100,000 operations"):
        made.check()


def test_hostile_recipes() -> None:
    from symdiff.graph.serial import from_data, to_data
    from symdiff.ops.legal import check_line

    made = sd.function(rnn(sd.scan), shapes={"w": (4, 4), "h": (4,), "xs": (9, 4)})
    data = to_data(made.graph)
    place, line = next((n, x) for n, x in enumerate(data["nodes"]) if x[0] == "scan")
    body = line[2][0]["graph"]
    changes: list[Any] = [
        [line[2][0], 8, *line[2][2:]],
        [line[2][0], -9, *line[2][2:]],
        [line[2][0], "9", *line[2][2:]],
        [*line[2][:2], 2, *line[2][3:]],
        [*line[2][:3], 5, *line[2][4:]],
        [*line[2][:4], 2],
        [{"graph": {**body, "outputs": body["outputs"][:1]}}, *line[2][1:]],
        [{"graph": {**body, "outputs": [999, 0]}}, *line[2][1:]],
        [{"graph": {**body, "names": ["a b", "c"]}}, *line[2][1:]],
        [{"graph": body, "more": 1}, *line[2][1:]],
        [{"graph": []}, *line[2][1:]],
        ["graph", *line[2][1:]],
        [{"graph": {**body, "nodes": [["scan"]]}}, *line[2][1:]],
    ]
    for params in changes:
        nodes = [*data["nodes"]]
        nodes[place] = [line[0], line[1], params, *line[3:]]
        with pytest.raises(SymdiffError, match="the recipe is damaged"):
            from_data({**data, "nodes": nodes}, check_line)
    for which in (1, 7, -1, 99, 1.0, True, "0"):
        nodes = [*data["nodes"]]
        at, final = next((n, x) for n, x in enumerate(nodes) if x[0] == "scan_final")
        nodes[at] = [final[0], final[1], [which, *final[2][1:]], *final[3:]]
        with pytest.raises(SymdiffError, match="the recipe is damaged"):
            from_data({**data, "nodes": nodes}, check_line)
    deep = body
    for _ in range(40):
        deep = {**body, "nodes": [["scan", [], [{"graph": deep}]]]}
    with pytest.raises(SymdiffError, match="the recipe is damaged"):
        from_data(deep, check_line)


# --- long loops of Python's ---------------------------------------------------------------------


def many_steps(x: Any, steps: int) -> Any:
    for step in [np.cos] * steps:  # a list of functions is no loop of one step
        x = 0.5 * step(x)
    return np.sum(x)


def test_a_long_loop_of_python_is_told_of_scan() -> None:
    with pytest.warns(UserWarning, match=r"1,000th time.* sd\.scan or sd\.fori") as found:
        sd.grad(lambda x: many_steps(x, 1100))(H)
    assert found[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sd.grad(lambda x: many_steps(x, 900))(H)


def test_the_limit_tells_of_scan() -> None:
    from symdiff.frontend.text.options import Limits

    with pytest.raises(LimitError, match=r"(?s)more than 500 operations.*sd\.scan"):
        sd.function(lambda x: many_steps(x, 900), shapes={"x": (4,)}, limits=Limits(nodes=500))


# --- refusals ----------------------------------------------------------------------------------

both_ways = pytest.mark.parametrize("run", [lambda f: f, sd.grad], ids=["plain", "traced"])


@both_ways
def test_a_carry_that_changes_its_shape(run: Any) -> None:
    def function(x: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            return {"h": np.concatenate([state["h"], x])}, None

        return np.sum(sd.scan(step, {"h": x}, length=3)[0]["h"])

    with pytest.raises(ShapeError, match=r"'state_h' has the shape \(4,\) before .* \(8,\) after"):
        run(function)(H)


@both_ways
def test_a_carry_that_changes_its_type(run: Any) -> None:
    def function(x: Any) -> Any:
        end, _ = sd.scan(lambda n, _: (n * x[0], None), np.arange(4), length=3)
        return np.sum(end)

    with pytest.raises(ShapeError, match="'n' holds int64 before a step and float64 after"):
        run(function)(H)


@both_ways
def test_a_carry_that_changes_its_structure(run: Any) -> None:
    def function(x: Any) -> Any:
        return np.sum(sd.scan(lambda s, _: ((s, s), None), x, length=3)[0])

    with pytest.raises(ShapeError, match="another structure"):
        run(function)(H)


@both_ways
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"xs": (XS, XS[:3])}, "3 slices for 9 steps"),
        ({"xs": XS, "length": 4}, "9 slices for 4 steps"),
        ({}, "number of steps is not known"),
        ({"xs": 1.0}, "is a number"),
        ({"length": -1}, "-1 steps"),
        ({"length": 2.0}, "no whole number"),
        ({"length": 2, "checkpoint": 0}, "checkpoint=0"),
    ],
)
def test_wrong_arguments(run: Any, arguments: Any, message: str) -> None:
    def function(x: Any) -> Any:
        return np.sum(sd.scan(lambda s, _: (s, None), x, **arguments)[0])

    with pytest.raises(SymdiffError, match=message):
        run(function)(H)


@both_ways
def test_a_step_returns_a_pair(run: Any) -> None:
    with pytest.raises(SymdiffError, match="does not return a pair"):
        run(lambda x: np.sum(sd.scan(lambda s, _: s, x, length=2)[0]))(H)


def test_a_step_keeps_nothing_outside() -> None:
    def function(x: Any) -> Any:
        kept: list[Any] = []

        def step(s: Any, _: Any) -> Any:
            kept.append(s)
            return s * x, None

        sd.scan(step, x, length=3)
        return np.sum(kept[0])

    with pytest.raises(UnsupportedError, match="keeps a value of its own in 'kept'"):
        sd.grad(function)(H)


def test_a_step_does_not_write_outside() -> None:
    def function(x: Any) -> Any:
        total = np.zeros(4)

        def step(s: Any, _: Any) -> Any:
            total[0] = s[0]
            return s * x, None

        sd.scan(step, x, length=3)
        return np.sum(total)

    with pytest.raises(SymdiffError):
        sd.grad(function)(H)


def test_a_step_decides_on_values() -> None:
    def function(x: Any) -> Any:
        return np.sum(sd.scan(lambda s, _: (s * x if s[0] > 0.1 else 1 - s, None), x, length=3)[0])

    for start in (H, -H, 2 * H):
        step = 1e-6 * np.eye(len(H))
        slopes = [(function(start + h) - function(start - h)) / 2e-6 for h in step]
        np.testing.assert_allclose(sd.grad(function)(start), slopes, rtol=1e-7)


def test_bounds_of_fori_are_known() -> None:
    with pytest.raises(UnsupportedError, match="the bounds of sd"):
        sd.grad(lambda x: sd.fori(0, x, lambda i, s: s, x))(2.0)


def test_a_gradient_inside_of_a_step() -> None:
    """Gradient descent in a loop, differentiated by what its loss reads."""

    def descent(scan: Any) -> Callable[..., Any]:
        def function(a: Any, x: Any) -> Any:
            def loss(x: Any) -> Any:
                return np.sum((a @ x) ** 2) + np.sum(np.cos(x))

            slope = sd.grad(loss)
            end, losses = scan(lambda x, _: (x - 0.1 * slope(x), loss(x)), x, None, 6)
            return np.sum(end) + np.sum(losses)

        return function

    found = sd.value_and_grad(descent(sd.scan), wrt=(0, 1))(W, H)
    close(found, sd.value_and_grad(descent(unrolled), wrt=(0, 1))(W, H))


def test_a_product_without_a_name_stays_one_in_the_body() -> None:
    """`c / (2.0 * k)`, not `c / 2.0 * k`, where nothing says what the product is called."""

    def function(x: Any, k: Any) -> Any:
        outside = {"twice": 2.0 * k}
        return sd.scan(lambda c, y: (c / outside["twice"] + y, None), 1.0, x)[0]

    x, by_hand = np.arange(4.0), 1.0
    for y in x:
        by_hand = by_hand / (2.0 * 3.0) + y
    assert sd.function(function, shapes={"x": (4,), "k": ()})(x, 3.0) == by_hand
