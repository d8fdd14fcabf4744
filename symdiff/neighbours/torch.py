"""Functions of PyTorch that NumPy functions compute, forward and backward: `sd.torch.wrap`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from symdiff.errors import UnsupportedError
from symdiff.neighbours.steps import Step, Steps


def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy function as a function of PyTorch's tensors that autograd differentiates.

    Forward and backward run the emitted code on the CPU; a tensor of another device is copied there
    and the result back. The backward pass is differentiable too, to any order, and `torch.func` and
    `vmap` (point by point) see it. `torch.compile` breaks its graph at the call.

    Args:
        function: a plain NumPy function of numbers, arrays and nested values, which returns a
            number, an array, or a tuple of them; or what `sd.function` takes, as a function of its
            inputs.

    Returns:
        A function of the same arguments with tensors in the place of arrays. All tensors of floats
        are differentiated by; a result has the kind of their promoted floats.

    Raises:
        ParseError: for a text that is no formula.
        UnsupportedError: when called, for what cannot be traced, and for tensors of half precision
            or complex numbers.
    """
    steps = Steps(function)

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        step, floats, others = steps.of(args, kwargs, _is_float)
        results = _Taken.apply(step, [_array(leaf) for leaf in others], *floats)
        return results[0] if len(results) == 1 else results

    return torch.compiler.disable(wrapped)  # type: ignore[no-any-return]


def _is_float(leaf: Any) -> bool:
    if not isinstance(leaf, torch.Tensor):
        return False
    if leaf.is_complex() or (leaf.is_floating_point() and leaf.dtype.itemsize < 4):
        raise UnsupportedError(
            f"a tensor of {leaf.dtype} is not supported", suggestion="give tensors of float64"
        )
    return bool(leaf.is_floating_point())


def _array(leaf: Any) -> Any:
    """A tensor as an array, which shares its memory where it can; all else as it is."""
    return leaf.detach().cpu().numpy() if isinstance(leaf, torch.Tensor) else leaf


class _Taken(torch.autograd.Function):  # type: ignore[misc]  # PyTorch's class has no types here
    """A step; the backward pass is the step of its VJP."""

    @staticmethod
    def forward(step: Step, others: list[Any], *floats: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found = step.value([_array(x) for x in floats], others)
        return tuple([torch.as_tensor(part, device=floats[0].device) for part in found])

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.step, ctx.others, *floats = inputs
        ctx.results = len(output)
        ctx.save_for_backward(*floats)

    @staticmethod
    def backward(ctx: Any, *cotangents: torch.Tensor) -> tuple[Any, ...]:
        back = ctx.step.back(ctx.results)
        found = _Taken.apply(back, ctx.others, *ctx.saved_tensors, *cotangents)
        floats = ctx.saved_tensors
        pairs = zip(found, floats, strict=True)
        return None, None, *[part.to(x.dtype).to(x.device) for part, x in pairs]

    @staticmethod
    def vmap(info: Any, in_dims: Any, step: Step, others: list[Any], *floats: torch.Tensor) -> Any:
        """Point by point."""
        _, _, *dims = in_dims
        points = [
            _Taken.apply(
                step,
                others,
                *[
                    x if dim is None else x.select(dim, at)
                    for x, dim in zip(floats, dims, strict=True)
                ],
            )
            for at in range(info.batch_size)
        ]
        stacked = tuple([torch.stack(parts) for parts in zip(*points, strict=True)])
        return stacked, (0,) * len(stacked)
