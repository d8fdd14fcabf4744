"""Functions of JAX that NumPy functions compute, forward and backward: `sd.jax.wrap`."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np  # noqa: TID253  JAX has loaded it

from symdiff.errors import UnsupportedError
from symdiff.neighbours.steps import Step, Steps


def wrap(
    function: Callable[..., Any], *, vmap_method: str | None = "sequential"
) -> Callable[..., Any]:
    """A NumPy function as a function of JAX's arrays, under `jit`, `vmap` and `grad`.

    Forward and backward are `jax.pure_callback`s that run the emitted code on the host. The
    backward pass is differentiable too, in reverse mode, to any order: `jax.jacrev(jax.grad(f))`.
    JAX has no forward mode of functions with a rule of their own for reverse mode.

    Args:
        function: a plain NumPy function of numbers, arrays and nested values, which returns a
            number, an array, or a tuple of them; or what `sd.function` takes, as a function of its
            inputs.
        vmap_method: what `vmap` makes of the calls, as of `jax.pure_callback`; point by point.

    Returns:
        A function of the same arguments with JAX's arrays in the place of arrays. All arrays of
        floats and Python's floats are differentiated by; a result has the kind of their promoted
        floats. Python's integers are constants.

    Raises:
        ParseError: for a text that is no formula.
        UnsupportedError: when called, for what cannot be traced, and for arrays of half precision
            or complex numbers.
    """
    steps, taken = Steps(function), _Taken(vmap_method)

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        step, floats, others = steps.of(args, kwargs, _is_float)
        results = taken(step, [jnp.asarray(x) for x in floats], others)
        return results[0] if len(results) == 1 else tuple(results)

    return wrapped


def _is_float(leaf: Any) -> bool:
    if isinstance(leaf, float):
        return True
    dtype = getattr(leaf, "dtype", None)
    if dtype is None:
        return False
    if jnp.issubdtype(dtype, jnp.complexfloating) or (
        jnp.issubdtype(dtype, jnp.floating) and dtype.itemsize < 4
    ):
        raise UnsupportedError(
            f"an array of {dtype} is not supported", suggestion="give arrays of float32 or float64"
        )
    return bool(jnp.issubdtype(dtype, jnp.floating))


class _Taken:
    """Calls of steps, each with a rule for reverse mode.

    Args:
        vmap_method: as of `jax.pure_callback`.
    """

    def __init__(self, vmap_method: str | None) -> None:
        self.vmap_method = vmap_method
        self._known: dict[Any, Callable[..., Any]] = {}
        self._lock = threading.Lock()

    def __call__(self, step: Step, floats: Sequence[Any], others: Sequence[Any]) -> Any:
        """The results of a step; arrays among the others are operands, all else is constant."""
        is_array = [hasattr(leaf, "dtype") for leaf in others]
        arrays = [jnp.asarray(x) for x, told in zip(others, is_array, strict=True) if told]
        constants = tuple([None if told else x for x, told in zip(others, is_array, strict=True)])
        key = step, tuple(is_array), tuple([(type(x), x) for x in constants])
        try:
            with self._lock:
                function = self._known.get(key)
                if function is None:
                    function = self._known[key] = self._with_rule(step, is_array, constants)
        except TypeError:  # a constant has no hash
            function = self._with_rule(step, is_array, constants)
        return function(tuple(floats), tuple(arrays))

    def _with_rule(
        self, step: Step, is_array: Sequence[bool], constants: Sequence[Any]
    ) -> Callable[..., Any]:
        def others_of(arrays: Sequence[Any]) -> list[Any]:
            given = iter(arrays)
            pairs = zip(is_array, constants, strict=True)
            return [next(given) if told else constant for told, constant in pairs]

        def host(floats: Any, arrays: Any) -> Any:
            plain = others_of([np.asarray(x) for x in arrays])
            return tuple(step.value([np.asarray(x) for x in floats], plain))

        @jax.custom_vjp  # type: ignore[untyped-decorator]  # JAX is not seen by type checkers
        def called(floats: Any, arrays: Any) -> Any:
            like = [np.broadcast_to(np.zeros((), x.dtype), x.shape) for x in floats]
            rest = others_of([np.broadcast_to(np.zeros((), x.dtype), x.shape) for x in arrays])
            kind = jnp.result_type(*floats)
            shapes = tuple([jax.ShapeDtypeStruct(s, kind) for s in step.shapes(like, rest)])
            return jax.pure_callback(host, shapes, floats, arrays, vmap_method=self.vmap_method)

        def forward(floats: Any, arrays: Any) -> Any:
            return called(floats, arrays), (floats, arrays)

        def backward(kept: Any, cotangents: Any) -> Any:
            floats, arrays = kept
            back = step.back(len(cotangents))
            found = self(back, (*floats, *cotangents), others_of(arrays))
            return tuple([x.astype(y.dtype) for x, y in zip(found, floats, strict=True)]), None

        called.defvjp(forward, backward)
        made: Callable[..., Any] = called
        return made
