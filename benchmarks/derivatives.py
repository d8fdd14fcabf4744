"""Jacobians, Hessians and products beside CasADi's and JAX's: operations, calls, time to make."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np  # noqa: TID253  the functions that are traced need it

import symdiff as sd
from benchmarks.loops import lstm, recurrence
from benchmarks.measure import interleaved
from benchmarks.options import Options
from benchmarks.report import Section, Table, Target, number, seconds

_ORDERS = {10: 2.2, 20: 2.35, 40: 2.4}  # FastDifferentiation.jl's figures
_LENGTHS = (10, 1000, 10_000)
_GRID = 32
_MAKINGS = 5
_LINKS = (2, 3, 4, 6)


def run(_: Options) -> Section:
    """Operations first, then calls of one run."""
    about = (
        "Sparse derivatives come as values at constant places, as symdiff's and CasADi's modules "
        "give them. JAX's are dense, compiled. Each time is a median of interleaved rounds."
    )
    return Section(
        "Derivatives",
        about,
        [_harmonics(), _pollution(), _pendulum(), _products(), _calls(), lstm(), recurrence()],
    )


# --- operations ----------------------------------------------------------------------------------


def harmonics(order: int) -> str:
    """Real spherical harmonics below an order, by their recurrences, as a program."""
    lines = ["x: float; y: float; z: float", "S1 = y", "C1 = x"]
    lines += [
        f"S{m} = x*S{m - 1} + y*C{m - 1}\nC{m} = x*C{m - 1} - y*S{m - 1}" for m in range(2, order)
    ]
    for m in range(order):
        lines.append(f"P{m}_{m} = {float(math.prod(1 - 2 * k for k in range(1, m + 1)))!r}")
        if m + 1 < order:
            lines.append(f"P{m + 1}_{m} = {2 * m + 1}*z*P{m}_{m}")
        for n in range(m + 2, order):
            above = f"{2 * n - 1}*z*P{n - 1}_{m} - {n + m - 1}*P{n - 2}_{m}"
            lines.append(f"P{n}_{m} = ({above})/{n - m}")
    results = []
    for n in range(order):
        for m in range(-n, n + 1):
            k = abs(m)
            factor = (2 * n + 1) / (4 * math.pi) * math.factorial(n - k) / math.factorial(n + k)
            text = f"{math.sqrt(factor * (2 if m else 1))!r}*P{n}_{k}"
            results.append(text + (f"*{'S' if m < 0 else 'C'}{k}" if m else ""))
    return "\n".join([*lines, f"return {', '.join(results)}"])


def _harmonics() -> Table:
    rows, targets = [], []
    for order, most in _ORDERS.items():
        made = sd.function(harmonics(order)).jacobian(sparse=True)
        value, total = made.optimized_value.ops, made.ops
        rows.append((f"order {order}", str(value), str(total), number(total / value)))
        targets.append(Target(f"Jacobian over function, order {order}", most, total / value))
    return Table("Spherical harmonics", _HEADINGS, rows, tuple(targets))


# J. G. Verwer, Gauss-Seidel iteration for stiff ODEs from chemical kinetics (1994): rates and terms
_RATES = (
    ".35*y1 26.6*y2*y4 1.23e4*y5*y2 8.6e-4*y7 8.2e-4*y7 1.5e4*y7*y6 1.3e-4*y9 2.4e4*y9*y6 "
    "1.65e4*y11*y2 9.0e3*y11*y1 .022*y13 1.2e4*y10*y2 1.88*y14 1.63e4*y1*y6 4.8e6*y3 3.5e-4*y4 "
    "1.75e-2*y4 1.0e8*y16 4.44e11*y16 1.24e3*y17*y6 2.1*y19 5.78*y19 4.74e-2*y1*y4 "
    "1.78e3*y19*y1 3.12*y20"
).split()
_SUMS = (
    "-r1-r10-r14-r23-r24+r2+r3+r9+r11+r12+r22+r25, -r2-r3-r9-r12+r1+r21, -r15+r1+r17+r19+r22, "
    "-r2-r16-r17-r23+r15, -r3+2*r4+r6+r7+r13+r20, -r6-r8-r14-r20+r3+2*r18, -r4-r5-r6+r13, "
    "r4+r5+r6+r7, -r7-r8, -r12+r7+r9, -r9-r10+r8+r11, r9, -r11+r10, -r13+r12, r14, "
    "-r18-r19+r16, -r20, r20, -r21-r22-r24+r23+r25, -r25+r24"
)


def pollution() -> str:
    """The POLLU problem's right-hand side: 20 species, 25 reactions."""
    declared = [f"y{k}: float" for k in range(1, 21)]
    rates = [f"r{k} = {rate}" for k, rate in enumerate(_RATES, start=1)]
    return "\n".join([*declared, *rates, f"return {_SUMS}"])


