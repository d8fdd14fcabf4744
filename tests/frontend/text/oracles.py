"""What the programs of `programs/` compute, written in plain Python for numbers of 50 digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from mpmath import atan, cos, erf, exp, log, mpf, sin, sqrt, tan, tanh

Numbers = Sequence[Any]


def tariff(units: Any) -> Any:
    if units <= 100:
        return units * 12 / mpf(100)
    if units <= 300:
        return 12 + (units - 100) / 5
    return 52 + mpf("0.3") * (units - 300) ** mpf("1.1")


def kepler(m: Any, ecc: Any) -> Any:
    whole = m
    for _ in range(200):
        whole = m + ecc * sin(whole)  # a contraction
    return 2 * atan(sqrt((1 + ecc) / (1 - ecc)) * tan(whole / 2))


def rk4(theta: Any, damping: Any) -> Any:
    def slope(state: Numbers) -> Numbers:
        return state[1], -sin(state[0]) - damping * state[1]

    def moved(state: Numbers, by: Any, along: Numbers) -> Numbers:
        return [a + by * b for a, b in zip(state, along, strict=True)]

    h, state = mpf("0.04"), [theta, mpf(0)]
    for _ in range(25):
        one = slope(state)
        two = slope(moved(state, h / 2, one))
        three = slope(moved(state, h / 2, two))
        four = slope(moved(state, h, three))
        whole = [a + 2 * b + 2 * c + d for a, b, c, d in zip(one, two, three, four, strict=True)]
        state = moved(state, h / 6, whole)
    return state[0] + state[1] ** 2


def logistic_map(r: Any, x: Any) -> Any:
    for _ in range(40):
        x = r * (x - x * x)
        if x > mpf("0.8"):
            return 10 * x
    return x


def horner(c: Numbers, x: Any) -> Any:
    return sum(a * x**k for k, a in enumerate(reversed(c)))


def garch(r: Numbers, omega: Any, alpha: Any, beta: Any) -> Any:
    variances = [omega / (1 - alpha - beta)]
    for e in r:
        variances.append(omega + alpha * e * e + beta * variances[-1])
    return sum((log(h) + e * e / h) / 2 for e, h in zip(r, variances, strict=False))


def cubic_root(a: Any) -> Any:
    """Cardano's: of x**3 + x = a."""
    root = sqrt(a * a / 4 + mpf(1) / 27)
    return (a / 2 + root) ** (mpf(1) / 3) - (root - a / 2) ** (mpf(1) / 3)


def heat(u: Numbers, c: Any) -> Any:
    for _ in range(12):
        inner = [b + c * (a - 2 * b + d) for a, b, d in zip(u, u[1:], u[2:], strict=False)]
        u = [u[0], *inner, u[-1]]
    return sum(e * e for e in u)


def recurrence(x: Any, w: Any) -> Any:
    a = [x]
    while len(a) < 30:
        a.append(sin(a[-1]) * w + mpf("0.1"))
    return sum(e * e for e in a) / 30


def solved(matrix: Sequence[Numbers], right: Numbers) -> Numbers:
    """By Gauss's elimination without pivots."""
    rows = [[*row, b] for row, b in zip(matrix, right, strict=True)]
    for i, pivot in enumerate(rows):
        for row in rows[i + 1 :]:
            factor = row[i] / pivot[i]
            row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
    found: list[Any] = []
    for i in reversed(range(len(rows))):
        known = sum(a * b for a, b in zip(rows[i][i + 1 : -1], found, strict=True))
        found.insert(0, (rows[i][-1] - known) / rows[i][i])
    return found


def thomas(d: Numbers, s: Any) -> Any:
    n = len(d)
    matrix = [[4 if i == j else s if abs(i - j) == 1 else 0 for j in range(n)] for i in range(n)]
    return sum(a * b for a, b in zip(solved(matrix, d), d, strict=True))


