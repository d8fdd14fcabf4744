"""Linear algebra and data mining of PolyBench (L.-N. Pouchet and T. Yuki), by loops over rows."""

from __future__ import annotations

from typing import Any

import numpy as np  # noqa: TID253  the functions that are traced need it

from benchmarks.npbench.kernel import LOOP, OTHER, Kernels, dominant, positive_definite

KERNELS = Kernels()


# --- factorisations and triangular systems -----------------------------------------------------


@KERNELS.add(LOOP, lambda r: (positive_definite(r, 100),), "A")
def cholesky(A: Any) -> Any:
    L = A.copy()
    for i in range(L.shape[0]):
        for j in range(i):
            L[i, j] -= L[i, :j] @ L[j, :j]
            L[i, j] /= L[j, j]
        L[i, i] = np.sqrt(L[i, i] - L[i, :i] @ L[i, :i])
    return np.sum(L)


@KERNELS.add(LOOP, lambda r: (dominant(r, 60),), "A")
def lu(A: Any) -> Any:
    A = A.copy()
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, A.shape[0]):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return np.sum(A)


@KERNELS.add(LOOP, lambda r: (dominant(r, 60), r.uniform(size=60)), "A b")
def ludcmp(A: Any, b: Any) -> Any:
    A, n = A.copy(), A.shape[0]
    x, y = np.zeros(n), np.zeros(n)
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            A[i, j] -= A[i, :i] @ A[:i, j]
    for i in range(n):
        y[i] = b[i] - A[i, :i] @ y[:i]
    for i in range(n - 1, -1, -1):
        x[i] = (y[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return np.sum(x) + np.sum(y)


@KERNELS.add(LOOP, lambda r: (np.tril(dominant(r, 2000)), r.uniform(size=2000)), "L b")
def trisolv(L: Any, b: Any) -> Any:
    x = np.zeros(b.shape[0])
    for i in range(b.shape[0]):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    return np.sum(x)


@KERNELS.add(LOOP, lambda r: (0.9 ** np.arange(1.0, 1001.0) * r.uniform(size=1000),), "r")
def durbin(r: Any) -> Any:
    y = np.zeros(r.shape[0])
    alpha, beta = -r[0], 1.0
    y[0] = alpha
    for k in range(1, r.shape[0]):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + r[:k][::-1] @ y[:k]) / beta
        y[:k] += alpha * y[:k][::-1]
        y[k] = alpha
    return np.sum(y)


@KERNELS.add(LOOP, lambda r: (r.uniform(size=(70, 60)),), "A")
def gramschmidt(A: Any) -> Any:
    A = A.copy()
    Q, R = np.zeros(A.shape), np.zeros((A.shape[1], A.shape[1]))
    for k in range(A.shape[1]):
        R[k, k] = np.sqrt(A[:, k] @ A[:, k])
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, A.shape[1]):
            R[k, j] = Q[:, k] @ A[:, j]
            A[:, j] -= Q[:, k] * R[k, j]
    return np.sum(Q) + np.sum(R)


# --- products of triangular and symmetric matrices ---------------------------------------------


@KERNELS.add(LOOP, lambda r: (1.5, r.uniform(size=(65, 65)), r.uniform(size=(65, 80))), "A B")
def trmm(alpha: Any, A: Any, B: Any) -> Any:
    B = B.copy()
    for i in range(B.shape[0]):
        for j in range(B.shape[1]):
            B[i, j] += A[i + 1 :, i] @ B[i + 1 :, j]
    return np.sum(alpha * B)


@KERNELS.add(LOOP, lambda r: (1.5, 1.2, r.uniform(size=(70, 70)), r.uniform(size=(70, 50))), "C A")
def syrk(alpha: Any, beta: Any, C: Any, A: Any) -> Any:
    C = C.copy()
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += alpha * A[i, k] * A[: i + 1, k]
    return np.sum(C)


