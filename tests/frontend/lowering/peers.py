"""PyTorch beside the lowerings: the same gradient from another library, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.frontend.lowering.evaluate import (
    Expression,
    Lowered,
    expected,
    floats,
    value_and_gradient,
    weights_of,
)


def assert_as_torch(
    expression: Expression,
    peer: Callable[[Any], Callable[..., Any]],
    *args: Any,
    rtol: float = 1e-9,
) -> None:
    """The gradient is PyTorch's.

    Args:
        expression: takes what stands for NumPy, and the arguments.
        peer: takes PyTorch and returns a function of tensors that computes the same.
        args: arrays.
        rtol: of the largest element.
    """
    torch = pytest.importorskip("torch")
    weights = weights_of(expected(expression, *args))
    _, gradient = value_and_gradient(expression, *args, weights=weights)
    tensors = [torch.tensor(np.array(x)) for x in args]
    wanted = [tensors[k].requires_grad_() for k in floats(args)]
    found = peer(torch)(*tensors)
    results = list(found) if isinstance(found, (list, tuple)) else [found]
    kept = [x for x in results if x.is_floating_point()]
    total = sum((torch.tensor(w) * x).sum() for w, x in zip(weights, kept, strict=True))
    total.backward()
    for one, x in zip(gradient, wanted, strict=True):
        other = np.zeros(x.shape) if x.grad is None else x.grad.numpy()
        scale = np.max(np.abs(other), initial=1.0)
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol * scale)


def special(library: Any) -> Any:
    """SciPy's special functions for what stands for NumPy."""
    if isinstance(library, Lowered):
        return Lowered(library._b, "scipy.special.")
    return pytest.importorskip("scipy.special")


def uniform(*shapes: tuple[int, ...], low: float = -1.5, high: float = 1.5, seed: int = 0) -> Any:
    """Arrays of numbers in an interval."""
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.uniform(low, high, shape)) for shape in shapes]
