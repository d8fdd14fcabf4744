"""Networks, geometry, physics and the rest of NPBench's kernels that compute with real numbers."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np  # noqa: TID253  the functions that are traced need it

from benchmarks.npbench.kernel import LOOP, OTHER, Kernels

KERNELS = Kernels()


# --- networks ----------------------------------------------------------------------------------


def _relu(x: Any) -> Any:
    return np.maximum(x, 0.0)


def _softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def _conv2d(x: Any, weights: Any) -> Any:
    """Windows of a batch of images, multiplied by weights, at each place."""
    size = weights.shape[0]
    height, width = x.shape[1] - size + 1, x.shape[2] - size + 1
    out = np.zeros((x.shape[0], height, width, weights.shape[3]))
    for i in range(height):
        for j in range(width):
            window = x[:, i : i + size, j : j + size, :, None]
            out[:, i, j, :] = np.sum(window * weights[None], axis=(1, 2, 3))
    return out


def _largest_of_four(x: Any) -> Any:
    height, width = x.shape[1] // 2, x.shape[2] // 2
    out = np.zeros((x.shape[0], height, width, x.shape[3]))
    for i in range(height):
        for j in range(width):
            out[:, i, j, :] = np.max(x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, :], axis=(1, 2))
    return out


def _normalised(x: Any) -> Any:
    return (x - np.mean(x, axis=0, keepdims=True)) / np.sqrt(
        np.std(x, axis=0, keepdims=True) + 1e-5
    )


@KERNELS.add(OTHER, lambda r: (r.normal(size=(16, 16, 128, 128)), r.normal(size=128)), "x")
def softmax(x: Any, c: Any) -> Any:
    return np.sum(_softmax(x) @ c)


def _layers(random: np.random.Generator, *sizes: int, scale: float = 1.0) -> list[Any]:
    """The weights and the shifts between layers of so many units."""
    made = []
    for n, m in itertools.pairwise(sizes):
        made += [random.normal(0.0, scale, (n, m)), random.normal(size=m)]
    return made


@KERNELS.add(
    OTHER,
    lambda r: (
        r.uniform(size=(8, 3)),
        *[
            a
            for n, m in ((3, 30000), (30000, 2000), (2000, 2000))
            for a in (r.normal(0.0, 0.01, (n, m)), r.normal(size=m))
        ],
        r.normal(size=2000),
    ),
    "w1 b1 w2 b2 w3 b3",
)
def mlp(x: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, c: Any) -> Any:
    x = _relu(_relu(x @ w1 + b1) @ w2 + b2)
    return np.sum(_softmax(x @ w3 + b3) @ c)


@KERNELS.add(
    LOOP,
    lambda r: (r.uniform(size=(8, 32, 32, 3)), r.normal(size=(2, 2, 3, 16)), r.normal(size=16)),
    "x weights bias",
)
def conv2d(x: Any, weights: Any, bias: Any) -> Any:
    return np.sum(_conv2d(x, weights) + bias)


@KERNELS.add(
    LOOP,
    lambda r: (
        r.uniform(size=(4, 28, 28, 1)),
        r.normal(size=(5, 5, 1, 6)),
        r.normal(size=6),
        r.normal(size=(5, 5, 6, 16)),
        r.normal(size=16),
        *[
            a
            for n, m in ((256, 120), (120, 84), (84, 10))
            for a in (r.normal(size=(n, m)), r.normal(size=m))
        ],
    ),
    "k1 c1 k2 c2 w1 b1 w2 b2 w3 b3",
)
def lenet(
    x: Any, k1: Any, c1: Any, k2: Any, c2: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any
) -> Any:
    x = _largest_of_four(_relu(_conv2d(x, k1) + c1))
    x = _largest_of_four(_relu(_conv2d(x, k2) + c2))
    x = x.reshape(x.shape[0], -1)
    return np.sum(_relu(_relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3)


@KERNELS.add(
    LOOP,
    lambda r: (
        r.uniform(size=(8, 14, 14, 32)),
        r.normal(size=(1, 1, 32, 8)),
        r.normal(size=(3, 3, 8, 8)),
        r.normal(size=(1, 1, 8, 32)),
    ),
    "x k1 k2 k3",
)
def resnet(x: Any, k1: Any, k2: Any, k3: Any) -> Any:
    padded = np.zeros((x.shape[0], x.shape[1] + 2, x.shape[2] + 2, k1.shape[3]))
    padded[:, 1:-1, 1:-1, :] = _conv2d(x, k1)
    y = _relu(_normalised(padded))
    y = _relu(_normalised(_conv2d(y, k2)))
    return np.sum(_relu(_normalised(_conv2d(y, k3)) + x))


# --- geometry, physics and the rest ------------------------------------------------------------


@KERNELS.add(OTHER, lambda r: (*r.uniform(size=(2, 2000, 2000)), 4.0, 3.0, 9.0), "x y a b c")
def compute(x: Any, y: Any, a: Any, b: Any, c: Any) -> Any:
    return np.sum(np.clip(x, 0.2, 0.8) * a + y * b + c)


@KERNELS.add(LOOP, lambda r: (r.uniform(size=(2000, 2000)),), "a")
def go_fast(a: Any) -> Any:
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return np.sum(a + trace)


@KERNELS.add(OTHER, lambda r: r.uniform(size=(4, 100_000)), "theta1 phi1 theta2 phi2")
def arc_distance(theta1: Any, phi1: Any, theta2: Any, phi2: Any) -> Any:
    h = (
        np.sin((theta2 - theta1) / 2) ** 2
        + np.cos(theta1) * np.cos(theta2) * np.sin((phi2 - phi1) / 2) ** 2
    )
    return np.sum(2 * np.arctan2(np.sqrt(h), np.sqrt(1 - h)))


@KERNELS.add(LOOP, lambda r: (*r.uniform(size=(2, 400_000)), 1000), "data")
def azimint(data: Any, radius: Any, rings: Any) -> Any:
    most = np.max(radius)
    means = np.zeros(rings)
    for i in range(rings):
        ring = np.logical_and(most * i / rings <= radius, radius < most * (i + 1) / rings)
        means[i] = np.mean(data[ring])
    return np.sum(means)


def _acceleration(places: Any, mass: Any, softening: Any) -> Any:
    x, y, z = places[:, 0:1], places[:, 1:2], places[:, 2:3]
    dx, dy, dz = x.T - x, y.T - y, z.T - z
    cubes = dx**2 + dy**2 + dz**2 + softening**2
    cubes[cubes > 0] = cubes[cubes > 0] ** (-1.5)
    return np.hstack(((dx * cubes) @ mass, (dy * cubes) @ mass, (dz * cubes) @ mass))


def _energy(places: Any, speeds: Any, mass: Any) -> Any:
    x, y, z = places[:, 0:1], places[:, 1:2], places[:, 2:3]
    distance = np.sqrt((x.T - x) ** 2 + (y.T - y) ** 2 + (z.T - z) ** 2)
    inverse = distance.copy()
    inverse[inverse > 0] = 1.0 / inverse[inverse > 0]
    potential = np.sum(np.triu(-(mass * mass.T) * inverse, 1))
    return 0.5 * np.sum(mass * speeds**2), potential


@KERNELS.add(
    LOOP,
    lambda r: (r.uniform(0.5, 1.5, (25, 1)), *r.normal(size=(2, 25, 3)), 40),
    "mass places speeds",
)
def nbody(mass: Any, places: Any, speeds: Any, steps: Any) -> Any:
    dt, softening = 0.05, 0.1
    speeds = speeds - np.mean(mass * speeds, axis=0) / np.mean(mass)
    places = places.copy()
    kinetic, potential = np.zeros(steps + 1), np.zeros(steps + 1)
    force = _acceleration(places, mass, softening)
    kinetic[0], potential[0] = _energy(places, speeds, mass)
    for i in range(steps):
        speeds += force * dt / 2.0
        places += speeds * dt
        force = _acceleration(places, mass, softening)
        speeds += force * dt / 2.0
        kinetic[i + 1], potential[i + 1] = _energy(places, speeds, mass)
    return np.sum(kinetic) + np.sum(potential)


def _sparse(random: np.random.Generator) -> tuple[Any, ...]:
    """Rows, columns, elements and a vector: 8192 elements in 4096 rows."""
    rows = np.sort(random.integers(0, 4096, 8192))
    starts = np.searchsorted(rows, np.arange(4097))
    columns = random.integers(0, 4096, 8192)
    return starts, columns, random.uniform(size=8192), random.uniform(size=4096)


@KERNELS.add(LOOP, _sparse, "elements x")
def spmv(starts: Any, columns: Any, elements: Any, x: Any) -> Any:
    y = np.zeros(starts.size - 1)
    for i in range(starts.size - 1):
        part = slice(starts[i], starts[i + 1])
        y[i] = elements[part] @ x[columns[part]]
    return np.sum(y)


@KERNELS.add(LOOP, lambda r: (40, r.uniform(size=(40, 40))), "match")
def nussinov(n: Any, match: Any) -> Any:
    table = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            table[i, j] = np.maximum(table[i, j], table[i, j - 1])
            if i + 1 < n:
                table[i, j] = np.maximum(table[i, j], table[i + 1, j])
                pair = table[i + 1, j - 1]
                if i < j - 1:
                    pair = pair + match[i, j]
                table[i, j] = np.maximum(table[i, j], pair)
            for k in range(i + 1, j):
                table[i, j] = np.maximum(table[i, j], table[i, k] + table[k + 1, j])
    return table[0, n - 1]


def _scattering(random: np.random.Generator) -> tuple[Any, ...]:
    neighbours = random.integers(0, 6, (6, 2))
    shapes = (6, 2, 2, 3, 3), (2, 4, 6, 3, 3), (2, 2, 6, 2, 2, 2)
    return neighbours, *[random.uniform(size=shape) for shape in shapes]


@KERNELS.add(LOOP, _scattering, "dH G D")
def scattering_self_energies(neighbours: Any, dH: Any, G: Any, D: Any) -> Any:
    """With real numbers in the place of complex ones."""
    found = np.zeros(G.shape)
    for k in range(G.shape[0]):
        for energy in range(G.shape[1]):
            for q in range(D.shape[0]):
                for w in range(D.shape[1]):
                    for i in range(D.shape[-2]):
                        for j in range(D.shape[-1]):
                            for a in range(neighbours.shape[0]):
                                for b in range(neighbours.shape[1]):
                                    if energy - w >= 0:
                                        left = G[k, energy - w, neighbours[a, b]] @ dH[a, b, i]
                                        right = dH[a, b, j] * D[q, w, a, b, i, j]
                                        found[k, energy, a] += left @ right
    return np.sum(found)
