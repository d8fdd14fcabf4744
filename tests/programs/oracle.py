"""Programs run by Python alone: their values, and their slopes along directions."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from symdiff.verify.finite_difference import COMPLEX_STEP, Estimate, central

FOLDER = Path(__file__).parent
NAMES = tuple(
    sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.glob("*/*.py"))
)
DIRECTIONS = 2  # for each argument; an entry that is off shows in any of them
AGREEMENT = 1e-4  # within which the complex step is no stranger to differences

Arguments = Mapping[str, Any]


class Program(NamedTuple):
    """A file of the corpus.

    Attributes:
        name: of the file, with its folder.
        function: the program.
        examples: arguments to try.
        raises: arguments that it refuses.
        step: the largest step of differences.
    """

    name: str
    function: Callable[..., Any]
    examples: Sequence[Arguments]
    raises: Sequence[Arguments]
    step: float | None

    @property
    def path(self) -> Path:
        """The file."""
        return FOLDER / f"{self.name}.py"

    @property
    def wrt(self) -> tuple[str, ...]:
        """The arguments that it is differentiated by: all that are of floats."""
        return tuple(name for name, value in self.examples[0].items() if is_floating(value))


def program(name: str) -> Program:
    """The program of a file."""
    module = import_module(f"{__package__}.{name.replace('/', '.')}")
    function = getattr(module, name.rpartition("/")[2])
    given = vars(module)
    return Program(
        name, function, module.EXAMPLES, given.get("RAISES", ()), given.get("STEP", None)
    )


def is_floating(value: Any) -> bool:
    """Whether an argument is a float, an array of floats, or a nest of them."""
    if isinstance(value, dict):
        return all(map(is_floating, value.values()))
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(is_floating, value))
    return np.asarray(value).dtype.kind == "f"


def numbers(value: Any) -> list[Any]:
    """The numbers and arrays of a nest, in their order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in numbers(part)]
    return [value]


def weighted(results: Any) -> Any:
    """One number that all numbers of a program's result enter."""
    total = 0.0
    for number, result in enumerate(numbers(results)):
        array = np.asarray(result)
        weights = np.cos(np.arange(array.size) + number).reshape(array.shape) + 1.5
        total = total + np.sum(array * weights)
    return total


def direction(value: Any, rng: np.random.Generator) -> Any:
    """Random numbers in the form of an argument, as large as its own."""
    if isinstance(value, dict):
        return {key: direction(part, rng) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(direction(part, rng) for part in value)
    signs = rng.choice([-1.0, 1.0], np.shape(value))
    return signs * rng.uniform(0.5, 1.0, np.shape(value)) * np.where(value, np.abs(value), 1.0)


def moved(value: Any, way: Any, t: Any) -> Any:
    """An argument, some way along a direction. A float stays one of Python's."""
    if isinstance(value, dict):
        return {key: moved(part, way[key], t) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(moved(x, y, t) for x, y in zip(value, way, strict=True))
    if isinstance(value, float):
        return type(t)(value + t * float(way))
    return value + t * way


def inner(a: Any, b: Any) -> float:
    """The inner product of two nests of one form."""
    return sum(float(np.sum(x * y)) for x, y in zip(numbers(a), numbers(b), strict=True))


def slope(
    loss: Callable[..., Any], given: Arguments, name: str, way: Any, step: float | None
) -> Estimate:
    """The derivative along a direction of one argument: by the complex step, else by differences.

    The complex step is taken where the program lets it pass, which differences must confirm: `abs`
    of a complex number is a real one.
    """

    def along(t: Any) -> Any:
        return loss(**{**given, name: moved(given[name], way, t)})

    estimate = central(lambda t: _real(along, t), 0.0, step)
    exact = _complex_step(along)
    if abs(exact - estimate.value) <= AGREEMENT * abs(estimate.value) and exact:
        return Estimate(exact, 0.0)
    return estimate


def _real(along: Callable[[float], Any], t: float) -> float:
    """The value some way along; NaN where that is beyond what the program takes."""
    try:
        return float(along(t))
    except (ValueError, RuntimeError, OverflowError, ZeroDivisionError):
        return math.nan


def _complex_step(along: Callable[[complex], Any]) -> float:
    """The slope by the complex step; NaN where the program does not let it pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an array of floats drops imaginary parts with a warning
        try:
            return float(complex(along(complex(0.0, COMPLEX_STEP))).imag / COMPLEX_STEP)
        except Exception:
            return math.nan
