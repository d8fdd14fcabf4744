"""An inverse by the method of Gauss and Jordan on an extended matrix."""

import numpy as np


def inverse_gauss_jordan(A):
    n = A.shape[0]
    M = np.hstack([A, np.eye(n)])
    for i in range(n):
        pivot = M[i, i]
        if abs(pivot) < 1e-12:
            raise np.linalg.LinAlgError("singular matrix")
        M[i] = M[i] / pivot
        for j in range(n):
            if j != i:
                M[j] -= M[j, i] * M[i]
    return M[:, n:]


EXAMPLES = [dict(A=np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]]))]
