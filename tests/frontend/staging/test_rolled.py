"""Loops that are traced once and stay loops: values and gradients are the program's own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.frontend.staging import recorded

Program = Callable[[Any, Any], Any]
POINTS = ((0.3, 0.7), (0.8, 0.25))
ROLLED: list[Program] = []
UNROLLED: list[Program] = []


def is_rolled(function: Program) -> Program:
    ROLLED.append(function)
    return function


def is_unrolled(function: Program) -> Program:
    UNROLLED.append(function)
    return function


# --- numbers -------------------------------------------------------------------------------------


@is_rolled
def recurrence(x: Any, w: Any) -> Any:
    c = x
    for i in range(50):
        c = math.sin(c) * w + 0.1 * i
    return c


@is_rolled
def a_number_that_begins_whole(x: Any, w: Any) -> Any:
    s, t = 0, 0.0
    for i in range(30):
        t += 0.1
        s += x * i + w * t
    return s


@is_rolled
def exchanged_by_both_loops(x: Any, w: Any) -> Any:
    a, b, c = 1.3, x * x, w
    for i in range(30):
        a, b = b, a
        for _ in range(24):
            c = math.sin(c + 0.1 * a) if c > 0.4 else c + 0.2 * i * w
            a, b = b, a
    return a * c + b**2


@is_rolled
def filtered(x: Any, w: Any) -> Any:
    p, m, score = 1.0, 0.0, 0.0
    for z in np.sin(np.arange(40.0)):
        p = p + x
        s = p + w
        gain, r = p / s, z - m
        m = m + gain * r
        p = (1 - gain) * p
        score = score - 0.5 * (math.log(s) + r**2 / s)
    return score


@is_rolled
def side_by_side(x: Any, w: Any) -> Any:
    total, data = 0.0, np.cos(np.arange(40.0))
    for i, (a, b) in enumerate(zip(data, np.flip(data), strict=True), start=2):
        total += math.sin(x * a) * b + w * i
    return total


@is_rolled
def backwards(x: Any, w: Any) -> Any:
    h = 1.0
    for k in reversed(range(30)):
        h = x + w * h / (k + 1)
    for k in range(40, 1, -3):
        h = h * x + math.cos(w * k)
    return h


@is_rolled
def a_branch_in_each_step(x: Any, w: Any) -> Any:
    low, high = -5.0, 10.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if middle**3 + w * middle > x:
            high = middle
        else:
            low = middle
    return middle * x + w


@is_rolled
def a_check_in_each_step(x: Any, w: Any) -> Any:
    y = x
    for i in range(30):
        y = math.sqrt(y * w + 1.0)
        if y > 100.0:
            raise ValueError(f"step {i}: {y}")
    return y


def rate(y: Any, w: Any) -> Any:
    return np.array([y[1], -w * y[0]])


@is_rolled
def runge_kutta(x: Any, w: Any) -> Any:
    y, h = np.array([x, 0.0]), 0.05
    for _ in range(60):
        k1 = rate(y, w)
        k2 = rate(y + h / 2 * k1, w)
        k3 = rate(y + h / 2 * k2, w)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + rate(y + h * k3, w))
    return y[0]


# --- arrays that are written into ----------------------------------------------------------------


@is_rolled
def by_index(x: Any, w: Any) -> Any:
    a = np.zeros(40)
    a[0] = x
    for i in range(1, 40):
        a[i] = np.sin(a[i - 1]) * w + 0.01 * i
    return a[39] + a.sum()


@is_rolled
def by_two_indices(x: Any, w: Any) -> Any:
    a = np.zeros((8, 9))
    for i in range(8):
        for j in range(9):
            a[i, j] = math.sin(x * i + w * j)
    return np.sum(a * a)


@is_rolled
def rows_are_views(x: Any, w: Any) -> Any:
    a = np.zeros((20, 3))
    a[0] = x
    for i in range(1, 20):
        row = a[i]
        row[:] = a[i - 1] * w
        row[0] += 1.0
        a[i, 1] *= 2.0
        a[i] = a[i] + row[0]
    return np.sum(a**2)


@is_rolled
def two_buffers(x: Any, w: Any) -> Any:
    u, v = np.linspace(0.0, 1.0, 12) * x, np.zeros(12)
    for _ in range(20):
        v[1:-1] = u[1:-1] + w * (u[2:] - 2 * u[1:-1] + u[:-2])
        u, v = v, u
    return np.sum(u**2) + v[3]


@is_rolled
def in_place(x: Any, w: Any) -> Any:
    p, g = np.array([x, 1.0, 2.0]), np.zeros(3)
    for _ in range(25):
        g[:] = 2 * p - w
        p -= 0.1 * g
        p[0] *= 0.9
    return np.sum(p * p) + g[1]


@is_rolled
def seen_under_another_name(x: Any, w: Any) -> Any:
    a = np.full(15, w)
    other = a
    for i in range(1, 15):
        a[i] = a[i - 1] * x + math.sin(a[i]) ** 2 + np.cos(other[0] * i) / (1.0 + other[i] ** 2)
    return other.sum()


@is_rolled
def eliminated(x: Any, w: Any) -> Any:
    n = 15
    a, b, c = np.full(n, -1.0), np.full(n, 2.5) + w, np.full(n, -1.0)
    d = np.linspace(0, 1, n) * x
    for i in range(1, n):
        m = a[i] / b[i - 1]
        b[i] = b[i] - m * c[i - 1]
        d[i] = d[i] - m * d[i - 1]
    y = np.zeros(n)
    y[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        y[i] = (d[i] - c[i] * y[i + 1]) / b[i]
    return np.sum(y)


@is_rolled
def a_triangle(x: Any, w: Any) -> Any:
    n = 6
    m = np.eye(n) * (3 + x)
    for i in range(n - 1):
        m[i, i + 1] = w
        m[i + 1, i] = w
    low = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = m[i, j]
            for k in range(j):
                s = s - low[i, k] * low[j, k]
            if i == j:
                low[i, j] = np.sqrt(s)
            else:
                low[i, j] = s / low[j, j]
    return np.sum(np.log(np.diag(low)))


@is_rolled
def neighbours_where_there_are_some(x: Any, w: Any) -> Any:
    n = 120
    a, out = np.sin(np.arange(120.0) * w) * x, np.zeros(n)
    for i in range(n):
        left = a[i - 1] if i > 0 else 0.0
        if i < n - 1:
            right = a[i + 1]
            out[i + 1] += w
        else:
            right = 0.0
        out[i] += w * (left - 2 * a[i] + right) ** 2
    return out.sum()


# --- what else goes from step to step ------------------------------------------------------------


@is_rolled
def items_of_a_dict(x: Any, w: Any) -> Any:
    state = {"p": x, "v": 0.0}
    for _ in range(30):
        state["v"] -= w * state["p"] * 0.1
        state["p"] += 0.1 * state["v"]
    return state["p"] + state["v"]


class Walker:
    def __init__(self, p: Any) -> None:
        self.p, self.steps = p, 0

    def step(self, w: Any) -> None:
        self.p = self.p * w + math.sin(self.p)
        self.steps += 1


@is_rolled
def attributes(x: Any, w: Any) -> Any:
    walker = Walker(x)
    for _ in range(30):
        walker.step(w)
    return walker.p * walker.steps


@is_rolled
def a_list_that_grows(x: Any, w: Any) -> Any:
    xs, ys = [x], []
    for _ in range(30):
        xs.append(xs[-1] + 0.1 * math.sin(xs[-1]) * w)
        ys.append(np.array([xs[-1], w]))
    return np.sum(np.array(xs) ** 2) + np.sum(np.stack(ys)[3:]) + len(xs)


@is_rolled
def structures(x: Any, w: Any) -> Any:
    state = (x, [w, 0.0])
    for i in range(20):
        a, (b, c) = state
        state = (a * 0.9 + b * 0.01, [b, c + a * i])
    return state[0] + state[1][1]


@is_rolled
def appended_in_two_loops(x: Any, w: Any) -> Any:
    out = []
    for i in range(6):
        for j in range(6):
            y = math.sin(x * i) * math.cos(w * j) + x
            w = 0.9 * w + 0.01 * y
            out.append(y)
    return np.sum(np.array(out) ** 2)


@is_rolled
def written_through_a_view(x: Any, w: Any) -> Any:
    a = np.zeros((5, 30))
    v = a[2]
    for i in range(1, 30):
        v[i] = v[i - 1] * w + math.sin(x * i)
    return a.sum() * x


@is_rolled
def updated_under_two_names(x: Any, w: Any) -> Any:
    a = np.full(3, x)
    b = a
    for _ in range(20):
        a += 0.1 * w * np.cos(b)
    return b.sum()


@is_rolled
def bound_anew_then_written(x: Any, w: Any) -> Any:
    a = np.full(3, x)
    b = a
    for _ in range(20):
        a = a * 0.9 + w
        a[0] = a[0] * 0.5 + math.sin(w)
    return b.sum() + a.sum()


@is_rolled
def three_buffers(x: Any, w: Any) -> Any:
    a, b, c = np.full(4, x), np.full(4, w), np.ones(4)
    for _ in range(40):
        c[:] = np.sin(a) + 0.1 * b
        a, b, c = b, c, a
    return a.sum() + 2 * b.sum() + 3 * c[0]


# --- loops of unknown length ---------------------------------------------------------------------


@is_rolled
def newton(x: Any, w: Any) -> Any:
    y = x
    while abs(y * y - x) > 1e-12:
        y = 0.5 * (y + x / y)
    return y * w


@is_rolled
def halved(x: Any, w: Any) -> Any:
    y = x + 5.0
    while y > 1.0:
        y *= 0.5
    return y * y * w


@is_rolled
def halved_in_each_step(x: Any, w: Any) -> Any:
    total = 0.0
    for i in range(20):
        y = x + 5.0 + 0.3 * i + total * 0.1
        while y > 1.0:
            y *= 0.5
        total = total * 0.5 + y * w
    return total


@is_rolled
def with_a_limit(x: Any, w: Any) -> Any:
    y, error, n = x, 1.0, 0
    while error > 1e-12:
        new = 0.5 * (y + x / y)
        error = abs(new - y)
        y = new
        n += 1
        if n > 50:
            raise ValueError("no solution")
    return y * w + n


@is_rolled
def kepler(x: Any, w: Any) -> Any:
    e = x
    for _ in range(100):
        step = (e - w * math.sin(e) - x) / (1 - w * math.cos(e))
        e -= step
        if abs(step) < 1e-13:
            break
    else:
        raise RuntimeError("no solution")
    return e


@is_rolled
def returned_out_of_a_loop(x: Any, w: Any) -> Any:
    for k in range(200):
        x = (3.0 + w) * x * (1 - x)
        if x > 0.8:
            return x * 2 + k
    return x


@is_rolled
def without_a_test(x: Any, w: Any) -> Any:
    s = 0.0
    while True:
        s = s + x
        if s > 5:
            break
        if s < 1:
            continue
        s = s * 1.1 + w
    return s


@is_rolled
def through_data(x: Any, w: Any) -> Any:
    total = 0.0
    for a in np.linspace(0.0, 3.0, 50):
        total += x * a
        if total > 2.0 + w:
            break
    else:
        total = -total
    return total * w + a


@is_rolled
def loops_in_a_while(x: Any, w: Any) -> Any:
    v, n = np.array([1.0, x, w]), 0
    error = 1.0
    while error > 1e-6 and n < 60:
        old = v
        for _ in range(12):
            v = np.tanh(0.3 * v + np.roll(v, 1) * w + x)
        error = np.max(np.abs(v - old))
        n += 1
    return v.sum()


@is_rolled
def counted_alone_in_each_step(x: Any, w: Any) -> Any:
    b, c = math.sin(w), math.sin(x)
    for k in range(11):
        c = math.tanh(k * 0.1 + c * x)
        steps = 0
        while steps < 9 and c < b:
            steps += 1
            c = math.tanh(math.sin(k + w))
        b = math.tanh(math.cos(w))
    return b * c


# --- what is unrolled ----------------------------------------------------------------------------


@is_unrolled
def short(x: Any, w: Any) -> Any:
    for _ in range(3):
        x = math.sin(x) * w + math.cos(x)
    return x


@is_unrolled
def words(x: Any, w: Any) -> Any:
    total = 0.0
    for kind in ["sin", "cos", "sin", "tanh", "exp"] * 5:
        total = total + w * getattr(np, kind)(x) ** 2 + math.sin(total)
    return total


@is_unrolled
def grows(x: Any, w: Any) -> Any:
    a = np.array([x])
    for i in range(20):
        a = np.concatenate((a, np.array([a[-1] * w + i])))
    return np.sum(a**2)


@is_unrolled
def changes_a_list(x: Any, w: Any) -> Any:
    queue = [x, w, 1.0, 2.0, x * w, 0.5, 0.25, 3.0]
    total = 0.0
    for _ in range(8):
        total = total * 0.5 + math.sin(queue.pop()) * w + math.cos(total)
    return total


@is_unrolled
def exchanged_under_another_name(x: Any, w: Any) -> Any:
    u, v = np.full(6, x), np.zeros(6)
    first = u
    for _ in range(9):
        v[:] = np.sin(u) * w + 0.1 * first**2 + np.cos(u * w)
        u, v = v, u
    return first.sum() + u.sum()


@is_rolled  # but for the loop around
def goes_through_what_it_writes_into(x: Any, w: Any) -> Any:
    levels, total = np.full(12, x), 0.0
    for level in levels:
        for i in range(1, 12):
            levels[i] = levels[i - 1] * w + 0.1 * level
        total = total * w + math.sin(level)
    return total + levels.sum()


@is_unrolled
def none_at_first(x: Any, w: Any) -> Any:
    best = None
    for i in range(40):
        v = math.sin(x * i) * w
        if best is None or v > best:
            best = v
    return best * x


@is_unrolled
def a_shape_that_is_asked_for(x: Any, w: Any) -> Any:
    a = np.array(x)
    for _ in range(20):
        if a.ndim == 0:
            a = np.array([x, w])
        a = np.sin(a) * 0.5 + w
    return a.sum()


@is_unrolled
def a_function_of_the_last_step(x: Any, w: Any) -> Any:
    for i in range(30):
        y = math.sin(x * i) * w

        def last(z: Any, y: Any = y) -> Any:
            return z * y

    return last(x) + math.cos(w)


@is_unrolled
def factorials(x: Any, w: Any) -> Any:
    total, f = 0.0, 1
    for i in range(1, 30):
        f = f * i
        total = total + x**i / f * w + math.sin(total * 0.01)
    return total


@is_unrolled
def looks_at_a_list(x: Any, w: Any) -> Any:
    xs: list[Any] = []
    for i in range(12):
        if len(xs) > 3:
            xs.append(xs[-1] * w + xs[-2])
        else:
            xs.append(math.sin(x * i))
    return sum(xs)


def differences(function: Program, x: float, w: float) -> list[float]:
    found = []
    for dx, dw in ((1.0, 0.0), (0.0, 1.0)):
        steps = [
            (function(x + h * dx, w + h * dw) - function(x - h * dx, w - h * dw)) / (2 * h)
            for h in (1e-4, 5e-5)
        ]
        found.append(float((4 * steps[1] - steps[0]) / 3))
    return found


def loops_in(function: Program) -> int:
    gradient = sd.value_and_grad(function, wrt=(0, 1))
    gradient(*POINTS[0])
    body = gradient.emit().split("def _value_and_grad")[1].split("\ndef ")[0]
    return len(re.findall(r"^ +(for|while) ", body, re.MULTILINE))


@pytest.mark.spread(2)
@pytest.mark.parametrize("function", [*ROLLED, *UNROLLED])
def test_the_gradient_is_the_programs(function: Program) -> None:
    gradient = sd.value_and_grad(function, wrt=(0, 1))
    for point in POINTS:
        value, slopes = gradient(*point)
        assert float(value) == pytest.approx(float(function(*point)), rel=1e-12)
        if function is not a_branch_in_each_step:  # a staircase has other differences
            wanted = differences(function, *point)
            assert [float(s) for s in slopes] == pytest.approx(wanted, rel=2e-6, abs=1e-7)


@pytest.mark.parametrize("function", ROLLED)
def test_it_stays_a_loop(function: Program) -> None:
    assert loops_in(function)


@pytest.mark.parametrize("function", UNROLLED)
def test_it_is_unrolled(function: Program) -> None:
    assert not loops_in(function)


@pytest.mark.parametrize(
    "function", [recurrence, by_index, two_buffers, newton, halved, a_triangle]
)
def test_second_derivatives(function: Program) -> None:
    hessian = sd.hessian(function, wrt=(0, 1))(*POINTS[0])
    gradient = sd.grad(function, wrt=(0, 1))
    for row, (dx, dw) in zip(zip(*hessian, strict=True), ((1.0, 0.0), (0.0, 1.0)), strict=True):
        x, w = POINTS[0]
        h = 1e-5
        ahead = gradient(x + h * dx, w + h * dw)
        behind = gradient(x - h * dx, w - h * dw)
        wanted = [(float(a) - float(b)) / (2 * h) for a, b in zip(ahead, behind, strict=True)]
        assert [float(entry) for entry in row] == pytest.approx(wanted, rel=1e-5, abs=1e-6)


def test_a_named_length() -> None:
    def loss(xs: Any, w: Any) -> Any:
        h = np.zeros(3)
        for i in range(xs.shape[0]):
            h = np.tanh(w @ h + xs[i])
        total = 0.0
        for x in xs:
            total = total + np.sum(x) * h[0]
        return total

    f = sd.function(loss, shapes={"xs": ("N", 3), "w": (3, 3)})
    module = f.value_and_grad(wrt="w").load()
    rng = np.random.default_rng(0)
    for n in (1, 2, 7):
        xs, w = rng.normal(size=(n, 3)), rng.normal(size=(3, 3))
        value, slope = module.value_and_grad(xs, w)
        assert value == pytest.approx(loss(xs, w))
        ahead, behind = w.copy(), w.copy()
        ahead[1, 2] += 1e-6
        behind[1, 2] -= 1e-6
        assert slope[1, 2] == pytest.approx((loss(xs, ahead) - loss(xs, behind)) / 2e-6, rel=1e-5)


def test_an_array_that_was_exchanged_is_refused_under_its_other_name() -> None:
    def aliased(x: Any, w: Any) -> Any:
        u, v = np.full(6, x), np.zeros(6)
        first = u
        for _ in range(9):
            v[:] = np.sin(u) * w + 0.1 * u**2 + np.cos(u * w)
            u, v = v, u
        return first.sum() + u.sum()

    with pytest.raises(sd.UnsupportedError, match=r"exchanged with another one"):
        sd.grad(aliased)(0.3, 0.7)


def test_what_is_plain_stays_plain() -> None:
    def table(x: Any) -> Any:
        powers = []
        p = 1
        for i in range(40):
            p = (p * 3 + i) % 97
            powers.append(p)
        return x * powers[len(powers) - 1] + np.zeros(p)[0]

    assert sd.grad(table)(0.5) == table(1.0)


def test_a_check_in_a_loop_raises() -> None:
    gradient = sd.grad(a_check_in_each_step)
    with pytest.raises(ValueError, match=r"step 0: 316\.2"):
        gradient(1.0, 1e5)


def test_a_while_that_is_not_alike_is_refused() -> None:
    def longer(x: Any) -> Any:
        a = np.array([x])
        while a[-1] < 10.0:
            a = np.concatenate((a, a[-1:] * 2))
        return a.sum()

    with pytest.raises(sd.UnsupportedError, match=r"'while' goes on depends.*changes its shape"):
        sd.function(longer, shapes={"x": ()})


def test_what_a_while_has_not_set_raises() -> None:
    def unset(x: Any) -> Any:
        while x > 1.0:
            x = x / 2
            y = x
        return y * x

    gradient = sd.grad(unset)
    assert gradient(3.0) == pytest.approx(2 * 0.75 / 4)
    with pytest.raises(UnboundLocalError, match="'y'"):
        gradient(0.5)


def test_few_lines_are_unrolled(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loops_in(recurrence)
    monkeypatch.setattr(recorded, "MOST_LINES", 10_000)
    assert not loops_in(recurrence)


def test_what_is_known_keeps_its_name() -> None:
    def filtered(x: Any, zs: Any) -> Any:
        turn = np.array([[1.0, 0.1], [0.0, 0.9]])
        m = np.zeros(2)
        for i in range(zs.shape[0]):
            m = turn @ m + x * zs[i]
        return m @ m

    text = sd.function(filtered, shapes={"x": (), "zs": ("N",)}).grad(wrt="x").emit()
    assert "\nTURN = np.array([[1.0, 0.1], [0.0, 0.9]])\n" in text
    assert "m = TURN @ m" in text


def test_what_is_read_before_a_branch_sets_it() -> None:
    def program(x: Any, y: Any, v: Any) -> Any:
        w, u, items = np.zeros(12), v + y, []
        b = w[1] * y
        for _ in w:
            for i, e in enumerate(v):
                b = np.tanh(0.5)
                a = np.tanh(np.tanh(e) - 0.27)
                c = np.sin(u[i - 1] - b)
            items.append(x - b)
            if 0.24 + v[0] < a + a:
                b = a * 0.1
                b = b + 0.0
            else:
                b = np.tanh(c + y)
        return a + b * c + sum(items)

    v = np.linspace(-1.0, 1.0, 12)
    value, slope = sd.value_and_grad(program)(0.37, -0.81, v)
    assert value == pytest.approx(program(0.37, -0.81, v), rel=1e-13)
    assert slope == pytest.approx(12.0)


def test_a_name_of_a_comprehension_is_not_that_of_the_loop() -> None:
    def program(x: Any) -> Any:
        b, i = x, 0
        while i < 60 and b > 1.0:
            s = np.tanh(b)
            b, i = s * b, i + 1
        return b + sum(np.sin(s) for s in (x, b)) + (lambda s: s)(x)

    for x in (0.3, 1.7):  # no step, and some
        value, _ = sd.value_and_grad(program)(x)
        assert value == pytest.approx(program(x), rel=1e-13)


def test_a_default_of_a_lambda_reads_what_a_loop_sets() -> None:
    def program(x: Any) -> Any:
        s = x
        for _ in range(60):
            s = np.sin(s) + x
        return (lambda s=s: s * x)()

    assert sd.value_and_grad(program)(0.3)[0] == pytest.approx(program(0.3), rel=1e-13)
