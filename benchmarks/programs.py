"""Programs with loops and branches, by symdiff as they are, and by the peers in their own words.

symdiff, PyTorch and HIPS autograd take the plain program; JAX takes one of `scan`, `cond` and
`while_loop`. Each tool has a process of its own for each program.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np  # noqa: TID253  the programs need it

from benchmarks import staged
from benchmarks.measure import in_process
from benchmarks.options import Options
from benchmarks.report import Section, Table, number, seconds

_OURS, _TOOLS = "symdiff", ("symdiff", "JAX", "PyTorch", "HIPS autograd")
_CALLS = 7  # of which the median is taken


class Program(NamedTuple):
    """A program and what it is called with.

    Attributes:
        plain: makes it of a library like NumPy.
        in_jax: makes it of `jax.numpy` and `jax.lax`.
        arguments: of which the first is what the gradient is by; all are arrays or floats.
    """

    plain: Callable[[Any], Callable[..., Any]]
    in_jax: Callable[[Any, Any], Callable[..., Any]]
    arguments: tuple[Any, ...]


# --- a GARCH likelihood --------------------------------------------------------------------------


def _garch(xp: Any) -> Callable[..., Any]:
    def garch(theta: Any, returns: Any) -> Any:
        h, loss = theta[0] / (1.0 - theta[1] - theta[2]), 0.0
        for r in returns:
            loss = loss + xp.log(h) + r * r / h
            h = theta[0] + theta[1] * r * r + theta[2] * h
        return loss

    return garch


def _garch_in_jax(xp: Any, lax: Any) -> Callable[..., Any]:
    def garch(theta: Any, returns: Any) -> Any:
        def step(carry: Any, r: Any) -> Any:
            h, loss = carry
            loss = loss + xp.log(h) + r * r / h
            return (theta[0] + theta[1] * r * r + theta[2] * h, loss), None

        start = theta[0] / (1.0 - theta[1] - theta[2]), 0.0
        return lax.scan(step, start, returns)[0][1]

    return garch


# --- Kalman's filter -----------------------------------------------------------------------------


def kalman(xp: Any) -> Callable[..., Any]:
    def kalman(F: Any, x: Any, P: Any, h: Any, zs: Any) -> Any:
        loss = 0.0
        for z in zs:
            x, P = F @ x, F @ P @ F.T + 0.1 * P
            e, s = z - h @ x, h @ P @ h + 0.5
            gain = P @ h / s
            x, P = x + gain * e, P - gain[:, None] * (h @ P)
            loss = loss + 0.5 * (e * e / s + xp.log(s))
        return loss

    return kalman


def kalman_in_jax(xp: Any, lax: Any) -> Callable[..., Any]:
    def kalman(F: Any, x: Any, P: Any, h: Any, zs: Any) -> Any:
        def step(carry: Any, z: Any) -> Any:
            x, P, loss = carry
            x, P = F @ x, F @ P @ F.T + 0.1 * P
            e, s = z - h @ x, h @ P @ h + 0.5
            gain = P @ h / s
            x, P = x + gain * e, P - gain[:, None] * (h @ P)
            return (x, P, loss + 0.5 * (e * e / s + xp.log(s))), None

        return lax.scan(step, (x, P, 0.0), zs)[0][2]

    return kalman


# --- a pendulum by Runge and Kutta's method ------------------------------------------------------


def _slopes(xp: Any, omega: Any, s: Any) -> Any:
    return xp.stack([s[1], -omega * omega * xp.sin(s[0])])


def _stepped(xp: Any, omega: Any, s: Any) -> Any:
    a = _slopes(xp, omega, s)
    b = _slopes(xp, omega, s + 0.005 * a)
    c = _slopes(xp, omega, s + 0.005 * b)
    d = _slopes(xp, omega, s + 0.01 * c)
    return s + 0.01 * (a + 2.0 * b + 2.0 * c + d) / 6.0


def _pendulum(xp: Any) -> Callable[..., Any]:
    def pendulum(omega: Any, s: Any) -> Any:
        for _ in range(300):
            s = _stepped(xp, omega, s)
        return s[0]

    return pendulum


def _pendulum_in_jax(xp: Any, lax: Any) -> Callable[..., Any]:
    def pendulum(omega: Any, s: Any) -> Any:
        return lax.fori_loop(0, 300, lambda _, s: _stepped(xp, omega, s), s)[0]

    return pendulum


# --- tiers by if, and a cube root by Newton's method ---------------------------------------------


def _tiers(xp: Any) -> Callable[..., Any]:
    del xp

    def tiers(use: Any) -> Any:
        if use <= 100.0:
            return 0.12 * use
        if use <= 300.0:
            return 12.0 + 0.2 * (use - 100.0)
        return 52.0 + 0.3 * (use - 300.0) ** 1.1

    return tiers


def _tiers_in_jax(xp: Any, lax: Any) -> Callable[..., Any]:
    del xp

    def tiers(use: Any) -> Any:
        def more(use: Any) -> Any:
            return lax.cond(
                use <= 300.0,
                lambda u: 12.0 + 0.2 * (u - 100.0),
                lambda u: 52.0 + 0.3 * (u - 300.0) ** 1.1,
                use,
            )

        return lax.cond(use <= 100.0, lambda u: 0.12 * u, more, use)

    return tiers


def _cube_root(xp: Any) -> Callable[..., Any]:
    del xp

    def cube_root(a: Any) -> Any:
        x = a
        while abs(x * x * x - a) > 1e-12 * a:
            x = (2.0 * x + a / (x * x)) / 3.0
        return x

    return cube_root


def _cube_root_in_jax(xp: Any, lax: Any) -> Callable[..., Any]:
    def cube_root(a: Any) -> Any:
        return lax.while_loop(
            lambda x: xp.abs(x * x * x - a) > 1e-12 * a,
            lambda x: (2.0 * x + a / (x * x)) / 3.0,
            a,
        )

    return cube_root


_RANDOM = np.random.default_rng(0)
PROGRAMS: Mapping[str, Program] = {
    "GARCH, 1000 returns": Program(
        _garch, _garch_in_jax, (np.array([0.1, 0.1, 0.8]), _RANDOM.normal(size=1000))
    ),
    "Kalman filter, 200 measurements": Program(
        kalman,
        kalman_in_jax,
        (
            np.eye(4) + 0.05 * _RANDOM.normal(size=(4, 4)),
            np.zeros(4),
            np.eye(4),
            np.array([1.0, 0.0, 0.5, 0.0]),
            _RANDOM.normal(size=200),
        ),
    ),
    "pendulum, 300 steps of Runge and Kutta": Program(
        _pendulum, _pendulum_in_jax, (2.0, np.array([0.7, 0.0]))
    ),
    "three tiers by if": Program(_tiers, _tiers_in_jax, (350.0,)),
    "cube root by while": Program(_cube_root, _cube_root_in_jax, (5.0,)),
}


# --- the tools -----------------------------------------------------------------------------------


def _by_symdiff(program: Program) -> Callable[[], Any]:
    import symdiff as sd

    function = sd.value_and_grad(program.plain(np))
    return lambda: function(*program.arguments)


def _by_jax(program: Program) -> Callable[[], Any]:
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own call
    arguments = [jax.numpy.asarray(x) for x in program.arguments]
    function = jax.jit(jax.value_and_grad(program.in_jax(jax.numpy, jax.lax)))
    return lambda: jax.block_until_ready(function(*arguments))


def _by_torch(program: Program) -> Callable[[], Any]:
    import torch

    function = program.plain(torch)

    def call() -> Any:
        arguments = [torch.tensor(x, dtype=torch.float64) for x in program.arguments]
        arguments[0].requires_grad_()
        value = function(*arguments)
        return value.detach(), torch.autograd.grad(value, arguments[0])[0]

    return call


def _by_autograd(program: Program) -> Callable[[], Any]:
    import autograd

    function = autograd.value_and_grad(program.plain(autograd.numpy))
    return lambda: function(*program.arguments)


_MODULES = dict(zip(_TOOLS, ("symdiff.api", "jax", "torch", "autograd.numpy"), strict=True))
_MAKERS = dict(zip(_TOOLS, (_by_symdiff, _by_jax, _by_torch, _by_autograd), strict=True))


def _measured(tool: str, name: str) -> Any:
    """Seconds to the first result, those of a later call, and value and gradient as a list."""
    try:
        import_module(_MODULES[tool])
    except ImportError:
        return "missing"
    started = time.perf_counter()
    call = _MAKERS[tool](PROGRAMS[name])
    try:
        found = call()
    except ValueError as error:  # JAX's while_loop
        return str(error).partition(".")[0]
    first = time.perf_counter() - started
    later = []
    for _ in range(_CALLS):
        started = time.perf_counter()
        call()
        later.append(time.perf_counter() - started)
    numbers = np.concatenate([np.ravel(np.asarray(x, float)) for x in found])
    return [first, statistics.median(later), numbers.tolist()]


def run(options: Options) -> Section:
    """A row for each program and tool."""
    del options
    rows, missing, notes = [], {}, []
    for name in PROGRAMS:
        found = {tool: in_process(__name__, tool, name) for tool in _TOOLS}
        missing |= {tool: None for tool, times in found.items() if times == "missing"}
        first, later, expected = found[_OURS]
        for tool, times in found.items():
            if isinstance(times, str):
                if times != "missing":
                    notes.append(f"{name}: {tool} has no gradient ({times}).")
                continue
            if not np.allclose(times[2], expected, rtol=1e-8):
                raise SystemExit(f"benchmarks: {tool} computes another gradient of {name}")
            ratios = number(times[0] / first), number(times[1] / later)
            rows.append((name, tool, seconds(times[0]), ratios[0], seconds(times[1]), ratios[1]))
    headings = ("program", "tool", "first gradient", "over ours", "later call", "over ours")
    about = (
        "Value and gradient of programs with loops and branches. symdiff, PyTorch and HIPS "
        "autograd take the plain program, JAX one that is written with `scan`, `cond` or "
        "`while_loop`, under `jit`. Each tool runs in a process of its own; imports are not "
        "counted."
    )
    table = Table("By program and tool", headings, rows, notes=tuple(notes))
    return Section("Programs", about, [table, staged.table()], missing=tuple(missing))


if __name__ == "__main__":
    print(json.dumps(_measured(*sys.argv[1:])))
