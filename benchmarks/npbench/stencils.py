"""Stencils of PolyBench, of weather models, and flows by finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np  # noqa: TID253  the functions that are traced need it

from benchmarks.npbench.kernel import LOOP, STENCIL, Kernels

KERNELS = Kernels()


# --- PolyBench ---------------------------------------------------------------------------------


@KERNELS.add(STENCIL, lambda r: (800, *r.uniform(size=(2, 3200))), "A B")
def jacobi_1d(steps: Any, A: Any, B: Any) -> Any:
    A, B = A.copy(), B.copy()
    for _ in range(1, steps):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])
    return np.sum(A)


@KERNELS.add(STENCIL, lambda r: (50, *r.uniform(size=(2, 150, 150))), "A B")
def jacobi_2d(steps: Any, A: Any, B: Any) -> Any:
    A, B = A.copy(), B.copy()

    def mean(u: Any) -> Any:
        return 0.2 * (u[1:-1, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] + u[2:, 1:-1] + u[:-2, 1:-1])

    for _ in range(1, steps):
        B[1:-1, 1:-1] = mean(A)
        A[1:-1, 1:-1] = mean(B)
    return np.sum(A)


@KERNELS.add(STENCIL, lambda r: (25, *r.uniform(size=(2, 25, 25, 25))), "A B")
def heat_3d(steps: Any, A: Any, B: Any) -> Any:
    A, B = A.copy(), B.copy()

    def stepped(u: Any) -> Any:
        inner = u[1:-1, 1:-1, 1:-1]
        return (
            0.125 * (u[2:, 1:-1, 1:-1] - 2.0 * inner + u[:-2, 1:-1, 1:-1])
            + 0.125 * (u[1:-1, 2:, 1:-1] - 2.0 * inner + u[1:-1, :-2, 1:-1])
            + 0.125 * (u[1:-1, 1:-1, 2:] - 2.0 * inner + u[1:-1, 1:-1, :-2])
            + inner
        )

    for _ in range(1, steps):
        B[1:-1, 1:-1, 1:-1] = stepped(A)
        A[1:-1, 1:-1, 1:-1] = stepped(B)
    return np.sum(A)


@KERNELS.add(
    STENCIL,
    lambda r: (*[r.uniform(size=(200, 220)) for _ in range(3)], r.uniform(size=20)),
    "ex ey hz pulse",
)
def fdtd_2d(ex: Any, ey: Any, hz: Any, pulse: Any) -> Any:
    ex, ey, hz = ex.copy(), ey.copy(), hz.copy()
    for t in range(pulse.shape[0]):
        ey[0, :] = pulse[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return np.sum(hz)


@KERNELS.add(LOOP, lambda r: (8, r.uniform(size=(50, 50))), "A")
def seidel_2d(steps: Any, A: Any) -> Any:
    A, n = A.copy(), A.shape[0]
    for _ in range(steps - 1):
        for i in range(1, n - 1):
            A[i, 1:-1] += (
                A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:]
                + A[i, 2:] + A[i + 1, :-2] + A[i + 1, 1:-1] + A[i + 1, 2:]
            )  # fmt: skip
            for j in range(1, n - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0
    return np.sum(A)


@KERNELS.add(LOOP, lambda r: (5, r.uniform(size=(100, 100))), "u")
def adi(steps: Any, u: Any) -> Any:
    u, n = u.copy(), u.shape[0]
    v, p, q = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    a = -float(n * n) / steps
    b, d = 1.0 - 2.0 * a, a / 2.0
    e = 1.0 - 2.0 * d
    for _ in range(steps):
        v[0, 1:-1] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = v[0, 1:-1]
        for j in range(1, n - 1):
            over = a * p[1:-1, j - 1] + b
            p[1:-1, j] = -a / over
            known = -d * u[j, :-2] + (1.0 + 2.0 * d) * u[j, 1:-1] - d * u[j, 2:]
            q[1:-1, j] = (known - a * q[1:-1, j - 1]) / over
        v[n - 1, 1:-1] = 1.0
        for j in range(n - 2, 0, -1):
            v[j, 1:-1] = p[1:-1, j] * v[j + 1, 1:-1] + q[1:-1, j]
        u[1:-1, 0] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = u[1:-1, 0]
        for j in range(1, n - 1):
            over = d * p[1:-1, j - 1] + e
            p[1:-1, j] = -d / over
            known = -a * v[:-2, j] + (1.0 + 2.0 * a) * v[1:-1, j] - a * v[2:, j]
            q[1:-1, j] = (known - d * q[1:-1, j - 1]) / over
        u[1:-1, n - 1] = 1.0
        for j in range(n - 2, 0, -1):
            u[1:-1, j] = p[1:-1, j] * u[1:-1, j + 1] + q[1:-1, j]
    return np.sum(u)


@KERNELS.add(LOOP, lambda r: (0.25, r.uniform(size=(400, 200))), "alpha image")
def deriche(alpha: Any, image: Any) -> Any:
    low = np.exp(-alpha)
    k = (1.0 - low) * (1.0 - low) / (1.0 + alpha * low - np.exp(2.0 * alpha))
    a1, a2, a3, a4 = k, k * low * (alpha - 1.0), k * low * (alpha + 1.0), -k * low * low
    b1, b2 = 2.0 ** (-alpha), -low * low

    def smoothed(x: Any) -> Any:
        """Along the first axis, there and back."""
        n = x.shape[0]
        y, z = np.zeros(x.shape), np.zeros(x.shape)
        y[0] = a1 * x[0]
        y[1] = a1 * x[1] + a2 * x[0] + b1 * y[0]
        for i in range(2, n):
            y[i] = a1 * x[i] + a2 * x[i - 1] + b1 * y[i - 1] + b2 * y[i - 2]
        z[n - 2] = a3 * x[n - 1]
        for i in range(n - 3, -1, -1):
            z[i] = a3 * x[i + 1] + a4 * x[i + 2] + b1 * z[i + 1] + b2 * z[i + 2]
        return y + z

    return np.sum(smoothed(smoothed(image.T).T))


@KERNELS.add(LOOP, lambda r: (r.uniform(1.0, 10.0, (200, 200)),), "path")
def floyd_warshall(path: Any) -> Any:
    path = path.copy()
    for k in range(path.shape[0]):
        path[:] = np.minimum(path, np.add.outer(path[:, k], path[k, :]))
    return np.sum(path)


# --- weather -----------------------------------------------------------------------------------


@KERNELS.add(
    STENCIL, lambda r: (r.uniform(size=(68, 68, 60)), r.uniform(size=(64, 64, 60))), "field weight"
)
def hdiff(field: Any, weight: Any) -> Any:
    centre = field[1:-1, 1:-1]
    laplacian = 4.0 * centre - (
        field[2:, 1:-1] + field[:-2, 1:-1] + field[1:-1, 2:] + field[1:-1, :-2]
    )
    flux = laplacian[1:, 1:-1] - laplacian[:-1, 1:-1]
    along = np.where(flux * (field[2:-1, 2:-2] - field[1:-2, 2:-2]) > 0, 0.0, flux)
    flux = laplacian[1:-1, 1:] - laplacian[1:-1, :-1]
    across = np.where(flux * (field[2:-2, 2:-1] - field[2:-2, 1:-2]) > 0, 0.0, flux)
    change = along[1:] - along[:-1] + across[:, 1:] - across[:, :-1]
    return np.sum(field[2:-2, 2:-2] - weight * change)


@KERNELS.add(
    LOOP,
    lambda r: (*r.uniform(size=(4, 60, 60, 40)), r.uniform(size=(61, 60, 40)), 3.0),
    "stage_tendency stage place tendency wind",
)
def vadv(stage_tendency: Any, stage: Any, place: Any, tendency: Any, wind: Any, dtr: Any) -> Any:
    levels = stage.shape[2]
    c, d = np.zeros(stage.shape), np.zeros(stage.shape)
    known = dtr * place + tendency + stage_tendency

    up = 0.25 * (wind[1:, :, 1] + wind[:-1, :, 1])
    over = 1.0 / (dtr - 0.5 * up)
    c[:, :, 0] = 0.5 * up * over
    d[:, :, 0] = (known[:, :, 0] - 0.5 * up * (stage[:, :, 1] - stage[:, :, 0])) * over
    for k in range(1, levels - 1):
        down = -0.25 * (wind[1:, :, k] + wind[:-1, :, k])
        up = 0.25 * (wind[1:, :, k + 1] + wind[:-1, :, k + 1])
        change = -0.5 * down * (stage[:, :, k - 1] - stage[:, :, k]) - 0.5 * up * (
            stage[:, :, k + 1] - stage[:, :, k]
        )
        over = 1.0 / (dtr - 0.5 * down - 0.5 * up - c[:, :, k - 1] * 0.5 * down)
        c[:, :, k] = 0.5 * up * over
        d[:, :, k] = (known[:, :, k] + change - d[:, :, k - 1] * 0.5 * down) * over
    last = levels - 1
    down = -0.25 * (wind[1:, :, last] + wind[:-1, :, last])
    change = -0.5 * down * (stage[:, :, last - 1] - stage[:, :, last])
    over = 1.0 / (dtr - 0.5 * down - c[:, :, last - 1] * 0.5 * down)
    d[:, :, last] = (known[:, :, last] + change - d[:, :, last - 1] * 0.5 * down) * over

    out = np.zeros(stage.shape)
    data = d[:, :, last]
    out[:, :, last] = dtr * (data - place[:, :, last])
    for k in range(levels - 2, -1, -1):
        data = d[:, :, k] - c[:, :, k] * data
        out[:, :, k] = dtr * (data - place[:, :, k])
    return np.sum(out)


# --- flows (L. Barba and G. Forsyth, 2018) -----------------------------------------------------


def _source(u: Any, v: Any, dt: Any, dx: Any, dy: Any) -> Any:
    """The source of the pressure's equation, inside."""
    u_x = (u[1:-1, 2:] - u[1:-1, :-2]) / (2 * dx)
    u_y = (u[2:, 1:-1] - u[:-2, 1:-1]) / (2 * dy)
    v_x = (v[1:-1, 2:] - v[1:-1, :-2]) / (2 * dx)
    v_y = (v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * dy)
    return (u_x + v_y) / dt - u_x**2 - 2.0 * u_y * v_x - v_y**2


