"""SciPy's stiff solver with an exact sparse Jacobian: the Brusselator on a periodic grid."""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.sparse import coo_array

import symdiff as sd


def brusselator(t, y):  # noqa: ARG001  solve_ivp gives the time
    """Two substances that react and diffuse on a periodic grid of 16 by 16."""
    u, v = y.reshape(2, 16, 16)

    def laplacian(a):
        return np.roll(a, 1, 0) + np.roll(a, -1, 0) + np.roll(a, 1, 1) + np.roll(a, -1, 1) - 4 * a

    u_dot = 1.0 + u * u * v - 4.4 * u + 2.0 * laplacian(u)
    v_dot = 3.4 * u - u * u * v + 2.0 * laplacian(v)
    return np.stack([u_dot, v_dot]).reshape(-1)


y0 = np.concatenate([np.linspace(0.5, 1.5, 256), np.linspace(3.0, 2.0, 256)])
slopes = sd.jacobian(brusselator, wrt="y", sparse=True)
options = {"method": "BDF", "rtol": 1e-8, "atol": 1e-8}
end = solve_ivp(
    brusselator,
    (0.0, 2.0),
    y0,
    jac=lambda t, y: coo_array(slopes(t, y), shape=(512, 512)).tocsc(),
    **options,
)
again = solve_ivp(brusselator, (0.0, 2.0), y0, **options)
apart = np.max(np.abs(end.y[:, -1] - again.y[:, -1]))
print("steps:", end.t.size - 1)
print("as by differences, to 1e-6:", float(apart < 1e-6))
