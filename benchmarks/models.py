"""Networks and regressions: the plain function, its gradient by hand, and by each other tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import symdiff as sd
from benchmarks.peers import ValueAndGrad

Loss = Callable[..., Any]  # takes arrays, returns a number


@dataclass(frozen=True, slots=True)
class Model:
    """A function of weights and data.

    Attributes:
        title: what it is, with its sizes.
        weights: how many of the arguments are weights; the rest is data.
        arguments: draws them, float64, the same in every process.
        loss: the function, given NumPy or a library with its functions.
        with_torch: the function, given PyTorch.
        by_hand: value and gradient by all weights, given NumPy.
        shapes: those of the arguments where a module takes data of any length.
    """

    title: str
    weights: int
    arguments: Callable[[], list[Any]]
    loss: Callable[[Any], Loss]
    with_torch: Callable[[Any], Loss]
    by_hand: Callable[[ModuleType], ValueAndGrad]
    shapes: Mapping[str, tuple[int | str, ...]] | None = None

    @property
    def wrt(self) -> tuple[int, ...]:
        """The places of the weights."""
        return tuple(range(self.weights))


# --- the tools ---------------------------------------------------------------------------------

HAND, OURS, MODULE = "NumPy, by hand", "symdiff", "symdiff, the emitted module"
JAX, TORCH, AUTOGRAD = "JAX jit", "PyTorch autograd", "HIPS autograd"


def _by_hand(model: Model, arguments: list[Any]) -> Callable[[], Any]:
    import numpy as np

    return partial(model.by_hand(np), *arguments)


def differentiated(model: Model) -> ValueAndGrad:
    """The NumPy function's value and gradient, not yet called."""
    import numpy as np

    found: ValueAndGrad = sd.value_and_grad(model.loss(np), model.wrt)
    return found


def compiled(model: Model, arguments: list[Any]) -> sd.Function:
    """The same for these shapes alone, or for the model's."""
    import inspect

    import numpy as np

    loss = model.loss(np)
    names = inspect.signature(loss).parameters
    given = {name: np.shape(x) for name, x in zip(names, arguments, strict=True)}
    shapes = given if model.shapes is None else model.shapes
    return sd.function(loss, shapes=shapes, wrt=model.wrt).value_and_grad()


def _by_symdiff(model: Model, arguments: list[Any]) -> Callable[[], Any]:
    return partial(differentiated(model), *arguments)


def _by_module(model: Model, arguments: list[Any]) -> Callable[[], Any]:
    return partial(compiled(model, arguments).load().value_and_grad, *arguments)


def jitted(model: Model) -> ValueAndGrad:
    """JAX's, not yet called; a call waits for the result."""
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own signature
    found = jax.jit(jax.value_and_grad(model.loss(jax.numpy), argnums=model.wrt))
    return lambda *args: jax.block_until_ready(found(*args))


def _by_jax(model: Model, arguments: list[Any]) -> Callable[[], Any]:
    call = jitted(model)
    return partial(call, *in_jax(arguments))


def in_jax(arguments: list[Any]) -> list[Any]:
    """The arguments as JAX holds them."""
    import jax

    return [jax.numpy.asarray(x) for x in arguments]


def _by_torch(model: Model, arguments: list[Any]) -> Callable[[], Any]:
    """With leaves that are made once, as in a training loop."""
    import torch

    tensors = [torch.tensor(x, dtype=torch.float64) for x in arguments]
    leaves = [x.requires_grad_() for x in tensors[: model.weights]]
    loss = model.with_torch(torch)

    def value_and_grad() -> tuple[Any, Any]:
        value = loss(*tensors)
        return value.detach(), torch.autograd.grad(value, leaves)

    return value_and_grad


def _by_autograd(model: Model, arguments: list[Any]) -> Callable[[], Any]:
    import autograd
    import autograd.numpy

    call = autograd.value_and_grad(model.loss(autograd.numpy), model.wrt)
    return partial(call, *arguments)


