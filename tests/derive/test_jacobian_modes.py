"""Which mode a Jacobian is made in: the one that computes less."""

from __future__ import annotations

import numpy as np
import pytest

import symdiff as sd
from symdiff.derive.jacobian import chosen_for_arrays, chosen_for_numbers
from symdiff.derive.options import FORWARD, REVERSE

# a program of numbers and the mode that suits it: few seeds, or what most lines need
NUMBERS = {
    "sin(x*y*z)*exp(x + y) + z": REVERSE,
    "s = sin(x); (s, s**2, exp(s), s*x, log(x))": FORWARD,
    "a = x*y*z*w; b = exp(a); c = sin(b); (c, c*x)": REVERSE,
    "a = x*y; b = exp(a); (b, b**2, b**3, sin(b))": FORWARD,
    "(x**2, y**2)": FORWARD,  # a tie
    "a = sin(x); b = cos(a); (b*p, b*q, b*r)": FORWARD,
    "a = p*q*r*s*x; b = cos(a); c = sin(b); exp(c)": REVERSE,
}

# shapes of the input `x`, and a program of it
ARRAYS = {
    (3, "concatenate([x, x**2, sin(x)])"): FORWARD,
    (30, "concatenate([x[:2]**2, x[4:5]*sum(x)])"): REVERSE,
    (4, "sin(x)"): FORWARD,  # a tie
    ("N", "concatenate([[sum(x)], [sum(x**2)]])"): REVERSE,
    ("N", "concatenate([x, x*sum(x)])"): FORWARD,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_take_the_mode_with_fewer_operations(text: str) -> None:
    function, mode = sd.function(text), NUMBERS[text]
    assert chosen_for_numbers(function.graph, function.inputs, None).mode == mode
    other = REVERSE if mode == FORWARD else FORWARD
    chosen, right, wrong = (
        function.jacobian(), function.jacobian(mode=mode), function.jacobian(mode=other)
    )  # fmt: skip
    assert chosen.optimized.nodes == right.optimized.nodes
    assert chosen.ops <= wrong.ops
    point = {name: 0.3 + 0.2 * i for i, name in enumerate(function.inputs)}
    assert np.allclose(chosen(**point), wrong(**point), rtol=1e-13)


def test_most_programs_of_numbers_are_smaller_in_their_mode() -> None:
    """Else the choice could not be seen in what is emitted."""
    saved = [
        sd.function(text).jacobian(mode=REVERSE if mode == FORWARD else FORWARD).ops
        - sd.function(text).jacobian(mode=mode).ops
        for text, mode in NUMBERS.items()
    ]
    assert sum(count > 0 for count in saved) >= 4


@pytest.mark.parametrize(("length", "text"), ARRAYS)
def test_arrays_take_the_mode_with_fewer_seeds(length: int | str, text: str) -> None:
    function = sd.function(text, shapes={"x": (length,)})
    mode = ARRAYS[length, text]
    assert chosen_for_arrays(function.graph, ["x"], None).mode == mode
    x = np.linspace(0.2, 1.4, 30 if length == "N" else length)
    chosen, *modes = (
        function.jacobian(), function.jacobian(mode=FORWARD), function.jacobian(mode=REVERSE)
    )  # fmt: skip
    assert chosen.optimized.nodes == modes[mode == REVERSE].optimized.nodes
    for made in modes:
        assert np.allclose(chosen(x), made(x), rtol=1e-12)


def test_a_mode_that_is_asked_for_is_taken() -> None:
    graph = sd.function("sin(x*y)").graph
    for mode in (FORWARD, REVERSE):
        assert chosen_for_numbers(graph, ["x", "y"], mode) == (mode, "as asked for")
        assert chosen_for_arrays(graph, ["x", "y"], mode) == (mode, "as asked for")
    with pytest.raises(sd.SymdiffError, match="no mode 'sideways'"):
        chosen_for_numbers(graph, ["x"], "sideways")
