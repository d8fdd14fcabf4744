"""Every program of the corpus: called, as an emitted module, and from the command line.

What is right is what Python computes of the plain program: its value, and its slopes by the complex
step or by differences.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import without_ways
from tests.programs.oracle import (
    DIRECTIONS,
    NAMES,
    Program,
    direction,
    inner,
    numbers,
    program,
    slope,
    weighted,
)
from tests.programs.refused import REFUSED
from tests.test_commands import run

VALUE = 1e-11  # of a value, beside its size: some add up hundreds of roundings
EXACT = 1e-9  # of a slope that is known to the last bits
SETTLED = 1e-5  # how far differences may be off to say anything
TRUST = 10.0  # how much better differences may think of themselves than they are


def check_ways(made: Program, derived: Callable[..., Any]) -> None:
    """Where calls are traced along their ways, each of them is right."""
    with contextlib.suppress(sd.SymdiffError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, given in enumerate(made.examples):
            value, gradient = derived(**given)
            wanted = float(loss_of(made)(**given))
            assert value == pytest.approx(wanted, rel=VALUE, abs=VALUE)
            check_gradient(made, number, gradient)


def loss_of(made: Program) -> Callable[..., Any]:
    """The program, and where its result is no number, one that all its results enter."""
    plain = made.function
    if np.ndim(plain(**made.examples[0])) == 0:
        return plain

    @functools.wraps(plain)
    def loss(*args: Any, **kwargs: Any) -> Any:
        return weighted(plain(*args, **kwargs))

    return loss


def check_gradient(made: Program, number: int, gradient: Any) -> None:
    """Compare a gradient at one of the examples with what Python says."""
    loss, given = loss_of(made), made.examples[number]
    rng = np.random.default_rng(number)
    with np.errstate(all="ignore"):
        size = abs(float(loss(**given)))
        for name, found in zip(made.wrt, gradient, strict=True):
            for _ in range(DIRECTIONS if np.ndim(given[name]) else 1):
                way = direction(given[name], rng)
                wanted = slope(loss, given, name, way, made.step)
                scale = max(abs(wanted.value), size, 1e-3)
                assert wanted.error <= SETTLED * scale, ("no differences", name, given, wanted)
                slack = EXACT * scale + TRUST * wanted.error
                assert abs(inner(found, way) - wanted.value) <= slack, (name, given, wanted)


def error_of(function: Callable[..., Any], *args: Any, **given: Any) -> tuple[Any, str] | None:
    """The class and the message of what a call raises."""
    try:
        function(*args, **given)
    except Exception as error:
        return type(error), str(error)
    return None


def module_of(text: str) -> dict[str, Any]:
    """A module's names, of a text that is run by itself."""
    space: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(text, "emitted.py", "exec"), space)
    return space


def given_to_module(given: Any) -> list[Any]:
    """The arguments that an emitted module has: numbers and arrays that are no decisions."""
    return [v for v in numbers(given) if isinstance(v, float) or hasattr(v, "dtype")]


@pytest.mark.spread(3)
@pytest.mark.filterwarnings("ignore:an expression is traced")
@pytest.mark.parametrize("name", NAMES)
def test_calls_and_emitted_modules_are_right(name: str) -> None:
    made = program(name)
    derived = sd.value_and_grad(loss_of(made), wrt=made.wrt)
    if name in REFUSED:
        with pytest.raises(sd.SymdiffError) as refused, without_ways():
            derived(**made.examples[0])
        assert str(refused.value).startswith(REFUSED[name])
        check_ways(made, derived)
        return
    modules: dict[str, Any] = {}  # a decision that is known makes a module of its own
    for number, given in enumerate(made.examples):
        value, gradient = derived(**given)
        assert value == pytest.approx(float(derived.function(**given)), rel=VALUE, abs=VALUE)
        check_gradient(made, number, gradient)
        known = str([v for v in given.values() if isinstance(v, (int, str))])
        if known not in modules:
            modules[known] = module_of(derived.emit())["value_and_grad"]
        again, entries = modules[known](*given_to_module(given))
        assert again == pytest.approx(value, rel=1e-13, abs=1e-13)
        flat = numbers(list(entries) if len(numbers(gradient)) > 1 else [entries])
        for one, other in zip(numbers(gradient), flat, strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12)
    for given in made.raises:
        (emitted,) = modules.values()
        right = error_of(made.function, **given)
        assert right is not None
        assert error_of(derived, **given) == right
        assert error_of(emitted, *given_to_module(given)) == right


def shapes_of(made: Program) -> list[str]:
    """The shapes of the arguments, as the command line takes them."""
    told: list[str] = []
    for name, value in made.examples[0].items():
        if hasattr(value, "shape"):
            kind = "int " if value.dtype.kind in "iu" else ""
            told += ["--shape", f"{name}: {kind}{' '.join(map(str, value.shape))}"]
    return told


def is_for_commands(made: Program) -> bool:
    """Whether the command line can say the arguments, and the result is a number.

    What has a default is that constant there, and what is no float a decision.
    """
    parameters = inspect.signature(made.function).parameters
    free = all(parameters[name].default is inspect.Parameter.empty for name in made.examples[0])
    said = all(
        isinstance(value, float) or hasattr(value, "shape")
        for given in made.examples
        for value in given.values()
    )
    return free and said and loss_of(made) is made.function


# a command reads, runs and derives anew: every third program must do
COMMAND_LINE = [name for name in NAMES[1::3] if is_for_commands(program(name))]


@pytest.mark.spread(2)
@pytest.mark.filterwarnings("ignore:an expression is traced")
@pytest.mark.parametrize("name", COMMAND_LINE)
def test_the_command_line_is_right(name: str) -> None:
    made = program(name)
    source = f"{made.path}:{made.function.__name__}"
    result = run("grad", source, "--wrt", ",".join(made.wrt), *shapes_of(made), "-q")
    if name in REFUSED:
        assert result.exit_code
        assert result.stderr.startswith(f"error: {REFUSED[name]}")
        return
    assert not result.exit_code, result.stderr
    grad = module_of(result.stdout)["grad"]
    for number, given in enumerate(made.examples):
        found = grad(*given_to_module(given))
        check_gradient(made, number, [found] if len(made.wrt) == 1 else found)
