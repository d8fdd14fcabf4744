"""Functions of arrays, and value and gradient as a careful person writes them in NumPy.

The gradients are right wherever the functions are defined: a target may sum to anything. They do
not reorder the function, and use what is special to it where that is plain to see. They are written
for least time: `sum` and a division, as `mean` is a function of Python around them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np  # noqa: TID253  the functions that are traced need it

import symdiff as sd

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A function, its value and gradient by hand, and arguments.

    Attributes:
        function: takes arrays, returns a number; or a formula, of which the functions alone are
            emitted.
        by_hand: value and gradient by `wrt`.
        wrt: names of arguments, in their order.
        shapes: by argument.
    """

    function: Function | str
    by_hand: Function
    wrt: tuple[str, ...]
    shapes: dict[str, Any]

    def arguments(self) -> list[Any]:
        """The same in every process."""
        generator = np.random.default_rng(0)
        return [generator.normal(size=x) if x else 1.7 for x in self.shapes.values()]


# --- the functions alone of a formula ----------------------------------------------------------
def powers_hand(x: Any, y: Any) -> Any:
    x, y = np.broadcast_arrays(np.asarray(x) / 1, np.asarray(y) / 1)  # integers as floats
    square = y * y
    return x * x + square * y, (2.0 * x, 3.0 * square)


# --- 3x3 convolution by two loops --------------------------------------------------------------
def conv(w: Any, x: Any, y: Any) -> Any:
    height, width = y.shape
    out = np.zeros(y.shape)
    for i in range(3):
        for j in range(3):
            out = out + w[i, j] * x[i : i + height, j : j + width]
    return np.mean((out - y) ** 2)


def conv_hand(w: Any, x: Any, y: Any) -> Any:
    x00, x01, x02 = x[:30, :30], x[:30, 1:31], x[:30, 2:]
    x10, x11, x12 = x[1:31, :30], x[1:31, 1:31], x[1:31, 2:]
    x20, x21, x22 = x[2:, :30], x[2:, 1:31], x[2:, 2:]
    r = (
        w[0, 0] * x00
        + w[0, 1] * x01
        + w[0, 2] * x02
        + w[1, 0] * x10
        + w[1, 1] * x11
        + w[1, 2] * x12
        + w[2, 0] * x20
        + w[2, 1] * x21
        + w[2, 2] * x22
    ) - y
    w_bar = np.empty((3, 3))
    w_bar[0, 0] = (r * x00).sum()
    w_bar[0, 1] = (r * x01).sum()
    w_bar[0, 2] = (r * x02).sum()
    w_bar[1, 0] = (r * x10).sum()
    w_bar[1, 1] = (r * x11).sum()
    w_bar[1, 2] = (r * x12).sum()
    w_bar[2, 0] = (r * x20).sum()
    w_bar[2, 1] = (r * x21).sum()
    w_bar[2, 2] = (r * x22).sum()
    return (r * r).sum() / 900.0, 2.0 / 900.0 * w_bar


# --- a step of RK4 -----------------------------------------------------------------------------
def slope(y: Any, k: Any) -> Any:
    return np.array([y[1], -k * y[0]])


def rk4(y: Any, k: Any, target: Any) -> Any:
    k1 = slope(y, k)
    k2 = slope(y + 0.05 * k1, k)
    k3 = slope(y + 0.05 * k2, k)
    k4 = slope(y + 0.1 * k3, k)
    end = y + 0.1 / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return np.sum((end - target) ** 2)