@KERNELS.add(
    LOOP,
    lambda r: (1.5, 1.2, r.uniform(size=(50, 50)), *r.uniform(size=(2, 50, 35))),
    "C A B",
)
def syr2k(alpha: Any, beta: Any, C: Any, A: Any, B: Any) -> Any:
    C = C.copy()
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += A[: i + 1, k] * alpha * B[i, k] + B[: i + 1, k] * alpha * A[i, k]
    return np.sum(C)


@KERNELS.add(
    LOOP,
    lambda r: (
        1.5,
        1.2,
        r.uniform(size=(40, 50)),
        r.uniform(size=(40, 40)),
        r.uniform(size=(40, 50)),
    ),
    "C A B",
)
def symm(alpha: Any, beta: Any, C: Any, A: Any, B: Any) -> Any:
    C = C * beta
    below = np.zeros(C.shape[1])
    for i in range(C.shape[0]):
        for j in range(C.shape[1]):
            C[:i, j] += alpha * B[i, j] * A[i, :i]
            below[j] = B[:i, j] @ A[i, :i]
        C[i, :] += alpha * B[i, :] * A[i, i] + alpha * below
    return np.sum(C)


# --- statistics --------------------------------------------------------------------------------


@KERNELS.add(LOOP, lambda r: (r.uniform(size=(600, 500)),), "data")
def covariance(data: Any) -> Any:
    n, m = data.shape
    apart = data - np.mean(data, axis=0)
    found = np.zeros((m, m))
    for i in range(m):
        row = apart[:, i] @ apart[:, i:] / (n - 1.0)
        found[i, i:] = row
        found[i:, i] = row
    return np.sum(found)


@KERNELS.add(LOOP, lambda r: (r.uniform(size=(600, 500)),), "data")
def correlation(data: Any) -> Any:
    n, m = data.shape
    deviation = np.std(data, axis=0)
    deviation[deviation <= 0.1] = 1.0
    scaled = (data - np.mean(data, axis=0)) / (np.sqrt(n) * deviation)
    found = np.eye(m)
    for i in range(m - 1):
        row = scaled[:, i] @ scaled[:, i + 1 :]
        found[i, i + 1 :] = row
        found[i + 1 :, i] = row
    return np.sum(found)


# --- products ----------------------------------------------------------------------------------


@KERNELS.add(OTHER, lambda r: (r.uniform(size=(4000, 5000)), r.uniform(size=5000)), "A x")
def atax(A: Any, x: Any) -> Any:
    return np.sum((A @ x) @ A)


@KERNELS.add(
    OTHER,
    lambda r: (r.uniform(size=(4000, 5000)), r.uniform(size=5000), r.uniform(size=4000)),
    "A p r",
)
def bicg(A: Any, p: Any, r: Any) -> Any:
    return np.sum(r @ A) + np.sum(A @ p)


@KERNELS.add(OTHER, lambda r: (r.uniform(size=(60, 60, 128)), r.uniform(size=(128, 128))), "A C4")
def doitgen(A: Any, C4: Any) -> Any:
    return np.sum(A.reshape(60, 60, 1, 128) @ C4)


@KERNELS.add(
    OTHER, lambda r: (r.uniform(size=(5500, 5500)), *r.uniform(size=(4, 5500))), "A x1 x2 y1 y2"
)
def mvt(A: Any, x1: Any, x2: Any, y1: Any, y2: Any) -> Any:
    return np.sum(x1 + A @ y1) + np.sum(x2 + y2 @ A)


@KERNELS.add(
    OTHER,
    lambda r: (1.5, 1.2, r.uniform(size=(1000, 1000)), *r.uniform(size=(8, 1000))),
    "A u1 v1 u2 v2 w x y z",
)
def gemver(
    alpha: Any,
    beta: Any,
    A: Any,
    u1: Any,
    v1: Any,
    u2: Any,
    v2: Any,
    w: Any,
    x: Any,
    y: Any,
    z: Any,
) -> Any:
    A = A + np.outer(u1, v1) + np.outer(u2, v2)
    x = x + beta * y @ A + z
    return np.sum(w + alpha * A @ x)
