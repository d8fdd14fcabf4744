"""NumPy's names that are no lowerings: NumPy's Python code is traced, or stands for them here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

X = np.array([0.3, 1.2, -0.7, 0.9])
T = np.array([0.0, 0.5, 1.25, 2.0])
_P = np.polynomial
_BASES = {
    "poly": _P.polynomial,
    "cheb": _P.chebyshev,
    "leg": _P.legendre,
    "lag": _P.laguerre,
    "herm": _P.hermite,
    "herme": _P.hermite_e,
}


def _filled(x: Any) -> Any:
    a = np.zeros((3, 3))
    np.fill_diagonal(a, x[:3] ** 2)
    return a


def _put(x: Any) -> Any:
    a = np.zeros(6)
    np.put(a, [0, 2, 5], x[:3] ** 2)
    return a


def _copied(x: Any) -> Any:
    a = np.zeros(4)
    np.copyto(a, x * x)
    return a


def _placed(x: Any) -> Any:
    a = x * x
    np.place(a, [True, False, True, False], [5.0, x[1]])
    return a


def _masked(x: Any) -> Any:
    a = x * x
    np.putmask(a, [True, False, True, False], x[0])
    return a


Program = Callable[[Any], Any]

OF_VECTORS: dict[str, Program] = {
    "apply_along_axis": lambda x: np.apply_along_axis(lambda r: r * r[0], 0, x),
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x.reshape(2, 2) ** 2, [0]),
    "array2string": lambda x: x * len(np.array2string(T)),
    "asarray_chkfinite": lambda x: np.asarray_chkfinite(T) * x,
    "blackman": lambda x: x * np.blackman(4),
    "broadcast": lambda x: x * np.broadcast(T, T).size,
    "c_": lambda x: np.c_[x, x**2],
    "copyto": _copied,
    "diag_indices": lambda x: np.outer(x, x)[np.diag_indices(4)],
    "einsum_path": lambda x: np.einsum("i,i", x, T, optimize=np.einsum_path("i,i", T, T)[0]),
    "fill_diagonal": _filled,
    "fromfunction": lambda x: np.fromfunction(lambda i, j: x[0] * i + x[1] * j, (2, 3)),
    "hamming": lambda x: x * np.hamming(4),
    "hanning": lambda x: x * np.hanning(4),
    "index_exp": lambda x: x[np.index_exp[1:3]],
    "indices": lambda x: x * np.indices((4,))[0],
    "iterable": lambda x: x if np.iterable(x) else 2.0 * x,
    "kaiser": lambda x: x * np.kaiser(4, 2.0),
    "mgrid": lambda x: x * np.mgrid[0:4],
    "ndenumerate": lambda x: sum(v * v * i for (i,), v in np.ndenumerate(x)),
    "ndindex": lambda x: sum(x[i] ** 2 * i[0] for i in np.ndindex(4)),
    "ogrid": lambda x: x * np.ogrid[0:4],
    "place": _placed,
    "poly": np.poly,
    "polyadd": lambda x: np.polyadd(x, x[:2] * x[1]),
    "polyder": lambda x: np.polyder(x, 2),
    "polydiv": lambda x: np.polydiv(x, [1.0, 2.0])[0],
    "polyfit": lambda x: np.polyfit(T, x, 2),
    "polyint": lambda x: np.polyint(x, 2),
    "polysub": lambda x: np.polysub(x, x[:2]),
    "put": _put,
    "putmask": _masked,
    "r_": lambda x: np.r_[x, 0.5, x[:2] ** 2],
    "ravel_multi_index": lambda x: x[np.ravel_multi_index((1, 1), (2, 2))] ** 2,
    "result_type": lambda x: x.astype(np.result_type(float, int)) ** 2,
    "s_": lambda x: x[np.s_[::2]] ** 2,
    "tril_indices": lambda x: np.outer(x, x)[np.tril_indices(4)],
    "triu_indices": lambda x: np.outer(x, x)[np.triu_indices(4, 1)],
    "unravel_index": lambda x: np.outer(x, x)[np.unravel_index(5, (4, 4))],
    "unwrap": lambda x: np.unwrap(5.0 * x),
    "vectorize": lambda x: np.vectorize(lambda t: t * t, otypes=[float])(x),
    **{
        f"polynomial.{name}{part}": lambda x, module=module, called=f"{name}{part}", more=more: (
            getattr(module, called)(*more(x))
        )
        for name, module in _BASES.items()
        for part, more in (
            ("val", lambda x: (T, x)),
            ("der", lambda x: (x,)),
            ("int", lambda x: (x,)),
            ("fit", lambda x: (T, x, 2)),
            ("mul", lambda x: (x, [1.0, 2.0])),
            ("vander", lambda x: (x, 2)),
        )
    },
    "linalg.tensorinv": lambda x: np.linalg.tensorinv(np.diag(x**2).reshape(2, 2, 4), ind=2),
}
