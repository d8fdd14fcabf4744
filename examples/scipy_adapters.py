"""SciPy's solvers with exact derivatives, dense and sparse: no wrapper, the functions fit."""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import NonlinearConstraint, least_squares, minimize, root
from scipy.sparse import coo_array

import symdiff as sd


def chain(x):
    """Rosenbrock's function of many variables."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def matrix(derivative, shape):
    """A sparse derivative as SciPy's matrix."""
    return lambda *args: coo_array(derivative(*args), shape=shape).tocsc()


start = np.full(6, -1.0)
gradient, product = sd.grad(chain), sd.hvp(chain)
for method, more in (
    ("BFGS", {}),
    ("trust-exact", {"hess": sd.hessian(chain)}),
    ("Newton-CG", {"hessp": product}),
):
    found = minimize(chain, start, jac=gradient, method=method, **more)
    print(f"{method}:", np.round(found.x, 4).tolist())


def residuals(x):
    """The same function as a sum of squares."""
    return np.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]])


dense = least_squares(residuals, start, jac=sd.jacobian(residuals))
slopes = matrix(sd.jacobian(residuals, sparse=True), (10, 6))
sparse = least_squares(residuals, start, jac=slopes)
print("least squares, dense:", np.round(dense.x, 4).tolist())
print("least squares, sparse:", np.round(sparse.x, 4).tolist())


def equations(x):
    """A circle and a line."""
    return np.stack([x[0] ** 2 + x[1] ** 2 - 2.0, x[0] - x[1]])


print("root:", np.round(root(equations, [2.0, 1.0], jac=sd.jacobian(equations)).x, 4).tolist())

disc = NonlinearConstraint(
    lambda x: np.sum(x[:2] ** 2), 0.0, 1.0, jac=sd.jacobian(lambda x: np.sum(x[:2] ** 2))
)
inside = minimize(chain, np.zeros(2), jac=gradient, constraints=[disc], method="SLSQP")
print("in the unit disc:", np.round(inside.x, 3).tolist())


def brusselator(t, y):  # noqa: ARG001  solve_ivp gives the time
    """Two substances that react and diffuse on a periodic grid of 16 by 16."""
    u, v = y.reshape(2, 16, 16)

    def laplacian(a):
        return np.roll(a, 1, 0) + np.roll(a, -1, 0) + np.roll(a, 1, 1) + np.roll(a, -1, 1) - 4 * a

    u_dot = 1.0 + u * u * v - 4.4 * u + 2.0 * laplacian(u)
    v_dot = 3.4 * u - u * u * v + 2.0 * laplacian(v)
    return np.stack([u_dot, v_dot]).reshape(-1)


y0 = np.concatenate([np.linspace(0.5, 1.5, 256), np.linspace(3.0, 2.0, 256)])
jacobian = matrix(sd.jacobian(brusselator, wrt="y", sparse=True), (512, 512))
end = solve_ivp(brusselator, (0.0, 2.0), y0, method="BDF", jac=jacobian, rtol=1e-8, atol=1e-8)
again = solve_ivp(brusselator, (0.0, 2.0), y0, method="BDF", rtol=1e-8, atol=1e-8)
apart = np.max(np.abs(end.y[:, -1] - again.y[:, -1]))
print("Brusselator, from the solution by differences:", apart < 1e-6)
