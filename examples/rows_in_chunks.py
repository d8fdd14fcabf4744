"""Logistic regression on rows in a Zarr store: SciPy fits on the driver, Dask reads the chunks.

Another number of rows is an argument: 100_000_000 for more than fits into memory. With a
`distributed.Client` before, the same lines run on its cluster.
"""

import sys
import tempfile

import dask.array as da
import numpy as np
import zarr
from scipy.optimize import minimize

import symdiff as sd

ROWS = int(sys.argv[1]) if sys.argv[1:] else 20_000
EACH = max(2_500, ROWS // 100)  # rows of a chunk
WEIGHTS = np.array([1.0, -2.0, 0.5])


def loss(params, X, y):
    margins = y * (X @ params["w"] + params["b"])
    return np.mean(np.logaddexp(0.0, -margins)) + 1e-3 * np.sum(params["w"] ** 2)


def made(folder):
    """The rows on the disk, made chunk by chunk."""
    options = {"shape": (ROWS, 4), "chunks": (EACH, 4), "dtype": float}
    store = zarr.create_array(folder, **options)
    for start in range(0, ROWS, EACH):
        rng = np.random.default_rng(start)
        X = rng.standard_normal((min(EACH, ROWS - start), 3))
        y = np.sign(X @ WEIGHTS + 0.5 + rng.logistic(size=len(X)))
        store[start : start + EACH] = np.column_stack([X, y])
    return folder


with tempfile.TemporaryDirectory() as folder:
    data = da.from_zarr(made(folder))
    X, y = data[:, :3], data[:, 3]
    fit = sd.parallel.packed_value_and_grad(loss, {"w": np.zeros(3), "b": 0.0})
    found = minimize(fit, fit.theta, (X, y), "trust-ncg", jac=True, hessp=fit.hessp, tol=1e-9)
    params = fit.unpack(found.x)
    print("weights:", np.round(params["w"], 4).tolist(), "offset:", round(float(params["b"]), 4))
    if ROWS <= 100_000:
        whole = sd.minimize(loss, params, (X.compute(), y.compute()), "trust-ncg", tol=1e-9)
        print("by all rows at once:", np.round(whole.x["w"], 4).tolist(), round(whole.x["b"], 4))