TOOLS: dict[str, Callable[[Model, list[Any]], Callable[[], Any]]] = {
    HAND: _by_hand,
    OURS: _by_symdiff,
    MODULE: _by_module,
    JAX: _by_jax,
    TORCH: _by_torch,
    AUTOGRAD: _by_autograd,
}

# --- networks ----------------------------------------------------------------------------------


def _squared_error(np: Any) -> Loss:
    def loss(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, y: Any) -> Any:
        h = np.maximum(X @ W1 + b1, 0.0)
        p = h @ W2 + b2
        return np.mean((p - y) ** 2)

    return loss


def _squared_error_in_torch(torch: Any) -> Loss:
    def loss(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, y: Any) -> Any:
        h = torch.relu(X @ W1 + b1)
        return torch.nn.functional.mse_loss(h @ W2 + b2, y)

    return loss


def _squared_error_by_hand(np: ModuleType) -> ValueAndGrad:
    def value_and_grad(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, y: Any) -> Any:
        a = X @ W1 + b1
        h = np.maximum(a, 0.0)
        r = h @ W2 + b2 - y
        by_p = 2.0 / r.size * r
        by_a = (by_p @ W2.T) * (a > 0.0)
        return np.mean(r * r), (X.T @ by_a, by_a.sum(axis=0), h.T @ by_p, by_p.sum(axis=0))

    return value_and_grad


def _cross_entropy(np: Any) -> Loss:
    def loss(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any) -> Any:
        h = np.maximum(X @ W1 + b1, 0.0)
        z = h @ W2 + b2
        z = z - np.max(z, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(Y * z, axis=1))

    return loss


def _cross_entropy_in_torch(torch: Any) -> Loss:
    def loss(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any) -> Any:
        h = torch.relu(X @ W1 + b1)
        return torch.nn.functional.cross_entropy(h @ W2 + b2, Y)

    return loss


def _cross_entropy_by_hand(np: ModuleType) -> ValueAndGrad:
    def value_and_grad(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any) -> Any:
        a = X @ W1 + b1
        h = np.maximum(a, 0.0)
        z = h @ W2 + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1)
        value = np.mean(np.log(total) - (Y * z).sum(axis=1))
        by_z = (e / total[:, None] - Y) / len(Y)
        by_a = (by_z @ W2.T) * (a > 0.0)
        return value, (X.T @ by_a, by_a.sum(axis=0), h.T @ by_z, by_z.sum(axis=0))

    return value_and_grad


def _weights(generator: Any, inputs: int, hidden: int, outputs: int) -> list[Any]:
    """Weights of two layers, drawn as PyTorch draws them."""
    return [
        generator.uniform(-(n**-0.5), n**-0.5, shape)
        for n, shape in (
            (inputs, (inputs, hidden)),
            (inputs, hidden),
            (hidden, (hidden, outputs)),
            (hidden, outputs),
        )
    ]


def _small() -> list[Any]:
    import numpy as np

    generator = np.random.default_rng(0)
    weights = _weights(generator, 10, 20, 1)
    return [*weights, generator.normal(size=(100, 10)), generator.normal(size=(100, 1))]


def _large() -> list[Any]:
    import numpy as np

    generator = np.random.default_rng(0)
    weights = _weights(generator, 784, 256, 10)
    labels = np.eye(10)[generator.integers(0, 10, 256)]
    return [*weights, generator.uniform(size=(256, 784)), labels]


SMALL = Model(
    "100 samples, 10-20-1, ReLU, mean squared error",
    4,
    _small,
    _squared_error,
    _squared_error_in_torch,
    _squared_error_by_hand,
)
LARGE = Model(
    "256 samples, 784-256-10, ReLU, softmax and cross-entropy",
    4,
    _large,
    _cross_entropy,
    _cross_entropy_in_torch,
    _cross_entropy_by_hand,
)

# --- regressions -------------------------------------------------------------------------------

_ROWS, _COLUMNS = 1_000_000, 10


