"""Value and gradient of the option by each tool, ready to call with five numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import symdiff as sd
from benchmarks.option import INPUTS, PROGRAM, price_with, written_by_hand

DISTRIBUTIONS = ("numpy", "sympy", "jax", "torch", "autograd", "casadi", "numba")
_EVERY = tuple(range(len(INPUTS)))

# takes five numbers or arrays, returns (value, five partial derivatives)
ValueAndGrad = Callable[..., Any]


def symdiff_module() -> ModuleType:
    """The emitted module, with the inputs in the order of `INPUTS`."""
    module = sd.function(PROGRAM).value_and_grad().load()
    assert module.INPUTS == module.WRT == INPUTS
    return module


def by_numba() -> ValueAndGrad:
    """The same for Numba, compiled at its first call."""
    import numba  # noqa: F401  it is a peer that may be missing

    found: ValueAndGrad = sd.function(PROGRAM).value_and_grad().load("numba").value_and_grad
    return found


def by_c() -> ValueAndGrad:
    """The same in C, built by the compiler that is there."""
    found: ValueAndGrad = sd.function(PROGRAM).value_and_grad().load("c").value_and_grad
    return found


def by_casadi() -> ValueAndGrad:
    """CasADi's function, called on buffers that it reads and writes: its quickest call."""
    import casadi as ca
    import numpy as np

    x = ca.SX.sym("x", len(INPUTS))
    value = price_with(ca)(*ca.vertsplit(x))
    function = ca.Function("price", [x], [value, ca.gradient(value, x)])
    given, price, gradient = np.empty(len(INPUTS)), np.empty(1), np.empty(len(INPUTS))
    buffer, call = function.buffer()
    buffer.set_arg(0, memoryview(given))
    buffer.set_res(0, memoryview(price))
    buffer.set_res(1, memoryview(gradient))

    def value_and_grad(*args: float) -> tuple[float, tuple[float, ...]]:
        given[:] = args
        call()
        return price.item(), tuple(gradient.tolist())

    value_and_grad.kept = function, buffer  # type: ignore[attr-defined]  `call` does not hold them
    return value_and_grad


def by_hand() -> ValueAndGrad:
    return written_by_hand(math)


def by_numpy() -> ValueAndGrad:
    import numpy as np

    return written_by_hand(np)


def by_jax() -> ValueAndGrad:
    """One jitted call; the result is waited for."""
    import jax

    return _jitted(jax.value_and_grad(price_with(jax.numpy), argnums=_EVERY))


def by_jax_elementwise() -> ValueAndGrad:
    """The same for each element of arrays."""
    import jax

    return _jitted(jax.vmap(jax.value_and_grad(price_with(jax.numpy), argnums=_EVERY)))


def _jitted(function: Callable[..., Any]) -> ValueAndGrad:
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own signature
    jitted = jax.jit(function)
    return lambda *args: jax.block_until_ready(jitted(*args))


def by_torch() -> ValueAndGrad:
    import torch

    price = price_with(torch)

    def value_and_grad(*args: float) -> tuple[float, tuple[float, ...]]:
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in args]
        value = price(*leaves)
        return value.item(), tuple(g.item() for g in torch.autograd.grad(value, leaves))

    return value_and_grad


def by_autograd() -> ValueAndGrad:
    import autograd
    import autograd.numpy

    found: ValueAndGrad = autograd.value_and_grad(price_with(autograd.numpy), _EVERY)
    return found


def installed(
    makers: Mapping[str, Callable[[], ValueAndGrad]],
) -> tuple[dict[str, ValueAndGrad], tuple[str, ...]]:
    """The tools that are there, and the names of those that are not."""
    found, missing = {}, []
    for name, make in makers.items():
        try:
            found[name] = make()
        except ImportError:
            missing.append(name)
    return found, tuple(missing)
