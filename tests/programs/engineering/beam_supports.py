"""A beam of finite elements: assembled in a loop, held at its supports, and solved."""

import numpy as np


def beam_supports(stiffness, load):
    n = len(stiffness)
    K = np.zeros((2 * n + 2, 2 * n + 2))
    k = np.array(
        [
            [12.0, 6.0, -12.0, 6.0],
            [6.0, 4.0, -6.0, 2.0],
            [-12.0, -6.0, 12.0, -6.0],
            [6.0, 2.0, -6.0, 4.0],
        ]
    )
    for e in range(n):
        dofs = slice(2 * e, 2 * e + 4)
        K[dofs, dofs] += stiffness[e] * k
    F = np.zeros(2 * n + 2)
    F[2:-2:2] = load
    free = [i for i in range(2 * n + 2) if i not in (0, 2 * n)]
    u = np.linalg.solve(K[np.ix_(free, free)], F[free])
    return F[free] @ u


EXAMPLES = [dict(stiffness=np.array([1.0, 2.0, 1.5]), load=np.array([-1.0, -0.5]))]