def _relaxed(p: Any, b: Any, dx: Any, dy: Any) -> Any:
    """A step of the pressure's equation, inside."""
    both = (p[1:-1, 2:] + p[1:-1, :-2]) * dy**2 + (p[2:, 1:-1] + p[:-2, 1:-1]) * dx**2
    return (both - dx**2 * dy**2 * b) / (2 * (dx**2 + dy**2))


def _moved(w: Any, u: Any, v: Any, nu: Any, dt: Any, dx: Any, dy: Any) -> Any:
    """A component of the velocity after a step without pressure, inside."""
    inner = w[1:-1, 1:-1]
    carried = u[1:-1, 1:-1] * dt / dx * (inner - w[1:-1, :-2]) + v[1:-1, 1:-1] * dt / dy * (
        inner - w[:-2, 1:-1]
    )
    spread = dt / dx**2 * (w[1:-1, 2:] - 2 * inner + w[1:-1, :-2]) + dt / dy**2 * (
        w[2:, 1:-1] - 2 * inner + w[:-2, 1:-1]
    )
    return inner - carried + nu * spread


@KERNELS.add(STENCIL, lambda r: (25, 5, *r.uniform(0.0, 0.1, (3, 61, 61)), 0.1), "u v p")
def cavity_flow(steps: Any, sweeps: Any, u: Any, v: Any, p: Any, nu: Any) -> Any:
    u, v, p = u.copy(), v.copy(), p.copy()
    dx, dy, dt = 2.0 / 60, 2.0 / 60, 0.1 / 200
    for _ in range(steps):
        un, vn = u.copy(), v.copy()
        b = _source(u, v, dt, dx, dy)
        for _ in range(sweeps):
            p[1:-1, 1:-1] = _relaxed(p, b, dx, dy)
            p[:, -1] = p[:, -2]
            p[0, :] = p[1, :]
            p[:, 0] = p[:, 1]
            p[-1, :] = 0.0
        push = dt / (2 * dx) * (p[1:-1, 2:] - p[1:-1, :-2])
        u[1:-1, 1:-1] = _moved(un, un, vn, nu, dt, dx, dy) - push
        push = dt / (2 * dy) * (p[2:, 1:-1] - p[:-2, 1:-1])
        v[1:-1, 1:-1] = _moved(vn, un, vn, nu, dt, dx, dy) - push
        u[0, :] = u[:, 0] = u[:, -1] = 0.0
        u[-1, :] = 1.0
        v[0, :] = v[-1, :] = v[:, 0] = v[:, -1] = 0.0
    return np.sum(u) + np.sum(v) + np.sum(p)


