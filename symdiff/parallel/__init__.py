"""Derivatives of losses over rows of Dask arrays, chunk by chunk.

>>> import symdiff as sd
>>> sd.parallel.value_and_grad(loss)(w, X, y)  # doctest: +SKIP
"""

from symdiff.parallel.calls import grad, hessian, hvp, value_and_grad
from symdiff.parallel.gauss_newton import gnvp
from symdiff.parallel.packed import packed_value_and_grad

__all__ = ["gnvp", "grad", "hessian", "hvp", "packed_value_and_grad", "value_and_grad"]
