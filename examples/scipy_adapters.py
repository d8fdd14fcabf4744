"""SciPy's solvers with exact derivatives, dense and sparse: no wrapper, the functions fit."""

import numpy as np
from scipy.optimize import NonlinearConstraint, least_squares, minimize, root
from scipy.sparse import coo_array

import symdiff as sd


def chain(x):
    """Rosenbrock's function of many variables."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


start = np.full(6, -1.0)
second = {
    "BFGS": {},
    "trust-exact": {"hess": sd.hessian(chain)},
    "Newton-CG": {"hessp": sd.hvp(chain)},
}
for method, more in second.items():
    found = minimize(chain, start, jac=sd.grad(chain), method=method, **more)
    print(f"{method}:", np.round(found.x, 4).tolist())


def residuals(x):
    """The same function as a sum of squares."""
    return np.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]])


dense = least_squares(residuals, start, jac=sd.jacobian(residuals))
entries = sd.jacobian(residuals, sparse=True)
sparse = least_squares(residuals, start, jac=lambda x: coo_array(entries(x), shape=(10, 6)).tocsc())
print("least squares, dense:", np.round(dense.x, 4).tolist())
print("least squares, sparse:", np.round(sparse.x, 4).tolist())


def equations(x):
    """A circle and a line."""
    return np.stack([x[0] ** 2 + x[1] ** 2 - 2.0, x[0] - x[1]])


print("root:", np.round(root(equations, [2.0, 1.0], jac=sd.jacobian(equations)).x, 4).tolist())

disc = NonlinearConstraint(
    lambda x: np.sum(x[:2] ** 2), 0.0, 1.0, jac=sd.jacobian(lambda x: np.sum(x[:2] ** 2))
)
inside = minimize(chain, np.zeros(2), jac=sd.grad(chain), constraints=[disc], method="SLSQP")
print("in the unit disc:", np.round(inside.x, 3).tolist())
