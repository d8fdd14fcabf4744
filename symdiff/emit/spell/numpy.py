"""NumPy's spellings, with SciPy's special functions where NumPy has none."""

from __future__ import annotations

from symdiff.emit.spell import fourier
from symdiff.emit.spell import numpy_arrays as arrays
from symdiff.emit.spell import numpy_creation as creation
from symdiff.emit.spell.base import (
    AND,
    ITSELF,
    NOT,
    OR,
    Spelling,
    Spellings,
    Written,
    constant,
    function,
    helper,
    infix,
    prefix,
    written,
)
from symdiff.emit.spell.complex_numbers import ANALYTIC, complex_number
from symdiff.emit.spell.contractions import contraction
from symdiff.emit.spell.matrices import EIG, EXPM, LOGM, LU, ROOTS, SQRTM
from symdiff.emit.spell.operators import CHOSEN, OPERATORS
from symdiff.emit.spell.special import OF_ARRAYS
from symdiff.frontend.sympy.records import PREFIX, scipy_text

# np.where makes plain arrays of pandas' and xarray's, which then no longer line up by their names
CHOOSE = """def _choose(condition, a, b):
    if hasattr(condition, "where") and not hasattr(condition, "__array_function__"):
        return (np.copysign(0.0, condition) + a).where(condition, b)
    return np.where(condition, a, b)"""

FIRST_WHERE = """def _first_of(x, condition):
    x, condition = np.broadcast_arrays(x, condition)
    return x[condition][0].item()"""

SHARE = """def _share(t, lost, tied):
    t, kept = np.asarray(t), np.logical_not(lost)
    # bits times 0 or 1: np.where(kept, t, 0.0) without its branches, which are slow
    bits = t.view(np.int64 if t.itemsize == 8 else np.int32)
    share = np.multiply(bits, kept).view(t.dtype)
    return np.where(kept & tied, 0.5 * t, share) if np.count_nonzero(tied) else share"""

# np.sinc is no ufunc: xarray would lose its dimensions
SINC_OF_ARRAYS = """def _sinc_of_arrays(x):
    y = np.pi * np.maximum(np.abs(x), 1e-20)
    return np.sin(y) / y"""


def _of_sympy(op: str) -> Spelling | None:
    """A function of SymPy's, as SciPy computes it: a plain call, or a helper around some."""
    if not op.startswith(PREFIX):
        return None
    names, text, libraries = scipy_text(op)
    called, _, rest = text.partition("(")
    if rest == ", ".join(names) + ")":
        return function(called)
    return helper(f"def _{op}({', '.join(names)}):\n    return {text}", *libraries)


