"""SciPy's special functions, as NumPy's table and that of floats write them."""

from __future__ import annotations

from symdiff.emit.spell.base import Spelling, function, helper

_LAMBERTW = """def _lambertw(x):
    root = special.lambertw(x)
    return np.where(root.imag == 0.0, root.real, np.nan)"""

_LAMBERTW_LOWER = """def _lambertw_lower(x):
    root = special.lambertw(x, -1)
    return np.where(root.imag == 0.0, root.real, np.nan)"""

# For x < 1 the series of DLMF 8.19.10, whose largest two terms are joined where the order is near a
# whole number; beyond, the continued fraction 8.19.17. A part that is not taken may overflow.
_EXPINT = """def _expint(order, x):
    order, x = np.broadcast_arrays(np.asarray(order, float), np.where(x >= 0.0, x, np.nan))
    with np.errstate(all="ignore"):
        a = np.where(order < 0.5, 1.0 - order, 1.0)
        low = special.gamma(a) * special.gammaincc(a, x) * x**-a
        far = np.maximum(x, 1.0)
        below = far
        for k in range(100, 0, -1):
            below = far + (order + (k - 1)) / (1.0 + k / below)
        whole = np.maximum(np.rint(order), 1.0)
        e = np.where(order == whole, 1e-300, order - whole)
        near = np.minimum(x, 1.0)
        grown = (np.log(near) + (np.euler_gamma - 1.0)) * e - np.log1p(-e)
        for k in range(2, 30):
            grown = grown + special.zetac(k) / k * e**k
        series, term = 0.0, np.ones_like(near)
        for k in range(40):
            grown = grown - (np.log1p(e / k) if k else 0.0)
            joined = -np.expm1(grown) / e
            series = series + term * np.where(whole == k + 1, joined, 1.0 / (order - 1.0 - k))
            term = term * (-near / (k + 1))
        high = np.where(x < 1.0, series, np.exp(-far) / below)
        at_zero = np.where(order > 1.0, 1.0 / (order - 1.0), np.inf)
        found = np.where(x == 0.0, at_zero, np.where(order < 0.5, low, high))
        return np.where(order > -100.0, found, np.nan)"""

# Euler and Maclaurin's sum (DLMF 25.11.28); each factor is the list of its Taylor coefficients by s
_ZETA_SLOPE = """def _zeta_slope(order, s, q):
    s, q = np.broadcast_arrays(np.asarray(s, float), np.asarray(q, float))

    def product(u, v):
        return [sum(u[j] * v[i - j] for j in range(i + 1)) for i in range(order + 1)]

    with np.errstate(all="ignore"):
        q = np.where(q > 0.0, q, np.nan)
        total = 0.0
        for k in range(12):
            total = total + (-np.log(q + k)) ** order * (q + k) ** -s
        a = q + 12.0
        term = a**-s
        ends = [term]
        for i in range(order):
            ends.append(ends[i] * -np.log(a) / (i + 1))
        rest = product(ends, [a * (-1) ** i / (s - 1.0) ** (i + 1) for i in range(order + 1)])
        rest = [x + 0.5 * y for x, y in zip(rest, ends)]
        zeros = [0.0] * order
        factor = product([s, 1.0, *zeros], [1.0, *zeros])
        for j in range(1, 13):
            weight = 2.0 * (-1) ** (j + 1) * special.zeta(2 * j) / (2.0 * np.pi * a) ** (2 * j) * a
            rest = [x + weight * y for x, y in zip(rest, product(factor, ends))]
            for k in (2 * j - 1, 2 * j):
                factor = product(factor, [s + k, 1.0, *zeros])
        return total + special.factorial(order) * rest[order]"""

# SciPy's functions that have the names of operations
_PLAIN = (
    "erf erfc erfinv erfcinv erfi erfcx dawsn ndtr ndtri ndtri_exp log_ndtr owens_t voigt_profile "
    "gamma rgamma digamma polygamma beta betaln zeta binom poch gammainc gammaincc gammaincinv "
    "gammainccinv betainc betaincc betaincinv betainccinv stdtr stdtrit "
    "jv yv iv kv ive kve spherical_jn spherical_yn spherical_in spherical_kn struve modstruve "
    "ber bei ker kei berp beip kerp keip "
    "ellipk ellipkm1 ellipe ellipkinc ellipeinc elliprc elliprd elliprf "
    "hyp0f1 hyp1f1 hyperu hyp2f1 eval_jacobi eval_gegenbauer eval_legendre eval_chebyt eval_chebyu "
    "eval_hermite eval_hermitenorm eval_genlaguerre eval_laguerre "
    "expi exp1 expn spence wrightomega exprel cosm1 powm1 boxcox boxcox1p inv_boxcox inv_boxcox1p "
    "sindg cosdg tandg cotdg"
).split()

# by operation, a call of several functions at once and which of them it is
_PARTS = {
    "airyai": ("x", "special.airy(x)[0]"),
    "airyaiprime": ("x", "special.airy(x)[1]"),
    "airybi": ("x", "special.airy(x)[2]"),
    "airybiprime": ("x", "special.airy(x)[3]"),
    "fresnels": ("x", "special.fresnel(x)[0]"),
    "fresnelc": ("x", "special.fresnel(x)[1]"),
    "sinint": ("x", "special.sici(x)[0]"),
    "cosint": ("x", "special.sici(x)[1]"),
    "sinhint": ("x", "special.shichi(x)[0]"),
    "coshint": ("x", "special.shichi(x)[1]"),
    "jacobi_sn": ("u, m", "special.ellipj(u, m)[0]"),
    "jacobi_cn": ("u, m", "special.ellipj(u, m)[1]"),
    "jacobi_dn": ("u, m", "special.ellipj(u, m)[2]"),
    "jacobi_am": ("u, m", "special.ellipj(u, m)[3]"),
    "faddeeva_real": ("x, y", "special.wofz(x + 1j * y).real"),
    "faddeeva_imag": ("x, y", "special.wofz(x + 1j * y).imag"),
}

OF_ARRAYS: dict[str, Spelling] = {
    **{name: function(f"special.{name}") for name in _PLAIN},
    "loggamma": function("special.gammaln"),
    "lambertw": helper(_LAMBERTW, "special"),
    "lambertw_lower": helper(_LAMBERTW_LOWER, "special"),
    "expint": helper(_EXPINT, "np", "special"),
    "zeta_slope": helper(_ZETA_SLOPE, "np", "special"),
    "riemann_zeta": function("special.zeta"),
    **{
        name: helper(f"def _{name}({given}):\n    return {text}", "special")
        for name, (given, text) in _PARTS.items()
    },
}

OF_FLOATS: dict[str, Spelling] = {
    **{
        name: helper(f"def _{name}_of_float(x):\n    return float(_{name}(x))")
        for name in ("lambertw", "lambertw_lower")
    },
    "zeta_slope": helper(
        "def _zeta_slope_of_float(order, s, q):\n    return float(_zeta_slope(order, s, q))"
    ),
    "expint": helper("def _expint_of_float(order, x):\n    return float(_expint(order, x))"),
    **{
        name: helper(f"def _{name}_of_float({given}):\n    return float({text})")
        for name, (given, text) in _PARTS.items()
    },
}