def _pollution() -> Table:
    made = sd.function(pollution()).jacobian(sparse=True)
    value, total = made.optimized_value.ops, made.ops
    note = made.notes[-1]
    rows = [("POLLU, 20 x 20", str(value), str(total), number(total / value))]
    return Table("Air pollution", _HEADINGS, rows, (), (note,))


def _pendulum() -> Table:
    """The accelerations of a pendulum of n links on a cart, by SymPy's own generator."""
    import sympy  # noqa: TID251  a peer here
    from sympy.physics.mechanics import dynamicsymbols  # noqa: TID251
    from sympy.physics.mechanics.models import n_link_pendulum_on_cart  # noqa: TID251

    rows = []
    for n in _LINKS:
        kane = n_link_pendulum_on_cart(n, cart_force=False, joint_torques=False)
        known = {u: sympy.Symbol(f"u{k}") for k, u in enumerate(kane.u)}
        slopes = {q.diff(dynamicsymbols._t): u for q, u in zip(kane.q, known.values(), strict=True)}
        known |= {q: sympy.Symbol(f"q{k}") for k, q in enumerate(kane.q)}
        forcing = kane.forcing.subs(slopes).xreplace(known)
        state = [symbol for symbol in known.values() if symbol in forcing.free_symbols]
        started = time.perf_counter()
        f = sd.function(forcing)
        made = f.jacobian([str(symbol) for symbol in state], sparse=True)
        ours, total = time.perf_counter() - started, made.ops
        started = time.perf_counter()
        common, (matrix,) = sympy.cse(forcing.jacobian(state))
        theirs = time.perf_counter() - started
        parts = [*[part for _, part in common], *matrix]
        counted = sum(part.count_ops() for part in parts)
        value = made.optimized_value.ops
        rows.append((f"{n} links", str(value), str(total), str(counted), number(theirs / ours)))
    headings = ("forcing", "its operations", "the Jacobian's", "SymPy's diff, cse", "its time over")
    return Table("Pendulum of n links on a cart", headings, rows)