NUMPY = Spellings(
    "numpy",
    parent=OPERATORS,
    family=_of_sympy,
    inf=function("np.inf"),
    nan=function("np.nan"),
    # choices
    where=helper(CHOOSE),
    share=helper(SHARE),
    logical_not=function("np.logical_not"),
    # elementwise
    power=function("np.power"),
    fmod=function("np.fmod"),
    sqrt=function("np.sqrt"),
    cbrt=function("np.cbrt"),
    exp=function("np.exp"),
    exp2=function("np.exp2"),
    exp10=helper("def _exp10_of_arrays(x):\n    return np.power(10.0, x)"),
    expm1=function("np.expm1"),
    log=function("np.log"),
    log2=function("np.log2"),
    log10=function("np.log10"),
    log1p=function("np.log1p"),
    logaddexp=function("np.logaddexp"),
    logaddexp2=function("np.logaddexp2"),
    sin=function("np.sin"),
    cos=function("np.cos"),
    tan=function("np.tan"),
    arcsin=function("np.arcsin"),
    arccos=function("np.arccos"),
    arctan=function("np.arctan"),
    arctan2=function("np.arctan2"),
    sinh=function("np.sinh"),
    cosh=function("np.cosh"),
    tanh=function("np.tanh"),
    arcsinh=function("np.arcsinh"),
    arccosh=function("np.arccosh"),
    arctanh=function("np.arctanh"),
    hypot=function("np.hypot"),
    sinc=helper(SINC_OF_ARRAYS),
    absolute=function("np.abs"),
    sign=function("np.sign"),
    copysign=function("np.copysign"),
    floor=function("np.floor"),
    ceil=function("np.ceil"),
    trunc=function("np.trunc"),
    rint=function("np.rint"),
    maximum=function("np.maximum"),
    minimum=function("np.minimum"),
    clip=function("np.clip"),
    heaviside=function("np.heaviside"),
    # complex numbers
    complex_number=written(complex_number),
    complex_array=constant(creation.known_array),
    as_complex128=creation.cast("complex128"),
    real=function("np.real"),
    imag=function("np.imag"),
    conjugate=function("np.conj"),
    angle=function("np.angle"),
    complex_absolute=function("np.abs"),
    complex_det=function("np.linalg.det"),
    **ANALYTIC,
    # Fourier transforms
    fft=written(fourier.transform("fft"), lengths=fourier.written_lengths),
    ifft=written(fourier.transform("ifft"), lengths=fourier.written_lengths),
    rfft=written(fourier.transform("rfft"), lengths=fourier.written_lengths),
    irfft=written(fourier.transform("irfft"), lengths=fourier.written_lengths),
    dct=fourier.trigonometric("dct"),
    dst=fourier.trigonometric("dst"),
    # special functions
    **OF_ARRAYS,
    # shapes, places, joints
    reshape=written(arrays.reshape, lengths=arrays.lengths_of_reshape),
    transpose=written(arrays.transpose),
    broadcast=written(arrays.broadcast),
    index=written(arrays.index, lengths=arrays.lengths_of_index),
    put=written(arrays.put, arrays.PUT, arrays.put_in_place, arrays.lengths_of_index),
    put_add=written(
        arrays.put_add, arrays.ADD_AT, arrays.put_add_in_place, arrays.lengths_of_index
    ),
    concatenate=written(arrays.concatenate),
    stack=written(arrays.stack),
    # conversions, arrays that are known, arrays out of nothing
    as_float64=creation.cast("float64"),
    as_float32=creation.cast("float32"),
    as_int64=creation.cast("int64"),
    as_bool=creation.cast("bool"),
    stop=ITSELF,
    check=Spelling("check", "np.any"),
    first_where=helper(FIRST_WHERE),
    checked=ITSELF,
    array=constant(creation.known_array),
    index_array=constant(creation.known_array),
    mask_array=constant(creation.known_array),
    made=constant(creation.made),
    arange=written(lambda a, length: Written(f"np.arange({length})")),
    unit_matrix=written(lambda a, length: Written(f"np.eye({length})")),
    length=written(creation.length),
    # reductions
    sum=arrays.method_over_axes("sum"),
    prod=arrays.method_over_axes("prod"),
    max=arrays.method_over_axes("max"),
    min=arrays.method_over_axes("min"),
    all=arrays.method_over_axes("all"),
    any=arrays.method_over_axes("any"),
    norm=written(arrays.norm),
    logsumexp=written(arrays.call_over_axes("_logsumexp"), arrays.LOGSUMEXP),
    # along an axis
    cumsum=arrays.method_along("cumsum"),
    sum_in_order=written(arrays.sum_in_order),
    cumprod=arrays.method_along("cumprod"),
    cummax=written(arrays.cummax),
    argmax=arrays.method_along("argmax"),
    argmin=arrays.method_along("argmin"),
    sort=written(arrays.sort),
    argsort=written(arrays.argsort),
    searchsorted=written(arrays.searchsorted),
    convolve=written(lambda a: Written(f"np.convolve({a[0].text}, {a[1].text})")),
    # linear algebra
    contract=written(contraction),
    inv=function("np.linalg.inv"),
    expm=helper(EXPM),
    sqrtm=helper(SQRTM),
    logm=helper(LOGM),
    lu=helper(LU),
    lu_factors=arrays.part_of(0),
    lu_exchanges=arrays.part_of(1),
    lu_pivots=arrays.part_of(2),
    solve=function("np.linalg.solve"),
    pinv=function("np.linalg.pinv"),
    lstsq=written(lambda a: Written(f"np.linalg.lstsq({a[0].text}, {a[1].text})[0]")),
    cholesky=function("np.linalg.cholesky"),
    eigh=written(lambda a: Written(f"np.linalg.eigh({a[0].text})")),
    eigh_upper=written(lambda a: Written(f'np.linalg.eigh({a[0].text}, UPLO="U")')),
    eigenvalues=arrays.part_of(0),
    eigenvectors=arrays.part_of(1),
    eig=helper(EIG),
    general_values=arrays.part_of(0),
    general_vectors=arrays.part_of(1),
    roots=helper(ROOTS),
    svd=written(lambda a: Written(f"np.linalg.svd({a[0].text}, full_matrices=False)")),
    svd_values=arrays.part_of(1),
    svd_left=arrays.part_of(0),
    svd_right=arrays.part_of(2),
    qr=function("np.linalg.qr"),
    qr_orthogonal=arrays.part_of(0),
    qr_triangular=arrays.part_of(1),
    det=function("np.linalg.det"),
    slogdet=function("np.linalg.slogdet"),
    logabsdet=arrays.part_of(1),
    signdet=arrays.part_of(0),
    # memory, which a schedule sees to
    copy=written(creation.copy),
    number=written(lambda a: Written(f"np.float64({a[0].text})")),
    empty=creation.empty(""),
    full=creation.full(""),
    stacked=creation.stacked(""),
    # loops, and the user's functions
    extent=ITSELF,
    scan=Spelling("loop", ""),
    scan_final=Spelling("part", ""),
    scan_stacked=Spelling("part", ""),
    opaque_call=Spelling("call", "_shaped", source=arrays.SHAPED, write=arrays.opaque_call),
)

