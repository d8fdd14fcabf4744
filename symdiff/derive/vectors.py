"""Gradients and products with vectors: a problem's graph, and how its outputs are packed."""

from __future__ import annotations

from symdiff.derive.forward import jvp as pushed
from symdiff.derive.packing import Derived
from symdiff.derive.problem import Problem, nested
from symdiff.derive.reverse import gradient
from symdiff.derive.reverse import vjp as pulled
from symdiff.derive.second import hvp as second


def value(problem: Problem) -> Derived:
    """The function itself."""
    return Derived(problem.graph, nested(0, len(problem.graph.outputs)))


def value_and_grad(problem: Problem) -> Derived:
    """The value and the gradient of one number."""
    problem.refuse_several("gradient")
    return Derived(gradient(problem.graph, problem.wrt), (0, nested(1, len(problem.wrt))))


def jvp(problem: Problem) -> Derived:
    """The values, and the Jacobian times a tangent of each input."""
    problem.refuse_constant()
    made, count = pushed(problem.graph, problem.wrt), len(problem.graph.outputs)
    return Derived(made, (nested(0, count), nested(count, count)))


def vjp(problem: Problem) -> Derived:
    """The values, and a cotangent of each output times the Jacobian."""
    problem.refuse_constant()
    made, count = pulled(problem.graph, problem.wrt), len(problem.graph.outputs)
    return Derived(made, (nested(0, count), nested(count, len(problem.wrt))))


def hvp(problem: Problem) -> Derived:
    """The Hessian of one number times a vector for each input."""
    problem.refuse_several("Hessian")
    return Derived(second(problem.graph, problem.wrt), nested(0, len(problem.wrt)))
