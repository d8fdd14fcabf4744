r"""LaTeX's spellings: elementwise operations as mathematics writes them, arrays in matrix notation.

Products of numbers stand side by side, those of arrays element by element are `\odot`. Indices
count from 0. What has no sign of its own in mathematics is an operator under its name.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit.spell import latex_arrays as arrays
from symdiff.emit.spell.base import (
    ADDITIVE,
    AND,
    ATOM,
    COMPARISON,
    ITSELF,
    NOT,
    OR,
    SILENT,
    TERM,
    UNARY,
    Operand,
    Spelling,
    Spellings,
    Written,
    notated,
    written,
)
from symdiff.emit.spell.latex_arrays import (
    QUOTIENT,
    SUPERSCRIPT,
    applied,
    behind,
    called,
    cases,
    enclosed,
    named,
    operator,
    product,
    quotient,
    raised,
)
from symdiff.ops.registry import OPERATIONS

_INF, _NAN = r"\infty", r"\mathrm{NaN}"


def _add(a: Sequence[Operand]) -> Written:
    x, y = a
    return Written(f"{enclosed(x, ADDITIVE)} + {behind(y, TERM)}", ADDITIVE)


def _subtract(a: Sequence[Operand]) -> Written:
    x, y = a
    return Written(f"{enclosed(x, ADDITIVE)} - {behind(y, TERM)}", ADDITIVE)


def _negate(a: Sequence[Operand]) -> Written:
    (x,) = a
    return Written(f"-{behind(x, TERM)}", UNARY)


def _multiply(a: Sequence[Operand]) -> Written:
    x, y = a
    if x.shape and y.shape:
        return _elementwise(r"\odot", x, y)
    return product(y, x) if _is_number(y) and not _is_number(x) else product(x, y)


def _is_number(x: Operand) -> bool:
    return x.text.removeprefix("-")[0].isdigit()


def _divide(a: Sequence[Operand]) -> Written:
    x, y = a
    if not y.shape and x.precedence == UNARY:
        return Written(f"-{quotient(x.text.removeprefix('-'), y.text).text}", UNARY)
    if not y.shape:
        return quotient(x.text, y.text)
    return _elementwise(r"\oslash", x, y)


def _elementwise(sign: str, x: Operand, y: Operand) -> Written:
    """Between two arrays; from left to right."""
    left = x.text if x.precedence == TERM else enclosed(x, QUOTIENT)
    return Written(f"{left} {sign} {behind(y, QUOTIENT)}", TERM)


def _power(a: Sequence[Operand]) -> Written:
    base, exponent = a
    return raised(base, rf"\circ {exponent.text}" if base.shape else exponent.text)


def _exponential(exponent: str) -> Written:
    return Written(rf"\mathrm{{e}}^{{{exponent}}}", SUPERSCRIPT)


def _compared(sign: str) -> Spelling:
    def write(a: Sequence[Operand]) -> Written:
        x, y = (enclosed(operand, ADDITIVE) for operand in a)
        return Written(f"{x} {sign} {y}", COMPARISON)

    return notated(write)


def _joined(sign: str, precedence: int) -> Spelling:
    def write(a: Sequence[Operand]) -> Written:
        x, y = (enclosed(operand, precedence) for operand in a)
        return Written(f"{x} {sign} {y}", precedence)

    return notated(write)


def _around(left: str, right: str) -> Spelling:
    """Between two delimiters."""
    return notated(lambda a: Written(rf"\left{left} {a[0].text} \right{right}"))


def _of_order(name: str) -> Spelling:
    """A function whose parameter stands below its name."""

    def write(a: Sequence[Operand], order: float) -> Written:
        return applied(f"{name}_{{{_order(order)}}}", *a)

    return notated(write)


def _order(order: float) -> str:
    return str(int(order)) if order == int(order) else str(order)


def _polygamma(a: Sequence[Operand], order: float) -> Written:
    return applied(rf"\psi^{{\left( {_order(order)} \right)}}", *a)


def _hypot(a: Sequence[Operand]) -> Written:
    x, y = a
    return Written(rf"\sqrt{{{raised(x, '2').text} + {raised(y, '2').text}}}")


def _where(a: Sequence[Operand]) -> Written:
    condition, x, y = a
    return cases((x.text, condition.text), (y.text, ""))


def _share(a: Sequence[Operand]) -> Written:
    t, lost, tied = (operand.text for operand in a)
    return cases(("0", lost), (quotient(t, "2").text, tied), (t, ""))


def _clip(a: Sequence[Operand]) -> Written:
    x, low, high = (operand.text for operand in a)
    return Written(rf"\min\left( \max\left( {x}, {low} \right), {high} \right)")


def _floor_divide(a: Sequence[Operand]) -> Written:
    return Written(rf"\left\lfloor {_divide(a).text} \right\rfloor")


def _remainder(a: Sequence[Operand]) -> Written:
    x, y = a
    return _elementwise(r"\bmod", x, y)


def _log_of(inner: str) -> Written:
    return Written(rf"\ln\left( {inner} \right)")


def _log_of_magnitude(function: str, *arguments: Operand) -> Written:
    return Written(rf"\ln\left| {applied(function, *arguments).text} \right|")


def _operand(function: str, x: Operand) -> Operand:
    return Operand(*applied(function, x)[:2], ())


def _times_raised(a: Sequence[Operand], exponent: str) -> Written:
    """A matrix with an exponent, times another array."""
    matrix, x = a
    return product(Operand(*raised(matrix, exponent)[:2], matrix.shape), x)


def _logaddexp(a: Sequence[Operand]) -> Written:
    x, y = (_exponential(operand.text).text for operand in a)
    return _log_of(f"{x} + {y}")


def _logaddexp2(a: Sequence[Operand]) -> Written:
    x, y = (operand.text for operand in a)
    return Written(rf"\log_{{2}}\left( 2^{{{x}}} + 2^{{{y}}} \right)")


def _by_name(op: str) -> Spelling | None:
    """An elementwise operation under its own name; SymPy's under the name that it has there."""
    if not OPERATIONS[op].is_elementwise:
        return None
    name = operator(op.removeprefix("sympy_"))
    if not OPERATIONS[op].params:
        return called(name)
    return notated(lambda a, *params: applied(f"{name}_{{{', '.join(map(_order, params))}}}", *a))