# In a body that serves floats and arrays alike, what loops store stands in lists.
NUMBER_SPELLINGS = Spellings(
    "numpy",
    parent=NUMPY,
    put=written(arrays.put, arrays.PUT, lengths=arrays.lengths_of_index),
    number=ITSELF,
    stacked=ITSELF,
)

# A body for arrays alone calls NumPy by its name, and has no need of what suits pandas and xarray.
ARRAY_SPELLINGS = Spellings(
    "numpy",
    parent=NUMPY,
    where=function("np.where"),
    sinc=function("np.sinc"),
    check=Spelling("check", ""),  # of one truth
    add_where=written(arrays.add_where, update=arrays.add_where_in_place),
    sum_where=written(arrays.sum_where),
    tril=written(arrays.triangle("tril")),
    triu=written(arrays.triangle("triu")),
    diagonal=function("np.diag"),
    diagonal_matrix=function("np.diag"),
)

# The same in single precision: a conversion to floats makes such.
ARRAY_SPELLINGS32 = Spellings(
    "numpy",
    parent=ARRAY_SPELLINGS,
    empty=creation.empty(", np.float32"),
    full=creation.full(", np.float32"),
    stacked=creation.stacked(", np.float32"),
    number=written(lambda a: Written(f"np.float32({a[0].text})")),
    as_float64=creation.cast("float32"),
    as_complex128=creation.cast("complex64"),
    complex_array=constant(creation.known_array32),
    array=constant(creation.known_array32),
    made=constant(creation.made32),
    unit_matrix=written(lambda a, length: Written(f"np.eye({length}, dtype=np.float32)")),
    opaque_call=Spelling("call", "_shaped", source=arrays.SHAPED, write=arrays.opaque_call32),
)

# Floats of a NumPy module, where a branch computes only the way that is taken.
DECIDING = Spellings(
    "floats",
    parent=NUMBER_SPELLINGS,
    where=CHOSEN,
    logical_and=infix("and", AND),
    logical_or=infix("or", OR),
    logical_not=prefix("not ", NOT),
    check=Spelling("check", ""),  # of one truth
)
