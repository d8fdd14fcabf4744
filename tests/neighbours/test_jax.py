"""`sd.jax.wrap`, where JAX is installed: JAX's own checks and its own derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import symdiff as sd

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402
from jax.test_util import check_grads  # noqa: E402

from tests.neighbours.framework_programs import PROGRAMS, mapped  # noqa: E402

jax.config.update("jax_enable_x64", True)


@pytest.mark.parametrize("name", PROGRAMS)
def test_check_grads_under_jit(name):
    function, args = PROGRAMS[name]
    wrapped = sd.jax.wrap(function)
    arrays = tuple(mapped(jnp.asarray, arg) for arg in args if not isinstance(arg, int))
    constants = args[len(arrays) :]

    @jax.jit
    def call(*given):
        return wrapped(*given, *constants)

    check_grads(call, arrays, order=2, modes=["rev"])
    found = jax.tree.map(np.asarray, call(*arrays))
    np.testing.assert_allclose(
        np.hstack([np.ravel(x) for x in jax.tree.leaves(found)]),
        np.hstack([np.ravel(x) for x in jax.tree.leaves(function(*args))]),
        rtol=1e-12,
    )


def own_layers(params, X):
    return jnp.tanh(X @ params["W"] + params["b"]) @ params["v"]


def test_gradients_hessians_and_vmap_are_jaxs_own():
    function, args = PROGRAMS["layers"]
    params, X = mapped(jnp.asarray, args)
    wrapped = sd.jax.wrap(function)

    def loss(call):
        return lambda params, X: jnp.sum(call(params, X) ** 2)

    for transformed in (
        jax.grad,
        lambda f: jax.jacrev(jax.grad(f)),
        lambda f: jax.jit(jax.vmap(jax.grad(f), (None, 0))),
    ):
        ours = transformed(loss(wrapped))(params, X[:, None])
        own = transformed(loss(own_layers))(params, X[:, None])
        for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(own), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_single_precision_integers_and_python_numbers():
    def taken(x, places, scale, power):
        return scale * np.sum(x[places] ** power)

    wrapped = sd.jax.wrap(taken)
    x, places = jnp.array([1.0, 2.0, 3.0], jnp.float32), jnp.array([0, 2, 2])
    value, (by_x, by_scale) = jax.value_and_grad(
        lambda x, scale: wrapped(x, places, scale, 3), (0, 1)
    )(x, jnp.float32(2.0))
    assert value.dtype == by_x.dtype == jnp.float32
    assert float(value) == 110.0
    np.testing.assert_allclose(by_x, [6.0, 0.0, 108.0], rtol=1e-6)
    assert float(by_scale) == 55.0


def test_formulas_are_functions_of_arrays():
    wrapped = sd.jax.wrap("x**2*y + abs(x)")
    x, y = jnp.array([1.0, -2.0]), jnp.array([[0.5], [1.0]])
    check_grads(jax.jit(wrapped), (x, y), order=2, modes=["rev"])
    a, b = sympy.symbols("a b")
    of_sympy = jax.grad(sd.jax.wrap(sympy.sin(a) * b))
    np.testing.assert_allclose(of_sympy(0.5, 2.0), 2.0 * np.cos(0.5), rtol=1e-14)


def test_arguments_by_keyword():
    call = sd.jax.wrap(lambda a, b, *, power=1.0: np.sum(a * b**2) * power)
    for order in (("b", "power"), ("power", "b")):

        def named(a, b, order=order):
            given = {"b": b, "power": 5.0}
            return call(a, **{name: given[name] for name in order})

        assert [float(part) for part in jax.grad(named, (0, 1))(2.0, 3.0)] == [45.0, 60.0]
    assert float(sd.jax.wrap("a*b**2")(b=3.0, a=2.0)) == 18.0


def test_what_is_refused():
    with pytest.raises(sd.UnsupportedError, match="float16"):
        sd.jax.wrap(np.sum)(jnp.ones(2, jnp.float16))
    with pytest.raises(sd.UnsupportedError, match="linalg"):
        jax.jit(sd.jax.wrap(lambda x: np.linalg.matrix_rank(x)))(jnp.ones((2, 2)))