def chain(x: Any) -> Any:  # an array
    """Rosenbrock's function of many variables."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def _network(w1: Any, w2: Any, X: Any, y: Any) -> Any:  # arrays
    return np.mean((np.tanh(X @ w1) @ w2 - y) ** 2)


def _products() -> Table:
    network = sd.function(
        _network, wrt="w1,w2", shapes={"w1": (10, 20), "w2": (20,), "X": (100, 10), "y": (100,)}
    )
    functions = {"Rosenbrock": sd.function(chain, shapes={"x": (1000,)}), "network": network}
    rows, targets = [], []
    for name, f in functions.items():
        slope, product = f.grad().ops, f.hvp().ops
        rows.append((name, str(slope), str(product), number(product / slope)))
        targets.append(Target(f"hvp over gradient, {name}", 2.5, product / slope))
    headings = ("function", "gradient", "hvp", "ratio")
    return Table("Hessian times a vector, operations", headings, rows, tuple(targets))


# --- calls ---------------------------------------------------------------------------------------


def reaction(y: Any) -> Any:  # an array
    """The Brusselator with diffusion on a periodic grid."""
    u, v = y.reshape(2, _GRID, _GRID)

    def laplacian(a: Any) -> Any:
        return np.roll(a, 1, 0) + np.roll(a, -1, 0) + np.roll(a, 1, 1) + np.roll(a, -1, 1) - 4 * a

    first = 1.0 + u * u * v - 4.4 * u + 10.0 * laplacian(u)
    return np.stack([first, 3.4 * u - u * u * v + 10.0 * laplacian(v)]).reshape(-1)


def _made(make: Callable[[], Callable[..., Any]], x: Any) -> tuple[Callable[[], Any], float]:
    """A call that is ready, and the seconds from the function to its first result, the median."""
    times = []
    for _ in range(_MAKINGS):
        started = time.perf_counter()
        function = make()
        function(x)
        times.append(time.perf_counter() - started)
    return lambda: function(x), sorted(times)[_MAKINGS // 2]


def _calls() -> Table:
    rows, targets = [], []
    y = np.random.default_rng(0).uniform(0.5, 2.0, 2 * _GRID**2)
    cases = {"Brusselator, 2048 x 2048": (_brusselators(), y)}
    for n in _LENGTHS:
        cases[f"Rosenbrock, Hessian of {n}"] = (_hessians(n), np.linspace(-1.0, 1.0, n))
    for name, (makers, x) in cases.items():
        calls, making = {}, {}
        for tool, make in makers.items():
            calls[tool], making[tool] = _made(make, x)
        times = interleaved(calls, rounds=21)
        ours = times["symdiff"].median
        for tool, found in times.items():
            over = found.median / ours
            rows.append((name, tool, seconds(found.median), number(over), seconds(making[tool])))
        targets += _targets(name, {tool: t.median / ours for tool, t in times.items()}, making)
    headings = ("derivative", "tool", "a call", "over symdiff's", "to make, with the first call")
    return Table("Sparse derivatives", headings, rows, tuple(targets))


def _targets(name: str, over: dict[str, float], making: dict[str, float]) -> list[Target]:
    found = []
    if "1000" in name and name.endswith("1000") and "JAX" in over:
        found.append(Target("Hessian of 1,000: symdiff's call over JAX's", 1 / 50, 1 / over["JAX"]))
    for tool in ("CasADi SX", "CasADi MX"):
        if tool in over and ("10000" in name or "Brusselator" in name):
            found.append(Target(f"{name}: a call over {tool}'s", 1.0, 1 / over[tool]))
            ratio = making["symdiff"] / making[tool]
            found.append(Target(f"{name}: the making over {tool}'s", 1.0, ratio))
    return found


def _brusselators() -> dict[str, Callable[[], Callable[..., Any]]]:
    def ours() -> Callable[..., Any]:
        f = sd.function(reaction, shapes={"y": (2 * _GRID**2,)})
        call: Callable[..., Any] = f.jacobian(sparse=True).load().jacobian
        return call

    found: dict[str, Callable[[], Callable[..., Any]]] = {"symdiff": ours}
    ca = _casadi()
    if ca is not None:

        def theirs() -> Callable[..., Any]:
            y = ca.SX.sym("y", 2 * _GRID**2)
            u, v = (ca.reshape(y[k * _GRID**2 : (k + 1) * _GRID**2], _GRID, _GRID) for k in (0, 1))

            def laplacian(a: Any) -> Any:
                rows = ca.vertcat(a[-1, :], a[:-1, :]) + ca.vertcat(a[1:, :], a[0, :])
                return (
                    rows + ca.horzcat(a[:, -1], a[:, :-1]) + ca.horzcat(a[:, 1:], a[:, 0]) - 4 * a
                )

            first = 1.0 + u * u * v - 4.4 * u + 10.0 * laplacian(u)
            second = 3.4 * u - u * u * v + 10.0 * laplacian(v)
            f = ca.vertcat(ca.vec(first), ca.vec(second))
            call: Callable[..., Any] = ca.Function("J", [y], [ca.jacobian(f, y)])
            return call

        found["CasADi SX"] = theirs
    return found


def _hessians(n: int) -> dict[str, Callable[[], Callable[..., Any]]]:
    def ours() -> Callable[..., Any]:
        made = sd.function(chain, shapes={"x": (n,)}).hessian(sparse=True)
        call: Callable[..., Any] = made.load().hessian
        return call

    found: dict[str, Callable[[], Callable[..., Any]]] = {"symdiff": ours}
    ca = _casadi()
    if ca is not None:

        def theirs(kind: Any) -> Callable[[], Callable[..., Any]]:
            def make() -> Callable[..., Any]:
                x = kind.sym("x", n)
                f = ca.sum1(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
                call: Callable[..., Any] = ca.Function("H", [x], [ca.hessian(f, x)[0]])
                return call

            return make

        found |= {"CasADi SX": theirs(ca.SX), "CasADi MX": theirs(ca.MX)}
    if n <= 1000:
        try:
            import jax
        except ImportError:
            return found
        jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own call

        def dense() -> Callable[..., Any]:
            import jax.numpy as jnp

            def f(x: Any) -> Any:
                return jnp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

            compiled = jax.jit(jax.hessian(f))
            return lambda x: compiled(x).block_until_ready()

        found["JAX"] = dense
    return found


def _casadi() -> Any:
    try:
        import casadi
    except ImportError:
        return None
    return casadi


_HEADINGS = ("function", "its operations", "the Jacobian's", "ratio")