_SUM = arrays.reduced(r"\sum", "sum")

LATEX_SPELLINGS = Spellings(
    "latex",
    family=_by_name,
    inf=Spelling("call", _INF),
    nan=Spelling("call", _NAN),
    full=written(arrays.full),
    # choices
    where=notated(_where),
    share=notated(_share),
    less=_compared("<"),
    less_equal=_compared(r"\leq"),
    greater=_compared(">"),
    greater_equal=_compared(r"\geq"),
    equal=_compared("="),
    not_equal=_compared(r"\neq"),
    logical_and=_joined(r"\wedge", AND),
    logical_or=_joined(r"\vee", OR),
    logical_not=notated(lambda a: Written(rf"\neg {enclosed(a[0], ATOM)}", NOT)),
    # arithmetic
    add=notated(_add),
    subtract=notated(_subtract),
    multiply=notated(_multiply),
    negate=notated(_negate),
    divide=notated(_divide),
    power=notated(_power),
    remainder=notated(_remainder),
    floor_divide=notated(_floor_divide),
    # functions
    sqrt=notated(lambda a: Written(rf"\sqrt{{{a[0].text}}}")),
    cbrt=notated(lambda a: Written(rf"\sqrt[3]{{{a[0].text}}}")),
    exp=notated(lambda a: _exponential(a[0].text)),
    exp2=notated(lambda a: Written(f"2^{{{a[0].text}}}", SUPERSCRIPT)),
    exp10=notated(lambda a: Written(f"10^{{{a[0].text}}}", SUPERSCRIPT)),
    expm1=notated(lambda a: Written(f"{_exponential(a[0].text).text} - 1", ADDITIVE)),
    log=called(r"\ln"),
    log2=called(r"\log_{2}"),
    log10=called(r"\log_{10}"),
    log1p=notated(lambda a: _log_of(f"1 + {enclosed(a[0], ADDITIVE)}")),
    logaddexp=notated(_logaddexp),
    logaddexp2=notated(_logaddexp2),
    sigmoid=called(r"\sigma"),
    softplus=notated(lambda a: _log_of(f"1 + {_exponential(a[0].text).text}")),
    sin=called(r"\sin"),
    cos=called(r"\cos"),
    tan=called(r"\tan"),
    arcsin=called(r"\arcsin"),
    arccos=called(r"\arccos"),
    arctan=called(r"\arctan"),
    arctan2=called(operator("atan2")),
    sinh=called(r"\sinh"),
    cosh=called(r"\cosh"),
    tanh=called(r"\tanh"),
    arcsinh=called(operator("arsinh")),
    arccosh=called(operator("arcosh")),
    arctanh=called(operator("artanh")),
    hypot=notated(_hypot),
    absolute=_around("|", "|"),
    sign=called(operator("sgn")),
    floor=_around(r"\lfloor", r"\rfloor"),
    ceil=_around(r"\lceil", r"\rceil"),
    rint=called(operator("round")),
    maximum=called(r"\max"),
    minimum=called(r"\min"),
    clip=notated(_clip),
    relu=notated(lambda a: Written(rf"\max\left( {a[0].text}, 0 \right)")),
    # special functions
    erfinv=called(r"\operatorname{erf}^{-1}"),
    ndtr=called(r"\Phi"),
    log_ndtr=notated(lambda a: _log_of(applied(r"\Phi", *a).text)),
    gamma=called(r"\Gamma"),
    loggamma=notated(lambda a: _log_of_magnitude(r"\Gamma", *a)),
    digamma=called(r"\psi"),
    polygamma=notated(_polygamma),
    beta=called(operator("B")),
    betaln=notated(lambda a: _log_of_magnitude(operator("B"), *a)),
    jv=_of_order("J"),
    yv=_of_order("Y"),
    iv=_of_order("I"),
    kv=_of_order("K"),
    airyai=called(operator("Ai")),
    airyaiprime=called(operator("Ai") + "'"),
    airybi=called(operator("Bi")),
    airybiprime=called(operator("Bi") + "'"),
    lambertw=called("W"),
    riemann_zeta=called(r"\zeta"),
    zeta=called(r"\zeta"),
    # conversions, arrays that are known, arrays out of nothing
    check=SILENT,  # a formula raises nothing
    checked=ITSELF,
    as_float64=ITSELF,
    as_float32=called(operator("float32")),
    as_int64=called(operator("trunc")),
    as_bool=notated(lambda a: Written(rf"{enclosed(a[0], ADDITIVE)} \neq 0", COMPARISON)),
    stop=called(operator("stop")),
    array=written(arrays.known_array),
    index_array=written(arrays.known_array),
    mask_array=written(arrays.known_array),
    made=written(arrays.made),
    arange=written(arrays.arange),
    unit_matrix=written(arrays.unit_matrix),
    length=written(arrays.length),
    # shapes, places, joints
    reshape=written(arrays.reshape),
    transpose=written(arrays.transpose),
    broadcast=written(arrays.broadcast),
    index=written(arrays.index),
    put=written(arrays.put("put")),
    put_add=written(arrays.put("add")),
    concatenate=written(arrays.concatenate),
    stack=written(arrays.stack),
    # reductions
    sum=written(_SUM),
    prod=written(arrays.reduced(r"\prod", "prod")),
    max=written(arrays.reduced(r"\max", "max")),
    min=written(arrays.reduced(r"\min", "min")),
    all=written(arrays.reduced(r"\forall", "all")),
    any=written(arrays.reduced(r"\exists", "any")),
    norm=written(arrays.norm),
    logsumexp=written(arrays.logsumexp),
    # along an axis
    cumsum=arrays.along("cumsum"),
    sum_in_order=written(lambda a: _SUM(a, (len(a[0].shape) - 1,), False)),  # noqa: FBT003
    cumprod=arrays.along("cumprod"),
    cummax=arrays.along("cummax"),
    sort=arrays.along("sort"),
    argsort=arrays.along("argsort"),
    argmax=arrays.along(r"arg\,max"),
    argmin=arrays.along(r"arg\,min"),
    searchsorted=written(arrays.searchsorted),
    convolve=written(lambda a: _elementwise("*", *a)),
    # linear algebra
    contract=written(arrays.contraction),
    inv=written(lambda a: raised(a[0], "-1")),
    expm=called(r"\exp"),
    sqrtm=written(lambda a: raised(a[0], "1/2")),
    logm=called(r"\log"),
    solve=written(lambda a: _times_raised(a, "-1")),
    pinv=written(lambda a: raised(a[0], "+")),
    lstsq=written(lambda a: _times_raised(a, "+")),
    cholesky=called(operator("chol")),
    eigh=called(operator("eigh")),
    eigh_upper=called(operator("eigh")),
    eigenvalues=named(r"\lambda"),
    eigenvectors=named(operator("eigenvectors")),
    eig=called(operator("eig")),
    general_values=named(r"\lambda"),
    general_vectors=named(operator("eigenvectors")),
    roots=called(operator("roots")),
    svd=called(operator("svd")),
    svd_values=named(r"\sigma"),
    svd_left=named("U"),
    svd_right=named("V^{T}"),
    qr=called(operator("qr")),
    qr_orthogonal=named("Q"),
    qr_triangular=named("R"),
    lu=called(operator("lu")),
    lu_factors=named("LU"),
    lu_exchanges=named("P"),
    lu_pivots=named(operator("pivots")),
    det=called(r"\det"),
    slogdet=called(operator("slogdet")),
    logabsdet=written(lambda a: _log_of_magnitude(r"\det", a[0])),
    signdet=written(lambda a: applied(operator("sgn"), _operand(r"\det", a[0]))),
    # the user's functions
    opaque_call=written(arrays.opaque_call),
)