def _linear(np: Any) -> Loss:
    def loss(w: Any, b: Any, X: Any, y: Any) -> Any:
        return np.mean((X @ w + b - y) ** 2)

    return loss


def _linear_in_torch(torch: Any) -> Loss:
    def loss(w: Any, b: Any, X: Any, y: Any) -> Any:
        return torch.nn.functional.mse_loss(X @ w + b, y)

    return loss


def _linear_by_hand(np: ModuleType) -> ValueAndGrad:
    def value_and_grad(w: Any, b: Any, X: Any, y: Any) -> Any:
        r = X @ w + b - y
        scale = 2.0 / len(y)
        return np.mean(r * r), (scale * (X.T @ r), scale * r.sum())

    return value_and_grad


def _logistic(np: Any) -> Loss:
    def loss(w: Any, b: Any, X: Any, y: Any) -> Any:
        z = X @ w + b
        return np.mean(np.logaddexp(0.0, z) - y * z)

    return loss


def _logistic_in_torch(torch: Any) -> Loss:
    def loss(w: Any, b: Any, X: Any, y: Any) -> Any:
        return torch.nn.functional.binary_cross_entropy_with_logits(X @ w + b, y)

    return loss


def _logistic_by_hand(np: ModuleType) -> ValueAndGrad:
    def value_and_grad(w: Any, b: Any, X: Any, y: Any) -> Any:
        z = X @ w + b
        value = np.mean(np.logaddexp(0.0, z) - y * z)
        r = 1.0 / (1.0 + np.exp(-z)) - y
        return value, (X.T @ r / len(y), r.mean())

    return value_and_grad


def _rows(*, are_labels: bool) -> list[Any]:
    """Weights and data, without arrays beside them: the peak of memory is measured."""
    import numpy as np

    generator = np.random.default_rng(0)
    X = generator.standard_normal((_ROWS, _COLUMNS))
    y = generator.random(_ROWS)
    if are_labels:
        np.rint(y, out=y)
    return [generator.normal(size=_COLUMNS), 0.3, X, y]


LINEAR = Model(
    "Linear regression, 10^6 x 10",
    2,
    partial(_rows, are_labels=False),
    _linear,
    _linear_in_torch,
    _linear_by_hand,
)
LOGISTIC = Model(
    "Logistic regression, 10^6 x 10",
    2,
    partial(_rows, are_labels=True),
    _logistic,
    _logistic_in_torch,
    _logistic_by_hand,
)

# --- a fit -------------------------------------------------------------------------------------

_POINTS = 2_000_000


def _decay(np: Any) -> Loss:
    def loss(height: Any, scale: Any, floor: Any, x: Any, y: Any) -> Any:
        r = (y - height * np.exp(-x) - floor) / scale
        return np.sum(r * r / 2 + np.log(scale))

    return loss


def _decay_in_torch(torch: Any) -> Loss:
    return _decay(torch)


def _decay_by_hand(np: ModuleType) -> ValueAndGrad:
    def value_and_grad(height: Any, scale: Any, floor: Any, x: Any, y: Any) -> Any:
        e = np.exp(-x)
        r = (y - height * e - floor) / scale
        squares = r @ r
        value = squares / 2 + len(y) * np.log(scale)
        return value, (-(r @ e) / scale, (len(y) - squares) / scale, -r.sum() / scale)

    return value_and_grad


def _points() -> list[Any]:
    import numpy as np

    generator = np.random.default_rng(0)
    x = generator.exponential(size=_POINTS)
    y = 2.0 * np.exp(-x) + 0.1 * generator.standard_normal(_POINTS)
    return [1.9, 0.2, 0.05, x, y]


DECAY = Model(
    "Likelihood of a decay, 2*10^6 points",
    3,
    _points,
    _decay,
    _decay_in_torch,
    _decay_by_hand,
    {"height": (), "scale": (), "floor": (), "x": ("N",), "y": ("N",)},
)
