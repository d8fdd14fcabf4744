"""Logistic regression on rows in chunks: SciPy fits on the driver, Dask reads the chunks.

With a `distributed.Client` before, the same lines run on its cluster.
"""

import dask
import dask.array as da
import numpy as np
from scipy.optimize import minimize

import symdiff as sd

CHUNKS, ROWS = 8, 2_500
WEIGHTS = np.array([1.0, -2.0, 0.5])


def loss(w, X, y):
    return np.mean(np.logaddexp(0.0, -y * (X @ w))) + 1e-3 * np.sum(w**2)


@dask.delayed
def read(number):
    """The rows of one chunk, made on the spot where a file would be read."""
    rng = np.random.default_rng(number)
    X = rng.standard_normal((ROWS, 3))
    return np.column_stack([X, np.sign(X @ WEIGHTS + rng.logistic(size=ROWS))])


data = da.concatenate([da.from_delayed(read(k), (ROWS, 4), float) for k in range(CHUNKS)])
X, y = data[:, :3], data[:, 3]

value_and_grad, hvp = sd.parallel.value_and_grad(loss), sd.parallel.hvp(loss)
found = minimize(
    value_and_grad,
    np.zeros(3),
    args=(X, y),
    jac=True,
    hessp=lambda w, v, X, y: hvp(w, X, y, v),
    method="trust-ncg",
    tol=1e-9,
)
print(value_and_grad.separated)
print("weights:", np.round(found.x, 4).tolist())

whole = sd.minimize(loss, np.zeros(3), (X.compute(), y.compute()), "trust-ncg", tol=1e-9)
print("by all rows at once:", np.round(whole.x, 4).tolist())