def rk4_hand(y: Any, k: Any, target: Any) -> Any:
    y0 = y[0]
    k1 = np.array([y[1], -k * y0])
    y2 = y + 0.05 * k1
    y20 = y2[0]
    k2 = np.array([y2[1], -k * y20])
    y3 = y + 0.05 * k2
    y30 = y3[0]
    k3 = np.array([y3[1], -k * y30])
    y4 = y + 0.1 * k3
    y40 = y4[0]
    k4 = np.array([y4[1], -k * y40])
    r = y + 0.1 / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4) - target
    k4_bar = 0.1 / 3.0 * r
    k4_bar1 = k4_bar[1]
    y4_bar = np.array([-k * k4_bar1, k4_bar[0]])
    twice = 2.0 * k4_bar
    k3_bar = twice + 0.1 * y4_bar
    k3_bar1 = k3_bar[1]
    y3_bar = np.array([-k * k3_bar1, k3_bar[0]])
    k2_bar = twice + 0.05 * y3_bar
    k2_bar1 = k2_bar[1]
    y2_bar = np.array([-k * k2_bar1, k2_bar[0]])
    k1_bar = k4_bar + 0.05 * y2_bar
    k1_bar1 = k1_bar[1]
    y1_bar = np.array([-k * k1_bar1, k1_bar[0]])
    y_bar = 2.0 * r + y4_bar + y3_bar + y2_bar + y1_bar
    k_bar = -(y40 * k4_bar1 + y30 * k3_bar1 + y20 * k2_bar1 + y0 * k1_bar1)
    return (r * r).sum(), (y_bar, k_bar)


# --- softmax and cross-entropy -----------------------------------------------------------------
def log_softmax_loss(W: Any, b: Any, X: Any, Y: Any) -> Any:
    z = X @ W + b
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.sum(Y * log_p) / len(Y)


def log_softmax_loss_hand(W: Any, b: Any, X: Any, Y: Any) -> Any:
    z = X @ W + b
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    value = -(Y * (z - np.log(total))).sum() / len(Y)
    z_bar = (Y.sum(axis=1, keepdims=True) / total * e - Y) / len(Y)
    return value, (X.T @ z_bar, z_bar.sum(axis=0))


# --- Lennard-Jones -----------------------------------------------------------------------------
def lennard_jones(x: Any) -> Any:
    d = x[:, None, :] - x[None, :, :]
    r2 = np.sum(d**2, axis=-1) + np.eye(len(x))
    s6 = 1.0 / r2**3
    return 2.0 * np.sum(s6 * s6 - s6)


def lennard_jones_hand(x: Any) -> Any:
    d = x[:, None] - x
    r2 = (d * d).sum(axis=-1) + np.eye(len(x))
    s6 = 1.0 / (r2 * r2 * r2)
    value = 2.0 * (s6 * s6 - s6).sum()
    g = (24.0 - 48.0 * s6) * s6 / r2  # of both of a pair: d is antisymmetric
    return value, np.einsum("ij,ijk->ik", g, d)


# --- batch normalisation with a two-layer network ----------------------------------------------
def batch_norm(W1: Any, b1: Any, gamma: Any, beta: Any, W2: Any, b2: Any, X: Any, y: Any) -> Any:
    a = X @ W1 + b1
    normal = (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + 1e-5)
    h = np.maximum(gamma * normal + beta, 0.0)
    p = h @ W2 + b2
    return np.mean((p - y) ** 2)


def batch_norm_hand(
    W1: Any, b1: Any, gamma: Any, beta: Any, W2: Any, b2: Any, X: Any, y: Any
) -> Any:
    n = len(X)
    a = X @ W1 + b1
    c = a - a.sum(axis=0) / n
    deviation = np.sqrt((c * c).sum(axis=0) / n + 1e-5)
    normal = c / deviation
    g = gamma * normal + beta
    h = np.maximum(g, 0.0)
    r = h @ W2 + b2 - y
    p_bar = 2.0 / r.size * r
    g_bar = (p_bar @ W2.T) * np.heaviside(g, 0.5)  # a tie is shared
    gamma_bar = (g_bar * normal).sum(axis=0)
    beta_bar = g_bar.sum(axis=0)
    a_bar = gamma / deviation * (g_bar - beta_bar / n - normal * (gamma_bar / n))
    return (r * r).sum() / r.size, (
        X.T @ a_bar,
        a_bar.sum(axis=0),
        gamma_bar,
        beta_bar,
        h.T @ p_bar,
        p_bar.sum(axis=0),
    )


# --- LSTM --------------------------------------------------------------------------------------
def sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