def _wide(w: Any) -> Any:
    """With the columns that come next where the channel begins anew."""
    return np.hstack((w[:, -1:], w, w[:, :1]))


@KERNELS.add(STENCIL, lambda r: (5, *r.uniform(0.0, 0.1, (3, 61, 61)), 0.1, 1.0), "u v p nu F")
def channel_flow(sweeps: Any, u: Any, v: Any, p: Any, nu: Any, F: Any) -> Any:
    dx, dy, dt = 2.0 / 60, 2.0 / 60, 0.1 / 200
    change = 1.0
    while change > 0.02:
        un, vn = _wide(u), _wide(v)
        b = _source(un, vn, dt, dx, dy)
        for _ in range(sweeps):
            inner = _relaxed(_wide(p), b, dx, dy)
            p = np.vstack((inner[:1], inner, inner[-1:]))
        wide = _wide(p)
        push = dt / (2 * dx) * (wide[1:-1, 2:] - wide[1:-1, :-2])
        still = np.zeros((1, u.shape[1]))
        new_u = np.vstack((still, _moved(un, un, vn, nu, dt, dx, dy) - push + F * dt, still))
        push = dt / (2 * dy) * (p[2:] - p[:-2])
        v = np.vstack((still, _moved(vn, un, vn, nu, dt, dx, dy) - push, still))
        change = abs(np.sum(new_u) - np.sum(u)) / np.sum(new_u)
        u = new_u
    return np.sum(u) + np.sum(v)
