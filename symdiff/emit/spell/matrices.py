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


# The product form of the iteration of E. D. Denman and A. N. Beavers, with scaling by
# determinants: N. J. Higham, Functions of Matrices (2008), equation 6.29
_ROOT = """    def root(a):
        one = np.eye(len(a), dtype=a.dtype)
        m, x = a, a
        for _ in range(64):
            off = np.abs(m - one).sum()
            if not off > 4.0 * len(a) * np.finfo(a.dtype).eps:
                return x
            inverse = np.linalg.inv(m)
            log_size = np.linalg.slogdet(m)[1] / len(a)
            scale = np.exp(-0.5 * log_size) if off > 0.01 else one[0, 0]
            x = 0.5 * scale * (x + x @ inverse / scale**2)
            m = 0.5 * (one + 0.5 * (scale**2 * m + inverse / scale**2))
        return np.full_like(a, np.nan)
"""
_EACH = """
    found = np.empty(a.shape, a.dtype)
    for at in np.ndindex(a.shape[:-2]):
        found[at] = one_of(a[at])
    return found"""

SQRTM = f"""def _sqrtm(a):
{_ROOT}
    def one_of(a):
        if not np.array_equal(a, a.T):
            return root(a)
        values, vectors = np.linalg.eigh(a)
        least = -len(a) * np.finfo(a.dtype).eps * np.abs(values).max(initial=0.0)
        roots = np.sqrt(np.where(values < least, np.nan, np.maximum(values, 0.0)))
        return vectors * roots @ vectors.T
{_EACH}"""

# Square roots until what is left is near to 1, then the quadrature of Gauss of the integral of
# x/(1 + t*x) over t: N. J. Higham, Functions of Matrices (2008), section 11.4
LOGM = f"""def _logm(a):
    nodes, weights = np.polynomial.legendre.leggauss(16)

{_ROOT}
    def one_of(a):
        if np.array_equal(a, a.T):
            values, vectors = np.linalg.eigh(a)
            return vectors * np.log(np.where(values < 0.0, np.nan, values)) @ vectors.T
        one = np.eye(len(a), dtype=a.dtype)
        halvings = 0
        while np.linalg.norm(a - one, 1) > 0.7 and halvings < 64:
            a, halvings = root(a), halvings + 1
        x, found = a - one, 0.0 * a
        for node, weight in zip(nodes.astype(a.dtype), weights.astype(a.dtype)):
            found = found + 0.5 * weight * np.linalg.solve(one + 0.5 * (1.0 + node) * x, x)
        return found * 2.0**halvings
{_EACH}"""

# NumPy's are complex where one eigenvalue is
EIG = """def _eig(a):
    values, vectors = np.linalg.eig(a)
    if values.dtype.kind == "c":
        raise ValueError("the matrix has complex eigenvalues, whose derivatives are not computed")
    return values, vectors"""

ROOTS = """def _roots(p):
    found = np.empty((*p.shape[:-1], p.shape[-1] - 1), complex)
    for at in np.ndindex(p.shape[:-1]):
        each = np.roots(p[at])
        if len(each) < p.shape[-1] - 1:
            raise ValueError("the first coefficient of a polynomial is 0: it has fewer roots")
        found[at] = each
    return found"""

LU = """def _lu(a):
    size, rows = int(np.prod(a.shape[:-2])), a.shape[-1]
    factors = np.array(a).reshape(size, rows, rows)
    exchanges = np.zeros_like(factors) + np.eye(rows, dtype=a.dtype)
    pivots = np.zeros((size, rows), np.int64)
    for number in range(size):
        f, p = factors[number], exchanges[number]
        for k in range(rows):
            pivot = k + int(np.argmax(np.abs(f[k:, k])))
            pivots[number, k] = pivot
            f[[k, pivot]], p[[k, pivot]] = f[[pivot, k]], p[[pivot, k]]
            if f[k, k] != 0.0:
                f[k + 1 :, k] /= f[k, k]
                f[k + 1 :, k + 1 :] -= np.outer(f[k + 1 :, k], f[k, k + 1 :])
    return factors.reshape(a.shape), exchanges.reshape(a.shape), pivots.reshape(a.shape[:-1])"""