def lstm(W: Any, U: Any, b: Any, xs: Any, target: Any) -> Any:
    def step(state: Any, x: Any) -> Any:
        h, c = state
        gates = W @ h + U @ x + b
        keep, take, show = sigmoid(gates[:3]), sigmoid(gates[3:6]), sigmoid(gates[6:9])
        c = keep * c + take * np.tanh(gates[9:])
        h = show * np.tanh(c)
        return (h, c), h

    _, hs = sd.scan(step, (np.zeros(3), np.zeros(3)), xs)
    return np.mean((hs - target) ** 2)


def lstm_hand(W: Any, U: Any, b: Any, xs: Any, target: Any) -> Any:
    n = len(xs)
    hs, cs = np.zeros((n + 1, 3)), np.zeros((n + 1, 3))
    keeps, takes, shows = np.empty((n, 3)), np.empty((n, 3)), np.empty((n, 3))
    news, tanhs = np.empty((n, 3)), np.empty((n, 3))
    h, c = hs[0], cs[0]
    for i in range(n):
        gates = W @ h + U @ xs[i] + b
        keep = 1.0 / (1.0 + np.exp(-gates[:3]))
        take = 1.0 / (1.0 + np.exp(-gates[3:6]))
        show = 1.0 / (1.0 + np.exp(-gates[6:9]))
        new = np.tanh(gates[9:])
        c = keep * c + take * new
        tanh = np.tanh(c)
        h = show * tanh
        keeps[i], takes[i], shows[i], news[i], tanhs[i] = keep, take, show, new, tanh
        hs[i + 1], cs[i + 1] = h, c
    r = hs[1:] - target
    r_bar = 2.0 / r.size * r
    gates_bars = np.empty((n, 12))
    h_bar, c_bar = np.zeros(3), np.zeros(3)
    for i in reversed(range(n)):
        keep, take, show, new, tanh = keeps[i], takes[i], shows[i], news[i], tanhs[i]
        h_bar = h_bar + r_bar[i]
        c_bar = c_bar + h_bar * show * (1.0 - tanh * tanh)
        gates_bar = gates_bars[i]
        gates_bar[:3] = c_bar * cs[i] * keep * (1.0 - keep)
        gates_bar[3:6] = c_bar * new * take * (1.0 - take)
        gates_bar[6:9] = h_bar * tanh * show * (1.0 - show)
        gates_bar[9:] = c_bar * take * (1.0 - new * new)
        c_bar = c_bar * keep
        h_bar = W.T @ gates_bar
    return (r * r).sum() / r.size, (
        gates_bars.T @ hs[:-1],
        gates_bars.T @ xs,
        gates_bars.sum(axis=0),
    )


# --- all of them -------------------------------------------------------------------------------

CASES = {
    "x**2+y**3, --lean": Case("x**2+y**3", powers_hand, ("x", "y"), {"x": (1000,), "y": (1000,)}),
    "convolution, 3x3, by two loops": Case(
        conv, conv_hand, ("w",), {"w": (3, 3), "x": (32, 32), "y": (30, 30)}
    ),
    "a step of RK4": Case(rk4, rk4_hand, ("y", "k"), {"y": (2,), "k": (), "target": (2,)}),
    "softmax cross-entropy": Case(
        log_softmax_loss,
        log_softmax_loss_hand,
        ("W", "b"),
        {"W": (20, 10), "b": (10,), "X": (100, 20), "Y": (100, 10)},
    ),
    "Lennard-Jones, 20 particles": Case(lennard_jones, lennard_jones_hand, ("x",), {"x": (20, 3)}),
    "batch normalisation, two layers": Case(
        batch_norm,
        batch_norm_hand,
        ("W1", "b1", "gamma", "beta", "W2", "b2"),
        {"W1": (10, 20), "b1": (20,), "gamma": (20,), "beta": (20,), "W2": (20, 1), "b2": (1,)}
        | {"X": (100, 10), "y": (100, 1)},
    ),
    "LSTM, 20 steps by scan": Case(
        lstm,
        lstm_hand,
        ("W", "U", "b"),
        {"W": (12, 3), "U": (12, 2), "b": (12,), "xs": (20, 2), "target": (20, 3)},
    ),
}
