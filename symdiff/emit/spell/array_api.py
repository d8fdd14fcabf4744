"""Spellings of the array API standard: NumPy, CuPy, PyTorch, JAX and Dask by one text.

Bodies read `xp`, the namespace of their arrays, and `kind`, the type and device of their floats.
Nothing is written in place.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.emit.spell import array_api_helpers as helpers
from symdiff.emit.spell import array_api_places as places
from symdiff.emit.spell import numpy_arrays as arrays
from symdiff.emit.spell import numpy_creation as creation
from symdiff.emit.spell.array_api_places import of_namespace
from symdiff.emit.spell.base import (
    ATOM,
    ITSELF,
    POWER,
    Operand,
    Spelling,
    Spellings,
    Written,
    defined,
    function,
    helper,
    infix,
    written,
)
from symdiff.emit.spell.contractions import Products
from symdiff.emit.spell.operators import OPERATORS
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.contraction import parts


def _withof_namespace(source: str) -> Spelling:
    """A helper that is told the namespace."""
    name = defined(source)

    def write(a: Sequence[Operand]) -> Written:
        return of_namespace(f"{name}({', '.join(['xp', *[x.text for x in a]])})")

    return Spelling("written", name, source=source, write=write, repeats=True)


def _power_of(base: str) -> Spelling:
    def write(a: Sequence[Operand]) -> Written:
        (x,) = a
        return Written(f"{base}**{x.text if x.precedence >= POWER else f'({x.text})'}", POWER)

    return Spelling("written", "", write=write, repeats=True)


# --- shapes and places -----------------------------------------------------------------------


def _reshape(a: Sequence[Operand], shape: Shape) -> Written:
    return of_namespace(f"xp.reshape({a[0].text}, {shape_text(shape)})")


def _transpose(a: Sequence[Operand], axes: tuple[int, ...]) -> Written:
    (x,) = a
    if axes == (1, 0):
        return Written(f"{x.primary}.T")
    return of_namespace(f"xp.permute_dims({x.text}, {shape_text(axes)})")


def _broadcast(a: Sequence[Operand], shape: Shape) -> Written:
    return of_namespace(f"xp.broadcast_to({a[0].text}, {shape_text(shape)})")


def _stack(a: Sequence[Operand], new: tuple[int, ...], axis: int) -> Written:
    texts = [x.text for x in a]
    items = f"({texts[0]},)" if len(a) == 1 else f"({', '.join(texts)})"
    text = f"xp.stack({items}, axis={axis})" if axis else f"xp.stack({items})"
    if len(new) > 1:
        shape = (*a[0].shape[:axis], *new, *a[0].shape[axis:])
        text = f"xp.reshape({text}, {shape_text(shape)})"
    return of_namespace(text)


def _concatenate(a: Sequence[Operand], axis: int) -> Written:
    items = f"({', '.join([x.text for x in a])}{',' * (len(a) == 1)})"
    return of_namespace(f"xp.concat({items}, axis={axis})" if axis else f"xp.concat({items})")


# --- reductions ------------------------------------------------------------------------------


def _over_axes(name: str) -> Spelling:
    write = arrays.call_over_axes(name)
    return written(lambda a, *params: of_namespace(write(a, *params).text))


def _along(name: str) -> Spelling:
    def write(a: Sequence[Operand], axis: int) -> Written:
        return of_namespace(f"{name}({a[0].text}, axis={axis})")

    return written(write)


def _sum_in_order(a: Sequence[Operand]) -> Written:
    return of_namespace(f"xp.cumulative_sum({a[0].text}, axis=-1)[..., -1]")


def _logsumexp(a: Sequence[Operand], *params: Any) -> Written:
    (x,) = a
    told = x._replace(text=f"xp, {x.text}")
    return of_namespace(arrays.call_over_axes("_logsumexp")([told], *params).text)


def _cummax(a: Sequence[Operand], axis: int) -> Written:
    return of_namespace(f"_cummax(xp, {a[0].text}, {axis})")


def _searchsorted(a: Sequence[Operand], side: str) -> Written:
    return of_namespace(f'xp.searchsorted({a[0].text}, {a[1].text}, side="{side}")')


def _contracted(letters: str, x: str, y: str) -> Written:
    first, second, result = parts(letters)
    text = f'_contract(xp, {x}, {y}, "{first}", "{second}", "{result}")'
    return of_namespace(text, "_contract")


_PRODUCTS = Products(
    outer=lambda x, y: of_namespace(f"xp.tensordot({x}, {y}, axes=0)"),
    tensordot=lambda x, y, axes: of_namespace(f"xp.tensordot({x}, {y}, axes={axes})"),
    einsum=_contracted,
    turned=lambda x: of_namespace(f"xp.matrix_transpose({x})"),
)


# --- arrays ----------------------------------------------------------------------------------

_WHOLE = 'dtype=xp.asarray(0).dtype, device=kind["device"]'
CONDITIONAL = 2  # a precedence: it binds less tightly than operators
_KINDS = {
    FLOAT: "**kind",
    INT: 'device=kind["device"]',  # whole numbers as large as the library has them by itself
    BOOL: 'dtype=xp.bool, device=kind["device"]',
}


def _full(a: Sequence[Operand], shape: Shape, dtype: str) -> Written:
    kind = _KINDS[dtype]
    if dtype == INT:
        kind = _WHOLE
    return of_namespace(f"xp.{creation.full_text(a[0].text, shape, f', {kind}')}", "kind")


def _known(_: Sequence[Operand], shape: Shape, dtype: str, data: str) -> Written:
    import numpy as np

    lengths = [n for n in shape if isinstance(n, int)]  # all of them
    numbers = np.frombuffer(b64decode(data), dtype).reshape(lengths)
    kind = _KINDS[{"f": FLOAT, "b": BOOL}.get(numbers.dtype.kind, INT)]
    if not numbers.size:
        return of_namespace(f"xp.zeros({shape_text(shape)}, {kind})", "kind")
    listed = creation.literal(numbers.tolist(), "xp")
    return of_namespace(f"xp.asarray({listed}, {kind})", "kind")


def _made(
    a: Sequence[Operand], name: str, args: Sequence[Any], keywords: Sequence[Any], kind: str
) -> Written:
    import numpy as np

    found = getattr(np, name)(*args, **dict(keywords))
    if not found.size:  # lists without elements have no further axes
        return of_namespace(f"xp.zeros({shape_text(found.shape)}, {_KINDS[kind]})", "kind")
    made = creation.made(a, name, args, keywords, kind).text
    return of_namespace(f"xp.asarray({made}.tolist(), {_KINDS[kind]})", "kind")


def _arange(_: Sequence[Operand], length: Dimension) -> Written:
    return of_namespace(f'xp.arange({length}, device=kind["device"])', "kind")


def _stacked(a: Sequence[Operand], shape: Shape, dtype: str) -> Written:
    """The array of a list of rows, which may have none."""
    (rows,) = a
    text = f"xp.stack({rows.text})"
    if isinstance(shape[0], int) and shape[0]:
        return of_namespace(text)
    empty = _full([Operand("0.0", ATOM, ())], shape, dtype).text
    return Written(f"{text} if {rows.text} else {empty}", CONDITIONAL, ("xp", "kind"))


def _call(text: str, *needs: str) -> Callable[[Sequence[Operand]], Written]:
    return lambda a: of_namespace(text.format(*[x.text for x in a]), *needs)


ARRAY_API = Spellings(
    "array-api",
    helpers.HELPERS,
    parent=OPERATORS,
    inf=function("xp.inf"),
    nan=function("xp.nan"),
    # choices
    where=function("xp.where"),
    share=_withof_namespace(helpers.SHARE),
    logical_not=function("xp.logical_not"),
    # elementwise
    power=infix("**", POWER),
    fmod=_withof_namespace(helpers.FMOD),
    sqrt=function("xp.sqrt"),
    cbrt=_withof_namespace(helpers.CBRT),
    exp=function("xp.exp"),
    exp2=_power_of("2.0"),
    exp10=_power_of("10.0"),
    expm1=function("xp.expm1"),
    log=function("xp.log"),
    log2=function("xp.log2"),
    log10=function("xp.log10"),
    log1p=function("xp.log1p"),
    logaddexp=function("xp.logaddexp"),
    logaddexp2=_withof_namespace(helpers.LOGADDEXP2),
    sin=function("xp.sin"),
    cos=function("xp.cos"),
    tan=function("xp.tan"),
    arcsin=function("xp.asin"),
    arccos=function("xp.acos"),
    arctan=function("xp.atan"),
    arctan2=function("xp.atan2"),
    sinh=function("xp.sinh"),
    cosh=function("xp.cosh"),
    tanh=function("xp.tanh"),
    arcsinh=function("xp.asinh"),
    arccosh=function("xp.acosh"),
    arctanh=function("xp.atanh"),
    hypot=function("xp.hypot"),
    sinc=_withof_namespace(helpers.SINC),
    absolute=function("xp.abs"),
    sign=function("xp.sign"),
    copysign=function("xp.copysign"),
    floor=function("xp.floor"),
    ceil=function("xp.ceil"),
    trunc=function("xp.trunc"),
    rint=function("xp.round"),
    maximum=function("xp.maximum"),
    minimum=function("xp.minimum"),
    clip=function("xp.clip"),
    heaviside=_withof_namespace(helpers.HEAVISIDE),
    # shapes, places, joints
    reshape=written(_reshape),
    transpose=written(_transpose),
    broadcast=written(_broadcast),
    index=written(places.index, lengths=arrays.lengths_of_index),
    put=written(places.put, lengths=places.lengths_of_put),
    put_add=written(places.put_add, lengths=places.lengths_of_put),
    concatenate=written(_concatenate),
    stack=written(_stack),
    # conversions, arrays that are known, arrays out of nothing
    as_float64=written(_call("xp.asarray({}, **kind)", "kind")),
    number=written(_call("xp.asarray({}, **kind)", "kind")),
    as_float32=written(_call("xp.astype({}, xp.float32)")),
    as_int64=written(_call(f"xp.asarray({{}}, {_WHOLE})", "kind")),
    as_bool=written(_call('xp.asarray({}, dtype=xp.bool, device=kind["device"])', "kind")),
    stop=ITSELF,
    check=Spelling("check", "xp.any", libraries=frozenset(["xp"])),
    first_where=helper(helpers.FIRST_OF),
    checked=ITSELF,
    array=written(_known),
    index_array=written(_known),
    mask_array=written(_known),
    made=written(_made),
    arange=written(_arange),
    unit_matrix=written(lambda a, length: of_namespace(f"xp.eye({length}, **kind)", "kind")),
    length=written(creation.length),
    # reductions
    sum=_over_axes("xp.sum"),
    prod=_over_axes("xp.prod"),
    max=_over_axes("xp.max"),
    min=_over_axes("xp.min"),
    all=_over_axes("xp.all"),
    any=_over_axes("xp.any"),
    norm=_over_axes("xp.linalg.vector_norm"),
    logsumexp=written(_logsumexp, helpers.LOGSUMEXP),
    # along an axis
    cumsum=_along("xp.cumulative_sum"),
    sum_in_order=written(_sum_in_order),
    cumprod=_along("xp.cumulative_prod"),
    cummax=written(_cummax, helpers.CUMMAX),
    argmax=_along("xp.argmax"),
    argmin=_along("xp.argmin"),
    sort=_along("xp.sort"),
    argsort=_along("xp.argsort"),
    searchsorted=written(_searchsorted),
    # linear algebra
    contract=written(_PRODUCTS),
    inv=function("xp.linalg.inv"),
    solve=function("xp.linalg.solve"),
    pinv=function("xp.linalg.pinv"),
    cholesky=function("xp.linalg.cholesky"),
    eigh=written(_call("xp.linalg.eigh({})")),
    eigenvalues=arrays.part_of(0),
    eigenvectors=arrays.part_of(1),
    svd=written(_call("xp.linalg.svd({}, full_matrices=False)")),
    svd_values=arrays.part_of(1),
    svd_left=arrays.part_of(0),
    svd_right=arrays.part_of(2),
    qr=function("xp.linalg.qr"),
    qr_orthogonal=arrays.part_of(0),
    qr_triangular=arrays.part_of(1),
    det=function("xp.linalg.det"),
    slogdet=function("xp.linalg.slogdet"),
    logabsdet=arrays.part_of(1),
    signdet=arrays.part_of(0),
    # memory, which a schedule sees to
    copy=written(_call("xp.asarray({}, copy=True)")),
    full=written(_full),
    stacked=written(_stacked),
    # loops
    extent=ITSELF,
    scan=Spelling("loop", ""),
    scan_final=Spelling("part", ""),
    scan_stacked=Spelling("part", ""),
)
