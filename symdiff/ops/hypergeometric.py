"""Hypergeometric functions, and the orthogonal polynomials.

Their derivatives by the last argument are functions of the same kind; by the others they have no
closed form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.ops.gamma_functions import by_last_alone
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation, Partials

Exact = str | Callable[..., Any]


def _hypergeometric(
    name: str, doc: str, letters: str, factor: Callable[..., Handle], exact: Exact, **about: Any
) -> Operation:
    """A function of parameters and a number; `factor(y, *args)` is its derivative by the number."""
    *shapes, last = letters.split()
    unknown = by_last_alone(f"{name}({', '.join([*shapes, last])})", " ".join(shapes))
    return Operation(
        name,
        doc,
        len(shapes) + 1,
        Partials(lambda y, *args: (*unknown, factor(y, *args))),
        names=f"scipy.special.{name}",
        kink="derivatives by parameters have no closed form and are refused",
        exact=exact,
        analytic=False,
        **about,
        is_folded=False,
    )


hyp0f1: Operation = _hypergeometric(
    "hyp0f1",
    "The confluent hypergeometric limit function.",
    "v x",
    lambda y, v, x: hyp0f1(v + 1.0, x) / v,  # DLMF 16.3.1
    "hyp0f1",
    domain="v not in {0, -1, -2, ...}",
    safe=(1.0, 0.0),
)

hyp1f1: Operation = _hypergeometric(
    "hyp1f1",
    "Kummer's confluent hypergeometric function.",
    "a b x",
    lambda y, a, b, x: a / b * hyp1f1(a + 1.0, b + 1.0, x),  # DLMF 13.3.15
    "hyp1f1",
    domain="b not in {0, -1, -2, ...}",
    safe=(1.0, 1.0, 0.0),
)

hyperu: Operation = _hypergeometric(
    "hyperu",
    "Tricomi's confluent hypergeometric function.",
    "a b x",
    lambda y, a, b, x: -a * hyperu(a + 1.0, b + 1.0, x),  # DLMF 13.3.22
    "hyperu",
    domain="x > 0",
    safe=(1.0, 1.0, 1.0),
)

hyp2f1: Operation = _hypergeometric(
    "hyp2f1",
    "Gauss's hypergeometric function.",
    "a b c x",
    lambda y, a, b, c, x: a * b / c * hyp2f1(a + 1.0, b + 1.0, c + 1.0, x),  # DLMF 15.5.1
    "hyp2f1",
    domain="c not in {0, -1, -2, ...}, x < 1",
    safe=(1.0, 1.0, 1.0, 0.0),
)

# --- orthogonal polynomials of a known degree ----------------------------------------------------


def _polynomial(
    name: str,
    doc: str,
    letters: str,
    factor: Callable[..., Handle],
    exact: Callable[..., Any],
    **about: Any,
) -> Operation:
    """A polynomial; `factor(n, *args)` is its derivative by the last argument for n > 0."""
    *shapes, last = letters.split()
    unknown = by_last_alone(f"{name}(n, {', '.join([*shapes, last])})", " ".join(shapes))

    def partials(y: Handle, *args: Handle) -> tuple[Any, ...]:
        (n,) = y.params
        return (*unknown, factor(n, *args) if n else None)

    return Operation(
        name,
        doc,
        len(shapes) + 1,
        Partials(partials),
        params=("degree",),
        kink="derivatives by parameters have no closed form and are refused" if shapes else "",
        exact=exact,
        analytic=False,
        **about,
    )


eval_jacobi: Operation = _polynomial(
    "eval_jacobi",
    "Jacobi polynomial.",
    "alpha beta x",
    # DLMF 18.9.15
    lambda n, a, b, x: (
        0.5 * (a + b + (n + 1.0)) * eval_jacobi(a + 1.0, b + 1.0, x, params=(n - 1,))
    ),
    lambda mp, n, a, b, x: mp.jacobi(n, a, b, x),
    sympy="jacobi",
)

eval_gegenbauer: Operation = _polynomial(
    "eval_gegenbauer",
    "Gegenbauer polynomial.",
    "alpha x",
    lambda n, a, x: 2.0 * a * eval_gegenbauer(a + 1.0, x, params=(n - 1,)),  # DLMF 18.9.19
    lambda mp, n, a, x: mp.gegenbauer(n, a, x),
    sympy="gegenbauer",
)

eval_legendre: Operation = _polynomial(
    "eval_legendre",
    "Legendre polynomial.",
    "x",
    lambda n, x: 0.5 * (n + 1.0) * eval_jacobi(1.0, 1.0, x, params=(n - 1,)),  # DLMF 18.9.15
    lambda mp, n, x: mp.legendre(n, x),
    sympy="legendre",
)

eval_chebyt: Operation = _polynomial(
    "eval_chebyt",
    "Chebyshev polynomial of the first kind.",
    "x",
    lambda n, x: float(n) * eval_chebyu(x, params=(n - 1,)),  # DLMF 18.9.21
    lambda mp, n, x: mp.chebyt(n, x),
    sympy="chebyshevt",
)

eval_chebyu: Operation = _polynomial(
    "eval_chebyu",
    "Chebyshev polynomial of the second kind.",
    "x",
    lambda n, x: 2.0 * eval_gegenbauer(2.0, x, params=(n - 1,)),  # U is gegenbauer of 1
    lambda mp, n, x: mp.chebyu(n, x),
    sympy="chebyshevu",
)

eval_hermite: Operation = _polynomial(
    "eval_hermite",
    "Hermite polynomial, of physicists.",
    "x",
    lambda n, x: (2.0 * n) * eval_hermite(x, params=(n - 1,)),  # DLMF 18.9.25
    lambda mp, n, x: mp.hermite(n, x),
    sympy="hermite",
)

eval_hermitenorm: Operation = _polynomial(
    "eval_hermitenorm",
    "Hermite polynomial, of probability theory.",
    "x",
    lambda n, x: float(n) * eval_hermitenorm(x, params=(n - 1,)),  # DLMF 18.9.27
    lambda mp, n, x: mp.hermite(n, x / mp.sqrt(2)) * mp.mpf(2) ** (-mp.mpf(n) / 2),
    sympy="hermite_prob",
)

eval_genlaguerre: Operation = _polynomial(
    "eval_genlaguerre",
    "Generalized Laguerre polynomial.",
    "alpha x",
    lambda n, a, x: -eval_genlaguerre(a + 1.0, x, params=(n - 1,)),  # DLMF 18.9.23
    lambda mp, n, a, x: mp.laguerre(n, a, x),
    domain="alpha > -1",
)

eval_laguerre: Operation = _polynomial(
    "eval_laguerre",
    "Laguerre polynomial.",
    "x",
    lambda n, x: -eval_genlaguerre(1.0, x, params=(n - 1,)),  # DLMF 18.9.23
    lambda mp, n, x: mp.laguerre(n, 0, x),
    sympy="laguerre",
)