def log_determinant(matrix: Sequence[Numbers]) -> Any:
    """Of what the lower triangle says."""
    n = len(matrix)
    rows = [[matrix[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]
    total = mpf(0)
    for i in range(n):
        total += log(rows[i][i])
        for row in rows[i + 1 :]:
            factor = row[i] / rows[i][i]
            row[:] = [a - factor * b for a, b in zip(row, rows[i], strict=True)]
    return total


def huber(r: Numbers, delta: Any) -> Any:
    return sum(e * e / 2 if abs(e) <= delta else delta * (abs(e) - delta / 2) for e in r)


def american_option(s0: Any, strike: Any, sigma: Any) -> Any:
    n = 20
    up = exp(sigma * sqrt(mpf(1) / n))
    disc = exp(-mpf("0.03") / n)
    p = (1 / disc - 1 / up) / (up - 1 / up)

    def value(step: int) -> Numbers:
        here = [strike - s0 * up ** (2 * k - step) for k in range(step + 1)]
        if step == n:
            return [max(e, 0) for e in here]
        later = value(step + 1)
        kept = [disc * (p * b + (1 - p) * a) for a, b in pairwise(later)]
        return [max(a, b) for a, b in zip(here, kept, strict=True)]

    return value(0)[0]


def black_scholes(s: Any, k: Any, sigma: Any, t: Any) -> Any:
    if t <= 0:
        return max(s - k, 0)
    root = sigma * sqrt(t)
    one = log(s / k) / root + root / 2
    return (s * (1 + erf(one / sqrt(2))) - k * (1 + erf((one - root) / sqrt(2)))) / 2


def sir(beta: Any, gamma: Any) -> Any:
    s, i, r = mpf("0.99"), mpf("0.01"), mpf(0)
    for _ in range(60):
        new = (beta / 2 if i > mpf("0.05") else beta) * s * i
        s, i, r = s - new, i + new - gamma * i, r + gamma * i
    return r + 3 * i


def kalman(z: Numbers, q: Any, r: Any) -> Any:
    m, p, loss = mpf(0), mpf(1), mpf(0)
    for y in z:
        s = p + q + r
        loss += (log(s) + (y - m) ** 2 / s) / 2
        m, p = m + (p + q) / s * (y - m), (p + q) * r / s
    return loss


def bounce(y: Any, c: Any) -> Any:
    v, step = mpf(0), mpf("0.01")
    for _ in range(150):
        v -= mpf("9.81") * step
        y += v * step
        if y < 0 and v < 0:
            y, v = -y * c, -c * v
    return y + v / 10


def quartic(a: Any) -> Any:
    return a - mpf("0.25") ** (mpf(1) / 3)


def collatz(n: Any, x: Any) -> Any:
    steps = 0
    while n > 1:
        even = n % 2 == 0
        x = x * mpf("0.9") if even else sin(x)
        n = n / 2 if even else 3 * n + 1
        steps += 1
    return x * steps


def dtw(x: Numbers, y: Numbers) -> Any:
    def cost(i: int, j: int) -> Any:
        if i == 0 and j == 0:
            return 0
        if i == 0 or j == 0:
            return 1000
        best = min(cost(i - 1, j), cost(i, j - 1), cost(i - 1, j - 1))
        return (x[i - 1] - y[j - 1]) ** 2 + best

    return cost(len(x), len(y))


def rnn(xs: Sequence[Numbers], w: Sequence[Numbers], u: Sequence[Numbers]) -> Any:
    def times(matrix: Sequence[Numbers], vector: Numbers) -> Numbers:
        return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]

    h: Numbers = [mpf(0)] * 4
    for x in xs:
        h = [tanh(a + b) for a, b in zip(times(w, h), times(u, x), strict=True)]
    return sum(e * e for e in h)


def search(t: Numbers, x: Any) -> Any:
    return next((e - x for e in t if e > x), 100 * x) ** 2


def skip(v: Numbers) -> Any:
    return sum(log(e) * k for e, k in zip(v, reversed(v), strict=True) if e > 0)


def weights(v: Numbers, a: Any) -> Any:
    return sum((a * a if i > 2 else a) * e * e / i for i, e in enumerate(v, 1))


def jacobi(b: Numbers, s: Any) -> Any:
    x, y, z = solved([[4, s, 0], [s, 4, s], [0, s, 4]], b)
    return x + 2 * y + 3 * z


def lengths(n: Any, x: Any) -> Any:
    for _ in range(int(n)):
        x += cos(x) / 2
    return x, x * x


def greek(one: Any, two: Any) -> Any:
    return one * one if one > two else one * two


def inline(x: Any, y: Any) -> Any:
    s, t = mpf(0), mpf(1)
    if x > 0:
        s, t = x, y
    elif x > -1:
        s = y * y
    while t < 50:
        s, t = s + y / 10, 2 * t + abs(s)
    return s * t


SERIES = [0.4, -1.1, 0.8, 0.3, -0.6]
MATRIX = [[4.0, 1.0, 0.5, 0.2], [1.0, 5.0, 0.3, 0.1], [0.5, 0.3, 3.0, 0.4], [0.2, 0.1, 0.4, 2.0]]
WEIGHTS = [
    [0.1, -0.4, 0.2, 0.5],
    [0.3, 0.2, -0.1, 0.0],
    [0.6, -0.2, 0.1, 0.3],
    [0.2, 0.1, 0.4, -0.5],
]
INTO = [[0.5, -0.2, 0.1], [0.3, 0.4, -0.6], [-0.1, 0.2, 0.7], [0.0, 0.9, -0.3]]

# The oracle of each program, and points at which it is compared
ORACLES: dict[str, tuple[Callable[..., Any], list[tuple[Any, ...]]]] = {
    "american_option": (american_option, [(100.0, 105.0, 0.3), (90.0, 80.0, 0.2)]),
    "bisection": (cubic_root, [(1.0,), (4.2,)]),
    "black_scholes": (black_scholes, [(100.0, 95.0, 0.2, 0.5), (100.0, 95.0, 0.2, -1.0)]),
    "bounce": (bounce, [(1.0, 0.7), (2.3, 0.9)]),
    "cholesky": (log_determinant, [(MATRIX,)]),
    "collatz": (collatz, [(6.0, 0.7), (7.0, 1.1)]),
    "continued_fraction": (tan, [(0.7,), (-1.2,)]),
    "dtw": (dtw, [(SERIES, [0.1, -0.9, 0.5, -0.4])]),
    "garch": (garch, [(SERIES, 0.1, 0.2, 0.6), ([0.3], 0.2, 0.1, 0.5)]),
    "golden": (quartic, [(1.5,), (2.0,)]),
    "greek": (greek, [(0.3, 0.8), (0.9, 0.8)]),
    "horner": (horner, [(SERIES, 0.7), ([2.0], 3.0)]),
    "huber": (huber, [(SERIES, 0.5), (SERIES, 2.0)]),
    "inline": (inline, [(0.3, 1.2), (-0.4, 0.7), (-2.0, 0.9)]),
    "jacobi": (jacobi, [([1.0, -2.0, 0.5], 0.9)]),
    "kalman": (kalman, [(SERIES, 0.1, 0.4), ([0.2], 0.3, 0.6)]),
    "kepler": (kepler, [(0.8, 0.3), (2.1, 0.6)]),
    "lengths": (lengths, [(3, 0.4), (0, 1.1)]),
    "logistic_map": (logistic_map, [(2.9, 0.3), (3.7, 0.2)]),
    "recurrence": (recurrence, [(0.7, 1.3), (-0.2, 0.9)]),
    "rk4": (rk4, [(1.1, 0.2), (-2.0, 0.0)]),
    "rnn": (rnn, [([[0.3, -0.5, 0.2], [0.1, 0.8, -0.4], [0.6, 0.0, 0.5]], WEIGHTS, INTO)]),
    "search": (search, [(SERIES, 0.5), (SERIES, 0.9)]),
    "sir": (sir, [(0.4, 0.1), (0.2, 0.15)]),
    "skip": (skip, [(SERIES,), ([0.5, 1.5],)]),
    "square_root": (sqrt, [(2.0,), (0.3,)]),
    "tariff": (tariff, [(50.0,), (200.0,), (400.0,)]),
    "thomas": (thomas, [([*SERIES, 0.2, 0.9, -0.7], 1.1)]),
    "heat": (heat, [([0.0, 1.0, 0.3, -0.2, 0.5], 0.2)]),
    "weights": (weights, [(SERIES, 0.7)]),
}
