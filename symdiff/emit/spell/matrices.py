"""Functions of matrices that NumPy lacks, as helpers of an emitted file."""

from __future__ import annotations

# N. J. Higham, The scaling and squaring method for the matrix exponential revisited (2005)
EXPM = """def _expm(a):
    size = np.abs(a).sum(axis=-2).max(initial=0.0)
    halvings = max(0, int(np.frexp(size / 5.371920351148152)[1])) if np.isfinite(size) else 0
    a = a * 0.5**halvings
    one = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    u = a6 @ (a6 + 16380.0 * a4 + 40840800.0 * a2) + 33522128640.0 * a6
    u = a @ (u + 10559470521600.0 * a4 + 1187353796428800.0 * a2 + 32382376266240000.0 * one)
    v = a6 @ (182.0 * a6 + 960960.0 * a4 + 1323241920.0 * a2) + 670442572800.0 * a6
    v = v + 129060195264000.0 * a4 + 7771770303897600.0 * a2 + 64764752532480000.0 * one
    y = np.linalg.solve(v - u, v + u)
    for _ in range(halvings):
        y = y @ y
    return y"""
