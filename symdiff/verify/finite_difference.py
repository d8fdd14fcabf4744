"""Derivatives of a function that can only be evaluated: differences and the complex step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.registry import OPERATIONS

ROUNDOFF = 2.0**-53
RATIO = 1.4  # each step is this much smaller than the one before; Ridders' choice
TABLE_SIZE = 12
MOST_STEPS = 100  # the last is 1e-14 of the first
SAFE = 1e20
LEAST = 16.0 * 5e-324  # a few roundings of the smallest floats
GIVE_UP = 2.0  # stop once the error estimate is this much worse than the best one
TRUST = 10.0  # an error estimate may be this much too small
COMPLEX_STEP = 1e-100  # its square vanishes beside anything


class Estimate(NamedTuple):
    """A derivative and an estimate of its error; NaN where the function gives none."""

    value: float
    error: float


def central(
    f: Callable[[float], float], x: float, step: float | None = None, noise: float = 0.0
) -> Estimate:
    """Central differences with Richardson's extrapolation to step 0.

    Source: C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in
    Engineering Software 4 (1982) 75-76; W. H. Press et al., Numerical Recipes, section 5.7.

    Args:
        f: a function of one number.
        x: where.
        step: the largest step. It shrinks where f is not finite. By default several are tried:
            what a step passes over, as the waves of sin at 1e6, the extrapolation cannot know.
        noise: the error of the values of f, where it is more than their last bit.
    """

    def difference(h: float) -> Estimate:
        above, below = x + h, x - h
        return _quotient(f(above), f(below), above - below, noise)

    return _best(difference, x, step, RATIO**2)


def one_sided(
    f: Callable[[float], float], x: float, side: float, step: float | None = None
) -> Estimate:
    """Differences on one side, extrapolated to step 0: the derivative beside a kink.

    Args:
        f: a function of one number.
        x: where.
        side: 1 for the derivative from above, -1 for the one from below.
        step: the largest step, as in `central`.
    """
    at_x = f(x)

    def difference(h: float) -> Estimate:
        beside = x + math.copysign(h, side)
        return _quotient(f(beside), at_x, beside - x, 0.0)

    return _best(difference, x, step, RATIO)


def complex_step(f: Callable[[complex], complex], x: float) -> Estimate:
    """The imaginary part of f(x + ih)/h: no difference is taken, so nothing cancels.

    Source: W. Squire and G. Trapp, Using complex variables to estimate derivatives of real
    functions, SIAM Review 40 (1998) 110-112.

    Args:
        f: an analytic function, see `is_analytic`.
        x: where.

    Returns:
        The derivative, and the error that comes from parts too small for floats.
    """
    h = COMPLEX_STEP * max(1.0, abs(x))
    if 0.0 < abs(x) < SAFE * h:
        return Estimate(math.nan, math.inf)  # the step would not be small beside x
    return Estimate(complex(f(complex(x, h))).imag / h, LEAST / h)


def is_analytic(graph: Graph, name: str) -> str:
    """Whether the complex step may vary an input: the operation in its way, empty if none is."""
    varied = bytearray(len(graph))
    needed = graph.ancestors(graph.outputs)
    for position, node in enumerate(graph.nodes):
        if node.op == INPUT:
            varied[position] = node.params[0] == name
        elif node.op != CONSTANT:
            varied[position] = any(varied[argument] for argument in node.args)
            if varied[position] and needed[position] and not OPERATIONS[node.op].analytic:
                return node.op
    return ""


def _best(
    difference: Callable[[float], Estimate], x: float, step: float | None, power: float
) -> Estimate:
    """The estimate with the smallest error; where the first steps disagree, that is the error."""
    size = abs(x) or 1.0
    steps = (step,) if step is not None else (0.1 * size, 1e-3 * size, 0.1 * min(size, 1.0))
    estimates = [_extrapolate(difference, first, power) for first in dict.fromkeys(steps)]
    best = min(estimates, key=lambda estimate: estimate.error)
    error = best.error
    for other in estimates:
        apart = abs(other.value - best.value)
        if apart > TRUST * (other.error + best.error):
            error = max(error, apart)
    return Estimate(best.value, error)


def _quotient(first: float, second: float, step: float, noise: float) -> Estimate:
    """A difference quotient, and what the errors of the two values can make of it."""
    if not step:
        return Estimate(math.nan, math.inf)
    error = max(ROUNDOFF * (abs(first) + abs(second)), 2.0 * noise)
    return Estimate((first - second) / step, error / abs(step))


def _extrapolate(difference: Callable[[float], Estimate], step: float, power: float) -> Estimate:
    """Neville's scheme on a sequence of shrinking steps.

    Args:
        difference: the difference quotient for a step.
        step: the first one.
        power: the factor by which the leading error term shrinks from step to step.
    """
    best = Estimate(math.nan, math.inf)
    above: list[float] = []
    for _ in range(MOST_STEPS):
        quotient, noise = difference(step)
        current = [quotient]
        step /= RATIO
        if not math.isfinite(current[0]):
            above = []  # outside of the domain: start again with smaller steps
            continue
        factor = power
        for older in above:
            refined = (current[-1] * factor - older) / (factor - 1.0)
            error = max(abs(refined - current[-1]), abs(refined - older), noise)
            if error <= best.error:
                best = Estimate(refined, error)
            current.append(refined)
            factor *= power
        if above and abs(current[-1] - above[-1]) >= GIVE_UP * best.error:
            break
        if len(above) >= TABLE_SIZE:
            break
        above = current
    return best
